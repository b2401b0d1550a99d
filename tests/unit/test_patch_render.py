"""What is written is read back as it was, and git accepts it."""

import subprocess
from pathlib import Path

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from reviewbot.diff import FileDiff, Hunk, Line, LineKind, Status
from reviewbot.errors import SourceError
from reviewbot.patch import parse, render, render_hunk
from reviewbot.review import Change
from tests.support.strategies import changes, hunks, numbered

CONTEXT, ADDED, DELETED = LineKind
EDIT = (numbered([(DELETED, "a"), (ADDED, "b")]),)


@settings(deadline=None)
@given(changes())
def test_what_is_rendered_parses_to_the_same_files(change: Change) -> None:
    assert parse(render(change.files)) == change.files


@settings(deadline=None)
@given(hunks(), st.data())
def test_a_file_with_some_parts_of_its_hunks_survives_rendering(whole: tuple[Hunk, ...], data: st.DataObject) -> None:
    parts = [part for hunk in whole for part in hunk.parts(range(1, len(hunk.lines))) if part.changed]
    kept = data.draw(st.lists(st.sampled_from(range(len(parts))), unique=True).map(sorted))
    file = FileDiff("x", Status.MODIFIED, tuple(parts[index] for index in kept))
    assert parse(render([file])) == (file,)


@settings(deadline=None)
@given(changes(), st.data())
def test_a_damaged_patch_is_read_or_refused_with_its_line(change: Change, data: st.DataObject) -> None:
    raw = bytearray(render(change.files) or b"diff --git a/x b/x\n")
    for _ in range(data.draw(st.integers(1, 4))):
        at = data.draw(st.integers(0, len(raw) - 1))
        edit = data.draw(st.sampled_from(["cut", "drop", "flip", "insert"]))
        if edit == "cut":
            del raw[at + 1 :]
        elif edit == "drop" and len(raw) > 1:
            del raw[at]
        elif edit == "flip":
            raw[at] ^= data.draw(st.integers(1, 255))
        else:
            raw[at:at] = data.draw(st.sampled_from([b"\n", b'"', b"\\", b"9", b"@@", b"+", b"-", b"\0", b"--- ", b" "]))
    accepted_or_refused(bytes(raw))


@settings(deadline=None)
@given(st.lists(st.sampled_from(
    [b"diff --git a/x b/x", b"diff --git ", b"--- a/x", b"+++ b/x", b"--- ", b"+++ ", b"@@ -1 +1 @@", b"@@ -0,0 +1 @@",
     b"-a", b"+b", b" c", b"", b"\\ No", b"index 1..2 1", b"rename from ", b"rename to y", b"old mode 100644",
     b"Binary files a and b differ", b"* Unmerged path ", b'+++ "b/x', b"--- /dev/null", b"+++ /dev/null", b"\r"]
)))  # fmt: skip
@example([b"--- ", b"+++ ", b"@@ -1 +1 @@", b"-a", b"+b"])
def test_any_order_of_patch_lines_is_read_or_refused(lines: list[bytes]) -> None:
    accepted_or_refused(b"\n".join(lines))


def accepted_or_refused(raw: bytes) -> None:
    result = outcome(raw)
    if isinstance(result, SourceError):
        assert result.slug == "bad-patch"
        line = int(result.message.removeprefix("patch line ").partition(":")[0])
        assert 1 <= line <= raw.count(b"\n") + 2
        assert result.message.isascii()
        assert result.message.isprintable()
    else:
        assert all(file.path and "\0" not in file.path for file in result)
        assert {file.path for file in parse(render(result))} == {file.path for file in result}


def outcome(raw: bytes) -> tuple[FileDiff, ...] | SourceError:
    try:
        return parse(raw)
    except SourceError as error:
        return error


