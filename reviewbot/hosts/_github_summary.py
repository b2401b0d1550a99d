"""The summary comment of a pull request. Alone knows how there comes to be one, and that it has the last word."""

import itertools
from collections.abc import Sequence
from typing import Any

from reviewbot.hosts._github_comments import LOOKS, Author, discard, told
from reviewbot.hosts._github_refusals import TroubleError, TroubleKind, taken
from reviewbot.hosts._github_wire import Wire
from reviewbot.hosts._reconcile import SUMMARY


class SummaryComment:
    """Says something in the summary comment, and sees to it that there is one.

    Args:
        wire: to the pull request.
        author: who we are.
        spare: ids of others of ours that stood there when the review began, and are not needed.
    """

    def __init__(self, wire: Wire, author: Author, *, spare: Sequence[int] = ()) -> None:
        self._wire = wire
        self._author = author
        self._spare = spare

    def look(self) -> dict[int, str]:
        """What our summary comments say, by their ids; the oldest first, which is the one that counts.

        Raises:
            TroubleError: they cannot be read.
        """
        rows = itertools.chain.from_iterable(self._wire.pages(self._wire.talk))
        ours = [row for row in rows if str(row.get("body")).startswith(SUMMARY) and self._author.wrote(row)]
        return dict(sorted((taken(row, int, "id"), taken(row, str, "body")) for row in ours))

    def say(self, body: str, *, comment: int | None) -> None:
        """Let the one there is say something, or a new one.

        Args:
            body: begins with the marker.
            comment: id of the one there is.

        Raises:
            TroubleError: it does not say so.
        """
        if comment is None or not self._edit(comment, body):
            made, seen = self._make(body, gone=comment)
            self._keep_one(made, seen, body, gone=comment)
            return
        # Of a run that was ended before it could take its own away.
        for spare in self._spare:
            discard(self._wire, self._one(spare))

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

    def _make(self, body: str, *, gone: int | None) -> tuple[int | None, frozenset[int]]:
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
            seen = frozenset(self.look()) - {gone}
            if seen:
                return None, seen

    def _keep_one(self, made: int | None, seen: frozenset[int], body: str, *, gone: int | None) -> None:
        """Of several that runs made at once, the oldest stays and says it."""
        there: tuple[int, ...] = ()
        for look in range(1, LOOKS + 1):
            there = tuple(number for number in self.look() if number != gone)
            if seen.issubset(there) or look == LOOKS:
                break
            self._wire.rest(look)
        if not there or (there[0] != made and not self._edit(there[0], body)):
            return
        for younger in there[1:]:
            discard(self._wire, self._one(younger))


def _said(body: str) -> dict[str, Any]:
    return {"body": told(body)}
