"""What every format promises: text that encodes as UTF-8, for any review and any view."""

from dataclasses import replace

import pytest
from hypothesis import given

from reviewbot import registry
from reviewbot.diff import Side
from reviewbot.finding import Anchor, DropReason, Finding, Severity, State
from reviewbot.memory import Known
from reviewbot.ports import Format, View
from reviewbot.review import Review, SkipReason, Usage
from tests.support.reviews import (
    HOSTILE,
    HOSTILE_CLAIM,
    draft,
    file,
    filtered,
    finding,
    hunk,
    review,
    reviews,
    silenced,
    skipped,
    unplaced,
)

ODD = file(HOSTILE, hunk(f" {HOSTILE}", f"-{HOSTILE}", f"+{HOSTILE}", "+\r", "+\t漢字"), old_path=HOSTILE)
LONG = file("a/" * 200 + "b.py", hunk(*["+" + "x" * 5000] * 40, old=10**6, new=10**6))
CLAIM = draft(HOSTILE_CLAIM, HOSTILE_CLAIM, path=HOSTILE_CLAIM, quote=HOSTILE_CLAIM, suggestion=HOSTILE_CLAIM)
STRAY = Finding(Anchor("not in the change.py", Side.NEW, 5, 6), ("one", "two"), draft())
AWKWARD = {
    "empty": review(usage=Usage()),
    "hostile": review(
        [ODD],
        [finding(ODD, 1, 2, CLAIM), finding(ODD, 2, side=Side.OLD, claim=CLAIM)],
        dropped=[unplaced(CLAIM), filtered(finding(ODD, 3, claim=CLAIM), DropReason.BELOW_SEVERITY)],
        skipped=[skipped(HOSTILE, SkipReason.BAD_REPLY, lines=(1, 2), detail=HOSTILE_CLAIM, failed=True)],
    ),
    "no prose": review([ODD], [finding(ODD, 1, claim=draft("", "", suggestion=""))], dropped=[unplaced(draft("", ""))]),
    "long": review([LONG], [finding(LONG, 10**6, 10**6 + 39, draft("t" * 3000, "b" * 3000, suggestion="s" * 3000))]),
    "stray": review([ODD], [STRAY, Finding(STRAY.anchor, (), draft())]),
    "told before": review(
        [ODD],
        [replace(finding(ODD, 1, claim=CLAIM), state=State.STANDING)],
        dropped=[silenced(finding(ODD, 3, claim=CLAIM), note=HOSTILE_CLAIM)],
        skipped=[skipped(ODD.path, SkipReason.REVIEWED_BEFORE)],
        gone=[Known(STRAY)],
        held=[Known(STRAY, by=HOSTILE_CLAIM, why=HOSTILE_CLAIM)],
    ),
    "nothing but failures": review(
        [ODD],
        skipped=[skipped(ODD.path, reason, failed=True) for reason in list(SkipReason)[:-1]],
        usage=Usage(1),
        fail_on=Severity.INFO,
    ),
}
VIEWS = {
    "plain": View(),
    "narrow": View(1, colour=True, verbosity=2),
    "wide": View(500, colour=True, verbosity=1),
    "quiet": View(80, colour=False, verbosity=-1),
}


@pytest.fixture(params=registry.names("formats"))
def render(request: pytest.FixtureRequest) -> Format:
    """The function of each format."""
    chosen: Format = registry.load("formats", request.param).render
    return chosen


@pytest.mark.parametrize("view", VIEWS.values(), ids=VIEWS)
@pytest.mark.parametrize("result", AWKWARD.values(), ids=AWKWARD)
def test_a_report_is_text_that_encodes_and_ends_its_last_line(render: Format, result: Review, view: View) -> None:
    rendered = render(result, view)
    assert type(rendered) is str
    assert rendered.encode().decode() == rendered
    assert rendered.endswith("\n") or not rendered


def test_the_same_review_is_always_written_the_same_way(render: Format) -> None:
    for result in AWKWARD.values():
        assert render(result, View()) == render(result, View())


@pytest.mark.parametrize("name", registry.names("formats"))
@given(result=reviews())
def test_any_review_can_be_written(name: str, result: Review) -> None:
    for view in VIEWS.values():
        registry.load("formats", name).render(result, view).encode()
