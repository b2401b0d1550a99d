"""What a run does from its settings to its review or its plan: the only module that sees pipeline and adapters."""

import os
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from enum import StrEnum
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from reviewbot import catalogue, policyfile, registry, wiring
from reviewbot.catalogue import Catalogue, Model
from reviewbot.config import Invocation, Policy, Setting, key_variable, key_variables, route, with_key
from reviewbot.deadline import Deadline
from reviewbot.errors import ConfigError
from reviewbot.events import Event
from reviewbot.ports import Format, Provider, Request, Route, View
from reviewbot.review import Change, Prompt, Review, Usage
from reviewbot.wiring import World

if TYPE_CHECKING:
    from reviewbot.nobody import Nobody
    from reviewbot.planning import Estimate, Inspected, Plan, Settings
    from reviewbot.stages.select import Selected


@dataclass(frozen=True, slots=True)
class Run:
    """A review that is about to be made: what will be asked is known, nothing has been sent.

    Attributes:
        plan: files, chunks and what is left out.
        provider: who will be asked; None where there is nothing to ask.
        deadline: when it has to end.
    """

    plan: "Plan"
    provider: Provider | None
    deadline: Deadline
    started: float

    def events(self, *, live: bool) -> Iterator[Event]:
        """Make the review; whoever reads the events drives it.

        Args:
            live: also tell of findings whose answer still comes.
        """
        from reviewbot import pipeline

        if self.provider:
            yield from pipeline.events(self.plan, provider=self.provider, deadline=self.deadline, live=live)

    def review(self, events: Iterable[Event]) -> Review:
        """What the events amount to, also those of a run that was interrupted."""
        from reviewbot import pipeline

        return pipeline.fold(self.plan, events, seconds=time.monotonic() - self.started)


@dataclass(frozen=True, slots=True)
class Idle:
    """A run without a change. The stages are not even imported: a hook with nothing staged must not be felt."""

    change: Change
    model: Model
    started: float
    provider: None = None

    def events(self, *, live: bool) -> Iterator[Event]:
        """Nothing happens."""
        del live
        return iter(())

    def review(self, _: Iterable[Event]) -> Review:
        """A review of nothing."""
        seconds = time.monotonic() - self.started
        return Review(self.change, self.model.name, (), (), (), Usage(), seconds)


@contextmanager
def open_run(invocation: Invocation, policy: Policy, world: World) -> Iterator[Run | Idle]:
    """Read the change and plan its review. A provider is reached only when there is something to ask.

    Raises:
        ReviewbotError: the change, the model or the settings cannot be used.
    """
    started = time.monotonic()
    _check_files(invocation, policyfile.top(Path(world.cwd)))
    known = catalogue.load()
    # Before anything else: the time for reading the change counts too.
    way = replace(route(invocation, policy, known), deadline=Deadline(invocation.timeout))
    change = wiring.source(invocation, world).collect()
    if not change.files:
        yield Idle(change, way.model, started)
        return
    from reviewbot import planning

    inspected = wiring.inspected(change, policy, world)
    settings = wiring.settings(policy, jobs=invocation.jobs)
    chosen = planning.choose(inspected.change, settings=settings)
    asked: Route | Nobody | None = None
    if chosen.files:
        # What is known without a model is told all the same to those who let the rest fail.
        asked = _keyed(way, known, world, needed=not (invocation.fail_open and inspected.findings))
    with _connected(asked, invocation, world) as provider:
        yield Run(_plan(inspected, chosen, settings, provider or way), provider, way.deadline, started)


def _keyed(way: Route, known: Catalogue, world: World, *, needed: bool) -> "Route | Nobody":
    """The way with its key, or what stands for it where there is none and none is needed."""
    try:
        return with_key(way, known, world.environment)
    except ConfigError as error:
        if needed or error.slug != "no-key":
            raise
        from reviewbot.nobody import Nobody

        return Nobody(way, error)


@contextmanager
def _connected(way: "Route | Nobody | None", invocation: Invocation, world: World) -> Iterator[Provider | None]:
    """Who answers, for as long as needed; nobody where there is no way."""
    if not isinstance(way, Route):
        yield way
        return
    provider = wiring.provider(way, invocation, world)
    try:
        yield provider
    finally:
        provider.close()


