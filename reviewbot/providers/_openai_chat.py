"""The chat-completions call that every compatible endpoint shares. Alone sees the `openai` SDK and its exceptions."""

import re
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any, cast

import openai

from reviewbot.catalogue import Model
from reviewbot.errors import ConfigError, ProviderError, ProviderErrorKind
from reviewbot.ports import Request
from reviewbot.review import Completion, Finish, Prompt, Usage
from reviewbot.tokens import Counter, counter

CONNECT_SECONDS = 10
ANSWER_SECONDS = 600
RETRIES = 2
"""By the SDK, which alone repeats a request: connection errors, 408, 409, 429 and 5xx, honouring Retry-After."""

NO_KEY = "none"
"""What the SDK is told where there is no key; it is never sent."""

_SECRET = 8
"""Characters of the shortest key that is taken out of messages."""

RETRY_WARMTH = 0.3
"""Added to the temperature of another attempt: at 0 the same answer would come again."""


@dataclass(frozen=True, slots=True)
class Chat:
    """One endpoint and one model: a `ports.Provider`.

    Attributes:
        base_url: of the endpoint, for messages to people.
        model: who is asked.
        client: of the SDK.
        extra: fields of this endpoint's own for the request's body.
    """

    base_url: str
    model: Model
    client: openai.OpenAI = field(repr=False)
    extra: Mapping[str, Any] = field(default_factory=dict)

    @property
    def counter(self) -> Counter:
        """Of the vocabulary that the catalogue names."""
        return counter(self.model.vocabulary)

    def request(self, prompt: Prompt) -> Request:
        """What `complete` would send, made by the SDK itself."""
        caught: list[Any] = []

        def catch(request: Any) -> None:
            caught.append(request)
            raise _SeenError

        connections = _connections(self.client.api_key, catch)
        with connections, suppress(_SeenError, openai.APIConnectionError):
            self._ask(prompt, self.client.with_options(http_client=connections, max_retries=0))
        (sent,) = caught
        headers = tuple((name, value) for name, value in sent.headers.items() if name != "authorization")
        return Request(str(sent.url), headers, sent.read())

    def complete(self, prompt: Prompt) -> Completion:
        """Ask once; see `ports.Provider`."""
        try:
            answer = self._ask(prompt, self.client)
        except openai.OpenAIError as error:
            raise translate(error, base_url=self.base_url, key=self.client.api_key) from error
        except (ValueError, RecursionError) as error:
            # The SDK lets through what its decoders raise about a body that is no JSON.
            raise _no_completion(self.base_url, error) from error
        return self._completion(answer)

    def close(self) -> None:
        """Close the connections."""
        self.client.close()

    def _ask(self, prompt: Prompt, connection: openai.OpenAI) -> Any:
        sampling = self.model.sampling
        return connection.chat.completions.create(
            model=self.model.name,
            messages=cast("Any", [{"role": m.role, "content": m.content} for m in prompt.messages]),
            max_tokens=self.model.max_output,
            temperature=sampling.temperature + RETRY_WARMTH * prompt.attempt,
            seed=sampling.seed + prompt.attempt,
            extra_body=dict(self.extra),
        )

    def _completion(self, answer: Any) -> Completion:
        # The SDK types what the vendor promises; what really came may be a string or hold anything anywhere.
        choices = getattr(answer, "choices", None)
        choice = choices[0] if isinstance(choices, list) and choices else None
        finish = getattr(choice, "finish_reason", None)
        if finish == "content_filter":
            raise _filtered(f"the content filter of {self.base_url} stopped the answer")
        text = getattr(getattr(choice, "message", None), "content", None)
        if not isinstance(text, str):
            raise _no_completion(self.base_url)
        return Completion(text, Finish.LENGTH if finish == "length" else Finish.STOP, self._usage(answer))

    def _usage(self, answer: Any) -> Usage:
        spent = getattr(answer, "usage", None)
        asked, answered = (_count(getattr(spent, name, None)) for name in ("prompt_tokens", "completion_tokens"))
        known = asked is not None and answered is not None
        cost = self.model.cost(input_tokens=asked or 0, output_tokens=answered or 0) if known else None
        return Usage(1, 0, asked or 0, answered or 0, cost, self.model.currency if cost is not None else None)


class _SeenError(Exception):
    """A request is only looked at. Some versions of the SDK take it for a broken connection."""


def _count(value: object) -> int | None:
    return value if isinstance(value, int) and not isinstance(value, bool) and value >= 0 else None


_HEADERS = frozenset(
    {
        "accept",
        "accept-encoding",
        "connection",
        "content-length",
        "content-type",
        "host",
        "user-agent",
    }
)
"""All that is sent beside the key. The SDK adds its own, and those that OPENAI_CUSTOM_HEADERS names."""


def client(base_url: str, key: str | None, *, embedded: bool = False) -> openai.OpenAI:
    """A client that sends the key to this URL and nowhere else, and takes nothing from OPENAI_ variables.

    Args:
        base_url: of the endpoint.
        key: or None for an endpoint that wants none.
        embedded: True for a server inside this process: no proxy, and an answer may take as long as it takes.

    Raises:
        ConfigError: the user's proxies or certificates cannot be used.
    """
    key = key or NO_KEY
    try:
        connections = _connections(key, trust_env=not embedded)
    except (ImportError, OSError, ValueError) as error:
        raise ConfigError(
            f"the proxy or certificate settings cannot be used: {_raised(error)}",
            hint="see HTTPS_PROXY, ALL_PROXY and SSL_CERT_FILE; a SOCKS proxy needs `pip install socksio`",
            slug="network-settings",
        ) from error
    return openai.OpenAI(
        api_key=key,
        organization="",
        project="",
        base_url=base_url,
        max_retries=0 if embedded else RETRIES,
        timeout=None if embedded else openai.Timeout(ANSWER_SECONDS, connect=CONNECT_SECONDS),
        http_client=connections,
    )


