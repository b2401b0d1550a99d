"""The comment that silences a finding, and all it does not silence."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reviewbot.diff import FileDiff, Side
from reviewbot.finding import Category, DropReason, Finding
from reviewbot.review import Change, Target
from reviewbot.stages.ignore import Ignored, ignore
from tests.support.reviews import draft, file, finding, hunk
from tests.support.strategies import TEXTS


def passed(*findings: Finding, files: tuple[FileDiff, ...]) -> Ignored:
    return ignore(findings, change=Change(Target(None, None, "a change"), files))


def silenced(*signed: str, line: int, category: Category = Category.SECURITY, side: Side = Side.NEW) -> bool:
    """True where the comment in a file's only hunk silences a finding on one of its lines."""
    diff = file("a.py", hunk(*signed))
    found = finding(diff, line, claim=draft(category=category), side=side)
    return not passed(found, files=(diff,)).findings


COMMENTS = [
    "# reviewbot: ignore",
    "#reviewbot:ignore",
    "## reviewbot: ignore",
    "#\treviewbot:\tignore, it is a test",
    "// reviewbot: ignore",
    "/// reviewbot: ignore",
    "//! reviewbot: ignore",
    "/* reviewbot: ignore */",
    "/** reviewbot: ignore",
    "-- reviewbot: ignore",
    "; reviewbot: ignore",
    ";; reviewbot: ignore",
    "<!-- reviewbot: ignore -->",
    "% reviewbot: ignore",
    "{# reviewbot: ignore #}",
    "{- reviewbot: ignore -}",
    "(* reviewbot: ignore *)",
    "# reviewbot: ignore[security]",
    "# reviewbot: ignore[data, security] since it is said elsewhere",
    "# reviewbot: ignore\r",
]
ALONE = [
    "* reviewbot: ignore",
    '" reviewbot: ignore',
    "' reviewbot: ignore",
    "! reviewbot: ignore",
    ".. reviewbot: ignore",
    "rem reviewbot: ignore",
    "@REM reviewbot: ignore",
    "dnl reviewbot: ignore",
]


@pytest.mark.parametrize("comment", COMMENTS)
def test_a_comment_behind_code_silences_its_own_line_only(comment: str) -> None:
    assert silenced(f"+eval(x) {comment}", line=1)
    assert not silenced(f"+eval(x) {comment}", "+eval(y)", line=2)
    assert not silenced("+eval(w)", f"+eval(x) {comment}", line=1)


@pytest.mark.parametrize("comment", [*COMMENTS, *ALONE])
def test_a_comment_on_a_line_of_its_own_silences_that_and_the_next_one(comment: str) -> None:
    lines = ("+before", f"+\t{comment}", "+eval(x)", "+eval(y)")
    assert [silenced(*lines, line=line) for line in (1, 2, 3, 4)] == [False, True, True, False]


@pytest.mark.parametrize(
    "line",
    [
        "x = 'a # reviewbot: ignore'",
        'x = "a // reviewbot: ignore"',
        "x = `a # reviewbot: ignore`",
        'x = "a text that goes on # reviewbot: ignore',
        r'x = "a \" # reviewbot: ignore"',
        r"x = 'it\'s # reviewbot: ignore'",
        "'reviewbot: ignore'",
        '"reviewbot: ignore"',
        "' reviewbot: ignore' + eval(x)",
        "x = reviewbot: ignore",
        "reviewbot: ignore",
        "x = '# \"# reviewbot: ignore'",
        "http://reviewbot: ignore",
        "url#reviewbot: ignore",
        "i-- reviewbot: ignore",
        r"\% reviewbot: ignore",
        "# a word before reviewbot: ignore",
        '# "a" reviewbot: ignore',
        "# reviewbot: ignored",
        "# reviewbot: ignore-file",
        "# reviewbot: ignore_all",
        "# reviewbot:",
        "# not-reviewbot: ignore",
        "# Reviewbot: ignore",
        "# reviewbot: ignore[",
        "# reviewbot: ignore[]",
        "# reviewbot: ignore[everything]",
        "# reviewbot: ignore[*]",
        "# reviewbot: ignore[data]",
        "# reviewbot: ignore[security",
    ],
)
def test_what_is_no_such_comment_silences_nothing(line: str) -> None:
    assert not silenced(f"+{line}", "+eval(x)", line=1)
    assert not silenced(f"+{line}", "+eval(x)", line=2)


@pytest.mark.parametrize(
    "line",
    [
        'x = "a"  # reviewbot: ignore',
        "x = 'a'; // reviewbot: ignore",
        "fn first<'a>(x: &str) // reviewbot: ignore",
        "don't(x)  # reviewbot: ignore",
        'x = "# reviewbot: ignore[data]"  # reviewbot: ignore',
        r"x = '\\'  # reviewbot: ignore",
        "f();// reviewbot: ignore",
        "x # reviewbot: ignore 'quoted'",
    ],
)
def test_a_comment_behind_a_text_is_one(line: str) -> None:
    assert silenced(f"+{line}", line=1)


