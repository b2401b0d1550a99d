"""A loopback server that speaks the chat-completions protocol and answers by a function of the request.

It is as strict as the endpoints it stands for: unknown paths are 404, and a body without model or messages, with
sampling out of range, with options of a stream and no stream, or with a form that is none is 400, in words that say
why. Only the first message may be from the system, and the last must be the user's, or the assistant's that is to be
gone on with. A look-up that carries a body fails the test. A stream that is asked for is given, unless the server is
one of those that ignore the wish.
"""

import json
import sys
import threading
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

JSON = "application/json"
STREAM = "text/event-stream"
PIECE = 7
"""Characters of an answer in one event; a long one has larger pieces."""

FIELDS = {
    "stream_options": "Unrecognized request argument supplied: stream_options",
    "json_schema": "Invalid value for response_format: type json_schema is not supported",
    "json_object": "Invalid value for response_format: type json_object is not supported",
    "max_tokens": "Unsupported parameter: 'max_tokens' is not supported. Use 'max_completion_tokens' instead.",
    "max_completion_tokens": "Unrecognized request argument supplied: max_completion_tokens",
    "temperature": "Unsupported value: 'temperature' does not support 0.2 with this model.",
    "seed": "Extra inputs are not permitted: seed",
    "repetition_penalty": "Extra inputs are not permitted: repetition_penalty",
    "stream": "stream: streaming is not supported by this deployment",
    "partial": "The last message must be from the user",
}
"""What an endpoint may not know, and how it says so."""
_NOT_FOUND = b'{"error": {"message": "not found", "code": "not_found"}}'


@dataclass(frozen=True)
class Request:
    """What came in: the headers, lower-cased, the body, and both as they stood on the wire.

    Attributes:
        path: after the host.
        headers: by lower-cased name.
        body: read as JSON.
        lines: name and value of each header, in order.
        raw: every byte of the body.
    """

    path: str
    headers: Mapping[str, str]
    body: Mapping[str, Any]
    lines: tuple[tuple[str, str], ...]
    raw: bytes

    @property
    def system(self) -> str:
        """The system message."""
        return str(self.body["messages"][0]["content"])

    @property
    def user(self) -> str:
        """The last message of the user."""
        return str([message for message in self.body["messages"] if message["role"] == "user"][-1]["content"])

    @property
    def prefix(self) -> str:
        """How the answer is told to begin: the assistant's message at the end, or nothing."""
        last = self.body["messages"][-1]
        return str(last["content"]) if last["role"] == "assistant" else ""


@dataclass(frozen=True)
class Answer:
    """What goes out: a completion, or with a status other than 200 an error body.

    Attributes:
        text: of the whole completion, whatever it is told to begin with, or of the error.
        tokens: of prompt and answer, None: no usage is stated.
        code: of the error.
        raw: the whole body, where it is neither.
        missing: bytes that are announced and never come; of a stream, above 0 where its end never comes.
        error: of a stream, what comes in place of its end.
    """

    text: str | None = '{"comments": []}'
    status: int = 200
    finish: str = "stop"
    tokens: tuple[int, int] | None = (100, 20)
    code: str | None = None
    raw: bytes | None = None
    headers: Mapping[str, str] = field(default_factory=dict)
    content_type: str = JSON
    missing: int = 0
    error: Mapping[str, Any] | None = None


Script = Callable[[Request], Answer]


@dataclass
class ModelServer:
    """A running server: its address, every prompt it got, and the path of everything else it was asked for."""

    url: str
    requests: list[Request] = field(default_factory=list)
    looked_up: list[str] = field(default_factory=list)


@contextmanager
def model_server(
    script: Script, *, models: Any = None, streams: bool = True, unknown: Collection[str] = ()
) -> Iterator[ModelServer]:
    """Serve on a free loopback port until the block ends; what the script raised first is raised then.

    Args:
        script: answers a request.
        models: the body of `/models`, or the whole answer, or what makes them; None: the endpoint has none.
        streams: False where it answers in one piece whatever is asked for.
        unknown: what of `FIELDS` it refuses.
    """
    running = ModelServer("")

    class Handler(_Handler):
        def do_GET(self) -> None:
            running.looked_up.append(self.path)
            if self.headers.get("content-length") or self.headers.get("transfer-encoding"):
                raise AssertionError(f"{self.path} is asked for with a body")
            if self.path == "/v1/models" and models is not None:
                told = models() if callable(models) else models
                answer = told if isinstance(told, Answer) else Answer(raw=json.dumps(told).encode())
                self.send(answer, answer.raw or b"")
            else:
                self.send(Answer(status=404), _NOT_FOUND)

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers.get("content-length") or 0))
            if self.path != "/v1/chat/completions":
                self.send(Answer(status=404), _NOT_FOUND)
                return
            lines = tuple(self.headers.items())
            named = {name.lower(): value for name, value in lines}
            request = Request(self.path, named, json.loads(body), lines, body)
            running.requests.append(request)
            wrong = _malformed(request.body) or _unknown(request, unknown)
            answer = Answer(wrong, status=400, code="invalid_request_error") if wrong else script(request)
            if streams and request.body.get("stream") and answer.raw is None and answer.status == 200:
                self.stream(answer, _events(request, answer))
            else:
                self.send(answer, _body(request, answer))

    server = _Server(("127.0.0.1", 0), Handler)
    running.url = f"http://127.0.0.1:{server.server_port}/v1"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    try:
        yield running
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
    if server.failure:
        raise server.failure


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    failure: BaseException | None = None

    def handle_error(self, *_: object) -> None:
        # A client that was interrupted does not say goodbye; all else is the script's.
        if not isinstance(sys.exception(), ConnectionError):
            self.failure = self.failure or sys.exception()


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True

    def log_message(self, *_: object, **__: object) -> None:
        pass

    def send(self, answer: Answer, body: bytes) -> None:
        self.send_response(answer.status)
        self.send_header("content-type", answer.content_type)
        for name, value in answer.headers.items():
            self.send_header(name, value)
        self.send_header("content-length", str(len(body) + answer.missing))
        self.end_headers()
        self.wfile.write(body)
        self.close_connection = bool(answer.missing)

    def stream(self, answer: Answer, events: Iterable[bytes]) -> None:
        self.send_response(200)
        self.send_header("content-type", STREAM)
        for name, value in answer.headers.items():
            self.send_header(name, value)
        self.send_header("transfer-encoding", "chunked")
        self.end_headers()
        for event in events:
            self.wfile.write(b"%x\r\n%b\r\n" % (len(event), event))
        if answer.missing:
            self.close_connection = True
        else:
            self.wfile.write(b"0\r\n\r\n")


