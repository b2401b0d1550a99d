"""What becomes of answers that no honest server gives: over the real SDK and real sockets, byte by byte."""

import json
import logging
import ssl
import threading
import time
import traceback
import tracemalloc
import zlib
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
import trustme

from reviewbot import registry
from reviewbot.deadline import Deadline
from reviewbot.errors import ProviderError, ProviderErrorKind
from reviewbot.ports import Provider, Route
from reviewbot.providers import _delivery
from reviewbot.providers._abilities import Abilities
from reviewbot.providers._chat import LEAST_LIMIT, Chat
from reviewbot.providers._client import client
from reviewbot.providers._openai_chat import MOST_TOKENS, ChatCompletions
from reviewbot.review import Completion
from tests.support.calls import failure, heard
from tests.support.endpoints import ERRORS, KEY, MODEL, PROMPT, at, refusal, texts, used
from tests.support.model_server import JSON, STREAM, Answer, model_server
from tests.support.wire import MB, Script, dripping, endless, event, head, once, packed, waiting, wire

Kind = ProviderErrorKind
SLACK = 12 * MB
"""What two sockets and a reader may have taken in beyond what was read."""

HALF = '{"comments": [{"path": "a.py", "quote": "x", "body": "Wrong."}, {"pa'

NOTHING = zlib.compressobj(1, zlib.DEFLATED, 31)
EMPTY_PACK = NOTHING.flush(zlib.Z_SYNC_FLUSH)
BLANK = b"\0\0\0\xff\xff" * 20_000
"""Blocks of a packed text that hold none of it."""

COMMENT = b": " + b"." * 60_000 + b"\n\n"
TOO_MUCH: dict[str, tuple[Script, int, str, str]] = {
    "comments without end": (
        endless(head(STREAM) + event(HALF), COMMENT),
        _delivery.MOST_STREAM,
        HALF,
        "it sent more than 64 MB",
    ),
    "a line without end": (
        endless(head(STREAM) + event(HALF) + b"data: ", b"x" * 60_000),
        _delivery.MOST_BODY,
        HALF,
        "it sent more than 8 MB",
    ),
    "an event without end": (
        endless(head(STREAM) + event(HALF), b"data: " + b"x" * 60_000 + b"\n"),
        _delivery.MOST_BODY,
        HALF,
        "it sent more than 8 MB",
    ),
    "events without text": (
        endless(head(STREAM) + event(HALF), event("", pad="x" * 60_000)),
        _delivery.MOST_STREAM,
        HALF,
        "it sent more than 64 MB",
    ),
    "a body without end": (
        endless(head(), b" " * 60_000),
        _delivery.MOST_BODY,
        "",
        "it sent more than 8 MB",
    ),
    "a body of 100 MB": (
        endless(head(content_length=100 * MB), b" " * 60_000),
        _delivery.MOST_BODY,
        "",
        "it sent more than 8 MB",
    ),
    "a body that unfolds to 100 MB": (
        once(head(content_encoding="gzip") + packed(b" " * (100 * MB))),
        MB,
        "",
        "it sent more than 8 MB",
    ),
    "a stream that unfolds to 100 MB": (
        once(head(STREAM, content_encoding="gzip") + packed(event(HALF) + b"data:" + b" " * (100 * MB))),
        MB,
        HALF,
        "it sent more than 8 MB",
    ),
    "a pack without end that holds nothing": (
        endless(head(content_encoding="gzip") + EMPTY_PACK, BLANK),
        _delivery.MOST_BODY,
        "",
        "it sent more than 8 MB",
    ),
    "text without end": (
        endless(head(STREAM), event("x" * 60_000)),
        2 * LEAST_LIMIT,
        "x" * LEAST_LIMIT,
        f"it has more than {LEAST_LIMIT:,} characters",
    ),
    "a body with too much text": (
        once(head() + json.dumps({"choices": [{"message": {"content": "x" * 5 * LEAST_LIMIT}}]}).encode()),
        6 * LEAST_LIMIT,
        "x" * LEAST_LIMIT,
        f"it has more than {LEAST_LIMIT:,} characters",
    ),
}


