"""What the runner of GitHub Actions reads of a report."""

import re
from collections import Counter
from dataclasses import dataclass

import pytest
from hypothesis import given

from reviewbot.diff import Side
from reviewbot.finding import DropReason, Severity, State
from reviewbot.formats import github
from reviewbot.memory import Known
from reviewbot.ports import View
from reviewbot.review import Review, SkipReason
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

APP = file("src/app.py", hunk(" def total():", "-    return 1", "+    a = 1", "+    return a"))
INJECTION = "x\n::error::injected\r\n::add-mask::a\r::stop-commands::b\u2028::error::c\x85::error::d 100% %0A::error::e"


@dataclass(frozen=True)
class Command:
    name: str
    properties: dict[str, str]
    data: str


def read(report: str) -> tuple[list[Command], list[str]]:
    """Commands and other lines, as the runner tells them apart and reads them."""
    commands, plain = [], []
    for line in re.split(r"\r\n|\n|\r", report.removesuffix("\n")):
        text = line.strip()
        if not text.startswith("::"):
            plain.append(line)
            continue
        head, data = text[2:].split("::", 1)
        name, _, rest = head.partition(" ")
        pairs = (pair.split("=", 1) for pair in rest.split(",") if pair)
        commands.append(Command(name, {key: unescape(value, "\r\n:,") for key, value in pairs}, unescape(data, "\r\n")))
    return commands, plain


def unescape(text: str, chars: str) -> str:
    for char in chars:
        text = text.replace(f"%{ord(char):02X}", char)
    return text.replace("%25", "%")


def shown(result: Review) -> tuple[list[Command], list[str]]:
    return read(github.render(result, View()))


def test_a_finding_is_an_annotation_of_its_level_on_its_lines() -> None:
    claims = [draft("A, b: c", "50% of it\nis wrong", severity=level, suggestion="    a = 2\n") for level in Severity]
    result = review([APP], [finding(APP, 2, 3, claim) for claim in claims])
    commands, plain = shown(result)
    assert plain == []
    assert commands[0] == Command(
        "notice", {"title": "Review: 1 error, 1 warning, 1 info"}, "pass: 1 error, 1 warning, 1 info"
    )
    where = {"file": "src/app.py", "line": "2", "endLine": "3", "title": "A, b: c [correctness 9a212c5]"}
    text = "50% of it\nis wrong\n\nSuggestion:\n    a = 2"
    assert commands[1:] == [
        Command(name, {**where, "title": commands[1].properties["title"]}, text)
        for name in ("error", "warning", "notice")
    ]
    assert commands[1].properties["title"].startswith("A, b: c [correctness ")


def test_a_command_is_escaped_as_the_runner_reads_it() -> None:
    found = finding(file("a,b:c%d\ne.py", hunk("+x")), 1, claim=draft("T: 1,2", "100%\r\nsure"))
    assert github.render(review([], [found]), View()).splitlines()[1] == (
        f"::warning file=a%2Cb%3Ac%25d%0Ae.py,line=1,endLine=1,title=T%3A 1%2C2 [correctness {found.id}]::100%25%0Asure"
    )


def test_a_deleted_line_is_told_in_words_since_it_has_no_number_any_more() -> None:
    gone = draft("", "", suggestion="")
    result = review([APP], [finding(APP, 2, side=Side.OLD, claim=gone), finding(APP, 1, 2, side=Side.OLD)])
    one, two = shown(result)[0][1:]
    assert set(one.properties) == {"file", "title"}
    assert one.data == "(old version, line 2)\n\nSuggestion: delete this."
    assert two.data == "(old version, lines 1-2)\n\nA refund is not subtracted."


def test_a_finding_without_prose_says_its_title() -> None:
    command = shown(review([APP], [finding(APP, 2, claim=draft("", ""), state=State.STANDING)]))[0][1]
    assert command.data == command.properties["title"]
    assert re.fullmatch(r"\(no title\) \[correctness \w{7}, standing\]", command.data)


def test_the_verdict_tells_what_was_not_reviewed_and_what_has_no_place() -> None:
    result = review(
        [APP],
        [finding(APP, 2)],
        dropped=[unplaced(draft()), filtered(finding(APP, 3), DropReason.IGNORED_BY_CHANGE)],
        skipped=[
            skipped("uv.lock", SkipReason.LOCK_FILE),
            skipped("src/app.py", SkipReason.TIMED_OUT, lines=(2, 3), detail="after\n60 s", failed=True),
            skipped("src/app.py", SkipReason.TIMED_OUT, lines=(2, 2), side=Side.OLD, failed=True),
        ],
        fail_on=Severity.WARNING,
    )
    assert shown(result)[0][0] == Command(
        "warning",
        {"title": "Review: 1 warning, 1 ignored"},
        "fail: 1 warning, 1 ignored\n"
        "failed: findings at or above warning\n"
        "without a place in the change: 1 claim\n"
        "incomplete: 3 changed lines not reviewed\n"
        "- src/app.py:2-3: timed out: after 60 s\n"
        "- old src/app.py:2: timed out\n"
        "- uv.lock: lock file",
    )


