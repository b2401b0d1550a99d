"""Which state of a repository says how a change is judged, and what that state says."""

from pathlib import Path
from typing import TYPE_CHECKING

from reviewbot import policyfile, wiring
from reviewbot.config import Invocation
from reviewbot.errors import ConfigError, SourceError
from reviewbot.policyfile import PolicyFile
from reviewbot.ports import State
from reviewbot.wiring import World

if TYPE_CHECKING:
    from reviewbot.memory import Known

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
        return wiring.push(world).start() if push else GitSource(Selection(revision, worktree), cwd=world.cwd).start()
    except SourceError as error:
        # What keeps the change from being read is told by whoever reads it.
        if error.slug not in {"not-a-repository", "several-branches"}:
            raise
        return None


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
