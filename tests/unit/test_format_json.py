"""The report as programs read it, and the schema that promises it."""

import json
import re
from collections.abc import Callable
from copy import deepcopy
from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from typing import Any, cast
from unicodedata import category

import pytest
from hypothesis import given
from jsonschema import Draft202012Validator

from reviewbot import __version__
from reviewbot.diff import Side
from reviewbot.finding import Anchor, Category, DropReason, Severity, State
from reviewbot.formats import json as json_format
from reviewbot.ports import View
from reviewbot.review import Review, SkipReason, Usage, Verdict
from reviewbot.withheld import Flaw, Withheld
from tests.support.reviews import (
    HOSTILE,
    draft,
    file,
    filtered,
    finding,
    hunk,
    review,
    reviews,
    silenced,
    skipped,
    unplaced,
)

SCHEMA = json.loads((Path(__file__).parents[2] / "docs" / "report.schema.json").read_text(encoding="utf-8"))
VALIDATOR = Draft202012Validator(SCHEMA)
MOVED = file("src/new.py", hunk(" one", "-two", "+three", "+four"), old_path="src/old.py")


def read(result: Review) -> dict[str, Any]:
    return cast("dict[str, Any]", json.loads(json_format.render(result, View())))


SOMETIMES = ("votes", "verification")
"""Fields of reports that were made in other ways than most."""


def full() -> Review:
    """A review with an entry in every list."""
    claim = draft(severity=Severity.ERROR, category=Category.DATA, suggestion="")
    hidden = finding(MOVED, 1, 2, draft(line=90, quote="as quoted"))
    return review(
        [MOVED],
        [finding(MOVED, 2, 3, claim), finding(MOVED, 2, side=Side.OLD, state=State.STANDING)],
        dropped=[
            unplaced(draft(line=None)),
            filtered(hidden, DropReason.BELOW_SEVERITY),
            silenced(finding(MOVED, 3)),
        ],
        skipped=[
            skipped("uv.lock", SkipReason.LOCK_FILE, detail="lock file"),
            skipped("src/new.py", SkipReason.ANSWER_CUT, lines=(2, 3), side=Side.OLD, detail="cut", failed=True),
            skipped("src/new.py", SkipReason.REVIEWED_BEFORE, lines=(2, 2)),
        ],
        usage=Usage(2, 1, 30, 4, Decimal("6.4E-7"), "CNY"),
        seconds=1.23456,
        fail_on=Severity.ERROR,
        withheld=[Withheld(Anchor("src/new.py", Side.NEW, 2, 3, "src/old.py"), "The total", Flaw.REPEATS_CONTEXT)],
    )


def test_the_report_holds_every_field_of_the_contract() -> None:
    findings = full().findings
    assert read(full()) == {
        "version": 1,
        "tool_version": __version__,
        "target": {"base": "b" * 40, "head": "a" * 40, "description": "main...topic"},
        "model": "qwen-coder-plus",
        "verdict": "fail",
        "complete": False,
        "findings": [
            {
                "id": findings[0].fingerprint[:7],
                "fingerprint": findings[0].fingerprint,
                "state": "new",
                "path": "src/new.py",
                "old_path": "src/old.py",
                "side": "new",
                "start_line": 2,
                "end_line": 3,
                "severity": "error",
                "category": "data",
                "title": "The total ignores refunds",
                "body": "A refund is not subtracted.",
                "suggestion": "",
                "confidence": 0.9,
                "excerpt": "three\nfour",
            },
            {
                "id": findings[1].fingerprint[:7],
                "fingerprint": findings[1].fingerprint,
                "state": "standing",
                "path": "src/new.py",
                "old_path": "src/old.py",
                "side": "old",
                "start_line": 2,
                "end_line": 2,
                "severity": "warning",
                "category": "correctness",
                "title": "The total ignores refunds",
                "body": "A refund is not subtracted.",
                "suggestion": None,
                "confidence": 0.9,
                "excerpt": "two",
            },
        ],
        "dropped": [
            {
                "stage": "anchor",
                "reason": "quote_not_found",
                "path": "src/app.py",
                "line": None,
                "quote": "",
                "severity": "warning",
                "title": "The total ignores refunds",
                "body": "A refund is not subtracted.",
                "note": "",
            },
            {
                "stage": "filter",
                "reason": "below_severity",
                "path": "src/new.py",
                "line": 1,
                "quote": "as quoted",
                "severity": "warning",
                "title": "The total ignores refunds",
                "body": "A refund is not subtracted.",
                "note": "",
            },
            {
                "stage": "standing",
                "reason": "dismissed",
                "path": "src/new.py",
                "line": 3,
                "quote": "",
                "severity": "warning",
                "title": "The total ignores refunds",
                "body": "A refund is not subtracted.",
                "note": "kim: on purpose",
            },
        ],
        "skipped": [
            {
                "path": "uv.lock",
                "side": None,
                "start_line": None,
                "end_line": None,
                "reason": "lock_file",
                "detail": "lock file",
                "failed": False,
            },
            {
                "path": "src/new.py",
                "side": "old",
                "start_line": 2,
                "end_line": 3,
                "reason": "answer_cut",
                "detail": "cut",
                "failed": True,
            },
            {
                "path": "src/new.py",
                "side": "new",
                "start_line": 2,
                "end_line": 2,
                "reason": "reviewed_before",
                "detail": "",
                "failed": False,
            },
        ],
        "withheld": [
            {
                "path": "src/new.py",
                "old_path": "src/old.py",
                "side": "new",
                "start_line": 2,
                "end_line": 3,
                "title": "The total",
                "reason": "repeats_context",
            }
        ],
        "usage": {
            "requests": 2,
            "cached": 1,
            "input_tokens": 30,
            "output_tokens": 4,
            "seconds": 1.235,
            "cost": {"amount": "0.00000064", "currency": "CNY"},
        },
    }


