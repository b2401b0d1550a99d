"""What becomes of findings that an earlier review told."""

import random
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reviewbot.diff import FileDiff, Hunk, Side, Status
from reviewbot.finding import Anchor, Category, Draft, Dropped, DropReason, Finding, Severity, State
from reviewbot.memory import Fate, Known, Part
from reviewbot.review import Change, Skipped, SkipReason, Target
from reviewbot.stages.recall import recall
from reviewbot.stages.standing import Stood, standing
from tests.support.reviews import draft, file, finding, hunk, skipped
from tests.support.strategies import changes

OPEN, GONE, DISMISSED, BASELINE = Fate
OTHER_WORDS = draft("Something else", "In other words.")
SECRET = draft("A key", "Revoke it.", category=Category.SECRET)
FAILED = SkipReason.PROVIDER_FAILED

APP = file(
    "app.py", hunk(" def total(orders):", "-    return old_sum(orders)", "+    paid = new_sum(orders)", "+    }")
)
PAID = finding(APP, 2)


def change(*files: FileDiff) -> Change:
    return Change(Target(None, None, "a change"), files)


def stand(
    files: Sequence[FileDiff],
    claimed: Sequence[Finding] = (),
    known: Sequence[Known] = (),
    *,
    certain: Sequence[Finding] = (),
    skips: Sequence[Skipped] = (),
    parts: Sequence[Part] = (),
    reviewed: Sequence[str] = (),
) -> Stood:
    return standing(certain, claimed, known, change=change(*files), skipped=skips, parts=parts, reviewed=reviewed)


def again(found: Finding, told: Finding, words: Draft | None = None) -> Finding:
    """A finding as it stands where an earlier review told it."""
    return replace(found, draft=words or told.draft, state=State.STANDING, told_as=told.fingerprint)


def added(*lines: str, path: str = "app.py") -> FileDiff:
    """A new file."""
    return FileDiff(path, Status.ADDED, (hunk(*[f"+{line}" for line in lines]),))


def starts(found: Sequence[Finding]) -> list[tuple[str, int]]:
    """Which known finding, by the first words of its title, is where."""
    return [(one.draft.title, one.anchor.start) for one in found]


def test_where_nothing_was_told_everything_is_new() -> None:
    certain = finding(APP, 1, claim=SECRET)
    assert stand([APP], [PAID], certain=[certain]) == Stood((certain,), (PAID,))


def test_what_is_claimed_again_stands_in_the_words_that_people_have_read() -> None:
    stood = stand([APP], [replace(PAID, draft=OTHER_WORDS)], [Known(PAID)])
    assert stood == Stood((), (again(PAID, PAID),))
    assert stood.claimed[0].fingerprint == PAID.fingerprint


def test_what_nobody_claims_again_stands_as_long_as_its_lines_do() -> None:
    assert stand([APP], [], [Known(PAID)]) == Stood((), (again(PAID, PAID),))


def test_another_finding_on_the_same_line_is_new_and_takes_no_place() -> None:
    other = finding(APP, 2, claim=draft(category=Category.SECURITY))
    assert stand([APP], [other], [Known(PAID)]) == Stood((), (other, again(PAID, PAID)))


def test_while_its_lines_stand_a_finding_keeps_its_words_and_its_weight() -> None:
    wider = finding(APP, 2, 3, replace(OTHER_WORDS, severity=Severity.INFO))
    assert stand([APP], [wider], [Known(PAID)]) == Stood((), (again(PAID, PAID),))


def test_what_is_worse_than_what_was_told_of_its_lines_is_new() -> None:
    nit = finding(APP, 2, claim=draft("A nit", severity=Severity.INFO))
    worse = finding(APP, 2, 3, replace(OTHER_WORDS, severity=Severity.ERROR))
    assert stand([APP], [worse], [Known(nit)]).claimed == (worse, again(nit, nit))


def test_a_finding_whose_lines_have_changed_stands_in_its_new_words() -> None:
    before = finding(added("total = new_sum(orders)", "  later = other(1)"), 1, 2)
    now = added("total = new_sum(orders, tax)", "  later = other(1)")
    claim = finding(now, 1, 2, OTHER_WORDS)
    assert stand([now], [claim], [Known(before)]).claimed == (again(claim, before, OTHER_WORDS),)


