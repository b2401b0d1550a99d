"""A strict stand-in for DashScope on the loopback: both protocols, the vendor's limits, counts and ways to fail.

A request that breaks a rule is refused before anybody is asked for trouble or for an answer. Alone knows HTTP and the
order in which a request is judged: path, method, key, form, rate, content filter, trouble.
"""

import json
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler
from typing import Any, cast

from tests.support._dashscope_rules import Meter, Order, RefusedError, order
from tests.support._dashscope_stream import Reply, refusal, reply
from tests.support._dashscope_tokens import cut
from tests.support._dashscope_values import (
    FILTERED,
    INVALID,
    Asked,
    CutStream,
    Deployment,
    Empty,
    Fault,
    FilteredAnswer,
    Junk,
    Mind,
    Refused,
    Rules,
    Silent,
    Slow,
    Trouble,
    refusals,
)
from tests.support.loopback import Loopback, serving

__all__ = [
    "Asked",
    "CutStream",
    "DashScope",
    "Deployment",
    "Empty",
    "Fault",
    "FilteredAnswer",
    "Junk",
    "Mind",
    "Refused",
    "Rules",
    "Silent",
    "Slow",
    "Trouble",
    "dashscope_server",
    "refusals",
]

_COMPATIBLE = "/compatible-mode/v1"
_NATIVE = "/api/v1"
_PATHS = {f"{_COMPATIBLE}/chat/completions", f"{_NATIVE}/services/aigc/text-generation/generation"}
_STANDARD = Rules()


@dataclass(slots=True)
class DashScope:
    """A running server.

    Attributes:
        url: scheme, host and port.
        asked: every POST whose body came whole, also to unknown paths, in order.
        answered: whole answers that were sent.
    """

    url: str
    asked: list[Asked] = field(default_factory=list)
    answered: int = 0

    @property
    def compatible(self) -> str:
        """The base URL of OpenAI's protocol."""
        return self.url + _COMPATIBLE

    @property
    def native(self) -> str:
        """The base URL of the vendor's own protocol."""
        return self.url + _NATIVE


@contextmanager
def dashscope_server(mind: Mind, *, rules: Rules = _STANDARD, trouble: Trouble | None = None) -> Iterator[DashScope]:
    """Serve on a free loopback port until the block ends; what a callback raised first is raised then.

    Args:
        mind: gives the whole ideal answer; the server cuts it.
        rules: what clients are held to.
        trouble: what goes wrong with a valid request, by its place in `asked`.
    """
    server = _Server(mind, rules, trouble)
    with serving(server):
        yield server.running


class _Server(Loopback):
    def __init__(self, mind: Mind, rules: Rules, trouble: Trouble | None) -> None:
        super().__init__(_Handler)
        self.running = DashScope(f"http://127.0.0.1:{self.server_port}")
        self._mind, self._rules, self._trouble = mind, rules, trouble
        self._meter = Meter(rules.rpm, rules.tpm)

    def sent(self) -> None:
        with self.lock:
            self.running.answered += 1

    def reply(self, asked: Asked) -> Reply | None:
        """The answer to a request; None where whoever should have made it raised instead."""
        with self.lock:
            number = len(self.running.asked)
            self.running.asked.append(asked)
        with _Kept(self):
            return self._reply(asked, number, str(uuid.uuid4()))
        return None

    def _reply(self, asked: Asked, number: int, name: str) -> Reply:
        try:
            wanted = self._admitted(asked)
        except RefusedError as error:
            return refusal(error.refused, native=asked.native, name=name)
        fault = self._trouble(asked, number) if self._trouble else None
        if isinstance(fault, Refused):
            return refusal(fault, native=asked.native, name=name)
        if isinstance(fault, Junk):
            return Reply(fault.status, (fault.body,), fault.content_type)
        if isinstance(fault, Empty):
            return Reply(200, ())
        whole, prefix = self._mind(asked), asked.prefix
        answer = cut(whole.removeprefix(prefix), limit=wanted.limit, stop=wanted.stop)
        self._meter.spend(answer.tokens, now=time.monotonic())
        return reply(wanted, answer, fault=fault, name=name, now=int(time.time()))

    def _admitted(self, asked: Asked) -> Order:
        if asked.path not in _PATHS:
            raise RefusedError(Refused(404, "NotFound", f"Not found: {asked.path}"))
        wanted = order(asked, self._rules)
        self._meter.admit(wanted.tokens, now=time.monotonic())
        if self._rules.banned and any(self._rules.banned(message["content"]) for message in asked.messages):
            raise RefusedError(refusals[FILTERED])
        return wanted


