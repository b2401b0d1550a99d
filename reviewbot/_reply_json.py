"""Answer text → the JSON values in it. Alone knows how models break JSON and how a broken comment is still read."""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import islice

FIELDS = ("quote", "path", "line", "side", "severity", "category", "title", "body", "suggestion", "confidence")
"""The keys of a comment; the quote is asked for first, so that the rest speaks of it."""

_ALIASES = {
    **dict.fromkeys(("file", "filename"), "path"),
    **dict.fromkeys(("line_number", "start_line"), "line"),
    **dict.fromkeys(("code", "snippet"), "quote"),
    **dict.fromkeys(("comment", "message", "description"), "body"),
    **dict.fromkeys(("fix", "replacement"), "suggestion"),
}

_NEEDED = {"path", "quote", "body"}

_KEY = "|".join((*FIELDS, *_ALIASES))

_OPENING = re.compile(rf"""(?P<comment>\{{\s*+["']?(?:{_KEY})["']?\s*+:)|\{{\s*+"|\[\s*+(?=[{{\]])""")
"""Where a value may begin that has to do with an answer."""

_CLOSING = re.compile(
    rf"""\}}\s*+(?:,\s*+)?(?=(?P<last>\{{\s*+["']?(?:{_KEY})["']?\s*+:|```|~~~|\Z)|\]\s*+(?:[,}}]|```|~~~|\Z))"""
    r"""|(?P<next>(?<=\s)(?=\{\s*+["']comments["']\s*+:)|(?<=\n)(?=\[\s*+\{))"""
)
"""Where a comment may end that cannot be decoded; text in it may look like its end, but not beyond the last one."""

_FIELD = re.compile(rf"""(?:\A\{{|,)\s*+(["'])({_KEY})\1\s*+:\s*+""")

_STRING_OR_COMMA = re.compile(r'"(?:[^"\\]++|\\.)*+"|(,)(?=\s*+[}\]])', re.DOTALL)
_ESCAPE = re.compile(r"""\\(?:u[0-9a-fA-F]{4}|["\\/bfnrt]|(.))""", re.DOTALL)
_QUOTE_MARK = re.compile(r'(\\.)|"', re.DOTALL)
_LITERALS = {"None": None, "True": True, "False": False}
_BARE_VALUE = re.compile(r"[\w.+-]*+|\[.*\]", re.DOTALL)
_BLANK = " \t\r\n,"

# Numbers become floats: digits without end then give infinity, where int() raises.
_DECODER = json.JSONDecoder(strict=False, parse_int=float)

_PATIENCE = 20
"""How many values may fail to decode before only single comments are tried, without guesses: each may be slow."""

_WINDOW = 1 << 15
"""Characters of the longest comment that is tried after that, and of the longest that is repaired."""

_ENDS = 4
"""How many places are tried as the end of a broken comment."""


@dataclass(frozen=True, slots=True)
class Part:
    """A value in an answer.

    Attributes:
        value: as JSON has it, with floats for all numbers.
        listed: True for a comment in a list that is broken.
        whole: False for a comment that the answer breaks off in.
        end: where it ends in the text.
    """

    value: object
    listed: bool = True
    whole: bool = True
    end: int = 0


def fields(value: object) -> dict[str, object]:
    """A comment's fields by the names of the contract, which win over other names for the same; no nulls."""
    if not isinstance(value, dict):
        return {"body": value}
    named = {str(key).strip().lower(): field for key, field in value.items() if field is not None}
    return {_ALIASES[key]: field for key, field in named.items() if key in _ALIASES} | named


def is_whole(value: object) -> bool:
    """True for what has all that a comment needs."""
    return fields(value).keys() >= _NEEDED


def is_comment(value: object) -> bool:
    """True for what has two of the three fields that a comment needs."""
    return len(fields(value).keys() & _NEEDED) > 1


