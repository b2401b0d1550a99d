"""The environment's own secrets: alone knows which variables hold one, and in which forms their values come back."""

import json
import re
from base64 import b64encode
from collections.abc import Iterator, Mapping
from urllib.parse import quote, quote_plus

from reviewbot._credential_values import tame

_SHORTEST = 8
_SECRET_NAME = re.compile(
    r"TOKEN|KEY(?!BOARD|MAP|WORD|_ID\b|ID\b)|SECRET|PASS(?!PORT|ENGER|IVE|ED\b|ES\b)|PWD|PASSWD|CREDENTIAL|AUTH(?!OR)|COOKIE"
    r"|PRIVATE|SIGNATURE|_PAT\b|DSN|CONNECTION_?STRING|DATABASE_URL|WEBHOOK",
    re.IGNORECASE,
)
_NO_SECRET_NAME = re.compile(
    r"(?:OLD)?PWD|SSH_AUTH_SOCK|XAUTHORITY|GPG_KEY|.*_(?:ASKPASS|FILE|PATH|DIR|SOCK)", re.IGNORECASE
)
_PATH = re.compile(r"(?:[A-Za-z]:|~|\.{1,2})?(?:[/\\][\w.@ +-]*[A-Za-z_.][\w.@ +-]*)+/?")
_PLAIN_URL = re.compile(r"[A-Za-z][\w+.-]*://[^\s:@/]*(?::\d+)?(?:/[^\s?@]*)?")
_NUMBER = re.compile(r"[-+\d.,:eE_ ]+")
_URL_PASSWORD = re.compile(r"://[^\s:/@]*:([^\s@]+)@")
_BASE64 = re.compile(r"[A-Za-z0-9+/_-]")
_BASE64_REST = re.compile(r"[A-Za-z0-9+/_-]*={0,2}")
_URL_SAFE = str.maketrans("+/", "-_")


def secret_values(environment: Mapping[str, str]) -> tuple[str, ...]:
    """The values of variables whose names speak of secrets, the longest first.

    Args:
        environment: names and values.

    Returns:
        Values of at least eight characters, each once; of an address with a password in it also the password alone,
        of several lines each long one. No paths, addresses, numbers and words that everybody uses.
    """
    found = {
        part
        for name, value in environment.items()
        if _SECRET_NAME.search(name) and not _NO_SECRET_NAME.fullmatch(name)
        for part in _parts(value)
        if len(part) >= _SHORTEST and not _harmless(part)
    }
    return tuple(sorted(found, key=lambda value: (-len(value), value)))


def _parts(value: str) -> Iterator[str]:
    lines = [line.strip() for line in value.split("\n")]
    yield from (line for line in lines if not line.startswith("-----"))
    for match in _URL_PASSWORD.finditer(value):
        yield match[1]


def _harmless(value: str) -> bool:
    if _NUMBER.fullmatch(value) or _PATH.fullmatch(value) or _PLAIN_URL.fullmatch(value):
        return True
    return value.lower() in {"disabled", "required", "optional"} or tame(value)


class Known:
    """Finds values anywhere in a text, also inside longer words, in the forms in which they are sent."""

    __slots__ = ("_encoded", "_plain")

    def __init__(self, values: tuple[str, ...]) -> None:
        self._plain = _any_of(form for value in values for form in _written(value))
        self._encoded = _any_of(form for value in values for form in _in_base64(value))

    def spans(self, text: str) -> Iterator[tuple[int, int]]:
        """Where they stand; in base64 all of the run that one is a part of."""
        if self._plain:
            yield from (match.span() for match in self._plain.finditer(text))
        if self._encoded:
            done = 0
            for match in self._encoded.finditer(text):
                start, end = match.span()
                if end > done:
                    while start > done and _BASE64.match(text, start - 1):
                        start -= 1
                    rest = _BASE64_REST.match(text, end)
                    done = rest.end() if rest else end
                    yield start, done


def _any_of(forms: Iterator[str]) -> re.Pattern[str] | None:
    longest = sorted(set(forms), key=lambda form: (-len(form), form))
    return re.compile("|".join(map(re.escape, longest))) if longest else None


def _written(value: str) -> Iterator[str]:
    data = value.encode("utf-8", "surrogateescape")
    yield value
    yield quote(data, safe="")
    yield quote_plus(data)
    yield json.dumps(value)[1:-1]
    yield json.dumps(value, ensure_ascii=False)[1:-1]


def _in_base64(value: str) -> Iterator[str]:
    """The characters that are the same whatever stands before and behind the value, for each of three places in it."""
    data = value.encode("utf-8", "surrogateescape")
    for shift, unsure in enumerate((0, 2, 3)):
        coded = b64encode(bytes(shift) + data).decode().rstrip("=")
        inner = coded[unsure : len(coded) - ((shift + len(data)) % 3 > 0)]
        yield inner
        yield inner.translate(_URL_SAFE)
