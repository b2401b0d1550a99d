import json

import pytest

from reviewbot.reply import EXAMPLE, Reply, read


def comment(name: str = "a", **fields: object) -> str:
    return json.dumps({"path": f"{name}.py", "line": 1, "quote": f"{name} = 1", "body": f"About {name}."} | fields)


def paths(text: str) -> list[str] | None:
    """The paths of all drafts of an answer, None where it is not usable."""
    reply = read(text)
    return None if reply is None else [draft.path.removesuffix(".py") for draft in reply.drafts]


A, B, C = comment("a"), comment("b"), comment("c")
ANSWER = f'{{"comments": [{A}, {B}]}}'
FORM = '{"comments": [{"path": "path/to/file", "quote": "the line", "body": "what is wrong"}]}'
PATH_ONLY = '{"path": "a"}'


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param(ANSWER, "ab", id="as asked"),
        pytest.param(f"\ufeff{ANSWER}", "ab", id="byte order mark"),
        pytest.param(ANSWER.replace(" ", "\0 "), "ab", id="NUL"),
        pytest.param(f"```json\n{ANSWER}\n```", "ab", id="fence"),
        pytest.param(f"~~~\n{ANSWER}\n~~~", "ab", id="other fence"),
        pytest.param(f"```json\n[{A}]\n```\nand\n```json\n[{B}]\n```", "ab", id="two fences"),
        pytest.param(f"Sure! Here {{it}} is [all]:\n{ANSWER}\nHope it's of use.", "ab", id="prose around"),
        pytest.param(f"First: {A}\nSecond: {B}\nThat's all.", "ab", id="prose between"),
        pytest.param(f"[{A}, {B}]", "ab", id="bare list"),
        pytest.param(A, "a", id="one comment"),
        pytest.param(f"{A}\n{B}\n", "ab", id="one comment a line"),
        pytest.param(f"{A},{B}", "ab", id="comments without a list"),
        pytest.param(f"{ANSWER}\n{ANSWER}", "abab", id="two answers"),
        pytest.param(f'{{"comments": {A}}}', "a", id="one comment in place of the list"),
        pytest.param(f'{{"findings": [{A}]}}', "a", id="another wrapper"),
        pytest.param(f'{{"remarks": [{A}]}}', "a", id="a wrapper nobody knows"),
        pytest.param(f'{{"review": {{"summary": "ok", "comments": [{A}]}}}}', "a", id="a wrapper in a wrapper"),
        pytest.param(f'[{{"comments": [{A}]}}, {{"comments": [{B}]}}]', "ab", id="wrappers in a list"),
        pytest.param(f'{{"issues": [{A}], "comments": [{B}]}}', "ab", id="two wrappers"),
        pytest.param(f"<think>Is {C} so? No.</think>\n{ANSWER}", "ab", id="thinking"),
        pytest.param(f"\ufeff\n <think>Is [{C}] so? No.</think>{ANSWER}", "ab", id="thinking on one line"),
        pytest.param(f"Is {C} so? No.\n</think>\n{ANSWER}", "ab", id="thinking without its begin"),
        pytest.param(comment("a", quote="a\n</think>"), "a", id="an answer about thinking"),
        pytest.param('{"comments": []}', "", id="nothing"),
        pytest.param('{"comments": null}', "", id="null"),
        pytest.param("[]", "", id="an empty list"),
        pytest.param("No defects.\n\n```json\n[ ]\n```", "", id="an empty list in a fence"),
        pytest.param('{"issues": []}', "", id="nothing in another wrapper"),
        pytest.param('{"comments": ["none"]}', "", id="only text"),
    ],
)
def test_an_answer_is_read_however_it_is_wrapped(text: str, expected: str) -> None:
    assert paths(text) == list(expected)


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("", id="nothing"),
        pytest.param("No problems found.", id="prose"),
        pytest.param("`x = []` is fine, so is {}.", id="code"),
        pytest.param("{}", id="an empty object"),
        pytest.param('{"tags": []}', id="an empty list of something"),
        pytest.param('{"path": "a.py", "line": 3}', id="no claim"),
        pytest.param('{"error": {"message": "overloaded", "code": 529}}', id="an error"),
        pytest.param("[[1, 2], [3]]", id="numbers"),
        pytest.param('{"a": {"b": {"c": {"d": {"comments": []}}}}}', id="something deep"),
        pytest.param('{"comments": [', id="cut at once"),
        pytest.param(ANSWER[:30], id="cut in the first comment"),
        pytest.param(f"<think>Is {A} so?", id="thinking that does not end"),
        pytest.param(f'[{{"path": "a", "quote": "b" {C}', id="one that is broken beyond reading"),
    ],
)
def test_text_without_an_answer_is_not_usable(text: str) -> None:
    assert read(text) is None


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param(f'{{"comments": [{A}, {B}, {C[:30]}', "ab", id="cut in a comment"),
        pytest.param(f'{{"comments": [{A}, {B}', "ab", id="cut after a comment"),
        pytest.param(f'{{"comments": [{A}, {B}, ', "ab", id="cut after a comma"),
        pytest.param(f"[{A}, {B}, {C[:-1]}", "ab", id="cut before the last brace"),
        pytest.param(f'{{"comments": [{A}, {B},]}}', "ab", id="a comma after the last comment"),
        pytest.param(f'{{"comments": [{A[:-1]},}}, {B}]}}', "ab", id="a comma after the last field"),
        pytest.param(f'{{"comments": [{A} {B}]}}', "ab", id="no comma between comments"),
        pytest.param(f'{{"comments": [{A.replace(", ", " ")}, {B}]}}', "ab", id="no comma between fields"),
        pytest.param(f'{{"comments": [{PATH_ONLY}, {A}, {B},]}}', "ab", id="a bad comment among good ones"),
        pytest.param("{'comments': [{'path': 'a.py', 'quote': 'x', 'body': 'y', 'line': None}]}", "a", id="Python"),
        pytest.param("{comments: [{path: 'a.py', quote: 'x', body: 'y'}]}", "a", id="bare keys"),
        pytest.param("{path: 'a.py', quote: 'x', body: 'y'} it is, {as I said}", "a", id="bare keys and prose"),
        pytest.param('{"path": "a.py", "quote": "x", "body": "y", "line": NaN, "side": -Infinity}', "a", id="NaN"),
        pytest.param(
            f'{{"comments": [{A}, {{"path": "b.py", "quote": "x\\d", "body": "y"}}, {C}]}}', "abc", id="escape"
        ),
    ],
)
def test_broken_syntax_costs_no_whole_comment(text: str, expected: str) -> None:
    assert paths(text) == list(expected)


