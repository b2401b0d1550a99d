"""The figures of an evaluation, each a sum over changes divided by another one."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from evaluation.chance import luck
from evaluation.results import Outcome, Results, Subject
from evaluation.score import EXACT, NEAR, Counts, hits, mean

Part = Callable[[Counts], float]


@dataclass(frozen=True, slots=True)
class Figure:
    """One number of the table: the sum of `top` over all changes, divided by that of `bottom`.

    Attributes:
        name: for people.
        top: what of a change is counted.
        bottom: what it is counted against.
        digits: after the point.
        luck: what `top` is where comments stand by lot, None: luck has no part in it.
    """

    name: str
    top: Part
    bottom: Part
    digits: int = 3
    luck: Part | None = None


def _quality(words: str, found: Part, by_luck: Part) -> tuple[Figure, ...]:
    def both(counts: Counts) -> float:
        # F1 is twice the hits against comments and truths together: the harmonic mean of the two, in one fraction.
        return (counts.comments + counts.truths) / 2

    return (
        Figure(f"precision, {words}", found, lambda counts: counts.comments, luck=by_luck),
        Figure(f"recall, {words}", found, lambda counts: counts.truths, luck=by_luck),
        Figure(f"F1, {words}", found, both, luck=by_luck),
        Figure(
            f"recall above luck, {words}",
            lambda counts: found(counts) - by_luck(counts),
            lambda counts: counts.truths,
        ),
    )


ON_THE_LINE = _quality("on the line", lambda counts: counts.hits_exact, lambda counts: counts.luck_exact)
WITHIN = _quality(f"within {NEAR} lines", lambda counts: counts.hits_near, lambda counts: counts.luck_near)

NOISE = (
    Figure("comments per 100 changed lines", lambda counts: 100 * counts.comments, lambda counts: counts.lines, 1),
    Figure("comments per clean change", lambda counts: counts.alarms, lambda counts: counts.clean, 2),
    Figure("share of clean changes with a comment", lambda counts: counts.alarmed, lambda counts: counts.clean),
)

PRICE = Figure("price of a change", lambda counts: counts.cost, lambda counts: counts.reviews, 5)

EFFORT = (
    Figure("input tokens of a change", lambda counts: counts.input_tokens, lambda counts: counts.reviews, 0),
    Figure("output tokens of a change", lambda counts: counts.output_tokens, lambda counts: counts.reviews, 0),
    PRICE,
    Figure("seconds of a change", lambda counts: counts.seconds, lambda counts: counts.reviews, 1),
)

FIGURES = (*ON_THE_LINE, *WITHIN, *NOISE, *EFFORT)


def counted(results: Results) -> dict[str, Counts]:
    """What is counted of every change that was reviewed, by its name. A change's seeds are one: their mean."""
    made: dict[str, list[Outcome]] = {}
    for outcome in results.outcomes:
        made.setdefault(outcome.change, []).append(outcome)
    return {
        subject.name: mean(_counts(outcome, subject) for outcome in made[subject.name])
        for subject in results.subjects
        if subject.name in made
    }


def _counts(outcome: Outcome, subject: Subject) -> Counts:
    anchors = tuple(comment.anchor for comment in outcome.comments)
    by_luck = luck(anchors, subject, key=f"{subject.name} {outcome.seed}")
    return Counts(
        reviews=1,
        truths=len(subject.truths),
        lines=subject.lines,
        comments=len(anchors),
        hits_exact=hits(anchors, subject.truths, tolerance=EXACT),
        hits_near=hits(anchors, subject.truths, tolerance=NEAR),
        luck_exact=by_luck[0],
        luck_near=by_luck[1],
        clean=subject.clean,
        alarms=len(anchors) * subject.clean,
        alarmed=bool(anchors) and subject.clean,
        input_tokens=outcome.input_tokens,
        output_tokens=outcome.output_tokens,
        cost=float(outcome.cost or 0),
        seconds=outcome.seconds,
    )


def groups(subjects: Iterable[Subject], names: Mapping[str, object]) -> dict[str, dict[str, list[str]]]:
    """The names of the changes of each language, and of each need: by kind of group and by group.

    Args:
        subjects: the changes.
        names: of those that count.
    """
    found: dict[str, dict[str, list[str]]] = {"language": {}, "needs": {}}
    for subject in subjects:
        if subject.name in names:
            found["language"].setdefault(subject.language, []).append(subject.name)
            found["needs"].setdefault(subject.needs, []).append(subject.name)
    return found
