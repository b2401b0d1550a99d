"""Foreign benchmarks become changes of our form, out of small checkouts in their layouts and real repositories."""

import json
from pathlib import Path
from typing import Any

import pytest

from evaluation import aacr, bugsinpy
from evaluation.errors import EvaluationError
from evaluation.foreign import Blob, Files, Imported, Told, neighbours, write
from evaluation.repository import build
from evaluation.suite import Truth, load, read
from reviewbot.diff import Side
from reviewbot.finding import Anchor, Category, Severity
from reviewbot.sources.git import GitSource, Selection
from tests.support.repo import Repo

URL = "https://github.com/Some-Owner/Shop.js"
OLD = "one\ntwo\nthree\n"


def comment(**fields: Any) -> dict[str, Any]:
    return {
        "is_ai_comment": False,
        "note": "It is wrong.",
        "path": "src/a.js",
        "side": "right",
        "source_model": "",
        "from_line": 2,
        "to_line": 2,
        "category": "Code Defect",
        "context": "Diff Level",
        **fields,
    }


def request(number: int, target: str, source: str, *comments: dict[str, Any], url: str = URL) -> dict[str, Any]:
    return {
        "change_line_count": 1,
        "project_main_language": "JavaScript",
        "source_commit": source,
        "target_commit": target,
        "githubPrUrl": f"{url}/pull/{number}",
        "comments": comments,
    }


def checkout(place: Path, *requests: dict[str, Any]) -> Path:
    (place / "dataset").mkdir(parents=True)
    (place / "dataset" / "positive_samples.json").write_text(json.dumps(requests))
    return place


@pytest.fixture
def shop(tmp_path: Path) -> Repo:
    """A clone with a branch that was left behind by its base."""
    files = {"src/a.js": OLD, "src/b.js": "b\n", "src/gone.js": "x\n", "docs/far.md": "far\n", "src/link": ""}
    repo = Repo.with_commit(tmp_path / "repos" / "Shop.js", files)
    repo.git("switch", "--quiet", "--create", "topic")
    repo.git("rm", "--quiet", "src/gone.js")
    repo.commit({"src/a.js": "one\n2\nthree\n", "src/new.js": "n\n"}, "Count\n\nWith digits.")
    repo.git("switch", "--quiet", "main")
    repo.commit({"src/b.js": "moved on\n"})
    return repo


def test_a_pull_request_becomes_the_change_since_its_branch_left(shop: Repo, tmp_path: Path) -> None:
    comments = (
        comment(),
        comment(side="left", category="Security Vulnerability", context="File Level", from_line=3, to_line=2),
        comment(path="elsewhere.js", category="Maintainability and Readability", note='"Odd"\x7f\n\U0001f600\ud800'),
    )
    place = checkout(tmp_path, request(7, shop.id("main"), shop.id("topic"), *comments))
    assert list(aacr.convert(place, tmp_path / "out", tmp_path / "repos")) == [
        Imported("javascript-some-owner-shop-js-7", truths=3)
    ]
    (change,) = load(tmp_path / "out")
    assert (change.language, change.title, change.description) == ("javascript", "Count", "With digits.")
    assert (change.needs, change.deleted) == ("file", ("src/gone.js",))
    assert change.truths == (
        Truth(Anchor("src/a.js", Side.NEW, 2, 2), "2", "It is wrong.", Category.CORRECTNESS, Severity.WARNING),
        Truth(Anchor("src/a.js", Side.OLD, 2, 3), "two", "It is wrong.", Category.SECURITY, Severity.WARNING),
        Truth(Anchor("elsewhere.js", Side.NEW, 2, 2), "", '"Odd"\x7f\n\U0001f600?', Category.OTHER, Severity.WARNING),
    )
    before, after = (
        {str(path.relative_to(change.folder / part)) for path in (change.folder / part).rglob("*") if path.is_file()}
        for part in ("before", "after")
    )
    # The neighbour is as it was when the branch left, and what lies in other folders stays there.
    assert before == {"src/a.js", "src/b.js", "src/gone.js", "src/link"}
    assert (change.folder / "before" / "src" / "b.js").read_text() == "b\n"
    assert after == {"src/a.js", "src/new.js"}
    build(change, tmp_path / "built")
    collected = GitSource(Selection("HEAD"), cwd=str(tmp_path / "built")).collect()
    assert [file.path for file in collected.files] == ["src/a.js", "src/gone.js", "src/new.js"]


