"""The change of a pull request out of GitHub's answers. Alone knows what is left out of them, and where that is.

A comparison gives the whole patch, up to a size. Beyond it there is the list of files: the patches of a page go missing
once they are too long together, that of a file where it is too long alone, and the modes always.
"""

import difflib
from collections.abc import Callable, Iterator, Sequence
from typing import Any

from reviewbot import patch
from reviewbot.brief import Brief
from reviewbot.diff import FileDiff, Hunk, Status
from reviewbot.errors import SourceError
from reviewbot.hosts._github_files import Content, Files
from reviewbot.hosts._github_refusals import TroubleError, TroubleKind, taken
from reviewbot.hosts._github_wire import Wire

_DIFF = "application/vnd.github.diff"
_PAGES = (100, 25, 5, 1)
"""Rows of a page: the fewer, the more of their patches are there."""

_LARGEST = 5_000_000
"""Bytes of a file that is compared."""

_MANY_LINES = 20_000
"""Lines of both sides above which they are not matched with each other: that would take minutes."""

_NO_CONTENT = "e69de29bb2d1d6434b8b29ae775ad8c2e48c5391"
"""The blob of an empty file."""

_NOTHING = Content(None, b"")
_STATUSES = {
    "added": Status.ADDED,
    "removed": Status.DELETED,
    "modified": Status.MODIFIED,
    "renamed": Status.RENAMED,
    "copied": Status.COPIED,
    "changed": Status.TYPE_CHANGED,
}
_ELSEWHERE = {TroubleKind.TOO_LARGE, TroubleKind.MISSING, TroubleKind.REFUSED, TroubleKind.UNREACHABLE}
"""Trouble with the whole patch after which the list may be there."""


def left_at(wire: Wire, brief: Brief) -> str:
    """Full name of the commit at which the head left the base, whose files are the old ones.

    Raises:
        TroubleError: it cannot be had.
    """
    where = f"{wire.repo}/compare/{brief.base}...{brief.head}"
    return taken(wire.get(where, per_page=1).body, str, "merge_base_commit", "sha")


def read(wire: Wire, brief: Brief, *, old: Callable[[], str]) -> bytes:
    """The whole change, as `reviewbot.patch` reads it.

    Args:
        wire: to the pull request.
        brief: of it.
        old: what `left_at` says.

    Raises:
        TroubleError: it cannot be had, or not all of it.
    """
    whole = _whole(wire, brief)
    return patch.render(tuple(_Rows(wire, brief, old).read())) if whole is None else whole


def _whole(wire: Wire, brief: Brief) -> bytes | None:
    try:
        answer = wire.get(f"{wire.repo}/compare/{brief.base}...{brief.head}", accept=_DIFF)
    except TroubleError as trouble:
        if trouble.kind in _ELSEWHERE:
            return None
        raise
    known = "utf-8" in answer.headers.get("content-type", "").lower()
    return answer.text.encode() if known and (not answer.text or answer.text.startswith("diff --git ")) else None