@pytest.mark.parametrize(("script", "limit", "said", "why"), TOO_MUCH.values(), ids=TOO_MUCH)
def test_an_answer_that_is_too_much_is_given_up_and_what_came_before_is_kept(
    script: Script, limit: int, said: str, why: str
) -> None:
    with wire(script) as server:
        error = refusal(at(server.url, "openai"))
        assert server.sent < limit + SLACK
    assert (error.kind, error.slug) == (Kind.BAD_REPLY, "provider-bad-reply")
    assert error.message == f"the answer of {server.url} was given up: {why}"
    assert error.said == said


@pytest.mark.parametrize("name", ["a body of 100 MB", "a stream that unfolds to 100 MB", "events without text"])
def test_what_is_too_much_takes_no_more_memory_than_its_limit_three_times_over(name: str) -> None:
    with wire(TOO_MUCH[name][0]) as server, closing(at(server.url, "openai")) as asked:
        tracemalloc.start()
        failure(asked, PROMPT)
        peak = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
    assert peak < 3 * _delivery.MOST_BODY


@pytest.mark.parametrize("coding", ["br", "zstd", "gzip, gzip", "compress", "x" * 1000])
def test_a_coding_nobody_asked_for_is_not_unfolded(coding: str) -> None:
    with wire(once(head(content_encoding=coding, content_length=2) + b"{}")) as server:
        error = refusal(at(server.url, "openai"))
    assert error.kind is Kind.BAD_REPLY
    assert error.message.endswith("was given up: it is coded in a way that nobody asked for")
    assert b"accept-encoding: gzip, deflate\r\n" in server.came[0].lower()


REFUSED = {
    "of 100 MB": head(status="401 No", content_length=100 * MB),
    "without end": head(status="401 No"),
    "that unfolds": head(status="401 No", content_encoding="gzip"),
    "in another coding": head(status="401 No", content_encoding="br"),
    "in a stream": head(STREAM, status="401 No"),
}


@pytest.mark.parametrize("first", REFUSED.values(), ids=REFUSED)
def test_a_refusal_is_understood_however_much_it_says(first: bytes) -> None:
    again = packed(b" " * (50 * MB)) if b"gzip" in first else b" " * 60_000
    with wire(endless(first, again)) as server:
        error = refusal(at(server.url, "openai"))
        assert server.sent < _delivery.MOST_REFUSAL + SLACK
    assert (error.kind, error.message) == (Kind.AUTH, f"{server.url} refused: 401 No")


@pytest.mark.parametrize("codec", ["zlib", "bz2", "hex", "rot13", "utf-7", "idna", "punycode", "undefined", "none"])
@pytest.mark.parametrize("status", ["200 OK", "401 No"])
def test_the_server_picks_no_codec(codec: str, status: str) -> None:
    body = zlib.compress(b" " * 1000)
    with wire(once(head(f"{JSON}; charset={codec}", status=status, content_length=len(body)) + body)) as server:
        assert refusal(at(server.url, "openai")).kind is (Kind.AUTH if "401" in status else Kind.BAD_REPLY)


def patient(url: str, seconds: float, run: Deadline | None = None) -> Provider:
    route = Route("openai", MODEL, url, KEY, deadline=run or Deadline())
    return Chat(route, client(route), Abilities(MODEL), ChatCompletions(), longest=seconds)


SLOW: dict[str, tuple[Script, str]] = {
    "a head": (dripping(b"HTTP/1.1 200 OK\r\nx: ", b"x"), ""),
    "heads before the head": (dripping(b"", b"HTTP/1.1 102 Processing\r\n\r\n"), ""),
    "a body": (dripping(head(), b" "), ""),
    "comments": (dripping(head(STREAM) + event(HALF), b": x\n"), HALF),
    "an event": (dripping(head(STREAM) + event(HALF) + b"data: ", b"x"), HALF),
    "the size of a chunk": (
        dripping(head(STREAM, transfer_encoding="chunked") + b"%x\r\n%b\r\n1;" % (len(event(HALF)), event(HALF)), b"x"),
        HALF,
    ),
    "a pack": (dripping(head(content_encoding="gzip") + EMPTY_PACK, BLANK[:5]), ""),
    "nothing": (waiting, ""),
}


