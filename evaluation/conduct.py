"""A run from its first review to its results. Alone knows what is told on the way and what Ctrl-C leaves."""

from contextlib import closing

import click

from evaluation.errors import EvaluationError
from evaluation.results import Outcome, Results, Subject
from evaluation.run import Order, reviews, sampling, subjects
from evaluation.score import NEAR, hits


def conducted(order: Order, seeds: int) -> tuple[Results, bool]:
    """Make every review, and say whether somebody ended it before.

    Args:
        order: what is to be reviewed.
        seeds: how many; a record brings its own.

    Raises:
        EvaluationError: a change cannot be built, or more seeds could not differ.
        ReviewbotError: nobody can be asked.
    """
    wanted = order.replayed.seeds if order.replayed else _seeds(order, seeds)
    known = {subject.name: subject for subject in subjects(order)}
    made: list[Outcome] = []
    model, interrupted = "nobody", False
    with closing(reviews(order, wanted)) as coming:
        try:
            for name, outcome in coming:
                model = name
                made.append(outcome)
                click.echo(_progress(outcome, known[outcome.change], len(made), len(known) * len(wanted)), err=True)
        except KeyboardInterrupt:
            interrupted = True
    return Results(model, order.settings, wanted, tuple(known.values()), tuple(made)), interrupted


def _seeds(order: Order, count: int) -> tuple[int, ...]:
    """The seeds of a run, from the product's own on."""
    own = sampling(order)
    if count > 1 and own.temperature == 0:
        raise EvaluationError(f"at temperature 0 all {count} seeds give the same answers: add --temperature 0.2")
    # What is asked or sampled again takes the seeds right behind the first.
    return tuple(range(own.seed, own.seed + 1_000 * count, 1_000))


def _progress(outcome: Outcome, subject: Subject, number: int, total: int) -> str:
    found = hits([comment.anchor for comment in outcome.comments], subject.truths, tolerance=NEAR)
    truths = f"{found} of {len(subject.truths)} found" if subject.truths else "clean"
    trouble = f", INCOMPLETE: {outcome.trouble}" if outcome.trouble else ""
    said = f"{len(outcome.comments)} comments, {truths}, {outcome.seconds:.1f} s{trouble}"
    return f"{number:>{len(str(total))}}/{total} seed {outcome.seed} {outcome.change}: {said}"
