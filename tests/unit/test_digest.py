"""What people read of a review in Markdown, and what of it is left where there is little room."""

import time
from collections.abc import Iterator
from dataclasses import replace
from textwrap import dedent

import pytest
from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt
from markdown_it.token import Token

from reviewbot.diff import Side
from reviewbot.digest import Digest, Section, digest, units
from reviewbot.finding import Anchor, Category, DropReason, Severity, State
from reviewbot.markdown import address
from reviewbot.memory import Known
from reviewbot.review import Review, SkipReason, Usage
from tests.support.reviews import draft, file, filtered, finding, hunk, review, reviews, silenced, skipped, unplaced

PARSER = MarkdownIt("commonmark", {"html": True}).enable(["table", "strikethrough"])

APP = file(
    "src/app.py",
    hunk(
        " def total(orders):",
        "-    return sum(o.paid for o in orders)",
        "+    paid = [o.paid for o in orders]",
        "+    x",
    ),
)
BARRED = file("src/a|b.py", hunk("+x"), old_path="src/old|name.py")
FAILED = SkipReason.PROVIDER_FAILED


def link(anchor: Anchor) -> str:
    return f"https://host/{address(anchor.path)}#L{anchor.start}"


def golden(expected: str) -> str:
    return dedent(expected).strip("\n")


def nodes(tokens: list[Token]) -> Iterator[Token]:
    for token in tokens:
        yield token
        yield from nodes(token.children or [])


def rendered(text: str) -> str:
    html: str = PARSER.render(text)
    return html


def test_a_review_tells_the_verdict_the_findings_the_gaps_and_the_price_in_this_order() -> None:
    result = review(
        [APP, BARRED, file("uv.lock", hunk("+x")), file("src/pay.py", hunk("-old", "+new", "+newer", old=7, new=7))],
        [
            finding(APP, 2, side=Side.OLD, claim=draft("The old\nsum is gone", severity=Severity.INFO)),
            finding(BARRED, 1, claim=draft("`a|b` is [wrong]", severity=Severity.ERROR)),
        ],
        dropped=[
            unplaced(draft("*Typo*", "It says `teh`.", path="README.md", line=97)),
            unplaced(draft("", "", path="", line=None)),
            filtered(finding(APP, 3), DropReason.BELOW_SEVERITY),
            filtered(finding(APP, 2), DropReason.IGNORED_BY_CHANGE),
        ],
        skipped=[
            skipped("uv.lock", SkipReason.LOCK_FILE),
            skipped("src/pay.py", FAILED, lines=(7, 8), detail="no <answer>\nfor @you", failed=True),
            skipped("src/pay.py", FAILED, lines=(7, 7), side=Side.OLD, detail="no <answer>\nfor @you", failed=True),
            skipped("b.bin", SkipReason.UNMERGED, failed=True),
        ],
        fail_on=Severity.ERROR,
    )
    assert digest(result, link=link).text() == golden(
        """
        ### Review: 1 error, 1 info, 1 not shown, 1 ignored

        **Failed:** findings at or above `error`.

        **Incomplete:** 3 changed lines and 1 file not reviewed.

        | severity | where | what | id |
        | --- | --- | --- | --- |
        | error | [`src/a\\|b.py:1`](https://host/src/a%7Cb.py#L1) | \\`a\\|b\\` is \\[wrong] | `8c278d3` |
        | info | [`src/app.py:2`](https://host/src/app.py#L2) (old) | The old sum is gone | `49195d0` |

        **Not reviewed: provider failed**, no \\<answer> for @\u2060you

        - `src/pay.py`: 7-8, old 7

        **Not reviewed: unmerged**

        - `b.bin`

        <details>
        <summary>Below <code>--min-severity</code>: 1 finding</summary>

        | severity | where | what | id |
        | --- | --- | --- | --- |
        | warning | [`src/app.py:3`](https://host/src/app.py#L3) | The total ignores refunds | `f809687` |

        </details>

        <details>
        <summary>Ignored by a comment that this change adds: 1 finding</summary>

        | severity | where | what | id |
        | --- | --- | --- | --- |
        | warning | [`src/app.py:2`](https://host/src/app.py#L2) | The total ignores refunds | `970bba3` |

        </details>

        <details>
        <summary>Without a place in the change, unproven: 2 claims</summary>

        - warning: \\*Typo\\* (claimed at `README.md:97`, quote not found)\\
          It says `teh`.
        - warning: (no title) (claimed at `(no path)`, quote not found)

        </details>

        <details>
        <summary>Left out by choice, lock file: 1 file</summary>

        - `uv.lock`

        </details>

        """
    ) + (
        "\n\n<sub>main...topic: 2 of 4 files reviewed · qwen-coder-plus · 2 requests · 12,345 tokens in, 678 out"
        " · ¥0.0064 · 3.2 s</sub>"
    )


