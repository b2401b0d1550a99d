"""What is heard of a SARIF document: on which lines, in which words; and how much of it a prompt tells."""

import json
import time
from collections.abc import Collection
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from reviewbot import hints
from reviewbot.diff import FileDiff
from reviewbot.errors import ConfigError
from reviewbot.finding import Severity
from reviewbot.formats import sarif
from reviewbot.hints import HEARD, LONGEST, LONGEST_TOOL, MOST, ROOM, Hint, Told, hints_for
from reviewbot.ports import View
from tests.support.reviews import HOSTILE, draft, file, finding, hunk, review, reviews
from tests.support.strategies import TEXTS

APP = file("src/app.py", hunk(" one", "+two", "+three", " four", "-gone", "+five", " six"))
"""Added are lines 2, 3 and 5."""
TOP = "/home/ada/shop"


def read(
    document: Any,
    *,
    files: tuple[FileDiff, ...] = (APP,),
    tops: tuple[str, ...] = (TOP,),
    there: Collection[str] | None = None,
    secret: str = "\0",
) -> Told:
    """What is understood of a document; `there` are the files beside those of the change, None: any."""
    data = document if isinstance(document, bytes) else json.dumps(document).encode()
    return hints.read(
        data,
        name="ruff.sarif",
        files=files,
        tops=tops,
        there=lambda path: there is None or path in there,
        hide=lambda text: text.replace(secret, "HIDDEN"),
    )


def location(uri: str = "src/app.py", start: int = 2, **region: int) -> Any:
    return {"physicalLocation": {"artifactLocation": {"uri": uri}, "region": {"startLine": start, **region}}}


def result(text: str = "`x` is unused", *, uri: str = "src/app.py", start: int = 2, **fields: Any) -> Any:
    return {"ruleId": "F841", "message": {"text": text}, "locations": [location(uri, start)], **fields}


def run(*results: Any, driver: Any = None, **fields: Any) -> Any:
    return {"tool": {"driver": {"name": "ruff", **(driver or {})}}, "results": results, **fields}


def document(*runs: Any) -> Any:
    return {"version": "2.1.0", "runs": runs}


def heard(*results: Any, driver: Any = None, **fields: Any) -> tuple[Hint, ...]:
    """The hints of one run."""
    return read(document(run(*results, driver=driver, **fields))).hints


def only(made: Any, *, driver: Any = None, **fields: Any) -> Hint:
    (hint,) = heard(made, driver=driver, **fields)
    return hint


def placed(address: Any, *, files: tuple[FileDiff, ...] = (APP,), tops: tuple[str, ...] = (TOP,), **fields: Any) -> Any:
    """The path that is understood by an artifact location; `elsewhere`, `unplaced`, or None for another file."""
    made = result(locations=[{"physicalLocation": {"artifactLocation": address, "region": {"startLine": 2}}}])
    told = read(document(run(made, **fields)), files=files, tops=tops)
    if told.hints:
        return told.hints[0].path
    return "elsewhere" if told.elsewhere else "unplaced" if told.unplaced else None


def test_a_result_on_an_added_line_is_a_hint() -> None:
    told = read(document(run(result())))
    hint = Hint("src/app.py", 2, 2, "ruff F841", "`x` is unused")
    assert told == Told("ruff.sarif", (hint,), results=1, elsewhere=0, unplaced=0)


