"""How credentials are taken out of a change. Alone knows which names count together, and how one is allowed.

All that comes after it sees the placeholders only: prompts, anchors, fingerprints, reports.
"""

import hashlib
import operator
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace

from reviewbot.credentials import Credential, Detector, Numbers, placeholders
from reviewbot.diff import FileDiff, Hunk, LineKind, Side, Status
from reviewbot.finding import Anchor, Category, Draft, Finding, Severity
from reviewbot.review import Change

MOST_HASHES = 100
"""How many values a run's findings name by their hashes: each takes a hundredth of a second."""
MOST_COMPARISONS = 1_000
"""How many values a run compares with those that are allowed; a change that holds more is no oversight."""

MOST = 50
"""Findings of one file."""

_ADVICE = (
    "Once it is pushed it counts as leaked, also where a later commit takes it out. Revoke or replace it, take it "
    "out of the change, and read it from the environment or from a store of secrets. No model was shown it.\n\n"
)
_NO_MORE_HASHES = f"If it is no secret, it can be allowed by its hash; one run tells {MOST_HASHES} of them at most."
_SALT = b"reviewbot allow-secrets"
_COST = 2**12


@dataclass(frozen=True, slots=True)
class Redacted:
    """A change without its credentials, and a finding for each that it adds.

    Attributes:
        change: the same lines, with placeholders where credentials stood.
        findings: in the order of the change, at most `MOST` of one file; the last of so many tells of the rest.
    """

    change: Change
    findings: tuple[Finding, ...]


def redact(change: Change, *, detector: Detector, allowed: Collection[str] = ()) -> Redacted:
    """Replace every credential of a change: in its lines, names and headings.

    Args:
        change: all of it.
        detector: says what a credential is.
        allowed: hashes, as `allow_hash` makes them, of values that are no secrets.
    """
    allowance = _Allowance(frozenset(allowed))
    names = Numbers(placeholders(path for file in change.files for path in (file.path, file.old_path or "")))
    searched = [tuple(_search(hunk, detector, allowance) for hunk in file.hunks) for file in change.files]
    numbers = _numbers(change.files, searched)
    files = tuple(
        _renamed(_without(file, hunks, numbers.get(file.path)), detector, allowance, names)
        for file, hunks in zip(change.files, searched, strict=True)
    )
    unchanged = all(map(operator.is_, files, change.files))
    return Redacted(change if unchanged else replace(change, files=files), tuple(_findings(files, searched, allowance)))


def redact_text(text: str, *, detector: Detector) -> str:
    """Replace every credential of a text of several lines, such as a pull request's description."""
    lines = text.split("\n")
    found = [detector.find(line) for line in lines]
    for block in detector.find_blocks(lines):
        for number, piece in block.pieces:
            found[number] = _joined(found[number], piece)
    numbers = Numbers(placeholders(lines))
    return "\n".join(numbers.replaced(line, spans) for line, spans in zip(lines, found, strict=True))


def allow_hash(value: str) -> str:
    """The name under which a value can be allowed.

    Reports are read by many, and a short password could be guessed from a fast hash, so this one is slow.
    """
    data = value.encode("utf-8", "surrogatepass")
    return "s1:" + hashlib.scrypt(data, salt=_SALT, n=_COST, r=8, p=1, dklen=16).hex()


@dataclass(slots=True)
class _Allowance:
    """Which values are allowed, and the hashes that are known; both are bounded, since each takes its time."""

    allowed: frozenset[str]
    known: dict[str, str] = field(default_factory=dict)
    told: set[str] = field(default_factory=set)

    def allows(self, value: str) -> bool:
        if not self.allowed or (value not in self.known and len(self.known) >= MOST_COMPARISONS):
            return False
        return self._hash(value) in self.allowed

    def refused(self, text: str, found: tuple[Credential, ...]) -> tuple[Credential, ...]:
        """Those of the credentials of a text that are not allowed."""
        if not self.allowed:
            return found
        return tuple(one for one in found if not self.allows(text[one.start : one.end]))

    def told_hash(self, value: str) -> str | None:
        """The hash for a finding's text; None where enough have been told."""
        if value not in self.told and len(self.told) >= MOST_HASHES:
            return None
        self.told.add(value)
        return self._hash(value)

    def _hash(self, value: str) -> str:
        if value not in self.known:
            self.known[value] = allow_hash(value)
        return self.known[value]


