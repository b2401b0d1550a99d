"""A suggestion in a text: its lines are found or it is left, and no other line is touched."""

import hashlib
from collections.abc import Sequence
from dataclasses import replace

import pytest
from hypothesis import assume, example, given
from hypothesis import strategies as st

from reviewbot.applying import _difference
from reviewbot.diff import Side
from reviewbot.finding import Anchor, Finding, Severity
from reviewbot.mending import REACH, Left, Mend, Proof, Text, locate, mend, proof, proofs, ranked
from reviewbot.patch import parse, render
from tests.support.applied import applied
from tests.support.reviews import draft

LINES = st.sampled_from(["", "x", "y = compute(x)", "    return total", "\x0c", "a\rb", "\u2028", "\udce9", "\ufeff"])
ENDS = st.sampled_from(["\n", "\r\n"])


@st.composite
def texts(draw: st.DrawFn) -> str:
    body = "".join(line + end for line, end in draw(st.lists(st.tuples(LINES, ENDS), max_size=8)))
    return draw(st.sampled_from(["", "\ufeff"])) + body + draw(st.just("") | LINES)


@st.composite
def mended_texts(draw: st.DrawFn) -> tuple[Text, list[tuple[int, Mend]]]:
    """A text and lines of it that are replaced, in any order."""
    text = Text.of(draw(texts()))
    assume(text.lines)
    bounds = sorted(draw(st.lists(st.integers(0, len(text.lines)), min_size=2, max_size=6, unique=True)))
    taken = list(zip(bounds[::2], bounds[1::2], strict=False))
    new = st.lists(st.sampled_from(["n", "m", "x"]), max_size=3).map(tuple)
    mends = [(start, Mend(start + 1, text.lines[start:stop], draw(new))) for start, stop in taken]
    return text, draw(st.permutations(mends))


def finding(start: int, excerpt: Sequence[str], suggestion: str | None, side: Side = Side.NEW) -> Finding:
    anchor = Anchor("a.py", side, start, start + len(excerpt) - 1)
    return Finding(anchor, tuple(excerpt), draft(suggestion=suggestion))


# Texts


@given(texts())
@example("a\r")
@example("\r\n\n")
def test_a_text_in_lines_is_the_text(text: str) -> None:
    assert str(Text.of(text)) == text


@given(texts(), texts())
def test_texts_have_one_digest_where_only_their_line_ends_differ(text: str, other: str) -> None:
    plain = text.replace("\r\n", "\n")
    assert Text.of(text).digest == Text.of(plain).digest
    assert (Text.of(plain).digest == Text.of(other).digest) == (plain == other.replace("\r\n", "\n"))


@given(mended_texts())
def test_lines_outside_of_the_replaced_ones_stay_byte_for_byte(case: tuple[Text, list[tuple[int, Mend]]]) -> None:
    text, mends = case
    raw = [line + end for line, end in zip(text.lines, text.ends, strict=True)]
    made = text.mended(mends)
    parts, at, expected = list(zip(made.lines, made.ends, strict=True)), 0, 0
    for place, done in sorted(mends, key=lambda one: one[0]):
        kept = place - expected
        assert ["".join(part) for part in parts[at : at + kept]] == raw[expected:place]
        at += kept
        assert tuple(line for line, _ in parts[at : at + len(done.new)]) == done.new
        at, expected = at + len(done.new), place + len(done.old)
    assert ["".join(part) for part in parts[at:]] == raw[expected:]
    assert made.mark == (text.mark if made.lines else "")


