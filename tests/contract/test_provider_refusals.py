"""What becomes of refusals and of what is no answer, over the real SDK and a real connection."""

import json
from collections.abc import Mapping
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from typing import Any

import pytest

from reviewbot.errors import ProviderError, ProviderErrorKind
from reviewbot.ports import Heard, Provider
from reviewbot.review import Completion, Usage
from tests.support.calls import failure
from tests.support.endpoints import KNOWN, MODEL, PROMPT, WAYS, Way, at, refusal, served, used
from tests.support.model_server import STREAM, Answer, completion, model_server

Kind = ProviderErrorKind
OPENAI = (Way("openai", streams=True), Way("openai", streams=False))


@pytest.fixture(params=WAYS, ids=str)
def way(request: pytest.FixtureRequest) -> Way:
    """Each way to a provider that speaks HTTP."""
    found: Way = request.param
    return found


QUOTA_TEXT = "You exceeded your current quota, please check your plan and billing details."
REFUSALS: dict[str, tuple[Answer, ProviderErrorKind, str]] = {
    "bad request": (Answer("messages is wrong", 400, code="invalid_request_error"), Kind.REJECTED, "rejected"),
    "input range": (
        Answer("Range of input length should be [1, 129024]", 400, code="invalid_request"),
        Kind.TOO_LONG,
        "too-long",
    ),
    "llama.cpp's window": (
        Answer("the request exceeds the available context size, try increasing it", 400),
        Kind.TOO_LONG,
        "too-long",
    ),
    "vLLM's window": (
        Answer("This model's maximum context length is 4096 tokens. However, you requested 5000 tokens", 400),
        Kind.TOO_LONG,
        "too-long",
    ),
    "answer limit": (
        Answer("max_tokens is too large: 8192. This model supports at most 4096", 400),
        Kind.REJECTED,
        "rejected",
    ),
    "window as plain text": (
        Answer(status=400, raw=b"the context length is exceeded", content_type="text/plain"),
        Kind.TOO_LONG,
        "too-long",
    ),
    "window as error text": (
        Answer(status=400, raw=b'{"error": "larger than the context length"}'),
        Kind.TOO_LONG,
        "too-long",
    ),
    "window as detail": (Answer(status=422, raw=b'{"detail": "prompt is too long"}'), Kind.TOO_LONG, "too-long"),
    "413": (Answer("Payload Too Large", 413), Kind.TOO_LONG, "too-long"),
    "413 of a proxy": (
        Answer(status=413, raw=b"<html>Request Entity Too Large</html>", content_type="text/html"),
        Kind.TOO_LONG,
        "too-long",
    ),
    "inspection code": (
        Answer("Output data may contain...", 400, code="data_inspection_failed"),
        Kind.FILTERED,
        "filtered",
    ),
    "inspection name": (
        Answer("<400> InternalError.Algo.DataInspectionFailed: Input", 400),
        Kind.FILTERED,
        "filtered",
    ),
    "filter of others": (Answer("The response was filtered", 400, code="content_filter"), Kind.FILTERED, "filtered"),
    "arrearage": (Answer("Access denied, account not in good standing", 400, code="Arrearage"), Kind.QUOTA, "arrears"),
    "overdue": (Answer("pay", 400, code="PrepaidBillOverdue"), Kind.QUOTA, "arrears"),
    "payment required": (Answer("Insufficient Balance", 402), Kind.QUOTA, "arrears"),
    "401": (Answer("Incorrect API key provided", 401, code="invalid_api_key"), Kind.AUTH, "auth"),
    "403": (Answer("go away", 403), Kind.AUTH, "auth"),
    "403 for one model": (Answer("Model access denied", 403, code="Model.AccessDenied"), Kind.REJECTED, "access"),
    "free tier": (Answer("only free", 403, code="AllocationQuota.FreeTierOnly"), Kind.QUOTA, "quota"),
    "404": (Answer("nothing here", 404), Kind.REJECTED, "rejected"),
    "404 of a model": (Answer("The model does not exist", 404, code="model_not_found"), Kind.REJECTED, "model"),
    "rate": (Answer("Requests rate limit exceeded", 429, code="limit_requests"), Kind.RATE, "rate"),
    "quota of others": (Answer(QUOTA_TEXT, 429, code="insufficient_quota"), Kind.QUOTA, "quota"),
    "free tokens spent": (
        Answer("Free allocated quota exceeded.", 429, code="insufficient_quota"),
        Kind.QUOTA,
        "quota",
    ),
    "408": (Answer("too slow", 408), Kind.SERVER, "server"),
    "409": (Answer("at the same time", 409), Kind.SERVER, "server"),
    "500": (Answer("internal error", 500, code="internal_error"), Kind.SERVER, "server"),
    "500 that repeats the prompt": (Answer("content_filter context length", 500), Kind.SERVER, "server"),
    "503": (Answer("overloaded", 503), Kind.SERVER, "server"),
    "redirect": (
        Answer(status=307, raw=b"", headers={"location": "http://127.0.0.1:9/v1"}),
        Kind.REJECTED,
        "rejected",
    ),
    "filtered answer": (Answer("half an ans", finish="content_filter"), Kind.FILTERED, "filtered"),
    "filtered away": (Answer(None, finish="content_filter"), Kind.FILTERED, "filtered"),
    "page": (Answer(raw=b"<html>Welcome</html>", content_type="text/html"), Kind.BAD_REPLY, "bad-reply"),
    "page called JSON": (Answer(raw=b"<html>Welcome</html>"), Kind.BAD_REPLY, "bad-reply"),
    "nothing": (Answer(raw=b""), Kind.BAD_REPLY, "bad-reply"),
    "no content": (Answer(status=204, raw=b""), Kind.BAD_REPLY, "bad-reply"),
    "half": (Answer(raw=b'{"choices": [{"mess'), Kind.BAD_REPLY, "bad-reply"),
    "deep": (Answer(raw=b"[" * 100_000), Kind.BAD_REPLY, "bad-reply"),
    "no text": (Answer(raw=b"\xff\xfe\x00"), Kind.BAD_REPLY, "bad-reply"),
    "unknown bytes": (Answer(status=201, raw=b"\xff"), Kind.BAD_REPLY, "bad-reply"),
    "no choices": (
        Answer(raw=json.dumps({**completion("x"), "choices": []}).encode()),
        Kind.BAD_REPLY,
        "bad-reply",
    ),
    "error with 200": (Answer(raw=b'{"error": {"message": "upstream"}}'), Kind.BAD_REPLY, "bad-reply"),
    "a gateway's error with 200": (
        Answer(raw=b'{"error": {"message": "Provider returned error", "code": 502}}'),
        Kind.SERVER,
        "server",
    ),
    "a throttle with 200": (Answer(raw=b'{"error": {"message": "slow", "code": "429"}}'), Kind.RATE, "rate"),
    "no events": (Answer(raw=b"", content_type=STREAM), Kind.BAD_REPLY, "bad-reply"),
    "an event that is no JSON": (Answer(raw=b"data: {\n\n", content_type=STREAM), Kind.BAD_REPLY, "bad-reply"),
    "a deep event": (
        Answer(raw=b"data: " + b"[" * 100_000 + b"\n\n", content_type=STREAM),
        Kind.BAD_REPLY,
        "bad-reply",
    ),
    "an event of another kind": (Answer(raw=b"data: [1]\n\n", content_type=STREAM), Kind.BAD_REPLY, "bad-reply"),
    "nothing but the end": (Answer(raw=b"data: [DONE]\n\n", content_type=STREAM), Kind.BAD_REPLY, "bad-reply"),
    "an error for an event": (
        Answer(raw=b'data: {"error": {"message": "upstream"}}\n\n', content_type=STREAM),
        Kind.BAD_REPLY,
        "bad-reply",
    ),
    "a filter for an event": (
        Answer(raw=b'data: {"error": {"message": "no", "code": "data_inspection_failed"}}\n\n', content_type=STREAM),
        Kind.FILTERED,
        "filtered",
    ),
}


