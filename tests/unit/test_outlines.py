"""What another process may tell of an outline, and what is believed of it."""

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reviewbot import syntax
from reviewbot._outlines import read, record
from reviewbot._syntax_table import GRAMMARS
from reviewbot.syntax import Definition, Import, Kind, Outline
from tests.support.language_trees import CASES

FILES = [(path, text) for case in CASES for files in (case.before, case.after) for path, text in files.items()]
ODD = st.text(st.sampled_from("(){}[]<>:;,=\"'`#/*@\\ \t\r\n\f\v\0\x85\u2028éß中\udcffdefclassimportfnxy"), max_size=20)


def told(outline: Outline) -> Any:
    """As it comes out of the other process."""
    return json.loads(json.dumps(record(outline)))


def lines(text: str) -> int:
    return text.count("\n") + 1


@st.composite
def texts(draw: st.DrawFn) -> tuple[str, str]:
    """The path and text of a real file, or of one that was cut, torn and spoilt."""
    path, text = draw(st.sampled_from(FILES))
    for _ in range(draw(st.integers(0, 3))):
        start = draw(st.integers(0, len(text)))
        text = text[:start] + draw(ODD) + text[start + draw(st.sampled_from([0, 0, 1, 5, 60])) :]
    return path, text


def test_every_language_has_a_file_here() -> None:
    assert {found.family for found in (syntax.outline(*file) for file in FILES) if found} == {
        grammar.family for grammar in GRAMMARS if grammar.family
    }


@settings(max_examples=300, deadline=None)
@given(texts())
def test_an_outline_comes_back_as_it_was(file: tuple[str, str]) -> None:
    path, text = file
    outline = syntax.outline(path, text)
    assert outline is None or read(told(outline), lines=lines(text)) == outline


OUTLINE = Outline(
    "python",
    (Definition("total", Kind.METHOD, 2, 5, (3, 4), 3),),
    (Import(1, 1, frozenset({"shop", "prices"})),),
    {4: (("total", True), ("price", False))},
)


def test_lines_up_to_the_last_of_a_text_are_believed() -> None:
    assert read(told(OUTLINE), lines=5) == OUTLINE


NONSENSE: dict[str, tuple[str, object]] = {
    "a family that nobody knows": ("family", "pascal"),
    "the family of data": ("family", ""),
    "no family": ("family", None),
    "definitions that are none": ("definitions", "total"),
    "a definition that is none": ("definitions", ["total"]),
    "a name that is none": ("definitions", [[7, "method", 2, 5, 3, 4, 3]]),
    "a kind that is none": ("definitions", [["total", "thing", 2, 5, 3, 4, 3]]),
    "no line of the name": ("definitions", [["total", "method", 2, 5, 3, 4]]),
    "a line that is no number": ("definitions", [["total", "method", 2, 5, 3, 4, "3"]]),
    "a line that is true": ("definitions", [["total", "method", True, 5, 3, 4, 3]]),
    "a part of a line": ("definitions", [["total", "method", 2, 4.5, 3, 4, 3]]),
    "a line before the first": ("definitions", [["total", "method", 0, 5, 3, 4, 3]]),
    "a line after the last": ("definitions", [["total", "method", 2, 6, 3, 4, 3]]),
    "a definition that ends before it begins": ("definitions", [["total", "method", 5, 2, 3, 4, 3]]),
    "a signature after the last line": ("definitions", [["total", "method", 2, 5, 3, 6, 3]]),
    "a signature that ends before it begins": ("definitions", [["total", "method", 2, 5, 4, 3, 3]]),
    "a name after the last line": ("definitions", [["total", "method", 2, 5, 3, 4, 10**9]]),
    "imports that are none": ("imports", {"1": 1}),
    "an import that is none": ("imports", [[1]]),
    "an import after the last line": ("imports", [[1, 6]]),
    "an import of no words": ("imports", [[1, 1, ["shop"]]]),
    "words that are none": ("words", {"4": []}),
    "words of no line": ("words", [[["total", True]]]),
    "words before the first line": ("words", [[0, []]]),
    "a word that is none": ("words", [[4, ["total"]]]),
    "a word that is a number": ("words", [[4, [[1, True]]]]),
    "a call that is a number": ("words", [[4, [["total", 1]]]]),
}


@pytest.mark.parametrize(("key", "value"), NONSENSE.values(), ids=NONSENSE)
def test_nonsense_is_no_outline(key: str, value: object) -> None:
    with pytest.raises(ValueError):
        read(told(OUTLINE) | {key: value}, lines=5)


@pytest.mark.parametrize("key", ["family", "definitions", "imports", "words"])
def test_an_outline_has_all_its_parts(key: str) -> None:
    said = told(OUTLINE)
    del said[key]
    with pytest.raises(ValueError):
        read(said, lines=5)


SCALARS = st.none() | st.booleans() | st.integers(-1, 9) | st.floats() | st.sampled_from(["python", "method", "", "x"])
VALUES = st.recursive(
    SCALARS,
    lambda inner: (
        st.lists(inner, max_size=7) | st.dictionaries(st.sampled_from([*told(OUTLINE), "x"]), inner, max_size=4)
    ),
    max_leaves=20,
)


@settings(max_examples=500, deadline=None)
@given(VALUES | st.fixed_dictionaries({key: VALUES | st.just(value) for key, value in told(OUTLINE).items()}))
def test_whatever_is_told_leads_nowhere_out_of_the_text(said: object) -> None:
    try:
        outline = read(said, lines=5)
    except ValueError:
        return
    spans = [(one.start, one.end) for one in outline.definitions + outline.imports]
    spans += [one.signature for one in outline.definitions]
    assert all(1 <= first <= last <= 5 for first, last in spans)
    assert {*outline.words, *(one.line for one in outline.definitions)} <= set(range(1, 6))
    json.dumps(record(outline))
