"""The whole command against a GitHub that others wrote, over TLS: what it reports stands there, once."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.support.command import Done, assert_error, claim, comments, reviewbot, shown
from tests.support.foreign_github import BOT, ForeignGitHub, ForeignPull, foreign_github
from tests.support.model_server import Answer, Request, model_server
from tests.support.repo import Repo

LINES = [f"line {number}\n" for number in range(1, 41)]
WRONG = {"gone": "info", "thirty": "error", "two": "warning"}
"""Changed lines that the model finds fault with, and how much; with `two` goes the line after it."""
STANDING = [
    ("app.py", 10, "LEFT", None, "**info: About gone**"),
    ("app.py", 29, "RIGHT", None, "**error: About thirty**"),
    ("new.py", 3, "RIGHT", 2, "**warning: About two**"),
]
REVIEW, SUMMARY = "pulls.createReview", "issues.createComment"


@pytest.fixture(scope="module")
def github(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ForeignGitHub]:
    with foreign_github(tmp_path_factory.mktemp("foreign")) as server:
        yield server


@pytest.fixture(scope="module")
def repo(tmp_path_factory: pytest.TempPathFactory) -> Repo:
    """A topic that takes a line away, changes one and adds a file, and a main that went on since."""
    old = [*LINES[:9], "gone\n", *LINES[10:]]
    new = [*LINES[:9], *LINES[10:29], "thirty\n", *LINES[30:]]
    repo = Repo.with_commit(tmp_path_factory.mktemp("repo"), {"app.py": "".join(old)})
    repo.git("checkout", "--quiet", "-b", "topic")
    repo.commit({"app.py": "".join(new), "new.py": "one\ntwo\nthree\n"})
    repo.git("checkout", "--quiet", "main")
    repo.commit({"later.py": "thirty\n"})
    return repo


@pytest.fixture
def pull(github: ForeignGitHub, repo: Repo) -> ForeignPull:
    return github.pull(repo, title="Count to forty")


def judged(request: Request) -> Answer:
    lines = shown(request)
    made = []
    for line, after in zip(lines, [*lines[1:], lines[-1]], strict=True):
        severity = WRONG.get(line.text)
        if severity and line.sign != " ":
            quote = f"{line.text}\n{after.text}" if line.text == "two" else line.text
            made.append(claim(line, severity=severity, quote=quote))
    return Answer(comments(*made))


def review(pull: ForeignPull, folder: Path, *words: str, **variables: str) -> Done:
    told = {**pull.environment, **variables}
    with model_server(judged) as model:
        asked = ("--base-url", model.url, "-m", "m", "--input-limit", "100000")
        posted = ("--pr", str(pull.number), "--post", "github")
        done = reviewbot("review", *posted, *asked, *words, cwd=folder, env=told)
    assert told["GITHUB_TOKEN"] not in done.out + done.err
    return done


def standing(pull: ForeignPull) -> list[Any]:
    """Every comment on lines: path, last line, side, first line of several, and how it begins."""
    bodies = [call["args"]["body"] for call in pull.asked(REVIEW) if call["committed"]]
    asked = {one["body"]: (one["side"], one.get("start_line")) for body in bodies for one in body["comments"]}
    return sorted(
        (one["path"], one["line"], *asked[one["body"]], one["body"].split("\n")[1]) for one in pull.comments()
    )


@pytest.mark.parametrize("local", [True, False], ids=["from-local-git", "from-the-api"])
def test_findings_stand_as_one_review_on_their_lines_and_in_one_summary(
    pull: ForeignPull, repo: Repo, tmp_path: Path, *, local: bool
) -> None:
    done = review(pull, repo.path if local else tmp_path, "--fail-on", "error")
    assert done.code == 1, done.err
    assert len(pull.asked("repos.compare")) == (0 if local else 2)
    assert standing(pull) == STANDING
    [made] = pull.reviews()
    assert (made["state"], made["user"]["login"], made["commit_id"]) == ("COMMENTED", BOT, repo.id("topic"))
    assert {one["pull_request_review_id"] for one in pull.comments()} == {made["id"]}
    [said] = pull.talk()
    assert said["user"]["login"] == BOT
    assert all(title in said["body"] for title in ("About gone", "About thirty", "About two"))
    old = repo.git("merge-base", "main", "topic").decode().strip()
    assert f"/blob/{old}/app.py#L10" in said["body"]


@pytest.mark.parametrize(
    ("kind", "operations"), [("bad_gateway", [REVIEW]), ("timeout_after_commit", [REVIEW, SUMMARY])]
)
def test_what_fails_to_be_posted_or_only_seems_to_stands_once(
    pull: ForeignPull, repo: Repo, kind: str, operations: list[str]
) -> None:
    pull.fail(kind, *operations)
    done = review(pull, repo.path)
    assert done.code == 0, done.err
    assert standing(pull) == STANDING
    assert (len(pull.reviews()), len(pull.talk())) == (1, 1)
    for operation in operations:
        calls = pull.asked(operation)
        assert calls[0]["fault"] == kind
        assert [call["committed"] for call in calls].count(True) == 1


def test_what_the_rate_left_no_time_for_another_run_posts_and_a_third_one_does_not(
    pull: ForeignPull, repo: Repo
) -> None:
    pull.fail("rate_limit", REVIEW)
    done = review(pull, repo.path, "--timeout", "40")
    assert done.code == 3
    assert "3 of 3 comments could not be posted" in done.err
    assert "rate limit exceeded" in done.err
    assert pull.comments() == []
    [said] = pull.talk()
    assert all(f"#### {words}" in said["body"] for words in ("error: About", "warning: About", "info: About"))
    for _ in range(2):
        done = review(pull, repo.path)
        assert done.code == 0, done.err
        assert standing(pull) == STANDING
    assert [call["committed"] for call in pull.asked(REVIEW)] == [False, True]


def test_a_token_that_is_not_known_is_told_and_not_shown(pull: ForeignPull, repo: Repo) -> None:
    done = review(pull, repo.path, GITHUB_TOKEN=f"gho_{'x' * 36}")
    assert_error(done, 3, "401 Bad credentials", "check that the token is valid")
    assert (pull.asked(REVIEW), pull.talk()) == ([], [])
