"""Text that shows something else than it says. Alone knows which characters turn, hide, act or look like others."""

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass, replace

from reviewbot.diff import FileDiff, Line, LineKind, Status
from reviewbot.finding import Anchor, Category, Draft, Finding, Severity
from reviewbot.review import Change

NAMED = 5
"""Characters that a finding names."""

MOST = 20
"""Findings of one file."""

AROUND = 30
"""Characters of the line that are written out on each side of the first one."""


@dataclass(frozen=True, slots=True)
class _Kind:
    """What characters do to a reader: the words of a finding."""

    title: str
    effect: str


_TURNING = _Kind(
    "Text that shows in another order than it is read",
    "What is shown after them stands elsewhere for a compiler: code can look like a comment, and a comment like code.",
)
_LOOKALIKE = _Kind(
    "Letters that look like others",
    "A reader takes them for letters of the Latin alphabet; for a program this is another name.",
)
_ACTING = _Kind(
    "Control characters in the text",
    "Terminals obey them and some programs end the line there, so what is shown is not what is written.",
)
_HIDDEN = _Kind(
    "Characters that nobody sees",
    "Programs and models read them: they make another name or another text of what is shown, or carry a hidden one.",
)
_KINDS = (_TURNING, _LOOKALIKE, _ACTING, _HIDDEN)
"""The worst first."""

_MARKS = "\u061c\u200e\u200f"
_OVERRIDES = "\u202d\u202e"
_EMBEDDINGS = "\u202a\u202b" + _OVERRIDES
_ISOLATES = "\u2066\u2067\u2068"
_END_EMBEDDING, _END_ISOLATE = "\u202c", "\u2069"

_CLASSES = {
    _TURNING: f"{_MARKS}{_EMBEDDINGS}{_ISOLATES}{_END_EMBEDDING}{_END_ISOLATE}",
    _ACTING: "\x00-\x08\x0b\x0d-\x1f\x7f-\x9f\u2028\u2029",
    _HIDDEN: "\xad\u034f\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200d\u2060-\u2065\u206a-\u206f\u3164\ufe00-\ufe0f"
    "\ufeff\uffa0\ufff0-\ufffb\U0001bca0-\U0001bca3\U0001d173-\U0001d17a\U000e0000-\U000e0fff",
}
_UNSEEN = re.compile("[" + "".join(_CLASSES.values()) + "]")
_UNSEEN_OF = {kind: re.compile(f"[{chars}]") for kind, chars in _CLASSES.items()}
_ORDER = re.compile(f"[{_CLASSES[_TURNING]}]")

# Writing that needs marks which join, part or end words, from Hebrew to Myanmar and beyond; and emoji.
_JOINED = "\u0590-\u109f\u1780-\u18af\u1900-\u1cff\ua800-\uaaff\ufb1d-\ufdff\ufe70-\ufefc\U00010a00-\U00011fff"
_RIGHT_TO_LEFT = "\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufefc"
_IDEOGRAPHS = "\u3000-\u303f\u3400-\u9fff\uf900-\ufaff\uff00-\uffef\U00020000-\U0003ffff"
_PICTURES = "\xa9\xae\u203c\u2049\u2122\u2139\u2190-\u2bff\u3030\u303d\u3297\u3299\U0001f000-\U0001faff"
_JAMO = "\u1100-\u11ff\ua960-\ua97f\ud7b0-\ud7ff"
_HONEST = re.compile(
    "|".join(
        (
            f"(?<=[{_JOINED}])[\u034f\u200b-\u200d]|[\u034f\u200b-\u200d](?=[{_JOINED}])",
            f"(?<=[{_RIGHT_TO_LEFT}])[{_MARKS}]|[{_MARKS}](?=[{_RIGHT_TO_LEFT}])",
            f"(?<=[{_PICTURES}\ufe0f])\u200d(?=[{_PICTURES}])",
            f"(?<=[{_PICTURES}0-9#*])[\ufe0e\ufe0f]",
            f"(?<=[{_IDEOGRAPHS}\u1000-\u109f\u2200-\u22ff\u2a00-\u2aff])[\ufe00-\ufe02\U000e0100-\U000e01ef]",
            "\U0001f3f4[\U000e0030-\U000e0039\U000e0061-\U000e007a]{3,6}\U000e007f",
            f"(?<=[{_JAMO}])[\u115f\u1160]|[\u115f\u1160](?=[{_JAMO}])",
            "(?<=[\u1780-\u17ff])[\u17b4\u17b5]|(?<=[\u1800-\u18af])[\u180b-\u180f]",
            "(?<=[\U0001bc00-\U0001bc9f])[\U0001bca0-\U0001bca3]|(?<=[\U0001d100-\U0001d1ff])[\U0001d173-\U0001d17a]",
        )
    )
)
"""Unseen characters where some writing needs them."""

