"""What every provider promises, over the real SDK and a real connection."""

import json
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing
from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from typing import Any

import openai
import pytest

from reviewbot import catalogue, registry
from reviewbot.catalogue import Model
from reviewbot.errors import ConfigError, ProviderError, ProviderErrorKind
from reviewbot.ports import Provider, Route
from reviewbot.providers._openai_chat import RETRIES, Chat, client, translate
from reviewbot.review import Completion, Finish, Message, Prompt, Usage
from reviewbot.tokens import ByteCounter, Counter, QwenCounter
from tests.support.model_server import Answer, ModelServer, Request, Script, completion, model_server

PROMPT = Prompt((Message("system", "You review."), Message("user", "File: a — 漢字 \ufffd\n+1|x")))
KNOWN = catalogue.load()
MODEL = KNOWN.get("qwen-coder-plus")
REMOTE = ("dashscope", "openai")
REACHED_ELSEWHERE = {"local"}  # loads a model
KEY = "sk-0123456789"


def at(url: str, provider: str, *, key: str | None = KEY, model: Model = MODEL) -> Provider:
    """A provider that asks a server."""
    connected: Provider = registry.load("providers", provider).connect(Route(provider, model, url, key))
    return connected


def recorded(path: Path, answers: Mapping[Prompt, Answer]) -> Provider:
    """A provider that answers from a record of what a server said."""
    record, replay = registry.load("providers", "replay").record, registry.load("providers", "replay").connect
    asked = iter(answers.values())
    with model_server(lambda _: next(asked)) as server, closing(record(at(server.url, "openai"), path)) as recorder:
        for prompt in answers:
            recorder.complete(prompt)
    connected: Provider = replay(Route("replay", KNOWN.unknown("replay:x", provider="replay"), path=path, learn=True))
    return connected


Ask = Callable[[Answer], Completion]


@pytest.fixture(params=sorted({*registry.names("providers")} - REACHED_ELSEWHERE))
def ask(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Ask]:
    """Asks each provider once; the answer is given beforehand."""
    answers: list[Answer] = []
    if request.param == "replay":
        yield lambda answer: recorded(tmp_path / "record", {PROMPT: answer}).complete(PROMPT)
        return
    with model_server(lambda _: answers[-1]) as server, closing(at(server.url, request.param)) as provider:

        def once(answer: Answer) -> Completion:
            answers.append(answer)
            return provider.complete(PROMPT)

        yield once


@pytest.fixture(params=REMOTE)
def remote(request: pytest.FixtureRequest) -> str:
    """The name of each provider that speaks HTTP."""
    return str(request.param)


def refusal(provider: Provider, *, retried: bool = False) -> ProviderError:
    """How a provider fails: an error that tells a person, on one line each, what happened and what to do."""
    assert isinstance(provider, Chat)
    once = provider if retried else replace(provider, client=provider.client.with_options(max_retries=0))
    with closing(once), pytest.raises(ProviderError) as caught:
        once.complete(PROMPT)
    error = caught.value
    assert error.message.isprintable()
    assert error.hint.isprintable()
    assert error.hint
    assert error.slug == "provider-" + error.kind.value.replace("_", "-")
    assert KEY not in error.message + repr(provider)
    return error


def asked(script: Script, provider: str = "openai", *, key: str | None = KEY) -> tuple[ModelServer, Completion]:
    with model_server(script) as server, closing(at(server.url, provider, key=key)) as made:
        return server, made.complete(PROMPT)


def test_a_completion_has_the_text_as_it_was_written(ask: Ask) -> None:
    text = '{"comments": []} — 漢字 \r\n\t "quoted" \\ \x1b'
    assert ask(Answer(text)).text == text


def test_an_empty_text_is_an_answer(ask: Ask) -> None:
    assert ask(Answer("")).text == ""


@pytest.mark.parametrize(
    ("said", "finish"),
    [("stop", Finish.STOP), ("length", Finish.LENGTH), ("tool_calls", Finish.STOP), ("", Finish.STOP)],
)
def test_a_completion_says_whether_it_met_its_limit(ask: Ask, said: str, finish: Finish) -> None:
    assert ask(Answer("x", finish=said)).finish is finish


