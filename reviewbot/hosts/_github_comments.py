"""Our comments on the lines of a pull request. Alone knows how they are told from others and come to stand once."""

import itertools
import re
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from reviewbot import remember
from reviewbot.brief import Comment, Posted, Reply
from reviewbot.hosts._github_refusals import TroubleError, TroubleKind, taken
from reviewbot.hosts._github_wire import Wire
from reviewbot.hosts._reconcile import FINDING, GONE

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


@dataclass(frozen=True, slots=True)
class Told:
    """A comment of ours and what stands in its thread.

    Attributes:
        posted: the comment.
        gone: the numbers of our replies that say it is gone, the oldest first.
        answers: of people: login and text of each, the oldest first.
    """

    posted: Posted
    gone: tuple[int, ...] = ()
    answers: tuple[tuple[str, str], ...] = ()

    @property
    def numbers(self) -> tuple[int, ...]:
        """Of all that we wrote there."""
        return (self.posted.id, *self.gone)


def told(text: str) -> str:
    """Text as GitHub has it: what is not UTF-8 is U+FFFD there."""
    return text.encode("utf-8", "surrogateescape").decode("utf-8", "replace")


class LineComments:
    """Posts comments and the last words in their threads, so that each stands there once.

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
        self.answered: set[int] = set()
        self.deleted: set[int] = set()

    def look(self) -> tuple[Told, ...]:
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

    def answer(self, replies: Sequence[Reply]) -> None:
        """Post replies; `answered` and, where somebody took the comment away, `deleted` then have its number.

        Args:
            replies: one for each comment.

        Raises:
            TroubleError: some could not be posted.
        """
        for reply in replies:
            self._answer(reply)

    def tidy(self) -> None:
        """Take away what another run posted too, or this one twice: the oldest of each stays.

        Raises:
            TroubleError: what stands there cannot be read.
        """
        first: dict[str, int] = {}
        for one in self._fresh():
            number, answered = one.posted.id, one.posted.answered
            twice = not answered and first.setdefault(one.posted.fingerprint, number) != number
            for extra in (*([number] if twice else []), *one.gone[1:]):
                if extra not in self._known:
                    discard(self._wire, f"{self._wire.repo}/pulls/comments/{extra}")

    def _answer(self, reply: Reply) -> None:
        tried = 0
        while reply.comment not in self.answered | self.deleted:
            tried += 1
            try:
                answer = self._wire.create(f"{self._wire.pull}/comments/{reply.comment}/replies", {"body": reply.body})
                self._seen.add(taken(answer.body, int, "id"))
                self.answered.add(reply.comment)
            except TroubleError as trouble:
                if trouble.status == 404:
                    self.deleted.add(reply.comment)
                    return
                self._wire.wait(trouble, tried)
                # It may have been done nevertheless.
                self.answered |= {one.posted.id for one in self.look() if one.gone} & {reply.comment}

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
            self.standing |= {one.posted.fingerprint for one in self.look() if not one.posted.answered}
            batch = [comment for comment in batch if comment.fingerprint not in self.standing]
        self.standing |= {comment.fingerprint for comment in batch}
        return True

    def _fresh(self) -> tuple[Told, ...]:
        """What stands there, by an answer that knows of all that was seen and made."""
        look = 0
        while True:
            look += 1
            seen = frozenset(self._seen)
            found, reviews = self._look()
            there = {number for one in found for number in one.numbers}
            # Another run may have taken some away, which looks the same.
            if (seen <= there and self._reviews <= reviews) or look == LOOKS:
                return found
            self._wire.rest(look)

    def _look(self) -> tuple[tuple[Told, ...], frozenset[int]]:
        """Ours, and the ids of their reviews."""
        threads: defaultdict[Any, list[dict[str, Any]]] = defaultdict(list)
        for row in itertools.chain.from_iterable(self._wire.pages(f"{self._wire.pull}/comments")):
            threads[row.get("in_reply_to_id")].append(row)
        found: dict[int, Told] = {}
        reviews: set[int] = set()
        for row in threads.pop(None, []):
            marked = _MARKED.match(_text(row)) if self._author.wrote(row) else None
            if marked:
                number = taken(row, int, "id")
                found[number] = self._told(row, marked[1], threads.get(number, ()))
                reviews.add(taken(row, int, "pull_request_review_id"))
        self._seen |= {number for one in found.values() for number in one.numbers}
        return tuple(found[number] for number in sorted(found)), frozenset(reviews)

    def _told(self, row: Mapping[str, Any], fingerprint: str, replies: Sequence[Mapping[str, Any]]) -> Told:
        carried = remember.told_in(_text(row))
        finding = carried if carried and carried.fingerprint == fingerprint else None
        ours = [reply for reply in replies if self._author.wrote(reply)]
        gone = tuple(sorted(taken(reply, int, "id") for reply in ours if _text(reply).startswith(GONE)))
        posted = Posted(
            taken(row, int, "id"),
            fingerprint,
            outdated=row.get("line") is None,
            finding=finding,
            answered=bool(gone),
            address=str(row.get("html_url") or ""),
        )
        return Told(posted, gone, tuple(_of_people(replies)))


def _text(row: Mapping[str, Any]) -> str:
    return str(row.get("body"))


def _of_people(replies: Sequence[Mapping[str, Any]]) -> Iterator[tuple[str, str]]:
    """Who answered what, but for programs and accounts that are gone."""
    for reply in replies:
        user = reply.get("user")
        if isinstance(user, Mapping) and user.get("type") == "User" and isinstance(user.get("login"), str):
            yield user["login"], _text(reply)


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
