"""The index: what `git commit` would record, asked for anywhere and inside hooks; nothing is written."""

import json
import sys
from pathlib import Path

import pytest

import reviewbot
from reviewbot.diff import Status
from reviewbot.review import Change
from tests.support.repo import Repo

HOOK = """#!/bin/sh
exec {python} -c '
import json, sys
sys.path.insert(0, sys.argv[1])
from reviewbot.sources.git import GitSource, Selection
found = {{}}
for name, selection in (("index", Selection()), ("worktree", Selection(worktree=True))):
    files = GitSource(selection, cwd=".").collect().files
    found[name] = {{f.path: [l.text for h in f.hunks for l in h.lines if l.kind == "+"] for f in files}}
open(sys.argv[2], "w").write(json.dumps(found))
' '{root}' '{out}'
"""


def _hook(repo: Repo, out: Path) -> None:
    """A pre-commit hook that writes down what it sees."""
    root = Path(reviewbot.__file__).parent.parent
    hook = repo.write(".git/hooks/pre-commit", HOOK.format(python=sys.executable, root=root, out=out))
    hook.chmod(0o755)


def _added(change: Change) -> dict[str, list[str]]:
    """The added lines of each file."""
    return {
        file.path: [line.text for hunk in file.hunks for line in hunk.lines if line.kind == "+"]
        for file in change.files
    }


def _state(repo: Repo) -> dict[str, tuple[int, bytes]]:
    """Every file in `.git` with its time and its bytes."""
    files = [path for path in (repo.path / ".git").rglob("*") if path.is_file()]
    # Whoever reads a split index, git marks its shared part as used.
    times = {path: 0 if path.name.startswith("sharedindex.") else path.stat().st_mtime_ns for path in files}
    return {str(path): (times[path], path.read_bytes()) for path in files}


def test_only_what_is_staged_is_seen(tmp_path: Path) -> None:
    repo = Repo.with_commit(tmp_path, {"a": "a\n", "b": "b\n"})
    repo.stage({"a": "staged\n"})
    repo.write("a", "later\n")
    repo.write("b", "later\n")
    repo.write("c", "untracked\n")
    change = repo.collect()
    assert _added(change) == {"a": ["staged"]}
    assert (change.target.base, change.target.head) == (repo.id(), None)


def test_an_empty_index_change_has_no_files(tmp_path: Path) -> None:
    assert Repo.with_commit(tmp_path, {"a": "a\n"}).collect().files == ()


@pytest.mark.parametrize(("object_format", "length"), [("sha1", 40), ("sha256", 64)])
def test_before_the_first_commit_all_that_is_staged_is_new(tmp_path: Path, object_format: str, length: int) -> None:
    repo = Repo.create(tmp_path, f"--object-format={object_format}")
    assert repo.collect().files == ()
    repo.stage({"a": "a\n"})
    change = repo.collect()
    assert [(file.path, file.status) for file in change.files] == [("a", Status.ADDED)]
    assert change.target.base is not None
    assert len(change.target.base) == length


def test_a_file_that_is_only_meant_to_be_added_is_not_in_the_index_change(tmp_path: Path) -> None:
    repo = Repo.with_commit(tmp_path, {"a": "a\n"})
    repo.write("b", "b\n")
    repo.git("add", "--intent-to-add", "b")
    assert repo.collect().files == ()
    assert _added(repo.collect(worktree=True)) == {"b": ["b"]}


def test_a_conflict_is_unmerged_in_the_index_and_shown_with_its_marks_in_the_work_tree(tmp_path: Path) -> None:
    repo = Repo.with_commit(tmp_path, {"a b": "0\n", "c": "0\n"})
    repo.git("checkout", "--quiet", "-b", "other")
    repo.commit({"a b": "1\n", "c": "1\n"})
    repo.git("checkout", "--quiet", "main")
    repo.commit({"a b": "2\n"})
    repo.git("read-tree", "-m", "--aggressive", "main~1", "main", "other")
    repo.write("a b", "<<<\n2\n===\n1\n>>>\n")
    statuses = {file.path: file.status for file in repo.collect().files}
    assert statuses == {"a b": Status.UNMERGED, "c": Status.MODIFIED}
    assert _added(repo.collect(worktree=True))["a b"] == ["<<<", "===", "1", ">>>"]


