"""Which commits a push is about to send, in real repositories with real remotes."""

from dataclasses import dataclass
from io import BytesIO
from pathlib import Path

import pytest

from reviewbot.errors import SourceError
from reviewbot.review import Change
from reviewbot.sources.push import Pushed, PushSource, Ref, told
from tests.support.repo import Repo

EMPTY_TREE = "4b825dc642cb6eb9a060e54bf8d69288fbee4904"
NONE = "0" * 40


@dataclass(frozen=True)
class Desk:
    """A repository, its remote `origin`, and what a hook of it is told."""

    repo: Repo
    origin: Repo

    def lines(self, *refs: str) -> str:
        """What git tells the hook when these are pushed, and nothing is sent."""
        hooks = self.repo.path / ".git" / "hooks"
        hooks.mkdir(exist_ok=True)
        hook = hooks / "pre-push"
        hook.write_text('#!/bin/sh\ncat > "$0.lines"\n')
        hook.chmod(0o755)
        self.repo.git("push", "--quiet", "--dry-run", "--force", *refs)
        hook.unlink()
        return (hooks / "pre-push.lines").read_text()

    def pushed(self, *refs: str, remote: str = "origin") -> Change:
        """The change that a push to a remote is."""
        told_ = told({"PRE_COMMIT_REMOTE_NAME": remote}, BytesIO(self.lines(remote, *refs).encode()))
        return self.change(told_)

    def change(self, pushed: Pushed) -> Change:
        return PushSource(pushed, cwd=str(self.repo.path)).collect()

    def send(self, *refs: str) -> None:
        self.repo.git("push", "--quiet", "--force", "origin", *refs)

    def on(self, branch: str, start: str = "HEAD", **files: str) -> str:
        """A new branch with a commit for each file."""
        self.repo.git("checkout", "--quiet", "-b", branch, start)
        return [self.repo.commit({name: text}, f"{branch} {name}") for name, text in files.items()][-1]


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    """Two commits on main that the remote has, as in any clone."""
    origin = Repo.create(tmp_path / "origin.git", "--bare")
    repo = Repo.with_commit(tmp_path / "repo", {"old": "1\n"})
    repo.commit({"main": "1\n"})
    repo.git("remote", "add", "origin", str(origin.path))
    desk = Desk(repo, origin)
    desk.send("main")
    return desk


def paths(change: Change) -> set[str]:
    return {file.path for file in change.files}


def test_an_update_is_what_came_since(desk: Desk) -> None:
    base = desk.repo.id()
    head = desk.repo.commit({"new": "1\n"})
    change = desk.pushed("main")
    assert (change.target.base, change.target.head) == (base, head)
    assert change.target.description == f"push of main ({base[:7]}..{head[:7]})"
    assert paths(change) == {"new"}


def test_a_new_branch_is_what_no_branch_of_the_remote_has(desk: Desk) -> None:
    desk.on("topic", a="1\n", b="1\n")
    assert paths(desk.pushed("topic")) == {"a", "b"}
    desk.send("topic")
    desk.on("second", c="1\n")
    assert paths(desk.pushed("second")) == {"c"}


def test_the_first_push_to_an_empty_remote_is_the_whole_history(tmp_path: Path) -> None:
    origin = Repo.create(tmp_path / "origin.git", "--bare")
    repo = Repo.with_commit(tmp_path / "repo", {"a": "1\n"})
    head = repo.commit({"b": "1\n"})
    repo.git("remote", "add", "origin", str(origin.path))
    change = Desk(repo, origin).pushed("main")
    assert (change.target.base, change.target.head) == (EMPTY_TREE, head)
    assert change.target.description == f"push of main (all of its history, to {head[:7]})"
    assert paths(change) == {"a", "b"}


def test_the_first_push_of_a_sha256_repository_is_its_whole_history(tmp_path: Path) -> None:
    origin = Repo.create(tmp_path / "origin.git", "--bare", "--object-format=sha256")
    repo = Repo.create(tmp_path / "repo", "--object-format=sha256")
    repo.commit({"a": "1\n"})
    repo.git("remote", "add", "origin", str(origin.path))
    change = Desk(repo, origin).pushed("main")
    assert paths(change) == {"a"}
    assert change.target.base
    assert len(change.target.base) == 64


def test_a_history_of_its_own_is_reviewed_as_a_whole(desk: Desk) -> None:
    desk.repo.git("checkout", "--quiet", "--orphan", "island")
    desk.repo.git("rm", "--quiet", "-r", "--cached", ".")
    desk.repo.commit({"alone": "1\n"})
    change = desk.pushed("island")
    assert change.target.base == EMPTY_TREE
    assert paths(change) == {"alone"}


