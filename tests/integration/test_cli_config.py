"""What settings come to: where a repository's file is found, that it acts, and that no key is ever shown."""

import json
import os
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from reviewbot import catalogue
from reviewbot.config import Invocation, Policy
from reviewbot.effective import Effective, Key, effective
from reviewbot.wiring import World
from tests.support.command import Done, assert_error, flags, reviewbot
from tests.support.inprocess import run
from tests.support.model_server import Answer, ModelServer, model_server
from tests.support.repo import Repo

OWN = ".reviewbot.toml"
NOBODY = "http://127.0.0.1:9/v1"
DASHSCOPE = "https://dashscope.aliyuncs.com/compatible-mode/v1"
SECRETS = {
    "REVIEWBOT_API_KEY": "sk-mine-0123456789",
    "REVIEWBOT_VERIFY_API_KEY": "sk-check-0123456789",
    "DASHSCOPE_API_KEY": "sk-dash-0123456789",
}


def validator(name: str) -> Draft202012Validator:
    """The published schema, but closed: a field it does not name is an error."""
    text = (Path(__file__).parents[2] / "docs" / f"{name}.schema.json").read_text("utf-8")
    return Draft202012Validator(
        json.loads(text.replace('"additionalProperties": true', '"additionalProperties": false'))
    )


CONFIG, MODELS = validator("config"), validator("models")


@pytest.fixture
def repo(tmp_path: Path) -> Repo:
    """A repository with an error and a warning staged in two files."""
    repo = Repo.with_commit(tmp_path / "repo", {"readme": "1\n"})
    repo.stage({"a.py": "a = 'error'\n", "docs/b.py": "b = 'warning'\n"})
    return repo


def settings(cwd: Path, *words: str, env: Mapping[str, str] | None = None) -> Any:
    """Every setting by its name, as programs get them."""
    done = run("config", *words, "-f", "json", cwd=cwd, env=env)
    assert (done.code, done.err) == (0, "")
    CONFIG.validate(done.report)
    return {row["name"]: (row["value"], row["origin"]) for row in done.report["settings"]}


def test_text_and_json_say_the_same(repo: Repo) -> None:
    repo.write(OWN, 'exclude = ["docs/**", "*.snap"]\nmin-confidence = 0.5\n')
    words = ("--jobs", "2", "--base-url", NOBODY, "--max-cost", "0.50")
    env = {"REVIEWBOT_FAIL_ON": "warning", "REVIEWBOT_FORMAT": "json=r text"}
    text = run("config", *words, cwd=repo.path, env=env).out
    rows = dict(re.findall(r"^(\S+)  +(.+)$", text, re.MULTILINE))
    for name, (value, origin) in settings(repo.path, *words, env=env).items():
        said = ", ".join(value) if isinstance(value, list) else {None: "-", False: "no"}.get(value, value)
        assert rows[name].split("  ")[0] == str(said or "-")
        assert rows[name].endswith(f"  {origin}")
    assert settings(repo.path, *words, env=env) == {
        "model": ("qwen-coder-plus", "default"),
        "provider": (None, "default"),
        "base-url": (NOBODY, "--base-url"),
        "verify": (None, "default"),
        "input-limit": (None, "default"),
        "rpm": (None, "default"),
        "tpm": (None, "default"),
        "include": ([], "default"),
        "exclude": (["docs/**", "*.snap"], OWN),
        "chunk-tokens": (Policy().chunk_tokens, "default"),
        "samples": (1, "default"),
        "allow-secrets": ([], "default"),
        "strictness": ("normal", "default"),
        "instructions": ([], "default"),
        "intent": ("on", "default"),
        "context": (1.0, "default"),
        "language": ("en", "default"),
        "fail-on": ("warning", "REVIEWBOT_FAIL_ON"),
        "min-severity": ("info", "default"),
        "min-confidence": (0.5, OWN),
        "max-comments": (None, "default"),
        "baseline": (None, "default"),
        "hints": ([], "default"),
        "api-url": (None, "default"),
        "full": (False, "default"),
        "post": (None, "default"),
        "record": (None, "default"),
        "jobs": (2, "--jobs"),
        "timeout": (None, "default"),
        "max-cost": ("0.50", "--max-cost"),
        "no-cache": (False, "default"),
        "fail-open": (False, "default"),
        "format": (["json=r", "text"], "REVIEWBOT_FORMAT"),
    }


