"""A pull request that lives through many pushes, and what each review of it asks, posts and leaves behind.

Alone knows what of a run is compared: the changed lines that were asked about, the threads that are new, those in which
we said that a finding is gone, those that we resolved. It sees to it that nothing a person wrote is ever changed.
"""

import json
import re
from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cache
from typing import Any

from reviewbot import app
from reviewbot.config import Invocation, Policy
from reviewbot.hosts._reconcile import FINDING, GONE, SUMMARY
from reviewbot.ports import View
from reviewbot.pulls import Pull
from reviewbot.review import Verdict
from reviewbot.tokens import chat_tokens, counter
from reviewbot.wiring import World
from tests.support import github as hub
from tests.support.calls import run_of
from tests.support.command import flags, shown
from tests.support.github import Access, GitHub, Limits, Repository, Token, github_server
from tests.support.model_server import Answer, ModelServer, Request, model_server
from tests.support.pulls import NAME, host_of
from tests.support.repo import Repo

OURS = "github-actions[bot]"
BOT = "ghs_may-resolve"
TOKENS = {BOT: Token(contents=Access.WRITE)}
ROLES = {"cleo": "write", "mia": "maintain", "tim": "triage"}
"""People beside the owner; the first two may dismiss a finding."""

_ROOMY = Limits(creations=10_000, hourly=10_000)
_CODES = {Verdict.PASS: 0, Verdict.FAIL: 1, Verdict.INCOMPLETE: 3}
_MARKED = re.compile(re.escape(FINDING).replace(r"\{\}", "([0-9a-f]{64})"))
_TITLE = re.compile(r"^\*\*\w+: (.*)\*\*$", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Thread:
    """A comment of ours on a line.

    Attributes:
        id: of the comment.
        fingerprint: of its finding.
        title: of its finding, without Markdown.
        gone: how often we said there that it is gone.
        resolved: who resolved it, None: nobody.
        outdated: the line it was written on is no more in the change, so that readers do not meet it there.
    """

    id: int
    fingerprint: str
    title: str
    gone: int
    resolved: str | None
    outdated: bool


def threads(github: GitHub) -> tuple[Thread, ...]:
    """All that we have told on lines, the oldest first."""
    made = []
    for first, *rest in github.threads:
        marked = _MARKED.match(first.body)
        if marked and first.user == OURS:
            said = [one for one in rest if one.user == OURS]
            assert all(one.body.startswith(GONE) for one in said)
            by, outdated = github.store.resolved.get(first.id), first.place is None
            made.append(Thread(first.id, marked[1], title(first.body), len(said), by, outdated))
    return tuple(made)


def title(body: str) -> str:
    """What a comment of ours is about."""
    found = _TITLE.search(body)
    assert found, body
    return found[1].replace("\\", "").removeprefix("About ")


def people(github: GitHub) -> dict[int, tuple[str, str, int | None]]:
    """All that is not ours: who wrote it, the words, what they answer."""
    said: dict[int, tuple[str, str, int | None]] = {}
    said |= {one.id: (one.user, one.body, None) for one in github.issue_comments}
    said |= {one.id: (one.user, one.body, None) for one in github.reviews}
    said |= {one.id: (one.user, one.body, one.reply_to) for one in github.review_comments}
    return {number: one for number, one in said.items() if one[0] != OURS}


def summary(github: GitHub) -> str:
    """The one summary comment of ours."""
    (body,) = [one.body for one in github.issue_comments if one.user == OURS]
    assert body.startswith(f"{SUMMARY}\n")
    return body


@cache
def _tokens(texts: tuple[str, ...]) -> int:
    return chat_tokens(counter("qwen"), texts)


@dataclass
class Reader:
    """A model that flags changed lines by their words alone, and counts what it reads as Qwen models do.

    Attributes:
        failing: words; a prompt with one of them in a changed line is not answered.
    """

    failing: Collection[str] = ()
    judge: Callable[[Request], Answer] = flags

    def __call__(self, request: Request) -> Answer:
        said = [line for line in shown(request) if line.sign != " "]
        if any(word in f"{line.path}: {line.text}" for word in self.failing for line in said):
            # Nobody waits that long, so that it is asked once.
            return Answer("overloaded", status=500, headers={"retry-after": "100000"})
        texts = tuple(str(message["content"]) for message in request.body["messages"])
        told = self.judge(request)
        return Answer(told.text, tokens=(_tokens(texts), len(told.text or "") // 4))


@dataclass(frozen=True, slots=True)
class Seen:
    """What a run did.

    Attributes:
        step: what happened before it.
        code: of the process.
        asked: for each request, in the order of the lines: the added lines it asks about, as `path: text`.
        tokens: of all prompts that were answered.
        new: what the new comments are about.
        gone: what the threads are about in which we said so.
        resolved: what the threads are about that we resolved.
        headline: of the summary.
        report: in JSON.
        summary: all of it.
    """

    step: str
    code: int
    asked: tuple[tuple[str, ...], ...]
    tokens: int
    new: tuple[str, ...]
    gone: tuple[str, ...]
    resolved: tuple[str, ...]
    headline: str
    report: Any = field(repr=False)
    summary: str = field(repr=False)

    @property
    def excerpts(self) -> tuple[str, ...]:
        """The lines that the findings of the report are about."""
        return tuple(one["excerpt"] for one in self.report["findings"])


@dataclass
class Life:
    """One pull request.

    Attributes:
        repo: in which it lies.
        github: on which it stands.
        model: that reads it.
        reader: how the model answers.
        rows: what was done so far.
    """

    repo: Repo
    github: GitHub
    model: ModelServer
    reader: Reader
    rows: list[Seen] = field(default_factory=list)

    def push(self, head: str | None = None, base: str | None = None) -> None:
        """Let the pull request have other commits: by their names, None for those that its branches have."""
        self.github.change(7, head=head or self.repo.id("topic"), base=base or self.repo.id("main"))

    def thread(self, about: str) -> int:
        """The newest thread about something."""
        return [one.id for one in threads(self.github) if one.title == about][-1]

    def watch(self, step: str, run: Callable[[], tuple[int, Any]]) -> Seen:
        """Make a review, and see what it does.

        Args:
            step: what happened before.
            run: makes it; returns the code and the report.
        """
        before, said, asked = threads(self.github), people(self.github), len(self.model.requests)
        code, report = run()
        after = threads(self.github)
        assert people(self.github) == said, "somebody's words have changed"
        known = {one.id: one for one in before}
        told = summary(self.github)
        seen = Seen(
            step,
            code,
            tuple(sorted(map(_lines, self.model.requests[asked:]))),
            report["usage"]["input_tokens"],
            tuple(sorted(one.title for one in after if one.id not in known)),
            tuple(sorted(one.title for one in after if one.id in known and one.gone > known[one.id].gone)),
            tuple(
                sorted(one.title for one in after if one.id in known and one.resolved == OURS != known[one.id].resolved)
            ),
            told.split("\n")[1].removeprefix("### Review: "),
            report,
            told,
        )
        self.rows.append(seen)
        return seen

    def review(self, step: str, invocation: Invocation | None = None, policy: Policy | None = None) -> Seen:
        """Make a review as the command does, but for the pauses, which take no time."""

        def run() -> tuple[int, Any]:
            deadline, _ = run_of()
            wanted = invocation or self.invocation()
            world = World(str(self.repo.path), {}, None)
            with host_of(self.github, token=BOT, deadline=deadline) as host:
                pull = Pull(host, host.brief(), deadline)
                with app.open_run(wanted, policy or Policy(chunk_tokens=500), world, pull=pull) as made:
                    review = made.review(made.events(live=False))
                outcome = pull.post(review)
            assert (outcome.trouble, outcome.read_only, outcome.superseded) == (None, None, False)
            return _CODES[review.verdict], json.loads(app.render(review, "json", View()))

        return self.watch(step, run)

    def invocation(self, **others: Any) -> Invocation:
        """What the command would be told, and what else is to hold."""
        asked: dict[str, Any] = {"base_url": self.model.url, "model": "m", "input_limit": 60_000, "cache": False}
        return Invocation(**{"pull": 7, "post": "github", **asked, **others})


def _lines(request: Request) -> tuple[str, ...]:
    return tuple(f"{line.path}: {line.text}" for line in shown(request) if line.sign == "+")


@contextmanager
def life(repo: Repo, *, reader: Reader | None = None) -> Iterator[Life]:
    """A pull request from `topic` to `main`, before anybody reviewed it.

    Args:
        repo: with both branches.
        reader: how the model answers.
    """
    judge = reader or Reader()
    pull = hub.Pull(7, base=repo.id("main"), head=repo.id("topic"))
    repository = Repository(NAME, repo.path, pulls=(pull,), roles=ROLES)
    with github_server(repository, tokens=TOKENS, limits=_ROOMY) as github, model_server(judge) as model:
        yield Life(repo, github, model, judge)


def table(rows: Sequence[Seen]) -> str:
    """What each step took, for people to read."""
    head = ("step", "requests", "input tokens", "new", "gone", "resolved", "code", "summary")
    cells = [
        (
            row.step,
            str(len(row.asked)),
            f"{row.tokens:,}",
            str(len(row.new)),
            str(len(row.gone)),
            str(len(row.resolved)),
            str(row.code),
            row.headline,
        )
        for row in rows
    ]
    widths = [max(len(row[column]) for row in (head, *cells)) for column in range(len(head))]
    return "\n".join("  ".join(map(str.ljust, row, widths)).rstrip() for row in (head, *cells))
