"""Suggestions that are not shown. Alone knows why one is taken away while its finding stays."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from reviewbot.finding import Anchor


class Flaw(StrEnum):
    """Why a suggestion is not shown. A closed list."""

    UNPLACED = "unplaced"
    TOO_LONG = "too_long"
    UNCHANGED = "unchanged"
    HIDDEN_CHARACTERS = "hidden_characters"
    OTHER_ENCODING = "other_encoding"
    REPEATS_CONTEXT = "repeats_context"
    ODD_INDENTATION = "odd_indentation"
    BROKEN_SYNTAX = "broken_syntax"

    @property
    def words(self) -> str:
        """The same for people, said of the suggestion."""
        return _WORDS[self]


_WORDS = {
    Flaw.UNPLACED: "for lines that the file does not have",
    Flaw.TOO_LONG: "too long",
    Flaw.UNCHANGED: "without a change but white space",
    Flaw.HIDDEN_CHARACTERS: "with characters that nobody sees",
    Flaw.OTHER_ENCODING: "in another encoding than its file",
    Flaw.REPEATS_CONTEXT: "repeating the lines around",
    Flaw.ODD_INDENTATION: "indented in another way than the code around",
    Flaw.BROKEN_SYNTAX: "breaking the syntax",
}


@dataclass(frozen=True, slots=True)
class Withheld:
    """A suggestion that was taken away. What it suggested is not kept, so that nothing can show it.

    Attributes:
        anchor: of its finding.
        title: of its finding.
        flaw: why.
    """

    anchor: Anchor
    title: str
    flaw: Flaw


def told(withheld: Iterable[Withheld]) -> str:
    """How many there are and why, in a few words; empty for none."""
    counted = Counter(one.flaw for one in withheld)
    if not counted:
        return ""
    total = counted.total()
    # Of one alone its number was said already.
    numbers = {flaw: f"{counted[flaw]:,} " if total > 1 else "" for flaw in Flaw}
    why = ", ".join(f"{numbers[flaw]}{flaw.words}" for flaw in Flaw if counted[flaw])
    return f"{total:,} suggestion{'s' * (total > 1)} withheld: {why}"
