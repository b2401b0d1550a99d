"""Other code than the diff, as it is shown beside it."""

from dataclasses import dataclass
from enum import StrEnum


class AsideReason(StrEnum):
    """Why a piece of the reviewed tree is shown beside the diff: what it has to do with the changed lines."""

    ENCLOSING = "enclosing"
    DEFINITION = "definition"
    CALLER = "caller"
    IMPORTS = "imports"


@dataclass(frozen=True, slots=True)
class Aside:
    """A piece of the reviewed tree that is shown beside the diff. It is not open to comments.

    Attributes:
        path: the file.
        start: number of the first line, in the file as the change leaves it.
        lines: consecutive ones, without their endings and without credentials.
        reason: what it has to do with the change.
        name: the function, type or constant it is about, empty where it is about none.
    """

    path: str
    start: int
    lines: tuple[str, ...]
    reason: AsideReason
    name: str = ""

    @property
    def end(self) -> int:
        """Number of the last line."""
        return self.start + len(self.lines) - 1
