import json
from dataclasses import asdict

import pytest
from jsonschema import Draft202012Validator

from reviewbot.diff import Side
from reviewbot.finding import Category, Draft, Dropped, DropReason, Severity
from reviewbot.reply import EXAMPLE, SCHEMA, read

NEEDED = {"path": "src/app.py", "quote": "value = 1", "body": "It is never read. Drop it."}


def read_one(**fields: object) -> Draft:
    """The draft of a comment with these fields and what else it needs."""
    reply = read(json.dumps({"comments": [NEEDED | fields]}))
    assert reply is not None
    assert reply.malformed == ()
    (draft,) = reply.drafts
    return draft


def test_the_example_is_read_as_it_stands() -> None:
    reply = read(EXAMPLE)
    assert reply is not None
    assert reply.malformed == ()
    assert json.loads(EXAMPLE) == {"comments": [asdict(draft) for draft in reply.drafts]}
    assert all(draft.severity is Severity.ERROR and draft.suggestion for draft in reply.drafts)


def test_the_schema_is_valid_and_accepts_the_example() -> None:
    Draft202012Validator.check_schema(SCHEMA)
    Draft202012Validator(SCHEMA).validate(json.loads(EXAMPLE))
    Draft202012Validator(SCHEMA).validate({"comments": []})


@pytest.mark.parametrize(
    "changed",
    [
        pytest.param({"extra": 1}, id="another key"),
        pytest.param({"quote": ""}, id="empty quote"),
        pytest.param({"body": "x" * 1001}, id="endless body"),
        pytest.param({"line": 0}, id="line 0"),
        pytest.param({"side": "right"}, id="another side"),
        pytest.param({"severity": "critical"}, id="another severity"),
        pytest.param({"category": "secret"}, id="another category"),
        pytest.param({"confidence": 80}, id="percent"),
        pytest.param({"title": None}, id="null where text is due"),
    ],
)
def test_the_schema_refuses_what_the_contract_does_not_name(changed: dict[str, object]) -> None:
    comment = json.loads(EXAMPLE)["comments"][0]
    assert not Draft202012Validator(SCHEMA).is_valid({"comments": [comment | changed]})


def test_the_schema_requires_every_key_and_begins_with_the_quote() -> None:
    comment = json.loads(EXAMPLE)["comments"][0]
    for key in comment:
        without = {name: value for name, value in comment.items() if name != key}
        assert not Draft202012Validator(SCHEMA).is_valid({"comments": [without]})
    assert Draft202012Validator(SCHEMA).is_valid({"comments": [comment | {"suggestion": None}] * 20})
    assert not Draft202012Validator(SCHEMA).is_valid({"comments": [comment] * 21})
    assert next(iter(comment)) == "quote"
    assert '{"quote": {' in json.dumps(SCHEMA)


def test_what_is_missing_has_defaults() -> None:
    assert read_one() == Draft(
        path="src/app.py",
        line=None,
        side=Side.NEW,
        quote="value = 1",
        severity=Severity.WARNING,
        category=Category.OTHER,
        title="It is never read.",
        body="It is never read. Drop it.",
        suggestion=None,
        confidence=0.5,
    )


@pytest.mark.parametrize("nothing", [None, [], {}, {"a": 1}, [1], True])
def test_what_has_a_wrong_type_has_the_default_too(nothing: object) -> None:
    kinds = ("line", "side", "severity", "category", "title", "confidence")
    assert read_one(**dict.fromkeys(kinds, nothing)) == read_one()


@pytest.mark.parametrize(
    ("given", "line"),
    [
        (12, 12),
        (12.0, 12),
        ("12", 12),
        (" 12 ", 12),
        ("+12", 12),
        ("L12", 12),
        ("l12-L14", 12),
        ("line 12", 12),
        ("Lines 12-14", 12),
        ("12-14", 12),
        ("12,14", 12),
        (0, None),
        ("0", None),
        (-3, None),
        ("-3", None),
        (True, None),
        ("", None),
        ("twelve", None),
        (1e30, None),
        (float("nan"), None),
        (float("inf"), None),
        (10**400, None),
        ("9" * 30, None),
        ([12], None),
    ],
)
def test_a_line_is_a_number_from_1_or_none(given: object, line: int | None) -> None:
    assert read_one(line=given).line == line