def test_a_forced_push_is_reviewed_from_what_both_histories_share(desk: Desk) -> None:
    base = desk.repo.id()
    desk.on("topic", a="1\n")
    desk.send("topic")
    desk.repo.stage({"a": "2\n"})
    desk.repo.git("commit", "--quiet", "--amend", "--no-edit")
    change = desk.pushed("topic")
    assert (change.target.base, paths(change)) == (base, {"a"})


def test_a_branch_that_moved_onto_a_newer_main_is_reviewed_from_there(desk: Desk) -> None:
    desk.on("topic", a="1\n")
    desk.send("topic")
    desk.repo.git("checkout", "--quiet", "main")
    desk.repo.commit({"others": "1\n"})
    desk.send("main")
    desk.repo.git("rebase", "--quiet", "main", "topic")
    assert paths(desk.pushed("topic")) == {"a"}


MERGES = {
    "a new branch": (False, 1, 3, {"own0"}),
    "a branch that was pushed": (True, 1, 3, {"own0"}),
    "a long branch that was pushed": (True, 3, 1, {"others0"}),
}


@pytest.mark.parametrize(("sent", "own", "others", "reviewed"), MERGES.values(), ids=MERGES)
def test_after_a_merge_the_nearer_side_is_what_a_review_starts_from(
    desk: Desk, *, sent: bool, own: int, others: int, reviewed: set[str]
) -> None:
    desk.on("topic", **{f"own{number}": "1\n" for number in range(own)})
    if sent:
        desk.send("topic")
    desk.repo.git("checkout", "--quiet", "main")
    for number in range(others):
        desk.repo.commit({f"others{number}": "1\n"})
    desk.send("main")
    desk.repo.git("checkout", "--quiet", "topic")
    desk.repo.git("merge", "--quiet", "--no-edit", "main")
    assert paths(desk.pushed("topic")) == reviewed


@pytest.mark.parametrize("name", ["upstream", "origin"])
def test_a_fork_does_not_review_what_the_project_has(desk: Desk, tmp_path: Path, name: str) -> None:
    desk.repo.git("remote", "rename", "origin", "mine")
    home = Repo.create(tmp_path / "home.git", "--bare")
    desk.repo.git("remote", "add", name, str(home.path))
    desk.repo.commit({"others": "1\n"})
    desk.repo.git("push", "--quiet", name, "main")
    desk.on("topic", a="1\n")
    assert paths(desk.change(Pushed((Ref("topic", "topic"),), "mine"))) == {"a"}


def test_another_persons_remote_has_no_say(desk: Desk, tmp_path: Path) -> None:
    guest = Repo.create(tmp_path / "guest.git", "--bare")
    desk.repo.git("remote", "add", "guest", str(guest.path))
    desk.on("topic", a="1\n")
    desk.repo.git("push", "--quiet", "guest", "topic")
    assert paths(desk.pushed("topic")) == {"a"}


@pytest.mark.parametrize("told_of", ["its address", "nothing"])
def test_a_push_to_an_address_is_what_no_remote_has(desk: Desk, told_of: str) -> None:
    desk.repo.git("remote", "rename", "origin", "hub")
    desk.on("topic", a="1\n")
    remote = str(desk.origin.path) if told_of == "its address" else ""
    assert paths(desk.change(Pushed((Ref("topic", desk.repo.id()),), remote))) == {"a"}


def test_what_the_remote_alone_knows_does_not_matter(desk: Desk) -> None:
    head = desk.repo.commit({"new": "1\n"})
    assert paths(desk.change(Pushed((Ref("main", head, "e" * 40),), "origin"))) == {"new"}


def test_two_commits_that_somebody_chose_need_no_remote(desk: Desk) -> None:
    assert paths(desk.change(Pushed((Ref("main", "main", "main~1"),), only_refs=True))) == {"main"}


@pytest.mark.parametrize("annotated", [True, False])
def test_a_tag_stands_for_its_commit(desk: Desk, *, annotated: bool) -> None:
    desk.repo.git("tag", *(["--annotate", "--message", "a tag"] if annotated else []), "v1")
    assert not desk.pushed("v1").files
    head = desk.repo.commit({"new": "1\n"})
    desk.repo.git("tag", *(["--annotate", "--message", "a tag"] if annotated else []), "v2")
    change = desk.pushed("v2")
    assert (change.target.head, paths(change)) == (head, {"new"})
    assert change.target.description.startswith("push of v2 (")


def test_a_tag_of_no_commit_is_nothing_to_review(desk: Desk) -> None:
    desk.repo.git("tag", "words", desk.repo.id("HEAD:main"))
    assert not desk.pushed("words").files


def test_a_deleted_branch_is_nothing_to_review(desk: Desk) -> None:
    desk.send("main:gone")
    change = desk.pushed(":gone")
    assert change.target.head is None
    assert not change.files


def test_nothing_new_is_nothing_to_review(desk: Desk) -> None:
    source = PushSource(Pushed((), "origin"), cwd=str(desk.repo.path))
    assert not source.collect().files
    assert source.start() is None
    assert not desk.pushed("main:second").files


