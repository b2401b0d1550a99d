"""Where files, hunks and lines begin and end in a patch, whoever wrote it."""

from itertools import chain

import pytest

from reviewbot.diff import FileDiff, Hunk, Line, LineKind, Status
from reviewbot.patch import parse
from tests.support.strategies import numbered

CONTEXT, ADDED, DELETED = LineKind
HEAD = b"diff --git a/x b/x\nindex 1..2 100644\n--- a/x\n+++ b/x\n"
EDIT = (numbered([(DELETED, "a"), (ADDED, "b")]),)


def lines_of(body: bytes) -> tuple[Line, ...]:
    (file,) = parse(HEAD + body)
    return tuple(chain.from_iterable(hunk.lines for hunk in file.hunks))


@pytest.mark.parametrize("data", [b"", b"\n", b" \t\r\n\n", b"\xef\xbb\xbf", b"\xef\xbb\xbf\r\n"])
def test_nothing_or_white_space_holds_no_files(data: bytes) -> None:
    assert parse(data) == ()


BODIES = {
    "a count of one is left out": (
        b"@@ -0,0 +1 @@\n+a\n",
        [Line(ADDED, "a", None, 1)],
    ),
    "both numbers run on": (
        b"@@ -3,2 +7,3 @@ f\n a\n-b\n+c\n+d\n",
        [Line(CONTEXT, "a", 3, 7), Line(DELETED, "b", 4, None), Line(ADDED, "c", None, 8), Line(ADDED, "d", None, 9)],
    ),
    "an insertion without context counts from the line before it": (
        b"@@ -3,0 +4 @@\n+a\n",
        [Line(ADDED, "a", None, 4)],
    ),
    "added ++i; is not a header": (
        b"@@ -1 +1 @@\n---i;\n+++i;\n",
        [Line(DELETED, "--i;", 1, None), Line(ADDED, "++i;", None, 1)],
    ),
    "deleted -- a/x and added ++ b/x are not a file": (
        b"@@ -1 +1 @@\n--- a/x\n+++ b/x\n",
        [Line(DELETED, "-- a/x", 1, None), Line(ADDED, "++ b/x", None, 1)],
    ),
    "a patch inside the file is content": (
        b"@@ -1,2 +1,2 @@\n diff --git a/x b/x\n-@@ -1 +1 @@\n+@@ -2 +2 @@\n",
        [
            Line(CONTEXT, "diff --git a/x b/x", 1, 1),
            Line(DELETED, "@@ -1 +1 @@", 2, None),
            Line(ADDED, "@@ -2 +2 @@", None, 2),
        ],
    ),
    "no newline at the end of the old side": (
        b"@@ -1 +1 @@\n-a\n\\ No newline at end of file\n+a\n",
        [Line(DELETED, "a", 1, None, newline=False), Line(ADDED, "a", None, 1)],
    ),
    "no newline at the end of the new side, said in another language": (
        b"@@ -1 +1 @@\n-a\n+a\n\\ Kein Zeilenumbruch am Dateiende.\n",
        [Line(DELETED, "a", 1, None), Line(ADDED, "a", None, 1, newline=False)],
    ),
    "no newline at the end of both": (
        b"@@ -1 +1,2 @@\n+a\n b\n\\ No newline at end of file\n",
        [Line(ADDED, "a", None, 1), Line(CONTEXT, "b", 1, 2, newline=False)],
    ),
    "an empty line is empty context": (
        b"@@ -1,2 +1,3 @@\n\n+a\n\n",
        [Line(CONTEXT, "", 1, 1), Line(ADDED, "a", None, 2), Line(CONTEXT, "", 2, 3)],
    ),
    "an empty line is empty context in a CRLF file too": (
        b"@@ -1 +1,2 @@\n\r\n+a\r\n",
        [Line(CONTEXT, "\r", 1, 1), Line(ADDED, "a\r", None, 2)],
    ),
    "lines end at newlines only": (
        b"@@ -1 +1 @@\n-a\rb\x0b\x0c\x1c\x1d\x1e\xc2\x85\xe2\x80\xa8\xe2\x80\xa9\n+\r\n",
        [Line(DELETED, "a\rb\x0b\x0c\x1c\x1d\x1e\x85\u2028\u2029", 1, None), Line(ADDED, "\r", None, 1)],
    ),
    "bytes that are not UTF-8 stay": (
        b"@@ -1 +1 @@\n-\xff\xfea\n+\xe9\n",
        [Line(DELETED, "\udcff\udcfea", 1, None), Line(ADDED, "\udce9", None, 1)],
    ),
    "the last line need not end with a newline": (
        b"@@ -0,0 +1 @@\n+a",
        [Line(ADDED, "a", None, 1)],
    ),
    "the message at the end need not end with a newline": (
        b"@@ -0,0 +1 @@\n+a\n\\ No newline",
        [Line(ADDED, "a", None, 1, newline=False)],
    ),
}