def test_a_number_of_any_length_is_no_line() -> None:
    text = json.dumps({"comments": [NEEDED | {"line": 7}]}).replace("7", "7" * 5000)
    reply = read(text)
    assert reply is not None
    assert reply.drafts[0].line is None


@pytest.mark.parametrize(
    ("given", "confidence"),
    [
        (0.8, 0.8),
        ("0.8", 0.8),
        (80, 0.8),
        ("80", 0.8),
        ("80%", 0.8),
        ("80 %", 0.8),
        ("1%", 0.01),
        (1, 1.0),
        (0, 0.0),
        (1.5, 1.0),
        (101, 1.0),
        (-0.1, 0.0),
        (100, 1.0),
        (2, 0.02),
        (float("nan"), 0.5),
        (float("inf"), 1.0),
        (float("-inf"), 0.0),
        ("nan", 0.5),
        (True, 0.5),
        ("", 0.5),
        ("sure", 0.5),
        ("High", 0.9),
        ("medium", 0.6),
        ("low", 0.3),
    ],
)
def test_a_confidence_is_from_0_to_1(given: object, confidence: float) -> None:
    assert read_one(confidence=given).confidence == confidence


@pytest.mark.parametrize(
    ("severity", "names"),
    [
        (Severity.ERROR, ["error", "Critical", "HIGH", "blocker", "major"]),
        (Severity.WARNING, ["warning", "medium", "minor", "warn", "", "dreadful"]),
        (Severity.INFO, ["info", "low", "note", "notice", "nit", "suggestion", " Hint "]),
    ],
)
def test_severities_go_by_many_names(severity: Severity, names: list[str]) -> None:
    assert [read_one(severity=name).severity for name in names] == [severity] * len(names)


@pytest.mark.parametrize(
    ("side", "names"),
    [
        (Side.OLD, ["old", "LEFT", "deleted", "removed", "before", "-"]),
        (Side.NEW, ["new", "RIGHT", "added", "after", "+", "context", ""]),
    ],
)
def test_sides_go_by_many_names(side: Side, names: list[str]) -> None:
    assert [read_one(side=name).side for name in names] == [side] * len(names)


@pytest.mark.parametrize(
    ("given", "category"),
    [
        *((category.value, category) for category in Category if category is not Category.SECRET),
        ("Security", Category.SECURITY),
        (" -correct-ness_ ", Category.CORRECTNESS),
        ("test", Category.TESTS),
        ("error", Category.ERRORS),
        ("secret", Category.OTHER),
        ("Secrets", Category.OTHER),
        ("style", Category.OTHER),
        ("", Category.OTHER),
    ],
)
def test_an_unknown_category_is_other(given: str, category: Category) -> None:
    assert read_one(category=given).category is category


@pytest.mark.parametrize(
    ("title", "body", "expected"),
    [
        pytest.param("Never read", "Body.", "Never read", id="given"),
        pytest.param(" Never\n  read\t", "Body.", "Never read", id="on two lines"),
        pytest.param("", "It fails. Then it stops.", "It fails.", id="first sentence"),
        pytest.param("  ", "It fails\nand stops", "It fails", id="first line"),
        pytest.param(None, "它会失败。然后停止。", "它会失败。", id="Chinese"),
        pytest.param(None, "x" * 200, "x" * 80, id="cut"),
        pytest.param(None, "Uses a.b and c", "Uses a.b and c", id="a dot within a word"),
    ],
)
def test_a_title_is_one_line(title: str | None, body: str, expected: str) -> None:
    assert read_one(title=title, body=body).title == expected


