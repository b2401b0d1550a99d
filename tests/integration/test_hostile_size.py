"""What is too large, for the whole command: every line is reviewed or named, and work grows with the size alone."""

import json
import sys
import tracemalloc
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from reviewbot import pipeline
from reviewbot.formats.json import render as render_json
from reviewbot.formats.text import render as render_text
from reviewbot.patch import parse
from reviewbot.planning import Settings, choose, inspect, plan
from reviewbot.ports import View
from reviewbot.review import Change, Completion, Finish, Review, Target, Usage
from reviewbot.tokens import ByteCounter
from tests.support.calls import MODEL as ANY
from tests.support.calls import Inner
from tests.support.command import Done, assert_error, claim, comments, reviewbot, shown
from tests.support.endpoints import KEY
from tests.support.inprocess import run
from tests.support.model_server import STREAM, Answer, Request, model_server
from tests.support.wire import Script, endless, event, head, once, wire

EMPTY = Completion('{"comments": []}', Finish.STOP)


def added(path: str, *lines: str, end: str = "\n") -> str:
    """A new file as git prints it."""
    head = f"diff --git a/{path} b/{path}\nnew file mode 100644\n--- /dev/null\n+++ b/{path}\n"
    return f"{head}@@ -0,0 +1,{len(lines)} @@\n" + "\n".join(f"+{line}" for line in lines) + end


def renamed(number: int) -> str:
    names = f"rename from old/{number}.py\nrename to new/{number}.py\n"
    return f"diff --git a/old/{number}.py b/new/{number}.py\nsimilarity index 100%\n{names}"


def hunks(count: int) -> str:
    made = (f"@@ -{at} +{at} @@\n-a = {at}\n+b = {at}\n" for at in range(1, 10 * count, 10))
    return "diff --git a/a.py b/a.py\n--- a/a.py\n+++ b/a.py\n" + "".join(made)


def reviewed(data: bytes) -> Review:
    """A patch reviewed by somebody who has nothing to say, and both reports of it."""
    wish, counter = Settings(chunk_tokens=2_000, jobs=1), ByteCounter()
    seen = inspect(Change(Target(None, None, "a patch"), parse(data)), secrets=(), allowed=())
    made = plan(seen, choose(seen.change, settings=wish), settings=wish, model=ANY, counter=counter)
    inner = Inner(lambda *_: [Usage(requests=1), EMPTY], ANY, counter)
    review = pipeline.fold(made, pipeline.events(made, provider=inner), seconds=0)
    render_json(review, View())
    render_text(review, View())
    return review


GROWING: dict[str, tuple[Callable[[int], str], int]] = {
    "lines": (lambda count: added("a.py", *(f"value_{at} = {at}" for at in range(count))), 1_500),
    "empty lines": (lambda count: added("a.py", *[""] * count), 3_000),
    "one line": (lambda count: added("a.py", "word " * count), 20_000),
    "one line of what may be control tokens": (lambda count: added("a.py", "<|" * count), 20_000),
    "files": (lambda count: "".join(added(f"f{at}.py", "x = 1") for at in range(count)), 200),
    "renames": (lambda count: "".join(map(renamed, range(count))), 400),
    "hunks": (hunks, 600),
    "hunks and as many files": (lambda count: "".join(hunks(5).replace("a.py", f"{at}.py") for at in range(count)), 60),
    "a path": (lambda count: added("d" * count + ".py", "x = 1"), 20_000),
}


def calls(work: Callable[[], object]) -> int:
    """How many functions were called, of Python's own too."""
    count = 0

    def see(_: Any, what: str, __: Any) -> None:
        nonlocal count
        count += what in {"call", "c_call"}

    sys.setprofile(see)
    try:
        work()
    finally:
        sys.setprofile(None)
    return count


def peak(work: Callable[[], object]) -> int:
    tracemalloc.start()
    try:
        work()
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


@pytest.mark.parametrize(("make", "count"), GROWING.values(), ids=GROWING)
def test_four_times_the_change_takes_four_times_the_work_and_memory_at_most(
    make: Callable[[int], str], count: int
) -> None:
    small, large = (make(size).encode() for size in (count, 4 * count))
    reviewed(small)
    assert calls(lambda: reviewed(large)) < 4.8 * calls(lambda: reviewed(small))
    assert peak(lambda: reviewed(large)) < 4.8 * peak(lambda: reviewed(small))


