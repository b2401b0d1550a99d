"""What happens in a review, one event after the other; `pipeline.fold` makes the review of them."""

from dataclasses import dataclass

from reviewbot.errors import ReviewbotError
from reviewbot.finding import Dropped, Finding
from reviewbot.review import Chunk, Skipped, Usage

At = tuple[int, ...]
"""A chunk's place in input order: `(3,)` is the fourth, `(3, 0)` the first half of it. Sorts as the change reads."""


@dataclass(frozen=True, slots=True)
class Planned:
    """The chunk at this place will be asked about."""

    at: At
    chunk: Chunk


@dataclass(frozen=True, slots=True)
class Asked:
    """The prompt for the chunk at this place goes out."""

    at: At


@dataclass(frozen=True, slots=True)
class Found:
    """A claim of the chunk at this place was proven to lie in the change."""

    at: At
    finding: Finding


@dataclass(frozen=True, slots=True)
class DroppedOut:
    """A claim of the chunk at this place fell out."""

    at: At
    dropped: Dropped


@dataclass(frozen=True, slots=True)
class SkippedPart:
    """A part of the change at this place is not reviewed.

    Attributes:
        error: what went wrong, None where it was left out on purpose.
    """

    at: At
    skipped: Skipped
    error: ReviewbotError | None = None


@dataclass(frozen=True, slots=True)
class Spent:
    """A request was answered and has its price."""

    at: At
    usage: Usage


@dataclass(frozen=True, slots=True)
class Closed:
    """Nothing more comes for the chunk at this place: it was reviewed, skipped, or replaced by smaller ones."""

    at: At


@dataclass(frozen=True, slots=True)
class Glimpsed:
    """A claim of an answer that still comes was proven to lie in the change. For who watches: it comes again."""

    at: At
    finding: Finding


@dataclass(frozen=True, slots=True)
class Verified:
    """What was found in the chunk at this place was put to a second model.

    Attributes:
        claims: what was put to it.
        findings: those of them that stay, as it weighs them.
        dropped: those that it disproves.
        unverified: those of `findings` of which it said nothing usable.
        error: why it could not be asked, None where it answered.
    """

    at: At
    claims: tuple[Finding, ...]
    findings: tuple[Finding, ...]
    dropped: tuple[Dropped, ...] = ()
    unverified: tuple[Finding, ...] = ()
    error: ReviewbotError | None = None


Event = Verified | Planned | Asked | Glimpsed | Found | DroppedOut | SkippedPart | Spent | Closed
