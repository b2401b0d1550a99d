"""What becomes of a change when answers are late, cut, unreadable or refused: every line is reviewed or named."""

import json
import random
import threading
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from reviewbot.stages.ask import CUT_SPLITS
from tests.support.command import Done, claim, comments, flags, shown
from tests.support.inprocess import run
from tests.support.model_server import Answer, ModelServer, Request, model_server
from tests.support.repo import Repo

FILES = 8
LINES = 12
PATHS = [f"part{number}.py" for number in range(FILES)]
GARBAGE = "I would rather talk about it."


@pytest.fixture(scope="module")
def repo(tmp_path_factory: pytest.TempPathFactory) -> Repo:
    """Eight new files, each with twelve lines and a prompt of its own."""
    repo = Repo.with_commit(tmp_path_factory.mktemp("answers"), {"readme": "1\n"})
    repo.stage({path: "".join(f"{path[:-3]}_line{line} = 'warning'\n" for line in range(LINES)) for path in PATHS})
    return repo


def asked(server: ModelServer) -> tuple[str, ...]:
    limits = ("--input-limit", "100000", "--chunk-tokens", "600")
    return ("--base-url", server.url, "-m", "m", *limits, "-f", "json")


def review(repo: Repo, script: Callable[[Request], Answer], *words: str) -> tuple[Done, ModelServer]:
    with model_server(script) as server:
        done = run("review", *asked(server), *words, cwd=repo.path)
    return done, server


def found(report: Any) -> list[tuple[str, int]]:
    return [(finding["path"], finding["start_line"]) for finding in report["findings"]]


def unreviewed(report: Any) -> set[tuple[str, int]]:
    """Every line that the report says nobody reviewed."""
    return {
        (skipped["path"], line)
        for skipped in report["skipped"]
        if skipped["failed"]
        for line in range(skipped["start_line"], skipped["end_line"] + 1)
    }


EVERY = [(path, line) for path in PATHS for line in range(1, LINES + 1)]


def test_findings_stand_in_the_order_of_the_change_whenever_their_answers_come(repo: Repo) -> None:
    chance = random.Random(7)

    def late(request: Request) -> Answer:
        time.sleep(chance.random() / 5)
        return flags(request)

    done, server = review(repo, late, "--jobs", "4")
    assert (done.code, done.err) == (0, "")
    assert found(done.report) == EVERY
    assert len(server.requests) == FILES


def test_jobs_bound_what_is_under_way(repo: Repo) -> None:
    lock, state = threading.Lock(), {"now": 0, "most": 0}

    def counted(request: Request) -> Answer:
        with lock:
            state["now"] += 1
            state["most"] = max(state.values())
        time.sleep(0.1)
        with lock:
            state["now"] -= 1
        return flags(request)

    done, _ = review(repo, counted, "--jobs", "3")
    assert done.code == 0
    assert state == {"now": 0, "most": 3}


def test_an_unreadable_answer_is_asked_for_once_more(repo: Repo) -> None:
    times: Counter[str] = Counter()

    def stubborn(request: Request) -> Answer:
        path = shown(request)[0].path
        times[path] += 1
        return Answer(GARBAGE) if path == PATHS[2] and times[path] == 1 else flags(request)

    done, server = review(repo, stubborn)
    assert (done.code, done.err) == (0, "")
    assert found(done.report) == EVERY
    assert times == {path: 1 + (path == PATHS[2]) for path in PATHS}
    assert done.report["usage"]["requests"] == len(server.requests) == FILES + 1
    again = [request.body for request in server.requests if shown(request)[0].path == PATHS[2]]
    assert again[0]["seed"] != again[1]["seed"]
    assert again[0]["messages"] != again[1]["messages"]


def test_what_stays_unreadable_is_named_and_the_rest_is_reviewed(repo: Repo) -> None:
    done, server = review(
        repo, lambda request: Answer(GARBAGE) if shown(request)[0].path == PATHS[2] else flags(request)
    )
    assert done.code == 3
    assert "gave no readable answer in 2 attempts" in done.err
    assert unreviewed(done.report) == {(PATHS[2], line) for line in range(1, LINES + 1)}
    assert {skipped["reason"] for skipped in done.report["skipped"]} == {"bad_reply"}
    assert found(done.report) == [place for place in EVERY if place[0] != PATHS[2]]
    assert len(server.requests) == FILES + 1


def test_a_prompt_that_is_too_long_is_split_until_it_fits_and_nothing_is_lost(repo: Repo) -> None:
    def narrow(request: Request) -> Answer:
        if len(shown(request)) > 4:
            return Answer("the request exceeds the available context size", 400, code="invalid_parameter_error")
        return flags(request)

    done, server = review(repo, narrow, "--chunk-tokens", "4000")
    assert (done.code, done.err) == (0, "")
    assert found(done.report) == EVERY
    answered = [line.text for request in server.requests if len(shown(request)) <= 4 for line in shown(request)]
    assert len(answered) == len(set(answered)) == len(EVERY)


