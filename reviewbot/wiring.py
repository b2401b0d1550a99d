"""Which source, provider and stage settings an invocation and a policy mean: the adapters are chosen here."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, BinaryIO

from reviewbot import catalogue, policyfile, registry
from reviewbot.catalogue import Model
from reviewbot.config import Invocation, Policy
from reviewbot.errors import ConfigError
from reviewbot.ports import SHORTEST_KEY, Provider, Route, Source, Tree
from reviewbot.review import Change, Target
from reviewbot.routing import key_variables

if TYPE_CHECKING:
    from reviewbot.calls.budget import Purse
    from reviewbot.guide import Match, Rule
    from reviewbot.planning import Inspected, Settings
    from reviewbot.sources.push import Pushed, PushSource


@dataclass(frozen=True, slots=True)
class World:
    """What a run takes from its process: a folder, variables, standard input, and what a hook is told in them."""

    cwd: str
    environment: Mapping[str, str] = field(repr=False)
    stdin: BinaryIO | None
    pushed: "Pushed | None" = None


def hearing(world: World) -> World:
    """The same, with what a pre-push hook is told: once read, it cannot be read again.

    Raises:
        ConfigError: nobody says what is pushed.
    """
    from reviewbot.sources.push import told

    return replace(world, pushed=told(world.environment, world.stdin))


def push(world: World) -> "PushSource":
    """What a pre-push hook is about to send.

    Raises:
        ConfigError: nobody says what is pushed.
    """
    from reviewbot.sources.push import PushSource, told

    return PushSource(world.pushed or told(world.environment, world.stdin), cwd=world.cwd)


def source(invocation: Invocation, world: World) -> Source:
    """Where the change comes from."""
    if invocation.patch is not None:
        from reviewbot.sources.patchfile import PatchFileSource

        return PatchFileSource(invocation.patch, stdin=world.stdin)
    if invocation.push:
        return push(world)
    from reviewbot.sources.git import GitSource, Selection

    return GitSource(Selection(invocation.revision, invocation.worktree), cwd=world.cwd)


def tree(target: Target, invocation: Invocation, world: World) -> Tree | None:
    """The files as a change leaves them; None where they are not at hand, as those behind a patch.

    Args:
        target: of the change.
        invocation: what is reviewed.
        world: where it runs.
    """
    if invocation.patch is not None:
        return None
    from reviewbot.sources import _tree

    return _tree.at(target.head, cwd=world.cwd, worktree=invocation.worktree)


def inspected(change: Change, policy: Policy, world: World) -> "Inspected":
    """A change without its credentials, and what is known of it without asking anybody."""
    from reviewbot import credentials, planning

    # Whatever its words are, our own key is none of a model's business.
    own = [world.environment.get(name, "").strip() for name in key_variables(catalogue.load())]
    secrets = (*credentials.secret_values(world.environment), *(key for key in own if len(key) >= SHORTEST_KEY))
    return planning.inspect(change, secrets=secrets, allowed=policy.allow_secrets)


def purse(invocation: Invocation) -> "Purse | None":
    """The money of a run, None: nobody counts it."""
    if invocation.max_cost is None:
        return None
    from reviewbot.calls.budget import Purse

    return Purse(invocation.max_cost)


def provider(way: Route, invocation: Invocation, world: World, *, money: "Purse | None" = None) -> Provider:
    """Who answers, connected, with the calls around it; with `--record`, written down too.

    Args:
        way: to that one.
        invocation: what a run may take.
        world: where it runs.
        money: of `purse`, which several providers of one run share; None: it has one of its own.

    Raises:
        ConfigError: it cannot be used as it is described.
    """
    money = money or purse(invocation)
    if money and way.provider != "replay" and not way.model.price:
        raise ConfigError(
            f"no price is known for {way.model.name}, so --max-cost cannot be kept",
            hint="leave it out, or choose a model that `reviewbot models` shows with a price",
            slug="bad-option",
        )
    asked: Provider = registry.load("providers", way.provider).connect(way)
    if way.provider != "replay":
        asked = _called(asked, way, invocation, world, money)
    if invocation.record is None:
        return asked
    from reviewbot.providers.replay import record

    return record(asked, invocation.record, verifies=way.verifies)


def _called(asked: Provider, way: Route, invocation: Invocation, world: World, money: "Purse | None") -> Provider:
    """The calls around a provider, in the one order they have."""
    from reviewbot.calls.budget import Budget
    from reviewbot.calls.cache import Cache, Store, folder
    from reviewbot.calls.pace import Pace, Window
    from reviewbot.calls.resume import Resume
    from reviewbot.calls.retry import Retry
    from reviewbot.reply import usable
    from reviewbot.stages.verify import readable

    model, deadline = asked.model, way.deadline
    if way.base_url:
        asked = Pace(asked, Window(invocation.rpm or model.rpm, invocation.tpm or model.tpm), deadline)
    asked = Retry(asked, deadline)
    if money:
        asked = Budget(asked, money, deadline)
    if not way.verifies:
        # Only comments can be gone on with.
        asked = Resume(asked)
    place = folder(world.environment) if invocation.cache else None
    kept = readable if way.verifies else usable
    return Cache(asked, Store(place), _identity(way), kept) if place else asked


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


def settings(policy: Policy, *, jobs: int, intent: str = "", hide: Callable[[str], str] = str) -> "Settings":
    """What the stages are told.

    Args:
        policy: what is wished for.
        jobs: prompts under way at once.
        intent: what the author says of the change.
        hide: takes the credentials out of what prompts say of the project's wishes.

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
        guide=Guide(
            policy.language,
            policy.strictness,
            _rules(policy, hide),
            intent if policy.intent else "",
            policy.context,
        ),
        jobs=jobs,
        samples=policy.samples,
        limits=Limits(policy.min_confidence, policy.min_severity, policy.max_comments),
        fail_on=policy.fail_on,
    )


def _rules(policy: Policy, hide: Callable[[str], str]) -> "tuple[Rule, ...]":
    """What prompts say of the project's wishes, those for all files first."""
    from reviewbot.guide import Rule

    # Cut after it: half a credential looks like none.
    rules = [Rule(hide(policy.rules)[: policyfile.RULES_MOST])] if policy.rules else []
    for said in policy.instructions:
        glob, colon, text = said.partition(":")
        # Words have dots and slashes, too.
        placed = colon and text.strip() and re.fullmatch(r"/\S+|\S+/|\S*\*\S*", glob)
        if placed and "{" in glob:
            raise _no_glob((glob,), "it has braces")
        rules.append(Rule(hide(text.strip()), _match((glob,))) if placed else Rule(hide(said)))
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
