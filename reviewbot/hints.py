"""What other tools say of a change. Alone knows which of it is worth telling a model, and how much."""

import json
import posixpath
import re
from bisect import bisect_left
from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache

from reviewbot import _sarif
from reviewbot.diff import FileDiff, LineKind
from reviewbot.errors import ConfigError
from reviewbot.finding import Severity, squeeze
from reviewbot.terminal import short

MOST_BYTES = 50_000_000
"""Of a file that is read: some forty thousand results."""
HEARD = 20_000
"""Hints of one file: a change with more of them has other troubles."""
MOST = 12
"""Hints of one chunk."""
ROOM = 600
"""Tokens of one chunk's hints."""
LONGEST = 200
"""Characters of a message."""
LONGEST_TOOL = 120
"""Characters of a tool and its rule: some name a rule by the folders it lies in."""

_WIDE = (b"\xff\xfe", b"\xfe\xff", b"{\0", b"\0{")
_ESCAPED = re.compile(rb"%([0-9A-Fa-f]{2})")
_SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:")
_HERE = ("", "localhost")


@dataclass(frozen=True, slots=True)
class Hint:
    """What a tool says of lines that the change adds.

    Attributes:
        path: of the file, as in the change.
        start: first line on the new side, from 1.
        end: last line.
        tool: its name and that of its rule, as `ruff F841`; one line.
        text: what it says, in one line.
        severity: as it says.
        security: whether it calls it a matter of security.
    """

    path: str
    start: int
    end: int
    tool: str
    text: str
    severity: Severity = Severity.WARNING
    security: bool = False


@dataclass(frozen=True, slots=True)
class Told:
    """What a file of a tool holds.

    Attributes:
        name: of the file, for people.
        hints: on lines that the change adds, each once, in the order of the file.
        results: how many results it has that count for anything.
        elsewhere: those of them in no file of the repository.
        unplaced: those that name no line of a file.
    """

    name: str
    hints: tuple[Hint, ...]
    results: int
    elsewhere: int
    unplaced: int

    @property
    def astray(self) -> bool:
        """True where no result is about the repository: the tool most likely names its files in another way."""
        return 0 < self.results == self.elsewhere + self.unplaced


def read(
    data: bytes,
    *,
    name: str,
    files: Iterable[FileDiff],
    tops: Collection[str],
    there: Callable[[str], bool],
    hide: Callable[[str], str],
) -> Told:
    """What a tool says of the lines that a change adds.

    Args:
        data: a document of SARIF 2.1.0, all of it.
        name: of the file, for people.
        files: of the change.
        tops: absolute paths of the folder at the top of the repository: with and without its links.
        there: whether the repository has a file of a path.
        hide: a text of several lines without its credentials.

    Raises:
        ConfigError: it is no such document.
    """
    added = _added(files)
    counts: Counter[str] = Counter()
    ours = cache(lambda path: path in added or there(path))
    path_of = cache(lambda addresses: _path(addresses, added, tops))
    # Most tools repeat themselves, and to look for credentials takes its time.
    shown = cache(lambda text: squeeze(hide(text)))
    hints: dict[Hint, None] = {}
    for result in _results(data, name):
        named = ((path_of(place.addresses), place) for place in result.places)
        inside = [(path, place) for path, place in named if path is not None]
        counts["results"] += 1
        counts["elsewhere" if result.places else "unplaced"] += not any(ours(path) for path, _ in inside)
        here = [(path, place) for path, place in inside if _touches(added, path, place.start, place.end)]
        if here and len(hints) < HEARD:
            said = result.said()
            tool, text = short(shown(said.tool), LONGEST_TOOL - 2), short(shown(said.message), LONGEST - 2)
            for path, place in here:
                hints[Hint(path, place.start, place.end, tool, text, said.severity, said.security)] = None
    return Told(name, tuple(hints), counts["results"], counts["elsewhere"], counts["unplaced"])


