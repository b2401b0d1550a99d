"""What stands is written down, and later runs tell only what is new: the whole command, real git, a loopback model."""

import json
import os
import signal
import subprocess
import threading
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from reviewbot.baselines import MOST_BYTES
from tests.support.command import COMMAND, Done, assert_error, claim, comments, flags, shown
from tests.support.github import TOKEN, Pull, Repository, github_server
from tests.support.inprocess import run
from tests.support.model_server import Answer, ModelServer, Request, model_server
from tests.support.repo import Repo

NAME = ".reviewbot-baseline.json"
NOBODY = "http://127.0.0.1:9/v1"
CI = {"CI": "true"}
BODY = [f"value_{number} = compute({number})" for number in range(1, 61)]
SCHEMA = Draft202012Validator(
    json.loads(
        (Path(__file__).parents[2] / "docs" / "baseline.schema.json")
        .read_text("utf-8")
        .replace('"additionalProperties": true', '"additionalProperties": false')
    )
)


def text(lines: list[str]) -> str:
    return "".join(f"{line}\n" for line in lines)


def with_lines(**put: int) -> list[str]:
    """The body with lines put in before others, by their number."""
    lines = list(BODY)
    for line, number in sorted(put.items(), key=lambda item: -item[1]):
        lines.insert(number - 1, line.replace("_", " "))
    return lines


@pytest.fixture(scope="module")
def server() -> Iterator[ModelServer]:
    """A model that finds every line with the word error or warning."""
    with model_server(flags) as running:
        yield running


@dataclass(frozen=True)
class Team:
    """A branch `topic` with one error and one warning in `app.py`, and the model that finds them."""

    repo: Repo
    server: ModelServer
    words: tuple[str, ...] = field(default=("-m", "m", "--input-limit", "60000", "--no-cache"))

    def run(self, command: str, *words: str, env: Mapping[str, str] | None = None, folder: str = ".") -> Done:
        asked = ("--base-url", self.server.url, *self.words)
        return run(command, *asked, *words, cwd=self.repo.path / folder, env=env)

    def baseline(self, *words: str, **more: Any) -> Any:
        """The baseline of the branch, written and read."""
        done = self.run("baseline", "main...", *words, **more)
        assert done.code == 0, done.err
        return json.loads((self.repo.path / NAME).read_text("utf-8"))

    def review(self, *words: str, env: Mapping[str, str] | None = None) -> Done:
        """A review of the branch that knows the baseline."""
        return self.run("review", "main...", "--baseline", NAME, "-f", "json", *words, env=env)

    def new(self, *words: str) -> list[str]:
        """The lines that a review tells."""
        return [finding["excerpt"] for finding in self.review(*words).report["findings"]]


@pytest.fixture
def team(tmp_path: Path, server: ModelServer) -> Team:
    repo = Repo.with_commit(tmp_path / "team", {"app.py": text(BODY), "src/readme": "1\n"})
    repo.git("checkout", "--quiet", "-b", "topic")
    repo.commit({"app.py": text(with_lines(an_error_in_line_9=9, a_warning_in_line_31=30))})
    return Team(repo, server)


def silenced(done: Done) -> list[str]:
    return [drop["quote"] for drop in done.report["dropped"] if drop["reason"] == "baseline"]


# What is written


def test_what_stands_is_written_to_the_top_of_the_repository(team: Team) -> None:
    done = team.run("baseline", "main...", folder="src")
    place = team.repo.path / NAME
    assert (done.code, done.out) == (0, "")
    assert done.err == f"reviewbot: 2 findings written to {place}\n"
    written = json.loads(place.read_text("utf-8"))
    SCHEMA.validate(written)
    first, second = written["findings"]
    assert first | {"fingerprint": ""} == {
        "path": "app.py",
        "old_path": None,
        "side": "new",
        "start_line": 9,
        "end_line": 9,
        "severity": "error",
        "category": "correctness",
        "title": "About an error in line 9",
        "excerpt": ["an error in line 9"],
        "fingerprint": "",
    }
    assert (second["start_line"], second["excerpt"]) == (31, ["a warning in line 31"])
    reported = team.run("review", "main...", "-f", "json").report["findings"]
    assert [one["fingerprint"] for one in reported] == [first["fingerprint"], second["fingerprint"]]


