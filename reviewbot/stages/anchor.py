"""Draft → finding. Alone knows how models copy lines out of a prompt, and when a quote proves a place in the change."""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from reviewbot.diff import FileDiff, Hunk, Line, Side, Status
from reviewbot.finding import Anchor, Draft, Dropped, DropReason, Finding, squeeze

PART = 8
"""Squeezed characters of the shortest quote that proves a place as part of a line."""

CLOSE = 12
"""Squeezed characters of the shortest quote that may be nearly right."""

RATIO = 90
"""Likeness, of 100, of a quote that is nearly right."""

NEAR = 3
"""Lines between the claimed number and a quote that is nearly right."""

SUBSTANCE = 4
"""Letters and digits, bare keywords not counted, below which a quote says little about where it stands."""

_BARE = {"begin", "break", "continue", "default", "do", "done", "else", "end", "esac", "except", "false", "fi", "for"}
_BARE |= {"finally", "if", "none", "null", "pass", "return", "then", "true", "try"}

_NUMBERED = re.compile(r"\s*[+-]?\s*([0-9]{1,9})\|")
_SIGN = re.compile(r"\A[+-] ?")
_FENCE = re.compile(r"\s*(?:```|~~~)[\w+.-]*\s*")
_PATH_END = re.compile(r"(?::[0-9]+)+(?:-[0-9]+)?$")
_PATH_START = re.compile(r"(?:\.?/+)*(?:[ab]/+)?")

_Fits = Callable[[str, Sequence[str]], bool]
_Reading = tuple[tuple[str, ...], ...]
"""A quote as it may be meant: for each of its lines the texts, squeezed, that it may stand for."""


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
    quote = _trimmed(draft.quote.split("\n"))
    number = draft.line or next((int(match[1]) for match in map(_NUMBERED.match, quote) if match), None)
    places, exact = _matches(quote, lines.runs[file.path], side=draft.side, number=number)
    if not places:
        return Dropped("anchor", DropReason.QUOTE_NOT_FOUND, draft)
    place = _chosen(places, side=draft.side, number=number, weak=_weak(quote))
    if place is None:
        return Dropped("anchor", DropReason.QUOTE_AMBIGUOUS, draft)
    old_path = file.old_path if file.status is Status.RENAMED else None
    suggestion = _suggestion(draft.suggestion, place, quote) if exact and draft.suggestion is not None else None
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


def _trimmed(lines: Sequence[str]) -> list[str]:
    """The lines without blank ones at both ends."""
    filled = [place for place, line in enumerate(lines) if squeeze(line)]
    return list(lines[filled[0] : filled[-1] + 1]) if filled else []


def _unfenced(lines: Sequence[str]) -> Sequence[str]:
    fenced = len(lines) > 1 and _FENCE.fullmatch(lines[0]) and _FENCE.fullmatch(lines[-1])
    return lines[1:-1] if fenced else lines


def _unnumbered(line: str) -> str:
    return _NUMBERED.sub("", line, count=1)


def _readings(quote: Sequence[str]) -> list[_Reading]:
    """What a quote may mean, the most literal first."""
    readings: list[_Reading] = []
    for lines in (quote, _trimmed(_unfenced(quote))):
        literal = [(squeeze(line), squeeze(_unnumbered(line))) for line in lines]
        bare = [squeeze(_unnumbered(line.strip().strip("`"))) for line in lines]
        loose = [(*texts, text, _SIGN.sub("", text)) for texts, text in zip(literal, bare, strict=True)]
        readings += [tuple(tuple(dict.fromkeys(texts)) for texts in reading) for reading in (literal, loose)]
    # Nothing but blank lines proves no place, however they were copied.
    return [reading for reading in dict.fromkeys(readings) if any("" not in texts for texts in reading)]


def _weak(quote: Sequence[str]) -> bool:
    """True for a quote such as `}` or `else:` that says little about where it stands."""
    words = re.findall(r"[^\W_]+", " ".join(map(_unnumbered, _unfenced(quote))).lower())
    return sum(len(word) for word in words if word not in _BARE) < SUBSTANCE


def _matches(quote: Sequence[str], hunks: _Hunks, *, side: Side, number: int | None) -> tuple[list[_Place], bool]:
    """The places that a quote fits best, and whether it is their whole lines."""
    readings = _readings(quote)
    long = [reading for reading in readings if max(min(map(len, texts)) for texts in reading) >= PART]
    for fits, tried in ((_equal, readings), (_within, long)):
        for reading in tried:
            if places := _fitting(reading, hunks, fits=fits, side=side):
                return places, fits is _equal
    return _near(readings, hunks, side=side, number=number) if number else [], False


