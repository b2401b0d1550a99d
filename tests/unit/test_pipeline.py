"""The stages in their order: what is planned, what events a review gives, and what they fold into."""

import json
import random
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reviewbot.calls.resume import Resume
from reviewbot.catalogue import Model, load
from reviewbot.diff import FileDiff, Line, Side
from reviewbot.errors import ConfigError, ProviderErrorKind, SourceError
from reviewbot.estimate import estimates, first_prompts
from reviewbot.events import Closed, Event, Found, Glimpsed, SkippedPart, Spent
from reviewbot.finding import DropReason, Severity, State
from reviewbot.hints import ROOM, Hint, Told
from reviewbot.memory import Fate, Known, Memory, Part
from reviewbot.pipeline import events, fold
from reviewbot.planning import Inspected, Plan, Settings, choose
from reviewbot.planning import plan as plan_chosen
from reviewbot.reply import OPENING
from reviewbot.review import Change, Completion, Prompt, Review, SkipReason, Target, Usage, Verdict
from reviewbot.sources._rungit import Git
from reviewbot.sources._tree import GitTree
from reviewbot.stages.filters import Limits
from reviewbot.surroundings import Surroundings
from reviewbot.tokens import chat_tokens, counter, prompt_tokens
from tests.support.calls import Inner, Step
from tests.support.providers import ONE, Script, Scripted, failed, said
from tests.support.reviews import file, finding, hunk
from tests.support.strategies import changes

MODEL = load().get("qwen-coder-plus")
DEFAULT = Settings()


def _change(*files: FileDiff) -> Change:
    return Change(Target("a" * 40, None, "staged changes"), files)


def plan(change: Change, *, settings: Settings, model: Model, hints: Iterable[Hint] = ()) -> Plan:
    chosen = choose(change, settings=settings)
    inspected = Inspected(change, told=tuple(Told("ruff.sarif", (hint,), 1, 0, 0) for hint in hints))
    return plan_chosen(inspected, chosen, settings=settings, model=model, counter=counter(model.vocabulary))


def _events(made: Plan, script: Script) -> list[Event]:
    return list(events(made, provider=Scripted(script)))


def _review(change: Change, script: Script, wishes: Settings = DEFAULT) -> Review:
    made = plan(change, settings=wishes, model=MODEL)
    return fold(made, _events(made, script), seconds=1.0)


def _answer(*quotes: str, severity: str = "warning", path: str = "a.py") -> str:
    rows = [f'{{"path": "{path}", "quote": "{q}", "body": "Wrong.", "severity": "{severity}"}}' for q in quotes]
    return f'{{"comments": [{", ".join(rows)}]}}'


def test_a_claim_becomes_a_finding_and_one_without_a_place_is_kept_apart() -> None:
    change = _change(file("a.py", hunk("+value = compute(1)")))
    review = _review(change, lambda text, attempt: said(_answer("value = compute(1)", "nowhere = to_be_seen(2)")))
    assert [(f.anchor.path, f.anchor.start) for f in review.findings] == [("a.py", 1)]
    assert [d.draft.quote for d in review.dropped if d.unanchored] == ["nowhere = to_be_seen(2)"]
    assert (review.verdict, review.complete, review.model) == (Verdict.PASS, True, "qwen-coder-plus")
    assert (review.usage, review.seconds) == (Usage(1, 0, 10, 1), 1.0)


def test_a_claim_that_could_not_be_used_is_in_dropped() -> None:
    change = _change(file("a.py", hunk("+value = compute(1)")))
    review = _review(change, lambda text, attempt: said('{"comments": [{"path": "a.py", "body": "No quote."}]}'))
    assert [drop.stage for drop in review.dropped] == ["parse"]


def test_findings_come_in_the_order_of_the_change_whatever_order_the_answers_arrive_in() -> None:
    names = [f"f{number}.py" for number in range(20)]
    made = plan(
        _change(*(file(name, hunk(f"+value_of_{name[:-3]} = 1", "+second_line = 2")) for name in names)),
        settings=DEFAULT,
        model=MODEL,
    )
    claims = [
        f'{{"path": "{name}", "quote": "{quote}", "body": "{quote} is wrong."}}'
        for name in reversed(names)
        for quote in ("second_line = 2", f"value_of_{name[:-3]} = 1")
    ]
    seen = _events(made, lambda text, attempt: said(f'{{"comments": [{", ".join(claims)}]}}'))
    assert len(made.chunks) > 2
    whole = fold(made, seen, seconds=0)
    assert [(f.anchor.path, f.anchor.start) for f in whole.findings] == [(n, line) for n in names for line in (1, 2)]
    for seed in range(5):
        assert fold(made, _interleaved(seen, seed), seconds=0) == whole


