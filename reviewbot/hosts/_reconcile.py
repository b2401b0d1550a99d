"""Review and brief → what is to stand on the pull request. Alone knows our markers and how a comment is worded."""

import re
from collections.abc import Iterable, Mapping, Sequence

from reviewbot import markdown
from reviewbot.brief import Brief, Comment, Posting, PostSide
from reviewbot.diff import FileDiff, Hunk, Side
from reviewbot.digest import digest, units
from reviewbot.finding import Anchor, Finding
from reviewbot.review import Review

FINDING = "<!-- reviewbot:finding v1 {} -->"
"""Begins a comment on a line; what is in the middle of a text is nobody's marker."""

SUMMARY = "<!-- reviewbot:summary v1 -->"
"""Begins the summary comment."""

MOST = 65_000
"""Characters of a comment as JavaScript counts them, a little below what hosts take."""

_PLACEHOLDER = re.compile("REDACTED_[A-Z_]+_[0-9]+")
_TITLE = 200
_TOO_LONG = "*The suggestion is too long to be shown here.*"


def reconcile(review: Review, brief: Brief) -> Posting:
    """The comments that are to be posted: findings that do not stand there yet.

    Args:
        review: of the pull request's change.
        brief: what stands there.
    """
    standing = {posted.fingerprint for posted in brief.posted}
    # Who reads the change does not meet a comment on a line that is gone.
    met = {posted.fingerprint for posted in brief.posted if not posted.outdated}
    files = {file.path: file for file in review.change.files}
    comments, unplaced = [], []
    for finding in review.findings:
        if finding.fingerprint in met:
            continue
        comment = None if finding.fingerprint in standing else _comment(finding, files)
        if comment:
            comments.append(comment)
        else:
            unplaced.append(finding.fingerprint)
    return Posting(tuple(comments), tuple(unplaced))


def summary(review: Review, brief: Brief, *, unplaced: tuple[str, ...]) -> str:
    """The summary comment.

    Args:
        review: of the pull request's change.
        brief: of the pull request.
        unplaced: fingerprints of findings that no comment stands for; the summary tells them in full.
    """

    def link(anchor: Anchor) -> str:
        # Old lines are counted where the change begins: the branch it is to be merged into may have gone on.
        new = anchor.side is Side.NEW
        commit = brief.head if new else review.change.target.base or brief.base
        path = anchor.path if new else anchor.old_path or anchor.path
        lines = f"#L{anchor.start}" + (f"-L{anchor.end}" if anchor.end > anchor.start else "")
        return f"{brief.web}/blob/{commit}/{markdown.address(path)}{lines}"

    alone = tuple(finding for finding in review.findings if finding.fingerprint in unplaced)
    made = digest(review, link=link, inline=alone)
    return f"{SUMMARY}\n{made.text(most=MOST - len(SUMMARY) - 1)}"


def _comment(finding: Finding, files: Mapping[str, FileDiff]) -> Comment | None:
    """None where no comment can stand: in a file whose name is not told, or over more than one hunk."""
    anchor = finding.anchor
    file = files.get(anchor.path)
    found = (_lines(hunk, anchor) for hunk in file.hunks) if file and not _PLACEHOLDER.search(anchor.path) else ()
    lines = next(filter(None, found), None)
    if lines is None:
        return None
    side = PostSide.LEFT if anchor.side is Side.OLD else PostSide.RIGHT
    start = anchor.start if anchor.start < anchor.end else None
    return Comment(anchor.path, side, start, anchor.end, _body(finding, lines), finding.fingerprint)


def _lines(hunk: Hunk, anchor: Anchor) -> tuple[str, ...]:
    """The anchored lines, none where a hunk has not all of them; on the old side only deleted ones count for a host."""
    new = anchor.side is Side.NEW
    held = {line.number(anchor.side): line.text for line in hunk.lines if new or line.side is Side.OLD}
    wanted = range(anchor.start, anchor.end + 1)
    return tuple(held[number] for number in wanted) if held.keys() >= {*wanted} else ()


def _body(finding: Finding, lines: Sequence[str]) -> str:
    draft = finding.draft
    title = markdown.phrase(_short(draft.title.strip(), _TITLE)) or "(no title)"
    head = f"{FINDING.format(finding.fingerprint)}\n**{draft.severity}: {title}**"
    tail = f"<sub>{draft.category} · {finding.id}</sub>"
    suggestion = _suggestion(finding, lines)
    prose = _prose(draft.body, MOST - sum(units(part) + 2 for part in (head, suggestion, tail)))
    return "\n\n".join(filter(None, (head, prose, suggestion, tail)))


def _prose(text: str, room: int) -> str:
    """As much of it as has room: what becomes harmless becomes longer, nobody knows by how much."""
    made, most = markdown.harmless(text), len(text)
    while units(made) > room:
        most = most * room // units(made) * 9 // 10
        made = markdown.harmless(_short(text, most))
    return made


def _short(text: str, most: int) -> str:
    return text if len(text) <= most else f"{text[:most].rstrip()} …"


def _suggestion(finding: Finding, lines: Sequence[str]) -> str:
    """A block that the author can commit with a click, or what could be put there."""
    text, excerpt = finding.draft.suggestion, finding.excerpt
    if text is None or (text and _bare(text.split("\n")) == _bare(excerpt)):
        return ""
    made = markdown.fenced(text, language="suggestion")
    # A host writes the lines as they stand in the comment: what would lose a carriage return or a byte is only shown.
    hidden = any("\r" in line or _PLACEHOLDER.search(line) for line in (*excerpt, text))
    exact = finding.anchor.side is Side.NEW and (*excerpt,) == (*lines,) and not hidden
    if not exact or text != markdown.shown_lines(text) or text not in made:
        made = f"Suggestion:\n\n{markdown.fenced(markdown.shown_lines(text))}" if text else "Suggestion: delete this."
    return made if units(made) <= MOST // 2 else _TOO_LONG


def _bare(lines: Iterable[str]) -> list[str]:
    return [line.removesuffix("\r") for line in lines]
