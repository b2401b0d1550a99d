"""The small repository of `reviewbot demo`: one commit, and a staged change that holds plain defects."""

import shutil
from pathlib import Path

from reviewbot.sources._rungit import Git

_FILES = Path(__file__).parent / "_sample_files"
_SUFFIX = ".sample"
"""Keeps tools that look for source code away from code that is wrong on purpose."""

_PERSON = ("-c", "user.name=Sample", "-c", "user.email=sample@example.invalid", "-c", "commit.gpgSign=false")


def make(folder: str) -> None:
    """Make the repository in an empty folder.

    Raises:
        SourceError: git cannot be run.
    """
    git = Git(folder)
    git.read("init", "--quiet", "--template=", "--initial-branch=main")
    _put("before", Path(folder))
    git.read("add", "--all", "--force")
    git.read(*_PERSON, "commit", "--quiet", "--no-verify", "--message", "Sell things")
    _put("after", Path(folder))
    git.read("add", "--all", "--force")


def _put(state: str, folder: Path) -> None:
    for file in (_FILES / state).rglob(f"*{_SUFFIX}"):
        target = folder / file.relative_to(_FILES / state).with_suffix("")
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(file, target)
