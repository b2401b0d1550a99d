"""Calling something again that failed for a passing reason."""

from __future__ import annotations

import logging
import random
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TypeVar

log = logging.getLogger(__name__)

T = TypeVar("T")


@dataclass(frozen=True)
class Backoff:
    """Pauses that double, each shortened by up to a quarter at random."""

    first: float = 0.5
    longest: float = 4.0
    attempts: int = 4

    def pauses(self) -> Iterator[float]:
        """One pause fewer than there are attempts."""
        pause = self.first
        for _ in range(self.attempts - 1):
            yield pause * random.uniform(0.75, 1.0)
            pause = min(pause * 2, self.longest)


def with_retries(call: Callable[[], T], errors: tuple[type[Exception], ...], backoff: Backoff) -> T:
    """The result of `call`; the error of the last attempt when all fail."""
    for pause in backoff.pauses():
        try:
            return call()
        except errors as error:
            log.warning("%s, next attempt in %.1f s", type(error).__name__, pause)
        time.sleep(pause)
    return call()
