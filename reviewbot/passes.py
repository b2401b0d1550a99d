"""Several passes over the chunks of a plan. Alone knows in which order they come, and what they add up to.

One pass after the other over all chunks: where time or money ends, all was looked at once before anything was looked at
twice. A line is not reviewed only where no pass saw it.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from functools import reduce

from reviewbot.events import At, Closed, Event, Found, Glimpsed, Planned, SkippedPart
from reviewbot.finding import Dropped, Finding
from reviewbot.planning import Plan
from reviewbot.review import Chunk, Skipped, SkipReason, changed_lines
from reviewbot.stages.merge import merge


@dataclass(frozen=True, slots=True)
class Round:
    """What all passes over one chunk come to.

    Attributes:
        findings: what they say together.
        dropped: claims that one of the findings stands for.
        skipped: what none of them saw.
        unheard: how many of them brought no whole answer.
    """

    findings: tuple[Finding, ...]
    dropped: tuple[Dropped, ...]
    skipped: tuple[Skipped, ...]
    unheard: int


def passes(plan: Plan) -> tuple[Chunk, ...]:
    """What is asked about, in its order: the chunks of the plan as often as there are to be passes."""
    return tuple(replace(chunk, sample=sample) for sample in range(plan.settings.samples) for chunk in plan.chunks)


def rounds(plan: Plan, events: Iterable[Event]) -> tuple[Round, ...]:
    """What became of each chunk of a plan.

    Args:
        plan: what was to be asked.
        events: what happened, those of one place in their order. What was planned and never closed was interrupted.
    """
    looks = [_Pass(open={(place,): chunk}) for place, chunk in enumerate(passes(plan))]
    for event in events:
        if event.at[0] < len(looks):
            looks[event.at[0]].hear(event)
    size = len(plan.chunks)
    return tuple(_round(looks[place::size]) for place in range(size))


@dataclass
class _Pass:
    """What one pass over one chunk came to.

    Attributes:
        open: the parts of the chunk that are still to be answered.
        found: what was found.
        missing: what could not be answered.
        glimpsed: of each open part, what was seen of its answer.
    """

    open: dict[At, Chunk]
    found: list[Finding] = field(default_factory=list)
    missing: list[Skipped] = field(default_factory=list)
    glimpsed: dict[At, list[Finding]] = field(default_factory=dict)

    def hear(self, event: Event) -> None:
        """Take in what happened."""
        match event:
            case Planned(at=at, chunk=chunk):
                self.open[at] = chunk
            case Found(finding=finding):
                self.found.append(finding)
            case SkippedPart(skipped=part):
                self.missing.append(part)
            case Glimpsed(at=at, finding=finding):
                self.glimpsed.setdefault(at, []).append(finding)
            case Closed(at=at):
                self.open.pop(at)
                self.glimpsed.pop(at, None)
            case _:  # the others say nothing of a chunk
                pass

    @property
    def findings(self) -> list[Finding]:
        """Also those of which nobody will hear more: somebody has seen them."""
        return self.found + [finding for findings in self.glimpsed.values() for finding in findings]

    @property
    def unseen(self) -> list[Skipped]:
        """What it did not look at."""
        return self.missing + [part for chunk in self.open.values() for part in _interrupted(chunk)]


def _round(looks: Sequence[_Pass]) -> Round:
    # Who saw nothing at all has no vote.
    merged = merge([look.findings for look in looks if look.findings or not look.unseen])
    unheard = sum(bool(look.unseen) for look in looks) if len(looks) > 1 else 0
    # What every pass missed, as the first of them says it.
    skipped = reduce(_common, [look.unseen for look in looks])
    return Round(merged.findings, merged.dropped, tuple(skipped), unheard)


def _common(parts: Sequence[Skipped], others: Sequence[Skipped]) -> list[Skipped]:
    """The parts of the first that are parts of the others too; each begins with a changed line, as all parts do."""
    found = []
    for part in parts:
        for other in others:
            lines, rival = _lines(part), _lines(other)
            start, stop = max(lines.start, rival.start), min(lines.stop, rival.stop)
            if (part.path, part.side) == (other.path, other.side) and start < stop:
                found.append(replace(part, start=start, end=stop - 1))
    return found


def _lines(part: Skipped) -> range:
    return range(part.start or 0, (part.end or 0) + 1)


def _interrupted(chunk: Chunk) -> tuple[Skipped, ...]:
    detail = "the review was interrupted before this was answered"
    return tuple(
        part for file in chunk.files for part in changed_lines(file, reason=SkipReason.INTERRUPTED, detail=detail)
    )
