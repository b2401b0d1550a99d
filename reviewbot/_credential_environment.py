"""The environment's own secrets: alone knows which variables hold one, and in which forms their values come back."""

import json
import re
from base64 import b64encode
from collections.abc import Iterator, Mapping
from urllib.parse import quote, quote_plus

from reviewbot._credential_values import KEY_KINDS, Credential, Grade, grade, looks_random, tame

_SHORTEST = 8
_PHRASE = 12
"""Characters that a password with blanks has at least."""
_WORD = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+")
_SECRET_NAME = re.compile(
    r"(?:\A|_)(?:[a-z]*(?:password|passwd|passphrase|passcode|pwd|token|secret|credential|cookie|apikey|secretkey|accesskey"
    rf"|privatekey|authkey)s?|(?:ssh)?pass|pat|auth|authorization|webhook|connection_?string|(?:{'|'.join(KEY_KINDS)})_keys?)"
    r"(?:_|\Z)"
)
_UNSURE_NAME = re.compile(r"(?:\A|_)(?:keys?|signature|private|salt|oauth)(?:_|\Z)")
_ADDRESS_NAME = re.compile(r"(?:.*_)?(?:url|uri|dsn|proxy)")
_NO_SECRET_NAME = re.compile(
    r"(?:old)?pwd|gpg_key|(?:.*_)?(?:key_id|public_keys?|pub_keys?)"
    r"|.*_(?:names?|types?|methods?|providers?|backends?|realm|algorithms?|alg|modes?|through|file|path|dir|sock|askpass|class"
    r"|format|scheme|headers?|fields?|version|length|size|count|limit|ttl|timeout|expiry|expires|enabled|required|region|host"
    r"|port|user|username|email|endpoint|issuer|audience|scopes?|policy|level|strategy|style|prompt|parallelism)"
)
_PATH = re.compile(r"(?:[A-Za-z]:|~|\.{1,2})?(?:[/\\][\w.@ +-]*[A-Za-z_.][\w.@ +-]*)+/?")
_PLAIN_URL = re.compile(r"[A-Za-z][\w+.-]*://[^\s:@/]*(?::\d+)?(?:/[^\s?@]*)?")
_NUMBER = re.compile(r"[-+\d.,:eE_ ]+")
_URL_PASSWORD = re.compile(r"://[^\s:/@]*:([^\s@]+)@")
_URL_TOKEN = re.compile(r"://[^\s:/@]{20,}@")
_PLAIN_WORDS = re.compile(r"(?:[^\W\d]|[_.:/@-])+")
_BASE64 = re.compile(r"[A-Za-z0-9+/_-]")
_BASE64_REST = re.compile(r"[A-Za-z0-9+/_-]*={0,2}")
_URL_SAFE = str.maketrans("+/", "-_")


def secret_values(environment: Mapping[str, str]) -> tuple[str, ...]:
    """The values of variables whose names speak of secrets, the longest first.

    Args:
        environment: names and values.

    Returns:
        Values of at least eight characters, each once; of an address with a password in it also the password alone,
        of several lines each long one. No paths, addresses, numbers and words that everybody uses; behind a name that
        may mean something else, as `SORT_KEY` does, only what looks like a secret.
    """
    found = {part for name, value in environment.items() for part in _parts("_".join(_words(name)), value)}
    return tuple(sorted(found, key=lambda value: (-len(value), value)))


def _words(name: str) -> Iterator[str]:
    return (word.lower() for word in _WORD.findall(name))


def _parts(name: str, value: str) -> Iterator[str]:
    """What is secret of the value of a variable, whose name is given in small letters with `_` between its words."""
    passwords = [match[1] for match in _URL_PASSWORD.finditer(value)]
    address = _ADDRESS_NAME.fullmatch(name)
    if _NO_SECRET_NAME.fullmatch(name) or (address and not passwords and not _URL_TOKEN.search(value)):
        return
    sure = address or _SECRET_NAME.search(name)
    if sure or _UNSURE_NAME.search(name):
        lines = [line.strip() for line in value.split("\n")]
        parts = [*(line for line in lines if not line.startswith("-----")), *passwords]
        yield from (part for part in parts if _is_secret(part) and (sure or grade(part) >= Grade.PASSWORD))


def _is_secret(value: str) -> bool:
    if len(value) < _SHORTEST or _NUMBER.fullmatch(value) or _PATH.fullmatch(value) or _PLAIN_URL.fullmatch(value):
        return False
    if any(map(str.isspace, value)) and len(value) >= _PHRASE:
        return True
    return value.lower() not in {"disabled", "required", "optional"} and not tame(value)


def _is_certain(value: str) -> bool:
    """True for what looks made or chosen; of an address its password decides."""
    in_address = _URL_PASSWORD.search(value)
    if in_address:
        return _is_certain(in_address[1])
    digits = any(map(str.isdigit, value))
    words = value.split()
    if len(words) > 1:
        return digits or len(words) >= 4
    return looks_random(value) or not _PLAIN_WORDS.fullmatch(value)


class Known:
    """Finds values anywhere in a text, also inside longer words, in the forms in which they are sent."""

    __slots__ = ("_certain", "_encoded", "_plain")

    def __init__(self, values: tuple[str, ...]) -> None:
        self._certain = {
            form for value in values if _is_certain(value) for form in (*_written(value), *_in_base64(value))
        }
        self._plain = _any_of(form for value in values for form in _written(value))
        self._encoded = _any_of(form for value in values for form in _in_base64(value))

    def find(self, text: str) -> Iterator[Credential]:
        """Where they stand; in base64 all of the run that one is a part of."""
        for pattern, widened in ((self._plain, False), (self._encoded, True)):
            done = 0
            for match in pattern.finditer(text) if pattern else ():
                start, end = match.span()
                if end <= done:
                    continue
                if widened:
                    start, end = _run(text, start, end, least=done)
                done = end
                yield Credential(start, end, "environment secret", match[0] in self._certain)


def _run(text: str, start: int, end: int, *, least: int) -> tuple[int, int]:
    """All of the base64 around a span."""
    while start > least and _BASE64.match(text, start - 1):
        start -= 1
    rest = _BASE64_REST.match(text, end)
    return start, rest.end() if rest else end


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
