"""Paths, modes and bytes as they come out of git, and errors in the words of the person who asked."""

import os
from pathlib import Path

import pytest

from reviewbot.diff import LineKind, Status
from reviewbot.errors import SourceError
from reviewbot.sources.git import GitSource, Selection
from tests.support.repo import Repo

NAMES = {
    "space": "a b",
    "spaces around": " a ",
    "tab": "a\tb",
    "quote": 'a"b',
    "newline": "a\nb",
    "carriage return": "a\rb",
    "backslash": "a\\b",
    "not ASCII": "é/日本",
    "not UTF-8": "\udce9\udcff",
    "prefix": "b/b/a",
    "option": "--cached",
    "magic": ":(top)a",
    "arrow": "a => b",
    "control": "a\x01\x7f",
}
CONTENTS = {
    "CRLF": (b"a\r\nb\r\n", ["a\r", "b\r"]),
    "lone CR": (b"a\rb\n", ["a\rb"]),
    "Latin-1": (b"caf\xe9\n", ["caf\udce9"]),
    "UTF-8": ("é 日本\n".encode(), ["é 日本"]),
    "separators of other alphabets": ("a\x0b\x0c\x1c\x85\u2028b\n".encode(), ["a\x0b\x0c\x1c\x85\u2028b"]),
    "signs of a diff": (
        b"++i;\n-- x\n@@ -1 +1 @@\ndiff --git a/a b/a\n",
        ["++i;", "-- x", "@@ -1 +1 @@", "diff --git a/a b/a"],
    ),
    "escape codes": (b"\x1b[31mred\x1b[m\n", ["\x1b[31mred\x1b[m"]),
    "a byte order mark": (b"\xef\xbb\xbfa\n", ["\ufeffa"]),
    "an empty line": (b"\n", [""]),
}


@pytest.mark.parametrize("name", NAMES.values(), ids=NAMES)
def test_a_path_comes_out_as_it_is(tmp_path: Path, name: str) -> None:
    repo = Repo.with_commit(tmp_path, {})
    repo.stage({name: "a\n"})
    [file] = repo.collect().files
    assert (file.path, file.status) == (name, Status.ADDED)
    repo.commit({})
    assert [file.path for file in repo.collect("HEAD").files] == [name]


@pytest.mark.parametrize(("content", "lines"), CONTENTS.values(), ids=CONTENTS)
def test_text_comes_out_byte_by_byte(tmp_path: Path, content: bytes, lines: list[str]) -> None:
    repo = Repo.with_commit(tmp_path, {})
    repo.stage({"a": content})
    [file] = repo.collect().files
    assert [line.text for hunk in file.hunks for line in hunk.lines] == lines


def test_a_missing_newline_at_the_end_is_kept(tmp_path: Path) -> None:
    repo = Repo.with_commit(tmp_path, {"a": "a"})
    repo.stage({"a": "a\n"})
    [file] = repo.collect().files
    assert [(line.kind, line.newline) for line in file.hunks[0].lines] == [
        (LineKind.DELETED, False),
        (LineKind.ADDED, True),
    ]


def test_a_change_of_the_mode_alone_has_no_lines(tmp_path: Path) -> None:
    repo = Repo.with_commit(tmp_path, {"a": "a\n"})
    repo.git("update-index", "--chmod=+x", "a")
    [file] = repo.collect().files
    assert (file.status, file.hunks, file.old_mode, file.new_mode) == (Status.MODIFIED, (), "100644", "100755")


def test_a_pure_rename_has_no_lines_and_a_copy_is_a_new_file(tmp_path: Path) -> None:
    text = "".join(f"{number}\n" for number in range(20))
    repo = Repo.with_commit(tmp_path, {"old": text, "source": text + "x\n"})
    repo.git("mv", "old", "new")
    repo.stage({"source": text + "y\n", "copy": text + "x\n"})
    files = {file.path: file for file in repo.collect().files}
    assert (files["new"].status, files["new"].old_path, files["new"].hunks) == (Status.RENAMED, "old", ())
    assert (files["copy"].status, files["copy"].added) == (Status.ADDED, 21)


def test_a_link_that_replaces_a_file_changes_its_type(tmp_path: Path) -> None:
    repo = Repo.with_commit(tmp_path, {"a": "a\n"})
    (tmp_path / "a").unlink()
    (tmp_path / "a").symlink_to("b")
    repo.git("add", "a")
    [file] = repo.collect().files
    assert (file.status, file.old_mode, file.new_mode) == (Status.TYPE_CHANGED, "100644", "120000")
    assert [line.text for hunk in file.hunks for line in hunk.lines] == ["a", "b"]