_LIKE_LATIN = {
    **dict(zip("\u0410\u0412\u0415\u0405\u0406\u0408\u041a\u041c\u041d\u041e", "ABESIJKMHO", strict=True)),
    **dict(zip("\u0420\u0421\u0422\u0423\u0425\u04ae\u050c\u051a\u051c\u0474", "PCTYXYGQWV", strict=True)),
    **dict(zip("\u0430\u0435\u0455\u0456\u0458\u043e\u0440\u0441\u0443\u0445", "aesijopcyx", strict=True)),
    **dict(zip("\u0475\u04bb\u04cf\u0501\u051b\u051d\u04c0\u0433\u043a", "vhldqwlrk", strict=True)),
    **dict(zip("\u0391\u0392\u0395\u0396\u0397\u0399\u039a\u039c\u039d", "ABEZHIKMN", strict=True)),
    **dict(zip("\u039f\u03a1\u03a4\u03a5\u03a7\u03bf\u03bd\u03c1\u03b9", "OPTYXovpi", strict=True)),
    **dict(zip("\u03b1\u03c5\u03f2\u03f3\u03f9\u037f\u03ba\u03c4\u03b3", "aucjCJkty", strict=True)),
    **dict(zip("\u0585\u057d\u0578\u0570\u0581\u0566\u0561\u0555\u054d\u054f\u053c", "ounhgqwOUSL", strict=True)),
    **dict(zip("\u13a0\u13a1\u13a2\u13a5\u13aa\u13ab\u13ac\u13b3\u13b7\u13bb", "DRTiAJEWMH", strict=True)),
    **dict(zip("\u13bd\u13c0\u13c3\u13d5\u13d9\u13da\u13de\u13df\u13e2\u13e6\u13f4", "YGZSVSLCPKB", strict=True)),
    **dict(zip("\ua4d0\ua4d1\ua4d3\ua4d4\ua4d6\ua4d7\ua4d9\ua4da\ua4dc\ua4dd", "BPDTGKJCZF", strict=True)),
    **dict(zip("\ua4df\ua4e0\ua4e1\ua4e2\ua4e3\ua4e6\ua4e7\ua4ea\ua4eb\ua4ec", "MNLSRVHWXY", strict=True)),
    **dict(zip("\ua4ee\ua4f0\ua4f2\ua4f3\ua4f4\u2c9e\u2c9f\u2ca2\u2ca3\u2ca4\u2ca5", "AEIOUOoPpCc", strict=True)),
    **dict(zip("\u2c82\u2c8e\u2c92\u2c94\u2c98\u2c9a\u2ca6\u2ca8\u2cac\u0251\u0261", "BHIKMNTYXag", strict=True)),
    **{chr(code): chr(code - 0xFEE0) for code in (*range(0xFF21, 0xFF3B), *range(0xFF41, 0xFF5B))},
    **{chr(code): unicodedata.normalize("NFKC", chr(code)) for code in range(0x1D400, 0x1D6A4)},
}
"""Letters of other alphabets, and others of this one, by the ASCII letter each looks like."""

_LIKE_SIGNS = {"\u01c0": "|", "\u01c3": "!", "\u037e": ";", "\u2024": ".", "\ua789": ":"}
"""What looks like a sign that programs read."""

