"""The real PyGithub against a strict stand-in: what does not pass is told, and nothing is waited for too long."""

import logging

import pytest

from reviewbot.brief import HostWay, Outcome
from reviewbot.deadline import Deadline
from reviewbot.errors import HostError, ProviderError, ProviderErrorKind
from reviewbot.hosts.github import connect
from tests.support.calls import run_of
from tests.support.github import (
    TOKEN,
    Answer,
    Fault,
    Silent,
    github_server,
    html,
    primary,
    secondary,
)
from tests.support.pulls import (
    NAME,
    REVIEWS,
    History,
    comments,
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


OVER = {
    "a limit of the rate": (secondary(retry_after=100), "the 60 seconds of --timeout end before the 100 seconds"),
    "the hour": (primary(reset=3_000), "the 60 seconds of --timeout end before the 3"),
}


@pytest.mark.parametrize(("answer", "words"), OVER.values(), ids=OVER)
def test_nothing_is_waited_for_beyond_the_end_and_what_is_missing_is_told(
    history: History, answer: Answer, words: str
) -> None:
    deadline, clock = run_of(60)
    with (
        github_server(history.repository(), faults=[Fault(answer, "POST", REVIEWS, nth=2, times=None)]) as server,
        host_of(server, deadline=deadline) as host,
    ):
        with pytest.raises(HostError, match="10 of 40 comments could not be posted") as raised:
            posted(host, comments(40), head=history.head)
        assert words in raised.value.message
        assert raised.value.slug == "host-timed-out"
        assert not clock.waits
        assert len(standing(server)) == 30


def test_when_the_time_is_over_nothing_is_sent(history: History) -> None:
    deadline, clock = run_of(60)
    clock.moment += 60
    with github_server(history.repository()) as server, host_of(server, deadline=deadline) as host:
        with pytest.raises(HostError, match="the 60 seconds of --timeout are over"):
            host.brief()
        assert not server.requests


def test_a_provider_that_was_given_up_does_not_keep_its_findings_from_being_posted(history: History) -> None:
    deadline, _ = run_of(600)
    deadline.give_up(ProviderError("dead", kind=ProviderErrorKind.QUOTA, hint="", slug="provider-quota"))
    with (
        github_server(history.repository(), faults=[Fault(html(502), "POST", REVIEWS)]) as server,
        host_of(server, deadline=deadline) as host,
    ):
        assert host.post(comments(2), head=history.head) == Outcome(2)


def test_silence_ends_with_the_run(history: History) -> None:
    with (
        github_server(history.repository(), faults=[Fault(Silent(5), "GET")]) as server,
        host_of(server, deadline=Deadline(0.9)) as host,
        pytest.raises(HostError, match=r"the 0\.9 seconds of --timeout are over"),
    ):
        host.brief()


def test_trouble_without_end_is_given_up(history: History) -> None:
    with github_server(history.repository(), faults=[Fault(html(502), times=None)]) as server:
        with host_of(server) as host, pytest.raises(HostError, match="GitHub answered 502") as raised:
            host.brief()
        assert (raised.value.slug, len(server.requests)) == ("host-unreachable", 4)


def test_an_address_that_leads_nowhere_is_told() -> None:
    url = "http://127.0.0.1:9"
    host = connect(HostWay(url, NAME, 7, TOKEN, run_of()[0]))
    with pytest.raises(HostError) as raised:
        host.brief()
    host.close()
    assert raised.value.slug == "host-unreachable"
    assert url in raised.value.message
    assert "\n" not in raised.value.message


BODIES = {"a list": b"[]", "a text": b'"x"', "no head": b'{"number": 7, "title": "x"}', "nothing": b"{}"}


@pytest.mark.parametrize("body", BODIES.values(), ids=BODIES)
def test_an_answer_of_another_form_is_told(history: History, body: bytes) -> None:
    with github_server(history.repository(), faults=[Fault(Answer(200, body), path="/pulls/7$")]) as server:
        with host_of(server) as host, pytest.raises(HostError, match="not as described") as raised:
            host.brief()
        assert raised.value.slug == "host-bad-answer"


def test_a_pull_request_that_is_not_there_is_missing(history: History) -> None:
    with github_server(history.repository()) as server:
        host = connect(HostWay(server.url, NAME, 8, TOKEN))
        with pytest.raises(HostError, match=r"octo/shop#8: GitHub answered 404 Not Found") as raised:
            host.brief()
        host.close()
        assert raised.value.slug == "host-missing"


def test_the_token_is_nowhere_to_be_read(history: History, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    echo = Answer(401, f'{{"message":"\\u001b[31mno {TOKEN}\\nhere"}}'.encode())
    with github_server(history.repository()) as server, host_of(server) as host:
        host.post(comments(1), head=history.head)
        server.order(Fault(echo))
        with pytest.raises(HostError) as raised:
            host.brief()
        assert raised.value.message.endswith("#7: GitHub answered 401 \\x1b[31mno *** here")
        assert TOKEN not in f"{host!r} {vars(host)!r} {raised.value!r} {caplog.text}"
        assert "/pulls/7/reviews" in caplog.text


def test_a_limit_that_does_not_end_is_given_up(history: History) -> None:
    deadline, clock = run_of()
    faults = [Fault(secondary(retry_after=9), "POST", REVIEWS, times=None)]
    with (
        github_server(history.repository(), faults=faults) as server,
        host_of(server, deadline=deadline) as host,
    ):
        with pytest.raises(HostError, match="2 of 2 comments could not be posted") as raised:
            posted(host, comments(2), head=history.head)
        assert (raised.value.slug, clock.waits, len(posted_reviews(server))) == ("host-rate", [9] * 7, 8)


def test_a_younger_comment_that_may_not_be_taken_away_stays(history: History) -> None:
    faults = [Fault(Answer(403, b'{"message":"Resource not accessible by integration"}'), "DELETE")]
    with github_server(history.repository(), faults=faults) as server, host_of(server) as one, host_of(server) as two:
        one.brief()
        two.brief()
        one.post(comments(1), head=history.head)
        assert two.post(comments(1), head=history.head) == Outcome(1)
        assert standing(server) == prints(comments(1)) * 2
