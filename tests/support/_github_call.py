"""A request that is understood: alone knows how paths name records, what each needs, how lists are paged."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeVar
from urllib.parse import urlencode

from tests.support._github_bodies import Bodies
from tests.support._github_rights import Access, Limits, Token
from tests.support._github_rules import RefusedError
from tests.support._github_state import IssueComment, Pull, Repository, Review, ReviewComment, Store

JSON = "application/json"
_Row = TypeVar("_Row")
_Said = TypeVar("_Said", IssueComment, Review, ReviewComment)


@dataclass(frozen=True, slots=True)
class Reply:
    """An answer.

    Attributes:
        status: of the answer.
        body: what becomes JSON, bytes where `media` is another, None for nothing.
        media: the media type.
        headers: beside the usual ones.
    """

    status: int
    body: Any = None
    media: str = JSON
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Call:
    """A request for an operation.

    Attributes:
        store: what there is.
        token: who asks.
        limits: of the server.
        bodies: makes answers.
        params: the values in the path.
        query: the values after it.
        body: the JSON object that was sent; empty where none was.
        accept: the header, in lower case.
        url: of the request, without its query.
    """

    store: Store
    token: Token
    limits: Limits
    bodies: Bodies
    params: Mapping[str, str]
    query: Mapping[str, str]
    body: Mapping[str, Any]
    accept: str
    url: str

    def repo(self) -> Repository:
        """The repository of the path."""
        return _there(self.store.repos.get(f"{self.params['owner']}/{self.params['repo']}"))

    def pull(self) -> Pull:
        """The pull request of the path, which an issue's number names too."""
        number = self.params.get("pull_number") or self.params["issue_number"]
        return _there(self.store.pulls.get((self.repo().name, int(number))))

    def issue_comment(self) -> IssueComment:
        """The comment of the path."""
        return self._own(self.store.issue_comments.get(int(self.params["comment_id"])))

    def review_comment(self) -> ReviewComment:
        """The comment of the path; nobody reads one of a pending review here."""
        comment = self._own(self.store.review_comments.get(int(self.params["comment_id"])))
        return _there(None if self.store.reviews[comment.review].state == "PENDING" else comment)

    def review(self) -> Review:
        """The review of the path, where the asker may see it."""
        review = self._own(self.store.reviews.get(int(self.params["review_id"])))
        return _there(review if self.store.visible(review, self.token.login) else None)

    def _own(self, record: _Said | None) -> _Said:
        """A record, where it belongs to the repository and the pull request of the path."""
        found = _there(record)
        number = self.params.get("pull_number")
        fits = found.repo == self.repo().name and number in {None, str(found.number)}
        return _there(found if fits else None)

    def need_own(self, record: IssueComment | Review | ReviewComment) -> None:
        """Only who may write to the repository changes what others said."""
        if record.user != self.token.login and self.token.contents < Access.WRITE:
            raise forbidden(self.token)

    def page(self, rows: Sequence[_Row], *, most: int | None = None, usual: int = 30) -> tuple[Sequence[_Row], Reply]:
        """The rows of the page that is asked for, and an answer that has the links and wants its body.

        Args:
            rows: of all pages.
            most: of one page; None: what the limits say.
            usual: of one page where nobody says how many.
        """
        size = min(_number(self.query.get("per_page"), usual), most or self.limits.page)
        number = _number(self.query.get("page"), 1)
        last = max(1, -(-len(rows) // size))
        pages = {"prev": number - 1, "next": number + 1, "last": last, "first": 1}
        wanted = [name for name in pages if (number > 1 if name in {"prev", "first"} else number < last)]
        links = [f'<{self.url}?{urlencode({**self.query, "page": str(pages[name])})}>; rel="{name}"' for name in wanted]
        headers = {"link": ", ".join(links)} if links else {}
        return rows[(number - 1) * size : number * size], Reply(200, headers=headers)


def not_found() -> RefusedError:
    """There is no such thing, or the asker may not know of it."""
    return RefusedError(404, "Not Found")


def forbidden(token: Token) -> RefusedError:
    """The token may not do that."""
    return RefusedError(
        403, f"Resource not accessible by {'integration' if token.actions else 'personal access token'}"
    )


def need(token: Token, method: str, template: str) -> None:
    """Refuse what a token's permissions do not reach."""
    wanted = Access.READ if method == "GET" else Access.WRITE
    if "/issues/" in template:
        reach = token.conversation
    elif "/pulls/" in template:
        reach = token.pull_requests
    elif any(part in template for part in ("/contents/", "/git/", "/compare/", "/commits/")):
        reach = token.contents
    else:
        return
    if reach < wanted:
        raise forbidden(token)


def _there(found: _Row | None) -> _Row:
    if found is None:
        raise not_found()
    return found


def _number(value: str | None, usual: int) -> int:
    return int(value) if value and value.isdecimal() and int(value) > 0 else usual
