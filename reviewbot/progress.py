"""What a person sees on stderr while a review is made. Reads the pipeline's events; knows nothing of how they come."""

from collections import deque
from collections.abc import Iterable, Iterator

from reviewbot.events import Closed, Event, Found, Glimpsed, Planned
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
    total = closed = samples = 0
    # A finding is glimpsed while its answer comes and found when it has come.
    seen: dict[str, None] = {}
    last: deque[Text] = deque(maxlen=SHOWN)
    with Live(bar, console=console, transient=True, refresh_per_second=8) as live:
        for event in events:
            total += isinstance(event, Planned)
            closed += isinstance(event, Closed)
            # Of several passes each tells what it sees; what they come to together is known in the end.
            samples = max(samples, event.chunk.sample) if isinstance(event, Planned) else samples
            if isinstance(event, Found | Glimpsed) and event.finding.fingerprint not in seen:
                seen[event.finding.fingerprint] = None
                last.append(Text.assemble(*_line(event.finding), no_wrap=True, overflow="ellipsis"))
            bar.update(task, total=total, completed=closed, told=f"{len(seen)} {'claimed' if samples else 'found'}")
            live.update(Group(*last, bar))
            yield event


def _line(finding: Finding) -> tuple[tuple[str, str], str]:
    anchor, draft = finding.anchor, finding.draft
    rest = f" {visible(anchor.path)}:{anchor.start} {one_line(draft.title)}"
    return (f"{draft.severity}:", STYLES[draft.severity]), rest
