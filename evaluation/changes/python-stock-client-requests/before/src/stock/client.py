"""Client of the stock service."""

from __future__ import annotations

import json
import urllib.error
import urllib.parse
import urllib.request
from typing import Any


class UnknownSku(LookupError):
    pass


class StockClient:
    def __init__(self, base_url: str, token: str) -> None:
        self.base_url = base_url.rstrip("/")
        self._token = token

    def quantity(self, sku: str) -> int:
        """Pieces on hand; 0 for articles that are not kept in stock."""
        url = f"{self.base_url}/articles/{urllib.parse.quote(sku, safe='')}"
        request = urllib.request.Request(url, headers={"Authorization": f"Bearer {self._token}"})
        try:
            with urllib.request.urlopen(request, timeout=10) as answer:
                data = json.load(answer)
        except urllib.error.HTTPError as error:
            if error.code == 404:
                raise UnknownSku(sku) from error
            raise
        return int(data.get("quantity", 0))

    def reserve(self, sku: str, count: int, order: str) -> str:
        """Set pieces aside for an order; the number of the reservation."""
        body = json.dumps({"sku": sku, "count": count, "order": order}).encode()
        request = urllib.request.Request(
            f"{self.base_url}/reservations",
            data=body,
            method="POST",
            headers={
                "Authorization": f"Bearer {self._token}",
                "Content-Type": "application/json",
            },
        )
        try:
            with urllib.request.urlopen(request, timeout=10) as answer:
                data: dict[str, Any] = json.load(answer)
        except urllib.error.HTTPError as error:
            if error.code == 404:
                raise UnknownSku(sku) from error
            raise
        return data["number"]
