"""How the change of a pull request is read: from local commits, or from its host where those are not there."""

from reviewbot import patch
from reviewbot.brief import Brief
from reviewbot.errors import SourceError
from reviewbot.intent import intent
from reviewbot.ports import Host
from reviewbot.review import Change, Target
from reviewbot.sources.git import GitSource, Selection

_ELSEWHERE = {"unknown-revision", "no-merge-base", "shallow-clone", "not-a-repository", "git-missing"}
"""What keeps the commits from being read here; anything else is trouble of its own."""


class PullRequestSource:
    """What the head of a pull request changed since it left the base, never the merge of both.

    Args:
        brief: of the pull request.
        cwd: a folder of a repository that may hold its commits.
        host: where it lives.
    """

    def __init__(self, brief: Brief, *, cwd: str, host: Host) -> None:
        self._brief = brief
        self._cwd = cwd
        self._host = host

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
            files = patch.parse(self._host.patch(brief))
            target = Target(self._host.left_at(brief), brief.head, said)
        else:
            files, target = change.files, Target(change.target.base, brief.head, said)
        return Change(target, files, intent(brief.title, brief.description))