def test_fields_stand_in_the_order_of_the_schema() -> None:
    report = read(full())
    parts = {
        "target": report["target"],
        "finding": report["findings"][0],
        "dropped": report["dropped"][0],
        "skipped": report["skipped"][0],
        "withheld": report["withheld"][0],
        "usage": report["usage"],
    }
    assert list(report) == SCHEMA["required"] == [name for name in SCHEMA["properties"] if name not in SOMETIMES]
    for name, part in parts.items():
        assert list(part) == SCHEMA["$defs"][name]["required"] == list(SCHEMA["$defs"][name]["properties"])


def test_votes_and_a_second_model_stand_only_where_there_were_any() -> None:
    made = read(replace(full(), samples=3, unheard=2, verifier="other", unverified=1))
    VALIDATOR.validate(made)
    assert list(made) == [*SCHEMA["properties"]]
    assert {name: value for name, value in made.items() if name not in SOMETIMES} == read(full())
    assert made["votes"] == {"samples": 3, "unheard": 2}
    assert made["verification"] == {"model": "other", "unverified": 1}


def test_a_name_that_did_not_change_and_a_price_nobody_knows_are_null() -> None:
    plain = file("a.py", hunk("+x"))
    report = read(review([plain], [finding(plain, 1)], usage=Usage(1)))
    assert report["findings"][0]["old_path"] is None
    assert report["usage"]["cost"] is None


def test_text_is_shown_as_it_is_but_for_bytes_that_are_not_text() -> None:
    result = review(
        dropped=[unplaced(draft("half \ud800", "é\u3000漢字 🎉"))],
        skipped=[skipped("caf\udce9/说明.md", SkipReason.BINARY)],
    )
    rendered = json_format.render(result, View())
    assert '"path": "caf\ufffd/说明.md"' in rendered
    assert '"title": "half \ufffd"' in rendered
    assert '"body": "é\u3000漢字 🎉"' in rendered
    assert "\\u" not in rendered
    assert rendered.endswith("}\n")
    assert not rendered.endswith("\n\n")


@pytest.mark.parametrize("text", [HOSTILE, "##[add-mask]x", "::error::x", "##vso[task.complete]", "🎉\ufe0f\U000e0041"])
def test_what_terminals_and_logs_obey_is_escaped_and_reads_the_same(text: str) -> None:
    claim = draft(text, f"a\n{text}\r{text}")
    rendered = json_format.render(review(dropped=[unplaced(claim)]), View())
    acting = [char for char in rendered if category(char) in {"Cc", "Cf", "Zl", "Zp"}]
    assert {*acting} == {"\n"}
    assert not re.search(r"##\w*\[|^\s*::", rendered, re.MULTILINE)
    (told,) = json.loads(rendered)["dropped"]
    assert told["body"] == re.sub("[\ud800-\udfff]", "\ufffd", claim.body)


