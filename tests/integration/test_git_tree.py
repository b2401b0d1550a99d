"""The files of the reviewed state, out of real repositories."""

import os
from dataclasses import replace
from pathlib import Path

import pytest

from reviewbot.errors import SourceError
from reviewbot.ports import Hit
from reviewbot.sources._rungit import Git
from reviewbot.sources._tree import MOST_BYTES, MOST_LINES, GitTree, Patience, at, in_commit, in_index, in_worktree
from tests.support.repo import Repo


def _three(repo: Repo, folder: str = ".") -> dict[str, GitTree]:
    """The tree of the commit, of the index and of the work tree."""
    git = Git(str(repo.path / folder))
    commit = in_commit(git, repo.id())
    assert commit is not None
    return {"commit": commit, "index": in_index(git), "worktree": in_worktree(git)}


@pytest.fixture
def repo(tmp_path: Path) -> Repo:
    """A repository in which each state holds something else."""
    repo = Repo.with_commit(
        tmp_path / "repo",
        {
            "lib/a.py": "committed()\n",
            "gone.py": "committed()\n",
            "staged_gone.py": "committed()\n",
            ".gitignore": "*.log\n",
        },
    )
    repo.stage({"lib/a.py": "staged()\n", "new.py": "staged()\n"})
    repo.git("rm", "--quiet", "--cached", "staged_gone.py")
    repo.write("lib/a.py", "written()\n")
    repo.write("untracked.py", "written()\n")
    repo.write("ignored.log", "written()\n")
    (repo.path / "gone.py").unlink()
    return repo


def test_each_state_gives_its_own_files(repo: Repo) -> None:
    paths = ["lib/a.py", "gone.py", "staged_gone.py", "new.py", "untracked.py"]
    read = {state: [tree.read(path) for path in paths] for state, tree in _three(repo).items()}
    committed, staged, written = b"committed()\n", b"staged()\n", b"written()\n"
    assert read == {
        "commit": [committed, committed, committed, None, None],
        "index": [staged, committed, None, staged, None],
        "worktree": [written, None, committed, staged, written],
    }


def test_each_state_is_searched_for_itself(repo: Repo) -> None:
    words = ["committed", "staged", "written", "nowhere"]
    found = {state: tree.grep(words, endings=[".py", ".log"], most=9) for state, tree in _three(repo).items()}
    assert {state: [(hit.path, hit.word) for hit in hits] for state, hits in found.items()} == {
        "commit": [("gone.py", "committed"), ("lib/a.py", "committed"), ("staged_gone.py", "committed")],
        "index": [("gone.py", "committed"), ("lib/a.py", "staged"), ("new.py", "staged")],
        "worktree": [
            ("lib/a.py", "written"),
            ("new.py", "staged"),
            ("staged_gone.py", "committed"),
            ("untracked.py", "written"),
        ],
    }


def test_an_older_commit_is_read_as_it_was(repo: Repo) -> None:
    first = repo.id()
    repo.commit({"lib/a.py": "later()\n"})
    tree = in_commit(Git(str(repo.path)), first)
    assert tree is not None
    assert tree.read("lib/a.py") == b"committed()\n"
    assert tree.grep(["later"], endings=[".py"], most=9) == ()


@pytest.mark.parametrize("state", ["commit", "index", "worktree"])
def test_a_folder_inside_sees_the_whole_repository(repo: Repo, state: str) -> None:
    inside, top = _three(repo, "lib")[state], _three(repo)[state]
    assert inside.read("lib/a.py") == top.read("lib/a.py") is not None
    words = ["committed", "staged", "written"]
    assert inside.grep(words, endings=[".py"], most=9) == top.grep(words, endings=[".py"], most=9) != ()


@pytest.fixture
def plain(tmp_path: Path) -> Repo:
    """A repository whose three states are the same."""
    repo = Repo.with_commit(
        tmp_path / "plain",
        {
            "a.py": "one two\none_two\n\ntwo(one, one)\nx.two-one\n",
            "B.PY": "One one\n",
            "deep/er/c.py": "# one\r\nTWO\n",
            "a b:\n\tc.py": "three\n",
            "é.py": "größe = größe()\n",
            "latin.py": b"four = '\xe9'\nfive\n",
            "binary.py": b"one\0two\n",
            "notes.txt": "one two\n",
            "Rakefile": "two\n",
            "large.py": "six\n" + "#" * MOST_BYTES,
            "many.py": "seven\n" * (MOST_LINES + 5),
        },
    )
    (repo.path / "link.py").symlink_to("a.py")
    (repo.path / "linked").symlink_to("deep")
    repo.git("add", "link.py", "linked")
    repo.commit({})
    return repo


EACH = pytest.mark.parametrize("state", ["commit", "index", "worktree"])


