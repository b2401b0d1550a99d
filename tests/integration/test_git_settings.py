"""No setting of a user, a repository or a shell bends what is read."""

import os
import shutil
from collections import ChainMap
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import pytest

from reviewbot.diff import Status
from reviewbot.review import Change
from tests.support.repo import Repo

CONFIG = {
    "suppressBlankEmpty": "diff.suppressBlankEmpty=true",
    "noprefix": "diff.noprefix=true",
    "mnemonicPrefix": "diff.mnemonicPrefix=true",
    "srcPrefix": "diff.srcPrefix=left/",
    "dstPrefix": "diff.dstPrefix=right/",
    "color.ui": "color.ui=always",
    "color.diff": "color.diff=always",
    "external": "diff.external={script}",
    "no renames": "diff.renames=false",
    "copies": "diff.renames=copies",
    "renameLimit": "diff.renameLimit=1",
    "context": "diff.context=0",
    "interHunkContext": "diff.interHunkContext=20",
    "patience": "diff.algorithm=patience",
    "histogram": "diff.algorithm=histogram",
    "orderFile": "diff.orderFile={order}",
    "relative": "diff.relative=true",
    "submodule": "diff.submodule=log",
    "ignoreSubmodules": "diff.ignoreSubmodules=all",
    "one ignored submodule": "submodule.sub.ignore=all",
    "indentHeuristic": "diff.indentHeuristic=false",
    "wsErrorHighlight": "diff.wsErrorHighlight=all",
    "colorMoved": "diff.colorMoved=zebra",
    "autoRefreshIndex": "diff.autoRefreshIndex=false",
    "dirstat": "diff.dirstat=lines,0",
    "quotepath": "core.quotepath=true",
    "no quotepath": "core.quotepath=false",
    "abbrev": "core.abbrev=30",
    "attributesFile": "core.attributesFile={attributes}",
    "pager": "core.pager=tac",
    "pager of diff": "pager.diff=tac",
    "textconv": "diff.shout.textconv={script}",
    "external driver": "diff.shout.command={script}",
    "binary driver": "diff.shout.binary=true",
    "binary by default": "diff.default.binary=true",
    "bigFileThreshold": "core.bigFileThreshold=1",
    "wordRegex": "diff.wordRegex=.",
    "fsmonitor": "core.fsmonitor={script}",
    "statGraphWidth": "diff.statGraphWidth=1",
}
# Under these git calls more files binary, and those are then read again as text.
READ_AGAIN = {CONFIG[name] for name in ("attributesFile", "binary driver")}
ENVIRONMENT = {
    "GIT_DIFF_OPTS": {"GIT_DIFF_OPTS": "--unified=0"},
    "GIT_EXTERNAL_DIFF": {"GIT_EXTERNAL_DIFF": "{script}"},
    "GIT_PAGER": {"GIT_PAGER": "tac", "GIT_PAGER_IN_USE": "true"},
    "GIT_CONFIG_COUNT": {
        "GIT_CONFIG_COUNT": "2",
        "GIT_CONFIG_KEY_0": "diff.noprefix",
        "GIT_CONFIG_VALUE_0": "true",
        "GIT_CONFIG_KEY_1": "diff.suppressBlankEmpty",
        "GIT_CONFIG_VALUE_1": "true",
    },
    "GIT_CONFIG_PARAMETERS": {"GIT_CONFIG_PARAMETERS": "'diff.noprefix'='true' 'diff.suppressBlankEmpty'='true'"},
    "GIT_TRACE": {"GIT_TRACE": "1"},
    "GIT_LITERAL_PATHSPECS": {"GIT_LITERAL_PATHSPECS": "1"},
    "GIT_GLOB_PATHSPECS": {"GIT_GLOB_PATHSPECS": "1"},
    "GIT_ICASE_PATHSPECS": {"GIT_ICASE_PATHSPECS": "1"},
    "LC_ALL": {"LC_ALL": "de_DE.UTF-8", "LANGUAGE": "de"},
}


def _lines(count: int, word: str) -> str:
    return "".join(f"{word} {number}\n" if number % 5 else "\n" for number in range(count))


def _functions(*names: str) -> str:
    return "".join(f"/*\n * {name}\n */\nvoid {name}() {{}}\n\n" for name in names)


BEFORE = {
    ".gitattributes": "*.shout diff=shout\nmarked.* -diff\n",
    ".gitmodules": '[submodule "sub"]\n\tpath = sub\n\turl = ./sub\n',
    "b/hunks.txt": _lines(40, "line"),
    "functions.c": _functions("first", "last"),
    "first old.txt": _lines(30, "one"),
    "second old.txt": _lines(30, "two"),
    "naïve.txt": "a\n",
    "spoken.shout": "a\n",
    "marked.txt": "a\nb\n",
    "touched.txt": "a\n",
    "blocks.c": "a\nb\nc\na\nb\nb\na\n",
    "moved.txt": "{\n  one\n}\n\n{\n  two\n}\n",
}
AFTER = {
    "b/hunks.txt": _lines(40, "line").replace("line 8\n", "line eight\n").replace("line 17\n", "line 17 \n"),
    "functions.c": _functions("first", "middle", "last"),
    "first new.txt": _lines(30, "one") + "more\n",
    "second new.txt": _lines(30, "two") + "more\n",
    "copy.txt": _lines(40, "line") + "more\n",
    "naïve.txt": "b\n",
    "spoken.shout": "b\n",
    "marked.txt": "a\nc\n",
    "blocks.c": "c\nb\na\nb\na\nc\n",
    "moved.txt": "{\n  two\n}\n\n{\n  three\n}\n\n{\n  one\n}\n",
}


