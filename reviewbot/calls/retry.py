"""Asks again after trouble that passes. Alone knows which trouble does, how often to try, and how long to wait."""

import random
import threading
from collections.abc import Callable
from dataclasses import dataclass, field

from reviewbot.calls._around import Around
from reviewbot.deadline import Deadline
from reviewbot.errors import ProviderError, ProviderErrorKind
from reviewbot.ports import Answering
from reviewbot.reply import claims
from reviewbot.review import Prompt

TRIES = {
    ProviderErrorKind.RATE: 8,
    ProviderErrorKind.SERVER: 5,
    ProviderErrorKind.UNREACHABLE: 4,
    ProviderErrorKind.BROKEN: 4,
}
"""How often a prompt is asked at most, by what goes wrong; anything else is not asked again."""

FIRST_PAUSE = 1.0
"""Seconds; each further pause is twice as long."""

LONGEST_PAUSE = 60.0
"""Seconds: the limits of most endpoints begin anew each minute."""

MOST_PATIENCE = 300.0
"""Seconds; an endpoint that wants a longer pause is not waited for."""


@dataclass(frozen=True)
class Retry(Around):
    """Repeats what can succeed a second time. It alone does: the SDK's own retries are off.

    Attributes:
        deadline: no try begins after it, nor after an error that every prompt would meet.
        chance: from 0 to 1, so that parallel calls do not come back all at once.
        answered: set once a prompt was: another one that is refused is then refused for what it holds.
    """

    deadline: Deadline
    chance: Callable[[], float] = field(default=random.random, repr=False)
    answered: threading.Event = field(default_factory=threading.Event, repr=False)

    def complete(self, prompt: Prompt) -> Answering:
        """Ask until there is an answer, the tries are used up, or it is hopeless.

        Yields:
            An empty text before each further try: what came before it counts no more.
        """
        tried, said = 0, ""
        while True:
            try:
                self.deadline.check()
                tried += 1
                completion = yield from self.provider.complete(prompt)
            except ProviderError as error:
                # The try that got furthest counts: a later one may have broken off before its first word.
                error.said = said = max(said, error.said, key=claims)
                pause = self._pause(error, tried)
                if pause is None:
                    if error.kind.fatal and not (error.kind is ProviderErrorKind.REJECTED and self.answered.is_set()):
                        self.deadline.give_up(error)
                    raise
                yield ""
                self._wait(pause, error)
            else:
                self.answered.set()
                return completion

    def _wait(self, pause: float, failed: ProviderError) -> None:
        try:
            self.deadline.wait(pause, because=failed)
        except ProviderError as error:
            error.said = failed.said
            raise

    def _pause(self, error: ProviderError, tried: int) -> float | None:
        """Seconds before the next try, None where there is none."""
        if tried >= TRIES.get(error.kind, 0):
            return None
        longest: float = min(FIRST_PAUSE * 2 ** (tried - 1), LONGEST_PAUSE)
        own = longest * (1 + self.chance()) / 2
        if error.retry_after is None:
            return own
        # Never sooner than asked for, and a little later: many may have been told the same moment. An endpoint that
        # says one second every time has no room for a minute all the same.
        return max(own, error.retry_after + self.chance()) if error.retry_after <= MOST_PATIENCE else None
