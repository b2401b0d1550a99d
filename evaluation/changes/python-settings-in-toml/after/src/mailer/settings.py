"""Settings of the mailer."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Any


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


def _get(table: dict[str, Any], key: str, kind: type, default: Any = None) -> Any:
    """A value of the right type; without a default the key must be there."""
    value = table.get(key, default)
    if value is None:
        raise BadSettings(f"{key} is missing")
    # bool is a subclass of int, but `port = true` is a mistake
    if type(value) is not kind:
        raise BadSettings(f"{key} must be {kind.__name__}, not {type(value).__name__}")
    return value


def _domains(limits: dict[str, Any]) -> tuple[str, ...]:
    domains = _get(limits, "allowed_domains", list)
    if not all(isinstance(domain, str) for domain in domains):
        raise BadSettings("allowed_domains must be a list of strings")
    return tuple(domain.strip().lower() for domain in domains if domain.strip())


def load(path: Path) -> Settings:
    """Read mailer.toml; raises BadSettings."""
    try:
        data = tomllib.loads(path.read_text(encoding="utf-8"))
        smtp = _get(data, "smtp", dict)
        limits = _get(data, "limits", dict)
        return Settings(
            host=_get(smtp, "host", str),
            port=_get(smtp, "port", int, 587),
            starttls=_get(smtp, "starttls", bool, True),
            sender=_get(smtp, "sender", str),
            allowed_domains=_domains(limits),
            max_per_minute=_get(limits, "max_per_minute", int, 60),
        )
    except (OSError, ValueError, BadSettings) as error:
        # ValueError: neither UTF-8 nor TOML
        raise BadSettings(f"{path}: {error}") from error
