"""Any endpoint that speaks the same chat protocol. Alone knows how such servers state a model's limit."""

from collections.abc import Generator, Mapping
from contextlib import suppress

from openai import OpenAI, OpenAIError

from reviewbot.patience import LateError, in_time
from reviewbot.ports import Provider, Route
from reviewbot.providers._abilities import Abilities
from reviewbot.providers._chat import Chat
from reviewbot.providers._client import client
from reviewbot.providers._delivery import TooMuchError
from reviewbot.providers._openai_chat import MOST_TOKENS, ChatCompletions

_LIMITS = ("max_model_len", "n_ctx", "context_length", "context_window", "max_context_length")
"""Where vLLM, llama.cpp and others write tokens of prompt and answer together."""

_SECONDS = 10
"""To wait for the list; without it the review goes on with a small window."""


def connect(route: Route) -> Provider:
    """Ask a compatible endpoint; a limit that nobody stated is asked of its `/models`."""
    connection = client(route)
    model = route.model
    if route.learn:
        left = route.deadline.left()
        seconds = _SECONDS if left is None else min(_SECONDS, left)

        def look() -> Generator[int | None, None, None]:
            yield _context(connection, model.name)

        with suppress(LateError):
            (context,) = in_time(look, lambda: seconds)
            model = model.limited(context=context)
    return Chat(route, connection, Abilities(model), ChatCompletions())


def _context(connection: OpenAI, name: str) -> int | None:
    """Tokens of prompt and answer together, or None where the server does not say; not every server has the list."""
    try:
        # Not through the SDK's own list, which stumbles over an answer that is none.
        answer = connection.with_options(max_retries=0, timeout=_SECONDS).get("/models", cast_to=object)
    except (OpenAIError, TooMuchError, ValueError, RecursionError):
        return None
    listed = answer.get("data") if isinstance(answer, Mapping) else None
    entries = [entry for entry in listed if isinstance(entry, Mapping)] if isinstance(listed, list) else []
    for entry in entries:
        if entry.get("id") == name or len(entries) == 1:
            meta = entry.get("meta")
            found = {**entry, **meta} if isinstance(meta, Mapping) else entry
            said = [value for key in _LIMITS if isinstance(value := found.get(key), int)]
            return next((value for value in said if 1 < value <= MOST_TOKENS), None)
    return None
