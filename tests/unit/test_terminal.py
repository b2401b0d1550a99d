"""Layout in cells: tables, flowing text, sums of money, and colours."""

import json
import re
import sys
from decimal import Decimal
from itertools import accumulate, pairwise
from unicodedata import category

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len

from reviewbot.terminal import (
    Line,
    Span,
    code,
    count,
    cut,
    flow,
    fold,
    harmless_json,
    listed,
    money,
    one_line,
    paint,
    prose,
    rule,
    table,
    visible,
    words,
)
from tests.support.reviews import HOSTILE_CLAIM


def lines(made: list[Line]) -> list[str]:
    return paint(made, colour=False).split("\n")[:-1]


@pytest.mark.parametrize(
    ("text", "seen"),
    [
        ("plain ä 漢字 🎉", "plain ä 漢字 🎉"),
        ("\x1b[31m\n\t\x7f", "\\x1b[31m\\x0a\\x09\\x7f"),
        ("\x85\x9b\u202e\u2066\u200b", "<U+0085><U+009B><U+202E><U+2066><U+200B>"),
        ("\udce9\ud800", "\\xe9<U+D800>"),
    ],
)
def test_every_character_can_be_seen(text: str, seen: str) -> None:
    assert visible(text) == seen
    assert visible(seen) == seen


def test_controls_that_are_meant_are_kept() -> None:
    assert visible("a\tb\n\x1b", keep="\t\n") == "a\tb\n\\x1b"


def test_prose_becomes_one_line() -> None:
    assert one_line(" a\r\n\t b\x1b \n") == "a b\\x1b"


def test_code_is_as_wide_as_it_is_shown() -> None:
    assert code("\ta\tb\x00") == "    a   b\\x00"


ROWS: list[Line] = [
    (Span("name"), Span("n"), Span("last")),
    (Span("漢字"), Span("1,000"), Span("")),
    (Span(""), Span("9"), Span("x y")),
]


def test_columns_are_as_wide_as_their_widest_entry_in_cells() -> None:
    assert lines([*table(ROWS)]) == ["name  n      last", "漢字  1,000", "      9      x y"]


def test_numbers_end_where_the_widest_ends() -> None:
    assert lines([*table(ROWS, right={1})]) == ["name      n  last", "漢字  1,000", "          9  x y"]
    assert lines([*table([row[:2] for row in ROWS], right={0, 1})]) == ["name      n", "漢字  1,000", "          9"]


_CELLS = st.text(st.sampled_from("ab漢é🎉 "), max_size=8).map(str.strip)


@given(rows=st.lists(st.tuples(_CELLS, _CELLS, _CELLS), min_size=1, max_size=5), right=st.sets(st.integers(0, 2)))
def test_every_column_begins_or_ends_in_one_place(rows: list[tuple[str, str, str]], right: set[int]) -> None:
    widths = [max(map(cell_len, column)) for column in zip(*rows, strict=True)]
    starts = [0, widths[0] + 2, widths[0] + widths[1] + 4]
    for row, line in zip(rows, table([tuple(map(Span, row)) for row in rows], right=right), strict=True):
        shown = "".join(span.text for span in line)
        spans = [
            (start + width - cell_len(text), start + width) if place in right else (start, start + cell_len(text))
            for place, (text, start, width) in enumerate(zip(row, starts, widths, strict=True))
        ]
        for (begin, end), text in zip(spans, row, strict=True):
            assert between(shown, begin, end) == text
        for (_, end), (begin, _) in pairwise(spans):
            assert not between(shown, end, begin).strip()


def between(text: str, begin: int, end: int) -> str:
    """What stands in some cells of a line."""
    ends = [*accumulate(map(cell_len, text))]
    return "".join(char for char, stop in zip(text, ends, strict=True) if begin < stop <= end)


@pytest.mark.parametrize(
    ("number", "noun", "said"),
    [(0, "line", "0 lines"), (1, "line", "1 line"), (2, "line", "2 lines"), (1234567, "token", "1,234,567 tokens")],
)
def test_a_number_stands_with_what_it_counts(number: int, noun: str, said: str) -> None:
    assert count(number, noun) == said


def test_infos_have_no_plural() -> None:
    assert count(3, "info") == "3 info"


@pytest.mark.parametrize(
    ("amount", "currency", "said"),
    [
        ("0", "CNY", "¥0.00"),
        ("0.000", "CNY", "¥0.00"),
        ("0.0064", "CNY", "¥0.0064"),
        ("0.00000123", "CNY", "¥0.0000012"),
        ("0.015", "CNY", "¥0.015"),
        ("1.005", "EUR", "1.00 EUR"),
        ("12345.678", "CNY", "¥12,345.68"),
        ("3", "", "3.00"),
    ],
)
def test_a_price_has_two_digits_that_say_something(amount: str, currency: str, said: str) -> None:
    assert money(Decimal(amount), currency) == said


def test_text_flows_between_words_and_hangs() -> None:
    made = flow(words("one two three four"), width=9, indent=1, hang=3)
    assert lines([*made]) == [" one two", "   three", "   four"]


