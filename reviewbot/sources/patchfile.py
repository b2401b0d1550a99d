"""How a change comes from a patch that is a file or arrives on standard input."""

from pathlib import Path
from typing import BinaryIO

from reviewbot import patch
from reviewbot.errors import SourceError
from reviewbot.review import Change, Target

_HINTS: dict[type[OSError], str] = {
    FileNotFoundError: "check the name; - reads standard input",
    IsADirectoryError: "name a file, for example one that `git diff > FILE` wrote",
    PermissionError: "make the file readable for you",
}


class PatchFileSource:
    """A patch as git, Mercurial or diff -u writes it.

    Args:
        path: the file; `-` is standard input.
        stdin: standard input; None where the process has none.
    """

    def __init__(self, path: str, *, stdin: BinaryIO | None) -> None:
        self._path = path
        self._stdin = stdin

    def collect(self) -> Change:
        """Read the patch.

        Raises:
            SourceError: it cannot be read (`patch-unreadable`), or it is no patch (`bad-patch`).
        """
        name = "from standard input" if self._path == "-" else self._path
        try:
            data = self._read()
        except OSError as error:
            hint = _HINTS.get(type(error), "see that it can be read")
            reason = error.strerror or "unreadable"
            raise SourceError(f"patch {name}: {reason}", hint=hint, slug="patch-unreadable") from error
        try:
            files = patch.parse(data)
        except SourceError as error:
            if b"\x1b[" not in data:
                raise
            raise SourceError(
                f"{error.message}: it is coloured", hint="write it with `git diff --no-color`", slug="bad-patch"
            ) from error
        return Change(Target(None, None, f"patch {name}"), files)

    def _read(self) -> bytes:
        if self._path != "-":
            return Path(self._path).read_bytes()
        if self._stdin is None:
            hint = "pipe a patch in: `git diff | reviewbot review --patch -`"
            raise SourceError("there is no standard input to read a patch from", hint=hint, slug="patch-unreadable")
        return self._stdin.read()
