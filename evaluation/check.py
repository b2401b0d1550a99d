"""What has to hold of the project's own suite. Alone knows its rules and how large it has to be."""

import re
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

from evaluation import repository
from evaluation.errors import EvaluationError
from evaluation.evidence import in_diff
from evaluation.run import placed
from evaluation.suite import AFTER, BEFORE, Change, Evidence, Truth, folders, read
from reviewbot import tokens
from reviewbot.diff import FileDiff
from reviewbot.errors import ReviewbotError
from reviewbot.sources.git import GitSource, Selection

LEAST_CHANGES = 60
LEAST_LANGUAGES = 7
LEAST_CLEAN = 20
LEAST_FAR = 15
"""Changes with a defect that the hunk alone does not show."""

MOST_TOKENS = 2_000
"""Of a change's diff, as git writes it and Qwen models count it."""

MOST_LINES = 5
"""Of a truth and of a piece of evidence: where a comment belongs is a place and no region."""

MOST_EVIDENCE = 3
"""Pieces of a change; what else would help is not needed."""


def problems(suite: Path) -> list[str]:
    """All that is wrong with a suite, each with the name of what it is wrong with; empty where all is well.

    Raises:
        EvaluationError: there is no suite.
    """
    found: list[str] = []
    changes = []
    for folder in folders(suite):
        try:
            change = read(folder)
        except EvaluationError as error:
            found.append(str(error))
            continue
        changes.append(change)
        found += [f"{change.name}: {problem}" for problem in _of_change(change)]
    return [*found, *_of_size(changes)]


def _of_size(changes: Sequence[Change]) -> Iterator[str]:
    far = sum(change.needs != "hunk" and bool(change.truths) for change in changes)
    counts = (
        (len(changes), LEAST_CHANGES, "changes"),
        (len({change.language for change in changes}), LEAST_LANGUAGES, "languages"),
        (sum(not change.truths for change in changes), LEAST_CLEAN, "clean changes"),
        (far, LEAST_FAR, "defects that need more than the hunk"),
    )
    yield from (f"the suite has {count} {what}, fewer than {least}" for count, least, what in counts if count < least)


def _of_change(change: Change) -> Iterator[str]:
    if not re.fullmatch(rf"{re.escape(change.language)}(-[a-z0-9]+)+", change.name):
        yield f"its name is not {change.language}- and words in small letters"
    if not change.title.strip() or "\n" in change.title:
        yield "its title is not one line"
    yield from _of_files(change)
    try:
        with TemporaryDirectory(prefix="evaluation-") as name:
            folder = Path(name) / change.name
            repository.build(change, folder)
            files = GitSource(Selection("HEAD"), cwd=str(folder)).collect().files
            diff = repository.git(folder, "diff", "--no-color", "HEAD~1", "HEAD").decode(errors="replace")
            doubts = list(_of_all_evidence(change, files, folder))
    except (EvaluationError, ReviewbotError) as error:
        yield str(error)
        return
    total = tokens.counter("qwen").count(diff)
    if not 1 <= total <= MOST_TOKENS:
        yield f"its diff has {total:,} tokens, not 1 to {MOST_TOKENS:,}"
    for place, truth in enumerate(change.truths, 1):
        yield from (f"truth {place}: {problem}" for problem in _of_truth(truth, files))
    yield from doubts


def _of_files(change: Change) -> Iterator[str]:
    before, after = change.folder / BEFORE, change.folder / AFTER
    for path in change.deleted:
        if not (before / path).is_file():
            yield f"{path} is deleted and was not there before"
        if (after / path).exists():
            yield f"{path} is deleted and there afterwards"
    for file in sorted(path for path in after.rglob("*") if path.is_file()):
        old = before / file.relative_to(after)
        if old.is_file() and old.read_bytes() == file.read_bytes():
            yield f"{file.relative_to(after)} stands in {AFTER} and does not change"


def _of_truth(truth: Truth, files: Iterable[FileDiff]) -> Iterator[str]:
    files = tuple(files)
    anchor = placed(truth, files)
    # What is shown without a change may lie in a hunk too.
    texts = {
        line.number(line.side): line.text
        for file in files
        if file.path == anchor.path
        for hunk in file.hunks
        for line in hunk.lines
        if line.changed and line.side is anchor.side
    }
    unchanged = [number for number in range(anchor.start, anchor.end + 1) if number not in texts]
    if unchanged:
        yield f"{anchor.path}: {anchor.side} lines {', '.join(map(str, unchanged))} are not changed"
    elif texts[anchor.start] != truth.code:
        yield f"{anchor.path}:{anchor.start} is {texts[anchor.start]!r}, not {truth.code!r}"
    if anchor.end - anchor.start >= MOST_LINES:
        yield f"it has more than {MOST_LINES} lines"
    if not truth.what.strip():
        yield "it does not say what is wrong"


def _of_all_evidence(change: Change, files: Sequence[FileDiff], folder: Path) -> Iterator[str]:
    """What is wrong with what a change says of the code around it; its repository lies in the folder."""
    far = change.needs != "hunk" and bool(change.truths)
    if far and not 1 <= len(change.evidence) <= MOST_EVIDENCE:
        yield f"its defect needs the {change.needs} and has {len(change.evidence)} evidence, not 1 to {MOST_EVIDENCE}"
    elif not far and change.evidence:
        yield "it has evidence and no defect that needs more than the hunk"
    elsewhere = {piece.anchor.path for piece in change.evidence} - {file.path for file in files}
    if change.evidence and (change.needs == "repository") != bool(elsewhere):
        yield f"it needs the {change.needs}, but its evidence is {'not ' * (not elsewhere)}outside the changed files"
    for place, piece in enumerate(change.evidence, 1):
        yield from (f"evidence {place}: {problem}" for problem in _of_evidence(piece, files, folder))


def _of_evidence(piece: Evidence, files: Sequence[FileDiff], folder: Path) -> Iterator[str]:
    anchor = piece.anchor
    try:
        lines = (folder / anchor.path).read_text("utf-8").split("\n")
    except (OSError, ValueError):
        yield f"{anchor.path} is no text after the change"
        return
    if anchor.end > len(lines):
        yield f"{anchor.path} has no line {anchor.end}"
    elif lines[anchor.start - 1] != piece.code:
        yield f"{anchor.path}:{anchor.start} is {lines[anchor.start - 1]!r}, not {piece.code!r}"
    shown = in_diff(files, anchor.path)
    if told := [number for number in range(anchor.start, anchor.end + 1) if number in shown]:
        yield f"{anchor.path}: the diff shows lines {', '.join(map(str, told))}"
    if anchor.end - anchor.start >= MOST_LINES:
        yield f"it has more than {MOST_LINES} lines"
    if not piece.what.strip():
        yield "it does not say what it tells"
