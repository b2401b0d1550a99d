"""What the stand-in for GitHub holds: alone knows which records there are, and how they get their ids."""

import itertools
import zlib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

from tests.support import _github_git as git


@dataclass(frozen=True, slots=True)
class Pull:
    """A pull request.

    Attributes:
        number: of the pull request.
        base: the commit it is to be merged into.
        head: its newest commit.
        title: of the pull request.
        body: its description.
        user: who opened it.
        draft: it is not ready yet.
        state: open or closed.
        base_ref: branch of the base.
        head_ref: branch of the head.
        head_repo: full name of the fork that the head lies in; None: no fork.
    """

    number: int
    base: str
    head: str
    title: str = "A change"
    body: str | None = "What it does."
    user: str = "ada"
    draft: bool = False
    state: str = "open"
    base_ref: str = "main"
    head_ref: str = "topic"
    head_repo: str | None = None


@dataclass(frozen=True, slots=True)
class Repository:
    """A repository.

    Attributes:
        name: owner and name with a slash between.
        folder: of real git; forks of the repository lie in it too.
        pulls: its pull requests.
        default_branch: of the repository.
        private: not everybody sees it.
        roles: of people beside the owner, who is `admin`: `maintain`, `write`, `triage` or one of the owner's making.
        strangers: whom GitHub does not know.
    """

    name: str
    folder: Path
    pulls: tuple[Pull, ...] = ()
    default_branch: str = "main"
    private: bool = False
    roles: Mapping[str, str] = field(default_factory=dict)
    strangers: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class IssueComment:
    """A comment of a pull request's conversation."""

    id: int
    repo: str
    number: int
    user: str
    body: str
    created: datetime
    updated: datetime


@dataclass(frozen=True, slots=True)
class Review:
    """A review; `state` in the words of the API, `submitted` None while it is pending."""

    id: int
    repo: str
    number: int
    user: str
    body: str
    state: str
    commit: str
    created: datetime
    submitted: datetime | None


@dataclass(frozen=True, slots=True)
class Place:
    """Where a comment stands: the lines of one side, or with `line` None the whole file.

    Attributes:
        path: the file's new name.
        side: of the last line.
        line: the last line.
        start_side: of the first line; None where there is only one.
        start_line: the first line; None where there is only one.
        position: of the last line in the file's patch.
        hunk: the hunk's header and its lines down to the last one.
    """

    path: str
    side: str = "RIGHT"
    line: int | None = None
    start_side: str | None = None
    start_line: int | None = None
    position: int = 1
    hunk: str = ""


@dataclass(frozen=True, slots=True)
class ReviewComment:
    """A comment of a review.

    Attributes:
        id: of the comment.
        repo: owner and name.
        number: of the pull request.
        review: id of its review.
        user: who wrote it.
        body: the text.
        place: where it stands now; None once it is outdated.
        original: where it was written.
        commit: the commit that `place` counts in.
        original_commit: the commit that `original` counts in.
        reply_to: id of the thread's first comment; None where it is the first.
        created: when it was written.
        updated: when it was changed last.
    """

    id: int
    repo: str
    number: int
    review: int
    user: str
    body: str
    place: Place | None
    original: Place
    commit: str
    original_commit: str
    reply_to: int | None
    created: datetime
    updated: datetime

    @property
    def root(self) -> int:
        """The id of the thread's first comment."""
        return self.reply_to or self.id


@dataclass(slots=True)
class Store:
    """All records; they are frozen, so that a copy of the tables is a picture of a moment.

    Attributes:
        repos: by full name, forks included.
        pulls: by full name of the repository and number.
        issue_comments: by id.
        reviews: by id.
        review_comments: by id.
        resolved: who resolved a thread, by the id of its first comment.
        minimized: why something was minimized, by node id.
    """

    repos: dict[str, Repository]
    pulls: dict[tuple[str, int], Pull]
    issue_comments: dict[int, IssueComment] = field(default_factory=dict)
    reviews: dict[int, Review] = field(default_factory=dict)
    review_comments: dict[int, ReviewComment] = field(default_factory=dict)
    resolved: dict[int, str] = field(default_factory=dict)
    minimized: dict[str, str] = field(default_factory=dict)
    _ids: Iterator[int] = field(default_factory=lambda: itertools.count(2_000_000_001))

    @classmethod
    def of(cls, repos: Iterable[Repository]) -> "Store":
        """The beginning of all things."""
        known = {repo.name: repo for repo in repos}
        for repo in list(known.values()):
            for pull in repo.pulls:
                if pull.head_repo:
                    known.setdefault(pull.head_repo, replace(repo, name=pull.head_repo, pulls=()))
        return cls(known, {(repo.name, pull.number): pull for repo in known.values() for pull in repo.pulls})

    def picture(self) -> "Store":
        """The tables as they are now."""
        return replace(
            self,
            pulls=dict(self.pulls),
            issue_comments=dict(self.issue_comments),
            reviews=dict(self.reviews),
            review_comments=dict(self.review_comments),
            resolved=dict(self.resolved),
            minimized=dict(self.minimized),
        )

    def next_id(self) -> int:
        """An id that nothing had before."""
        return next(self._ids)

    def diff(self, repo: str, pull: Pull, *, head: str | None = None) -> git.Diff:
        """What a pull request changes, up to a commit of it."""
        return git.diff(self.repos[repo].folder, pull.base, head or pull.head)

    def commits(self, repo: str, pull: Pull) -> tuple[git.Commit, ...]:
        """The commits of a pull request, oldest first."""
        return git.commits(self.repos[repo].folder, pull.base, pull.head)

    def visible(self, review: Review, login: str) -> bool:
        """Whether somebody sees a review: a pending one only its author does."""
        return review.state != "PENDING" or review.user == login

    def comments_of(self, review: int) -> tuple[ReviewComment, ...]:
        """The comments of one review, oldest first."""
        return tuple(comment for comment in self.review_comments.values() if comment.review == review)

    def thread(self, root: int) -> tuple[ReviewComment, ...]:
        """The comments of one thread, oldest first."""
        return tuple(comment for comment in self.review_comments.values() if comment.root == root)


def now() -> datetime:
    """The time as GitHub tells it: whole seconds."""
    return datetime.now(UTC).replace(microsecond=0)


def later(moment: datetime) -> datetime:
    """A time of a change, which is never that of the creation, as `since` has to see it."""
    return max(now(), moment + timedelta(seconds=1))


def number_of(name: str) -> int:
    """The stable id of a person or a repository."""
    return zlib.crc32(name.encode()) + 1


def node(kind: str, number: int) -> str:
    """The id that GraphQL knows a record by."""
    return f"{kind}_kwDO{number:x}"


def kinds() -> Mapping[str, str]:
    """What a node id begins with, by type."""
    return {
        "IssueComment": "IC",
        "PullRequestReview": "PRR",
        "PullRequestReviewComment": "PRRC",
        "PullRequestReviewThread": "PRRT",
        "PullRequest": "PR",
        "User": "U",
        "Bot": "BOT",
    }
