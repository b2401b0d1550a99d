import random
import threading
from dataclasses import replace
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reviewbot.calls.budget import LOOK_AGAIN, Budget, Purse
from reviewbot.calls.retry import Retry
from reviewbot.catalogue import Model, Tier
from reviewbot.deadline import Deadline
from reviewbot.errors import ProviderError, ProviderErrorKind
from reviewbot.review import Message, Prompt, Usage
from reviewbot.tokens import QwenCounter
from tests.support.calls import (
    ASK,
    MODEL,
    PRICED,
    Inner,
    JumpingClock,
    Stage,
    Step,
    always,
    failed,
    failure,
    heard,
    in_turn,
    run_of,
    said,
)

WORST = Decimal("4.052")
"""What `ASK` costs at most: 52 tokens for 0.001 each and 2,000 for 0.002."""


def paid(cost: str | Decimal | None) -> Usage:
    return Usage(1, 0, 1, 1, None if cost is None else Decimal(cost), "CNY")


def budgeted(
    inner: Inner, limit: Decimal | str | int, *, seconds: float | None = None
) -> tuple[Budget, Purse, JumpingClock]:
    run, clock = run_of(seconds)
    purse = Purse(Decimal(limit))
    return Budget(inner, purse, run), purse, clock


def spent(purse: Purse) -> Decimal:
    """What is spent, when nothing is feared any more."""
    assert purse.feared == 0
    return purse.spent


def test_what_an_answer_cost_is_spent() -> None:
    budget, purse, _ = budgeted(always("a", paid("0.5"), said(), model=PRICED), 10)
    pieces, completion = heard(budget)
    heard(budget)
    assert (pieces, completion) == (["a", paid("0.5")], said())
    assert purse == Purse(Decimal(10), Decimal("1.0"), Decimal(0))


def test_a_request_whose_worst_case_is_just_what_is_left_is_asked() -> None:
    budget, purse, _ = budgeted(always(paid(WORST), said(), model=PRICED), WORST)
    heard(budget)
    assert purse.spent == purse.limit


def test_a_request_that_could_pass_the_limit_is_not_asked_and_nothing_is_after_it() -> None:
    inner = always(said(), model=PRICED)
    budget, purse, clock = budgeted(inner, "4.0519")
    _, error = failure(budget)
    assert error.kind is ProviderErrorKind.OVER_BUDGET
    assert error.message == "the next request may cost 4.0520 CNY, and 4.0519 of --max-cost are left"
    assert (inner.asked, spent(purse), clock.waits) == ([], Decimal(0), [])
    with pytest.raises(ProviderError, match="of --max-cost are left"):
        budget.deadline.check()


def test_a_prompt_that_says_how_long_its_answer_may_be_costs_no_more_than_that() -> None:
    inner = always(paid("0.1"), said(), model=PRICED)
    budget, _, _ = budgeted(inner, "0.072")
    heard(budget, replace(ASK, limit=10))
    assert len(inner.asked) == 1


@pytest.mark.parametrize("told", [None, "0.3"])
def test_what_is_not_told_is_taken_for_the_worst(told: str | None) -> None:
    budget, purse, _ = budgeted(always(paid(told), said(), model=PRICED), 10)
    heard(budget)
    assert purse.spent == Decimal(told or WORST)


def test_an_answer_without_any_usage_is_taken_for_the_worst() -> None:
    budget, purse, _ = budgeted(always("a", said(), model=PRICED), 10)
    heard(budget)
    assert spent(purse) == WORST


def test_an_answer_that_nobody_listens_to_any_more_is_taken_for_the_worst() -> None:
    budget, purse, _ = budgeted(always("a", "ab", paid("0.1"), said(), model=PRICED), 10)
    coming = budget.complete(ASK)
    next(coming)
    coming.close()
    assert spent(purse) == WORST


def test_a_refused_request_costs_nothing() -> None:
    budget, purse, _ = budgeted(always(failed(ProviderErrorKind.RATE), model=PRICED), 10)
    failure(budget)
    assert spent(purse) == 0


def test_a_failed_answer_costs_what_was_told() -> None:
    budget, purse, _ = budgeted(always("a", paid("0.7"), failed(ProviderErrorKind.BROKEN), model=PRICED), 10)
    failure(budget)
    assert spent(purse) == Decimal("0.7")


def test_a_further_try_needs_money_of_its_own() -> None:
    broken: list[Step] = ["a", paid("4"), failed(ProviderErrorKind.BROKEN)]
    inner = always(*broken, model=PRICED)
    run, clock = run_of(None)
    purse = Purse(Decimal(9))
    _, error = failure(Budget(Retry(inner, run), purse, run))
    assert error.kind is ProviderErrorKind.OVER_BUDGET
    assert len(inner.asked) == 2
    assert spent(purse) == 8
    assert len(clock.waits) == 1


def test_a_further_try_after_a_refusal_is_paid_from_what_is_kept_already() -> None:
    inner = in_turn([failed(ProviderErrorKind.RATE)], [paid("1"), said()], model=PRICED)
    run, _ = run_of(None)
    purse = Purse(WORST)
    heard(Budget(Retry(inner, run), purse, run))
    assert spent(purse) == 1


@pytest.mark.parametrize("cost", ["0.0", "2"])
def test_who_does_not_fit_waits_for_an_answer_under_way_that_turns_out_cheaper(cost: str) -> None:
    inner = always("a", paid(cost), said(), model=PRICED)
    budget, purse, clock = budgeted(inner, 7)
    other = budget.complete(ASK)
    next(other)

    def end_the_other(moment: float) -> None:
        if moment > 1000.7:
            list(other)

    clock.meanwhile = end_the_other
    heard(budget)
    assert clock.waits == [LOOK_AGAIN] * 4
    assert purse.spent == 2 * Decimal(cost)


