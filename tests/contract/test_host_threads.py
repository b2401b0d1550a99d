"""The real PyGithub against a strict stand-in: what became of our comments, and of what people do with them."""

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import Any

import pytest

from reviewbot.brief import Brief, Outcome, Reply
from reviewbot.deadline import Deadline
from reviewbot.errors import HostError
from reviewbot.finding import Finding, State
from reviewbot.hosts._reconcile import FINDING, GONE, SUMMARY
from reviewbot.memory import Fate, Part
from reviewbot.patch import parse
from reviewbot.pulls import Pull
from reviewbot.remember import kept_in, told_in
from reviewbot.review import Change, Target
from reviewbot.stages.filters import Limits, filters
from reviewbot.stages.recall import recall
from reviewbot.stages.standing import standing
from tests.support import _github_people as people
from tests.support.calls import run_of
from tests.support.github import (
    TOKEN,
    Access,
    Answer,
    Cut,
    Fault,
    GitHub,
    ReviewComment,
    Stale,
    Token,
    github_server,
    html,
    secondary,
)
from tests.support.pulls import COMMENTS, REVIEWS, History, comment, history_of, host_of, posted
from tests.support.repo import Repo
from tests.support.reviews import draft, finding, review

MIGHTY, HUMAN, APP = "ghs_mighty", "ghp_bea", "ghs_app"
TOKENS = {
    TOKEN: Token(),
    MIGHTY: Token(contents=Access.WRITE),
    HUMAN: Token("bea", actions=False, contents=Access.WRITE),
    APP: Token("my-app[bot]"),
}
OURS = "github-actions[bot]"
ROLES = {"kim": "write", "lea": "maintain", "tim": "triage", "odd": "security-review", "off": "none"}
REPLIES = "/pulls/7/comments/[0-9]+/replies$"
PERMISSION = "/collaborators/"
GRAPHQL = "/graphql$"


@pytest.fixture(scope="module")
def history(tmp_path_factory: pytest.TempPathFactory) -> History:
    return history_of(tmp_path_factory.mktemp("history"))


@dataclass(frozen=True)
class Stage:
    """A pull request, and reviews of it that find what they are told to.

    Attributes:
        server: where it lives.
        change: of it.
        parts: all of its hunks.
    """

    server: GitHub
    change: Change
    parts: tuple[Part, ...]

    def at(self, line: int, path: str = "app.py", **claim: Any) -> Finding:
        (file,) = (file for file in self.change.files if file.path == path)
        return finding(file, line, claim=draft(f"About {line}", **claim))

    def read(self, token: str = TOKEN) -> Brief:
        with host_of(self.server, token=token) as host:
            return host.brief()

    def run(self, *found: Finding, token: str = TOKEN, without: str = "", deadline: Deadline | None = None) -> Outcome:
        """Review; `without` is a file that the change has no more."""
        with host_of(self.server, token=token, deadline=deadline) as host:
            return self.post(Pull(host, host.brief(), deadline or run_of()[0]), *found, without=without)

    def post(self, pull: Pull, *found: Finding, without: str = "") -> Outcome:
        change = replace(self.change, files=tuple(file for file in self.change.files if file.path != without))
        parts = tuple(part for part in self.parts if part.path != without)
        known = pull.brief.memory.known
        stood = standing((), found, known, change=change, skipped=(), parts=parts, reviewed=pull.brief.memory.reviewed)
        passed = filters(stood.claimed, Limits(), taken={one.finding.fingerprint for one in known})
        seen = review(change.files, passed.findings, dropped=(*stood.dropped, *passed.dropped))
        outcome = pull.post(replace(seen, change=change, parts=parts, gone=stood.gone, held=stood.held))
        if outcome.trouble:
            raise outcome.trouble
        return outcome

    @property
    def first(self) -> ReviewComment:
        return self.server.review_comments[0]

    @property
    def fates(self) -> list[tuple[Fate, str, str]]:
        return [(one.fate, one.by, one.why) for one in self.read().memory.known]

    @property
    def last_words(self) -> list[tuple[int | None, str]]:
        said = [one for one in self.server.review_comments if one.body.startswith(GONE)]
        return [(one.reply_to, one.user) for one in said]


