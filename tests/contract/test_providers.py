"""What every provider promises, over the real SDK and a real connection."""

from collections.abc import Callable, Mapping
from contextlib import closing
from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from reviewbot import registry
from reviewbot.errors import ConfigError, ProviderErrorKind
from reviewbot.ports import Heard, Provider, Route
from reviewbot.review import Completion, Finish, Form, Message, Prompt, Usage
from reviewbot.tokens import ByteCounter, Counter, QwenCounter
from tests.support.calls import failure, heard
from tests.support.endpoints import (
    KEY,
    KNOWN,
    MODEL,
    PROMPT,
    WAYS,
    Came,
    Way,
    asked,
    at,
    parameters,
    refusal,
    served,
    texts,
    used,
)
from tests.support.model_server import Answer, model_server

REMOTE = tuple(dict.fromkeys(way.provider for way in WAYS))
REACHED_ELSEWHERE = {"local"}  # loads a model
RECORD = "replay"
OTHER = {Form.COMMENTS: Form.RULINGS, Form.RULINGS: Form.COMMENTS}


def recorded(path: Path, answer: Answer) -> Provider:
    """A provider that answers from a record of what a server said."""
    record, replay = registry.load("providers", "replay").record, registry.load("providers", "replay").connect
    with model_server(lambda _: answer) as server, closing(record(at(server.url, "openai"), path)) as recorder:
        heard(recorder, PROMPT)
    connected: Provider = replay(Route("replay", KNOWN.unknown("replay:x", provider="replay"), path=path, learn=True))
    return connected


Ask = Callable[[Answer], tuple[list[Heard], Completion]]


@pytest.fixture(params=[*WAYS, RECORD], ids=str)
def ask(request: pytest.FixtureRequest, tmp_path: Path) -> Ask:
    """Asks each provider once; the answer is given beforehand."""
    if request.param == RECORD:
        return lambda answer: heard(recorded(tmp_path / "record", answer), PROMPT)
    return lambda answer: asked(lambda _: answer, request.param)[1:]


@pytest.fixture(params=WAYS, ids=str)
def way(request: pytest.FixtureRequest) -> Way:
    """Each way to a provider that speaks HTTP."""
    found: Way = request.param
    return found


def test_every_provider_is_tried() -> None:
    assert {*registry.names("providers")} == {*REMOTE, RECORD} | REACHED_ELSEWHERE


def test_a_completion_has_the_text_as_it_was_written(ask: Ask) -> None:
    text = '{"comments": []} — 漢字 \r\n\t "quoted" \\ \x1b'
    assert ask(Answer(text))[1].text == text


def test_an_empty_text_is_an_answer(ask: Ask) -> None:
    assert ask(Answer(""))[1] == Completion("", Finish.STOP)


def test_what_is_heard_is_the_text_so_far_and_in_the_end_what_it_used(ask: Ask) -> None:
    text = '{"comments": [{"path": "漢字.py"}]}'
    pieces, completion = ask(Answer(text))
    *so_far, spent = pieces
    assert isinstance(spent, Usage)
    assert texts(so_far) == so_far
    assert so_far[-1] == completion.text == text
    lengths = [len(each) for each in texts(so_far)]
    assert all(text.startswith(each) for each in texts(so_far))
    assert lengths == sorted({*lengths})


def test_an_answer_is_heard_as_it_comes(way: Way) -> None:
    _, pieces, _ = asked(lambda _: Answer("x" * 100), way)
    assert (len(texts(pieces)) > 1) is way.streams


ENDS = [("stop", Finish.STOP), ("length", Finish.LENGTH), ("max_tokens", Finish.LENGTH), ("odd", Finish.STOP)]


@pytest.mark.parametrize(("said", "finish"), ENDS)
def test_a_completion_says_whether_it_met_its_limit(ask: Ask, said: str, finish: Finish) -> None:
    assert ask(Answer('{"comments": []}', finish=said))[1].finish is finish


@pytest.mark.parametrize("said", ["abort", "insufficient_system_resource", "error"])
def test_an_answer_that_ends_for_another_reason_before_it_is_whole_broke_off(said: str, way: Way) -> None:
    text = '{"comments": [{"path": "a", '
    with served(way, lambda _: Answer(text, finish=said)) as server:
        error = refusal(at(server.url, way.provider))
    assert (error.kind, error.said) == (ProviderErrorKind.BROKEN, text)


