"""The real PyGithub against a strict stand-in: what is ours is known, whoever's token it is."""

import json
from typing import Any

import pytest

from reviewbot.brief import Outcome
from reviewbot.errors import HostError
from tests.support.github import TOKEN, Answer, Fault, Token, github_server, html, secondary
from tests.support.pulls import (
    COMMENTS,
    HUMAN,
    SUMMARY,
    History,
    body_of,
    comment,
    comments,
    history_of,
    host_of,
    prints,
    standing,
)

GRAPHQL = "/graphql$"
APP, OLD = "ghs_an-app", "0123456789abcdef"
TOKENS = {TOKEN: Token(), HUMAN: Token("bea", actions=False), APP: Token("my-app[bot]"), OLD: Token("my-app[bot]")}


@pytest.fixture(scope="module")
def history(tmp_path_factory: pytest.TempPathFactory) -> History:
    return history_of(tmp_path_factory.mktemp("history"))


@pytest.mark.parametrize("token", TOKENS)
def test_whoever_posts_knows_it_again_and_asks_once_who_that_is(history: History, token: str) -> None:
    with github_server(history.repository(), tokens=TOKENS) as server:
        for others in TOKENS.keys() - {token, OLD if token == APP else APP}:
            with host_of(server, token=others) as host:
                host.post((comment(7),), head=history.head)
        with host_of(server, token=token) as host:
            assert not host.brief().posted
            assert host.post(comments(2), head=history.head) == Outcome(2)
            host.summarise(SUMMARY + "one", comment=None)
        with host_of(server, token=token) as host:
            asked = len(server.calls("POST"))
            brief = host.brief()
            assert [one.fingerprint for one in brief.posted] == prints(comments(2))
            assert brief.summary == server.issue_comments[0].id
            assert server.calls("POST")[asked:] == ("POST /graphql",)


def viewer(login: str) -> Answer:
    return Answer(200, json.dumps({"data": {"viewer": {"login": login}}}).encode())


WHO: dict[str, tuple[str, str, list[tuple[str, str]]]] = {
    "a person, and an app of her name, which only she may make": ("ghp_x", "Bea", [("bea", "User"), ("bea", "Bot")]),
    "a workflow": ("ghs_x", "github-actions[bot]", [("github-actions[bot]", "Bot"), ("github-actions", "Bot")]),
    "a workflow, named shortly": ("ghs_x", "github-actions", [("github-actions[bot]", "Bot")]),
    "an app": ("ghs_x", "my-app[bot]", [("my-app[bot]", "Bot"), ("My-App[bot]", "Bot")]),
    "an app, named shortly": ("ghs_x", "my-app", [("my-app[bot]", "Bot"), ("my-app", "Bot")]),
    "an app with an old token": ("0123456789", "my-app[bot]", [("my-app[bot]", "Bot")]),
    "one that may be an app": ("0123456789", "my-app", [("my-app[bot]", "Bot"), ("my-app", "User")]),
}
USERS = [
    *[(name, kind) for name in ("github-actions", "my-app", "bea") for kind in ("Bot", "User", "Organization")],
    *[(f"{name}[bot]", kind) for name in ("github-actions", "my-app") for kind in ("Bot", "User")],
]


@pytest.mark.parametrize(("token", "login", "ours"), WHO.values(), ids=WHO)
def test_an_app_is_known_by_both_its_names_and_a_person_of_that_name_is_none(
    history: History, token: str, login: str, ours: list[tuple[str, str]]
) -> None:
    users = list(dict.fromkeys([*ours, *USERS]))
    made: list[dict[str, Any] | None] = [{"login": name, "type": kind} for name, kind in users]
    rows = [
        {"id": number, "body": body_of(number), "pull_request_review_id": 2, "user": user}
        for number, user in enumerate([*made, None])
    ]
    faults = [Fault(viewer(login), path=GRAPHQL), Fault(Answer(200, json.dumps(rows).encode()), path=COMMENTS)]
    with (
        github_server(history.repository(), tokens={token: Token()}, faults=faults) as server,
        host_of(server, token=token) as host,
    ):
        found = {users[one.id] for one in host.brief().posted}
    assert set(ours) <= found
    assert {(name.lower().removesuffix("[bot]"), kind) for name, kind in found} == {
        (name.lower().removesuffix("[bot]"), kind) for name, kind in ours
    }