@pytest.mark.parametrize(
    ("before", "start", "old", "new", "after"),
    [
        pytest.param("a\nb\nc\n", 2, ("b",), ("B", "+"), "a\nB\n+\nc\n", id="more lines"),
        pytest.param("a\nb\nc\n", 2, ("b",), (), "a\nc\n", id="deleted"),
        pytest.param("a\r\nb\r\nc\r\n", 2, ("b",), ("B", "+"), "a\r\nB\r\n+\r\nc\r\n", id="CRLF"),
        pytest.param("a\r\nb\nc\n", 1, ("a", "b"), ("A", "B", "+"), "A\r\nB\n+\nc\n", id="mixed ends, each its own"),
        pytest.param("a\nb", 2, ("b",), ("B",), "a\nB", id="no newline at the end"),
        pytest.param("a\nb", 2, ("b",), ("B", "+"), "a\nB\n+", id="no newline at the end, more lines"),
        pytest.param("a\r\nb", 2, ("b",), ("B", "+"), "a\r\nB\r\n+", id="no newline at the end of CRLF"),
        pytest.param("a\nb", 1, ("a", "b"), ("A",), "A", id="no newline at the end, fewer lines"),
        pytest.param("a\nb", 2, ("b",), (), "a\n", id="the last line is deleted, the one before stays"),
        pytest.param("a", 1, ("a",), ("A", "+"), "A\n+", id="one line without an end"),
        pytest.param("\ufeffa\nb\n", 1, ("a",), ("A",), "\ufeffA\nb\n", id="byte order mark"),
        pytest.param("\ufeffa\nb\n", 1, ("a",), (), "\ufeffb\n", id="byte order mark before a deleted line"),
        pytest.param("a\n", 1, ("a",), (), "", id="all of it"),
    ],
)
def test_line_ends_marks_and_the_end_of_a_text_are_kept(
    before: str, start: int, old: tuple[str, ...], new: tuple[str, ...], after: str
) -> None:
    done = [(start - 1, Mend(start, old, new))]
    assert str(Text.of(before).mended(done)) == after
    (made,) = parse(render([_difference("a.py", Text.of(before), done)]))
    assert applied(before.encode(), made.hunks).decode() == after


@given(mended_texts())
def test_the_diff_makes_of_the_text_what_is_written(case: tuple[Text, list[tuple[int, Mend]]]) -> None:
    text, mends = case
    made = _difference("a.py", text, mends)
    assert parse(render([made])) == (made,)
    after = str(text.mended(mends)).encode("utf-8", "surrogateescape")
    assert applied(str(text).encode("utf-8", "surrogateescape"), made.hunks) == after


@pytest.mark.parametrize(("gap", "hunks"), [(6, 1), (7, 2)])
def test_a_diff_shows_three_lines_around_each_change(gap: int, hunks: int) -> None:
    text = Text.of("".join(f"{number}\n" for number in range(1, 31)))
    mends = [(at, Mend(at + 1, (text.lines[at],), ("new",))) for at in (9, 10 + gap)]
    made = _difference("a.py", text, mends)
    assert len(made.hunks) == hunks
    assert made.hunks[0].lines[0].text == "7"
    assert made.hunks[-1].lines[-1].text == str(14 + gap)


# What is asked for


@pytest.mark.parametrize(
    ("start", "excerpt", "suggestion", "old", "new"),
    [
        pytest.param(3, ["a"], "b", ("a",), ("b",), id="a line"),
        pytest.param(3, ["a\r", "b\r"], "c\r\nd\r\n", ("a", "b"), ("c", "d"), id="ends of lines"),
        pytest.param(3, ["a"], "", ("a",), (), id="deleted"),
        pytest.param(3, ["a"], "\n", ("a",), ("",), id="an empty line"),
        pytest.param(1, ["\ufeffa"], "b", ("a",), ("b",), id="the mark of the file"),
        pytest.param(1, ["a"], "\ufeffb", ("a",), ("b",), id="a mark that a model wrote"),
        pytest.param(2, ["\ufeffa"], "b", ("\ufeffa",), ("b",), id="no mark in the middle"),
    ],
)
def test_a_suggestion_asks_for_lines_in_place_of_others(
    start: int, excerpt: list[str], suggestion: str, old: tuple[str, ...], new: tuple[str, ...]
) -> None:
    assert mend(finding(start, excerpt, suggestion)) == Mend(start, old, new)


@pytest.mark.parametrize(
    ("asked", "why"),
    [
        (finding(3, ["a"], None), Left.NONE),
        (finding(3, ["a"], "b", Side.OLD), Left.OLD_LINES),
        (replace(finding(3, ["a", "b"], "b"), excerpt=("a",)), Left.OLD_LINES),
    ],
)
def test_a_finding_that_asks_for_nothing_in_the_new_version_says_so(asked: Finding, why: Left) -> None:
    assert mend(asked) is why


@pytest.mark.parametrize(
    ("old", "new", "hides"),
    [
        ("a", "b\tc é 漢 🎉", False),
        ("a", "b\u202ec", True),
        ("a\u202e", "b\u202ec", False),
        ("a", "b\u200bc", True),
        ("a", "b\x1b[31m", True),
        ("a", "b\0", True),
        ("a", "b\u2028", True),
        ("a", "b\udce9", True),
        ("a\x0c", "\x0cb", False),
    ],
)
def test_what_nobody_sees_may_stay_but_not_come_in(old: str, new: str, *, hides: bool) -> None:
    assert Mend(1, (old,), (new,)).hides is hides


