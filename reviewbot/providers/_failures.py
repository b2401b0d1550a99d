"""What no answer means to the person who asked. Alone knows what is said of connections and answers that fail."""

import traceback

from reviewbot.errors import ProviderError, ProviderErrorKind
from reviewbot.ports import Route
from reviewbot.providers._refusals import harmless


def raised(error: BaseException, key: str | None) -> str:
    """What an exception says, or is, without the key."""
    return harmless(str(error), key) or type(error).__name__


def cause(error: Exception, key: str | None) -> Exception | None:
    """What may stand behind an error of ours in a traceback; None where the server's words in it repeat the key."""
    shown = "".join(traceback.format_exception(error))
    return None if key and key in shown else error


def no_completion(way: Route, error: Exception | None = None) -> ProviderError:
    """The error for what is no answer at all."""
    why = f": {raised(error, way.key)}" if error else ""
    return ProviderError(
        f"{way.base_url} answered with something that is no chat completion{why}",
        kind=ProviderErrorKind.BAD_REPLY,
        hint="check --base-url: it usually ends in /v1",
        slug="provider-bad-reply",
    )


def unreachable(way: Route, error: BaseException, *, slow: bool) -> ProviderError:
    """The error for a connection that did not come about, or on which nothing came."""
    return ProviderError(
        f"no answer from {way.base_url}" if slow else f"cannot reach {way.base_url}: {raised(error, way.key)}",
        kind=ProviderErrorKind.UNREACHABLE,
        hint="check the address, the network and the proxy settings, or review on this machine: --model demo",
        slug="provider-unreachable",
    )


def broken(way: Route, said: str) -> ProviderError:
    """The error for an answer that broke off."""
    return ProviderError(
        f"the answer of {way.base_url} broke off",
        kind=ProviderErrorKind.BROKEN,
        hint="run again: the rest of the answer is missing, what was whole is in the report",
        slug="provider-broken",
        said=said,
    )


def endless(way: Route, why: str, said: str) -> ProviderError:
    """The error for an answer that is more than any answer is.

    Args:
        way: who was asked.
        why: what is too much about it.
        said: what was answered before that was seen.
    """
    return ProviderError(
        f"the answer of {way.base_url} was given up: {harmless(why, way.key)}",
        kind=ProviderErrorKind.BAD_REPLY,
        hint="choose another endpoint or model: what was whole is in the report",
        slug="provider-bad-reply",
        said=said,
    )
