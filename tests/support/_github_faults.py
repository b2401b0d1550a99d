"""What goes wrong between a client and GitHub: alone knows when a fault strikes and what an outage looks like."""

import json
import re
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

HTML = "text/html; charset=utf-8"
JSON = "application/json; charset=utf-8"


@dataclass(frozen=True, slots=True)
class Answer:
    """This is answered instead.

    Attributes:
        status: of the answer.
        body: as sent.
        content_type: of the body.
        headers: beside the usual ones.
        reset: seconds until the primary rate limit is lifted, told in `x-ratelimit-reset`; None: nothing is told.
    """

    status: int
    body: bytes
    content_type: str = JSON
    headers: Mapping[str, str] = field(default_factory=dict)
    reset: int | None = None

    def all_headers(self) -> dict[str, str]:
        """The headers as they stand at this moment."""
        limited = {"x-ratelimit-remaining": "0", "x-ratelimit-reset": str(int(time.time()) + (self.reset or 0))}
        return {**self.headers, **(limited if self.reset is not None else {})}


@dataclass(frozen=True, slots=True)
class Silent:
    """No answer comes, for so many seconds; then the connection ends."""

    seconds: float = 60


@dataclass(frozen=True, slots=True)
class Cut:
    """The connection ends; `part`: with this share of the right answer sent, and so with the work done."""

    part: float = 0


@dataclass(frozen=True, slots=True)
class Slow:
    """The right answer comes after so many seconds."""

    seconds: float


@dataclass(frozen=True, slots=True)
class Stale:
    """The answer does not know of the newest write yet."""


Trouble = Answer | Silent | Cut | Slow | Stale


@dataclass(frozen=True, slots=True)
class Fault:
    """An order for trouble.

    Attributes:
        trouble: what happens.
        method: of the requests it is for; empty: of all.
        path: a regular expression that is searched for in the path, which begins with `/repos`, `/user` or `/graphql`.
        nth: the first request that it strikes, from 1, of those that are meant.
        times: how many it strikes from there on; None: all.
        after: the request has done its work before.
    """

    trouble: Trouble
    method: str = ""
    path: str = ""
    nth: int = 1
    times: int | None = 1
    after: bool = False

    def means(self, method: str, path: str) -> bool:
        """Whether a request is one of those that are counted."""
        return self.method in {"", method} and re.search(self.path, path) is not None

    @property
    def forestalls(self) -> bool:
        """Whether the request's work is not done."""
        early = isinstance(self.trouble, Answer | Silent) or (isinstance(self.trouble, Cut) and not self.trouble.part)
        return early and not self.after

    def strikes(self, number: int) -> bool:
        """Whether it is this one of them, from 1."""
        return number >= self.nth and (self.times is None or number < self.nth + self.times)


class Faults:
    """Counts the requests that each fault is for."""

    def __init__(self, ordered: Sequence[Fault]) -> None:
        self._ordered = list(ordered)
        self._counts = [0] * len(ordered)

    def add(self, fault: Fault) -> None:
        """One more, counted from now."""
        self._ordered.append(fault)
        self._counts.append(0)

    def meet(self, method: str, path: str) -> Fault | None:
        """The first fault that strikes a request; all that it is for count it."""
        struck = None
        for place, fault in enumerate(self._ordered):
            if fault.means(method, path):
                self._counts[place] += 1
                if struck is None and fault.strikes(self._counts[place]):
                    struck = fault
        return struck


def html(status: int) -> Answer:
    """A page of the load balancer: 500, 502, 503, 504, or 200 for a page that should not be there."""
    page = "<html><body><h1>Whoops!</h1><p>This page is taking too long to load.</p></body></html>"
    return Answer(status, page.encode(), HTML)


def unavailable() -> Answer:
    """GitHub cannot make a diff for now."""
    words = "Sorry, this diff is temporarily unavailable due to heavy server load."
    errors = [{"resource": "PullRequest", "field": "diff", "code": "not_available"}]
    return _json(500, words, errors=errors)


def secondary(*, status: int = 403, retry_after: int | None = None) -> Answer:
    """Too much in too short a time; `retry_after` in seconds."""
    words = "You have exceeded a secondary rate limit. Please wait a few minutes before you try again."
    headers = {} if retry_after is None else {"retry-after": str(retry_after)}
    return _json(status, words, headers=headers)


def primary(*, reset: int, status: int = 403) -> Answer:
    """The requests of this hour are used up; `reset` in seconds from the answer."""
    return _json(status, "API rate limit exceeded for installation ID 1.", reset=reset)


def _json(
    status: int,
    message: str,
    *,
    errors: Sequence[Mapping[str, str]] = (),
    headers: Mapping[str, str] | None = None,
    reset: int | None = None,
) -> Answer:
    whole = {"message": message, **({"errors": errors} if errors else {})}
    body = {**whole, "documentation_url": "https://docs.github.com/rest", "status": str(status)}
    return Answer(status, json.dumps(body).encode(), JSON, headers or {}, reset)
