"""What is refused, and that the message names the line and what is wrong there."""

import pytest

from reviewbot.errors import ExitCode, SourceError
from reviewbot.patch import parse

HEAD = b"diff --git a/x b/x\n--- a/x\n+++ b/x\n"
HUNK = HEAD + b"@@ -1 +1 @@\n-a\n+b\n"

REFUSED = {
    "no file at all": (b"hello\nworld\n", 1, "no file diff"),
    "a context diff": (b"*** x\n--- y\n***************\n*** 1 ****\n! a\n", 3, "not a unified one"),
    "a context diff with functions": (b"*** x\n--- y\n*************** f(x)\n*** 1 ****\n! a\n", 3, "not a unified"),
    "a normal diff": (b"diff x y\n1,2c1\n< a\n< b\n---\n> c\n5a6\n> d\n", 2, "not a unified one"),
    "a script for ed": (b"5,6d\n1c\na\n.\n", 1, "not a unified one"),
    "a script for RCS": (b"d1 1\na1 1\na\n", 1, "not a unified one"),
    "a normal diff beside a binary file": (
        b"Binary files x and y differ\ndiff z w\n1d0\n< a\n",
        3,
        "not a unified one",
    ),
    "a combined diff": (HUNK + b"diff --cc x\nindex 1,2..3\n", 7, "combined diff"),
    "a combined diff, the long word": (b"diff --combined x\n", 1, "combined diff"),
    "a combined hunk": (HEAD + b"@@@ -1,1 -1,1 +1,2 @@@\n", 4, "must follow"),
    "a combined hunk after another": (HUNK + b"@@@ -1,1 -1,1 +1,2 @@@\n", 7, "combined diff"),
    "a combined hunk in text": (b"text\n@@@@ -1 -1 -1 +1 @@@@\n", 2, "combined diff"),
    "cut in a hunk": (
        HEAD + b"@@ -1,3 +1,2 @@\n-a\n b\n",
        7,
        "the patch ends in the hunk of line 4, before 1 old and 1 new",
    ),
    "cut after a hunk header": (HEAD + b"@@ -1 +1 @@\n", 5, "before 1 old and 1 new"),
    "cut before the next file": (
        HEAD + b"@@ -1,2 +1,2 @@\n-a\n+b\ndiff --git a/y b/y\n",
        7,
        "the hunk of line 4 counts 1 more old and 1 more new lines here, not this one",
    ),
    "cut before +++": (b"diff --git a/x b/x\n--- a/x\n", 3, "+++ must follow"),
    "another line before +++": (b"diff --git a/x b/x\n--- a/x\ntext\n", 3, "+++ must follow"),
    "cut before the hunk": (HEAD, 4, "a hunk must follow"),
    "cut before the hunk of a plain file": (b"--- x\n+++ x\n", 3, "a hunk must follow"),
    "text instead of a hunk": (HEAD + b"text\n", 4, "a hunk must follow"),
    "an unknown sign": (HEAD + b"@@ -1 +1 @@\n~a\n+b\n", 5, "not this one"),
    "an unknown sign that is not ASCII": (HEAD + b"@@ -1 +1 @@\n\xc3\xa9\xff\n", 5, "not this one"),
    "a cr before other text": (HEAD + b"@@ -1 +1 @@\n\ra\n", 5, "not this one"),
    "more added lines than counted": (HEAD + b"@@ -1 +1 @@\n+a\n+b\n-c\n", 6, "1 more old and 0 more new"),
    "more deleted lines than counted": (HEAD + b"@@ -1 +1 @@\n-a\n-b\n+c\n", 6, "0 more old and 1 more new"),
    "context where only an added line can be": (HEAD + b"@@ -0,0 +1 @@\n a\n", 5, "0 more old and 1 more new"),
    "an empty line where only a deleted one can be": (HEAD + b"@@ -1 +0,0 @@\n\n", 5, "1 more old and 0 more new"),
    "a message without a line": (HEAD + b"@@ -1 +1 @@\n\\ No newline\n", 5, "not this one"),
    "an added line beyond the counts": (HUNK + b"+c\n", 7, "the hunk of line 4 has more lines than it counts"),
    "a deleted line beyond the counts": (HUNK + b"-c\n", 7, "more lines than it counts"),
    "a context line beyond the counts": (HUNK + b" c\n", 7, "more lines than it counts"),
    "a second message": (HUNK + b"\\ No\n\\ No\n", 8, "more lines than it counts"),
    "-- that is no header": (HUNK + b"--- c\n", 7, "more lines than it counts"),
    "++ that is no header": (HUNK + b"+++ c\n", 7, "more lines than it counts"),
    "a hunk without a file": (b"text\n@@ -1 +1 @@\n-a\n+b\n", 2, "a hunk without a file"),
    "a hunk right after the git header": (b"diff --git a/x b/x\n@@ -1 +1 @@\n", 2, "a hunk without a file"),
    "a hunk after text": (HUNK + b"\n@@ -3 +3 @@\n-a\n+b\n", 8, "a hunk without a file"),
    "a header that is no header": (HEAD + b"@@ -1 @@\n-a\n", 4, "is not a hunk header"),
    "a header with letters": (HEAD + b"@@ -a +1 @@\n", 4, "is not a hunk header"),
    "a header with foreign digits": (HEAD + "@@ -\u0661 +1 @@\n".encode(), 4, "is not a hunk header"),
    "a header with a negative count": (HEAD + b"@@ -1,-1 +1 @@\n", 4, "is not a hunk header"),
    "a hunk of no lines": (HEAD + b"@@ -1,0 +1,0 @@\n", 4, "counts no lines"),
    "an old line before the first": (HEAD + b"@@ -0 +1 @@\n-a\n+b\n", 4, "lines before the first"),
    "a new line before the first": (HEAD + b"@@ -1 +0 @@\n-a\n+b\n", 4, "lines before the first"),
    "a start too large": (HEAD + b"@@ -2147483648 +1 @@\n", 4, "2147483648 is too large"),
    "a count too large": (HEAD + b"@@ -1,99999999999 +1 @@\n", 4, "99999999999 is too large"),
    "a number of many digits": (HEAD + b"@@ -1 +" + b"9" * 5000 + b" @@\n", 4, "999999999999 is too large"),
    "old lines twice": (HUNK + b"@@ -1 +2 @@\n-a\n+b\n", 7, "the hunk begins before the one of line 4 ends"),
    "new lines twice": (HUNK + b"@@ -2 +1 @@\n-a\n+b\n", 7, "begins before"),
    "backwards": (HEAD + b"@@ -9 +9 @@\n-a\n+b\n@@ -1 +1 @@\n-a\n+b\n", 7, "begins before"),
    "an insertion into lines that are gone": (
        HEAD + b"@@ -5,2 +5 @@\n-a\n-b\n+c\n@@ -5,0 +6 @@\n+d\n",
        8,
        "begins before",
    ),
    "a hunk of context only": (HEAD + b"@@ -1,2 +1,2 @@\n a\n b\n", 4, "the hunk changes no line"),
    "words instead of lines": (HEAD + b"@@ -1 +1 @@\n  x = [-1-]{+2+}\n", 4, "the hunk changes no line"),
    "a mode that is none": (b"\ndiff --git a/x b/x\nold mode 10064\nnew mode 100755\n", 2, "is not six octal"),
    "an index mode that is none": (b"diff --git a/x b/x\nindex 1..2 rw\n", 1, "is not six octal"),
    "a rename without its end": (b"diff --git a/x b/y\nrename from x\n", 1, "the rename has only one"),
    "a copy without its start": (b"diff --git a/x b/y\ncopy to y\n", 1, "the copy has only one"),
    "names that cannot be told apart": (b"diff --git p q r\n", 1, "cannot be told apart"),
    "one name only": (b"diff --git x\n", 1, "cannot be told apart"),
    "prefixes that cannot be told apart": (b"diff --git a/x b/y b/z\n", 1, "cannot be told apart"),
    "no file on either side": (b"--- /dev/null\n+++ /dev/null\n@@ -1 +1 @@\n-a\n+b\n", 1, "cannot be told apart"),
    "an empty name": (b"--- a/\n+++ b/\n@@ -1 +1 @@\n-a\n+b\n", 1, "can have such a name"),
    "an empty old name": (b"diff --git a/x b/y\nrename from \nrename to y\n", 1, "can have such a name"),
    "an unmerged file without a name": (b"* Unmerged path \n", 1, "can have such a name"),
    "a NUL in a name": (b'--- "a/\\000"\n+++ "b/\\000"\n@@ -1 +1 @@\n-a\n+b\n', 1, "can have such a name"),
    "a quote that does not end": (b'--- "a/x\n+++ "b/x"\n@@ -1 +1 @@\n-a\n+b\n', 1, "is not quoted as git quotes"),
    "an escape above a byte": (b'--- "a/\\400"\n+++ "b/x"\n@@ -1 +1 @@\n-a\n+b\n', 1, "is not quoted as git quotes"),
    "an escape git does not know": (b'--- "a/\\x"\n+++ "b/x"\n@@ -1 +1 @@\n-a\n+b\n', 1, "is not quoted as git quotes"),
    "coloured output": (b"\x1b[1mdiff --git a/x b/x\x1b[m\n\x1b[1m--- a/x\x1b[m\n", 1, "no file diff"),
}


