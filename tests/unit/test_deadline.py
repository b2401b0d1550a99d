import threading
import time

import pytest

from reviewbot.deadline import Deadline, over
from reviewbot.errors import ProviderError, ProviderErrorKind
from tests.support.calls import failed, run_of

REFUSED = failed(ProviderErrorKind.AUTH)


def test_a_run_without_an_end_waits_as_long_as_it_is_told() -> None:
    run, clock = run_of(None)
    run.check()
    run.wait(1e6)
    assert run.left() is None
    assert clock.waits == [1e6]


def test_what_is_left_shrinks_to_nothing_and_not_below() -> None:
    run, clock = run_of(10)
    assert run.left() == 10
    clock.moment += 4
    assert run.left() == 6
    clock.moment += 100
    assert run.left() == 0


def test_no_call_begins_once_the_time_is_over() -> None:
    run, clock = run_of(10)
    clock.moment += 9.5
    run.check()
    clock.moment += 0.5
    with pytest.raises(ProviderError, match=r"the 10 seconds of --timeout are over$") as caught:
        run.check()
    assert caught.value.kind is ProviderErrorKind.TIMED_OUT


def test_a_run_of_no_seconds_is_over_at_once() -> None:
    run, _ = run_of(0)
    with pytest.raises(ProviderError, match="0 seconds"):
        run.check()


@pytest.mark.parametrize("seconds", [10, 10.1, 1e9])
def test_a_wait_that_would_pass_the_end_is_not_begun(seconds: float) -> None:
    run, clock = run_of(10)
    with pytest.raises(ProviderError, match=r"have to be waited$"):
        run.wait(seconds)
    assert clock.waits == []


def test_a_wait_that_ends_before_the_end_is_waited_for() -> None:
    run, clock = run_of(10)
    run.wait(9.9)
    assert clock.waits == [9.9]


def test_who_waited_too_long_is_told_what_for() -> None:
    run, _ = run_of(10)
    with pytest.raises(ProviderError, match="have to be waited; the last answer was: it failed: rate"):
        run.wait(60, because=failed(ProviderErrorKind.RATE))


def test_a_pause_longer_than_what_is_left_is_told_as_that() -> None:
    run, _ = run_of(10)
    with pytest.raises(ProviderError, match="the 10 seconds of --timeout end before the 12 seconds that have to be"):
        run.wait(12)


def test_the_error_of_a_time_that_is_over_keeps_what_was_said() -> None:
    assert over(1.5, said="{").said == "{"
    assert over(1.5).said == ""
    assert "the 1.5 seconds" in over(1.5).message


def test_a_run_that_is_given_up_lets_nothing_begin_and_nobody_wait() -> None:
    run, clock = run_of(None)
    run.give_up(REFUSED)
    for call in (run.check, lambda: run.wait(1)):
        with pytest.raises(ProviderError, match="it failed: auth") as caught:
            call()
        assert (caught.value.kind, caught.value.hint, caught.value.slug) == (ProviderErrorKind.AUTH, "do", "x")
    assert clock.waits == []


def test_the_first_reason_to_give_up_is_the_one_that_is_told() -> None:
    run, _ = run_of(None)
    run.give_up(REFUSED)
    run.give_up(failed(ProviderErrorKind.QUOTA))
    with pytest.raises(ProviderError, match="auth"):
        run.check()


def test_giving_up_is_told_before_the_time_that_is_over() -> None:
    run, _ = run_of(0)
    run.give_up(REFUSED)
    with pytest.raises(ProviderError, match="auth"):
        run.check()


def test_each_call_fails_with_an_error_of_its_own_that_does_not_hold_the_answer_of_another() -> None:
    run, _ = run_of(None)
    run.give_up(failed(ProviderErrorKind.TIMED_OUT, said='{"comments": [', retry_after=3))
    errors = []
    for _ in range(2):
        with pytest.raises(ProviderError) as caught:
            run.check()
        errors.append(caught.value)
    assert errors[0] is not errors[1]
    assert [(error.said, error.retry_after) for error in errors] == [("", None)] * 2


def test_a_wait_during_which_the_run_is_given_up_fails() -> None:
    run, clock = run_of(None)
    clock.meanwhile = lambda _: run.give_up(REFUSED)
    with pytest.raises(ProviderError, match="auth"):
        run.wait(5)


def test_who_waits_on_the_machine_s_clock_is_woken_at_once_when_the_run_is_given_up() -> None:
    run = Deadline()
    errors: list[ProviderError] = []

    def wait() -> None:
        with pytest.raises(ProviderError) as caught:
            run.wait(60)
        errors.append(caught.value)

    waiting = [threading.Thread(target=wait, daemon=True) for _ in range(3)]
    for thread in waiting:
        thread.start()
    began = time.monotonic()
    run.give_up(REFUSED)
    for thread in waiting:
        thread.join(5)
    assert time.monotonic() - began < 5
    assert [error.kind for error in errors] == [ProviderErrorKind.AUTH] * 3


def test_the_machine_s_clock_lets_time_pass() -> None:
    run = Deadline(60)
    before = run.left()
    run.wait(0.02)
    after = run.left()
    assert before is not None
    assert after is not None
    assert 0.015 < before - after < 30
