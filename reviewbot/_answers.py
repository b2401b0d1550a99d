"""One answer: how it is waited for, and what is said of one that is of no use."""

from collections.abc import Callable

from reviewbot.errors import ProviderError, ProviderErrorKind
from reviewbot.ports import Answering
from reviewbot.reply import Reply
from reviewbot.review import Completion, Usage


def fuller(one: Reply | None, other: Reply | None) -> Reply | None:
    """The answer with more in it, the first where both have as much."""
    return max(one, other, key=lambda reply: -1 if reply is None else len(reply.drafts))


def listened(coming: Answering, heard: Callable[[str | Usage], None]) -> Completion:
    """Wait for an answer and tell what is heard of it."""
    while True:
        try:
            piece = next(coming)
        except StopIteration as end:
            completion: Completion = end.value
            return completion
        heard(piece)


def unreadable(attempts: int) -> ProviderError:
    """The error for answers that nobody can read."""
    return ProviderError(
        f"the model gave no readable answer in {attempts} attempts",
        kind=ProviderErrorKind.BAD_REPLY,
        hint="run again, or choose another model with --model",
        slug="provider-bad-reply",
    )


def cut() -> ProviderError:
    """The error for an answer that did not end."""
    return ProviderError(
        "the model's answer broke off at its length limit",
        kind=ProviderErrorKind.CUT,
        hint="ask about less at once with a smaller --chunk-tokens",
        slug="provider-cut",
    )
