"""Values beside names: alone knows which names speak of secrets, and how languages write a name and its value."""

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, replace

from reviewbot._credential_values import KEY_KINDS, Credential, Grade, grade, trimmed

HINTS = ("pass", "pwd", "pw", "secret", "token", "key", "auth", "cred", "dsn", "signature")
"""One of them stands, in lower case, in every name that is looked at."""

_HINT = re.compile("|".join(HINTS), re.IGNORECASE)
_NAME_CHARS = re.compile(r"[A-Za-z0-9_.-]")
_REST = re.compile(r"[A-Za-z0-9_.-]{0,60}")
_NO_NAME = re.compile(r"(?://|::|\barn:[^\s\"']{0,110}:)\Z")
"""Ends what stands before a word that names nothing: an address, a type, a resource."""
_TRIES = 8
"""How many names may claim one value, so that a run of names costs no more than its length."""
_PART = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+")
_REACH = 60
"""Characters of a name on each side of its hint; longer ones are no names that people write."""

_TO_VALUE = re.compile(
    r"""(?P<close>\\{0,3}["'`]?\]?)
        (?:\[\d{0,6}\])?
        (?:\s{0,8}[:\s]\s{0,3}[A-Za-z_][\w\[\]|.*&<>]{0,40}(?=\s{0,20}=(?!=)))?
        (?:(?P<tag>>)
          |\s{0,20}(?P<sep>,\s?["']?[vV]alue["']?\s?[:=]|\s(?:value|VALUE|content)\s?=|\|\||\?\?|or\s|=>|:=|\?=|\+=|={1,3}|!={1,2}|:|,|\()\s{0,20}(?:\(\s?)?(?:new\s)?
          |(?P<blank>\s{1,20}))
        (?P<prefix>(?:[rRbBuUfF@L]|[bB][rR])?(?=\\{0,3}["'`]))?
        (?P<quote>\\{0,3}(?:\"{3}|'{3}|["'`]))?""",
    re.VERBOSE,
)
_ENDS = {
    '"': re.compile(r'(?:[^"\\]|\\.){0,4000}(?="|\Z)'),
    "'": re.compile(r"(?:[^'\\]|\\.|''){0,4000}(?='|\Z)"),
    "`": re.compile(r"[^`]{0,4000}(?=`|\Z)"),
    "\\": re.compile(r'[^"\'\\]{0,4000}(?=\\{1,3}["\']|\Z)'),
}
_BARE = re.compile(r"[^\s\"'`,;<>(){}\[\]|&\\]{4,512}(?![^\s\"'`,;<>(){}\[\]|&\\])")
_LINE_VALUE = re.compile(r"[^\s\"'`,;<>][^\s\"'`;]{3,512}(?=\s*(?:#.*)?\Z|;\s*\Z)")
_TAG_VALUE = re.compile(r"[^<>\s]{4,4000}(?=</|\Z)")
_LINE_START = re.compile(r"\s*(?:(?:export|ENV|ARG|set|setx|-e|--env|-|\+)\s+|#\s*|\$env:)?")
_WITH_BLANK = re.compile(r"\s*(?:ENV|ARG|#\s?define)\s+")
_PAIR_NAME = re.compile(
    r"""\s*(?:-\s+)?[{]?\s*["']?(?:name|Name|key|Key)["']?\s*[:=]\s*["']?([\w.-]{1,100})["']?,?\s*\Z"""
)
_PAIR_VALUE = re.compile(r"""\s*["']?[vV]alue["']?(?=\s*[:=])""")
_MEMBER = re.compile(r"(?=.{0,500}[a-z]{6})[A-Za-z_]\w*(?:\.[A-Za-z_]\w*)+,?", re.ASCII)
_BLANK_END = re.compile(r"\s{0,100}\Z")
_BRANCH = re.compile(r"[(\[{]")


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


