"""How sure a figure is: intervals by drawing the changes again, with replacement."""

import math
import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass

RESAMPLES = 2_000
SEED = 20_240
LEVEL = 0.95

LEAST = 5
"""Changes; fewer hardly differ when they are drawn again, and would look surer than many."""


@dataclass(frozen=True, slots=True)
class Interval:
    """Where a figure lies in that share of the draws that `LEVEL` says."""

    low: float
    high: float

    def holds(self, value: float) -> bool:
        """True where the value is inside or at its edge."""
        return self.low <= value <= self.high


Sample = Sequence[int]
"""Numbers of the changes of one draw."""


def draws(size: int) -> list[Sample]:
    """As many changes as there are, drawn again and again; no draws of too few. The same size gives the same draws."""
    chance = random.Random(SEED)
    return [chance.choices(range(size), k=size) for _ in range(RESAMPLES if size >= LEAST else 0)]


def ratio(tops: Sequence[float], bottoms: Sequence[float], sample: Sample) -> float | None:
    """The figure of a draw, None where there is nothing to divide by.

    Args:
        tops: of each change.
        bottoms: of each change.
        sample: the draw.
    """
    below = math.fsum(bottoms[place] for place in sample)
    return math.fsum(tops[place] for place in sample) / below if below else None


def interval(figure: Callable[[Sample], float | None], samples: Sequence[Sample]) -> Interval | None:
    """The interval of a figure, None where no draw has it.

    Args:
        figure: of a draw; a draw without it plays no part.
        samples: of `draws`.
    """
    found = sorted(value for sample in samples if (value := figure(sample)) is not None)
    if not found:
        return None
    outside = (1 - LEVEL) / 2
    return Interval(_quantile(found, outside), _quantile(found, 1 - outside))


def _quantile(ordered: Sequence[float], share: float) -> float:
    """The value below which a share of the values lies, in a straight line between neighbours."""
    place = share * (len(ordered) - 1)
    below = math.floor(place)
    above = min(below + 1, len(ordered) - 1)
    return ordered[below] + (ordered[above] - ordered[below]) * (place - below)