ASKED: dict[str, tuple[tuple[str, ...], str, str | None]] = {
    "nothing": ((), "dashscope", DASHSCOPE),
    "an address": (("--base-url", NOBODY), "openai", NOBODY),
    "the demo": (("-m", "demo"), "local", None),
    "the demo beside an address": (("-m", "demo", "--base-url", NOBODY), "local", None),
    "a model file": (("-m", "x.gguf"), "local", None),
    "a record": (("-m", "replay:x.gguf"), "replay", None),
}


@pytest.mark.parametrize(("words", "provider", "url"), ASKED.values(), ids=ASKED)
def test_who_would_be_asked_is_said(repo: Repo, words: tuple[str, ...], provider: str, url: str | None) -> None:
    repo.write("x.gguf", "")
    done = run("config", *words, "-f", "json", cwd=repo.path)
    assert (done.report["provider"], done.report["url"]) == (provider, url)
    text = run("config", *words, cwd=repo.path).out
    asked = f"{provider} at {url}" if url else f"{provider}, nothing leaves this machine"
    assert f"\nasks {asked}\n" in text


BOTH = SECRETS
MINE = {"REVIEWBOT_API_KEY": SECRETS["REVIEWBOT_API_KEY"]}
THEIRS = {"DASHSCOPE_API_KEY": SECRETS["DASHSCOPE_API_KEY"]}
SENT: dict[str, tuple[tuple[str, ...], Mapping[str, str], str | None]] = {
    "none": ((), {}, None),
    "theirs to them": ((), THEIRS, "DASHSCOPE_API_KEY"),
    "theirs to their other host": (
        ("--base-url", "https://dashscope-intl.aliyuncs.com/v1"),
        THEIRS,
        "DASHSCOPE_API_KEY",
    ),
    "mine wins": ((), BOTH, "REVIEWBOT_API_KEY"),
    "mine where theirs is empty": ((), {**MINE, "DASHSCOPE_API_KEY": " "}, "REVIEWBOT_API_KEY"),
    "theirs where mine is empty": ((), {**THEIRS, "REVIEWBOT_API_KEY": "\n"}, "DASHSCOPE_API_KEY"),
    "theirs not without TLS": (("--base-url", "http://dashscope.aliyuncs.com/v1"), THEIRS, None),
    "theirs not elsewhere": (("--base-url", "https://models.example/v1"), THEIRS, None),
    "theirs not to a name that looks like it": (
        ("--base-url", "https://dashscope.aliyuncs.com.evil.example/v1"),
        THEIRS,
        None,
    ),
    "mine elsewhere": (("--base-url", "https://models.example/v1"), BOTH, "REVIEWBOT_API_KEY"),
    "mine without TLS": (("--base-url", NOBODY), BOTH, "REVIEWBOT_API_KEY"),
    "none to a model file": (("-m", "x.gguf"), BOTH, None),
    "none to the demo": (("-m", "demo"), BOTH, None),
    "none to a record": (("-m", "replay:x.gguf"), BOTH, None),
}


@pytest.mark.parametrize(("words", "env", "sent"), SENT.values(), ids=SENT)
def test_which_key_goes_where_is_said_and_the_key_is_not(
    repo: Repo, words: tuple[str, ...], env: Mapping[str, str], sent: str | None
) -> None:
    repo.write("x.gguf", "")
    done = run("config", *words, "-f", "json", cwd=repo.path, env=env)
    assert done.report["keys"] == [
        {"variable": name, "set": bool(env.get(name, "").strip()), "sent": name == sent} for name in SECRETS
    ]
    text = run("config", *words, cwd=repo.path, env=env)
    for name in SECRETS:
        state = "set, hidden" if env.get(name, "").strip() else "not set"
        assert f"\n{name}: {state}{', sent to the address above' if name == sent else ''}\n" in text.out
    assert_hidden(done, text)


def assert_hidden(*said: Done) -> None:
    for done in said:
        for secret in (*SECRETS.values(), "0123456789", "hunter2"):
            assert secret not in done.out + done.err


def test_nothing_that_is_made_of_the_variables_shows_a_key() -> None:
    world = World("/", SECRETS, None)
    found = effective((), Invocation(), Policy(), world)
    keys = [Key(name, set=True, sent=name == "REVIEWBOT_API_KEY") for name in SECRETS]
    assert found == Effective((), found.way, tuple(keys))
    for value in SECRETS.values():
        assert value not in f"{found!r} {found} {world!r} {world}"


