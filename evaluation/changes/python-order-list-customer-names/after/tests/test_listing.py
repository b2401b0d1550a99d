import sqlite3

import pytest

from orders.customers import CustomerStore
from orders.listing import as_text, open_orders
from orders.store import OrderStore

SCHEMA = """
CREATE TABLE customers (id INTEGER PRIMARY KEY, name TEXT NOT NULL, city TEXT NOT NULL);
CREATE TABLE orders (number TEXT, customer_id INTEGER NOT NULL, placed TEXT, item_count INTEGER, shipped TEXT);
INSERT INTO customers VALUES (1, 'Hill Farm', 'Northam'), (2, 'A very long name of a customer', 'Westby');
INSERT INTO orders VALUES
    ('B-2', 2, '2026-03-02 10:00', 1, NULL),
    ('B-1', 1, '2026-03-01 09:30', 4, NULL),
    ('B-0', 1, '2026-02-27 12:00', 2, '2026-02-28');
"""


@pytest.fixture
def rows():
    db = sqlite3.connect(":memory:")
    db.executescript(SCHEMA)
    yield open_orders(OrderStore(db), CustomerStore(db))
    db.close()


def test_customers_are_named(rows):
    assert [(r.number, r.customer, r.city) for r in rows] == [
        ("B-1", "Hill Farm", "Northam"),
        ("B-2", "A very long name of a customer", "Westby"),
    ]


def test_columns_line_up(rows):
    lines = as_text(rows).splitlines()
    assert {line.index(city) for line, city in zip(lines, ("city", "Northam", "Westby"))} == {55}
