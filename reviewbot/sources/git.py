"""How a change is read out of a git repository: what is compared with what, and by which commands."""

import os
import re
import shutil
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path
from tempfile import TemporaryDirectory

from reviewbot.diff import FileDiff, Status
from reviewbot.errors import SourceError
from reviewbot.review import Change, Target
from reviewbot.sources._rungit import Git, failure
from reviewbot.sources._start import Start, message

_DIFF = (
    "diff",
    "--no-color",
    "--no-ext-diff",
    "--no-textconv",
    "--no-relative",
    "--src-prefix=a/",
    "--dst-prefix=b/",
    "--full-index",
    "--find-renames",
    "-l1000",
    "-O/dev/null",
    "--diff-algorithm=default",
    "--indent-heuristic",
    "--inter-hunk-context=0",
    "--submodule=short",
    # What a submodule has not committed is its own affair, but where it points to is part of this change.
    "--ignore-submodules=dirty",
)
_DEEPEN = "fetch the whole history: `fetch-depth: 0` in actions/checkout, or `git fetch --unshallow`"
_WHOLE_FILE = "-U1000000000"
_ARGUMENTS = 100_000
"""How many bytes of paths one command carries at most, far below what any system refuses."""


@dataclass(frozen=True, slots=True)
class Selection:
    """What of a repository is reviewed: the index, unless one of the two is given.

    Attributes:
        revision: `A...B`, `A..B` or a commit; None for the index or the work tree.
        worktree: True for all uncommitted changes.
    """

    revision: str | None = None
    worktree: bool = False

    def __post_init__(self) -> None:
        if self.worktree and self.revision is not None:
            raise ValueError("a revision and the work tree exclude each other")


class GitSource:
    """A change of the repository that a folder lies in. Nothing in the repository is written.

    Args:
        selection: what of it.
        cwd: the folder; `GIT_DIR` and its like are honoured as git itself does.
    """

    def __init__(self, selection: Selection, *, cwd: str) -> None:
        self._selection = selection
        self._cwd = cwd

    def collect(self) -> Change:
        """Read the change.

        Raises:
            SourceError: there is no repository, git does not know the revision, or git failed.
        """
        git = Git(self._cwd)
        target = self._target(git)
        if self._selection.worktree:
            return _worktree(git, target)
        change = compared(git, target)
        return replace(change, intent=message(git, target.head)) if target.head and self._one else change

    @property
    def _one(self) -> bool:
        """A commit is reviewed, not a range of them: what the last one of many says is not about them all."""
        return ".." not in (self._selection.revision or "..")

    def start(self) -> Start:
        """The state of the repository that the change is to be judged by.

        Of `A...B` it is A, not where B left it: that is for whoever writes B to choose.

        Raises:
            SourceError: as for `collect`.
        """
        git = Git(self._cwd)
        old, dots, _ = (self._selection.revision or "").partition("...")
        target = self._target(git)
        if dots:
            return Start(git, git.read("rev-parse", "--verify", f"{old or 'HEAD'}^{{commit}}").decode().strip())
        return Start(git, str(target.base))

    def _target(self, git: Git) -> Target:
        if self._selection.revision is None:
            return Target(_head(git), None, "uncommitted changes" if self._selection.worktree else "staged changes")
        return _resolve(git, self._selection.revision)


def compared(git: Git, target: Target) -> Change:
    """What differs between two states whose full names are known; without a head the index is the newer one.

    Raises:
        SourceError: git failed.
    """
    what = ("--cached", str(target.base)) if target.head is None else (str(target.base), target.head)
    return Change(target, _files(git, *what))


def _head(git: Git) -> str:
    """The commit that the index is compared with, or the empty tree before the first one."""
    # A bare repository fails at --show-toplevel.
    answer = git.ask("rev-parse", "--show-toplevel", "--quiet", "--verify", "HEAD")
    if not answer.status:
        return answer.out.decode(errors="surrogateescape").split("\n")[-2]
    if answer.status == 1:
        # rev-parse is as quiet about a branch that is damaged as about one that has no commit yet.
        answer = git.ask("log", "-1")
        if "does not have any commits yet" in answer.error:
            return empty_tree(git)
    raise failure(git.folder, answer)