FAILING: dict[str, tuple[tuple[str, ...], Mapping[str, str], str]] = {
    "no model file": (("-m", "no.gguf"), {}, "no such model file: no.gguf"),
    "unknown model": (("-m", "qwen-coder-plsu"), {}, "unknown model: qwen-coder-plsu"),
    "no address": (("--provider", "openai"), {}, "--provider openai needs an address"),
    "a password": (("--base-url", "https://ada:hunter2@models.example/v1"), {}, "--base-url is no plain web address"),
    "a password in a variable": (
        (),
        {"REVIEWBOT_BASE_URL": "https://ada:hunter2@models.example/v1"},
        "--base-url is no plain web address",
    ),
    "a key in the address": (("--base-url", "https://models.example/v1?key=hunter2"), {}, "--base-url is no plain"),
    "another provider's model": (("-m", "demo", "--provider", "dashscope"), {}, "does not serve demo"),
}


@pytest.mark.parametrize(("words", "env", "what"), FAILING.values(), ids=FAILING)
def test_settings_that_cannot_be_meant_are_told_as_a_review_tells_them(
    repo: Repo, words: tuple[str, ...], env: Mapping[str, str], what: str
) -> None:
    told = [
        run(*command, *words, cwd=repo.path, env={**SECRETS, **env})
        for command in (("config",), ("config", "-f", "json"), ("review",), ("plan",))
    ]
    assert_error(told[0], 2, what)
    assert_hidden(*told)
    assert told == [told[0]] * 4


def test_two_outputs_in_one_place_are_found_in_the_variables_too(repo: Repo) -> None:
    done = run("config", cwd=repo.path, env={"REVIEWBOT_FORMAT": "json text"})
    assert_error(done, 2, "two outputs are written to standard output")


WRONG = {
    "a variable": ((), {"REVIEWBOT_JOBS": "many"}),
    "a flag": (("--min-confidence", "nan"), {}),
    "no time": (("--timeout", "0"), {}),
    "no such time": (("--timeout", "nan"), {}),
    "all the time": (("--timeout", "inf"), {}),
    "no money": (("--max-cost", "-1"), {}),
    "no such money": (("--max-cost", "nan"), {}),
    "money in words": ((), {"REVIEWBOT_MAX_COST": "a lot"}),
    "no requests": (("--rpm", "0"), {}),
    "a level": ((), {"REVIEWBOT_FAIL_ON": "sometimes"}),
}


@pytest.mark.parametrize(("words", "env"), WRONG.values(), ids=WRONG)
def test_a_value_that_is_none_is_error_2(repo: Repo, words: tuple[str, ...], env: dict[str, str]) -> None:
    done = run("config", *words, cwd=repo.path, env={**SECRETS, **env})
    assert (done.code, done.out) == (2, "")
    assert_hidden(done)


def test_a_file_is_found_from_a_folder_below_and_names_itself(repo: Repo) -> None:
    repo.write(OWN, "max-comments = 3\n")
    for folder in (repo.path, repo.path / "docs"):
        assert settings(folder)["max-comments"] == (3, OWN)
    (repo.path / OWN).unlink()
    repo.write("pyproject.toml", "[tool.reviewbot]\nmax-comments = 4\n")
    assert settings(repo.path / "docs")["max-comments"] == (4, "pyproject.toml [tool.reviewbot]")
    repo.write(OWN, "")
    for command in ("config", "plan", "review"):
        done = run(command, cwd=repo.path)
        assert_error(done, 2, "settings stand in .reviewbot.toml and in pyproject.toml", "keep one of them")


def test_a_linked_work_tree_has_the_file_of_its_own_branch(repo: Repo, tmp_path: Path) -> None:
    repo.write(OWN, "max-comments = 3\n")
    repo.git("worktree", "add", "--quiet", str(tmp_path / "linked"), "-b", "other", "HEAD")
    linked = Repo(tmp_path / "linked")
    assert settings(linked.path)["max-comments"] == (None, "default")
    linked.write("sub/x", "")
    linked.write(OWN, "max-comments = 5\n")
    assert settings(linked.path / "sub")["max-comments"] == (5, OWN)


