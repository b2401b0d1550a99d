"""Questions that another process answers, and what becomes of it."""

import io
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path
from textwrap import dedent

import pytest

from reviewbot import app, catalogue, parsing, syntax
from reviewbot._outlines import record
from reviewbot._syntax_parse import MOST_BYTES
from reviewbot.config import Invocation, Policy
from reviewbot.parsing import MOST_DEATHS, Parser
from reviewbot.review import Change, Target
from reviewbot.routing import route
from reviewbot.wiring import World
from tests.support.language_trees import CASES
from tests.support.reviews import file, hunk

BOMB = "|\n*a *a " * 3_500
"""A few bytes that make a grammar take all memory there is."""

WRONG = "x = (1\n"

ERRORS = 2
"""In it."""

BOUNDS = "RLIMIT_AS = RLIMIT_CORE = 0\nRLIM_INFINITY = -1\n"

TEXTS: dict[str, tuple[str, str]] = {
    "right": ("a.py", "x = 1\n"),
    "wrong": ("a.py", WRONG),
    "nothing": ("a.py", ""),
    "another language": ("a.go", "package a\nfunc {\n"),
    "no language": ("a.unknown", WRONG),
    "data": ("a.json", '{"a": }'),
    "bytes that are no text": ("\udcff/a.py", "x = '\udcff'\ny\udcff = 2\n"),
    "half a pair": ("a.py", "x = '\ud800'\n"),
    "other ends of lines": ("a.py", "def f():\r\n\treturn 1\x85\r\n\u2028# \x0b\0"),
    **{case.name: next(iter(case.after.items())) for case in CASES},
}


@pytest.fixture(scope="module")
def parser() -> Iterator[Parser]:
    with closing(Parser()) as made:
        yield made


@pytest.mark.parametrize(("path", "text"), TEXTS.values(), ids=TEXTS)
def test_a_text_is_read_apart_as_it_is_here(parser: Parser, path: str, text: str) -> None:
    assert parser.errors(path, text) == syntax.errors(path, text)
    assert parser.outline(path, text) == syntax.outline(path, text)


def asked(about: str, path: str, text: str) -> bytes:
    return json.dumps([about, path, text]).encode() + b"\n"


@pytest.mark.parametrize(("path", "text"), TEXTS.values(), ids=TEXTS)
def test_questions_are_answered_each_in_a_line(path: str, text: str) -> None:
    said = io.BytesIO()
    parsing.serve(io.BytesIO(asked("errors", path, text) + asked("outline", path, text)), said, seconds=60)
    errors, outline = said.getvalue().removesuffix(b"\n").split(b"\n")
    expected = syntax.outline(path, text)
    assert json.loads(errors) == syntax.errors(path, text)
    assert json.loads(outline) == json.loads(json.dumps(expected and record(expected)))


def test_the_process_ends_with_the_questions() -> None:
    command = [sys.executable, "-P", "-m", "reviewbot.parsing", "60"]
    questions = asked("errors", "a.py", WRONG) * 2
    done = subprocess.run(command, input=questions, capture_output=True, timeout=60, check=True)
    assert (done.stdout, done.stderr) == (f"{ERRORS}\n{ERRORS}\n".encode(), b"")


def test_an_answer_that_is_too_long_is_none() -> None:
    assert parsing.answer(asked("outline", "a.py", "[" + "a\n," * 330_000 + "]")) == b"null\n"


def python(folder: Path, script: str) -> str:
    """Something that is run in place of Python, after it has written its number into the file `started`."""
    place = folder / "python"
    place.write_text(f"#!/bin/sh\necho $$ >> '{folder}/started'\n{script}\n")
    place.chmod(0o755)
    return str(place)


def real(folder: Path) -> str:
    """This Python, which writes its number into the file `started`."""
    return python(folder, f'exec "{sys.executable}" "$@"')


