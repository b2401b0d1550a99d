"""What a model needs to see beside a diff. Alone knows which pieces of the reviewed tree help, and which help most."""

from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache

from reviewbot._context_change import Reader, Touched, shown_lines, touched
from reviewbot._context_fit import AsideSize, Candidate, Selection, Span
from reviewbot._context_found import FAR, HEAD, Found, Page, distance, is_test, signature
from reviewbot.aside import Aside, AsideReason
from reviewbot.diff import FileDiff
from reviewbot.guide import Match
from reviewbot.ports import Hit, Tree
from reviewbot.syntax import Definition, Kind, endings

MOST_WORDS = 60
"""Names that one search asks for."""

MOST_HITS = 150
"""A name with more hits in the tree is everywhere, and says nothing."""

MOST_FILES = 40
"""Files beside the changed ones that are read for one chunk, and how many bytes of them."""
MOST_BYTES = 4_000_000

WHOLE = 60
"""Lines of an enclosing function that is shown whole, and of an enclosing class."""
WHOLE_CLASS = 30

AROUND = 12
"""Lines on each side of a changed one where what encloses it is larger."""

SHORTEST = 2
"""Characters of a name that may say something, and of one that other files are searched for."""
SHORTEST_FAR = 3

_TYPES = {Kind.CLASS, Kind.TYPE}

Wanted = dict[str, tuple[int, Touched]]
"""Names, with the rank of what is found for each and the changed file that asks."""


