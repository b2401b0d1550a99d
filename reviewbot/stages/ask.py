"""Chunks → answers. Alone knows how chunks are asked about at once, asked again, and replaced by smaller ones."""

import threading
from collections import Counter, deque
from collections.abc import Callable, Generator, Iterable, Iterator, Sequence
from dataclasses import dataclass
from queue import SimpleQueue

from reviewbot.errors import ProviderError, ProviderErrorKind
from reviewbot.finding import Draft, Dropped
from reviewbot.ports import Provider
from reviewbot.reply import Reply
from reviewbot.review import Asked, At, Chunk, Closed, Finish, Planned, Prompt, Spent, Usage

ATTEMPTS = 2
"""How often a chunk is asked about before its answer counts as unusable."""

CUT_SPLITS = 3
"""How deep a chunk is halved because its answers are too long: at most 14 more requests, or money runs away."""

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
        jobs: how many prompts may be under way at once.
    """

    prompt: Callable[[Chunk, int], Prompt]
    read: Callable[[str], Reply | None]
    resplit: Callable[[Chunk], Sequence[Chunk]]
    jobs: int


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
class _Outcome:
    """What a worker brings back; `crash` is a bug, to be raised where someone listens."""

    at: At
    chunk: Chunk
    usages: tuple[Usage, ...] = ()
    reply: Reply | None = None
    error: ProviderError | None = None
    crash: BaseException | None = None


AskEvent = Planned | Asked | Spent | Answered | Closed


def ask(chunks: Iterable[Chunk], *, provider: Provider, rules: Rules) -> Generator[AskEvent, None, None]:
    """Ask about every chunk, in input order, several at once.

    Answers come as they arrive. A refused chunk is replaced by smaller ones whose place begins with its own. After an
    answer that no other prompt can do better than, nothing more is sent, and the rest is answered with that error.
    """
    waiting: deque[tuple[At, Chunk]] = deque(((index,), chunk) for index, chunk in enumerate(chunks))
    yield from [Planned(at, chunk) for at, chunk in waiting]
    arrived: SimpleQueue[_Outcome] = SimpleQueue()
    refused: Counter[int] = Counter()
    flying = 0
    while waiting or flying:
        while waiting and flying < rules.jobs:
            at, chunk = waiting.popleft()
            yield Asked(at)
            # Daemons: an interrupted review must not wait for answers that nobody reads.
            threading.Thread(target=_work, args=(at, chunk, provider, rules, arrived), daemon=True).start()
            flying += 1
        outcome = arrived.get()
        flying -= 1
        if outcome.crash:
            raise outcome.crash
        refused[outcome.at[0]] += outcome.error is not None
        smaller = _smaller(outcome, rules) if refused[outcome.at[0]] <= REFUSALS else ()
        waiting.extendleft(reversed(smaller))
        yield from _report(outcome, smaller)
        if outcome.error and outcome.error.kind.fatal:
            yield from [
                event for at, chunk in waiting for event in (Answered(at, chunk, error=outcome.error), Closed(at))
            ]
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
    yield from [Spent(outcome.at, usage) for usage in outcome.usages]
    planned = [Planned(at, chunk) for at, chunk in smaller]
    yield from planned
    reply = outcome.reply or Reply(())
    # What was whole in an answer that was cut stays, though its chunk is asked about again in parts.
    error = None if planned else outcome.error
    yield Answered(outcome.at, outcome.chunk, reply.drafts, reply.malformed, error)
    yield Closed(outcome.at)


def _work(at: At, chunk: Chunk, provider: Provider, rules: Rules, arrived: "SimpleQueue[_Outcome]") -> None:
    try:
        arrived.put(_ask_one(at, chunk, provider, rules))
    except BaseException as crash:
        arrived.put(_Outcome(at, chunk, crash=crash))


def _ask_one(at: At, chunk: Chunk, provider: Provider, rules: Rules) -> _Outcome:
    usages: list[Usage] = []
    error, reply = _unreadable(), None
    for attempt in range(ATTEMPTS):
        try:
            completion = provider.complete(rules.prompt(chunk, attempt))
        except ProviderError as failure:
            error = failure
            if failure.kind is ProviderErrorKind.BAD_REPLY:
                continue
            break
        usages.append(completion.usage)
        reply = rules.read(completion.text)
        if completion.finish is Finish.LENGTH:
            return _Outcome(at, chunk, tuple(usages), reply, _cut())
        # An answer of which nothing could be used is no answer, though it may say something.
        if reply is not None and (reply.drafts or not reply.malformed):
            return _Outcome(at, chunk, tuple(usages), reply)
    return _Outcome(at, chunk, tuple(usages), reply, error)


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