@EACH
def test_whole_words_are_found_each_once_for_a_line(plain: Repo, state: str) -> None:
    assert _three(plain)[state].grep(["one", "two"], endings=[".py", "Rakefile"], most=99) == (
        Hit("B.PY", 1, "one"),
        Hit("Rakefile", 1, "two"),
        Hit("a.py", 1, "one"),
        Hit("a.py", 1, "two"),
        Hit("a.py", 4, "one"),
        Hit("a.py", 4, "two"),
        Hit("a.py", 5, "one"),
        Hit("a.py", 5, "two"),
        Hit("deep/er/c.py", 1, "one"),
    )


@EACH
@pytest.mark.parametrize(
    ("word", "places"),
    [
        ("three", [("a b:\n\tc.py", 1)]),
        ("größe", [("é.py", 1)]),
        ("five", [("latin.py", 2)]),
        ("o.e", []),
        ("one|two", []),
        ("(one)", []),
        ("[o]ne", []),
        ("one\\", []),
        ("-e", []),
        ("--untracked", []),
        ("tw", []),
        ("", []),
        ("one\ntwo", []),
        ("one\0", []),
    ],
)
def test_words_are_taken_as_they_are(plain: Repo, state: str, word: str, places: list[tuple[str, int]]) -> None:
    hits = _three(plain)[state].grep([word], endings=[".py"], most=99)
    assert [(hit.path, hit.line) for hit in hits] == places


@EACH
def test_a_word_with_too_many_hits_is_left_out(plain: Repo, state: str) -> None:
    tree = _three(plain)[state]
    assert {hit.word for hit in tree.grep(["one", "two", "three"], endings=[".py"], most=4)} == {"two", "three"}
    assert tree.grep(["one", "two"], endings=[".py"], most=2) == ()
    assert tree.grep(["one"], endings=[], most=9) == tree.grep([], endings=[".py"], most=9) == ()
    assert len(tree.grep(["seven"], endings=[".py"], most=10**6)) == MOST_LINES


@EACH
def test_links_are_not_followed(plain: Repo, state: str) -> None:
    tree = _three(plain)[state]
    assert tree.read("link.py") is None
    assert tree.read("linked/er/c.py") is None
    assert tree.read("deep/er/c.py") == b"# one\r\nTWO\n"


@EACH
@pytest.mark.parametrize(
    "path",
    [
        "large.py",
        "nowhere.py",
        "deep",
        "deep/",
        "/etc/passwd",
        "../plain/a.py",
        ".git/config",
        "",
        ".",
        "a.py\0",
        "*.py",
    ],
)
def test_what_is_no_small_file_of_the_repository_is_none(plain: Repo, state: str, path: str) -> None:
    assert _three(plain)[state].read(path) is None


@EACH
def test_any_name_can_be_read(plain: Repo, state: str) -> None:
    tree = _three(plain)[state]
    assert tree.read("a b:\n\tc.py") == b"three\n"
    assert tree.read("latin.py") == b"four = '\xe9'\nfive\n"
    assert tree.read("é.py") is not None


def test_untracked_links_pipes_and_repositories_are_none(plain: Repo, tmp_path: Path) -> None:
    (tmp_path / "secret.py").write_text("hidden_word\n")
    (plain.path / "untracked.py").symlink_to(tmp_path / "secret.py")
    os.mkfifo(plain.path / "pipe.py")
    Repo.with_commit(plain.path / "inner", {"x.py": "hidden_word\n"})
    tree = in_worktree(Git(str(plain.path)))
    assert tree.read("untracked.py") is tree.read("pipe.py") is tree.read("inner/x.py") is None
    assert tree.grep(["hidden_word"], endings=[".py"], most=9) == ()


@EACH
def test_submodules_are_not_followed(plain: Repo, tmp_path: Path, state: str) -> None:
    other = Repo.with_commit(tmp_path / "other", {"x.py": "hidden_word\n"})
    plain.git("-c", "protocol.file.allow=always", "submodule", "--quiet", "add", str(other.path), "sub")
    plain.git("config", "submodule.recurse", "true")
    plain.commit({})
    tree = _three(plain)[state]
    assert tree.grep(["hidden_word"], endings=[".py"], most=9) == ()
    assert tree.read("sub/x.py") is tree.read("sub") is None


def test_what_no_diff_would_show_as_it_lies_there_is_not_read(plain: Repo) -> None:
    for setting, command in {"clean": "tr a-z n-za-m", "smudge": "tr n-za-m a-z"}.items():
        plain.git("config", f"filter.rot.{setting}", command)
    plain.commit({".gitattributes": "vault.py filter=rot\n", ".gitignore": "own/\n"})
    plain.commit({"vault.py": "clear\n", "skipped.py": "shared\n", "assumed.py": "shared\n", "both.py": "shared\n"})
    plain.git("update-index", "--skip-worktree", "skipped.py", "both.py")
    plain.git("update-index", "--assume-unchanged", "assumed.py", "both.py")
    for path in ("skipped.py", "assumed.py", "both.py", "own/notes.py"):
        plain.write(path, "private\n")
    plain.write("new.py", "clear\n")
    tree = in_worktree(Git(str(plain.path)))
    assert plain.git("show", "HEAD:vault.py") == b"pyrne\n"
    for path in ("vault.py", "skipped.py", "assumed.py", "both.py", "own/notes.py"):
        assert tree.read(path) is None, path
    assert tree.read("new.py") == b"clear\n"


