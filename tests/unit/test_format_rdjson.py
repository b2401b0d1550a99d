"""The report as reviewdog reads it."""

import json
import re
from typing import Any, cast
from unicodedata import category

import pytest
from hypothesis import given

from reviewbot.diff import Side
from reviewbot.finding import DropReason, Severity, State
from reviewbot.formats import rdjson
from reviewbot.memory import Known
from reviewbot.ports import View
from reviewbot.review import Review, SkipReason
from tests.support import schemas
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

FORM = schemas.rdjson()
APP = file("src/app.py", hunk(" def total():", "-    return 1", "+    a = 1", "+    return a"))
PROSE = "**The total ignores refunds**\n\nA refund is not subtracted."


def written(result: Review) -> dict[str, Any]:
    document = json.loads(rdjson.render(result, View()))
    FORM.validate(document)
    return cast("dict[str, Any]", document)


def diagnostics(result: Review) -> list[dict[str, Any]]:
    return cast("list[dict[str, Any]]", written(result)["diagnostics"])


def lines(start: int, end: int) -> dict[str, Any]:
    return {"start": {"line": start}, "end": {"line": end}}


def test_a_finding_is_a_diagnostic_on_its_lines_with_its_suggestion() -> None:
    found = finding(APP, 2, 3, draft(suggestion="    return 1\n    # x"))
    assert written(review([APP], [found])) == {
        "source": {"name": "reviewbot"},
        "severity": "WARNING",
        "diagnostics": [
            {
                "message": PROSE,
                "location": {"path": "src/app.py", "range": lines(2, 3)},
                "severity": "WARNING",
                "code": {"value": "correctness"},
                "suggestions": [{"range": lines(2, 3), "text": "    return 1\n    # x"}],
                "original_output": f"src/app.py:2: warning: The total ignores refunds [correctness {found.id}]",
            }
        ],
    }


def test_a_review_without_findings_has_no_severity() -> None:
    assert written(review([APP])) == {"source": {"name": "reviewbot"}, "diagnostics": []}


def test_the_severity_of_all_is_the_worst() -> None:
    levels = [Severity.INFO, Severity.ERROR, Severity.WARNING]
    report = written(review([APP], [finding(APP, 2, claim=draft(severity=level)) for level in levels]))
    assert report["severity"] == "ERROR"
    assert [one["severity"] for one in report["diagnostics"]] == ["INFO", "ERROR", "WARNING"]


def test_deleting_lines_is_a_suggestion_without_text() -> None:
    (told,) = diagnostics(review([APP], [finding(APP, 2, claim=draft(suggestion=""))]))
    assert told["suggestions"] == [{"range": lines(2, 2), "text": ""}]
    assert told["message"] == PROSE


@pytest.mark.parametrize(
    ("found", "shown"),
    [
        (finding(APP, 2, side=Side.OLD, claim=draft(suggestion="x")), "Suggestion:\n\n```\nx\n```"),
        (finding(APP, 2, side=Side.OLD, claim=draft(suggestion="")), "Suggestion: delete this."),
        (finding(APP, 2, claim=draft(suggestion="a\rb")), "Suggestion:\n\n```\na\\x0db\n```"),
    ],
    ids=["old line", "deletion of an old line", "a carriage return"],
)
def test_a_suggestion_that_cannot_be_carried_out_is_only_shown(found: Any, shown: str) -> None:
    (told,) = diagnostics(review([APP], [found]))
    assert "suggestions" not in told
    assert told["message"].endswith(f"\n\n{shown}")


def test_line_ends_that_a_comment_would_lose_are_not_written_over() -> None:
    dos = file("a.txt", hunk("+one\r"))
    (told,) = diagnostics(review([dos], [finding(dos, 1, claim=draft(suggestion="two"))]))
    assert "suggestions" not in told
    assert told["message"].endswith("Suggestion:\n\n```\ntwo\n```")


def test_a_finding_on_deleted_lines_stands_where_others_came_in_their_place_and_says_so() -> None:
    moved = file("src/app.py", hunk(" one", "-two", "+2", old=20, new=10))
    (told,) = diagnostics(review([moved], [finding(moved, 21, side=Side.OLD)]))
    assert told["location"] == {"path": "src/app.py", "range": lines(11, 11)}
    assert told["message"] == PROSE.replace("\n\n", "\n\nIn the old version, line 21.\n\n")


def test_a_finding_that_stands_is_the_same_diagnostic_as_when_it_was_new() -> None:
    new, standing = (diagnostics(review([APP], [finding(APP, 2, state=state)])) for state in State)
    assert new == standing


