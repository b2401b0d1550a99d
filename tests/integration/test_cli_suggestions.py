"""No suggestion reaches anybody unproven, in whatever form, and `reviewbot apply` carries out those that do."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from reviewbot import registry
from tests.support.command import Done, claim, comments, shown
from tests.support.github import Pull, Repository, Token, github_server
from tests.support.inprocess import run
from tests.support.model_server import Answer, ModelServer, Request, model_server
from tests.support.repo import Repo

BEFORE = "def mean(prices):\n    return 0\n\n\ndef last(prices):\n    return 0\n"
AFTER = "def mean(prices):\n    return sum(prices) / 2\n\n\ndef last(prices):\n    return prices[0]\n"
GOOD, BROKEN = "    return prices[-1]", "    return (sum(prices) / len(prices)"
TOLD = "1 suggestion withheld: breaking the syntax"


def answer(request: Request) -> Answer:
    """Two findings with a suggestion each; the first would break its file."""
    offers = {"    return sum(prices) / 2": BROKEN, "    return prices[0]": GOOD}
    lines = [line for line in shown(request) if line.text in offers]
    return Answer(comments(*(claim(line, suggestion=offers[line.text]) for line in lines)))


@pytest.fixture
def repo(tmp_path: Path) -> Repo:
    repo = Repo.with_commit(tmp_path / "repo", {"app.py": BEFORE})
    repo.git("checkout", "--quiet", "-b", "topic")
    repo.commit({"app.py": AFTER})
    return repo


@pytest.fixture
def server() -> Iterator[ModelServer]:
    with model_server(answer) as running:
        yield running


def review(repo: Repo, server: ModelServer, *words: str, env: dict[str, str] | None = None) -> Done:
    asked = ("--base-url", server.url, "-m", "m", "--input-limit", "60000")
    return run("review", *words, *asked, cwd=repo.path, env=env)


@pytest.mark.parametrize("name", registry.names("formats"))
def test_no_format_shows_a_suggestion_that_breaks_its_file(repo: Repo, server: ModelServer, name: str) -> None:
    done = review(repo, server, "main...", "-f", name)
    assert done.code == 0, done.err
    assert BROKEN.strip() not in done.out
    assert name == "github" or GOOD.strip() in done.out
    assert name == "json" or TOLD in done.out.replace("\n", " ")


def test_programs_are_told_which_one_and_why(repo: Repo, server: ModelServer) -> None:
    report = review(repo, server, "main...", "-f", "json").report
    assert [finding["suggestion"] for finding in report["findings"]] == [None, GOOD]
    (withheld,) = report["withheld"]
    assert (withheld["path"], withheld["start_line"], withheld["reason"]) == ("app.py", 2, "broken_syntax")


def test_a_suggestion_of_a_patch_is_judged_by_what_it_shows(repo: Repo, server: ModelServer) -> None:
    patch = repo.write("../change.patch", repo.git("diff", "main..."))
    report = review(repo, server, "--patch", str(patch), "-f", "json").report
    # Nobody can parse what is not there.
    assert [finding["suggestion"] for finding in report["findings"]] == [BROKEN, GOOD]


@pytest.mark.parametrize("target", ["index", "worktree"])
def test_what_is_reviewed_is_what_a_suggestion_is_tried_on(tmp_path: Path, server: ModelServer, target: str) -> None:
    repo = Repo.with_commit(tmp_path / "repo", {"app.py": BEFORE})
    repo.stage({"app.py": AFTER})
    # With this line the broken suggestion would be whole.
    repo.write("app.py", AFTER.replace("    return sum(prices) / 2\n", "    return sum(prices) / 2\n        + 1)\n"))
    words = ("--worktree",) if target == "worktree" else ()
    assert len(review(repo, server, *words, "-f", "json").report["withheld"]) == (target == "index")


def test_no_post_holds_one_either(repo: Repo, server: ModelServer) -> None:
    pull = Pull(7, base=repo.id("main"), head=repo.id("topic"))
    with github_server(Repository("octo/shop", repo.path, pulls=(pull,)), tokens={"t": Token()}) as github:
        named = {"GITHUB_API_URL": github.url, "GITHUB_REPOSITORY": "octo/shop", "GITHUB_TOKEN": "t"}
        done = review(repo, server, "--pr", "7", "--post", "github", env=named)
        assert done.code == 0, done.err
        bodies = [comment.body for comment in github.review_comments]
        assert len(bodies) == 2
        assert [body.count("```suggestion") for body in sorted(bodies, key=len)] == [0, 1]
        assert BROKEN.strip() not in "".join(bodies)
        assert TOLD in github.issue_comments[0].body


def test_the_suggestions_of_the_last_review_are_applied(repo: Repo, server: ModelServer) -> None:
    report = review(repo, server, "main...", "-f", "json").report
    repo.write("app.py", "import os\n\n\n" + AFTER)
    identity = report["findings"][1]["id"]
    seen = run("apply", "--diff", cwd=repo.path)
    assert seen.code == 0, seen.err
    assert f"+{GOOD}" in seen.out
    assert f"applies {identity} app.py:9" in seen.err
    assert (repo.path / "app.py").read_text() == "import os\n\n\n" + AFTER
    done = run("apply", identity, cwd=repo.path)
    assert (done.code, done.out.startswith(f"applied {identity} app.py:9")) == (0, True)
    assert done.err == "reviewbot: 1 suggestion applied; see `git diff`\n"
    assert (repo.path / "app.py").read_text() == "import os\n\n\n" + AFTER.replace("    return prices[0]", GOOD)
    again = run("apply", identity, cwd=repo.path)
    assert again.code == 0
    assert "left" in again.out


def test_a_report_in_a_file_is_applied_too(repo: Repo, server: ModelServer, tmp_path: Path) -> None:
    place = tmp_path / "report.json"
    assert review(repo, server, "main...", "--no-cache", "-f", f"json={place}").code == 0
    assert run("apply", cwd=repo.path).code == 2
    assert run("apply", "--report", str(place), cwd=repo.path).code == 0
    assert GOOD in (repo.path / "app.py").read_text()


def test_what_cannot_be_applied_is_said_in_two_lines(repo: Repo, server: ModelServer) -> None:
    none = run("apply", cwd=repo.path)
    assert (none.code, none.out) == (2, "")
    assert "[docs/errors.md#no-report]" in none.err
    review(repo, server, "main...", "-q")
    unknown = run("apply", "0000000", cwd=repo.path)
    assert (unknown.code, unknown.out) == (2, "")
    assert "[docs/errors.md#unknown-finding]" in unknown.err
    repo.write("app.py", BEFORE)
    gone = run("apply", cwd=repo.path)
    assert gone.code == 3
    assert gone.out.startswith("left ")


def test_clearing_the_cache_forgets_the_last_review(repo: Repo, server: ModelServer) -> None:
    review(repo, server, "main...", "-q")
    assert run("cache", "clear", cwd=repo.path).code == 0
    assert run("apply", cwd=repo.path).code == 2


def test_a_review_that_keeps_nothing_leaves_no_older_one_to_be_applied(repo: Repo, server: ModelServer) -> None:
    review(repo, server, "main...", "-q")
    review(repo, server, "main...", "-q", "--no-cache")
    assert run("apply", cwd=repo.path).code == 2


def test_an_empty_change_keeps_the_last_report(repo: Repo, server: ModelServer) -> None:
    review(repo, server, "main...", "-q")
    assert run("review", cwd=repo.path).code == 0
    assert run("apply", cwd=repo.path).code == 0
