"""How the files of the reviewed state are read and searched: in a commit, in the index, in the work tree.

A file that somebody else keeps somewhere else is none: links and submodules are not followed.
"""

import os
import re
import stat
import time
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path, PurePosixPath

from reviewbot.errors import SourceError
from reviewbot.ports import Hit
from reviewbot.sources._rungit import Answer, Git, failure

MOST_BYTES = 1_000_000
"""A larger file is not read: no prompt holds a part of it that matters."""

MOST_SECONDS = 30.0
"""How long all searches of one review may take. In a very large repository one alone can take half a minute."""

MOST_LINES = 200
"""How many lines with hits one file may give; generated files have thousands."""

_GREP = (
    "grep",
    "--no-color",
    "--no-column",
    "--no-recurse-submodules",
    "--no-textconv",
    "--full-name",
    "--line-number",
    "--only-matching",
    "--word-regexp",
    "--extended-regexp",
    "-I",
    "-z",
)
_HIT = re.compile(rb"([^\0]+)\0([0-9]+)\0([^\n]+)\n")
_SPECIAL = re.compile(rb"[\\^$.|?*+(){}\[\]]")
"""What is more than itself in a regular expression."""

_FILES = {b"100644", b"100755"}
"""The modes of files; links and submodules have others."""

_NO_SUCH_OPTION = 129

_KEPT = 256
"""Files that are remembered: chunks of one change lie near one another."""


class _State(StrEnum):
    INDEX = "--cached"
    WORKTREE = "--untracked"


def at(head: str | None, *, cwd: str, worktree: bool) -> "GitTree | None":
    """The files of what is reviewed; None where they are not at hand.

    Args:
        head: full name of the commit, None: there is none.
        cwd: a folder of the repository.
        worktree: without a commit the work tree is meant, not the index.
    """
    git = Git(cwd)
    with suppress(SourceError):
        if head is None:
            if worktree:
                return in_worktree(git)
            # What is not checked out was never fetched either.
            return None if _sparse(git) and _partial(git) else in_index(git)
        return None if git.ask("cat-file", "-e", f"{head}^{{commit}}").status else in_commit(git, head)
    return None


def in_commit(git: Git, commit: str) -> "GitTree | None":
    """The files of a commit; None where some are elsewhere, and git would fetch one after the other.

    Args:
        git: runs in the repository.
        commit: its full name.

    Raises:
        SourceError: git cannot be run.
    """
    return None if _partial(git) else GitTree(git, commit)


def _partial(git: Git) -> bool:
    """Whether git may have to fetch what the repository lacks."""
    return bool(git.ask("config", "--get-regexp", r"^(remote\..*\.promisor|extensions\.partialclone)$").out)


def _sparse(git: Git) -> bool:
    """Whether only some files are checked out."""
    return git.ask("config", "--type=bool", "core.sparseCheckout").out == b"true\n"


def in_index(git: Git) -> "GitTree":
    """The files as they are staged."""
    return GitTree(git, _State.INDEX)


def in_worktree(git: Git) -> "GitTree":
    """The files of the work tree, untracked ones too, ignored ones not.

    Raises:
        SourceError: git failed.
    """
    up = os.fsdecode(git.read("rev-parse", "--show-cdup")[:-1])
    return GitTree(git, _State.WORKTREE, Path(git.folder) / up)


@dataclass(slots=True)
class Patience:
    """Counts the seconds that searches take."""

    left: float = MOST_SECONDS
    began: float = 0.0

    def __enter__(self) -> float:
        self.began = time.monotonic()
        return self.left

    def __exit__(self, *_: object) -> None:
        self.left -= time.monotonic() - self.began


