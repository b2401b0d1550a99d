"""Whatever goes wrong, and whoever posts too: after one more run every finding stands on the pull request once."""

import itertools
import json
import re
import threading
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Any

import pytest
import requests
from hypothesis import HealthCheck, event, given, settings
from hypothesis import strategies as st

from reviewbot.brief import Outcome
from reviewbot.deadline import Clock, Deadline
from reviewbot.diff import FileDiff, Side
from reviewbot.errors import HostError
from reviewbot.finding import Anchor, Finding
from reviewbot.hosts._reconcile import FINDING, SUMMARY
from reviewbot.patch import parse
from reviewbot.pulls import Pull
from reviewbot.review import Change, Review, Target
from tests.support.calls import JumpingClock, Stage
from tests.support.github import (
    TOKEN,
    Answer,
    Cut,
    Fault,
    GitHub,
    Limits,
    Recorded,
    Silent,
    Slow,
    Stale,
    github_server,
    html,
    primary,
    secondary,
    unavailable,
)
from tests.support.pulls import (
    COMMENTS,
    EVERYBODY,
    NAME,
    ONE,
    OTHER,
    READER,
    REVIEWS,
    TALK,
    History,
    history_of,
    host_of,
)
from tests.support.repo import Repo
from tests.support.reviews import draft, review

OURS = "github-actions[bot]"
FOREVER = 1e9
ROOMY = Limits(creations=10_000, hourly=10_000)
HOLEY = Limits(creations=10_000, hourly=10_000, diff_files=2, page_lines=20)
MARKED = re.compile(re.escape(FINDING).replace(r"\{\}", "([0-9a-f]{64})"))


@pytest.fixture(scope="module")
def scene(tmp_path_factory: pytest.TempPathFactory) -> "Scene":
    return Scene.of(history_of(tmp_path_factory.mktemp("history")))


@dataclass(frozen=True)
class Scene:
    """A pull request, its change with more lines around than the host shows, and places in it.

    Attributes:
        good: places that the host takes.
        bad: places that only the wider change has, or that no comment can stand on.
    """

    history: History
    change: Change
    files: tuple[FileDiff, ...]
    good: tuple[Anchor, ...]
    bad: tuple[Anchor, ...]

    @classmethod
    def of(cls, history: History) -> "Scene":
        repo, ends = Repo(history.folder), f"{history.base}...{history.head}"
        wide, shown = (parse(repo.git("diff", "-M", f"-U{around}", ends)) for around in (12, 3))
        merge_base = repo.git("merge-base", history.base, history.head).decode().strip()
        places = [place for file in wide for place in _places(file)]
        fine = {place for file in shown for place in _places(file) if _taken(place, file)}
        good = tuple(place for place in places if place in fine)
        bad = tuple(place for place in places if place not in fine)
        return cls(history, Change(Target(merge_base, history.head, "a change"), wide), shown, good, bad)

    def review(self, findings: Sequence[Finding]) -> Review:
        return replace(review(self.change.files, findings), change=self.change)


def _places(file: FileDiff) -> Iterator[Anchor]:
    """All single lines, and all pairs of neighbours."""
    for side, hunk in itertools.product(Side, file.hunks):
        numbers = [number for line in hunk.lines if (number := line.number(side)) is not None]
        for start, more in itertools.product(numbers, (0, 1)):
            if start + more in numbers:
                yield Anchor(file.path, side, start, start + more, file.old_path)


def _taken(place: Anchor, file: FileDiff) -> bool:
    lines = [line for hunk in file.hunks for line in hunk.lines if place.holds(line.number(place.side))]
    return all(line.side is place.side for line in lines)


# ---- what may happen


@dataclass(frozen=True)
class Story:
    """One pull request's bad day.

    Attributes:
        places: of the findings: the number of a place, negative for a bad one.
        troubles: by kind.
        before: how many findings stood there from an earlier run, with a summary.
        pending: somebody with our token began a review and did not submit it.
        token: of the run.
        seconds: that it has; None: any.
        pauses: of another run that acts at the same time, and of this one; None: there is none.
        long: one finding says more than has room.
        limits: of the server.
    """

    places: tuple[int, ...]
    troubles: tuple[tuple[str, Fault], ...] = ()
    before: int = 0
    pending: bool = False
    token: str = TOKEN
    seconds: float | None = None
    pauses: tuple[float, ...] | None = None
    long: bool = False
    limits: Limits = ROOMY

    def findings(self, scene: Scene) -> tuple[Finding, ...]:
        return tuple(self._finding(scene, number, at) for number, at in enumerate(self.places))

    def _finding(self, scene: Scene, number: int, at: int) -> Finding:
        places = scene.good if at >= 0 else scene.bad
        place = places[at % len(places)]
        hunks = [hunk for file in scene.change.files if file.path == place.path for hunk in file.hunks]
        excerpt = tuple(line.text for hunk in hunks for line in hunk.lines if place.holds(line.number(place.side)))
        words = f"word{number}word. " + "And so on. " * (7_000 if self.long and number == 0 else 1)
        claim = draft(f"Title {number}", words, path=place.path, suggestion="x" if number % 3 else None)
        return Finding(place, excerpt, claim, ordinal=number)


