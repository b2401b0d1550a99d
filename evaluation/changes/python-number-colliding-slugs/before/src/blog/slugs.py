"""Readable parts of article URLs."""

from __future__ import annotations

import re
import unicodedata

MAX_LENGTH = 60

_NOT_WORD = re.compile(r"[^a-z0-9]+")


def slugify(title: str) -> str:
    """A title in lower-case ASCII, words joined by hyphens."""
    plain = unicodedata.normalize("NFKD", title).encode("ascii", "ignore").decode()
    slug = _NOT_WORD.sub("-", plain.lower()).strip("-")
    return slug[:MAX_LENGTH].rstrip("-") or "article"


def is_slug(text: str) -> bool:
    """Whether a text could be a slug; the router asks before the database."""
    return bool(text) and slugify(text) == text
