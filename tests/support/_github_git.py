"""What a pull request changes, from real git: alone knows git's commands, diff positions, and where a line went.

It reads patches by itself, so that a reader under test is not its own judge.
"""

import os
import re
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise
from pathlib import Path

_HUNK = re.compile(rb"@@ -([0-9]+)(?:,([0-9]+))? \+([0-9]+)(?:,([0-9]+))? @@")
_DIFF = (
    *("diff", "--no-color", "--no-ext-diff", "--no-textconv", "-M", "--no-relative"),
    *("--diff-algorithm=myers", "--indent-heuristic", "--src-prefix=a/", "--dst-prefix=b/", "--submodule=short"),
    *("--ignore-submodules=none", "--ws-error-highlight=none"),
)
_PATCH = ("-U3", "--inter-hunk-context=0")
_STATUS = {"A": "added", "D": "removed", "M": "modified", "R": "renamed", "C": "copied", "T": "changed"}


@dataclass(frozen=True, slots=True)
class HunkLine:
    """A line of a hunk.

    Attributes:
        old: number in the old file; None for an added line.
        new: number in the new file; None for a deleted one.
        position: lines below the file's first hunk header.
        text: with its sign.
    """

    old: int | None
    new: int | None
    position: int
    text: str


@dataclass(frozen=True, slots=True)
class Hunk:
    """A hunk: its header as printed, and its lines."""

    header: str
    lines: tuple[HunkLine, ...]

    def find(self, side: str, number: int) -> HunkLine | None:
        """The line that may be commented on under a number: deleted lines on the left, all others on the right."""
        for line in self.lines:
            if (line.old if side == "LEFT" else line.new) == number and (side == "RIGHT" or line.new is None):
                return line
        return None


@dataclass(frozen=True, slots=True)
class File:
    """A file of a diff.

    Attributes:
        path: its new name, the old one where it is removed.
        previous: its old name where that is another.
        status: in the words of the API.
        blob: the object of the new content, of the old where it is removed.
        patch: from the first `@@`; None where git shows none.
        hunks: none where there is no patch.
    """

    path: str
    previous: str | None
    status: str
    blob: str
    patch: str | None
    hunks: tuple[Hunk, ...]

    def count(self, sign: str) -> int:
        """How many lines are added (`+`) or deleted (`-`)."""
        return sum(line.text.startswith(sign) for hunk in self.hunks for line in hunk.lines)


@dataclass(frozen=True, slots=True)
class Diff:
    """What lies between the merge base and the head.

    Attributes:
        merge_base: the commit that base and head have in common.
        files: in git's order.
        text: the whole patch.
    """

    merge_base: str
    files: tuple[File, ...]
    text: str

    def file(self, path: str) -> File | None:
        """The file of that new name."""
        return next((file for file in self.files if file.path == path), None)


@dataclass(frozen=True, slots=True)
class Commit:
    """A commit; times as git tells them, in ISO form."""

    sha: str
    tree: str
    parents: tuple[str, ...]
    author: tuple[str, str, str]
    committer: tuple[str, str, str]
    message: str


@dataclass(frozen=True, slots=True)
class Entry:
    """What a path names: mode as octal text, kind blob, tree or commit, object, size in bytes, path."""

    mode: str
    kind: str
    sha: str
    size: int
    path: str


def git(folder: Path, *arguments: str) -> bytes:
    """What git prints, whatever settings and attributes a user has; a failure raises `CalledProcessError`."""
    inner = folder / ".git"
    kept = {name: value for name, value in os.environ.items() if not name.startswith("GIT_")}
    apart = {"GIT_CONFIG_NOSYSTEM": "1", "GIT_CONFIG_GLOBAL": os.devnull, "GIT_ATTR_NOSYSTEM": "1"}
    options = ("diff.suppressBlankEmpty=false", f"core.attributesFile={os.devnull}")
    settings = [part for option in options for part in ("-c", option)]
    command = ["git", f"--git-dir={inner if inner.exists() else folder}", *settings, *arguments]
    return subprocess.run(command, cwd=folder.anchor, env={**kept, **apart}, capture_output=True, check=True).stdout


def resolve(folder: Path, revision: str) -> str | None:
    """The commit that a name means; None where there is none."""
    try:
        return (
            git(folder, "rev-parse", "--verify", "--quiet", "--end-of-options", revision + "^{commit}").decode().strip()
        )
    except subprocess.CalledProcessError:
        return None


@lru_cache(64)
def diff(folder: Path, base: str, head: str) -> Diff:
    """The three-dot diff of two commits."""
    merge_base = git(folder, "merge-base", base, head).decode().strip()
    raw = _text(git(folder, *_DIFF, "--raw", "-z", "--no-abbrev", merge_base, head))
    whole = git(folder, *_DIFF, *_PATCH, merge_base, head)
    sections = _sections(whole)
    fields = iter(raw.split("\0"))
    files = tuple(_file(meta, fields, sections) for meta in fields if meta)
    return Diff(merge_base, files, _text(whole))


