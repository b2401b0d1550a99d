"""What every setting is and where it comes from: `reviewbot config`."""

from decimal import Decimal

from reviewbot import terminal
from reviewbot.effective import Effective
from reviewbot.jsonform import amount
from reviewbot.ports import Route, View
from reviewbot.terminal import Line, Span, flow, visible, words

VERSION = 1


def text(effective: Effective, view: View) -> str:
    """A table of the settings, then who is asked and with which key. No key is shown."""
    heads = [tuple(Span(head, "dim") for head in ("setting", "value", "from"))]
    rows = [
        (Span(setting.name), Span(_said(setting.value), "bold"), Span(visible(setting.origin)))
        for setting in effective.settings
    ]
    lines: list[Line] = [*terminal.table([*heads, *rows]), ()]
    way = effective.way
    lines += flow(words(f"asks {_where(way)}"), width=view.width)
    if effective.check:
        lines += flow(words(f"lets what is found be checked by {_where(effective.check)}"), width=view.width)
    for key in effective.keys:
        state = "set, hidden" if key.set else "not set"
        sent = f", sent to {'an' if effective.check else 'the'} address above" if key.sent else ""
        lines += flow(words(f"{key.variable}: {state}{sent}"), width=view.width)
    return terminal.paint(lines, colour=view.colour)


def data(effective: Effective) -> dict[str, object]:
    """The document that docs/config.schema.json describes."""
    return {
        "version": VERSION,
        "settings": [{"name": s.name, "value": _told(s.value), "origin": s.origin} for s in effective.settings],
        "provider": effective.way.provider,
        "url": effective.way.base_url or None,
        **_verification(effective),
        "keys": [{"variable": k.variable, "set": k.set, "sent": k.sent} for k in effective.keys],
    }


def _where(way: Route) -> str:
    return visible(
        f"{way.provider} at {way.base_url}" if way.base_url else f"{way.provider}, nothing leaves this machine"
    )


def _verification(effective: Effective) -> dict[str, object]:
    """Nothing where no second model is to look."""
    way = effective.check
    return {"verification": {"provider": way.provider, "url": way.base_url or None}} if way else {}


def _told(value: object) -> object:
    return amount(value) if isinstance(value, Decimal) else value


def _said(value: object) -> str:
    if value is None or value == ():
        return "-"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, Decimal):
        return amount(value)
    return visible(", ".join(value) if isinstance(value, tuple) else str(value))
