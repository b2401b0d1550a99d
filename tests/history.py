"""The patch reader and the git source against git's own account of a whole history, commit by commit.

    python -m tests.history REPOSITORY [--most COMMITS] [--every NTH]

Each commit is compared with its first parent, and five things have to hold:

- The hunks, written again, are git's bytes, and only headers stand between them.
- Names, kinds of change, modes and counts are those of `git log --raw --numstat`.
- The old blob and the hunks make the new blob.
- Of every NTH commit, the git source reads the same files, and its base is the first parent.
- `unidiff` reads the same rows, or other ones for a reason that is known here.
"""

import argparse
import os
import re
import sys
import time
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from unidiff.errors import UnidiffParseError
from unidiff.patch import PatchSet

from reviewbot._patch_header import type_change_parts
from reviewbot._patch_names import unquote
from reviewbot.diff import FileDiff, Status
from reviewbot.errors import SourceError
from reviewbot.patch import parse, render_hunk
from reviewbot.sources.git import GitSource, Selection
from tests.support.applied import applied
from tests.support.gitlog import NO_MODE, Account, Blobs, Commit, ask, commits, started

SOURCES = 100
"""About how many commits the git source reads, where nothing else is asked for."""

_HEADER = re.compile(
    rb"diff --git [^\n]+\n"
    rb"(?:(?:old mode|new mode|deleted file mode|new file mode|similarity index|rename from|rename to|index) [^\n]+\n)*"
    rb"(?:Binary files [^\n]+ differ\n|--- [^\n]+\n\+\+\+ [^\n]+\n)?"
)
_Row = tuple[str, str, int | None, int | None, bool]


@dataclass(frozen=True, slots=True)
class Tally:
    """What was compared, and what was not the same.

    Attributes:
        commits: how many, merges among them.
        merges: how many of them have several parents.
        statuses: how many files of each kind of change.
        binary: how many files without text.
        modes: how many files that became a program or no longer are one.
        hunks: how many.
        changed: how many added and deleted lines.
        rebuilt: how many new blobs were made of old ones.
        sources: how many commits the git source read.
        agreed: how many files `unidiff` reads the same way.
        explained: how many it reads otherwise, by the reason.
        differences: one line each, with the commit and the path.
    """

    commits: int
    merges: int
    statuses: Mapping[Status, int]
    binary: int
    modes: int
    hunks: int
    changed: int
    rebuilt: int
    sources: int
    agreed: int
    explained: Mapping[str, int]
    differences: tuple[str, ...]

    def __str__(self) -> str:
        rows = {
            "commits": self.commits,
            "  merges": self.merges,
            "files": sum(self.statuses.values()),
            **{f"  {status.value.replace('_', ' ')}": count for status, count in sorted(self.statuses.items())},
            "  binary": self.binary,
            "  with a new mode": self.modes,
            "hunks": self.hunks,
            "changed lines": self.changed,
            "blobs rebuilt": self.rebuilt,
            "commits read by the git source": self.sources,
            "files unidiff reads the same": self.agreed,
            "files it reads otherwise": sum(self.explained.values()),
            **{f"  {reason}": count for reason, count in sorted(self.explained.items())},
            "differences": len(self.differences),
        }
        width = max(map(len, rows))
        return "".join(f"{name:<{width}}  {count:>10,}\n" for name, count in rows.items())


