"""The change between two releases of Django, several megabytes: is every changed line in a prompt or named, once?

What git says is counted here by other means than the package's own reader: from `git diff --numstat`, and from the
counts in the hunk headers of `git diff`.
"""

import re
import shutil
import sys
import time
import zipfile
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from reviewbot import catalogue, defaults, planning
from reviewbot.diff import FileDiff, Line, Side
from reviewbot.guide import Guide
from reviewbot.review import Change, Chunk, Skipped
from reviewbot.stages.prompt import prompt, render_file
from reviewbot.tokens import counter
from tests.support.repo import Repo

RELEASES = Path(__file__).parents[2] / ".venv" / "releases"
BEFORE, AFTER = (RELEASES / f"Django-{version}-py3-none-any.whl" for version in ("4.2.16", "5.1.4"))
PLANS = {
    "default": ("qwen-coder-plus", defaults.CHUNK_TOKENS),
    "small": ("qwen-coder-plus", 1_000),
    "huge": ("qwen-coder-plus", 1_000_000),
    "huge for a small model": ("qwen2.5-coder-3b-instruct", 1_000_000),
}
LARGEST = 5

Place = tuple[str, Side, int]
Tree = dict[str, list[str]]


@dataclass(frozen=True)
class Release:
    """A change as the package reads it, and what git and the files themselves say of it."""

    change: Change
    text: bytes
    numstat: dict[str, tuple[int, int]]
    before: Tree
    after: Tree


def _commit(repo: Repo, wheel: Path) -> Tree:
    """Commit the content of a wheel; returns its lines."""
    for entry in repo.path.iterdir():
        if entry.name != ".git":
            shutil.rmtree(entry)
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(repo.path)
        names = [name for name in archive.namelist() if not name.endswith("/")]
        contents = {name: archive.read(name) for name in names}
    repo.git("add", "--all", "--force")
    repo.commit({}, wheel.stem)
    return {name: raw.decode("utf-8", "surrogateescape").split("\n") for name, raw in contents.items()}


@pytest.fixture(scope="module")
def release(tmp_path_factory: pytest.TempPathFactory) -> Release:
    """Both releases as two commits of one repository."""
    repo = Repo.create(tmp_path_factory.mktemp("release"))
    before, after = (_commit(repo, wheel) for wheel in (BEFORE, AFTER))
    options = ("diff", "--find-renames", "-l1000", "HEAD~1", "HEAD")
    rows = repo.git(*options, "--numstat", "-z").split(b"\0")
    return Release(repo.collect("HEAD~1..HEAD"), repo.git(*options), dict(_numstat(iter(rows[:-1]))), before, after)


def _numstat(rows: Iterator[bytes]) -> Iterator[tuple[str, tuple[int, int]]]:
    for row in rows:
        added, deleted, name = row.split(b"\t")
        if not name:  # renamed: the old name and the new one follow
            next(rows)
            name = next(rows)
        if added != b"-":
            yield name.decode(), (int(added), int(deleted))


def said_by_git(text: bytes) -> Iterator[Place]:
    """Every changed line, walked by the counts of the hunk headers alone."""
    path, old, new, olds, news = "", 0, 0, 0, 0
    for line in text.split(b"\n"):
        if olds > 0 or news > 0:
            sign = line[:1]
            if sign == b"-":
                yield path, Side.OLD, old
            elif sign == b"+":
                yield path, Side.NEW, new
            old, olds = old + (sign in b"- "), olds - (sign in b"- ")
            new, news = new + (sign in b"+ "), news - (sign in b"+ ")
        elif match := re.match(rb"@@ -(\d+)(?:,(\d+))? \+(\d+)(?:,(\d+))? @@", line):
            old, olds, new, news = (1 if part is None else int(part) for part in match.groups())
        elif line.startswith((b"--- a/", b"+++ b/")):
            path = line[6:].rstrip(b"\t").decode()