_PASSWORDS = _words("password passwd pwd passphrase passcode pass pw pswd passwort contrasena")
_SECRETS = _words("secret secrets credential credentials")
_GLUED = (
    ("password", "password"),
    ("passwd", "password"),
    ("passphrase", "password"),
    ("pwd", "password"),
    ("secretkey", "secret key"),
    ("secret", "secret"),
    ("apikey", "API key"),
    ("accesskey", "access key"),
    ("privatekey", "private key"),
    ("accountkey", "account key"),
    ("authkey", "auth key"),
    ("sharedkey", "shared key"),
    ("masterkey", "master key"),
    ("encryptionkey", "encryption key"),
    ("signingkey", "signing key"),
    ("token", "token"),
)
_TAILS = _words("""
    data value val base b64 hex prod production dev development test testing staging stage live default string str
    text plain plaintext raw current old new previous next primary secondary backup fallback admin main master root
    user db database bytes env sandbox eu us cn api
""")
_PUBLIC = _words("""
    change copy starting subject unit csrf xsrf page continuation cursor pagination foreign sort partition idempotency
    css lexer csp design next cancel cancellation cache sync recaptcha site translation message lookup dict primary
    index unique
""")
_DIGESTS = _words("""
    hash hashes hashed digest sha md checksum fingerprint integrity etag commit revision thumbprint
""")


@dataclass(frozen=True, slots=True)
class _Meaning:
    """What a name says of its value.

    Attributes:
        kind: in words.
        word: True where people choose the value, so that it may look like a word.
        weak: True where the value may well be public.
    """

    kind: str
    word: bool = False
    weak: bool = False


def named(text: str) -> Iterator[Credential]:
    """The values beside names that speak of secrets; one step for each such name, each of bounded length."""
    done, tried = 0, Counter[int]()
    for hint in _HINT.finditer(text):
        if hint.start() < done:
            continue
        start = _begin(text, hint.start())
        match = _REST.match(text, hint.end())
        end = match.end() if match else hint.end()
        done = end
        found = _valued(text, start, end, tried)
        if found:
            done = max(done, found.end)
            yield found


def paired(before: str, text: str) -> Iterator[Credential]:
    """The value of a line that holds nothing else, named by the line before it."""
    value = _PAIR_VALUE.match(text)
    name = _PAIR_NAME.match(before) if value else None
    if value and name:
        moved = value.end() - len(name[1])
        for found in named(name[1] + text[value.end() :]):
            yield replace(found, start=found.start + moved, end=found.end + moved)


def _begin(text: str, at: int) -> int:
    least = max(0, at - _REACH)
    while at > least and _NAME_CHARS.match(text, at - 1):
        at -= 1
    return at


def _valued(text: str, start: int, end: int, tried: Counter[int]) -> Credential | None:
    name = text[start:end]
    meaning = _meaning(name.rstrip(".-"))
    tail = _TO_VALUE.match(text, end)
    if meaning is None or tail is None or _NO_NAME.search(text, max(0, start - 120), start):
        return None
    span = _span(text, start, tail)
    if span is None or tried[span[1]] > _TRIES:
        return None
    tried[span[1]] += 1
    span = trimmed(text, *span)
    value = text[slice(*span)]
    if not tail["quote"] and _MEMBER.fullmatch(value):
        return None
    certain = _certain(meaning, value, called=tail["sep"] in {"(", ","})
    if certain is None and meaning.word and grade(value) is Grade.PLAIN and tail["sep"] not in {"(", ","}:
        # A word behind a name is a value where it is quoted, or where the line is one of settings, not of a program.
        certain = False if tail["quote"] or _is_setting(text, start, name, span) else None
    return None if certain is None else Credential(*span, meaning.kind, certain)


def _is_setting(text: str, start: int, name: str, span: tuple[int, int]) -> bool:
    line = _LINE_START.match(text)
    alone = line is not None and line.end() == start and _BLANK_END.match(text, span[1]) is not None
    return alone and (name.isupper() or any(map(str.isdigit, text[slice(*span)])))


