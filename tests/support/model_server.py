"""A loopback server that speaks the chat-completions protocol and answers by a function of the request.

It is as strict as the endpoints it stands for: unknown paths are 404, a body without model or messages is 400, only the
first message may be from the system, and the last must be the user's.
"""

import json
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


@dataclass(frozen=True)
class Request:
    """What came in: the headers, lower-cased, and the body."""

    headers: Mapping[str, str]
    body: Mapping[str, Any]

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
    """What goes out: a completion, or with a status other than 200 an error body."""

    text: str | None = ""
    status: int = 200
    finish: str = "stop"
    tokens: tuple[int, int] | None = (100, 20)
    code: str | None = None
    raw: bytes | None = None
    headers: Mapping[str, str] = field(default_factory=dict)


Script = Callable[[Request], Answer]


@dataclass
class ModelServer:
    """A running server: its address and every request it got."""

    url: str
    requests: list[Request] = field(default_factory=list)


@contextmanager
def model_server(script: Script, *, models: Any = None) -> Iterator[ModelServer]:
    """Serve on a free loopback port until the block ends.

    Args:
        script: answers a request.
        models: the body of `/models`; None: the endpoint has none.
    """
    running = ModelServer("")

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002
            pass

        def do_GET(self) -> None:
            if self.path == "/v1/models" and models is not None:
                self._send(200, json.dumps(models).encode(), {})
            else:
                self._send(404, b'{"error": {"message": "not found", "code": "not_found"}}', {})

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers.get("content-length") or 0))
            if self.path != "/v1/chat/completions":
                self._send(404, b'{"error": {"message": "not found", "code": "not_found"}}', {})
                return
            request = Request({name.lower(): value for name, value in self.headers.items()}, json.loads(body))
            running.requests.append(request)
            answer = script(request) if _valid(request.body) else Answer("malformed request", status=400)
            self._send(answer.status, _body(request, answer), answer.headers)

        def _send(self, status: int, body: bytes, headers: Mapping[str, str]) -> None:
            self.send_response(status)
            self.send_header("content-type", "application/json")
            for name, value in headers.items():
                self.send_header(name, value)
            self.send_header("content-length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    running.url = f"http://127.0.0.1:{server.server_port}/v1"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    try:
        yield running
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def _valid(body: Mapping[str, Any]) -> bool:
    messages = body.get("messages")
    if not body.get("model") or not isinstance(messages, list) or not messages:
        return False
    roles = [message.get("role") for message in messages]
    texts = all(isinstance(message.get("content"), str) for message in messages)
    return texts and roles[-1] == "user" and "system" not in roles[1:]


def _body(request: Request, answer: Answer) -> bytes:
    if answer.raw is not None:
        return answer.raw
    if answer.status != 200:
        return json.dumps({"error": {"message": answer.text, "code": answer.code, "type": "error"}}).encode()
    usage = None
    if answer.tokens:
        prompt, completion = answer.tokens
        usage = {"prompt_tokens": prompt, "completion_tokens": completion, "total_tokens": prompt + completion}
    choice = {
        "index": 0,
        "finish_reason": answer.finish,
        "message": {"role": "assistant", "content": answer.text},
    }
    whole = {"id": "chatcmpl-1", "object": "chat.completion", "created": 1, "model": request.body["model"]}
    return json.dumps({**whole, "choices": [choice], "usage": usage}).encode()
