"""The stand-in for GitHub keeps GitHub's rules, seen through the real PyGithub and through bare HTTP."""

import base64
import http.client
import json
import re
import subprocess
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass, replace
from itertools import pairwise
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
import requests
from github import Auth, Github, GithubException, GithubRetry
from github.PullRequest import PullRequest

from reviewbot.diff import LineKind
from reviewbot.patch import parse
from tests.support import _github_description as description
from tests.support import _github_git as git
from tests.support._github_reads import READS
from tests.support._github_rules import place
from tests.support._github_state import Place, node
from tests.support._github_writes import WRITES
from tests.support.github import (
    TOKEN,
    Access,
    Answer,
    Cut,
    Fault,
    GitHub,
    Limits,
    Pull,
    Recorded,
    Repository,
    Silent,
    Slow,
    Stale,
    Token,
    github_server,
    html,
    primary,
    secondary,
    unavailable,
)
from tests.support.repo import Repo

NAME = "octo/shop"
PULL = f"/repos/{NAME}/pulls/7"
REVIEWS, COMMENTS, TALK = f"{PULL}/reviews", f"{PULL}/comments", f"/repos/{NAME}/issues/7/comments"
ONE = f"/repos/{NAME}/issues/comments"
LINE = "Pull request review thread line must be part of the diff"
START = "Pull request review thread start line must be part of the same hunk as the line."
ORDER = "Pull request review thread start line must precede the end line."
HUNK = "Pull request review thread diff hunk can't be blank"
PATH = "Path could not be resolved"
THREADS = "Review comments is invalid and Review threads is invalid"
TOO_LONG = "Body is too long (maximum is 65536 characters)"
HUMAN = "ghp_somebody"
READER = "ghs_reader"
EVERYBODY = {
    TOKEN: Token(),
    HUMAN: Token("bea", actions=False, contents=Access.WRITE),
    READER: Token(pull_requests=Access.READ),
}
NO_HEADERS: Mapping[str, str] = {}
TEXT = [f"line {number}\n" for number in range(1, 61)]


@dataclass(frozen=True)
class History:
    """A base that went on after the branch was made, two commits of a change, and a third to push."""

    folder: Path
    base: str
    first: str
    head: str
    pushed: str

    def repository(self, **fields: Any) -> Repository:
        return Repository(NAME, self.folder, pulls=(Pull(7, base=self.base, head=self.head, **fields),))


@pytest.fixture(scope="module")
def history(tmp_path_factory: pytest.TempPathFactory) -> History:
    files: dict[str, str | bytes] = {
        "app.py": "".join(TEXT),
        "old.txt": "same\n" * 30,
        "gone.py": "1\n2\n",
        "data.bin": b"\0\1",
        "same.py": "x\n",
    }
    repo = Repo.with_commit(tmp_path_factory.mktemp("history"), files)
    repo.git("checkout", "--quiet", "-b", "topic")
    lines = [*TEXT[:9], "ten\n", *TEXT[10:39], *TEXT[40:50], "extra\n", *TEXT[50:]]
    first = repo.commit({"app.py": "".join(lines), "data.bin": b"\0\2"}, "first")
    repo.git("mv", "old.txt", "new.txt")
    repo.git("rm", "--quiet", "gone.py")
    head = repo.commit(
        {"deep/ü b.py": "hello\n-- a\n++ b\n@@ -1 +1 @@\ndiff --git a/x b/x\nend"}, "second\n\nwith a body"
    )
    pushed = repo.commit({"app.py": "".join(["zero\n", *lines]).replace("extra\n", "other\n")}, "third")
    repo.git("checkout", "--quiet", "main")
    base = repo.commit({"same.py": "y\n", "main.py": "only here\n"}, "main goes on")
    return History(repo.path, base, first, head, pushed)


@pytest.fixture
def server(history: History) -> Iterator[GitHub]:
    with github_server(history.repository(), tokens=EVERYBODY) as running:
        yield running


@dataclass(frozen=True)
class Got:
    status: int
    headers: Mapping[str, str]
    raw: bytes

    @property
    def read(self) -> Any:
        return json.loads(self.raw)


def ask(
    server: GitHub,
    method: str,
    path: str,
    body: Any = None,
    *,
    token: str | None = TOKEN,
    timeout: float = 10,
    headers: Mapping[str, str] = NO_HEADERS,
) -> Got:
    """Send one request over bare HTTP; a body that is no text or bytes is sent as JSON."""
    sent = {"User-Agent": "bare", **headers}
    if token:
        sent["Authorization"] = f"Bearer {token}"
    raw = body if body is None or isinstance(body, str | bytes) else json.dumps(body)
    with closing(http.client.HTTPConnection(urlsplit(server.url).netloc, timeout=timeout)) as connection:
        connection.request(method, path, raw, {name: value for name, value in sent.items() if value})
        got = connection.getresponse()
        return Got(got.status, {name.lower(): value for name, value in got.getheaders()}, got.read())


def client(server: GitHub, *, token: str = TOKEN, enterprise: bool = False, **options: Any) -> Github:
    base = server.enterprise_url if enterprise else server.url
    quick = {"seconds_between_requests": 0, "seconds_between_writes": 0, "retry": None, **options}
    return Github(base_url=base, auth=Auth.Token(token), **quick)


def pull_of(server: GitHub, **options: Any) -> PullRequest:
    return client(server, **options).get_repo(NAME).get_pull(7)


def note(**fields: Any) -> dict[str, Any]:
    return {"path": "app.py", "body": "why?", **fields}


def review(*comments: Mapping[str, Any], **fields: Any) -> dict[str, Any]:
    return {"event": "COMMENT", "body": "Look.", "comments": list(comments), **fields}


FINE: dict[str, dict[str, Any]] = {
    "an added line": {"line": 10, "side": "RIGHT"},
    "the right side where none is named": {"line": 10},
    "a context line above": {"line": 7, "side": "RIGHT"},
    "a context line below": {"line": 13, "side": "RIGHT"},
    "a deleted line": {"line": 10, "side": "LEFT"},
    "a deletion without a replacement": {"line": 40, "side": "LEFT"},
    "a range": {"start_line": 8, "start_side": "RIGHT", "line": 10, "side": "RIGHT"},
    "a range from old to new": {"start_line": 10, "start_side": "LEFT", "line": 10, "side": "RIGHT"},
    "a position": {"position": 4},
    "a line that looks like a header": {"path": "deep/ü b.py", "line": 5},
    "a line of a removed file": {"path": "gone.py", "line": 2, "side": "LEFT"},
}
BAD: dict[str, tuple[dict[str, Any], str, list[str]]] = {
    "above the hunk": ({"line": 6}, f"{LINE} and {HUNK}", ["line", "diff_hunk"]),
    "below the hunk": ({"line": 14}, f"{LINE} and {HUNK}", ["line", "diff_hunk"]),
    "behind the file": ({"line": 999}, f"{LINE} and {HUNK}", ["line", "diff_hunk"]),
    "context on the left": ({"line": 9, "side": "LEFT"}, f"{LINE} and {HUNK}", ["line", "diff_hunk"]),
    "an added number on the left": ({"line": 51, "side": "LEFT"}, f"{LINE} and {HUNK}", ["line", "diff_hunk"]),
    "a new line of a removed file": (
        {"path": "gone.py", "line": 1, "side": "RIGHT"},
        f"{LINE} and {HUNK}",
        ["line", "diff_hunk"],
    ),
    "a binary file": ({"path": "data.bin", "line": 1}, f"{LINE} and {HUNK}", ["line", "diff_hunk"]),
    "a pure rename": ({"path": "new.txt", "line": 1}, f"{LINE} and {HUNK}", ["line", "diff_hunk"]),
    "a header's position": ({"position": 9}, f"{LINE} and {HUNK}", ["line", "diff_hunk"]),
    "a position behind": ({"position": 99}, f"{LINE} and {HUNK}", ["line", "diff_hunk"]),
    "a range off the diff": (
        {"start_line": 20, "line": 22},
        f"{LINE}, {START}, and {HUNK}",
        ["line", "start_line", "diff_hunk"],
    ),
    "a range over two hunks": ({"start_line": 10, "line": 40}, START, ["start_line"]),
    "a range that begins outside": ({"start_line": 5, "line": 10}, START, ["start_line"]),
    "a range of one line": ({"start_line": 10, "line": 10}, ORDER, ["start_line"]),
    "a range upside down": ({"start_line": 11, "line": 10}, ORDER, ["start_line"]),
    "a range from new to old": (
        {"start_line": 10, "start_side": "RIGHT", "line": 10, "side": "LEFT"},
        ORDER,
        ["start_line"],
    ),
    "a file outside the change": ({"path": "same.py", "line": 1}, PATH, ["path", "diff_hunk"]),
    "a file that only the base changed": ({"path": "main.py", "line": 1}, PATH, ["path", "diff_hunk"]),
    "the old name": ({"path": "old.txt", "line": 1}, PATH, ["path", "diff_hunk"]),
    "no file": ({"path": "nowhere.py", "line": 1}, PATH, ["path", "diff_hunk"]),
}