def _interleaved(seen: list[Event], seed: int) -> list[Event]:
    """Events of different places in another order; those of one place keep theirs."""
    queues = {at: [event for event in seen if event.at == at] for at in {event.at for event in seen}}
    places = [event.at for event in seen]
    random.Random(seed).shuffle(places)
    return [queues[at].pop(0) for at in places]


@settings(max_examples=60)
@given(change=changes(), stop=st.integers(0, 200))
def test_an_interrupted_review_names_every_changed_line_that_was_not_answered(change: Change, stop: int) -> None:
    wishes = Settings(chunk_tokens=500)
    made = plan(change, settings=wishes, model=MODEL)
    seen = _events(made, lambda text, attempt: said('{"comments": []}'))[:stop]
    review = fold(made, seen, seconds=0)
    ended = {event.at[0] for event in seen if isinstance(event, Closed)}
    lost = [chunk for place, chunk in enumerate(made.chunks) if place not in ended]
    named = {s.path for s in review.skipped if s.reason is SkipReason.INTERRUPTED}
    assert named == {file.path for chunk in lost for file in chunk.files}
    assert review.complete == (not lost and not any(s.failed for s in made.skipped))


def test_an_interruption_after_the_first_of_many_chunks_names_all_the_others() -> None:
    change = _change(*(file(f"f{number}.py", hunk("+x = 1")) for number in range(30)))
    made = plan(change, settings=DEFAULT, model=MODEL)
    seen = _events(made, lambda text, attempt: said('{"comments": []}'))
    stop = next(place for place, event in enumerate(seen) if isinstance(event, Closed)) + 1
    review = fold(made, seen[:stop], seconds=0)
    answered = {file.path for file in made.chunks[seen[stop - 1].at[0]].files}
    assert len(made.chunks) > 4
    assert {skipped.path for skipped in review.skipped} == {file.path for file in change.files} - answered
    assert review.verdict is Verdict.INCOMPLETE


@pytest.mark.parametrize(
    ("kind", "reason"),
    [
        (ProviderErrorKind.TOO_LONG, SkipReason.TOO_LONG),
        (ProviderErrorKind.FILTERED, SkipReason.FILTERED),
        (ProviderErrorKind.BAD_REPLY, SkipReason.BAD_REPLY),
        (ProviderErrorKind.AUTH, SkipReason.PROVIDER_FAILED),
        (ProviderErrorKind.SERVER, SkipReason.PROVIDER_FAILED),
        (ProviderErrorKind.BROKEN, SkipReason.PROVIDER_FAILED),
        (ProviderErrorKind.CUT, SkipReason.ANSWER_CUT),
        (ProviderErrorKind.TIMED_OUT, SkipReason.TIMED_OUT),
        (ProviderErrorKind.OVER_BUDGET, SkipReason.OVER_BUDGET),
    ],
)
def test_what_the_provider_did_not_answer_is_named_with_its_reason(kind: ProviderErrorKind, reason: SkipReason) -> None:
    change = _change(file("a.py", hunk("-old = 1", "+new = 2")))
    made = plan(change, settings=DEFAULT, model=MODEL)
    seen = _events(made, lambda text, attempt: failed(kind))
    review = fold(made, seen, seconds=0)
    assert {(s.path, s.side, s.start, s.end, s.reason, s.failed) for s in review.skipped} == {
        ("a.py", "old", 1, 1, reason, True),
        ("a.py", "new", 1, 1, reason, True),
    }
    assert review.verdict is Verdict.INCOMPLETE
    assert {event.error.slug for event in seen if isinstance(event, SkippedPart) and event.error} in (
        {"x"},
        {"bad-reply"},
    )


def _claims(*quotes: str) -> list[str]:
    """The answer with one claim more each time, at its comma, and in the end whole."""
    whole = _answer(*quotes)
    ends = [place + 1 for place, char in enumerate(whole) if char == "}"]
    return [whole[:end] for end in ends[:-1]] + [whole]


