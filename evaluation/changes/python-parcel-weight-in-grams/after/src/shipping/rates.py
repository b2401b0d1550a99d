"""Prices of the carrier's weight bands."""

from __future__ import annotations

from shipping.parcel import Parcel

# (up to grams, cents)
BANDS = [(1_000, 449), (2_000, 549), (5_000, 699), (10_000, 949), (31_500, 1649)]


class TooHeavy(Exception):
    """No band takes the parcel."""


def price(parcel: Parcel) -> int:
    """Cents for one parcel within the country."""
    weight = parcel.weight()
    for limit, cents in BANDS:
        if weight <= limit:
            return cents
    raise TooHeavy(f"{weight} g, at most {BANDS[-1][0]} g")


def total(parcels: list[Parcel]) -> int:
    return sum(price(p) for p in parcels)