@pytest.mark.parametrize(("body", "lines"), BODIES.values(), ids=BODIES)
def test_a_hunk_ends_by_its_counts(body: bytes, lines: list[Line]) -> None:
    assert lines_of(body) == tuple(lines)


def test_hunks_keep_their_starts_and_sections() -> None:
    body = b"@@ -1 +0,0 @@\n-a\n@@ -3,0 +3,2 @@ def f(x):\n+a\n+b\n@@ -9 +10 @@  odd \r\n-c\n+d\n"
    (file,) = parse(HEAD + body)
    assert [(hunk.old_start, hunk.new_start, hunk.section) for hunk in file.hunks] == [
        (1, 0, ""),
        (3, 3, "def f(x):"),
        (9, 10, " odd \r"),
    ]


def test_hunks_may_touch() -> None:
    (file,) = parse(HEAD + b"@@ -1 +1 @@\n-a\n+b\n@@ -2 +2 @@\n-c\n+d\n")
    assert len(file.hunks) == 2


def test_the_largest_number_is_read() -> None:
    (file,) = parse(HEAD + b"@@ -2147483647 +2147483647 @@\n-a\n+b\n")
    assert file.hunks[0].old_start == 2_147_483_647


def crlf(patch: bytes) -> bytes:
    return patch.replace(b"\n", b"\r\n")


def test_a_patch_with_crlf_headers_has_no_cr_in_names_modes_and_sections() -> None:
    patch = (
        b"diff --git a/x b/y\nold mode 100644\nnew mode 100755\nsimilarity index 50%\nrename from x\nrename to y\n"
        b"--- a/x\n+++ b/y\n@@ -1 +1 @@ f\n-a\n+b\n\\ No newline\ndiff --git a/z b/z\ndeleted file mode 100644\n"
        b"--- a/z\n+++ /dev/null\n@@ -1 +0,0 @@\n-c\n* Unmerged path w\n"
    )
    renamed, deleted, unmerged = parse(crlf(patch))
    lines = (Line(DELETED, "a\r", 1, None), Line(ADDED, "b\r", None, 1, newline=False))
    assert renamed == FileDiff(
        "y", Status.RENAMED, (Hunk(1, 1, lines, "f"),), old_path="x", old_mode="100644", new_mode="100755"
    )
    assert deleted.status is Status.DELETED
    assert unmerged == FileDiff("w", Status.UNMERGED)


def test_a_byte_order_mark_is_not_text() -> None:
    assert parse(b"\xef\xbb\xbf" + HEAD + b"@@ -1 +1 @@\n-a\n+b\n") == (
        FileDiff("x", Status.MODIFIED, EDIT, old_mode="100644", new_mode="100644"),
    )