@pytest.mark.parametrize("fields", FINE.values(), ids=FINE)
def test_a_comment_inside_a_hunk_is_taken_by_both_endpoints(
    server: GitHub, history: History, fields: dict[str, Any]
) -> None:
    wanted = note(**fields)
    assert ask(server, "POST", REVIEWS, review(wanted)).status == 200
    got = ask(server, "POST", COMMENTS, {**wanted, "commit_id": history.head})
    assert got.status == 201
    shown = ask(server, "GET", COMMENTS).read
    assert len(shown) == 2
    kept = {key: value for key, value in fields.items() if key != "position"}
    assert all(one.items() >= {"side": "RIGHT", **kept}.items() for one in shown) or "position" in fields
    assert shown[0]["diff_hunk"].startswith("@@ -")


@pytest.mark.parametrize(("fields", "sentence", "names"), BAD.values(), ids=BAD)
def test_a_comment_off_the_diff_is_refused_in_both_shapes_and_nothing_is_posted(
    server: GitHub, history: History, fields: dict[str, Any], sentence: str, names: list[str]
) -> None:
    got = ask(server, "POST", REVIEWS, review(note(line=10), note(**fields), note(line=11)))
    assert (got.status, got.read["message"], got.read["errors"]) == (422, "Unprocessable Entity", [sentence])
    got = ask(server, "POST", COMMENTS, {**note(**fields), "commit_id": history.head})
    assert (got.status, got.read["message"]) == (422, "Validation Failed")
    assert [error["field"] for error in got.read["errors"]] == [f"pull_request_review_thread.{name}" for name in names]
    assert {error["resource"] for error in got.read["errors"]} == {"PullRequestReviewComment"}
    assert not server.reviews
    assert not server.review_comments


def test_exactly_the_lines_of_the_hunks_may_be_commented_on_as_another_reader_finds_them(history: History) -> None:
    diff = git.diff(history.folder, history.base, history.head)
    raw = Repo(history.folder).git("diff", f"{history.base}...{history.head}")
    files = {file.path: file for file in parse(raw)}
    assert (
        files.keys()
        == {file.path for file in diff.files}
        == {"app.py", "data.bin", "deep/ü b.py", "gone.py", "new.txt"}
    )
    for path, file in files.items():
        lines = [line for hunk in file.hunks for line in hunk.lines]
        right = {line.new for line in lines if line.kind is not LineKind.DELETED}
        left = {line.old for line in lines if line.kind is LineKind.DELETED}
        for side, legal in (("RIGHT", right), ("LEFT", left)):
            found = {n for n in range(70) if isinstance(place(diff, {"path": path, "line": n, "side": side}), Place)}
            assert found == legal
        starts = [sum(len(hunk.lines) + 1 for hunk in file.hunks[:number]) for number in range(len(file.hunks) + 1)]
        inside = {n for start, stop in pairwise(starts) for n in range(start + 1, stop)}
        found = {n for n in range(1, 70) if isinstance(place(diff, {"path": path, "position": n}), Place)}
        missing = {1 + len(lines)} if any(not line.newline for line in lines) else set()
        assert found == inside - missing


def test_every_range_inside_one_hunk_is_taken_and_no_other(history: History) -> None:
    diff = git.diff(history.folder, history.base, history.head)
    hunks = [range(7, 14), range(37, 43), range(47, 54)]
    for start in range(1, 62):
        for line in range(1, 62):
            found = place(diff, {"path": "app.py", "start_line": start, "line": line})
            legal = start < line and any(start in hunk and line in hunk for hunk in hunks)
            assert isinstance(found, Place) == legal, (start, line)


def test_a_whole_file_is_commented_on_alone_only(server: GitHub, history: History) -> None:
    comment = pull_of(server).create_review_comment("all of it", history.head, "new.txt", subject_type="file")
    assert comment.raw_data.items() >= {"subject_type": "file", "line": None, "path": "new.txt"}.items()
    assert server.review_comments[0].original.line is None


def test_a_position_that_is_no_line_is_the_only_thing_without_a_sign(history: History) -> None:
    diff = git.diff(history.folder, history.base, history.head)
    for file in diff.files:
        rows = (file.patch or "").split("\n")
        assert all(rows[line.position] == line.text for hunk in file.hunks for line in hunk.lines)


EVENTS: dict[str, tuple[str, dict[str, Any], str | None]] = {
    "a comment with a body": (TOKEN, {"event": "COMMENT", "body": "x"}, None),
    "a comment without a body": (TOKEN, {"event": "COMMENT", "comments": [note(line=10)]}, "Body can't be blank"),
    "a blank body": (TOKEN, {"event": "COMMENT", "body": " \n"}, "Body can't be blank"),
    "changes without a body": (HUMAN, {"event": "REQUEST_CHANGES"}, "Body can't be blank"),
    "changes with a body": (HUMAN, {"event": "REQUEST_CHANGES", "body": "x"}, None),
    "a pending one without a body": (TOKEN, {}, None),
    "a person's approval": (HUMAN, {"event": "APPROVE"}, None),
    "a workflow's approval": (
        TOKEN,
        {"event": "APPROVE"},
        "GitHub Actions is not permitted to approve pull requests.",
    ),
    "an approval of one's own": (
        "own",
        {"event": "APPROVE", "body": "x"},
        "Can not approve your own pull request",
    ),
    "changes of one's own": (
        "own",
        {"event": "REQUEST_CHANGES", "body": "x"},
        "Can not request changes on your own pull request",
    ),
    "a comment on one's own": ("own", {"event": "COMMENT", "body": "x"}, None),
    "a commit of the pull request": (TOKEN, {"event": "COMMENT", "body": "x", "commit_id": "first"}, None),
    "a commit from elsewhere": (
        TOKEN,
        {"event": "COMMENT", "body": "x", "commit_id": "base"},
        "Commit is not part of the pull request",
    ),
}


@pytest.mark.parametrize(("token", "body", "error"), EVENTS.values(), ids=EVENTS)
def test_a_review_keeps_the_rules_of_its_event(
    history: History, token: str, body: dict[str, Any], error: str | None
) -> None:
    if "commit_id" in body:
        body = {**body, "commit_id": getattr(history, body["commit_id"])}
    tokens = {**EVERYBODY, "own": Token("ada", actions=False)}
    with github_server(history.repository(), tokens=tokens) as server:
        got = ask(server, "POST", REVIEWS, body, token=token)
        assert got.read.get("errors") == ([error] if error else None)
        assert got.status == (422 if error else 200)
        assert len(server.reviews) == (error is None)


