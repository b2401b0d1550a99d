"""Alibaba's DashScope, through its compatible endpoint. Alone knows what its API adds to the shared call."""

from reviewbot.ports import Provider, Route
from reviewbot.providers._abilities import Abilities
from reviewbot.providers._chat import Chat
from reviewbot.providers._client import client
from reviewbot.providers._openai_chat import ChatCompletions


def connect(route: Route) -> Provider:
    """Ask a model of DashScope; `route` holds its URL and key."""
    extra = {"repetition_penalty": route.model.sampling.repetition_penalty}
    return Chat(route, client(route), Abilities(route.model), ChatCompletions(extra))