@pytest.fixture
def stage(history: History) -> Iterator[Stage]:
    ends = f"{history.base}...{history.head}"
    change = Change(Target(None, history.head, "a change"), parse(Repo(history.folder).git("diff", "-M", ends)))
    repository = replace(history.repository(), roles=ROLES, strangers=frozenset({"nobody"}))
    with github_server(repository, tokens=TOKENS) as server:
        yield Stage(server, change, recall(change.files, reviewed=(), key="k").parts)


def calls(stage: Stage, word: str, since: int = 0) -> list[str]:
    return [f"{one.method} {one.path}" for one in stage.server.requests[since:] if word in one.path]


# ---- what stands comes back


def test_a_review_finds_its_comments_and_its_parts_again(stage: Stage) -> None:
    one, other = stage.at(10), stage.at(1, "deep/ü b.py")
    assert stage.run(one, other) == Outcome(2)
    memory = stage.read().memory
    assert [known.finding for known in memory.known] == [
        replace(found, state=State.STANDING, told_as=found.fingerprint) for found in (one, other)
    ]
    assert [known.comment for known in memory.known] == [said.id for said in stage.server.review_comments]
    assert {known.part for known in memory.known} < {part.digest for part in stage.parts}
    assert memory.reviewed == tuple(part.digest for part in stage.parts)


def test_the_same_again_writes_nothing_but_the_summary(stage: Stage) -> None:
    one = stage.at(10)
    stage.run(one)
    before, begun = stage.server.review_comments, len(stage.server.requests)
    assert stage.run() == Outcome(0)
    assert stage.server.review_comments == before
    assert [call for call in stage.server.calls()[begun:] if not call.startswith("GET")] == [
        "POST /graphql",
        f"PATCH /repos/octo/shop/issues/comments/{stage.server.issue_comments[0].id}",
    ]
    assert stage.read().memory.known[0].finding.fingerprint == one.fingerprint


def test_what_no_comment_can_tell_comes_back_from_the_summary(stage: Stage) -> None:
    nowhere = replace(stage.at(10), anchor=replace(stage.at(10).anchor, end=60))
    stage.run(nowhere)
    assert not stage.server.review_comments
    (known,) = stage.read().memory.known
    assert (known.finding.fingerprint, known.comment, known.fate) == (nowhere.fingerprint, None, Fate.OPEN)


# ---- gone and back


def test_what_is_gone_is_answered_once_and_resolved_where_that_is_allowed(stage: Stage, history: History) -> None:
    stage.run(stage.at(10), token=MIGHTY)
    for _ in range(3):
        stage.run(without="app.py", token=MIGHTY)
    assert stage.last_words == [(stage.first.id, OURS)]
    assert f"`{history.head[:7]}`" in stage.server.review_comments[1].body
    assert stage.server.store.resolved == {stage.first.id: OURS}
    assert stage.fates == [(Fate.GONE, "", "")]
    assert not calls(stage, PERMISSION)


def test_where_it_may_not_be_resolved_the_answer_stands_alone_and_nobody_asks(stage: Stage) -> None:
    stage.run(stage.at(10))
    begun = len(stage.server.requests)
    assert stage.run(without="app.py") == Outcome(0)
    assert len(stage.last_words) == 1
    assert len(calls(stage, "/graphql", begun)) == 1


DENIALS = {
    "forbidden": Answer(200, b'{"data": null, "errors": [{"type": "FORBIDDEN", "message": "no"}]}'),
    "not found": Answer(200, b'{"data": null, "errors": [{"type": "NOT_FOUND", "message": "no"}]}'),
    "a status": Answer(403, b'{"message": "no"}'),
    "an outage": html(502),
}


@pytest.mark.parametrize("answer", DENIALS.values(), ids=DENIALS)
def test_a_thread_that_cannot_be_resolved_is_no_failure(stage: Stage, answer: Answer) -> None:
    stage.run(stage.at(10), stage.at(40), token=MIGHTY)
    stage.server.order(Fault(answer, path=GRAPHQL, nth=2, times=None))
    assert stage.run(without="app.py", token=MIGHTY) == Outcome(0)
    assert len(stage.last_words) == 2
    assert not stage.server.store.resolved


