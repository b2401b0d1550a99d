"""The action as its users meet it: `uses`, a job, a pull request; and its two programs by themselves."""

import json
import os
import re
import subprocess
import sys
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from ruamel.yaml import YAML

from action.review import Target, outputs, outside, target
from reviewbot import options, registry
from tests.support.act import Ran, Runner, action_in, pull_event
from tests.support.command import flags
from tests.support.github import TOKEN, Access, GitHub, Pull, Repository, Token, github_server
from tests.support.model_server import Answer, ModelServer, Request, Script, model_server
from tests.support.repo import Repo

ROOT = Path(__file__).parents[2]
ACTION = YAML(typ="safe").load(ROOT / "action.yml")
NAME, FORK = "octo/shop", "bea/shop"
READER = "ghs_reads-only"
TOKENS = {TOKEN: Token(), READER: Token(pull_requests=Access.READ)}
KEY = "key-of-nobody"
BODY = "".join(f"line {number}\n" for number in range(1, 41))
MODULES = ("click", "hashlib", "json", "pip", "reviewbot", "sitecustomize", "venv")
"""What Python would take from the folder it runs in."""


@dataclass(frozen=True)
class Shop:
    """A clone in which a branch adds an error and a warning to what `main` has."""

    repo: Repo
    base: str
    head: str

    def repository(self) -> Repository:
        return Repository(NAME, self.repo.path, pulls=(Pull(7, base=self.base, head=self.head),))

    def event(self, **fields: str) -> dict[str, Any]:
        return pull_event(base=self.base, head=self.head, repository=NAME, **fields)

    @property
    def push(self) -> dict[str, Any]:
        """What GitHub tells of the push of the branch."""
        where = {"full_name": NAME, "default_branch": "main"}
        return {"before": self.base, "after": self.head, "ref": "refs/heads/topic", "repository": where}


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Shop:
    theirs = {f"{name}.py": 'raise SystemExit("code of the change was run")\n' for name in MODULES}
    repo = Repo.with_commit(tmp_path_factory.mktemp("shop"), {"app.py": BODY, **theirs})
    repo.git("remote", "add", "origin", f"https://github.com/{NAME}.git")
    base = repo.id()
    repo.git("update-ref", "refs/remotes/origin/main", base)
    repo.git("checkout", "--quiet", "-b", "topic")
    changed = BODY.replace("line 5\n", "an error\n").replace("line 30\n", "a warning\n")
    return Shop(repo, base, repo.commit({"app.py": changed}))


@pytest.fixture(scope="module")
def runner(tmp_path_factory: pytest.TempPathFactory) -> Runner:
    folder = tmp_path_factory.getbasetemp() / "act"
    folder.mkdir(exist_ok=True)
    return Runner(folder, {"octo/reviewbot@v1": action_in(tmp_path_factory.mktemp("action"))})


@dataclass(frozen=True)
class Seen:
    """What a job did, and what stands on the pull request afterwards."""

    ran: Ran
    github: GitHub
    model: ModelServer

    @property
    def outputs(self) -> dict[str, str]:
        return self.ran.outputs("review")

    @property
    def places(self) -> list[tuple[str, int | None]]:
        return sorted((one.original.path, one.original.line) for one in self.github.review_comments)


