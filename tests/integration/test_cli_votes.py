"""Several passes through the whole command: what is asked, kept, recorded, planned and told."""

from pathlib import Path
from typing import Any

import pytest

from tests.support.command import Done, claim, comments, flags, shown
from tests.support.inprocess import run
from tests.support.model_server import Answer, ModelServer, Request, model_server
from tests.support.repo import Repo

PATHS = ["one.py", "two.py"]
SEED = 1234


@pytest.fixture
def repo(tmp_path: Path) -> Repo:
    """Two new files with a finding each, small enough for one prompt."""
    repo = Repo.with_commit(tmp_path / "votes", {"readme": "1\n"})
    repo.stage({path: f"name = 'warning'\nquiet = '{path}'\n" for path in PATHS})
    return repo


def words(server: ModelServer) -> tuple[str, ...]:
    return ("--base-url", server.url, "-m", "m", "--input-limit", "100000")


def number(request: Request) -> int:
    """Of the pass that a request belongs to."""
    return int(request.body["seed"] - SEED) // 100


def doubtful(request: Request) -> Answer:
    """Sees the same in every pass, and in the second one more."""
    lines = [line for line in shown(request) if line.text.startswith("quiet")]
    seen = [claim(line, title=f"{line.path} is odd") for line in lines if number(request) == 1][:1]
    named = [claim(line) for line in shown(request) if "warning" in line.text]
    return Answer(comments(*named, *seen))


def told(report: Any) -> list[tuple[str, int, float]]:
    return [(one["path"], one["start_line"], one["confidence"]) for one in report["findings"]]


def test_every_pass_has_a_seed_and_an_order_of_its_own_and_votes(repo: Repo) -> None:
    with model_server(doubtful) as server:
        done = run("review", *words(server), "--samples", "3", "--jobs", "1", "-f", "json", cwd=repo.path)
    assert (done.code, done.err) == (0, "")
    assert [request.body["seed"] for request in server.requests] == [SEED, SEED + 100, SEED + 200]
    orders = [tuple(dict.fromkeys(line.path for line in shown(request))) for request in server.requests]
    assert orders[0] == ("one.py", "two.py")
    assert orders[1:] == [("two.py", "one.py")] * 2 or set(orders[1:]) <= {("two.py", "one.py"), ("one.py", "two.py")}
    assert sorted(told(done.report)) == [("one.py", 1, 0.97), ("two.py", 1, 0.97), ("two.py", 2, 0.47)]
    assert done.report["votes"] == {"samples": 3, "unheard": 0}
    assert [drop["reason"] for drop in done.report["dropped"]] == ["merged"] * 4
    assert done.report["usage"]["requests"] == 3


def test_what_one_pass_alone_saw_can_be_left_out(repo: Repo) -> None:
    with model_server(doubtful) as server:
        found = run("review", *words(server), "--samples", "3", "--min-confidence", "0.6", "-v", cwd=repo.path)
    assert "2 warnings" in found.out
    assert "claims 7 -> anchored 7 -> merged 3 -> confident 2" in " ".join(found.out.split())


def test_a_pass_that_fails_costs_a_vote_and_no_line(repo: Repo) -> None:
    def failing(request: Request) -> Answer:
        return Answer("no", status=400, code="data_inspection_failed") if number(request) else flags(request)

    with model_server(failing) as server:
        done = run("review", *words(server), "--samples", "2", "-f", "json", cwd=repo.path)
        text = run("review", *words(server), "--samples", "2", cwd=repo.path)
    assert done.code == 0
    assert done.err.startswith("reviewbot: warning: fewer votes were heard: ")
    assert done.err.count("\n") == 1
    assert (done.report["complete"], done.report["votes"]) == (True, {"samples": 2, "unheard": 1})
    assert "1 look at a part brought no whole answer: of 2 votes fewer were heard there" in " ".join(text.out.split())


def test_a_record_of_several_passes_answers_each_of_them(repo: Repo, tmp_path: Path) -> None:
    kept = str(tmp_path / "answers.jsonl")
    with model_server(doubtful) as server:
        first = run("review", *words(server), "--samples", "3", "--record", kept, "-f", "json", cwd=repo.path)
    again = run("review", "-m", f"replay:{kept}", "--samples", "3", "-f", "json", cwd=repo.path)
    assert (again.code, again.err) == (0, "")
    assert again.report["findings"] == first.report["findings"]
    # The first pass alone is recorded too.
    alone = run("review", "-m", f"replay:{kept}", "-f", "json", cwd=repo.path)
    assert told(alone.report) == [("one.py", 1, 0.9), ("two.py", 1, 0.9)]
    assert "votes" not in alone.report


def test_each_pass_is_kept_and_more_passes_ask_only_what_is_new(repo: Repo, tmp_path: Path) -> None:
    env = {"XDG_CACHE_HOME": str(tmp_path / "cache")}

    def asked(server: ModelServer, samples: str) -> Done:
        return run("review", *words(server), "--samples", samples, "--jobs", "1", "-f", "json", cwd=repo.path, env=env)

    with model_server(doubtful) as server:
        asked(server, "2")
        assert asked(server, "2").report["usage"]["cached"] == 2
        assert asked(server, "3").report["usage"]["requests"] == 1
    assert [number(request) for request in server.requests] == [0, 1, 2]


def test_a_plan_counts_and_shows_what_every_pass_would_send(repo: Repo) -> None:
    with model_server(flags) as server:
        run("review", *words(server), "--samples", "2", "--jobs", "1", cwd=repo.path)
        planned = run("plan", *words(server), "--samples", "2", "--show-prompts", "-f", "json", cwd=repo.path).report
        text = run("plan", *words(server), "--samples", "2", cwd=repo.path).out
        once = run("plan", *words(server), "-f", "json", cwd=repo.path).report
    assert planned["totals"]["requests"] == 2
    assert [(chunk["number"], chunk["sample"]) for chunk in planned["chunks"]] == [(1, 0), (1, 1)]
    bodies = [chunk["request"]["body"].encode() for chunk in planned["chunks"]]
    assert bodies == [request.raw for request in server.requests]
    assert "2 prompts in 2 passes" in " ".join(text.split())
    assert planned["totals"]["input_tokens"] > 1.9 * once["totals"]["input_tokens"]
    assert "sample" not in once["chunks"][0]


@pytest.mark.parametrize("samples", ["0", "10", "many"])
def test_a_number_that_can_not_be_meant_is_refused(repo: Repo, samples: str) -> None:
    done = run("review", "--samples", samples, cwd=repo.path)
    assert done.code == 2
    assert "--samples" in done.err


def test_a_file_of_the_repository_may_ask_for_votes(repo: Repo) -> None:
    (repo.path / ".reviewbot.toml").write_text("samples = 2\n")
    with model_server(flags) as server:
        run("review", *words(server), cwd=repo.path)
    assert len(server.requests) == 2
