"""Layout for a terminal: how untrusted text becomes harmless, how it wraps in cells, and how spans become colours.

What a terminal shows is often the log of a build too, so nothing in it is a command to those who read such logs.
"""

import re
from bisect import bisect_left
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from itertools import accumulate, groupby

from reviewbot.finding import Severity

TAB = 4

STYLES = {Severity.ERROR: "bold red", Severity.WARNING: "bold yellow", Severity.INFO: "bold cyan"}

_BYTE = range(0xDC80, 0xDD00)
# Controls, surrogates, and everything that Unicode calls "default ignorable" or a format character: it acts, hides, or
# bends what stands beside it.
_UNSEEN = re.compile(
    "[\x00-\x1f\x7f-\x9f\xad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u2028-\u202e\u2060-\u206f"
    "\u3164\ud800-\udfff\ufe00-\ufe0f\ufeff\uffa0\ufff0-\ufffb\U0001bca0-\U0001bca3\U0001d173-\U0001d17a"
    "\U000e0000-\U000e0fff\u0600-\u0605\u06dd\u070f\u0890\u0891\u08e2\U000110bd\U000110cd\U00013430-\U0001343f]"
)
# What the logs of builds obey: `::name::` at the beginning of a line, `##[name]` and `##vso[name]` anywhere.
_COMMAND = re.compile(r"^\s*:(?=:)|##(?=\w*\[)")
_UNSEEN_OR_COMMAND = re.compile(rf"##(?=\w*\[)|(?![\r\n\t]){_UNSEEN.pattern}")
# Scripts without spaces break between any two characters, but a line never starts with a closing mark.
_WIDE = "\u2e80-\ua4cf\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6\U00020000-\U0003fffd"
_OPENERS = "（［｛「『【《〈“‘"
_CLOSERS = "，。、；：？！）］｝」』】》〉”’…"
_PIECE = re.compile(rf"\s+|[{_OPENERS}]*(?:[{_WIDE}]|[^\s{_WIDE}]+)[{_CLOSERS}]*\s*")


@dataclass(frozen=True, slots=True)
class Span:
    """Some text in one style.

    Attributes:
        text: harmless already, see `visible`.
        style: a style as `rich` names it, "" for none.
        whole: True for what is never broken over two lines, as a path that is to be clicked.
    """

    text: str
    style: str = ""
    whole: bool = False


Line = tuple[Span, ...]


def visible(text: str, *, keep: str = "") -> str:
    r"""Text in which every character can be seen.

    A byte that is not text and a control character become `\x1b`, others `<U+202E>`.

    Args:
        text: from anywhere.
        keep: control characters to leave alone.
    """

    def escape(match: re.Match[str]) -> str:
        code = ord(match[0])
        if match[0] in keep:
            return match[0]
        if code in _BYTE:
            return f"\\x{code - 0xDC00:02x}"
        return f"\\x{code:02x}" if code < 0x80 else f"<U+{code:04X}>"

    return _UNSEEN.sub(escape, text)


def harmless_json(document: str) -> str:
    """A JSON document that terminals and logs may show: the same values, and in its strings nothing they obey."""

    def escape(match: re.Match[str]) -> str:
        units = match[0][-1].encode("utf-16-be").hex()
        return match[0][:-1] + "".join(f"\\u{units[at : at + 4]}" for at in range(0, len(units), 4))

    return _UNSEEN_OR_COMMAND.sub(escape, document)


def place(path: str, start: int | None, end: int | None) -> str:
    """A path with the lines that are meant of it, or alone where all of it is."""
    return visible(path) if start is None else f"{visible(path)}:{span(start, end)}"


def span(start: int, end: int | None) -> str:
    """First and last line, or one where they are the same."""
    return f"{start}-{end}" if end != start else str(start)


def short(text: str, most: int) -> str:
    """So many characters of a text, and a sign that there are more."""
    return text if len(text) <= most else f"{text[:most].rstrip()} …"


def one_line(text: str) -> str:
    """Prose as a single line."""
    return " ".join(re.split(r"[ \t\r\n]+", visible(_plain_emoji(text), keep="\t\r\n").strip()))


def words(text: str, style: str = "") -> list[Span]:
    """The pieces of one line of prose between which it may be broken, spaces at their ends."""
    return [Span(piece, style) for piece in _PIECE.findall(text)]


def flow(pieces: Iterable[Span], *, width: int, indent: int = 0, hang: int | None = None) -> Iterator[Line]:
    """Fill lines with pieces.

    Args:
        pieces: spaces stand at their ends.
        width: cells.
        indent: cells before the first line.
        hang: cells before each other line, None: as many.
    """
    from rich.cells import cell_len

    line, column = [Span(" " * indent)], indent
    after = indent if hang is None else hang
    for piece in _small_enough(pieces, width - max(indent, after)):
        if len(line) > 1 and column + cell_len(piece.text.rstrip()) > width:
            yield tuple(line)
            line, column = [Span(" " * after)], after
        line.append(piece)
        column += cell_len(piece.text)
    yield tuple(line)


