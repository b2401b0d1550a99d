"""Results in words. Alone knows how the tables look."""

from collections import Counter
from collections.abc import Iterable, Sequence
from decimal import Decimal

from evaluation.bootstrap import LEAST, Interval, Sample, draws, interval, ratio
from evaluation.figures import FIGURES, NOISE, ON_THE_LINE, PRICE, WITHIN, Figure, counted, groups
from evaluation.results import Results
from evaluation.score import Counts

NONE = "–"


def table(results: Results) -> str:
    """All figures of a run with their intervals, in Markdown that reads as it stands."""
    counts = counted(results)
    if not counts:
        return "no change was reviewed\n"
    parts = [_head(results, counts.values()), _all(results, list(counts.values()))]
    for kind, members in groups(results.subjects, counts).items():
        chosen = {name: [counts[change] for change in changes] for name, changes in sorted(members.items())}
        parts += [_grouped(kind, chosen, figures) for figures in (ON_THE_LINE[:3], WITHIN[:3], NOISE)]
    return "\n".join([*parts, *_troubles(results)])


def _head(results: Results, counts: Iterable[Counts]) -> str:
    reviewed = list(counts)
    truths, clean = (round(sum(part)) for part in zip(*((one.truths, one.clean) for one in reviewed), strict=True))
    settings = ", ".join(f"{name} = {value}" for name, value in results.settings.items()) or "the defaults"
    rows = [
        f"{results.model} with {settings}",
        f"{len(reviewed):,} changes with {truths:,} defects, {clean:,} of them clean; {_made(results)}",
        *_short_of(results),
        f"in all: {_total(results)}",
        f"in brackets: 95 % intervals, by drawing the changes again, where there are {LEAST} or more",
        "by luck: what as many and as long comments on random changed lines would have found",
    ]
    return "\n".join(rows) + "\n"


def _made(results: Results) -> str:
    return f"{len(results.outcomes):,} reviews with {len(results.seeds):,} seeds"


def _short_of(results: Results) -> list[str]:
    """What there is to say of reviews that are missing or incomplete."""
    missing, broken = results.planned - len(results.outcomes), sum(bool(one.trouble) for one in results.outcomes)
    rows = []
    if missing:
        rows.append(f"ENDED EARLY: {missing:,} of {results.planned:,} reviews were not made and count nowhere")
    if broken:
        rows.append(f"INCOMPLETE: {broken:,} reviews; what they missed counts as missed, and their names stand below")
    return rows


def _total(results: Results) -> str:
    tokens = [sum(one.input_tokens for one in results.outcomes), sum(one.output_tokens for one in results.outcomes)]
    seconds = sum(one.seconds for one in results.outcomes)
    return f"{tokens[0]:,} tokens in, {tokens[1]:,} out, {_price(results)}, {seconds / 60:,.1f} minutes"


def _price(results: Results) -> str:
    costs = [one.cost for one in results.outcomes if one.requests]
    if not all(cost is not None for cost in costs):
        return "price not known"
    currency = next((one.currency for one in results.outcomes if one.currency), "")
    total = sum((cost for cost in costs if cost is not None), start=Decimal())
    return f"{total.normalize():f} {currency}".strip()


def _all(results: Results, counts: Sequence[Counts]) -> str:
    samples = draws(len(counts))
    unpriced = _price(results) == "price not known"
    rows = [
        [figure.name, *_cells(figure, counts, samples), _by_luck(figure, counts)]
        for figure in FIGURES
        if not (unpriced and figure is PRICE)
    ]
    return grid(["", "all", "95 % interval", "by luck"], rows)


def _cells(figure: Figure, counts: Sequence[Counts], samples: Sequence[Sample]) -> tuple[str, str]:
    """A figure and its interval."""
    tops, bottoms = list(map(figure.top, counts)), list(map(figure.bottom, counts))
    value = ratio(tops, bottoms, range(len(counts)))
    around = interval(lambda sample: ratio(tops, bottoms, sample), samples)
    return number(value, figure.digits), span(around, figure.digits)


def _by_luck(figure: Figure, counts: Sequence[Counts]) -> str:
    if figure.luck is None:
        return ""
    value = ratio(list(map(figure.luck, counts)), list(map(figure.bottom, counts)), range(len(counts)))
    return number(value, figure.digits)


def _grouped(kind: str, members: dict[str, list[Counts]], figures: Sequence[Figure]) -> str:
    rows = []
    for name, counts in members.items():
        samples = draws(len(counts))
        cells = [" ".join(filter(None, _cells(figure, counts, samples))) for figure in figures]
        rows.append([name, str(len(counts)), f"{sum(one.truths for one in counts):.0f}", *cells])
    return grid([f"by {kind}", "changes", "defects", *(figure.name for figure in figures)], rows)


def _troubles(results: Results) -> list[str]:
    """Every review that is incomplete, by what went wrong."""
    named: dict[str, Counter[str]] = {}
    for outcome in results.outcomes:
        if outcome.trouble:
            named.setdefault(outcome.trouble, Counter())[outcome.change] += 1
    rows = [
        f"- {trouble}: " + ", ".join(f"{name} ({times}×)" if times > 1 else name for name, times in changes.items())
        for trouble, changes in named.items()
    ]
    return ["Incomplete:\n", *rows, ""] if rows else []


def number(value: float | None, digits: int) -> str:
    """A figure as it is shown."""
    return NONE if value is None else f"{value:,.{digits}f}"


def span(around: Interval | None, digits: int) -> str:
    """An interval as it is shown; nothing where there is none."""
    return f"[{number(around.low, digits)}, {number(around.high, digits)}]" if around else ""


def grid(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """A Markdown table whose columns stand below one another."""
    widths = [max(map(len, column)) for column in zip(head, *rows, strict=True)]
    ruled = [head, ["-" * width for width in widths], *rows]
    lines = ["| " + " | ".join(map(str.ljust, row, widths)) + " |" for row in ruled]
    return "\n".join(lines) + "\n"