def test_a_workflow_approves_where_the_repository_lets_it(history: History) -> None:
    with github_server(history.repository(), tokens={TOKEN: Token(may_approve=True)}) as server:
        assert pull_of(server).create_review(event="APPROVE").state == "APPROVED"


def test_only_one_review_of_a_user_is_pending_and_it_blocks_all_others(server: GitHub, history: History) -> None:
    pending = ask(server, "POST", REVIEWS, {"comments": [note(line=10)]}).read
    assert (pending["state"], "submitted_at" in pending) == ("PENDING", False)
    for body in ({}, review()):
        got = ask(server, "POST", REVIEWS, body)
        assert got.read["errors"] == ["User can only have one pending review per pull request"]
    single = ask(server, "POST", COMMENTS, {**note(line=10), "commit_id": history.head})
    assert single.read["errors"][0]["message"] == "user_id can only have one pending review per pull request"
    assert ask(server, "POST", REVIEWS, review(), token=HUMAN).status == 200
    assert ask(server, "DELETE", f"{REVIEWS}/{pending['id']}").status == 200
    assert ask(server, "POST", REVIEWS, review()).status == 200
    assert not server.review_comments


def test_a_pending_review_is_seen_by_its_author_alone_until_it_is_submitted(server: GitHub) -> None:
    mine = ask(server, "POST", REVIEWS, {"comments": [note(line=10)]}).read
    where = f"{REVIEWS}/{mine['id']}"
    assert [len(ask(server, "GET", REVIEWS, token=token).read) for token in (TOKEN, HUMAN)] == [1, 0]
    assert [ask(server, "GET", where, token=token).status for token in (TOKEN, HUMAN)] == [200, 404]
    assert ask(server, "GET", COMMENTS).read == []
    assert len(ask(server, "GET", f"{where}/comments").read) == 1
    assert ask(server, "POST", f"{where}/events", {"event": "COMMENT"}).status == 422
    assert ask(server, "POST", f"{where}/events", {"event": "COMMENT", "body": "done"}).read["state"] == "COMMENTED"
    assert len(ask(server, "GET", COMMENTS, token=HUMAN).read) == 1
    assert ask(server, "POST", f"{where}/events", {"event": "COMMENT", "body": "again"}).status == 422
    assert ask(server, "DELETE", where).read["errors"] == ["Can not delete a non-pending pull request review"]


def test_reviews_are_reworded_and_dismissed_as_documented(server: GitHub) -> None:
    pull = pull_of(server, token=HUMAN)
    comment, wish = (
        pull.create_review(body="hm", event="COMMENT"),
        pull.create_review(body="no", event="REQUEST_CHANGES"),
    )
    comment.edit("better")
    assert pull.get_review(comment.id).body == "better"
    wish.dismiss("never mind")
    assert pull.get_review(wish.id).state == "DISMISSED"
    with pytest.raises(GithubException, match="Can not dismiss a commented pull request review"):
        comment.dismiss("this too")
    assert ask(server, "PUT", f"{REVIEWS}/{comment.id}", {"body": "mine"}).status == 403
    assert ask(server, "PUT", f"{REVIEWS}/{comment.id}", {"body": " "}, token=HUMAN).status == 422


LONG: dict[str, tuple[str, Callable[[str, str], Any], list[Any]]] = {
    "a conversation": (
        TALK,
        lambda text, _: {"body": text},
        [{"resource": "IssueComment", "code": "unprocessable", "field": "data", "message": TOO_LONG}],
    ),
    "a review": (REVIEWS, lambda text, _: {"event": "COMMENT", "body": text}, [TOO_LONG]),
    "a comment of a review": (REVIEWS, lambda text, _: review(note(line=10, body=text)), [THREADS]),
    "a single comment": (
        COMMENTS,
        lambda text, head: {**note(line=10, body=text), "commit_id": head},
        [
            {
                "resource": "PullRequestReviewComment",
                "code": "custom",
                "field": "body",
                "message": "body is too long (maximum is 65536 characters)",
            }
        ],
    ),
}


@pytest.mark.parametrize(("path", "body", "errors"), LONG.values(), ids=LONG)
def test_a_body_has_65536_characters_whatever_their_bytes(
    server: GitHub, history: History, path: str, body: Callable[[str, str], Any], errors: list[Any]
) -> None:
    got = ask(server, "POST", path, body("漢" * 65_535 + "🎉x", history.head))
    assert (got.status, got.read["errors"]) == (422, errors)
    assert ask(server, "POST", path, body("漢" * 65_535 + "🎉", history.head)).status in {200, 201}
    assert ask(server, "POST", path, body(" ", history.head)).status == 422


def test_an_edit_is_held_to_the_same_length_and_a_deleted_comment_is_gone(server: GitHub) -> None:
    pull = pull_of(server)
    comment = pull.create_issue_comment("first")
    with pytest.raises(GithubException, match="Validation Failed"):
        comment.edit("x" * 65_537)
    assert server.issue_comments[0].body == "first"
    comment.edit("second")
    assert [one.body for one in pull.get_issue_comments()] == ["second"]
    assert server.issue_comments[0].updated > server.issue_comments[0].created
    comment.delete()
    assert not server.issue_comments
    with pytest.raises(GithubException) as caught:
        comment.edit("third")
    assert caught.value.status == 404


WRITTEN: dict[str, tuple[str, str, Any]] = {
    "a comment": ("POST", TALK, {"body": "x"}),
    "a reworded comment": ("PATCH", f"{ONE}/{{talk}}", {"body": "x"}),
    "a deleted comment": ("DELETE", f"{ONE}/{{talk}}", None),
    "a review": ("POST", REVIEWS, {"event": "COMMENT", "body": "x"}),
    "a line": ("POST", COMMENTS, {"path": "app.py", "line": 10, "body": "x", "commit_id": "0" * 40}),
    "a reply": ("POST", f"{COMMENTS}/{{line}}/replies", {"body": "x"}),
    "a reworded line": ("PATCH", f"/repos/{NAME}/pulls/comments/{{line}}", {"body": "x"}),
    "a deleted line": ("DELETE", f"/repos/{NAME}/pulls/comments/{{line}}", None),
}


@pytest.mark.parametrize(("method", "path", "body"), WRITTEN.values(), ids=WRITTEN)
@pytest.mark.parametrize(
    ("token", "who"),
    [
        (Token(pull_requests=Access.READ), "integration"),
        (Token("x", actions=False, pull_requests=Access.READ), "personal"),
    ],
    ids=["workflow", "person"],
)
def test_who_may_only_read_writes_nothing(
    history: History, token: Token, who: str, method: str, path: str, body: Any
) -> None:
    with github_server(history.repository(), tokens={**EVERYBODY, READER: token}) as server:
        ask(server, "POST", TALK, {"body": "a"})
        ask(server, "POST", REVIEWS, review(note(line=10)))
        before = server.store.picture()
        where = path.format(talk=server.issue_comments[0].id, line=server.review_comments[0].id)
        got = ask(server, method, where, body, token=READER)
        assert (got.status, got.read["message"][:35]) == (403, f"Resource not accessible by {who}"[:35])
        assert server.store == before
        assert ask(server, "GET", TALK, token=READER).status == 200


def test_the_conversation_needs_one_of_two_permissions_and_contents_their_own(history: History) -> None:
    tokens = {
        "i": Token(pull_requests=Access.NONE, issues=Access.WRITE),
        "p": Token(contents=Access.NONE),
    }
    with github_server(history.repository(), tokens=tokens) as server:
        assert ask(server, "POST", TALK, {"body": "x"}, token="i").status == 201
        assert ask(server, "POST", TALK, {"body": "x"}, token="p").status == 201
        assert [ask(server, "GET", PULL, token=token).status for token in "ip"] == [403, 200]
        content = f"/repos/{NAME}/contents/app.py"
        assert [ask(server, "GET", content, token=token).status for token in "ip"] == [200, 403]


