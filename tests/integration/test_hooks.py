"""The hooks as people meet them: real runners, real commits, real pushes; only the model is a stand-in."""

import re
import socket
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import Any

import pytest
import yaml

from reviewbot.catalogue import load
from reviewbot.providers._weights import weights_file
from tests.support.command import flags, shown
from tests.support.hooks import ROOT, RUNNERS, Desk, Home, config, hook_repository, messages, tool
from tests.support.model_server import Answer, ModelServer, Request, model_server
from tests.support.repo import Repo
from tests.support.terminals import on_terminal
from tests.support.wire import dripping, event, waiting, wire

BLOCKING = ["--fail-on", "error"]
SECONDS = 2
"""Of --timeout, where a hook's own minute would be long."""

SLACK = 15
"""Seconds that runners, git and busy machines take beside it."""


@pytest.fixture(scope="module")
def hooks(tmp_path_factory: pytest.TempPathFactory) -> Repo:
    """The repository that hooks are taken from."""
    return hook_repository(tmp_path_factory.mktemp("hooks") / "reviewbot")


@pytest.fixture(scope="module")
def runners(tmp_path_factory: pytest.TempPathFactory) -> Home:
    """What the runners build is built once."""
    return Home(tmp_path_factory.mktemp("runners"))


@pytest.fixture(params=RUNNERS)
def runner(request: pytest.FixtureRequest) -> str:
    """Each runner of hooks."""
    return str(request.param)


@pytest.fixture
def desk(tmp_path: Path, hooks: Repo, runners: Home, runner: str) -> Desk:
    """A repository whose commits and pushes are stopped by errors."""
    configuration = config(hooks, "reviewbot", "reviewbot-push", args=BLOCKING)
    return Desk.create(tmp_path / "work", runner, runners, configuration=configuration)


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[ModelServer]:
    """A model that finds what the lines themselves say is wrong, at the endpoint that this user has chosen."""
    with model_server(flags) as running:
        _choose(monkeypatch, running.url)
        yield running


def _choose(monkeypatch: pytest.MonkeyPatch, url: str) -> None:
    chosen = {"BASE_URL": url, "MODEL": "m", "INPUT_LIMIT": "100000", "EXCLUDE": ".pre-commit-config.yaml"}
    for name, value in chosen.items():
        monkeypatch.setenv(f"REVIEWBOT_{name}", value)


def asked(server: ModelServer) -> set[str]:
    """The changed lines that a model was shown, then forgotten."""
    seen = {line.text for request in server.requests for line in shown(request) if line.sign != " "}
    server.requests.clear()
    return seen


def test_a_finding_at_the_chosen_level_stops_the_commit_and_a_milder_one_is_only_shown(
    desk: Desk, server: ModelServer
) -> None:
    first = desk.repo.id()
    desk.repo.stage({"a.py": "a = 'error'\n"})
    for _ in ("the first attempt", "another one, answered from the cache"):
        done = desk.commit()
        assert done.code == 1
        assert "About a = 'error'" in done.err
        assert desk.repo.id() == first
        assert len(server.requests) == 1
    desk.repo.stage({"a.py": "a = 'warning'\n"})
    done = desk.commit()
    assert done.code == 0
    assert "About a = 'warning'" in done.err
    assert desk.repo.id() != first
    assert len(server.requests) == 2


KINDS: dict[str, tuple[str, tuple[str, ...], set[str]]] = {
    "the index": ("pre-commit", (), {"a = 'staged'", "b = 'staged'"}),
    "the index by the other runner": ("prek", (), {"a = 'staged'", "b = 'staged'"}),
    "all that is tracked": ("pre-commit", ("--all",), {"a = 'changed later'", "b = 'staged'"}),
    "a path": ("prek", ("--only", "a.py"), {"a = 'changed later'"}),
    "on top of the last commit": ("pre-commit", ("--amend",), {"a = 'staged'", "b = 'staged'"}),
}


@pytest.mark.parametrize(("runner", "words", "lines"), KINDS.values(), ids=KINDS)
def test_exactly_what_is_committed_is_reviewed(
    desk: Desk, server: ModelServer, words: tuple[str, ...], lines: set[str]
) -> None:
    desk.repo.stage({"a.py": "a = 'staged'\n", "b.py": "b = 'staged'\n"})
    desk.repo.write("a.py", "a = 'changed later'\n")
    desk.repo.write("c.py", "c = 'untracked'\n")
    assert desk.commit(*words).code == 0
    assert asked(server) == lines
    assert (desk.repo.path / "a.py").read_text() == "a = 'changed later'\n"