def review(folder: Path, patch: str, url: str, *words: str, env: dict[str, str] | None = None) -> Done:
    where = ("--base-url", url, "-m", "m", "--input-limit", "60000", "--jobs", "1", "-f", "json")
    return run("review", "--patch", "-", *where, *words, cwd=folder, env=env, stdin=patch.encode())


CUT = "word " * 20_000
NAMED: dict[str, tuple[str, set[tuple[str, int | None]]]] = {
    "a long line": (added("a.py", "x = 1", CUT, "y = 2"), {("a.py", 2)}),
    "a long line at the end of a file": (
        added("a.py", "x = 1", CUT, end="\n\\ No newline at end of file\n"),
        {("a.py", 2)},
    ),
    "minified": (
        added("a.json", "[" + "1," * 20_000 + "1]", end="\n\\ No newline at end of file\n"),
        {("a.json", None)},
    ),
    "a long path": (added("d" * 4_093 + ".py", "x = 1"), {("d" * 4_093 + ".py", 1)}),
    "only moved": (renamed(1) + renamed(2), {("new/1.py", None), ("new/2.py", None)}),
}


@pytest.mark.parametrize(("patch", "named"), NAMED.values(), ids=NAMED)
def test_every_line_is_asked_about_or_named(patch: str, named: set[tuple[str, int | None]], tmp_path: Path) -> None:
    with model_server(lambda _: Answer()) as server:
        done = review(tmp_path, patch, server.url)
    skipped = {(part["path"], part["start_line"]) for part in done.report["skipped"]}
    assert skipped == named
    asked = {(line.path, line.number) for request in server.requests for line in shown(request)}
    lines = {(file.path, line.new) for file in parse(patch.encode()) for hunk in file.hunks for line in hunk.lines}
    assert asked | named >= {place for place in lines if (place[0], None) not in named}
    assert not asked & named
    assert done.code == (3 if any(part["failed"] for part in done.report["skipped"]) else 0)


@pytest.mark.parametrize(
    "header", ["@@ -0,0 +1,1000000000 @@", "@@ -0,0 +1,99999999999 @@", f"@@ -0,0 +1,{'9' * 5000} @@"]
)
def test_a_hunk_that_counts_more_than_there_is_is_no_patch(header: str, tmp_path: Path) -> None:
    patch = added("a.py", "x = 1").replace("@@ -0,0 +1,1 @@", header)
    assert_error(review(tmp_path, patch, "http://127.0.0.1:9/v1"), 3, "patch line ")


CHANGE = added("a.py", "x = 1", "y = 2")
FOUND = json.dumps({"comments": [{"path": "a.py", "line": 1, "quote": "x = 1", "title": "One", "body": "Wrong."}]})
BEGUN = FOUND.removesuffix("]}") + ", "
COMMENT = b": " + b"." * 60_000 + b"\n\n"
DEEP = "[" * 100_000
ANSWERS: dict[str, tuple[Script, int]] = {
    "comments without end": (endless(head(STREAM) + event(BEGUN), COMMENT), 1),
    "text without end": (endless(head(STREAM) + event(BEGUN), event("x" * 60_000)), 1),
    "a body without end": (endless(head(), b" " * 60_000), 0),
    "a deep body": (once(head() + DEEP.encode()), 0),
    "a deep text": (once(head(STREAM) + event(DEEP) + event("", choices=[{"finish_reason": "stop"}])), 0),
    "nothing": (once(head(content_length=0)), 0),
}


@pytest.mark.parametrize(("script", "found"), ANSWERS.values(), ids=ANSWERS)
def test_a_hostile_answer_costs_its_own_lines_and_nothing_that_was_whole(
    script: Script, found: int, tmp_path: Path
) -> None:
    with wire(script) as server:
        done = review(tmp_path, CHANGE, server.url)
    assert done.code == 3
    assert len(done.err.splitlines()) == 2, done.err
    assert [finding["title"] for finding in done.report["findings"]] == ["One"] * found
    assert [(part["start_line"], part["end_line"], part["reason"]) for part in done.report["skipped"]] == [
        (1, 2, "bad_reply")
    ]
    # Once, and once again.
    assert len(server.came) == 2


