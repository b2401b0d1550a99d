"""What a person reads in the terminal, line by line."""

import re
import unicodedata
from decimal import Decimal
from textwrap import dedent

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len

from reviewbot.diff import Side
from reviewbot.finding import Anchor, Category, Dropped, DropReason, Finding, Severity, State
from reviewbot.formats import text
from reviewbot.memory import Known
from reviewbot.ports import View
from reviewbot.review import Review, SkipReason, Usage
from reviewbot.terminal import visible
from tests.support.reviews import (
    HOSTILE,
    HOSTILE_CLAIM,
    draft,
    file,
    filtered,
    finding,
    hunk,
    review,
    reviews,
    silenced,
    skipped,
    unplaced,
)

APP = file(
    "src/app.py",
    hunk(
        " def total(orders):",
        "-    return sum(o.paid for o in orders)",
        "+    paid = [o.paid for o in orders]",
        "+    return sum(paid)",
        " ",
    ),
)
LOCK = file("uv.lock", hunk("+x"))
FREE = Usage()
FAILED = SkipReason.PROVIDER_FAILED
HIDDEN = (DropReason.BELOW_SEVERITY, DropReason.OVER_MAX_COMMENTS)
FILTERS = (DropReason.LOW_CONFIDENCE, DropReason.DUPLICATE, *HIDDEN)


def shown(result: Review, *, width: int = 72, verbosity: int = 0) -> str:
    return text.render(result, View(width, colour=False, verbosity=verbosity))


def last(result: Review, *, width: int = 120, verbosity: int = 0) -> list[str]:
    """The lines of the last block: totals and verdict."""
    return shown(result, width=width, verbosity=verbosity).split("\n\n")[-1].splitlines()


def golden(expected: str) -> str:
    return dedent(expected).removeprefix("\n")


def test_a_finding_shows_what_where_the_code_and_the_reason() -> None:
    assert shown(review([APP], [finding(APP, 2)])) == golden(
        """
        ── src/app.py ──────────────────────────────────────────────────────────
        warning: The total ignores refunds [correctness 970bba3]
          src/app.py:2
              │ -     return sum(o.paid for o in orders)
          > 2 │ +     paid = [o.paid for o in orders]
            3 │ +     return sum(paid)

            A refund is not subtracted.

        1 warning · 1 file reviewed · 2 requests · 12,345 tokens in · 678 out ·
          ¥0.0064 · 3.2 s
        """
    )


def test_a_deletion_and_a_range_are_marked_as_such_and_the_failure_is_said() -> None:
    gone = draft("The old sum is gone", "", severity=Severity.ERROR)
    slow = draft("Two passes", "One is enough.\n\n\n\nIt reads better, too.\n", severity=Severity.INFO)
    result = review(
        [APP],
        [finding(APP, 2, claim=gone, side=Side.OLD), finding(APP, 2, 3, slow, state=State.STANDING)],
        fail_on=Severity.ERROR,
    )
    assert shown(result) == golden(
        """
        ── src/app.py ──────────────────────────────────────────────────────────
        error: The old sum is gone [correctness 49195d0]
          src/app.py:2 (deleted line)
            1 │   def total(orders):
          > 2 │ -     return sum(o.paid for o in orders)
              │ +     paid = [o.paid for o in orders]

        info: Two passes [correctness 9a212c5, standing]
          src/app.py:2-3
              │ -     return sum(o.paid for o in orders)
          > 2 │ +     paid = [o.paid for o in orders]
          > 3 │ +     return sum(paid)
            4 │

            One is enough.

            It reads better, too.

        1 error · 1 info · 1 of them standing · 1 file reviewed · 2 requests ·
          12,345 tokens in · 678 out · ¥0.0064 · 3.2 s
        failed: findings at or above error
        """
    )