@pytest.mark.parametrize("way", OPENAI, ids=str)
@pytest.mark.parametrize(("answer", "kind", "slug"), REFUSALS.values(), ids=REFUSALS)
def test_what_a_server_refuses_becomes_an_error_of_its_kind(
    way: Way, answer: Answer, kind: ProviderErrorKind, slug: str
) -> None:
    with served(way, lambda _: answer) as server:
        error = refusal(at(server.url, "openai"))
    assert (error.kind, error.slug) == (kind, f"provider-{slug}")
    assert len(server.requests) == 1
    if answer.raw is None and answer.status != 200:
        assert f"{server.url} refused: {answer.status} {answer.text}" == error.message


def test_every_provider_over_http_translates_in_the_same_way(way: Way) -> None:
    with served(way, lambda _: Answer("no such key", 401)) as server:
        error = refusal(at(server.url, way.provider))
    assert (error.kind, error.message) == (Kind.AUTH, f"{server.url} refused: 401 no such key")


@pytest.mark.parametrize(("own", "kind"), [(True, Kind.RATE), (False, Kind.QUOTA)], ids=["DashScope", "others"])
def test_the_same_words_mean_the_tokens_of_this_minute_with_one_vendor_and_the_end_with_others(
    way: Way, *, own: bool, kind: ProviderErrorKind
) -> None:
    with served(way, lambda _: Answer(QUOTA_TEXT, 429, code="insufficient_quota")) as server:
        assert refusal(at(server.url, way.provider, own=own)).kind is kind


