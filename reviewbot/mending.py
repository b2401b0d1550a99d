"""How a suggestion takes the place of lines in a text. Alone knows when those lines are proven to be the ones meant.

The lines have to stand in the text as they were reviewed, character for character; how they end is the text's own
affair. Where they are is known for sure in two ways: the text is the one that was reviewed, or it has these lines once
and so had the one that was reviewed. A report that nothing is known of beside it is believed where it says they are,
as long as they stand nowhere else. All else would be a guess, and no line is written over on a guess.
"""

import hashlib
import unicodedata
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum

from reviewbot.diff import FileDiff, Hunk, Line, LineKind, Side, Status
from reviewbot.finding import Finding
from reviewbot.quoting import weak

CONTEXT = 3
"""Lines that a diff shows on each side of a change."""

_BOM = "\ufeff"
_UNSEEN = {"Cc", "Cf", "Cn", "Co", "Cs", "Zl", "Zp"}
"""What no reader sees, by its category in Unicode."""


class Left(StrEnum):
    """Why a suggestion is not carried out, said of the suggestion."""

    NONE = "there is no suggestion"
    OLD_LINES = "its lines are not in the new version"
    CHANGED = "its lines have changed since the review"
    AMBIGUOUS = "its lines stand in the file more than once, and the file has changed since the review"
    MOVED = "its lines stand elsewhere now, and the report does not prove that they are the same"
    ALREADY = "it is there already"
    OVERLAPS = "another one for the same lines is applied"
    HIDDEN = "it holds characters that nobody sees"


@dataclass(frozen=True, slots=True)
class Mend:
    r"""Lines that take the place of others.

    Attributes:
        start: number of the first old line in the reviewed text.
        old: the lines that are replaced, at least one, without their ends.
        new: what is written instead; none: the old ones are deleted.
    """

    start: int
    old: tuple[str, ...]
    new: tuple[str, ...]

    @property
    def hides(self) -> bool:
        """True where a character comes in that nobody sees, and that was not there before."""
        came = {char for line in self.new for char in line} - {char for line in self.old for char in line} - {"\t"}
        return any(unicodedata.category(char) in _UNSEEN for char in came)


def mend(finding: Finding) -> Mend | Left:
    """What the suggestion of a finding asks for, or why it cannot be done."""
    anchor, said = finding.anchor, finding.draft.suggestion
    if said is None:
        return Left.NONE
    if anchor.side is Side.OLD or len(finding.excerpt) != anchor.end - anchor.start + 1:
        return Left.OLD_LINES
    old = _plain(finding.excerpt, first=anchor.start == 1)
    new = _plain(said.removesuffix("\n").split("\n"), first=anchor.start == 1) if said else ()
    return Mend(anchor.start, old, new)


def _plain(lines: Sequence[str], *, first: bool) -> tuple[str, ...]:
    """Lines without what belongs to the text and not to them."""
    bare = [line.removesuffix("\r") for line in lines]
    return (bare[0].removeprefix(_BOM) if first else bare[0], *bare[1:])


