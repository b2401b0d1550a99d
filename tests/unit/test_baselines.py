"""Whatever a review finds is recognised after it was written down and read; what is no baseline is refused in words."""

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from reviewbot.baselines import MOST_BYTES, NoBaselineError, read, write
from reviewbot.diff import Side
from reviewbot.finding import Category, DropReason, Finding, Severity
from reviewbot.memory import Fate
from reviewbot.review import Review
from reviewbot.stages.standing import standing
from reviewbot.terminal import visible
from tests.support.reviews import HOSTILE, HOSTILE_CLAIM, draft, file, finding, hunk, review, reviews

SCHEMA = Draft202012Validator(
    json.loads((Path(__file__).parents[2] / "docs" / "baseline.schema.json").read_text("utf-8"))
)
APP = file("src/app.py", hunk("+first = 1", "+second = 2", "-third = 3", " fourth = 4", "+fifth = 5"))
FOUND = finding(APP, 2)


def counted(made: Review) -> tuple[Finding, ...]:
    """What counts, each with a fingerprint of its own, as `filters` leaves it."""
    told = [one for one in made.counted if one.draft.category is not Category.SECRET]
    return tuple(replace(one, ordinal=number) for number, one in enumerate(told))


HOSTILE_FILE = file(f"{HOSTILE}.py", hunk(f"+{HOSTILE}", "+\r", "+漢字\r\t", "+", "+}"))


@given(reviews())
@example(review([HOSTILE_FILE], [finding(HOSTILE_FILE, line, claim=draft(HOSTILE_CLAIM)) for line in range(1, 6)]))
def test_what_was_written_is_recognised(made: Review) -> None:
    findings = counted(made)
    known = read(write(findings).encode())
    assert len(known) == len(findings)
    stood = standing((), findings, known, change=made.change, skipped=())
    assert (stood.claimed, stood.gone, stood.held) == ((), (), ())
    assert [drop.reason for drop in stood.dropped] == [DropReason.BASELINE] * len(findings)
    assert {drop.finding.fingerprint for drop in stood.dropped if drop.finding} == {one.fingerprint for one in findings}


@given(reviews())
def test_what_was_written_is_read_at_its_place(made: Review) -> None:
    def told(one: Finding) -> tuple[object, ...]:
        return one.anchor, one.excerpt, one.draft.severity, one.draft.category, one.fingerprint

    findings = counted(made)
    known = read(write(findings).encode())
    assert {told(one.finding) for one in known} == {told(one) for one in findings}
    assert {one.fate for one in known} <= {Fate.BASELINE}
    assert not any(one.finding.draft.body for one in known)


@given(reviews(), st.randoms())
def test_equal_findings_make_equal_text_in_any_order(made: Review, random: Any) -> None:
    findings = counted(made)
    text = write(findings)
    assert write(random.sample(findings, len(findings))) == text
    assert visible(text, keep="\n") == text
    SCHEMA.validate(json.loads(text))
    places = [(entry["path"], entry["start_line"], entry["end_line"]) for entry in json.loads(text)["findings"]]
    assert places == sorted(places)


def test_a_finding_is_a_few_lines_that_people_can_read() -> None:
    title = "总数没有减去退款"
    written = write([replace(FOUND, draft=draft(title, "A long story about s1:0123.", category=Category.DATA))])
    assert written.count("\n") == 20
    assert written.startswith('{\n  "@generated": "by reviewbot baseline",\n  "version": 1,\n')
    assert f'      "title": "{title}",\n      "excerpt": [\n        "second = 2"\n      ],\n' in written
    assert "story" not in written


def test_nothing_is_written_as_an_empty_list() -> None:
    assert json.loads(write([]))["findings"] == []
    assert read(write([]).encode()) == ()


def test_a_finding_that_was_told_under_another_name_keeps_its_number() -> None:
    (one,) = read(write([replace(FOUND, told_as="ab" * 32)]).encode())
    assert (one.finding.id, one.finding.fingerprint) == ("abababa", "ab" * 32)


def entry(**fields: Any) -> Any:
    (made,) = json.loads(write([FOUND]))["findings"]
    return {**made, **fields}


def document(*entries: Any, **fields: Any) -> bytes:
    return json.dumps({"version": 1, "findings": entries, **fields}).encode()


def test_fields_that_are_not_known_are_passed_over_and_an_old_path_may_be_left_out() -> None:
    made = entry(note="ours", reviewed_by=["Ada"])
    del made["old_path"]
    (one,) = read(b"\xef\xbb\xbf" + document(made, comment="yes"))
    assert one.finding.anchor == FOUND.anchor


WRONG: dict[str, list[Any]] = {
    "path": [None, 3, ["a"]],
    "old_path": [3, ["a"], False],
    "side": [None, "right", 1, ["new"]],
    "start_line": [None, 0, -1, True, "1", 2**31],
    "end_line": [None, 0, True, [2], 10**400],
    "severity": [None, "fatal", 1, "ERROR"],
    "category": [None, "style", {}],
    "title": [None, 1],
    "excerpt": [None, [], "second = 2", [1], ["a", None], {"a": "b"}],
    "fingerprint": [None, "", "abc", "A" * 64, "0" * 65, 7],
}


