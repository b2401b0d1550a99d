"""How much of a change nobody looked at. Alone knows which changed lines a skipped part covers."""

from bisect import bisect_right
from collections import Counter
from collections.abc import Iterable
from itertools import accumulate

from reviewbot.diff import Side
from reviewbot.review import Change, Skipped


def missing(change: Change, skips: Iterable[Skipped]) -> Counter[str]:
    """How many changed lines of each path lie in these parts; a line in two of them counts once.

    Args:
        change: the whole change.
        skips: parts of it; one without lines means its whole file.
    """
    whole: set[str] = set()
    parts: dict[tuple[str, Side], list[tuple[int, int]]] = {}
    for skip in skips:
        if skip.side is None or skip.start is None:
            whole.add(skip.path)
        else:
            parts.setdefault((skip.path, skip.side), []).append((skip.start, skip.end or skip.start))
    ranges = {place: _Ranges(spans) for place, spans in parts.items()}
    counts: Counter[str] = Counter()
    for file in change.files:
        if file.path in whole:
            counts[file.path] += file.changed
            continue
        for side in Side:
            inside = ranges.get((file.path, side))
            numbers = (line.number(side) or 0 for hunk in file.hunks for line in hunk.lines if line.changed)
            # A changed line exists on one side only; on the other its number is none.
            counts[file.path] += sum(number in inside for number in numbers if number) if inside else 0
    return counts


class _Ranges:
    """Spans of numbers, asked many times."""

    def __init__(self, spans: Iterable[tuple[int, int]]) -> None:
        ordered = sorted(spans)
        self._starts = [start for start, _ in ordered]
        self._furthest = list(accumulate((end for _, end in ordered), max))

    def __contains__(self, number: int) -> bool:
        at = bisect_right(self._starts, number)
        return at > 0 and number <= self._furthest[at - 1]
