"""Text that shows something else than it says, and honest text that only looks unusual."""

import re
import time
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reviewbot.diff import FileDiff, Side, Status
from reviewbot.finding import Category, Finding, Severity
from reviewbot.review import Change, Target
from reviewbot.stages.disguise import AROUND, MOST, NAMED, disguise
from tests.support.reviews import file, hunk
from tests.support.strategies import file_diffs
from tests.support.texts import SCRIPTS

TURNING = "Text that shows in another order than it is read"
LOOKALIKE = "Letters that look like others"
ACTING = "Control characters in the text"
HIDDEN = "Characters that nobody sees"


def found(*files: FileDiff) -> tuple[Finding, ...]:
    return disguise(Change(Target(None, None, "a change"), files))


def of(text: str) -> Finding | None:
    """What is found on one added line, not the first of its file."""
    (finding,) = found(file("a.py", hunk("+" + text, new=7))) or (None,)
    return finding


@pytest.mark.parametrize(
    ("text", "title", "named"),
    [
        ('access = "user\u202e \u2066// admin\u2069 \u2066"', TURNING, "U+202E RIGHT-TO-LEFT OVERRIDE"),
        ("x = 1 \u2067 /* comment */", TURNING, "U+2067 RIGHT-TO-LEFT ISOLATE"),
        ("x = \u200f1", TURNING, "U+200F RIGHT-TO-LEFT MARK"),
        ("x = \u061c1", TURNING, "U+061C ARABIC LETTER MARK"),
        ("is_\u0430dmin = 1", LOOKALIKE, "U+0430 CYRILLIC SMALL LETTER A (looks like a)"),
        ("p\u03bfssible()", LOOKALIKE, "U+03BF GREEK SMALL LETTER OMICRON (looks like o)"),
        ("n\u0578w", LOOKALIKE, "U+0578 ARMENIAN SMALL LETTER VO (looks like n)"),
        ("\uff45val(x)", LOOKALIKE, "U+FF45 FULLWIDTH LATIN SMALL LETTER E (looks like e)"),
        ("\U0001d68eval(x)", LOOKALIKE, "U+1D68E MATHEMATICAL MONOSPACE SMALL E (looks like e)"),
        ("user_\u0441\u043e\u0440\u0435 = 1", LOOKALIKE, "U+0441 CYRILLIC SMALL LETTER ES (looks like c)"),
        ("user.\u0441\u043e\u0440\u0435", LOOKALIKE, "U+0441 CYRILLIC SMALL LETTER ES (looks like c)"),
        ("\u0441\u043e\u0440\u0435(user)", LOOKALIKE, "U+0441 CYRILLIC SMALL LETTER ES (looks like c)"),
        ("if (env \u01c3= PROD) {", LOOKALIKE, "U+01C3 LATIN LETTER RETROFLEX CLICK (looks like !)"),
        ("f()\u037e", LOOKALIKE, "U+037E GREEK QUESTION MARK (looks like ;)"),
        ("x = '\x1b[2K'", ACTING, "U+001B ESCAPE"),
        ("evil()\b\b\b\b\b\bgood()", ACTING, "U+0008 BACKSPACE"),
        ("evil()\rgood()", ACTING, "U+000D CARRIAGE RETURN"),
        ("// a comment \u2028 evil()", ACTING, "U+2028 LINE SEPARATOR"),
        ("\x9b2J", ACTING, "U+009B CONTROL SEQUENCE INTRODUCER"),
        ("\x01", ACTING, "U+0001 CONTROL"),
        ("ad\u200bmin", HIDDEN, "U+200B ZERO WIDTH SPACE"),
        ('name == "admin\u200b"', HIDDEN, "U+200B ZERO WIDTH SPACE"),
        ("ad\u200dmin", HIDDEN, "U+200D ZERO WIDTH JOINER"),
        ("ad\u2060min", HIDDEN, "U+2060 WORD JOINER"),
        ("ad\ufeffmin", HIDDEN, "U+FEFF ZERO WIDTH NO-BREAK SPACE"),
        ("\ufeffadmin", HIDDEN, "U+FEFF ZERO WIDTH NO-BREAK SPACE"),
        ("ad\xadmin", HIDDEN, "U+00AD SOFT HYPHEN"),
        ("{ timeout,\u3164 } = query", HIDDEN, "U+3164 HANGUL FILLER"),
        ("ok \U000e0049\U000e0067\U000e006e", HIDDEN, "U+E0049 TAG LATIN CAPITAL LETTER I"),
        ("\U0001f3f4\U000e0049\U000e0067\U000e006e", HIDDEN, "U+E0049 TAG LATIN CAPITAL LETTER I"),
        ("\U0001f600\ufe0f\ufe01\ufe0a", HIDDEN, "U+FE01 VARIATION SELECTOR-2"),
        ("x\U000e0100 = 4", HIDDEN, "U+E0100 VARIATION SELECTOR-17"),
        ("a\U000e0fff", HIDDEN, "U+E0FFF UNNAMED"),
    ],
)
def test_disguised_text_is_found_and_named(text: str, title: str, named: str) -> None:
    finding = of(text)
    assert finding
    assert finding.draft.title == title
    assert named in finding.draft.body
    assert finding.draft.category is Category.SECURITY
    assert finding.draft.confidence == 1.0
    assert finding.excerpt == (text,)
    assert (finding.anchor.path, finding.anchor.side, finding.anchor.start, finding.anchor.end) == (
        "a.py",
        Side.NEW,
        7,
        7,
    )


