"""Numbers of lines, hunks and files, and what stays true of a hunk that is cut."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reviewbot.diff import FileDiff, Hunk, Line, LineKind, Side, Status
from tests.support.strategies import hunks, numbered

CONTEXT, ADDED, DELETED = LineKind

HUNK = numbered(
    [(CONTEXT, "a"), (DELETED, "b"), (ADDED, "c"), (ADDED, "d"), (CONTEXT, "e")], old=10, new=20, section="f"
)
FILE = FileDiff("x", Status.MODIFIED, (HUNK, numbered([(DELETED, "g")], old=30, new=41)))


@pytest.mark.parametrize(
    ("line", "changed", "side", "old", "new"),
    [
        pytest.param(Line(CONTEXT, "a", 3, 5), False, Side.NEW, 3, 5, id="context"),
        pytest.param(Line(ADDED, "a", None, 5), True, Side.NEW, None, 5, id="added"),
        pytest.param(Line(DELETED, "a", 3, None), True, Side.OLD, 3, None, id="deleted"),
    ],
)
def test_a_line_knows_its_side_and_its_numbers(
    line: Line, *, changed: bool, side: Side, old: int | None, new: int | None
) -> None:
    assert line.changed is changed
    assert line.side is side
    assert line.number(Side.OLD) == old
    assert line.number(Side.NEW) == new


def test_a_hunk_counts_its_lines_on_each_side() -> None:
    assert (HUNK.old_count, HUNK.new_count, HUNK.changed) == (3, 4, 3)


def test_a_file_counts_the_lines_of_all_its_hunks() -> None:
    assert (FILE.added, FILE.deleted, FILE.changed) == (2, 2, 4)


def test_a_span_reaches_from_the_first_to_the_last_changed_line_of_a_side() -> None:
    assert FILE.span(Side.OLD) == (11, 30)
    assert FILE.span(Side.NEW) == (21, 22)


def test_a_side_without_a_changed_line_has_no_span() -> None:
    only_added = FileDiff("x", Status.MODIFIED, (numbered([(CONTEXT, "a"), (ADDED, "b")]),))
    assert only_added.span(Side.OLD) is None
    assert FileDiff("x", Status.MODIFIED).span(Side.NEW) is None


def test_a_file_with_other_hunks_is_the_same_in_all_else() -> None:
    file = FileDiff("x", Status.RENAMED, (HUNK,), old_path="y", old_mode="100644", new_mode="100755")
    assert file.with_hunks([]) == FileDiff("x", Status.RENAMED, (), old_path="y", old_mode="100644", new_mode="100755")
    assert file.with_hunks([HUNK]) == file


def test_parts_keep_the_numbers_and_the_section() -> None:
    first, second, third = HUNK.parts([2, 4])
    assert (first.old_start, first.new_start, first.old_count, first.new_count) == (10, 20, 2, 1)
    assert (second.old_start, second.new_start, second.old_count, second.new_count) == (11, 21, 0, 2)
    assert (third.old_start, third.new_start, third.old_count, third.new_count) == (12, 23, 1, 1)
    assert {part.section for part in (first, second, third)} == {"f"}


def test_a_part_without_new_lines_names_the_new_line_before_it() -> None:
    part = HUNK.parts([1, 2])[1]
    assert (part.old_start, part.old_count, part.new_start, part.new_count) == (11, 1, 20, 0)


def test_parts_of_a_file_that_came_begin_after_line_zero_of_the_old_one() -> None:
    hunk = numbered([(ADDED, "a"), (ADDED, "b")])
    assert [(part.old_start, part.new_start) for part in hunk.parts([1])] == [(0, 1), (0, 2)]


def test_parts_of_lines_that_went_come_after_one_line_of_the_new_file() -> None:
    hunk = numbered([(DELETED, "a"), (DELETED, "b")], old=3, new=7)
    assert [(part.old_start, part.new_start) for part in hunk.parts([1])] == [(3, 6), (4, 6)]


def test_no_cuts_give_the_hunk_itself() -> None:
    assert HUNK.parts([]) == (HUNK,)


@settings(deadline=None)
@given(hunks(most=1), st.data())
def test_parts_hold_the_same_lines_and_begin_where_their_lines_do(whole: tuple[Hunk, ...], data: st.DataObject) -> None:
    hunk = whole[0]
    cuts = data.draw(st.sets(st.integers(1, len(hunk.lines))).map(sorted)) if len(hunk.lines) > 1 else []
    parts = hunk.parts([cut for cut in cuts if cut < len(hunk.lines)])
    assert tuple(line for part in parts for line in part.lines) == hunk.lines
    for part in parts:
        olds = [line.old for line in part.lines if line.old is not None]
        news = [line.new for line in part.lines if line.new is not None]
        assert olds == list(range(part.old_start, part.old_start + part.old_count)) or not part.old_count
        assert news == list(range(part.new_start, part.new_start + part.new_count)) or not part.new_count
