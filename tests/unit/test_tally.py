"""What a result reads like in a few words."""

from dataclasses import replace

import pytest
from hypothesis import given

from reviewbot.diff import Side
from reviewbot.finding import DropReason, Severity, State
from reviewbot.memory import Known
from reviewbot.review import Review, Skipped, SkipReason, Verdict
from reviewbot.tally import notes, outcome, outcomes, reach, shortfall
from reviewbot.withheld import Flaw, Withheld
from tests.support.reviews import draft, file, filtered, finding, hunk, review, reviews, silenced, skipped

APP = file("src/app.py", hunk(" def total(orders):", "-    return sum(orders)", "+    paid = sum(orders)", "+    x"))
OTHER = file("b.py", hunk("+1", "+2", "+3"), hunk("+8", old=8, new=8))
FAILED, BEFORE = SkipReason.PROVIDER_FAILED, SkipReason.REVIEWED_BEFORE
HIDDEN = filtered(finding(APP, 2), DropReason.BELOW_SEVERITY)
NEW, STANDING = finding(APP, 2), finding(APP, 3, state=State.STANDING)


@pytest.mark.parametrize(
    ("result", "expected"),
    [
        pytest.param(review([APP], [NEW, finding(APP, 3)]), "2 warnings", id="findings"),
        pytest.param(review([APP], [NEW], dropped=[HIDDEN]), "1 warning, 1 not shown", id="some hidden"),
        pytest.param(review([APP], dropped=[HIDDEN]), "1 finding, none shown", id="all hidden"),
        pytest.param(review([APP], [STANDING]), "1 warning, standing", id="a standing one"),
        pytest.param(review([APP], [STANDING, STANDING]), "2 warnings, all standing", id="standing ones"),
        pytest.param(review([APP], [NEW, STANDING]), "2 warnings, 1 of them standing", id="one of each"),
        pytest.param(
            review(
                [APP],
                [finding(APP, 2, claim=draft(severity=Severity.ERROR)), STANDING],
                dropped=[
                    HIDDEN,
                    filtered(NEW, DropReason.IGNORED),
                    filtered(NEW, DropReason.IGNORED_BY_CHANGE),
                    filtered(NEW, DropReason.DUPLICATE),
                    silenced(NEW),
                    silenced(NEW, DropReason.BASELINE),
                ],
            ),
            "1 error, 1 warning, 1 of them standing, 1 not shown, 2 ignored, 1 dismissed, 1 in the baseline",
            id="all kinds",
        ),
        pytest.param(review([APP], dropped=[silenced(NEW)]), "1 dismissed", id="dismissed"),
        pytest.param(review([APP]), "no findings", id="none"),
        pytest.param(review([APP], skipped=[skipped(APP.path, BEFORE)]), "no findings", id="none before"),
        pytest.param(
            review([APP, file("b.bin")], skipped=[skipped("b.bin", FAILED, failed=True)]),
            "no findings in the reviewed part",
            id="none in a part",
        ),
        pytest.param(
            review([APP], skipped=[skipped(APP.path, FAILED, failed=True)]), "nothing was reviewed", id="all failed"
        ),
        pytest.param(
            review([APP], skipped=[skipped(APP.path, SkipReason.EXCLUDED)]),
            "nothing to review in 1 changed file",
            id="left out",
        ),
        pytest.param(review([file("mode.sh")]), "nothing to review in 1 changed file", id="no line changed"),
        pytest.param(review(), "nothing to review: no changes", id="no change"),
    ],
)
def test_an_outcome_never_reads_like_a_pass_where_it_was_none(result: Review, expected: str) -> None:
    assert outcome(result) == expected


@pytest.mark.parametrize(
    ("skips", "expected"),
    [
        pytest.param([], "2 files reviewed", id="all of it"),
        pytest.param([skipped("b.py", SkipReason.EXCLUDED)], "1 of 2 files reviewed", id="one left out"),
        pytest.param(
            [skipped("b.py", BEFORE)], "2 files reviewed, 4 of 7 changed lines in earlier reviews", id="one before"
        ),
        pytest.param(
            [skipped("b.py", BEFORE, lines=(8, 8))],
            "2 files reviewed, 1 of 7 changed lines in earlier reviews",
            id="a part before",
        ),
        pytest.param(
            [skipped("b.py", BEFORE, lines=(1, 8)), skipped("src/app.py", BEFORE)],
            "2 files reviewed, all in earlier reviews",
            id="all before",
        ),
        pytest.param(
            [skipped("b.py", BEFORE, lines=(1, 8)), skipped("src/app.py", FAILED, failed=True)],
            "1 of 2 files reviewed, all in earlier reviews",
            id="the rest failed",
        ),
        pytest.param(
            [skipped("b.py", FAILED, failed=True), skipped("src/app.py", FAILED, failed=True)],
            "0 of 2 files reviewed",
            id="nothing",
        ),
        pytest.param([skipped("b.py", SkipReason.EXCLUDED), skipped("src/app.py", SkipReason.EXCLUDED)], "", id="none"),
    ],
)
def test_what_was_reviewed_before_counts_as_reviewed_and_is_told(skips: list[Skipped], expected: str) -> None:
    assert reach(review([APP, OTHER], skipped=skips)) == expected


