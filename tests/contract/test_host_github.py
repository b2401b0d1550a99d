"""The real PyGithub against a strict stand-in: what is to stand on a pull request stands there once."""

import hashlib
import json
import logging
import threading
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pytest
import requests
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from reviewbot.brief import Brief, Comment, HostWay, Outcome, PostSide
from reviewbot.deadline import Deadline
from reviewbot.diff import FileDiff, Status
from reviewbot.errors import ExitCode, HostError, ProviderError, ProviderErrorKind
from reviewbot.hosts.github import GitHub as Host
from reviewbot.hosts.github import connect
from reviewbot.patch import parse
from tests.support import _github_git as git
from tests.support._github_rules import place
from tests.support._github_state import Place
from tests.support.calls import JumpingClock, run_of
from tests.support.github import (
    TOKEN,
    Access,
    Answer,
    Cut,
    Fault,
    GitHub,
    Limits,
    Pull,
    Repository,
    Silent,
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
HUMAN, READER, OTHER = "ghp_somebody", "ghs_reader", "ghp_other"
EVERYBODY = {
    TOKEN: Token(),
    HUMAN: Token("bea", actions=False),
    OTHER: Token("eve", actions=False),
    READER: Token(pull_requests=Access.READ),
}
TEXT = [f"line {number}\n" for number in range(1, 61)]
SUMMARY = "<!-- reviewbot:summary v1 -->\n"
REVIEWS, COMMENTS, TALK, ONE = "/pulls/7/reviews$", "/pulls/7/comments$", "/issues/7/comments$", "/issues/comments/"


@dataclass(frozen=True)
class History:
    folder: Path
    base: str
    head: str
    pushed: str

    def repository(self, **fields: Any) -> Repository:
        return Repository(NAME, self.folder, pulls=(Pull(7, base=self.base, head=self.head, **fields),))


@pytest.fixture(scope="module")
def history(tmp_path_factory: pytest.TempPathFactory) -> History:
    files: dict[str, str | bytes] = {
        "app.py": "".join(TEXT),
        "big.py": "".join(TEXT),
        "old.txt": "same\n" * 30,
        "moved.py": "".join(TEXT),
        "gone.py": "1\n2\n",
        "data.bin": b"\0\1",
        "kind": "text\n",
        "run.sh": "x\n",
    }
    repo = Repo.with_commit(tmp_path_factory.mktemp("history"), files)
    repo.git("checkout", "--quiet", "-b", "topic")
    (repo.path / "kind").unlink()
    (repo.path / "kind").symlink_to("app.py")
    repo.git("mv", "old.txt", "new.txt")
    repo.git("mv", "moved.py", "here.py")
    repo.git("rm", "--quiet", "gone.py")
    repo.git("update-index", "--add", "--cacheinfo", f"160000,{'1' * 40},module")
    (repo.path / "run.sh").chmod(0o755)
    repo.git("add", "kind", "run.sh")
    changed = "".join([*TEXT[:9], "ten\n", *TEXT[10:39], *TEXT[40:50], "extra\n", *TEXT[50:]])
    large = "".join(f"LINE {number}\n" if number % 3 == 0 else line for number, line in enumerate(TEXT, 1))
    head = repo.commit(
        {
            "app.py": changed,
            "big.py": large.removesuffix("\n"),
            "here.py": "".join(TEXT).replace("line 30\n", "thirty\r\n"),
            "deep/ü b.py": "hello\n-- a\n++ b\n@@ -1 +1 @@\nend",
            "data.bin": b"\0\2",
            "empty.py": "",
        }
    )
    pushed = repo.commit({"app.py": "zero\n" + changed})
    repo.git("checkout", "--quiet", "--force", "main")
    base = repo.commit({"main.py": "only here\n"}, "main goes on")
    return History(repo.path, base, head, pushed)


@contextmanager
def host_of(
    server: GitHub, *, token: str | None = TOKEN, deadline: Deadline | None = None, url: str = ""
) -> Iterator[Host]:
    way = HostWay(url or server.url, NAME, 7, token, deadline or run_of()[0])
    host = connect(way, between_writes=0)
    try:
        yield host
    finally:
        host.close()


def fingerprint(number: int) -> str:
    return hashlib.sha256(str(number).encode()).hexdigest()


def body_of(number: int) -> str:
    return f"<!-- reviewbot:finding v1 {fingerprint(number)} -->\n**error: what number {number} means**"


def comment(number: int, path: str = "app.py", line: int = 10, **fields: Any) -> Comment:
    made = Comment(path, PostSide.RIGHT, None, line, body_of(number), fingerprint(number))
    return replace(made, **fields)


def comments(count: int) -> tuple[Comment, ...]:
    return tuple(comment(number, line=7 + number % 7) for number in range(count))


def standing(server: GitHub) -> list[str]:
    """The fingerprints on the pull request."""
    return [one.body.split()[3] for one in server.review_comments]


def prints(made: Sequence[Comment]) -> list[str]:
    return [one.fingerprint for one in made]


# ---- reading

WAYS = {"a workflow": (TOKEN, False), "a person": (HUMAN, False), "an enterprise server": (TOKEN, True)}


@pytest.mark.parametrize(("token", "enterprise"), WAYS.values(), ids=WAYS)
def test_a_pull_request_is_read_with_what_we_wrote_there(history: History, token: str, *, enterprise: bool) -> None:
    with (
        github_server(history.repository(body=None, title="A <b>"), tokens=EVERYBODY) as server,
        host_of(server, token=token, url=server.enterprise_url if enterprise else "") as host,
    ):
        brief = host.brief()
        assert brief == Brief(7, "A <b>", "", history.base, history.head, f"{server.url}/{NAME}", (), None)
        assert host.post(comments(3), head=brief.head) == Outcome(3)
        host.summarise(SUMMARY + "all", comment=brief.summary)
        again = host.brief()
        assert [one.fingerprint for one in again.posted] == prints(comments(3))
        assert [one.id for one in again.posted] == [one.id for one in server.review_comments]
        assert again.summary == server.issue_comments[0].id
        assert {one.event for one in posted_reviews(server)} == {"COMMENT"}
        assert {one.prefix for one in server.requests} == ({"/api/v3"} if enterprise else {""})


@dataclass(frozen=True)
class Sent:
    event: str
    body: str
    comments: list[dict[str, Any]] = field(default_factory=list)


def posted_reviews(server: GitHub) -> list[Sent]:
    bodies = [one.body for one in server.requests if one.method == "POST" and one.path.endswith("/reviews")]
    return [Sent(body["event"], body["body"], body["comments"]) for body in bodies]


def test_what_others_wrote_is_never_ours(history: History) -> None:
    with github_server(history.repository(), tokens=EVERYBODY) as server:
        with host_of(server, token=OTHER) as host:
            host.post(comments(2), head=history.head)
            host.summarise(SUMMARY + "imitated", comment=None)
        with host_of(server, token=HUMAN) as host:
            assert (host.brief().posted, host.brief().summary) == ((), None)
            assert host.post(comments(2), head=history.head).posted == 2
            host.summarise(SUMMARY + "real", comment=None)
            assert len(host.brief().posted) == 2
        assert standing(server) == prints(comments(2)) * 2
        assert [(one.user, one.body) for one in server.issue_comments] == [
            ("eve", SUMMARY + "imitated"),
            ("bea", SUMMARY + "real"),
        ]


def test_a_marker_counts_at_the_beginning_only(history: History) -> None:
    with github_server(history.repository()) as server, host_of(server) as host:
        host.post(
            (comment(1, body="> " + body_of(1)), comment(2, body="<!-- reviewbot:finding v1 12 -->")), head=history.head
        )
        assert not host.brief().posted
        host.summarise("> " + SUMMARY, comment=None)
        assert host.brief().summary is None


def test_a_person_with_the_name_of_a_workflow_is_none(history: History) -> None:
    row = {"id": 1, "body": body_of(1), "pull_request_review_id": 2}
    users = [{"login": "github-actions[bot]", "type": "User"}, {"login": "github-actions[bot]", "type": "Bot"}, None]
    for user, found in zip(users, ((), (1,), ()), strict=True):
        faults = [Fault(Answer(200, json.dumps([row | {"user": user}]).encode()), path=COMMENTS)]
        with github_server(history.repository(), faults=faults) as server, host_of(server) as host:
            assert tuple(one.id for one in host.brief().posted) == found


def test_all_pages_are_read(history: History) -> None:
    with github_server(history.repository()) as server, host_of(server) as host:
        host.post(comments(130), head=history.head)
        assert [one.fingerprint for one in host.brief().posted] == prints(comments(130))
        assert [len(one.comments) for one in posted_reviews(server)] == [30, 30, 30, 30, 10]


def test_without_a_token_nothing_is_ours_and_nothing_is_sent_as_one(history: History) -> None:
    with github_server(history.repository()) as server, host_of(server, token=None) as host:
        with pytest.raises(HostError, match="Requires authentication") as raised:
            host.brief()
        assert (raised.value.slug, raised.value.hint) == ("host-auth", "no token was sent: set GITHUB_TOKEN")
        assert "authorization" not in server.requests[0].headers


def test_a_review_of_100_files_with_20_findings_takes_nine_calls(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    names = [f"file{number}.py" for number in range(100)]
    repo = Repo.with_commit(tmp_path, dict.fromkeys(names, "".join(TEXT)))
    base = repo.id()
    head = repo.commit(dict.fromkeys(names, "".join(TEXT).replace("line 10\n", "ten\n")))
    made = tuple(comment(number, names[number]) for number in range(20))
    with github_server(Repository(NAME, tmp_path, pulls=(Pull(7, base=base, head=head),))) as server:
        with host_of(server) as host:
            brief = host.brief()
            assert len(parse(host.patch(brief))) == 100
            assert host.post(made, head=brief.head) == Outcome(20)
            host.summarise(SUMMARY, comment=brief.summary)
        calls = len(server.requests)
    with capsys.disabled():
        print(f"\n100 files, 20 findings: {calls} API calls")
    assert calls == 9


# ---- the change

ROOMS = {
    "all at once": Limits(),
    "file by file": Limits(diff_files=2),
    "over many pages": Limits(diff_files=2, page=3),
    "with patches that go missing": Limits(diff_files=2, page_lines=100),
    "with patches that stay missing": Limits(diff_files=2, page_lines=20),
    "with patches that are too long": Limits(diff_files=2, patch_lines=20),
}


def plain(file: FileDiff) -> FileDiff:
    """A file without what lists do not tell."""
    retyped = file.status is Status.TYPE_CHANGED
    hunks = tuple(replace(hunk, section="") for hunk in file.hunks)
    return replace(
        file,
        hunks=hunks,
        old_mode=file.old_mode if retyped else None,
        new_mode=file.new_mode if retyped else None,
        binary=file.binary and file.path != "run.sh",
    )


@pytest.mark.parametrize("limits", ROOMS.values(), ids=ROOMS)
def test_the_change_is_that_of_git(history: History, limits: Limits) -> None:
    raw = Repo(history.folder).git("diff", "-M", f"{history.base}...{history.head}")
    with github_server(history.repository(), limits=limits) as server, host_of(server) as host:
        found = host.patch(host.brief())
    if limits == Limits():
        assert found == raw
    assert [plain(file) for file in parse(found)] == [plain(file) for file in parse(raw)]


PATHS = ("/compare/", "/files$")
OUTAGES: dict[str, tuple[Fault, ...]] = {
    "no diff for now": (Fault(unavailable(), path="/compare/", times=2),),
    "no whole diff today": (Fault(unavailable(), path="/compare/", times=4),),
    "no list for now": (Fault(unavailable(), path="/compare/", times=4), Fault(html(502), path="/files$", times=3)),
    "a page of HTML for a diff": (Fault(html(200), path="/compare/"),),
    "an answer that is cut": (Fault(Cut(0.5), path="/compare/"), Fault(Cut(), path="/pulls/7$", nth=2)),
}


@pytest.mark.parametrize("faults", OUTAGES.values(), ids=OUTAGES)
def test_trouble_with_a_diff_is_waited_for_or_gone_around(history: History, faults: tuple[Fault, ...]) -> None:
    raw = Repo(history.folder).git("diff", "-M", f"{history.base}...{history.head}")
    with github_server(history.repository(), faults=faults) as server, host_of(server) as host:
        found = parse(host.patch(host.brief()))
    assert [plain(file) for file in found] == [plain(file) for file in parse(raw)]


def test_files_that_are_too_large_for_a_patch_are_compared_by_their_contents(tmp_path: Path) -> None:
    wide = ["x" * 1_000_000 + "\n", *TEXT, "y" * 100_000]
    long = [f"{number}\n" for number in range(20_500)]
    before: dict[str, str | bytes] = {"wide": "".join(wide), "long": "".join(long), "empty": "", "link": "text\n"}
    repo = Repo.with_commit(tmp_path, before)
    base = repo.id()
    (tmp_path / "link").unlink()
    (tmp_path / "link").symlink_to("wide")
    repo.git("add", "link")
    after: dict[str, str | bytes] = {
        "wide": "X" + "".join(wide),
        "long": "".join(f"now {line}" for line in long),
        "none": "",
        "bin": b"\0" * 9,
    }
    head = repo.commit({**after, "new": "".join(f"{line}\n" for line in range(20_500))})
    other = repo.commit({"bin": b"\0" * 600_000 + b"\n" * 30_000})
    raw = parse(repo.git("diff", base, head))
    with github_server(Repository(NAME, tmp_path, pulls=(Pull(7, base=base, head=head),))) as server:
        with host_of(server) as host:
            found = {file.path: file for file in parse(host.patch(host.brief()))}
        assert {path: plain(file) for path, file in found.items() if path != "long"} == {
            file.path: plain(file) for file in raw if file.path != "long"
        }
        assert (found["long"].added, found["long"].deleted, len(found["long"].hunks)) == (20_500, 20_500, 1)
        server.change(7, base=head, head=other)
        with host_of(server) as host:
            assert [(file.path, file.binary) for file in parse(host.patch(host.brief()))] == [("bin", True)]


def test_a_token_that_is_refused_for_the_diff_is_not_gone_around(history: History) -> None:
    faults = [Fault(Answer(401, b'{"message":"Bad credentials"}'), path="/compare/")]
    with github_server(history.repository(), faults=faults) as server, host_of(server) as host:
        brief = host.brief()
        with pytest.raises(HostError, match="Bad credentials"):
            host.patch(brief)


def test_a_list_that_ends_too_soon_is_refused_with_the_way_out(history: History) -> None:
    limits = Limits(diff_files=2, files=3)
    with github_server(history.repository(), limits=limits) as server, host_of(server) as host:
        brief = host.brief()
        with pytest.raises(HostError, match=r"GitHub tells 3 of 11 changed files") as raised:
            host.patch(brief)
    assert (raised.value.slug, raised.value.exit_code) == ("host-too-large", ExitCode.INCOMPLETE)
    assert "fetch-depth" in raised.value.hint


def test_a_push_while_the_list_is_read_is_noticed(history: History) -> None:
    with (
        github_server(history.repository(), limits=Limits(diff_files=2)) as server,
        host_of(server) as host,
    ):
        brief = host.brief()
        server.change(7, head=history.pushed)
        with pytest.raises(HostError, match="somebody pushed") as raised:
            host.patch(brief)
    assert raised.value.slug == "host-refused"


def test_a_patch_that_is_damaged_is_told(history: History) -> None:
    rows = [
        {"filename": "app.py", "status": "modified", "changes": 14, "patch": "@@ -1,3 +1 @@\n x", "sha": "1"}
        | {"contents_url": f"x?ref={history.head}"}
    ] * 11
    answer = Answer(200, json.dumps(rows).encode())
    faults = [Fault(answer, path="/files$", times=None)]
    with (
        github_server(history.repository(), limits=Limits(diff_files=2), faults=faults) as server,
        host_of(server) as host,
    ):
        brief = host.brief()
        with pytest.raises(HostError, match=r"patch that GitHub gives of app\.py cannot be read") as raised:
            host.patch(brief)
    assert raised.value.slug == "host-bad-answer"


# ---- posting


def test_comments_are_sent_as_one_review_that_says_something(history: History) -> None:
    made = (
        comment(1),
        comment(2, start=8),
        comment(3, side=PostSide.LEFT, line=40),
        comment(4, "gone.py", 2, side=PostSide.LEFT, start=1),
    )
    with github_server(history.repository()) as server, host_of(server) as host:
        assert host.post(made, head=history.head) == Outcome(4)
        (sent,) = posted_reviews(server)
    assert sent.body == "<!-- reviewbot:review v1 -->\nreviewbot has 4 findings in this change."
    single = {"path": "app.py", "body": body_of(1), "line": 10, "side": "RIGHT"}
    assert sent.comments[0] == single
    assert sent.comments[1] == single | {"body": body_of(2), "start_line": 8, "start_side": "RIGHT"}
    assert sent.comments[3].items() >= {"start_line": 1, "start_side": "LEFT", "line": 2, "side": "LEFT"}.items()


def test_nothing_to_post_needs_no_call(history: History) -> None:
    with github_server(history.repository()) as server, host_of(server) as host:
        assert host.post((), head=history.head) == Outcome(0)
        assert not server.requests


CULPRITS = {
    "none": ((), 1),
    "the first": ((0,), 9),
    "the last": ((19,), 7),
    "two": ((4, 15), 14),
    "all": (range(20), 39),
}


@pytest.mark.parametrize(("bad", "most"), CULPRITS.values(), ids=CULPRITS)
def test_culprits_are_found_with_few_calls_and_the_rest_is_posted(
    history: History, bad: Sequence[int], most: int
) -> None:
    made = tuple(comment(number, line=999 if number in bad else 10) for number in range(20))
    with github_server(history.repository()) as server, host_of(server) as host:
        outcome = host.post(made, head=history.head)
        assert outcome == Outcome(20 - len(bad), tuple(fingerprint(number) for number in bad))
        assert sorted(standing(server)) == sorted(fingerprint(n) for n in range(20) if n not in bad)
        assert len(posted_reviews(server)) <= most


def test_nothing_is_blamed_that_was_not_refused_alone(history: History) -> None:
    faults = [Fault(Answer(422, b'{"message":"x","errors":["not today"]}'), "POST")]
    with github_server(history.repository(), faults=faults) as server, host_of(server) as host:
        assert host.post(comments(2), head=history.head) == Outcome(2)
        assert standing(server) == prints(comments(2))


REFUSALS: dict[str, tuple[Answer, str]] = {
    "a review that somebody did not submit": (
        Answer(422, b'{"message":"x","errors":["User can only have one pending review per pull request"]}'),
        "host-refused",
    ),
    "a commit that is gone": (
        Answer(422, b'{"message":"x","errors":[{"message":"Commit is not part of the pull request"}]}'),
        "host-refused",
    ),
    "a bad token": (Answer(401, b'{"message":"Bad credentials"}'), "host-auth"),
    "another address": (Answer(307, b"", headers={"location": "http://127.0.0.1:1/"}), "host-bad-answer"),
}


@pytest.mark.parametrize(("answer", "slug"), REFUSALS.values(), ids=REFUSALS)
def test_what_is_wrong_with_the_whole_review_is_not_blamed_on_a_comment(
    history: History, answer: Answer, slug: str
) -> None:
    with github_server(history.repository(), faults=[Fault(answer, "POST")]) as server, host_of(server) as host:
        with pytest.raises(HostError, match="5 of 5 comments could not be posted") as raised:
            host.post(comments(5), head=history.head)
        assert raised.value.slug == slug
        assert raised.value.hint
        assert len(server.calls("POST")) == 1


DENIED: dict[str, tuple[str, tuple[Fault, ...], str]] = {
    "a token that only reads": (READER, (), "Resource not accessible by integration"),
    "a repository that hides": (TOKEN, (Fault(Answer(404, b'{"message":"Not Found"}'), "POST"),), "404 Not Found"),
    "an archive": (TOKEN, (Fault(Answer(403, b'{"message":"Repository was archived"}'), "POST"),), "archived"),
}


@pytest.mark.parametrize(("token", "faults", "words"), DENIED.values(), ids=DENIED)
def test_where_nothing_may_be_written_that_is_the_outcome(
    history: History, token: str, faults: tuple[Fault, ...], words: str
) -> None:
    with (
        github_server(history.repository(), tokens=EVERYBODY, faults=faults) as server,
        host_of(server, token=token) as host,
    ):
        outcome = host.post(comments(35), head=history.head)
        assert (outcome.posted, outcome.refused) == (0, ())
        assert words in (outcome.read_only or "")
        assert len(server.calls("POST")) == 1


def test_a_summary_that_may_not_be_written_is_a_matter_of_permission(history: History) -> None:
    with github_server(history.repository(), tokens=EVERYBODY) as server, host_of(server, token=READER) as host:
        with pytest.raises(HostError) as raised:
            host.summarise(SUMMARY, comment=None)
        assert raised.value.slug == "host-permission"


UNSURE: dict[str, tuple[Fault, int]] = {
    "502 before": (Fault(html(502), "POST", REVIEWS), 2),
    "502 after": (Fault(html(502), "POST", REVIEWS, after=True), 1),
    "a page of HTML before": (Fault(html(200), "POST", REVIEWS), 2),
    "a page of HTML after": (Fault(html(200), "POST", REVIEWS, after=True), 1),
    "a cut before": (Fault(Cut(), "POST", REVIEWS), 2),
    "a cut after": (Fault(Cut(0.5), "POST", REVIEWS), 1),
    "too much, with a time": (Fault(secondary(retry_after=7), "POST", REVIEWS), 2),
    "too much, without one": (Fault(secondary(), "POST", REVIEWS), 2),
    "too much, as 429": (Fault(secondary(status=429), "POST", REVIEWS), 2),
    "no calls left": (Fault(primary(reset=30), "POST", REVIEWS), 2),
    "too quickly": (
        Fault(Answer(422, b'{"message":"x","errors":[{"message":"was submitted too quickly"}]}'), "POST", REVIEWS),
        2,
    ),
}
PAUSES = {"too much, with a time": (7, 7), "too much, without one": (60, 60), "no calls left": (29, 32)}


@pytest.mark.parametrize("name", UNSURE)
def test_after_trouble_it_is_looked_before_anything_is_posted_again(history: History, name: str) -> None:
    fault, posts = UNSURE[name]
    deadline, clock = run_of(1_000)
    with (
        github_server(history.repository(), faults=[fault]) as server,
        host_of(server, deadline=deadline) as host,
    ):
        assert host.post(comments(3), head=history.head) == Outcome(3)
        assert standing(server) == prints(comments(3))
        calls = [call.rsplit("/", 1)[-1] for call in server.calls() if "/pulls/" in call]
        assert calls == ["reviews", "comments", "reviews", "comments"][: 2 * posts] + ["comments"] * (posts == 1)
    first, last = PAUSES.get(name, (0, 1_000))
    assert first <= clock.waits[0] <= last


def test_what_was_posted_twice_since_an_answer_was_old_is_taken_away(history: History) -> None:
    faults = [Fault(html(502), "POST", REVIEWS, after=True), Fault(Stale(), "GET", COMMENTS, times=1)]
    with github_server(history.repository(), faults=faults) as server, host_of(server) as host:
        assert host.post(comments(3), head=history.head) == Outcome(3)
        assert len(server.calls("POST")) == 2
        assert len(server.calls("DELETE")) == 3
        assert standing(server) == prints(comments(3))


def test_an_answer_that_does_not_know_of_our_review_is_asked_for_again(history: History) -> None:
    with github_server(history.repository()) as server, host_of(server) as host, host_of(server) as other:
        other.brief()
        host.post(comments(2), head=history.head)
        server.order(Fault(Stale(), "GET", COMMENTS, times=2))
        other.post(comments(2), head=history.head)
        assert standing(server) == prints(comments(2))


def test_a_duplicate_that_stood_there_before_is_left_alone(history: History) -> None:
    with github_server(history.repository()) as server:
        with host_of(server) as host:
            host.post(comments(1), head=history.head)
        again = {"path": "app.py", "line": 11, "body": body_of(0), "commit_id": history.head}
        post_bare(server, "/pulls/7/comments", again)
        with host_of(server) as host:
            host.brief()
            host.post((comment(5),), head=history.head)
        assert standing(server) == [fingerprint(0), fingerprint(0), fingerprint(5)]


def post_bare(server: GitHub, path: str, body: dict[str, Any]) -> None:
    with requests.Session() as session:
        got = session.post(f"{server.url}/repos/{NAME}{path}", json=body, headers={"Authorization": f"Bearer {TOKEN}"})
        assert got.status_code < 300


def test_the_older_comment_stays_where_two_runs_post_at_once(history: History) -> None:
    with github_server(history.repository()) as server, host_of(server) as one, host_of(server) as two:
        one.brief()
        two.brief()
        assert one.post(comments(3), head=history.head) == Outcome(3)
        first = [comment.id for comment in server.review_comments]
        assert two.post(comments(4), head=history.head) == Outcome(4)
        assert [comment.id for comment in server.review_comments][:3] == first
        assert standing(server) == prints(comments(4))


OVER = {
    "a limit of the rate": (secondary(retry_after=100), "the 60 seconds of --timeout end before the 100 seconds"),
    "the hour": (primary(reset=3_000), "the 60 seconds of --timeout end before the 3"),
}


@pytest.mark.parametrize(("answer", "words"), OVER.values(), ids=OVER)
def test_nothing_is_waited_for_beyond_the_end_and_what_is_missing_is_told(
    history: History, answer: Answer, words: str
) -> None:
    deadline, clock = run_of(60)
    with (
        github_server(history.repository(), faults=[Fault(answer, "POST", nth=2, times=None)]) as server,
        host_of(server, deadline=deadline) as host,
    ):
        with pytest.raises(HostError, match="10 of 40 comments could not be posted") as raised:
            host.post(comments(40), head=history.head)
        assert words in raised.value.message
        assert raised.value.slug == "host-timed-out"
        assert not clock.waits
        assert len(standing(server)) == 30


def test_when_the_time_is_over_nothing_is_sent(history: History) -> None:
    deadline, clock = run_of(60)
    clock.moment += 60
    with github_server(history.repository()) as server, host_of(server, deadline=deadline) as host:
        with pytest.raises(HostError, match="the 60 seconds of --timeout are over"):
            host.brief()
        assert not server.requests


def test_a_provider_that_was_given_up_does_not_keep_its_findings_from_being_posted(history: History) -> None:
    deadline, _ = run_of(600)
    deadline.give_up(ProviderError("dead", kind=ProviderErrorKind.QUOTA, hint="", slug="provider-quota"))
    with (
        github_server(history.repository(), faults=[Fault(html(502), "POST")]) as server,
        host_of(server, deadline=deadline) as host,
    ):
        assert host.post(comments(2), head=history.head) == Outcome(2)


def test_silence_ends_with_the_run(history: History) -> None:
    with (
        github_server(history.repository(), faults=[Fault(Silent(5), "GET")]) as server,
        host_of(server, deadline=Deadline(0.9)) as host,
        pytest.raises(HostError, match=r"--timeout are over.*gave no answer.*timed out"),
    ):
        host.brief()


def test_trouble_without_end_is_given_up(history: History) -> None:
    with github_server(history.repository(), faults=[Fault(html(502), times=None)]) as server:
        with host_of(server) as host, pytest.raises(HostError, match="GitHub answered 502") as raised:
            host.brief()
        assert (raised.value.slug, len(server.requests)) == ("host-unreachable", 4)


WRONG_URLS = {
    "nobody listens": ("http://127.0.0.1:9", "host-unreachable"),
    "no address": ("nonsense", "host-bad-answer"),
    "another form": ("ftp://127.0.0.1", "host-bad-answer"),
}


@pytest.mark.parametrize(("url", "slug"), WRONG_URLS.values(), ids=WRONG_URLS)
def test_an_address_that_leads_nowhere_is_told(url: str, slug: str) -> None:
    host = connect(HostWay(url, NAME, 7, TOKEN, run_of()[0]))
    with pytest.raises(HostError) as raised:
        host.brief()
    host.close()
    assert raised.value.slug == slug
    assert url in raised.value.message
    assert "\n" not in raised.value.message


BODIES = {"a list": b"[]", "a text": b'"x"', "no head": b'{"number": 7, "title": "x"}', "nothing": b"{}"}


@pytest.mark.parametrize("body", BODIES.values(), ids=BODIES)
def test_an_answer_of_another_form_is_told(history: History, body: bytes) -> None:
    with github_server(history.repository(), faults=[Fault(Answer(200, body), path="/pulls/7$")]) as server:
        with host_of(server) as host, pytest.raises(HostError, match="not as described") as raised:
            host.brief()
        assert raised.value.slug == "host-bad-answer"


def test_a_pull_request_that_is_not_there_is_missing(history: History) -> None:
    with github_server(history.repository()) as server:
        host = connect(HostWay(server.url, NAME, 8, TOKEN))
        with pytest.raises(HostError, match=r"octo/shop#8: GitHub answered 404 Not Found") as raised:
            host.brief()
        host.close()
        assert raised.value.slug == "host-missing"


def test_the_token_is_nowhere_to_be_read(history: History, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    echo = Answer(401, f'{{"message":"\\u001b[31mno {TOKEN}\\nhere"}}'.encode())
    with github_server(history.repository()) as server, host_of(server) as host:
        host.post(comments(1), head=history.head)
        server.order(Fault(echo))
        with pytest.raises(HostError) as raised:
            host.brief()
        assert raised.value.message.endswith("#7: GitHub answered 401 \\x1b[31mno *** here")
        assert TOKEN not in f"{host!r} {vars(host)!r} {raised.value!r} {caplog.text}"
        assert "/pulls/7/reviews" in caplog.text


def test_a_limit_that_does_not_end_is_given_up(history: History) -> None:
    deadline, clock = run_of()
    faults = [Fault(secondary(retry_after=9), "POST", times=None)]
    with (
        github_server(history.repository(), faults=faults) as server,
        host_of(server, deadline=deadline) as host,
    ):
        with pytest.raises(HostError, match="2 of 2 comments could not be posted") as raised:
            host.post(comments(2), head=history.head)
        assert (raised.value.slug, clock.waits, len(server.calls("POST"))) == ("host-rate", [9] * 7, 8)


def test_a_younger_comment_that_may_not_be_taken_away_stays(history: History) -> None:
    faults = [Fault(Answer(403, b'{"message":"Resource not accessible by integration"}'), "DELETE")]
    with github_server(history.repository(), faults=faults) as server, host_of(server) as one, host_of(server) as two:
        one.brief()
        two.brief()
        one.post(comments(1), head=history.head)
        assert two.post(comments(1), head=history.head) == Outcome(1)
        assert standing(server) == prints(comments(1)) * 2


# ---- the summary


def test_the_summary_is_edited_in_place(history: History) -> None:
    with github_server(history.repository()) as server, host_of(server) as host:
        host.summarise(SUMMARY + "one", comment=None)
        number = host.brief().summary
        host.summarise(SUMMARY + "two", comment=number)
        assert [(one.id, one.body) for one in server.issue_comments] == [(number, SUMMARY + "two")]


def test_a_summary_that_was_deleted_meanwhile_is_made_anew(history: History) -> None:
    with github_server(history.repository()) as server, host_of(server) as host:
        host.summarise(SUMMARY + "one", comment=None)
        number = host.brief().summary
        server.store.issue_comments.clear()
        host.summarise(SUMMARY + "two", comment=number)
        assert [one.body for one in server.issue_comments] == [SUMMARY + "two"]


SUMMARY_FAULTS: dict[str, tuple[Fault, ...]] = {
    "502 before": (Fault(html(502), "POST", TALK),),
    "502 after": (Fault(html(502), "POST", TALK, after=True),),
    "a page of HTML after": (Fault(html(200), "POST", TALK, after=True),),
    "a cut after": (Fault(Cut(0.5), "POST", TALK),),
    "an old answer after it": (Fault(html(502), "POST", TALK, after=True), Fault(Stale(), "GET", TALK)),
    "old answers": (Fault(Stale(), "GET", TALK, times=2),),
    "too much": (Fault(secondary(), "POST", TALK),),
}


@pytest.mark.parametrize("faults", SUMMARY_FAULTS.values(), ids=SUMMARY_FAULTS)
def test_one_summary_stands_whatever_goes_wrong(history: History, faults: tuple[Fault, ...]) -> None:
    with github_server(history.repository(), faults=faults) as server, host_of(server) as host:
        host.summarise(SUMMARY + "one", comment=None)
        assert [one.body for one in server.issue_comments] == [SUMMARY + "one"]


EDIT_FAULTS = {"502": html(502), "HTML": html(200), "too much": secondary(status=429, retry_after=1)}


@pytest.mark.parametrize("answer", EDIT_FAULTS.values(), ids=EDIT_FAULTS)
@pytest.mark.parametrize("after", [False, True], ids=["before", "after"])
def test_an_edit_is_done_again(history: History, answer: Answer, *, after: bool) -> None:
    with github_server(history.repository()) as server, host_of(server) as host:
        host.summarise(SUMMARY + "one", comment=None)
        server.order(Fault(answer, "PATCH", after=after))
        host.summarise(SUMMARY + "two", comment=host.brief().summary)
        assert [one.body for one in server.issue_comments] == [SUMMARY + "two"]


def test_of_the_summaries_of_two_runs_the_older_stays_and_says_the_newer_words(history: History) -> None:
    with github_server(history.repository()) as server, host_of(server) as one, host_of(server) as two:
        one.brief()
        two.brief()
        one.summarise(SUMMARY + "one", comment=None)
        first = server.issue_comments[0].id
        two.summarise(SUMMARY + "two", comment=None)
        assert [(one.id, one.body) for one in server.issue_comments] == [(first, SUMMARY + "two")]


def test_an_answer_that_does_not_know_of_our_summary_is_asked_for_again(history: History) -> None:
    with github_server(history.repository()) as server, host_of(server) as one, host_of(server) as two:
        two.brief()
        one.summarise(SUMMARY + "one", comment=None)
        server.order(Fault(Stale(), "GET", TALK, times=2))
        two.summarise(SUMMARY + "two", comment=None)
        assert [one.body for one in server.issue_comments] == [SUMMARY + "two"]


def test_a_summary_that_another_run_deletes_again_is_not_missed(history: History) -> None:
    with github_server(history.repository()) as server, host_of(server) as one, host_of(server) as two:
        two.brief()
        one.summarise(SUMMARY + "one", comment=None)
        server.order(Fault(Answer(404, b'{"message":"Not Found"}'), "PATCH"))
        two.summarise(SUMMARY + "two", comment=None)
        assert SUMMARY + "two" in [one.body for one in server.issue_comments]


# ---- all of it together

GOOD = st.sampled_from(
    [
        *[("app.py", PostSide.RIGHT, None, line) for line in (7, 10, 13, 40, 50, 51)],
        *[("app.py", PostSide.RIGHT, 7, line) for line in (8, 10, 13)],
        *[(path, PostSide.LEFT, None, line) for path, line in (("app.py", 10), ("app.py", 40), ("gone.py", 2))],
        ("deep/ü b.py", PostSide.RIGHT, None, 5),
    ]
)
ANY = st.tuples(
    st.sampled_from(["app.py", "big.py", "gone.py", "main.py", "data.bin", "new.txt"]),
    st.sampled_from(PostSide),
    st.none() | st.integers(1, 60),
    st.integers(1, 61),
)
SPOTS = st.one_of(GOOD, GOOD, GOOD, GOOD, GOOD, ANY)
FINDINGS = st.integers(0, 34).flatmap(lambda count: st.lists(SPOTS, min_size=count, max_size=count))
ANSWERS = st.sampled_from(
    [
        html(502),
        html(504),
        html(200),
        secondary(),
        secondary(status=429, retry_after=3),
        secondary(retry_after=90),
        primary(reset=40),
    ]
)
WHERE = st.sampled_from([("", ""), ("POST", ""), ("POST", REVIEWS), ("GET", COMMENTS), ("DELETE", ""), ("PATCH", "")])
BEFORE = st.builds(
    lambda answer, where, nth: Fault(answer, where[0], where[1], nth=nth), ANSWERS, WHERE, st.integers(1, 4)
)
AFTER = st.builds(
    lambda answer, where, nth: Fault(answer, where[0], where[1], nth=nth, after=True),
    st.sampled_from([html(502), html(200), Answer(504, b"")]),
    WHERE,
    st.integers(1, 4),
)
CUTS = st.builds(
    lambda part, where, nth: Fault(Cut(part), where[0], where[1], nth=nth),
    st.sampled_from([0, 0.5]),
    WHERE,
    st.integers(1, 4),
)
STALE = st.builds(
    lambda where, nth: Fault(Stale(), "GET", where, nth=nth), st.sampled_from([COMMENTS, TALK]), st.integers(1, 4)
)
TROUBLE = st.one_of(BEFORE, AFTER, CUTS)
PERSISTENT = st.builds(
    lambda answer, where, after: Fault(answer, where[0], where[1], times=5, after=after),
    st.sampled_from([html(502), html(200)]),
    WHERE,
    st.booleans(),
)


@dataclass(frozen=True)
class Weather:
    """What goes wrong, how many runs begin at once, how many seconds they have, and whose token they use."""

    faults: tuple[Fault, ...]
    runs: int = 1
    seconds: float | None = None
    token: str = TOKEN


TROUBLES, STALES = st.lists(TROUBLE, min_size=1, max_size=3), st.lists(STALE, max_size=2)
# Fewer than the tries of a call in the second run, however the first one ended.
WEATHERS = {
    "one run with old answers": st.builds(lambda some, stale: Weather((*some, *stale)), TROUBLES, STALES),
    "one run with much trouble": st.builds(lambda some, more: Weather((*some, *more)), TROUBLES, TROUBLES),
    "one run with an outage": st.builds(lambda fault: Weather((fault,)), PERSISTENT),
    "one run with little time": st.builds(
        lambda some, seconds: Weather(tuple(some), seconds=seconds), TROUBLES, st.sampled_from([1, 5, 50])
    ),
    "two runs at once": st.builds(
        lambda fault, stale: Weather((*fault, *stale), runs=2),
        st.lists(TROUBLE, max_size=2),
        st.lists(STALE, max_size=1),
    ),
    "a token that only reads": st.builds(lambda some: Weather(tuple(some), token=READER), TROUBLES),
}


def review(server: GitHub, made: Sequence[Comment], token: str, seconds: float | None) -> Outcome | HostError:
    """One run: what stands is not posted again."""
    with host_of(server, token=token, deadline=Deadline(seconds, JumpingClock())) as host:
        try:
            brief = host.brief()
            stands = {one.fingerprint for one in brief.posted}
            outcome = host.post(tuple(one for one in made if one.fingerprint not in stands), head=brief.head)
            if outcome.read_only is None:
                host.summarise(SUMMARY + "the last word", comment=brief.summary)
        except HostError as error:
            if error.slug == "host-permission":
                return Outcome(0, (), error.message)
            return error
    return outcome


def at_once(server: GitHub, made: Sequence[Comment], weather: Weather) -> list[Outcome | HostError]:
    results: list[Outcome | HostError] = []
    threads = [
        threading.Thread(target=lambda: results.append(review(server, made, weather.token, weather.seconds)))
        for _ in range(weather.runs)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return results


@pytest.mark.parametrize("weathers", WEATHERS.values(), ids=WEATHERS)
def test_after_at_most_one_more_run_every_comment_that_can_stand_stands_once(
    history: History, weathers: st.SearchStrategy[Weather], capsys: pytest.CaptureFixture[str]
) -> None:
    counts: Counter[str] = Counter()
    diff = git.diff(history.folder, history.base, history.head)
    calm = Limits(creations=10_000, hourly=10_000)

    @settings(max_examples=20, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow])
    @given(spots=FINDINGS, weather=weathers)
    def check(spots: list[tuple[str, PostSide, int | None, int]], weather: Weather) -> None:
        made = tuple(
            comment(number, path, line, side=side, start=start)
            for number, (path, side, start, line) in enumerate(spots)
        )
        can = {one.fingerprint for one in made if isinstance(place(diff, wanted(one)), Place)}
        with github_server(history.repository(), tokens=EVERYBODY, faults=weather.faults, limits=calm) as server:
            results = at_once(server, made, weather)
            failed = any(isinstance(result, HostError) for result in results)
            if failed:
                results = [review(server, made, weather.token, None)]
            judge(server, made, can, results, read_only=weather.token == READER)
            struck = sum(one.fault is not None for one in server.requests)
            counts.update(examples=1, findings=len(can), culprits=len(made) - len(can))
            counts.update(requests=len(server.requests), faults=struck, reruns=failed)

    check()
    with capsys.disabled():
        print("\n" + ", ".join(f"{count} {name}" for name, count in counts.items()))
    assert all(counts[name] for name in ("findings", "culprits", "faults"))


def wanted(made: Comment) -> dict[str, Any]:
    start = {} if made.start is None else {"start_line": made.start, "start_side": made.side.value}
    return {"path": made.path, "line": made.line, "side": made.side.value, **start}


def judge(
    server: GitHub, made: Sequence[Comment], can: set[str], results: list[Outcome | HostError], *, read_only: bool
) -> None:
    outcomes = [result for result in results if isinstance(result, Outcome)]
    assert outcomes == results, results
    if read_only:
        assert not server.reviews
        assert all(outcome.read_only for outcome in outcomes)
        return
    assert Counter(standing(server)) == Counter(can)
    assert [one.body for one in server.issue_comments] == [SUMMARY + "the last word"]
    for outcome in outcomes:
        assert sorted(outcome.refused) == sorted({*prints(made)} - can)