@pytest.mark.parametrize("jobs", [1, 4])
def test_an_endpoint_that_says_how_much_it_takes_is_not_sent_more_again(repo: Repo, jobs: int) -> None:
    limit = 4_000

    def size(request: Request) -> int:
        return sum(len(message["content"].encode()) for message in request.body["messages"])

    def narrow(request: Request) -> Answer:
        if size(request) > limit:
            return Answer(f"Range of input length should be [1, {limit}]", 400, code="invalid_parameter_error")
        return flags(request)

    done, server = review(repo, narrow, "--chunk-tokens", "4000", "--jobs", str(jobs))
    assert (done.code, done.err) == (0, "")
    assert found(done.report) == EVERY
    assert 1 <= sum(size(request) > limit for request in server.requests) <= jobs


def test_a_line_the_content_filter_refuses_is_named_and_all_others_are_reviewed(repo: Repo) -> None:
    bad = f"{PATHS[3][:-3]}_line7 = "

    def picky(request: Request) -> Answer:
        if bad in request.user:
            return Answer(
                "<400> InternalError.Algo.DataInspectionFailed: Input data", 400, code="data_inspection_failed"
            )
        return flags(request)

    done, _ = review(repo, picky)
    assert done.code == 3
    assert unreviewed(done.report) == {(PATHS[3], 8)}
    assert [skipped["reason"] for skipped in done.report["skipped"]] == ["filtered"]
    assert found(done.report) == [place for place in EVERY if place != (PATHS[3], 8)]
    assert len(done.err.splitlines()) == 2


def test_whole_comments_of_a_cut_answer_are_kept_and_the_part_is_asked_again_in_halves(repo: Repo) -> None:
    def wordy(request: Request) -> Answer:
        if len(lines := shown(request)) <= LINES // 2:
            return flags(request)
        whole = comments(*(claim(line, severity="error") for line in lines))
        return Answer(whole[: whole.index("_line2")], finish="length")

    done, server = review(repo, wordy)
    assert (done.code, done.err) == (0, "")
    assert found(done.report) == EVERY
    kept = {(f["path"], f["start_line"]) for f in done.report["findings"] if f["severity"] == "error"}
    assert kept >= {(path, 1) for path in PATHS}
    assert len(server.requests) == 3 * FILES


def test_an_answer_that_is_always_cut_ends_and_names_what_is_missing(repo: Repo) -> None:
    done, server = review(repo, lambda _: Answer('{"comments": [', finish="length"), "--include", PATHS[0])
    assert done.code == 3
    assert unreviewed(done.report) == {(PATHS[0], line) for line in range(1, LINES + 1)}
    failed = {skipped["reason"] for skipped in done.report["skipped"] if skipped["failed"]}
    assert failed == {"answer_cut"}
    assert len(server.requests) < 2 ** (CUT_SPLITS + 1)


@pytest.mark.parametrize("jobs", [1, 4])
def test_after_a_refused_key_nothing_more_is_sent_and_everything_is_named(repo: Repo, jobs: int) -> None:
    done, server = review(repo, lambda _: Answer("Incorrect API key", 401), "--jobs", str(jobs))
    assert done.code == 3
    assert 1 <= len(server.requests) <= jobs
    assert unreviewed(done.report) == set(EVERY)
    assert len(done.err.splitlines()) == 2
    assert "refused: 401 Incorrect API key" in done.err


def test_a_throttle_that_does_not_end_costs_only_its_own_part(repo: Repo) -> None:
    def throttled(request: Request) -> Answer:
        if shown(request)[0].path == PATHS[5]:
            return Answer("slow down", 429, code="limit_requests", headers={"retry-after": "301"})
        return flags(request)

    done, server = review(repo, throttled)
    assert done.code == 3
    assert "refused: 429 slow down" in done.err
    assert {path for path, _ in unreviewed(done.report)} == {PATHS[5]}
    assert found(done.report) == [place for place in EVERY if place[0] != PATHS[5]]
    assert len(server.requests) == FILES


def test_a_throttle_that_ends_costs_nothing(repo: Repo) -> None:
    refused = Counter[str]()

    def throttled(request: Request) -> Answer:
        path = shown(request)[0].path
        refused[path] += 1
        # Every second prompt is told to come back once.
        if PATHS.index(path) % 2 and refused[path] == 1:
            return Answer("slow down", 429, headers={"retry-after": "0"})
        return flags(request)

    done, server = review(repo, throttled)
    assert (done.code, done.err) == (0, "")
    assert found(done.report) == EVERY
    assert len(server.requests) == FILES + FILES // 2
    assert done.report["usage"]["requests"] == FILES


