import sqlite3

import pytest

from library.search import search


@pytest.fixture
def db():
    db = sqlite3.connect(":memory:")
    db.execute("CREATE TABLE books (id INTEGER PRIMARY KEY, title TEXT, author TEXT)")
    yield db
    db.close()


def add(db, *titles):
    db.executemany("INSERT INTO books (title, author) VALUES (?, 'Unknown')", [(t,) for t in titles])


def test_all_words_must_match(db):
    add(db, "Birds of the coast", "Birds of the hills")
    assert [hit.title for hit in search(db, "coast birds")] == ["Birds of the coast"]


def test_percent_is_no_wildcard(db):
    add(db, "100 % wool", "100 sheep")
    assert [hit.title for hit in search(db, "100 %")] == ["100 % wool"]


def test_no_words(db):
    add(db, "Birds")
    assert search(db, "  ") == []
