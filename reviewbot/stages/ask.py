"""Chunks → answers. Alone knows how chunks are asked about at once, asked again, and replaced by smaller ones."""

import threading
from collections import Counter, deque
from collections.abc import Callable, Generator, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from queue import Empty, SimpleQueue

from reviewbot._answers import cut, fuller, listened, unreadable
from reviewbot.deadline import Deadline, over
from reviewbot.errors import ProviderError, ProviderErrorKind
from reviewbot.events import Asked, At, Closed, Planned, Spent
from reviewbot.finding import Draft, Dropped
from reviewbot.ports import Provider
from reviewbot.reply import Reply
from reviewbot.review import Chunk, Finish, Prompt, Usage

ATTEMPTS = 2
"""How often a chunk is asked about before its answer counts as unusable."""

CUT_SPLITS = 4
"""How deep a chunk is halved because its answers are too long: at most 30 more requests, or money runs away."""

REFUSALS = 64
"""Refused prompts of one chunk after which the rest of it is named and not asked about: a filter may refuse all."""

GRACE = 1.0
"""Seconds after the run's end in which a call may still say by itself what it had; then nobody waits for it."""

TINY = 30
"""Tokens; who finds less than that too long finds everything too long, and must not be asked about every line."""


@dataclass(frozen=True, slots=True)
class Rules:
    """What `ask` is told of its neighbours.

    Attributes:
        prompt: makes the prompt of a chunk; the number counts attempts from 0.
        read: reads an answer; None where it holds nothing usable.
        resplit: smaller chunks for one that was refused; empty where it cannot be smaller.
        fits: whether the prompt of a chunk has at most so many tokens.
        jobs: how many prompts may be under way at once.
        deadline: of the run.
        live: whether anybody watches answers come.
    """

    prompt: Callable[[Chunk, int], Prompt]
    read: Callable[[str], Reply | None]
    resplit: Callable[[Chunk], Sequence[Chunk]]
    fits: Callable[[Chunk, int], bool]
    jobs: int
    deadline: Deadline = field(default_factory=Deadline)
    live: bool = False


@dataclass(frozen=True, slots=True)
class Answered:
    """What became of one chunk.

    Attributes:
        drafts: the claims of its answer.
        malformed: claims that could not be used.
        error: why the chunk, or the rest of its answer, is missing; None where it was reviewed.
        text: the whole answer, empty where there is an error.
    """

    at: At
    chunk: Chunk
    drafts: tuple[Draft, ...] = ()
    malformed: tuple[Dropped, ...] = ()
    error: ProviderError | None = None
    text: str = ""


@dataclass(frozen=True, slots=True)
class Heard:
    """An answer under way: all of its text so far."""

    at: At
    chunk: Chunk
    text: str


@dataclass(frozen=True, slots=True)
class _Outcome:
    """What a worker brings back.

    Attributes:
        crash: a bug, to be raised where someone listens.
        halve: False where smaller chunks would do no better.
    """

    at: At
    chunk: Chunk
    reply: Reply | None = None
    error: ProviderError | None = None
    crash: BaseException | None = None
    halve: bool = True
    text: str = ""


_Arrivals = SimpleQueue[Heard | Spent | _Outcome]
AskEvent = Planned | Asked | Heard | Spent | Answered | Closed


def ask(chunks: Iterable[Chunk], *, provider: Provider, rules: Rules) -> Generator[AskEvent, None, None]:
    """Ask about every chunk, in input order, several at once.

    Answers come as they arrive. A refused chunk is replaced by smaller ones whose place begins with its own. After an
    answer that no other prompt can do better than the rest is tried all the same: the calls around the provider let
    nothing more be sent, and what was answered once needs not be.
    """
    asking = _Asking(provider, rules, deque(((index,), chunk) for index, chunk in enumerate(chunks)))
    yield from [Planned(at, chunk) for at, chunk in asking.waiting]
    while asking.waiting or asking.flying:
        yield from asking.start()
        if asking.flying:
            yield from asking.listen()


