"""Which source, provider and stage settings an invocation and a policy mean: the adapters are chosen here."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

from reviewbot import catalogue, policyfile, registry
from reviewbot.catalogue import Model
from reviewbot.config import Invocation, Policy
from reviewbot.errors import ConfigError, SourceError
from reviewbot.policyfile import PolicyFile
from reviewbot.ports import SHORTEST_KEY, Provider, Route, Source, State
from reviewbot.review import Change
from reviewbot.routing import key_variables

if TYPE_CHECKING:
    from reviewbot.guide import Match, Rule
    from reviewbot.memory import Known
    from reviewbot.planning import Inspected, Settings
    from reviewbot.sources.push import Pushed, PushSource


@dataclass(frozen=True, slots=True)
class World:
    """What a run takes from its process: a folder, variables, standard input, and what a hook is told in them."""

    cwd: str
    environment: Mapping[str, str] = field(repr=False)
    stdin: BinaryIO | None
    pushed: "Pushed | None" = None


_CI = (
    "CI",
    "GITHUB_ACTIONS",
    "GITLAB_CI",
    "JENKINS_URL",
    "TF_BUILD",
    "TEAMCITY_VERSION",
    "CODEBUILD_BUILD_ID",
    "BUILDKITE",
    "CIRCLECI",
    "BITBUCKET_BUILD_NUMBER",
)
"""One of these is set where nobody watches. Most systems set the first, and some jobs take it back."""


def start(
    world: World, *, revision: str | None = None, worktree: bool = False, patch: str | None = None, push: bool = False
) -> State | None:
    """The state of the repository that says how a change is judged, None: the one that lies there.

    In CI a change must not choose how it is judged: it is the commit that the change starts from.

    Args:
        world: says whether this is CI.
        revision: as in `Invocation`.
        worktree: as in `Invocation`.
        patch: as in `Invocation`: what it starts from is what lies there.
        push: as in `Invocation`.

    Raises:
        SourceError: git cannot tell where the change starts.
    """
    watched = all(world.environment.get(name, "").lower() in {"", "0", "false"} for name in _CI)
    if watched or patch is not None or (worktree and revision is not None):
        return None
    from reviewbot.sources.git import GitSource, Selection

    try:
        return _push(world).start() if push else GitSource(Selection(revision, worktree), cwd=world.cwd).start()
    except SourceError as error:
        # What keeps the change from being read is told by whoever reads it.
        if error.slug not in {"not-a-repository", "several-branches"}:
            raise
        return None


def hearing(world: World) -> World:
    """The same, with what a pre-push hook is told: once read, it cannot be read again.

    Raises:
        ConfigError: nobody says what is pushed.
    """
    from reviewbot.sources import push

    return replace(world, pushed=push.told(world.environment, world.stdin))


def _push(world: World) -> "PushSource":
    from reviewbot.sources import push

    return push.PushSource(world.pushed or push.told(world.environment, world.stdin), cwd=world.cwd)


def policy_file(world: World, state: State | None) -> PolicyFile | None:
    """The settings that the repository carries.

    Args:
        world: where it runs.
        state: as `start` says.

    Raises:
        ReviewbotError: they cannot be read.
    """
    if state is None:
        return policyfile.read(world.cwd)
    return policyfile.read_from(state.read, when=f" of {state.name}")


def house_rules(world: World, state: State | None) -> str:
    """What the project wants to have looked at, in words; arguments and errors as of `policy_file`."""
    if state is None:
        return policyfile.house_rules(world.cwd)
    return policyfile.house_rules_from(state.read)


def baseline(invocation: Invocation, world: World, state: State | None) -> "tuple[Known, ...]":
    """The findings that are silenced: those of a file of the user's, or of the repository as it says how to judge.

    Args:
        invocation: names the file, or none.
        world: where it runs.
        state: as `start` says.

    Raises:
        ReviewbotError: it cannot be read, or is no baseline.
    """
    place = invocation.baseline
    if place is None:
        return ()
    from reviewbot import baselines

    top = policyfile.top(Path(world.cwd))
    own = policyfile.inside(place, top) if state else None
    where = f" in commit {state.name}" if state and own else ""
    again = f"`reviewbot baseline -o {place}`"
    try:
        data = state.read(own) if state and own else policyfile.content(place, top, most=baselines.MOST_BYTES + 1)
        if data is not None:
            return baselines.read(data)
    except (OSError, baselines.NoBaselineError) as error:
        why = (error.strerror or "") if isinstance(error, OSError) else str(error)
        message = f"cannot use the baseline {place}{where}: {why}"
        raise ConfigError(message, hint=f"mend it, or write it anew with {again}", slug="bad-baseline") from error
    hint = f"commit what {again} writes; it holds once it is merged" if where else f"write it with {again}"
    raise ConfigError(f"there is no baseline {place}{where}", hint=hint, slug="no-baseline")


def source(invocation: Invocation, world: World) -> Source:
    """Where the change comes from."""
    if invocation.patch is not None:
        from reviewbot.sources.patchfile import PatchFileSource

        return PatchFileSource(invocation.patch, stdin=world.stdin)
    if invocation.push:
        return _push(world)
    from reviewbot.sources.git import GitSource, Selection

    return GitSource(Selection(invocation.revision, invocation.worktree), cwd=world.cwd)


def inspected(change: Change, policy: Policy, world: World) -> "Inspected":
    """A change without its credentials, and what is known of it without asking anybody."""
    from reviewbot import credentials, planning

    # Whatever its words are, our own key is none of a model's business.
    own = [world.environment.get(name, "").strip() for name in key_variables(catalogue.load())]
    secrets = (*credentials.secret_values(world.environment), *(key for key in own if len(key) >= SHORTEST_KEY))
    return planning.inspect(change, secrets=secrets, allowed=policy.allow_secrets)


def provider(way: Route, invocation: Invocation, world: World) -> Provider:
    """Who answers, connected, with the calls around it; with `--record`, written down too.

    Raises:
        ConfigError: it cannot be used as it is described.
    """
    asked: Provider = registry.load("providers", way.provider).connect(way)
    if way.provider != "replay":
        asked = _called(asked, way, invocation, world)
    if invocation.record is None:
        return asked
    from reviewbot.providers.replay import record

    return record(asked, invocation.record)


def _called(asked: Provider, way: Route, invocation: Invocation, world: World) -> Provider:
    """The calls around a provider, in the one order they have."""
    from reviewbot.calls.budget import Budget, Purse
    from reviewbot.calls.cache import Cache, Store, folder
    from reviewbot.calls.pace import Pace, Window
    from reviewbot.calls.resume import Resume
    from reviewbot.calls.retry import Retry

    model, deadline = asked.model, way.deadline
    if way.base_url:
        asked = Pace(asked, Window(invocation.rpm or model.rpm, invocation.tpm or model.tpm), deadline)
    asked = Retry(asked, deadline)
    if invocation.max_cost is not None:
        if not model.price:
            raise ConfigError(
                f"no price is known for {model.name}, so --max-cost cannot be kept",
                hint="leave it out, or choose a model that `reviewbot models` shows with a price",
                slug="bad-option",
            )
        asked = Budget(asked, Purse(invocation.max_cost), deadline)
    asked = Resume(asked)
    place = folder(world.environment) if invocation.cache else None
    return Cache(asked, Store(place), _identity(way)) if place else asked


def _identity(way: Route) -> str:
    """Who answers, as far as answers depend on it."""
    if way.provider != "local":
        return f"{way.provider} {way.base_url}"
    if way.model.weights:
        return way.model.weights.sha256
    state = way.path.stat()
    return f"{way.path.resolve()} {state.st_size} {state.st_mtime_ns}"


def within_minute(way: Route, invocation: Invocation) -> Route:
    """The route to a model whose prompts fit a minute, as far as that is known before it is reached."""
    from reviewbot.calls import pace

    tokens = invocation.tpm or way.model.tpm
    return replace(way, model=pace.within_minute(way.model, tokens)) if way.base_url else way


def fills_minute(model: Model, invocation: Invocation) -> bool:
    """Whether a model takes no larger prompts because of the tokens of a minute."""
    from reviewbot.calls import pace

    tokens = invocation.tpm or model.tpm
    return tokens is not None and model.max_input == pace.room(model, tokens)


def settings(policy: Policy, *, jobs: int, intent: str) -> "Settings":
    """What the stages are told.

    Args:
        policy: what is wished for.
        jobs: prompts under way at once.
        intent: what the author says of the change.

    Raises:
        ConfigError: a glob is none.
    """
    from reviewbot import planning
    from reviewbot.guide import Guide
    from reviewbot.stages.filters import Limits

    return planning.Settings(
        include=_match(policy.include),
        exclude=_match(policy.exclude),
        chunk_tokens=policy.chunk_tokens,
        guide=Guide(policy.language, policy.strictness, _rules(policy), intent if policy.intent else ""),
        jobs=jobs,
        limits=Limits(policy.min_confidence, policy.min_severity, policy.max_comments),
        fail_on=policy.fail_on,
    )


def _rules(policy: Policy) -> "tuple[Rule, ...]":
    """What prompts say of the project's wishes, those for all files first."""
    from reviewbot.guide import Rule

    rules = [Rule(policy.rules)] if policy.rules else []
    for said in policy.instructions:
        glob, colon, text = said.partition(":")
        # A glob has no blank, and something that words have not.
        placed = colon and text.strip() and re.fullmatch(r"\S*[/*.]\S*", glob)
        rules.append(Rule(text.strip(), _match((glob,))) if placed else Rule(said))
    return tuple(rules)


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
