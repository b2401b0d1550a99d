"""Changes out of a checkout of AACR-Bench. Alone knows how that benchmark is laid out.

Its `dataset/positive_samples.json` is a list of pull requests, each with two commits and with comments that reviewers
agreed on; the repositories themselves have to be cloned beside it.
"""

import json
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from evaluation.errors import EvaluationError
from evaluation.foreign import Blob, Files, Imported, Told, clone, contents, neighbours, tree, write
from evaluation.repository import git
from evaluation.suite import NEEDS, Truth
from reviewbot.diff import Side
from reviewbot.finding import Anchor, Category, Severity

_SAMPLES = Path("dataset", "positive_samples.json")
_SIDES = {"left": Side.OLD, "right": Side.NEW}
_CONTEXTS = ("Diff Level", "File Level", "Repo Level")
"""In the order of `suite.NEEDS`."""

_CATEGORIES = {
    "Code Defect": Category.CORRECTNESS,
    "Security Vulnerability": Category.SECURITY,
    "Performance": Category.PERFORMANCE,
}
_LANGUAGES = {"c++": "cpp", "c#": "csharp"}


def convert(checkout: Path, target: Path, repositories: Path) -> Iterator[Imported]:
    """Write a change for every pull request whose repository is there.

    Args:
        checkout: of the benchmark.
        target: a folder for the changes.
        repositories: where the clones lie.

    Raises:
        EvaluationError: it is no checkout of the benchmark.
    """
    try:
        rows = json.loads((checkout / _SAMPLES).read_text("utf-8"))
        named = [(_name(row), row) for row in rows]
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise EvaluationError(f"{checkout} is no checkout of AACR-Bench: {_SAMPLES}: {error}") from error
    for name, row in named:
        try:
            yield Imported(name, truths=_converted(row, target / name, repositories))
        except (EvaluationError, KeyError, ValueError) as error:
            yield Imported(name, trouble=str(error))


def _language(row: Mapping[str, Any]) -> str:
    language = str(row["project_main_language"]).lower()
    return _LANGUAGES.get(language, language)


def _name(row: Mapping[str, Any]) -> str:
    words = re.findall("[a-z0-9]+", str(row["githubPrUrl"]).lower().partition("github.com/")[2])
    return "-".join([_language(row), *(word for word in words if word != "pull")])


def _converted(row: Mapping[str, Any], folder: Path, repositories: Path) -> int:
    repository = clone(repositories, row["githubPrUrl"].partition("/pull/")[0])
    head = str(row["source_commit"])
    new = tree(repository, head)
    base = git(repository, "merge-base", str(row["target_commit"]), head).decode().strip()
    old = tree(repository, base)
    files = _files(repository, old, new)
    said = git(repository, "show", "--no-patch", "--format=%s%n%b", head).decode(errors="replace")
    title, _, description = said.strip().partition("\n")
    needs = max((_CONTEXTS.index(comment["context"]) for comment in row["comments"]), default=0)
    told = Told(_language(row), title, description.strip(), NEEDS[needs])
    truths = [_truth(comment, files) for comment in row["comments"]]
    write(folder, told, files, truths)
    return len(truths)


def _files(repository: Path, old: Mapping[str, Blob], new: Mapping[str, Blob]) -> Files:
    changed = [path for path in sorted({*old, *new}) if old.get(path) != new.get(path)]
    before = {path: old[path] for path in changed if path in old} | neighbours(old, changed)
    after = {path: new[path] for path in changed if path in new}
    deleted = tuple(path for path in changed if path not in new)
    return Files(contents(repository, before), contents(repository, after), deleted)


def _truth(comment: Mapping[str, Any], files: Files) -> Truth:
    side = _SIDES[comment["side"]]
    start, end = sorted((int(comment["from_line"]), int(comment["to_line"])))
    anchor = Anchor(str(comment["path"]), side, start, end)
    category = _CATEGORIES.get(comment["category"], Category.OTHER)
    content = files.before if side is Side.OLD else files.after
    lines = content.get(anchor.path, b"").decode("utf-8", "replace").split("\n")
    code = lines[start - 1] if start <= len(lines) else ""
    # The benchmark does not say how bad anything is.
    return Truth(anchor, code, str(comment["note"]), category, Severity.WARNING)
