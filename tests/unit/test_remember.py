"""What outlasts a review comes back as it was, or not at all."""

import base64
import hashlib
import json
import re
import zlib
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reviewbot.diff import Side
from reviewbot.finding import Anchor, Category, Draft, Finding, Severity, State
from reviewbot.memory import Fate, Known, Memory
from reviewbot.remember import Kept, hidden, kept, kept_in, recollect, told_in
from tests.support.reviews import HOSTILE_CLAIM, draft, file, finding, hunk

ROOM = 60_000
APP = file("src/app.py", hunk("+one", "+two", "+three"))
ONE = finding(APP, 1, 2)
AWKWARD = st.one_of(
    st.text(max_size=40),
    st.text(st.characters(codec=None, exclude_categories=()), max_size=20),
    st.sampled_from(
        ["", "\ud83d\ude00", HOSTILE_CLAIM, "a\r\nb\r", "漢字。\x00\x1b", "-->", "<!-- reviewbot:told v1 x -->"]
    ),
)
PATHS = st.text(st.characters(exclude_categories=["Cs"]) | st.just("\udce9"), max_size=20)
LINES = st.integers(1, 10**6)


@st.composite
def findings(draw: st.DrawFn) -> Finding:
    start, more = draw(LINES), draw(st.integers(0, 50))
    anchor = Anchor(draw(PATHS), draw(st.sampled_from(Side)), start, start + more, draw(st.none() | PATHS))
    claim = Draft(
        draw(AWKWARD),
        draw(st.none() | LINES),
        draw(st.sampled_from(Side)),
        draw(AWKWARD),
        draw(st.sampled_from(Severity)),
        draw(st.sampled_from(Category)),
        draw(AWKWARD),
        draw(AWKWARD),
        draw(st.none() | AWKWARD),
        draw(st.floats(0, 1)),
    )
    excerpt = tuple(draw(st.lists(AWKWARD, max_size=4)))
    told = draw(st.none() | st.sampled_from(["0" * 64, "9f" * 32]))
    return Finding(anchor, excerpt, claim, draw(st.sampled_from(State)), draw(st.integers(0, 99)), told)


def digest(number: int) -> str:
    return hashlib.sha256(str(number).encode()).hexdigest()[:32]


def known_again(one: Finding) -> Finding:
    return replace(one, state=State.STANDING, told_as=one.fingerprint)


def named(state: Kept) -> Kept:
    """A state with as much of fingerprints as comes back."""
    return replace(state, told=tuple((fingerprint[:16], part) for fingerprint, part in state.told))


@st.composite
def states(draw: st.DrawFn) -> Kept:
    reviewed = tuple(digest(number) for number in draw(st.lists(st.integers(0, 300), unique=True, max_size=40)))
    own = tuple(known_again(one) for one in draw(st.lists(findings(), max_size=3)))
    prints = [*(one.fingerprint for one in own), *(2 * digest(number) for number in range(4))]
    told = draw(st.dictionaries(st.sampled_from(prints), st.sampled_from(reviewed))) if reviewed else {}
    return Kept(reviewed, tuple(told.items()), own)


# ---- there and back


@settings(max_examples=200, deadline=None)
@given(one=findings(), before=AWKWARD, after=AWKWARD)
def test_a_finding_comes_back_as_it_was_told_out_of_whatever_stands_around_it(
    one: Finding, before: str, after: str
) -> None:
    line = hidden(one, most=ROOM)
    again = told_in(f"{before.replace('reviewbot:', '')}\n{line}\n{after.replace('reviewbot:', '')}")
    assert again == known_again(one)
    assert again is not None
    assert (again.fingerprint, again.id) == (one.fingerprint, one.id)
    assert hidden(again, most=ROOM) == line


@settings(max_examples=100, deadline=None)
@given(state=states())
def test_what_is_kept_comes_back_where_it_has_room(state: Kept) -> None:
    assert kept_in(f"### Words\n\n{kept(state, most=ROOM)}") == named(state)


@settings(max_examples=100, deadline=None)
@given(one=findings(), state=states())
def test_what_is_hidden_ends_no_comment_and_is_one_line_of_letters_and_digits(one: Finding, state: Kept) -> None:
    for line in (hidden(one, most=ROOM), kept(state, most=ROOM)):
        assert re.fullmatch(r"<!-- reviewbot:\w+ v1 [0-9A-Za-z+/]+={0,2} -->", line)


