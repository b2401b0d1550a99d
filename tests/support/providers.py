"""A provider that answers by a script, and the answers such scripts give."""

import threading
from collections.abc import Callable
from dataclasses import dataclass, field

from reviewbot.catalogue import Model, load
from reviewbot.errors import ProviderError, ProviderErrorKind
from reviewbot.ports import Answering
from reviewbot.review import Completion, Finish, Prompt, Usage
from reviewbot.tokens import Counter, counter

GOOD = '{"comments": [{"path": "a", "quote": "x = 1", "body": "Wrong."}]}'
ONE = Usage(requests=1, input_tokens=10, output_tokens=1)

Script = Callable[[str, int], Completion | ProviderError]


@dataclass
class Scripted:
    """Answers by a function of the last message and the attempt, and counts what is under way.

    Every completion is heard in two pieces first, and then what it used.
    """

    script: Script
    usage: Usage = ONE
    asked: list[str] = field(default_factory=list)
    flying: int = 0
    most: int = 0
    lock: threading.Lock = field(default_factory=threading.Lock)

    @property
    def model(self) -> Model:
        return load().get("qwen-coder-plus")

    @property
    def counter(self) -> Counter:
        return counter(self.model.vocabulary)

    def request(self, prompt: Prompt) -> None:
        pass

    def complete(self, prompt: Prompt) -> Answering:
        text = prompt.messages[-1].content
        with self.lock:
            self.asked.append(text)
            self.flying += 1
            self.most = max(self.most, self.flying)
        try:
            answer = self.script(text, prompt.attempt)
        finally:
            with self.lock:
                self.flying -= 1
        if isinstance(answer, ProviderError):
            raise answer
        yield answer.text[: len(answer.text) // 2]
        yield answer.text
        yield self.usage
        return answer

    def close(self) -> None:
        pass


def said(text: str = GOOD, finish: Finish = Finish.STOP) -> Completion:
    return Completion(text, finish)


def failed(kind: ProviderErrorKind, *, said: str = "", limit: int | None = None) -> ProviderError:
    return ProviderError("it failed", kind=kind, hint="do something", slug="x", said=said, limit=limit)
