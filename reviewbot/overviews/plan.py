"""What a review would ask and what it would cost, for people: `reviewbot plan`."""

from collections.abc import Iterable, Iterator, Sequence
from json import loads

from reviewbot import terminal
from reviewbot.diff import Side
from reviewbot.outlook import LimitFrom, Outlook
from reviewbot.overviews._plan_data import Cost, Listed, cost, data, listed, messages, total
from reviewbot.ports import Request, Route, View
from reviewbot.review import Skipped
from reviewbot.terminal import Line, Span, count, flow, money, one_line, place, visible, words
from reviewbot.tokens import ByteCounter

__all__ = ["data", "text"]

_LIMITS = {
    LimitFrom.CATALOGUE: "known",
    LimitFrom.OPTION: "by --input-limit",
    LimitFrom.PROVIDER: "told by its server or file",
    LimitFrom.MINUTE: "what a minute allows",
    LimitFrom.ASSUMED: "assumed, nobody says",
}


def text(outlook: Outlook, view: View) -> str:
    """Files, chunks and sums; then, where they are wanted, the prompts as they are."""
    width, files, spent = view.width, listed(outlook), cost(outlook)
    lines = [*_head(outlook, width), *_files(files), *_chunks(outlook), *_impossible(outlook, width)]
    lines += [*_checks(outlook, width), *_sums(outlook, files, spent, width)]
    if outlook.plan.chunks:
        lines += _notes(outlook, width, priced=spent is not None)
    return terminal.paint(lines, colour=view.colour) + "".join(_prompts(outlook))


def _files(files: Iterable[Listed]) -> Iterator[Line]:
    rows = [_file(file) for file in files]
    if rows:
        heads = ("file", "", "lines", "", "asked about in")
        yield from terminal.table([tuple(Span(head, "dim") for head in heads), *rows], right={2, 3})
        yield ()


def _file(listed: Listed) -> Line:
    file = listed.file
    was = f" from {visible(file.old_path)}" if file.old_path else ""
    status = Span("" if file.status == "modified" and not was else f"{file.status}{was}".replace("_", " "), "dim")
    added = Span(f"+{file.added:,}" if file.added else "", "green")
    deleted = Span(f"-{file.deleted:,}" if file.deleted else "", "red")
    if listed.reason:
        where = Span(f"not reviewed: {listed.reason.replace('_', ' ')}", "red" if listed.failed else "dim")
    else:
        where = Span(_numbers(listed.chunks) + (f", {count(listed.lost, 'line')} not" if listed.lost else ""))
    return Span(visible(file.path)), status, added, deleted, where


def _numbers(chunks: Sequence[int]) -> str:
    """A file's chunks follow each other."""
    return f"chunk {chunks[0]}" if len(chunks) == 1 else f"chunks {chunks[0]} to {chunks[-1]}"


def _chunks(outlook: Outlook) -> Iterator[Line]:
    plan, currency = outlook.plan, outlook.plan.model.currency or ""
    rows: list[Line] = []
    shows = any(chunk.asides for chunk in plan.chunks)
    for number, chunk in enumerate(plan.chunks, 1):
        every = outlook.estimates[number - 1 :: len(plan.chunks)]
        price, tokens = _price(total(every), currency), sum(estimate.tokens for estimate in every)
        files = count(len({file.path for file in chunk.files}), "file")
        beside = [Span(count(len({aside.path for aside in chunk.asides}), "file"))] if shows else []
        rows.append((Span(f"{number:,}"), Span(files), *beside, Span(f"{tokens:,}"), Span(price)))
    if rows:
        heads = ("chunk", "holds", *(["beside it"] if shows else []), "tokens", "price")
        right = set(range(len(heads) - 1))
        yield from terminal.table([tuple(Span(head, "dim") for head in heads), *rows], right=right)
        yield ()


def _price(cost: Cost | None, currency: str) -> str:
    # Where both are shown alike, one is enough.
    return " to ".join(dict.fromkeys(money(amount, currency) for amount in cost)) if cost else "not known"