def check(repository: Path, *, most: int | None = None, every: int | None = None) -> Tally:
    """Compare the history of `HEAD`, newest commit first.

    Args:
        repository: a folder of it.
        most: how many commits at most.
        every: the git source reads each of so many commits; about a hundred in all where nothing is given.

    Raises:
        subprocess.CalledProcessError: git failed, or there is no commit.
    """
    # Inside this folder the attributes of today's work tree do not bend the diffs of older commits.
    folder = ask(repository, "rev-parse", "--absolute-git-dir")
    limit = () if most is None else (f"--max-count={most}",)
    total = int(ask(folder, "rev-list", "--count", *limit, "HEAD"))
    shallow = Path(folder, "shallow")
    cut = shallow.read_text().split() if shallow.exists() else []
    found = _Found()
    with started(folder, "cat-file", "--batch") as process:
        for number, commit in enumerate(commits(folder, *limit)):
            files = found.compare(commit, Blobs(process))
            if number % (every or max(1, total // SOURCES)) == 0 and commit.name not in cut:
                found.read_by_source(commit, files, folder)
    return found.tally()


@dataclass(slots=True)
class _Found:
    """The tally while it grows."""

    counts: Counter[str] = field(default_factory=Counter)
    statuses: Counter[Status] = field(default_factory=Counter)
    explained: Counter[str] = field(default_factory=Counter)
    differences: list[str] = field(default_factory=list)

    def tally(self) -> Tally:
        names = ("commits", "merges", "binary", "modes", "hunks", "changed", "rebuilt", "sources", "agreed")
        return Tally(
            **{name: self.counts[name] for name in names},
            statuses=dict(self.statuses),
            explained=dict(self.explained),
            differences=tuple(self.differences),
        )

    def compare(self, commit: Commit, blobs: Blobs) -> tuple[FileDiff, ...]:
        """Hold the patch of a commit against all that git says of it; returns its files."""
        self.counts.update(commits=1, merges=len(commit.parents) > 1)
        try:
            files = parse(commit.patch)
        except SourceError as error:
            self.differences.append(f"{commit.name}: {error.message}")
            return ()
        try:
            parts = list(_parts(commit.patch, files))
            assert len(files) == len(commit.accounts), f"{len(files)} files instead of {len(commit.accounts)}"
        except AssertionError as error:
            self.differences.append(f"{commit.name}: {error}")
            return files
        for file, account in zip(files, commit.accounts, strict=True):
            self._count(file)
            try:
                _same_facts(file, account)
                self.counts["rebuilt"] += _rebuilt(file, account, blobs)
            except AssertionError as error:
                self.differences.append(f"{commit.name} {file.path!a}: {error}")
        for part, patch in parts:
            self._witness(commit.name, part, patch)
        return files

    def _count(self, file: FileDiff) -> None:
        self.statuses[file.status] += 1
        known = file.old_mode is not None and file.new_mode is not None
        modes = known and file.old_mode != file.new_mode and file.status is not Status.TYPE_CHANGED
        self.counts.update(binary=file.binary, modes=modes, hunks=len(file.hunks), changed=file.changed)

    def _witness(self, commit: str, part: FileDiff, patch: bytes) -> None:
        try:
            reason = _disagreement(part, patch)
        except AssertionError as error:
            self.differences.append(f"{commit} {part.path!a}: {error}")
            return
        if reason:
            self.explained[reason] += 1
        else:
            self.counts["agreed"] += 1

    def read_by_source(self, commit: Commit, files: tuple[FileDiff, ...], folder: str) -> None:
        """Hold what the git source reads against the files of the patch."""
        base = commit.parents[0] if commit.parents else ask(folder, "hash-object", "-t", "tree", os.devnull)
        self.counts["sources"] += 1
        try:
            change = GitSource(Selection(commit.name), cwd=folder).collect()
        except SourceError as error:
            self.differences.append(f"{commit.name}: the git source says: {error.message}")
            return
        if change.files != files:
            self.differences.append(f"{commit.name}: the git source reads other files")
        if (change.target.base, change.target.head) != (base, commit.name):
            self.differences.append(f"{commit.name}: the git source compares with {change.target.base}")


def _parts(patch: bytes, files: Iterable[FileDiff]) -> Iterator[tuple[FileDiff, bytes]]:
    """The patch of each file; all that is not a header has to be the hunks as they are written again."""
    end = 0
    for part in (part for file in files for part in type_change_parts(file)):
        start = end
        header = _HEADER.match(patch, start)
        assert header, f"no header of {part.path!a} at byte {start}: {patch[start : start + 60]!r}"
        hunks = b"".join(map(render_hunk, part.hunks))
        end = header.end() + len(hunks)
        assert patch[header.end() : end] == hunks, f"{part.path!a} has other hunks at byte {header.end()}"
        yield part, patch[start:end]
    assert end == len(patch), f"{len(patch) - end} bytes after the last hunk: {patch[end : end + 60]!r}"


def _same_facts(file: FileDiff, account: Account) -> None:
    facts = file.status, file.old_path, file.path
    said = account.status, account.old_path, account.path
    assert facts == said, f"{facts} instead of {said}"
    modes = tuple(None if mode == NO_MODE else mode for mode in account.modes)
    unsaid = file.status is Status.RENAMED and len({*account.blobs}) == len({*account.modes}) == 1
    assert (file.old_mode, file.new_mode) == ((None, None) if unsaid else modes), f"modes instead of {modes}"
    # A binary file that only moves or gets a new mode has no content to show.
    binary = account.counts is None and account.blobs[0] != account.blobs[1]
    assert file.binary == binary, f"binary is {file.binary}"
    # Of a changed type git counts the lines between the two texts, though it shows one deleted and one added.
    if account.counts and file.status is not Status.TYPE_CHANGED:
        counts = file.added, file.deleted
        assert counts == account.counts, f"{counts} lines instead of {account.counts}"


def _rebuilt(file: FileDiff, account: Account, blobs: Blobs) -> int:
    """Make the new blob of the old one; returns how many were made, two where a type changed and none of a binary."""
    parts = [part for part in type_change_parts(file) if not part.binary]
    for part in parts:
        old, new = (blobs.read(name, mode) for name, mode in zip(account.blobs, account.modes, strict=True))
        old, new = b"" if part.status is Status.ADDED else old, b"" if part.status is Status.DELETED else new
        assert applied(old, part.hunks) == new, "the hunks do not make the new blob"
    return len(parts)


def _disagreement(part: FileDiff, patch: bytes) -> str | None:
    """Why `unidiff` reads a patch otherwise; None where it does not.

    Raises:
        AssertionError: it does, for no known reason.
    """
    # It splits the first line at the last of these, also where it is in a name, and then refuses the names after ---.
    divided = any(" b/" in name for name in (part.path, part.old_path or ""))
    read = _by_unidiff(patch)
    if read is None:
        assert divided, "unidiff refuses it"
        return "refused for a name with its separator"
    rows = [
        (line.kind.value, line.text, line.old, line.new, line.newline) for hunk in part.hunks for line in hunk.lines
    ]
    path, same_rows = read
    assert rows == same_rows, "unidiff reads other rows"
    if path == part.path:
        return None
    if unquote(path) == part.path:
        return "a name still in C-quotes"
    assert divided, f"unidiff reads the name {path!a}"
    return "a name cut at its separator"


def _by_unidiff(patch: bytes) -> tuple[str, list[_Row]] | None:
    try:
        [file] = PatchSet(patch.decode("utf-8", "surrogateescape"))
    except UnidiffParseError:
        return None
    rows: list[_Row] = []
    for line in (line for hunk in file for line in hunk):
        if line.line_type == "\\":
            rows[-1] = (*rows[-1][:4], False)
        else:
            text = line.value.removesuffix("\n")
            rows.append((line.line_type, text, line.source_line_no, line.target_line_no, True))
    return file.path, rows


def main() -> int:
    """Print the tally of a repository, and every difference; returns 1 where there is one."""
    parser = argparse.ArgumentParser(prog="python -m tests.history")
    parser.add_argument("repository", type=Path)
    parser.add_argument("--most", type=int, metavar="COMMITS")
    parser.add_argument("--every", type=int, metavar="NTH")
    options = parser.parse_args()
    begun = time.monotonic()
    tally = check(options.repository, most=options.most, every=options.every)
    sys.stdout.write("".join(f"{line}\n" for line in tally.differences))
    sys.stdout.write(f"{tally}in {time.monotonic() - begun:.0f} s\n")
    return 1 if tally.differences else 0


if __name__ == "__main__":
    sys.exit(main())
