"""Texts parsed apart. Alone knows how a text that was made to break a parser breaks nothing else.

A parser can be made to take all memory, or to crash, by a few thousand bytes, and what it reads is written by whoever
opens a pull request. So it runs in a process of its own, with bounds, and without what the environment holds. That
process stays for the next question, and ends with whoever asks.
"""

import faulthandler
import json
import os
import signal
import subprocess
import sys
import threading
import weakref
from collections.abc import Callable, Generator
from contextlib import suppress
from functools import partial
from queue import SimpleQueue
from typing import IO, BinaryIO, TypeVar, cast

from reviewbot import _outlines, syntax
from reviewbot._syntax_parse import MOST_BYTES
from reviewbot.patience import LateError, in_time
from reviewbot.syntax import Outline

T = TypeVar("T")

MOST_MEMORY = 2_000_000_000
"""Bytes of address space; the grammars and Python take a fifth of it."""

MOST_SECONDS = 10.0
"""For one question. A file of a million bytes takes less than one."""

MOST_DEATHS = 3
"""How many processes may be lost. A change of hundreds of files that break one each would take hours."""

MOST_ANSWER = 8_000_000
"""Bytes of an answer; those about a million bytes of code take half of it at most."""

_KEPT = ("PATH", "PYTHONPATH", "PYTHONHOME", "HOME", "LANG", "LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH", "SYSTEMROOT")
"""What Python may need of the environment; keys are not among it."""

_TROUBLE = (LateError, OSError, ValueError, RecursionError)
"""How it shows that a process is lost: it is late, gone, or talks nonsense."""


class Parser:
    """Who is asked about texts that anybody may have written. Safe to call from several threads at once.

    Its process starts with the first question. One that does not answer, or not in time, or nonsense, is ended, and the
    next question starts another, until too many were lost: from then on nobody can tell.
    """

    def __init__(self, *, python: str = sys.executable, seconds: float = MOST_SECONDS) -> None:
        """Nothing is started yet.

        Args:
            python: the interpreter that has this package.
            seconds: that one question may take.
        """
        self._start = partial(_Child, python, seconds)
        self._child: _Child | None = None
        self._left = MOST_DEATHS
        self._lock = threading.Lock()

    def errors(self, path: str, text: str) -> int | None:
        """How many syntax errors a text has in the language of its path, None where nobody can tell.

        Args:
            path: of the file.
            text: all of it; bytes that are not text are surrogates.
        """
        return self._ask("errors", path, text, _count)

    def outline(self, path: str, text: str) -> Outline | None:
        """What a file defines and imports, None where nobody can tell.

        Args:
            path: of the file.
            text: all of it; bytes that are not text are surrogates.
        """
        return self._ask("outline", path, text, partial(_outlines.read, lines=text.count("\n") + 1))

    def close(self) -> None:
        """End the process, after the question that is under way; nobody can tell from then on."""
        with self._lock:
            self._left = 0
            self._end()

    def _ask(self, about: str, path: str, text: str, read: Callable[[object], T]) -> T | None:
        if len(text) > MOST_BYTES:
            return None
        question = json.dumps([about, path, text]).encode() + b"\n"
        with self._lock:
            if not self._left:
                return None
            answered = False
            try:
                self._child = self._child or self._start()
                said = self._child.answer(question)
                made = None if said is None else read(said)
                answered = True
            except _TROUBLE:
                self._left -= 1
                return None
            finally:
                # Whatever came between, such as Ctrl-C: the next answer would be that to this question.
                if not answered:
                    self._end()
        return made

    def _end(self) -> None:
        if self._child:
            self._child.end()
        self._child = None


class _Child:
    """One process, and the talk with it."""

    def __init__(self, python: str, seconds: float) -> None:
        process = subprocess.Popen(
            [python, "-P", "-m", "reviewbot.parsing", str(seconds)],
            env={name: os.environ[name] for name in _KEPT if name in os.environ},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
        )
        # Also where nobody closes anything, and when this process ends.
        self._kill = weakref.finalize(self, _killed, process)
        self._asked: SimpleQueue[bytes] = SimpleQueue()
        self._said = in_time(partial(_talk, process, self._asked), lambda: seconds)

    def answer(self, question: bytes) -> object:
        """The JSON value that a question is answered with.

        Raises:
            LateError: there is none in time.
            OSError: the process is gone.
            ValueError: it says something else.
            RecursionError: so it does.
        """
        self._asked.put(question)
        return json.loads(next(self._said))

    def end(self) -> None:
        """End it, whatever it does."""
        self._kill()
        self._said.close()


def _talk(process: subprocess.Popen[bytes], asked: "SimpleQueue[bytes]") -> Generator[bytes, None, None]:
    """One answer to each question. A process that does not read holds up whoever writes, so this has its own thread."""
    to, back = cast("IO[bytes]", process.stdin), cast("IO[bytes]", process.stdout)
    with process:
        while True:
            to.write(asked.get())
            to.flush()
            yield back.readline(MOST_ANSWER)


def _killed(process: subprocess.Popen[bytes]) -> None:
    process.kill()
    process.wait()


def _count(said: object) -> int:
    if type(said) is int and said in range(MOST_BYTES):
        return said
    raise ValueError("no number of errors")


def answer(question: bytes) -> bytes:
    """Answer one question of a `Parser`, in a line."""
    about, path, text = json.loads(question)
    said: object
    if about == "errors":
        said = syntax.errors(path, text)
    else:
        outline = syntax.outline(path, text)
        said = outline and _outlines.record(outline)
    line = json.dumps(said).encode()
    return (line if len(line) < MOST_ANSWER else b"null") + b"\n"


def serve(asked: BinaryIO, said: BinaryIO, *, seconds: float) -> None:
    """Answer questions as long as somebody asks, within the bounds of this process.

    Args:
        asked: a question in each line.
        said: gets the answers.
        seconds: after which this process ends; whoever asked may be gone, and nothing else stops a grammar.
    """
    for question in asked:
        faulthandler.dump_traceback_later(seconds, exit=True)
        said.write(answer(question))
        said.flush()
        faulthandler.cancel_dump_traceback_later()


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
    # A terminal's Ctrl-C reaches this process too, and only the other one knows what it means.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    _bound()
    serve(sys.stdin.buffer, sys.stdout.buffer, seconds=float(sys.argv[1]))