def test_the_verdict_tells_what_became_of_what_was_told_before() -> None:
    result = review(
        [APP],
        [finding(APP, 2, state=State.STANDING)],
        dropped=[silenced(finding(APP, 3))],
        skipped=[skipped("src/app.py", SkipReason.REVIEWED_BEFORE, lines=(3, 3))],
        gone=[Known(finding(APP, 3))],
        held=[Known(finding(APP, 3))],
    )
    assert shown(result)[0][0] == Command(
        "notice",
        {"title": "Review: 1 warning, standing, 1 dismissed"},
        "pass: 1 warning, standing, 1 dismissed\n"
        "1 finding is gone since the last review\n"
        "1 finding of earlier reviews may still stand: its file was not reviewed",
    )


def test_a_long_list_of_what_was_not_reviewed_is_counted() -> None:
    parts = [skipped(f"{number}.py", SkipReason.EXCLUDED) for number in range(100_000)]
    data = shown(review([APP], skipped=parts))[0][0].data
    assert data.endswith("- 19.py: excluded\n- and 99,980 more")


@pytest.mark.parametrize("fail_on", [None, Severity.WARNING])
def test_a_level_has_ten_annotations_with_the_verdict_and_the_rest_is_a_plain_line(fail_on: Severity | None) -> None:
    long = file("a.py", hunk(*["+x"] * 36))
    findings = [finding(long, at, claim=draft(severity=level)) for at in range(1, 37, 3) for level in Severity]
    commands, plain = shown(review([long], findings, fail_on=fail_on))
    assert Counter(command.name for command in commands) == {"error": 10, "warning": 10, "notice": 10}
    left = "2 errors, 3 warnings, 2 info" if fail_on else "2 errors, 2 warnings, 3 info"
    assert plain == [f"Not shown as annotations, of which a step has few: {left}. Other formats show all."]


def test_no_text_of_anybody_becomes_a_command() -> None:
    names = file(INJECTION, hunk(f"+{INJECTION}"))
    claim = draft(INJECTION, INJECTION, path=INJECTION, suggestion=INJECTION)
    result = review(
        [names],
        [finding(names, 1, claim=claim)],
        dropped=[unplaced(claim)],
        skipped=[skipped(INJECTION, SkipReason.BAD_REPLY, detail=INJECTION, failed=True)],
    )
    commands, plain = shown(result)
    assert plain == []
    assert [command.name for command in commands] == ["warning", "warning"]
    assert commands[1].properties["file"].startswith("x\n::error::injected\r\n::add-mask::a\r")
    assert commands[1].data.startswith(
        "x\n::error::injected\n::add-mask::a\n::stop-commands::b<U+2028>::error::c<U+0085>"
    )
    assert "100% %0A::error::e" in commands[1].data


@pytest.mark.parametrize("command", ["##[error]a", "###[error]a", "##vso[task.setvariable variable=a]b"])
def test_a_command_of_older_runners_is_none_in_the_middle_of_a_line(command: str) -> None:
    report = github.render(review([APP], [finding(APP, 2, claim=draft(command, f"x {command}"))]), View())
    assert not re.search(r"##\w*\[", report)
    assert r"\x23" in report


def test_what_cannot_be_seen_is_spelled_out() -> None:
    odd = file(HOSTILE, hunk("+x"))
    report = github.render(review([odd], [finding(odd, 1, claim=draft(HOSTILE, HOSTILE))]), View())
    assert r"\x1b[31mred\x07\x00" in report
    assert r"\xe9" in report


def test_texts_without_end_are_cut() -> None:
    command = shown(review([APP], [finding(APP, 2, claim=draft("t" * 10_000, "b" * 10_000))]))[0][1]
    assert command.data == "b" * 4000 + " …"
    assert command.properties["title"].startswith("t" * 200 + " … [correctness ")


@given(reviews())
def test_any_report_is_commands_of_three_kinds_the_same_for_every_view(result: Review) -> None:
    report = github.render(result, View())
    assert report == github.render(result, View(1, colour=True, verbosity=-1))
    commands, plain = read(report)
    assert plain == []
    assert len(commands) == 1 + len(result.findings)
    assert {command.name for command in commands} <= {"error", "warning", "notice"}
    assert all(set(command.properties) <= {"file", "line", "endLine", "title"} for command in commands)
    assert not re.search("[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029\u202e]", report)