@pytest.mark.parametrize(
    ("token", "headers", "status", "message"),
    [
        ("nobody", {}, 401, "Bad credentials"),
        (TOKEN, {"User-Agent": ""}, 403, "Request forbidden by administrative rules."),
        (TOKEN, {"X-GitHub-Api-Version": "2022-01-01"}, 400, "2022-01-01 is not a valid version."),
        (TOKEN, {"X-GitHub-Api-Version": "2026-03-10"}, 200, ""),
    ],
    ids=["bad token", "no user agent", "unknown version", "newer version"],
)
@pytest.mark.parametrize(("method", "path"), [("GET", PULL), ("POST", "/graphql")], ids=["rest", "graphql"])
def test_a_stranger_does_not_come_in(
    server: GitHub, method: str, path: str, token: str | None, headers: dict[str, str], status: int, message: str
) -> None:
    body = {"query": "{viewer{login}}"} if method == "POST" else None
    got = ask(server, method, path, body, token=token, headers=headers)
    assert got.status == status
    assert got.read.get("message", "").startswith(message)


def test_who_names_nobody_reads_what_is_public(history: History) -> None:
    with github_server(history.repository()) as server:
        assert ask(server, "GET", PULL, token=None).status == 200
        refused = [
            ("GET", "/user", None),
            ("POST", TALK, {"body": "x"}),
            ("POST", "/graphql", {"query": "{viewer{login}}"}),
        ]
        for method, path, body in refused:
            got = ask(server, method, path, body, token=None)
            assert (got.status, got.read["message"]) == (401, "Requires authentication")
    with github_server(replace(history.repository(), private=True)) as server:
        assert ask(server, "GET", PULL, token=None).status == 401


def test_a_workflow_has_no_user_and_a_person_has(server: GitHub) -> None:
    got = ask(server, "GET", "/user")
    assert (got.status, got.read["message"]) == (403, "Resource not accessible by integration")
    assert client(server, token=HUMAN).get_user().login == "bea"
    repo = client(server).get_repo(NAME)
    found = [repo.get_collaborator_permission(name) for name in ("octo", "bea", "cleo")]
    assert found == ["admin", "read", "read"]
    assert client(server, token=HUMAN).get_repo(NAME).get_collaborator_permission("bea") == "write"


def test_nobody_rewords_what_others_said_but_who_may_write_to_the_repository(server: GitHub) -> None:
    theirs = ask(server, "POST", TALK, {"body": "human"}, token=HUMAN).read["id"]
    mine = ask(server, "POST", TALK, {"body": "robot"}).read["id"]
    assert ask(server, "PATCH", f"{ONE}/{theirs}", {"body": "x"}).status == 403
    assert ask(server, "PATCH", f"{ONE}/{mine}", {"body": "x"}, token=HUMAN).status == 200


@pytest.mark.parametrize(
    "path",
    [
        "/repos/octo/nowhere",
        f"/repos/{NAME}/pulls/8",
        f"/repos/{NAME}/pulls/8/files",
        f"/repos/{NAME}/issues/8/comments",
        f"{ONE}/1",
        f"/repos/{NAME}/pulls/comments/1",
        f"{REVIEWS}/1",
        f"{REVIEWS}/1/comments",
        f"/repos/{NAME}/contents/nowhere.py",
        f"/repos/{NAME}/contents/app.py?ref=nowhere",
        f"/repos/{NAME}/git/blobs/{'0' * 40}",
        f"/repos/{NAME}/compare/main...nowhere",
        f"/repos/{NAME}/compare/main",
        f"/repos/{NAME}/commits/nowhere",
    ],
)
def test_what_is_not_there_is_not_found(server: GitHub, path: str) -> None:
    got = ask(server, "GET", path)
    assert (got.status, got.read["status"]) == (404, "404")
    assert re.match("Not Found|No commit found", got.read["message"])


MALFORMED: dict[str, tuple[str, str, Any, int]] = {
    "a review with an event that is none": ("POST", REVIEWS, {"event": "NOPE", "body": "x"}, 422),
    "a comment without a path": ("POST", REVIEWS, review({"body": "x", "line": 10}), 422),
    "a comment without a body": ("POST", REVIEWS, review({"path": "app.py", "line": 10}), 422),
    "a comment without a line": ("POST", REVIEWS, review(note()), 422),
    "a line as text": ("POST", REVIEWS, review(note(line="10")), 422),
    "a line that is null": ("POST", REVIEWS, review(note(line=None)), 422),
    "a line of 0": ("POST", REVIEWS, review(note(line=0)), 422),
    "both sides": ("POST", REVIEWS, review(note(line=10, side="BOTH")), 422),
    "a subject type in a review": ("POST", REVIEWS, review(note(line=10, subject_type="line")), 422),
    "a reply in a review": ("POST", REVIEWS, review(note(line=10, in_reply_to=1)), 422),
    "a start side without a start": ("POST", REVIEWS, review(note(line=10, start_side="RIGHT")), 422),
    "a start without a line": ("POST", REVIEWS, review(note(position=4, start_line=8)), 422),
    "an unknown field of a review": ("POST", REVIEWS, review(draft=True), 422),
    "a body that is null": ("POST", REVIEWS, {"event": "COMMENT", "body": None}, 422),
    "a single comment without a commit": ("POST", COMMENTS, note(line=10), 422),
    "a single comment without a line": ("POST", COMMENTS, note(commit_id="0" * 40), 422),
    "both sides of a single comment": ("POST", COMMENTS, note(commit_id="0" * 40, line=10, side="BOTH"), 422),
    "a conversation without a body": ("POST", TALK, {}, 422),
    "a conversation with a number": ("POST", TALK, {"body": 1}, 422),
    "an event without a name": ("POST", f"{REVIEWS}/1/events", {"body": "x"}, 422),
    "nothing": ("POST", TALK, None, 422),
    "no JSON": ("POST", TALK, b'{"body": "x"', 400),
    "no UTF-8": ("POST", TALK, b'{"body": "\xff"}', 400),
    "a list": ("POST", TALK, [{"body": "x"}], 400),
    "a look-up with a body": ("GET", PULL, {"body": "x"}, 422),
    "an unknown path": ("GET", f"/repos/{NAME}/milestones", None, 404),
    "a method that the path has not": ("PUT", TALK, {"body": "x"}, 404),
    "a word for a number": ("GET", f"{PULL}/files?per_page=many", None, 200),
    "an unknown parameter": ("GET", f"{PULL}/files?size=3", None, 200),
    "an unknown order": ("GET", f"{COMMENTS}?sort=size", None, 200),
    "no query": ("POST", "/graphql", {"variables": {}}, 400),
    "a query that is none": ("POST", "/graphql", {"query": "{viewer{"}, 200),
    "an unknown field": ("POST", "/graphql", {"query": "{viewer{shoeSize}}"}, 200),
    "a missing variable": ("POST", "/graphql", {"query": "query($i:ID!){node(id:$i){id}}"}, 200),
}


@pytest.mark.parametrize(("method", "path", "body", "status"), MALFORMED.values(), ids=MALFORMED)
def test_what_no_github_takes_is_answered_and_fails_the_test(
    history: History, method: str, path: str, body: Any, status: int
) -> None:
    with github_server(history.repository()) as server:
        got = ask(server, method, path, body)
        assert got.status == status
        assert len(server.violations) == 1
        assert got.raw.startswith(b'{"message": "Invalid request.\\n\\n') == (status == 422)
        assert not server.reviews
        assert not server.issue_comments
        told, server.violations[:] = server.violations[0], []
    with pytest.raises(AssertionError, match=re.escape(told)):
        only(history, method, path, body)


def only(history: History, method: str, path: str, body: Any, *faults: Fault) -> None:
    with github_server(history.repository(), faults=faults) as server:
        ask(server, method, path, body)


