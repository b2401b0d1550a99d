"""Several passes over a change: what is asked in which order, what they come to, and what is named as not reviewed."""

import json
from collections.abc import Sequence
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reviewbot.calls.budget import Budget, Purse
from reviewbot.catalogue import load
from reviewbot.deadline import Deadline
from reviewbot.diff import FileDiff
from reviewbot.errors import ProviderErrorKind
from reviewbot.estimate import estimates, first_prompts
from reviewbot.events import Closed, Event, Found, Glimpsed
from reviewbot.finding import DropReason
from reviewbot.passes import passes
from reviewbot.pipeline import events, fold
from reviewbot.planning import Inspected, Plan, Settings, choose, plan
from reviewbot.review import Change, Prompt, Review, Skipped, SkipReason, Target
from reviewbot.tally import notes
from reviewbot.tokens import counter
from tests.support.calls import ONE, PRICED, Inner, Script, Step, failed, said
from tests.support.reviews import file, hunk
from tests.support.strategies import changes

MODEL = load().get("qwen-coder-plus")
DIVIDED, COMPUTED = "other = value / count", "value = compute(1)"
FILES = (
    file("a.py", hunk(f"+{COMPUTED}", f"+{DIVIDED}"), hunk("+third = 3", old=20, new=20)),
    file("b.py", hunk("+guard = count > 0")),
)
SERVER = failed(ProviderErrorKind.SERVER)
BIG = 60
"""Files of a change that takes several chunks."""


def made(samples: int, *, files: Sequence[FileDiff] = FILES, jobs: int = 1, chunk_tokens: int = 3_000) -> Plan:
    wish = Settings(samples=samples, jobs=jobs, chunk_tokens=chunk_tokens)
    change = Change(Target("a" * 40, None, "staged changes"), tuple(files))
    chosen = choose(change, settings=wish)
    return plan(Inspected(change), chosen, settings=wish, model=MODEL, counter=counter(MODEL.vocabulary))


def claims(*quotes: str, path: str = "a.py") -> str:
    rows = [
        {"path": path, "quote": quote, "body": f"count may be 0: {quote}", "suggestion": None, "confidence": 0.9}
        for quote in quotes
    ]
    return json.dumps({"comments": rows})


def seen(planned: Plan, script: Script, *, live: bool = False) -> list[Event]:
    return list(events(planned, provider=Inner(script), live=live))


def reviewed(planned: Plan, script: Script) -> Review:
    return fold(planned, seen(planned, script), seconds=0)


def spans(skipped: Sequence[Skipped]) -> list[tuple[str, int | None, int | None]]:
    return [(part.path, part.start, part.end) for part in skipped]


def test_a_single_pass_asks_about_the_chunks_of_the_plan() -> None:
    planned = made(1)
    assert passes(planned) == planned.chunks


def test_all_is_looked_at_once_before_anything_is_looked_at_twice() -> None:
    planned = made(3, files=[file(f"f{number}.py", hunk("+x = 1")) for number in range(BIG)])
    asked: list[Prompt] = []

    def script(prompt: Prompt, _: int) -> list[Step]:
        asked.append(prompt)
        return [said('{"comments": []}')]

    assert reviewed(planned, script).complete
    assert len(planned.chunks) > 3
    assert [prompt.sample for prompt in asked] == [sample for sample in range(3) for _ in planned.chunks]
    assert [prompt.messages for prompt in asked] == [prompt.messages for prompt in first_prompts(planned)]
    assert len(estimates(planned)) == 3 * len(planned.chunks)


def test_every_pass_sees_the_same_in_an_order_of_its_own() -> None:
    one, two, three = first_prompts(made(3))
    assert len({one.messages, two.messages, three.messages}) == 3
    lines = [sorted(prompt.messages[-1].content.split("\n")[1:-2]) for prompt in (one, two, three)]
    assert lines[0] == lines[1] == lines[2]


def test_what_all_passes_say_is_surer_than_what_one_of_them_says() -> None:
    def script(prompt: Prompt, _: int) -> list[Step]:
        return [ONE, said(claims(DIVIDED, *([COMPUTED] if prompt.sample == 1 else [])))]

    review = reviewed(made(3), script)
    assert [(one.draft.quote, one.draft.confidence) for one in review.findings] == [(COMPUTED, 0.47), (DIVIDED, 0.97)]
    assert [(drop.stage, drop.reason) for drop in review.dropped] == [("merge", DropReason.MERGED)] * 2
    assert (review.samples, review.unheard, review.usage.requests) == (3, 0, 3)
    assert not [*notes(review)]


@pytest.mark.parametrize("jobs", [1, 4])
@pytest.mark.parametrize("good", range(3))
def test_one_pass_is_enough_and_the_report_says_how_many_were_not_heard(good: int, jobs: int) -> None:
    review = reviewed(
        made(3, jobs=jobs), lambda prompt, _: [said(claims(DIVIDED)) if prompt.sample == good else SERVER]
    )
    assert review.complete
    assert [one.draft.confidence for one in review.findings] == [0.9]
    assert (review.samples, review.unheard) == (3, 2)
    assert [*notes(review)] == ["2 looks at a part brought no whole answer: of 3 votes fewer were heard there"]


