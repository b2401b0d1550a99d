"""The work tree: what `git add --all` and `git commit` would record."""

import os
import shutil
from pathlib import Path

import pytest

from reviewbot.diff import Status
from reviewbot.errors import SourceError
from reviewbot.review import Change
from tests.support.repo import Repo


def _what(change: Change) -> dict[str, Status]:
    return {file.path: file.status for file in change.files}


def _added(change: Change) -> dict[str, list[str]]:
    return {
        file.path: [line.text for hunk in file.hunks for line in hunk.lines if line.kind == "+"]
        for file in change.files
    }


def test_staged_unstaged_and_untracked_files_are_seen_but_ignored_ones_are_not(tmp_path: Path) -> None:
    repo = Repo.with_commit(tmp_path, {".gitignore": "ignored\n", "a": "a\n", "b": "b\n", "c": "c\n"})
    repo.stage({"a": "staged\n"})
    repo.write("b", "unstaged\n")
    (tmp_path / "c").unlink()
    repo.write("folder/new", "untracked\n")
    repo.write("ignored", "x\n")
    change = repo.collect(worktree=True)
    assert _added(change) == {"a": ["staged"], "b": ["unstaged"], "c": [], "folder/new": ["untracked"]}
    assert _what(change)["c"] is Status.DELETED
    assert (change.target.base, change.target.head) == (repo.id(), None)


def test_a_clean_work_tree_has_no_files(tmp_path: Path) -> None:
    repo = Repo.with_commit(tmp_path, {"a": "a\n"})
    os.utime(tmp_path / "a", (1, 1))
    assert repo.collect(worktree=True).files == ()


@pytest.mark.parametrize("staged", [False, True], ids=["nothing staged", "a file staged"])
def test_before_the_first_commit_every_file_is_new(tmp_path: Path, *, staged: bool) -> None:
    repo = Repo.create(tmp_path)
    if staged:
        repo.stage({"a": "a\n"})
    else:
        repo.write("a", "a\n")
    repo.write("b", "b\n")
    assert _what(repo.collect(worktree=True)) == {"a": Status.ADDED, "b": Status.ADDED}


def test_a_subfolder_shows_the_whole_work_tree(tmp_path: Path) -> None:
    repo = Repo.with_commit(tmp_path, {"a": "a\n", "folder/b": "b\n"})
    repo.write("a", "A\n")
    repo.write("new", "n\n")
    repo.write("folder/new", "n\n")
    assert _added(repo.collect(worktree=True, folder="folder")) == {"a": ["A"], "folder/new": ["n"], "new": ["n"]}


def test_links_empty_files_and_programs_are_new_files_with_their_modes(tmp_path: Path) -> None:
    repo = Repo.with_commit(tmp_path, {"a": "a\n"})
    (tmp_path / "link").symlink_to("a")
    (tmp_path / "dangling").symlink_to("nowhere")
    (tmp_path / "folder-link").symlink_to(".")
    repo.write("empty", "")
    repo.write("program", "#!/bin/sh\n").chmod(0o755)
    os.mkfifo(tmp_path / "pipe")
    files = {file.path: file for file in repo.collect(worktree=True).files}
    modes = {path: file.new_mode for path, file in files.items()}
    link = "120000"
    assert modes == {"link": link, "dangling": link, "folder-link": link, "empty": "100644", "program": "100755"}
    assert files["empty"].hunks == ()


@pytest.mark.parametrize(
    "name", ["a b", "tab\there", "new\nline", '"', "\udcff", "é", "back\\slash", ":(x)", "-n", " "]
)
def test_an_untracked_file_may_have_any_name(tmp_path: Path, name: str) -> None:
    repo = Repo.with_commit(tmp_path, {"a": "a\n"})
    repo.write(f"folder/{name}", "x\n")
    repo.write(name, "x\n")
    assert _added(repo.collect(worktree=True)) == {f"folder/{name}": ["x"], name: ["x"]}


def test_repositories_inside_are_shown_as_where_they_stand(tmp_path: Path) -> None:
    repo = Repo.with_commit(tmp_path, {"folder/a": "a\n"})
    inner = Repo.with_commit(tmp_path / "folder/inner", {"x": "x\n"})
    inner.write("uncommitted", "x\n")
    Repo.create(tmp_path / "without-commit").write("x", "x\n")
    repo.git("worktree", "add", "--quiet", "linked")
    expected = {"folder/inner": [f"Subproject commit {inner.id()}"], "linked": [f"Subproject commit {repo.id()}"]}
    assert _added(repo.collect(worktree=True)) == expected
    assert _added(repo.collect(worktree=True, folder="folder")) == expected


