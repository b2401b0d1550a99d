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
        """Copy what changed since the last run; the number of items written."""
        conn = self._pool.take()
        try:
            since = conn.last_revision(supplier)
            items = self._api.changes(supplier, since)
            conn.begin()
            for item in items:
                conn.upsert_item(supplier, item)
            conn.set_revision(supplier, self._api.revision(supplier))
            conn.commit()
        except Exception:
            # its state is unknown, so it must not go back to the others
            self._pool.discard(conn)
            raise
        self._pool.give_back(conn)
        log.info("%s: %d items", supplier, len(items))
        return len(items)

    def run_all(self, suppliers: list[str]) -> dict[str, int]:
        counts = {}
        for supplier in suppliers:
            counts[supplier] = self.run(supplier)
        return counts
