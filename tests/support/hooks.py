"""This checkout as a repository of hooks, and repositories that use it through pre-commit or prek."""

import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.metadata import distribution
from pathlib import Path
from typing import Any

from tests.support.command import Done
from tests.support.repo import Repo

ROOT = Path(__file__).parents[2]
RUNNERS = ("pre-commit", "prek")
_NEEDED = ("reviewbot", "pyproject.toml", "README.md", "LICENSE", ".pre-commit-hooks.yaml")


def tool(name: str) -> str:
    """The path of a command that lies beside this Python."""
    return str(Path(sys.executable).with_name(name))


def hook_repository(folder: Path) -> Repo:
    """The package and its manifest as they are now, in a commit."""
    repo = Repo.create(folder)
    for name in _NEEDED:
        if (ROOT / name).is_dir():
            shutil.copytree(ROOT / name, folder / name, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copy(ROOT / name, folder)
    repo.git("add", "--all")
    repo.commit({})
    return repo


def config(hooks: Repo, *ids: str, **fields: Any) -> str:
    """A configuration that takes hooks from the repository, each with the same fields; JSON is YAML too."""
    chosen = [{"id": name, **fields} for name in ids]
    return json.dumps({"repos": [{"repo": str(hooks.path), "rev": hooks.id(), "hooks": chosen}]})


@dataclass(frozen=True)
class Home:
    """Where runners of hooks keep the environments they build.

    Attributes:
        path: a folder of its own.
    """

    path: Path

    def environment(self, runner: str) -> dict[str, str]:
        """What tells a runner, and where it finds what it would else fetch once more.

        pip installs nothing that lies on the path already; uv, which prek installs with, is fast without that.
        """
        if runner == "pre-commit":
            packages = distribution("openai").locate_file("")
            return {"PRE_COMMIT_HOME": str(self.path / "pre-commit"), "PYTHONPATH": str(packages)}
        tools = Path(sys.executable).parent
        return {"PREK_HOME": str(self.path / "prek"), "PATH": f"{tools}{os.pathsep}{os.environ['PATH']}"}


@dataclass(frozen=True)
class Desk:
    """A repository in which somebody works, with hooks installed for commits and pushes.

    Attributes:
        repo: of the work.
        runner: of the hooks.
        home: of the runner.
    """

    repo: Repo
    runner: str
    home: Home

    @classmethod
    def create(cls, path: Path, runner: str, home: Home, *, configuration: str) -> "Desk":
        """A repository with one commit, which nobody reviewed, that holds the configuration."""
        desk = cls(Repo.with_commit(path, {".pre-commit-config.yaml": configuration}), runner, home)
        desk.run(tool(runner), "install", "--hook-type=pre-commit", "--hook-type=pre-push")
        return desk

    @property
    def environment(self) -> dict[str, str]:
        """What its runner needs."""
        return self.home.environment(self.runner)

    def run(self, *command: str, folder: str = ".", env: Mapping[str, str] | None = None) -> Done:
        """Run a command without a terminal and without anybody to answer it."""
        done = subprocess.run(
            command,
            cwd=self.repo.path / folder,
            env={**os.environ, **self.environment, **(env or {})},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=120,
            check=False,
        )
        return Done(done.returncode, done.stdout.decode(), done.stderr.decode())

    def commit(self, *words: str, folder: str = ".", env: Mapping[str, str] | None = None) -> Done:
        """Try to commit, hooks included."""
        return self.run("git", "commit", "--message=a commit", *words, folder=folder, env=env)

    def push(self, *words: str, folder: str = ".", env: Mapping[str, str] | None = None) -> Done:
        """Try to push, hooks included."""
        return self.run("git", "push", *words, folder=folder, env=env)


def messages(done: Done) -> list[str]:
    """What reviewbot says beside its report, as the runner shows it."""
    return re.findall(r"^ *reviewbot: (.*)$", done.out + done.err, re.MULTILINE)
