import sqlite3

import pytest

from blog.articles import ArticleStore


@pytest.fixture
def store():
    db = sqlite3.connect(":memory:")
    yield ArticleStore(db)
    db.close()


def test_slug_comes_from_the_title(store):
    assert store.add("Überraschung im März!", "").slug == "uberraschung-im-marz"


def test_rename_keeps_the_slug(store):
    article = store.rename(store.add("Draft", ""), "Final")
    assert article.slug == "draft"
    assert store.by_slug("draft") == article