@pytest.mark.parametrize(
    ("quote", "expected"),
    [
        pytest.param(r'"\d+\.\w"', r"\d+\.\w", id="a bad escape"),
        pytest.param(r'"it\'s"', "it's", id="an escaped apostrophe"),
        pytest.param(r'"\u12"', r"\u12", id="half a code point"),
        pytest.param(
            r'"\\d \"x\" \n \/ \u00e9 \ud83d\ude00 \q"', '\\d "x" \n / é \U0001f600 \\q', id="good and bad ones"
        ),
        pytest.param('"f("a", b)"', 'f("a", b)', id="bare quotes"),
        pytest.param('"f(1, "path": b)"', 'f(1, "path": b)', id="a key in bare quotes"),
        pytest.param('"f(\\"a\\", "b")"', 'f("a", "b")', id="escaped and bare quotes"),
        pytest.param('"x \\"}], \\" \\d"', 'x "}], " \\d', id="what looks like the end"),
        pytest.param("'say \"hi\"'", 'say "hi"', id="single quotes"),
        pytest.param(r"'it\'s'", "it's", id="an apostrophe in single quotes"),
        pytest.param('"one\n\ttwo"', "one\n\ttwo", id="a raw newline and tab"),
        pytest.param('"a, }, ]\\d"', "a, }, ]\\d", id="commas before brackets"),
    ],
)
def test_a_broken_string_says_what_was_meant(quote: str, expected: str) -> None:
    text = f'{{"comments": [{A}, {{"path": "b.py", "quote": {quote}, "body": "About b.", "confidence": 0.7,}}, {C}]}}'
    reply = read(text)
    assert reply is not None
    assert [draft.path for draft in reply.drafts] == ["a.py", "b.py", "c.py"]
    assert (reply.drafts[1].quote, reply.drafts[1].confidence) == (expected, 0.7)
    assert reply.malformed == ()


def test_a_broken_comment_may_have_keys_that_nobody_knows() -> None:
    fields = r'"path": "b.py", "quote": "\d", "rule": "E1", "body": "About b.",'
    reply = read(f"[{A}, {{{fields}}}, {C}]")
    assert reply is not None
    assert [(draft.path, draft.body) for draft in reply.drafts][1] == ("b.py", "About b.")
    assert reply.drafts[1].quote == r"\d"


