"""Usage events as the gateway writes them."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True)
class Event:
    at: datetime
    calls: int
    bytes_out: int


class EventStore:
    def __init__(self, db: sqlite3.Connection) -> None:
        self._db = db

    def between(self, account_id: int, start: datetime, end: datetime) -> Iterator[Event]:
        """Events with start <= at < end; both bounds must be aware."""
        rows = self._db.execute(
            "SELECT at, calls, bytes_out FROM events WHERE account_id = ? AND at >= ? AND at < ? ORDER BY at",
            (account_id, start.timestamp(), end.timestamp()),
        )
        for at, calls, bytes_out in rows:
            yield Event(datetime.fromtimestamp(at, tz=start.tzinfo), calls, bytes_out)
