"""A .gguf file through llama.cpp, embedded in this process. Nothing leaves the machine."""

import os
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from reviewbot.catalogue import Model
from reviewbot.errors import ConfigError
from reviewbot.ports import Answering, Provider, Route
from reviewbot.providers._abilities import Abilities
from reviewbot.providers._chat import Chat
from reviewbot.providers._client import client
from reviewbot.providers._failures import no_completion
from reviewbot.providers._openai_chat import ChatCompletions
from reviewbot.providers._refusals import Refusal, translate, written
from reviewbot.providers._weights import weights_file
from reviewbot.review import Prompt
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

    def complete(self, prompt: Prompt) -> Answering:
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
    way: Route

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
        except openai.APIStatusError as error:
            code, said = written(error.body, self.way.key)
            raise translate(Refusal(error.status_code, code, said), self.way) from error
        except openai.OpenAIError as error:
            raise no_completion(self.way, error) from error


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
    connection = client(replace(route, base_url=f"{server.listening_address}/v1", key=key), embedded=True)
    if route.learn:
        (listed,) = connection.models.list().data
        trained = (listed.model_extra or {}).get("meta", {}).get("n_ctx_train", MOST_CONTEXT)
        model = replace(model.limited(context=min(trained, MOST_CONTEXT)), partial=True)
    # For messages to people; the server's own address says nothing to them.
    way = replace(route, base_url=f"the local model {model.name}", model=model, key=key)
    chat = Chat(way, connection, Abilities(model), ChatCompletions(), silent=None, longest=None)
    own = OwnVocabulary(connection, server.listening_address, way)
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
    params.prefill_assistant = True
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
