"""`--push` from the hook's words to the exit code."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.command import COMMAND, Done, assert_error, flags
from tests.support.inprocess import run
from tests.support.model_server import ModelServer, model_server
from tests.support.repo import Repo
from tests.support.terminals import on_terminal

NONE = "0" * 40
SEVERAL = "this push sends 2 branches, and one change is reviewed at a time: main, topic"


@pytest.fixture
def repo(tmp_path: Path) -> Repo:
    """A remote that has the first commit, and two branches with one more each."""
    origin = Repo.create(tmp_path / "origin.git", "--bare")
    repo = Repo.with_commit(tmp_path / "repo", {"old.py": "old = 'error'\n"})
    repo.git("remote", "add", "origin", str(origin.path))
    repo.git("push", "--quiet", "origin", "main")
    repo.git("checkout", "--quiet", "-b", "topic")
    repo.commit({"topic.py": "topic = 'error'\n"})
    repo.git("checkout", "--quiet", "main")
    repo.commit({"main.py": "main = 'error'\n"})
    repo.stage({"staged.py": "staged = 'error'\n"})
    return repo


@pytest.fixture
def server() -> Iterator[ModelServer]:
    """A model that finds every line with the word error."""
    with model_server(flags) as running:
        yield running


def lines(repo: Repo, *branches: str) -> bytes:
    told = (f"refs/heads/{name} {repo.id(name)} refs/heads/{name} {NONE}\n" for name in branches)
    return "".join(told).encode()


def review(server: ModelServer, repo: Repo, *words: str, stdin: bytes = b"", env: dict[str, str] | None = None) -> Done:
    options = ("--base-url", server.url, "-m", "m", "--input-limit", "100000")
    return run("review", "--push", *options, *words, cwd=repo.path, stdin=stdin, env=env)


def test_what_is_pushed_is_reviewed_and_nothing_else(repo: Repo, server: ModelServer) -> None:
    done = review(server, repo, "-f", "json", stdin=lines(repo, "topic"))
    assert (done.code, done.err) == (0, "")
    assert {finding["path"] for finding in done.report["findings"]} == {"topic.py"}
    target = done.report["target"]
    assert (target["base"], target["head"]) == (repo.id("origin/main"), repo.id("topic"))
    assert target["description"].startswith("push of topic (")


def test_the_variables_of_a_runner_are_enough(repo: Repo, server: ModelServer) -> None:
    env = {
        "PRE_COMMIT_FROM_REF": repo.id("origin/main"),
        "PRE_COMMIT_TO_REF": repo.id("main"),
        "PRE_COMMIT_LOCAL_BRANCH": "refs/heads/main",
        "PRE_COMMIT_REMOTE_BRANCH": "refs/heads/main",
        "PRE_COMMIT_REMOTE_NAME": "origin",
    }
    done = review(server, repo, "-f", "json", env=env)
    assert {finding["path"] for finding in done.report["findings"]} == {"main.py"}


def test_a_finding_stops_a_push_as_it_stops_a_commit(repo: Repo, server: ModelServer) -> None:
    assert review(server, repo, "--fail-on", "error", stdin=lines(repo, "topic")).code == 1


@pytest.mark.parametrize(
    "stdin", [b"", f"(delete) {NONE} refs/heads/x {'a' * 40}\n".encode()], ids=["no news", "a deletion"]
)
def test_a_push_without_commits_has_no_change(repo: Repo, server: ModelServer, stdin: bytes) -> None:
    done = review(server, repo, stdin=stdin)
    assert (done.code, done.out, done.err) == (0, "", "reviewbot: there is no change to review\n")
    assert not server.requests


def test_a_plan_of_a_push_is_made_too(repo: Repo) -> None:
    done = run("plan", "--push", cwd=repo.path, stdin=lines(repo, "topic"))
    assert done.code == 0
    assert "push of topic (" in done.out
    assert "topic.py" in done.out


def test_where_nobody_says_what_is_pushed_the_error_says_who_would(repo: Repo, server: ModelServer) -> None:
    done = review(server, repo, "--fail-open", stdin=b"what is this\n")
    assert_error(done, 2, "nothing says what is pushed", "let a pre-push hook")


def test_a_push_and_another_target_are_two(repo: Repo, server: ModelServer) -> None:
    done = review(server, repo, "--worktree", stdin=lines(repo, "topic"))
    assert_error(done, 2, "more than one thing to review: --worktree and --push")


@pytest.mark.parametrize("env", [{}, {"CI": "true"}], ids=["at home", "in CI"])
def test_several_branches_are_refused_and_fail_open_lets_them_pass(
    repo: Repo, server: ModelServer, env: dict[str, str]
) -> None:
    both = lines(repo, "main", "topic")
    assert_error(review(server, repo, stdin=both, env=env), 3, SEVERAL, "push them one by one")
    done = review(server, repo, "--fail-open", stdin=both, env=env)
    assert (done.code, done.out, done.err) == (0, "", f"reviewbot: warning: not reviewed: {SEVERAL}\n")


def test_only_in_ci_the_settings_are_those_that_the_remote_has(repo: Repo, server: ModelServer) -> None:
    repo.commit({".reviewbot.toml": 'fail-on = "error"\n'})
    assert review(server, repo, stdin=lines(repo, "main")).code == 1
    assert review(server, repo, stdin=lines(repo, "main"), env={"CI": "true"}).code == 0


@pytest.mark.parametrize(("variables", "told"), [({}, True), ({"PRE_COMMIT": "1"}, False)], ids=["alone", "in a hook"])
def test_a_runner_of_hooks_gets_no_progress_though_it_has_a_terminal(
    repo: Repo, server: ModelServer, variables: dict[str, str], *, told: bool
) -> None:
    command = (*COMMAND, "review", "--base-url", server.url, "-m", "m", "--input-limit", "100000")
    seen = on_terminal(command, cwd=repo.path, env={"TERM": "xterm-256color", **variables}, out=False)
    assert seen.code == 0
    assert "staged.py" in seen.out
    assert ("reviewing" in seen.err) is told
    assert told or seen.err == ""
