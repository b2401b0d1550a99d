"""Code as the report for people shows it: the lines a finding stands on, and what is to replace them."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher

from reviewbot.diff import Hunk
from reviewbot.finding import Finding
from reviewbot.terminal import Line, Span, code, cut, fold

MOST_ROWS = 8
ROWS_BEFORE_GAP = 4


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
