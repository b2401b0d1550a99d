"""What only repeats another tool goes, with its reason; whatever says more stays."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reviewbot.diff import FileDiff, Side
from reviewbot.finding import Category, DropReason, Finding, Severity
from reviewbot.hints import Hint
from reviewbot.review import Change, Review, Target
from reviewbot.stages.known import NEAR, Passed, known
from tests.support.reviews import draft, file, finding, hunk, reviews

APP = file("src/app.py", hunk("+import os", "+total = price - refund", "+save(price)", "+", "+", "-gone = 1"))
UNUSED = Hint("src/app.py", 2, 2, "ruff F841", "Local variable `total` is assigned to but never used", Severity.ERROR)


def said(
    title: str, line: int = 2, end: int | None = None, *, body: str = "Delete it.", diff: FileDiff = APP
) -> Finding:
    return finding(diff, line, end, draft(title, body))


def passed(found: Finding, *hints: Hint, diff: FileDiff = APP) -> Passed:
    return known([found], hints, change=Change(Target(None, None, "a change"), (diff,)))


def repeats(
    code: str,
    tool: str,
    text: str,
    title: str,
    *,
    body: str = "",
    category: Category = Category.CORRECTNESS,
    security: bool = False,
) -> bool:
    """Whether a finding on a line of code only says what a tool says of it."""
    diff = file("a.py", hunk(f"+{code}"))
    found = finding(diff, 1, claim=draft(title, body, category=category))
    return not passed(found, Hint("a.py", 1, 1, tool, text, Severity.ERROR, security), diff=diff).findings


SHELL = "`subprocess` call with `shell=True` identified, security issue"
EVAL = "Use of possibly insecure function; consider using `ast.literal_eval`"
NEVER_USED = "Local variable `total` is assigned to but never used"

SAME = [
    ("import os", "ruff F401", "`os` imported but unused", "Unused import os"),
    ("import os", "ruff F401", "`os` imported but unused", "The import of `os` is never used"),
    ("import os", "ruff F401", "`os` imported but unused", "未使用的导入 os"),
    ("total = a - b", "ruff F841", NEVER_USED, "Unused variable total"),
    ("total = a - b", "ruff F841", NEVER_USED, "`total` is assigned but not used"),
    ("total = a - b", "ruff F841", NEVER_USED, "变量 total 未被使用"),
    ("total := a - b", "golangci-lint ineffassign", "ineffectual assignment to total", "total is never read"),
    (
        "const rowCount = 1",
        "ESLint no-unused-vars",
        "'rowCount' is assigned a value but never used.",
        "The row count is never used",
    ),
    ("return totl", "ruff F821", "Undefined name `totl`", "totl is not defined"),
    ("except:", "ruff E722", "Do not use bare `except`", "Bare except hides errors"),
    ("except: pass", "Bandit B110", "Try, Except, Pass detected.", "The exception handler swallows every exception"),
    ("except: pass", "ruff S110", "`try`-`except`-`pass` detected, consider logging the exception", "吞掉异常"),
    (
        "def f(a=[]):",
        "ruff B006",
        "Do not use mutable data structures for argument defaults",
        "Mutable default argument",
    ),
    ("requests.get(u)", "ruff S113", "Probable use of `requests` call without timeout", "No timeout on requests.get"),
    ("f = open(p)", "ruff SIM115", "Use a context manager for opening files", "The file is never closed"),
    ("def f(:", "ruff invalid-syntax", "Expected a parameter", "Syntax error in the parameter list"),
    ("assert user", "ruff S101", "Use of `assert` detected", "Relies on assert"),
    ("def f(a, b, c):", "ruff PLR0913", "Too many arguments in function definition (7 > 5)", "Too many arguments"),
    ("if x == None:", "ruff E711", "Comparison to `None` should be `cond is None`", "Comparison to None with =="),
]
SAME_SECURITY = [
    (
        "get(u, verify=False)",
        "ruff S501",
        "Probable use of `requests` call with `verify=False` disabling SSL certificate checks",
        "The certificate of the server is not checked",
        False,
    ),
    ("exec(text)", "Bandit B102", "Use of exec detected.", "Arbitrary code execution through exec", True),
    ("call(cmd, shell=True)", "ruff S602", SHELL, "Shell injection through cmd", False),
    ("call(cmd, shell=True)", "ruff S602", SHELL, "cmd from the request reaches the shell: command execution", False),
    ("call(cmd, shell=True)", "ruff S602", SHELL, "命令注入", False),
    ("call(cmd, shell=True)", "Semgrep OSS audit.subprocess-shell-true", "Dangerous call", "Command injection", True),
    ("eval(text)", "ruff S307", EVAL, "eval on user input allows code execution", False),
    ("eval(text)", "Bandit B307", EVAL, "任意代码执行", True),
    (
        "db(f'{q}')",
        "ruff S608",
        "Possible SQL injection vector through string-based query construction",
        "SQL injection",
        False,
    ),
    (
        "pickle.loads(b)",
        "ruff S301",
        "`pickle` can be unsafe when used to deserialize untrusted data",
        "Unpickling of untrusted data",
        False,
    ),
    ("md5(p)", "ruff S324", "Probable use of insecure hash functions in `hashlib`: `md5`", "MD5 is a weak hash", False),
    (
        "- run: echo ${{ t }}",
        "zizmor zizmor/template-injection",
        "code injection via template expansion",
        "Code injection",
        True,
    ),
    ("pw = 'x'", "Bandit B105", "Possible hardcoded password: 'REDACTED_1'", "Hardcoded password", True),
]


@pytest.mark.parametrize(("code", "tool", "text", "title"), SAME, ids=[case[3] for case in SAME])
def test_what_only_repeats_a_hint_goes(code: str, tool: str, text: str, title: str) -> None:
    assert repeats(code, tool, text, title)


@pytest.mark.parametrize(
    ("code", "tool", "text", "title", "security"), SAME_SECURITY, ids=[case[3] for case in SAME_SECURITY]
)
def test_what_only_repeats_a_hint_of_security_goes(
    code: str, tool: str, text: str, title: str, *, security: bool
) -> None:
    assert repeats(code, tool, text, title, category=Category.SECURITY, security=security)


OTHERS = [
    ("total = price - refund", "ruff F841", NEVER_USED, "price and refund are swapped in total"),
    (
        "if price == None:",
        "ruff E711",
        "Comparison to `None` should be `cond is None`",
        "Comparison of price is inverted",
    ),
    ("total = a - b", "ruff F841", NEVER_USED, "The charge ignores refunds: the computed total is never used"),
    ("total = a - b", "ruff F841", NEVER_USED, "The total ignores refunds"),
    ("total = a - b", "ruff F841", NEVER_USED, "a may be None, and total is never used"),
    ("total = a - b", "ruff F841", NEVER_USED, "Off by one in the local variable"),
    ("total = a - b", "ruff F841", NEVER_USED, "total"),
    ("total = a - b", "ruff F841", NEVER_USED, "变量 total 可能为空"),
    ("def run(a, b):", "ruff D103", "Missing docstring in public function", "Callers of run still pass one argument"),
    (
        "def run(a, b):",
        "ruff PLR0913",
        "Too many arguments in function definition (7 > 5)",
        "The arguments are swapped",
    ),
    ("x = rows[n]", "ruff E501", "Line too long (130 > 120)", "Index error where n is the number of rows"),
    ("except:", "ruff E722", "Do not use bare `except`", "The lock is not released when this fails"),
    ("f = open(p)", "ruff SIM115", "Use a context manager for opening files", "The path is taken from the request"),
    ("", "a tool ", "", "The total ignores refunds"),
    ("total, discount = 1, 2", "ruff F841", NEVER_USED, "discount is never used"),
    ("import os, json", "ruff F401", "`os` imported but unused", "Unused import json"),
    (
        "def total(prices, taken):",
        "a tool",
        "`taken` still shadows the argument that callers of `total` pass: rename one",
        "Callers still pass one argument",
    ),
    (
        "x = f(rows)",
        "a tool",
        "Rows that callers pass are copied each time, which takes memory",
        "Callers pass no rows",
    ),
]


@pytest.mark.parametrize(("code", "tool", "text", "title"), OTHERS, ids=[case[3] for case in OTHERS])
def test_another_matter_on_the_same_line_stays(code: str, tool: str, text: str, title: str) -> None:
    assert not repeats(code, tool, text, title)


OTHER_SECURITY = [
    ("xss = 'x'", "ruff S105", 'Possible hardcoded password assigned to: "xss"', "XSS"),
    (
        "eval = eval(q)",
        "ruff F841",
        "Local variable `eval` is assigned to but never used",
        "Code injection through eval",
    ),
    ("k = 'abc'", "ruff FURB156", "Use of hardcoded string charset", "Hardcoded key"),
    (
        "out = call(cmd, shell=True)",
        "ruff F841",
        "Local variable `out` is assigned to but never used",
        "Shell injection",
    ),
    ("out = call(cmd, shell=True)", "ruff F841", "Local variable `out` is assigned to but never used", "Unused out"),
    (
        "call(cmd, shell=True)",
        "ruff S603",
        "`subprocess` call: check for execution of untrusted input",
        "SQL injection",
    ),
    ("eval(text)", "ruff S307", EVAL, "SQL injection through eval"),
    ("injection = eval(q)", "ruff F841", "Local variable `injection` is assigned to but never used", "Code injection"),
    (
        "unsafe_eval_code_injection = run(q)",
        "ruff F841",
        "Local variable `unsafe_eval_code_injection` is assigned to but never used",
        "Code injection",
    ),
    ("sql_injection = 'x'", "ruff S105", 'Possible hardcoded password assigned to: "sql_injection"', "SQL injection"),
]


@pytest.mark.parametrize(
    ("code", "tool", "text", "title"), OTHER_SECURITY, ids=[case[1] + case[3] for case in OTHER_SECURITY]
)
def test_a_finding_of_security_stays_whatever_the_code_is_called(code: str, tool: str, text: str, title: str) -> None:
    assert not repeats(code, tool, text, title, category=Category.SECURITY)


@pytest.mark.parametrize(
    "text", ["Local variable `xss` is assigned to but never used", "declared and not used: xss", "'xss' is unused"]
)
@pytest.mark.parametrize("line", [1, 2, 3])
def test_names_of_the_lines_beside_it_silence_no_finding(text: str, line: int) -> None:
    diff = file("a.py", hunk(*["+show(page)"] * (line - 1), "+xss := 1", *["+show(page)"] * (3 - line)))
    hints = [Hint("a.py", line, line, "a tool", text, Severity.ERROR)]
    for category in (Category.SECURITY, Category.OTHER):
        found = finding(diff, 2, claim=draft("XSS", category=category))
        assert passed(found, *hints, diff=diff).findings == (found,)


def test_a_hint_about_the_line_before_silences_no_finding_about_another_name() -> None:
    diff = file("a.py", hunk("+total = 1", "+discount = 2"))
    hint = Hint("a.py", 1, 1, "ruff F841", NEVER_USED, Severity.ERROR)
    found = finding(diff, 2, claim=draft("discount is never used"))
    assert passed(found, hint, diff=diff).findings == (found,)


def test_a_name_of_its_own_line_in_a_message_about_another_silences_no_finding() -> None:
    diff = file("a.py", hunk("+page :=", "+xss(page)"))
    hint = Hint("a.py", 1, 1, "a tool", "the value goes to xss", Severity.ERROR)
    found = finding(diff, 2, claim=draft("XSS", category=Category.SECURITY))
    assert passed(found, hint, diff=diff).findings == (found,)


def test_a_name_that_a_message_quotes_from_elsewhere_silences_no_finding() -> None:
    assert not repeats("show(page)", "ruff F811", "Redefinition of unused `xss` from line 99", "XSS")
    assert repeats(
        "show(page)", "ruff F811", "Redefinition of unused `show` from line 99", "show shadows an unused one"
    )


def test_a_body_that_speaks_of_a_hole_keeps_a_finding() -> None:
    case = ("total = a - b", "ruff F841", NEVER_USED, "Unused variable total")
    assert repeats(*case, body="It can be deleted.")
    assert not repeats(*case, body="What it was to hold goes into the query as it is: SQL injection.")


def test_a_body_is_compared_where_there_is_no_title() -> None:
    assert repeats("total = a - b", "ruff F841", NEVER_USED, "", body="`total` is never used.")
    assert not repeats("total = a - b", "ruff F841", NEVER_USED, "", body="The refund is subtracted twice.")


@pytest.mark.parametrize(
    ("lines", "dropped"),
    [((1, 1), True), ((2, 2), True), ((3, 3), True), ((1, 3), True), ((4, 4), False), ((4, 5), False)],
)
def test_a_finding_one_line_away_is_in_the_same_place(lines: tuple[int, int], *, dropped: bool) -> None:
    assert NEAR == 1
    assert bool(passed(said("Unused variable total", *lines), UNUSED).dropped) is dropped


def test_what_is_dropped_is_listed_with_the_tool_and_what_it_says() -> None:
    found = said("Unused variable total")
    (drop,) = passed(found, UNUSED).dropped
    assert (drop.stage, drop.reason, drop.draft, drop.finding) == ("filter", DropReason.KNOWN, found.draft, found)
    assert drop.note == "ruff F841: Local variable `total` is assigned to but never used"
    assert not drop.counts
    assert not drop.unanchored


def test_the_first_hint_that_says_it_is_noted() -> None:
    other = Hint("src/app.py", 2, 2, "ESLint no-unused-vars", "'total' is never used", Severity.ERROR)
    (drop,) = passed(
        said("Unused variable total"), Hint("src/app.py", 2, 2, "x y", "Other", Severity.ERROR), other, UNUSED
    ).dropped
    assert drop.note.startswith("ESLint")


def test_another_file_is_another_place() -> None:
    diff = file("src/other.py", *APP.hunks)
    assert passed(said("Unused variable total", diff=diff), UNUSED, diff=diff).dropped == ()


def test_a_finding_on_a_deleted_line_stays() -> None:
    hint = Hint("src/app.py", 1, 9, "ruff F841", "Local variable is never used", Severity.ERROR)
    assert passed(finding(APP, 1, claim=draft("Unused variable"), side=Side.OLD), hint).dropped == ()
    assert passed(said("Unused variable"), hint).dropped


@pytest.mark.parametrize("hinted", Severity)
@pytest.mark.parametrize("claimed", Severity)
def test_a_finding_that_is_worse_than_the_hint_stays(claimed: Severity, hinted: Severity) -> None:
    found = finding(APP, 2, claim=draft("Unused variable total", severity=claimed))
    hint = Hint("src/app.py", 2, 2, "ruff F841", NEVER_USED, hinted)
    assert bool(passed(found, hint).findings) is (claimed.rank < hinted.rank)


def test_a_finding_that_was_told_before_stays() -> None:
    found = Finding(said("Unused variable total").anchor, ("x",), draft("Unused variable total"), told_as="ab" * 32)
    assert passed(found, UNUSED).findings == (found,)


HINTS = st.builds(
    Hint,
    st.sampled_from(["src/app.py", "a"]) | st.text(max_size=5),
    st.integers(1, 20),
    st.integers(1, 20),
    st.sampled_from(["ruff F841", "a tool "]),
    st.text(max_size=60) | st.sampled_from([NEVER_USED, SHELL, EVAL]),
    st.sampled_from(Severity),
    st.booleans(),
)


@given(reviews(), st.lists(HINTS, max_size=5))
def test_nothing_is_lost_and_nothing_changes_its_order(made: Review, hints: list[Hint]) -> None:
    result = known(made.findings, hints, change=made.change)
    dropped = [drop.finding for drop in result.dropped]
    assert sorted(map(id, (*result.findings, *dropped))) == sorted(map(id, made.findings))
    assert list(result.findings) == [one for one in made.findings if one in result.findings]
    assert known(made.findings, (), change=made.change).findings == made.findings


@pytest.mark.parametrize(
    "text", ["not " * 30_000, "mutable default " * 10_000, "catch all " * 12_000, "try" + "`" * 100_000]
)
def test_long_texts_take_no_long_time(text: str) -> None:
    started = time.monotonic()
    passed(said(text, body=text), UNUSED)
    assert time.monotonic() - started < 2


def test_a_hint_about_many_lines_says_little_of_each() -> None:
    diff = file("a.py", hunk(*["+total = 1"] * 60))
    found = finding(diff, 30, claim=draft("Unused variable total"))
    assert passed(found, Hint("a.py", 1, 50, "ruff F841", NEVER_USED, Severity.ERROR), diff=diff).dropped
    assert not passed(found, Hint("a.py", 1, 51, "ruff F841", NEVER_USED, Severity.ERROR), diff=diff).dropped


def test_any_number_of_hints_takes_no_long_time() -> None:
    diff = file("a.py", hunk(*["+total = 1"] * 60))
    change = Change(Target(None, None, "a change"), (diff,))
    hints = [Hint("a.py", 5, 50, f"tool {number}", "`total` is too long", Severity.ERROR) for number in range(20_000)]
    found = [finding(diff, line, claim=draft(f"The total ignores refunds {line}")) for line in range(5, 51)]
    started = time.process_time()
    assert known(found, hints, change=change).findings == tuple(found)
    assert time.process_time() - started < 8