@pytest.mark.parametrize(("script", "said"), SLOW.values(), ids=SLOW)
def test_an_answer_that_comes_byte_by_byte_ends(script: Script, said: str) -> None:
    with wire(script) as server:
        error = refusal(patient(server.url, 0.3))
    assert (error.kind, error.said) == (Kind.BAD_REPLY, said)
    assert error.message == f"the answer of {server.url} was given up: it had not ended after 0.3 seconds"


@pytest.mark.parametrize(("script", "said"), SLOW.values(), ids=SLOW)
def test_an_answer_that_comes_byte_by_byte_ends_with_the_run(script: Script, said: str) -> None:
    with wire(script) as server, closing(patient(server.url, 60, Deadline(0.3))) as asked:
        pieces, error = failure(asked, PROMPT)
    assert (error.kind, error.said) == (Kind.TIMED_OUT, said)
    # The prompt has arrived.
    assert used(pieces).requests == 1


def test_heads_before_the_head_without_end_end() -> None:
    with wire(endless(b"", b"HTTP/1.1 103 Early Hints\r\n\r\n" * 100)) as server:
        assert refusal(patient(server.url, 0.3)).kind is Kind.BAD_REPLY


def test_work_that_is_left_alone_ends_with_the_next_thing_it_gets() -> None:
    with wire(endless(head(STREAM), COMMENT)) as server:
        before = threading.active_count()
        assert refusal(patient(server.url, 0.1)).kind is Kind.BAD_REPLY
        began = time.monotonic()
        while threading.active_count() > before and time.monotonic() - began < 20:
            time.sleep(0.05)
        # The two that serve go on.
        assert server.sent < _delivery.MOST_STREAM + SLACK


def nested(depth: int) -> str:
    return "[" * depth + "]" * depth


DEEP = nested(100_000)
GOOD = '{"comments": []}'
ONE = {"choices": [{"delta": {"content": GOOD}, "finish_reason": "stop"}]}
ODD: dict[str, tuple[bytes, ProviderErrorKind | None]] = {
    "a deep body": (head() + DEEP.encode(), Kind.BAD_REPLY),
    "a deep event": (head(STREAM) + b"data: " + DEEP.encode() + b"\n\n", Kind.BAD_REPLY),
    "a deep refusal": (head(status="401 No") + DEEP.encode(), Kind.AUTH),
    "a deep object": (head() + b'{"a":' * 100_000, Kind.BAD_REPLY),
    "a deep text": (head(STREAM) + event(DEEP) + event("", choices=[{"finish_reason": "stop"}]), None),
    "nothing": (head(content_length=0), Kind.BAD_REPLY),
    "no content": (head(status="204 No Content"), Kind.BAD_REPLY),
    "an empty stream": (head(STREAM), Kind.BAD_REPLY),
    "another protocol": (head(status="101 Switching Protocols", upgrade="x", connection="upgrade"), Kind.UNREACHABLE),
    "a page": (head("text/html") + b"<html>hi", Kind.BAD_REPLY),
    "a page that is called a stream": (head(STREAM) + b"<html>hi\n\n", Kind.BAD_REPLY),
    "a page that is called JSON": (head() + b"<html>hi", Kind.BAD_REPLY),
    "a stream that is called JSON": (head() + event(GOOD), Kind.BAD_REPLY),
    "a body that is called a stream": (head(STREAM) + json.dumps(ONE).encode(), Kind.BAD_REPLY),
    "a million choices": (head() + json.dumps({"choices": [{}] * 1_000_000}).encode(), Kind.BAD_REPLY),
    "a million things": (head() + json.dumps([{}] * 1_000_000).encode(), Kind.BAD_REPLY),
    "no length": (head(content_length="x"), Kind.UNREACHABLE),
    "two lengths": (head(content_length="1\r\ncontent-length: 2") + b"{}", Kind.UNREACHABLE),
    "no chunk": (head(STREAM, transfer_encoding="chunked") + b"zz\r\n", Kind.BROKEN),
    "a chunk too large to count": (head(STREAM, transfer_encoding="chunked") + b"f" * 30 + b"\r\n", Kind.BROKEN),
    "no pack": (head(content_encoding="gzip") + b"{}", Kind.BROKEN),
    "no protocol": (b"hello\r\n\r\n", Kind.UNREACHABLE),
    "a head of a megabyte": (b"HTTP/1.1 200 " + b"x" * MB, Kind.UNREACHABLE),
    "a million fields": (b"HTTP/1.1 200 OK\r\n" + b"a:b\r\n" * 200_000, Kind.UNREACHABLE),
    "no text": (head(STREAM) + b"data: \xff\xfe\n\n", Kind.BAD_REPLY),
    "a number without end": (head() + b'{"choices": ' + b"9" * 10_001 + b"}", Kind.BAD_REPLY),
    "numbers that are none": (
        head() + b'{"choices": [{"message": {"content": "x"}, "finish_reason": NaN}], "usage": Infinity}',
        Kind.BROKEN,
    ),
    "keys given twice": (
        head() + b'{"choices": [], "choices": [{"message": {"content": "x"}, "finish_reason": "stop"}]}',
        None,
    ),
    "a list of reasons": (
        head(STREAM) + event("", choices=[{"delta": {"content": GOOD}, "finish_reason": ["stop"] * 1000}]),
        None,
    ),
}