def test_the_page_of_a_person_ends_lines_in_its_own_way() -> None:
    assert told_in(f"words\r\n\r\n{hidden(ONE, most=ROOM)}\r\nmore") == known_again(ONE)


# ---- what is not as it was written


@settings(max_examples=300, deadline=None)
@given(data=st.data())
def test_an_edit_or_a_cut_leaves_what_was_written_or_nothing(data: st.DataObject) -> None:
    state = Kept((digest(1), digest(2)), (("a" * 64, digest(2)),), (known_again(ONE),))
    line, read = data.draw(st.sampled_from([(hidden(ONE, most=ROOM), told_in), (kept(state, most=ROOM), kept_in)]))
    start = data.draw(st.integers(0, len(line)))
    end = data.draw(st.integers(start, min(len(line), start + data.draw(st.sampled_from([0, 1, 2, 400])))))
    text = line[:start] + data.draw(st.text("aA0+/= <>-!\n漢", max_size=3)) + line[end:]
    assert read(text) in {None, read(line)}


@settings(max_examples=200, deadline=None)
@given(text=AWKWARD | st.text("<!- reviewbot:told kept v123= >\n", max_size=200))
def test_a_foreign_text_carries_nothing(text: str) -> None:
    assert (told_in(text), kept_in(text)) == (None, None)


LINE = hidden(ONE, most=ROOM)


def forged(kind: str, value: object, *, data: bytes | None = None) -> str:
    """A line with a right checksum, whatever it says."""
    raw = zlib.compress(json.dumps(value).encode()) if data is None else data
    whole = hashlib.sha256(kind.encode() + raw).digest()[:12] + raw
    return f"<!-- reviewbot:{kind} v1 {base64.b64encode(whole).decode()} -->"


def plain(line: str) -> Any:
    return json.loads(zlib.decompress(base64.b64decode(line.split()[3])[12:]))


RECORD = plain(hidden(ONE, most=ROOM))
STATE = plain(kept(Kept((digest(1),), (("a" * 64, digest(1)),), (ONE,)), most=ROOM))


def test_what_the_tests_forge_is_read_where_it_is_right() -> None:
    assert told_in(forged("told", RECORD)) == known_again(ONE)
    assert kept_in(forged("kept", STATE)) == Kept((digest(1),), (("a" * 16, digest(1)),), (known_again(ONE),))


WRONG: dict[str, Any] = {
    **{f"without {name}": {key: value for key, value in RECORD.items() if key != name} for name in RECORD},
    **{
        f"{name} is {value!r}": {**RECORD, name: value}
        for name, value in [
            ("path", None),
            ("path", 3),
            ("path", ["a"]),
            ("old_path", 3),
            ("side", "left"),
            ("side", []),
            ("start", 0),
            ("start", -1),
            ("start", True),
            ("start", 1.0),
            ("start", 3),
            ("end", 0),
            ("end", 10**10),
            ("end", None),
            ("excerpt", "one"),
            ("excerpt", [1]),
            ("excerpt", {"a": 1}),
            ("ordinal", -1),
            ("fingerprint", "a"),
            ("fingerprint", "A" * 64),
            ("fingerprint", "a" * 64 + "\n"),
            ("fingerprint", None),
            ("draft", None),
            ("draft", []),
        ]
    },
    **{
        f"the draft's {name} is {value!r}": {**RECORD, "draft": {**RECORD["draft"], name: value}}
        for name, value in [
            ("line", 0),
            ("line", "1"),
            ("severity", "fatal"),
            ("severity", None),
            ("category", "gossip"),
            ("side", 1),
            ("title", None),
            ("body", 1),
            ("suggestion", 1),
            ("confidence", 1),
            ("confidence", 1.5),
            ("confidence", -0.5),
            ("confidence", None),
            ("confidence", float("nan")),
            ("confidence", float("inf")),
        ]
    },
    "a list": [RECORD],
    "a text": "finding",
    "a number": 3,
    "null": None,
}


@pytest.mark.parametrize("value", WRONG.values(), ids=WRONG)
def test_a_finding_of_another_form_is_none(value: object) -> None:
    assert told_in(forged("told", value)) is None
    assert kept_in(forged("kept", {**STATE, "own": [value]})) is None


