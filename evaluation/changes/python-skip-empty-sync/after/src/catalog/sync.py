"""Pulls the supplier's catalogue into our own tables."""

from __future__ import annotations

import logging

from catalog.pool import ConnectionPool
from catalog.remote import SupplierApi

log = logging.getLogger(__name__)


class CatalogSync:
    def __init__(self, pool: ConnectionPool, api: SupplierApi) -> None:
        self._pool = pool
        self._api = api

    def run(self, supplier: str) -> int:
        """Copy what changed since the last run; the number of items written.

        Nothing is written when the supplier reports no changes.
        """
        conn = self._pool.take()
        try:
            since = conn.last_revision(supplier)
            items = self._api.changes(supplier, since)
            if not items:
                log.debug("%s: nothing new since %s", supplier, since)
                return 0
            conn.begin()
            for item in items:
                conn.upsert_item(supplier, item)
            revision = self._api.revision(supplier)
            conn.set_revision(supplier, revision)
            conn.commit()
        except Exception:
            # its state is unknown, so it must not go back to the others
            self._pool.discard(conn)
            raise
        self._pool.give_back(conn)
        log.info("%s: %d items, now at %s", supplier, len(items), revision)
        return len(items)

    def run_all(self, suppliers: list[str]) -> dict[str, int]:
        counts = {}
        for supplier in suppliers:
            counts[supplier] = self.run(supplier)
        return counts