@pytest.mark.parametrize(("answer", "kind"), ODD.values(), ids=ODD)
def test_whatever_comes_is_an_answer_or_one_of_our_errors(answer: bytes, kind: ProviderErrorKind | None) -> None:
    with wire(once(answer)) as server, closing(at(server.url, "openai")) as asked:
        try:
            came: Completion | ProviderError = heard(asked, PROMPT)[1]
        except ProviderError as error:
            came = error
    assert (came.kind if isinstance(came, ProviderError) else None) is kind
    if isinstance(came, ProviderError):
        assert came.message.isprintable()
        assert len(came.message) < 400
        assert f"\n## {came.slug}\n" in ERRORS


def answered(*events: bytes) -> tuple[list[Any], Completion]:
    end = event("", choices=[{"delta": {}, "finish_reason": "stop"}])
    with wire(once(head(STREAM) + b"".join([*events, end]))) as server, closing(at(server.url, "openai")) as asked:
        return heard(asked, PROMPT)


def test_half_characters_are_put_together_or_are_none() -> None:
    pieces, completion = answered(event("a\ud83d"), event("\ude00b\ud800c"), event("\0d"))
    assert completion.text == "a\U0001f600b\ufffdc\0d"
    for text in texts(pieces):
        text.encode()


USAGE = {
    "below zero": -1,
    "without end": float("inf"),
    "no number": float("nan"),
    "text": "100",
    "yes": True,
    "too large": 10**4000,
    "too large by one": MOST_TOKENS + 1,
}


@pytest.mark.parametrize("count", USAGE.values(), ids=USAGE)
def test_a_usage_that_cannot_be_is_not_believed_and_the_price_is_our_own(count: Any) -> None:
    pieces, _ = answered(event(GOOD, usage={"prompt_tokens": count, "completion_tokens": count}))
    usage = used(pieces)
    assert 0 < usage.input_tokens < 100
    assert 0 < usage.output_tokens < 100
    assert usage.cost is not None
    assert 0 < usage.cost < 1