def parts(text: str) -> Iterator[Part]:
    """The outermost values in a text that may have to do with an answer, and each comment of a broken one.

    The time it takes grows with the length of the text, whatever stands there.
    """
    at = failures = 0
    listed = False
    while opening := _OPENING.search(text, at):
        start, at = opening.span()
        if failures < _PATIENCE:
            value, end = _decoded(text, start)
        else:
            value, end = _decoded(text[start : start + _WINDOW]) if opening["comment"] else (None, 0)
            end += start if end else 0
        if end:
            at = end
            yield Part(value, listed, end=end)
            continue
        failures += 1
        if opening["comment"]:
            at, part = _repaired(text, start, guess=failures <= _PATIENCE)
            yield replace(part, listed=listed, end=at)
        else:
            listed = listed or text[start] == "["


def _decoded(text: str, start: int = 0) -> tuple[object, int]:
    """The JSON value that begins at `start` and where it ends: 0 where there is none."""
    try:
        return _DECODER.raw_decode(text, start)
    except (ValueError, RecursionError):
        return None, 0


def _repaired(text: str, start: int, *, guess: bool) -> tuple[int, Part]:
    """Where a broken comment ends, and what it says by the first means that works."""
    ends = _ends(text, start)
    tries = [(end, text[start:end]) for end in ends if end - start <= _WINDOW]
    for end, comment in tries:
        value, decoded = _decoded(_STRING_OR_COMMA.sub(_mended, comment))
        if decoded:
            return end, Part(value)
    for end, comment in tries:
        found, certain = _split(comment)
        if certain and is_whole(found):
            return end, Part(found)
    comment = text[start : min(ends[0], start + _WINDOW)]
    found, certain = _split(comment)
    # The last means, for it is slow and invents.
    guessed = _guessed(comment) if certain and guess else None
    if is_whole(guessed):
        return ends[0], Part(guessed)
    return ends[0], Part(found or {"body": comment}, whole=certain)


def _ends(text: str, start: int) -> list[int]:
    ends = []
    for closing in islice(_CLOSING.finditer(text, start), _ENDS):
        ends.append(closing.end())
        if closing["last"] is not None or closing["next"] is not None:
            break
    return ends or [len(text)]


def _mended(match: re.Match[str]) -> str:
    return "" if match[1] else _ESCAPE.sub(_escaped, match[0])


def _escaped(match: re.Match[str]) -> str:
    if match[1] is None:
        return match[0]
    return "'" if match[1] == "'" else "\\" + match[0]


def _split(text: str) -> tuple[dict[str, object], bool]:
    """The fields of a broken comment, cut at the keys that only a comment has, and False where they cannot be right."""
    stops = [(key.start(), key.end(), key[2]) for key in _FIELD.finditer(text)]
    text = text.rstrip(_BLANK)
    last = len(text.removesuffix("}").rstrip(_BLANK))
    found: dict[str, object] = {}
    certain = text.endswith("}")
    closed = True
    name, began = "", 0
    for stop, after, following in [*stops, (last, last, "")]:
        raw = text[began:stop].rstrip(_BLANK)
        closed = _closed(raw)
        if name and following and not closed:
            continue
        if name:
            found[name] = _value(raw)
        certain = certain and following not in found
        name, began = following, after
    return found, certain and (closed or not found)


def _closed(raw: str) -> bool:
    """False for a string without its end, and for what is no value."""
    if raw[:1] not in {'"', "'"}:
        return _BARE_VALUE.fullmatch(raw) is not None
    inner = raw[1:].removesuffix(raw[0])
    return len(inner) < len(raw) - 1 and (len(inner) - len(inner.rstrip("\\"))) % 2 == 0


def _value(raw: str) -> object:
    value, end = _decoded(raw)
    if end == len(raw):
        return value
    if raw[:1] not in {'"', "'"}:
        return _LITERALS.get(raw, raw)
    inner = _ESCAPE.sub(_escaped, raw[1:].removesuffix(raw[0]))
    return _decoded('"' + _QUOTE_MARK.sub(lambda mark: mark[1] or '\\"', inner) + '"')[0]


def _guessed(text: str) -> object:
    from json_repair import repair_json

    try:
        value: object = repair_json(text, return_objects=True, skip_json_loads=True)
    except (ValueError, RecursionError):
        return None
    return next(iter(value), None) if isinstance(value, list) else value
