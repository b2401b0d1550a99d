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


def titles(page):
    return [hit.title for hit in page.hits]


def test_all_words_must_match(db):
    add(db, "Birds of the coast", "Birds of the hills")
    assert titles(search(db, "coast birds")) == ["Birds of the coast"]


def test_percent_is_no_wildcard(db):
    add(db, "100 % wool", "100 sheep")
    assert titles(search(db, "100 %")) == ["100 % wool"]


def test_no_words(db):
    add(db, "Birds")
    page = search(db, "  ", 3)
    assert (page.number, page.hits, page.has_next) == (1, [], False)


def test_pages(db):
    add(db, *(f"Birds {n}" for n in range(1, 6)))
    first = search(db, "birds", 1, size=2)
    assert titles(first) == ["Birds 1", "Birds 2"]
    assert first.has_next and not first.has_previous
    last = search(db, "birds", 3, size=2)
    assert titles(last) == ["Birds 5"]
    assert last.has_previous and not last.has_next


def test_full_last_page_has_no_next(db):
    add(db, "Birds 1", "Birds 2")
    assert not search(db, "birds", 1, size=2).has_next


def test_numbers_below_one_give_the_first_page(db):
    add(db, "Birds")
    assert search(db, "birds", -4).number == 1
