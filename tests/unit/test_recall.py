"""What of a change was looked at before, and what of it counts as looked at now."""

from collections import Counter
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reviewbot.diff import FileDiff, Hunk, Line, Side, Status
from reviewbot.finding import Severity
from reviewbot.hints import Hint
from reviewbot.memory import Part
from reviewbot.missing import missing
from reviewbot.review import Change, Skipped, SkipReason, changed_lines
from reviewbot.stages.recall import covered, recall
from tests.support.reviews import file, hunk, skipped
from tests.support.strategies import changes

FAILED = SkipReason.PROVIDER_FAILED
LINES = (" before", "-old", "+new", " after")
FIRST = file("a.py", hunk(*LINES))


def digests(*files: FileDiff, key: str = "model") -> list[str]:
    return [part.digest for part in recall(files, reviewed=(), key=key).parts]


def left(*files: FileDiff, reviewed: list[str], key: str = "model") -> list[FileDiff]:
    """What still has to be looked at."""
    return list(recall(files, reviewed=reviewed, key=key).files)


def open_end(diff: FileDiff) -> FileDiff:
    (only,) = diff.hunks
    return diff.with_hunks([replace(only, lines=(*only.lines[:-1], replace(only.lines[-1], newline=False)))])


@pytest.mark.parametrize(
    "again",
    [
        pytest.param(FIRST, id="nothing changed"),
        pytest.param(file("a.py", hunk(*LINES, old=40, new=90)), id="other numbers after a push or a rebase"),
        pytest.param(file("lib/b.py", hunk(*LINES), old_path="a.py"), id="the file renamed"),
        pytest.param(FIRST.with_hunks([replace(FIRST.hunks[0], section="def f():")]), id="another heading"),
        pytest.param(replace(FIRST, old_mode="100644", new_mode="100755"), id="another mode"),
    ],
)
def test_a_hunk_that_is_shown_again_is_recalled(again: FileDiff) -> None:
    recalled = recall([again], reviewed=digests(FIRST), key="model")
    assert recalled.files == ()
    assert {skip.reason for skip in recalled.skipped} == {SkipReason.REVIEWED_BEFORE}
    assert not any(skip.failed for skip in recalled.skipped)


@pytest.mark.parametrize(
    "other",
    [
        pytest.param(file("a.py", hunk(" other", *LINES[1:])), id="other context"),
        pytest.param(file("a.py", hunk(*LINES, " more")), id="more context"),
        pytest.param(file("a.py", hunk(" before", "+old", "-new", " after")), id="other signs"),
        pytest.param(file("a.py", hunk(" before", "+new", "-old", " after")), id="another order"),
        pytest.param(file("a.py", hunk(" before", "-old", "+new ", " after")), id="a blank more"),
        pytest.param(file("a.py", hunk(" before", "-old", "+new\r", " after")), id="another line end"),
        pytest.param(open_end(FIRST), id="no newline at the end of the file"),
        pytest.param(file("b.py", hunk(*LINES)), id="another file"),
        pytest.param(replace(FIRST, path="b.py", status=Status.COPIED, old_path="a.py"), id="a copy of the file"),
    ],
)
def test_other_content_is_looked_at(other: FileDiff) -> None:
    assert left(other, reviewed=digests(FIRST)) == [other]


def test_another_model_or_another_wish_is_another_look() -> None:
    assert left(FIRST, reviewed=digests(FIRST), key="other") == [FIRST]


def test_lines_that_run_together_are_other_lines() -> None:
    one, two = file("a.py", hunk('+x", "+y')), file("a.py", hunk("+x", "+y"))
    assert digests(one) != digests(two)


def test_of_equal_hunks_each_counts_for_itself() -> None:
    many = file("a.py", *(hunk(*LINES, old=at, new=at) for at in (1, 11, 21)))
    reviewed = digests(many.with_hunks(many.hunks[:2]))
    assert len({*digests(many)}) == 3
    assert left(many, reviewed=reviewed) == [many.with_hunks(many.hunks[2:])]


