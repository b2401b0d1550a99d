"""Commands that run on terminals of their own."""

import os
import pty
import select
import subprocess
from collections.abc import Mapping
from pathlib import Path

from tests.support.command import Done


def on_terminal(command: tuple[str, ...], *, cwd: Path, env: Mapping[str, str], out: bool) -> Done:
    """Run with standard error, and perhaps standard output, on a terminal of their own."""
    (main_err, err), (main_out, stdout) = pty.openpty(), pty.openpty() if out else os.pipe()
    process = subprocess.Popen(command, cwd=cwd, env={**os.environ, **env}, stdin=err, stdout=stdout, stderr=err)
    os.close(err)
    os.close(stdout)
    read: dict[int, bytes] = {main_err: b"", main_out: b""}
    open_ends = {main_err, main_out}
    while open_ends:
        for end in select.select([*open_ends], [], [], 30)[0]:
            try:
                data = os.read(end, 65536)
            except OSError:  # a terminal whose other end is closed
                data = b""
            read[end] += data
            if not data:
                open_ends.discard(end)
                os.close(end)
    return Done(process.wait(timeout=30), read[main_out].decode(), read[main_err].decode())