@pytest.mark.parametrize("order", [("low", "high"), ("high", "low"), ("low", "high", "v1", ":gone")])
def test_branches_that_hold_one_another_are_one_change(desk: Desk, order: tuple[str, ...]) -> None:
    desk.send("main:gone")
    desk.on("low", a="1\n")
    head = desk.on("high", b="1\n")
    desk.repo.git("tag", "v1")
    change = desk.pushed(*order)
    assert (change.target.head, paths(change)) == (head, {"a", "b"})
    assert change.target.description.startswith("push of high (")


def test_branches_that_have_nothing_to_do_with_each_other_are_refused_by_name(desk: Desk) -> None:
    desk.on("one", a="1\n")
    desk.on("two", "main", b="1\n")
    with pytest.raises(SourceError) as caught:
        desk.pushed("one", "two")
    assert caught.value.slug == "several-branches"
    assert "2 branches" in caught.value.message
    assert "one, two" in caught.value.message


def test_of_many_branches_a_message_names_a_few(desk: Desk) -> None:
    names = [f"b{number}" for number in range(9)]
    for name in names:
        desk.on(name, "main", **{name: "1\n"})
    with pytest.raises(SourceError, match=r": b0, b1, b2, b3, b4, 4 more$"):
        desk.pushed(*names)


def test_a_branch_without_news_beside_one_with_news_is_no_second_change(desk: Desk) -> None:
    desk.on("old", a="1\n")
    desk.send("old")
    desk.on("new", "main", b="1\n")
    assert paths(desk.pushed("old:again", "new")) == {"b"}


def test_the_settings_are_those_of_where_the_change_starts(desk: Desk) -> None:
    desk.repo.commit({".reviewbot.toml": "new"})
    source = PushSource(Pushed((Ref("main", "main"),), "origin"), cwd=str(desk.repo.path))
    start = source.start()
    assert start
    assert (start.read("main"), start.read(".reviewbot.toml")) == (b"1\n", None)


@pytest.mark.parametrize("name", ["nowhere", "-x", "--all", "--since=yesterday", "main^{tree}^{blob}"])
def test_a_name_that_git_does_not_know_is_an_error(desk: Desk, name: str) -> None:
    with pytest.raises(SourceError) as caught:
        desk.change(Pushed((Ref(name, name),), "origin"))
    assert caught.value.slug == "unknown-revision"


@pytest.mark.parametrize("fetched", [False, True], ids=["as cloned", "fetched since"])
def test_where_a_shallow_clone_begins_a_remote_had_it(desk: Desk, tmp_path: Path, *, fetched: bool) -> None:
    desk.repo.commit({"old": "1\n"})
    desk.send("main")
    desk.repo.git("clone", "--quiet", "--depth=1", f"file://{desk.origin.path}", str(tmp_path / "shallow"))
    clone = Desk(Repo(tmp_path / "shallow"), desk.origin)
    clone.on("topic", new="1\n")
    if fetched:
        desk.repo.commit({"others": "1\n"})
        desk.send("main")
        clone.repo.git("fetch", "--quiet", "--depth=1")
    # Nothing but the beginning of the clone tells what a remote of another name has.
    clone.repo.git("remote", "rename", "origin", "hub")
    clone.repo.git("update-ref", "-d", "refs/remotes/hub/main")
    (clone.repo.path / "folder").mkdir()
    pushed = Pushed((Ref("topic", "topic"),), "hub")
    for folder in (clone.repo.path, clone.repo.path / "folder"):
        assert paths(PushSource(pushed, cwd=str(folder)).collect()) == {"new"}


def test_a_shallow_clone_says_what_it_lacks(desk: Desk, tmp_path: Path) -> None:
    desk.repo.git("clone", "--quiet", "--depth=1", f"file://{desk.origin.path}", str(tmp_path / "shallow"))
    clone = Desk(Repo(tmp_path / "shallow"), desk.origin)
    clone.repo.commit({"new": "1\n"})
    assert paths(clone.pushed("main")) == {"new"}
    with pytest.raises(SourceError) as caught:
        clone.change(Pushed((Ref("main", "main"),), only_refs=True))
    assert caught.value.slug == "shallow-clone"


def test_outside_of_a_repository_there_is_no_push(tmp_path: Path) -> None:
    with pytest.raises(SourceError) as caught:
        PushSource(Pushed((Ref("main", "main"),), "origin"), cwd=str(tmp_path)).collect()
    assert caught.value.slug == "not-a-repository"


def test_nothing_in_the_repository_is_written(desk: Desk) -> None:
    desk.repo.commit({"new": "1\n"})
    before = desk.repo.git("for-each-ref"), desk.repo.git("count-objects", "-v"), desk.repo.git("status")
    desk.pushed("main")
    assert before == (desk.repo.git("for-each-ref"), desk.repo.git("count-objects", "-v"), desk.repo.git("status"))