@pytest.mark.parametrize(
    ("region", "lines"),
    [
        ({"startLine": 2}, (2, 2)),
        ({"startLine": 2, "endLine": 3}, (2, 3)),
        ({"startLine": 1, "endLine": 2, "startColumn": 4, "endColumn": 9}, (1, 2)),
        ({"startLine": 2, "endLine": 4, "endColumn": 1}, (2, 3)),
        ({"startLine": 4, "endLine": 5, "endColumn": 1}, None),
        ({"startLine": 2, "endLine": 2, "endColumn": 1}, (2, 2)),
        ({"startLine": 2, "endLine": 1}, (2, 2)),
        ({"startLine": 3, "endLine": "9"}, (3, 3)),
        ({"startLine": 5, "endLine": 10**30}, (5, 5)),
        ({"startLine": 1}, None),
        ({"startLine": 4}, None),
        ({"startLine": 6, "endLine": 9}, None),
    ],
)
def test_only_what_touches_an_added_line_is_heard(region: Any, lines: tuple[int, int] | None) -> None:
    made = result(locations=[{"physicalLocation": {"artifactLocation": {"uri": "src/app.py"}, "region": region}}])
    assert [(hint.start, hint.end) for hint in heard(made)] == ([lines] if lines else [])


@pytest.mark.parametrize(
    "places",
    [
        None,
        [],
        [{}],
        [{"physicalLocation": {"artifactLocation": {"uri": "src/app.py"}}}],
        [{"physicalLocation": {"artifactLocation": {"uri": "src/app.py"}, "region": {"charOffset": 3}}}],
        [{"physicalLocation": {"artifactLocation": {"uri": "src/app.py"}, "region": {"startLine": True}}}],
        [{"physicalLocation": {"artifactLocation": {"uri": "src/app.py"}, "region": {"startLine": 0}}}],
        [{"physicalLocation": {"region": {"startLine": 2}}}],
        [{"logicalLocations": [{"name": "main"}]}],
    ],
)
def test_a_result_that_names_no_line_is_counted(places: Any) -> None:
    assert read(document(run(result(locations=places)))) == Told("ruff.sarif", (), results=1, elsewhere=0, unplaced=1)


def test_every_place_of_a_result_is_heard_and_each_only_once() -> None:
    places = [location(start=2), location(start=5), location(start=2), location("/tmp/x.py")]
    told = read(document(run(result(locations=places), result(locations=[location(start=5)]))))
    assert [hint.start for hint in told.hints] == [2, 5]
    assert (told.results, told.elsewhere, told.unplaced) == (2, 0, 0)


def test_several_runs_are_heard_each_with_its_tool() -> None:
    other = run(result("Undefined name"), driver={"name": "pyflakes"})
    assert [hint.tool for hint in read(document(run(result()), other)).hints] == ["ruff F841", "pyflakes F841"]


@pytest.mark.parametrize("uri", ["src/app.py", "./src/app.py", "src//app.py", "lib/../src/app.py", "src%2Fapp.py"])
def test_a_relative_address_is_one_from_the_top(uri: str) -> None:
    assert placed({"uri": uri}) == "src/app.py"


@pytest.mark.parametrize(
    "uri",
    [
        f"file://{TOP}/src/app.py",
        f"file://localhost{TOP}/src/app.py",
        f"file:{TOP}/src/app.py",
        f"FILE://{TOP}/src/app.py",
        "file:///home/ada/x/../shop/src/app.py",
        f"{TOP}/src/app.py",
        f"//{TOP}/src/app.py",
        "file:///private/shop/src/app.py",
        "file:///home/ada/%73hop/src%2Fapp.py",
    ],
)
def test_an_absolute_address_below_the_top_is_made_relative(uri: str) -> None:
    assert placed({"uri": uri}, tops=(TOP, "/private/shop/")) == "src/app.py"


@pytest.mark.parametrize(
    "uri",
    [
        "file:///home/ada/shop2/src/app.py",
        "file:///home/ada/shop/../src/app.py",
        "file:///src/app.py",
        "file://server/home/ada/shop/src/app.py",
        "file:src/app.py",
        "https://example.org/home/ada/shop/src/app.py",
        "pkg:src/app.py",
        "/src/app.py",
        "../src/app.py",
        "src/../../src/app.py",
        "..",
        ".",
        f"file://{TOP}",
        "%2e%2e/src/app.py",
    ],
)
def test_an_address_outside_of_the_repository_is_counted(uri: str) -> None:
    assert placed({"uri": uri}) == "elsewhere"