@pytest.mark.parametrize("how", ["index", "worktree", "commit", "range"])
@pytest.mark.parametrize("special", ["plain", "split index", "untracked cache", "sparse index"])
def test_nothing_in_the_repository_is_written(tmp_path: Path, how: str, special: str) -> None:
    repo = Repo.with_commit(tmp_path, {".gitignore": "hook-ran\n", "folder/a": "a\n", "b": "b\n", "other/c": "c\n"})
    repo.commit({"b": "c\n"})
    if special == "split index":
        repo.git("config", "core.splitIndex", "true")
        repo.git("config", "splitIndex.maxPercentChange", "0")
        repo.git("update-index", "--split-index")
    elif special == "untracked cache":
        repo.git("update-index", "--force-untracked-cache")
    elif special == "sparse index":
        repo.git("sparse-checkout", "set", "--cone", "--sparse-index", "folder")
    hook = repo.write(".git/hooks/post-index-change", f"#!/bin/sh\ntouch {tmp_path}/hook-ran\n")
    repo.stage({"folder/a": "staged\n"})
    (tmp_path / "hook-ran").unlink(missing_ok=True)
    hook.chmod(0o755)
    repo.write("b", "uncommitted\n")
    repo.write("folder/new", "untracked\n")
    (tmp_path / ".gitignore").touch()
    before = _state(repo)
    revision = {"commit": "HEAD", "range": "HEAD~1...HEAD"}.get(how)
    change = repo.collect(revision, worktree=how == "worktree")
    assert _state(repo) == before
    assert not (tmp_path / "hook-ran").exists()
    if how == "worktree":
        assert _added(change) == {"b": ["uncommitted"], "folder/a": ["staged"], "folder/new": ["untracked"]}


STYLES = {
    "commit": (["commit"], {"index": {"a": ["staged"]}}),
    "commit -a": (["commit", "-a"], {"index": {"a": ["later"], "b": ["later"]}}),
    "commit -p": (["commit", "-p"], {"index": {"a": ["later"], "b": ["later"]}}),
    "commit PATH": (["commit", "--", "b"], {"index": {"b": ["later"]}}),
}


@pytest.mark.parametrize(("command", "expected"), STYLES.values(), ids=STYLES)
@pytest.mark.parametrize("folder", [".", "folder"])
def test_a_hook_sees_what_the_commit_will_record(
    tmp_path: Path, command: list[str], expected: dict[str, dict[str, list[str]]], folder: str
) -> None:
    repo = Repo.with_commit(tmp_path / "work", {"a": "a\n", "b": "b\n", "folder/c": "c\n"})
    out = tmp_path / "out"
    _hook(repo, out)
    repo.stage({"a": "staged\n"})
    repo.write("a", "later\n")
    repo.write("b", "later\n")
    repo.write("new", "untracked\n")
    if folder != ".":
        command = [word if word != "b" else "../b" for word in command]
    Repo(repo.path / folder).git(*command[:1], "--quiet", "--message=x", *command[1:], stdin=b"y\ny\n")
    found = json.loads(out.read_text())
    assert found["index"] == expected["index"]
    assert found["worktree"] == {"a": ["later"], "b": ["later"], "new": ["untracked"]}
    recorded = repo.git("show", "--format=", "--name-only").decode().split()
    assert recorded == sorted(expected["index"])


def test_a_hook_of_a_linked_work_tree_sees_its_own_index(tmp_path: Path) -> None:
    repo = Repo.with_commit(tmp_path / "work", {"a": "a\n"})
    repo.stage({"a": "of the main work tree\n"})
    repo.git("worktree", "add", "--quiet", "../linked")
    linked = Repo(tmp_path / "linked")
    out = tmp_path / "out"
    _hook(repo, out)
    linked.stage({"a": "linked\n"})
    assert _added(linked.collect()) == {"a": ["linked"]}
    linked.git("commit", "--quiet", "--message=x")
    assert json.loads(out.read_text())["index"] == {"a": ["linked"]}


