"""What the stand-in for DashScope deals in: requests, deployments, rules, faults. Alone knows the error table."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any

INVALID = "InvalidParameter"
FILTERED = "data_inspection_failed"


@dataclass(frozen=True, slots=True)
class Asked:
    """One request as it came.

    Attributes:
        path: after the host.
        headers: by lower-cased name.
        raw: every byte of the body.
        body: read as JSON; empty where it is no JSON object in UTF-8.
        at: seconds of `time.monotonic()`.
    """

    path: str
    headers: Mapping[str, str]
    raw: bytes
    body: Mapping[str, Any]
    at: float

    @property
    def native(self) -> bool:
        """True where the vendor's own protocol is spoken, not OpenAI's."""
        return self.path.startswith("/api/")

    @property
    def messages(self) -> tuple[Mapping[str, Any], ...]:
        """All messages, of either protocol."""
        holder = self.body.get("input") if self.native else self.body
        found = holder.get("messages") if isinstance(holder, Mapping) else None
        return tuple(message for message in found if isinstance(message, dict)) if isinstance(found, list) else ()

    @property
    def system(self) -> str:
        """The system message, or nothing."""
        return self._last("system")

    @property
    def user(self) -> str:
        """The last message of the user, or nothing."""
        return self._last("user")

    @property
    def prefix(self) -> str:
        """How the answer is told to begin: the text of a partial assistant message at the end, or nothing."""
        last = self.messages[-1:]
        return str(last[0].get("content")) if last and last[0].get("partial") is True else ""

    def _last(self, role: str) -> str:
        texts = [str(message.get("content")) for message in self.messages if message.get("role") == role]
        return texts[-1] if texts else ""


Mind = Callable[[Asked], str]
"""The whole ideal answer to a request, whatever its limits and its prefix."""


@dataclass(frozen=True, slots=True)
class Deployment:
    """One model as it is served.

    Attributes:
        max_input: tokens of a prompt, template included.
        context: tokens of prompt and answer together.
        max_output: tokens of an answer.
        partial: an answer may be begun by the client.
        json_object: `response_format` may ask for JSON.
        json_schema: `response_format` may state a schema.
        stream_options: a stream may be asked for its usage.
        max_tokens_field: the name of the limit of an answer.
    """

    max_input: int = 129_024
    context: int = 131_072
    max_output: int = 8_192
    partial: bool = True
    json_object: bool = False
    json_schema: bool = False
    stream_options: bool = True
    max_tokens_field: str = "max_tokens"


_CODER = Deployment()
_SMALL = Deployment(30_720, 32_768)
_GENERAL = Deployment(128_000, 128_000, 8_000)
_NEW = Deployment(997_952, 1_000_000, 65_536, json_object=True)

MODELS: Mapping[str, Deployment] = MappingProxyType(
    {
        **{f"qwen-coder-plus{end}": _CODER for end in ("", "-latest", "-2024-11-06", "-1106")},
        **{f"qwen-coder-turbo{end}": _CODER for end in ("", "-latest", "-2024-09-19", "-0919")},
        **{f"qwen2.5-coder-{size}": _CODER for size in ("32b-instruct", "32b", "14b-instruct", "7b-instruct")},
        **{f"qwen2.5-coder-{size}-instruct": _SMALL for size in ("3b", "1.5b", "0.5b")},
        **dict.fromkeys(("qwen-max", "qwen-plus", "qwen-turbo"), _GENERAL),
        "qwen-long": Deployment(1_000_000, 1_000_000, 6_000),
        **dict.fromkeys(("qwen3-coder-plus", "qwen3-coder-flash"), _NEW),
    }
)
"""The vendor's list. A limit stated in K is taken as thousands, the smaller reading."""


@dataclass(frozen=True, slots=True)
class Rules:
    """What the vendor holds its clients to.

    Attributes:
        key: the only good one.
        workspace: of a sub-account, which must name it; None: a main account, which may name any.
        models: by name.
        rpm: requests admitted within any 60 seconds; None: any number.
        tpm: tokens within any 60 seconds, a prompt's counted before it is admitted, an answer's once it is there.
        banned: True for the text of a message that the content filter stops.
    """

    key: str = field(default="sk-test", repr=False)
    workspace: str | None = None
    models: Mapping[str, Deployment] = field(default_factory=lambda: MODELS)
    rpm: int | None = None
    tpm: int | None = None
    banned: Callable[[str], bool] | None = None


