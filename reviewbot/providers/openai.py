"""Any endpoint that speaks the same chat protocol. Alone knows how such servers state a model's limit."""

import threading
from collections.abc import Callable, Mapping

from openai import OpenAI, OpenAIError

from reviewbot.ports import Provider, Route
from reviewbot.providers._abilities import Abilities
from reviewbot.providers._chat import Chat
from reviewbot.providers._client import client
from reviewbot.providers._openai_chat import ChatCompletions

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
        model = model.limited(context=_in_time(lambda: _context(connection, model.name), seconds))
    return Chat(route, connection, Abilities(model), ChatCompletions())


def _in_time(look: Callable[[], int | None], seconds: float) -> int | None:
    """What a look-up tells, None where it takes longer: a server that sends a byte now and then never times out."""
    told: list[int | None] = [None]

    def work() -> None:
        told[0] = look()

    thread = threading.Thread(target=work, daemon=True)
    thread.start()
    thread.join(seconds)
    return told[0]


def _context(connection: OpenAI, name: str) -> int | None:
    """Tokens of prompt and answer together, or None where the server does not say; not every server has the list."""
    try:
        # Not through the SDK's own list, which stumbles over an answer that is none.
        answer = connection.with_options(max_retries=0, timeout=_SECONDS).get("/models", cast_to=object)
    except (OpenAIError, ValueError, RecursionError):
        return None
    listed = answer.get("data") if isinstance(answer, Mapping) else None
    entries = [entry for entry in listed if isinstance(entry, Mapping)] if isinstance(listed, list) else []
    for entry in entries:
        if entry.get("id") == name or len(entries) == 1:
            meta = entry.get("meta")
            found = {**entry, **meta} if isinstance(meta, Mapping) else entry
            said = [value for key in _LIMITS if isinstance(value := found.get(key), int)]
            return next((value for value in said if value > 1), None)
    return None
