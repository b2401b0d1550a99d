"""What the code beside the diffs of a suite shows, in words. Alone knows how that table looks."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from statistics import fmean

from evaluation import evidence
from evaluation.bootstrap import LEAST, draws, interval, ratio
from evaluation.errors import EvaluationError
from evaluation.evidence import Sight, View
from evaluation.figures import groups
from evaluation.report import grid, number, span
from evaluation.results import Subject
from evaluation.run import Order, subjects
from reviewbot import catalogue
from reviewbot.aside import AsideReason
from reviewbot.routing import route

SHARES = (0.0, 0.5, 1.0, 2.0, 4.0)
"""Of the diff's tokens, what is measured where nobody says otherwise."""


def measured(order: Order, shares: Iterable[float]) -> str:
    """Plan every change with every share, and say what the prompts show.

    Args:
        order: which changes, and how a review is made beside the shares.
        shares: what is allowed beside the diff for each of its tokens; 0 is always measured too.

    Raises:
        EvaluationError: a change cannot be built, or the share is set in another way.
        ReviewbotError: the product cannot plan one.
    """
    if "context" in order.settings:
        raise EvaluationError("context is what is measured: name its shares with --share")
    model = route(order.chosen.invocation, order.chosen.policy, catalogue.load()).model.name
    settings = ", ".join(f"{name} = {value}" for name, value in order.settings.items()) or "the defaults"
    known = subjects(order)
    return table(f"{model} with {settings}", known, list(evidence.views(order, sorted({0.0, *shares}))))


def table(what: str, known: Sequence[Subject], seen: Iterable[View]) -> str:
    """All figures, in Markdown that reads as it stands.

    Args:
        what: was planned, and how.
        known: the changes.
        seen: of each change and each share; the changes in the same order for every share.
    """
    by_share: dict[float, list[View]] = {}
    for view in seen:
        by_share.setdefault(view.share, []).append(view)
    told = {share: [view for view in views if view.seen] for share, views in by_share.items()}
    pieces = [len(view.seen) for view in next(iter(told.values()))]
    rows = [
        what,
        f"{len(known):,} changes; one has to see {sum(pieces):,} pieces of evidence beside {len(pieces):,} diffs",
        f"in brackets: 95 % intervals, by drawing the changes again, where there are {LEAST} or more",
    ]
    tables = [_shown(told), _spent(by_share), *_grouped(known, told), *_reasoned(by_share), *_named(told)]
    return "\n".join(["\n".join(rows) + "\n", *tables])


def _shown(told: Mapping[float, Sequence[View]]) -> str:
    """How much of the evidence stands in the prompts."""
    rows = []
    for share, views in told.items():
        counts = [str(sum(_count(view, sight) for view in views)) for sight in Sight]
        complete = sum(view.whole for view in views)
        rows.append([_name(share), *counts, _whole(views), str(complete), _cell(views, lambda view: view.whole)])
    return grid(["share", *Sight, "whole of all", "changes with all", "of all changes"], rows)


def _spent(by_share: Mapping[float, Sequence[View]]) -> str:
    """What it takes, of all changes."""
    rows = []
    bare = sum(view.seconds for view in by_share[0.0])
    for share, views in by_share.items():
        beside = [_beside(view, *AsideReason) for view in views]
        seconds = sum(view.seconds for view in views)
        cells = [_cell(views, lambda view: _beside(view, *AsideReason)), number(max(beside), 3)]
        rows.append([_name(share), *cells, number(seconds, 2), number(ratio([seconds], [bare], [0]), 1)])
    head = ["share", "tokens beside one of the diff", "largest", "seconds until asked", "times those of share 0"]
    return grid(head, rows)


def _grouped(known: Sequence[Subject], told: Mapping[float, Sequence[View]]) -> list[str]:
    """How much of the evidence stands whole, by what the changes are like."""
    by_name = {share: {view.change: view for view in views} for share, views in told.items()}
    names = [_name(share) for share in told]
    tables = []
    for kind, members in groups(known, next(iter(by_name.values()))).items():
        rows = []
        for name, changes in sorted(members.items()):
            views = [[of_share[change] for change in changes] for of_share in by_name.values()]
            rows.append([name, str(len(changes)), str(sum(len(one.seen) for one in views[0])), *map(_whole, views)])
        tables.append(grid([f"whole, by {kind}", "changes", "evidence", *names], rows))
    return tables


def _reasoned(by_share: Mapping[float, Sequence[View]]) -> list[str]:
    """What is shown for each reason, and what that takes."""
    names = list(map(_name, by_share))
    pieces = [[reason, *(str(_because(views, reason)) for views in by_share.values())] for reason in AsideReason]
    tokens = [
        [reason, *(number(fmean(_beside(view, reason) for view in views), 3) for views in by_share.values())]
        for reason in AsideReason
    ]
    return [
        grid(["whole, by reason", *names], pieces),
        grid(["tokens beside one of the diff, by reason", *names], tokens),
    ]


def _named(told: Mapping[float, Sequence[View]]) -> list[str]:
    """Each piece of evidence, with what each share shows of it."""
    rows: dict[str, list[str]] = {}
    for views in told.values():
        for view in views:
            for seen in view.seen:
                anchor = seen.anchor
                rows.setdefault(f"{view.change} {anchor.path}:{anchor.start}", []).append(seen.sight)
    return [grid(["evidence", *map(_name, told)], [[name, *sights] for name, sights in rows.items()])] if rows else []


def _because(views: Iterable[View], reason: AsideReason) -> int:
    return sum(seen.sight is Sight.WHOLE and reason in seen.reasons for view in views for seen in view.seen)


def _count(view: View, sight: Sight) -> int:
    return sum(seen.sight is sight for seen in view.seen)


def _beside(view: View, *reasons: AsideReason) -> float:
    """Tokens beside each token of the diff; none where there is no diff to ask about."""
    return sum(view.beside[reason] for reason in reasons) / view.diff if view.diff else 0.0


def _whole(views: Sequence[View]) -> str:
    """The share of the evidence that stands whole."""
    return _cell(views, lambda view: _count(view, Sight.WHOLE), lambda view: len(view.seen))


def _cell(views: Sequence[View], top: Callable[[View], float], bottom: Callable[[View], float] = lambda _: 1) -> str:
    """A figure with its interval."""
    tops, bottoms = list(map(top, views)), list(map(bottom, views))
    around = interval(lambda sample: ratio(tops, bottoms, sample), draws(len(views)))
    return f"{number(ratio(tops, bottoms, range(len(views))), 3)} {span(around, 3)}".rstrip()


def _name(share: float) -> str:
    return f"{share:g}"