@dataclass(frozen=True, slots=True)
class _Searched:
    """A hunk and what was found in it.

    Attributes:
        hunk: as it was.
        spans: what is taken out of each line, in order, without overlaps.
        heading: the same for the hunk's heading.
        leaks: what surely is a secret and is added.
    """

    hunk: Hunk
    spans: tuple[tuple[Credential, ...], ...]
    heading: tuple[Credential, ...]
    leaks: tuple["_Leak", ...]

    @property
    def found(self) -> bool:
        return bool(self.heading) or any(self.spans)


@dataclass(frozen=True, slots=True)
class _Leak:
    """A secret that a change adds: the indexes of the added lines it stands in, its kind and its value."""

    lines: tuple[int, ...]
    start: int
    kind: str
    value: str


def _search(hunk: Hunk, detector: Detector, allowance: _Allowance) -> _Searched:
    spans = [allowance.refused(line.text, detector.find(line.text)) for line in hunk.lines]
    alone = list(spans)
    leaks: list[_Leak] = []
    for side in (Side.OLD, Side.NEW):
        for pieces, value in _blocks(hunk, side, detector):
            if allowance.allows(value):
                continue
            for index, piece in pieces:
                spans[index] = _joined(spans[index], piece)
                alone[index] = _beside(alone[index], piece) if piece.certain else alone[index]
            leaks += _added(hunk, pieces, value)
    for index, line in enumerate(hunk.lines):
        for one in alone[index]:
            leaks += _added(hunk, ((index, one),), line.text[one.start : one.end])
    leaks.sort(key=lambda leak: (leak.lines[0], leak.start))
    return _Searched(hunk, tuple(spans), _heading(hunk.section, detector, allowance), tuple(leaks))


def _added(hunk: Hunk, pieces: Sequence[tuple[int, Credential]], value: str) -> Iterator[_Leak]:
    """What somebody is told of a secret, where it surely is one and a piece of it is added."""
    added = tuple(index for index, _ in pieces if hunk.lines[index].kind is LineKind.ADDED)
    first = pieces[0][1]
    if added and first.certain:
        yield _Leak(added, first.start, first.kind, value)


def _heading(section: str, detector: Detector, allowance: _Allowance) -> tuple[Credential, ...]:
    found = detector.find_in_heading(section)
    for block in detector.find_blocks((section,)):
        found = _joined(found, block.pieces[0][1])
    return allowance.refused(section, found)


def _blocks(hunk: Hunk, side: Side, detector: Detector) -> Iterator[tuple[tuple[tuple[int, Credential], ...], str]]:
    """The secrets of several lines on one side: pieces, with indexes of the hunk's lines, and all of the value."""
    indexes = [index for index, line in enumerate(hunk.lines) if line.number(side) is not None]
    texts = [hunk.lines[index].text for index in indexes]
    for block in detector.find_blocks(texts):
        value = "".join(texts[number][piece.start : piece.end] for number, piece in block.pieces)
        yield tuple((indexes[number], piece) for number, piece in block.pieces), value


def _joined(spans: Sequence[Credential], piece: Credential) -> tuple[Credential, ...]:
    """With one more credential, which takes in those it overlaps."""
    apart = _beside(spans, piece)
    inside = [one for one in spans if _overlap(one, piece)]
    start = min([piece.start, *(one.start for one in inside)])
    end = max([piece.end, *(one.end for one in inside)])
    surest = max([piece, *inside], key=lambda one: one.certain)
    return tuple(sorted([*apart, replace(surest, start=start, end=end)], key=lambda one: one.start))


def _beside(spans: Iterable[Credential], piece: Credential) -> tuple[Credential, ...]:
    return tuple(one for one in spans if not _overlap(one, piece))


def _overlap(one: Credential, other: Credential) -> bool:
    return one.start < other.end and other.start < one.end