def job(
    runner: Runner,
    shop: Shop,
    folder: Path,
    *,
    event: str,
    payload: Mapping[str, Any],
    key: str = KEY,
    asks: bool = True,
    fail_on: str = "",
) -> Seen:
    """Run a consumer's workflow; `asks`: the loopback is named as the endpoint."""
    with github_server(shop.repository(), tokens=TOKENS) as github, model_server(flags) as model:
        endpoint = {"base-url": model.url, "model": "m", "args": "--input-limit 60000 --no-cache"} if asks else {}
        inputs = {"api-key": "${{ secrets.KEY }}", "fail-on": fail_on, **endpoint}
        step = {"id": "review", "uses": "octo/reviewbot@v1", "with": inputs}
        told = "echo verdict=$VERDICT of $FINDINGS findings"
        env = {name: f"${{{{ steps.review.outputs.{name.lower()} }}}}" for name in ("VERDICT", "FINDINGS")}
        steps = [{"uses": "actions/checkout@v7"}, step, {"if": "always()", "run": told, "env": env}]
        workflow = folder / "workflow.yml"
        jobs = {"review": {"runs-on": "ubuntu-latest", "steps": steps}}
        workflow.write_text(json.dumps({"on": [event], "jobs": jobs}))
        secrets = {"GITHUB_TOKEN": TOKEN} | ({"KEY": key} if key else {})
        env = {"GITHUB_API_URL": github.url}
        ran = runner.run(workflow, shop.repo, event=event, payload=payload, secrets=secrets, env=env)
        return Seen(ran, github, model)


def test_a_pull_request_is_reviewed_where_people_read_it(runner: Runner, shop: Shop, tmp_path: Path) -> None:
    seen = job(runner, shop, tmp_path, event="pull_request", payload=shop.event(), fail_on="error")
    assert not seen.ran.ok
    assert seen.ran.result("review") == "failure"
    assert seen.places == [("app.py", 5), ("app.py", 30)]
    assert len(seen.github.issue_comments) == 1
    found = [(one.level, one.properties["line"]) for one in seen.ran.annotations if "line" in one.properties]
    assert found == [("error", "5"), ("warning", "30")]
    assert seen.ran.summary.startswith("### Review: 1 error, 1 warning")
    counts = {"verdict": "fail", "findings": "2", "errors": "1", "warnings": "1", "cost": ""}
    assert {name: seen.outputs[name] for name in counts} == counts
    assert "verdict=fail of 2 findings" in seen.ran.log
    assert len(json.loads(Path(seen.outputs["json"]).read_bytes())["findings"]) == 2
    assert json.loads(Path(seen.outputs["sarif"]).read_bytes())["version"] == "2.1.0"
    # All that is told comes from one answer.
    assert [request.headers["authorization"] for request in seen.model.requests] == [f"Bearer {KEY}"]
    assert KEY not in seen.ran.log
    assert TOKEN not in seen.ran.log


def test_a_push_is_reviewed_and_posted_nowhere_and_a_second_job_installs_nothing(
    runner: Runner, shop: Shop, tmp_path: Path
) -> None:
    installed = set()
    for _ in range(2):
        seen = job(runner, shop, tmp_path, event="push", payload=shop.push)
        assert seen.ran.ok, seen.ran.log
        assert (seen.outputs["verdict"], seen.outputs["findings"]) == ("pass", "2")
        assert not seen.github.requests
        installed |= {(place, place.stat().st_ctime_ns) for place in (runner.tools / "reviewbot").iterdir()}
    assert len(installed) == 1


def test_a_fork_without_secrets_is_skipped_with_a_word_why(runner: Runner, shop: Shop, tmp_path: Path) -> None:
    event = shop.event(of=FORK)
    seen = job(runner, shop, tmp_path, event="pull_request", payload=event, key="", asks=False, fail_on="info")
    assert seen.ran.ok, seen.ran.log
    assert seen.outputs == {**dict.fromkeys(ACTION["outputs"], ""), "verdict": "incomplete"}
    (notice,) = seen.ran.annotations
    assert (notice.level, notice.properties) == ("notice", {"title": "Not reviewed"})
    assert notice.message.startswith("GitHub passes no secrets to a pull request of a fork, and so no key")
    # What nobody looked at is named.
    assert "app.py" in seen.ran.summary
    assert seen.ran.summary.endswith(f"**Not reviewed.** {notice.message}\n")
    assert not seen.github.review_comments
    assert not seen.github.issue_comments


def test_a_key_that_is_missing_elsewhere_fails_the_job(runner: Runner, shop: Shop, tmp_path: Path) -> None:
    seen = job(runner, shop, tmp_path, event="pull_request", payload=shop.event(), key="", asks=False)
    assert not seen.ran.ok
    assert "no key for dashscope.aliyuncs.com" in seen.ran.log
    assert seen.ran.summary == "**Not reviewed.** The log of this step says why (exit code 2).\n"
    assert seen.outputs["verdict"] == "incomplete"


