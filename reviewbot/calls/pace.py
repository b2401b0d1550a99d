"""Keeps below the requests and tokens that an endpoint allows in a minute. Alone knows how they are counted.

A request counts from its start. Its prompt's tokens count from then, its answer's from its end. Until then room for the
longest answer it may give is kept: not all of it at once, but as fast as answers have come so far.
"""

import math
import threading
from collections import deque
from contextlib import AbstractContextManager
from dataclasses import dataclass, field, replace

from reviewbot.calls._around import Around
from reviewbot.catalogue import Model
from reviewbot.deadline import Deadline
from reviewbot.errors import ProviderError, ProviderErrorKind
from reviewbot.overhear import overheard
from reviewbot.ports import Answering, Heard, Request
from reviewbot.review import Prompt, Usage
from reviewbot.tokens import ByteCounter, Counter, bound, chat_tokens

MINUTE = 60.25
"""Seconds; a little more than a minute, since requests do not take equally long to arrive."""

FASTER = 2
"""How many times faster than the fastest answer so far another may come."""

TELLING = 256
"""Tokens of an answer that is long enough to tell how fast answers come."""

SHARE = 16
"""Where an answer can be gone on with, it is asked for in pieces of at most this part of a minute's tokens: while the
longest answer of a model is kept free in a small minute, the minute lies idle."""

LEAST = 1_024
"""Tokens of the smallest such piece: few comments are longer."""

LOOK_AGAIN = 0.2
"""Seconds to wait at most while an answer under way may give back what was kept free for it."""


@dataclass(eq=False)
class Ticket:
    """One request: when it started, what its prompt counts, and how long its answer may get, in tokens."""

    moment: float
    prompt: int
    longest: int


@dataclass
class Window:
    """What was used in the last minute and what is kept free.

    Attributes:
        requests: allowed in a minute, None: any number.
        tokens: allowed in a minute, None: any number.
    """

    requests: int | None = None
    tokens: int | None = None
    _started: deque[Ticket] = field(default_factory=deque, repr=False)
    _answers: deque[tuple[float, int]] = field(default_factory=deque, repr=False)
    _flying: list[Ticket] = field(default_factory=list, repr=False)
    _fastest: float = 0.0

    @property
    def flying(self) -> bool:
        """True while a request is under way."""
        return bool(self._flying)

    def delay(self, now: float, *, prompt: int, answer: int) -> float:
        """Seconds until a request may start, or until it certainly may if nothing else happens.

        Args:
            now: seconds.
            prompt: tokens.
            answer: tokens at most.

        Returns:
            Infinity while only others' ends can tell.
        """
        self._forget(now)
        wait = 0.0
        if self.requests is not None and len(self._started) >= self.requests:
            wait = self._started[len(self._started) - self.requests].moment + MINUTE - now
        if self.tokens is None or self._fits(now, Ticket(now, prompt, answer), self.tokens):
            return wait
        return max(wait, self._free(now, prompt + answer - self.tokens))

    def start(self, now: float, *, prompt: int, answer: int) -> Ticket:
        """A request starts."""
        ticket = Ticket(now, prompt, answer)
        self._started.append(ticket)
        self._flying.append(ticket)
        return ticket

    def end(self, now: float, ticket: Ticket, *, prompt: int, answer: int) -> None:
        """It has ended.

        Args:
            now: seconds.
            ticket: what `start` gave.
            prompt: tokens it really had.
            answer: tokens it really gave.
        """
        self._flying.remove(ticket)
        ticket.prompt = prompt
        self._answers.append((now, answer))
        if answer >= TELLING:
            # Short ones tell how long the endpoint takes to begin.
            seconds = now - ticket.moment
            self._fastest = max(self._fastest, answer / seconds if seconds > 0 else math.inf)

    def _forget(self, now: float) -> None:
        while self._started and self._started[0].moment + MINUTE <= now:
            self._started.popleft()
        while self._answers and self._answers[0][0] + MINUTE <= now:
            self._answers.popleft()

    def _used(self) -> list[tuple[float, int]]:
        return [(ticket.moment, ticket.prompt) for ticket in self._started] + [*self._answers]

    def _fits(self, now: float, new: Ticket, allowed: int) -> bool:
        """Whether at no moment to come, however long the answers get, more than is allowed will be used."""
        speed = self._fastest * FASTER or math.inf
        flying = [*self._flying, new]
        # An answer has come as far as it can, or grows until then.
        grown = [speed == math.inf or ticket.longest <= speed * (now - ticket.moment) for ticket in flying]
        level, slope = float(new.prompt), 0.0
        turns: list[tuple[float, float, float]] = []
        for moment, tokens in self._used():
            level += tokens
            turns.append((moment + MINUTE, tokens, 0.0))
        for ticket, whole in zip(flying, grown, strict=True):
            level += ticket.longest if whole else speed * (now - ticket.moment)
            if not whole:
                slope += speed
                turns.append((ticket.moment + ticket.longest / speed, 0.0, speed))
        for moment, gone, slower in sorted(turns):
            level += slope * (moment - now)
            # Sums of fractions miss by a little.
            if level > allowed + 1e-6:
                return False
            now, level, slope = moment, level - gone, slope - slower
        return level <= allowed + 1e-6

    def _free(self, now: float, over: int) -> float:
        """Seconds until what was used has gone by so far that nothing is over the limit."""
        used = self._used()
        over += sum(ticket.longest for ticket in self._flying) + sum(tokens for _, tokens in used)
        for moment, tokens in sorted(used):
            over -= tokens
            if over <= 0:
                return moment + MINUTE - now
        return math.inf


