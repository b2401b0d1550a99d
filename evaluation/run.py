"""Reviews of a suite, made as the product makes them. Alone knows how many changes share one open provider."""

import time
from collections.abc import Generator, Iterable, Iterator
from dataclasses import dataclass, field, replace
from itertools import groupby
from pathlib import Path

from evaluation import record, repository
from evaluation.record import Recorded
from evaluation.results import Comment, Outcome, Subject
from evaluation.settings import ANEW, PRODUCT, Chosen
from evaluation.suite import Change, Truth
from reviewbot import app, asking, catalogue
from reviewbot.catalogue import Sampling
from reviewbot.config import Invocation
from reviewbot.deadline import Deadline
from reviewbot.diff import FileDiff, Side
from reviewbot.errors import ReviewbotError
from reviewbot.finding import Anchor, Finding
from reviewbot.ports import Provider, Route
from reviewbot.review import Review
from reviewbot.routing import route, second, with_key
from reviewbot.wiring import World

Asked = tuple[Provider | None, Provider | None]
"""Who answers and who checks what was found."""


@dataclass(frozen=True, slots=True)
class Order:
    """What is to be reviewed, and how.

    Attributes:
        changes: of the suite.
        chosen: the product's settings.
        world: the process it runs in; its folder plays no part.
        folder: for the repositories of the changes.
        temperature: of the model's sampling, None: as the product has it.
        record: a folder for the answers, None: they are not kept.
        replayed: a record that answers instead of the model, None: the model does.
        deadline: of all reviews together.
    """

    changes: tuple[Change, ...]
    chosen: Chosen
    world: World
    folder: Path
    temperature: float | None = None
    record: Path | None = None
    replayed: Recorded | None = None
    deadline: Deadline = field(default_factory=Deadline)

    @property
    def settings(self) -> dict[str, str]:
        """What was said beside the defaults, also of the run that is replayed."""
        before = self.replayed.settings if self.replayed else {}
        said = self.chosen.said
        # Who was asked, and how warm, no replay says again; all else it does, where it holds.
        asked = {name: before[name] for name in before if name in said or name not in PRODUCT | ANEW}
        warmth = {} if self.temperature is None else {"temperature": f"{self.temperature:g}"}
        return {**asked, **said, **warmth}

    def at(self, change: Change) -> World:
        """The repository of a change."""
        return replace(self.world, cwd=str(self.folder / change.name))


def sampling(order: Order) -> Sampling:
    """How the model picks its words, but for the seed.

    Raises:
        ReviewbotError: no model is meant.
    """
    own = route(order.chosen.invocation, order.chosen.policy, catalogue.load()).model.sampling
    return own if order.temperature is None else replace(own, temperature=order.temperature)


def subjects(order: Order) -> tuple[Subject, ...]:
    """Build the repository of every change, and say what is in it.

    Raises:
        EvaluationError: one cannot be built.
        ReviewbotError: the product cannot read one.
    """
    return tuple(_subject(order, change) for change in order.changes)


def _subject(order: Order, change: Change) -> Subject:
    repository.build(change, order.folder / change.name)
    files = app.collected(order.chosen.invocation, order.at(change), None).files
    truths = tuple(placed(truth, files) for truth in change.truths)
    return Subject(change.name, change.language, change.needs, truths, tuple(changed(files)))


def placed(truth: Truth, files: Iterable[FileDiff]) -> Anchor:
    """Where a truth is, under the name that the change gives to the file."""
    names = {file.old_path: file.path for file in files if file.old_path}
    anchor = truth.anchor
    return replace(anchor, path=names.get(anchor.path, anchor.path)) if anchor.side is Side.OLD else anchor


def changed(files: Iterable[FileDiff]) -> Iterator[Anchor]:
    """All changed lines, in runs of neighbours on one side."""
    for file in files:
        lines = [(line.side, line.number(line.side) or 0) for part in file.hunks for line in part.lines if line.changed]
        # In a run the number and the place of a line grow alike.
        for _, run in groupby(enumerate(lines), key=lambda one: (one[1][0], one[1][1] - one[0])):
            (_, (side, first)), *rest = run
            yield Anchor(file.path, side, first, first + len(rest))


def reviews(order: Order, wanted: Iterable[int]) -> Generator[tuple[str, Outcome], None, None]:
    """Review every change with every seed, and say who answered.

    A provider is opened once for each seed and stays open over all changes: an embedded model is loaded once and keeps
    what it knows of the prompt that all of them begin with.

    Args:
        order: after `subjects` has built its repositories.
        wanted: the seeds.

    Raises:
        ReviewbotError: nobody can be asked.
    """
    for seed in wanted:
        invocation = _invocation(order, seed)
        way, check = _ways(order, invocation, seed)
        with asking.both(way, check, invocation, order.world) as asked:
            for change in order.changes:
                outcome = _reviewed(order, change, invocation, way, asked, seed)
                name = (asked[0] or way).model.name
                yield name, order.replayed.priced(outcome) if order.replayed else outcome


def _invocation(order: Order, seed: int) -> Invocation:
    invocation = order.chosen.invocation
    if order.replayed:
        model = order.replayed.model(seed)
        # One record holds the answers of both models.
        verify = model if invocation.verify else None
        invocation = replace(invocation, model=model, verify=verify, provider=None, base_url=None)
    return replace(invocation, record=record.answers(order.record, seed)) if order.record else invocation


def _ways(order: Order, invocation: Invocation, seed: int) -> tuple[Route, Route | None]:
    """To the model, and to the one that checks what it found; `--temperature` is about the first alone."""
    known, policy = catalogue.load(), order.chosen.policy

    def seeded(way: Route, own: Sampling) -> Route:
        keyed = with_key(way, known, order.world.environment)
        return replace(keyed, model=replace(way.model, sampling=replace(own, seed=seed)))

    way, check = route(invocation, policy, known), second(invocation, policy, known)
    own = way.model.sampling if order.replayed else sampling(order)
    asked = replace(seeded(way, own), deadline=order.deadline)
    if check is None:
        return asked, None
    return asked, replace(seeded(check, check.model.sampling), deadline=order.deadline.earlier(0, most=0))


def _reviewed(order: Order, change: Change, invocation: Invocation, way: Route, asked: Asked, seed: int) -> Outcome:
    started = time.monotonic()
    world, policy = order.at(change), order.chosen.policy
    try:
        found = app.collected(invocation, world, None)
        with app.look(found, invocation, policy, world, model=way.model.name) as looked:
            provider, verifier = asked
            run = looked.run(provider, way, started=started, verifier=verifier)
            review = run.review(list(run.events(live=False)))
    except ReviewbotError as error:
        return Outcome(change.name, seed, seconds=time.monotonic() - started, trouble=error.message)
    return _outcome(change, review, seed)


def _outcome(change: Change, review: Review, seed: int) -> Outcome:
    usage = review.usage
    details = [part.detail for part in review.skipped if part.failed]
    return Outcome(
        change=change.name,
        seed=seed,
        comments=tuple(map(_comment, review.findings)),
        requests=usage.requests + usage.cached,
        input_tokens=usage.input_tokens,
        output_tokens=usage.output_tokens,
        cost=usage.cost,
        currency=usage.currency,
        seconds=review.seconds,
        trouble="; ".join(dict.fromkeys(details)),
    )


def _comment(finding: Finding) -> Comment:
    claim = finding.draft
    return Comment(finding.anchor, claim.severity, claim.category, claim.confidence, claim.title, claim.body)
