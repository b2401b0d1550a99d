"""What a review of a pull request leaves for the next one, and what it says of findings that are gone or back."""

import hashlib
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import pytest

from reviewbot.brief import Brief, Posted, Posting, Reply
from reviewbot.diff import Side
from reviewbot.finding import DropReason, Finding, Severity, State
from reviewbot.hosts._reconcile import GONE, MOST, reconcile, summary
from reviewbot.memory import Fate, Known, Memory, Part
from reviewbot.remember import Kept, kept_in, told_in
from reviewbot.review import Review
from tests.support.reviews import draft, file, filtered, finding, hunk, review

BRIEF = Brief(7, "A change", "", "b" * 40, "a" * 40, "https://host/octo/shop")
NEAR, FAR = hunk("-zero of it", "+one of it", "+two of it"), hunk("+sixty of it", "+more of it", old=40, new=60)
APP = file("src/app.py", NEAR, FAR)
ONE, SIXTY = Part("1" * 32, APP.path, NEAR), Part("2" * 32, APP.path, FAR)


def as_told(one: Finding) -> Finding:
    return replace(one, state=State.STANDING, told_as=one.fingerprint)


def at(line: int, title: str = "A title", **claim: Any) -> Finding:
    return finding(APP, line, claim=draft(title, **claim))


def reviewed(*findings: Finding, **fields: Any) -> Review:
    return replace(review((APP,), findings), parts=(ONE, SIXTY), **fields)


def state_of(seen: Review, brief: Brief = BRIEF, *, refused: Sequence[str] = ()) -> Kept:
    made = [one for one in reconcile(seen, brief).comments if one.fingerprint not in refused]
    state = kept_in(summary(seen, brief, made=made))
    assert state is not None
    return state


def with_memory(*known: Known, reviewed: tuple[str, ...] = (), posted: tuple[Posted, ...] = ()) -> Brief:
    return replace(BRIEF, memory=Memory(known, reviewed), posted=posted)


# ---- what is kept


def test_the_parts_of_this_review_are_kept_and_no_former_ones() -> None:
    brief = with_memory(reviewed=("9" * 32, "2" * 32, "8" * 32))
    assert state_of(reviewed(), brief).reviewed == ("1" * 32, "2" * 32)


def test_each_told_finding_is_kept_with_the_part_it_stands_in() -> None:
    old = finding(APP, 1, claim=draft("Old"), side=Side.OLD)
    found = (at(1), at(61), old)
    assert {*state_of(reviewed(*found)).told} == {
        (found[0].fingerprint[:16], ONE.digest),
        (found[1].fingerprint[:16], SIXTY.digest),
        (old.fingerprint[:16], ONE.digest),
    }


def test_a_finding_in_a_part_that_was_not_looked_at_as_a_whole_has_none() -> None:
    assert state_of(replace(reviewed(at(61)), parts=(ONE,))).told == ()


def test_a_finding_that_stands_where_nobody_looked_has_no_part() -> None:
    one = as_told(at(61))
    brief = with_memory(Known(one, part="3" * 32), reviewed=("3" * 32,))
    assert state_of(replace(reviewed(one), parts=()), brief).told == ()


def test_what_needs_too_much_room_for_its_comment_is_kept_by_the_summary() -> None:
    prose = "".join(hashlib.sha256(str(number).encode()).hexdigest() for number in range(700))
    one = finding(APP, 1, claim=draft("Long", prose, suggestion="x\n" * 16_000))
    (made,) = reconcile(reviewed(one), BRIEF).comments
    assert told_in(made.body) is None
    assert prose[:500] in made.body
    assert len(made.body) <= MOST
    assert state_of(reviewed(one)).own == (as_told(one),)


def test_what_a_comment_carries_the_summary_does_not() -> None:
    one, other = at(1), at(60)
    assert state_of(reviewed(one, other)).own == ()
    assert state_of(reviewed(one, other), refused=[other.fingerprint]).own == (as_told(other),)


def test_what_a_comment_tells_and_no_longer_carries_is_kept() -> None:
    one = as_told(at(1))
    brief = with_memory(posted=(Posted(1, one.fingerprint),))
    assert state_of(reviewed(one), brief).own == (one,)
    assert state_of(reviewed(one), with_memory(posted=(Posted(1, one.fingerprint, finding=one),))).own == ()


