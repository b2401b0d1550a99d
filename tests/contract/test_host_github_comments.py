"""The real PyGithub against a strict stand-in: comments on lines stand there once."""

from collections.abc import Sequence
from typing import Any

import pytest
import requests

from reviewbot.brief import Outcome, PostSide
from reviewbot.errors import HostError
from tests.support.calls import run_of
from tests.support.github import (
    TOKEN,
    Answer,
    Cut,
    Fault,
    GitHub,
    Stale,
    github_server,
    html,
    primary,
    secondary,
)
from tests.support.pulls import (
    COMMENTS,
    EVERYBODY,
    NAME,
    READER,
    REVIEWS,
    SUMMARY,
    History,
    body_of,
    comment,
    comments,
    fingerprint,
    history_of,
    host_of,
    posted,
    posted_reviews,
    prints,
    standing,
)


@pytest.fixture(scope="module")
def history(tmp_path_factory: pytest.TempPathFactory) -> History:
    return history_of(tmp_path_factory.mktemp("history"))


def test_comments_are_sent_as_one_review_that_says_something(history: History) -> None:
    made = (
        comment(1),
        comment(2, start=8),
        comment(3, side=PostSide.LEFT, line=40),
        comment(4, "gone.py", 2, side=PostSide.LEFT, start=1),
    )
    with github_server(history.repository()) as server, host_of(server) as host:
        assert host.post(made, head=history.head) == Outcome(4)
        (sent,) = posted_reviews(server)
    assert sent.body == "<!-- reviewbot:review v1 -->\nreviewbot has 4 findings in this change."
    single = {"path": "app.py", "body": body_of(1), "line": 10, "side": "RIGHT"}
    assert sent.comments[0] == single
    assert sent.comments[1] == single | {"body": body_of(2), "start_line": 8, "start_side": "RIGHT"}
    assert sent.comments[3].items() >= {"start_line": 1, "start_side": "LEFT", "line": 2, "side": "LEFT"}.items()


def test_nothing_to_post_needs_no_call(history: History) -> None:
    with github_server(history.repository()) as server, host_of(server) as host:
        assert host.post((), head=history.head) == Outcome(0)
        assert not server.requests


CULPRITS = {
    "none": ((), 1),
    "the first": ((0,), 9),
    "the last": ((19,), 7),
    "two": ((4, 15), 14),
    "all": (range(20), 39),
}


@pytest.mark.parametrize(("bad", "most"), CULPRITS.values(), ids=CULPRITS)
def test_culprits_are_found_with_few_calls_and_the_rest_is_posted(
    history: History, bad: Sequence[int], most: int
) -> None:
    made = tuple(comment(number, line=999 if number in bad else 10) for number in range(20))
    with github_server(history.repository()) as server, host_of(server) as host:
        outcome = host.post(made, head=history.head)
        assert outcome == Outcome(20 - len(bad), tuple(fingerprint(number) for number in bad))
        assert sorted(standing(server)) == sorted(fingerprint(n) for n in range(20) if n not in bad)
        assert len(posted_reviews(server)) <= most


def test_nothing_is_blamed_that_was_not_refused_alone(history: History) -> None:
    faults = [Fault(Answer(422, b'{"message":"x","errors":["not today"]}'), "POST", REVIEWS)]
    with github_server(history.repository(), faults=faults) as server, host_of(server) as host:
        assert host.post(comments(2), head=history.head) == Outcome(2)
        assert standing(server) == prints(comments(2))


REFUSALS: dict[str, tuple[Answer, str]] = {
    "a review that somebody did not submit": (
        Answer(422, b'{"message":"x","errors":["User can only have one pending review per pull request"]}'),
        "host-refused",
    ),
    "a commit that is gone": (
        Answer(422, b'{"message":"x","errors":[{"message":"Commit is not part of the pull request"}]}'),
        "host-refused",
    ),
    "a bad token": (Answer(401, b'{"message":"Bad credentials"}'), "host-auth"),
    "another address": (Answer(307, b"", headers={"location": "http://127.0.0.1:1/"}), "host-bad-answer"),
}


@pytest.mark.parametrize(("answer", "slug"), REFUSALS.values(), ids=REFUSALS)
def test_what_is_wrong_with_the_whole_review_is_not_blamed_on_a_comment(
    history: History, answer: Answer, slug: str
) -> None:
    with (
        github_server(history.repository(), faults=[Fault(answer, "POST", REVIEWS)]) as server,
        host_of(server) as host,
    ):
        with pytest.raises(HostError, match="5 of 5 comments could not be posted") as raised:
            posted(host, comments(5), head=history.head)
        assert raised.value.slug == slug
        assert raised.value.hint
        assert len(posted_reviews(server)) == 1


DENIED: dict[str, tuple[str, tuple[Fault, ...], str]] = {
    "a token that only reads": (READER, (), "Resource not accessible by integration"),
    "a repository that hides": (
        TOKEN,
        (Fault(Answer(404, b'{"message":"Not Found"}'), "POST", REVIEWS),),
        "404 Not Found",
    ),
    "an archive": (TOKEN, (Fault(Answer(403, b'{"message":"Repository was archived"}'), "POST", REVIEWS),), "archived"),
}


