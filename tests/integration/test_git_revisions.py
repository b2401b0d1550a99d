"""Which two trees a revision compares, and what is said of a revision that cannot be read."""

from pathlib import Path

import pytest

from reviewbot.diff import Status
from reviewbot.errors import SourceError
from reviewbot.review import Change
from reviewbot.sources.git import Selection
from tests.support.repo import Repo

EMPTY_TREE = "4b825dc642cb6eb9a060e54bf8d69288fbee4904"


@pytest.fixture
def forked(tmp_path: Path) -> Repo:
    """`main` has moved on since `topic` left it; `topic` is checked out."""
    repo = Repo.with_commit(tmp_path, {"common": "0\n"})
    repo.git("branch", "base")
    repo.git("checkout", "--quiet", "-b", "topic")
    repo.commit({"topic": "1\n"})
    repo.git("checkout", "--quiet", "main")
    repo.commit({"main": "2\n"})
    repo.git("checkout", "--quiet", "topic")
    return repo


def _what(change: Change) -> dict[str, Status]:
    return {file.path: file.status for file in change.files}


def _refusal(repo: Repo, revision: str) -> SourceError:
    with pytest.raises(SourceError) as caught:
        repo.collect(revision)
    return caught.value


@pytest.mark.parametrize("text", ["main...topic", "main...", "main...HEAD", "main...@"])
def test_three_dots_show_only_what_the_second_side_did(forked: Repo, text: str) -> None:
    change = forked.collect(text)
    assert _what(change) == {"topic": Status.ADDED}
    assert (change.target.base, change.target.head) == (forked.id("base"), forked.id("topic"))


def test_three_dots_without_a_first_side_start_at_head(forked: Repo) -> None:
    change = forked.collect("...main")
    assert _what(change) == {"main": Status.ADDED}
    assert change.target.head == forked.id("main")


@pytest.mark.parametrize("text", ["main..topic", "main.."])
def test_two_dots_compare_the_two_sides_as_they_are(forked: Repo, text: str) -> None:
    change = forked.collect(text)
    assert _what(change) == {"main": Status.DELETED, "topic": Status.ADDED}
    assert (change.target.base, change.target.head) == (forked.id("main"), forked.id("topic"))


def test_two_dots_without_a_first_side_start_at_head(forked: Repo) -> None:
    assert _what(forked.collect("..main")) == {"main": Status.ADDED, "topic": Status.DELETED}


@pytest.mark.parametrize("text", ["topic", "HEAD", "@", ":/a commit", "v1", "HEAD^{commit}"])
def test_a_commit_is_compared_with_its_parent(forked: Repo, text: str) -> None:
    forked.git("tag", "--annotate", "--message", "a tag", "v1")
    change = forked.collect(text)
    if text != ":/a commit":
        assert (change.target.base, change.target.head) == (forked.id("base"), forked.id("topic"))
    assert len(change.files) == 1


def test_an_annotated_tag_stands_for_its_commit_in_a_range(forked: Repo) -> None:
    forked.git("tag", "--annotate", "--message", "a tag", "v1", "main")
    target = forked.collect("v1..v1").target
    assert (target.base, target.head) == (forked.id("main"), forked.id("main"))


def test_the_description_is_in_plain_words(forked: Repo) -> None:
    base, head, main = (forked.id(name)[:7] for name in ("base", "topic", "main"))
    assert forked.collect("main...").target.description == f"main...HEAD ({base}...{head})"
    assert forked.collect("main..").target.description == f"main..HEAD ({main}..{head})"
    assert forked.collect("topic").target.description == f"commit {head}"
    assert forked.collect().target.description == "staged changes"
    assert forked.collect(worktree=True).target.description == "uncommitted changes"


def test_the_first_commit_is_compared_with_the_empty_tree(forked: Repo) -> None:
    change = forked.collect("base")
    assert _what(change) == {"common": Status.ADDED}
    assert change.target.base == EMPTY_TREE


def test_the_first_commit_of_a_sha256_repository_is_compared_with_its_empty_tree(tmp_path: Path) -> None:
    repo = Repo.create(tmp_path, "--object-format=sha256")
    repo.commit({"a": "a\n"})
    change = repo.collect("HEAD")
    assert _what(change) == {"a": Status.ADDED}
    assert change.target.base
    assert len(change.target.base) == 64


def test_a_merge_is_compared_with_its_first_parent(forked: Repo) -> None:
    forked.git("checkout", "--quiet", "main")
    forked.git("merge", "--quiet", "--no-edit", "topic")
    change = forked.collect("HEAD")
    assert _what(change) == {"topic": Status.ADDED}
    assert change.target.base == forked.id("HEAD^1")


def test_a_revision_that_means_several_commits_is_no_commit(forked: Repo) -> None:
    forked.git("merge", "--quiet", "--no-edit", "main")
    assert _refusal(forked, "HEAD^@").slug == "unknown-revision"


