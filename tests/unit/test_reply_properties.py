import json
from collections.abc import Sequence

from hypothesis import given
from hypothesis import strategies as st

from reviewbot.diff import Side
from reviewbot.finding import Category, Draft, DropReason, Severity
from reviewbot.reply import read

TEXT = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0") | st.sampled_from('"\\{}[]:,`\n'))
CODE = TEXT | st.sampled_from(['{"path": "x", "quote": "y", "body": "z"}', '{"comments": []}', "</think>", "```"])
DRAFTS = st.builds(
    Draft,
    path=TEXT.map(str.strip).filter(bool),
    line=st.none() | st.integers(1, 10**9 - 1),
    side=st.sampled_from(Side),
    quote=CODE.filter(bool),
    severity=st.sampled_from(Severity),
    category=st.sampled_from(Category).filter(lambda category: category is not Category.SECRET),
    title=TEXT.map(lambda text: " ".join(text.split())).filter(bool),
    body=CODE.map(str.strip).filter(bool),
    suggestion=st.none() | CODE.filter(lambda text: text.strip().lower() not in {"null", "none", "n/a"}),
    confidence=st.floats(0, 1),
)
ANSWERS = st.lists(DRAFTS, min_size=1, max_size=4)
NAMES = ("path", "line", "side", "quote", "severity", "category", "title", "body", "suggestion", "confidence")


def fields(draft: Draft) -> dict[str, object]:
    return {name: getattr(draft, name) for name in NAMES}


def written(drafts: Sequence[Draft], indent: int | None = None) -> str:
    return json.dumps({"comments": [*map(fields, drafts)]}, ensure_ascii=False, indent=indent)


@given(ANSWERS, st.sampled_from([None, 0, 2]), st.sampled_from(["{}", "```json\n{}\n```", "So {{it}} is:\n{}\nDone."]))
def test_what_is_written_by_the_contract_is_read_back(drafts: list[Draft], indent: int | None, around: str) -> None:
    reply = read(around.format(written(drafts, indent)))
    assert reply is not None
    assert (list(reply.drafts), reply.malformed) == (drafts, ())


@given(st.data(), ANSWERS)
def test_every_comment_before_a_cut_survives_and_none_is_made_up(data: st.DataObject, drafts: list[Draft]) -> None:
    ends = [len(written(drafts[: count + 1])) - len("]}") for count in range(len(drafts))]
    cut = data.draw(st.integers(0, len(written(drafts))))
    reply = read(written(drafts)[:cut])
    kept = [draft for draft, end in zip(drafts, ends, strict=True) if end <= cut]
    assert list(reply.drafts if reply else ()) == kept


@given(st.text(), st.binary())
def test_any_text_is_read_without_an_error(text: str, raw: bytes) -> None:
    for answer in (text, raw.decode("utf-8", "surrogateescape"), f'{{"comments": [{{"path": {text}'):
        reply = read(answer)
        assert reply is None or all(drop.reason is DropReason.MALFORMED for drop in reply.malformed)


COMMENT = ['{"path": "a"', ', "quote": "b"', ', "body": "c"', "{'path': 'a'", "{path: a", "null", "NaN", "1e999", ": "]
FRAME = [
    '{"comments": [',
    "]}",
    "}",
    ",",
    "[",
    "]",
    "'",
    '"',
    "\\",
    "{",
    "```",
    "\n",
    "<think>",
    "</think>",
    "\0",
    "\ud800",
]
PIECES = st.sampled_from(COMMENT + FRAME)


@given(st.lists(PIECES | st.text(max_size=3)))
def test_any_mixture_of_what_answers_are_made_of_is_read_without_an_error(pieces: list[str]) -> None:
    reply = read("".join(pieces))
    drafts = reply.drafts if reply else ()
    assert all(draft.path and draft.quote and draft.body for draft in drafts)
    for draft in drafts:
        assert f"{draft}".encode()


@given(st.data(), ANSWERS, st.text(max_size=4))
def test_any_mutation_of_an_answer_is_read_without_an_error(
    data: st.DataObject, drafts: list[Draft], inserted: str
) -> None:
    text = written(drafts)
    start = data.draw(st.integers(0, len(text)))
    stop = data.draw(st.integers(start, min(len(text), start + 5)))
    reply = read(text[:start] + inserted + text[stop:])
    assert reply is None or all(draft.path and draft.quote and draft.body for draft in reply.drafts)
