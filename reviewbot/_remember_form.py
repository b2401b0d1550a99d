"""Findings as JSON values, and back. Alone knows what each value has to be: whatever else there is, is an error."""

import re
from collections.abc import Callable
from typing import Any, TypeVar

from reviewbot.diff import Side
from reviewbot.finding import Anchor, Category, Draft, Finding, Severity, State

_Value = TypeVar("_Value")

_HIGHEST = 10**9
"""No file has so many lines."""

DIGEST, NAME, _FINGERPRINT = (re.compile(f"[0-9a-f]{{{count}}}") for count in (32, 16, 64))


def record(finding: Finding) -> dict[str, object]:
    """A finding, with the fingerprint it is told as."""
    anchor, draft = finding.anchor, finding.draft
    return {
        "path": anchor.path,
        "old_path": anchor.old_path,
        "side": anchor.side,
        "start": anchor.start,
        "end": anchor.end,
        "excerpt": finding.excerpt,
        "fingerprint": finding.fingerprint,
        "ordinal": finding.ordinal,
        "draft": {
            "path": draft.path,
            "line": draft.line,
            "side": draft.side,
            "quote": draft.quote,
            "severity": draft.severity,
            "category": draft.category,
            "title": draft.title,
            "body": draft.body,
            "suggestion": draft.suggestion,
            "confidence": float(draft.confidence),
        },
    }


def finding(said: Any) -> Finding:
    """A finding as another review knows it: standing, with the fingerprint it was told as.

    Raises:
        ValueError: a value cannot be that.
        TypeError: a value is of another kind.
        KeyError: one is not there.
    """
    start = number(said["start"])
    return Finding(
        Anchor(
            text(said["path"]),
            Side(said["side"]),
            start,
            number(said["end"], least=start),
            _maybe(said["old_path"], text),
        ),
        tuple(map(text, items(said["excerpt"]))),
        _draft(said["draft"]),
        State.STANDING,
        number(said["ordinal"], least=0),
        named(said["fingerprint"], _FINGERPRINT),
    )


def _draft(said: Any) -> Draft:
    return Draft(
        text(said["path"]),
        _maybe(said["line"], number),
        Side(said["side"]),
        text(said["quote"]),
        Severity(said["severity"]),
        Category(said["category"]),
        text(said["title"]),
        text(said["body"]),
        _maybe(said["suggestion"], text),
        _share(said["confidence"]),
    )


def text(value: object) -> str:
    """A text.

    Raises:
        TypeError: it is none.
    """
    return _of(value, str)


def items(value: object) -> list[Any]:
    """A list.

    Raises:
        TypeError: it is none.
    """
    return _of(value, list)


def number(value: object, *, least: int = 1, most: int = _HIGHEST) -> int:
    """A whole number.

    Raises:
        TypeError: it is none.
        ValueError: it is too small or too large.
    """
    whole = _of(value, int)
    if not least <= whole <= most:
        raise ValueError(whole)
    return whole


def _share(value: object) -> float:
    share = _of(value, float)
    if not 0 <= share <= 1:
        raise ValueError(share)
    return share


def named(value: object, form: re.Pattern[str]) -> str:
    """A text of a form.

    Raises:
        TypeError: it is no text.
        ValueError: it is of another form.
    """
    name = text(value)
    if not form.fullmatch(name):
        raise ValueError(name)
    return name


def _maybe(value: object, made: Callable[[object], _Value]) -> _Value | None:
    return None if value is None else made(value)


def _of(value: object, kind: type[_Value]) -> _Value:
    # True is no number here.
    if type(value) is not kind:
        raise TypeError(value)
    return value
