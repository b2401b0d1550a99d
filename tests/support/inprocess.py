"""The `reviewbot` command in this process: the same code without the second that a process of its own takes."""

from collections.abc import Mapping
from contextlib import chdir
from pathlib import Path

from click.testing import CliRunner

from reviewbot.cli import commands
from tests.support.command import Done


def run(*words: str, cwd: Path, env: Mapping[str, str] | None = None, stdin: bytes = b"") -> Done:
    """Run the command to its end, without a terminal; what it does not catch is raised."""
    with chdir(cwd):
        result = CliRunner().invoke(commands, words, input=stdin, env=env)
    if result.exception and not isinstance(result.exception, SystemExit):
        raise result.exception
    return Done(result.exit_code, result.stdout_bytes.decode(), result.stderr_bytes.decode())
