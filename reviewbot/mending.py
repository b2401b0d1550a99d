"""How a suggestion takes the place of lines in a text. Alone knows when those lines are proven to be the ones meant.

The lines have to stand in the text as they were reviewed, character for character; how they end is the text's own
affair. Where they are is known for sure in two ways: the text is the one that was reviewed, or it has these lines once,
so had the one that was reviewed, and they stand beside a line that they stood beside then. A report that nothing is
known of beside it is believed where it says they are, as long as they stand nowhere else. All else would be a guess,
and no line is written over on a guess.
"""

import hashlib
import re
import unicodedata
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum

from reviewbot.diff import Side
from reviewbot.finding import Finding
from reviewbot.quoting import weak

REACH = 50
"""Lines on each side of others among which one is looked for that tells where they stand."""

_BOM = "\ufeff"
_UNDECODED = re.compile("[\udc80-\udcff]")
_UNSEEN = {"Cc", "Cf", "Cn", "Co", "Cs", "Zl", "Zp"}
"""What no reader sees, by its category in Unicode."""


class Left(StrEnum):
    """Why a suggestion is not carried out, said of the suggestion."""

    NONE = "there is no suggestion"
    OLD_LINES = "its lines are not in the new version"
    CHANGED = "its lines have changed since the review"
    AMBIGUOUS = "its lines stand in the file more than once, and the file has changed since the review"
    MOVED = "its lines stand elsewhere now, and the report does not prove that they are the same"
    AMONG_OTHERS = "its lines stand in the file, but not beside those that were beside them in the review"
    ALREADY = "it is there already"
    OVERLAPS = "another one for the same lines is applied"
    HIDDEN = "it holds characters that nobody sees"
    ENCODING = "its file is in another encoding than UTF-8"


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
        return any(unicodedata.category(char) in _UNSEEN for char in self._came - {"\t"})

    def foreign(self, lines: Iterable[str]) -> bool:
        """True where a character comes in that its text, in another encoding than UTF-8, has in other bytes.

        Args:
            lines: of the text, as many as are known, bytes that are not UTF-8 as surrogates.
        """
        return not all(map(str.isascii, self._came)) and any(map(_UNDECODED.search, lines))

    @property
    def _came(self) -> set[str]:
        """The characters that were not there before."""
        return set("".join(self.new)) - set("".join(self.old))


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
        return _digest(self.mark + "".join(line + ("\n" if end else "") for line, end in rows))

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


def _digest(said: str) -> str:
    return hashlib.sha256(said.encode("utf-8", "surrogatepass")).hexdigest()


def _places(lines: Sequence[str], run: Sequence[str]) -> list[int]:
    size = len(run)
    return [at for at in range(len(lines) - size + 1) if lines[at] == run[0] and lines[at : at + size] == run]


@dataclass(frozen=True, slots=True)
class Proof:
    """What is known of a reviewed text where a suggestion is to be carried out.

    Attributes:
        digest: of the text.
        copies: how often it has the lines that are replaced, then or once they are replaced.
        beside: digests of the nearest lines before and after them that say something; where there is none, of "".
    """

    digest: str
    copies: int
    beside: tuple[str, str]


def proof(text: Text, wanted: Mend) -> Proof | None:
    """What proves a place later; None for a text that does not have the lines there."""
    stated = wanted.start - 1
    if stated not in text.places(wanted.old):
        return None
    before, after = _beside(text, stated, wanted.old)
    return Proof(text.digest, _copies(text, wanted, stated), (_digest(before), _digest(after)))


def _beside(text: Text, place: int, lines: Sequence[str]) -> tuple[str, str]:
    """The nearest lines before and after lines at an index that say something; "" where there is none."""
    stop = place + len(lines)
    before, after = text.lines[max(0, place - REACH) : place][::-1], text.lines[stop : stop + REACH]
    return next(filter(_tells, before), ""), next(filter(_tells, after), "")


def _tells(line: str) -> bool:
    return not weak([line])


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
    stated = wanted.start - 1
    if proven and proven.digest == text.digest and stated in places:
        return Left.ALREADY if _stands(text, wanted, stated) else stated
    if any(_stands(text, wanted, place) for place in places) or _done(text, wanted, proven, gone=not places):
        return Left.ALREADY
    if not places:
        return Left.CHANGED
    if max(proven.copies if proven else 1, _copies(text, wanted, places[0])) > 1:
        return Left.AMBIGUOUS
    if proven and not _at_home(text, wanted, proven, at=places[0], lines=wanted.old):
        return Left.AMONG_OTHERS
    return places[0] if proven or places[0] == stated else Left.MOVED


def _at_home(text: Text, wanted: Mend, proven: Proof, *, at: int, lines: Sequence[str]) -> bool:
    """Whether lines at an index stand beside what was beside the old ones."""
    beside = _beside(text, at, lines)
    same = [line for line, then in zip(beside, proven.beside, strict=True) if line and _digest(line) == then]
    # Of those that moved a neighbour tells nothing that other lines may have as well.
    told = any(at == wanted.start - 1 or text.lines.count(line) == 1 for line in same)
    # Few words stand anywhere.
    return told and (not weak(lines) or (_digest(beside[0]), _digest(beside[1])) == proven.beside)


def _done(text: Text, wanted: Mend, proven: Proof | None, *, gone: bool) -> bool:
    """Whether the new lines stand where the old ones were reviewed; anywhere, where the old ones are gone."""
    telling = not weak(wanted.new)
    return any(
        (telling and (gone or place == wanted.start - 1))
        or (proven is not None and _at_home(text, wanted, proven, at=place, lines=wanted.new))
        for place in (text.places(wanted.new) if wanted.new else ())
    )


def _stands(text: Text, wanted: Mend, place: int) -> bool:
    """Whether the old lines at an index are part of the new ones, which stand there already."""
    starts = (place - offset for offset in (_places(wanted.new, wanted.old) if wanted.new else ()))
    return any(start >= 0 and text.lines[start : start + len(wanted.new)] == wanted.new for start in starts)


def ranked(findings: Iterable[Finding]) -> list[Finding]:
    """The worst and surest first: where two want the same lines, the first one gets them."""
    return sorted(findings, key=lambda one: (one.draft.severity.rank, -one.draft.confidence))