def test_a_suggestion_is_a_small_diff_whose_new_lines_are_folded_and_old_ones_cut() -> None:
    long = "    paid = [order.paid for order in orders if order.paid is not None]"
    diff = file("a.py", hunk(" def total(orders):", f"+{long}", "+    return sum(paid)"))
    claim = draft("Refunds", "", suggestion=f"    # refunds\n{long[:-1]} and order.kept]\n    return sum(paid)\n")
    assert shown(review([diff], [finding(diff, 2, 3, claim)], usage=FREE), width=60) == golden(
        """
        ── a.py ────────────────────────────────────────────────────
        warning: Refunds [correctness ac5ce4d]
          a.py:2-3
            1 │   def total(orders):
          > 2 │ +     paid = [order.paid for order in orders if ord…
          > 3 │ +     return sum(paid)

          suggestion
            -     paid = [order.paid for order in orders if order.p…
            +     # refunds
            +     paid = [order.paid for order in orders if order.pa
            … id is not None and order.kept]
                  return sum(paid)

        1 warning · 1 file reviewed · 3.2 s
        """
    )


def test_chinese_wraps_between_characters_and_no_line_begins_with_a_closing_mark() -> None:
    diff = file(
        "docs/说明.md", hunk(" # 说明", "+超时时间默认是 30 毫秒，可以通过 `--timeout` 修改，单位见下面的说明。")
    )
    claim = draft(
        "单位写错了：默认值是 30 秒",
        "代码里的 `DEFAULT` 以秒为单位，这里却写成毫秒。读者照着这份说明设成 30000，要等八个多小时才超时。",
        category=Category.DOCS,
    )
    assert shown(review([diff], [finding(diff, 2, claim=claim)], usage=FREE), width=50) == golden(
        """
        ── docs/说明.md ──────────────────────────────────
        warning: 单位写错了：默认值是 30 秒 [docs fc927c6]
          docs/说明.md:2
            1 │   # 说明
          > 2 │ + 超时时间默认是 30 毫秒，可以通过 `--tim…

            代码里的 `DEFAULT` 以秒为单位，这里却写成毫
            秒。读者照着这份说明设成 30000，要等八个多小时
            才超时。

        1 warning · 1 file reviewed · 3.2 s
        """
    )


def test_an_incomplete_review_names_what_nobody_looked_at_and_never_reads_like_a_pass() -> None:
    pay = file("src/pay.py", hunk("-old", "+new", "+newer", " same", "+newest", old=7, new=7))
    down = "no answer within 60 s,\nthree times"
    result = review(
        [APP, pay, LOCK, file("b.bin"), file("c.bin")],
        skipped=[
            skipped("uv.lock", SkipReason.LOCK_FILE, detail="lock file"),
            skipped("src/pay.py", FAILED, lines=(7, 7), side=Side.OLD, detail=down, failed=True),
            skipped("src/pay.py", FAILED, lines=(7, 8), detail=down, failed=True),
            skipped("src/pay.py", FAILED, lines=(10, 10), detail=down, failed=True),
            skipped("c.bin", SkipReason.UNMERGED, failed=True),
            skipped("b.bin", SkipReason.BINARY, detail="not text"),
        ],
    )
    assert shown(result) == golden(
        """
        Not reviewed
          provider failed: no answer within 60 s, three times
            src/pay.py:7-8, 10, old 7
          unmerged
            c.bin
          lock file: uv.lock
          binary: b.bin

        no findings in the reviewed part · 1 of 5 files reviewed · 2 requests ·
          12,345 tokens in · 678 out · ¥0.0064 · 3.2 s
        incomplete: 4 changed lines and 1 file not reviewed, see above
        """
    )


def test_claims_without_a_place_and_findings_kept_back_have_their_own_parts() -> None:
    leak = draft("The connection is never closed", "There is no `close()`.", path="src/db.py", line=97)
    lost = draft("Typo", "", path="", line=None, severity=Severity.INFO)
    kept = finding(APP, 2, 3, draft("Two passes", severity=Severity.INFO))
    result = review(
        [APP],
        dropped=[
            unplaced(leak),
            unplaced(lost, DropReason.UNKNOWN_PATH),
            filtered(kept, DropReason.BELOW_SEVERITY),
            filtered(finding(APP, 3), DropReason.OVER_MAX_COMMENTS),
        ],
        fail_on=Severity.WARNING,
    )
    assert shown(result) == golden(
        """
        Without a place in the change
          warning: The connection is never closed [correctness, unproven]
            claimed at src/db.py:97, quote not found
              There is no `close()`.

          info: Typo [correctness, unproven]
            claimed at (no path), unknown path

        Not shown
          below --min-severity
            9a212c5 info src/app.py:2-3 Two passes
          over --max-comments
            652663f warning src/app.py:3 The total ignores refunds

        2 findings, none shown · 1 file reviewed · 2 requests ·
          12,345 tokens in · 678 out · ¥0.0064 · 3.2 s
        failed: findings at or above warning
        """
    )


