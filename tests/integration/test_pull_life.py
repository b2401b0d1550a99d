"""The life of one pull request, through the whole command: only what is new is asked, and nothing is told twice."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support import _github_people as people
from tests.support.command import claim, comments, shown
from tests.support.inprocess import run
from tests.support.life import BOT, Life, Seen, life, table, threads
from tests.support.model_server import Answer
from tests.support.pulls import NAME
from tests.support.repo import Repo

APP, OLD, MOVED, NEW, FRESH, EXTRA = "app.py", "old.py", "moved.py", "new.py", "fresh.py", "extra.py"
A, B, C, D = "alpha has an error", "bravo has a warning", "charlie has a warning", "delta has an error"
E, F, G, H = "echo has some info", "foxtrot has an error", "golf has some info", "hotel has a warning"
FINE, REASON = "nothing is wrong with this line any more", "it is meant so"


def text(name: str, count: int, **others: str) -> str:
    """Lines of which eight fill a prompt, so that each hunk is asked about by itself; `at10` is another tenth one."""
    lines = [f"line {number} of {name}, which is as long as lines are" for number in range(1, count + 1)]
    for place, line in others.items():
        lines[int(place.removeprefix("at")) - 1] = line
    return "".join(f"{line}\n" for line in lines)


def added(path: str, content: str) -> tuple[str, ...]:
    """What is asked about a file that the change adds."""
    return tuple(f"{path}: {line}" for line in content.split("\n")[:-1])


@pytest.fixture
def it(tmp_path: Path) -> Iterator[Life]:
    repo = Repo.with_commit(tmp_path, {APP: text("app", 60), OLD: text("old", 40)})
    repo.git("checkout", "--quiet", "-b", "topic")
    repo.commit({APP: text("app", 60, at10=A, at30=B), OLD: text("old", 40, at20=C), NEW: text("new", 8, at3=D, at7=E)})
    with life(repo) as made:
        yield made


def review(it: Life, step: str, *words: str) -> Seen:
    """Review the pull request as it is now."""
    it.push()
    asked = ("--base-url", it.model.url, "-m", "m", "--input-limit", "60000", "--chunk-tokens", "500", "--no-cache")
    posted = ("review", "--pr", "7", "--post", "github", "--fail-on", "error", "-f", "json")
    named = {"GITHUB_API_URL": it.github.url, "GITHUB_REPOSITORY": NAME, "GITHUB_TOKEN": BOT}

    def command() -> tuple[int, object]:
        done = run(*posted, *asked, *words, cwd=it.repo.path, env=named)
        return done.code, done.report

    return it.watch(step, command)


def judge(seen: Seen, code: int, headline: str, **wanted: object) -> None:
    """A run did what is named, and nothing else."""
    nothing: dict[str, object] = {"asked": (), "new": (), "gone": (), "resolved": ()}
    expected = nothing | {"code": code, "headline": headline} | wanted
    assert {name: getattr(seen, name) for name in expected} == expected


def begins(it: Life) -> None:
    asked = ((f"{APP}: {A}",), (f"{APP}: {B}",), added(NEW, text("new", 8, at3=D, at7=E)), (f"{OLD}: {C}",))
    judge(review(it, "opened"), 1, "2 errors, 2 warnings, 1 info", asked=asked, new=(A, B, C, D, E))
    people.reply(it.github.store, it.thread(A), "bea", "I do not think so.")
    judge(review(it, "nothing happened"), 1, "2 errors, 2 warnings, 1 info, all standing")


def mended_and_extended(it: Life) -> None:
    mended = text("new", 8, at3=D)
    it.repo.commit({APP: text("app", 60, at10=FINE, at30=B), NEW: mended})
    seen = review(it, "two fixed")
    asked = ((f"{APP}: {FINE}",), added(NEW, mended))
    judge(seen, 1, "1 error, 2 warnings, all standing", asked=asked, gone=(A, E), resolved=(A, E))
    assert "2 findings are gone since the last review." in seen.summary
    extra = text("extra", 8, at4=G)
    it.repo.commit({APP: text("app", 60, at10=FINE, at30=B, at50=F), EXTRA: extra})
    headline = "2 errors, 2 warnings, 1 info, 3 of them standing"
    judge(review(it, "two added"), 1, headline, asked=((f"{APP}: {F}",), added(EXTRA, extra)), new=(F, G))


STANDING = "2 errors, 2 warnings, 1 info, all standing"


def main_goes_on(it: Life, name: str, app: str) -> None:
    it.repo.git("checkout", "--quiet", "main")
    it.repo.commit({APP: app, name: "an error that is none of this change\n"})
    it.repo.git("checkout", "--quiet", "topic")


def rewritten(it: Life) -> None:
    above = "".join(f"{word} new line at the top\n" for word in ("first", "second", "third"))
    main_goes_on(it, "main.py", above + text("app", 60))
    it.repo.git("rebase", "--quiet", "main")
    judge(review(it, "rebased onto a base that moved"), 1, STANDING)
    tree, before = it.repo.git("write-tree"), it.repo.id()
    it.repo.git("reset", "--quiet", "--soft", "main")
    it.repo.commit({}, "all in one")
    assert (it.repo.git("write-tree"), it.repo.id() == before) == (tree, False)
    judge(review(it, "squashed, pushed by force"), 1, STANDING)
    it.repo.git("mv", OLD, MOVED)
    it.repo.commit({})
    seen = review(it, "a file of the base renamed")
    judge(seen, 1, STANDING)
    assert [one["path"] for one in seen.report["findings"] if one["title"] == f"About {C}"] == [MOVED]
    it.repo.git("mv", NEW, FRESH)
    it.repo.commit({})
    seen = review(it, "a file of the change renamed")
    judge(seen, 1, STANDING, asked=(added(FRESH, text("new", 8, at3=D)),))
    assert [one["path"] for one in seen.report["findings"] if one["title"] == f"About {D}"] == [FRESH]
    main_goes_on(it, "later.py", above + text("app", 60) + "a line at the end\n")
    it.repo.git("merge", "--quiet", "--no-edit", "main")
    judge(review(it, "base merged in"), 1, STANDING)


def dismissed(it: Life) -> None:
    people.resolve(it.github.store, it.thread(B), "cleo")
    seen = review(it, "one resolved by who may")
    judge(seen, 1, "2 errors, 1 warning, 1 info, all standing, 1 dismissed")
    people.reply(it.github.store, it.thread(C), "mia", f"/reviewbot ignore {REASON}")
    seen = review(it, "one ignored by who may")
    judge(seen, 1, "2 errors, 1 info, all standing, 2 dismissed")
    told = {one["title"]: (one["reason"], one["note"]) for one in seen.report["dropped"]}
    assert told == {f"About {B}": ("dismissed", "cleo"), f"About {C}": ("dismissed", f"mia: {REASON}")}
    assert "cleo" in seen.summary
    assert REASON in seen.summary
    people.resolve(it.github.store, it.thread(D), "tim")
    people.reply(it.github.store, it.thread(F), "tim", "/reviewbot ignore I like it")
    judge(review(it, "two dismissed by who may not"), 1, "2 errors, 1 info, all standing, 2 dismissed")


def failed_in_part(it: Life) -> None:
    app, fresh = it.repo.git("show", f"topic:{APP}").decode(), text("new", 8, at3=FINE)
    it.repo.commit({APP: app.replace(F, FINE), FRESH: fresh})
    seen = review(it, "two fixed, one of them resolved before")
    asked = ((f"{APP}: {FINE}",), added(FRESH, fresh))
    judge(seen, 0, "1 info, standing, 2 dismissed", asked=asked, gone=(D, F), resolved=(F,))
    extra = text("extra", 8, at4=G, at6=H)
    it.repo.commit({FRESH: text("new", 8, at3=f"{FINE}, once more"), EXTRA: extra})
    it.reader.failing = {EXTRA}
    seen = review(it, "one added, a part fails")
    part = added(EXTRA, extra)
    judge(
        seen,
        3,
        "1 info, standing, 2 dismissed",
        asked=(part, added(FRESH, it.repo.git("show", f"topic:{FRESH}").decode())),
    )
    assert not seen.report["complete"]
    it.reader.failing = ()
    seen = review(it, "run again, nothing fails")
    judge(seen, 0, "1 warning, 1 info, 1 of them standing, 2 dismissed", asked=(part,), new=(H,))


def back(it: Life) -> None:
    fresh = text("new", 8, at3=D)
    it.repo.commit({FRESH: fresh})
    seen = review(it, "one is back")
    judge(
        seen, 1, "1 error, 1 warning, 1 info, 2 of them standing, 2 dismissed", asked=(added(FRESH, fresh),), new=(D,)
    )
    said = it.github.store.review_comments[it.thread(D)].body
    assert "was gone, and is back" in said
    for step in ("run again", "and again"):
        judge(review(it, step), 1, "1 error, 1 warning, 1 info, all standing, 2 dismissed")


def asked_whole(it: Life) -> None:
    seen = review(it, "all is asked", "--full")
    assert len(seen.asked) == 6
    judge(seen, 1, "1 error, 1 warning, 1 info, all standing, 2 dismissed", asked=seen.asked)
    judge(review(it, "run again after that"), 1, "1 error, 1 warning, 1 info, all standing, 2 dismissed")


def test_through_the_life_of_a_pull_request_only_what_is_new_is_asked_and_nothing_is_told_twice(it: Life) -> None:
    for chapter in (begins, mended_and_extended, rewritten, dismissed, failed_in_part, back, asked_whole):
        chapter(it)
    told = [(one.title, one.gone) for one in threads(it.github)]
    assert sorted(told) == [(A, 1), (B, 0), (C, 0), (D, 0), (D, 1), (E, 1), (F, 1), (G, 0), (H, 0)]
    print(f"\n{table(it.rows)}")


def test_what_another_tool_said_once_is_told_when_it_says_it_no_more(
    it: Life, tmp_path_factory: pytest.TempPathFactory
) -> None:
    title = "Unused import json"
    place = {"artifactLocation": {"uri": APP}, "region": {"startLine": 10}}
    result = {
        "ruleId": "R1",
        "message": {"text": "`json` imported but unused"},
        "level": "error",
        "locations": [{"physicalLocation": place}],
    }
    runs = [{"tool": {"driver": {"name": "tool"}}, "results": [result]}]
    hints = tmp_path_factory.mktemp("hints") / "tool.sarif"
    hints.write_text(json.dumps({"version": "2.1.0", "runs": runs}), "utf-8")
    it.reader.judge = lambda request: Answer(
        comments(*(claim(line, severity="error", title=title) for line in shown(request) if line.text == A))
    )
    assert review(it, "a tool says it", "--hints", str(hints)).headline == "1 said by another tool"
    judge(review(it, "it says it again", "--hints", str(hints)), 0, "no findings")
    judge(review(it, "it says nothing"), 1, "1 error", asked=((f"{APP}: {A}",),), new=(title,))
