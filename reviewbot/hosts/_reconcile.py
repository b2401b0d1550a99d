"""Review and brief → what is to stand on the pull request. Alone knows our markers and how a comment is worded."""

import re
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence

from reviewbot import markdown, remember
from reviewbot.brief import Brief, Comment, Posting, PostSide, Reply
from reviewbot.diff import FileDiff, Hunk, Side, Status
from reviewbot.digest import digest, units
from reviewbot.finding import Anchor, DropReason, Finding
from reviewbot.likeness import same
from reviewbot.memory import Fate, Part
from reviewbot.review import Review
from reviewbot.terminal import short

FINDING = "<!-- reviewbot:finding v1 {} -->"
"""Begins a comment on a line; in the middle of a text it is nobody's marker."""

GONE = "<!-- reviewbot:gone v1 -->"
"""Begins our reply in the thread of a comment whose finding is gone."""

SUMMARY = "<!-- reviewbot:summary v1 -->"
"""Begins the summary comment."""

MOST = 65_000
"""Characters of a comment as JavaScript counts them, a little below what hosts take."""

_STATE = 20_000
"""Characters of the summary that what is to be remembered has room for, however much there is to be read."""

_CARRIED = 16_000
"""Characters of a comment that its finding may take in the form in which it is remembered."""

_PLACEHOLDER = re.compile("REDACTED_[A-Z_]+_[0-9]+")
_TITLE = 200
_TOO_LONG = "*The suggestion is too long to be shown here.*"
_KEPT = {DropReason.IGNORED, DropReason.IGNORED_BY_CHANGE, DropReason.BASELINE}
"""Why a finding is silent that may be told again: its comment, or its entry, may be taken away."""

_ADDRESS = re.compile(r"https?://[^\s()<>\[\]\\]+")


def reconcile(review: Review, brief: Brief) -> Posting:
    """What is to be posted: findings that are new, and for those that are gone a last word in their threads.

    Args:
        review: of the pull request's change.
        brief: what stands there.
    """
    standing = {posted.fingerprint for posted in brief.posted if not posted.answered}
    files = {file.path: file for file in review.change.files}
    # Also what an earlier run told in its summary alone: it may have had no time, or a place is found now.
    new = [one for one in review.findings if one.fingerprint not in standing]
    comments = [_comment(one, files, _earlier(one, brief, files)) for one in new]
    gone = dict.fromkeys(one.comment for one in review.gone if one.comment is not None)
    said = (
        f"{GONE}\nAs of {markdown.code(brief.head[:7])} this is no longer found. If it comes back, there will be a new "
        "comment."
    )
    return Posting(tuple(filter(None, comments)), tuple(Reply(comment, said) for comment in gone))


def summary(review: Review, brief: Brief, *, made: Collection[Comment]) -> str:
    """The summary comment. What no comment tells is told here in full.

    Args:
        review: of the pull request's change.
        brief: of the pull request.
        made: comments that stand there since.
    """

    def link(anchor: Anchor) -> str:
        # Old lines are counted where the change begins: the branch it is to be merged into may have gone on.
        new = anchor.side is Side.NEW
        commit = brief.head if new else review.change.target.base or brief.base
        path = anchor.path if new else anchor.old_path or anchor.path
        lines = f"#L{anchor.start}" + (f"-L{anchor.end}" if anchor.end > anchor.start else "")
        return f"{brief.web}/blob/{commit}/{markdown.address(path)}{lines}"

    posted = [one for one in brief.posted if not one.answered]
    # Who reads the change does not meet a comment on a line that is gone.
    said = {one.fingerprint for one in posted if not one.outdated} | {one.fingerprint for one in made}
    carried = {one.fingerprint for one in posted if one.finding}
    carried |= {one.fingerprint for one in made if remember.told_in(one.body)}
    # What a comment says of other lines, or in other words, is not what stands now.
    told = {one.fingerprint: one.finding for one in posted if one.finding}
    changed = {one.fingerprint for one in review.counted if _differ(one, told.get(one.fingerprint))}
    said, carried = said - changed, carried - changed
    alone = tuple(finding for finding in review.findings if finding.fingerprint not in said)
    state, room = _state(review, brief, carried), MOST - len(SUMMARY) - 3
    kept = remember.kept(state, most=room)
    shown = digest(review, link=link, inline=alone).text(most=room - min(_STATE, len(kept)))
    left = room - units(shown)
    return f"{SUMMARY}\n{shown}\n\n{kept if len(kept) <= left else remember.kept(state, most=left)}"


def _differ(finding: Finding, told: Finding | None) -> bool:
    """Whether a finding says something else than the one that a comment carries."""
    one, other = finding.draft, told.draft if told else finding.draft
    return (one.severity, one.title, one.body) != (other.severity, other.title, other.body)


