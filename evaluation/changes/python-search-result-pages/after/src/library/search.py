"""Search in the catalogue."""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass

PAGE_SIZE = 20
MAX_PAGE = 500
MAX_WORDS = 8


@dataclass(frozen=True)
class Hit:
    id: int
    title: str
    author: str


@dataclass(frozen=True)
class Page:
    """Pages are numbered from 1."""

    number: int
    hits: list[Hit]
    has_next: bool

    @property
    def has_previous(self) -> bool:
        return self.number > 1


def _pattern(word: str) -> str:
    escaped = word.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
    return f"%{escaped}%"


def search(db: sqlite3.Connection, text: str, number: int = 1, size: int = PAGE_SIZE) -> Page:
    """One page of the books with all the words in title or author."""
    number = min(max(number, 1), MAX_PAGE)
    words = text.split()[:MAX_WORDS]
    if not words:
        return Page(1, [], False)
    where = " AND ".join(["(title LIKE ? ESCAPE '\\' OR author LIKE ? ESCAPE '\\')"] * len(words))
    args = [pattern for word in words for pattern in [_pattern(word)] * 2]
    rows = db.execute(
        f"SELECT id, title, author FROM books WHERE {where} ORDER BY title, id LIMIT ? OFFSET ?",
        [*args, size + 1, (number - 1) * size],
    )
    hits = [Hit(*row) for row in rows]
    return Page(number, hits[:size], len(hits) > size and number < MAX_PAGE)
