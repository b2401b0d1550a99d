"""The list of open orders, as the warehouse sees it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from orders.customers import CustomerStore
from orders.store import OrderStore

# the board shows everything at once; there is no second page
LIMIT = 500


@dataclass(frozen=True)
class Row:
    number: str
    placed: datetime
    customer: str
    city: str
    items: int


def open_orders(orders: OrderStore, customers: CustomerStore) -> list[Row]:
    """Open orders with their customers, the oldest first."""
    rows = []
    for order in orders.open(limit=LIMIT):
        customer = customers.get(order.customer_id)
        rows.append(
            Row(
                number=order.number,
                placed=order.placed,
                customer=customer.name,
                city=customer.city,
                items=order.item_count,
            )
        )
    return rows


def as_text(rows: list[Row]) -> str:
    """The plain-text form for the terminal in the hall."""
    lines = [f"{'number':<12} {'placed':<16} {'customer':<24} {'city':<16} items"]
    for row in rows:
        who = f"{row.customer[:24]:<24} {row.city[:16]:<16}"
        lines.append(f"{row.number:<12} {row.placed:%Y-%m-%d %H:%M} {who} {row.items:>5}")
    return "\n".join(lines)