def test_equal_hunks_of_a_series_of_patches_count_for_themselves_too() -> None:
    assert left(FIRST, FIRST, reviewed=digests(FIRST)) == [FIRST]
    assert left(FIRST, FIRST, reviewed=digests(FIRST, FIRST)) == []


def test_only_what_is_new_of_a_file_is_left() -> None:
    old, new = hunk("+one"), hunk("+two", old=9, new=9)
    both = file("a.py", old, new)
    recalled = recall([both], reviewed=digests(file("a.py", old)), key="model")
    assert recalled.files == (both.with_hunks([new]),)
    assert [(skip.side, skip.start, skip.end) for skip in recalled.skipped] == [(Side.NEW, 1, 1)]
    assert [part.hunk for part in recalled.parts] == [old, new]


def test_what_is_new_between_two_old_hunks_is_not_named() -> None:
    hunks = [hunk(f"+{at}", old=at, new=at) for at in (1, 11, 21)]
    whole = file("a.py", *hunks)
    recalled = recall([whole], reviewed=digests(file("a.py", hunks[0], hunks[2])), key="model")
    assert [(skip.start, skip.end) for skip in recalled.skipped] == [(1, 1), (21, 21)]
    assert covered(recalled.parts, recalled.skipped) == recalled.parts


def test_a_hunk_in_which_nothing_changed_is_nothing_to_look_at() -> None:
    still = hunk(" one", " two", old=9, new=9)
    both = file("a.py", hunk(*LINES), still)
    recalled = recall([both], reviewed=digests(FIRST), key="model")
    assert (recalled.files, len(recalled.parts)) == ((), 1)
    assert recall([both], reviewed=(), key="model").files == (both,)


def test_a_digest_is_thirty_two_hexadecimal_digits_whatever_the_bytes() -> None:
    odd = file("caf\udce9.py", hunk("+\udcff\0\u2028"))
    (digest,) = digests(odd)
    assert (len(digest), {*digest} <= {*"0123456789abcdef"}) == (32, True)


@st.composite
def _halves(draw: st.DrawFn) -> tuple[Change, list[str]]:
    change = draw(changes())
    known = [digest for digest in digests(*change.files) if draw(st.booleans())]
    return change, known


@given(_halves())
def test_every_changed_line_is_either_asked_about_or_named_and_never_both(given_: tuple[Change, list[str]]) -> None:
    change, known = given_
    recalled = recall(change.files, reviewed=known, key="model")
    named = missing(change, recalled.skipped)
    asked: Counter[str] = Counter()
    for diff in recalled.files:
        asked[diff.path] += diff.changed
        assert not missing(Change(change.target, (diff,)), recalled.skipped).total()
    assert all(asked[diff.path] + named[diff.path] == diff.changed for diff in change.files)
    assert {*recalled.parts} == {*recall(change.files, reviewed=(), key="model").parts}
    assert [diff.path for diff in change.files if diff.changed == 0] == [
        diff.path for diff in recalled.files if diff.changed == 0
    ]


@given(changes())
def test_what_was_covered_is_recalled_as_a_whole_and_stays_covered(change: Change) -> None:
    first = recall(change.files, reviewed=(), key="model")
    kept = covered(first.parts, first.skipped)
    assert kept == first.parts
    again = recall(change.files, reviewed=[part.digest for part in kept], key="model")
    assert not any(diff.changed for diff in again.files)
    assert covered(again.parts, again.skipped) == again.parts


TWO = file("a.py", hunk("-one", "+two", "+three"), hunk("+four", old=9, new=9))
A, B = recall([TWO], reviewed=(), key="model").parts