def empty_tree(git: Git) -> str:
    """The name of the tree that holds nothing."""
    # Asked for, since it depends on the repository's hash.
    return git.read("hash-object", "-t", "tree", "--stdin").decode().strip()


def _resolve(git: Git, text: str) -> Target:
    old, dots, new = text.partition("...") if "..." in text else text.partition("..")
    if not dots:
        return _commit(git, text)
    old, new = old or "HEAD", new or "HEAD"
    ends = f"{old}^{{commit}}{dots}{new}^{{commit}}"
    head, *others = _revisions(git, "rev-parse", "--revs-only", ends, ends=(old, new))
    bases = [other[1:] for other in others if other.startswith("^")]
    if not bases:
        raise _no_merge_base(git, old, new)
    return Target(bases[0], head, f"{old}{dots}{new} ({bases[0][:7]}{dots}{head[:7]})")


def _commit(git: Git, text: str) -> Target:
    words = _revisions(git, "rev-list", "--no-walk", "--parents", text, ends=(text,))
    head, *parents = words[0].split(" ") if len(words) == 1 else [""]
    if not head:
        raise unknown(git, text)
    if not parents and b"\nparent " in git.read("cat-file", "commit", head).partition(b"\n\n")[0]:
        raise shallow(f"the parent of {text} is not in this shallow clone")
    return Target(parents[0] if parents else empty_tree(git), head, f"commit {head[:7]}")


def _revisions(git: Git, command: str, *arguments: str, ends: tuple[str, ...]) -> list[str]:
    """The lines a command prints for a revision, which never becomes an option or a path.

    Args:
        git: where.
        command: what is run.
        arguments: its options and, last, the revision.
        ends: the commits the revision names, to say which one is not known.
    """
    for end in ends:
        # git has no commit of such a name, but options.
        if end.startswith("-") or "\0" in end:
            raise unknown(git, end)
    answer = git.ask(command, *arguments, "--")
    if not answer.status:
        return answer.out.decode().split("\n")[:-1]
    if not re.search("bad (revision|object)|ambiguous argument", answer.error):
        raise failure(git.folder, answer)
    missing = [end for end in ends if git.ask("rev-parse", "--quiet", "--verify", f"{end}^{{commit}}").status]
    raise unknown(git, (missing or ends)[0])


def unknown(git: Git, name: str) -> SourceError:
    """What is said of a name that git knows no commit by."""
    import difflib

    refs = git.ask("for-each-ref", "--format=%(refname:short)", "refs/heads", "refs/remotes", "refs/tags").out
    names = refs.decode(errors="surrogateescape").split("\n")[:-1]
    near = [ref for ref in names if ref.endswith(f"/{name}")] + difflib.get_close_matches(name, names)
    if near:
        hint = "did you mean " + " or ".join(dict.fromkeys(near)) + "?"
    elif is_shallow(git):
        hint = f"this clone is shallow: {_DEEPEN}"
    else:
        hint = "`git branch --all` lists the names; what only a remote has needs `git fetch` first"
    return SourceError(f"git knows no commit {name!r}", hint=hint, slug="unknown-revision")


def _no_merge_base(git: Git, old: str, new: str) -> SourceError:
    if is_shallow(git):
        return shallow(f"the commit that {old} and {new} have in common is not in this shallow clone")
    hint = f"name two commits of one history, or compare them as they are: {old}..{new}"
    return SourceError(f"{old} and {new} have no commit in common", hint=hint, slug="no-merge-base")


def is_shallow(git: Git) -> bool:
    """Whether a part of the history is not here."""
    return git.ask("rev-parse", "--is-shallow-repository").out.strip() == b"true"


def shallow(message: str) -> SourceError:
    """What is said where that part is needed."""
    return SourceError(message, hint=_DEEPEN, slug="shallow-clone")


