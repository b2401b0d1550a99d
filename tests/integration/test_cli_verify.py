"""A second model through the whole command: what it is asked, with which key, and what is told of its silence."""

import json
import re
from pathlib import Path
from typing import Any

import pytest

from reviewbot import registry
from tests.support.command import COMMAND, Done, assert_error, flags, shown
from tests.support.inprocess import run
from tests.support.model_server import Answer, ModelServer, Request, model_server
from tests.support.repo import Repo
from tests.support.terminals import on_terminal

GUARD = "allowed = check(name)"
FIRST, SECOND = "first-key-0123456789", "second-key-0123456789"


@pytest.fixture
def repo(tmp_path: Path) -> Repo:
    """A guard, a warning that it disproves, and one that it does not."""
    repo = Repo.with_commit(tmp_path / "verify", {"readme": "1\n"})
    repo.stage({"app.py": f"{GUARD}\none = 'warning'\ntwo = 'warning'\n"})
    return repo


def checks(request: Request) -> bool:
    """Whether a request is for the second model."""
    return bool(request.body["model"] == "second")


def rule(number: int, by: str | None) -> dict[str, Any]:
    named = by and {"path": "app.py", "line": 1, "quote": by}
    why = "The name was checked before." if by else "Nothing shows that."
    return {"claim": number, "why": why, "disproved_by": named, "severity": "error", "confidence": 0.6}


def fair(request: Request) -> Answer:
    """Finds both warnings; the second model disproves the first of them."""
    if not checks(request):
        return flags(request)
    return Answer(json.dumps({"claims": [rule(1, GUARD), rule(2, None)]}))


def silent(request: Request) -> Answer:
    """The second model answers nothing that can be used."""
    return Answer("They are all fine.") if checks(request) else flags(request)


def words(server: ModelServer) -> tuple[str, ...]:
    return ("--base-url", server.url, "-m", "first", "--verify", "second")


def review(repo: Repo, server: ModelServer, *more: str, **env: str) -> Done:
    return run("review", *words(server), *more, cwd=repo.path, env=env)


def plain(text: str) -> str:
    return " ".join(text.split())


def test_what_the_second_model_disproves_is_named_and_the_rest_is_as_it_weighs_it(repo: Repo) -> None:
    with model_server(fair) as server:
        report = review(repo, server, "-f", "json").report
        text = plain(review(repo, server).out)
    (left,) = report["findings"]
    assert (left["start_line"], left["severity"], left["confidence"]) == (3, "error", 0.6)
    (drop,) = report["dropped"]
    assert (drop["stage"], drop["reason"], drop["line"]) == ("verify", "disproved", 2)
    assert drop["note"] == "app.py:1: The name was checked before."
    assert report["verification"] == {"model": "second", "unverified": 0}
    assert report["usage"]["requests"] == 2
    assert "disproved by a line that the second model named" in text
    assert "1 error · 1 disproved" in text


def test_the_second_model_is_held_to_a_form_of_its_own(repo: Repo) -> None:
    with model_server(fair) as server:
        review(repo, server)
    first, second = server.requests
    forms = [request.body["response_format"]["json_schema"] for request in (first, second)]
    assert [form["name"] for form in forms] == ["review", "rulings"]
    assert [*forms[1]["schema"]["properties"]] == ["claims"]
    assert second.prefix == ""
    assert first.body["model"] == "first"
    assert {line.text for line in shown(second)} == {GUARD, "one = 'warning'", "two = 'warning'"}


@pytest.mark.parametrize("name", registry.names("formats"))
def test_every_format_tells_what_is_disproved_and_what_is_unverified(repo: Repo, name: str) -> None:
    def half(request: Request) -> Answer:
        return Answer(json.dumps({"claims": [rule(1, GUARD)]})) if checks(request) else flags(request)

    with model_server(half) as server:
        done = review(repo, server, "-f", name)
    assert (done.code, done.err) == (0, "")
    assert "disproved" in done.out.lower()
    assert re.search(r"1 claim unverified: second said|\"unverified\": 1", done.out)


