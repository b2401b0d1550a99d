"""What a provider finds out about an endpoint: which fields it does not know, and how much its model takes."""

import threading
from collections.abc import Sequence
from contextlib import closing
from dataclasses import replace
from typing import Any

import pytest

from reviewbot import registry
from reviewbot.catalogue import Model
from reviewbot.errors import ProviderErrorKind
from reviewbot.ports import Provider, Route
from reviewbot.providers._abilities import Abilities
from reviewbot.reply import SCHEMA
from reviewbot.review import Message, Prompt
from tests.support.calls import heard
from tests.support.dashscope import Deployment, Rules, dashscope_server
from tests.support.endpoints import KEY, KNOWN, MODEL, at, refusal
from tests.support.model_server import FIELDS, Answer, Request, model_server

UNKNOWN = KNOWN.unknown("my-model", provider="openai")
PLAIN = Prompt((Message("system", "You answer in JSON."), Message("user", "why?")))
ASK = replace(PLAIN, prefix="begun ")
EVERY = replace(UNKNOWN, partial=True)
"""A model that is asked with every field there is, and goes on with what is begun for it."""

FORM = {"type": "json_schema", "json_schema": {"name": "review", "schema": SCHEMA, "strict": True}}


def bodies(unknown: Sequence[str], *, prompt: Prompt = ASK, model: Model = EVERY, provider: str = "openai") -> Any:
    """The bodies of all requests that two prompts came to, at an endpoint that does not know some fields."""
    with (
        model_server(lambda _: Answer("begun x"), unknown=unknown, streams="stream" not in unknown) as server,
        closing(at(server.url, provider, model=model)) as asking,
    ):
        first = heard(asking, prompt)[1].text
        count = len(server.requests)
        # The second prompt is right at once.
        assert heard(asking, prompt)[1].text == first
        assert len(server.requests) == count + 1
    assert first in {"x", "begun x"}
    return [dict(request.body) for request in server.requests]


def test_an_unknown_model_is_asked_for_the_form_of_a_reply() -> None:
    (first, _) = bodies([], prompt=PLAIN)
    assert first["response_format"] == FORM
    assert (first["stream"], first["stream_options"]) == (True, {"include_usage": True})


def test_an_answer_that_is_begun_is_not_held_to_a_form() -> None:
    assert all("response_format" not in body for body in bodies([]))


@pytest.mark.parametrize("name", ["stream_options", "temperature", "seed"])
def test_a_field_that_an_endpoint_does_not_know_is_left_out_from_then_on(name: str) -> None:
    refused, again, later = bodies([name])
    assert name in refused
    assert again == later == {field: value for field, value in refused.items() if field != name}


def test_an_endpoint_that_cannot_stream_is_asked_at_once() -> None:
    refused, again, _ = bodies(["stream"])
    assert again == {name: value for name, value in refused.items() if name not in {"stream", "stream_options"}}


def test_a_field_of_the_vendor_that_an_endpoint_does_not_know_is_left_out() -> None:
    refused, again, _ = bodies(["repetition_penalty"], provider="dashscope")
    assert refused.keys() - again.keys() == {"repetition_penalty"}


def test_the_limit_of_the_answer_gets_its_other_name() -> None:
    refused, again, _ = bodies(["max_tokens"])
    assert again == {
        **{name: value for name, value in refused.items() if name != "max_tokens"},
        "max_completion_tokens": refused["max_tokens"],
    }


def test_the_limit_of_the_answer_is_left_out_where_it_has_no_name() -> None:
    first, second, third, _ = bodies(["max_tokens", "max_completion_tokens"])
    assert ("max_tokens" in first, "max_completion_tokens" in second) == (True, True)
    assert not {"max_tokens", "max_completion_tokens"} & third.keys()


def test_the_freer_form_is_tried_before_none() -> None:
    schema, form, _ = bodies(["json_schema"], prompt=PLAIN)
    assert (schema["response_format"], form["response_format"]) == (FORM, {"type": "json_object"})
    schema, form, none, _ = bodies(["json_schema", "json_object"], prompt=PLAIN)
    assert (schema["response_format"], form["response_format"]) == (FORM, {"type": "json_object"})
    assert "response_format" not in none


def test_nothing_is_begun_where_it_is_not_gone_on_with() -> None:
    refused, again, _ = bodies(["partial"])
    assert refused["messages"][-1] == {"role": "assistant", "content": "begun ", "partial": True}
    assert again["messages"] == refused["messages"][:-1]


def test_an_endpoint_that_knows_nothing_gets_what_is_left() -> None:
    *_, last = bodies([*FIELDS], provider="dashscope", model=replace(EVERY, provider="dashscope"))
    assert last == {"model": "my-model", "messages": [{"role": m.role, "content": m.content} for m in ASK.messages]}


@pytest.mark.parametrize("words", [*FIELDS.values(), "Invalid value for response_format", "partial is not allowed"])
def test_an_endpoint_that_names_a_field_whatever_it_gets_is_asked_a_bounded_number_of_times(words: str) -> None:
    with model_server(lambda _: Answer(words, 400)) as server:
        error = refusal(at(server.url, "openai", model=EVERY), ASK)
    assert error.kind is ProviderErrorKind.REJECTED
    assert error.message.endswith(words)
    assert 1 <= len(server.requests) <= 4