@pytest.mark.parametrize(("patch", "line", "what"), REFUSED.values(), ids=REFUSED)
def test_what_cannot_be_read_is_refused_with_its_line(patch: bytes, line: int, what: str) -> None:
    with pytest.raises(SourceError) as caught:
        parse(patch)
    error = caught.value
    assert error.message.startswith(f"patch line {line}: ")
    assert what in error.message
    assert error.slug == "bad-patch"
    assert error.exit_code is ExitCode.INCOMPLETE


def test_the_hint_says_what_is_accepted() -> None:
    with pytest.raises(SourceError) as caught:
        parse(b"hello")
    assert all(tool in caught.value.hint for tool in ("git diff", "git format-patch", "hg diff --git", "diff -u"))


def test_the_hint_for_a_merge_says_how_to_write_it() -> None:
    with pytest.raises(SourceError) as caught:
        parse(b"diff --cc x\n")
    assert "--first-parent" in caught.value.hint


def test_the_hint_for_a_diff_of_words_says_how_to_write_it() -> None:
    with pytest.raises(SourceError) as caught:
        parse(HEAD + b"@@ -1 +1 @@\n  x = [-1-]{+2+}\n")
    assert "--word-diff" in caught.value.hint


MAIL = b"From: Ada <ada@example.com>\nSubject: [PATCH] x\n%b\n\ntext\n---\n--- a/x\n+++ b/x\n@@ -1 +1 @@\n-a\n+b=3D1\n"


@pytest.mark.parametrize("encoding", [b"quoted-printable", b"BASE64", b" Quoted-Printable"])
@pytest.mark.parametrize("before", [b"", b"From 1234 Mon Sep 17 00:00:00 2001\n", b"text\n\nFrom 1234 Mon Sep 17\n"])
def test_a_mail_whose_text_is_encoded_is_refused_at_the_line_that_says_so(before: bytes, encoding: bytes) -> None:
    lines = before.count(b"\n")
    with pytest.raises(SourceError) as caught:
        parse(before + MAIL % (b"Content-Transfer-Encoding: " + encoding))
    assert f"line {lines + 3}" in caught.value.message
    assert "git am" in caught.value.hint


@pytest.mark.parametrize("line", [b"Content-Transfer-Encoding: 8bit", b"X: y\n\nContent-Transfer-Encoding: base64"])
def test_a_mail_that_is_not_encoded_is_read(line: bytes) -> None:
    assert len(parse(MAIL % line)) == 1
