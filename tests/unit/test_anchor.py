import pytest

from reviewbot.diff import FileDiff, LineKind, Side, Status
from reviewbot.finding import Anchor, Category, Draft, Dropped, DropReason, Finding, Severity
from reviewbot.stages.anchor import anchor, index
from tests.support.strategies import numbered

SHOWN = """\
 1|import os
 2|
 3|def load(path):
-4|    return open(path).read()
+4|    with open(path) as stream:
+5|        return stream.read()
 6|
 7|def total(prices):
-7|    return sum(prices)
+8|    result = sum(prices)
+9|    return result
@@
 42|def mean(prices):
-41|    return sum(prices) / 2
+43|    if (!prices) {
+44|        log.info("no prices at all")
+45|        return 0;
+46|    } else {
+47|        value = total(prices) / prices.length
 48|
 49|}
+50|- item one
+51|++counter;
@@
 90|        log.info("saved the record")
+91|    }
+92|        log.info("saved the record")
+93|    }
-84|    label = "<|endoftext|>"
+94|    label = "<|im_end|>\ufeff"
+95|    data = b"\udcff\udcfe raw bytes"
-85|\tindented = by_tab
+96|    indented = by_tab
 97|    café = naïve("é")
@@
 200|        log.info("saved the record")
+201|    return result"""


def shown_file(path: str = "src/app.py") -> FileDiff:
    """The file above, numbered as it says."""
    kinds = {kind.value: kind for kind in LineKind}
    starts = iter([(1, 1), (40, 42), (83, 90), (180, 200)])
    hunks = []
    for part in SHOWN.split("\n@@\n"):
        rows = [(kinds[row[0]], row.partition("|")[2]) for row in part.split("\n")]
        old, new = next(starts)
        hunks.append(numbered(rows, old=old, new=new))
    return FileDiff(path, Status.MODIFIED, tuple(hunks))


FILE = shown_file()


def made_draft(
    quote: str,
    line: int | None = None,
    side: Side = Side.NEW,
    path: str = "src/app.py",
    suggestion: str | None = None,
) -> Draft:
    return Draft(path, line, side, quote, Severity.WARNING, Category.OTHER, "Title", "Body.", suggestion, 0.5)


def place_of(result: Finding | Dropped) -> tuple[Side, int, int] | DropReason:
    if isinstance(result, Dropped):
        assert result.stage == "anchor"
        return result.reason
    return result.anchor.side, result.anchor.start, result.anchor.end


def test_the_sample_is_numbered_as_it_is_shown() -> None:
    shown = [f"{line.kind}{line.number(line.side)}" for hunk in FILE.hunks for line in hunk.lines]
    assert shown == [row.partition("|")[0] for row in SHOWN.split("\n") if row != "@@"]


