"""Where a request is judged and answered: alone knows the order, and what GitHub says to requests that mean nothing.

Faults that come before the work, token, rate, form, permission, and then the rules of the operation.
"""

import json
import time
from collections import deque
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from typing import Any

from tests.support import _github_graphql as graphql
from tests.support._github_bodies import Bodies
from tests.support._github_call import JSON, Call, Reply, need, not_found
from tests.support._github_description import Operation, find
from tests.support._github_faults import JSON as JSON_TEXT
from tests.support._github_faults import Answer, Cut, Fault, Faults, Silent, Slow, Stale, primary, secondary
from tests.support._github_reads import READS
from tests.support._github_rights import Access, Limits, Token
from tests.support._github_rules import RefusedError, follow
from tests.support._github_state import Pull, Store
from tests.support._github_writes import WRITES

_VERSIONS = {"2022-11-28", "2026-03-10"}
_DOCUMENTATION = "https://docs.github.com/rest"
_ANYBODY = Token("", actions=False, contents=Access.READ, pull_requests=Access.READ, issues=Access.READ)
"""Who says nothing about himself; what is public is there for him to read."""
_MINUTE = 60


@dataclass(slots=True)
class Recorded:
    """A request and its answer.

    Attributes:
        method: in upper case.
        path: without the prefix of an enterprise server.
        prefix: that prefix.
        query: by name.
        headers: by lower-cased name.
        raw: the body as it came.
        at: `time.monotonic()` of its arrival.
        operation: what it means; None where it means nothing that is known.
        fault: what struck it.
        status: of the answer; 0 where none was sent.
        answer: read as JSON, else as text; None where there is none.
        violations: what no GitHub takes, in words.
    """

    method: str
    path: str
    prefix: str
    query: Mapping[str, str]
    headers: Mapping[str, str]
    raw: bytes
    at: float
    operation: Operation | None = None
    fault: Fault | None = None
    status: int = 0
    answer: Any = None
    violations: list[str] = field(default_factory=list)

    @property
    def body(self) -> Any:
        """What was sent, read as JSON; None where it is none."""
        with suppress(ValueError, RecursionError):
            return json.loads(self.raw.decode())
        return None

    @property
    def writes(self) -> bool:
        """Whether it would change something."""
        if self.path != "/graphql":
            return self.method != "GET"
        return isinstance(self.body, dict) and isinstance(self.body.get("query"), str) and graphql.writes(self.body)


@dataclass(frozen=True, slots=True)
class Sent:
    """What goes out: after `wait` seconds a share of the body, or with `share` None nothing at all."""

    status: int = 0
    body: bytes = b""
    headers: Mapping[str, str] = field(default_factory=dict)
    wait: float = 0
    share: float | None = 1