def test_a_request_that_trouble_met_is_judged_all_the_same(history: History) -> None:
    with pytest.raises(AssertionError, match="subject_type"):
        only(history, "POST", REVIEWS, review(note(line=10, subject_type="file")), Fault(html(502)))


def test_what_a_test_raises_itself_is_told_before_a_malformed_request(history: History) -> None:
    with pytest.raises(TimeoutError):
        ask_in_vain(history)


def ask_in_vain(history: History) -> None:
    with github_server(history.repository(), faults=[Fault(Silent())]) as server:
        ask(server, "POST", TALK, {}, timeout=0.1)


def test_pages_have_their_rows_and_their_links(server: GitHub) -> None:
    for number in range(7):
        ask(server, "POST", TALK, {"body": str(number)})
    got = ask(server, "GET", f"{TALK}?per_page=3&page=2&since=2020-01-01T00:00:00Z")
    assert [one["body"] for one in got.read] == ["3", "4", "5"]
    links = re.findall(r'<([^>]*)\?per_page=3&page=(\d)&since=[^>]*>; rel="(\w+)"', got.headers["link"])
    where = server.url + TALK
    assert links == [(where, "1", "prev"), (where, "3", "next"), (where, "3", "last"), (where, "1", "first")]
    assert "link" not in ask(server, "GET", TALK).headers
    assert ask(server, "GET", f"{TALK}?per_page=3&page=9").read == []
    assert 'rel="next"' not in ask(server, "GET", f"{TALK}?per_page=3&page=3").headers["link"]
    github = client(server, per_page=2)
    before = len(server.requests)
    assert [one.body for one in github.get_repo(NAME).get_pull(7).get_issue_comments()] == [*"0123456"]
    assert len(server.requests) - before == 2 + 4


def test_a_page_has_30_rows_by_itself_and_never_more_than_100(server: GitHub) -> None:
    posted = ask(server, "POST", REVIEWS, review(*[note(line=10)] * 120)).read
    for path, size in ((COMMENTS, 30), (f"{COMMENTS}?per_page=500", 100), (f"{REVIEWS}/{posted['id']}/comments", 30)):
        assert len(ask(server, "GET", path).read) == size


def test_lists_are_ordered_and_cut_by_time_as_asked(server: GitHub) -> None:
    ask(server, "POST", REVIEWS, review(note(line=10, body="a"), note(line=11, body="b")))
    first = server.review_comments[0]
    ask(server, "PATCH", f"/repos/{NAME}/pulls/comments/{first.id}", {"body": "edited"})
    for query, bodies in (
        ("", ["edited", "b"]),
        ("sort=created&direction=desc", ["b", "edited"]),
        ("sort=updated", ["b", "edited"]),
    ):
        assert [one["body"] for one in ask(server, "GET", f"{COMMENTS}?{query}").read] == bodies
    later = server.review_comments[0].updated
    found = list(pull_of(server).get_review_comments(since=later))
    assert [one.body for one in found] == ["edited"]


def test_files_are_those_of_the_three_dot_diff_with_the_patches_of_git(server: GitHub, history: History) -> None:
    rows = {one["filename"]: one for one in ask(server, "GET", f"{PULL}/files").read}
    states = {name: (row["status"], row["additions"], row["deletions"], "patch" in row) for name, row in rows.items()}
    assert states == {
        "app.py": ("modified", 2, 2, True),
        "data.bin": ("modified", 0, 0, False),
        "deep/ü b.py": ("added", 6, 0, True),
        "gone.py": ("removed", 0, 2, True),
        "new.txt": ("renamed", 0, 0, False),
    }
    assert rows["new.txt"]["previous_filename"] == "old.txt"
    assert rows["app.py"]["patch"].startswith("@@ -7,7 +7,7 @@")
    assert rows["deep/ü b.py"]["patch"].endswith("+end\n\\ No newline at end of file")
    whole = Repo(history.folder).git("diff", f"{history.base}...{history.head}").decode()
    assert all(row["patch"] + "\n" in whole for row in rows.values() if "patch" in row)
    pull = pull_of(server)
    counts = (pull.additions, pull.deletions, pull.changed_files, pull.commits)
    assert counts == (8, 4, 5, 2)
    assert [one.commit.message for one in pull.get_commits()] == ["first", "second\n\nwith a body"]


@pytest.fixture(scope="module")
def large(tmp_path_factory: pytest.TempPathFactory) -> Repository:
    repo = Repo.with_commit(tmp_path_factory.mktemp("large"), {"a": "x\n"})
    base = repo.id()
    files = {f"file{number}": "line\n" * 8_000 for number in range(4)}
    head = repo.commit({**files, "long": "line\n" * 20_001, "wide": "x" * 600_000, "zero": "1\n"})
    return Repository(NAME, repo.path, pulls=(Pull(7, base=base, head=head),))


def test_patches_go_missing_behind_20000_lines_of_a_page_and_small_pages_are_right(large: Repository) -> None:
    with github_server(large) as server:
        rows = ask(server, "GET", f"{PULL}/files").read
        assert [row["filename"] for row in rows if "patch" in row] == ["file0", "file1"]
        unmarked = [row for row in rows[2:] if row["additions"] == row["deletions"] == row["changes"] == 0]
        assert unmarked == rows[2:]
        small = [ask(server, "GET", f"{PULL}/files?per_page=1&page={number}").read[0] for number in range(1, 8)]
        assert [row["filename"] for row in small if "patch" not in row] == ["long", "wide"]
        assert [row["additions"] for row in small] == [8_000] * 4 + [20_001, 1, 1]


def test_a_diff_that_is_too_large_is_not_acceptable(large: Repository, history: History) -> None:
    accept = {"Accept": "application/vnd.github.v3.diff"}
    with github_server(large) as server:
        got = ask(server, "GET", PULL, headers=accept)
        assert (got.status, got.read["errors"][0]["code"]) == (406, "too_large")
        assert "maximum number of lines (20000)" in got.read["message"]
    with github_server(history.repository(), limits=Limits(diff_files=4)) as server:
        assert "maximum number of files (4)" in ask(server, "GET", PULL, headers=accept).read["message"]
    with github_server(history.repository()) as server:
        whole = Repo(history.folder).git("diff", f"{history.base}...{history.head}")
        assert ask(server, "GET", PULL, headers=accept).raw == whole
        got = ask(server, "GET", f"/repos/{NAME}/compare/{history.base}...{history.head}", headers=accept)
        assert got.raw == whole


def test_the_list_of_files_ends_at_its_cap_and_a_comparison_too(history: History) -> None:
    with github_server(history.repository(), limits=Limits(files=3, compared=(2, 1))) as server:
        assert len(ask(server, "GET", f"{PULL}/files?per_page=2").read) == 2
        assert len(ask(server, "GET", f"{PULL}/files?per_page=2&page=2").read) == 1
        comparison = client(server).get_repo(NAME).compare(history.base, history.head)
        assert (len(comparison.files), comparison.ahead_by, comparison.behind_by) == (2, 2, 1)
        assert comparison.status == "diverged"
        got = ask(server, "GET", f"/repos/{NAME}/compare/{history.base}...{history.head}?page=2")
        assert [one["sha"] for one in got.read["commits"]] == [history.head]
        assert got.read["files"] == []


def test_contents_and_blobs_are_those_of_the_commit(server: GitHub, history: History) -> None:
    repo = client(server).get_repo(NAME)
    found = repo.get_contents("deep/ü b.py", ref=history.head)
    assert not isinstance(found, list)
    assert found.decoded_content.startswith(b"hello\n-- a")
    assert repo.get_git_blob(found.sha).sha == found.sha
    assert base64.b64decode(repo.get_git_blob(found.sha).content) == found.decoded_content
    listed = repo.get_contents("", ref=history.head)
    assert isinstance(listed, list)
    assert {(one.path, one.type) for one in listed} >= {("deep", "dir"), ("app.py", "file")}
    deep = ask(server, "GET", f"/repos/{NAME}/contents/deep?ref={history.head}").read
    assert [(one["path"], one["name"]) for one in deep] == [("deep/ü b.py", "ü b.py")]
    accept = {"Accept": "application/vnd.github.raw+json"}
    raw = ask(server, "GET", f"/repos/{NAME}/contents/main.py", headers=accept)
    assert raw.raw == b"only here\n"
    assert repo.get_commit(history.first).commit.message == "first"


