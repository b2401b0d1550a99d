"""What every provider around a provider passes on."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from reviewbot.catalogue import Model
from reviewbot.ports import Provider, Request
from reviewbot.review import Prompt

if TYPE_CHECKING:
    from reviewbot.tokens import Counter


@dataclass(frozen=True)
class Around:
    """The provider inside answers all that is not about completing.

    Attributes:
        provider: the one inside.
    """

    provider: Provider

    @property
    def model(self) -> Model:
        """Of the provider inside."""
        return self.provider.model

    @property
    def counter(self) -> "Counter":
        """Of the provider inside."""
        return self.provider.counter

    def request(self, prompt: Prompt) -> Request | None:
        """Of the provider inside."""
        return self.provider.request(prompt)

    def close(self) -> None:
        """Close the provider inside."""
        self.provider.close()