def test_a_submodule_has_its_own_file_and_not_the_outer_one(repo: Repo, tmp_path: Path) -> None:
    inner = Repo.with_commit(tmp_path / "inner", {"x/y": "1\n"})
    repo.git("-c", "protocol.file.allow=always", "submodule", "--quiet", "add", str(inner.path), "sub")
    repo.write(OWN, "max-comments = 3\n")
    assert settings(repo.path / "sub" / "x")["max-comments"] == (None, "default")
    repo.write("sub/.reviewbot.toml", "max-comments = 5\n")
    assert settings(repo.path / "sub" / "x")["max-comments"] == (5, OWN)
    assert settings(repo.path / "docs")["max-comments"] == (3, OWN)


def test_outside_a_repository_the_folder_alone_counts_also_for_a_patch(repo: Repo, tmp_path: Path) -> None:
    outside = tmp_path / "outside"
    (outside / "below").mkdir(parents=True)
    (outside / OWN).write_text('exclude = ["docs/**"]\n')
    patch = repo.git("diff", "--cached")

    def paths(folder: Path) -> list[str]:
        done = run("plan", "--patch", "-", "-f", "json", cwd=folder, stdin=patch)
        return [file["path"] for file in done.report["files"] if file["chunks"]]

    assert paths(outside) == ["a.py"]
    assert paths(outside / "below") == ["a.py", "docs/b.py"]


def test_a_pyproject_is_our_business_only_where_it_names_us(repo: Repo) -> None:
    repo.write("pyproject.toml", "broken = [\n")
    assert settings(repo.path)["max-comments"] == (None, "default")
    repo.write("pyproject.toml", "[tool.reviewbot]\nbroken = [\n")
    for command in ("config", "plan", "review"):
        assert_error(run(command, cwd=repo.path), 2, "pyproject.toml is no TOML: ", "mend the line")


@pytest.mark.parametrize("command", ["review", "plan", "config"])
def test_a_file_that_says_what_it_may_not_is_error_2_for_every_command(repo: Repo, command: str) -> None:
    for text, what, hint in (
        (
            'base-url = "http://evil.example/v1"',
            f"{OWN} cannot set base-url",
            "only a flag or REVIEWBOT_BASE_URL sets it",
        ),
        ("fail-open = true", f"{OWN} cannot set fail-open", "only a flag or REVIEWBOT_FAIL_OPEN sets it"),
        ('fail_on = "error"', f"{OWN} cannot set fail_on", "did you mean fail-on?"),
        ('model = "./x.gguf"', f'{OWN}: model: "./x.gguf" is none of the models', "see --model"),
        ("chunk-tokens = 3", f"{OWN}: chunk-tokens: 3 is not in the range", "see --chunk-tokens"),
        ('"\\u001b]0;x\\u0007\\n" = 1', f"{OWN} cannot set \\x1b]0;x\\x07\\x0a", "it may hold"),
        ("exclude = 0x" + "F" * 5000, f"{OWN}: exclude: it has to be a list of texts", "see --exclude"),
        ("x = " + "[" * 5000, f"{OWN} is no TOML: it is nested too deeply", "mend it"),
    ):
        repo.write(OWN, text + "\n")
        assert_error(run(command, cwd=repo.path), 2, what, hint)


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Any:
    """A model that finds every line with the word error or warning."""
    with model_server(flags) as running:
        yield running


def reviewed(repo: Repo, server: ModelServer, *words: str, env: Mapping[str, str] | None = None) -> Done:
    server.requests.clear()
    asked = ("--provider", "dashscope", "--base-url", server.url, "--no-cache")
    return run("review", *asked, "-f", "json", *words, cwd=repo.path, env=env)


def found(done: Done) -> list[str]:
    return [finding["path"] for finding in done.report["findings"]]


def test_a_file_acts_in_a_review(repo: Repo, server: ModelServer) -> None:
    assert reviewed(repo, server).code == 0
    repo.write(OWN, 'exclude = ["docs/**"]\nfail-on = "error"\nlanguage = "zh"\nmodel = "qwen-turbo"\n')
    done = reviewed(repo, server)
    assert (done.code, found(done), done.report["verdict"]) == (1, ["a.py"], "fail")
    assert done.report["model"] == server.requests[0].body["model"] == "qwen-turbo"
    assert "Simplified Chinese" in server.requests[0].system
    assert "docs/b.py" not in server.requests[0].user
    by_flag = reviewed(repo, server, "--fail-on", "never", "--language", "en", "-m", "qwen-max", "--exclude", "a.py")
    assert (by_flag.code, found(by_flag)) == (0, ["docs/b.py"])
    assert server.requests[0].body["model"] == "qwen-max"
    assert "Simplified Chinese" not in server.requests[0].system
    by_variable = reviewed(repo, server, env={"REVIEWBOT_FAIL_ON": "never"})
    assert (by_variable.code, found(by_variable)) == (0, ["a.py"])


