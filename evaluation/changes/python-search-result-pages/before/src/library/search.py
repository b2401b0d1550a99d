"""Search in the catalogue."""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass

LIMIT = 20
MAX_WORDS = 8


@dataclass(frozen=True)
class Hit:
    id: int
    title: str
    author: str


def _pattern(word: str) -> str:
    escaped = word.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
    return f"%{escaped}%"


def search(db: sqlite3.Connection, text: str) -> list[Hit]:
    """Books with all the words in title or author."""
    words = text.split()[:MAX_WORDS]
    if not words:
        return []
    where = " AND ".join(["(title LIKE ? ESCAPE '\\' OR author LIKE ? ESCAPE '\\')"] * len(words))
    args = [pattern for word in words for pattern in [_pattern(word)] * 2]
    rows = db.execute(
        f"SELECT id, title, author FROM books WHERE {where} ORDER BY title LIMIT ?",
        [*args, LIMIT],
    )
    return [Hit(*row) for row in rows]
