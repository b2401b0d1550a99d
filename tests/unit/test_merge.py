"""Several passes over one chunk: what they say together, what each says alone, and which order each of them saw."""

import random
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reviewbot.diff import FileDiff, Side
from reviewbot.finding import Category, DropReason, Finding, Severity
from reviewbot.review import Chunk
from reviewbot.stages.merge import Merged, merge, varied
from tests.support.reviews import draft, file, finding, hunk
from tests.support.strategies import file_diffs

ERROR, WARNING, INFO = Severity
SHOP = file(
    "shop.py",
    hunk(
        " def mean(rows, weights):",
        "+    for at in range(1, len(rows) - 1): total += rows[at] / weights[at]",
        "+    cache_key = load(user, tenant)",
        "-    audit(rows)",
        "+    handle = open(name)",
        "+",
        "     return total",
    ),
)
OTHER = file("other.py", hunk("+    cache_key = load(user, tenant)", "+    save(user)"))
SKIPS = "The first and the last of rows are skipped"
ZERO = "weights[at] may be 0"


def found(
    title: str = "The total is wrong",
    start: int = 2,
    end: int | None = None,
    *,
    at: FileDiff = SHOP,
    body: str = "",
    severity: Severity = WARNING,
    category: Category = Category.CORRECTNESS,
    confidence: float = 0.8,
    suggestion: str | None = None,
    side: Side = Side.NEW,
) -> Finding:
    claim = draft(
        title, body, severity=severity, category=category, confidence=confidence, suggestion=suggestion, path=at.path
    )
    return finding(at, start, end, claim, side=side)


def same(one: Finding, other: Finding) -> bool:
    """Whether two passes that say no more than this say the same."""
    return len(merge([[one], [other]]).findings) == 1


def told(*passes: Sequence[Finding]) -> list[tuple[str, int, int]]:
    """What is told of passes: the title of each finding and its lines."""
    return [(one.draft.title, one.anchor.start, one.anchor.end) for one in merge(passes).findings]


ONE = [
    (found("It skips rows"), found("Rows lost", body="range leaves two rows out")),
    (found("It is off"), found(SKIPS)),
    (found("Wrong"), found("Broken")),
    (found("It skips rows"), found("It  skips rows ", category=Category.DATA)),
    (found("rows are skipped by range"), found("range skips rows", category=Category.DATA)),
    (found(ZERO), found("A ZeroDivisionError for an empty basket")),
    (found("`cache_key` is stale", 3), found("cache_key goes stale", 2, 3, category=Category.DATA)),
    (found("handle leaks", 4), found("handle is never closed", 3, category=Category.RESOURCES)),
    (found("漏掉了rows的首尾"), found("rows少了两个")),
    (found("`größe` fehlt"), found("größe wird nie gesetzt, `größe`", category=Category.DATA)),
    (found("Audit is gone", 2, side=Side.OLD), found("Nobody audits", 2, side=Side.OLD)),
]
ONE_IDS = [
    "the same names on one line",
    "one of them names nothing",
    "neither names anything",
    "the same title but for blanks",
    "another category and the same names",
    "one names a part of the line and the other what comes of it",
    "places that overlap",
    "places that touch",
    "names in Chinese prose",
    "names that are not ASCII",
    "deleted lines",
]


@pytest.mark.parametrize(("one", "other"), ONE, ids=ONE_IDS)
def test_claims_of_two_passes_that_say_the_same_are_one(one: Finding, other: Finding) -> None:
    assert same(one, other)
    assert same(other, one)


TWO = [
    (found(SKIPS), found(ZERO)),
    (found(SKIPS), found("The loop is slow", category=Category.PERFORMANCE)),
    (found("user is not checked", 3), found("tenant, user and cache_key may be None", 3, category=Category.SECURITY)),
    (found("It is off", 2), found("It is wrong", 3)),
    (found("cache_key is stale", 3), found("cache_key is stale, rows too", 5)),
    (found("cache_key is stale", 3), found("cache_key is stale", 2, at=OTHER)),
    (found("rows are lost", 2, side=Side.OLD), found("rows are lost", 2)),
    (found("It is what the list has", 3), found("What is it of the list", 3, category=Category.DATA)),
    (found("", body="It is off"), found("", body="It is slow", category=Category.PERFORMANCE)),
    (found("漏掉了rows的首尾"), found("除以weights时可能为零")),
]
TWO_IDS = [
    "each of another part of the line",
    "another category, and one names nothing",
    "another category, and few of the names",
    "places that touch, and no name",
    "places with a line between them",
    "another file",
    "the other side",
    "words that are no names",
    "no titles",
    "other names in Chinese prose",
]