def test_an_endpoint_that_does_not_stream_gives_the_same_review(repo: Repo) -> None:
    streamed, _ = review(repo, flags)
    with model_server(flags, streams=False) as server:
        done = run("review", *asked(server), cwd=repo.path)
    assert (done.code, done.err) == (0, "")
    for field in ("findings", "skipped", "dropped"):
        assert done.report[field] == streamed.report[field]
    assert done.report["usage"] == {**streamed.report["usage"], "seconds": done.report["usage"]["seconds"]}


def test_what_an_endpoint_does_not_know_is_found_out_once_by_all_that_ask_at_once(repo: Repo) -> None:
    jobs = 4
    unknown = ("json_schema", "stream_options", "seed")
    with model_server(flags, unknown=unknown) as server:
        done = run("review", *asked(server), "--jobs", str(jobs), cwd=repo.path)
    assert (done.code, done.err) == (0, "")
    assert found(done.report) == EVERY
    assert len(server.requests) <= FILES + jobs * len(unknown)
    last = server.requests[-1].body
    assert last["response_format"] == {"type": "json_object"}
    assert not {"stream_options", "seed"} & last.keys()


def test_an_answer_that_broke_off_is_asked_for_again(repo: Repo) -> None:
    asked_for: Counter[str] = Counter()

    def breaks(request: Request) -> Answer:
        path = shown(request)[0].path
        asked_for[path] += 1
        answer = flags(request)
        return replace(answer, missing=1) if path == PATHS[4] and asked_for[path] == 1 else answer

    done, _ = review(repo, breaks)
    assert (done.code, done.err) == (0, "")
    assert found(done.report) == EVERY
    # The answer that broke off was paid for too.
    assert done.report["usage"]["requests"] == sum(asked_for.values()) == FILES + 1


def test_a_run_that_is_out_of_time_keeps_what_was_found_and_names_the_rest(repo: Repo) -> None:
    release = threading.Event()

    def late(request: Request) -> Answer:
        if shown(request)[0].path not in PATHS[:3]:
            release.wait(30)
        return flags(request)

    with model_server(late) as server:
        started = time.monotonic()
        done = run("review", *asked(server), "--jobs", "1", "--timeout", "3", cwd=repo.path)
        taken = time.monotonic() - started
        release.set()
    assert done.code == 3
    assert "the 3 seconds of --timeout are over" in done.err
    assert len(done.err.splitlines()) == 2
    assert found(done.report) == [place for place in EVERY if place[0] in PATHS[:3]]
    assert unreviewed(done.report) == {place for place in EVERY if place[0] not in PATHS[:3]}
    assert {skipped["reason"] for skipped in done.report["skipped"]} == {"timed_out"}
    assert len(server.requests) == 4
    assert taken < 15


def test_a_pause_that_would_not_end_in_time_is_not_waited_for(repo: Repo) -> None:
    with model_server(lambda _: Answer("slow down", 429, headers={"retry-after": "200"})) as server:
        started = time.monotonic()
        done = run("review", *asked(server), "--timeout", "30", cwd=repo.path)
    assert done.code == 3
    assert "refused: 429 slow down" in done.err
    assert time.monotonic() - started < 20
    assert unreviewed(done.report) == {*EVERY}


def test_requests_wait_for_the_minute_that_has_room_for_them(repo: Repo) -> None:
    # The second would have to wait for most of a minute; it is given up before.
    with model_server(flags) as server:
        done = run("review", *asked(server), "--rpm", "1", "--timeout", "20", cwd=repo.path)
    assert done.code == 3
    assert len(server.requests) == 1
    assert len(done.report["findings"]) == LINES
    assert {skipped["reason"] for skipped in done.report["skipped"]} == {"timed_out"}


def test_one_bad_comment_does_not_sink_the_good_ones(repo: Repo) -> None:
    def mixed(request: Request) -> Answer:
        lines = shown(request)
        return Answer(json.dumps({"comments": [5, {"body": "where?"}, claim(lines[0]), None, claim(lines[-1])]}))

    done, _ = review(repo, mixed)
    assert done.code == 0
    assert found(done.report) == [(path, line) for path in PATHS for line in (1, LINES)]
    assert {drop["reason"] for drop in done.report["dropped"]} == {"malformed"}


def test_tokens_are_summed_and_no_price_is_invented(repo: Repo) -> None:
    done, _ = review(repo, flags)
    assert done.report["usage"]["cost"] is None
    assert done.report["usage"]["input_tokens"] == 100 * FILES
    assert done.report["usage"]["output_tokens"] == 20 * FILES
