"""A review in a job of GitHub Actions: one run of the command, with every report the job has a use for.

Alone knows what an event asks to be reviewed, when a missing key is nobody's fault, and what the job is told.
"""

import json
import os
import shlex
import subprocess
import sys
import tempfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
"""The folder that the action was fetched to."""

_NO_COMMIT = "0" * 40
_KEYS = ("REVIEWBOT_API_KEY", "DASHSCOPE_API_KEY")
_DEPENDABOT = "dependabot[bot]"

_USAGE = 2
"""What the command returns for options that cannot be meant."""


@dataclass(frozen=True, slots=True)
class Target:
    """What is reviewed.

    Attributes:
        words: for the command line, before anything else.
        revision: for the end of it; empty: there is none.
        pull: it is a pull request.
    """

    words: tuple[str, ...] = ()
    revision: str = ""
    pull: bool = False


def target(event: Any, *, ref: str, pull: str, revision: str, known: Callable[[str], bool]) -> Target:
    """What an event, or the workflow in its place, asks to be reviewed.

    Args:
        event: the payload.
        ref: the branch or tag that the job runs for; not every payload tells it.
        pull: number of a pull request, empty: the event's.
        revision: what to review instead, empty: nothing.
        known: whether git has a commit.
    """
    if pull or revision:
        return Target((f"--pr={pull}",) if pull else (), revision, bool(pull))
    if _told(event, "pull_request") or _told(event, "issue", "pull_request"):
        return Target(("--pr",), pull=True)
    group = _told(event, "merge_group")
    if group:
        return Target(revision=f"{group['base_sha']}...{group['head_sha']}")
    before, after = _told(event, "before"), _told(event, "after")
    default = _told(event, "repository", "default_branch")
    elsewhere = ref != f"refs/heads/{default}"
    # On the default branch nothing else says what is new: where the commit is not at hand, the command tells so.
    if before and after and before != _NO_COMMIT and (known(before) or not elsewhere):
        return Target(revision=f"{before}...{after}")
    # A new branch, one whose history was written anew, a run by hand: what it has that the default one has not.
    return Target(revision=f"origin/{default}..." if elsewhere and known(f"origin/{default}") else "HEAD")


def outside(event: Any, *, name: str) -> str:
    """Whose pull request it is that GitHub passes no secrets to; empty: secrets were passed.

    Args:
        event: the payload.
        name: of the event.
    """
    pull = _told(event, "pull_request")
    if not pull or name == "pull_request_target":
        return ""
    if _DEPENDABOT in {_told(pull, "user", "login"), _told(event, "sender", "login")}:
        return "Dependabot"
    here = _told(pull, "base", "repo", "full_name")
    # A fork that was deleted since has no name.
    return "a fork" if _told(pull, "head", "repo", "full_name") != here else ""


def outputs(report: Any, files: Mapping[str, Path]) -> dict[str, object]:
    """What later steps are told.

    Args:
        report: as the JSON format has it, None: there is no review.
        files: reports, by their format.
    """
    if report is None:
        return {"verdict": "incomplete"}
    severities = [finding["severity"] for finding in report["findings"]]
    cost = report["usage"]["cost"]
    return {
        "verdict": report["verdict"],
        "findings": len(severities),
        "errors": severities.count("error"),
        "warnings": severities.count("warning"),
        "cost": f"{cost['amount']} {cost['currency']}" if cost else "",
        **{name: path for name, path in files.items() if path.exists()},
    }


def main() -> int:
    """Review once; returns what the command returns."""
    environment = os.environ
    event = json.loads(Path(environment["GITHUB_EVENT_PATH"]).read_bytes())
    asked = target(
        event,
        ref=environment["GITHUB_REF"],
        pull=environment["INPUT_PR"].strip(),
        revision=environment["INPUT_REVISION"].strip(),
        known=_known,
    )
    keyless = not any(environment.get(name, "").strip() for name in _KEYS)
    stranger = outside(event, name=environment["GITHUB_EVENT_NAME"]) if keyless else ""
    folder = Path(tempfile.mkdtemp(prefix="reviewbot-", dir=environment["RUNNER_TEMP"]))
    files = {name: folder / f"review.{name}" for name in ("json", "sarif")}
    try:
        more = shlex.split(environment["INPUT_ARGS"])
    except ValueError as error:
        print(f"::error title=reviewbot::args are no words of a command line: {error}")
        return _USAGE
    code = _review(asked, files, more, fail_open=bool(stranger))
    report = json.loads(files["json"].read_bytes()) if files["json"].exists() else None
    if report and _unasked(report) and not report["findings"]:
        # Counts of a review that nobody made would read like those of one without findings.
        report = None
    with Path(environment["GITHUB_OUTPUT"]).open("a", encoding="utf-8") as output:
        output.writelines(f"{name}={value}\n" for name, value in outputs(report, files).items())
    _explain(stranger, report, code)
    return code


def _review(asked: Target, files: Mapping[str, Path], more: Sequence[str], *, fail_open: bool) -> int:
    environment = os.environ
    # A job that gets no secrets may not write either.
    post = "" if fail_open else environment["INPUT_POST"].strip()
    sinks = {**files, "markdown": Path(environment["GITHUB_STEP_SUMMARY"])}
    words = [
        *asked.words,
        *(["--post", post] if asked.pull and post not in {"", "none"} else []),
        *(["--fail-open"] if fail_open else []),
        *(f"--format={name}={path}" for name, path in sinks.items()),
        "--format=github",
        *more,
        *(["--", asked.revision] if asked.revision else []),
    ]
    # Nothing is imported from the folder at hand: who writes the change chooses what lies there.
    command = [sys.executable, "-P", "-m", "reviewbot", "review", *words]
    # Whether it is posted, the input alone says.
    inherited = {name: value for name, value in environment.items() if name != "REVIEWBOT_POST"}
    return subprocess.run(command, env={**inherited, "PYTHONPATH": str(ROOT)}, check=False).returncode


def _explain(stranger: str, report: Any, code: int) -> None:
    """Say why nobody was asked."""
    if stranger and code == 0 and (report is None or _unasked(report)):
        why = (
            f"GitHub passes no secrets to a pull request of {stranger}, and so no key for the model. "
            "docs/usage.md of reviewbot shows how such pull requests can be reviewed."
        )
        print(f"::notice title=Not reviewed::{why}", flush=True)
    elif report is None:
        why = f"The log of this step says why (exit code {code})."
    else:
        return
    with Path(os.environ["GITHUB_STEP_SUMMARY"]).open("a", encoding="utf-8") as summary:
        summary.write(f"**Not reviewed.** {why}\n")


def _unasked(report: Any) -> bool:
    """Whether nobody answered anything."""
    failed = [part["reason"] for part in report["skipped"] if part["failed"]]
    return bool(failed) and {*failed} == {"provider_failed"} and not report["usage"]["requests"]


def _known(revision: str) -> bool:
    words = ["git", "rev-parse", "--quiet", "--verify", "--end-of-options", f"{revision}^{{commit}}"]
    try:
        return subprocess.run(words, stdout=subprocess.DEVNULL, check=False).returncode == 0
    except OSError:  # there is no git: the command says so
        return False


def _told(event: Any, *names: str) -> Any:
    for name in names:
        event = event.get(name) if isinstance(event, Mapping) else None
    return event


if __name__ == "__main__":
    sys.exit(main())