@pytest.mark.parametrize(
    ("quote", "line", "start", "end"),
    [
        pytest.param("    with open(path) as stream:", 4, 4, 4, id="as it stands"),
        pytest.param("    with open(path) as stream:", None, 4, 4, id="no number"),
        pytest.param("    with open(path) as stream:", 999, 4, 4, id="wrong number"),
        pytest.param("with  open(path)\tas stream:  ", 4, 4, 4, id="other white space"),
        pytest.param(
            "    with open(path) as stream:\r\n        return stream.read()\r\n", 4, 4, 5, id="carriage returns"
        ),
        pytest.param("\n\n    with open(path) as stream:\n\n", 4, 4, 4, id="blank lines around"),
        pytest.param("+4|    with open(path) as stream:", 4, 4, 4, id="sign and number"),
        pytest.param("4|    with open(path) as stream:", 4, 4, 4, id="number alone"),
        pytest.param(" 7|def total(prices):", 7, 7, 7, id="context with its number"),
        pytest.param("+4|with open(path) as stream:\n+5|        return stream.read()", 4, 4, 5, id="two numbered"),
        pytest.param("+    with open(path) as stream:\n+        return stream.read()", 4, 4, 5, id="bare signs"),
        pytest.param("+    with open(path) as stream:\n        return stream.read()", 4, 4, 5, id="one bare sign"),
        pytest.param("`with open(path) as stream:`", 4, 4, 4, id="backticks"),
        pytest.param("`+4|    with open(path) as stream:`", 4, 4, 4, id="backticks and number"),
        pytest.param("```python\n    with open(path) as stream:\n```", 4, 4, 4, id="fence"),
        pytest.param("~~~\n+4|with open(path) as stream:\n+5|return stream.read()\n~~~", 4, 4, 5, id="other fence"),
        pytest.param("- item one", 50, 50, 50, id="a line that begins with a sign"),
        pytest.param("+- item one\n+++counter;", 50, 50, 51, id="signs before signs"),
        pytest.param("open(path) as stream", 4, 4, 4, id="part of a line"),
        pytest.param(
            "open(path) as stream:\n        return stream", 4, 4, 5, id="from within a line to within the next"
        ),
        pytest.param("value = total(prices) / prices.length\n\n}", 47, 47, 49, id="a blank line within"),
        pytest.param("value = total(prices) / prices\n\n}", 47, 47, 49, id="a blank line within parts"),
        pytest.param("    with open[path] as stream:", 4, 4, 4, id="nearly right at its number"),
        pytest.param("    with open[path] as stream:", 7, 4, 4, id="nearly right near its number"),
        pytest.param('    label = "<\u200b|im_end|>"', 94, 94, 94, id="a control token as the prompt shows it"),
        pytest.param('    data = b"\ufffd\ufffd raw bytes"', 95, 95, 95, id="bytes as the prompt shows them"),
        pytest.param('cafe\u0301 = nai\u0308ve("e\u0301")', 97, 97, 97, id="decomposed characters"),
        pytest.param("def load(path):\n    with open(path) as stream:", 3, 3, 4, id="context and added"),
        pytest.param("    return result", 8, 9, 9, id="two matches, the nearer first"),
        pytest.param("    return result", 180, 201, 201, id="two matches, the nearer last"),
        pytest.param('log.info("saved the record")', 91, 92, 92, id="a changed line before an unchanged one"),
        pytest.param('log.info("saved the record")', 90, 90, 90, id="an unchanged line at its number"),
        pytest.param("    }\n        log.info", 91, 91, 92, id="a short line beside a longer part"),
        pytest.param("    }", 91, 91, 91, id="a weak quote at its number"),
        pytest.param("+93|    }", None, 93, 93, id="a weak quote with the number it was copied with"),
        pytest.param("        return 0;", 7, 45, 45, id="a weak quote that stands once"),
        pytest.param("} else {", 400, 46, 46, id="bare keywords that stand once"),
        pytest.param("return sum(prices)\n    result = sum(prices)", 8, 8, 8, id="deleted and added as printed"),
        pytest.param("-7|    return sum(prices)\n+8|    result = sum(prices)\n+9|return result", 7, 8, 9, id="printed"),
    ],
)
def test_a_quote_lands_on_the_new_lines_it_means(quote: str, line: int | None, start: int, end: int) -> None:
    assert place_of(anchor(made_draft(quote, line), index([FILE]))) == (Side.NEW, start, end)


@pytest.mark.parametrize(
    ("quote", "line", "side", "start", "end"),
    [
        pytest.param("return open(path).read()", 4, Side.OLD, 4, 4, id="deleted"),
        pytest.param("return open(path).read()", 4, Side.NEW, 4, 4, id="deleted, claimed on the new side"),
        pytest.param("-4|    return open(path).read()", None, Side.NEW, 4, 4, id="deleted, with its number"),
        pytest.param("def load(path):\n    return open(path).read()", 3, Side.OLD, 3, 4, id="context and deleted"),
        pytest.param("def load(path):\n    return open(path).read()", 3, Side.NEW, 3, 4, id="not the context alone"),
        pytest.param("-    return sum(prices)\n+    result = sum(prices)", 7, Side.OLD, 7, 7, id="as printed"),
        pytest.param("indented = by_tab", 85, Side.NEW, 85, 85, id="on both sides, the number is the old one's"),
        pytest.param("    return sum(prices)", None, Side.OLD, 7, 7, id="a whole line before a part of one"),
    ],
)
def test_a_quote_lands_on_the_old_lines_it_means(
    quote: str, line: int | None, side: Side, start: int, end: int
) -> None:
    assert place_of(anchor(made_draft(quote, line, side), index([FILE]))) == (Side.OLD, start, end)