def _file(meta: str, fields: Iterator[str], sections: Iterator[list[bytes]]) -> File:
    _, _, old_blob, new_blob, letter = meta.split(" ")
    status = _STATUS[letter[0]]
    old = next(fields)
    path = next(fields) if letter[0] in "RC" else old
    lines = next(sections)
    if status == "changed":  # git shows it as a deletion and an addition
        next(sections)
        lines = []
    hunks = _hunks(lines)
    patch = _text(b"\n".join(lines)) if lines else None
    return File(path, old if old != path else None, status, old_blob if status == "removed" else new_blob, patch, hunks)


def _text(data: bytes) -> str:
    return data.decode("utf-8", "replace")


def _sections(whole: bytes) -> Iterator[list[bytes]]:
    """The hunk lines of one file after another; a line inside a hunk begins no file."""
    section: list[bytes] | None = None
    old = new = 0
    for line in whole.split(b"\n"):
        if old > 0 or new > 0 or line.startswith(b"\\"):
            assert section is not None
            section.append(line)
            old -= line[:1] in (b" ", b"-")
            new -= line[:1] in (b" ", b"+")
        elif line.startswith(b"diff --git "):
            if section is not None:
                yield section
            section = []
        elif (found := _HUNK.match(line)) and section is not None:
            section.append(line)
            old, new = (int(found[group] or b"1") for group in (2, 4))
    if section is not None:
        yield section


def _hunks(lines: list[bytes]) -> tuple[Hunk, ...]:
    starts = [number for number, line in enumerate(lines) if line.startswith(b"@@ ")]
    return tuple(_hunk(lines[start:stop], start) for start, stop in pairwise((*starts, len(lines))))


def _hunk(lines: list[bytes], start: int) -> Hunk:
    found = _HUNK.match(lines[0])
    assert found
    old, new = int(found[1]), int(found[3])
    made = []
    for position, line in enumerate(lines[1:], start + 1):
        sign = line[:1]
        if sign != b"\\":
            made.append(HunkLine(None if sign == b"+" else old, None if sign == b"-" else new, position, _text(line)))
        old += sign in (b" ", b"-")
        new += sign in (b" ", b"+")
    return Hunk(_text(lines[0]), tuple(made))


@lru_cache(1024)
def moved(folder: Path, old: str, new: str, line: int) -> int | None:
    """The number that a line has in a newer content; None where it was changed or the content is gone.

    Args:
        folder: the repository.
        old: `commit:path` of the content that the line is counted in.
        new: the same of the newer content.
        line: from 1.
    """
    try:
        between = git(folder, "diff", "--no-color", "--no-ext-diff", "--no-textconv", "-U0", "--text", old, new)
    except subprocess.CalledProcessError:
        return None
    shift = 0
    for header in _hunk_headers(between):
        start, count = int(header[1]), int(header[2] or b"1")
        first = start if count else start + 1
        if line < first:
            break
        if line < first + count:
            return None
        shift += int(header[4] or b"1") - count
    return line + shift


def _hunk_headers(between: bytes) -> Iterator[re.Match[bytes]]:
    for section in _sections(between):
        old = new = 0
        for line in section:
            if old <= 0 and new <= 0 and (found := _HUNK.match(line)):
                old, new = (int(found[group] or b"1") for group in (2, 4))
                yield found
            else:
                old -= line[:1] == b"-"
                new -= line[:1] == b"+"


def commits(folder: Path, base: str, head: str) -> tuple[Commit, ...]:
    """What the head has and the base has not, oldest first."""
    names = git(folder, "rev-list", "--reverse", "--topo-order", head, f"^{base}").decode().split()
    return tuple(commit(folder, name) for name in names)


@lru_cache(4096)
def commit(folder: Path, sha: str) -> Commit:
    """One commit."""
    form = "%H%x00%T%x00%P%x00%an%x00%ae%x00%aI%x00%cn%x00%ce%x00%cI%x00%B"
    told = _text(git(folder, "show", "--no-patch", f"--format={form}", sha))
    name, tree, parents, *people, message = told.split("\0", 9)
    author, committer = people[:3], people[3:]
    return Commit(
        name,
        tree,
        tuple(parents.split()),
        (author[0], author[1], author[2]),
        (committer[0], committer[1], committer[2]),
        message.rstrip("\n"),
    )


def entry(folder: Path, sha: str, path: str) -> Entry | None:
    """What a path names in a commit; the top folder has the empty path."""
    if not path:
        return Entry("040000", "tree", sha, 0, "")
    return next(iter(entries(folder, sha, path)), None)


def entries(folder: Path, sha: str, path: str) -> tuple[Entry, ...]:
    """What a path names, or, with a slash at its end, what lies in that folder; `""` is the top folder."""
    told = git(folder, "--literal-pathspecs", "ls-tree", "-z", "--long", "--full-tree", sha, *([path] if path else []))
    made = []
    for row in told.decode("utf-8", "surrogateescape").split("\0")[:-1]:
        meta, name = row.split("\t", 1)
        mode, kind, blob, size = meta.split()
        made.append(Entry(mode, kind, blob, int(size) if size.isdecimal() else 0, name))
    return tuple(made)


def content(folder: Path, blob: str) -> bytes | None:
    """The bytes of a blob; None where there is none of that name."""
    try:
        return git(folder, "cat-file", "blob", blob)
    except subprocess.CalledProcessError:
        return None