@dataclass(frozen=True)
class Step:
    """What the program of the step `Review` did."""

    code: int
    printed: str
    summary: str
    outputs: Mapping[str, str]


def step(folder: Path, cwd: Path, event: Mapping[str, Any], *, name: str = "pull_request", **variables: str) -> Step:
    """Run it as the runner does, without one."""
    places = {"GITHUB_EVENT_PATH": folder / "event.json"}
    for variable, file in (("GITHUB_OUTPUT", "output"), ("GITHUB_STEP_SUMMARY", "summary")):
        places[variable] = folder / file
        places[variable].write_text("")
    places["GITHUB_EVENT_PATH"].write_text(json.dumps(event))
    surroundings = {
        "GITHUB_ACTIONS": "true",
        "GITHUB_EVENT_NAME": name,
        "GITHUB_REF": event.get("ref", "refs/pull/7/merge"),
        "GITHUB_REPOSITORY": NAME,
        "RUNNER_TEMP": str(folder),
        **dict.fromkeys(("INPUT_POST", "INPUT_PR", "INPUT_REVISION", "INPUT_ARGS"), ""),
        **{variable: str(place) for variable, place in places.items()},
    }
    done = subprocess.run(
        [sys.executable, "-I", ROOT / "action" / "review.py"],
        cwd=cwd,
        env={**os.environ, **surroundings, **variables},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    told = dict(line.split("=", 1) for line in places["GITHUB_OUTPUT"].read_text().splitlines())
    return Step(done.returncode, done.stdout, places["GITHUB_STEP_SUMMARY"].read_text(), told)


def scripted(
    shop: Shop, folder: Path, script: Script = flags, *, of: str = "", author: str = "bea", **variables: str
) -> tuple[Step, GitHub, ModelServer]:
    """The step for a pull request, with a loopback for model and host; `of` and `author` are the event's."""
    with github_server(shop.repository(), tokens=TOKENS) as github, model_server(script) as model:
        named = {
            "GITHUB_API_URL": github.url,
            "GITHUB_TOKEN": TOKEN,
            "INPUT_POST": "github",
            "REVIEWBOT_BASE_URL": model.url,
            "REVIEWBOT_MODEL": "m",
            "REVIEWBOT_INPUT_LIMIT": "60000",
            "REVIEWBOT_NO_CACHE": "true",
        }
        return step(folder, shop.repo.path, shop.event(of=of, author=author), **named | variables), github, model


def test_a_fork_is_reviewed_where_the_endpoint_wants_no_key(shop: Shop, tmp_path: Path) -> None:
    done, github, _ = scripted(shop, tmp_path, of=FORK, GITHUB_TOKEN=READER, REVIEWBOT_FAIL_ON="error")
    assert done.code == 1
    assert done.outputs["verdict"] == "fail"
    assert "Not reviewed" not in done.printed + done.summary
    assert not github.review_comments
    # The token may only read: annotations and the summary tell the review, each once.
    assert done.printed.count("::error file=app.py,line=5") == 1
    assert done.summary.count("### Review: ") == 1


def refusing(_: Any) -> Answer:
    return Answer("no key, no answer", status=401)


@pytest.mark.parametrize(
    ("of", "author", "who"),
    [(FORK, "bea", "a fork"), ("", "dependabot[bot]", "Dependabot")],
    ids=["fork", "Dependabot"],
)
def test_an_endpoint_that_refuses_who_has_no_key_is_a_skip_too(
    shop: Shop, tmp_path: Path, of: str, author: str, who: str
) -> None:
    done, _, _ = scripted(shop, tmp_path, refusing, of=of, author=author, GITHUB_TOKEN=READER)
    assert done.code == 0, done.printed
    assert done.outputs["verdict"] == "incomplete"
    assert f"::notice title=Not reviewed::GitHub passes no secrets to a pull request of {who}, " in done.printed
    assert f"**Not reviewed.** GitHub passes no secrets to a pull request of {who}, " in done.summary


def too_long(request: Request) -> Answer:
    return flags(request) if "app.py" in request.user else Answer("no", status=500)


def test_what_is_missing_for_another_reason_is_not_told_as_a_missing_key(shop: Shop, tmp_path: Path) -> None:
    long = shop.repo.commit({"app.py": BODY.replace("line 5\n", "an error\n"), "long.txt": "x " * 200_000 + "\n"})
    shop.repo.git("reset", "--quiet", "--hard", shop.head)
    done, _, _ = scripted(Shop(shop.repo, shop.base, long), tmp_path, of=FORK, GITHUB_TOKEN=READER)
    assert (done.code, done.outputs["verdict"]) == (0, "incomplete"), done.printed
    assert "GitHub passes no secrets" not in done.printed + done.summary
    assert "Not reviewed" in done.summary


def test_a_host_that_cannot_be_reached_is_not_told_as_a_missing_key(shop: Shop, tmp_path: Path) -> None:
    done, _, _ = scripted(shop, tmp_path, of=FORK, GITHUB_API_URL="http://127.0.0.1:9")
    assert (done.code, done.outputs) == (3, {"verdict": "incomplete"})
    assert "GitHub passes no secrets" not in done.printed + done.summary
    assert "The log of this step says why (exit code 3)." in done.summary


def test_without_git_the_step_says_so(shop: Shop, tmp_path: Path) -> None:
    done = step(tmp_path, shop.repo.path, shop.push, name="push", PATH=str(tmp_path), REVIEWBOT_API_KEY=KEY)
    assert (done.code, done.outputs) == (3, {"verdict": "incomplete"}), done.printed
    assert "git" in done.printed
    assert "Traceback" not in done.printed


def test_a_stranger_with_a_key_is_nobody_to_make_exceptions_for(shop: Shop, tmp_path: Path) -> None:
    done, _, _ = scripted(shop, tmp_path, refusing, of=FORK, REVIEWBOT_API_KEY=KEY)
    assert done.code == 3
    assert "::notice title=Not reviewed" not in done.printed
    assert KEY not in done.printed + done.summary


def test_a_provider_that_is_down_fails_the_job(shop: Shop, tmp_path: Path) -> None:
    done, github, _ = scripted(shop, tmp_path, refusing)
    assert (done.code, done.outputs["verdict"]) == (3, "incomplete")
    assert "incomplete" in done.summary.lower()
    assert "**Incomplete:**" in github.issue_comments[0].body


def test_more_options_and_other_targets_reach_the_command(shop: Shop, tmp_path: Path) -> None:
    report = tmp_path / "more reports.json"
    words = f"--min-severity warning --format 'rdjson={report}'"
    commits = f"{shop.base}..{shop.head}"
    done, github, model = scripted(
        shop, tmp_path, INPUT_REVISION=commits, INPUT_ARGS=words, REVIEWBOT_INCLUDE="*.md\n*.py"
    )
    assert (done.code, done.outputs["verdict"]) == (0, "pass"), done.printed
    assert json.loads(report.read_bytes())["diagnostics"]
    assert model.requests
    assert not github.requests


def test_nothing_is_posted_where_that_is_not_wanted(shop: Shop, tmp_path: Path) -> None:
    done, github, _ = scripted(shop, tmp_path, INPUT_POST="none", REVIEWBOT_POST="github")
    assert (done.code, done.outputs["findings"]) == (0, "2"), done.printed
    assert not github.review_comments
    assert not github.issue_comments


def test_a_number_is_reviewed_where_nothing_is_checked_out(shop: Shop, tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    with github_server(shop.repository(), tokens=TOKENS) as github, model_server(flags) as model:
        named = {"GITHUB_API_URL": github.url, "GITHUB_TOKEN": TOKEN, "INPUT_POST": "github", "INPUT_PR": "7"}
        named |= {"REVIEWBOT_BASE_URL": model.url, "REVIEWBOT_MODEL": "m", "REVIEWBOT_INPUT_LIMIT": "60000"}
        done = step(
            tmp_path, tmp_path / "empty", {"workflow_run": {"head_sha": shop.head}}, name="workflow_run", **named
        )
        assert done.code == 0, done.printed
        assert len(github.review_comments) == 2


def test_what_cannot_be_meant_says_so_in_the_summary(shop: Shop, tmp_path: Path) -> None:
    done, _, model = scripted(shop, tmp_path, INPUT_PR="7", INPUT_REVISION="main..topic")
    assert done.code == 2
    assert done.outputs == {"verdict": "incomplete"}
    assert "exit code 2" in done.summary
    assert not model.requests


def test_a_quotation_mark_that_is_left_open_is_told(shop: Shop, tmp_path: Path) -> None:
    done, _, model = scripted(shop, tmp_path, INPUT_ARGS="--include '*.py")
    assert done.code == 2
    assert done.printed == "::error title=reviewbot::args are no words of a command line: No closing quotation\n"
    assert not model.requests


OLD, NEW, NONE = "a" * 40, "b" * 40, "0" * 40
SHOP = {"repository": {"default_branch": "main"}}
PULL = {"pull_request": {"number": 7}}
EVENTS: dict[str, tuple[Any, Target]] = {
    "a pull request": (PULL, Target(("--pr",), pull=True)),
    "a comment on one": ({"issue": {"pull_request": {"url": "x"}}}, Target(("--pr",), pull=True)),
    "a merge group": ({"merge_group": {"base_sha": OLD, "head_sha": NEW}}, Target(revision=f"{OLD}...{NEW}")),
    "a push": ({**SHOP, "before": OLD, "after": NEW, "ref": "refs/heads/main"}, Target(revision=f"{OLD}...{NEW}")),
    "a new branch": ({**SHOP, "before": NONE, "after": NEW, "ref": "refs/heads/x"}, Target(revision="origin/main...")),
    "a history that is gone": (
        {**SHOP, "before": "c" * 40, "after": NEW, "ref": "refs/heads/x"},
        Target(revision="origin/main..."),
    ),
    "one of the default branch": (
        {**SHOP, "before": "c" * 40, "after": NEW, "ref": "refs/heads/main"},
        Target(revision=f"{'c' * 40}...{NEW}"),
    ),
    "the first push of the default branch": (
        {**SHOP, "before": NONE, "after": NEW, "ref": "refs/heads/main"},
        Target(revision="HEAD"),
    ),
    "a run by hand": ({**SHOP, "ref": "refs/heads/x"}, Target(revision="origin/main...")),
    "a run by hand of the default branch": ({**SHOP, "ref": "refs/heads/main"}, Target(revision="HEAD")),
    "a default branch that is not there": (
        {"repository": {"default_branch": "trunk"}, "ref": "refs/heads/x"},
        Target(revision="HEAD"),
    ),
    "an hour of the night": ({"schedule": "17 3 * * *"}, Target(revision="HEAD")),
    "an hour of the night with a repository": ({**SHOP, "schedule": "17 3 * * *"}, Target(revision="HEAD")),
    "a word from outside": ({**SHOP, "action": "review", "branch": "main"}, Target(revision="HEAD")),
    "an issue": ({"issue": {"number": 7}}, Target(revision="HEAD")),
}


@pytest.mark.parametrize(("event", "asked"), EVENTS.values(), ids=EVENTS)
def test_an_event_says_what_is_reviewed(event: Any, asked: Target) -> None:
    ref = event.get("ref", "refs/heads/main")
    assert target(event, ref=ref, pull="", revision="", known={OLD, NEW, "origin/main"}.__contains__) == asked


@pytest.mark.parametrize(
    ("pull", "revision", "asked"),
    [("7", "", Target(("--pr=7",), pull=True)), ("", "main..topic", Target(revision="main..topic"))],
)
def test_the_workflow_beats_the_event(pull: str, revision: str, asked: Target) -> None:
    assert target(PULL, ref="refs/pull/7/merge", pull=pull, revision=revision, known=lambda _: True) == asked


def pulled(of: str | None = NAME, author: str = "bea") -> dict[str, Any]:
    event = pull_event(base=OLD, head=NEW, repository=NAME, of=of or "x/y", author=author)
    if of is None:
        event["pull_request"]["head"]["repo"] = None
    return event


WHOSE: dict[str, tuple[str, Any, str]] = {
    "a branch": ("pull_request", pulled(), ""),
    "a fork": ("pull_request", pulled(FORK), "a fork"),
    "a fork that is gone": ("pull_request", pulled(None), "a fork"),
    "a comment on a fork's lines": ("pull_request_review_comment", pulled(FORK), "a fork"),
    "Dependabot": ("pull_request", pulled(author="dependabot[bot]"), "Dependabot"),
    "a fork with secrets": ("pull_request_target", pulled(FORK), ""),
    "a push": ("push", {"sender": {"login": "dependabot[bot]"}}, ""),
}


@pytest.mark.parametrize(("name", "event", "whose"), WHOSE.values(), ids=WHOSE)
def test_it_is_known_to_whom_github_passes_no_secrets(name: str, event: Any, whose: str) -> None:
    assert outside(event, name=name) == whose


def test_a_price_is_an_amount_and_its_currency(tmp_path: Path) -> None:
    usage = {"cost": {"amount": "0.0064", "currency": "CNY"}}
    made = outputs({"verdict": "pass", "findings": [], "usage": usage}, {"json": tmp_path, "sarif": tmp_path / "none"})
    assert made == {
        "verdict": "pass",
        "findings": 0,
        "errors": 0,
        "warnings": 0,
        "cost": "0.0064 CNY",
        "json": tmp_path,
    }


def test_inputs_are_options_of_the_command_or_known_to_the_program() -> None:
    own = {"api-key", "github-token", "pr", "revision", "args"}
    assert set(ACTION["inputs"]) - own <= {options.name(option) for option in options.SETTINGS}
    env = ACTION["runs"]["steps"][-1]["env"]
    for name in ACTION["inputs"]:
        (variable,) = (variable for variable, value in env.items() if re.search(rf"inputs\.{name}\b(?!-)", value))
        if f"REVIEWBOT_{name.upper().replace('-', '_')}" == variable:
            # What the whole job has set holds where the input says nothing.
            assert env[variable] == f"${{{{ inputs.{name} || env.{variable} }}}}"


def test_no_text_of_others_is_put_into_a_shell() -> None:
    for each in ACTION["runs"]["steps"]:
        assert "${{" not in each["run"]


def test_every_output_is_one_of_the_program() -> None:
    for name, output in ACTION["outputs"].items():
        # Where nothing could be installed nobody tells a verdict.
        told = f"steps.review.outputs.{name}" + (" || 'incomplete'" if name == "verdict" else "")
        assert output["value"] == f"${{{{ {told} }}}}"
    report = {"verdict": "pass", "findings": [], "usage": {"cost": None}}
    assert set(outputs(report, {"json": ROOT, "sarif": ROOT})) == set(ACTION["outputs"])
    assert {"json", "sarif", "markdown", "github"} <= set(registry.names("formats"))


def test_the_usage_names_every_input_and_every_output() -> None:
    page = (ROOT / "docs" / "usage.md").read_text().partition("\n## GitHub Action\n")[2].partition("\n## ")[0]
    for kind in ("input", "output"):
        table = page.partition(f"| {kind} |")[2].partition("\n\n")[0]
        named = [name for row in table.split("\n")[2:] for name in re.findall("`([a-z-]+)`", row.split("|")[1])]
        assert sorted(named) == sorted(ACTION[f"{kind}s"])


def test_the_usage_leads_to_every_example() -> None:
    text = (ROOT / "docs" / "usage.md").read_text()
    there = {str(path.relative_to(ROOT)) for path in (ROOT / "examples").rglob("*") if path.is_file()}
    assert set(re.findall(r"\(\.\./(examples/[\w/.-]+)\)", text)) == there


def locked() -> dict[str, tuple[str, Sequence[str]]]:
    """Version and hashes of every package in the lock, by its name."""
    entries = re.findall(
        r"^([\w.-]+)==(\S+)(?: ; [^\\\n]+)?((?: \\\n    --hash=sha256:[0-9a-f]{64})+)$",
        (ROOT / "action" / "requirements.txt").read_text(),
        re.MULTILINE,
    )
    return {canonicalize_name(name): (version, hashes.split()) for name, version, hashes in entries}


def test_the_lock_has_every_dependency_at_a_version_the_project_takes() -> None:
    found = locked()
    text = (ROOT / "action" / "requirements.txt").read_text()
    assert len(found) == len(re.findall(r"^[^#\s]", text, re.MULTILINE))
    wanted = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["dependencies"]
    for requirement in map(Requirement, wanted):
        version, _ = found[canonicalize_name(requirement.name)]
        assert version in requirement.specifier, requirement.name


def test_a_python_without_environments_is_told(tmp_path: Path) -> None:
    action = tmp_path / "action"
    action.mkdir()
    (action / "install.py").write_bytes((ROOT / "action" / "install.py").read_bytes())
    (action / "requirements.txt").write_text("")
    # As Debian's own does where a package is missing.
    (tmp_path / "venv.py").write_text("import sys\n\ndef create(*_, **__):\n    sys.exit(1)\n")
    done = subprocess.run(
        [sys.executable, "-P", action / "install.py"],
        env={
            **os.environ,
            "PYTHONPATH": str(tmp_path),
            "RUNNER_TOOL_CACHE": str(tmp_path),
            "GITHUB_OUTPUT": str(tmp_path / "output"),
        },
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 3
    assert done.stdout == (
        "::error title=reviewbot::python3 of this runner makes no environments: install python3-venv\n"
    )


INSTALL, *_ = ACTION["runs"]["steps"]


@pytest.mark.parametrize("there", [True, False], ids=["an old one", "none"])
def test_a_python_that_will_not_do_is_told(tmp_path: Path, *, there: bool) -> None:
    if there:
        # As an older one ends the check of its version.
        (tmp_path / "python3").write_text("#!/bin/sh\nexit 1\n")
        (tmp_path / "python3").chmod(0o755)
    done = subprocess.run(
        ["/bin/bash", "-e", "-c", INSTALL["run"]],
        env={"PATH": str(tmp_path)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 2
    assert done.stdout.startswith("::error title=reviewbot::python3 of this runner is older than 3.11, or not there")


def test_the_version_that_is_asked_for_is_the_one_the_project_needs() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    (asked,) = re.findall(r"sys.version_info < \((\d+), (\d+)\)", INSTALL["run"])
    assert project["requires-python"] == f">={'.'.join(asked)}"


@pytest.mark.parametrize(
    ("tail", "why"),
    [(f" --hash=sha256:{'0' * 64}", "DO NOT MATCH THE HASHES"), ("", "Hashes are required in --require-hashes mode")],
    ids=["another hash", "no hash"],
)
def test_a_file_that_the_lock_does_not_know_is_not_installed(tmp_path: Path, tail: str, why: str) -> None:
    action = tmp_path / "action"
    action.mkdir()
    (action / "install.py").write_bytes((ROOT / "action" / "install.py").read_bytes())
    version, _ = locked()["mdurl"]
    (action / "requirements.txt").write_text(f"mdurl=={version}{tail}\n")
    done = subprocess.run(
        [sys.executable, "-I", action / "install.py"],
        env={**os.environ, "RUNNER_TOOL_CACHE": str(tmp_path), "GITHUB_OUTPUT": str(tmp_path / "output")},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 3
    assert why in done.stderr
    assert done.stdout.startswith("::error title=reviewbot::What reviewbot needs could not be installed")
    assert not (tmp_path / "output").exists()
    assert not [*(tmp_path / "reviewbot").iterdir()]
