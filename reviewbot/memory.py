"""What an earlier review left for this one: the findings it told, and what it looked at."""

from dataclasses import dataclass
from enum import StrEnum

from reviewbot.diff import Hunk
from reviewbot.finding import Finding


class Fate(StrEnum):
    """What became of a finding since it was told."""

    OPEN = "open"
    GONE = "gone"
    DISMISSED = "dismissed"
    BASELINE = "baseline"


@dataclass(frozen=True, slots=True)
class Known:
    """A finding that was told before.

    Attributes:
        finding: as it was told, at the place where it stood then.
        fate: `open`; `gone`, and its readers were told so; `dismissed` by somebody who may; or part of a `baseline`.
        comment: the host's number of the comment that tells it, None where a summary or a file does.
        by: who dismissed it, else empty.
        why: in their words; empty where they say nothing.
        part: digest of the hunk that it stood in, empty where that is not known.
    """

    finding: Finding
    fate: Fate = Fate.OPEN
    comment: int | None = None
    by: str = ""
    why: str = ""
    part: str = ""


@dataclass(frozen=True, slots=True)
class Part:
    """A hunk that a review looked at.

    Attributes:
        digest: of its content and of what an answer depends on beside it, 32 hex digits.
        path: of its file.
        hunk: as it stands in the change.
    """

    digest: str
    path: str
    hunk: Hunk


@dataclass(frozen=True, slots=True)
class Memory:
    """All that is known of earlier reviews.

    Attributes:
        known: the findings they told.
        reviewed: digests of the parts they looked at, the latest first.
    """

    known: tuple[Known, ...] = ()
    reviewed: tuple[str, ...] = ()