def test_what_was_told_before_is_marked_and_what_became_of_the_rest_is_told() -> None:
    on_purpose = silenced(finding(APP, 3, claim=draft("Two\nsums")), note="kim: on\npurpose")
    result = review(
        [APP, LOCK, file("b.py", hunk("+x"))],
        [finding(APP, 2, claim=draft(body=""), state=State.STANDING)],
        dropped=[on_purpose, silenced(finding(APP, 2, 3), DropReason.BASELINE, "")],
        skipped=[skipped("uv.lock", SkipReason.LOCK_FILE), skipped("b.py", SkipReason.REVIEWED_BEFORE)],
        gone=[Known(finding(APP, 2)), Known(finding(APP, 3))],
        held=[Known(finding(APP, 3))],
        usage=FREE,
    )
    assert shown(result, width=100) == golden(
        """
        ── src/app.py ──────────────────────────────────────────────────────────────────────────────────────
        warning: The total ignores refunds [correctness 970bba3, standing]
          src/app.py:2
              │ -     return sum(o.paid for o in orders)
          > 2 │ +     paid = [o.paid for o in orders]
            3 │ +     return sum(paid)

        Not shown
          dismissed
            652663f warning src/app.py:3 Two sums (kim: on purpose)

        Not reviewed
          lock file: uv.lock

        1 warning · standing · 1 dismissed · 1 in the baseline ·
          2 of 3 files reviewed, 1 of 4 changed lines in earlier reviews · 3.2 s
        2 findings are gone since the last review
        1 finding of earlier reviews may still stand: its file was not reviewed
        """
    )
    assert last(result, verbosity=1)[0] == (
        "claims 3 -> anchored 3 -> confident 3 -> not dismissed 2 -> not in the baseline 1"
        " -> distinct 1 -> at or above info 1"
    )
    assert "src/app.py:2-3 The total" in shown(result, verbosity=2).split("Dropped claims")[1]


def test_quiet_says_of_a_finding_that_it_stands() -> None:
    result = review([APP], [finding(APP, 2, state=State.STANDING)], gone=[Known(finding(APP, 3))])
    line = "src/app.py:2: warning: The total ignores refunds [correctness 970bba3, standing]\n"
    assert shown(result, verbosity=-1) == line


def test_quiet_is_a_line_for_each_finding() -> None:
    gone = draft("The old\nsum is gone", severity=Severity.ERROR)
    result = review([APP], [finding(APP, 2, claim=gone, side=Side.OLD), finding(APP, 2, 3)])
    assert shown(result, verbosity=-1) == golden(
        """
        src/app.py:2: error: The old sum is gone [correctness 49195d0, old line]
        src/app.py:2: warning: The total ignores refunds [correctness 9a212c5]
        """
    )


def test_quiet_says_nothing_of_a_pass_and_the_totals_of_anything_else() -> None:
    part = skipped("src/app.py", FAILED, lines=(3, 3), failed=True)
    assert shown(review([APP]), verbosity=-1) == ""
    assert shown(review([APP], skipped=[part], usage=FREE), verbosity=-1) == golden(
        """
        no findings in the reviewed part · 1 file reviewed · 3.2 s
        incomplete: 1 changed line not reviewed
        """
    )
    failed = review([APP], [finding(APP, 2)], fail_on=Severity.INFO, usage=FREE)
    assert shown(failed, verbosity=-1).splitlines()[1:] == [
        "1 warning · 1 file reviewed · 3.2 s",
        "failed: findings at or above info",
    ]