def test_what_is_told_of_an_answer_stays_in_proportion_to_it() -> None:
    count = 20_000
    told = texts(answered(*[event("x" * 10)] * count)[0])
    assert told[-1] == "x" * 10 * count
    assert told[0] == "x" * 10
    # Told piece by piece it would be two thousand million characters.
    assert sum(map(len, told)) < 100 * len(told[-1])


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
@pytest.mark.parametrize("target", ["same", "other", "http://[", "javascript:x", "//", "\\\\x", "x" * 5000])
def test_no_redirect_is_followed(status: int, target: str) -> None:
    with model_server(lambda _: Answer("stolen")) as other, model_server(lambda _: away) as server:
        known = {"same": f"{server.url}/elsewhere", "other": f"{other.url}/chat/completions"}
        away = Answer("elsewhere", status, headers={"location": known.get(target, target)})
        error = refusal(at(server.url, "openai"))
    assert (error.kind, error.message) == (Kind.REJECTED, f"{server.url} refused: {status} elsewhere")
    assert (len(server.requests), server.looked_up) == (1, [])
    assert (other.requests, other.looked_up) == ([], [])


def learned(url: str, run: Deadline | None = None) -> int:
    route = Route("openai", MODEL, url, KEY, learn=True, deadline=run or Deadline())
    with closing(registry.load("providers", "openai").connect(route)) as asked:
        context: int = asked.model.context
        return context


def listed(said: object) -> bytes:
    return head() + b'{"data": [{"id": "x", "max_model_len": ' + json.dumps(said).encode() + b"}]}"


LISTS = {
    "a list": (once(listed(5000)), 5000),
    "too large a number": (once(listed(10**400)), MODEL.context),
    "no number": (once(listed(float("nan"))), MODEL.context),
    "below zero": (once(listed(-5)), MODEL.context),
    "a list without end": (endless(head(), b" " * 60_000), MODEL.context),
    "a deep list": (once(head() + DEEP.encode()), MODEL.context),
    "a list that unfolds": (once(head(content_encoding="gzip") + packed(b" " * (50 * MB))), MODEL.context),
    "a refusal without end": (endless(head(status="500 No"), b" " * 60_000), MODEL.context),
    "a codec": (once(head(f"{JSON}; charset=zlib") + zlib.compress(b" ")), MODEL.context),
    "a redirect": (once(head(status="307 Away", location="/v1/other", content_length=0)), MODEL.context),
}


@pytest.mark.parametrize(("script", "context"), LISTS.values(), ids=LISTS)
def test_a_look_up_of_the_limit_is_bounded_too(script: Script, context: int) -> None:
    with wire(script) as server:
        assert learned(server.url) == context
        assert server.sent < _delivery.MOST_BODY + SLACK
    assert len(server.came) == 1


@pytest.mark.parametrize("name", ["a head", "a body", "heads before the head"])
def test_a_look_up_that_comes_byte_by_byte_ends_with_the_run(name: str) -> None:
    with wire(SLOW[name][0]) as server:
        assert learned(server.url, Deadline(0.2)) == MODEL.context


@pytest.fixture(scope="module")
def certificates(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Path]:
    """Makes certificates that nobody known has signed, by the name of the host; who signed stands beside them."""
    folder, authority = tmp_path_factory.mktemp("certificates"), trustme.CA()

    def make(host: str) -> Path:
        path = folder / f"{host}.pem"
        authority.issue_cert(host).private_key_and_cert_chain_pem.write_to_path(str(path))
        authority.cert_pem.write_to_path(str(path.with_suffix(".authority")))
        return path

    return make


def secure(path: Path) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(path)
    return context


WHOLE = json.dumps({"choices": [{"message": {"content": GOOD}, "finish_reason": "stop"}]}).encode()
SWITCHES = {
    "nothing": {},
    "Python's own": {"PYTHONHTTPSVERIFY": "0"},
    "no bundle": {"REQUESTS_CA_BUNDLE": "", "CURL_CA_BUNDLE": "", "SSL_CERT_FILE": "", "SSL_CERT_DIR": ""},
    "other programs'": {"NODE_TLS_REJECT_UNAUTHORIZED": "0", "GIT_SSL_NO_VERIFY": "1", "CURL_INSECURE": "1"},
    "the SDK's": {"OPENAI_VERIFY_SSL": "0", "OPENAI_VERIFY_SSL_CERTS": "false", "HTTPX_VERIFY": "0"},
}


