"""Any endpoint that speaks the same chat protocol. Alone knows how such servers state a model's limit."""

from collections.abc import Mapping

from openai import OpenAI, OpenAIError

from reviewbot.ports import Provider, Route
from reviewbot.providers._openai_chat import Chat, client

_LIMITS = ("max_model_len", "n_ctx", "context_length", "context_window", "max_context_length")
"""Where vLLM, llama.cpp and others write tokens of prompt and answer together."""


def connect(route: Route) -> Provider:
    """Ask a compatible endpoint; a limit that nobody stated is asked of its `/models`."""
    connection = client(route.base_url, route.key)
    model = route.model
    if route.learn:
        model = model.limited(context=_context(connection, model.name))
    return Chat(route.base_url, model, connection)


def _context(connection: OpenAI, name: str) -> int | None:
    """Tokens of prompt and answer together, or None where the server does not say; not every server has the list."""
    try:
        listed = connection.with_options(max_retries=0, timeout=10).models.list().data
    except OpenAIError:
        return None
    for entry in listed or ():
        if entry.id == name or len(listed) == 1:
            fields = entry.model_extra or {}
            meta = fields.get("meta")
            found = {**fields, **meta} if isinstance(meta, Mapping) else fields
            return next((int(found[key]) for key in _LIMITS if isinstance(found.get(key), int)), None)
    return None