def test_a_finding_that_nobody_had_to_be_asked_for_makes_a_review_worth_its_totals() -> None:
    out = [skipped("src/app.py", SkipReason.EXCLUDED)]
    assert reach(review([APP], [NEW], skipped=out)) == "0 of 1 file reviewed"


@pytest.mark.parametrize(
    ("skips", "expected"),
    [
        pytest.param([], "", id="nothing"),
        pytest.param([skipped("b.py", SkipReason.EXCLUDED)], "", id="by choice"),
        pytest.param([skipped("src/app.py", FAILED, failed=True)], "3 changed lines", id="a file"),
        pytest.param([skipped("src/app.py", FAILED, lines=(2, 2), failed=True)], "1 changed line", id="a line"),
        pytest.param(
            [skipped("src/app.py", FAILED, lines=(2, 2), side=Side.OLD, failed=True)], "1 changed line", id="deleted"
        ),
        pytest.param([skipped("b.bin", FAILED, failed=True)], "1 file", id="no text"),
        pytest.param(
            [skipped("src/app.py", FAILED, failed=True), skipped("b.bin", FAILED, failed=True)],
            "3 changed lines and 1 file",
            id="both",
        ),
        pytest.param(
            [skipped("b.py", FAILED, lines=(1, 8), failed=True), skipped("b.py", BEFORE, lines=(1, 3))],
            "1 changed line",
            id="around what was reviewed before",
        ),
    ],
)
def test_what_is_missing_is_told_in_lines_and_files(skips: list[Skipped], expected: str) -> None:
    result = review([APP, OTHER, file("b.bin")], skipped=skips)
    assert shortfall(result) == expected
    assert result.complete is not any(skip.failed for skip in skips)


@pytest.mark.parametrize(
    ("gone", "held", "expected"),
    [
        (0, 0, []),
        (1, 0, ["1 finding is gone since the last review"]),
        (2, 0, ["2 findings are gone since the last review"]),
        (0, 1, ["1 finding of earlier reviews may still stand: its file was not reviewed"]),
        (
            1,
            2,
            [
                "1 finding is gone since the last review",
                "2 findings of earlier reviews may still stand: their files were not reviewed",
            ],
        ),
    ],
)
def test_what_became_of_other_findings_is_a_line_for_each_kind(gone: int, held: int, expected: list[str]) -> None:
    known = Known(NEW)
    assert list(notes(review([APP], gone=[known] * gone, held=[known] * held))) == expected


def test_votes_that_were_not_heard_are_noted() -> None:
    (line,) = notes(replace(review([APP]), samples=3, unheard=1))
    assert line == "1 look at a part brought no whole answer: of 3 votes fewer were heard there"


def test_suggestions_that_are_withheld_are_noted() -> None:
    (line,) = notes(review([APP], withheld=[Withheld(NEW.anchor, "", Flaw.BROKEN_SYNTAX)]))
    assert line == "1 suggestion withheld: breaking the syntax"


def test_a_standing_finding_fails_the_change_and_one_that_was_dismissed_does_not() -> None:
    assert review([APP], [STANDING], fail_on=Severity.WARNING).verdict is Verdict.FAIL
    silent = [silenced(NEW), silenced(NEW, DropReason.BASELINE)]
    result = review([APP], dropped=silent, gone=[Known(NEW)], fail_on=Severity.INFO)
    assert (result.verdict, result.counted) == (Verdict.PASS, ())


def test_what_nobody_could_look_at_again_still_fails_the_change() -> None:
    assert review([APP], held=[Known(NEW)], fail_on=Severity.INFO).verdict is Verdict.FAIL


def test_a_push_that_changes_nothing_reads_like_the_review_before_it() -> None:
    first = review([APP], [NEW], fail_on=Severity.WARNING)
    again = review([APP], [STANDING], skipped=[skipped(APP.path, BEFORE)], fail_on=Severity.WARNING)
    assert (first.verdict, first.complete) == (again.verdict, again.complete)
    assert outcome(again) == f"{outcome(first)}, standing"
    clean = review([APP], skipped=[skipped(APP.path, BEFORE)])
    assert outcome(clean) == outcome(review([APP]))


@given(reviews())
def test_there_is_always_an_outcome(result: Review) -> None:
    assert all(span.text for span in outcomes(result))
    assert outcome(result)
