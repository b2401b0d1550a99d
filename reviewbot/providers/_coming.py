"""What comes of an answer, piece by piece. Alone knows the words that servers end an answer with."""

import json
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from reviewbot.providers._delivery import STREAM

if TYPE_CHECKING:
    import openai

_STOPPED = {"stop", "eos", "eos_token", "end_turn", "stop_sequence"}
_CUT = {"length", "max_tokens"}
"""Why an answer ends. Behind any other word, such as `abort`, an answer is whole only if it looks so."""

_SURROGATE = re.compile("[\ud800-\udfff]")

_STEPS = 64
"""An answer is told of again when it has grown by one part in so many: all that is told stays in proportion to it."""


@dataclass(frozen=True, slots=True)
class Piece:
    """What one event of a stream, or a whole body, says.

    Attributes:
        more: text that follows what came before.
        finish: why the answer ended, None: it has not.
        spent: tokens of prompt and answer so far, None: not told.
        again: True where the text begins with all that came before, if it can.
    """

    more: str = ""
    finish: str | None = None
    spent: tuple[int, int] | None = None
    again: bool = False


@dataclass
class Coming:
    """What has come of an answer.

    Attributes:
        harmless: takes out of it what nobody who reads it may know.
    """

    harmless: Callable[[str], str]
    finish: str | None = None
    spent: tuple[int, int] | None = None
    length: int = 0
    _pieces: list[str] = field(default_factory=list)
    _told: int = 0

    @property
    def text(self) -> str:
        """All of it, as text that can be encoded: half a character, without its other half, is none."""
        whole = "".join(self._pieces)
        self._pieces = [whole]
        whole = self.harmless(whole)
        if _SURROGATE.search(whole):
            return whole.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
        return whole

    @property
    def ended(self) -> bool:
        """True where it says in known words that it ended, by itself or at its limit."""
        return self.cut or self.finish in _STOPPED

    @property
    def cut(self) -> bool:
        """True where it met its limit."""
        return self.finish in _CUT

    def add(self, piece: Piece) -> bool:
        """Take in a piece; True where there is so much more text that it is worth telling."""
        more = piece.more.removeprefix("".join(self._pieces)) if piece.again else piece.more
        self._pieces.append(more)
        self.length += len(more)
        self.finish = piece.finish or self.finish
        self.spent = piece.spent or self.spent
        return self.untold > self._told // _STEPS

    @property
    def untold(self) -> int:
        """How many characters came since `tell`."""
        return self.length - self._told

    def tell(self) -> str:
        """All of the text, from now on counted as told."""
        self._told = self.length
        return self.text


def events(stream: "openai.Stream[object]") -> Iterator[object]:
    """The events of a stream; the body where the endpoint does not stream."""
    if STREAM in stream.response.headers.get("content-type", ""):
        yield from stream
    else:
        yield json.loads(stream.response.read())