def _state(review: Review, brief: Brief, carried: Collection[str]) -> remember.Kept:
    """What the next review has to know.

    Args:
        review: of the change.
        brief: what is known of earlier ones.
        carried: fingerprints of findings that comments carry.
    """
    parts: defaultdict[str, list[Part]] = defaultdict(list)
    for part in review.parts:
        parts[part.path].append(part)
    before = {one.finding.fingerprint: one.part for one in brief.memory.known}
    held = [one.finding for one in review.held]
    quiet = [drop.finding for drop in review.dropped if drop.finding and drop.reason in _KEPT]
    silent = [drop.finding for drop in review.dropped if drop.finding and drop.finding.told_as]
    told = {
        one.fingerprint: _part(one.anchor, parts) or before.get(one.fingerprint, "")
        for one in (*silent, *quiet, *review.counted)
    }
    told |= {one.finding.fingerprint: one.part for one in review.held}
    own = {one.fingerprint: one for one in (*review.counted, *held, *quiet) if one.fingerprint not in carried}
    # Of a part that is no more there nobody knows which findings it had, if it comes back.
    return remember.Kept(
        tuple(part.digest for part in review.parts),
        tuple((fingerprint, part) for fingerprint, part in told.items() if part),
        tuple(sorted(own.values(), key=lambda one: one.draft.severity.rank)),
    )


def _part(anchor: Anchor, parts: Mapping[str, Iterable[Part]]) -> str:
    """The digest of the part that has the first of the anchored lines, "" where none has."""
    held = (
        part.digest
        for part in parts.get(anchor.path, ())
        if any(line.number(anchor.side) == anchor.start for line in part.hunk.lines)
    )
    return next(held, "")


def _earlier(finding: Finding, brief: Brief, files: Mapping[str, FileDiff]) -> str:
    """Words for a finding that is back, "" for one that was never told."""
    paths = {finding.anchor.path, finding.anchor.old_path}
    file = files.get(finding.anchor.path)
    # Nobody tells what a file that the change adds was called before.
    added = file is not None and file.status is Status.ADDED
    gone = [
        one.comment or 0
        for one in brief.memory.known
        if one.fate is Fate.GONE and same(finding, one.finding)
        if one.finding.anchor.path in paths or (added and one.finding.anchor.path not in files)
    ]
    if not gone:
        return ""
    address = next((one.address for one in brief.posted if one.id == max(gone)), "")
    before = f"[told before]({address})" if _ADDRESS.fullmatch(address) else "told before"
    return f"*This was {before}, was gone, and is back.*"


def _comment(finding: Finding, files: Mapping[str, FileDiff], earlier: str) -> Comment | None:
    """None where no comment can stand: in a file whose name is not told, or over more than one hunk."""
    anchor = finding.anchor
    file = files.get(anchor.path)
    found = (_lines(hunk, anchor) for hunk in file.hunks) if file and not _PLACEHOLDER.search(anchor.path) else ()
    lines = next(filter(None, found), None)
    if lines is None:
        return None
    side = PostSide.LEFT if anchor.side is Side.OLD else PostSide.RIGHT
    start = anchor.start if anchor.start < anchor.end else None
    return Comment(anchor.path, side, start, anchor.end, _body(finding, lines, earlier), finding.fingerprint)


def _lines(hunk: Hunk, anchor: Anchor) -> tuple[str, ...]:
    """The anchored lines, none where a hunk has not all of them; on the old side only deleted ones count for a host."""
    new = anchor.side is Side.NEW
    held = {line.number(anchor.side): line.text for line in hunk.lines if new or line.side is Side.OLD}
    wanted = range(anchor.start, anchor.end + 1)
    return tuple(held[number] for number in wanted) if held.keys() >= {*wanted} else ()


def _body(finding: Finding, lines: Sequence[str], earlier: str) -> str:
    draft = finding.draft
    title = markdown.phrase(short(draft.title.strip(), _TITLE)) or "(no title)"
    head = f"{FINDING.format(finding.fingerprint)}\n**{draft.severity}: {title}**"
    tail = f"<sub>{draft.category} · {finding.id}</sub>"
    suggestion = _suggestion(finding, lines)
    hidden = remember.hidden(finding, most=_CARRIED)
    prose = _prose(draft.body, MOST - sum(units(part) + 2 for part in (head, earlier, suggestion, tail, hidden)))
    return "\n\n".join(filter(None, (head, earlier, prose, suggestion, tail, hidden)))


def _prose(text: str, room: int) -> str:
    """As much of it as has room: what becomes harmless becomes longer, nobody knows by how much."""
    made, most = markdown.harmless(text), len(text)
    while units(made) > room:
        most = most * room // units(made) * 9 // 10
        made = markdown.harmless(short(text, most))
    return made


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
