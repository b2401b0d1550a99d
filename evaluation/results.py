"""What a run leaves behind. Alone knows the form of its file, from which every figure can be worked out again."""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any

from evaluation.errors import EvaluationError
from reviewbot.diff import Side
from reviewbot.finding import Anchor

VERSION = 1


@dataclass(frozen=True, slots=True)
class Subject:
    """A change as far as figures depend on it.

    Attributes:
        name: of the change.
        language: of it.
        needs: how much a reader has to see.
        truths: where its defects are; none in a clean change.
        changed: all changed lines, in runs.
    """

    name: str
    language: str
    needs: str
    truths: tuple[Anchor, ...]
    changed: tuple[Anchor, ...]

    @property
    def clean(self) -> bool:
        """True where every comment is one too many."""
        return not self.truths

    @property
    def lines(self) -> int:
        """How many lines are added or deleted."""
        return sum(run.end - run.start + 1 for run in self.changed)


@dataclass(frozen=True, slots=True)
class Comment:
    """A comment as its reader sees it."""

    anchor: Anchor
    severity: str
    category: str
    confidence: float
    title: str
    body: str


@dataclass(frozen=True, slots=True)
class Outcome:
    """One review of one change.

    Attributes:
        change: its name.
        seed: of the model's sampling.
        comments: what was shown.
        requests: answers of the model, recorded ones too.
        input_tokens: as the provider counted them.
        output_tokens: the same.
        cost: money, None where no price is known.
        currency: of the money.
        seconds: from reading the change to the review.
        trouble: why the review is missing or incomplete; empty where it is whole.
    """

    change: str
    seed: int
    comments: tuple[Comment, ...] = ()
    requests: int = 0
    input_tokens: int = 0
    output_tokens: int = 0
    cost: Decimal | None = None
    currency: str | None = None
    seconds: float = 0.0
    trouble: str = ""


@dataclass(frozen=True, slots=True)
class Results:
    """A run.

    Attributes:
        model: who answered.
        settings: what was said beside the defaults.
        seeds: of the model's sampling.
        subjects: every change of the run, also one that was not reached.
        outcomes: the reviews that were made.
    """

    model: str
    settings: Mapping[str, str]
    seeds: tuple[int, ...]
    subjects: tuple[Subject, ...]
    outcomes: tuple[Outcome, ...]

    @property
    def planned(self) -> int:
        """How many reviews there were to be."""
        return len(self.subjects) * len(self.seeds)


def write(results: Results, path: Path) -> None:
    """Write a run down.

    Raises:
        EvaluationError: the file cannot be written.
    """
    # Money is all that JSON does not know; as text it stays exact.
    text = json.dumps({"version": VERSION, **asdict(results)}, default=str, ensure_ascii=False, indent=1)
    try:
        # What a model writes may hold half of a pair, which no file can.
        path.write_text(text + "\n", "utf-8", errors="replace")
    except OSError as error:
        raise EvaluationError(f"cannot write {path}: {error.strerror}") from error


def read(path: Path) -> Results:
    """What `write` wrote.

    Raises:
        EvaluationError: it is no such file.
    """
    try:
        return _results(json.loads(path.read_text("utf-8")))
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise EvaluationError(f"{path} holds no results of a run: {error}") from error


def _results(row: Mapping[str, Any]) -> Results:
    if row["version"] != VERSION:
        raise ValueError("they are of another version")
    return Results(
        model=str(row["model"]),
        settings=dict(row["settings"]),
        seeds=tuple(map(int, row["seeds"])),
        subjects=tuple(map(_subject, row["subjects"])),
        outcomes=tuple(map(_outcome, row["outcomes"])),
    )


def _anchor(row: Mapping[str, Any]) -> Anchor:
    return Anchor(row["path"], Side(row["side"]), int(row["start"]), int(row["end"]), row["old_path"])


def _subject(row: Mapping[str, Any]) -> Subject:
    truths, changed = (tuple(map(_anchor, row[key])) for key in ("truths", "changed"))
    return Subject(row["name"], row["language"], row["needs"], truths, changed)


def _outcome(row: Mapping[str, Any]) -> Outcome:
    comments = tuple(Comment(**{**comment, "anchor": _anchor(comment["anchor"])}) for comment in row["comments"])
    cost = None if row["cost"] is None else Decimal(row["cost"])
    return Outcome(**{**row, "comments": comments, "cost": cost})