def _impossible(outlook: Outlook, width: int) -> Iterator[Line]:
    """What the review would want to look at and could not."""
    for skip in outlook.plan.skipped:
        if skip.failed:
            said = f"cannot be reviewed: {_place(skip)} ({one_line(skip.detail)})"
            yield from flow(words(said, "red"), width=width, hang=2)


def _place(skip: Skipped) -> str:
    return place(skip.path, skip.start, skip.end) + (" (deleted)" if skip.side is Side.OLD else "")


def _checks(outlook: Outlook, width: int) -> Iterator[Line]:
    """What a second model may be asked."""
    way, checks = outlook.check, outlook.checks
    if way:
        tokens, price = sum(estimate.tokens for estimate in checks), _price(total(checks), way.model.currency or "")
        said = f"then up to {count(len(checks), 'prompt')}, {count(tokens, 'token')} in, price {price}"
        yield from flow(
            words(f"what is found is checked by {visible(way.model.name)} {_where(way)}: {said}"), width=width
        )


def _where(way: Route) -> str:
    return f"at {visible(way.base_url)}" if way.base_url else "on this machine"


def _sums(outlook: Outlook, files: Sequence[Listed], spent: Cost | None, width: int) -> Iterator[Line]:
    plan = outlook.plan
    reviewed = sum(bool(file.chunks) for file in files)
    lines, all_lines = sum(file.reviewed for file in files), sum(file.file.changed for file in files)
    tokens, samples = sum(estimate.tokens for estimate in outlook.estimates), plan.settings.samples
    said = [
        f"{reviewed:,} of {count(len(files), 'file')}",
        f"{lines:,} of {count(all_lines, 'changed line')}",
        count(len(outlook.estimates), "prompt") + (f" in {samples:,} passes" if samples > 1 else ""),
        f"{count(tokens, 'token')} in",
    ]
    if plan.chunks:
        said.append(f"price {_price(spent, plan.model.currency or '')}")
    yield from flow([Span(f"{part} · ", whole=True) for part in said[:-1]] + [Span(said[-1], whole=True)], width=width)


def _head(outlook: Outlook, width: int) -> Iterator[Line]:
    model, way = outlook.plan.model, outlook.way
    said = f"{visible(outlook.plan.change.target.description)}, for {visible(model.name)} {_where(way)}"
    yield from flow(words(said), width=width, hang=2)
    yield ()


def _notes(outlook: Outlook, width: int, *, priced: bool) -> Iterator[Line]:
    """What the sums rest on."""
    plan, model = outlook.plan, outlook.plan.model
    exact = "exact" if plan.counter != ByteCounter() else "bytes, more than tokens can be"
    origin = _LIMITS[outlook.limit_from]
    limits = f"{model.input_limit:,} tokens in ({origin}), {model.max_output:,} out, {plan.room:,} of diff in a prompt"
    said = [f"limits: {limits}; counts are {exact}"]
    if priced:
        said.append("price: from empty answers to answers at their limit; what is split or asked again comes on top")
    for sentence in said:
        yield from flow(words(sentence, "dim"), width=width, hang=2)


def _prompts(outlook: Outlook) -> Iterator[str]:
    for number, (prompt, request) in enumerate(zip(outlook.prompts, outlook.requests, strict=True), 1):
        yield f"\n===== prompt {number} of {len(outlook.prompts)}: {_goes(request)}\n"
        yield from (f"===== {message.role}\n{message.content}\n" for message in messages(prompt))


def _goes(request: Request | None) -> str:
    """Where a request goes, and all of it that is no message."""
    if request is None:
        return "nothing leaves this machine"
    fields = {name: value for name, value in loads(request.body).items() if name not in {"messages", "input"}}
    said = [f"POST {request.url}", *(f"{name}: {value}" for name, value in request.headers)]
    return "\n===== ".join([*said, *(f"{name} = {value}" for name, value in fields.items())])