def test_what_is_whole_is_never_broken_and_what_is_not_is() -> None:
    path = Span("abcdefgh", whole=True)
    assert lines([*flow([Span("x "), path, Span(" y")], width=5)]) == ["x", "abcdefgh", " y"]
    assert lines([*flow([Span("abcdefgh")], width=5)]) == ["abcde", "fgh"]


def test_names_are_listed_with_commas_and_broken_between_them() -> None:
    names = listed(["alpha", "be ta", "gamma"])
    assert lines([*flow(names, width=13, indent=2)]) == ["  alpha,", "  be ta,", "  gamma"]
    assert lines([*flow(names, width=40)]) == ["alpha, be ta, gamma"]


@given(text=st.text(st.sampled_from("ab c漢。é（\u0301"), max_size=60), width=st.integers(4, 30))
def test_flowing_text_keeps_to_the_width_and_loses_nothing(text: str, width: int) -> None:
    shown = lines([*flow(words(text), width=width, hang=1)])
    assert all(cell_len(line) <= width for line in shown)
    assert "".join("".join(shown).split()) == "".join(text.split())


def test_paragraphs_keep_their_breaks_and_one_empty_line() -> None:
    assert lines([*prose("a\r\n\n\n\n\tb\ufe0f  \n\n", width=20, indent=2)]) == ["  a", "", "      b"]
    assert [*prose("\n \n", width=20, indent=2)] == []


def test_a_line_is_cut_or_folded_in_cells() -> None:
    assert (cut("漢字漢字", width=8), cut("漢字漢字", width=6)) == ("漢字漢字", "漢字…")
    assert (fold("漢字漢字", width=8), fold("漢字漢字", width=5)) == (["漢字漢字"], ["漢字", "漢字"])


def test_a_heading_fills_the_line() -> None:
    (shown,) = lines([rule("a.py", " (new)", width=20)])
    assert shown == "── a.py (new) ──────"


def test_colours_change_no_character() -> None:
    made: list[Line] = [(Span("a", "red"), Span("b", "red"), Span("  ")), (), (Span(visible(HOSTILE_CLAIM), "bold"),)]
    coloured = paint(made, colour=True)
    assert "\x1b[31mab\x1b[0m\n" in coloured
    plain = coloured
    for mark in ("\x1b[31m", "\x1b[1m", "\x1b[0m"):
        plain = plain.replace(mark, "")
    assert plain == paint(made, colour=False) == f"ab\n\n{visible(HOSTILE_CLAIM)}\n"


@pytest.mark.parametrize(
    ("spans", "seen"),
    [
        (["::error::x"], "\\x3a:error::x"),
        (["  ", "::error file=a::x"], "  \\x3a:error file=a::x"),
        ([" \u00a0\u3000::stop-commands::x"], " \u00a0\u3000\\x3a:stop-commands::x"),
        ([" :", ":set-output::x"], " \\x3a:set-output::x"),
        (["a ::error::x"], "a ::error::x"),
        ([": a"], ": a"),
        (["##[add-mask]x"], "#\\x23[add-mask]x"),
        (["a ##[group]x ##[endgroup]"], "a #\\x23[group]x #\\x23[endgroup]"),
        (["####[error]x"], "###\\x23[error]x"),
        (["x #", "#", "vso[task.complete]"], "x #\\x23vso[task.complete]"),
        (["## [a link](b)"], "## [a link](b)"),
    ],
)
def test_no_line_is_a_command_to_those_who_read_logs(spans: list[str], seen: str) -> None:
    line = tuple(Span(text, "red" if number else "") for number, text in enumerate(spans))
    assert paint([line], colour=False) == f"{seen}\n"
    assert re.sub("\x1b\\[[0-9]*m", "", paint([line], colour=True)) == f"{seen}\n"


def test_text_that_is_broken_at_a_command_is_none_either() -> None:
    assert lines([*flow(words("see ::error::x"), width=10)]) == ["see", "\\x3a:error::x"]
    assert lines([*prose("one\n\n  ::error::x\n##[error]y", width=40, indent=4)]) == [
        "    one",
        "",
        "      \\x3a:error::x",
        "    #\\x23[error]y",
    ]


@given(st.text(st.sampled_from('a\n\r\x1b\x9b\u202e\U000e0041#[:"\\')))
def test_a_harmless_document_holds_the_same_values_and_nothing_that_acts(text: str) -> None:
    shown = harmless_json(json.dumps({"text": text}, ensure_ascii=False, indent=2))
    assert json.loads(shown) == {"text": text}
    assert {char for char in shown if category(char) in {"Cc", "Cf"}} == {"\n"}
    assert "##[" not in shown


def test_no_control_and_no_format_character_of_unicode_is_shown_as_it_is() -> None:
    acting = [char for char in map(chr, range(sys.maxunicode + 1)) if category(char) in {"Cc", "Cf", "Cs", "Zl", "Zp"}]
    assert len(acting) > 2_000
    assert not {*acting} & {*visible("".join(acting))}