def test_what_is_back_gets_a_comment_of_its_own_that_says_so(stage: Stage) -> None:
    one = stage.at(10)
    stage.run(one)
    stage.run(without="app.py")
    for _ in range(2):
        stage.run(one)
    old, _, new = stage.server.review_comments
    assert (old.reply_to, new.reply_to) == (None, None)
    assert old.body.split("\n")[0] != new.body.split("\n")[0]
    assert (
        f"*This was [told before](http://{stage.server.url.split('//')[1]}/octo/shop/pull/7#discussion_r{old.id})"
        in new.body
    )
    assert [fate for fate, *_ in stage.fates] == [Fate.GONE, Fate.OPEN]


def test_what_people_said_there_stays_and_changes_nothing(stage: Stage) -> None:
    stage.run(stage.at(10))
    said = people.reply(stage.server.store, stage.first.id, "ada", f"{GONE}\nfixed!")
    stage.run(without="app.py")
    assert said in stage.server.review_comments
    assert stage.last_words == [(stage.first.id, "ada"), (stage.first.id, OURS)]


def test_what_only_the_summary_told_leaves_it_without_a_word(stage: Stage) -> None:
    nowhere = replace(stage.at(10), anchor=replace(stage.at(10).anchor, end=60))
    stage.run(nowhere)
    stage.run(without="app.py")
    assert not stage.server.review_comments
    assert stage.read().memory.known == ()


# ---- replies stand once

TROUBLE: dict[str, tuple[Fault, ...]] = {
    "502 before": (Fault(html(502), "POST", REPLIES),),
    "502 after": (Fault(html(502), "POST", REPLIES, after=True),),
    "HTML after": (Fault(html(200), "POST", REPLIES, after=True),),
    "cut after": (Fault(Cut(0.5), "POST", REPLIES),),
    "too much": (Fault(secondary(retry_after=3), "POST", REPLIES),),
    "an old answer after it": (Fault(html(502), "POST", REPLIES, after=True), Fault(Stale(), "GET", COMMENTS, nth=2)),
    "old answers": (Fault(Stale(), "GET", COMMENTS, nth=2, times=2),),
}


@pytest.mark.parametrize("faults", TROUBLE.values(), ids=TROUBLE)
def test_a_reply_stands_once_whatever_goes_wrong(stage: Stage, faults: tuple[Fault, ...]) -> None:
    stage.run(stage.at(10), stage.at(40))
    stage.server.order(*faults)
    assert stage.run(without="app.py") == Outcome(0)
    roots = [one.id for one in stage.server.review_comments if one.reply_to is None]
    assert sorted(stage.last_words) == [(root, OURS) for root in roots]


def test_after_trouble_it_is_looked_before_a_reply_is_sent_again(stage: Stage) -> None:
    stage.run(stage.at(10))
    stage.server.order(Fault(html(502), "POST", REPLIES, after=True))
    stage.run(without="app.py")
    assert len([call for call in stage.server.calls("POST") if call.endswith("/replies")]) == 1


def test_a_thread_that_somebody_opened_again_stays_open(stage: Stage) -> None:
    stage.run(stage.at(10), stage.at(1, "deep/ü b.py"), token=MIGHTY)
    stage.run(without="app.py", token=MIGHTY)
    people.unresolve(stage.server.store, stage.first.id)
    stage.server.order(Fault(html(502), "POST", REPLIES, after=True))
    stage.run(without="deep/ü b.py", token=MIGHTY)
    assert stage.server.store.resolved == {stage.server.review_comments[1].id: OURS}


def test_what_is_back_stays_where_its_answered_comment_has_lost_what_it_carried(stage: Stage) -> None:
    one = stage.at(10)
    stage.run(one)
    stage.run(without="app.py")
    people.edit(stage.server.store, stage.first.id, stage.first.body.split("\n\n")[0])
    stage.server.order(Fault(html(502), "POST", REVIEWS))
    for _ in range(2):
        stage.run(one)
    assert [said.body.split("\n")[0] for said in stage.server.review_comments if said.reply_to is None] == [
        FINDING.format(one.fingerprint)
    ] * 2


