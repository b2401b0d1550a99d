"""Texts parsed apart. Alone knows how a text that was made to break a parser breaks nothing else.

A parser can be made to take all memory, or to crash, by a few thousand bytes, and what it reads is written by whoever
opens a pull request. So it runs in a process of its own, with bounds, and without what the environment holds.
"""

import json
import os
import subprocess
import sys
from contextlib import suppress
from typing import BinaryIO

MOST_MEMORY = 2_000_000_000
"""Bytes of address space; the grammars and Python take a fifth of it."""

MOST_SECONDS = 10.0
"""A file of a million bytes takes less than one."""

_KEPT = ("PATH", "PYTHONPATH", "PYTHONHOME", "HOME", "LANG", "LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH")
"""What Python may need of the environment; keys are not among it."""


def errors(path: str, text: str, *, python: str = sys.executable) -> int | None:
    """How many syntax errors a text has in the language of its path, None where nobody can tell.

    Args:
        path: of the file.
        text: all of it; bytes that are not text are surrogates.
        python: the interpreter that has this package.
    """
    command = [python, "-P", "-m", "reviewbot.parsing"]
    environment = {name: os.environ[name] for name in _KEPT if name in os.environ}
    asked = json.dumps([path, text]).encode()
    try:
        done = subprocess.run(
            command, input=asked, env=environment, capture_output=True, timeout=MOST_SECONDS, check=False
        )
        said = json.loads(done.stdout) if done.returncode == 0 else None
    except (OSError, ValueError, subprocess.TimeoutExpired):
        return None
    return said if isinstance(said, int) else None


def answer(asked: BinaryIO, said: BinaryIO) -> None:
    """Read one question of `errors`, and answer it within the bounds of this process."""
    from reviewbot import syntax

    path, text = json.load(asked)
    said.write(json.dumps(syntax.errors(path, text)).encode())


def _bound() -> None:
    # Where a system knows no such bound, or refuses it, that of time is left.
    try:
        import resource
    except ImportError:
        return
    for name, most in (("RLIMIT_AS", MOST_MEMORY), ("RLIMIT_CORE", 0)):
        with suppress(AttributeError, OSError, ValueError):
            which = getattr(resource, name)
            _, hard = resource.getrlimit(which)
            bound = most if hard == resource.RLIM_INFINITY else min(most, hard)
            resource.setrlimit(which, (bound, bound))


if __name__ == "__main__":
    _bound()
    answer(sys.stdin.buffer, sys.stdout.buffer)