LIVE = _change(file("a.py", hunk("+value = compute(1)", "+other = compute(2)")))
QUOTES = ("value = compute(1)", "nowhere = to_be_seen(2)", "other = compute(2)")


def _live(steps: list[Step], *, live: bool = True) -> list[Event]:
    made = plan(LIVE, settings=DEFAULT, model=MODEL)
    provider = Inner(lambda prompt, number: steps, model=MODEL)
    return list(events(made, provider=provider, live=live))


def test_a_finding_is_glimpsed_once_as_soon_as_its_comment_is_whole_and_comes_again() -> None:
    pieces = _claims(*QUOTES)
    halves = [piece[:-1] for piece in pieces]
    steps: list[Step] = [*[step for pair in zip(halves, pieces, strict=True) for step in pair], ONE, said(pieces[-1])]
    seen = _live(steps)
    glimpsed = [event.finding for event in seen if isinstance(event, Glimpsed)]
    assert [finding.draft.quote for finding in glimpsed] == [QUOTES[0], QUOTES[2]]
    assert glimpsed == [event.finding for event in seen if isinstance(event, Found)]
    assert max(place for place, event in enumerate(seen) if isinstance(event, Glimpsed)) < next(
        place for place, event in enumerate(seen) if isinstance(event, Spent)
    )


def test_where_nobody_watches_nothing_is_glimpsed() -> None:
    seen = _live([*_claims(*QUOTES), ONE, said(_answer(*QUOTES))], live=False)
    assert not any(isinstance(event, Glimpsed) for event in seen)
    assert sum(isinstance(event, Found) for event in seen) == 2


def test_a_glimpse_of_an_answer_that_never_came_is_no_finding() -> None:
    seen = _live([*_claims(*QUOTES)[:1], failed(ProviderErrorKind.SERVER)])
    assert sum(isinstance(event, Glimpsed) for event in seen) == 1
    review = fold(plan(LIVE, settings=DEFAULT, model=MODEL), seen, seconds=0)
    assert (review.findings, review.verdict) == ((), Verdict.INCOMPLETE)


def test_a_glimpse_of_an_answer_that_was_interrupted_is_a_finding() -> None:
    seen = _live([*_claims(*QUOTES)[:1], failed(ProviderErrorKind.SERVER)])
    stop = next(place for place, event in enumerate(seen) if isinstance(event, Glimpsed)) + 1
    review = fold(plan(LIVE, settings=DEFAULT, model=MODEL), seen[:stop], seconds=0)
    assert [finding.draft.quote for finding in review.findings] == [QUOTES[0]]
    assert review.verdict is Verdict.INCOMPLETE


def test_what_was_whole_in_an_answer_that_failed_is_found_and_all_its_lines_are_named() -> None:
    made = plan(LIVE, settings=DEFAULT, model=MODEL)
    review = fold(
        made, _events(made, lambda text, attempt: failed(ProviderErrorKind.BROKEN, said=_claims(*QUOTES)[0])), seconds=0
    )
    assert [finding.draft.quote for finding in review.findings] == [QUOTES[0]]
    assert [(part.start, part.end, part.reason) for part in review.skipped] == [(1, 2, SkipReason.PROVIDER_FAILED)]


@pytest.mark.parametrize(("hinted", "limit"), [(0, 2_000), (60, 2_600)])
def test_prompts_that_are_larger_than_a_stated_limit_are_not_sent(hinted: int, limit: int) -> None:
    change = _change(*(file(f"f{number}.py", hunk(*["+value = compute(1)"] * 60)) for number in range(24)))
    wishes = Settings(chunk_tokens=4_000, jobs=1)
    places = [(f"f{number}.py", line) for number in range(24) for line in range(1, hinted + 1)]
    hints = [Hint(path, line, line, "ruff E501", "a line that is too long " * 8) for path, line in places]
    made = plan(change, settings=wishes, model=MODEL, hints=hints)

    def size(asked: Prompt) -> int:
        return prompt_tokens(counter(MODEL.vocabulary), asked.texts, limit=0)

    def narrow(asked: Prompt, number: int) -> list[Step]:
        return [failed(ProviderErrorKind.TOO_LONG, limit=limit) if size(asked) > limit else said('{"comments": []}')]

    provider = Inner(narrow, MODEL, counter(MODEL.vocabulary))
    seen = list(events(made, provider=provider))
    assert [size(asked) > limit for asked in provider.asked] == [True] + [False] * (len(provider.asked) - 1)
    assert len(provider.asked) > 2 * len(made.chunks) > 4
    assert fold(made, seen, seconds=0).complete


