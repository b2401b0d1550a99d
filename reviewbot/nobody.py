"""A provider that nobody stands behind: every prompt fails with what keeps it from being asked."""

from dataclasses import dataclass

from reviewbot.catalogue import Model
from reviewbot.errors import ProviderError, ProviderErrorKind, ReviewbotError
from reviewbot.ports import Answering, Route
from reviewbot.review import Prompt
from reviewbot.tokens import Counter, counter


@dataclass(frozen=True, slots=True)
class Nobody:
    """Answers nothing.

    Attributes:
        way: who would have been asked.
        error: why nobody is.
    """

    way: Route
    error: ReviewbotError

    @property
    def model(self) -> Model:
        """The one that would have been asked."""
        return self.way.model

    @property
    def counter(self) -> Counter:
        """Of its vocabulary."""
        return counter(self.model.vocabulary)

    def request(self, prompt: Prompt) -> None:
        """Nothing leaves the machine."""
        del prompt

    def complete(self, prompt: Prompt) -> Answering:
        """Fail.

        Raises:
            ProviderError: always.
        """
        del prompt
        yield from ()
        error = self.error
        raise ProviderError(error.message, kind=ProviderErrorKind.AUTH, hint=error.hint, slug=error.slug)

    def close(self) -> None:
        """Nothing is open."""