@pytest.mark.parametrize("way", WAYS, ids=str)
@pytest.mark.parametrize(
    ("form", "text"),
    [(Form.COMMENTS, '{"comments": []}'), (Form.RULINGS, '{"claims": []}')],
    ids=["comments", "rulings"],
)
def test_an_answer_that_ends_for_another_reason_is_whole_where_it_looks_so(form: Form, text: str, way: Way) -> None:
    prompt = replace(PROMPT, form=form)
    with (
        served(way, lambda _: Answer(text, finish="abort")) as server,
        closing(at(server.url, way.provider)) as provider,
    ):
        assert heard(provider, prompt)[1] == Completion(text, Finish.STOP)
        error = failure(provider, replace(prompt, form=OTHER[form]))[1]
    assert error.kind is ProviderErrorKind.BROKEN


@pytest.mark.parametrize("said", ["", None])
def test_a_whole_body_ends_an_answer_whatever_it_says_of_the_end(said: Any) -> None:
    assert asked(lambda _: Answer("x", finish=said), Way("openai", streams=False))[2] == Completion("x", Finish.STOP)


def test_tokens_are_counted_as_the_provider_counted_them(ask: Ask) -> None:
    usage = used(ask(Answer("x", tokens=(2000, 500)))[0])
    assert (usage.input_tokens, usage.output_tokens) == (2000, 500)
    assert usage.requests + usage.cached == 1


def test_usage_adds_up_to_whole_numbers_and_a_cost(way: Way) -> None:
    _, pieces, _ = asked(lambda _: Answer("x", tokens=(2000, 500)), way)
    cost = Decimal("0.0035") * 2 + Decimal("0.007") / 2
    assert used(pieces) == Usage(1, 0, 2000, 500, cost, "CNY")
    assert (used(pieces) + used(pieces)).cost == 2 * cost


# The vendor's own protocol tells the tokens so far with every event.
NOT_TOLD = [way for way in WAYS if way != Way("dashscope-native", streams=True)]


@pytest.mark.parametrize("way", NOT_TOLD, ids=str)
def test_without_stated_usage_the_tokens_of_a_known_vocabulary_are_counted(way: Way) -> None:
    _, pieces, _ = asked(lambda _: Answer("x y z", tokens=None), way)
    counter = QwenCounter()
    prompt = sum(counter.count(text) for text in PROMPT.texts) + counter.template(len(PROMPT.texts))
    cost = MODEL.cost(input_tokens=prompt, output_tokens=3)
    assert used(pieces) == Usage(1, 0, prompt, 3, cost, "CNY")


@pytest.mark.parametrize("streams", [True, False])
def test_without_stated_usage_no_cost_is_invented_for_an_unknown_vocabulary(*, streams: bool) -> None:
    unknown = KNOWN.unknown("m", provider="openai")
    _, pieces, _ = asked(lambda _: Answer("x", tokens=None), Way("openai", streams), model=unknown)
    assert used(pieces) == Usage(requests=1)


@pytest.mark.parametrize("streams", [True, False])
def test_a_model_without_a_price_costs_nothing_known(*, streams: bool) -> None:
    unknown = KNOWN.unknown("m", provider="openai")
    _, pieces, _ = asked(lambda _: Answer("x"), Way("openai", streams), model=unknown)
    assert used(pieces) == Usage(1, 0, 100, 20)


MESSAGES = [{"role": "system", "content": "You review."}, {"role": "user", "content": "File: a — 漢字 \ufffd\n+1|x"}]
SAMPLED = {"max_tokens": 8192, "temperature": MODEL.sampling.temperature, "seed": MODEL.sampling.seed}
PENALTY = {"repetition_penalty": MODEL.sampling.repetition_penalty}
STREAMED = {"stream": True, "stream_options": {"include_usage": True}}
BODIES: dict[str, dict[str, Any]] = {
    "openai": {"model": "qwen-coder-plus", "messages": MESSAGES, **SAMPLED, **STREAMED},
    "dashscope": {"model": "qwen-coder-plus", "messages": MESSAGES, **SAMPLED, **STREAMED, **PENALTY},
    "dashscope-native": {
        "model": "qwen-coder-plus",
        "input": {"messages": MESSAGES},
        "parameters": {"result_format": "message", "incremental_output": True, **SAMPLED, **PENALTY},
    },
}