@dataclass(frozen=True, slots=True)
class Text:
    r"""A text in lines; put together again it is the same.

    Attributes:
        mark: the byte order mark it begins with, or nothing.
        lines: without their ends.
        ends: of each line: `\n`, `\r\n`, or nothing where the text ends without one.
    """

    mark: str
    lines: tuple[str, ...]
    ends: tuple[str, ...]

    @classmethod
    def of(cls, text: str) -> "Text":
        """A text, read."""
        mark = _BOM if text.startswith(_BOM) else ""
        *ended, last = text.removeprefix(mark).split("\n")
        lines = (*(line.removesuffix("\r") for line in ended), *([last] if last else []))
        ends = (*("\r\n" if line.endswith("\r") else "\n" for line in ended), *([""] if last else []))
        return cls(mark, lines, ends)

    @property
    def digest(self) -> str:
        """The same for the same lines, whatever they end with: git may write other ends than it keeps."""
        rows = zip(self.lines, self.ends, strict=True)
        said = self.mark + "".join(line + ("\n" if end else "") for line, end in rows)
        return hashlib.sha256(said.encode("utf-8", "surrogatepass")).hexdigest()

    def __str__(self) -> str:
        """All of it."""
        return self.mark + "".join(line + end for line, end in zip(self.lines, self.ends, strict=True))

    def places(self, run: Sequence[str]) -> list[int]:
        """The indexes at which lines begin that read so."""
        return _places(self.lines, tuple(run))

    def mended(self, mends: Iterable[tuple[int, Mend]]) -> "Text":
        """The text with lines replaced; all others stay as they are, byte for byte.

        Args:
            mends: what is replaced, and the index at which it begins; none overlaps another.
        """
        lines: list[str] = []
        ends: list[str] = []
        for kept, done in self.blocks(mends):
            lines += self.lines[kept]
            ends += self.ends[kept]
            if done:
                lines += done[1].new
                ends += self._ends(*done)
        # A mark before nothing would be all there is.
        return Text(self.mark if lines else "", tuple(lines), tuple(ends))

    def blocks(self, mends: Iterable[tuple[int, Mend]]) -> Iterator[tuple[slice, tuple[int, Mend] | None]]:
        """The lines that stay, in order, each time with what is replaced behind them; nothing behind the last ones."""
        at = 0
        for place, done in sorted(mends, key=lambda one: one[0]):
            yield slice(at, place), (place, done)
            at = place + len(done.old)
        yield slice(at, None), None

    def _ends(self, place: int, done: Mend) -> list[str]:
        """How the new lines end: as the old ones do, one by one, and those beyond as the last of them."""
        before = self.ends[place : place + len(done.old)]
        usual = next((end for end in (*reversed(before), *self.ends) if end), "\n")
        ends = [(before[min(at, len(before) - 1)] or usual) for at in range(len(done.new))]
        return [*ends[:-1], ""] if ends and not before[-1] else ends


def _places(lines: Sequence[str], run: Sequence[str]) -> list[int]:
    size = len(run)
    return [at for at in range(len(lines) - size + 1) if lines[at] == run[0] and lines[at : at + size] == run]


@dataclass(frozen=True, slots=True)
class Proof:
    """What is known of a reviewed text where a suggestion is to be carried out.

    Attributes:
        digest: of the text.
        copies: how often it has the lines that are replaced, then or once they are replaced.
    """

    digest: str
    copies: int


def proof(text: Text, wanted: Mend) -> Proof | None:
    """What proves a place later; None for a text that does not have the lines there."""
    stated = wanted.start - 1
    return Proof(text.digest, _copies(text, wanted, stated)) if stated in text.places(wanted.old) else None


def _copies(text: Text, wanted: Mend, place: int) -> int:
    """How often a text has the lines, those too that it gets by a suggestion: nobody wants to have it twice."""
    after = text.mended([(place, wanted)])
    again = [one for one in after.places(wanted.old) if not _stands(after, wanted, one)]
    return max(len(text.places(wanted.old)), 1 + len(again))


def proofs(findings: Iterable[Finding], content: Callable[[str], str | None]) -> dict[str, Proof]:
    """What proves the places of suggestions later, by fingerprint.

    Args:
        findings: those that have none are left out.
        content: of a file as it was reviewed, bytes that are not text as surrogates; None where it is not at hand.
    """
    made: dict[str, Proof] = {}
    for finding in findings:
        wanted = mend(finding)
        said = content(finding.anchor.path) if isinstance(wanted, Mend) else None
        found = proof(Text.of(said), wanted) if said is not None and isinstance(wanted, Mend) else None
        if found:
            made[finding.fingerprint] = found
    return made


