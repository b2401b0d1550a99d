"""The report as SARIF 2.1.0, for code scanning and editors. Alone knows its form, and what code scanning takes of it.

Three things are other than SARIF alone would have them. What is not told (dismissed, in a baseline, ignored, below a
limit) is a notification, not a result with a suppression: code scanning shows a suppressed result as an open alert. A
finding on deleted lines stands on the line that came in their place: code scanning refuses a result without a line, and
knows those of the new file only. Braces in messages stay single, since no message has arguments and hardly any reader
halves them.
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence

from reviewbot import __version__, jsonform, markdown, terminal
from reviewbot.diff import Side
from reviewbot.finding import Category, Dropped, Finding, Severity, State
from reviewbot.formats._landing import Edit, Landing
from reviewbot.formats._message import UNTITLED, lines, old_lines, plain, rich
from reviewbot.ports import View
from reviewbot.review import Review, Skipped
from reviewbot.tally import notes
from reviewbot.terminal import count, one_line, short, visible

MOST = 5_000
"""Results: code scanning keeps no more of a run."""

LONGEST = 4_000
"""Characters of a message: code scanning takes 10 MB of packed reports."""

BRIEFLY = 400
"""Characters that a notification repeats of a claim nobody is told of."""

SCHEMA = "https://json.schemastore.org/sarif-2.1.0.json"

_LEVELS = {Severity.ERROR: "error", Severity.WARNING: "warning", Severity.INFO: "note"}
_STATES = {State.NEW: "new", State.STANDING: "unchanged"}
_SECURITY = {Category.SECURITY, Category.SECRET}
_ABOUT = {
    Category.CORRECTNESS: ("Wrong behaviour", "The changed code does something else than it is meant to do."),
    Category.SECURITY: (
        "Security",
        "The change lets somebody do or see what they should not, or deceives its readers.",
    ),
    Category.CONCURRENCY: ("Concurrency", "The change goes wrong when several things happen at once."),
    Category.RESOURCES: (
        "Resources",
        "The change does not give back what it takes: files, connections, memory, locks.",
    ),
    Category.ERRORS: ("Error handling", "The change hides a failure, or makes the wrong thing of it."),
    Category.API: (
        "Broken contract",
        "The change breaks its callers, or calls something in a way that is not allowed.",
    ),
    Category.DATA: ("Data", "The change loses data, or damages it."),
    Category.PERFORMANCE: ("Performance", "The change takes far more time or memory than it has to."),
    Category.TESTS: ("Tests", "A test of the change cannot fail, or tests something else."),
    Category.DOCS: ("Documentation", "The change makes documentation untrue."),
    Category.OTHER: ("Other", "The change has a defect of another kind."),
    Category.SECRET: ("Credential", "The change adds what looks like a password, a key or a token."),
}
_ORDER = {category: index for index, category in enumerate(_ABOUT)}
_HELP = "Most findings are claims of a language model, which can be wrong: look at the code before you change it."

Json = dict[str, object]


def render(review: Review, view: View) -> str:
    """One run, the same for every view. Bytes that are not text are shown as U+FFFD, in addresses as they are."""
    del view
    landing = Landing(review.change.files)
    shown, over = _within(review.findings)
    run = {
        "tool": {"driver": {"name": "reviewbot", "semanticVersion": __version__, "rules": [*map(_rule, _ABOUT)]}},
        "invocations": [
            {
                "executionSuccessful": review.complete,
                "toolExecutionNotifications": [*_notifications(review, over, landing)],
            }
        ],
        "results": [_result(finding, landing) for finding in shown],
        "properties": {
            "target": jsonform.target(review.change.target),
            "model": review.model,
            "verdict": review.verdict,
        },
    }
    return terminal.harmless_json(jsonform.document({"$schema": SCHEMA, "version": "2.1.0", "runs": [run]}))


def _within(findings: Sequence[Finding]) -> tuple[list[Finding], list[Finding]]:
    """The worst as many as are taken, in the order of the change, and the others."""
    worst = sorted(range(len(findings)), key=lambda at: findings[at].draft.severity.rank)
    return [findings[at] for at in sorted(worst[:MOST])], [findings[at] for at in sorted(worst[MOST:])]


def _rule(category: Category) -> Json:
    short, full = _ABOUT[category]
    severity = Severity.ERROR if category is Category.SECRET else Severity.WARNING
    return {
        "id": category,
        "shortDescription": _text(short),
        "fullDescription": _text(full),
        "help": _text(f"{full} {_HELP}"),
        "defaultConfiguration": {"level": _LEVELS[severity]},
        "properties": {"tags": ["security"] if category in _SECURITY else []},
    }


def _result(finding: Finding, landing: Landing) -> Json:
    anchor, draft = finding.anchor, finding.draft
    edit = landing.edit(finding)
    old = {"oldStartLine": anchor.start, "oldEndLine": anchor.end} if anchor.side is Side.OLD else {}
    return {
        "ruleId": draft.category,
        "ruleIndex": _ORDER[draft.category],
        "level": _LEVELS[draft.severity],
        "message": {**_text(short(plain(finding), LONGEST)), "markdown": _markdown(finding)},
        "locations": [_at(anchor.path, landing.lines(anchor))],
        # The one name that code scanning looks for.
        "partialFingerprints": {"primaryLocationLineHash": finding.fingerprint},
        "baselineState": _STATES[finding.state],
        **({"fixes": [_fix(finding, edit)]} if edit else {}),
        "properties": {"id": finding.id, "state": finding.state, "confidence": draft.confidence, **old},
    }


def _markdown(finding: Finding) -> str:
    """The message with its form, as long as it can be had whole."""
    said = rich(finding, suggestion=True)
    return said if len(said) <= LONGEST else markdown.harmless(short(plain(finding), LONGEST))


def _fix(finding: Finding, edit: Edit) -> Json:
    """The lines replaced without the end of the last one, which stays as it is; deleted with it where there is one."""
    anchor = finding.anchor
    region = _region(anchor.start, anchor.end)
    if not edit.lines and not edit.last:
        region = {"startLine": anchor.start, "startColumn": 1, "endLine": anchor.end + 1, "endColumn": 1}
    replacement = {"deletedRegion": region, "insertedContent": {"text": edit.text}}
    return {"artifactChanges": [{"artifactLocation": _file(anchor.path), "replacements": [replacement]}]}


def _file(path: str) -> Json:
    return {"uri": markdown.address(path), "uriBaseId": "%SRCROOT%"}


def _at(path: str, numbers: tuple[int, int] | None) -> Json:
    region = {"region": _region(*numbers)} if numbers else {}
    return {"physicalLocation": {"artifactLocation": _file(path), **region}}


def _region(start: int, end: int) -> Json:
    """Whole lines: without columns a region goes from the first character to the last one."""
    return {"startLine": start, "endLine": end}


def _text(text: str) -> Json:
    """A message. What reads like a link in one would be shown as one."""
    return {"text": text.replace("](", f"]{markdown.JOINER}(")}


def _notifications(review: Review, over: Sequence[Finding], landing: Landing) -> Iterator[Json]:
    """Everything a review says beside the findings that it shows."""
    yield from _skipped(review.skipped)
    for drop in review.dropped:
        yield _dropped(drop, landing)
    if over:
        places = [_at(finding.anchor.path, landing.lines(finding.anchor)) for finding in over]
        said = f"Code scanning keeps {MOST:,} results: {count(len(over), 'finding')} more, the mildest, are left out."
        yield _notification("over_limit", said, places, level="warning")
    for line in notes(review):
        yield _notification("notes", f"{line}.")


def _skipped(skips: Sequence[Skipped]) -> Iterator[Json]:
    causes: defaultdict[tuple[bool, str, str], list[Skipped]] = defaultdict(list)
    for skip in skips:
        if not skip.before:
            causes[skip.failed, skip.reason, one_line(skip.detail)].append(skip)
    for (failed, reason, detail), parts in causes.items():
        said = f"{'Not reviewed' if failed else 'Left out by choice'}, {_spoken(reason)}: {detail}".removesuffix(": ")
        yield _notification(reason, said, [*map(_part, parts)], level="error" if failed else "note")


def _part(skip: Skipped) -> Json:
    if skip.start is None or skip.end is None:
        return _at(skip.path, None)
    if skip.side is Side.OLD:
        return {**_at(skip.path, None), "message": _text(old_lines(skip.start, skip.end))}
    return _at(skip.path, (skip.start, skip.end))


def _dropped(drop: Dropped, landing: Landing) -> Json:
    draft, finding = drop.draft, drop.finding
    line = "" if draft.line is None else f":{draft.line}"
    claimed = "" if finding else f" (claimed at {visible(draft.path) or '(no path)'}{line})"
    note = f" ({one_line(drop.note)})" if drop.note else ""
    head = f"Not told, {_spoken(drop.reason)}: {one_line(draft.title) or UNTITLED}{claimed}{note}"
    places = [_at(finding.anchor.path, landing.lines(finding.anchor))] if finding else []
    rule = {"associatedRule": {"id": draft.category, "index": _ORDER[draft.category]}}
    return {
        **_notification(drop.reason, "\n\n".join(filter(None, (head, short(lines(draft.body), BRIEFLY)))), places),
        **rule,
    }


def _notification(name: str, text: str, places: Sequence[Mapping[str, object]] = (), *, level: str = "note") -> Json:
    distinct = {repr(place): place for place in places}
    return {"descriptor": {"id": name}, "level": level, "message": _text(text), "locations": [*distinct.values()]}


def _spoken(reason: str) -> str:
    return reason.replace("_", " ")
