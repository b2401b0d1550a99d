"""The whole command on pull requests: real git, the real SDKs over loopback, a strict stand-in for GitHub."""

import json
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest

from tests.support.command import Done, assert_error, claim, comments, flags, shown
from tests.support.github import (
    TOKEN,
    Access,
    Answer,
    Fault,
    GitHub,
    Pull,
    Repository,
    Silent,
    Slow,
    Token,
    github_server,
    html,
    primary,
    secondary,
    unavailable,
)
from tests.support.inprocess import run
from tests.support.model_server import Answer as Said
from tests.support.model_server import ModelServer, Request, model_server
from tests.support.repo import Repo

NAME = "octo/shop"
READER = "ghs_reads-only"
TOKENS = {TOKEN: Token(), READER: Token(pull_requests=Access.READ)}
BODY = "".join(f"line {number}\n" for number in range(1, 41))
SETTINGS = 'exclude = ["*.toml"]\n'
Script = Callable[[Request], Said]


@dataclass(frozen=True)
class History:
    """A clone in which a branch left `main`, which went on."""

    repo: Repo
    base: str
    head: str

    def repository(self, **fields: Any) -> Repository:
        pull = Pull(7, base=self.base, head=self.head, title="Sell @octocat <b>more</b>", **fields)
        return Repository(NAME, self.repo.path, pulls=(pull,))


@pytest.fixture(scope="module")
def history(tmp_path_factory: pytest.TempPathFactory) -> History:
    files = {"app.py": BODY, "old.py": BODY, ".reviewbot.toml": f'{SETTINGS}fail-on = "error"\n'}
    repo = Repo.with_commit(tmp_path_factory.mktemp("shop"), files)
    repo.git("checkout", "--quiet", "-b", "topic")
    repo.git("mv", "old.py", "new.py")
    changed = BODY.replace("line 5\n", "an error\nline 5\n").replace("line 20\n", "a warning\n")
    lines = {"new.py": BODY.replace("line 30\n", "line 30, an error\n"), "deep/ü.py": "some info\n"}
    head = repo.commit({"app.py": changed, **lines, ".reviewbot.toml": f'{SETTINGS}fail-on = "never"\n'})
    repo.git("checkout", "--quiet", "main")
    return History(repo, repo.commit({"main.py": "an error that nobody asks about\n"}), head)


@dataclass(frozen=True)
class Reviewed:
    """What a run did, and what stands on the pull request afterwards."""

    done: Done
    github: GitHub
    model: ModelServer

    @property
    def places(self) -> list[tuple[str, str, int | None]]:
        made = [comment.original for comment in self.github.review_comments]
        return [(place.path, place.side, place.line) for place in made]

    @property
    def summary(self) -> str:
        (comment,) = self.github.issue_comments
        return comment.body


PLACES = [("app.py", "RIGHT", 5), ("app.py", "RIGHT", 21), ("deep/ü.py", "RIGHT", 1), ("new.py", "RIGHT", 30)]


def reviewed(
    history: History,
    *words: str,
    script: Script = flags,
    cwd: Path | None = None,
    token: str | None = TOKEN,
    env: Mapping[str, str] | None = None,
    faults: Sequence[Fault] = (),
    repository: Repository | None = None,
    runs: int = 1,
) -> Reviewed:
    with (
        github_server(repository or history.repository(), tokens=TOKENS, faults=faults) as github,
        model_server(script) as model,
    ):
        named = {"GITHUB_API_URL": github.url, "GITHUB_REPOSITORY": NAME, **({"GITHUB_TOKEN": token} if token else {})}
        asked = ("--base-url", model.url, "-m", "m", "--input-limit", "60000", "--no-cache")
        folder, environment = cwd or history.repo.path, named | dict(env or {})
        done = [run("review", *asked, *words, cwd=folder, env=environment) for _ in range(runs)]
        return Reviewed(done[-1], github, model)


POST = ("--pr", "7", "--post", "github")


def test_a_pull_request_is_reviewed_and_its_findings_stand_on_their_lines(history: History) -> None:
    seen = reviewed(history, *POST)
    assert seen.done.code == 1, seen.done.err
    assert sorted(seen.places) == PLACES
    (review,) = seen.github.reviews
    assert (review.state, review.commit) == ("COMMENTED", history.head)
    assert "4 new comments and the summary posted: http" in seen.done.err
    assert "2 errors" in seen.summary
    assert "never" not in seen.summary
    assert "main.py" not in "".join(request.user for request in seen.model.requests)


