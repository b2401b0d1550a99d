"""The values that pass between stages, and the review itself."""

from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from typing import TYPE_CHECKING

from reviewbot.diff import FileDiff, Side
from reviewbot.finding import Dropped, Finding, Severity
from reviewbot.memory import Known, Part
from reviewbot.withheld import Withheld

if TYPE_CHECKING:
    from reviewbot.aside import Aside


@dataclass(frozen=True, slots=True)
class Target:
    """What is reviewed.

    Attributes:
        base: full name of the commit (or tree) compared with, None where there is none.
        head: full name of the commit reviewed, None for the index, the work tree or a patch.
        description: the same in words, for people.
    """

    base: str | None
    head: str | None
    description: str


@dataclass(frozen=True, slots=True)
class Change:
    """A whole change, as a source gives it.

    Attributes:
        target: what is compared.
        files: what differs.
        intent: what its author says of it, empty: nothing.
    """

    target: Target
    files: tuple[FileDiff, ...]
    intent: str = ""


class SkipReason(StrEnum):
    """Why a review did not look at a part of the change. A closed list: docs/report.schema.json repeats it."""

    BINARY = "binary"
    SUBMODULE = "submodule"
    NO_CHANGED_LINES = "no_changed_lines"
    LOCK_FILE = "lock_file"
    GENERATED = "generated"
    VENDORED = "vendored"
    MINIFIED = "minified"
    EXCLUDED = "excluded"
    NOT_INCLUDED = "not_included"
    UNMERGED = "unmerged"
    TOO_LONG = "too_long"
    FILTERED = "filtered"
    BAD_REPLY = "bad_reply"
    ANSWER_CUT = "answer_cut"
    PROVIDER_FAILED = "provider_failed"
    TIMED_OUT = "timed_out"
    OVER_BUDGET = "over_budget"
    INTERRUPTED = "interrupted"
    REVIEWED_BEFORE = "reviewed_before"


@dataclass(frozen=True, slots=True)
class Skipped:
    """A part of the change that this review did not look at.

    Attributes:
        path: the file.
        side: the side the lines count on, None where the whole file is meant.
        start: first line, None where the whole file is meant.
        end: last line, None where the whole file is meant.
        reason: why, from a closed list.
        detail: the same in words.
        failed: True where the review wanted to look and could not: it is then incomplete.
    """

    path: str
    side: Side | None
    start: int | None
    end: int | None
    reason: SkipReason
    detail: str
    failed: bool

    @property
    def before(self) -> bool:
        """True for what an earlier review looked at: it counts as reviewed."""
        return self.reason is SkipReason.REVIEWED_BEFORE


def whole_file(file: FileDiff, *, reason: SkipReason, detail: str, failed: bool = False) -> Skipped:
    """A file that was not reviewed at all."""
    return Skipped(file.path, None, None, None, reason, detail, failed=failed)


def changed_lines(file: FileDiff, *, reason: SkipReason, detail: str, failed: bool = True) -> tuple[Skipped, ...]:
    """The changed lines of a part of a file that was not reviewed, a range for each side."""
    spans = [(side, file.span(side)) for side in (Side.OLD, Side.NEW)]
    return tuple(Skipped(file.path, side, *span, reason, detail, failed=failed) for side, span in spans if span)


@dataclass(frozen=True, slots=True)
class Chunk:
    """What one prompt asks about.

    Attributes:
        files: whole files or parts of files.
        tokens: size of their rendering, never below the exact count.
        asides: what is shown beside them.
        beside: tokens that this takes, exact.
        sample: number of the pass over the change, from 0: each asks about the same in an order of its own.
        claims: what was found in it and is to be checked; none where it is to be reviewed.
    """

    files: tuple[FileDiff, ...]
    tokens: int
    asides: "tuple[Aside, ...]" = ()
    beside: int = 0
    sample: int = 0
    claims: tuple[Finding, ...] = ()


@dataclass(frozen=True, slots=True)
class Message:
    """One message of a chat: role is `system`, `user` or `assistant`."""

    role: str
    content: str


class Form(StrEnum):
    """What an answer has to look like: comments on a change, or rulings on claims."""

    COMMENTS = "comments"
    RULINGS = "rulings"


