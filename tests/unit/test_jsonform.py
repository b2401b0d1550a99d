"""Values as programs read them, and the schemas that name the same ones."""

import json
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reviewbot.diff import Side, Status
from reviewbot.jsonform import amount, document, skipped, target
from reviewbot.outlook import LimitFrom
from reviewbot.review import Skipped, SkipReason, Target

DOCS = Path(__file__).parents[2] / "docs"


def test_a_document_is_one_object_that_people_can_read_too() -> None:
    assert document({"b": 1, "a": "漢字 \u2028", "c": ()}) == '{\n  "b": 1,\n  "a": "漢字 \u2028",\n  "c": []\n}\n'


@given(st.text(st.characters(codec=None)) | st.text(st.sampled_from('a\ud83d\ude00\udcff\\"\x00\x1b')))
def test_only_what_is_no_text_is_changed(text: str) -> None:
    written = document({"text": text, "list": [text]})
    plain = "".join("\ufffd" if 0xD800 <= ord(char) < 0xE000 else char for char in text)
    assert json.loads(written.encode("utf-8")) == {"text": plain, "list": [plain]}


def test_a_target_is_its_two_ends_and_its_words() -> None:
    assert target(Target("b", None, "staged")) == {"base": "b", "head": None, "description": "staged"}


def test_a_skipped_part_names_its_lines_or_none() -> None:
    part = Skipped("a", Side.OLD, 3, 9, SkipReason.TOO_LONG, "why", failed=True)
    assert skipped(part) == {
        "path": "a",
        "side": "old",
        "start_line": 3,
        "end_line": 9,
        "reason": "too_long",
        "detail": "why",
        "failed": True,
    }
    whole = skipped(Skipped("a", None, None, None, SkipReason.BINARY, "", failed=False))
    assert {name for name, value in whole.items() if value is None} == {"side", "start_line", "end_line"}


@pytest.mark.parametrize(
    ("money", "text"),
    [
        ("0", "0"),
        ("0E+3", "0"),
        ("1E+3", "1000"),
        ("6.4E-7", "0.00000064"),
        ("0.10", "0.10"),
        ("12345.678", "12345.678"),
    ],
)
def test_money_is_exact_and_without_an_exponent(money: str, text: str) -> None:
    assert amount(Decimal(money)) == text


def schema(name: str) -> Any:
    return json.loads((DOCS / f"{name}.schema.json").read_text("utf-8"))


def test_the_schema_of_a_plan_lists_the_values_of_the_code() -> None:
    plan = schema("plan")
    definitions = plan["$defs"]
    assert sorted(definitions["file"]["properties"]["status"]["enum"]) == sorted(Status)
    assert definitions["reason"]["enum"] == [*SkipReason]
    assert definitions["skipped"]["properties"]["side"]["enum"] == [*Side, None]
    assert plan["properties"]["limits"]["properties"]["origin"]["enum"] == [*LimitFrom]
    assert {f"{side}_lines" for side in Side} < {*definitions["chunk"]["properties"]["parts"]["items"]["properties"]}


def test_a_part_and_a_target_are_described_alike_in_a_plan_and_in_a_report() -> None:
    plan, report = schema("plan"), schema("report")
    assert [*plan["$defs"]["reason"]["enum"]] == reasons(report)
    for name in ("target", "skipped"):
        assert shape(plan, name) == shape(report, name)


def shape(document: Any, name: str) -> Any:
    """A definition without its words."""
    found = document["$defs"][name]
    return [found["required"], found["additionalProperties"], [*found["properties"]]]


def reasons(report: Any) -> list[str]:
    """The list of reasons, wherever it stands."""
    found = [node["enum"] for node in nodes(report) if "lock_file" in node.get("enum", ())]
    assert len(found) == 1
    return list(found[0])


def nodes(node: Any) -> list[dict[str, Any]]:
    """Every object inside a document."""
    inner = [*node.values()] if isinstance(node, dict) else node if isinstance(node, list) else []
    return [*([node] if isinstance(node, dict) else []), *(found for child in inner for found in nodes(child))]


@pytest.mark.parametrize("name", ["plan", "models", "config"])
def test_a_schema_defines_nothing_that_it_does_not_use(name: str) -> None:
    used = {node["$ref"] for node in nodes(schema(name)) if isinstance(node.get("$ref"), str)}
    assert used == {f"#/$defs/{defined}" for defined in schema(name).get("$defs", ())}


@pytest.mark.parametrize("name", ["plan", "models", "config"])
def test_readers_of_a_schema_may_ignore_what_they_do_not_know(name: str) -> None:
    described = [node for node in nodes(schema(name)) if node.get("type") == "object" and "properties" in node]
    assert described
    for node in described:
        assert node["additionalProperties"] is True
        assert {*node["required"]} <= {*node["properties"]}
