"""What a refusal of GitHub means to the person who asked. Alone knows the statuses and words it refuses with."""

import json
import re
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, TypeVar

from reviewbot.brief import HostWay
from reviewbot.errors import HostError
from reviewbot.terminal import one_line

_Kind = TypeVar("_Kind")

_SECRET = 8
"""Characters of the shortest token that is taken out of messages."""

_RATE = re.compile(r"rate limit|abuse detection|submitted too quickly", re.IGNORECASE)

_AGAIN = "run again: what stands there is not posted twice"


class TroubleKind(StrEnum):
    """How a call failed; the value is the slug."""

    AUTH = "host-auth"
    PERMISSION = "host-permission"
    MISSING = "host-missing"
    RATE = "host-rate"
    UNREACHABLE = "host-unreachable"
    REFUSED = "host-refused"
    BAD_ANSWER = "host-bad-answer"
    TOO_LARGE = "host-too-large"
    TIMED_OUT = "host-timed-out"


_HINTS = {
    TroubleKind.AUTH: "check that the token is valid and belongs to this server",
    TroubleKind.PERMISSION: "give the token `pull-requests: write`; for a fork and for Dependabot GitHub gives it none",
    TroubleKind.MISSING: "check the repository and the number, and that the token may read them",
    TroubleKind.RATE: f"give it more time, or {_AGAIN}",
    TroubleKind.UNREACHABLE: f"check --api-url, or {_AGAIN}",
    TroubleKind.REFUSED: f"if somebody pushed meanwhile, {_AGAIN}",
    TroubleKind.BAD_ANSWER: "check --api-url: https://api.github.com, or https://HOST/api/v3 of an enterprise server",
    TroubleKind.TOO_LARGE: "fetch the history, so that the change is read from local git: fetch-depth: 0",
    TroubleKind.TIMED_OUT: f"give it more time, or {_AGAIN}",
}

_MOVED = "if the repository has another name now, say it: GITHUB_REPOSITORY, or `git remote set-url`"

_STATUSES = {
    401: TroubleKind.AUTH,
    403: TroubleKind.PERMISSION,
    404: TroubleKind.MISSING,
    406: TroubleKind.TOO_LARGE,
    408: TroubleKind.UNREACHABLE,
    429: TroubleKind.RATE,
}


_DENIED = {"FORBIDDEN", "INSUFFICIENT_SCOPES", "NOT_FOUND"}
"""What GraphQL calls a question that the token may not ask."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back.

    Attributes:
        status: of HTTP.
        headers: by lower-cased name.
        text: the body.
        body: the text read as JSON, None where it is none.
    """

    status: int
    headers: Mapping[str, str]
    text: str
    body: Any = None

    @classmethod
    def read(cls, status: int, headers: Mapping[str, str], text: str) -> "Answer":
        """An answer as it came."""
        try:
            return cls(status, headers, text, json.loads(text))
        except (ValueError, RecursionError):
            return cls(status, headers, text)


class TroubleError(HostError):
    """A call that failed.

    Args:
        message: one line.
        kind: how it failed.
        status: of HTTP, 0: no answer came.
        pause: seconds that have to be waited before another call, None: GitHub does not say.
        hint: what to do about it, empty: what helps with this kind.
    """

    def __init__(
        self, message: str, *, kind: TroubleKind, status: int = 0, pause: float | None = None, hint: str = ""
    ) -> None:
        super().__init__(message, hint=hint or _HINTS[kind], slug=kind)
        self.kind = kind
        self.status = status
        self.pause = pause

    @property
    def passes(self) -> bool:
        """Whether the same call may succeed later. Whether it was done nevertheless is not known."""
        kinds = {TroubleKind.RATE, TroubleKind.UNREACHABLE}
        return self.kind in kinds or (self.kind is TroubleKind.BAD_ANSWER and 200 <= self.status < 300)

    def because(self, what: str) -> "TroubleError":
        """The same, told as the reason of something else."""
        message = f"{what}: {self.message}"
        return TroubleError(message, kind=self.kind, status=self.status, pause=self.pause, hint=self.hint)


