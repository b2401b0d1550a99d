"""Orders in the database."""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True)
class Order:
    number: str
    customer_id: int
    placed: datetime
    item_count: int


class OrderStore:
    def __init__(self, db: sqlite3.Connection) -> None:
        self._db = db

    def open(self, limit: int) -> list[Order]:
        rows = self._db.execute(
            "SELECT number, customer_id, placed, item_count FROM orders"
            " WHERE shipped IS NULL ORDER BY placed LIMIT ?",
            (limit,),
        )
        return [Order(n, c, datetime.fromisoformat(p), i) for n, c, p, i in rows]
