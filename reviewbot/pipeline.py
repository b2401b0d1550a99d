"""The stages in order, as events and their fold, and nowhere else."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from reviewbot.catalogue import Model
from reviewbot.diff import FileDiff, Hunk, Line
from reviewbot.errors import ConfigError, ProviderError, ProviderErrorKind
from reviewbot.finding import Dropped, Finding, Severity
from reviewbot.ports import Provider
from reviewbot.reply import read
from reviewbot.review import (
    At,
    Change,
    Chunk,
    Closed,
    DroppedOut,
    Event,
    Found,
    Planned,
    Review,
    Skipped,
    SkippedPart,
    SkipReason,
    Spent,
    Usage,
    changed_lines,
)
from reviewbot.stages import prompt as prompts
from reviewbot.stages.anchor import anchor, index
from reviewbot.stages.ask import Answered, Rules, ask
from reviewbot.stages.chunk import chunk, file_tokens
from reviewbot.stages.filters import Limits, filters
from reviewbot.stages.prompt import Language, prompt
from reviewbot.stages.resplit import resplit
from reviewbot.stages.select import Match, select
from reviewbot.tokens import Counter, counter, prompt_tokens

MIN_BUDGET = 500
"""Tokens of diff below which a prompt is not worth its instructions."""

CHUNK_TOKENS = 6_000
"""Default size of what one prompt shows of the diff: docs/decisions/0004 has the reasoning."""


@dataclass(frozen=True, slots=True)
class Settings:
    """What a review is told of the user's wishes.

    Attributes:
        include: which paths, None: all but lock, generated, vendored and minified files.
        exclude: which paths not.
        chunk_tokens: target size of one prompt's diff.
        language: of the comments.
        jobs: prompts under way at once.
        limits: which findings are shown.
        fail_on: the mildest severity that fails the change, None: nothing does.
    """

    include: Match | None = None
    exclude: Match | None = None
    chunk_tokens: int = CHUNK_TOKENS
    language: Language = "en"
    jobs: int = 4
    limits: Limits = field(default_factory=Limits)
    fail_on: Severity | None = None


@dataclass(frozen=True, slots=True)
class Plan:
    """What will be asked and what is left out, before anything is sent."""

    change: Change
    chunks: tuple[Chunk, ...]
    skipped: tuple[Skipped, ...]


@dataclass(frozen=True, slots=True)
class _PromptSize:
    """Measures parts of a diff as the prompt shows them."""

    counter: Counter

    def head(self, file: FileDiff) -> int:
        return self.counter.count(prompts.render_head(file))

    def hunk(self, hunk: Hunk) -> int:
        return self.counter.count(prompts.render_hunk(hunk))

    def line(self, line: Line) -> int:
        return self.counter.count(prompts.render_line(line))


def plan(change: Change, *, settings: Settings, model: Model) -> Plan:
    """Choose what is reviewed and cut it into chunks; nothing is sent.

    Raises:
        ConfigError: the model's input limit leaves no room for a diff.
    """
    selected = select(change.files, include=settings.include, exclude=settings.exclude)
    counts = counter(model.vocabulary)
    budget = _budget(settings, model, counts)
    cheap = _PromptSize(counter(None))
    # While bytes fit, tokens do: the vocabulary is then not loaded.
    fits = sum(file_tokens(file, size=cheap) for file in selected.files) <= budget
    chunked = chunk(selected.files, budget=budget, size=cheap if fits else _PromptSize(counts))
    return Plan(change, chunked.chunks, selected.skipped + chunked.skipped)


def _budget(settings: Settings, model: Model, counts: Counter) -> int:
    """Tokens of diff that one prompt may hold."""
    around = prompt_tokens(counts, prompts.around(settings.language), limit=model.input_limit - settings.chunk_tokens)
    budget = min(settings.chunk_tokens, model.input_limit - around)
    if budget < MIN_BUDGET:
        raise ConfigError(
            f"the input limit of {model.name}, {model.input_limit:,} tokens, leaves {max(budget, 0):,} for the diff",
            hint=f"the prompt itself takes {around:,}: choose a model with a larger limit, or state it: --input-limit",
            slug="input-limit-too-small",
        )
    return budget


def events(plan: Plan, *, settings: Settings, model: Model, provider: Provider) -> Iterator[Event]:
    """Review what was planned. Every event names its place; within one place they come in order."""
    size = _PromptSize(counter(model.vocabulary))

    def smaller(chunk: Chunk) -> tuple[Chunk, ...]:
        return tuple(Chunk(files, sum(file_tokens(file, size=size) for file in files)) for files in resplit(chunk))

    rules = Rules(
        prompt=lambda chunk, attempt: prompt(chunk, language=settings.language, attempt=attempt),
        read=read,
        resplit=smaller,
        jobs=settings.jobs,
    )
    for event in ask(plan.chunks, provider=provider, rules=rules):
        if isinstance(event, Answered):
            yield from _judged(event)
        else:
            yield event


def _judged(answered: Answered) -> Iterator[Event]:
    at = answered.at
    yield from [DroppedOut(at, malformed) for malformed in answered.malformed]
    lines = index(answered.chunk.files)
    for draft in answered.drafts:
        placed = anchor(draft, lines)
        yield Found(at, placed) if isinstance(placed, Finding) else DroppedOut(at, placed)
    if answered.error:
        yield from _missing(at, answered.chunk, answered.error)


_REASONS = {
    ProviderErrorKind.TOO_LONG: SkipReason.TOO_LONG,
    ProviderErrorKind.FILTERED: SkipReason.FILTERED,
    ProviderErrorKind.BAD_REPLY: SkipReason.BAD_REPLY,
    ProviderErrorKind.CUT: SkipReason.ANSWER_CUT,
}


def _missing(at: At, chunk: Chunk, error: ProviderError) -> Iterator[SkippedPart]:
    reason = _REASONS.get(error.kind, SkipReason.PROVIDER_FAILED)
    for file in chunk.files:
        for skipped in changed_lines(file, reason=reason, detail=error.message):
            yield SkippedPart(at, skipped, error)


def fold(plan: Plan, events: Iterable[Event], *, settings: Settings, model: Model, seconds: float) -> Review:
    """The review that events amount to, in input order, whichever order they came in.

    A chunk that was planned and never closed was interrupted: its lines are not reviewed.
    """
    ordered = sorted(events, key=lambda event: event.at)
    open_chunks: dict[At, Chunk] = {(place,): chunk for place, chunk in enumerate(plan.chunks)}
    open_chunks |= {event.at: event.chunk for event in ordered if isinstance(event, Planned)}
    found: list[Finding] = []
    dropped: list[Dropped] = []
    skipped = list(plan.skipped)
    usage = Usage()
    for event in ordered:
        match event:
            case Found(finding=finding):
                found.append(finding)
            case DroppedOut(dropped=drop):
                dropped.append(drop)
            case SkippedPart(skipped=part):
                skipped.append(part)
            case Spent(usage=spent):
                usage += spent
            case Closed(at=at):
                open_chunks.pop(at)
            case _:  # the others matter to who watches
                pass
    skipped += [part for chunk in open_chunks.values() for part in _interrupted(chunk)]
    passed = filters(_in_order(found, plan.change), settings.limits)
    return Review(
        change=plan.change,
        model=model.name,
        findings=passed.findings,
        dropped=(*dropped, *passed.dropped),
        skipped=tuple(skipped),
        usage=usage,
        seconds=seconds,
        fail_on=settings.fail_on,
    )


def _interrupted(chunk: Chunk) -> tuple[Skipped, ...]:
    detail = "the review was interrupted before this was answered"
    return tuple(
        part for file in chunk.files for part in changed_lines(file, reason=SkipReason.INTERRUPTED, detail=detail)
    )


def _in_order(found: Iterable[Finding], change: Change) -> list[Finding]:
    """As a reader of the change meets them."""
    places: dict[str, int] = {}
    for place, file in enumerate(change.files):
        places.setdefault(file.path, place)
    return sorted(found, key=lambda finding: (places[finding.anchor.path], finding.anchor.start, finding.anchor.end))
