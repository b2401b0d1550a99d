"""What is said of one finding where it stands alone: in plain words, and in Markdown."""

import re
from collections.abc import Iterable

from reviewbot import markdown
from reviewbot.diff import Side
from reviewbot.finding import Anchor, Draft, Finding
from reviewbot.terminal import one_line, span, visible

UNTITLED = "(no title)"


def plain(finding: Finding) -> str:
    """A sentence that says it all, then paragraphs; the suggestion is the last."""
    draft = finding.draft
    parts = (_sentence(one_line(draft.title)), _old(finding.anchor), lines(draft.body), _suggested(draft))
    return _joined(parts) or UNTITLED


def rich(finding: Finding, *, suggestion: bool) -> str:
    """The same in Markdown; the suggestion only where it is asked for."""
    draft = finding.draft
    title = f"**{markdown.phrase(draft.title) or UNTITLED}**"
    shown = _suggested_block(draft) if suggestion else ""
    return _joined((title, _old(finding.anchor), markdown.harmless(draft.body), shown))


def lines(text: str) -> str:
    """Prose as plain text in which all can be seen."""
    return visible(re.sub(r"\r\n?", "\n", text), keep="\t\n").strip("\n")


def old_lines(start: int, end: int) -> str:
    """Lines that the new version does not have."""
    return f"In the old version, {'line' if start == end else 'lines'} {span(start, end)}."


def _joined(parts: Iterable[str]) -> str:
    return "\n\n".join(filter(None, parts))


def _sentence(title: str) -> str:
    return title if title.endswith((*".!?…。！？",)) or not title else f"{title}."


def _old(anchor: Anchor) -> str:
    """Where old lines stood: the place beside the message is another."""
    return old_lines(anchor.start, anchor.end) if anchor.side is Side.OLD else ""


def _suggested(draft: Draft) -> str:
    if draft.suggestion is None:
        return ""
    return f"Suggestion:\n{lines(draft.suggestion)}" if draft.suggestion else "Suggestion: delete this."


def _suggested_block(draft: Draft) -> str:
    if draft.suggestion is None:
        return ""
    shown = markdown.fenced(markdown.shown_lines(draft.suggestion))
    return f"Suggestion:\n\n{shown}" if draft.suggestion else "Suggestion: delete this."
