"""The settings a repository carries. Alone knows in which file they lie and how it is read."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from reviewbot.errors import ConfigError

OWN_FILE = ".reviewbot.toml"
SHARED_FILE = "pyproject.toml"
TABLE = "tool.reviewbot"


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
        ConfigError: the file cannot be read, is no TOML, or there are two.
    """
    top = _top(Path(folder))
    found = [file for file in (_own(top / OWN_FILE), _shared(top / SHARED_FILE)) if file]
    if len(found) > 1:
        raise ConfigError(
            f"settings stand in {OWN_FILE} and in {SHARED_FILE}",
            hint=f"keep one of them: {OWN_FILE}, or [{TABLE}] of {SHARED_FILE}",
            slug="bad-settings",
        )
    return found[0] if found else None


def _top(folder: Path) -> Path:
    try:
        folder = folder.resolve()
        return next((place for place in (folder, *folder.parents) if (place / ".git").exists()), folder)
    except OSError:  # it is gone, or one above it is closed to us; git says so
        return folder


def _own(path: Path) -> PolicyFile | None:
    text = _text(path)
    return None if text is None else PolicyFile(path.name, _parsed(text, path))


def _shared(path: Path) -> PolicyFile | None:
    text = _text(path)
    # A file that says nothing of us is not our business, even if it is broken.
    if text is None or b"reviewbot" not in text:
        return None
    values = _parsed(text, path).get("tool", {})
    values = values.get("reviewbot") if isinstance(values, dict) else None
    if values is None:
        return None
    if not isinstance(values, dict):
        raise _bad(f"{path.name}: {TABLE} is no table", f"begin it with [{TABLE}]")
    return PolicyFile(f"{path.name} [{TABLE}]", values)


def _text(path: Path) -> bytes | None:
    try:
        if path.is_file():
            return path.read_bytes()
        # A link that leads nowhere was meant to say something; a pipe would be waited for, a device never ends.
        if path.is_symlink() or path.exists():
            raise _unreadable(path, "it is no file")
    except OSError as error:
        raise _unreadable(path, error.strerror or "") from error
    return None


def _parsed(text: bytes, path: Path) -> dict[str, object]:
    try:
        return tomllib.loads(text.decode("utf-8-sig"))
    except ValueError as error:  # TOML and UTF-8 errors are both
        raise _bad(f"{path.name} is no TOML: {error}", "mend the line, or remove the file") from error
    except RecursionError as error:
        raise _bad(f"{path.name} is no TOML: it is nested too deeply", "mend it, or remove the file") from error


def _unreadable(path: Path, why: str) -> ConfigError:
    return _bad(f"cannot read {path.name}: {why}", "make it a readable file, or remove it")


def _bad(message: str, hint: str) -> ConfigError:
    return ConfigError(message, hint=hint, slug="bad-settings")
