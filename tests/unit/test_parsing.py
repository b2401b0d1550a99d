import io
import json
import sys
from pathlib import Path

import pytest

from reviewbot import parsing, syntax

BOMB = "|\n*a *a " * 3_500
"""A few bytes that make a grammar take all memory there is."""

BOUNDS = "RLIMIT_AS = RLIMIT_CORE = 0\nRLIM_INFINITY = -1\n"

TEXTS: dict[str, tuple[str, str]] = {
    "right": ("a.py", "x = 1\n"),
    "wrong": ("a.py", "x = (1\n"),
    "another language": ("a.go", "package a\nfunc {\n"),
    "no language": ("a.unknown", "x = (1\n"),
    "data": ("a.json", '{"a": }'),
    "bytes that are no text": ("a.py", "x = '\udcff'\n"),
}


@pytest.mark.parametrize(("path", "text"), TEXTS.values(), ids=TEXTS)
def test_a_text_is_judged_apart_as_it_is_here(path: str, text: str) -> None:
    assert parsing.errors(path, text) == syntax.errors(path, text)


@pytest.mark.parametrize(("path", "text"), TEXTS.values(), ids=TEXTS)
def test_a_question_is_answered_in_json(path: str, text: str) -> None:
    said = io.BytesIO()
    parsing.answer(io.BytesIO(json.dumps([path, text]).encode()), said)
    assert json.loads(said.getvalue()) == syntax.errors(path, text)


def test_what_breaks_a_parser_breaks_nothing_else() -> None:
    assert parsing.errors("a.py", BOMB) is None


def test_a_parser_that_cannot_be_started_tells_nothing() -> None:
    assert parsing.errors("a.py", "x = (1\n", python="/nowhere/python") is None


def python(folder: Path, script: str) -> str:
    """Something that is run in place of Python."""
    place = folder / "python"
    place.write_text(f"#!/bin/sh\n{script}\n")
    place.chmod(0o755)
    return str(place)


def test_a_parser_is_not_told_what_the_environment_holds(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MY_API_KEY", "k")
    asked = python(tmp_path, "env | grep -q MY_API_KEY || echo 7")
    assert parsing.errors("a.py", "", python=asked) == 7


@pytest.mark.parametrize("said", ["", "no", '"7"', "null"])
def test_an_answer_that_is_none_is_none(tmp_path: Path, said: str) -> None:
    assert parsing.errors("a.py", "", python=python(tmp_path, f"echo '{said}'")) is None


def test_a_lower_bound_than_its_own_stops_no_parser(tmp_path: Path) -> None:
    bound = python(tmp_path, f'ulimit -v 1900000; exec "{sys.executable}" "$@"')
    assert parsing.errors("a.py", "x = (1\n", python=bound) == syntax.errors("a.py", "x = (1\n")


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
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    assert parsing.errors("a.py", "x = (1\n") == syntax.errors("a.py", "x = (1\n")