PATIENCE: dict[str, tuple[str, float | None]] = {
    "seconds": ("7", 7.0),
    "part of a second": ("0.25", 0.25),
    "at once": ("0", 0.0),
    "in the past": ("-3", 0.0),
    "nothing": ("", None),
    "words": ("soon", None),
    "never": ("inf", float("inf")),
    "a moment that was": ("Wed, 21 Oct 2015 07:28:00 GMT", 0.0),
    "no moment": ("Wed, 99 Oct 2015 07:28:00 GMT", None),
}


@pytest.mark.parametrize(("said", "seconds"), PATIENCE.values(), ids=PATIENCE)
def test_a_refusal_says_when_to_come_back(way: Way, said: str, seconds: float | None) -> None:
    with served(way, lambda _: Answer("slow down", 429, headers={"retry-after": said})) as server:
        error = refusal(at(server.url, way.provider))
    assert error.kind is Kind.RATE
    assert error.retry_after == seconds


def test_a_refusal_names_the_moment_to_come_back(way: Way) -> None:
    moment = format_datetime(datetime.now(UTC) + timedelta(seconds=100), usegmt=True)
    with served(way, lambda _: Answer("slow down", 503, headers={"retry-after": moment})) as server:
        error = refusal(at(server.url, way.provider))
    assert error.retry_after is not None
    assert 95 < error.retry_after <= 100


@pytest.mark.parametrize(
    ("said", "limit"),
    [
        ("Range of input length should be [1, 30720]", 30_720),
        ("<400> InvalidParameter: Range of input length should be [ 1 , 6 ]", 6),
        ("This model's maximum context length is 4096 tokens, you asked for 5000", 4_096),
        ("the request exceeds the available context size", None),
    ],
)
def test_a_refusal_says_how_much_is_taken(way: Way, said: str, limit: int | None) -> None:
    with served(way, lambda _: Answer(said, 400)) as server:
        error = refusal(at(server.url, way.provider))
    assert (error.kind, error.limit) == (Kind.TOO_LONG, limit)


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


def with_value(place: tuple[str | int, ...], value: object) -> Any:
    """A good answer but for one value."""
    whole: Any = {"": completion('{"comments": []}')}
    *to, last = ("", *place)
    inner = whole
    for step in to:
        inner = inner[step]
    inner[last] = value
    return whole[""]


def plain(data: Any) -> Answer:
    return Answer(raw=json.dumps(data).encode())


def streamed(data: Any) -> Answer:
    """The same in the one event of a stream."""
    text = json.dumps(data).replace('"message"', '"delta"')
    return Answer(raw=f"data: {text}\n\ndata: [DONE]\n\n".encode(), content_type=STREAM)


def outcome(provider: Provider) -> tuple[list[Heard], Completion | ProviderError]:
    pieces: list[Heard] = []
    coming = provider.complete(PROMPT)
    try:
        while True:
            pieces.append(next(coming))
    except StopIteration as end:
        completed: Completion = end.value
        return pieces, completed
    except ProviderError as error:
        return pieces, error


@pytest.mark.parametrize(("form", "counts"), [(plain, (208, 48)), (streamed, (203, 53))], ids=["plain", "streamed"])
@pytest.mark.parametrize("provider", ["openai", "dashscope"])
def test_whatever_stands_anywhere_in_an_answer_nothing_but_our_errors_comes_out(
    form: Any, counts: tuple[int, int], provider: str
) -> None:
    answers = [form(with_value(place, value)) for place in PLACES for value in ODD]
    left = iter(answers)
    with model_server(lambda _: next(left)) as server, closing(at(server.url, provider)) as asking:
        outcomes = [outcome(asking) for _ in answers]
    good = [came for _, came in outcomes if isinstance(came, Completion)]
    errors = [came for _, came in outcomes if isinstance(came, ProviderError)]
    assert {error.kind for error in errors} <= {Kind.BAD_REPLY, Kind.BROKEN}
    assert (len(good), len(errors)) == counts
    for pieces, came in outcomes:
        usage = used(pieces)
        assert {type(usage.input_tokens), type(usage.output_tokens)} == {int}
        assert min(usage.input_tokens, usage.output_tokens) >= 0
        assert (usage.cost is None) == (usage.currency is None)
        # What was answered was paid for.
        assert usage.requests == 1 or not isinstance(came, Completion)


