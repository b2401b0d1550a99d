"""What GitHub refuses to write: alone knows where a comment may stand, what a review must be, and the words of a no."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from tests.support import _github_git as git
from tests.support._github_rights import Limits, Token
from tests.support._github_state import Place, Pull, ReviewComment, Store

_TOO_LONG = "is too long (maximum is {} characters)"
_VERBS = {"APPROVE": "approve", "REQUEST_CHANGES": "request changes on"}
INVALID_THREADS = "Review comments is invalid and Review threads is invalid"
ONE_PENDING = "User can only have one pending review per pull request"


class RefusedError(Exception):
    """GitHub says no.

    Attributes:
        status: of the answer.
        message: of its body.
        errors: of its body, texts or objects.
        headers: beside the usual ones.
    """

    def __init__(self, status: int, message: str, *errors: str | Mapping[str, Any]) -> None:
        super().__init__(message, errors)
        self.status, self.message, self.errors = status, message, errors
        self.headers: Mapping[str, str] = {}


@dataclass(frozen=True, slots=True)
class Problem:
    """What is wrong with a thread, which GitHub says in two ways: as a sentence, or as an object with a code."""

    field: str
    words: str
    code: str = "custom"

    @property
    def sentence(self) -> str:
        """As the endpoint for reviews says it."""
        return f"Pull request review thread {self.field.replace('_', ' ')} {self.words}"

    @property
    def told(self) -> dict[str, str]:
        """As the endpoint for single comments says it."""
        name = f"pull_request_review_thread.{self.field}"
        told = {"resource": "PullRequestReviewComment", "code": self.code, "field": name}
        return {**told, "message": f"{name} {self.words}"} if self.code == "custom" else told


_LINE = Problem("line", "must be part of the diff")
_START = Problem("start_line", "must be part of the same hunk as the line.")
_ORDER = Problem("start_line", "must precede the end line.")
_HUNK = Problem("diff_hunk", "can't be blank", "missing_field")
_PATH = Problem("path", "is invalid", "invalid")


def unprocessable(*errors: str) -> RefusedError:
    """A review is refused, in sentences."""
    return RefusedError(422, "Unprocessable Entity", *errors)


def invalid(resource: str, field: str, message: str, *, code: str = "custom") -> RefusedError:
    """Anything else is refused, in objects."""
    error = {"resource": resource, "code": code, "field": field, "message": message}
    return RefusedError(422, "Validation Failed", error)


def place(diff: git.Diff, wanted: Mapping[str, Any]) -> Place | tuple[Problem, ...]:
    """Where a comment would stand, or all that speaks against it.

    Args:
        diff: of the pull request up to the comment's commit.
        wanted: path, and line or position, of a described body.
    """
    file = diff.file(wanted["path"])
    if file is None:
        return (_PATH, _HUNK)
    if wanted.get("subject_type") == "file":
        return Place(file.path)
    side = wanted.get("side", "RIGHT")
    found = _at_position(file, wanted["position"]) if "line" not in wanted else _at_line(file, side, wanted["line"])
    start = wanted.get("start_line")
    if found is None:
        return (_LINE, *((_START,) if start else ()), _HUNK)
    hunk, line = found
    if "line" not in wanted:
        side = "LEFT" if line.new is None else "RIGHT"
    last = Place(file.path, side, line.old if side == "LEFT" else line.new, position=line.position)
    last = replace(
        last, hunk="\n".join([hunk.header, *(one.text for one in hunk.lines if one.position <= line.position)])
    )
    return _with_start(last, hunk, start, wanted.get("start_side", side)) if start else last


def _with_start(last: Place, hunk: git.Hunk, number: int, side: str) -> Place | tuple[Problem, ...]:
    if side == last.side and last.line is not None and number >= last.line:
        return (_ORDER,)
    start = hunk.find(side, number)
    if start is None:
        return (_START,)
    if start.position > last.position:
        return (_ORDER,)
    return replace(last, start_line=number, start_side=side)


def _at_line(file: git.File, side: str, number: int) -> tuple[git.Hunk, git.HunkLine] | None:
    found = ((hunk, hunk.find(side, number)) for hunk in file.hunks)
    return next(((hunk, line) for hunk, line in found if line), None)


def _at_position(file: git.File, position: int) -> tuple[git.Hunk, git.HunkLine] | None:
    found = ((hunk, line) for hunk in file.hunks for line in hunk.lines)
    return next(((hunk, line) for hunk, line in found if line.position == position), None)


def places(diff: git.Diff, wanted: Sequence[Mapping[str, Any]], limits: Limits) -> list[Place]:
    """Where all comments of a review would stand; the first that cannot refuses all, unnamed."""
    if any(not comment["body"].strip() or len(comment["body"]) > limits.body for comment in wanted):
        raise unprocessable(INVALID_THREADS)
    made = []
    for comment in wanted:
        found = place(diff, comment)
        if not isinstance(found, Place):
            raise unprocessable("Path could not be resolved" if _PATH in found else _listed(found))
        made.append(found)
    return made


def _listed(problems: Sequence[Problem]) -> str:
    *first, last = [problem.sentence for problem in problems]
    if len(first) > 1:
        return f"{', '.join(first)}, and {last}"
    return f"{first[0]} and {last}" if first else last


def single(diff: git.Diff, wanted: Mapping[str, Any]) -> Place:
    """Where one comment would stand."""
    found = place(diff, wanted)
    if isinstance(found, Place):
        return found
    raise RefusedError(422, "Validation Failed", *(problem.told for problem in found))


def check_body(resource: str, body: str, limits: Limits) -> None:
    """A comment says something, and not too much."""
    words = "cannot be blank" if not body.strip() else _TOO_LONG.format(limits.body) if len(body) > limits.body else ""
    if not words:
        return
    if resource == "IssueComment":
        raise invalid(resource, "data", f"Body {words}", code="unprocessable")
    raise invalid(resource, "body", f"body {words}")


def check_review_body(event: str | None, body: str, limits: Limits) -> None:
    """Who comments or wants changes says why."""
    if len(body) > limits.body:
        raise unprocessable(f"Body {_TOO_LONG.format(limits.body)}")
    if event in {"COMMENT", "REQUEST_CHANGES"} and not body.strip():
        raise unprocessable("Body can't be blank")


def check_event(event: str | None, pull: Pull, token: Token) -> None:
    """Nobody judges an own pull request, and a workflow approves none."""
    if event == "APPROVE" and token.actions and not token.may_approve:
        raise unprocessable("GitHub Actions is not permitted to approve pull requests.")
    if event in _VERBS and pull.user == token.login:
        raise unprocessable(f"Can not {_VERBS[event]} your own pull request")


def check_commit(store: Store, repo: str, pull: Pull, commit: str) -> bool:
    """Whether a commit is one of the pull request."""
    return any(one.sha == commit for one in store.commits(repo, pull))


def has_pending(store: Store, repo: str, number: int, login: str) -> bool:
    """Whether somebody has a review that is not submitted; then nothing else can be begun."""
    reviews = (review for review in store.reviews.values() if (review.repo, review.number) == (repo, number))
    return any(review.state == "PENDING" and review.user == login for review in reviews)


def follow(store: Store, repo: str, pull: Pull, comment: ReviewComment) -> ReviewComment:
    """A comment after a push: it stands where its lines went to, or it is outdated."""
    diff, written = store.diff(repo, pull), comment.original
    file = diff.file(written.path)
    if file is None:
        return replace(comment, place=None)
    if written.line is None:
        return replace(comment, place=written, commit=pull.head)
    line = _moved(store, repo, pull, comment, written.side, written.line)
    wanted = {"path": file.path, "side": written.side, "line": line}
    if written.start_line is not None and written.start_side is not None:
        start = _moved(store, repo, pull, comment, written.start_side, written.start_line)
        wanted |= {"start_line": start, "start_side": written.start_side}
    found = place(diff, wanted) if None not in wanted.values() else None
    if not isinstance(found, Place):
        return replace(comment, place=None)
    return replace(comment, place=found, commit=pull.head)


def _moved(store: Store, repo: str, pull: Pull, comment: ReviewComment, side: str, line: int) -> int | None:
    """The number that a line of the comment's commit has now."""
    folder, path = store.repos[repo].folder, comment.original.path
    before, after = store.diff(repo, pull, head=comment.original_commit), store.diff(repo, pull)
    if side == "RIGHT":
        return git.moved(folder, f"{comment.original_commit}:{path}", f"{pull.head}:{path}", line)
    names = [file.previous or path if file else path for file in (before.file(path), after.file(path))]
    return git.moved(folder, f"{before.merge_base}:{names[0]}", f"{after.merge_base}:{names[1]}", line)