def test_a_file_that_is_not_there_is_none_of_the_repository() -> None:
    made = [result(uri=uri) for uri in ("lib/b.py", "app.py", "src/app.py")]
    assert read(document(run(*made)), there={"lib/b.py"}).elsewhere == 1


@pytest.mark.parametrize(
    ("uris", "astray"),
    [((), False), (("src/app.py",), False), (("lib/b.py",), False), (("app.py", "/x"), True), (("app.py", ""), True)],
)
def test_results_are_astray_where_none_is_about_the_repository(uris: tuple[str, ...], *, astray: bool) -> None:
    told = read(document(run(*(result(uri=uri) for uri in uris))), there={"lib/b.py"})
    assert told.astray is astray


def test_a_repository_at_the_top_of_everything_has_all_files() -> None:
    assert placed({"uri": "file:///src/app.py"}, tops=("/",)) == "src/app.py"


NAMES = ["a b.py", "é.py", "100%.py", "50%25.py", "a%20b.py", "c#/x.cs", "w?.py", "\udcff.py", "漢字.py", "a:b.py"]


@pytest.mark.parametrize("name", NAMES)
def test_a_name_is_understood_escaped_and_as_it_is(name: str) -> None:
    files = (file(f"src/{name}", *APP.hunks),)
    raw = f"src/{name}".encode("utf-8", "surrogateescape")
    escaped = "".join(chr(byte) if chr(byte).isalnum() and byte < 128 else f"%{byte:02X}" for byte in raw).replace(
        "%2F", "/"
    )
    for uri in (f"src/{name}", escaped, escaped.lower(), f"file://{TOP}/{escaped}"):
        assert placed({"uri": uri}, files=files) == f"src/{name}"


def test_an_escaped_name_comes_before_one_as_it_is() -> None:
    files = (file("a%20b.py", *APP.hunks), file("a b.py", *APP.hunks))
    assert [placed({"uri": uri}, files=files) for uri in ("a%20b.py", "a%2520b.py")] == ["a b.py", "a%20b.py"]


def test_half_of_a_pair_of_surrogates_is_no_name() -> None:
    assert placed({"uri": "\ud800%41"}) is None


BASES: Any = {
    "%SRCROOT%": {"uri": f"file://{TOP}/"},
    "SRC": {"uri": "src/", "uriBaseId": "%SRCROOT%"},
    "BARE": {"uri": "src"},
    "AGAIN": {"uri": "x/", "uriBaseId": "AGAIN"},
    "NOWHERE": {"description": {"text": "where it ran"}},
    "LIB": {"uri": "file:///usr/lib/"},
    "ROOTPATH": {"uri": "file:///builds/17/"},
    "PROJECT_ROOT": {"uri": "file:///"},
}


@pytest.mark.parametrize(
    ("address", "expected"),
    [
        ({"uri": "src/app.py", "uriBaseId": "%SRCROOT%"}, "src/app.py"),
        ({"uri": "app.py", "uriBaseId": "SRC"}, "src/app.py"),
        ({"uri": "app.py", "uriBaseId": "BARE"}, "src/app.py"),
        ({"uri": "src/app.py", "uriBaseId": "NOWHERE"}, "src/app.py"),
        ({"uri": "src/app.py", "uriBaseId": "EXECUTIONROOT"}, "src/app.py"),
        ({"uri": "src/app.py", "uriBaseId": "unheard of"}, "src/app.py"),
        ({"uri": "src/app.py", "uriBaseId": "ROOTPATH"}, "src/app.py"),
        ({"uri": "src/app.py", "uriBaseId": "PROJECT_ROOT"}, "src/app.py"),
        ({"uri": "src/app.py", "uriBaseId": "LIB"}, "elsewhere"),
        ({"uri": f"file://{TOP}/src/app.py", "uriBaseId": "LIB"}, "src/app.py"),
        ({"uri": f"{TOP}/src/app.py", "uriBaseId": "LIB"}, "src/app.py"),
        ({"uri": "app.py", "uriBaseId": "AGAIN"}, None),
        ({"uri": "../app.py", "uriBaseId": "SRC"}, None),
        ({"index": 1}, "src/app.py"),
        ({"index": 2}, "src/app.py"),
        ({"index": 0}, None),
        ({"index": 1, "uri": "other.py"}, None),
        ({"index": 9}, "unplaced"),
        ({"index": -1}, "unplaced"),
        ({"uriBaseId": "SRC"}, "unplaced"),
    ],
)
def test_bases_and_indexes_lead_to_the_file(address: Any, expected: str | None) -> None:
    files = [{"uri": "README"}, {"uri": "src/app.py"}, {"uri": "app.py", "uriBaseId": "SRC"}]
    artifacts = [{"location": one} for one in files]
    assert placed(address, originalUriBaseIds=BASES, artifacts=artifacts) == expected


