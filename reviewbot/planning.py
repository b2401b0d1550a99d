"""What will be asked and what is left out, before anything is sent."""

import hashlib
from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass, field, replace
from functools import partial
from itertools import accumulate

from reviewbot import defaults
from reviewbot.catalogue import Model
from reviewbot.credentials import Detector
from reviewbot.diff import FileDiff
from reviewbot.errors import ConfigError
from reviewbot.finding import Finding, Severity
from reviewbot.guide import Guide, Match
from reviewbot.hints import ROOM, Hint, Told, hints_for
from reviewbot.intent import shortened
from reviewbot.memory import Memory, Part
from reviewbot.reply import OPENING
from reviewbot.review import Change, Chunk, Prompt, Skipped
from reviewbot.stages import prompt as prompts
from reviewbot.stages.chunk import chunk, file_tokens
from reviewbot.stages.disguise import disguise
from reviewbot.stages.filters import Limits
from reviewbot.stages.merge import varied
from reviewbot.stages.prompt import PromptSize
from reviewbot.stages.recall import recall
from reviewbot.stages.redact import redact, redact_text
from reviewbot.stages.select import select, showable
from reviewbot.surroundings import Surroundings
from reviewbot.tokens import ByteCounter, Counter, chat_tokens, prompt_tokens

_NOTHING = Memory()
_NOWHERE = Surroundings()
MOST_INTENT = 4_000
"""Characters of what an author says that are shown; longer ones are lists and logs."""

INTENT_SHARE = 8
"""It takes at most one in so many of the tokens that a prompt may have."""

MIN_BUDGET = 500
"""Tokens of diff below which a prompt is not worth its instructions."""


