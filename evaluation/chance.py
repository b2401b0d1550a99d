"""What luck would find. A reviewer has to beat it to be worth anything."""

import random
from collections.abc import Sequence
from statistics import fmean

from evaluation.results import Subject
from evaluation.score import EXACT, NEAR, hits
from reviewbot.finding import Anchor

DRAWS = 200
"""Simulated reviews for each real one."""


def luck(comments: Sequence[Anchor], subject: Subject, *, key: str) -> tuple[float, float]:
    """The expected hits, exact and near, of as many and as long comments on changed lines that are drawn by lot.

    Args:
        comments: of the review that is to be better.
        subject: the change.
        key: of the review; the same one draws the same lots.
    """
    places = [(run, line) for run in subject.changed for line in range(run.start, run.end + 1)]
    if not (comments and subject.truths and places):
        return 0.0, 0.0
    chance = random.Random(key)
    drawn = [_drawn(comments, places, chance) for _ in range(DRAWS)]
    exact, near = (
        fmean(hits(one, subject.truths, tolerance=tolerance) for one in drawn) for tolerance in (EXACT, NEAR)
    )
    return exact, near


def _drawn(
    comments: Sequence[Anchor], places: Sequence[tuple[Anchor, int]], chance: random.Random
) -> tuple[Anchor, ...]:
    # Nobody says the same of a line twice while there are others.
    lots = chance.sample(places, min(len(comments), len(places)))
    lots += chance.choices(places, k=len(comments) - len(lots))
    return tuple(
        Anchor(run.path, run.side, line, line + comment.end - comment.start)
        for comment, (run, line) in zip(comments, lots, strict=True)
    )
