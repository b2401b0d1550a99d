"""The report as code scanning and editors read it."""

import gzip
import json
import re
from collections.abc import Sequence
from dataclasses import replace
from random import Random
from string import ascii_letters
from typing import Any, cast
from unicodedata import category

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reviewbot import __version__
from reviewbot.diff import FileDiff, Side
from reviewbot.finding import Category, Dropped, DropReason, Finding, Severity, State
from reviewbot.formats import sarif
from reviewbot.markdown import address
from reviewbot.memory import Known
from reviewbot.ports import View
from reviewbot.review import Review, Skipped, SkipReason
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

OFFICIAL = schemas.sarif()
APP = file("src/app.py", hunk(" def total():", "-    return 1", "+    a = 1", "+    return a"))
BODY = "A refund is not subtracted."


def written(result: Review) -> dict[str, Any]:
    """The only run, of a document that is valid."""
    document = json.loads(sarif.render(result, View()))
    OFFICIAL.validate(document)
    assert (document["version"], len(document["runs"])) == ("2.1.0", 1)
    return cast("dict[str, Any]", document["runs"][0])


def results(result: Review) -> list[dict[str, Any]]:
    return cast("list[dict[str, Any]]", written(result)["results"])


def notes(result: Review) -> list[dict[str, Any]]:
    (invocation,) = written(result)["invocations"]
    return cast("list[dict[str, Any]]", invocation["toolExecutionNotifications"])


def place(uri: str, **region: int) -> dict[str, Any]:
    located = {"artifactLocation": {"uri": uri, "uriBaseId": "%SRCROOT%"}}
    return {"physicalLocation": {**located, "region": region} if region else located}


def test_a_finding_is_a_result_on_its_lines_with_its_suggestion_as_a_fix() -> None:
    claim = draft(severity=Severity.ERROR, category=Category.DATA, suggestion="    return a * 2")
    found = finding(APP, 3, claim=claim, state=State.STANDING)
    assert results(review([APP], [found])) == [
        {
            "ruleId": "data",
            "ruleIndex": list(Category).index(Category.DATA),
            "level": "error",
            "message": {
                "text": "The total ignores refunds.\n\nA refund is not subtracted.\n\nSuggestion:\n    return a * 2",
                "markdown": (
                    "**The total ignores refunds**\n\nA refund is not subtracted.\n\n"
                    "Suggestion:\n\n```\n    return a * 2\n```"
                ),
            },
            "locations": [place("src/app.py", startLine=3, endLine=3)],
            "partialFingerprints": {"primaryLocationLineHash": found.fingerprint},
            "baselineState": "unchanged",
            "fixes": [
                {
                    "artifactChanges": [
                        {
                            "artifactLocation": {"uri": "src/app.py", "uriBaseId": "%SRCROOT%"},
                            "replacements": [
                                {
                                    "deletedRegion": {"startLine": 3, "endLine": 3},
                                    "insertedContent": {"text": "    return a * 2"},
                                }
                            ],
                        }
                    ]
                }
            ],
            "properties": {"id": found.id, "state": "standing", "confidence": 0.9},
        }
    ]


def test_a_run_says_who_reviewed_what_with_which_outcome() -> None:
    run = written(review([APP], [finding(APP, 2)], fail_on=Severity.INFO))
    driver = run["tool"]["driver"]
    assert (driver["name"], driver["semanticVersion"]) == ("reviewbot", __version__)
    assert run["invocations"] == [{"executionSuccessful": True, "toolExecutionNotifications": []}]
    assert run["properties"] == {
        "target": {"base": "b" * 40, "head": "a" * 40, "description": "main...topic"},
        "model": "qwen-coder-plus",
        "verdict": "fail",
    }
    assert run["results"][0]["baselineState"] == "new"


def test_the_rules_are_the_categories_whatever_is_found() -> None:
    rules = written(review())["tool"]["driver"]["rules"]
    assert [rule["id"] for rule in rules] == [*Category]
    assert rules == written(review([APP], [finding(APP, 2)]))["tool"]["driver"]["rules"]
    for rule in rules:
        assert all(0 < len(rule[name]["text"]) <= 1024 for name in ("shortDescription", "fullDescription", "help"))
    assert {rule["id"] for rule in rules if rule["properties"]["tags"]} == {"security", "secret"}
    assert {rule["id"] for rule in rules if rule["defaultConfiguration"]["level"] == "error"} == {"secret"}


@pytest.mark.parametrize(("severity", "level"), [*zip(Severity, ["error", "warning", "note"], strict=True)])
def test_every_severity_has_its_level(severity: Severity, level: str) -> None:
    (told,) = results(review([APP], [finding(APP, 2, claim=draft(severity=severity))]))
    assert told["level"] == level


