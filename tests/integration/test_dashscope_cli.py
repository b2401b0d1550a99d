"""The command against a strict stand-in for DashScope: what is kept between runs, and what ends a run early."""

import os
import signal
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, cast

import pytest

from tests.support import inprocess
from tests.support.command import COMMAND, Done, claim, comments, shown
from tests.support.dashscope import Asked, DashScope, Fault, Silent, dashscope_server, refusals
from tests.support.repo import Repo

if TYPE_CHECKING:
    from tests.support.model_server import Request

FILES = 6
KEY = "sk-test"


def wrong(asked: Asked) -> str:
    """A comment on every first line of a file."""
    lines = [line for line in shown(cast("Request", asked)) if line.sign == "+" and "BUG" in line.text]
    return comments(*(claim(line) for line in lines))


@pytest.fixture
def repo(tmp_path: Path) -> Repo:
    """As many chunks as files, each with one thing that is wrong."""
    repo = Repo.create(tmp_path / "repo")
    text = "".join(f"value_{number} = compute({number})\n" for number in range(60))
    repo.stage({f"part{number}.py": f"x = {number}  # BUG\n{text}" for number in range(FILES)})
    return repo


@pytest.fixture
def server() -> Iterator[DashScope]:
    """Answers all that is asked."""
    with dashscope_server(wrong) as running:
        yield running


def words(server: DashScope, *more: str) -> tuple[str, ...]:
    named = ("--provider", "dashscope", "--base-url", server.compatible, "--chunk-tokens", "1500", "-f", "json")
    return ("review", *named, *more)


def run(repo: Repo, server: DashScope, *more: str) -> Done:
    return inprocess.run(*words(server, *more), cwd=repo.path, env={"REVIEWBOT_API_KEY": KEY})


def found(done: Done) -> list[tuple[str, int]]:
    return [(finding["path"], finding["start_line"]) for finding in done.report["findings"]]


def test_what_was_answered_is_not_asked_again(repo: Repo, server: DashScope) -> None:
    first, second = run(repo, server), run(repo, server)
    assert len(server.asked) == FILES
    assert first.report["usage"]["requests"] == second.report["usage"]["cached"] == FILES
    assert second.report["usage"]["requests"] == 0
    assert second.report["findings"] == first.report["findings"]
    assert len(found(first)) == FILES
    repo.stage({"part3.py": "y = 1  # BUG\n"})
    run(repo, server)
    assert len(server.asked) == FILES + 1


def test_without_the_cache_all_is_asked_and_nothing_kept(repo: Repo, server: DashScope, home: Path) -> None:
    for _ in range(2):
        run(repo, server, "--no-cache")
    assert len(server.asked) == 2 * FILES
    assert not [path for path in home.rglob("*.json") if path.is_file()]


def test_the_cache_holds_no_key_is_its_users_alone_and_can_be_cleared(repo: Repo, server: DashScope) -> None:
    run(repo, server)
    folder = Path(inprocess.run("cache", "path", cwd=repo.path).out.strip())
    kept = [path for path in folder.rglob("*") if path.is_file()]
    assert len(kept) == FILES
    assert not any(KEY.encode() in path.read_bytes() for path in kept)
    assert {path.stat().st_mode & 0o777 for path in kept} == {0o600}
    assert folder.stat().st_mode & 0o777 == 0o700
    assert inprocess.run("cache", "clear", cwd=repo.path).err == f"{FILES} answers removed\n"
    run(repo, server)
    assert len(server.asked) == 2 * FILES


def test_time_that_is_over_is_told_and_the_next_run_goes_on_from_there(repo: Repo) -> None:
    slow = [True]

    def trouble(_: Asked, number: int) -> Fault | None:
        return Silent(30) if slow[0] and number >= 2 else None

    with dashscope_server(wrong, trouble=trouble) as server:
        done = run(repo, server, "--timeout", "3", "--jobs", "2")
        assert done.code == 3
        assert "the 3 seconds of --timeout are over" in done.err
        assert {part["reason"] for part in done.report["skipped"]} == {"timed_out"}
        assert found(done) == [("part0.py", 1), ("part1.py", 1)]
        slow[0] = False
        before = len(server.asked)
        again = run(repo, server)
        assert (again.code, len(found(again))) == (0, FILES)
        assert len(server.asked) - before == FILES - 2


@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGKILL])
def test_a_run_that_is_ended_leaves_what_was_answered_to_the_next(repo: Repo, how: signal.Signals) -> None:
    stuck = [True]

    def trouble(_: Asked, number: int) -> Fault | None:
        return Silent(30) if stuck[0] and number >= 3 else None

    with dashscope_server(wrong, trouble=trouble) as server:
        env = {name: value for name, value in os.environ.items() if not name.startswith("COVERAGE")}
        env["REVIEWBOT_API_KEY"] = KEY
        command = [*COMMAND, *words(server, "--jobs", "1")]
        with subprocess.Popen(
            command, cwd=repo.path, env=env, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
        ) as process:
            ends = time.monotonic() + 30
            while len(server.asked) < 4 and time.monotonic() < ends:
                time.sleep(0.02)
            process.send_signal(how)
            out, _ = process.communicate(timeout=60)
        if how is signal.SIGINT:
            assert process.returncode == 130
            done = Done(130, out, "")
            assert len(found(done)) == 3
            assert {part["reason"] for part in done.report["skipped"]} == {"interrupted"}
        stuck[0] = False
        before = len(server.asked)
        again = run(repo, server)
        assert (again.code, len(found(again))) == (0, FILES)
        assert len(server.asked) - before == FILES - 3


def test_money_needs_a_known_price(repo: Repo, server: DashScope) -> None:
    done = run(repo, server, "--max-cost", "1")
    assert done.code == 2
    assert "no price is known for qwen-coder-plus" in done.err
    assert server.asked == []


def test_a_wait_that_the_endpoint_asks_for_is_kept(repo: Repo) -> None:
    limited = refusals["limit_requests"]

    def trouble(_: Asked, number: int) -> Fault | None:
        return type(limited)(limited.status, limited.code, limited.message, retry_after="1") if number == 0 else None

    with dashscope_server(wrong, trouble=trouble) as server:
        done = run(repo, server, "--jobs", "1")
    assert (done.code, len(found(done))) == (0, FILES)
    assert server.asked[1].at - server.asked[0].at >= 1
