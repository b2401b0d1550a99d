"""Reply text ↔ drafts. Alone knows the syntax a model is asked to answer in, and how real answers stray from it."""

import math
import re
from dataclasses import dataclass

from reviewbot._reply_json import FIELDS, Part, fields, is_comment, is_whole, parts
from reviewbot.diff import Side
from reviewbot.finding import Category, Draft, Dropped, DropReason, Severity

EXAMPLE = r"""{"comments": [{
 "quote": "        first = self.hits[0]",
 "path": "web/search.py",
 "line": 41,
 "side": "new",
 "severity": "error",
 "category": "correctness",
 "title": "A search without hits raises IndexError",
 "body": "self.hits is empty when nothing was found, and then self.hits[0] fails. Return early when there are no hits.",
 "suggestion": "        first = self.hits[0] if self.hits else None",
 "confidence": 0.9
}, {
 "quote": "        pattern = eval(self.request.args[\"pattern\"])",
 "path": "web/search.py",
 "line": 42,
 "side": "new",
 "severity": "error",
 "category": "security",
 "title": "eval runs whatever the request sends",
 "body": "The arguments come from the client, so anyone can run code on the server. Compile a regular expression.",
 "suggestion": "        pattern = re.compile(self.request.args[\"pattern\"])",
 "confidence": 0.9
}]}"""
"""A reply as it should be."""

OPENING = '{"comments": ['
"""How an answer begins where the endpoint goes on with what is begun for it."""

_CLAIMED = tuple(category for category in Category if category is not Category.SECRET)
"""What a model may say a finding is about: a secret is proven, not claimed."""

_PROPERTIES: dict[str, object] = {
    "quote": {"type": "string", "minLength": 1, "maxLength": 1000},
    "path": {"type": "string", "minLength": 1},
    "line": {"type": "integer", "minimum": 1},
    "side": {"type": "string", "enum": [side.value for side in reversed(Side)]},
    "severity": {"type": "string", "enum": [severity.value for severity in Severity]},
    "category": {"type": "string", "enum": [category.value for category in _CLAIMED]},
    "title": {"type": "string", "maxLength": 100},
    "body": {"type": "string", "minLength": 1, "maxLength": 1000},
    "suggestion": {"type": ["string", "null"], "maxLength": 2000},
    "confidence": {"type": "number", "minimum": 0, "maximum": 1},
}


def _object(properties: dict[str, object]) -> dict[str, object]:
    return {"type": "object", "properties": properties, "required": [*properties], "additionalProperties": False}


SCHEMA = _object({"comments": {"type": "array", "items": _object(_PROPERTIES), "maxItems": 20}})
"""JSON schema of a reply, for endpoints that enforce one. The quote is written first: the rest then speaks of it."""

_WRAPPERS = {"comments", "issues", "findings", "problems", "review", "reviews", "review_comments", "results"}

_SEVERITIES = {
    **dict.fromkeys(("error", "critical", "high", "blocker", "major"), Severity.ERROR),
    **dict.fromkeys(("info", "low", "note", "notice", "nit", "suggestion", "hint"), Severity.INFO),
}

_LIKELIHOODS = {"high": 0.9, "medium": 0.6, "low": 0.3}

_OLD = {"old", "left", "deleted", "removed", "before", "-"}

_NUMBER = re.compile(r"\s*(?:l(?:ines?)?\s*)?\+?([0-9]{1,9})(?![0-9]|[0-9.]*e)", re.IGNORECASE)
_NOTHING = re.compile(r"^[ \t]*+\[\s*+\][ \t\r]*+$", re.MULTILINE)
_ANEW = re.compile(r"""\s*+(?:```[a-z]*\s*+)?\{\s*+["']comments["']\s*+:|\s*+```""")
_SENTENCE = re.compile(r"\n|(?<=[.!?])\s|(?<=[。！？])")


@dataclass(frozen=True, slots=True)
class Reply:
    """What an answer claims.

    Attributes:
        drafts: in the order of the answer.
        malformed: comments without a path, a quote or a body, or broken off.
    """

    drafts: tuple[Draft, ...]
    malformed: tuple[Dropped, ...] = ()


def read(text: str) -> Reply | None:
    """Read an answer, however broken; None where it holds no usable JSON. No comments is a good answer."""
    text = _spoken(text.replace("\0", ""))
    answered = False
    listed: list[Part] = []
    loose: list[Part] = []
    for part in parts(text):
        comments = _comments(part.value)
        if comments is not None:
            answered = True
            listed += map(Part, comments)
        elif part.listed and isinstance(part.value, dict) and not fields(part.value).keys().isdisjoint(FIELDS):
            listed.append(part)
        elif is_comment(part.value):
            loose.append(part)
    judged = [_judge(part) for part in (listed if listed or answered else loose)]
    drafts = tuple(draft for draft in judged if isinstance(draft, Draft))
    if not (drafts or answered or _NOTHING.search(text)):
        return None
    return Reply(drafts, tuple(dropped for dropped in judged if isinstance(dropped, Dropped)))