@pytest.mark.parametrize("reason", [DropReason.BELOW_SEVERITY, DropReason.OVER_MAX_COMMENTS])
def test_what_counts_without_being_shown_is_kept(reason: DropReason) -> None:
    one = at(60)
    state = state_of(reviewed(dropped=(filtered(one, reason),)))
    assert (state.own, state.told) == ((as_told(one),), ((one.fingerprint[:16], SIXTY.digest),))


@pytest.mark.parametrize("reason", [DropReason.IGNORED, DropReason.IGNORED_BY_CHANGE, DropReason.BASELINE])
def test_what_may_be_told_again_is_kept(reason: DropReason) -> None:
    one = at(60)
    state = state_of(reviewed(dropped=(filtered(one, reason),)))
    assert (state.own, state.told) == ((as_told(one),), ((one.fingerprint[:16], SIXTY.digest),))


@pytest.mark.parametrize("reason", [DropReason.LOW_CONFIDENCE, DropReason.DUPLICATE])
def test_what_does_not_count_is_not_kept(reason: DropReason) -> None:
    assert state_of(reviewed(dropped=(filtered(at(60), reason),))) == Kept((ONE.digest, SIXTY.digest))


def test_of_what_was_dismissed_the_part_is_kept_so_that_its_comment_can_be_missed() -> None:
    one = as_told(at(60))
    state = state_of(reviewed(dropped=(replace(filtered(one, DropReason.DISMISSED), stage="standing"),)))
    assert (state.own, state.told) == ((), ((one.fingerprint[:16], SIXTY.digest),))


def test_what_this_review_could_not_look_for_is_kept_without_its_part() -> None:
    told, alone = as_told(at(1)), as_told(at(60))
    held = (Known(told, comment=1, part="4" * 32), Known(alone, part="5" * 32))
    brief = with_memory(*held, reviewed=("4" * 32, "5" * 32), posted=(Posted(1, told.fingerprint, finding=told),))
    state = state_of(reviewed(held=held), brief)
    assert state.own == (alone,)
    assert state.told == ()


def test_the_worst_are_kept_first() -> None:
    levels = (Severity.INFO, Severity.ERROR, Severity.WARNING)
    found = [replace(at(60, level, severity=level), ordinal=number) for number, level in enumerate(levels)]
    own = state_of(reviewed(*found), refused=[one.fingerprint for one in found]).own
    assert [one.draft.title for one in own] == ["error", "warning", "info"]


def test_what_is_gone_leaves_the_summary() -> None:
    one = as_told(at(60))
    gone = (Known(one, part=SIXTY.digest),)
    seen = reviewed(gone=gone)
    assert reconcile(seen, with_memory(*gone)) == Posting()
    assert state_of(seen, with_memory(*gone)) == Kept((ONE.digest, SIXTY.digest))


def test_however_much_there_is_to_read_digests_have_room() -> None:
    many = tuple(replace(at(1, f"{number} is wrong", severity=Severity.ERROR), ordinal=number) for number in range(900))
    digests = tuple(
        Part(hashlib.sha256(b"%d" % number).hexdigest()[:32], "b.py", ONE.hunk) for number in range(1, 3_000)
    )
    seen, brief = replace(reviewed(*many), parts=digests), BRIEF
    text = summary(seen, brief, made=reconcile(seen, brief).comments)
    state = kept_in(text)
    assert state is not None
    assert len(text) <= MOST
    assert "Not all of it fits here" in text
    assert len(text) - text.rindex("<!--") > 19_000
    assert 50 < len(state.reviewed) < 3_000


def test_words_have_the_room_that_digests_do_not_need() -> None:
    long = tuple(replace(at(19, body="word " * 1_900), ordinal=number) for number in range(6))
    text = summary(review((APP,), long), BRIEF, made=())
    assert "Not all of it fits here" not in text
    assert len(text) > 50_000


# ---- what stands


def test_only_what_no_comment_of_ours_tells_is_posted() -> None:
    one, other = as_told(at(1)), at(60)
    posted = with_memory(posted=(Posted(1, one.fingerprint),))
    assert [made.fingerprint for made in reconcile(reviewed(one, other), posted).comments] == [other.fingerprint]
    # An earlier run had no time for it.
    assert [made.fingerprint for made in reconcile(reviewed(one), BRIEF).comments] == [one.fingerprint]