NATIVE_PLACES: list[tuple[str | int, ...]] = [
    (),
    ("output",),
    ("output", "choices"),
    ("output", "choices", 0),
    ("output", "choices", 0, "finish_reason"),
    ("output", "choices", 0, "message"),
    ("output", "choices", 0, "message", "content"),
    ("usage",),
    ("usage", "input_tokens"),
    ("usage", "output_tokens"),
]


def native(place: tuple[str | int, ...], value: object) -> Any:
    message = {"role": "assistant", "content": '{"comments": []}'}
    output = {"choices": [{"finish_reason": "stop", "message": message}]}
    whole: Any = {"": {"output": output, "usage": {"input_tokens": 5, "output_tokens": 7}}}
    *to, last = ("", *place)
    inner = whole
    for step in to:
        inner = inner[step]
    inner[last] = value
    return whole[""]


def events(data: Any) -> Answer:
    return Answer(raw=b"event:result\ndata:" + json.dumps(data).encode() + b"\n\n", content_type=STREAM)


@pytest.mark.parametrize("form", [plain, events])
def test_whatever_stands_in_an_answer_of_the_vendors_own_nothing_but_our_errors_comes_out(form: Any) -> None:
    answers = [form(native(place, value)) for place in NATIVE_PLACES for value in ODD]
    left = iter(answers)
    own = Way("dashscope-native", streams=False)
    with served(own, lambda _: next(left)) as server, closing(at(server.url, own.provider)) as asking:
        outcomes = [outcome(asking) for _ in answers]
    errors = [came for _, came in outcomes if isinstance(came, ProviderError)]
    assert {error.kind for error in errors} <= {Kind.BAD_REPLY, Kind.BROKEN}
    assert (len(outcomes) - len(errors), len(errors)) == (91, 69)
    assert all(type(used(pieces).input_tokens) is int for pieces, _ in outcomes)


@pytest.mark.parametrize("status", [400, 401, 403, 404, 408, 409, 413, 422, 429, 500, 503])
def test_a_provider_asks_once_and_leaves_the_rest_to_who_repeats(way: Way, status: int) -> None:
    with served(way, lambda _: Answer("later", status, headers={"retry-after": "0"})) as server:
        refusal(at(server.url, way.provider))
    assert len(server.requests) == 1


HINTS: dict[str, tuple[Answer, Mapping[str, Any], str]] = {
    "own key": (Answer("no", 401), {"own": True, "key_variable": "DASHSCOPE_API_KEY"}, "the key of DASHSCOPE_API_KEY"),
    "own region": (Answer("no", 401), {"own": True, "key_variable": "DASHSCOPE_API_KEY"}, "--base-url"),
    "another's key": (Answer("no", 401), {"key_variable": "REVIEWBOT_API_KEY"}, "belongs to this address"),
    "no key": (Answer("no", 401), {"key": None}, "no key was sent: set REVIEWBOT_API_KEY"),
    "a model": (Answer("The model does not exist", 404), {}, "`reviewbot models`"),
    "a model that is nearly one": (
        Answer("The model does not exist", 404),
        {"model": replace(MODEL, name="qwen-coder-plsu")},
        "did you mean qwen-coder-plus or",
    ),
}


@pytest.mark.parametrize(("answer", "given", "hint"), HINTS.values(), ids=HINTS)
def test_a_hint_says_what_to_do_about_this_very_call(answer: Answer, given: Mapping[str, Any], hint: str) -> None:
    with model_server(lambda _: answer) as server:
        assert hint in refusal(at(server.url, "openai", **given)).hint


def test_what_has_no_usage_and_no_text_was_not_paid_for(way: Way) -> None:
    with served(way, lambda _: Answer("later", 500)) as server, closing(at(server.url, way.provider)) as asking:
        assert failure(asking, PROMPT)[0] == []


def test_an_answer_that_fails_after_its_usage_was_told_was_paid_for() -> None:
    unknown = KNOWN.unknown("m", provider="openai")
    stopped = Answer("half", finish="content_filter", tokens=(7, 3))
    with model_server(lambda _: stopped) as server, closing(at(server.url, "openai", model=unknown)) as asking:
        pieces, _ = failure(asking, PROMPT)
    assert used(pieces) == Usage(1, 0, 7, 3)
