"""The report as commands to a runner of GitHub Actions, which shows them beside the lines of the change.

Alone knows how a command is written, and how many the runner takes.
"""

import re
from collections.abc import Iterable, Iterator

from reviewbot.diff import Side
from reviewbot.finding import Draft, Finding, Severity, State
from reviewbot.ports import View
from reviewbot.review import Review, Skipped, Verdict
from reviewbot.tally import notes, outcome, shortfall
from reviewbot.terminal import count, one_line, place, short, span, visible

MOST = 10
"""Commands of one level: a step with more shows none of the rest."""

_LEVELS = {Severity.ERROR: "error", Severity.WARNING: "warning", Severity.INFO: "notice"}
_TITLE = 200
_MESSAGE = 4_000
_NAMED = 20

# Older runners obey these in the middle of a line, too.
_OLD_COMMAND = re.compile(r"#(?=#\w*\[)")


def render(review: Review, view: View) -> str:
    """A line for the verdict and one for each finding the runner takes, the worst first; the same for every view."""
    del view
    verdict = "notice" if review.verdict is Verdict.PASS else "warning"
    commands = [_command(verdict, _verdict(review), title=f"Review: {outcome(review)}")]
    left: list[Finding] = []
    for severity, level in _LEVELS.items():
        findings = [finding for finding in review.findings if finding.draft.severity is severity]
        room = MOST - (level == verdict)
        commands += map(_finding, findings[:room])
        left += findings[room:]
    return "".join(f"{line}\n" for line in [*commands, *_rest(left)])


def _rest(findings: Iterable[Finding]) -> Iterator[str]:
    counts = [
        count(number, severity)
        for severity in Severity
        if (number := sum(finding.draft.severity is severity for finding in findings))
    ]
    if counts:
        yield f"Not shown as annotations, of which a step has few: {', '.join(counts)}. Other formats show all."


def _finding(finding: Finding) -> str:
    anchor, draft = finding.anchor, finding.draft
    standing = ", standing" if finding.state is State.STANDING else ""
    title = f"{_title(draft)} [{draft.category} {finding.id}{standing}]"
    # Annotations stand on the new version: a deleted line has no number there.
    old = anchor.side is Side.OLD
    where = {} if old else {"line": str(anchor.start), "endLine": str(anchor.end)}
    parts = [
        f"(old version, {'line' if anchor.start == anchor.end else 'lines'} {span(anchor.start, anchor.end)})" * old,
        _prose(draft.body),
        *_suggestion(draft.suggestion),
    ]
    message = "\n\n".join(filter(None, parts)) or title
    return _command(_LEVELS[draft.severity], message, file=visible(anchor.path, keep="\r\n"), **where, title=title)


def _title(draft: Draft) -> str:
    return short(one_line(draft.title), _TITLE) or "(no title)"


def _suggestion(text: str | None) -> Iterator[str]:
    if text is not None:
        yield f"Suggestion:\n{_prose(text)}" if text else "Suggestion: delete this."


def _prose(text: str) -> str:
    return visible(re.sub(r"\r\n?", "\n", text), keep="\t\n").strip("\n")


def _verdict(review: Review) -> str:
    lines = [f"{review.verdict}: {outcome(review)}"]
    if review.verdict is Verdict.FAIL:
        lines.append(f"failed: findings at or above {review.fail_on}")
    unplaced = sum(drop.unanchored for drop in review.dropped)
    if unplaced:
        lines.append(f"without a place in the change: {count(unplaced, 'claim')}")
    if not review.complete:
        lines.append(f"incomplete: {shortfall(review)} not reviewed")
    lines += notes(review)
    for failed in (True, False):
        lines += _skipped([skip for skip in review.skipped if skip.failed is failed and not skip.before])
    return "\n".join(lines)


def _skipped(skips: list[Skipped]) -> Iterator[str]:
    for skip in skips[:_NAMED]:
        old = "old " if skip.side is Side.OLD else ""
        why = f"{skip.reason.replace('_', ' ')}: {short(one_line(skip.detail), _TITLE)}".removesuffix(": ")
        yield f"- {old}{short(place(skip.path, skip.start, skip.end), _TITLE)}: {why}"
    if len(skips) > _NAMED:
        yield f"- and {len(skips) - _NAMED:,} more"


def _command(level: str, message: str, **properties: str) -> str:
    said = ",".join(f"{name}={_property(value)}" for name, value in properties.items())
    return f"::{level} {said}::{_data(short(message, _MESSAGE))}"


def _data(text: str) -> str:
    """As the runner reads it; it is nobody's command on the way."""
    text = _OLD_COMMAND.sub(r"\\x23", text)
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")