def said(status: int, *words: str) -> Answer:
    return Answer(status, json.dumps({"message": "Unprocessable Entity", "errors": words}).encode())


TOO_LONG = "Body is too long (maximum is 65536 characters)"
DENIED = Answer(403, b'{"message":"Resource not accessible by integration"}')
READS = [("GET", ""), ("GET", "/pulls/7$"), ("GET", COMMENTS), ("GET", TALK), ("GET", "/compare/"), ("GET", "/files$")]
WRITES = [*[("POST", REVIEWS), ("POST", TALK)] * 3, ("PATCH", ONE), ("DELETE", "/pulls/comments/")]
ASKED = [("POST", "/graphql$")]
POSTS = [("POST", REVIEWS), ("POST", TALK)]
ALL = [*READS, *WRITES, *WRITES, *ASKED]
OLD = [("GET", COMMENTS), ("GET", TALK)]
DIFF = [("GET", "/compare/")]
Where = list[tuple[str, str]]
KINDS: dict[str, tuple[Answer | Cut | Silent | Slow | Stale, bool, Where]] = {
    "422": (said(422, "Pull request review thread line must be part of the diff"), False, POSTS),
    "body too long": (said(422, TOO_LONG), False, POSTS),
    "only pending": (said(422, "User can only have one pending review per pull request"), False, [WRITES[0]]),
    "read-only": (DENIED, False, WRITES),
    "403": (secondary(), False, ALL),
    "403 with a time": (secondary(retry_after=90), False, ALL),
    "429": (secondary(status=429), False, ALL),
    "429 with a time": (secondary(status=429, retry_after=3), False, ALL),
    "primary limit": (primary(reset=40), False, ALL),
    "502 before": (html(502), False, ALL),
    "502 after": (html(502), True, WRITES),
    "504 after": (Answer(504, b""), True, WRITES),
    "HTML before": (html(200), False, ALL),
    "HTML after": (html(200), True, WRITES),
    "cut before": (Cut(), False, ALL),
    "cut after": (Cut(0.5), False, ALL),
    "slow": (Slow(0.005), False, ALL),
    "silence": (Silent(0.005), False, ALL),
    "silence after": (Cut(0.001), False, WRITES),
    "old answer": (Stale(), False, OLD),
    "406": (Answer(406, b'{"message":"Sorry, the diff exceeded the maximum number of lines (20000)."}'), False, DIFF),
    "unavailable": (unavailable(), False, [*DIFF, ("GET", "/files$")]),
}


@st.composite
def troubles(draw: st.DrawFn) -> tuple[str, Fault]:
    kind = draw(st.sampled_from(list(KINDS)))
    what, after, where = KINDS[kind]
    method, path = draw(st.sampled_from(where))
    times = draw(st.sampled_from([1, 1, 1, 1, 2, 2, 5, None]))
    return kind, Fault(what, method, path, nth=draw(st.sampled_from([1, 1, 1, 1, 2, 3])), times=times, after=after)