WRONG_STATES: dict[str, Any] = {
    **{f"without {name}": {key: value for key, value in STATE.items() if key != name} for name in STATE},
    "no digits": {**STATE, "reviewed": "g" * 32},
    "half a digest": {**STATE, "reviewed": "a" * 48},
    "a list of digests": {**STATE, "reviewed": [digest(1)]},
    "a place that is not there": {**STATE, "told": [["a" * 16, 1]]},
    "a place before the first": {**STATE, "told": [["a" * 16, -1]]},
    "a place that is none": {**STATE, "told": [["a" * 16, "0"]]},
    "a pair of three": {**STATE, "told": [["a" * 16, 0, 0]]},
    "no pair": {**STATE, "told": ["aa"]},
    "no fingerprint": {**STATE, "told": [["b", 0]]},
    "no list": {**STATE, "own": RECORD},
    "null": None,
}


@pytest.mark.parametrize("value", WRONG_STATES.values(), ids=WRONG_STATES)
def test_a_state_of_another_form_is_none(value: object) -> None:
    assert kept_in(forged("kept", value)) is None


BROKEN = {
    "much of nothing": zlib.compress(b"0" * 5_000_000),
    "deep lists": zlib.compress(b"[" * 100_000),
    "a number of many digits": zlib.compress(b"1" * 100_000),
    "no UTF-8": zlib.compress(b'"\xff"'),
    "no JSON": zlib.compress(b"{"),
    "a word that JSON has not": zlib.compress(b'{"path": NaN}'),
    "cut": zlib.compress(json.dumps(RECORD).encode())[:-9],
    "without its end": zlib.compress(json.dumps(RECORD).encode())[:-1],
    "white space without end": zlib.compress(json.dumps(RECORD).encode() + b" " * 5_000_000),
    "not compressed": json.dumps(RECORD).encode(),
    "nothing": b"",
}


@pytest.mark.parametrize("data", BROKEN.values(), ids=BROKEN)
@pytest.mark.parametrize(("kind", "read"), [("told", told_in), ("kept", kept_in)])
def test_what_cannot_be_unpacked_is_none(kind: str, read: Any, data: bytes) -> None:
    assert read(forged(kind, None, data=data)) is None


def test_without_the_right_checksum_there_is_nothing() -> None:
    whole = base64.b64decode(LINE.split()[3])
    for other in (b"\0" * 12 + whole[12:], hashlib.sha256(b"kept" + whole[12:]).digest()[:12] + whole[12:]):
        line = f"<!-- reviewbot:told v1 {base64.b64encode(other).decode()} -->"
        assert told_in(line) is None


def test_a_few_letters_do_not_become_more_than_some_megabytes() -> None:
    padded = {**RECORD, "more": " " * 3_900_000}
    assert told_in(forged("told", padded)) == known_again(ONE)
    assert told_in(forged("told", {**padded, "more": " " * 4_000_000})) is None


ELSEWHERE = {
    "another version": LINE.replace(" v1 ", " v2 "),
    "an older one": LINE.replace(" v1 ", " "),
    "another kind": LINE.replace(":told ", ":kept "),
    "twice": f"{LINE}\n{LINE}",
    "quoted": f"> {LINE}",
    "within a line": f"see {LINE}",
    "with words behind": f"{LINE} see",
    "indented": f"    {LINE}",
    "over two lines": LINE[:40] + "\n" + LINE[40:],
    "without its end": LINE.removesuffix(" -->"),
    "of no letters": "<!-- reviewbot:told v1  -->",
    "of odd letters": "<!-- reviewbot:told v1 abcde -->",
}


@pytest.mark.parametrize("text", ELSEWHERE.values(), ids=ELSEWHERE)
def test_what_stands_there_in_another_way_is_none(text: str) -> None:
    assert (told_in(text), kept_in(text)) == (None, None)


# ---- room

PROSE = "".join(hashlib.sha256(str(number).encode()).hexdigest() for number in range(200))


def test_a_finding_that_needs_more_room_is_not_carried() -> None:
    long = replace(ONE, draft=draft(body=PROSE))
    line = hidden(long, most=ROOM)
    assert line
    assert hidden(long, most=len(line)) == line
    assert hidden(long, most=len(line) - 1) == ""