@pytest.mark.parametrize(
    ("given", "suggestion"),
    [
        ("value = 2", "value = 2"),
        ("", ""),
        (["if value:", "    pass"], "if value:\n    pass"),
        ([], ""),
        (None, None),
        (12, None),
        ({"code": "x"}, None),
        ("null", None),
        ("None", None),
        ("N/A", None),
    ],
)
def test_a_suggestion_is_text_or_none(given: object, suggestion: str | None) -> None:
    assert read_one(suggestion=given).suggestion == suggestion


def test_a_list_of_lines_is_text() -> None:
    draft = read_one(quote=["one", "  two"], body=["First.", "Second."])
    assert (draft.quote, draft.body) == ("one\n  two", "First.\nSecond.")


def test_space_around_the_quote_stays_and_around_path_and_body_goes() -> None:
    draft = read_one(path=" src/app.py\n", quote="  x\n", body="\nIt fails.\n")
    assert (draft.path, draft.quote, draft.body) == ("src/app.py", "  x\n", "It fails.")


def test_a_blank_quote_is_left_to_the_anchor_stage() -> None:
    assert read_one(quote=" ").quote == " "


def test_a_draft_always_encodes() -> None:
    draft = read_one(path="a\udcff", quote="b\ud83d", body="\ud83d\ude00 c\0", suggestion="\udc00")
    assert draft.path + draft.quote + draft.body + str(draft.suggestion) == "a\ufffdb\ufffd\U0001f600 c\ufffd"


@pytest.mark.parametrize(
    "named",
    [
        {"file": "f", "code": "q", "comment": "b", "fix": "s", "line_number": 3},
        {"filename": "f", "snippet": "q", "message": "b", "replacement": "s", "start_line": 3},
        {"Path": "f", "QUOTE": "q", "description": "b", " suggestion ": "s", "Line": 3},
        {
            "path": "f",
            "file": "x",
            "code": "x",
            "quote": "q",
            "body": "b",
            "message": "x",
            "suggestion": "s",
            "line": 3,
        },
        {"path": None, "file": "f", "quote": "q", "body": "b", "fix": "s", "line": None, "line_number": 3},
    ],
)
def test_keys_go_by_other_names_where_their_own_is_missing(named: dict[str, object]) -> None:
    reply = read(json.dumps({"comments": [named]}))
    assert reply is not None
    (draft,) = reply.drafts
    assert (draft.path, draft.quote, draft.body, draft.suggestion, draft.line) == ("f", "q", "b", "s", 3)


@pytest.mark.parametrize(
    ("bad", "path", "quote", "body"),
    [
        pytest.param({"quote": "q", "body": "b"}, "", "q", "b", id="no path"),
        pytest.param({"path": "p", "body": "b"}, "p", "", "b", id="no quote"),
        pytest.param({"path": "p", "quote": "q"}, "p", "q", "", id="no body"),
        pytest.param({"path": " ", "quote": "q", "body": "b"}, "", "q", "b", id="blank path"),
        pytest.param({"path": "p", "quote": "", "body": "b"}, "p", "", "b", id="empty quote"),
        pytest.param({"path": "p", "quote": "q", "body": "\n"}, "p", "q", "", id="blank body"),
        pytest.param({"path": 3, "quote": ["q", 4], "body": {"x": 1}}, "", "", "", id="wrong types"),
        pytest.param("looks good", "", "", "looks good", id="text"),
        pytest.param(7, "", "", "", id="a number"),
        pytest.param(None, "", "", "", id="null"),
        pytest.param([], "", "", "", id="a list"),
        pytest.param({}, "", "", "", id="nothing"),
    ],
)
def test_a_bad_comment_is_dropped_alone(bad: object, path: str, quote: str, body: str) -> None:
    reply = read(json.dumps({"comments": [NEEDED, bad, NEEDED]}))
    assert reply is not None
    assert reply.drafts == (read_one(), read_one())
    (dropped,) = reply.malformed
    draft = Draft(path, None, Side.NEW, quote, Severity.WARNING, Category.OTHER, body, body, None, 0.5)
    assert dropped == Dropped("parse", DropReason.MALFORMED, draft)