def test_a_second_model_that_is_of_no_use_costs_no_finding_and_no_exit_code(repo: Repo) -> None:
    with model_server(silent) as server:
        done = review(repo, server, "-f", "json")
        failing = review(repo, server, "--fail-on", "warning")
    assert done.code == 0
    assert done.err.startswith("reviewbot: warning: not all that was found is checked: the model gave no readable")
    assert done.err.count("\n") == 1
    assert [one["start_line"] for one in done.report["findings"]] == [2, 3]
    assert (done.report["complete"], done.report["verification"]["unverified"]) == (True, 2)
    assert failing.code == 1
    assert "2 claims unverified: second said nothing usable of that" in plain(failing.out)


def test_trouble_of_the_second_model_is_none_of_the_first_ones(repo: Repo) -> None:
    def refused(request: Request) -> Answer:
        return Answer("no such model", status=401) if checks(request) else flags(request)

    with model_server(refused) as server:
        done = review(repo, server, "-f", "json")
    assert done.code == 0
    assert "warning: not all that was found is checked" in done.err
    assert len(done.report["findings"]) == 2


def test_one_record_answers_for_both(repo: Repo, tmp_path: Path) -> None:
    kept = str(tmp_path / "answers.jsonl")
    with model_server(fair) as server:
        first = review(repo, server, "--record", kept, "-f", "json").report
    both = run("review", "-m", f"replay:{kept}", "--verify", f"replay:{kept}", "-f", "json", cwd=repo.path)
    assert (both.code, both.err) == (0, "")
    assert {**both.report, "usage": 0} == {**first, "usage": 0}
    alone = run("review", "-m", f"replay:{kept}", "-f", "json", cwd=repo.path).report
    assert [one["start_line"] for one in alone["findings"]] == [2, 3]
    assert "verification" not in alone


def test_a_record_without_a_second_model_cannot_check(repo: Repo, tmp_path: Path) -> None:
    kept = str(tmp_path / "answers.jsonl")
    with model_server(flags) as server:
        run("review", "--base-url", server.url, "-m", "first", "--record", kept, cwd=repo.path)
    done = run("review", "-m", f"replay:{kept}", "--verify", f"replay:{kept}", cwd=repo.path)
    assert_error(done, 2, "holds no answers of a second model", "record with --verify")


def test_what_it_answered_is_kept_and_what_nobody_can_use_is_not(repo: Repo, tmp_path: Path) -> None:
    env = {"XDG_CACHE_HOME": str(tmp_path / "cache")}
    with model_server(fair) as server:
        review(repo, server, **env)
        assert review(repo, server, "-f", "json", **env).report["usage"]["cached"] == 2
    assert len(server.requests) == 2
    repo.stage({"app.py": f"{GUARD}\none = 'warning'\n"})
    with model_server(silent) as server:
        review(repo, server, **env)
        review(repo, server, **env)
    assert [checks(request) for request in server.requests].count(True) == 4


def test_each_model_gets_its_own_key_and_nothing_shows_either(repo: Repo) -> None:
    keys = {"REVIEWBOT_API_KEY": FIRST, "REVIEWBOT_VERIFY_API_KEY": SECOND}
    with model_server(fair) as server:
        done = review(repo, server, "-vv", **keys)
        shared = review(repo, server, "--no-cache", REVIEWBOT_API_KEY=FIRST)
        told = run("config", *words(server), cwd=repo.path, env=keys).out
    assert done.code == shared.code == 0
    sent = [request.headers["authorization"].removeprefix("Bearer ") for request in server.requests]
    assert sent == [FIRST, SECOND, FIRST, FIRST]
    assert not any(key in done.out + done.err + told for key in (FIRST, SECOND))
    assert f"lets what is found be checked by openai at {server.url}" in told
    assert "REVIEWBOT_VERIFY_API_KEY: set, hidden, sent" in told


def test_the_key_of_the_second_model_in_a_change_reaches_nobody(repo: Repo) -> None:
    repo.stage({"app.py": f"one = 'warning {SECOND}'\n"})
    with model_server(fair) as server:
        review(repo, server, REVIEWBOT_VERIFY_API_KEY=SECOND)
    assert SECOND.encode() not in b"".join(request.raw for request in server.requests)