def test_verbose_shows_how_many_claims_were_left_after_each_step_and_very_verbose_all_of_them() -> None:
    info = draft("Two passes", severity=Severity.INFO)
    result = review(
        [APP],
        [finding(APP, 2)],
        dropped=[
            Dropped("parse", DropReason.MALFORMED, draft("", line=None)),
            unplaced(draft("Elsewhere", line=9), DropReason.QUOTE_AMBIGUOUS),
            *(filtered(finding(APP, 3, claim=info), reason) for reason in FILTERS),
        ],
        usage=FREE,
    )
    assert last(result, verbosity=1) == [
        "claims 7 -> readable 6 -> anchored 5 -> confident 4 -> distinct 3 -> at or above warning 2 -> shown 1",
        "1 warning · 2 not shown · 1 file reviewed · 3.2 s",
    ]
    assert "Dropped claims" not in shown(result, verbosity=1)
    assert shown(result, verbosity=2).split("\n\n")[-2] == golden(
        """
        Dropped claims
          malformed
            warning src/app.py (no title)
          quote ambiguous
            warning src/app.py:9 Elsewhere
          low confidence
            652663f info src/app.py:3 Two passes
          duplicate
            652663f info src/app.py:3 Two passes
          below severity
            652663f info src/app.py:3 Two passes
          over max comments
            652663f info src/app.py:3 Two passes"""
    )


def test_the_funnel_leaves_out_a_step_that_only_bad_replies_need() -> None:
    funnel = "claims 0 -> anchored 0 -> confident 0 -> distinct 0 -> at or above info 0 -> shown 0"
    assert last(review([APP]), verbosity=1)[0] == funnel


def test_findings_are_grouped_by_file_in_the_order_of_the_change() -> None:
    other = file("a.py", hunk("+x"), old_path="z.py")
    stray = Finding(Anchor("gone.py", Side.NEW, 4, 5), ("one", "two"), draft())
    result = review([APP, other], [stray, finding(other, 1), finding(APP, 2), finding(APP, 3)])
    heads = [line for line in shown(result).splitlines() if line.startswith("──")]
    assert [head.strip("─ ") for head in heads] == ["src/app.py", "a.py (was z.py)", "gone.py"]


def test_a_place_the_change_does_not_hold_shows_the_findings_own_lines() -> None:
    stray = Finding(Anchor("src/app.py", Side.NEW, 9, 10), ("one", "two"), draft(body=""))
    bare = Finding(Anchor("gone.py", Side.NEW, 9, 9), (), draft(body=""))
    lines = shown(review([APP], [stray, bare])).splitlines()
    assert lines[2:5] == ["  src/app.py:9-10", "  >  9 │   one", "  > 10 │   two"]
    assert lines[-4:-2] == ["  gone.py:9", ""]


@pytest.mark.parametrize(
    ("start", "end", "note"),
    [(2, 2, "(deleted line)"), (2, 3, "(deleted lines)"), (1, 2, "(old version)")],
    ids=["one", "several", "with context"],
)
def test_lines_of_the_old_side_are_said_to_be_old(start: int, end: int, note: str) -> None:
    diff = file("a.py", hunk(" a", "-b", "-c", "+d"))
    found = finding(diff, start, end, side=Side.OLD)
    assert shown(review([diff], [found])).splitlines()[2].endswith(note)


@pytest.mark.parametrize(("count", "rows", "gap"), [(6, 8, 0), (7, 8, 2), (30, 8, 25)])
def test_an_excerpt_is_at_most_eight_lines(count: int, rows: int, gap: int) -> None:
    diff = file("a.py", hunk(" before", *[f"+line {n}" for n in range(count)], " after"))
    code = [line for line in shown(review([diff], [finding(diff, 2, count + 1)])).splitlines() if " │ " in line]
    assert len(code) == rows
    assert [line.strip() for line in code if "more lines" in line] == [f"│   … {gap} more lines"] * bool(gap)
    assert sum(line.startswith("  >") for line in code) == count - gap