def test_prose_stands_below_the_table_only_where_it_is_asked_for() -> None:
    wrong = draft("Refunds", "Look:\n```py\nx\n```\n<b>", severity=Severity.ERROR, suggestion="    y\n\tz")
    gone = draft("Gone", "", category=Category.DOCS, suggestion="")
    findings = [finding(APP, 3, claim=gone, state=State.STANDING), finding(APP, 2, 3, wrong)]
    result = review([APP], findings)
    assert digest(result).text().count("Refunds") == 1
    text = digest(result, inline=findings).text()
    assert text[text.index("####") : text.index("\n\n<sub>")] == golden(
        """
        #### error: Refunds

        `src/app.py:2-3` · correctness · `a4655c3`

        ```
            paid = [o.paid for o in orders]
            x
        ```

        Look:
        ```py
        x
        ```
        \\<b>

        Suggestion:

        ```
            y
        \tz
        ```

        #### warning: Gone

        `src/app.py:3` · docs, standing · `f595717`

        ```
            x
        ```

        Suggestion: delete this.
        """
    )


def test_the_headline_says_what_was_found() -> None:
    assert digest(review([APP])).text().startswith("### Review: no findings\n\n")


def test_what_was_told_before_is_marked_counted_and_folded_away_with_who_and_why() -> None:
    dismissed = silenced(finding(APP, 3, claim=draft("Not | quite")), note="kim: as @agreed <b>\nin | the meeting")
    result = review(
        [APP, file("b.py", hunk("+x"))],
        [finding(APP, 2, state=State.STANDING)],
        dropped=[dismissed, silenced(finding(APP, 2, 3), DropReason.BASELINE, "")],
        skipped=[skipped("b.py", SkipReason.REVIEWED_BEFORE)],
        gone=[Known(finding(APP, 2)), Known(finding(APP, 3))],
        held=[Known(finding(APP, 3))],
    )
    assert (
        digest(result).text()
        == golden(
            """
        ### Review: 1 warning, standing, 1 dismissed, 1 in the baseline

        2 findings are gone since the last review.

        1 finding of earlier reviews may still stand: its file was not reviewed.

        | severity | where | what | id |
        | --- | --- | --- | --- |
        | warning | `src/app.py:2` | The total ignores refunds, standing | `970bba3` |

        <details>
        <summary>Dismissed: 1 finding</summary>

        | severity | where | what | id |
        | --- | --- | --- | --- |
        | warning | `src/app.py:3` | Not \\| quite (kim: as @\u2060agreed \\<b> in \\| the meeting) | `f809687` |

        </details>

        <details>
        <summary>In the baseline: 1 finding</summary>

        | severity | where | what | id |
        | --- | --- | --- | --- |
        | warning | `src/app.py:2-3` | The total ignores refunds | `a4655c3` |

        </details>

        <sub>main...topic: 2 files reviewed, 1 of 4 changed lines in earlier reviews · qwen-coder-plus · 2 requests"""
        )
        + " · 12,345 tokens in, 678 out · ¥0.0064 · 3.2 s</sub>"
    )


@pytest.mark.parametrize(
    ("usage", "expected"),
    {
        "nothing": (Usage(), "qwen-coder-plus · 3.2 s"),
        "cached": (Usage(cached=2), "qwen-coder-plus · 0 requests, 2 from cache · 3.2 s"),
        "unknown price": (
            Usage(1, 0, 5, 6),
            "qwen-coder-plus · 1 request · 5 tokens in, 6 out · price unknown · 3.2 s",
        ),
    }.values(),
)
def test_the_end_tells_what_was_used(usage: Usage, expected: str) -> None:
    assert digest(review([APP], usage=usage)).text().endswith(f"{expected}</sub>")


def test_causes_by_the_dozen_are_told_by_their_kind() -> None:
    parts = [skipped(f"{number}.py", FAILED, detail=f"because of {number}", failed=True) for number in range(30)]
    text = digest(review(skipped=parts)).text()
    assert text.count("**Not reviewed: provider failed**\n") == 1
    assert "because" not in text
    assert "- `29.py`" in text


def test_endless_lists_are_cut_short_with_a_count_and_take_little_time() -> None:
    start = time.process_time()
    parts = [skipped(f"src/{number}.py", SkipReason.VENDORED) for number in range(100_000)]
    lines = [skipped("a.py", FAILED, lines=(at, at), failed=True) for at in range(1, 5001, 2)]
    text = digest(review(skipped=[*parts, *lines])).text()
    assert time.process_time() - start < 10
    assert len(text) < 10_000
    assert "- `src/99.py`\n- and 99,900 more\n\n</details>" in text
    assert "Left out by choice, vendored: 100,000 files" in text
    assert "37, 39 and 2,480 more\n" in text


