"""Reviews against a strict stand-in for DashScope, through the real SDK: long answers, trouble, limits, money."""

import sys
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal
from typing import TYPE_CHECKING, Any, cast

import pytest

from reviewbot import catalogue, pipeline, planning, wiring
from reviewbot.config import Invocation, Policy
from reviewbot.deadline import Deadline
from reviewbot.diff import FileDiff
from reviewbot.estimate import estimates
from reviewbot.events import Event, Glimpsed
from reviewbot.finding import DropReason
from reviewbot.ports import Route
from reviewbot.review import Change, Review, SkipReason, Target, Verdict
from reviewbot.wiring import World
from tests.support.calls import JumpingClock
from tests.support.command import claim, comments, shown
from tests.support.dashscope import (
    Asked,
    CutStream,
    DashScope,
    Deployment,
    Empty,
    Fault,
    FilteredAnswer,
    Junk,
    Rules,
    dashscope_server,
    refusals,
)
from tests.support.reviews import file, hunk

if TYPE_CHECKING:
    from tests.support.model_server import Request

KNOWN = catalogue.load()
PROVIDERS = ("dashscope", "dashscope-native")


def way(server: DashScope, provider: str = "dashscope", *, model: str = "qwen-coder-plus") -> Route:
    url = server.native if provider == "dashscope-native" else server.compatible
    return Route(
        provider,
        KNOWN.get(model),
        url,
        key="sk-test",
        key_variable="DASHSCOPE_API_KEY",
        own=True,
        deadline=Deadline(clock=JumpingClock()),
    )


def reviewed(
    route: Route, change: Change, *, chunk_tokens: int = 3_000, live: bool = False, **given: Any
) -> tuple[Review, list[Event], planning.Plan]:
    """The review of a change, made as a run makes it, the events it gave, and its plan."""
    invocation = replace(Invocation(cache=False), **given)
    settings = wiring.settings(Policy(chunk_tokens=chunk_tokens), jobs=invocation.jobs)
    provider = wiring.provider(route, invocation, World(".", {}, None))
    chosen, inspected = planning.choose(change, settings=settings), planning.Inspected(change)
    plan = planning.plan(inspected, chosen, settings=settings, model=provider.model, counter=provider.counter)
    seen = list(pipeline.events(plan, provider=provider, live=live))
    provider.close()
    return pipeline.fold(plan, seen, seconds=0), seen, plan


def change(*files: FileDiff) -> Change:
    return Change(Target("a" * 40, None, "staged changes"), files)


def wrong(asked: Asked) -> str:
    """A comment on every added line that says BUG."""
    lines = [line for line in shown(cast("Request", asked)) if line.sign == "+" and "BUG" in line.text]
    return comments(*(claim(line, body=f"{line.text} is wrong.") for line in lines))


def bugs(count: int, *, path: str = "a.py") -> FileDiff:
    return file(path, hunk(*(f"+value_{number} = {number}  # BUG" for number in range(count))))


def places(review: Review) -> list[tuple[str, int]]:
    return [(finding.anchor.path, finding.anchor.start) for finding in review.findings]


@pytest.mark.parametrize("provider", PROVIDERS)
@pytest.mark.parametrize("partial", [True, False], ids=["goes on", "is split"])
def test_three_hundred_comments_come_through_a_small_answer_limit(provider: str, *, partial: bool) -> None:
    rules = Rules(models={"qwen-coder-plus": Deployment(partial=partial)})
    with dashscope_server(wrong, rules=rules) as server:
        review, _, plan = reviewed(way(server, provider), change(bugs(300)), chunk_tokens=20_000)
        asked = list(server.asked)
    assert len(plan.chunks) == 1
    assert places(review) == [("a.py", number) for number in range(1, 301)]
    assert review.verdict is Verdict.PASS
    assert {drop.reason for drop in review.dropped} <= {DropReason.DUPLICATE}
    assert review.usage.requests == server.answered > 1
    if partial:
        assert [one.prefix[:14] for one in asked] == ['{"comments": ['] * len(asked)
    else:
        assert asked[0].prefix
        assert not any(one.prefix for one in asked[1:])