def test_what_cannot_be_imported_is_named_and_the_rest_goes_on(shop: Repo, tmp_path: Path) -> None:
    good = (shop.id("main"), shop.id("topic"))
    rows = (
        request(1, *good, comment(), url="https://github.com/nobody/nothing"),
        request(2, good[0], "0" * 40, comment()),
        request(3, good[0], "--output=x", comment()),
        request(4, *good, comment(side="middle")),
        request(5, *good, comment()),
        request(5, *good, comment()),
    )
    told = {
        (entry.name, entry.trouble.partition(":")[0])
        for entry in aacr.convert(checkout(tmp_path, *rows), tmp_path / "out", tmp_path / "repos")
    }
    name = "javascript-some-owner-shop-js-"
    assert told == {
        ("javascript-nobody-nothing-1", "there is no clone of https"),
        (f"{name}2", f"git ls-tree failed in {shop.path}"),
        (f"{name}3", "'--output=x' is no name of a commit"),
        (f"{name}4", "'middle'"),
        (f"{name}5", ""),
        (f"{name}5", f"cannot write {tmp_path / 'out' / (name + '5')}"),
    }


@pytest.mark.parametrize("content", [None, "no json", '{"a": 1}', "[1]", "[{}]"])
def test_what_is_no_checkout_of_the_benchmark_is_refused(content: str | None, tmp_path: Path) -> None:
    if content is not None:
        checkout(tmp_path)
        (tmp_path / "dataset" / "positive_samples.json").write_text(content)
    with pytest.raises(EvaluationError, match="is no checkout of AACR-Bench"):
        list(aacr.convert(tmp_path, tmp_path / "out", tmp_path))


def test_a_crafted_tree_writes_nothing_outside_and_no_settings_of_git(tmp_path: Path) -> None:
    repo = Repo.with_commit(tmp_path / "repos" / "Shop.js", {"a.js": OLD})
    base, blob = repo.id(), repo.git("hash-object", "-w", "--stdin", stdin=b"[core]\n").decode().strip()
    inner = repo.git("mktree", stdin=f"100644 blob {blob}\tconfig\n".encode()).decode().strip()
    rows = f"100644 blob {blob}\ta.js\n040000 tree {inner}\t.GIT\n120000 blob {blob}\tlink\n"
    crafted = repo.git("mktree", stdin=rows.encode()).decode().strip()
    head = repo.git("commit-tree", crafted, "-p", base, "-m", "x").decode().strip()
    (entry,) = aacr.convert(checkout(tmp_path, request(1, base, head)), tmp_path / "out", tmp_path / "repos")
    assert entry == Imported("javascript-some-owner-shop-js-1")
    folder = tmp_path / "out" / entry.name
    assert [path.name for path in (folder / "after").rglob("*")] == ["a.js"]


def test_git_settings_in_a_change_do_not_reach_its_repository(tmp_path: Path) -> None:
    files = Files({"a": b"1\n", ".git/config": b"broken"}, {"a": b"2\n", ".git/config": b"broken"})
    write(tmp_path / "c-x", Told("c", "Two", "", "hunk"), files, ())
    build(read(tmp_path / "c-x"), tmp_path / "built")
    assert "broken" not in (tmp_path / "built" / ".git" / "config").read_text()


