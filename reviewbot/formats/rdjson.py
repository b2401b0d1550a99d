"""The report as reviewdog reads it, one diagnostic for each finding. Alone knows the form of `DiagnosticResult`.

Reviewdog writes messages as Markdown into comments, and knows a comment again by all fields of its diagnostic: what the
next review of the same code may say in another way, as the state, is no part of one.
"""

from collections import Counter
from collections.abc import Iterator

from reviewbot import jsonform, markdown, terminal
from reviewbot.diff import Side
from reviewbot.finding import Finding, Severity
from reviewbot.formats._landing import Landing
from reviewbot.formats._message import UNTITLED, rich
from reviewbot.ports import View
from reviewbot.review import Review, Skipped
from reviewbot.tally import notes, shortfall
from reviewbot.terminal import count, one_line, place, visible

_LEVELS = {Severity.ERROR: "ERROR", Severity.WARNING: "WARNING", Severity.INFO: "INFO"}
_NAMED = 20

Json = dict[str, object]


def render(review: Review, view: View) -> str:
    """One JSON object and a newline, the same for every view. Bytes that are not text are shown as U+FFFD."""
    del view
    landing = Landing(review.change.files)
    worst = min((finding.draft.severity for finding in review.findings), key=lambda one: one.rank, default=None)
    result = {
        "source": {"name": "reviewbot"},
        **({"severity": _LEVELS[worst]} if worst else {}),
        "diagnostics": [*(_diagnostic(finding, landing) for finding in review.findings), *_notes(review)],
    }
    return terminal.harmless_json(jsonform.document(result))


def _diagnostic(finding: Finding, landing: Landing) -> Json:
    anchor, draft = finding.anchor, finding.draft
    lines = _lines(*landing.lines(anchor))
    edit = landing.edit(finding)
    # A comment's suggestion is written with the line ends of the comment: carriage returns would be lost.
    exact = edit is not None and "\r" not in edit.text + "".join(finding.excerpt)
    suggestions = [{"range": lines, "text": edit.text}] if edit and exact else []
    said = f"{visible(anchor.path)}:{anchor.start}: {draft.severity}: {one_line(draft.title) or UNTITLED}"
    return {
        "message": rich(finding, suggestion=not suggestions),
        "location": {"path": anchor.path, "range": lines},
        "severity": _LEVELS[draft.severity],
        "code": {"value": draft.category},
        **({"suggestions": suggestions} if suggestions else {}),
        "original_output": f"{said} [{draft.category} {finding.id}]",
    }


def _lines(start: int, end: int) -> Json:
    """Whole lines, the last one included: a range without columns."""
    return {"start": {"line": start}, "end": {"line": end}}


def _notes(review: Review) -> Iterator[Json]:
    """What a review says beside its findings. Only what is missing has lines, so only that becomes a comment."""
    failed = [skip for skip in review.skipped if skip.failed]
    if failed:
        head = f"**Incomplete:** {shortfall(review)} not reviewed."
        more = [f"- and {len(failed) - _NAMED:,} more"] if len(failed) > _NAMED else []
        text = "\n".join([head, "", *map(_missing, failed[:_NAMED]), *more])
        yield _note("incomplete", text, Severity.WARNING, location=_first_place(failed[0]))
    rest = [*_left(review), *(f"{line}." for line in notes(review))]
    if rest:
        text = "\n".join(f"- {line}" for line in rest)
        yield _note("left_out", text, Severity.INFO, location={"path": "."})


def _note(name: str, text: str, severity: Severity, *, location: Json) -> Json:
    return {
        "message": text,
        "location": location,
        "severity": _LEVELS[severity],
        "code": {"value": name},
        "original_output": text,
    }


def _missing(skip: Skipped) -> str:
    old = "old " if skip.side is Side.OLD else ""
    why = f"{_spoken(skip.reason)}: {markdown.phrase(skip.detail)}".removesuffix(": ")
    return f"- {old}{markdown.code(place(skip.path, skip.start, skip.end))}: {why}"


def _first_place(skip: Skipped) -> Json:
    known = skip.side is Side.NEW and skip.start is not None
    return {"path": skip.path, **({"range": _lines(skip.start or 1, skip.end or 1)} if known else {})}


def _left(review: Review) -> Iterator[str]:
    for reason, number in Counter(drop.reason for drop in review.dropped).items():
        yield f"Not told, {_spoken(reason)}: {count(number, 'claim')}."
    chosen = [skip for skip in review.skipped if not (skip.failed or skip.before)]
    for choice, number in Counter(skip.reason for skip in chosen).items():
        yield f"Left out by choice, {_spoken(choice)}: {count(number, 'part')}."


def _spoken(reason: str) -> str:
    return reason.replace("_", " ")
