"""The chat-completions protocol that every compatible endpoint shares: how its requests and answers look."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from reviewbot import _rulings, reply
from reviewbot.catalogue import Model
from reviewbot.providers._coming import Piece
from reviewbot.providers._dialect import RETRY_WARMTH, seed
from reviewbot.review import Form, Prompt

MOST_TOKENS = 10**9
"""No request has more, whatever its server says."""

_SCHEMAS = {Form.COMMENTS: ("review", reply.SCHEMA), Form.RULINGS: ("rulings", _rulings.SCHEMA)}


@dataclass(frozen=True, slots=True)
class ChatCompletions:
    """A dialect.

    Attributes:
        extra: fields of one endpoint's own.
    """

    extra: Mapping[str, Any] = field(default_factory=dict)
    path: Final[str] = "/chat/completions"
    headers: Mapping[str, str] = field(default_factory=dict)

    def body(self, prompt: Prompt, model: Model, left_out: frozenset[str]) -> dict[str, Any]:
        """The request; see `_chat.Dialect`."""
        fields: dict[str, Any] = {
            "model": model.name,
            "messages": messages(prompt, model),
            model.limit_field: prompt.limit or model.max_output,
            "temperature": model.sampling.temperature + RETRY_WARMTH * prompt.attempt,
            "seed": seed(prompt, model),
            "stream": True,
            "stream_options": {"include_usage": True},
            **self.extra,
        }
        # An answer that was begun is not held to a form that begins anew.
        if model.response_format and not prompt.prefix:
            fields["response_format"] = _response_format(prompt.form, model.response_format)
        # Only a stream has such options.
        out = left_out | {"stream_options"} if "stream" in left_out else left_out
        return {name: value for name, value in fields.items() if name not in out}

    def piece(self, data: Mapping[str, Any], body: Mapping[str, Any]) -> Piece | None:
        """What an event or a body says; what really comes may hold anything anywhere."""
        del body
        choices, spent = data.get("choices"), data.get("usage")
        if not isinstance(choices, list):
            return None
        choice = choices[0] if choices and isinstance(choices[0], Mapping) else {}
        message = choice.get("delta") or choice.get("message")
        text = message.get("content") if isinstance(message, Mapping) else None
        finish = word(choice.get("finish_reason"))
        if not finish and choice.get("message"):
            finish = "stop" if isinstance(text, str) else None
        return Piece(
            text if isinstance(text, str) else "",
            finish,
            counts(spent, "prompt_tokens", "completion_tokens"),
        )


def _response_format(form: Form, way: str) -> dict[str, Any]:
    if way == "json_object":
        return {"type": way}
    name, schema = _SCHEMAS[form]
    return {"type": way, "json_schema": {"name": name, "schema": schema, "strict": True}}


def messages(prompt: Prompt, model: Model) -> list[dict[str, Any]]:
    """The messages of a prompt, with the beginning of the answer where the model goes on with it."""
    told: list[dict[str, Any]] = [{"role": m.role, "content": m.content} for m in prompt.messages]
    if prompt.prefix and model.partial:
        told.append({"role": "assistant", "content": prompt.prefix, "partial": True})
    return told


def word(said: object) -> str | None:
    """Why an answer ended, None where it has not or nothing says so."""
    return said if isinstance(said, str) and said else type(said).__name__ if said else None


def counts(spent: object, asked: str, answered: str) -> tuple[int, int] | None:
    """Two counts of a server; None where one of them is none, or can be none."""
    told = [spent.get(name) for name in (asked, answered)] if isinstance(spent, Mapping) else []
    real = [count for count in told if isinstance(count, int) and not isinstance(count, bool)]
    return (real[0], real[1]) if len(real) == 2 and all(0 <= count <= MOST_TOKENS for count in real) else None
