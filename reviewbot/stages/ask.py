"""Chunks → answers. Alone knows how chunks are asked about at once, asked again, and replaced by smaller ones."""

import threading
from collections import Counter, deque
from collections.abc import Callable, Generator, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from queue import SimpleQueue

from reviewbot.errors import ProviderError, ProviderErrorKind
from reviewbot.finding import Draft, Dropped
from reviewbot.ports import Answering, Provider
from reviewbot.reply import Reply
from reviewbot.review import Asked, At, Chunk, Closed, Completion, Finish, Planned, Prompt, Spent, Usage

ATTEMPTS = 2
"""How often a chunk is asked about before its answer counts as unusable."""

CUT_SPLITS = 4
"""How deep a chunk is halved because its answers are too long: at most 30 more requests, or money runs away."""

REFUSALS = 64
"""Refused prompts of one chunk after which the rest of it is named and not asked about: a filter may refuse all."""

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
        live: whether anybody watches answers come.
    """

    prompt: Callable[[Chunk, int], Prompt]
    read: Callable[[str], Reply | None]
    resplit: Callable[[Chunk], Sequence[Chunk]]
    fits: Callable[[Chunk, int], bool]
    jobs: int
    live: bool = False


@dataclass(frozen=True, slots=True)
class Answered:
    """What became of one chunk.

    Attributes:
        drafts: the claims of its answer.
        malformed: claims that could not be used.
        error: why the chunk, or the rest of its answer, is missing; None where it was reviewed.
    """

    at: At
    chunk: Chunk
    drafts: tuple[Draft, ...] = ()
    malformed: tuple[Dropped, ...] = ()
    error: ProviderError | None = None


@dataclass(frozen=True, slots=True)
class Heard:
    """An answer under way: all of its text so far."""

    at: At
    chunk: Chunk
    text: str


@dataclass(frozen=True, slots=True)
class _Outcome:
    """What a worker brings back; `crash` is a bug, to be raised where someone listens."""

    at: At
    chunk: Chunk
    reply: Reply | None = None
    error: ProviderError | None = None
    crash: BaseException | None = None


AskEvent = Planned | Asked | Heard | Spent | Answered | Closed


def ask(chunks: Iterable[Chunk], *, provider: Provider, rules: Rules) -> Generator[AskEvent, None, None]:
    """Ask about every chunk, in input order, several at once.

    Answers come as they arrive. A refused chunk is replaced by smaller ones whose place begins with its own. After an
    answer that no other prompt can do better than, nothing more is sent, and the rest is answered with that error.
    """
    waiting: deque[tuple[At, Chunk]] = deque(((index,), chunk) for index, chunk in enumerate(chunks))
    yield from [Planned(at, chunk) for at, chunk in waiting]
    arrived: SimpleQueue[Heard | Spent | _Outcome] = SimpleQueue()
    known = _Known()
    flying = 0
    while waiting or flying:
        while waiting and flying < rules.jobs:
            at, chunk = waiting.popleft()
            if known.too_long and not rules.fits(chunk, known.too_long.limit or 0):
                # The endpoint has said how much it takes; nothing larger is sent any more.
                yield from _settled(_Outcome(at, chunk, error=known.too_long), waiting, known, rules)
                continue
            yield Asked(at)
            # Daemons: an interrupted review must not wait for answers that nobody reads.
            threading.Thread(target=_work, args=(at, chunk, provider, rules, arrived), daemon=True).start()
            flying += 1
        if not flying:
            continue
        heard = arrived.get()
        if isinstance(heard, _Outcome):
            flying -= 1
            yield from _settled(heard, waiting, known, rules)
        else:
            yield heard


@dataclass
class _Known:
    """What the refusals of a run have taught: how often each chunk was refused, and how much the endpoint takes."""

    refused: Counter[int] = field(default_factory=Counter)
    too_long: ProviderError | None = None

    def learn(self, outcome: _Outcome) -> None:
        error = outcome.error
        if error is None:
            return
        self.refused[outcome.at[0]] += 1
        if error.limit and (self.too_long is None or error.limit < (self.too_long.limit or 0)):
            self.too_long = error


def _settled(
    outcome: _Outcome, waiting: deque[tuple[At, Chunk]], known: _Known, rules: Rules
) -> Generator[AskEvent, None, None]:
    """What follows from an outcome; smaller chunks and what nobody can answer change what is waiting."""
    if outcome.crash:
        raise outcome.crash
    known.learn(outcome)
    smaller = _smaller(outcome, rules) if known.refused[outcome.at[0]] <= REFUSALS else ()
    waiting.extendleft(reversed(smaller))
    yield from _report(outcome, smaller)
    if outcome.error and outcome.error.kind.fatal:
        for at, chunk in waiting:
            yield from (Answered(at, chunk, error=outcome.error), Closed(at))
        waiting.clear()


def _smaller(outcome: _Outcome, rules: Rules) -> tuple[tuple[At, Chunk], ...]:
    kind = outcome.error.kind if outcome.error else None
    hopeless = {
        ProviderErrorKind.TOO_LONG: outcome.chunk.tokens < TINY,
        ProviderErrorKind.FILTERED: False,
        ProviderErrorKind.CUT: len(outcome.at) > CUT_SPLITS,
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
        yield Answered(outcome.at, outcome.chunk, reply.drafts, reply.malformed, outcome.error)
    yield Closed(outcome.at)


def _work(
    at: At, chunk: Chunk, provider: Provider, rules: Rules, arrived: "SimpleQueue[Heard | Spent | _Outcome]"
) -> None:
    try:
        arrived.put(_ask_one(at, chunk, provider, rules, arrived))
    except BaseException as crash:
        arrived.put(_Outcome(at, chunk, crash=crash))


def _ask_one(
    at: At, chunk: Chunk, provider: Provider, rules: Rules, arrived: "SimpleQueue[Heard | Spent | _Outcome]"
) -> _Outcome:
    def tell(piece: str | Usage) -> None:
        arrived.put(Spent(at, piece) if isinstance(piece, Usage) else Heard(at, chunk, piece))

    error, reply = _unreadable(), None
    for attempt in range(ATTEMPTS):
        try:
            completion = _listened(provider.complete(rules.prompt(chunk, attempt)), rules, tell)
        except ProviderError as failure:
            error = failure
            if failure.kind is ProviderErrorKind.BAD_REPLY:
                continue
            # What was whole when an answer broke off stays.
            reply = rules.read(failure.said) if failure.said else reply
            break
        reply = rules.read(completion.text)
        if completion.finish is Finish.LENGTH:
            return _Outcome(at, chunk, reply, _cut())
        # An answer of which nothing could be used is no answer, though it may say something.
        if reply is not None and (reply.drafts or not reply.malformed):
            return _Outcome(at, chunk, reply)
    return _Outcome(at, chunk, reply, error)


def _listened(coming: Answering, rules: Rules, heard: Callable[[str | Usage], None]) -> Completion:
    """Wait for an answer and tell what is heard of it."""
    while True:
        try:
            piece = next(coming)
        except StopIteration as end:
            completion: Completion = end.value
            return completion
        if rules.live or isinstance(piece, Usage):
            heard(piece)


def _unreadable() -> ProviderError:
    return ProviderError(
        f"the model gave no readable answer in {ATTEMPTS} attempts",
        kind=ProviderErrorKind.BAD_REPLY,
        hint="run again, or choose another model with --model",
        slug="provider-bad-reply",
    )


def _cut() -> ProviderError:
    return ProviderError(
        "the model's answer broke off at its length limit",
        kind=ProviderErrorKind.CUT,
        hint="ask about less at once with a smaller --chunk-tokens",
        slug="provider-cut",
    )
