"""How DashScope's answers stand on the wire. Alone knows the bodies and the events of both protocols."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from tests.support._dashscope_rules import Order
from tests.support._dashscope_tokens import Answer
from tests.support._dashscope_values import INVALID, CutStream, Fault, FilteredAnswer, Refused, Silent, Slow

JSON = "application/json"
FILTERED_OUTPUT = Refused(400, "data_inspection_failed", "Output data may contain inappropriate content.")

_GENERAL = {INVALID, "invalid_api_key", "model_not_found"}
_BITS = 8
"""Parts of a body that is sent slowly."""


@dataclass(frozen=True, slots=True)
class Reply:
    """What goes out.

    Attributes:
        frames: the body; of a stream, its events.
        stream: True where the length is not stated beforehand.
        missing: bytes that are announced and never come; of a stream, above 0 where its end never comes.
        silent: seconds before the first byte.
        pace: seconds before each frame.
        good: True where the whole answer is in it.
    """

    status: int
    frames: tuple[bytes, ...]
    content_type: str = JSON
    headers: Mapping[str, str] = field(default_factory=dict)
    stream: bool = False
    missing: int = 0
    silent: float = 0
    pace: float = 0
    good: bool = False


def refusal(refused: Refused, *, native: bool, name: str) -> Reply:
    """An error, in the shape of the protocol.

    Args:
        refused: status and words.
        native: in the vendor's own protocol.
        name: of the request.
    """
    headers = dict(refused.headers)
    if refused.retry_after is not None:
        headers["retry-after"] = refused.retry_after
    return Reply(refused.status, (_written(_error(refused, native=native, name=name)),), headers=headers)


def reply(wanted: Order, answer: Answer, *, fault: Fault | None, name: str, now: int) -> Reply:
    """An answer, with what goes wrong on its way.

    Args:
        wanted: what was asked for.
        answer: within its limits.
        fault: None, or one that lets an answer begin.
        name: of the request.
        now: seconds since 1970.
    """
    shown = fault.after if isinstance(fault, CutStream | FilteredAnswer) else len(answer.text)
    wire = _Native(wanted, answer, name, shown) if wanted.native else _Compatible(wanted, answer, name, shown, now)
    if isinstance(fault, FilteredAnswer) and not wanted.stream:
        return refusal(FILTERED_OUTPUT, native=wanted.native, name=name)
    if isinstance(fault, CutStream | FilteredAnswer):
        return _broken(wire, fault)
    silent = fault.seconds if isinstance(fault, Silent) else 0
    pace = fault.seconds_per_piece if isinstance(fault, Slow) else 0
    if wanted.stream:
        return _stream((*wire.events(), *wire.end()), silent=silent, pace=pace, good=True)
    body = _written(wire.body())
    size = -(-len(body) // _BITS)
    bits = [body[start : start + size] for start in range(0, len(body), size)] if pace else [body]
    return Reply(200, tuple(bits), silent=silent, pace=pace, good=True)


def _broken(wire: "_Native | _Compatible", fault: CutStream | FilteredAnswer) -> Reply:
    if wire.wanted.stream:
        if isinstance(fault, FilteredAnswer):
            return _stream((*wire.events(), *wire.stopped()))
        return _stream(tuple(wire.events()), missing=1)
    body = _written(wire.body())
    text = _written(wire.answer.text)
    end = body.index(text) + len(_written(wire.answer.text[: fault.after])) - 1
    return Reply(200, (body[:end],), missing=len(body) - end)


def _stream(frames: tuple[bytes, ...], **more: Any) -> Reply:
    return Reply(200, frames, "text/event-stream;charset=UTF-8", stream=True, **more)


def _written(value: Any) -> bytes:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode()


def _error(refused: Refused, *, native: bool, name: str) -> dict[str, Any]:
    if native:
        return {"code": refused.code, "message": refused.message, "request_id": name}
    kind = "invalid_request_error" if refused.code in _GENERAL else refused.code
    told = {"message": refused.message, "type": kind, "param": None, "code": refused.code}
    return {"error": told, "request_id": name}


@dataclass(frozen=True, slots=True)
class _Compatible:
    """OpenAI's protocol; a stream shows so many characters."""

    wanted: Order
    answer: Answer
    name: str
    shown: int
    now: int

    def body(self) -> dict[str, Any]:
        message = {"role": "assistant", "content": self.answer.text}
        choice = {"index": 0, "message": message, "finish_reason": self.answer.finish, "logprobs": None}
        return {**self._head("chat.completion"), "choices": [choice], "usage": self._usage()}

    def events(self) -> Iterator[bytes]:
        yield self._event([self._choice({"role": "assistant", "content": ""})])
        for piece, _ in _begun(self.answer, self.shown):
            yield self._event([self._choice({"content": piece})])

    def end(self) -> Iterator[bytes]:
        yield self._event([self._choice({"content": ""}, self.answer.finish)])
        if self.wanted.usage:
            yield self._event([], self._usage())
        yield b"data: [DONE]\n\n"

    def stopped(self) -> Iterator[bytes]:
        yield b"data: " + _written(_error(FILTERED_OUTPUT, native=False, name=self.name)) + b"\n\n"

    def _head(self, kind: str) -> dict[str, Any]:
        made = {"id": f"chatcmpl-{self.name}", "object": kind, "created": self.now, "model": self.wanted.model}
        return {**made, "system_fingerprint": None}

    def _usage(self) -> dict[str, int]:
        asked, answered = self.wanted.tokens, self.answer.tokens
        return {"prompt_tokens": asked, "completion_tokens": answered, "total_tokens": asked + answered}

    @staticmethod
    def _choice(delta: dict[str, str], finish: str | None = None) -> dict[str, Any]:
        return {"index": 0, "delta": delta, "finish_reason": finish, "logprobs": None}

    def _event(self, choices: list[dict[str, Any]], usage: dict[str, int] | None = None) -> bytes:
        stated = {"usage": usage} if self.wanted.usage else {}
        return b"data: " + _written({**self._head("chat.completion.chunk"), "choices": choices, **stated}) + b"\n\n"