@pytest.mark.parametrize("side", Side)
def test_unchanged_lines_are_anchored_on_the_new_side(side: Side) -> None:
    lines = index([FILE])
    assert place_of(anchor(made_draft("def mean(prices):", 42, side), lines)) == (Side.NEW, 42, 42)
    assert place_of(anchor(made_draft("import os\n\ndef load(path):", 1, side), lines)) == (Side.NEW, 1, 3)


def test_unchanged_lines_that_only_the_old_side_has_together_are_anchored_there() -> None:
    rows = [(LineKind.CONTEXT, "first()"), (LineKind.ADDED, "between()"), (LineKind.CONTEXT, "second()")]
    lines = index([FileDiff("src/app.py", Status.MODIFIED, (numbered(rows, old=5, new=8),))])
    assert place_of(anchor(made_draft("first()\nsecond()", 5), lines)) == (Side.OLD, 5, 6)


def test_without_a_number_the_claimed_side_decides_between_the_sides() -> None:
    lines = index([FILE])
    assert place_of(anchor(made_draft("indented = by_tab", None, Side.NEW), lines)) == (Side.NEW, 96, 96)
    assert place_of(anchor(made_draft("indented = by_tab", None, Side.OLD), lines)) == (Side.OLD, 85, 85)


def test_with_equal_distance_the_claimed_side_comes_first() -> None:
    rows = [(LineKind.DELETED, "value = compute(1)"), (LineKind.ADDED, "value  = compute(1)")]
    lines = index([FileDiff("src/app.py", Status.MODIFIED, (numbered(rows, old=5, new=5),))])
    for side in Side:
        assert place_of(anchor(made_draft("value = compute(1)", 5, side), lines)) == (side, 5, 5)


def test_the_first_quoted_line_is_at_the_number_where_matches_overlap() -> None:
    rows = [(LineKind.ADDED, "again(and_again)")] * 4
    lines = index([FileDiff("src/app.py", Status.MODIFIED, (numbered(rows, old=5, new=5),))])
    for number in (5, 6, 7):
        draft = made_draft("again(and_again)\nagain(and_again)", number)
        assert place_of(anchor(draft, lines)) == (Side.NEW, number, number + 1)


@pytest.mark.parametrize("quote", ["flags = 0|1", "+flags = 0|1", "+5|flags = 0|1", "`flags = 0|1`"])
def test_only_a_number_before_a_line_is_a_copied_one(quote: str) -> None:
    rows = [(LineKind.ADDED, "flags = 0|1"), (LineKind.ADDED, "flags = 1")]
    lines = index([FileDiff("src/app.py", Status.MODIFIED, (numbered(rows, old=5, new=5),))])
    assert place_of(anchor(made_draft(quote, 6), lines)) == (Side.NEW, 5, 5)


def test_a_number_may_be_that_of_any_quoted_line() -> None:
    rows = [(LineKind.ADDED, f"step_{at % 3}(value)") for at in range(6)]
    lines = index([FileDiff("src/app.py", Status.MODIFIED, (numbered(rows, old=10, new=10),))])
    quote = "step_0(value)\nstep_1(value)\nstep_2(value)"
    assert place_of(anchor(made_draft(quote, 12), lines)) == (Side.NEW, 10, 12)
    assert place_of(anchor(made_draft(quote, 13), lines)) == (Side.NEW, 13, 15)


