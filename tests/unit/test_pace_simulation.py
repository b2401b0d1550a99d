"""Thousands of prompts through `Pace` and `Resume` by real threads, against one who knows all answers beforehand."""

import heapq
import json
import math
import random
import threading
from collections import deque
from dataclasses import dataclass, field, replace

import pytest

from reviewbot.calls.pace import Pace, Window
from reviewbot.calls.resume import Resume
from reviewbot.deadline import Deadline
from reviewbot.ports import Answering
from reviewbot.review import Completion, Finish, Message, Prompt, Usage
from reviewbot.tokens import Counter
from tests.support.calls import MODEL, Stage, StageLock, fullest, heard

CHARACTERS = 4
"""Of a token."""


@dataclass(frozen=True, slots=True)
class Ask:
    """A prompt and the answer it will get, in tokens, and how many of them come in a second."""

    prompt: int
    answer: int
    speed: float

    def seconds(self, tokens: int) -> float:
        """What it takes to answer with so many tokens."""
        return 1.5 + tokens / self.speed


class Quarters:
    """Counts four characters as one token."""

    def count(self, text: str) -> int:
        return len(text) // CHARACTERS

    def template(self, messages: int) -> int:
        return 0 * messages


def answer_of(tokens: int) -> str:
    """An answer of exactly so many tokens, in comments of about eighty each."""
    size = tokens * CHARACTERS
    body = "It fails for an empty list, since the first item is read before its length. " * 3
    comments: list[str] = []
    made = len('{"comments": []}')
    while made < size:
        comment = json.dumps({"quote": f"x = {len(comments)}", "path": "a.py", "body": body})
        made += len(comment) + 2
        comments.append(comment)
    return ('{"comments": [' + ", ".join(comments[:-1]) + "]}")[:size].ljust(size)