def test_a_refused_chunk_is_reviewed_in_parts_whose_sizes_are_counted() -> None:
    change = _change(file("a.py", hunk("+good = one(1)", "+other = bad(2)")))
    refuse = failed(ProviderErrorKind.FILTERED)
    review = _review(change, lambda text, attempt: refuse if "bad" in text else said(_answer("good = one(1)")))
    assert [(f.anchor.start, f.anchor.end) for f in review.findings] == [(1, 1)]
    assert [(s.start, s.end, s.reason) for s in review.skipped] == [(2, 2, SkipReason.FILTERED)]


def test_the_verdict_is_judged_before_the_display_options_and_after_confidence() -> None:
    change = _change(file("a.py", hunk("+value = compute(1)")))
    answer = said(_answer("value = compute(1)", severity="error"))

    def verdict(limits: Limits) -> Verdict:
        return _review(change, lambda text, attempt: answer, Settings(limits=limits, fail_on=Severity.WARNING)).verdict

    assert verdict(Limits()) is Verdict.FAIL
    assert verdict(Limits(max_comments=0)) is Verdict.FAIL
    assert verdict(Limits(min_confidence=0.9)) is Verdict.PASS


def test_what_is_left_out_on_purpose_is_named_and_the_review_is_complete() -> None:
    change = _change(file("yarn.lock", hunk("+a")), file("b.py", hunk("+b = 1")))
    wishes = Settings(exclude=lambda path: path.startswith("b"))
    review = _review(change, lambda text, attempt: said(), wishes)
    assert [(s.path, s.reason, s.failed) for s in review.skipped] == [
        ("yarn.lock", SkipReason.LOCK_FILE, False),
        ("b.py", SkipReason.EXCLUDED, False),
    ]
    assert (review.complete, review.usage) == (True, Usage())


def test_a_model_without_room_for_a_diff_is_refused_before_anything_is_sent() -> None:
    tiny = MODEL.limited(context=900)
    with pytest.raises(ConfigError) as refused:
        plan(_change(file("a.py", hunk("+a"))), settings=DEFAULT, model=tiny)
    assert refused.value.slug == "input-limit-too-small"


def test_the_beginning_of_an_answer_takes_room_in_its_prompt() -> None:
    change = _change(file("a.py", hunk("+value = compute(1)")))
    wishes = Settings(chunk_tokens=5_000)
    begun, free = (
        plan(change, settings=wishes, model=replace(MODEL.limited(context=4_000), partial=partial)).room
        for partial in (True, False)
    )
    count = counter(MODEL.vocabulary)
    assert free - begun == count.count(OPENING) + count.template(5) - count.template(4) > 0


@settings(max_examples=80, deadline=None)
@given(
    change=changes(),
    context=st.integers(2_600, 6_000),
    chunk_tokens=st.integers(500, 9_000),
    vocabulary=st.sampled_from(["qwen", None]),
    partial=st.booleans(),
    hinted=st.sampled_from([0, 1, 40]),
)
def test_no_prompt_is_larger_than_the_models_input_limit(
    change: Change, context: int, chunk_tokens: int, vocabulary: str | None, hinted: int, *, partial: bool
) -> None:
    room = context + ROOM if vocabulary else context + 5_000
    model = Model("m", "openai", room, room, 1_000, MODEL.sampling, vocabulary, partial=partial)
    wishes = Settings(chunk_tokens=chunk_tokens)
    counts = counter(vocabulary)
    lines = [(diff.path, line.new) for diff in change.files for line in _changed(diff) if line.new]
    hints = [Hint(path, line, line, "ruff E501", "a line that is too long " * 8) for path, line in lines[:hinted]]
    made = plan(change, settings=wishes, model=model, hints=hints)
    provider = Resume(Inner(lambda asked, number: [said('{"comments": []}')], model, counts))
    for chunk in made.chunks:
        for attempt in (0, 1):
            texts = made.prompt(chunk, attempt=attempt).texts + ((OPENING,) if partial else ())
            assert prompt_tokens(counts, texts, limit=0) <= model.input_limit
    # What is asked is what was planned, and takes what was estimated.
    list(events(made, provider=provider))
    asked = provider.provider.asked if isinstance(provider.provider, Inner) else []
    assert {each.texts for each in asked} == {each.texts for each in first_prompts(made)}
    assert [each.tokens for each in estimates(made)] == [
        chat_tokens(counts, each.texts) for each in first_prompts(made)
    ]


