"""What a person sees on stderr while a review is made. Reads the pipeline's events; knows nothing of how they come."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from itertools import islice

from reviewbot.events import Closed, Event, Found, Glimpsed, Planned, Verified
from reviewbot.finding import Finding
from reviewbot.terminal import STYLES, one_line, visible

SHOWN = 5
"""Findings that are shown at once; the report has them all."""


def shown(events: Iterable[Event]) -> Iterator[Event]:
    """Pass events on and show how far they are and what was found last, in lines that vanish at the end."""
    from rich.console import Console, Group
    from rich.live import Live
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
    from rich.text import Text

    columns = (
        TextColumn("reviewing"),
        BarColumn(bar_width=24),
        MofNCompleteColumn(),
        TextColumn("parts · {task.fields[told]} ·"),
        TimeElapsedColumn(),
    )
    console = Console(stderr=True)
    bar = Progress(*columns, console=console)
    task = bar.add_task("", total=0, told="")
    seen = _Seen()
    with Live(bar, console=console, transient=True, refresh_per_second=8) as live:
        for event in events:
            seen.hear(event)
            bar.update(task, total=seen.total, completed=seen.closed, told=seen.told)
            last = [Text.assemble(*line, no_wrap=True, overflow="ellipsis") for line in seen.last]
            live.update(Group(*last, bar))
            yield event


_Piece = tuple[str, str] | str
"""Text with its style, or without one."""


@dataclass
class _Seen:
    """What was heard so far.

    Attributes:
        total: parts that are asked about.
        closed: those of which nothing more comes.
        voting: True where several passes tell each what it sees: what they come to is known in the end.
        lines: what is shown of each finding, by its fingerprint, the newest last: one is glimpsed while its answer
            comes and found when it has come.
        disproved: fingerprints of those that the second model disproves.
    """

    total: int = 0
    closed: int = 0
    voting: bool = False
    lines: dict[str, tuple[_Piece, ...]] = field(default_factory=dict)
    disproved: set[str] = field(default_factory=set)

    def hear(self, event: Event) -> None:
        """Take in what happened."""
        match event:
            case Planned(chunk=chunk):
                self.total += 1
                self.voting = self.voting or chunk.sample > 0
            case Closed():
                self.closed += 1
            case Found(finding=finding) | Glimpsed(finding=finding):
                severity = finding.draft.severity
                self.lines.setdefault(finding.fingerprint, ((f"{severity}:", STYLES[severity]), _about(finding)))
            case Verified(dropped=dropped):
                # What was shown does not vanish without a word.
                for finding in (drop.finding for drop in dropped if drop.finding):
                    self.lines.pop(finding.fingerprint, None)
                    self.lines[finding.fingerprint] = (("disproved:", "dim"), _about(finding))
                    self.disproved.add(finding.fingerprint)
            case _:
                pass

    @property
    def told(self) -> str:
        """How much was found."""
        said = f"{len(self.lines)} {'claimed' if self.voting else 'found'}"
        return said + (f", {len(self.disproved)} of them disproved" if self.disproved else "")

    @property
    def last(self) -> Iterator[tuple[_Piece, ...]]:
        """What is shown of the newest ones."""
        return islice(self.lines.values(), max(len(self.lines) - SHOWN, 0), None)


def _about(finding: Finding) -> str:
    return f" {visible(finding.anchor.path)}:{finding.anchor.start} {one_line(finding.draft.title)}"