@dataclass(frozen=True, slots=True)
class Settings:
    """What a review is told of the user's wishes.

    Attributes:
        include: which paths, None: all but lock, generated, vendored and minified files.
        exclude: which paths not.
        chunk_tokens: target size of one prompt's diff.
        guide: what every prompt says beside the diff.
        jobs: prompts under way at once.
        samples: how often each chunk is asked about.
        limits: which findings are shown.
        fail_on: the mildest severity that fails the change, None: nothing does.
    """

    include: Match | None = None
    exclude: Match | None = None
    chunk_tokens: int = defaults.CHUNK_TOKENS
    guide: Guide = field(default_factory=Guide)
    jobs: int = defaults.JOBS
    samples: int = defaults.SAMPLES
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
        found: what is known without asking anybody.
        parts: all that is worth looking at, now or in an earlier review.
        memory: what earlier reviews left.
        around: the files as the change leaves them, as far as they are at hand.
        space: tokens of diff, and of what is shown beside it, that one prompt may hold.
        told: what other tools say of the change.
        verifier: the name of the model that will check what is found, empty: none will.
    """

    change: Change
    settings: Settings
    model: Model
    counter: Counter
    room: int
    chunks: tuple[Chunk, ...]
    skipped: tuple[Skipped, ...]
    found: tuple[Finding, ...] = ()
    parts: tuple[Part, ...] = ()
    memory: Memory = field(default_factory=Memory)
    around: Surroundings = field(default_factory=Surroundings, compare=False, repr=False)
    space: int = 0
    told: tuple[Told, ...] = ()
    verifier: str = ""

    @property
    def hints(self) -> tuple[Hint, ...]:
        """All that other tools say of the lines that the change adds."""
        return tuple(hint for told in self.told for hint in told.hints)

    def prompt(self, chunk: Chunk, *, attempt: int = 0) -> Prompt:
        """What is asked about a chunk, one that was refused and cut among them; arguments as of `stages.prompt`."""
        told = hints_for(chunk.files, self.hints, size=lambda hint: self.counter.count(prompts.render_hint(hint)))
        return prompts.prompt(varied(chunk), guide=self.settings.guide, hints=told, attempt=attempt)


@dataclass(frozen=True, slots=True)
class Chosen:
    """What of a change is looked at.

    Attributes:
        files: what is asked about.
        skipped: what is left out, and why.
        parts: all that is worth looking at, now or in an earlier review.
    """

    files: tuple[FileDiff, ...]
    skipped: tuple[Skipped, ...]
    parts: tuple[Part, ...]


@dataclass(frozen=True, slots=True)
class Inspected:
    """A change that may be shown to others.

    Attributes:
        change: without its credentials.
        findings: what is known of it without asking anybody, each stage's in the order of the change.
        hide: takes the credentials out of any other text that is shown to a model.
        told: what other tools say of it, without credentials.
    """

    change: Change
    findings: tuple[Finding, ...] = ()
    hide: Callable[[str], str] = field(default=str, compare=False, repr=False)
    told: tuple[Told, ...] = ()


def inspect(change: Change, *, secrets: tuple[str, ...], allowed: Collection[str]) -> Inspected:
    """Take the credentials out of a change, and find what nobody has to be asked about.

    Args:
        change: as its source gives it; nothing but this function may see it.
        secrets: texts that are credentials wherever they stand.
        allowed: hashes of what is none.
    """
    detector = Detector(secrets)
    redacted = redact(change, detector=detector, allowed=allowed)
    target = change.target
    # A branch has a name too.
    hide = partial(redact_text, detector=detector)
    named = replace(target, description=hide(target.description))
    # Cut after it: half a credential looks like none.
    bare = replace(redacted.change, target=named, intent=shortened(hide(change.intent), MOST_INTENT))
    return Inspected(bare, redacted.findings + disguise(bare), hide)


def choose(
    change: Change,
    *,
    settings: Settings,
    model: str = "",
    reviewed: Collection[str] = (),
    told: Iterable[Told] = (),
) -> Chosen:
    """What is worth asking about; no model is needed to know.

    Args:
        change: as it may be shown.
        settings: what is wished for.
        model: the name of the one that will be asked.
        reviewed: digests of what earlier reviews looked at.
        told: what other tools say of the change.
    """
    hints = [hint for one in told for hint in one.hints]
    selected = select(change.files, include=settings.include, exclude=settings.exclude)
    recalled = recall(selected.files, reviewed=reviewed, key=_key(settings, model), hints=hints)
    return Chosen(recalled.files, selected.skipped + recalled.skipped, recalled.parts)


def _key(settings: Settings, model: str) -> str:
    """What an answer depends on beside the content; another model or another wish is another look."""
    # What the author says of the change may be edited without that anything else is to be looked at.
    guide = replace(settings.guide, intent="")
    said: tuple[object, ...] = (model, settings.limits.min_confidence, guide.context, prompts.around(guide))
    if settings.samples > 1:
        # Left out for a single one: what was kept before there were several stays usable.
        said += (settings.samples,)
    return hashlib.sha256(repr(said).encode()).hexdigest()


def plan(
    inspected: Inspected,
    chosen: Chosen,
    *,
    settings: Settings,
    model: Model,
    counter: Counter,
    memory: Memory = _NOTHING,
    around: Surroundings = _NOWHERE,
) -> Plan:
    """Cut what was chosen into chunks; nothing is sent.

    Args:
        inspected: the change and what is known of it.
        chosen: what `choose` says of the change.
        settings: what is wished for.
        model: who will be asked.
        counter: of the model's vocabulary.
        memory: what earlier reviews left.
        around: the files as the change leaves them.

    Raises:
        ConfigError: the model's input limit leaves no room for a diff.
    """
    change, found = inspected.change, inspected.findings
    known = (found, chosen.parts, memory, around)
    if not chosen.files:
        return Plan(change, settings, model, counter, 0, (), chosen.skipped, *known, told=inspected.told)
    # However much an author says, there is room for the change.
    said = shortened(settings.guide.intent, model.input_limit // INTENT_SHARE)
    settings = replace(settings, guide=replace(settings.guide, intent=said))
    space = _space(settings, model, counter, hinted=any(told.hints for told in inspected.told))
    room = min(settings.chunk_tokens, space)
    # While bytes fit, tokens do: the vocabulary is then not loaded.
    size = PromptSize(ByteCounter() if _bytes_fit(chosen.files, room) else counter)
    chunked = chunk(chosen.files, budget=room, size=size)
    skipped = chosen.skipped + chunked.skipped
    made = Plan(change, settings, model, counter, room, chunked.chunks, skipped, *known, space, inspected.told)
    return replace(made, chunks=tuple(accompanied(each, made) for each in made.chunks))


def accompanied(chunk: Chunk, plan: Plan) -> Chunk:
    """A chunk with what helps to understand it, as far as the prompt has room and it is not asked for more.

    Args:
        chunk: of the change.
        plan: says what is wished for, and where to look.
    """
    share = plan.settings.guide.context
    if not share or plan.around.tree is None:
        return chunk
    size = PromptSize(plan.counter)
    diff = sum(file_tokens(file, size=size) for file in chunk.files)
    room = min(int(share * diff), plan.space - chunk.tokens - size.frame())
    shown = partial(showable, exclude=plan.settings.exclude)
    asides = plan.around.asides(chunk.files, size=size, room=room, shown=shown)
    return replace(chunk, asides=asides, beside=size.frame() + sum(map(size.aside, asides))) if asides else chunk


def _bytes_fit(files: Iterable[FileDiff], room: int) -> bool:
    size = PromptSize(ByteCounter())
    return all(total <= room for total in accumulate(file_tokens(file, size=size) for file in files))


def _space(settings: Settings, model: Model, counter: Counter, *, hinted: bool) -> int:
    """Tokens of diff and of what is shown beside it that one prompt may hold."""
    # The wish for context bounds how exactly it has to be known.
    wished = int(settings.chunk_tokens * (1 + settings.guide.context))
    taken = ROOM if hinted else 0
    texts, limit = around_diff(settings, model, hinted=hinted), model.input_limit - taken
    around = prompt_tokens(counter, texts, limit=limit - wished) + taken
    space = model.input_limit - around
    if min(settings.chunk_tokens, space) < MIN_BUDGET:
        rules = "shorten REVIEW.md and the instructions, or " if settings.guide.rules else ""
        rules += "leave out --hints, or " if hinted else ""
        raise ConfigError(
            f"the input limit of {model.name}, {model.input_limit:,} tokens, leaves {max(space, 0):,} for the diff",
            hint=f"the prompt itself takes {around:,}: {rules}choose a model with a larger limit, "
            "or state it: --input-limit",
            slug="input-limit-too-small",
        )
    return space


def frame(plan: Plan) -> int:
    """Tokens of a prompt without diff and code beside it, exact, with the room that hints have where there are some."""
    hinted = bool(plan.hints)
    texts = around_diff(plan.settings, plan.model, hinted=hinted)
    return chat_tokens(plan.counter, texts) + (ROOM if hinted else 0)


def around_diff(settings: Settings, model: Model, *, hinted: bool = False) -> tuple[str, ...]:
    """The texts of a prompt without diff and hints, as long as they can be; `hinted`: there are some."""
    return prompts.around(settings.guide, hinted=hinted) + ((OPENING,) if model.begun else ())