@pytest.mark.parametrize(
    ("old", "new", "text", "foreign"),
    [
        pytest.param("int x;", "int x; /* 修 */", ["/* \udcd7\udca2 */", "int x;"], True, id="into another encoding"),
        pytest.param("int x;", "int x; /* é */", ["\udce9", "int x;"], True, id="into another encoding, Latin"),
        pytest.param("\udce9;", "\ufffd;", ["\udce9;"], True, id="what stands for a byte in a prompt"),
        pytest.param("int x;", "int y;", ["\udce9", "int x;"], False, id="plain characters"),
        pytest.param("\udce9;", "\udce9 ;", ["\udce9;"], False, id="the bytes that were there"),
        pytest.param("é", "é!", ["\udce9", "é"], False, id="a character that was there"),
        pytest.param("int x;", "int x; /* 修 */", ["/* 注 */", "int x;"], False, id="into UTF-8"),
    ],
)
def test_no_character_comes_into_a_text_that_has_it_in_other_bytes(
    old: str, new: str, text: list[str], *, foreign: bool
) -> None:
    assert Mend(1, (old,), (new,)).foreign(text) is foreign


# Where


def where(text: str, wanted: Mend, *, reviewed: str | None = None) -> int | Left:
    return locate(Text.of(text), wanted, proven=None if reviewed is None else proof(Text.of(reviewed), wanted))


LINE = "total = sum(prices)"
FIX = Mend(2, (LINE,), ("total = sum(prices, start=0)",))
GROWN = Mend(2, (LINE,), ("check(prices)", LINE))
SHORT = Mend(2, ("end",), ("fi",))
PLAIN = f"prices = load()\n{LINE}\nshow(total)\n"
TWICE = f"prices = load()\n{LINE}\nshow(total)\n{LINE}\n"
MENDED = PLAIN.replace(LINE, FIX.new[0])


@pytest.mark.parametrize(
    ("text", "wanted", "reviewed", "expected"),
    [
        pytest.param(PLAIN, FIX, None, 1, id="where the report says"),
        pytest.param(PLAIN, FIX, PLAIN, 1, id="as reviewed"),
        pytest.param("new\nnew\n" + PLAIN, FIX, PLAIN, 3, id="moved, and there was and is one"),
        pytest.param("new\n" + PLAIN, FIX, None, Left.MOVED, id="moved, and nothing is known"),
        pytest.param(TWICE, FIX, TWICE, 1, id="twice, as reviewed"),
        pytest.param(TWICE.replace("\n", "\r\n"), FIX, TWICE, 1, id="as reviewed with other line ends"),
        pytest.param(TWICE + "new\n", FIX, TWICE, Left.AMBIGUOUS, id="twice, and changed elsewhere"),
        pytest.param(TWICE, FIX, None, Left.AMBIGUOUS, id="twice, and nothing is known"),
        pytest.param(TWICE, FIX, PLAIN, Left.AMBIGUOUS, id="somebody wrote them again"),
        pytest.param(
            TWICE.replace(LINE, "mended()", 1), FIX, TWICE, Left.AMBIGUOUS, id="mended by hand, and another stands"
        ),
        pytest.param(PLAIN.replace(LINE, "other"), FIX, PLAIN, Left.CHANGED, id="changed"),
        pytest.param(PLAIN.replace(LINE, f" {LINE}"), FIX, PLAIN, Left.CHANGED, id="indented anew"),
        pytest.param("", FIX, PLAIN, Left.CHANGED, id="emptied"),
        pytest.param(MENDED, FIX, PLAIN, Left.ALREADY, id="there already"),
        pytest.param(PLAIN.replace(LINE, "\n".join(GROWN.new)), GROWN, PLAIN, Left.ALREADY, id="grown already"),
        pytest.param(f"a\ncheck(prices)\n{LINE}\n", GROWN, None, Left.ALREADY, id="grown, nothing known"),
        pytest.param(f"{LINE}\nshow(total)\n", GROWN, PLAIN, 0, id="no room for what would be there"),
        pytest.param("a\nfi\nb\n", SHORT, "a\nend\nb\n", Left.CHANGED, id="short words prove nothing"),
    ],
)
def test_lines_are_replaced_only_where_they_are_proven(
    text: str, wanted: Mend, reviewed: str | None, expected: int | Left
) -> None:
    assert where(text, wanted, reviewed=reviewed) == expected


