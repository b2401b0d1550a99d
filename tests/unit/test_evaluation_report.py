"""Tables say what was measured, on how much, and what is missing."""

from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import pytest

from evaluation import compare, report, results
from evaluation.bootstrap import Interval
from evaluation.errors import EvaluationError
from evaluation.results import Comment, Outcome, Results, Subject
from reviewbot.diff import Side
from reviewbot.finding import Anchor


def at(start: int, side: Side = Side.NEW) -> Anchor:
    return Anchor("a.py", side, start, start)


def outcome(change: str, *lines: int, seed: int = 1, trouble: str = "") -> Outcome:
    comments = tuple(Comment(at(line), "error", "correctness", 0.5, "It is wrong", "So it is.") for line in lines)
    return Outcome(change, seed, comments, 1, 1_000, 10, Decimal("0.25"), "CNY", 30.0, trouble)


BAD = tuple(
    Subject(f"c-bad-{number}", "c", "file", (at(10),), (Anchor("a.py", Side.NEW, 1, 50),)) for number in range(6)
)
CLEAN = Subject("go-clean", "go", "hunk", (), (Anchor("a.py", Side.OLD, 1, 50, "b.py"),))


def made(*outcomes: Outcome, seeds: tuple[int, ...] = (1,)) -> Results:
    return Results("tiny", {"strictness": "strict"}, seeds, (*BAD, CLEAN), outcomes)


GOOD = made(*(outcome(subject.name, 10) for subject in BAD), outcome("go-clean"))
NOISY = made(*(outcome(subject.name, 40) for subject in BAD), outcome("go-clean", 1, 2))


def row(table: str, name: str) -> list[str]:
    """The cells behind the first one, of the row that begins with a name."""
    line = next(line for line in table.split("\n") if line.startswith(f"| {name} "))
    return [cell.strip() for cell in line.split("|")[2:-1]]


def test_a_table_tells_model_settings_size_and_sums() -> None:
    told = report.table(GOOD)
    assert told.startswith("tiny with strictness = strict\n7 changes with 6 defects, 1 of them clean; 7 reviews with")
    assert "in all: 7,000 tokens in, 70 out, 1.75 CNY, 3.5 minutes" in told
    assert "INCOMPLETE" not in told
    assert "ENDED EARLY" not in told


def test_a_table_has_every_figure_with_its_interval_and_what_luck_does() -> None:
    told = report.table(GOOD)
    assert row(told, "recall, on the line")[:2] == ["1.000", "[1.000, 1.000]"]
    assert float(row(told, "recall, on the line")[2]) == pytest.approx(0.02, abs=0.02)
    # A draw without a clean change has no such figure.
    assert row(told, "comments per clean change") == ["0.00", "[0.00, 0.00]", ""]
    assert row(told, "input tokens of a change") == ["1,000", "[1,000, 1,000]", ""]
    assert row(told, "price of a change")[0] == "0.25000"


def test_a_table_tells_languages_and_needs_apart() -> None:
    told = report.table(NOISY)
    rows = [line for line in told.split("\n") if line.startswith(("| c ", "| go ", "| file ", "| hunk "))]
    assert len(rows) == 12
    assert rows[0].split("|")[2:4] == [" 6       ", " 6       "]
    assert row(told, "c")[2] == "0.000 [0.000, 0.000]"
    # One change is drawn again as itself, which says nothing of how sure it is.
    assert [cell.strip() for cell in rows[-1].split("|")[4:7]] == ["4.0", "2.00", "1.000"]


def test_the_columns_of_a_table_stand_below_one_another() -> None:
    for block in report.table(NOISY).split("\n\n"):
        lines = [line for line in block.split("\n") if line.startswith("|")]
        assert len({tuple(place for place, char in enumerate(line) if char == "|") for line in lines}) <= 1


def test_reviews_that_were_not_made_are_counted() -> None:
    told = report.table(replace(GOOD, seeds=(1, 2)))
    assert "ENDED EARLY: 7 of 14 reviews were not made and count nowhere" in told


def test_reviews_that_are_incomplete_are_counted_and_named_with_their_reason() -> None:
    cut = [outcome("c-bad-0", seed=seed, trouble="the answer was cut") for seed in (1, 2)]
    told = report.table(made(*cut, outcome("c-bad-1", trouble="the answer was cut"), outcome("go-clean", trouble="no")))
    assert "INCOMPLETE: 4 reviews; what they missed counts as missed" in told
    assert told.endswith("Incomplete:\n\n- the answer was cut: c-bad-0 (2×), c-bad-1\n- no: go-clean\n")
    assert row(told, "recall, on the line")[0] == "0.000"


def test_a_price_that_is_not_known_is_not_shown_as_nothing() -> None:
    unpriced = made(replace(outcome("c-bad-0"), cost=None, currency=None), outcome("c-bad-1"))
    told = report.table(unpriced)
    assert "price not known" in told
    assert "price of a change" not in told