def test_equal_runs_write_equal_files_in_the_order_of_paths_and_lines(tmp_path: Path) -> None:
    repo = Repo.with_commit(tmp_path / "order", {"readme": "1\n"})
    repo.stage({f"{name}.py": text(["an error", "fine", "a warning"]) for name in ("b", "ä", "a", "B")})
    with model_server(lambda request: Answer(comments(*map(claim, reversed(shown(request)))))) as backwards:
        one = Team(repo, backwards).run("baseline", "-o", "-")
        other = Team(repo, backwards).run("baseline", "-o", "-", "--jobs", "1", "--chunk-tokens", "500")
    assert one.out == other.out
    places = [(entry["path"], entry["start_line"]) for entry in one.report["findings"]]
    assert places == [(f"{name}.py", line) for name in ("B", "a", "b", "ä") for line in (1, 2, 3)]


@pytest.mark.parametrize("output", ["mine.json", "src/mine.json"])
def test_a_file_can_be_named(team: Team, output: str) -> None:
    done = team.run("baseline", "main...", "-o", output)
    assert done.err == f"reviewbot: 2 findings written to {output}\n"
    assert len(json.loads((team.repo.path / output).read_text("utf-8"))["findings"]) == 2
    assert not (team.repo.path / NAME).exists()


def test_standard_output_gets_the_baseline_and_nothing_else(team: Team) -> None:
    done = team.run("baseline", "main...", "-o", "-")
    assert (done.code, done.err) == (0, "reviewbot: 2 findings written to standard output\n")
    SCHEMA.validate(done.report)
    assert not (team.repo.path / NAME).exists()


def test_what_is_only_hidden_is_written_and_nothing_fails_it(team: Team) -> None:
    team.repo.write(".reviewbot.toml", 'fail-on = "info"\nmin-severity = "error"\nmax-comments = 0\n')
    assert len(team.baseline(env={"REVIEWBOT_FAIL_ON": "info", "REVIEWBOT_MAX_COMMENTS": "0"})["findings"]) == 2


def test_what_does_not_count_is_not_written(team: Team) -> None:
    assert team.baseline("--min-confidence", "0.95")["findings"] == []


def test_an_old_baseline_does_not_keep_anything_out_of_a_new_one(team: Team) -> None:
    assert team.baseline() == team.baseline(env={"REVIEWBOT_BASELINE": NAME})
    done = team.run("baseline", "--baseline", NAME)
    assert done.code == 2
    assert "No such option" in done.err


def test_where_nothing_changed_an_empty_one_is_written_and_it_is_said(tmp_path: Path) -> None:
    repo = Repo.with_commit(tmp_path / "still", {"a": "1\n"})
    done = run("baseline", cwd=repo.path)
    hint, written = done.err.splitlines()
    assert (done.code, hint) == (0, "reviewbot: nothing is staged here; try --worktree or main...")
    assert written == f"reviewbot: 0 findings written to {repo.path / NAME}"
    assert json.loads((repo.path / NAME).read_text())["findings"] == []


def half(request: Request) -> Answer:
    """No answer about one of two files."""
    return flags(request) if "good.py" in request.user else Answer("I would rather not.")


@pytest.fixture
def broken(tmp_path: Path) -> Iterator[Team]:
    """Two files with an error each, one of which nobody reviews."""
    repo = Repo.with_commit(tmp_path / "broken", {"readme": "1\n"})
    repo.stage({name: text([f"an error in {name}, {line}" for line in range(60)]) for name in ("bad.py", "good.py")})
    with model_server(half) as running:
        yield Team(repo, running, ("-m", "m", "--input-limit", "60000", "--no-cache", "--chunk-tokens", "500"))


def test_an_incomplete_review_is_written_and_it_is_said(broken: Team) -> None:
    done = broken.run("baseline")
    assert done.code == 3, done.err
    line, *more = done.err.splitlines()
    place = broken.repo.path / NAME
    assert line.endswith(f" written to {place}, but the review is incomplete: 60 changed lines not reviewed")
    assert more[-1].endswith("[docs/errors.md#provider-bad-reply]")
    assert {entry["path"] for entry in json.loads(place.read_text())["findings"]} == {"good.py"}
    assert broken.run("baseline", "--fail-open").code == 0


def test_nobody_to_ask_leaves_the_old_one_alone(team: Team) -> None:
    before = team.baseline()
    team.repo.commit({"more.py": "an error\n"})
    words = ("baseline", "main...", "-m", "qwen-coder-plus")
    assert_error(run(*words, cwd=team.repo.path), 2, "no key")
    assert run(*words, "--fail-open", cwd=team.repo.path).code == 0
    assert json.loads((team.repo.path / NAME).read_text()) == before