def test_of_the_replies_of_two_runs_the_oldest_stays(stage: Stage) -> None:
    stage.run(stage.at(10))
    with host_of(stage.server) as one, host_of(stage.server) as two:
        pulls = [Pull(host, host.brief(), run_of()[0]) for host in (one, two)]
        stage.post(pulls[0], without="app.py")
        said = stage.server.review_comments
        stage.post(pulls[1], without="app.py")
    assert stage.server.review_comments == said


def test_an_answer_that_does_not_know_of_our_reply_is_asked_for_again(stage: Stage) -> None:
    stage.run(stage.at(10))
    with host_of(stage.server) as one, host_of(stage.server) as two:
        pulls = [Pull(host, host.brief(), run_of()[0]) for host in (one, two)]
        stage.post(pulls[0], without="app.py")
        said = stage.server.review_comments
        stage.server.order(Fault(Stale(), "GET", COMMENTS, times=2))
        stage.post(pulls[1], without="app.py")
    assert stage.server.review_comments == said


def test_replies_that_stood_there_twice_before_are_left_alone(stage: Stage) -> None:
    stage.run(stage.at(10))
    root = stage.first.id
    for _ in range(2):
        people.reply(stage.server.store, root, OURS, f"{GONE}\ngone")
    stage.run(stage.at(40))
    assert len(stage.last_words) == 2


def test_a_comment_that_is_deleted_in_between_needs_no_reply(stage: Stage) -> None:
    stage.run(stage.at(10), stage.at(40))
    with host_of(stage.server) as host:
        pull = Pull(host, host.brief(), run_of()[0])
        people.delete(stage.server.store, stage.first.id)
        assert stage.post(pull, without="app.py") == Outcome(0)
    assert [root for root, _ in stage.last_words] == [stage.first.id]


def test_replies_that_fail_for_good_are_counted(stage: Stage) -> None:
    stage.run(stage.at(10), stage.at(40))
    stage.server.order(Fault(html(502), "POST", REPLIES, nth=2, times=None))
    with pytest.raises(HostError, match="1 of 2 comments could not be posted"):
        stage.run(without="app.py")
    stage.server.calm()
    stage.run(without="app.py")
    assert len(stage.last_words) == 2


def test_who_may_not_write_replies_is_told(stage: Stage) -> None:
    stage.run(stage.at(10))
    stage.server.order(Fault(Answer(403, b'{"message":"Resource not accessible by integration"}'), "POST", REPLIES))
    assert "Resource not accessible" in (stage.run(without="app.py").read_only or "")


def test_a_review_that_somebody_did_not_submit_keeps_replies_back(stage: Stage, history: History) -> None:
    with host_of(stage.server) as host:
        host.post([comment(1)], head=history.head)
        refusal = Answer(422, b'{"message":"x","errors":[{"message":"one pending review per pull request"}]}')
        stage.server.order(Fault(refusal, "POST", REPLIES))
        with pytest.raises(HostError, match="1 of 1") as raised:
            posted(host, (), head=history.head, replies=[Reply(stage.first.id, GONE)])
        assert raised.value.slug == "host-refused"


# ---- dismissed

WORDS: dict[str, tuple[str, str | None]] = {
    "with a reason": ("/reviewbot ignore we know", "we know"),
    "without one": ("/reviewbot ignore", ""),
    "over lines": ("/reviewbot ignore\r\n\r\nsince\n\n  it is\tso\n", "since it is so"),
    "with room around": ("/reviewbot  ignore  so  ", "so"),
    "at length": ("/reviewbot ignore " + "x" * 300, "x" * 200),
    "with what hides": ("/reviewbot ignore a\u202eb\x1b[0m <!-- reviewbot:kept v1 x -->", None),
    "quoted": ("> /reviewbot ignore", "-"),
    "as code": ("```\n/reviewbot ignore\n```", "-"),
    "as indented code": ("    /reviewbot ignore", "-"),
    "within words": ("please /reviewbot ignore", "-"),
    "another word": ("/reviewbot ignored", "-"),
    "no word": ("/reviewbot", "-"),
    "in one word": ("/reviewbotignore", "-"),
    "struck through": ("~~/reviewbot ignore~~", "-"),
}