def test_of_two_merge_bases_one_is_taken(forked: Repo) -> None:
    forked.git("branch", "topic2", "main")
    forked.git("merge", "--quiet", "--no-edit", "main")
    forked.git("checkout", "--quiet", "topic2")
    forked.git("merge", "--quiet", "--no-edit", "topic^1")
    forked.commit({"more": "3\n"})
    assert "more" in _what(forked.collect("topic...topic2"))


@pytest.mark.parametrize("name", ["topic", "HEAD", "id"])
def test_a_file_named_like_a_revision_does_not_matter(forked: Repo, name: str) -> None:
    head = forked.id()
    forked.write(head if name == "id" else name, "x\n")
    forked.write(forked.id("base"), "x\n")
    assert _what(forked.collect(head if name == "id" else name)) == {"topic": Status.ADDED}
    assert _what(forked.collect(f"main...{head if name == 'id' else name}")) == {"topic": Status.ADDED}


def test_a_detached_head_is_read_like_a_branch(forked: Repo) -> None:
    forked.git("checkout", "--quiet", "--detach")
    assert _what(forked.collect("main...")) == {"topic": Status.ADDED}


def test_a_bare_repository_has_commits_to_review(forked: Repo, tmp_path: Path) -> None:
    forked.git("clone", "--quiet", "--bare", ".", "bare.git")
    assert _what(Repo(tmp_path / "bare.git").collect("main...topic")) == {"topic": Status.ADDED}


UNKNOWN = {
    "a name": "nope",
    "a first end": "nope...",
    "a last end": "...nope",
    "a first end of two dots": "nope..topic",
    "a last end of two dots": "main..nope",
    "a missing commit": "0" * 40,
    "before the first": "HEAD~9",
    "nothing": "",
    "a tree": "HEAD^{tree}",
    "a file": "common",
    "a negation": "^HEAD",
    "parents of the first": "base^@",
    "a NUL": "a\0b",
    "a newline": "a\nb",
    "four dots": "main....topic",
}


@pytest.mark.parametrize("text", UNKNOWN.values(), ids=UNKNOWN)
def test_an_unknown_revision_is_named(forked: Repo, text: str) -> None:
    error = _refusal(forked, text)
    assert error.slug == "unknown-revision"
    assert "\n" not in error.message + error.hint


def test_the_unknown_one_of_two_ends_is_named(forked: Repo) -> None:
    assert "'nope'" in _refusal(forked, "main...nope").message
    assert "'nope'" in _refusal(forked, "nope..main").message


@pytest.mark.parametrize("text", ["--output=out", "--all", "-p", "-", "--output=out...", "main...--output=out", "--"])
def test_a_revision_never_becomes_an_option(forked: Repo, text: str) -> None:
    assert _refusal(forked, text).slug == "unknown-revision"
    assert not (forked.path / "out").exists()


def test_names_close_to_an_unknown_one_are_offered(forked: Repo) -> None:
    forked.git("update-ref", "refs/remotes/origin/release", "HEAD")
    assert "origin/release" in _refusal(forked, "release...").hint
    assert "topic" in _refusal(forked, "topci").hint
    assert "git fetch" in _refusal(forked, "zzz").hint


def test_head_without_a_commit_is_an_unknown_revision(tmp_path: Path) -> None:
    assert _refusal(Repo.create(tmp_path), "HEAD").slug == "unknown-revision"


def test_unrelated_histories_have_no_merge_base(forked: Repo) -> None:
    forked.git("checkout", "--quiet", "--orphan", "island")
    forked.commit({})
    error = _refusal(forked, "main...island")
    assert error.slug == "no-merge-base"
    assert "main..island" in error.hint
    assert _what(forked.collect("main..island"))


@pytest.fixture
def shallow(forked: Repo, tmp_path: Path) -> Repo:
    """A clone of both branches that has their last commits only."""
    forked.git("clone", "--quiet", "--depth=1", "--no-single-branch", f"file://{forked.path}", "shallow")
    return Repo(tmp_path / "shallow")


def test_a_shallow_clone_without_the_merge_base_says_how_to_get_it(shallow: Repo) -> None:
    error = _refusal(shallow, "origin/main...HEAD")
    assert error.slug == "shallow-clone"
    assert "fetch-depth: 0" in error.hint
    assert "git fetch --unshallow" in error.hint


def test_the_last_commit_of_a_shallow_clone_is_not_taken_for_the_first_one(shallow: Repo) -> None:
    assert _refusal(shallow, "HEAD").slug == "shallow-clone"


def test_a_commit_that_a_shallow_clone_lacks_hints_at_its_depth(shallow: Repo) -> None:
    error = _refusal(shallow, "HEAD~1..HEAD")
    assert error.slug == "unknown-revision"
    assert "fetch-depth: 0" in error.hint


def test_a_shallow_clone_that_is_deep_enough_is_read(shallow: Repo) -> None:
    shallow.git("fetch", "--quiet", "--deepen=1")
    assert _what(shallow.collect("origin/main...HEAD")) == {"topic": Status.ADDED}


def test_a_revision_and_the_work_tree_exclude_each_other() -> None:
    with pytest.raises(ValueError, match="exclude"):
        Selection("HEAD", worktree=True)