def _numbers(files: Sequence[FileDiff], searched: Sequence[Sequence[_Searched]]) -> dict[str, Numbers]:
    """The names of values for each file in which some were found; a series of patches may hold one several times."""
    found = zip(files, searched, strict=True)
    taken: dict[str, set[str]] = {file.path: set() for file, hunks in found if any(one.found for one in hunks)}
    for file in files:
        if file.path in taken:
            taken[file.path] |= placeholders(text for hunk in file.hunks for text in _texts(hunk))
    return {path: Numbers(frozenset(names)) for path, names in taken.items()}


def _texts(hunk: Hunk) -> Iterator[str]:
    yield hunk.section
    yield from (line.text for line in hunk.lines)


def _without(file: FileDiff, searched: Sequence[_Searched], numbers: Numbers | None) -> FileDiff:
    """The file without what was found in its hunks; the same one where that is nothing."""
    if numbers is None or not any(one.found for one in searched):
        return file
    return file.with_hunks([_without_spans(one, numbers) for one in searched])


def _renamed(file: FileDiff, detector: Detector, allowance: _Allowance, names: Numbers) -> FileDiff:
    """The file without what is found in its names; the same one where that is nothing."""
    path, old_path = (
        names.replaced(name, allowance.refused(name, detector.find_in_name(name))) if name else name
        for name in (file.path, file.old_path)
    )
    same = (path, old_path) == (file.path, file.old_path)
    return file if same else replace(file, path=path or "", old_path=old_path)


def _without_spans(searched: _Searched, numbers: Numbers) -> Hunk:
    hunk = searched.hunk
    section = numbers.replaced(hunk.section, searched.heading)
    lines = tuple(
        replace(line, text=numbers.replaced(line.text, spans)) if spans else line
        for line, spans in zip(hunk.lines, searched.spans, strict=True)
    )
    return replace(hunk, section=section, lines=lines) if searched.found else hunk


def _findings(
    files: Sequence[FileDiff], searched: Sequence[Sequence[_Searched]], allowance: _Allowance
) -> Iterator[Finding]:
    """The findings of files, each without what was found in it; a series of patches may hold one file several times."""
    totals = Counter[str]()
    for file, hunks in zip(files, searched, strict=True):
        totals[file.path] += sum(len(one.leaks) for one in hunks)
    told = Counter[str]()
    for file, hunks in zip(files, searched, strict=True):
        for one, hunk in zip(hunks, file.hunks, strict=True):
            for leak in one.leaks[: MOST - told[file.path]]:
                told[file.path] += 1
                more = totals[file.path] - MOST if told[file.path] == MOST else 0
                yield _finding(file, hunk, leak, allowance, more=more)


def _finding(file: FileDiff, hunk: Hunk, leak: _Leak, allowance: _Allowance, *, more: int) -> Finding:
    """What is said of a secret: of where it stood, never of what it was."""
    numbers = [hunk.lines[index].new or 0 for index in leak.lines]
    old_path = file.old_path if file.status is Status.RENAMED else None
    anchor = Anchor(file.path, Side.NEW, numbers[0], numbers[-1], old_path)
    held = hunk.lines[leak.lines[0] : leak.lines[-1] + 1]
    excerpt = tuple(line.text for line in held if line.new is not None)
    told = allowance.told_hash(leak.value)
    allow = f'If it is no secret: `allow-secrets = ["{told}"]`' if told else _NO_MORE_HASHES
    rest = f" {more:,} more secrets stand in this file." if more > 0 else ""
    draft = Draft(
        path=file.path,
        line=numbers[0],
        side=Side.NEW,
        quote="\n".join(excerpt),
        severity=Severity.ERROR,
        category=Category.SECRET,
        title=f"{_with_article(leak.kind)} is in the change",
        body=_ADVICE + allow + rest,
        suggestion=None,
        confidence=1.0,
    )
    return Finding(anchor, excerpt, draft)


def _with_article(kind: str) -> str:
    vowel = kind[0] in "aeioAEIO" or kind.startswith(("npm", "ssh", "rsa", "hmac"))
    return f"An {kind}" if vowel else f"A {kind}"