@pytest.mark.parametrize(
    ("text", "reviewed", "expected"),
    [
        pytest.param(f"new\nother()\n{LINE}\nshow(total)\n", PLAIN, 2, id="moved, and the line before is another"),
        pytest.param(f"new\nprices = load()\n{LINE}\nother()\n", PLAIN, 2, id="moved, and the line after is another"),
        pytest.param(f"prices = load()\n{LINE}\nother()\n", PLAIN, 1, id="where it was, and the line after is another"),
        pytest.param(f"prices = load()\n\n  }}\n{LINE}\n\nother()\n", PLAIN, 3, id="lines between that say nothing"),
        pytest.param(f"def unused():\n    pass\n{LINE}\nother()\n", PLAIN, Left.AMONG_OTHERS, id="moved, both others"),
        pytest.param(f"def unused():\n{LINE}\nother()\n", PLAIN, Left.AMONG_OTHERS, id="where it was, both others"),
        pytest.param(
            f"prices = load()\nother()\n{LINE}\nother()\nshow(total)\n", PLAIN, Left.AMONG_OTHERS, id="not next to them"
        ),
        pytest.param(
            f"prices = load()\nother()\nshow(total)\ndef unused():\n{LINE}\nshow(total)\n",
            PLAIN,
            Left.AMONG_OTHERS,
            id="moved, beside a line that others have too",
        ),
        pytest.param(f"first()\n{LINE}\nshow(total)\nshow(total)\n", PLAIN, 1, id="such a line, where it was"),
        pytest.param(f"new\n{LINE}\n", f"\n{LINE}\n", Left.AMONG_OTHERS, id="nothing was beside it"),
        pytest.param(
            "prices = load()\n" + "\n" * REACH + f"{LINE}\n", PLAIN, Left.AMONG_OTHERS, id="the line before is far away"
        ),
        pytest.param(
            f"{LINE}\n" + "\n" * REACH + "show(total)\n", PLAIN, Left.AMONG_OTHERS, id="the line after is too"
        ),
        pytest.param("prices = load()\n" + "\n" * (REACH - 1) + f"{LINE}\n", PLAIN, REACH, id="as far as is looked"),
    ],
)
def test_in_a_changed_file_lines_are_theirs_only_beside_a_line_of_then(
    text: str, reviewed: str, expected: int | Left
) -> None:
    assert where(text, FIX, reviewed=reviewed) == expected


TOTAL = "def total(xs):\n    t = sum(xs)\n    return 0\n"
ZERO = Mend(3, ("    return 0",), ("    return t",))
UNUSED = "\n\ndef unused():\n    pass\n"
TAKEN = UNUSED.replace("pass", "return 0")


@pytest.mark.parametrize(
    ("text", "reviewed", "expected"),
    [
        pytest.param("new\n" + TOTAL + UNUSED, TOTAL + UNUSED, 3, id="both lines of then"),
        pytest.param("new\n" + TOTAL, TOTAL, 3, id="at the end of the file"),
        pytest.param(TOTAL + UNUSED, TOTAL, Left.AMONG_OTHERS, id="no longer at the end of the file"),
        pytest.param(TOTAL + "def other():\n", TOTAL + UNUSED, Left.AMONG_OTHERS, id="where it was, one of another"),
        pytest.param("new\n" + TOTAL + "def other():\n", TOTAL + UNUSED, Left.AMONG_OTHERS, id="moved, one of another"),
        pytest.param(
            TOTAL.replace("0", "len(xs)") + TAKEN, TOTAL + UNUSED, Left.AMONG_OTHERS, id="mended otherwise, others now"
        ),
        pytest.param(TOTAL.replace("0", "t") + TAKEN, TOTAL + UNUSED, Left.ALREADY, id="mended, others now"),
        pytest.param("new\n" + TOTAL.replace("0", "t") + TAKEN, TOTAL + UNUSED, Left.ALREADY, id="mended and moved"),
        pytest.param(TOTAL.replace("0", "t") + UNUSED, TOTAL + UNUSED, Left.ALREADY, id="mended"),
        pytest.param(TOTAL.replace("0", "t") + TAKEN, None, Left.MOVED, id="mended, and nothing is known"),
    ],
)
def test_few_words_are_theirs_only_between_both_lines_of_then(
    text: str, reviewed: str | None, expected: int | Left
) -> None:
    assert where(text, ZERO, reviewed=reviewed) == expected


@pytest.mark.parametrize("reviewed", [PLAIN, TWICE, None])
def test_what_is_suggested_is_there_already_where_the_old_lines_stand_elsewhere(reviewed: str | None) -> None:
    assert where(MENDED + f"def unused():\n{LINE}\n", FIX, reviewed=reviewed) is Left.ALREADY