def test_the_oldest_digests_are_forgotten_first(capsys: pytest.CaptureFixture[str]) -> None:
    state = Kept(tuple(digest(number) for number in range(5_000)))
    found = []
    for room in (500, 5_000, 20_000, 65_000):
        line = kept(state, most=room)
        again = kept_in(line)
        assert again is not None
        assert room - 60 < len(line) <= room
        assert again.reviewed == state.reviewed[: len(again.reviewed)]
        found.append(len(again.reviewed))
    assert found == sorted(found)
    assert found[2] > 750
    with capsys.disabled():
        print(f"\ndigests in 20,000 characters: {found[2]}")


def test_with_a_forgotten_digest_goes_what_was_told_of_it_and_no_more() -> None:
    reviewed = tuple(digest(number) for number in range(2_000))
    told = tuple((2 * digest(number), digest(number)) for number in range(0, 2_000, 100))
    again = kept_in(kept(Kept(reviewed, told), most=20_000))
    assert again is not None
    assert again.told == tuple((name[:16], part) for name, part in told if part in again.reviewed)
    assert 0 < len(again.told) < len(told)


def long_ones(count: int) -> tuple[Finding, ...]:
    prose = [hashlib.shake_256(str(number).encode()).hexdigest(1_450) for number in range(count)]
    return tuple(known_again(replace(ONE, ordinal=at, draft=draft(body=text))) for at, text in enumerate(prose))


def test_where_findings_have_no_room_the_digests_of_their_parts_go() -> None:
    own = long_ones(20)
    reviewed = tuple(digest(number) for number in (*range(20, 25), *range(20)))
    told = tuple((one.fingerprint, digest(number)) for number, one in enumerate(own))
    again = kept_in(kept(Kept(reviewed, told, own), most=20_000))
    assert again is not None
    count = len(again.own)
    assert 0 < count < 20
    assert again.own == own[:count]
    assert not {*again.reviewed} & {digest(number) for number in range(count, 20)}
    assert again.reviewed[:5] == reviewed[:5]
    assert {(name[:16], part) for name, part in told[:count] if part in again.reviewed} == {*again.told}
    assert kept_in(kept(Kept(reviewed, told, own), most=65_000)) == named(Kept(reviewed, told, own))


def test_findings_come_before_digests() -> None:
    own = long_ones(6)
    again = kept_in(kept(Kept(tuple(digest(number) for number in range(900)), (), own), most=20_000))
    assert again is not None
    assert again.own == own
    assert 0 < len(again.reviewed) < 900


def test_where_there_is_no_room_at_all_nothing_is_said() -> None:
    assert kept(Kept((digest(1),)), most=50) == ""
    assert kept_in(kept(Kept((digest(1),)), most=105)) == Kept()


# ---- what is left of it


def test_parts_and_own_findings_come_from_the_summary_and_the_rest_from_comments() -> None:
    told, own = known_again(ONE), known_again(finding(APP, 3))
    state = Kept((digest(1), digest(2)), ((told.fingerprint, digest(1)), (own.fingerprint, digest(2))), (own,))
    made = recollect([Known(told, Fate.DISMISSED, 5, "kim", "on purpose", "not asked")], state)
    dismissed = Known(told, Fate.DISMISSED, 5, "kim", "on purpose", digest(1))
    assert made == Memory((dismissed, Known(own, part=digest(2))), (digest(1), digest(2)))


def test_the_part_of_a_finding_that_is_lost_is_looked_at_again() -> None:
    lost, there = known_again(ONE), known_again(finding(APP, 3))
    pairs = ((lost.fingerprint, digest(2)), (there.fingerprint, digest(1)))
    made = recollect([Known(there, Fate.OPEN, 5)], Kept((digest(3), digest(2), digest(1)), pairs))
    assert made.reviewed == (digest(3), digest(1))


def test_the_part_of_a_finding_that_is_gone_is_looked_at_again_if_it_comes_back() -> None:
    gone, there = known_again(ONE), known_again(finding(APP, 3))
    pairs = ((gone.fingerprint, digest(2)), (there.fingerprint, digest(1)))
    told = [Known(gone, Fate.GONE, 4), Known(there, Fate.OPEN, 5)]
    assert recollect(told, Kept((digest(3), digest(2), digest(1)), pairs)).reviewed == (digest(3), digest(1))


def test_what_a_comment_tells_is_not_known_twice() -> None:
    own = known_again(ONE)
    made = recollect([Known(own, Fate.GONE, 5)], Kept((), (), (own,)))
    assert made.known == (Known(own, Fate.GONE, 5),)
