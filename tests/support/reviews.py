"""Small reviews: builders with sensible defaults, and strategies for awkward ones."""

from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal

from hypothesis import strategies as st

from reviewbot.diff import FileDiff, Hunk, Line, LineKind, Side, Status
from reviewbot.finding import Anchor, Category, Draft, Dropped, DropReason, Finding, Severity, State
from reviewbot.memory import Known
from reviewbot.review import Change, Review, Skipped, SkipReason, Target, Usage
from reviewbot.withheld import Flaw, Withheld

HOSTILE = "a\x1b[31mred\x07\x00\x9b2J\x7f\u202e\u2066\u200b\u2028\udce9\U000e0041z"
"""What no terminal may get raw: an escape sequence, controls, marks that hide or turn text, a byte that is not text."""

HOSTILE_CLAIM = HOSTILE + "\ud800"
"""The same with what only a model can write: half of a pair, which no byte decodes to."""


PRICED = Usage(requests=2, input_tokens=12345, output_tokens=678, cost=Decimal("0.0064"), currency="CNY")


def hunk(*signed: str, old: int = 1, new: int = 1) -> Hunk:
    """A hunk of lines with their signs before them, numbered from the first line of each side."""
    lines = []
    olds, news = old, new
    for text in signed:
        kind = LineKind(text[0])
        in_old, in_new = kind is not LineKind.ADDED, kind is not LineKind.DELETED
        lines.append(Line(kind, text[1:], olds if in_old else None, news if in_new else None))
        olds, news = olds + in_old, news + in_new
    return Hunk(old - (olds == old), new - (news == new), tuple(lines))


def file(path: str, *hunks: Hunk, old_path: str | None = None) -> FileDiff:
    """A modified file, or a renamed one where it has an old path."""
    return FileDiff(path, Status.RENAMED if old_path else Status.MODIFIED, hunks, old_path)


def draft(
    title: str = "The total ignores refunds",
    body: str = "A refund is not subtracted.",
    *,
    path: str = "src/app.py",
    line: int | None = 2,
    side: Side = Side.NEW,
    quote: str = "",
    severity: Severity = Severity.WARNING,
    category: Category = Category.CORRECTNESS,
    suggestion: str | None = None,
    confidence: float = 0.9,
) -> Draft:
    """A claim about `src/app.py`, line 2."""
    return Draft(path, line, side, quote, severity, category, title, body, suggestion, confidence)


def finding(
    diff: FileDiff,
    start: int,
    end: int | None = None,
    claim: Draft | None = None,
    *,
    side: Side = Side.NEW,
    state: State = State.NEW,
) -> Finding:
    """A finding at lines that stand in a file."""
    anchor = Anchor(diff.path, side, start, end or start, diff.old_path)
    numbered = [(line.number(side), line.text) for part in diff.hunks for line in part.lines]
    excerpt = tuple(text for number, text in numbered if number is not None and anchor.start <= number <= anchor.end)
    return Finding(anchor, excerpt, claim or draft(), state)


def unplaced(claim: Draft, reason: DropReason = DropReason.QUOTE_NOT_FOUND) -> Dropped:
    """A claim that the anchor stage could not place."""
    return Dropped("anchor", reason, claim)


def filtered(found: Finding, reason: DropReason) -> Dropped:
    """A finding that a filter took out."""
    return Dropped("filter", reason, found.draft, found)


def silenced(found: Finding, reason: DropReason = DropReason.DISMISSED, note: str = "kim: on purpose") -> Dropped:
    """A finding that was told before and is not to be told again."""
    return Dropped("standing", reason, found.draft, found, note)


def skipped(
    path: str,
    reason: SkipReason,
    *,
    lines: tuple[int, int] | None = None,
    side: Side = Side.NEW,
    detail: str = "",
    failed: bool = False,
) -> Skipped:
    """A file that was not reviewed, or some lines of it."""
    start, end = lines or (None, None)
    return Skipped(path, side if lines else None, start, end, reason, detail, failed=failed)


def review(
    files: Sequence[FileDiff] = (),
    findings: Sequence[Finding] = (),
    *,
    dropped: Sequence[Dropped] = (),
    skipped: Sequence[Skipped] = (),
    usage: Usage = PRICED,
    seconds: float = 3.21,
    fail_on: Severity | None = None,
    gone: Sequence[Known] = (),
    held: Sequence[Known] = (),
    withheld: Sequence[Withheld] = (),
) -> Review:
    """A review of `main...topic` that took two requests and 3.2 seconds."""
    change = Change(Target("b" * 40, "a" * 40, "main...topic"), tuple(files))
    outcome = tuple(findings), tuple(dropped), tuple(skipped)
    made = Review(change, "qwen-coder-plus", *outcome, usage, seconds, fail_on)
    return replace(made, gone=tuple(gone), held=tuple(held), withheld=tuple(withheld))


