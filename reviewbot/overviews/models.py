"""The models that are known: `reviewbot models`."""

from collections.abc import Iterator
from decimal import Decimal

from reviewbot import defaults, terminal
from reviewbot.catalogue import Catalogue, Model, Tier
from reviewbot.jsonform import amount
from reviewbot.ports import View
from reviewbot.terminal import Line, Span, flow, listed, words

VERSION = 1


def text(catalogue: Catalogue, view: View) -> str:
    """A table, a line for each price; other names and notes stand below their model."""
    heads = ("model", "provider", "takes", "answers", "price of 1,000 tokens in / out")
    rows = [tuple(Span(head, "dim") for head in heads)]
    below: list[list[Line]] = [[]]
    for model in catalogue.models:
        first, *others = _prices(model)
        name = Span(model.name, "bold" if model.name == defaults.MODEL else "")
        limits = (Span(f"{model.max_input:,}"), Span(f"{model.max_output:,}"))
        rows.append((name, Span(model.provider, "dim"), *limits, Span(first)))
        rows += [(Span(""), Span(""), Span(""), Span(""), Span(other)) for other in others]
        below += [*([] for _ in others), list(_below(model, view.width))]
    lines: list[Line] = []
    for row, more in zip(terminal.table(rows, right={2, 3}), below, strict=True):
        lines += [row, *more]
    last = "takes and answers are tokens; any other model of an endpoint works too, with --base-url"
    return terminal.paint([*lines, (), *flow(words(last, "dim"), width=view.width)], colour=view.colour)


def data(catalogue: Catalogue) -> dict[str, object]:
    """The document that docs/models.schema.json describes."""
    return {"version": VERSION, "models": [_row(model) for model in catalogue.models]}


def _below(model: Model, width: int) -> Iterator[Line]:
    if model.aliases:
        yield from flow([Span("also "), *listed(model.aliases)], width=width, indent=2, hang=7)
    if model.name == defaults.MODEL:
        yield from flow(words("the default"), width=width, indent=2)
    if model.note:
        yield from flow(words(model.note), width=width, indent=2)


def _prices(model: Model) -> list[str]:
    if not model.price:
        return ["not known"]
    return [_tier(tier, model.currency or "") for tier in model.price]


def _tier(tier: Tier, currency: str) -> str:
    until = f"  up to {tier.up_to:,} in" if tier.up_to else ""
    return f"{_plain(tier.input, currency)} / {_plain(tier.output, currency)}{until}"


def _plain(price: Decimal, currency: str) -> str:
    said = f"{price.normalize():f}"
    return f"¥{said}" if currency == "CNY" else f"{said} {currency}"


def _row(model: Model) -> dict[str, object]:
    return {
        "name": model.name,
        "aliases": model.aliases,
        "default": model.name == defaults.MODEL,
        "provider": model.provider,
        "context": model.context,
        "max_input": model.max_input,
        "max_output": model.max_output,
        "vocabulary": model.vocabulary,
        "price": [
            {"up_to": tier.up_to, "input": amount(tier.input), "output": amount(tier.output)} for tier in model.price
        ],
        "currency": model.currency,
        "note": model.note,
    }
