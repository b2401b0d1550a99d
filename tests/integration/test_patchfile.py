"""A change that comes as a patch: from a file or from standard input."""

import io
from pathlib import Path

import pytest

from reviewbot.errors import SourceError
from reviewbot.review import Target
from reviewbot.sources.patchfile import PatchFileSource
from tests.support.repo import Repo

PATCH = b"diff --git a/a b/a\n--- a/a\n+++ b/a\n@@ -1 +1 @@\n-a\n+\xff\r\n"


def _refusal(source: PatchFileSource) -> SourceError:
    with pytest.raises(SourceError) as caught:
        source.collect()
    assert "\n" not in caught.value.message + caught.value.hint
    return caught.value


def test_a_file_is_read_as_bytes(tmp_path: Path) -> None:
    path = tmp_path / "my.patch"
    path.write_bytes(PATCH)
    change = PatchFileSource(str(path), stdin=None).collect()
    assert change.target == Target(None, None, f"patch {path}")
    assert [line.text for line in change.files[0].hunks[0].lines] == ["a", "\udcff\r"]


def test_standard_input_is_read_as_bytes() -> None:
    change = PatchFileSource("-", stdin=io.BytesIO(PATCH)).collect()
    assert change.target == Target(None, None, "patch from standard input")
    assert [line.text for line in change.files[0].hunks[0].lines] == ["a", "\udcff\r"]


def test_what_git_writes_is_the_change_that_git_source_reads(tmp_path: Path) -> None:
    repo = Repo.with_commit(tmp_path, {"a b": "a\n", "c": b"\0"})
    repo.stage({"a b": "b\n", "c": b"\0\0", "é": "x"})
    written = io.BytesIO(repo.git("diff", "--cached"))
    assert PatchFileSource("-", stdin=written).collect().files == repo.collect().files


@pytest.mark.parametrize("data", [b"", b"\n"], ids=["empty", "a line"])
def test_an_empty_patch_changes_nothing(data: bytes) -> None:
    assert PatchFileSource("-", stdin=io.BytesIO(data)).collect().files == ()


def test_what_is_no_patch_is_refused() -> None:
    assert _refusal(PatchFileSource("-", stdin=io.BytesIO(b"hello\n"))).slug == "bad-patch"


@pytest.mark.parametrize(
    ("name", "message", "hint"),
    [
        ("missing", "no such file", "check the name"),
        (".", "is a directory", "name a file"),
        ("x" * 300, "too long", "read"),
    ],
    ids=["missing", "a directory", "no possible name"],
)
def test_a_file_that_cannot_be_read_is_named_with_the_reason(
    tmp_path: Path, name: str, message: str, hint: str
) -> None:
    path = str(tmp_path / name)
    error = _refusal(PatchFileSource(path, stdin=None))
    assert error.slug == "patch-unreadable"
    assert path in error.message
    assert message in error.message.lower()
    assert hint in error.hint


def test_standard_input_that_cannot_be_read_is_refused(tmp_path: Path) -> None:
    with (tmp_path / "write-only").open("wb") as closed:
        error = _refusal(PatchFileSource("-", stdin=closed))
    assert error.slug == "patch-unreadable"
    assert "standard input" in error.message


def test_without_a_standard_input_the_error_says_so() -> None:
    error = _refusal(PatchFileSource("-", stdin=None))
    assert error.slug == "patch-unreadable"
    assert "|" in error.hint


def test_a_coloured_patch_is_refused_with_the_way_to_write_it(tmp_path: Path) -> None:
    path = tmp_path / "x.patch"
    path.write_bytes(b"\x1b[1mdiff --git a/x b/x\x1b[m\n\x1b[36m@@ -1 +1 @@\x1b[m\n\x1b[31m-a\x1b[m\n")
    with pytest.raises(SourceError) as refused:
        PatchFileSource(str(path), stdin=None).collect()
    assert (refused.value.hint, refused.value.slug) == ("write it with `git diff --no-color`", "bad-patch")
    assert refused.value.message.endswith("it is coloured")
