import pytest

from reviewbot.calls.retry import Retry
from reviewbot.deadline import Deadline
from reviewbot.errors import ProviderError, ProviderErrorKind
from reviewbot.ports import Provider
from reviewbot.review import Usage
from tests.support.calls import (
    ASK,
    GOOD,
    ONE,
    Inner,
    JumpingClock,
    Step,
    always,
    failed,
    failure,
    heard,
    in_turn,
    run_of,
    said,
)

Kind = ProviderErrorKind

TIMES = {
    Kind.AUTH: 1,
    Kind.QUOTA: 1,
    Kind.RATE: 8,
    Kind.UNREACHABLE: 4,
    Kind.TOO_LONG: 1,
    Kind.FILTERED: 1,
    Kind.BAD_REPLY: 1,
    Kind.CUT: 1,
    Kind.SERVER: 5,
    Kind.BROKEN: 4,
    Kind.REJECTED: 1,
    Kind.TIMED_OUT: 1,
    Kind.OVER_BUDGET: 1,
}


def retrying(inner: Provider, *, seconds: float | None = None, chance: float = 1.0) -> tuple[Retry, JumpingClock]:
    run, clock = run_of(seconds)
    return Retry(inner, run, lambda: chance), clock


def test_every_kind_of_failure_is_in_the_table() -> None:
    assert set(TIMES) == set(Kind)


@pytest.mark.parametrize(("kind", "times"), TIMES.items())
def test_a_prompt_is_asked_as_often_as_its_failure_may_pass(kind: Kind, times: int) -> None:
    inner = always(failed(kind))
    retry, clock = retrying(inner)
    _, error = failure(retry)
    assert error.kind is kind
    assert inner.asked == [ASK] * times
    assert len(clock.waits) == times - 1


@pytest.mark.parametrize(("kind", "times"), [(kind, times) for kind, times in TIMES.items() if times > 1])
def test_the_last_try_may_still_succeed(kind: Kind, times: int) -> None:
    inner = in_turn(*[[failed(kind)]] * (times - 1), [said()])
    assert heard(retrying(inner)[0])[1] == said()
    assert len(inner.asked) == times


def test_each_failure_counts_against_its_own_limit() -> None:
    inner = in_turn([failed(Kind.RATE)], [failed(Kind.RATE)], [failed(Kind.RATE)], [failed(Kind.UNREACHABLE)])
    _, error = failure(retrying(inner)[0])
    assert error.kind is Kind.UNREACHABLE


@pytest.mark.parametrize(
    ("chance", "pauses"),
    [
        pytest.param(1.0, [1, 2, 4, 8, 16, 32, 60], id="longest"),
        pytest.param(0.5, [0.75, 1.5, 3, 6, 12, 24, 45], id="middle"),
        pytest.param(0.0, [0.5, 1, 2, 4, 8, 16, 30], id="shortest"),
    ],
)
def test_pauses_double_up_to_a_minute_and_half_of_each_is_chance(chance: float, pauses: list[float]) -> None:
    retry, clock = retrying(always(failed(Kind.RATE)), chance=chance)
    failure(retry)
    assert clock.waits == pauses


def test_pauses_differ_where_nobody_chooses_the_chance() -> None:
    waits = []
    for _ in range(5):
        run, clock = run_of(None)
        failure(Retry(always(failed(Kind.UNREACHABLE)), run))
        waits.append(clock.waits[0])
    assert len({*waits}) > 1
    assert all(0.5 <= wait <= 1 for wait in waits)


@pytest.mark.parametrize(
    ("asked", "chance", "pause"), [(0.0, 0.25, 0.625), (7.5, 0.0, 7.5), (7.5, 1.0, 8.5), (300, 0, 300)]
)
def test_nobody_comes_back_before_the_endpoint_wants(asked: float, chance: float, pause: float) -> None:
    inner = in_turn([failed(Kind.RATE, retry_after=asked)], [said()])
    retry, clock = retrying(inner, chance=chance)
    heard(retry)
    assert clock.waits == [pause]


def test_a_pause_the_endpoint_wants_is_kept_when_the_last_try_is_over() -> None:
    retry, clock = retrying(always(failed(Kind.SERVER, retry_after=2)), chance=0)
    failure(retry)
    # An endpoint that wants two seconds each time has no room for longer than that.
    assert clock.waits == [2, 2, 2, 4]


def test_the_whole_comments_of_a_try_that_broke_off_survive_the_tries_after_it() -> None:
    inner = in_turn(
        [failed(Kind.BROKEN, said=GOOD)], [failed(Kind.BROKEN, said="{")], [failed(Kind.RATE)], [failed(Kind.AUTH)]
    )
    retry, _ = retrying(inner)
    assert failure(retry)[1].said == GOOD


