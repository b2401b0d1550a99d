"""Laws of chunking: nothing lost, nothing twice, nothing too large, and an edit to one file stays local."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reviewbot.diff import FileDiff, Hunk, Line, LineKind, Side, Status
from reviewbot.review import Skipped, SkipReason
from reviewbot.stages.chunk import GROUP, Chunked, chunk, file_tokens, groups, pack
from tests.support.reviews import file, hunk
from tests.support.strategies import file_diffs

Place = tuple[str, Side, int]


@dataclass(frozen=True)
class Letters:
    """A size that counts characters, with a price for every header."""

    price: int = 3

    def head(self, file: FileDiff) -> int:
        return self.price + len(file.path)

    def hunk(self, hunk: Hunk) -> int:
        return self.price + sum(map(self.line, hunk.lines))

    def line(self, line: Line) -> int:
        return 1 + len(line.text)


SIZE = Letters()


def _changed(files: list[FileDiff]) -> Counter[tuple[str, Line]]:
    return Counter((file.path, line) for file in files for hunk in file.hunks for line in hunk.lines if line.changed)


def _asked(chunked: Chunked) -> list[FileDiff]:
    return [file for chunk in chunked.chunks for file in chunk.files]


def _covers(skipped: Skipped, path: str, line: Line) -> bool:
    number = line.number(line.side)
    if number is None or skipped.start is None or skipped.end is None:
        return False
    return (skipped.path, skipped.side) == (path, line.side) and skipped.start <= number <= skipped.end


def _file(path: str, size: int) -> FileDiff:
    """A new file of one line, of this size."""
    line = Line(LineKind.ADDED, "x" * (size - 2 * SIZE.price - len(path) - 1), None, 1)
    return FileDiff(path, Status.ADDED, (Hunk(0, 1, (line,)),))


changes = st.lists(file_diffs(), max_size=9, unique_by=lambda file: file.path).map(
    lambda files: [file for file in files if file.changed]
)


@given(files=changes, budget=st.integers(4, 120))
def test_every_changed_line_is_in_exactly_one_chunk_or_named_as_skipped(files: list[FileDiff], budget: int) -> None:
    chunked = chunk(files, budget=budget, size=SIZE)
    asked = _changed(_asked(chunked))
    for place, count in _changed(files).items():
        named = any(_covers(skipped, *place) for skipped in chunked.skipped)
        assert asked[place] + named == count
    assert asked <= _changed(files)


@given(files=changes, budget=st.integers(4, 120))
def test_no_chunk_is_larger_than_the_budget_or_than_it_says(files: list[FileDiff], budget: int) -> None:
    for made in chunk(files, budget=budget, size=SIZE).chunks:
        assert sum(file_tokens(file, size=SIZE) for file in made.files) == made.tokens <= budget


@given(files=changes, budget=st.integers(4, 120))
def test_lines_keep_their_order_and_every_part_is_a_valid_hunk(files: list[FileDiff], budget: int) -> None:
    asked = _asked(chunk(files, budget=budget, size=SIZE))
    order = {(file.path, line): place for place, (file, line) in enumerate(_lines(files))}
    places = [order[file.path, line] for file, line in _lines(asked)]
    assert places == sorted(places)
    for part in (part for each in asked for part in each.hunks):
        first = {side: [n for line in part.lines if (n := line.number(side)) is not None] for side in Side}
        assert part.old_start == (first[Side.OLD][0] if first[Side.OLD] else part.old_start)
        assert part.new_start == (first[Side.NEW][0] if first[Side.NEW] else part.new_start)


def _lines(files: list[FileDiff]) -> list[tuple[FileDiff, Line]]:
    return [(file, line) for file in files for hunk in file.hunks for line in hunk.lines]


@given(files=changes, budget=st.integers(4, 120))
def test_the_same_change_gives_the_same_chunks(files: list[FileDiff], budget: int) -> None:
    assert chunk(files, budget=budget, size=SIZE) == chunk(list(files), budget=budget, size=SIZE)


def test_an_edit_to_one_of_a_group_changes_at_most_four_of_its_chunks_whatever_the_weights() -> None:
    budget, most = 4, 0
    for weights in product(range(1, budget + 1), repeat=GROUP):
        before = set(pack(weights, budget=budget))
        for place, weight in product(range(GROUP), range(1, budget + 2)):
            edited = (*weights[:place], weight, *weights[place + 1 :])
            after = pack(edited, budget=budget)
            most = max(most, sum(span not in before or span[0] <= place < span[1] for span in after))
    assert most == 4


@settings(max_examples=300)
@given(
    sizes=st.lists(st.integers(30, 400), min_size=50, max_size=50),
    place=st.integers(0, 49),
    size=st.integers(30, 400),
    budget=st.integers(400, 3000),
)
def test_an_edit_to_one_file_of_fifty_changes_at_most_four_chunks(
    sizes: list[int], place: int, size: int, budget: int
) -> None:
    files = [_file(f"src/part{index}.py", size) for index, size in enumerate(sizes)]
    edited = [*files[:place], _file(files[place].path, size + 1), *files[place + 1 :]]
    before = set(chunk(files, budget=budget, size=SIZE).chunks)
    assert len(set(chunk(edited, budget=budget, size=SIZE).chunks) - before) <= 4


def test_an_edit_changes_two_chunks_at_most_on_average() -> None:
    sizes = [30 + (place * 37) % 370 for place in range(50)]
    files = [_file(f"src/part{index}.py", size) for index, size in enumerate(sizes)]
    fresh = []
    for budget, place, size in product((400, 700, 1500), range(50), (31, 150, 399)):
        edited = [*files[:place], _file(files[place].path, size), *files[place + 1 :]]
        before = set(chunk(files, budget=budget, size=SIZE).chunks)
        fresh.append(len(set(chunk(edited, budget=budget, size=SIZE).chunks) - before))
    assert sum(fresh) / len(fresh) <= 2
    assert max(fresh) <= 4


@given(names=st.lists(st.text(min_size=1, max_size=5), unique=True, max_size=40), gone=st.integers(0, 39))
def test_groups_are_small_in_order_and_a_file_that_goes_moves_few_of_them(names: list[str], gone: int) -> None:
    files = [FileDiff(name, Status.MODIFIED) for name in names]
    made = groups(files)
    assert [file for group in made for file in group] == files
    assert all(0 < len(group) <= GROUP for group in made)
    left = [file for place, file in enumerate(files) if place != gone]
    # Groups away from the file that went are as they were; the one just before it may grow.
    ended = [group for group, stop in zip(made, _stops(made), strict=True) if stop < gone]
    assert groups(left)[: len(ended)] == ended


@given(names=st.lists(st.text(min_size=1, max_size=5), unique=True, min_size=1, max_size=60), at=st.integers(0, 59))
def test_a_file_that_comes_moves_no_border_behind_the_next_one_that_a_name_asks_for(names: list[str], at: int) -> None:
    files = [FileDiff(name, Status.MODIFIED) for name in names]
    place = at % (len(files) + 1)
    border = next((later for later in range(place, len(files)) if _asks(files[later])), len(files))
    more = [*files[:place], FileDiff("a new one", Status.ADDED), *files[place:]]
    assert _groups_from(more, border + 1) == _groups_from(files, border)


def test_about_one_name_in_twelve_begins_a_group_of_its_own_accord() -> None:
    files = [FileDiff(f"src/part{number}.py", Status.MODIFIED) for number in range(1_200)]
    assert 70 < sum(map(_asks, files)) < 130


def _asks(file: FileDiff) -> bool:
    """True where a name begins a group of its own accord."""
    return len(groups([FileDiff("before", Status.MODIFIED), file])) == 2


def _groups_from(files: list[FileDiff], start: int) -> list[Sequence[FileDiff]]:
    made = groups(files)
    starts = [stop - len(group) for group, stop in zip(made, _stops(made), strict=True)]
    assert start in [*starts, len(files)]
    return [group for group, begins in zip(made, starts, strict=True) if begins >= start]


def _stops(made: list[Sequence[FileDiff]]) -> list[int]:
    return [sum(map(len, made[: place + 1])) for place in range(len(made))]


def test_whole_files_share_a_chunk_while_they_fit() -> None:
    files = [_file(f"{name}.py", 40) for name in "abc"]
    assert [len(made.files) for made in chunk(files, budget=120, size=SIZE).chunks] == [3]
    assert [len(made.files) for made in chunk(files, budget=80, size=SIZE).chunks] == [2, 1]


def test_a_file_that_does_not_fit_is_cut_between_hunks() -> None:
    big = file("a.py", hunk("+" + "x" * 20), hunk("+" + "y" * 20, old=10, new=11), hunk("+" + "z" * 20, old=20, new=22))
    made = chunk([big], budget=60, size=SIZE)
    assert [[line.text[0] for hunk in c.files[0].hunks for line in hunk.lines] for c in made.chunks] == [
        ["x", "y"],
        ["z"],
    ]
    assert [c.files[0].path for c in made.chunks] == ["a.py", "a.py"]


def test_a_hunk_that_does_not_fit_is_cut_at_a_blank_line_and_keeps_its_numbers() -> None:
    lines = [*("+" + "x" * 9 for _ in range(8)), "+", *("+" + "y" * 9 for _ in range(6))]
    made = chunk([file("a.py", hunk(*lines, new=5))], budget=115, size=SIZE)
    parts = [c.files[0].hunks[0] for c in made.chunks]
    assert [(part.new_start, part.new_count) for part in parts] == [(5, 9), (14, 6)]


def test_a_deletion_and_what_replaces_it_are_not_cut_apart_while_there_is_another_place() -> None:
    lines = [" a23456789", "-b23456789", "+c23456789", "+d23456789", " e23456789", "-f23456789", "+g23456789"]
    made = chunk([file("a.py", hunk(*lines))], budget=77, size=SIZE)
    assert ["".join(line.text[0] for line in c.files[0].hunks[0].lines) for c in made.chunks] == ["abcde", "fg"]


def test_parts_in_which_nothing_changed_are_not_asked_about() -> None:
    lines = ["+" + "x" * 30, *(" " + "c" * 9 for _ in range(12)), "+" + "y" * 30]
    made = chunk([file("a.py", hunk(*lines))], budget=60, size=SIZE)
    assert [c.files[0].changed for c in made.chunks] == [1, 1]


def test_hunks_in_which_nothing_changed_are_not_asked_about_where_a_file_is_cut() -> None:
    still, changed = " " + "c" * 30, "+" + "x" * 30
    diff = file(
        "a.py", *(hunk(sign, old=at, new=at) for at, sign in ((1, still), (9, changed), (19, still), (29, still)))
    )
    made = chunk([diff], budget=60, size=SIZE)
    assert [[part.new_start for part in c.files[0].hunks] for c in made.chunks] == [[9]]
    assert made.skipped == ()
    assert chunk([diff], budget=600, size=SIZE).chunks[0].files == (diff,)


def test_a_name_that_is_not_utf_8_has_its_place_in_a_group() -> None:
    files = [FileDiff("\udcff\udcfe", Status.MODIFIED), FileDiff("\udcff", Status.MODIFIED)]
    assert sum(map(len, groups(files))) == 2


def test_a_path_larger_than_a_prompt_leaves_every_line_named() -> None:
    made = chunk([file("p" * 90, hunk("+a", " b", "-c"))], budget=60, size=SIZE)
    assert [(s.side, s.start, s.end) for s in made.skipped] == [(Side.NEW, 1, 1), (Side.OLD, 2, 2)]
    assert made.chunks == ()


@pytest.mark.parametrize(("sign", "side"), [("+", Side.NEW), ("-", Side.OLD)])
def test_a_line_larger_than_a_prompt_is_named_and_its_neighbours_are_reviewed(sign: str, side: Side) -> None:
    made = chunk([file("a.py", hunk("+short", sign + "x" * 500, "+other"))], budget=60, size=SIZE)
    number = 2 if side is Side.NEW else 1
    assert [(s.path, s.side, s.start, s.end, s.reason, s.failed) for s in made.skipped] == [
        ("a.py", side, number, number, SkipReason.TOO_LONG, True)
    ]
    assert [line.text for c in made.chunks for line in c.files[0].hunks[0].lines] == ["short", "other"]


def test_nothing_to_review_gives_no_chunk() -> None:
    assert chunk([], budget=100, size=SIZE) == Chunked((), ())
