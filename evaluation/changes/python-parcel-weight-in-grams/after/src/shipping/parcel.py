"""What goes into a parcel."""

from __future__ import annotations

from dataclasses import dataclass, field

# the empty box, by size
BOX_GRAMS = {"S": 120, "M": 260, "L": 410}


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

    def weight(self) -> int:
        """Gross weight in grams, the box included."""
        net = sum(item.grams * item.quantity for item in self.items)
        return BOX_GRAMS[self.box] + net

    def count(self) -> int:
        return sum(item.quantity for item in self.items)
