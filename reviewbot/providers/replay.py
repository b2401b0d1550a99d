"""Recorded answers instead of a model, and the recorder. Alone knows the form of a record.

A record is JSON lines: first the model and its limits, then an answer or a failure for each prompt, found by the
prompt's digest: a review that had to split or ask again replays as it went. Where only the model's own file could count
tokens, the counts stand there too, so that the same chunks are made without it. Where a second model checked what was
found, a line tells of it, and its answers follow.
"""

import hashlib
import json
import threading
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from reviewbot.catalogue import Model
from reviewbot.errors import ConfigError, ProviderError, ProviderErrorKind
from reviewbot.overhear import overheard
from reviewbot.ports import Answering, Heard, Provider, Request, Route
from reviewbot.review import Completion, Finish, Prompt, Usage
from reviewbot.tokens import ByteCounter, Counter, counter

VERSION = 1


@dataclass(frozen=True, slots=True)
class Answer:
    """What was answered, and what it used then."""

    completion: Completion
    usage: Usage


@dataclass(frozen=True, slots=True)
class Replay:
    """Answers from a record: a `ports.Provider`."""

    path: Path
    model: Model
    counter: Counter
    answers: Mapping[str, Answer | ProviderError] = field(repr=False)

    def request(self, prompt: Prompt) -> None:
        """Nothing: no one is asked."""

    def complete(self, prompt: Prompt) -> Answering:
        """The recorded answer to exactly this prompt, or the failure."""
        answer = self.answers.get(_digest(prompt)) or ProviderError(
            f"{self.path} has no answer to this prompt",
            kind=ProviderErrorKind.REJECTED,
            hint="the change or the settings differ from when it was recorded: record again with --record",
            slug="replay-miss",
        )
        if isinstance(answer, ProviderError):
            raise answer
        yield answer.completion.text
        yield answer.usage
        return answer.completion

    def close(self) -> None:
        """Nothing to give back."""


def connect(route: Route) -> Provider:
    """Read a record.

    Raises:
        ConfigError: the file is no record.
    """
    try:
        head, *rows = [json.loads(line) for line in route.path.read_text("utf-8").split("\n") if line]
        seconds = [row[_SECOND] for row in rows if _SECOND in row]
        if route.verifies and not seconds:
            raise _no_second(route.path)
        head = seconds[0] if route.verifies else head
        model = replace(route.model, **_model_fields(head))
        counts = {row["counted"]: int(row["tokens"]) for row in rows if "counted" in row}
        asked = [row for row in rows if not {"counted", _SECOND} & {*row}]
        answers = {row["prompt"]: _failure(row["error"]) if "error" in row else _completion(row) for row in asked}
    except (OSError, ValueError, KeyError, TypeError, RecursionError) as error:
        raise ConfigError(
            f"{route.path} is no record of answers", hint="write one with --record FILE", slug="bad-record"
        ) from error
    return Replay(route.path, model, Recorded(counts) if counts else counter(model.vocabulary), answers)


@dataclass(frozen=True, slots=True)
class Recorded:
    """Counts as the vocabulary did that was there when the record was written: `tokens.Counter`."""

    counts: Mapping[str, int] = field(repr=False)

    def count(self, text: str) -> int:
        """What was counted then; its bound where nobody counted this text."""
        return self.counts.get(_counted(text), ByteCounter().count(text))

    def template(self, messages: int) -> int:
        """The same for a chat template."""
        return self.counts.get(_counted(messages), ByteCounter().template(messages))


_NUMBERS = ("context", "max_input", "max_output")
_SECOND = "second"


