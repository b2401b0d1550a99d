"""Thousands of commits of real code: does the package read each as git tells it?

The commits of the large history were never made by anybody. Each is one file's real edit between two neighbouring
releases of a package, committed alone; every fiftieth is committed on a branch of its own and merged.
"""

import subprocess
import sys
import zipfile
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path

import pytest

from reviewbot.diff import Status
from tests.history import SOURCES, Tally, check
from tests.support.repo import Repo

ROOT = Path(__file__).parents[2]
RELEASES = ROOT / ".venv" / "releases"
PACKAGES = (
    ("Django", ("3.2.25", "4.2.16", "5.1.4")),
    ("docutils", ("0.18.1", "0.21.2")),
    ("setuptools", ("58.0.0", "75.6.0")),
)
"""The first for many edits, the second for form feeds and new modes, the third for carriage returns and odd names."""

BRANCHED = 50
"""Of so many edits, one is merged."""

NAMES = ("a b", "é", "a\tb", 'a"b', "a\\b", "a\nb", "a\rb", "\udcff", "p b/p b", "a/x", "b/x", " a", "a ", "a => b")
CONTENTS = {
    "crlf": b"a\r\nb\rc\r\n\r\n\r",
    "latin": b"\xe9\xff\n",
    "separators": "\x0b\x0c\x1c\x85\u2028\u2029\n".encode(),
    "signs": b"-- a\n++i\n@@ -1 +1 @@\ndiff --git a/x b/x\n\\ No newline at end of file\n--- a/x\n+++ b/x\n",
    "mark": b"\xef\xbb\xbfa\n",
    "nothing": b"",
}
ENTRIES = (
    (
        ("100644", b"a\n", "link"),
        ("120000", b"a", "text"),
        ("100644", b"\0", "binary"),
        ("100644", b"a\n", "p b/program"),
    ),
    (
        ("120000", b"a", "link"),
        ("100644", b"b", "text"),
        ("120000", b"a", "binary"),
        ("100755", b"a\n", "p b/program"),
    ),
    (
        ("160000", b"a", "link"),
        ("160000", b"b", "text"),
        ("100755", b"\0", "binary"),
        ("100644", b"b\n", "p b/program"),
    ),
)
"""Modes, contents and names of three commits, one after the other; a submodule has no content here."""


@dataclass(slots=True)
class Stream:
    """What `git fast-import` is given."""

    text: list[bytes] = field(default_factory=list)
    mark: int = 0

    def commit(self, branch: str, changes: Iterable[bytes], *parents: int) -> int:
        """One commit; returns its mark."""
        self.mark += 1
        head = f"commit refs/heads/{branch}\nmark :{self.mark}\n"
        head += f"committer Ada <ada@example.com> {1_700_000_000 + self.mark} +0000\ndata 4\nedit\n"
        head += "".join(f"{word} :{parent}\n" for word, parent in zip(("from", "merge"), parents, strict=False))
        self.text += [head.encode(), *changes, b"\n"]
        return self.mark

    def run(self, repo: Repo) -> None:
        """Import all of it."""
        repo.git("-c", "pack.compression=0", "fast-import", "--quiet", stdin=b"".join(self.text))


def tree(package: str, version: str) -> Iterator[bytes]:
    """The files of a release, in a folder of the package's name."""
    [wheel] = RELEASES.glob(f"{package}-{version}-*.whl")
    with zipfile.ZipFile(wheel) as archive:
        for entry in archive.infolist():
            mode = 100755 if entry.external_attr >> 16 & 0o111 else 100644
            if not entry.is_dir():
                content = archive.read(entry)
                head = f"M {mode} inline {package}/{entry.filename}\ndata {len(content)}\n"
                yield head.encode() + content + b"\n"


def edits(repo: Repo, old: str, new: str) -> list[bytes]:
    """What turns one tree into the other, file by file, a renamed file as one edit."""
    words = iter(repo.git("diff-tree", "-r", "-z", "--find-renames", "-l5000", old, new).split(b"\0")[:-1])
    found = []
    for row in words:
        _, mode, _, blob, letter = row.split(b" ")
        gone = [next(words)] if letter[:1] in b"DR" else []
        came = [next(words)] if letter[:1] != b"D" else []
        written = [b"D %b\n" % name for name in gone] + [b"M %b %b %b\n" % (mode, blob, name) for name in came]
        found.append(b"".join(written))
    return found


