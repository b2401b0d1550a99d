"""Creating and finding warehouses."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import Session

from stock.models import Warehouse


REGIONS = ("EU", "UK", "NA")


def create(session: Session, code: str, name: str, region: str = "EU") -> Warehouse:
    if region not in REGIONS:
        raise ValueError(f"unknown region: {region!r}")
    warehouse = Warehouse(code=code.upper(), name=name, region=region)
    session.add(warehouse)
    session.flush()
    return warehouse


def by_code(session: Session, code: str) -> Warehouse | None:
    return session.scalar(select(Warehouse).where(Warehouse.code == code.upper()))


def all_codes(session: Session, region: str | None = None) -> list[str]:
    """Codes in alphabetical order, of one region or of all."""
    query = select(Warehouse.code).order_by(Warehouse.code)
    if region is not None:
        query = query.where(Warehouse.region == region)
    return list(session.scalars(query))
