"""How a review is handed over: formats and files, the exit code, colours, and records that answer again."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from tests.support.command import Done, claim, comments, flags, reviewbot, shown
from tests.support.inprocess import run
from tests.support.model_server import Answer, Request, model_server
from tests.support.repo import Repo

SCHEMA = json.loads((Path(__file__).parents[2] / "docs" / "report.schema.json").read_text("utf-8"))
CODE = "a = 'error'  # 漢字\nb = 'warning'\nc = 'info'\nd = 'warning too'\n"


@pytest.fixture(scope="module")
def repo(tmp_path_factory: pytest.TempPathFactory) -> Repo:
    """A repository with an error, two warnings and an info staged in two files, and a binary one."""
    repo = Repo.with_commit(tmp_path_factory.mktemp("reports"), {"x.py": "old = 1\n"})
    repo.stage({"x.py": CODE, "y.py": "z = 'info'\n", "image.png": b"\0\1"})
    return repo


@pytest.fixture(scope="module")
def record(repo: Repo, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The answers of a model that finds all of it."""
    path = tmp_path_factory.mktemp("record") / "answers.jsonl"
    with model_server(flags) as server:
        done = run("review", "--base-url", server.url, "-m", "m", "--record", str(path), cwd=repo.path)
        assert done.code == 0, done.err
        assert len(server.requests) == 1
    return path


Replay = Callable[..., Done]


@pytest.fixture
def replay(repo: Repo, record: Path) -> Replay:
    """Reviews with the recorded answers."""
    return lambda *words, **more: run("review", "-m", f"replay:{record}", *words, cwd=repo.path, **more)


def validated(text: str) -> Any:
    report = json.loads(text)
    Draft202012Validator(SCHEMA).validate(report)
    return report


def test_a_replay_gives_the_same_report_and_asks_nobody(repo: Repo, tmp_path: Path) -> None:
    path = str(tmp_path / "answers")
    with model_server(flags) as server:
        words = ("review", "--base-url", server.url, "-m", "m", "-f", "json")
        first = validated(run(*words, "--record", path, cwd=repo.path).out)
    second = validated(run("review", "-m", f"replay:{path}", "-f", "json", cwd=repo.path).out)
    assert (first["usage"]["requests"], first["usage"]["cached"]) == (1, 0)
    assert (second["usage"]["requests"], second["usage"]["cached"]) == (0, 1)
    for field in ("version", "tool_version", "target", "model", "verdict", "findings", "dropped", "skipped"):
        assert first[field] == second[field]
    assert len(first["findings"]) == 5


def test_a_record_does_not_answer_another_change(repo: Repo, replay: Replay) -> None:
    done = replay("--worktree", "--include", "x.py", "-f", "json")
    assert done.code == 3
    assert "has no answer to this prompt" in done.err
    assert validated(done.out)["verdict"] == "incomplete"


def test_reports_go_to_files_and_to_standard_output_at_once(replay: Replay, tmp_path: Path) -> None:
    done = replay("-f", f"json={tmp_path / 'r.json'}", "-f", "text")
    report = validated((tmp_path / "r.json").read_text("utf-8"))
    assert done.code == 0
    assert done.err == ""
    for finding in report["findings"]:
        assert f"{finding['path']}:{finding['start_line']}" in done.out


def test_a_report_in_a_file_leaves_standard_output_alone(replay: Replay, tmp_path: Path) -> None:
    done = replay("-f", f"json={tmp_path / 'r.json'}", "-f", f"text={tmp_path / 'r.txt'}")
    assert (done.out, done.err) == ("", "")
    assert "\x1b" not in (tmp_path / "r.txt").read_text("utf-8")


def test_json_on_standard_output_is_the_report_and_nothing_else(replay: Replay) -> None:
    done = replay("-f", "json", "-v")
    assert validated(done.out)["findings"][0]["excerpt"] == "a = 'error'  # 漢字"
    assert done.err == ""


CODES: dict[str, tuple[tuple[str, ...], int]] = {
    "default": ((), 0),
    "never": (("--fail-on", "never"), 0),
    "error": (("--fail-on", "error"), 1),
    "warning": (("--fail-on", "warning"), 1),
    "info": (("--fail-on", "info"), 1),
    "no error in this file": (("--fail-on", "error", "--exclude", "x.py"), 3),
    "severity hides, and counts": (("--fail-on", "info", "--min-severity", "error"), 1),
    "number hides, and counts": (("--fail-on", "error", "--max-comments", "0"), 1),
    "doubt does not count": (("--fail-on", "error", "--min-confidence", "0.95"), 0),
}


@pytest.mark.parametrize(("words", "code"), CODES.values(), ids=CODES)
def test_the_exit_code_is_judged_before_anything_is_hidden(replay: Replay, words: tuple[str, ...], code: int) -> None:
    done = replay(*words, "-f", "json")
    assert done.code == code
    assert validated(done.out)["verdict"] == {0: "pass", 1: "fail", 3: "incomplete"}[code]


@pytest.mark.parametrize(
    ("words", "shown_severities"),
    [
        (("--min-severity", "warning"), ["error", "warning", "warning"]),
        (("--max-comments", "2"), ["error", "warning"]),
        (("--min-severity", "error", "--max-comments", "3"), ["error"]),
    ],
)
def test_what_is_hidden_is_still_in_the_report(
    replay: Replay, words: tuple[str, ...], shown_severities: list[str]
) -> None:
    report = validated(replay(*words, "-f", "json").out)
    assert [finding["severity"] for finding in report["findings"]] == shown_severities
    assert len(report["dropped"]) == 5 - len(shown_severities)


