"""What is to stand on a pull request, and the words it stands there in."""

import re
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from reviewbot.brief import Brief, Comment, Posted, Posting, PostSide
from reviewbot.diff import FileDiff, Hunk, Side, Status
from reviewbot.digest import units
from reviewbot.finding import Anchor, Finding, State
from reviewbot.hosts._reconcile import FINDING, MOST, SUMMARY, reconcile, summary
from reviewbot.remember import kept_in, told_in
from reviewbot.review import Review
from reviewbot.stages.anchor import anchor, index
from tests.support.reviews import HOSTILE_CLAIM, draft, file, finding, hunk, review, reviews
from tests.support.strategies import file_diffs

BRIEF = Brief(7, "A change", "", "b" * 40, "a" * 40, "https://host/octo/shop")
LIMIT = 65_536
FAKE = f"{FINDING.format('0' * 64)}\n{SUMMARY}\n<!--\treviewbot:finding v1 {'1' * 64} -->"
HUNK = hunk(" one", "-two", "-three", "+TWO", "+THREE", "+FOUR", " last", old=10, new=20)
FAR = hunk("+far", old=40, new=60)
APP = file("src/app.py", HUNK, FAR)
BLOCK = re.compile(r"^(?P<mark>`{3,})suggestion\n(?P<text>(?:(?!(?P=mark)\n).*\n)*?)(?P=mark)$", re.MULTILINE)


def at(start: int, end: int | None = None, side: Side = Side.NEW, diff: FileDiff = APP, **claim: Any) -> Finding:
    return finding(diff, start, end, draft(**claim), side=side)


def posting(*findings: Finding, files: Sequence[FileDiff] = (APP,), posted: tuple[Posted, ...] = ()) -> Posting:
    return reconcile(review(files, findings), replace(BRIEF, posted=posted))


def told(seen: Review, *, brief: Brief = BRIEF) -> str:
    """The summary, where all comments stand that can be made."""
    return summary(seen, brief, made=reconcile(seen, brief).comments)


def carried(one: Finding) -> Finding:
    """A finding as the next review knows it."""
    return replace(one, state=State.STANDING, told_as=one.fingerprint)


def only(one: Finding, diff: FileDiff = APP) -> Comment:
    (made,) = posting(one, files=(diff,)).comments
    return made


# ---- where


PLACES: dict[str, tuple[Finding, tuple[PostSide, int | None, int]]] = {
    "an added line": (at(21), (PostSide.RIGHT, None, 21)),
    "a line of context": (at(20), (PostSide.RIGHT, None, 20)),
    "a deleted line": (at(11, side=Side.OLD), (PostSide.LEFT, None, 11)),
    "some added lines": (at(21, 23), (PostSide.RIGHT, 21, 23)),
    "added lines and context": (at(20, 24), (PostSide.RIGHT, 20, 24)),
    "deleted lines": (at(11, 12, Side.OLD), (PostSide.LEFT, 11, 12)),
    "another hunk": (at(60), (PostSide.RIGHT, None, 60)),
}


@pytest.mark.parametrize(("one", "place"), PLACES.values(), ids=PLACES)
def test_a_comment_stands_on_the_anchored_lines(one: Finding, place: tuple[PostSide, int | None, int]) -> None:
    made = only(one)
    assert (made.side, made.start, made.line) == place
    assert (made.path, made.fingerprint) == ("src/app.py", one.fingerprint)


RETOLD = file("REDACTED_TOKEN_1/app.py", HUNK)
RENAMED = file("new.py", HUNK, old_path="old.py")
NOWHERE: dict[str, tuple[Finding, FileDiff]] = {
    "context on the old side": (at(10, side=Side.OLD), APP),
    "deleted lines and context": (at(10, 12, Side.OLD), APP),
    "before the hunk": (at(19), APP),
    "behind the hunk": (at(25), APP),
    "from one hunk to another": (at(24, 60), APP),
    "a line before the hunk": (at(19, 21), APP),
    "a file that is not in the change": (at(21), file("other.py", HUNK)),
    "a file without text": (at(21), file("src/app.py")),
    "a file whose name is not told": (at(21, diff=RETOLD), RETOLD),
}


