"""Pull requests on GitHub and on enterprise servers. Alone knows which calls a review needs, and in which order."""

import itertools
from collections.abc import Sequence
from typing import Any

from reviewbot.brief import Brief, Comment, HostWay, Outcome
from reviewbot.hosts import _github_patch
from reviewbot.hosts._github_comments import LOOKS, Author, LineComments, discard, told
from reviewbot.hosts._github_files import Files
from reviewbot.hosts._github_refusals import TroubleError, TroubleKind, taken
from reviewbot.hosts._github_way import find
from reviewbot.hosts._github_wire import Wire
from reviewbot.hosts._reconcile import SUMMARY

__all__ = ["GitHub", "connect", "find"]

_SUMMARY_SECONDS = 5.0
"""Of the run's time that comments leave for the summary."""

_WORKFLOW = Author("github-actions[bot]", bot=True)
"""Who a workflow's own token stands for, where nobody may ask."""
_UNASKED = {TroubleKind.PERMISSION, TroubleKind.MISSING, TroubleKind.REFUSED}


def connect(way: HostWay, *, between_writes: float = 1.0) -> "GitHub":
    """The pull request at the end of a way. Nothing is sent yet.

    Args:
        way: to it.
        between_writes: seconds, as GitHub asks of everybody who writes.
    """
    return GitHub(Wire(way, between_writes=between_writes))


