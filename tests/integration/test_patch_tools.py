"""Patches as the real tools write them: Mercurial, GNU diff and git in all its ways to show a change.

What the files should be is told by the git source, which reads the same edit out of a repository, and by
`git diff --numstat`.
"""

import io
import os
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from reviewbot.diff import FileDiff, Status
from reviewbot.errors import SourceError
from reviewbot.sources.patchfile import PatchFileSource
from tests.support.applied import applied
from tests.support.repo import Repo

HG = str(Path(sys.executable).parent / "hg")


def numbers(first: int, last: int, **other: str) -> bytes:
    """Lines of a number each; `n5="five"` puts another text at one."""
    return "".join(other.get(f"n{number}", str(number)) + "\n" for number in range(first, last + 1)).encode()


BEFORE: dict[str, bytes] = {
    "edited": numbers(1, 40),
    "moved": numbers(100, 140),
    "moved and edited": numbers(200, 240),
    "gone": b"gone\n",
    "binary": b"\0a",
    "open": b"no end",
    "ended": b"an end\n",
    "crlf": b"a\r\nb\r\n",
    "latin": b"\xe9\n\x0c\n",
    "a b": b"a\n",
    "é/ü": b"a\n",
    'q"x': b"a\n",
    "back\\slash": b"a\n",
    "tab\tx": b"a\n",
    "sql": b"-- a\n",
}
AFTER: dict[str, bytes] = {
    "edited": numbers(1, 40, n10="ten", n30="thirty"),
    "moved to": BEFORE["moved"],
    "sub/moved": BEFORE["moved and edited"] + b"more\n",
    "binary": b"\0b",
    "open": b"still no end",
    "ended": b"an end",
    "crlf": b"a\r\nc\r\n",
    "latin": b"\xe9\xff\n\x0c\n",
    "a b": b"b\n",
    "é/ü": b"b\n",
    'q"x': b"b\n",
    "back\\slash": b"b\n",
    "tab\tx": b"b\n",
    "sql": b"++ b\n",
    "new": b"n\n",
    "new empty": b"",
}
MOVES = {"moved": "moved to", "moved and edited": "sub/moved"}


def read(patch: bytes) -> tuple[FileDiff, ...]:
    return PatchFileSource("-", stdin=io.BytesIO(patch)).collect().files


def refused(patch: bytes) -> str:
    with pytest.raises(SourceError) as caught:
        read(patch)
    assert caught.value.slug == "bad-patch"
    return caught.value.message


def plain(files: Sequence[FileDiff]) -> list[FileDiff]:
    """What a tool can tell that knows neither modes nor functions, in the order of the names."""
    stripped = [
        replace(file, old_mode=None, new_mode=None, hunks=tuple(replace(hunk, section="") for hunk in file.hunks))
        for file in files
    ]
    return sorted(stripped, key=lambda file: file.path)


def changed(file: FileDiff) -> list[tuple[str, str, bool]]:
    return [(line.kind.value, line.text, line.newline) for hunk in file.hunks for line in hunk.lines if line.changed]


def makes_what_came_after(files: Sequence[FileDiff]) -> None:
    """Assert that the lines stand where they say: carried out, they make the contents after of those before."""
    for file in files:
        if not file.binary:
            old = BEFORE.get(file.old_path or file.path, b"")
            assert applied(old, file.hunks) == AFTER.get(file.path, b""), file.path


def fill(folder: Path, contents: Mapping[str, bytes]) -> None:
    """Make a folder hold these files and, beside those whose names begin with a dot, no others."""
    for path in sorted(folder.rglob("*"), reverse=True):
        if path.is_file() and not path.relative_to(folder).parts[0].startswith("."):
            path.unlink()
    for name, content in contents.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)


def run(folder: Path, *command: str, code: int = 0) -> bytes:
    environment = {**os.environ, "HGRCPATH": "", "HGPLAIN": "1", "LC_ALL": "C.UTF-8"}
    done = subprocess.run(command, cwd=folder, env=environment, capture_output=True, check=False)
    assert done.returncode == code, done.stderr.decode(errors="replace")
    return done.stdout


