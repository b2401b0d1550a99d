"""Customers; orders.customer_id is a foreign key with ON DELETE RESTRICT."""

from __future__ import annotations

import sqlite3
from collections.abc import Collection
from dataclasses import dataclass

COLUMNS = "id, name, city"


@dataclass(frozen=True)
class Customer:
    id: int
    name: str
    city: str


class CustomerStore:
    def __init__(self, db: sqlite3.Connection) -> None:
        self._db = db

    def get(self, customer_id: int) -> Customer:
        row = self._db.execute(f"SELECT {COLUMNS} FROM customers WHERE id = ?", (customer_id,)).fetchone()
        if row is None:
            raise LookupError(f"no customer {customer_id}")
        return Customer(*row)

    def get_many(self, ids: Collection[int]) -> dict[int, Customer]:
        """Customers by id, in one query."""
        marks = ", ".join("?" * len(ids))
        rows = self._db.execute(f"SELECT {COLUMNS} FROM customers WHERE id IN ({marks})", tuple(ids))
        return {row[0]: Customer(*row) for row in rows}
