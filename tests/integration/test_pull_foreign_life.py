"""Pushes to a pull request on a GitHub that others wrote: only what is new is asked, and nothing is told twice.

It knows no threads, and neither edits nor answers nor takes away comments. So it cannot show that what is gone is
answered and resolved, that a finding is dismissed, or that there is one summary: each review leaves another one.
"""

from pathlib import Path

import pytest

from tests.support.command import Done, flags, reviewbot, shown
from tests.support.foreign_github import ForeignPull, foreign_github
from tests.support.model_server import model_server
from tests.support.repo import Repo

A, B, C = "alpha has an error", "bravo has a warning", "charlie has some info"
FINE = "nothing is wrong with this line any more"


def app(**others: str) -> str:
    lines = [others.get(f"at{number}", f"line {number}") for number in range(1, 61)]
    return "".join(f"{line}\n" for line in lines)


@pytest.fixture
def repo(tmp_path: Path) -> Repo:
    made = Repo.with_commit(tmp_path / "repo", {"app.py": app()})
    made.git("checkout", "--quiet", "-b", "topic")
    made.commit({"app.py": app(at10=A, at30=B)})
    made.git("checkout", "--quiet", "main")
    made.commit({"later.py": "an error that is none of this change\n"})
    made.git("checkout", "--quiet", "topic")
    return made


def review(pull: ForeignPull, repo: Repo) -> tuple[Done, list[list[str]]]:
    """Review; for each request the added lines that it asked about."""
    with model_server(flags) as model:
        asked = ("--base-url", model.url, "-m", "m", "--input-limit", "60000", "-f", "json")
        posted = ("review", "--pr", str(pull.number), "--post", "github", "--fail-on", "error")
        done = reviewbot(*posted, *asked, cwd=repo.path, env=pull.environment)
    return done, [[line.text for line in shown(request) if line.sign == "+"] for request in model.requests]


def told(pull: ForeignPull) -> list[str]:
    return sorted(one["body"].split("About ")[1].split("**")[0] for one in pull.comments())


def found(done: Done) -> dict[str, str]:
    return {one["excerpt"]: one["state"] for one in done.report["findings"]}


def test_what_was_reviewed_and_told_there_is_neither_asked_nor_told_again(repo: Repo, tmp_path: Path) -> None:
    (tmp_path / "server").mkdir()
    with foreign_github(tmp_path / "server") as github:
        pull = github.pull(repo, title="Change two lines")
        done, asked = review(pull, repo)
        assert (done.code, asked, told(pull)) == (1, [[A, B]], [A, B]), done.err
        pull.push("app.py", app(at10=A, at30=B))
        done, asked = review(pull, repo)
        assert (done.code, asked, told(pull)) == (1, [], [A, B]), done.err
        assert found(done) == {A: "standing", B: "standing"}
        pull.push("app.py", app(at10=FINE, at30=B, at50=C))
        done, asked = review(pull, repo)
        assert (asked, told(pull)) == ([[FINE, C]], [A, B, C]), done.err
        assert found(done) == {B: "standing", C: "new"}
        assert done.code == 0, done.err
