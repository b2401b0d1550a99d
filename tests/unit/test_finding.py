import unicodedata
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reviewbot.diff import Side
from reviewbot.finding import (
    Anchor,
    Category,
    Draft,
    Dropped,
    DropReason,
    Finding,
    Severity,
    State,
    squeeze,
)
from reviewbot.stages.prompt import shown
from tests.support.strategies import TEXTS

DRAFT = Draft(
    path="src/app.py",
    line=3,
    side=Side.NEW,
    quote="value = 1",
    severity=Severity.WARNING,
    category=Category.CORRECTNESS,
    title="Never read",
    body="It is never read.",
    suggestion=None,
    confidence=0.5,
)
ANCHOR = Anchor("src/app.py", Side.NEW, 3, 4)
FINDING = Finding(ANCHOR, ("value = 1", "\treturn 2"), DRAFT)


def test_severities_are_ranked_from_the_worst() -> None:
    assert [severity.rank for severity in (Severity.ERROR, Severity.WARNING, Severity.INFO)] == [0, 1, 2]


@pytest.mark.parametrize("severity", Severity)
def test_a_severity_is_at_least_itself_and_all_milder_ones(severity: Severity) -> None:
    order = [Severity.ERROR, Severity.WARNING, Severity.INFO]
    milder = order[order.index(severity) :]
    assert [other for other in order if severity.at_least(other)] == milder


@pytest.mark.parametrize(
    ("other", "overlaps"),
    [
        pytest.param(ANCHOR, True, id="the same"),
        pytest.param(replace(ANCHOR, start=4, end=9), True, id="its last line"),
        pytest.param(replace(ANCHOR, start=1, end=3), True, id="its first line"),
        pytest.param(replace(ANCHOR, start=1, end=9), True, id="around it"),
        pytest.param(replace(ANCHOR, start=5, end=9), False, id="after it"),
        pytest.param(replace(ANCHOR, start=1, end=2), False, id="before it"),
        pytest.param(replace(ANCHOR, side=Side.OLD), False, id="the other side"),
        pytest.param(replace(ANCHOR, path="src/other.py"), False, id="another file"),
        pytest.param(replace(ANCHOR, old_path="src/old.py"), True, id="another old name"),
    ],
)
def test_anchors_overlap_where_they_share_a_line(other: Anchor, *, overlaps: bool) -> None:
    assert ANCHOR.overlaps(other) is overlaps
    assert other.overlaps(ANCHOR) is overlaps


@pytest.mark.parametrize(
    "other",
    [
        pytest.param(replace(FINDING, anchor=replace(ANCHOR, start=30, end=31)), id="moved"),
        pytest.param(replace(FINDING, anchor=replace(ANCHOR, side=Side.OLD)), id="other side"),
        pytest.param(replace(FINDING, excerpt=("  value =  1", "return 2\r")), id="other white space"),
        pytest.param(replace(FINDING, state=State.STANDING), id="standing"),
        pytest.param(
            replace(FINDING, draft=replace(DRAFT, title="x", body="y", severity=Severity.ERROR)), id="other words"
        ),
    ],
)
def test_a_fingerprint_survives(other: Finding) -> None:
    assert other.fingerprint == FINDING.fingerprint


@pytest.mark.parametrize(
    "other",
    [
        pytest.param(replace(FINDING, anchor=replace(ANCHOR, path="src/other.py")), id="file"),
        pytest.param(replace(FINDING, draft=replace(DRAFT, category=Category.API)), id="category"),
        pytest.param(replace(FINDING, excerpt=("value = 2", "\treturn 2")), id="code"),
        pytest.param(replace(FINDING, excerpt=("value = 1 return 2",)), id="line ends"),
        pytest.param(replace(FINDING, ordinal=1), id="ordinal"),
    ],
)
def test_a_fingerprint_tells_findings_apart_by(other: Finding) -> None:
    assert other.fingerprint != FINDING.fingerprint


def test_a_fingerprint_is_64_hex_digits_that_do_not_change_between_versions() -> None:
    assert FINDING.fingerprint == "0c8427afed24a6d24a78d302b4034989616ca7362fc706f00da616de6673e922"
    assert FINDING.id == FINDING.fingerprint[:7]


def test_a_fingerprint_takes_paths_and_code_that_are_not_text() -> None:
    odd = replace(FINDING, anchor=replace(ANCHOR, path="a\udcff"), excerpt=("\udcfe",))
    assert len(odd.fingerprint) == 64


@pytest.mark.parametrize("stage", ["parse", "anchor", "filter"])
def test_a_filter_leaves_no_claims_without_a_place(stage: str) -> None:
    assert Dropped(stage, DropReason.QUOTE_NOT_FOUND, DRAFT).unanchored is (stage != "filter")


def test_what_could_not_be_read_at_all_is_no_claim() -> None:
    nothing = replace(DRAFT, title="", body="")
    assert not Dropped("parse", DropReason.MALFORMED, nothing).unanchored


def test_only_what_the_display_leaves_out_still_counts() -> None:
    counting = [reason for reason in DropReason if Dropped("filter", reason, DRAFT, FINDING).counts]
    assert counting == [DropReason.BELOW_SEVERITY, DropReason.OVER_MAX_COMMENTS]


@pytest.mark.parametrize(
    ("text", "squeezed"),
    [
        pytest.param("", "", id="empty"),
        pytest.param(" \t ", "", id="blank"),
        pytest.param("  a   b  ", "a b", id="spaces"),
        pytest.param("a\tb\r", "a b", id="tab and carriage return"),
        pytest.param("a\x00b\x0b\x1bc\x7f", "a b c", id="controls"),
        pytest.param("a\u00a0b\u2028c\u3000d", "a b c d", id="other spaces"),
        pytest.param("a\u200bb\ufeffc\u202e", "abc", id="invisible characters"),
        pytest.param("e\u0301", "é", id="decomposed"),
        pytest.param("a\udcff", "a\ufffd", id="a byte that is not text"),
        pytest.param("值 = 1", "值 = 1", id="Chinese"),
    ],
)
def test_a_line_is_squeezed_to_what_is_compared(text: str, squeezed: str) -> None:
    assert squeeze(text) == squeezed


@given(st.text(st.characters(exclude_categories=["Cs", "Cf"])) | TEXTS)
def test_squeezing_twice_changes_nothing(text: str) -> None:
    assert squeeze(squeeze(text)) == squeeze(text)


@given(st.text() | TEXTS | st.sampled_from(["<|im_end|>", "x <think> y", "</tool_call>"]))
def test_what_a_prompt_shows_is_equal_to_what_stands_in_the_file(text: str) -> None:
    assert squeeze(shown(text)) == squeeze(text)


@given(st.text())
def test_composed_and_decomposed_lines_are_equal(text: str) -> None:
    assert squeeze(unicodedata.normalize("NFD", text)) == squeeze(text)
