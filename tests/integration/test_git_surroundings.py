"""The surroundings that every test runs in."""

import os
import socket
from pathlib import Path

import pytest


def test_the_environment_has_nobodys_settings(home: Path) -> None:
    allowed = {"GIT_CONFIG_NOSYSTEM"} | {
        f"GIT_{who}_{what}" for who in ("AUTHOR", "COMMITTER") for what in ("NAME", "EMAIL", "DATE")
    }
    owned = ("GIT_", "GITHUB_", "OPENAI_", "DASHSCOPE_", "REVIEWBOT_")
    assert {name for name in os.environ if name.startswith(owned) or name.endswith("_API_KEY")} == allowed
    assert "CI" not in os.environ
    assert os.environ["XDG_CONFIG_HOME"].startswith(str(home))
    assert not list(home.iterdir())


def test_a_connection_to_the_world_raises() -> None:
    with socket.socket() as outgoing, pytest.raises(RuntimeError, match="loopback"):
        outgoing.connect(("192.0.2.1", 9))


def test_a_name_of_the_world_is_not_looked_up() -> None:
    with pytest.raises(RuntimeError, match="loopback"):
        socket.create_connection(("example.invalid", 9))


def test_a_datagram_to_the_world_raises() -> None:
    with socket.socket(type=socket.SOCK_DGRAM) as outgoing, pytest.raises(RuntimeError, match="loopback"):
        outgoing.sendto(b"x", ("192.0.2.1", 9))


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost"])
def test_a_connection_to_the_loopback_is_allowed(host: str) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        socket.create_connection((host, server.getsockname()[1])).close()