def refusal(answer: Answer, way: HostWay) -> TroubleError:
    """The error for an answer that does not give what was asked for."""
    said = _harmless("; ".join(_words(answer.body)), way)
    told = f"{answer.status} {said}".rstrip()
    if answer.status < 300:
        told = f"{answer.status} with something else than JSON"
    elif answer.status < 400:
        told = f"{answer.status}: it is elsewhere now"
    kind = _kind(answer, said)
    hint = _MOVED if 300 <= answer.status < 400 else ""
    if kind in {TroubleKind.AUTH, TroubleKind.RATE} and not way.token:
        hint = "no token was sent: set GITHUB_TOKEN"
    message = f"{way.repository}#{way.number}: GitHub answered {told}"
    return TroubleError(message, kind=kind, status=answer.status, pause=_pause(answer), hint=hint)


def denial(answer: Answer, way: HostWay) -> TroubleError:
    """The error for an answer of GraphQL that has errors, whose status is 200 all the same."""
    said = _harmless("; ".join(_words(answer.body)), way)
    named = {error.get("type") for error in taken(answer.body, list, "errors") if isinstance(error, Mapping)}
    kind = TroubleKind.RATE if _RATE.search(said) or "RATE_LIMITED" in named else TroubleKind.UNREACHABLE
    if named & _DENIED:
        kind = TroubleKind.PERMISSION
    message = f"{way.repository}#{way.number}: GitHub's GraphQL answered {said}"
    return TroubleError(message, kind=kind, status=answer.status, pause=_pause(answer))


def broken(error: Exception, way: HostWay) -> TroubleError:
    """The error for a call without an answer."""
    what = _harmless(str(error) or type(error).__name__, way)
    return TroubleError(f"{way.api_url} gave no answer: {what}", kind=TroubleKind.UNREACHABLE)


def over(way: HostWay, *, pause: float | None = None, because: TroubleError | None = None) -> TroubleError:
    """The error of a call for which no time is left.

    Args:
        way: with the deadline.
        pause: seconds that would have to be waited, None: none are left at all.
        because: what went wrong before.
    """
    what = "are over" if pause is None else f"end before the {pause:.0f} seconds that have to be waited"
    why = f"; the last answer was: {because.message}" if because else ""
    message = f"{way.repository}#{way.number}: the {way.deadline.seconds or 0:g} seconds of --timeout {what}{why}"
    return TroubleError(message, kind=TroubleKind.TIMED_OUT)


def taken(record: Any, kind: type[_Kind], *names: str) -> _Kind:
    """A value out of an answer.

    Args:
        record: the answer, read as JSON.
        kind: what it has to be.
        names: of the objects around it and its own; none: the answer itself.

    Raises:
        TroubleError: it is not there, or something else.
    """
    value = record
    for name in names:
        value = value.get(name) if isinstance(value, Mapping) else None
    if not isinstance(value, kind):
        what = ".".join(names) or f"of the form {kind.__name__}"
        raise TroubleError(f"GitHub's answer is not as described: nothing {what} in it", kind=TroubleKind.BAD_ANSWER)
    return value


def _kind(answer: Answer, said: str) -> TroubleKind:
    status = answer.status
    if status < 400:
        return TroubleKind.BAD_ANSWER
    if status < 500 and _RATE.search(said):
        return TroubleKind.RATE
    if status == 403 and "retry-after" in answer.headers:
        return TroubleKind.RATE
    return _STATUSES.get(status) or (TroubleKind.UNREACHABLE if status >= 500 else TroubleKind.REFUSED)


def _pause(answer: Answer) -> float | None:
    asked = answer.headers.get("retry-after", "").strip()
    if asked.isdecimal():
        return float(asked)
    reset = answer.headers.get("x-ratelimit-reset", "").strip()
    if answer.headers.get("x-ratelimit-remaining", "").strip() == "0" and reset.isdecimal():
        # It is not told when in that second.
        return max(0.0, float(reset) - time.time()) + 1
    return None


def _words(body: Any) -> Iterator[str]:
    """All sentences of a refusal, which come as texts and as objects."""
    if isinstance(body, Mapping):
        errors = body.get("errors")
        for said in (body.get("message"), *(errors if isinstance(errors, list) else ())):
            words = said.get("message") or said.get("code") if isinstance(said, Mapping) else said
            if isinstance(words, str):
                yield words


def _harmless(text: str, way: HostWay) -> str:
    if way.token and len(way.token) >= _SECRET:
        text = text.replace(way.token, "***")
    return one_line(text[:2_000])[:300]