def test_a_renamed_file_is_known_by_its_new_name() -> None:
    files = (file("new.py", *APP.hunks, old_path="src/app.py"),)
    assert [placed({"uri": uri}, files=files) for uri in ("new.py", "src/app.py")] == ["new.py", None]


def test_a_file_that_a_series_changes_twice_has_the_lines_of_both() -> None:
    files = (file("a", hunk("+x", new=3)), file("a", hunk("+x", new=7)), file("b"))
    made = [result(uri=path, start=start) for path in "ab" for start in range(1, 9)]
    assert [hint.start for hint in read(document(run(*made)), files=files).hints] == [3, 7]


@pytest.mark.parametrize(
    ("fields", "driver", "severity"),
    [
        ({"level": "error"}, None, Severity.ERROR),
        ({"level": "warning"}, None, Severity.WARNING),
        ({"level": "note"}, None, Severity.INFO),
        ({"level": "none"}, None, Severity.INFO),
        ({}, None, Severity.WARNING),
        ({"level": "fatal"}, None, Severity.WARNING),
        ({"level": 3}, None, Severity.WARNING),
        ({}, {"rules": [{"id": "F841", "defaultConfiguration": {"level": "error"}}]}, Severity.ERROR),
        ({"level": "note"}, {"rules": [{"id": "F841", "defaultConfiguration": {"level": "error"}}]}, Severity.INFO),
    ],
)
def test_the_level_is_that_of_the_result_or_of_its_rule(fields: Any, driver: Any, severity: Severity) -> None:
    assert only(result(**fields), driver=driver).severity is severity


@pytest.mark.parametrize(
    ("fields", "stands"),
    [
        ({"kind": "pass"}, False),
        ({"kind": "notApplicable"}, False),
        ({"kind": "fail"}, True),
        ({"kind": "review"}, True),
        ({"baselineState": "absent"}, False),
        ({"baselineState": "unchanged"}, True),
        ({"baselineState": "new"}, True),
        ({"suppressions": []}, True),
        ({"suppressions": None}, True),
        ({"suppressions": [{"kind": "inSource"}]}, False),
        ({"suppressions": [{"kind": "external", "status": "accepted"}]}, False),
        ({"suppressions": [{"kind": "external", "status": "underReview"}]}, True),
        ({"suppressions": [{"kind": "inSource"}, {"kind": "external", "status": "rejected"}]}, True),
    ],
)
def test_what_is_gone_suppressed_or_no_fault_is_not_heard(fields: Any, *, stands: bool) -> None:
    told = read(document(run(result(**fields))))
    assert (len(told.hints), told.results) == (stands, stands)


