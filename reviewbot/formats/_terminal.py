"""Layout for a terminal: how untrusted text becomes harmless, how it wraps in cells, and how spans become colours."""

import re
from bisect import bisect_left
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from difflib import SequenceMatcher
from itertools import accumulate, groupby

from reviewbot.diff import Hunk
from reviewbot.finding import Finding

MOST_ROWS = 8
ROWS_BEFORE_GAP = 4
TAB = 4

_BYTE = range(0xDC80, 0xDD00)
# Controls, surrogates and everything that Unicode calls "default ignorable": it acts, or hides, but is not seen.
_UNSEEN = re.compile(
    "[\x00-\x1f\x7f-\x9f\xad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u2028-\u202e\u2060-\u206f"
    "\u3164\ud800-\udfff\ufe00-\ufe0f\ufeff\uffa0\ufff0-\ufffb\U0001bca0-\U0001bca3\U0001d173-\U0001d17a"
    "\U000e0000-\U000e0fff]"
)
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


@dataclass(frozen=True, slots=True)
class Row:
    r"""One line of code beside its number.

    Attributes:
        number: None where the line does not exist on the side shown.
        sign: what the diff shows it with: a space, `+` or `-`.
        text: as it stands in the file.
        marked: True for a line that is meant, False for one that stands around it.
    """

    number: int | None
    sign: str
    text: str
    marked: bool


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


def rows_around(finding: Finding, hunks: Iterable[Hunk]) -> list[Row]:
    """The anchored lines, marked, and one on each side; only the finding's own lines where no hunk holds them."""
    anchor = finding.anchor
    for hunk in hunks:
        numbers = [line.number(anchor.side) for line in hunk.lines]
        held = tuple(line.text for line, number in zip(hunk.lines, numbers, strict=True) if anchor.holds(number))
        if held == finding.excerpt:
            around = slice(max(0, numbers.index(anchor.start) - 1), numbers.index(anchor.end) + 2)
            return [
                Row(number, line.kind, line.text, marked=anchor.holds(number))
                for number, line in zip(numbers[around], hunk.lines[around], strict=True)
            ]
    return [Row(number, " ", text, marked=True) for number, text in enumerate(finding.excerpt, anchor.start)]


def excerpt(rows: Sequence[Row], *, width: int, style: str) -> Iterator[Line]:
    """Code in a gutter: marked lines stand out, a long excerpt loses its middle.

    Args:
        rows: in the order of the diff.
        width: cells.
        style: of the marks.
    """
    digits = max((len(str(row.number or "")) for row in rows), default=0)
    room = width - digits - 9
    ending = "\r" if all(row.text.endswith("\r") for row in rows) else ""
    gap = len(rows) - MOST_ROWS + 1 if len(rows) > MOST_ROWS else 0
    for index, row in enumerate(rows):
        if gap and index == ROWS_BEFORE_GAP:
            yield (Span(f"    {'':>{digits}} │   … {gap} more lines", "dim"),)
        if gap and ROWS_BEFORE_GAP <= index < ROWS_BEFORE_GAP + gap:
            continue
        faint = "" if row.marked else "dim"
        yield (
            Span("  > " if row.marked else "    ", style),
            Span(f"{row.number or '':>{digits}}", faint),
            Span(" │ ", "dim"),
            Span(row.sign, {"+": "green", "-": "red"}.get(row.sign, "")),
            Span(" " + cut(code(row.text.removesuffix(ending)), width=room), faint),
        )


def small_diff(lines: Sequence[str], suggestion: str, *, width: int) -> Iterator[Line]:
    """Lines of code and what replaces them. What is to be written is never cut, but folded."""
    new = suggestion.removesuffix("\n").split("\n") if suggestion else ()
    before, after = ([line.removesuffix("\r") for line in side] for side in (lines, new))
    room = width - 6
    steps = SequenceMatcher(None, before, after, autojunk=False).get_opcodes()
    for tag, start, stop, new_start, new_stop in steps:
        sign, style = (" ", "dim") if tag == "equal" else ("-", "red")
        for text in before[start:stop]:
            yield (Span(f"    {sign} {cut(code(text), width=room)}", style),)
        for text in after[new_start:new_stop] if tag != "equal" else ():
            for number, part in enumerate(fold(code(text), width=room)):
                yield (Span(f"    {'…' if number else '+'} {part}", "green"),)


def rule(name: str, note: str, *, width: int) -> Line:
    """The heading of a file."""
    from rich.cells import cell_len

    rest = width - cell_len(name + note) - 4
    return Span("── ", "dim"), Span(name, "bold"), Span(note, "dim"), Span(" " + "─" * rest, "dim")


def listed(parts: Sequence[str]) -> list[Span]:
    """Names with commas between them, none broken."""
    return [*(Span(f"{part}, ", whole=True) for part in parts[:-1]), Span(parts[-1], whole=True)]


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
    shown = [_stripped(line) for line in lines]
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


def _runs(line: Line) -> Iterator[tuple[str, str]]:
    for style, spans in groupby(line, key=lambda span: span.style):
        yield "".join(span.text for span in spans), style