class GitHub:
    """A pull request.

    Whatever fails is a `HostError`; its slug says how: `host-auth`, `host-permission`, `host-missing`, `host-rate`,
    `host-unreachable`, `host-refused`, `host-bad-answer`, `host-too-large` or `host-timed-out`.

    Args:
        wire: to it.
    """

    def __init__(self, wire: Wire) -> None:
        self._wire = wire
        self._author: Author | None = None
        self._known: frozenset[int] = frozenset()
        self._spare: tuple[int, ...] = ()
        self._left_at = ""
        self._files = Files(wire)

    def brief(self) -> Brief:
        """What is known of the pull request, and what of us stands there.

        Raises:
            HostError: it cannot be read.
        """
        pull = self._wire.get(self._wire.pull).body
        posted = LineComments(self._wire, self._ourselves()).look()
        summaries = self._summaries()
        self._known = frozenset(one.id for one in posted)
        self._spare = summaries[1:]
        return Brief(
            number=taken(pull, int, "number"),
            title=taken(pull, str, "title"),
            description=pull.get("body") or "",
            base=taken(pull, str, "base", "sha"),
            head=taken(pull, str, "head", "sha"),
            web=taken(pull, str, "html_url").rpartition("/pull/")[0],
            posted=posted,
            summary=next(iter(summaries), None),
        )

    def patch(self, brief: Brief) -> bytes:
        """The whole change, as `reviewbot.patch.parse` reads it: for where its commits are not at hand.

        Args:
            brief: as it was read before.

        Raises:
            HostError: it cannot be read, or not all of it.
        """
        return _github_patch.read(self._wire, brief, old=lambda: self.left_at(brief))

    def left_at(self, brief: Brief) -> str:
        """Full name of the commit at which the head left the base.

        Args:
            brief: as it was read before.

        Raises:
            HostError: it cannot be read.
        """
        if not self._left_at:
            self._left_at = _github_patch.left_at(self._wire, brief)
        return self._left_at

    def read(self, path: str, *, commit: str) -> bytes | None:
        """The content of a file, None where there is none. A link is followed once, inside the repository.

        Args:
            path: from the top of the repository.
            commit: full name.

        Raises:
            HostError: it cannot be read.
        """
        return self._files.read(path, commit=commit)

    def head(self) -> str:
        """Full name of the newest commit, as it is now.

        Raises:
            HostError: it cannot be read.
        """
        return taken(self._wire.get(self._wire.pull).body, str, "head", "sha")

    def post(self, comments: Sequence[Comment], *, head: str) -> Outcome:
        """Post comments on lines, so that each stands once, whatever goes wrong and whoever posts too.

        Args:
            comments: in the order of the change.
            head: full name of the commit whose lines are meant.

        Returns:
            what became of them, also where something went wrong.
        """
        if not comments:
            return Outcome(0)
        ours = LineComments(self._wire, self._ourselves(), known=self._known)
        trouble = None
        # The summary tells of the others, and needs time as well.
        with self._wire.keeping(_SUMMARY_SECONDS):
            try:
                ours.post(comments, head=head)
            except TroubleError as error:
                trouble = error
            try:
                if ours.standing:
                    ours.tidy()
            except TroubleError as error:
                trouble = trouble or error
        wanted = tuple(comment.fingerprint for comment in comments)
        posted = len(ours.standing.intersection(wanted))
        if trouble and trouble.kind is TroubleKind.PERMISSION:
            return Outcome(posted, tuple(ours.refused), read_only=trouble.message)
        left = tuple(one for one in wanted if one not in ours.standing and one not in ours.refused)
        if trouble and left:
            trouble = trouble.because(f"{len(left)} of {len(comments)} comments could not be posted")
        return Outcome(posted, tuple(ours.refused), left, trouble)

    def summarise(self, body: str, *, comment: int | None) -> None:
        """Let the summary comment say something: the one there is, or a new one.

        Args:
            body: begins with the marker; at most 65,536 characters.
            comment: the host's number of the one there is.

        Raises:
            HostError: it does not say so; `host-permission` where nothing may be written.
        """
        if comment is None or not self._edit(comment, body):
            made, seen = self._say(body, gone=comment)
            self._keep_one(made, seen, body, gone=comment)
            return
        # Of a run that was ended before it could take its own away.
        for spare in self._spare:
            discard(self._wire, self._one(spare))

    def close(self) -> None:
        """Hang up."""
        self._wire.close()

    def _ourselves(self) -> Author:
        if self._author is None:
            token = self._wire.way.token
            self._author = self._asked(token) if token else Author(None)
        return self._author

    def _asked(self, token: str) -> Author:
        try:
            # The tokens of workflows and apps may not ask the other API, whose users are people.
            return Author.of(taken(self._wire.ask("{ viewer { login } }"), str, "viewer", "login"), token=token)
        except TroubleError as trouble:
            if trouble.kind not in _UNASKED:
                raise
        if token.startswith("ghs_"):
            return _WORKFLOW
        # A server, or something before it, that knows the other API only.
        return Author.of(taken(self._wire.get("/user").body, str, "login"), token=token)

    def _summaries(self) -> tuple[int, ...]:
        """Our summary comments, the oldest first."""
        author = self._ourselves()
        rows = itertools.chain.from_iterable(self._wire.pages(self._wire.talk))
        ours = [row for row in rows if str(row.get("body")).startswith(SUMMARY) and author.wrote(row)]
        return tuple(sorted({taken(row, int, "id") for row in ours}))

    def _one(self, comment: int) -> str:
        return f"{self._wire.repo}/issues/comments/{comment}"

    def _edit(self, comment: int, body: str) -> bool:
        """Change a comment; False: it is not there any more."""
        try:
            self._wire.again("PATCH", self._one(comment), body=_said(body))
        except TroubleError as trouble:
            if trouble.kind is TroubleKind.MISSING:
                return False
            raise
        return True

    def _say(self, body: str, *, gone: int | None) -> tuple[int | None, frozenset[int]]:
        """Make a comment; its number, or None and what stands there where it turned out that there is one."""
        tried = 0
        while True:
            tried += 1
            try:
                made = taken(self._wire.create(self._wire.talk, _said(body)).body, int, "id")
            except TroubleError as trouble:
                self._wire.wait(trouble, tried)
            else:
                return made, frozenset((made,))
            # It may have been done nevertheless.
            seen = frozenset(self._summaries()) - {gone}
            if seen:
                return None, seen

    def _keep_one(self, made: int | None, seen: frozenset[int], body: str, *, gone: int | None) -> None:
        """Of several that runs made at once, the oldest stays and says it."""
        there: tuple[int, ...] = ()
        for look in range(1, LOOKS + 1):
            there = tuple(number for number in self._summaries() if number != gone)
            if seen.issubset(there) or look == LOOKS:
                break
            self._wire.rest(look)
        if not there or (there[0] != made and not self._edit(there[0], body)):
            return
        for younger in there[1:]:
            discard(self._wire, self._one(younger))


def _said(body: str) -> dict[str, Any]:
    return {"body": told(body)}
