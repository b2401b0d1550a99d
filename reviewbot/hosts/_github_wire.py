"""Calls to GitHub, one after another. Alone knows PyGithub, which calls may be repeated, and how long to wait.

Of PyGithub the requester is used, which signs, paces and sends. Its objects would take a page of HTML for an object
without values, and ask again by themselves; its own retries would wait beyond the deadline.
"""

import math
import threading
from collections.abc import Callable, Iterator, Mapping
from typing import Any, TypeVar
from urllib.parse import quote, urlsplit

from github import Auth, Github, GithubException
from github.Requester import Requester

from reviewbot.brief import HostWay
from reviewbot.hosts._github_refusals import Answer, TroubleError, TroubleKind, broken, denial, over, refusal, taken

_Result = TypeVar("_Result")

_PAGE = 100
_TIMEOUT = 30
"""Seconds without a byte after which there is no answer; GitHub itself gives up after ten."""

_TRIES = 4
_RATE_TRIES = 8
_FIRST_PAUSE = 1.0
_RATE_PAUSE = 60.0
"""Seconds before the next call where GitHub refuses for the rate and does not say how long."""

_MOST_PATIENCE = 3_700.0
"""Seconds: the requests of an hour come back within it."""

_GRAPHQL = "graphql"
"""A path that is another one on each kind of server."""

_JSON = "application/vnd.github+json"
_FOREIGN = (GithubException, OSError, RuntimeError, AssertionError, ValueError)
"""What PyGithub, requests and urllib3 raise, and PyGithub's checks of addresses."""