def test_the_title_mentions_nobody_and_shows_no_html(history: History) -> None:
    seen = reviewed(history, *POST, "-f", "json")
    assert seen.done.report["target"]["description"].startswith("pull request #7, Sell @octocat <b>more</b> (")
    assert "@octocat" not in seen.summary
    assert "<b>" not in re.sub(r"\\<b>", "", seen.summary)


def test_where_the_commits_are_not_at_hand_the_host_gives_change_and_settings(history: History, tmp_path: Path) -> None:
    seen = reviewed(history, *POST, cwd=tmp_path)
    assert seen.done.code == 1, seen.done.err
    assert sorted(seen.places) == PLACES
    assert [call for call in seen.github.calls("GET") if "/contents/.reviewbot.toml" in call]


def test_the_settings_are_those_of_the_base_also_outside_of_ci(history: History) -> None:
    assert reviewed(history, "--pr", "7").done.code == 1
    kept = {"CI": "true", "GITHUB_ACTIONS": "true"}
    assert reviewed(history, "--pr", "7", env=kept).done.code == 1


def test_without_post_nothing_is_written_and_no_token_is_needed(history: History) -> None:
    seen = reviewed(history, "--pr", "7", token=None)
    assert seen.done.code == 1, seen.done.err
    assert {call.split(" ")[0] for call in seen.github.calls()} <= {"GET"}
    assert "an error" in seen.done.out


def test_a_second_run_posts_nothing_again_and_edits_the_summary(history: History) -> None:
    seen = reviewed(history, *POST, runs=2)
    assert sorted(seen.places) == PLACES
    assert len(seen.github.reviews) == 1
    assert "summary posted: http" in seen.done.err
    assert "new comment" not in seen.done.err
    assert seen.github.issue_comments[0].updated > seen.github.issue_comments[0].created


EVENTS: dict[str, Any] = {
    "a pull request": {"pull_request": {"number": 7}, "number": 7},
    "a comment on one": {"issue": {"number": 7, "pull_request": {"url": "x"}}},
    "a fork's name in the event": {"pull_request": {"number": 7}, "repository": {"full_name": NAME}},
}


@pytest.mark.parametrize("event", EVENTS.values(), ids=EVENTS)
def test_without_a_number_it_is_the_one_of_the_event(history: History, tmp_path: Path, event: Any) -> None:
    (tmp_path / "event.json").write_text(json.dumps(event))
    seen = reviewed(history, "--pr", "--post", "github", env={"GITHUB_EVENT_PATH": str(tmp_path / "event.json")})
    assert sorted(seen.places) == PLACES


NO_EVENTS: dict[str, tuple[str | None, str]] = {
    "no job": (None, "no pull request is named, and this is no job of GitHub Actions"),
    "no such file": ("", "the event of this job cannot be read from"),
    "no JSON": ("{", "the event of this job cannot be read from"),
    "a push": ('{"head_commit": {}}', "the event push is about no pull request"),
    "an issue": ('{"issue": {"number": 7}}', "the event push is about no pull request"),
    "a list": ("[]", "the event push is about no pull request"),
    "a number that is none": ('{"pull_request": {"number": true}}', "the event push is about no pull request"),
    "no number": ('{"pull_request": {"number": 0}}', "the event push is about no pull request"),
}


@pytest.mark.parametrize(("text", "what"), NO_EVENTS.values(), ids=NO_EVENTS)
def test_an_event_without_a_pull_request_is_told(history: History, tmp_path: Path, text: str | None, what: str) -> None:
    env = {"GITHUB_EVENT_NAME": "push"}
    if text is not None:
        (tmp_path / "event.json").write_text(text)
        env["GITHUB_EVENT_PATH"] = str(tmp_path / ("event.json" if text else "none.json"))
    done = reviewed(history, "--pr", env=env).done
    assert_error(done, 2, what, "--pr NUMBER")


def test_an_api_url_beats_the_variable(history: History) -> None:
    with github_server(history.repository(), tokens=TOKENS) as other:
        seen = reviewed(history, *POST, "--api-url", other.enterprise_url)
        assert not seen.github.requests
        assert len(other.review_comments) == 4
        assert {request.prefix for request in other.requests} <= {"/api/v3", "/api"}