def _equal(text: str, meant: Sequence[str]) -> bool:
    return text in meant


def _within(text: str, meant: Sequence[str]) -> bool:
    return any(part in text if part else not text for part in meant)


def _searched(hunks: _Hunks, size: int) -> Iterator[Run]:
    for shown, new, old in hunks:
        yield from (shown,) if size == 1 else (new, old, shown)


def _fitting(reading: _Reading, hunks: _Hunks, *, fits: _Fits, side: Side) -> list[_Place]:
    first, size = reading[0], len(reading)
    places = [
        _place(run, at, size, side)
        for run in _searched(hunks, size)
        if all(any(part in run.text for part in meant) for meant in reading)
        for at in range(len(run.texts) - size + 1)
        if fits(run.texts[at], first) and all(map(fits, run.texts[at : at + size], reading))
    ]
    return _distinct(places)


def _near(readings: Iterable[_Reading], hunks: _Hunks, *, side: Side, number: int) -> list[_Place]:
    """The places near a number whose lines are most like a quote, if they are almost the same."""
    from rapidfuzz.fuzz import ratio

    scored: list[tuple[float, _Place]] = []
    for reading in readings:
        size = len(reading)
        said = "\n".join(texts[-1] for texts in reading)
        for run in _searched(hunks, size) if len(said) >= CLOSE else ():
            for at in range(len(run.texts) - size + 1):
                reach = NEAR + size
                if -reach < _shown(run.lines[at]) - number < reach and (place := _place(run, at, size, side)):
                    scored.append((ratio(said, "\n".join(run.texts[at : at + size])), place))
    near = [(likeness, place) for likeness, place in scored if place.distance(number)[0] <= NEAR]
    best = max((likeness for likeness, _ in near), default=0.0)
    return _distinct(place for likeness, place in near if likeness == best >= RATIO)


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


def _chosen(places: Sequence[_Place], *, side: Side, number: int | None, weak: bool) -> _Place | None:
    """The place that is meant; None where that would be a guess."""
    if len(places) == 1:
        return places[0]
    if number is None:
        claimed = [place for place in places if place.side is side]
        return claimed[0] if len(claimed) == 1 and not weak else None
    agreed = [place for place in places if place.distance(number)[0] == 0] if weak else places

    def order(place: _Place) -> tuple[tuple[int, int], bool, bool]:
        return place.distance(number), not any(line.changed for line in place.lines), place.side is not side

    return min(agreed, key=order, default=None)


def _suggestion(text: str, place: _Place, quote: Sequence[str]) -> str | None:
    """A suggestion as it would replace the anchored lines; None where it does not fit them or changes nothing."""
    if place.side is Side.OLD or place.quoted != place.lines:
        return None
    excerpt = [line.text.removesuffix("\r") for line in place.lines]
    given = text.replace("<\u200b", "<").replace("\r\n", "\n").removesuffix("\n").split("\n")
    lines = _unprefixed(given if _FENCE.fullmatch(excerpt[0]) else _unfenced(given), excerpt)
    said = quote if len(quote) == len(excerpt) else _trimmed(_unfenced(quote))
    lines = _indented(lines, [_unnumbered(line) for line in said], excerpt)
    # Bytes that a prompt could not show would be lost.
    return None if lines == excerpt or any("\ufffd" in line for line in lines) else "\n".join(lines)


def _unprefixed(lines: Sequence[str], excerpt: Sequence[str]) -> list[str]:
    """Suggested lines without the signs and numbers that a prompt shows before lines."""
    filled = [line for line in lines if line.strip()]
    if filled and all(map(_NUMBERED.match, filled)) and not any(map(_NUMBERED.match, excerpt)):
        return [_unnumbered(line) for line in lines]
    signed = filled and all(line.startswith("+") for line in filled)
    return [line.removeprefix("+") if signed and not excerpt[0].startswith("+") else line for line in lines]


def _indented(lines: Sequence[str], quote: Sequence[str], excerpt: Sequence[str]) -> list[str]:
    """Suggested lines with the indentation that every line of the quote lost in copying, if it did."""
    lost = excerpt[0].rstrip().removesuffix(quote[0].rstrip())
    pairs = zip(excerpt, quote, strict=True)
    if any(real.rstrip() != (lost + said).rstrip() for real, said in pairs):
        return list(lines)
    return [lost + line if line.strip() and not line.startswith(lost) else line for line in lines]