def test_the_view_changes_nothing() -> None:
    assert json_format.render(full(), View(40, colour=True, verbosity=2)) == json_format.render(full(), View())


@given(reviews())
def test_every_report_is_valid(result: Review) -> None:
    report = read(result)
    VALIDATOR.validate(report)
    assert report["verdict"] == result.verdict
    assert report["complete"] is result.complete
    lengths = [len(report[name]) for name in ("findings", "dropped", "skipped")]
    assert lengths == [len(result.findings), len(result.dropped), len(result.skipped)]


def test_the_schema_is_one() -> None:
    Draft202012Validator.check_schema(SCHEMA)


def schema_enum(*steps: str) -> list[str | None]:
    found: Any = SCHEMA
    for step in steps:
        found = found[step]
    return cast("list[str | None]", found["enum"])


@pytest.mark.parametrize(
    ("listed", "known"),
    [
        (schema_enum("$defs", "severity"), [*Severity]),
        (schema_enum("$defs", "category"), [*Category] + ["secret"] * ("secret" not in [*Category])),
        (schema_enum("$defs", "side"), [*Side]),
        (schema_enum("$defs", "finding", "properties", "state"), [*State]),
        (schema_enum("$defs", "skipped", "properties", "reason"), [*SkipReason]),
        (schema_enum("$defs", "skipped", "properties", "side"), [*Side, None]),
        (schema_enum("$defs", "dropped", "properties", "reason"), [*DropReason]),
        (
            schema_enum("$defs", "dropped", "properties", "stage"),
            ["parse", "anchor", "merge", "verify", "standing", "filter"],
        ),
        (schema_enum("properties", "verdict"), [*Verdict]),
    ],
    ids=["severity", "category", "side", "state", "skipped", "skipped side", "dropped", "stage", "verdict"],
)
def test_the_schema_lists_exactly_the_words_that_are_used(listed: list[object], known: list[object]) -> None:
    assert sorted(map(str, listed)) == sorted(map(str, known))


def places(part: object, path: tuple[str | int, ...] = ()) -> list[tuple[str | int, ...]]:
    """The path of every field of a report."""
    fields: list[tuple[str | int, ...]] = []
    if isinstance(part, dict):
        for name, value in part.items():
            fields += [(*path, name), *places(value, (*path, name))]
    if isinstance(part, list):
        for index, value in enumerate(part):
            fields += places(value, (*path, index))
    return fields


@pytest.mark.parametrize("path", places(read(full())), ids=lambda path: ".".join(map(str, path)))
def test_the_schema_asks_for_every_field_and_allows_others(path: tuple[str | int, ...]) -> None:
    less, more = read(full()), read(full())
    for report, change in ((less, _remove), (more, _extend)):
        holder: Any = report
        for step in path[:-1]:
            holder = holder[step]
        change(holder, path[-1])
    assert not VALIDATOR.is_valid(less)
    assert VALIDATOR.is_valid(more)


def _remove(holder: dict[str | int, object], name: str | int) -> None:
    del holder[name]


def _extend(holder: dict[str | int, object], name: str | int) -> None:
    holder[f"{name}_of_a_later_version"] = 1


def _set(name: str, value: object) -> Callable[[dict[str, Any]], None]:
    def change(report: dict[str, Any]) -> None:
        report["findings"][0][name] = value

    return change


@pytest.mark.parametrize(
    "change",
    [
        _set("severity", "fatal"),
        _set("category", "style"),
        _set("side", None),
        _set("start_line", 0),
        _set("start_line", None),
        _set("confidence", 1.5),
        _set("fingerprint", "abc"),
        lambda report: report.update(version=2),
        lambda report: report["usage"].update(cost={"amount": 0.1, "currency": "CNY"}),
        lambda report: report["usage"].update(cost={"amount": "1E-7", "currency": "CNY"}),
        lambda report: report["dropped"][0].update(stage="guess"),
        lambda report: report["skipped"][0].update(reason="tired"),
    ],
)
def test_the_schema_refuses_what_the_contract_does_not_allow(change: Callable[[dict[str, Any]], None]) -> None:
    report = read(full())
    assert VALIDATOR.is_valid(report)
    broken = deepcopy(report)
    change(broken)
    assert not VALIDATOR.is_valid(broken)
