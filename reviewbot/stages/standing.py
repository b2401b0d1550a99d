"""What an earlier review told, found again in this one. Alone knows when two findings of two reviews are the same.

That is the same file, through renames, the same category, and a line in common that says something. Where several could
be the same, each is one other at most: the one that has most in common, then the nearest. No model is asked.
"""

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Collection, Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from reviewbot.diff import Side
from reviewbot.finding import Anchor, Category, Dropped, DropReason, Finding, State
from reviewbot.likeness import Look, kind, likeness, looks, says
from reviewbot.memory import Fate, Known, Part
from reviewbot.review import Change, Skipped, SkipReason
from reviewbot.whereabouts import Whereabouts, bare

_SILENT = {Fate.DISMISSED: DropReason.DISMISSED, Fate.BASELINE: DropReason.BASELINE}
_STRENGTH = (Fate.OPEN, Fate.BASELINE, Fate.DISMISSED)


@dataclass(frozen=True, slots=True)
class Stood:
    """What becomes of findings where earlier reviews told some of them.

    Attributes:
        certain: of those found without a model, those that count.
        claimed: of those a model claims, those that count; and what was told before and still stands.
        dropped: what somebody dismissed, or a baseline holds.
        gone: what was told, and whose code has changed.
        held: what was told, and of which this review cannot say what became of it.
    """

    certain: tuple[Finding, ...]
    claimed: tuple[Finding, ...]
    dropped: tuple[Dropped, ...] = ()
    gone: tuple[Known, ...] = ()
    held: tuple[Known, ...] = ()


def standing(
    certain: Sequence[Finding],
    claimed: Sequence[Finding],
    known: Iterable[Known],
    *,
    change: Change,
    skipped: Iterable[Skipped],
    parts: Iterable[Part] = (),
    reviewed: Collection[str] = (),
) -> Stood:
    """Tell what is new from what was told before.

    Args:
        certain: found without a model.
        claimed: by a model.
        known: what earlier reviews told; of those with one fingerprint the one that silences counts.
        change: all of it.
        skipped: what of it was not reviewed.
        parts: the hunks that are worth looking at.
        reviewed: digests of those that earlier reviews looked at. What was told of another hunk is not found there.

    Returns:
        Each open finding in exactly one place, and the others where the change still has them.
    """
    living = _living(known)
    if not living:
        return Stood(tuple(certain), tuple(claimed))
    where = Whereabouts(change.files, parts, frozenset(reviewed))
    found = (*certain, *claimed)
    places = _placed(living, where)
    pairs = _paired(found, living, where, places)
    met = [_met(one, living[pairs[at]], places.get(pairs[at])) if at in pairs else one for at, one in enumerate(found)]
    left = [at for at in range(len(living)) if at not in {*pairs.values()}]
    rest = _left(left, living, places, where, {skip.path for skip in skipped if _unseen(skip)})
    sure, said = met[: len(certain)], met[len(certain) :]
    return Stood(
        tuple(one for one in sure if isinstance(one, Finding)),
        (*(one for one in said if isinstance(one, Finding)), *rest.claimed),
        (*(one for one in met if isinstance(one, Dropped)), *rest.dropped),
        rest.gone,
        rest.held,
    )


def _living(known: Iterable[Known]) -> list[Known]:
    """What may be found again, in an order of its own."""
    told: dict[str, Known] = {}
    for one in known:
        other = told.get(one.finding.fingerprint, one)
        if one.fate is not Fate.GONE:
            strongest = max(other, one, key=_strength)
            # A baseline holds no prose.
            wordy = other if other.finding.draft.body else one
            told[one.finding.fingerprint] = replace(strongest, finding=wordy.finding)
    return sorted(told.values(), key=lambda one: (*_where(one.finding), one.finding.fingerprint))


def _strength(known: Known) -> int:
    return _STRENGTH.index(known.fate)


def _where(finding: Finding) -> tuple[str, Side, int, int]:
    return finding.anchor.path, finding.anchor.side, finding.anchor.start, finding.anchor.end


def _unseen(skip: Skipped) -> bool:
    """Whether something of a file is not known; where no line changed, nothing is left to know."""
    return not skip.before and skip.reason is not SkipReason.NO_CHANGED_LINES


def _met(finding: Finding, known: Known, place: Finding | None) -> Finding | Dropped:
    """A finding as it stands beside what is known of it."""
    # While its lines stand, other words about them are no news.
    near = place and place.anchor.overlaps(finding.anchor)
    now = place if place and near and known.fate is Fate.OPEN else finding
    again = replace(now, state=State.STANDING, told_as=known.finding.fingerprint)
    if known.fate is Fate.OPEN:
        return again
    return Dropped("standing", _SILENT[known.fate], again.draft, again, ": ".join(filter(None, (known.by, known.why))))


def _left(
    left: Iterable[int],
    known: Sequence[Known],
    places: Mapping[int, Finding],
    where: Whereabouts,
    unseen: Collection[str],
) -> Stood:
    """What becomes of that which nobody told again."""
    claimed: list[Finding] = []
    dropped: list[Dropped] = []
    gone: list[Known] = []
    held: list[Known] = []
    for at in left:
        one = known[at]
        again = _met(places[at], one, places[at]) if at in places else None
        if isinstance(again, Finding):
            claimed.append(again)
        elif again:
            dropped.append(again)
        elif one.fate is Fate.OPEN:
            (held if _may_be_in(where.home(one.finding.anchor), where, unseen) else gone).append(one)
    return Stood((), tuple(claimed), tuple(dropped), tuple(gone), tuple(held))


