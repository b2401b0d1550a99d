"""Asking: several at once, again after junk, in parts after a refusal, and not at all after a fatal answer."""

import threading
import time
from collections.abc import Iterable, Iterator, Sequence

import pytest

from reviewbot.calls.retry import Retry
from reviewbot.deadline import Deadline
from reviewbot.errors import ProviderError, ProviderErrorKind
from reviewbot.events import Asked, Closed, Planned, Spent
from reviewbot.ports import Provider
from reviewbot.reply import read
from reviewbot.review import Chunk, Completion, Finish, Message, Prompt, Usage
from reviewbot.stages.ask import ATTEMPTS, CUT_SPLITS, REFUSALS, TINY, Answered, AskEvent, Heard, Rules, ask
from reviewbot.stages.resplit import resplit
from tests.support.calls import Inner, Step, run_of
from tests.support.providers import GOOD, ONE, Scripted, failed, said
from tests.support.reviews import file, hunk


def _rules(jobs: int = 1, *, seconds: float | None = None, live: bool = False) -> Rules:
    return Rules(
        prompt=lambda chunk, attempt: Prompt((Message("user", _name(chunk)),), attempt),
        read=read,
        resplit=lambda chunk: [Chunk(files, TINY) for files in resplit(chunk)],
        fits=lambda chunk, limit: chunk.tokens <= limit,
        jobs=jobs,
        deadline=Deadline(seconds),
        live=live,
    )


def _name(chunk: Chunk) -> str:
    return " ".join(line.text for file in chunk.files for hunk in file.hunks for line in hunk.lines)


def _chunks(*names: str) -> list[Chunk]:
    return [Chunk((file(f"{name[0]}.py", hunk(*(f"+{word}" for word in name.split()))),), TINY) for name in names]


def _ask(chunks: Iterable[Chunk], provider: Provider, jobs: int = 1, *, live: bool = False) -> list[AskEvent]:
    return list(ask(chunks, provider=provider, rules=_rules(jobs, live=live)))


def _answers(events: Sequence[AskEvent]) -> list[Answered]:
    return [event for event in events if isinstance(event, Answered)]


def test_an_answer_brings_its_claims_its_price_and_the_end_of_its_chunk() -> None:
    chunks = _chunks("a")
    events = _ask(chunks, Scripted(lambda text, attempt: said()))
    reply = read(GOOD)
    assert reply is not None
    assert events == [
        Planned((0,), chunks[0]),
        Asked((0,)),
        Spent((0,), ONE),
        Answered((0,), chunks[0], reply.drafts, text=GOOD),
        Closed((0,)),
    ]


def test_junk_is_asked_about_once_more() -> None:
    provider = Scripted(lambda text, attempt: said(GOOD if attempt else "I cannot"))
    events = _ask(_chunks("a"), provider)
    assert len(_answers(events)[0].drafts) == 1
    assert provider.asked == ["a", "a"]
    assert [event.usage for event in events if isinstance(event, Spent)] == [ONE, ONE]


@pytest.mark.parametrize(
    "junk", [said("I cannot"), failed(ProviderErrorKind.BAD_REPLY)], ids=["prose", "no completion"]
)
def test_junk_twice_is_an_error_of_that_chunk_alone(junk: Completion | ProviderError) -> None:
    provider = Scripted(lambda text, attempt: junk if text == "a" else said())
    first, second = _answers(_ask(_chunks("a", "b"), provider))
    assert first.error is not None
    assert first.error.kind is ProviderErrorKind.BAD_REPLY
    assert second.error is None
    assert provider.asked == ["a"] * ATTEMPTS + ["b"]


@pytest.mark.parametrize(
    "failing",
    [said("I cannot"), said(GOOD, Finish.LENGTH), failed(ProviderErrorKind.BROKEN, said=GOOD)],
    ids=["unreadable", "cut", "broken off"],
)
def test_the_text_of_an_answer_is_told_where_it_is_whole(failing: Completion | ProviderError) -> None:
    answers = _answers(_ask(_chunks("a", "b"), Scripted(lambda text, attempt: failing if text == "a" else said())))
    assert [(answer.text, answer.error is None) for answer in answers] == [("", False), (GOOD, True)]


def test_no_comments_is_a_good_answer() -> None:
    (answer,) = _answers(_ask(_chunks("a"), Scripted(lambda text, attempt: said('{"comments": []}'))))
    assert (answer.drafts, answer.error) == ((), None)


@pytest.mark.parametrize("kind", [ProviderErrorKind.TOO_LONG, ProviderErrorKind.FILTERED])
def test_a_refused_chunk_is_halved_until_the_refused_line_stands_alone(kind: ProviderErrorKind) -> None:
    provider = Scripted(lambda text, attempt: failed(kind) if "bad" in text else said())
    events = _ask(_chunks("a b bad d"), provider)
    missing = [answer for answer in _answers(events) if answer.error]
    assert [_name(answer.chunk) for answer in missing] == ["bad"]
    assert provider.asked == ["a b bad d", "a b", "bad d", "bad", "d"]
    planned = {event.at for event in events if isinstance(event, Planned)}
    assert planned == {(0,), (0, 0), (0, 1), (0, 1, 0), (0, 1, 1)} == {e.at for e in events if isinstance(e, Closed)}