_TEXT = st.one_of(
    st.text(max_size=40),
    st.text(st.sampled_from("aé 漢。\t\n\r\x1b\x85\u202e\u200b\u2028\ufe0f\udce9"), max_size=120),
    st.sampled_from(
        ["", HOSTILE, HOSTILE_CLAIM, "  indented", "x" * 300, "漢字" * 60, "[bold]not markup[/bold] :smile:"]
    ),
)
_CODE = _TEXT.map(lambda text: text.replace("\n", " ").replace("\ud800", "\udcff"))
_NAME = _TEXT.map(lambda text: text.replace("\0", "\x01").replace("\ud800", "\udcff") or "a.py")
_SKIPS = st.tuples(st.sampled_from(SkipReason), _TEXT, st.booleans()).filter(
    lambda skip: not (skip[0] is SkipReason.REVIEWED_BEFORE and skip[2])
)
_USAGE = st.builds(
    lambda counts, price: Usage(*counts, *price),
    st.tuples(*[st.integers(0, 10**9)] * 4),
    st.just((None, None)) | st.tuples(st.decimals(0, 10**6, places=8), st.sampled_from(["CNY", "EUR"])),
)


@st.composite
def _files(draw: st.DrawFn) -> FileDiff:
    signed = draw(st.lists(st.tuples(st.sampled_from(" +-"), _CODE).map("".join), min_size=1, max_size=12))
    start = draw(st.integers(1, 10**5))
    return file(draw(_NAME), hunk(*signed, old=start, new=start), old_path=draw(st.none() | _NAME))


@st.composite
def _claims(draw: st.DrawFn) -> Draft:
    return draft(
        draw(_TEXT),
        draw(_TEXT),
        path=draw(_TEXT),
        line=draw(st.none() | st.integers(1, 10**6)),
        quote=draw(_TEXT),
        severity=draw(st.sampled_from(Severity)),
        category=draw(st.sampled_from(Category)),
        suggestion=draw(st.none() | _TEXT),
        confidence=draw(st.floats(0, 1)),
    )


@st.composite
def _findings(draw: st.DrawFn, diff: FileDiff) -> Finding:
    side = draw(st.sampled_from(sorted({line.side for line in diff.hunks[0].lines})))
    numbers = [line.number(side) for line in diff.hunks[0].lines if line.number(side)]
    start, end = sorted(number or 1 for number in draw(st.tuples(*[st.sampled_from(numbers)] * 2)))
    return finding(diff, start, end, draw(_claims()), side=side, state=draw(st.sampled_from(State)))


def _dropped(found: Finding) -> st.SearchStrategy[Dropped]:
    told = {DropReason.DISMISSED, DropReason.BASELINE}
    filters = [reason for reason in list(DropReason)[4:] if reason not in told]
    return st.builds(filtered, st.just(found), st.sampled_from(filters)) | st.builds(
        silenced, st.just(found), st.sampled_from(sorted(told)), _TEXT
    )


@st.composite
def reviews(draw: st.DrawFn) -> Review:
    """Any review, with the text that a careless format shows as it is."""
    files = draw(st.lists(_files(), max_size=2, unique_by=lambda diff: diff.path))
    found = [found for diff in files for found in draw(st.lists(_findings(diff), max_size=2))]
    drops = [
        *(unplaced(claim) for claim in draw(st.lists(_claims(), max_size=1))),
        *(draw(_dropped(drop)) for drop in found[1:] if draw(st.booleans())),
    ]
    hidden = [drop.finding for drop in drops]
    skips = [
        skipped(draw(_NAME), reason, detail=detail, failed=failed, lines=draw(st.none() | st.just((3, 9))))
        for reason, detail, failed in draw(st.lists(_SKIPS, max_size=3))
    ]
    return review(
        files,
        [one for one in found if one not in hidden],
        dropped=drops,
        skipped=skips,
        usage=draw(_USAGE),
        seconds=draw(st.floats(0, 10**5)),
        fail_on=draw(st.none() | st.sampled_from(Severity)),
        gone=[Known(one) for one in found if draw(st.booleans())],
        held=[Known(one) for one in found if draw(st.booleans())],
        withheld=[Withheld(one.anchor, one.draft.title, draw(st.sampled_from(Flaw))) for one in found],
    )
