"""Which comments found which truths, and what that adds up to. Alone knows when a comment counts as a hit."""

from collections.abc import Iterable, Sequence
from dataclasses import astuple, dataclass
from statistics import fmean

import networkx as nx

from reviewbot.finding import Anchor

EXACT, NEAR = 0, 3
"""Lines that may lie between a comment and what it is about: none, and as far as a reader looks around."""


@dataclass(frozen=True, slots=True)
class Counts:
    """What is counted of one change, as a mean over its reviews; sums of them make every figure.

    Attributes:
        reviews: 1.
        truths: defects that are there.
        lines: changed lines.
        comments: that were made.
        hits_exact: comments that share a line with a truth, one for each truth.
        hits_near: the same within some lines.
        luck_exact: hits that as many comments on random changed lines would have.
        luck_near: the same within some lines.
        clean: 1 for a change without a defect.
        alarms: comments on such a change.
        alarmed: 1 where there are any.
        input_tokens: that were sent.
        output_tokens: that came back.
        cost: money; 0 where none is known.
        seconds: that it took.
    """

    reviews: float
    truths: float
    lines: float
    comments: float
    hits_exact: float
    hits_near: float
    luck_exact: float
    luck_near: float
    clean: float
    alarms: float
    alarmed: float
    input_tokens: float
    output_tokens: float
    cost: float
    seconds: float


def mean(counts: Iterable[Counts]) -> Counts:
    """The mean of each number."""
    return Counts(*map(fmean, zip(*map(astuple, counts), strict=True)))


def hits(comments: Sequence[Anchor], truths: Sequence[Anchor], *, tolerance: int) -> int:
    """How many truths are found, when each comment finds one at most and each truth is found once.

    Args:
        comments: where they stand.
        truths: where the defects are.
        tolerance: lines that may lie between them; both have to be on the same side of the same file.
    """
    pairs = [
        (("comment", one), ("truth", other))
        for one, comment in enumerate(comments)
        for other, truth in enumerate(truths)
        if _meet(comment, truth, tolerance)
    ]
    ones, others = {one for one, _ in pairs}, {other for _, other in pairs}
    if min(len(ones), len(others)) < 2:
        # No choice is left; most changes have one defect, and this runs thousands of times to know what luck does.
        return min(len(ones), len(others))
    return len(nx.bipartite.hopcroft_karp_matching(nx.Graph(pairs), ones)) // 2


def _meet(one: Anchor, other: Anchor, tolerance: int) -> bool:
    same = one.path == other.path and one.side is other.side
    return same and one.start - tolerance <= other.end and other.start <= one.end + tolerance