def test_python_values_are_read() -> None:
    reply = read("{'path': 'a.py', 'quote': 'x', 'body': 'y', 'suggestion': None, 'line': 3, 'confidence': True}")
    assert reply is not None
    assert (reply.drafts[0].suggestion, reply.drafts[0].line, reply.drafts[0].confidence) == (None, 3, 0.5)
    assert read("[{'path': None, 'quote': 'x', 'body': 'y'}]") is None


def test_values_of_bare_keys_are_read() -> None:
    reply = read("[{path: 'a.py', line: 12, quote: 'x', body: 'y', confidence: 1, suggestion: null}]")
    assert reply is not None
    assert (reply.drafts[0].suggestion, reply.drafts[0].line, reply.drafts[0].confidence) == (None, 12, 1.0)
    reply = read(f"[{{path: 'a.py', quote: 'x', body: 'y', confidence: {'9' * 400}}}]")
    assert reply is not None
    assert reply.drafts[0].confidence == 0.5


@pytest.mark.parametrize("junk", ["9" * 5000, "[" * 5000, "{a:" * 5000])
def test_a_comment_that_cannot_even_be_guessed_is_malformed(junk: str) -> None:
    reply = read(f"[{A}, {{path: {junk}}}, {B}]")
    assert reply is not None
    assert [draft.path for draft in reply.drafts] == ["a.py", "b.py"]
    assert len(reply.malformed) == 1


QUOTED = '{"comments": [{"path": "inner.py", "quote": "inner", "body": "Inner."}]}'


@pytest.mark.parametrize(
    "text",
    [
        pytest.param(f'{{"comments": [{comment("a", quote=QUOTED)}]}}', id="whole"),
        pytest.param(f'{{"comments": [{comment("a", body=QUOTED)}, {{"path": "', id="cut"),
        pytest.param(f'{{"comments": [{comment("a", quote=QUOTED + "x")}]}}'.replace("x", "\\d"), id="bad escape"),
        pytest.param(str({"comments": [json.loads(comment("a", quote=QUOTED))]}), id="Python"),
        pytest.param(f'{{"comments": [{comment("a", quote=QUOTED)},]}}', id="trailing comma"),
    ],
)
def test_an_answer_in_a_string_of_an_answer_is_not_one(text: str) -> None:
    assert paths(text) == ["a"]


def test_what_the_last_string_of_a_cut_answer_holds_is_not_an_answer() -> None:
    cut = f'{{"comments": [{A}, {comment("b", body=QUOTED)[:-3]}'
    reply = read(cut)
    assert reply is not None
    assert [draft.path for draft in reply.drafts] == ["a.py"]
    assert [dropped.draft.path for dropped in reply.malformed] == ["b.py"]


SAMPLE = '{"path": "/etc/app", "message": "started", "code": "1"}'


@pytest.mark.parametrize(
    "answer",
    [
        pytest.param(ANSWER, id="whole"),
        pytest.param(f'{{"comments": [{A}, {B}, {C[:20]}', id="cut"),
        pytest.param(f"[{A}, {B}]", id="list"),
        pytest.param(ANSWER.replace('"path"', "'path'"), id="broken"),
    ],
)
@pytest.mark.parametrize(
    "sample",
    [
        pytest.param(f"```json\n{SAMPLE}\n```", id="like a comment"),
        pytest.param(SAMPLE, id="like a comment in prose"),
        pytest.param('```python\nlog({"path": path, "body": [1, 2]})\n```', id="code"),
        pytest.param('```python\n{"path": path, "body": [1, 2]}\n```', id="code that begins with a brace"),
        pytest.param('{"path": path, "body": body} and so on', id="code in prose"),
        pytest.param(SAMPLE.replace('"', "'"), id="like a comment, in Python"),
        pytest.param('{"path": "x"', id="one that breaks off"),
        pytest.param('{"settings": {"x": [1, {"y": 2}]}}', id="other JSON"),
        pytest.param('"unpaired { [ quote', id="unpaired signs"),
    ],
)
def test_a_sample_in_prose_does_not_win_over_the_answer(sample: str, answer: str) -> None:
    assert paths(f"The code holds\n{sample}\nso:\n{answer}") == ["a", "b"]


@pytest.mark.parametrize("sample", ['{"path": path, "body": body}', '{"path": path}'])
def test_a_comment_is_not_mixed_with_a_sample_before_it(sample: str) -> None:
    assert paths(f"Given {sample} so: [{A}, {B}]") == ["b"]


def test_a_sample_does_not_turn_no_comments_into_some() -> None:
    assert paths(f'The log has {SAMPLE}, which is right.\n{{"comments": []}}') == []


