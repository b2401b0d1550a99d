"""What becomes of a change when answers are late, cut, unreadable or refused: every line is reviewed or named."""

import json
import random
import threading
import time
from collections import Counter
from collections.abc import Callable
from typing import Any

import pytest

from tests.support.command import Done, claim, comments, flags, reviewbot, shown
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


def review(repo: Repo, script: Callable[[Request], Answer], *words: str) -> tuple[Done, ModelServer]:
    with model_server(script) as server:
        limits = ("--input-limit", "100000", "--chunk-tokens", "600")
        done = reviewbot("review", "--base-url", server.url, "-m", "m", *limits, "-f", "json", *words, cwd=repo.path)
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
    asked: Counter[str] = Counter()

    def stubborn(request: Request) -> Answer:
        path = shown(request)[0].path
        asked[path] += 1
        return Answer(GARBAGE) if path == PATHS[2] and asked[path] == 1 else flags(request)

    done, server = review(repo, stubborn)
    assert (done.code, done.err) == (0, "")
    assert found(done.report) == EVERY
    assert asked == {path: 1 + (path == PATHS[2]) for path in PATHS}
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
            return Answer("Range of input length should be [1, 100]", 400, code="invalid_parameter_error")
        return flags(request)

    done, server = review(repo, narrow, "--chunk-tokens", "4000")
    assert (done.code, done.err) == (0, "")
    assert found(done.report) == EVERY
    answered = [line.text for request in server.requests if len(shown(request)) <= 4 for line in shown(request)]
    assert len(answered) == len(set(answered)) == len(EVERY)


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
    assert len(server.requests) <= 15


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
            return Answer("slow down", 429, code="limit_requests", headers={"retry-after-ms": "1"})
        return flags(request)

    done, server = review(repo, throttled)
    assert done.code == 3
    assert {path for path, _ in unreviewed(done.report)} == {PATHS[5]}
    assert found(done.report) == [place for place in EVERY if place[0] != PATHS[5]]
    assert len(server.requests) == FILES - 1 + 3


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