@pytest.mark.parametrize(("text", "why"), WORDS.values(), ids=WORDS)
def test_a_maintainer_dismisses_by_a_reply_that_begins_so(stage: Stage, text: str, why: str | None) -> None:
    stage.run(stage.at(10))
    people.reply(stage.server.store, stage.first.id, "kim", text)
    ((fate, by, said),) = stage.fates
    assert (fate, by) == ((Fate.OPEN, "") if why == "-" else (Fate.DISMISSED, "kim"))
    assert said == ("" if why == "-" else said if why is None else why)
    assert not {"\n", "\u202e", "\x1b"} & {*said}


PEOPLE: dict[str, tuple[str, bool]] = {
    "the owner": ("octo", True),
    "who may write": ("kim", True),
    "who maintains": ("lea", True),
    "the author": ("ada", False),
    "who sorts": ("tim", False),
    "a role of its own": ("odd", False),
    "who is shut out": ("off", False),
    "nobody": ("nobody", False),
    "a program": ("my-app[bot]", False),
    "ourselves": (OURS, False),
}


@pytest.mark.parametrize("way", ["a reply", "a resolution"])
@pytest.mark.parametrize(("login", "may"), PEOPLE.values(), ids=PEOPLE)
def test_only_a_person_who_may_write_dismisses(stage: Stage, login: str, way: str, *, may: bool) -> None:
    stage.run(stage.at(10), stage.at(40))
    for one in stage.server.review_comments:
        if way == "a reply":
            people.reply(stage.server.store, one.id, login, "/reviewbot ignore")
        else:
            people.resolve(stage.server.store, one.id, login)
    begun = len(stage.server.requests)
    assert {fate for fate, *_ in stage.fates} == {Fate.DISMISSED if may else Fate.OPEN}
    assert len(calls(stage, PERMISSION, begun)) == (way == "a resolution" or not login.endswith("[bot]"))
    stage.run(stage.at(10))
    assert [one.reply_to for one in stage.server.review_comments if one.user == OURS].count(None) == 2
    text = stage.server.issue_comments[0].body
    assert ("<summary>Dismissed: 2 findings" in text) is may


def test_a_resolution_that_is_taken_back_dismisses_nothing(stage: Stage) -> None:
    stage.run(stage.at(10))
    people.resolve(stage.server.store, stage.first.id, "kim")
    assert stage.fates == [(Fate.DISMISSED, "kim", "")]
    people.unresolve(stage.server.store, stage.first.id)
    assert stage.fates == [(Fate.OPEN, "", "")]


def test_a_reply_that_is_deleted_again_dismisses_nothing(stage: Stage) -> None:
    stage.run(stage.at(10))
    said = people.reply(stage.server.store, stage.first.id, "kim", "/reviewbot ignore")
    assert stage.fates == [(Fate.DISMISSED, "kim", "")]
    people.delete(stage.server.store, said.id)
    assert stage.fates == [(Fate.OPEN, "", "")]


def test_one_without_the_right_does_not_hide_one_with_it(stage: Stage) -> None:
    stage.run(stage.at(10))
    for login in ("ada", "kim"):
        people.reply(stage.server.store, stage.first.id, login, f"/reviewbot ignore says {login}")
    people.resolve(stage.server.store, stage.first.id, "octo")
    assert stage.fates == [(Fate.DISMISSED, "kim", "says kim")]


def test_a_person_whose_token_posts_dismisses_like_any_other(stage: Stage) -> None:
    stage.run(stage.at(10), stage.at(40), token=HUMAN)
    people.reply(stage.server.store, stage.first.id, "bea", "/reviewbot ignore")
    fates = [one.fate for one in stage.read(HUMAN).memory.known]
    assert fates == [Fate.DISMISSED, Fate.OPEN]
    stage.run(without="app.py", token=HUMAN)
    assert [one.fate for one in stage.read(HUMAN).memory.known] == [Fate.DISMISSED, Fate.GONE]


NO_ANSWERS = {
    "forbidden": (Answer(403, b'{"message":"Resource not accessible by integration"}'), False),
    "not found": (Answer(404, b'{"message":"Not Found"}'), False),
    "without a user": (Answer(200, b'{"permission": "admin", "role_name": "admin", "user": null}'), False),
    "of another form": (Answer(200, b"[]"), False),
    "an outage that passes": (html(502), True),
}