MAIL = b"""From 0123456789012345678901234567890123456789 Mon Sep 17 00:00:00 2001
From: A U Thor <author@example.com>
Subject: [PATCH 1/2] Change --- a lot

- a list
+ and more
 of it
---
 x | 2 +-
 y | 1 +
 2 files changed, 2 insertions(+), 1 deletion(-)
 create mode 100644 y

diff --git a/x b/x
index 1234567..89abcde 100644
--- a/x
+++ b/x
@@ -1 +1 @@
-a
+b
diff --git a/y b/y
new file mode 100644
index 0000000..89abcde
--- /dev/null
+++ b/y
@@ -0,0 +1 @@
+b
--\x20
2.39.5


From 1123456789012345678901234567890123456789 Mon Sep 17 00:00:00 2001
From: A U Thor <author@example.com>
Subject: [PATCH 2/2] Back again

---
 x | 2 +-

diff --git a/x b/x
index 89abcde..1234567 100644
--- a/x
+++ b/x
@@ -1 +1 @@
-b
+a
--\x20
2.39.5

"""


def test_a_series_of_mails_holds_the_files_of_each() -> None:
    back = (numbered([(DELETED, "b"), (ADDED, "a")]),)
    series = (
        FileDiff("x", Status.MODIFIED, EDIT, old_mode="100644", new_mode="100644"),
        FileDiff("y", Status.ADDED, (numbered([(ADDED, "b")]),), new_mode="100644"),
        FileDiff("x", Status.MODIFIED, back, old_mode="100644", new_mode="100644"),
    )
    assert parse(MAIL) == series
    assert parse(MAIL.replace(b"--\x20\n2.39.5\n", b"")) == series
    assert parse(crlf(MAIL))[1].path == "y"


