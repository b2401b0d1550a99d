"""Entry point of the board in the warehouse: prints the list and exits."""

from __future__ import annotations

import argparse
import sqlite3

from orders.customers import CustomerStore
from orders.listing import as_text, open_orders
from orders.store import OrderStore


def main() -> None:
    parser = argparse.ArgumentParser(description="open orders")
    parser.add_argument("database")
    args = parser.parse_args()
    db = sqlite3.connect(args.database)
    try:
        print(as_text(open_orders(OrderStore(db), CustomerStore(db))))
    finally:
        db.close()


if __name__ == "__main__":
    main()
