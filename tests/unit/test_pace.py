import math
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reviewbot.calls.pace import FASTER, LEAST, LOOK_AGAIN, MINUTE, TELLING, Pace, Ticket, Window, room, within_minute
from reviewbot.catalogue import Model
from reviewbot.deadline import Deadline
from reviewbot.errors import ProviderErrorKind
from reviewbot.review import Message, Prompt, Usage
from reviewbot.tokens import QwenCounter
from tests.support.calls import (
    ASK,
    MODEL,
    Inner,
    JumpingClock,
    Stage,
    StageLock,
    Step,
    always,
    failed,
    failure,
    fullest,
    heard,
    run_of,
    said,
)

NOT_PARTIAL = replace(MODEL, partial=False)
ASKED = 52
"""Tokens of `ASK`, as bytes bound them."""


def pacing(inner: Inner, window: Window, *, seconds: float | None = None) -> tuple[Pace, JumpingClock]:
    run, clock = run_of(seconds)
    return Pace(inner, window, run), clock


def used(prompt: int, answer: int) -> Usage:
    return Usage(1, 0, prompt, answer)


# The window


def test_a_window_without_limits_never_lets_wait() -> None:
    window = Window()
    for _ in range(1000):
        assert window.delay(0, prompt=10**9, answer=10**9) == 0
        window.start(0, prompt=10**9, answer=10**9)


def test_the_request_after_the_last_that_is_allowed_waits_for_the_first_to_go_by() -> None:
    window = Window(requests=2)
    window.start(0, prompt=1, answer=1)
    window.start(10, prompt=1, answer=1)
    assert window.delay(20, prompt=1, answer=1) == MINUTE - 20
    assert window.delay(MINUTE, prompt=1, answer=1) == 0


def test_an_answer_that_is_shorter_than_feared_gives_room_back() -> None:
    window = Window(tokens=100)
    ticket = window.start(0, prompt=10, answer=80)
    assert window.delay(1, prompt=10, answer=10) == MINUTE - 1
    assert window.delay(1, prompt=10, answer=11) == math.inf
    window.end(2, ticket, prompt=10, answer=5)
    assert window.delay(2, prompt=10, answer=75) == 0
    assert window.delay(2, prompt=10, answer=76) == MINUTE - 2


def test_a_prompt_counts_from_its_start_and_an_answer_from_its_end() -> None:
    window = Window(tokens=100)
    window.end(30, window.start(0, prompt=60, answer=40), prompt=60, answer=40)
    assert window.delay(30, prompt=60, answer=0) == MINUTE - 30
    assert window.delay(30, prompt=61, answer=0) == MINUTE
    assert window.delay(MINUTE, prompt=60, answer=0) == 0


def test_a_prompt_that_had_fewer_tokens_than_feared_gives_room_back() -> None:
    window = Window(tokens=100)
    window.end(1, window.start(0, prompt=90, answer=0), prompt=20, answer=0)
    assert window.delay(1, prompt=80, answer=0) == 0


def test_while_nobody_knows_how_fast_answers_come_all_of_the_longest_is_kept() -> None:
    window = Window(tokens=1000)
    window.start(0, prompt=100, answer=500)
    assert window.delay(0, prompt=100, answer=300) == 0
    assert window.delay(0, prompt=100, answer=301) == MINUTE
    assert window.delay(0, prompt=100, answer=401) == math.inf


def learned(window: Window, *, speed: float) -> None:
    """Let an answer of 256 tokens come so fast, far in the past."""
    window.end(-1000 + TELLING / speed, window.start(-1000, prompt=0, answer=TELLING), prompt=0, answer=TELLING)


def test_room_that_others_leave_before_an_answer_can_need_it_is_not_kept_now() -> None:
    window = Window(tokens=1000)
    learned(window, speed=5)
    window.end(-10, window.start(-20, prompt=800, answer=0), prompt=800, answer=0)
    # At ten tokens a second it has 400 when the 800 go by, and grows to 500.
    assert window.delay(0, prompt=100, answer=100) == 0
    assert window.delay(0, prompt=100, answer=101) == MINUTE - 20


def test_the_more_answers_grow_at_once_the_less_fits() -> None:
    window = Window(tokens=1000)
    learned(window, speed=5)
    window.end(-40, window.start(-50, prompt=500, answer=0), prompt=500, answer=0)
    window.start(0, prompt=100, answer=350)
    # At ten tokens a second each has 102.5 when the 500 go by, in 10.25 seconds; in the end there are 350 and 355.
    assert window.delay(0, prompt=195, answer=355) == 0
    assert window.delay(0, prompt=195, answer=356) > 0
    assert window.delay(0, prompt=196, answer=354) > 0
    assert window.delay(0, prompt=196, answer=101) == 0


