"""Settings of the mailer."""

from __future__ import annotations

import configparser
from dataclasses import dataclass
from pathlib import Path


class BadSettings(Exception):
    pass


@dataclass(frozen=True)
class Settings:
    host: str
    port: int
    starttls: bool
    sender: str
    allowed_domains: tuple[str, ...]
    max_per_minute: int


def load(path: Path) -> Settings:
    """Read mailer.ini; raises BadSettings."""
    parser = configparser.ConfigParser()
    if not parser.read(path, encoding="utf-8"):
        raise BadSettings(f"{path}: no such file")
    try:
        smtp = parser["smtp"]
        limits = parser["limits"]
        return Settings(
            host=smtp["host"],
            port=smtp.getint("port", 587),
            starttls=smtp.getboolean("starttls", True),
            sender=smtp["sender"],
            allowed_domains=tuple(
                domain.strip().lower() for domain in limits["allowed_domains"].split(",") if domain.strip()
            ),
            max_per_minute=limits.getint("max_per_minute", 60),
        )
    except (KeyError, ValueError) as error:
        raise BadSettings(f"{path}: {error}") from error