def test_a_review_that_asked_nobody_does_not_hide_the_price() -> None:
    free = replace(outcome("c-bad-0", trouble="unreachable"), requests=0, cost=None, currency=None)
    assert "0.25 CNY" in report.table(made(free, outcome("c-bad-1")))


def test_nothing_reviewed_is_said_in_words() -> None:
    assert report.table(made()) == "no change was reviewed\n"


def test_a_comparison_is_paired_and_says_in_words_what_is_shown() -> None:
    told = compare.table(NOISY, GOOD)
    assert "7 changes in both, paired" in told
    assert row(told, "recall, on the line") == ["0.000", "1.000", "+1.000", "[1.000, 1.000]", "higher in B"]
    assert row(told, "comments per clean change")[2:] == ["-2.00", "[-2.00, -2.00]", "lower in B"]
    assert row(told, "seconds of a change")[-1] == "no difference in any change"


def test_a_difference_in_one_change_of_many_is_not_shown() -> None:
    once = replace(GOOD, outcomes=(outcome("c-bad-0", 40), *GOOD.outcomes[1:]))
    assert row(compare.table(once, GOOD), "recall, on the line")[-1] == "contains 0: no difference is shown"


def test_pairs_make_small_differences_visible() -> None:
    """Changes differ more from one another than runs do: A finds three of six, B one more of every kind of change."""
    changes = tuple(replace(BAD[0], name=f"c-{number}") for number in range(40))
    some, more = (
        [outcome(one.name, 10 if place < found else 40) for place, one in enumerate(changes)] for found in (10, 22)
    )
    first, second = (Results("m", {}, (1,), changes, tuple(outcomes)) for outcomes in (some, more))
    assert row(compare.table(first, second), "recall, on the line")[-1] == "higher in B"


def test_what_only_one_run_has_is_named_and_left_out() -> None:
    fewer = replace(GOOD, outcomes=GOOD.outcomes[1:])
    other = replace(GOOD, subjects=(*GOOD.subjects[:1], replace(BAD[1], truths=(at(11),)), *GOOD.subjects[2:]))
    told = compare.table(fewer, other)
    assert "5 changes in both, paired" in told
    assert "truths differ: c-bad-0, c-bad-1\n" in told


def test_runs_that_share_nothing_cannot_be_compared() -> None:
    with pytest.raises(EvaluationError, match="share no change"):
        compare.table(replace(GOOD, outcomes=GOOD.outcomes[:1]), replace(GOOD, outcomes=GOOD.outcomes[1:2]))


def test_a_difference_that_cannot_be_worked_out_is_none() -> None:
    silent = made(outcome("c-bad-0"))
    assert row(compare.table(silent, silent), "precision, on the line") == ["–", "–", "–", "", "–"]


@pytest.mark.parametrize(
    ("around", "words"),
    [
        pytest.param(Interval(-0.1, 0.1), "contains 0: no difference is shown", id="around 0"),
        pytest.param(Interval(0.0, 0.1), "contains 0: no difference is shown", id="from 0"),
        pytest.param(Interval(-0.1, 0.0), "contains 0: no difference is shown", id="up to 0"),
        pytest.param(Interval(0.01, 0.1), "higher in B", id="above"),
        pytest.param(Interval(-0.1, -0.01), "lower in B", id="below"),
    ],
)
def test_an_interval_that_touches_0_shows_nothing(around: Interval, words: str) -> None:
    assert compare.verdict(around) == words


def test_results_come_back_from_their_file_as_they_were(tmp_path: Path) -> None:
    file = tmp_path / "results.json"
    odd = replace(outcome("go-clean", 3, trouble="é\n漢"), cost=None, currency=None)
    whole = made(*GOOD.outcomes[:-1], odd, seeds=(1, 1_001))
    results.write(whole, file)
    assert results.read(file) == whole


def test_half_a_character_in_a_claim_does_not_keep_results_from_being_written(tmp_path: Path) -> None:
    claim = replace(outcome("go-clean", 3).comments[0], title="a\ud800b")
    results.write(made(replace(outcome("go-clean"), comments=(claim,))), tmp_path / "x.json")
    assert results.read(tmp_path / "x.json").outcomes[0].comments[0].title == "a?b"


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"version": 2}', '{"version": 1, "model": "m"}', "\ud800"])
def test_what_is_no_file_of_results_is_refused(text: str, tmp_path: Path) -> None:
    (tmp_path / "x.json").write_bytes(text.encode("utf-8", "surrogatepass"))
    with pytest.raises(EvaluationError, match=r"x\.json holds no results of a run"):
        results.read(tmp_path / "x.json")


def test_results_that_cannot_be_written_are_told(tmp_path: Path) -> None:
    with pytest.raises(EvaluationError, match="cannot write"):
        results.write(GOOD, tmp_path / "none" / "x.json")