def test_tokens_are_counted_as_the_provider_counted_them(ask: Ask) -> None:
    usage = ask(Answer("x", tokens=(2000, 500))).usage
    assert (usage.input_tokens, usage.output_tokens) == (2000, 500)
    assert usage.requests + usage.cached == 1


def test_usage_adds_up_to_whole_numbers_and_a_cost(remote: str) -> None:
    _, answered = asked(lambda _: Answer("x", tokens=(2000, 500)), remote)
    cost = Decimal("0.0035") * 2 + Decimal("0.007") / 2
    assert answered.usage == Usage(1, 0, 2000, 500, cost, "CNY")
    assert (answered.usage + answered.usage).cost == 2 * cost


def test_without_stated_usage_no_cost_is_invented(remote: str) -> None:
    _, answered = asked(lambda _: Answer("x", tokens=None), remote)
    assert answered.usage == Usage(requests=1)


def test_a_model_without_a_price_costs_nothing_known() -> None:
    unknown = KNOWN.unknown("m", provider="openai")
    with model_server(lambda _: Answer("x")) as server, closing(at(server.url, "openai", model=unknown)) as provider:
        assert provider.complete(PROMPT).usage == Usage(1, 0, 100, 20)


def test_the_request_holds_what_was_asked_and_nothing_of_other_vendors(remote: str) -> None:
    server, _ = asked(lambda _: Answer("x"), remote)
    own = {"repetition_penalty": MODEL.sampling.repetition_penalty} if remote == "dashscope" else {}
    assert dict(server.requests[0].body) == {
        "model": "qwen-coder-plus",
        "messages": [
            {"role": "system", "content": "You review."},
            {"role": "user", "content": "File: a — 漢字 \ufffd\n+1|x"},
        ],
        "max_tokens": 8192,
        "temperature": MODEL.sampling.temperature,
        "seed": MODEL.sampling.seed,
        **own,
    }


def test_another_attempt_is_sampled_in_another_way(remote: str) -> None:
    with model_server(lambda _: Answer("x")) as server, closing(at(server.url, remote)) as provider:
        for attempt in range(3):
            provider.complete(replace(PROMPT, attempt=attempt))
    bodies = [request.body for request in server.requests]
    assert len({body["seed"] for body in bodies}) == 3
    assert bodies[0]["temperature"] < bodies[1]["temperature"] < bodies[2]["temperature"]
    assert {json.dumps(body["messages"]) for body in bodies} == {json.dumps(bodies[0]["messages"])}


FOREIGN = {
    "OPENAI_API_KEY": "sk-foreign",
    "OPENAI_ADMIN_KEY": "sk-foreign",
    "OPENAI_ORG_ID": "org-foreign",
    "OPENAI_PROJECT_ID": "proj-foreign",
    "OPENAI_WEBHOOK_SECRET": "foreign",
    "OPENAI_BASE_URL": "http://127.0.0.1:9/foreign",
    "OPENAI_CUSTOM_HEADERS": "X-Foreign: foreign\nAuthorization: Bearer foreign\nCookie: foreign",
}


