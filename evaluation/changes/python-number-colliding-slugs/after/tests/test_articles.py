import sqlite3

import pytest

from blog.articles import ArticleStore
from blog.slugs import MAX_LENGTH, unique_slug


@pytest.fixture
def store():
    db = sqlite3.connect(":memory:")
    yield ArticleStore(db)
    db.close()


def test_slug_comes_from_the_title(store):
    assert store.add("Überraschung im März!", "").slug == "uberraschung-im-marz"


def test_same_titles_are_numbered(store):
    slugs = [store.add("Release notes", "").slug for _ in range(3)]
    assert slugs == ["release-notes", "release-notes-2", "release-notes-3"]


def test_number_that_is_taken_is_skipped(store):
    store.add("Release notes", "")
    store.add("Release notes 2", "")
    assert store.add("Release notes", "").slug == "release-notes-3"


def test_titles_without_letters(store):
    assert [store.add("???", "").slug for _ in range(2)] == ["article", "article-2"]


@pytest.mark.parametrize("title", ["x" * 80, "ab " * 30, "y" * 57 + " z"])
def test_numbered_slugs_are_not_too_long(title):
    first = unique_slug(title, set())
    second = unique_slug(title, {first})
    assert second != first
    assert second.endswith("-2")
    assert "--" not in second
    assert len(second) <= MAX_LENGTH


def test_rename_keeps_the_slug(store):
    article = store.rename(store.add("Draft", ""), "Final")
    assert article.slug == "draft"
    assert store.by_slug("draft") == article