GIT = {
    "new mode only": (
        b"diff --git a/x b/x\nold mode 100644\nnew mode 100755\n",
        FileDiff("x", Status.MODIFIED, old_mode="100644", new_mode="100755"),
    ),
    "new mode and text": (
        b"diff --git a/x b/x\nold mode 100755\nnew mode 100644\nindex 1..2\n--- a/x\n+++ b/x\n@@ -1 +1 @@\n-a\n+b\n",
        FileDiff("x", Status.MODIFIED, EDIT, old_mode="100755", new_mode="100644"),
    ),
    "only a header, as of a touched file": (
        b"diff --git a/x b/x\n",
        FileDiff("x", Status.MODIFIED),
    ),
    "added and empty": (
        b"diff --git a/x b/x\nnew file mode 100644\nindex 0000000..e69de29\n",
        FileDiff("x", Status.ADDED, new_mode="100644"),
    ),
    "deleted and empty": (
        b"diff --git a/x b/x\ndeleted file mode 100755\nindex e69de29..0000000\n",
        FileDiff("x", Status.DELETED, old_mode="100755"),
    ),
    "added by a tool that writes the mode twice": (
        b"diff --git a/x b/x\nnew file mode 100644\nindex 0000000..e69de29 100644\n",
        FileDiff("x", Status.ADDED, new_mode="100644"),
    ),
    "deleted by a tool that writes the mode twice": (
        b"diff --git a/x b/x\ndeleted file mode 100644\nindex e69de29..0000000 100644\n",
        FileDiff("x", Status.DELETED, old_mode="100644"),
    ),
    "pure rename": (
        b"diff --git a/x b/y\nsimilarity index 100%\nrename from x\nrename to y\n",
        FileDiff("y", Status.RENAMED, old_path="x"),
    ),
    "rename with text": (
        (
            b"diff --git a/x b/y\nsimilarity index 50%\nrename from x\nrename to y\nindex 1..2 100644\n"
            b"--- a/x\n+++ b/y\n@@ -1 +1 @@\n-a\n+b\n"
        ),
        FileDiff("y", Status.RENAMED, EDIT, old_path="x", old_mode="100644", new_mode="100644"),
    ),
    "copy": (
        b"diff --git a/x b/y\nsimilarity index 100%\ncopy from x\ncopy to y\n",
        FileDiff("y", Status.COPIED, old_path="x"),
    ),
    "rewritten": (
        b"diff --git a/x b/x\ndissimilarity index 90%\nindex 1..2 100644\n--- a/x\n+++ b/x\n@@ -1 +1 @@\n-a\n+b\n",
        FileDiff("x", Status.MODIFIED, EDIT, old_mode="100644", new_mode="100644"),
    ),
    "symbolic link": (
        b"diff --git a/x b/x\nindex 1..2 120000\n--- a/x\n+++ b/x\n@@ -1 +1 @@\n-a\n\\ No\n+b\n\\ No\n",
        FileDiff(
            "x",
            Status.MODIFIED,
            (numbered([(DELETED, "a"), (ADDED, "b")], open_end=True),),
            old_mode="120000",
            new_mode="120000",
        ),
    ),
    "submodule": (
        (
            b"diff --git a/x b/x\nindex 12..34 160000\n--- a/x\n+++ b/x\n"
            b"@@ -1 +1 @@\n-Subproject commit 12\n+Subproject commit 34\n"
        ),
        FileDiff(
            "x",
            Status.MODIFIED,
            (numbered([(DELETED, "Subproject commit 12"), (ADDED, "Subproject commit 34")]),),
            old_mode="160000",
            new_mode="160000",
        ),
    ),
    "binary": (
        b"diff --git a/x b/x\nindex 1..2 100644\nBinary files a/x and b/x differ\n",
        FileDiff("x", Status.MODIFIED, binary=True, old_mode="100644", new_mode="100644"),
    ),
    "binary, added": (
        b"diff --git a/x b/x\nnew file mode 100644\nindex 0..2\nBinary files /dev/null and b/x differ\n",
        FileDiff("x", Status.ADDED, binary=True, new_mode="100644"),
    ),
    "binary with its data": (
        (
            b"diff --git a/x b/x\nindex 1..2 100644\nGIT binary patch\nliteral 2\nJcmYdd0002S0Am0E\n\n"
            b"literal 4\nLcmYew%wqrm1ET>t\n\n"
        ),
        FileDiff("x", Status.MODIFIED, binary=True, old_mode="100644", new_mode="100644"),
    ),
    "a file became a link": (
        (
            b"diff --git a/x b/x\ndeleted file mode 100644\nindex 1..0\n--- a/x\n+++ /dev/null\n@@ -1 +0,0 @@\n-a\n"
            b"diff --git a/x b/x\nnew file mode 120000\nindex 0..2\n--- /dev/null\n+++ b/x\n@@ -0,0 +1 @@\n+b\n"
        ),
        FileDiff(
            "x",
            Status.TYPE_CHANGED,
            (numbered([(DELETED, "a")]), numbered([(ADDED, "b")])),
            old_mode="100644",
            new_mode="120000",
        ),
    ),
    "a binary file became a link": (
        (
            b"diff --git a/x b/x\ndeleted file mode 100644\nindex 1..0\nBinary files a/x and /dev/null differ\n"
            b"diff --git a/x b/x\nnew file mode 120000\nindex 0..2\n--- /dev/null\n+++ b/x\n@@ -0,0 +1 @@\n+b\n"
        ),
        FileDiff(
            "x",
            Status.TYPE_CHANGED,
            (numbered([(ADDED, "b")]),),
            binary=True,
            old_mode="100644",
            new_mode="120000",
        ),
    ),
    "changed type under one header": (
        b"diff --git a/x b/x\nold mode 100644\nnew mode 120000\n--- a/x\n+++ b/x\n@@ -1 +1 @@\n-a\n+b\n",
        FileDiff("x", Status.TYPE_CHANGED, EDIT, old_mode="100644", new_mode="120000"),
    ),
    "unmerged": (b"* Unmerged path x y\n", FileDiff("x y", Status.UNMERGED)),
    "added by Mercurial": (
        (
            b"# HG changeset patch\n# Date 0 0\n\ndiff --git a/x b/x\nnew file mode 100644\n"
            b"--- /dev/null\n+++ b/x\tThu Jan 01 00:00:00 1970 +0000\n@@ -0,0 +1,1 @@\n+b\n"
        ),
        FileDiff("x", Status.ADDED, (numbered([(ADDED, "b")]),), new_mode="100644"),
    ),
}