@pytest.mark.parametrize("fate", [DISMISSED, BASELINE])
def test_what_silences_does_so_for_its_own_lines_and_for_nothing_worse(fate: Fate) -> None:
    nit = finding(APP, 2, claim=draft("A nit", severity=Severity.INFO))
    wider = finding(APP, 1, 2, replace(OTHER_WORDS, severity=Severity.INFO))
    worse = finding(APP, 2, claim=replace(OTHER_WORDS, severity=Severity.ERROR))
    for claim in (wider, worse):
        assert stand([APP], [claim], [Known(nit, fate)]).claimed == (claim,)
    assert stand([APP], [replace(nit, draft=replace(nit.draft, title="Other"))], [Known(nit, fate)]).claimed == ()


def test_what_a_file_holds_that_nobody_looked_at_may_hold_what_has_no_file_any_more() -> None:
    told = Known(finding(added("secret = eval(text)", path="one.py"), 1))
    other = added("something = else_(1)", path="two.py")
    skip = skipped("two.py", SkipReason.GENERATED)
    assert stand([other], [], [told], skips=[skip]).held == (told,)
    assert stand([other], [], [told]).gone == (told,)


def test_lines_in_common_that_say_nothing_make_no_finding_the_same() -> None:
    before, after = (
        finding(added(line, "}", "return"), 1, 3) for line in ("first = compute(1)", "second = compute(2)")
    )
    stood = stand([added("second = compute(2)", "}", "return")], [after], [Known(before)])
    assert (stood.claimed, stood.gone) == ((after,), (Known(before),))


def test_a_line_that_says_nothing_is_the_same_where_all_lines_are_equal() -> None:
    brace = finding(APP, 3)
    assert stand([APP], [brace], [Known(brace)]).claimed == (again(brace, brace),)
    assert stand([APP], [], [Known(brace)]).claimed == (again(brace, brace),)
    wider = finding(APP, 2, 3)
    assert stand([APP], [brace], [Known(wider)]).claimed == (brace, again(wider, wider))


@pytest.mark.parametrize("claimed", [True, False], ids=["claimed again", "not claimed again"])
@pytest.mark.parametrize(
    "now",
    [
        pytest.param(file("app.py", hunk(" x", "+    paid = new_sum(orders)", old=80, new=90)), id="moved"),
        pytest.param(file("app.py", hunk("+paid  =\tnew_sum(orders)")), id="indented in another way"),
        pytest.param(file("lib.py", hunk("+    paid = new_sum(orders)"), old_path="app.py"), id="renamed"),
        pytest.param(added("x", "    paid = new_sum(orders)", path="lib.py"), id="in a new file renamed"),
    ],
)
def test_a_finding_is_found_where_its_lines_are_now(now: FileDiff, *, claimed: bool) -> None:
    (place,) = (n for part in now.hunks for line in part.lines if "new_sum" in line.text and (n := line.new))
    claims = [finding(now, place)] if claimed else []
    stood = stand([file("z.py", hunk("+    paid = new_sum(orders)")), now], claims, [Known(PAID)])
    assert stood == Stood((), (again(finding(now, place), PAID),))


def test_a_suggestion_is_not_kept_for_lines_that_only_read_the_same() -> None:
    told = replace(PAID, draft=draft(suggestion="    paid = 0"))
    (stands,) = stand([file("app.py", hunk("+\tpaid = new_sum(orders)"))], [], [Known(told)]).claimed
    assert (stands.draft, stands.excerpt) == (replace(told.draft, suggestion=None), ("\tpaid = new_sum(orders)",))
    assert stand([APP], [], [Known(told)]).claimed[0].draft == told.draft


def test_a_file_that_was_renamed_before_may_be_renamed_again_or_get_its_name_back() -> None:
    line = hunk("+    paid = new_sum(orders)")
    told = Known(finding(file("b.py", line, old_path="a.py"), 1))
    for now in (file("c.py", line, old_path="a.py"), file("a.py", line)):
        assert stand([now], [], [told]).claimed == (again(finding(now, 1), told.finding),)


