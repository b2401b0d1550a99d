"""What an endpoint turns out to understand. Alone knows how a refusal names a field that has to be left out."""

import re
import threading
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from reviewbot.catalogue import Model

_NAMED = {
    "stream_options": re.compile("stream_options"),
    "response_format": re.compile("response_format|json_schema|json_object"),
    "partial": re.compile(r"\bpartial\b|last message|assistant message|prefill", re.IGNORECASE),
    "max_tokens": re.compile("max_completion_tokens|unsupported.{0,40}max_tokens|max_tokens.{0,40}not supported"),
    "max_completion_tokens": re.compile("max_completion_tokens"),
    "temperature": re.compile("temperature"),
    "seed": re.compile(r"\bseed\b"),
    "repetition_penalty": re.compile("repetition_penalty"),
    "stream": re.compile(r"\bstream(?:ing)?\b"),
}
"""How the fields of a request are named in a refusal; the first that was sent is the one that is meant."""


@dataclass
class Abilities:
    """What is known of the endpoint's model, from the catalogue or from its refusals; it holds for the run.

    Attributes:
        model: with its abilities as far as they are known.
        left_out: fields that are not sent any more.
    """

    model: Model
    left_out: frozenset[str] = frozenset()
    _lock: threading.Lock = field(default_factory=threading.Lock, repr=False)

    def learn(self, said: str, sent: frozenset[str]) -> bool:
        """Learn from the words of a refusal; True where the same is worth asking in another way.

        Args:
            said: by the endpoint.
            sent: the fields of the request that was refused.
        """
        with self._lock:
            for name, named in _NAMED.items():
                if name in sent and named.search(said):
                    self._forgo(name, strict="json_schema" in sent)
                    return True
        return False

    def _forgo(self, name: str, *, strict: bool) -> None:
        if name == "response_format":
            # The freer form may still be understood. Another refusal may have come first, and taught the same.
            if strict == (self.model.response_format == "json_schema"):
                self.model = replace(self.model, response_format="json_object" if strict else None)
        elif name == "partial":
            self.model = replace(self.model, partial=False)
        elif name == "max_tokens":
            self.model = replace(self.model, limit_field="max_completion_tokens")
        else:
            self.left_out |= {name}


def names(body: Mapping[str, Any]) -> Iterator[str]:
    """The fields of a request, at whatever depth, but for the texts."""
    for name, value in body.items():
        yield name
        if isinstance(value, Mapping):
            yield from names(value)
        elif name == "messages" and "partial" in value[-1]:
            yield "partial"
