"""The real PyGithub against a strict stand-in: there is one summary, and it has the last word."""

import pytest

from tests.support.github import (
    Answer,
    Cut,
    Fault,
    Stale,
    github_server,
    html,
    secondary,
)
from tests.support.pulls import (
    SUMMARY,
    TALK,
    History,
    history_of,
    host_of,
)


@pytest.fixture(scope="module")
def history(tmp_path_factory: pytest.TempPathFactory) -> History:
    return history_of(tmp_path_factory.mktemp("history"))


def test_the_summary_is_edited_in_place(history: History) -> None:
    with github_server(history.repository()) as server, host_of(server) as host:
        host.summarise(SUMMARY + "one", comment=None)
        number = host.brief().summary
        host.summarise(SUMMARY + "two", comment=number)
        assert [(one.id, one.body) for one in server.issue_comments] == [(number, SUMMARY + "two")]


def test_a_summary_that_was_deleted_meanwhile_is_made_anew(history: History) -> None:
    with github_server(history.repository()) as server, host_of(server) as host:
        host.summarise(SUMMARY + "one", comment=None)
        number = host.brief().summary
        server.store.issue_comments.clear()
        host.summarise(SUMMARY + "two", comment=number)
        assert [one.body for one in server.issue_comments] == [SUMMARY + "two"]


SUMMARY_FAULTS: dict[str, tuple[Fault, ...]] = {
    "502 before": (Fault(html(502), "POST", TALK),),
    "502 after": (Fault(html(502), "POST", TALK, after=True),),
    "a page of HTML after": (Fault(html(200), "POST", TALK, after=True),),
    "a cut after": (Fault(Cut(0.5), "POST", TALK),),
    "an old answer after it": (Fault(html(502), "POST", TALK, after=True), Fault(Stale(), "GET", TALK)),
    "old answers": (Fault(Stale(), "GET", TALK, times=2),),
    "too much": (Fault(secondary(), "POST", TALK),),
}


@pytest.mark.parametrize("faults", SUMMARY_FAULTS.values(), ids=SUMMARY_FAULTS)
def test_one_summary_stands_whatever_goes_wrong(history: History, faults: tuple[Fault, ...]) -> None:
    with github_server(history.repository(), faults=faults) as server, host_of(server) as host:
        host.summarise(SUMMARY + "one", comment=None)
        assert [one.body for one in server.issue_comments] == [SUMMARY + "one"]


EDIT_FAULTS = {"502": html(502), "HTML": html(200), "too much": secondary(status=429, retry_after=1)}


@pytest.mark.parametrize("answer", EDIT_FAULTS.values(), ids=EDIT_FAULTS)
@pytest.mark.parametrize("after", [False, True], ids=["before", "after"])
def test_an_edit_is_done_again(history: History, answer: Answer, *, after: bool) -> None:
    with github_server(history.repository()) as server, host_of(server) as host:
        host.summarise(SUMMARY + "one", comment=None)
        server.order(Fault(answer, "PATCH", after=after))
        host.summarise(SUMMARY + "two", comment=host.brief().summary)
        assert [one.body for one in server.issue_comments] == [SUMMARY + "two"]


def test_of_the_summaries_of_two_runs_the_older_stays_and_says_the_newer_words(history: History) -> None:
    with github_server(history.repository()) as server, host_of(server) as one, host_of(server) as two:
        one.brief()
        two.brief()
        one.summarise(SUMMARY + "one", comment=None)
        first = server.issue_comments[0].id
        two.summarise(SUMMARY + "two", comment=None)
        assert [(one.id, one.body) for one in server.issue_comments] == [(first, SUMMARY + "two")]


def test_an_answer_that_does_not_know_of_our_summary_is_asked_for_again(history: History) -> None:
    with github_server(history.repository()) as server, host_of(server) as one, host_of(server) as two:
        two.brief()
        one.summarise(SUMMARY + "one", comment=None)
        server.order(Fault(Stale(), "GET", TALK, times=2))
        two.summarise(SUMMARY + "two", comment=None)
        assert [one.body for one in server.issue_comments] == [SUMMARY + "two"]


def test_a_summary_that_another_run_deletes_again_is_not_missed(history: History) -> None:
    with github_server(history.repository()) as server, host_of(server) as one, host_of(server) as two:
        two.brief()
        one.summarise(SUMMARY + "one", comment=None)
        server.order(Fault(Answer(404, b'{"message":"Not Found"}'), "PATCH"))
        two.summarise(SUMMARY + "two", comment=None)
        assert SUMMARY + "two" in [one.body for one in server.issue_comments]