_LIKE = re.compile("[" + "".join(_LIKE_LATIN) + "]")
_LIKE_SIGN = re.compile("[" + "".join(_LIKE_SIGNS) + "]")
# Alphabets of which some letters look Latin: a word with a letter that does not is plainly foreign.
_ALPHABETS = re.compile("[\u0370-\u052f\u0531-\u058f\u13a0-\u13ff\u1c80-\u1c8f\u1f00-\u1fff\u2c80-\u2cff\ua4d0-\ua69f]")
_LATIN = re.compile("[A-Za-z]")
_WORD = re.compile(r"\w+")
# What programs name, and prose hardly: called, indexed, assigned, compared, or part of something.
_NAME = re.compile(r"(?<=\.)\w{2,}|\b\w{2,}(?=[(\[]| ?:?=|\.\w)")
# Formulas have indices of one Greek letter.
_INDEX = re.compile("(?<![^\\W\\d_])[\u0370-\u03ff](?![^\\W\\d_])")
# In a translated text a word may follow these directly.
_PLACEHOLDER = re.compile(r"\\[abfnrtv]|%(?:\(\w{1,40}\))?[-+ #0-9.*$]{0,12}(?:hh?|ll?|[jqtzL])?[A-Za-z]")

_CONTROL_NAMES = {
    "\0": "NULL",
    "\a": "BELL",
    "\b": "BACKSPACE",
    "\v": "LINE TABULATION",
    "\r": "CARRIAGE RETURN",
    "\x1b": "ESCAPE",
    "\x7f": "DELETE",
    "\x85": "NEXT LINE",
    "\x9b": "CONTROL SEQUENCE INTRODUCER",
}


@dataclass(frozen=True, slots=True)
class _Seen:
    """What is disguised in a text.

    Attributes:
        text: all of it.
        chars: the characters that do it, each once, by what they do.
        first: where the first of the worst kind stands.
        severity: of all of them.
        what: what the text is, for people.
    """

    text: str
    chars: dict[str, _Kind]
    first: int
    severity: Severity
    what: str

    @property
    def kind(self) -> _Kind:
        """The worst."""
        return min(self.chars.values(), key=_KINDS.index)


def disguise(change: Change) -> tuple[Finding, ...]:
    """Findings on added lines, and on the first line of a file whose name is disguised; no model is asked.

    Writing that needs characters which are not seen, words that are wholly of another alphabet, and emoji are none.
    A file that was only renamed or has no text has no line for its name to be told on.
    """
    return tuple(finding for file in change.files for finding in _of_file(file))


def _of_file(file: FileDiff) -> Iterator[Finding]:
    name = _seen(file.path, "the file's name")
    named = _first(file) if name else None
    lines = (line for hunk in file.hunks for line in hunk.lines)
    found = 0
    held: Finding | None = None
    for line in lines:
        seen = [name] if name and line is named else []
        if line.kind is LineKind.ADDED and (mine := _seen(_bare(line), "the line")):
            seen.append(mine)
        if not seen:
            continue
        found += 1
        if found < MOST:
            yield _finding(file, line, seen)
        elif held is None:
            held = _finding(file, line, seen)
    if held:
        more = f" {found - MOST:,} more lines of this file are like this." if found > MOST else ""
        yield replace(held, draft=replace(held.draft, body=held.draft.body + more))


def _first(file: FileDiff) -> Line | None:
    """The line a finding about all of a file stands on."""
    lines = [line for hunk in file.hunks for line in hunk.lines]
    return next((line for line in lines if line.kind is LineKind.ADDED), next(iter(lines), None))


def _bare(line: Line) -> str:
    """A line without what is no part of its text: the ending of other systems, and a mark before the whole file."""
    return line.text.rstrip("\r").removeprefix("\ufeff" if line.new == 1 else "")


