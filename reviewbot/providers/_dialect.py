"""How vendors' protocols differ. Alone knows what `_chat` has to be told of one."""

from collections.abc import Mapping
from typing import Any, Protocol

from reviewbot.catalogue import Model
from reviewbot.providers._coming import Piece
from reviewbot.review import Prompt

_APART = 100
"""Seeds between those of two passes: far more than one prompt has attempts."""

RETRY_WARMTH = 0.3
"""Added to the temperature of another attempt: at 0 the same answer would come again."""


def seed(prompt: Prompt, model: Model) -> int:
    """The seed that a prompt is sampled with: the model's own for the first attempt of the first pass."""
    return model.sampling.seed + prompt.attempt + _APART * prompt.sample


class Dialect(Protocol):
    """How one vendor's protocol looks."""

    @property
    def path(self) -> str:
        """Below the endpoint's URL."""
        ...

    @property
    def headers(self) -> Mapping[str, str]:
        """What is sent with every request."""
        ...

    def body(self, prompt: Prompt, model: Model, left_out: frozenset[str]) -> dict[str, Any]:
        """The request, without the fields that the endpoint does not know."""
        ...

    def piece(self, data: Mapping[str, Any], body: Mapping[str, Any]) -> Piece | None:
        """What an event says; None where it is no part of an answer.

        Args:
            data: the event, or the whole body.
            body: the request.
        """
        ...
