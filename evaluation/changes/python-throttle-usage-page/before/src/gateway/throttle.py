"""Limits how many calls a client may make in a sliding window."""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True)
class Decision:
    allowed: bool
    remaining: int
    retry_after: float


class Throttle:
    """Counts the calls of each client. Shared by all worker threads."""

    def __init__(
        self,
        limit: int,
        window: float = 60.0,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        if limit < 1:
            raise ValueError("limit must be positive")
        self.limit = limit
        self.window = window
        self._clock = clock
        self._lock = threading.Lock()
        self._calls: dict[str, deque[float]] = {}

    def check(self, client: str) -> Decision:
        """Count one call of a client, unless it is over the limit."""
        now = self._clock()
        with self._lock:
            calls = self._calls.setdefault(client, deque())
            self._expire(calls, now)
            if len(calls) >= self.limit:
                return Decision(False, 0, calls[0] + self.window - now)
            calls.append(now)
            return Decision(True, self.limit - len(calls), 0.0)

    def sweep(self) -> int:
        """Forget clients that made no call for a window; called by a timer."""
        now = self._clock()
        with self._lock:
            idle = []
            for client, calls in self._calls.items():
                self._expire(calls, now)
                if not calls:
                    idle.append(client)
            for client in idle:
                del self._calls[client]
        return len(idle)

    def _expire(self, calls: deque[float], now: float) -> None:
        """Drop calls that have left the window."""
        while calls and calls[0] <= now - self.window:
            calls.popleft()
