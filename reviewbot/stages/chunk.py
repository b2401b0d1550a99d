"""Files → chunks that fit a prompt. Alone knows where a change is cut.

Files are grouped by name before they are packed: an edit to one file leaves the chunks of other groups as they were, so
what was asked about them need not be asked again. docs/decisions/0003 has the reasoning.
"""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import accumulate
from typing import Protocol

from reviewbot.diff import FileDiff, Hunk, Line, LineKind
from reviewbot.review import Chunk, Skipped, SkipReason, changed_lines

Span = tuple[int, int]
"""First index and the one after the last."""


GROUP = 6
"""Files that may share a prompt. An edit to one of six changes at most four of their chunks, by the proof in 0003."""

BORDER = 12
"""One name in so many begins a group of its own accord."""


class Size(Protocol):
    """How many tokens the prompt spends on a part of a diff. A whole is never larger than its parts' sum."""

    def head(self, file: FileDiff) -> int:
        """What stands before a file's hunks."""
        ...

    def hunk(self, hunk: Hunk) -> int:
        """A hunk with its header."""
        ...

    def line(self, line: Line) -> int:
        """One line."""
        ...


@dataclass(frozen=True, slots=True)
class Chunked:
    """What can be asked about, and what cannot because a single line is larger than a prompt."""

    chunks: tuple[Chunk, ...]
    skipped: tuple[Skipped, ...]


def chunk(files: Sequence[FileDiff], *, budget: int, size: Size) -> Chunked:
    """Cut a change into chunks: whole files where they fit, else hunks, else parts of a hunk.

    Args:
        files: what is to be reviewed, in order.
        budget: tokens that one chunk may have.
        size: measures parts of the diff as the prompt shows them.

    Returns:
        Chunks in the order of the change. Every changed line is in exactly one of them or in `skipped`.
    """
    chunks: list[Chunk] = []
    skipped: list[Skipped] = []
    for group in groups(files):
        weights = [file_tokens(file, size=size) for file in group]
        for start, stop in pack(weights, budget=budget):
            tokens = sum(weights[start:stop])
            if tokens <= budget:
                chunks.append(Chunk(tuple(group[start:stop]), tokens))
            else:
                parts = _split_file(group[start], budget=budget, size=size)
                chunks.extend(parts.chunks)
                skipped.extend(parts.skipped)
    return Chunked(tuple(chunks), tuple(skipped))


def file_tokens(file: FileDiff, *, size: Size) -> int:
    """Tokens of a file or a part of one."""
    return size.head(file) + sum(map(size.hunk, file.hunks))


def groups(files: Sequence[FileDiff]) -> list[Sequence[FileDiff]]:
    """Neighbouring files that may share a prompt, chosen by their names alone.

    However large a file grows, the groups stay; a file that comes or goes moves borders only up to the next one that a
    name asks for.
    """
    made: list[list[FileDiff]] = []
    for file in files:
        if not made or len(made[-1]) == GROUP or _key(file.path) % BORDER == 0:
            made.append([])
        made[-1].append(file)
    return list(made)


def pack(weights: Sequence[int], *, budget: int) -> list[Span]:
    """Fill one span after the other; a thing too heavy by itself is a span of its own.

    Args:
        weights: of the things, in order.
        budget: the most a span may weigh.
    """
    spans: list[Span] = []
    start = filled = 0
    for index, weight in enumerate(weights):
        if index > start and filled + weight > budget:
            spans.append((start, index))
            start, filled = index, 0
        filled += weight
    return [*spans, (start, len(weights))] if weights else []


def _split_file(file: FileDiff, *, budget: int, size: Size) -> Chunked:
    head = size.head(file)
    # Not every program that writes patches leaves out a hunk in which nothing changed.
    hunks = [hunk for hunk in file.hunks if hunk.changed]
    weights = [size.hunk(hunk) for hunk in hunks]
    chunks: list[Chunk] = []
    skipped: list[Skipped] = []
    for start, stop in pack(weights, budget=budget - head):
        tokens = head + sum(weights[start:stop])
        if tokens <= budget:
            chunks.append(Chunk((file.with_hunks(hunks[start:stop]),), tokens))
            continue
        for part in _split_hunk(hunks[start], budget=budget - head, size=size):
            piece = file.with_hunks([part])
            tokens = file_tokens(piece, size=size)
            if tokens <= budget:
                chunks.append(Chunk((piece,), tokens))
            else:
                detail = f"a line of {tokens:,} tokens is larger than a prompt of {budget:,}"
                skipped.extend(changed_lines(piece, reason=SkipReason.TOO_LONG, detail=detail))
    return Chunked(tuple(chunks), tuple(skipped))


def _split_hunk(hunk: Hunk, *, budget: int, size: Size) -> list[Hunk]:
    """Parts that fit, or that are a single line; parts in which nothing changed are left out."""
    room = budget - size.hunk(replace(hunk, lines=()))
    total = [0, *accumulate(map(size.line, hunk.lines))]
    cuts: list[int] = []
    start = 0
    for stop in range(1, len(hunk.lines) + 1):
        # A line that does not fit ends the part before it, which may have to give up a few lines for a better cut.
        while stop - start > 1 and total[stop] - total[start] > room:
            start = _best_cut(hunk.lines, total, (start, stop))
            cuts.append(start)
    return [part for part in hunk.parts(cuts) if part.changed]


def _best_cut(lines: Sequence[Line], total: Sequence[int], span: Span) -> int:
    """The index before which a reader would cut, in the last quarter of a span that is one line too heavy."""
    start, last = span[0], span[1] - 1
    full = 3 * (total[last] - total[start]) / 4
    late = [index for index in range(start + 1, last + 1) if total[index] - total[start] >= full]
    return max(late, key=lambda index: (_cut_rank(lines[index - 1], lines[index]), index))


def _cut_rank(before: Line, after: Line) -> int:
    """How little a cut between two lines hurts; a deletion and the addition that replaces it belong together."""
    if before.kind is LineKind.DELETED and after.kind is LineKind.ADDED:
        return 0
    blank = not before.text.strip()
    return 1 + blank + 2 * (not before.changed) + 2 * (not after.changed)


def _key(text: str) -> int:
    return int.from_bytes(hashlib.blake2b(text.encode("utf-8", "surrogateescape"), digest_size=8).digest())