@pytest.mark.parametrize(("one", "diff"), NOWHERE.values(), ids=NOWHERE)
def test_what_no_comment_can_stand_for_is_told_in_the_summary(one: Finding, diff: FileDiff) -> None:
    assert posting(one, files=(diff,)) == Posting()
    seen = review((diff,), (one,))
    assert "A refund is not subtracted." in told(seen)
    state = kept_in(told(seen))
    assert state is not None
    assert state.own == (carried(one),)
    posted = replace(BRIEF, posted=(Posted(1, one.fingerprint, finding=one),))
    assert "A refund is not subtracted." not in told(seen, brief=posted)
    assert kept_in(told(seen, brief=posted)) != state


def test_a_renamed_file_has_its_new_name_on_both_sides() -> None:
    made = posting(at(21, diff=RENAMED), at(11, side=Side.OLD, diff=RENAMED), files=(RENAMED,))
    assert [(one.path, one.side) for one in made.comments] == [("new.py", PostSide.RIGHT), ("new.py", PostSide.LEFT)]


def test_what_stands_there_is_not_posted_again_and_nothing_else_is_left_out() -> None:
    findings = (at(21), at(22), at(11, side=Side.OLD), at(19), at(60))
    posted = (Posted(1, findings[1].fingerprint), Posted(2, findings[4].fingerprint), Posted(3, "0" * 64))
    made = posting(*findings, posted=posted)
    assert [one.fingerprint for one in made.comments] == [findings[0].fingerprint, findings[2].fingerprint]


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(diff=file_diffs(), data=st.data())
def test_every_line_of_the_right_side_and_every_deleted_one_has_room_for_a_comment(
    diff: FileDiff, data: st.DataObject
) -> None:
    lines = [(line.side, line.number(line.side), part) for part in diff.hunks for line in part.lines]
    hands: list[tuple[Side, int, Hunk]] = [(side, number, part) for side, number, part in lines if number]
    if not hands:
        return
    side, first, _ = data.draw(st.sampled_from(hands))
    last = data.draw(st.sampled_from(sorted(number for other, number, _ in hands if other is side and number >= first)))
    one = finding(diff, first, last, side=side)
    whole = any(
        {number for other, number, held in hands if other is side and held is part} >= {*range(first, last + 1)}
        for _, _, part in hands
    )
    made = posting(one, files=(diff,))
    if whole:
        (comment,) = made.comments
        assert (comment.start or comment.line, comment.line) == (first, last)
        assert (comment.start is None) == (first == last)
    assert len(made.comments) == whole


# ---- the suggestion


def block_of(text: str, diff: FileDiff, start: int = 1, end: int | None = None, side: Side = Side.NEW) -> str | None:
    """What a click would commit, None where there is nothing to click on."""
    body = only(finding(diff, start, end, draft(suggestion=text), side=side), diff).body
    found = [match["text"] for match in BLOCK.finditer(body)]
    assert len(found) <= 1
    return found[0] if found else None


def written(*lines: str) -> FileDiff:
    return file("a.py", hunk(*[f"+{line}" for line in lines]))


COMMITTED = {
    "one line": "x = 2",
    "more lines": "x = 2\n\ny = 3",
    "nothing": "",
    "indented": "    x = 2\n\ty = 3",
    "spaces at its end": "x = 2  ",
    "an empty line first": "\nx = 2",
    "backticks": "```\nx = `2`\n````",
    "tildes": "~~~~\nx",
    "its own kind of block": "```suggestion\nx = 2\n```",
    "HTML": "<b> & @octo #1",
    "letters": "naïve = '漢字 😀'",
}


@pytest.mark.parametrize("text", COMMITTED.values(), ids=COMMITTED)
def test_a_suggestion_can_be_committed_letter_by_letter(text: str) -> None:
    assert block_of(text, written("x = 1", "y"), 1, 2) == (f"{text}\n" if text else "")
    assert block_of(text, written("x = 1", "y")) == (f"{text}\n" if text else "")


