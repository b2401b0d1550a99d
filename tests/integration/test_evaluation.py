"""A suite is reviewed as the product reviews: real git, a real endpoint, one open provider, answers that replay."""

import json
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner

from evaluation import results
from evaluation.__main__ import commands
from evaluation.foreign import Files, Told, write
from evaluation.repository import build
from evaluation.suite import Truth, load
from reviewbot.diff import Side
from reviewbot.finding import Anchor, Category, Severity
from tests.support import inprocess
from tests.support.command import Done, flags
from tests.support.model_server import Answer, ModelServer, Request, model_server
from tests.support.repo import Repo

ROOT = Path(__file__).parents[2]
NAMES = ("c-clean", "go-deleted", "python-wrong")
SEEDS = [1234, 2234]


def change(suite: Path, name: str, before: str, after: str, *truths: tuple[int, Side]) -> None:
    path = f"src/{name}.txt"
    sides = {Side.OLD: before, Side.NEW: after}
    made = [
        Truth(
            Anchor(path, side, line, line),
            sides[side].split("\n")[line - 1],
            "It is wrong.",
            Category.CORRECTNESS,
            Severity.ERROR,
        )
        for line, side in truths
    ]
    files = Files({path: before.encode()}, {path: after.encode()})
    needs = "repository" if name.startswith("go") else "hunk"
    write(suite / name, Told(name.partition("-")[0], f"Change {name}", "It had to be.", needs), files, made)