def test_deleted_lines_are_reviewed_though_no_file_is_left(desk: Desk, server: ModelServer) -> None:
    desk.repo.commit({"a.py": "a = 'error'\n"})
    desk.repo.git("rm", "--quiet", "a.py")
    assert desk.commit().code == 1
    assert asked(server) == {"a = 'error'"}


@pytest.mark.parametrize("runner", ["pre-commit"])
def test_a_merge_is_reviewed_when_somebody_commits_it(desk: Desk, server: ModelServer) -> None:
    desk.repo.commit({"a.py": "a = 1\n"})
    desk.repo.git("checkout", "--quiet", "-b", "topic")
    desk.repo.commit({"a.py": "a = 2\n"})
    desk.repo.git("checkout", "--quiet", "main")
    desk.repo.commit({"a.py": "a = 3\n"})
    assert desk.run("git", "merge", "topic").code == 1
    desk.repo.stage({"a.py": "a = 'error'\n"})
    assert desk.commit().code == 1
    assert asked(server) == {"a = 3", "a = 'error'"}


def test_a_folder_of_another_work_tree_commits_its_own_index(desk: Desk, server: ModelServer) -> None:
    desk.repo.stage({"here.py": "here = 'error'\n"})
    desk.repo.git("worktree", "add", "--quiet", "-b", "other", "../other")
    there = Repo(desk.repo.path.parent / "other")
    there.stage({"sub/there.py": "there = 'error'\n"})
    done = desk.commit(folder="../other/sub")
    assert (done.code, asked(server)) == (1, {"there = 'error'"})


@pytest.mark.parametrize("runner", ["pre-commit"])
def test_a_commit_without_a_change_asks_nobody_and_passes(desk: Desk, server: ModelServer) -> None:
    done = desk.commit("--allow-empty")
    assert (done.code, messages(done)) == (0, ["nothing is staged here; try --worktree or main..."])
    assert not server.requests


def test_a_runner_on_a_terminal_shows_the_report_and_no_trace_of_progress(desk: Desk, server: ModelServer) -> None:
    desk.repo.stage({"a.py": "a = 'error'\n"})
    env = {**desk.environment, "TERM": "xterm-256color"}
    seen = on_terminal(("git", "commit", "--message=a commit"), cwd=desk.repo.path, env=env, out=True)
    told = seen.out + seen.err
    assert seen.code == 1
    assert "About a = 'error'" in re.sub(r"\x1b\[[0-9;]*m", "", told)
    assert "reviewing" not in told


@contextmanager
def _nobody() -> Iterator[str]:
    """An address where nobody listens."""
    with socket.socket() as door:
        door.bind(("127.0.0.1", 0))
        yield f"http://127.0.0.1:{door.getsockname()[1]}/v1"


@contextmanager
def _model(script: Callable[[Request], Answer]) -> Iterator[str]:
    with model_server(script) as running:
        yield running.url


@contextmanager
def _silence() -> Iterator[str]:
    """An address where nobody answers."""
    with wire(waiting) as running:
        yield running.url


@contextmanager
def _drops() -> Iterator[str]:
    """An address where an answer comes byte by byte and has no end."""
    with wire(dripping(event("{"), event(" "))) as running:
        yield running.url


TROUBLES: dict[str, Callable[[], AbstractContextManager[str]]] = {
    "the answer has no end": _drops,
    "nobody listens": _nobody,
    "nobody answers": _silence,
    "the server is broken": lambda: _model(lambda _: Answer("out of order", status=500)),
    "the key is refused": lambda: _model(lambda _: Answer("who?", status=401)),
    "the answer is junk": lambda: _model(lambda _: Answer("Looks good!")),
}