FAULTS: tuple[Callable[[], Fault], ...] = (
    lambda: refusals["500"],
    lambda: refusals["limit_requests"],
    lambda: CutStream(300),
    lambda: Junk(b"<html>busy</html>", "text/html"),
    Empty,
)


@pytest.mark.parametrize("provider", PROVIDERS)
def test_two_hundred_chunks_lose_nothing_where_one_answer_in_five_fails(
    provider: str, capsys: pytest.CaptureFixture[str]
) -> None:
    def trouble(asked: Asked, number: int) -> Fault | None:
        return FAULTS[number // 5 % len(FAULTS)]() if number % 5 == 4 else None

    files = [bugs(40, path=f"part{number:03}.py") for number in range(200)]
    with dashscope_server(wrong, trouble=trouble) as server:
        review, _, plan = reviewed(way(server, provider), change(*files), chunk_tokens=1_000, tpm=10**9, rpm=10**6)
        asked = len(server.asked)
    with capsys.disabled():
        sys.stdout.write(
            f"\n{provider}: {len(plan.chunks)} chunks, {asked} requests, {asked - server.answered} failed, "
            f"{len(review.findings)} of {40 * 200} findings, {len(review.skipped)} parts not reviewed\n"
        )
    assert len(plan.chunks) == 200
    found = Counter(places(review))
    assert set(found.values()) == {1}
    lost = {(part.path, line) for part in review.skipped for line in range(part.start or 0, (part.end or 0) + 1)}
    assert found.keys() | lost == {(each.path, line) for each in files for line in range(1, 41)}
    assert not found.keys() & lost
    assert review.complete == (not lost)


@pytest.mark.parametrize("provider", PROVIDERS)
def test_an_endpoint_that_takes_less_says_how_much_and_is_not_asked_for_more_again(provider: str) -> None:
    rules = Rules(models={"qwen-coder-plus": Deployment(max_input=3_000)})
    files = [bugs(150, path=f"part{number}.py") for number in range(8)]
    with dashscope_server(wrong, rules=rules) as server:
        review, _, plan = reviewed(way(server, provider), change(*files), chunk_tokens=6_000, jobs=1)
        refused = len(server.asked) - server.answered
    assert len(plan.chunks) > 2
    assert refused == 1
    assert review.complete
    assert len(review.findings) == 150 * 8


@pytest.mark.parametrize("provider", PROVIDERS)
@pytest.mark.parametrize("fault", ["refused", "in mid answer"])
def test_what_the_content_filter_stops_is_named_and_the_rest_is_reviewed(provider: str, fault: str) -> None:
    def trouble(asked: Asked, _: int) -> Fault | None:
        if "forbidden" not in asked.user:
            return None
        return refusals["data_inspection_failed"] if fault == "refused" else FilteredAnswer(200)

    lines = [f"+value_{number} = {number}  # BUG" for number in range(40)]
    lines[17] = "+forbidden = 1  # BUG"
    with dashscope_server(wrong, trouble=trouble) as server:
        review, _, _ = reviewed(way(server, provider), change(file("a.py", hunk(*lines))))
    assert [(part.start, part.end, part.reason) for part in review.skipped] == [(18, 18, SkipReason.FILTERED)]
    assert sorted({line for _, line in places(review)} | {18}) == list(range(1, 41))
    assert review.verdict is Verdict.INCOMPLETE


def test_a_fatal_answer_stops_all_that_was_not_under_way() -> None:
    files = [bugs(20, path=f"part{number:02}.py") for number in range(40)]

    def trouble(_: Asked, number: int) -> Fault | None:
        return refusals["Arrearage"] if number >= 5 else None

    with dashscope_server(wrong, trouble=trouble) as server:
        review, _, plan = reviewed(way(server), change(*files), chunk_tokens=500, jobs=4)
        assert len(plan.chunks) > 20
        assert len(server.asked) <= 5 + 4
    lost = {part.path for part in review.skipped}
    assert lost | {path for path, _ in places(review)} == {each.path for each in files}
    assert review.verdict is Verdict.INCOMPLETE


def test_time_that_is_over_names_what_is_left_and_keeps_what_was_found() -> None:
    clock = JumpingClock()
    files = [bugs(20, path=f"part{number:02}.py") for number in range(20)]

    def slow(asked: Asked) -> str:
        clock.moment += 10
        return wrong(asked)

    with dashscope_server(slow) as server:
        route = replace(way(server), deadline=Deadline(45, clock))
        review, _, _ = reviewed(route, change(*files), chunk_tokens=500, jobs=1)
        asked = len(server.asked)
    assert asked == 5
    assert {part.reason for part in review.skipped} == {SkipReason.TIMED_OUT}
    assert "--timeout" in review.skipped[0].detail
    found = {path for path, _ in places(review)}
    assert found
    assert found | {part.path for part in review.skipped} == {each.path for each in files}
    assert review.verdict is Verdict.INCOMPLETE


def test_money_that_could_run_out_is_not_spent() -> None:
    files = [bugs(20, path=f"part{number:02}.py") for number in range(20)]
    with dashscope_server(wrong) as server:
        review, _, _ = reviewed(way(server), change(*files), chunk_tokens=500, max_cost=Decimal("0.15"))
    assert review.usage.cost is not None
    assert 0 < review.usage.cost <= Decimal("0.15")
    assert {part.reason for part in review.skipped} == {SkipReason.OVER_BUDGET}
    assert places(review)
    assert review.verdict is Verdict.INCOMPLETE


@pytest.mark.parametrize("provider", PROVIDERS)
def test_what_was_planned_is_what_is_billed(provider: str) -> None:
    files = [bugs(number * 7 % 60 + 1, path=f"part{number:02}.py") for number in range(30)]
    with dashscope_server(lambda _: comments()) as server:
        review, _, plan = reviewed(way(server, provider), change(*files))
    planned = sum(estimate.tokens for estimate in estimates(plan))
    # The beginning of the answer, which a plan does not hold, is billed as a message of its own.
    assert abs(planned / review.usage.input_tokens - 1) < 0.01
    assert review.usage.cost is not None
    least = sum((estimate.cost[0] for estimate in estimates(plan) if estimate.cost), Decimal())
    assert least <= review.usage.cost <= least * Decimal("1.05")


NAMES = [name for model in KNOWN.models if model.provider == "dashscope" for name in (model.name, *model.aliases)]


@pytest.mark.parametrize("provider", PROVIDERS)
@pytest.mark.parametrize("name", NAMES)
def test_every_model_answers_by_each_of_its_names(provider: str, name: str) -> None:
    with dashscope_server(wrong) as server:
        review, _, _ = reviewed(way(server, provider, model=name), change(bugs(2)))
        assert {asked.body["model"] for asked in server.asked} == {name}
    assert (len(review.findings), review.model) == (2, name)


@pytest.mark.parametrize("provider", PROVIDERS)
def test_a_sub_account_names_its_workspace(provider: str) -> None:
    with dashscope_server(wrong, rules=Rules(workspace="ws_1")) as server:
        route = way(server, provider)
        refused, _, _ = reviewed(route, change(bugs(1)))
        review, _, _ = reviewed(replace(route, workspace="ws_1", deadline=Deadline()), change(bugs(1)))
    assert (refused.complete, len(refused.findings)) == (False, 0)
    assert (review.complete, len(review.findings)) == (True, 1)


@pytest.mark.parametrize("provider", PROVIDERS)
def test_findings_are_glimpsed_while_the_answer_comes_and_the_review_is_the_same(provider: str) -> None:
    with dashscope_server(wrong) as server:
        quiet, _, _ = reviewed(way(server, provider), change(bugs(30)))
        watched, seen, _ = reviewed(way(server, provider), change(bugs(30)), live=True)
    glimpses = [event.finding for event in seen if isinstance(event, Glimpsed)]
    # The last one is whole when the answer is.
    assert tuple(glimpses) == watched.findings[:-1] == quiet.findings[:-1]
    first = next(place for place, event in enumerate(seen) if isinstance(event, Glimpsed))
    assert first < len(seen) - 30
