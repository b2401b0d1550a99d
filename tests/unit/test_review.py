"""What a review adds up to."""

from decimal import Decimal

import pytest

from reviewbot.diff import FileDiff, Side
from reviewbot.finding import DropReason, Severity
from reviewbot.review import Skipped, SkipReason, Usage, Verdict, changed_lines, whole_file
from tests.support.reviews import draft, file, filtered, finding, hunk, review, skipped, unplaced

APP = file("a.py", hunk(" one", "-two", "+three", " four", "+five", old=7, new=9))
CUT = skipped("a.py", SkipReason.ANSWER_CUT, failed=True)
LOCK = skipped("uv.lock", SkipReason.LOCK_FILE)


def test_a_whole_file_is_left_out_without_lines_and_not_as_a_failure() -> None:
    skip = whole_file(APP, reason=SkipReason.BINARY, detail="not text")
    assert skip == Skipped("a.py", None, None, None, SkipReason.BINARY, "not text", failed=False)
    assert whole_file(APP, reason=SkipReason.UNMERGED, detail="", failed=True).failed


@pytest.mark.parametrize(
    ("diff", "ranges"),
    [
        (APP, [(Side.OLD, 8, 8), (Side.NEW, 10, 12)]),
        (file("a.py", hunk("+one", "+two")), [(Side.NEW, 1, 2)]),
        (file("a.py", hunk("-one")), [(Side.OLD, 1, 1)]),
        (file("a.py"), []),
    ],
    ids=["both sides", "added", "deleted", "no text"],
)
def test_lines_that_could_not_be_reviewed_are_a_failure_on_each_side_that_changed(
    diff: FileDiff, ranges: list[tuple[Side, int, int]]
) -> None:
    skips = changed_lines(diff, reason=SkipReason.TOO_LONG, detail="why")
    assert [(skip.side, skip.start, skip.end) for skip in skips] == ranges
    assert all(skip.failed and skip.path == "a.py" and skip.detail == "why" for skip in skips)


@pytest.mark.parametrize(
    ("one", "other", "cost", "currency"),
    [
        (Usage(1, cost=Decimal("0.1"), currency="CNY"), Usage(2, cost=Decimal("0.2"), currency="CNY"), "0.3", "CNY"),
        (Usage(1, cost=Decimal("0.1"), currency="CNY"), Usage(1), None, None),
        (Usage(1), Usage(1, cost=Decimal("0.1"), currency="CNY"), None, None),
        (Usage(), Usage(1, cost=Decimal("0.1"), currency="CNY"), "0.1", "CNY"),
        (Usage(1, cost=Decimal("0.1"), currency="CNY"), Usage(0, 3, cost=Decimal(), currency="CNY"), "0.1", "CNY"),
        (Usage(1), Usage(0, 3, cost=Decimal(), currency="CNY"), None, None),
        (Usage(0, 3, cost=Decimal(), currency="CNY"), Usage(), "0", "CNY"),
        (Usage(), Usage(), None, None),
    ],
    ids=[
        "both known",
        "second unknown",
        "first unknown",
        "first empty",
        "second cached",
        "cached and unknown",
        "all cached",
        "nothing",
    ],
)
def test_a_sum_has_a_price_only_where_every_request_has_one(
    one: Usage, other: Usage, cost: str | None, currency: str | None
) -> None:
    total = one + other
    assert total.cost == (Decimal(cost) if cost else None)
    assert total.currency == currency
    assert total.requests == one.requests + other.requests


def test_a_sum_counts_answers_and_tokens() -> None:
    assert Usage(1, 2, 3, 4) + Usage(10, 20, 30, 40) == Usage(11, 22, 33, 44)


def test_a_review_is_complete_unless_something_failed() -> None:
    assert review([APP], skipped=[LOCK]).complete
    assert not review([APP], skipped=[LOCK, CUT]).complete


def test_findings_that_only_the_display_leaves_out_count() -> None:
    one, mild, more, unsure = (finding(APP, line) for line in (9, 10, 11, 12))
    result = review(
        [APP],
        [one],
        dropped=[
            filtered(mild, DropReason.BELOW_SEVERITY),
            filtered(unsure, DropReason.LOW_CONFIDENCE),
            unplaced(draft()),
            unplaced(draft(), DropReason.BELOW_SEVERITY),
            filtered(more, DropReason.OVER_MAX_COMMENTS),
        ],
    )
    assert result.counted == (one, mild, more)


WARNING = finding(APP, 10, claim=draft(severity=Severity.WARNING))
HIDDEN = filtered(WARNING, DropReason.OVER_MAX_COMMENTS)


@pytest.mark.parametrize(
    ("fail_on", "shown", "hidden", "incomplete", "verdict"),
    [
        (None, True, False, False, Verdict.PASS),
        (None, True, False, True, Verdict.INCOMPLETE),
        (Severity.ERROR, True, False, False, Verdict.PASS),
        (Severity.ERROR, True, False, True, Verdict.INCOMPLETE),
        (Severity.WARNING, True, False, False, Verdict.FAIL),
        (Severity.WARNING, True, False, True, Verdict.FAIL),
        (Severity.INFO, True, False, False, Verdict.FAIL),
        (Severity.WARNING, False, True, False, Verdict.FAIL),
        (Severity.INFO, False, False, False, Verdict.PASS),
    ],
)
def test_fail_beats_incomplete_beats_pass(
    *, fail_on: Severity | None, shown: bool, hidden: bool, incomplete: bool, verdict: Verdict
) -> None:
    result = review(
        [APP],
        [WARNING] * shown,
        dropped=[HIDDEN] * hidden,
        skipped=[LOCK, *[CUT] * incomplete],
        fail_on=fail_on,
    )
    assert result.verdict is verdict


def test_a_claim_without_a_place_fails_nothing() -> None:
    worst = unplaced(draft(severity=Severity.ERROR))
    assert review([APP], dropped=[worst], fail_on=Severity.INFO).verdict is Verdict.PASS
