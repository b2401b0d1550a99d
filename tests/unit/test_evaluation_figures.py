"""Figures are sums over changes, intervals come from drawing the changes again."""

from dataclasses import replace
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from evaluation.bootstrap import Interval, draws, interval, ratio
from evaluation.figures import FIGURES, counted, groups
from evaluation.results import Comment, Outcome, Results, Subject
from evaluation.score import Counts
from reviewbot.diff import Side
from reviewbot.finding import Anchor


def at(start: int, end: int | None = None) -> Anchor:
    return Anchor("a.py", Side.NEW, start, end or start)


def outcome(change: str, *lines: int, seed: int = 1, trouble: str = "") -> Outcome:
    comments = tuple(Comment(at(line), "error", "correctness", 0.5, "It is wrong", "") for line in lines)
    return Outcome(change, seed, comments, 1, 100, 10, Decimal("0.5"), "CNY", 2.0, trouble)


BAD = Subject("c-bad", "c", "file", (at(10), at(30)), (at(1, 50),))
CLEAN = Subject("go-clean", "go", "hunk", (), (at(1, 30), at(41, 60)))


def results(*outcomes: Outcome, subjects: tuple[Subject, ...] = (BAD, CLEAN), seeds: int = 1) -> Results:
    return Results("m", {}, tuple(range(1, seeds + 1)), subjects, outcomes)


def figures(made: Results) -> dict[str, float | None]:
    counts = list(counted(made).values())
    every = range(len(counts))
    return {
        figure.name: ratio(list(map(figure.top, counts)), list(map(figure.bottom, counts)), every) for figure in FIGURES
    }


def test_every_figure_is_what_a_person_would_work_out() -> None:
    # One hit on its line, one two lines off, one far away, and an alarm on the clean change.
    found = figures(results(outcome("c-bad", 10, 32, 50), outcome("go-clean", 7)))
    luck = {name: found.pop(name) for name in list(found) if "luck" in name}
    assert found == pytest.approx(
        {
            "precision, on the line": 1 / 4,
            "recall, on the line": 1 / 2,
            "F1, on the line": 1 / 3,
            "precision, within 3 lines": 2 / 4,
            "recall, within 3 lines": 1.0,
            "F1, within 3 lines": 2 / 3,
            "comments per 100 changed lines": 4.0,
            "comments per clean change": 1.0,
            "share of clean changes with a comment": 1.0,
            "input tokens of a change": 100.0,
            "output tokens of a change": 10.0,
            "price of a change": 0.5,
            "seconds of a change": 2.0,
        }
    )
    assert 0 < (luck["recall above luck, on the line"] or 0) < 0.5


def test_what_cannot_be_divided_is_no_figure() -> None:
    silent = figures(results(outcome("c-bad")))
    assert silent["precision, on the line"] is None
    assert silent["comments per clean change"] is None
    assert (silent["recall, on the line"], silent["F1, on the line"]) == (0, 0)


def test_the_seeds_of_a_change_are_one() -> None:
    both = results(outcome("c-bad", 10), outcome("c-bad", seed=2), outcome("go-clean", 5), seeds=2)
    counts = counted(both)
    assert counts["c-bad"].hits_exact == counts["c-bad"].comments == 0.5
    assert counts["c-bad"].truths == 2
    # That one was reviewed once only and counts as much as the other.
    assert counts["go-clean"].reviews == 1
    assert figures(both)["precision, on the line"] == pytest.approx(0.5 / 1.5)


def test_a_change_that_was_not_reached_counts_nowhere() -> None:
    assert list(counted(results(outcome("c-bad", 10)))) == ["c-bad"]


def test_groups_are_the_languages_and_the_needs_of_what_was_reviewed() -> None:
    made = results(outcome("c-bad"), outcome("go-clean"))
    assert groups(made.subjects, counted(made)) == {
        "language": {"c": ["c-bad"], "go": ["go-clean"]},
        "needs": {"file": ["c-bad"], "hunk": ["go-clean"]},
    }
    assert groups(made.subjects, {"c-bad": 1})["needs"] == {"file": ["c-bad"]}


def test_hits_by_luck_hang_on_the_review_and_not_on_the_order_of_reviews() -> None:
    other = replace(BAD, name="c-other")
    first = results(outcome("c-bad", 1, 2), outcome("c-other", 1), subjects=(BAD, other))
    second = results(outcome("c-other", 1), outcome("c-bad", 1, 2), subjects=(other, BAD))
    assert counted(first)["c-bad"] == counted(second)["c-bad"]


def test_an_interval_holds_what_most_draws_give() -> None:
    samples = draws(100)
    tops, bottoms = [float(place < 30) for place in range(100)], [1.0] * 100
    around = interval(lambda sample: ratio(tops, bottoms, sample), samples)
    assert around is not None
    # The normal approximation of 30 of 100: 0.30 ± 1.96 · 0.0458.
    assert (around.low, around.high) == pytest.approx((0.21, 0.39), abs=0.015)


def test_a_figure_that_is_the_same_in_every_change_has_no_width() -> None:
    assert interval(lambda sample: ratio([2.0] * 5, [4.0] * 5, sample), draws(5)) == Interval(0.5, 0.5)


def test_a_draw_without_the_figure_plays_no_part() -> None:
    # Only one of the changes has a comment: draws of the others alone have no precision.
    around = interval(lambda sample: ratio([1.0, *[0.0] * 4], [2.0, *[0.0] * 4], sample), draws(5))
    assert around == Interval(0.5, 0.5)
    assert interval(lambda sample: ratio([0.0] * 5, [0.0] * 5, sample), draws(5)) is None


@pytest.mark.parametrize("size", [0, 1, 4])
def test_few_changes_have_no_interval(size: int) -> None:
    assert interval(lambda sample: ratio([1.0] * size, [1.0] * size, sample), draws(size)) is None


def test_the_same_number_of_changes_is_drawn_in_the_same_way() -> None:
    assert draws(7) == draws(7)


@given(st.lists(st.tuples(st.integers(0, 5), st.integers(1, 5)), min_size=5, max_size=8))
def test_an_interval_lies_within_what_single_changes_give(parts: list[tuple[int, int]]) -> None:
    tops, bottoms = [float(top) for top, _ in parts], [float(bottom) for _, bottom in parts]
    around = interval(lambda sample: ratio(tops, bottoms, sample), draws(len(parts))[:50])
    single = [top / bottom for top, bottom in parts]
    assert around is not None
    assert min(single) - 1e-9 <= around.low <= around.high <= max(single) + 1e-9


def test_every_figure_can_be_taken_of_counts() -> None:
    counts = Counts(*[1.0] * 15)
    assert [figure.top(counts) / figure.bottom(counts) >= 0 for figure in FIGURES] == [True] * len(FIGURES)
    assert len({figure.name for figure in FIGURES}) == len(FIGURES)