def test_a_block_comment_with_code_behind_it_speaks_of_its_own_line() -> None:
    lines = ("+/* reviewbot: ignore */ eval(x);", "+eval(y);")
    assert [silenced(*lines, line=line) for line in (1, 2)] == [True, False]


@pytest.mark.parametrize("category", [*Category])
def test_a_category_is_silenced_where_it_is_named_and_a_secret_never(category: Category) -> None:
    named = f"+x  # reviewbot: ignore[{category}]"
    assert silenced(named, line=1, category=category) is (category is not Category.SECRET)
    assert silenced("+x  # reviewbot: ignore", line=1, category=category) is (category is not Category.SECRET)
    assert not silenced("+x  # reviewbot: ignore[other, secret]", line=1, category=Category.SECRET)
    other = Category.DOCS if category is Category.DATA else Category.DATA
    assert not silenced(named, line=1, category=other)


def test_a_comment_does_not_reach_over_the_end_of_a_hunk_or_into_another_file() -> None:
    first, second = hunk("+# reviewbot: ignore"), hunk("+eval(x)", old=2, new=2)
    diff, other = file("a.py", first, second), file("b.py", second)
    result = passed(finding(diff, 2), finding(other, 2), files=(diff, other))
    assert len(result.findings) == 2


def test_a_finding_of_several_lines_is_silenced_where_it_begins() -> None:
    diff = file("a.py", hunk("+f(", "+  x,  # reviewbot: ignore", "+)"))
    whole, rest = finding(diff, 1, 3), finding(diff, 2, 3)
    assert passed(whole, rest, files=(diff,)).findings == (whole,)


def test_a_deleted_line_neither_speaks_nor_is_spoken_of() -> None:
    assert not silenced("-check(x)  # reviewbot: ignore", line=1, side=Side.OLD)
    assert not silenced("-# reviewbot: ignore", "+eval(x)", line=1)
    assert not silenced(" # reviewbot: ignore", "-check(x)", line=2, side=Side.OLD)
    assert not silenced(" check(x)  # reviewbot: ignore", line=1, side=Side.OLD)
    # On the new side the deleted line does not stand between the two.
    assert silenced(" # reviewbot: ignore", "-check(x)", "+eval(x)", line=2)


def test_what_a_comment_of_the_change_itself_silences_is_told_apart() -> None:
    diff = file("a.py", hunk(" x  # reviewbot: ignore", "+y  # reviewbot: ignore", "+z"))
    old, new, other = (finding(diff, line) for line in (1, 2, 3))
    result = passed(old, new, other, files=(diff,))
    assert result.findings == (other,)
    assert [drop.finding for drop in result.dropped] == [old, new]
    assert [(drop.stage, drop.reason) for drop in result.dropped] == [
        ("filter", DropReason.IGNORED),
        ("filter", DropReason.IGNORED_BY_CHANGE),
    ]
    assert result.dropped[0].draft is old.draft


def test_a_comment_that_stood_there_before_is_enough() -> None:
    diff = file("a.py", hunk(" # reviewbot: ignore", "+x  # reviewbot: ignore"))
    result = passed(finding(diff, 2), files=(diff,))
    assert [drop.reason for drop in result.dropped] == [DropReason.IGNORED]


def test_in_a_series_of_patches_only_the_hunk_of_the_finding_speaks() -> None:
    first, second = file("a.py", hunk("+x  # reviewbot: ignore")), file("a.py", hunk("+x"))
    assert passed(finding(second, 1), files=(first, second)).findings
    assert not passed(finding(first, 1), files=(first, second)).findings
    # The same line in both: neither may speak for the other's surroundings.
    above, bare = file("a.py", hunk("+# reviewbot: ignore", "+x")), file("a.py", hunk(" y", "+x"))
    assert passed(finding(above, 2), files=(above, bare)).findings


@given(st.lists(st.tuples(st.sampled_from("+- "), TEXTS).map("".join), min_size=1, max_size=6))
def test_without_the_comment_nothing_is_silenced(signed: list[str]) -> None:
    diff = file("a.py", hunk(*signed))
    numbers = [line.new for line in diff.hunks[0].lines if line.new]
    found = [finding(diff, number) for number in numbers]
    assert passed(*found, files=(diff,)) == Ignored(tuple(found), ())


@pytest.mark.parametrize(
    "unit",
    ["/", "#", " #", "'", '"', "\\'", "# reviewbot:", "'# reviewbot: ignore", "/*", "`\\", "{-", " "],
)
def test_a_hostile_line_takes_time_in_its_length(unit: str) -> None:
    line = (unit * 1_000_000)[:1_000_000] + "reviewbot"
    started = time.process_time()
    silenced(f"+{line}", line=1)
    assert time.process_time() - started < 5
