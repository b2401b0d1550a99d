"""What the outer rooms promise the inner ones: where a change comes from, who answers, how a review is written."""

from dataclasses import dataclass
from typing import Protocol

from reviewbot.review import Change, Completion, Prompt, Review


class Source(Protocol):
    """Where a change comes from."""

    def collect(self) -> Change:
        """Read the change once.

        Raises:
            SourceError: it cannot be read.
        """
        ...


class Provider(Protocol):
    """Who answers prompts. Safe to call from several threads at once."""

    def complete(self, prompt: Prompt) -> Completion:
        """Answer one prompt.

        Raises:
            ProviderError: there is no answer; its kind says whether another prompt can succeed.
        """
        ...

    def close(self) -> None:
        """Give back connections, processes and files."""
        ...


@dataclass(frozen=True, slots=True)
class View:
    """How a review is to be shown.

    Attributes:
        width: columns of the terminal.
        colour: True where the medium shows colours.
        verbosity: -1 quiet, 0 normal, 1 with the funnel of claims, 2 with every dropped claim.
    """

    width: int = 80
    colour: bool = False
    verbosity: int = 0


class Format(Protocol):
    """How a review is written down: every module in `formats` is one."""

    def render(self, review: Review, view: View) -> str:
        """The whole report as text that encodes as UTF-8."""
        ...