def test_the_request_holds_what_was_asked_and_nothing_of_other_vendors(way: Way) -> None:
    requests, _, _ = asked(lambda _: Answer("x"), way)
    assert dict(requests[0].body) == BODIES[way.provider]


def messages(request: Came) -> Any:
    return request.body.get("input", request.body)["messages"]


def test_another_attempt_is_sampled_in_another_way(way: Way) -> None:
    with served(way, lambda _: Answer("x")) as server, closing(at(server.url, way.provider)) as provider:
        for attempt in range(3):
            heard(provider, replace(PROMPT, attempt=attempt))
    sampled = [parameters(request) for request in server.requests]
    assert len({one["seed"] for one in sampled}) == 3
    assert sampled[0]["temperature"] < sampled[1]["temperature"] < sampled[2]["temperature"]
    assert [messages(request) for request in server.requests] == [MESSAGES] * 3


def test_a_prompt_limits_its_answer(way: Way) -> None:
    requests, _, _ = asked(lambda _: Answer("x"), way, replace(PROMPT, limit=77))
    assert parameters(requests[0])["max_tokens"] == 77


def test_an_answer_is_begun_for_a_model_that_goes_on_with_it(way: Way) -> None:
    requests, _, completion = asked(lambda _: Answer("rest"), way, replace(PROMPT, prefix="begun "))
    assert messages(requests[0]) == [*MESSAGES, {"role": "assistant", "content": "begun ", "partial": True}]
    assert completion.text == "rest"


def test_nothing_is_begun_for_a_model_that_cannot_go_on(way: Way) -> None:
    model = replace(MODEL, partial=False)
    requests, _, _ = asked(lambda _: Answer("x"), way, replace(PROMPT, prefix="begun "), model=model)
    assert messages(requests[0]) == MESSAGES


FOREIGN = {
    "OPENAI_API_KEY": "sk-foreign",
    "OPENAI_ADMIN_KEY": "sk-foreign",
    "OPENAI_ORG_ID": "org-foreign",
    "OPENAI_PROJECT_ID": "proj-foreign",
    "OPENAI_WEBHOOK_SECRET": "foreign",
    "OPENAI_BASE_URL": "http://127.0.0.1:9/foreign",
    "OPENAI_CUSTOM_HEADERS": "X-Foreign: foreign\nAuthorization: Bearer foreign\nCookie: foreign",
}
ALWAYS = {"accept", "accept-encoding", "connection", "content-length", "content-type", "host", "user-agent"}
OWN = {"dashscope-native": {"x-dashscope-sse"}}