def test_ctrl_c_leaves_the_old_one_alone(team: Team) -> None:
    (team.repo.path / NAME).write_text("mine")
    asked, go = threading.Event(), threading.Event()

    def wait(_: Request) -> Answer:
        asked.set()
        go.wait(20)
        return Answer()

    with model_server(wait) as slow:
        words = ("baseline", "main...", "--base-url", slow.url, *team.words)
        here = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[2])}
        command = [*COMMAND, *words]
        process = subprocess.Popen(
            command, cwd=team.repo.path, env=here, stdout=subprocess.PIPE, stderr=subprocess.PIPE
        )
        assert asked.wait(20)
        process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=20)
        go.set()
    assert (process.returncode, out, err) == (130, b"", b"reviewbot: interrupted\n")
    assert (team.repo.path / NAME).read_text() == "mine"


def test_a_file_that_cannot_be_written_is_refused_before_anybody_is_asked(team: Team, tmp_path: Path) -> None:
    (tmp_path / "precious").write_text("mine")
    (team.repo.path / NAME).symlink_to(tmp_path / "precious")
    (team.repo.path / "to-git").symlink_to(".git/config")
    asked = len(team.server.requests)
    for words, why in (
        ((), "a link leads it out of the repository"),
        (("-o", "to-git"), "a link leads it out of the repository"),
        (("-o", "src"), "it is a folder"),
        (("-o", "none/there.json"), "there is no folder"),
        (("-o", ""), "it is a folder"),
        (("-o", "x", "--record", "x"), "two outputs are written to x"),
    ):
        assert_error(team.run("baseline", "main...", *words), 2, why)
    assert len(team.server.requests) == asked
    assert (tmp_path / "precious").read_text() == "mine"


def test_no_credential_is_written(team: Team) -> None:
    value = "kX8#vLq2" + "ZpTr9w-error"
    team.repo.commit({"app.py": text([f"password = '{value}'", *with_lines(an_error=9)])})
    done = team.run("baseline", "main...")
    assert done.code == 0, done.err
    written = (team.repo.path / NAME).read_text("utf-8")
    assert "1 credential left out: allow what is none by its hash" in done.err
    assert "PASSWORD" not in written
    assert value not in written
    assert "s1:" not in written
    assert team.new("--fail-on", "error") == ["password = 'REDACTED_PASSWORD_1'"]


def test_what_a_terminal_obeys_is_written_harmlessly_and_recognised(team: Team) -> None:
    lines = ["an error \x1b[31m \u202e \x85", "an error 汉字 \r", "##[error]"]
    odd = os.fsdecode(b"\xff\xc3\xa9.py")
    team.repo.commit({odd: text(lines).encode() + b"an error \xe9\n"})
    team.baseline()
    raw = (team.repo.path / NAME).read_bytes().decode("utf-8")
    assert not {"\x1b", "\u202e", "\x85", "\r"} & {*raw}
    assert "汉字" in raw
    assert team.new() == []
    assert len(silenced(team.review())) == 7


# What is silenced


def test_a_later_run_tells_only_what_is_new_and_judges_only_that(team: Team) -> None:
    team.baseline()
    assert team.run("review", "main...", "--fail-on", "error").code == 1
    done = team.review("--fail-on", "info")
    assert (done.code, done.report["findings"], done.report["verdict"]) == (0, [], "pass")
    assert silenced(done) == ["an error in line 9", "a warning in line 31"]
    team.repo.commit({"new.py": "another error\n"})
    done = team.review("--fail-on", "error")
    assert (done.code, [one["path"] for one in done.report["findings"]]) == (1, ["new.py"])
    assert done.report["findings"][0]["state"] == "new"


def test_a_variable_names_the_file_too(team: Team) -> None:
    team.baseline()
    done = team.run("review", "main...", "-f", "json", env={"REVIEWBOT_BASELINE": NAME})
    assert done.report["findings"] == []


def moved(team: Team) -> None:
    lines = ["import os", "", *with_lines(an_error_in_line_9=40, a_warning_in_line_31=3)]
    team.repo.commit({"app.py": text(lines)})


def renamed(team: Team) -> None:
    team.repo.git("mv", "app.py", "src/main.py")
    team.repo.commit({})


def renamed_and_moved(team: Team) -> None:
    renamed(team)
    team.repo.commit({"src/main.py": text(["import os", *with_lines(an_error_in_line_9=40, a_warning_in_line_31=3)])})