@pytest.fixture(scope="module")
def repo(tmp_path_factory: pytest.TempPathFactory) -> Repo:
    """The edit in git: one commit before it, one after it, and one more."""
    made = Repo.create(tmp_path_factory.mktemp("git"))
    for contents in (BEFORE, AFTER, AFTER | {"edited": BEFORE["edited"]}):
        fill(made.path, contents)
        made.git("add", "--all")
        made.commit({}, "Edit\n\n- a list\n+ of signs\n--- a heading\ndiff of x\n@@ here")
    made.git("branch", "edit", "HEAD~1")
    return made


@pytest.fixture(scope="module")
def hg(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The same three states in Mercurial."""
    folder = tmp_path_factory.mktemp("hg")
    run(folder, HG, "init")
    for contents, moves in ((BEFORE, {}), (AFTER, MOVES), (AFTER | {"edited": BEFORE["edited"]}, {})):
        for old, new in moves.items():
            run(folder, HG, "move", old, new)
        fill(folder, contents)
        run(folder, HG, "addremove", "--quiet", "--similarity", "0")
        run(folder, HG, "commit", "--user", "Ada", "--message", "Edit\n\n- a list\n--- a heading\ndiff of x")
    return folder


@pytest.fixture(scope="module")
def folders(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The state before in the folder `a` and the one after in `b`."""
    top = tmp_path_factory.mktemp("diff")
    for name, contents in (("a", BEFORE), ("b", AFTER)):
        (top / name).mkdir()
        fill(top / name, contents)
    return top


def tells_every_line(files: Sequence[FileDiff], repo: Repo) -> None:
    """Assert what holds for a tool that knows no renames: all lines that git counts, and the git source's rows."""
    rows = repo.git("diff", "--numstat", "--no-renames", "-z", "HEAD~2", "HEAD~1").decode().split("\0")[:-1]
    fields = [row.split("\t", 2) for row in rows]
    counts = {name: (int(added), int(gone)) for added, gone, name in fields if added + gone not in {"--", "00"}}
    assert {file.path: (file.added, file.deleted) for file in files if file.hunks} == counts
    assert [file.path for file in files if not file.hunks] == [file.path for file in files if file.binary] == ["binary"]
    assert {file.path: file.status for file in files if file.status is not Status.MODIFIED} == {
        **dict.fromkeys(["gone", *MOVES], Status.DELETED),
        **dict.fromkeys(["new", *MOVES.values()], Status.ADDED),
    }
    makes_what_came_after(files)
    modified = [file for file in repo.collect("HEAD~1").files if file.status is Status.MODIFIED]
    assert [file for file in plain(files) if file.status is Status.MODIFIED] == plain(modified)


def test_mercurial_with_git_headers_tells_what_the_git_source_reads(repo: Repo, hg: Path) -> None:
    files = read(run(hg, HG, "diff", "--git", "--change", "1"))
    makes_what_came_after(files)
    assert plain(files) == plain(repo.collect("HEAD~1").files)
    found = {file.path: file for file in files}
    assert (found["new"].new_mode, found["gone"].old_mode) == ("100644", "100644")


def test_a_series_of_mercurial_changesets_holds_the_files_of_each(repo: Repo, hg: Path) -> None:
    files = read(run(hg, HG, "export", "--git", "1", "2"))
    first, second = repo.collect("HEAD~1").files, repo.collect("HEAD").files
    assert plain(files[: len(first)]) == plain(first)
    assert plain(files[len(first) :]) == plain(second)


@pytest.mark.parametrize("command", ["diff --change 1", "export 1", "log --patch --rev 1"])
def test_mercurial_without_git_headers_tells_every_changed_line(repo: Repo, hg: Path, command: str) -> None:
    # Without the line of git nothing tells a tab in a name from the one before the date.
    files = read(run(hg, HG, *command.split()))
    tells_every_line([replace(file, path="tab\tx") if file.path == "tab" else file for file in files], repo)


def test_mercurial_tells_copies_modes_links_and_names_with_tabs(tmp_path: Path) -> None:
    run(tmp_path, HG, "init")
    fill(tmp_path, {"x": numbers(1, 9), "mode": b"a\n", "tab\tx": b"a\n"})
    (tmp_path / "link").symlink_to("x")
    run(tmp_path, HG, "commit", "--addremove", "--quiet", "--user", "Ada", "--message", "one")
    run(tmp_path, HG, "copy", "x", "y")
    run(tmp_path, HG, "move", "tab\tx", "tab\ty z")
    (tmp_path / "y").write_bytes(numbers(1, 9, n9="nine"))
    (tmp_path / "tab\ty z").write_bytes(b"b\n")
    (tmp_path / "mode").chmod(0o755)
    (tmp_path / "link").unlink()
    (tmp_path / "link").symlink_to("y")
    files = {file.path: file for file in read(run(tmp_path, HG, "diff", "--git"))}
    assert files.keys() == {"link", "mode", "tab\ty z", "y"}
    assert (files["y"].status, files["y"].old_path) == (Status.COPIED, "x")
    assert (files["tab\ty z"].status, files["tab\ty z"].old_path) == (Status.RENAMED, "tab\tx")
    assert (files["mode"].old_mode, files["mode"].new_mode, files["mode"].hunks) == ("100644", "100755", ())
    assert [changed(files[name]) for name in ("y", "tab\ty z", "link")] == [
        [("-", "9", True), ("+", "nine", True)],
        [("-", "a", True), ("+", "b", True)],
        [("-", "x", False), ("+", "y", False)],
    ]


def test_diff_of_two_files_names_the_new_one(folders: Path) -> None:
    [file] = read(run(folders, "diff", "-u", "a/edited", "b/edited", code=1))
    assert (file.path, file.status, file.added, file.deleted) == ("edited", Status.MODIFIED, 2, 2)
    [moved] = read(run(folders / "b", "diff", "-u", "../a/moved and edited", "sub/moved", code=1))
    assert (moved.path, moved.status, changed(moved)) == ("sub/moved", Status.MODIFIED, [("+", "more", True)])


@pytest.mark.parametrize("options", ["-ruN", "-ruNp", "-ruNa"])
def test_diff_of_two_folders_tells_every_changed_line(repo: Repo, folders: Path, options: str) -> None:
    files = read(run(folders, "diff", options, "a", "b", code=1))
    if options == "-ruNa":  # what has no text is text too
        files = tuple(replace(file, hunks=(), binary=True) if file.path == "binary" else file for file in files)
    tells_every_line(files, repo)


def test_diff_of_two_folders_without_new_files_passes_over_those_of_one_side(repo: Repo, folders: Path) -> None:
    written = run(folders, "diff", "-ru", "a", "b", code=1)
    modified = [file for file in repo.collect("HEAD~1").files if file.status is Status.MODIFIED]
    assert written.count(b"\nOnly in ") == 7
    assert plain(read(written)) == plain(modified)


ONE_CHANGE = {
    "diff": "diff HEAD~2 HEAD~1",
    "diff with binary data": "diff --binary --full-index HEAD~2 HEAD~1",
    "diff after tables": "diff --raw --numstat --summary --dirstat --patch HEAD~2 HEAD~1",
    "diff-tree": "diff-tree --patch --find-renames --root HEAD~1",
    "show": "show HEAD~1",
    "show with a table": "show --stat --patch --format=fuller HEAD~1",
    "show as a mail": "show --format=email HEAD~1",
    "show of a raw commit": "show --format=raw HEAD~1",
    "log": "log --patch --max-count=1 HEAD~1",
    "log with marks": "log --patch --max-count=1 --left-right --format=oneline HEAD~1",
    "request-pull": "request-pull -p HEAD~2 . edit",
}
SERIES = {
    "mails": "format-patch --stdout HEAD~2",
    "mails with a cover letter": "format-patch --stdout --cover-letter HEAD~2",
    "mails without a signature": "format-patch --stdout --no-signature HEAD~2",
    "mails with a signature like a patch": "format-patch --stdout --signature=+++ HEAD~2",
    "mails with attachments": "format-patch --stdout --attach HEAD~2",
    "mails with attachments and a cover letter": "format-patch --stdout --attach --cover-letter HEAD~2",
    "mails with the patch inline": "format-patch --stdout --inline --thread HEAD~2",
    "mails without a table": "format-patch --stdout --no-stat --base=HEAD~2 HEAD~2",
    "log": "log --patch --reverse HEAD~2..",
    "log with tables": "log --patch --stat --reverse HEAD~2..",
}


@pytest.mark.parametrize("command", ONE_CHANGE.values(), ids=ONE_CHANGE)
def test_git_tells_one_change_in_all_its_ways(repo: Repo, command: str) -> None:
    files = read(repo.git(*command.split()))
    makes_what_came_after(files)
    assert files == repo.collect("HEAD~1").files


@pytest.mark.parametrize("command", SERIES.values(), ids=SERIES)
def test_git_tells_a_series_in_all_its_ways(repo: Repo, command: str) -> None:
    assert read(repo.git(*command.split())) == repo.collect("HEAD~1").files + repo.collect("HEAD").files


def test_mails_in_files_are_read_one_after_the_other(repo: Repo, tmp_path: Path) -> None:
    repo.git("format-patch", "--cover-letter", "--output-directory", str(tmp_path), "HEAD~2")
    mails = [path.read_bytes() for path in sorted(tmp_path.iterdir())]
    assert len(mails) == 3
    assert read(b"".join(mails)) == repo.collect("HEAD~1").files + repo.collect("HEAD").files


def test_what_is_not_committed_and_what_is_stashed_is_told(tmp_path: Path) -> None:
    repo = Repo.with_commit(tmp_path, {"a": "a\n", "b": "b\n"})
    repo.write("a", "A\n")
    repo.stage({"b": "B\n"})
    expected = repo.collect(worktree=True).files
    assert read(repo.git("diff", "HEAD")) == expected
    assert read(repo.git("diff", "--cached")) + read(repo.git("diff")) == expected[::-1]
    repo.write("c", "c\n")
    repo.git("stash", "--include-untracked")
    assert read(repo.git("stash", "show", "--patch")) == expected
    assert [file.path for file in read(repo.git("stash", "show", "--patch", "--include-untracked"))] == ["a", "b", "c"]


COMBINED = {
    "show": "show HEAD",
    "show -c": "show -c HEAD",
    "log --cc": "log --cc",
    "after a table": "show --diff-merges=combined --stat --patch HEAD",
}


@pytest.fixture(scope="module")
def conflict(tmp_path_factory: pytest.TempPathFactory) -> tuple[Repo, bytes]:
    """A merge of two changes of one line, and what `git diff` told before it was done."""
    repo = Repo.with_commit(tmp_path_factory.mktemp("conflict"), {"x": "a\n", "y": numbers(1, 9)})
    repo.git("checkout", "--quiet", "-b", "side")
    repo.commit({"x": "b\n", "y": numbers(1, 9, n9="nine")})
    repo.git("checkout", "--quiet", "main")
    repo.commit({"x": "c\n", "y": numbers(1, 9, n1="one")})
    run(repo.path, "git", "merge", "--quiet", "side", code=1)
    unfinished = repo.git("diff")
    repo.commit({"x": "d\n"}, "merge")
    return repo, unfinished


def refuses_the_combined_diff(patch: bytes) -> None:
    lines = patch.split(b"\n")
    first = next(
        number for number, line in enumerate(lines, 1) if line.startswith((b"diff --cc x", b"diff --combined"))
    )
    assert refused(patch) == f"patch line {first}: a combined diff of a merge is not supported"


@pytest.mark.parametrize("command", COMBINED.values(), ids=COMBINED)
def test_a_merge_is_refused_at_the_line_of_its_combined_diff(conflict: tuple[Repo, bytes], command: str) -> None:
    refuses_the_combined_diff(conflict[0].git(*command.split()))


def test_a_merge_that_is_not_done_is_refused_too(conflict: tuple[Repo, bytes]) -> None:
    refuses_the_combined_diff(conflict[1])


@pytest.mark.parametrize("command", ["show --first-parent HEAD", "diff HEAD^1 HEAD", "log -1 -p -m --first-parent"])
def test_a_merge_against_its_first_parent_is_read(conflict: tuple[Repo, bytes], command: str) -> None:
    repo, _ = conflict
    assert read(repo.git(*command.split())) == repo.collect("HEAD").files


UNLIKE = "this is a diff, but not a unified one"
NONE = "no file diff begins here or in any later line"
OTHER_FORMS = {
    "a normal diff": ("diff a/edited b/edited", 1, UNLIKE),
    "a normal diff of folders": ("diff -rN a b", 2, UNLIKE),
    "a context diff": ("diff -c a/edited b/edited", 3, UNLIKE),
    "a context diff of folders": ("diff -rcN a b", 4, UNLIKE),
    "a script for ed": ("diff -e a/edited b/edited", 1, UNLIKE),
    "a script for RCS": ("diff -rnN a b", 2, UNLIKE),
    "side by side": ("diff -y a/edited b/edited", 1, NONE),
    "names only": ("diff -rq a b", 1, NONE),
    "a table of git": ("git diff --no-index --stat a b", 1, NONE),
    "names of git": ("git diff --no-index --name-status a b", 1, NONE),
}
PAGE = b"""<!DOCTYPE html>
<html><body>
<div class="diff">diff --git a/x b/x</div>
<pre>
--- a/x
</pre>
"""


@pytest.mark.parametrize(("command", "line", "what"), OTHER_FORMS.values(), ids=OTHER_FORMS)
def test_a_diff_of_another_form_is_refused(folders: Path, command: str, line: int, what: str) -> None:
    assert refused(run(folders, *command.split(), code=1)) == f"patch line {line}: {what}"


@pytest.mark.parametrize(("option", "line"), [("--word-diff", 5), ("--word-diff=porcelain", 7)])
def test_a_diff_of_words_is_refused_where_a_line_is_none(tmp_path: Path, option: str, line: int) -> None:
    repo = Repo.with_commit(tmp_path, {"x": "  a = 1\n  b = 2\n"})
    repo.stage({"x": "  a = 1\n  b = 3\n"})
    assert refused(repo.git("diff", "--cached", option)).startswith(f"patch line {line}: ")


def test_a_graph_is_refused(repo: Repo) -> None:
    assert refused(repo.git("log", "--graph", "--patch")).startswith("patch line 1: no file diff")


def test_a_table_of_mercurial_is_refused(hg: Path) -> None:
    assert refused(run(hg, HG, "diff", "--stat", "--change", "1")).startswith("patch line 1: no file diff")


def test_a_page_saved_by_mistake_is_refused() -> None:
    assert refused(PAGE).startswith("patch line 1: no file diff")
    hunk = b"<pre>\n@@ -1 +1 @@\n-a\n+b\n</pre>\n"
    assert refused(PAGE + hunk) == "patch line 8: a hunk without a file"


def test_a_patch_that_is_cut_is_refused_at_its_end(repo: Repo) -> None:
    lines = repo.git("diff", "HEAD~2", "HEAD~1", "--", "edited").split(b"\n")[:-1]
    for cut in range(3, len(lines)):
        piece = b"\n".join(lines[:cut]) + b"\n"
        if cut > 4 and lines[cut].startswith(b"@@"):
            [file] = read(piece)
            assert len(file.hunks) == 1
        else:
            assert refused(piece).startswith(f"patch line {cut + 1}: ")