REMOTES = {
    "https": ("https://github.com/octo/shop.git", True),
    "ssh": ("git@github.com:octo/shop.git", True),
    "a URL of ssh": ("ssh://git@ssh.github.com:443/octo/shop", True),
    "another server that nobody named": ("https://git.example/octo/shop.git", False),
    "a folder": ("/srv/git/shop", False),
    "a broken URL": ("https://[git/octo/shop", False),
}


@pytest.mark.parametrize(("address", "known"), REMOTES.values(), ids=REMOTES)
def test_the_repository_is_the_one_that_was_cloned(tmp_path: Path, address: str, *, known: bool) -> None:
    from reviewbot.errors import ConfigError
    from reviewbot.hosts.github import find
    from reviewbot.sources._remotes import addresses

    repo = Repo.create(tmp_path)
    repo.git("remote", "add", "origin", address)

    def found(api_url: str | None) -> str:
        given = {"GH_TOKEN": " t0ken\n"}
        way = find(7, api_url=api_url, writes=True, environment=given, remotes=lambda: addresses(str(tmp_path)))
        assert (way.number, way.token) == (7, "t0ken")
        return f"{way.api_url} {way.repository}"

    if known:
        assert found(None) == f"https://api.github.com {NAME}"
        repo.git("remote", "add", "upstream", "https://github.com/up/stream")
        assert found("http://127.0.0.1:1") == "http://127.0.0.1:1 up/stream"
    else:
        with pytest.raises(ConfigError) as caught:
            found(None)
        assert caught.value.slug == "no-repository"
        if "example" in address:
            assert found("http://127.0.0.1:1") == f"http://127.0.0.1:1 {NAME}"


def test_an_event_with_a_name_that_is_none_is_told(history: History, tmp_path: Path) -> None:
    (tmp_path / "event.json").write_text('{"pull_request": {"number": 7}, "repository": {"full_name": 5}}')
    done = reviewed(history, "--pr", env={"GITHUB_EVENT_PATH": str(tmp_path / "event.json")}).done
    assert_error(done, 2, "'5' is no name of a repository", "GITHUB_REPOSITORY")


REFUSED: dict[str, tuple[tuple[str, ...], dict[str, str], str]] = {
    "a second target": (("--pr", "7", "--worktree"), {}, "more than one thing to review"),
    "no pull request": (("--post", "github"), {}, "there is no pull request to post to"),
    "an address that is none": (("--pr", "7", "--api-url", "ftp://x"), {}, "--api-url is no plain web address"),
    "a repository that is none": (("--pr", "7"), {"GITHUB_REPOSITORY": "a b"}, "'a b' is no name of a repository"),
    "a variable with a password": (
        ("--pr", "7"),
        {"GITHUB_API_URL": "http://bob:secret@127.0.0.1/api/v3"},
        "GITHUB_API_URL is no plain web address",
    ),
    "a token that is none": (("--pr", "7"), {"GITHUB_TOKEN": "to ken"}, "GITHUB_TOKEN holds no token"),
}


@pytest.mark.parametrize(("words", "env", "what"), REFUSED.values(), ids=REFUSED)
def test_what_cannot_be_meant_is_refused_before_anything_is_sent(
    history: History, words: tuple[str, ...], env: dict[str, str], what: str
) -> None:
    seen = reviewed(history, *words, env=env)
    assert_error(seen.done, 2, what)
    assert not seen.github.requests
    assert not seen.model.requests


@pytest.mark.parametrize("number", ["0", "x", "7x", "٧"])
def test_a_number_that_is_none_is_refused(history: History, number: str) -> None:
    done = reviewed(history, f"--pr={number}").done
    assert done.code == 2
    assert "is no number of a pull request" in done.err


def test_a_missing_token_is_told_before_money_is_spent(history: History) -> None:
    seen = reviewed(history, *POST, token=None)
    assert_error(seen.done, 2, f"there is no token to post to {NAME} with", "set GITHUB_TOKEN")
    assert not seen.model.requests


def test_reports_are_written_before_anything_is_posted(history: History, tmp_path: Path) -> None:
    report = tmp_path / "review.json"
    refused = [Fault(html(500), "POST", "/reviews$", times=None)]
    seen = reviewed(history, *POST, "-f", f"json={report}", "--timeout", "3", faults=refused)
    assert len(json.loads(report.read_text())["findings"]) == 4
    assert seen.done.code == 1, seen.done.err
    assert "4 of 4 comments could not be posted" in seen.done.err
    assert "run again" in seen.done.err


