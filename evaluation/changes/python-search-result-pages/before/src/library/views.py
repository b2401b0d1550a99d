"""Pages of the catalogue."""

from __future__ import annotations

from flask import Blueprint, render_template, request

from library.db import connection
from library.search import search

bp = Blueprint("catalogue", __name__)


@bp.get("/search")
def search_page():
    text = request.args.get("q", "")
    with connection() as db:
        hits = search(db, text)
    return render_template("search.html", text=text, hits=hits)


@bp.get("/books/<int:book_id>")
def book_page(book_id: int):
    with connection() as db:
        row = db.execute("SELECT id, title, author, shelf FROM books WHERE id = ?", (book_id,)).fetchone()
    if row is None:
        return render_template("missing.html"), 404
    return render_template("book.html", book=row)