@pytest.mark.parametrize("found", list(Category))
def test_every_category_points_at_its_rule(found: Category) -> None:
    run = written(review([APP], [finding(APP, 2, claim=draft(category=found))]))
    (told,) = run["results"]
    assert run["tool"]["driver"]["rules"][told["ruleIndex"]]["id"] == told["ruleId"] == found


def test_a_finding_on_deleted_lines_stands_where_others_came_in_their_place_and_says_so() -> None:
    moved = file("src/app.py", hunk(" one", "-two", "+2", old=20, new=10))
    one, two = results(review([moved], [finding(moved, 21, side=Side.OLD), finding(moved, 20, 21, side=Side.OLD)]))
    assert one["locations"] == [place("src/app.py", startLine=11, endLine=11)]
    assert one["message"]["text"] == (
        "The total ignores refunds.\n\nIn the old version, line 21.\n\nA refund is not subtracted."
    )
    assert "\n\nIn the old version, lines 20-21.\n\n" in two["message"]["text"]
    assert "\n\nIn the old version, lines 20-21.\n\n" in two["message"]["markdown"]
    assert (two["properties"]["oldStartLine"], two["properties"]["oldEndLine"]) == (20, 21)


@pytest.mark.parametrize(
    ("title", "body", "suggestion", "text"),
    [
        ("Why?", "", None, "Why?"),
        ("总额不对。", "退款", None, "总额不对。\n\n退款"),
        ("", "A body.", None, "A body."),
        ("", "", None, "(no title)"),
        ("one\r\ntwo", "a\r\n\tb\rc\n", None, "one two.\n\na\n\tb\nc"),
        ("t", "", "", "t.\n\nSuggestion: delete this."),
        ("a[0](1)", "[here](3) and `f[0](x)`", None, "a[0]\u2060(1).\n\n[here]\u2060(3) and `f[0]\u2060(x)`"),
        ("{0}", "{x} {{y}}", None, "{0}.\n\n{x} {{y}}"),
        (HOSTILE[:9], "a\u202eb", None, r"a\x1b[31mred" + ".\n\na<U+202E>b"),
    ],
    ids=["ends", "chinese", "no title", "nothing", "line ends", "deletion", "links", "braces", "hostile"],
)
def test_a_message_is_a_sentence_and_plain_words(title: str, body: str, suggestion: str | None, text: str) -> None:
    (told,) = results(review([APP], [finding(APP, 2, claim=draft(title, body, suggestion=suggestion))]))
    assert told["message"]["text"] == text


def test_a_message_in_markdown_is_harmless() -> None:
    claim = draft("**x** @team", "![a](https://b.example/c)\n<img src=x>", suggestion="```\n@all")
    (told,) = results(review([APP], [finding(APP, 2, claim=claim)]))
    assert told["message"]["markdown"] == (
        "**\\*\\*x\\*\\* @\u2060team**\n\n!\\[a](`https://b.example/c`)\n\\<img src=x>\n\n"
        "Suggestion:\n\n````\n```\n@all\n````"
    )


@pytest.mark.parametrize(
    ("path", "uri"),
    [
        ("a b#c?d%e:f.py", "a%20b%23c%3Fd%25e%3Af.py"),
        ("说明.md", "%E8%AF%B4%E6%98%8E.md"),
        ("caf\udce9.py", "caf%E9.py"),
        ("a\nb\x1b.py", "a%0Ab%1B.py"),
    ],
    ids=["signs", "chinese", "bytes", "controls"],
)
def test_a_path_is_an_address_byte_by_byte(path: str, uri: str) -> None:
    diff = file(path, hunk("+x"))
    (told,) = results(review([diff], [finding(diff, 1)]))
    assert told["locations"] == [place(uri, startLine=1, endLine=1)]


def test_an_incomplete_review_did_not_succeed_and_names_what_is_missing() -> None:
    result = review(
        [APP],
        skipped=[
            skipped("src/app.py", SkipReason.TIMED_OUT, lines=(2, 3), detail="after\n60 s", failed=True),
            skipped("src/app.py", SkipReason.TIMED_OUT, lines=(2, 2), side=Side.OLD, detail="after 60 s", failed=True),
            skipped("b c.py", SkipReason.TOO_LONG, failed=True),
            skipped("uv.lock", SkipReason.LOCK_FILE),
            skipped("src/app.py", SkipReason.REVIEWED_BEFORE, lines=(1, 1)),
        ],
    )
    (invocation,) = written(result)["invocations"]
    assert invocation == {
        "executionSuccessful": False,
        "toolExecutionNotifications": [
            {
                "descriptor": {"id": "timed_out"},
                "level": "error",
                "message": {"text": "Not reviewed, timed out: after 60 s"},
                "locations": [
                    place("src/app.py", startLine=2, endLine=3),
                    {**place("src/app.py"), "message": {"text": "In the old version, line 2."}},
                ],
            },
            {
                "descriptor": {"id": "too_long"},
                "level": "error",
                "message": {"text": "Not reviewed, too long"},
                "locations": [place("b%20c.py")],
            },
            {
                "descriptor": {"id": "lock_file"},
                "level": "note",
                "message": {"text": "Left out by choice, lock file"},
                "locations": [place("uv.lock")],
            },
        ],
    }