def test_a_report_that_cannot_be_written_does_not_keep_the_review_from_being_posted(
    history: History, tmp_path: Path
) -> None:
    report = tmp_path / "there" / "review.json"
    report.parent.mkdir()

    def script(request: Request) -> Said:
        if report.parent.exists():
            report.parent.rmdir()
        return flags(request)

    seen = reviewed(history, *POST, "-f", f"json={report}", script=script)
    assert seen.done.code == 2
    assert "cannot write" in seen.done.err
    assert sorted(seen.places) == PLACES


def quiet(request: Request) -> Said:
    return Said(comments(*(claim(line, severity="info") for line in shown(request) if line.sign == "+")))


@pytest.mark.parametrize(("open_", "code"), [((), 3), (("--fail-open",), 0)], ids=["", "fail-open"])
def test_what_could_not_be_posted_in_time_is_no_pass_and_another_run_puts_it_right(
    history: History, open_: tuple[str, ...], code: int
) -> None:
    with github_server(history.repository(), tokens=TOKENS) as github, model_server(quiet) as model:
        named = {"GITHUB_API_URL": github.url, "GITHUB_REPOSITORY": NAME, "GITHUB_TOKEN": TOKEN}
        asked = ("review", *POST, "--base-url", model.url, "-m", "m", "--input-limit", "60000", *open_)
        github.order(Fault(secondary(retry_after=300), "POST", "/reviews$"))
        done = run(*asked, "--timeout", "20", cwd=history.repo.path, env=named)
        assert done.code == code
        assert "the 20 seconds of --timeout end before the 300 seconds that have to be waited" in done.err
        assert not github.review_comments
        done = run(*asked, cwd=history.repo.path, env=named)
        assert done.code == 0, done.err
        assert len(github.review_comments) == 4


def test_a_slow_model_leaves_time_to_post_what_was_found(history: History) -> None:
    import threading

    end = threading.Event()

    def script(request: Request) -> Said:
        if "app.py" in request.user and "ü" in request.user:
            end.wait(30)
        return flags(request)

    try:
        words = (*POST, "--timeout", "4", "--chunk-tokens", "500", "--jobs", "2")
        seen = reviewed(history, *words, script=script)
    finally:
        end.set()
    assert seen.done.code in {1, 3}, seen.done.err
    assert "**Incomplete:**" in seen.summary


@pytest.mark.parametrize("job", [True, False], ids=["in a job", "elsewhere"])
def test_a_token_that_may_not_write_loses_nothing(history: History, tmp_path: Path, *, job: bool) -> None:
    step = tmp_path / "summary.md"
    step.write_text("before\n")
    env = {"GITHUB_ACTIONS": "true", "GITHUB_STEP_SUMMARY": str(step)} if job else {}
    seen = reviewed(history, *POST, "-f", "json", token=READER, env=env)
    assert seen.done.code == 1
    assert len(seen.done.report["findings"]) == 4
    assert "warning: not posted: octo/shop#7: GitHub answered 403" in seen.done.err
    annotations = [line for line in seen.done.err.split("\n") if line.startswith("::")]
    assert ("stands in annotations and the summary of this run instead" in seen.done.err) is job
    assert len(annotations) == (5 if job else 0)
    assert step.read_text().startswith("before\n")
    assert ("2 errors" in step.read_text()) is job
    assert not seen.github.review_comments
    assert not seen.github.issue_comments


def test_a_token_that_may_not_write_keeps_the_code_of_a_pass(history: History) -> None:
    seen = reviewed(history, *POST, script=quiet, token=READER)
    assert seen.done.code == 0
    assert "warning: not posted" in seen.done.err
    nothing = reviewed(history, *POST, script=lambda _: Said(), token=READER)
    assert nothing.done.code == 0
    assert "warning: not posted" in nothing.done.err


def test_annotations_that_are_written_anyway_are_not_told_twice(history: History) -> None:
    seen = reviewed(history, *POST, "-f", "github", token=READER, env={"GITHUB_ACTIONS": "true"})
    assert seen.done.out.count("::error ") == 2
    assert "::error" not in seen.done.err
    assert "stands in annotations instead" in seen.done.err


FAILING: dict[str, tuple[dict[str, str], str, str]] = {
    "a refused token": ({"GITHUB_TOKEN": "ghs_unknown-to-anybody"}, "GitHub answered 401 Bad credentials", "token"),
    "another repository": ({"GITHUB_REPOSITORY": "octo/none"}, "octo/none#7: GitHub answered 404", "repository"),
}


