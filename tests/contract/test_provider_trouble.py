"""What becomes of connections that fail, answers that break off and time that runs out, over the real SDK."""

import json
import threading
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from typing import Any

import openai
import pytest

from reviewbot import registry
from reviewbot.deadline import Deadline
from reviewbot.errors import ConfigError, ProviderErrorKind
from reviewbot.ports import Route
from reviewbot.providers._abilities import Abilities
from reviewbot.providers._chat import Chat
from reviewbot.providers._client import client
from reviewbot.providers._openai_chat import ChatCompletions
from tests.support.calls import failure, heard
from tests.support.dashscope import CutStream, FilteredAnswer, Rules, Slow, dashscope_server
from tests.support.endpoints import KEY, MODEL, PROMPT, WAYS, Came, Way, at, refusal, served, texts, used
from tests.support.model_server import STREAM, Answer, model_server

Kind = ProviderErrorKind


@pytest.fixture(params=WAYS, ids=str)
def way(request: pytest.FixtureRequest) -> Way:
    """Each way to a provider that speaks HTTP."""
    found: Way = request.param
    return found


class Odd(openai.OpenAI):
    """A client that fails as none does."""

    def post(self, *_: Any, **__: Any) -> Any:
        raise openai.OpenAIError("something\nnew")


def chat(url: str, connection: openai.OpenAI, *, silent: float | None = None) -> Chat:
    return Chat(Route("openai", MODEL, url, KEY), connection, Abilities(MODEL), ChatCompletions(), silent)


def test_even_an_exception_nobody_expects_of_the_sdk_is_translated() -> None:
    error = refusal(chat("http://127.0.0.1:9/v1", Odd(api_key=KEY)))
    assert error.kind is Kind.BAD_REPLY
    assert error.message.endswith(": something new")


def test_a_redirect_is_not_followed_and_the_key_goes_nowhere_else(way: Way) -> None:
    def away(_: Came) -> Answer:
        return Answer("elsewhere", 307, headers={"location": f"{other.url}/chat/completions"})

    with model_server(lambda _: Answer("stolen")) as other, served(way, away) as server:
        assert refusal(at(server.url, way.provider)).kind is Kind.REJECTED
    assert len(server.requests) == 1
    assert not other.requests


def test_an_endpoint_that_is_not_there_is_unreachable(way: Way) -> None:
    with served(way, lambda _: Answer("x")) as server:
        url = server.url
    error = refusal(at(url, way.provider))
    assert error.kind is Kind.UNREACHABLE
    assert error.message == f"cannot reach {url}: [Errno 111] Connection refused"


HALF = '{"comments": [{"path": "a.py", "quote": "x", "body": "Wrong."}, {"pa'


@contextmanager
def breaking(provider: str, *, fault: CutStream | FilteredAnswer | Slow) -> Iterator[str]:
    """The address of a stand-in for DashScope whose answers do not come to their end."""
    whole = HALF + "x" * 200
    with dashscope_server(lambda _: whole, rules=Rules(key=KEY), trouble=lambda *_: fault) as server:
        yield server.native if provider == "dashscope-native" else server.compatible


@pytest.mark.parametrize("provider", ["dashscope", "dashscope-native"])
def test_an_answer_that_is_cut_on_the_way_is_broken_and_keeps_what_came(provider: str) -> None:
    with breaking(provider, fault=CutStream(len(HALF))) as url, closing(at(url, provider)) as asking:
        pieces, error = failure(asking, PROMPT)
    assert (error.kind, error.slug) == (Kind.BROKEN, "provider-broken")
    assert error.message == f"the answer of {url} broke off"
    assert error.said == texts(pieces)[-1] == HALF
    # It was paid for, and nobody but us has counted it.
    usage = used(pieces)
    assert usage.requests == 1
    assert usage.input_tokens > 10
    assert usage.output_tokens > 10
    assert usage.cost


def test_a_body_that_is_cut_on_the_way_is_broken_and_says_nothing() -> None:
    with model_server(lambda _: Answer(raw=b'{"choices": [', missing=100)) as server:
        error = refusal(at(server.url, "openai"))
    assert (error.kind, error.said) == (Kind.BROKEN, "")


