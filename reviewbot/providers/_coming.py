"""What comes of an answer, piece by piece. Alone knows the words that servers end an answer with."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import openai

_STOPPED = {"stop", "eos", "eos_token", "end_turn", "stop_sequence"}
_CUT = {"length", "max_tokens"}
"""Why an answer ends. Behind any other word, such as `abort`, an answer is whole only if it looks so."""


@dataclass(frozen=True, slots=True)
class Piece:
    """What one event of a stream, or a whole body, says.

    Attributes:
        more: text that follows what came before.
        finish: why the answer ended, None: it has not.
        spent: tokens of prompt and answer so far, None: not told.
    """

    more: str = ""
    finish: str | None = None
    spent: tuple[int, int] | None = None


@dataclass
class Coming:
    """What has come of an answer."""

    text: str = ""
    finish: str | None = None
    spent: tuple[int, int] | None = None

    @property
    def ended(self) -> bool:
        """True where it says in known words that it ended, by itself or at its limit."""
        return self.cut or self.finish in _STOPPED

    @property
    def cut(self) -> bool:
        """True where it met its limit."""
        return self.finish in _CUT

    def add(self, piece: Piece) -> bool:
        """Take in a piece; True where there is more text."""
        self.text += piece.more
        self.finish = piece.finish or self.finish
        self.spent = piece.spent or self.spent
        return bool(piece.more)


def events(stream: "openai.Stream[object]") -> Iterator[object]:
    """The events of a stream; the body where the endpoint does not stream."""
    if "text/event-stream" in stream.response.headers.get("content-type", ""):
        yield from stream
    else:
        yield json.loads(stream.response.read())
