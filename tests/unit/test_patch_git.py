"""The parser against git itself: what it prints for random contents and for every kind of change."""

import os
import subprocess
from collections.abc import Sequence
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reviewbot.diff import FileDiff, Status
from reviewbot.patch import parse, render, render_hunk
from tests.support.applied import applied

ENVIRONMENT = {
    "PATH": os.environ["PATH"],
    "GIT_CONFIG_NOSYSTEM": "1",
    "GIT_CONFIG_GLOBAL": os.devnull,
    "GIT_AUTHOR_NAME": "A U Thor",
    "GIT_AUTHOR_EMAIL": "author@example.com",
    "GIT_COMMITTER_NAME": "A U Thor",
    "GIT_COMMITTER_EMAIL": "author@example.com",
}
PATCH_FLAGS = ("--no-color", "--no-ext-diff", "--no-textconv", "--find-renames")


def git(room: Path, *words: str, codes: Sequence[int] = (0,)) -> bytes:
    done = subprocess.run(["git", *words], cwd=room, env=ENVIRONMENT, capture_output=True, check=False)
    assert done.returncode in codes, done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def room(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("room")


LINES = [
    b"", b" ", b"a", b"b", b"c\r", b"\r", b"\x0b", b"\x0c", b"\x1c\x1d\x1e", b"\xc2\x85", b"\xe2\x80\xa8", b"\xff\xfe",
    b"\xe9t\xe9", b"++i;", b"-- a/x", b"+", b"-", b"\\ No newline at end of file", b"@@ -1 +1 @@",
    b"diff --git a/x b/x", b"def f(x):", b"class \xff: \r", b"int main(void)" + b" long" * 20,
]  # fmt: skip
CONTENTS = st.tuples(st.lists(st.sampled_from(LINES), max_size=25), st.booleans()).map(
    lambda made: b"\n".join(made[0]) + (b"\n" if made[1] else b"")
)


@settings(max_examples=60, deadline=None)
@given(old=CONTENTS, new=CONTENTS, context=st.integers(0, 10))
def test_any_two_contents_come_through_git_and_back(room: Path, old: bytes, new: bytes, context: int) -> None:
    (room / "old").write_bytes(old)
    (room / "new").write_bytes(new)
    compare = ("diff", "--no-index", f"-U{context}")
    raw = git(room, *compare, "--text", *PATCH_FLAGS, "old", "new", codes=(0, 1))
    files = parse(raw)
    assert len(files) == (old != new)
    hunks = files[0].hunks if files else ()
    written = b"".join(map(render_hunk, hunks))
    assert raw.endswith(written)
    assert b"\n@@ " not in raw[: len(raw) - len(written)]
    assert applied(old, hunks) == new
    counts = git(room, *compare, "--text", "--numstat", "old", "new", codes=(0, 1)).split()[:2]
    assert counts == [str(count).encode() for file in files for count in (file.added, file.deleted)]


@pytest.fixture(scope="module")
def repository(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One commit, and over it in the index a change of every kind."""
    top = tmp_path_factory.mktemp("repository")
    git(top, "init", "-q")
    before: dict[str, bytes] = {
        "text": b"a\nb\n", "p b/p b": b"a\n", "mode": b"a\n", "gone": b"gone\n", "kept": b"k\n", "binary": b"\0a",
        "moved": b"1\n2\n3\n4\n", "bare": b"5\n6\n7\n8\n", "a/x.py": b"a\n", "b/x.py": b"b\n", "swap": b"a\n",
        'q"t\te\\\n': b"a\n", "é ü": b"a\n",
    }  # fmt: skip
    fill(top, before)
    (top / os.fsdecode(b"\xff")).write_bytes(b"a\n")
    (top / "link").symlink_to("text")
    git(top, "add", "-A")
    git(top, "update-index", "--add", "--cacheinfo", f"160000,{'1' * 40},module")
    git(top, "commit", "-q", "-m", "one")
    after: dict[str, bytes] = {
        "text": b"a\nc", "binary": b"\0b", "born": b"k\n", "void": b"", "a/x.py": b"c\n", "b/x.py": b"d\n",
        'q"t\te\\\n': b"b\n", "é ü": b"b\n",
    }  # fmt: skip
    fill(top, after)
    (top / os.fsdecode(b"\xff")).write_bytes(b"b\n")
    for name in ("mode", "p b/p b"):
        (top / name).chmod(0o755)
    for name in ("gone", "swap", "link"):
        (top / name).unlink()
    (top / "swap").symlink_to("text")
    (top / "link").symlink_to("born")
    (top / "moved").rename(top / "moved b")
    (top / "moved b").write_bytes(b"1\n2\n3\n5\n")
    (top / "bare").rename(top / "a/bäre")
    git(top, "add", "-A")
    git(top, "update-index", "--add", "--cacheinfo", f"160000,{'2' * 40},module")
    return top


def fill(top: Path, contents: dict[str, bytes]) -> None:
    for name, content in contents.items():
        (top / name).parent.mkdir(exist_ok=True)
        (top / name).write_bytes(content)


EXPECTED = {
    "text": (Status.MODIFIED, None, "100644", "100644", 1, 1),
    "p b/p b": (Status.MODIFIED, None, "100644", "100755", 0, 0),
    "mode": (Status.MODIFIED, None, "100644", "100755", 0, 0),
    "gone": (Status.DELETED, None, "100644", None, 0, 1),
    "binary": (Status.MODIFIED, None, "100644", "100644", 0, 0),
    "moved b": (Status.RENAMED, "moved", "100644", "100644", 1, 1),
    "a/bäre": (Status.RENAMED, "bare", None, None, 0, 0),
    "a/x.py": (Status.MODIFIED, None, "100644", "100644", 1, 1),
    "b/x.py": (Status.MODIFIED, None, "100644", "100644", 1, 1),
    "swap": (Status.TYPE_CHANGED, None, "100644", "120000", 1, 1),
    'q"t\te\\\n': (Status.MODIFIED, None, "100644", "100644", 1, 1),
    "é ü": (Status.MODIFIED, None, "100644", "100644", 1, 1),
    "\udcff": (Status.MODIFIED, None, "100644", "100644", 1, 1),
    "link": (Status.MODIFIED, None, "120000", "120000", 1, 1),
    "module": (Status.MODIFIED, None, "160000", "160000", 1, 1),
    "born": (Status.ADDED, None, None, "100644", 1, 0),
    "void": (Status.ADDED, None, None, "100644", 0, 0),
}

DIALECTS: dict[str, tuple[str, ...]] = {
    "the flags of the git source": ("-c", "core.quotepath=false", "diff", "--src-prefix=a/", "--dst-prefix=b/", "-U3"),
    "quoted paths": ("-c", "core.quotepath=true", "diff"),
    "no prefix": ("-c", "diff.noprefix=true", "diff"),
    "mnemonic prefixes": ("-c", "diff.mnemonicPrefix=true", "diff"),
    "full index and binary data": ("diff", "--full-index", "--binary"),
    "no context": ("diff", "-U0"),
    "with a table of the files first": ("diff", "--stat", "--summary", "-p", "-U10"),
    "blank context lines left out": ("-c", "diff.suppressBlankEmpty=true", "diff"),
}


def facts(file: FileDiff) -> tuple[Status, str | None, str | None, str | None, int, int]:
    return file.status, file.old_path, file.old_mode, file.new_mode, file.added, file.deleted


@pytest.mark.parametrize("words", DIALECTS.values(), ids=DIALECTS)
def test_every_kind_of_change_is_read_in_every_way_git_writes_it(repository: Path, words: tuple[str, ...]) -> None:
    files = parse(git(repository, *words, *PATCH_FLAGS, "--cached"))
    assert {file.path: facts(file) for file in files} == EXPECTED
    assert [file.path for file in files if file.binary] == ["binary"]


def test_without_renames_a_moved_file_is_deleted_and_added(repository: Path) -> None:
    files = parse(git(repository, "diff", "--cached", "--no-renames"))
    found = {file.path: facts(file) for file in files if "moved" in file.path}
    assert found == {
        "moved": (Status.DELETED, None, "100644", None, 0, 4),
        "moved b": (Status.ADDED, None, None, "100644", 4, 0),
    }


def test_copies_are_read(repository: Path) -> None:
    files = parse(git(repository, "diff", "--cached", "-C", "--find-copies-harder"))
    assert [(file.old_path, file.path) for file in files if file.status is Status.COPIED] == [("kept", "born")]


def test_a_reversed_diff_swaps_the_sides(repository: Path) -> None:
    found = {file.path: file for file in parse(git(repository, "diff", "--cached", "-R", *PATCH_FLAGS))}
    assert found["moved"].old_path == "moved b"
    assert found["p b/p b"].new_mode == "100644"
    assert found["born"].status is Status.DELETED
    assert found["swap"].new_mode == "100644"


def test_the_numbers_are_those_of_numstat(repository: Path) -> None:
    files = parse(git(repository, "diff", "--cached", "--no-renames", *PATCH_FLAGS[:3]))
    rows = git(repository, "diff", "--cached", "--no-renames", "--numstat", "-z").decode("utf-8", "surrogateescape")
    counts = {
        path: (added, deleted) for added, deleted, path in (row.split("\t", 2) for row in rows.split("\0") if row)
    }
    assert counts == {file.path: ("-", "-") if file.binary else (str(file.added), str(file.deleted)) for file in files}


def test_git_applies_a_rendered_change_as_its_own(repository: Path, tmp_path: Path) -> None:
    raw = git(repository, "diff", "--cached", *PATCH_FLAGS)
    files = [file for file in parse(raw) if not file.binary]
    git(tmp_path, "clone", "-q", str(repository), "copy")
    copy = tmp_path / "copy"
    (tmp_path / "change").write_bytes(render(files))
    git(copy, "apply", "--cached", "../change")
    assert git(copy, "diff", "--cached", *PATCH_FLAGS) == git(
        repository, "diff", "--cached", *PATCH_FLAGS, "--", ":(exclude)binary"
    )


def test_mails_and_shown_commits_are_read(repository: Path, tmp_path: Path) -> None:
    git(tmp_path, "clone", "-q", str(repository), "copy")
    copy = tmp_path / "copy"
    for content in ("-- a/x\n-- \n", "++i;\n\n", "x"):
        (copy / "text").write_text(content)
        git(copy, "commit", "-q", "-a", "-m", f"Say {content}\n\n- with a list\n+ of signs\n")
    diffs = [parse(git(copy, "diff", f"HEAD~{back}", f"HEAD~{back - 1}")) for back in (3, 2, 1)]
    series = tuple(file for files in diffs for file in files)
    assert parse(git(copy, "format-patch", "--stdout", "HEAD~3")) == series
    assert parse(git(copy, "format-patch", "--stdout", "--no-signature", "-U3", "HEAD~3")) == series
    assert parse(git(copy, "log", "-p", "--reverse", "HEAD~3..")) == series
    assert parse(git(copy, "show", "HEAD")) == diffs[-1]


def test_unmerged_files_are_named(tmp_path: Path) -> None:
    git(tmp_path, "init", "-q", "-b", "main")
    for branch, content in (("main", "a\n"), ("side", "b\n")):
        git(tmp_path, "checkout", "-q", "--orphan", branch)
        (tmp_path / "x y").write_text(content)
        git(tmp_path, "add", "-A")
        git(tmp_path, "commit", "-q", "-m", branch)
    git(tmp_path, "merge", "--allow-unrelated-histories", "main", codes=(1,))
    assert parse(git(tmp_path, "diff", "--cached")) == (FileDiff("x y", Status.UNMERGED),)
