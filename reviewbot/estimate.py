"""What asking costs, before anybody is asked."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from decimal import Decimal

from reviewbot.catalogue import Model
from reviewbot.passes import passes
from reviewbot.planning import Plan
from reviewbot.reply import OPENING
from reviewbot.review import Prompt
from reviewbot.stages.prompt import render_code
from reviewbot.stages.verify import around
from reviewbot.tokens import Counter


@dataclass(frozen=True, slots=True)
class Estimate:
    """What asking about one chunk takes, once.

    Attributes:
        tokens: of the whole prompt with the chat template, as its vocabulary counts them.
        cost: money with an empty answer and with one as long as it may be; None where no price is known.
    """

    tokens: int
    cost: tuple[Decimal, Decimal] | None


def first_prompts(plan: Plan) -> Iterator[Prompt]:
    """The prompt of every chunk in every pass, as it is asked for the first time, in the order of `passes`."""
    prefix = OPENING if plan.model.begun else ""
    return (replace(plan.prompt(chunk), prefix=prefix) for chunk in passes(plan))


def estimates(plan: Plan) -> tuple[Estimate, ...]:
    """What every prompt of `first_prompts` takes. What is refused and split, or asked again, comes on top."""
    fixed: dict[str, int] = {}
    model = plan.model
    made = []
    for asked in first_prompts(plan):
        diff = asked.messages[-1].content
        around = [text for text in asked.texts if text != diff]
        for text in around:
            # The same in every prompt.
            fixed[text] = fixed.get(text) or plan.counter.count(text)
        tokens = sum(fixed[text] for text in around) + plan.counter.count(diff)
        tokens += plan.counter.template(len(asked.texts))
        least, most = (model.cost(input_tokens=tokens, output_tokens=answer) for answer in (0, model.max_output))
        made.append(Estimate(tokens, None if least is None or most is None else (least, most)))
    return tuple(made)


def checks(plan: Plan, *, model: Model, counter: Counter) -> tuple[Estimate, ...]:
    """What checking what was found in each chunk takes at most: nothing where nothing is found.

    Claims are taken for as long as all answers may be in which they stand.

    Args:
        plan: of the review.
        model: who checks.
        counter: of that one's vocabulary.
    """
    texts = around()
    fixed = (
        sum(map(counter.count, texts)) + counter.template(len(texts)) + plan.settings.samples * plan.model.max_output
    )
    made = []
    for chunk in plan.chunks:
        tokens = fixed + counter.count(render_code(chunk))
        most = model.cost(input_tokens=tokens, output_tokens=model.max_output)
        made.append(Estimate(tokens, None if most is None else (Decimal(), most)))
    return tuple(made)