def errors(kind: str | None, words: str, **fields: Any) -> Answer:
    named = {} if kind is None else {"type": kind}
    return Answer(200, json.dumps({"data": None, "errors": [{**named, "message": words}]}).encode(), **fields)


UNASKED = {
    "it may not ask": errors("FORBIDDEN", "Resource not accessible by integration"),
    "its scopes are too few": errors("INSUFFICIENT_SCOPES", "Your token has not been granted the required scopes"),
    "a status for that": Answer(403, b'{"message":"Resource not accessible by integration"}'),
    "no GraphQL": Answer(404, b'{"message":"Not Found"}'),
    "nothing for a POST": Answer(405, b""),
}


@pytest.mark.parametrize("answer", UNASKED.values(), ids=UNASKED)
def test_where_nobody_may_ask_it_is_the_workflow(history: History, answer: Answer) -> None:
    faults = [Fault(answer, path=GRAPHQL, times=None)]
    with github_server(history.repository(), tokens=TOKENS, faults=faults) as server:
        with host_of(server, token=HUMAN) as host:
            host.post((comment(7),), head=history.head)
        with host_of(server) as host:
            assert host.post(comments(2), head=history.head) == Outcome(2)
            assert [one.fingerprint for one in host.brief().posted] == prints(comments(2))
            # Threads and our name at once, then our name alone.
            assert len([call for call in server.calls("POST") if call.endswith("graphql")]) == 6


PASSING = {
    "502": html(502),
    "HTML": html(200),
    "too much": secondary(retry_after=3),
    "too much, as an error": errors("RATE_LIMITED", "API rate limit exceeded"),
    "too much, in words": errors(None, "You have exceeded a secondary rate limit", headers={"retry-after": "3"}),
    "it took too long": errors(None, "Something went wrong while executing your query."),
}


@pytest.mark.parametrize("answer", PASSING.values(), ids=PASSING)
def test_trouble_with_the_question_is_waited_for_and_nobody_else_is_taken_for_us(
    history: History, answer: Answer
) -> None:
    with github_server(history.repository(), tokens=TOKENS) as server:
        with host_of(server, token=APP) as host:
            host.post(comments(2), head=history.head)
        server.order(Fault(answer, path=GRAPHQL))
        with host_of(server, token=APP) as host:
            assert [one.fingerprint for one in host.brief().posted] == prints(comments(2))
            assert standing(server) == prints(comments(2))


LASTING = {
    "an outage": (html(502), "host-unreachable"),
    "errors": (errors(None, "Something went wrong"), "host-unreachable"),
    "another form": (Answer(200, b'{"data": {"viewer": null}}'), "host-bad-answer"),
    "no data": (Answer(200, b"[]"), "host-bad-answer"),
    "errors of another form": (Answer(200, b'{"errors": {}}'), "host-bad-answer"),
    "a bad token": (Answer(401, b'{"message":"Bad credentials"}'), "host-auth"),
}


@pytest.mark.parametrize(("answer", "slug"), LASTING.values(), ids=LASTING)
def test_who_does_not_know_who_it_is_posts_nothing(history: History, answer: Answer, slug: str) -> None:
    faults = [Fault(answer, path=GRAPHQL, times=None)]
    with github_server(history.repository(), tokens=TOKENS, faults=faults) as server, host_of(server) as host:
        with pytest.raises(HostError) as raised:
            host.post(comments(2), head=history.head)
        assert raised.value.slug == slug
        assert not server.reviews
