"""Where the names of a change stand in the files that were read. Alone knows which of several places is meant."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from posixpath import basename, dirname, splitext

from reviewbot._context_change import Touched
from reviewbot._context_fit import Candidate, Span
from reviewbot.aside import AsideReason
from reviewbot.ports import Hit
from reviewbot.syntax import Definition, Kind, Outline

MOST_CALLERS = 3
"""Callers of one name."""

MOST_DEFINITIONS = 2
"""Definitions of one name; where it has more than `AMBIGUOUS` and none is near, none is shown."""
AMBIGUOUS = 4

WHOLE_DEFINITION = 30
"""Lines of a definition that is shown whole, and of a function around a use."""
WHOLE_CALLER = 12

HEAD = 8
"""Lines of a larger definition."""

BEFORE_USE = 2
AFTER_USE = 5
"""Lines about a use. What becomes of a result stands behind it: of 111,000 in large functions of Python packages 55 %
are used within 2 lines, 76 % within 5."""

FAR = 3
"""The distance of a file that a changed one has nothing to do with."""

TEST = 10
"""How much farther tests are."""

_TYPES = {Kind.CLASS, Kind.TYPE, Kind.CONSTANT}


@dataclass(frozen=True, slots=True)
class Page:
    """A file that was read."""

    path: str
    lines: tuple[str, ...]
    outline: Outline


@dataclass(frozen=True, slots=True)
class Found:
    """What was read, and where names stand in it."""

    pages: dict[str, Page]
    hits: Sequence[Hit]
    shown: Mapping[str, Collection[int]]
    by_name: dict[str, list[tuple[Page, Definition]]] = field(default_factory=dict)
    by_word: dict[str, list[Hit]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for page in self.pages.values():
            for one in page.outline.definitions:
                self.by_name.setdefault(one.name, []).append((page, one))
        for hit in self.hits:
            self.by_word.setdefault(hit.word, []).append(hit)

    def definitions(self, name: str, rank: int, by: Touched) -> Iterator[Candidate]:
        """Where a name gets its meaning: the nearest places."""
        found = [
            (distance(by, page.path), one.signature[1] >= one.end, page.path, one)
            for page, one in self.by_name.get(name, ())
            if _explains(one, page, by)
        ]
        found.sort(key=lambda one: (*one[:3], one[3].line))
        near = [one for one in found if one[0] < FAR]
        if len(found) > AMBIGUOUS and not near:
            return
        for far, _, path, one in (near or found)[:MOST_DEFINITIONS]:
            around = self.pages[path].outline.enclosing(one.line)
            above = tuple((outer.line, outer.line) for outer in around if outer is not one)
            head = (*above, signature(one, HEAD))
            whole = (*above, (max(one.start, one.signature[0] - HEAD), one.end))
            forms = (whole, head) if one.end - one.signature[0] < WHOLE_DEFINITION else (head,)
            yield Candidate(rank + far, path, forms, AsideReason.DEFINITION, name)

    def callers(self, name: str, rank: int, by: Touched) -> Iterator[Candidate]:
        """Where a name is used: the nearest places, one of each function, tests last."""
        hits = [hit for hit in self.by_word.get(name, ()) if hit.path in self.pages]
        near = {hit.path: distance(by, hit.path, self.pages[hit.path].outline) for hit in hits}
        if any(page.path != by.path and one.kind is not Kind.FIELD for page, one in self.by_name.get(name, ())):
            hits = [hit for hit in hits if near[hit.path] % TEST < FAR]
        seen: set[tuple[str, tuple[Definition, ...]]] = set()
        for hit in sorted(hits, key=lambda hit: (near[hit.path], hit.path, hit.line)):
            outline = self.pages[hit.path].outline
            around = tuple(one for one in outline.enclosing(hit.line) if one.kind is not Kind.FIELD)
            if (hit.path, around) in seen or self._known(hit) or not _uses(outline, hit):
                continue
            seen.add((hit.path, around))
            far = near[hit.path]
            yield Candidate(rank + len(seen) + 2 * far, hit.path, _call(hit, around), AsideReason.CALLER, name)
            if len(seen) == MOST_CALLERS:
                return

    def inner(self, name: str, by: Touched) -> bool:
        """Whether only the file that defines a name uses it, as far as files were read."""
        far = [hit for hit in self.by_word.get(name, ()) if hit.path != by.path and hit.path in self.pages]
        return not any(_uses(self.pages[hit.path].outline, hit) for hit in far)

    def _known(self, hit: Hit) -> bool:
        return hit.line in self.shown.get(hit.path, ())


def _uses(outline: Outline, hit: Hit) -> bool:
    """Whether a hit is a use: no definition, no import, no word of a comment."""
    names = outline.names([hit.line])
    imported = any(one.start <= hit.line <= one.end for one in outline.imports)
    return not imported and hit.word in {*names.called, *names.used}


def _call(hit: Hit, around: Sequence[Definition]) -> tuple[tuple[Span, ...], ...]:
    """The lines about a use, with the first line of every definition that it lies in."""
    if not around:
        return (((hit.line - 1, hit.line + 1),),)
    *outer, inner = around
    above = tuple((one.line, one.line) for one in outer)
    first = max(inner.signature[0], hit.line - BEFORE_USE)
    behind = (min(inner.end, hit.line + after) for after in (AFTER_USE, BEFORE_USE))
    parts = tuple((*above, (inner.line, inner.line), (first, last)) for last in behind)
    if inner.end - inner.signature[0] < WHOLE_CALLER:
        return ((*above, (inner.signature[0], inner.end)), *parts)
    return parts


def _explains(one: Definition, page: Page, by: Touched) -> bool:
    """Whether a definition may be what a changed file means by its name."""
    if page.path == by.path:
        return True
    if one.kind in {Kind.FIELD, Kind.SCOPE}:
        return False
    imported = any(one.name in statement.words for statement in by.outline.imports)
    told = one.kind in _TYPES and not one.name.islower()
    return imported or told or one.name in {*by.names.called, *by.gone.called}


def signature(one: Definition, least: int = 1) -> Span:
    """The signature, or as many lines as are wanted at least, and never many more."""
    first, last = one.signature
    return first, min(one.end, max(last, first + least - 1), first + 2 * HEAD)


def distance(by: Touched, path: str, outline: Outline | None = None) -> int:
    """How far a file is from a changed one: 0 the same, then what imports it, its folder, the rest; tests are farther.

    Args:
        by: the changed file.
        path: of the other one.
        outline: of the other one where it uses the changed one; else the changed one uses the other.
    """
    if path == by.path:
        return 0
    user, used = (outline, by.path) if outline else (by.outline, path)
    stem, folder = splitext(basename(used))[0], basename(dirname(used))
    words = {word for one in user.imports for word in one.words}
    far = 1 if stem in words or (folder and folder in words) else 2 if dirname(path) == dirname(by.path) else FAR
    return far + TEST * (is_test(path) and not is_test(by.path))


def is_test(path: str) -> bool:
    names: Collection[str] = [part.lower() for part in path.split("/")]
    return any(name.split(".")[0] in {"test", "tests", "spec", "specs", "__tests__"} for name in names) or any(
        mark in path.rpartition("/")[2].lower() for mark in ("test_", "_test.", ".test.", ".spec.", "_spec.", "tests.")
    )