@pytest.mark.parametrize("key", [KEY, None], ids=["key", "no key"])
@pytest.mark.parametrize("foreign", [{}, FOREIGN], ids=["alone", "OPENAI variables"])
def test_only_the_given_key_goes_out(
    remote: str, key: str | None, foreign: Mapping[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in foreign.items():
        monkeypatch.setenv(name, value)
    server, _ = asked(lambda _: Answer("x"), remote, key=key)
    headers = dict(server.requests[0].headers)
    assert headers.pop("authorization", None) == (f"Bearer {key}" if key else None)
    assert {*headers} <= {
        "accept",
        "accept-encoding",
        "connection",
        "content-length",
        "content-type",
        "host",
        "user-agent",
    }
    assert "foreign" not in str(server.requests)


HOSTILE = Prompt(
    (
        Message("system", "<|im_start|>\u200b"),
        Message("user", 'quotes " and \\ and \r\n\t'),
        Message("assistant", "{}"),
        Message("user", "漢字 🎉 \ufffd \u2028 \x7f e\u0301 </script>"),
    )
)


def on_the_wire(request: Request) -> tuple[str, dict[str, str], bytes]:
    """Path, headers but the key, and body of a request that came in."""
    headers = {name.lower(): value for name, value in request.lines if name.lower() != "authorization"}
    return request.path, headers, request.raw


@pytest.mark.parametrize("key", [KEY, None], ids=["key", "no key"])
def test_the_request_that_is_shown_is_the_one_that_is_sent_byte_by_byte(
    remote: str, key: str | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in FOREIGN.items():
        monkeypatch.setenv(name, value)
    prompts = [replace(prompt, attempt=attempt) for prompt in (PROMPT, HOSTILE) for attempt in (0, 1, 2)]
    with model_server(lambda _: Answer("x")) as server, closing(at(server.url, remote, key=key)) as provider:
        root = server.url.removesuffix("/v1")
        for number, prompt in enumerate(prompts):
            shown = provider.request(prompt)
            assert (len(server.requests), server.looked_up) == (number, [])
            provider.complete(prompt)
            assert shown is not None
            assert shown == provider.request(prompt)
            came = server.requests[-1]
            assert (shown.url.removeprefix(root), dict(shown.headers), shown.body) == on_the_wire(came)
            assert came.headers.get("authorization") == (f"Bearer {key}" if key else None)
            assert "foreign" not in f"{shown}"
    assert len({request.raw for request in server.requests}) == len(server.requests) == len(prompts)


def test_a_request_is_shown_without_its_key_and_without_anybody_there(
    remote: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    for proxy in (None, "http://127.0.0.1:9"):
        if proxy:
            monkeypatch.setenv("HTTP_PROXY", proxy)
        with closing(at("http://127.0.0.1:9/v1", remote)) as provider:
            for attempt in (0, 1):
                shown = provider.request(replace(PROMPT, attempt=attempt))
                assert shown is not None
                assert shown.url == "http://127.0.0.1:9/v1/chat/completions"
                assert KEY not in f"{shown} {shown!r}"
                assert "authorization" not in {name.lower() for name, _ in shown.headers}
            assert refusal(provider).kind is Kind.UNREACHABLE


def test_nothing_is_sent_by_who_answers_on_this_machine(tmp_path: Path) -> None:
    replay = recorded(tmp_path / "record", {PROMPT: Answer("x")})
    chat = Chat("the local model", MODEL, client("http://127.0.0.1:9/v1", KEY, embedded=True))
    local: Provider = registry.load("providers", "local").Local(chat, None, ByteCounter())
    for provider in (replay, local):
        assert provider.request(PROMPT) is None
        provider.close()


def test_a_recorder_shows_what_the_provider_it_records_would_send(tmp_path: Path) -> None:
    record = registry.load("providers", "replay").record
    with closing(at("http://127.0.0.1:9/v1", "openai")) as provider:
        recorder: Provider = record(provider, tmp_path / "record")
        assert recorder.request(PROMPT) == provider.request(PROMPT)
        before = (tmp_path / "record").read_bytes()
        assert recorder.request(PROMPT) is not None
        assert (tmp_path / "record").read_bytes() == before


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


Kind = ProviderErrorKind
QUOTA_TEXT = "You exceeded your current quota, please check your plan and billing details."
REFUSALS: dict[str, tuple[Answer, ProviderErrorKind]] = {
    "bad request": (Answer("messages is wrong", 400, code="invalid_request_error"), Kind.REJECTED),
    "input range": (Answer("Range of input length should be [1, 129024]", 400, code="invalid_request"), Kind.TOO_LONG),
    "llama.cpp's window": (
        Answer("the request exceeds the available context size, try increasing it", 400),
        Kind.TOO_LONG,
    ),
    "vLLM's window": (
        Answer("This model's maximum context length is 4096 tokens. However, you requested 5000 tokens", 400),
        Kind.TOO_LONG,
    ),
    "answer limit": (Answer("max_tokens is too large: 8192. This model supports at most 4096", 400), Kind.REJECTED),
    "window as plain text": (
        Answer(status=400, raw=b"the context length is exceeded", content_type="text/plain"),
        Kind.TOO_LONG,
    ),
    "window as error text": (Answer(status=400, raw=b'{"error": "larger than the context length"}'), Kind.TOO_LONG),
    "window as detail": (Answer(status=422, raw=b'{"detail": "prompt is too long"}'), Kind.TOO_LONG),
    "413": (Answer("Payload Too Large", 413), Kind.TOO_LONG),
    "413 of a proxy": (
        Answer(status=413, raw=b"<html>Request Entity Too Large</html>", content_type="text/html"),
        Kind.TOO_LONG,
    ),
    "inspection code": (Answer("Output data may contain...", 400, code="data_inspection_failed"), Kind.FILTERED),
    "inspection name": (Answer("<400> InternalError.Algo.DataInspectionFailed: Input", 400), Kind.FILTERED),
    "filter of others": (Answer("The response was filtered", 400, code="content_filter"), Kind.FILTERED),
    "arrearage": (Answer("Access denied, account not in good standing", 400, code="Arrearage"), Kind.QUOTA),
    "overdue": (Answer("pay", 400, code="PrepaidBillOverdue"), Kind.QUOTA),
    "payment required": (Answer("Insufficient Balance", 402), Kind.QUOTA),
    "401": (Answer("Incorrect API key provided", 401, code="invalid_api_key"), Kind.AUTH),
    "403": (Answer("Model access denied", 403, code="Model.AccessDenied"), Kind.AUTH),
    "free tier": (Answer("only free", 403, code="AllocationQuota.FreeTierOnly"), Kind.QUOTA),
    "404": (Answer("The model does not exist", 404, code="model_not_found"), Kind.REJECTED),
    "rate": (Answer("Requests rate limit exceeded", 429, code="limit_requests"), Kind.RATE),
    "tokens of this minute": (Answer(QUOTA_TEXT, 429, code="insufficient_quota"), Kind.RATE),
    "free tokens spent": (Answer("Free allocated quota exceeded.", 429, code="insufficient_quota"), Kind.QUOTA),
    "408": (Answer("too slow", 408), Kind.SERVER),
    "500": (Answer("internal error", 500, code="internal_error"), Kind.SERVER),
    "500 that repeats the prompt": (Answer("arrearage content_filter context length", 500), Kind.SERVER),
    "503": (Answer("overloaded", 503), Kind.SERVER),
    "redirect": (Answer(status=307, raw=b"", headers={"location": "http://127.0.0.1:9/v1"}), Kind.REJECTED),
    "filtered answer": (Answer("half an ans", finish="content_filter"), Kind.FILTERED),
    "filtered away": (Answer(None, finish="content_filter"), Kind.FILTERED),
    "page": (Answer(raw=b"<html>Welcome</html>", content_type="text/html"), Kind.BAD_REPLY),
    "page called JSON": (Answer(raw=b"<html>Welcome</html>"), Kind.BAD_REPLY),
    "nothing": (Answer(raw=b""), Kind.BAD_REPLY),
    "no content": (Answer(status=204, raw=b""), Kind.BAD_REPLY),
    "half": (Answer(raw=b'{"choices": [{"mess'), Kind.BAD_REPLY),
    "deep": (Answer(raw=b"[" * 100_000), Kind.BAD_REPLY),
    "no text": (Answer(raw=b"\xff\xfe\x00"), Kind.BAD_REPLY),
    "unknown bytes": (Answer(status=201, raw=b"\xff"), Kind.BAD_REPLY),
    "no choices": (Answer(raw=json.dumps({**completion("x"), "choices": []}).encode()), Kind.BAD_REPLY),
    "null content": (Answer(None), Kind.BAD_REPLY),
    "error with 200": (Answer(raw=b'{"error": {"message": "upstream"}}'), Kind.BAD_REPLY),
}


@pytest.mark.parametrize(("answer", "kind"), REFUSALS.values(), ids=REFUSALS)
def test_what_a_server_refuses_becomes_an_error_of_its_kind(answer: Answer, kind: ProviderErrorKind) -> None:
    with model_server(lambda _: answer) as server:
        error = refusal(at(server.url, "openai"))
    assert error.kind is kind
    assert len(server.requests) == 1
    if answer.raw is None and answer.status != 200:
        assert f"{server.url} refused: {answer.status} {answer.text}" == error.message


def test_every_provider_over_http_translates_in_the_same_way(remote: str) -> None:
    with model_server(lambda _: Answer("no such key", 401)) as server:
        assert refusal(at(server.url, remote)).kind is Kind.AUTH


def test_a_message_is_one_line_that_a_terminal_does_not_obey() -> None:
    with model_server(lambda _: Answer("a\n\nb\x1b[31mc\x07\x9b\u202e\ud800" + "x" * 5000, 400)) as server:
        message = refusal(at(server.url, "openai")).message
    assert message.startswith(f"{server.url} refused: 400 a b [31mc xxx")
    assert len(message) < 400


@pytest.mark.parametrize("body", ["null", "[1]", '{"error": null}', '{"error": {"message": 5}}', '{"detail": [1]}'])
def test_a_refusal_without_words_is_named_by_its_status(body: str) -> None:
    with model_server(lambda _: Answer(status=400, raw=body.encode())) as server:
        assert refusal(at(server.url, "openai")).message == f"{server.url} refused: 400 Bad Request"


ODD: list[Any] = [None, True, 0, -1, 1.5, float("inf"), 10**30, "x", "", [], [1], [None], [[]], [{}], {}, {"a": 1}]
PLACES: list[tuple[str | int, ...]] = [
    (),
    *[(name,) for name in completion("x")],
    ("choices", 0),
    *[("choices", 0, name) for name in ("index", "finish_reason", "message")],
    *[("choices", 0, "message", name) for name in ("role", "content")],
    *[("usage", name) for name in ("prompt_tokens", "completion_tokens", "total_tokens")],
]


def with_value(place: tuple[str | int, ...], value: object) -> bytes:
    """A good answer but for one value."""
    whole: Any = {"": completion('{"comments": []}')}
    *way, last = ("", *place)
    inner = whole
    for step in way:
        inner = inner[step]
    inner[last] = value
    return json.dumps(whole[""]).encode()


def completed(provider: Provider) -> Completion | ProviderError:
    try:
        return provider.complete(PROMPT)
    except ProviderError as error:
        return error


def test_whatever_stands_anywhere_in_an_answer_nothing_but_our_errors_comes_out() -> None:
    bodies = [with_value(place, value) for place in PLACES for value in ODD]
    left = iter(bodies)
    with model_server(lambda _: Answer(raw=next(left))) as server, closing(at(server.url, "openai")) as provider:
        outcomes = [completed(provider) for _ in bodies]
    answers = [outcome for outcome in outcomes if isinstance(outcome, Completion)]
    errors = [outcome for outcome in outcomes if isinstance(outcome, ProviderError)]
    assert {error.kind for error in errors} == {Kind.BAD_REPLY}
    assert (len(answers), len(errors)) == (178, 78)
    for usage in (answer.usage for answer in answers):
        assert {type(usage.input_tokens), type(usage.output_tokens)} == {int}
        assert min(usage.input_tokens, usage.output_tokens) >= 0
        assert (usage.cost is None) == (usage.currency is None)


def test_the_sdk_waits_out_a_throttle_and_asks_again(remote: str) -> None:
    throttle = Answer("slow down", 429, code="limit_requests", headers={"retry-after-ms": "1"})
    answers = iter([throttle, throttle, Answer("done")])
    server, answered = asked(lambda _: next(answers), remote)
    assert answered.text == "done"
    assert len(server.requests) == 3


@pytest.mark.parametrize("status", [408, 409, 429, 500, 503])
def test_a_request_is_repeated_by_one_layer_only(status: int) -> None:
    with model_server(lambda _: Answer("later", status, headers={"retry-after-ms": "1"})) as server:
        refusal(at(server.url, "openai"), retried=True)
    assert len(server.requests) == 1 + RETRIES


@pytest.mark.parametrize("status", [400, 401, 403, 404, 413, 422])
def test_what_cannot_change_is_asked_once(status: int) -> None:
    with model_server(lambda _: Answer("no", status, headers={"retry-after-ms": "1"})) as server:
        refusal(at(server.url, "openai"), retried=True)
    assert len(server.requests) == 1


def test_even_an_exception_nobody_expects_of_the_sdk_is_translated() -> None:
    error = translate(openai.OpenAIError("something\nnew"), base_url="http://127.0.0.1:9/v1")
    assert error.kind is Kind.BAD_REPLY
    assert error.message.endswith(": something new")


def test_a_redirect_is_not_followed_and_the_key_goes_nowhere_else(remote: str) -> None:
    def away(_: Request) -> Answer:
        return Answer(status=307, raw=b"", headers={"location": f"{other.url}/chat/completions"})

    with model_server(lambda _: Answer("stolen")) as other, model_server(away) as server:
        assert refusal(at(server.url, remote)).kind is Kind.REJECTED
    assert len(server.requests) == 1
    assert not other.requests


def test_an_endpoint_that_is_not_there_is_unreachable(remote: str) -> None:
    with model_server(lambda _: Answer("x")) as server:
        url = server.url
    error = refusal(at(url, remote))
    assert error.kind is Kind.UNREACHABLE
    assert error.message == f"cannot reach {url}: [Errno 111] Connection refused"


def test_an_answer_that_is_cut_on_the_way_is_unreachable() -> None:
    with model_server(lambda _: Answer(raw=b'{"choices": [', missing=100)) as server:
        error = refusal(at(server.url, "openai"))
    assert error.kind is Kind.UNREACHABLE
    assert error.message.startswith(f"cannot reach {server.url}: ")


def test_a_server_that_does_not_answer_in_time_is_unreachable() -> None:
    late = threading.Event()
    with model_server(lambda _: Answer("x" * late.wait(10))) as server:
        error = refusal(Chat(server.url, MODEL, client(server.url, KEY).with_options(timeout=0.05)))
        late.set()
    assert error.kind is Kind.UNREACHABLE
    assert error.message == f"no answer from {server.url}"


def test_a_key_that_no_header_can_carry_is_still_our_error() -> None:
    with model_server(lambda _: Answer("x")) as server:
        refusal(at(server.url, "openai", key="schlüssel"))
    assert not server.requests


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("ALL_PROXY", "socks5://127.0.0.1:9"),
        ("HTTP_PROXY", "nonsense://127.0.0.1:9"),
        ("SSL_CERT_FILE", "/no/such/file.pem"),
    ],
)
def test_network_settings_that_cannot_be_used_are_named(name: str, value: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(name, value)
    with pytest.raises(ConfigError) as caught:
        at("http://127.0.0.1:9/v1", "openai")
    assert caught.value.message.isprintable()
    assert name in caught.value.hint.replace("HTTPS", "HTTP")


def test_a_server_in_this_process_is_not_looked_for_through_a_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    with model_server(lambda _: Answer("x")) as server:
        with closing(Chat(server.url, MODEL, client(server.url, KEY, embedded=True))) as direct:
            assert direct.complete(PROMPT).text == "x"
        assert refusal(Chat(server.url, MODEL, client(server.url, KEY))).kind is Kind.UNREACHABLE


UNKNOWN = KNOWN.unknown("my-model", provider="openai")


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


def test_a_list_that_cannot_be_had_leaves_the_small_window() -> None:
    with model_server(lambda _: Answer("x")) as server:
        url = server.url
    assert learning(url).model.context == UNKNOWN.context


def test_a_local_model_file_that_is_none_is_named_and_not_loaded(tmp_path: Path) -> None:
    damaged = tmp_path / "x.gguf"
    damaged.write_bytes(b"no model" * 100)
    with pytest.raises(ConfigError, match="cannot load") as caught:
        registry.load("providers", "local").connect(Route("local", UNKNOWN, path=damaged, learn=True))
    assert caught.value.slug == "damaged-weights"
    assert str(damaged) in caught.value.message
