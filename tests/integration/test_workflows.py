"""The project's own workflows and the examples: valid in the eyes of others, and run as far as this machine can."""

import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML

from tests.support.act import TOOLS, Ran, Runner, action_in, pull_event
from tests.support.command import Done, flags
from tests.support.github import TOKEN, GitHub, Pull, Repository, github_server
from tests.support.model_server import ModelServer, model_server
from tests.support.repo import Repo

ROOT = Path(__file__).parents[2]
EXAMPLES = ROOT / "examples"
OWN = sorted((ROOT / ".github" / "workflows").glob("*.yml"))
PUBLISHED = sorted((EXAMPLES / "github").glob("*.yml"))
WORKFLOWS = [*OWN, *PUBLISHED]
NAME, FORK = "octo/shop", "bea/shop"
KEY = "key-of-nobody"
BODY = "".join(f"line {number}\n" for number in range(1, 41))


def read(path: Path) -> Any:
    return YAML(typ="safe").load(path)


VALIDATORS: dict[str, tuple[str, ...]] = {
    "the schema of actions": ("check-jsonschema", "--builtin-schema", "vendor.github-actions", "action.yml"),
    "the schema of workflows": (
        "check-jsonschema",
        "--builtin-schema",
        "vendor.github-workflows",
        *map(str, WORKFLOWS),
    ),
    "the schema of GitLab": ("check-jsonschema", "--builtin-schema", "vendor.gitlab-ci", "examples/gitlab-ci.yml"),
    "actionlint": ("actionlint", *map(str, WORKFLOWS)),
    "zizmor": (
        "zizmor",
        "--offline",
        "--no-progress",
        "--config=.github/zizmor.yml",
        "action.yml",
        *map(str, WORKFLOWS),
    ),
}


@pytest.mark.parametrize("words", VALIDATORS.values(), ids=VALIDATORS)
def test_others_find_nothing_wrong_with_them(words: tuple[str, ...]) -> None:
    done = subprocess.run(
        [TOOLS / words[0], *words[1:]],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout


def steps(workflow: Any) -> Iterator[Any]:
    for job in workflow["jobs"].values():
        yield from job["steps"]


@pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: path.stem)
def test_every_action_of_others_is_one_commit_and_says_which_version(path: Path) -> None:
    used = re.findall(r"uses: (\S+)(?: # (.+))?", path.read_text())
    assert len(used) == sum("uses" in step for step in steps(read(path)))
    for name, comment in used:
        if name not in {"./", "OWNER/reviewbot@v1"}:
            assert re.fullmatch(r"[\w/-]+@[0-9a-f]{40}", name), name
            assert re.fullmatch(r"v\d+\.\d+\.\d+", comment), name


@pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: path.stem)
def test_no_permission_is_given_that_no_step_needs(path: Path) -> None:
    workflow = read(path)
    assert workflow["permissions"] in ({}, {"contents": "read"})
    needs = {"pull-requests": "reviewbot", "security-events": "codeql-action"}
    reads = {"contents": "", "actions": "codeql-action"}
    for job in workflow["jobs"].values():
        used = " ".join(step.get("uses", "") for step in job["steps"]).replace("./", "reviewbot")
        for name, access in job.get("permissions", {}).items():
            assert access in {"read", "write"}
            assert (needs if access == "write" else reads)[name] in used


@pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: path.stem)
def test_no_checkout_leaves_its_token_behind(path: Path) -> None:
    for step in steps(read(path)):
        if step.get("uses", "").startswith("actions/checkout@"):
            assert step["with"]["persist-credentials"] is False


@pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: path.stem)
def test_who_has_secrets_for_a_fork_checks_nothing_out(path: Path) -> None:
    workflow = read(path)
    told = json.dumps(workflow)
    if {"pull_request_target", "workflow_run"} & {*workflow["on"]}:
        assert "checkout" not in told
        assert not re.search(r"git (clone|fetch|pull)|gh pr checkout|download-artifact", told)
    for step in steps(workflow):
        assert "${{" not in step.get("run", "")


@dataclass(frozen=True)
class Shop:
    """A clone in which a branch adds an error to what `main` has."""

    repo: Repo
    base: str
    head: str


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Shop:
    repo = Repo.with_commit(tmp_path_factory.mktemp("shop"), {"app.py": BODY})
    repo.git("remote", "add", "origin", f"https://github.com/{NAME}.git")
    base = repo.id()
    repo.git("checkout", "--quiet", "-b", "topic")
    # Of this very day, as the nightly review wants it.
    now = {"GIT_COMMITTER_DATE": (datetime.now(UTC) - timedelta(hours=1)).isoformat()}
    repo.stage({"app.py": BODY.replace("line 5\n", "an error\n")})
    repo.git("commit", "--quiet", "--message", "of today", env=now)
    return Shop(repo, base, repo.id())