@pytest.mark.parametrize(("answer", "may"), NO_ANSWERS.values(), ids=NO_ANSWERS)
def test_whose_right_is_not_known_has_none(stage: Stage, answer: Answer, *, may: bool) -> None:
    stage.run(stage.at(10))
    people.resolve(stage.server.store, stage.first.id, "kim")
    stage.server.order(Fault(answer, path=PERMISSION))
    assert stage.fates[0][0] is (Fate.DISMISSED if may else Fate.OPEN)


def test_an_outage_that_lasts_dismisses_nothing_in_silence(stage: Stage) -> None:
    stage.run(stage.at(10))
    people.resolve(stage.server.store, stage.first.id, "kim")
    stage.server.order(Fault(html(502), path=PERMISSION, times=None))
    with pytest.raises(HostError):
        stage.read()


def test_where_graphql_may_not_be_asked_replies_count_all_the_same(stage: Stage) -> None:
    stage.run(stage.at(10), stage.at(40))
    one, other = stage.server.review_comments
    people.reply(stage.server.store, one.id, "kim", "/reviewbot ignore")
    people.resolve(stage.server.store, other.id, "kim")
    for fault in (Fault(DENIALS["forbidden"], path=GRAPHQL, times=None), Fault(DENIALS["not found"], path=GRAPHQL)):
        stage.server.calm()
        stage.server.order(fault)
        assert [fate for fate, *_ in stage.fates] == [Fate.DISMISSED, Fate.OPEN]


def test_who_may_ask_for_its_name_and_no_more_is_known_by_it(stage: Stage) -> None:
    stage.run(stage.at(10), token=APP)
    stage.server.order(Fault(DENIALS["forbidden"], path=GRAPHQL))
    assert len(stage.read(APP).memory.known) == 1


def test_threads_beyond_the_first_hundred_are_read_and_no_more_calls_made_than_needed(stage: Stage) -> None:
    many = [replace(stage.at(10), ordinal=number) for number in range(130)]
    with host_of(stage.server) as host:
        host.post([comment(number) for number in range(len(many))], head=stage.change.target.head or "")
    roots = [one.id for one in stage.server.review_comments]
    for one, root in zip(many, roots, strict=True):
        text = f"{FINDING.format(one.fingerprint)}\nwords\n\n{hidden_of(one)}"
        people.edit(stage.server.store, root, text)
    people.resolve(stage.server.store, roots[99], "kim")
    people.resolve(stage.server.store, roots[100], "kim")
    begun = len(stage.server.requests)
    assert [number for number, (fate, *_) in enumerate(stage.fates) if fate is Fate.DISMISSED] == [99, 100]
    assert len(calls(stage, "/graphql", begun)) == 2


def hidden_of(one: Finding) -> str:
    from reviewbot.remember import hidden

    return hidden(one, most=10_000)


def graphql(page: object) -> Answer:
    found = {"pullRequest": {"reviewThreads": page}}
    return Answer(200, json.dumps({"data": {"viewer": {"login": OURS}, "repository": found}}).encode())


def node(number: int, **fields: Any) -> dict[str, Any]:
    told = {"id": "T", "isResolved": True, "viewerCanResolve": False, "resolvedBy": {"login": "kim"}}
    return {**told, "comments": {"nodes": [{"url": f"https://h/o/r/pull/7#discussion_r{number}"}]}, **fields}


ODD: dict[str, Callable[[int], object]] = {
    "nobody resolved it": lambda number: {"nodes": [node(number, resolvedBy=None)]},
    "somebody did before": lambda number: {"nodes": [node(number, isResolved=False)]},
    "no comments": lambda number: {"nodes": [node(number, comments={"nodes": []})]},
    "no comment": lambda number: {"nodes": [node(number, comments={"nodes": [None]})]},
    "another address": lambda number: {"nodes": [node(number, comments={"nodes": [{"url": "https://h/"}]})]},
    "no nodes": lambda _: {"nodes": None},
    "null": lambda _: None,
    "a name that is none": lambda number: {"nodes": [node(number, resolvedBy={"login": 3})]},
    "more without a cursor": lambda _: {"nodes": [], "pageInfo": {"hasNextPage": True, "endCursor": None}},
}