def test_an_answer_of_ten_thousand_comments_is_read_and_its_repetitions_are_one(tmp_path: Path) -> None:
    def many(request: Request) -> Answer:
        line = shown(request)[0]
        said = {"path": line.path, "quote": line.text, "body": "Wrong."}
        return Answer(comments(*[said] * 10_000))

    with model_server(many) as server:
        done = review(tmp_path, CHANGE, server.url)
    assert done.code == 0
    assert len(done.report["findings"]) == 1
    assert len(done.report["dropped"]) == 9_999
    assert len(server.requests) == 1


def test_a_title_of_most_of_a_megabyte_is_one_title(tmp_path: Path) -> None:
    with model_server(lambda request: Answer(comments(claim(shown(request)[0], title="word " * 180_000)))) as server:
        done = review(tmp_path, CHANGE, server.url)
    assert done.code == 0
    assert len(done.report["findings"]) == 1
    assert len(server.requests) == 1


ODD_NUMBERS = ["1e999", "-1e999", "NaN", "9" * 4000, "-1", "0", "1.5e3", '"' + "9" * 4000 + '"', "[]", "true"]


@pytest.mark.parametrize("number", ODD_NUMBERS, ids=lambda number: number[:12])
def test_a_line_or_likelihood_that_cannot_be_is_not_believed(number: str, tmp_path: Path) -> None:
    fields = f'"path": "a.py", "quote": "y = 2", "body": "Wrong.", "line": {number}, "confidence": {number}'
    with model_server(lambda _: Answer('{"comments": [{' + fields + "}]}")) as server:
        done = review(tmp_path, CHANGE, server.url)
    assert done.code == 0
    assert [finding["start_line"] for finding in done.report["findings"]] == [2]
    assert all(0 <= finding["confidence"] <= 1 for finding in done.report["findings"])


@pytest.mark.parametrize("text", ["\ud800", "\0", "\udfff\ud800", "\x1b[2J", "a\ud83d"], ids=ascii)
def test_text_that_is_none_harms_no_report(text: str, tmp_path: Path) -> None:
    def odd(request: Request) -> Answer:
        said = claim(shown(request)[0], title=f"x{text}y", body=f"x{text}y", suggestion=text, category=text)
        return Answer(json.dumps({"comments": [said]}))

    with model_server(odd) as server:
        done = review(tmp_path, CHANGE, server.url, "-f", "text=report", "--record", "record")
    assert done.code == 0
    assert len(done.report["findings"]) == 1
    report = (tmp_path / "report").read_text("utf-8")
    assert "\x1b" not in report
    assert "\0" not in report


def test_the_key_stands_in_nothing_that_a_run_writes(tmp_path: Path) -> None:
    def echo(request: Request) -> Answer:
        assert request.headers["authorization"] == f"Bearer {KEY}"
        words = f"Incorrect API key provided: {KEY}"
        return Answer(words, 401, code=KEY) if "b.py" in request.user else Answer()

    change = CHANGE + added("b.py", *(f"z = {at}" for at in range(400)))
    (tmp_path / "change").write_text(change)
    where = ["--patch", "change", "-m", "m", "--input-limit", "60000", "--chunk-tokens", "600", "-vv"]
    outputs = ["-f", "text", "-f", "json=report.json", "--record", "record"]
    env = {"REVIEWBOT_API_KEY": KEY, "OPENAI_LOG": "debug", "XDG_CACHE_HOME": str(tmp_path / "cache")}
    with model_server(echo) as server:
        done = reviewbot("review", *where, "--base-url", server.url, *outputs, cwd=tmp_path, env=env)
    assert done.code == 3
    assert "refused: 401 Incorrect API key provided: ***" in done.err
    written = [path.read_text("utf-8") for path in tmp_path.rglob("*") if path.is_file()]
    assert len(written) >= 3
    assert KEY not in "".join([done.out, done.err, *written])
