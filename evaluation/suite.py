"""The changes that a suite is made of. Alone knows the form of their folders."""

import fnmatch
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any

from evaluation.errors import EvaluationError
from reviewbot.diff import Side
from reviewbot.finding import Anchor, Category, Severity

OWN = Path(__file__).parent / "changes"
"""The suite that comes with the project."""

DESCRIPTION = "change.toml"
BEFORE, AFTER = "before", "after"

NEEDS = ("hunk", "file", "repository")
"""How much a reader has to see to know the defect, from the least."""

_CHANGE: Mapping[str, type] = {
    "language": str,
    "title": str,
    "description": str,
    "needs": str,
    "deleted": list,
}
_TRUTH: Mapping[str, type] = {
    "path": str,
    "lines": list,
    "side": str,
    "code": str,
    "what": str,
    "category": str,
    "severity": str,
}
_EVIDENCE: Mapping[str, type] = {"path": str, "lines": list, "code": str, "what": str}


@dataclass(frozen=True, slots=True)
class Truth:
    """A defect that a change causes.

    Attributes:
        anchor: the lines a good reviewer would comment on.
        code: the first of them as it stands in the file.
        what: what is wrong.
        category: what it is about.
        severity: how bad it is.
    """

    anchor: Anchor
    code: str
    what: str
    category: Category
    severity: Severity


@dataclass(frozen=True, slots=True)
class Evidence:
    """What one has to see beside the diff to know that a change has a defect.

    Attributes:
        anchor: lines of a file after the change.
        code: the first of them.
        what: what they tell.
    """

    anchor: Anchor
    code: str
    what: str


@dataclass(frozen=True, slots=True)
class Change:
    """One commit with what is wrong in it.

    Attributes:
        folder: where it lies; `before` holds the files as they were, `after` those that the commit writes.
        language: as the folder's name begins.
        title: of the commit.
        description: what follows the title, may be empty.
        needs: one of `NEEDS`.
        deleted: paths that the commit deletes.
        truths: empty for a clean change.
        evidence: empty where the diff alone shows every defect, and where nobody wrote down what does.
    """

    folder: Path
    language: str
    title: str
    description: str
    needs: str
    deleted: tuple[str, ...]
    truths: tuple[Truth, ...]
    evidence: tuple[Evidence, ...] = ()

    @property
    def name(self) -> str:
        """Of the folder."""
        return self.folder.name


def folders(suite: Path) -> list[Path]:
    """The folder of every change, by name.

    Raises:
        EvaluationError: there is none.
    """
    found = sorted(file.parent for file in suite.glob(f"*/{DESCRIPTION}"))
    if not found:
        raise EvaluationError(f"{suite} holds no change: a folder with a {DESCRIPTION} in it")
    return found


def load(suite: Path, *, only: str = "*", limit: int | None = None) -> tuple[Change, ...]:
    """The changes of a suite, by name.

    Args:
        suite: their common folder.
        only: a glob for their names.
        limit: how many at most, None: all; they are taken evenly from the list, so that few speak many languages.

    Raises:
        EvaluationError: one cannot be read, or none is chosen.
    """
    found = [folder for folder in folders(suite) if fnmatch.fnmatchcase(folder.name, only)]
    if not found:
        raise EvaluationError(f"no change of {suite} is called like {only}")
    count = min(limit or len(found), len(found))
    return tuple(read(found[place * len(found) // count]) for place in range(count))


def read(folder: Path) -> Change:
    """One change.

    Raises:
        EvaluationError: it is not of the form.
    """
    where = f"{folder.name}/{DESCRIPTION}"
    try:
        row = tomllib.loads((folder / DESCRIPTION).read_text("utf-8"))
    except (OSError, ValueError) as error:
        raise EvaluationError(f"{where} cannot be read: {error}") from error
    truths, evidence = _tables(row, "truth", where), _tables(row, "evidence", where)
    _check_keys(row, _CHANGE, where)
    if row["needs"] not in NEEDS:
        raise EvaluationError(f"{where}: needs is one of {', '.join(NEEDS)}, not {row['needs']!r}")
    deleted = tuple(_path(path, where) for path in row["deleted"])
    return Change(
        folder,
        row["language"],
        row["title"],
        row["description"],
        row["needs"],
        deleted,
        tuple(_truth(one, f"{where}, truth {number}") for number, one in enumerate(truths, 1)),
        tuple(_evidence(one, f"{where}, evidence {number}") for number, one in enumerate(evidence, 1)),
    )


def _tables(row: dict[str, Any], name: str, where: str) -> list[dict[str, Any]]:
    """Take all tables of a name out of a row."""
    found = row.pop(name, [])
    if not (isinstance(found, list) and all(isinstance(each, dict) for each in found)):
        raise EvaluationError(f"{where}: each {name} begins with [[{name}]]")
    return found


def _truth(row: Mapping[str, Any], where: str) -> Truth:
    _check_keys(row, _TRUTH, where)
    try:
        side, category, severity = Side(row["side"]), Category(row["category"]), Severity(row["severity"])
    except ValueError as error:
        raise EvaluationError(f"{where}: {error}") from error
    return Truth(_anchor(row, side, where), row["code"], row["what"], category, severity)


def _evidence(row: Mapping[str, Any], where: str) -> Evidence:
    _check_keys(row, _EVIDENCE, where)
    return Evidence(_anchor(row, Side.NEW, where), row["code"], row["what"])


def _anchor(row: Mapping[str, Any], side: Side, where: str) -> Anchor:
    lines: Sequence[object] = row["lines"]
    whole = [line for line in lines if isinstance(line, int) and not isinstance(line, bool)]
    if not (len(lines) == len(whole) == 2 and 1 <= whole[0] <= whole[1]):
        raise EvaluationError(f"{where}: lines are the first and the last one, from 1")
    return Anchor(_path(row["path"], where), side, whole[0], whole[1])


def _check_keys(row: Mapping[str, Any], wanted: Mapping[str, type], where: str) -> None:
    if odd := sorted(row.keys() ^ wanted.keys()):
        words = [f"{key} is {'not known' if key in row else 'missing'}" for key in odd]
        raise EvaluationError(f"{where}: {', '.join(words)}")
    for key, kind in wanted.items():
        if not isinstance(row[key], kind):
            raise EvaluationError(f"{where}: {key} has to be a {kind.__name__}")


def _path(text: object, where: str) -> str:
    path = PurePosixPath(str(text))
    if not isinstance(text, str) or str(path) != text or path.is_absolute() or ".." in path.parts:
        raise EvaluationError(f"{where}: {text!r} is no path inside a repository")
    return text
