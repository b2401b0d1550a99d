"""A review in Markdown, for people: on a pull request, in a run's summary, in a file. Alone knows its form."""

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import accumulate, islice

from reviewbot import markdown, tally
from reviewbot.diff import Side
from reviewbot.finding import Anchor, Draft, Dropped, DropReason, Finding, State
from reviewbot.review import Review, Skipped, Usage, Verdict
from reviewbot.terminal import count, money, place, short, span

Link = Callable[[Anchor], str]
"""Where a place can be looked at."""

# How many of each are worth reading here; characters of a title and of prose.
_ROWS, _PATHS, _SPANS, _CAUSES, _EXCERPT, _TITLE, _PROSE = 1000, 100, 20, 20, 60, 200, 10_000
_PLACE, _ADDRESS = 300, 1_000
_CLOSE = "\n\n</details>"
_COLUMNS = ("severity", "where", "what", "id")
_FOLDED = {
    DropReason.BELOW_SEVERITY: "Below <code>--min-severity</code>",
    DropReason.OVER_MAX_COMMENTS: "Over <code>--max-comments</code>",
    DropReason.IGNORED: "Ignored by a comment in the code",
    DropReason.IGNORED_BY_CHANGE: "Ignored by a comment that this change adds",
    DropReason.DISMISSED: "Dismissed",
    DropReason.DISPROVED: "Disproved by a line that the second model named",
    DropReason.BASELINE: "In the baseline",
    DropReason.KNOWN: "Said by another tool",
}
_CUT = "*Not all of it fits here: the reports in files have the rest.*"


def units(text: str) -> int:
    """Characters as JavaScript counts them, never fewer than as Python does."""
    return len(text.encode("utf-16-le")) // 2


@dataclass(frozen=True, slots=True)
class Section:
    """A part that is shown whole, with fewer of its `total` rows, or not at all; `more` tells how many are left."""

    start: str
    rows: tuple[str, ...] = ()
    total: int = 0
    more: str = "- and {:,} more"
    end: str = ""

    def text(self, shown: int | None = None) -> str:
        """The part with so many of its rows, None: all."""
        rows = self.rows[:shown]
        left = self.total - len(rows)
        return "\n".join([self.start, *rows, *([self.more.format(left)] if left else [])]) + self.end

    def within(self, room: int, *, size: Callable[[str], int]) -> str:
        """As much of it as has room; "" for nothing."""
        whole = self.text()
        if size(whole) <= room:
            return whole
        shown = bisect_right([*accumulate(size(row) + 1 for row in self.rows)], room - size(self.text(0)))
        return self.text(shown) if shown else ""