def _span(text: str, start: int, tail: re.Match[str]) -> tuple[int, int] | None:
    """Where the value stands behind a name; None where a name, not a value, stands there."""
    quote, at, listed = tail["quote"], tail.end(), tail["sep"] in {"(", ","}
    if tail["tag"]:
        inside = text[start - 1 : start] in {"<", ":"} and not quote
        return _matched(_TAG_VALUE, text, at) if inside else None
    if tail["blank"] and not _may_be_blank(text, start):
        return None
    if quote:
        bare_name = tail["sep"] == "," and not tail["close"]
        return None if bare_name else _matched(_ENDS[quote[0]], text, at)
    return None if listed else _bare(text, start, at, closed=bool(tail["close"]))


def _bare(text: str, start: int, at: int, *, closed: bool) -> tuple[int, int] | None:
    """Where a value without quotes stands: to the end of a line of settings, else to the next sign of a language."""
    line = _LINE_START.match(text)
    if line and line.end() == start and not closed:
        span = _matched(_LINE_VALUE, text, at)
        if span and not _BRANCH.search(text, *span):
            return span
    span = _matched(_BARE, text, at)
    return None if span is None or _BRANCH.match(text, span[1]) else span


def _matched(pattern: re.Pattern[str], text: str, at: int) -> tuple[int, int] | None:
    match = pattern.match(text, at)
    return match.span() if match else None


def _may_be_blank(text: str, start: int) -> bool:
    """True where a blank stands between a name and its value: flags, and Dockerfiles."""
    flag = text.startswith("--", start) and not text[start + 2 : start + 3].isspace()
    line = _WITH_BLANK.match(text)
    return flag or bool(line and line.end() == start)


def _certain(meaning: _Meaning, value: str, *, called: bool) -> bool | None:
    """Whether a value surely is a secret; None where only its name says so."""
    level = grade(value)
    if meaning.weak:
        return False if level is Grade.RANDOM else None
    if level is Grade.RANDOM:
        return not _is_uuid(value)
    if level is Grade.PASSWORD:
        return meaning.word and not called
    return None


def _is_uuid(value: str) -> bool:
    return len(value) == 36 and value[8] == value[13] == "-"


def _meaning(name: str) -> _Meaning | None:
    """What a name of several words says; the last word that speaks of a secret decides."""
    words = [part.lower() for part in _PART.findall(name)]
    for index in range(len(words) - 1, -1, -1):
        meaning = _of_word(words, index)
        if meaning is not None:
            return _weakened(meaning, words, index)
    return None


def _of_word(words: list[str], index: int) -> _Meaning | None:
    word = words[index]
    if word in _PASSWORDS:
        return _Meaning("password", word=True)
    if word in _SECRETS:
        return _Meaning("secret", word=True)
    if word == "key":
        before = words[index - 1] if index else ""
        kind = {"api": "API key"}.get(before, f"{before} key")
        return _Meaning(kind, word=before == "secret") if before in KEY_KINDS else _Meaning("key", weak=True)
    for end, kind in _GLUED:
        if word.endswith(end):
            return _Meaning(kind, word=kind in {"password", "secret", "secret key"})
    return _Meaning("key", weak=True) if word in {"auth", "signature", "dsn"} else None


def _weakened(meaning: _Meaning, words: list[str], index: int) -> _Meaning | None:
    if words[-1] in _DIGESTS or not set(words[index + 1 :]) <= _TAILS:
        return _Meaning(meaning.kind, weak=True) if meaning.word or meaning.kind == "token" else None
    if not {"public", "pub", "publishable"}.isdisjoint(words):
        return None
    if not _PUBLIC.isdisjoint(words) and not meaning.word:
        return _Meaning(meaning.kind, weak=True)
    return meaning
