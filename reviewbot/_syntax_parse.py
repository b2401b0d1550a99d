"""Text → tree. Alone knows tree-sitter: how long a grammar may take, and how its queries are asked.

Parsers and grammars are imported where they are needed, each language for itself.
"""

import re
import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from importlib import import_module
from posixpath import basename
from typing import TYPE_CHECKING

from reviewbot._syntax_table import GRAMMARS, Grammar

if TYPE_CHECKING:
    from tree_sitter import Language, Node, Query, Tree

MOST_BYTES = 1_000_000
"""A larger file was hardly written by people."""

MOST_SECONDS = 3.0
"""How long a parser may take. A million bytes of code take a third of a second, some texts take hours."""

MOST_BRACKETS = 1_000
"""How many brackets may be open at once. No parser reports in time there."""

MOST_NODES = 200_000
"""How many nodes of a tree are searched for errors."""

MOST_DEPTH = 5_000
"""How deep a tree may be, and how many parts one error may have; beyond it a query takes minutes."""

_OPENING = re.compile(rb"[-?:](?=[ \t]|$)")

_END = re.compile(rb"[;{}]")
_BRACKET = re.compile(rb"[()\[\]{}]")

_PIECE = 65_536
"""Bytes that a parser is handed at once."""


@dataclass(frozen=True, slots=True)
class Parsed:
    """A text and its tree."""

    grammar: Grammar
    source: bytes
    tree: "Tree"

    def text(self, node: "Node") -> str:
        """What stands in a node."""
        return self.source[node.start_byte : node.end_byte].decode("utf-8", "replace")

    def captures(self, queries: Mapping[str, str]) -> dict[str, list["Node"]]:
        """What the query of the language captures."""
        from tree_sitter import QueryCursor

        return QueryCursor(_query(self.grammar, queries[self.grammar.name])).captures(self.tree.root_node)

    def matches(self, queries: Mapping[str, str]) -> list[dict[str, list["Node"]]]:
        """What each match of the query of the language captures."""
        from tree_sitter import QueryCursor

        cursor = QueryCursor(_query(self.grammar, queries[self.grammar.name]))
        return [captures for _, captures in cursor.matches(self.tree.root_node)]


def grammars_of(path: str) -> list[Grammar]:
    """What may read a file of this name, the likeliest first."""
    name = basename(path)
    lower = name.lower()
    return [one for one in GRAMMARS if name in one.files or lower.endswith(one.endings)]


@cache
def _language(grammar: Grammar) -> "Language":
    from tree_sitter import Language

    return Language(getattr(import_module(grammar.module), grammar.function)())


@cache
def _query(grammar: Grammar, text: str) -> "Query":
    from tree_sitter import Query

    return Query(_language(grammar), text)


@cache
def names_of_all(grammar: Grammar) -> frozenset[str]:
    """The names that say nothing about a program in this language."""
    return frozenset(grammar.builtins.split())


def parse(grammars: Iterable[Grammar], text: str) -> Parsed | None:
    """The tree with the fewest errors; grammars after one that finds none are not asked."""
    # What is no text becomes one byte, so that every grammar reads the rest.
    source = text.encode("utf-8", "replace")
    if len(source) > MOST_BYTES:
        return None
    best: Parsed | None = None
    for grammar in grammars:
        tree = _tree(grammar, source) if _bearable(grammar, source) else None
        if tree and (best is None or count_errors(tree) < count_errors(best.tree)):
            best = Parsed(grammar, source, tree)
        if best and not best.tree.root_node.has_error:
            break
    return best


def _tree(grammar: Grammar, source: bytes) -> "Tree | None":
    from tree_sitter import Parser

    end = time.monotonic() + MOST_SECONDS
    # Blanks in place of words leave everything else where it is.
    read = re.sub(grammar.unknown.encode(), lambda word: b" " * len(word[0]), source) if grammar.unknown else source
    try:
        return Parser(_language(grammar)).parse(
            lambda offset, _: read[offset : offset + _PIECE],
            progress_callback=lambda *_: time.monotonic() > end,
        )
    except ValueError:
        # It was told to stop.
        return None


def _bearable(grammar: Grammar, source: bytes) -> bool:
    """Whether a text keeps within what grammars can be trusted with; beyond it some take hours, or all memory."""
    if grammar.levels and _levels(source) > grammar.levels:
        return False
    if grammar.angles and any(part.count(b"<") > grammar.angles for part in _END.split(source)):
        return False
    depth = 0
    for bracket in _BRACKET.findall(source):
        depth = depth + 1 if bracket in b"([{" else max(depth - 1, 0)
        if depth > MOST_BRACKETS:
            return False
    return True


def _levels(source: bytes) -> int:
    """How deep blocks of lines may be nested at most: by indentation, and by the marks that open a block in a line."""
    most = 0
    around: list[int] = []
    for line in re.split(rb"[\r\n]", source):
        begin = len(line) - len(line.lstrip())
        if begin < len(line):
            around = [column for column in around if column < begin]
            around += [begin, *(mark.end() for mark in _OPENING.finditer(line))]
            most = max(most, len(around))
    return most


def searchable(tree: "Tree") -> bool:
    """Whether queries come to an end in time."""
    cursor = tree.walk()
    while cursor.depth <= MOST_DEPTH:
        node = cursor.node
        if node and node.is_error and node.child_count > MOST_DEPTH:
            return False
        if cursor.goto_first_child():
            continue
        while not cursor.goto_next_sibling():
            if not cursor.goto_parent():
                return True
    return False


def count_errors(tree: "Tree") -> int:
    """How many nodes of a tree are wrong or missing, as far as it is searched."""
    # A query for errors takes quadratic time where they nest.
    cursor = tree.walk()
    count = 0
    for _ in range(MOST_NODES):
        node = cursor.node
        count += bool(node and (node.is_error or node.is_missing))
        if node and node.has_error and cursor.goto_first_child():
            continue
        while not cursor.goto_next_sibling():
            if not cursor.goto_parent():
                return count
    return count
