"""What a review would ask and what it would cost, for programs; and what people see of it too."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from itertools import zip_longest

from reviewbot import __version__, jsonform
from reviewbot.aside import Aside
from reviewbot.diff import FileDiff, Line, Side
from reviewbot.estimate import Estimate
from reviewbot.outlook import Outlook
from reviewbot.passes import passes
from reviewbot.ports import Request
from reviewbot.review import Message, Prompt, Skipped, SkipReason

VERSION = 1

Cost = tuple[Decimal, Decimal]


@dataclass(frozen=True, slots=True)
class Listed:
    """A file of the change and what would become of it.

    Attributes:
        file: all of it.
        chunks: numbers of the chunks that ask about it, from 1.
        lost: how many of its changed lines no chunk holds.
        reason: why nothing of it is asked about, None where something is.
        failed: True where the review would want to ask and cannot.
    """

    file: FileDiff
    chunks: tuple[int, ...]
    lost: int
    reason: SkipReason | None
    failed: bool

    @property
    def reviewed(self) -> int:
        """How many of its changed lines are asked about."""
        return self.file.changed - self.lost


def listed(outlook: Outlook) -> list[Listed]:
    """Every file of the change, in its order."""
    plan = outlook.plan
    # A series of patches may hold a path many times, with the same numbers: its lines are told apart by identity.
    asked = {
        id(line): number
        for number, chunk in enumerate(plan.chunks, 1)
        for file in chunk.files
        for line in _changed(file)
    }
    skips: defaultdict[str, list[Skipped]] = defaultdict(list)
    for skip in plan.skipped:
        skips[skip.path].append(skip)
    return [_listed(file, asked, skips[file.path]) for file in plan.change.files]


def _listed(file: FileDiff, asked: Mapping[int, int], skips: list[Skipped]) -> Listed:
    places = [asked.get(id(line)) for line in _changed(file)]
    numbers = tuple(dict.fromkeys(place for place in places if place))
    if numbers:
        return Listed(file, numbers, places.count(None), None, failed=None in places)
    # Of a file that is left out as a whole the first entry speaks; the next one is of the same path's next patch.
    skip = skips.pop(0)
    return Listed(file, (), file.changed, skip.reason, failed=skip.failed)


def _changed(file: FileDiff) -> Iterator[Line]:
    return (line for hunk in file.hunks for line in hunk.lines if line.changed)


def cost(outlook: Outlook) -> Cost | None:
    """Money for all prompts with empty answers and with answers as long as they may be; None where it is not known.

    A second model costs nothing at least, since there may be nothing to check.
    """
    return total((*outlook.estimates, *outlook.checks))


def total(estimates: Sequence[Estimate]) -> Cost | None:
    """The sum of what prompts cost; None where one of them has no known price."""
    costs = [estimate.cost for estimate in estimates if estimate.cost]
    if not costs or len(costs) < len(estimates):
        return None
    return sum((least for least, _ in costs), Decimal()), sum((most for _, most in costs), Decimal())


def data(outlook: Outlook) -> dict[str, object]:
    """The document that docs/plan.schema.json describes."""
    plan, files = outlook.plan, listed(outlook)
    return {
        "version": VERSION,
        "tool_version": __version__,
        "target": jsonform.target(plan.change.target),
        "model": plan.model.name,
        "provider": outlook.way.provider,
        "url": outlook.way.base_url or None,
        "limits": {
            "input_tokens": plan.model.input_limit,
            "output_tokens": plan.model.max_output,
            "origin": outlook.limit_from,
            "diff_tokens": plan.room or None,
        },
        "files": [_file(file) for file in files],
        "chunks": _chunks(outlook),
        "skipped": [jsonform.skipped(skip) for skip in plan.skipped],
        **_verification(outlook),
        "totals": {
            "files": len(files),
            "files_reviewed": sum(bool(file.chunks) for file in files),
            "changed_lines": sum(file.file.changed for file in files),
            "changed_lines_reviewed": sum(file.reviewed for file in files),
            "requests": len(outlook.estimates),
            "input_tokens": sum(estimate.tokens for estimate in outlook.estimates),
            "cost": _cost(cost(outlook), plan.model.currency),
        },
    }


def _file(listed: Listed) -> dict[str, object]:
    file = listed.file
    return {
        "path": file.path,
        "old_path": file.old_path,
        "status": file.status,
        "added": file.added,
        "deleted": file.deleted,
        "chunks": listed.chunks,
        "reason": listed.reason,
    }


def _verification(outlook: Outlook) -> dict[str, object]:
    """Nothing where no second model was to look."""
    way, checks = outlook.check, outlook.checks
    if way is None:
        return {}
    told = {
        "model": way.model.name,
        "provider": way.provider,
        "url": way.base_url or None,
        "requests": len(checks),
        "input_tokens": sum(estimate.tokens for estimate in checks),
        "cost": _cost(total(checks), way.model.currency),
    }
    return {"verification": told}


def _chunks(outlook: Outlook) -> list[dict[str, object]]:
    currency, size = outlook.plan.model.currency, len(outlook.plan.chunks)
    rows = []
    shown = zip_longest(passes(outlook.plan), outlook.estimates, outlook.prompts, outlook.requests)
    for place, (chunk, estimate, prompt, request) in enumerate(shown):
        row = {"number": place % size + 1, **({"sample": chunk.sample} if outlook.plan.settings.samples > 1 else {})}
        row |= {"tokens": estimate.tokens, "cost": _cost(estimate.cost, currency)}
        row["parts"] = [_part(file) for file in chunk.files]
        row["beside"] = [_aside(aside) for aside in chunk.asides]
        if prompt:
            row["messages"] = [{"role": message.role, "content": message.content} for message in messages(prompt)]
            row["request"] = _request(request)
        rows.append(row)
    return rows


def messages(prompt: Prompt) -> tuple[Message, ...]:
    """What the model sees, the beginning of its own answer too."""
    begun = (Message("assistant", prompt.prefix),) if prompt.prefix else ()
    return prompt.messages + begun


def _part(file: FileDiff) -> dict[str, object]:
    return {"path": file.path, **{f"{side}_lines": file.span(side) for side in Side}}


def _aside(aside: Aside) -> dict[str, object]:
    named = {"name": aside.name} if aside.name else {}
    return {"path": aside.path, "start": aside.start, "end": aside.end, "reason": aside.reason, **named}


def _cost(money: Cost | None, currency: str | None) -> dict[str, object] | None:
    if money is None:
        return None
    least, most = money
    return {"least": jsonform.amount(least), "most": jsonform.amount(most), "currency": currency}


def _request(request: Request | None) -> dict[str, object] | None:
    if request is None:
        return None
    return {"url": request.url, "headers": dict(request.headers), "body": request.body.decode()}
