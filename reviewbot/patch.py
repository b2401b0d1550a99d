r"""Unified-diff bytes to file diffs and back: the only module that knows where a file, a hunk and a line begin and end.

What stands before the hunks of a file is `_patch_header`'s. Three rules keep every line at its number:

- Lines end at `\n` only: what other readers take for a line end (`\r`, `\f`, U+2028 …) is text.
- A hunk ends where the counts of its header are used up, whatever its lines look like.
- Text between files is passed over, but a line that may belong to a hunk is read or refused, never lost.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from reviewbot._patch_header import (
    Header,
    file_diff,
    owns,
    plain_binary,
    type_change,
    type_change_parts,
    unmerged,
    write_header,
)
from reviewbot._patch_names import bad_patch
from reviewbot.diff import FileDiff, Hunk, Line, LineKind

_BOM = b"\xef\xbb\xbf"
_LARGEST = 2**31 - 1
_UNMERGED = "* Unmerged path "
_MERGE_HINT = "Write a merge against one parent: git diff MERGE^1 MERGE, or git show --first-parent MERGE."
_ENCODED_HINT = "Save the mail decoded, or apply it with `git am` and review the commit."
_WORDS_HINT = "Give whole lines: git diff without --word-diff or --color-words."

_HUNK = re.compile(r"@@ -([0-9]+)(?:,([0-9]+))? \+([0-9]+)(?:,([0-9]+))? @@(.*)")
_COMBINED = re.compile(r"diff --(?:cc|combined) |@@@+ -[0-9]")
_BINARY = re.compile(r"Binary files (.+) differ|Binary file (.+) has changed|GIT binary patch")
_FIELD = re.compile(
    r"(old mode|new mode|deleted file mode|new file mode|rename from|rename to|copy from|copy to"
    r"|similarity index|dissimilarity index|index) (.*)"
)
_OTHER_FORM = re.compile(r"\*{15}.*|[0-9]+(?:,[0-9]+)?[acd](?:[0-9]+(?:,[0-9]+)?)?|[ad][0-9]+ [0-9]+")
_ENCODED = re.compile(r"content-transfer-encoding: *(?:quoted-printable|base64)", re.IGNORECASE)
_SIGNS = ("+", "-", " ", "\\")
_OPENERS = ("diff --", "--- ", "@@", _UNMERGED, "Binary file")


def parse(data: bytes) -> tuple[FileDiff, ...]:
    """Read a patch as git, Mercurial or diff -u writes it, with mail or log text around its files.

    A file that became a symbolic link or a submodule, or the reverse, stands in a patch as a deletion and an addition
    of one name. It becomes one `FileDiff` with the hunks of both as git numbers them: first the old text, then the new.
    A name can appear more than once, as in the mails of a series.

    Args:
        data: the patch; empty or only white space gives no files.

    Raises:
        SourceError: `bad-patch`: there is no file in it, it is cut or damaged, or a diff of another form.
    """
    data = data.removeprefix(_BOM)
    if not data or data.isspace():
        return ()
    reader = _Reader(data)
    files: list[FileDiff] = []
    while reader.rest:
        file = _next_file(reader)
        if file is None:
            continue
        merged = type_change(files[-1], file) if files else None
        if merged:
            files[-1] = merged
        else:
            files.append(file)
    if reader.other_form and all(file.binary and not file.old_mode and not file.new_mode for file in files):
        raise bad_patch(reader.other_form, "this is a diff, but not a unified one")
    if not files:
        raise bad_patch(1, "no file diff begins here or in any later line")
    return tuple(files)


def render(files: Sequence[FileDiff]) -> bytes:
    """Write a patch: hunks exactly as git writes them, headers that `parse` reads back and `git apply` accepts.

    Not known any more, and so not written: blob names, similarity and the contents of binary files.
    """
    return b"".join(_render_file(part) for file in files for part in type_change_parts(file))


def render_hunk(hunk: Hunk) -> bytes:
    """Write one hunk as git writes it, with its `@@` line."""
    old, new = _written_range(hunk.old_start, hunk.old_count), _written_range(hunk.new_start, hunk.new_count)
    section = f" {hunk.section}" if hunk.section else ""
    made = [f"@@ -{old} +{new} @@{section}\n"]
    for line in hunk.lines:
        made.append(f"{line.kind.value}{line.text}\n")
        if not line.newline:
            made.append("\\ No newline at end of file\n")
    return "".join(made).encode("utf-8", "surrogateescape")


class _Reader:
    """The lines of a patch, handed out one by one and let go, so that text and values do not both stay in memory."""

    __slots__ = ("_total", "in_mail_head", "other_form", "rest")

    def __init__(self, data: bytes) -> None:
        rest = data.decode("utf-8", "surrogateescape").split("\n")
        if not rest[-1]:
            rest.pop()
        rest.reverse()
        self.rest = rest
        self._total = len(rest)
        self.other_form = 0
        self.in_mail_head = True

    @property
    def number(self) -> int:
        """The number of the line that `take` gives next, from 1."""
        return self._total - len(self.rest) + 1

    def peek(self, ahead: int = 0) -> str:
        r"""A line to come without a `\r` at its end; empty beyond the last."""
        return self.rest[-1 - ahead].removesuffix("\r") if ahead < len(self.rest) else ""

    def take(self) -> str:
        r"""The next line without a `\r` at its end."""
        return self.rest.pop().removesuffix("\r")


@dataclass(frozen=True, slots=True)
class _Range:
    """What an `@@` line promises: the numbers of the first lines and those after the last ones."""

    line: int
    old: int
    old_end: int
    new: int
    new_end: int


def _next_file(reader: _Reader) -> FileDiff | None:
    """Read the file that begins at the next line, or pass over that line."""
    line = reader.peek()
    if line.startswith("diff --git "):
        return _git_file(reader)
    if not line.startswith(_OPENERS):
        # Of such a diff the lines that name binary files are all that could be read: see `parse`.
        if not reader.other_form and _OTHER_FORM.fullmatch(line):
            reader.other_form = reader.number
        reader.in_mail_head = bool(line) and (reader.in_mail_head or line.startswith("From "))
        if reader.in_mail_head and _ENCODED.match(line):
            raise bad_patch(reader.number, "the text of this mail is encoded", hint=_ENCODED_HINT)
        reader.take()
        return None
    if _opens_plain_file(reader):
        return _file_with_hunks(reader, Header(reader.number))
    if _COMBINED.match(line):
        raise bad_patch(reader.number, "a combined diff of a merge is not supported", hint=_MERGE_HINT)
    if _HUNK.match(line):
        raise bad_patch(reader.number, "a hunk without a file")
    return _one_line_file(reader)


def _git_file(reader: _Reader) -> FileDiff:
    number = reader.number
    git = reader.take().removeprefix("diff --git ")
    fields: dict[str, str] = {}
    binary = False
    while reader.rest:
        line = reader.peek()
        if field := _FIELD.fullmatch(line):
            fields[field[1]] = field[2]
        elif _BINARY.fullmatch(line):
            binary = True
        else:
            break
        reader.take()
    header = Header(number, git=git, fields=fields, binary=binary)
    old, new = reader.peek(), reader.peek(1)
    # A file without hunks can stand before one of a plain patch, whose lines are not its own.
    if not old.startswith("--- ") or (new.startswith("+++ ") and not owns(header, old=old[4:], new=new[4:])):
        return file_diff(header, ())
    return _file_with_hunks(reader, header)


def _one_line_file(reader: _Reader) -> FileDiff | None:
    """A file of which a patch has but one line: unmerged, or binary in a plain patch."""
    number = reader.number
    line = reader.take()
    if line.startswith(_UNMERGED):
        return unmerged(line.removeprefix(_UNMERGED), number)
    binary = _BINARY.fullmatch(line)
    if binary and binary[2]:
        return file_diff(Header(number, old=binary[2], new=binary[2], binary=True), ())
    return plain_binary(binary[1], number) if binary else None


def _file_with_hunks(reader: _Reader, header: Header) -> FileDiff:
    old = reader.take().removeprefix("--- ")
    if not reader.peek().startswith("+++ "):
        raise bad_patch(reader.number, "a line that begins with +++ must follow the one with ---")
    crlf = reader.rest[-1].endswith("\r")
    new = reader.take().removeprefix("+++ ")
    if not reader.peek().startswith("@@ "):
        raise bad_patch(reader.number, "a hunk must follow the lines with --- and +++")
    return file_diff(replace(header, old=old, new=new), _hunks(reader, crlf=crlf))


def _hunks(reader: _Reader, *, crlf: bool) -> list[Hunk]:
    hunks: list[Hunk] = []
    last = _Range(0, 0, 0, 0, 0)
    while reader.peek().startswith("@@"):
        found, section = _range(reader, crlf=crlf)
        if found.old < last.old_end or found.new < last.new_end:
            raise bad_patch(found.line, f"the hunk begins before the one of line {last.line} ends")
        lines = _body(reader, found)
        if not any(line.changed for line in lines):
            raise bad_patch(found.line, "the hunk changes no line", hint=_WORDS_HINT)
        old_start = found.old - (found.old == found.old_end)
        hunks.append(Hunk(old_start, found.new - (found.new == found.new_end), lines, section))
        last = found
    # A mail ends with a signature, whose first line is `-- `.
    if reader.peek().startswith(_SIGNS) and reader.peek().rstrip() != "--" and not _opens_plain_file(reader):
        raise bad_patch(reader.number, f"the hunk of line {last.line} has more lines than it counts")
    return hunks


def _opens_plain_file(reader: _Reader) -> bool:
    return reader.peek().startswith("--- ") and reader.peek(1).startswith("+++ ")


def _range(reader: _Reader, *, crlf: bool) -> tuple[_Range, str]:
    number = reader.number
    line = reader.rest.pop()
    match = _HUNK.fullmatch(line)
    if not match:
        if _COMBINED.match(line):
            raise bad_patch(number, "a combined diff of a merge is not supported", hint=_MERGE_HINT)
        raise bad_patch(number, "it is not a hunk header")
    old, old_count, new, new_count = (_number(digits, number) for digits in match.groups("1")[:4])
    if not old_count + new_count or (old_count and not old) or (new_count and not new):
        raise bad_patch(number, "the hunk header counts no lines or lines before the first")
    old, new = old + (not old_count), new + (not new_count)
    section = match[5].removesuffix("\r") if crlf else match[5]
    return _Range(number, old, old + old_count, new, new + new_count), section.removeprefix(" ")


def _number(digits: str, line: int) -> int:
    # The length is looked at first: int() raises for thousands of digits.
    if len(digits) > 10 or int(digits) > _LARGEST:
        raise bad_patch(line, f"the number {digits[:12]} is too large")
    return int(digits)


def _body(reader: _Reader, found: _Range) -> tuple[Line, ...]:
    """Read as many lines as the hunk counts. Most of a patch passes here, hence the bare loop."""
    rest, made = reader.rest, list[Line]()
    take, add = rest.pop, made.append
    context, added, deleted = LineKind.CONTEXT, LineKind.ADDED, LineKind.DELETED
    old, old_end, new, new_end = found.old, found.old_end, found.new, found.new_end
    while rest and (old < old_end or new < new_end):
        line = take()
        sign = line[:1]
        if sign == "+" and new < new_end:
            add(Line(added, line[1:], None, new))
            new += 1
        elif sign == "-" and old < old_end:
            add(Line(deleted, line[1:], old, None))
            old += 1
        elif (sign == " " or line in {"", "\r"}) and old < old_end and new < new_end:
            # An empty line is context whose blank got lost: diff.suppressBlankEmpty, or a mail program.
            add(Line(context, line.removeprefix(" "), old, new))
            old, new = old + 1, new + 1
        elif sign == "\\" and made:
            made[-1] = replace(made[-1], newline=False)
        else:
            left = f"{old_end - old} more old and {new_end - new} more new lines"
            raise bad_patch(reader.number - 1, f"the hunk of line {found.line} counts {left} here, not this one")
    if old < old_end or new < new_end:
        left = f"{old_end - old} old and {new_end - new} new lines"
        raise bad_patch(reader.number, f"the patch ends in the hunk of line {found.line}, before {left} of it")
    if reader.peek().startswith("\\"):
        take()
        made[-1] = replace(made[-1], newline=False)
    return tuple(made)


def _written_range(start: int, count: int) -> str:
    return str(start) if count == 1 else f"{start},{count}"


def _render_file(file: FileDiff) -> bytes:
    return b"".join((write_header(file).encode(), *map(render_hunk, file.hunks)))