@pytest.mark.parametrize(
    ("skips", "expected"),
    [
        pytest.param([], (A, B), id="nothing"),
        pytest.param([skipped("a.py", FAILED, failed=True)], (), id="the file"),
        pytest.param([skipped("b.py", FAILED, failed=True)], (A, B), id="another file"),
        pytest.param([skipped("a.py", SkipReason.REVIEWED_BEFORE)], (A, B), id="what was reviewed before"),
        pytest.param([skipped("a.py", FAILED, lines=(2, 2), failed=True)], (B,), id="a line of a hunk"),
        pytest.param([skipped("a.py", FAILED, lines=(1, 1), side=Side.OLD, failed=True)], (B,), id="a deleted line"),
        pytest.param([skipped("a.py", FAILED, lines=(9, 9), side=Side.OLD, failed=True)], (A, B), id="no deleted line"),
        pytest.param([skipped("a.py", FAILED, lines=(2, 9), failed=True)], (), id="lines of both"),
        pytest.param([skipped("a.py", FAILED, lines=(3, 8), failed=True)], (A, B), id="lines between them"),
        pytest.param([Skipped("a.py", Side.NEW, 9, None, FAILED, "", failed=True)], (A,), id="a single line"),
    ],
)
def test_only_what_was_looked_at_as_a_whole_is_covered(skips: list[Skipped], expected: tuple[Part, ...]) -> None:
    assert covered((A, B), skips) == expected


@given(changes(), st.data())
def test_a_hunk_that_was_cut_is_covered_only_when_all_its_pieces_were(change: Change, data: st.DataObject) -> None:
    parts = recall(change.files, reviewed=(), key="model").parts
    files = {diff.path: diff for diff in change.files}
    skips: list[Skipped] = []
    lost: set[Line] = set()
    for part in parts:
        cut = data.draw(st.integers(0, len(part.hunk.lines)))
        pieces = part.hunk.parts([cut]) if 0 < cut < len(part.hunk.lines) else (part.hunk,)
        for piece in data.draw(st.lists(st.sampled_from(pieces), max_size=1)):
            skips += changed_lines(files[part.path].with_hunks([piece]), reason=FAILED, detail="")
            lost |= _changed(piece, part.path)
    assert [part.digest for part in covered(parts, skips)] == [
        part.digest for part in parts if _changed(part.hunk, part.path).isdisjoint(lost)
    ]


def _changed(piece: Hunk, path: str) -> set[Line]:
    return {replace(line, text=path) for line in piece.lines if line.changed}


def test_the_same_lines_are_looked_at_again_as_another_kind_of_file() -> None:
    notes = file("notes.txt", hunk(*LINES))
    script = file("deploy.sh", hunk(*LINES), old_path="notes.txt")
    assert left(script, reviewed=digests(notes)) == [script]


UNUSED = Hint("a.py", 2, 2, "ruff F841", "`new` is never used")


@pytest.mark.parametrize(
    ("hints", "asked"),
    [
        pytest.param([], [FIRST], id="nothing any more"),
        pytest.param([replace(UNUSED, text="it is too long")], [FIRST], id="in other words"),
        pytest.param([replace(UNUSED, severity=Severity.ERROR)], [FIRST], id="as worse"),
        pytest.param([replace(UNUSED, start=1, end=40)], [], id="of other lines around it"),
    ],
)
def test_a_hunk_of_which_tools_say_something_else_is_looked_at_again(hints: list[Hint], asked: list[FileDiff]) -> None:
    (part,) = recall([FIRST], reviewed=(), key="model", hints=[UNUSED]).parts
    assert list(recall([FIRST], reviewed=[part.digest], key="model", hints=hints).files) == asked


def test_what_tools_say_of_one_hunk_lets_the_others_be() -> None:
    both = file("a.py", hunk(*LINES), hunk(" far", "+away", old=50, new=50))
    plain = recall([both], reviewed=(), key="model").parts
    hinted = recall([both], reviewed=(), key="model", hints=[UNUSED, replace(UNUSED, path="b.py", start=51, end=51)])
    assert [one == other for one, other in zip(plain, hinted.parts, strict=True)] == [False, True]
