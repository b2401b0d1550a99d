"""Suggestions, proven before anyone sees them. Alone knows what tells a right one from one that spoils its file.

A suggestion is carried out in thought: on the file as the change leaves it, or on as much of it as the change shows.
One that fails is taken away with the reason, and what its finding says stays. What was wrong with a file before is held
against nobody.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace

from reviewbot.diff import FileDiff, Hunk
from reviewbot.finding import Finding, squeeze
from reviewbot.mending import Left, Mend, Text, mend
from reviewbot.quoting import indentation, weak
from reviewbot.syntax import INDENTED, doubtful, language, torn
from reviewbot.withheld import Flaw, Withheld

MOST_LINES = 60
"""Lines of the longest suggestion; one is asked for in place of up to 20."""

MOST_CHARACTERS = 6_000
"""Characters of the longest suggestion."""

NEAR = 50
"""Lines on each side by which the style of a file is judged."""

_LABEL = re.compile(r"(?:\w+|[\w ]+ (?:slots|Q_SLOTS))\s*:\s*(?:/[/*].*)?")
_LABELLED = {"c", "cpp", "go"}
"""Languages whose labels stand further left than the code around."""

_CONDITION = re.compile(r"\s*#\s*(if|else|elif|endif)")
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
        language: of the file; None where none is known.
        before: the last of them stands directly before.
        after: the first of them stands directly after.
        text: the whole file; None: these lines are all that is known.
    """

    language: str | None
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
            return _Around(language(path), text.lines[:start], text.lines[stop:], text)
        hunks = (hunk for file in self.files if file.path == path for hunk in file.hunks)
        return next(filter(None, (_in_hunk(language(path), hunk, wanted) for hunk in hunks)), None)

    def _breaks(self, path: str, wanted: Mend, around: _Around) -> bool:
        if around.text is None:
            return False
        if path not in self.broken:
            self.broken[path] = self.errors(path, str(around.text))
        before = self.broken[path]
        after = None if before is None else self.errors(path, str(around.text.mended([(wanted.start - 1, wanted)])))
        if before is None or after is None or after <= before:
            return False
        return not doubtful(path, str(around.text), *wanted.new) or torn(path, wanted.old, wanted.new)


def _in_hunk(name: str | None, hunk: Hunk, wanted: Mend) -> _Around | None:
    lines = [line for line in hunk.lines if line.new is not None]
    start = wanted.start - (lines[0].new or 0) if lines else -1
    stop = start + len(wanted.old)
    # The mark at the beginning of a file is none of its first line's.
    texts = [line.text.removesuffix("\r").removeprefix("\ufeff" if line.new == 1 else "") for line in lines]
    if start < 0 or tuple(texts[start:stop]) != wanted.old:
        return None
    return _Around(name, texts[:start], texts[stop:])


def _long(wanted: Mend, _: _Around) -> bool:
    return len(wanted.new) > MOST_LINES or sum(map(len, wanted.new)) > MOST_CHARACTERS


def _same(wanted: Mend, around: _Around) -> bool:
    """Whether nothing changes. White space alone is far more often lost in copying than meant."""
    if [*map(squeeze, wanted.new)] != [*map(squeeze, wanted.old)]:
        return False
    moved = [*map(indentation, wanted.new)] != [*map(indentation, wanted.old)]
    # All of it is what copying loses.
    return not (moved and around.language in INDENTED and indentation(_first(wanted.new)))


def _hides(wanted: Mend, _: _Around) -> bool:
    return wanted.hides


def _encoded(wanted: Mend, around: _Around) -> bool:
    """Whether a character comes in that the file writes in other bytes, if it has it at all."""
    return wanted.foreign((*around.before, *wanted.old, *around.after))