def test_an_answer_under_way_is_feared_to_have_come_as_far_as_it_can() -> None:
    window = Window(tokens=1000)
    learned(window, speed=5)
    window.end(0, window.start(0, prompt=400, answer=0), prompt=400, answer=0)
    window.start(0, prompt=0, answer=300)
    # After twenty seconds it may have 200, and its 300 long before the 400 go by; then the new one may have its own.
    assert window.delay(20, prompt=200, answer=100) == 0
    assert window.delay(20, prompt=201, answer=100) > 0
    assert window.delay(40, prompt=200, answer=100) == 0
    assert window.delay(40, prompt=201, answer=100) > 0


def test_short_answers_do_not_tell_how_fast_answers_come() -> None:
    window = Window(tokens=1000)
    window.end(100, window.start(0, prompt=0, answer=TELLING), prompt=0, answer=TELLING - 1)
    assert window.delay(200, prompt=100, answer=900) == 0
    window.start(200, prompt=100, answer=400)
    assert window.delay(200, prompt=100, answer=401) == MINUTE


def test_an_answer_that_took_no_time_leaves_no_hope() -> None:
    window = Window(tokens=1000)
    learned(window, speed=5)
    window.end(0, window.start(0, prompt=500, answer=300), prompt=500, answer=300)
    # At ten tokens a second it would have 102.5 when all that goes by.
    assert window.delay(50, prompt=0, answer=200) == 0
    assert window.delay(50, prompt=0, answer=201) > 0


OPERATIONS = st.lists(
    st.tuples(
        st.sampled_from([0.0, 0.1, 0.2, 1.0, 7.0, 29.9, 60.0]) | st.floats(0, 70),
        st.booleans(),
        st.integers(0, 1200),
        st.integers(0, 900),
        st.floats(0, 1),
    ),
    max_size=60,
)


@given(OPERATIONS, st.integers(1, 5), st.integers(0, 3000))
@settings(max_examples=250)
def test_no_minute_ever_holds_more_than_is_allowed(
    operations: list[tuple[float, bool, int, int, float]], requests: int, tokens: int
) -> None:
    window = Window(requests, tokens)
    now, fastest = 0.0, 0.0
    flying: list[Ticket] = []
    starts: list[float] = []
    log: list[tuple[float, int]] = []
    for after, starting, prompt, answer, share in operations:
        now += after
        if starting:
            delay = window.delay(now, prompt=prompt, answer=answer)
            if delay < math.inf and not flying:
                now += delay + 1e-9
                delay = window.delay(now, prompt=prompt, answer=answer)
                assert delay == 0
            if delay == 0:
                flying.append(window.start(now, prompt=prompt, answer=answer))
                starts.append(now)
                log.append((now, prompt))
        elif flying:
            ticket = flying.pop(int(share * (len(flying) - 1)))
            seconds = now - ticket.moment
            # Nothing is known at first; later no answer comes more than twice as fast as the fastest before.
            most = min(ticket.longest, FASTER * fastest * seconds) if 0 < fastest < math.inf else ticket.longest
            given = int(most * (1 - share / 4))
            window.end(now, ticket, prompt=ticket.prompt, answer=given)
            log.append((now, given))
            if given >= TELLING:
                fastest = max(fastest, given / seconds if seconds else math.inf)
    assert fullest([(start, 1) for start in starts]) <= requests
    assert fullest(log) <= tokens


# The provider around a provider


def test_without_limits_everything_is_asked_at_once_for_the_longest_answer() -> None:
    inner = always(said())
    pace, clock = pacing(inner, Window())
    for _ in range(100):
        heard(pace)
    assert clock.waits == []
    assert {prompt.limit for prompt in inner.asked} == {MODEL.max_output}


def test_a_queue_of_requests_passes_as_fast_as_the_limit_allows() -> None:
    starts: list[float] = []
    clock_of: list[JumpingClock] = []

    def script(prompt: Prompt, at: int) -> list[Step]:
        starts.append(clock_of[0].moment)
        return [said()]

    pace, clock = pacing(Inner(script), Window(requests=3))
    clock_of.append(clock)
    for _ in range(9):
        heard(pace)
    assert [round(start - 1000, 6) for start in starts] == [0] * 3 + [MINUTE] * 3 + [2 * MINUTE] * 3


