"""What a pull request of ten pushes takes, beside one that is reviewed whole at each of them."""

from collections.abc import Iterator
from itertools import chain
from pathlib import Path

import reviewbot
from reviewbot import defaults
from reviewbot.config import Policy
from tests.support.command import claim, comments, shown
from tests.support.life import Life, Reader, life, table
from tests.support.model_server import Answer, Request
from tests.support.repo import Repo

PUSHES, FILES = 10, 20
POLICY = Policy(chunk_tokens=4 * defaults.CHUNK_TOKENS)
"""Of this model the bytes are counted, four of which are about a token."""


def sources() -> dict[str, str]:
    """Real code: modules of the package, neither the smallest nor the largest."""
    folder = Path(reviewbot.__file__).parent
    texts = {path.name: path.read_text("utf-8") for path in sorted(folder.glob("*.py"))}
    return dict([(name, text) for name, text in texts.items() if 2_000 < len(text) < 9_000][:FILES])


def early(text: str) -> str:
    """Code before some of its functions and sentences were written."""
    parts = text.split("\n\n")
    return "\n\n".join(part for at, part in enumerate(parts) if at % 3 != 1)


def mended(text: str, push: int) -> str:
    """Code in which somebody answered to a review."""
    lines = text.split("\n")
    lines[(7 * push) % len(lines)] += f"  # as was said in review {push}"
    return "\n".join(lines)


def judged(request: Request) -> Answer:
    """A few comments, as real models make them."""
    raised = [line for line in shown(request) if line.sign == "+" and line.text.lstrip().startswith("raise ")]
    return Answer(comments(*(claim(line) for line in raised)))


def pushed(repo: Repo) -> Iterator[int]:
    """Each push adds to two more files, and to three of those before."""
    final = sources()
    assert len(final) == FILES
    now = {name: early(text) for name, text in final.items()}
    repo.commit(now)
    repo.git("checkout", "--quiet", "-b", "topic")
    for push in range(1, PUSHES + 1):
        done = [*final][: 2 * push]
        now |= {name: final[name] for name in done[-2:]}
        now |= {name: mended(now[name], push) for name in done[:-2][-3:]}
        repo.commit(now)
        yield push


def spent(folder: Path, *, full: bool) -> tuple[int, Life]:
    repo = Repo.with_commit(folder, {"README.md": "read me\n"})
    steps = pushed(repo)
    first = next(steps)
    with life(repo, reader=Reader(judge=judged)) as it:
        for push in chain([first], steps):
            it.push()
            it.review(f"push {push}", it.invocation(full=full, input_limit=200_000), POLICY)
        return sum(row.tokens for row in it.rows), it


def test_ten_pushes_take_less_than_half_of_the_tokens_that_whole_reviews_take(tmp_path: Path) -> None:
    (new, it), (whole, other) = spent(tmp_path / "new", full=False), spent(tmp_path / "whole", full=True)
    print(f"\n{table(it.rows)}\n{new:,} tokens for what is new, {whole:,} for all at each push: {new / whole:.0%}")
    assert len(it.rows) == len(other.rows) == PUSHES
    assert it.rows[-1].report["complete"]
    assert {one["excerpt"] for one in it.rows[-1].report["findings"]} == {
        one["excerpt"] for one in other.rows[-1].report["findings"]
    }
    assert new < whole / 2