CRLF = written("x = 1\r", "y\r")
ONLY_SHOWN: dict[str, tuple[str, FileDiff, Side]] = {
    "a file with carriage returns": ("x = 2", CRLF, Side.NEW),
    "a carriage return of its own": ("x = 2\r\ny", written("x = 1"), Side.NEW),
    "a placeholder": ("x = REDACTED_TOKEN_1", written("x = 1"), Side.NEW),
    "a placeholder in the code": ("x = env", written("x = REDACTED_TOKEN_1"), Side.NEW),
    "a byte that is not text": ("x = '\udce9'", written("x = 1"), Side.NEW),
    "what cannot be seen": ("x = '\u200b\u202e'", written("x = 1"), Side.NEW),
    "a control": ("x = '\x1b[0m'", written("x = 1"), Side.NEW),
    "a marker of ours": (f"x\n{FAKE}", written("x = 1"), Side.NEW),
    "more backticks than a host counts": ("`" * 300, written("x = 1"), Side.NEW),
    "more tildes than a host counts": ("x\n" + "~" * 300, written("x = 1"), Side.NEW),
    "deleted lines": ("x = 2", file("a.py", hunk("-x = 1")), Side.OLD),
    "nothing for deleted lines": ("", file("a.py", hunk("-x = 1")), Side.OLD),
}


@pytest.mark.parametrize(("text", "diff", "side"), ONLY_SHOWN.values(), ids=ONLY_SHOWN)
def test_what_would_not_be_committed_as_it_is_is_only_shown(text: str, diff: FileDiff, side: Side) -> None:
    assert block_of(text, diff, side=side) is None
    body = only(finding(diff, 1, None, draft(suggestion=text), side=side), diff).body
    assert ("Suggestion:\n\n```" if text else "Suggestion: delete this.") in body
    assert body.count("<!-- reviewbot:") == 2


SAME: dict[str, tuple[str, FileDiff, int]] = {
    "one line": ("x = 1", written("x = 1"), 1),
    "two lines": ("x = 1\ny", written("x = 1", "y"), 2),
    "but for carriage returns of the file": ("x = 1\ny", CRLF, 2),
    "but for its own": ("x = 1\r\ny", written("x = 1", "y"), 2),
    "a placeholder": ("REDACTED_A", written("REDACTED_A"), 1),
}


@pytest.mark.parametrize(("text", "diff", "end"), SAME.values(), ids=SAME)
def test_a_suggestion_that_changes_nothing_is_none(text: str, diff: FileDiff, end: int) -> None:
    with_it = only(finding(diff, 1, end, draft(suggestion=text)), diff).body
    assert with_it.split("\n")[:-1] == only(finding(diff, 1, end, draft(suggestion=None)), diff).body.split("\n")[:-1]
    assert "uggestion" not in with_it


def test_an_empty_line_can_be_deleted() -> None:
    assert block_of("", written("", "y")) == ""


def test_nothing_is_offered_for_lines_that_are_not_those_of_the_change() -> None:
    diff = written("x = 1", "y")
    one = replace(finding(diff, 1, 1, draft(suggestion="x = 2")), excerpt=("x  =  1",))
    assert BLOCK.search(only(one, diff).body) is None
    assert "Suggestion:\n\n```\nx = 2\n```" in only(one, diff).body


LINES = st.lists(
    st.sampled_from(["", " ", "x = 1", "    y", "\t`", "```", "````suggestion", "~~~", "é😀", "\r"]), max_size=4
)


@settings(max_examples=300, deadline=None)
@given(old=LINES.filter(bool), new=LINES, extra=st.integers(0, 2))
def test_a_click_changes_the_anchored_lines_to_what_was_suggested(old: list[str], new: list[str], extra: int) -> None:
    diff = written(*["before"] * extra, *old, "after")
    text = "\n".join(new)
    found = block_of(text, diff, 1 + extra, len(old) + extra)
    if found is None:
        assert "\r" in text + "".join(old) or new == old
    else:
        assert found == (f"{text}\n" if text else "")
        assert not text or new != old


