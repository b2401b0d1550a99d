"""How the change of a pull request is read: from local commits, or from its host where those are not there."""

from collections.abc import Callable

from reviewbot import patch
from reviewbot.brief import Brief
from reviewbot.errors import SourceError
from reviewbot.review import Change, Target
from reviewbot.sources.git import GitSource, Selection

_ELSEWHERE = {"unknown-revision", "no-merge-base", "shallow-clone", "not-a-repository", "git-missing"}
"""What keeps the commits from being read here; anything else is trouble of its own."""


class PullRequestSource:
    """What the head of a pull request changed since it left the base, never the merge of both.

    Args:
        brief: of the pull request.
        cwd: a folder of a repository that may hold its commits.
        fetch: the patch as the host has it.
    """

    def __init__(self, brief: Brief, *, cwd: str, fetch: Callable[[], bytes]) -> None:
        self._brief = brief
        self._cwd = cwd
        self._fetch = fetch

    def collect(self) -> Change:
        """Read the change.

        Raises:
            SourceError: git failed, or what the host gave is no patch.
            HostError: the host gave nothing.
        """
        brief = self._brief
        said = f"pull request #{brief.number}, {brief.title} ({brief.base[:7]}...{brief.head[:7]})"
        try:
            change = GitSource(Selection(f"{brief.base}...{brief.head}"), cwd=self._cwd).collect()
        except SourceError as error:
            if error.slug not in _ELSEWHERE:
                raise
            return Change(Target(brief.base, brief.head, said), patch.parse(self._fetch()))
        return Change(Target(change.target.base, brief.head, said), change.files)
