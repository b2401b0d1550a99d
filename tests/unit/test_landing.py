"""Where findings stand in the files after the change, and what programs may write there."""

from dataclasses import replace

import pytest

from reviewbot.diff import FileDiff, Side
from reviewbot.finding import Anchor, Finding
from reviewbot.formats._landing import Edit, Landing
from tests.support.reviews import draft, file, finding, hunk

APP = file("a.py", hunk(" one", "-two", "-three", "+2", "+3", " four", "-five", " six"))
PARTS = (file("a.py", hunk(" one", old=5, new=7)), file("a.py", hunk("-late", "+new", old=50, new=40)))


def landed(files: tuple[FileDiff, ...], start: int, end: int, *, side: Side = Side.OLD) -> tuple[int, int]:
    return Landing(files).lines(Anchor("a.py", side, start, end))


@pytest.mark.parametrize(
    ("start", "end", "line"),
    [(2, 2, 2), (2, 3, 2), (1, 3, 1), (4, 4, 4), (5, 5, 5), (5, 6, 5)],
    ids=["replaced", "two replaced", "unchanged first", "unchanged", "deleted", "deleted and unchanged"],
)
def test_old_lines_stand_where_others_came_in_their_place(start: int, end: int, line: int) -> None:
    assert landed((APP,), start, end) == (line, line)


def test_the_lines_at_the_end_of_a_hunk_stand_on_the_last_one_before_them() -> None:
    assert landed((file("a.py", hunk(" one", " two", "-three", old=7, new=4)),), 9, 9) == (5, 5)


def test_where_a_hunk_has_no_new_line_the_one_before_it_is_meant() -> None:
    assert landed((file("a.py", hunk("-one", old=7, new=5)),), 7, 7) == (4, 4)


def test_in_a_file_that_is_gone_and_outside_of_the_change_the_first_line_is_meant() -> None:
    assert landed((file("a.py", hunk("-one", "-two")),), 2, 2) == (1, 1)
    assert landed((APP,), 90, 90) == (1, 1)
    assert landed((), 90, 90) == (1, 1)


def test_new_lines_stand_where_they_are() -> None:
    assert landed((), 3, 9, side=Side.NEW) == (3, 9)


def test_every_part_of_a_file_is_looked_at() -> None:
    assert landed(PARTS, 5, 5) == (7, 7)
    assert landed(PARTS, 50, 50) == (40, 40)
    made = Landing(PARTS).edit(finding(PARTS[1], 40, claim=draft(suggestion="newer")))
    assert made == Edit(("newer",), "\n", last=False)


def ended(last: str, *, start: str = "first", newline: bool = False) -> FileDiff:
    """A file of two lines."""
    made = hunk(f"+{start}", f"+{last}")
    lines = (made.lines[0], replace(made.lines[1], newline=newline))
    return file("a.py", replace(made, lines=lines))


END = hunk("+last")
ALONE = Edit(("x",), "\n", last=True)


@pytest.mark.parametrize(
    ("diff", "start", "end", "suggestion", "edit"),
    [
        (APP, 2, 3, "x\ny\nz", Edit(("x", "y", "z"), "\n", last=False)),
        (APP, 2, 2, "x\n", Edit(("x", ""), "\n", last=False)),
        (APP, 2, 3, "", Edit((), "\n", last=False)),
        (ended("last"), 2, 2, "x", Edit(("x",), "\n", last=True)),
        (ended("last"), 1, 1, "x", Edit(("x",), "\n", last=False)),
        (ended("last", start="first\r"), 1, 2, "x\ny", Edit(("x", "y"), "\r\n", last=True)),
        (ended("last", start="first\r"), 2, 2, "x\ny", Edit(("x", "y"), "\r\n", last=True)),
        (file("a.py", replace(END, lines=(replace(END.lines[0], newline=False),))), 1, 1, "x", ALONE),
    ],
    ids=["lines", "an empty line", "none", "at the end", "before it", "carriage returns", "one before", "alone"],
)
def test_a_suggestion_replaces_whole_lines(diff: FileDiff, start: int, end: int, suggestion: str, edit: Edit) -> None:
    made = Landing((diff,)).edit(finding(diff, start, end, draft(suggestion=suggestion)))
    assert made == edit


def test_an_edit_has_the_line_ends_of_the_file_but_for_the_last_one() -> None:
    assert Edit(("x", "y"), "\r\n", last=False).text == "x\r\ny"
    assert Edit((), "\n", last=False).text == ""


OLD = finding(APP, 1, side=Side.OLD, claim=draft(suggestion="x"))
HIDDEN = file("REDACTED_PASSWORD_1/a.py", hunk("+one"))
HIDING = file("a.py", hunk('+key = "REDACTED_PASSWORD_1"'))
MIXED = file("a.py", hunk("+one\r", "+two"))


@pytest.mark.parametrize(
    ("diff", "found"),
    [
        (APP, finding(APP, 2)),
        (APP, OLD),
        (APP, replace(finding(APP, 2, claim=draft(suggestion="x")), excerpt=("older",))),
        (APP, replace(finding(APP, 2, claim=draft(suggestion="x")), excerpt=())),
        (APP, finding(file("b.py", *APP.hunks), 2, claim=draft(suggestion="x"))),
        (APP, finding(APP, 2, claim=draft(suggestion='key = "REDACTED_PASSWORD_1"'))),
        (HIDING, finding(HIDING, 1, claim=draft(suggestion="key = None"))),
        (HIDDEN, finding(HIDDEN, 1, claim=draft(suggestion="x"))),
        (MIXED, finding(MIXED, 1, 2, claim=draft(suggestion="x"))),
        (APP, finding(APP, 2, claim=draft(suggestion="half \ud800"))),
        (APP, finding(APP, 2, 3, claim=draft(suggestion="2\n3"))),
    ],
    ids=[
        "no suggestion",
        "old lines",
        "other lines",
        "no lines",
        "another file",
        "a credential is written",
        "a credential is replaced",
        "a credential in the name",
        "two kinds of ends",
        "no text",
        "nothing changed",
    ],
)
def test_no_program_writes_what_is_not_meant(diff: FileDiff, found: Finding) -> None:
    assert Landing((diff,)).edit(found) is None