@pytest.mark.parametrize(
    ("text", "paths"),
    [
        ('include = ["docs/**"]', ["docs/b.py"]),
        ('min-severity = "error"', ["a.py"]),
        ("min-confidence = 0.95", []),
        ("max-comments = 1", ["a.py"]),
    ],
)
def test_a_file_chooses_what_is_shown(repo: Repo, server: ModelServer, text: str, paths: list[str]) -> None:
    repo.write(OWN, text + "\n")
    assert found(reviewed(repo, server)) == paths


def test_a_file_sizes_the_chunks_of_a_review_and_of_its_plan(repo: Repo, server: ModelServer) -> None:
    repo.stage({"large.py": "".join(f"value_{line} = compute({line})\n" for line in range(300))})
    for text in ("", "chunk-tokens = 500\n"):
        repo.write(OWN, text)
        reviewed(repo, server)
        sent = [request.raw.decode() for request in server.requests]
        asked = ("--provider", "dashscope", "--base-url", server.url)
        plan = run("plan", *asked, "--show-prompts", "-f", "json", cwd=repo.path).report
        assert sorted(sent) == sorted(chunk["request"]["body"] for chunk in plan["chunks"])
        assert plan["limits"]["diff_tokens"] == (500 if text else Policy().chunk_tokens)


def test_a_file_that_changes_nothing_else_leaves_the_key_where_it_goes(repo: Repo) -> None:
    repo.write(OWN, 'model = "qwen-max"\n')
    done = run("config", "-f", "json", cwd=repo.path, env=SECRETS)
    assert (done.report["provider"], done.report["url"]) == ("dashscope", DASHSCOPE)


def test_the_models_are_listed_with_their_prices(tmp_path: Path) -> None:
    done = run("models", "-f", "json", cwd=tmp_path)
    assert (done.code, done.err) == (0, "")
    MODELS.validate(done.report)
    text = run("models", cwd=tmp_path, env={"COLUMNS": "200"}).out
    known = catalogue.load().models
    assert [row["name"] for row in done.report["models"]] == [model.name for model in known]
    for model in known:
        for name in (model.name, *model.aliases, *([model.note] if model.note else [])):
            assert name in text


def test_models_and_a_broken_file_have_nothing_to_do_with_each_other(repo: Repo) -> None:
    repo.write(OWN, "broken = [")
    assert run("models", cwd=repo.path).code == 0


@pytest.mark.parametrize("command", [(), ("plan",), ("config",), ("models",), ("review",)])
def test_help_is_given_where_a_file_is_broken(repo: Repo, command: tuple[str, ...]) -> None:
    repo.write(OWN, "broken = [")
    done = run(*command, "--help", cwd=repo.path)
    assert (done.code, done.err) == (0, "")
    assert "Usage: " in done.out


def test_every_command_is_silent_on_standard_error_when_all_is_well(repo: Repo) -> None:
    for command in ("plan", "config", "models"):
        done = reviewbot(command, cwd=repo.path, env={"FORCE_COLOR": "1"})
        assert (done.code, done.err) == (0, "")
        assert "\x1b[" in done.out
        assert "\x1b[" not in reviewbot(command, "-f", "json", cwd=repo.path, env={"FORCE_COLOR": "1"}).out


def test_an_answer_is_never_needed(repo: Repo) -> None:
    with model_server(lambda _: Answer(status=500)) as server:
        assert run("config", "--base-url", server.url, cwd=repo.path).code == 0
    assert server.requests == []
    assert server.looked_up == []


# In CI a change does not choose how it is judged

CI = {"CI": "true"}


def shown(repo: Repo, *words: str, env: Mapping[str, str] | None = None) -> set[str]:
    """The paths of the findings of a review of flagged lines."""
    with model_server(flags) as server:
        done = run("review", *words, "--base-url", server.url, "-m", "m", "-f", "json", cwd=repo.path, env=env)
    assert done.code == 0, done.err
    return {finding["path"] for finding in done.report["findings"]}


