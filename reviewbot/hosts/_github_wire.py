"""Calls to GitHub, one after another. Alone knows PyGithub, which calls may be repeated, and how long to wait.

Of PyGithub the requester is used, which signs and sends. Its objects would take a page of HTML for an object
without values, and ask again by themselves; its own retries would wait beyond the deadline.
"""

import math
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any, TypeVar
from urllib.parse import quote

from github import Auth, Github, GithubException
from github.Requester import Requester

from reviewbot.brief import HostWay
from reviewbot.hosts._github_connection import Connection, KeptBackError
from reviewbot.hosts._github_refusals import Answer, TroubleError, TroubleKind, broken, denial, over, refusal, taken
from reviewbot.patience import LateError

_Result = TypeVar("_Result")

_PAGE = 100
_TRIES = 4
_RATE_TRIES = 8
_FIRST_PAUSE = 1.0
_RATE_PAUSE = 60.0
"""Seconds before the next call where GitHub refuses for the rate and does not say how long."""

_MOST_PATIENCE = 300.0
"""Seconds that are waited for where nobody says how long the run may take."""

_MOST_PAGES = 1_000

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
        self._connection: Connection | None = None
        self._kept = 0.0
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
        return self._patiently(lambda: self._once("GET", path, accept=accept, parameters=parameters))

    def again(self, verb: str, path: str, *, body: Mapping[str, Any] | None = None) -> Answer:
        """Do what leads to the same when it is done twice, again where trouble passes.

        Raises:
            TroubleError: it was not done, or so it seems.
        """
        return self._patiently(lambda: self._once(verb, path, writes=True, body=body))

    def create(self, path: str, body: Mapping[str, Any]) -> Answer:
        """Make something, with one call only.

        Raises:
            TroubleError: it was not made; where the trouble passes, it may have been.
        """
        try:
            return self._once("POST", path, writes=True, body=body)
        except TroubleError as trouble:
            if trouble.kind is TroubleKind.MISSING:
                # What can be read and not be found by who writes may not be written to.
                raise TroubleError(trouble.message, kind=TroubleKind.PERMISSION, status=trouble.status) from None
            raise

    def ask(self, query: str, *, writes: bool = False, **variables: str | int | None) -> Any:
        """What GraphQL knows, again where trouble passes.

        Args:
            query: leads to the same when it is asked twice.
            writes: whether it changes something.
            variables: of the query.

        Returns:
            the `data` of the answer.

        Raises:
            TroubleError: there is no such answer.
        """
        return self._patiently(lambda: self._asked(query, variables, writes=writes))

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
            if number == _MOST_PAGES:
                raise TroubleError(f"{path} has no end", kind=TroubleKind.BAD_ANSWER)

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
        # Who is nobody has few requests, and gets more by saying who he is.
        hopeless = not trouble.passes or (rate and not self.way.token)
        if hopeless or tried >= (_RATE_TRIES if rate else _TRIES):
            raise trouble
        if pause > _MOST_PATIENCE and self._left() is None:
            raise trouble.because(f"GitHub asks to wait for {pause:.0f} seconds; --timeout says how long you would")
        self.rest(pause, because=trouble)

    def rest(self, seconds: float, *, because: TroubleError | None = None) -> None:
        """Let time pass.

        Raises:
            TroubleError: the run would be over by then.
        """
        left = self._left()
        if left is not None and seconds >= left:
            raise over(self.way, pause=seconds if left else None, because=because)
        # What the provider was given up for is no reason to lose what it said before.
        self.way.deadline.clock.wait(self._never, seconds)

    @contextmanager
    def keeping(self, seconds: float) -> Iterator[None]:
        """Within this block the run ends so many seconds sooner, at most half of what is left: for what follows it."""
        left = self._left()
        self._kept = 0.0 if left is None else min(seconds, left / 2)
        try:
            yield
        finally:
            self._kept = 0.0

    def close(self) -> None:
        """Hang up."""
        if self._connection:
            self._connection.close()
            self._connection = None

    def _left(self) -> float | None:
        """Seconds until the end, None where there is none."""
        left = self.way.deadline.left()
        return None if left is None else max(0.0, left - self._kept)

    def _asked(self, query: str, variables: Mapping[str, str | int | None], *, writes: bool) -> dict[str, Any]:
        answer = self._once("POST", _GRAPHQL, writes=writes, body={"query": query, "variables": variables})
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
        writes: bool = False,
        accept: str = _JSON,
        parameters: Mapping[str, str | int] | None = None,
        body: Mapping[str, Any] | None = None,
    ) -> Answer:
        if writes:
            self._pace()
        answer = self._told(verb, path, {"Accept": accept}, dict(parameters or {}), body)
        readable = accept != _JSON or answer.status == 204 or answer.body is not None
        if not (200 <= answer.status < 300 and answer.status != 202 and readable):
            raise refusal(answer, self.way)
        if writes:
            self._wrote = self.way.deadline.clock.now()
        return answer

    def _told(self, verb: str, path: str, headers: dict[str, Any], parameters: dict[str, Any], body: Any) -> Answer:
        left = self._left()
        if left == 0:
            raise over(self.way)
        try:
            requester = self._requester()
            where = requester.graphql_url if path == _GRAPHQL else path
            connection: Any = self._connected().within(left)
            return Answer.read(*requester.requestJson(verb, where, parameters, headers, body, connection))
        except KeptBackError as kept:
            return kept.answer
        except LateError:
            # Where nobody said how long it may take, it took longer than any answer does.
            raise over(self.way) if left is not None else broken(TimeoutError("it takes too long"), self.way) from None
        except _FOREIGN as error:
            raise broken(error, self.way) from error

    def _pace(self) -> None:
        """Let writes follow each other no faster than GitHub asks for. PyGithub would sleep beyond the run's end."""
        clock = self.way.deadline.clock
        early = self._wrote + self._between_writes - clock.now()
        if early > 0:
            self.rest(early)

    def _requester(self) -> Requester:
        if self._client is None:
            self._client = Github(
                base_url=self.way.api_url.rstrip("/"),
                auth=Auth.Token(self.way.token) if self.way.token else None,
                user_agent="reviewbot",
                retry=None,
                seconds_between_requests=0,
                seconds_between_writes=0,
            )
        return self._client.requester

    def _connected(self) -> Connection:
        if self._connection is None:
            self._connection = Connection(self.way.api_url)
        return self._connection
