"""Accounts, as far as the usage pages need them."""

from __future__ import annotations

from dataclasses import dataclass
from zoneinfo import ZoneInfo

DEFAULT_ZONE = "UTC"


@dataclass(frozen=True)
class Account:
    id: int
    name: str
    zone_name: str = DEFAULT_ZONE

    @property
    def zone(self) -> ZoneInfo:
        """The zone the owner chose in the settings (checked when saved)."""
        return ZoneInfo(self.zone_name)