def test_a_copy_is_another_file() -> None:
    copy = replace(file("b.py", *APP.hunks, old_path="app.py"), status=Status.COPIED)
    stood = stand([copy], [finding(copy, 2)], [Known(PAID)])
    assert (stood.claimed, stood.gone) == ((finding(copy, 2),), (Known(PAID),))


def test_in_a_new_file_one_line_in_common_is_not_enough() -> None:
    told = Known(finding(added("import os_or_path", "x = 1", path="one.py"), 1, 2))
    other = added("import os_or_path", "y = 2", path="two.py")
    stood = stand([other], [finding(other, 1, 2)], [told])
    assert (stood.claimed, stood.gone) == ((finding(other, 1, 2),), (told,))


def test_a_line_that_says_nothing_is_in_every_new_file() -> None:
    told = Known(finding(added("}", path="one.py"), 1))
    other = added("}", path="two.py")
    for claims in ((), (finding(other, 1),)):
        stood = stand([other], claims, [told])
        assert (stood.claimed, stood.gone) == (claims, (told,))


@pytest.mark.parametrize(
    "files",
    [
        pytest.param([], id="nothing is changed any more"),
        pytest.param([file("b.py", hunk("+    paid = new_sum(orders)"))], id="another file has the line"),
        pytest.param([file("app.py", hunk("+    paid = other_sum(orders)"))], id="the line is another"),
        pytest.param([file("app.py", hunk("-    paid = new_sum(orders)"))], id="the line is deleted"),
        pytest.param([file("app.py")], id="no line of the file is changed any more"),
    ],
)
def test_a_finding_whose_lines_are_no_more_there_is_gone(files: list[FileDiff]) -> None:
    assert stand(files, [], [Known(PAID)]) == Stood((), (), gone=(Known(PAID),))


def test_a_finding_on_a_deleted_line_is_gone_with_the_deletion() -> None:
    told = finding(APP, 2, side=Side.OLD)
    assert stand([APP], [], [Known(told)]).claimed == (again(told, told),)
    kept = file("app.py", hunk("     return old_sum(orders)", "+    paid = new_sum(orders)"))
    assert stand([kept], [], [Known(told)]).gone == (Known(told),)


def test_a_finding_of_the_old_version_may_begin_with_a_line_that_stays() -> None:
    told = finding(APP, 1, 2, side=Side.OLD)
    assert stand([APP], [], [Known(told)]).claimed == (again(told, told),)


def test_a_claim_about_the_other_side_is_the_same_only_where_none_is_about_its_own() -> None:
    moved = file("app.py", hunk("-    paid = new_sum(orders)", "+    x", "+    paid = new_sum(orders)"))
    old, new = finding(moved, 1, side=Side.OLD), finding(moved, 2)
    before = file("app.py", hunk("-x", "-    paid = new_sum(orders)"))
    told = Known(finding(before, 2, side=Side.OLD, claim=OTHER_WORDS))
    assert stand([moved], [new, old], [told]).claimed == (new, again(old, told.finding))
    assert stand([moved], [new], [told]).claimed == (new, again(old, told.finding))
    brace = file("app.py", hunk("-}", "+x", "+}"))
    told = Known(finding(brace, 1, side=Side.OLD))
    assert stand([brace], [finding(brace, 2)], [told]).claimed == (finding(brace, 2), again(told.finding, told.finding))
    now = file("app.py", hunk("+x", "+}"))
    stood = stand([now], [finding(now, 2)], [told])
    assert (stood.claimed, stood.gone) == ((finding(now, 2),), (told,))


