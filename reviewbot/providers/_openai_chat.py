"""The chat-completions call that every compatible endpoint shares. Alone sees the `openai` SDK and its exceptions."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, cast

import openai

from reviewbot.catalogue import Model
from reviewbot.errors import ProviderError, ProviderErrorKind
from reviewbot.review import Completion, Finish, Prompt, Usage

CONNECT_SECONDS = 10
ANSWER_SECONDS = 600
RETRIES = 2
"""By the SDK, which alone repeats a request: connection errors, 408, 409, 429 and 5xx, honouring Retry-After."""

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

    def complete(self, prompt: Prompt) -> Completion:
        """Ask once; see `ports.Provider`."""
        sampling = self.model.sampling
        try:
            answer = self.client.chat.completions.create(
                model=self.model.name,
                messages=cast("Any", [{"role": m.role, "content": m.content} for m in prompt.messages]),
                max_tokens=self.model.max_output,
                temperature=sampling.temperature + RETRY_WARMTH * prompt.attempt,
                seed=sampling.seed + prompt.attempt,
                extra_body=dict(self.extra),
            )
        except openai.OpenAIError as error:
            raise translate(error, base_url=self.base_url) from error
        return self._completion(answer)

    def close(self) -> None:
        """Close the connections."""
        self.client.close()

    def _completion(self, answer: Any) -> Completion:
        # The SDK types what the vendor promises; what really came may be a string or hold None anywhere.
        choice = next(iter(getattr(answer, "choices", None) or ()), None)
        text = getattr(getattr(choice, "message", None), "content", None)
        if not isinstance(text, str):
            raise _error(
                f"{self.base_url} answered with something that is no chat completion",
                ProviderErrorKind.BAD_REPLY,
                "check --base-url: it usually ends in /v1",
            )
        spent = answer.usage
        used = (spent.prompt_tokens or 0, spent.completion_tokens or 0) if spent else (0, 0)
        cost = self.model.cost(input_tokens=used[0], output_tokens=used[1]) if spent else None
        usage = Usage(1, 0, *used, cost, self.model.currency if cost is not None else None)
        cut = getattr(choice, "finish_reason", None) == "length"
        return Completion(text, Finish.LENGTH if cut else Finish.STOP, usage)


def client(base_url: str, key: str | None, *, proxied: bool = True) -> openai.OpenAI:
    """A client that sends the key to this URL and nowhere else, and takes nothing from OPENAI_ variables.

    Args:
        base_url: of the endpoint.
        key: or None for an endpoint that wants none.
        proxied: whether the user's proxy variables count; not for a server inside this process.
    """
    keep = {"authorization"} if key else set()

    def strip(request: Any) -> None:
        # What the SDK adds of its own accord for another vendor's accounts.
        for name in {"authorization", "openai-organization", "openai-project"} - keep:
            request.headers.pop(name, None)

    return openai.OpenAI(
        api_key=key or "none",
        organization="",
        project="",
        base_url=base_url,
        max_retries=RETRIES,
        timeout=openai.Timeout(ANSWER_SECONDS, connect=CONNECT_SECONDS),
        # A redirect would carry code, and on the same host the key, to a place nobody named.
        http_client=openai.DefaultHttpxClient(
            follow_redirects=False, trust_env=proxied, event_hooks={"request": [strip]}
        ),
    )


_TOO_LONG = re.compile(
    r"range of input length|context[ _](?:length|size|window)|maximum context|too (?:long|large)", re.IGNORECASE
)
_FILTERED = re.compile(r"data_?inspection_?failed|content_?filter|inappropriate content", re.IGNORECASE)
_UNPAID = re.compile(r"arrearage|overdue|free allocated quota exceeded|freetieronly|billing", re.IGNORECASE)


def translate(error: openai.OpenAIError, *, base_url: str) -> ProviderError:
    """What a user should know of an exception of the SDK."""
    if isinstance(error, openai.APIConnectionError):
        return _unreachable(error, base_url)
    if isinstance(error, openai.APIStatusError):
        return _status(error, base_url)
    return _error(
        f"{base_url} answered with something that is no chat completion: {_line(error)}",
        ProviderErrorKind.BAD_REPLY,
        "check --base-url: it usually ends in /v1",
    )


def _unreachable(error: openai.APIConnectionError, base_url: str) -> ProviderError:
    slow = isinstance(error, openai.APITimeoutError)
    return _error(
        f"no answer from {base_url}" if slow else f"cannot reach {base_url}: {_line(error.__cause__ or error)}",
        ProviderErrorKind.UNREACHABLE,
        "check the address, the network and the proxy settings, or review on this machine: --model demo",
    )


def _status(error: openai.APIStatusError, base_url: str) -> ProviderError:
    status = error.status_code
    said = f"{error.code or ''} {_line(error)}"
    for matches, kind, hint in (
        (_UNPAID.search(said), ProviderErrorKind.QUOTA, "settle the account, or choose another model or endpoint"),
        (_FILTERED.search(said), ProviderErrorKind.FILTERED, "the part is named in the report; review it by hand"),
        (status in {400, 413} and _TOO_LONG.search(said), ProviderErrorKind.TOO_LONG, "state --input-limit"),
        (status in {401, 403}, ProviderErrorKind.AUTH, "check the key: which one is sent stands in docs/usage.md"),
        (status == 404, ProviderErrorKind.REJECTED, "check --model and --base-url"),
        (status == 429, ProviderErrorKind.RATE, "wait a minute and run again, or lower --jobs"),
        (status >= 500, ProviderErrorKind.SERVER, "the provider has trouble: run again later"),
    ):
        if matches:
            return _error(f"{base_url} refused: {status} {_line(error)}", kind, hint)
    return _error(
        f"{base_url} refused: {status} {_line(error)}", ProviderErrorKind.REJECTED, "check --model and --base-url"
    )


def _line(error: BaseException) -> str:
    body = getattr(error, "body", None)
    message = body.get("message") if isinstance(body, Mapping) else None
    return " ".join(str(message or error).split())[:300] or type(error).__name__


def _error(message: str, kind: ProviderErrorKind, hint: str) -> ProviderError:
    return ProviderError(message, kind=kind, hint=hint, slug=f"provider-{kind.value.replace('_', '-')}")