def locate(text: Text, wanted: Mend, *, proven: Proof | None) -> int | Left:
    """The index at which the lines stand that are to be replaced, or why none is sure.

    Args:
        text: as it is now.
        wanted: what is to be replaced.
        proven: what is known of the reviewed text, None: nothing.
    """
    places = text.places(wanted.old)
    if not places:
        # Few words stand anywhere.
        there = wanted.new and not weak(wanted.new) and text.places(wanted.new)
        return Left.ALREADY if there else Left.CHANGED
    stated = wanted.start - 1
    as_reviewed = proven is not None and proven.digest == text.digest and stated in places
    places = [stated] if as_reviewed else places
    if any(_stands(text, wanted, place) for place in places):
        return Left.ALREADY
    if not as_reviewed and max(proven.copies if proven else 1, _copies(text, wanted, places[0])) > 1:
        return Left.AMBIGUOUS
    return places[0] if proven or places[0] == stated else Left.MOVED


def _stands(text: Text, wanted: Mend, place: int) -> bool:
    """Whether the old lines at an index are part of the new ones, which stand there already."""
    starts = (place - offset for offset in (_places(wanted.new, wanted.old) if wanted.new else ()))
    return any(start >= 0 and text.lines[start : start + len(wanted.new)] == wanted.new for start in starts)


def ranked(findings: Iterable[Finding]) -> list[Finding]:
    """The worst and surest first: where two want the same lines, the first one gets them."""
    return sorted(findings, key=lambda one: (one.draft.severity.rank, -one.draft.confidence))


def difference(path: str, text: Text, mends: Sequence[tuple[int, Mend]]) -> FileDiff:
    """What a mended text differs in, as a diff with a few lines of context.

    Args:
        path: of the file.
        text: before.
        mends: as of `Text.mended`, at least one.
    """
    after = text.mended(mends)
    old, new = _Side(text), _Side(after)
    lines: list[Line] = []
    for kept, done in text.blocks(mends):
        for _ in range(*kept.indices(len(text.lines))):
            # A mark that stands before the first line goes before the next one with it.
            same = old.peek() == new.peek()
            lines += [_both(old.take(), new.take())] if same else [old.gone(), new.came()]
        if done:
            lines += [old.gone() for _ in done[1].old]
            lines += [new.came() for _ in done[1].new]
    return FileDiff(path, Status.MODIFIED, _hunks(lines))


@dataclass(slots=True)
class _Side:
    """The lines of a text as a diff has them, one after the other."""

    text: Text
    at: int = 0

    def peek(self) -> tuple[str, bool]:
        mark = self.text.mark if self.at == 0 else ""
        end = self.text.ends[self.at]
        return mark + self.text.lines[self.at] + end.removesuffix("\n"), end != ""

    def take(self) -> tuple[int, str, bool]:
        said, ended = self.peek()
        self.at += 1
        return self.at, said, ended

    def gone(self) -> Line:
        number, said, ended = self.take()
        return Line(LineKind.DELETED, said, number, None, ended)

    def came(self) -> Line:
        number, said, ended = self.take()
        return Line(LineKind.ADDED, said, None, number, ended)


def _both(old: tuple[int, str, bool], new: tuple[int, str, bool]) -> Line:
    return Line(LineKind.CONTEXT, old[1], old[0], new[0], old[2])


def _hunks(lines: Sequence[Line]) -> tuple[Hunk, ...]:
    """The changed lines with their context; what lies between two changes only as far as it is context."""
    cuts: list[int] = []
    for at, line in enumerate(lines):
        if not line.changed:
            continue
        start, stop = max(0, at - CONTEXT), min(len(lines), at + 1 + CONTEXT)
        # Where the context of two changes meets, they share a hunk.
        cuts = [*cuts[:-1], stop] if cuts and start <= cuts[-1] else [*cuts, start, stop]
    old, new = (int(any(line.number(side) for line in lines)) for side in Side)
    return Hunk(old, new, tuple(lines)).parts(cuts)[1::2]