@settings(max_examples=200, deadline=None)
@given(lines=LINES.filter(bool), suggestion=LINES)
def test_what_the_anchor_stage_lets_through_is_offered_as_it_is_or_not_at_all(
    lines: list[str], suggestion: list[str]
) -> None:
    diff = FileDiff("a.py", Status.ADDED, (hunk("+first", *[f"+{line}" for line in lines], "+last"),))
    claim = draft(path="a.py", line=2, quote="\n".join(lines), suggestion="\n".join(suggestion))
    one = anchor(claim, index([diff]))
    if not isinstance(one, Finding):
        return
    match = BLOCK.search(only(one, diff).body)
    assert one.excerpt == tuple(line.text for line in diff.hunks[0].lines if one.anchor.holds(line.new))
    if match:
        assert match["text"].split("\n")[:-1] != list(one.excerpt)
        assert match["text"] == (f"{one.draft.suggestion}\n" if one.draft.suggestion else "")


# ---- the words


def test_a_comment_says_all_there_is() -> None:
    one = at(21, title="Take `care` of @octo", body="See #1.\n\n```python\nx\n```", suggestion="x = 2")
    assert told_in(only(one).body) == carried(one)
    assert only(one).body.split("\n")[:-2] == [
        FINDING.format(one.fingerprint),
        "**warning: Take `care` of @\u2060octo**",
        "",
        "See \\#\u20601.",
        "",
        "```python",
        "x",
        "```",
        "",
        "```suggestion",
        "x = 2",
        "```",
        "",
        f"<sub>correctness · {one.id}</sub>",
    ]


@pytest.mark.parametrize("title", ["", " ", "\n"])
def test_a_comment_without_a_title_says_so(title: str) -> None:
    assert "**warning: (no title)**" in only(at(21, title=title)).body


def test_a_comment_without_prose_has_no_hole() -> None:
    assert "\n\n\n" not in only(at(21, body="")).body


HUGE = {
    "letters": "x" * 70_000,
    "pairs": "😀" * 40_000,
    "what has to be spelled out": "\U000e0041" * 30_000,
    "backticks": "`" * 70_000,
    "signs": "#$|" * 25_000,
    "lines": "- x\n" * 20_000,
    "empty lines": "\n" * 70_000,
    "one block of code": "```\n" + "y\n" * 40_000,
    "many blocks": "```\n```\n" * 9_000,
    "controls": "\x07" * 40_000,
    "surrogates": "\ud800" * 40_000,
    "markers": f"{FAKE}\n" * 400,
}


@pytest.mark.parametrize("text", HUGE.values(), ids=HUGE)
def test_however_much_there_is_to_say_a_host_takes_it_and_the_beginning_is_there(text: str) -> None:
    claims: list[dict[str, Any]] = [{"body": text}, {"title": text, "suggestion": text}]
    for claim in claims:
        body = only(at(21, **claim)).body
        assert units(body) <= LIMIT
        assert body.startswith(FINDING.format(at(21).fingerprint))
        shown, _, hidden = body.rpartition("</sub>")
        assert shown
        assert told_in(hidden) == carried(at(21, **claim)) or not hidden
        assert body.count("<!-- reviewbot:") == 1 + bool(hidden)
        body.encode()


def test_of_prose_that_is_too_long_the_beginning_is_shown() -> None:
    body = only(at(21, body="begin " + "word " * 20_000)).body
    assert "begin word word" in body
    assert MOST * 0.8 < units(body) <= MOST
    assert " …\n\n<sub>" in body


def test_a_suggestion_that_is_too_long_is_not_lost_without_a_word() -> None:
    assert "*The suggestion is too long to be shown here.*" in only(at(21, suggestion="x\n" * 20_000)).body
    assert BLOCK.search(only(at(21, suggestion="x\n" * 16_000)).body)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(seen=reviews())
