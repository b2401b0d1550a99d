"""Credentials that are known by their place: alone knows URLs, headers, command lines and files made for passwords."""

import re
from base64 import b64decode
from binascii import Error
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from reviewbot._credential_values import Credential, Grade, filled, grade, looks_random, trimmed

_Judge = Callable[[str], bool | None]
"""Whether a value surely is a secret; None where it is none."""


def _password(value: str) -> bool | None:
    level = grade(value)
    return None if level is Grade.NONE else level > Grade.PLAIN


def _token(value: str) -> bool | None:
    level = grade(value)
    if level is Grade.RANDOM:
        return True
    return False if level is Grade.PASSWORD else None


def _basic(value: str) -> bool | None:
    """A user's name and password in base64, as headers and Docker's settings hold them."""
    try:
        _, colon, password = b64decode(value + "=" * (-len(value) % 4), validate=True).decode().partition(":")
    except (Error, ValueError):
        return None
    return _password(password) if colon else None


def _probable(value: str) -> bool | None:
    return None if filled(value) else False


def _random(value: str) -> bool | None:
    return False if looks_random(value) else None


@dataclass(frozen=True, slots=True)
class _Place:
    """Where a secret stands.

    Attributes:
        kind: of the secret, in words.
        gate: what stands, in lower case, in every text that has such a place.
        pattern: the place; its first group is the secret.
        judge: what is made of the value.
    """

    kind: str
    gate: str
    pattern: re.Pattern[str]
    judge: _Judge


def _place(kind: str, gate: str, pattern: str, judge: _Judge) -> _Place:
    return _Place(kind, gate, re.compile(pattern, re.IGNORECASE), judge)


_PLACES = (
    _place(
        "password",
        "://",
        r"://[^\s:/@\"'`<>\\]{0,200}:([^\s/@\"'`<>]{1,300}|[^\s@\"'`<>]{1,300})@(?=[\w.\[$%{-])",
        _password,
    ),
    _place("token", "://", r"://([^\s:/@\"'`<>]{20,300})(?::x-oauth-basic)?@[\w.-]", _token),
    _place("token", "bearer", r"\bBearer\s{1,4}([A-Za-z0-9+/=._~-]{12,3000})", _token),
    _place(
        "token",
        "token ",
        r"Authorization[\"']?\s{0,4}[:=,]\s{0,4}[\"']?Token\s{1,4}([A-Za-z0-9+/=._~-]{12,300})",
        _token,
    ),
    _place("password", "basic", r"\bBasic\s{1,4}([A-Za-z0-9+/_-]{8,600}={0,2})", _basic),
    _place("password", "auth", r"[\"']_?auth[\"']\s{0,4}:\s{0,4}[\"']([A-Za-z0-9+/_-]{8,600}={0,2})[\"']", _basic),
    _place("password", "auth", r"(?:\A|[\s:])_auth\s{0,4}=\s{0,4}([A-Za-z0-9+/_-]{8,600}={0,2})", _basic),
    _place(
        "password",
        "auth",
        r"auth\w{0,20}\W{1,6}[\"'][^\"'\s]{1,64}[\"']\s{0,3},\s{0,3}[\"']([^\"'\s]{6,200})[\"']",
        _token,
    ),
    _place(
        "password", "password", r"(?:login|machine|user)\s{1,8}\S{1,200}\s{1,8}password\s{1,8}(\S{4,200})", _password
    ),
    _place("password", "password", r"\A\s{0,8}password\s{1,8}(\S{8,200})\s{0,8}\Z", _token),
    _place(
        "password", "-u", r"(?:curl|wget|http)\b.{0,300}?\s-u[ =]?[\"']?[^\s:\"'$]{1,64}:([^\s\"']{4,200})", _password
    ),
    _place("password", "--user", r"--user[ =][\"']?[^\s:\"'$]{1,64}:([^\s\"']{4,200})", _password),
    _place(
        "password",
        " -p",
        r"\b(?:mysql(?:dump|admin)?|mariadb|sshpass|mongo(?:sh)?)\b.{0,200}?\s-p\s?[\"']?([^\s\"']{6,200})",
        _password,
    ),
    _place(
        "password",
        "identified",
        r"\bUSER\b.{0,100}IDENTIFIED\s{1,4}(?:WITH\s{1,4}\S{1,40}\s{1,4})?BY\s{1,4}[\"']([^\"'\s]{4,200})",
        _password,
    ),
    _place("password", "password", r"\bPASSWORD\s{1,4}'([^'\s]{4,200})'", _password),
    _place(
        "password hash",
        ":$",
        r"\A[\w.@-]{1,64}:(\$(?:apr1|1|2[aby]|5|6|y)\$[./A-Za-z0-9$=,]{20,200})",
        lambda value: not filled(value) or None,
    ),
    _place(
        "password hash",
        ":{",
        r"\A[\w.@-]{1,64}:\{S?SHA\}([A-Za-z0-9+/]{20,100}={0,2})",
        lambda value: not filled(value) or None,
    ),
    _place(
        "password hash",
        "$",
        r"(?<![\w$])(\$(?:apr1|1|2[abxy]|5|6|y|argon2(?:id?|d))\$[./A-Za-z0-9$=,+]{20,300})",
        _probable,
    ),
    _place(
        "password hash",
        "$",
        r"\b(?:pbkdf2_sha\d{1,3}|bcrypt(?:_sha256)?|scrypt)\$\d{1,8}\$([./A-Za-z0-9$=+]{30,300})",
        _probable,
    ),
    _place("key", "", r"\A\s{0,16}([0-9a-f]{32}|[0-9a-f]{64}|[0-9a-f]{128})\s{0,4}\Z", _random),
)


def placed(text: str) -> Iterator[Credential]:
    """The secrets in such places; they may overlap."""
    lowered = text.lower()
    for place in _PLACES:
        if place.gate in lowered:
            for match in place.pattern.finditer(text):
                start, end = trimmed(text, *match.span(1))
                certain = place.judge(text[start:end])
                if certain is not None:
                    yield Credential(start, end, place.kind, certain)