def test_a_message_is_harmless_markdown_and_the_original_shows_everything() -> None:
    claim = draft(HOSTILE, "![a](https://b.example/c) @team")
    odd = file(HOSTILE, hunk("+x"))
    (told,) = diagnostics(review([odd], [finding(odd, 1, claim=claim)]))
    assert told["message"].endswith("\n\n!\\[a](`https://b.example/c`) @\u2060team")
    assert told["location"]["path"] == HOSTILE.replace("\udce9", "\ufffd")
    assert told["original_output"].startswith(r"a\x1b[31mred\x07\x00<U+009B>2J\x7f<U+202E>")
    assert told["original_output"].isprintable()


def test_what_is_missing_is_one_diagnostic_where_it_begins() -> None:
    parts = [
        skipped("src/app.py", SkipReason.TIMED_OUT, lines=(2, 3), detail="after 60 s", failed=True),
        skipped("src/app.py", SkipReason.TIMED_OUT, lines=(2, 2), side=Side.OLD, failed=True),
        *[skipped(f"{number}.py", SkipReason.TOO_LONG, failed=True) for number in range(20)],
    ]
    (told,) = diagnostics(review([APP], skipped=parts))
    assert told["location"] == {"path": "src/app.py", "range": lines(2, 3)}
    assert (told["severity"], told["code"]) == ("WARNING", {"value": "incomplete"})
    assert told["message"].startswith(
        "**Incomplete:** 3 changed lines and 20 files not reviewed.\n\n"
        "- `src/app.py:2-3`: timed out: after 60 s\n- old `src/app.py:2`: timed out\n- `0.py`: too long\n"
    )
    assert told["message"].endswith("- `17.py`: too long\n- and 2 more")


@pytest.mark.parametrize(("side", "numbers"), [(Side.OLD, (2, 2)), (Side.NEW, None)], ids=["old line", "whole file"])
def test_what_is_missing_has_no_line_where_the_new_file_has_none(side: Side, numbers: tuple[int, int] | None) -> None:
    part = skipped("src/app.py", SkipReason.TIMED_OUT, lines=numbers, side=side, failed=True)
    (told,) = diagnostics(review([APP], skipped=[part]))
    assert told["location"] == {"path": "src/app.py"}


def test_what_is_left_out_is_counted_in_a_diagnostic_on_no_line() -> None:
    result = review(
        [APP],
        dropped=[
            silenced(finding(APP, 3)),
            filtered(finding(APP, 3), DropReason.BELOW_SEVERITY),
            filtered(finding(APP, 2), DropReason.BELOW_SEVERITY),
            unplaced(draft()),
        ],
        skipped=[
            skipped("uv.lock", SkipReason.LOCK_FILE),
            skipped("src/app.py", SkipReason.REVIEWED_BEFORE, lines=(2, 2)),
        ],
        gone=[Known(finding(APP, 3))],
    )
    text = (
        "- Not told, dismissed: 1 claim.\n- Not told, below severity: 2 claims.\n"
        "- Not told, quote not found: 1 claim.\n"
        "- Left out by choice, lock file: 1 part.\n- 1 finding is gone since the last review."
    )
    assert diagnostics(result) == [
        {
            "message": text,
            "location": {"path": "."},
            "severity": "INFO",
            "code": {"value": "left_out"},
            "original_output": text,
        }
    ]


@given(reviews())
def test_any_report_is_valid_and_holds_every_finding(result: Review) -> None:
    told = diagnostics(result)
    found = [one for one in told if one["code"]["value"] not in {"incomplete", "left_out"}]
    assert [one["original_output"][-8:-1] for one in found] == [one.id for one in result.findings]
    names = [one["code"]["value"] for one in told[len(found) :]]
    chosen = any(not (skip.failed or skip.before) for skip in result.skipped)
    left = bool(result.dropped or result.gone or result.held or result.withheld or chosen)
    assert names == ["incomplete"] * (not result.complete) + ["left_out"] * left


@given(reviews())
def test_what_terminals_and_logs_obey_is_escaped(result: Review) -> None:
    rendered = rdjson.render(result, View())
    assert {char for char in rendered if category(char) in {"Cc", "Cf", "Zl", "Zp"}} <= {"\n"}
    assert not re.search(r"##\w*\[|^\s*::", rendered, re.MULTILINE)


def test_the_view_changes_nothing() -> None:
    result = review([APP], [finding(APP, 2)])
    assert rdjson.render(result, View(40, colour=True, verbosity=2)) == rdjson.render(result, View())