class Wire:
    """The connection to one pull request.

    Args:
        way: to it.
        between_writes: seconds.
    """

    def __init__(self, way: HostWay, *, between_writes: float) -> None:
        self.way = way
        self.repo = f"/repos/{quote(way.repository)}"
        self.pull = f"{self.repo}/pulls/{way.number}"
        self.talk = f"{self.repo}/issues/{way.number}/comments"
        self._between_writes = between_writes
        self._client: Github | None = None
        self._timeout = 0
        self._wrote = -math.inf
        self._never = threading.Event()

    def get(self, path: str, *, accept: str = _JSON, **parameters: str | int) -> Answer:
        """Read, again where trouble passes.

        Args:
            path: of the API.
            accept: media type; of any but JSON the text is not looked at.
            parameters: after the path.

        Raises:
            TroubleError: there is no such answer.
        """
        return self._repeated("GET", path, accept=accept, parameters=parameters)

    def again(self, verb: str, path: str, *, body: Mapping[str, Any] | None = None) -> Answer:
        """Do what leads to the same when it is done twice, again where trouble passes.

        Raises:
            TroubleError: it was not done, or so it seems.
        """
        return self._repeated(verb, path, body=body)

    def create(self, path: str, body: Mapping[str, Any]) -> Answer:
        """Make something, with one call only.

        Raises:
            TroubleError: it was not made; where the trouble passes, it may have been.
        """
        try:
            return self._once("POST", path, body=body)
        except TroubleError as trouble:
            if trouble.kind is TroubleKind.MISSING:
                # What can be read and not be found by who writes may not be written to.
                raise TroubleError(trouble.message, kind=TroubleKind.PERMISSION, status=trouble.status) from None
            raise

    def ask(self, query: str) -> Any:
        """What GraphQL knows, again where trouble passes.

        Args:
            query: changes nothing.

        Returns:
            the `data` of the answer.

        Raises:
            TroubleError: there is no such answer.
        """
        return self._patiently(lambda: self._asked(query))

    def pages(self, path: str) -> Iterator[list[dict[str, Any]]]:
        """The rows of a list, page by page.

        Raises:
            TroubleError: a page is not answered.
        """
        number, more = 0, True
        while more:
            number += 1
            answer = self.get(path, per_page=_PAGE, page=number)
            rows = [taken(row, dict) for row in taken(answer.body, list)]
            yield rows
            more = bool(rows) and 'rel="next"' in answer.headers.get("link", "")

    def wait(self, trouble: TroubleError, tried: int) -> None:
        """Let time pass before another call.

        Args:
            trouble: of the last one.
            tried: how often it was tried.

        Raises:
            TroubleError: it is hopeless, or the run would be over by then.
        """
        rate = trouble.kind is TroubleKind.RATE
        pause = (_RATE_PAUSE if rate else _FIRST_PAUSE) * 2 ** (tried - 1)
        if trouble.pause is not None:
            pause = trouble.pause
        if not trouble.passes or tried >= (_RATE_TRIES if rate else _TRIES) or pause > _MOST_PATIENCE:
            raise trouble
        self.rest(pause, because=trouble)

    def rest(self, seconds: float, *, because: TroubleError | None = None) -> None:
        """Let time pass.

        Raises:
            TroubleError: the run would be over by then.
        """
        deadline = self.way.deadline
        left = deadline.left()
        if left is not None and seconds >= left:
            raise over(self.way, pause=seconds if left else None, because=because)
        # What the provider was given up for is no reason to lose what it said before.
        deadline.clock.wait(self._never, seconds)

    def close(self) -> None:
        """Hang up."""
        if self._client:
            self._client.close()
            self._client = None

    def _repeated(
        self,
        verb: str,
        path: str,
        *,
        accept: str = _JSON,
        parameters: Mapping[str, str | int] | None = None,
        body: Mapping[str, Any] | None = None,
    ) -> Answer:
        return self._patiently(lambda: self._once(verb, path, accept=accept, parameters=parameters, body=body))

    def _asked(self, query: str) -> dict[str, Any]:
        answer = self._once("POST", _GRAPHQL, body={"query": query})
        if "errors" in taken(answer.body, dict):
            raise denial(answer, self.way)
        return taken(answer.body, dict, "data")

    def _patiently(self, call: Callable[[], _Result]) -> _Result:
        tried = 0
        while True:
            tried += 1
            try:
                return call()
            except TroubleError as trouble:
                self.wait(trouble, tried)

    def _once(
        self,
        verb: str,
        path: str,
        *,
        accept: str = _JSON,
        parameters: Mapping[str, str | int] | None = None,
        body: Mapping[str, Any] | None = None,
    ) -> Answer:
        if verb != "GET" and path != _GRAPHQL:
            self._pace()
        try:
            requester = self._requester()
            where = requester.graphql_url if path == _GRAPHQL else path
            told = requester.requestJson(verb, where, dict(parameters or {}), {"Accept": accept}, body)
        except _FOREIGN as error:
            raise broken(error, self.way) from error
        answer = Answer.read(*told)
        readable = accept != _JSON or answer.status == 204 or answer.body is not None
        if 200 <= answer.status < 300 and readable:
            return answer
        raise refusal(answer, self.way)

    def _pace(self) -> None:
        """Let writes follow each other no faster than GitHub asks for. PyGithub would sleep beyond the run's end."""
        clock = self.way.deadline.clock
        early = self._wrote + self._between_writes - clock.now()
        if early > 0:
            self.rest(early)
        self._wrote = clock.now()

    def _requester(self) -> Requester:
        left = self.way.deadline.left()
        if left == 0:
            raise over(self.way)
        parts = urlsplit(self.way.api_url)
        if parts.scheme not in {"http", "https"} or not parts.hostname:
            raise TroubleError(f"{self.way.api_url} is no address of an API", kind=TroubleKind.BAD_ANSWER)
        timeout = _TIMEOUT if left is None else max(1, min(_TIMEOUT, math.ceil(left)))
        if self._client is None or timeout < self._timeout:
            self.close()
            # PyGithub fixes it for as long as a connection is kept.
            self._timeout = timeout
            self._client = Github(
                base_url=self.way.api_url.rstrip("/"),
                auth=Auth.Token(self.way.token) if self.way.token else None,
                timeout=timeout,
                user_agent="reviewbot",
                retry=None,
                seconds_between_requests=0,
                seconds_between_writes=0,
            )
        return self._client.requester