@pytest.mark.parametrize(
    ("quote", "line", "reason"),
    [
        pytest.param("    with closing(socket) as stream:", 4, DropReason.QUOTE_NOT_FOUND, id="other text"),
        pytest.param("    with open[path] as stream:", 8, DropReason.QUOTE_NOT_FOUND, id="nearly right, far away"),
        pytest.param("    with open[path] as stream:", None, DropReason.QUOTE_NOT_FOUND, id="nearly right, no number"),
        pytest.param("import os!", 1, DropReason.QUOTE_NOT_FOUND, id="nearly right, but short"),
        pytest.param("stream", 5, DropReason.QUOTE_NOT_FOUND, id="a short part of a line"),
        pytest.param("", 4, DropReason.QUOTE_NOT_FOUND, id="nothing"),
        pytest.param("  \n\t\n", 2, DropReason.QUOTE_NOT_FOUND, id="blank"),
        pytest.param(" 2|", 2, DropReason.QUOTE_NOT_FOUND, id="a blank line with its number"),
        pytest.param("+", 2, DropReason.QUOTE_NOT_FOUND, id="a sign"),
        pytest.param("```\n\n```", 2, DropReason.QUOTE_NOT_FOUND, id="an empty fence"),
        pytest.param("return result\ndef mean(prices):", 9, DropReason.QUOTE_NOT_FOUND, id="across hunks"),
        pytest.param("import os\ndef load(path):", 1, DropReason.QUOTE_NOT_FOUND, id="a line left out"),
        pytest.param("+12|", 12, DropReason.QUOTE_NOT_FOUND, id="only a number"),
        pytest.param("return result", None, DropReason.QUOTE_AMBIGUOUS, id="two matches, no number"),
        pytest.param("saved the record", None, DropReason.QUOTE_AMBIGUOUS, id="part of three lines, no number"),
        pytest.param("    }", 92, DropReason.QUOTE_AMBIGUOUS, id="a weak quote beside its number"),
        pytest.param("    }", None, DropReason.QUOTE_AMBIGUOUS, id="a weak quote without a number"),
    ],
)
def test_a_quote_that_proves_no_place_is_dropped(quote: str, line: int | None, reason: DropReason) -> None:
    draft = made_draft(quote, line)
    assert anchor(draft, index([FILE])) == Dropped("anchor", reason, draft)


def test_a_weak_quote_on_both_sides_needs_its_number_too() -> None:
    rows = [(LineKind.DELETED, "  }"), (LineKind.ADDED, "    }")]
    lines = index([FileDiff("src/app.py", Status.MODIFIED, (numbered(rows, old=5, new=9),))])
    assert place_of(anchor(made_draft("}"), lines)) is DropReason.QUOTE_AMBIGUOUS
    assert place_of(anchor(made_draft("}", 9), lines)) == (Side.NEW, 9, 9)


@pytest.mark.parametrize(
    "quote", ["first_value = compute(101)", "last_value = compute(100)", "first_value == compute(100)"]
)
def test_a_line_with_another_word_number_or_operator_is_other_code(quote: str) -> None:
    rows = [(LineKind.ADDED, "first_value = compute(100)")]
    lines = index([FileDiff("src/app.py", Status.MODIFIED, (numbered(rows, old=5, new=5),))])
    assert place_of(anchor(made_draft(quote, 5), lines)) is DropReason.QUOTE_NOT_FOUND


def test_a_finding_holds_the_lines_as_they_stand_and_the_drafts_prose() -> None:
    draft = made_draft("`data = b'...'`\n", 95, suggestion="x")
    assert place_of(anchor(draft, index([FILE]))) is DropReason.QUOTE_NOT_FOUND
    draft = made_draft('data = b"\ufffd\ufffd raw bytes"', 95)
    expected = Finding(Anchor("src/app.py", Side.NEW, 95, 95), ('    data = b"\udcff\udcfe raw bytes"',), draft)
    assert anchor(draft, index([FILE])) == expected


@pytest.mark.parametrize(
    "claimed",
    [
        pytest.param("src/app.py", id="exact"),
        pytest.param("lib/old name.py", id="the old name"),
        pytest.param("a/src/app.py", id="old prefix"),
        pytest.param("b/src/app.py", id="new prefix"),
        pytest.param("./src/app.py", id="dot"),
        pytest.param("/src/app.py", id="slash"),
        pytest.param("`src/app.py`", id="backticks"),
        pytest.param("'src/app.py'", id="quotes"),
        pytest.param("src\\app.py", id="backslash"),
        pytest.param("src/app.py:12", id="with a number"),
        pytest.param("src/app.py:12-14", id="with a range"),
        pytest.param("b/lib/old name.py", id="the old name with a prefix"),
        pytest.param("app.py", id="the end of it"),
        pytest.param("/home/ada/project/src/app.py", id="absolute"),
        pytest.param("project/lib/old name.py", id="more than the old name"),
    ],
)
def test_a_path_is_known_in_each_way_models_write_it(claimed: str) -> None:
    renamed = FileDiff("src/app.py", Status.RENAMED, FILE.hunks, old_path="lib/old name.py")
    other = shown_file("src/other_app.py")
    result = anchor(made_draft("with open(path) as stream:", 4, path=claimed), index([other, renamed]))
    assert isinstance(result, Finding)
    assert result.anchor == Anchor("src/app.py", Side.NEW, 4, 4, "lib/old name.py")


