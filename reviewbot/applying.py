"""Suggestions carried out on the files of a work tree. Alone knows which files may be written, and what is told of it.

A file is written where it is a text of this repository, not write-protected, and no link leads to it. Only the lines of
suggestions change: line ends, byte order mark, permissions and how the file ends stay. Nothing is staged or committed.
"""

import stat
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from itertools import islice, pairwise
from pathlib import Path, PurePosixPath

from reviewbot import diff, kept, patch, policyfile, whole
from reviewbot.diff import FileDiff, Hunk, LineKind, Side, Status
from reviewbot.errors import ExitCode, SourceError
from reviewbot.finding import Finding, squeeze
from reviewbot.mending import Left, Mend, Proof, Text, locate, mend, proof, ranked
from reviewbot.reread import Reread
from reviewbot.sources import _start
from reviewbot.terminal import Line, Span, count, one_line, paint, place

_NO_FILE = "there is no such file"
_NOT_OURS = "its path leads out of the repository"
_LINK = "a link is on the way to its file"
_INNER = "its file belongs to another repository inside this one"
_PROTECTED = "its file is write-protected"
_NO_TEXT = "its file is no text"
_TITLE = 100
_CONTEXT = 3


@dataclass(frozen=True, slots=True)
class Row:
    """What became of a suggestion.

    Attributes:
        finding: with the suggestion.
        start: number of its first line in the file before; as reviewed, where it is left.
        left: why it was not carried out, None: it was.
        settled: False where somebody has to look at it.
    """

    finding: Finding
    start: int
    left: str | None = None
    settled: bool = True


@dataclass(frozen=True, slots=True)
class Applied:
    """What became of suggestions.

    Attributes:
        rows: one for each, in the order of the report.
        diff: what was written, or would have been, as a patch.
        written: False where it was only to be seen.
    """

    rows: tuple[Row, ...]
    diff: bytes
    written: bool

    @property
    def code(self) -> ExitCode:
        """What the process returns: incomplete where one was wished for that is not there now."""
        return ExitCode.OK if all(row.settled for row in self.rows) else ExitCode.INCOMPLETE

    @property
    def text(self) -> str:
        """One line for each suggestion."""
        return paint(map(self._line, self.rows), colour=False)

    @property
    def summary(self) -> str:
        """All of it in a sentence."""
        done = sum(row.left is None for row in self.rows)
        left = len(self.rows) - done
        said = count(done, "suggestion") + (" applied" if self.written else " could be applied")
        hint = "; see `git diff`" if done and self.written else ""
        return (said + (f", {left:,} left" if left else "") + hint) if self.rows else "the report suggests nothing"

    def _line(self, row: Row) -> Line:
        finding = row.finding
        end = row.start + len(finding.excerpt) - 1
        said = "left" if row.left else "applied" if self.written else "applies"
        words = f"{said} {finding.id} {place(finding.anchor.path, row.start, end)}"
        title = one_line(finding.draft.title)[:_TITLE]
        return (Span(f"{words} {title}".rstrip() + (f" because {row.left}" if row.left else "")),)


def apply(
    ids: Sequence[str], *, cwd: str, answers: Path | None, report: Path | None = None, write: bool = True
) -> Applied:
    """Carry out suggestions of a report.

    Args:
        ids: which, each by the beginning of its fingerprint; none: all that do not want the same lines.
        cwd: a folder of the repository.
        answers: the folder of the answers, beside which the last report lies; None: none is kept.
        report: the file it is read from, None: the last one of the repository.
        write: False to see only what would be written.

    Raises:
        ConfigError: there is no report, or it has no such finding.
        SourceError: the folder is in no repository.
    """
    top = policyfile.top(Path(cwd))
    if not (top / ".git").exists():
        hint = "go to the repository that was reviewed"
        raise SourceError(f"{cwd} is not in a git repository", hint=hint, slug="not-a-repository")
    told = kept.told(report, top=top, answers=answers)
    chosen = told.chosen(ids)
    tree = _Tree(top, told, overlaps_settle=not ids)
    rows = {finding.fingerprint: tree.take(finding) for finding in ranked(chosen)}
    rows |= tree.finish(write=write)
    return Applied(tuple(rows[finding.fingerprint] for finding in chosen), b"".join(tree.diffs), write)


@dataclass(slots=True)
class _File:
    """A file whose suggestions are collected.

    Attributes:
        path: where it lies.
        data: as it was read.
        text: the same in lines.
        protected: not even its owner may write it.
        taken: what will be replaced, and where.
        rows: what is told of it.
    """

    path: Path
    data: bytes
    text: Text
    protected: bool
    taken: list[tuple[int, Mend]] = field(default_factory=list)
    rows: list[Row] = field(default_factory=list)

    def free(self, start: int, size: int) -> bool:
        return all(start + size <= at or at + len(one.old) <= start for at, one in self.taken)


