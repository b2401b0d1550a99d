"""What a comment and a summary carry hidden. Alone knows the form in which findings and digests outlast a review.

That is a line of its own that no page shows: a comment of HTML around compressed JSON and a checksum, in letters and
digits. What is cut, edited, too large or of another version is as good as nothing.
"""

import base64
import hashlib
import json
import re
import zlib
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, NoReturn, TypeVar

from reviewbot._remember_form import DIGEST, NAME, finding, items, named, number, record, text
from reviewbot.finding import Finding
from reviewbot.memory import Fate, Known, Memory

_Value = TypeVar("_Value")

_LINE = "<!-- reviewbot:{} v1 {} -->"
_TOLD, _KEPT = "told", "kept"

_CHECK = 12
"""Bytes of SHA-256: they are to show what happened by chance, and cannot prove who wrote."""

_NAME = 16
"""Digits of a fingerprint that tell it from all others of a pull request."""

_LARGEST = 4_000_000
"""Bytes of the JSON, which a few letters can stand for."""


@dataclass(frozen=True, slots=True)
class Kept:
    """What a summary carries.

    Attributes:
        reviewed: digests of the parts that were looked at, the latest first.
        told: fingerprints of findings that somebody was told, each with the digest of the part it stands in. Of each
            the first 16 digits come back.
        own: findings that nothing else carries, the worst first.
    """

    reviewed: tuple[str, ...] = ()
    told: tuple[tuple[str, str], ...] = ()
    own: tuple[Finding, ...] = ()


def hidden(told: Finding, *, most: int) -> str:
    """The line by which a comment carries its finding.

    Args:
        told: the finding; surrogates and controls stay what they are.
        most: characters it may have.

    Returns:
        "" where it needs more.
    """
    line = _line(_TOLD, record(told))
    return line if len(line) <= most else ""


def told_in(body: str) -> Finding | None:
    """The finding that a comment carries.

    Args:
        body: of the comment, whatever became of it.

    Returns:
        As another review knows it: standing, with the fingerprint it was told as; None where there is none to be read.
    """
    return _read(_TOLD, body, finding)


def kept(what: Kept, *, most: int) -> str:
    """The line by which a summary carries what is to be kept, as much of it as has room.

    Findings come first, then the latest digests. Where a finding has no room, the digest of its part has none either,
    so that the part is looked at again.

    Args:
        what: is to be kept.
        most: characters the line may have.

    Returns:
        "" where nothing has room.
    """

    def line(findings: int, digests: int) -> str:
        return _line(_KEPT, _fields(what.own[:findings], reviewed[:digests], what.told))

    reviewed: Sequence[str] = ()
    findings = _largest(len(what.own), lambda number: len(line(number, 0)) <= most)
    parts = _parts(what)
    lost = {parts.get(one.fingerprint[:_NAME]) for one in what.own[findings:]}
    reviewed = [digest for digest in what.reviewed if digest not in lost]
    digests = _largest(len(reviewed), lambda number: len(line(findings, number)) <= most)
    made = line(findings, digests)
    return made if len(made) <= most else ""


def kept_in(body: str) -> Kept | None:
    """What a summary carries, None where there is nothing to be read.

    Args:
        body: of the summary, whatever became of it.
    """
    return _read(_KEPT, body, _kept)


def recollect(told: Iterable[Known], state: Kept) -> Memory:
    """What earlier reviews left, out of all that is still there.

    Args:
        told: what comments tell; their parts do not matter.
        state: what the summary carries.

    Returns:
        Without the digests of parts of which a finding is lost: they are looked at again.
    """
    parts, known = _parts(state), list(told)
    commented = {one.finding.fingerprint for one in known}
    known += [Known(one) for one in state.own if one.fingerprint not in commented]
    names = [one.finding.fingerprint[:_NAME] for one in known]
    # What is gone may be back: only a review of that part can tell.
    living = {name for one, name in zip(known, names, strict=True) if one.fate is not Fate.GONE}
    lost = {part for name, part in parts.items() if name not in living}
    return Memory(
        tuple(replace(one, part=parts.get(name, "")) for one, name in zip(known, names, strict=True)),
        tuple(digest for digest in state.reviewed if digest not in lost),
    )


def _parts(state: Kept) -> dict[str, str]:
    """The digests of parts by the names of findings."""
    return {fingerprint[:_NAME]: digest for fingerprint, digest in state.told}


def _largest(most: int, fits: Callable[[int], bool]) -> int:
    """The largest number that fits, if any but 0 does."""
    low, high = 0, most
    while low < high:
        middle = (low + high + 1) // 2
        low, high = (middle, high) if fits(middle) else (low, middle - 1)
    return low


def _line(kind: str, value: object) -> str:
    # Half of a pair of surrogates has to stay one, which an escape beside its other half would not.
    said = json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    data = zlib.compress(said.encode("utf-8", "surrogatepass"), 9)
    return _LINE.format(kind, base64.b64encode(_sum(kind, data) + data).decode())


def _sum(kind: str, data: bytes) -> bytes:
    return hashlib.sha256(kind.encode() + data).digest()[:_CHECK]


def _read(kind: str, body: str, made: Callable[[Any], _Value]) -> _Value | None:
    """What the one line of a kind says; of two nobody knows which is right."""
    found = re.findall(f"^{_LINE.format(kind, '([0-9A-Za-z+/=]+)')}\r?$", body, re.MULTILINE)
    if len(found) != 1:
        return None
    try:
        whole = base64.b64decode(found[0], validate=True)
        data = whole[_CHECK:]
        if whole[:_CHECK] != _sum(kind, data):
            return None
        return made(json.loads(_inflated(data).decode("utf-8", "surrogatepass"), parse_constant=_no_number))
    except (ValueError, TypeError, KeyError, RecursionError, zlib.error):
        return None


def _inflated(data: bytes) -> bytes:
    stream = zlib.decompressobj()
    inflated = stream.decompress(data, _LARGEST)
    if not stream.eof:
        raise ValueError("it is cut, or there is too much of it")
    return inflated


def _no_number(name: str) -> NoReturn:
    raise ValueError(name)


def _fields(own: Iterable[Finding], reviewed: Sequence[str], told: Iterable[tuple[str, str]]) -> dict[str, object]:
    places: Mapping[str, int] = {digest: place for place, digest in enumerate(reviewed)}
    return {
        "reviewed": "".join(reviewed),
        "told": [[fingerprint[:_NAME], places[digest]] for fingerprint, digest in told if digest in places],
        "own": [record(one) for one in own],
    }


def _kept(said: Any) -> Kept:
    digits = text(said["reviewed"])
    reviewed = tuple(named(digits[start : start + 32], DIGEST) for start in range(0, len(digits), 32))
    told = []
    for fingerprint, place in map(items, items(said["told"])):
        told.append((named(fingerprint, NAME), reviewed[number(place, least=0, most=len(reviewed) - 1)]))
    return Kept(reviewed, tuple(told), tuple(map(finding, items(said["own"]))))
