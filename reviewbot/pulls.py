"""A pull request around its review: read before, written to after. Alone knows in which order."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import partial

from reviewbot import registry
from reviewbot.brief import Brief, HostWay, Outcome
from reviewbot.config import Invocation
from reviewbot.deadline import Deadline
from reviewbot.errors import HostError
from reviewbot.ports import Host, Source, State
from reviewbot.review import Review
from reviewbot.sources import _remotes, _start
from reviewbot.wiring import World

_HOST = "github"
"""The module of `hosts` that is asked where nothing is posted."""

_SHARE, _MOST = 0.25, 15.0
"""How much of --timeout is kept for posting: a part of it, and seconds at most."""


@dataclass(frozen=True, slots=True)
class _Afar:
    """A commit that only the host has: a `ports.State`."""

    host: Host
    commit: str

    @property
    def name(self) -> str:
        """For people."""
        return self.commit[:7]

    def read(self, path: str) -> bytes | None:
        """The content of a file, None where there is none.

        Raises:
            HostError: the host cannot tell it.
        """
        return self.host.read(path, commit=self.commit)


@dataclass(frozen=True, slots=True)
class Pull:
    """A pull request.

    Attributes:
        host: where it lives.
        brief: what stood there when it was opened.
        asking: when nobody is asked any more, so that there is time for posting.
    """

    host: Host
    brief: Brief
    asking: Deadline

    def source(self, world: World) -> Source:
        """Where its change comes from."""
        from reviewbot.sources.pullrequest import PullRequestSource

        return PullRequestSource(self.brief, cwd=world.cwd, host=self.host)

    def start(self, world: World) -> State:
        """The commit it is to be merged into: a change does not choose how it is judged."""
        return _start.at(self.brief.base, cwd=world.cwd) or _Afar(self.host, self.brief.base)

    def post(self, review: Review) -> Outcome:
        """Let the pull request show a review: each finding once, and each that is gone answered once.

        Args:
            review: of its change.

        Returns:
            what became of it; where there was trouble, another run puts it right.

        Raises:
            HostError: nothing could be posted.
        """
        from reviewbot.hosts import _reconcile

        if self.host.head() != self.brief.head:
            return Outcome(0, superseded=True)
        posting = _reconcile.reconcile(review, self.brief)
        outcome = self.host.post(posting.comments, head=self.brief.head, replies=posting.replies)
        if outcome.read_only:
            return outcome
        unmade = {*outcome.refused, *outcome.unposted}
        made = [comment for comment in posting.comments if comment.fingerprint not in unmade]
        try:
            self.host.summarise(_reconcile.summary(review, self.brief, made=made), comment=self.brief.summary)
        except HostError as error:
            if error.slug != "host-permission":
                return replace(outcome, trouble=outcome.trouble or error)
            return replace(outcome, read_only=error.message)
        return outcome


@contextmanager
def opened(invocation: Invocation, world: World) -> Iterator[Pull]:
    """The pull request that is meant, for as long as needed.

    Raises:
        ConfigError: it is not clear which one, or with which right it is posted to.
        HostError: it cannot be read.
    """
    deadline = Deadline(invocation.timeout)
    adapter = registry.load("hosts", invocation.post or _HOST)
    way: HostWay = adapter.find(
        invocation.pull,
        api_url=invocation.api_url,
        writes=bool(invocation.post),
        environment=world.environment,
        remotes=partial(_remotes.addresses, world.cwd),
    )
    host = adapter.connect(replace(way, deadline=deadline))
    try:
        asking = deadline.earlier(_SHARE, most=_MOST) if invocation.post else deadline
        yield Pull(host, host.brief(), asking)
    finally:
        host.close()