RULES: Any = {
    "rules": [
        {"id": "E1", "shortDescription": {"text": "Short."}, "messageStrings": {"m": {"text": "{0} in {1}"}}},
        {"id": "E2", "fullDescription": {"text": "Full."}},
        {"id": "E3", "properties": {"tags": ["style", "Security"]}},
        {"id": "E4", "properties": {"security-severity": "7.5"}},
    ],
    "globalMessageStrings": {"g": {"text": "from all"}, "m": {"text": "hidden by the rule's"}},
}
EXTENSION: Any = {"rules": [{"id": "X1", "defaultConfiguration": {"level": "error"}}], "globalMessageStrings": {}}


def ruled(made: Any) -> Hint:
    tool = {"driver": {"name": "ruff", **RULES}, "extensions": [EXTENSION]}
    (hint,) = read(document({"tool": tool, "results": [{"locations": [location()], **made}]})).hints
    return hint


@pytest.mark.parametrize(
    ("made", "tool"),
    [
        ({"ruleId": "E1"}, "ruff E1"),
        ({"ruleIndex": 1}, "ruff E2"),
        ({"rule": {"index": 2}}, "ruff E3"),
        ({"rule": {"id": "E4"}}, "ruff E4"),
        ({"rule": {"index": 0, "toolComponent": {"index": 0}}}, "ruff X1"),
        ({"rule": {"index": 0, "toolComponent": {"index": 4}}}, "ruff"),
        ({"ruleId": "other", "ruleIndex": 7}, "ruff other"),
        ({}, "ruff"),
    ],
)
def test_a_rule_is_found_by_name_and_by_index(made: Any, tool: str) -> None:
    assert ruled(made).tool == tool


def test_a_rule_of_an_extension_is_found_by_its_name() -> None:
    assert ruled({"ruleId": "X1"}).severity is Severity.ERROR


def test_a_tool_without_a_name_is_a_tool() -> None:
    assert read(document({"results": [result()]})).hints[0].tool == "a tool F841"


@pytest.mark.parametrize(
    ("made", "security"),
    [
        ({"ruleId": "E1"}, False),
        ({"ruleId": "E3"}, True),
        ({"ruleId": "E4"}, True),
        ({"ruleId": "E1", "properties": {"tags": ["security"]}}, True),
        ({"ruleId": "E1", "properties": {"tags": "security"}}, False),
    ],
)
def test_a_rule_may_call_itself_one_of_security(made: Any, *, security: bool) -> None:
    assert ruled(made).security is security


@pytest.mark.parametrize(
    ("message", "text"),
    [
        ({"text": "plain", "markdown": "**rich**"}, "plain"),
        ({"markdown": "**rich**"}, "**rich**"),
        ({"id": "m", "arguments": ["a name", "a file"]}, "a name in a file"),
        ({"id": "m", "arguments": ["{1}", "b"]}, "{1} in b"),
        ({"id": "m", "arguments": ["a", 3]}, "a in"),
        ({"id": "m"}, "{0} in {1}"),
        ({"id": "g"}, "from all"),
        ({"id": "nowhere"}, "Short."),
        ({}, "Short."),
        ({"text": ""}, "Short."),
        ({"text": "no {0} no {{ }}"}, "no {0} no {{ }}"),
        ({"text": "{{{0}}} {2} {x}", "arguments": ["a", "b"]}, "{a} {2} {x}"),
        ({"text": "from [a value](1), see [docs](https://x)"}, "from a value, see [docs](https://x)"),
        ({"text": "first line\r\n\r\n  second\tline\n"}, "first line second line"),
        ({"text": ["no text"]}, "Short."),
    ],
)
def test_a_message_is_read_in_every_form(message: Any, text: str) -> None:
    assert ruled({"ruleId": "E1", "message": message}).text == text


def test_a_rule_without_a_message_is_described() -> None:
    assert (ruled({"ruleId": "E2"}).text, ruled({"ruleId": "E3"}).text) == ("Full.", "")


def test_a_long_message_is_cut() -> None:
    hint = only(result("a" * 500, ruleId="r" * 500))
    assert (len(hint.text), len(hint.tool)) == (LONGEST, LONGEST_TOOL)
    assert hint.text.endswith(" …")
    assert only(result("x" * (LONGEST - 2))).text == "x" * (LONGEST - 2)