@pytest.mark.parametrize(
    ("skip", "held"),
    [
        pytest.param(skipped("app.py", FAILED, lines=(1, 9), failed=True), True, id="it failed"),
        pytest.param(skipped("app.py", SkipReason.EXCLUDED), True, id="it was left out"),
        pytest.param(skipped("b.py", FAILED, failed=True), False, id="another file failed"),
        pytest.param(skipped("app.py", SkipReason.REVIEWED_BEFORE, lines=(1, 9)), False, id="reviewed before"),
        pytest.param(skipped("app.py", SkipReason.NO_CHANGED_LINES), False, id="nothing is changed any more"),
    ],
)
def test_what_cannot_be_found_in_a_file_that_was_not_reviewed_is_held(skip: Skipped, *, held: bool) -> None:
    other = file("app.py", hunk("+    paid = other_sum(orders)"))
    stood = stand([other], [], [Known(PAID)], skips=[skip])
    assert (stood.held, stood.gone) == (((Known(PAID),), ()) if held else ((), (Known(PAID),)))
    assert stand([APP], [], [Known(PAID)], skips=[skip]).claimed == (again(PAID, PAID),)


@pytest.mark.parametrize(
    ("by", "why", "note"),
    [("kim", "on purpose", "kim: on purpose"), ("kim", "", "kim"), ("", "on purpose", "on purpose"), ("", "", "")],
)
def test_what_was_dismissed_is_silent_whether_it_is_claimed_again_or_not(by: str, why: str, note: str) -> None:
    known = Known(PAID, DISMISSED, by=by, why=why)
    silent = Dropped("standing", DropReason.DISMISSED, PAID.draft, again(PAID, PAID), note)
    for claims in ([], [PAID]):
        assert stand([APP], claims, [known]) == Stood((), (), (silent,))
    assert stand([file("app.py", hunk("+x"))], [], [known]) == Stood((), ())


def test_what_a_baseline_holds_is_silent_as_long_as_its_lines_stand_and_keeps_its_words() -> None:
    known = Known(replace(PAID, draft=draft(body="")), BASELINE)
    silent = Dropped("standing", DropReason.BASELINE, PAID.draft, again(PAID, PAID))
    assert stand([APP], [PAID], [known]) == Stood((), (), (silent,))
    # An earlier review met it, too, and told in its words what a baseline leaves out.
    told = Known(replace(PAID, told_as=PAID.fingerprint))
    for both in ([known, told], [told, known]):
        assert stand([APP], [], both) == Stood((), (), (silent,))
    (alone,) = stand([APP], [], [known]).dropped
    assert (alone.reason, alone.draft.body) == (DropReason.BASELINE, "")


def test_what_was_gone_and_comes_back_is_new() -> None:
    assert stand([APP], [PAID], [Known(PAID, GONE)]) == Stood((), (PAID,))
    assert stand([APP], [], [Known(PAID, GONE)]) == Stood((), ())


@pytest.mark.parametrize("fates", [(OPEN, BASELINE), (BASELINE, DISMISSED), (OPEN, DISMISSED), (GONE, BASELINE)])
def test_of_two_that_are_known_as_one_the_one_that_silences_counts(fates: tuple[Fate, Fate]) -> None:
    known = [Known(PAID, fate) for fate in fates]
    for order in (known, known[::-1]):
        stood = stand([APP], [PAID], order)
        assert [drop.reason.value for drop in stood.dropped] == [fates[1].value]
        assert (stood.claimed, stood.gone, stood.held) == ((), (), ())


@pytest.mark.parametrize("fate", [OPEN, DISMISSED, BASELINE])
def test_what_is_found_without_a_model_is_known_again_too(fate: Fate) -> None:
    key, other = finding(APP, 2, claim=SECRET), finding(APP, 1, claim=SECRET)
    stood = stand([APP], [PAID], [Known(key, fate)], certain=[other, key])
    assert stood.claimed == (PAID,)
    assert stood.certain == ((other, again(key, key)) if fate is OPEN else (other,))
    assert [drop.finding for drop in stood.dropped] == ([] if fate is OPEN else [again(key, key)])


def test_a_credential_is_the_same_under_another_number() -> None:
    before, after = added("key = REDACTED_API_KEY_1"), added("other = 1", "key = REDACTED_API_KEY_22")
    told, found = finding(before, 1, claim=SECRET), finding(after, 2, claim=SECRET)
    assert stand([after], [], [Known(told)], certain=[found]).certain == (again(found, told, found.draft),)


