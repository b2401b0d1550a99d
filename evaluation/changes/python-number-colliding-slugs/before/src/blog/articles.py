"""Storing articles."""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass

from blog.slugs import slugify

SCHEMA = """
CREATE TABLE IF NOT EXISTS articles (
    id INTEGER PRIMARY KEY,
    slug TEXT NOT NULL UNIQUE,
    title TEXT NOT NULL,
    body TEXT NOT NULL
)
"""


@dataclass(frozen=True)
class Article:
    id: int
    slug: str
    title: str
    body: str


class ArticleStore:
    """The articles of one blog, a few hundred at most.

    The editor is the only program that writes, and it has one thread.
    """

    def __init__(self, db: sqlite3.Connection) -> None:
        self._db = db
        self._db.execute(SCHEMA)

    def add(self, title: str, body: str) -> Article:
        slug = slugify(title)
        with self._db:
            cursor = self._db.execute(
                "INSERT INTO articles (slug, title, body) VALUES (?, ?, ?)", (slug, title, body)
            )
        return Article(cursor.lastrowid, slug, title, body)

    def by_slug(self, slug: str) -> Article | None:
        row = self._db.execute("SELECT id, slug, title, body FROM articles WHERE slug = ?", (slug,)).fetchone()
        return Article(*row) if row else None

    def rename(self, article: Article, title: str) -> Article:
        """Change the title. The slug stays, so that links go on working."""
        with self._db:
            self._db.execute("UPDATE articles SET title = ? WHERE id = ?", (title, article.id))
        return Article(article.id, article.slug, title, article.body)