def test_credentials_are_taken_out_before_a_message_is_cut() -> None:
    made = result("x" * 188 + " se\ncret " + "y" * 50, ruleId="se\ncret")
    hint = read(document(run(made)), secret="se\ncret").hints[0]
    assert "x HIDDEN" in hint.text
    assert "cret" not in hint.text + hint.tool


@given(st.text() | TEXTS | st.just(HOSTILE) | st.just("\ud800"), st.text())
@example("\u2028a\x85b\x0cc", "\n")
def test_any_text_gives_one_line(text: str, rule: str) -> None:
    hint = only(result(text, ruleId=rule))
    for line in (hint.text, hint.tool):
        assert len(line.splitlines()) <= 1
        assert line.encode() == line.encode("utf-8", "strict")
    assert len(hint.text) <= LONGEST


@pytest.mark.parametrize("text", ["[" * 100_000, "[a](" * 30_000, "{" * 100_000, "%" * 100_000, "\n" * 100_000])
def test_a_hostile_message_takes_no_long_time(text: str) -> None:
    assert len(only(result(text, message={"text": text, "arguments": ["a"]})).text) <= LONGEST
    assert placed({"uri": text}) in {None, "elsewhere", "unplaced"}


def test_of_a_text_without_end_the_whole_words_are_read() -> None:
    hint = only(result(" " * 3_990 + "a secretsecret"))
    assert hint.text == "a"
    assert only(result("x" * 5_000)).text == ""


FULL = file("src/app.py", hunk(*["+x = 1"] * 100))
PLACE = location(start=1)


@pytest.mark.parametrize(
    "made",
    [
        [run(*[result(f"number {number}", start=number % 100 + 1) for number in range(60_000)])],
        [run()] * 300_000,
        [run(*[{}] * 1_000_000)],
        [run(result(locations=[PLACE] * 100_000))],
        [run(*[result(ruleIndex=0)] * 20_000, driver={"rules": [{"properties": {"tags": ["x"] * 500_000}}]})],
        [run(*[result(ruleIndex=0)] * 20_000, driver={"rules": [{"shortDescription": {"text": "{0} " * 500_000}}]})],
        [run(*[result(locations=[{"physicalLocation": {"artifactLocation": {"index": 0}}}])] * 20_000)],
        [run(*[result(uri="", ruleId="r")] * 20_000, artifacts=[{"location": {"uri": "%41" * 1_000_000}}])],
    ],
    ids=["results", "runs", "nothing", "places", "tags", "texts", "artifacts", "addresses"],
)
def test_any_number_of_anything_takes_no_long_time(made: Any) -> None:
    data = json.dumps(document(*made)).encode()
    started = time.process_time()
    told = read(data, files=(FULL,))
    assert time.process_time() - started < 8
    assert len(told.hints) <= HEARD


WORDS = ["runs", "version", "results", "locations", "physicalLocation", "artifactLocation", "uri", "index", "region"]
WORDS += ["startLine", "endLine", "message", "text", "id", "arguments", "tool", "driver", "rules", "ruleIndex", "level"]
WORDS += ["suppressions", "status", "artifacts", "location", "originalUriBaseIds", "uriBaseId", "properties", "tags"]
SCALARS = st.none() | st.booleans() | st.integers(-3, 10) | st.floats() | st.sampled_from(WORDS) | st.text(max_size=6)
ANY = st.recursive(
    SCALARS, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(WORDS), inner, max_size=5)
)


