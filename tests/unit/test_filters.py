import time
from collections import Counter
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reviewbot.diff import Side
from reviewbot.finding import Category, DropReason, Finding, Severity, State
from reviewbot.review import Verdict
from reviewbot.stages.filters import Filtered, Limits, filters
from tests.support.reviews import draft, file, finding, hunk, review

ERROR, WARNING, INFO = Severity
APP = file("app.py", hunk(" one", "-two", "+three", "+three", " five", "+six", "+seven", "+three"))
OTHER = file("other.py", hunk("+three", "+four"))
ALL = Limits()


def found(
    start: int,
    end: int | None = None,
    *,
    at: str = "app.py",
    title: str = "It breaks",
    severity: Severity = WARNING,
    category: Category = Category.CORRECTNESS,
    confidence: float = 0.9,
    side: Side = Side.NEW,
    body: str | None = None,
) -> Finding:
    body = body or f"It breaks at {side} {start}-{end}."
    claim = draft(title, body, severity=severity, category=category, confidence=confidence)
    return finding(APP if at == APP.path else OTHER, start, end, claim, side=side)


def reasons(passed: Filtered) -> list[tuple[str, DropReason]]:
    return [(drop.stage, drop.reason) for drop in passed.dropped]


@st.composite
def findings(draw: st.DrawFn) -> Finding:
    side = draw(st.sampled_from(Side))
    start, end = sorted(draw(st.tuples(*[st.integers(1, 7 if side is Side.NEW else 3)] * 2)))
    return found(
        start,
        end,
        at=draw(st.sampled_from(["app.py", "other.py"])) if side is Side.NEW and end < 3 else "app.py",
        title=draw(st.sampled_from(["It breaks", "It  breaks", "It leaks"])),
        severity=draw(st.sampled_from(Severity)),
        category=draw(st.sampled_from([Category.CORRECTNESS, Category.DATA])),
        confidence=draw(st.sampled_from([0.0, 0.3, 0.5, 0.9, 1.0])),
        side=side,
    )


LIMITS = st.builds(
    Limits,
    min_confidence=st.sampled_from([0.0, 0.5, 1.0]),
    min_severity=st.sampled_from(Severity),
    max_comments=st.none() | st.integers(0, 4),
)
MANY = st.lists(findings(), max_size=9)


def test_nothing_is_dropped_without_a_reason() -> None:
    given_findings = [found(1), found(2), found(5, at="app.py", category=Category.DATA)]
    assert filters(given_findings, ALL) == Filtered(tuple(given_findings), ())
    assert filters([], Limits(1.0, ERROR, 0)) == Filtered((), ())


@pytest.mark.parametrize(
    "other",
    [
        found(2, 3),
        found(2, 3, title="Something else"),
        found(2, 3, category=Category.DATA),
        found(2, 3, category=Category.DATA, title=" It\tbreaks "),
        found(3, 6, title="Something else"),
        found(1, 7, title="Something else"),
    ],
    ids=["all the same", "same category", "same title", "same title but for blanks", "they touch", "one in the other"],
)
def test_findings_that_say_the_same_of_the_same_lines_are_one(other: Finding) -> None:
    passed = filters([found(2, 3), other], ALL)
    assert passed.findings == (found(2, 3),)
    assert reasons(passed) == [("filter", DropReason.DUPLICATE)]
    assert (passed.dropped[0].finding, passed.dropped[0].draft) == (other, other.draft)
    assert not passed.dropped[0].counts


@pytest.mark.parametrize(
    "other",
    [
        found(4, 5),
        found(1),
        found(2, 3, category=Category.DATA, title="Something else"),
        found(2, 3, side=Side.OLD),
        found(1, 2, at="other.py"),
    ],
    ids=["next lines", "the line before", "another claim", "the other side", "another file"],
)
def test_findings_that_differ_in_claim_or_place_both_stay(other: Finding) -> None:
    assert len(filters([found(2, 3), other], ALL).findings) == 2


@pytest.mark.parametrize(
    ("twins", "best"),
    [
        ([found(1, severity=WARNING), found(1, severity=ERROR, confidence=0.1)], 1),
        ([found(1, confidence=0.5), found(1, confidence=0.8)], 1),
        ([found(1, title="First"), found(1, title="Second")], 0),
        ([found(1, severity=INFO, confidence=1.0), found(1, severity=WARNING), found(1, severity=INFO)], 1),
    ],
    ids=["the worst", "the surest", "the first", "the worst of three"],
)
def test_of_duplicates_the_worst_and_surest_stays(twins: list[Finding], best: int) -> None:
    passed = filters(twins, ALL)
    assert passed.findings == (twins[best],)
    assert [drop.finding for drop in passed.dropped] == [twin for twin in twins if twin is not twins[best]]


def test_a_doubtful_twin_cannot_win() -> None:
    sure, doubtful = found(1, severity=WARNING), found(1, severity=ERROR, confidence=0.2)
    passed = filters([doubtful, sure], Limits(min_confidence=0.5))
    assert passed.findings == (sure,)
    assert reasons(passed) == [("filter", DropReason.LOW_CONFIDENCE)]


