"""Which findings are shown. Alone knows what makes two findings one, and the order of the filters.

Each filter takes findings and returns those it keeps and those it drops, with the reason.
"""

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from itertools import count

from reviewbot.diff import Side
from reviewbot.finding import Dropped, DropReason, Finding, Severity, squeeze

ECHO = 3
"""Lines between a finding on a deleted line and one of the same words on an added line that count as one."""


@dataclass(frozen=True, slots=True)
class Limits:
    """What is shown.

    Attributes:
        min_confidence: 0 to 1; below it a finding does not count at all.
        min_severity: milder ones count for the verdict but are not shown as comments.
        max_comments: the worst so many are shown, the others count but are folded away; None: all.
    """

    min_confidence: float = 0.0
    min_severity: Severity = Severity.INFO
    max_comments: int | None = None


@dataclass(frozen=True, slots=True)
class Filtered:
    """What passes, in the order it came, and what does not."""

    findings: tuple[Finding, ...]
    dropped: tuple[Dropped, ...]


def filters(
    findings: Sequence[Finding],
    limits: Limits,
    *,
    certain: Collection[Finding] = (),
    silenced: Iterable[Finding] = (),
    taken: Collection[str] = (),
) -> Filtered:
    """Pass findings through every filter: confidence before duplicates, so that a doubtful twin cannot win.

    Args:
        findings: in the order of the change.
        limits: what is wished for.
        certain: those of them that no other can say in its place.
        silenced: others that are not to be heard of; what says the same as one of them is dropped.
        taken: fingerprints that earlier reviews gave, to these or to others.
    """
    dropped: list[Dropped] = []
    told = _Told(frozenset(certain), tuple(silenced), taken)
    for step in (confident, lambda given, _: _distinct(given, told), _severe, _foremost):
        passed = step(findings, limits)
        findings = passed.findings
        dropped.extend(passed.dropped)
    return Filtered(tuple(findings), tuple(dropped))


def confident(findings: Sequence[Finding], limits: Limits) -> Filtered:
    """Pass the findings that are sure enough: no other counts for anything, and none stands for one told before."""
    return _keep(findings, [f.draft.confidence >= limits.min_confidence for f in findings], DropReason.LOW_CONFIDENCE)


@dataclass(frozen=True, slots=True)
class _Told:
    """What is known beside the findings; see `filters`."""

    certain: Collection[Finding]
    silenced: Sequence[Finding]
    taken: Collection[str]


def _distinct(findings: Sequence[Finding], told: _Told) -> Filtered:
    """Of findings that say the same of the same lines the worst and surest stays; equal ones elsewhere are numbered.

    What was told before stays before all others, since people have read it.
    """
    order = sorted(range(len(findings)), key=lambda i: (findings[i].told_as is None, _rank(findings[i]), i))
    kept: defaultdict[str, list[Finding]] = defaultdict(list)
    silenced: defaultdict[str, list[Finding]] = defaultdict(list)
    for finding in told.silenced:
        silenced[finding.anchor.path].append(finding)
    chosen: set[int] = set()
    for index in order:
        finding = findings[index]
        if finding in told.certain:
            chosen.add(index)
            continue
        rivals, silent = kept[finding.anchor.path], silenced[finding.anchor.path]
        if not (any(_same(finding, one) for one in rivals) or any(_within(finding, one) for one in silent)):
            rivals.append(finding)
            chosen.add(index)
    passed = _keep(findings, [index in chosen for index in range(len(findings))], DropReason.DUPLICATE)
    return Filtered(_numbered(passed.findings, told.taken), passed.dropped)


def _within(one: Finding, silent: Finding) -> bool:
    """Whether a finding says no more than one that is not to be heard of."""
    return (
        {*one.excerpt} <= {*silent.excerpt}
        and silent.draft.severity.at_least(one.draft.severity)
        and _same(one, silent)
    )


def _same(one: Finding, other: Finding) -> bool:
    if other.told_as and not other.draft.severity.at_least(one.draft.severity):
        # People have read a milder one.
        return False
    gap = max(one.anchor.start, other.anchor.start) - min(one.anchor.end, other.anchor.end)
    if gap > ECHO:
        return False
    title = squeeze(one.draft.title) == squeeze(other.draft.title)
    if one.anchor.overlaps(other.anchor) and not set(one.excerpt).isdisjoint(other.excerpt):
        return title or one.draft.category is other.draft.category
    # The same words about a deleted line and the one that replaces it, or about the next line of a statement.
    near = gap <= 1 or one.anchor.side is not other.anchor.side
    return near and title and squeeze(one.draft.body) == squeeze(other.draft.body)


def _numbered(findings: Sequence[Finding], taken: Collection[str]) -> tuple[Finding, ...]:
    """Let each of them have a fingerprint of its own."""
    given = set(taken)
    seen: Counter[str] = Counter()
    numbered = []
    for finding in findings:
        if finding.told_as is not None:
            numbered.append(finding)
            continue
        key = replace(finding, ordinal=0).fingerprint
        named = (replace(finding, ordinal=ordinal) for ordinal in count(seen[key]))
        own = next(one for one in named if one.fingerprint not in given)
        seen[key] = own.ordinal + 1
        given.add(own.fingerprint)
        numbered.append(own)
    return tuple(numbered)


def _severe(findings: Sequence[Finding], limits: Limits) -> Filtered:
    keep = [finding.draft.severity.at_least(limits.min_severity) for finding in findings]
    return _keep(findings, keep, DropReason.BELOW_SEVERITY)


def _foremost(findings: Sequence[Finding], limits: Limits) -> Filtered:
    if limits.max_comments is None:
        return Filtered(tuple(findings), ())
    best = sorted(range(len(findings)), key=lambda i: (_rank(findings[i]), i))[: limits.max_comments]
    chosen = set(best)
    return _keep(findings, [index in chosen for index in range(len(findings))], DropReason.OVER_MAX_COMMENTS)


def _rank(finding: Finding) -> tuple[int, float, bool]:
    """The worst and surest first; what is there comes before what is gone."""
    return finding.draft.severity.rank, -finding.draft.confidence, finding.anchor.side is Side.OLD


def _keep(findings: Sequence[Finding], keep: Sequence[bool], reason: DropReason) -> Filtered:
    pairs = list(zip(findings, keep, strict=True))
    dropped = tuple(Dropped("filter", reason, finding.draft, finding) for finding, stays in pairs if not stays)
    return Filtered(tuple(finding for finding, stays in pairs if stays), dropped)