def test_what_is_not_told_is_no_result_but_a_note() -> None:
    result = review(
        [APP],
        dropped=[
            silenced(finding(APP, 3)),
            filtered(finding(APP, 2, side=Side.OLD, claim=draft("", "")), DropReason.BASELINE),
            unplaced(draft(category=Category.API)),
            unplaced(draft("t", "", path="", line=None), DropReason.UNKNOWN_PATH),
        ],
    )
    assert results(result) == []
    told = notes(result)
    assert [(one["descriptor"]["id"], one["message"]["text"], one["locations"]) for one in told] == [
        (
            "dismissed",
            "Not told, dismissed: The total ignores refunds (kim: on purpose)\n\n" + BODY,
            [place("src/app.py", startLine=3, endLine=3)],
        ),
        ("baseline", "Not told, baseline: (no title)", [place("src/app.py", startLine=2, endLine=2)]),
        (
            "quote_not_found",
            "Not told, quote not found: The total ignores refunds (claimed at src/app.py:2)\n\n" + BODY,
            [],
        ),
        ("unknown_path", "Not told, unknown path: t (claimed at (no path))", []),
    ]
    assert {one["level"] for one in told} == {"note"}
    assert told[2]["associatedRule"] == {"id": "api", "index": list(Category).index(Category.API)}


def test_what_became_of_earlier_findings_is_a_note() -> None:
    (gone, held) = notes(review([APP], gone=[Known(finding(APP, 3))], held=[Known(finding(APP, 3))]))
    assert gone["message"]["text"] == "1 finding is gone since the last review."
    assert held["message"]["text"].startswith("1 finding of earlier reviews may still stand")
    assert gone["descriptor"] == held["descriptor"] == {"id": "notes"}


def test_the_worst_results_are_kept_where_there_are_more_than_code_scanning_takes() -> None:
    mild, bad = (finding(APP, 2, claim=draft("", "", severity=level)) for level in (Severity.INFO, Severity.ERROR))
    document = json.loads(sarif.render(review([APP], [*[mild] * sarif.MOST, bad, bad]), View()))
    (run,) = document["runs"]
    assert len(run["results"]) == sarif.MOST == 5_000
    assert [told["level"] for told in run["results"][-3:]] == ["note", "error", "error"]
    (note,) = run["invocations"][0]["toolExecutionNotifications"]
    assert note["message"]["text"] == "Code scanning keeps 5,000 results: 2 findings more, the mildest, are left out."
    assert (note["level"], note["locations"]) == ("warning", [place("src/app.py", startLine=2, endLine=2)])


def test_what_a_model_says_without_end_stays_within_what_code_scanning_takes() -> None:
    random = Random(4)
    words = ["".join(random.choices(ascii_letters, k=6)) for _ in range(9_000)]

    def said(number: int) -> Finding:
        return finding(APP, 2, claim=draft("A claim", " ".join(random.choices(words, k=9_000 if number == 7 else 150))))

    found = [said(number) for number in range(sarif.MOST)]
    dropped = [Dropped("anchor", DropReason.QUOTE_NOT_FOUND, said(7).draft) for _ in range(50)]
    text = sarif.render(review([APP], found, dropped=dropped), View())
    assert len(gzip.compress(text.encode())) < 10_000_000
    (run,) = json.loads(text)["runs"]
    long = run["results"][7]["message"]
    assert len(long["text"]) <= sarif.LONGEST + 2
    assert len(long["markdown"]) <= sarif.LONGEST + 2
    assert long["text"].endswith(" …")
    assert all(len(one["message"]["text"]) < 600 for one in run["invocations"][0]["toolExecutionNotifications"])


def lines_of(text: str) -> list[str]:
    """Lines with their ends, of which only the last may have none, as SARIF counts them."""
    return re.findall(r"[^\n]*\n|[^\n]+\Z", text)


def applied(text: str, fix: dict[str, Any]) -> str:
    """The file after a fix, as the standard says: the region goes, the content comes."""
    (replacement,) = fix["artifactChanges"][0]["replacements"]
    region, rows = replacement["deletedRegion"], lines_of(text)
    starts = [sum(map(len, rows[:at])) for at in range(len(rows) + 1)]
    assert region.get("startColumn", 1) == 1
    start, last = starts[region["startLine"] - 1], region["endLine"] - 1
    bare = len(rows[last].removesuffix("\n").removesuffix("\r")) if "endColumn" not in region else 0
    assert region.get("endColumn", 1) == 1
    # There is no line behind one without an end.
    assert last < len(rows) or text.endswith("\n")
    return text[:start] + cast("str", replacement["insertedContent"]["text"]) + text[starts[last] + bare :]