UPLOAD = """
name: upload
description: stands for the real one
inputs: {sarif_file: {description: a file}, category: {description: a name}}
runs:
  using: composite
  steps:
    - shell: bash
      env: {REPORT: "${{ inputs.sarif_file }}", CATEGORY: "${{ inputs.category }}"}
      run: echo "::notice title=uploaded as $CATEGORY::$(tr -d '[:space:]' < "$REPORT" | head -c 100)"
"""


@pytest.fixture(scope="module")
def runner(tmp_path_factory: pytest.TempPathFactory) -> Runner:
    folder = tmp_path_factory.getbasetemp() / "act"
    folder.mkdir(exist_ok=True)
    upload = tmp_path_factory.mktemp("codeql-action")
    (upload / "upload-sarif").mkdir()
    (upload / "upload-sarif" / "action.yml").write_text(UPLOAD)
    text = "".join(path.read_text() for path in PUBLISHED)
    [(name, commit)] = set(re.findall(r"uses: (github/codeql-action)/upload-sarif@(\w+)", text))
    action = action_in(tmp_path_factory.mktemp("action"))
    return Runner(folder, {"OWNER/reviewbot@v1": action, f"{name}@{commit}": upload})


@dataclass(frozen=True)
class Seen:
    """What an example did, and what stands on the pull request afterwards."""

    ran: Ran
    github: GitHub
    model: ModelServer

    @property
    def places(self) -> list[tuple[str, int | None]]:
        return sorted((one.original.path, one.original.line) for one in self.github.review_comments)


def example(
    runner: Runner,
    shop: Shop,
    name: str,
    event: str,
    payload: Mapping[str, Any],
    folder: Path,
    *,
    key: str = KEY,
    path: str = "",
    checkout: Repo | None = None,
) -> Seen:
    """Run one as it is published, with loopbacks in place of model and host.

    Args:
        runner: where.
        shop: what is reviewed.
        name: of the example.
        event: its name.
        payload: what GitHub tells of it.
        folder: an empty one.
        key: for the model; empty: there is none, and no endpoint either.
        path: PATH of the job, where it is another.
        checkout: what the job finds on the runner, where it is not what is reviewed.
    """
    # A loopback has no price, and what has none cannot be held below a sum.
    text = re.sub(r"\n +max-cost: .+", "", (EXAMPLES / "github" / f"{name}.yml").read_text())
    (folder / "workflow.yml").write_text(text)
    pulls = (Pull(7, base=shop.base, head=shop.head),)
    with github_server(Repository(NAME, shop.repo.path, pulls=pulls)) as github, model_server(flags) as model:
        env = {"GITHUB_API_URL": github.url, "REVIEWBOT_NO_CACHE": "true"} | ({"PATH": path} if path else {})
        if key:
            env |= {"REVIEWBOT_BASE_URL": model.url, "REVIEWBOT_MODEL": "m", "REVIEWBOT_INPUT_LIMIT": "60000"}
        secrets = {"GITHUB_TOKEN": TOKEN} | ({"DASHSCOPE_API_KEY": key} if key else {})
        ran = runner.run(
            folder / "workflow.yml", checkout or shop.repo, event=event, payload=payload, secrets=secrets, env=env
        )
        return Seen(ran, github, model)


def test_the_example_for_pull_requests_posts_and_fails_the_job(runner: Runner, shop: Shop, tmp_path: Path) -> None:
    event = pull_event(base=shop.base, head=shop.head, repository=NAME)
    seen = example(runner, shop, "pull-requests", "pull_request", event, tmp_path)
    assert not seen.ran.ok
    assert seen.places == [("app.py", 5)]
    assert len(seen.github.issue_comments) == 1


def pushed(shop: Shop) -> dict[str, Any]:
    where = {"full_name": NAME, "default_branch": "main"}
    return {"before": shop.base, "after": shop.head, "ref": "refs/heads/main", "repository": where}


def test_the_example_for_code_scanning_uploads_also_what_fails_the_job(
    runner: Runner, shop: Shop, tmp_path: Path
) -> None:
    seen = example(runner, shop, "code-scanning", "push", pushed(shop), tmp_path)
    assert not seen.ran.ok
    assert seen.ran.result("review") == "failure"
    (uploaded,) = [one.message for one in seen.ran.annotations if one.properties["title"] == "uploaded as reviewbot"]
    assert '"version":"2.1.0"' in uploaded


