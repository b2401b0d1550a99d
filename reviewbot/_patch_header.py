"""What a patch says about a file before its hunks: its name, its modes and what happened to it. Both ways.

Names are taken in this order:

1. `rename from`, `rename to`, `copy from`, `copy to`.
2. `---` and `+++`, where neither is `/dev/null`.
3. the `diff --git` line, where it can be split.
4. the one of `---` and `+++` that is not `/dev/null`; a leading `a/` or `b/` is its prefix.

The name of a deleted file is the old one, that of any other the new one.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime

from reviewbot._patch_names import (
    GIT_PREFIXES,
    NULL,
    PLAIN_PREFIXES,
    bad_patch,
    quote,
    side_name,
    split_names,
    unquote,
    usable_name,
    without_prefixes,
)
from reviewbot.diff import FileDiff, Hunk, Status

_EPOCH = datetime.fromtimestamp(0, UTC)
_STAMP = re.compile(r"\t([0-9-]{10}) ([0-9:]{8})(?:\.0+)? ([+-][0-9]{2})([0-9]{2})")
_MODE = re.compile(r"[0-7]{6}")
_INDEX_MODE = re.compile(r"[0-9a-f]+\.\.[0-9a-f]+ (.+)")


@dataclass(frozen=True, slots=True)
class Header:
    """The lines before the hunks of one file, still as written.

    Attributes:
        line: number of the first of them, from 1.
        git: what follows `diff --git`, None in a plain patch.
        old: what follows `---`, None where there is no such line.
        new: what follows `+++`, the same.
        fields: git's extended header lines, as `rename from` to the name after it.
        binary: True where the patch says that the contents are not text.
    """

    line: int
    git: str | None = None
    old: str | None = None
    new: str | None = None
    fields: Mapping[str, str] = field(default_factory=dict)
    binary: bool = False


def file_diff(header: Header, hunks: Sequence[Hunk]) -> FileDiff:
    """The file that a header and its hunks describe.

    Raises:
        SourceError: the names or modes cannot be read.
    """
    old_mode, new_mode = _modes(header)
    status = _status(header, hunks, retyped=_differ(old_mode, new_mode))
    old, new = _paths(header)
    old, new = usable_name(old, header.line), usable_name(new, header.line)
    return FileDiff(
        path=old if status is Status.DELETED else new,
        status=status,
        hunks=tuple(hunks),
        old_path=old if status in {Status.RENAMED, Status.COPIED} else None,
        binary=header.binary,
        old_mode=None if status is Status.ADDED else old_mode,
        new_mode=None if status is Status.DELETED else new_mode,
    )


def owns(header: Header, *, old: str, new: str) -> bool:
    """True where what follows `---` and `+++` names the file of this `diff --git` header, not the next one's.

    Raises:
        SourceError: the names cannot be read.
    """
    git = header.git or ""
    names = _side_names(replace(header, old=old, new=new))
    if None not in names:
        cuts = [(old.partition("\t")[0], new.partition("\t")[0]), (old.removesuffix("\t"), new.removesuffix("\t"))]
        return any(git == " ".join(cut) for cut in cuts)
    if not header.fields.keys().isdisjoint(("rename from", "copy from")):
        return False
    pair = split_names(git)
    return pair is None or all(name in {None, known} for name, known in zip(names, pair, strict=True))


def unmerged(name: str, line: int) -> FileDiff:
    """The file that an `* Unmerged path` line names; git 2.39 does not quote the name there, other writers may.

    Raises:
        SourceError: no file can have the name.
    """
    return FileDiff(usable_name(unquote(name), line), Status.UNMERGED)


def plain_binary(names: str, line: int) -> FileDiff | None:
    """The file that a `Binary files … differ` line of diff -r names, or None where the names cannot be told apart.

    Raises:
        SourceError: no file can have the name.
    """
    pair = split_names(names, between=" and ")
    return file_diff(Header(line, old=pair[0], new=pair[1], binary=True), ()) if pair else None


def type_change(gone: FileDiff, came: FileDiff) -> FileDiff | None:
    """The one file behind a deletion and the addition after it, or None where they are two changes."""
    statuses = (gone.status, came.status) == (Status.DELETED, Status.ADDED)
    if not statuses or gone.path != came.path or not _differ(gone.old_mode, came.new_mode):
        return None
    return replace(
        gone,
        status=Status.TYPE_CHANGED,
        hunks=gone.hunks + came.hunks,
        binary=gone.binary or came.binary,
        new_mode=came.new_mode,
    )


def type_change_parts(file: FileDiff) -> tuple[FileDiff, ...]:
    """The deletion and the addition git writes for a changed type; any other file is its own only part."""
    gone = tuple(hunk for hunk in file.hunks if not hunk.new_start and not hunk.new_count)
    came = tuple(hunk for hunk in file.hunks if not hunk.old_start and not hunk.old_count)
    if file.status is not Status.TYPE_CHANGED or gone + came != file.hunks:
        return (file,)
    return (
        replace(file, status=Status.DELETED, hunks=gone, new_mode=None, binary=file.binary and not gone),
        replace(file, status=Status.ADDED, hunks=came, old_mode=None, binary=file.binary and not came),
    )


def write_header(file: FileDiff) -> str:
    """The lines before the hunks, each with its newline, as git writes them but with unknown blob names as zeros.

    Git's header needs the mode of a file that came or went. Where it is not known, a file with text is written as
    diff -u would, one without as 100644.
    """
    if file.status is Status.UNMERGED:
        return f"* Unmerged path {quote(file.path)}\n"
    old = NULL if file.status is Status.ADDED else quote(f"a/{file.old_path or file.path}")
    new = NULL if file.status is Status.DELETED else quote(f"b/{file.path}")
    lines = []
    if not (NULL in {old, new} and file.hunks and file.old_mode == file.new_mode):
        first, second = quote(f"a/{file.old_path or file.path}"), quote(f"b/{file.path}")
        lines = [f"diff --git {first} {second}", *_field_lines(file)]
    if file.binary:
        lines.append(f"Binary files {old} and {new} differ")
    if file.hunks:
        lines += [f"--- {old}{_tab(old)}", f"+++ {new}{_tab(new)}"]
    return "".join(f"{line}\n" for line in lines)


def _field_lines(file: FileDiff) -> list[str]:
    if file.status is Status.ADDED:
        return [f"new file mode {file.new_mode or '100644'}"]
    if file.status is Status.DELETED:
        return [f"deleted file mode {file.old_mode or '100644'}"]
    same = file.old_mode == file.new_mode
    modes = () if same else (("old", file.old_mode), ("new", file.new_mode))
    lines = [f"{side} mode {mode}" for side, mode in modes if mode]
    if file.status in {Status.RENAMED, Status.COPIED}:
        verb = "rename" if file.status is Status.RENAMED else "copy"
        lines += [f"{verb} from {quote(file.old_path or '')}", f"{verb} to {quote(file.path)}"]
    if same and file.old_mode:
        lines.append(f"index 0000000..0000000 {file.old_mode}")
    return lines


def _tab(name: str) -> str:
    # Readers cut an unquoted name at the first tab, and without one some cut at a space.
    return "\t" if " " in name else ""


def _status(header: Header, hunks: Sequence[Hunk], *, retyped: bool) -> Status:
    fields = header.fields
    first = hunks[0] if hunks else None
    if "new file mode" in fields or _absent(header.old, empty=first is not None and not first.old_start):
        return Status.ADDED
    if "deleted file mode" in fields or _absent(header.new, empty=first is not None and not first.new_start):
        return Status.DELETED
    if "rename to" in fields:
        return Status.RENAMED
    if "copy to" in fields:
        return Status.COPIED
    return Status.TYPE_CHANGED if retyped else Status.MODIFIED


def _differ(old_mode: str | None, new_mode: str | None) -> bool:
    """True where both modes are known and one is a file, the other a symbolic link or a submodule."""
    return old_mode is not None and new_mode is not None and old_mode[:2] != new_mode[:2]


def _absent(written: str | None, *, empty: bool) -> bool:
    """True where a `---` or `+++` line says that there is no file on its side."""
    if written is None:
        return False
    name, tab, rest = written.partition("\t")
    # A file may really be as old as the epoch, so the date counts only where the side has no line.
    return name == NULL or (empty and _at_epoch(tab + rest))


def _at_epoch(stamp: str) -> bool:
    match = _STAMP.fullmatch(stamp)
    if not match:
        return False
    try:
        return datetime.fromisoformat(f"{match[1]}T{match[2]}{match[3]}:{match[4]}") == _EPOCH
    except ValueError:
        return False


def _modes(header: Header) -> tuple[str | None, str | None]:
    fields = header.fields
    shared = _INDEX_MODE.fullmatch(fields.get("index", ""))
    both = shared[1] if shared else None
    old = fields.get("old mode") or fields.get("deleted file mode") or both
    new = fields.get("new mode") or fields.get("new file mode") or both
    for mode in (old, new):
        if mode is not None and not _MODE.fullmatch(mode):
            raise bad_patch(header.line, "a file mode is not six octal digits")
    return old, new


def _paths(header: Header) -> tuple[str, str]:
    """The old and the new name without prefixes; where only one is known it stands for both."""
    fields = header.fields
    for verb in ("rename", "copy"):
        old, new = fields.get(f"{verb} from"), fields.get(f"{verb} to")
        if old is not None and new is not None:
            return unquote(old), unquote(new)
        if old is not None or new is not None:
            raise bad_patch(header.line, f"the {verb} has only one of its two names")
    old, new = _side_names(header)
    if old is not None and new is not None:
        return without_prefixes(old, new, letters=PLAIN_PREFIXES if header.git is None else GIT_PREFIXES)
    pair = split_names(header.git) if header.git is not None else None
    if pair is not None:
        return without_prefixes(*pair, letters=GIT_PREFIXES)
    name = new if old is None else old
    if name is None:
        raise bad_patch(header.line, "the names of the file cannot be told apart")
    name = name[2:] if name.startswith(("a/", "b/")) else name
    return name, name


def _side_names(header: Header) -> tuple[str | None, str | None]:
    """The names after `---` and `+++`; the `diff --git` line tells one with a tab, which Mercurial does not quote."""
    pair = split_names(header.git) if header.git is not None else None
    old, new = pair or (None, None)
    return side_name(header.old, header.line, whole=old), side_name(header.new, header.line, whole=new)