@st.composite
def stories(draw: st.DrawFn) -> Story:
    count = draw(st.integers(1, 45))
    at = st.integers(0, 400)
    places = st.one_of(*[at] * 6, at.map(lambda number: -number - 1))
    rarely = st.sampled_from([False, False, False, True])
    return Story(
        tuple(draw(st.lists(places, min_size=count, max_size=count))),
        tuple(draw(st.lists(troubles(), min_size=2, max_size=6))),
        before=draw(st.sampled_from([0, 0, 0, count // 2, count])),
        pending=draw(st.sampled_from([False] * 19 + [True])),
        token=draw(st.sampled_from([TOKEN] * 19 + [READER])),
        seconds=draw(st.sampled_from([None, None, None, 5, 100])),
        pauses=draw(st.none() | st.lists(st.sampled_from([0, 0, 0.001, 0.5]), min_size=1, max_size=9).map(tuple)),
        long=draw(rarely),
        limits=draw(st.sampled_from([ROOMY, ROOMY, ROOMY, HOLEY])),
    )


# ---- what then happens


@dataclass
class Turns:
    """A clock by which the runs on a stage act in turn, a call each."""

    stage: Stage
    pauses: Iterator[float]

    def now(self) -> float:
        self.stage.wait(threading.Event(), next(self.pauses))
        return self.stage.now()

    def wait(self, woken: threading.Event, seconds: float) -> None:
        self.stage.wait(woken, seconds)


@dataclass
class Day:
    """Runs on one pull request."""

    scene: Scene
    server: GitHub
    results: list[Outcome | HostError] = field(default_factory=list)

    def run(self, seen: Review, token: str, seconds: float | None, clock: Clock, url: str = "") -> None:
        deadline = Deadline(seconds, clock)
        with host_of(self.server, token=token, deadline=deadline, url=url) as host:
            try:
                pull = Pull(host, host.brief(), deadline)
                assert {file.path for file in parse(host.patch(pull.brief))} >= {file.path for file in self.scene.files}
                outcome = pull.post(seen)
                self.results.append(outcome)
                if outcome.trouble:
                    raise outcome.trouble
            except HostError as error:
                self.results.append(error)

    def first(self, story: Story, seen: Review) -> None:
        """The run, and the other one that acts at the same time."""
        if story.pauses is None:
            self.run(seen, story.token, story.seconds, JumpingClock())
            return
        stage = Stage()
        for url, pauses in (("", story.pauses), (self.server.enterprise_url, story.pauses[::-1])):
            clock = Turns(stage, itertools.cycle(pauses))
            stage.enter(partial(self.run, seen, story.token, story.seconds or FOREVER, clock, url))
        stage.run()

    @property
    def failed(self) -> bool:
        return any(isinstance(result, HostError) or result.read_only for result in self.results)


def bare(server: GitHub, token: str, path: str, **body: Any) -> None:
    headers = {"Authorization": f"Bearer {token}"}
    with requests.Session() as session:
        assert session.post(f"{server.url}/repos/{NAME}{path}", json=body, headers=headers).status_code < 300


def imitate(server: GitHub, one: Finding, head: str) -> None:
    """Somebody else writes what only we should."""
    fake = {"path": "app.py", "line": 10, "body": FINDING.format(one.fingerprint)}
    bare(server, OTHER, "/pulls/7/reviews", body="Look.", event="COMMENT", commit_id=head, comments=[fake])
    bare(server, OTHER, "/issues/7/comments", body=f"{SUMMARY}\nimitated")


def others(server: GitHub) -> list[Any]:
    """All that is not ours."""
    records: list[Any] = [*server.reviews, *server.review_comments, *server.issue_comments]
    return [record for record in records if record.user != OURS]


def live(scene: Scene, story: Story, counts: Counter[str]) -> None:
    findings = story.findings(scene)
    seen = scene.review(findings)
    with github_server(scene.history.repository(), tokens=EVERYBODY, limits=story.limits) as server:
        imitate(server, findings[0], scene.history.head)
        day = Day(scene, server)
        if story.before:
            day.run(scene.review(findings[: story.before]), TOKEN, None, JumpingClock())
            assert not day.failed
        if story.pending:
            bare(server, TOKEN, "/pulls/7/reviews", commit_id=scene.history.head)
        strange = others(server)
        server.order(*(fault for _, fault in story.troubles))
        begun = len(server.requests)
        day.first(story, seen)
        again = day.failed
        if again:
            server.calm()
            for one in [one for one in server.reviews if one.state == "PENDING"]:
                del server.store.reviews[one.id]
            day.results.clear()
            day.run(seen, TOKEN, None, JumpingClock())
        assert not day.failed, day.results
        assert others(server) == strange
        judge(server, findings)
        watch(server.requests)
        count(story, server.requests[begun:], counts, again=again)


def judge(server: GitHub, findings: Sequence[Finding]) -> None:
    """Every finding stands on its lines or is told in full, each once; and there is one summary."""
    (told,) = [one.body for one in server.issue_comments if one.user == OURS]
    assert told.startswith(f"{SUMMARY}\n### Review: {len(findings)} warning")
    stands: dict[str, list[Anchor]] = {}
    for one in server.review_comments:
        if one.user == OURS:
            marked = MARKED.match(one.body)
            assert marked
            assert one.place
            side = Side.OLD if one.place.side == "LEFT" else Side.NEW
            last = one.place.line or 0
            stands.setdefault(marked[1], []).append(Anchor(one.place.path, side, one.place.start_line or last, last))
    for number, finding in enumerate(findings):
        anchor, words = finding.anchor, f"word{number}word."
        there = stands.pop(finding.fingerprint, [])
        here = Anchor(anchor.path, anchor.side, anchor.start, anchor.end)
        assert (there, told.count(words)) in [([here], 0), ([], 1)], (finding, there)
    assert not stands


def watch(recorded: Sequence[Recorded]) -> None:
    """Nothing is sent again before it was looked whether it stands there already."""
    for prefix in ("", "/api/v3"):
        unsure: dict[str, set[str]] = {REVIEWS: set(), TALK: set()}
        for one in recorded:
            kind = next((kind for kind in (REVIEWS, COMMENTS, TALK) if re.search(kind, one.path)), "")
            if one.prefix != prefix or not kind or one.headers["user-agent"] != "reviewbot":
                continue
            if one.method == "GET" and isinstance(one.answer, list):
                unsure[TALK if kind == TALK else REVIEWS].clear()
            elif one.method == "POST":
                sent = {*re.findall(r"finding v1 ([0-9a-f]{64})", one.raw.decode())} if kind == REVIEWS else {SUMMARY}
                assert not sent & unsure[kind], f"{one.path} was sent again without a look"
                if not 400 <= one.status < 500:
                    unsure[kind] |= sent


def count(story: Story, recorded: Sequence[Recorded], counts: Counter[str], *, again: bool) -> None:
    counts.update(examples=1, findings=len(story.places), calls=len(recorded), reruns=again)
    counts["bad places"] += sum(at < 0 for at in story.places)
    counts["two runs"] += story.pauses is not None
    counts["a pending review"] += story.pending
    counts["a token that only reads"] += story.token == READER
    counts["missing patches"] += story.limits is HOLEY
    counts["too long to be told"] += story.long
    struck = [one.fault for one in recorded if one.fault]
    for kind, fault in story.troubles:
        counts[kind] += struck.count(fault)


# ---- the cases, and any of them

SOME = (1, 5, 9, -1, 30, -8, 77)
WRITE, EDIT, TALKS, LISTS = ("POST", REVIEWS), ("PATCH", ONE), ("POST", TALK), ("GET", COMMENTS)


def one(kind: str, where: tuple[str, str], times: int | None = 1, nth: int = 1) -> tuple[str, Fault]:
    what, after, _ = KINDS[kind]
    return kind, Fault(what, *where, nth=nth, times=times, after=after)


CASES = {
    "nothing goes wrong": Story(SOME),
    "one finding": Story((3,)),
    "only culprits": Story((-1, -2, -3, -40, -90)),
    "a pending review": Story(SOME, pending=True),
    "a token that only reads": Story(SOME, token=READER),
    "more than has room": Story((-1, *SOME), long=True),
    "an earlier run": Story(SOME, before=4),
    "patches that are missing": Story(SOME, limits=HOLEY),
    "two runs, call by call": Story(SOME, pauses=(0,)),
    "two runs, one a little ahead": Story(SOME, pauses=(0, 0.5, 0, 0, 0, 0.001)),
    "two runs and old answers": Story(SOME, (one("old answer", LISTS, 3), one("502 after", WRITE)), pauses=(0,)),
    "posted twice, since an answer was old": Story(SOME, (one("502 after", WRITE), one("old answer", LISTS, 1, 2))),
    "little time": Story(SOME, (one("403 with a time", WRITE),), seconds=50),
    "the summary alone fails": Story(SOME, (one("body too long", TALKS),)),
    "an edit fails for good": Story(SOME, (one("HTML after", EDIT, None),), before=2),
    **{kind: Story(SOME, (one(kind, KINDS[kind][2][0], 2),)) for kind in KINDS},
    **{
        f"the summary, {kind}": Story(SOME, (one(kind, TALKS),))
        for kind in ("502 before", "502 after", "HTML after", "cut after", "403", "silence")
    },
}


@pytest.mark.parametrize("story", CASES.values(), ids=CASES)
def test_in_each_of_these_cases_every_finding_stands_once(scene: Scene, story: Story) -> None:
    counts: Counter[str] = Counter()
    live(scene, story, counts)
    assert all(counts[kind] for kind, _ in story.troubles)


def test_in_any_case_every_finding_stands_once(scene: Scene, capsys: pytest.CaptureFixture[str]) -> None:
    counts: Counter[str] = Counter()

    @settings(
        max_examples=25,
        deadline=None,
        derandomize=True,
        suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
    )
    @given(story=stories())
    def check(story: Story) -> None:
        before = counts.copy()
        live(scene, story, counts)
        met = counts - before
        event("run again" if met["reruns"] else "one run")

    check()
    with capsys.disabled():
        print("\n" + ", ".join(f"{count:,} {name}" for name, count in counts.items()))
    assert all(counts[name] for name in ("findings", "bad places", "reruns", "two runs"))
    assert sum(counts[kind] > 0 for kind in KINDS) > len(KINDS) / 3