@pytest.mark.parametrize("world", TROUBLES.values(), ids=TROUBLES)
def test_no_trouble_with_a_server_holds_up_a_commit(
    tmp_path: Path,
    hooks: Repo,
    runners: Home,
    monkeypatch: pytest.MonkeyPatch,
    world: Callable[[], AbstractContextManager[str]],
) -> None:
    configuration = config(hooks, "reviewbot", args=[*BLOCKING, "--timeout", str(SECONDS)])
    desk = Desk.create(tmp_path / "work", "prek", runners, configuration=configuration)
    desk.repo.stage({"a.py": "a = 'error'\n"})
    with world() as url:
        _choose(monkeypatch, url)
        started = time.monotonic()
        done = desk.commit()
    assert done.code == 0, done.err
    assert time.monotonic() - started < SECONDS + SLACK
    (told,) = messages(done)
    assert told.startswith("warning: the review is incomplete: ")


def test_no_server_holds_up_a_commit_or_a_push_with_either_runner(
    desk: Desk, origin: Repo, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk.repo.stage({"a.py": "a = 'error'\n"})
    with _nobody() as url:
        _choose(monkeypatch, url)
        for done in (desk.commit(), desk.push("origin", "main")):
            assert done.code == 0, done.err
            (told,) = messages(done)
            assert told.startswith("warning: the review is incomplete: ")
    assert origin.id("main") == desk.repo.id()


def test_without_a_key_a_commit_and_a_push_pass_with_a_warning(desk: Desk, tmp_path: Path) -> None:
    desk.repo.stage({"a.py": "a = 'error'\n"})
    done = desk.commit()
    warning = "warning: not reviewed: no key for dashscope.aliyuncs.com"
    assert (done.code, messages(done)) == (0, [warning])
    Repo.create(tmp_path / "origin.git", "--bare")
    done = desk.push(str(tmp_path / "origin.git"), "main")
    assert (done.code, messages(done)) == (0, [warning])


@pytest.fixture
def origin(desk: Desk, tmp_path: Path) -> Repo:
    """An empty remote."""
    origin = Repo.create(tmp_path / "origin.git", "--bare")
    desk.repo.git("remote", "add", "origin", str(origin.path))
    return origin


def test_a_push_sends_only_what_was_reviewed(desk: Desk, origin: Repo, server: ModelServer) -> None:
    desk.repo.commit({"a.py": "a = 1\n"})
    assert desk.push("origin", "main").code == 0
    assert asked(server) == {"a = 1"}

    desk.repo.git("checkout", "--quiet", "-b", "topic")
    desk.repo.commit({"b.py": "b = 'error'\n"})
    stopped = desk.push("origin", "topic")
    assert (stopped.code, asked(server)) == (1, {"b = 'error'"})
    assert "About b = 'error'" in stopped.out + stopped.err
    assert b"topic" not in origin.git("branch")

    desk.push("--no-verify", "origin", "topic")
    desk.repo.commit({"c.py": "c = 3\n"})
    assert desk.push("origin", "topic").code == 0
    assert asked(server) == {"c = 3"}

    desk.repo.git("reset", "--quiet", "--hard", "main")
    desk.repo.commit({"d.py": "d = 4\n"})
    assert desk.push("--force", "origin", "topic").code == 0
    assert asked(server) == {"d = 4"}
    assert origin.id("topic") == desk.repo.id("topic")

    assert desk.push("origin", "--delete", "topic").code == 0
    assert desk.push("origin", "main").code == 0
    assert not server.requests


def test_the_hook_for_this_machine_asks_nobody_else(
    tmp_path: Path, hooks: Repo, runners: Home, runner: str, server: ModelServer
) -> None:
    desk = Desk.create(tmp_path / "work", runner, runners, configuration=config(hooks, "reviewbot-local"))
    desk.repo.stage({"a.py": "a = 'error'\n"})
    unnamed = desk.commit(env={"REVIEWBOT_MODEL": "qwen-coder-plus", "DASHSCOPE_API_KEY": "sk-of-nobody"})
    assert unnamed.code == 1
    assert messages(unnamed) == ["no such model file: qwen-coder-plus"]
    (tmp_path / "empty.gguf").write_bytes(b"GGUF")
    damaged = desk.commit(env={"REVIEWBOT_MODEL": str(tmp_path / "empty.gguf")})
    assert damaged.code == 1
    assert "docs/errors.md#damaged-weights" in damaged.err
    assert not server.requests
    assert not server.looked_up


def test_a_model_on_this_machine_reviews_a_commit(
    tmp_path: Path, hooks: Repo, runners: Home, model_cache: Path, server: ModelServer
) -> None:
    known = load().find("demo")
    assert known
    assert known.weights
    weights = weights_file(known.weights, cache=model_cache / "reviewbot" / "models")
    configuration = config(hooks, "reviewbot-local", args=["--model", str(weights), "--timeout", "300"])
    desk = Desk.create(tmp_path / "work", "prek", runners, configuration=configuration)
    desk.repo.stage({"a.py": "def half(number):\n    return number / 0\n"})
    done = desk.commit()
    assert done.code == 0, done.err
    assert not messages(done)
    assert re.search(r"\b1 request\b", done.out + done.err)
    assert not server.requests


@pytest.mark.parametrize("runner", ["prek"])
def test_gits_own_hook_needs_no_runner(desk: Desk, origin: Repo, server: ModelServer) -> None:
    (script,) = re.findall(r"```sh\n(.*?)```", (ROOT / "docs/usage.md").read_text("utf-8"), re.DOTALL)
    hook = desk.repo.path / ".git" / "hooks" / "pre-push"
    hook.write_text(script.replace("exec reviewbot", f"exec {tool('python')} -m reviewbot"))
    desk.repo.commit({"a.py": "a = 1\n"})
    assert desk.push("origin", "main").code == 0
    assert asked(server) == {"a = 1"}
    desk.repo.commit({"a.py": "a = 'error'\n"})
    done = desk.push("origin", "main:one", "main:two", env={"REVIEWBOT_FAIL_ON": "error"})
    assert (done.code, asked(server)) == (1, {"a = 1", "a = 'error'"})
    assert desk.push("origin", "main~1:main").code == 0
    assert not server.requests


def _documented(page: str) -> str:
    """The first configuration on a page."""
    found = re.search(r"```yaml\n(?:# .*\n)?(repos:\n.*?)```", (ROOT / page).read_text("utf-8"), re.DOTALL)
    assert found
    return found[1]


@pytest.mark.parametrize("page", ["README.md", "docs/usage.md"])
def test_a_configuration_on_a_page_is_one(page: str, tmp_path: Path, runner: str) -> None:
    (tmp_path / "config.yaml").write_text(_documented(page))
    assert _said(tool(runner), "validate-config", str(tmp_path / "config.yaml"))


def _said(*command: str) -> bool:
    """Whether a check passes without a word of warning."""
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    return done.returncode == 0 and "warning" not in (done.stdout + done.stderr).lower()


def test_the_manifest_and_our_own_configuration_are_valid(runner: str) -> None:
    assert _said(tool(runner), "validate-manifest", str(ROOT / ".pre-commit-hooks.yaml"))
    assert _said(tool(runner), "validate-config", str(ROOT / ".pre-commit-config.yaml"))


def _manifest() -> dict[str, dict[str, Any]]:
    hooks: list[dict[str, Any]] = yaml.safe_load((ROOT / ".pre-commit-hooks.yaml").read_text("utf-8"))
    return {hook["id"]: hook for hook in hooks}


def test_what_keeps_a_hook_from_holding_anybody_up_is_nothing_that_args_replace() -> None:
    for hook in _manifest().values():
        assert "args" not in hook
        assert hook["entry"].endswith(" --fail-open --timeout 60")
        assert (hook["pass_filenames"], hook["require_serial"], hook["verbose"]) == (False, True, True)


def test_every_hook_stands_in_the_usage() -> None:
    rows = re.findall(
        r"^\| `(reviewbot[a-z-]*)` \| (\w+) \|", (ROOT / "docs/usage.md").read_text("utf-8"), re.MULTILINE
    )
    stages = {"commit": ["pre-commit"], "push": ["pre-push"]}
    assert {name: stages[stage] for name, stage in rows} == {name: hook["stages"] for name, hook in _manifest().items()}


def test_we_use_the_hook_as_others_do() -> None:
    (repo,) = yaml.safe_load((ROOT / ".pre-commit-config.yaml").read_text("utf-8"))["repos"]
    own = {hook["id"]: hook for hook in repo["hooks"]}["reviewbot"]
    told = _manifest()["reviewbot"]
    expected = {key: told[key] for key in told if key not in {"description", "minimum_pre_commit_version"}}
    assert own == {**expected, "entry": f".venv/bin/{told['entry']}", "language": "system"}
