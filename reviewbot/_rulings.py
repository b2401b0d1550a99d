"""A falsifier's answer → rulings. Alone knows the syntax it is asked for, and what of a real answer can be used.

What cannot be read is no ruling: nothing is guessed here, since a ruling takes a claim away.
"""

import json
import re
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from reviewbot.finding import Severity

EXAMPLE = r"""{"claims": [{
 "claim": 1,
 "why": "A mail without a recipient is never put: the guard returns before.",
 "disproved_by": {"path": "mail/queue.py", "line": 21, "quote": "        if not mail.to:"},
 "severity": "error",
 "confidence": 0.0
}, {
 "claim": 2,
 "why": "Nothing shown says that every domain has a server.",
 "disproved_by": null,
 "severity": "warning",
 "confidence": 0.7
}]}"""
"""An answer as it should be."""

_LINE: dict[str, object] = {
    "path": {"type": "string"},
    "line": {"type": "integer", "minimum": 1},
    "quote": {"type": "string", "minLength": 1, "maxLength": 1000},
}


def _object(properties: dict[str, object]) -> dict[str, object]:
    return {"type": "object", "properties": properties, "required": [*properties], "additionalProperties": False}


_PROPERTIES: dict[str, object] = {
    "claim": {"type": "integer", "minimum": 1},
    "why": {"type": "string", "maxLength": 400},
    "disproved_by": {"anyOf": [{"type": "null"}, _object(_LINE)]},
    "severity": {"type": "string", "enum": [severity.value for severity in Severity]},
    "confidence": {"type": "number", "minimum": 0, "maximum": 1},
}
SCHEMA = _object({"claims": {"type": "array", "items": _object(_PROPERTIES)}})
"""JSON schema of an answer, for endpoints that enforce one. The reason is written first: the rest then follows it."""

_OPENING = re.compile(r'\{\s*+"claims?"\s*+:')
_NUMBER = re.compile(r"(?:claim\s*)?#?([0-9]{1,6})(?:\.0)?", re.IGNORECASE)
_NOTHING = {"", "null", "none"}
_DECODER = json.JSONDecoder(strict=False)

_PATIENCE = 50
"""How many values may fail to decode: each may be long, and an answer has few claims."""


@dataclass(frozen=True, slots=True)
class Line:
    """A line that is said to disprove a claim: hearsay until it is found.

    Attributes:
        path: the file it names.
        number: in that file, None: none is given.
        quote: what is said to stand there.
    """

    path: str
    number: int | None
    quote: str


@dataclass(frozen=True, slots=True)
class Ruling:
    """What is said of one claim.

    Attributes:
        disproved_by: the line that is named, None: the claim may be right.
        why: in words.
        severity: of the claim if it is right, None where none is given.
        confidence: from 0 to 1 that it is right, None where none is given.
    """

    disproved_by: Line | None
    why: str
    severity: Severity | None
    confidence: float | None


def rulings(text: str) -> Mapping[int, Ruling] | None:
    """What an answer says, by the claims' numbers; None where it holds no usable JSON.

    Of which claim it says two things, of that it says nothing.
    """
    said: defaultdict[int, set[Ruling]] = defaultdict(set)
    empty = False
    # Servers may leave out the mark that opens a model's thinking.
    for value in _values(text.rpartition("</think>")[2]):
        rows = value.get("claims", [value])
        empty = empty or rows == []
        for row in rows if isinstance(rows, list) else ():
            if isinstance(row, dict) and (number := _number(row.get("claim"))):
                said[number].add(_ruling(row))
    if not (said or empty):
        return None
    return {number: next(iter(those)) for number, those in said.items() if len(those) == 1}


def _values(text: str) -> Iterator[dict[str, object]]:
    """The outermost objects that are answers or claims; of a broken answer each whole claim."""
    at = failures = 0
    while failures < _PATIENCE and (opening := _OPENING.search(text, at)):
        try:
            value, at = _DECODER.raw_decode(text, opening.start())
        except (ValueError, RecursionError):
            failures, at = failures + 1, opening.end()
        else:
            yield value


def _ruling(row: dict[str, object]) -> Ruling:
    severity = _text(row.get("severity")).strip().lower()
    return Ruling(
        disproved_by=_line(row.get("disproved_by")),
        why=" ".join(_text(row.get("why")).split()),
        severity=next((level for level in Severity if level == severity), None),
        confidence=_share(row.get("confidence")),
    )


def _line(value: object) -> Line | None:
    """The line that is named; what names none, however long, is None."""
    said = value if isinstance(value, dict) else {"quote": value}
    quote = _text(said.get("quote"))
    if quote.strip().lower() in _NOTHING:
        return None
    return Line(_text(said.get("path")), _number(said.get("line")), quote)


def _share(value: object) -> float | None:
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    return float(value) if 0 <= value <= 1 else None


def _number(value: object) -> int | None:
    number = _NUMBER.fullmatch(str(value).strip())
    return int(number[1]) or None if number else None


def _text(value: object) -> str:
    """Text that encodes as UTF-8."""
    return value.encode("utf-8", "replace").decode() if isinstance(value, str) else ""
