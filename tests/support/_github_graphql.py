"""GitHub's GraphQL, as far as a review bot needs it: alone knows threads, who may resolve them, and how it says no.

The schema is GitHub's own, cut; queries are held against it by a real implementation of the language.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

from graphql import (
    DocumentNode,
    GraphQLError,
    GraphQLSchema,
    OperationType,
    build_schema,
    execute_sync,
    parse,
    validate,
)
from graphql.utilities import get_operation_ast

from tests.support import _github_state as state
from tests.support._github_bodies import Bodies, stamp
from tests.support._github_description import FOLDER
from tests.support._github_rights import Access, Token
from tests.support._github_talk import page

_SCHEMA: GraphQLSchema = build_schema((FOLDER / "schema.graphql").read_text("utf-8"))
_MOST = 100
_CURSOR = "Y3Vyc29y"

Fields = Mapping[str, Any]


class NoError(Exception):
    """GitHub says no to a part of a request.

    Attributes:
        kind: FORBIDDEN, NOT_FOUND and the like.
    """

    def __init__(self, kind: str, message: str) -> None:
        super().__init__(message)
        self.kind = kind


@dataclass(frozen=True, slots=True)
class Answered:
    """An answer.

    Attributes:
        body: of the answer; its status is 200.
        wrong: what no schema allows in the request, in words.
    """

    body: dict[str, Any]
    wrong: tuple[str, ...] = ()


def writes(body: Mapping[str, Any]) -> bool:
    """Whether a request is a mutation."""
    operation = _operation(_read(body))
    return operation is not None and operation.operation is OperationType.MUTATION


def answer(body: Mapping[str, Any], bodies: Bodies, token: Token) -> Answered:
    """Do what a request asks for.

    Args:
        body: with `query` and `variables`.
        bodies: knows the store.
        token: who asks.
    """
    document = _read(body)
    errors = [document] if isinstance(document, GraphQLError) else validate(_SCHEMA, document)
    if isinstance(document, GraphQLError) or errors:
        told = [{"message": error.message, "locations": _locations(error)} for error in errors]
        return Answered({"errors": told}, tuple(error.message for error in errors))
    root = _Root(bodies, token)
    done = execute_sync(_SCHEMA, document, root.fields(), variable_values=body.get("variables") or {})
    made: dict[str, Any] = {"data": done.data} if done.data is not None else {}
    wrong = []
    for error in done.errors or ():
        cause = error.original_error
        if isinstance(cause, NoError):
            made.setdefault("errors", []).append(_told(error, cause.kind))
        elif cause is not None and not isinstance(cause, GraphQLError):
            raise cause
        else:
            wrong.append(error.message)
            made.setdefault("errors", []).append({"message": error.message, "locations": _locations(error)})
    return Answered(made, tuple(wrong))


def _told(error: GraphQLError, kind: str) -> dict[str, Any]:
    more = {"extensions": {"saml_failure": False}} if kind == "FORBIDDEN" else {}
    return {"type": kind, "path": error.path, **more, "locations": _locations(error), "message": error.message}


def _locations(error: GraphQLError) -> list[dict[str, int]]:
    return [{"line": one.line, "column": one.column} for one in error.locations or ()]


def _read(body: Mapping[str, Any]) -> DocumentNode | GraphQLError:
    try:
        return parse(body["query"])
    except GraphQLError as error:
        return error


def _operation(document: DocumentNode | GraphQLError) -> Any:
    return None if isinstance(document, GraphQLError) else get_operation_ast(document)


@dataclass(frozen=True, slots=True)
class _Root:
    bodies: Bodies
    token: Token

    @property
    def store(self) -> state.Store:
        return self.bodies.store

    def fields(self) -> Fields:
        return {
            "viewer": lambda _: self._viewer(),
            "repository": lambda _, owner, name, **__: self._repository(f"{owner}/{name}"),
            "node": lambda _, **given: self._node(given["id"]),
            "resolveReviewThread": lambda _, **given: self._resolve(given["input"], done=True),
            "unresolveReviewThread": lambda _, **given: self._resolve(given["input"], done=False),
            "minimizeComment": lambda _, **given: self._minimize(given["input"], "minimizedComment"),
            "unminimizeComment": lambda _, **given: self._minimize(given["input"], "unminimizedComment"),
        }

    def _viewer(self) -> Fields:
        # Of whoever asks it says the whole login, of all others the name without its end.
        return {**self._actor(self.token.login), "__typename": "User", "login": self.token.login}

    def _actor(self, login: str) -> dict[str, Any]:
        robot = login.endswith("[bot]")
        number = state.number_of(login)
        kind = "Bot" if robot else "User"
        name = state.node(state.kinds()[kind], number)
        return {"__typename": kind, "login": login.removesuffix("[bot]"), "databaseId": number, "id": name}

    def _repository(self, name: str) -> Fields:
        if name not in self.store.repos:
            raise NoError("NOT_FOUND", f"Could not resolve to a Repository with the name '{name}'.")
        return {
            "id": state.node("R", state.number_of(name)),
            "name": name.split("/")[1],
            "nameWithOwner": name,
            "pullRequest": lambda _, number: self._pull(name, number),
        }

    def _pull(self, repo: str, number: int) -> Fields:
        pull = self.store.pulls.get((repo, number))
        if pull is None:
            raise NoError("NOT_FOUND", f"Could not resolve to a PullRequest with the number of {number}.")
        self._need(self.token.pull_requests, Access.READ)
        return {
            "__typename": "PullRequest",
            "id": state.node("PR", state.number_of(f"{repo}#{number}")),
            "number": number,
            "title": pull.title,
            "body": pull.body or "",
            "headRefOid": pull.head,
            "reviewThreads": lambda _, **cut: _connection("reviewThreads", self._threads(repo, number), cut),
        }

    def _threads(self, repo: str, number: int) -> list[Fields]:
        shown: dict[int, None] = {}
        for comment in self.store.review_comments.values():
            review = self.store.reviews[comment.review]
            if (comment.repo, comment.number) == (repo, number) and self.store.visible(review, self.token.login):
                shown[comment.root] = None
        return [self._thread(root) for root in shown]

    def _thread(self, root: int) -> Fields:
        first, *_ = comments = self.store.thread(root)
        place, original, resolved = first.place, first.original, self.store.resolved.get(root)
        may = self.token.contents >= Access.WRITE and self.token.pull_requests >= Access.WRITE
        return {
            "__typename": "PullRequestReviewThread",
            "id": state.node("PRRT", root),
            "isResolved": resolved is not None,
            "isCollapsed": resolved is not None,
            "resolvedBy": self._actor(resolved) if resolved else None,
            "isOutdated": place is None,
            "path": original.path,
            "line": place and place.line,
            "startLine": place and place.start_line,
            "originalLine": original.line,
            "originalStartLine": original.start_line,
            "diffSide": original.side,
            "startDiffSide": original.start_side,
            "subjectType": "FILE" if original.line is None else "LINE",
            "viewerCanResolve": may and resolved is None,
            "viewerCanUnresolve": may and resolved is not None,
            "viewerCanReply": self.token.pull_requests >= Access.WRITE,
            "comments": lambda _, **cut: _connection("comments", [self._comment(one) for one in comments], cut),
        }

    def _comment(self, comment: state.ReviewComment) -> Fields:
        place = comment.place
        return {
            **self._said("PullRequestReviewComment", comment),
            "url": f"{page(self.bodies, comment)}#discussion_r{comment.id}",
            "path": comment.original.path,
            "line": place and place.line,
            "startLine": place and place.start_line,
            "outdated": place is None,
        }

    def _said(self, kind: str, record: state.IssueComment | state.Review | state.ReviewComment) -> dict[str, Any]:
        name = state.node(state.kinds()[kind], record.id)
        reason = self.store.minimized.get(name)
        return {
            "__typename": kind,
            "id": name,
            "databaseId": record.id,
            "fullDatabaseId": str(record.id),
            "body": record.body,
            "author": self._actor(record.user),
            "url": f"{page(self.bodies, record)}#{record.id}",
            "createdAt": stamp(record.created),
            "isMinimized": reason is not None,
            "minimizedReason": reason and reason.lower(),
        }

    def _node(self, name: str) -> Fields:
        for kind, number, made in self._nodes():
            if name == state.node(state.kinds()[kind], number):
                return made()
        raise NoError("NOT_FOUND", f"Could not resolve to a node with the global id of '{name}'.")

    def _nodes(self) -> Iterator[tuple[str, int, Callable[[], Fields]]]:
        for repo, number in self.store.pulls:
            yield "PullRequest", state.number_of(f"{repo}#{number}"), partial(self._pull, repo, number)
        for comment in self.store.review_comments.values():
            yield "PullRequestReviewThread", comment.root, partial(self._thread, comment.root)
            yield "PullRequestReviewComment", comment.id, partial(self._comment, comment)
        for said in self.store.issue_comments.values():
            yield "IssueComment", said.id, partial(self._said, "IssueComment", said)
        for review in self.store.reviews.values():
            yield "PullRequestReview", review.id, partial(self._said, "PullRequestReview", review)

    def _resolve(self, wanted: Mapping[str, Any], *, done: bool) -> Fields:
        roots = {comment.root for comment in self.store.review_comments.values()}
        root = next((root for root in roots if state.node("PRRT", root) == wanted["threadId"]), None)
        if root is None:
            raise NoError("NOT_FOUND", f"Could not resolve to a node with the global id of '{wanted['threadId']}'.")
        self._need(min(self.token.contents, self.token.pull_requests), Access.WRITE)
        self.store.resolved.pop(root, None)
        if done:
            self.store.resolved[root] = self.token.login
        return {"clientMutationId": wanted.get("clientMutationId"), "thread": lambda _: self._thread(root)}

    def _minimize(self, wanted: Mapping[str, Any], field: str) -> Fields:
        found = self._node(wanted["subjectId"])
        if "isMinimized" not in found:
            raise NoError("NOT_FOUND", f"Could not resolve to a node with the global id of '{wanted['subjectId']}'.")
        self._need(self.token.pull_requests, Access.WRITE)
        self.store.minimized.pop(wanted["subjectId"], None)
        if "classifier" in wanted:
            self.store.minimized[wanted["subjectId"]] = wanted["classifier"]
        return {"clientMutationId": wanted.get("clientMutationId"), field: lambda _: self._node(wanted["subjectId"])}

    def _need(self, has: Access, wanted: Access) -> None:
        if has < wanted:
            kind = "integration" if self.token.actions else "personal access token"
            raise NoError("FORBIDDEN", f"Resource not accessible by {kind}")


def _connection(name: str, rows: Sequence[Fields], cut: Mapping[str, Any]) -> Fields:
    """The `first` rows after a cursor."""
    size = cut.get("first")
    if size is None:
        words = f"You must provide a `first` or `last` value to properly paginate the `{name}` connection."
        raise NoError("MISSING_PAGINATION_BOUNDARIES", words)
    if not 0 <= size <= _MOST:
        words = f"Requesting {size} records on the `{name}` connection exceeds the `first` limit of {_MOST} records."
        raise NoError("EXCESSIVE_PAGINATION", words)
    start = int(cut["after"].removeprefix(_CURSOR)) if cut.get("after") else 0
    shown = rows[start : start + size]
    cursors = [f"{_CURSOR}{number:04}" for number in range(start + 1, start + len(shown) + 1)]
    ends = {"startCursor": cursors[0] if cursors else None, "endCursor": cursors[-1] if cursors else None}
    return {
        "nodes": shown,
        "edges": [{"cursor": cursor, "node": row} for cursor, row in zip(cursors, shown, strict=True)],
        "totalCount": len(rows),
        "pageInfo": {**ends, "hasNextPage": start + len(shown) < len(rows), "hasPreviousPage": start > 0},
    }