@dataclass(slots=True)
class _Tree:
    """A work tree whose files are read once and written once."""

    top: Path
    told: Reread
    overlaps_settle: bool
    files: dict[str, _File | str] = field(default_factory=dict)
    diffs: list[bytes] = field(default_factory=list)
    reviewed: dict[str, Text | None] = field(default_factory=dict)

    def take(self, finding: Finding) -> Row:
        """Take up a suggestion; nothing is written yet."""
        wanted, path = mend(finding), finding.anchor.path
        if isinstance(wanted, Left):
            return self._left(finding, wanted)
        if path not in self.files:
            self.files[path] = _opened(self.top, path)
        file = self.files[path]
        if isinstance(file, str):
            return self._left(finding, file)
        at = self._place(finding, wanted, file)
        if isinstance(at, str):
            return self._left(finding, at)
        file.taken.append((at, wanted))
        file.rows.append(Row(finding, at + 1))
        return file.rows[-1]

    def _place(self, finding: Finding, wanted: Mend, file: _File) -> int | str:
        """The index of the lines that a suggestion takes, or why it may have none."""
        if wanted.hides:
            return Left.HIDDEN
        at = locate(file.text, wanted, proven=self._proof(finding, wanted))
        if isinstance(at, Left):
            return at
        if file.protected:
            return _PROTECTED
        if wanted.foreign(file.text.lines):
            return Left.ENCODING
        return at if file.free(at, len(wanted.old)) else Left.OVERLAPS

    def finish(self, *, write: bool) -> dict[str, Row]:
        """Write every file, or only tell what would be written; what became of suggestions that could not be."""
        failed: dict[str, Row] = {}
        for path, file in sorted(self.files.items(), key=lambda item: item[0]):
            if isinstance(file, str) or not file.taken:
                continue
            why = _written(file) if write else None
            if why:
                failed |= {row.finding.fingerprint: self._left(row.finding, why) for row in file.rows}
            else:
                self.diffs.append(patch.render([_difference(path, file.text, file.taken)]))
        return failed

    def _proof(self, finding: Finding, wanted: Mend) -> Proof | None:
        """What proves the place: what was kept of the reviewed text, or the commit that has it."""
        known = self.told.proofs.get(finding.fingerprint)
        if known or self.told.head is None:
            return known
        path = finding.anchor.path
        if path not in self.reviewed:
            self.reviewed[path] = _committed(self.top, self.told.head, path)
        text = self.reviewed[path]
        return proof(text, wanted) if text else None

    def _left(self, finding: Finding, why: str) -> Row:
        settled = why == Left.ALREADY or (why == Left.OVERLAPS and self.overlaps_settle)
        return Row(finding, finding.anchor.start, str(why), settled)


def _committed(top: Path, commit: str, path: str) -> Text | None:
    """A file as a commit has it, None where it is not at hand."""
    state = _start.at(commit, cwd=str(top))
    try:
        data = state.read(path) if state else None
    except SourceError:
        return None
    return None if data is None else Text.of(_decoded(data))


def _opened(top: Path, path: str) -> _File | str:
    """A file of the work tree, or why it may not be written."""
    try:
        target = top / path
        why = _forbidden(top, path)
        if why or not target.exists():
            return why or _NO_FILE
        # A pipe would be waited for, a device never ends.
        data = target.read_bytes() if target.is_file() else b"\0"
        protected = not target.stat().st_mode & stat.S_IWUSR
    except OSError as error:
        return _unusable(error)
    # As git tells what is no text.
    return _NO_TEXT if b"\0" in data else _File(target, data, Text.of(_decoded(data)), protected)


def _forbidden(top: Path, path: str) -> str | None:
    """Why a path may not be written, None: it may."""
    plain = PurePosixPath(path)
    # Some file systems do not see every difference between two names.
    names = {squeeze(part).casefold() for part in plain.parts}
    if plain.is_absolute() or plain.as_posix() != path or not names.isdisjoint({"..", ".git"}):
        return _NOT_OURS
    target = top / plain
    inside = [folder for folder in target.parents if top in folder.parents]
    if any(one.is_symlink() for one in (target, *inside)):
        return _LINK
    return _INNER if any((folder / ".git").exists() for folder in inside) else None


def _written(file: _File) -> str | None:
    """Write a file; why it could not be."""
    made = str(file.text.mended(file.taken)).encode("utf-8", "surrogateescape")
    try:
        if file.path.read_bytes() != file.data:
            return Left.CHANGED
        whole.write(file.path, made, mode=stat.S_IMODE(file.path.stat().st_mode))
    except OSError as error:
        return _unusable(error)
    return None


def _unusable(error: OSError) -> str:
    return f"its file cannot be used: {error.strerror or error}"


def _decoded(data: bytes) -> str:
    return data.decode("utf-8", "surrogateescape")


def _difference(path: str, text: Text, mends: Sequence[tuple[int, Mend]]) -> FileDiff:
    """What a mended text differs in, as a diff with a few lines of context."""
    old, new = _rows(text, LineKind.DELETED), _rows(text.mended(mends), LineKind.ADDED)
    lines: list[diff.Line] = []
    for same, done in text.blocks(mends):
        for was, now in islice(zip(old, new, strict=True), len(text.lines[same])):
            # A mark that stands before the first line goes before the next one with it.
            stays = (was.text, was.newline) == (now.text, now.newline)
            lines += [replace(was, kind=LineKind.CONTEXT, new=now.new)] if stays else [was, now]
        if done:
            lines += [*islice(old, len(done[1].old)), *islice(new, len(done[1].new))]
    return FileDiff(path, Status.MODIFIED, _hunks(lines))


def _rows(text: Text, kind: LineKind) -> Iterator[diff.Line]:
    """The lines of a text as a diff has them where all are changed."""
    gone = kind is LineKind.DELETED
    for number, (line, end) in enumerate(zip(text.lines, text.ends, strict=True), 1):
        said = (text.mark if number == 1 else "") + line + end.removesuffix("\n")
        yield diff.Line(kind, said, number if gone else None, None if gone else number, end != "")


def _hunks(lines: Sequence[diff.Line]) -> tuple[Hunk, ...]:
    """The changed lines with their context; what lies between two changes only as far as it is context."""
    shown = [any(one.changed for one in lines[max(0, at - _CONTEXT) : at + _CONTEXT + 1]) for at in range(len(lines))]
    cuts = [at for at, (before, now) in enumerate(pairwise([False, *shown])) if now != before]
    old, new = (int(any(line.number(side) for line in lines)) for side in Side)
    return Hunk(old, new, tuple(lines)).parts(cuts)[1::2]
