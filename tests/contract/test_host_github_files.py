"""The real PyGithub against a strict stand-in: files of a commit are read as git has them."""

import base64
import json
from pathlib import Path

import pytest

from reviewbot.errors import HostError
from reviewbot.sources._rungit import Git
from reviewbot.sources._start import Start
from tests.support.github import Answer, Fault, Pull, Repository, github_server, html
from tests.support.pulls import NAME, host_of
from tests.support.repo import Repo

LINKS = {
    "link": "plain.toml",
    "deep/up": "../plain.toml",
    "deep/beside": "inner file.toml",
    "again": "link",
    "circle": "circle",
    "outside": "../plain.toml",
    "absolute": "/plain.toml",
    "dangling": "nowhere",
    "to a folder": "deep",
    "to the top": ".",
    "to a huge one": "huge",
    "to a module": "module",
    "odd": "ü",
}
PATHS = [*LINKS, "plain.toml", "deep/inner file.toml", "ü", "deep", "module", "nowhere", "deep/no", "huge", "", "raw"]


@pytest.fixture(scope="module")
def repo(tmp_path_factory: pytest.TempPathFactory) -> Repo:
    files: dict[str, str | bytes] = {"plain.toml": "x = 1\r\n", "deep/inner file.toml": "y = 2", "ü": "z\n"}
    made = Repo.with_commit(tmp_path_factory.mktemp("files"), files)
    for name, target in LINKS.items():
        (made.path / name).symlink_to(target)
    made.git("update-index", "--add", "--cacheinfo", f"160000,{'1' * 40},module")
    made.git("add", *LINKS)
    made.commit({"huge": b"\0\xff" * 600_000, "raw": bytes(range(256))})
    return made


def served(repo: Repo) -> Repository:
    return Repository(NAME, repo.path, pulls=(Pull(7, base=repo.id(), head=repo.id()),))


def test_a_file_is_read_as_git_has_it(repo: Repo) -> None:
    start = Start(Git(str(repo.path)), repo.id())
    with github_server(served(repo)) as server, host_of(server) as host:
        found = {path: host.read(path, commit=repo.id()) for path in PATHS}
    expected = {path: start.read(path) if path else None for path in PATHS}
    assert {path for path, content in expected.items() if content is None} == {
        *("again", "circle", "outside", "absolute", "dangling", "to a folder", "to the top", "to a module"),
        *("deep", "module", "nowhere", "deep/no", ""),
    }
    assert {path: found[path] for path in PATHS if path != "again"} == {
        path: content for path, content in expected.items() if path != "again"
    }
    # GitHub tells of no link that leads to a file by way of another one.
    assert found["again"] in {None, b"x = 1\r\n"}


def test_a_server_that_does_not_follow_links_is_followed_for(repo: Repo) -> None:
    answers = {
        "a": {"type": "symlink", "sha": repo.git("rev-parse", "HEAD:deep/up").decode().strip()},
        "b": {"type": "file", "encoding": "base64", "content": base64.b64encode(b"x = 1\n").decode()},
    }
    faults = [
        Fault(Answer(200, json.dumps(answers["a"]).encode()), path="/contents/deep/up$"),
        Fault(Answer(200, json.dumps(answers["b"]).encode()), path="/contents/plain.toml$"),
    ]
    with github_server(served(repo), faults=faults) as server, host_of(server) as host:
        assert host.read("deep/up", commit=repo.id()) == b"x = 1\n"
        assert server.calls() == tuple(
            f"GET /repos/{NAME}/{rest}"
            for rest in ("contents/deep", "contents/deep/up", f"git/blobs/{answers['a']['sha']}", "contents/plain.toml")
        )


def test_an_older_commit_has_its_own_files(tmp_path: Path) -> None:
    repo = Repo.with_commit(tmp_path, {"a": "1"})
    old = repo.id()
    repo.commit({"a": "2", "b": "3"})
    with github_server(served(repo)) as server, host_of(server) as host:
        assert [host.read(path, commit=old) for path in ("a", "b")] == [b"1", None]
        assert host.read("a", commit=repo.id()) == b"2"


def test_a_commit_that_is_not_there_is_no_missing_file(repo: Repo) -> None:
    with github_server(served(repo)) as server, host_of(server) as host:
        with pytest.raises(HostError, match="No commit found") as raised:
            host.read("plain.toml", commit="1" * 40)
        assert raised.value.slug == "host-missing"


TROUBLE = {
    "a token that may not": (Answer(403, b'{"message":"Resource not accessible by integration"}'), "host-permission"),
    "an outage": (html(502), "host-unreachable"),
    "another form": (Answer(200, b'"x"'), "host-bad-answer"),
    "a damaged content": (
        Answer(200, b'{"type": "file", "encoding": "base64", "content": "?", "sha": "1"}'),
        "host-bad-answer",
    ),
    "no content": (Answer(200, b'{"type": "file", "encoding": "base64", "sha": "1"}'), "host-bad-answer"),
    "letters that are none": (
        Answer(200, '{"type": "file", "encoding": "base64", "content": "ü", "sha": "1"}'.encode()),
        "host-bad-answer",
    ),
}


@pytest.mark.parametrize(("answer", "slug"), TROUBLE.values(), ids=TROUBLE)
def test_trouble_with_a_file_is_not_taken_for_its_absence(repo: Repo, answer: Answer, slug: str) -> None:
    faults = [Fault(answer, path="/contents/", times=None)]
    with github_server(served(repo), faults=faults) as server, host_of(server) as host:
        with pytest.raises(HostError) as raised:
            host.read("plain.toml", commit=repo.id())
        assert raised.value.slug == slug


def test_trouble_that_passes_is_waited_for(repo: Repo) -> None:
    faults = [Fault(html(502), path="/contents/", times=2)]
    with github_server(served(repo), faults=faults) as server, host_of(server) as host:
        assert host.read("plain.toml", commit=repo.id()) == b"x = 1\r\n"