def test_the_whole_comments_of_a_try_that_broke_off_survive_the_end_of_the_run() -> None:
    retry, _ = retrying(in_turn([failed(Kind.BROKEN, said=GOOD)]), seconds=0.25)
    _, error = failure(retry)
    assert (error.kind, error.said) == (Kind.TIMED_OUT, GOOD)


def test_an_endpoint_that_wants_too_long_a_pause_is_not_waited_for() -> None:
    inner = always(failed(Kind.RATE, retry_after=301))
    retry, clock = retrying(inner)
    _, error = failure(retry)
    assert error.kind is Kind.RATE
    assert (len(inner.asked), clock.waits) == (1, [])


def test_a_pause_that_would_pass_the_end_of_the_run_is_not_begun() -> None:
    inner = always(failed(Kind.RATE))
    retry, clock = retrying(inner, seconds=7)
    _, error = failure(retry)
    assert error.kind is Kind.TIMED_OUT
    assert "the last answer was: it failed: rate" in error.message
    assert clock.waits == [1, 2]
    assert len(inner.asked) == 3


def test_nothing_is_asked_when_the_time_is_over() -> None:
    inner = always(said())
    _, error = failure(retrying(inner, seconds=0)[0])
    assert error.kind is Kind.TIMED_OUT
    assert inner.asked == []


@pytest.mark.parametrize("kind", [kind for kind in Kind if kind.fatal])
def test_after_a_failure_that_every_prompt_would_meet_no_prompt_is_asked(kind: Kind) -> None:
    run, _ = run_of(None)
    failure(Retry(always(failed(kind)), run))
    other = always(said())
    _, error = failure(Retry(other, run))
    assert error.kind is kind
    assert other.asked == []


@pytest.mark.parametrize("kind", [kind for kind in Kind if not kind.fatal])
def test_after_any_other_failure_other_prompts_are_asked(kind: Kind) -> None:
    run, _ = run_of(None)
    failure(Retry(always(failed(kind)), run))
    assert heard(Retry(always(said()), run))[1] == said()


def test_a_failure_that_every_prompt_would_meet_stops_those_that_wait_to_ask_again() -> None:
    run, clock = run_of(None)
    waiting = always(failed(Kind.RATE))

    def refuse(moment: float) -> None:
        failure(Retry(always(failed(Kind.AUTH)), run))

    clock.meanwhile = refuse
    _, error = failure(Retry(waiting, run))
    assert error.kind is Kind.AUTH
    assert len(waiting.asked) == 1


def test_the_text_of_an_answer_that_broke_off_begins_anew() -> None:
    inner = in_turn(["a", "ab", failed(Kind.BROKEN)], ["x", said("xy")])
    pieces, completion = heard(retrying(inner)[0])
    assert pieces == ["a", "ab", "", "x"]
    assert completion.text == "xy"


def test_what_failed_tries_used_is_told() -> None:
    steps: list[Step] = ["a", ONE, failed(Kind.BROKEN)]
    pieces, _ = heard(retrying(in_turn(steps, steps, [ONE, said()]))[0])
    assert [piece for piece in pieces if isinstance(piece, Usage)] == [ONE] * 3


def test_who_stops_listening_before_a_further_try_is_not_answered_again() -> None:
    inner = always("a", failed(Kind.BROKEN))
    retry, clock = retrying(inner)
    coming = retry.complete(ASK)
    assert [next(coming), next(coming)] == ["a", ""]
    coming.close()
    assert (len(inner.asked), clock.waits) == (1, [])


def test_a_bug_is_not_tried_again() -> None:
    inner = Inner(lambda prompt, at: [])
    with pytest.raises(AssertionError, match="no end"):
        heard(retrying(inner)[0])
    assert len(inner.asked) == 1


def test_all_but_the_answer_is_the_inner_provider_s() -> None:
    inner = always(said())
    retry = Retry(inner, Deadline())
    assert retry.model is inner.model
    assert retry.counter is inner.counter
    assert retry.request(ASK) is None
    retry.close()
    assert inner.closed == 1


def test_the_failure_is_the_endpoint_s_own() -> None:
    own = failed(Kind.TOO_LONG, said="{")
    with pytest.raises(ProviderError) as caught:
        heard(retrying(always(own))[0])
    assert caught.value is own


def test_a_prompt_that_is_refused_where_others_were_answered_is_refused_for_itself() -> None:
    inner = in_turn([said()], [failed(Kind.REJECTED)], [said()])
    retry, _ = retrying(inner)
    heard(retry)
    assert failure(retry)[1].kind is Kind.REJECTED
    assert heard(retry)[1] == said()


def test_a_prompt_that_is_refused_first_is_refused_for_all() -> None:
    retry, _ = retrying(in_turn([failed(Kind.REJECTED)], [said()]))
    assert failure(retry)[1].kind is failure(retry)[1].kind is Kind.REJECTED
