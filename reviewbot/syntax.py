"""What a file defines, calls and imports. Alone knows how the nodes of a syntax tree become names and lines.

No text makes it fail: what is too large, or takes a grammar too long, is as if its language were unknown.
"""

import ast
import re
import warnings
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import Enum, StrEnum, auto
from typing import TYPE_CHECKING

from reviewbot import _syntax_pairs
from reviewbot._syntax_parse import MOST_BYTES, Parsed, count_errors, grammars_of, names_of_all, parse, searchable
from reviewbot._syntax_queries import DEFINITIONS, NAMES
from reviewbot._syntax_table import GRAMMARS

if TYPE_CHECKING:
    from tree_sitter import Node


class Kind(StrEnum):
    """What a name stands for."""

    FUNCTION = "function"
    METHOD = "method"
    CLASS = "class"
    TYPE = "type"
    SCOPE = "scope"
    """A block that goes on with a type that is defined elsewhere."""
    CONSTANT = "constant"
    """Or a variable of a whole file."""
    FIELD = "field"


_INSIDE = {Kind.CLASS, Kind.TYPE, Kind.SCOPE}
"""A function in one of these is a method."""


@dataclass(frozen=True, slots=True)
class Definition:
    """Where a name gets its meaning. All numbers are lines, from 1, and spans include both ends.

    Attributes:
        name: without what it lies in.
        kind: of what.
        start: first line, with the comments and attributes directly above.
        end: last line.
        signature: span of all but its body and what stands above; of all where it has no body.
        line: of the name.
    """

    name: str
    kind: Kind
    start: int
    end: int
    signature: tuple[int, int]
    line: int

    def holds(self, line: int) -> bool:
        """True for one of its lines."""
        return self.start <= line <= self.end


@dataclass(frozen=True, slots=True)
class Import:
    """A statement that brings in other files.

    Attributes:
        start: first line.
        end: last line.
        words: every word in it, of names, modules and paths.
    """

    start: int
    end: int
    words: frozenset[str]


@dataclass(frozen=True, slots=True)
class Names:
    """The identifiers of some lines, each once and in the order of the lines, built-in ones left out.

    Attributes:
        defined: what gets its meaning there.
        called: what is called there and not defined.
        used: all others.
    """

    defined: tuple[str, ...] = ()
    called: tuple[str, ...] = ()
    used: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Outline:
    """What is known of one file.

    Attributes:
        family: its language, or the name of the languages that call one another.
        definitions: in the order of their first lines, outer ones first.
        imports: in the order of the file.
        words: the identifiers of each line, and whether it calls them; built-in ones left out.
    """

    family: str
    definitions: tuple[Definition, ...]
    imports: tuple[Import, ...]
    words: Mapping[int, tuple[tuple[str, bool], ...]] = field(repr=False)

    def enclosing(self, line: int) -> tuple[Definition, ...]:
        """The definitions that a line lies in, outer ones first."""
        return tuple(one for one in self.definitions if one.holds(line))

    def names(self, lines: Collection[int]) -> Names:
        """The identifiers of some lines.

        Args:
            lines: numbers, from 1.
        """
        said = [word for line in sorted(lines) for word in self.words.get(line, ())]
        defined = dict.fromkeys(one.name for one in self.definitions if one.line in lines)
        called = dict.fromkeys(word for word, calls in said if calls and word not in defined)
        used = dict.fromkeys(word for word, _ in said if word not in defined and word not in called)
        return Names(tuple(defined), tuple(called), tuple(used))


INDENTED = {"python", "yaml"}
"""Languages that are read by their indentation."""


def language(path: str) -> str | None:
    """The language of a file by its name, None where none is known; of several the likeliest."""
    return next((grammar.name for grammar in grammars_of(path)), None)


def endings(families: Collection[str]) -> tuple[str, ...]:
    """How the names of the files of some families end."""
    return tuple(dict.fromkeys(end for one in GRAMMARS if one.family in families for end in one.endings + one.files))


def outline(path: str, text: str) -> Outline | None:
    """What a file defines and imports, None where nobody can tell.

    Args:
        path: says the language.
        text: all of the file.
    """
    parsed = parse([grammar for grammar in grammars_of(path) if grammar.family], text)
    if parsed is None or not searchable(parsed.tree):
        return None
    matches = parsed.matches(DEFINITIONS)
    leads = _leads(parsed, [node for match in matches for node in match.get("lead", ())])
    imports = [_import(parsed, node) for match in matches for node in match.get("import", ())]
    return Outline(
        parsed.grammar.family,
        tuple(_methods(_definitions(parsed, matches, leads))),
        tuple(sorted(set(imports), key=lambda one: (one.start, one.end))),
        _words(parsed),
    )