def test_a_standing_finding_without_a_comment_is_told_in_full_where_it_stands_now() -> None:
    moved = as_told(at(60, "Alone"))
    text = summary(reviewed(moved), BRIEF, made=())
    assert "#### warning: Alone" in text
    assert f"/blob/{'a' * 40}/src/app.py#L60)" in text
    posted = with_memory(posted=(Posted(1, moved.fingerprint),))
    assert "#### warning: Alone" not in summary(reviewed(moved), posted, made=())
    outdated = with_memory(posted=(Posted(1, moved.fingerprint, outdated=True),))
    assert "#### warning: Alone" in summary(reviewed(moved), outdated, made=())


def test_what_says_something_else_than_its_comment_is_told_in_full_and_kept_so() -> None:
    told = as_told(at(60, "Alone"))
    now = replace(told, draft=replace(told.draft, title="Worse by now"))
    brief = with_memory(posted=(Posted(1, told.fingerprint, finding=told),))
    text = summary(reviewed(now), brief, made=())
    assert "#### warning: Worse by now" in text
    assert state_of(reviewed(now), brief).own == (now,)


# ---- what is gone


def test_each_comment_whose_finding_is_gone_gets_one_reply_that_names_the_commit() -> None:
    gone = [Known(as_told(at(1)), comment=5), Known(as_told(at(60)), comment=6), Known(as_told(at(2)), comment=5)]
    made = reconcile(reviewed(gone=tuple(gone)), BRIEF)
    assert [reply.comment for reply in made.replies] == [5, 6]
    assert isinstance(made.replies[0], Reply)
    assert made.replies[0].body.startswith(f"{GONE}\nAs of `aaaaaaa` this is no longer found")
    assert made.comments == ()


# ---- what is back

ADDRESS = "https://host/octo/shop/pull/7#discussion_r5"


def back(known: Sequence[Known], posted: tuple[Posted, ...] = (), one: Finding | None = None) -> str:
    again = replace(one or at(1), ordinal=1)
    (made,) = reconcile(reviewed(again), with_memory(*known, posted=posted)).comments
    assert kept_in(made.body) is None
    line = made.body.split("\n")[3]
    return line if line.startswith("*This was ") else ""


WAS = Known(as_told(at(1)), Fate.GONE, 5)
ANSWERED = (Posted(5, WAS.finding.fingerprint, finding=WAS.finding, answered=True, address=ADDRESS),)


def test_what_is_back_says_so_and_links_to_where_it_was_told() -> None:
    assert back([WAS], ANSWERED) == f"*This was [told before]({ADDRESS}), was gone, and is back.*"
    assert back([WAS]) == "*This was told before, was gone, and is back.*"


def test_of_several_the_latest_is_linked() -> None:
    later = Posted(9, "f" * 64, answered=True, address=f"{ADDRESS}9")
    assert f"({ADDRESS}9)" in back([replace(WAS, comment=9), WAS], (*ANSWERED, later))


@pytest.mark.parametrize("address", ["javascript:x", "https://x y", "https://x)", "//host", "", "http://h/\\"])
def test_what_is_no_address_is_not_linked(address: str) -> None:
    assert "](" not in back([WAS], (replace(ANSWERED[0], address=address),))


OTHERS = {
    "one that stands": replace(WAS, fate=Fate.OPEN),
    "one that was dismissed": replace(WAS, fate=Fate.DISMISSED),
    "one of other lines": Known(as_told(at(60)), Fate.GONE, 5),
    "one of another file": Known(replace(WAS.finding, anchor=replace(WAS.finding.anchor, path="b.py")), Fate.GONE, 5),
}


@pytest.mark.parametrize("known", OTHERS.values(), ids=OTHERS)
def test_what_is_another_is_not_back(known: Known) -> None:
    assert back([known]) == ""


def test_what_was_told_under_the_old_name_is_back() -> None:
    renamed = file("new.py", NEAR, old_path="src/app.py")
    again = replace(finding(renamed, 1), ordinal=1)
    brief = with_memory(WAS, posted=ANSWERED)
    (made,) = reconcile(replace(review((renamed,), (again,))), brief).comments
    assert "and is back" in made.body


def test_a_comment_that_was_answered_stands_for_nothing() -> None:
    again = at(1)
    posted = (Posted(5, again.fingerprint, answered=True),)
    assert len(reconcile(reviewed(again), with_memory(posted=posted)).comments) == 1
