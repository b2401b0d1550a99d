"""A change carried out by nothing but the parsed numbers and texts."""

from collections.abc import Sequence

from reviewbot.diff import Hunk


def applied(old: bytes, hunks: Sequence[Hunk]) -> bytes:
    """The new content, built from the old one; a line that is not where its number says raises AssertionError."""
    before = old.split(b"\n")
    made: list[bytes] = []
    at = 0
    for hunk in hunks:
        start = hunk.old_start - (hunk.old_count > 0)
        made += [line + b"\n" for line in before[at:start]]
        assert len(made) == hunk.new_start - (hunk.new_count > 0)
        for line in hunk.lines:
            raw = line.text.encode("utf-8", "surrogateescape")
            if line.old is not None:
                assert before[line.old - 1 : line.old] == [raw]
            if line.new is not None:
                assert line.new == len(made) + 1
                made.append(raw + b"\n" * line.newline)
        at = start + hunk.old_count
    rest = b"\n".join(before[at:])
    ended = any(line.old == len(before) and line.newline is False for hunk in hunks for line in hunk.lines)
    return b"".join(made) + (b"" if ended else rest)