@pytest.mark.parametrize(("env", "what", "hint"), FAILING.values(), ids=FAILING)
def test_a_pull_request_that_cannot_be_read_is_told(
    history: History, env: dict[str, str], what: str, hint: str
) -> None:
    seen = reviewed(history, *POST, env=env)
    assert_error(seen.done, 3, what, hint)
    assert "ghs_" not in seen.done.err
    assert not seen.model.requests


def test_a_host_that_is_silent_is_given_up_in_time(history: History) -> None:
    seen = reviewed(history, *POST, "--timeout", "1.5", faults=[Fault(Silent(), "GET", "/pulls/7$", times=None)])
    assert seen.done.code == 3
    assert "--timeout" in seen.done.err


def test_the_token_is_printed_nowhere(history: History, tmp_path: Path) -> None:
    with_token = f"said again: {TOKEN}"
    faults = [Fault(Answer(422, json.dumps({"message": with_token}).encode()), "POST", "/reviews$", times=None)]
    seen = reviewed(
        history, *POST, "-vv", "-f", f"json={tmp_path / 'r'}", "-f", "text", "--include", "new.py", faults=faults
    )
    told = seen.done.out + seen.done.err + (tmp_path / "r").read_text() + seen.summary
    assert TOKEN not in told
    assert not any(TOKEN in request.raw.decode() for request in seen.model.requests)
    assert "1 finding in the summary alone" in seen.done.err


def test_a_plan_of_a_pull_request_asks_nobody(history: History) -> None:
    with github_server(history.repository(), tokens=TOKENS) as github, model_server(flags) as model:
        done = run(
            *("plan", "--pr", "7", "--api-url", github.url, "--base-url", model.url, "-m", "m"),
            *("--input-limit", "60000", "-f", "json"),
            cwd=history.repo.path,
            env={"GITHUB_REPOSITORY": NAME},
        )
        assert done.code == 0, done.err
        assert {file["path"] for file in done.report["files"]} >= {"app.py", "new.py"}
        assert not model.requests


def test_a_pull_request_without_a_change_is_said_to_have_none(history: History) -> None:
    repository = replace(history.repository(), pulls=(Pull(7, base=history.base, head=history.base),))
    seen = reviewed(history, *POST, repository=repository)
    assert seen.done.code == 0, seen.done.err
    assert "there is no change to review" in seen.done.err
    assert "nothing to review: no changes" in seen.summary


def test_a_hundred_files_and_twenty_findings_take_twelve_calls(tmp_path: Path) -> None:
    repo = Repo.with_commit(tmp_path / "many", {"readme": "1\n"})
    base = repo.id()
    words = ["an error\n" if number < 20 else "fine\n" for number in range(100)]
    head = repo.commit({f"part{number:02}.py": word for number, word in enumerate(words)})
    many = History(repo, base, head)
    (tmp_path / "elsewhere").mkdir()
    for cwd in (tmp_path / "elsewhere", repo.path):
        seen = reviewed(many, *POST, cwd=cwd, repository=many.repository())
        assert len(seen.github.review_comments) == 20
        assert len(seen.github.requests) <= 12, seen.github.calls()
        with_counts = f"{cwd.name}: {len(seen.github.requests)} calls"
        print(with_counts)


def test_trouble_that_passes_is_waited_for(history: History) -> None:
    seen = reviewed(
        history,
        *POST,
        faults=[Fault(unavailable(), "GET", "/pulls/7$"), Fault(html(502), "POST", "/reviews$", after=True)],
    )
    assert seen.done.code == 1, seen.done.err
    assert sorted(seen.places) == PLACES


def moved() -> Answer:
    there = {"location": "/repositories/1/pulls/7"}
    return Answer(301, b'{"message": "Moved Permanently"}', headers=there)


def test_a_repository_with_another_name_is_not_followed_there(history: History) -> None:
    seen = reviewed(history, *POST, faults=[Fault(moved(), "GET", times=None)])
    assert_error(seen.done, 3, "GitHub answered 301: it is elsewhere now", "git remote set-url")
    assert len(seen.github.requests) == 1


ENDLESS: dict[str, Answer | Slow] = {"still being made": Answer(202, b"{}"), "too slow": Slow(9)}


@pytest.mark.parametrize("trouble", ENDLESS.values(), ids=ENDLESS)
def test_no_answer_takes_longer_than_the_run(history: History, trouble: Answer | Slow) -> None:
    seen = reviewed(history, *POST, "--timeout", "1", faults=[Fault(trouble, "GET", "/pulls/7$", times=None)])
    assert seen.done.code == 3
    assert "the 1 seconds of --timeout" in seen.done.err