@dataclass(frozen=True, slots=True)
class Digest:
    """A review as parts of Markdown, the most important first.

    Attributes:
        headline: stands at the beginning in any case.
        sections: what stands between.
        tail: stands at the end in any case.
    """

    headline: str
    sections: tuple[Section, ...]
    tail: str

    def text(self, *, most: int | None = None, size: Callable[[str], int] = units) -> str:
        """All of it, or what has room: lists get shorter first, then whole parts are left out, and a note says so.

        A part leaves half of the room to those that follow it, as far as they need it.

        Args:
            most: size it may have, None: any.
            size: of a text, the sum of the sizes of its parts.
        """
        whole = "\n\n".join([self.headline, *(section.text() for section in self.sections), self.tail])
        if most is None or size(whole) <= most:
            return whole
        room = most - size(f"{self.headline}\n\n{_CUT}\n\n{self.tail}")
        needed = sum(size(section.text()) + 2 for section in self.sections)
        made = [self.headline]
        for section in self.sections:
            needed -= size(section.text()) + 2
            part = section.within(max(room - needed, room // 2) - 2, size=size)
            if part:
                made.append(part)
                room -= size(part) + 2
        return "\n\n".join([*made, _CUT, self.tail])


def digest(review: Review, *, link: Link | None = None, inline: Collection[Finding] = ()) -> Digest:
    """A review in Markdown.

    Args:
        review: the whole result.
        link: to a place, None: nothing is linked.
        inline: findings whose prose belongs here too; that of the others stands elsewhere.
    """
    return Digest(
        _headline(review),
        (
            *_table(review.findings, link),
            *(Section(_prose(finding, link)) for finding in _worst_first(inline)),
            *_failed(review.skipped),
            *_folds(review, link),
            *_unplaced(review.dropped),
            *_chosen(review.skipped),
        ),
        _spent(review),
    )


def _headline(review: Review) -> str:
    lines = [f"### Review: {tally.outcome(review)}"]
    if review.verdict is Verdict.FAIL:
        lines.append(f"**Failed:** findings at or above `{review.fail_on}`.")
    if not review.complete:
        lines.append(f"**Incomplete:** {tally.shortfall(review)} not reviewed.")
    return "\n\n".join([*lines, *(f"{line}." for line in tally.notes(review))])


def _worst_first(findings: Iterable[Finding]) -> list[Finding]:
    return sorted(findings, key=lambda finding: finding.draft.severity.rank)


def _table(
    findings: Sequence[Finding], link: Link | None, *, notes: Sequence[str] = (), fold: str = ""
) -> Iterator[Section]:
    """A row for each finding, the worst first.

    Args:
        findings: any number.
        link: to a place.
        notes: what is said of each beside its title, none: nothing.
        fold: the title of a part that is opened by it, "" for one that is open.
    """
    noted = sorted(
        zip(findings, notes or [""] * len(findings), strict=True), key=lambda one: one[0].draft.severity.rank
    )
    rows = (
        (one.draft.severity, _place(one.anchor, link, cell=True), _noted(one, note), markdown.code(one.id))
        for one, note in noted[:_ROWS]
    )
    if findings:
        start = _summary(f"{fold}: {count(len(findings), 'finding')}") + "\n" if fold else ""
        shown, more = tuple(map(markdown.row, rows)), markdown.row(("", "", "and {:,} more", ""))
        yield Section(start + markdown.head(_COLUMNS), shown, len(findings), more, _CLOSE if fold else "")


def _noted(finding: Finding, note: str) -> str:
    standing = ", standing" if finding.state is State.STANDING else ""
    return _title(finding.draft) + (f" ({_short_phrase(note)})" if note else standing)


def _place(anchor: Anchor, link: Link | None, *, cell: bool = False) -> str:
    shown = markdown.code(short(place(anchor.path, anchor.start, anchor.end), _PLACE), cell=cell)
    old = " (old)" if anchor.side is Side.OLD else ""
    address = link(anchor) if link else ""
    # Whoever names files must not take the room of what is said about them.
    return (f"[{shown}]({address})" if 0 < len(address) <= _ADDRESS else shown) + old


def _title(draft: Draft) -> str:
    return _short_phrase(draft.title) or "(no title)"


def _short_phrase(text: str, most: int = _TITLE) -> str:
    return markdown.phrase(short(text.strip(), most))


def _prose(finding: Finding, link: Link | None) -> str:
    draft = finding.draft
    standing = ", standing" if finding.state is State.STANDING else ""
    lines = [*finding.excerpt[:_EXCERPT], *(["…"] if len(finding.excerpt) > _EXCERPT else [])]
    parts = [
        f"#### {draft.severity}: {_title(draft)}",
        f"{_place(finding.anchor, link)} · {draft.category}{standing} · {markdown.code(finding.id)}",
        markdown.fenced(markdown.shown_lines(short("\n".join(lines), _PROSE))) if lines else "",
        markdown.harmless(short(draft.body, _PROSE)),
        "" if draft.suggestion is None else _suggestion(draft.suggestion),
    ]
    return "\n\n".join(filter(None, parts))


def _suggestion(text: str) -> str:
    shown = markdown.fenced(markdown.shown_lines(short(text, _PROSE)))
    return f"Suggestion:\n\n{shown}" if text else "Suggestion: delete this."


def _failed(skips: Iterable[Skipped]) -> Iterator[Section]:
    failed = [skip for skip in skips if skip.failed]
    # Where each part failed in its own way, the kinds say more than the ways.
    told = len({(skip.reason, skip.detail) for skip in failed}) <= _CAUSES
    causes: defaultdict[tuple[str, str], list[Skipped]] = defaultdict(list)
    for skip in failed:
        causes[skip.reason, skip.detail if told else ""].append(skip)
    for (reason, detail), parts in causes.items():
        said = _short_phrase(detail)
        why = f"**Not reviewed: {reason.replace('_', ' ')}**" + (f", {said}" if said else "")
        yield _listed(f"{why}\n", _names(parts))


def _chosen(skips: Iterable[Skipped]) -> Iterator[Section]:
    reasons: defaultdict[str, list[Skipped]] = defaultdict(list)
    for skip in skips:
        if not (skip.failed or skip.before):
            reasons[skip.reason].append(skip)
    for reason, parts in reasons.items():
        names = _names(parts)
        start = _summary(f"Left out by choice, {reason.replace('_', ' ')}: {count(len(names), 'file')}")
        yield _listed(start, names, end=_CLOSE)


def _names(skips: Iterable[Skipped]) -> Mapping[str, list[str]]:
    """The lines that are meant of each path, none for all."""
    ranges: defaultdict[str, list[str]] = defaultdict(list)
    for skip in skips:
        old = "old " if skip.side is Side.OLD else ""
        ranges[skip.path] += [] if skip.start is None else [old + span(skip.start, skip.end)]
    return ranges


def _listed(start: str, names: Mapping[str, list[str]], *, end: str = "") -> Section:
    rows = (f"- {markdown.code(path)}{_spans(spans)}" for path, spans in islice(names.items(), _PATHS))
    return Section(start, tuple(rows), len(names), end=end)


def _spans(spans: Sequence[str]) -> str:
    more = f" and {len(spans) - _SPANS:,} more" if len(spans) > _SPANS else ""
    return f": {', '.join(spans[:_SPANS])}{more}" if spans else ""


def _summary(title: str) -> str:
    """What opens a part that is shown at a click; the title is plain HTML."""
    return f"<details>\n<summary>{title}</summary>\n"


def _folds(review: Review, link: Link | None) -> Iterator[Section]:
    for reason, title in _FOLDED.items():
        drops = [(drop.finding, drop.note) for drop in review.dropped if drop.reason is reason and drop.finding]
        findings, notes = [one for one, _ in drops], [note for _, note in drops]
        yield from _table(findings, link, notes=notes, fold=title)


def _unplaced(dropped: Iterable[Dropped]) -> Iterator[Section]:
    claims = [drop for drop in dropped if drop.unanchored]
    start = _summary(f"Without a place in the change, unproven: {count(len(claims), 'claim')}")
    if claims:
        yield Section(start, tuple(map(_claim, claims[:_PATHS])), len(claims), end=_CLOSE)


def _claim(drop: Dropped) -> str:
    draft = drop.draft
    place = (draft.path or "(no path)") + ("" if draft.line is None else f":{draft.line}")
    said = f"claimed at {markdown.code(short(place, _TITLE))}, {drop.reason.replace('_', ' ')}"
    body = _short_phrase(draft.body, 500)
    return f"- {draft.severity}: {_title(draft)} ({said})" + (f"\\\n  {body}" if body else "")


def _spent(review: Review) -> str:
    what = ": ".join(filter(None, (_short_phrase(review.change.target.description), tally.reach(review))))
    models = ", checked by ".join(filter(None, (_short_phrase(review.model), _short_phrase(review.verifier))))
    parts = [what, models, *_used(review.usage), f"{review.seconds:.1f} s"]
    return f"<sub>{' · '.join(parts)}</sub>"


def _used(usage: Usage) -> Iterator[str]:
    if usage.requests or usage.cached:
        yield count(usage.requests, "request") + (f", {usage.cached:,} from cache" if usage.cached else "")
    if usage.requests:
        yield f"{count(usage.input_tokens, 'token')} in, {usage.output_tokens:,} out"
    if usage.cost is not None:
        yield money(usage.cost, usage.currency or "")
    elif usage.requests:
        yield "price unknown"
