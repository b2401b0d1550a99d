"""The import contracts hold, and each of them breaks when it is broken on purpose."""

import os
import re
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
BREACHES = {
    "Imports point down": ("diff.py", "import reviewbot.review"),
    "Nothing that is shipped knows the evaluation": ("brief.py", "import evaluation.score"),
    "Stages do not know each other": ("stages/select.py", "import reviewbot.stages.chunk"),
    "Formats do not know each other": ("formats/json.py", "import reviewbot.formats.text"),
    "Providers do not know each other": ("providers/dashscope.py", "import reviewbot.providers.openai"),
    "Calls do not know each other": ("calls/budget.py", "import reviewbot.calls.pace"),
    "Each SDK stays in its room": ("finding.py", "import click"),
    "GitPython runs in sources only": ("app.py", "import git"),
    "PyGithub runs in hosts only": ("report.py", "import github"),
    "The openai SDK runs in providers only": ("sources/git.py", "import openai"),
    "click speaks in the command line only": ("providers/replay.py", "import click"),
    "The core does no input or output": ("patch.py", "import os"),
}


def _lint(folder: Path) -> dict[str, str]:
    """The state of every contract, by its name, for the package in a folder."""
    command = [str(Path(sys.executable).with_name("lint-imports")), "--no-cache"]
    environment = {**os.environ, "PYTHONPATH": str(folder), "COLUMNS": "200"}
    done = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=False)
    states = dict(re.findall(r"^(.+) (KEPT|BROKEN)$", done.stdout, re.MULTILINE))
    assert done.returncode == ("BROKEN" in states.values()), done.stdout + done.stderr
    return states


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    for package in ("reviewbot", "evaluation"):
        shutil.copytree(ROOT / package, tmp_path / package, ignore=shutil.ignore_patterns("__pycache__", "changes"))
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    return tmp_path


def test_every_contract_is_kept_and_every_one_can_be_broken(copy: Path) -> None:
    assert _lint(copy) == dict.fromkeys(BREACHES, "KEPT")
    for name, line in BREACHES.values():
        module = copy / "reviewbot" / name
        module.write_text(f"{module.read_text('utf-8')}\n{line}\n", "utf-8")
    assert _lint(copy) == dict.fromkeys(BREACHES, "BROKEN")


@pytest.mark.parametrize("folder", ["calls", "formats", "providers"])
def test_every_neighbour_is_in_the_contract_of_its_room(folder: str) -> None:
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
    contracts = {contract["name"]: contract for contract in settings["tool"]["importlinter"]["contracts"]}
    named = contracts[f"{folder.capitalize()} do not know each other"]["modules"]
    modules = {path.stem for path in (ROOT / "reviewbot" / folder).glob("[a-z]*.py")}
    assert {*named} == {f"reviewbot.{folder}.{module}" for module in modules}


def test_a_module_that_no_layer_names_breaks_the_contract(copy: Path) -> None:
    (copy / "reviewbot" / "utils.py").write_text("", "utf-8")
    assert _lint(copy)["Imports point down"] == "BROKEN"
