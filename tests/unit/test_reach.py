import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reviewbot.reply import OPENING, begins_anew, reach, read

COMMENTS = [
    {"quote": "x = {[\"'\\", "path": "a.py", "line": 1, "body": 'He said: "no, }, ]". 编码 😀'},
    {"quote": "}]}", "path": "b.py", "line": 2, "body": '", "body": "', "suggestion": None},
    {"quote": '{"comments": [', "path": "c.py", "line": 3, "body": "```"},
]
WRITTEN = [json.dumps(comment) for comment in COMMENTS] + [json.dumps(COMMENTS[0], ensure_ascii=False)]
WHOLE = OPENING + ", ".join(WRITTEN) + "]}"
ENDS = [len(OPENING + ", ".join(WRITTEN[:count])) for count in range(1, len(WRITTEN) + 1)]


@given(st.integers(0, len(WHOLE) - 2))
def test_an_answer_that_breaks_off_anywhere_reaches_to_its_last_whole_comment(cut: int) -> None:
    assert reach(WHOLE[:cut]) == max((end for end in ENDS if end <= cut), default=0)


def test_what_is_reached_can_be_read() -> None:
    for count, end in enumerate(ENDS, 1):
        reply = read(WHOLE[:end])
        assert reply is not None
        assert len(reply.drafts) == count
        assert reply.malformed == ()


@pytest.mark.parametrize("text", ["", OPENING, "Sure:", '{"comments": [{"quote": "x", "path": "a"'])
def test_an_answer_without_a_whole_comment_reaches_nowhere(text: str) -> None:
    assert reach(text) == 0


def test_an_answer_begins_as_the_form_does() -> None:
    assert WHOLE.startswith(OPENING)
    assert begins_anew(OPENING)


@pytest.mark.parametrize(
    ("text", "anew"),
    [
        (WHOLE, True),
        (" \n" + WHOLE, True),
        ("```json\n" + WHOLE, True),
        ("\n```", True),
        ("{'comments': [", True),
        ('{"comm', False),
        (WRITTEN[0], False),
        (", " + WRITTEN[0], False),
        ("]}", False),
        ("", False),
        ("]}\n```json", False),
    ],
)
def test_an_answer_begins_anew_where_the_form_or_a_fence_comes_first(text: str, *, anew: bool) -> None:
    assert begins_anew(text) is anew