HONEST = [
    *(text for kind in ("chinese", "japanese", "korean", "arabic", "other scripts") for text in SCRIPTS[kind]),
    *SCRIPTS["code"],
    "\tindented\f",
    "a line of another system\r",
    "# \u0412\u0435\u0440\u043d\u0438 \u0441\u0443\u043c\u043c\u0443, \u0430 \u043d\u0435 list \u0438\u0437 API",
    '"\\n\u041e\u0448\u0438\u0431\u043a\u0430: %s\u0444\u0430\u0439\u043b"',
    'msgstr "\u0421\u0440"',
    '"\\n\u0421\u0440\u0443 %(name)s\u0441\u0443 %lu\u0441\u0443"',
    "# \u0445\u043e\u0440(\u0430) \u0438\u043b\u0438 list",
    'DATE = "j E Y \u0433."',
    "Web\u0441\u0435\u0440\u0432\u0435\u0440",
    "# \u03a4\u03b9 \u03b5\u03af\u03bd\u03b1\u03b9 \u03b1\u03c5\u03c4\u03cc\u037e",
    "\u03b1 = \u03b2 * H_\u03bd(x) + \u03c1_0",
    "\u0394T = 5 \u03bcs",
    "\uff37\uff45\uff42 \u306e API",
    "\u0645\u06cc\u200c\u062e\u0648\u0627\u0647\u0645 HTML\u200c\u0647\u0627",
    "\u0915\u094d\u200d\u0937",
    "\u0e01\u200b\u0e02",
    "\u05e9\u05dc\u05d5\u05dd\u200f!",
    "\U0001f468\u200d\U0001f469\u200d\U0001f467 \u2764\ufe0f 1\ufe0f\u20e3 \U0001f3f3\ufe0f\u200d\U0001f308 \xa9\ufe0f",
    "\U0001f3f4\U000e0067\U000e0062\U000e0065\U000e006e\U000e0067\U000e007f",
    "\u8fbb\U000e0100",
    "\u1100\u1160",
    "na\xefve caf\xe9 e\u0301 \xa0 \u2014 \u2018x\u2019",
    "\udcff\udcfe",
]


@pytest.mark.parametrize("text", HONEST, ids=ascii)
def test_honest_text_is_no_alarm(text: str) -> None:
    assert of(text) is None


@pytest.mark.parametrize(
    ("text", "severity"),
    [
        ("\u202ea\u202c", Severity.ERROR),
        ("\u202da\u202c", Severity.ERROR),
        ("\u2066a\u2069", Severity.WARNING),
        ("\u2066a", Severity.ERROR),
        ("\u202ba\u202c", Severity.WARNING),
        ("\u202ba", Severity.ERROR),
        ("\u2066\u202ba\u2069", Severity.WARNING),
        ("\u2066\u202ba\u202c", Severity.ERROR),
        ("\u202b\u2066a\u202c\u2069", Severity.ERROR),
        ("\u202b\u2066a\u2069\u202c", Severity.WARNING),
        ("a\u2069\u202c", Severity.WARNING),
        ("a\u200e", Severity.WARNING),
        ("\x1b[31m", Severity.WARNING),
        ("p\u0430ypal", Severity.WARNING),
    ],
    ids=ascii,
)
def test_an_override_and_what_does_not_end_on_the_line_are_errors(text: str, severity: Severity) -> None:
    finding = of(text)
    assert finding
    assert finding.draft.severity is severity


def test_the_body_names_some_characters_and_writes_the_line_out() -> None:
    finding = of("x" * 50 + "\u202e\u200b\x1b\u2060\x07\u2028\u200d" + "y" * 50)
    assert finding
    assert finding.draft.title == TURNING
    assert "In the line: U+202E RIGHT-TO-LEFT OVERRIDE, U+200B ZERO WIDTH SPACE, U+001B ESCAPE" in finding.draft.body
    assert len(re.findall(r"U\+[0-9A-F]+ [A-Z]", finding.draft.body)) == NAMED
    assert " and 2 more. " in finding.draft.body
    written = "<U+202E><U+200B><U+001B><U+2060><U+0007><U+2028><U+200D>"
    assert finding.draft.body.endswith(f"It is written: {'x' * AROUND}{written}{'y' * (AROUND - 7)}")