def test_who_does_not_fit_stops_once_the_answer_under_way_was_dear() -> None:
    inner = always("a", paid("4"), said(), model=PRICED)
    budget, purse, clock = budgeted(inner, 7)
    other = budget.complete(ASK)
    next(other)
    clock.meanwhile = lambda moment: other.close() if moment > 1003 else None
    _, error = failure(budget)
    assert error.kind is ProviderErrorKind.OVER_BUDGET
    assert "2.9480 of --max-cost" in error.message
    assert len(inner.asked) == 1
    assert purse.feared == 0


def test_the_end_of_the_run_ends_the_waiting() -> None:
    budget, _, _ = budgeted(always("a", said(), model=PRICED), 7, seconds=5)
    other = budget.complete(ASK)
    next(other)
    _, error = failure(budget)
    assert error.kind is ProviderErrorKind.TIMED_OUT


def test_the_exact_count_is_taken_where_the_bound_does_not_fit() -> None:
    prompt = Prompt((Message("user", "word " * 200),))
    inner = Inner(lambda _, at: [paid("0.1"), said()], PRICED, QwenCounter())
    budget, _, _ = budgeted(inner, "4.5")
    heard(budget, prompt)
    assert len(inner.asked) == 1


@pytest.mark.parametrize(
    "model",
    [
        pytest.param(MODEL, id="no price is known"),
        pytest.param(replace(MODEL, price=(Tier(Decimal(0), Decimal(0)),), currency="CNY"), id="it costs nothing"),
    ],
)
@pytest.mark.parametrize("limit", ["0", "1"])
def test_a_model_that_costs_nothing_we_know_of_is_asked_whatever_the_limit(model: Model, limit: str) -> None:
    inner = always("a", paid(None), said(), model=model)
    budget, purse, _ = budgeted(inner, limit)
    for _ in range(3):
        heard(budget)
    assert len(inner.asked) == 3
    assert spent(purse) == 0


def test_a_prompt_longer_than_any_that_has_a_price_is_as_dear_as_the_longest_that_has_one() -> None:
    tiers = (Tier(Decimal(1), Decimal(2), 10), Tier(Decimal(3), Decimal(4), 20))
    inner = always(paid(None), said(), model=replace(PRICED, price=tiers))
    budget, purse, _ = budgeted(inner, 10)
    heard(budget)
    assert purse.spent == Decimal("8.156")


@given(
    costs=st.lists(st.tuples(st.integers(0, 4052), st.sampled_from(["answer", "break", "refuse", "hide"])), min_size=1),
    limit=st.integers(0, 40_000),
)
def test_never_more_than_the_limit_is_spent(costs: list[tuple[int, str]], limit: int) -> None:
    really: list[Decimal] = []

    def script(prompt: Prompt, at: int) -> list[Step]:
        milli, what = costs[at % len(costs)]
        if what == "refuse":
            return [failed(ProviderErrorKind.RATE)]
        really.append(Decimal(milli) / 1000)
        if what == "hide":
            return ["a", paid(None), said()]
        return ["a", paid(really[-1]), said() if what == "answer" else failed(ProviderErrorKind.BROKEN)]

    run, _ = run_of(None)
    purse = Purse(Decimal(limit) / 1000)
    budget = Budget(Retry(Inner(script, PRICED), run), purse, run)
    for _ in range(12):
        try:
            heard(budget)
        except ProviderError as error:
            if error.kind is ProviderErrorKind.OVER_BUDGET:
                break
    assert sum(really) <= purse.spent <= purse.limit
    assert purse.feared == 0


@given(seed=st.integers(0, 10**6), limit=st.integers(4, 60))
@settings(max_examples=25, deadline=None)
def test_several_at_once_never_spend_more_and_stop_only_when_no_request_fits(seed: int, limit: int) -> None:
    chance, stage = random.Random(seed), Stage()
    run = Deadline(None, stage)
    really: list[Decimal] = []

    def script(prompt: Prompt, at: int) -> list[Step]:
        cost = Decimal(chance.randint(0, 4052)) / 1000
        stage.wait(threading.Event(), chance.uniform(0, 5))
        really.append(cost)
        return ["a", paid(cost), said()]

    inner = Inner(script, PRICED)
    purse = Purse(Decimal(limit))
    budget = Budget(inner, purse, run)

    def work() -> None:
        for _ in range(10):
            try:
                heard(budget)
                run.check()
            except ProviderError:
                return

    for _ in range(5):
        stage.enter(work)
    stage.run()
    assert sum(really) == purse.spent <= purse.limit
    assert purse.feared == 0
    assert len(really) == 50 or purse.spent + WORST > purse.limit


def test_real_threads_together_never_spend_more() -> None:
    purse = Purse(Decimal(30))
    run = Deadline()
    asked: list[int] = []

    def script(prompt: Prompt, at: int) -> list[Step]:
        asked.append(at)
        return ["a", paid(WORST), said()]

    budget = Budget(Inner(script, PRICED), purse, run)

    def work() -> None:
        try:
            while True:
                heard(budget)
        except ProviderError:
            pass

    threads = [threading.Thread(target=work, daemon=True) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(10)
    assert len(asked) == 7
    assert purse.spent == 7 * WORST
