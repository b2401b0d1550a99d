"""A loopback socket that answers with whatever bytes a script sends, however they break the protocol."""

import gzip
import json
import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from typing import Any

from tests.support.model_server import JSON

MB = 1 << 20
_LENGTH = b"content-length:"


@dataclass
class Wire:
    """A listening socket, what came in, and how much went out."""

    url: str = ""
    came: list[bytes] = field(default_factory=list)
    sent: int = 0
    over: threading.Event = field(default_factory=threading.Event)


@dataclass(frozen=True)
class End:
    """The server's end of one connection."""

    wire: Wire
    connection: socket.socket

    @property
    def over(self) -> threading.Event:
        """Set when nobody listens any more."""
        return self.wire.over

    def send(self, data: bytes) -> None:
        self.connection.sendall(data)
        self.wire.sent += len(data)

    def drip(self, data: bytes) -> None:
        """One byte after the other for as long as anybody listens."""
        place = 0
        while not self.over.wait(0.01):
            self.send(data[place : place + 1])
            place = (place + 1) % len(data)


Script = Callable[[End], None]


@contextmanager
def wire(script: Script, *, secure: ssl.SSLContext | None = None) -> Iterator[Wire]:
    """Take in one request after the other and do with its connection what the script says."""
    running, threads = Wire(), list[threading.Thread]()

    def serve(plain: socket.socket) -> None:
        with suppress(OSError):
            connection = secure.wrap_socket(plain, server_side=True) if secure else plain
            with connection:
                head, _, body = _received(connection, b"").partition(b"\r\n\r\n")
                length = next((int(line[15:]) for line in head.lower().split(b"\r\n") if line[:15] == _LENGTH), 0)
                while len(body) < length:
                    body += connection.recv(MB)
                running.came.append(head + body)
                script(End(running, connection))

    def listen() -> None:
        with suppress(OSError):
            while True:
                threads.append(threading.Thread(target=serve, args=(door.accept()[0],), daemon=True))
                threads[-1].start()

    with socket.create_server(("127.0.0.1", 0)) as door:
        running.url = f"http{'s' if secure else ''}://localhost:{door.getsockname()[1]}/v1"
        thread = threading.Thread(target=listen, daemon=True)
        thread.start()
        yield running
        running.over.set()
        door.shutdown(socket.SHUT_RDWR)
    thread.join(10)
    for thread in threads:
        thread.join(10)


def _received(connection: socket.socket, data: bytes) -> bytes:
    while b"\r\n\r\n" not in data:
        more = connection.recv(MB)
        if not more:
            raise ConnectionError
        data += more
    return data


def head(kind: str = JSON, *, status: str = "200 OK", **fields: object) -> bytes:
    lines = [f"HTTP/1.1 {status}", f"content-type: {kind}"]
    lines += [f"{name.replace('_', '-')}: {value}" for name, value in fields.items()]
    return "\r\n".join([*lines, "", ""]).encode()


def event(text: str, **more: Any) -> bytes:
    said = {"choices": [{"delta": {"content": text}, "finish_reason": None}], **more}
    return b"data: " + json.dumps(said).encode() + b"\n\n"


def endless(first: bytes, again: bytes) -> Script:
    def script(end: End) -> None:
        end.send(first)
        while not end.over.is_set():
            end.send(again)

    return script


def once(data: bytes) -> Script:
    return lambda end: end.send(data)


def dripping(first: bytes, again: bytes) -> Script:
    def script(end: End) -> None:
        end.send(first)
        end.drip(again)

    return script


def waiting(end: End) -> None:
    end.over.wait(60)


def packed(data: bytes) -> bytes:
    return gzip.compress(data, 1)
