"""The report for people: what a terminal shows, in what order and in which words."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import groupby

from reviewbot import tally, terminal
from reviewbot.diff import FileDiff, Side
from reviewbot.finding import Anchor, Draft, Dropped, DropReason, Finding, Severity, State
from reviewbot.formats._excerpt import Row, excerpt, rows_around, small_diff
from reviewbot.ports import View
from reviewbot.review import Review, Skipped, SkipReason, Usage, Verdict
from reviewbot.terminal import Line, Span, count, flow, one_line, place, span, visible, words

LEAST_WIDTH = 40
MOST_WIDTH = 120
PROSE_WIDTH = 100
NAMES_SHOWN = 8

NOT_SHOWN = {
    DropReason.BELOW_SEVERITY: "below --min-severity",
    DropReason.OVER_MAX_COMMENTS: "over --max-comments",
    DropReason.IGNORED: "ignored by a comment in the code",
    DropReason.IGNORED_BY_CHANGE: "ignored by a comment of this change",
    DropReason.DISMISSED: "dismissed",
    DropReason.KNOWN: "said by another tool",
    DropReason.DISPROVED: "disproved by a line that the second model named",
}


def render(review: Review, view: View) -> str:
    """The report as lines for a terminal.

    Args:
        review: the whole result.
        view: a width below 40 cells counts as 40; above 120 prose wraps at 100.
    """
    width = max(view.width, LEAST_WIDTH)
    wrap = width if width <= MOST_WIDTH else PROSE_WIDTH
    if view.verbosity < 0:
        return terminal.paint(_quiet(review, wrap), colour=view.colour)
    every_drop = {reason: _spoken(reason) for reason in DropReason} if view.verbosity > 1 else {}
    funnel = _funnel(review, wrap) if view.verbosity > 0 else ()
    blocks = [
        *_findings(review, width=width, wrap=wrap),
        *_unplaced(review, wrap),
        *_drops(review, "Not shown", NOT_SHOWN, wrap),
        *_not_reviewed(review, wrap, every_name=view.verbosity > 0),
        *_drops(review, "Dropped claims", every_drop, wrap),
        [*funnel, *_totals(review, wrap), *_notes(review, wrap), *_verdict(review, wrap, above=True)],
    ]
    lines = (line for block in blocks for line in ((), *block))
    next(lines)
    return terminal.paint(lines, colour=view.colour)


def _quiet(review: Review, wrap: int) -> Iterator[Line]:
    """A line for each finding, never wrapped: other programs read it."""
    for finding in (finding for _, group in _by_file(review) for finding in group):
        anchor, draft = finding.anchor, finding.draft
        side = ", old line" if anchor.side is Side.OLD else ""
        standing = ", standing" if finding.state is State.STANDING else ""
        yield (
            Span(f"{visible(anchor.path)}:{anchor.start}: "),
            Span(draft.severity, terminal.STYLES[draft.severity]),
            Span(f": {_title(draft)} "),
            Span(f"[{draft.category} {finding.id}{side}{standing}]", "dim"),
        )
    if review.verdict is not Verdict.PASS:
        yield from _totals(review, wrap)
        yield from _verdict(review, wrap, above=False)


def _by_file(review: Review) -> Iterator[tuple[str, Iterator[Finding]]]:
    """Findings of each file in the order of the change; those of a file it does not hold come last."""
    order = {file.path: index for index, file in enumerate(review.change.files)}
    findings = sorted(review.findings, key=lambda finding: order.get(finding.anchor.path, len(order)))
    return groupby(findings, key=lambda finding: finding.anchor.path)


def _findings(review: Review, *, width: int, wrap: int) -> Iterator[list[Line]]:
    # A series of patches holds a path more than once, each time with other hunks.
    parts: defaultdict[str, list[FileDiff]] = defaultdict(list)
    for file in review.change.files:
        parts[file.path].append(file)
    for path, findings in _by_file(review):
        old = next((file.old_path for file in parts[path] if file.old_path), None)
        was = f" (was {visible(old)})" if old else ""
        head = [terminal.rule(visible(path), was, width=wrap)]
        for finding in findings:
            rows = rows_around(finding, [hunk for file in parts[path] for hunk in file.hunks])
            yield [*head, *_finding(finding, rows, width=width, wrap=wrap)]
            head = []


def _finding(finding: Finding, rows: Sequence[Row], *, width: int, wrap: int) -> Iterator[Line]:
    draft = finding.draft
    standing = ", standing" if finding.state is State.STANDING else ""
    yield from _head(draft, f"[{draft.category} {finding.id}{standing}]", wrap)
    place = Span(_place(finding.anchor) + " ", whole=True)
    yield from flow([place, *words(_side_note(finding.anchor, rows), "yellow")], width=wrap, indent=2)
    yield from excerpt(rows, width=width, style=terminal.STYLES[draft.severity])
    body = list(terminal.prose(draft.body, width=wrap, indent=4))
    yield from ((), *body) if body else ()
    if draft.suggestion is not None:
        yield from ((), (Span("  suggestion", "dim"),))
        yield from small_diff(finding.excerpt, draft.suggestion, width=width)


def _head(draft: Draft, tag: str, wrap: int, *, indent: int = 0) -> Iterator[Line]:
    severity = Span(draft.severity, terminal.STYLES[draft.severity])
    pieces = [severity, Span(": "), *words(_title(draft) + " ", "bold"), Span(tag, "dim", whole=True)]
    return flow(pieces, width=wrap, indent=indent, hang=indent + 4)


def _title(draft: Draft) -> str:
    return one_line(draft.title) or "(no title)"


def _place(anchor: Anchor) -> str:
    return place(anchor.path, anchor.start, anchor.end)


def _side_note(anchor: Anchor, rows: Sequence[Row]) -> str:
    if anchor.side is Side.NEW:
        return ""
    if any(row.marked and row.sign != "-" for row in rows):
        return "(old version)"
    return "(deleted line)" if anchor.start == anchor.end else "(deleted lines)"


def _unplaced(review: Review, wrap: int) -> Iterator[list[Line]]:
    head: list[Line] = [(Span("Without a place in the change", "bold"),)]
    for drop in review.dropped:
        if drop.unanchored:
            draft, reason = drop.draft, words(f", {_spoken(drop.reason)}", "dim")
            claim = [*words("claimed at "), Span(_claimed(draft), whole=True), *reason]
            yield [
                *head,
                *_head(draft, f"[{draft.category}, unproven]", wrap, indent=2),
                *flow(claim, width=wrap, indent=4),
                *terminal.prose(draft.body, width=wrap, indent=6),
            ]
            head = []


def _claimed(draft: Draft) -> str:
    path = visible(draft.path) or "(no path)"
    return path if draft.line is None else f"{path}:{draft.line}"


def _spoken(reason: DropReason | SkipReason) -> str:
    return reason.replace("_", " ")


def _drops(review: Review, heading: str, reasons: Mapping[DropReason, str], wrap: int) -> Iterator[list[Line]]:
    lines: list[Line] = [(Span(heading, "bold"),)]
    for reason, spoken in reasons.items():
        drops = [drop for drop in review.dropped if drop.reason is reason]
        if drops:
            lines.append((Span(f"  {spoken}"),))
            lines += (line for drop in drops for line in _drop(drop, wrap))
    if len(lines) > 1:
        yield lines


def _drop(drop: Dropped, wrap: int) -> Iterator[Line]:
    draft, finding = drop.draft, drop.finding
    id_ = words(f"{finding.id} ", "dim") if finding else []
    severity = Span(f"{draft.severity} ", terminal.STYLES[draft.severity])
    place = Span((_place(finding.anchor) if finding else _claimed(draft)) + " ", whole=True)
    note = words(f" ({one_line(drop.note)})", "dim") if drop.note else []
    return flow([*id_, severity, place, *words(_title(draft)), *note], width=wrap, indent=4, hang=8)


def _not_reviewed(review: Review, wrap: int, *, every_name: bool) -> Iterator[list[Line]]:
    lines: list[Line] = [(Span("Not reviewed", "bold"),)]
    failed: defaultdict[str, list[Skipped]] = defaultdict(list)
    chosen: defaultdict[str, list[Skipped]] = defaultdict(list)
    for skip in review.skipped:
        said = _spoken(skip.reason)
        if skip.failed:
            failed[f"{said}: {one_line(skip.detail)}".removesuffix(": ")].append(skip)
        elif not skip.before:
            chosen[said].append(skip)
    for said, skips in failed.items():
        lines += flow(words(said, "red"), width=wrap, indent=2, hang=4)
        for name in _names(skips):
            lines += flow(terminal.listed(name), width=wrap, indent=4, hang=8)
    for said, skips in chosen.items():
        names = _names(skips)
        shown = names if every_name else names[:NAMES_SHOWN]
        more = words(f" and {len(names) - len(shown)} more") if len(names) > len(shown) else []
        listed = terminal.listed([part for name in shown for part in name])
        lines += flow([*words(f"{said}: ", "dim"), *listed, *more], width=wrap, indent=2, hang=4)
    if len(lines) > 1:
        yield lines


def _names(skips: Iterable[Skipped]) -> list[list[str]]:
    """For each path a list: the path with the first lines meant of it, then the others; the old side comes last."""
    ranges: defaultdict[str, list[str]] = defaultdict(list)
    for skip in skips:
        lines = "" if skip.start is None else span(skip.start, skip.end)
        ranges[visible(skip.path)].append(f" old {lines}" if skip.side is Side.OLD else lines)
    names = []
    for path, parts in ranges.items():
        first, *others = sorted(parts, key=lambda part: part.startswith(" "))
        names.append([path] if "" in parts else [f"{path}:{first}", *(part.strip() for part in others)])
    return names


def _funnel(review: Review, wrap: int) -> Iterator[Line]:
    """How many claims were left after each step."""
    reasons = Counter(drop.reason for drop in review.dropped)
    below = [drop.draft.severity.rank for drop in review.dropped if drop.reason is DropReason.BELOW_SEVERITY]
    level = list(Severity)[max(0, min(below, default=len(Severity)) - 1)]
    steps = {
        "readable": (DropReason.MALFORMED,),
        "anchored": (DropReason.UNKNOWN_PATH, DropReason.QUOTE_NOT_FOUND, DropReason.QUOTE_AMBIGUOUS),
        "merged": (DropReason.MERGED,),
        "not disproved": (DropReason.DISPROVED,),
        "confident": (DropReason.LOW_CONFIDENCE,),
        "not dismissed": (DropReason.DISMISSED,),
        "not in the baseline": (DropReason.BASELINE,),
        "not ignored": (DropReason.IGNORED, DropReason.IGNORED_BY_CHANGE),
        "not known": (DropReason.KNOWN,),
        "distinct": (DropReason.DUPLICATE,),
        f"at or above {level}": (DropReason.BELOW_SEVERITY,),
        "shown": (DropReason.OVER_MAX_COMMENTS,),
    }
    left = len(review.findings) + len(review.dropped)
    pieces = [Span(f"claims {left} ", "dim", whole=True)]
    for name, lost in steps.items():
        left -= sum(reasons[reason] for reason in lost)
        if not name.startswith(("readable", "merged", "not ")) or any(reasons[reason] for reason in lost):
            pieces.append(Span(f"-> {name} {left} ", "dim", whole=True))
    return flow(pieces, width=wrap, hang=2)


def _totals(review: Review, wrap: int) -> Iterator[Line]:
    parts, reach = tally.outcomes(review), tally.reach(review)
    if reach:
        parts += map(Span, (reach, *_spent(review.usage), f"{review.seconds:.1f} s"))
    joined = [Span(f"{part.text} · ", part.style, whole=True) for part in parts[:-1]]
    return flow([*joined, parts[-1]], width=wrap, hang=2)


def _notes(review: Review, wrap: int) -> Iterator[Line]:
    for line in tally.notes(review):
        yield from flow(words(line), width=wrap, hang=2)


def _spent(usage: Usage) -> Iterator[str]:
    if usage.requests or usage.cached:
        cached = [f"{usage.cached:,} from cache"] if usage.cached else []
        tokens = (f"{count(usage.input_tokens, 'token')} in", f"{usage.output_tokens:,} out") if usage.requests else ()
        yield from (count(usage.requests, "request"), *cached, *tokens)
    if usage.cost is not None:
        yield terminal.money(usage.cost, usage.currency or "")
    elif usage.requests:
        yield "price unknown"


def _verdict(review: Review, wrap: int, *, above: bool) -> Iterator[Line]:
    if review.verdict is Verdict.FAIL:
        yield from flow(words(f"failed: findings at or above {review.fail_on}", "bold red"), width=wrap, hang=2)
    if not review.complete:
        said = f"incomplete: {tally.shortfall(review)} not reviewed" + (", see above" if above else "")
        yield from flow(words(said, "bold yellow"), width=wrap, hang=2)
