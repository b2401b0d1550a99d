"""Two runs side by side. Alone knows which differences may be called shown."""

from evaluation.bootstrap import Interval, Sample, draws, interval, ratio
from evaluation.errors import EvaluationError
from evaluation.figures import FIGURES, Figure, counted
from evaluation.report import NONE, grid, number, span
from evaluation.results import Results
from evaluation.score import Counts

Pairs = list[tuple[Counts, Counts]]


def table(first: Results, second: Results) -> str:
    """The paired difference of every figure, second less first, with its interval, and what the interval says.

    Raises:
        EvaluationError: the runs share no change.
    """
    ones, others = counted(first), counted(second)
    same = {subject.name for subject in first.subjects} & _alike(first, second)
    shared = [name for name in ones if name in others and name in same]
    if not shared:
        raise EvaluationError("the two runs share no change: nothing can be compared")
    pairs = [(ones[name], others[name]) for name in shared]
    rows = [[figure.name, *_cells(figure, pairs)] for figure in FIGURES]
    left_out = sorted({*ones, *others} - {*shared})
    parts = [
        f"A: {_told(first)}\nB: {_told(second)}\n{len(shared):,} changes in both, paired\n",
        grid(["", "A", "B", "B less A", "95 % interval", "what it says"], rows),
    ]
    if left_out:
        parts.append(f"Left out, since only one run has them or their truths differ: {', '.join(left_out)}\n")
    return "\n".join(parts)


def _alike(first: Results, second: Results) -> set[str]:
    """The names of the changes that are the same in both runs."""
    known = {subject.name: subject for subject in first.subjects}
    return {subject.name for subject in second.subjects if known.get(subject.name) == subject}


def _told(results: Results) -> str:
    settings = ", ".join(f"{name} = {value}" for name, value in results.settings.items()) or "the defaults"
    broken = sum(bool(outcome.trouble) for outcome in results.outcomes)
    made = f"{len(results.outcomes):,} of {results.planned:,} reviews made, {broken:,} of them incomplete"
    return f"{results.model} with {settings}; {len(results.seeds):,} seeds; {made}"


def _cells(figure: Figure, pairs: Pairs) -> tuple[str, str, str, str, str]:
    sides = [[pair[0] for pair in pairs], [pair[1] for pair in pairs]]
    parts = [(list(map(figure.top, side)), list(map(figure.bottom, side))) for side in sides]

    def difference(sample: Sample) -> float | None:
        low, high = (ratio(*part, sample) for part in parts)
        return None if low is None or high is None else high - low

    every = range(len(pairs))
    low, high = (number(ratio(*part, every), figure.digits) for part in parts)
    value, around = difference(every), interval(difference, draws(len(pairs)))
    told = number(value, figure.digits)
    signed = f"+{told}" if value is not None and value > 0 else told
    return low, high, signed, span(around, figure.digits), verdict(around)


def verdict(around: Interval | None) -> str:
    """What an interval of a difference says, in words."""
    if around is None:
        return NONE
    if around.low == around.high == 0:
        return "no difference in any change"
    if around.holds(0):
        return "contains 0: no difference is shown"
    return "higher in B" if around.low > 0 else "lower in B"
