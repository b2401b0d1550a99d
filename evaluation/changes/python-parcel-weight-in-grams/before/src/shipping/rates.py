"""Prices of the carrier's weight bands."""

from __future__ import annotations

from shipping.parcel import Parcel

# (up to kilograms, cents)
BANDS = [(1.0, 449), (2.0, 549), (5.0, 699), (10.0, 949), (31.5, 1649)]


class TooHeavy(Exception):
    """No band takes the parcel."""


def price(parcel: Parcel) -> int:
    """Cents for one parcel within the country."""
    weight = parcel.weight()
    for limit, cents in BANDS:
        if weight <= limit:
            return cents
    raise TooHeavy(f"{weight} kg, at most {BANDS[-1][0]} kg")


def total(parcels: list[Parcel]) -> int:
    return sum(price(p) for p in parcels)