def test_carriage_returns_show_only_where_line_endings_differ() -> None:
    windows = file("a.py", hunk("+one\r", "+two\r"))
    mixed = file("b.py", hunk("+one\r", "+two"))
    claim = draft(suggestion="two\n")
    result = shown(review([windows, mixed], [finding(windows, 2, claim=claim), finding(mixed, 1, claim=draft())]))
    assert "    1 │ + one\n  > 2 │ + two\n" in result
    assert "  > 1 │ + one\\x0d\n    2 │ + two\n" in result
    assert "  suggestion\n      two\n" in result


def test_tabs_are_four_columns_wide() -> None:
    diff = file("a.go", hunk("+\tx\ty"))
    assert "  > 1 │ +     x   y\n" in shown(review([diff], [finding(diff, 1)]))


@pytest.mark.parametrize(
    ("suggestion", "lines"),
    [
        ("", ["    - one", "    - two"]),
        ("\n", ["    - one", "    - two", "    +"]),
        ("one\ntwo", ["      one", "      two"]),
        ("one\n2\n", ["      one", "    - two", "    + 2"]),
    ],
    ids=["delete", "an empty line", "nothing new", "one of two"],
)
def test_a_suggestion_shows_exactly_what_it_changes(suggestion: str, lines: list[str]) -> None:
    diff = file("a.py", hunk("+one", "+two"))
    result = shown(review([diff], [finding(diff, 1, 2, draft(suggestion=suggestion))]))
    assert result.split("  suggestion\n")[1].split("\n\n")[0].splitlines() == lines


def test_many_names_are_counted_and_all_shown_when_asked() -> None:
    result = review(skipped=[skipped(f"{n}.png", SkipReason.BINARY) for n in range(11)])
    names = "0.png, 1.png, 2.png, 3.png, 4.png, 5.png, 6.png, 7.png"
    assert shown(result, width=80).splitlines()[1] == f"  binary: {names} and 3 more"
    assert "10.png" in shown(result, verbosity=1)
    assert "more" not in shown(result, verbosity=1)


def test_a_whole_file_needs_no_lines_and_old_lines_do_not_look_like_a_place_to_click() -> None:
    parts = [
        skipped("a.py", SkipReason.EXCLUDED, lines=(1, 2)),
        skipped("a.py", SkipReason.EXCLUDED),
        skipped("b.py", SkipReason.EXCLUDED, lines=(4, 4), side=Side.OLD),
    ]
    assert shown(review(skipped=parts)).splitlines()[1] == "  excluded: a.py, b.py: old 4"


@pytest.mark.parametrize(
    ("result", "line"),
    [
        (review(usage=FREE), "nothing to review: no changes"),
        (
            review([LOCK], skipped=[skipped("uv.lock", SkipReason.LOCK_FILE)], usage=FREE),
            "nothing to review in 1 changed file",
        ),
        (review([file("mode.sh")], usage=FREE), "nothing to review in 1 changed file"),
        (review([APP], usage=FREE), "no findings · 1 file reviewed · 3.2 s"),
        (
            review([APP], skipped=[skipped("src/app.py", FAILED, failed=True)], usage=FREE),
            "nothing was reviewed · 0 of 1 file reviewed · 3.2 s",
        ),
    ],
    ids=["no files", "left out", "mode only", "clean", "all failed"],
)
def test_the_totals_say_plainly_when_nothing_was_found(result: Review, line: str) -> None:
    assert last(result)[0] == line


@pytest.mark.parametrize(
    ("usage", "said"),
    [
        (Usage(1, 0, 1234567, 0), ["1 request", "1,234,567 tokens in", "0 out", "price unknown"]),
        (Usage(0, 3), ["0 requests", "3 from cache"]),
        (Usage(1, 0, 1, 1, Decimal("0.0064"), "EUR"), ["1 request", "1 token in", "1 out", "0.0064 EUR"]),
        (Usage(1, 0, 1, 1, Decimal("0.00001234"), "CNY"), ["1 request", "1 token in", "1 out", "¥0.000012"]),
        (Usage(1, 0, 1, 1, Decimal("1234.5"), "CNY"), ["1 request", "1 token in", "1 out", "¥1,234.50"]),
        (Usage(1, 0, 1, 1, Decimal(0), "CNY"), ["1 request", "1 token in", "1 out", "¥0.00"]),
    ],
    ids=["no price", "from cache", "other currency", "tiny", "large", "free"],
)
def test_the_totals_say_what_was_used_and_what_it_cost(usage: Usage, said: list[str]) -> None:
    parts = last(review([APP], usage=usage))[0].split(" · ")
    assert parts == ["no findings", "1 file reviewed", *said, "3.2 s"]


