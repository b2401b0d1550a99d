"""Outlines as JSON values, and back. Alone knows what is believed of an outline that another process tells."""

from reviewbot._syntax_table import GRAMMARS
from reviewbot.syntax import Definition, Import, Kind, Outline

_FAMILIES = frozenset(one.family for one in GRAMMARS if one.family)


def record(outline: Outline) -> dict[str, object]:
    """An outline, for a process that was not there."""
    return {
        "family": outline.family,
        "definitions": [
            [one.name, one.kind, one.start, one.end, *one.signature, one.line] for one in outline.definitions
        ],
        "imports": [[one.start, one.end, *sorted(one.words)] for one in outline.imports],
        "words": list(outline.words.items()),
    }


def read(said: object, *, lines: int) -> Outline:
    """An outline as `record` writes it. It may be a wrong one, but none that leads out of its text.

    Args:
        said: a JSON value.
        lines: how many the text has.

    Raises:
        ValueError: it is no outline of such a text.
    """
    within = range(1, lines + 1)
    match said:
        case {
            "family": str(family),
            "definitions": [*definitions],
            "imports": [*imports],
            "words": [*words],
        } if family in _FAMILIES:
            return Outline(
                family,
                tuple(_definition(one, within) for one in definitions),
                tuple(_import(one, within) for one in imports),
                dict(_words(one, within) for one in words),
            )
    raise ValueError("no outline")


def _definition(said: object, within: range) -> Definition:
    match said:
        case [str(name), str(kind), int(start), int(end), int(first), int(last), int(line)] if _lie(
            within, (start, end), (first, last), (line, line)
        ):
            return Definition(name, Kind(kind), start, end, (first, last), line)
    raise ValueError("no definition")


def _import(said: object, within: range) -> Import:
    match said:
        case [int(start), int(end), *words] if _lie(within, (start, end)):
            return Import(start, end, frozenset(map(_text, words)))
    raise ValueError("no import")


def _words(said: object, within: range) -> tuple[int, tuple[tuple[str, bool], ...]]:
    match said:
        case [int(line), [*words]] if _lie(within, (line, line)):
            return line, tuple(map(_word, words))
    raise ValueError("no line of words")


def _word(said: object) -> tuple[str, bool]:
    match said:
        case [str(word), bool(calls)]:
            return word, calls
    raise ValueError("no word")


def _text(said: object) -> str:
    if isinstance(said, str):
        return said
    raise ValueError("no text")


def _lie(within: range, *spans: tuple[int, int]) -> bool:
    """Whether all are spans of lines; True is the number of none."""
    return all(type(line) is int and line in within for span in spans for line in span) and all(
        first <= last for first, last in spans
    )
