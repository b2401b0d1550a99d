"""What a run does from its settings to its review: the only module that sees pipeline and adapters."""

import time
from collections.abc import Iterable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, replace
from math import inf
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from reviewbot import catalogue, policyfile, registry, wiring
from reviewbot.catalogue import Model
from reviewbot.config import Invocation, Policy
from reviewbot.deadline import Deadline
from reviewbot.memory import Known, Memory
from reviewbot.outputs import writable
from reviewbot.ports import Format, Provider, Route, Tree, View
from reviewbot.review import Change, Review, Usage
from reviewbot.routing import route
from reviewbot.wiring import World

if TYPE_CHECKING:
    from reviewbot.events import Event
    from reviewbot.hints import Told
    from reviewbot.nobody import Nobody
    from reviewbot.parsing import Parser
    from reviewbot.planning import Chosen, Inspected, Plan, Settings
    from reviewbot.pulls import Pull

LOOKING = 0.5
"""The share of the time that is left when no more code is looked for beside the change."""


@dataclass(frozen=True, slots=True)
class Run:
    """A review that is about to be made: what will be asked is known, nothing has been sent.

    Attributes:
        plan: files, chunks and what is left out.
        provider: who will be asked; None where there is nothing to ask.
        deadline: when it has to end.
        verifier: who will be asked whether what was found is wrong, None: nobody is.
    """

    plan: "Plan"
    provider: Provider | None
    deadline: Deadline
    started: float
    verifier: Provider | None = None

    def content(self, path: str) -> str | None:
        """A file as the change leaves it, None where it is not at hand."""
        return self.plan.around.content(path)

    @property
    def told(self) -> "tuple[Told, ...]":
        """What other tools say of the change."""
        return self.plan.told

    def events(self, *, live: bool) -> "Iterator[Event]":
        """Make the review; whoever reads the events drives it.

        Args:
            live: also tell of findings whose answer still comes.
        """
        from reviewbot import pipeline

        if self.provider:
            yield from pipeline.events(
                self.plan, provider=self.provider, verifier=self.verifier, deadline=self.deadline, live=live
            )

    def review(self, events: "Iterable[Event]") -> Review:
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
    told: tuple[()] = ()

    def content(self, _: str) -> None:
        """Nothing is at hand."""

    def events(self, *, live: bool) -> "Iterator[Event]":
        """Nothing happens."""
        del live
        return iter(())

    def review(self, _: "Iterable[Event]") -> Review:
        """A review of nothing."""
        seconds = time.monotonic() - self.started
        return Review(self.change, self.model.name, (), (), (), Usage(), seconds)


@contextmanager
def open_run(
    invocation: Invocation,
    policy: Policy,
    world: World,
    *,
    pull: "Pull | None" = None,
    baseline: tuple[Known, ...] = (),
) -> Iterator[Run | Idle]:
    """Read the change and plan its review. A provider is reached only when there is something to ask.

    Args:
        invocation: what is reviewed, by whom.
        policy: what counts.
        world: where it runs.
        pull: the pull request that is reviewed, None: something else is.
        baseline: findings that are silenced.

    Raises:
        ReviewbotError: the change, the model or the settings cannot be used.
    """
    started = time.monotonic()
    writable(invocation, policyfile.top(Path(world.cwd)))
    known = catalogue.load()
    # Before anything else: the time for reading the change counts too.
    deadline = pull.asking if pull else Deadline(invocation.timeout)
    way = replace(route(invocation, policy, known), deadline=deadline)
    change = collected(invocation, world, pull)
    if not (change.files or pull):
        yield Idle(change, way.model, started)
        return
    from reviewbot import asking

    with look(change, invocation, policy, world, model=way.model.name, pull=pull, baseline=baseline) as looked:
        asked: Route | Nobody | None = None
        if looked.chosen.files:
            # What is known without a model is told all the same to those who let the rest fail, and a report that is
            # to be read later must not be an older one.
            told = looked.inspected.findings or any(sink.kept for sink in invocation.sinks)
            asked = asking.keyed(way, known, world, needed=not (invocation.fail_open and told))
        check = asking.check(invocation, policy, known, world, deadline=deadline) if isinstance(asked, Route) else None
        with asking.both(asked, check, invocation, world) as (provider, verifier):
            yield looked.run(provider, way, started=started, verifier=verifier)


