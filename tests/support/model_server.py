"""A loopback server that speaks the chat-completions protocol and answers by a function of the request.

It is as strict as the endpoints it stands for: unknown paths are 404, a body without model or messages or with sampling
out of range is 400, only the first message may be from the system, and the last must be the user's. A look-up that
carries a body fails the test.
"""

import json
import sys
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

JSON = "application/json"
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
        """The last message."""
        return str(self.body["messages"][-1]["content"])


@dataclass(frozen=True)
class Answer:
    """What goes out: a completion, or with a status other than 200 an error body.

    Attributes:
        text: of the completion or of the error.
        tokens: of prompt and answer, None: no usage is stated.
        code: of the error.
        raw: the whole body, where it is neither.
        missing: bytes that are announced and never come.
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


Script = Callable[[Request], Answer]


@dataclass
class ModelServer:
    """A running server: its address, every prompt it got, and the path of everything else it was asked for."""

    url: str
    requests: list[Request] = field(default_factory=list)
    looked_up: list[str] = field(default_factory=list)


@contextmanager
def model_server(script: Script, *, models: Any = None) -> Iterator[ModelServer]:
    """Serve on a free loopback port until the block ends; what the script raised first is raised then.

    Args:
        script: answers a request.
        models: the body of `/models`, or the whole answer; None: the endpoint has none.
    """
    running = ModelServer("")

    class Handler(_Handler):
        def do_GET(self) -> None:
            running.looked_up.append(self.path)
            if self.headers.get("content-length") or self.headers.get("transfer-encoding"):
                raise AssertionError(f"{self.path} is asked for with a body")
            if self.path == "/v1/models" and models is not None:
                answer = models if isinstance(models, Answer) else Answer(raw=json.dumps(models).encode())
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
            answer = script(request) if _valid(request.body) else Answer("malformed request", status=400)
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


def _valid(body: Mapping[str, Any]) -> bool:
    messages = body.get("messages")
    if not body.get("model") or not isinstance(messages, list) or not messages:
        return False
    if not (0 <= body.get("temperature", 1) < 2 and body.get("seed", 0) >= 0 and body.get("max_tokens", 1) > 0):
        return False
    roles = [message.get("role") for message in messages]
    texts = all(isinstance(message.get("content"), str) for message in messages)
    return texts and roles[-1] == "user" and "system" not in roles[1:]


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
    body = completion(answer.text, finish=answer.finish, tokens=answer.tokens)
    return json.dumps({**body, "model": request.body["model"]}).encode()
