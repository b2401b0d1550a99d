"""Findings of several passes over one chunk → one list. Alone knows when two passes say the same, and what votes weigh.

A pass asks about the same chunk with another seed and in another order. Two claims of one pass are never one: whoever
saw both told them apart. Places may chain, what is said may not: of a cluster any two speak of the same.
"""

import hashlib
import re
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import chain
from statistics import fmean, median_high

from reviewbot.finding import Anchor, Category, Dropped, DropReason, Finding, Severity, squeeze
from reviewbot.review import Chunk

_WORD = re.compile(r"(?:(?![\u2e80-\uffff])\w)+")
"""A word that may be a name; Chinese prose has no blanks between its words and the names in it."""

_CODE = re.compile(r"`([^`]+)`")
_SHAPE = re.compile(r"[^\W_]_+[^\W_]|[a-z0-9][A-Z]")
"""What no word of prose has inside: an underscore, or a capital behind a small letter."""

_PROSE = """
a an and any are as assert at be break by can case catch class const continue def default del do else end enum except
export extends false final finally for from func function get go has i if import in int interface into is it its let
match may more most new next nil no none not null of on one only or out over package pass private public raise return
select self set static str string struct super switch the then this throw throws to true try type undefined union until
up use using var void was when where which while with
"""
_COMMON = frozenset(_PROSE.split())
"""Words of code that are words of prose too: to share them says nothing."""


@dataclass(frozen=True, slots=True)
class Merged:
    """What several passes come to.

    Attributes:
        findings: one for each cluster, by their places.
        dropped: the claims that one of them stands for.
    """

    findings: tuple[Finding, ...]
    dropped: tuple[Dropped, ...] = ()


@dataclass(frozen=True, slots=True)
class _Said:
    """What is compared of a claim.

    Attributes:
        anchor: where it is.
        category: what it is about.
        title: squeezed.
        lines: of its excerpt, squeezed, without blank ones.
        quoted: the words of those lines.
        words: of its prose, as far as they may be names in code.
        names: those of them that are, by their shape or because it quotes them.
    """

    anchor: Anchor
    category: Category
    title: str
    lines: frozenset[str]
    quoted: frozenset[str]
    words: frozenset[str]
    names: frozenset[str]


@dataclass(frozen=True, slots=True)
class _Claim:
    """A claim, however often and by however many passes it was made in the same words.

    Attributes:
        finding: the claim.
        key: tells it from every other one.
        said: what is compared of it.
        voters: the passes that made it, as rising numbers.
        copies: how often it was made.
    """

    finding: Finding
    key: str
    said: _Said
    voters: tuple[int, ...]
    copies: int


_Cluster = tuple[_Claim, ...]


def varied(chunk: Chunk) -> Chunk:
    """The same chunk with its files and hunks in the order of its pass: for a prompt and nothing else.

    The first pass sees it as it is. Spans, halves and places are those of the chunk in its own order.
    """
    sample = chunk.sample
    if not sample:
        return chunk
    files = [
        file.with_hunks(sorted(file.hunks, key=lambda hunk: _chance(sample, hunk.old_start, hunk.new_start)))
        for file in chunk.files
    ]
    files.sort(key=lambda file: _chance(sample, file.path))
    if tuple(files) == chunk.files:
        # With few of them chance often leaves all where it was.
        files = [file.with_hunks((*file.hunks[1:], *file.hunks[:1])) for file in (*files[1:], *files[:1])]
    return replace(chunk, files=tuple(files))


def _chance(*of: object) -> bytes:
    return hashlib.sha256(repr(of).encode()).digest()


def merge(passes: Sequence[Sequence[Finding]]) -> Merged:
    """Let findings of several passes that say the same be one, whose confidence is their votes.

    Args:
        passes: the findings of each pass over the chunk that was answered, in any order; a pass without findings
            votes too.

    Returns:
        What is told in the order of its places, and every other claim as dropped. A single pass as it is.
    """
    if len(passes) < 2:
        return Merged(tuple(chain.from_iterable(passes)))
    clusters = sorted(
        map(_ranked, _clusters(_claims(passes))), key=lambda cluster: (_place(cluster[0]), cluster[0].key)
    )
    told = [_told(cluster, len(passes)) for cluster in clusters]
    return Merged(tuple(told), tuple(drop for cluster in clusters for drop in _untold(cluster)))


def _claims(passes: Sequence[Sequence[Finding]]) -> list[_Claim]:
    """Every claim once, in an order that is its own."""
    made: defaultdict[Finding, list[int]] = defaultdict(list)
    for number, found in enumerate(passes):
        for finding in found:
            made[finding].append(number)
    claims = [
        _Claim(finding, repr(finding), _said(finding), tuple(sorted({*numbers})), len(numbers))
        for finding, numbers in made.items()
    ]
    return sorted(claims, key=lambda claim: (_place(claim), claim.key))


def _place(claim: _Claim) -> tuple[str, str, int, int]:
    anchor = claim.finding.anchor
    return anchor.path, anchor.side, anchor.start, anchor.end


def _said(finding: Finding) -> _Said:
    draft = finding.draft
    lines = frozenset(filter(None, map(squeeze, finding.excerpt)))
    prose, quoted = f"{draft.title}\n{draft.body}", _words("\n".join(lines))
    words = _words(prose)
    marked = {word for code in _CODE.findall(prose) for word in _words(code)}
    names = frozenset(word for word in words if word in marked or word in quoted or _SHAPE.search(word))
    return _Said(finding.anchor, draft.category, squeeze(draft.title), lines, quoted, words, names)


