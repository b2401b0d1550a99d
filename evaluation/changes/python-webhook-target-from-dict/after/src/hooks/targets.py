"""Where webhooks go, read from the settings."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Target:
    url: str
    events: frozenset[str]
    timeout: float
    verify_tls: bool

    def wants(self, event: str) -> bool:
        return not self.events or event in self.events


def parse_target(raw: dict[str, Any]) -> Target:
    return Target(
        url=raw["url"],
        events=frozenset(raw.get("events", ())),
        timeout=float(raw.get("timeout", 5.0)),
        verify_tls=bool(raw.get("verify_tls")),
    )


def parse_targets(raw: list[dict[str, Any]]) -> list[Target]:
    """Targets in the order of the settings file; duplicates are an error."""
    targets = [parse_target(entry) for entry in raw]
    urls = [t.url for t in targets]
    if len(set(urls)) != len(urls):
        raise ValueError("a webhook URL is listed twice")
    return targets