def _plan(inspected: "Inspected", chosen: "Selected", settings: "Settings", asked: Provider | Route) -> "Plan":
    from reviewbot import planning, tokens

    counter = tokens.counter(asked.model.vocabulary) if isinstance(asked, Route) else asked.counter
    return planning.plan(inspected, chosen, settings=settings, model=asked.model, counter=counter)


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
        estimates: what each chunk takes, in their order.
        way: the provider and its address.
        limit_from: who says how much the model takes.
        prompts: what the model would see of each chunk; empty unless wanted.
        requests: what would leave the machine for it, None where nothing does; empty unless wanted.
    """

    plan: "Plan"
    estimates: "tuple[Estimate, ...]"
    way: Route
    limit_from: LimitFrom
    prompts: tuple[Prompt, ...] = ()
    requests: tuple[Request | None, ...] = ()


def look_ahead(invocation: Invocation, policy: Policy, world: World, *, prompts: bool) -> Outlook:
    """Plan a review without making it.

    A provider is reached only where nobody else knows how much the model takes; it is told nothing of the change.

    Args:
        invocation: as for the review.
        policy: as for the review.
        world: as for the review.
        prompts: whether to show what would leave the machine.

    Raises:
        ReviewbotError: the change, the model or the settings cannot be used.
    """
    from reviewbot import planning

    known = catalogue.load()
    way = route(invocation, policy, known)
    change = wiring.source(invocation, world).collect()
    inspected = wiring.inspected(change, policy, world)
    settings = wiring.settings(policy, jobs=invocation.jobs)
    chosen = planning.choose(inspected.change, settings=settings)
    # An embedded model is loaded only where its file has to be read; the others send nothing before they are asked.
    wanted = chosen.files and (way.learn or way.path.name or (prompts and way.base_url))
    asked = with_key(way, known, world.environment) if way.learn and wanted else way if wanted else None
    with _connected(asked, invocation, world) as provider:
        plan = _plan(inspected, chosen, settings, provider or wiring.within_minute(way, invocation))
        shown = tuple(planning.first_prompts(plan)) if prompts else ()
        requests = tuple(provider.request(prompt) if provider else None for prompt in shown)
        return Outlook(plan, planning.estimates(plan), way, _limit_from(invocation, way, plan.model), shown, requests)


def _limit_from(invocation: Invocation, way: Route, model: Model) -> LimitFrom:
    if wiring.fills_minute(model, invocation):
        return LimitFrom.MINUTE
    if way.learn:
        # Not by value: a server may well say what would have been assumed.
        return LimitFrom.ASSUMED if model is way.model else LimitFrom.PROVIDER
    return LimitFrom.CATALOGUE if invocation.input_limit is None else LimitFrom.OPTION


@dataclass(frozen=True, slots=True)
class Key:
    """A variable that may hold a key.

    Attributes:
        variable: its name.
        set: True where it holds something.
        sent: True where it goes to the endpoint in use.
    """

    variable: str
    set: bool
    sent: bool


@dataclass(frozen=True, slots=True)
class Effective:
    """What holds, and what it leads to.

    Attributes:
        settings: every one of them.
        way: who would be asked; it holds no key.
        keys: the variables that may hold one.
    """

    settings: tuple[Setting, ...]
    way: Route
    keys: tuple[Key, ...]


def effective(settings: tuple[Setting, ...], invocation: Invocation, policy: Policy, world: World) -> Effective:
    """What settings lead to.

    Args:
        settings: every one of them.
        invocation: built from them.
        policy: the same.
        world: holds the variables with the keys.

    Raises:
        ConfigError: they cannot be meant.
    """
    known = catalogue.load()
    way = route(invocation, policy, known)
    sent = key_variable(way, known, world.environment)
    held = {name: world.environment.get(name, "").strip() for name in key_variables(known)}
    keys = tuple(Key(name, bool(value), name == sent) for name, value in held.items())
    return Effective(settings, way, keys)


@contextmanager
def sample() -> Iterator[str]:
    """A folder with the small repository of `reviewbot demo`, for as long as it is needed."""
    from reviewbot.sources import _sample

    with TemporaryDirectory(prefix="reviewbot-demo-") as folder:
        _sample.make(folder)
        yield folder


def render(review: Review, name: str, view: View) -> str:
    """The report in one format."""
    chosen: Format = registry.load("formats", name).render
    return chosen(review, view)


def _check_files(invocation: Invocation, top: Path) -> None:
    """Refuse a path that cannot be written before money is spent, and one that a link of the repository leads away."""
    for path in (*(sink.path for sink in invocation.sinks), invocation.record):
        if path is None:
            continue
        if not path.is_absolute() and not Path().exists():
            raise unwritable(path, "the present folder is gone")
        if policyfile.leads_out(path, top):
            raise unwritable(path, "a link leads it out of the repository")
        target = path.resolve()
        if target.is_dir():
            raise unwritable(path, "it is a folder")
        if not target.exists() and not target.parent.is_dir():
            raise unwritable(path, f"there is no folder {target.parent}")
        if not os.access(target if target.exists() else target.parent, os.W_OK):
            raise unwritable(path, "permission denied")


def unwritable(path: Path | str, why: str) -> ConfigError:
    """The error for an output that cannot be written."""
    return ConfigError(f"cannot write {path}: {why}", hint="name a file in a folder that exists", slug="cannot-write")
