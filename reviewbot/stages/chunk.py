"""Files → chunks that fit a prompt. Alone knows where a change is cut.

Cuts are chosen by content, not by running totals: an edit to one file leaves the chunks of the others as they were, so
what was asked about them need not be asked again. docs/decisions/0003 has the reasoning.
"""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import accumulate, pairwise
from typing import Protocol

from reviewbot.diff import FileDiff, Hunk, Line, LineKind
from reviewbot.review import Chunk, Skipped, SkipReason, changed_lines

Span = tuple[int, int]
"""First index and the one after the last."""


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
    weights = [file_tokens(file, size=size) for file in files]
    keys = [_key(file.path) for file in files]
    chunks: list[Chunk] = []
    skipped: list[Skipped] = []
    for start, stop in pack(weights, keys, budget=budget):
        tokens = sum(weights[start:stop])
        if tokens <= budget:
            chunks.append(Chunk(tuple(files[start:stop]), tokens))
        else:
            parts = _split_file(files[start], budget=budget, size=size)
            chunks.extend(parts.chunks)
            skipped.extend(parts.skipped)
    return Chunked(tuple(chunks), tuple(skipped))


def file_tokens(file: FileDiff, *, size: Size) -> int:
    """Tokens of a file or a part of one."""
    return size.head(file) + sum(map(size.hunk, file.hunks))


def pack(weights: Sequence[int], keys: Sequence[int], *, budget: int) -> list[Span]:
    """Cut a row of things into spans that fit; a thing too heavy by itself is a span of its own.

    A span that does not fit is cut beside its heaviest thing where that alone makes room, else before the thing with
    the largest key. Keys do not depend on weights: when one weight changes, spans away from it stay.

    Args:
        weights: of the things, in order.
        keys: one for each thing, from its content alone.
        budget: the most a span may weigh.
    """
    total = [0, *accumulate(weights)]
    spans: list[Span] = []
    waiting = [(0, len(weights))] if weights else []
    while waiting:
        start, stop = waiting.pop()
        weight = total[stop] - total[start]
        if weight <= budget or stop - start == 1:
            spans.append((start, stop))
            continue
        heaviest = max(range(start, stop), key=weights.__getitem__)
        if weight - weights[heaviest] <= budget:
            cuts = [start, heaviest, heaviest + 1, stop]
        else:
            cuts = [start, max(range(start + 1, stop), key=keys.__getitem__), stop]
        waiting.extend(span for span in reversed(list(pairwise(cuts))) if span[0] < span[1])
    return spans


def _split_file(file: FileDiff, *, budget: int, size: Size) -> Chunked:
    head = size.head(file)
    weights = [size.hunk(hunk) for hunk in file.hunks]
    keys = [_key("\n".join(line.text for line in hunk.lines if line.changed)) for hunk in file.hunks]
    chunks: list[Chunk] = []
    skipped: list[Skipped] = []
    for start, stop in pack(weights, keys, budget=budget - head):
        tokens = head + sum(weights[start:stop])
        if tokens <= budget:
            chunks.append(Chunk((file.with_hunks(file.hunks[start:stop]),), tokens))
            continue
        for part in _split_hunk(file.hunks[start], budget=budget - head, size=size):
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
    head = size.hunk(replace(hunk, lines=()))
    weights = [size.line(line) for line in hunk.lines]
    total = [0, *accumulate(weights)]
    cuts: list[int] = []
    waiting = [(0, len(weights))]
    while waiting:
        start, stop = waiting.pop()
        if total[stop] - total[start] + head <= budget or stop - start == 1:
            cuts.append(start)
            continue
        cut = _best_cut(hunk.lines, total, (start, stop))
        waiting.extend([(cut, stop), (start, cut)])
    return [part for part in hunk.parts(cuts[1:]) if part.changed]


def _best_cut(lines: Sequence[Line], total: Sequence[int], span: Span) -> int:
    """The index in the middle half of a span's weight before which a reader would cut."""
    start, stop = span
    quarter = (total[stop] - total[start]) / 4
    middle = [i for i in range(start + 1, stop) if quarter <= total[i] - total[start] <= 3 * quarter]
    if not middle:
        # One line outweighs all others: cut before it, or behind it where it comes first.
        heaviest = max(range(start, stop), key=lambda i: total[i + 1] - total[i])
        return heaviest if heaviest > start else start + 1
    return max(middle, key=lambda i: (_cut_rank(lines[i - 1], lines[i]), _key(lines[i].text)))


def _cut_rank(before: Line, after: Line) -> int:
    """How little a cut between two lines hurts; a deletion and the addition that replaces it belong together."""
    if before.kind is LineKind.DELETED and after.kind is LineKind.ADDED:
        return 0
    blank = not before.text.strip()
    return 1 + blank + 2 * (not before.changed) + 2 * (not after.changed)


def _key(text: str) -> int:
    return int.from_bytes(hashlib.blake2b(text.encode("utf-8", "surrogateescape"), digest_size=8).digest())