def test_an_empty_file_is_seen(tmp_path: Path) -> None:
    repo = Repo.with_commit(tmp_path, {"a": ""})
    [file] = repo.collect("HEAD").files
    assert (file.path, file.hunks) == ("a", ())


def _refusal(folder: Path | str, selection: Selection) -> SourceError:
    with pytest.raises(SourceError) as caught:
        GitSource(selection, cwd=str(folder)).collect()
    error = caught.value
    assert error.hint
    assert "\n" not in error.message + error.hint
    return error


ALL = {
    "index": Selection(),
    "worktree": Selection(worktree=True),
    "commit": Selection("HEAD"),
    "range": Selection("HEAD..."),
}
OF_A_WORK_TREE = {name: ALL[name] for name in ("index", "worktree")}


@pytest.mark.parametrize("selection", ALL.values(), ids=ALL)
@pytest.mark.parametrize("folder", [".", "missing"])
def test_a_folder_outside_a_repository_is_refused(tmp_path: Path, selection: Selection, folder: str) -> None:
    assert _refusal(tmp_path / folder, selection).slug == "not-a-repository"


@pytest.mark.parametrize("selection", ALL.values(), ids=ALL)
def test_a_repository_of_another_user_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, selection: Selection
) -> None:
    repo = Repo.with_commit(tmp_path, {"a": "a\n"})
    monkeypatch.setenv("GIT_TEST_ASSUME_DIFFERENT_OWNER", "1")
    error = _refusal(repo.path, selection)
    assert error.slug == "unsafe-repository"
    assert f"safe.directory {repo.path}" in error.hint


@pytest.mark.parametrize("selection", OF_A_WORK_TREE.values(), ids=OF_A_WORK_TREE)
@pytest.mark.parametrize("folder", ["bare", "work/.git"])
def test_a_repository_without_a_work_tree_has_no_index_to_review(
    tmp_path: Path, selection: Selection, folder: str
) -> None:
    Repo.with_commit(tmp_path / "work", {"a": "a\n"}).git("clone", "--quiet", "--bare", ".", "../bare")
    assert _refusal(tmp_path / folder, selection).slug == "no-work-tree"


@pytest.mark.parametrize("selection", ALL.values(), ids=ALL)
def test_a_broken_repository_gives_the_words_of_git(tmp_path: Path, selection: Selection) -> None:
    repo = Repo.with_commit(tmp_path, {"a": "a\n"})
    repo.write(".git/config", "[core\n")
    error = _refusal(repo.path, selection)
    assert error.slug == "git-failed"
    assert "bad config" in error.message


def test_a_missing_object_gives_the_words_of_git(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    repo = Repo.with_commit(tmp_path, {"a": "a\n"})
    blob = repo.id("HEAD:a")
    repo.stage({"a": "b\n"})
    (tmp_path / ".git/objects" / blob[:2] / blob[2:]).unlink()
    monkeypatch.setenv("GIT_TRACE", "1")
    error = _refusal(repo.path, Selection())
    assert error.slug == "git-failed"
    assert blob in error.message


def test_a_head_that_is_broken_is_not_taken_for_a_new_repository(tmp_path: Path) -> None:
    repo = Repo.with_commit(tmp_path, {"a": "a\n"})
    repo.write(".git/refs/heads/main", "garbage\n")
    assert _refusal(repo.path, Selection()).slug == "git-failed"


@pytest.mark.parametrize("selection", ALL.values(), ids=ALL)
def test_without_git_the_error_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, selection: Selection) -> None:
    repo = Repo.with_commit(tmp_path, {"a": "a\n"})
    monkeypatch.setenv("PATH", str(tmp_path))
    assert _refusal(repo.path, selection).slug == "git-missing"


def test_a_git_that_cannot_be_run_is_missing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    repo = Repo.with_commit(tmp_path, {"a": "a\n"})
    repo.write("tools/git", "not a program").chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path / "tools"))
    assert _refusal(repo.path, Selection()).slug == "git-missing"


def test_a_folder_that_vanished_is_no_repository(tmp_path: Path) -> None:
    gone = tmp_path / "gone"
    gone.mkdir()
    before = Path.cwd()
    os.chdir(gone)
    try:
        gone.rmdir()
        assert _refusal(".", Selection()).slug == "not-a-repository"
    finally:
        os.chdir(before)
