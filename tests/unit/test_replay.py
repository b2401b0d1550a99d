"""A record is what was said, word for word, and a damaged one is refused before anything is asked."""

import json
import threading
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest

from reviewbot import catalogue
from reviewbot.errors import ConfigError, ExitCode, ProviderErrorKind
from reviewbot.ports import Provider, Route
from reviewbot.providers.replay import connect, record
from reviewbot.review import Completion, Finish, Message, Prompt, Usage
from reviewbot.tokens import ByteCounter, QwenCounter
from tests.support.calls import Inner, failure, heard
from tests.support.providers import Script, Scripted, failed

UNKNOWN = catalogue.load().unknown("replay:x", provider="replay")
PROMPT = Prompt((Message("system", "s"), Message("user", "u")))
SPENT = Usage(requests=1, input_tokens=7, output_tokens=3)
HEAD = {
    "version": 1,
    "name": "m",
    "context": 9000,
    "max_input": 8000,
    "max_output": 1000,
    "vocabulary": "qwen",
    "begun": True,
}
ROW = {"prompt": "d", "text": "t", "finish": "stop", "input_tokens": 1, "output_tokens": 1}


def said(text: str) -> Completion:
    return Completion(text, Finish.STOP)


def scripted(script: Script) -> Scripted:
    return Scripted(script, SPENT)


def text_of(provider: Provider, prompt: Prompt = PROMPT) -> str:
    return heard(provider, prompt)[1].text


def replayed(path: Path) -> Provider:
    return connect(Route("replay", UNKNOWN, path=path, learn=True))


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """Where the record is."""
    return tmp_path / "record.jsonl"