@dataclass
class _Asking:
    """A run: what waits, what is under way with the text heard of it, and what was learned on the way.

    Attributes:
        before: what could be read of answers that broke off and are asked for anew.
        refused: how often each chunk of the plan was.
        too_long: the refusal that said how much the endpoint takes.
    """

    provider: Provider
    rules: Rules
    waiting: deque[tuple[At, Chunk]]
    flying: dict[At, Heard] = field(default_factory=dict)
    before: dict[At, Reply | None] = field(default_factory=dict)
    refused: Counter[int] = field(default_factory=Counter)
    too_long: ProviderError | None = None
    arrived: _Arrivals = field(default_factory=SimpleQueue)

    def start(self) -> Iterator[AskEvent]:
        """Send as many prompts as may be under way."""
        while self.waiting and len(self.flying) < self.rules.jobs:
            at, chunk = self.waiting.popleft()
            if self.too_long and not self.rules.fits(chunk, self.too_long.limit or 0):
                # The endpoint has said how much it takes; nothing larger is sent any more.
                yield from self._settled(_Outcome(at, chunk, error=self.too_long))
                continue
            yield Asked(at)
            self.flying[at] = Heard(at, chunk, "")
            # Daemons: an interrupted review must not wait for answers that nobody reads.
            threading.Thread(
                target=_work, args=(at, chunk, self.provider, self.rules, self.arrived), daemon=True
            ).start()

    def listen(self) -> Iterator[AskEvent]:
        """Take in what comes next."""
        left = self.rules.deadline.left()
        try:
            heard = self.arrived.get(timeout=None if left is None else left + GRACE)
        except Empty:
            yield from self._abandoned()
            return
        if isinstance(heard, _Outcome):
            self.flying.pop(heard.at)
            yield from self._settled(heard)
        elif isinstance(heard, Spent):
            yield heard
        else:
            self._hear(heard)
            if self.rules.live:
                yield heard

    def _hear(self, heard: Heard) -> None:
        at = heard.at
        if not heard.text and self.flying[at].text:
            # The prompt is asked anew; the answer that broke off may stay the best.
            self.before[at] = fuller(self.rules.read(self.flying[at].text), self.before.get(at))
        self.flying[at] = heard

    def _abandoned(self) -> Iterator[AskEvent]:
        """The time is over, and calls are stuck where nothing ends them: what was whole in their answers stays."""
        error = over(self.rules.deadline.seconds)
        for at, heard in self.flying.items():
            if heard.text or at in self.before:
                # It is on the bill, at a price that nobody knows.
                yield Spent(at, Usage(requests=1))
            reply = fuller(self.rules.read(heard.text), self.before.get(at))
            yield from _report(_Outcome(at, heard.chunk, reply, error), ())
        self.flying.clear()
        for at, chunk in self.waiting:
            yield from (Answered(at, chunk, error=error), Closed(at))
        self.waiting.clear()

    def _settled(self, outcome: _Outcome) -> Iterator[AskEvent]:
        """What follows from an outcome; smaller chunks and what nobody can answer change what is waiting."""
        if outcome.crash:
            raise outcome.crash
        self._learn(outcome)
        smaller = _smaller(outcome, self.rules) if self.refused[outcome.at[0]] <= REFUSALS else ()
        self.waiting.extendleft(reversed(smaller))
        yield from _report(outcome, smaller)

    def _learn(self, outcome: _Outcome) -> None:
        error = outcome.error
        if error is None:
            return
        self.refused[outcome.at[0]] += 1
        if error.limit and (self.too_long is None or error.limit < (self.too_long.limit or 0)):
            self.too_long = error


def _smaller(outcome: _Outcome, rules: Rules) -> tuple[tuple[At, Chunk], ...]:
    kind = outcome.error.kind if outcome.error else None
    if outcome.chunk.asides and kind in {ProviderErrorKind.TOO_LONG, ProviderErrorKind.FILTERED}:
        # What is only beside the diff may be what was refused.
        return (((*outcome.at, 0), replace(outcome.chunk, asides=(), beside=0)),)
    hopeless = {
        ProviderErrorKind.TOO_LONG: outcome.chunk.tokens < TINY,
        ProviderErrorKind.FILTERED: False,
        ProviderErrorKind.CUT: len(outcome.at) > CUT_SPLITS or not outcome.halve,
    }
    if kind is None or hopeless.get(kind, True):
        return ()
    return tuple(((*outcome.at, index), chunk) for index, chunk in enumerate(rules.resplit(outcome.chunk)))


def _report(outcome: _Outcome, smaller: Iterable[tuple[At, Chunk]]) -> Iterator[AskEvent]:
    planned = [Planned(at, chunk) for at, chunk in smaller]
    yield from planned
    reply = outcome.reply or Reply(())
    if planned:
        # What was whole in an answer that was cut stays, though its chunk is asked about again in parts.
        yield Answered(outcome.at, outcome.chunk, reply.drafts)
    else:
        yield Answered(outcome.at, outcome.chunk, reply.drafts, reply.malformed, outcome.error, outcome.text)
    yield Closed(outcome.at)


def _work(at: At, chunk: Chunk, provider: Provider, rules: Rules, arrived: _Arrivals) -> None:
    try:
        arrived.put(_ask_one(at, chunk, provider, rules, arrived))
    except BaseException as crash:
        arrived.put(_Outcome(at, chunk, crash=crash))


def _ask_one(at: At, chunk: Chunk, provider: Provider, rules: Rules, arrived: _Arrivals) -> _Outcome:
    def tell(piece: str | Usage) -> None:
        arrived.put(Spent(at, piece) if isinstance(piece, Usage) else Heard(at, chunk, piece))

    error, reply = unreadable(ATTEMPTS), None
    for attempt in range(ATTEMPTS):
        try:
            completion = listened(provider.complete(rules.prompt(chunk, attempt)), tell)
        except ProviderError as failure:
            error = failure
            # What was whole when an answer broke off stays.
            reply = fuller(rules.read(failure.said), reply)
            if failure.kind is ProviderErrorKind.BAD_REPLY:
                continue
            break
        reply = rules.read(completion.text)
        if completion.finish is not Finish.STOP:
            return _Outcome(at, chunk, reply, cut(), halve=completion.finish is Finish.LENGTH)
        # An answer of which nothing could be used is no answer, though it may say something.
        if reply is not None and (reply.drafts or not reply.malformed):
            return _Outcome(at, chunk, reply, text=completion.text)
    return _Outcome(at, chunk, reply, error)