def test_a_stream_without_its_end_is_broken() -> None:
    with model_server(lambda _: Answer(HALF, missing=1)) as server:
        error = refusal(at(server.url, "openai"))
    assert (error.kind, error.said) == (Kind.BROKEN, HALF)
    # The connection ended in good order, but no event says that the answer has.
    event = json.dumps({"choices": [{"delta": {"content": HALF}, "finish_reason": None}]})
    raw = f"data: {event}\n\ndata: [DONE]\n\n".encode()
    with model_server(lambda _: Answer(raw=raw, content_type=STREAM)) as server:
        error = refusal(at(server.url, "openai"))
    assert (error.kind, error.said) == (Kind.BROKEN, HALF)


@pytest.mark.parametrize("provider", ["dashscope", "dashscope-native"])
def test_an_answer_that_a_filter_stops_keeps_what_came(provider: str) -> None:
    with breaking(provider, fault=FilteredAnswer(len(HALF))) as url:
        error = refusal(at(url, provider))
    assert (error.kind, error.said) == (Kind.FILTERED, HALF)


ERRORS: dict[str, tuple[Mapping[str, Any], ProviderErrorKind]] = {
    "a gateway's": ({"error": {"message": "upstream failed", "code": 502}}, Kind.SERVER),
    "a throttle": ({"error": {"message": "slow down", "code": 429}}, Kind.RATE),
    "words": ({"error": {"message": "something broke"}}, Kind.BAD_REPLY),
    "arrears": ({"error": {"message": "Access denied", "code": "Arrearage"}}, Kind.QUOTA),
}


@pytest.mark.parametrize(("said", "kind"), ERRORS.values(), ids=ERRORS)
def test_an_error_in_the_middle_of_an_answer_is_of_its_kind_and_keeps_what_came(
    said: Mapping[str, Any], kind: ProviderErrorKind
) -> None:
    with model_server(lambda _: Answer(HALF, error=said)) as server:
        error = refusal(at(server.url, "openai"))
    assert (error.kind, error.said) == (kind, HALF)


def test_a_server_that_does_not_answer_in_time_is_unreachable() -> None:
    late = threading.Event()
    with model_server(lambda _: Answer("x" * late.wait(10))) as server:
        way = Route("openai", MODEL, server.url, KEY)
        error = refusal(chat(server.url, client(way), silent=0.05))
        late.set()
    assert error.kind is Kind.UNREACHABLE
    assert error.message == f"no answer from {server.url}"


def test_a_server_that_does_not_answer_before_the_run_is_over_is_out_of_time(way: Way) -> None:
    late = threading.Event()
    with served(way, lambda _: Answer("x" * late.wait(10))) as server:
        error = refusal(at(server.url, way.provider, deadline=Deadline(0.1)))
        late.set()
    assert (error.kind, error.slug) == (Kind.TIMED_OUT, "provider-timed-out")


@pytest.mark.parametrize("provider", ["dashscope", "dashscope-native"])
def test_an_answer_that_is_still_coming_when_the_run_is_over_keeps_what_came(provider: str) -> None:
    with breaking(provider, fault=Slow(0.05)) as url:
        error = refusal(at(url, provider, deadline=Deadline(0.5)))
    assert error.kind is Kind.TIMED_OUT
    assert 0 < len(error.said) < len(HALF)
    assert HALF.startswith(error.said)


@pytest.mark.parametrize("provider", ["dashscope", "dashscope-native"])
def test_a_prompt_that_has_no_answer_when_the_run_is_over_counts_as_paid_for(provider: str) -> None:
    with breaking(provider, fault=Slow(1)) as url, closing(at(url, provider, deadline=Deadline(0.3))) as asked:
        pieces, error = failure(asked, PROMPT)
    assert (error.kind, error.said) == (Kind.TIMED_OUT, "")
    usage = used(pieces)
    assert (usage.requests, usage.output_tokens) == (1, 0)
    assert usage.input_tokens > 10
    assert usage.cost


