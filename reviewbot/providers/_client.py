"""The SDK's client as every endpoint gets it. Alone knows what is sent beside the request, and where to."""

from collections.abc import Callable
from typing import Any

import openai

from reviewbot.errors import ConfigError
from reviewbot.ports import Route
from reviewbot.providers._delivery import CODINGS, bound
from reviewbot.providers._failures import raised

NO_KEY = "none"
"""What the SDK is told where there is no key; it is never sent."""

_HEADERS = frozenset(
    {
        "accept",
        "accept-encoding",
        "connection",
        "content-length",
        "content-type",
        "host",
        "user-agent",
        "x-dashscope-sse",
        "x-dashscope-workspace",
    }
)
"""All that is sent beside the key. The SDK adds its own, and those that OPENAI_CUSTOM_HEADERS names."""


def client(way: Route, *, embedded: bool = False) -> openai.OpenAI:
    """A client that sends the key to this URL and nowhere else, and takes nothing from OPENAI_ variables.

    It repeats nothing: `calls.retry` does.

    Args:
        way: to the endpoint; without a key none is sent.
        embedded: True for a server inside this process: no proxy leads there.

    Raises:
        ConfigError: the user's proxies or certificates cannot be used.
    """
    try:
        made = connections(way, trust_env=not embedded)
    except (ImportError, OSError, ValueError) as error:
        raise ConfigError(
            f"the proxy or certificate settings cannot be used: {raised(error, way.key)}",
            hint="see HTTPS_PROXY, ALL_PROXY and SSL_CERT_FILE; a SOCKS proxy needs `pip install socksio`",
            slug="network-settings",
        ) from error
    return openai.OpenAI(
        api_key=way.key or NO_KEY,
        organization="",
        project="",
        base_url=way.base_url,
        max_retries=0,
        http_client=made,
        default_headers={"x-dashscope-workspace": way.workspace} if way.workspace else None,
    )


def connections(way: Route, *hooks: Callable[[Any], None], **options: Any) -> Any:
    """Connections that send what `_HEADERS` lists and the key, and nothing else, and take in no more than is bound."""

    def strip(request: Any) -> None:
        for name in {name.lower() for name in request.headers} - _HEADERS:
            del request.headers[name]
        request.headers["accept-encoding"] = CODINGS
        if way.key:
            request.headers["authorization"] = f"Bearer {way.key}"

    # A redirect would carry code, and on the same host the key, to a place nobody named.
    watching: dict[str, list[Callable[[Any], None]]] = {"request": [strip, *hooks], "response": [bound]}
    return openai.DefaultHttpxClient(follow_redirects=False, event_hooks=watching, **options)