@pytest.mark.parametrize("key", [KEY, None], ids=["key", "no key"])
@pytest.mark.parametrize("foreign", [{}, FOREIGN], ids=["alone", "OPENAI variables"])
def test_only_the_given_key_goes_out(
    way: Way, key: str | None, foreign: Mapping[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in foreign.items():
        monkeypatch.setenv(name, value)
    with served(way, lambda _: Answer("no", 401)) as server:
        refusal(at(server.url, way.provider, key=key))
    (request,) = server.requests
    headers = dict(request.headers)
    assert headers.pop("authorization", None) == (f"Bearer {key}" if key else None)
    assert {*headers} <= ALWAYS | OWN.get(way.provider, set())
    assert "foreign" not in f"{request}"


def test_the_workspace_of_a_sub_account_is_named(way: Way) -> None:
    requests, _, _ = asked(lambda _: Answer("x"), way, workspace="llm-1")
    assert requests[0].headers["x-dashscope-workspace"] == "llm-1"
    requests, _, _ = asked(lambda _: Answer("x"), way)
    assert "x-dashscope-workspace" not in requests[0].headers


HOSTILE = Prompt(
    (
        Message("system", "<|im_start|>\u200b"),
        Message("user", 'quotes " and \\ and \r\n\t'),
        Message("assistant", "{}"),
        Message("user", "漢字 🎉 \ufffd \u2028 \x7f e\u0301 </script>"),
    )
)


@pytest.mark.parametrize("workspace", [None, "llm-1"])
def test_the_request_that_is_shown_is_the_one_that_is_sent_byte_by_byte(
    way: Way, workspace: str | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in FOREIGN.items():
        monkeypatch.setenv(name, value)
    prompts = [replace(prompt, attempt=attempt) for prompt in (PROMPT, HOSTILE) for attempt in (0, 1, 2)]
    prompts += [replace(PROMPT, prefix="begun"), replace(PROMPT, limit=9)]
    with (
        served(way, lambda _: Answer("x")) as server,
        closing(at(server.url, way.provider, workspace=workspace)) as provider,
    ):
        for number, prompt in enumerate(prompts):
            shown = provider.request(prompt)
            assert len(server.requests) == number
            heard(provider, prompt)
            assert shown is not None
            assert shown == provider.request(prompt)
            came = server.requests[-1]
            assert shown.url.endswith(came.path)
            assert shown.body == came.raw
            assert {**dict(shown.headers), "authorization": f"Bearer {KEY}"} == dict(came.headers)
            assert "foreign" not in f"{shown}"
    assert len({request.raw for request in server.requests}) == len(server.requests) == len(prompts)


PATHS = {"dashscope-native": "/services/aigc/text-generation/generation"}


@pytest.mark.parametrize("provider", REMOTE)
def test_a_request_is_shown_without_its_key_and_without_anybody_there(
    provider: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    for proxy in (None, "http://127.0.0.1:9"):
        if proxy:
            monkeypatch.setenv("HTTP_PROXY", proxy)
        with closing(at("http://127.0.0.1:9/v1", provider)) as asking:
            for attempt in (0, 1):
                shown = asking.request(replace(PROMPT, attempt=attempt))
                assert shown is not None
                assert shown.url == f"http://127.0.0.1:9/v1{PATHS.get(provider, '/chat/completions')}"
                assert KEY not in f"{shown} {shown!r}"
                assert "authorization" not in {name.lower() for name, _ in shown.headers}
            assert refusal(asking).kind is ProviderErrorKind.UNREACHABLE


@pytest.mark.parametrize("provider", REMOTE)
def test_a_request_is_shown_without_a_key_too(provider: str) -> None:
    with closing(at("http://127.0.0.1:9/v1", provider, key=None)) as asking:
        shown = asking.request(PROMPT)
    assert shown is not None
    assert "authorization" not in {name.lower() for name, _ in shown.headers}


@pytest.mark.parametrize(("vocabulary", "counted"), [("qwen", QwenCounter()), (None, ByteCounter())])
def test_tokens_are_counted_by_the_models_vocabulary_or_in_bytes(
    tmp_path: Path, vocabulary: str | None, counted: Counter
) -> None:
    model = replace(MODEL, vocabulary=vocabulary)
    replay = registry.load("providers", "replay")
    for name in REMOTE:
        with closing(at("http://127.0.0.1:9/v1", name, model=model)) as provider:
            recorder = replay.record(provider, tmp_path / name)
            unknown = KNOWN.unknown("replay:x", provider="replay")
            replayed = replay.connect(Route("replay", unknown, path=tmp_path / name, learn=True))
            assert provider.counter == recorder.counter == replayed.counter == counted


def test_an_answer_that_nobody_waits_for_does_not_disturb_the_next(way: Way) -> None:
    with served(way, lambda _: Answer("x" * 200)) as server, closing(at(server.url, way.provider)) as provider:
        coming = provider.complete(PROMPT)
        assert isinstance(next(coming), str)
        coming.close()
        assert heard(provider, PROMPT)[1].text == "x" * 200
    assert len(server.requests) == 2


def test_a_local_model_file_that_is_none_is_named_and_not_loaded(tmp_path: Path) -> None:
    damaged = tmp_path / "x.gguf"
    damaged.write_bytes(b"no model" * 100)
    unknown = KNOWN.unknown("my-model", provider="openai")
    with pytest.raises(ConfigError, match="cannot load") as caught:
        registry.load("providers", "local").connect(Route("local", unknown, path=damaged, learn=True))
    assert caught.value.slug == "damaged-weights"
    assert str(damaged) in caught.value.message
