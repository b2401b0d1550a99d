"""Where lines stand in a change. Alone knows what a file is called now, and in which hunk an old line may be."""

import re
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from reviewbot.diff import FileDiff, Hunk, Line, Side, Status
from reviewbot.finding import Anchor, squeeze
from reviewbot.memory import Part

_NUMBERED = re.compile(r"\b(REDACTED_[A-Z_]+?)_[0-9]+\b")
"""What stands for a credential; its number counts those of the file, and another one may have come before it."""

_FORMER = "former"


def bare(lines: Iterable[str]) -> tuple[str, ...]:
    """Lines as those of two versions of a file are compared."""
    return tuple(_NUMBERED.sub(r"\1", squeeze(line)) for line in lines)


@dataclass(slots=True)
class _Rows:
    """The lines that a file's hunks have on one side.

    Attributes:
        lines: of all hunks.
        texts: the same, bare.
        ends: for each line the index after the last one of its hunk.
        where: indexes of the lines with a text.
        digests: of the hunk of each line, by the line's number; empty where nobody looks at it.
    """

    lines: list[Line] = field(default_factory=list)
    texts: list[str] = field(default_factory=list)
    ends: list[int] = field(default_factory=list)
    where: defaultdict[str, list[int]] = field(default_factory=lambda: defaultdict(list))
    digests: dict[int | None, str] = field(default_factory=dict)

    def add(self, hunk: Hunk, side: Side, digest: str) -> None:
        """One hunk more."""
        lines = [line for line in hunk.lines if line.number(side) is not None]
        texts = bare(line.text for line in lines)
        for at, text in enumerate(texts, len(self.lines)):
            self.where[text].append(at)
        self.lines += lines
        self.texts += texts
        self.ends += [len(self.lines)] * len(lines)
        self.digests |= dict.fromkeys((line.number(side) for line in lines), digest)

    def runs(self, wanted: Sequence[str]) -> Iterator[Sequence[Line]]:
        """The lines of one hunk that read as wanted, wherever there are any."""
        # The rarest line leaves the fewest places to look at.
        rarity = [len(self.where.get(text, ())) for text in wanted]
        least = rarity.index(min(rarity))
        for place in self.where.get(wanted[least], ()):
            start = place - least
            stop = start + len(wanted)
            if start >= 0 and self.ends[start] >= stop and self.texts[start:stop] == [*wanted]:
                yield self.lines[start:stop]


class Whereabouts:
    """The files of a change, as far as something can stand in them.

    Attributes:
        added: the files that the change adds.
    """

    def __init__(self, files: Sequence[FileDiff], parts: Iterable[Part], reviewed: Collection[str]) -> None:
        """Where to look.

        Args:
            files: of a change.
            parts: the hunks that are worth looking at.
            reviewed: digests of those that earlier reviews looked at.
        """
        self._files: defaultdict[str, list[FileDiff]] = defaultdict(list)
        for file in files:
            self._files[file.path].append(file)
        moved = {file.old_path: file.path for file in files if file.status is Status.RENAMED}
        self._names: dict[str | None, str] = {**moved, **{path: path for path in self._files}}
        self.added = frozenset(file.path for file in files if file.status is Status.ADDED)
        self._digests = {(part.path, part.hunk.old_start, part.hunk.new_start): part.digest for part in parts}
        self._present = frozenset(self._digests.values())
        self._reviewed = reviewed
        self._rows: dict[tuple[str, Side], _Rows] = {}

    def home(self, anchor: Anchor) -> str | None:
        """What the file of an earlier anchor is called now, None where the change has it no more."""
        return self._names.get(anchor.path) or (self._names.get(anchor.old_path) if anchor.old_path else None)

    def old_path(self, path: str) -> str | None:
        """The name of a file before the change, None: the same."""
        return self._files[path][0].old_path

    def hunk(self, part: str) -> str:
        """The digest of a hunk while the change has it, the same word for all others; empty where none is known."""
        return part if self.holds(part) else _FORMER * bool(part)

    def holds(self, part: str) -> bool:
        """Whether the change still has a hunk, by its digest."""
        return part in self._present

    def allows(self, part: str, anchor: Anchor) -> bool:
        """Whether what stood in a hunk can stand at an anchor of this change: see `runs`."""
        return self._allows(part, self._side(anchor.path, anchor.side).digests.get(anchor.start, ""))

    def runs(self, path: str, side: Side, wanted: Sequence[str], *, part: str) -> list[Sequence[Line]]:
        """Where lines that stood in a hunk can be now: in that hunk while there is one, else in no old one.

        Args:
            path: of a file of the change.
            side: the side they are on; of old ones at least one is deleted, unless their hunk is as it was.
            wanted: the lines, bare; at least one.
            part: digest of their hunk, empty: not known.

        Returns:
            Lines of one hunk each, in the order of the change.
        """
        rows = self._side(path, side)
        kept = self.holds(part)
        return [
            run
            for run in rows.runs(wanted)
            if self._allows(part, rows.digests[run[0].number(side)])
            and (kept or side is Side.NEW or any(line.side is side for line in run))
        ]

    def _allows(self, part: str, digest: str) -> bool:
        if self.holds(part):
            return digest == part
        return not part or digest not in self._reviewed

    def _side(self, path: str, side: Side) -> _Rows:
        if (path, side) not in self._rows:
            self._rows[path, side] = _Rows()
            for file in self._files[path]:
                for hunk in file.hunks:
                    digest = self._digests.get((path, hunk.old_start, hunk.new_start), "")
                    self._rows[path, side].add(hunk, side, digest)
        return self._rows[path, side]