def test_what_the_endpoint_counted_is_what_counts() -> None:
    pace, clock = pacing(always(used(20, 7), said(), model=NOT_PARTIAL), Window(tokens=2100))
    for _ in range(2):
        heard(pace)
    assert clock.waits == []
    heard(pace)
    # After two, 54 tokens are used: 52 and 2,000 more do not fit.
    assert sum(clock.waits) == pytest.approx(MINUTE)


def test_an_answer_whose_tokens_nobody_tells_counts_as_many_as_it_has_bytes() -> None:
    window = Window(tokens=10_000)
    heard(pacing(always("é" * 10, "é" * 100, said(), model=NOT_PARTIAL), window)[0])
    moment = 1000.0
    assert window.delay(moment, prompt=10_000 - ASKED - 200, answer=0) == 0
    assert window.delay(moment, prompt=10_000 - ASKED - 199, answer=0) > 0


def test_an_answer_whose_tokens_nobody_tells_counts_no_more_than_it_may_have() -> None:
    window = Window(tokens=10_000)
    heard(pacing(always("e" * 9000, said(), model=NOT_PARTIAL), window)[0])
    assert window.delay(1000, prompt=10_000 - ASKED - MODEL.max_output, answer=0) == 0


def test_the_usage_of_several_requests_is_added_up() -> None:
    window = Window(tokens=10_000)
    heard(pacing(always(used(10, 20), used(100, 200), said()), window)[0])
    assert window.delay(1000, prompt=10_000 - 330, answer=0) == 0
    assert window.delay(1000, prompt=10_000 - 329, answer=0) > 0


def test_a_request_is_under_way_until_it_is_answered() -> None:
    window = Window(tokens=10_000)
    coming = pacing(always("a", used(52, 3), said()), window)[0].complete(ASK)
    under_way = [window.flying]
    under_way += [window.flying for _ in coming]
    assert [*under_way, window.flying] == [False, True, True, False]


def test_a_request_that_failed_before_it_was_answered_uses_its_prompt_only() -> None:
    window = Window(tokens=10_000)
    failure(pacing(always(failed(ProviderErrorKind.RATE)), window)[0])
    assert not window.flying
    assert window.delay(1000, prompt=10_000 - ASKED, answer=0) == 0


def test_a_request_that_nobody_listens_to_any_more_has_ended() -> None:
    window = Window(requests=1)
    coming = pacing(always("a", "ab", said()), window)[0].complete(ASK)
    next(coming)
    coming.close()
    assert not window.flying


@pytest.mark.parametrize(
    ("tokens", "partial", "limit", "asked"),
    [
        pytest.param(None, True, None, 2000, id="no limit"),
        pytest.param(60_000, False, None, 2000, id="it cannot be gone on with"),
        pytest.param(60_000, True, None, 2000, id="a large minute"),
        pytest.param(24_000, True, None, 1500, id="a small minute"),
        pytest.param(4_000, True, None, LEAST, id="a tiny minute"),
        pytest.param(4_000, True, 1800, 1800, id="as the prompt says"),
        pytest.param(4_000, True, 700, 700, id="as the prompt says, less"),
    ],
)
def test_an_answer_that_can_be_gone_on_with_comes_in_pieces_that_fit_the_minute(
    *, tokens: int | None, partial: bool, limit: int | None, asked: int
) -> None:
    inner = always(said(), model=replace(MODEL, partial=partial))
    heard(pacing(inner, Window(tokens=tokens))[0], replace(ASK, limit=limit))
    assert inner.asked == [replace(ASK, limit=asked)]


@pytest.mark.parametrize(
    ("model", "tokens", "most"),
    [
        pytest.param(MODEL, None, 10_000, id="no limit"),
        pytest.param(MODEL, 60_000, 10_000, id="a large minute"),
        pytest.param(MODEL, 12_000, 10_000, id="a minute that just holds it"),
        pytest.param(MODEL, 11_000, 9_976, id="pieces of an answer"),
        pytest.param(NOT_PARTIAL, 11_000, 9_000, id="a whole answer"),
        pytest.param(NOT_PARTIAL, 1_000, 0, id="a minute that holds nothing"),
    ],
)
def test_a_minute_bounds_the_size_of_a_prompt(model: Model, tokens: int | None, most: int) -> None:
    bounded = within_minute(model, tokens)
    assert bounded.max_input == most
    assert replace(bounded, max_input=model.max_input, context=model.context) == model
    assert within_minute(bounded, tokens) == bounded
    assert tokens is None or room(bounded, tokens) == room(model, tokens) >= most
    assert pacing(always(said(), model=model), Window(tokens=tokens))[0].model == bounded