def test_the_form_of_an_answer_does_not_hide_the_answer() -> None:
    assert paths(f"The form is {FORM}.\n{ANSWER}") == ["path/to/file", "a", "b"]


def test_a_comment_that_breaks_off_is_told_apart() -> None:
    reply = read(f'{{"comments": [{A}, {{"path": "b.py", "line": 3, "quote": "x", "body": "It is n')
    assert reply is not None
    assert [draft.path for draft in reply.drafts] == ["a.py"]
    (dropped,) = reply.malformed
    assert (dropped.draft.path, dropped.draft.line, dropped.draft.quote, dropped.draft.body) == (
        "b.py",
        3,
        "x",
        "It is n",
    )


def test_a_comment_whose_fields_cannot_be_told_apart_is_malformed() -> None:
    twice = '{"path": "b.py", "quote": "x" y", "path": "c.py", "body": "z"}'
    reply = read(f'{{"comments": [{A}, {twice}]}}')
    assert reply is not None
    assert [draft.path for draft in reply.drafts] == ["a.py"]
    assert len(reply.malformed) == 1


def test_a_comment_without_known_keys_is_kept_as_text() -> None:
    reply = read(f"[{A}, {{body: }}, {B}]")
    assert reply is not None
    assert [draft.path for draft in reply.drafts] == ["a.py", "b.py"]
    assert [dropped.draft.body for dropped in reply.malformed] == ["{body: },"]


def test_other_objects_in_a_broken_list_are_no_comments() -> None:
    assert read(f'{{"comments": [{A}, {{"total": 3}}, [{{"x": 1}}],') == read(A)


MANY = 20_000


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param("[" * 100_000, None, id="lists"),
        pytest.param("[" * 100_000 + "]" * 100_000, None, id="closed lists"),
        pytest.param('{"a":' * 100_000, None, id="objects"),
        pytest.param('{"path":' * 100_000, None, id="comments"),
        pytest.param('[{"path":' * 100_000, None, id="lists of comments"),
        pytest.param(f'{{"comments": [{A}, ' + '[{"path":' * 100_000, 1, id="after a comment"),
        pytest.param(f'{{"comments": [{", ".join([A] * MANY)}]}}', MANY, id="many comments"),
        pytest.param(f'{{"comments": [{", ".join([A] * MANY)}', MANY, id="many comments, cut"),
        pytest.param(f"[{', '.join([A.replace('= 1', chr(34))] * 5000)}]", 5000, id="many broken comments"),
        pytest.param("{" * 1_000_000, None, id="braces"),
        pytest.param('{"' * 500_000, None, id="braces and quotes"),
        pytest.param('{"path":"' + '"a,' * 500_000, None, id="quotes"),
        pytest.param('{"path": "' + 'x", "body": "' * 100_000, None, id="keys"),
        pytest.param('{"path": "' + 'x, "body": ' * 200_000, None, id="keys in a string that does not end"),
        pytest.param('{"path": "' + 'x, "body": ' * 200_000 + "}", None, id="keys in a string that ends late"),
        pytest.param('[{"x": ' * 30 + ", ".join([A] * 40_000), 40_000, id="many comments after much that fails"),
        pytest.param('{"path":' + "} " * 500_000, None, id="ends"),
        pytest.param('{"path":\\"' * 100_000, None, id="backslashes"),
        pytest.param("{" + " " * 1_000_000, None, id="blanks"),
        pytest.param('{"path": "a", "quote": "b", "body": "c", "line": ' + "9" * 1_000_000 + "}", 1, id="digits"),
        pytest.param(f"[{A}, {{path: {' x' * 500_000}", 1, id="a long broken comment"),
        pytest.param("[" + f'{{path: "a" quote {"x " * 500}}},\n' * 8_000, None, id="comments that must be guessed"),
        pytest.param("\n" * 1_000_000 + "</think", None, id="newlines"),
    ],
)
def test_neither_depth_nor_length_stops_the_reader(text: str, expected: int | None) -> None:
    # What is not linear would take minutes here.
    reply = read(text)
    assert (None if reply is None else len(reply.drafts)) == expected


def test_a_value_as_deep_as_can_be_decoded_is_no_line() -> None:
    for depth in range(1, 1200, 7):
        reply = read(f'{{"comments": [{A[:-1]}, "line": {"[" * depth}{"]" * depth}}}]}}')
        assert reply is None or all(draft.line is None for draft in reply.drafts)


def test_the_example_is_read_from_within_prose_too() -> None:
    assert read(f"Here:\n```\n{EXAMPLE}\n```") == read(EXAMPLE)
    assert isinstance(read(EXAMPLE), Reply)
