"""Where a run writes. Alone knows what keeps a file from being written there."""

import os
from pathlib import Path

from reviewbot import policyfile
from reviewbot.config import Invocation
from reviewbot.errors import ConfigError


def writable(invocation: Invocation, top: Path) -> None:
    """Refuse a path that cannot be written before money is spent, and one that a link of the repository leads away.

    Args:
        invocation: names the files.
        top: of the repository.

    Raises:
        ConfigError: one cannot be written.
    """
    for path in (*(sink.path for sink in invocation.sinks), invocation.record):
        if path is None:
            continue
        if not path.is_absolute() and not Path().exists():
            raise unwritable(path, "the present folder is gone")
        if policyfile.leads_out(path, top):
            raise unwritable(path, "a link leads it out of the repository")
        target = path.resolve()
        if target.is_dir():
            raise unwritable(path, "it is a folder")
        if not target.exists() and not target.parent.is_dir():
            raise unwritable(path, f"there is no folder {target.parent}")
        if not os.access(target if target.exists() else target.parent, os.W_OK):
            raise unwritable(path, "permission denied")


def unwritable(path: Path | str, why: str) -> ConfigError:
    """The error for an output that cannot be written."""
    return ConfigError(f"cannot write {path}: {why}", hint="name a file in a folder that exists", slug="cannot-write")
