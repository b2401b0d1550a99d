"""Readable parts of article URLs."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Container

MAX_LENGTH = 60

_NOT_WORD = re.compile(r"[^a-z0-9]+")


def slugify(title: str) -> str:
    """A title in lower-case ASCII, words joined by hyphens."""
    plain = unicodedata.normalize("NFKD", title).encode("ascii", "ignore").decode()
    slug = _NOT_WORD.sub("-", plain.lower()).strip("-")
    return slug[:MAX_LENGTH].rstrip("-") or "article"


def unique_slug(title: str, taken: Container[str]) -> str:
    """The slug of a title, with -2, -3 … at its end when it is taken.

    Never longer than MAX_LENGTH: the words give way to the number.
    """
    slug = slugify(title)
    candidate = slug
    number = 1
    while candidate in taken:
        number += 1
        suffix = f"-{number}"
        candidate = slug[: MAX_LENGTH - len(suffix)].rstrip("-") + suffix
    return candidate


def is_slug(text: str) -> bool:
    """Whether a text could be a slug; the router asks before the database."""
    return bool(text) and slugify(text) == text