def added(text: str) -> FileDiff:
    """A new file."""
    rows = lines_of(text)
    made = hunk(*("+" + row.removesuffix("\n") for row in rows))
    last = replace(made.lines[-1], newline=text.endswith("\n"))
    return file("a.txt", replace(made, lines=(*made.lines[:-1], last)))


@pytest.mark.parametrize(
    ("text", "lines", "suggestion", "after"),
    [
        ("a\nb\nc\n", (2, 2), "x\ny", "a\nx\ny\nc\n"),
        ("a\nb\nc", (3, 3), "x\ny", "a\nb\nx\ny"),
        ("a\r\nb\r\nc\r\n", (1, 2), "x\ny\nz", "x\r\ny\r\nz\r\nc\r\n"),
        ("a\nb\nc\n", (1, 2), "", "c\n"),
        ("a\nb\nc\n", (3, 3), "", "a\nb\n"),
        ("a\nb\nc", (3, 3), "", "a\nb\n"),
        ("a\nb\nc", (2, 2), "", "a\nc"),
    ],
    ids=["lines", "last line", "carriage returns", "delete", "delete the last", "delete the unended", "delete before"],
)
def test_a_fix_does_to_the_file_what_is_suggested(
    text: str, lines: tuple[int, int], suggestion: str, after: str
) -> None:
    diff = added(text)
    (told,) = results(review([diff], [finding(diff, *lines, draft(suggestion=suggestion))]))
    assert applied(text, told["fixes"][0]) == after


_ROWS = st.lists(st.text("ab ", max_size=3), min_size=1, max_size=5)


@given(_ROWS, st.data(), st.sampled_from(["\n", "\r\n"]), st.sampled_from([0, 1]))
def test_any_fix_replaces_its_lines_and_nothing_else(
    rows: Sequence[str], data: st.DataObject, ending: str, newline: int
) -> None:
    rows = [*rows[:-1], rows[-1] or "z"]
    # What the only line of a file ended with, nobody can know.
    ending = ending if newline or len(rows) > 1 else "\n"
    start, end = sorted(data.draw(st.tuples(*[st.integers(1, len(rows))] * 2)))
    new = data.draw(st.just([]) | _ROWS.filter(lambda made: made != [""]))
    text = ending.join(rows) + ending * newline
    diff = added(text)
    (told,) = results(review([diff], [finding(diff, start, end, draft(suggestion="\n".join(new)))]))
    if "fixes" in told:
        whole = [*rows[: start - 1], *new, *rows[end:]]
        open_end = newline or (end == len(rows) and not new)
        assert applied(text, told["fixes"][0]) == ending.join(whole) + ending * (open_end and bool(whole))
    else:
        assert new == rows[start - 1 : end]


def region(skip: Skipped) -> dict[str, int]:
    return {"startLine": skip.start, "endLine": skip.end} if skip.start and skip.end else {}


@given(reviews())
def test_any_report_is_valid_and_holds_every_claim(result: Review) -> None:
    run = written(result)
    (invocation,) = run["invocations"]
    assert invocation["executionSuccessful"] is result.complete
    assert [told["partialFingerprints"]["primaryLocationLineHash"] for told in run["results"]] == [
        found.fingerprint for found in result.findings
    ]
    told = [one["descriptor"]["id"] for one in invocation["toolExecutionNotifications"] if "associatedRule" in one]
    assert told == [drop.reason for drop in result.dropped]
    named = [
        place["physicalLocation"] for one in invocation["toolExecutionNotifications"] for place in one["locations"]
    ]
    for skip in result.skipped:
        assert skip.before or place(address(skip.path), **region(skip))["physicalLocation"] in named


@given(st.text(st.characters(codec="utf-8", categories=["L", "N", "P", "S"]), min_size=1))
def test_words_come_back_as_they_are(text: str) -> None:
    (told,) = results(review([APP], [finding(APP, 2, claim=draft("t", text))]))
    assert told["message"]["text"].replace("\u2060", "") == f"t.\n\n{text}"


@given(reviews())
def test_what_terminals_and_logs_obey_is_escaped(result: Review) -> None:
    rendered = sarif.render(result, View())
    assert {char for char in rendered if category(char) in {"Cc", "Cf", "Zl", "Zp"}} <= {"\n"}
    assert not re.search(r"##\w*\[|^\s*::", rendered, re.MULTILINE)


def test_the_view_changes_nothing() -> None:
    result = review([APP], [finding(APP, 2)])
    assert sarif.render(result, View(40, colour=True, verbosity=2)) == sarif.render(result, View())
