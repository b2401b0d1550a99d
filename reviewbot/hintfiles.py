"""The files of other tools. Alone knows which of them are heard, and what they call the repository."""

import os
from collections.abc import Collection, Iterable
from dataclasses import replace
from pathlib import Path, PurePosixPath

from reviewbot import hints, policyfile
from reviewbot.diff import Status
from reviewbot.planning import Inspected
from reviewbot.wiring import World


def heard(inspected: Inspected, files: Iterable[Path], world: World) -> Inspected:
    """A change with what other tools say of it.

    Args:
        inspected: the change.
        files: SARIF, as somebody wrote their paths.
        world: where it runs.

    Raises:
        ConfigError: one of them cannot be used.
    """
    top = policyfile.top(Path(world.cwd))
    tops = _names(top, world)
    left = {file.path for file in inspected.change.files if file.status is not Status.DELETED}
    told = tuple(
        hints.read(
            _content(path, top, left),
            name=str(path),
            files=inspected.change.files,
            tops=tops,
            there=lambda inside: os.path.lexists(top / inside),
            hide=inspected.hide,
        )
        for path in files
    )
    return replace(inspected, told=told)


def _names(top: Path, world: World) -> tuple[str, ...]:
    """The top with links followed, and as the shell of this process calls it: some tools keep its word."""
    here = Path(world.environment.get("PWD") or world.cwd)
    called = next((place for place in (here, *here.parents) if Path(os.path.realpath(place)) == top), top)
    return str(top), str(called)


def _content(path: Path, top: Path, left: Collection[str]) -> bytes:
    """All of a file; `left` are the paths that the change leaves there: who writes it would write its own hints."""
    real = Path(os.path.realpath(path))
    named = (policyfile.inside(path, top), real.relative_to(top).as_posix() if top in real.parents else None)
    # A folder on the way may be a link that the change adds, or a submodule that it moves.
    own = {str(place) for name in named if name for place in (PurePosixPath(name), *PurePosixPath(name).parents)}
    if not own.isdisjoint(left):
        raise hints.unusable(str(path), "it is a part of the change", "let the tool write it where git ignores it")
    try:
        data = policyfile.content(path, top, most=hints.MOST_BYTES + 1)
    except OSError as error:
        raise hints.unusable(str(path), error.strerror or "", "let the tool write a file that can be read") from error
    if data is None:
        raise hints.unusable(str(path), "there is no such file", "let the tool write it before the review")
    return data
