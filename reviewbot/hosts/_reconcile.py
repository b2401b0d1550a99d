"""Review and brief → what is to stand on the pull request. Alone knows our markers and how a comment is worded."""

from collections.abc import Mapping

from reviewbot import markdown
from reviewbot.brief import Brief, Comment, Posting, PostSide
from reviewbot.diff import FileDiff, Hunk, Side
from reviewbot.digest import digest
from reviewbot.finding import Anchor, Finding
from reviewbot.review import Review

FINDING = "<!-- reviewbot:finding v1 {} -->"
"""Begins a comment on a line; what is in the middle of a text is nobody's marker."""

SUMMARY = "<!-- reviewbot:summary v1 -->"
"""Begins the summary comment."""

MOST = 65_000
"""Characters of a comment, a little below what hosts take."""

_PLACEHOLDER = "REDACTED_"


def reconcile(review: Review, brief: Brief) -> Posting:
    """The comments that are to be posted: findings that do not stand there yet.

    Args:
        review: of the pull request's change.
        brief: what stands there.
    """
    standing = {posted.fingerprint for posted in brief.posted}
    files = {file.path: file for file in review.change.files}
    comments, unplaced = [], []
    for finding in review.findings:
        if finding.fingerprint in standing:
            continue
        comment = _comment(finding, files)
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
        commit = brief.head if anchor.side is Side.NEW else brief.base
        path = anchor.path if anchor.side is Side.NEW else anchor.old_path or anchor.path
        lines = f"#L{anchor.start}" + (f"-L{anchor.end}" if anchor.end > anchor.start else "")
        return f"{brief.web}/blob/{commit}/{markdown.address(path)}{lines}"

    alone = tuple(finding for finding in review.findings if finding.fingerprint in unplaced)
    made = digest(review, link=link, inline=alone)
    return f"{SUMMARY}\n{made.text(most=MOST - len(SUMMARY) - 1)}"


def _comment(finding: Finding, files: Mapping[str, FileDiff]) -> Comment | None:
    """None where no comment can stand: in a file whose name is not told, or over more than one hunk."""
    anchor = finding.anchor
    file = files.get(anchor.path)
    if file is None or _PLACEHOLDER in anchor.path or not any(_holds(hunk, anchor) for hunk in file.hunks):
        return None
    side = PostSide.LEFT if anchor.side is Side.OLD else PostSide.RIGHT
    start = anchor.start if anchor.start < anchor.end else None
    return Comment(anchor.path, side, start, anchor.end, _body(finding), finding.fingerprint)


def _holds(hunk: Hunk, anchor: Anchor) -> bool:
    """Whether all of the lines lie in a hunk; on the old side only deleted ones do for a host."""
    numbers = {line.number(anchor.side) for line in hunk.lines if anchor.side is Side.NEW or line.side is Side.OLD}
    return numbers.issuperset(range(anchor.start, anchor.end + 1))


def _body(finding: Finding) -> str:
    draft = finding.draft
    title = markdown.phrase(draft.title) or "(no title)"
    parts = [f"{FINDING.format(finding.fingerprint)}\n**{draft.severity}: {title}**"]
    prose = markdown.harmless(draft.body)
    tail = f"<sub>{draft.category} · {finding.id}</sub>"
    suggestion = _suggestion(finding)
    room = MOST - sum(len(part) + 2 for part in (*parts, suggestion, tail))
    if len(prose) > room:
        prose = "*Too long to be shown here.*"
    return "\n\n".join(part for part in (*parts, prose, suggestion, tail) if part)


def _suggestion(finding: Finding) -> str:
    """A block that the author can commit with a click, or what could be put there."""
    text = finding.draft.suggestion
    if text is None:
        return ""
    # A host writes the lines as they stand in the comment: what would lose a carriage return or a byte is only shown.
    exact = finding.anchor.side is Side.NEW and not any("\r" in line for line in (*finding.excerpt, text))
    plain = text == markdown.shown_lines(text) and _PLACEHOLDER not in text
    if exact and plain and len(text) < MOST // 2:
        return markdown.fenced(text, language="suggestion")
    return "Suggestion:\n\n" + markdown.fenced(markdown.shown_lines(text)) if len(text) < MOST // 2 else ""
