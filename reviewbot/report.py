"""Where reports go: standard output and files. Alone knows what kind of thing standard output is."""

import os
import sys
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Protocol, TypeVar

from reviewbot import jsonform, terminal, whole
from reviewbot.app import render
from reviewbot.config import Sink
from reviewbot.errors import ConfigError
from reviewbot.outputs import unwritable
from reviewbot.ports import View
from reviewbot.review import Review

FILE_WIDTH = 100
"""Columns of a text report in a file."""

S_contra = TypeVar("S_contra", contravariant=True)


class Overview(Protocol[S_contra]):
    """What a module of `overviews` offers."""

    def text(self, subject: S_contra, view: View, /) -> str:
        """For people."""
        ...

    def data(self, subject: S_contra, /) -> Mapping[str, object]:
        """For programs."""
        ...


def deliver(review: Review, sinks: Iterable[Sink], *, verbosity: int) -> None:
    """Write every report. One that cannot be written takes no other along.

    Args:
        review: what was found.
        sinks: formats and where they are written.
        verbosity: of the reports for people.

    Raises:
        ConfigError: one of them could not be written; all others are.
    """
    failed: list[ConfigError] = []
    for sink in sinks:
        try:
            _write(review, sink, verbosity)
        except ConfigError as error:
            failed.append(error)
    if failed:
        raise failed[0]


def write(document: str, path: Path | None) -> None:
    """Write what programs read, whole or not at all.

    Args:
        document: all of it.
        path: of its file, None: standard output.

    Raises:
        ConfigError: it cannot be written.
    """
    _guarded(lambda: _replace(path, document) if path else _print(document, text=False), path or "standard output")


def annotate(review: Review, sinks: Iterable[Sink], environment: Mapping[str, str]) -> tuple[str, ...]:
    """Let the log of a job of GitHub Actions and the summary of its run tell a review that cannot be posted.

    Args:
        review: what was found.
        sinks: what is written anyway: nothing is told twice.
        environment: variables.

    Returns:
        where it stands now; empty outside of such a job.
    """
    formats = {sink.format for sink in sinks if sink.path is None}
    told = []
    if environment.get("GITHUB_ACTIONS") == "true":
        if "github" not in formats:
            # The runner reads commands there too, and standard output belongs to the report.
            sys.stderr.write(render(review, "github", _view(0)))
            sys.stderr.flush()
        told.append("annotations")
    place = environment.get("GITHUB_STEP_SUMMARY", "")
    if any(sink.path and sink.format == "markdown" and sink.path.absolute() == Path(place) for sink in sinks):
        told.append("the summary of this run")
    elif place:
        with suppress(OSError), Path(place).open("a", encoding="utf-8") as summary:
            summary.write(render(review, "markdown", _view(0)))
            told.append("the summary of this run")
    return tuple(told)


def show(overview: Overview[S_contra], subject: S_contra, output: str, *, exact: bool = False) -> None:
    """Print what is no review.

    Args:
        overview: writes it down.
        subject: what is shown.
        output: `text` or `json`.
        exact: True where every character counts, whatever the terminal can show.

    Raises:
        ConfigError: standard output cannot be written.
    """
    people = output == "text"
    said = (
        overview.text(subject, _view(0))
        if people
        else terminal.harmless_json(jsonform.document(overview.data(subject)))
    )
    _guarded(lambda: _print(said, text=people and not exact), "standard output")


def _write(review: Review, sink: Sink, verbosity: int) -> None:
    def write() -> None:
        if sink.path is None:
            _print(render(review, sink.format, _view(verbosity)), text=sink.format == "text")
        else:
            report = render(review, sink.format, View(FILE_WIDTH, verbosity=verbosity))
            _replace(sink.path, report)

    _guarded(write, sink.path or "standard output")


def _replace(path: Path, report: str) -> None:
    """Write a file so that whoever reads it finds the old report or the new one, never a half."""
    target = path.resolve()
    if target.exists() and not target.is_file():
        # A pipe or a device is written to as it is.
        target.write_text(report, encoding="utf-8")
        return
    mask = os.umask(0)
    os.umask(mask)
    mode = target.stat().st_mode if target.exists() else 0o666 & ~mask
    whole.write(target, report.encode(), mode=mode)


def _guarded(write: Callable[[], None], place: Path | str) -> None:
    try:
        write()
    except BrokenPipeError:
        # Who reads has seen enough; the exit code still counts.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    except OSError as error:
        raise unwritable(place, error.strerror or "") from error


def _print(report: str, *, text: bool) -> None:
    if sys.stdout is None:  # the caller closed it
        return
    # People read what their terminal can show; programs read UTF-8.
    encoding = sys.stdout.encoding if text else "utf-8"
    sys.stdout.buffer.write(report.encode(encoding, "replace"))
    sys.stdout.flush()


def _view(verbosity: int) -> View:
    """Colours for a terminal that wants them; NO_COLOR beats FORCE_COLOR."""
    import shutil

    terminal = sys.stdout is not None and sys.stdout.isatty() and os.environ.get("TERM") != "dumb"
    forced = os.environ.get("FORCE_COLOR", "0") not in {"", "0", "false"}
    colour = (terminal or forced) and not os.environ.get("NO_COLOR")
    return View(shutil.get_terminal_size().columns, colour, verbosity)
