"""Draft → finding. Alone knows when a quote proves a place in the change."""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from reviewbot.credentials import PLACEHOLDER
from reviewbot.diff import FileDiff, Hunk, Line, Side, Status
from reviewbot.finding import Anchor, Draft, Dropped, DropReason, Finding, squeeze
from reviewbot.quoting import (
    UNSHOWN,
    Reading,
    indentation,
    indented,
    is_fence,
    number_in,
    readings_of,
    trimmed,
    unfenced,
    unnumbered,
    unprefixed,
    weak,
)
from reviewbot.syntax import INDENTED, language

PART = 8
"""Squeezed characters of the shortest quote that proves a place as part of a line."""

CLOSE = 12
"""Squeezed characters of the shortest quote that may be nearly right."""

NEAR = 3
"""Lines between the claimed number and a quote that is nearly right."""

_BROKEN_TOKEN = re.compile("(?<=[<\\[])\u200b")
"""What a prompt puts into text that looks like a control token."""

_MARKS = re.compile(r"[\s\"'`,;()\[\]{}]+")
_PATH_END = re.compile(r"(?::[0-9]+)+(?:-[0-9]+)?$")
_PATH_START = re.compile(r"(?:\.?/+)*(?:[ab]/+)?")

_Fits = Callable[[str, Sequence[str]], bool]


@dataclass(frozen=True, slots=True)
class Run:
    """Lines of a hunk that follow one another.

    Attributes:
        side: where they do; None for the lines as the diff shows them.
        lines: in their order.
        texts: the same, squeezed.
        text: all of them.
    """

    side: Side | None
    lines: tuple[Line, ...]
    texts: tuple[str, ...]
    text: str


_Hunks = Sequence[tuple[Run, Run, Run]]


@dataclass(frozen=True, slots=True)
class Lines:
    """What may be quoted: the hunks of each file, ready to be searched; made by `index`.

    Attributes:
        files: a file for each path; the first where several parts have the same.
        runs: for each path the lines of its hunks, as shown, on the new side and on the old side.
    """

    files: Mapping[str, FileDiff]
    runs: Mapping[str, _Hunks]


@dataclass(frozen=True, slots=True)
class _Place:
    """A match: the lines it is anchored on, and all that were quoted."""

    side: Side
    lines: tuple[Line, ...]
    quoted: tuple[Line, ...]

    @property
    def span(self) -> tuple[int, int]:
        numbers = [line.number(self.side) or 0 for line in self.lines]
        return numbers[0], numbers[-1]

    def distance(self, number: int) -> tuple[int, int]:
        """How far a number is from the nearest and from the first quoted line, as the prompt numbers them."""
        gaps = [abs(_shown(line) - number) for line in self.quoted]
        return min(gaps), gaps[0]


def index(files: Iterable[FileDiff]) -> Lines:
    """The files, or parts of files, that drafts may quote; the same path may come more than once."""
    firsts: dict[str, FileDiff] = {}
    runs: dict[str, list[tuple[Run, Run, Run]]] = {}
    for file in files:
        firsts.setdefault(file.path, file)
        runs.setdefault(file.path, []).extend(map(_runs, file.hunks))
    return Lines(firsts, runs)


def _runs(hunk: Hunk) -> tuple[Run, Run, Run]:
    rows = [(line, squeeze(line.text)) for line in hunk.lines]

    def run(side: Side | None) -> Run:
        kept = [(line, text) for line, text in rows if side is None or line.number(side) is not None]
        texts = tuple(text for _, text in kept)
        return Run(side, tuple(line for line, _ in kept), texts, "\n".join(texts))

    return run(None), run(Side.NEW), run(Side.OLD)


def anchor(draft: Draft, lines: Lines) -> Finding | Dropped:
    """Prove where a draft lies, by its quote; its number only chooses among matches."""
    file = _file(draft.path, lines.files.values())
    if file is None:
        return Dropped("anchor", DropReason.UNKNOWN_PATH, draft)
    quote = trimmed(draft.quote.split("\n"))
    number = draft.line or number_in(quote)
    places, exact = _matches(quote, lines.runs[file.path], side=draft.side, number=number)
    if not places:
        return Dropped("anchor", DropReason.QUOTE_NOT_FOUND, draft)
    place = _chosen(places, side=draft.side, number=number, vague=weak(quote))
    if place is None:
        return Dropped("anchor", DropReason.QUOTE_AMBIGUOUS, draft)
    old_path = file.old_path if file.status is Status.RENAMED else None
    suggestion = (
        _suggestion(draft.suggestion, place, quote, path=file.path) if exact and draft.suggestion is not None else None
    )
    excerpt = tuple(line.text for line in place.lines)
    return Finding(Anchor(file.path, place.side, *place.span, old_path), excerpt, replace(draft, suggestion=suggestion))


def _file(path: str, files: Iterable[FileDiff]) -> FileDiff | None:
    """The file that a model means by a path; None where none or more than one may be meant."""
    plain = squeeze(path).strip("\"'` ").replace("\\", "/")
    bare = _PATH_START.sub("", _PATH_END.sub("", plain), count=1)
    named = [(file, name, squeeze(name)) for file in files for name in (file.path, file.old_path) if name]
    rules: tuple[Callable[[FileDiff, str, str], bool], ...] = (
        lambda file, name, _: name == path == file.path,
        lambda _file, name, _: name == path,
        lambda file, name, shown: shown in {plain, bare} and name == file.path,
        lambda _file, _name, shown: shown in {plain, bare},
        lambda _file, _name, shown: f"/{shown}".endswith(f"/{bare}") or f"/{bare}".endswith(f"/{shown}"),
    )
    for rule in rules:
        if found := {id(row[0]): row[0] for row in named if rule(*row)}:
            return next(iter(found.values())) if len(found) == 1 else None
    return None


