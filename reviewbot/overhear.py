"""How one listens to an answer on its way from who gives it to who asked."""

from collections.abc import Callable
from typing import TYPE_CHECKING

from reviewbot.ports import Answering, Heard

if TYPE_CHECKING:
    from reviewbot.review import Completion


def overheard(inside: Answering, hear: Callable[[Heard], Heard | None]) -> Answering:
    """Pass an answer on, piece by piece.

    Args:
        inside: the answer.
        hear: is told each piece, and says what goes on in its place; None: the piece itself.
    """
    try:
        while True:
            try:
                heard = next(inside)
            except StopIteration as end:
                completion: Completion = end.value
                return completion
            yield hear(heard) or heard
    finally:
        inside.close()