def test_a_folder_in_the_place_of_a_file_and_the_reverse(tmp_path: Path) -> None:
    repo = Repo.with_commit(tmp_path, {"a": "a\n", "b/c": "c\n"})
    (tmp_path / "a").unlink()
    shutil.rmtree(tmp_path / "b")
    repo.write("a/x", "x\n")
    repo.write("b", "b\n")
    assert _what(repo.collect(worktree=True)) == {
        "a": Status.DELETED,
        "a/x": Status.ADDED,
        "b": Status.ADDED,
        "b/c": Status.DELETED,
    }


def test_a_file_that_left_the_index_but_not_the_folder_is_unchanged(tmp_path: Path) -> None:
    repo = Repo.with_commit(tmp_path, {"a": "a\n", "b": "b\n"})
    repo.git("rm", "--quiet", "--cached", "a", "b")
    repo.write("b", "B\n")
    assert _added(repo.collect(worktree=True)) == {"b": ["B"]}


def test_a_rename_is_found_without_being_staged(tmp_path: Path) -> None:
    text = "".join(f"{number}\n" for number in range(20))
    repo = Repo.with_commit(tmp_path, {"old": text})
    (tmp_path / "old").rename(tmp_path / "new")
    [file] = repo.collect(worktree=True).files
    assert (file.status, file.old_path, file.path) == (Status.RENAMED, "old", "new")


@pytest.mark.parametrize("untracked", [False, True])
def test_a_change_that_left_no_trace_in_the_times_is_seen(tmp_path: Path, *, untracked: bool) -> None:
    repo = Repo.create(tmp_path)
    repo.git("config", "core.trustctime", "false")
    os.utime(repo.write("a", "aaaa\n"), (1_000_000_000, 1_000_000_000))
    repo.git("add", "a")
    repo.commit({})
    os.utime(repo.write("a", "bbbb\n"), (1_000_000_000, 1_000_000_000))
    os.utime(tmp_path / ".git/index", (1_000_000_000, 1_000_000_000))
    if untracked:
        repo.write("new", "x\n")
    assert _added(repo.collect(worktree=True))["a"] == ["bbbb"]


def test_a_monitor_that_saw_nothing_is_not_believed(tmp_path: Path) -> None:
    repo = Repo.with_commit(tmp_path / "work", {"a": "a\n"})
    monitor = tmp_path / "monitor"
    monitor.write_text("#!/bin/sh\nprintf 'token\\0'\n")
    monitor.chmod(0o755)
    repo.git("config", "core.fsmonitor", str(monitor))
    repo.git("update-index", "--fsmonitor")
    repo.git("status")
    repo.write("a", "A\n")
    assert _added(repo.collect(worktree=True)) == {"a": ["A"]}


def test_what_a_submodule_has_not_committed_is_its_own_affair(tmp_path: Path) -> None:
    library = Repo.with_commit(tmp_path / "library", {"inner": "a\n"})
    repo = Repo.with_commit(tmp_path / "work", {"a": "a\n"})
    repo.git("-c", "protocol.file.allow=always", "submodule", "--quiet", "add", str(library.path), "sub")
    repo.commit({})
    inner = Repo(repo.path / "sub")
    inner.write("inner", "b\n")
    inner.write("new", "b\n")
    assert repo.collect(worktree=True).files == ()
    inner.commit({"inner": "c\n"})
    inner.write("inner", "b\n")
    assert _added(repo.collect(worktree=True)) == {"sub": [f"Subproject commit {inner.id()}"]}


def test_a_file_that_cannot_be_read_is_an_error_and_not_left_out(tmp_path: Path) -> None:
    repo = Repo.with_commit(tmp_path, {"a": "a\n"})
    repo.write("secret.txt", "x\n").chmod(0)
    if os.geteuid() == 0:
        # The administrator can read every file.
        assert _added(repo.collect(worktree=True)) == {"secret.txt": ["x"]}
        return
    with pytest.raises(SourceError) as caught:
        repo.collect(worktree=True)
    assert caught.value.slug == "git-failed"
    assert "secret.txt" in caught.value.message


@pytest.mark.parametrize("trusted", [True, False])
def test_modes_count_where_the_file_system_is_trusted_with_them(tmp_path: Path, *, trusted: bool) -> None:
    repo = Repo.with_commit(tmp_path, {"a": "a\n"})
    repo.git("config", "core.fileMode", str(trusted).lower())
    (tmp_path / "a").chmod(0o755)
    modes = [(file.old_mode, file.new_mode, file.hunks) for file in repo.collect(worktree=True).files]
    assert modes == ([("100644", "100755", ())] if trusted else [])


def test_line_endings_that_git_converts_are_no_change(tmp_path: Path) -> None:
    repo = Repo.with_commit(tmp_path, {"a": "a\nb\n"})
    repo.git("config", "core.autocrlf", "true")
    repo.git("config", "core.safecrlf", "true")
    repo.write("a", "a\r\nb\r\n")
    repo.write("new", "x\r\n")
    assert _added(repo.collect(worktree=True)) == {"new": ["x"]}