def prose(text: str, *, width: int, indent: int) -> Iterator[Line]:
    """Paragraphs, with their own line breaks kept and at most one empty line between two."""
    lines = [line.rstrip() for line in visible(_plain_emoji(text).replace("\r\n", "\n"), keep="\t\n").split("\n")]
    body = "\n".join(lines).strip("\n")
    for line in re.sub(r"\n{3,}", "\n\n", body).split("\n") if body else ():
        yield from flow(words(line.expandtabs(TAB)), width=width, indent=indent)


def code(text: str) -> str:
    """One line of code, as wide as it is shown."""
    return visible(text, keep="\t").expandtabs(TAB)


def cut(text: str, *, width: int) -> str:
    """The text, or as much of it as leaves room for an ellipsis."""
    from rich.cells import cell_len

    if cell_len(text) <= width:
        return text
    ends = list(accumulate(map(cell_len, text)))
    return text[: bisect_left(ends, width)] + "…"


def fold(text: str, *, width: int) -> list[str]:
    """The text in parts that fit, nothing left out."""
    from rich.cells import cell_len, chop_cells

    return [text] if cell_len(text) <= width else chop_cells(text, width)


def rule(name: str, note: str, *, width: int) -> Line:
    """The heading of a file."""
    from rich.cells import cell_len

    rest = width - cell_len(name + note) - 4
    return Span("── ", "dim"), Span(name, "bold"), Span(note, "dim"), Span(" " + "─" * rest, "dim")


def listed(parts: Sequence[str]) -> list[Span]:
    """Names with commas between them, none broken."""
    return [*(Span(f"{part}, ", whole=True) for part in parts[:-1]), Span(parts[-1], whole=True)]


def table(rows: Sequence[Line], *, right: Collection[int] = ()) -> Iterator[Line]:
    """Columns two cells apart, each as wide as its widest entry.

    Args:
        rows: each has an entry for every column; the last column is not filled up.
        right: columns that end where the widest entry ends, as numbers do.
    """
    from rich.cells import cell_len

    widths = [max(map(cell_len, (span.text for span in column))) for column in zip(*rows, strict=True)]
    last = len(widths) - 1
    for row in rows:
        line: list[Span] = []
        for place, (span, width) in enumerate(zip(row, widths, strict=True)):
            gap = Span(" " * (width - cell_len(span.text)))
            apart = Span("  " if place < last else "")
            line += [gap, span, apart] if place in right else [span, gap, apart]
        yield tuple(line)


def count(number: int, noun: str) -> str:
    """A number and what it counts."""
    return f"{number:,} {noun}" if number == 1 or noun == "info" else f"{number:,} {noun}s"


def money(amount: Decimal, currency: str) -> str:
    """A price with two decimals, or with two digits that are not nought where it is small."""
    decimals = max(2, 1 - amount.adjusted()) if amount else 2
    said = f"{amount:,.{decimals}f}"
    return f"¥{said}" if currency == "CNY" else f"{said} {currency}".strip()


def paint(lines: Iterable[Line], *, colour: bool) -> str:
    """The lines as text, each with its newline and without spaces at its end."""
    shown = [_inert(_stripped(line)) for line in lines]
    if not colour:
        return "".join("".join(span.text for span in line) + "\n" for line in shown)
    from io import StringIO

    from rich.console import Console
    from rich.text import Text

    out = StringIO()
    console = Console(
        file=out,
        width=80,
        height=25,
        color_system="standard",
        force_terminal=True,
        legacy_windows=False,
        highlight=False,
        markup=False,
        emoji=False,
        no_color=False,
    )
    for line in shown:
        console.print(Text.assemble(*_runs(line)), soft_wrap=True)
    return out.getvalue()


def _plain_emoji(text: str) -> str:
    """Prose without the mark that only asks for a coloured glyph: terminals disagree on its width."""
    return text.replace("\ufe0f", "")


def _small_enough(pieces: Iterable[Span], room: int) -> Iterator[Span]:
    for piece in pieces:
        if piece.whole:
            yield piece
        else:
            yield from (Span(part, piece.style) for part in fold(piece.text, width=room))


def _stripped(line: Line) -> Line:
    spans = list(line)
    while spans and not spans[-1].text.strip():
        spans.pop()
    if spans:
        spans[-1] = Span(spans[-1].text.rstrip(), spans[-1].style)
    return tuple(spans)


def _inert(line: Line) -> Line:
    """A line in which one sign of each command is written as its number."""
    places = {match.end() - 1 for match in _COMMAND.finditer("".join(span.text for span in line))}
    if not places:
        return line
    spans, start = [], 0
    for span in line:
        chars = enumerate(span.text, start)
        text = "".join(f"\\x{ord(char):02x}" if at in places else char for at, char in chars)
        spans.append(replace(span, text=text))
        start += len(span.text)
    return tuple(spans)


def _runs(line: Line) -> Iterator[tuple[str, str]]:
    for style, spans in groupby(line, key=lambda span: span.style):
        yield "".join(span.text for span in spans), style