def test_a_failed_review_that_is_incomplete_too_says_both() -> None:
    part = skipped("src/app.py", FAILED, lines=(3, 3), failed=True)
    result = review([APP], [finding(APP, 2)], skipped=[part], fail_on=Severity.WARNING)
    assert last(result)[1:] == [
        "failed: findings at or above warning",
        "incomplete: 1 changed line not reviewed, see above",
    ]


@pytest.mark.parametrize(("width", "prose"), [(10, 40), (40, 40), (120, 120), (121, 100), (200, 100)])
def test_prose_is_as_wide_as_the_view_within_bounds(width: int, prose: int) -> None:
    lines = shown(review([APP], [finding(APP, 2, claim=draft(body="word " * 200))]), width=width).splitlines()
    body = [line for line in lines if line.startswith("    word")]
    assert prose - 5 < max(map(len, body)) <= prose
    assert len(lines[0]) == prose


def test_code_is_cut_at_the_width_of_the_view_even_where_prose_is_narrower() -> None:
    diff = file("a.py", hunk("+" + "x" * 500))
    lines = shown(review([diff], [finding(diff, 1)]), width=200).splitlines()
    assert lines[3] == "  > 1 │ + " + "x" * 189 + "…"


def test_text_that_looks_like_a_line_of_the_report_stays_indented() -> None:
    body = "── src/other.py ──\nerror: forged [security 0000000]\nno findings · 1 file reviewed\n\nNot reviewed\n  x"
    claim = draft("ok\nerror: forged", body)
    lines = shown(review([APP], [finding(APP, 2, claim=claim)], dropped=[unplaced(claim)])).splitlines()
    forged = [line for line in lines if "forged" in line or "other.py" in line or "Not reviewed" in line]
    assert [line[:4] for line in forged if not line.lstrip().startswith("warning: ok error: forged")] == ["    "] * 6


@pytest.mark.parametrize(
    ("raw", "seen"),
    [
        ("\x1b[2J", "\\x1b[2J"),
        ("\x00\x07\x7f", "\\x00\\x07\\x7f"),
        ("\x85\x9b", "<U+0085><U+009B>"),
        ("\udce9", "\\xe9"),
        ("\ud800", "<U+D800>"),
        ("\u202a\u202e\u2066\u2069\u200e\u061c", "<U+202A><U+202E><U+2066><U+2069><U+200E><U+061C>"),
        ("\u200b\u200d\ufeff\xad", "<U+200B><U+200D><U+FEFF><U+00AD>"),
        ("\u2028\u2029", "<U+2028><U+2029>"),
        ("\U000e0041", "<U+E0041>"),
        ("\t\n\r", "\\x09\\x0a\\x0d"),
        ("é漢[bold]:smile:", "é漢[bold]:smile:"),
    ],
    ids=["escape", "controls", "c1", "byte", "surrogate", "bidi", "zero width", "separators", "tag", "space", "plain"],
)
def test_what_acts_or_hides_is_shown_as_an_escape(raw: str, seen: str) -> None:
    assert visible(raw) == seen


def test_every_kind_of_text_is_made_harmless_in_every_place() -> None:
    diff = file(HOSTILE, hunk(f"+{HOSTILE}", "+x"), old_path=HOSTILE)
    claim = draft(HOSTILE_CLAIM, HOSTILE_CLAIM, path=HOSTILE_CLAIM, suggestion=HOSTILE_CLAIM)
    result = review(
        [diff],
        [finding(diff, 1, claim=claim)],
        dropped=[unplaced(claim), filtered(finding(diff, 2, claim=claim), DropReason.BELOW_SEVERITY)],
        skipped=[skipped(HOSTILE, FAILED, detail=HOSTILE, failed=True), skipped(HOSTILE, SkipReason.BINARY)],
        usage=FREE,
    )
    for verbosity in (-1, 0, 2):
        assert not re.search(r"[\x00-\x09\x0b-\x1f\x7f-\x9f\u202e\u2066\u200b\u2028\ud800-\udfff]", shown(result))
        assert shown(result, width=200, verbosity=verbosity).count(visible(HOSTILE)) >= 2
        text.render(result, View(80, colour=True, verbosity=verbosity)).encode()


