"""How hooks are told what is pushed: variables of their runners, lines of git."""

import os
import pty
from io import BytesIO
from pathlib import Path

import pytest

from reviewbot.errors import ConfigError, ExitCode
from reviewbot.sources.push import Pushed, Ref, told

OLD, NEW, NONE = "a" * 40, "b" * 40, "0" * 40
BRANCH = {"PRE_COMMIT_LOCAL_BRANCH": "refs/heads/topic", "PRE_COMMIT_REMOTE_BRANCH": "refs/heads/topic"}
TO_ORIGIN = {**BRANCH, "PRE_COMMIT_REMOTE_NAME": "origin", "PRE_COMMIT_REMOTE_URL": "../origin.git"}
RANGE = {"PRE_COMMIT_FROM_REF": OLD, "PRE_COMMIT_TO_REF": NEW}

VARIABLES = {
    "a branch that the remote has": (
        {**TO_ORIGIN, **RANGE},
        Pushed((Ref("refs/heads/topic", NEW, OLD),), "origin"),
    ),
    "pre-commit where the remote has nothing": (
        TO_ORIGIN,
        Pushed((Ref("refs/heads/topic", "refs/heads/topic"),), "origin"),
    ),
    "prek where the remote has nothing": (
        {**TO_ORIGIN, "PRE_COMMIT_TO_REF": NEW},
        Pushed((Ref("refs/heads/topic", NEW),), "origin"),
    ),
    "zeros where the remote has nothing": (
        {**TO_ORIGIN, **RANGE, "PRE_COMMIT_FROM_REF": NONE},
        Pushed((Ref("refs/heads/topic", NEW),), "origin"),
    ),
    "two commits that somebody chose": (RANGE, Pushed((Ref(NEW, NEW, OLD),), only_refs=True)),
    "a deleted branch": ({**TO_ORIGIN, "PRE_COMMIT_TO_REF": NONE}, Pushed((), "origin")),
    "a deleted branch by its word": ({**TO_ORIGIN, "PRE_COMMIT_LOCAL_BRANCH": "(delete)"}, Pushed((), "origin")),
}

LINES = {
    "a branch that the remote has": (
        f"refs/heads/topic {NEW} refs/heads/topic {OLD}\n",
        (Ref("refs/heads/topic", NEW, OLD),),
    ),
    "a new branch": (f"refs/heads/topic {NEW} refs/heads/topic {NONE}\n", (Ref("refs/heads/topic", NEW),)),
    "several": (
        f"refs/heads/a {NEW} refs/heads/a {OLD}\nrefs/tags/v1 {OLD} refs/tags/v1 {NONE}\n",
        (Ref("refs/heads/a", NEW, OLD), Ref("refs/tags/v1", OLD)),
    ),
    "a deleted branch": (f"(delete) {NONE} refs/heads/topic {OLD}\n", ()),
    "a deleted branch of longer names": (f"(delete) {'0' * 64} refs/heads/topic {'a' * 64}\n", ()),
    "a name with spaces": (f"HEAD@{{1 day ago}} {NEW} refs/heads/x {NONE}\n", (Ref("HEAD@{1 day ago}", NEW),)),
    "a name that is no UTF-8": (
        f"refs/heads/\udcff {NEW} refs/heads/x {NONE}\n",
        (Ref("refs/heads/\udcff", NEW),),
    ),
    "no news": ("", ()),
}


@pytest.mark.parametrize(("variables", "pushed"), VARIABLES.values(), ids=VARIABLES)
def test_a_runner_of_hooks_says_it_in_variables(variables: dict[str, str], pushed: Pushed) -> None:
    assert told(variables, None) == pushed


@pytest.mark.parametrize(("lines", "refs"), LINES.values(), ids=LINES)
def test_git_says_it_on_standard_input(lines: str, refs: tuple[Ref, ...]) -> None:
    stdin = BytesIO(lines.encode(errors="surrogateescape"))
    assert told({}, stdin) == Pushed(refs)


def test_git_does_not_say_in_its_lines_where_they_go() -> None:
    lines = f"refs/heads/topic {NEW} refs/heads/topic {OLD}\n".encode()
    assert told({"PRE_COMMIT_REMOTE_NAME": "fork"}, BytesIO(lines)).remote == "fork"


def test_what_the_variables_say_needs_no_standard_input() -> None:
    stdin = BytesIO(b"not for us\n")
    assert told({**TO_ORIGIN, **RANGE}, stdin).refs
    assert stdin.read() == b"not for us\n"


def refused(stdin: BytesIO | None) -> ConfigError:
    with pytest.raises(ConfigError) as caught:
        told({"PRE_COMMIT": "1"}, stdin)
    assert caught.value.exit_code is ExitCode.USAGE
    assert caught.value.slug == "no-push"
    return caught.value


@pytest.mark.parametrize("stdin", [None, BytesIO(b"diff --git a/x b/x\n"), BytesIO(b"a b c\n")])
def test_where_nobody_says_it_the_error_names_what_to_do(stdin: BytesIO | None) -> None:
    assert "pre-push hook" in refused(stdin).hint


def test_a_terminal_is_never_waited_for() -> None:
    ours, theirs = pty.openpty()
    # Whoever reads from it all the same gets an end and does not wait for ever.
    os.close(ours)
    with os.fdopen(theirs, "rb") as terminal, pytest.raises(ConfigError):
        told({}, terminal)


def test_an_empty_device_says_nothing_and_an_empty_pipe_says_no_news() -> None:
    with Path(os.devnull).open("rb") as nothing, pytest.raises(ConfigError):
        told({}, nothing)
    out, into = os.pipe()
    os.close(into)
    with os.fdopen(out, "rb") as pipe:
        assert told({}, pipe) == Pushed(())