@st.composite
def spoilt(draw: st.DrawFn) -> Any:
    """A whole document in which one value is another one."""
    whole = document(
        run(
            result(
                rule={"index": 0, "toolComponent": {"index": 0}}, suppressions=[{"status": "rejected"}], level="note"
            ),
            {
                **result(),
                "locations": [{"physicalLocation": {"artifactLocation": {"index": 0}, "region": {"startLine": 2}}}],
            },
            driver=RULES,
            artifacts=[{"location": {"uri": "src/app.py", "uriBaseId": "SRC"}}],
            originalUriBaseIds=BASES,
        )
    )
    whole = json.loads(json.dumps(whole))
    at = whole
    while True:
        keys = list(at) if isinstance(at, dict) else list(range(len(at)))
        key = draw(st.sampled_from(keys))
        if isinstance(at[key], dict | list) and at[key] and draw(st.integers(0, 4)):
            at = at[key]
            continue
        at[key] = draw(ANY)
        return whole


def understood(made: Any) -> Told | ConfigError:
    try:
        return read(made)
    except ConfigError as error:
        return error


@given(ANY | ANY.map(lambda one: {"version": "2.1.0", "runs": [one]}) | spoilt())
def test_any_json_is_read_or_refused_in_words(made: Any) -> None:
    told = understood(made)
    if isinstance(told, ConfigError):
        assert (told.slug, bool(told.hint)) == ("bad-hints", True)
        assert told.message.startswith("cannot use the hints ruff.sarif: it is ")
    else:
        assert all(hint.path == "src/app.py" and 0 < hint.start <= hint.end for hint in told.hints)
        assert told.results >= told.elsewhere + told.unplaced


@given(st.binary(max_size=60) | st.binary(max_size=20).map(lambda raw: b'{"version": "2.1.0", "runs": [' + raw))
def test_any_bytes_are_read_or_refused_in_words(data: bytes) -> None:
    told = understood(data)
    assert isinstance(told, Told) or told.slug == "bad-hints"


@given(reviews())
def test_what_this_program_writes_is_read(made: Any) -> None:
    told = read(sarif.render(made, View()).encode(), files=made.change.files)
    assert told.results == len(made.findings)


def test_what_this_program_writes_is_heard() -> None:
    found = finding(APP, 2, 3, draft("Wrong sum", "A refund [is](1) missing."))
    (hint,) = read(sarif.render(review([APP], [found]), View()).encode()).hints
    assert (hint.path, hint.start, hint.end, hint.tool) == ("src/app.py", 2, 3, "reviewbot correctness")
    assert hint.text.startswith("Wrong sum")


WHOLE = json.dumps(document(run(result("é"))), ensure_ascii=False)


def test_a_mark_of_utf8_is_passed_over() -> None:
    assert len(read(b"\xef\xbb\xbf" + WHOLE.encode()).hints) == 1


