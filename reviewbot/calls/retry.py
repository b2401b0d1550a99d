"""Asks again after trouble that passes. Alone knows which trouble does, how often to try, and how long to wait."""

import random
from collections.abc import Callable
from dataclasses import dataclass, field

from reviewbot.calls._around import Around
from reviewbot.deadline import Deadline
from reviewbot.errors import ProviderError, ProviderErrorKind
from reviewbot.ports import Answering
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
    """

    deadline: Deadline
    chance: Callable[[], float] = field(default=random.random, repr=False)

    def complete(self, prompt: Prompt) -> Answering:
        """Ask until there is an answer, the tries are used up, or it is hopeless.

        Yields:
            An empty text before each further try: what came before it counts no more.
        """
        tried = 0
        while True:
            self.deadline.check()
            tried += 1
            try:
                return (yield from self.provider.complete(prompt))
            except ProviderError as error:
                pause = self._pause(error, tried)
                if pause is None:
                    if error.kind.fatal:
                        self.deadline.give_up(error)
                    raise
                yield ""
                self.deadline.wait(pause, because=error)

    def _pause(self, error: ProviderError, tried: int) -> float | None:
        """Seconds before the next try, None where there is none."""
        if tried >= TRIES.get(error.kind, 0):
            return None
        if error.retry_after is not None:
            # A little later than asked for: many may have been told the same moment.
            return error.retry_after + self.chance() if error.retry_after <= MOST_PATIENCE else None
        longest: float = min(FIRST_PAUSE * 2 ** (tried - 1), LONGEST_PAUSE)
        return longest * (1 + self.chance()) / 2
