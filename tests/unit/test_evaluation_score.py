"""Comments and truths are paired one to one, as many as can be; luck is what comments by lot would find."""

from itertools import combinations, permutations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from evaluation.chance import luck
from evaluation.results import Subject
from evaluation.score import EXACT, NEAR, Counts, hits, mean
from reviewbot.diff import Side
from reviewbot.finding import Anchor


def at(start: int, end: int | None = None, *, path: str = "a.py", side: Side = Side.NEW) -> Anchor:
    return Anchor(path, side, start, end or start)


@pytest.mark.parametrize(
    ("comment", "truth", "exact", "near"),
    [
        pytest.param(at(5), at(5), 1, 1, id="the line"),
        pytest.param(at(5, 9), at(9, 12), 1, 1, id="one line in common"),
        pytest.param(at(4), at(5), 0, 1, id="the line before"),
        pytest.param(at(5), at(8), 0, 1, id="three lines before"),
        pytest.param(at(12, 14), at(8, 9), 0, 1, id="three lines behind"),
        pytest.param(at(5), at(9), 0, 0, id="four lines before"),
        pytest.param(at(13), at(7, 9), 0, 0, id="four lines behind"),
        pytest.param(at(5), at(5, path="b.py"), 0, 0, id="another file"),
        pytest.param(at(5), at(5, side=Side.OLD), 0, 0, id="the other side"),
        pytest.param(at(5, side=Side.OLD), at(5, side=Side.OLD), 1, 1, id="both on the old side"),
    ],
)
def test_a_comment_finds_what_lies_within_the_tolerance(comment: Anchor, truth: Anchor, exact: int, near: int) -> None:
    assert hits([comment], [truth], tolerance=EXACT) == exact
    assert hits([comment], [truth], tolerance=NEAR) == near


def test_a_truth_is_found_once_however_many_comments_it_has() -> None:
    assert hits([at(5), at(5), at(6)], [at(5, 6)], tolerance=EXACT) == 1


def test_a_comment_finds_one_truth_however_long_it_is() -> None:
    assert hits([at(1, 100)], [at(5), at(50)], tolerance=EXACT) == 1


def test_a_comment_that_fits_two_truths_leaves_the_one_that_another_comment_fits_too() -> None:
    # Whoever takes the first that fits finds one of the two.
    assert hits([at(1, 10), at(2)], [at(2), at(9)], tolerance=EXACT) == 2
    assert hits([at(2), at(1, 10)], [at(2), at(9)], tolerance=EXACT) == 2


anchors = st.builds(
    lambda start, length, path, side: at(start, start + length, path=path, side=side),
    st.integers(1, 12),
    st.integers(0, 3),
    st.sampled_from("ab"),
    st.sampled_from(Side),
)
several = st.lists(anchors, max_size=4)


@given(several, several, st.integers(0, 3))
def test_no_other_assignment_finds_more(comments: list[Anchor], truths: list[Anchor], tolerance: int) -> None:
    def meets(one: Anchor, other: Anchor) -> bool:
        same = (one.path, one.side) == (other.path, other.side)
        gap = max(one.start, other.start) - min(one.end, other.end)
        return same and gap <= tolerance

    most = max(
        size
        for size in range(min(len(comments), len(truths)) + 1)
        for chosen in combinations(comments, size)
        for order in permutations(truths, size)
        if all(map(meets, chosen, order))
    )
    assert hits(comments, truths, tolerance=tolerance) == most
    assert hits(truths, comments, tolerance=tolerance) == most


def subject(*truths: Anchor, changed: tuple[Anchor, ...] = (at(1, 10),)) -> Subject:
    return Subject("python-x", "python", "hunk", truths, changed)


def test_luck_finds_a_line_as_often_as_it_is_one_of_all() -> None:
    exact, near = luck([at(99)], subject(at(5)), key="x")
    assert exact == pytest.approx(0.1, abs=0.06)
    # Seven of the ten lines are near enough.
    assert near == pytest.approx(0.7, abs=0.1)


def test_luck_has_comments_as_long_as_the_real_ones() -> None:
    short, _ = luck([at(99)], subject(at(10)), key="x")
    long, _ = luck([at(90, 99)], subject(at(10)), key="x")
    assert short < 0.3
    assert long == 1.0


def test_luck_spreads_over_the_files_and_sides_of_the_change() -> None:
    changed = (at(1, 5), at(1, 5, path="b.py"), at(1, 10, side=Side.OLD))
    exact, _ = luck([at(99)], subject(at(1, 5), changed=changed), key="x")
    assert exact == pytest.approx(0.25, abs=0.1)


def test_luck_says_something_of_every_line_before_it_repeats_itself() -> None:
    assert luck([at(99)] * 10, subject(at(3), at(8)), key="x")[0] == 2.0
    assert luck([at(99)] * 25, subject(at(3), at(8)), key="x")[0] == 2.0


@pytest.mark.parametrize(
    ("comments", "known"),
    [
        pytest.param([], subject(at(5)), id="no comment"),
        pytest.param([at(5)], subject(), id="no truth"),
        pytest.param([at(5)], subject(at(5), changed=()), id="no changed line"),
    ],
)
def test_luck_finds_nothing_where_there_is_nothing_to_find_or_to_say(comments: list[Anchor], known: Subject) -> None:
    assert luck(comments, known, key="x") == (0.0, 0.0)


def test_the_same_review_draws_the_same_lots_and_another_one_others() -> None:
    drawn = [luck([at(1), at(2)], subject(at(5), changed=(at(1, 40),)), key=key) for key in ("x", "x", "y")]
    assert drawn[0] == drawn[1] != drawn[2]


def test_a_mean_is_taken_of_each_number() -> None:
    one = Counts(*range(15))
    other = Counts(*range(2, 17))
    assert mean([one, other]) == Counts(*range(1, 16))
