"""What DashScope takes and what it refuses. Alone knows the rules of a request and how a minute's use is counted."""

import threading
from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from email.message import Message
from typing import Any, NoReturn

from tests.support._dashscope_tokens import input_tokens
from tests.support._dashscope_values import INVALID, Asked, Deployment, Refused, Rules, refusals

MINUTE = 60.0


class RefusedError(Exception):
    """A request breaks a rule."""

    def __init__(self, refused: Refused) -> None:
        super().__init__(refused.message)
        self.refused = refused


@dataclass(frozen=True, slots=True)
class Order:
    """What a valid request wants.

    Attributes:
        model: by its name.
        tokens: of the prompt.
        limit: tokens of the answer.
        stop: texts or tokens that end it.
        native: in the vendor's own protocol.
        stream: piece by piece.
        usage: at the end of a compatible stream too.
        chat: natively, as a message and not as a text.
        incremental: natively, without what was said before.
    """

    model: str
    tokens: int
    limit: int
    stop: tuple[str | int, ...]
    native: bool
    stream: bool
    usage: bool
    chat: bool
    incremental: bool


@dataclass(slots=True)
class Meter:
    """The requests and tokens of the last minute; times are seconds of any one clock that does not go back."""

    rpm: int | None
    tpm: int | None
    _used: deque[tuple[float, int, int]] = field(default_factory=deque)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def admit(self, tokens: int, *, now: float) -> None:
        """Count a request with so many tokens of prompt.

        Raises:
            RefusedError: it is one too many, and is not counted.
        """
        with self._lock:
            while self._used and self._used[0][0] <= now - MINUTE:
                self._used.popleft()
            requests = sum(used for _, used, _ in self._used)
            if self.rpm is not None and requests >= self.rpm:
                raise RefusedError(refusals["limit_requests"])
            if self.tpm is not None and sum(used for _, _, used in self._used) + tokens > self.tpm:
                raise RefusedError(refusals["insufficient_quota"])
            self._used.append((now, 1, tokens))

    def spend(self, tokens: int, *, now: float) -> None:
        """Count the tokens of an answer, which nobody knew when its request was admitted."""
        with self._lock:
            self._used.append((now, 0, tokens))


def order(asked: Asked, rules: Rules) -> Order:
    """What a request wants.

    Raises:
        RefusedError: a rule is broken; the refusal says which.
    """
    _credentials(asked.headers, rules)
    _media(asked.headers)
    if not asked.body:
        _invalid("The body must be a JSON object in UTF-8.")
    messages, parameters = _parts(asked)
    name = asked.body.get("model")
    if not isinstance(name, str):
        _invalid("model must be a string.")
    if name not in rules.models:
        message = f"The model `{name}` does not exist or you have no access to it."
        raise RefusedError(replace(refusals["model_not_found"], message=message))
    model = rules.models[name]
    partial = _messages(messages, model)
    _parameters(parameters, native=asked.native)
    most = _most(parameters, model)
    _response_format(parameters, model, asked=asked, partial=partial)
    stream = _streams(asked)
    _stream_options(parameters, model, stream=stream)
    tokens = input_tokens([message["content"] for message in messages])
    if tokens > model.max_input:
        _invalid(f"Range of input length should be [1, {model.max_input}]")
    stop = parameters.get("stop", ())
    return Order(
        model=name,
        tokens=tokens,
        limit=max(0, min(most, model.context - tokens)),
        stop=(stop,) if isinstance(stop, str) else tuple(stop),
        native=asked.native,
        stream=stream,
        usage=parameters.get("stream_options", {}).get("include_usage", False),
        chat=parameters.get("result_format") == "message",
        incremental=parameters.get("incremental_output", False),
    )


def _invalid(message: str) -> NoReturn:
    raise RefusedError(Refused(400, INVALID, message))