def test_every_option_is_also_a_variable(repo: Repo, record: Path, tmp_path: Path) -> None:
    variables = {
        "REVIEWBOT_MODEL": f"replay:{record}",
        "REVIEWBOT_FORMAT": f"json text={tmp_path / 'r.txt'}",
        "REVIEWBOT_FAIL_ON": "error",
        "REVIEWBOT_MAX_COMMENTS": "1",
    }
    done = run("review", cwd=repo.path, env=variables)
    assert done.code == 1
    assert len(validated(done.out)["findings"]) == 1
    assert (tmp_path / "r.txt").stat().st_size
    assert run("review", "--fail-on", "never", cwd=repo.path, env=variables).code == 0


COLOURS: dict[str, tuple[dict[str, str], bool]] = {
    "a pipe": ({}, False),
    "a pipe that is forced": ({"FORCE_COLOR": "1"}, True),
    "nothing is forced": ({"FORCE_COLOR": ""}, False),
    "no colours": ({"NO_COLOR": "1"}, False),
}


@pytest.mark.parametrize(("variables", "coloured"), COLOURS.values(), ids=COLOURS)
def test_colours_are_for_terminals_and_for_those_who_ask(
    replay: Replay, variables: dict[str, str], *, coloured: bool
) -> None:
    assert ("\x1b[" in replay(env=variables).out) is coloured
    assert "\x1b" not in replay("-f", "json", env=variables).out


def test_quiet_is_one_line_for_each_finding(replay: Replay) -> None:
    done = replay("--quiet")
    assert len(done.out.splitlines()) == 5
    assert done.err == ""


def test_a_reader_that_cannot_show_a_character_still_gets_a_report(repo: Repo, record: Path) -> None:
    for format_ in ("text", "json"):
        words = ("review", "-m", f"replay:{record}", "-f", format_)
        done = reviewbot(*words, cwd=repo.path, env={"PYTHONIOENCODING": "ascii"})
        assert done.code == 0, done.err
        assert "Traceback" not in done.err


def incomplete(request: Request) -> Answer:
    """Reviews x.py and has no key for anything else."""
    return flags(request) if shown(request)[0].path == "x.py" else Answer("no", 401)


def failing(repo: Repo, script: Callable[[Request], Answer], *words: str) -> Done:
    with model_server(script) as server:
        options = ("--base-url", server.url, "-m", "m", "--input-limit", "100000", "--jobs", "1", "-f", "json")
        return run("review", *options, *words, cwd=repo.path)


@pytest.fixture
def wide(tmp_path: Path) -> Repo:
    """A change that takes a prompt for each file."""
    repo = Repo.with_commit(tmp_path, {"x.py": "", "z.py": ""})
    filler = "".join(f"value_{number} = compute(value_{number})\n" for number in range(15))
    repo.stage({"x.py": "a = 'error'\n" + filler, "z.py": "b = 'error'\n" + filler})
    return repo


def test_a_finding_beats_what_could_not_be_reviewed(wide: Repo) -> None:
    chunked = ("--chunk-tokens", "600")
    plain, fails, opened = (
        failing(wide, incomplete, *chunked, *words)
        for words in ((), ("--fail-on", "error"), ("--fail-on", "error", "--fail-open"))
    )
    assert (plain.code, plain.report["verdict"]) == (3, "incomplete")
    assert (fails.code, fails.report["verdict"]) == (1, "fail")
    assert opened.code == 1
    assert not fails.report["complete"]


def test_fail_open_lets_an_incomplete_review_pass_and_says_so(wide: Repo) -> None:
    done = failing(wide, lambda _: Answer("no", 401), "--fail-open")
    assert done.code == 0
    assert validated(done.out)["verdict"] == "incomplete"
    assert "reviewbot: warning: " in done.err


@pytest.mark.parametrize("words", [(), ("--base-url", "http://127.0.0.1:9/v1", "-m", "m")], ids=["key", "endpoint"])
def test_fail_open_lets_a_missing_key_and_a_dead_endpoint_pass(repo: Repo, words: tuple[str, ...]) -> None:
    done = run("review", "--fail-open", *words, cwd=repo.path)
    assert done.code == 0
    assert done.err.count("reviewbot: warning: ") == 1


def test_a_report_for_later_says_that_nobody_was_asked(repo: Repo) -> None:
    report = repo.write("out.json", "of yesterday")
    done = run("review", "--fail-open", "-f", "text", "-f", f"json={report}", cwd=repo.path)
    assert done.code == 0, done.err
    (told,) = (line for line in done.err.splitlines() if "warning" in line)
    assert told.startswith("reviewbot: warning: the review is incomplete")
    made = json.loads(report.read_bytes())
    assert (made["verdict"], made["complete"], made["findings"]) == ("incomplete", False, [])
    assert {part["reason"] for part in made["skipped"] if part["failed"]} == {"provider_failed"}


@pytest.mark.parametrize("words", [("-m", "zzz"), ("-f", "xml"), ("no-such-revision",)])
def test_fail_open_does_not_hide_a_mistake(repo: Repo, words: tuple[str, ...]) -> None:
    assert run("review", "--fail-open", *words, cwd=repo.path).code in {2, 3}


def test_claims_about_nothing_are_told_apart_and_fail_nothing(repo: Repo) -> None:
    def invent(request: Request) -> Answer:
        lines = shown(request)
        return Answer(comments(claim(lines[0], quote="nowhere in the change at all", severity="error")))

    done = failing(repo, invent, "--fail-on", "info")
    assert done.code == 0
    report = validated(done.out)
    assert report["findings"] == []
    assert [(drop["stage"], drop["reason"]) for drop in report["dropped"]] == [("anchor", "quote_not_found")]
