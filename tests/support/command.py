"""The `reviewbot` command in a process of its own, and the parts of a prompt and an answer that tests speak in."""

import json
import os
import re
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.support.model_server import Answer, Request

COMMAND = (sys.executable, "-m", "reviewbot")


@dataclass(frozen=True)
class Done:
    """What a command returned and printed."""

    code: int
    out: str
    err: str

    @property
    def report(self) -> Any:
        """Standard output as the JSON that it has to be."""
        return json.loads(self.out)


def reviewbot(*words: str, cwd: Path, env: Mapping[str, str] | None = None, stdin: bytes = b"") -> Done:
    """Run the command to its end, without a terminal."""
    done = subprocess.run(
        [*COMMAND, *words],
        cwd=cwd,
        env={**os.environ, **(env or {})},
        input=stdin,
        capture_output=True,
        timeout=60,
        check=False,
    )
    return Done(done.returncode, done.stdout.decode(), done.stderr.decode())


def assert_error(done: Done, code: int, what: str, hint: str = "") -> None:
    """The command failed as a person wants it: a line of what, a line of what to do, and nothing else."""
    assert done.out == ""
    assert len(done.err.splitlines()) == 2, done.err
    first, second = done.err.splitlines()
    assert first.startswith("reviewbot: ")
    assert what in first
    assert second.startswith("  ")
    assert hint in second
    assert done.code == code


_FILE = re.compile(r"^File: (.*?)(?: \(.*\))?$")
_SHOWN = re.compile(r"^([-+ ])(\d+)\|(.*)$")


@dataclass(frozen=True)
class Shown:
    """A line of the diff as a prompt shows it."""

    path: str
    sign: str
    number: int
    text: str


def shown(request: Request) -> list[Shown]:
    """Every line of the diff in a prompt."""
    lines, path = [], ""
    for line in request.user.split("\n"):
        if file := _FILE.match(line):
            path = file[1]
        elif match := _SHOWN.match(line):
            lines.append(Shown(path, match[1], int(match[2]), match[3]))
    return lines


def claim(about: Shown, /, **fields: Any) -> dict[str, Any]:
    """A comment on a line, right in every field that is not given."""
    return {
        "path": about.path,
        "line": about.number,
        "side": "old" if about.sign == "-" else "new",
        "quote": about.text,
        "severity": "warning",
        "category": "correctness",
        "title": f"About {about.text.strip()}",
        "body": "It is wrong.",
        "suggestion": None,
        "confidence": 0.9,
        **fields,
    }


def flags(request: Request) -> Answer:
    """A comment on every changed line that says what is wrong with it: `error`, `warning` or `info`."""
    lines = [line for line in shown(request) if line.sign != " "]
    found = [(line, word[0]) for line in lines if (word := re.search("error|warning|info", line.text))]
    return Answer(comments(*(claim(line, severity=severity) for line, severity in found)))


def comments(*claims: Mapping[str, Any]) -> str:
    """The answer that holds these comments."""
    return json.dumps({"comments": claims}, ensure_ascii=False)
