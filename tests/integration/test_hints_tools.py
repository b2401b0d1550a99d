"""What real tools write is heard: the files they mean, the lines that changed, and what a model need not repeat."""

import json
import subprocess
import sys
from functools import partial
from pathlib import Path

import pytest

from reviewbot.credentials import Detector
from reviewbot.diff import FileDiff
from reviewbot.finding import Category, Draft, DropReason, Severity
from reviewbot.hints import Hint, Told, hints_for, read
from reviewbot.review import Change, Target
from reviewbot.sources.git import GitSource, Selection
from reviewbot.stages.known import known
from reviewbot.stages.redact import redact_text
from tests.support.repo import Repo
from tests.support.reviews import draft, finding

TOOLS = Path(sys.executable).parent
BEFORE = "import os\n\n\ndef total(prices):\n    rate = 1\n    return sum(prices)\n"
AFTER = """\
import os
import json
import subprocess


def total(prices, taken=[]):
    rate = 1
    discount = 2
    try:
        subprocess.call("echo %s" % prices, shell=True)
    except:
        pass
    return sum(prices) + eval(
        taken
    )
"""
WORKFLOW = """\
on: push
jobs:
  build:
    runs-on: ubuntu-latest
    steps:
      - run: echo ${{ github.event.head_commit.message }}
"""
HIDE = partial(redact_text, detector=Detector())


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Repo:
    """A change of a few files with awkward names, in the work tree."""
    repo = Repo.with_commit(
        tmp_path_factory.mktemp("a shop"),
        {"src/a b/é%20.py": BEFORE, "old.py": BEFORE, "same.py": BEFORE, "README": "A shop.\n"},
    )
    repo.git("mv", "old.py", "new.py")
    repo.write("src/a b/é%20.py", AFTER)
    repo.write("new.py", f"{BEFORE}\n\nimport sys\n")
    repo.write("src/broken.py", "def f(:\n")
    repo.write(".github/workflows/ci.yml", WORKFLOW)
    repo.git("add", "--all")
    return repo


def change(repo: Repo) -> tuple[FileDiff, ...]:
    return GitSource(Selection(), cwd=str(repo.path)).collect().files


def written(repo: Repo, *words: str, folder: str = ".") -> bytes:
    """What a tool writes; most say by their code that they found something."""
    return subprocess.run(
        [TOOLS / words[0], *words[1:]], cwd=repo.path / folder, capture_output=True, check=False
    ).stdout


def ruff(repo: Repo, *words: str, folder: str = ".") -> bytes:
    return written(repo, "ruff", "check", "--isolated", "--no-cache", "--output-format=sarif", *words, folder=folder)


def told(repo: Repo, data: bytes) -> Told:
    return heard(repo, data, str(repo.path))


def heard(repo: Repo, data: bytes, *tops: str) -> Told:
    return read(data, name="a file", files=change(repo), tops=tops, there=lambda _: True, hide=HIDE)


def at(hints: tuple[Hint, ...], path: str) -> list[tuple[int, int, str]]:
    return [(hint.start, hint.end, hint.tool) for hint in hints if hint.path == path]


@pytest.mark.parametrize("folder", [".", "src/a b"])
def test_ruff_is_heard_on_the_changed_lines_wherever_it_runs(shop: Repo, folder: str) -> None:
    found = told(shop, ruff(shop, "--select=F,E722,S,B006", str(shop.path), folder=folder))
    assert at(found.hints, "src/a b/é%20.py") == [
        (2, 2, "ruff F401"),
        (6, 6, "ruff B006"),
        (8, 8, "ruff F841"),
        (10, 10, "ruff S602"),
        (11, 11, "ruff E722"),
        (11, 12, "ruff S110"),
        (13, 15, "ruff S307"),
    ]
    assert at(found.hints, "src/broken.py") == [(1, 1, "ruff invalid-syntax")]
    assert at(found.hints, "new.py") == [(9, 9, "ruff F401")]
    assert {hint.severity for hint in found.hints} == {Severity.ERROR}
    assert (found.elsewhere, found.unplaced) == (0, 0)
    assert found.results > len(found.hints)