def test_what_was_learned_is_shown_of_the_next_request() -> None:
    with (
        model_server(lambda _: Answer("x"), unknown=["json_schema"]) as server,
        closing(at(server.url, "openai", model=UNKNOWN)) as asking,
    ):
        before = asking.request(PLAIN)
        heard(asking, PLAIN)
        after = asking.request(PLAIN)
        heard(asking, PLAIN)
    assert before is not None
    assert after is not None
    assert before.body == server.requests[0].raw
    assert after.body == server.requests[1].raw == server.requests[2].raw


def test_refusals_that_come_at_once_teach_one_thing() -> None:
    together = threading.Barrier(3, timeout=30)

    def refuses_schemas(request: Request) -> Answer:
        if request.body["response_format"]["type"] == "json_schema":
            together.wait()
            return Answer(FIELDS["json_schema"], 400)
        return Answer("x")

    with model_server(refuses_schemas) as server, closing(at(server.url, "openai", model=UNKNOWN)) as asking:
        threads = [threading.Thread(target=heard, args=(asking, PLAIN)) for _ in range(3)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    forms = [request.body["response_format"]["type"] for request in server.requests]
    assert forms == ["json_schema"] * 3 + ["json_object"] * 3
    assert asking.model.response_format == "json_object"


def test_a_refusal_that_comes_late_teaches_nothing_that_was_unlearned_since() -> None:
    abilities = Abilities(UNKNOWN)
    strict, free = frozenset({"response_format", "json_schema"}), frozenset({"response_format"})
    for sent, form in ((strict, "json_object"), (strict, "json_object"), (free, None), (strict, None), (free, None)):
        assert abilities.learn("response_format is not supported", sent)
        assert abilities.model.response_format == form
    assert not abilities.learn("response_format is not supported", frozenset({"seed"}))


@pytest.mark.parametrize("provider", ["dashscope", "dashscope-native"])
def test_dashscope_says_which_of_its_models_do_not_go_on_with_an_answer(provider: str) -> None:
    rules = Rules(key=KEY, models={MODEL.name: Deployment(partial=False)})
    with dashscope_server(lambda _: "x", rules=rules) as server:
        url = server.native if provider == "dashscope-native" else server.compatible
        with closing(at(url, provider)) as asking:
            for _ in range(2):
                assert heard(asking, ASK)[1].text == "x"
        assert [bool(one.prefix) for one in server.asked] == [True, False, False]
    assert not asking.model.partial


def test_dashscope_says_how_a_model_wants_its_limit_named() -> None:
    rules = Rules(key=KEY, models={MODEL.name: Deployment(max_tokens_field="max_completion_tokens")})
    with dashscope_server(lambda _: "x", rules=rules) as server:
        with closing(at(server.compatible, "dashscope")) as asking:
            for _ in range(2):
                heard(asking, replace(ASK, limit=77))
        limits = [one.body.get("max_completion_tokens") for one in server.asked]
    assert limits == [None, 77, 77]


def learning(url: str) -> Provider:
    """A provider that has to ask what its model's limit is."""
    learned: Provider = registry.load("providers", "openai").connect(Route("openai", UNKNOWN, url, learn=True))
    return learned


LISTS: dict[str, tuple[Any, int]] = {
    "vLLM": ({"data": [{"id": "my-model", "max_model_len": 40_000}]}, 40_000),
    "llama.cpp": ({"data": [{"id": "/m.gguf", "meta": {"n_ctx": 5000, "n_ctx_train": 32_768}}]}, 5000),
    "llama.cpp before n_ctx": ({"data": [{"id": "/m.gguf", "meta": {"n_ctx_train": 32_768}}]}, UNKNOWN.context),
    "others": ({"data": [{"id": "x", "context_length": 9}, {"id": "my-model", "context_length": 64_000}]}, 64_000),
    "not in the list": ({"data": [{"id": "x", "max_model_len": 9}, {"id": "y"}]}, UNKNOWN.context),
    "no limit": ({"data": [{"id": "my-model"}]}, UNKNOWN.context),
    "no list": (None, UNKNOWN.context),
    **{
        f"{odd!r} in the field": ({"data": [{"id": "my-model", "max_model_len": odd}]}, UNKNOWN.context)
        for odd in (None, True, 0, -1, 1.5, "4096")
    },
    **{f"{odd!r} in the list": ({"data": [odd]}, UNKNOWN.context) for odd in (None, 7, "x", [1])},
    **{f"{odd!r} for the list": ({"data": odd}, UNKNOWN.context) for odd in (None, 7, "x", {"id": "my-model"})},
    **{f"{odd!r} for all": (odd, UNKNOWN.context) for odd in (True, 7, "x", [1])},
}


@pytest.mark.parametrize(("models", "context"), LISTS.values(), ids=LISTS)
def test_the_limit_of_an_unknown_model_is_asked_of_its_server(models: Any, context: int) -> None:
    with model_server(lambda _: Answer("x"), models=models) as server, closing(learning(server.url)) as learned:
        pass
    assert learned.model.context == context
    assert learned.model.name == "my-model"
    assert 0 < learned.model.max_output <= context // 4
    assert learned.model.input_limit == context - learned.model.max_output


def test_a_limit_that_is_known_is_not_asked_for() -> None:
    models = {"data": [{"id": "my-model", "max_model_len": 9}]}
    with model_server(lambda _: Answer("x"), models=models) as server:
        assert at(server.url, "openai", model=UNKNOWN).model == UNKNOWN
    assert server.looked_up == []


def test_a_list_that_cannot_be_had_leaves_the_small_window() -> None:
    with model_server(lambda _: Answer("x")) as server:
        url = server.url
    assert learning(url).model.context == UNKNOWN.context