def _may_be_in(home: str | None, where: Whereabouts, unseen: Collection[str]) -> bool:
    """Whether a finding may stand where nobody looked: in its file, or in one that the change adds in its place."""
    return home in unseen if home else not where.added.isdisjoint(unseen)


_Spot = tuple[Category, str, Side, int, tuple[str, ...]]


def _spot(finding: Finding) -> _Spot:
    anchor = finding.anchor
    return finding.draft.category, anchor.path, anchor.side, anchor.start, bare(finding.excerpt)


def _paired(
    found: Sequence[Finding], known: Sequence[Known], where: Whereabouts, places: Mapping[int, Finding]
) -> dict[int, int]:
    """Which known finding each found one is, by their indexes; each is one at most."""
    homes = [where.home(one.finding.anchor) for one in known]
    told = looks([(one.finding, home) for one, home in zip(known, homes, strict=True)])
    by_trait: defaultdict[Hashable, list[int]] = defaultdict(list)
    for at, look in enumerate(told):
        for trait in look.traits:
            by_trait[homes[at], kind(known[at].finding), trait].append(at)
    order = sorted(range(len(found)), key=lambda at: (*_where(found[at]), repr(found[at].draft)))
    seen = looks([(found[number], found[number].anchor.path) for number in order])
    candidates = []
    for rank, (number, look) in enumerate(zip(order, seen, strict=True)):
        one = found[number]
        path = one.anchor.path
        near = {(path, kind(one), trait) for trait in look.traits}
        far = {(None, kind(one), trait) for trait in look.telling} if path in where.added else set()
        for at in {at for key in near | far for at in by_trait.get(key, ())}:
            if not _answers(one, look, known[at], told[at], places.get(at)):
                continue
            alike = likeness(one, look, known[at].finding, told[at])
            # Of a file that is no more in the change another one has to have all the lines.
            if alike and not (homes[at] is None and alike[0]) and where.allows(known[at].part, one.anchor):
                candidates.append((alike, rank, at, number))
    return _each_once((number, at) for _, _, at, number in sorted(candidates))


def _answers(one: Finding, look: Look, known: Known, told: Look, place: Finding | None) -> bool:
    """Whether a claim says no more than what is known.

    Where the known lines still stand, a claim of others is another one, and so is a worse one. What silences does so
    for what it was about, and for nothing worse.
    """
    where = known.finding.anchor
    # The cheapest question first: there may be millions of pairs.
    there = one.anchor.start == where.start and one.anchor.side is where.side and look.lines == told.lines
    if place and not (there or place.anchor.overlaps(one.anchor)):
        return False
    no_worse = known.finding.draft.severity.at_least(one.draft.severity)
    if place and not no_worse:
        return False
    return known.fate is Fate.OPEN or (no_worse and look.telling <= told.telling)


def _each_once(pairs: Iterable[tuple[int, int]]) -> dict[int, int]:
    """Of pairs, the better ones first, those whose both ends are still free."""
    chosen: dict[int, int] = {}
    taken: set[int] = set()
    for one, other in pairs:
        if one not in chosen and other not in taken:
            chosen[one] = other
            taken.add(other)
    return chosen


def _placed(known: Sequence[Known], where: Whereabouts) -> dict[int, Finding]:
    """Known findings where their lines stand now, by their indexes, each at a place that no other has."""
    used: set[_Spot] = set()
    alike: defaultdict[tuple[bool, _Spot, str], list[int]] = defaultdict(list)
    for at, one in enumerate(known):
        category, _, side, _, lines = _spot(one.finding)
        if category is Category.SECRET:
            # Whatever stands there is found again; where it is not, something else stands in its place.
            continue
        home, part = where.home(one.finding.anchor), where.hunk(one.part)
        for path in [home] if home and lines else sorted(where.added) if any(map(says, lines)) else []:
            alike[not where.holds(part), (category, path, side, 0, lines), part].append(at)
    places: dict[int, Finding] = {}
    # What still has its hunk cannot be anywhere else, so it comes first.
    for (_, (category, path, side, _, lines), part), members in sorted(alike.items()):
        runs = {run[0].number(side) or 0: run for run in where.runs(path, side, lines, part=part)}
        free = sorted(start for start in runs if (category, path, side, start, lines) not in used)
        left = sorted((known[at].finding.anchor.start, at) for at in members if at not in places)
        for number, place in _nearest([start for start, _ in left], free).items():
            start, at = free[place], left[number][1]
            used.add((category, path, side, start, lines))
            anchor = Anchor(path, side, start, start + len(lines) - 1, where.old_path(path))
            places[at] = _moved(known[at].finding, anchor, [line.text for line in runs[start]])
    return places


def _moved(told: Finding, anchor: Anchor, lines: Iterable[str]) -> Finding:
    """A finding at another place. What replaced the old lines does not fit those that only read the same."""
    excerpt = tuple(lines)
    draft = told.draft if excerpt == told.excerpt else replace(told.draft, suggestion=None)
    return replace(told, anchor=anchor, excerpt=excerpt, draft=draft)


def _nearest(wanted: Sequence[int], present: Sequence[int]) -> dict[int, int]:
    """Which of the present numbers each wanted one is, by their indexes; both rise."""
    if len(wanted) == len(present):
        # All of them moved, and did so in their order.
        return dict(enumerate(range(len(present))))
    gaps = []
    for one, number in enumerate(wanted):
        at, most = bisect_left(present, number), len(wanted)
        # Those further away are not needed: the others cannot have taken all between.
        gaps += [(abs(present[i] - number), one, i) for i in range(max(0, at - most), min(len(present), at + most))]
    chosen = _each_once((one, i) for _, one, i in sorted(gaps))
    return dict(zip(sorted(chosen), sorted(chosen.values()), strict=True))
