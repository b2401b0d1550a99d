"""Stops before a request that could cost more than is allowed. Alone knows what was spent and what may still be."""

import threading
from dataclasses import dataclass, field, replace
from decimal import Decimal

from reviewbot.calls._around import Around
from reviewbot.deadline import Deadline
from reviewbot.errors import ProviderError, ProviderErrorKind
from reviewbot.overhear import overheard
from reviewbot.ports import Answering, Heard
from reviewbot.review import Prompt, Usage
from reviewbot.tokens import ByteCounter, Counter, chat_tokens

LOOK_AGAIN = 0.2
"""Seconds to wait at a time while answers under way may turn out cheaper than feared."""


@dataclass
class Purse:
    """Money of one run, in the model's currency.

    Attributes:
        limit: what may be spent.
        spent: what was.
        feared: what the requests under way cost at most.
        book: held while it is counted: several providers may spend it.
    """

    limit: Decimal
    spent: Decimal = Decimal()
    feared: Decimal = Decimal()
    book: threading.Lock = field(default_factory=threading.Lock, compare=False, repr=False)


@dataclass(frozen=True)
class Budget(Around):
    """Asks only while the dearest answer still fits.

    Attributes:
        purse: what there is.
        deadline: is given up once a request does not fit.
    """

    purse: Purse
    deadline: Deadline

    def complete(self, prompt: Prompt) -> Answering:
        """Ask, and ask again, while the worst case fits.

        Raises:
            ProviderError: it could cost more than is left.
        """
        worst, said = self._reserve(prompt), ""
        under_way = True

        def hear(heard: Heard) -> None:
            nonlocal worst, said, under_way
            if not isinstance(heard, Usage):
                if not under_way:
                    # The price of one request is known, and text begins anew: that is another one.
                    worst = self._reserve(prompt)
                said, under_way = heard, True
                return
            self._settle(worst if under_way else Decimal(), worst if heard.cost is None else heard.cost)
            under_way = False

        try:
            return (yield from overheard(self.provider.complete(prompt), hear))
        finally:
            if under_way:
                # What was refused costs nothing. What was answered and has no price is taken for the worst.
                self._settle(worst, worst if said else Decimal())

    def _settle(self, feared: Decimal, cost: Decimal) -> None:
        with self.purse.book:
            self.purse.feared -= feared
            self.purse.spent += cost

    def _reserve(self, prompt: Prompt) -> Decimal:
        worst, exact = self._worst(prompt, ByteCounter()), False
        while True:
            with self.purse.book:
                left = self.purse.limit - self.purse.spent
                if worst <= left - self.purse.feared:
                    self.purse.feared += worst
                    return worst
                others = bool(self.purse.feared)
            if not exact:
                # The bound does not fit; the count may.
                worst, exact = self._worst(prompt, self.counter), True
            elif worst > left or not others:
                error = self._too_dear(worst, left)
                self.deadline.give_up(error)
                raise error
            else:
                self.deadline.wait(LOOK_AGAIN)

    def _worst(self, prompt: Prompt, counter: Counter) -> Decimal:
        model = self.model
        tokens, answer = chat_tokens(counter, prompt.texts), prompt.limit or model.max_output
        cost = model.cost(input_tokens=tokens, output_tokens=answer)
        if cost is None and model.price:
            # Longer than any prompt that has a price: as dear as the longest that has one, or dearer.
            last = replace(model, price=(replace(model.price[-1], up_to=None),))
            cost = last.cost(input_tokens=tokens, output_tokens=answer)
        return Decimal() if cost is None else cost

    def _too_dear(self, worst: Decimal, left: Decimal) -> ProviderError:
        currency = self.model.currency
        return ProviderError(
            f"the next request may cost {worst:.4f} {currency}, and {left:.4f} of --max-cost are left",
            kind=ProviderErrorKind.OVER_BUDGET,
            hint="raise --max-cost, and run again: what was answered is not asked again",
            slug="provider-over-budget",
        )