@pytest.mark.parametrize("page", ODD.values(), ids=ODD)
def test_threads_that_tell_nothing_dismiss_nothing(stage: Stage, page: Callable[[int], object]) -> None:
    stage.run(stage.at(10))
    stage.server.order(Fault(graphql(page(stage.first.id)), path=GRAPHQL))
    assert stage.fates == [(Fate.OPEN, "", "")]
    stage.server.order(Fault(graphql({"nodes": [node(stage.first.id)]}), path=GRAPHQL))
    assert stage.fates == [(Fate.DISMISSED, "kim", "")]


# ---- what people do to what is ours


def digests(stage: Stage, *lines: tuple[str, int]) -> set[str]:
    """The parts with these new lines."""
    return {
        part.digest
        for part in stage.parts
        if any(part.path == path and line.new == number for path, number in lines for line in part.hunk.lines)
    }


ALL = [("app.py", 10), ("app.py", 49)]


def test_after_the_summary_is_deleted_all_is_asked_again_and_nothing_told_twice(stage: Stage) -> None:
    one = stage.at(10)
    stage.run(one)
    stage.server.store.issue_comments.clear()
    memory = stage.read().memory
    assert (len(memory.known), memory.reviewed) == (1, ())
    stage.run(one)
    assert len(stage.server.review_comments) == 1
    assert stage.read().memory.reviewed == tuple(part.digest for part in stage.parts)


def test_after_a_comment_is_deleted_its_part_is_asked_again_and_no_other(stage: Stage) -> None:
    one, other = stage.at(10), stage.at(49)
    stage.run(one, other)
    people.delete(stage.server.store, stage.first.id)
    memory = stage.read().memory
    assert [known.finding.fingerprint for known in memory.known] == [other.fingerprint]
    assert {part.digest for part in stage.parts} - {*memory.reviewed} == digests(stage, ("app.py", 10))
    assert stage.run(one) == Outcome(1)
    assert len(stage.server.review_comments) == 2


def edited(body: str) -> dict[str, tuple[str, bool]]:
    marker, *_, hidden = body.split("\n")
    return {
        "other words": (f"{marker}\nWe talked about this.\n\n{hidden}", True),
        "words behind": (f"{body}\n\nEDIT: on purpose.", True),
        "lines that end in another way": (body.replace("\n", "\r\n"), True),
        "a letter of the data": (body.replace(hidden[60:63], "AAA"), False),
        "no data": (body.removesuffix(hidden), False),
        "half of the data": (body[:-20], False),
        "data of another version": (body.replace("told v1", "told v2"), False),
        "data twice": (f"{body}\n{hidden}", False),
    }


EDITS = list(edited("a\nb"))


@pytest.mark.parametrize("edit", EDITS)
def test_an_edit_of_our_words_changes_nothing_as_long_as_the_data_is_whole(stage: Stage, edit: str) -> None:
    one = stage.at(10)
    stage.run(one)
    text, whole = edited(stage.first.body)[edit]
    people.edit(stage.server.store, stage.first.id, text)
    brief = stage.read()
    assert [posted.fingerprint for posted in brief.posted] == [one.fingerprint]
    assert [known.finding.fingerprint for known in brief.memory.known] == [one.fingerprint] * whole
    left_out = {part.digest for part in stage.parts} - {*brief.memory.reviewed}
    assert left_out == (set() if whole else digests(stage, ("app.py", 10)))
    assert stage.run(one) == Outcome(0)
    assert (len(stage.server.review_comments), stage.first.body) == (1, text)
    # From now on the summary carries what the comment has lost.
    (known,) = stage.read().memory.known
    assert (known.finding.fingerprint, known.comment) == (one.fingerprint, stage.first.id)
    assert stage.read().memory.reviewed == tuple(part.digest for part in stage.parts)
    stage.run(without="app.py")
    assert stage.last_words == [(stage.first.id, OURS)]


def test_a_comment_that_carries_another_finding_carries_none(stage: Stage) -> None:
    one, other = stage.at(10), stage.at(49)
    stage.run(one, other)
    said, again = stage.server.review_comments
    people.edit(stage.server.store, said.id, f"{FINDING.format(one.fingerprint)}\n{again.body.split(chr(10))[-1]}")
    assert [known.comment for known in stage.read().memory.known] == [again.id]