@dataclass(frozen=True, slots=True)
class GitTree:
    """The files of one state of a repository.

    Attributes:
        git: runs in the repository.
        state: full name of a commit, or one of the two that are none.
        top: the folder of the work tree, empty for other states.
        patience: how long searches may still take.
    """

    git: Git
    state: str
    top: Path = field(default_factory=Path)
    patience: Patience = field(default_factory=Patience, repr=False, compare=False)
    _read: dict[str, bytes | None] = field(default_factory=dict, repr=False, compare=False)

    def read(self, path: str) -> bytes | None:
        """The content of a file of at most `MOST_BYTES`, None where there is none.

        Args:
            path: from the top of the repository.

        Raises:
            SourceError: git cannot be run.
        """
        if path not in self._read:
            if len(self._read) >= _KEPT:
                self._read.pop(next(iter(self._read)))
            self._read[path] = self._content(path)
        return self._read[path]

    def grep(self, words: Sequence[str], *, endings: Sequence[str], most: int) -> tuple[Hit, ...]:
        """Where words stand as whole words, each once for a line, in the order of paths and lines.

        Args:
            words: fixed texts.
            endings: how the names of the files that are searched end.
            most: hits of one word; a word that has more is left out altogether.

        Raises:
            SourceError: git failed.
        """
        wanted = {_bytes(word) for word in words if word and not {"\n", "\0"} & set(word)}
        if not wanted or not endings:
            return ()
        if self.patience.left <= 0:
            return ()
        answer = self._grep(wanted, endings, f"--max-count={MOST_LINES}")
        if answer.status == _NO_SUCH_OPTION:
            # Git before 2.38.
            answer = self._grep(wanted, endings)
        if self.patience.left <= 0:
            # It was ended in the midst: what it had found until then is no fair choice.
            return ()
        if answer.status > 1:
            raise failure(self.git.folder, answer)
        prefix = b"" if self.state in list(_State) else f"{self.state}:".encode()
        found: dict[bytes, dict[tuple[bytes, int], None]] = {word: {} for word in wanted}
        for path, line, word in _HIT.findall(answer.out):
            found[word][path.removeprefix(prefix), int(line)] = None
        hits = [(*place, word) for word, places in found.items() if len(places) <= most for place in places]
        return tuple(Hit(_text(path), line, _text(word)) for path, line, word in sorted(hits))

    def _grep(self, words: set[bytes], endings: Sequence[str], *limits: str) -> Answer:
        # One pattern of all words is searched for in half the time of one for each.
        asked = b"|".join(_SPECIAL.sub(rb"\\\g<0>", word) for word in sorted(words))
        specs = [f":(top,glob,icase)**/*{ending}" for ending in endings]
        with self.patience as seconds:
            return self.git.ask(
                *_GREP, *limits, "-e", os.fsdecode(b"(" + asked + b")"), self.state, "--", *specs, seconds=seconds
            )

    def _content(self, path: str) -> bytes | None:
        # What the system takes for the bytes of the name, whatever its locale.
        path = os.fsdecode(_bytes(path))
        parts = path.split("/")
        if "\0" in path or any(part.lower() in {"", ".", "..", ".git"} for part in parts):
            return None
        if self.state == _State.WORKTREE:
            return _file(self.top, parts) if self._diffed(path) else None
        if self.state == _State.INDEX:
            entry = self.git.ask("ls-files", "--stage", "--full-name", "-z", "--", f":(top,literal){path}").out
            said, _, rest = entry.partition(b"\t")
            mode, name, stage = said.split(b" ") if said else (b"", b"", b"")
            # A folder is answered with what it holds, a conflict with three stages.
            alone = rest == os.fsencode(path) + b"\0" and stage == b"0"
            return self._blob(name) if mode in _FILES and alone else None
        entry = self.git.ask("ls-tree", "--full-tree", "-z", self.state, "--", path).out
        mode, _, name = entry.partition(b"\t")[0].split(b" ") if entry else (b"", b"", b"")
        return self._blob(name) if mode in _FILES else None

    def _diffed(self, path: str) -> bool:
        """Whether a diff would show a file of the work tree as it lies there.

        What a filter keeps out of every commit, as an encryption does, and what git is told not to look at stays here.
        """
        spec = f":(top,literal,attr:!filter){path}"
        said = self.git.ask("ls-files", "-v", "-z", "--cached", "--others", "--exclude-standard", "--", spec).out
        # Small letters and S: assumed to be unchanged, or skipped.
        return (said[:1].isupper() and said[:1] != b"S") or said[:1] == b"?"

    def _blob(self, name: bytes) -> bytes | None:
        size = self.git.ask("cat-file", "-s", name.decode()).out
        if not size or int(size) > MOST_BYTES:
            return None
        return self.git.read("cat-file", "blob", name.decode())


def _bytes(text: str) -> bytes:
    return text.encode("utf-8", "surrogateescape")


def _text(data: bytes) -> str:
    return data.decode("utf-8", "surrogateescape")


def _file(top: Path, parts: Sequence[str]) -> bytes | None:
    """A file below a folder; nothing on the way to it may be a link."""
    folders = [top / PurePosixPath(*parts[:depth]) for depth in range(1, len(parts))]
    with suppress(OSError):
        if any(folder.is_symlink() for folder in folders):
            return None
        # Without blocking: what is no file may be a pipe that nobody writes to.
        opened = os.open(top / PurePosixPath(*parts), os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
        with os.fdopen(opened, "rb") as file:
            about = os.fstat(opened)
            if stat.S_ISREG(about.st_mode) and about.st_size <= MOST_BYTES:
                return file.read(MOST_BYTES)
    return None
