"""Sends one event to the targets that want it."""

from __future__ import annotations

import logging
from typing import Any

import requests

from hooks.targets import Target

log = logging.getLogger(__name__)


def deliver(targets: list[Target], event: str, body: dict[str, Any]) -> list[str]:
    """Post `body` to each target; the URLs that did not take it."""
    failed = []
    for target in targets:
        if not target.wants(event):
            continue
        try:
            answer = requests.post(
                target.url,
                json={"event": event, "data": body},
                timeout=target.timeout,
                verify=target.verify_tls,
            )
            answer.raise_for_status()
        except requests.RequestException as error:
            log.warning("%s: %s not delivered: %s", target.url, event, error)
            failed.append(target.url)
    return failed
