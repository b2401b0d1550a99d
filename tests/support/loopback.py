"""A server on a free loopback port that ends with the block it serves in, whatever its clients leave open."""

import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from socket import SHUT_RDWR, socket
from typing import Any

_FAREWELL = 5.0
"""Seconds that a connection which is hung up may take to end."""


class Loopback(ThreadingHTTPServer):
    """A thread for each connection; what the first of them fails with is kept.

    Attributes:
        ended: set when the block is over, for who waits meanwhile.
        failure: what nobody expected.
        lock: for who has to act alone.
    """

    request_queue_size = 128

    def __init__(self, handler: type[BaseHTTPRequestHandler]) -> None:
        super().__init__(("127.0.0.1", 0), handler)
        self.ended = threading.Event()
        self.failure: BaseException | None = None
        self.lock = threading.Lock()
        self._connections: list[tuple[threading.Thread, socket]] = []

    def process_request(self, request: Any, client_address: Any) -> None:
        thread = threading.Thread(target=self.process_request_thread, args=(request, client_address), daemon=True)
        self._connections.append((thread, request))
        thread.start()

    def hang_up(self) -> None:
        """End the connections that clients keep open, and wait for who is still busy."""
        for thread, connection in self._connections:
            with suppress(OSError):
                connection.shutdown(SHUT_RDWR)
            thread.join(_FAREWELL)

    def handle_error(self, *_: object) -> None:
        # A client that was interrupted does not say goodbye.
        error = sys.exception()
        if error and not isinstance(error, ConnectionError):
            self.fail(error)

    def fail(self, error: BaseException) -> None:
        self.failure = self.failure or error


@contextmanager
def serving(server: Loopback) -> Iterator[None]:
    """Serve until the block ends; then raise what failed first, before whatever a client made of that."""
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.002}, daemon=True)
    thread.start()
    try:
        yield
    finally:
        server.ended.set()
        server.shutdown()
        server.server_close()
        thread.join()
        server.hang_up()
        if server.failure:
            raise server.failure