@settings(max_examples=60, deadline=None)
@given(change=changes(), chunk_tokens=st.integers(500, 700))
def test_every_changed_line_is_planned_once_or_named(change: Change, chunk_tokens: int) -> None:
    made = plan(change, settings=Settings(chunk_tokens=chunk_tokens), model=MODEL)
    asked = [(file.path, line) for chunk in made.chunks for file in chunk.files for line in _changed(file)]
    whole = {s.path for s in made.skipped if s.start is None}
    for diff in change.files:
        for line in _changed(diff):
            named = any(
                (s.path, s.side) == (diff.path, line.side)
                and (s.start or 0) <= (line.number(line.side) or 0) <= (s.end or 0)
                for s in made.skipped
            )
            assert asked.count((diff.path, line)) + named >= 1 or diff.path in whole


def _changed(diff: FileDiff) -> list[Line]:
    return [line for hunk in diff.hunks for line in hunk.lines if line.changed]


def _again(made: Plan, review: Review, *, full: bool = False, dismissed: bool = False) -> Plan:
    """The same change planned once more, with what a review of it left."""
    fate = Fate.DISMISSED if dismissed else Fate.OPEN
    parts = {line: part.digest for part in review.parts for line in _places(part)}
    known = tuple(
        Known(one, fate, by="kim" * dismissed, part=parts.get((one.anchor.path, one.anchor.side, one.anchor.start), ""))
        for one in review.counted
    )
    memory = Memory(known, tuple(part.digest for part in review.parts))
    chosen = choose(made.change, settings=made.settings, model=MODEL.name, reviewed=() if full else memory.reviewed)
    inspected = Inspected(made.change, made.found)
    return plan_chosen(
        inspected, chosen, settings=made.settings, model=MODEL, counter=counter(MODEL.vocabulary), memory=memory
    )


def _places(part: Part) -> Iterator[tuple[str, Side, int]]:
    for line in part.hunk.lines:
        for side in Side:
            number = line.number(side)
            if number is not None:
                yield part.path, side, number


def _first(change: Change, script: Script, wishes: Settings = DEFAULT) -> tuple[Plan, Review]:
    chosen = choose(change, settings=wishes, model=MODEL.name)
    made = plan_chosen(Inspected(change), chosen, settings=wishes, model=MODEL, counter=counter(MODEL.vocabulary))
    return made, fold(made, _events(made, script), seconds=1.0)


PUSHED = _change(
    file("a.py", hunk("+value = compute(1)", "+x", "+other = compute(2)")), file("b.py", hunk("+third = compute(3)"))
)


def _all_wrong(text: str, attempt: int) -> Completion:
    return said(_answer(*(quote for quote in ("value = compute(1)", "other = compute(2)") if quote in text)))


def test_a_push_that_changes_nothing_asks_nothing_and_has_the_same_verdict() -> None:
    made, first = _first(PUSHED, _all_wrong, Settings(fail_on=Severity.WARNING))
    again = _again(made, first)
    assert again.chunks == ()
    review = fold(again, [], seconds=1.0)
    assert [replace(one, state=State.NEW, told_as=None) for one in review.findings] == list(first.findings)
    assert [one.fingerprint for one in review.findings] == [one.fingerprint for one in first.findings]
    assert {one.state for one in review.findings} == {State.STANDING}
    assert (review.verdict, review.complete, review.parts) == (Verdict.FAIL, True, first.parts)
    assert len(first.parts) == 2
    assert (review.dropped, review.gone, review.held) == ((), (), ())


def test_what_was_incomplete_is_asked_again_and_the_rest_is_not() -> None:
    change = _change(file("a.py", hunk("+value = compute(1)")), file("b.py", hunk("+third = bad(3)")))
    refuse = failed(ProviderErrorKind.FILTERED)
    made, first = _first(change, lambda text, attempt: refuse if "bad" in text else said())
    assert [part.path for part in first.parts] == ["a.py"]
    (asked,) = _again(made, first).chunks
    assert [diff.path for diff in asked.files] == ["b.py"]


