"""A refused chunk → smaller ones. Alone knows how a chunk is halved."""

from itertools import accumulate

from reviewbot.diff import FileDiff, Hunk, Line
from reviewbot.review import Chunk


def resplit(chunk: Chunk) -> tuple[tuple[FileDiff, ...], ...]:
    """Halve a chunk by files, else by hunks, else by lines.

    Returns:
        Two rows of files, each with fewer changed lines than the chunk, or one without its unchanged lines;
        nothing where a single changed line stands alone.
    """
    files = [file for file in chunk.files if file.changed]
    if len(files) > 1:
        middle = _middle([file.changed for file in files])
        return tuple(files[:middle]), tuple(files[middle:])
    if not files:
        return ()
    file = files[0]
    hunks = [hunk for hunk in file.hunks if hunk.changed]
    if len(hunks) > 1:
        middle = _middle([hunk.changed for hunk in hunks])
        return (file.with_hunks(hunks[:middle]),), (file.with_hunks(hunks[middle:]),)
    return tuple((file.with_hunks([part]),) for part in _halve(hunks[0]))


def _halve(hunk: Hunk) -> tuple[Hunk, ...]:
    changed = [index for index, line in enumerate(hunk.lines) if line.changed]
    if len(changed) == 1:
        if len(hunk.lines) == 1:
            return ()
        return tuple(part for part in hunk.parts(_around(hunk.lines, changed[0])) if part.changed)
    return hunk.parts((changed[len(changed) // 2],))


def _around(lines: tuple[Line, ...], index: int) -> tuple[int, ...]:
    return tuple(cut for cut in (index, index + 1) if 0 < cut < len(lines))


def _middle(weights: list[int]) -> int:
    """Where the first half of the weight ends; both sides keep at least one."""
    half = sum(weights) / 2
    cut = next(index for index, total in enumerate(accumulate(weights), start=1) if total >= half)
    return min(cut, len(weights) - 1)