def _worktree(git: Git, target: Target) -> Change:
    with TemporaryDirectory(prefix="reviewbot-") as name:
        copy = _index_with_untracked(git, Path(name))
        return Change(target, _files(copy, str(target.base)))


def _index_with_untracked(git: Git, folder: Path) -> Git:
    """A copy of the index that names the untracked files too, so that git compares them as new ones."""
    up, index = git.read("rev-parse", "--show-cdup", "--git-path", "index").split(b"\n", 1)
    copy = replace(git, index=str(folder / "index"))
    with suppress(FileNotFoundError):
        # With its time: git tells by it which files may have changed without a trace in their own times.
        shutil.copy2(Path(git.folder) / os.fsdecode(index[:-1]), folder / "index")
    names = copy.read("ls-files", "--others", "--exclude-standard", "--full-name", "-z", "--", ":/").split(b"\0")[:-1]
    empty = copy.read("hash-object", "--stdin").strip() if names else b""
    entries = [_entry(copy, os.fsdecode(up + name)) if name.endswith(b"/") else b"100644 " + empty for name in names]
    lines = [entry + b" 0\t" + name.rstrip(b"/") for entry, name in zip(entries, names, strict=True) if entry]
    if lines:
        (folder / "entries").write_bytes(b"".join(line + b"\0" for line in lines))
        copy.read("update-index", "-z", "--index-info", stdin=folder / "entries")
    return copy


def _entry(git: Git, path: str) -> bytes:
    """What the index would hold for a repository inside this one; nothing while it has no commit."""
    head = git.ask(f"--git-dir={path}.git", "rev-parse", "--quiet", "--verify", "HEAD").out.strip()
    return head and b"160000 " + head


def _files(git: Git, *what: str) -> tuple[FileDiff, ...]:
    """Both sides compared. What attributes alone call binary is read again as text."""
    diff = git.read(*_DIFF, "-U3", *what, "--")
    if not diff:
        return ()
    from reviewbot import patch

    files = patch.parse(diff)
    marked = _marked(git, [file for file in files if file.binary])
    if not marked:
        return files
    whole = git.read(*_DIFF, "--text", _WHOLE_FILE, *what, "--", *_specs(marked))
    # No line of a file's content begins so, since each has its sign before it.
    parts = (b"\n" + whole).split(b"\ndiff --git ")[1:]
    plain = patch.parse(b"\n".join(b"diff --git " + part for part in parts if b"\0" not in part))
    keys = {_key(file) for file in plain} & {_key(file) for file in marked}
    if not keys:
        return files
    plain = tuple(file for file in plain if _key(file) in keys)
    again = patch.parse(git.read(*_DIFF, "--text", "-U3", *what, "--", *_specs(plain)))
    texts = {_key(file): file for file in again if _key(file) in keys}
    return tuple(texts.get(_key(file), file) for file in files)


def _marked(git: Git, binary: list[FileDiff]) -> list[FileDiff]:
    """Those of the binary files that an attribute says something about."""
    if not binary:
        return []
    inside, _, up = git.read("rev-parse", "--is-inside-work-tree", "--show-cdup")[:-1].partition(b"\n")
    # Unlike diff, check-attr wants a work tree also inside the folder .git.
    place = () if inside == b"true" else ("--work-tree=.",)
    with TemporaryDirectory(prefix="reviewbot-") as name:
        paths = Path(name) / "paths"
        paths.write_bytes(b"".join(up + os.fsencode(file.path) + b"\0" for file in binary))
        values = git.read(*place, "check-attr", "-z", "--stdin", "diff", stdin=paths).split(b"\0")[2::3]
    return [file for file, value in zip(binary, values, strict=True) if value != b"unspecified"]


def _specs(files: Iterable[FileDiff]) -> list[str]:
    names = {name for file in files for name in (file.path, file.old_path) if name}
    specs = [f":(top){name}" for name in sorted(names)]
    return specs if sum(map(len, specs)) < _ARGUMENTS else []


def _key(file: FileDiff) -> tuple[str, Status]:
    return file.path, file.status