def test_a_repository_is_built_beside_another_one_that_the_environment_names(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = Repo.with_commit(tmp_path / "other", {"kept": "1\n"})
    head = other.id()
    # All of it is new: there was nothing before.
    write(tmp_path / "c-x", Told("c", "Begin", "", "hunk"), Files({}, {"a": b"1\n"}), ())
    monkeypatch.setenv("GIT_DIR", str(other.path / ".git"))
    build(read(tmp_path / "c-x"), tmp_path / "built")
    monkeypatch.delenv("GIT_DIR")
    assert other.id() == head
    assert [file.path for file in Repo(tmp_path / "built").collect("HEAD").files] == ["a"]


def test_a_machine_without_git_is_told_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write(tmp_path / "c-x", Told("c", "Begin", "", "hunk"), Files({}, {"a": b"1\n"}), ())
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(EvaluationError, match="git cannot be started"):
        build(read(tmp_path / "c-x"), tmp_path / "built")


def test_neighbours_are_small_files_of_the_same_folders_up_to_a_number() -> None:
    whole = {f"src/{number:03}.py": Blob("100644", "x", 10) for number in range(300)}
    whole |= {
        "src/large.py": Blob("100644", "x", 10**6),
        "top.py": Blob("100644", "x", 1),
        "src/in/a.py": whole["src/000.py"],
    }
    near = neighbours(whole, ["src/000.py"])
    assert len(near) == 200
    assert {path.rpartition("/")[0] for path in near} == {"src"}
    assert not {"src/000.py", "src/large.py"} & near.keys()


FIXED = """\
def first(rows):
    if not rows:
        return None
    return rows[0]


def last(rows):
    return rows[-1]
"""
BUGGY = """\
def first(rows):
    return rows[0]


def last(rows):
    return rows[len(rows)]
"""


def bug(place: Path, number: int, fixed: str, patch: bytes, *, project: str = "lists") -> None:
    folder = place / "projects" / project / "bugs" / str(number)
    folder.mkdir(parents=True)
    info = f'github_url="https://github.com/owner/{project}/"\nstatus="OK" \n'
    (folder.parents[1] / "project.info").write_text(info)
    lines = ('python_version="3.8.3"', 'buggy_commit_id="x"', f'fixed_commit_id="{fixed}"', 'test_file="t.py"')
    (folder / "bug.info").write_text("\n".join(lines))
    (folder / "bug_patch.txt").write_bytes(patch)


def test_a_fix_reversed_is_the_change_that_brings_the_bug(tmp_path: Path) -> None:
    repo = Repo.with_commit(
        tmp_path / "repos" / "lists", {"lib/rows.py": BUGGY, "lib/near.py": "n\n", "test.py": "t\n"}
    )
    fixed = repo.commit({"lib/rows.py": FIXED, "test.py": "tested\n"})
    repo.commit({"lib/rows.py": "later\n"})
    bug(tmp_path, 12, fixed, repo.git("diff", f"{fixed}~", fixed, "--", "lib"))
    assert list(bugsinpy.convert(tmp_path, tmp_path / "out", tmp_path / "repos")) == [
        Imported("python-lists-12", truths=2)
    ]
    change = read(tmp_path / "out" / "python-lists-12")
    assert (change.title, change.description, change.needs) == ("Rework rows.py", "", "file")
    assert (change.folder / "before" / "lib" / "rows.py").read_text() == FIXED
    assert (change.folder / "before" / "lib" / "near.py").exists()
    assert (change.folder / "after" / "lib" / "rows.py").read_text() == BUGGY
    # The fix only adds the first place, so it goes there: the old side. The other one it replaces.
    assert [(truth.anchor, truth.code) for truth in change.truths] == [
        (Anchor("lib/rows.py", Side.OLD, 2, 3), "    if not rows:"),
        (Anchor("lib/rows.py", Side.NEW, 6, 6), "    return rows[len(rows)]"),
    ]


def test_files_that_a_fix_adds_or_deletes_go_and_come_back(tmp_path: Path) -> None:
    repo = Repo.with_commit(tmp_path / "repos" / "owner" / "lists", {"old.py": "o\n", "a.py": "a\n"})
    repo.git("rm", "--quiet", "old.py")
    fixed = repo.commit({"new.py": "n\n"})
    bug(tmp_path, 1, fixed, repo.git("diff", f"{fixed}~", fixed))
    (entry,) = bugsinpy.convert(tmp_path, tmp_path / "out", tmp_path / "repos")
    assert entry == Imported("python-lists-1", truths=2)
    change = read(tmp_path / "out" / entry.name)
    assert change.deleted == ("new.py",)
    assert [truth.anchor.path for truth in change.truths] == ["new.py", "old.py"]
    build(change, tmp_path / "built")
    assert not (tmp_path / "built" / "new.py").exists()
    assert (tmp_path / "built" / "old.py").read_text() == "o\n"


def test_a_bug_that_cannot_be_imported_is_named_and_the_rest_goes_on(tmp_path: Path) -> None:
    repo = Repo.with_commit(tmp_path / "repos" / "lists", {"a.py": "a\n"})
    fixed = repo.commit({"a.py": "b\n"})
    patch = repo.git("diff", f"{fixed}~", fixed)
    bug(tmp_path, 10, fixed, patch)
    bug(tmp_path, 2, fixed, patch.replace(b"+b", b"+c"))
    bug(tmp_path, 3, "0" * 40, patch)
    bug(tmp_path, 4, fixed, b"@@ broken")
    bug(tmp_path, 5, fixed, patch)
    (tmp_path / "projects" / "lists" / "bugs" / "5" / "bug.info").write_text("nothing")
    bug(tmp_path, 1, fixed, patch, project="absent")
    told = [
        (entry.name, bool(entry.trouble), entry.trouble)
        for entry in bugsinpy.convert(tmp_path, tmp_path / "out", tmp_path / "repos")
    ]
    assert [(name, failed) for name, failed, _ in told] == [
        ("python-absent-1", True),
        ("python-lists-2", True),
        ("python-lists-3", True),
        ("python-lists-4", True),
        ("python-lists-5", True),
        ("python-lists-10", False),
    ]
    assert "there is no clone of https://github.com/owner/absent" in told[0][2]
    assert "git apply failed" in told[1][2]
    assert "does not say fixed_commit_id" in told[4][2]


def test_what_is_no_set_of_bugs_is_refused(tmp_path: Path) -> None:
    with pytest.raises(EvaluationError, match="is no checkout of BugsInPy"):
        list(bugsinpy.convert(tmp_path, tmp_path / "out", tmp_path))
