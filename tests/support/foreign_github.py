"""A GitHub that others wrote: `myworld` in a process of its own, over TLS and under GitHub's own name.

Alone knows how it is started, filled, made to fail and asked what it holds. Pull requests, reviews, comments, tokens,
refusals and failures are all its own. Of what a review reads, one thing is not there and is added, made of its own
answers: the comparison of two commits.

It cannot show all of what GitHub does. Any line of a changed file will do for a comment. Of a comment it keeps neither
side nor first line, so both are read from its record of what was asked. No comment is ever edited or taken away.
"""

import json
import re
import subprocess
import sys
import time
from base64 import b64encode
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.request import Request, urlopen

if TYPE_CHECKING:
    from tests.support.repo import Repo

HOST = "api.github.com"
NAME = "octo/shop"
AUTHOR, BOT = "octo", "reviewbot"
_ROOT, _BASE, _HEAD = "root", "main", "topic"
_PATIENCE = 30.0
"""Seconds until it has to answer."""


@dataclass(frozen=True, slots=True)
class ForeignPull:
    """A pull request there, in a world that nobody else is in.

    Attributes:
        url: of the server's own control.
        instance: its name for that world.
        number: of the pull request.
        environment: what a client of the bot has to be told: proxy, certificates, token and repository.
    """

    url: str
    instance: str
    number: int
    environment: Mapping[str, str] = field(repr=False)

    def reviews(self) -> Any:
        """All reviews, as its API gives them."""
        return self._read(f"/pulls/{self.number}/reviews")

    def comments(self) -> Any:
        """All comments on lines, as its API gives them."""
        return self._read(f"/pulls/{self.number}/comments")

    def talk(self) -> Any:
        """All comments on the pull request, as its API gives them."""
        return self._read(f"/issues/{self.number}/comments")

    def asked(self, operation: str) -> list[Any]:
        """Its record of the calls of an operation, the oldest first; how they failed is in it."""
        calls = _call("GET", f"{self.url}/instances/{self.instance}/calls")["calls"]
        return [call for call in calls if call["tool"] == f"github.{operation}"]

    def fail(self, kind: str, *operations: str) -> None:
        """Let the next call of each operation fail, in one of the ways it knows."""
        faults = [{"tool": f"github.{operation}", "kind": kind, "on_call": 1} for operation in operations]
        _call("PUT", f"{self.url}/instances/{self.instance}/faults", faults)

    def push(self, path: str, text: str) -> None:
        """Another commit on `topic`, in which a file that is there says something; git knows nothing of it."""
        said = {"message": "A push", "branch": _HEAD, "content": b64encode(text.encode()).decode()}
        where, token = f"{self._repository}/contents/{path}", self.environment["GITHUB_TOKEN"]
        known = _call("GET", f"{where}?ref={_HEAD}", token=token)
        _call("PUT", where, {**said, "sha": known["sha"]}, token=token)

    @property
    def _repository(self) -> str:
        return f"{self.url}/gw/{HOST}/repos/{NAME}"

    def _read(self, path: str) -> Any:
        return _call("GET", f"{self._repository}{path}", token=self.environment["GITHUB_TOKEN"])


@dataclass(frozen=True, slots=True)
class ForeignGitHub:
    """A running server.

    Attributes:
        url: of its own control.
    """

    url: str

    def pull(self, repo: "Repo", *, title: str) -> ForeignPull:
        """Open a pull request from `topic` to `main`, each of which is one commit away from where they part."""
        root = repo.git("merge-base", _BASE, _HEAD).decode().strip()
        names = {_ROOT: root, _BASE: repo.id(_BASE), _HEAD: repo.id(_HEAD)}
        files = {branch: _files(repo, commit) for branch, commit in names.items()}
        run = _call("POST", f"{self.url}/envs", {"spec": _world(files)})
        run = self._renamed(run["id"], names)
        tokens = {who: told["github_token"] for who, told in run["credentials"].items()}
        opened = _call(
            "POST",
            f"{self.url}/gw/{HOST}/repos/{NAME}/pulls",
            {"title": title, "body": "As discussed.", "head": _HEAD, "base": _BASE},
            token=tokens[AUTHOR],
        )
        environment = {**run["credentials"][BOT]["env"], "GITHUB_REPOSITORY": NAME}
        return ForeignPull(self.url, run["servers"]["github"]["instance"], opened["number"], environment)

    def _renamed(self, run: str, names: Mapping[str, str]) -> Any:
        """The same world with the names that git gives to commits: its own are no hashes of git objects."""
        exported = _call("GET", f"{self.url}/envs/{run}/export")
        branches = exported["snapshot"]["instances"]["github"]["state"]["repos"][NAME]["branches"]
        text = json.dumps(exported)
        for branch, commit in names.items():
            text = text.replace(branches[branch], commit)
        return _call("POST", f"{self.url}/envs/import", {"run": json.loads(text), "id": f"{run}-git"})


