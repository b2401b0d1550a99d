import pytest

from shipping.parcel import Item, Parcel
from shipping.rates import TooHeavy, price, total


def parcel(grams, box="S"):
    return Parcel(box, [Item("A-1", "thing", grams)])


def test_weight_includes_the_box():
    assert parcel(880).weight() == 1_000


def test_band_limits_are_inclusive():
    assert price(parcel(880)) == 449
    assert price(parcel(881)) == 549


def test_too_heavy():
    with pytest.raises(TooHeavy):
        price(parcel(31_500, box="L"))


def test_total():
    assert total([parcel(100), parcel(4000)]) == 449 + 699