def errors(path: str, text: str) -> int | None:
    """How many syntax errors a text has, None where nobody can tell.

    Args:
        path: says the language.
        text: all of the file.
    """
    parsed = parse(grammars_of(path), text)
    refused = _refused(text) if language(path) == "python" and len(text) <= MOST_BYTES else None
    if parsed is None:
        return None if refused is None else int(refused is not _Refused.NOT)
    wrong = count_errors(parsed.tree)
    # What the grammar takes may be newer than this Python; a block without lines never is.
    return wrong + (refused is _Refused.INDENTED or (refused is _Refused.OTHERWISE and wrong > 0))


class _Refused(Enum):
    NOT = auto()
    INDENTED = auto()
    OTHERWISE = auto()


def _refused(text: str) -> _Refused:
    """Whether, and for what, Python itself does not take a text."""
    with warnings.catch_warnings(action="ignore"):
        try:
            ast.parse(text)
        except IndentationError:
            return _Refused.INDENTED
        except (SyntaxError, ValueError, RecursionError, MemoryError):
            return _Refused.OTHERWISE
    return _Refused.NOT


def doubtful(path: str, *texts: str) -> bool:
    """Whether the errors of a grammar alone prove nothing: it knows no macros, and no templates.

    Args:
        path: says the language.
        texts: of the file.
    """
    name = language(path)
    return name in {"c", "cpp"} or (name == "yaml" and any(map(_TEMPLATE.search, texts)))


def torn(path: str, old: Sequence[str], new: Sequence[str]) -> bool:
    """Whether new lines leave other brackets or quotes open than the old ones, or lose the end of a statement.

    Args:
        path: of a file whose errors are doubtful.
        old: the lines that are replaced.
        new: what is written instead.
    """
    return _syntax_pairs.torn(language(path) or "", old, new)


_TEMPLATE = re.compile(r"(?<![$\"'])\{[{%]")
"""A workflow's `${{` and a template in quotes are plain text to YAML."""


def _span(node: "Node") -> tuple[int, int]:
    """First and last line; a node that takes in the end of its line does not stand on the next one."""
    (first, _), (last, column) = node.start_point, node.end_point
    return first + 1, last + (column > 0 or last == first)


def _leads(parsed: Parsed, nodes: Iterable["Node"]) -> dict[int, int]:
    """The last line of everything that may stand above a definition → its first."""
    found: dict[int, int] = {}
    for node in nodes:
        begin = node.start_byte - node.start_point[1]
        if not parsed.source[begin : node.start_byte].strip():
            first, last = _span(node)
            found[last] = first
    return found


def _import(parsed: Parsed, node: "Node") -> Import:
    text = "".join(char if char.isalnum() or char == "_" else " " for char in parsed.text(node))
    return Import(*_span(node), frozenset(text.split()))


def _words(parsed: Parsed) -> dict[int, tuple[tuple[str, bool], ...]]:
    """The identifiers of every line, in its order."""
    found = parsed.captures(NAMES)
    calls = {node.start_byte for node in found.get("call", ())}
    known = names_of_all(parsed.grammar)
    lines: dict[int, list[tuple[str, bool]]] = {}
    for node in sorted(found.get("word", ()), key=lambda node: node.start_byte):
        if (word := parsed.text(node)) not in known:
            lines.setdefault(node.start_point[0] + 1, []).append((word, node.start_byte in calls))
    return {line: tuple(words) for line, words in lines.items()}


_KINDS = {one.value: one for one in Kind if one is not Kind.METHOD}


def _definitions(
    parsed: Parsed, matches: Iterable[Mapping[str, list["Node"]]], leads: Mapping[int, int]
) -> Iterator[Definition]:
    """One for each name: of what matched it the most telling, then the widest."""
    best: dict[int, tuple[tuple[int, int, bool], Definition]] = {}
    for match in matches:
        for place, (capture, kind) in enumerate(_KINDS.items()):
            for node in match.get(capture, ())[:1]:
                name, bodies = match["name"][0], match.get("body", [])
                rank = (place, node.start_byte - node.end_byte, not bodies)
                made = _definition(parsed, node, name, bodies, leads)
                if name.start_byte not in best or rank < best[name.start_byte][0]:
                    best[name.start_byte] = (rank, replace(made, kind=kind))
    inward = sorted(best.items(), key=lambda item: (item[1][1].start, -item[1][1].end, item[0]))
    yield from (made for _, (_, made) in inward)


def _definition(
    parsed: Parsed, node: "Node", name: "Node", bodies: list["Node"], leads: Mapping[int, int]
) -> Definition:
    first, last = _span(node)
    start = first
    while start - 1 in leads:
        start = leads[start - 1]
    until = last
    if bodies:
        until = first + parsed.source[node.start_byte : bodies[0].start_byte].rstrip().count(b"\n")
    return Definition(parsed.text(name), Kind.FUNCTION, start, last, (first, until), name.start_point[0] + 1)


def _methods(definitions: Iterable[Definition]) -> Iterator[Definition]:
    around: list[Definition] = []
    for one in definitions:
        while around and around[-1].end < one.start:
            around.pop()
        inside = bool(around) and around[-1].kind in _INSIDE
        yield replace(one, kind=Kind.METHOD) if inside and one.kind is Kind.FUNCTION else one
        around.append(one)