@pytest.mark.parametrize("fate", [OPEN, DISMISSED, BASELINE])
def test_another_credential_in_the_same_place_is_new(fate: Fate) -> None:
    change = added("key = REDACTED_API_KEY_1")
    told = finding(change, 1, claim=SECRET)
    found = finding(change, 1, claim=replace(SECRET, body="Its value has another hash."))
    stood = stand([change], [], [Known(told, fate)], certain=[found])
    assert stood.certain == (found,)
    assert (stood.claimed, stood.dropped) == ((), ())
    assert stood.gone == ((Known(told),) if fate is OPEN else ())


TWICE = added("paid = new_sum(1)", "x", "y", "paid = new_sum(1)")
ONE, TWO = finding(TWICE, 1, claim=draft("one")), replace(finding(TWICE, 4, claim=draft("two")), ordinal=1)
BOTH = [Known(ONE), Known(TWO)]


def test_of_two_equal_lines_a_claim_is_the_nearest_one() -> None:
    claim = finding(TWICE, 4, claim=OTHER_WORDS)
    assert starts(stand([TWICE], [claim], BOTH).claimed) == [("two", 4), ("one", 1)]


def test_of_two_claims_one_is_the_known_one_and_the_other_is_new() -> None:
    claims = [finding(TWICE, 1, claim=OTHER_WORDS), finding(TWICE, 4, claim=OTHER_WORDS)]
    assert starts(stand([TWICE], claims, [Known(TWO)]).claimed) == [("Something else", 1), ("two", 4)]


def test_of_two_known_ones_one_is_gone_with_its_line() -> None:
    once = added("x", "y", "paid = new_sum(1)")
    stood = stand([once], [], BOTH)
    assert (starts(stood.claimed), stood.gone) == ([("two", 3)], (Known(ONE),))
    stood = stand([once], [finding(once, 3, claim=OTHER_WORDS)], BOTH)
    assert (starts(stood.claimed), stood.gone) == ([("two", 3)], (Known(ONE),))


@pytest.mark.parametrize("claimed", [True, False])
def test_equal_lines_that_all_moved_keep_their_order(*, claimed: bool) -> None:
    lower = added("a", "b", "c", "paid = new_sum(1)", "x", "y", "paid = new_sum(1)")
    claims = [finding(lower, 4, claim=OTHER_WORDS), finding(lower, 7, claim=OTHER_WORDS)] if claimed else []
    assert starts(stand([lower], claims, BOTH).claimed) == [("one", 4), ("two", 7)]


def test_equal_lines_keep_their_order_though_they_stood_in_different_hunks_that_are_gone() -> None:
    lower = added("a", "b", "c", "paid = new_sum(1)", "x", "y", "paid = new_sum(1)")
    known = [Known(ONE, part="1" * 32), Known(TWO, part="0" * 32)]
    assert starts(stand([lower], [], known).claimed) == [("one", 4), ("two", 7)]


def test_findings_that_all_have_the_same_place_nearest_do_not_get_lost() -> None:
    before = added(*["paid = new_sum(1)"] * 3)
    known = [Known(replace(finding(before, at), ordinal=at)) for at in (1, 2, 3)]
    after = added(*["x"] * 9, *["paid = new_sum(1)"] * 4)
    stood = stand([after], [], known)
    assert ([one.anchor.start for one in stood.claimed], stood.gone) == ([10, 11, 12], ())


def test_of_several_new_files_only_one_has_the_finding_of_a_file_that_is_gone() -> None:
    files = [added("    paid = new_sum(orders)", path=path) for path in ("two.py", "one.py")]
    (stands,) = stand(files, [], [Known(PAID)]).claimed
    assert stands.anchor.path == "one.py"


def test_lines_that_changed_places_take_their_findings_along() -> None:
    before, after = (added(*lines) for lines in (("first = f(1)", "second = g(2)"), ("second = g(2)", "first = f(1)")))
    known = [Known(finding(before, 1, claim=draft("one"))), Known(finding(before, 2, claim=draft("two")))]
    assert starts(stand([after], [], known).claimed) == [("one", 2), ("two", 1)]
    claims = [finding(after, 1, claim=OTHER_WORDS), finding(after, 2, claim=OTHER_WORDS)]
    assert starts(stand([after], claims, known).claimed) == [("two", 1), ("one", 2)]