def test_the_example_for_code_scanning_uploads_nothing_where_there_is_no_review(
    runner: Runner, shop: Shop, tmp_path: Path
) -> None:
    seen = example(runner, shop, "code-scanning", "push", pushed(shop), tmp_path, key="")
    assert not seen.ran.ok
    assert not [one for one in seen.ran.annotations if "uploaded" in one.properties.get("title", "")]


def test_the_example_for_the_night_reviews_the_last_day(runner: Runner, shop: Shop, tmp_path: Path) -> None:
    seen = example(runner, shop, "nightly", "schedule", {"schedule": "17 3 * * *"}, tmp_path)
    assert seen.ran.outputs("day") == {"before": shop.base}
    assert not seen.ran.ok
    assert "app.py:5" in seen.ran.summary
    assert not seen.github.requests


def test_the_example_for_the_night_reviews_a_young_repository_from_its_first_commit(tmp_path: Path) -> None:
    (script,) = [step["run"] for step in steps(read(EXAMPLES / "github" / "nightly.yml")) if "run" in step]
    repo = Repo.with_commit(tmp_path / "young", {"app.py": BODY})
    first, now = repo.id(), {"GIT_COMMITTER_DATE": ""}
    for number in range(2):
        repo.stage({"app.py": f"{number}\n"})
        repo.git("commit", "--quiet", "--message", "more", env=now)
    repo.git("commit", "--quiet", "--amend", "--no-edit", env=now)
    repo.git("rebase", "--quiet", "--root", "--force-rebase", env=now)
    first = repo.git("rev-list", "--max-parents=0", "HEAD").decode().strip()
    output = tmp_path / "output"
    subprocess.run(
        ["/bin/bash", "-e", "-c", script], cwd=repo.path, env={**os.environ, "GITHUB_OUTPUT": str(output)}, check=True
    )
    assert output.read_text() == f"before={first}\n"


def test_the_first_half_for_forks_does_nothing_and_only_for_forks(runner: Runner, shop: Shop, tmp_path: Path) -> None:
    for of, runs in ((FORK, True), (NAME, False)):
        event = pull_event(base=shop.base, head=shop.head, repository=NAME, of=of)
        seen = example(runner, shop, "fork-ask", "pull_request", event, tmp_path)
        assert seen.ran.ok
        assert ("reads the pull request and reviews it" in seen.ran.log) is runs
        assert KEY not in seen.ran.log
        assert not seen.github.requests
        assert not seen.model.requests


GH = """#!{python}
import json, os, sys
words = sys.argv[1:]
asked = words == ["api", "--method", "GET", "repos/octo/shop/pulls", "--field", "state=open", "--raw-field",
                  "head=bea:topic", "--jq", "map(select(.head.sha == env.SHA)) | .[0].number // empty"]
print(7 if asked and os.environ["SHA"] == "{head}" and os.environ["GH_TOKEN"] == "{token}" else "")
"""


def finished(shop: Shop, *, head: str) -> dict[str, Any]:
    """What GitHub tells of the first half that ran for a fork."""
    run = {
        "event": "pull_request",
        "conclusion": "success",
        "head_sha": head,
        "head_branch": "topic",
        "head_repository": {"full_name": FORK, "owner": {"login": "bea"}},
        "pull_requests": [],
    }
    return {"action": "completed", "workflow_run": run, "repository": {"full_name": NAME, "default_branch": "main"}}


@pytest.fixture
def path(shop: Shop, tmp_path: Path) -> str:
    """A PATH on which GitHub's client finds the pull request of the fork's head."""
    folder = tmp_path / "bin"
    folder.mkdir()
    (folder / "gh").write_text(GH.format(python=sys.executable, head=shop.head, token=TOKEN))
    (folder / "gh").chmod(0o755)
    return f"{folder}:{os.environ['PATH']}"


@pytest.fixture
def elsewhere(tmp_path: Path) -> Repo:
    """A clone without a commit of the shop."""
    repo = Repo.with_commit(tmp_path / "elsewhere", {"README": "nothing of the fork\n"})
    repo.git("remote", "add", "origin", f"https://github.com/{NAME}.git")
    return repo


def test_the_second_half_for_forks_reviews_through_the_api(
    runner: Runner, shop: Shop, path: str, elsewhere: Repo, tmp_path: Path
) -> None:
    event = finished(shop, head=shop.head)
    seen = example(runner, shop, "fork-review", "workflow_run", event, tmp_path, path=path, checkout=elsewhere)
    assert seen.ran.ok, seen.ran.log
    assert seen.places == [("app.py", 5)]
    assert [request.headers["authorization"] for request in seen.model.requests] == [f"Bearer {KEY}"]