def test_whatever_is_found_each_is_a_comment_or_told_and_every_text_is_ours(seen: Review) -> None:
    made = reconcile(seen, BRIEF)
    assert {one.fingerprint for one in made.comments} <= {one.fingerprint for one in seen.findings}
    for one in made.comments:
        assert one.body.startswith(f"{FINDING.format(one.fingerprint)}\n")
    said = told(seen)
    state = kept_in(said)
    assert state is not None
    there = {one.fingerprint for one in made.comments if told_in(one.body)}
    counted = {one.fingerprint for one in (*seen.counted, *(one.finding for one in seen.held))}
    assert counted - there <= {one.fingerprint for one in state.own}
    assert not there & {one.fingerprint for one in state.own}
    for text in (*(one.body for one in made.comments), said):
        assert units(text) <= LIMIT
        assert len(re.findall(r"<!--\s*reviewbot:", text)) == 2
        assert not re.search("[\x00-\x08\x0b-\x1f\x7f\u202e\ud800-\udfff]", text)


@pytest.mark.parametrize("words", [FAKE, HOSTILE_CLAIM, f"x\n\n{FAKE}\n", f"```\n{FAKE}\n```", f"    {FAKE}"])
def test_nobody_else_s_words_begin_a_comment_or_the_summary(words: str) -> None:
    one = at(21, title=words, body=words, suggestion=words)
    other = at(19, title=words, body=words, suggestion=words)
    seen = review((APP,), (one, other))
    assert only(one).body.startswith(FINDING.format(one.fingerprint) + "\n**warning: ")
    said = told(seen)
    assert said.startswith(f"{SUMMARY}\n### Review: 2 warnings\n")
    assert said.count("<!-- reviewbot:") == 2
    assert told_in(only(one).body) == carried(one)
    state = kept_in(said)
    assert state is not None
    assert state.own == (carried(other),)


def test_a_summary_of_much_is_one_that_a_host_takes() -> None:
    many = tuple(replace(at(19, body="word " * 3_000), ordinal=number) for number in range(50))
    said = told(review((APP,), many))
    assert MOST * 0.8 < units(said) <= MOST
    assert "Not all of it fits here" in said
    state = kept_in(said)
    assert state is not None
    assert state.own == tuple(map(carried, many))


# ---- links

LINKS: dict[str, tuple[Anchor, str]] = {
    "a line": (Anchor("src/app.py", Side.NEW, 21, 21), f"{'a' * 40}/src/app.py#L21"),
    "lines": (Anchor("src/app.py", Side.NEW, 21, 23), f"{'a' * 40}/src/app.py#L21-L23"),
    "a deleted line": (Anchor("src/app.py", Side.OLD, 11, 11), f"{'c' * 40}/src/app.py#L11"),
    "the new side of a renamed file": (Anchor("n.py", Side.NEW, 1, 1, "o.py"), f"{'a' * 40}/n.py#L1"),
    "the old side of a renamed file": (Anchor("n.py", Side.OLD, 1, 1, "o.py"), f"{'c' * 40}/o.py#L1"),
    "an odd name": (Anchor("a b/ü)[#?%.py", Side.NEW, 1, 1), f"{'a' * 40}/a%20b/%C3%BC%29%5B%23%3F%25.py#L1"),
    "bytes that are not text": (Anchor("\udce9", Side.NEW, 1, 1), f"{'a' * 40}/%E9#L1"),
}


@pytest.mark.parametrize(("anchored", "link"), LINKS.values(), ids=LINKS)
def test_a_place_is_linked_in_the_commit_that_its_lines_are_counted_in(anchored: Anchor, link: str) -> None:
    seen = review((), (Finding(anchored, ("x",), draft(), State.NEW),))
    begun = replace(seen.change, target=replace(seen.change.target, base="c" * 40))
    assert f"](https://host/octo/shop/blob/{link})" in told(replace(seen, change=begun))


def test_without_a_beginning_it_is_the_commit_to_be_merged_into() -> None:
    seen = review((), (Finding(Anchor("a", Side.OLD, 1, 1), ("x",), draft()),))
    unknown = replace(seen.change, target=replace(seen.change.target, base=None))
    assert f"blob/{'b' * 40}/a#L1)" in told(replace(seen, change=unknown))
