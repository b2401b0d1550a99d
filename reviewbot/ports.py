"""What the outer rooms promise the inner ones: where a change comes from, who answers, how a review is written."""

from collections.abc import Generator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from reviewbot.catalogue import Model
from reviewbot.deadline import Deadline
from reviewbot.review import Change, Completion, Prompt, Review, Usage

if TYPE_CHECKING:
    from reviewbot.brief import Brief, Comment, Outcome, Reply
    from reviewbot.tokens import Counter


SHORTEST_KEY = 8
"""Characters; a shorter key is there for servers that want any, and its letters stand in ordinary words too."""


class Source(Protocol):
    """Where a change comes from."""

    def collect(self) -> Change:
        """Read the change once.

        Raises:
            SourceError: it cannot be read.
        """
        ...


class State(Protocol):
    """A repository as it is in a commit."""

    @property
    def name(self) -> str:
        """Of the commit, for people."""
        ...

    def read(self, path: str) -> bytes | None:
        """The content of a file, None where there is none. A link is followed once, inside the repository.

        Args:
            path: from the top of the repository.

        Raises:
            ReviewbotError: it cannot be read.
        """
        ...


@dataclass(frozen=True, slots=True)
class Hit:
    """A line of a tree that holds a word.

    Attributes:
        path: the file, from the top of the repository.
        line: number, from 1.
        word: one of those that were asked for.
    """

    path: str
    line: int
    word: str


class Tree(Protocol):
    """The files as the change leaves them: of the commit, the index or the work tree that is reviewed."""

    def read(self, path: str) -> bytes | None:
        """The content of a file, None where there is none, or none that is worth showing.

        Links and submodules are not followed.

        Args:
            path: from the top of the repository.

        Raises:
            SourceError: git cannot be run.
        """
        ...

    def grep(self, words: Sequence[str], *, endings: Sequence[str], most: int) -> Sequence[Hit]:
        """Where words stand as whole words, each once for a line, in the order of paths and lines.

        Args:
            words: fixed texts.
            endings: how the names of the files that are searched end.
            most: hits of one word; a word that has more is left out altogether, since it says nothing.

        Raises:
            SourceError: git cannot be run.
        """
        ...


@dataclass(frozen=True, slots=True)
class Route:
    """Which model answers and the way to it. Every module of `providers` has `connect(route) -> Provider`.

    Attributes:
        provider: a module of `providers`.
        model: what is known of it before it is asked.
        base_url: of an HTTP provider, else empty.
        key: sent to that URL only; None: no key is sent.
        key_variable: where the key came from, for messages to people.
        own: True where the URL is the provider's own.
        workspace: of a sub-account, sent to the provider's own hosts; None: none.
        path: of a model file or a record.
        learn: True where nobody but the provider knows the model's limits.
        deadline: of the run.
        verifies: True where it leads to the model that checks what another one found.
    """

    provider: str
    model: Model
    base_url: str = ""
    key: str | None = field(default=None, repr=False)
    key_variable: str = ""
    own: bool = False
    workspace: str | None = field(default=None, repr=False)
    path: Path = field(default_factory=Path)
    learn: bool = False
    deadline: Deadline = field(default_factory=Deadline, compare=False, repr=False)
    verifies: bool = False


@dataclass(frozen=True, slots=True)
class Request:
    """One request over HTTP, byte by byte.

    Attributes:
        url: where it is posted to.
        headers: name and value of each, the key left out.
        body: JSON.
    """

    url: str
    headers: tuple[tuple[str, str], ...]
    body: bytes


Heard = str | Usage
"""A piece of an answer under way: all of its text so far, or what a request used."""

Answering = Generator[Heard, None, Completion]
"""An answer as it comes: pieces, and in the end the whole."""


class Provider(Protocol):
    """Who answers prompts. Safe to call from several threads at once."""

    @property
    def model(self) -> Model:
        """The model, with its limits as the provider knows them."""
        ...

    @property
    def counter(self) -> "Counter":
        """How the model's tokens are counted."""
        ...

    def request(self, prompt: Prompt) -> Request | None:
        """What `complete` would send to another machine; None where nothing leaves this one. Sends nothing."""
        ...

    def complete(self, prompt: Prompt) -> Answering:
        """Answer one prompt.

        Yields:
            The text so far, as often as there is more of it, and what each request used. Where the prompt is asked
            anew, the text begins anew.

        Raises:
            ProviderError: there is no answer; its kind says whether another prompt can succeed.
        """
        ...

    def close(self) -> None:
        """Give back connections, processes and files."""
        ...


class Host(Protocol):
    """Where a pull request lives. Every module of `hosts` has `find(…) -> HostWay` and `connect(way) -> Host`.

    Whatever fails is a `HostError`.
    """

    def brief(self) -> "Brief":
        """What is known of the pull request, and what of us stands there."""
        ...

    def patch(self, brief: "Brief") -> bytes:
        """The whole change, as `reviewbot.patch.parse` reads it."""
        ...

    def left_at(self, brief: "Brief") -> str:
        """Full name of the commit at which the head left the base."""
        ...

    def read(self, path: str, *, commit: str) -> bytes | None:
        """The content of a file in a commit, None where there is none."""
        ...

    def head(self) -> str:
        """Full name of the newest commit, as it is now."""
        ...

    def post(self, comments: "Sequence[Comment]", *, head: str, replies: "Sequence[Reply]" = ()) -> "Outcome":
        """Let comments stand on the lines of the head and replies in their threads, each once."""
        ...

    def summarise(self, body: str, *, comment: int | None) -> None:
        """Let the summary comment say something: the one there is, or a new one."""
        ...

    def close(self) -> None:
        """Hang up."""
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
    """How a review is written down: the function `render` of every module in `formats`."""

    def __call__(self, review: Review, view: View) -> str:
        """The whole report as text that encodes as UTF-8."""
        ...