def test_the_same_words_elsewhere_are_not_what_is_suggested() -> None:
    other = f"other()\n{FIX.new[0]}\nprint(total)\n"
    assert where(f"new\n{other}{PLAIN}", replace(FIX, start=5), reviewed=other + PLAIN) == 5


@pytest.mark.parametrize("known", [True, False])
def test_what_a_deletion_brings_together_is_not_deleted_too(known: object) -> None:
    wanted, seam = Mend(2, ("b", "a"), ()), "b\nb\na\na\n"
    first = where(seam, wanted, reviewed=seam if known else None)
    assert first == (1 if known else Left.AMBIGUOUS)
    assert where("b\na\n", wanted, reviewed=seam) is Left.AMBIGUOUS


def test_a_text_that_has_the_lines_elsewhere_proves_nothing() -> None:
    assert proof(Text.of("new\n" + PLAIN), FIX) is None


@st.composite
def edited(draw: st.DrawFn) -> tuple[list[str], int, int, list[str], int]:
    """A text, lines of it, the text after edits elsewhere, and where these lines are now."""
    few = st.sampled_from(["a", "b", "total = sum(prices)"])
    lines = draw(st.lists(few, min_size=1, max_size=7))
    start = draw(st.integers(0, len(lines) - 1))
    stop = draw(st.integers(start + 1, len(lines)))
    around = []
    for part in (lines[:start], lines[stop:]):
        changed = list(part)
        for _ in range(draw(st.integers(0, 3))):
            at = draw(st.integers(0, len(changed)))
            changed[at : at + draw(st.integers(0, 2))] = draw(st.lists(few, max_size=2))
        around.append(changed)
    now = [*around[0], *lines[start:stop], *around[1]]
    return lines, start, stop, now, len(around[0])


@given(case=edited(), new=st.lists(st.sampled_from(["a", "new(x)"]), max_size=3).map(tuple), known=st.booleans())
def test_edits_elsewhere_never_lead_to_other_lines(
    case: tuple[list[str], int, int, list[str], int], new: tuple[str, ...], *, known: bool
) -> None:
    lines, start, stop, now, place = case
    wanted = Mend(start + 1, tuple(lines[start:stop]), new)
    reviewed = "".join(f"{line}\n" for line in lines)
    found = where("".join(f"{line}\n" for line in now), wanted, reviewed=reviewed if known else None)
    if now == lines and known:
        assert found in {start, Left.ALREADY}
    else:
        assert isinstance(found, Left) or found == place


@given(texts(), st.data())
def test_what_is_done_once_is_not_done_again(said: str, data: st.DataObject) -> None:
    text = Text.of(said)
    assume(text.lines)
    start = data.draw(st.integers(0, len(text.lines) - 1))
    old = text.lines[start : data.draw(st.integers(start + 1, len(text.lines)))]
    new = data.draw(st.lists(st.sampled_from([*old, "new(x)"]), max_size=4).map(tuple))
    wanted = Mend(start + 1, old, new)
    proven = proof(text, wanted)
    at = locate(text, wanted, proven=proven)
    assume(not isinstance(at, Left))
    assert isinstance(at, int)
    assert isinstance(locate(text.mended([(at, wanted)]), wanted, proven=proven), Left)


# Beside a report


def test_proofs_are_made_for_suggestions_whose_text_is_at_hand() -> None:
    told = finding(2, ["total = sum(prices)"], "total = 0")
    moved, elsewhere = replace(told, ordinal=1), replace(told, anchor=Anchor("b.py", Side.NEW, 2, 2))
    moved = replace(moved, anchor=Anchor("a.py", Side.NEW, 3, 3))
    silent = finding(1, ["a"], None)
    made = proofs([told, moved, elsewhere, silent], {"a.py": TWICE}.get)
    beside = (hashlib.sha256(b"prices = load()").hexdigest(), hashlib.sha256(b"show(total)").hexdigest())
    assert made == {told.fingerprint: Proof(Text.of(TWICE).digest, 2, beside)}


def test_the_worst_and_surest_is_carried_out_first() -> None:
    kinds = [(Severity.INFO, 1.0), (Severity.ERROR, 0.2), (Severity.ERROR, 0.9), (Severity.WARNING, 1.0)]
    found = [
        replace(finding(at, ["a"], "b"), draft=draft(severity=severity, confidence=confidence))
        for at, (severity, confidence) in enumerate(kinds, 1)
    ]
    assert [one.anchor.start for one in ranked(found)] == [3, 2, 4, 1]
