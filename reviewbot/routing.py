"""Which model of which provider is asked, and where. Alone knows which key goes to which host."""

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from urllib.parse import urlsplit

from reviewbot import defaults
from reviewbot.catalogue import Catalogue, Endpoint
from reviewbot.config import Invocation, Policy
from reviewbot.errors import ConfigError
from reviewbot.ports import Route

REPLAY = "replay:"
KEY = "REVIEWBOT_API_KEY"
VERIFY_KEY = "REVIEWBOT_VERIFY_API_KEY"


def route(invocation: Invocation, policy: Policy, catalogue: Catalogue) -> Route:
    """Which model of which provider is asked, and where. It has no key yet: see `with_key`.

    Raises:
        ConfigError: the model is not known, its file is missing, or an address is.
    """
    name = invocation.model or policy.model or defaults.MODEL
    provider = _provider(name, invocation, catalogue)
    if provider == "replay":
        path = _existing(name.removeprefix(REPLAY))
        found = Route(provider, catalogue.unknown(name, provider=provider), path=path, learn=True)
    elif provider == "local":
        found = _local(name, catalogue)
    else:
        found = _remote(name, invocation, provider, catalogue)
    # A record holds the limits it was made with; with others it would answer nothing.
    if invocation.input_limit is None or provider == "replay":
        return found
    return replace(found, model=found.model.limited(max_input=invocation.input_limit), learn=False)


def second(invocation: Invocation, policy: Policy, catalogue: Catalogue) -> Route | None:
    """Which model checks what was found, None: none does. It is found as the first one is, at the same endpoint.

    Raises:
        ConfigError: as of `route`.
    """
    # Without a name it would be the default one, which nobody has asked for.
    if not invocation.verify:
        return None
    # What is said of the first model's limit says nothing of another one's.
    asked = replace(invocation, model=invocation.verify, input_limit=None)
    return replace(route(asked, policy, catalogue), verifies=True)


def with_key(way: Route, catalogue: Catalogue, environment: Mapping[str, str]) -> Route:
    """The route with the key that may go there.

    REVIEWBOT_API_KEY goes to the endpoint the user named; REVIEWBOT_VERIFY_API_KEY comes before it for who checks what
    was found. A provider's own variable goes to that provider's hosts only,
    and over TLS only.

    Raises:
        ConfigError: the endpoint is known to want a key, and there is none; or what there is can be no key.
    """
    name = key_variable(way, catalogue, environment)
    own = _own_variable(way.base_url, catalogue)
    if own and not name:
        raise ConfigError(
            f"no key for {urlsplit(way.base_url).hostname}",
            hint=f"set {own}; or name another endpoint with --base-url; "
            "or review on this machine with --model demo or --model FILE.gguf",
            slug="no-key",
        )
    if not name:
        return way
    key = environment[name].strip()
    if not (key.isascii() and key.isprintable()):
        # No header can carry it: the placeholder sk-… was copied, or a whole file.
        raise ConfigError(f"{name} holds no key", hint="set it to the key and nothing else", slug="no-key")
    named = next((environment.get(e.workspace, "") for e in catalogue.endpoints.values() if own == e.key), "")
    return replace(way, key=key, key_variable=name, own=bool(own), workspace=named.strip() or None)


def key_variables(catalogue: Catalogue) -> tuple[str, ...]:
    """The variables that may hold a key."""
    return (KEY, VERIFY_KEY, *dict.fromkeys(endpoint.key for endpoint in catalogue.endpoints.values()))


def key_variable(way: Route, catalogue: Catalogue, environment: Mapping[str, str]) -> str | None:
    """The variable whose key goes with the route, None where none is set or the route leads nowhere."""
    own = _own_variable(way.base_url, catalogue)
    names = [*([VERIFY_KEY] if way.verifies else []), KEY, *([own] if own else [])] if way.base_url else []
    return next((name for name in names if environment.get(name, "").strip()), None)


def _provider(name: str, invocation: Invocation, catalogue: Catalogue) -> str:
    if invocation.provider:
        return invocation.provider
    if name.startswith(REPLAY):
        return "replay"
    known = catalogue.find(name)
    # A model of this machine stays on it, also where REVIEWBOT_BASE_URL is set for all others.
    if name.endswith(".gguf") or (known and known.weights):
        return "local"
    if invocation.base_url:
        return "openai"
    return known.provider if known else "dashscope"


def _local(name: str, catalogue: Catalogue) -> Route:
    known = catalogue.find(name)
    if known and known.weights:
        return Route("local", known)
    path = _existing(name)
    return Route("local", catalogue.unknown(path.stem, provider="local"), path=path, learn=True)


def _remote(name: str, invocation: Invocation, provider: str, catalogue: Catalogue) -> Route:
    known = catalogue.find(name)
    endpoint = catalogue.endpoints.get(provider)
    if known and endpoint and not _same_account(endpoint, catalogue.endpoints.get(known.provider)):
        raise ConfigError(
            f"--provider {provider} does not serve {known.name}", hint="leave --provider out", slug="bad-option"
        )
    base_url = invocation.base_url or (endpoint.base_url if endpoint else "")
    if not base_url:
        raise ConfigError(
            f"--provider {provider} needs an address", hint="add --base-url https://host/v1", slug="bad-option"
        )
    strict = not invocation.base_url and invocation.input_limit is None
    model = catalogue.get(name) if strict else known
    if model is None:
        return Route(provider, catalogue.unknown(name, provider=provider), base_url, learn=True)
    if _own_variable(base_url, catalogue) is None:
        # Somebody else serves it, at a price and in a window of their own.
        return Route(provider, replace(model, price=(), currency=None, rpm=None, tpm=None), base_url, learn=True)
    return Route(provider, model, base_url)


def _same_account(one: Endpoint, other: Endpoint | None) -> bool:
    """Whether two endpoints are two protocols of one vendor: the same key opens both."""
    return other is not None and one.key == other.key


def _own_variable(base_url: str, catalogue: Catalogue) -> str | None:
    """The variable that holds the key for the provider that owns the URL's host."""
    parts = urlsplit(base_url)
    owned = (each.key for each in catalogue.endpoints.values() if parts.hostname in each.hosts)
    return next(owned, None) if parts.scheme == "https" else None


def _existing(name: str) -> Path:
    path = Path(name)
    with suppress(OSError, RuntimeError):  # a name that is too long, a folder that is closed to us, nobody's home
        path = path.expanduser()
        if path.is_file():
            return path
    raise ConfigError(
        f"no such model file: {path}",
        hint="give the path of a .gguf file, replay:FILE, or the name of a model",
        slug="no-model-file",
    )
