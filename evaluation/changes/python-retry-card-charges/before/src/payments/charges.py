"""Charges cards through the payment gateway."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from typing import Any

import requests

log = logging.getLogger(__name__)

TIMEOUT = 8.0


class ChargeFailed(Exception):
    """The gateway refused the charge; the reason is the message."""


@dataclass(frozen=True)
class Charge:
    id: str
    order: str
    cents: int


class Charges:
    def __init__(self, base_url: str, session: requests.Session) -> None:
        self._base_url = base_url.rstrip("/")
        self._session = session

    def create(self, order: str, cents: int, card: str) -> Charge:
        """Charge a card. Raises ChargeFailed, or requests' errors."""
        if cents <= 0:
            raise ValueError(f"nothing to charge: {cents}")
        answer = self._session.post(
            f"{self._base_url}/charges",
            json={"reference": order, "amount": cents, "card": card},
            timeout=TIMEOUT,
        )
        data = self._checked(answer)
        log.info("order %s: charged %d cents", order, cents)
        return Charge(data["id"], order, cents)

    def refund(self, charge: Charge) -> str:
        answer = self._session.post(f"{self._base_url}/charges/{charge.id}/refunds", timeout=TIMEOUT)
        return self._checked(answer)["id"]

    @staticmethod
    def _checked(answer: requests.Response) -> dict[str, Any]:
        if answer.status_code == 402:
            raise ChargeFailed(answer.json()["reason"])
        answer.raise_for_status()
        return answer.json()
