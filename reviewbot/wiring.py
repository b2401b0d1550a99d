"""Which source, provider and stage settings an invocation and a policy mean: the adapters are chosen here."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, BinaryIO

from reviewbot import registry
from reviewbot.config import Invocation, Policy
from reviewbot.errors import ConfigError
from reviewbot.ports import Provider, Route, Source

if TYPE_CHECKING:
    from reviewbot.pipeline import Settings
    from reviewbot.stages.select import Match


@dataclass(frozen=True, slots=True)
class World:
    """What a run takes from its process: a folder, variables, standard input."""

    cwd: str
    environment: Mapping[str, str] = field(repr=False)
    stdin: BinaryIO | None


def source(invocation: Invocation, world: World) -> Source:
    """Where the change comes from."""
    if invocation.patch is not None:
        from reviewbot.sources.patchfile import PatchFileSource

        return PatchFileSource(invocation.patch, stdin=world.stdin)
    from reviewbot.sources.git import GitSource, Selection

    return GitSource(Selection(invocation.revision, invocation.worktree), cwd=world.cwd)


def provider(way: Route, invocation: Invocation) -> Provider:
    """Who answers, connected; with `--record`, written down too.

    Raises:
        ConfigError: it cannot be used as it is described.
    """
    connected: Provider = registry.load("providers", way.provider).connect(way)
    if invocation.record is None:
        return connected
    from reviewbot.providers.replay import record

    return record(connected, invocation.record)


def settings(policy: Policy, *, jobs: int) -> "Settings":
    """What the stages are told.

    Raises:
        ConfigError: a glob is none.
    """
    from reviewbot import pipeline
    from reviewbot.stages.filters import Limits

    return pipeline.Settings(
        include=_match(policy.include),
        exclude=_match(policy.exclude),
        chunk_tokens=policy.chunk_tokens,
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
