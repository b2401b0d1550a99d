"""The stages in order, as events and their fold, and nowhere else."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from decimal import Decimal
from functools import cache
from itertools import accumulate

from reviewbot import defaults
from reviewbot.catalogue import Model
from reviewbot.diff import FileDiff, Hunk, Line
from reviewbot.errors import ConfigError, ProviderError, ProviderErrorKind
from reviewbot.finding import Dropped, Finding, Severity
from reviewbot.ports import Provider
from reviewbot.reply import OPENING, reach, read
from reviewbot.review import (
    At,
    Change,
    Chunk,
    Closed,
    DroppedOut,
    Event,
    Found,
    Glimpsed,
    Planned,
    Prompt,
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
from reviewbot.stages.ask import Answered, Heard, Rules, ask
from reviewbot.stages.chunk import chunk, file_tokens
from reviewbot.stages.filters import Limits, filters
from reviewbot.stages.prompt import Language, prompt
from reviewbot.stages.resplit import resplit
from reviewbot.stages.select import Match, Selected, select
from reviewbot.tokens import ByteCounter, Counter, chat_tokens, prompt_tokens

MIN_BUDGET = 500
"""Tokens of diff below which a prompt is not worth its instructions."""


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
    chunk_tokens: int = defaults.CHUNK_TOKENS
    language: Language = "en"
    jobs: int = defaults.JOBS
    limits: Limits = field(default_factory=Limits)
    fail_on: Severity | None = None


@dataclass(frozen=True, slots=True)
class Plan:
    """What will be asked and what is left out, before anything is sent.

    Attributes:
        change: all of it.
        settings: what was wished for.
        model: who will be asked.
        counter: of the model's vocabulary.
        room: tokens of diff that one prompt may hold.
        chunks: what each prompt asks about, in the order of the change.
        skipped: what nobody will be asked about.
    """

    change: Change
    settings: Settings
    model: Model
    counter: Counter
    room: int
    chunks: tuple[Chunk, ...]
    skipped: tuple[Skipped, ...]


@dataclass(frozen=True, slots=True)
class Estimate:
    """What asking about one chunk takes.

    Attributes:
        tokens: of the whole prompt with the chat template, as its vocabulary counts them.
        cost: money with an empty answer and with one as long as it may be; None where no price is known.
    """

    tokens: int
    cost: tuple[Decimal, Decimal] | None


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


def choose(change: Change, *, settings: Settings) -> Selected:
    """Which files are worth asking about; no model is needed to know."""
    return select(change.files, include=settings.include, exclude=settings.exclude)


def plan(change: Change, chosen: Selected, *, settings: Settings, model: Model, counter: Counter) -> Plan:
    """Cut what was chosen into chunks; nothing is sent.

    Args:
        change: all of it.
        chosen: what `choose` says of it.
        settings: what is wished for.
        model: who will be asked.
        counter: of the model's vocabulary.

    Raises:
        ConfigError: the model's input limit leaves no room for a diff.
    """
    if not chosen.files:
        return Plan(change, settings, model, counter, 0, (), chosen.skipped)
    room = _room(settings, model, counter)
    # While bytes fit, tokens do: the vocabulary is then not loaded.
    size = _PromptSize(ByteCounter() if _bytes_fit(chosen.files, room) else counter)
    chunked = chunk(chosen.files, budget=room, size=size)
    return Plan(change, settings, model, counter, room, chunked.chunks, chosen.skipped + chunked.skipped)


def _bytes_fit(files: Iterable[FileDiff], room: int) -> bool:
    size = _PromptSize(ByteCounter())
    return all(total <= room for total in accumulate(file_tokens(file, size=size) for file in files))


def _room(settings: Settings, model: Model, counter: Counter) -> int:
    """Tokens of diff that one prompt may hold."""
    around = prompt_tokens(counter, _around(settings, model), limit=model.input_limit - settings.chunk_tokens)
    room = min(settings.chunk_tokens, model.input_limit - around)
    if room < MIN_BUDGET:
        raise ConfigError(
            f"the input limit of {model.name}, {model.input_limit:,} tokens, leaves {max(room, 0):,} for the diff",
            hint=f"the prompt itself takes {around:,}: choose a model with a larger limit, or state it: --input-limit",
            slug="input-limit-too-small",
        )
    return room


def _around(settings: Settings, model: Model) -> tuple[str, ...]:
    """The texts of a prompt without a diff, as long as they can be."""
    return prompts.around(settings.language) + ((OPENING,) if model.begun else ())


def first_prompts(plan: Plan) -> Iterator[Prompt]:
    """The prompt of every chunk, as it is asked for the first time."""
    prefix = OPENING if plan.model.begun else ""
    return (replace(prompt(chunk, language=plan.settings.language), prefix=prefix) for chunk in plan.chunks)


def estimates(plan: Plan) -> tuple[Estimate, ...]:
    """What asking takes, for every chunk. What is refused and split, or asked again, comes on top."""
    fixed: dict[str, int] = {}
    model = plan.model
    made = []
    for asked in first_prompts(plan):
        diff = asked.messages[-1].content
        around = [text for text in asked.texts if text != diff]
        for text in around:
            # The same in every prompt.
            fixed[text] = fixed.get(text) or plan.counter.count(text)
        tokens = sum(fixed[text] for text in around) + plan.counter.count(diff)
        tokens += plan.counter.template(len(asked.texts))
        least, most = (model.cost(input_tokens=tokens, output_tokens=answer) for answer in (0, model.max_output))
        made.append(Estimate(tokens, None if least is None or most is None else (least, most)))
    return tuple(made)


def events(plan: Plan, *, provider: Provider, live: bool = False) -> Iterator[Event]:
    """Review what was planned. Every event names its place; within one place they come in order.

    Args:
        plan: what is asked.
        provider: who is asked.
        live: also tell of findings whose answer still comes.
    """
    size = _PromptSize(plan.counter)

    @cache
    def around() -> int:
        return chat_tokens(plan.counter, _around(plan.settings, plan.model))

    def smaller(chunk: Chunk) -> tuple[Chunk, ...]:
        return tuple(Chunk(files, sum(file_tokens(file, size=size) for file in files)) for files in resplit(chunk))

    rules = Rules(
        prompt=lambda chunk, attempt: prompt(chunk, language=plan.settings.language, attempt=attempt),
        read=read,
        resplit=smaller,
        fits=lambda chunk, limit: chunk.tokens + around() <= limit,
        jobs=plan.settings.jobs,
        live=live,
    )
    glimpses = _Glimpses()
    for event in ask(plan.chunks, provider=provider, rules=rules):
        if isinstance(event, Answered):
            yield from _judged(event)
        elif isinstance(event, Heard):
            yield from glimpses.new(event)
        else:
            yield event


@dataclass
class _Glimpses:
    """What was seen of each answer under way: how many braces were closed, and how many comments were whole."""

    closed: dict[At, int] = field(default_factory=dict)
    seen: dict[At, int] = field(default_factory=dict)

    def new(self, heard: Heard) -> Iterator[Glimpsed]:
        """Findings of comments that have become whole since."""
        closed = heard.text.count("}")
        if closed == self.closed.get(heard.at, 0):
            return
        self.closed[heard.at] = closed
        whole = read(heard.text[: reach(heard.text)])
        drafts = whole.drafts if whole else ()
        lines = index(heard.chunk.files)
        for draft in drafts[self.seen.get(heard.at, 0) :]:
            placed = anchor(draft, lines)
            if isinstance(placed, Finding):
                yield Glimpsed(heard.at, placed)
        self.seen[heard.at] = len(drafts)


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
    ProviderErrorKind.TIMED_OUT: SkipReason.TIMED_OUT,
    ProviderErrorKind.OVER_BUDGET: SkipReason.OVER_BUDGET,
}


def _missing(at: At, chunk: Chunk, error: ProviderError) -> Iterator[SkippedPart]:
    reason = _REASONS.get(error.kind, SkipReason.PROVIDER_FAILED)
    for file in chunk.files:
        for skipped in changed_lines(file, reason=reason, detail=error.message):
            yield SkippedPart(at, skipped, error)


def fold(plan: Plan, events: Iterable[Event], *, seconds: float) -> Review:
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
    passed = filters(_in_order(found, plan.change), plan.settings.limits)
    return Review(
        change=plan.change,
        model=plan.model.name,
        findings=passed.findings,
        dropped=(*dropped, *passed.dropped),
        skipped=tuple(skipped),
        usage=usage,
        seconds=seconds,
        fail_on=plan.settings.fail_on,
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
