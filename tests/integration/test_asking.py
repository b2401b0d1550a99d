"""What a model and the one that checks it share, and what they do not, over real connections."""

from collections.abc import Iterator
from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest

from reviewbot import asking, catalogue
from reviewbot.calls.budget import Budget
from reviewbot.calls.resume import Resume
from reviewbot.config import Invocation, Policy
from reviewbot.deadline import Deadline
from reviewbot.errors import ProviderError, ProviderErrorKind
from reviewbot.ports import Route
from reviewbot.review import Form
from reviewbot.wiring import World
from tests.support.calls import ASK, failed, heard
from tests.support.model_server import Answer, ModelServer, model_server

KNOWN = catalogue.load()
WORLD = World(".", {"DASHSCOPE_API_KEY": "sk-dashscope-01234"}, None)
NOBODY = World(".", {}, None)


@pytest.fixture
def server() -> Iterator[ModelServer]:
    with model_server(lambda _: Answer('{"claims": []}')) as running:
        yield running


def way(server: ModelServer, **more: Any) -> Route:
    """To a priced model that goes on with what is begun for it."""
    return Route("openai", KNOWN.get("qwen-coder-plus"), server.url, **more)


def test_a_run_that_one_model_gave_up_goes_on_for_the_other() -> None:
    deadline = Deadline(60)
    made = asking.check(Invocation(verify="qwen-max"), Policy(), KNOWN, WORLD, deadline=deadline)
    assert isinstance(made, Route)
    deadline.give_up(failed(ProviderErrorKind.AUTH))
    made.deadline.check()
    with pytest.raises(ProviderError):
        deadline.check()
    # It ends at the same moment all the same.
    assert made.deadline.left() == pytest.approx(deadline.left(), abs=1)


def test_both_spend_one_purse_and_only_comments_are_begun_and_gone_on_with(server: ModelServer) -> None:
    invocation = Invocation(max_cost=Decimal(1), cache=False)
    with asking.both(way(server), way(server, verifies=True), invocation, NOBODY) as (provider, verifier):
        assert isinstance(provider, Resume)
        assert isinstance(provider.provider, Budget)
        assert isinstance(verifier, Budget)
        assert verifier.purse is provider.provider.purse
        heard(provider)
        heard(verifier, replace(ASK, form=Form.RULINGS))
    begun, asked = server.requests[0], server.requests[-1]
    assert (begun.prefix != "", asked.prefix) == (True, "")


def test_who_does_not_check_is_not_connected(server: ModelServer) -> None:
    with asking.both(way(server), None, Invocation(cache=False), NOBODY) as (provider, verifier):
        assert provider is not None
        assert verifier is None
    assert asking.check(Invocation(), Policy(), KNOWN, NOBODY, deadline=Deadline()) is None
