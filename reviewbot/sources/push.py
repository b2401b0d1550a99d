"""What a push is about to send: how hooks are told of it, and which of its commits the remote does not have yet."""

import io
import os
import re
import select
import stat
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from reviewbot.errors import ConfigError, SourceError
from reviewbot.review import Change, Target
from reviewbot.sources._rungit import Git
from reviewbot.sources._start import Start
from reviewbot.sources.git import compared, empty_tree, is_shallow, shallow, unknown

_NOTHING = re.compile("0*")
"""What git says instead of a commit where there is none; how many digits depends on the repository's hash."""

_LINE = re.compile("(.+) ([0-9a-f]{40,64}) [^ ]+ ([0-9a-f]{40,64})")
"""What git tells of each ref. Its local name may hold spaces, such as HEAD@{1 day ago}."""

_HOMES = ("upstream", "origin")
"""What these have is nobody's news, wherever a push goes: a fork gets what its `upstream` had first."""


_PATIENCE = 5.0
"""Seconds after which nobody says any more what is pushed: git says it at once."""

_NAMED = 5
"""Branches that a message names."""


@dataclass(frozen=True, slots=True)
class Ref:
    """One thing that is pushed.

    Attributes:
        name: as git or the user calls it.
        object: a name git knows, of a commit or of a tag.
        there: full name of what the remote has in its place, empty: nothing, or nobody says.
    """

    name: str
    object: str
    there: str = ""


@dataclass(frozen=True, slots=True)
class Pushed:
    """A whole push.

    Attributes:
        refs: what is sent, deletions left out.
        remote: name or address of where it goes, empty: nobody says.
        only_refs: True where the user chose two commits, so that no remote has a say.
    """

    refs: tuple[Ref, ...]
    remote: str = ""
    only_refs: bool = False


def told(environment: Mapping[str, str], stdin: BinaryIO | None) -> Pushed:
    """What a pre-push hook is told: by pre-commit or prek in variables, by git itself on standard input.

    Args:
        environment: the variables.
        stdin: read to its end where the variables say nothing, and never waited for at a terminal.

    Raises:
        ConfigError: nobody says what is pushed.
    """
    remote = environment.get("PRE_COMMIT_REMOTE_NAME", "")
    name = environment.get("PRE_COMMIT_LOCAL_BRANCH", "")
    # Where the remote has nothing yet, pre-commit names the branch and not its commit.
    sent = environment.get("PRE_COMMIT_TO_REF", "") or name
    if sent:
        there = environment.get("PRE_COMMIT_FROM_REF", "")
        return Pushed(_refs((name or sent, sent, there)), remote, only_refs=not remote)
    if stdin is None or _nobody_writes(stdin):
        raise _silent()
    lines = stdin.read().decode(errors="surrogateescape").split("\n")
    found = [_LINE.fullmatch(line) for line in lines if line]
    if not all(found):
        raise _silent()
    return Pushed(_refs(*(match.group(1, 2, 3) for match in found if match)), remote)


def _refs(*said: tuple[str, ...]) -> tuple[Ref, ...]:
    refs = (Ref(name, sent, "" if _NOTHING.fullmatch(there) else there) for name, sent, there in said)
    return tuple(ref for ref in refs if ref.object != "(delete)" and not _NOTHING.fullmatch(ref.object))


def _nobody_writes(stdin: BinaryIO) -> bool:
    """Whether standard input is a terminal, nothing at all, or a pipe of somebody who has nothing to say.

    git gives hooks a pipe that it closes, an empty one for no news.
    """
    with suppress(io.UnsupportedOperation):
        handle = stdin.fileno()
        return stat.S_ISCHR(os.fstat(handle).st_mode) or not select.select([handle], [], [], _PATIENCE)[0]
    return False


def _silent() -> ConfigError:
    return ConfigError(
        "nothing says what is pushed",
        hint="let a pre-push hook of git, pre-commit or prek run --push; elsewhere name commits: main...",
        slug="no-push",
    )


