"""The list of open orders, as the warehouse sees it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from orders.store import OrderStore

# the board shows everything at once; there is no second page
LIMIT = 500


@dataclass(frozen=True)
class Row:
    number: str
    placed: datetime
    items: int


def open_orders(orders: OrderStore) -> list[Row]:
    """Open orders, the oldest first."""
    rows = []
    for order in orders.open(limit=LIMIT):
        rows.append(
            Row(
                number=order.number,
                placed=order.placed,
                items=order.item_count,
            )
        )
    return rows


def as_text(rows: list[Row]) -> str:
    """The plain-text form for the terminal in the hall."""
    lines = [f"{'number':<12} {'placed':<16} items"]
    for row in rows:
        lines.append(f"{row.number:<12} {row.placed:%Y-%m-%d %H:%M} {row.items:>5}")
    return "\n".join(lines)