def test_who_has_all_lines_in_common_comes_before_who_is_nearer() -> None:
    now = added("shared = line(1)", "another = one(2)", "x", "shared = line(1)")
    told = Known(finding(added("shared = line(1)"), 1))
    near, far = finding(now, 1, 2, OTHER_WORDS), finding(now, 4, claim=OTHER_WORDS)
    assert stand([now], [near, far], [told]).claimed == (again(told.finding, told.finding), far)


def test_who_has_more_lines_in_common_comes_before_who_is_nearer() -> None:
    told = Known(finding(added("first = line(1)", "second = line(2)", "third = line(3)"), 1, 3))
    now = added("first = line(1)", "x = 1", "x = 2", "first = line(1)", "second = line(2)")
    near, far = finding(now, 1, 2, OTHER_WORDS), finding(now, 4, 5, OTHER_WORDS)
    assert stand([now], [near, far], [told]).claimed == (near, again(far, told.finding, OTHER_WORDS))


def test_in_a_series_of_patches_a_finding_is_in_any_of_them() -> None:
    first, second = added("one = compute(1)"), file("app.py", hunk(" one = compute(1)", "+two = compute(2)", new=1))
    told = [Known(finding(first, 1)), Known(finding(second, 2))]
    stood = stand([first, second], [], told)
    assert [one.anchor.start for one in stood.claimed] == [1, 2]
    assert stand([first], [], told).gone == (told[1],)


def test_lines_of_two_hunks_are_no_run() -> None:
    told = finding(added("first = line(1)", "second = line(2)"), 1, 2)
    apart = file("app.py", hunk("+first = line(1)"), hunk("+second = line(2)", old=2, new=2))
    assert stand([apart], [], [Known(told)]).gone == (Known(told),)
    behind = file("app.py", hunk("+second = line(2)", "+first = line(1)"))
    assert stand([behind], [], [Known(told)]).gone == (Known(told),)
    long = finding(added(*["same = line(1)"] * 5, "last = line(2)"), 1, 6)
    short = added("last = line(2)", "same = line(1)", "same = line(1)")
    assert stand([short], [], [Known(long)]).gone == (Known(long),)


def test_a_finding_without_lines_is_nowhere() -> None:
    told = Known(Finding(Anchor("app.py", Side.NEW, 1, 1), (), draft()))
    assert stand([APP], [PAID], [told]) == Stood((), (PAID,), gone=(told,))


COPIES = ("x", "paid = new_sum(1)")


def two_hunks(first: Sequence[str], second: Sequence[str]) -> tuple[FileDiff, Part, Part]:
    diff = file(
        "app.py", *(hunk(*[f"+{line}" for line in lines], old=at, new=at) for at, lines in ((1, first), (50, second)))
    )
    one, two = recall([diff], reviewed=(), key="").parts
    return diff, one, two


def test_a_copy_of_the_line_in_an_old_hunk_is_not_the_finding() -> None:
    before, old, copy = two_hunks(COPIES, (*COPIES, "y"))
    told = Known(finding(before, 2), part=old.digest)
    reviewed = [old.digest, copy.digest]
    now, changed, same = two_hunks(("x", "paid = 0"), (*COPIES, "y"))
    assert same.digest == copy.digest
    stood = stand([now], [], [told], parts=[changed, same], reviewed=reviewed)
    assert (stood.claimed, stood.gone) == ((), (told,))
    assert stand([now], [], [told], parts=[changed, same]).claimed == (again(finding(now, 51), told.finding),)
    unknown = replace(told, part="")
    assert stand([now], [], [unknown], parts=[changed, same], reviewed=reviewed).gone == ()


def test_a_copy_of_the_line_in_a_new_hunk_is_a_new_finding_while_the_old_hunk_stands() -> None:
    before, old, _ = two_hunks(COPIES, ("y",))
    told = Known(finding(before, 2, claim=draft("told")), part=old.digest)
    now, same, new = two_hunks(COPIES, (*COPIES, "z"))
    copy = finding(now, 51, claim=draft("copied"))
    stood = stand([now], [copy], [told], parts=[same, new], reviewed=[old.digest])
    assert [(one.draft.title, one.anchor.start, one.state) for one in stood.claimed] == [
        ("copied", 51, State.NEW),
        ("told", 2, State.STANDING),
    ]