@pytest.fixture(scope="module")
def history(tmp_path_factory: pytest.TempPathFactory) -> Repo:
    """The first releases as the first commit, and on `main` all edits up to the last ones."""
    repo = Repo.create(tmp_path_factory.mktemp("history"), "--bare")
    releases = Stream()
    first: list[bytes] = []
    states = ["first"]
    for package, versions in PACKAGES:
        first += tree(package, versions[0])
    mark = releases.commit("first", first)
    for package, versions in PACKAGES:
        for version in versions[1:]:
            states.append(f"{package}-{version}")
            mark = releases.commit(states[-1], [b"D %b\n" % package.encode(), *tree(package, version)], mark)
    releases.run(repo)
    stream = Stream()
    tip = stream.commit("main", [b"M 040000 %b \n" % repo.id("first^{tree}").encode()])
    waiting: tuple[int, bytes] | None = None
    for number, edit in enumerate(edit for old, new in pairwise(states) for edit in edits(repo, old, new)):
        if number % BRANCHED == 0:
            waiting = stream.commit("side", [edit], tip), edit
            continue
        tip = stream.commit("main", [edit], tip)
        if waiting:
            tip = stream.commit("main", [waiting[1]], tip, waiting[0])
            waiting = None
    stream.run(repo)
    assert repo.id("main^{tree}") == repo.id(f"{states[-1]}^{{tree}}")
    return repo


@pytest.fixture(scope="module")
def rare(tmp_path_factory: pytest.TempPathFactory) -> Repo:
    """What releases do not have: odd names, links, submodules, modes, a merge and a commit of nothing."""
    repo = Repo.create(tmp_path_factory.mktemp("rare"))
    repo.commit({name: "".join(f"{name} {number}\n" for number in range(9)) for name in NAMES})
    repo.commit({name: "".join(f"{name} {number}\n" for number in range(9) if number != 4) for name in NAMES})
    for number, name in enumerate(NAMES):
        repo.git("--literal-pathspecs", "mv", "--", name, f"{number} {name.replace('/', '-')}")
    repo.commit(CONTENTS)
    repo.commit({name: content + b"more" for name, content in CONTENTS.items()})
    repo.commit(dict.fromkeys(CONTENTS, b""))
    for entries in ENTRIES:
        for mode, content, name in entries:
            blob = repo.git("hash-object", "-w", "--stdin", stdin=content).decode().strip()
            repo.git("update-index", "--add", "--cacheinfo", f"{mode},{blob},{name}")
        repo.commit({})
    merge = ("commit-tree", "HEAD^{tree}", "-p", "HEAD", "-p", "HEAD~3", "-m", "merge")
    repo.git("update-ref", "HEAD", repo.git(*merge).decode().strip())
    repo.git("rm", "--quiet", "--cached", *(name for _, _, name in ENTRIES[0]))
    repo.commit({})
    repo.commit({}, "nothing")
    return repo


def show(capsys: pytest.CaptureFixture[str], tally: Tally) -> None:
    with capsys.disabled():
        sys.stdout.write(f"\n{tally}")


def test_every_edit_between_real_releases_is_read_as_git_tells_it(
    history: Repo, capsys: pytest.CaptureFixture[str]
) -> None:
    # Not a divisor of the distance between merges, so that some of these are read too.
    tally = check(history.path, every=31)
    show(capsys, tally)
    assert tally.differences == ()
    assert tally.commits == int(history.git("rev-list", "--count", "main")) >= 2000
    assert tally.merges >= 2000 / BRANCHED
    assert tally.statuses.keys() >= {Status.ADDED, Status.DELETED, Status.MODIFIED, Status.RENAMED}
    assert tally.binary > 1000
    assert tally.modes > 0
    assert tally.rebuilt == sum(tally.statuses.values()) - tally.binary
    assert tally.agreed + sum(tally.explained.values()) == sum(tally.statuses.values())
    assert tally.sources >= SOURCES


def test_the_history_of_this_project_is_read_as_git_tells_it(capsys: pytest.CaptureFixture[str]) -> None:
    # A checkout without a history, or one inside another repository, has nothing to compare.
    top = subprocess.run(["git", "rev-parse", "--show-cdup", "HEAD"], cwd=ROOT, capture_output=True, check=False).stdout
    tallies = [check(ROOT, most=1000)] if top.startswith(b"\n") else []
    for tally in tallies:
        show(capsys, tally)
    assert [tally.differences for tally in tallies] == [()] * len(tallies)


def test_rare_changes_are_read_as_git_tells_them(rare: Repo) -> None:
    tally = check(rare.path, every=1)
    assert tally.differences == ()
    assert (tally.commits, tally.merges, tally.sources) == (11, 1, 11)
    assert tally.statuses.keys() == {*Status} - {Status.COPIED, Status.UNMERGED}
    assert tally.statuses[Status.RENAMED] == len(NAMES)
    assert tally.explained == {
        "a name still in C-quotes": 15,
        "refused for a name with its separator": 4,
        "a name cut at its separator": 2,
    }


def test_a_shallow_history_is_only_shorter(rare: Repo, tmp_path: Path) -> None:
    rare.git("clone", "--quiet", "--bare", "--depth=3", f"file://{rare.path}", str(tmp_path / "shallow"))
    tally = check(tmp_path / "shallow", every=1)
    assert tally.differences == ()
    assert (tally.commits, tally.sources) == (3, 2)


def test_the_command_prints_the_tally_of_a_repository(rare: Repo) -> None:
    command = [sys.executable, "-m", "tests.history", str(rare.path), "--most", "4", "--every", "2"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout.startswith(str(check(rare.path, most=4, every=2)))
