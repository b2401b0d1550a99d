"""A .gguf file through llama.cpp, embedded in this process. Nothing leaves the machine."""

import os
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from reviewbot.catalogue import Model
from reviewbot.errors import ConfigError
from reviewbot.ports import Provider, Route
from reviewbot.providers._openai_chat import Chat, client, translate
from reviewbot.providers._weights import weights_file
from reviewbot.reply import SCHEMA
from reviewbot.review import Completion, Prompt
from reviewbot.tokens import Counter

if TYPE_CHECKING:
    import openai

MOST_CONTEXT = 16_384
"""Tokens; a window costs memory whether it is used or not."""

_SILENT = -1
"""llama.cpp's verbosity below that of its errors: they come as exceptions."""


@dataclass(frozen=True, slots=True)
class Local:
    """An embedded server and the chat with it. The server ends when nothing holds it any more."""

    chat: Chat
    server: Any
    counter: Counter

    @property
    def model(self) -> Model:
        """The model with the window of its file."""
        return self.chat.model

    def request(self, prompt: Prompt) -> None:
        """Nothing: it stays in this process."""

    def complete(self, prompt: Prompt) -> Completion:
        """Ask once; see `ports.Provider`."""
        return self.chat.complete(prompt)

    def close(self) -> None:
        """Close the connections."""
        self.chat.close()


@dataclass(frozen=True, slots=True)
class OwnVocabulary:
    """Counts as the loaded file does: `tokens.Counter`. The engine is asked, since every family has its own rules."""

    client: "openai.OpenAI" = field(repr=False)
    url: str

    def count(self, text: str) -> int:
        """Exact tokens of a text; more than that where it holds surrogates, which no prompt does."""
        plain = text.encode("utf-8", "surrogatepass").decode("utf-8", "replace")
        return self._tokens(plain, whole=False)

    def template(self, messages: int) -> int:
        """Tokens of the file's own chat template around so many messages."""
        roles = ["system", *("user" if place % 2 else "assistant" for place in range(1, messages))]
        said = [{"role": role, "content": "x"} for role in roles]
        prompt = self._post("apply-template", {"messages": said})["prompt"]
        return self._tokens(prompt, whole=True) - messages * self.count("x")

    def _tokens(self, text: str, *, whole: bool) -> int:
        asked = {"content": text, "add_special": whole, "parse_special": True}
        return len(self._post("tokenize", asked)["tokens"])

    def _post(self, what: str, asked: Mapping[str, Any]) -> Any:
        import openai

        try:
            return self.client.post(f"{self.url}/{what}", cast_to=object, body=asked)
        except openai.OpenAIError as error:
            raise translate(error, base_url="the local model") from error


def connect(route: Route) -> Provider:
    """Load a model file and ask it.

    Raises:
        ConfigError: the engine is not installed, or the file is no model it can load.
    """
    try:
        import xllamacpp
    except ImportError as error:
        raise ConfigError(
            "the engine for local models is not installed",
            hint=f"pip install 'reviewbot[{'demo' if route.model.weights else 'local'}]'",
            slug="missing-extra",
        ) from error
    model = route.model
    path = weights_file(model.weights, cache=_cache()) if model.weights else route.path
    key = secrets.token_hex(16)
    server = _serve(xllamacpp, str(path), key=key, context=MOST_CONTEXT if route.learn else model.context)
    connection = client(f"{server.listening_address}/v1", key, embedded=True)
    if route.learn:
        (listed,) = connection.models.list().data
        trained = (listed.model_extra or {}).get("meta", {}).get("n_ctx_train", MOST_CONTEXT)
        model = model.limited(context=min(trained, MOST_CONTEXT))
    # A grammar keeps small models to the form of the answer.
    schema = {"type": "json_schema", "json_schema": {"name": "review", "schema": SCHEMA, "strict": True}}
    chat = Chat(f"the local model {model.name}", model, connection, {"response_format": schema})
    own = OwnVocabulary(connection, server.listening_address)
    return Local(chat, server, chat.counter if model.vocabulary else own)


def _serve(engine: Any, path: str, *, key: str, context: int) -> Any:
    """Start llama.cpp's server on a free port of the loopback interface, for whoever has the key."""
    params = engine.CommonParams()
    params.model.path = path
    params.n_ctx = context
    params.n_parallel = 1
    params.hostnames = ["127.0.0.1"]
    params.port = 0
    params.api_keys = [key]
    params.ui = False
    params.warmup = False
    params.verbosity = _SILENT
    # Threads that spin while they wait are many times slower beside other busy programs.
    params.cpuparams.poll = 0
    params.cpuparams_batch.poll = 0
    try:
        return engine.Server(params)
    except RuntimeError as error:
        raise ConfigError(
            f"llama.cpp cannot load {path}",
            hint="it is damaged or no .gguf model: download it again and compare its checksum",
            slug="damaged-weights",
        ) from error


def _cache() -> Path:
    base = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    return Path(base) / "reviewbot" / "models"