def collected(invocation: Invocation, world: World, pull: "Pull | None") -> Change:
    """The change, read once; arguments as of `open_run`.

    Raises:
        ReviewbotError: it cannot be read.
    """
    return (pull.source(world) if pull else wiring.source(invocation, world)).collect()


@dataclass(frozen=True, slots=True)
class Looked:
    """A change before anybody is asked about it.

    Attributes:
        inspected: without its credentials.
        chosen: the files worth asking about.
        settings: of the stages.
        memory: what earlier reviews left.
        parser: who reads the syntax of its files.
        tree: the files as it leaves them, None where they are not at hand.
    """

    inspected: "Inspected"
    chosen: "Chosen"
    settings: "Settings"
    memory: Memory
    parser: "Parser"
    tree: Tree | None = None

    def run(self, provider: Provider | None, way: Route, *, started: float, verifier: Provider | None = None) -> Run:
        """A review of it that is about to be made.

        Args:
            provider: who is asked, None: nobody has to be.
            way: to that one.
            started: when the run began, on the monotonic clock.
            verifier: who is asked whether what was found is wrong, None: nobody is.

        Raises:
            ConfigError: the model's input limit leaves no room for a diff.
        """
        plan = self.plan(provider or way, deadline=way.deadline)
        if verifier:
            plan = replace(plan, verifier=verifier.model.name)
        return Run(plan, provider, way.deadline, started, verifier)

    def plan(self, asked: Provider | Route, *, deadline: Deadline | None = None) -> "Plan":
        """What will be asked of a provider, or of the one at the end of a route.

        Args:
            asked: who.
            deadline: of the run, None: it may take any time.

        Raises:
            ConfigError: the model's input limit leaves no room for a diff.
        """
        from functools import lru_cache

        from reviewbot import planning, tokens
        from reviewbot.surroundings import Surroundings

        # Chunks of one change look into the same files.
        outline, hide = lru_cache(256)(self.parser.outline), lru_cache(256)(self.inspected.hide)
        # What helps may not take the time of what is needed.
        looking = (deadline or Deadline()).earlier(LOOKING, most=inf)
        counter = tokens.counter(asked.model.vocabulary) if isinstance(asked, Route) else asked.counter
        return planning.plan(
            self.inspected,
            self.chosen,
            settings=self.settings,
            model=asked.model,
            counter=counter,
            memory=self.memory,
            around=Surroundings(self.tree, self.parser.errors, outline, hide, late=lambda: looking.left() == 0),
        )


@contextmanager
def look(
    change: Change,
    invocation: Invocation,
    policy: Policy,
    world: World,
    *,
    model: str,
    pull: "Pull | None" = None,
    baseline: tuple[Known, ...] = (),
) -> Iterator[Looked]:
    """Look at a change without asking anybody, for as long as its syntax is of interest.

    Args:
        change: as its source gives it.
        invocation: as for the review.
        policy: as for the review.
        world: as for the review.
        model: the name of the one that will be asked.
        pull: as for the review; earlier reviews left something there.
        baseline: as for the review.

    Raises:
        ConfigError: a setting, or a file that it names, cannot be used.
    """
    from reviewbot import hintfiles, parsing, planning

    left = pull.brief.memory if pull else Memory()
    memory = replace(left, known=(*left.known, *baseline))
    inspected = hintfiles.heard(wiring.inspected(change, policy, world), invocation.hints, world)
    settings = wiring.settings(policy, jobs=invocation.jobs, intent=inspected.change.intent, hide=inspected.hide)
    reviewed = () if invocation.full else memory.reviewed
    chosen = planning.choose(inspected.change, settings=settings, model=model, reviewed=reviewed, told=inspected.told)
    tree = wiring.tree(change.target, invocation, world)
    with closing(parsing.Parser()) as parser:
        yield Looked(inspected, chosen, settings, memory, parser, tree)


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
