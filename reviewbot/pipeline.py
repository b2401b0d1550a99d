"""The stages in order, as events and their fold, and nowhere else."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from functools import cache

from reviewbot.checking import checked, ruled
from reviewbot.deadline import Deadline
from reviewbot.errors import ProviderError, ProviderErrorKind
from reviewbot.events import At, DroppedOut, Event, Found, Glimpsed, SkippedPart, Spent, Verified
from reviewbot.finding import Dropped, Finding
from reviewbot.passes import passes, rounds
from reviewbot.planning import Plan, accompanied, frame
from reviewbot.ports import Provider
from reviewbot.reply import reach, read
from reviewbot.review import Change, Chunk, Review, Skipped, SkipReason, Usage, changed_lines
from reviewbot.stages.anchor import anchor, index
from reviewbot.stages.ask import Answered, Heard, Rules, ask
from reviewbot.stages.chunk import file_tokens
from reviewbot.stages.filters import confident, filters
from reviewbot.stages.ignore import ignore
from reviewbot.stages.known import known as repeated
from reviewbot.stages.prompt import PromptSize
from reviewbot.stages.recall import covered
from reviewbot.stages.resplit import resplit
from reviewbot.stages.standing import standing
from reviewbot.stages.suggest import suggest


def events(
    plan: Plan,
    *,
    provider: Provider,
    verifier: Provider | None = None,
    deadline: Deadline | None = None,
    live: bool = False,
) -> Iterator[Event]:
    """Review what was planned. Every event names its place; within one place they come in order.

    Args:
        plan: what is asked.
        provider: who is asked.
        verifier: who is asked whether what was found is wrong, None: nobody is.
        deadline: of the run, None: it may take any time.
        live: also tell of findings whose answer still comes.
    """
    deadline = deadline or Deadline()
    seen: list[Event] = []
    for event in _asked(plan, provider, deadline, live=live):
        seen.append(event)
        yield event
    if verifier:
        heard = rounds(plan, _ordered(seen))
        yield from checked(plan, [one.findings for one in heard], verifier=verifier, deadline=deadline)


def _ordered(events: Iterable[Event]) -> list[Event]:
    """In the order of the change, whichever order they came in."""
    return sorted(events, key=lambda event: event.at)


def _asked(plan: Plan, provider: Provider, deadline: Deadline, *, live: bool) -> Iterator[Event]:
    size = PromptSize(plan.counter)

    @cache
    def around() -> int:
        return frame(plan)

    def smaller(chunk: Chunk) -> tuple[Chunk, ...]:
        sizes = ((files, sum(file_tokens(file, size=size) for file in files)) for files in resplit(chunk))
        halves = [replace(chunk, files=files, tokens=tokens, asides=(), beside=0) for files, tokens in sizes]
        return tuple(accompanied(half, plan) if chunk.asides else half for half in halves)

    rules = Rules(
        prompt=lambda chunk, attempt: plan.prompt(chunk, attempt=attempt),
        read=read,
        resplit=smaller,
        fits=lambda chunk, limit: chunk.tokens + chunk.beside + around() <= limit,
        jobs=plan.settings.jobs,
        deadline=deadline,
        live=live,
    )
    glimpses = _Glimpses()
    for event in ask(passes(plan), provider=provider, rules=rules):
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

    A chunk that was planned and never closed was interrupted: its lines are not reviewed, unless another pass saw them.
    """
    ordered = _ordered(events)
    heard = rounds(plan, ordered)
    found = [finding for one in heard for finding in one.findings]
    judged = ruled(found, [event for event in ordered if isinstance(event, Verified)])
    dropped = [event.dropped for event in ordered if isinstance(event, DroppedOut)]
    dropped += [*(drop for one in heard for drop in one.dropped), *judged.dropped]
    usage = sum((event.usage for event in ordered if isinstance(event, Spent)), Usage())
    skipped = [*plan.skipped, *(part for one in heard for part in one.skipped)]
    # What failed comes before what nobody waited for.
    skipped.sort(key=lambda part: part.reason is SkipReason.INTERRUPTED)
    review = _review(plan, judged.findings, dropped, tuple(skipped), usage=usage, seconds=seconds)
    unheard, unverified = sum(one.unheard for one in heard), len(judged.unverified) if plan.verifier else 0
    return replace(review, samples=plan.settings.samples, unheard=unheard, unverified=unverified)


def _review(
    plan: Plan,
    found: Sequence[Finding],
    dropped: Sequence[Dropped],
    skipped: tuple[Skipped, ...],
    *,
    usage: Usage,
    seconds: float,
) -> Review:
    """What was found, as far as it counts beside what was told before and is shown."""
    limits, known = plan.settings.limits, plan.memory.known
    sure = confident(found, limits)
    stood = standing(
        plan.found,
        sure.findings,
        known,
        change=plan.change,
        skipped=skipped,
        parts=plan.parts,
        reviewed=plan.memory.reviewed,
    )
    proven = suggest(stood.claimed, files=plan.change.files, content=plan.around.content, errors=plan.around.errors)
    ignored = ignore(proven.findings, change=plan.change)
    heard = repeated(ignored.findings, plan.hints, change=plan.change)
    passed = filters(
        _in_order((*stood.certain, *heard.findings), plan.change),
        limits,
        certain=stood.certain,
        silenced=[drop.finding for drop in stood.dropped if drop.finding],
        taken={one.finding.fingerprint for one in known},
    )
    return Review(
        change=plan.change,
        model=plan.model.name,
        verifier=plan.verifier,
        findings=passed.findings,
        dropped=(*dropped, *sure.dropped, *stood.dropped, *ignored.dropped, *heard.dropped, *passed.dropped),
        skipped=skipped,
        usage=usage,
        seconds=seconds,
        fail_on=plan.settings.fail_on,
        parts=covered(plan.parts, skipped),
        gone=stood.gone,
        held=stood.held,
        withheld=proven.withheld,
    )


def _in_order(found: Iterable[Finding], change: Change) -> list[Finding]:
    """As a reader of the change meets them."""
    places: dict[str, int] = {}
    for place, file in enumerate(change.files):
        places.setdefault(file.path, place)
    return sorted(found, key=lambda finding: (places[finding.anchor.path], finding.anchor.start, finding.anchor.end))
