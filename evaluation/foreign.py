"""Foreign benchmarks as changes of our form. Alone knows how a commit of a local clone becomes such a folder."""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath

from evaluation.errors import EvaluationError
from evaluation.repository import git
from evaluation.suite import AFTER, BEFORE, DESCRIPTION, Truth

MOST_NEIGHBOURS = 200
"""Files beside those of the change, taken from the same folders: what a reader of the change may need."""

MOST_BYTES = 200_000
"""Of such a file."""


@dataclass(frozen=True, slots=True)
class Imported:
    """What became of one entry of a benchmark.

    Attributes:
        name: of the entry.
        trouble: why there is no change of it; empty where there is one.
        truths: how many it has.
    """

    name: str
    trouble: str = ""
    truths: int = 0


@dataclass(frozen=True, slots=True)
class Told:
    """What a benchmark says of a change."""

    language: str
    title: str
    description: str
    needs: str


@dataclass(frozen=True, slots=True)
class Files:
    """What a change does to files, by their paths.

    Attributes:
        before: those of the change and their neighbours, as they were.
        after: those that the commit writes.
        deleted: those it deletes.
    """

    before: Mapping[str, bytes] = field(repr=False)
    after: Mapping[str, bytes] = field(repr=False)
    deleted: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Blob:
    """A file of a commit: its mode, the name of its content, and how many bytes it has."""

    mode: str
    name: str
    size: int


def clone(repositories: Path, url: str) -> Path:
    """The local clone of a repository: a folder with the owner's and its own name, or with its own alone.

    Raises:
        EvaluationError: there is none.
    """
    owner, name = url.rstrip("/").removesuffix(".git").split("/")[-2:]
    for folder in (repositories / owner / name, repositories / name):
        if folder.is_dir():
            return folder
    raise EvaluationError(f"there is no clone of {url} at {repositories / name}")


def tree(repository: Path, commit: str) -> dict[str, Blob]:
    """The plain files of a commit, by path.

    Raises:
        EvaluationError: the clone does not have the commit.
    """
    if not commit.isalnum():
        raise EvaluationError(f"{commit!r} is no name of a commit")
    listed = git(repository, "ls-tree", "-rlz", "--full-tree", commit).decode(errors="replace")
    found = {}
    for row in listed.split("\0")[:-1]:
        about, _, path = row.partition("\t")
        mode, _, name, size = about.split()
        if mode.startswith("100") and _plain(path):
            found[path] = Blob(mode, name, int(size))
    return found


def _plain(path: str) -> bool:
    """Whether a path leads to an ordinary place: a crafted tree can name others."""
    return not {"..", ".git"} & {part.lower() for part in PurePosixPath(path).parts} and "\ufffd" not in path


def contents(repository: Path, blobs: Mapping[str, Blob]) -> dict[str, bytes]:
    """The content of files of a commit."""
    return {path: git(repository, "cat-file", "blob", blob.name) for path, blob in blobs.items()}


def neighbours(whole: Mapping[str, Blob], paths: Sequence[str]) -> dict[str, Blob]:
    """Files in the same folders as some paths, small ones, up to a number."""
    homes = {PurePosixPath(path).parent for path in paths}
    near = [path for path in whole if PurePosixPath(path).parent in homes and path not in paths]
    small = [path for path in near if whole[path].size <= MOST_BYTES]
    return {path: whole[path] for path in small[:MOST_NEIGHBOURS]}


def write(folder: Path, told: Told, files: Files, truths: Sequence[Truth]) -> None:
    """Write a change.

    Raises:
        EvaluationError: it cannot be written, or is there already.
    """
    try:
        folder.mkdir(parents=True)
        for part, content in ((BEFORE, files.before), (AFTER, files.after)):
            for path, data in content.items():
                target = folder / part / path
                target.parent.mkdir(parents=True, exist_ok=True)
                target.write_bytes(data)
        (folder / DESCRIPTION).write_text("\n".join(_toml(told, files, truths)) + "\n", "utf-8")
    except OSError as error:
        raise EvaluationError(f"cannot write {folder}: {error.strerror}") from error


def _toml(told: Told, files: Files, truths: Sequence[Truth]) -> Iterator[str]:
    yield f"language = {_text(told.language)}"
    yield f"title = {_text(told.title)}"
    yield f"description = {_text(told.description)}"
    yield f"needs = {_text(told.needs)}"
    yield f"deleted = [{', '.join(map(_text, files.deleted))}]"
    for truth in truths:
        anchor = truth.anchor
        yield f"\n[[truth]]\npath = {_text(anchor.path)}"
        yield f"lines = [{anchor.start}, {anchor.end}]"
        yield f"side = {_text(anchor.side)}"
        yield f"code = {_text(truth.code)}"
        yield f"what = {_text(truth.what)}"
        yield f"category = {_text(truth.category)}"
        yield f"severity = {_text(truth.severity)}"


def _text(text: str) -> str:
    """A basic string: as JSON has it, but for what JSON leaves as it is or writes in two halves."""
    clean = text.encode("utf-8", "replace").decode()
    return json.dumps(clean, ensure_ascii=False).replace("\x7f", "\\u007f")