@pytest.mark.parametrize("full", [True, False])
def test_what_somebody_dismissed_is_silent_and_counts_for_nothing(*, full: bool) -> None:
    made, first = _first(PUSHED, _all_wrong, Settings(fail_on=Severity.WARNING))
    again = _again(made, first, full=full, dismissed=True)
    review = fold(again, _events(again, _all_wrong), seconds=1.0)
    assert (review.findings, review.verdict) == ((), Verdict.PASS)
    assert [(drop.reason, drop.note) for drop in review.dropped] == [(DropReason.DISMISSED, "kim")] * 2


def test_a_dismissed_finding_is_not_told_by_its_twin() -> None:
    made, first = _first(PUSHED, _all_wrong)
    again = _again(made, first, full=True, dismissed=True)
    twice = _answer("value = compute(1)", "value = compute(1)")
    review = fold(again, _events(again, lambda text, attempt: said(twice)), seconds=1.0)
    assert review.findings == ()
    reasons = [drop.reason for drop in review.dropped]
    assert Counter(reasons) == {DropReason.DISMISSED: 2, DropReason.DUPLICATE: 1}


def test_a_doubtful_claim_is_no_sign_that_a_finding_still_stands() -> None:
    wishes = Settings(limits=Limits(min_confidence=0.6))
    known = Known(finding(file("a.py", hunk("+value = compute(1)", "+gone = compute(2)")), 1, 2))
    chosen = choose(PUSHED, settings=wishes, model=MODEL.name)
    counts = counter(MODEL.vocabulary)
    made = plan_chosen(Inspected(PUSHED), chosen, settings=wishes, model=MODEL, counter=counts, memory=Memory((known,)))
    review = fold(made, _events(made, _all_wrong), seconds=1.0)
    assert (review.findings, review.gone) == ((), (known,))
    assert {drop.reason for drop in review.dropped} == {DropReason.LOW_CONFIDENCE}


def test_what_was_gone_comes_back_as_another_finding() -> None:
    made, first = _first(PUSHED, _all_wrong)
    gone = replace(made, memory=Memory(tuple(Known(one, Fate.GONE) for one in first.findings)))
    review = fold(gone, _events(gone, _all_wrong), seconds=1.0)
    assert [(one.state, one.ordinal) for one in review.findings] == [(State.NEW, 1)] * 2
    assert {one.fingerprint for one in review.findings}.isdisjoint(one.fingerprint for one in first.findings)


def test_a_finding_whose_hunk_is_mended_is_gone_though_a_hunk_that_was_reviewed_has_the_same_line() -> None:
    copy = hunk("+value = compute(1)", "+more", old=50, new=50)
    made, first = _first(_change(file("a.py", hunk("+value = compute(1)"), copy)), lambda text, attempt: said())
    known = Known(finding(file("a.py", hunk("+value = compute(1)")), 1), part=first.parts[0].digest)
    memory = Memory((known,), tuple(part.digest for part in first.parts))
    mended = replace(made, change=_change(file("a.py", hunk("+value = mended(1)"), copy)), chunks=(), memory=memory)
    mended = replace(mended, parts=choose(mended.change, settings=DEFAULT, model=MODEL.name).parts)
    review = fold(mended, [], seconds=1.0)
    assert (review.findings, review.gone) == ((), (known,))


@settings(max_examples=60, deadline=None)
@given(change=changes(), full=st.booleans())
def test_whatever_was_found_stands_after_a_push_that_changes_nothing(change: Change, *, full: bool) -> None:
    def script(text: str, attempt: int) -> Completion:
        rows = [
            {"path": diff.path, "quote": line.text, "line": line.number(line.side), "side": line.side, "body": "Wrong."}
            for diff in change.files
            for part in diff.hunks
            for line in part.lines
        ]
        return said(json.dumps({"comments": rows}))

    made, first = _first(change, script)
    again = _again(made, first, full=full)
    assert full or again.chunks == () or not first.complete
    review = fold(again, _events(again, script), seconds=0)
    assert {one.fingerprint for one in review.findings} == {one.fingerprint for one in first.findings}
    assert all(one.state is State.STANDING for one in review.findings)
    assert (review.gone, review.held, review.verdict) == ((), (), first.verdict)


