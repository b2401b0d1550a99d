"""Banners on the customer portal."""

from __future__ import annotations

from dataclasses import dataclass

from portal.markup import render

BANNER = '<div class="banner {level}"><strong>{title}</strong> {body}</div>'
LEVELS = ("info", "warning", "outage")


@dataclass(frozen=True)
class Notice:
    level: str
    title: str
    body: str

    def __post_init__(self) -> None:
        if self.level not in LEVELS:
            raise ValueError(f"unknown level: {self.level!r}")


def banner(notice: Notice) -> str:
    """The HTML of one notice."""
    return render(
        BANNER,
        level=notice.level,
        title=notice.title,
        body=notice.body,
    )


def banners(notices: list[Notice]) -> str:
    """All banners, the gravest first."""
    ordered = sorted(notices, key=lambda n: LEVELS.index(n.level), reverse=True)
    return "\n".join(banner(n) for n in ordered)
