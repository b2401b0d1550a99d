"""Every refusal that DashScope is known for, through the real SDK and all calls around it: what becomes of a review."""

from dataclasses import dataclass, replace
from typing import Any

import pytest

from reviewbot import catalogue, pipeline, planning, wiring
from reviewbot.config import Invocation, Policy
from reviewbot.deadline import Deadline
from reviewbot.events import Event, SkippedPart
from reviewbot.ports import Route
from reviewbot.review import Change, Review, SkipReason, Target, Verdict
from reviewbot.wiring import World
from tests.support.calls import JumpingClock
from tests.support.dashscope import DashScope, Refused, dashscope_server, refusals
from tests.support.reviews import file, hunk

KNOWN = catalogue.load()
NOTHING = '{"comments": []}'
CHANGE = Change(
    Target("a" * 40, None, "staged changes"),
    (file("a.py", hunk("+x = 1", "+y = 2")), file("b.py", hunk("+z = 3"))),
)
FAILED = SkipReason.PROVIDER_FAILED


@dataclass(frozen=True)
class Row:
    """What a refusal leads to: how often the same prompt is asked, the heading that explains it, and in its hint."""

    asked: int
    slug: str
    hint: str
    reason: SkipReason = FAILED


# A chunk of two files and three lines that is refused is split until a line stands alone: five prompts in all. One
# that is too long though it is tiny is not split further.
SPLIT = 5
TABLE = {
    "bad request": Row(1, "provider-rejected", "--model"),
    "Range of input length": Row(3, "provider-too-long", "--input-limit", SkipReason.TOO_LONG),
    "data_inspection_failed": Row(SPLIT, "provider-filtered", "by hand", SkipReason.FILTERED),
    "DataInspectionFailed": Row(SPLIT, "provider-filtered", "by hand", SkipReason.FILTERED),
    "Arrearage": Row(1, "provider-arrears", "settle the account"),
    "PrepaidBillOverdue": Row(1, "provider-arrears", "settle the account"),
    "PostpaidBillOverdue": Row(1, "provider-arrears", "settle the account"),
    "invalid key": Row(1, "provider-auth", "the key of DASHSCOPE_API_KEY"),
    "key of another region": Row(1, "provider-auth", "dashscope-intl.aliyuncs.com"),
    "Model.AccessDenied": Row(1, "provider-access", "no right to this model"),
    "AllocationQuota.FreeTierOnly": Row(1, "provider-quota", "the free tokens are spent"),
    "model_not_found": Row(1, "provider-model", "did you mean qwen3-coder-plus or"),
    "Throttling": Row(8, "provider-rate", "--rpm, --tpm"),
    "Throttling.RateQuota": Row(8, "provider-rate", "--rpm, --tpm"),
    "limit_requests": Row(8, "provider-rate", "--rpm, --tpm"),
    "Throttling.BurstRate": Row(8, "provider-rate", "--rpm, --tpm"),
    "Request rate increased too quickly": Row(8, "provider-rate", "--rpm, --tpm"),
    "Throttling.AllocationQuota": Row(8, "provider-rate", "--rpm, --tpm"),
    "insufficient_quota": Row(8, "provider-rate", "--rpm, --tpm"),
    "Free allocated quota exceeded": Row(1, "provider-quota", "the free tokens are spent"),
    "Free allocated quota exceeded, insufficient_quota": Row(1, "provider-quota", "the free tokens are spent"),
    "500": Row(5, "provider-server", "run again later"),
    "503": Row(5, "provider-server", "run again later"),
}


def way(server: DashScope, provider: str) -> Route:
    url = server.native if provider == "dashscope-native" else server.compatible
    model = KNOWN.get("qwen-coder-plus")
    key, clock = "sk-test", JumpingClock()
    return Route(
        provider, model, url, key=key, key_variable="DASHSCOPE_API_KEY", own=True, deadline=Deadline(clock=clock)
    )


def reviewed(route: Route, change: Change = CHANGE, **given: Any) -> tuple[Review, list[Event]]:
    """The review of a change, made as a run makes it."""
    invocation = replace(Invocation(cache=False), **given)
    settings = wiring.settings(Policy(), jobs=1)
    provider = wiring.provider(route, invocation, World(".", {}, None))
    chosen, inspected = planning.choose(change, settings=settings), planning.Inspected(change)
    plan = planning.plan(inspected, chosen, settings=settings, model=provider.model, counter=provider.counter)
    seen = list(pipeline.events(plan, provider=provider))
    provider.close()
    return pipeline.fold(plan, seen, seconds=0), seen


@pytest.fixture(params=["dashscope", "dashscope-native"])
def provider(request: pytest.FixtureRequest) -> str:
    """Both protocols."""
    return str(request.param)


def test_the_table_has_a_row_for_every_refusal() -> None:
    assert TABLE.keys() == refusals.keys()


@pytest.mark.parametrize(("name", "row"), TABLE.items(), ids=TABLE)
def test_what_becomes_of_a_refusal(provider: str, name: str, row: Row) -> None:
    with dashscope_server(lambda _: NOTHING, trouble=lambda *_: refusals[name]) as server:
        review, seen = reviewed(way(server, provider))
        asked = len(server.asked)
    errors = {event.error.slug: event.error for event in seen if isinstance(event, SkippedPart) and event.error}
    assert errors.keys() == {row.slug}
    assert row.hint in errors[row.slug].hint
    assert "sk-test" not in str(errors)
    assert asked == row.asked
    assert {(part.path, part.reason, part.failed) for part in review.skipped} == {
        ("a.py", row.reason, True),
        ("b.py", row.reason, True),
    }
    assert review.verdict is Verdict.INCOMPLETE
    assert review.usage.requests == 0


def test_an_endpoint_that_refuses_whatever_is_left_out_is_not_asked_for_ever(provider: str) -> None:
    odd = Refused(400, "InvalidParameter", "max_tokens is not supported; unsupported max_tokens, max_completion_tokens")
    with dashscope_server(lambda _: NOTHING, trouble=lambda *_: odd) as server:
        review, _ = reviewed(way(server, provider))
        assert 1 < len(server.asked) < 20
    assert review.verdict is Verdict.INCOMPLETE