def test_a_finding_goes_along_where_its_lines_move_to_a_new_hunk() -> None:
    before, old, _ = two_hunks(COPIES, ("y",))
    told = Known(finding(before, 2), part=old.digest)
    now, one, two = two_hunks(("x",), (*COPIES, "z"))
    stood = stand([now], [], [told], parts=[one, two], reviewed=[old.digest])
    assert stood.claimed == (again(finding(now, 51), told.finding),)


@pytest.mark.parametrize("lost", ["0" * 32, ""], ids=["gone", "not known"])
def test_what_has_its_hunk_takes_its_place_before_what_has_lost_it(lost: str) -> None:
    diff, one, two = two_hunks(COPIES, (*COPIES, "y"))
    known = [
        Known(finding(diff, 2, claim=draft("lost")), part=lost),
        Known(replace(finding(diff, 51, claim=draft("kept")), ordinal=1), part=one.digest),
    ]
    stood = stand([diff], [], known, parts=[one, two])
    assert sorted(starts(stood.claimed)) == [("kept", 2), ("lost", 51)]


def test_a_finding_of_the_old_version_stands_in_its_own_hunk_though_nothing_of_it_is_deleted() -> None:
    diff = file("app.py", hunk(" first = line(1)", "+x", " second = line(2)"))
    (part,) = recall([diff], reviewed=(), key="").parts
    told = finding(diff, 1, 2, side=Side.OLD)
    assert stand([diff], [], [Known(told, part=part.digest)], parts=[part]).claimed == (again(told, told),)
    assert stand([diff], [], [Known(told)], parts=[part]).gone == (Known(told),)


@st.composite
def _findings(draw_: st.DrawFn, diff: FileDiff) -> Finding:
    part: Hunk = draw_(st.sampled_from(diff.hunks))
    side = draw_(st.sampled_from(sorted({line.side for line in part.lines if line.changed})))
    numbers = [number for line in part.lines if (number := line.number(side)) is not None]
    start, end = sorted(draw_(st.tuples(*[st.sampled_from(numbers)] * 2)))
    category = draw_(st.sampled_from([Category.DATA, Category.API]))
    title = draw_(st.sampled_from(["one", "two"]))
    return finding(diff.with_hunks([part]), start, end, draft(title, category=category), side=side)


@st.composite
def _reviewed(draw_: st.DrawFn) -> tuple[Change, list[Finding]]:
    """A change, and findings of it that are told apart as a review tells them."""
    reviewed = draw_(changes())
    texts = [diff for diff in reviewed.files if diff.hunks]
    many = draw_(st.lists(st.sampled_from(texts).flatmap(_findings), max_size=6)) if texts else []
    distinct: list[Finding] = []
    for one in many:
        alike = any(one.anchor.overlaps(two.anchor) and one.draft.category is two.draft.category for two in distinct)
        if not alike:
            seen = sum(replace(two, ordinal=0).fingerprint == one.fingerprint for two in distinct)
            distinct.append(replace(one, ordinal=seen))
    return reviewed, distinct


@settings(max_examples=200)
@given(earlier=_reviewed(), mixed=st.randoms(use_true_random=False), silent=st.booleans())
def test_the_same_findings_of_the_same_change_are_all_known(
    earlier: tuple[Change, list[Finding]], mixed: random.Random, *, silent: bool
) -> None:
    reviewed, found = earlier
    known = [Known(one, DISMISSED if silent else OPEN) for one in found]
    mixed.shuffle(known)
    stood = stand(reviewed.files, found, known)
    told = [drop.finding for drop in stood.dropped] if silent else list(stood.claimed)
    assert told == [again(one, one) for one in found]
    assert len(stood.claimed) + len(stood.dropped) == len(found)
    assert (stood.gone, stood.held) == ((), ())


