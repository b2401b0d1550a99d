"""The real PyGithub against a strict stand-in: a pull request, its change and its files are read."""

import json
from dataclasses import replace
from pathlib import Path

import pytest

from reviewbot.brief import Brief, Outcome
from reviewbot.diff import FileDiff, Status
from reviewbot.errors import ExitCode, HostError
from reviewbot.patch import parse
from tests.support.github import (
    TOKEN,
    Answer,
    Cut,
    Fault,
    Limits,
    Pull,
    Repository,
    github_server,
    html,
    unavailable,
)
from tests.support.pulls import (
    EVERYBODY,
    HUMAN,
    NAME,
    OTHER,
    SUMMARY,
    TEXT,
    History,
    body_of,
    comment,
    comments,
    history_of,
    host_of,
    posted_reviews,
    prints,
    standing,
)
from tests.support.repo import Repo


@pytest.fixture(scope="module")
def history(tmp_path_factory: pytest.TempPathFactory) -> History:
    return history_of(tmp_path_factory.mktemp("history"))


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
        assert {one.prefix for one in server.requests} == ({"/api/v3", "/api"} if enterprise else {""})


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


def test_all_pages_are_read(history: History) -> None:
    with github_server(history.repository()) as server, host_of(server) as host:
        host.post(comments(130), head=history.head)
        assert [one.fingerprint for one in host.brief().posted] == prints(comments(130))
        assert [len(one.comments) for one in posted_reviews(server)] == [30, 30, 30, 30, 10]


def test_without_a_token_nothing_is_ours_and_nothing_is_sent_as_one(history: History) -> None:
    with github_server(history.repository()) as server:
        with host_of(server) as host:
            host.post(comments(2), head=history.head)
            host.summarise(SUMMARY + "one", comment=None)
            known = len(server.requests)
        with host_of(server, token=None) as host:
            brief = host.brief()
            assert (brief.head, brief.posted, brief.summary) == (history.head, (), None)
            assert host.patch(brief)
        assert not [one for one in server.requests[known:] if "authorization" in one.headers]


def test_what_only_a_token_can_see_is_refused_with_the_way_to_one(history: History) -> None:
    private = replace(history.repository(), private=True)
    with github_server(private) as server, host_of(server, token=None) as host:
        with pytest.raises(HostError, match="Requires authentication") as raised:
            host.brief()
        assert (raised.value.slug, raised.value.hint) == ("host-auth", "no token was sent: set GITHUB_TOKEN")


def test_a_review_of_100_files_with_20_findings_takes_nine_calls_and_an_idle_one_six(
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
        with host_of(server) as host:
            brief = host.brief()
            assert host.patch(brief)
            assert host.post((), head=brief.head) == Outcome(0)
            host.summarise(SUMMARY + "again", comment=brief.summary)
        idle = len(server.requests) - calls
    with capsys.disabled():
        print(f"\n100 files, 20 findings: {calls} API calls, then {idle}")
    assert (calls, idle) == (9, 6)


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
