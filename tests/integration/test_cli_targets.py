"""What is reviewed when the command is given nothing, a revision, the work tree or a patch."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.command import Done, flags, reviewbot
from tests.support.inprocess import run
from tests.support.model_server import ModelServer, model_server
from tests.support.repo import Repo


@pytest.fixture
def repo(tmp_path: Path) -> Repo:
    """Every state holds a change of its own: main, topic, HEAD, the index, the work tree, an untracked file."""
    repo = Repo.with_commit(tmp_path / "repo", {"a.py": "one = 1\n"})
    repo.git("checkout", "--quiet", "-b", "topic")
    repo.commit({"topic1.py": "first = 'error'\n"})
    repo.commit({"topic2.py": "second = 'error'\n"})
    repo.git("checkout", "--quiet", "main")
    repo.commit({"main.py": "main = 'error'\n"})
    repo.git("checkout", "--quiet", "topic")
    repo.stage({"staged.py": "staged = 'error'\n"})
    repo.write("a.py", "one = 'error'\n")
    repo.write("untracked.py", "untracked = 'error'\n")
    return repo


@pytest.fixture
def server() -> Iterator[ModelServer]:
    """A model that finds every line with the word error."""
    with model_server(flags) as running:
        yield running


def review(server: ModelServer, repo: Repo, *words: str, stdin: bytes = b"") -> Done:
    options = ("--base-url", server.url, "-m", "m", "--input-limit", "100000", "-f", "json")
    return run("review", *options, *words, cwd=repo.path, stdin=stdin)


TARGETS = {
    "nothing is the index": ((), {"staged.py"}),
    "the work tree": (("--worktree",), {"a.py", "staged.py", "untracked.py"}),
    "three dots": (("main...topic",), {"topic1.py", "topic2.py"}),
    "three dots to HEAD": (("main...",), {"topic1.py", "topic2.py"}),
    "two dots": (("main..topic",), {"main.py", "topic1.py", "topic2.py"}),
    "a commit": (("topic",), {"topic2.py"}),
    "a commit by its place": (("topic~1",), {"topic1.py"}),
}


@pytest.mark.parametrize(("words", "paths"), TARGETS.values(), ids=TARGETS)
def test_what_is_named_is_reviewed_and_nothing_else(
    repo: Repo, server: ModelServer, words: tuple[str, ...], paths: set[str]
) -> None:
    done = review(server, repo, *words)
    assert (done.code, done.err) == (0, "")
    assert {finding["path"] for finding in done.report["findings"]} == paths


def test_the_report_names_both_ends_of_a_range(repo: Repo, server: ModelServer) -> None:
    target = review(server, repo, "main...topic").report["target"]
    assert target["head"] == repo.id("topic")
    assert target["base"] == repo.git("merge-base", "main", "topic").decode().strip()


def test_a_patch_is_read_from_a_file_and_from_standard_input(repo: Repo, server: ModelServer, tmp_path: Path) -> None:
    patch = repo.git("diff", "main...topic")
    (tmp_path / "x.patch").write_bytes(patch)
    from_file = review(server, repo, "--patch", str(tmp_path / "x.patch"))
    from_pipe = review(server, repo, "--patch", "-", stdin=patch)
    assert from_file.code == from_pipe.code == 0
    assert from_file.report["findings"] == from_pipe.report["findings"]
    assert len(from_file.report["findings"]) == 2


def test_a_patch_needs_no_repository(server: ModelServer, tmp_path: Path, repo: Repo) -> None:
    empty = tmp_path / "empty"
    empty.mkdir()
    done = review(server, Repo(empty), "--patch", "-", stdin=repo.git("diff", "main...topic"))
    assert len(done.report["findings"]) == 2


@pytest.mark.parametrize("format_", ["text", "json"])
def test_nothing_staged_is_no_failure_and_names_what_to_try(
    repo: Repo, server: ModelServer, tmp_path: Path, format_: str
) -> None:
    repo.git("reset", "--quiet", "--hard")
    done = review(server, repo, "-f", f"{format_}={tmp_path / 'report'}")
    assert done.code == 0
    assert done.report["verdict"] == "pass"
    assert re.fullmatch(r"reviewbot: nothing is staged here; try --worktree or main\.\.\.\n", done.err)
    assert not server.requests


@pytest.mark.parametrize("words", [(), ("--model", "qwen-coder-plus", "-f", "json"), ("--worktree",)])
def test_an_empty_change_needs_neither_key_nor_provider(tmp_path: Path, words: tuple[str, ...]) -> None:
    repo = Repo.with_commit(tmp_path, {"a": "1\n"})
    done = reviewbot("review", *words, cwd=repo.path, env={"PYTHONPROFILEIMPORTTIME": "1"})
    assert done.code == 0
    imported = re.findall(r"\| +([\w.]+)$", done.err, re.MULTILINE)
    assert "reviewbot.sources.git" in imported
    assert not {"openai", "httpx2", "httpx", "xllamacpp", "tiktoken", "rapidfuzz", "json_repair"} & {*imported}


def test_a_change_with_nothing_to_read_needs_no_key_either(tmp_path: Path) -> None:
    repo = Repo.with_commit(tmp_path, {"a": "1\n"})
    repo.stage({"image.png": b"\x89PNG\0\0", "poetry.lock": "x = 1\n"})
    done = run("review", "-f", "json", cwd=repo.path)
    assert (done.code, done.err) == (0, "")
    assert {skipped["reason"] for skipped in done.report["skipped"]} == {"binary", "lock_file"}
    assert done.report["complete"]


def test_paths_are_chosen_by_globs(repo: Repo, server: ModelServer) -> None:
    def paths(*words: str) -> set[str]:
        return {finding["path"] for finding in review(server, repo, "--worktree", *words).report["findings"]}

    assert paths("--include", "*.py", "--exclude", "a.py") == {"staged.py", "untracked.py"}
    assert paths("--include", "staged.py", "--include", "a.py") == {"a.py", "staged.py"}
    assert paths("--exclude", "*ed.py") == {"a.py"}


def test_a_sub_folder_reviews_the_whole_repository(repo: Repo, server: ModelServer) -> None:
    (repo.path / "sub").mkdir()
    done = review(server, Repo(repo.path / "sub"), "--worktree")
    assert {finding["path"] for finding in done.report["findings"]} == {"a.py", "staged.py", "untracked.py"}
