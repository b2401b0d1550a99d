from hypothesis import given
from hypothesis import strategies as st

from reviewbot.diff import Side
from reviewbot.missing import missing
from reviewbot.review import Change, Skipped, SkipReason, Target
from tests.support.reviews import file, hunk
from tests.support.strategies import changes


def _part(path: str, side: Side | None, start: int | None, end: int | None) -> Skipped:
    return Skipped(path, side, start, end, SkipReason.TOO_LONG, "", failed=True)


@st.composite
def _parts(draw: st.DrawFn, change: Change) -> list[Skipped]:
    paths = st.sampled_from([file.path for file in change.files] or ["none"])
    start = draw(st.integers(1, 6))
    ranged = st.builds(_part, paths, st.sampled_from(Side), st.just(start), st.integers(start, start + 4))
    return draw(st.lists(ranged | st.builds(_part, paths, st.none(), st.none(), st.none()), max_size=4))


@given(data=st.data(), change=changes())
def test_every_changed_line_in_one_of_the_parts_counts_once(data: st.DataObject, change: Change) -> None:
    parts = data.draw(_parts(change))
    for path in {each.path for each in change.files}:
        lines = [line for each in change.files if each.path == path for hunk in each.hunks for line in hunk.lines]
        covered = [
            line
            for line in lines
            if line.changed
            and any(
                part.path == path
                and (
                    part.start is None
                    or (part.side is line.side and part.start <= (line.number(line.side) or 0) <= (part.end or 0))
                )
                for part in parts
            )
        ]
        assert missing(change, parts)[path] == len(covered)


def test_a_part_without_an_end_is_a_single_line() -> None:
    change = Change(Target(None, None, "a patch"), (file("a", hunk("+1", "+2", "+3")),))
    assert missing(change, [_part("a", Side.NEW, 2, None)]) == {"a": 1}
