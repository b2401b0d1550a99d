"""The error tree and the exit codes: what can go wrong, in words for the person who runs it.

ReviewbotError            message, hint, slug
├── ConfigError           a flag, a variable, a file, a key or an extra is missing or wrong
├── SourceError           the change could not be read: git or a patch
├── HostError             the pull request could not be read or written
└── ProviderError         the model did not give a usable answer; `kind` says how
"""

from enum import IntEnum, StrEnum


class ExitCode(IntEnum):
    """What the process returns; the table stands in docs/usage.md."""

    OK = 0
    FINDINGS = 1
    USAGE = 2
    INCOMPLETE = 3
    BUG = 4
    INTERRUPTED = 130


class ReviewbotError(Exception):
    """An expected failure.

    Args:
        message: one line that says what happened, with the name of what it happened to.
        hint: one line that says what to do about it.
        slug: the heading in docs/errors.md that explains it.
    """

    exit_code = ExitCode.INCOMPLETE

    def __init__(self, message: str, *, hint: str, slug: str) -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint
        self.slug = slug


class ConfigError(ReviewbotError):
    """The invocation cannot work as it stands; nothing was read and nothing was sent."""

    exit_code = ExitCode.USAGE


class SourceError(ReviewbotError):
    """The change could not be read."""


class HostError(ReviewbotError):
    """The pull request could not be read, or not be written to."""


class ProviderErrorKind(StrEnum):
    """How a provider failed. The pipeline decides by this, never by a message."""

    AUTH = "auth"
    QUOTA = "quota"
    RATE = "rate"
    UNREACHABLE = "unreachable"
    TOO_LONG = "too_long"
    FILTERED = "filtered"
    BAD_REPLY = "bad_reply"
    CUT = "cut"
    SERVER = "server"
    BROKEN = "broken"
    REJECTED = "rejected"
    TIMED_OUT = "timed_out"
    OVER_BUDGET = "over_budget"

    @property
    def fatal(self) -> bool:
        """True where no other prompt of this run can succeed either."""
        return self in {
            self.AUTH,
            self.QUOTA,
            self.UNREACHABLE,
            self.REJECTED,
            self.TIMED_OUT,
            self.OVER_BUDGET,
        }


class ProviderError(ReviewbotError):
    """The provider did not answer a prompt.

    Args:
        kind: how it failed.
        retry_after: seconds after which the endpoint wants to be asked again, None: it does not say.
        limit: tokens of input the endpoint accepts, where it said so.
        said: what was answered before it failed.
    """

    def __init__(
        self,
        message: str,
        *,
        kind: ProviderErrorKind,
        hint: str,
        slug: str,
        retry_after: float | None = None,
        limit: int | None = None,
        said: str = "",
    ) -> None:
        super().__init__(message, hint=hint, slug=slug)
        self.kind = kind
        self.retry_after = retry_after
        self.limit = limit
        self.said = said