@pytest.mark.parametrize(("one", "other"), TWO, ids=TWO_IDS)
def test_claims_that_may_be_of_two_defects_stay_two(one: Finding, other: Finding) -> None:
    assert not same(one, other)
    assert not same(other, one)


def test_whoever_saw_two_defects_on_one_line_tells_the_claims_of_all_others_apart() -> None:
    skips, zero = found(SKIPS), found(ZERO)
    vague = found("It is off")
    assert told([skips, zero], [zero], [skips, vague]) == [(SKIPS, 2, 2), (ZERO, 2, 2)]
    merged = merge([[skips, zero], [zero], [skips, vague]])
    assert [one.draft.confidence for one in merged.findings] == [0.7, 0.95]
    assert [drop.draft.title for drop in merged.dropped] == [SKIPS, ZERO, "It is off"]


def test_a_claim_joins_the_one_that_is_most_like_it() -> None:
    total = found("weights of 0 divide the total")
    both = found("All of total, weights and rows")
    assert same(both, found(SKIPS))
    merged = merge([[found(SKIPS), total], [both]])
    assert [drop.finding for drop in merged.dropped] + [one.draft.title for one in merged.findings] == [
        total,
        both.draft.title,
        SKIPS,
    ]


def test_claims_of_one_pass_are_never_one_however_alike() -> None:
    twins = [found("It skips rows"), found("It skips all rows")]
    assert len(merge([twins, []]).findings) == 2
    assert len(merge([twins, [found("It skips rows")]]).findings) == 2


def test_a_claim_that_a_pass_repeats_word_for_word_is_one_with_one_vote() -> None:
    one = found("It skips rows")
    merged = merge([[one, one], []])
    assert [finding.draft.confidence for finding in merged.findings] == [0.6]
    assert [drop.finding for drop in merged.dropped] == [one]


def test_places_may_chain() -> None:
    chain = [found("`cache_key` is stale", 2), found("stale cache_key", 2, 4), found("cache_key", 4)]
    assert not same(chain[0], chain[2])
    assert len(merge([[one] for one in chain]).findings) == 1


def test_what_is_said_may_not_chain() -> None:
    between = found("rows and weights", body="It is all wrong")
    assert same(found(SKIPS), between)
    assert same(found(ZERO), between)
    assert len(merge([[found(SKIPS)], [between], [found(ZERO)]]).findings) == 2


def test_the_place_that_most_passes_chose_is_told() -> None:
    wide, narrow = found("cache_key is stale", 2, 4), found("stale cache_key", 3)
    assert told([wide], [narrow], [narrow]) == [("stale cache_key", 3, 3)]
    assert told([wide], [wide], [narrow]) == [("cache_key is stale", 2, 4)]


@pytest.mark.parametrize(
    ("places", "chosen"),
    [([(2, 4), (3, 3)], (3, 3)), ([(2, 3), (3, 4)], (2, 3)), ([(2, 2), (3, 3), (2, 3)], (2, 2))],
    ids=["the smaller", "the first of two as small", "the smallest of three"],
)
def test_of_places_with_as_many_votes_the_smallest_is_told(
    places: list[tuple[int, int]], chosen: tuple[int, int]
) -> None:
    passes = [[found(f"cache_key {number}", *place)] for number, place in enumerate(places)]
    assert [(start, end) for _, start, end in told(*passes)] == [chosen]


@pytest.mark.parametrize(
    ("votes", "middle"),
    [
        ([ERROR, WARNING], WARNING),
        ([ERROR, ERROR, INFO], ERROR),
        ([ERROR, WARNING, INFO], WARNING),
        ([ERROR, INFO], INFO),
        ([ERROR, ERROR, WARNING, INFO], WARNING),
        ([INFO, INFO, ERROR, ERROR, ERROR], ERROR),
    ],
    ids=lambda value: "-".join(value) if isinstance(value, list) else value,
)
def test_the_severity_is_the_middle_of_the_votes_and_of_two_the_milder(votes: list[Severity], middle: Severity) -> None:
    (one,) = merge([[found("It skips rows", severity=vote)] for vote in votes]).findings
    assert one.draft.severity is middle