HUNKS = {
    "counts of one are left out": (numbered([(DELETED, "a"), (ADDED, "b")], old=3, new=4), b"@@ -3 +4 @@\n-a\n+b\n"),
    "an insertion names the line before it": (numbered([(ADDED, "b")], old=3, new=3), b"@@ -2,0 +3 @@\n+b\n"),
    "a deletion names the line before it": (numbered([(DELETED, "a")], old=3, new=3), b"@@ -3 +2,0 @@\n-a\n"),
    "a section follows the numbers": (
        numbered([(CONTEXT, "a"), (ADDED, "b")], section="def f():"),
        b"@@ -1 +1,2 @@ def f():\n a\n+b\n",
    ),
    "each side may lack its last newline": (
        numbered([(DELETED, "a"), (ADDED, "b")], open_end=True),
        b"@@ -1 +1 @@\n-a\n\\ No newline at end of file\n+b\n\\ No newline at end of file\n",
    ),
    "bytes come back as they were": (
        Hunk(1, 0, (Line(DELETED, "\udcff\r", 1, None),)),
        b"@@ -1 +0,0 @@\n-\xff\r\n",
    ),
}


@pytest.mark.parametrize(("hunk", "written"), HUNKS.values(), ids=HUNKS)
def test_a_hunk_is_written_as_git_writes_it(hunk: Hunk, written: bytes) -> None:
    assert render_hunk(hunk) == written


FILES = {
    "modified": (
        FileDiff("x y", Status.MODIFIED, EDIT, old_mode="100644", new_mode="100644"),
        b"diff --git a/x y b/x y\nindex 0000000..0000000 100644\n--- a/x y\t\n+++ b/x y\t\n@@ -1 +1 @@\n-a\n+b\n",
    ),
    "new mode": (
        FileDiff("x", Status.MODIFIED, old_mode="100644", new_mode="100755"),
        b"diff --git a/x b/x\nold mode 100644\nnew mode 100755\n",
    ),
    "renamed": (
        FileDiff("\té", Status.RENAMED, EDIT, old_path="x"),
        (
            b'diff --git a/x "b/\\t\\303\\251"\nrename from x\nrename to "\\t\\303\\251"\n'
            b'--- a/x\n+++ "b/\\t\\303\\251"\n@@ -1 +1 @@\n-a\n+b\n'
        ),
    ),
    "copied": (
        FileDiff("y", Status.COPIED, old_path="x", old_mode="100644", new_mode="100644"),
        b"diff --git a/x b/y\ncopy from x\ncopy to y\nindex 0000000..0000000 100644\n",
    ),
    "binary": (
        FileDiff("x", Status.DELETED, binary=True, old_mode="100755"),
        b"diff --git a/x b/x\ndeleted file mode 100755\nBinary files a/x and /dev/null differ\n",
    ),
    "added with text and without a mode": (
        FileDiff("x", Status.ADDED, (numbered([(ADDED, "b")]),)),
        b"--- /dev/null\n+++ b/x\n@@ -0,0 +1 @@\n+b\n",
    ),
    "empty and without a mode": (
        FileDiff("x", Status.ADDED),
        b"diff --git a/x b/x\nnew file mode 100644\n",
    ),
    "gone, empty and without a mode": (
        FileDiff("x", Status.DELETED),
        b"diff --git a/x b/x\ndeleted file mode 100644\n",
    ),
    "changed type": (
        FileDiff(
            "x",
            Status.TYPE_CHANGED,
            (numbered([(DELETED, "a")]), numbered([(ADDED, "b")])),
            old_mode="100644",
            new_mode="120000",
        ),
        (
            b"diff --git a/x b/x\ndeleted file mode 100644\n--- a/x\n+++ /dev/null\n@@ -1 +0,0 @@\n-a\n"
            b"diff --git a/x b/x\nnew file mode 120000\n--- /dev/null\n+++ b/x\n@@ -0,0 +1 @@\n+b\n"
        ),
    ),
    "changed type in one hunk": (
        FileDiff("x", Status.TYPE_CHANGED, EDIT, old_mode="100644", new_mode="120000"),
        b"diff --git a/x b/x\nold mode 100644\nnew mode 120000\n--- a/x\n+++ b/x\n@@ -1 +1 @@\n-a\n+b\n",
    ),
    "a link became a binary file": (
        FileDiff(
            "x",
            Status.TYPE_CHANGED,
            (numbered([(DELETED, "a")]),),
            binary=True,
            old_mode="120000",
            new_mode="100644",
        ),
        (
            b"diff --git a/x b/x\ndeleted file mode 120000\n--- a/x\n+++ /dev/null\n@@ -1 +0,0 @@\n-a\n"
            b"diff --git a/x b/x\nnew file mode 100644\nBinary files /dev/null and b/x differ\n"
        ),
    ),
    "a binary file became a link": (
        FileDiff(
            "x",
            Status.TYPE_CHANGED,
            (numbered([(ADDED, "b")]),),
            binary=True,
            old_mode="100644",
            new_mode="120000",
        ),
        (
            b"diff --git a/x b/x\ndeleted file mode 100644\nBinary files a/x and /dev/null differ\n"
            b"diff --git a/x b/x\nnew file mode 120000\n--- /dev/null\n+++ b/x\n@@ -0,0 +1 @@\n+b\n"
        ),
    ),
    "controls in the name": (FileDiff("\x1f ~\x7f", Status.UNMERGED), b'* Unmerged path "\\037 ~\\177"\n'),
    "no controls in the name": (FileDiff(" ~", Status.UNMERGED), b"* Unmerged path  ~\n"),
    "unmerged": (FileDiff("\t", Status.UNMERGED), b'* Unmerged path "\\t"\n'),
}