def _repeats(wanted: Mend, around: _Around) -> bool:
    """Whether the new lines begin with those before, or end with those after, which stay where they are."""
    new, old = wanted.new, wanted.old
    exact = indentation(_first(new)) == indentation(_first(old))
    ends = [new[-size:] for size in _copied(new, old, around.after, exact=exact)]
    begins = [
        new[:size]
        for size in _copied(new[::-1], old[::-1], around.before[::-1], exact=exact)
        if not (around.language == "yaml" and _holds_more(new, old, size))
    ]
    # Of what has its own beginning and end the outer ones look the same.
    own = _closed(new) and not (begins and ends)
    return any(not own or not all(map(_CONDITION.match, lines)) for lines in (*begins, *ends))


def _copied(new: Sequence[str], old: Sequence[str], beside: Sequence[str], *, exact: bool) -> Iterator[int]:
    """How many of the last new lines are those that follow, and not what stood there before."""
    for size in range(1, min(len(new), len(beside)) + 1):
        end = new[-size:]
        if _alike(end, beside[:size], exact=exact) and not _alike(end, old[-size:], exact=False):
            yield size


def _alike(lines: Sequence[str], others: Sequence[str], *, exact: bool) -> bool:
    """Whether lines are copies of others. Of those that say little the blanks have to agree in any case."""
    bare = [*map(squeeze, lines)]
    if not any(bare) or bare != [*map(squeeze, others)]:
        return False
    agree = all(one.rstrip() == other.rstrip() for one, other in zip(lines, others, strict=True))
    return agree or not (exact or weak(lines))


def _holds_more(new: Sequence[str], old: Sequence[str], size: int) -> bool:
    """Whether the last of the first new lines holds lines as its copy in the file does not."""
    column = len(indentation(new[size - 1]))
    return len(indentation(_first(new[size:]))) > column >= len(indentation(_first(old)))


def _closed(lines: Sequence[str]) -> bool:
    """Whether each condition for a preprocessor ends in these lines, and each end has its condition."""
    depth = 0
    for found in filter(None, map(_CONDITION.match, lines)):
        depth += {"if": 1, "endif": -1}.get(found[1], 0)
        if depth < (found[1] != "endif"):
            return False
    return depth == 0


def _first(lines: Sequence[str]) -> str:
    """The first that is not blank."""
    return next((line for line in lines if line.strip()), "")


def _odd(wanted: Mend, around: _Around) -> bool:
    """Whether new lines are indented as nobody would in this place."""
    came = _first([line for line in _unlabelled(wanted.new, around.language) if line not in wanted.old])
    beside = (*around.before[-NEAR:], *wanted.old, *around.after[:NEAR])
    styles = {line[0] for line in beside if line[:1] in {" ", "\t"} and line.strip()}
    # A single blank continues a comment of several lines. Behind the first line a text of several lines may go on.
    mixed = (styles == {"\t"} and came.startswith("  ")) or (styles == {" "} and came.startswith("\t"))
    return mixed or _lost(wanted, around)


def _lost(wanted: Mend, around: _Around) -> bool:
    """Whether the indentation was lost: the new lines begin at the margin, and all around them is indented."""
    first = _first(_unlabelled(wanted.new, around.language))
    nearest = map(_first, (around.before[::-1], wanted.old, around.after))
    # Lines for a preprocessor belong at the margin.
    at_margin = bool(first) and not first[0].isspace() and not first.startswith("#")
    return at_margin and all(line[:1].isspace() for line in nearest)


def _unlabelled(lines: Sequence[str], name: str | None) -> Sequence[str]:
    """The lines without a label that they begin with."""
    filled = [line for line in lines if line.strip()]
    return filled[1:] if name in _LABELLED and filled and _LABEL.fullmatch(filled[0]) else filled


_TESTS: tuple[tuple[Flaw, Callable[[Mend, _Around], bool]], ...] = (
    (Flaw.TOO_LONG, _long),
    (Flaw.UNCHANGED, _same),
    (Flaw.HIDDEN_CHARACTERS, _hides),
    (Flaw.OTHER_ENCODING, _encoded),
    (Flaw.REPEATS_CONTEXT, _repeats),
    (Flaw.ODD_INDENTATION, _odd),
)