def test_ruff_speaks_in_one_line(shop: Repo) -> None:
    found = told(shop, ruff(shop, "--select=F401,S602"))
    texts = {hint.text for hint in found.hints if "é" in hint.path}
    assert texts == {"`json` imported but unused", "`subprocess` call with `shell=True` identified, security issue"}


def test_results_in_files_of_another_folder_are_counted(shop: Repo, tmp_path: Path) -> None:
    (tmp_path / "x.py").write_text(AFTER)
    found = told(shop, ruff(shop, "--select=F", str(tmp_path)))
    assert (found.hints, found.elsewhere) == ((), found.results)
    assert found.results > 0


def test_a_tool_that_was_run_by_another_name_of_the_folder_is_heard(shop: Repo, tmp_path: Path) -> None:
    (tmp_path / "link").symlink_to(shop.path)
    data = ruff(shop, "--select=F401", str(tmp_path / "link"))
    found = heard(shop, data, str(shop.path), str(tmp_path / "link"))
    assert at(found.hints, "new.py") == [(9, 9, "ruff F401")]


def test_no_rule_of_ruff_is_taken_for_a_credential(shop: Repo) -> None:
    rules = json.loads(written(shop, "ruff", "rule", "--all", "--output-format=json"))
    assert len(rules) > 500
    for name in (f"ruff {rule[kind]}" for rule in rules for kind in ("code", "name")):
        assert HIDE(name) == name


def test_zizmor_is_heard_and_says_what_is_about_security(shop: Repo) -> None:
    found = told(shop, written(shop, "zizmor", "--offline", "--no-progress", "--format=sarif", "."))
    hints = {hint.tool: hint for hint in found.hints}
    injected = hints["zizmor zizmor/template-injection"]
    assert (injected.path, injected.start, injected.end) == (".github/workflows/ci.yml", 6, 6)
    assert {hint.path for hint in found.hints} == {".github/workflows/ci.yml"}
    assert max(hint.end for hint in found.hints) <= WORKFLOW.count("\n")
    assert all(hint.security for hint in found.hints)


def test_a_chunk_is_told_of_its_own_files(shop: Repo) -> None:
    hints = told(shop, ruff(shop, "--select=F")).hints
    for diff in change(shop):
        assert {one.path for one in hints_for((diff,), hints, size=lambda _: 1)} <= {diff.path}
    assert len(hints_for(change(shop), hints, size=lambda _: 1)) == len(hints)


CLAIMS = [
    (2, draft("Unused import json", category=Category.OTHER), True),
    (6, draft("Mutable default argument", "The list `taken` is shared by all calls."), True),
    (8, draft("discount is never used"), True),
    (10, draft("Shell injection", "prices reach a shell.", category=Category.SECURITY), True),
    (11, draft("Bare except hides errors", category=Category.ERRORS), True),
    (13, draft("eval of user input", "Arbitrary code runs.", category=Category.SECURITY), True),
    (8, draft("The discount is not subtracted from what is charged"), False),
    (10, draft("prices are formatted as one list, not one by one"), False),
    (13, draft("taken may be None"), False),
]


@pytest.mark.parametrize(("line", "claim", "dropped"), CLAIMS, ids=[claim.title for _, claim, _ in CLAIMS])
def test_what_ruff_says_needs_not_be_said_again(shop: Repo, line: int, claim: Draft, *, dropped: bool) -> None:
    hints = told(shop, ruff(shop, "--select=F,E722,S,B006")).hints
    diff = next(file for file in change(shop) if "é" in file.path)
    target = Target(None, None, "a change")
    passed = known([finding(diff, line, claim=claim)], hints, change=Change(target, change(shop)))
    assert [drop.reason for drop in passed.dropped] == [DropReason.KNOWN] * dropped
    assert all(drop.note.startswith("ruff ") for drop in passed.dropped)