@pytest.mark.parametrize(("patch", "file"), GIT.values(), ids=GIT)
def test_a_git_header_says_what_happened_to_the_file(patch: bytes, file: FileDiff) -> None:
    assert parse(patch) == (file,)


@pytest.mark.parametrize(("patch", "file"), GIT.values(), ids=GIT)
def test_a_file_is_the_same_with_others_around_it(patch: bytes, file: FileDiff) -> None:
    other = FileDiff("o", Status.MODIFIED, old_mode="100644", new_mode="100755")
    beside = b"diff --git a/o b/o\nold mode 100644\nnew mode 100755\n"
    assert parse(beside + patch + b"\ncommit 1234567\n\n    text\n\n" + beside) == (other, file, other)


def test_a_deletion_and_an_addition_of_one_type_stay_two_files() -> None:
    gone = b"diff --git a/x b/x\ndeleted file mode 100644\n"
    came = b"diff --git a/x b/x\nnew file mode 100755\n"
    assert [file.status for file in parse(gone + came)] == [Status.DELETED, Status.ADDED]
    assert [file.status for file in parse(came + gone)] == [Status.ADDED, Status.DELETED]


def test_a_change_and_an_addition_of_one_name_stay_two_files() -> None:
    changed = b"diff --git a/x b/x\nold mode 100644\nnew mode 100755\n"
    came = b"diff --git a/x b/x\nnew file mode 120000\n"
    assert [file.status for file in parse(changed + came)] == [Status.MODIFIED, Status.ADDED]


def test_a_deletion_and_an_addition_of_two_names_stay_two_files() -> None:
    gone = b"diff --git a/x b/x\ndeleted file mode 100644\n"
    came = b"diff --git a/y b/y\nnew file mode 120000\n"
    assert [file.path for file in parse(gone + came)] == ["x", "y"]


LATER = b"2026-01-02 03:04:05.678901234 +0000"
PLAIN = {
    "with time stamps": (
        b"--- x\t" + LATER + b"\n+++ x\t" + LATER + b"\n@@ -1 +1 @@\n-a\n+b\n",
        FileDiff("x", Status.MODIFIED, EDIT),
    ),
    "added, from /dev/null": (
        b"--- /dev/null\t" + LATER + b"\n+++ b/x\t" + LATER + b"\n@@ -0,0 +1 @@\n+b\n",
        FileDiff("x", Status.ADDED, (numbered([(ADDED, "b")]),)),
    ),
    "deleted, to /dev/null": (
        b"--- a/x\n+++ /dev/null\n@@ -1 +0,0 @@\n-a\n",
        FileDiff("x", Status.DELETED, (numbered([(DELETED, "a")]),)),
    ),
    "added, since the old side is of the epoch": (
        b"--- a/x\t1970-01-01 00:00:00.000000000 +0000\n+++ b/x\t" + LATER + b"\n@@ -0,0 +1 @@\n+b\n",
        FileDiff("x", Status.ADDED, (numbered([(ADDED, "b")]),)),
    ),
    "deleted, since the new side is of the epoch in another zone": (
        b"--- old/x\t" + LATER + b"\n+++ new/x\t1969-12-31 19:00:00 -0500\n@@ -1 +0,0 @@\n-a\n",
        FileDiff("old/x", Status.DELETED, (numbered([(DELETED, "a")]),)),
    ),
    "filled, though the old side is an hour after the epoch": (
        b"--- x\t1970-01-01 01:00:00 +0000\n+++ x\t" + LATER + b"\n@@ -0,0 +1 @@\n+b\n",
        FileDiff("x", Status.MODIFIED, (numbered([(ADDED, "b")]),)),
    ),
    "modified, though both sides are of the epoch": (
        b"--- x\t1970-01-01 00:00:00 +0000\n+++ x\t1970-01-01 00:00:00 +0000\n@@ -1 +1 @@\n-a\n+b\n",
        FileDiff("x", Status.MODIFIED, EDIT),
    ),
    "with a date that does not exist": (
        b"--- x\t1970-13-01 00:00:00 +0000\n+++ x\n@@ -0,0 +1 @@\n+b\n",
        FileDiff("x", Status.MODIFIED, (numbered([(ADDED, "b")]),)),
    ),
    "binary": (
        b"Binary files old/x and new/x differ\n",
        FileDiff("new/x", Status.MODIFIED, binary=True),
    ),
    "binary, added": (
        b"Binary files /dev/null and b/x differ\n",
        FileDiff("x", Status.ADDED, binary=True),
    ),
    "binary, as Mercurial has it": (
        b"Binary file a/x y has changed\n",
        FileDiff("a/x y", Status.MODIFIED, binary=True),
    ),
}