class _Rows:
    """The files of a pull request, one by one."""

    def __init__(self, wire: Wire, brief: Brief, old: Callable[[], str]) -> None:
        self._wire = wire
        self._brief = brief
        self._files = Files(wire)
        self._old = old
        self._short = False

    def read(self) -> Iterator[FileDiff]:
        pull = self._wire.get(self._wire.pull).body
        rows = [row for page in self._wire.pages(f"{self._wire.pull}/files") for row in page]
        there = taken(pull, int, "changed_files")
        if there > len(rows):
            what = f"{self._name}: GitHub tells {len(rows)} of {there} changed files"
            raise TroubleError(what, kind=TroubleKind.TOO_LARGE)
        self._refill(rows, taken(pull, int, "additions") + taken(pull, int, "deletions"))
        for row in rows:
            if not taken(row, str, "contents_url").endswith(f"ref={self._brief.head}"):
                what = f"{self._name}: somebody pushed while the change was read"
                raise TroubleError(what, kind=TroubleKind.REFUSED)
            if row.get("status") != "unchanged":
                yield self._file(row)

    @property
    def _name(self) -> str:
        return f"{self._wire.way.repository}#{self._wire.way.number}"

    def _refill(self, rows: list[dict[str, Any]], lines: int) -> None:
        """Read again what went missing, in smaller pages, until all lines are there."""
        size = _PAGES[0]
        for smaller in _PAGES[1:]:
            if _lines_of(rows) >= lines:
                return
            # The first row of a page is whole in any case.
            missing = [place for place, row in enumerate(rows) if place % size and _bare(row)]
            for number in dict.fromkeys(place // smaller for place in missing):
                path = f"{self._wire.pull}/files"
                answer = self._wire.get(path, per_page=smaller, page=number + 1)
                page = [taken(row, dict) for row in taken(answer.body, list)]
                rows[number * smaller : number * smaller + len(page)] = page
            size = smaller
        self._short = _lines_of(rows) < lines

    def _file(self, row: dict[str, Any]) -> FileDiff:
        path, previous = taken(row, str, "filename"), row.get("previous_filename")
        status = _STATUSES.get(taken(row, str, "status"), Status.MODIFIED)
        moved = previous if status in {Status.RENAMED, Status.COPIED} and isinstance(previous, str) else None
        text = row.get("patch")
        if isinstance(text, str):
            return FileDiff(path, status, _hunks(path, f"{text}\n".encode("utf-8", "replace")), moved)
        if status is not Status.TYPE_CHANGED and _bare(row) and not self._short:
            # Neither a name nor a mode alone is told apart from a binary content here; a new name is most often alone.
            binary = not moved and row.get("sha") != _NO_CONTENT
            return FileDiff(path, status, (), moved, binary=binary)
        old = _NOTHING if status is Status.ADDED else self._files.content(moved or path, commit=self._old())
        new = _NOTHING if status is Status.DELETED else self._files.content(path, commit=self._brief.head)
        return _compared(FileDiff(path, status, old_path=moved), old, new)


def _lines_of(rows: Sequence[dict[str, Any]]) -> int:
    return sum(taken(row, int, "changes") for row in rows)


def _bare(row: dict[str, Any]) -> bool:
    """Whether a row tells of no line at all."""
    return "patch" not in row and not taken(row, int, "changes")


def _compared(file: FileDiff, old: Content, new: Content) -> FileDiff:
    """A file with the hunks that lead from one content to the other."""
    both = old.mode is not None and new.mode is not None
    retyped = both and old.mode != new.mode
    status = Status.MODIFIED if file.status is Status.TYPE_CHANGED and not retyped else file.status
    modes = (old.mode, new.mode) if retyped else (None, None)
    shown = _is_text(old.data) and _is_text(new.data)
    pairs = ((old.data, b""), (b"", new.data)) if retyped else ((old.data, new.data),)
    hunks = tuple(hunk for pair in pairs for hunk in _hunks(file.path, _unified(*pair))) if shown else ()
    return FileDiff(file.path, status, hunks, file.old_path, not shown, *modes)


def _is_text(data: bytes) -> bool:
    return b"\0" not in data[:8_000] and len(data) <= _LARGEST


def _unified(old: bytes, new: bytes) -> bytes:
    before, after = (side.decode("utf-8", "surrogateescape") for side in (old, new))
    sides = [before.split("\n"), after.split("\n")]
    for side in sides:
        side[:] = [f"{line}\n" for line in side[:-1]] + ([side[-1]] if side[-1] else [])
    made = "".join(
        line if line.endswith("\n") else f"{line}\n\\ No newline at end of file\n" for line in _written(*sides)
    )
    return made.encode("utf-8", "surrogateescape")


def _written(old: Sequence[str], new: Sequence[str]) -> Iterator[str]:
    if min(len(old), len(new)) <= _MANY_LINES:
        # The first two name the sides.
        yield from list(difflib.unified_diff(old, new))[2:]
        return
    yield f"@@ -1,{len(old)} +1,{len(new)} @@\n"
    yield from (f"-{line}" for line in old)
    yield from (f"+{line}" for line in new)


def _hunks(path: str, written: bytes) -> tuple[Hunk, ...]:
    if not written:
        return ()
    try:
        return patch.parse(b"--- a/x\n+++ b/x\n" + written)[0].hunks
    except SourceError as error:
        what = f"the patch that GitHub gives of {path} cannot be read: {error.message}"
        raise TroubleError(what, kind=TroubleKind.BAD_ANSWER) from error