def test_more_findings_than_anybody_reads_are_counted_in_the_last_row() -> None:
    long = file("a.py", hunk(*[f"+{number}" for number in range(1500)]))
    result = review([long], [finding(long, number) for number in range(1, 1501)])
    table = digest(result).sections[0].text().split("\n")
    assert len(table) == 2 + 1000 + 1
    assert table[-1] == "|  |  | and 500 more |  |"


def test_texts_without_end_are_cut_before_they_are_made_harmless() -> None:
    long = file("a.py", hunk(*["+" + "x" * 500] * 100))
    claim = draft("t " * 500, "```\n" + "b" * 100_000, suggestion="s" * 100_000)
    found = finding(long, 1, 100, claim)
    text = digest(review([long], [found], dropped=[unplaced(claim)]), inline=[found]).text()
    assert len(text) < 40_000
    tokens = PARSER.parse(text)
    assert [token.type for token in tokens].count("fence") == 3
    assert tokens[-3].level == 0


def test_a_long_excerpt_says_that_it_goes_on() -> None:
    long = file("a.py", hunk(*[f"+line {number}" for number in range(1, 101)]))
    found = finding(long, 1, 100)
    assert "line 60\n…\n```" in digest(review([long], [found]), inline=[found]).text()


BIG = Digest(
    "HEADLINE",
    (
        Section("LIST", tuple(f"- {number}" for number in range(10, 60)), 70, end="\n\nEND"),
        Section("x" * 3000),
        Section("SMALL"),
    ),
    "TAIL",
)


@given(st.integers(0, 4000))
def test_what_has_room_is_shown_and_what_has_none_is_told(most: int) -> None:
    text = BIG.text(most=most)
    assert text.startswith("HEADLINE\n\n")
    assert text.endswith("\n\nTAIL")
    assert units(text) <= max(most, len(BIG.text(most=0)))
    whole = text == BIG.text()
    assert whole == (len(BIG.text()) <= most)
    assert ("Not all of it fits here" in text) != whole
    if "LIST" in text:
        rows = text.count("\n- ") - 1
        assert f"- and {70 - rows} more\n\nEND\n\n" in text
    else:
        assert "\n- " not in text
    assert "xx" not in text or "x" * 3000 in text


def test_a_part_that_has_no_room_leaves_it_to_those_behind() -> None:
    text = BIG.text(most=600)
    assert "LIST" in text
    assert "SMALL" in text
    assert "xx" not in text


def test_room_counts_as_hosts_count_it() -> None:
    assert units("a漢\U0001f600") == 4


@given(reviews(), st.integers(300, 3000))
def test_any_review_is_whole_blocks_however_little_room_there_is(result: Review, most: int) -> None:
    for made in (digest(result, link=link, inline=result.findings), digest(result)):
        for text in (made.text(), made.text(most=most)):
            tokens = PARSER.parse(text)
            html = [token.content.strip() for token in nodes(tokens) if token.type == "html_block"]
            assert html.count("</details>") * 2 == len(html)
            assert all(block.startswith("<details>\n<summary>") or block == "</details>" for block in html)
            inline = {token.content for token in nodes(tokens) if token.type == "html_inline"}
            assert inline == {"<sub>", "</sub>"}
            links = [token.attrs["href"] for token in nodes(tokens) if token.type == "link_open"]
            assert all(str(target).startswith("https://host/") for target in links)
            assert (tokens[0].tag, tokens[-1].type, tokens[-1].level) == ("h3", "paragraph_close", 0)
            assert tokens[-2].content == made.tail


@given(reviews())
def test_every_finding_is_a_row_of_four_cells(result: Review) -> None:
    tokens = [token for section in digest(result, link=link).sections for token in PARSER.parse(section.text())]
    dropped = [drop for drop in result.dropped if drop.finding and drop.reason in {*list(DropReason)[6:]}]
    assert sum(token.type == "td_open" for token in tokens) == 4 * (len(result.findings) + len(dropped))


def test_a_table_leaves_room_for_what_is_told_in_full() -> None:
    found = [finding(APP, 1, claim=draft(title=f"Title {number}", body=f"word{number}word.")) for number in range(40)]
    text = digest(review((APP,), found), inline=found).text(most=3_000)
    assert len(text) <= 3_000
    assert "word0word." in text
    assert "Title 3 |" in text
    assert "more" in text


def test_a_name_of_any_length_takes_little_room() -> None:
    long = replace(APP, path="/".join(["%" * 200] * 9))
    one = finding(long, 1)
    text = digest(review((long,), [one]), link=lambda anchor: f"https://x/{anchor.path}").text()
    (row,) = (line for line in text.split("\n") if line.startswith(f"| {one.draft.severity}"))
    assert len(row) < 500
    assert "https://x" not in row