@dataclass(frozen=True, slots=True)
class Prompt:
    """What is asked.

    Attributes:
        messages: a system message, then user and assistant in turn.
        attempt: 0, or how often the same was asked before; another attempt samples another answer.
        prefix: how the answer has to begin; what comes goes on after it.
        limit: tokens the answer may have, None: as many as the model gives.
        sample: number of the pass, from 0; another pass samples another answer.
        form: of the answer.
    """

    messages: tuple[Message, ...]
    attempt: int = 0
    prefix: str = ""
    limit: int | None = None
    sample: int = 0
    form: Form = Form.COMMENTS

    @property
    def texts(self) -> tuple[str, ...]:
        """All that is sent, one text for each message."""
        return (*(message.content for message in self.messages), *([self.prefix] if self.prefix else []))


class Finish(StrEnum):
    """Why an answer ended: the model was done, it met its limit, or it met it again and again."""

    STOP = "stop"
    LENGTH = "length"
    ENDLESS = "endless"


@dataclass(frozen=True, slots=True)
class Usage:
    """What a review or a request used.

    Attributes:
        requests: answers that were paid for.
        cached: answers that were not asked for again; they cost nothing.
        input_tokens: as the provider counted them, for a record when it was made.
        output_tokens: the same.
        cost: money, None where no price is known.
        currency: ISO 4217, None where no price is known.
    """

    requests: int = 0
    cached: int = 0
    input_tokens: int = 0
    output_tokens: int = 0
    cost: Decimal | None = None
    currency: str | None = None

    def __add__(self, other: "Usage") -> "Usage":
        """The sum; a cost that is not known on one side is not known for the sum, unless that side is empty."""
        cost: Decimal | None = None
        currency: str | None = None
        if not (self.requests or self.cached):
            cost, currency = other.cost, other.currency
        elif not (other.requests or other.cached):
            cost, currency = self.cost, self.currency
        elif self.cost is not None and other.cost is not None:
            cost, currency = self.cost + other.cost, self.currency
        return Usage(
            self.requests + other.requests,
            self.cached + other.cached,
            self.input_tokens + other.input_tokens,
            self.output_tokens + other.output_tokens,
            cost,
            currency,
        )


@dataclass(frozen=True, slots=True)
class Completion:
    """One answer of a model; without the prompt's prefix."""

    text: str
    finish: Finish


class Verdict(StrEnum):
    """What a review says of a change."""

    PASS = "pass"
    FAIL = "fail"
    INCOMPLETE = "incomplete"


@dataclass(frozen=True, slots=True)
class Review:
    """The whole result: all that formats and hosts see.

    Attributes:
        change: what was reviewed.
        model: the name of the model that was asked.
        findings: what is shown, in the order of the change.
        dropped: every claim that is not shown, with its reason.
        skipped: every part that was not looked at, with its reason.
        usage: requests, tokens and money.
        seconds: how long the review took.
        fail_on: findings at or above this severity fail the change; None: nothing does.
        parts: what was looked at, now or in an earlier review.
        gone: what an earlier review told, and whose code has changed since.
        held: what an earlier review told, and of which this one cannot say what became of it.
        withheld: suggestions that were taken away because they would spoil their file.
        samples: how often each part was to be looked at.
        unheard: how many of these looks brought no whole answer.
        verifier: the name of the model that checked what was found, empty: none was to.
        unverified: how many claims it said nothing usable of, or could not be asked about. They stay.
    """

    change: Change
    model: str
    findings: tuple[Finding, ...]
    dropped: tuple[Dropped, ...]
    skipped: tuple[Skipped, ...]
    usage: Usage
    seconds: float
    fail_on: Severity | None = None
    parts: tuple[Part, ...] = ()
    gone: tuple[Known, ...] = ()
    held: tuple[Known, ...] = ()
    withheld: tuple[Withheld, ...] = ()
    samples: int = 1
    unheard: int = 0
    verifier: str = ""
    unverified: int = 0

    @property
    def complete(self) -> bool:
        """False where a part that should have been reviewed was not."""
        return not any(skipped.failed for skipped in self.skipped)

    @property
    def counted(self) -> tuple[Finding, ...]:
        """The findings the verdict is judged on: those shown and those that only the display leaves out."""
        hidden = tuple(drop.finding for drop in self.dropped if drop.counts and drop.finding)
        return self.findings + hidden

    @property
    def verdict(self) -> Verdict:
        """`fail` beats `incomplete` beats `pass`."""
        level = self.fail_on
        # What nobody could look at again still counts.
        counted = (*self.counted, *(one.finding for one in self.held))
        if level and any(finding.draft.severity.at_least(level) for finding in counted):
            return Verdict.FAIL
        return Verdict.PASS if self.complete else Verdict.INCOMPLETE
