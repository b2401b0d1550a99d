"""The few lines of templating the portal needs."""

from __future__ import annotations

from html import escape


class Safe(str):
    """Text that is HTML already and is put in as it is."""


def _field(value: object) -> str:
    if isinstance(value, Safe):
        return value
    return escape(str(value), quote=True)


def render(template: str, **fields: object) -> Safe:
    """Fill the {names} of a template; every value is escaped unless it is Safe."""
    return Safe(template.format_map({name: _field(value) for name, value in fields.items()}))


def join(parts: list[Safe], sep: str = "") -> Safe:
    return Safe(sep.join(parts))
