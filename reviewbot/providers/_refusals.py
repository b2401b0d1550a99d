"""What an endpoint's refusal means to the person who asked. Alone knows the words and codes vendors refuse with."""

import re
import time
from collections.abc import Mapping
from dataclasses import dataclass
from email.utils import parsedate_to_datetime

from reviewbot.errors import ProviderError, ProviderErrorKind
from reviewbot.ports import SHORTEST_KEY, Route

_LOOKED_AT = 10_000
"""Characters of a message that any of it is taken from."""

_PAGE = re.compile(r"\s*<[!a-z]", re.IGNORECASE)
"""HTML, written by something that stands before the server."""

_STATUS = re.compile("[45][0-9][0-9]")

_WORDS = {
    429: re.compile(r"throttl|limit_requests|rate_?limit|insufficient_quota", re.IGNORECASE),
    401: re.compile(r"invalid_?api_?key|unauthorized|authentication", re.IGNORECASE),
    403: re.compile(r"access_?denied|permission", re.IGNORECASE),
    500: re.compile(r"internal|unavailable|overloaded|server_error|time_?out", re.IGNORECASE),
}
"""The codes vendors give for a status, where no status can be given."""

_RANGE = re.compile(r"range of input length should be \[\s*1\s*,\s*(\d{1,9})\s*\]", re.IGNORECASE)
"""How DashScope says how much a deployment takes."""

