"""What a person sees on stderr while a review is made. Reads the pipeline's events; knows nothing of how they come."""

from collections.abc import Iterable, Iterator

from reviewbot.review import Closed, Event, Found, Planned


def shown(events: Iterable[Event]) -> Iterator[Event]:
    """Pass events on and show how far they are, in one line that vanishes at the end."""
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

    columns = (
        TextColumn("reviewing"),
        BarColumn(bar_width=24),
        MofNCompleteColumn(),
        TextColumn("parts · {task.fields[found]} found ·"),
        TimeElapsedColumn(),
    )
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task("", total=0, found=0)
        total = closed = found = 0
        for event in events:
            total += isinstance(event, Planned)
            closed += isinstance(event, Closed)
            found += isinstance(event, Found)
            bar.update(task, total=total, completed=closed, found=found)
            yield event
