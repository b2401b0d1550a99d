"""How messages reach standard error."""

from collections.abc import Iterable

import click

from reviewbot.errors import ReviewbotError


def warn(what: str, troubles: Iterable[ReviewbotError] = ()) -> None:
    """The one line that says why something is not as it should be, though nothing fails."""
    why = "; ".join(trouble.message for trouble in troubles)
    say(f"reviewbot: warning: {what}" + (f": {why}" if why else ""))


def tell(error: ReviewbotError) -> None:
    """What happened, and what to do about it."""
    say(f"reviewbot: {error.message}", f"  {error.hint}  [docs/errors.md#{error.slug}]")


def say(*lines: str) -> None:
    """Lines in which what they repeat of a server, a file or a change is harmless."""
    from reviewbot.terminal import Span, paint, visible

    click.echo(paint([(Span(visible(line)),) for line in lines], colour=False), nl=False, err=True)