def test_an_answer_that_broke_off_keeps_what_was_whole_and_its_chunk_is_asked_about_in_parts() -> None:
    cut = GOOD[:-2] + ', {"path": "b", "qu'
    provider = Scripted(lambda text, attempt: said(cut, Finish.LENGTH) if text == "a b" else said())
    answers = _answers(_ask(_chunks("a b"), provider))
    assert [(answer.at, len(answer.drafts), answer.error) for answer in answers] == [
        ((0,), 1, None),
        ((0, 0), 1, None),
        ((0, 1), 1, None),
    ]
    # The half comment is about lines that are asked about again.
    assert not any(answer.malformed for answer in answers)


@pytest.mark.parametrize("kind", [ProviderErrorKind.BROKEN, ProviderErrorKind.TIMED_OUT, ProviderErrorKind.FILTERED])
def test_what_was_whole_when_an_answer_failed_stays_and_its_chunk_is_named(kind: ProviderErrorKind) -> None:
    provider = Scripted(lambda text, attempt: failed(kind, said=GOOD[:-2] + ', {"path": "b", "qu'))
    (answer,) = _answers(_ask(_chunks("a"), provider))
    assert [draft.quote for draft in answer.drafts] == ["x = 1"]
    assert answer.error is not None
    assert answer.error.kind is kind
    assert provider.asked == ["a"]


def test_what_was_unreadable_before_an_answer_failed_is_not_taken_for_it() -> None:
    def first_junk(text: str, attempt: int) -> Completion | ProviderError:
        return failed(ProviderErrorKind.SERVER) if attempt else said('{"comments": [{"path": "a", "body": "Odd."}]}')

    (answer,) = _answers(_ask(_chunks("a"), Scripted(first_junk)))
    assert [drop.draft.body for drop in answer.malformed] == ["Odd."]
    assert answer.error is not None
    assert answer.error.kind is ProviderErrorKind.SERVER