def places(file: FileDiff) -> Iterator[tuple[Place, Line]]:
    """The changed lines of a file."""
    for line in (line for hunk in file.hunks for line in hunk.lines if line.changed):
        yield (file.path, line.side, line.number(line.side) or 0), line


def named(skipped: Iterable[Skipped], changed: Iterable[Place]) -> set[Place]:
    """The changed lines that skipped parts cover."""
    whole = {part.path for part in skipped if part.start is None}
    ranges = [part for part in skipped if part.start is not None]
    covered = {place for place in changed if place[0] in whole}
    for part in ranges:
        assert part.side
        covered |= {(part.path, part.side, number) for number in range(part.start or 0, (part.end or 0) + 1)}
    return covered & {*changed}


def untrue(chunks: Iterable[Chunk], release: Release) -> list[tuple[str, Line]]:
    """Lines, unchanged ones too, that do not stand where they say they do."""
    wrong = []
    for file in (file for chunk in chunks for file in chunk.files):
        old, new = release.before.get(file.old_path or file.path, []), release.after.get(file.path, [])
        for line in (line for hunk in file.hunks for line in hunk.lines):
            in_old = line.old is None or old[line.old - 1] == line.text
            in_new = line.new is None or new[line.new - 1] == line.text
            if not (in_old and in_new):
                wrong.append((file.path, line))
    return wrong


def sizes(chunk: Chunk) -> tuple[int, int]:
    """Tokens of the diff in a prompt and of the whole prompt, counted exactly."""
    counts = counter("qwen")
    messages = prompt(chunk, guide=Guide(), attempt=1).messages
    whole = sum(counts.count(message.content) for message in messages) + counts.template(len(messages))
    return counts.count("".join(map(render_file, chunk.files))), whole


def test_git_and_its_hunk_headers_tell_the_same_change(release: Release) -> None:
    told = Counter((path, side) for path, side, _ in said_by_git(release.text))
    counted = {(path, Side.NEW): added for path, (added, _) in release.numstat.items()}
    counted |= {(path, Side.OLD): deleted for path, (_, deleted) in release.numstat.items()}
    assert told == {key: number for key, number in counted.items() if number}
    assert len(release.text) > 2_000_000
    assert told.total() > 30_000


def test_the_change_is_read_as_git_tells_it(release: Release) -> None:
    read = Counter(place for file in release.change.files for place, _ in places(file))
    assert read == Counter(said_by_git(release.text))


@pytest.mark.parametrize(("name", "chunk_tokens"), PLANS.values(), ids=PLANS)
def test_every_changed_line_is_in_exactly_one_prompt_or_named(
    release: Release, name: str, chunk_tokens: int, capsys: pytest.CaptureFixture[str]
) -> None:
    model = catalogue.load().get(name)
    started = time.monotonic()
    settings = planning.Settings(chunk_tokens=chunk_tokens)
    chosen, inspected = planning.choose(release.change, settings=settings), planning.Inspected(release.change)
    plan = planning.plan(inspected, chosen, settings=settings, model=model, counter=counter(model.vocabulary))
    seconds = time.monotonic() - started
    changed = set(said_by_git(release.text))
    asked = Counter(place for chunk in plan.chunks for file in chunk.files for place, _ in places(file))
    skipped = named(plan.skipped, changed)
    with capsys.disabled():
        sys.stdout.write(
            f"\n{len(release.text) / 1e6:.1f} MB, {len(release.change.files)} files, {len(changed)} changed lines: "
            f"{len(asked)} in {len(plan.chunks)} chunks, {len(skipped)} skipped by name, planned in {seconds:.1f} s\n"
        )
    assert set(asked.values()) == {1}
    assert not asked.keys() & skipped
    assert asked.keys() | skipped == changed
    assert len(asked) > len(changed) / 2
    assert untrue(plan.chunks, release) == []
    largest = sorted(plan.chunks, key=lambda chunk: chunk.tokens)[-LARGEST:]
    for chunk in largest:
        diff, whole = sizes(chunk)
        assert diff <= chunk.tokens <= chunk_tokens
        assert whole <= model.input_limit
