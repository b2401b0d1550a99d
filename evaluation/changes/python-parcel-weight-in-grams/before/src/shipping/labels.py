"""The text fields of a shipping label."""

from __future__ import annotations

from dataclasses import dataclass

from shipping.parcel import Parcel

WIDTH = 32


@dataclass(frozen=True)
class Address:
    name: str
    street: str
    postcode: str
    city: str
    country: str = "DE"


def label_lines(parcel: Parcel, to: Address, number: str) -> list[str]:
    """Lines for the label printer, each at most WIDTH characters."""
    lines = [
        to.name,
        to.street,
        f"{to.country}-{to.postcode} {to.city}",
        f"{number}  {parcel.weight():.2f} kg  {parcel.count()} pcs",
    ]
    return [line[:WIDTH] for line in lines]