def test_a_link_to_a_file_has_its_content_and_others_are_told_as_such(tmp_path: Path) -> None:
    repo = Repo.with_commit(tmp_path, {"a": "x" * 1_100_000, "b": "y"})
    links = {"large": "a", "small": "b", "nowhere": "c", "outside": "../b", "folder": "."}
    for name, target in links.items():
        (tmp_path / name).symlink_to(target)
    repo.git("add", *links)
    repo.git("update-index", "--add", "--cacheinfo", f"160000,{'1' * 40},module")
    head = repo.commit({})
    with github_server(Repository(NAME, tmp_path, pulls=(Pull(7, base=head, head=head),))) as server:
        got = {name: ask(server, "GET", f"/repos/{NAME}/contents/{name}").read for name in (*links, "a", "module")}
        listed = ask(server, "GET", f"/repos/{NAME}/contents/").read
    assert {name for name, one in got.items() if one["type"] == "symlink"} == {"nowhere", "outside", "folder"}
    assert (got["nowhere"]["target"], got["module"]["type"]) == ("c", "submodule")
    assert (got["a"]["encoding"], got["a"]["content"], got["large"]["encoding"]) == ("none", "", "none")
    assert (got["small"]["type"], got["small"]["path"], got["small"]["content"]) == ("file", "small", "eQ==\n")
    kinds = {one["name"]: one["type"] for one in listed}
    assert kinds == {"a": "file", "b": "file", "module": "file", **dict.fromkeys(links, "symlink")}


OUTAGES: dict[str, tuple[Answer, int, Callable[[Got], bool]]] = {
    **{
        str(status): (html(status), status, lambda got: got.raw.startswith(b"<html>"))
        for status in (500, 502, 503, 504)
    },
    "HTML with 200": (html(200), 200, lambda got: got.headers["content-type"].startswith("text/html")),
    "no diff for now": (unavailable(), 500, lambda got: got.read["errors"][0]["code"] == "not_available"),
    "secondary": (secondary(), 403, lambda got: "retry-after" not in got.headers),
    "secondary with a time": (secondary(status=429, retry_after=7), 429, lambda got: got.headers["retry-after"] == "7"),
    "primary": (
        primary(reset=90),
        403,
        lambda got: (
            got.headers["x-ratelimit-remaining"] == "0"
            and 85 < int(got.headers["x-ratelimit-reset"]) - time.time() <= 90
        ),
    ),
}


@pytest.mark.parametrize(("trouble", "status", "looks"), OUTAGES.values(), ids=OUTAGES)
@pytest.mark.parametrize("after", [False, True], ids=["before", "after"])
def test_trouble_comes_before_or_after_the_work(
    history: History, trouble: Answer, status: int, looks: Callable[[Got], bool], *, after: bool
) -> None:
    fault = Fault(trouble, method="POST", path="/issues/7/comments$", nth=2, after=after)
    with github_server(history.repository(), faults=[fault]) as server:
        assert ask(server, "POST", TALK, {"body": "1"}).status == 201
        assert ask(server, "GET", TALK).status == 200
        got = ask(server, "POST", TALK, {"body": "2"})
        assert got.status == status
        assert looks(got)
        assert len(server.issue_comments) == 1 + after
        assert ask(server, "POST", TALK, {"body": "3"}).status == 201
        assert server.requests[2].fault == fault
        assert [one.status for one in server.requests] == [201, 200, status, 201]


@pytest.mark.parametrize("after", [False, True], ids=["before", "after"])
@pytest.mark.parametrize(
    ("trouble", "error"),
    [(Silent(), TimeoutError), (Cut(), http.client.RemoteDisconnected)],
    ids=["silent", "cut"],
)
def test_no_answer_may_come_at_all(
    history: History, trouble: Silent | Cut, error: type[Exception], *, after: bool
) -> None:
    begun = time.monotonic()
    with github_server(history.repository(), faults=[Fault(trouble, after=after)]) as server:
        with pytest.raises(error):
            ask(server, "POST", TALK, {"body": "1"}, timeout=0.2)
        assert len(server.issue_comments) == after
        assert (server.requests[0].status, server.requests[0].answer) == (0, None)
    assert time.monotonic() - begun < 3


def test_an_answer_may_be_cut_in_its_middle_or_come_late(history: History) -> None:
    faults = [Fault(Cut(0.5)), Fault(Slow(0.2), nth=2)]
    with github_server(history.repository(), faults=faults) as server:
        with pytest.raises(http.client.IncompleteRead):
            ask(server, "POST", TALK, {"body": "1"})
        begun = time.monotonic()
        assert len(ask(server, "GET", TALK).read) == 1
        assert time.monotonic() - begun >= 0.2


def test_a_fault_strikes_as_often_as_ordered_and_can_be_ordered_later(server: GitHub) -> None:
    ask(server, "GET", PULL)
    server.order(Fault(html(502), nth=2, times=2), Fault(html(503), method="GET", path="/files", times=None))
    asked = [PULL, f"{PULL}/files", PULL, PULL, f"{PULL}/files"]
    assert [ask(server, "GET", path).status for path in asked] == [200, 502, 502, 200, 503]


@pytest.mark.parametrize("what", ["new", "edited", "deleted"])
def test_a_stale_list_does_not_know_the_newest_write(server: GitHub, what: str) -> None:
    kept = ask(server, "POST", TALK, {"body": "first"}).read["id"]
    server.order(Fault(Stale(), method="GET", path="/comments$", times=2))
    if what == "new":
        ask(server, "POST", TALK, {"body": "second"})
    elif what == "edited":
        ask(server, "PATCH", f"{ONE}/{kept}", {"body": "second"})
    else:
        ask(server, "DELETE", f"{ONE}/{kept}")
    ask(server, "POST", TALK, {"body": " "})
    seen = [[one["body"] for one in ask(server, "GET", TALK).read] for _ in range(3)]
    assert seen[:2] == [["first"], ["first"]]
    assert seen[2] == {"new": ["first", "second"], "edited": ["second"], "deleted": []}[what]


def test_requests_of_an_hour_and_writes_of_a_minute_are_counted(history: History) -> None:
    with github_server(history.repository(), limits=Limits(hourly=3)) as server:
        left = [ask(server, "GET", PULL).headers["x-ratelimit-remaining"] for _ in range(3)]
        got = ask(server, "GET", PULL)
        assert left == ["2", "1", "0"]
        assert (got.status, got.read["message"][:23]) == (403, "API rate limit exceeded")
        assert int(got.headers["x-ratelimit-reset"]) > time.time() + 3_000
    with github_server(history.repository(), limits=Limits(creations=2)) as server:
        codes = [ask(server, "POST", TALK, {"body": "x"}).status for _ in range(3)]
        assert codes == [201, 201, 403]
        assert ask(server, "PATCH", f"{ONE}/{server.issue_comments[0].id}", {"body": "y"}).status == 200
        assert len(server.issue_comments) == 2


def test_the_real_client_posts_twice_after_a_502_unless_it_is_told_not_to(history: History) -> None:
    for retry, posted in ((GithubRetry(total=2), 2), (GithubRetry(total=2, allowed_methods={"GET"}), 1)):
        with github_server(history.repository(), faults=[Fault(html(502), method="POST", after=True)]) as server:
            pull = pull_of(server, retry=retry)
            if posted == 1:
                with pytest.raises(GithubException):
                    pull.create_review(body="x", event="COMMENT")
            else:
                pull.create_review(body="x", event="COMMENT")
            assert len(server.reviews) == posted


