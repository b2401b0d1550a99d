"""What git itself says of each commit of a history, out of three processes for all of them."""

import os
import re
import secrets
import subprocess
from collections.abc import Iterable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from reviewbot.diff import Status
from reviewbot.sources._rungit import _ENVIRONMENT, _SETTINGS
from reviewbot.sources.git import _DIFF

NO_MODE = "000000"
_SUBMODULE = "160000"
_STATUSES = {
    "A": Status.ADDED,
    "D": Status.DELETED,
    "M": Status.MODIFIED,
    "R": Status.RENAMED,
    "T": Status.TYPE_CHANGED,
}
_COUNTS = re.compile(r"(-|\d+)\t(-|\d+)\t(.*)", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Account:
    """What git says of one file, apart from the patch.

    Attributes:
        status: what happened to it.
        old_path: the name before a rename, else None.
        path: the name.
        modes: before and after.
        blobs: their names, before and after.
        counts: added and deleted lines; None for a binary file.
    """

    status: Status
    old_path: str | None
    path: str
    modes: tuple[str, str]
    blobs: tuple[str, str]
    counts: tuple[int, int] | None


@dataclass(frozen=True, slots=True)
class Commit:
    """A commit against its first parent, in the two ways git tells of it.

    Attributes:
        name: in full.
        parents: in full; none for the first commit and where a shallow clone is cut.
        patch: with the flags of the git source.
        accounts: one for each file, in the order of the patch.
    """

    name: str
    parents: tuple[str, ...]
    patch: bytes
    accounts: tuple[Account, ...]


def commits(folder: str, *limit: str) -> Iterator[Commit]:
    """The history of `HEAD`, newest commit first; no more than one commit is held at a time.

    Args:
        folder: of the repository.
        limit: options of `git log` that choose commits.

    Raises:
        subprocess.CalledProcessError: git failed.
    """
    # Beside content, which has a sign before each line, only this can be told from a name or a header for certain.
    nonce = secrets.token_hex(16)
    log = ("log", *limit, "--diff-merges=first-parent", "--root", "--no-show-signature", *_DIFF[1:])
    with ExitStack() as stack:
        patch, account = [
            stack.enter_context(started(folder, *log, f"--format=tformat:{nonce} %H %P", *what, "HEAD", "--"))
            for what in (("--patch", "-U3"), ("--raw", "--numstat", "-z", "--no-abbrev"))
        ]
        grouped = _grouped(_out(patch), nonce), _grouped(_ended_by_nul(_out(account)), nonce)
        for (names, lines), (same_names, words) in zip(*grouped, strict=True):
            assert names == same_names
            text = b"".join(lines).removeprefix(b"\n")
            yield Commit(names[0], tuple(names[1:]), text, tuple(_accounts(words)))
        for process in (patch, account):
            if process.wait():
                raise subprocess.CalledProcessError(process.returncode, process.args)


class Blobs:
    """The contents of blobs.

    Args:
        process: `git cat-file --batch`.
    """

    def __init__(self, process: subprocess.Popen[bytes]) -> None:
        self._process = process

    def read(self, name: str, mode: str) -> bytes:
        """The content as a patch shows it: that of no file is empty, that of a submodule is its commit."""
        if mode == NO_MODE:
            return b""
        if mode == _SUBMODULE:
            return f"Subproject commit {name}\n".encode()
        assert self._process.stdin
        self._process.stdin.write(f"{name}\n".encode())
        self._process.stdin.flush()
        out = _out(self._process)
        _, kind, size = out.readline().split()
        assert kind == b"blob"
        return out.read(int(size) + 1)[:-1]


def started(folder: str, *words: str) -> subprocess.Popen[bytes]:
    """A git that runs with the settings of the git source."""
    settings = [word for setting in _SETTINGS for word in ("-c", setting)]
    return subprocess.Popen(
        ["git", "-C", folder, *settings, *words],
        env=os.environ | _ENVIRONMENT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        bufsize=1 << 16,
    )


def ask(folder: Path | str, *words: str) -> str:
    """The one word that a command prints.

    Raises:
        subprocess.CalledProcessError: it failed.
    """
    return subprocess.run(["git", *words], cwd=folder, capture_output=True, text=True, check=True).stdout.strip()


def _accounts(words: list[bytes]) -> Iterator[Account]:
    """What the rows of `--raw` and those of `--numstat` after them say together."""
    rest = [word.decode("utf-8", "surrogateescape") for word in reversed(words)]
    raw = []
    while rest and rest[-1].lstrip("\n").startswith(":"):
        fields = rest.pop().lstrip("\n:").split(" ")
        raw.append((fields, rest.pop() if fields[4][0] == "R" else None, rest.pop()))
    for (old_mode, new_mode, old_blob, new_blob, letter), old_path, path in raw:
        match = _COUNTS.fullmatch(rest.pop())
        assert match
        names = (match[3],) if match[3] else (rest.pop(), rest.pop())
        assert names == ((path,) if old_path is None else (old_path, path))
        counts = None if match[1] == "-" else (int(match[1]), int(match[2]))
        yield Account(_STATUSES[letter[0]], old_path, path, (old_mode, new_mode), (old_blob, new_blob), counts)
    assert not rest


def _grouped(pieces: Iterable[bytes], nonce: str) -> Iterator[tuple[list[str], list[bytes]]]:
    """The words after the nonce in each piece that begins with it, and the pieces up to the next."""
    names: list[str] = []
    body: list[bytes] = []
    for piece in pieces:
        if not piece.startswith(nonce.encode()):
            body.append(piece)
            continue
        if names:
            yield names, body
        names, body = piece.decode().split()[1:], []
    if names:
        yield names, body


def _ended_by_nul(stream: IO[bytes]) -> Iterator[bytes]:
    rest = b""
    while chunk := stream.read(1 << 16):
        *whole, rest = (rest + chunk).split(b"\0")
        yield from whole


def _out(process: subprocess.Popen[bytes]) -> IO[bytes]:
    assert process.stdout
    return process.stdout