MARKERS = {"newer": "finding v2", "older": "finding"}


@pytest.mark.parametrize("version", MARKERS.values(), ids=MARKERS)
def test_a_comment_of_another_version_is_none_of_ours(stage: Stage, version: str) -> None:
    one = stage.at(10)
    stage.run(one)
    people.edit(stage.server.store, stage.first.id, stage.first.body.replace("finding v1", version))
    brief = stage.read()
    assert (brief.posted, brief.memory.known) == ((), ())
    assert digests(stage, ("app.py", 10)).isdisjoint(brief.memory.reviewed)
    assert stage.run(one) == Outcome(1)


SUMMARIES: dict[str, Callable[[str], str]] = {
    "another version of the state": lambda body: body.replace("kept v1", "kept v2"),
    "a cut": lambda body: body[:-10],
    "a letter": lambda body: body[:-30] + "AAAA" + body[-26:],
    "no state": lambda body: body[: body.rindex("<!--")],
    "two states": lambda body: f"{body}\n{body[body.rindex('<!--') :]}",
    "another version of all": lambda body: body.replace("summary v1", "summary v2"),
}


@pytest.mark.parametrize("edit", SUMMARIES.values(), ids=SUMMARIES)
def test_a_summary_that_was_edited_so_tells_nothing_and_all_is_asked_again(
    stage: Stage, edit: Callable[[str], str]
) -> None:
    stage.run(stage.at(10))
    people.edit_summary(stage.server.store, edit(stage.server.issue_comments[0].body))
    memory = stage.read().memory
    assert (len(memory.known), memory.reviewed) == (1, ())


def test_words_that_somebody_adds_to_the_summary_cost_nothing(stage: Stage) -> None:
    stage.run(stage.at(10))
    people.edit_summary(stage.server.store, f"{stage.server.issue_comments[0].body}\n\nLooks right to me.")
    assert stage.read().memory.reviewed == tuple(part.digest for part in stage.parts)


def test_of_two_summaries_the_oldest_counts(stage: Stage) -> None:
    stage.run(stage.at(10))
    first = stage.server.issue_comments[0]
    with host_of(stage.server) as host:
        host.summarise(f"{SUMMARY}\nanother", comment=None)
    number = stage.server.store.next_id()
    stage.server.store.issue_comments[number] = replace(first, id=number, body=f"{SUMMARY}\nyounger")
    people.edit_summary(stage.server.store, first.body)
    assert stage.read().summary == first.id
    assert stage.read().memory.reviewed


# ---- others


def test_what_others_imitate_is_neither_known_nor_changed(stage: Stage) -> None:
    one = stage.at(10)
    stage.run(one, token=APP)
    theirs = (*stage.server.review_comments, *stage.server.issue_comments)
    assert kept_in(stage.server.issue_comments[0].body)
    people.reply(stage.server.store, stage.first.id, "ada", stage.first.body)
    brief = stage.read()
    assert (brief.posted, brief.summary, brief.memory.known, brief.memory.reviewed) == ((), None, (), ())
    assert stage.run(one) == Outcome(1)
    people.reply(stage.server.store, stage.first.id, "kim", stage.first.body)
    assert len(stage.read().memory.known) == 1
    assert [
        record for record in theirs if record not in (*stage.server.review_comments, *stage.server.issue_comments)
    ] == []


def test_each_of_two_bots_answers_its_own_threads(stage: Stage) -> None:
    stage.run(stage.at(10), token=APP)
    stage.run(stage.at(10))
    stage.run(without="app.py")
    assert [user for _, user in stage.last_words] == [OURS]
    stage.run(without="app.py", token=APP)
    assert sorted(user for _, user in stage.last_words) == [OURS, "my-app[bot]"]
    assert [told_in(one.body) is not None for one in stage.server.review_comments] == [True, True, False, False]


def test_a_run_with_other_settings_asks_again_and_tells_nothing_twice(stage: Stage) -> None:
    stage.run(stage.at(10))
    other = replace(stage, parts=recall(stage.change.files, reviewed=(), key="other").parts)
    other.run(stage.at(10))
    assert stage.read().memory.reviewed == tuple(part.digest for part in other.parts)
    assert len(stage.server.review_comments) == 1
