"""How much two findings have in common. Alone knows which lines say something."""

from collections import Counter
from collections.abc import Collection, Hashable, Sequence
from dataclasses import dataclass

from reviewbot.finding import Category, Finding
from reviewbot.whereabouts import bare

_TELLING = 7
"""Letters and digits of a line that says something: a brace, an `else` or a bare `return` is in every file."""


@dataclass(frozen=True, slots=True)
class Look:
    """What of a finding is compared.

    Attributes:
        lines: of its excerpt.
        telling: those of them that say something.
        twin: its place among findings that look the same, and how many these are.
    """

    lines: tuple[str, ...]
    telling: frozenset[str]
    twin: tuple[int, int]

    @property
    def traits(self) -> Collection[Hashable]:
        """What another one has to share; where no line says anything, all of them."""
        return self.telling or (self.lines,)


def looks(findings: Sequence[tuple[Finding, str | None]]) -> list[Look]:
    """What of findings is compared, each given with its path, in their order."""
    lines = [bare(one.excerpt) for one, _ in findings]
    keys = [
        (path, one.anchor.side, one.draft.category, text) for (one, path), text in zip(findings, lines, strict=True)
    ]
    total, seen = Counter(keys), Counter[Hashable]()
    looks = []
    for key, text in zip(keys, lines, strict=True):
        looks.append(Look(text, frozenset(filter(says, text)), (seen[key], total[key])))
        seen[key] += 1
    return looks


def same(one: Finding, other: Finding) -> bool:
    """Whether two findings, of one file through renames, are about the same."""
    seen = looks([(one, ""), (other, "")])
    return kind(one) == kind(other) and not {*seen[0].traits}.isdisjoint(seen[1].traits)


def kind(finding: Finding) -> tuple[Category, str]:
    """What two findings have to share. Of a credential that is its prose too, which holds the hash of the value."""
    category = finding.draft.category
    return category, finding.draft.body if category is Category.SECRET else ""


def likeness(one: Finding, look: Look, told: Finding, told_look: Look) -> tuple[bool, bool, int, int, bool, int] | None:
    """How much two findings differ, the least first; None where they are not the same."""
    differs, other_side = look.lines != told_look.lines, one.anchor.side is not told.anchor.side
    if other_side and not look.telling:
        return None
    # Where all of those that look alike moved, they did so in their order.
    (place, count), (told_place, told_count) = look.twin, told_look.twin
    astray = not differs and count == told_count and place != told_place
    common = len(look.telling & told_look.telling)
    weight = abs(one.draft.severity.rank - told.draft.severity.rank)
    return differs, other_side, -common, weight, astray, abs(one.anchor.start - told.anchor.start)


def says(line: str) -> bool:
    """Whether a bare line says something."""
    return sum(map(str.isalnum, line)) >= _TELLING
