"""Which lines are shown beside a diff. Alone knows how pieces are merged, and how they are cut to the room there is."""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from reviewbot.aside import Aside, AsideReason

Span = tuple[int, int]
"""First and last line, from 1."""


class AsideSize(Protocol):
    """How many tokens the prompt spends beside a diff."""

    def aside(self, aside: Aside) -> int:
        """One piece with what names it."""
        ...


@dataclass(frozen=True, slots=True, order=True)
class Candidate:
    """Lines of one file that would help.

    Attributes:
        rank: smaller ones come first.
        path: the file.
        forms: spans that are shown together, in the order of preference; the first form that fits is taken.
        reason: what they have to do with the change.
        name: what they are about.
    """

    rank: int
    path: str
    forms: tuple[tuple[Span, ...], ...]
    reason: AsideReason
    name: str = ""


@dataclass(slots=True)
class Selection:
    """The lines that are shown, as far as there is room.

    Attributes:
        text: the lines of a file without its credentials; asked once for each file.
        shown: the lines of each file that the diff shows.
        size: measures.
    """

    text: Callable[[str], Sequence[str]]
    shown: Mapping[str, Collection[int]]
    size: AsideSize
    _lines: dict[str, dict[int, Candidate]] = field(default_factory=dict)
    _asides: dict[str, tuple[Aside, ...]] = field(default_factory=dict)
    _spent: dict[str, int] = field(default_factory=dict)

    def take(self, candidate: Candidate, most: int) -> None:
        """Add the first form of a candidate that fits, nothing where none does.

        Args:
            candidate: what to add.
            most: tokens that all may take with it.
        """
        path = candidate.path
        lines = self.text(path)
        chosen = self._lines.get(path, {})
        for form in candidate.forms:
            wanted = _numbers(form, len(lines)) - set(self.shown.get(path, ())) - chosen.keys()
            more = chosen | dict.fromkeys(wanted, candidate)
            asides = _merged(path, lines, more)
            spent = sum(map(self.size.aside, asides))
            if sum(self._spent.values()) - self._spent.get(path, 0) + spent <= most:
                self._lines[path], self._asides[path], self._spent[path] = more, asides, spent
                return

    def asides(self) -> tuple[Aside, ...]:
        """What was taken: files in the order in which they were first useful, lines in the order of the file."""
        return tuple(aside for asides in self._asides.values() for aside in asides)


def _numbers(form: Iterable[Span], last: int) -> set[int]:
    return {number for start, end in form for number in range(max(start, 1), min(end, last) + 1)}


def _merged(path: str, lines: Sequence[str], chosen: Mapping[int, Candidate]) -> tuple[Aside, ...]:
    """Neighbouring lines as one piece, with the reason that ranks first; blank lines at its ends are left out.

    A piece of nothing but brackets is none: what they close stands elsewhere.
    """
    runs: list[list[int]] = []
    for number in sorted(chosen):
        if not runs or runs[-1][-1] != number - 1:
            runs.append([])
        runs[-1].append(number)
    made = []
    for run in runs:
        said = [number for number in run if lines[number - 1].strip()]
        if any(char.isalnum() for number in said for char in lines[number - 1]):
            best = min(chosen[number] for number in run)
            kept = tuple(lines[said[0] - 1 : said[-1]])
            made.append(Aside(path, said[0], kept, best.reason, best.name))
    return tuple(made)