def _matches(quote: Sequence[str], hunks: _Hunks, *, side: Side, number: int | None) -> tuple[list[_Place], bool]:
    """The places that a quote fits best, and whether it is their whole lines."""
    readings = readings_of(quote)
    long = [reading for reading in readings if max(min(map(len, texts)) for texts in reading) >= PART]
    for fits, tried in ((_equal, readings), (_within, long)):
        for reading in tried:
            if places := _fitting(reading, hunks, fits=fits, side=side):
                return places, fits is _equal
    return _near(readings, hunks, side=side, number=number) if number else [], False


def _equal(text: str, meant: Sequence[str]) -> bool:
    return text in meant


def _within(text: str, meant: Sequence[str]) -> bool:
    return any(_stands_in(part, text) if part else not text for part in meant)


def _stands_in(part: str, text: str) -> bool:
    """True where a text holds a part that begins and ends with whole words."""
    ends = (r"\b" if part[0].isalnum() else "", r"\b" if part[-1].isalnum() else "")
    return part in text and bool(re.search(f"{ends[0]}{re.escape(part)}{ends[1]}", text))


def _searched(hunks: _Hunks, size: int) -> Iterator[Run]:
    for shown, new, old in hunks:
        yield from (shown,) if size == 1 else (new, old, shown)


def _fitting(reading: Reading, hunks: _Hunks, *, fits: _Fits, side: Side) -> list[_Place]:
    first, size = reading[0], len(reading)
    places = [
        _place(run, at, size, side)
        for run in _searched(hunks, size)
        if all(any(part in run.text for part in meant) for meant in reading)
        for at in range(len(run.texts) - size + 1)
        if fits(run.texts[at], first) and all(map(fits, run.texts[at : at + size], reading))
    ]
    return _distinct(places)


def _near(readings: Iterable[Reading], hunks: _Hunks, *, side: Side, number: int) -> list[_Place]:
    """The places near a number whose lines differ from a quote in quotation marks, brackets and commas only."""
    places: list[_Place | None] = []
    for reading in readings:
        size = len(reading)
        said = _bare("\n".join(texts[-1] for texts in reading))
        for run in _searched(hunks, size) if len(said) >= CLOSE else ():
            starts = range(len(run.texts) - size + 1)
            # Another word, number or operator is other code, however alike the lines are.
            places += [
                _place(run, at, size, side)
                for at in starts
                if abs(_shown(run.lines[at]) - number) < NEAR + size
                and _bare("\n".join(run.texts[at : at + size])) == said
            ]
    return [place for place in _distinct(places) if place.distance(number)[0] <= NEAR]


def _bare(text: str) -> str:
    return _MARKS.sub("", text)


def _place(run: Run, at: int, size: int, claimed: Side) -> _Place | None:
    """Where quoted lines are anchored; None where another run has the same lines."""
    quoted = run.lines[at : at + size]
    signs = {line.kind for line in quoted if line.changed}
    if run.side is None and size > 1:
        lines = tuple(line for line in quoted if line.number(claimed) is not None)
        return _Place(claimed, lines, quoted) if len(signs) > 1 else None
    if run.side is Side.OLD and not signs and _shown(quoted[-1]) - _shown(quoted[0]) == size - 1:
        return None
    return _Place(run.side or quoted[0].side, quoted, quoted)


def _shown(line: Line) -> int:
    """The number the prompt shows before a line."""
    return line.new or line.old or 0


def _distinct(places: Iterable[_Place | None]) -> list[_Place]:
    return list({(place.side, place.span): place for place in places if place}.values())


def _chosen(places: Sequence[_Place], *, side: Side, number: int | None, vague: bool) -> _Place | None:
    """The place that is meant; None where that would be a guess."""
    if len(places) == 1:
        return places[0]
    if number is None:
        claimed = [place for place in places if place.side is side]
        return claimed[0] if len(claimed) == 1 and not vague else None
    agreed = [place for place in places if place.distance(number)[0] == 0] if vague else places

    def order(place: _Place) -> tuple[tuple[int, int], bool, bool]:
        return place.distance(number), not any(line.changed for line in place.lines), place.side is not side

    return min(agreed, key=order, default=None)


def _suggestion(text: str, place: _Place, quote: Sequence[str], *, path: str) -> str | None:
    """A suggestion as it would replace the anchored lines; None where it does not fit them or changes nothing."""
    if place.side is Side.OLD or place.quoted != place.lines:
        return None
    excerpt = [line.text.removesuffix("\r") for line in place.lines]
    given = _BROKEN_TOKEN.sub("", text).replace("\r\n", "\n").removesuffix("\n").split("\n")
    lines = unprefixed(given if is_fence(excerpt[0]) else unfenced(given), excerpt)
    said = quote if len(quote) == len(excerpt) else trimmed(unfenced(quote))
    lines = indented(lines, [unnumbered(line) for line in said], excerpt)
    # White space alone is far more often lost in copying than wrong, but for what gives some languages their meaning.
    moved = language(path) in INDENTED and list(map(indentation, lines)) != list(map(indentation, excerpt))
    # All of it is what copying loses.
    moved = moved and any(map(indentation, lines))
    same = list(map(squeeze, lines)) == list(map(squeeze, excerpt)) and not moved
    # What a prompt could not show would be lost.
    hidden = any(map(UNSHOWN.search, excerpt)) or any(map(PLACEHOLDER.search, (*excerpt, *lines)))
    lost = hidden or any("\ufffd" in line for line in lines)
    return None if same or lost else "\n".join(lines)
