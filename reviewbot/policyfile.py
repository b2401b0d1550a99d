"""The settings a repository carries. Alone knows in which file they lie and how it is read."""

import errno
import os
import tomllib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from reviewbot.errors import ConfigError

OWN_FILE = ".reviewbot.toml"
SHARED_FILE = "pyproject.toml"
TABLE = "tool.reviewbot"
RULES_FILE = "REVIEW.md"

RULES_MOST = 16_000
"""Characters of it that are shown: every prompt carries them."""


@dataclass(frozen=True, slots=True)
class PolicyFile:
    """What a file says, unchecked.

    Attributes:
        name: of the file, with its table where it has one, for people.
        values: by option name without dashes before it.
    """

    name: str
    values: Mapping[str, object]


def read(folder: str) -> PolicyFile | None:
    """The settings of the repository a folder lies in; of the folder itself where it lies in none.

    Raises:
        ConfigError: the file cannot be read, is no TOML, lies elsewhere, or there are two.
    """
    place = top(Path(folder))
    return read_from(lambda name: _text(place / name, place))


def read_from(files: Callable[[str], bytes | None], *, when: str = "") -> PolicyFile | None:
    """The settings among files.

    Args:
        files: the content of a file at the top of a repository, None where there is none.
        when: which state of the repository they are of, for people; empty for the present one.

    Raises:
        ConfigError: the file is no TOML, or there are two.
    """
    found = [file for file in (_own(files, when), _shared(files, when)) if file]
    if len(found) > 1:
        raise ConfigError(
            f"settings stand in {OWN_FILE} and in {SHARED_FILE}{when}",
            hint=f"keep one of them: {OWN_FILE}, or [{TABLE}] of {SHARED_FILE}",
            slug="bad-settings",
        )
    return found[0] if found else None


def house_rules(folder: str) -> str:
    """What the project of a folder wants to have looked at, in words; empty where it says nothing.

    Raises:
        ConfigError: the file cannot be read.
    """
    place = top(Path(folder))
    # A prompt shows it: with a link a change could choose a file that was never meant to be seen.
    if (place / RULES_FILE).is_symlink():
        raise _unreadable(place / RULES_FILE, "it is a link")
    return house_rules_from(lambda name: _text(place / name, place))


def house_rules_from(files: Callable[[str], bytes | None]) -> str:
    """The same among files, as `read_from` has them."""
    return (files(RULES_FILE) or b"").decode("utf-8-sig", errors="replace").strip()


def content(path: Path, top: Path, *, most: int = -1) -> bytes | None:
    """What a file holds that may be part of a repository, None where there is none.

    Args:
        path: of the file.
        top: of the repository, links followed.
        most: bytes that are read, less than 0: all.

    Raises:
        OSError: it cannot be read, it is no file, or a link of the repository leads it elsewhere.
    """
    # A link that leads nowhere was meant to say something.
    if not (path.is_symlink() or path.exists()):
        return None
    # Before it is opened: what lies elsewhere may be anybody's, and messages repeat parts of what is read.
    if leads_out(path, top):
        raise OSError(errno.EINVAL, "it leads out of the repository")
    # A pipe would be waited for, a device never ends.
    if not path.is_file():
        raise OSError(errno.EINVAL, "it is no file")
    with path.open("rb") as file:
        return file.read(most)


def inside(path: Path, top: Path) -> str | None:
    """A path from the top of a repository, None where it is none of the repository's.

    Args:
        path: as somebody wrote it.
        top: of the repository, links followed.
    """
    written = Path(os.path.normpath(path.absolute()))
    # The outermost: what stands behind it is for the repository to say, and may be a link of its own.
    entered = next((place for place in reversed(written.parents) if Path(os.path.realpath(place)) == top), None)
    if entered:
        return written.relative_to(entered).as_posix()
    real = Path(os.path.realpath(written))
    return real.relative_to(top).as_posix() if top in real.parents else None


def leads_out(path: Path, top: Path) -> bool:
    """Whether a link on the way leads a path from inside a repository elsewhere: it can be part of the change itself.

    Elsewhere is also git's own folder, whose files are commands.

    Args:
        path: as somebody wrote it.
        top: of the repository, links followed.
    """
    # What `..` in a name leads to is meant by who wrote the name, so it is taken away without looking.
    written = Path(os.path.normpath(path.absolute()))
    # Not `Path.resolve`, which fails for a link to itself.
    entered = next((place for place in (written, *written.parents) if Path(os.path.realpath(place)) == top), None)
    real = Path(os.path.realpath(written))
    if entered is None or real == top / written.relative_to(entered):
        return False
    return not real.is_relative_to(top) or ".git" in real.relative_to(top).parts


def top(folder: Path) -> Path:
    """The top of the repository that a folder lies in, links followed; the folder itself where it lies in none."""
    try:
        folder = folder.resolve()
        return next((place for place in (folder, *folder.parents) if (place / ".git").exists()), folder)
    except OSError:  # it is gone, or one above it is closed to us; git says so
        return folder


def _own(files: Callable[[str], bytes | None], when: str) -> PolicyFile | None:
    text = files(OWN_FILE)
    return None if text is None else PolicyFile(OWN_FILE + when, _parsed(text, OWN_FILE + when))


def _shared(files: Callable[[str], bytes | None], when: str) -> PolicyFile | None:
    text = files(SHARED_FILE)
    # A file that says nothing of us is not our business, even if it is broken.
    if text is None or b"reviewbot" not in text:
        return None
    values = _parsed(text, SHARED_FILE + when).get("tool", {})
    values = values.get("reviewbot") if isinstance(values, dict) else None
    if values is None:
        return None
    if not isinstance(values, dict):
        raise _bad(f"{SHARED_FILE}{when}: {TABLE} is no table", f"begin it with [{TABLE}]")
    return PolicyFile(f"{SHARED_FILE} [{TABLE}]{when}", values)


def _text(path: Path, top: Path) -> bytes | None:
    try:
        return content(path, top)
    except OSError as error:
        raise _unreadable(path, error.strerror or "") from error


def _parsed(text: bytes, name: str) -> dict[str, object]:
    try:
        return tomllib.loads(text.decode("utf-8-sig"))
    except ValueError as error:  # TOML and UTF-8 errors are both
        raise _bad(f"{name} is no TOML: {error}", "mend the line, or remove the file") from error
    except RecursionError as error:
        raise _bad(f"{name} is no TOML: it is nested too deeply", "mend it, or remove the file") from error


def _unreadable(path: Path, why: str) -> ConfigError:
    return _bad(f"cannot read {path.name}: {why}", "make it a readable file, or remove it")


def _bad(message: str, hint: str) -> ConfigError:
    return ConfigError(message, hint=hint, slug="bad-settings")