def test_the_words_are_those_of_a_claim_at_that_place_of_nearly_that_severity() -> None:
    passes = [
        [found("rows, far too bad", severity=ERROR)],
        [found("rows, as bad as that", severity=WARNING, confidence=0.1)],
        [found("rows elsewhere", 1, 2, severity=WARNING, confidence=1.0)],
        [found("rows, harmless", severity=INFO, confidence=0.9)],
        [found("rows, harmless too", severity=INFO)],
        [found("rows, harmless three times", severity=INFO)],
    ]
    assert told(*passes) == [("rows, harmless", 2, 2)]
    assert told(*passes[:3]) == [("rows, as bad as that", 2, 2)]


def test_of_words_as_near_those_of_the_usual_category_are_told_then_those_with_a_suggestion_then_the_surest() -> None:
    odd = found("rows: odd", category=Category.DATA, confidence=1.0)
    plain, sure = found("rows: plain"), found("rows: sure", confidence=0.9)
    mended = found("rows: mended", suggestion="    pass", confidence=0.1)
    assert told([odd], [plain], [sure], [mended]) == [("rows: mended", 2, 2)]
    assert told([odd], [plain], [sure]) == [("rows: sure", 2, 2)]


def test_a_suggestion_for_another_place_is_not_told() -> None:
    wide = found("cache_key is stale", 2, 4, suggestion="    pass")
    (one,) = merge([[wide], [found("stale cache_key", 3)]]).findings
    assert (one.anchor.start, one.excerpt, one.draft.suggestion) == (3, (SHOP.hunks[0].lines[2].text,), None)


@pytest.mark.parametrize(
    ("said", "passes", "told"),
    [
        ([0.9], 1, 0.9),
        ([0.9], 2, 0.63),
        ([0.9], 3, 0.47),
        ([0.9], 5, 0.32),
        ([0.2], 2, 0.2),
        ([0.9, 0.5], 2, 0.9),
        ([0.9, 0.9], 3, 0.72),
        ([0.0, 0.0, 0.0], 3, 0.75),
        ([1.0, 1.0, 1.0], 3, 1.0),
        ([0.1, 0.2], 5, 0.36),
    ],
)
def test_votes_make_confidence(said: list[float], passes: int, told: float) -> None:
    rows = [[found("It skips rows", confidence=each)] for each in said]
    merged = merge([*rows, *[[] for _ in range(passes - len(said))]])
    assert [one.draft.confidence for one in merged.findings] == [told]


@given(st.integers(2, 9), st.data())
def test_more_votes_always_weigh_more_than_what_a_model_says_of_itself(passes: int, data: st.DataObject) -> None:
    votes = data.draw(st.integers(1, passes - 1))

    def sure(votes: int) -> float:
        said = data.draw(st.lists(st.floats(0, 1), min_size=votes, max_size=votes))
        rows = [[found("It skips rows", confidence=each)] for each in said]
        return merge([*rows, *[[] for _ in range(passes - votes)]]).findings[0].draft.confidence

    few, many = sure(votes), sure(votes + 1)
    assert 0 <= few <= many <= 1


@st.composite
def findings(draw: st.DrawFn) -> Finding:
    start, end = sorted(draw(st.tuples(*[st.integers(1, 4)] * 2)))
    words = draw(st.lists(st.sampled_from(["rows", "weights", "cache_key", "`tenant`", "handle", "off"]), max_size=3))
    return found(
        draw(st.sampled_from(["", "Off", " ".join(words)])),
        start,
        end,
        body=draw(st.sampled_from(["", "It breaks", " ".join(reversed(words))])),
        severity=draw(st.sampled_from(Severity)),
        category=draw(st.sampled_from([Category.CORRECTNESS, Category.DATA])),
        confidence=draw(st.sampled_from([0.0, 0.3, 0.9, 1.0])),
        suggestion=draw(st.sampled_from([None, "", "pass"])),
    )


PASSES = st.lists(st.lists(findings(), max_size=3), max_size=4)