def _connections(key: str, *hooks: Callable[[Any], None], **options: Any) -> Any:
    """Connections that send what `_HEADERS` lists and the key, and nothing else."""

    def strip(request: Any) -> None:
        for name in {name.lower() for name in request.headers} - _HEADERS:
            del request.headers[name]
        if key != NO_KEY:
            request.headers["authorization"] = f"Bearer {key}"

    # A redirect would carry code, and on the same host the key, to a place nobody named.
    return openai.DefaultHttpxClient(follow_redirects=False, event_hooks={"request": [strip, *hooks]}, **options)


_TOO_LONG = re.compile(
    r"range of input length|context[ _](?:length|size|window)|maximum context|maximum number of tokens"
    r"|(?:prompt|input|request|message)\w* .{0,40}too (?:long|large)|input\W.{0,80}(?:exceed|must be <=)",
    re.IGNORECASE,
)
"""Not an answer limit that the endpoint finds too large: no smaller prompt mends that."""

_FILTERED = re.compile(r"data_?inspection_?failed|content_?filter|inappropriate content", re.IGNORECASE)
_UNPAID = re.compile(
    r"arrearage|overdue|free allocated quota exceeded|freetieronly|insufficient balance|billing_(?:hard|not)",
    re.IGNORECASE,
)
"""Not `insufficient_quota`: with DashScope that is the tokens of this minute."""


def translate(error: openai.OpenAIError, *, base_url: str, key: str = "") -> ProviderError:
    """What a user should know of an exception of the SDK.

    Args:
        error: as it was raised.
        base_url: of the endpoint.
        key: taken out of what the server says, which may repeat it.
    """
    if isinstance(error, openai.APIConnectionError):
        return _unreachable(error, base_url)
    if isinstance(error, openai.APIStatusError):
        return _status(error, base_url, key)
    return _no_completion(base_url, error)


def _unreachable(error: openai.APIConnectionError, base_url: str) -> ProviderError:
    slow = isinstance(error, openai.APITimeoutError)
    return _error(
        f"no answer from {base_url}" if slow else f"cannot reach {base_url}: {_raised(error.__cause__ or error)}",
        ProviderErrorKind.UNREACHABLE,
        "check the address, the network and the proxy settings, or review on this machine: --model demo",
    )


def _status(error: openai.APIStatusError, base_url: str, key: str) -> ProviderError:
    status = error.status_code
    said = _written(error.body, key) or _printable(error.response.reason_phrase)
    message = f"{base_url} refused: {status} {said}"
    about = f"{error.code or ''} {error.type or ''} {said}"
    if status < 500 and _FILTERED.search(about):
        return _filtered(message)
    for matches, kind, hint in (
        (
            status == 402 or (status < 500 and _UNPAID.search(about)),
            ProviderErrorKind.QUOTA,
            "settle the account, or choose another model or endpoint",
        ),
        (
            status == 413 or (status in {400, 422} and _TOO_LONG.search(about)),
            ProviderErrorKind.TOO_LONG,
            "state --input-limit",
        ),
        (status in {401, 403}, ProviderErrorKind.AUTH, _key_hint(key)),
        (status == 429, ProviderErrorKind.RATE, "wait a minute and run again, or lower --jobs"),
        (
            status >= 500 or status in {408, 409},
            ProviderErrorKind.SERVER,
            "the provider has trouble: run again later",
        ),
    ):
        if matches:
            return _error(message, kind, hint)
    return _error(message, ProviderErrorKind.REJECTED, "check --model, and --base-url, which usually ends in /v1")


def _key_hint(key: str) -> str:
    if key == NO_KEY:
        return "no key was sent: set REVIEWBOT_API_KEY; DASHSCOPE_API_KEY goes to DashScope's own hosts only"
    return "check the key and the region it belongs to; which one is sent stands in docs/usage.md"


def _filtered(message: str) -> ProviderError:
    return _error(message, ProviderErrorKind.FILTERED, "the part is named in the report; review it by hand")


def _no_completion(base_url: str, error: Exception | None = None) -> ProviderError:
    why = f": {_raised(error)}" if error else ""
    return _error(
        f"{base_url} answered with something that is no chat completion{why}",
        ProviderErrorKind.BAD_REPLY,
        "check --base-url: it usually ends in /v1",
    )


_PAGE = re.compile(r"\s*<[!a-z]", re.IGNORECASE)
"""HTML, written by something that stands before the server."""


def _written(body: object, key: str) -> str:
    """What the server says, wherever it writes that, without the key."""
    if isinstance(body, Mapping):
        body = body.get("message") or body.get("detail")
    if not isinstance(body, str) or _PAGE.match(body):
        return ""
    # Shorter ones are placeholders, and stand in ordinary words too.
    return _printable(body.replace(key, "***") if len(key) >= _SECRET else body)


def _raised(error: BaseException) -> str:
    return _printable(str(error)) or type(error).__name__


def _printable(text: str) -> str:
    """One line without anything that a terminal obeys."""
    return " ".join("".join(char if char.isprintable() else " " for char in text).split())[:300]


def _error(message: str, kind: ProviderErrorKind, hint: str) -> ProviderError:
    return ProviderError(message, kind=kind, hint=hint, slug=f"provider-{kind.value.replace('_', '-')}")