def test_who_sends_no_token_is_told_to_and_does_not_wait(history: History) -> None:
    seen = reviewed(history, "--pr", "7", token=None, faults=[Fault(primary(reset=1_800), "GET")])
    assert_error(seen.done, 3, "API rate limit exceeded", "no token was sent: set GITHUB_TOKEN")


def test_without_a_timeout_nobody_waits_for_half_an_hour(history: History) -> None:
    seen = reviewed(history, *POST, faults=[Fault(primary(reset=1_800), "GET")])
    assert_error(seen.done, 3, "GitHub asks to wait for 180")
    assert "--timeout says how long you would" in seen.done.err


def test_a_run_that_a_push_overtook_leaves_the_newer_review_alone(history: History) -> None:
    with github_server(history.repository(), tokens=TOKENS) as github:

        def script(request: Request) -> Said:
            github.change(7, head=history.base)
            return flags(request)

        with model_server(script) as model:
            named = {"GITHUB_API_URL": github.url, "GITHUB_REPOSITORY": NAME, "GITHUB_TOKEN": TOKEN}
            asked = ("--base-url", model.url, "-m", "m", "--input-limit", "60000")
            done = run("review", *POST, *asked, cwd=history.repo.path, env=named)
        assert done.code == 1
        assert f"not posted: {history.head[:7]} is no more the newest commit" in done.err
        assert not {call.split(" ")[0] for call in github.calls() if "/graphql" not in call} - {"GET"}


def test_what_stands_on_a_line_that_is_gone_is_told_in_full(tmp_path: Path) -> None:
    repo = Repo.with_commit(tmp_path / "shop", {"app.py": BODY})
    base = repo.id()
    text = "a warning\n"
    repo.git("checkout", "--quiet", "-b", "topic")
    first = repo.commit({"app.py": BODY.replace("line 5\n", text)})
    second = repo.commit({"app.py": BODY.replace("line 30\n", text)})
    with (
        github_server(History(repo, base, first).repository(), tokens=TOKENS) as github,
        model_server(flags) as model,
    ):
        named = {"GITHUB_API_URL": github.url, "GITHUB_REPOSITORY": NAME, "GITHUB_TOKEN": TOKEN}
        asked = ("--base-url", model.url, "-m", "m", "--input-limit", "60000")
        assert run("review", *POST, *asked, cwd=repo.path, env=named).code == 0
        github.change(7, head=second)
        assert github.review_comments[0].place is None
        assert run("review", *POST, *asked, cwd=repo.path, env=named).code == 0
        (summary,) = github.issue_comments
        assert len(github.review_comments) == 1
        assert "It is wrong." in summary.body


def test_where_every_comment_is_refused_the_summary_tells_all_in_time(history: History) -> None:
    words = {"message": "Unprocessable Entity", "errors": ["line must be part of the diff"]}
    refused = Fault(Answer(422, json.dumps(words).encode()), "POST", "/reviews$", times=None)
    seen = reviewed(history, *POST, "--timeout", "12", faults=[refused])
    assert seen.done.code == 1
    assert seen.summary.count("It is wrong.") == 4


def test_a_person_behind_a_server_without_graphql_is_known_all_the_same(history: History) -> None:
    with github_server(history.repository(), tokens={"ghp_bea": Token("bea", actions=False)}) as github:
        github.order(Fault(Answer(404, b'{"message": "Not Found"}'), "POST", "/graphql", times=None))
        with model_server(flags) as model:
            named = {"GITHUB_API_URL": github.url, "GITHUB_REPOSITORY": NAME, "GITHUB_TOKEN": "ghp_bea"}
            asked = ("--base-url", model.url, "-m", "m", "--input-limit", "60000")
            for _ in range(2):
                run("review", *POST, *asked, cwd=history.repo.path, env=named)
        assert (len(github.review_comments), len(github.issue_comments)) == (4, 1)


def test_a_summary_of_the_run_that_is_written_anyway_is_not_written_twice(history: History, tmp_path: Path) -> None:
    step = tmp_path / "summary.md"
    env = {"GITHUB_ACTIONS": "true", "GITHUB_STEP_SUMMARY": str(step)}
    seen = reviewed(history, *POST, "-f", f"markdown={step}", token=READER, env=env)
    assert step.read_text().count("### Review") == 1
    assert "annotations and the summary of this run" in seen.done.err