@pytest.mark.parametrize(("file", "written"), FILES.values(), ids=FILES)
def test_a_file_is_written_as_git_writes_it(file: FileDiff, written: bytes) -> None:
    assert render([file]) == written


def test_no_files_render_to_nothing() -> None:
    assert render(()) == b""


APPLIED = {
    "modified": (FileDiff("x y", Status.MODIFIED, EDIT, old_mode="100644", new_mode="100644"), {"x y": "b\n"}),
    "new mode": (FileDiff("x y", Status.MODIFIED, old_mode="100644", new_mode="100755"), {"x y": "a\n"}),
    "renamed": (FileDiff("é\n", Status.RENAMED, EDIT, old_path="x y"), {"é\n": "b\n"}),
    "copied": (FileDiff("y", Status.COPIED, old_path="x y"), {"x y": "a\n", "y": "a\n"}),
    "added": (FileDiff("y", Status.ADDED, (numbered([(ADDED, "b")]),), new_mode="100644"), {"x y": "a\n", "y": "b\n"}),
    "added, no mode": (FileDiff("y", Status.ADDED, (numbered([(ADDED, "b")]),)), {"x y": "a\n", "y": "b\n"}),
    "added, empty": (FileDiff("y", Status.ADDED, new_mode="100644"), {"x y": "a\n", "y": ""}),
    "deleted": (FileDiff("x y", Status.DELETED, (numbered([(DELETED, "a")]),), old_mode="100644"), {}),
    "deleted, no mode": (FileDiff("x y", Status.DELETED, (numbered([(DELETED, "a")]),)), {}),
    "changed type": (
        FileDiff(
            "x y",
            Status.TYPE_CHANGED,
            (numbered([(DELETED, "a")]), numbered([(ADDED, "z")], open_end=True)),
            old_mode="100644",
            new_mode="120000",
        ),
        {"x y": "-> z"},
    ),
}


@pytest.mark.parametrize(("file", "tree"), APPLIED.values(), ids=APPLIED)
def test_git_applies_what_is_rendered(file: FileDiff, tree: dict[str, str], tmp_path: Path) -> None:
    (tmp_path / "x y").write_text("a\n")
    subprocess.run(
        ["git", "apply", "--whitespace=nowarn"],
        cwd=tmp_path,
        env={"PATH": "/usr/bin:/bin", "GIT_CEILING_DIRECTORIES": str(tmp_path.parent)},
        input=render([file]),
        check=True,
        capture_output=True,
    )
    found = {
        path.name: f"-> {path.readlink()}" if path.is_symlink() else path.read_text() for path in tmp_path.iterdir()
    }
    assert found == tree