def _credentials(headers: Mapping[str, str], rules: Rules) -> None:
    if headers.get("authorization") != f"Bearer {rules.key}":
        raise RefusedError(refusals["invalid key"])
    if rules.workspace is not None and headers.get("x-dashscope-workspace") != rules.workspace:
        raise RefusedError(Refused(403, "Workspace.AccessDenied", "Workspace access denied."))


def _media(headers: Mapping[str, str]) -> None:
    stated = Message()
    stated["content-type"] = headers.get("content-type", "")
    if stated.get_content_type() != "application/json" or stated.get_content_charset("utf-8") != "utf-8":
        raise RefusedError(Refused(415, "UnsupportedMediaType", "Content-Type must be application/json in UTF-8."))


def _parts(asked: Asked) -> tuple[Any, dict[str, Any]]:
    """The messages, not yet looked at, and the parameters."""
    if not asked.native:
        return asked.body.get("messages"), {k: v for k, v in asked.body.items() if k not in {"model", "messages"}}
    _only(asked.body, {"model", "input", "parameters"}, "the body")
    holder, parameters = asked.body.get("input"), asked.body.get("parameters", {})
    if not isinstance(holder, dict) or not isinstance(parameters, dict):
        _invalid("input and parameters must be objects.")
    _only(holder, {"messages"}, "input")
    return holder.get("messages"), parameters


def _only(holder: Mapping[str, Any], known: set[str], where: str) -> None:
    unknown = sorted(holder.keys() - known)
    if unknown:
        _invalid(f"Unknown in {where}: {', '.join(unknown)}.")


