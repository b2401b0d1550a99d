"""What goes into a parcel."""

from __future__ import annotations

from dataclasses import dataclass, field

# the empty box, by size
BOX_KG = {"S": 0.12, "M": 0.26, "L": 0.41}


@dataclass(frozen=True)
class Item:
    sku: str
    title: str
    grams: int
    quantity: int = 1


@dataclass
class Parcel:
    box: str
    items: list[Item] = field(default_factory=list)

    def add(self, item: Item) -> None:
        self.items.append(item)

    def weight(self) -> float:
        """Gross weight in kilograms, the box included."""
        net = sum(item.grams * item.quantity for item in self.items) / 1000
        return BOX_KG[self.box] + net

    def count(self) -> int:
        return sum(item.quantity for item in self.items)