def test_the_variables_of_a_hook_choose_the_repository(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    repo = Repo.with_commit(tmp_path / "work", {"a": "a\n"})
    repo.stage({"a": "b\n"})
    elsewhere = Repo.create(tmp_path / "elsewhere")
    monkeypatch.setenv("GIT_DIR", str(repo.path / ".git"))
    monkeypatch.setenv("GIT_WORK_TREE", str(repo.path))
    assert _added(elsewhere.collect()) == {"a": ["b"]}
    assert _added(elsewhere.collect(worktree=True)) == {"a": ["b"]}


def test_a_subfolder_shows_the_whole_change_with_names_from_the_top(tmp_path: Path) -> None:
    repo = Repo.with_commit(tmp_path, {"a": "a\n", "folder/b": "b\n"})
    repo.stage({"a": "A\n", "folder/b": "B\n"})
    assert _added(repo.collect(folder="folder")) == {"a": ["A"], "folder/b": ["B"]}


def test_a_detached_head_has_an_index_too(tmp_path: Path) -> None:
    repo = Repo.with_commit(tmp_path, {"a": "a\n"})
    repo.git("checkout", "--quiet", "--detach")
    repo.stage({"a": "b\n"})
    assert _added(repo.collect()) == {"a": ["b"]}


@pytest.fixture
def nested(tmp_path: Path) -> Repo:
    """A repository with a submodule at `sub` that points one commit further in the index."""
    library = Repo.with_commit(tmp_path / "library", {"inner": "a\n"})
    repo = Repo.with_commit(tmp_path / "work", {"a": "a\n"})
    repo.git("-c", "protocol.file.allow=always", "submodule", "--quiet", "add", str(library.path), "sub")
    repo.commit({})
    Repo(repo.path / "sub").commit({"inner": "b\n"})
    repo.git("add", "sub")
    return repo


def test_a_submodule_is_where_it_points_to(nested: Repo) -> None:
    [file] = nested.collect().files
    assert (file.path, file.old_mode) == ("sub", "160000")
    assert _added(nested.collect()) == {"sub": [f"Subproject commit {Repo(nested.path / 'sub').id()}"]}


def test_inside_a_submodule_its_own_change_is_read(nested: Repo) -> None:
    inner = Repo(nested.path / "sub")
    assert inner.collect().files == ()
    inner.stage({"inner": "c\n"})
    inner.write("new", "d\n")
    assert _added(inner.collect()) == {"inner": ["c"]}
    assert _added(inner.collect(worktree=True)) == {"inner": ["c"], "new": ["d"]}
    assert _added(inner.collect("HEAD")) == {"inner": ["b"]}


def test_a_sparse_checkout_shows_what_is_staged_and_no_deletions(tmp_path: Path) -> None:
    repo = Repo.with_commit(tmp_path, {"in/a": "a\n", "out/b": "b\n"})
    repo.git("sparse-checkout", "set", "--cone", "in")
    repo.stage({"in/a": "A\n"})
    assert not (tmp_path / "out").exists()
    assert _added(repo.collect()) == {"in/a": ["A"]}
    assert _added(repo.collect(worktree=True)) == {"in/a": ["A"]}


def test_a_clone_without_blobs_fetches_what_it_needs(tmp_path: Path) -> None:
    repo = Repo.with_commit(tmp_path / "work", {"a": "a\n", "b": "b\n"})
    repo.commit({"a": "A\n"})
    repo.commit({"b": "B\n"})
    repo.git("config", "uploadpack.allowFilter", "true")
    repo.git("config", "uploadpack.allowAnySHA1InWant", "true")
    repo.git("clone", "--quiet", "--filter=blob:none", f"file://{repo.path}", "../partial")
    partial = Repo(tmp_path / "partial")
    assert _added(partial.collect("HEAD~1")) == {"a": ["A"]}
    partial.stage({"a": "2\n"})
    assert _added(partial.collect()) == {"a": ["2"]}
    assert _added(partial.collect(worktree=True)) == {"a": ["2"]}