@pytest.mark.parametrize("finish", Finish)
@pytest.mark.parametrize(
    "text", ["", '{"comments": []}', "a\nb\r\n\u2028漢字 \x00\x1b", "\ud800 half a pair", "x" * 10**5]
)
def test_what_was_recorded_comes_back_and_is_not_paid_for_again(path: Path, text: str, finish: Finish) -> None:
    recorder = record(scripted(lambda *_: Completion(text, finish)), path)
    first = heard(recorder, PROMPT)
    recorder.close()
    assert first == ([text[: len(text) // 2], text, SPENT], Completion(text, finish))
    again = heard(replayed(path), PROMPT)
    assert again == ([text, Usage(cached=1, input_tokens=7, output_tokens=3)], Completion(text, finish))


def test_all_that_the_requests_of_one_answer_used_is_written_down(path: Path) -> None:
    pieces = ["one", SPENT, "", "two", SPENT]
    recorder = record(Inner(lambda *_: [*pieces, said("two")]), path)
    assert heard(recorder, PROMPT) == (pieces, said("two"))
    assert heard(replayed(path), PROMPT)[0] == ["two", Usage(cached=1, input_tokens=14, output_tokens=6)]


def test_a_replay_plans_with_the_limits_of_the_recorded_model(path: Path) -> None:
    recorder = record(Scripted(lambda *_: said("x")), path)
    model = replayed(path).model
    recorded = recorder.model
    for name in ("name", "context", "max_input", "max_output", "vocabulary", "input_limit"):
        assert getattr(model, name) == getattr(recorded, name)
    assert model.price == ()
    assert model.begun is recorded.begun is True


def test_a_model_for_which_nothing_was_begun_has_nothing_begun_in_its_replay(path: Path) -> None:
    record(Inner(lambda *_: [said("x")], replace(UNKNOWN, partial=True, response_format="json_schema")), path)
    assert not replayed(path).model.begun


CHANGED = {
    "another word": replace(PROMPT, messages=(Message("system", "s"), Message("user", "U"))),
    "another role": replace(PROMPT, messages=(Message("user", "s"), Message("user", "u"))),
    "another cut": replace(PROMPT, messages=(Message("system", "su"), Message("user", ""))),
    "another attempt": replace(PROMPT, attempt=1),
    "another pass": replace(PROMPT, sample=1),
}


@pytest.mark.parametrize("prompt", CHANGED.values(), ids=CHANGED)
def test_only_exactly_the_recorded_prompt_has_an_answer(path: Path, prompt: Prompt) -> None:
    heard(record(Scripted(lambda *_: said("x")), path), PROMPT)
    pieces, error = failure(replayed(path), prompt)
    assert pieces == []
    assert error.kind is ProviderErrorKind.REJECTED
    assert error.kind.fatal
    assert "--record" in error.hint
    assert str(path) in error.message


@pytest.mark.parametrize(
    "prompt",
    [replace(PROMPT, prefix='{"comments": ['), replace(PROMPT, limit=7)],
    ids=["what is begun for the model", "another limit of the answer"],
)
def test_how_the_answer_is_got_does_not_matter(path: Path, prompt: Prompt) -> None:
    heard(record(Scripted(lambda *_: said("x")), path), PROMPT)
    assert text_of(replayed(path), prompt) == "x"


def test_every_attempt_keeps_its_own_answer(path: Path) -> None:
    recorder = record(Scripted(lambda _, attempt: said(f"answer {attempt}")), path)
    prompts = [replace(PROMPT, attempt=attempt) for attempt in range(3)]
    for prompt in prompts:
        heard(recorder, prompt)
    replay = replayed(path)
    assert [text_of(replay, prompt) for prompt in prompts] == ["answer 0", "answer 1", "answer 2"]
    replay.close()


def test_every_pass_keeps_its_own_answer(path: Path) -> None:
    prompts = [replace(PROMPT, attempt=attempt, sample=sample) for attempt in range(2) for sample in range(3)]
    recorder = record(Inner(lambda prompt, _: [said(f"{prompt.attempt} {prompt.sample}")]), path)
    for prompt in prompts:
        heard(recorder, prompt)
    replay = replayed(path)
    assert [text_of(replay, prompt) for prompt in prompts] == ["0 0", "0 1", "0 2", "1 0", "1 1", "1 2"]


def test_a_record_of_before_there_were_several_passes_still_answers(path: Path) -> None:
    asked = Prompt((Message("user", "why?"),), attempt=1)
    row = {"prompt": "94c00b067d41bccbfa13f4bcd747fe4bc2d583661adf3aab3cc66791e50ecc66", "text": "x", "finish": "stop"}
    lines = [HEAD, {**row, "input_tokens": 1, "output_tokens": 1}]
    path.write_text("".join(f"{json.dumps(line)}\n" for line in lines))
    assert text_of(replayed(path), asked) == "x"


def test_answers_that_arrive_at_once_do_not_mix(path: Path) -> None:
    recorder = record(Scripted(lambda text, _: said(text * 2000)), path)
    prompts = [Prompt((Message("user", f"{number};"),)) for number in range(40)]
    threads = [threading.Thread(target=heard, args=(recorder, prompt)) for prompt in prompts]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    replay = replayed(path)
    assert [text_of(replay, prompt) for prompt in prompts] == [f"{number};" * 2000 for number in range(40)]


@pytest.mark.parametrize("kind", ProviderErrorKind)
def test_a_failure_is_passed_on_recorded_and_comes_back(path: Path, kind: ProviderErrorKind) -> None:
    error = failed(kind, said='{"comments": [{')
    first, raised = failure(record(Inner(lambda *_: ["half", SPENT, error]), path), PROMPT)
    assert (first, raised) == (["half", SPENT], error)
    pieces, again = failure(replayed(path), PROMPT)
    assert pieces == []
    assert (again.message, again.kind, again.hint, again.slug) == ("it failed", kind, "do something", "x")
    assert again.said == error.said


def test_an_answer_that_nobody_waits_for_is_given_up_and_not_written_down(path: Path) -> None:
    inner = Inner(lambda *_: ["half", SPENT, said("x")])
    coming = record(inner, path).complete(PROMPT)
    assert next(coming) == "half"
    coming.close()
    assert inner.cancelled == 1
    assert path.read_text().count("\n") == 1


def test_a_record_is_begun_anew(path: Path) -> None:
    path.write_text("what stood there")
    heard(record(Scripted(lambda *_: said("x")), path), PROMPT)
    assert text_of(replayed(path)) == "x"


@dataclass(frozen=True)
class Words:
    """A vocabulary that only one provider has: a token is a word."""

    def count(self, text: str) -> int:
        return len(text.split())

    def template(self, messages: int) -> int:
        return 7 * messages


class Own(Scripted):
    """A provider that counts with a vocabulary of its own."""

    @property
    def counter(self) -> Words:
        return Words()


def test_what_only_the_provider_can_count_is_written_down_and_comes_back(path: Path) -> None:
    recorder = record(Own(lambda *_: said("x")), path)
    texts = ["one two three", "漢字 \x1b \ud800", ""]
    assert [recorder.counter.count(text) for text in texts] == [3, 3, 0]
    assert recorder.counter.template(4) == 28
    heard(recorder, PROMPT)
    replay = replayed(path)
    assert [replay.counter.count(text) for text in texts] == [3, 3, 0]
    assert replay.counter.template(4) == 28
    assert text_of(replay) == "x"
    # Nobody counted these.
    assert replay.counter.count("one two") == ByteCounter().count("one two")
    assert replay.counter.template(3) == ByteCounter().template(3)


def test_what_the_vocabulary_can_count_again_is_not_written_down(path: Path) -> None:
    recorder = record(Scripted(lambda *_: said("x")), path)
    recorder.counter.count("one two three")
    assert path.read_text().count("\n") == 1
    assert replayed(path).counter == recorder.counter == QwenCounter()


def test_a_record_and_who_writes_it_send_nothing_that_nobody_sends(path: Path) -> None:
    recorder = record(Scripted(lambda *_: said("x")), path)
    assert recorder.request(PROMPT) is None
    assert replayed(path).request(PROMPT) is None


@pytest.mark.parametrize("row", [{"counted": "d"}, {"counted": "d", "tokens": None}, {"counted": [], "tokens": 1}])
def test_a_count_that_is_none_is_refused(path: Path, row: dict[str, Any]) -> None:
    path.write_bytes(lines(HEAD, row))
    with pytest.raises(ConfigError, match="is no record of answers"):
        replayed(path)


def test_a_record_cannot_be_written_over_a_folder(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="cannot write") as caught:
        record(Scripted(lambda *_: said("x")), tmp_path)
    assert caught.value.slug == "cannot-write"


def test_a_record_that_cannot_be_written_on_is_an_error_of_ours(path: Path) -> None:
    recorder = record(Scripted(lambda *_: said("x")), path)
    path.unlink()
    path.mkdir()
    with pytest.raises(ConfigError, match="cannot write"):
        heard(recorder, PROMPT)


def lines(*rows: Any) -> bytes:
    return "".join(json.dumps(row) + "\n" for row in rows).encode()


BROKEN = {
    "empty": b"",
    "blank lines": b"\n\n",
    "no JSON": b"GGUF\x00\x01",
    "no UTF-8": b"\xff\xfe",
    "a list": lines([]),
    "a word": lines("version"),
    "a report": lines({"version": 1, "findings": []}),
    "no version": lines({name: value for name, value in HEAD.items() if name != "version"}),
    "a later version": lines({**HEAD, "version": 2}),
    "an odd version": lines({**HEAD, "version": [1]}),
    "an odd limit": lines({**HEAD, "context": "many"}),
    "no limit": lines({**HEAD, "max_input": None}),
    "half a row": lines(HEAD, ROW)[:-9],
    "a failure that says too little": lines(HEAD, {"prompt": "d", "error": {"message": "m", "kind": "rate"}}),
    "a failure of no kind": lines(
        HEAD, {"prompt": "d", "error": {"message": "m", "kind": "odd", "hint": "h", "slug": "s", "said": ""}}
    ),
    "a row without an answer": lines(HEAD, {"prompt": "d"}),
    "an odd row": lines(HEAD, 5),
    "an odd prompt": lines(HEAD, {**ROW, "prompt": []}),
    "an unknown finish": lines(HEAD, {**ROW, "finish": "tired"}),
    "an odd count": lines(HEAD, {**ROW, "input_tokens": None}),
    "deep": b"[" * 100_000,
}


@pytest.mark.parametrize("content", BROKEN.values(), ids=BROKEN)
def test_a_file_that_is_no_record_is_refused(path: Path, content: bytes) -> None:
    path.write_bytes(content)
    with pytest.raises(ConfigError) as caught:
        replayed(path)
    assert caught.value.message == f"{path} is no record of answers"
    assert caught.value.exit_code is ExitCode.USAGE


def test_a_record_that_cannot_be_read_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="is no record"):
        replayed(tmp_path)


def test_fields_of_later_hands_are_ignored(path: Path) -> None:
    path.write_bytes(lines({**HEAD, "more": 1}, {**ROW, "more": 1}))
    model = replayed(path).model
    assert (model.name, model.context) == ("m", 9000)


def test_a_record_of_two_models_has_the_limits_and_the_answers_of_both(path: Path) -> None:
    other = replace(catalogue.load().get("qwen-max"), name="other")
    heard(record(scripted(lambda *_: said("first")), path), PROMPT)
    asked = replace(PROMPT, messages=(Message("user", "Is it so?"),))
    heard(record(Inner(lambda *_: [SPENT, said("second")], other), path, verifies=True), asked)
    first = connect(Route("replay", UNKNOWN, path=path, learn=True))
    second = connect(Route("replay", UNKNOWN, path=path, learn=True, verifies=True))
    assert [text_of(first), text_of(second, asked)] == ["first", "second"]
    assert (first.model.name, second.model.name) == ("qwen-coder-plus", "other")
    assert second.model.max_input == other.max_input


def test_a_record_of_one_model_has_none_for_the_other(path: Path) -> None:
    heard(record(scripted(lambda *_: said("first")), path), PROMPT)
    with pytest.raises(ConfigError, match="holds no answers of a second model"):
        connect(Route("replay", UNKNOWN, path=path, learn=True, verifies=True))
