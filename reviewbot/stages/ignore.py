"""Findings that a comment in the code asks not to tell. Alone knows that comment.

`reviewbot: ignore`, or `reviewbot: ignore[security, data]` for these categories only, stands directly behind the sign
that begins a comment. It speaks of findings that begin on its own line and, where nothing but the comment stands on
that line, on the next one of the same hunk. Nothing silences more than that, and nothing a secret.

Only the new side speaks: whoever deletes a line deletes its comment too, and a finding on the old side is about that.
"""

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from reviewbot.diff import Hunk, LineKind, Side
from reviewbot.finding import Category, Dropped, DropReason, Finding
from reviewbot.review import Change

_ASKED = r"[ \t]*reviewbot:[ \t]*ignore(?:\[(?P<only>[\w ,\t-]*)\]|(?![\w\[-]))"

_BESIDE = re.compile(r"(?:(?<!\S)(?:#+|--|;+|%+)|(?<![:/])//+!?|/\*+!?|<!--|\{[#-]|\(\*)" + _ASKED)
"""A comment that may stand behind code."""

_ALONE = re.compile(r"""\s*(?:\*|"|'|!|\.\.|(?i:@?rem\b|dnl\b))""" + _ASKED)
"""One that is such only at the beginning of a line."""

# An apostrophe without a second one is a letter or a lifetime, other marks then begin a text that goes on.
_TEXT = re.compile(r"""\\.|"(?:[^"\\]|\\.)*+(?:"|\\?$)|`(?:[^`\\]|\\.)*+(?:`|\\?$)|'(?:[^'\\]|\\.)*+'""")

_CLOSED = re.compile(r"(?:\*/|-->|[#-]\}|\*\))(?P<after>.*)")
"""The end of a comment that may end before its line does."""


@dataclass(frozen=True, slots=True)
class Ignored:
    """What goes on, and what a comment silenced.

    Attributes:
        findings: the others, in the order they came.
        dropped: what a comment speaks of; `ignored_by_change` where only comments do that the change itself adds.
    """

    findings: tuple[Finding, ...]
    dropped: tuple[Dropped, ...]


@dataclass(frozen=True, slots=True)
class _Comment:
    """What a comment asks.

    Attributes:
        only: the categories it names, None: all.
        alone: True where nothing else stands on its line.
        added: True where the change adds it.
    """

    only: frozenset[str] | None
    alone: bool
    added: bool

    def means(self, finding: Finding) -> bool:
        return self.only is None or finding.draft.category in self.only


def ignore(findings: Iterable[Finding], *, change: Change) -> Ignored:
    """Drop the findings that a comment in the code speaks of.

    Args:
        findings: of a model; what is found without one is never ignored, and is not given to this stage.
        change: all of it.
    """
    hunks: defaultdict[str, list[Hunk]] = defaultdict(list)
    for file in change.files:
        hunks[file.path].extend(file.hunks)
    kept: list[Finding] = []
    dropped: list[Dropped] = []
    for finding in findings:
        comments = _about(finding, hunks)
        if not comments:
            kept.append(finding)
            continue
        new = all(comment.added for comment in comments)
        reason = DropReason.IGNORED_BY_CHANGE if new else DropReason.IGNORED
        dropped.append(Dropped("filter", reason, finding.draft, finding))
    return Ignored(tuple(kept), tuple(dropped))


def _about(finding: Finding, hunks: Mapping[str, Sequence[Hunk]]) -> list[_Comment]:
    """The comments that silence a finding."""
    if finding.anchor.side is Side.OLD or finding.draft.category is Category.SECRET:
        return []
    # A series of patches may have several hunks with these numbers and lines; each then has to say it.
    places = [[*_beside(finding, hunk)] for hunk in hunks[finding.anchor.path] if _holds(hunk, finding)]
    return [comment for place in places for comment in place] if all(places) else []


def _holds(hunk: Hunk, finding: Finding) -> bool:
    held = (line.text for line in hunk.lines if finding.anchor.holds(line.new))
    return hunk.new_start <= finding.anchor.start and tuple(held) == finding.excerpt


def _beside(finding: Finding, hunk: Hunk) -> Iterator[_Comment]:
    start = finding.anchor.start
    for line in hunk.lines:
        if line.new in {start - 1, start}:
            comment = _read(line.text, added=line.kind is LineKind.ADDED)
            if comment and comment.means(finding) and (comment.alone or line.new == start):
                yield comment


def _read(text: str, *, added: bool) -> _Comment | None:
    """The comment of a line that asks for silence, or None."""
    if "reviewbot" not in text:
        return None
    if match := _ALONE.match(text):
        # What a mark begins that stands a second time is a text and no comment.
        quoted = text.lstrip()[0] in "\"'" and text.count(text.lstrip()[0]) > 1
        return None if quoted else _Comment(_only(match), alone=True, added=added)
    match = _BESIDE.search(_TEXT.sub(lambda quoted: "x" * len(quoted[0]), text))
    if not match:
        return None
    closed = _CLOSED.search(text, match.end())
    code = text[: match.start()] + (closed["after"] if closed else "")
    return _Comment(_only(match), alone=not code.strip(), added=added)


def _only(match: re.Match[str]) -> frozenset[str] | None:
    only = match["only"]
    return None if only is None else frozenset(name.strip() for name in only.split(","))