def context(
    files: Sequence[FileDiff],
    *,
    tree: Tree,
    syntax: Reader,
    hide: Callable[[str], str],
    size: AsideSize,
    room: int,
    shown: Match,
) -> tuple[Aside, ...]:
    """What to show beside the diff of one chunk.

    Args:
        files: the chunk's, whole or in parts.
        tree: the files as the change leaves them.
        syntax: says what a text defines, by its path.
        hide: takes the credentials out of a whole file, and keeps the number of its lines.
        size: measures.
        room: tokens that all of it may take.
        shown: whether another file than those of the chunk may be shown, by its path.

    Returns:
        Pieces that do not overlap and repeat no line of the diff; the files in the order in which they help most.

    Raises:
        SourceError: the tree cannot be read.
    """
    desk = _Desk(tree, syntax, shown)
    changes = [one for file in files if (one := _touched(file, desk))] if room > 0 else []
    if not changes:
        return ()
    pages = {change.path: Page(change.path, change.lines, change.outline) for change in changes}
    in_diff: dict[str, frozenset[int]] = {}
    for file in files:
        in_diff[file.path] = in_diff.get(file.path, frozenset()) | shown_lines(file)

    @cache
    def text(path: str) -> list[str]:
        return hide("\n".join(pages[path].lines)).split("\n")

    candidates = sorted(_candidates(changes, desk, pages, in_diff))
    selection = Selection(text, in_diff, size)
    # What is around the changes leaves room for what is elsewhere, and takes what is left of it.
    for share in (room // 2, room):
        for candidate in candidates:
            selection.take(candidate, share if candidate.reason is AsideReason.ENCLOSING else room)
    return selection.asides()


def _candidates(
    changes: Sequence[Touched], desk: "_Desk", pages: dict[str, Page], in_diff: Mapping[str, Collection[int]]
) -> Iterator[Candidate]:
    """Everything that would help. What is read on the way is added to the pages."""
    for change in changes:
        yield from (*_enclosing(change), *_imports(change))
    callers, definitions = _callers_wanted(changes), _definitions_wanted(changes)
    ranks = {name: rank for name, (rank, _) in definitions.items()}
    reached = {name: said for name, said in _reached_wanted(changes).items() if name not in callers}
    for name, (rank, _) in (*callers.items(), *reached.items()):
        ranks[name] = min(rank, ranks.get(name, rank))
    words = sorted((word for word in ranks if len(word) >= SHORTEST_FAR), key=lambda word: (ranks[word], word))
    families = {change.outline.family for change in changes}
    hits = desk.tree.grep(words[:MOST_WORDS], endings=endings(families), most=MOST_HITS) if words else ()
    pages |= desk.fetch(hits, changes)
    found = Found(pages, hits, in_diff)
    for name, (rank, by) in definitions.items():
        yield from found.definitions(name, rank, by)
    for name, (rank, by) in callers.items():
        yield from found.callers(name, rank, by)
    for name, (rank, by) in reached.items():
        if any(found.inner(used, by) for used in by.through[name]):
            yield from found.callers(name, rank, by)


@dataclass(slots=True)
class _Desk:
    """Reads files, as many as are worth the time."""

    tree: Tree
    syntax: Reader
    shown: Match
    left: int = MOST_BYTES

    def text(self, path: str) -> str | None:
        """A file's text, None where it has none."""
        data = self.tree.read(path)
        return None if data is None or b"\0" in data else data.decode("utf-8", "surrogateescape")

    def fetch(self, hits: Sequence[Hit], changes: Sequence[Touched]) -> dict[str, Page]:
        """The files that most likely say something about the words they hold."""
        known = {change.path for change in changes}
        words = Counter(hit.word for hit in hits)
        worth: dict[str, float] = {}
        for path, word in sorted({(hit.path, hit.word) for hit in hits}):
            if path not in known and self.shown(path):
                near = min(distance(change, path) for change in changes)
                worth[path] = worth.get(path, 3.0 - min(near, FAR)) + 1 / words[word]
        pages = {}
        for path in sorted(worth, key=lambda path: (is_test(path), -worth[path], path))[:MOST_FILES]:
            text = self.text(path)
            if text is None or len(text) > self.left:
                continue
            self.left -= len(text)
            if outline := self.syntax(path, text):
                pages[path] = Page(path, tuple(text.split("\n")), outline)
        return pages


def _touched(file: FileDiff, desk: _Desk) -> Touched | None:
    return touched(file, desk.text(file.path) or "", read=desk.syntax) if file.hunks else None


def _callers_wanted(changes: Sequence[Touched]) -> Wanted:
    """Whose callers are looked for: what others relied on comes first."""
    broken = [(name, change) for change in changes for name in change.broken]
    altered = [(name, change) for change in changes for name in change.altered]
    added = [(name, change) for change in changes for name in change.added]
    return _ranked((6, 3, broken), (14, 4, altered), (30, 4, added))


def _reached_wanted(changes: Sequence[Touched]) -> Wanted:
    """Whose callers a change reaches through the rest of its file."""
    return _ranked((34, 4, [(name, change) for change in changes for name in change.through]))


def _definitions_wanted(changes: Sequence[Touched]) -> Wanted:
    """Which names are explained: what is called, then what else is used, then what is no more."""
    called = [(name, change) for change in changes for name in change.names.called]
    used = [(name, change) for change in changes for name in change.names.used]
    gone = [(name, change) for change in changes for name in (*change.gone.called, *change.gone.used)]
    return _ranked((8, 3, called), (16, 4, used), (40, 4, gone))


def _ranked(*groups: tuple[int, int, list[tuple[str, Touched]]]) -> Wanted:
    """The names that say something, each with the first rank of its group and so much more for every one before it."""
    wanted: Wanted = {}
    for rank, step, said in groups:
        for place, (name, change) in enumerate(one for one in said if _speaks(one[0])):
            wanted.setdefault(name, (rank + step * place, change))
    return wanted


def _speaks(name: str) -> bool:
    return len(name.strip("_@#")) >= SHORTEST and not name.startswith("__")


def _enclosing(change: Touched) -> Iterator[Candidate]:
    """What the changed lines lie in: the largest definition that is small enough, else what is around them."""
    groups: dict[tuple[Definition, ...], list[int]] = {}
    for place in change.places:
        chain = [one for one in change.outline.enclosing(place) if one.kind is not Kind.FIELD]
        until = next((depth for depth, one in enumerate(chain, 1) if _small(one)), len(chain))
        if chain:
            groups.setdefault(tuple(chain[:until]), []).append(place)
    for number, (chain_of, places) in enumerate(groups.items()):
        *outer, inner = chain_of
        above = tuple((one.line, one.line) for one in outer)
        around = tuple((max(inner.start, at - AROUND), min(inner.end, at + AROUND)) for at in places)
        forms: tuple[tuple[Span, ...], ...] = ((*above, signature(inner), *around), (*above, signature(inner)))
        if _small(inner):
            forms = ((*above, (inner.start, inner.end)), *forms)
        yield Candidate(4 * number, change.path, forms, AsideReason.ENCLOSING, inner.name)
    for one in dict.fromkeys(one for chain in groups for one in chain if one.kind in _TYPES and not _small(one)):
        head = (one.signature[0], _head(one, change.outline.definitions))
        yield Candidate(12, change.path, ((head,),), AsideReason.ENCLOSING, one.name)


def _head(one: Definition, definitions: Iterable[Definition]) -> int:
    """The last line of what a class says before its first method: its fields, and what holds for all of its methods."""
    parts = (other for other in definitions if one.line < other.line <= one.end)
    bodies = (part.start for part in parts if part.kind in {*_TYPES, Kind.FUNCTION, Kind.METHOD})
    return min(next(bodies, one.end + 1) - 1, one.signature[1] + HEAD)


def _small(one: Definition) -> bool:
    most = WHOLE if one.kind in {Kind.FUNCTION, Kind.METHOD} else WHOLE_CLASS
    return one.end - one.start < most


def _imports(change: Touched) -> Iterator[Candidate]:
    """The imports that bring in what changed lines use."""
    names = {*change.names.called, *change.names.used}
    needed = [one for one in change.outline.imports if one.words & names]
    for number, one in enumerate(needed):
        span = (one.start, min(one.end, one.start + HEAD))
        yield Candidate(10 + 3 * number, change.path, ((span,),), AsideReason.IMPORTS)
