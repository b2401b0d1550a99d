"""What a change does to one file. Alone knows how the file was before, and which definitions and names that touches."""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass

from reviewbot.diff import FileDiff, Hunk, LineKind
from reviewbot.syntax import Definition, Kind, Names, Outline

Reader = Callable[[str, str], Outline | None]
"""What a file defines and imports, by its path and its text; None where nobody can tell."""

_CONSTRUCTORS = {"__init__", "__new__", "__post_init__", "constructor", "initialize", "new"}
"""Nobody calls them by these names, but by the name of their class."""

_PARTS = {Kind.FIELD, Kind.SCOPE}
"""What others do not use by a name of its own."""


@dataclass(frozen=True, slots=True)
class Touched:
    """One file of a change, as the change leaves it.

    Attributes:
        path: its name.
        lines: all of it; empty where it is deleted.
        outline: what it defines and imports.
        shown: numbers of the lines that the diff shows.
        places: numbers of the lines that are added, and of those that something was deleted after.
        names: of the added lines.
        gone: of the deleted lines.
        broken: what it defined and defines no more, or in another way.
        altered: the functions that something changed in.
        added: what it defines now and did not before.
        through: the functions that nothing changed in and that call one of these, each with what it calls.
    """

    path: str
    lines: tuple[str, ...]
    outline: Outline
    shown: frozenset[int]
    places: tuple[int, ...]
    names: Names
    gone: Names
    broken: tuple[str, ...]
    altered: tuple[str, ...]
    added: tuple[str, ...]
    through: Mapping[str, frozenset[str]]


def shown_lines(file: FileDiff) -> frozenset[int]:
    """Numbers of the lines of the new file that a diff shows."""
    return frozenset(line.new for hunk in file.hunks for line in hunk.lines if line.new is not None)


def touched(file: FileDiff, text: str, *, read: Reader) -> Touched | None:
    """What a change does to a file; None where nobody can tell, or the text is not what the change left.

    Args:
        file: the change, or a part of it.
        text: of the whole file as it is now, empty where there is none.
        read: says what a text defines.
    """
    lines = text.split("\n")
    now = read(file.path, text)
    past = _before(lines, file.hunks)
    before = read(file.path, "\n".join(past[0])) if past else None
    if now is None or past is None or before is None:
        return None
    old, deleted = past
    added = [line.new for hunk in file.hunks for line in hunk.lines if line.kind is LineKind.ADDED and line.new]
    places = sorted({*added, *(place for hunk in file.hunks for place in _deletions(hunk))})
    was, is_now = _signatures(before, old), _signatures(now, lines)
    broken = tuple(name for name, said in was.items() if not said <= is_now.get(name, set()))
    inner = [
        chain[-1] for place in places if (chain := [one for one in now.enclosing(place) if one.kind not in _PARTS])
    ]
    altered = dict.fromkeys(called_as(one, now) for one in inner)
    added_here = tuple(name for name in is_now if name not in was)
    return Touched(
        file.path,
        tuple(lines) if text else (),
        now,
        shown_lines(file),
        tuple(places),
        now.names(added),
        before.names(deleted),
        broken,
        tuple(name for name in altered if name not in broken and name in was),
        added_here,
        _through(now, {*broken, *altered, *added_here}),
    )


def _through(outline: Outline, names: Collection[str]) -> dict[str, frozenset[str]]:
    """The functions of a file that call one of some names, each with what it calls."""
    found: dict[str, frozenset[str]] = {}
    for line, words in sorted(outline.words.items()):
        called = {word for word, calls in words if calls and word in names}
        chain = [one for one in outline.enclosing(line) if one.kind not in _PARTS] if called else []
        if chain and (name := called_as(chain[-1], outline)) not in names:
            found[name] = found.get(name, frozenset()) | called
    return found


def called_as(definition: Definition, outline: Outline) -> str:
    """The name by which others use what a file defines."""
    around = [one for one in outline.enclosing(definition.line) if one.kind in {Kind.CLASS, Kind.TYPE, Kind.SCOPE}]
    return around[-1].name if definition.name in _CONSTRUCTORS and around else definition.name


def _before(lines: Sequence[str], hunks: Iterable[Hunk]) -> tuple[list[str], list[int]] | None:
    """The file without what the hunks did, and the numbers of the lines that they delete."""
    old: list[str] = []
    deleted: list[int] = []
    at = 0
    for hunk in hunks:
        start = hunk.new_start - (hunk.new_count > 0)
        if not at <= start <= len(lines) - hunk.new_count:
            return None
        old += lines[at:start]
        for line in hunk.lines:
            if line.old is not None:
                old.append(line.text)
            if line.kind is LineKind.DELETED:
                deleted.append(len(old))
        at = start + hunk.new_count
    return [*old, *lines[at:]], deleted


def _deletions(hunk: Hunk) -> list[int]:
    """The lines of the new file that something was deleted after."""
    found = []
    last = hunk.new_start - (hunk.new_count > 0)
    for line in hunk.lines:
        last = line.new or last
        if line.kind is LineKind.DELETED and last:
            found.append(last)
    return found


def _signatures(outline: Outline, lines: Sequence[str]) -> dict[str, set[str]]:
    """The names that others may use, each with its signatures in one spelling."""
    found: dict[str, set[str]] = {}
    for one in outline.definitions:
        if one.kind not in _PARTS:
            first, last = one.signature
            said = " ".join(" ".join(lines[first - 1 : last]).split())
            found.setdefault(called_as(one, outline), set()).add(said)
    return found
