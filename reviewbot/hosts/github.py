"""Pull requests on GitHub and on enterprise servers. Alone knows which calls a review needs, and in which order."""

from collections.abc import Sequence

from reviewbot import remember
from reviewbot.brief import Brief, Comment, HostWay, Outcome, Reply
from reviewbot.hosts import _github_patch
from reviewbot.hosts._github_comments import LineComments
from reviewbot.hosts._github_files import Files
from reviewbot.hosts._github_refusals import TroubleError, TroubleKind, taken
from reviewbot.hosts._github_summary import SummaryComment
from reviewbot.hosts._github_threads import Threads
from reviewbot.hosts._github_way import find
from reviewbot.hosts._github_wire import Wire

__all__ = ["GitHub", "connect", "find"]

_SUMMARY_SECONDS = 5.0
"""Of the run's time that comments leave for the summary."""


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
        self._opened: Threads | None = None
        self._known: frozenset[int] = frozenset()
        self._spare: tuple[int, ...] = ()
        self._left_at = ""
        self._files = Files(wire)

    def brief(self) -> Brief:
        """What is known of the pull request, what of us stands there, and what it says of earlier reviews.

        Raises:
            HostError: it cannot be read.
        """
        pull = self._wire.get(self._wire.pull).body
        threads = self._opened = Threads.read(self._wire)
        told = LineComments(self._wire, threads.author).look()
        summaries = SummaryComment(self._wire, threads.author).look()
        self._known = frozenset(number for one in told for number in one.numbers)
        self._spare = tuple(summaries)[1:]
        state = remember.kept_in(next(iter(summaries.values()), "")) or remember.Kept()
        return Brief(
            number=taken(pull, int, "number"),
            title=taken(pull, str, "title"),
            description=pull.get("body") or "",
            base=taken(pull, str, "base", "sha"),
            head=taken(pull, str, "head", "sha"),
            web=taken(pull, str, "html_url").rpartition("/pull/")[0],
            posted=tuple(one.posted for one in told),
            summary=next(iter(summaries), None),
            memory=remember.recollect(threads.known(told, state.own), state),
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

    def post(self, comments: Sequence[Comment], *, head: str, replies: Sequence[Reply] = ()) -> Outcome:
        """Post comments on lines and replies in their threads, so that each stands once, whatever goes wrong.

        Args:
            comments: in the order of the change.
            head: full name of the commit whose lines are meant.
            replies: one for each comment whose finding is gone; its thread is resolved where that is allowed.

        Returns:
            what became of them, also where something went wrong.
        """
        if not (comments or replies):
            return Outcome(0)
        ours = LineComments(self._wire, self._threads().author, known=self._known)
        trouble = None
        # The summary tells of the others, and needs time as well.
        with self._wire.keeping(_SUMMARY_SECONDS):
            try:
                ours.post(comments, head=head)
                ours.answer(replies)
            except TroubleError as error:
                trouble = error
            try:
                if ours.standing or ours.answered:
                    ours.tidy()
                if not trouble:
                    self._threads().resolve(sorted(ours.answered))
            except TroubleError as error:
                trouble = trouble or error
        return _outcome(ours, comments, replies, trouble)

    def summarise(self, body: str, *, comment: int | None) -> None:
        """Let the summary comment say something: the one there is, or a new one.

        Args:
            body: begins with the marker; at most 65,536 characters.
            comment: the host's number of the one there is.

        Raises:
            HostError: it does not say so; `host-permission` where nothing may be written.
        """
        SummaryComment(self._wire, self._threads().author, spare=self._spare).say(body, comment=comment)

    def close(self) -> None:
        """Hang up."""
        self._wire.close()

    def _threads(self) -> Threads:
        if self._opened is None:
            self._opened = Threads.read(self._wire)
        return self._opened


def _outcome(
    ours: LineComments, comments: Sequence[Comment], replies: Sequence[Reply], trouble: TroubleError | None
) -> Outcome:
    wanted = tuple(comment.fingerprint for comment in comments)
    posted = len(ours.standing.intersection(wanted))
    if trouble and trouble.kind is TroubleKind.PERMISSION:
        return Outcome(posted, tuple(ours.refused), read_only=trouble.message)
    left = tuple(one for one in wanted if one not in ours.standing and one not in ours.refused)
    silent = {reply.comment for reply in replies} - ours.answered - ours.deleted
    if trouble and (left or silent):
        what = f"{len(left) + len(silent)} of {len(comments) + len(replies)} comments could not be posted"
        trouble = trouble.because(what)
    return Outcome(posted, tuple(ours.refused), left, trouble)
