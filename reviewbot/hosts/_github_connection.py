"""How one answer of GitHub is waited for. Alone knows PyGithub's connections.

With its own, PyGithub follows a redirect by itself, without the query, and asks again for as long as it hears that
something is being made; and a server that sends a byte now and then is waited for without end.
"""

from collections.abc import Generator
from typing import Any
from urllib.parse import urlsplit

from github.Requester import HTTPRequestsConnectionClass, HTTPSRequestsConnectionClass

from reviewbot.hosts._github_refusals import Answer
from reviewbot.patience import in_time

_SILENCE = 30
"""Seconds without a byte after which there is no answer; GitHub itself gives up after ten."""

_WHOLE = 300.0
"""Seconds of a whole answer."""

_KEPT_BACK = {202, 301}
"""What PyGithub would act on by itself."""


class KeptBackError(Exception):
    """An answer that PyGithub is not to see."""

    def __init__(self, answer: Answer) -> None:
        super().__init__(answer.status)
        self.answer = answer


class Connection:
    """A connection to an API, in the form that PyGithub's requester takes.

    Args:
        api_url: of the API.
    """

    def __init__(self, api_url: str) -> None:
        parts = urlsplit(api_url)
        kind = HTTPSRequestsConnectionClass if parts.scheme == "https" else HTTPRequestsConnectionClass
        self._inner = kind(parts.hostname or "", parts.port, timeout=_SILENCE)
        self._left: float | None = None

    def within(self, left: float | None) -> "Connection":
        """The same, for an answer that may take so many seconds; None: any.

        The answer then raises `LateError` where it takes longer.
        """
        self._left = left
        return self

    def request(self, verb: str, url: str, body: Any, headers: dict[str, str], *rest: Any) -> None:
        """What is to be sent."""
        self._inner.request(verb, url, body, headers, *rest)

    def getresponse(self) -> Any:
        """Send it, and read the answer.

        Raises:
            KeptBackError: it is one that PyGithub must not see.
            LateError: the time is over.
        """
        left = _WHOLE if self._left is None else min(self._left, _WHOLE)
        response = next(in_time(self._read, lambda: left))
        if response.status in _KEPT_BACK:
            headers = {name.lower(): value for name, value in response.getheaders()}
            raise KeptBackError(Answer.read(response.status, headers, response.read()))
        return response

    def close(self) -> None:
        """Hang up."""
        self._inner.close()

    def _read(self) -> Generator[Any, None, None]:
        yield self._inner.getresponse()