def _malformed(body: Mapping[str, Any]) -> str | None:
    """Why no endpoint takes a request."""
    messages = body.get("messages")
    if not body.get("model") or not isinstance(messages, list) or not messages:
        return "you must provide a model and messages"
    if not (0 <= body.get("temperature", 1) < 2 and body.get("seed", 0) >= 0):
        return "the sampling is out of range"
    limits = [body[name] for name in ("max_tokens", "max_completion_tokens") if name in body]
    if len(limits) > 1 or min(limits, default=1) < 1:
        return "one limit of the answer, above 0, can be given"
    if "stream_options" in body and not body.get("stream"):
        return "stream_options is allowed only with stream"
    form = body.get("response_format")
    if form is not None and not _is_form(form, messages):
        return "response_format is none"
    return _malformed_messages(messages)


def _malformed_messages(messages: list[dict[str, Any]]) -> str | None:
    roles = [message.get("role") for message in messages]
    if not all(isinstance(message.get("content"), str) for message in messages):
        return "content is a text"
    if "system" in roles[1:] or not {*roles} <= {"system", "user", "assistant"}:
        return "the system speaks first, then user and assistant do"
    if any("partial" in message for message in messages[:-1]):
        return "no message but the end of the list is partial"
    begun = messages[-1].get("partial") is True
    return None if roles[-1] == ("assistant" if begun else "user") else "the user speaks at the end"


def _is_form(form: Any, messages: list[dict[str, Any]]) -> bool:
    match form:
        case {"type": "json_object"}:
            # Asked for it without a word on it, a model writes white space for ever.
            return len(form) == 1 and "json" in str(messages).lower()
        case {"type": "json_schema", "json_schema": {"name": str(), "schema": {"type": "object"}, "strict": True}}:
            return len(form) == 2
    return False


def _unknown(request: Request, unknown: Collection[str]) -> str | None:
    """What of a request this endpoint does not know, in its words."""
    sent = {*request.body, request.body.get("response_format", {}).get("type")}
    if request.prefix:
        sent.add("partial")
    return next((words for name, words in FIELDS.items() if name in unknown and name in sent), None)


def completion(text: str | None, *, finish: str = "stop", tokens: tuple[int, int] | None = (100, 20)) -> dict[str, Any]:
    """The body of a good answer."""
    usage = None
    if tokens:
        usage = {"prompt_tokens": tokens[0], "completion_tokens": tokens[1], "total_tokens": sum(tokens)}
    choice = {"index": 0, "finish_reason": finish, "message": {"role": "assistant", "content": text}}
    whole = {"id": "chatcmpl-1", "object": "chat.completion", "created": 1, "model": "a-model"}
    return {**whole, "choices": [choice], "usage": usage}


def _body(request: Request, answer: Answer) -> bytes:
    if answer.raw is not None:
        return answer.raw
    if answer.status != 200:
        return json.dumps({"error": {"message": answer.text, "code": answer.code, "type": "error"}}).encode()
    text = None if answer.text is None else answer.text.removeprefix(request.prefix)
    body = completion(text, finish=answer.finish, tokens=answer.tokens)
    return json.dumps({**body, "model": request.body["model"]}).encode()


def _events(request: Request, answer: Answer) -> Iterator[bytes]:
    """The events of an answer; one of them is a comment, which keeps connections open."""
    head = {"id": "chatcmpl-1", "object": "chat.completion.chunk", "created": 1, "model": request.body["model"]}
    told = request.body.get("stream_options", {}).get("include_usage")

    def event(delta: Mapping[str, Any], finish: str | None = None) -> bytes:
        choice = {"index": 0, "delta": delta, "finish_reason": finish}
        return _event({**head, "choices": [choice], **({"usage": None} if told else {})})

    yield event({"role": "assistant", "content": ""})
    yield b": still there\n\n"
    text = (answer.text or "").removeprefix(request.prefix)
    size = max(PIECE, len(text) // 50)
    for start in range(0, len(text), size):
        yield event({"content": text[start : start + size]})
    if answer.error is not None:
        yield _event(answer.error)
    elif not answer.missing:
        yield event({}, answer.finish)
        if told and answer.tokens:
            usage = completion("", tokens=answer.tokens)["usage"]
            yield _event({**head, "choices": [], "usage": usage})
        yield b"data: [DONE]\n\n"


def _event(data: Mapping[str, Any]) -> bytes:
    return b"data: " + json.dumps(data).encode() + b"\n\n"
