"""A strict stand-in for GitHub on the loopback, for github.com's addresses and for those of an enterprise server.

What it takes and gives is held against GitHub's own description. A request that no version of GitHub takes is answered
as GitHub would and fails the test at the end of the block. Alone knows HTTP and the order in which a request is judged.
"""

import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler
from typing import Any, cast
from urllib.parse import parse_qsl, urlsplit

from tests.support._github_desk import Desk, Recorded, Sent
from tests.support._github_faults import (
    Answer,
    Cut,
    Fault,
    Silent,
    Slow,
    Stale,
    html,
    primary,
    secondary,
    unavailable,
)
from tests.support._github_rights import Access, Limits, Token
from tests.support._github_state import IssueComment, Place, Pull, Repository, Review, ReviewComment, Store
from tests.support.loopback import Loopback, serving

__all__ = [
    "TOKEN",
    "Access",
    "Answer",
    "Cut",
    "Fault",
    "GitHub",
    "IssueComment",
    "Limits",
    "Place",
    "Pull",
    "Recorded",
    "Repository",
    "Review",
    "ReviewComment",
    "Silent",
    "Slow",
    "Stale",
    "Token",
    "github_server",
    "html",
    "primary",
    "secondary",
    "unavailable",
]

TOKEN = "ghs_the-workflow"
"""The token that is known where nobody names others: a GITHUB_TOKEN with the usual permissions."""
_STANDARD = Limits()


@dataclass(slots=True)
class GitHub:
    """A running server.

    Attributes:
        url: base URL of the API as on github.com.
        requests: every request that came, in order, with what was answered.
        violations: what no GitHub takes; the end of the block raises them.
    """

    url: str
    requests: list[Recorded] = field(default_factory=list)
    violations: list[str] = field(default_factory=list)
    _desk: Desk | None = None

    @property
    def enterprise_url(self) -> str:
        """Base URL of the API as on an enterprise server."""
        return f"{self.url}/api/v3"

    @property
    def store(self) -> Store:
        """All records, as they are now."""
        return self._open.store

    @property
    def _open(self) -> Desk:
        assert self._desk
        return self._desk

    @property
    def issue_comments(self) -> tuple[IssueComment, ...]:
        """The comments of all conversations, oldest first."""
        return tuple(self.store.issue_comments.values())

    @property
    def reviews(self) -> tuple[Review, ...]:
        """All reviews, oldest first, pending ones too."""
        return tuple(self.store.reviews.values())

    @property
    def review_comments(self) -> tuple[ReviewComment, ...]:
        """The comments of all reviews, oldest first."""
        return tuple(self.store.review_comments.values())

    @property
    def threads(self) -> tuple[tuple[ReviewComment, ...], ...]:
        """The comments by thread; `store.resolved` has the first comment's id of those that are resolved."""
        roots = dict.fromkeys(comment.root for comment in self.review_comments)
        return tuple(self.store.thread(root) for root in roots)

    def calls(self, method: str = "") -> tuple[str, ...]:
        """Method and path of every request, or of those with one method."""
        return tuple(f"{one.method} {one.path}" for one in self.requests if method in {"", one.method})

    def order(self, *faults: Fault) -> None:
        """Trouble from now on."""
        self._open.order(*faults)

    def calm(self) -> None:
        """No trouble any more."""
        self._open.calm()

    def change(self, number: int, *, repo: str | None = None, **fields: Any) -> Pull:
        """Change a pull request; a new head or base is a push, after which comments move or are outdated.

        Args:
            number: of the pull request.
            repo: full name; None: the first repository.
            fields: of `Pull`.
        """
        return self._open.change(repo or next(iter(self.store.repos)), number, fields)


@contextmanager
def github_server(
    *repos: Repository,
    tokens: Mapping[str, Token] | None = None,
    faults: Sequence[Fault] = (),
    limits: Limits = _STANDARD,
) -> Iterator[GitHub]:
    """Serve on a free loopback port until the block ends; then raise what was wrong with requests or with the server.

    Args:
        repos: what there is at the beginning.
        tokens: who may come in, by the token's text; None: `TOKEN` alone.
        faults: what goes wrong.
        limits: of sizes and rates.
    """
    server = _Server(Desk(Store.of(repos), {TOKEN: Token()} if tokens is None else tokens, limits, faults))
    with serving(server):
        yield server.running
    if server.running.violations:
        raise AssertionError("\n".join(server.running.violations))


class _Server(Loopback):
    def __init__(self, desk: Desk) -> None:
        super().__init__(_Handler)
        self.running = GitHub(f"http://127.0.0.1:{self.server_port}", _desk=desk)
        self.desk = desk

    def handle(self, recorded: Recorded) -> Sent:
        with self.lock:
            self.running.requests.append(recorded)
            sent = self.desk.handle(recorded, self.running.url)
            self.running.violations += recorded.violations
            return sent


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True

    @property
    def _host(self) -> _Server:
        return cast("_Server", self.server)

    def log_message(self, *_: object, **__: object) -> None:
        pass

    def __getattr__(self, name: str) -> Any:
        # Whatever method there is.
        if name.startswith("do_"):
            return self._any
        raise AttributeError(name)

    def _any(self) -> None:
        length = int(self.headers.get("content-length") or 0)
        raw = self.rfile.read(length)
        if len(raw) < length:
            self.close_connection = True
            return
        parts = urlsplit(self.path)
        headers = {name.lower(): value for name, value in self.headers.items()}
        query = dict(parse_qsl(parts.query, keep_blank_values=True))
        recorded = Recorded(self.command, *_split(parts.path), query, headers, raw, time.monotonic())
        # The connection ends where the server itself failed: an answer would be mistaken for one of GitHub's.
        self.close_connection = True
        sent = self._host.handle(recorded)
        if not self._host.ended.wait(sent.wait) and sent.share is not None:
            self._send(sent, sent.share)

    def _send(self, sent: Sent, share: float) -> None:
        part = sent.body[: int(len(sent.body) * share)]
        self.send_response(sent.status)
        for name, value in sent.headers.items():
            self.send_header(name, value)
        if sent.status != 204:
            self.send_header("content-length", str(len(sent.body)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(part)
        self.close_connection = share < 1


def _split(path: str) -> tuple[str, str]:
    """The path as the description has it, and the prefix of an enterprise server before it."""
    if path == "/api/graphql":
        return "/graphql", "/api"
    return (path.removeprefix("/api/v3"), "/api/v3") if path.startswith("/api/v3/") else (path, "")