def test_a_tree_that_is_lost_costs_no_review(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    change = _change(file("a.py", hunk("+value = compute(1)")))
    gone = GitTree(Git(str(tmp_path)), "HEAD")
    # No git is found there any more.
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(SourceError):
        gone.read("a.py")
    made = replace(plan(change, settings=DEFAULT, model=MODEL), around=Surroundings(gone))
    claim = '{"comments": [{"path": "a.py", "quote": "value = compute(1)", "body": "No.", "suggestion": "value = 1"}]}'
    review = fold(made, _events(made, lambda text, attempt: said(claim)), seconds=1.0)
    assert [finding.draft.suggestion for finding in review.findings] == ["value = 1"]


UNUSED = Hint("a.py", 2, 2, "ruff F841", "Local variable `total` is assigned to but never used", Severity.ERROR)
TWICE = file("a.py", hunk("+value = compute(1)", "+total = value - refund"))


def _claimed(*titles: str, severity: str = "warning") -> str:
    claims = [
        {"path": "a.py", "quote": "total = value - refund", "title": title, "body": ".", "severity": severity}
        for title in titles
    ]
    return json.dumps({"comments": claims})


def test_what_only_repeats_another_tool_is_dropped_with_its_words_and_does_not_count() -> None:
    made = plan(_change(TWICE), settings=Settings(fail_on=Severity.WARNING), model=MODEL, hints=[UNUSED])
    seen = _events(made, lambda text, attempt: said(_claimed("Unused variable total")))
    review = fold(made, seen, seconds=0)
    assert (review.findings, review.verdict) == ((), Verdict.PASS)
    assert [(drop.reason, drop.note) for drop in review.dropped] == [
        (DropReason.KNOWN, "ruff F841: Local variable `total` is assigned to but never used")
    ]


def test_what_says_more_than_another_tool_stays() -> None:
    made = plan(_change(TWICE), settings=DEFAULT, model=MODEL, hints=[UNUSED])
    seen = _events(made, lambda text, attempt: said(_claimed("Refunds are subtracted twice from the total")))
    assert [one.draft.title for one in fold(made, seen, seconds=0).findings] == [
        "Refunds are subtracted twice from the total"
    ]


def test_a_comment_that_ignores_a_finding_comes_before_what_another_tool_says() -> None:
    change = _change(file("a.py", hunk("+value = compute(1)", "+total = value - refund  # reviewbot: ignore")))
    made = plan(change, settings=DEFAULT, model=MODEL, hints=[UNUSED])
    claim = {"path": "a.py", "quote": change.files[0].hunks[0].lines[1].text, "title": "Unused total", "body": "."}
    seen = _events(made, lambda text, attempt: said(json.dumps({"comments": [claim]})))
    assert [drop.reason for drop in fold(made, seen, seconds=0).dropped] == [DropReason.IGNORED_BY_CHANGE]


def test_each_part_of_a_refused_chunk_is_told_what_tools_say_of_it() -> None:
    first = replace(UNUSED, start=1, end=1, text="`value` is never used")
    # One after the other: they are looked at in their order.
    made = plan(_change(TWICE), settings=replace(DEFAULT, jobs=1), model=MODEL, hints=[UNUSED, first])
    refuse = failed(ProviderErrorKind.TOO_LONG)

    def narrow(asked: Prompt, number: int) -> list[Step]:
        return [said('{"comments": []}') if number else refuse]

    provider = Inner(narrow, MODEL, counter(MODEL.vocabulary))
    list(events(made, provider=provider))
    told = [[name in asked.messages[-1].content for name in ("`value`", "`total`")] for asked in provider.asked]
    assert told == [[True, True], [True, False], [False, True]]


def test_hints_take_room_only_where_there_are_some() -> None:
    small = MODEL.limited(context=4_000)
    wishes = Settings(chunk_tokens=5_000)
    free, hinted = (plan(_change(TWICE), settings=wishes, model=small, hints=given).room for given in ([], [UNUSED]))
    assert ROOM < free - hinted < ROOM + 120
    none = Inspected(_change(TWICE), told=(Told("ruff.sarif", (), 9, 9, 0),))
    chosen = choose(none.change, settings=wishes)
    assert plan_chosen(none, chosen, settings=wishes, model=small, counter=counter(small.vocabulary)).room == free
    with pytest.raises(ConfigError, match="leaves") as refused:
        plan(_change(TWICE), settings=DEFAULT, model=MODEL.limited(context=2_000), hints=[UNUSED])
    assert "leave out --hints, or choose" in refused.value.hint
