import pytest
from hypothesis import given
from hypothesis import strategies as st

from reviewbot.intent import MOST, intent, shortened

SAID: dict[str, tuple[str, str, str]] = {
    "a title alone": (" Cache the rates ", "", "Cache the rates"),
    "a description alone": ("", "Because.\n", "Because."),
    "nothing": ("", " \n\n", ""),
    "a title and paragraphs": ("T", "one\ntwo\n\nthree", "T\n\none\ntwo\n\nthree"),
    "line ends of a web form": ("T", "one\r\n\r\ntwo  \r\n", "T\n\none\n\ntwo"),
    "what a template asks": ("T", "<!-- Describe\nyour change -->\nIt is faster.", "T\n\nIt is faster."),
    "a comment that never ends": ("T", "Escape `<!--` too.\n\nAnd more.", "T\n\nEscape `<!--` too.\n\nAnd more."),
    "a header that is no trailer": (
        "T",
        "X-Forwarded-For: is read now\nand trusted.",
        "T\n\nX-Forwarded-For: is read now\nand trusted.",
    ),
    "a trailer that goes on": ("T", "Why.\n\nReviewed-by: Ada,\n  Bob\n", "T\n\nWhy."),
    "a paragraph that begins with blanks": ("T", "Why.\n\n    code()\n", "T\n\nWhy.\n\n    code()"),
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


def test_what_is_endless_is_not_looked_at() -> None:
    assert len(intent("T", "word " * 100_000)) <= MOST + len("T\n\n")


@given(st.text(st.characters(), max_size=60), st.integers(0, 80))
def test_a_cut_text_takes_no_more_than_it_may_and_says_that_it_is_cut(text: str, most: int) -> None:
    said = shortened(text, most)
    size = len(text.encode("utf-8", "surrogatepass"))
    assert said == text if size <= most else len(said.encode("utf-8", "surrogatepass")) <= most
    assert size <= most or said == "" or (said.endswith(" …") and text.startswith(said.removesuffix(" …")))