@settings(max_examples=200)
@given(_reviewed(), st.data())
def test_of_a_change_that_is_as_it_was_nothing_is_gone_however_little_is_claimed_again(
    given_: tuple[Change, list[Finding]], data: st.DataObject
) -> None:
    reviewed, found = given_
    parts = recall(reviewed.files, reviewed=(), key="").parts
    known = [Known(one, part=_part(one, parts)) for one in found]
    claims = [one for one in found if data.draw(st.booleans())]
    stood = stand(reviewed.files, claims, known, parts=parts, reviewed=[part.digest for part in parts])
    assert {one.fingerprint for one in stood.claimed} == {one.fingerprint for one in found}
    assert all(one.state is State.STANDING for one in stood.claimed)
    assert (stood.dropped, stood.gone, stood.held) == ((), (), ())


def _part(one: Finding, parts: Sequence[Part]) -> str:
    """Digest of the hunk that a finding stands in."""
    numbers = {
        part.digest: {line.number(one.anchor.side) for line in part.hunk.lines}
        for part in parts
        if part.path == one.anchor.path
    }
    return next(digest for digest, held in numbers.items() if one.anchor.start in held)


FATES = st.sampled_from([OPEN, OPEN, OPEN, GONE, DISMISSED, BASELINE])


@settings(max_examples=200)
@given(_reviewed(), _reviewed(), st.data())
def test_every_known_finding_ends_in_one_place_whatever_the_order(
    before: tuple[Change, list[Finding]], after: tuple[Change, list[Finding]], data: st.DataObject
) -> None:
    known = [Known(one, data.draw(FATES)) for one in before[1]]
    files, claims = after[0].files, after[1]
    skips = [skipped(diff.path, FAILED, failed=True) for diff in files if data.draw(st.booleans())]
    stood = stand(files, claims, known, skips=skips)
    ends = Counter(one.told_as for one in stood.claimed if one.told_as)
    ends.update(drop.finding.told_as for drop in stood.dropped if drop.finding and drop.finding.told_as)
    ends.update(one.finding.fingerprint for one in (*stood.gone, *stood.held))
    assert not ends or max(ends.values()) == 1
    for one in known:
        expected = {OPEN: {1}, GONE: {0}, DISMISSED: {0, 1}, BASELINE: {0, 1}}[one.fate]
        assert ends[one.finding.fingerprint] in expected
    anchors = {(one.anchor, one.draft.category, one.told_as) for one in stood.claimed}
    assert len(anchors) >= len(claims) - len(stood.dropped)
    mixed = stand(files, data.draw(st.permutations(claims)), data.draw(st.permutations(known)), skips=skips)
    assert _ends(mixed) == _ends(stood)


def _ends(stood: Stood) -> list[frozenset[object]]:
    return [frozenset(part) for part in (stood.claimed, stood.dropped, stood.gone, stood.held)]


def _large(name: str) -> tuple[FileDiff, FileDiff]:
    """A new file of a hundred thousand lines, and the same with some lines more at its beginning."""
    lines = {
        "all different": [f"value_{number} = compute({number})" for number in range(100_000)],
        "all equal": ["value = compute(1)"] * 100_000,
        "braces": ["}"] * 100_000,
        "pairs": ["value = compute(1)", "}"] * 50_000,
    }[name]
    return added(*lines), added("x", *lines[:-7])


@pytest.mark.parametrize("claimed", [True, False], ids=["claimed", "not claimed"])
@pytest.mark.parametrize("name", ["all different", "all equal", "braces", "pairs"])
def test_a_thousand_findings_in_a_hundred_thousand_lines_take_seconds(name: str, *, claimed: bool) -> None:
    before, after = _large(name)
    texts = [[line.text for line in diff.hunks[0].lines] for diff in (before, after)]
    one, two = (
        [
            Finding(Anchor("app.py", Side.NEW, at, at + 1), tuple(text[at - 1 : at + 1]), draft(str(at)), ordinal=at)
            for at in range(50, 100_000, 100)
            if at < len(text)
        ]
        for text in texts
    )
    begin = time.process_time()
    stood = stand([after], two if claimed else [], [Known(each) for each in one])
    assert time.process_time() - begin < 10
    assert len(stood.gone) + sum(each.state is State.STANDING for each in stood.claimed) == len(one)
