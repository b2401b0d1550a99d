"""Changes out of a checkout of BugsInPy, or of a set that is laid out like it. Alone knows that layout.

`projects/NAME/project.info` names the repository and `projects/NAME/bugs/NUMBER` holds a known bug: the commit that
fixed it in `bug.info`, the fix in `bug_patch.txt`. The fix reversed is the change that brings the bug.
"""

import re
from collections.abc import Iterable, Iterator
from itertools import groupby
from pathlib import Path
from tempfile import TemporaryDirectory

from evaluation.errors import EvaluationError
from evaluation.foreign import Files, Imported, Told, clone, contents, neighbours, tree, write
from evaluation.repository import git
from evaluation.suite import Truth
from reviewbot import patch
from reviewbot.diff import FileDiff, LineKind, Side
from reviewbot.errors import ReviewbotError
from reviewbot.finding import Anchor, Category, Severity

_DIFF = ("--no-color", "--no-renames", "--src-prefix=a/", "--dst-prefix=b/")
_WHAT = "This takes back the known fix of a bug."


def convert(checkout: Path, target: Path, repositories: Path) -> Iterator[Imported]:
    """Write a change for every bug whose repository is there; the arguments are those of `aacr.convert`.

    Raises:
        EvaluationError: it is no checkout of the benchmark.
    """
    bugs = sorted(checkout.glob("projects/*/bugs/*/bug.info"), key=lambda path: (path.parts[-4], _number(path)))
    if not bugs:
        raise EvaluationError(f"{checkout} is no checkout of BugsInPy: it has no projects/NAME/bugs/NUMBER/bug.info")
    for info in bugs:
        bug = info.parent
        project = bug.parents[1]
        words = re.findall("[a-z0-9]+", f"{project.name} {bug.name}".lower())
        name = "-".join(["python", *words])
        try:
            yield Imported(name, truths=_converted(bug, project, target / name, repositories))
        except (EvaluationError, ReviewbotError, OSError) as error:
            yield Imported(name, trouble=str(error))


def _number(path: Path) -> int:
    return int(path.parent.name) if path.parent.name.isdecimal() else 0


def _converted(bug: Path, project: Path, folder: Path, repositories: Path) -> int:
    source = clone(repositories, _value(project / "project.info", "github_url"))
    fixed = tree(source, _value(bug / "bug.info", "fixed_commit_id"))
    fix = bug / "bug_patch.txt"
    paths = [path for file in patch.parse(fix.read_bytes()) for path in (file.path, file.old_path) if path]
    touched = {path: fixed[path] for path in paths if path in fixed}
    before = contents(source, touched)
    with TemporaryDirectory(prefix="evaluation-") as name:
        after, reversed_ = _reversed(Path(name), before, fix)
    deleted = tuple(path for path in before if path not in after)
    files = Files(before | contents(source, neighbours(fixed, paths)), after, deleted)
    truths = list(_truths(reversed_))
    names = ", ".join(Path(path).name for path in sorted({*after, *deleted}))
    write(folder, Told("python", f"Rework {names}", "", "file"), files, truths)
    return len(truths)


def _value(file: Path, key: str) -> str:
    found = re.search(rf'^{key}\s*=\s*"?([^"\n]*?)/*"?\s*$', file.read_text("utf-8"), re.MULTILINE)
    if not found:
        raise EvaluationError(f"{file} does not say {key}")
    return found[1]


def _reversed(folder: Path, before: dict[str, bytes], fix: Path) -> tuple[dict[str, bytes], tuple[FileDiff, ...]]:
    """The files of a fix without it, and the change from one to the other."""
    git(folder, "init", "--quiet", "--template=")
    for path, data in before.items():
        target = folder / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(data)
    old = _tree(folder)
    git(folder, "apply", "--reverse", "--whitespace=nowarn", str(fix.resolve()))
    difference = git(folder, "diff", *_DIFF, old, _tree(folder))
    names = [path.relative_to(folder) for path in folder.rglob("*") if path.is_file()]
    after = {name.as_posix(): (folder / name).read_bytes() for name in names if name.parts[0] != ".git"}
    return after, patch.parse(difference)


def _tree(folder: Path) -> str:
    """The name of what lies in a repository now."""
    git(folder, "add", "--all", "--force")
    return git(folder, "write-tree").decode().strip()


def _truths(files: Iterable[FileDiff]) -> Iterator[Truth]:
    """A truth for each block of changed lines: the lines that come, or where none come, those that go."""
    for file in files:
        blocks = (
            list(run) for hunk in file.hunks for moved, run in groupby(hunk.lines, lambda one: one.changed) if moved
        )
        for block in blocks:
            added = [line for line in block if line.kind is LineKind.ADDED]
            lines, side = (added, Side.NEW) if added else (block, Side.OLD)
            start, end = (line.number(side) or 0 for line in (lines[0], lines[-1]))
            anchor = Anchor(file.path, side, start, end)
            yield Truth(anchor, lines[0].text, _WHAT, Category.CORRECTNESS, Severity.ERROR)