def _words(text: str) -> frozenset[str]:
    """The words of a text that may be names in code."""
    words = _WORD.findall(text)
    return frozenset(word for word in words if not word[0].isdigit() and word.lower() not in _COMMON)


def _names(one: _Said, other: _Said) -> tuple[frozenset[str], frozenset[str]]:
    """What each of two claims names, of the lines of both too."""
    return one.names | (one.words & other.quoted), other.names | (other.words & one.quoted)


def _near(one: Anchor, other: Anchor) -> bool:
    """Whether two places overlap or touch."""
    gap = max(one.start, other.start) - min(one.end, other.end)
    return one.path == other.path and one.side is other.side and gap <= 1


def _alike(one: _Said, other: _Said) -> bool:
    """Whether two claims speak of the same, as far as their words show."""
    if one.title and one.title == other.title:
        return True
    named, rival = _names(one, other)
    if one.category is other.category and not one.lines.isdisjoint(other.lines):
        # Of one line one may speak of an index and the other of a divisor.
        quoted = one.quoted & other.quoted
        return not named.isdisjoint(rival) or quoted.isdisjoint(named) or quoted.isdisjoint(rival)
    return 2 * len(named & rival) >= len(named | rival) > 0


def _difference(one: _Said, other: _Said) -> tuple[bool, float, bool, bool]:
    """How much two claims that say the same differ, the least first."""
    named, rival = _names(one, other)
    unlike = 1 - len(named & rival) / len(named | rival) if named or rival else 0.5
    return (
        one.title != other.title,
        unlike,
        one.category is not other.category,
        not one.anchor.overlaps(other.anchor),
    )


def _clusters(claims: Sequence[_Claim]) -> list[_Cluster]:
    """Claims that say the same, the most alike joined first; every claim is in one cluster."""
    clusters: dict[int, _Cluster] = {index: (claim,) for index, claim in enumerate(claims)}
    home = [*clusters]
    pairs = sorted((_difference(claims[one].said, claims[other].said), one, other) for one, other in _pairs(claims))
    for _, one, other in pairs:
        here, there = home[one], home[other]
        if here != there and _joinable(clusters[here], clusters[there]):
            moved = clusters.pop(there)
            clusters[here] += moved
            home = [here if place == there else place for place in home]
    return [*clusters.values()]


def _pairs(claims: Sequence[_Claim]) -> Iterator[tuple[int, int]]:
    """The claims that say the same, by their indexes; they are given in the order of their places."""
    for one, claim in enumerate(claims):
        for other in range(one + 1, len(claims)):
            if not _near(claim.said.anchor, claims[other].said.anchor):
                # What follows begins even later.
                break
            if _alike(claim.said, claims[other].said):
                yield one, other


def _joinable(one: _Cluster, other: _Cluster) -> bool:
    """Whether two clusters may be one: no pass made a claim of both, and any two claims speak of the same."""
    apart = {*_voters(one)}.isdisjoint(_voters(other))
    return apart and all(_alike(claim.said, rival.said) for claim in one for rival in other)


def _voters(cluster: _Cluster) -> Iterator[int]:
    return chain.from_iterable(claim.voters for claim in cluster)


def _ranked(cluster: _Cluster) -> _Cluster:
    """The claims of a cluster, the one that is told first: at the place and of the severity that most passes chose."""
    places, categories = Counter[Anchor](), Counter[Category]()
    for claim in cluster:
        places[claim.said.anchor] += len(claim.voters)
        categories[claim.said.category] += len(claim.voters)
    chosen = min(places, key=lambda place: (-places[place], place.end - place.start, place.start))
    middle = _severity(cluster).rank

    def order(claim: _Claim) -> tuple[bool, int, int, bool, int, float, str]:
        draft = claim.finding.draft
        off, usual = abs(draft.severity.rank - middle), -categories[draft.category]
        weight = -len(claim.voters), -draft.confidence
        return claim.said.anchor != chosen, off, usual, draft.suggestion is None, *weight, claim.key

    return tuple(sorted(cluster, key=order))


def _severity(cluster: _Cluster) -> Severity:
    """The middle one of all votes; of two the milder."""
    return list(Severity)[median_high(claim.finding.draft.severity.rank for claim in cluster for _ in claim.voters)]


def _told(cluster: _Cluster, passes: int) -> Finding:
    first = cluster[0].finding
    draft = replace(first.draft, severity=_severity(cluster), confidence=_confidence(cluster, passes))
    return replace(first, draft=draft)


def _confidence(cluster: _Cluster, passes: int) -> float:
    """The share of the votes, with what the model says of itself as one vote more: it only tells equal votes apart."""
    said = [claim.finding.draft.confidence for claim in cluster for _ in claim.voters]
    sure = round((len(said) + fmean(said)) / (passes + 1), 2)
    # A second pass that does not see it makes nobody surer.
    return sure if len(said) > 1 else min(sure, *said)


def _untold(cluster: _Cluster) -> Iterator[Dropped]:
    """Every claim but one that is told."""
    for claim in cluster:
        for _ in range(claim.copies - (claim is cluster[0])):
            yield Dropped("merge", DropReason.MERGED, claim.finding.draft, claim.finding)
