"""Every way to a provider over HTTP: which protocol it speaks and whether its server answers in pieces.

DashScope's own protocol is served by the strict stand-in, the compatible one by the scripted server.
"""

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Protocol

from reviewbot import catalogue, registry
from reviewbot.catalogue import Model
from reviewbot.errors import ProviderError
from reviewbot.ports import Heard, Provider, Route
from reviewbot.review import Completion, Message, Prompt, Usage
from tests.support.calls import failure, heard
from tests.support.dashscope import Asked, Fault, Junk, Refused, Rules, dashscope_server
from tests.support.model_server import JSON, STREAM, Answer, model_server

KNOWN = catalogue.load()
MODEL = KNOWN.get("qwen-coder-plus")
PROMPT = Prompt((Message("system", "You review."), Message("user", "File: a — 漢字 \ufffd\n+1|x")))
KEY = "sk-0123456789"
ERRORS = (Path(__file__).parents[2] / "docs" / "errors.md").read_text("utf-8")


class Came(Protocol):
    """A request as either server keeps it."""

    @property
    def path(self) -> str: ...
    @property
    def headers(self) -> Mapping[str, str]: ...
    @property
    def raw(self) -> bytes: ...
    @property
    def body(self) -> Mapping[str, Any]: ...


Script = Callable[[Came], Answer]


@dataclass(frozen=True)
class Way:
    """A provider and how it is answered."""

    provider: str
    streams: bool

    def __str__(self) -> str:
        return f"{self.provider} {'in pieces' if self.streams else 'at once'}"


WAYS = tuple(Way(name, streams) for name in ("dashscope", "dashscope-native", "openai") for streams in (True, False))


@dataclass(frozen=True)
class Served:
    """A running server: its address below which all paths are, and what was asked."""

    url: str
    requests: Sequence[Came]


def at(
    url: str,
    provider: str,
    *,
    key: str | None = KEY,
    model: Model = MODEL,
    **more: Any,
) -> Provider:
    """A provider that asks a server."""
    connected: Provider = registry.load("providers", provider).connect(Route(provider, model, url, key, **more))
    return connected


@contextmanager
def served(way: Way, script: Script) -> Iterator[Served]:
    """A server that answers in a way; the dialect is its own, the script's answers are those of any."""
    if way.provider != "dashscope-native":
        with model_server(script, streams=way.streams) as compatible:
            yield Served(compatible.url, compatible.requests)
        return

    def trouble(asked: Asked, _: int) -> Fault:
        answer = script(asked)
        if answer.raw is not None:
            return Junk(answer.raw, answer.content_type, answer.status)
        if answer.status != 200:
            return Refused(answer.status, answer.code or "", answer.text or "", headers=answer.headers)
        return Junk(_events(answer), STREAM) if way.streams else Junk(_body(answer), JSON)

    with dashscope_server(lambda _: "", rules=Rules(key=KEY), trouble=trouble) as vendor:
        yield Served(vendor.native, vendor.asked)


def asked(
    script: Script, way: Way, prompt: Prompt = PROMPT, **given: Any
) -> tuple[Sequence[Came], list[Heard], Completion]:
    """What came in, what was heard, and what it came to."""
    with served(way, script) as server, closing(at(server.url, way.provider, **given)) as provider:
        return server.requests, *heard(provider, prompt)


def refusal(provider: Provider, prompt: Prompt = PROMPT) -> ProviderError:
    """How a provider fails: an error that tells a person, on one line each, what happened and what to do."""
    with closing(provider):
        _, error = failure(provider, prompt)
    assert error.message.isprintable()
    assert error.hint.isprintable()
    assert error.hint
    assert f"\n## {error.slug}\n" in ERRORS
    assert KEY not in error.message + error.hint + repr(provider)
    return error


def texts(pieces: Sequence[Heard]) -> list[str]:
    """What was heard of the text."""
    return [piece for piece in pieces if isinstance(piece, str)]


def used(pieces: Sequence[Heard]) -> Usage:
    """What the requests of an answer used."""
    spent = [piece for piece in pieces if isinstance(piece, Usage)]
    return sum(spent[1:], spent[0]) if spent else Usage()


def parameters(request: Came) -> Mapping[str, Any]:
    """Where a body holds how to pick words."""
    found: Mapping[str, Any] = request.body.get("parameters", request.body)
    return found


def _said(answer: Answer, text: str | None, finish: str) -> dict[str, Any]:
    message = {"role": "assistant", "content": text}
    usage = {"input_tokens": answer.tokens[0], "output_tokens": answer.tokens[1]} if answer.tokens else {}
    return {"output": {"choices": [{"finish_reason": finish, "message": message}]}, "usage": usage}


def _body(answer: Answer) -> bytes:
    return json.dumps(_said(answer, answer.text, answer.finish)).encode()


def _events(answer: Answer) -> bytes:
    """The vendor's events: every one but the last is not finished."""
    half = len(answer.text or "") // 2
    pieces = [(answer.text or "")[:half], (answer.text or "")[half:]]
    said = [_said(replace(answer, tokens=(1, 1)), piece, "null") for piece in pieces]
    end = [answer.error or _said(answer, "", answer.finish)]
    return b"".join(b"event:result\ndata:" + json.dumps(event).encode() + b"\n\n" for event in (*said, *end))