@dataclass(frozen=True, slots=True)
class Refused:
    """An error answer, in the shape of the protocol that was spoken."""

    status: int
    code: str
    message: str
    retry_after: str | None = None
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class CutStream:
    """The connection closes after so many characters of the answer; without a stream, in the middle of the body."""

    after: int


@dataclass(frozen=True, slots=True)
class Junk:
    """Something that is no answer."""

    body: bytes
    content_type: str = "application/json"
    status: int = 200


@dataclass(frozen=True, slots=True)
class Empty:
    """Success without a body."""


@dataclass(frozen=True, slots=True)
class Silent:
    """Not a byte for so many seconds, then the answer."""

    seconds: float


@dataclass(frozen=True, slots=True)
class Slow:
    """So many seconds before each event of a stream, or before each eighth of a body."""

    seconds_per_piece: float


@dataclass(frozen=True, slots=True)
class FilteredAnswer:
    """The content filter stops the answer: an error event after so many characters; without a stream, a 400."""

    after: int


Fault = Refused | CutStream | Junk | Empty | Silent | Slow | FilteredAnswer
Trouble = Callable[[Asked, int], Fault | None]
"""What goes wrong with a valid request, by its place in `DashScope.asked`."""

_QUOTA = "You exceeded your current quota, please check your plan"
_FREE = "Free allocated quota exceeded."

refusals: Mapping[str, Refused] = MappingProxyType(
    {
        "bad request": Refused(400, INVALID, "A parameter of the request is not valid."),
        "Range of input length": Refused(400, INVALID, "Range of input length should be [1, 129024]"),
        FILTERED: Refused(400, FILTERED, "Input data may contain inappropriate content."),
        "DataInspectionFailed": Refused(400, "DataInspectionFailed", "Input data may contain inappropriate content."),
        "Arrearage": Refused(400, "Arrearage", "Access denied: the account is not in good standing."),
        "PrepaidBillOverdue": Refused(400, "PrepaidBillOverdue", "The prepaid bill is overdue."),
        "PostpaidBillOverdue": Refused(400, "PostpaidBillOverdue", "The postpaid bill is overdue."),
        "invalid key": Refused(401, "invalid_api_key", "Incorrect API key provided."),
        "key of another region": Refused(401, "invalid_api_key", "Incorrect API key provided for this region."),
        "Model.AccessDenied": Refused(403, "Model.AccessDenied", "Model access denied."),
        "AllocationQuota.FreeTierOnly": Refused(
            403, "AllocationQuota.FreeTierOnly", "The free tier of the model is exhausted."
        ),
        "model_not_found": Refused(404, "model_not_found", "The model does not exist or you have no access to it."),
        "Throttling": Refused(429, "Throttling", "Requests throttling triggered."),
        "Throttling.RateQuota": Refused(429, "Throttling.RateQuota", "Requests rate limit exceeded, try again later."),
        "limit_requests": Refused(429, "limit_requests", "Requests rate limit exceeded, try again later."),
        "Throttling.BurstRate": Refused(429, "Throttling.BurstRate", "Too many requests at once."),
        "Request rate increased too quickly": Refused(429, "Throttling", "Request rate increased too quickly."),
        "Throttling.AllocationQuota": Refused(429, "Throttling.AllocationQuota", _QUOTA),
        "insufficient_quota": Refused(429, "insufficient_quota", _QUOTA),
        "Free allocated quota exceeded": Refused(429, "Throttling.AllocationQuota", _FREE),
        "Free allocated quota exceeded, insufficient_quota": Refused(429, "insufficient_quota", _FREE),
        "500": Refused(500, "InternalError", "An internal error has occurred."),
        "503": Refused(503, "ServiceUnavailable", "The service is not available now."),
    }
)
"""Every row of the vendor's error table, by what tells it from the others."""