@pytest.mark.parametrize("switch", SWITCHES.values(), ids=SWITCHES)
@pytest.mark.parametrize("provider", ["dashscope", "dashscope-native", "openai"])
def test_a_certificate_that_nobody_signed_is_refused_before_anything_is_sent(
    provider: str,
    switch: dict[str, str],
    certificates: Callable[[str], Path],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for name, value in switch.items():
        monkeypatch.setenv(name, value)
    with wire(once(head() + WHOLE), secure=secure(certificates("localhost"))) as server:
        error = refusal(at(server.url, provider))
    assert error.kind is Kind.UNREACHABLE
    assert "CERTIFICATE_VERIFY_FAILED" in error.message
    assert server.came == []


@pytest.mark.parametrize(("host", "accepted"), [("localhost", True), ("example.org", False)])
def test_a_certificate_that_is_named_is_accepted_for_its_own_host(
    host: str, *, accepted: bool, certificates: Callable[[str], Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    path = certificates(host)
    monkeypatch.setenv("SSL_CERT_FILE", str(path.with_suffix(".authority")))
    with wire(once(head() + WHOLE), secure=secure(path)) as server, closing(at(server.url, "openai")) as asked:
        if accepted:
            assert heard(asked, PROMPT)[1].text == GOOD
        else:
            assert "Hostname mismatch" in failure(asked, PROMPT)[1].message
    assert len(server.came) == accepted


ECHOES = {
    "a refusal": head(status="401 No") + json.dumps({"error": {"message": f"bad key {KEY}", "code": KEY}}).encode(),
    "a refusal in plain words": head("text/plain", status="400 No") + f"bad key {KEY}".encode(),
    "a reason": head(status=f"403 {KEY}", content_length=0),
    "an event": head(STREAM) + event(HALF) + b'data: {"error": {"message": "' + KEY.encode() + b'"}}\n\n',
    "no event": head(STREAM) + event(HALF) + b"data: " + KEY.encode() + b"\n\n",
    "no body": head() + KEY.encode(),
    "no protocol": KEY.encode() + b"\r\n\r\n",
    "a coding": head(content_encoding=KEY),
    "a redirect": head(status="307 Away", location=f"/{KEY}", content_length=0),
}


@pytest.mark.parametrize("answer", ECHOES.values(), ids=ECHOES)
def test_the_key_stands_in_no_error_however_often_the_server_says_it(answer: bytes) -> None:
    with wire(once(answer)) as server, closing(at(server.url, "openai")) as asked:
        _, error = failure(asked, PROMPT)
        shown = [*traceback.format_exception(error), error.message, error.hint, error.said, repr(asked), repr(error)]
    assert KEY.encode() in server.came[0]
    assert KEY not in "".join(shown)


def test_the_key_stands_in_no_log(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    for name in [*logging.root.manager.loggerDict]:
        caplog.set_level(logging.DEBUG, name)
    with wire(once(head() + WHOLE)) as server, closing(at(server.url, "openai")) as asked:
        assert heard(asked, PROMPT)[1].text == GOOD
    with wire(once(ECHOES["a refusal"])) as server, closing(at(server.url, "openai")) as asked:
        failure(asked, PROMPT)
    assert KEY.encode() in server.came[0]
    assert caplog.records
    assert KEY not in caplog.text + "".join(str(vars(record)) for record in caplog.records)


@pytest.mark.parametrize("streams", [True, False])
def test_the_key_stands_in_no_answer_however_it_is_cut(*, streams: bool) -> None:
    said = json.dumps({"comments": [{"path": "a", "quote": "x", "body": f"Your key is {KEY}, {KEY}."}]})
    with model_server(lambda _: Answer(said), streams=streams) as server, closing(at(server.url, "openai")) as asked:
        pieces, completion = heard(asked, PROMPT)
    assert completion.text == said.replace(KEY, "***")
    assert not any(KEY in piece for piece in texts(pieces))
