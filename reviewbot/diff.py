"""What a change is made of: files, hunks and lines with both their numbers. No text format, no git."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from itertools import pairwise


class Side(StrEnum):
    """Which version of a file a number counts in."""

    OLD = "old"
    NEW = "new"


class LineKind(StrEnum):
    """What happened to a line; the value is the sign every diff shows it with."""

    CONTEXT = " "
    ADDED = "+"
    DELETED = "-"


class Status(StrEnum):
    """What happened to a file."""

    ADDED = "added"
    MODIFIED = "modified"
    DELETED = "deleted"
    RENAMED = "renamed"
    COPIED = "copied"
    TYPE_CHANGED = "type_changed"
    UNMERGED = "unmerged"


@dataclass(frozen=True, slots=True)
class Line:
    r"""One line of a hunk.

    Attributes:
        kind: context, added or deleted.
        text: the line without its ending `\n`; a `\r` before it stays. Bytes that are not UTF-8 are surrogates.
        old: number in the old file, from 1; None for an added line.
        new: number in the new file, from 1; None for a deleted line.
        newline: False where the file ends without a newline after this line.
    """

    kind: LineKind
    text: str
    old: int | None
    new: int | None
    newline: bool = True

    @property
    def changed(self) -> bool:
        """True for an added or a deleted line."""
        return self.kind is not LineKind.CONTEXT

    @property
    def side(self) -> Side:
        """The side a reader means by this line: old for a deleted one, new for all others."""
        return Side.OLD if self.kind is LineKind.DELETED else Side.NEW

    def number(self, side: Side) -> int | None:
        """The line's number on one side, or None where it does not exist there."""
        return self.old if side is Side.OLD else self.new


@dataclass(frozen=True, slots=True)
class Hunk:
    """Consecutive lines of a file diff, numbered as git numbers them.

    Attributes:
        old_start: number of the first old line, or of the line before it where the hunk has no old line.
        new_start: the same for the new side.
        lines: in the order of the diff.
        section: what git prints after the second `@@`, usually the enclosing function.
    """

    old_start: int
    new_start: int
    lines: tuple[Line, ...]
    section: str = ""

    @property
    def old_count(self) -> int:
        """How many lines the hunk has on the old side."""
        return sum(line.old is not None for line in self.lines)

    @property
    def new_count(self) -> int:
        """How many lines the hunk has on the new side."""
        return sum(line.new is not None for line in self.lines)

    @property
    def changed(self) -> int:
        """How many lines are added or deleted."""
        return sum(line.changed for line in self.lines)

    def parts(self, cuts: Sequence[int]) -> tuple["Hunk", ...]:
        """Cut the hunk into valid hunks whose lines keep their numbers.

        Args:
            cuts: rising indexes into `lines`, each the first line of a new part.
        """
        old = self.old_start + (self.old_count == 0)
        new = self.new_start + (self.new_count == 0)
        made = []
        for start, stop in pairwise((0, *cuts, len(self.lines))):
            lines = self.lines[start:stop]
            olds = sum(line.old is not None for line in lines)
            news = sum(line.new is not None for line in lines)
            made.append(Hunk(old - (olds == 0), new - (news == 0), lines, self.section))
            old, new = old + olds, new + news
        return tuple(made)


@dataclass(frozen=True, slots=True)
class FileDiff:
    """The change of one file, or a part of it: with fewer hunks it is still a `FileDiff`.

    Attributes:
        path: the file's name, `/`-separated, relative to the top of the repository; the old name for a deletion.
        status: what happened to the file.
        hunks: in the order of the file; empty where no text changed.
        old_path: the name before a rename or copy, else None.
        binary: True where git shows no text.
        old_mode: git's six-digit mode before, None where not known or where there was no file.
        new_mode: the same for after.
    """

    path: str
    status: Status
    hunks: tuple[Hunk, ...] = ()
    old_path: str | None = None
    binary: bool = False
    old_mode: str | None = None
    new_mode: str | None = None

    @property
    def added(self) -> int:
        """How many lines are added."""
        return sum(line.kind is LineKind.ADDED for hunk in self.hunks for line in hunk.lines)

    @property
    def deleted(self) -> int:
        """How many lines are deleted."""
        return sum(line.kind is LineKind.DELETED for hunk in self.hunks for line in hunk.lines)

    @property
    def changed(self) -> int:
        """How many lines are added or deleted."""
        return sum(hunk.changed for hunk in self.hunks)

    def span(self, side: Side) -> tuple[int, int] | None:
        """First and last changed line on one side, or None where nothing changed there."""
        kind = LineKind.ADDED if side is Side.NEW else LineKind.DELETED
        numbers = [line.number(side) for hunk in self.hunks for line in hunk.lines if line.kind is kind]
        known = [number for number in numbers if number is not None]
        return (known[0], known[-1]) if known else None

    def with_hunks(self, hunks: Sequence[Hunk]) -> "FileDiff":
        """The same file with other hunks."""
        return replace(self, hunks=tuple(hunks))
