"""Wiring: the only module that sees the pipeline and the adapters."""

import os
import time
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, BinaryIO

from reviewbot import catalogue, registry
from reviewbot.catalogue import Model
from reviewbot.config import Invocation, Policy, route, with_key
from reviewbot.errors import ConfigError
from reviewbot.ports import Format, Provider, Route, Source, View
from reviewbot.review import Change, Event, Review, Usage

if TYPE_CHECKING:
    from reviewbot.pipeline import Plan, Settings
    from reviewbot.stages.select import Match


@dataclass(frozen=True, slots=True)
class World:
    """What a run takes from its process: a folder, variables, standard input."""

    cwd: str
    environment: Mapping[str, str]
    stdin: BinaryIO | None


@dataclass(frozen=True, slots=True)
class Run:
    """A review that is about to be made: what will be asked is known, nothing has been sent.

    Attributes:
        plan: files, chunks and what is left out.
        provider: who will be asked; None where there is nothing to ask.
    """

    plan: "Plan"
    settings: "Settings"
    model: Model
    provider: Provider | None
    started: float

    def events(self) -> Iterator[Event]:
        """Make the review; whoever reads the events drives it."""
        from reviewbot import pipeline

        if self.provider:
            yield from pipeline.events(self.plan, settings=self.settings, model=self.model, provider=self.provider)

    def review(self, events: Iterable[Event]) -> Review:
        """What the events amount to, also those of a run that was interrupted."""
        from reviewbot import pipeline

        seconds = time.monotonic() - self.started
        return pipeline.fold(self.plan, events, settings=self.settings, model=self.model, seconds=seconds)


@dataclass(frozen=True, slots=True)
class Idle:
    """A run without a change. The stages are not even imported: a hook with nothing staged must not be felt."""

    change: Change
    model: Model
    started: float
    provider: None = None

    def events(self) -> Iterator[Event]:
        """Nothing happens."""
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
    _check_files(invocation)
    known = catalogue.load()
    way = route(invocation, known)
    change = _source(invocation, world).collect()
    if not change.files:
        yield Idle(change, way.model, started)
        return
    from reviewbot import pipeline

    settings = _settings(policy, jobs=invocation.jobs)
    plan = pipeline.plan(change, settings=settings, model=way.model)
    if not plan.chunks:
        yield Run(plan, settings, way.model, None, started)
        return
    provider = _provider(with_key(way, known, world.environment), invocation)
    try:
        if provider.model != way.model:
            plan = pipeline.plan(change, settings=settings, model=provider.model)
        yield Run(plan, settings, provider.model, provider, started)
    finally:
        provider.close()


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


def _check_files(invocation: Invocation) -> None:
    """Refuse a path that cannot be written before money is spent."""
    for path in (*(sink.path for sink in invocation.sinks), invocation.record):
        if path is None:
            continue
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


def _source(invocation: Invocation, world: World) -> Source:
    if invocation.patch is not None:
        from reviewbot.sources.patchfile import PatchFileSource

        return PatchFileSource(invocation.patch, stdin=world.stdin)
    from reviewbot.sources.git import GitSource, Selection

    return GitSource(Selection(invocation.revision, invocation.worktree), cwd=world.cwd)


def _provider(way: Route, invocation: Invocation) -> Provider:
    provider: Provider = registry.load("providers", way.provider).connect(way)
    if invocation.record is None:
        return provider
    from reviewbot.providers.replay import record

    return record(provider, invocation.record)


def _settings(policy: Policy, *, jobs: int) -> "Settings":
    from reviewbot import pipeline
    from reviewbot.stages.filters import Limits

    return pipeline.Settings(
        include=_match(policy.include),
        exclude=_match(policy.exclude),
        chunk_tokens=policy.chunk_tokens or pipeline.CHUNK_TOKENS,
        language=policy.language,
        jobs=jobs,
        limits=Limits(policy.min_confidence, policy.min_severity, policy.max_comments),
        fail_on=policy.fail_on,
    )


def _match(globs: tuple[str, ...]) -> "Match | None":
    if not globs:
        return None
    from pathspec import GitIgnoreSpec

    try:
        spec = GitIgnoreSpec.from_lines(globs)
    except ValueError as error:
        raise _no_glob(globs, str(error)) from error
    # One that is blank or a comment would match nothing and silently choose nothing.
    if not all(glob.strip() and not glob.startswith("#") for glob in globs):
        raise _no_glob(globs, "blank, or a comment")
    return spec.match_file


def _no_glob(globs: tuple[str, ...], why: str) -> ConfigError:
    names = ", ".join(map(repr, globs))
    return ConfigError(f"no pattern for paths: {names}: {why}", hint="write it as in .gitignore", slug="bad-option")