@pytest.mark.parametrize(
    ("data", "why"),
    [
        (WHOLE.encode("utf-16"), "it is UTF-16"),
        (WHOLE.encode("utf-16-le"), "it is UTF-16"),
        (WHOLE.encode("utf-16-be"), "it is UTF-16"),
        (WHOLE.encode("latin-1"), "it is no JSON in UTF-8"),
        (WHOLE.encode()[:-1], "it is no JSON in UTF-8"),
        (b"", "it is no JSON in UTF-8"),
        (b"[" * 100_000, "it is no JSON in UTF-8"),
        (b'{"version": ' + b"9" * 5_000 + b"}", "it is no JSON in UTF-8"),
        (b"null", "it is no SARIF"),
        (b"[]", "it is no SARIF"),
        (b'{"version": "2.1.0"}', "it is no SARIF"),
        (b'{"version": "2.1.0", "runs": {}}', "it is no SARIF"),
        (b'{"version": "2.0.0", "runs": []}', "it is not of version 2.1.0"),
        (b'{"version": 2.1, "runs": []}', "it is not of version 2.1.0"),
        (b'{"runs": []}', "it is not of version 2.1.0"),
        (b" " * (hints.MOST_BYTES + 1), "it is larger than 50 MB"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_what_is_no_sarif_is_refused_in_words(data: bytes, why: str) -> None:
    with pytest.raises(ConfigError) as caught:
        read(data)
    assert caught.value.message == f"cannot use the hints ruff.sarif: {why}"
    assert (bool(caught.value.hint), caught.value.slug) == (True, "bad-hints")


def test_an_empty_document_says_nothing() -> None:
    assert read(document()) == read(document(run())) == read(document({}, None, 3)) == Told("ruff.sarif", (), 0, 0, 0)


def hint(
    start: int, *, tool: str = "ruff F841", severity: Severity = Severity.WARNING, path: str = "src/app.py"
) -> Hint:
    return Hint(path, start, start, tool, f"on line {start}", severity)


LONG = file("src/app.py", hunk(*["+x"] * 50))
OTHER = file("lib/b.py", hunk(*["+x"] * 50))


def chosen(given: list[Hint], *, files: tuple[FileDiff, ...] = (LONG,), tokens: int = 10) -> list[int]:
    return [one.start for one in hints_for(files, given, size=lambda _: tokens)]


def test_a_chunk_is_told_of_its_own_lines_only_in_their_order() -> None:
    part = file("src/app.py", hunk("+x", "+x", " x", new=10))
    given = [hint(11), hint(10), hint(12), hint(9), hint(10, path="lib/b.py")]
    assert chosen(given, files=(part,)) == [10, 11]


def test_the_hints_stand_in_the_order_of_the_files() -> None:
    given = [hint(1), hint(2, path="lib/b.py"), hint(3)]
    told = hints_for((OTHER, LONG, OTHER), given, size=lambda _: 1)
    assert [(one.path, one.start) for one in told] == [("lib/b.py", 2), ("src/app.py", 1), ("src/app.py", 3)]


def test_the_worst_are_told() -> None:
    given = [hint(line, tool=f"ruff E{line}", severity=Severity.INFO) for line in range(1, MOST + 1)]
    bad = [hint(40, severity=Severity.ERROR), hint(41, severity=Severity.WARNING)]
    assert chosen(given + bad) == [*range(1, MOST - 1), 40, 41]


def test_every_rule_is_told_once_before_any_is_told_twice() -> None:
    given = [hint(line, tool="ruff D103") for line in range(1, 31)] + [hint(31, tool="ruff B008")]
    assert chosen(given) == [*range(1, MOST), 31]


def test_the_same_is_told_once() -> None:
    assert chosen([hint(1), hint(1), hint(1, tool="ESLint no-unused-vars")]) == [1, 1]


def test_hints_take_no_more_room_than_they_have() -> None:
    given = [hint(line) for line in range(1, 10)]
    assert chosen(given, tokens=ROOM // 2) == [1, 2]
    assert chosen(given, tokens=ROOM) == [1]
    assert chosen(given, tokens=ROOM + 1) == []


def test_a_hint_without_room_leaves_it_to_the_next() -> None:
    sizes = {1: ROOM - 10, 2: 20, 3: 10}
    told = hints_for((LONG,), [hint(3), hint(2), hint(1)], size=lambda one: sizes[one.start])
    assert [one.start for one in told] == [1, 3]


HINTS = st.lists(
    st.builds(hint, st.integers(0, 60), tool=st.sampled_from(["a", "b", "c"]), severity=st.sampled_from(Severity)),
    max_size=40,
)


@given(HINTS, st.randoms(), st.integers(1, 200))
def test_the_choice_keeps_its_limits_in_any_order(given: list[Hint], random: Any, tokens: int) -> None:
    told = hints_for((LONG,), given, size=lambda _: tokens)
    assert len(told) <= MOST
    assert len(told) * tokens <= ROOM
    assert {one.start for one in told} <= set(range(1, 51))
    left = [one for one in given if one not in told and 1 <= one.start <= 50]
    assert not left or all(one.severity.rank <= min(two.severity.rank for two in left) for one in told)
    again = hints_for((LONG,), random.sample(given, len(given)), size=lambda _: tokens)
    assert sorted(one.start for one in again) == sorted(one.start for one in told)