def edited_nearby(team: Team) -> None:
    lines = with_lines(an_error_in_line_9=9, a_warning_in_line_31=30)
    team.repo.commit({"app.py": text([*lines[:7], "near = 1", lines[8], "near = 2", *lines[10:]])})


def indented(team: Team) -> None:
    lines = with_lines(an_error_in_line_9=9, a_warning_in_line_31=30)
    team.repo.commit({"app.py": text([f"    {line}\t" for line in lines])})


def committed_with_it(team: Team) -> None:
    team.repo.git("add", NAME)
    team.repo.commit({})


@pytest.mark.parametrize("happens", [moved, renamed, renamed_and_moved, edited_nearby, indented, committed_with_it])
def test_what_was_known_stays_known(team: Team, happens: Callable[[Team], None]) -> None:
    team.baseline()
    happens(team)
    done = team.review("--fail-on", "info")
    assert (done.code, done.report["findings"]) == (0, []), done.out
    assert len(silenced(done)) == 2


def test_what_was_fixed_and_comes_back_is_still_known_and_a_second_one_is_new(team: Team) -> None:
    team.baseline()
    team.repo.commit({"app.py": text(with_lines(a_warning_in_line_31=30))})
    assert (team.new(), silenced(team.review())) == ([], ["a warning in line 31"])
    team.repo.commit({"app.py": text(with_lines(an_error_in_line_9=20, a_warning_in_line_31=30))})
    assert team.new() == []
    twice = with_lines(an_error_in_line_9=20, a_warning_in_line_31=30)
    team.repo.commit({"app.py": text([*twice[:50], "an error in line 9", *twice[50:]])})
    done = team.review("--fail-on", "error")
    assert (done.code, [one["excerpt"] for one in done.report["findings"]]) == (1, ["an error in line 9"])


def test_another_line_another_category_and_another_file_are_new(team: Team) -> None:
    team.baseline()
    team.repo.commit({"other.py": "an error in line 9\n", "app.py": text(with_lines(an_error_elsewhere=9))})
    assert sorted(team.new()) == ["an error elsewhere", "an error in line 9"]


def test_a_baseline_written_anew_knows_what_came_since(team: Team) -> None:
    team.baseline()
    team.repo.commit({"new.py": "another error\n"})
    assert team.new() == ["another error"]
    team.baseline()
    assert team.new() == []


def test_what_two_branches_wrote_stands_for_one_finding(team: Team) -> None:
    written = team.baseline()
    team.repo.write(NAME, json.dumps(written | {"findings": written["findings"] * 2}))
    lines = with_lines(an_error_in_line_9=9, a_warning_in_line_31=30)
    team.repo.commit({"app.py": text([*lines, "an error in line 9"])})
    assert team.new() == ["an error in line 9"]


def test_an_entry_that_is_taken_out_is_told_again(team: Team) -> None:
    written = team.baseline()
    written["findings"].pop(0)
    team.repo.write(NAME, json.dumps(written))
    assert team.new() == ["an error in line 9"]


# Which file it is


def test_in_ci_a_change_does_not_choose_its_own_baseline(team: Team) -> None:
    team.baseline()
    committed_with_it(team)
    for env in (CI, {"GITHUB_ACTIONS": "true"}):
        done = team.review("--fail-on", "error", env=env)
        assert_error(done, 2, f"there is no baseline {NAME} in commit {team.repo.id('main')[:7]}", "once it is merged")
    baseline = (team.repo.path / NAME).read_text()
    team.repo.git("checkout", "--quiet", "main")
    team.repo.commit({NAME: baseline})
    team.repo.git("checkout", "--quiet", "topic")
    team.repo.commit({NAME: '{"version": 1, "findings": []}', "more.py": "another error\n"})
    assert sorted(team.new()) == ["a warning in line 31", "an error in line 9", "another error"]
    done = team.review("--fail-on", "error", env=CI)
    assert (done.code, [one["excerpt"] for one in done.report["findings"]]) == (1, ["another error"])


@pytest.fixture
def merged(team: Team) -> Team:
    """The baseline lies in `main`, in a folder; the branch brings a larger one of its own."""
    team.baseline()
    team.repo.git("checkout", "--quiet", "main")
    team.repo.commit({"conf/known.json": (team.repo.path / NAME).read_text()})
    team.repo.git("checkout", "--quiet", "topic")
    team.repo.commit({"more.py": "another error\n"})
    team.baseline()
    team.repo.commit({"conf/known.json": (team.repo.path / NAME).read_text()})
    return team


