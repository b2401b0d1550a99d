"""Alibaba's DashScope, through its own protocol. Alone knows how that looks."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from reviewbot.catalogue import Model
from reviewbot.ports import Provider, Route
from reviewbot.providers._abilities import Abilities
from reviewbot.providers._chat import Chat
from reviewbot.providers._client import client
from reviewbot.providers._coming import Piece
from reviewbot.providers._dialect import RETRY_WARMTH, seed
from reviewbot.providers._openai_chat import counts, messages, word
from reviewbot.review import Prompt


@dataclass(frozen=True, slots=True)
class Generation:
    """A dialect."""

    path: Final[str] = "/services/aigc/text-generation/generation"
    headers: Mapping[str, str] = field(default_factory=lambda: {"x-dashscope-sse": "enable"})

    def body(self, prompt: Prompt, model: Model, left_out: frozenset[str]) -> dict[str, Any]:
        """The request; see `_chat.Dialect`."""
        sampling = model.sampling
        parameters = {
            "result_format": "message",
            "incremental_output": True,
            "max_tokens": prompt.limit or model.max_output,
            "temperature": sampling.temperature + RETRY_WARMTH * prompt.attempt,
            "seed": seed(prompt, model),
            "repetition_penalty": sampling.repetition_penalty,
        }
        kept = {name: value for name, value in parameters.items() if name not in left_out}
        return {"model": model.name, "input": {"messages": messages(prompt, model)}, "parameters": kept}

    def piece(self, data: Mapping[str, Any], body: Mapping[str, Any]) -> Piece | None:
        """What an event or a body says: the text in one of two places, whole or what is new of it."""
        output = data.get("output")
        if not isinstance(output, Mapping):
            return None
        choices = output.get("choices")
        choice = choices[0] if isinstance(choices, list) and choices and isinstance(choices[0], Mapping) else output
        message = choice.get("message")
        text = message.get("content") if isinstance(message, Mapping) else output.get("text")
        finish = word(choice.get("finish_reason"))
        return Piece(
            text if isinstance(text, str) else "",
            None if finish == "null" else finish,
            counts(data.get("usage"), "input_tokens", "output_tokens"),
            # Unless it is asked not to, every event repeats what came before.
            again=not body["parameters"].get("incremental_output"),
        )


def connect(route: Route) -> Provider:
    """Ask a model of DashScope; `route` holds its URL and key."""
    return Chat(route, client(route), Abilities(route.model), Generation())
