"""How the names of a file are found in a patch: quotes, prefixes, and one line that holds both."""

import pytest

from reviewbot.patch import parse

MODE = b"\nold mode 100644\nnew mode 100755\n"
EDIT = b"\n@@ -1 +1 @@\n-a\n+b\n"

ONE_LINE = {
    "plain": (b"a/x b/x", "x"),
    "with blanks": (b"a/x y b/x y", "x y"),
    "with the separator in it": (b"a/p b/p b b/p b/p b", "p b/p b"),
    "no prefix": (b"x x", "x"),
    "no prefix, below a/": (b"a/x a/x", "a/x"),
    "no prefix, with the separator in it": (b"p b/p b p b/p b", "p b/p b"),
    "index and work tree": (b"i/x w/x", "x"),
    "commit and index": (b"c/x y i/x y", "x y"),
    "reversed": (b"b/x a/x", "x"),
    "two directories": (b"1/x 2/x", "x"),
    "one's own prefixes": (b"old/x y new/x y", "new/x y"),
    "two files of which neither holds a blank": (b"x y", "y"),
    "two files, one with a blank": (b"a/x y b/z", "z"),
    "quoted": (rb'"a/\303\251\t\"\\" "b/\303\251\t\"\\"', 'é\t"\\'),
    "every escape": (rb'"a/\a\b\t\n\v\f\r\"\\\001\377" "b/\a\b\t\n\v\f\r\"\\\001\377"', '\a\b\t\n\v\f\r"\\\1\udcff'),
    "quoted with bytes beyond ASCII": ('"a/é\\n" "b/é\\n"'.encode(), "é\n"),
    "only the first is quoted": (b'"a/\\t" b/y y', "y y"),
    "only the second is quoted": (b'a/x x "b/\\t y"', "\t y"),
    "bytes that are not UTF-8": (b"a/\xff b/\xff", "\udcff"),
    "other line ends": ("a/\x0b\u2028\x85 b/\x0b\u2028\x85".encode(), "\x0b\u2028\x85"),
}


@pytest.mark.parametrize(("names", "path"), ONE_LINE.values(), ids=ONE_LINE)
def test_the_first_line_alone_names_the_file(names: bytes, path: str) -> None:
    (file,) = parse(b"diff --git " + names + MODE)
    assert file.path == path


TWO_LINES = {
    "prefixes": (b"a/x", b"b/x", "x"),
    "no prefix": (b"x", b"x", "x"),
    "no prefix, below a/": (b"a/x", b"a/x", "a/x"),
    "reversed": (b"b/x", b"a/x", "x"),
    "a blank and the tab after it": (b"a/x y\t", b"b/x y\t", "x y"),
    "a blank at the end": (b"a/x \t", b"b/x \t", "x "),
    "quoted": (rb'"a/\303\251 \n"', rb'"b/\303\251 \n"', "é \n"),
    "quoted, with a tab or a date after it": (b'"a/\\t"\t', b'"b/\\t"\t2026-01-02 03:04:05 +0000', "\t"),
    "a quote inside": (b'a/x"', b'b/x"', 'x"'),
    "two directories": (b"old/dir/x", b"new/dir/x", "new/dir/x"),
    "a backup": (b"x.orig", b"x", "x"),
    "two names below prefixes": (b"a/old/x", b"b/new/x", "new/x"),
    "one letter without a slash": (b"ax", b"bx", "bx"),
}


@pytest.mark.parametrize(("old", "new", "path"), TWO_LINES.values(), ids=TWO_LINES)
def test_the_two_lines_before_the_hunks_name_the_file(old: bytes, new: bytes, path: str) -> None:
    (plain,) = parse(b"--- " + old + b"\n+++ " + new + EDIT)
    names = old.partition(b"\t")[0] + b" " + new.partition(b"\t")[0]
    (git,) = parse(b"diff --git " + names + b"\n--- " + old + b"\n+++ " + new + EDIT)
    assert (plain.path, git.path) == (path, path)


def test_mnemonic_prefixes_are_known_in_git_patches_only() -> None:
    (plain,) = parse(b"--- i/x\n+++ w/x" + EDIT)
    (git,) = parse(b"diff --git i/x w/x\n--- i/x\n+++ w/x" + EDIT)
    assert (plain.path, git.path) == ("w/x", "x")