def test_an_emoji_in_prose_loses_only_its_mark_of_style() -> None:
    claim = draft("\u26a0\ufe0f careful", "\u26a0\ufe0f body")
    result = shown(review([APP], [finding(APP, 2, claim=claim)]))
    assert "warning: \u26a0 careful [" in result
    assert "    \u26a0 body\n" in result


def test_colours_follow_the_severity() -> None:
    levels = [finding(APP, 2, claim=draft(level, severity=level)) for level in Severity]
    painted = text.render(review([APP], levels), View(80, colour=True))
    for code, level in (("1;31", "error"), ("1;33", "warning"), ("1;36", "info")):
        assert f"\x1b[{code}m{level}\x1b[0m: \x1b[1m{level}" in painted


VIEWS = st.builds(View, st.integers(1, 220), st.just(value=False), st.integers(-1, 2))


@given(reviews(), VIEWS)
def test_colour_adds_nothing_but_colour(result: Review, view: View) -> None:
    plain = text.render(result, view)
    painted = text.render(result, View(view.width, colour=True, verbosity=view.verbosity))
    assert "\x1b" not in plain
    assert re.sub(r"\x1b\[[0-9;]*m", "", painted) == plain


@given(reviews(), VIEWS)
def test_every_line_is_clean(result: Review, view: View) -> None:
    rendered = text.render(result, view)
    assert rendered.endswith("\n") or (view.verbosity < 0 and rendered == "")
    for line in rendered.split("\n"):
        assert line == line.rstrip()
        assert not any(unicodedata.category(char) in {"Cc", "Cs", "Zl", "Zp", "Cf"} for char in line)


@given(reviews(), st.integers(40, 220), st.integers(0, 2))
def test_no_line_is_wider_than_the_view_but_for_a_path(result: Review, width: int, verbosity: int) -> None:
    paths = {name for file in result.change.files for name in (file.path, file.old_path) if name}
    paths |= {skip.path for skip in result.skipped} | {drop.draft.path for drop in result.dropped}
    long = [seen for seen in map(visible, paths) if cell_len(seen) > (width - 30) / 2]
    for line in shown(result, width=width, verbosity=verbosity).split("\n"):
        assert cell_len(line) <= width or any(seen.strip() in line for seen in long)


@given(reviews(), st.integers(0, 2))
def test_every_finding_is_there_with_title_id_and_place(result: Review, verbosity: int) -> None:
    squeezed = "".join(shown(result, width=220, verbosity=verbosity).split())
    for found in result.findings:
        anchor = found.anchor
        title = visible(found.draft.title.replace("\ufe0f", ""), keep="\t\r\n")
        end = f"-{anchor.end}" if anchor.end > anchor.start else ""
        assert "".join(title.split()) in squeezed
        assert f"{found.draft.category}{found.id}" in squeezed
        assert "".join(f"{visible(anchor.path)}:{anchor.start}{end}".split()) in squeezed


@given(reviews())
def test_every_skipped_path_is_named_when_asked(result: Review) -> None:
    squeezed = "".join(shown(result, verbosity=1).split())
    for skip in (skip for skip in result.skipped if not skip.before):
        assert "".join(visible(skip.path).split()) in squeezed


def test_each_finding_of_a_series_stands_above_its_own_code() -> None:
    first, second = file("a.py", hunk(" x", "+first = 1")), file("a.py", hunk(" x", "+second = 2"))
    found = [finding(each, 2, None, draft(f"About {name}")) for name, each in (("first", first), ("second", second))]
    lines = shown(review([first, second], found)).split("\n")
    marked = [line for line in lines if line.startswith("  >")]
    assert ["first" in marked[0], "second" in marked[1]] == [True, True]
