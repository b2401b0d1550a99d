"""A report as it was written comes back; what is none is told apart."""

import json
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reviewbot.errors import ConfigError
from reviewbot.finding import Finding, Severity
from reviewbot.formats.json import render
from reviewbot.mending import Proof
from reviewbot.ports import View
from reviewbot.reread import MOST_BYTES, NoReportError, Reread, read, write
from reviewbot.review import Review
from tests.support.reviews import draft, file, finding, hunk, review, reviews

FILE = file("src/ä.py", hunk(" a", "+total()\r", "+\ufeff x\u202e"))
FIRST = finding(
    FILE, 2, 3, draft("Wrong \x1b[31m", severity=Severity.ERROR, suggestion="right()\n  y", confidence=0.25)
)
SECOND = finding(FILE, 1, claim=draft(suggestion=None))
REPORT = render(review([FILE], [FIRST, SECOND]), View())


def told(one: Finding) -> tuple[object, ...]:
    """What a report is asked for."""
    claim = one.draft
    place = (one.anchor.path, one.anchor.side, one.anchor.start, one.anchor.end)
    return *place, claim.severity, claim.title, claim.suggestion, claim.confidence, one.fingerprint, one.excerpt


def changed(**fields: Any) -> bytes:
    """The report with fields of its first finding changed; None leaves one out."""
    document = json.loads(REPORT)
    document["findings"][0] |= fields
    return json.dumps(document).encode()


def test_findings_come_back_as_they_were_told() -> None:
    made = read(REPORT.encode())
    assert made.head == "a" * 40
    assert [*map(told, made.findings)] == [*map(told, (FIRST, SECOND))]
    assert made.proofs == {}


@given(reviews())
def test_every_report_that_is_written_can_be_read(written: Review) -> None:
    made = read(render(written, View()).encode())
    assert [one.fingerprint for one in made.findings] == list(
        dict.fromkeys(one.fingerprint for one in written.findings)
    )


def test_a_finding_that_a_report_has_twice_comes_back_once() -> None:
    document = json.loads(REPORT)
    document["findings"] += [document["findings"][1], document["findings"][0] | {"title": "Again"}]
    assert read(json.dumps(document).encode()) == read(REPORT.encode())


@pytest.mark.parametrize(
    ("ids", "expected"),
    [
        pytest.param([], [FIRST], id="all that suggest something"),
        pytest.param([SECOND.id], [SECOND], id="named"),
        pytest.param([SECOND.id, FIRST.id.upper(), FIRST.fingerprint], [FIRST, SECOND], id="each once, in order"),
    ],
)
def test_findings_are_chosen_by_the_beginnings_of_their_fingerprints(ids: list[str], expected: list[Finding]) -> None:
    assert [one.fingerprint for one in read(REPORT.encode()).chosen(ids)] == [one.fingerprint for one in expected]


@pytest.mark.parametrize("said", ["0000000", "", f"{FIRST.id}g"])
def test_an_id_that_no_finding_has_is_an_error(said: str) -> None:
    with pytest.raises(ConfigError, match="the report has no finding"):
        read(REPORT.encode()).chosen([FIRST.id, said])


def test_an_id_that_several_findings_have_is_an_error() -> None:
    twins = (replace(FIRST, told_as="ab0" + "0" * 61), replace(SECOND, told_as="ab1" + "0" * 61))
    with pytest.raises(ConfigError, match="ab may be any of 2 findings"):
        Reread(None, twins, {}).chosen(["ab"])


@given(st.dictionaries(st.text("0123456789abcdef", min_size=64, max_size=64), st.integers(1, 9)))
def test_what_proves_places_is_kept_with_the_report(copies: dict[str, int]) -> None:
    proofs = {key: Proof(f"digest {number}", number, ("before", f"after {number}")) for key, number in copies.items()}
    made = read(write(REPORT, proofs).encode())
    assert made == replace(read(REPORT.encode()), proofs=proofs)


OLDER = {"digest": "x", "copies": 1}


@pytest.mark.parametrize(
    "said",
    [
        pytest.param(None, id="nothing"),
        pytest.param([], id="a list"),
        pytest.param({"a": 1, "b": {"digest": 1, "copies": 1}, "c": {"digest": "x"}}, id="other forms"),
        pytest.param({"a": OLDER}, id="of an earlier version"),
        pytest.param({"a": {**OLDER, "beside": ["x"]}, "b": {**OLDER, "beside": ["x", None]}}, id="half"),
    ],
)
def test_proofs_that_cannot_be_read_prove_nothing(said: object) -> None:
    assert read(json.dumps({**json.loads(REPORT), "proofs": said}).encode()).proofs == {}


@pytest.mark.parametrize(
    ("said", "head"),
    [("b" * 40, "b" * 40), ("c" * 64, "c" * 64), (None, None), ("HEAD", None), ("--help", None), ("", None)],
)
def test_only_the_full_name_of_a_commit_names_one(said: str | None, head: str | None) -> None:
    document = json.loads(REPORT)
    document["target"]["head"] = said
    assert read(json.dumps(document).encode()).head == head


def test_unknown_fields_and_a_byte_order_mark_are_passed_over() -> None:
    data = b"\xef\xbb\xbf" + json.dumps({**json.loads(REPORT), "more": 1}).encode()
    assert read(data) == read(REPORT.encode())


def test_the_least_that_is_read_is_a_report() -> None:
    assert read(b'{"version": 1, "target": {"head": null}, "findings": []}') == Reread(None, (), {})


@pytest.mark.parametrize(
    ("data", "why"),
    [
        pytest.param(b"", "it is no JSON", id="nothing"),
        pytest.param(b"\xff\xfe", "it is no JSON", id="no text"),
        pytest.param(b"[" * 200_000, "it is no JSON", id="nested deeply"),
        pytest.param(b"[]", "it has another form", id="a list"),
        pytest.param(b'{"version": 1, "findings": []}', "it has another form", id="a baseline"),
        pytest.param(b'{"version": 0, "target": {"head": null}, "findings": []}', "it has another form", id="version"),
        pytest.param(b'{"version": 2}', "a newer reviewbot wrote it", id="newer"),
        pytest.param(b" " * (MOST_BYTES + 1), "it is larger than 50 MB", id="large"),
        pytest.param(changed(fingerprint="3f2a1bc"), "finding 1 has another form", id="fingerprint"),
        pytest.param(changed(path=None), "finding 1 has another form", id="path"),
        pytest.param(changed(side="left"), "finding 1 has another form", id="side"),
        pytest.param(changed(start_line=0), "finding 1 has another form", id="start"),
        pytest.param(changed(end_line=1), "finding 1 has another form", id="end before start"),
        pytest.param(changed(end_line=10**12), "finding 1 has another form", id="end"),
        pytest.param(changed(suggestion=["x"]), "finding 1 has another form", id="suggestion"),
        pytest.param(changed(severity="fatal"), "finding 1 has another form", id="severity"),
        pytest.param(changed(excerpt=None), "finding 1 has another form", id="excerpt"),
    ],
)
def test_what_is_no_report_says_why(data: bytes, why: str) -> None:
    with pytest.raises(NoReportError, match=f"^{why}$"):
        read(data)
