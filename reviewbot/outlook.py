"""What a review would ask: planned like one, and nobody is asked about the change."""

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from reviewbot import app, asking, catalogue, wiring
from reviewbot.catalogue import Model
from reviewbot.config import Invocation, Policy
from reviewbot.ports import Request, Route
from reviewbot.review import Prompt
from reviewbot.routing import route, second, with_key
from reviewbot.wiring import World

if TYPE_CHECKING:
    from reviewbot.estimate import Estimate
    from reviewbot.planning import Plan
    from reviewbot.pulls import Pull


class LimitFrom(StrEnum):
    """Who says how many tokens a model takes."""

    CATALOGUE = "catalogue"
    OPTION = "option"
    PROVIDER = "provider"
    MINUTE = "minute"
    ASSUMED = "assumed"


@dataclass(frozen=True, slots=True)
class Outlook:
    """What a review would ask; nobody was asked.

    Attributes:
        plan: files, chunks and what is left out.
        estimates: what each prompt takes: those of the first pass in the order of the chunks, then those of the next.
        way: the provider and its address.
        limit_from: who says how much the model takes.
        prompts: what the model would see, in the same order; empty unless wanted.
        requests: what would leave the machine for it, None where nothing does; empty unless wanted.
        check: who would be asked whether what was found is wrong, None: nobody.
        checks: what that takes at most of each chunk, in their order.
    """

    plan: "Plan"
    estimates: "tuple[Estimate, ...]"
    way: Route
    limit_from: LimitFrom
    prompts: tuple[Prompt, ...] = ()
    requests: tuple[Request | None, ...] = ()
    check: Route | None = None
    checks: "tuple[Estimate, ...]" = ()


def look_ahead(
    invocation: Invocation, policy: Policy, world: World, *, prompts: bool, pull: "Pull | None" = None
) -> Outlook:
    """Plan a review without making it.

    A provider is reached only where nobody else knows how much the model takes; it is told nothing of the change.

    Args:
        invocation: as for the review.
        policy: as for the review.
        world: as for the review.
        prompts: whether to show what would leave the machine.
        pull: as for the review.

    Raises:
        ReviewbotError: the change, the model or the settings cannot be used.
    """
    from reviewbot.estimate import checks, estimates, first_prompts
    from reviewbot.tokens import counter

    known = catalogue.load()
    way = route(invocation, policy, known)
    change = app.collected(invocation, world, pull)
    with app.look(change, invocation, policy, world, model=way.model.name, pull=pull) as looked:
        # An embedded model is loaded only where its file has to be read; the others send nothing before they are asked.
        wanted = looked.chosen.files and (way.learn or way.path.name or (prompts and way.base_url))
        asked = with_key(way, known, world.environment) if way.learn and wanted else way if wanted else None
        with asking.connected(asked, invocation, world) as provider:
            plan = looked.plan(provider or wiring.within_minute(way, invocation))
            shown = tuple(first_prompts(plan)) if prompts else ()
            requests = tuple(provider.request(prompt) if provider else None for prompt in shown)
            limit_from = _limit_from(invocation, way, plan.model)
            check = second(invocation, policy, known)
            # Of a model that only its server or its file knows bytes are counted, which are never fewer.
            feared = checks(plan, model=check.model, counter=counter(check.model.vocabulary)) if check else ()
            return Outlook(plan, estimates(plan), way, limit_from, shown, requests, check, feared)


def _limit_from(invocation: Invocation, way: Route, model: Model) -> LimitFrom:
    if wiring.fills_minute(model, invocation):
        return LimitFrom.MINUTE
    if way.learn:
        # Not by value: a server may well say what would have been assumed.
        return LimitFrom.ASSUMED if model is way.model else LimitFrom.PROVIDER
    return LimitFrom.CATALOGUE if invocation.input_limit is None else LimitFrom.OPTION
