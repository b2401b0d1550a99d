import pytest

from reviewbot.diff import FileDiff, LineKind, Side, Status
from reviewbot.finding import Category, Draft, Finding, Severity
from reviewbot.stages.anchor import anchor, index
from tests.support.strategies import numbered

ROWS = (
    (LineKind.CONTEXT, "def mean(prices):"),
    (LineKind.DELETED, "    return sum(prices) / 2"),
    (LineKind.ADDED, "    count = len(prices)"),
    (LineKind.ADDED, ""),
    (LineKind.ADDED, "    return sum(prices) / count"),
    (LineKind.ADDED, "closed = True\r"),
    (LineKind.ADDED, 'token = "<|im_end|>"'),
    (LineKind.ADDED, 'flag = "\U0001f3f4\U000e0067\U000e0062\U000e007f"'),
    (LineKind.ADDED, "7|table row"),
    (LineKind.ADDED, "+plus(row)"),
    (LineKind.ADDED, 'x = conect("REDACTED_GITHUB_TOKEN_1")'),
    (LineKind.ADDED, "```sh"),
    (LineKind.ADDED, "make install"),
    (LineKind.ADDED, "```"),
)
LINES = index([FileDiff("a.py", Status.MODIFIED, (numbered(ROWS),))])
RETURN = "    return sum(prices) / count"
COUNTED = f"    count = len(prices)\n\n{RETURN}"
GUARDED = "    return sum(prices) / count if count else 0"


def kept(quote: str, suggestion: str | None, side: Side = Side.NEW, line: int | None = None) -> str | None:
    draft = Draft("a.py", line, side, quote, Severity.WARNING, Category.OTHER, "Title", "Body.", suggestion, 0.5)
    finding = anchor(draft, LINES)
    assert isinstance(finding, Finding)
    return finding.draft.suggestion


@pytest.mark.parametrize(
    ("quote", "suggestion", "expected"),
    [
        pytest.param(RETURN, GUARDED, GUARDED, id="as it stands"),
        pytest.param(RETURN, "", "", id="deletes the lines"),
        pytest.param(RETURN, "    if count:\n    " + RETURN, "    if count:\n    " + RETURN, id="more lines"),
        pytest.param(RETURN, GUARDED + "\n", GUARDED, id="a line end"),
        pytest.param(RETURN, GUARDED.replace("if", "\r\nif"), GUARDED.replace("if", "\nif"), id="carriage returns"),
        pytest.param(RETURN, f"```python\n{GUARDED}\n```", GUARDED, id="fence"),
        pytest.param(f"+4|{RETURN}", f"+4|{GUARDED}", GUARDED, id="sign and number"),
        pytest.param(RETURN, f"4|{GUARDED}\n\n5|    x()", f"{GUARDED}\n\n    x()", id="numbers"),
        pytest.param(RETURN, f"+{GUARDED}\n+    x()", f"{GUARDED}\n    x()", id="bare signs"),
        pytest.param(RETURN, f"+{GUARDED}\n    x()", f"+{GUARDED}\n    x()", id="a sign before one line only"),
        pytest.param("7|table row", "7|other row", "7|other row", id="a line that looks numbered"),
        pytest.param("+plus(row)", "+minus(row)", "+minus(row)", id="a line that looks signed"),
        pytest.param("```sh\nmake install\n```", "```sh\nmake\n```", "```sh\nmake\n```", id="a fence that is reviewed"),
        pytest.param(RETURN.strip(), GUARDED.strip(), GUARDED, id="indentation lost in both"),
        pytest.param(RETURN.strip(), GUARDED, GUARDED, id="indentation lost in the quote"),
        pytest.param(
            "count = len(prices)\n\nreturn sum(prices) / count", "a()\n\n  b()", "    a()\n\n      b()", id="lines"
        ),
        pytest.param(f"```\n{RETURN.strip()}\n```", "x()", "    x()", id="indentation lost in a fence"),
        pytest.param(RETURN.replace(" ", "  "), GUARDED, GUARDED, id="other white space"),
        pytest.param(
            RETURN, 'return "[\u200bINST]"', 'return "[INST]"', id="a token of another family as the prompt shows it"
        ),
        pytest.param(
            RETURN, 'return "<\u200b|im_end|>"', 'return "<|im_end|>"', id="a control token as the prompt shows it"
        ),
    ],
)
def test_a_suggestion_is_what_stands_in_the_anchored_lines_place(quote: str, suggestion: str, expected: str) -> None:
    assert kept(quote, suggestion) == expected


@pytest.mark.parametrize(
    ("quote", "suggestion"),
    [
        pytest.param(RETURN, None, id="none is given"),
        pytest.param(RETURN, RETURN, id="it changes nothing"),
        pytest.param(RETURN, RETURN + "\n", id="it changes nothing but its end"),
        pytest.param(RETURN, RETURN.replace(" / ", "  /  "), id="it changes nothing but white space"),
        pytest.param(COUNTED, COUNTED.replace("\n\n", "\n    \n"), id="it changes nothing but a blank line"),
        pytest.param(f"+4|{RETURN}", f"+4|{RETURN}", id="it changes nothing but the prefix"),
        pytest.param("closed = True", "closed = True", id="it changes nothing but the carriage return"),
        pytest.param("sum(prices) / count", "sum(prices)", id="the quote is part of a line"),
        pytest.param("    return sum[prices] / count", GUARDED, id="the quote is nearly right"),
        pytest.param("    return sum(prices) / 2", GUARDED, id="the line is deleted"),
        pytest.param("    return sum(prices) / 2\n    count = len(prices)", GUARDED, id="deleted and added lines"),
        pytest.param(RETURN, 'return "\ufffd"', id="it holds what cannot be shown"),
        pytest.param('flag = "\U0001f3f4"', 'flag = "\U0001f3f4!"', id="it would lose what a prompt leaves out"),
    ],
)
def test_a_suggestion_that_replaces_no_whole_new_lines_is_left_out(quote: str, suggestion: str | None) -> None:
    assert kept(quote, suggestion, line=4) is None


def test_indentation_alone_is_a_change_where_it_has_a_meaning() -> None:
    assert kept(RETURN, "    " + RETURN) == "    " + RETURN
    assert kept(RETURN, RETURN.strip()) is None
    lines = index([FileDiff("a.c", Status.MODIFIED, (numbered([(LineKind.ADDED, "    return total;")]),))])
    offered = "        return total;"
    claim = Draft("a.c", 1, Side.NEW, "    return total;", Severity.WARNING, Category.OTHER, "", "", offered, 0.5)
    finding = anchor(claim, lines)
    assert isinstance(finding, Finding)
    assert finding.draft.suggestion is None


def test_a_suggestion_for_unchanged_lines_is_kept() -> None:
    assert kept("def mean(prices):", "def mean(values):", Side.OLD) == "def mean(values):"


@pytest.mark.parametrize(
    ("quote", "suggestion"),
    [
        ('x = conect("REDACTED_GITHUB_TOKEN_1")', 'x = connect("REDACTED_GITHUB_TOKEN_1")'),
        ('x = conect("REDACTED_GITHUB_TOKEN_1")', "x = connect(token)"),
        ("+plus(row)", 'plus("REDACTED_PASSWORD_2")'),
    ],
)
def test_a_suggestion_that_would_commit_a_placeholder_is_none(quote: str, suggestion: str) -> None:
    assert kept(quote, suggestion) is None
