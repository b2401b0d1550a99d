"""How much of a change nobody looked at. Alone knows which changed lines a skipped part covers."""

from bisect import bisect_right
from collections import Counter
from collections.abc import Iterable
from itertools import accumulate

from reviewbot.diff import Line, Side
from reviewbot.review import Change, Skipped


def missing(change: Change, skips: Iterable[Skipped]) -> Counter[str]:
    """How many changed lines of each path lie in these parts; a line in two of them counts once.

    Args:
        change: the whole change.
        skips: parts of it; one without lines means its whole file.
    """
    gaps = Gaps(skips)
    counts: Counter[str] = Counter()
    for file in change.files:
        lines = (line for hunk in file.hunks for line in hunk.lines if line.changed)
        counts[file.path] += sum(gaps.hold(file.path, line) for line in lines)
    return counts


class Gaps:
    """Parts of a change, asked for many lines."""

    def __init__(self, skips: Iterable[Skipped]) -> None:
        self._whole: set[str] = set()
        parts: dict[tuple[str, Side], list[tuple[int, int]]] = {}
        for skip in skips:
            if skip.side is None or skip.start is None:
                self._whole.add(skip.path)
            else:
                parts.setdefault((skip.path, skip.side), []).append((skip.start, skip.end or skip.start))
        self._ranges = {place: _Ranges(spans) for place, spans in parts.items()}

    def hold(self, path: str, line: Line) -> bool:
        """Whether a changed line, which has a number on its own side only, lies in one of them."""
        ranges = self._ranges.get((path, line.side))
        return path in self._whole or (ranges is not None and (line.number(line.side) or 0) in ranges)


class _Ranges:
    """Spans of numbers, asked many times."""

    def __init__(self, spans: Iterable[tuple[int, int]]) -> None:
        ordered = sorted(spans)
        self._starts = [start for start, _ in ordered]
        self._furthest = list(accumulate((end for _, end in ordered), max))

    def __contains__(self, number: int) -> bool:
        at = bisect_right(self._starts, number)
        return at > 0 and number <= self._furthest[at - 1]