def test_a_prompt_of_that_size_is_asked() -> None:
    inner = always(said(), model=NOT_PARTIAL)
    heard(pacing(inner, Window(tokens=3000))[0], Prompt((Message("user", "x" * (room(NOT_PARTIAL, 3000) - 48)),)))
    assert len(inner.asked) == 1


def test_a_prompt_that_no_minute_holds_fails_at_once_even_while_others_are_under_way() -> None:
    inner = always("a", said(), model=NOT_PARTIAL)
    window = Window(tokens=3000)
    pace, clock = pacing(inner, window)
    other = pace.complete(ASK)
    next(other)
    _, error = failure(pace, Prompt((Message("user", "x" * 953),)))
    assert error.kind is ProviderErrorKind.TOO_LONG
    assert "3,001 tokens" in error.message
    assert "3,000 are allowed" in error.message
    assert len(inner.asked) == 1
    assert clock.waits == []


def test_a_prompt_that_fills_a_minute_is_asked() -> None:
    inner = always(used(1000, 10), said(), model=NOT_PARTIAL)
    pace, clock = pacing(inner, Window(tokens=3000))
    heard(pace, Prompt((Message("user", "x" * 952),)))
    assert clock.waits == []


def test_tokens_are_counted_only_where_their_bound_does_not_fit() -> None:
    class Counting(QwenCounter):
        def count(self, text: str) -> int:
            counted.append(text)
            return super().count(text)

    counted: list[str] = []
    inner = Inner(lambda prompt, at: [used(100, 10), said()], NOT_PARTIAL, Counting())
    window = Window(tokens=4000)
    pace, clock = pacing(inner, window)
    text = "word " * 390
    prompt = Prompt((Message("user", text),))
    heard(pace, prompt)
    assert counted == []
    heard(pace, prompt)
    assert counted == [text]
    assert clock.waits == []


def test_a_full_minute_is_looked_at_again_while_others_are_under_way() -> None:
    pace, clock = pacing(always("a", used(52, 10), said(), model=NOT_PARTIAL), Window(tokens=3000))
    other = pace.complete(ASK)
    next(other)

    def end_the_other(moment: float) -> None:
        if moment > 1000.9:
            list(other)

    clock.meanwhile = end_the_other
    heard(pace)
    assert clock.waits == [LOOK_AGAIN] * 5


def test_a_full_minute_in_which_nothing_is_under_way_is_slept_through() -> None:
    pace, clock = pacing(always(said()), Window(requests=1))
    heard(pace)
    heard(pace)
    assert clock.waits == [MINUTE]


def test_who_would_start_after_the_end_of_the_run_fails_at_once() -> None:
    inner = always(said())
    pace, clock = pacing(inner, Window(requests=1), seconds=30)
    heard(pace)
    _, error = failure(pace)
    assert error.kind is ProviderErrorKind.TIMED_OUT
    assert (len(inner.asked), clock.waits) == (1, [])


def test_who_waits_for_a_turn_does_not_start_once_the_run_is_given_up() -> None:
    stage = Stage()
    run = Deadline(None, stage)
    inner = always(said())
    pace = Pace(inner, Window(requests=1), run, turn=StageLock(stage))
    ends: list[tuple[object, float]] = []

    def wait() -> None:
        _, error = failure(pace)
        ends.append((error.kind, stage.moment))

    def give_up() -> None:
        run.wait(MINUTE + 5)
        run.give_up(failed(ProviderErrorKind.QUOTA))

    heard(pace)
    stage.enter(lambda: ends.append((heard(pace)[1], stage.moment)))
    for _ in range(3):
        stage.enter(wait)
    stage.enter(give_up)
    stage.run()
    assert ends == [(said(), MINUTE), *[(ProviderErrorKind.QUOTA, MINUTE + 5)] * 3]
    assert len(inner.asked) == 2


def test_nothing_starts_in_a_run_that_is_given_up_though_there_is_room() -> None:
    run, _ = run_of(None)
    inner = always(said())
    run.give_up(failed(ProviderErrorKind.AUTH))
    _, error = failure(Pace(inner, Window(), run))
    assert error.kind is ProviderErrorKind.AUTH
    assert inner.asked == []


@pytest.mark.parametrize("at", range(200))
def test_a_prompt_that_takes_all_of_a_minute_starts_at_once_in_an_empty_one(at: int) -> None:
    window = Window(None, 10_000)
    now = 1000 + at / 7
    ticket = window.start(now, prompt=100, answer=2_000)
    window.end(now + 3.3, ticket, prompt=100, answer=1_900)
    assert window.delay(now + 70, prompt=4_000 + at, answer=6_000 - at) == 0
