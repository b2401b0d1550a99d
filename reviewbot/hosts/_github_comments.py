"""Our comments on the lines of a pull request. Alone knows how they are told from others and come to stand once."""

import itertools
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from reviewbot.brief import Comment, Posted
from reviewbot.hosts._github_refusals import TroubleError, TroubleKind, taken
from reviewbot.hosts._github_wire import Wire
from reviewbot.hosts._reconcile import FINDING

BATCH = 30
"""Comments of one review: with more of them GitHub does not always answer in time."""

LOOKS = 3
"""How often an answer is asked for that knows of what was written before."""

_BOT = "[bot]"
_MARKED = re.compile(re.escape(FINDING).replace(r"\{\}", "([0-9a-f]{64})"))
_WHOLE = re.compile("pending review per|commit is not|no commit found", re.IGNORECASE)
"""Refusals that are about a review, whatever its comments are."""


@dataclass(frozen=True, slots=True)
class Author:
    """Who we are.

    Attributes:
        login: with or without the "[bot]" that only a part of GitHub says; None: nobody, and nothing is ours.
        bot: certainly no person.
    """

    login: str | None
    bot: bool = False

    @classmethod
    def of(cls, login: str, *, token: str) -> "Author":
        """Who a token stands for; only an app's begins in its own way."""
        return cls(login, bot=token.startswith("ghs_") or login.endswith(_BOT))

    def wrote(self, record: Mapping[str, Any]) -> bool:
        """Whether a comment is ours."""
        user = record.get("user")
        if self.login is None or not isinstance(user, Mapping):
            return False
        ours, theirs = self.login.lower(), str(user.get("login", "")).lower()
        if user.get("type") == "Bot":
            # No app may have the name of a person.
            return theirs.removesuffix(_BOT) == ours.removesuffix(_BOT)
        return theirs == ours and user.get("type") == "User" and not self.bot


def told(text: str) -> str:
    """Text as GitHub has it: what is not UTF-8 is U+FFFD there."""
    return text.encode("utf-8", "surrogateescape").decode("utf-8", "replace")


class LineComments:
    """Posts comments, so that each stands there once.

    Args:
        wire: to the pull request.
        author: who we are.
        known: ids of those that stood there when the review began; they are left alone.
    """

    def __init__(self, wire: Wire, author: Author, *, known: frozenset[int] = frozenset()) -> None:
        self._wire = wire
        self._author = author
        self._known = known
        self._seen: set[int] = set()
        self._reviews: set[int] = set()
        self.standing: set[str] = set()
        self.refused: list[str] = []

    def look(self) -> tuple[Posted, ...]:
        """All that stand there, the oldest first.

        Raises:
            TroubleError: they cannot be read.
        """
        return self._look()[0]

    def post(self, comments: Sequence[Comment], *, head: str) -> None:
        """Post comments; `standing` and `refused` then have their fingerprints.

        Args:
            comments: in the order of the change.
            head: full name of the commit whose lines are meant.

        Raises:
            TroubleError: some could not be posted.
        """
        for start in range(0, len(comments), BATCH):
            self._place(comments[start : start + BATCH], head)

    def tidy(self) -> None:
        """Take away what another run posted too, or this one twice: the oldest of each stays.

        Raises:
            TroubleError: what stands there cannot be read.
        """
        first: dict[str, int] = {}
        for posted in self._fresh():
            if first.setdefault(posted.fingerprint, posted.id) != posted.id and posted.id not in self._known:
                discard(self._wire, f"{self._wire.repo}/pulls/comments/{posted.id}")

    def _place(self, batch: Sequence[Comment], head: str, *, guilty: bool = False) -> bool:
        """Post a batch or what can stand of it.

        Args:
            batch: at least one.
            head: of the pull request.
            guilty: it is known that one of them cannot stand.

        Returns:
            whether all of them can.
        """
        if not (guilty and len(batch) > 1) and self._put(batch, head):
            return True
        if len(batch) == 1:
            self.refused.append(batch[0].fingerprint)
            return False
        half = len(batch) // 2
        fine = self._place(batch[:half], head)
        self._place(batch[half:], head, guilty=fine)
        return False

    def _put(self, batch: Sequence[Comment], head: str) -> bool:
        """Post a batch as one review; False: GitHub does not take it."""
        tried = 0
        while batch:
            tried += 1
            try:
                answer = self._wire.create(f"{self._wire.pull}/reviews", _review(batch, head))
                self._reviews.add(taken(answer.body, int, "id"))
                break
            except TroubleError as trouble:
                if trouble.status == 422 and trouble.kind is TroubleKind.REFUSED and not _WHOLE.search(trouble.message):
                    return False
                self._wire.wait(trouble, tried)
            # It may have been done nevertheless.
            self.standing |= {posted.fingerprint for posted in self.look()}
            batch = [comment for comment in batch if comment.fingerprint not in self.standing]
        self.standing |= {comment.fingerprint for comment in batch}
        return True

    def _fresh(self) -> tuple[Posted, ...]:
        """What stands there, by an answer that knows of all that was seen and made."""
        look = 0
        while True:
            look += 1
            seen = frozenset(self._seen)
            found, reviews = self._look()
            # Another run may have taken some away, which looks the same.
            if (seen <= {posted.id for posted in found} and self._reviews <= reviews) or look == LOOKS:
                return found
            self._wire.rest(look)

    def _look(self) -> tuple[tuple[Posted, ...], frozenset[int]]:
        """Ours, and the ids of their reviews."""
        found: dict[int, Posted] = {}
        reviews: set[int] = set()
        for row in itertools.chain.from_iterable(self._wire.pages(f"{self._wire.pull}/comments")):
            marked = _MARKED.match(str(row.get("body"))) if self._author.wrote(row) else None
            if marked:
                number = taken(row, int, "id")
                found[number] = Posted(number, marked[1], outdated=row.get("line") is None)
                reviews.add(taken(row, int, "pull_request_review_id"))
        self._seen |= found.keys()
        return tuple(found[number] for number in sorted(found)), frozenset(reviews)


def discard(wire: Wire, path: str) -> None:
    """Take a comment away; where that may not be, or somebody else did, it is left at that."""
    try:
        wire.again("DELETE", path)
    except TroubleError as trouble:
        if trouble.kind not in {TroubleKind.MISSING, TroubleKind.PERMISSION}:
            raise


def _review(batch: Sequence[Comment], head: str) -> dict[str, Any]:
    what = "1 finding" if len(batch) == 1 else f"{len(batch)} findings"
    return {
        "commit_id": head,
        "event": "COMMENT",
        "body": f"<!-- reviewbot:review v1 -->\nreviewbot has {what} in this change.",
        "comments": [_comment(comment) for comment in batch],
    }


def _comment(comment: Comment) -> dict[str, Any]:
    made: dict[str, Any] = {
        "path": told(comment.path),
        "body": told(comment.body),
        "line": comment.line,
        "side": comment.side.value,
    }
    if comment.start is not None:
        made |= {"start_line": comment.start, "start_side": comment.side.value}
    return made
