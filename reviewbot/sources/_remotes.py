"""Where a repository was cloned from."""

import os
from collections.abc import Iterator

from reviewbot.errors import SourceError
from reviewbot.sources._rungit import Git

_NAMES = ("upstream", "origin")
"""Where a fork has an `upstream`, pull requests live there."""


def addresses(cwd: str) -> Iterator[str]:
    """The addresses of the remotes that pull requests may live at, the likeliest first; none where there is no git.

    Args:
        cwd: a folder of the repository.
    """
    git = Git(cwd)
    for name in _NAMES:
        try:
            answer = git.ask("remote", "get-url", name)
        except SourceError:
            return
        if not answer.status:
            yield os.fsdecode(answer.out).rstrip("\n")
