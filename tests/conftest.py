"""The surroundings of every test: no user's settings, no credentials, no network."""

import ipaddress
import os
import re
import socket
import sys
from collections.abc import Iterator
from itertools import count
from pathlib import Path

import pytest

_SCRUBBED = re.compile(
    "(GIT|GITHUB|GITLAB|BITBUCKET|OPENAI|DASHSCOPE|REVIEWBOT|PRE_COMMIT|PREK)_.*|PRE_COMMIT|.*_API_KEY|(?i:.*_PROXY)"
    "|CI|JENKINS_URL|TF_BUILD|TEAMCITY_VERSION|CODEBUILD_BUILD_ID|BUILDKITE|CIRCLECI"
)
_IDENTITY = {
    "GIT_CONFIG_NOSYSTEM": "1",
    "GIT_AUTHOR_NAME": "Ada",
    "GIT_AUTHOR_EMAIL": "ada@example.com",
    "GIT_AUTHOR_DATE": "2024-01-02T03:04:05Z",
    "GIT_COMMITTER_NAME": "Ada",
    "GIT_COMMITTER_EMAIL": "ada@example.com",
    "GIT_COMMITTER_DATE": "2024-01-02T03:04:05Z",
}
_ENGINE = {"OMP_THREAD_LIMIT": "1"}
"""Threads of llama.cpp wait for one another all the time; beside other busy programs one takes the least."""


def _set_home(patch: pytest.MonkeyPatch, home: Path) -> Path:
    for name, folder in (("HOME", "."), ("XDG_CONFIG_HOME", ".config"), ("XDG_CACHE_HOME", ".cache")):
        patch.setenv(name, str(home / folder))
    return home


@pytest.fixture(scope="session", autouse=True)
def _scrubbed_environment(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    # For the whole session, so that fixtures of every scope are built under it.
    with pytest.MonkeyPatch.context() as patch:
        for name in [name for name in os.environ if _SCRUBBED.fullmatch(name)]:
            patch.delenv(name)
        for name, value in {**_IDENTITY, **_ENGINE}.items():
            patch.setenv(name, value)
        _set_home(patch, tmp_path_factory.mktemp("session-home"))
        yield


@pytest.fixture(scope="session")
def model_cache(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A cache for the weights of the demo's model: half a gigabyte, put together by whoever needs it first."""
    return tmp_path_factory.mktemp("cache")


@pytest.fixture(scope="session")
def _homes(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    # pytest itself would look at all folders there are to number the next one, and there are thousands.
    folder = tmp_path_factory.mktemp("homes")
    return (folder / str(number) for number in count())


@pytest.fixture(autouse=True)
def home(monkeypatch: pytest.MonkeyPatch, _homes: Iterator[Path]) -> Path:
    """The home folder, a new one for each test."""
    folder = next(_homes)
    folder.mkdir()
    return _set_home(monkeypatch, folder)


def _is_loopback(host: object) -> bool:
    name = host.decode() if isinstance(host, bytes) else host
    if name in {None, "", "localhost", socket.gethostname()}:
        return True
    try:
        return ipaddress.ip_address(str(name)).is_loopback
    except ValueError:
        return False


def _guard(event: str, arguments: tuple[object, ...]) -> None:
    if event == "socket.getaddrinfo":
        host = arguments[0]
    elif event in {"socket.connect", "socket.sendto", "socket.sendmsg"}:
        address = arguments[1]
        if not isinstance(address, tuple):  # a socket in the file system, or one that is connected already
            return
        host = address[0]
    else:
        return
    if not _is_loopback(host):
        raise RuntimeError(f"a test may reach the loopback only, not {host!r}")


sys.addaudithook(_guard)
