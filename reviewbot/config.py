"""What a run is told, checked once and frozen.

Invocation comes from flags and REVIEWBOT_ variables only: it says where things come from and go to. Policy says what is
looked at and what counts.
"""

from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Literal

from reviewbot import defaults
from reviewbot.errors import ConfigError
from reviewbot.finding import Severity
from reviewbot.guide import Strictness
from reviewbot.web import is_plain

BASELINE = "baseline"
"""What stands for a format where a baseline is written."""


@dataclass(frozen=True, slots=True)
class Sink:
    """A format and where it is written: a file, or standard output where `path` is None."""

    format: str
    path: Path | None = None

    @property
    def kept(self) -> bool:
        """True for a report that somebody reads later: what a review could not find out matters there too."""
        return self.path is not None and self.format != BASELINE


@dataclass(frozen=True, slots=True)
class Invocation:
    """Where the change comes from, who is asked, and where the report goes.

    Attributes:
        revision: what to review, None for the index.
        worktree: review all uncommitted changes instead.
        patch: review a patch file instead; `-` is standard input.
        push: review what a pre-push hook is about to send instead.
        pull: review a pull request by its number instead; 0 is the one this job runs for.
        post: a module of `hosts` that gets the review, None: it is not posted.
        api_url: of the host, None: as its own variables say.
        full: what an earlier review of the pull request looked at is asked again.
        baseline: a file with findings that are silenced, None: none are.
        hints: files of SARIF with what other tools say of the change.
        model: as given, None: what the policy says.
        provider: as given, None: what the model implies.
        base_url: of a compatible endpoint, None: the provider's own.
        verify: the model that checks what was found, as given; None: none does.
        input_limit: tokens, None: as known or asked for.
        record: a file for the answers.
        jobs: prompts under way at once.
        timeout: seconds for the whole review, None: any.
        max_cost: money in the model's currency, None: any.
        rpm: requests in a minute, None: as the catalogue says.
        tpm: tokens in a minute, None: as the catalogue says.
        cache: answers are kept and not asked for again.
        sinks: formats and where they are written.
        fail_open: an incomplete review exits 0.
    """

    revision: str | None = None
    worktree: bool = False
    patch: str | None = None
    push: bool = False
    pull: int | None = None
    post: str | None = None
    api_url: str | None = None
    full: bool = False
    baseline: Path | None = None
    hints: tuple[Path, ...] = ()
    model: str | None = None
    provider: str | None = None
    base_url: str | None = None
    verify: str | None = None
    input_limit: int | None = None
    record: Path | None = None
    jobs: int = defaults.JOBS
    timeout: float | None = None
    max_cost: Decimal | None = None
    rpm: int | None = None
    tpm: int | None = None
    cache: bool = True
    sinks: tuple[Sink, ...] = (Sink("text"),)
    fail_open: bool = False

    def __post_init__(self) -> None:
        """Refuse what cannot be meant.

        Raises:
            ConfigError: two things to review, two outputs in one place, nowhere to post, or a URL that is none.
        """
        named = [name for name, given in self._targets() if given]
        if len(named) > 1:
            raise ConfigError(
                f"more than one thing to review: {' and '.join(named)}", hint="give one of them", slug="bad-option"
            )
        paths = [*(sink.path for sink in self.sinks), *([self.record] if self.record else [])]
        outputs = [path and path.absolute() for path in paths]
        if len(outputs) != len(set(outputs)):
            twice = next(path for path, place in zip(paths, outputs, strict=True) if outputs.count(place) > 1)
            raise ConfigError(
                f"two outputs are written to {twice or 'standard output'}",
                hint="give all but one a file of its own: -f json=report.json",
                slug="bad-option",
            )
        if self.post and self.pull is None:
            hint = f"add --pr NUMBER, or --pr alone in a job that runs for one, to --post {self.post}"
            raise ConfigError("there is no pull request to post to", hint=hint, slug="bad-option")
        if self.base_url and not is_plain(self.base_url):
            hint = "write http://host:port/v1 or https://host/v1; a key goes into REVIEWBOT_API_KEY"
            raise ConfigError("--base-url is no plain web address", hint=hint, slug="bad-option")
        if self.api_url and not is_plain(self.api_url):
            hint = "write https://api.github.com, or https://HOST/api/v3 for an enterprise server"
            raise ConfigError("--api-url is no plain web address", hint=hint, slug="bad-option")

    def _targets(self) -> tuple[tuple[str, bool], ...]:
        return (
            (f"the revision {self.revision}", self.revision is not None),
            ("--worktree", self.worktree),
            ("--patch", self.patch is not None),
            ("--push", self.push),
            ("--pr", self.pull is not None),
        )


@dataclass(frozen=True, slots=True)
class Policy:
    """What is looked at and what counts.

    Attributes:
        model: a name of the catalogue, None: the default one.
        include: globs; empty: all but lock, generated, vendored and minified files.
        exclude: globs.
        chunk_tokens: target size of one prompt's diff.
        samples: how often each part is asked about.
        language: of the comments.
        strictness: how sure a finding has to be.
        instructions: what to look at or to leave alone; a glob and a colon before one say where.
        intent: the model is shown what the author says of the change.
        context: other code that is shown takes at most so many times the tokens of the diff.
        rules: of the project, as REVIEW.md has them; empty: there are none.
        min_confidence: below it a finding does not count.
        min_severity: milder findings are not shown as comments.
        max_comments: how many are shown, None: all.
        fail_on: the mildest severity that fails the change, None: nothing does.
        allow_secrets: hashes of what looks like a credential and is none.
    """

    model: str | None = None
    include: tuple[str, ...] = ()
    exclude: tuple[str, ...] = ()
    chunk_tokens: int = defaults.CHUNK_TOKENS
    samples: int = defaults.SAMPLES
    language: Literal["en", "zh"] = "en"
    strictness: Strictness = Strictness.NORMAL
    instructions: tuple[str, ...] = ()
    intent: bool = defaults.INTENT == "on"
    context: float = defaults.CONTEXT
    rules: str = ""
    min_confidence: float = 0.0
    min_severity: Severity = Severity.INFO
    max_comments: int | None = None
    fail_on: Severity | None = None
    allow_secrets: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Setting:
    """One option as it holds.

    Attributes:
        name: without dashes before it.
        value: as a flag would give it.
        origin: a flag, a variable, a file, or `default`.
        by_file: True where a file of the repository says so.
    """

    name: str
    value: object
    origin: str
    by_file: bool = False
