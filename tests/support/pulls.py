"""A pull request with real commits, and comments that can stand on its lines: for tests of those who post there."""

import hashlib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from reviewbot.brief import Comment, HostWay, Outcome, PostSide, Reply
from reviewbot.deadline import Deadline
from reviewbot.hosts.github import GitHub as Host
from reviewbot.hosts.github import connect
from tests.support.calls import run_of
from tests.support.github import TOKEN, Access, GitHub, Pull, Repository, Token
from tests.support.repo import Repo

NAME = "octo/shop"
HUMAN, READER, OTHER = "ghp_somebody", "ghs_reader", "ghp_other"
EVERYBODY = {
    TOKEN: Token(),
    HUMAN: Token("bea", actions=False),
    OTHER: Token("eve", actions=False),
    READER: Token(pull_requests=Access.READ),
}
TEXT = [f"line {number}\n" for number in range(1, 61)]
SUMMARY = "<!-- reviewbot:summary v1 -->\n"
REVIEWS, COMMENTS, TALK, ONE = "/pulls/7/reviews$", "/pulls/7/comments$", "/issues/7/comments$", "/issues/comments/"


@dataclass(frozen=True)
class History:
    """The commits of a pull request; `pushed` follows its head."""

    folder: Path
    base: str
    head: str
    pushed: str

    def repository(self, **fields: Any) -> Repository:
        return Repository(NAME, self.folder, pulls=(Pull(7, base=self.base, head=self.head, **fields),))


def history_of(folder: Path) -> History:
    """A pull request in which everything happens that can happen to a file."""
    files: dict[str, str | bytes] = {
        "app.py": "".join(TEXT),
        "big.py": "".join(TEXT),
        "old.txt": "same\n" * 30,
        "moved.py": "".join(TEXT),
        "gone.py": "1\n2\n",
        "data.bin": b"\0\1",
        "kind": "text\n",
        "run.sh": "x\n",
    }
    repo = Repo.with_commit(folder, files)
    repo.git("checkout", "--quiet", "-b", "topic")
    (repo.path / "kind").unlink()
    (repo.path / "kind").symlink_to("app.py")
    repo.git("mv", "old.txt", "new.txt")
    repo.git("mv", "moved.py", "here.py")
    repo.git("rm", "--quiet", "gone.py")
    repo.git("update-index", "--add", "--cacheinfo", f"160000,{'1' * 40},module")
    (repo.path / "run.sh").chmod(0o755)
    repo.git("add", "kind", "run.sh")
    changed = "".join([*TEXT[:9], "ten\n", *TEXT[10:39], *TEXT[40:50], "extra\n", *TEXT[50:]])
    large = "".join(f"LINE {number}\n" if number % 3 == 0 else line for number, line in enumerate(TEXT, 1))
    head = repo.commit(
        {
            "app.py": changed,
            "big.py": large.removesuffix("\n"),
            "here.py": "".join(TEXT).replace("line 30\n", "thirty\r\n"),
            "deep/ü b.py": "hello\n-- a\n++ b\n@@ -1 +1 @@\nend",
            "data.bin": b"\0\2",
            "empty.py": "",
        }
    )
    pushed = repo.commit({"app.py": "zero\n" + changed})
    repo.git("checkout", "--quiet", "--force", "main")
    base = repo.commit({"main.py": "only here\n"}, "main goes on")
    return History(repo.path, base, head, pushed)


@contextmanager
def host_of(
    server: GitHub, *, token: str | None = TOKEN, deadline: Deadline | None = None, url: str = ""
) -> Iterator[Host]:
    way = HostWay(url or server.url, NAME, 7, token, deadline or run_of()[0])
    host = connect(way, between_writes=0)
    try:
        yield host
    finally:
        host.close()


def fingerprint(number: int) -> str:
    return hashlib.sha256(str(number).encode()).hexdigest()


def body_of(number: int) -> str:
    return f"<!-- reviewbot:finding v1 {fingerprint(number)} -->\n**error: what number {number} means**"


def comment(number: int, path: str = "app.py", line: int = 10, **fields: Any) -> Comment:
    made = Comment(path, PostSide.RIGHT, None, line, body_of(number), fingerprint(number))
    return replace(made, **fields)


def comments(count: int) -> tuple[Comment, ...]:
    return tuple(comment(number, line=7 + number % 7) for number in range(count))


def standing(server: GitHub) -> list[str]:
    """The fingerprints on the pull request."""
    return [one.body.split()[3] for one in server.review_comments]


def prints(made: Sequence[Comment]) -> list[str]:
    return [one.fingerprint for one in made]


@dataclass(frozen=True)
class Sent:
    event: str
    body: str
    comments: list[dict[str, Any]] = field(default_factory=list)


def posted_reviews(server: GitHub) -> list[Sent]:
    bodies = [one.body for one in server.requests if one.method == "POST" and one.path.endswith("/reviews")]
    return [Sent(body["event"], body["body"], body["comments"]) for body in bodies]


def posted(host: Host, made: Sequence[Comment], *, head: str, replies: Sequence[Reply] = ()) -> Outcome:
    """Post comments and replies; what went wrong is raised."""
    outcome = host.post(made, head=head, replies=replies)
    if outcome.trouble:
        raise outcome.trouble
    return outcome