@pytest.fixture
def judged(tmp_path: Path) -> Repo:
    """A branch that excludes its own folder from the review; before, another one was excluded."""
    repo = Repo.with_commit(tmp_path / "judged", {OWN: 'exclude = ["docs/**"]\n', "x": "1\n"})
    repo.git("checkout", "--quiet", "-b", "topic")
    repo.commit({OWN: 'exclude = ["*.py"]\n', "a.py": "a = 'error'\n", "docs/b.txt": "error\n"})
    return repo


@pytest.mark.parametrize("variable", ["CI", "JENKINS_URL", "TF_BUILD", "TEAMCITY_VERSION", "CODEBUILD_BUILD_ID"])
def test_in_ci_the_settings_are_those_of_the_commit_that_the_change_starts_from(judged: Repo, variable: str) -> None:
    assert shown(judged, "main...topic") == {"docs/b.txt"}
    assert shown(judged, "main...topic", env={variable: "1"}) == {"a.py"}


@pytest.mark.parametrize("said", ["", "false", "False", "0"])
def test_a_variable_that_denies_it_is_no_ci(judged: Repo, said: str) -> None:
    assert shown(judged, "main...topic", env={"CI": said}) == {"docs/b.txt"}


def test_every_way_to_name_a_change_has_its_start(judged: Repo) -> None:
    assert shown(judged, "topic", env=CI) == {"a.py"}
    assert shown(judged, "main..topic", env=CI) == {"a.py"}
    judged.stage({OWN: 'exclude = ["docs/**"]\n', "c.py": "error\n", "docs/d.txt": "error\n"})
    assert shown(judged, env=CI) == shown(judged, "--worktree", env=CI) == {"docs/d.txt"}
    assert shown(judged) == shown(judged, "--worktree") == {"c.py"}


def test_in_ci_a_patch_is_judged_by_what_lies_there(judged: Repo) -> None:
    patch = judged.git("diff", "main", "topic")
    judged.git("checkout", "--quiet", "main")
    (judged.path / "p").write_bytes(patch)
    assert shown(judged, "--patch", "p", env=CI) == {"a.py"}


def test_in_ci_settings_that_the_change_brings_do_not_hold_yet_and_need_not_be_right(tmp_path: Path) -> None:
    repo = Repo.with_commit(tmp_path / "new", {"x": "1\n"})
    repo.stage({OWN: "base-url = 'https://attacker.example/v1'\n", "a.py": "error\n"})
    assert shown(repo, env=CI) == {"a.py"}
    assert_error(run("review", cwd=repo.path), 2, ".reviewbot.toml cannot set base-url")


def test_in_ci_the_file_is_named_with_its_commit(judged: Repo) -> None:
    judged.git("checkout", "--quiet", "main")
    judged.commit({OWN: "fail-on = 3\n"})
    judged.stage({OWN: "", "a.py": "error\n"})
    done = run("review", cwd=judged.path, env=CI)
    assert_error(done, 2, f".reviewbot.toml of {judged.id()[:7]}: fail-on")


def test_before_the_first_commit_there_are_no_settings(tmp_path: Path) -> None:
    repo = Repo.create(tmp_path / "empty")
    repo.stage({OWN: "exclude = ['*']\n", "a.py": "error\n"})
    assert shown(repo, env=CI) == {"a.py"}


# No link of the repository leads anything out of it


def test_a_report_is_not_written_through_a_link_that_leads_out(repo: Repo, tmp_path: Path) -> None:
    (tmp_path / "precious").write_text("mine")
    (repo.path / "report.json").symlink_to(tmp_path / "precious")
    (repo.path / "out").symlink_to(tmp_path)
    for words in (("-f", "json=report.json"), ("-f", "json=out/new"), ("--record", "report.json")):
        done = run("review", "--base-url", NOBODY, "-m", "m", *words, cwd=repo.path)
        assert_error(done, 2, "a link leads it out of the repository")
    assert (tmp_path / "precious").read_text() == "mine"
    assert not (tmp_path / "new").exists()


