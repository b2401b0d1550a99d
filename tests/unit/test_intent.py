import pytest
from hypothesis import given
from hypothesis import strategies as st

from reviewbot.intent import MOST, intent

SAID: dict[str, tuple[str, str, str]] = {
    "a title alone": (" Cache the rates ", "", "Cache the rates"),
    "a description alone": ("", "Because.\n", "Because."),
    "nothing": ("", " \n\n", ""),
    "a title and paragraphs": ("T", "one\ntwo\n\nthree", "T\n\none\ntwo\n\nthree"),
    "line ends of a web form": ("T", "one\r\n\r\ntwo  \r\n", "T\n\none\n\ntwo"),
    "what a template asks": ("T", "<!-- Describe\nyour change -->\nIt is faster.", "T\n\nIt is faster."),
    "a comment that never ends": ("T", "It is faster.\n<!-- Describe", "T\n\nIt is faster."),
    "who, and not what": (
        "T",
        "Why.\n\nSigned-off-by: Ada <ada@example.com>\nCo-authored-by: Bob <b@example.com>",
        "T\n\nWhy.",
    ),
    "words with a colon": ("T", "Note: this is slow\nnon-goal: speed", "T\n\nNote: this is slow\nnon-goal: speed"),
    "room where something was taken out": ("T", "one\n\n<!-- x -->\n\ntwo", "T\n\none\n\ntwo"),
}


@pytest.mark.parametrize(("title", "description", "said"), SAID.values(), ids=SAID.keys())
def test_what_an_author_says_is_kept_and_what_machines_add_is_not(title: str, description: str, said: str) -> None:
    assert intent(title, description) == said


@given(st.text(max_size=200), st.text(max_size=200))
def test_any_words_become_paragraphs(title: str, description: str) -> None:
    said = intent(title, description)
    assert said == said.strip()
    assert "\n\n\n" not in said.removeprefix(title.strip())


def test_what_is_endless_is_cut() -> None:
    assert intent("T", "word " * 10_000).startswith("T\n\nword word")
    assert len(intent("T", "word " * 10_000)) <= MOST