@dataclass(frozen=True, slots=True)
class _Native:
    """The vendor's own protocol; a stream shows so many characters."""

    wanted: Order
    answer: Answer
    name: str
    shown: int

    def body(self) -> dict[str, Any]:
        said = self._said(self.answer.text, self.answer.finish, self.answer.tokens)
        return {"status_code": 200, "request_id": self.name, "code": "", "message": "", **said}

    def events(self) -> Iterator[bytes]:
        for number, (piece, end) in enumerate(_begun(self.answer, self.shown), 1):
            text = piece if self.wanted.incremental else self.answer.text[:end]
            yield self._event(number, self._said(text, "null", self.answer.spent(end)))

    def end(self) -> Iterator[bytes]:
        text = "" if self.wanted.incremental else self.answer.text
        yield self._event(self._next(), self._said(text, self.answer.finish, self.answer.tokens))

    def stopped(self) -> Iterator[bytes]:
        error = _error(FILTERED_OUTPUT, native=True, name=self.name)
        yield _frame(self._next(), "error", FILTERED_OUTPUT.status, error)

    def _next(self) -> int:
        return 1 + sum(1 for _ in _begun(self.answer, self.shown))

    def _said(self, text: str, finish: str, tokens: int) -> dict[str, Any]:
        message = {"message": {"role": "assistant", "content": text}, "finish_reason": finish}
        output = {"choices": [message]} if self.wanted.chat else {"text": text, "finish_reason": finish}
        asked = self.wanted.tokens
        usage = {"input_tokens": asked, "output_tokens": tokens, "total_tokens": asked + tokens}
        return {"output": output, "usage": usage}

    def _event(self, number: int, said: dict[str, Any]) -> bytes:
        return _frame(number, "result", 200, {**said, "request_id": self.name})


def _frame(number: int, kind: str, status: int, data: dict[str, Any]) -> bytes:
    return f"id:{number}\nevent:{kind}\n:HTTP_STATUS/{status}\ndata:".encode() + _written(data) + b"\n\n"


def _begun(answer: Answer, characters: int) -> Iterator[tuple[str, int]]:
    """The pieces of the first characters, and where each ends."""
    end = 0
    for piece in answer.pieces():
        shown = piece[: max(0, characters - end)]
        if not shown:
            return
        end += len(shown)
        yield shown, end
