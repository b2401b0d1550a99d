"""Real throw-away git repositories."""

import os
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from reviewbot.review import Change
from reviewbot.sources.git import GitSource, Selection


@dataclass(frozen=True, slots=True)
class Repo:
    """A repository whose top folder is `path`."""

    path: Path

    @classmethod
    def create(cls, path: Path, *options: str) -> "Repo":
        """A new repository without a commit, on the branch `main`."""
        path.mkdir(parents=True, exist_ok=True)
        repo = cls(path)
        repo.git("init", "--quiet", "--initial-branch=main", "--template=", *options)
        return repo

    @classmethod
    def with_commit(cls, path: Path, files: Mapping[str, str | bytes]) -> "Repo":
        """A new repository with one commit."""
        repo = cls.create(path)
        repo.commit(files)
        return repo

    def git(self, *arguments: str, env: Mapping[str, str] | None = None, stdin: bytes = b"") -> bytes:
        """Run git and return what it prints; a failure raises."""
        command = ["git", *arguments]
        environment = {**os.environ, **(env or {})}
        done = subprocess.run(command, cwd=self.path, env=environment, input=stdin, capture_output=True, check=False)
        assert done.returncode == 0, done.stderr.decode(errors="replace")
        return done.stdout

    def id(self, revision: str = "HEAD") -> str:
        """The full name of a commit."""
        return self.git("rev-parse", "--verify", revision).decode().strip()

    def write(self, name: str, content: str | bytes) -> Path:
        """Write a file of the work tree, folders included; text is UTF-8."""
        path = self.path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content.encode("utf-8", "surrogateescape") if isinstance(content, str) else content)
        return path

    def stage(self, files: Mapping[str, str | bytes]) -> None:
        """Write files and add them to the index."""
        for name, content in files.items():
            self.write(name, content)
        self.git("--literal-pathspecs", "add", "--force", "--", *files)

    def commit(self, files: Mapping[str, str | bytes], message: str = "a commit") -> str:
        """Write files and commit them and all that is staged; returns the commit."""
        if files:
            self.stage(files)
        self.git("commit", "--quiet", "--allow-empty", "--no-verify", "--message", message)
        return self.id()

    def collect(self, revision: str | None = None, *, worktree: bool = False, folder: str = ".") -> Change:
        """The change as reviewbot reads it."""
        return GitSource(Selection(revision, worktree), cwd=str(self.path / folder)).collect()