def found(team: Team, place: str, *words: str, env: Mapping[str, str] = CI, folder: str = ".") -> list[str]:
    asked = ("review", "main...", "--baseline", place, "-f", "json", *words)
    return [one["excerpt"] for one in team.run(*asked, env=env, folder=folder).report["findings"]]


def test_in_ci_a_file_is_the_repository_s_however_it_is_named(merged: Team, tmp_path: Path) -> None:
    (tmp_path / "alias").symlink_to(merged.repo.path)
    (tmp_path / "known.json").symlink_to(merged.repo.path / "conf" / "known.json")
    top = merged.repo.path
    for place, folder in (
        ("conf/known.json", "."),
        ("../conf/known.json", "src"),
        ("src/../conf//./known.json", "."),
        (f"{top}/conf/known.json", "src"),
        (f"{tmp_path}/alias/conf/known.json", "."),
        (f"{tmp_path}/known.json", "."),
    ):
        assert found(merged, place, folder=folder) == ["another error"], place
        assert found(merged, place, env={}, folder=folder) == [], place


def test_in_ci_links_that_the_change_brings_lead_nowhere(merged: Team) -> None:
    repo = merged.repo
    repo.git("mv", "conf", "mine")
    (repo.path / "conf").symlink_to("mine")
    repo.git("add", "conf")
    repo.commit({})
    assert found(merged, "conf/known.json") == ["another error"]
    (repo.path / "self.json").symlink_to(".")
    assert_error(
        merged.run("review", "main...", "--baseline", "self.json", env=CI), 2, "there is no baseline self.json"
    )


def test_in_ci_a_link_of_the_base_is_followed_inside_the_repository(merged: Team) -> None:
    repo = merged.repo
    repo.git("checkout", "--quiet", "main")
    (repo.path / "known.json").symlink_to("conf/known.json")
    (repo.path / "out.json").symlink_to("../known.json")
    repo.git("add", "known.json", "out.json")
    repo.commit({})
    repo.git("checkout", "--quiet", "topic")
    assert found(merged, "known.json") == ["another error"]
    assert_error(merged.run("review", "main...", "--baseline", "out.json", env=CI), 2, "there is no baseline out.json")


def test_in_ci_a_file_elsewhere_and_one_for_a_patch_are_what_lies_there(merged: Team, tmp_path: Path) -> None:
    outside = tmp_path / "known.json"
    outside.write_bytes((merged.repo.path / "conf" / "known.json").read_bytes())
    assert found(merged, str(outside)) == found(merged, "../known.json") == []
    (tmp_path / "patch").write_bytes(merged.repo.git("diff", "main...topic"))
    words = ("review", "--patch", str(tmp_path / "patch"), "--baseline", "conf/known.json", "-f", "json")
    assert merged.run(*words, env=CI).report["findings"] == []


def test_in_ci_outside_of_a_repository_the_file_that_lies_there_counts(team: Team, tmp_path: Path) -> None:
    team.baseline()
    (tmp_path / "bare").mkdir()
    (tmp_path / "bare" / "p").write_bytes(team.repo.git("diff", "main...topic"))
    (tmp_path / "bare" / "b").write_bytes((team.repo.path / NAME).read_bytes())
    words = ("review", "--base-url", team.server.url, *team.words, "--patch", "p", "--baseline", "b", "-f", "json")
    assert run(*words, cwd=tmp_path / "bare", env=CI).report["findings"] == []


@pytest.mark.parametrize("clone", [True, False], ids=["with the commits at hand", "through the API"])
def test_the_baseline_of_a_pull_request_is_that_of_its_base(merged: Team, tmp_path: Path, *, clone: bool) -> None:
    repo = merged.repo
    folder = repo.path if clone else tmp_path
    pull = Pull(7, base=repo.id("main"), head=repo.id("topic"), title="More")
    with github_server(Repository("octo/shop", repo.path, pulls=(pull,))) as github:
        env = {"GITHUB_API_URL": github.url, "GITHUB_REPOSITORY": "octo/shop", "GITHUB_TOKEN": TOKEN}
        asked = ("review", "--pr", "7", "--base-url", merged.server.url, *merged.words, "-f", "json")
        done = run(*asked, "--baseline", "conf/known.json", cwd=folder, env=env)
        missing = run(*asked, "--baseline", "none.json", cwd=folder, env=env)
    assert [one["excerpt"] for one in done.report["findings"]] == ["another error"], done.err
    assert_error(missing, 2, f"there is no baseline none.json in commit {repo.id('main')[:7]}")


