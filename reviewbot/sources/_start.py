"""How a file is read out of a commit, and what a commit says of itself."""

import os
import posixpath
from dataclasses import dataclass

from reviewbot.errors import SourceError
from reviewbot.sources._rungit import Git


def at(commit: str, *, cwd: str) -> "Start | None":
    """The state of a repository in a commit; None where the folder lies in none that has it.

    Args:
        commit: its full name.
        cwd: the folder.
    """
    git = Git(cwd)
    try:
        known = git.ask("cat-file", "-e", f"{commit}^{{commit}}").status == 0
    except SourceError:
        return None
    return Start(git, commit) if known else None


def message(git: Git, commit: str) -> str:
    """What the author of a commit says of it.

    Args:
        git: runs in the repository.
        commit: its full name.

    Raises:
        SourceError: git failed.
    """
    from reviewbot.intent import intent

    said = git.read("show", "-s", "--encoding=UTF-8", "--no-show-signature", "--format=%s%x00%b", commit, "--")
    title, _, body = said.decode(errors="replace").partition("\0")
    return intent(title, body)


@dataclass(frozen=True, slots=True)
class Start:
    """A state of a repository.

    Attributes:
        git: runs in it.
        tree: a commit or a tree.
    """

    git: Git
    tree: str

    @property
    def name(self) -> str:
        """For people."""
        return self.tree[:7]

    def read(self, path: str) -> bytes | None:
        """The content of a file, None where there is none. A link is followed once, inside the repository.

        Args:
            path: from the top of the repository.

        Raises:
            SourceError: git failed.
        """
        mode, content = self._blob(path)
        if mode != b"120000":
            return content
        target = posixpath.normpath(posixpath.join(posixpath.dirname(path), os.fsdecode(content or b"")))
        mode, content = self._blob(target) if not target.startswith(("/", "..")) else (b"", None)
        return None if mode == b"120000" else content

    def _blob(self, path: str) -> tuple[bytes, bytes | None]:
        entry = self.git.read("ls-tree", "--full-tree", "-z", self.tree, "--", path)
        mode, kind, name = entry.partition(b"\t")[0].split(b" ") if entry else (b"", b"", b"")
        return mode, self.git.read("cat-file", "blob", name.decode()) if kind == b"blob" else None