@dataclass(frozen=True)
class Reader:
    """A repository, and a git that writes down every diff it prints."""

    repo: Repo
    log: Path
    places: Mapping[str, Path]

    def read(self, *, worktree: bool) -> tuple[Change, bytes]:
        """The change, and all that git printed as a diff for it."""
        self.log.write_bytes(b"")
        change = self.repo.collect(worktree=worktree, folder="b")
        return change, self.log.read_bytes()

    def configure(self, home: Path, setting: str) -> None:
        """Write a setting into the user's own file."""
        name, value = setting.format(**self.places).split("=", 1)
        self.repo.git("config", "--file", str(home / ".gitconfig"), name, value)


@pytest.fixture(scope="module")
def reader(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Reader]:
    """Changes that every setting of the tables would show otherwise."""
    repo = Repo.create(tmp_path_factory.mktemp("changed"))
    repo.git("update-index", "--add", "--cacheinfo", f"160000,{'1' * 40},sub")
    repo.commit(BEFORE)
    repo.git("rm", "--quiet", "first old.txt", "second old.txt")
    repo.stage(AFTER)
    repo.git("update-index", "--cacheinfo", f"160000,{'2' * 40},sub")
    repo.write("untracked.txt", "new\n")
    os.utime(repo.path / "touched.txt", (1, 1))
    tools = tmp_path_factory.mktemp("tools")
    log = tools / "log"
    git = shutil.which("git")
    _program(tools / "git", f'case " $* " in *" diff "*" -- "*) {git} "$@" | tee -a {log};; *) exec {git} "$@";; esac')
    places = {name: tools / name for name in ("script", "order", "attributes")}
    _program(places["script"], "echo bent")
    places["order"].write_text("*.txt\n*.c\n")
    places["attributes"].write_text("* diff=shout\n*.c -diff\n")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PATH", str(tools), prepend=os.pathsep)
        yield Reader(repo, log, places)


@pytest.fixture(scope="module")
def plain(reader: Reader) -> dict[bool, tuple[Change, bytes]]:
    """What is read where nobody has set anything: of the index, and of the work tree."""
    return {worktree: reader.read(worktree=worktree) for worktree in (False, True)}


def _program(path: Path, line: str) -> None:
    path.write_text(f"#!/bin/sh\n{line}\n")
    path.chmod(0o755)


def test_the_plain_change_has_what_the_settings_would_bend(plain: dict[bool, tuple[Change, bytes]]) -> None:
    statuses = {file.path: file.status for file in plain[False][0].files}
    assert statuses["first new.txt"] is statuses["second new.txt"] is Status.RENAMED
    assert statuses["copy.txt"] is Status.ADDED
    assert {"b/hunks.txt", "naïve.txt", "sub", "marked.txt"} < statuses.keys()
    assert not any(file.binary for file in plain[False][0].files)
    assert "untracked.txt" in {file.path for file in plain[True][0].files}
    assert "touched.txt" not in {file.path for file in plain[True][0].files}


@pytest.mark.parametrize("worktree", [False, True], ids=["index", "worktree"])
@pytest.mark.parametrize("setting", CONFIG.values(), ids=CONFIG)
def test_a_setting_changes_nothing(
    reader: Reader, plain: dict[bool, tuple[Change, bytes]], home: Path, setting: str, *, worktree: bool
) -> None:
    reader.configure(home, setting)
    change, diffs = reader.read(worktree=worktree)
    assert change == plain[worktree][0]
    if setting not in READ_AGAIN:
        assert diffs == plain[worktree][1]


@pytest.mark.parametrize("variables", ENVIRONMENT.values(), ids=ENVIRONMENT)
def test_a_variable_changes_nothing(
    reader: Reader,
    plain: dict[bool, tuple[Change, bytes]],
    monkeypatch: pytest.MonkeyPatch,
    variables: dict[str, str],
) -> None:
    for name, value in variables.items():
        monkeypatch.setenv(name, value.format(**reader.places))
    assert reader.read(worktree=True) == plain[True]


@pytest.mark.parametrize("worktree", [False, True], ids=["index", "worktree"])
def test_all_of_them_together_change_nothing(
    reader: Reader,
    plain: dict[bool, tuple[Change, bytes]],
    home: Path,
    monkeypatch: pytest.MonkeyPatch,
    *,
    worktree: bool,
) -> None:
    for setting in CONFIG.values():
        reader.configure(home, setting)
    for name, value in ChainMap(*ENVIRONMENT.values()).items():
        monkeypatch.setenv(name, value.format(**reader.places))
    assert reader.read(worktree=worktree)[0] == plain[worktree][0]
