"""A small fixed-size pool of database connections."""

from __future__ import annotations

import queue
from collections.abc import Callable

from catalog.db import Connection


class ConnectionPool:
    """Hands out at most `size` connections; take() waits for a free one."""

    def __init__(self, connect: Callable[[], Connection], size: int = 4) -> None:
        self._connect = connect
        self._free: queue.Queue[Connection] = queue.Queue()
        for _ in range(size):
            self._free.put(connect())

    def take(self) -> Connection:
        return self._free.get()

    def give_back(self, conn: Connection) -> None:
        self._free.put(conn)

    def discard(self, conn: Connection) -> None:
        """Close a broken connection and put a new one in its place."""
        conn.close()
        self._free.put(self._connect())