@dataclass
class Endpoint:
    """Answers as long as the queue says, and writes down when it was sent what."""

    queue: list[Ask]
    stage: Stage
    starts: list[float] = field(default_factory=list)
    used: list[tuple[float, int]] = field(default_factory=list)
    model = replace(MODEL, context=131_072, max_input=129_024, max_output=8_192)
    counter: Counter = field(default_factory=Quarters)

    def request(self, prompt: Prompt) -> None:
        pass

    def complete(self, prompt: Prompt) -> Answering:
        ask = self.queue[int(prompt.messages[0].content.split()[0])]
        tokens = self.counter.count(prompt.messages[0].content) + self.counter.count(prompt.prefix)
        self.starts.append(self.stage.moment)
        self.used.append((self.stage.moment, tokens))
        rest = answer_of(ask.answer).removeprefix(prompt.prefix)
        assert prompt.limit is not None
        said = rest[: prompt.limit * CHARACTERS]
        answered = -(-len(said) // CHARACTERS)
        self.stage.wait(threading.Event(), ask.seconds(answered))
        self.used.append((self.stage.moment, answered))
        yield Usage(1, 0, tokens, answered)
        return Completion(said, Finish.STOP if said == rest else Finish.LENGTH)

    def close(self) -> None:
        pass


@dataclass(frozen=True, slots=True)
class Limits:
    requests: int
    tokens: int
    jobs: int


def paced(queue: list[Ask], limits: Limits) -> tuple[Endpoint, list[float]]:
    """What the endpoint saw, and when each prompt of the queue had its whole answer."""
    stage = Stage()
    endpoint = Endpoint(queue, stage)
    pace = Pace(endpoint, Window(limits.requests, limits.tokens), Deadline(None, stage), turn=StageLock(stage))
    provider = Resume(pace)
    ends = [0.0] * len(queue)
    waiting = iter(range(len(queue)))

    def work() -> None:
        for at in waiting:
            text = f"{at} ".ljust(queue[at].prompt * CHARACTERS, "x")
            heard(provider, Prompt((Message("user", text),)))
            ends[at] = stage.moment

    for _ in range(limits.jobs):
        stage.enter(work)
    stage.run()
    return endpoint, ends


def knowing(queue: list[Ask], limits: Limits) -> list[float]:
    """The same for one who knows how long each answer will be and keeps exactly that free."""
    used: deque[tuple[float, int]] = deque()
    starts: deque[float] = deque()
    flying: list[tuple[float, int]] = []
    now, total, kept = 0.0, 0, 0
    ends: list[float] = []
    for ask in queue:
        while True:
            while flying and flying[0][0] <= now:
                end, tokens = heapq.heappop(flying)
                used.append((end, tokens))
                kept, total = kept - tokens, total + tokens
            while used and used[0][0] + 60 <= now:
                total -= used.popleft()[1]
            while starts and starts[0] + 60 <= now:
                starts.popleft()
            slot = len(starts) < limits.requests and len(flying) < limits.jobs
            if slot and total + kept + ask.prompt + ask.answer <= limits.tokens:
                break
            moments = [end for end, _ in flying[:1]] + [start + 60 for start in list(starts)[:1]]
            now = min(moment for moment in [*moments, *(moment + 60 for moment, _ in list(used)[:1])] if moment > now)
        starts.append(now)
        used.append((now, ask.prompt))
        heapq.heappush(flying, (now + ask.seconds(ask.answer), ask.answer))
        total, kept = total + ask.prompt, kept + ask.answer
        ends.append(now + ask.seconds(ask.answer))
    return ends


def rate(queue: list[Ask], ends: list[float]) -> tuple[float, float]:
    """Prompts and tokens a minute of whole answers, without the first minute and the tail."""
    minutes = int(max(ends) / 60) - 2
    steady = [ask for ask, end in zip(queue, ends, strict=True) if 60 < end <= 60 * (minutes + 1)]
    return len(steady) / minutes, sum(ask.prompt + ask.answer for ask in steady) / minutes


def realistic(count: int) -> list[Ask]:
    chance = random.Random(7)
    answers = (max(5, min(8192, int(chance.lognormvariate(math.log(180), 1.0)))) for _ in range(count))
    return [Ask(chance.randint(900, 4200), answer, chance.uniform(45, 75)) for answer in answers]


def tiny(count: int) -> list[Ask]:
    return [Ask(40, 10, 60)] * count


@pytest.mark.parametrize(
    ("limits", "queue"),
    [
        pytest.param(Limits(60, 60_000, 16), realistic(600), id="free account"),
        pytest.param(Limits(300, 300_000, 48), realistic(1000), id="paid account"),
        pytest.param(Limits(1200, 1_000_000, 128), realistic(1600), id="large model"),
        pytest.param(Limits(60, 60_000, 16), tiny(800), id="many tiny prompts"),
    ],
)
def test_no_minute_is_overdrawn_and_hardly_any_of_it_lies_idle(
    limits: Limits, queue: list[Ask], capsys: pytest.CaptureFixture[str]
) -> None:
    endpoint, ends = paced(queue, limits)
    requests = fullest([(start, 1) for start in endpoint.starts])
    tokens = fullest(endpoint.used)
    prompts_a_minute, tokens_a_minute = rate(queue, ends)
    most_prompts, most_tokens = rate(queue, knowing(queue, limits))
    extra = len(endpoint.starts) / len(queue) - 1
    with capsys.disabled():
        print(
            f"\n{limits.requests:,} requests, {limits.tokens:,} tokens: fullest minute {requests:,} and {tokens:,}; "
            f"{prompts_a_minute:.1f} of {most_prompts:.1f} prompts a minute ({prompts_a_minute / most_prompts:.1%}), "
            f"{tokens_a_minute / limits.tokens:.1%} of the limit (who knows all: {most_tokens / limits.tokens:.1%}), "
            f"{extra:.1%} more requests"
        )
    assert requests <= limits.requests
    assert tokens <= limits.tokens
    assert tokens_a_minute >= 0.95 * most_tokens
    assert prompts_a_minute >= 0.95 * most_prompts