@contextmanager
def foreign_github(folder: Path) -> Iterator[ForeignGitHub]:
    """Serve on free loopback ports until the block ends.

    Args:
        folder: an empty one, for its certificates and what it prints.
    """
    log = folder / "log"
    words = ["serve", "--host", "127.0.0.1", "--port", "0", "--gateway", "0", "--gateway-bind", "127.0.0.1"]
    with log.open("wb") as printed:
        process = subprocess.Popen(
            [sys.executable, "-m", __name__, *words, "--no-passthrough", "--ca-dir", str(folder)],
            cwd=Path(__file__).parents[2],
            stdout=printed,
            stderr=subprocess.STDOUT,
        )
    try:
        yield ForeignGitHub(_address(process, log))
    finally:
        process.terminate()
        try:
            process.wait(_PATIENCE)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _address(process: subprocess.Popen[bytes], log: Path) -> str:
    """Where it listens, once it does."""
    end = time.monotonic() + _PATIENCE
    while time.monotonic() < end and process.poll() is None:
        if said := re.search(r"running on (http://127\.0\.0\.1:\d+) ", log.read_text()):
            _call("GET", f"{said[1]}/healthz")
            return said[1]
        time.sleep(0.02)
    raise AssertionError(f"it does not answer:\n{log.read_text()}")


def _files(repo: "Repo", commit: str) -> dict[str, str]:
    names = repo.git("ls-tree", "-r", "-z", "--name-only", commit).decode().split("\0")[:-1]
    return {name: repo.git("show", f"{commit}:{name}").decode() for name in names}


def _world(files: Mapping[str, Mapping[str, str]]) -> dict[str, Any]:
    repository = {
        "name": NAME,
        "default_branch": _ROOT,
        "files": files[_ROOT],
        "branches": {branch: {"files": files[branch], "author": AUTHOR} for branch in (_BASE, _HEAD)},
    }
    seed = {"viewer": BOT, "users": [{"login": AUTHOR}, {"login": BOT}], "repos": [repository]}
    agents = {who: {"as": who, "task": "review"} for who in (AUTHOR, BOT)}
    return {"name": "review", "task": "review", "servers": {"github": {"seed": seed}}, "agents": agents}


def _call(verb: str, url: str, body: Any = None, *, token: str = "") -> Any:
    headers = {"content-type": "application/json"} | ({"authorization": f"Bearer {token}"} if token else {})
    data = None if body is None else json.dumps(body).encode()
    with urlopen(Request(url, data, headers, method=verb), timeout=_PATIENCE) as answer:
        return json.load(answer)


def _serve() -> None:
    """The server's own command, with the read that it lacks."""
    from myworld.api import Request as Asked
    from myworld.api import Response, operation
    from myworld.cli import main

    # What is registered first is asked first.
    @operation("github.repos.compare", "GET", "/repos/{owner}/{repo}/compare/{both}", service="github", read_only=True)
    def compare(context: Any, asked: Asked) -> Any:
        for known in api.pulls_list(context, asked).body:
            base = known["base"]["sha"]
            if asked.params["both"] == f"{base}...{known['head']['sha']}":
                told = api.pulls_get(context, replace(asked, params={**asked.params, "number": known["number"]}))
                if isinstance(told, Response):
                    return told
                left = api.commit_get(context, replace(asked, params={**asked.params, "ref": base}))["parents"][0]
                return {**told, "merge_base_commit": left}
        return Response(404, {"message": "Not Found"})

    from myworld.services.github import api

    main()


if __name__ == "__main__":
    _serve()
