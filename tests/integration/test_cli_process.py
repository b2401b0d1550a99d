"""The command as a process: terminals, pipes that break, Ctrl-C, and what it takes from its surroundings."""

import os
import re
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.command import COMMAND, Done, assert_error, flags, reviewbot, shown
from tests.support.model_server import Answer, ModelServer, Request, model_server
from tests.support.repo import Repo
from tests.support.terminals import on_terminal

FILES = 6
LINES = 60


@pytest.fixture(scope="module")
def repo(tmp_path_factory: pytest.TempPathFactory) -> Repo:
    """Six new files, each with a prompt of its own, and more findings than a pipe holds."""
    repo = Repo.with_commit(tmp_path_factory.mktemp("process"), {"readme": "1\n"})
    text = "".join(f"name_{line} = 'warning' + '{line:040}'\n" for line in range(LINES))
    repo.stage({f"part{number}.py": text for number in range(FILES)})
    return repo


@pytest.fixture
def server() -> Iterator[ModelServer]:
    """A model that finds every line with the word warning."""
    with model_server(flags) as running:
        yield running


def words(server: ModelServer) -> tuple[str, ...]:
    return ("review", "--base-url", server.url, "-m", "m", "--input-limit", "100000", "--chunk-tokens", "6000")


@pytest.mark.parametrize("format_", ["text", "json"])
def test_progress_is_for_a_terminal_and_never_in_the_report(repo: Repo, server: ModelServer, format_: str) -> None:
    command = (*COMMAND, *words(server), "-f", format_)
    seen = on_terminal(command, cwd=repo.path, env={"TERM": "xterm-256color"}, out=False)
    piped = reviewbot(*words(server), "-f", format_, cwd=repo.path)
    assert (seen.code, piped.code) == (0, 0)
    plain = re.sub(r"\x1b\[[0-9;?]*[A-Za-z]", "", seen.err)
    assert "reviewing" in plain
    assert f"{FILES}/{FILES} parts · {FILES * LINES} found" in plain
    assert piped.err == ""
    assert "parts" not in seen.out
    assert "\x1b" not in seen.out
    if format_ == "json":
        assert seen.report["findings"] == piped.report["findings"]


def test_quiet_shows_no_progress_on_a_terminal_either(repo: Repo, server: ModelServer) -> None:
    seen = on_terminal((*COMMAND, *words(server), "-q"), cwd=repo.path, env={"TERM": "xterm-256color"}, out=False)
    assert (seen.code, seen.err) == (0, "")


@pytest.mark.parametrize(
    ("variables", "coloured"),
    [({}, True), ({"NO_COLOR": "1"}, False), ({"TERM": "dumb"}, False)],
    ids=["a terminal", "no colours", "a terminal that has none"],
)
def test_a_terminal_gets_colours_unless_it_is_told_not_to(
    repo: Repo, server: ModelServer, variables: dict[str, str], *, coloured: bool
) -> None:
    env = {"TERM": "xterm-256color", **variables}
    seen = on_terminal((*COMMAND, *words(server)), cwd=repo.path, env=env, out=True)
    assert seen.code == 0
    assert "part0.py" in seen.out
    assert ("\x1b[" in seen.out) is coloured


@pytest.mark.parametrize("format_", ["text", "json"])
@pytest.mark.parametrize(("fail_on", "code"), [("never", 0), ("warning", 1)])
@pytest.mark.parametrize("read", [0, 10])
def test_a_reader_that_leaves_early_causes_no_noise_and_no_other_verdict(
    repo: Repo, server: ModelServer, format_: str, fail_on: str, code: int, read: int
) -> None:
    command = [*COMMAND, *words(server), "-f", format_, "--fail-on", fail_on]
    process = subprocess.Popen(command, cwd=repo.path, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    assert process.stdout
    assert process.stderr
    assert len(process.stdout.read(read)) == read
    process.stdout.close()
    noise = process.stderr.read().decode()
    process.stderr.close()
    assert (process.wait(timeout=30), noise) == (code, "")


def test_ctrl_c_keeps_what_was_found_and_names_the_rest(repo: Repo) -> None:
    third, release = threading.Event(), threading.Event()

    def slow(request: Request) -> Answer:
        if shown(request)[0].path in {"part0.py", "part1.py"}:
            return flags(request)
        third.set()
        release.wait(30)
        return Answer()

    with model_server(slow) as server:
        process = subprocess.Popen(
            [*COMMAND, *words(server), "--jobs", "1", "-f", "json"],
            cwd=repo.path,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        )
        assert third.wait(30)
        process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=30)
        release.set()
    done = Done(process.returncode, out.decode(), err.decode())
    assert done.code == 130
    assert "Traceback" not in done.err
    assert {finding["path"] for finding in done.report["findings"]} == {"part0.py", "part1.py"}
    assert {s["path"] for s in done.report["skipped"]} == {f"part{number}.py" for number in range(2, FILES)}
    assert {s["reason"] for s in done.report["skipped"]} == {"interrupted"}
    assert done.report["verdict"] == "incomplete"