def test_comments_go_with_their_lines_when_somebody_pushes(server: GitHub, history: History) -> None:
    spots: list[dict[str, Any]] = [
        {"line": 10},
        {"line": 50},
        {"line": 40, "side": "LEFT"},
        {"start_line": 8, "line": 10},
        {"start_line": 49, "line": 50},
    ]
    ask(server, "POST", REVIEWS, review(*[note(**spot) for spot in spots]))
    ask(server, "POST", COMMENTS, {**note(path="gone.py", subject_type="file"), "commit_id": history.head})
    root = server.review_comments[1].id
    server.change(7, head=history.pushed)
    ask(server, "POST", f"{COMMENTS}/{root}/replies", {"body": "still?"})
    rows = ask(server, "GET", COMMENTS).read
    assert [row["line"] for row in rows[:5]] == [11, None, 40, 11, None]
    assert [row["original_line"] for row in rows[:5]] == [10, 50, 40, 10, 50]
    assert rows[3]["start_line"] == 9
    assert (rows[1]["position"], rows[1]["commit_id"]) == (None, history.head)
    assert (rows[0]["commit_id"], rows[0]["original_commit_id"]) == (history.pushed, history.head)
    assert (rows[6]["line"], rows[6]["in_reply_to_id"]) == (None, root)
    assert [thread["isOutdated"] for thread in threads(server)] == [False, True, False, False, True, False]


def test_a_comment_on_an_older_commit_is_held_against_that_commit(server: GitHub, history: History) -> None:
    server.change(7, head=history.pushed)
    assert ask(server, "POST", REVIEWS, review(note(line=10), commit_id=history.head)).status == 200
    assert (server.review_comments[0].place or Place("")).line == 11
    assert ask(server, "POST", REVIEWS, review(note(line=1), commit_id=history.head)).status == 422
    assert ask(server, "POST", REVIEWS, review(note(line=1))).status == 200
    got = ask(server, "POST", COMMENTS, {**note(line=10), "commit_id": history.base})
    assert got.read["errors"][0]["message"] == "commit_id is not part of the pull request"


def test_replies_go_to_the_first_comment_of_a_thread(server: GitHub, history: History) -> None:
    pull = pull_of(server)
    first = pull.create_review_comment("why?", history.head, "app.py", line=10)
    reply = pull.create_review_comment_reply(first.id, "because")
    other = ask(server, "POST", COMMENTS, {**note(), "commit_id": "", "in_reply_to": reply.id})
    assert (reply.in_reply_to_id, other.read["in_reply_to_id"]) == (first.id, first.id)
    assert ask(server, "POST", f"{COMMENTS}/{reply.id}/replies", {"body": "x"}).status == 404
    assert ask(server, "POST", COMMENTS, {**note(), "commit_id": "", "in_reply_to": 1}).status == 422
    assert [len(thread) for thread in server.threads] == [3]
    assert len(server.reviews) == 3


THREAD_FIELDS = """id isResolved isOutdated path line startLine viewerCanResolve resolvedBy { login }
    comments(first: 1) { totalCount nodes { databaseId body isMinimized author { __typename login } } }"""
THREADS_QUERY = f"""query($first: Int, $after: String) {{
    repository(owner: "octo", name: "shop") {{ pullRequest(number: 7) {{
        reviewThreads(first: $first, after: $after) {{
            totalCount pageInfo {{ hasNextPage endCursor }} nodes {{ {THREAD_FIELDS} }} }} }} }} }}"""


def query(server: GitHub, text: str, *, token: str = TOKEN, **variables: Any) -> Any:
    got = ask(server, "POST", "/graphql", {"query": text, "variables": variables}, token=token)
    assert got.status == 200
    return got.read


def threads(server: GitHub, *, token: str = TOKEN) -> list[dict[str, Any]]:
    found = query(server, THREADS_QUERY, token=token, first=100)
    nodes: list[dict[str, Any]] = found["data"]["repository"]["pullRequest"]["reviewThreads"]["nodes"]
    return nodes


def resolve(name: str) -> str:
    return f'mutation {{ resolveReviewThread(input: {{threadId: "{name}"}}) {{ thread {{ isResolved }} }} }}'


def test_threads_are_listed_page_by_page(server: GitHub) -> None:
    ask(server, "POST", REVIEWS, review(*[note(line=line, body=str(line)) for line in (8, 9, 10)]))
    seen, after = [], None
    for more in (True, False):
        found = query(server, THREADS_QUERY, first=2, after=after)["data"]["repository"]["pullRequest"]["reviewThreads"]
        seen += [one["comments"]["nodes"][0]["body"] for one in found["nodes"]]
        assert (found["pageInfo"]["hasNextPage"], found["totalCount"]) == (more, 3)
        after = found["pageInfo"]["endCursor"]
    assert seen == ["8", "9", "10"]
    assert threads(server)[0]["comments"]["nodes"][0]["author"] == {"__typename": "Bot", "login": "github-actions"}
    for first, kind in ((None, "MISSING_PAGINATION_BOUNDARIES"), (101, "EXCESSIVE_PAGINATION")):
        assert query(server, THREADS_QUERY, first=first)["errors"][0]["type"] == kind


def test_a_thread_is_resolved_only_with_write_access_to_contents(server: GitHub) -> None:
    ask(server, "POST", REVIEWS, review(note(line=10)))
    (thread,) = threads(server)
    got = query(server, resolve(thread["id"]))
    assert (got["errors"][0]["type"], got["data"]) == ("FORBIDDEN", {"resolveReviewThread": None})
    assert not thread["viewerCanResolve"]
    assert not server.store.resolved
    assert threads(server, token=HUMAN)[0]["viewerCanResolve"]
    assert query(server, resolve(thread["id"]), token=HUMAN)["data"]["resolveReviewThread"]["thread"]["isResolved"]
    (thread,) = threads(server)
    assert (thread["isResolved"], thread["resolvedBy"]["login"]) == (True, "bea")
    undo = resolve(thread["id"]).replace("resolveReviewThread", "unresolveReviewThread")
    query(server, undo, token=HUMAN)
    assert not server.store.resolved
    assert query(server, resolve("PRRT_x"))["errors"][0]["type"] == "NOT_FOUND"


def test_what_was_said_is_minimized_through_the_real_client(server: GitHub) -> None:
    pull = pull_of(server)
    comment = pull.create_issue_comment("old")
    assert comment.minimize("OUTDATED")
    assert ask(server, "GET", f"{ONE}/{comment.id}").read["minimized"] == {"reason": "outdated"}
    assert comment.unminimize()
    assert not server.store.minimized
    reader = client(server, token=READER).requester
    with pytest.raises(GithubException, match="Resource not accessible by integration"):
        reader.graphql_named_mutation(
            "minimizeComment",
            {"subjectId": comment.node_id, "classifier": "SPAM"},
            "minimizedComment { isMinimized }",
        )
    gone = query(server, '{ node(id: "nothing") { id } }')
    assert gone["errors"][0]["type"] == "NOT_FOUND"
    assert query(server, '{ repository(owner: "a", name: "b") { id } }')["errors"][0]["type"] == "NOT_FOUND"
    assert query(server, f'{{ node(id: "{node("PRR", 1)}") {{ id }} }}')["errors"]


