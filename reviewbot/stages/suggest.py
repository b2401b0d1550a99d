"""Suggestions, proven before anyone sees them. Alone knows what tells a right one from one that spoils its file.

A suggestion is carried out in thought: on the file as the change leaves it, or on as much of it as the change shows.
One that fails is taken away with the reason, and what its finding says stays. What was wrong with a file before is held
against nobody.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace

from reviewbot.diff import FileDiff, Hunk
from reviewbot.finding import Finding, squeeze
from reviewbot.mending import Left, Mend, Text, mend
from reviewbot.quoting import weak
from reviewbot.withheld import Flaw, Withheld

MOST_LINES = 60
"""Lines of the longest suggestion; one is asked for in place of up to 20."""

MOST_CHARACTERS = 6_000
"""Characters of the longest suggestion."""

NEAR = 50
"""Lines on each side by which the style of a file is judged."""

Content = Callable[[str], str | None]
"""The text of a file as the change leaves it, bytes that are not text as surrogates; None where it is not at hand."""

Errors = Callable[[str, str], int | None]
"""How many syntax errors a text has in the language of a path; None where nobody can tell."""


@dataclass(frozen=True, slots=True)
class Proven:
    """What goes on, and what does not.

    Attributes:
        findings: all of them in the order they came, with the suggestions that are right.
        withheld: why the others were taken away, in the same order.
    """

    findings: tuple[Finding, ...]
    withheld: tuple[Withheld, ...]


def suggest(findings: Iterable[Finding], *, files: Iterable[FileDiff], content: Content, errors: Errors) -> Proven:
    """Take away the suggestions that would spoil their file. Two for the same lines are each judged alone.

    Args:
        findings: of the change, some with suggestions.
        files: of the change.
        content: where whole files are found; where one is not, its hunks stand for it and nobody parses them.
        errors: who parses.
    """
    proof = _Proof(tuple(files), content, errors)
    kept: list[Finding] = []
    withheld: list[Withheld] = []
    for finding in findings:
        flaw = None if finding.draft.suggestion is None else proof.flaw(finding)
        if flaw:
            withheld.append(Withheld(finding.anchor, finding.draft.title, flaw))
        kept.append(replace(finding, draft=replace(finding.draft, suggestion=None)) if flaw else finding)
    return Proven(tuple(kept), tuple(withheld))


@dataclass(frozen=True, slots=True)
class _Around:
    """What stands around the lines that are replaced, without the ends of lines.

    Attributes:
        before: the last of them stands directly before.
        after: the first of them stands directly after.
        text: the whole file; None: these lines are all that is known.
    """

    before: Sequence[str]
    after: Sequence[str]
    text: Text | None = None


@dataclass(frozen=True, slots=True)
class _Proof:
    """The reviewed files, asked for one suggestion after the other."""

    files: tuple[FileDiff, ...]
    content: Content
    errors: Errors
    texts: dict[str, Text | None] = field(default_factory=dict)
    broken: dict[str, int | None] = field(default_factory=dict)

    def flaw(self, finding: Finding) -> Flaw | None:
        """Why the suggestion of a finding is not right; None where nothing speaks against it."""
        wanted = mend(finding)
        around = None if isinstance(wanted, Left) else self._around(finding.anchor.path, wanted)
        if around is None or isinstance(wanted, Left):
            return Flaw.UNPLACED
        flaw = next((flaw for flaw, holds in _TESTS if holds(wanted, around)), None)
        return flaw or (Flaw.BROKEN_SYNTAX if self._breaks(finding.anchor.path, wanted, around) else None)

    def _around(self, path: str, wanted: Mend) -> _Around | None:
        """What stands around the lines; None where they do not stand where they should."""
        if path not in self.texts:
            said = self.content(path)
            self.texts[path] = None if said is None else Text.of(said)
        text = self.texts[path]
        start, stop = wanted.start - 1, wanted.start - 1 + len(wanted.old)
        if text and text.lines[start:stop] == wanted.old:
            return _Around(text.lines[:start], text.lines[stop:], text)
        hunks = (hunk for file in self.files if file.path == path for hunk in file.hunks)
        return next(filter(None, (_in_hunk(hunk, wanted) for hunk in hunks)), None)

    def _breaks(self, path: str, wanted: Mend, around: _Around) -> bool:
        if around.text is None:
            return False
        if path not in self.broken:
            self.broken[path] = self.errors(path, str(around.text))
        before = self.broken[path]
        after = None if before is None else self.errors(path, str(around.text.mended([(wanted.start - 1, wanted)])))
        return before is not None and after is not None and after > before


def _in_hunk(hunk: Hunk, wanted: Mend) -> _Around | None:
    lines = [line for line in hunk.lines if line.new is not None]
    start = wanted.start - (lines[0].new or 0) if lines else -1
    stop = start + len(wanted.old)
    # The mark at the beginning of a file is none of its first line's.
    texts = [line.text.removesuffix("\r").removeprefix("\ufeff" if line.new == 1 else "") for line in lines]
    if start < 0 or tuple(texts[start:stop]) != wanted.old:
        return None
    return _Around(texts[:start], texts[stop:])


def _long(wanted: Mend, _: _Around) -> bool:
    return len(wanted.new) > MOST_LINES or sum(map(len, wanted.new)) > MOST_CHARACTERS


def _same(wanted: Mend, _: _Around) -> bool:
    """Whether nothing changes. White space alone is far more often lost in copying than meant."""
    return [*map(squeeze, wanted.new)] == [*map(squeeze, wanted.old)]


def _hides(wanted: Mend, _: _Around) -> bool:
    return wanted.hides


def _repeats(wanted: Mend, around: _Around) -> bool:
    """Whether the new lines begin with those before, or end with those after, which stay where they are."""
    old, new = wanted.old, wanted.new
    return _copies(new, old, around.after) or _copies(new[::-1], old[::-1], around.before[::-1])


def _copies(new: Sequence[str], old: Sequence[str], beside: Sequence[str]) -> bool:
    """Whether the last of the new lines are those that follow, and not what stood there before."""
    return any(
        _alike(new[-size:], beside[:size]) and not _alike(new[-size:], old[-size:])
        for size in range(1, min(len(new), len(beside)) + 1)
    )


def _alike(lines: Sequence[str], others: Sequence[str]) -> bool:
    """Whether lines are copies of others. Of those that say little the blanks have to agree too."""
    bare = [*map(squeeze, lines)]
    if not any(bare) or bare != [*map(squeeze, others)]:
        return False
    return not weak(lines) or all(one.rstrip() == other.rstrip() for one, other in zip(lines, others, strict=True))


def _odd(wanted: Mend, around: _Around) -> bool:
    """Whether new lines are indented as nobody would in this place."""
    came = [line for line in wanted.new if line.strip() and line not in wanted.old]
    beside = (*around.before[-NEAR:], *wanted.old, *around.after[:NEAR])
    styles = {line[0] for line in beside if line[:1] in {" ", "\t"} and line.strip()}
    # A single blank continues a comment of several lines.
    mixed = (styles == {"\t"} and any(line.startswith("  ") for line in came)) or (
        styles == {" "} and any(line.startswith("\t") for line in came)
    )
    return mixed or _lost(wanted, around)


def _lost(wanted: Mend, around: _Around) -> bool:
    """Whether the indentation was lost: the new lines begin at the margin, and all around them is indented."""
    first = next((line for line in wanted.new if line.strip()), None)
    nearest = (
        next((line for line in lines if line.strip()), "") for lines in (around.before[::-1], wanted.old, around.after)
    )
    # Lines for a preprocessor belong at the margin.
    at_margin = first is not None and not first[0].isspace() and not first.startswith("#")
    return at_margin and all(line[:1].isspace() for line in nearest)


_TESTS: tuple[tuple[Flaw, Callable[[Mend, _Around], bool]], ...] = (
    (Flaw.TOO_LONG, _long),
    (Flaw.UNCHANGED, _same),
    (Flaw.HIDDEN_CHARACTERS, _hides),
    (Flaw.REPEATS_CONTEXT, _repeats),
    (Flaw.ODD_INDENTATION, _odd),
)
