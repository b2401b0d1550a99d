"""Files of a commit. Alone knows how GitHub tells what a name stands for, and where it leaves a content out.

A link to a file is followed by GitHub itself, unsaid: only the list of the folder tells that there is one.
"""

import base64
import posixpath
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from reviewbot.hosts._github_refusals import TroubleError, TroubleKind, taken
from reviewbot.hosts._github_wire import Wire

_FILE, _LINK, _MODULE = "100644", "120000", "160000"
_MODES = {"file": _FILE, "symlink": _LINK, "submodule": _MODULE}
_NO_COMMIT = "No commit found"
"""Words of a 404 that is not about the file."""

_MOST_ROWS = 1_000
"""That GitHub lists of a folder; there may be more in it."""


@dataclass(frozen=True, slots=True)
class Content:
    """What a name stands for in a commit.

    Attributes:
        mode: git's; None where there is nothing of that name.
        data: of the file; where a link leads to, what git shows of a submodule.
    """

    mode: str | None
    data: bytes


class Files:
    """The files of a repository.

    Args:
        wire: to it.
    """

    def __init__(self, wire: Wire) -> None:
        self._wire = wire
        self._folders: dict[tuple[str, str], dict[str, dict[str, Any]]] = {}

    def read(self, path: str, *, commit: str) -> bytes | None:
        """The content of a file, None where there is none. A link is followed once, inside the repository.

        Raises:
            TroubleError: it cannot be read.
        """
        # One look at the folder spares one at each file that is not there.
        if self._lacks(path, commit):
            return None
        found = self._found(path, commit)
        if found.mode == _LINK:
            # GitHub followed it to no file, or does not follow.
            target = posixpath.normpath(
                posixpath.join(posixpath.dirname(path), found.data.decode("utf-8", "surrogateescape"))
            )
            if target.partition("/")[0] in {"", ".", ".."}:
                return None
            found = self._found(target, commit)
        return found.data if found.mode == _FILE else None

    def content(self, path: str, *, commit: str) -> Content:
        """What a name stands for; of a link where it leads to.

        Raises:
            TroubleError: it cannot be read, or there is nothing of that name.
        """
        row = self._folder(posixpath.dirname(path), commit).get(path, {})
        linked = row.get("type") == "symlink"
        return Content(_LINK, self._blob(taken(row, str, "sha"))) if linked else self._told(path, commit)

    def _lacks(self, path: str, commit: str) -> bool:
        """Whether a folder has all of its names listed, and this is none of them."""
        try:
            rows = self._folder(posixpath.dirname(path), commit)
        except TroubleError as trouble:
            if trouble.kind is not TroubleKind.MISSING or _NO_COMMIT in trouble.message:
                raise
            return False
        return len(rows) < _MOST_ROWS and path not in rows

    def _found(self, path: str, commit: str) -> Content:
        try:
            return self._told(path, commit)
        except TroubleError as trouble:
            if trouble.kind is not TroubleKind.MISSING or _NO_COMMIT in trouble.message:
                raise
            return Content(None, b"")

    def _told(self, path: str, commit: str) -> Content:
        entry = self._entry(path, commit)
        if isinstance(entry, list):
            return Content(None, b"")
        mode = _MODES.get(taken(entry, str, "type"))
        if mode == _MODULE:
            return Content(mode, f"Subproject commit {taken(entry, str, 'sha')}\n".encode())
        whole = entry.get("encoding") == "base64"
        return Content(mode, _decoded(entry, path) if whole else self._blob(taken(entry, str, "sha")))

    def _entry(self, path: str, commit: str) -> Any:
        name = quote(path, errors="surrogateescape")
        return self._wire.get(f"{self._wire.repo}/contents/{name}", ref=commit).body

    def _folder(self, folder: str, commit: str) -> dict[str, dict[str, Any]]:
        """What GitHub lists of a folder, by path."""
        known = self._folders.get((folder, commit))
        if known is None:
            rows = [taken(row, dict) for row in taken(self._entry(folder, commit), list)]
            known = self._folders[folder, commit] = {taken(row, str, "path"): row for row in rows}
        return known

    def _blob(self, sha: str) -> bytes:
        return _decoded(self._wire.get(f"{self._wire.repo}/git/blobs/{sha}").body, sha)


def _decoded(entry: Any, name: str) -> bytes:
    try:
        return base64.b64decode("".join(taken(entry, str, "content").split()), validate=True)
    except ValueError as error:
        raise TroubleError(f"the content of {name} cannot be read", kind=TroubleKind.BAD_ANSWER) from error