def _messages(messages: Any, model: Deployment) -> bool:
    """Whether the last message begins the answer."""
    if not isinstance(messages, list) or not messages:
        _invalid("messages must be a list that is not empty.")
    for message in messages:
        _message(message)
    roles = [message["role"] for message in messages]
    said = roles[1:] if roles[0] == "system" else roles
    if said != ["user", "assistant"] * (len(said) // 2) + ["user"] * (len(said) % 2):
        _invalid("After a system message, which is the first, user and assistant must alternate.")
    if any("partial" in message for message in messages[:-1]):
        _invalid("partial is for the last message only.")
    return _partial(messages[-1], model)


def _partial(last: Mapping[str, Any], model: Deployment) -> bool:
    if last["role"] == "user" and "partial" not in last:
        return False
    if last["role"] != "assistant" or last.get("partial") is not True:
        _invalid("The last message must be the user's, or the assistant's with partial true.")
    if not model.partial:
        _invalid("This model does not support partial mode.")
    return True


def _message(message: Any) -> None:
    if not isinstance(message, dict):
        _invalid("Every message must be an object.")
    _only(message, {"role", "content", "partial"}, "a message")
    role, content = message.get("role"), message.get("content")
    if role not in ("system", "user", "assistant"):
        _invalid("role must be system, user or assistant.")
    if not isinstance(content, str) or not content:
        _invalid("content must be a string that is not empty.")
    if any("\ud800" <= character <= "\udfff" for character in content):
        _invalid("content must be Unicode text.")


def _whole(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


def _number(value: Any) -> bool:
    return isinstance(value, float) or _whole(value)


def _stops(value: Any) -> bool:
    if isinstance(value, list) and value and all(map(_whole, value)):
        return bool(min(value) >= 0)
    texts = value if isinstance(value, list) else [value]
    return bool(texts) and all(isinstance(text, str) and text for text in texts)


def _is_bool(value: Any) -> bool:
    return isinstance(value, bool)


_LIMITS = ("max_tokens", "max_completion_tokens")

_SHARED: Mapping[str, tuple[Callable[[Any], bool], str]] = {
    "temperature": (lambda value: _number(value) and 0 <= value < 2, "in [0, 2)"),
    "top_p": (lambda value: _number(value) and 0 < value <= 1, "in (0, 1]"),
    "presence_penalty": (lambda value: _number(value) and -2 <= value <= 2, "in [-2, 2]"),
    "repetition_penalty": (lambda value: _number(value) and value > 0, "above 0"),
    "top_k": (lambda value: _whole(value) and value >= 0, "a whole number from 0"),
    "seed": (lambda value: _whole(value) and 0 <= value < 2**64, "an unsigned 64-bit integer"),
    "n": (lambda value: _whole(value) and value == 1, "1"),
    "stop": (_stops, "a text, texts, or token ids"),
    "response_format": (lambda value: isinstance(value, dict), "an object"),
    **dict.fromkeys(_LIMITS, (_whole, "a whole number")),
}
_COMPATIBLE: Mapping[str, tuple[Callable[[Any], bool], str]] = {
    **_SHARED,
    "stream": (_is_bool, "a boolean"),
    "stream_options": (lambda value: isinstance(value, dict), "an object"),
}
_NATIVE: Mapping[str, tuple[Callable[[Any], bool], str]] = {
    **_SHARED,
    "incremental_output": (_is_bool, "a boolean"),
    "result_format": (lambda value: value in ("text", "message"), "text or message"),
}


def _parameters(parameters: Mapping[str, Any], *, native: bool) -> None:
    known = _NATIVE if native else _COMPATIBLE
    _only(parameters, set(known), "the parameters")
    for name, value in parameters.items():
        fits, wanted = known[name]
        if not fits(value):
            _invalid(f"{name} must be {wanted}.")


def _most(parameters: Mapping[str, Any], model: Deployment) -> int:
    """Tokens that the answer may have by its own limit."""
    for name in _LIMITS:
        if name in parameters and name != model.max_tokens_field:
            _invalid(f"{name} is not supported with this model. Use {model.max_tokens_field} instead.")
    most = parameters.get(model.max_tokens_field, model.max_output)
    if not 1 <= most <= model.max_output:
        _invalid(f"Range of {model.max_tokens_field} should be [1, {model.max_output}]")
    return int(most)


def _response_format(parameters: Mapping[str, Any], model: Deployment, *, asked: Asked, partial: bool) -> None:
    if "response_format" not in parameters:
        return
    stated = parameters["response_format"]
    if partial:
        _invalid("partial mode cannot be combined with response_format.")
    kind = stated.get("type")
    known = {"text": True, "json_object": model.json_object, "json_schema": model.json_schema}
    if not isinstance(kind, str) or not known.get(kind):
        _invalid(f"response_format.type {kind!r} is not supported by this model.")
    _only(stated, {"type", "json_schema"} if kind == "json_schema" else {"type"}, "response_format")
    if kind == "json_schema" and not _is_schema(stated.get("json_schema")):
        _invalid("response_format.json_schema must have a name and a schema.")
    if kind == "json_object" and not any("json" in str(message["content"]).lower() for message in asked.messages):
        _invalid("messages must contain the word json where response_format is json_object.")


def _is_schema(value: Any) -> bool:
    return isinstance(value, dict) and isinstance(value.get("name"), str) and isinstance(value.get("schema"), dict)


def _streams(asked: Asked) -> bool:
    if not asked.native:
        return bool(asked.body.get("stream", False))
    accepted = [kind.split(";")[0].strip() for kind in asked.headers.get("accept", "").lower().split(",")]
    return asked.headers.get("x-dashscope-sse", "").lower() == "enable" or "text/event-stream" in accepted


def _stream_options(parameters: Mapping[str, Any], model: Deployment, *, stream: bool) -> None:
    options = parameters.get("stream_options")
    if options is None:
        return
    if not stream:
        _invalid("stream_options is for streams only.")
    if not model.stream_options:
        _invalid("stream_options is not supported with this model.")
    _only(options, {"include_usage"}, "stream_options")
    if not _is_bool(options.get("include_usage", False)):
        _invalid("stream_options.include_usage must be a boolean.")