def test_a_prompt_that_reached_nobody_costs_nothing(way: Way) -> None:
    with closing(at("http://127.0.0.1:9/v1", way.provider)) as asked:
        pieces, error = failure(asked, PROMPT)
    assert (error.kind, pieces) == (Kind.UNREACHABLE, [])


@pytest.mark.parametrize("provider", ["dashscope", "dashscope-native", "openai"])
def test_a_key_that_no_header_can_carry_is_still_our_error(provider: str) -> None:
    with model_server(lambda _: Answer("x")) as server:
        refusal(at(server.url, provider, key="schlüssel"))
    assert not server.requests


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("ALL_PROXY", "socks5://127.0.0.1:9"),
        ("HTTP_PROXY", "nonsense://127.0.0.1:9"),
        ("SSL_CERT_FILE", "/no/such/file.pem"),
    ],
)
@pytest.mark.parametrize("provider", ["dashscope", "dashscope-native", "openai"])
def test_network_settings_that_cannot_be_used_are_named(
    provider: str, name: str, value: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(name, value)
    with pytest.raises(ConfigError) as caught:
        at("http://127.0.0.1:9/v1", provider)
    assert caught.value.message.isprintable()
    assert name in caught.value.hint.replace("HTTPS", "HTTP")


def test_a_server_in_this_process_is_not_looked_for_through_a_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    with model_server(lambda _: Answer("x")) as server:
        way = Route("openai", MODEL, server.url, KEY)
        with closing(chat(server.url, client(way, embedded=True))) as direct:
            assert heard(direct, PROMPT)[1].text == "x"
        assert refusal(chat(server.url, client(way))).kind is Kind.UNREACHABLE


def test_an_answer_that_said_its_last_word_is_whole_however_the_connection_ends() -> None:
    text = '{"comments": []}'
    chunks = [{"delta": {"content": text}, "finish_reason": None}, {"delta": {}, "finish_reason": "stop"}]
    raw = "".join(f"data: {json.dumps({'choices': [chunk]})}\n\n" for chunk in chunks).encode()
    answer = Answer(raw=raw, content_type=STREAM, missing=100)
    with model_server(lambda _: answer) as server, closing(at(server.url, "openai")) as asked:
        pieces, completion = heard(asked, PROMPT)
    assert completion.text == text
    assert used(pieces).requests == 1


CODES = {
    "limit_requests": Kind.RATE,
    "Throttling.RateQuota": Kind.RATE,
    "internal_error": Kind.SERVER,
    "InvalidApiKey": Kind.AUTH,
    "odd": Kind.BAD_REPLY,
}


@pytest.mark.parametrize(("code", "kind"), CODES.items())
def test_an_error_in_the_midst_of_an_answer_is_judged_by_its_word(code: str, kind: ProviderErrorKind) -> None:
    with model_server(lambda _: Answer(HALF, error={"error": {"code": code, "message": "no"}})) as server:
        error = refusal(at(server.url, "openai"))
    assert (error.kind, error.said) == (kind, HALF)


@pytest.mark.parametrize("said", [{"error": {"code": "\x1b]0;x\x07\n::error:: " + KEY}}, {"error": {"type": KEY}}])
def test_the_word_for_an_error_is_as_harmless_as_its_message(said: Mapping[str, Any]) -> None:
    with model_server(lambda _: Answer(HALF, error=said)) as server:
        # `refusal` sees to control characters and the key.
        assert "***" in refusal(at(server.url, "openai")).message


def test_a_look_up_of_the_limit_ends_with_the_run() -> None:
    late, answered = threading.Event(), threading.Event()

    def listed() -> None:
        late.wait(20)
        answered.set()

    with model_server(lambda _: Answer(), models=listed) as server:
        connect = registry.load("providers", "openai").connect
        route = Route("openai", MODEL, server.url, KEY, learn=True, deadline=Deadline(0.2))
        with closing(connect(route)) as asked:
            assert asked.model.name == MODEL.name
        assert not answered.is_set()
        late.set()
