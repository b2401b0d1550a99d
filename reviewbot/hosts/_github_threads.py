"""What became of our comments in their threads. Alone knows how a finding is dismissed, and who may do so.

Only GraphQL tells which threads are resolved, and by whom. Where it may not be asked, none is, and what people answered
counts all the same.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote

from reviewbot.finding import Finding
from reviewbot.hosts._github_comments import Author, Told
from reviewbot.hosts._github_refusals import TroubleError, TroubleKind, taken
from reviewbot.hosts._github_wire import Wire
from reviewbot.memory import Fate, Known
from reviewbot.terminal import one_line

UNASKED = {TroubleKind.PERMISSION, TroubleKind.MISSING, TroubleKind.REFUSED}
"""Trouble with a question that may not be asked."""

_WORKFLOW = Author("github-actions[bot]", bot=True)
"""Who a workflow's own token stands for, where nobody may ask."""

_RIGHTS = {"admin", "maintain", "write"}
_IGNORE = re.compile(r"\s{0,3}/reviewbot[ \t]+ignore(?:[\s:,.-]+(?P<why>\S.*)?)?", re.DOTALL)
_NUMBER = re.compile(r"#discussion_r([0-9]{1,18})")
_LONGEST = 200
"""Characters of a reason."""

_WHO = "query { viewer { login } }"
_THREADS = """query($owner: String!, $name: String!, $number: Int!, $after: String) {
  viewer { login }
  repository(owner: $owner, name: $name) { pullRequest(number: $number) {
    reviewThreads(first: 100, after: $after) {
      pageInfo { hasNextPage endCursor }
      nodes { id isResolved viewerCanResolve resolvedBy { login } comments(first: 1) { nodes { url } } }
    } } } }"""
_RESOLVE = """mutation($thread: ID!) {
  resolveReviewThread(input: {threadId: $thread}) { thread { isResolved } } }"""


@dataclass(frozen=True, slots=True)
class Thread:
    """A thread.

    Attributes:
        id: by which GraphQL knows it.
        resolved_by: who resolved it; None: nobody, or nobody who is still there.
        resolvable: it is open, and we may resolve it.
    """

    id: str
    resolved_by: str | None
    resolvable: bool


@dataclass(slots=True)
class Threads:
    """The threads of a pull request.

    Attributes:
        author: who we are.
    """

    author: Author
    _wire: Wire
    _by_comment: Mapping[int, Thread] = field(default_factory=dict)
    _rights: dict[str, bool] = field(default_factory=dict)

    @classmethod
    def read(cls, wire: Wire) -> "Threads":
        """Who we are, and the threads there are, with one call for the first hundred.

        Raises:
            TroubleError: that cannot be read.
        """
        if not wire.way.token:
            return cls(Author(None), wire)
        try:
            author, threads = _asked(wire)
        except TroubleError as trouble:
            if trouble.kind not in UNASKED:
                raise
            return cls(_who(wire), wire)
        return cls(author, wire, threads)

    def known(self, told: Iterable[Told], own: Iterable[Finding]) -> tuple[Known, ...]:
        """What became of the findings of our comments.

        Args:
            told: the comments.
            own: findings that the summary carries, for comments that do not.

        Raises:
            TroubleError: it cannot be read who may dismiss them.
        """
        kept = {one.fingerprint: one for one in own}
        # What the summary carries is younger.
        found = ((one, kept.get(one.posted.fingerprint) or one.posted.finding) for one in told)
        return tuple(self._known(one, finding) for one, finding in found if finding)

    def resolve(self, comments: Iterable[int]) -> None:
        """Resolve the threads of comments, as far as we may: it is no more than a courtesy.

        Args:
            comments: ids of the first comments.
        """
        threads = [self._by_comment[number] for number in comments if number in self._by_comment]
        for thread in threads:
            if thread.resolvable:
                try:
                    self._wire.ask(_RESOLVE, writes=True, thread=thread.id)
                except TroubleError as trouble:
                    if trouble.kind not in UNASKED:
                        return

    def _known(self, told: Told, finding: Finding) -> Known:
        fate, by, why = (Fate.GONE, "", "") if told.gone else self._dismissed(told)
        return Known(finding, fate, told.posted.id, by, why)

    def _dismissed(self, told: Told) -> tuple[Fate, str, str]:
        """Whether a finding was dismissed, by whom, and why."""
        for login, text in told.answers:
            asked = _IGNORE.fullmatch(text)
            if asked and self._may_dismiss(login):
                return Fate.DISMISSED, login, one_line(asked["why"] or "")[:_LONGEST]
        thread = self._by_comment.get(told.posted.id)
        if thread and thread.resolved_by and self._may_dismiss(thread.resolved_by):
            return Fate.DISMISSED, thread.resolved_by, ""
        return Fate.OPEN, "", ""

    def _may_dismiss(self, login: str) -> bool:
        """Whether somebody is a person with write access."""
        name = login.lower()
        if name not in self._rights:
            self._rights[name] = self._has_right(login)
        return self._rights[name]

    def _has_right(self, login: str) -> bool:
        try:
            told = self._wire.get(f"{self._wire.repo}/collaborators/{quote(login, safe='')}/permission").body
        except TroubleError as trouble:
            if trouble.kind in UNASKED:
                return False
            raise
        user = _inner(told, "user")
        return _inner(user, "type") == "User" and _inner(told, "permission") in _RIGHTS


def _asked(wire: Wire) -> tuple[Author, dict[int, Thread]]:
    owner, _, name = wire.way.repository.partition("/")
    found: dict[int, Thread] = {}
    after: str | None = None
    while True:
        told = wire.ask(_THREADS, owner=owner, name=name, number=wire.way.number, after=after)
        author = Author.of(taken(told, str, "viewer", "login"), token=wire.way.token or "")
        page = _inner(told, "repository", "pullRequest", "reviewThreads")
        for node in _rows(page):
            url = _inner(next(iter(_rows(_inner(node, "comments"))), None), "url")
            number = _NUMBER.search(url) if isinstance(url, str) else None
            if number:
                found[int(number[1])] = _thread(node)
        after = _inner(page, "pageInfo", "endCursor")
        if not (_inner(page, "pageInfo", "hasNextPage") is True and isinstance(after, str)):
            return author, found


def _thread(node: Any) -> Thread:
    resolved = _inner(node, "isResolved") is True
    by = _inner(node, "resolvedBy", "login")
    resolvable = not resolved and _inner(node, "viewerCanResolve") is True
    return Thread(taken(node, str, "id"), by if resolved and isinstance(by, str) else None, resolvable)


def _who(wire: Wire) -> Author:
    """Who we are, where threads may not be asked for."""
    token = wire.way.token or ""
    try:
        # The tokens of workflows and apps may not ask the other API, whose users are people.
        return Author.of(taken(wire.ask(_WHO), str, "viewer", "login"), token=token)
    except TroubleError as trouble:
        if trouble.kind not in UNASKED:
            raise
    if token.startswith("ghs_"):
        return _WORKFLOW
    # A server, or something before it, that knows the other API only.
    return Author.of(taken(wire.get("/user").body, str, "login"), token=token)


def _inner(record: Any, *names: str) -> Any:
    """A value out of an answer, None where it is not there."""
    for name in names:
        record = record.get(name) if isinstance(record, Mapping) else None
    return record


def _rows(connection: Any) -> list[Any]:
    nodes = _inner(connection, "nodes")
    return nodes if isinstance(nodes, list) else []