def test_a_finding_between_two_others_joins_them_only_where_it_wins() -> None:
    left, middle, right = found(1, 2), found(2, 3, severity=INFO), found(3, 4)
    assert filters([left, middle, right], ALL).findings == (left, right)
    middle = found(2, 3, severity=ERROR)
    assert filters([left, middle, right], ALL).findings == (middle,)


def test_equal_code_at_two_places_gives_two_findings_with_different_fingerprints() -> None:
    passed = filters([found(2), found(3), found(7), found(1, at="other.py")], ALL)
    assert [one.excerpt for one in passed.findings] == [("three",)] * 4
    assert [one.ordinal for one in passed.findings] == [0, 1, 2, 0]
    assert len({one.fingerprint for one in passed.findings}) == 4
    assert passed.findings[0].fingerprint == found(2).fingerprint
    assert filters(passed.findings, ALL) == passed


def test_ordinals_do_not_depend_on_what_is_shown() -> None:
    twins = [found(2, severity=INFO), found(3), found(7, severity=ERROR)]
    everything = {one.anchor: one.fingerprint for one in filters(twins, ALL).findings}
    for limits in (Limits(min_severity=ERROR), Limits(max_comments=1)):
        (shown,) = filters(twins, limits).findings
        assert shown.fingerprint == everything[shown.anchor]


@pytest.mark.parametrize(("least", "kept"), [(0.0, 3), (0.3, 2), (0.31, 1), (0.9, 1), (0.95, 0)])
def test_findings_below_the_confidence_do_not_count(least: float, kept: int) -> None:
    passed = filters([found(1, confidence=0.9), found(2, confidence=0.3), found(3, confidence=0.1)], Limits(least))
    assert len(passed.findings) == kept
    assert reasons(passed) == [("filter", DropReason.LOW_CONFIDENCE)] * (3 - kept)
    assert not any(drop.counts for drop in passed.dropped)


@pytest.mark.parametrize(("least", "kept"), [(INFO, [1, 2, 3]), (WARNING, [2, 3]), (ERROR, [3])], ids=str)
def test_findings_below_the_severity_are_not_shown_but_count(least: Severity, kept: list[int]) -> None:
    mixed = [found(1, severity=INFO), found(2, severity=WARNING), found(3, severity=ERROR)]
    passed = filters(mixed, Limits(min_severity=least))
    assert [one.anchor.start for one in passed.findings] == kept
    assert reasons(passed) == [("filter", DropReason.BELOW_SEVERITY)] * (3 - len(kept))
    assert all(drop.counts for drop in passed.dropped)


@pytest.mark.parametrize(("most", "kept"), [(0, []), (1, [3]), (2, [3, 4]), (3, [2, 3, 4]), (9, [1, 2, 3, 4])])
def test_the_worst_are_shown_in_the_order_they_came(most: int, kept: list[int]) -> None:
    mixed = [
        found(1, severity=INFO),
        found(2, severity=WARNING),
        found(3, severity=ERROR),
        found(4, severity=WARNING, confidence=1.0),
    ]
    passed = filters(mixed, Limits(max_comments=most))
    assert [one.anchor.start for one in passed.findings] == kept
    assert reasons(passed) == [("filter", DropReason.OVER_MAX_COMMENTS)] * (4 - len(kept))
    assert all(drop.counts for drop in passed.dropped)


def test_what_is_too_mild_takes_no_place_of_the_limit() -> None:
    passed = filters([found(1, severity=INFO), found(3, severity=ERROR)], Limits(min_severity=WARNING, max_comments=1))
    assert reasons(passed) == [("filter", DropReason.BELOW_SEVERITY)]


def test_among_equals_the_first_are_shown() -> None:
    equals = [found(number, category=Category.DATA) for number in (5, 1, 3)]
    assert [one.anchor.start for one in filters(equals, Limits(max_comments=2)).findings] == [5, 1]


@pytest.mark.parametrize("limits", [Limits(min_severity=ERROR), Limits(max_comments=0)], ids=["severity", "number"])
def test_what_only_the_display_leaves_out_still_fails_the_change(limits: Limits) -> None:
    passed = filters([found(1, severity=WARNING)], limits)
    assert passed.findings == ()
    assert review([APP], passed.findings, dropped=passed.dropped, fail_on=WARNING).verdict is Verdict.FAIL


def test_what_is_too_doubtful_does_not_fail_the_change() -> None:
    passed = filters([found(1, severity=ERROR, confidence=0.2)], Limits(min_confidence=0.5))
    assert review([APP], passed.findings, dropped=passed.dropped, fail_on=INFO).verdict is Verdict.PASS


@given(MANY, LIMITS)
def test_no_finding_is_lost_or_made(many: list[Finding], limits: Limits) -> None:
    passed = filters(many, limits)
    out = [*passed.findings, *(drop.finding for drop in passed.dropped)]
    assert Counter((one.anchor, one.draft) for one in out if one) == Counter((one.anchor, one.draft) for one in many)
    assert all(drop.finding and drop.draft == drop.finding.draft for drop in passed.dropped)