@dataclass(frozen=True)
class Pace(Around):
    """Starts a request when the minute has room for it, one after the other.

    Attributes:
        window: what the endpoint allows.
        deadline: no request starts after it.
        turn: held by the one request that is to start next.
    """

    window: Window
    deadline: Deadline
    turn: AbstractContextManager[object] = field(default_factory=threading.Lock, repr=False)
    _book: threading.Lock = field(default_factory=threading.Lock, repr=False)

    @property
    def model(self) -> Model:
        """Of the provider inside, with prompts that fit a minute."""
        return within_minute(self.provider.model, self.window.tokens)

    def request(self, prompt: Prompt) -> Request | None:
        """Of the provider inside, with the limit that the answer will have."""
        return self.provider.request(replace(prompt, limit=self._longest(prompt)))

    def complete(self, prompt: Prompt) -> Answering:
        """Ask when there is room.

        Raises:
            ProviderError: prompt and answer are more than a minute allows.
        """
        with self.turn:
            ticket = self._start(prompt)
        told, said = Usage(), ""

        def hear(heard: Heard) -> None:
            nonlocal told, said
            if isinstance(heard, Usage):
                told += heard
            else:
                said = heard

        try:
            return (yield from overheard(self.provider.complete(replace(prompt, limit=ticket.longest)), hear))
        finally:
            asked = told.input_tokens or ticket.prompt
            answered = told.output_tokens or min(bound(said), ticket.longest)
            with self._book:
                self.window.end(self._now(), ticket, prompt=asked, answer=answered)

    def _now(self) -> float:
        return self.deadline.clock.now()

    def _start(self, prompt: Prompt) -> Ticket:
        answer = self._longest(prompt)
        tokens, exact = self._tokens(prompt, ByteCounter()), False
        while True:
            # Others waited for their turn before: the run may have been given up meanwhile.
            self.deadline.check()
            with self._book:
                now = self._now()
                delay = self.window.delay(now, prompt=tokens, answer=answer)
                if delay <= 0:
                    return self.window.start(now, prompt=tokens, answer=answer)
                flying = self.window.flying
            if exact:
                self.deadline.wait(min(delay, LOOK_AGAIN) if flying else delay)
            else:
                # The bound does not fit; the count may.
                tokens, exact = self._tokens(prompt, self.counter), True
                self._check_size(tokens + answer)

    def _longest(self, prompt: Prompt) -> int:
        return prompt.limit or _piece(self.model, self.window.tokens)

    def _tokens(self, prompt: Prompt, counter: Counter) -> int:
        return 0 if self.window.tokens is None else chat_tokens(counter, prompt.texts)

    def _check_size(self, tokens: int) -> None:
        allowed = self.window.tokens
        if allowed is not None and tokens > allowed:
            raise _larger_than_a_minute(tokens, allowed)


def room(model: Model, tokens: int) -> int:
    """The most tokens a prompt may have in a minute of so many, an answer beside it."""
    return max(tokens - _piece(model, tokens), 0)


def within_minute(model: Model, tokens: int | None) -> Model:
    """A model whose prompts fit a minute of so many tokens, None: of any number."""
    if tokens is None or model.max_input <= room(model, tokens):
        return model
    return model.limited(max_input=room(model, tokens))


def _piece(model: Model, allowed: int | None) -> int:
    """Tokens of answer that are asked for at once."""
    if allowed is None or not model.partial:
        return model.max_output
    return min(model.max_output, max(allowed // SHARE, LEAST))


def _larger_than_a_minute(tokens: int, allowed: int) -> ProviderError:
    return ProviderError(
        f"prompt and answer may take {tokens:,} tokens, and {allowed:,} are allowed in a minute",
        kind=ProviderErrorKind.TOO_LONG,
        hint="raise --tpm, or lower --chunk-tokens",
        slug="provider-too-long",
    )