class Desk:
    """Answers one request after another; `store` is what there is."""

    def __init__(self, store: Store, tokens: Mapping[str, Token], limits: Limits, faults: Sequence[Fault]) -> None:
        self.store = store
        self._before = store
        self._tokens, self._limits, self._faults = tokens, limits, Faults(faults)
        self._used: dict[str, int] = {}
        self._made: dict[str, deque[float]] = {}
        self._number = 0

    def order(self, *faults: Fault) -> None:
        """Trouble from now on."""
        for fault in faults:
            self._faults.add(fault)

    def calm(self) -> None:
        """No trouble any more."""
        self._faults = Faults(())

    def change(self, repo: str, number: int, fields: Mapping[str, Any]) -> Pull:
        """Change a pull request, and take its comments along."""
        before = self.store.picture()
        pull = self.store.pulls[repo, number] = replace(self.store.pulls[repo, number], **fields)
        for comment in self.store.review_comments.values():
            if (comment.repo, comment.number) == (repo, number) and {"head", "base"} & {*fields}:
                self.store.review_comments[comment.id] = follow(self.store, repo, pull, comment)
        self._before = before
        return pull

    def handle(self, recorded: Recorded, url: str) -> Sent:
        """Do what a request asks for, unless something goes wrong before."""
        fault = recorded.fault = self._faults.meet(recorded.method, recorded.path)
        found = find(recorded.method, recorded.path)
        recorded.operation = found[0] if found else None
        recorded.violations += self._wrong(recorded)
        if fault and fault.forestalls:
            return self._struck(recorded, fault, Sent())
        store = self._before if fault and isinstance(fault.trouble, Stale) and not recorded.writes else self.store
        reply = self._reply(recorded, store, url)
        sent = self._sent(recorded, reply)
        return self._struck(recorded, fault, sent) if fault else sent

    def _wrong(self, recorded: Recorded) -> list[str]:
        """What no GitHub takes."""
        if recorded.path == "/graphql" and recorded.method == "POST":
            fine = isinstance(recorded.body, dict) and isinstance(recorded.body.get("query"), str)
            return [] if fine else ["GraphQL is asked without a query"]
        operation = recorded.operation
        if operation is None:
            return [f"{recorded.method} {recorded.path} is nothing that this server knows"]
        wrong = [*operation.unknown(recorded.query)]
        if recorded.raw and recorded.body is None:
            wrong.append(f"{operation.name} is sent what is no JSON")
        elif words := operation.malformed(recorded.body):
            wrong.append(f"{operation.name}: {words}")
        return wrong

    def _reply(self, recorded: Recorded, store: Store, url: str) -> Reply:
        picture = self.store.picture()
        try:
            token = self._admitted(recorded)
            bodies = Bodies(store, url + ("/api/v3" if recorded.prefix else ""), url)
            if recorded.path == "/graphql":
                reply = self._asked(recorded, bodies, token)
            else:
                reply = self._done(recorded, bodies, token)
        except RefusedError as error:
            return _refusal(error)
        if recorded.writes:
            self._before = picture
        return reply

    def _asked(self, recorded: Recorded, bodies: Bodies, token: Token) -> Reply:
        if recorded.violations:
            raise RefusedError(400, "A query attribute must be specified and must be a string.")
        answered = graphql.answer(recorded.body, bodies, token)
        recorded.violations += [f"GraphQL: {words}" for words in answered.wrong]
        return Reply(200, answered.body)

    def _done(self, recorded: Recorded, bodies: Bodies, token: Token) -> Reply:
        found = find(recorded.method, recorded.path)
        if found is None:
            raise not_found()
        operation, params = found
        body = recorded.body
        if recorded.raw and not isinstance(body, dict):
            raise RefusedError(400, "Problems parsing JSON" if body is None else "Body should be a JSON object")
        need(token, operation.method, operation.template)
        words = operation.malformed(body)
        if words:
            raise RefusedError(422, words)
        accept = recorded.headers.get("accept", "").lower()
        where = f"{bodies.api}{recorded.path}"
        call = Call(bodies.store, token, self._limits, bodies, params, recorded.query, body or {}, accept, where)
        if operation.name in READS:
            return READS[operation.name](call)
        if recorded.method == "POST":
            self._meter(recorded)
        return WRITES[operation.name](call)

    def _admitted(self, recorded: Recorded) -> Token:
        if not recorded.headers.get("user-agent"):
            words = "Request forbidden by administrative rules. Please make sure your request has a User-Agent header"
            raise RefusedError(403, words)
        version = recorded.headers.get("x-github-api-version")
        if version is not None and version not in _VERSIONS:
            raise RefusedError(400, f"{version} is not a valid version.")
        secret = _secret(recorded)
        if secret is None and recorded.method == "GET" and recorded.path != "/user" and self._public:
            return _ANYBODY
        if secret is None:
            raise RefusedError(401, "Requires authentication")
        if secret not in self._tokens:
            raise RefusedError(401, "Bad credentials")
        token = self._tokens[secret]
        self._used[secret] = self._used.get(secret, 0) + 1
        if self._used[secret] > self._hourly(token):
            raise _limited(primary(reset=3600))
        return token

    @property
    def _public(self) -> bool:
        return not any(repo.private for repo in self.store.repos.values())

    def _hourly(self, token: Token) -> int:
        return self._limits.hourly or (1_000 if token.actions else 5_000)

    def _meter(self, recorded: Recorded) -> None:
        """Nobody makes too much in a minute."""
        made = self._made.setdefault(_secret(recorded) or "", deque())
        while made and made[0] <= recorded.at - _MINUTE:
            made.popleft()
        if len(made) >= self._limits.creations:
            raise _limited(secondary(retry_after=_MINUTE))
        made.append(recorded.at)

    def _sent(self, recorded: Recorded, reply: Reply) -> Sent:
        """The answer as bytes, after it was held against the description."""
        text = reply.body if isinstance(reply.body, bytes) else b""
        if reply.media == JSON and reply.body is not None:
            text = json.dumps(reply.body).encode()
        recorded.status = reply.status
        recorded.answer = text.decode("utf-8", "replace") if reply.media != JSON else reply.body
        if recorded.operation:
            broken = recorded.operation.broken(reply.status, recorded.answer, media=reply.media)
            assert broken is None, broken
        kind = JSON_TEXT if reply.media == JSON else f"{reply.media}; charset=utf-8"
        named = {} if reply.body is None else {"content-type": kind}
        return Sent(reply.status, text, {**self._headers(recorded), **named, **reply.headers})

    def _headers(self, recorded: Recorded) -> dict[str, str]:
        self._number += 1
        secret = _secret(recorded) or ""
        limit = self._hourly(self._tokens[secret]) if secret in self._tokens else 60
        used = min(self._used.get(secret, 0), limit)
        return {
            "x-github-request-id": f"{self._number:04X}",
            "x-github-media-type": "github.v3; format=json",
            "x-github-api-version-selected": recorded.headers.get("x-github-api-version", "2022-11-28"),
            "x-ratelimit-limit": str(limit),
            "x-ratelimit-remaining": str(limit - used),
            "x-ratelimit-used": str(used),
            "x-ratelimit-reset": str(int(time.time()) + 3600),
            "x-ratelimit-resource": "graphql" if recorded.path == "/graphql" else "core",
        }

    def _struck(self, recorded: Recorded, fault: Fault, sent: Sent) -> Sent:
        trouble = fault.trouble
        if isinstance(trouble, Slow):
            return replace(sent, wait=trouble.seconds)
        if isinstance(trouble, Stale):
            return sent
        recorded.status, recorded.answer = 0, None
        if isinstance(trouble, Silent):
            return Sent(wait=trouble.seconds, share=None)
        if isinstance(trouble, Cut):
            return replace(sent, share=trouble.part or None)
        recorded.status, recorded.answer = trouble.status, trouble.body.decode()
        headers = {**self._headers(recorded), "content-type": trouble.content_type, **trouble.all_headers()}
        return Sent(trouble.status, trouble.body, headers)


def _secret(recorded: Recorded) -> str | None:
    scheme, _, secret = recorded.headers.get("authorization", "").partition(" ")
    return secret.strip() if scheme.lower() in {"token", "bearer"} and secret.strip() else None


def _limited(answer: Answer) -> RefusedError:
    error = RefusedError(answer.status, json.loads(answer.body)["message"])
    error.headers = answer.all_headers()
    return error


def _refusal(error: RefusedError) -> Reply:
    errors = {"errors": list(error.errors)} if error.errors else {}
    body = {"message": error.message, **errors, "documentation_url": _DOCUMENTATION, "status": str(error.status)}
    return Reply(error.status, body, headers=error.headers)