def test_the_first_line_of_a_file_may_begin_with_a_byte_order_mark() -> None:
    assert not found(file("a.py", hunk("+\ufeffx = 1")))
    assert found(file("a.py", hunk("+x", "+\ufeffx = 1")))
    assert found(file("a.py", hunk("+\ufeff\ufeffx = 1")))


def test_only_added_lines_are_looked_at() -> None:
    diff = file("a.py", hunk(" \u202e", "-\u202e", "+ok", "+\u202e"))
    assert [finding.anchor.start for finding in found(diff)] == [3]


@pytest.mark.parametrize(
    ("signed", "side", "line"),
    [
        ([" a", "-b", "+c", "+d"], Side.NEW, 2),
        ([" a", "-b"], Side.NEW, 1),
        (["-a", "-b"], Side.OLD, 1),
    ],
    ids=["added", "context", "deleted"],
)
def test_a_disguised_name_is_told_on_the_first_added_line_or_else_on_the_first(
    signed: list[str], side: Side, line: int
) -> None:
    (finding,) = found(file("src/\u202efdp.exe", hunk(*signed)))
    assert (finding.anchor.side, finding.anchor.start) == (side, line)
    assert finding.draft.body.startswith("In the file's name: U+202E RIGHT-TO-LEFT OVERRIDE. ")
    assert finding.draft.severity is Severity.ERROR


def test_a_disguised_name_and_a_disguised_first_line_are_one_finding() -> None:
    (finding,) = found(file("p\u0430y.py", hunk("+\u202e")))
    assert (finding.draft.severity, finding.draft.title) == (Severity.ERROR, TURNING)
    assert "In the file's name: U+0430" in finding.draft.body
    assert "In the line: U+202E" in finding.draft.body


def test_a_name_without_any_line_is_told_nowhere() -> None:
    assert not found(FileDiff("p\u0430y.py", Status.RENAMED, (), "pay.py"))


def test_the_old_name_goes_along_for_a_renamed_file_only() -> None:
    renamed = file("b.py", hunk("+\u202e"), old_path="a.py")
    copied = FileDiff("c.py", Status.COPIED, renamed.hunks, "a.py")
    assert [finding.anchor.old_path for finding in found(renamed, copied)] == ["a.py", None]


@pytest.mark.parametrize(("lines", "more"), [(MOST - 1, None), (MOST, ""), (MOST + 1, "1"), (MOST + 2_000, "2,000")])
def test_a_file_has_so_many_findings_and_the_last_says_how_many_more(lines: int, more: str | None) -> None:
    made = found(file("a.py", hunk(*["+\x1b"] * lines)), file("b.py", hunk("+\x1b")))
    assert len(made) == min(lines, MOST) + 1
    said = [finding for finding in made if "more lines of this file" in finding.draft.body]
    assert [finding.anchor.start for finding in said] == ([MOST] if more else [])
    assert all(finding.draft.body.endswith(f" {more} more lines of this file are like this.") for finding in said)


@given(st.lists(file_diffs(), max_size=3))
def test_every_finding_stands_on_one_line_of_the_change_and_the_same_ones_come_again(files: list[FileDiff]) -> None:
    made = found(*files)
    assert made == found(*files)
    for finding in made:
        texts = [
            line.text
            for diff in files
            for part in diff.hunks
            for line in part.lines
            if diff.path == finding.anchor.path and line.number(finding.anchor.side) == finding.anchor.start
        ]
        assert finding.excerpt[0] in texts
        assert finding.draft.quote == finding.excerpt[0]


@given(st.text(st.characters(exclude_characters="\n\t\f\r")))
def test_every_control_and_every_direction_in_a_line_without_other_writing_is_found(text: str) -> None:
    plain = "".join(char for char in text if char.isascii() or unicodedata.bidirectional(char) in {"RLO", "LRI", "PDF"})
    worth = any(not char.isprintable() for char in plain)
    assert (of("x" + plain) is not None) is worth


@given(st.text(st.characters(codec="ascii", exclude_characters="\n\r\f\t", exclude_categories=["Cc"])))
def test_plain_ascii_is_never_an_alarm(text: str) -> None:
    assert of(text) is None


@pytest.mark.parametrize(
    "unit",
    [
        "a\u200b",
        "\u202a",
        "\u2066\u2069",
        "a\u0430",
        "\u0430\u0430.",
        "%(aaaa",
        "%0000000",
        "\\n",
        "\U0001f3f4",
        "\u03bd_",
    ],
    ids=ascii,
)
def test_a_hostile_line_takes_time_in_its_length(unit: str) -> None:
    started = time.process_time()
    of((unit * 300_000)[:300_000] + "\u0430")
    assert time.process_time() - started < 5
