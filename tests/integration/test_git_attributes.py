"""What attributes call binary is reviewed as text where its content is text; real binaries stay binary."""

from pathlib import Path

import pytest

from reviewbot.diff import FileDiff, Status
from tests.support.repo import Repo

LONG = "".join(f"line {number}\n" for number in range(40))
WAYS = {
    "-diff": ("*.txt -diff\n", ""),
    "binary": ("*.txt binary\n", ""),
    "driver": ("*.txt diff=opaque\n", '[diff "opaque"]\n\tbinary = true\n'),
}


def _only(files: tuple[FileDiff, ...], path: str) -> FileDiff:
    [found] = [file for file in files if file.path == path]
    return found


def _added(file: FileDiff) -> list[str]:
    return [line.text for hunk in file.hunks for line in hunk.lines if line.kind == "+"]


@pytest.mark.parametrize(("attributes", "config"), WAYS.values(), ids=WAYS)
def test_a_text_file_marked_as_binary_is_read_as_text(tmp_path: Path, home: Path, attributes: str, config: str) -> None:
    (home / ".gitconfig").write_text(config)
    repo = Repo.with_commit(tmp_path, {".gitattributes": attributes, "a.txt": LONG})
    repo.stage({"a.txt": LONG.replace("line 20\n", "line twenty\n")})
    file = _only(repo.collect().files, "a.txt")
    assert _added(file) == ["line twenty"]
    assert [(hunk.old_start, hunk.old_count) for hunk in file.hunks] == [(18, 7)]


@pytest.mark.parametrize("where", ["info", "user"])
def test_attributes_outside_the_tree_are_seen(tmp_path: Path, home: Path, where: str) -> None:
    repo = Repo.with_commit(tmp_path, {"a.txt": "a\n"})
    path = tmp_path / ".git/info/attributes" if where == "info" else home / ".config/git/attributes"
    path.parent.mkdir(parents=True)
    path.write_text("* -diff\n")
    repo.stage({"a.txt": "b\n"})
    assert _added(_only(repo.collect().files, "a.txt")) == ["b"]


@pytest.mark.parametrize("how", ["index", "worktree", "commit", "subfolder", "bare", "git folder"])
def test_a_marked_file_is_text_however_it_is_read(tmp_path: Path, how: str) -> None:
    repo = Repo.create(tmp_path / "work")
    repo.write(".git/info/attributes", "/folder/*.txt -diff\n")
    repo.write(".git/hooks/post-receive.sample", "")
    repo.commit({"folder/a.txt": "a\n"})
    repo.stage({"folder/a.txt": "b\n"})
    if how in {"commit", "bare", "git folder"}:
        repo.commit({})
    if how == "bare":
        repo.git("clone", "--quiet", "--bare", "--template=", ".", "../bare")
        repo = Repo(tmp_path / "bare")
        repo.write("info/attributes", "/folder/*.txt -diff\n")
    change = repo.collect(
        "HEAD" if how in {"commit", "bare", "git folder"} else None,
        worktree=how == "worktree",
        folder={"subfolder": "folder", "git folder": ".git/hooks"}.get(how, "."),
    )
    assert _added(_only(change.files, "folder/a.txt")) == ["b"]


@pytest.mark.parametrize("attributes", ["", "* -diff\n", "* binary\n"], ids=["no attribute", "-diff", "binary"])
def test_a_real_binary_stays_binary_where_only_its_text_changes(tmp_path: Path, attributes: str) -> None:
    repo = Repo.with_commit(tmp_path, {".gitattributes": attributes, "a.bin": b"\0\n" + LONG.encode()})
    repo.stage({"a.bin": b"\0\n" + LONG.replace("line 39", "line 0").encode(), "a.txt": "a\n"})
    files = repo.collect().files
    assert _only(files, "a.bin").binary
    assert not _only(files, "a.bin").hunks
    assert _added(_only(files, "a.txt")) == ["a"]


def test_a_real_binary_alone_stays_binary(tmp_path: Path) -> None:
    repo = Repo.with_commit(tmp_path, {".gitattributes": "*.png binary\n", "a.png": b"\x89PNG\0"})
    repo.stage({"a.png": b"\x89PNG\0\0"})
    [file] = repo.collect().files
    assert (file.binary, file.hunks) == (True, ())


def test_utf_16_is_binary(tmp_path: Path) -> None:
    repo = Repo.with_commit(tmp_path, {"a.txt": "a\n".encode("utf-16")})
    repo.stage({"a.txt": "b\n".encode("utf-16")})
    assert _only(repo.collect().files, "a.txt").binary


def test_a_marked_file_keeps_its_place_and_its_neighbours(tmp_path: Path) -> None:
    repo = Repo.with_commit(
        tmp_path, {".gitattributes": "b* -diff\n", "a": "a\n", "b": "b\n", "b.bin": b"\0", "c": "c\n"}
    )
    repo.stage({"a": "A\n", "b": "B\n", "b.bin": b"\0\0", "c": "C\n"})
    files = repo.collect().files
    assert [(file.path, file.binary, _added(file)) for file in files] == [
        ("a", False, ["A"]),
        ("b", False, ["B"]),
        ("b.bin", True, []),
        ("c", False, ["C"]),
    ]


def test_a_renamed_marked_file_is_text_under_both_names(tmp_path: Path) -> None:
    repo = Repo.with_commit(tmp_path, {".gitattributes": "*.txt -diff\n", "old.txt": LONG})
    repo.git("mv", "old.txt", "new.txt")
    repo.stage({"new.txt": LONG + "more\n"})
    file = _only(repo.collect().files, "new.txt")
    assert (file.status, file.old_path, _added(file)) == (Status.RENAMED, "old.txt", ["more"])


def test_a_deleted_marked_file_is_text(tmp_path: Path) -> None:
    repo = Repo.with_commit(tmp_path, {".gitattributes": "*.txt -diff\n", "a.txt": "a\n"})
    repo.git("rm", "--quiet", "a.txt")
    file = _only(repo.collect().files, "a.txt")
    assert (file.status, file.deleted) == (Status.DELETED, 1)


@pytest.mark.parametrize(
    "name", ["a b", "tab\there", "new\nline", ":(glob)*", "*", "\udcff", '"quoted"', "é", "[a]", "\\*"]
)
def test_a_marked_file_may_have_any_name(tmp_path: Path, name: str) -> None:
    repo = Repo.with_commit(tmp_path, {".gitattributes": "* -diff\n"})
    repo.stage({name: "a\n", "other": b"\0"})
    files = repo.collect().files
    assert _added(_only(files, name)) == ["a"]
    assert _only(files, "other").binary


def test_more_marked_files_than_one_command_can_name_are_all_text(tmp_path: Path) -> None:
    repo = Repo.with_commit(tmp_path, {".gitattributes": "* -diff\n"})
    folder = "/".join(["f" * 240] * 15)
    names = [f"{folder}/{number:0>3}" for number in range(700)]
    repo.stage({names[0]: "a\n"})
    blob = repo.id(f":{names[0]}")
    repo.git("update-index", "--index-info", stdin="".join(f"100644 {blob} 0\t{name}\n" for name in names).encode())
    assert [_added(file) for file in repo.collect().files] == [["a"]] * 700
