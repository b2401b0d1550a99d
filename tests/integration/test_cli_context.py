"""Code that a change touches, beside it: of the state that is reviewed, and only where it is wanted."""

import json
from dataclasses import replace
from pathlib import Path

import pytest
from jsonschema import validate

from reviewbot import app, catalogue
from reviewbot.config import Invocation, Policy
from reviewbot.routing import route
from reviewbot.wiring import World
from tests.support.calls import run_of
from tests.support.command import Done, Shown, claim, comments
from tests.support.inprocess import run
from tests.support.model_server import Answer, model_server
from tests.support.repo import Repo

ASKED = ("--provider", "openai", "--base-url", "http://127.0.0.1:9/v1", "-m", "m", "--input-limit", "100000")
STEPS = "".join(f"    total += step(total, {number})\n" for number in range(12))
PRICES = """\
def rounded(amount, *, down=False):
    # Never below nothing.
    return max(int(amount) if down else round(amount), 0)
"""
SHOP = f"from prices import rounded\n\n\ndef bill(total):\n{STEPS}    return rounded(total)\n"


@pytest.fixture
def repo(tmp_path: Path) -> Repo:
    repo = Repo.with_commit(
        tmp_path / "repo",
        {
            "prices.py": PRICES,
            "shop.py": SHOP,
            "use.py": "from shop import bill\n\nprint(bill(3))\n",
            ".gitignore": "out/\n",
        },
    )
    repo.commit({"shop.py": SHOP.replace("return rounded(total)", "return rounded(total, up=True)" + "\n" * 9)})
    return repo


def plan(repo: Repo, *words: str, share: str = "4") -> Done:
    return run("plan", *words, *ASKED, "--context", share, "--show-prompts", "-f", "json", cwd=repo.path)


def told(done: Done) -> str:
    assert done.code == 0, done.err
    (chunk,) = done.report["chunks"]
    return str(chunk["messages"][-1]["content"])


def test_what_a_changed_line_calls_stands_beside_it_and_in_the_plan(repo: Repo) -> None:
    done = plan(repo, "HEAD")
    assert "prices.py (defines rounded)\n1 def rounded(amount, *, down=False):\n" in told(done)
    assert "use.py (uses bill)\n" in told(done)
    validate(done.report, json.loads((Path(__file__).parents[2] / "docs" / "plan.schema.json").read_text("utf-8")))
    (chunk,) = done.report["chunks"]
    row = {"path": "prices.py", "start": 1, "end": 3, "reason": "definition", "name": "rounded"}
    assert row in chunk["beside"]
    text = run("plan", "HEAD", *ASKED, "--context", "4", cwd=repo.path).out
    assert "beside it" in text
    assert "3 files" in text
    assert "beside it" not in run("plan", "HEAD", *ASKED, "--context", "0", cwd=repo.path).out


def test_it_is_of_the_state_that_is_reviewed(repo: Repo) -> None:
    repo.write("prices.py", PRICES.replace("Never below", "Written, and never below"))
    assert "# Never below nothing" in told(plan(repo, "HEAD"))
    repo.write("shop.py", SHOP + "\n\nprint(rounded(9))\n" + "\n" * 20)
    repo.git("add", "shop.py")
    assert "# Never below nothing" in told(plan(repo))
    repo.commit({"prices.py": PRICES.replace("Never below", "Committed, and never below")})
    repo.write("shop.py", SHOP + "\n\nprint(rounded(7))\n" + "\n" * 20)
    assert "# Committed, and never below nothing" in told(plan(repo, "--worktree"))
    assert "# Never below nothing" in told(plan(repo, "HEAD~1"))


def test_what_is_excluded_ignored_or_not_wanted_is_not_shown(repo: Repo) -> None:
    repo.write("out/more.py", "from shop import bill\n\nbill(7)\n")
    repo.write("new.py", "from shop import bill\n\nbill(8)\n")
    assert "prices.py (" not in told(plan(repo, "HEAD", "--exclude", "prices.py"))
    assert "out/more.py" not in plan(repo, "--worktree").out
    assert "FILES-" not in told(plan(repo, "HEAD", share="0"))


@pytest.mark.parametrize(("seconds", "gone", "shown"), [(None, 9e9, True), (60, 29, True), (60, 31, False)])
def test_it_takes_no_more_than_half_the_time_of_a_review(
    repo: Repo, seconds: float | None, gone: float, *, shown: bool
) -> None:
    invocation, policy = Invocation(revision="HEAD"), Policy(context=4)
    world = World(str(repo.path), {}, None)
    way = route(invocation, policy, catalogue.load())
    deadline, clock = run_of(seconds)
    clock.moment += gone
    with app.look(app.collected(invocation, world, None), invocation, policy, world, model=way.model.name) as looked:
        run = looked.run(None, replace(way, deadline=deadline), started=0)
        assert any(chunk.asides for chunk in run.plan.chunks) == shown


def test_a_patch_has_nothing_beside_it(repo: Repo) -> None:
    repo.write("change.patch", repo.git("show", "HEAD"))
    assert "FILES-" not in told(plan(repo, "--patch", "change.patch"))


def test_a_comment_on_a_line_beside_the_change_stands_nowhere(repo: Repo) -> None:
    quote = "return max(int(amount) if down else round(amount), 0)"
    said = Answer(comments(claim(Shown("prices.py", " ", 3, quote))))
    with model_server(lambda _: said) as server:
        words = ("--base-url", server.url, "-m", "m", "--input-limit", "100000", "--context", "4")
        done = run("review", "HEAD", *words, "-f", "json", cwd=repo.path)
    assert done.report["findings"] == []
    assert [drop["reason"] for drop in done.report["dropped"]] == ["unknown_path"]
