"""When a run has to end, and whether it was given up. Alone knows how the calls of a run wait."""

import threading
import time
from dataclasses import dataclass, field
from typing import Protocol

from reviewbot.errors import ProviderError, ProviderErrorKind


class Clock(Protocol):
    """Where time comes from: the machine's, or a simulated one."""

    def now(self) -> float:
        """Seconds since any fixed moment; never goes back."""
        ...

    def wait(self, woken: threading.Event, seconds: float) -> None:
        """Let so many seconds pass, fewer when the event is set meanwhile."""
        ...


class SystemClock:
    """The machine's own."""

    def now(self) -> float:
        """Seconds since some moment."""
        return time.monotonic()

    def wait(self, woken: threading.Event, seconds: float) -> None:
        """Sleep, until woken."""
        woken.wait(seconds)


@dataclass
class Deadline:
    """One for all calls of a run.

    Args:
        seconds: that the run may take from now on, None: any.
        clock: where time comes from.
    """

    seconds: float | None = None
    clock: Clock = field(default_factory=SystemClock)

    def __post_init__(self) -> None:
        self._end = None if self.seconds is None else self.clock.now() + self.seconds
        self._given_up = threading.Event()
        self._error: ProviderError | None = None

    def earlier(self, share: float, *, most: float) -> "Deadline":
        """Another that ends before this one, so that time is left for what comes afterwards.

        Args:
            share: of all the time, that is left.
            most: seconds that are left.
        """
        other = Deadline(self.seconds, self.clock)
        if self._end is not None and self.seconds is not None:
            other._end = self._end - min(self.seconds * share, most)
        return other

    def left(self) -> float | None:
        """Seconds until the end, 0 when it has passed, None where there is none."""
        return None if self._end is None else max(0.0, self._end - self.clock.now())

    def give_up(self, error: ProviderError) -> None:
        """Let no call begin any more: each would fail with an error like this one."""
        self._error = self._error or error
        self._given_up.set()

    def check(self) -> None:
        """Before a call begins.

        Raises:
            ProviderError: the run was given up, or its time is over.
        """
        if self._error:
            raise _alike(self._error)
        if self.left() == 0:
            raise over(self.seconds)

    def wait(self, seconds: float, *, because: ProviderError | None = None) -> None:
        """Let time pass before a call.

        Args:
            seconds: how long.
            because: what went wrong and makes it wait.

        Raises:
            ProviderError: the run is given up meanwhile, or it would be over by then: that is not waited for.
        """
        self.check()
        left = self.left()
        if left is not None and seconds >= left:
            error = over(self.seconds, because, pause=seconds if left else None)
            # Who has to wait is not alone with it.
            self.give_up(error)
            raise error
        self.clock.wait(self._given_up, seconds)
        self.check()


def _alike(error: ProviderError) -> ProviderError:
    """The same for another call: a new object, without what one call alone was told."""
    return ProviderError(error.message, kind=error.kind, hint=error.hint, slug=error.slug)


def over(
    seconds: float | None, because: ProviderError | None = None, *, pause: float | None = None, said: str = ""
) -> ProviderError:
    """The error of a call for which no time is left.

    Args:
        seconds: that there were.
        because: what made it take so long.
        pause: seconds that would have to be waited, more than are left; None: none are left.
        said: what was answered before.
    """
    what = "are over" if pause is None else f"end before the {pause:.0f} seconds that have to be waited"
    why = f"; the last answer was: {because.message}" if because else ""
    return ProviderError(
        f"the {seconds:g} seconds of --timeout {what}{why}",
        kind=ProviderErrorKind.TIMED_OUT,
        hint="give it more time, or run again: what was answered is not asked again",
        slug="provider-timed-out",
        said=said,
    )