ONE_SIDED = {
    "added": (b"diff --git a/x b/x\nnew file mode 100644", b"/dev/null", b"b/x", "x"),
    "added, no prefix, below b/": (b"diff --git b/x b/x\nnew file mode 100644", b"/dev/null", b"b/x", "b/x"),
    "added, mnemonic": (b"diff --git i/x w/x\nnew file mode 100644", b"/dev/null", b"w/x", "x"),
    "added, names that cannot be split": (b"diff --git p q r s", b"/dev/null", b"b/r s", "r s"),
    "deleted": (b"diff --git a/x b/x\ndeleted file mode 100644", b"a/x", b"/dev/null", "x"),
    "deleted, no prefix": (b"diff --git x x", b"x", b"/dev/null", "x"),
    "added, no first line": (b"text", b"/dev/null", b"b/x", "x"),
    "deleted, no first line, no prefix": (b"text", b"dir/x", b"/dev/null", "dir/x"),
    "added, a file that is called /dev/null": (b"text", b"/dev/null", b"b//dev/null", "/dev/null"),
}


@pytest.mark.parametrize(("first", "old", "new", "path"), ONE_SIDED.values(), ids=ONE_SIDED)
def test_a_file_with_one_side_is_named_by_it(first: bytes, old: bytes, new: bytes, path: str) -> None:
    hunk = b"@@ -0,0 +1 @@\n+a\n" if old == b"/dev/null" else b"@@ -1 +0,0 @@\n-a\n"
    (file,) = parse(first + b"\n--- " + old + b"\n+++ " + new + b"\n" + hunk)
    assert (file.path, file.status) == (path, "added" if old == b"/dev/null" else "deleted")


TABS = {
    "modified": (b"", b"a/x\ty", b"b/x\ty"),
    "with a blank too": (b"", b"a/x\ty z\t", b"b/x\ty z\t"),
    "added": (b"new file mode 100644\n", b"/dev/null", b"b/x\ty"),
    "deleted": (b"deleted file mode 100644\n", b"a/x\ty", b"/dev/null"),
    "renamed": (b"rename from w\nrename to x\ty\n", b"a/w", b"b/x\ty"),
}


@pytest.mark.parametrize(("fields", "old", "new"), TABS.values(), ids=TABS)
def test_a_tab_that_mercurial_does_not_quote_belongs_to_the_name(fields: bytes, old: bytes, new: bytes) -> None:
    name = b"x\ty z" if b" z" in old else b"x\ty"
    first = b"diff --git a/" + (b"w" if b"/w" in old else name) + b" b/" + name + b"\n"
    (file,) = parse(first + fields + b"--- " + old + b"\n+++ " + new + EDIT)
    assert file.path == name.decode()
    assert len(file.hunks) == 1


RENAMES = {
    "plain": (b"a/x b/y", b"x", b"y", ("x", "y")),
    "below a/ and b/": (b"a/a/x b/b/x", b"a/x", b"b/x", ("a/x", "b/x")),
    "no prefix": (b"a/x b/x", b"a/x", b"b/x", ("a/x", "b/x")),
    "with the separator in both": (b"a/x b/x b/y b/y", b"x b/x", b"y b/y", ("x b/x", "y b/y")),
    "quoted": (b'"a/\\t" b/y', b'"\\t"', b"y", ("\t", "y")),
}


@pytest.mark.parametrize("verb", [b"rename", b"copy"])
@pytest.mark.parametrize(("names", "old", "new", "paths"), RENAMES.values(), ids=RENAMES)
def test_a_rename_or_copy_is_named_by_its_own_lines(
    verb: bytes, names: bytes, old: bytes, new: bytes, paths: tuple[str, str]
) -> None:
    (file,) = parse(b"diff --git " + names + b"\n" + verb + b" from " + old + b"\n" + verb + b" to " + new + b"\n")
    assert (file.old_path, file.path) == paths


UNMERGED = {
    "plain": (b"x", "x"),
    "with blanks": (b" x y ", " x y "),
    "not quoted, as git 2.39 has it": (b'q"t\te\xc3\xa9\\', 'q"t\teé\\'),
    "quoted": (rb'"\303\251\n"', "é\n"),
    "only half quoted": (b'"x', '"x'),
}


@pytest.mark.parametrize(("written", "path"), UNMERGED.values(), ids=UNMERGED)
def test_an_unmerged_file_is_named_after_the_words(written: bytes, path: str) -> None:
    (file,) = parse(b"* Unmerged path " + written + b"\n")
    assert file.path == path


BINARY = {
    "two directories": (b"old/x and new/x", "new/x"),
    "the separator in both": (b"a/x and y and b/x and y", "x and y"),
    "two names": (b"x and y", "y"),
    "the separator in one": (b"a/x and y and b/z", "z"),
}


@pytest.mark.parametrize(("names", "path"), BINARY.values(), ids=BINARY)
def test_a_plain_binary_file_is_named_in_its_line(names: bytes, path: str) -> None:
    (file,) = parse(b"Binary files " + names + b" differ\n")
    assert file.path == path
