"""Hypothesis strategies for the values a change is made of: every one is valid, as if git had written it."""

from collections.abc import Sequence

from hypothesis import strategies as st

from reviewbot.diff import FileDiff, Hunk, Line, LineKind, Side, Status
from reviewbot.review import Change, Target

_TRAPS = [b"", b" ", b"\r", b"x\r", b"\x0b\x0c\x1c\x1d\x1e", b"\xc2\x85", b"\xe2\x80\xa8", b"\xff\xfe", b"\xed\xa0\x80"]
_LOOKALIKES = [
    b"++i;",
    b"-- a/x",
    b"@@ -1 +1 @@",
    b"diff --git a/x b/x",
    b"\\ No newline",
    b"-- ",
    b"index 1..2 100644",
]
_NAMES = [b"x", b"a b/a b", b"a/x", b"b/x", b"/dev/null", b'"', b"\\", b"t\tn\nr\r", b"\xff\xc3\xa9", b" ", b"x and x"]
_MODES = ["100644", "100755", "120000", "160000"]
_SIDES = {
    LineKind.CONTEXT: {Side.OLD, Side.NEW},
    LineKind.ADDED: {Side.NEW},
    LineKind.DELETED: {Side.OLD},
}


def _decoded(raw: bytes) -> str:
    return raw.decode("utf-8", "surrogateescape")


TEXTS = (st.sampled_from(_TRAPS + _LOOKALIKES) | st.binary(max_size=8).map(lambda raw: raw.replace(b"\n", b""))).map(
    _decoded
)
r"""The text of a line: anything but `\n`, with what other readers take for line ends or for signs of a diff."""

PATHS = (st.sampled_from(_NAMES) | st.binary(min_size=1, max_size=8).filter(lambda raw: b"\0" not in raw)).map(_decoded)
"""Names of files, with blanks, quotes, controls and bytes that are not UTF-8."""


def numbered(
    signed: Sequence[tuple[LineKind, str]],
    *,
    old: int = 1,
    new: int = 1,
    section: str = "",
    open_end: bool = False,
) -> Hunk:
    """A hunk of these lines.

    Args:
        signed: kind and text of each line.
        old: number the first old line has or would have.
        new: the same for the new side.
        section: what stands after the second `@@`.
        open_end: the file ends without a newline on the sides that end with the hunk.
    """
    lines: list[Line] = []
    next_old, next_new = old, new
    for at, (kind, text) in enumerate(signed):
        on_old, on_new = kind is not LineKind.ADDED, kind is not LineKind.DELETED
        later = {side for kind_after, _ in signed[at + 1 :] for side in _SIDES[kind_after]}
        newline = not open_end or bool(_SIDES[kind] & later)
        lines.append(Line(kind, text, next_old if on_old else None, next_new if on_new else None, newline))
        next_old, next_new = next_old + on_old, next_new + on_new
    return Hunk(old - (next_old == old), new - (next_new == new), tuple(lines), section)


def _changed(signed: Sequence[tuple[LineKind, str]]) -> bool:
    return any(kind is not LineKind.CONTEXT for kind, _ in signed)


@st.composite
def hunks(
    draw: st.DrawFn,
    *,
    kinds: Sequence[LineKind] = tuple(LineKind),
    text: st.SearchStrategy[str] = TEXTS,
    most: int = 3,
) -> tuple[Hunk, ...]:
    """One to `most` hunks of one file, rising and apart, each with lines of these kinds; a single one begins at 1."""
    made: list[Hunk] = []
    old = new = 1
    count = draw(st.integers(1, most))
    for at in range(count):
        gap = draw(st.integers(0, 5)) if most > 1 else 0
        old, new = old + gap, new + gap
        signed = draw(st.lists(st.tuples(st.sampled_from(kinds), text), min_size=1, max_size=6).filter(_changed))
        open_end = at == count - 1 and draw(st.booleans())
        made.append(numbered(signed, old=old, new=new, section=draw(text), open_end=open_end))
        old, new = old + made[-1].old_count, new + made[-1].new_count
    return tuple(made)


@st.composite
def file_diffs(
    draw: st.DrawFn,
    *,
    name: st.SearchStrategy[str] = PATHS,
    text: st.SearchStrategy[str] = TEXTS,
) -> FileDiff:
    """Any file of a change: every status, with and without text, modes and binary contents."""
    path, status = draw(name), draw(st.sampled_from(Status))
    if status is Status.UNMERGED:
        return FileDiff(path, status)
    if status in {Status.ADDED, Status.DELETED}:
        return draw(_one_sided(path, status, text))
    if status is Status.TYPE_CHANGED:
        return draw(_retyped(path, text))
    binary = draw(st.booleans())
    body = () if binary else draw(st.just(()) | hunks(text=text))
    mode = draw(st.sampled_from(_MODES))
    old_mode, new_mode = draw(st.sampled_from([(None, None), (mode, mode), ("100644", "100755")]))
    old_path = draw(name) if status in {Status.RENAMED, Status.COPIED} else None
    return FileDiff(path, status, body, old_path=old_path, binary=binary, old_mode=old_mode, new_mode=new_mode)


@st.composite
def _one_sided(draw: st.DrawFn, path: str, status: Status, text: st.SearchStrategy[str]) -> FileDiff:
    """A file that came or went; its mode is known where there is no text to know it by."""
    added = status is Status.ADDED
    binary = draw(st.booleans())
    whole = hunks(kinds=[LineKind.ADDED if added else LineKind.DELETED], text=text, most=1)
    body = () if binary else draw(st.just(()) | whole)
    modes = st.sampled_from(_MODES)
    mode = draw(st.none() | modes if body else modes)
    old_mode, new_mode = (None, mode) if added else (mode, None)
    return FileDiff(path, status, body, binary=binary, old_mode=old_mode, new_mode=new_mode)


@st.composite
def _retyped(draw: st.DrawFn, path: str, text: st.SearchStrategy[str]) -> FileDiff:
    """A file that became a link or a submodule, or the reverse: all old text, then all new text."""
    binary = draw(st.booleans())
    gone = draw(st.just(()) | hunks(kinds=[LineKind.DELETED], text=text, most=1))
    came = () if binary and gone else draw(st.just(()) | hunks(kinds=[LineKind.ADDED], text=text, most=1))
    old_mode, new_mode = draw(st.sampled_from([("120000", "100644"), ("100755", "160000"), ("160000", "120000")]))
    body = gone + came
    return FileDiff(path, Status.TYPE_CHANGED, body, binary=binary, old_mode=old_mode, new_mode=new_mode)


def changes() -> st.SearchStrategy[Change]:
    """Whole changes: up to four files, each name once."""
    files = st.lists(file_diffs(), max_size=4, unique_by=lambda file: file.path).map(tuple)
    return st.builds(Change, st.just(Target(None, None, "a generated change")), files)
