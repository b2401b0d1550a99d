"""How much of what one has to see stands in the prompts. Alone knows when a piece of evidence counts as shown."""

import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

from evaluation.run import Order, placed
from evaluation.suite import Change
from reviewbot import app, catalogue, wiring
from reviewbot.aside import AsideReason
from reviewbot.diff import FileDiff, Side
from reviewbot.finding import Anchor
from reviewbot.planning import Plan
from reviewbot.ports import Route
from reviewbot.review import Chunk
from reviewbot.routing import route
from reviewbot.stages.chunk import file_tokens
from reviewbot.stages.prompt import PromptSize

TRIES = 2
"""How often a change is planned; the shortest time counts, since the first one loads what all later ones use."""


class Sight(StrEnum):
    """How much of the lines of a piece of evidence stands in one prompt."""

    WHOLE = "whole"
    PART = "in part"
    NOT = "not at all"


@dataclass(frozen=True, slots=True)
class Seen:
    """One piece of evidence in the prompt that shows most of it.

    Attributes:
        anchor: its lines.
        sight: how much of them stands there.
        reasons: why those beside the diff do.
    """

    anchor: Anchor
    sight: Sight
    reasons: frozenset[AsideReason] = frozenset()


@dataclass(frozen=True, slots=True)
class View:
    """What the prompts of one change show with one share.

    Attributes:
        change: its name.
        share: tokens beside the diff that were allowed, for each of the diff's.
        seen: each piece of evidence.
        diff: tokens of the diff.
        beside: tokens of the pieces of code beside it, by the reason why they are shown.
        seconds: from its repository to what would be asked.
    """

    change: str
    share: float
    seen: tuple[Seen, ...]
    diff: int
    beside: Mapping[AsideReason, int]
    seconds: float

    @property
    def whole(self) -> bool:
        """True where all there is stands whole in a prompt."""
        return all(seen.sight is Sight.WHOLE for seen in self.seen)


def views(order: Order, shares: Iterable[float]) -> Iterator[View]:
    """Plan every change with every share; nobody is asked.

    Args:
        order: after `subjects` has built its repositories.
        shares: what is allowed beside the diff, for each token of it.

    Raises:
        ReviewbotError: a change cannot be read, or the model leaves no room for it.
    """
    invocation = order.chosen.invocation
    way = wiring.within_minute(route(invocation, order.chosen.policy, catalogue.load()), invocation)
    for change in order.changes:
        for share in shares:
            yield _view(order, change, way, share)


def _view(order: Order, change: Change, way: Route, share: float) -> View:
    made = [_planned(order, change, way, share) for _ in range(TRIES)]
    plan, seconds = made[0][0], min(took for _, took in made)
    size = PromptSize(plan.counter)
    beside = dict.fromkeys(AsideReason, 0)
    for chunk in plan.chunks:
        for aside in chunk.asides:
            beside[aside.reason] += size.aside(aside)
    truths = [placed(truth, plan.change.files) for truth in change.truths]
    return View(
        change.name,
        share,
        tuple(seen(piece.anchor, plan.chunks, truths) for piece in change.evidence),
        sum(file_tokens(file, size=size) for chunk in plan.chunks for file in chunk.files),
        beside,
        seconds,
    )


def _planned(order: Order, change: Change, way: Route, share: float) -> tuple[Plan, float]:
    """What would be asked, and the seconds until that was known."""
    began = time.monotonic()
    invocation, world = order.chosen.invocation, order.at(change)
    found = app.collected(invocation, world, None)
    policy = replace(order.chosen.policy, context=share)
    with app.look(found, invocation, policy, world, model=way.model.name) as looked:
        return looked.plan(way), time.monotonic() - began


def seen(anchor: Anchor, chunks: Iterable[Chunk], truths: Sequence[Anchor]) -> Seen:
    """A piece of evidence in the prompt that shows most of it.

    Args:
        anchor: its lines.
        chunks: what each prompt shows.
        truths: the defects of the change; a prompt without one of them does not count.
    """
    wanted = set(range(anchor.start, anchor.end + 1))
    most, sight, reasons = 0, Sight.NOT, frozenset[AsideReason]()
    for chunk in chunks:
        beside = [
            (aside.reason, wanted & set(range(aside.start, aside.end + 1)))
            for aside in chunk.asides
            if aside.path == anchor.path
        ]
        shown = (wanted & in_diff(chunk.files, anchor.path)).union(*(lines for _, lines in beside))
        if len(shown) > most and any(_asks(chunk, truth) for truth in truths):
            most, sight = len(shown), Sight.WHOLE if shown == wanted else Sight.PART
            reasons = frozenset(reason for reason, lines in beside if lines)
    return Seen(anchor, sight, reasons)


def _asks(chunk: Chunk, truth: Anchor) -> bool:
    """Whether a prompt shows the first line of a defect as one of its diff."""
    return truth.start in in_diff(chunk.files, truth.path, truth.side)


def in_diff(files: Iterable[FileDiff], path: str, side: Side = Side.NEW) -> set[int]:
    """The numbers of the lines of a file that its diff shows, changed or not.

    Args:
        files: of the diff.
        path: of the file.
        side: on which the lines are counted.
    """
    return {
        number
        for file in files
        if file.path == path
        for hunk in file.hunks
        for line in hunk.lines
        if (number := line.number(side)) is not None
    }