@pytest.fixture(scope="module")
def suite(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A clean change, one that deletes what was needed, and one that adds what is wrong."""
    place = tmp_path_factory.mktemp("suite")
    change(place, "c-clean", "one\n", "one\ntwo\n")
    change(place, "go-deleted", "one\nif error\nthree\n", "one\nthree\n", (2, Side.OLD))
    change(place, "python-wrong", "one\n", "one\nfine\nan error\n", (3, Side.NEW))
    return place


def evaluation(*words: str | Path) -> Done:
    result = CliRunner().invoke(commands, [str(word) for word in words])
    if result.exception and not isinstance(result.exception, SystemExit):
        raise result.exception
    return Done(result.exit_code, result.stdout, result.stderr)


def reviewed(suite: Path, *words: str | Path, script: Callable[[Request], Answer] = flags) -> tuple[Done, ModelServer]:
    with model_server(script) as server:
        done = evaluation("run", "--suite", suite, "--base-url", server.url, "-m", "tiny", *words)
    return done, server


def row(table: str, name: str) -> list[str]:
    line = next(line for line in table.split("\n") if line.startswith(f"| {name} "))
    return [cell.strip() for cell in line.split("|")[2:-1]]


def test_a_reviewer_who_sees_everything_has_all_and_is_asked_once_for_each_seed(suite: Path) -> None:
    done, server = reviewed(suite, "--seeds", "2")
    assert done.code == 0
    assert done.out.startswith("tiny with base-url = http://127.0.0.1")
    assert "3 changes with 2 defects, 1 of them clean; 6 reviews with 2 seeds" in done.out
    for figure in ("precision", "recall", "F1"):
        assert row(done.out, f"{figure}, on the line")[0] == "1.000"
    assert row(done.out, "comments per clean change")[0] == "0.00"
    assert [request.body["seed"] for request in server.requests] == [SEEDS[0]] * 3 + [SEEDS[1]] * 3
    # The endpoint is asked for its limits when a provider is opened: once for each seed.
    assert len(server.looked_up) == 2
    assert [line.partition(":")[0] for line in done.err.split("\n")[:-1]] == [
        f"{place + 1}/6 seed {SEEDS[place // 3]} {NAMES[place % 3]}" for place in range(6)
    ]
    assert "go-deleted: 1 comments, 1 of 1 found" in done.err
    assert "c-clean: 0 comments, clean" in done.err


def test_a_reviewer_who_finds_fault_with_everything_raises_alarms(suite: Path) -> None:
    def nagging(request: Request) -> Answer:
        claim = {"path": "src/c-clean.txt", "quote": "two", "body": "It is wrong.", "severity": "info"}
        return Answer(json.dumps({"comments": [claim]}))

    done, _ = reviewed(suite, script=nagging)
    assert row(done.out, "comments per clean change")[0] == "1.00"
    assert row(done.out, "share of clean changes with a comment")[0] == "1.000"
    assert row(done.out, "recall, within 3 lines")[0] == "0.000"
    quiet, _ = reviewed(suite, "--set", "min-severity=warning", script=nagging)
    assert row(quiet.out, "comments per clean change")[0] == "0.00"
    assert "min-severity = warning" in quiet.out


def test_the_product_asks_and_finds_the_same(suite: Path, tmp_path: Path) -> None:
    _, server = reviewed(suite, "--only", "python-*", "--out", tmp_path / "out.json")
    (known,) = load(suite, only="python-*")
    build(known, tmp_path / "repository")
    with model_server(flags) as own:
        words = ("review", "HEAD", "--base-url", own.url, "-m", "tiny", "-f", "json", "--no-cache")
        report = inprocess.run(*words, cwd=tmp_path / "repository").report
    assert [request.body for request in own.requests] == [request.body for request in server.requests]
    (outcome,) = results.read(tmp_path / "out.json").outcomes
    assert [(one.anchor.path, one.anchor.start, one.title) for one in outcome.comments] == [
        (one["path"], one["start_line"], one["title"]) for one in report["findings"]
    ]
    assert (outcome.input_tokens, outcome.output_tokens) == (100, 20)


def test_recorded_answers_of_all_seeds_give_the_same_table_and_ask_nobody(suite: Path, tmp_path: Path) -> None:
    calls = iter(range(6))

    def fickle(request: Request) -> Answer:
        return flags(request) if next(calls) % 2 else Answer()

    done, _ = reviewed(suite, "--seeds", "2", "--temperature", "0.7", "--record", tmp_path / "kept", script=fickle)
    again = evaluation("run", "--suite", suite, "--replay", tmp_path / "kept")
    assert again.out == done.out
    assert "temperature = 0.7" in again.out
    assert row(done.out, "recall, on the line")[0] == "0.500"
    assert sorted(path.name for path in (tmp_path / "kept").iterdir()) == [
        "results.json",
        "seed-1234.jsonl",
        "seed-2234.jsonl",
    ]
    # What comes after the model can be another one for nothing.
    strict = evaluation("run", "--suite", suite, "--replay", tmp_path / "kept", "--set", "max-comments=0")
    assert row(strict.out, "recall, on the line")[0] == "0.000"
    # What would ask something else has no answers, and says so.
    other = evaluation("run", "--suite", suite, "--replay", tmp_path / "kept", "--set", "language=zh")
    assert "INCOMPLETE: 6 reviews" in other.out
    assert "has no answer to this prompt: c-clean, go-deleted, python-wrong" in other.out


def test_a_replay_asks_what_was_asked_and_says_so(suite: Path, tmp_path: Path) -> None:
    pairs = ("language=zh", "context=0", "instructions=No floats", "instructions=No loops")
    words = [word for pair in pairs for word in ("--set", pair)]
    done, _ = reviewed(suite, *words, "--record", tmp_path / "kept", script=flags)
    again = evaluation("run", "--suite", suite, "--replay", tmp_path / "kept", "--set", "max-comments=9")
    assert "INCOMPLETE" not in done.out + again.out
    for said in ("language = zh", "context = 0.0", "instructions = No floats, No loops", "max-comments = 9"):
        assert said in again.out


def test_votes_and_a_second_model_are_recorded_and_replayed_together_or_not(suite: Path, tmp_path: Path) -> None:
    def doubting(request: Request) -> Answer:
        if request.body["model"] == "tiny":
            return flags(request)
        by = {"path": "src/python-wrong.txt", "line": 2, "quote": "fine"}
        return Answer(json.dumps({"claims": [{"claim": 1, "why": "It is fine there.", "disproved_by": by}]}))

    kept = tmp_path / "kept"
    pairs = ("--set", "samples=2", "--set", "verify=other")
    done, server = reviewed(suite, "--seeds", "2", "--temperature", "0.3", "--record", kept, *pairs, script=doubting)
    assert "samples = 2" in done.out
    assert "verify = other" in done.out
    asked = [(request.body["model"], request.body["seed"]) for request in server.requests]
    # The clean change has nothing to check.
    once = [*[("tiny", 1234), ("tiny", 1334)] * 2, ("other", 1234)]
    assert sorted(asked[:8]) == sorted([*once, ("tiny", 1234), ("tiny", 1334), ("other", 1234)])
    assert {seed for model, seed in asked if model == "other"} == {*SEEDS}
    assert row(done.out, "recall, on the line")[0] == "0.500"
    again = evaluation("run", "--suite", suite, "--replay", kept, *pairs)
    assert again.out == done.out
    # Each lever is measured without the other for nothing.
    alone = evaluation("run", "--suite", suite, "--replay", kept, "--out", tmp_path / "alone.json")
    assert row(alone.out, "recall, on the line")[0] == "1.000"
    assert "INCOMPLETE" not in alone.out
    assert not {"samples", "verify"} & {*results.read(tmp_path / "alone.json").settings}
    checked = evaluation("run", "--suite", suite, "--replay", kept, "--set", "verify=any")
    assert row(checked.out, "recall, on the line")[0] == "0.500"
    assert "verify = any" in checked.out


def test_reviews_that_fail_are_named_and_the_others_count(suite: Path) -> None:
    def moody(request: Request) -> Answer:
        return Answer("I would rather not.") if "python-wrong" in request.user else flags(request)

    done, _ = reviewed(suite, script=moody)
    assert done.code == 0
    assert "INCOMPLETE: 1 reviews" in done.out
    assert "readable answer in" in done.out
    assert done.out.endswith(": python-wrong\n")
    assert row(done.out, "recall, on the line")[0] == "0.500"
    assert "INCOMPLETE: " in done.err.split("\n")[2]


def test_a_change_that_cannot_be_planned_is_named_too(suite: Path) -> None:
    done, server = reviewed(suite, "--input-limit", "600", "--limit", "1")
    assert "leaves 0 for the diff: c-clean" in done.out
    assert not server.requests


def test_a_dead_endpoint_makes_every_review_incomplete(suite: Path) -> None:
    refused = Answer("no such key", status=401)
    done, server = reviewed(suite, "--input-limit", "9000", script=lambda _: refused)
    assert "INCOMPLETE: 3 reviews" in done.out
    # Nobody is asked again once it is hopeless.
    assert len(server.requests) == 1


def test_what_was_reviewed_until_ctrl_c_is_kept_and_the_rest_is_counted(suite: Path, tmp_path: Path) -> None:
    second, over = threading.Event(), threading.Event()

    def slow(request: Request) -> Answer:
        if "go-deleted" in request.user:
            second.set()
            over.wait(30)
        return flags(request)

    # A hook names a repository of its own.
    environment = {**os.environ, "GIT_DIR": str(Repo.create(tmp_path / "other").path / ".git")}
    with model_server(slow) as server:
        words = ("run", "--suite", suite, "--base-url", server.url, "-m", "tiny", "--out", tmp_path / "out.json")
        process = subprocess.Popen(
            [sys.executable, "-m", "evaluation", *map(str, words)],
            cwd=ROOT,
            env=environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        assert second.wait(60)
        process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=30)
        over.set()
    assert process.returncode == 130, err
    assert "ENDED EARLY: 2 of 3 reviews were not made and count nowhere" in out
    assert "1 changes with 0 defects, 1 of them clean; 1 reviews" in out
    assert [outcome.change for outcome in results.read(tmp_path / "out.json").outcomes] == ["c-clean"]


def test_two_runs_are_compared_change_by_change(suite: Path, tmp_path: Path) -> None:
    many = tmp_path / "suite"
    for number in range(6):
        change(many, f"go-wrong-{number}", "one\n", f"one\nan error {number}\n", (2, Side.NEW))
    reviewed(many, "--out", tmp_path / "a.json")
    reviewed(many, "--out", tmp_path / "b.json", script=lambda _: Answer())
    done = evaluation("compare", tmp_path / "a.json", tmp_path / "b.json")
    assert done.code == 0
    assert row(done.out, "recall, on the line") == ["1.000", "0.000", "-1.000", "[-1.000, -1.000]", "lower in B"]
    reviewed(suite, "--out", tmp_path / "c.json")
    other = evaluation("compare", tmp_path / "a.json", tmp_path / "c.json")
    assert (other.code, other.out) == (2, "")
    assert "share no change" in other.err


def test_a_suite_is_checked_from_the_command_line(suite: Path) -> None:
    done = evaluation("check", "--suite", suite)
    assert done.code == 1
    assert "the suite has 3 changes, fewer than 60" in done.out


def test_a_foreign_set_is_imported_and_reviewed(tmp_path: Path) -> None:
    repo = Repo.with_commit(tmp_path / "set" / "repos" / "lists", {"a.py": "rows\nan error\n"})
    fixed = repo.commit({"a.py": "rows\nsorted\n"})
    bug = tmp_path / "set" / "projects" / "lists" / "bugs" / "1"
    bug.mkdir(parents=True)
    (bug / "bug.info").write_text(f'fixed_commit_id="{fixed}"\n')
    (bug.parents[1] / "project.info").write_text('github_url="https://github.com/owner/lists"\n')
    (bug / "bug_patch.txt").write_bytes(repo.git("diff", f"{fixed}~", fixed))
    done = evaluation("import", "bugsinpy", tmp_path / "set", tmp_path / "out")
    assert (done.code, done.out) == (0, "python-lists-1: 1 truths\n")
    assert f"1 changes written to {tmp_path / 'out'}" in done.err
    assert row(reviewed(tmp_path / "out")[0].out, "F1, on the line")[0] == "1.000"
    empty = evaluation("import", "bugsinpy", tmp_path / "set", tmp_path / "none", "--repositories", tmp_path / "no")
    assert empty.code == 3
    assert "python-lists-1: left out: there is no clone of" in empty.out


@pytest.mark.parametrize(
    ("words", "problem"),
    [
        pytest.param(["-m", "demo", "--seeds", "2"], "at temperature 0 all 2 seeds give the same", id="seeds"),
        pytest.param(["--replay", ".", "-m", "demo"], "holds no record", id="no record"),
        pytest.param(["--set", "post=github"], "--post=github cannot be set here", id="setting"),
        pytest.param(["--only", "ruby-*"], "is called like ruby-*", id="none"),
        pytest.param(["--out", "none/x.json"], "cannot write none/x.json: there is no such folder", id="out"),
        pytest.param([], "no key for dashscope", id="no key"),
        pytest.param(["-m", "qwen"], "unknown model: qwen", id="no model"),
    ],
)
def test_what_cannot_be_run_is_said_in_a_line_and_before_anything_is_asked(
    words: list[str], problem: str, suite: Path
) -> None:
    done = evaluation("run", "--suite", suite, *words)
    assert (done.code, done.out) == (2, "")
    assert done.err.startswith("evaluation: ")
    assert problem in done.err


def test_a_replay_takes_no_model(suite: Path, tmp_path: Path) -> None:
    reviewed(suite, "--record", tmp_path / "kept")
    for words in (["-m", "demo"], ["--record", tmp_path / "more"], ["--temperature", "1"]):
        done = evaluation("run", "--suite", suite, "--replay", tmp_path / "kept", *words)
        assert (done.code, done.out) == (2, "")
        assert "--replay answers in place of a model" in done.err
