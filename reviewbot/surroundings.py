"""What is around a change in the files as it leaves them. Alone knows that all of it may be missing."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from functools import cache

from reviewbot._context_change import Reader
from reviewbot._context_fit import AsideSize
from reviewbot.aside import Aside
from reviewbot.diff import FileDiff
from reviewbot.errors import SourceError
from reviewbot.guide import Match
from reviewbot.ports import Tree
from reviewbot.stages.context import context
from reviewbot.stages.suggest import Errors


def _unknown(_path: str, _text: str) -> None:
    """Nobody can tell."""


@dataclass(frozen=True, slots=True)
class Surroundings:
    """The files that a review may look into beside the diff. What is found there makes it better; nothing needs it.

    Attributes:
        tree: the files as the change leaves them, None where they are not at hand.
        errors: how many syntax errors a text has in the language of a path, None where nobody can tell.
        outline: what a text defines and imports, by its path, None where nobody can tell.
        hide: takes the credentials out of a text and keeps the number of its lines.
        late: whether there is no time left to look for what helps.
    """

    tree: Tree | None = None
    errors: Errors = _unknown
    outline: Reader = _unknown
    hide: Callable[[str], str] = str
    late: Callable[[], bool] = bool

    def content(self, path: str) -> str | None:
        """A file with its credentials, bytes that are not text as surrogates; None where it is not at hand."""
        try:
            data = self.tree.read(path) if self.tree else None
        except SourceError:
            return None
        return None if data is None else data.decode("utf-8", "surrogateescape")

    def asides(
        self, files: Sequence[FileDiff], *, size: AsideSize, room: int, shown: Match = lambda _: True
    ) -> tuple[Aside, ...]:
        """What to show beside the diff of one chunk, without credentials.

        Args:
            files: the chunk's.
            size: measures.
            room: tokens that all of it may take.
            shown: whether a file may be shown, by its path.
        """
        if self.tree is None or room <= 0 or self.late():
            return ()
        safe = _Safe(size, cache(self.hide))
        try:
            found = context(
                files,
                tree=self.tree,
                syntax=self.outline,
                hide=self.hide,
                size=safe,
                room=room,
                shown=shown,
            )
        except SourceError:
            return ()
        return tuple(map(safe.named, found))


@dataclass(frozen=True, slots=True)
class _Safe:
    """Measures pieces as they are shown: names can hold credentials too."""

    size: AsideSize
    hide: Callable[[str], str] = field(repr=False)

    def named(self, aside: Aside) -> Aside:
        return replace(aside, path=self.hide(aside.path), name=self.hide(aside.name))

    def aside(self, aside: Aside) -> int:
        return self.size.aside(self.named(aside))
