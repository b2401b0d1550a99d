"""A provider inside others that answers by a script, and clocks whose time passes at once."""

import heapq
import threading
from collections import deque
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from decimal import Decimal
from types import TracebackType

from reviewbot.catalogue import Model, Sampling, Tier
from reviewbot.deadline import Deadline
from reviewbot.errors import ProviderError, ProviderErrorKind
from reviewbot.ports import Answering, Heard, Provider
from reviewbot.review import Completion, Finish, Message, Prompt, Usage
from reviewbot.tokens import ByteCounter, Counter

MODEL = Model("m", "dashscope", 10_000, 10_000, 2_000, Sampling(0.2, 1, 1.0), partial=True)
"""A model that goes on with what is begun for it and has no price."""

PRICED = replace(MODEL, price=(Tier(Decimal(1), Decimal(2)),), currency="CNY")
"""A token of a prompt costs a thousandth, one of an answer two."""

ASK = Prompt((Message("user", "why?"),))
GOOD = '{"comments": [{"path": "a", "quote": "x = 1", "body": "Wrong."}]}'
ONE = Usage(requests=1, input_tokens=10, output_tokens=1)

Step = Heard | Completion | ProviderError
Script = Callable[[Prompt, int], Iterable[Step]]


@dataclass
class Inner:
    """Answers by a function of the prompt and of how many were asked before it.

    A step of the script is a piece to be heard, a completion, which ends the answer, or an error, which is raised.
    """

    script: Script
    model: Model = MODEL
    counter: Counter = field(default_factory=ByteCounter)
    asked: list[Prompt] = field(default_factory=list)
    closed: int = 0
    cancelled: int = 0

    def request(self, prompt: Prompt) -> None:
        pass

    def complete(self, prompt: Prompt) -> Answering:
        self.asked.append(prompt)
        try:
            for step in self.script(prompt, len(self.asked) - 1):
                if isinstance(step, ProviderError):
                    raise step
                if isinstance(step, Completion):
                    return step
                yield step
        except GeneratorExit:
            self.cancelled += 1
            raise
        raise AssertionError("the script has no end")

    def close(self) -> None:
        self.closed += 1


def always(*steps: Step, model: Model = MODEL) -> Inner:
    """Answers every prompt alike."""
    return Inner(lambda prompt, at: steps, model)


def in_turn(*scripts: Iterable[Step], model: Model = MODEL) -> Inner:
    """Answers the first prompt by the first script, the second by the second."""
    return Inner(lambda prompt, at: scripts[at], model)


def said(text: str = GOOD, finish: Finish = Finish.STOP) -> Completion:
    return Completion(text, finish)


def failed(kind: ProviderErrorKind, *, retry_after: float | None = None, said: str = "") -> ProviderError:
    return ProviderError(f"it failed: {kind}", kind=kind, hint="do", slug="x", retry_after=retry_after, said=said)


def heard(provider: Provider, prompt: Prompt = ASK) -> tuple[list[Heard], Completion]:
    """All pieces of an answer and the whole."""
    pieces: list[Heard] = []
    coming = provider.complete(prompt)
    while True:
        try:
            pieces.append(next(coming))
        except StopIteration as end:
            completion: Completion = end.value
            return pieces, completion


def failure(provider: Provider, prompt: Prompt = ASK) -> tuple[list[Heard], ProviderError]:
    """All pieces of an answer and what it failed with."""
    pieces: list[Heard] = []
    try:
        pieces.extend(provider.complete(prompt))
    except ProviderError as error:
        return pieces, error
    raise AssertionError("it did not fail")


@dataclass
class JumpingClock:
    """Whoever waits is there at once; `meanwhile` is called with the moment that is reached."""

    moment: float = 1000.0
    waits: list[float] = field(default_factory=list)
    meanwhile: Callable[[float], None] = field(default=lambda moment: None)

    def now(self) -> float:
        return self.moment

    def wait(self, woken: threading.Event, seconds: float) -> None:
        if woken.is_set():
            return
        self.waits.append(seconds)
        self.moment += seconds
        self.meanwhile(self.moment)


def run_of(seconds: float | None = None) -> tuple[Deadline, JumpingClock]:
    """A run and its clock."""
    clock = JumpingClock()
    return Deadline(seconds, clock), clock


@dataclass
class Stage:
    """A clock for real threads of which one acts at a time, in an order that is always the same.

    Time passes once all of them wait.
    """

    moment: float = 0.0
    unfinished: int = 0
    _ready: list[tuple[float, int, "_Actor"]] = field(default_factory=list)
    _events: set[threading.Event] = field(default_factory=set)
    _entries: int = 0
    _given_back: threading.Semaphore = field(default_factory=lambda: threading.Semaphore(0))
    _on: "_Actor | None" = None

    def now(self) -> float:
        return self.moment

    def enter(self, play: Callable[[], None]) -> None:
        """Let a thread act from now on."""
        self.unfinished += 1
        self.ready(_Actor(self, play), 0.0)

    def wait(self, woken: threading.Event, seconds: float) -> None:
        if not woken.is_set():
            actor = self.acting()
            self._events.add(woken)
            actor.woken = woken
            self.ready(actor, seconds)
            actor.pause()
            actor.woken = None

    def run(self) -> None:
        """Until every thread has ended."""
        while self._ready:
            if any(event.is_set() for event in self._events):
                self._wake()
            moment, _, actor = heapq.heappop(self._ready)
            self.moment = max(self.moment, moment)
            self._on = actor
            actor.act()
            assert self._given_back.acquire(timeout=120), "the thread whose turn it is does not act"
        assert not self.unfinished, "a thread crashed, or waits for ever"

    def ready(self, actor: "_Actor", seconds: float) -> None:
        self._entries += 1
        heapq.heappush(self._ready, (self.moment + seconds, self._entries, actor))

    def acting(self) -> "_Actor":
        assert self._on is not None
        return self._on

    def give_back(self) -> None:
        self._given_back.release()

    def _wake(self) -> None:
        entries = [
            (self.moment if actor.woken and actor.woken.is_set() else moment, entry, actor)
            for moment, entry, actor in self._ready
        ]
        self._ready = entries
        heapq.heapify(self._ready)


class _Actor:
    def __init__(self, stage: Stage, play: Callable[[], None]) -> None:
        self.woken: threading.Event | None = None
        self._stage = stage
        self._cue = threading.Semaphore(0)
        self._play = play
        threading.Thread(target=self._act, daemon=True).start()

    def act(self) -> None:
        self._cue.release()

    def pause(self) -> None:
        self._stage.give_back()
        self._cue.acquire()

    def _act(self) -> None:
        try:
            self._cue.acquire()
            self._play()
            self._stage.unfinished -= 1
        finally:
            self._stage.give_back()


def fullest(used: Iterable[tuple[float, int]]) -> int:
    """The most that stands in any sixty seconds, wherever they begin; `used` has moments and how much each counts."""
    most = total = 0
    inside: deque[tuple[float, int]] = deque()
    for moment, size in sorted(used):
        while inside and inside[0][0] + 60 <= moment:
            total -= inside.popleft()[1]
        inside.append((moment, size))
        total += size
        most = max(most, total)
    return most


@dataclass
class StageLock:
    """A lock for the threads on a stage; who has waited longest is next."""

    stage: Stage
    _held: bool = False
    _queue: deque[_Actor] = field(default_factory=deque)

    def __enter__(self) -> None:
        if self._held:
            actor = self.stage.acting()
            self._queue.append(actor)
            actor.pause()
        self._held = True

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        if self._queue:
            self.stage.ready(self._queue.popleft(), 0.0)
        else:
            self._held = False
