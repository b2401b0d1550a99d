"""How git is run, which settings are kept out of its work, and what its complaints mean.

GitPython starts git and nothing else: its own readers of the index, of ranges and of diffs are wrong inside hooks and
under several settings. It is imported when it is needed, since that alone takes several starts of Python.
"""

import os
import re
from contextlib import nullcontext
from dataclasses import dataclass
from pathlib import Path

from reviewbot.errors import SourceError

_SETTINGS = (
    "core.quotepath=false",
    "core.bigFileThreshold=512m",
    "core.fsmonitor=false",
    # Writing the copy of the index must neither run the user's hooks nor put files beside the real one.
    "core.hooksPath=/dev/null",
    "core.splitIndex=false",
    "diff.default.binary=auto",
    "diff.suppressBlankEmpty=false",
)
_ENVIRONMENT = {
    "GIT_DIFF_OPTS": "",  # beats -U3
    "GIT_LITERAL_PATHSPECS": "0",
}
_FAILURES = (
    (
        "(?:dubious ownership in repository at |unsafe repository .)'(.*)'",
        "git does not trust the repository of {folder}: another user owns it",
        "if you trust it, run `git config --global --add safe.directory {top}`",
        "unsafe-repository",
    ),
    (
        "not a git repository|cannot change to|[Uu]nable to read current working directory",
        "{folder} is not in a git repository",
        "go to a repository, or review a patch with --patch FILE",
        "not-a-repository",
    ),
    (
        "must be run in a work tree",
        "{folder} has no work tree and no index to review",
        "name commits: `reviewbot review main...topic`, or go to the top of a work tree",
        "no-work-tree",
    ),
)


@dataclass(frozen=True, slots=True)
class Answer:
    """What a command returned, printed and complained about."""

    status: int
    out: bytes
    error: str


@dataclass(frozen=True, slots=True)
class Git:
    """Runs git in one folder.

    Attributes:
        folder: where.
        index: the index to use instead of the one git would take.
    """

    folder: str
    index: str | None = None

    def ask(self, *arguments: str, stdin: Path | None = None, seconds: float | None = None) -> Answer:
        """One command, whatever it returns.

        Args:
            arguments: after the word `git`.
            stdin: a file the command reads as its standard input.
            seconds: after which it is ended, where the system can do that; None: it may take any time.

        Raises:
            SourceError: git cannot be started.
        """
        environment = _ENVIRONMENT | ({"GIT_INDEX_FILE": self.index} if self.index else {})
        settings = [word for setting in _SETTINGS for word in ("-c", setting)]
        foreign: tuple[type[Exception], ...] = (ImportError, OSError)
        with stdin.open("rb") if stdin else nullcontext() as lines:
            try:
                import git

                foreign = (*foreign, git.GitCommandNotFound)
                answer = git.Git().execute(
                    [str(git.Git.GIT_PYTHON_GIT_EXECUTABLE), "-C", self.folder, *settings, *arguments],
                    istream=lines,
                    env=environment,
                    kill_after_timeout=seconds if os.name == "posix" else None,
                    with_extended_output=True,
                    with_exceptions=False,
                    stdout_as_string=False,
                    strip_newline_in_stdout=False,
                )
            except foreign as error:
                hint = "install git and see that `git --version` works in the same shell"
                raise SourceError("git cannot be started", hint=hint, slug="git-missing") from error
        return Answer(*answer)

    def read(self, *arguments: str, stdin: Path | None = None) -> bytes:
        """The output of a command that has to succeed.

        Raises:
            SourceError: it failed.
        """
        answer = self.ask(*arguments, stdin=stdin)
        if answer.status:
            raise failure(self.folder, answer)
        return answer.out


def failure(folder: str, answer: Answer) -> SourceError:
    """What a failed command means to the person who asked."""
    for pattern, message, hint, slug in _FAILURES:
        if match := re.search(pattern, answer.error):
            top = next(iter(match.groups()), "")
            return SourceError(message.format(folder=folder), hint=hint.format(top=top), slug=slug)
    lines = [line for line in answer.error.split("\n") if line.strip()] or [f"it returned {answer.status}"]
    fatal = [line for line in lines if line.startswith(("fatal: ", "error: "))]
    hint = "see what `git status` says in the same folder"
    return SourceError(f"git failed: {(fatal or lines)[0].strip()}", hint=hint, slug="git-failed")