@dataclass(frozen=True, slots=True)
class Recorder:
    """A provider that writes down what another one answers."""

    provider: Provider
    path: Path
    lock: threading.Lock = field(default_factory=threading.Lock, repr=False)

    @property
    def model(self) -> Model:
        """The other provider's."""
        return self.provider.model

    @property
    def counter(self) -> Counter:
        """The other provider's. What a vocabulary says that only the provider has is written down."""
        known = counter(self.model.vocabulary)
        return known if self.provider.counter == known else _Recording(self.provider.counter, self)

    def request(self, prompt: Prompt) -> Request | None:
        """The other provider's."""
        return self.provider.request(prompt)

    def complete(self, prompt: Prompt) -> Answering:
        """Ask the other provider and write down what came of it."""
        used = Usage()

        def hear(heard: Heard) -> None:
            nonlocal used
            if isinstance(heard, Usage):
                used += heard

        try:
            completion = yield from overheard(self.provider.complete(prompt), hear)
        except ProviderError as error:
            told = {"message": error.message, "kind": error.kind, "hint": error.hint, "slug": error.slug}
            self.write({"prompt": _digest(prompt), "error": {**told, "said": error.said}})
            raise
        row = {"prompt": _digest(prompt), "text": completion.text, "finish": completion.finish}
        self.write({**row, "input_tokens": used.input_tokens, "output_tokens": used.output_tokens})
        return completion

    def write(self, row: Mapping[str, Any]) -> None:
        """Add a line to the record.

        Raises:
            ConfigError: the file cannot be written.
        """
        try:
            with self.lock, self.path.open("a", encoding="utf-8") as file:
                file.write(json.dumps(row) + "\n")
        except OSError as error:
            raise _unwritable(self.path, error) from error

    def close(self) -> None:
        """Close the other provider."""
        self.provider.close()


@dataclass(frozen=True, slots=True)
class _Recording:
    """A counter that writes down what another one counts."""

    counter: Counter
    record: Recorder

    def count(self, text: str) -> int:
        return self._written(text, self.counter.count(text))

    def template(self, messages: int) -> int:
        return self._written(messages, self.counter.template(messages))

    def _written(self, what: str | int, tokens: int) -> int:
        self.record.write({"counted": _counted(what), "tokens": tokens})
        return tokens


def record(provider: Provider, path: Path, *, verifies: bool = False) -> Provider:
    """Write down what a provider answers, beginning the file anew.

    Args:
        provider: who answers.
        path: of the record.
        verifies: True for who checks what another one found: that one's record is gone on with.

    Raises:
        ConfigError: the file cannot be written.
    """
    names = ("name", "vocabulary", "begun", *_NUMBERS)
    head = {"version": VERSION, **{name: getattr(provider.model, name) for name in names}}
    recorder = Recorder(provider, path)
    if verifies:
        recorder.write({_SECOND: head})
        return recorder
    try:
        path.write_text(json.dumps(head) + "\n", encoding="utf-8")
    except OSError as error:
        raise _unwritable(path, error) from error
    return recorder


def _unwritable(path: Path, error: OSError) -> ConfigError:
    return ConfigError(f"cannot write {path}: {error.strerror}", hint="give --record another file", slug="cannot-write")


def _no_second(path: Path) -> ConfigError:
    return ConfigError(
        f"{path} holds no answers of a second model",
        hint="record with --verify, or leave --verify out",
        slug="bad-record",
    )


def _digest(prompt: Prompt) -> str:
    # The number of the first pass is left out: records that know of no other stay usable.
    numbers = [prompt.attempt, *([prompt.sample] if prompt.sample else [])]
    asked = [*numbers, *([message.role, message.content] for message in prompt.messages)]
    return hashlib.sha256(json.dumps(asked).encode()).hexdigest()


def _counted(what: str | int) -> str:
    return hashlib.sha256(json.dumps(what).encode()).hexdigest()


def _model_fields(head: Mapping[str, Any]) -> dict[str, Any]:
    if head["version"] != VERSION:
        raise ValueError("a record of another version")
    numbers = {name: int(head[name]) for name in _NUMBERS}
    # What was begun for the model takes room in a prompt.
    begun = bool(head["begun"])
    return {"name": str(head["name"]), "vocabulary": head["vocabulary"], "partial": begun, **numbers}


def _failure(told: Mapping[str, Any]) -> ProviderError:
    hint, slug, said = (str(told[name]) for name in ("hint", "slug", "said"))
    return ProviderError(str(told["message"]), kind=ProviderErrorKind(told["kind"]), hint=hint, slug=slug, said=said)


def _completion(row: Mapping[str, Any]) -> Answer:
    # Nobody is paid for it a second time.
    usage = Usage(cached=1, input_tokens=int(row["input_tokens"]), output_tokens=int(row["output_tokens"]))
    return Answer(Completion(str(row["text"]), Finish(row["finish"])), usage)
