"""The embedded model goes on with an answer that met a small limit."""

from dataclasses import replace
from pathlib import Path

import pytest

from reviewbot.calls.resume import LONGEST, Resume
from reviewbot.catalogue import load
from reviewbot.guide import Guide
from reviewbot.ports import Route
from reviewbot.providers import local
from reviewbot.providers._abilities import Abilities
from reviewbot.reply import read
from reviewbot.review import Chunk, Usage
from reviewbot.stages.prompt import prompt
from tests.support.calls import heard
from tests.support.reviews import file, hunk

LIMIT = 160
"""Tokens of an answer: one comment of this model and a part of the next."""

CHANGE = file(
    "app/store.py",
    hunk(
        "+def first(items):",
        "+    return items[0]",
        "+def find(db, name):",
        '+    return db.execute("SELECT * FROM t WHERE n = \'" + name + "\'")',
        "+def ratio(a, b):",
        "+    return a / b",
        "+def load(text):",
        "+    return eval(text)",
    ),
)


@pytest.fixture
def engine(model_cache: Path, monkeypatch: pytest.MonkeyPatch) -> local.Local:
    """The demo's model, whose answers end with the second piece."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(model_cache))
    connected = local.connect(Route("local", load().get("demo"), path=Path()))
    assert isinstance(connected, local.Local)
    brief = Abilities(replace(connected.model, max_output=2 * LIMIT // LONGEST))
    return replace(connected, chat=replace(connected.chat, abilities=brief))


def test_a_real_model_goes_on_where_its_answer_was_cut(engine: local.Local) -> None:
    asked = replace(prompt(Chunk((CHANGE,), 1), guide=Guide()), limit=LIMIT)
    pieces, whole = heard(Resume(engine), asked)
    engine.close()
    used = [place for place, piece in enumerate(pieces) if isinstance(piece, Usage)]
    first = next(piece for piece in reversed(pieces[: used[0]]) if isinstance(piece, str))
    cut, reply = read(first), read(whole.text)
    assert cut is not None
    assert reply is not None
    assert len(used) == 2
    # How many it finds depends on how the machine rounds; what it had said stays, word for word.
    assert reply.drafts[: len(cut.drafts)] == cut.drafts
    assert len(reply.drafts) > len(cut.drafts) > 0
    assert whole.text.count('"comments"') == 1
