"""The answers of a run in a folder. Alone knows what lies there.

It is the product's own record of each seed, and what the run came to, since records hold neither times nor prices.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

from evaluation import results
from evaluation.errors import EvaluationError
from evaluation.results import Outcome, Results
from reviewbot.routing import REPLAY

_RESULTS = "results.json"


def begin(folder: Path) -> None:
    """Make room for a record.

    Raises:
        EvaluationError: something is there already, or nothing can be.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
        if any(folder.iterdir()):
            raise EvaluationError(f"{folder} is not empty: name a new folder for the record")
    except OSError as error:
        raise EvaluationError(f"cannot write to {folder}: {error.strerror}") from error


def answers(folder: Path, seed: int) -> Path:
    """The file with the answers to one seed."""
    return folder / f"seed-{seed}.jsonl"


def finish(folder: Path, made: Results) -> None:
    """Write down what the run came to.

    Raises:
        EvaluationError: it cannot be written.
    """
    results.write(made, folder / _RESULTS)


@dataclass(frozen=True, slots=True)
class Recorded:
    """A record that is run again.

    Attributes:
        folder: where it lies.
        seeds: that have answers.
        settings: what was said when the answers were made.
        took: what each review took then; empty where the run never came to its end.
    """

    folder: Path
    seeds: tuple[int, ...]
    settings: Mapping[str, str] = field(default_factory=dict)
    took: Mapping[tuple[str, int], Outcome] = field(default_factory=dict)

    def model(self, seed: int) -> str:
        """The product's name for the one that answers as recorded."""
        return f"{REPLAY}{answers(self.folder, seed)}"

    def priced(self, outcome: Outcome) -> Outcome:
        """A review with the time and the price that its answers took when they were made."""
        first = self.took.get((outcome.change, outcome.seed))
        if first is None:
            return outcome
        return replace(outcome, seconds=first.seconds, cost=first.cost, currency=first.currency)


def opened(folder: Path) -> Recorded:
    """A record that was made before.

    Raises:
        EvaluationError: there is none.
    """
    seeds = tuple(sorted(_seeds(folder)))
    if not seeds:
        raise EvaluationError(f"{folder} holds no record: make one with --record")
    if not (folder / _RESULTS).exists():
        return Recorded(folder, seeds)
    made = results.read(folder / _RESULTS)
    took = {(outcome.change, outcome.seed): outcome for outcome in made.outcomes}
    return Recorded(folder, seeds, made.settings, took)


def _seeds(folder: Path) -> Iterator[int]:
    for path in folder.glob("seed-*.jsonl"):
        if found := re.fullmatch(r"seed-(\d+)\.jsonl", path.name):
            yield int(found[1])
