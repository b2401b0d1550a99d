"""Trees in memory, and changes of them."""

import difflib
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from reviewbot import patch, syntax
from reviewbot.aside import Aside
from reviewbot.diff import FileDiff
from reviewbot.ports import Hit
from reviewbot.stages.context import context


@dataclass(frozen=True, slots=True)
class MemoryTree:
    """Files by their paths, with what was asked about them."""

    files: Mapping[str, str | bytes]
    reads: list[str] = field(default_factory=list)
    searches: list[tuple[str, ...]] = field(default_factory=list)

    def read(self, path: str) -> bytes | None:
        self.reads.append(path)
        text = self.files.get(path)
        return text.encode("utf-8", "surrogateescape") if isinstance(text, str) else text

    def grep(self, words: Sequence[str], *, endings: Sequence[str], most: int) -> tuple[Hit, ...]:
        self.searches.append(tuple(words))
        hits: list[Hit] = []
        for word in words:
            found = [
                Hit(path, number, word)
                for path, text in sorted(self.files.items())
                if path.endswith(tuple(endings)) and isinstance(text, str)
                for number, line in enumerate(text.split("\n"), 1)
                if re.search(rf"(?<!\w){re.escape(word)}(?!\w)", line, re.ASCII)
            ]
            hits += found if len(found) <= most else []
        return tuple(sorted(hits, key=lambda hit: (hit.path, hit.line, hit.word)))


class LineSize:
    """One token for each line of a piece, and one for what names it."""

    def aside(self, aside: Aside) -> int:
        return len(aside.lines) + 1


def diff(before: Mapping[str, str], after: Mapping[str, str]) -> tuple[FileDiff, ...]:
    """What has to be done to some files to get others."""
    parts: list[str] = []
    for path in sorted({*before, *after}):
        was = f"a/{path}" if path in before else "/dev/null"
        is_now = f"b/{path}" if path in after else "/dev/null"
        old, new = ([line + "\n" for line in files.get(path, "").split("\n")][:-1] for files in (before, after))
        parts += difflib.unified_diff(old, new, was, is_now)
    return patch.parse("".join(parts).encode("utf-8", "surrogateescape")) if parts else ()


def beside(
    before: Mapping[str, str], after: Mapping[str, str], *, room: int = 200, tree: MemoryTree | None = None
) -> tuple[Aside, ...]:
    """What is shown beside the change from some files to others, hidden things as they are."""
    return context(
        diff(before, after),
        tree=tree or MemoryTree(after),
        syntax=syntax.outline,
        hide=str,
        size=LineSize(),
        room=room,
        shown=lambda _: True,
    )


def shown(asides: Sequence[Aside]) -> list[str]:
    """Every line of some pieces, as `path:number:text`."""
    return [f"{one.path}:{one.start + place}:{line}" for one in asides for place, line in enumerate(one.lines)]