def before_others(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let modules of a folder take the place of those of the same name."""
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join([str(folder), *sys.path]))


def started(folder: Path) -> list[int]:
    return [int(number) for number in (folder / "started").read_text().split()]


def lives(process: int) -> bool:
    state = subprocess.run(["ps", "-o", "stat=", "-p", str(process)], capture_output=True, text=True, check=False)
    return bool(state.stdout.strip()) and not state.stdout.startswith("Z")


def gone(process: int) -> bool:
    """Whether a process ends in time."""
    end = time.monotonic() + 20
    while lives(process) and time.monotonic() < end:
        time.sleep(0.02)
    return not lives(process)


def reaped(process: int) -> bool:
    """Whether a child of this process has ended, and somebody asked how."""
    try:
        os.waitpid(process, os.WNOHANG)
    except ChildProcessError:
        return True
    return False


def test_nothing_is_started_before_the_first_question_and_one_process_answers_all(tmp_path: Path) -> None:
    with closing(Parser(python=real(tmp_path))) as parser:
        assert not (tmp_path / "started").exists()
        assert [parser.errors("a.py", WRONG) for _ in range(5)] == [ERRORS] * 5
        assert parser.outline("a.py", "x = 1") == syntax.outline("a.py", "x = 1")
        assert len(started(tmp_path)) == 1


def test_what_is_asked_about_arrives_as_it_is(tmp_path: Path) -> None:
    path, text = "\udcff/a.py", "x = '\udcff\ud800\U0001f389\0'\r\n\u2028\x85"
    with closing(Parser(python=python(tmp_path, f"head -n 1 > '{tmp_path}/asked'; echo null"))) as parser:
        parser.errors(path, text)
    assert json.loads((tmp_path / "asked").read_bytes()) == ["errors", path, text]


def test_a_file_that_is_too_large_is_not_even_asked_about(tmp_path: Path) -> None:
    text = "x = 1\n" * (MOST_BYTES // 6 + 1)
    parser = Parser(python=real(tmp_path))
    assert (parser.errors("a.py", text), parser.outline("a.py", text)) == (None, None)
    assert not (tmp_path / "started").exists()


def test_many_threads_get_each_its_own_answer(tmp_path: Path) -> None:
    texts = [f"def name_{number}(): pass\n" * (number + 1) + "(\n" * (number % 3) for number in range(200)]
    with closing(Parser(python=real(tmp_path))) as parser, ThreadPoolExecutor(8) as pool:
        outlines = pool.map(lambda text: parser.outline("a.py", text), texts)
        errors = pool.map(lambda text: parser.errors("a.py", text), texts)
        assert list(outlines) == [syntax.outline("a.py", text) for text in texts]
        assert list(errors) == [syntax.errors("a.py", text) for text in texts]
        assert len(started(tmp_path)) == 1


def test_what_breaks_a_parser_breaks_nothing_else(tmp_path: Path) -> None:
    with closing(Parser(python=real(tmp_path))) as parser:
        assert parser.errors("a.py", BOMB) is None
        assert parser.outline("a.py", BOMB) is None
        assert parser.errors("a.py", WRONG) == ERRORS
        *broken, last = started(tmp_path)
        assert (len(broken), all(map(reaped, broken)), lives(last)) == (2, True, True)


def test_a_process_that_dies_between_questions_costs_one_answer(tmp_path: Path) -> None:
    with closing(Parser(python=real(tmp_path))) as parser:
        assert parser.errors("a.py", WRONG) == ERRORS
        os.kill(started(tmp_path)[0], signal.SIGKILL)
        assert [parser.errors("a.py", WRONG) for _ in range(3)] == [None, ERRORS, ERRORS]


def test_after_too_many_deaths_nobody_is_asked(tmp_path: Path) -> None:
    with closing(Parser(python=python(tmp_path, 'read line; kill -KILL "$$"'))) as parser:
        assert [parser.errors("a.py", WRONG) for _ in range(200)] == [None] * 200
        assert parser.outline("a.py", WRONG) is None
    assert len(started(tmp_path)) == MOST_DEATHS
    assert all(map(reaped, started(tmp_path)))


LATE: dict[str, str] = {
    "answers nothing": "read line; exec sleep 60",
    "reads nothing": "exec sleep 60",
    "answers half a line": "read line; printf 1; exec sleep 60",
    "has others hold its pipes": "read line; sleep 5 & wait",
    "closed its ears": "exec <&-; exec sleep 60",
}


@pytest.mark.parametrize("script", LATE.values(), ids=LATE)
def test_who_does_not_answer_in_time_is_ended(tmp_path: Path, script: str) -> None:
    with closing(Parser(python=python(tmp_path, script), seconds=0.5)) as parser:
        begin = time.monotonic()
        # More than a pipe holds.
        assert parser.outline("a.py", "x = 1\n" * 50_000) is None
        assert time.monotonic() - begin < 10
        assert reaped(started(tmp_path)[0])


NONSENSE: dict[str, str] = {
    "nothing": "exit 0",
    "no JSON": "read line; echo no; exec cat",
    "an empty line": "read line; echo; exec cat",
    "a text": "read line; echo '\"7\"'; exec cat",
    "true": "read line; echo true; exec cat",
    "a part of an error": "read line; echo 1.5; exec cat",
    "fewer errors than none": "read line; echo -1; exec cat",
    "more errors than bytes": "read line; echo 1000000000; exec cat",
    "a number without end": "read line; exec tr '\\0' 7 < /dev/zero",
    "lists without end": "read line; exec tr '\\0' '[' < /dev/zero",
    "another form": 'read line; echo \'{"family": "python"}\'; exec cat',
}


@pytest.mark.parametrize("script", NONSENSE.values(), ids=NONSENSE)
def test_nonsense_is_no_answer_and_ends_who_says_it(tmp_path: Path, script: str) -> None:
    with closing(Parser(python=python(tmp_path, script))) as parser:
        assert parser.errors("a.py", WRONG) is None
        assert parser.outline("a.py", WRONG) is None
        assert [reaped(process) for process in started(tmp_path)] == [True, True]


def test_that_nobody_can_tell_is_an_answer(tmp_path: Path) -> None:
    with closing(Parser(python=python(tmp_path, "while read line; do echo null; done"))) as parser:
        assert [parser.errors("a.py", WRONG) for _ in range(5)] == [None] * 5
        assert len(started(tmp_path)) == 1


def test_a_parser_that_cannot_be_started_tells_nothing() -> None:
    assert Parser(python="/nowhere/python").errors("a.py", WRONG) is None


def test_a_parser_is_not_told_what_the_environment_holds(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MY_API_KEY", "k")
    with closing(Parser(python=python(tmp_path, "read line; env | grep -q MY_API_KEY || echo 7"))) as parser:
        assert parser.errors("a.py", "") == 7


def test_a_closed_parser_is_gone_and_tells_nothing(tmp_path: Path) -> None:
    parser = Parser(python=real(tmp_path))
    assert parser.errors("a.py", WRONG) == ERRORS
    parser.close()
    parser.close()
    assert reaped(started(tmp_path)[0])
    assert parser.errors("a.py", WRONG) is None
    assert len(started(tmp_path)) == 1


def test_a_parser_is_there_for_as_long_as_a_change_is_looked_at(tmp_path: Path) -> None:
    change = Change(Target(None, None, ""), (file("a.py", hunk("+x = 1")),))
    with app.look(change, Invocation(), Policy(), World(str(tmp_path), {}, None), model="m") as looked:
        plan = looked.plan(route(Invocation(base_url="http://127.0.0.1:9", model="m"), Policy(), catalogue.load()))
        assert plan.around.errors("a.py", WRONG) == ERRORS
    assert plan.around.errors("a.py", WRONG) is None


def test_a_parser_that_nobody_wants_any_more_is_gone(tmp_path: Path) -> None:
    parser = Parser(python=real(tmp_path))
    assert parser.errors("a.py", WRONG) == ERRORS
    del parser
    assert reaped(started(tmp_path)[0])


def test_an_interrupted_question_is_not_answered_to_the_next_one(tmp_path: Path) -> None:
    def interrupt(*_: object) -> None:
        raise KeyboardInterrupt

    first = f"[ $(wc -l < '{tmp_path}/started') -eq 1 ] && exec sleep 60"
    before = signal.signal(signal.SIGALRM, interrupt)
    try:
        with closing(Parser(python=python(tmp_path, f'{first}\nexec "{sys.executable}" "$@"'))) as parser:
            signal.setitimer(signal.ITIMER_REAL, 0.3)
            with pytest.raises(KeyboardInterrupt):
                parser.errors("a.py", "x = 1\n")
            assert reaped(started(tmp_path)[0])
            assert parser.errors("a.py", WRONG) == ERRORS
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)


def program(folder: Path, rest: str) -> list[str]:
    """A program that has asked a parser once, in another process."""
    begin = f"""
        import os, signal, sys, time
        from reviewbot.parsing import Parser
        parser = Parser(python={real(folder)!r}, seconds=3)
        assert parser.errors("a.py", {WRONG!r}) == {ERRORS}
    """
    return [sys.executable, "-X", "dev", "-W", "error", "-c", dedent(begin) + rest]


ENDS: dict[str, tuple[str, int]] = {
    "as it should": ("parser.close()", 0),
    "without a word": ("", 0),
    "by an error": ("sys.exit(3)", 3),
    "by Ctrl-C": ("os.kill(os.getpid(), signal.SIGINT)\ntime.sleep(60)", -signal.SIGINT),
    "by a polite signal": ("os.kill(os.getpid(), signal.SIGTERM)\ntime.sleep(60)", -signal.SIGTERM),
    "at once": ("os.kill(os.getpid(), signal.SIGKILL)", -signal.SIGKILL),
    "without its last will": ("os._exit(4)", 4),
}


@pytest.mark.parametrize(("how", "code"), ENDS.values(), ids=ENDS)
def test_a_parser_ends_with_who_asked_it(tmp_path: Path, how: str, code: int) -> None:
    quiet = "sys.excepthook = lambda *_: None\n"
    done = subprocess.run(program(tmp_path, quiet + how), capture_output=True, text=True, timeout=60, check=False)
    assert (done.returncode, done.stdout, done.stderr) == (code, "", "")
    assert gone(started(tmp_path)[0])


def test_a_parser_that_hangs_ends_also_where_who_asked_is_gone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "tree_sitter_json.py").write_text("import time\ndef language(): time.sleep(60)\n")
    before_others(tmp_path, monkeypatch)
    kill = "signal.signal(signal.SIGALRM, signal.SIG_DFL)\nsignal.alarm(1)\nparser.errors('a.json', '{}')"
    done = subprocess.run(program(tmp_path, kill), capture_output=True, text=True, timeout=60, check=False)
    assert (done.returncode, done.stdout, done.stderr) == (-signal.SIGALRM, "", "")
    assert lives(started(tmp_path)[0])
    assert gone(started(tmp_path)[0])


def test_ctrl_c_on_a_terminal_takes_nobody_from_who_asks(tmp_path: Path) -> None:
    rest = dedent(f"""
        try:
            os.killpg(0, signal.SIGINT)
            time.sleep(60)
        except KeyboardInterrupt:
            assert parser.errors("a.py", {WRONG!r}) == {ERRORS}
    """)
    done = subprocess.run(
        program(tmp_path, rest), capture_output=True, text=True, timeout=60, check=False, start_new_session=True
    )
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    assert len(started(tmp_path)) == 1


def test_a_lower_bound_than_its_own_stops_no_parser(tmp_path: Path) -> None:
    bound = python(tmp_path, f'ulimit -v 1900000; exec "{sys.executable}" "$@"')
    with closing(Parser(python=bound)) as parser:
        assert parser.errors("a.py", WRONG) == ERRORS


@pytest.mark.parametrize(
    "module",
    [
        "raise ImportError",
        "RLIM_INFINITY = -1",
        f"{BOUNDS}def getrlimit(_): return -1, -1\ndef setrlimit(*_): raise ValueError",
        f"{BOUNDS}def getrlimit(_): raise OSError",
        f"{BOUNDS}def getrlimit(_): return 5, 5\ndef setrlimit(_, both): assert max(both) <= 5",
    ],
    ids=["no bounds", "no such bound", "refused", "not told", "a lower one"],
)
def test_a_system_without_bounds_stops_no_parser(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, module: str) -> None:
    (tmp_path / "resource.py").write_text(module)
    before_others(tmp_path, monkeypatch)
    with closing(Parser()) as parser:
        assert parser.errors("a.py", WRONG) == ERRORS
