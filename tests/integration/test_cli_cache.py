"""Answers that are kept between runs: what is asked again, what is not, and where they lie."""

import json
import stat
from collections.abc import Mapping
from pathlib import Path

import pytest

from tests.support.command import Done, flags, reviewbot
from tests.support.inprocess import run
from tests.support.model_server import Answer, ModelServer, Request, model_server
from tests.support.repo import Repo

FILES = 3
LIMITS = ("--input-limit", "100000", "--chunk-tokens", "600", "-f", "json")


@pytest.fixture
def repo(tmp_path: Path) -> Repo:
    """Three new files, each with a prompt of its own."""
    repo = Repo.with_commit(tmp_path / "repo", {"readme": "1\n"})
    repo.stage({f"part{number}.py": text(number) for number in range(FILES)})
    return repo


def text(number: int, word: str = "warning") -> str:
    return "".join(f"part{number}_line{line} = '{word}'\n" for line in range(12))


def review(repo: Repo, server: ModelServer, *words: str, env: Mapping[str, str] | None = None) -> Done:
    done = run("review", "--base-url", server.url, "-m", "m", *LIMITS, *words, cwd=repo.path, env=env)
    assert done.code == 0, done.err
    return done


def used(done: Done) -> tuple[int, int]:
    usage = done.report["usage"]
    return usage["requests"], usage["cached"]


def test_the_same_change_is_asked_about_once(repo: Repo) -> None:
    with model_server(flags) as server:
        first, again = review(repo, server), review(repo, server)
        assert len(server.requests) == FILES
        # In a process of its own too.
        words = ("review", "--base-url", server.url, "-m", "m", *LIMITS)
        assert used(reviewbot(*words, cwd=repo.path)) == (0, FILES)
        assert len(server.requests) == FILES
    assert (used(first), used(again)) == ((FILES, 0), (0, FILES))
    assert again.report["findings"] == first.report["findings"]
    assert len(first.report["findings"]) == 12 * FILES
    assert first.report["usage"]["input_tokens"] > 0
    assert again.report["usage"]["input_tokens"] == again.report["usage"]["output_tokens"] == 0


def test_only_what_changed_is_asked_about_again(repo: Repo) -> None:
    with model_server(flags) as server:
        review(repo, server)
        repo.stage({"part1.py": text(1, "error")})
        done = review(repo, server)
    assert used(done) == (1, FILES - 1)
    assert {f["path"] for f in done.report["findings"] if f["severity"] == "error"} == {"part1.py"}


OTHERS: dict[str, tuple[str, ...]] = {
    "another model": ("-m", "other"),
    "another language": ("--language", "zh"),
    "another protocol": ("--provider", "dashscope"),
}


@pytest.mark.parametrize("words", OTHERS.values(), ids=OTHERS)
def test_another_question_has_another_answer(repo: Repo, words: tuple[str, ...]) -> None:
    with model_server(flags) as server:
        review(repo, server)
        assert used(review(repo, server, *words)) == (FILES, 0)
        assert used(review(repo, server)) == (0, FILES)


def test_another_endpoint_has_other_answers(repo: Repo) -> None:
    with model_server(flags) as server, model_server(lambda _: Answer()) as other:
        assert len(review(repo, server).report["findings"]) == 12 * FILES
        assert len(review(repo, other).report["findings"]) == 0


def test_without_the_cache_everything_is_asked_again_and_nothing_is_kept(repo: Repo, home: Path) -> None:
    with model_server(flags) as server:
        assert used(review(repo, server, "--no-cache")) == (FILES, 0)
        assert not list((home / ".cache").rglob("*.json"))
        review(repo, server)
        assert used(review(repo, server, env={"REVIEWBOT_NO_CACHE": "1"})) == (FILES, 0)


def test_what_no_use_could_be_made_of_is_not_kept(repo: Repo) -> None:
    def unsteady(request: Request) -> Answer:
        bad = len(server.requests) <= 2
        return Answer("I would rather talk about it.") if bad else flags(request)

    with model_server(unsteady) as server:
        words = ("review", "--base-url", server.url, "-m", "m", *LIMITS, "--include", "part0.py")
        assert run(*words, cwd=repo.path).code == 3
        done = run(*words, cwd=repo.path)
    assert (done.code, used(done)) == (0, (1, 0))


def test_an_incomplete_review_goes_on_where_it_ended(repo: Repo) -> None:
    def strict(request: Request) -> Answer:
        return flags(request) if len(server.requests) < FILES else Answer("pay", 402)

    with model_server(strict) as server:
        words = ("review", "--base-url", server.url, "-m", "m", *LIMITS, "--jobs", "1")
        assert run(*words, cwd=repo.path).code == 3
        server.requests.clear()
        done = run(*words, cwd=repo.path)
        assert [request.user.count("part2_line1 ") for request in server.requests] == [1]
    assert (done.code, used(done)) == (0, (1, FILES - 1))


def test_the_folder_is_named_is_the_owners_alone_and_can_be_emptied(repo: Repo, tmp_path: Path, home: Path) -> None:
    assert run("cache", "path", cwd=tmp_path) == Done(0, f"{home}/.cache/reviewbot/answers\n", "")
    env = {"XDG_CACHE_HOME": str(tmp_path / "elsewhere")}
    folder = Path(run("cache", "path", cwd=tmp_path, env=env).out.removesuffix("\n"))
    assert folder == tmp_path / "elsewhere" / "reviewbot" / "answers"
    with model_server(flags) as server:
        review(repo, server, env=env)
        kept = [path for path in folder.rglob("*") if path.is_file()]
        assert len(kept) == FILES
        for path in (folder, *folder.rglob("*")):
            assert stat.S_IMODE(path.stat().st_mode) & 0o077 == 0
        assert "part0_line0" in json.loads(kept[0].read_text())["text"] + "".join(p.read_text() for p in kept)
        assert run("cache", "clear", cwd=tmp_path, env=env) == Done(0, "", f"{FILES} answers removed\n")
        assert run("cache", "clear", cwd=tmp_path, env=env) == Done(0, "", "0 answers removed\n")
        assert used(review(repo, server, env=env)) == (FILES, 0)


def test_a_folder_that_cannot_be_written_costs_nothing_but_the_answers(repo: Repo, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("no folder")
    env = {"XDG_CACHE_HOME": str(tmp_path / "file")}
    with model_server(flags) as server:
        assert used(review(repo, server, env=env)) == (FILES, 0)
        assert used(review(repo, server, env=env)) == (FILES, 0)


def test_a_kept_answer_is_recorded_and_replayed_like_any_other(repo: Repo, tmp_path: Path) -> None:
    record = tmp_path / "answers.jsonl"
    with model_server(flags) as server:
        first = review(repo, server)
        assert used(review(repo, server, "--record", str(record))) == (0, FILES)
    done = run("review", "-m", f"replay:{record}", "--chunk-tokens", "600", "-f", "json", cwd=repo.path)
    assert (done.code, used(done)) == (0, (0, FILES))
    assert done.report["findings"] == first.report["findings"]


def test_the_cache_commands_need_no_repository_and_heed_no_settings(tmp_path: Path) -> None:
    (tmp_path / ".reviewbot.toml").write_text("broken = [")
    for command in ("path", "clear"):
        assert run("cache", command, cwd=tmp_path).code == 0