def test_a_conflict_has_no_staged_content(plain: Repo) -> None:
    plain.git("checkout", "--quiet", "-b", "other")
    plain.commit({"a.py": "theirs\n"})
    plain.git("checkout", "--quiet", "main")
    plain.commit({"a.py": "ours\n"})
    with pytest.raises(AssertionError):
        plain.git("merge", "other")
    assert in_index(Git(str(plain.path))).read("a.py") is None


@EACH
def test_users_settings_change_nothing(plain: Repo, state: str) -> None:
    before = _three(plain)[state].grep(["one", "größe"], endings=[".py"], most=99)
    for name, value in {
        "grep.column": "true",
        "grep.fullName": "false",
        "grep.lineNumber": "false",
        "grep.patternType": "perl",
        "grep.extendedRegexp": "true",
        "color.grep": "always",
        "color.ui": "always",
        "core.quotePath": "true",
        "diff.default.textconv": "false",
    }.items():
        plain.git("config", name, value)
    assert _three(plain)[state].grep(["one", "größe"], endings=[".py"], most=99) == before != ()


def test_what_was_read_is_not_read_again(plain: Repo) -> None:
    tree = in_worktree(Git(str(plain.path)))
    first = tree.read("a.py")
    plain.write("a.py", "changed\n")
    assert tree.read("a.py") is first


def test_only_so_many_files_are_remembered(tmp_path: Path) -> None:
    repo = Repo.with_commit(tmp_path / "many", {f"{number}.py": f"{number}\n" for number in range(300)})
    tree = in_worktree(Git(str(repo.path)))
    assert [tree.read(f"{number}.py") for number in range(300)] == [b"%d\n" % number for number in range(300)]
    repo.write("0.py", "changed\n")
    assert tree.read("0.py") == b"changed\n"


def test_a_repository_whose_files_are_elsewhere_has_no_tree(plain: Repo, tmp_path: Path) -> None:
    plain.git("config", "uploadpack.allowFilter", "true")
    plain.git("clone", "--quiet", "--bare", "--filter=blob:none", f"file://{plain.path}", str(tmp_path / "partial"))
    assert in_commit(Git(str(tmp_path / "partial")), plain.id()) is None


@pytest.mark.parametrize("words", [["--sparse"], []], ids=["sparse", "whole"])
def test_the_index_of_a_sparse_partial_clone_fetches_nothing(plain: Repo, tmp_path: Path, words: list[str]) -> None:
    plain.git("config", "uploadpack.allowFilter", "true")
    clone = tmp_path / "partial"
    plain.git("clone", "--quiet", "--filter=blob:none", *words, f"file://{plain.path}", str(clone))
    assert (at(None, cwd=str(clone), worktree=False) is None) == bool(words)
    assert at(None, cwd=str(clone), worktree=True) is not None


def test_a_bare_repository_has_the_trees_of_its_commits(plain: Repo, tmp_path: Path) -> None:
    plain.git("clone", "--quiet", "--bare", ".", str(tmp_path / "bare"))
    tree = in_commit(Git(str(tmp_path / "bare")), plain.id())
    assert tree is not None
    assert tree.read("deep/er/c.py") == b"# one\r\nTWO\n"
    assert [hit.path for hit in tree.grep(["one"], endings=[".py"], most=9)] == [
        "B.PY",
        "a.py",
        "a.py",
        "a.py",
        "deep/er/c.py",
    ]


@EACH
def test_searches_that_have_taken_their_time_find_nothing_any_more(plain: Repo, state: str) -> None:
    tree = replace(_three(plain)[state], patience=Patience(1e-6))
    assert tree.grep(["one"], endings=[".py"], most=99) == ()
    assert tree.patience.left < 0
    assert tree.grep(["one"], endings=[".py"], most=99) == ()


def test_all_searches_of_a_tree_share_its_patience(plain: Repo) -> None:
    tree = in_worktree(Git(str(plain.path)))
    before = tree.patience.left
    assert tree.grep(["one"], endings=[".py"], most=99) != ()
    assert 0 < tree.patience.left < before


def test_a_search_that_fails_is_told(plain: Repo) -> None:
    tree = in_commit(Git(str(plain.path)), "0" * 40)
    assert tree is not None
    with pytest.raises(SourceError):
        tree.grep(["one"], endings=[".py"], most=9)
    assert tree.read("a.py") is None


def test_a_folder_that_is_in_no_repository_is_told(tmp_path: Path) -> None:
    with pytest.raises(SourceError):
        in_worktree(Git(str(tmp_path)))