@pytest.mark.parametrize(("patch", "file"), PLAIN.values(), ids=PLAIN)
def test_a_plain_header_says_what_happened_to_the_file(patch: bytes, file: FileDiff) -> None:
    assert parse(patch) == (file,)


@pytest.mark.parametrize(("patch", "file"), PLAIN.values(), ids=PLAIN)
def test_a_plain_file_may_follow_another_at_once(patch: bytes, file: FileDiff) -> None:
    other = b"--- o\n+++ o\n@@ -1 +1 @@\n-a\n+b\n"
    found = parse(other + patch + b"Only in new: y\ndiff -ru old/o new/o\n" + other)
    assert found == (FileDiff("o", Status.MODIFIED, EDIT), file, FileDiff("o", Status.MODIFIED, EDIT))


GONE = FileDiff("x", Status.DELETED, (numbered([(DELETED, "a")]),))
BESIDE = {
    "an empty file before an added one": (
        b"diff --git a/e b/e\nnew file mode 100644\n--- /dev/null\n+++ b/x\n@@ -0,0 +1 @@\n+b\n",
        (FileDiff("e", Status.ADDED, new_mode="100644"), FileDiff("x", Status.ADDED, (numbered([(ADDED, "b")]),))),
    ),
    "a new mode before a change": (
        b"diff --git a/e b/e\nold mode 100644\nnew mode 100755\n--- a/x\n+++ b/x\n@@ -1 +1 @@\n-a\n+b\n",
        (FileDiff("e", Status.MODIFIED, old_mode="100644", new_mode="100755"), FileDiff("x", Status.MODIFIED, EDIT)),
    ),
    "a rename before the deletion of the same old name": (
        b"diff --git a/x b/y\nrename from x\nrename to y\n--- a/x\n+++ /dev/null\n@@ -1 +0,0 @@\n-a\n",
        (FileDiff("y", Status.RENAMED, old_path="x"), GONE),
    ),
    "a copy before the deletion of the same old name": (
        b"diff --git a/x b/y\ncopy from x\ncopy to y\n--- a/x\n+++ /dev/null\n@@ -1 +0,0 @@\n-a\n",
        (FileDiff("y", Status.COPIED, old_path="x"), GONE),
    ),
}


@pytest.mark.parametrize(("patch", "files"), BESIDE.values(), ids=BESIDE)
def test_a_git_file_without_hunks_leaves_those_of_the_next_plain_file_alone(
    patch: bytes, files: tuple[FileDiff, ...]
) -> None:
    assert parse(patch) == files


def test_lines_that_only_look_like_the_start_of_a_file_are_passed_over() -> None:
    text = b"--- a heading\ntext\ndiff --color is on\n@@ here\nBinary files differ\nBinary file x\n"
    assert parse(text + HEAD + b"@@ -1 +1 @@\n-a\n+b\n\n" + text)[0].hunks == EDIT


def test_a_diff_of_another_form_in_the_text_around_a_file_is_passed_over() -> None:
    text = b"commit 1\n\n1c1\n< a\n---\n> b\n***************\n\n"
    binary = b"diff --git a/x b/x\nindex 1..2 100644\nBinary files a/x and b/x differ\n"
    assert parse(text + HEAD + b"@@ -1 +1 @@\n-a\n+b\n\n" + text)[0].hunks == EDIT
    assert parse(text + binary) == (GIT["binary"][1],)