@pytest.mark.parametrize(("name", "value"), [(name, value) for name, values in WRONG.items() for value in values])
def test_a_field_that_is_wrong_is_named_and_the_schema_knows_it(name: str, value: Any) -> None:
    data = document(entry(), entry(**{name: value}))
    with pytest.raises(NoBaselineError, match=f"^{name} of finding 2 is missing or wrong$"):
        read(data)
    assert not SCHEMA.is_valid(json.loads(data))


@pytest.mark.parametrize("name", [name for name in WRONG if name != "old_path"])
def test_a_field_that_is_missing_is_named_and_the_schema_knows_it(name: str) -> None:
    data = document({key: value for key, value in entry().items() if key != name})
    with pytest.raises(NoBaselineError, match=f"^{name} of finding 1 is missing or wrong$"):
        read(data)
    assert not SCHEMA.is_valid(json.loads(data))


def test_lines_do_not_end_before_they_start() -> None:
    with pytest.raises(NoBaselineError, match=r"^end_line of finding 1 is missing or wrong$"):
        read(document(entry(start_line=9, end_line=8)))


@pytest.mark.parametrize(
    ("data", "why"),
    [
        pytest.param(b"", "it is no JSON", id="empty"),
        pytest.param(b"\xff", "it is no JSON", id="no text"),
        pytest.param(b"[" * 100_000, "it is no JSON", id="nested too deeply"),
        pytest.param(b"9" * 5000, "it is no JSON", id="a number that large"),
        pytest.param(b"null", "it has another form", id="null"),
        pytest.param(b'"version"', "it has another form", id="a text"),
        pytest.param(b"{}", "it has another form", id="without a version"),
        pytest.param(document(version=True), "it has another form", id="version true"),
        pytest.param(document(version=1.0), "it has another form", id="version 1.0"),
        pytest.param(document(version=0), "it has another form", id="version 0"),
        pytest.param(document(version="1"), "it has another form", id="version as a text"),
        pytest.param(document(version=None), "it has another form", id="version null"),
        pytest.param(document(findings={}), "it has another form", id="findings as an object"),
        pytest.param(document(findings=None), "it has another form", id="findings null"),
        pytest.param(document(version=2), "a newer reviewbot wrote it", id="version 2"),
        pytest.param(document(version=10**400, findings=3), "a newer reviewbot wrote it", id="a version that large"),
        pytest.param(document(3), "side of finding 1 is missing or wrong", id="a finding that is a number"),
        pytest.param(b" " * (MOST_BYTES + 1), "it is larger than 10 MB", id="too large"),
    ],
)
def test_what_is_no_baseline_is_refused_with_a_reason(data: bytes, why: str) -> None:
    with pytest.raises(NoBaselineError) as caught:
        read(data)
    assert str(caught.value) == why


def test_the_largest_file_is_still_read() -> None:
    assert len(read(document(entry()).ljust(MOST_BYTES))) == 1


_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from([*WRONG, "version"]), inner),
    max_leaves=12,
)


def refusal(data: bytes) -> str:
    """Why it is no baseline, "" where it is one."""
    try:
        read(data)
    except NoBaselineError as error:
        return str(error)
    return ""


@given(_JSON | st.fixed_dictionaries({"version": st.just(1), "findings": st.lists(_JSON)}))
def test_no_document_makes_the_reader_stumble(made: Any) -> None:
    why = refusal(json.dumps(made).encode())
    assert len(why) < 80
    assert why or SCHEMA.is_valid(made)


@given(st.binary() | st.text().map(lambda text: f'{{"version": 1, "findings": [{text}]}}'.encode("utf-8", "replace")))
def test_no_bytes_make_the_reader_stumble(data: bytes) -> None:
    assert len(refusal(data)) < 80


def test_a_credential_is_neither_written_nor_read() -> None:
    secret = finding(APP, 1, claim=draft(category=Category.SECRET))
    assert read(write([secret]).encode()) == ()
    by_hand = write([finding(APP, 1)]).replace(f'"{finding(APP, 1).draft.category}"', '"secret"')
    assert '"secret"' in by_hand
    assert read(by_hand.encode()) == ()


@pytest.mark.parametrize("side", Side)
@pytest.mark.parametrize("severity", Severity)
@pytest.mark.parametrize("category", [one for one in Category if one is not Category.SECRET])
def test_every_kind_of_finding_is_read_as_it_was(side: Side, severity: Severity, category: Category) -> None:
    made = finding(APP, 1, claim=draft(side=side, severity=severity, category=category), side=side)
    (one,) = read(write([made]).encode())
    told = one.finding
    assert (told.anchor, told.draft.severity, told.draft.category) == (made.anchor, severity, category)
    assert (told.draft.title, told.draft.quote) == (made.draft.title, "\n".join(made.excerpt))
    SCHEMA.validate(json.loads(write([made])))