@given(MANY, LIMITS)
def test_what_stays_is_in_order_distinct_and_within_the_limits(many: list[Finding], limits: Limits) -> None:
    passed = filters(many, limits)
    remaining = iter((one.anchor, one.draft) for one in many)
    assert all((one.anchor, one.draft) in remaining for one in passed.findings)
    assert len({one.fingerprint for one in passed.findings}) == len(passed.findings)
    assert limits.max_comments is None or len(passed.findings) <= limits.max_comments
    for one in passed.findings:
        assert one.draft.confidence >= limits.min_confidence
        assert one.draft.severity.at_least(limits.min_severity)
        for other in passed.findings:
            same = one.draft.category is other.draft.category or one.draft.title == other.draft.title
            assert one is other or not (same and one.anchor.overlaps(other.anchor))


@given(MANY, LIMITS)
def test_what_counts_is_as_bad_as_the_worst_confident_finding(many: list[Finding], limits: Limits) -> None:
    passed = filters(many, limits)
    confident = [one for one in many if one.draft.confidence >= limits.min_confidence]
    counted = review([APP], passed.findings, dropped=passed.dropped).counted
    assert min((one.draft.severity.rank for one in counted), default=9) == min(
        (one.draft.severity.rank for one in confident), default=9
    )


@given(MANY)
def test_filtering_twice_is_filtering_once(many: list[Finding]) -> None:
    findings = filters(many, ALL).findings
    assert filters(findings, ALL) == Filtered(findings, ())


@pytest.mark.parametrize(
    ("other", "kept"),
    [
        (found(2, body="Same words.", side=Side.OLD), [(Side.NEW, 2)]),
        (found(3, body="Same words.", category=Category.DATA), [(Side.NEW, 3)]),
        (found(4, body="Same words."), [(Side.NEW, 2), (Side.NEW, 4)]),
        (found(6, body="Same words."), [(Side.NEW, 2), (Side.NEW, 6)]),
        (found(5, body="Other words."), [(Side.NEW, 2), (Side.NEW, 5)]),
        (found(5, body="Same words.", title="It leaks"), [(Side.NEW, 2), (Side.NEW, 5)]),
    ],
    ids=["on the deleted line", "on the next line", "one line between", "further away", "other words", "another title"],
)
def test_the_same_words_close_by_are_one_finding_on_the_line_that_is_there(
    other: Finding, kept: list[tuple[Side, int]]
) -> None:
    passed = filters([other, found(2, body="Same words.")], ALL)
    assert sorted((finding.anchor.side, finding.anchor.start) for finding in passed.findings) == kept


def test_what_is_certain_is_no_duplicate_of_anything() -> None:
    certain = [found(3, severity=Severity.WARNING), found(3, 4, severity=Severity.WARNING)]
    model = found(3, severity=Severity.ERROR)
    passed = filters([*certain, model], Limits(), certain=certain)
    assert (len(passed.findings), passed.dropped) == (3, ())
    assert len(filters([*certain, model], Limits()).findings) == 1


def test_what_was_told_before_stays_before_what_is_surer_and_keeps_its_name() -> None:
    told = replace(found(1, severity=INFO), state=State.STANDING, ordinal=3, told_as="f" * 64)
    passed = filters([found(1, severity=INFO), told], ALL)
    assert passed.findings == (told,)
    assert reasons(passed) == [("filter", DropReason.DUPLICATE)]
    assert told.fingerprint == "f" * 64


def test_what_is_worse_than_what_people_have_read_is_no_duplicate_of_it() -> None:
    told = replace(found(1, severity=INFO), state=State.STANDING, told_as="f" * 64)
    worse = found(1, severity=ERROR)
    assert [one.draft.severity for one in filters([worse, told], ALL).findings] == [ERROR, INFO]


def test_what_says_the_same_as_a_silenced_finding_is_silent_too() -> None:
    twin, beside, wider = found(2, title="In other words"), found(4), found(1, 2)
    passed = filters([wider, twin, beside, found(1, at="other.py")], ALL, silenced=[found(2)])
    assert passed.findings == (wider, beside, found(1, at="other.py"))
    assert reasons(passed) == [("filter", DropReason.DUPLICATE)]
    assert passed.dropped[0].finding == twin
    assert filters([twin], ALL, certain=[twin], silenced=[found(2)]).findings == (twin,)


def test_a_finding_never_gets_a_fingerprint_that_another_one_had() -> None:
    taken = {found(2).fingerprint, replace(found(2), ordinal=2).fingerprint}
    passed = filters([found(2), found(3), found(7)], ALL, taken=taken)
    assert [one.ordinal for one in passed.findings] == [1, 3, 4]
    assert taken.isdisjoint(one.fingerprint for one in passed.findings)


def test_thousands_of_findings_in_a_file_take_seconds() -> None:
    long = file("a.py", hunk(*[f"+value_{number}" for number in range(4000)]))
    many = [finding(long, number, claim=draft(f"Title {number}")) for number in range(1, 4001)]
    start = time.process_time()
    assert len(filters(many, ALL, certain=many[::4]).findings) == 4000
    assert time.process_time() - start < 10