def _seen(text: str, what: str) -> _Seen | None:
    if text.isascii() and text.isprintable():
        return None
    places = [*_unseen(text), *_lookalikes(text)]
    if not places:
        return None
    chars = {text[at]: kind for at, kind in sorted(places, key=lambda place: place[0])}
    worst = min((kind for _, kind in places), key=_KINDS.index)
    first = min(at for at, kind in places if kind is worst)
    severity = Severity.ERROR if _runs_on(text) else Severity.WARNING
    return _Seen(text, chars, first, severity, what)


def _unseen(text: str) -> Iterator[tuple[int, _Kind]]:
    if not _UNSEEN.search(text):
        return
    bare = _HONEST.sub(lambda match: "x" * len(match[0]), text)
    for kind, pattern in _UNSEEN_OF.items():
        yield from ((match.start(), kind) for match in pattern.finditer(bare))


def _runs_on(text: str) -> bool:
    """True where an override turns text, or a change of direction does not end on the line."""
    waiting: list[str] = []
    for match in _ORDER.finditer(text):
        char = match[0]
        if char in _OVERRIDES:
            return True
        if char in _EMBEDDINGS or char in _ISOLATES:
            waiting.append(char)
        elif char == _END_EMBEDDING and waiting and waiting[-1] in _EMBEDDINGS:
            waiting.pop()
        elif char == _END_ISOLATE:
            while waiting and waiting.pop() not in _ISOLATES:
                pass
    return bool(waiting)


def _lookalikes(text: str) -> Iterator[tuple[int, _Kind]]:
    """Letters in words that are otherwise Latin, or that are names in a line without any other letter of their kind."""
    if _LIKE.search(text):
        plain = _INDEX.sub("_", _PLACEHOLDER.sub(lambda match: " " * len(match[0]), text))
        words = [word for word in _WORD.finditer(plain) if _LATIN.search(word[0])]
        if not _ALPHABETS.search(_LIKE.sub("", plain)):
            words += [name for name in _NAME.finditer(plain) if not _LATIN.search(name[0])]
        for word in words:
            if not _ALPHABETS.search(_LIKE.sub("", word[0])):
                yield from ((word.start() + like.start(), _LOOKALIKE) for like in _LIKE.finditer(word[0]))
    if _LIKE_SIGN.search(text) and not _ALPHABETS.search(text.replace("\u037e", "")):
        yield from ((match.start(), _LOOKALIKE) for match in _LIKE_SIGN.finditer(text))


def _finding(file: FileDiff, line: Line, seen: list[_Seen]) -> Finding:
    side = line.side
    number = line.number(side) or 0
    kind = min((part.kind for part in seen), key=_KINDS.index)
    draft = Draft(
        path=file.path,
        line=number,
        side=side,
        quote=line.text,
        severity=min((part.severity for part in seen), key=lambda severity: severity.rank),
        category=Category.SECURITY,
        title=kind.title,
        body=" ".join(map(_body, seen)),
        suggestion=None,
        confidence=1.0,
    )
    old_path = file.old_path if file.status is Status.RENAMED else None
    return Finding(Anchor(file.path, side, number, number, old_path), (line.text,), draft)


def _body(seen: _Seen) -> str:
    chars = list(seen.chars)
    named = [_named(char) for char in chars[:NAMED]]
    more = f" and {len(chars) - NAMED:,} more" if len(chars) > NAMED else ""
    effects = " ".join(kind.effect for kind in _KINDS if kind in seen.chars.values())
    around = seen.text[max(0, seen.first - AROUND) : seen.first + AROUND]
    written = "".join(f"<U+{ord(char):04X}>" if char in seen.chars else char for char in around)
    return f"In {seen.what}: {', '.join(named)}{more}. {effects} It is written: {written}"


def _named(char: str) -> str:
    known = _CONTROL_NAMES.get(char) or unicodedata.name(char, "CONTROL" if ord(char) < 0xA0 else "UNNAMED")
    like = {**_LIKE_LATIN, **_LIKE_SIGNS}.get(char)
    return f"U+{ord(char):04X} {known}" + (f" (looks like {like})" if like else "")