def tour(server: GitHub, history: History, *, enterprise: bool) -> None:
    """Every operation once, through the real client."""
    github = client(server, token=HUMAN, enterprise=enterprise)
    repo = github.get_repo(NAME)
    pull = repo.get_pull(7)
    assert github.get_user().login == "bea"
    repo.get_collaborator_permission("octo")
    content = repo.get_contents("app.py", ref=repo.get_commit(history.head).sha)
    assert not isinstance(content, list)
    repo.get_git_blob(content.sha)
    repo.compare(history.base, history.head)
    assert len(list(pull.get_files())) == 5
    assert len(list(pull.get_commits())) == 2
    commit = repo.get_commit(history.head)
    posted = pull.create_review(commit, "Look.", "COMMENT", [{"path": "app.py", "line": 10, "body": "x"}])
    posted.edit("Look again.")
    assert [one.id for one in pull.get_reviews()] == [posted.id]
    assert len(list(pull.get_single_review_comments(posted.id))) == 1
    pull.get_review(posted.id)
    pull.create_review(body="no", event="REQUEST_CHANGES").dismiss("well")
    pull.create_review(body="unsaid").delete()
    where = f"{pull.url}/reviews/{pull.create_review(body='later').id}/events"
    github.requester.requestJsonAndCheck("POST", where, input={"event": "COMMENT"})
    converse(pull, history)


def converse(pull: PullRequest, history: History) -> None:
    line = pull.create_review_comment("y", history.head, "app.py", line=11, start_line=9, start_side="RIGHT")
    pull.create_review_comment_reply(line.id, "z").delete()
    pull.get_review_comment(line.id).edit("yy")
    assert len(list(pull.get_review_comments())) == 2
    said = pull.create_issue_comment("sum")
    said.edit("summary")
    assert pull.get_issue_comment(said.id).body == "summary"
    assert [one.body for one in pull.get_issue_comments()] == ["summary"]
    said.delete()


@pytest.mark.parametrize("enterprise", [False, True], ids=["github.com", "enterprise"])
def test_every_operation_answers_the_real_client_as_described(
    server: GitHub, history: History, *, enterprise: bool
) -> None:
    tour(server, history, enterprise=enterprise)
    assert {one.operation.name for one in server.requests if one.operation} == description.names()
    for one in server.requests:
        assert one.operation
        assert one.operation.broken(one.status, one.answer) is None
        assert {one.prefix} == {"/api/v3" if enterprise else ""}
    base = server.enterprise_url if enterprise else server.url
    for key, url in urls(server.requests):
        assert url.startswith(base if key in {"url", "issue_url", "comments_url"} else server.url), (key, url)


def urls(found: list[Recorded]) -> Iterator[tuple[str, str]]:
    left: list[tuple[str, Any]] = [("", one.answer) for one in found]
    while left:
        name, value = left.pop()
        if isinstance(value, dict):
            left += value.items()
        elif isinstance(value, list):
            left += [(name, inner) for inner in value]
        elif isinstance(value, str) and re.match("https?:", value):
            yield name, value


def test_graphql_lies_beside_the_api_of_an_enterprise_server(server: GitHub) -> None:
    for enterprise, path in ((False, "/graphql"), (True, "/api/graphql")):
        requester = client(server, enterprise=enterprise).requester
        assert requester.graphql_query("{viewer{login}}", {})[1]["data"]["viewer"]["login"] == "github-actions[bot]"
        assert server.requests[-1].prefix + server.requests[-1].path == path


def test_every_described_operation_has_its_answer_and_no_other_has() -> None:
    assert {*READS, *WRITES} == description.names()


@pytest.mark.parametrize(
    ("method", "path", "change"),
    [
        ("GET", PULL, {"title": 3}),
        ("GET", PULL, {"head": {"sha": "x"}}),
        ("GET", PULL, {"colour": "red"}),
        ("GET", PULL, {"created_at": "yesterday"}),
        ("GET", PULL, {"url": "pulls/7"}),
        ("GET", f"/repos/{NAME}", {"owner": None}),
    ],
)
def test_an_answer_that_strays_from_the_description_is_noticed(
    server: GitHub, method: str, path: str, change: dict[str, Any]
) -> None:
    got = ask(server, method, path).read
    found = description.find(method, path)
    assert found
    assert found[0].broken(200, got) is None
    assert found[0].broken(200, {**got, **change}) is not None
    assert found[0].broken(201, got) is not None
    assert found[0].broken(418, {"message": 3}) is not None


def test_forks_closed_and_draft_pull_requests_look_like_it(history: History) -> None:
    repository = history.repository(head_repo="eve/shop", draft=True, state="closed", title="T", body=None, user="eve")
    other = Repository("octo/other", history.folder, pulls=(Pull(1, base=history.base, head=history.first),))
    with github_server(repository, other) as server:
        pull = pull_of(server)
        assert (pull.head.repo.full_name, pull.head.repo.fork, pull.base.repo.fork) == ("eve/shop", True, False)
        shown = {"draft": True, "state": "closed", "title": "T", "body": None}
        assert pull.raw_data.items() >= shown.items()
        assert pull.user.login == "eve"
        assert pull.head.label == "eve:topic"
        found = client(server).get_repo("eve/shop").get_contents("app.py", ref=history.head)
        assert not isinstance(found, list)
        server.change(7, state="open", title="U")
        assert ask(server, "GET", PULL).read["title"] == "U"
        talk = ask(server, "POST", TALK, {"body": "x"}).read["id"]
        assert ask(server, "GET", f"/repos/octo/other/issues/comments/{talk}").status == 404
        assert ask(server, "GET", "/repos/octo/other/issues/1/comments").read == []
        server.change(1, repo="octo/other", head=history.head)
        assert ask(server, "GET", "/repos/octo/other/pulls/1").read["head"]["sha"] == history.head


def test_settings_of_a_user_do_not_change_the_diff(history: History, tmp_path: Path) -> None:
    copy = Repo(tmp_path / "copy")
    Repo(history.folder).git("clone", "--quiet", "--no-local", str(history.folder), str(copy.path))
    for option in ("diff.noprefix=true", "diff.context=0", "diff.algorithm=patience", "diff.renames=false"):
        copy.git("config", *option.split("="))
    (copy.path / ".gitattributes").write_text("*.py binary\n")
    here, there = (git.diff(folder, history.base, history.head) for folder in (history.folder, copy.path))
    assert here == there


def test_a_record_of_a_request_has_what_was_sent_and_answered(server: GitHub) -> None:
    requests.post(
        f"{server.url}{TALK}",
        json={"body": "ü"},
        headers={"Authorization": f"token {TOKEN}"},
        timeout=5,
    )
    one = server.requests[0]
    assert (one.method, one.path, one.query, one.body, one.status) == ("POST", TALK, {}, {"body": "ü"}, 201)
    assert one.answer["body"] == "ü"
    assert server.calls() == server.calls("POST") == (f"POST {TALK}",)
    assert replace(one, raw=b"\xff").body is None


def test_records_are_found_under_their_own_pull_request_only(history: History) -> None:
    pulls = tuple(Pull(number, base=history.base, head=history.head) for number in (7, 8))
    with github_server(Repository(NAME, history.folder, pulls=pulls)) as server:
        posted = ask(server, "POST", REVIEWS, review(note(line=10))).read["id"]
        paths = [f"/repos/{NAME}/pulls/{number}/reviews/{posted}" for number in (7, 8)]
        assert [ask(server, "GET", path).status for path in paths] == [200, 404]
        lists = [f"/repos/{NAME}/pulls/{number}/comments" for number in (7, 8)]
        assert [len(ask(server, "GET", path).read) for path in lists] == [1, 0]


def test_the_server_holds_its_own_answers_against_the_description(history: History) -> None:
    with pytest.raises(AssertionError, match="title: 3 is not of type"):
        look(history.repository(title=3))


def look(repository: Repository) -> None:
    with github_server(repository) as server:
        ask(server, "GET", PULL)


def test_the_server_s_own_failure_is_told_and_not_mistaken_for_an_outage(history: History) -> None:
    nowhere = replace(history, head="0" * 40)
    with pytest.raises(subprocess.CalledProcessError):
        only(nowhere, "GET", PULL, None)