def test_a_report_may_be_written_outside_by_name_and_through_a_link_inside(repo: Repo, tmp_path: Path) -> None:
    (repo.path / "real").mkdir()
    (repo.path / "out").symlink_to("real")
    with model_server(flags) as server:
        words = ("review", "--base-url", server.url, "-m", "m", "-f", "json=out/r", "-f", f"json={tmp_path}/r")
        assert run(*words, cwd=repo.path).code == 0
    assert (repo.path / "real" / "r").read_text() == (tmp_path / "r").read_text()
    assert sorted(path.name for path in (repo.path / "real").iterdir()) == ["r"]


def test_a_report_replaces_the_old_one_and_keeps_its_permissions(repo: Repo) -> None:
    place = repo.path / "r"
    place.write_text("old" * 10_000)
    place.chmod(0o640)
    with model_server(flags) as server:
        assert run("review", "--base-url", server.url, "-m", "m", "-f", "json=r", cwd=repo.path).code == 0
    assert json.loads(place.read_text())["findings"]
    assert place.stat().st_mode & 0o777 == 0o640


def test_a_link_that_lies_in_wait_for_a_report_gets_nothing(repo: Repo, tmp_path: Path) -> None:
    (tmp_path / "precious").write_text("mine")
    for number in range(os.getpid(), os.getpid() + 3):
        (repo.path / f".r.{number}.part").symlink_to(tmp_path / "precious")
    with model_server(flags) as server:
        assert run("review", "--base-url", server.url, "-m", "m", "-f", "json=r", cwd=repo.path).code == 0
    assert (tmp_path / "precious").read_text() == "mine"
    assert not (repo.path / "r").is_symlink()


def test_a_report_is_not_written_through_a_link_below_an_alias_of_the_repository(repo: Repo, tmp_path: Path) -> None:
    (tmp_path / "alias").symlink_to(repo.path)
    (repo.path / "report.json").symlink_to("../bashrc")
    words = ("review", "--base-url", NOBODY, "-m", "m", "-f", f"json={tmp_path / 'alias' / 'report.json'}")
    assert_error(run(*words, cwd=repo.path), 2, "a link leads it out of the repository")
    assert not (tmp_path / "bashrc").exists()


def test_a_report_is_not_written_through_a_link_into_git_s_own_folder(repo: Repo) -> None:
    before = (repo.path / ".git" / "config").read_bytes()
    (repo.path / "report.json").symlink_to(".git/config")
    done = run("review", "--base-url", NOBODY, "-m", "m", "-f", "json=report.json", cwd=repo.path)
    assert_error(done, 2, "a link leads it out of the repository")
    assert (repo.path / ".git" / "config").read_bytes() == before


@pytest.mark.parametrize("variable", ["GITHUB_ACTIONS", "GITLAB_CI", "BUILDKITE", "CIRCLECI"])
def test_a_job_that_takes_its_first_variable_back_is_ci_all_the_same(judged: Repo, variable: str) -> None:
    assert shown(judged, "main...topic", env={variable: "true", "CI": "false"}) == {"a.py"}


def test_in_ci_whoever_writes_a_branch_does_not_choose_the_settings_by_where_it_begins(tmp_path: Path) -> None:
    repo = Repo.with_commit(tmp_path / "old", {OWN: 'exclude = ["*.py"]\n'})
    repo.commit({OWN: 'exclude = ["*.txt"]\n'})
    repo.git("checkout", "--quiet", "-b", "evil", "main~1")
    repo.commit({"a.py": "error\n", "b.txt": "error\n"})
    assert shown(repo, "main...evil", env=CI) == {"a.py"}


def test_in_ci_a_link_to_settings_is_followed_inside_the_repository(tmp_path: Path) -> None:
    repo = Repo.with_commit(tmp_path / "linked", {"conf/real.toml": 'exclude = ["*.py"]\n'})
    (repo.path / OWN).symlink_to("conf/real.toml")
    repo.git("add", OWN)
    repo.commit({})
    repo.stage({"a.py": "error\n", "b.txt": "error\n"})
    assert shown(repo, env=CI) == {"b.txt"}
    (repo.path / OWN).unlink()
    (repo.path / OWN).symlink_to("../outside.toml")
    repo.git("add", OWN)
    repo.commit({})
    repo.stage({"c.py": "error\n"})
    assert shown(repo, env=CI) == {"c.py"}


def test_in_ci_settings_are_shown_also_where_there_is_no_repository(tmp_path: Path) -> None:
    assert run("config", cwd=tmp_path, env=CI).code == 0