def test_ctrl_c_while_a_patch_is_awaited_ends_without_noise(repo: Repo) -> None:
    process = subprocess.Popen(
        [*COMMAND, "review", "--patch", "-", "-m", "m", "--base-url", "http://127.0.0.1:9/v1"],
        cwd=repo.path,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    status = Path(f"/proc/{process.pid}/wchan")
    deadline = time.monotonic() + 10
    while "pipe" not in status.read_text() and time.monotonic() < deadline:
        time.sleep(0.02)
    process.send_signal(signal.SIGINT)
    assert process.stdin
    out, err = process.communicate(timeout=30)
    assert (process.returncode, out, err) == (130, b"", b"reviewbot: interrupted\n")


FOREIGN = {
    "OPENAI_API_KEY": "sk-foreign",
    "OPENAI_ADMIN_KEY": "sk-foreign",
    "OPENAI_ORG_ID": "org-foreign",
    "OPENAI_ORGANIZATION": "org-foreign",
    "OPENAI_PROJECT_ID": "proj-foreign",
    "OPENAI_BASE_URL": "http://127.0.0.1:9/foreign",
    "OPENAI_API_TYPE": "azure",
    "OPENAI_API_VERSION": "foreign",
    "OPENAI_LOG": "debug",
    "OPENAI_CUSTOM_HEADERS": "X-Foreign: foreign\nAuthorization: Bearer foreign",
    "DASHSCOPE_API_KEY": "sk-foreign-dashscope",
}


@pytest.mark.parametrize("key", [None, "sk-own"])
@pytest.mark.parametrize("provider", ["openai", "dashscope"])
def test_nothing_meant_for_another_vendor_is_sent_or_shown(
    repo: Repo, server: ModelServer, provider: str, key: str | None
) -> None:
    env = {**FOREIGN, **({"REVIEWBOT_API_KEY": key} if key else {})}
    done = reviewbot(*words(server), "--provider", provider, "-f", "json", cwd=repo.path, env=env)
    assert (done.code, done.err) == (0, "")
    assert len(server.requests) == FILES
    sent = str(server.requests)
    assert "foreign" not in sent
    assert {request.headers.get("authorization") for request in server.requests} == {f"Bearer {key}" if key else None}
    assert not {name for request in server.requests for name in request.headers if "openai" in name or "stain" in name}
    assert not {*FOREIGN.values(), str(key)} & {*done.out.split('"')}


def test_the_key_stands_in_no_output_whatever_goes_wrong(repo: Repo) -> None:
    secret = "sk-1234567890"
    # Some servers repeat what they were sent.
    with model_server(lambda got: Answer(f"Incorrect API key provided: {got.headers['authorization']}", 401)) as server:
        done = reviewbot(*words(server), "-v", "-f", "json", cwd=repo.path, env={"REVIEWBOT_API_KEY": secret})
    assert done.code == 3
    assert secret not in done.out + done.err
    assert "Bearer ***" in done.err


@pytest.mark.parametrize("encoding", ["ascii", "latin-1", "gbk", "utf-8:strict"])
def test_every_encoding_of_the_terminal_gets_a_report(tmp_path: Path, server: ModelServer, encoding: str) -> None:
    repo = Repo.with_commit(tmp_path, {"a": ""})
    repo.stage(
        {"é漢\U0001f600.py": "a = 'warning é 漢字 \U0001f600'\n", b"\xff.py".decode(errors="surrogateescape"): "1\n"}
    )
    for format_ in ("text", "json"):
        command = [*COMMAND, *words(server), "-f", format_]
        env = {**os.environ, "PYTHONIOENCODING": encoding}
        done = subprocess.run(command, cwd=repo.path, env=env, capture_output=True, check=False)
        assert done.returncode == 0, done.stderr
        assert done.stderr == b""
        assert b".py" in done.stdout


def closed(*streams: int) -> tuple[str, ...]:
    """The command with some of its three streams closed."""
    code = f"import os, sys; [os.close(n) for n in {streams}]; os.execv(sys.executable, sys.argv[1:])"
    return (sys.executable, "-c", code)


@pytest.mark.parametrize("streams", [(0,), (2,), (0, 2)], ids=str)
def test_a_process_without_all_its_streams_still_reviews(
    repo: Repo, server: ModelServer, streams: tuple[int, ...]
) -> None:
    command = [*closed(*streams), *COMMAND, *words(server), "-f", "json"]
    done = subprocess.run(command, cwd=repo.path, capture_output=True, check=False)
    assert done.returncode == 0, done.stderr
    assert Done(0, done.stdout.decode(), "").report["verdict"] == "pass"


def test_a_patch_from_a_closed_input_is_an_error_of_ours(repo: Repo) -> None:
    command = [*closed(0), *COMMAND, "review", "--patch", "-"]
    done = subprocess.run(command, cwd=repo.path, capture_output=True, text=True, check=False)
    assert_error(Done(done.returncode, done.stdout, done.stderr), 3, "there is no standard input", "pipe a patch in")


def test_a_folder_that_is_gone_is_an_error_of_ours(tmp_path: Path) -> None:
    gone = tmp_path / "gone"
    gone.mkdir()
    code = "import os, sys; os.rmdir(os.getcwd()); os.execv(sys.executable, sys.argv[1:])"
    env = {**os.environ, "PYTHONPATH": os.pathsep.join([str(Path(__file__).parents[2]), *filter(None, sys.path)])}
    command = [sys.executable, "-c", code, *COMMAND, "review"]
    done = subprocess.run(command, cwd=gone, env=env, capture_output=True, text=True, check=False)
    assert_error(Done(done.returncode, done.stdout, done.stderr), 3, "", "")


def test_the_installed_command_is_the_module(repo: Repo) -> None:
    script = Path(sys.executable).parent / "reviewbot"
    done = subprocess.run([script, "--version"], cwd=repo.path, capture_output=True, text=True, check=False)
    assert done.stdout == reviewbot("--version", cwd=repo.path).out