def hints_for(files: Sequence[FileDiff], hints: Iterable[Hint], *, size: Callable[[Hint], int]) -> tuple[Hint, ...]:
    """What a prompt about files tells of them: the worst, and of equal ones every rule once before any rule twice.

    Args:
        files: of one chunk.
        hints: of the whole change.
        size: tokens that a hint takes.

    Returns:
        At most `MOST`, of at most `ROOM` tokens, in the order of the files.
    """
    added = _added(files)
    places = {path: place for place, path in enumerate(added)}
    here = [hint for hint in dict.fromkeys(hints) if _touches(added, hint.path, hint.start, hint.end)]
    here.sort(key=lambda hint: (places[hint.path], hint.start, hint.end, hint.severity.rank, hint.tool, hint.text))
    seen: Counter[tuple[int, str]] = Counter()
    turns: list[tuple[int, int, int]] = []
    for at, hint in enumerate(here):
        rule = hint.severity.rank, hint.tool
        turns.append((hint.severity.rank, seen[rule], at))
        seen[rule] += 1
    chosen: list[int] = []
    room = ROOM
    for _, _, at in sorted(turns):
        if len(chosen) == MOST:
            break
        taken = size(here[at])
        if taken <= room:
            chosen.append(at)
            room -= taken
    return tuple(here[at] for at in sorted(chosen))


def _results(data: bytes, name: str) -> Iterator[_sarif.Result]:
    if len(data) > MOST_BYTES:
        raise unusable(name, f"it is larger than {MOST_BYTES // 1_000_000} MB", "let the tool look at fewer files")
    if data.startswith(_WIDE):
        raise unusable(name, "it is UTF-16", "write it as UTF-8")
    try:
        return _sarif.results(json.loads(data.decode("utf-8-sig")))
    except (ValueError, RecursionError) as error:
        raise unusable(name, "it is no JSON in UTF-8", "write it anew with the tool") from error
    except _sarif.NoSarifError as error:
        raise unusable(name, str(error), f"let the tool write SARIF {_sarif.VERSION}") from error


def unusable(name: str, why: str, hint: str) -> ConfigError:
    """The error for a file that tells nothing; what is wrong with it, and what to do, in a few words."""
    return ConfigError(f"cannot use the hints {name}: {why}", hint=hint, slug="bad-hints")


def _added(files: Iterable[FileDiff]) -> Mapping[str, Sequence[int]]:
    """The numbers of the added lines of each file, rising; a series of patches may hold one file several times."""
    added: defaultdict[str, set[int]] = defaultdict(set)
    for file in files:
        lines = (line for hunk in file.hunks for line in hunk.lines)
        added[file.path].update(line.new for line in lines if line.new and line.kind is LineKind.ADDED)
    return {path: sorted(numbers) for path, numbers in added.items()}


def _touches(added: Mapping[str, Sequence[int]], path: str, start: int, end: int) -> bool:
    numbers = added.get(path, ())
    first = bisect_left(numbers, start)
    return first < len(numbers) and numbers[first] <= end


def _path(addresses: Sequence[str], known: Collection[str], tops: Collection[str]) -> str | None:
    """The file of an address: one of the change if it can be, None where it is none of the repository."""
    inside = [_inside(_decoded(address), tops) for address in addresses]
    # Some tools write paths as they are, also those with a percent sign.
    as_they_are = [_inside(address, tops) for address in addresses]
    first = next((path for path in (*inside, *as_they_are) if path in known), None)
    return first or next(filter(None, inside), None)


def _decoded(address: str) -> str:
    if "%" not in address:
        return address
    data = address.encode("utf-8", "surrogatepass")
    return _ESCAPED.sub(lambda found: bytes.fromhex(found[1].decode()), data).decode("utf-8", "surrogateescape")


def _inside(address: str, tops: Collection[str]) -> str | None:
    """The path from the top of the repository to what an address names, None where it lies outside."""
    if scheme := _SCHEME.match(address):
        host, slash, rest = address[scheme.end() :].removeprefix("//").partition("/")
        if scheme[0].lower() != "file:" or host not in _HERE:
            return None
        address = slash + rest
    if address.startswith("/"):
        absolute = posixpath.normpath("/" + address.lstrip("/"))
        tops = [top.rstrip("/") for top in tops]
        return next((absolute[len(top) + 1 :] for top in tops if absolute.startswith(f"{top}/")), None)
    path = posixpath.normpath(address)
    return None if path in {".", ".."} or path.startswith("../") else path
