"""Which pull request is meant, and the way to it. Alone knows GitHub's variables, events and addresses of clones."""

import json
import re
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from reviewbot.brief import HostWay
from reviewbot.errors import ConfigError
from reviewbot.web import is_plain

_API = "https://api.github.com"
_TOKENS = ("GITHUB_TOKEN", "GH_TOKEN")
_SITES = {"github.com", "www.github.com", "ssh.github.com"}
_NAME = re.compile(r"[\w.-]+/[\w.-]+", re.ASCII)
_SCP = re.compile(r"(?:[^@/:]+@)?(?P<host>[^/:]+):(?P<path>[^/].*)")
_NUMBER_HINT = "name it: --pr NUMBER"


def find(
    number: int,
    *,
    api_url: str | None,
    writes: bool,
    environment: Mapping[str, str],
    remotes: Callable[[], Iterable[str]],
) -> HostWay:
    """The way to a pull request.

    Args:
        number: of it; 0: the one that this job of GitHub Actions runs for.
        api_url: of the API, None: as the variables say, else github.com's.
        writes: whether something is to be posted there.
        environment: variables.
        remotes: addresses that the repository at hand was cloned from, the likeliest first.

    Raises:
        ConfigError: it is not clear which one is meant, or there is no token and something is to be posted.
    """
    event = {} if number else _event(environment)
    api = api_url or environment.get("GITHUB_API_URL", "").strip()
    if api and not is_plain(api):
        hint = "write https://api.github.com, or https://HOST/api/v3 for an enterprise server"
        raise ConfigError("GITHUB_API_URL is no plain web address", hint=hint, slug="bad-option")
    told = _told(event, "repository", "full_name") or environment.get("GITHUB_REPOSITORY", "").strip()
    repository = str(told) if told else _cloned(remotes(), anywhere=bool(api))
    if not _NAME.fullmatch(repository):
        hint = "set GITHUB_REPOSITORY to owner/name"
        raise ConfigError(f"{repository!r} is no name of a repository", hint=hint, slug="no-repository")
    token = _token(environment)
    if writes and not token:
        hint = f"set {_TOKENS[0]}; in a workflow: {_TOKENS[0]}: ${{{{ github.token }}}}"
        raise ConfigError(f"there is no token to post to {repository} with", hint=hint, slug="no-token")
    return HostWay(api or _API, repository, number or _number(event, environment), token)


def _event(environment: Mapping[str, str]) -> Any:
    place = environment.get("GITHUB_EVENT_PATH", "").strip()
    if not place:
        what = "no pull request is named, and this is no job of GitHub Actions"
        raise ConfigError(what, hint=_NUMBER_HINT, slug="no-pull-request")
    try:
        return json.loads(Path(place).read_bytes())
    except (OSError, ValueError, RecursionError) as error:
        what = f"the event of this job cannot be read from {place}"
        raise ConfigError(what, hint=_NUMBER_HINT, slug="no-pull-request") from error


def _number(event: Any, environment: Mapping[str, str]) -> int:
    # A comment on a pull request is one on an issue that says it is a pull request.
    numbers = (
        _told(event, "pull_request", "number"),
        _told(event, "issue", "number") if _told(event, "issue", "pull_request") else None,
    )
    found = next((number for number in numbers if type(number) is int and number > 0), None)
    if found is None:
        name = environment.get("GITHUB_EVENT_NAME", "").strip() or "that this job runs for"
        what = f"the event {name} is about no pull request"
        raise ConfigError(what, hint=f"run on pull_request, or {_NUMBER_HINT}", slug="no-pull-request")
    return found


def _told(event: Any, *names: str) -> Any:
    for name in names:
        event = event.get(name) if isinstance(event, Mapping) else None
    return event


def _token(environment: Mapping[str, str]) -> str | None:
    name = next((name for name in _TOKENS if environment.get(name, "").strip()), None)
    token = environment[name].strip() if name else None
    if token and not (token.isascii() and token.isprintable() and " " not in token):
        raise ConfigError(f"{name} holds no token", hint="set it to the token and nothing else", slug="no-token")
    return token


def _cloned(addresses: Iterable[str], *, anywhere: bool) -> str:
    """The repository that addresses of clones name.

    A token goes to the API that the user names or to github.com, never to where a clone happens to come from.
    """
    elsewhere = ""
    for address in addresses:
        host, path = _parts(address)
        name = path.strip("/").removesuffix(".git")
        if not _NAME.fullmatch(name):
            continue
        if anywhere or host in _SITES:
            return name
        elsewhere = elsewhere or host
    if elsewhere:
        hint = f"name its API: --api-url https://{elsewhere}/api/v3"
        raise ConfigError(f"this repository comes from {elsewhere}", hint=hint, slug="no-repository")
    hint = "set GITHUB_REPOSITORY to owner/name, or go to a clone that has a remote origin"
    raise ConfigError("it is not clear which repository is meant", hint=hint, slug="no-repository")


def _parts(address: str) -> tuple[str, str]:
    """Host and path, of a URL or as ssh has it."""
    if "://" not in address:
        short = _SCP.fullmatch(address)
        return (short["host"].lower(), short["path"]) if short else ("", "")
    try:
        parts = urlsplit(address)
    except ValueError:
        return "", ""
    return parts.hostname or "", parts.path