_WINDOW = re.compile(r"maximum (?:context|input|prompt) length (?:is|of) (\d{1,9})", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Refusal:
    """What came instead of an answer.

    Attributes:
        status: of HTTP.
        code: the vendor's word for it, empty where there is none.
        said: one line in the server's words, harmless and without the key.
        retry_after: seconds after which it wants to be asked again, None: it does not say.
    """

    status: int
    code: str
    said: str
    retry_after: float | None = None


@dataclass(frozen=True, slots=True)
class _Rule:
    """Refusals of one kind: all that is given has to match."""

    kind: ProviderErrorKind
    slug: str
    hint: str
    statuses: frozenset[int] = frozenset()
    words: re.Pattern[str] | None = None
    own: bool | None = None

    def matches(self, refusal: Refusal, *, own: bool) -> bool:
        about = f"{refusal.code} {refusal.said}"
        return (
            (not self.statuses or refusal.status in self.statuses)
            and (self.words is None or bool(self.words.search(about)))
            and (self.own is None or self.own is own)
        )


def _words(pattern: str) -> re.Pattern[str]:
    return re.compile(pattern, re.IGNORECASE)


_CLIENT = frozenset(range(400, 500))
_SERVER = frozenset({408, 409, *range(500, 600)})

_RULES = (
    _Rule(
        ProviderErrorKind.FILTERED,
        slug="provider-filtered",
        hint="the part is named in the report; review it by hand",
        statuses=_CLIENT | {200},
        words=_words(r"data_?inspection_?failed|content_?filter|inappropriate content"),
    ),
    _Rule(
        ProviderErrorKind.QUOTA,
        slug="provider-arrears",
        hint="settle the account, then run again",
        words=_words(r"arrearage|bill ?overdue|insufficient balance|billing_(?:hard|not)"),
    ),
    _Rule(
        ProviderErrorKind.QUOTA,
        slug="provider-quota",
        hint="the free tokens are spent: allow paid use in the console, or choose another model: `reviewbot models`",
        words=_words(r"free allocated quota exceeded|freetieronly"),
    ),
    _Rule(
        ProviderErrorKind.QUOTA,
        slug="provider-arrears",
        hint="settle the account, or choose another endpoint",
        statuses=frozenset({402}),
    ),
    _Rule(
        ProviderErrorKind.QUOTA,
        slug="provider-quota",
        hint="see what the account may still use, or choose another endpoint",
        statuses=frozenset({429}),
        words=_words("insufficient_quota|billing"),
        # With DashScope the same words mean the tokens of this minute.
        own=False,
    ),
    _Rule(
        ProviderErrorKind.TOO_LONG,
        slug="provider-too-long",
        hint="state --input-limit",
        statuses=frozenset({400, 422}),
        words=_words(
            r"range of input length|context[ _](?:length|size|window)|maximum context|maximum number of tokens"
            r"|(?:prompt|input|request|message)\w* .{0,40}too (?:long|large)|input\W.{0,80}(?:exceed|must be <=)"
        ),
    ),
    _Rule(ProviderErrorKind.TOO_LONG, slug="provider-too-long", hint="state --input-limit", statuses=frozenset({413})),
    _Rule(
        ProviderErrorKind.REJECTED,
        slug="provider-access",
        hint="the key's account has no right to this model: grant it in the console, or choose another",
        statuses=frozenset({403}),
        words=_words(r"access.?denied|not authorized|permission"),
    ),
    _Rule(
        ProviderErrorKind.REJECTED,
        slug="provider-model",
        hint="",
        statuses=frozenset({400, 404}),
        words=_words(r"model.{0,3}not.{0,3}(?:found|exist|supported)|model .{0,80}does not exist|unknown model"),
    ),
    _Rule(ProviderErrorKind.AUTH, slug="provider-auth", hint="", statuses=frozenset({401, 403})),
    _Rule(
        ProviderErrorKind.RATE,
        slug="provider-rate",
        hint="run again later, or state the account's limits: --rpm, --tpm",
        statuses=frozenset({429}),
    ),
    _Rule(
        ProviderErrorKind.SERVER,
        slug="provider-server",
        hint="the provider has trouble: run again later",
        statuses=_SERVER,
    ),
    _Rule(
        # The request was taken; what broke then says no more than that.
        ProviderErrorKind.BAD_REPLY,
        slug="provider-bad-reply",
        hint="run again, or check --base-url: it usually ends in /v1",
        statuses=frozenset({200}),
    ),
    _Rule(
        ProviderErrorKind.REJECTED,
        slug="provider-rejected",
        hint="check --model, and --base-url, which usually ends in /v1",
    ),
)
"""In the order they are tried; the last takes everything."""


def translate(refusal: Refusal, way: Route, *, said: str = "") -> ProviderError:
    """The error for a refusal.

    Args:
        refusal: what came.
        way: who was asked, and with which key.
        said: what was answered before.
    """
    rule = next(rule for rule in _RULES if rule.matches(refusal, own=way.own))
    limit = _RANGE.search(refusal.said) or _WINDOW.search(refusal.said)
    status = "" if refusal.status == 200 else f"{refusal.status} "
    return ProviderError(
        f"{way.base_url} refused: {status}{refusal.said or refusal.code}".rstrip(),
        kind=rule.kind,
        hint=rule.hint or (_near(way) if rule.slug == "provider-model" else _key_hint(way)),
        slug=rule.slug,
        retry_after=refusal.retry_after,
        limit=int(limit[1]) if limit else None,
        said=said,
    )


def _key_hint(way: Route) -> str:
    if not way.key:
        return "no key was sent: set REVIEWBOT_API_KEY; DASHSCOPE_API_KEY goes to DashScope's own hosts only"
    if way.own:
        return (
            f"the key of {way.key_variable} was sent: check it, and its region, since a key of another one needs "
            "--base-url, such as https://dashscope-intl.aliyuncs.com/compatible-mode/v1"
        )
    return f"the key of {way.key_variable} was sent: check that it belongs to this address"


def _near(way: Route) -> str:
    import difflib

    from reviewbot import catalogue

    known = [name for model in catalogue.load().models for name in (model.name, *model.aliases)]
    near = [name for name in difflib.get_close_matches(way.model.name, known, n=4) if name != way.model.name]
    meant = f"did you mean {' or '.join(near)}? " if near else ""
    return f"{meant}`reviewbot models` lists what is known; another region or account may not have it"


def written(body: object, key: str | None) -> tuple[str, str]:
    """The code and the words of a refusal's body, wherever it writes them, without the key."""
    inner = body.get("error", body) if isinstance(body, Mapping) else body
    code = inner.get("code") or inner.get("type") or "" if isinstance(inner, Mapping) else ""
    if isinstance(inner, Mapping):
        inner = inner.get("message") or inner.get("detail")
    said = "" if not isinstance(inner, str) or _PAGE.match(inner) else inner
    return harmless(str(code), key), harmless(said, key)


def harmless(text: str, key: str | None) -> str:
    """One line of somebody else's words, as it may be shown, without the key."""
    return printable(without_key(text, key))


def without_key(text: str, key: str | None) -> str:
    """A text of a server in which the key that it was sent does not stand."""
    return text.replace(key, "***") if key and len(key) >= SHORTEST_KEY else text


def status_in(code: str) -> int:
    """The status of an error that came with success, in the midst of an answer: by its number, or by its word."""
    if _STATUS.fullmatch(code):
        return int(code)
    return next((status for status, words in _WORDS.items() if words.search(code)), 200)


def patience(headers: Mapping[str, str]) -> float | None:
    """Seconds that a Retry-After header asks for: a number, or a moment."""
    asked = headers.get("retry-after", "").strip()
    try:
        return max(0.0, float(asked))
    except ValueError:
        pass
    try:
        return max(0.0, parsedate_to_datetime(asked).timestamp() - time.time())
    except (ValueError, OverflowError):
        return None


def printable(text: str) -> str:
    """One line without anything that a terminal obeys."""
    return " ".join("".join(char if char.isprintable() else " " for char in text[:_LOOKED_AT]).split())[:300]
