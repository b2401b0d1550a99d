"""Client of the stock service."""

from __future__ import annotations

import logging
from typing import Any
from urllib.parse import quote

import requests

log = logging.getLogger(__name__)

# seconds to connect, seconds to wait for data
TIMEOUT = (3.05, 10)


class UnknownSku(LookupError):
    pass


class StockClient:
    """Not for use by several threads at once: it holds one session."""

    def __init__(self, base_url: str, token: str) -> None:
        self.base_url = base_url.rstrip("/")
        self._session = requests.Session()
        self._session.headers["Authorization"] = f"Bearer {token}"
        self._session.headers["Accept"] = "application/json"

    def quantity(self, sku: str) -> int:
        """Pieces on hand; 0 for articles that are not kept in stock."""
        data = self._call("GET", f"/articles/{quote(sku, safe='')}", sku)
        return int(data.get("quantity", 0))

    def reserve(self, sku: str, count: int, order: str) -> str:
        """Set pieces aside for an order; the number of the reservation."""
        body = {"sku": sku, "count": count, "order": order}
        return self._call("POST", "/reservations", sku, body)["number"]

    def close(self) -> None:
        self._session.close()

    def __enter__(self) -> StockClient:
        return self

    def __exit__(self, *exc: object) -> None:
        self.close()

    def _call(self, method: str, path: str, sku: str, body: dict[str, Any] | None = None) -> dict[str, Any]:
        url = self.base_url + path
        log.info("%s %s headers=%s", method, url, dict(self._session.headers))
        answer = self._session.request(method, url, json=body, timeout=TIMEOUT)
        if answer.status_code == 404:
            raise UnknownSku(sku)
        return answer.json()