@pytest.mark.parametrize(("token", "faults", "words"), DENIED.values(), ids=DENIED)
def test_where_nothing_may_be_written_that_is_the_outcome(
    history: History, token: str, faults: tuple[Fault, ...], words: str
) -> None:
    with (
        github_server(history.repository(), tokens=EVERYBODY, faults=faults) as server,
        host_of(server, token=token) as host,
    ):
        outcome = host.post(comments(35), head=history.head)
        assert (outcome.posted, outcome.refused) == (0, ())
        assert words in (outcome.read_only or "")
        assert len(posted_reviews(server)) == 1


def test_a_summary_that_may_not_be_written_is_a_matter_of_permission(history: History) -> None:
    with github_server(history.repository(), tokens=EVERYBODY) as server, host_of(server, token=READER) as host:
        with pytest.raises(HostError) as raised:
            host.summarise(SUMMARY, comment=None)
        assert raised.value.slug == "host-permission"


UNSURE: dict[str, tuple[Fault, int]] = {
    "502 before": (Fault(html(502), "POST", REVIEWS), 2),
    "502 after": (Fault(html(502), "POST", REVIEWS, after=True), 1),
    "a page of HTML before": (Fault(html(200), "POST", REVIEWS), 2),
    "a page of HTML after": (Fault(html(200), "POST", REVIEWS, after=True), 1),
    "a cut before": (Fault(Cut(), "POST", REVIEWS), 2),
    "a cut after": (Fault(Cut(0.5), "POST", REVIEWS), 1),
    "too much, with a time": (Fault(secondary(retry_after=7), "POST", REVIEWS), 2),
    "too much, without one": (Fault(secondary(), "POST", REVIEWS), 2),
    "too much, as 429": (Fault(secondary(status=429), "POST", REVIEWS), 2),
    "no calls left": (Fault(primary(reset=30), "POST", REVIEWS), 2),
    "too quickly": (
        Fault(Answer(422, b'{"message":"x","errors":[{"message":"was submitted too quickly"}]}'), "POST", REVIEWS),
        2,
    ),
}
PAUSES = {"too much, with a time": (7, 7), "too much, without one": (60, 60), "no calls left": (29, 32)}


@pytest.mark.parametrize("name", UNSURE)
def test_after_trouble_it_is_looked_before_anything_is_posted_again(history: History, name: str) -> None:
    fault, posts = UNSURE[name]
    deadline, clock = run_of(1_000)
    with (
        github_server(history.repository(), faults=[fault]) as server,
        host_of(server, deadline=deadline) as host,
    ):
        assert host.post(comments(3), head=history.head) == Outcome(3)
        assert standing(server) == prints(comments(3))
        calls = [call.rsplit("/", 1)[-1] for call in server.calls() if "/pulls/" in call]
        assert calls == ["reviews", "comments", "reviews", "comments"][: 2 * posts] + ["comments"] * (posts == 1)
    first, last = PAUSES.get(name, (0, 1_000))
    assert first <= clock.waits[0] <= last


def test_what_was_posted_twice_since_an_answer_was_old_is_taken_away(history: History) -> None:
    faults = [Fault(html(502), "POST", REVIEWS, after=True), Fault(Stale(), "GET", COMMENTS, times=1)]
    with github_server(history.repository(), faults=faults) as server, host_of(server) as host:
        assert host.post(comments(3), head=history.head) == Outcome(3)
        assert len(posted_reviews(server)) == 2
        assert len(server.calls("DELETE")) == 3
        assert standing(server) == prints(comments(3))


def test_an_answer_that_does_not_know_of_our_review_is_asked_for_again(history: History) -> None:
    with github_server(history.repository()) as server, host_of(server) as host, host_of(server) as other:
        other.brief()
        host.post(comments(2), head=history.head)
        server.order(Fault(Stale(), "GET", COMMENTS, times=2))
        other.post(comments(2), head=history.head)
        assert standing(server) == prints(comments(2))


def test_a_duplicate_that_stood_there_before_is_left_alone(history: History) -> None:
    with github_server(history.repository()) as server:
        with host_of(server) as host:
            host.post(comments(1), head=history.head)
        again = {"path": "app.py", "line": 11, "body": body_of(0), "commit_id": history.head}
        post_bare(server, "/pulls/7/comments", again)
        with host_of(server) as host:
            host.brief()
            host.post((comment(5),), head=history.head)
        assert standing(server) == [fingerprint(0), fingerprint(0), fingerprint(5)]


def post_bare(server: GitHub, path: str, body: dict[str, Any]) -> None:
    with requests.Session() as session:
        got = session.post(f"{server.url}/repos/{NAME}{path}", json=body, headers={"Authorization": f"Bearer {TOKEN}"})
        assert got.status_code < 300


def test_the_older_comment_stays_where_two_runs_post_at_once(history: History) -> None:
    with github_server(history.repository()) as server, host_of(server) as one, host_of(server) as two:
        one.brief()
        two.brief()
        assert one.post(comments(3), head=history.head) == Outcome(3)
        first = [comment.id for comment in server.review_comments]
        assert two.post(comments(4), head=history.head) == Outcome(4)
        assert [comment.id for comment in server.review_comments][:3] == first
        assert standing(server) == prints(comments(4))
