"""Creating and finding warehouses."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import Session

from stock.models import Warehouse


def create(session: Session, code: str, name: str) -> Warehouse:
    warehouse = Warehouse(code=code.upper(), name=name)
    session.add(warehouse)
    session.flush()
    return warehouse


def by_code(session: Session, code: str) -> Warehouse | None:
    return session.scalar(select(Warehouse).where(Warehouse.code == code.upper()))


def all_codes(session: Session) -> list[str]:
    return list(session.scalars(select(Warehouse.code).order_by(Warehouse.code)))