@pytest.mark.parametrize("claimed", ["", "`", "pp.py", "src", "src/ap.py", "shared.py", "shared", "gone.py", "py"])
def test_a_path_that_no_file_or_more_than_one_has_is_dropped(claimed: str) -> None:
    names = ("src/app.py", "x/shared.py", "y/shared.py")
    copies = [FileDiff(f"{name}.py", Status.COPIED, FILE.hunks, old_path="gone.py") for name in "mn"]
    draft = made_draft("with open(path) as stream:", 4, path=claimed)
    lines = index([*map(shown_file, names), *copies])
    assert anchor(draft, lines) == Dropped("anchor", DropReason.UNKNOWN_PATH, draft)


def test_bytes_and_controls_in_a_path_are_known_as_the_prompt_shows_them() -> None:
    lines = index([shown_file("src/\udcff\tname.py")])
    result = anchor(made_draft("def total(prices):", 7, path="src/\ufffd name.py"), lines)
    assert isinstance(result, Finding)
    assert result.anchor.path == "src/\udcff\tname.py"


def test_an_exact_path_wins_over_another_files_old_one() -> None:
    swapped = [
        FileDiff("one.py", Status.RENAMED, FILE.hunks[:1], old_path="two.py"),
        FileDiff("two.py", Status.RENAMED, FILE.hunks[1:], old_path="one.py"),
    ]
    for path, quote in (("one.py", "def total(prices):"), ("./two.py", "def mean(prices):")):
        result = anchor(made_draft(quote, path=path), index(swapped))
        assert isinstance(result, Finding)
        assert result.anchor.path == path.removeprefix("./")


def test_only_a_renamed_file_keeps_its_old_path() -> None:
    copied = FileDiff("src/app.py", Status.COPIED, FILE.hunks, old_path="lib/app.py")
    result = anchor(made_draft("def total(prices):"), index([copied]))
    assert isinstance(result, Finding)
    assert result.anchor.old_path is None


def test_parts_of_one_file_are_searched_together() -> None:
    parts = [FILE.with_hunks([hunk]) for hunk in FILE.hunks]
    lines = index(parts)
    assert place_of(anchor(made_draft("return result", 201), lines)) == (Side.NEW, 201, 201)
    assert place_of(anchor(made_draft("return result"), lines)) is DropReason.QUOTE_AMBIGUOUS


def test_a_line_that_two_parts_show_is_one_place() -> None:
    assert place_of(anchor(made_draft("def total(prices):"), index([FILE, FILE]))) == (Side.NEW, 7, 7)


def test_a_file_without_text_has_no_place() -> None:
    lines = index([FileDiff("src/app.py", Status.MODIFIED, binary=True)])
    assert place_of(anchor(made_draft("anything at all", 1), lines)) is DropReason.QUOTE_NOT_FOUND


@pytest.mark.parametrize(
    ("quote", "lands"),
    [
        ("processed_items", False),
        ("items_total = 1", True),
        ("unprocessed_items", False),
        ("processed_items_to", False),
    ],
)
def test_a_part_of_a_line_begins_and_ends_with_whole_words(quote: str, *, lands: bool) -> None:
    rows = [(LineKind.ADDED, "unprocessed items_total = 1"), (LineKind.ADDED, "my_processed_items_total(x)")]
    lines = index([FileDiff("src/app.py", Status.MODIFIED, (numbered(rows, old=5, new=5),))])
    assert isinstance(anchor(made_draft(quote, 5), lines), Finding) is lands