class _Kept:
    """What is raised inside is the server's failure and goes no further, `pytest.fail` included."""

    def __init__(self, server: _Server) -> None:
        self._server = server

    def __enter__(self) -> None:
        pass

    def __exit__(self, kind: object, error: BaseException | None, trace: object) -> bool:
        if error:
            self._server.fail(error)
        return error is not None


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True

    @property
    def _vendor(self) -> _Server:
        return cast("_Server", self.server)

    def log_message(self, *_: object, **__: object) -> None:
        pass

    def do_POST(self) -> None:
        at = time.monotonic()
        length = self.headers.get("content-length", "")
        if not (length.isascii() and length.isdigit()) or "transfer-encoding" in self.headers:
            self._dismiss(Refused(400, INVALID, "A body needs its Content-Length."))
            return
        raw = self.rfile.read(int(length))
        if len(raw) < int(length):
            self.close_connection = True
            return
        headers = {name.lower(): value for name, value in self.headers.items()}
        answer = self._vendor.reply(Asked(self.path, headers, raw, _parsed(raw), at))
        if answer is None:
            self.close_connection = True
            return
        self._send(answer)

    def __getattr__(self, name: str) -> Any:
        # Whatever method there is but POST.
        if name.startswith("do_"):
            return self._other
        raise AttributeError(name)

    def _other(self) -> None:
        if self.path in _PATHS:
            self._dismiss(Refused(405, "MethodNotAllowed", f"Not allowed: {self.command}", headers={"allow": "POST"}))
        else:
            self._dismiss(Refused(404, "NotFound", f"Not found: {self.path}"))

    def _dismiss(self, refused: Refused) -> None:
        """Refuse without having read a body, so that nothing more can be read either."""
        self._send(refusal(refused, native=self.path.startswith("/api/"), name=str(uuid.uuid4())))
        self.close_connection = True

    def _send(self, answer: Reply) -> None:
        if self._vendor.ended.wait(answer.silent):
            self.close_connection = True
            return
        self._send_head(answer)
        if self.command != "HEAD":
            self._send_body(answer)
        if answer.missing:
            self.close_connection = True

    def _send_head(self, answer: Reply) -> None:
        self.send_response(answer.status)
        self.send_header("content-type", answer.content_type)
        for name, value in answer.headers.items():
            self.send_header(name, value)
        if answer.stream:
            self.send_header("transfer-encoding", "chunked")
        else:
            self.send_header("content-length", str(sum(map(len, answer.frames)) + answer.missing))
        self.end_headers()

    def _send_body(self, answer: Reply) -> None:
        for number, frame in enumerate(answer.frames, 1):
            if self._vendor.ended.wait(answer.pace):
                self.close_connection = True
                return
            # Who has read the last byte may look at the count at once.
            if answer.good and number == len(answer.frames):
                self._vendor.sent()
            self.wfile.write(b"%x\r\n%b\r\n" % (len(frame), frame) if answer.stream else frame)
        if answer.stream and not answer.missing:
            self.wfile.write(b"0\r\n\r\n")


def _parsed(raw: bytes) -> dict[str, Any]:
    """A JSON object in UTF-8; empty where it is anything else."""
    with suppress(ValueError, RecursionError):
        body = json.loads(raw.decode(), parse_constant=_no_constant)
        return body if isinstance(body, dict) else {}
    return {}


def _no_constant(name: str) -> None:
    raise ValueError(f"{name} is not JSON")