def usable(text: str) -> bool:
    """Whether an answer says anything: one that no comment could be taken from is asked for again."""
    reply = read(text)
    return reply is not None and bool(reply.drafts or not reply.malformed)


def reach(text: str) -> int:
    """Where the last whole comment of an answer ends that broke off or still comes; 0 where none is whole."""
    return max((part.end for part in parts(text) if part.whole and is_whole(part.value)), default=0)


def is_closed(text: str) -> bool:
    """True for an answer that holds all of a list of comments, down to what closes it."""
    return any(_comments(part.value) is not None for part in parts(text))


def claims(text: str) -> int:
    """How many different comments an answer has: a model that says the same for ever gets no further."""
    reply = read(text)
    return len({*reply.drafts}) if reply else 0


CIRCLES = 10
"""How often a model may say the same in a row, of one line after another, before nothing new is expected of it."""


def circles(text: str) -> bool:
    """Whether an answer says nothing but one thing any more: small models go on so for ever."""
    reply = read(text)
    last = reply.drafts[-CIRCLES:] if reply else ()
    return len(last) == CIRCLES and len({(draft.title, draft.body) for draft in last}) == 1


def begins_anew(text: str) -> bool:
    """True for an answer that was to go on with what was begun, and begins with the whole form instead."""
    return bool(_ANEW.match(text))


def _spoken(text: str) -> str:
    """What follows the model's thinking. Servers may leave out the mark that opens it."""
    if text.lstrip("\ufeff \t\r\n").startswith("<think>"):
        return text.partition("</think>")[2]
    before, mark, after = text.partition("\n</think>")
    return after if mark else before


def _comments(value: object, *, wrapped: bool = False, depth: int = 0) -> list[object] | None:
    """The comments of a whole answer in whichever wrapping, None where the value is something else."""
    if wrapped and (value is None or isinstance(value, list)):
        return value or []
    if is_comment(value):
        return [value] if wrapped else None
    if isinstance(value, list) and any(map(is_comment, value)):
        return value
    if depth > 3 or not isinstance(value, dict | list):
        return None
    inner = value.items() if isinstance(value, dict) else [("", item) for item in value]
    found = [_comments(item, wrapped=key.strip().lower() in _WRAPPERS, depth=depth + 1) for key, item in inner]
    lists = [comments for comments in found if comments is not None]
    return [comment for comments in lists for comment in comments] if lists else None


def _judge(part: Part) -> Draft | Dropped:
    """A comment as a draft, or as what could be read of it."""
    said = fields(part.value)
    body = _text(said.get("body")).strip()
    title = _text(said.get("title")).strip() or _SENTENCE.split(body, maxsplit=1)[0][:80]
    draft = Draft(
        path=_text(said.get("path")).strip(),
        line=_line(said.get("line")),
        side=Side.OLD if _word(said.get("side")) in _OLD else Side.NEW,
        quote=_text(said.get("quote")),
        severity=_SEVERITIES.get(_word(said.get("severity")), Severity.WARNING),
        category=_category(said.get("category")),
        title=" ".join(title.split()),
        body=body,
        suggestion=_suggestion(said.get("suggestion")),
        confidence=_confidence(said.get("confidence")),
    )
    if part.whole and draft.path and draft.quote and draft.body:
        return draft
    return Dropped("parse", DropReason.MALFORMED, draft)


def _text(value: object) -> str:
    """Text that encodes as UTF-8; a list of lines is joined."""
    if isinstance(value, list) and all(isinstance(line, str) for line in value):
        value = "\n".join(value)
    return re.sub("[\ud800-\udfff]", "\ufffd", value).replace("\0", "") if isinstance(value, str) else ""


def _word(value: object) -> str:
    return _text(value).strip().lower()


def _line(value: object) -> int | None:
    number = _NUMBER.match(str(value))
    return int(number[1]) or None if number else None


def _suggestion(value: object) -> str | None:
    given = isinstance(value, str | list) and _word(value) not in {"null", "none", "n/a"}
    return _text(value) if given else None


def _category(value: object) -> Category:
    word = re.sub(r"[\s_-]+", "", _word(value))
    return next((category for category in _CLAIMED if word in {category, category.rstrip("s")}), Category.OTHER)


def _confidence(value: object) -> float:
    """From 0 to 1; a number from 2 on is a percentage."""
    word = _word(value)
    percent = word.endswith("%")
    try:
        number = float(value if isinstance(value, int | float) else word.rstrip("% "))
    except (ValueError, OverflowError):
        return _LIKELIHOODS.get(word, 0.5)
    if isinstance(value, bool) or math.isnan(number):
        return 0.5
    return min(max(number / 100 if percent or number >= 2 else number, 0.0), 1.0)