# What is none


ENTRY = {
    "path": "a.py",
    "old_path": None,
    "side": "new",
    "start_line": 1,
    "end_line": 1,
    "severity": "error",
    "category": "api",
    "title": "t",
    "excerpt": ["abc"],
    "fingerprint": "0" * 64,
}


def of(**fields: Any) -> bytes:
    return json.dumps({"version": 1, "findings": [ENTRY, {**ENTRY, **fields}]}).encode()


@pytest.mark.parametrize(
    ("data", "why"),
    [
        pytest.param(b"", "it is no JSON", id="empty"),
        pytest.param(b"\xff\xfe{}", "it is no JSON", id="no text"),
        pytest.param(b"[" * 100_000, "it is no JSON", id="nested too deeply"),
        pytest.param(b'{"version": ' + b"9" * 5000 + b"}", "it is no JSON", id="a number that large"),
        pytest.param(b"<<<<<<< HEAD\n{}", "it is no JSON", id="in the middle of a merge"),
        pytest.param(b"[]", "it has another form", id="a list"),
        pytest.param(b"{}", "it has another form", id="without a version"),
        pytest.param(b'{"version": 2, "of": "tomorrow"}', "a newer reviewbot wrote it", id="newer"),
        pytest.param(of(path=3), "path of finding 2 is missing or wrong", id="a field of another kind"),
        pytest.param(b"x" * (MOST_BYTES + 1), "it is larger than 10 MB", id="huge"),
    ],
)
@pytest.mark.parametrize("env", [{}, CI], ids=["that lies there", "of the base"])
def test_a_file_that_is_no_baseline_is_refused(team: Team, data: bytes, why: str, env: Mapping[str, str]) -> None:
    team.repo.git("checkout", "--quiet", "main")
    team.repo.commit({NAME: data})
    where = f"{NAME} in commit {team.repo.id()[:7]}" if env else NAME
    team.repo.git("checkout", "--quiet", "topic")
    team.repo.write(NAME, data)
    asked = len(team.server.requests)
    done = team.review(env=env)
    assert_error(
        done, 2, f"cannot use the baseline {where}: {why}", f"write it anew with `reviewbot baseline -o {NAME}`"
    )
    assert done.err.endswith("[docs/errors.md#bad-baseline]\n")
    assert len(team.server.requests) == asked


def test_a_report_is_no_baseline(team: Team) -> None:
    team.repo.write(NAME, team.run("review", "main...", "-f", "json").out)
    assert_error(team.review(), 2, "excerpt of finding 1 is missing or wrong")


def test_a_file_that_cannot_be_read_is_refused(team: Team, tmp_path: Path) -> None:
    (tmp_path / "secret").write_text("of the machine")
    (team.repo.path / "out.json").symlink_to(tmp_path / "secret")
    (team.repo.path / "linked").symlink_to(tmp_path)
    (team.repo.path / "dead.json").symlink_to("nowhere")
    os.mkfifo(team.repo.path / "pipe")
    for name, why in (
        ("none.json", "there is no baseline none.json"),
        ("src/none.json", "there is no baseline src/none.json"),
        ("out.json", "cannot use the baseline out.json: it leads out of the repository"),
        ("linked/secret", "cannot use the baseline linked/secret: it leads out of the repository"),
        ("dead.json", "cannot use the baseline dead.json: it is no file"),
        ("pipe", "cannot use the baseline pipe: it is no file"),
        ("src", "cannot use the baseline src: it is no file"),
        ("/dev/zero", "cannot use the baseline /dev/zero: it is no file"),
        ("x" * 300, "File name too long"),
    ):
        assert_error(team.run("review", "main...", "--baseline", name), 2, why, "reviewbot baseline -o")


def test_no_more_of_a_file_is_read_than_a_baseline_may_have(team: Team) -> None:
    place = team.repo.write(NAME, "")
    os.truncate(place, 2**42)
    assert_error(team.review(), 2, "it is larger than 10 MB")


def test_a_missing_file_is_told_also_where_nothing_is_staged(tmp_path: Path) -> None:
    repo = Repo.with_commit(tmp_path / "still", {"a": "1\n"})
    assert_error(run("review", "--baseline", "none", cwd=repo.path), 2, "there is no baseline none")