def test_the_second_half_for_forks_leaves_a_head_alone_that_is_no_more_the_newest(
    runner: Runner, shop: Shop, path: str, elsewhere: Repo, tmp_path: Path
) -> None:
    event = finished(shop, head=shop.base)
    seen = example(runner, shop, "fork-review", "workflow_run", event, tmp_path, path=path, checkout=elsewhere)
    assert seen.ran.ok, seen.ran.log
    assert seen.ran.outputs("pull") == {"number": ""}
    assert not seen.github.requests
    assert not seen.model.requests


@pytest.fixture
def command(tmp_path: Path) -> Path:
    """A folder with the command as other jobs have it once they installed it."""
    folder = tmp_path / "reviewbot" / "bin"
    folder.mkdir(parents=True)
    (folder / "reviewbot").write_text(f'#!/bin/sh\nPYTHONPATH={ROOT} exec {sys.executable} -P -m reviewbot "$@"\n')
    (folder / "reviewbot").chmod(0o755)
    return folder


def sh(cwd: Path, command: Path, *words: str, **variables: str) -> Done:
    """Run a shell that reviews, with a loopback for the model."""
    with model_server(flags) as model:
        named = {"REVIEWBOT_BASE_URL": model.url, "REVIEWBOT_MODEL": "m", "REVIEWBOT_INPUT_LIMIT": "60000"}
        done = subprocess.run(
            ["/bin/sh", *words],
            cwd=cwd,
            env={**os.environ, **named, "PATH": f"{command}:{os.environ['PATH']}", **variables},
            capture_output=True,
            text=True,
            check=False,
        )
    return Done(done.returncode, done.stdout, done.stderr)


@pytest.mark.parametrize("merged", [False, True], ids=["a pipeline", "a pipeline for merged results"])
def test_the_example_for_gitlab_reviews_a_merge_request(shop: Shop, command: Path, *, merged: bool) -> None:
    script = "\n".join(read(EXAMPLES / "gitlab-ci.yml")["review"]["script"])
    pushed = {"CI_MERGE_REQUEST_SOURCE_BRANCH_SHA": shop.head} if merged else {}
    commit = shop.base if merged else shop.head
    shas = {"CI_MERGE_REQUEST_DIFF_BASE_SHA": shop.base, "CI_COMMIT_SHA": commit, **pushed}
    done = sh(shop.repo.path, command, "-ec", script, **shas)
    report = shop.repo.path / "review.json"
    assert done.code == 1, done.err
    assert json.loads(report.read_bytes())["verdict"] == "fail"
    report.unlink()


def test_the_example_for_jenkins_reviews_a_change_request(shop: Shop, command: Path, tmp_path: Path) -> None:
    text = (EXAMPLES / "Jenkinsfile").read_text()
    scripts = [one or other for one, other in re.findall(r"sh (?:'''(.*?)'''|'([^'\n]+)')", text, re.DOTALL)]
    # Inside of such quotes Groovy halves a backslash at the end of a line: the shell never sees it.
    script = "\n".join(each.replace("\\\n", "") for each in scripts if "pip" not in each)
    clone = Repo(tmp_path / "clone")
    shop.repo.git("clone", "--quiet", "--no-local", "--branch", "topic", "--single-branch", ".", str(clone.path))
    done = sh(clone.path, command, "-ec", script, WORKSPACE_TMP=str(tmp_path), CHANGE_TARGET="main")
    assert done.code == 1, done.err
    assert json.loads((clone.path / "review.json").read_bytes())["findings"][0]["start_line"] == 5


def test_the_example_for_a_shell_reviews_each_commit(tmp_path: Path, command: Path) -> None:
    repo = Repo.with_commit(tmp_path / "shop", {"app.py": BODY})
    for number, word in enumerate(("an error", "some info", "a warning")):
        repo.commit({f"part{number}.py": f"{word}\n"}, message=word)
    script = str(EXAMPLES / "each-commit.sh")
    done = sh(repo.path, command, script, "HEAD~3..HEAD")
    assert (done.code, done.out.splitlines()[-1]) == (1, "2 with findings, 0 not reviewed in full")
    assert re.findall(r"^== \w+ (.+)$", done.out, re.MULTILINE) == ["an error", "some info", "a warning"]
    assert sh(repo.path, command, script, "HEAD~2..HEAD~1").code == 0
    assert sh(repo.path, command, script, "mian..topic").code == 2
    wrong = sh(repo.path, command, script, "HEAD~2..HEAD", REVIEWBOT_FAIL_ON="", REVIEWBOT_JOBS="none")
    assert (wrong.code, wrong.out.count("== ")) == (2, 1)
