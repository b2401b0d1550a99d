"""A change as a real git repository. Alone knows how one is built."""

import os
import shutil
import subprocess
from pathlib import Path

from evaluation.errors import EvaluationError
from evaluation.suite import AFTER, BEFORE, Change

_PERSON = {
    "GIT_CONFIG_NOSYSTEM": "1",
    "GIT_CONFIG_GLOBAL": os.devnull,
    # Fixed, so that the same change is the same commit on every machine.
    **{f"GIT_{role}_NAME": "Robin" for role in ("AUTHOR", "COMMITTER")},
    **{f"GIT_{role}_EMAIL": "robin@example.invalid" for role in ("AUTHOR", "COMMITTER")},
    **{f"GIT_{role}_DATE": "2024-05-06T07:08:09Z" for role in ("AUTHOR", "COMMITTER")},
}


def build(change: Change, folder: Path) -> None:
    """Make a repository whose HEAD is the change and whose only other commit is what was there before.

    Args:
        change: which.
        folder: where, a new folder.

    Raises:
        EvaluationError: git failed, or a file that is to be deleted is not there.
    """
    folder.mkdir(parents=True)
    git(folder, "init", "--quiet", "--template=", "--initial-branch=main")
    _overlay(change.folder / BEFORE, folder)
    _commit(folder, "Earlier work")
    _overlay(change.folder / AFTER, folder)
    for path in change.deleted:
        try:
            (folder / path).unlink()
        except OSError as error:
            raise EvaluationError(f"{change.name}: {path} cannot be deleted: {error.strerror}") from error
    _commit(folder, f"{change.title}\n\n{change.description}")


def _overlay(source: Path, target: Path) -> None:
    if source.is_dir():
        # A foreign tree must not bring settings of its own to the repository, nor the times of its files: git takes a
        # file for unchanged where size and times are the same.
        shutil.copytree(
            source, target, dirs_exist_ok=True, ignore=shutil.ignore_patterns(".git"), copy_function=shutil.copy
        )


def _commit(folder: Path, message: str) -> None:
    git(folder, "add", "--all", "--force")
    git(folder, "commit", "--quiet", "--allow-empty", "--no-verify", "--no-gpg-sign", "--file=-", stdin=message)


def git(folder: Path, *arguments: str, stdin: str = "") -> bytes:
    """What a command prints that has to succeed; the user's settings play no part.

    Raises:
        EvaluationError: it failed.
    """
    inherited = {name: value for name, value in os.environ.items() if not name.startswith("GIT_")}
    try:
        done = subprocess.run(
            ["git", *arguments],
            cwd=folder,
            env=inherited | _PERSON,
            input=stdin.encode(),
            capture_output=True,
            check=False,
        )
    except OSError as error:
        raise EvaluationError(f"git cannot be started in {folder}: {error.strerror}") from error
    if done.returncode:
        said = done.stderr.decode(errors="replace").strip().partition("\n")[0] or f"it returned {done.returncode}"
        raise EvaluationError(f"git {arguments[0]} failed in {folder}: {said}")
    return done.stdout