@pytest.mark.parametrize("live", [True, False])
def test_an_answer_is_heard_as_it_comes_where_somebody_watches(*, live: bool) -> None:
    chunks = _chunks("a")
    events = _ask(chunks, Scripted(lambda text, attempt: said()), live=live)
    heard = [Heard((0,), chunks[0], GOOD[: len(GOOD) // 2]), Heard((0,), chunks[0], GOOD)]
    assert [event for event in events if isinstance(event, Heard)] == (heard if live else [])
    if live:
        assert events[2:4] == heard


def test_every_request_that_was_paid_for_is_told_also_where_no_answer_came_of_it() -> None:
    steps: list[Step] = ["x", ONE, "", ONE, failed(ProviderErrorKind.BROKEN)]
    events = _ask(_chunks("a"), Inner(lambda prompt, number: steps))
    assert [event.usage for event in events if isinstance(event, Spent)] == [ONE, ONE]


@pytest.mark.parametrize("jobs", [1, 3])
def test_an_endpoint_that_says_how_much_it_takes_is_asked_for_more_by_none_but_those_under_way(jobs: int) -> None:
    def narrow(text: str, attempt: int) -> Completion | ProviderError:
        return failed(ProviderErrorKind.TOO_LONG, limit=TINY) if " " in text else said()

    chunks = [Chunk(chunk.files, 2 * TINY) for chunk in _chunks("a b", "c d", "e f", "g h", "i j", "k")]
    provider = Scripted(narrow)
    answers = _answers(_ask(chunks, provider, jobs))
    assert 1 <= sum(" " in text for text in provider.asked) <= jobs
    assert sorted(text for text in provider.asked if " " not in text) == [*"abcdefghij"]
    missing = [answer for answer in answers if answer.error]
    # Nobody asked about the last one: it cannot be smaller, and is larger than what the endpoint takes.
    assert [_name(answer.chunk) for answer in missing] == ["k"]


def test_the_smallest_of_the_limits_that_were_stated_holds() -> None:
    limits = {"a": 2 * TINY, "b": 3 * TINY}
    sizes = (9 * TINY, TINY, 2 * TINY + 1, 2 * TINY)
    chunks = [Chunk(chunk.files, size) for chunk, size in zip(_chunks(*"abcd"), sizes, strict=True)]
    provider = Scripted(
        lambda text, attempt: failed(ProviderErrorKind.TOO_LONG, limit=limits[text]) if text in limits else said()
    )
    _ask(chunks, provider)
    assert provider.asked == ["a", "b", "d"]


def test_answers_that_always_break_off_cost_a_bounded_number_of_requests() -> None:
    provider = Scripted(lambda text, attempt: said("{", Finish.LENGTH))
    answers = _answers(_ask(_chunks(" ".join(f"w{n}" for n in range(64))), provider))
    assert len(provider.asked) == 2 ** (CUT_SPLITS + 1) - 1
    errors = [answer.error.kind for answer in answers if answer.error]
    assert errors == [ProviderErrorKind.CUT] * 2**CUT_SPLITS


@pytest.mark.parametrize("kind", [kind for kind in ProviderErrorKind if kind.fatal])
def test_after_a_fatal_answer_nothing_more_is_sent_by_the_calls_and_all_is_named(
    kind: ProviderErrorKind,
) -> None:
    provider = Scripted(lambda text, attempt: failed(kind))
    events = _ask(_chunks("a", "b", "c", "d", "e"), Retry(provider, run_of()[0]), jobs=2)
    assert len({*provider.asked}) <= 3
    assert [answer.error.kind for answer in _answers(events) if answer.error] == [kind] * 5
    assert sum(isinstance(event, Closed) for event in events) == 5


@pytest.mark.parametrize("kind", [ProviderErrorKind.RATE, ProviderErrorKind.SERVER])
def test_trouble_with_one_chunk_leaves_the_others_alone(kind: ProviderErrorKind) -> None:
    provider = Scripted(lambda text, attempt: failed(kind) if text == "a" else said())
    assert [answer.error is None for answer in _answers(_ask(_chunks("a", "b"), provider))] == [False, True]


def test_no_more_than_so_many_prompts_are_under_way_and_answers_come_as_they_arrive() -> None:
    def slow_first(text: str, attempt: int) -> Completion:
        time.sleep(0.2 if text == "a" else 0.01)
        return said()

    provider = Scripted(slow_first)
    answers = _answers(_ask(_chunks("a", "b", "c", "d", "e"), provider, jobs=2))
    assert provider.most == 2
    assert answers[-1].at == (0,)


def test_a_bug_in_a_worker_is_raised_where_the_events_are_read() -> None:
    def broken(text: str, attempt: int) -> Completion:
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        _ask(_chunks("a"), Scripted(broken))


def test_an_interrupted_review_does_not_wait_for_answers() -> None:
    release, answered = threading.Event(), threading.Event()

    def stuck(text: str, attempt: int) -> Completion:
        release.wait(10)
        answered.set()
        return said()

    events = ask(_chunks("a"), provider=Scripted(stuck), rules=_rules())
    assert [type(next(events)), type(next(events))] == [Planned, Asked]
    events.close()
    assert not answered.is_set()
    release.set()


def test_a_call_that_nothing_ends_is_left_behind_when_the_time_is_over_with_what_was_whole_in_its_answer() -> None:
    stuck = threading.Event()

    def begun(prompt: Prompt, _: int) -> Iterator[Step]:
        if prompt.messages[0].content == "a":
            yield f"{GOOD[:-2]}, {{"
        stuck.wait()

    events = list(ask(_chunks("a", "b", "c"), provider=Inner(begun), rules=_rules(2, seconds=0.1)))
    stuck.set()
    answers = _answers(events)
    assert [len(answer.drafts) for answer in answers] == [1, 0, 0]
    assert [answer.error.kind for answer in answers if answer.error] == [ProviderErrorKind.TIMED_OUT] * 3
    assert [event for event in events if isinstance(event, Spent)] == [Spent((0,), Usage(requests=1))]


def test_the_best_try_counts_when_the_last_one_is_stuck() -> None:
    stuck = threading.Event()

    def again(prompt: Prompt, _: int) -> Iterator[Step]:
        yield from (f"{GOOD[:-2]}, {{", "", '{"comments": [{', "", '{"comments"')
        stuck.wait()

    (answer,) = _answers(list(ask(_chunks("a"), provider=Inner(again), rules=_rules(seconds=0.1))))
    stuck.set()
    assert len(answer.drafts) == 1


def test_an_endpoint_that_finds_everything_too_long_is_not_asked_about_every_line() -> None:
    provider = Scripted(lambda text, attempt: failed(ProviderErrorKind.TOO_LONG))
    chunk = Chunk(_chunks("a b c d e f g h")[0].files, TINY - 1)
    (answer,) = _answers(_ask([chunk], provider))
    assert answer.error is not None
    assert len(provider.asked) == 1


def test_an_answer_of_which_nothing_can_be_used_is_no_answer_but_what_it_says_is_kept() -> None:
    provider = Scripted(lambda text, attempt: said('{"comments": [{"path": "a", "body": "No quote."}]}'))
    (answer,) = _answers(_ask(_chunks("a"), provider))
    assert answer.error is not None
    assert answer.error.kind is ProviderErrorKind.BAD_REPLY
    assert [drop.draft.body for drop in answer.malformed] == ["No quote."]
    assert len(provider.asked) == ATTEMPTS


def test_a_filter_that_refuses_everything_costs_a_bounded_number_of_requests() -> None:
    provider = Scripted(lambda text, attempt: failed(ProviderErrorKind.FILTERED))
    answers = _answers(_ask(_chunks(" ".join(f"w{n}" for n in range(500))), provider))
    assert len(provider.asked) <= 2 * REFUSALS + 1
    named = " ".join(_name(answer.chunk) for answer in answers if answer.error).split()
    assert sorted(named) == sorted(f"w{n}" for n in range(500))