def test_a_key_that_is_missing_is_told_before_anything_is_asked(repo: Repo) -> None:
    with model_server(flags) as server:
        kept = str(repo.path.parent / "answers.jsonl")
        run("review", "--base-url", server.url, "-m", "first", "--record", kept, cwd=repo.path)
    asked = ("review", "-m", f"replay:{kept}", "--verify", "qwen-max")
    assert_error(run(*asked, cwd=repo.path), 2, "no key for dashscope.aliyuncs.com", "DASHSCOPE_API_KEY")
    done = run(*asked, "--fail-open", "-f", "json", cwd=repo.path)
    assert done.code == 0
    assert "not all that was found is checked: no key for dashscope.aliyuncs.com" in done.err
    assert done.report["verification"] == {"model": "qwen-max", "unverified": 2}


def test_a_file_of_the_repository_names_no_second_model(repo: Repo) -> None:
    (repo.path / ".reviewbot.toml").write_text('verify = "qwen-max"\n')
    hint = "only a flag or REVIEWBOT_VERIFY sets it: a repository must not choose it"
    assert_error(run("review", cwd=repo.path), 2, "cannot set verify", hint)


def test_a_name_that_is_empty_lets_nobody_check(repo: Repo) -> None:
    with model_server(fair) as server:
        done = run("review", "--base-url", server.url, "-m", "first", "--verify", "", "-f", "json", cwd=repo.path)
    assert [request.body["model"] for request in server.requests] == ["first"]
    assert "verification" not in done.report


def test_money_is_counted_only_where_both_have_a_price(repo: Repo) -> None:
    kept = str(repo.path.parent / "answers.jsonl")
    with model_server(flags) as server:
        run("review", "--base-url", server.url, "-m", "first", "--record", kept, cwd=repo.path)
        asked = ("review", "-m", f"replay:{kept}", "--verify", "second", "--base-url", server.url)
        done = run(*asked, "--max-cost", "1", cwd=repo.path)
    assert_error(done, 2, "no price is known for second, so --max-cost cannot be kept")


def test_a_plan_tells_what_checking_may_take(repo: Repo) -> None:
    report = run("plan", "--verify", "qwen-coder-turbo", "-f", "json", cwd=repo.path).report
    alone = run("plan", "-f", "json", cwd=repo.path).report
    text = plain(run("plan", "--verify", "qwen-coder-turbo", cwd=repo.path).out)
    check = report["verification"]
    assert (check["model"], check["provider"], check["requests"]) == ("qwen-coder-turbo", "dashscope", 1)
    assert check["cost"]["least"] == "0"
    assert report["totals"]["cost"]["least"] == alone["totals"]["cost"]["least"]
    assert float(report["totals"]["cost"]["most"]) == pytest.approx(
        float(alone["totals"]["cost"]["most"]) + float(check["cost"]["most"])
    )
    assert "what is found is checked by qwen-coder-turbo at https://dashscope" in text
    assert "then up to 1 prompt" in text
    assert "verification" not in alone
    unpriced = ("plan", "--verify", "mine", "--base-url", "http://127.0.0.1:9/v1", "--input-limit", "9000")
    assert run(*unpriced, "-f", "json", cwd=repo.path).report["verification"]["cost"] is None


def test_a_terminal_says_of_what_it_has_shown_that_it_is_disproved(repo: Repo) -> None:
    with model_server(fair) as server:
        command = (*COMMAND, "review", *words(server))
        seen = on_terminal(command, cwd=repo.path, env={"TERM": "xterm-256color", "COLUMNS": "120"}, out=False)
        voting = on_terminal(
            (*command, "--samples", "2"), cwd=repo.path, env={"TERM": "xterm-256color", "COLUMNS": "120"}, out=False
        )
    said = re.sub(r"\x1b\[[0-9;?]*[A-Za-z]", "", seen.err)
    assert "2/2 parts · 2 found, 1 of them disproved" in said
    assert "disproved: app.py:2 About one" in said
    assert "3/3 parts · 2 claimed, 1 of them disproved" in re.sub(r"\x1b\[[0-9;?]*[A-Za-z]", "", voting.err)