class PushSource:
    """What the remote gets that it does not have: from the nearest commit it has to the one that is pushed.

    Args:
        pushed: as `told` gives it.
        cwd: a folder of the repository.
    """

    def __init__(self, pushed: Pushed, *, cwd: str) -> None:
        self._pushed = pushed
        self._cwd = cwd

    def collect(self) -> Change:
        """Read the change; without files where nothing new is sent.

        Raises:
            SourceError: several branches are sent that do not hold one another, or git failed.
        """
        git = Git(self._cwd)
        target = self._target(git)
        return compared(git, target) if target.head else Change(target, ())

    def start(self) -> Start | None:
        """The state of the repository that the change is to be judged by, None where there is no change.

        Raises:
            SourceError: as for `collect`.
        """
        git = Git(self._cwd)
        base = self._target(git).base
        return Start(git, base) if base else None

    def _target(self, git: Git) -> Target:
        there = self._there(git)
        heads: dict[str, str] = {}
        for ref in self._pushed.refs:
            commit = _commit(git, ref.object)
            if commit and git.read("rev-list", "-1", commit, *there):
                heads.setdefault(commit, re.sub("^refs/(heads|tags)/", "", ref.name))
        if not heads:
            return Target(None, None, "a push that sends no commits")
        tips = _independent(git, [*heads])
        if len(tips) > 1:
            raise _several([heads[tip] for tip in tips])
        base = _nearest(git, tips[0], there)
        span = f"{base[:7]}..{tips[0][:7]}" if base else f"all of its history, to {tips[0][:7]}"
        return Target(base or empty_tree(git), tips[0], f"push of {heads[tips[0]]} ({span})")

    def _there(self, git: Git) -> list[str]:
        """What the remote has, in words for `rev-list`."""
        names = git.read("remote").decode(errors="surrogateescape").split("\n")[:-1]
        old = [commit for ref in self._pushed.refs if ref.there and (commit := _commit(git, ref.there, missing=True))]
        remotes: list[str] = []
        if not self._pushed.only_refs:
            # Of an address alone nobody knows what is there already: then it is what any remote has.
            here = self._pushed.remote in names
            remotes = [f"--remotes={name}" for name in (self._pushed.remote, *_HOMES)] if here else ["--remotes"]
            # Where a shallow clone begins, a remote had it.
            old += _shallow_ends(git)
        return ["--not", *old, *remotes, "--"]


def _shallow_ends(git: Git) -> list[str]:
    """The commits at which a shallow clone begins."""
    if not is_shallow(git):
        return []
    place = Path(git.folder, os.fsdecode(git.read("rev-parse", "--git-path", "shallow").rstrip(b"\n")))
    return place.read_text("ascii").split()


def _commit(git: Git, name: str, *, missing: bool = False) -> str:
    """The full name of the commit behind a name; empty where a tag is about something else.

    Args:
        git: where.
        name: of a commit or a tag.
        missing: the name may be unknown, too: the remote may have what nobody fetched.

    Raises:
        SourceError: git does not know it.
    """
    for suffix in ("{commit}", "{}"):
        answer = git.ask("rev-parse", "--quiet", "--verify", f"{name}^{suffix}")
        if not answer.status:
            return answer.out.decode().strip() if suffix == "{commit}" else ""
    if missing:
        return ""
    raise unknown(git, name)


def _independent(git: Git, commits: list[str]) -> list[str]:
    """Those of some commits that no other one of them descends from, in their order."""
    if len(commits) == 1:
        return commits
    tips = git.read("merge-base", "--independent", *commits).decode().split("\n")
    return [commit for commit in commits if commit in tips]


def _nearest(git: Git, head: str, there: list[str]) -> str:
    """The commit that a remote has and that the fewest commits lead from to the head; empty where it has none."""
    lines = git.read("rev-list", "--boundary", head, *there).decode().split("\n")
    known = [line[1:] for line in lines if line.startswith("-")]
    if not known:
        if is_shallow(git):
            raise shallow("what the remote and this push have in common is not in this shallow clone")
        return ""
    # After a merge there are several, and from the wrong one other people's changes would be reviewed.
    return min(_independent(git, known), key=lambda one: int(git.read("rev-list", "--count", f"{one}..{head}")))


def _several(names: list[str]) -> SourceError:
    more = [f"{len(names) - _NAMED} more"] if len(names) > _NAMED else []
    return SourceError(
        f"this push sends {len(names)} branches, and one change is reviewed at a time: "
        + ", ".join([*names[:_NAMED], *more]),
        hint=f"push them one by one, or review each: `reviewbot review main...{names[0]}`",
        slug="several-branches",
    )
