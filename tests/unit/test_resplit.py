"""A refused chunk becomes smaller ones until a single changed line is left."""

from collections import Counter

from hypothesis import given
from hypothesis import strategies as st

from reviewbot.diff import FileDiff, Line
from reviewbot.review import Chunk
from reviewbot.stages.resplit import resplit
from tests.support.reviews import file, hunk
from tests.support.strategies import file_diffs


def _changed(files: tuple[FileDiff, ...]) -> Counter[tuple[str, Line]]:
    return Counter((file.path, line) for file in files for hunk in file.hunks for line in hunk.lines if line.changed)


def _lines(files: tuple[FileDiff, ...]) -> int:
    return sum(len(hunk.lines) for file in files for hunk in file.hunks)


@given(files=st.lists(file_diffs(), max_size=4).map(tuple))
def test_parts_are_strictly_smaller_and_hold_every_changed_line_once(files: tuple[FileDiff, ...]) -> None:
    parts = resplit(Chunk(files, 0))
    total = sum(_changed(files).values())
    if parts:
        assert sum(map(_changed, parts), Counter()) == _changed(files)
        assert all(_changed(part) for part in parts)
        assert all(sum(_changed(part).values()) < total or _lines(part) < _lines(files) for part in parts)
    else:
        assert total == 0 or (
            total == 1 and all(hunk.changed in {0, len(hunk.lines)} for f in files for hunk in f.hunks)
        )


@given(files=st.lists(file_diffs(), max_size=3).map(tuple))
def test_splitting_again_and_again_ends_with_single_lines(files: tuple[FileDiff, ...]) -> None:
    waiting, ends = [files], 0
    while waiting:
        parts = resplit(Chunk(waiting.pop(), 0))
        waiting.extend(parts)
        ends += not parts
    assert ends == max(sum(_changed(files).values()), 1)


@given(files=st.lists(file_diffs(), max_size=3).map(tuple))
def test_parts_keep_the_order_the_numbers_and_the_heads_of_the_whole(files: tuple[FileDiff, ...]) -> None:
    heads = [diff.with_hunks([]) for diff in files]
    order = [(diff.path, line) for diff in files for hunk in diff.hunks for line in hunk.lines]
    parts = [diff for part in resplit(Chunk(files, 0)) for diff in part]
    assert all(part.with_hunks([]) in heads for part in parts)
    places = [order.index((diff.path, line)) for diff in parts for hunk in diff.hunks for line in hunk.lines]
    assert len({diff.path for diff in files}) < len(files) or places == sorted(set(places))


def test_a_file_or_a_hunk_in_which_nothing_changed_is_left_out() -> None:
    still, first, last = (hunk(text, old=at, new=at) for at, text in ((1, " s"), (9, "+a"), (19, "+b")))
    whole = (file("still", still), file("a", still, first, still, last))
    assert resplit(Chunk(whole, 0)) == ((file("a", first),), (file("a", last),))


def test_files_are_halved_by_what_changed_in_them() -> None:
    files = (file("a", hunk("+1", "+2", "+3")), file("b", hunk("+1")), file("c", hunk("+1")))
    assert [[part.path for part in parts] for parts in resplit(Chunk(files, 0))] == [["a"], ["b", "c"]]


def test_hunks_are_halved_before_lines() -> None:
    whole = file("a", hunk("+1"), hunk("+2", old=9, new=10), hunk("+3", old=19, new=21))
    halves = resplit(Chunk((whole,), 0))
    assert [[hunk.lines[0].text for hunk in half.hunks] for (half,) in halves] == [["1", "2"], ["3"]]


def test_the_last_file_with_all_the_weight_still_leaves_something_on_both_sides() -> None:
    files = (file("a", hunk("+1")), file("b", hunk("+1", "+2", "+3", "+4")))
    assert [[part.path for part in parts] for parts in resplit(Chunk(files, 0))] == [["a"], ["b"]]


def test_a_single_changed_line_first_loses_its_surroundings() -> None:
    (parts,) = resplit(Chunk((file("a", hunk(" before", "+x", " after")),), 0))
    assert [(line.text, line.new) for line in parts[0].hunks[0].lines] == [("x", 2)]
    assert resplit(Chunk(parts, 0)) == ()


def test_a_chunk_without_a_changed_line_cannot_be_split() -> None:
    assert resplit(Chunk((file("a", hunk(" x")),), 0)) == ()