@given(PASSES)
def test_every_claim_is_told_or_dropped_once(passes: list[list[Finding]]) -> None:
    merged = merge(passes)
    claims = Counter(one for found in passes for one in found)
    left = claims - Counter(drop.finding for drop in merged.dropped if drop.finding)
    assert left.total() == len(merged.findings) == claims.total() - len(merged.dropped)
    assert all((drop.stage, drop.reason) == ("merge", DropReason.MERGED) for drop in merged.dropped)
    bare = [replace(one.draft, severity=ERROR, confidence=0.0) for one in merged.findings]
    assert Counter((one.anchor, one.excerpt, words) for one, words in zip(merged.findings, bare, strict=True)) == (
        Counter(
            (one.anchor, one.excerpt, replace(one.draft, severity=ERROR, confidence=0.0)) for one in left.elements()
        )
    )


@given(PASSES, st.randoms(use_true_random=False))
def test_the_order_of_the_passes_and_of_their_findings_does_not_matter(
    passes: list[list[Finding]], chance: random.Random
) -> None:
    mixed = [chance.sample(found, len(found)) for found in chance.sample(passes, len(passes))]
    assert len(passes) == 1 or merge(mixed) == merge(passes)


@given(st.lists(findings(), max_size=6))
def test_a_single_pass_stays_as_it_is(found: list[Finding]) -> None:
    assert merge([found]) == Merged(tuple(found))


@given(PASSES)
def test_no_more_is_told_than_was_claimed_and_no_less_than_the_richest_pass_saw(passes: list[list[Finding]]) -> None:
    least = max((len({*found}) for found in passes), default=0)
    assert least <= len(merge(passes).findings) <= sum(map(len, passes))


@given(PASSES)
def test_nothing_becomes_worse_or_surer_than_the_worst_and_surest_of_the_votes(passes: list[list[Finding]]) -> None:
    merged, claims = merge(passes), [one for found in passes for one in found]
    for one in merged.findings:
        assert one.draft.severity.rank >= min(claim.draft.severity.rank for claim in claims)
        assert one.draft.confidence <= max(1.0, *(claim.draft.confidence for claim in claims))


def test_no_passes_come_to_nothing() -> None:
    assert merge([]) == merge([[], []]) == Merged(())


def test_many_claims_of_many_passes_take_little_time() -> None:
    passes = [[found(f"rows {one} {at}", 2) for one in range(60)] for at in range(5)]
    began = time.perf_counter()
    assert len(merge(passes).findings) == 60
    assert time.perf_counter() - began < 5


FILES = (
    file("a.py", hunk("+one"), hunk("+two", old=9, new=9), hunk("+three", old=19, new=19)),
    file("b.py", hunk("+four")),
    file("c.py", hunk("-five", "+six"), hunk("+seven", old=9, new=9)),
)


def test_the_first_sample_sees_the_chunk_as_it_is() -> None:
    chunk = Chunk(FILES, 7)
    assert varied(chunk) is chunk


@pytest.mark.parametrize("sample", range(1, 9))
@pytest.mark.parametrize("files", [FILES, FILES[:2], FILES[1:], FILES[:1], FILES[2:]], ids=len)
def test_every_other_sample_sees_files_or_hunks_in_another_order(files: tuple[FileDiff, ...], sample: int) -> None:
    mixed = varied(Chunk(files, 7, sample=sample))
    assert mixed == varied(Chunk(files, 7, sample=sample))
    assert mixed.files != files
    assert mixed.tokens == 7


def test_what_cannot_be_in_another_order_stays() -> None:
    assert varied(Chunk(FILES[1:2], 7, sample=1)) == Chunk(FILES[1:2], 7, sample=1)


def test_samples_see_many_orders_of_files_and_of_hunks() -> None:
    seen = [varied(Chunk(FILES, 7, sample=sample)).files for sample in range(1, 60)]
    assert len({tuple(one.path for one in files) for files in seen}) == 6
    assert len({one.hunks for files in seen for one in files if one.path == "a.py"}) == 6
    assert len({*seen}) > 30


@given(st.lists(file_diffs(), max_size=4), st.integers(0, 9))
def test_a_varied_chunk_holds_the_same(files: list[FileDiff], sample: int) -> None:
    mixed = varied(Chunk(tuple(files), 1, sample=sample))
    sorted_files = [replace(one, hunks=tuple(sorted(one.hunks, key=repr))) for one in (*files, *mixed.files)]
    half = len(files)
    assert sorted(sorted_files[:half], key=repr) == sorted(sorted_files[half:], key=repr)
