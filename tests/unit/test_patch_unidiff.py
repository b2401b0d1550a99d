"""The parser against the `unidiff` package: equal on patches both can read, and where the two differ on purpose."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from unidiff.errors import UnidiffParseError
from unidiff.patch import PatchSet

from reviewbot.diff import FileDiff, Status
from reviewbot.errors import SourceError
from reviewbot.patch import parse, render
from tests.support.strategies import file_diffs

# Names with blanks or quotes are where the two differ, see below. A file has hunks here: lines are what is compared.
NAMES = st.text("ab/.", min_size=1, max_size=6).map(lambda text: f"d{text}e")
FILES = file_diffs(name=NAMES).filter(lambda file: bool(file.hunks) and file.status is not Status.TYPE_CHANGED)
Row = tuple[str, str, int | None, int | None]


def ours(patch: bytes) -> dict[str, list[Row]]:
    return {
        file.path: [(line.kind.value, line.text, line.old, line.new) for hunk in file.hunks for line in hunk.lines]
        for file in parse(patch)
    }


def theirs(patch: bytes) -> dict[str, list[Row]]:
    return {
        file.path: [
            (line.line_type, line.value.removesuffix("\n"), line.source_line_no, line.target_line_no)
            for hunk in file
            for line in hunk
            if line.line_type != "\\"
        ]
        for file in PatchSet(patch.decode("utf-8", "surrogateescape"))
    }


@settings(max_examples=60, deadline=None)
@given(st.lists(FILES, min_size=1, max_size=3, unique_by=lambda file: file.path))
def test_both_read_the_same_names_signs_texts_and_numbers(files: list[FileDiff]) -> None:
    patch = render(files)
    assert ours(patch) == theirs(patch)


EDIT = b"@@ -1 +1 @@\n-a\n+b\n"
ROWS: list[Row] = [("-", "a", 1, None), ("+", "b", None, 1)]

READ_OTHERWISE: dict[str, tuple[bytes, dict[str, list[Row]], dict[str, list[Row]]]] = {
    "two equal names have no prefix, also below a/": (
        b"--- a/x\n+++ a/x\n" + EDIT,
        {"a/x": ROWS},
        {"x": ROWS},
    ),
    "an unmerged file is a file": (b"* Unmerged path x\n", {"x": []}, {}),
    "a name in C-quotes stands for other bytes": (
        b'--- "a/\\303\\251"\n+++ "b/\\303\\251"\n' + EDIT,
        {"é": ROWS},
        {r'"\303\251"': ROWS},
    ),
    "the first line is split where both halves agree": (
        b"diff --git a/x b/x b/x b/x\nold mode 100644\nnew mode 100755\n",
        {"x b/x": []},
        {"x": []},
    ),
}


@pytest.mark.parametrize(("patch", "here", "there"), READ_OTHERWISE.values(), ids=READ_OTHERWISE)
def test_some_patches_are_read_otherwise(patch: bytes, here: dict[str, list[Row]], there: dict[str, list[Row]]) -> None:
    assert ours(patch) == here
    assert theirs(patch) == there


def test_a_new_file_with_the_separator_in_its_name_is_read_where_unidiff_gives_up() -> None:
    patch = b"diff --git a/x b/x b/x b/x\nnew file mode 100644\n--- /dev/null\n+++ b/x b/x\t\n@@ -0,0 +1 @@\n+b\n"
    assert ours(patch) == {"x b/x": [("+", "b", None, 1)]}
    with pytest.raises(UnidiffParseError):
        theirs(patch)


REFUSED_HERE = {
    "text without a file": b"hello\n",
    "a combined diff": b"diff --cc x\n--- a/x\n+++ b/x\n@@@ -1 -1 +1 @@@\n- a\n+ b\n",
    "a line beyond the counts": b"--- a/x\n+++ b/x\n" + EDIT + b"+c\n",
}


@pytest.mark.parametrize("patch", REFUSED_HERE.values(), ids=REFUSED_HERE)
def test_what_would_lose_lines_is_refused_where_unidiff_reads_on(patch: bytes) -> None:
    assert "c" not in str(theirs(patch))
    with pytest.raises(SourceError):
        parse(patch)
