"""Jobs of GitHub Actions on this machine, run by `act`: workflows and actions are read from disk, steps are processes.

Alone knows how `act` is called and what it says. It is no runner of GitHub's: what it makes of outputs, of summaries
and of conditions is the work of others, after the same description.
"""

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.support.repo import Repo

ROOT = Path(__file__).parents[2]
TOOLS = Path(sys.executable).parent
"""Where the programs lie that packages bring."""

_PATIENCE = 300.0
"""Seconds that a workflow may take."""
_LEVELS = {"error", "warning", "notice"}


@dataclass(frozen=True, slots=True)
class Annotation:
    """What a step told the runner to show.

    Attributes:
        level: `error`, `warning` or `notice`.
        message: as it is shown.
        properties: file, lines and title.
    """

    level: str
    message: str
    properties: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Ran:
    """What a workflow did.

    Attributes:
        ok: every job passed.
        said: what `act` tells of it, in order.
    """

    ok: bool
    said: Sequence[Mapping[str, Any]] = field(repr=False)

    @property
    def log(self) -> str:
        """All that its steps and the runner print."""
        return "\n".join(str(line.get("msg", "")) for line in self.said)

    @property
    def annotations(self) -> list[Annotation]:
        """Those of all steps."""
        told = [line for line in self.said if line.get("command") in _LEVELS]
        return [Annotation(line["command"], line["arg"], line.get("kvPairs") or {}) for line in told]

    @property
    def summary(self) -> str:
        """What stands on the page of the run."""
        # A step inside of an action is told of twice, as its own and as the action's.
        told = [line["content"] for line in self.said if line.get("command") == "summary"]
        return "".join(dict.fromkeys(told))

    def outputs(self, step: str) -> dict[str, str]:
        """What a step of a workflow hands on, by the step's id."""
        told = [line for line in self.said if line.get("command") == "set-output" and line.get("stepID") == [step]]
        return {line["name"]: line["arg"] for line in told}

    def result(self, step: str) -> str:
        """`success`, `failure` or `skipped`, by the step's id; empty: it never ran."""
        told = [line for line in self.said if line.get("stage") == "Main" and line.get("stepID") == [step]]
        return next((str(line["stepResult"]) for line in told if "stepResult" in line), "")


@dataclass(frozen=True, slots=True)
class Runner:
    """A machine that jobs run on, one after the other.

    Attributes:
        folder: where `act` and the tools of jobs lie.
        actions: folders in place of what `uses` names, since nothing is fetched.
    """

    folder: Path
    actions: Mapping[str, Path]

    @property
    def tools(self) -> Path:
        """What jobs leave for those after them."""
        return self.folder / "act" / "tool_cache"

    def run(
        self,
        workflow: Path,
        repo: Repo,
        *,
        event: str,
        payload: Mapping[str, Any],
        secrets: Mapping[str, str],
        env: Mapping[str, str],
    ) -> Ran:
        """Run a workflow to its end, in a copy of the work tree.

        Args:
            workflow: its file.
            repo: what the job checks out.
            event: its name.
            payload: what GitHub tells of it.
            secrets: what is passed to the job.
            env: variables of the job.
        """
        place = self.folder / "event.json"
        place.write_text(json.dumps(payload))
        given = [f"--secret={name}={value}" for name, value in secrets.items()]
        given += [f"--env={name}={value}" for name, value in env.items()]
        given += [f"--local-repository={name}={path}" for name, path in self.actions.items()]
        done = subprocess.run(
            [
                *(str(TOOLS / "act"), event, f"--workflows={workflow}", f"--eventpath={place}", *given),
                *("--platform=ubuntu-latest=-self-hosted", "--no-cache-server", "--json"),
            ],
            cwd=repo.path,
            env={**os.environ, "XDG_CACHE_HOME": str(self.folder)},
            capture_output=True,
            timeout=_PATIENCE,
            check=False,
        )
        said = [json.loads(line) for line in done.stdout.decode().split("\n") if line.startswith("{")]
        # Where no job is to run it says nothing.
        assert said or done.returncode == 0, done.stderr.decode()
        return Ran(done.returncode == 0, said)


def action_in(folder: Path) -> Path:
    """The action as its users fetch it. A checkout holds far more, and files that come and go while tests run.

    Args:
        folder: where it is put.
    """
    for name in ("action", "reviewbot"):
        shutil.copytree(ROOT / name, folder / name, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(ROOT / "action.yml", folder)
    return folder


def pull_event(*, base: str, head: str, repository: str, of: str = "", author: str = "bea") -> dict[str, Any]:
    """What GitHub tells a job that runs for pull request 7, as far as anybody here reads it.

    Args:
        base: the commit it is to be merged into.
        head: its newest commit.
        repository: where it is.
        of: the repository that it comes from, empty: the same.
        author: of it.
    """
    owner, name = (of or repository).split("/")
    source = {"full_name": of or repository, "name": name, "owner": {"login": owner}}
    pull = {
        "number": 7,
        "user": {"login": author},
        "head": {"ref": "topic", "sha": head, "repo": source},
        "base": {"ref": "main", "sha": base, "repo": {"full_name": repository}},
    }
    return {
        "number": 7,
        "action": "opened",
        "pull_request": pull,
        "repository": {"full_name": repository, "default_branch": "main"},
        "sender": {"login": author},
    }