def test_what_no_pass_saw_is_named_once() -> None:
    review = reviewed(made(3), lambda prompt, _: [SERVER])
    assert spans(review.skipped) == [("a.py", 1, 20), ("b.py", 1, 1)]
    assert {part.reason for part in review.skipped} == {SkipReason.PROVIDER_FAILED}
    assert not review.complete


def refusing(*refused: tuple[int, str]) -> Script:
    """Refuses every prompt of a pass that shows a text."""

    def script(prompt: Prompt, _: int) -> list[Step]:
        text = prompt.messages[-1].content
        odd = any(sample == prompt.sample and word in text for sample, word in refused)
        return [failed(ProviderErrorKind.FILTERED) if odd else said('{"comments": []}')]

    return script


def test_passes_that_missed_different_parts_saw_all_together() -> None:
    review = reviewed(made(2), refusing((0, "guard"), (1, "third")))
    assert review.complete
    assert review.skipped == ()
    assert review.unheard == 2


def test_of_parts_that_passes_missed_only_those_are_named_that_all_of_them_did() -> None:
    review = reviewed(made(2), refusing((0, "compute"), (0, "guard"), (1, "compute"), (1, "third")))
    assert spans(review.skipped) == [("a.py", 1, 1)]


def test_between_two_parts_that_were_missed_nothing_is_named_that_did_not_change() -> None:
    gap = file("a.py", hunk("+one = 1", *(f" line{number}" for number in range(2, 30)), "+two = 2"))
    planned = made(2, files=[gap])
    # One pass missed the first line, and the other, interrupted, all: the span of what changed.
    happened = seen(planned, refusing((0, "one = 1")))
    review = fold(planned, [event for event in happened if event.at[0] == 0], seconds=0)
    assert spans(review.skipped) == [("a.py", 1, 1)]


@settings(max_examples=40)
@given(change=changes(), data=st.data())
def test_a_line_is_named_only_where_every_pass_missed_it(change: Change, data: st.DataObject) -> None:
    planned = made(3, files=change.files, chunk_tokens=500)
    places = st.sets(st.sampled_from(range(len(planned.chunks)))) if planned.chunks else st.just(set())
    missed = [data.draw(places) for _ in range(3)]
    lost = set.intersection(*missed)

    happened = seen(planned, lambda prompt, _: [said('{"comments": []}')])
    size = len(planned.chunks)
    kept = [e for e in happened if not (isinstance(e, Closed) and e.at[0] % size in missed[e.at[0] // size])]
    review = fold(planned, kept, seconds=0)
    named = {part.path for part in review.skipped if part.reason is SkipReason.INTERRUPTED}
    assert named == {one.path for place in lost for one in planned.chunks[place].files}
    assert review.unheard == sum(map(len, missed))


def test_who_is_interrupted_in_the_second_pass_has_seen_all() -> None:
    planned = made(2)
    happened = seen(planned, lambda prompt, _: [claims(DIVIDED)[:-2], said(claims(DIVIDED))], live=True)
    stop = max(place for place, event in enumerate(happened) if isinstance(event, Glimpsed)) + 1
    assert happened[stop - 1].at == (1,)
    review = fold(planned, happened[:stop], seconds=0)
    assert review.complete
    assert review.unheard == 1
    # What was seen of the second answer is a vote.
    assert [(one.draft.quote, one.draft.confidence) for one in review.findings] == [(DIVIDED, 0.97)]


def test_who_is_interrupted_in_the_first_pass_has_not() -> None:
    planned = made(2)
    happened = seen(planned, lambda prompt, _: [said(claims(DIVIDED))])
    stop = next(place for place, event in enumerate(happened) if isinstance(event, Found)) + 1
    review = fold(planned, happened[:stop], seconds=0)
    assert spans(review.skipped) == [("a.py", 1, 20), ("b.py", 1, 1)]
    assert [one.draft.quote for one in review.findings] == [DIVIDED]


def test_where_money_ends_in_the_second_pass_no_line_is_unreviewed() -> None:
    planned, deadline = made(2), Deadline()
    answers = Inner(lambda prompt, _: [claims(DIVIDED), ONE, said(claims(DIVIDED))], PRICED)
    provider = Budget(answers, Purse(Decimal(8)), deadline)
    happened = list(events(planned, provider=provider, deadline=deadline))
    review = fold(planned, happened, seconds=0)
    assert [prompt.sample for prompt in answers.asked] == [0]
    assert review.complete
    assert (review.unheard, len(review.findings)) == (1, 1)


def test_more_passes_are_another_look_at_what_was_reviewed_before() -> None:
    change = Change(Target("a" * 40, None, "staged changes"), FILES)
    once, again, thrice = (choose(change, settings=Settings(samples=samples), model="m") for samples in (1, 1, 3))
    looked = {part.digest for part in once.parts}
    assert looked == {part.digest for part in again.parts}
    assert looked.isdisjoint(part.digest for part in thrice.parts)
