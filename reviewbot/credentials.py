"""Which texts are credentials, and their names. Alone knows how the ways of finding one are put together.

A credential is `certain` where its shape leaves no doubt, and then somebody is told. What only may be one is taken out
of the change without a word: redact generously, accuse sparingly.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from itertools import islice, pairwise

from reviewbot._credential_blocks import Block, blocks
from reviewbot._credential_environment import Known, secret_values
from reviewbot._credential_names import HINTS, named, paired
from reviewbot._credential_places import placed
from reviewbot._credential_shapes import shaped
from reviewbot._credential_values import PLACEHOLDER, Credential, looks_random

__all__ = ["PLACEHOLDER", "Block", "Credential", "Detector", "Numbers", "placeholders", "secret_values"]

_Way = Callable[[str], Iterator[Credential]]

_LONG_RUN = re.compile(r"[A-Za-z0-9_+/=.~-]{20}")
_MARK = re.compile("|".join((*HINTS, "://", "bearer", "basic", "-u", "-p", "identified", "--user")))
_CUT = 60
"""Bytes from which on a heading may be cut: git shows 80 of the line."""
_LAST_WORD = re.compile(r"[A-Za-z0-9+/=_.-]{12,}\Z")


class Detector:
    """Finds credentials. It keeps no state but what it was made with.

    Args:
        values: secrets that are known, as `secret_values` reads them; they are found wherever they stand.
    """

    __slots__ = ("_known",)

    def __init__(self, values: tuple[str, ...] = ()) -> None:
        self._known = Known(values)

    def find(self, text: str) -> tuple[Credential, ...]:
        """The credentials of one line, in order; they do not overlap."""
        return self._through_nul(text, (shaped, placed, named))

    def find_in_name(self, text: str) -> tuple[Credential, ...]:
        """The credentials of a path: vendors' tokens and known values, no guesses from words."""
        return self._through_nul(text, (shaped,))

    def find_in_heading(self, text: str) -> tuple[Credential, ...]:
        """The credentials of a hunk's heading, which is a line of the file that may be cut."""
        found = self.find(text)
        length = len(text.encode("utf-8", "surrogateescape"))
        last = _LAST_WORD.search(text[-100:]) if length >= _CUT else None
        if last and looks_random(last[0], least=12) and not (found and found[-1].end > len(text) - len(last[0])):
            return (*found, Credential(len(text) - len(last[0]), len(text), "key", certain=False))
        return found

    def find_blocks(self, lines: Sequence[str]) -> tuple[Block, ...]:
        """What only several consecutive lines of one version of a file tell, in the order of their first lines.

        These are private keys, also where only a part of one can be seen, and values that the line before them names.
        """
        plain = [line.replace("\0", "") for line in lines]
        found = sorted((*blocks(plain), *_pairs(plain)), key=lambda block: block.pieces[0][0])
        touched = {line for block in found for line, _ in block.pieces}
        places = {line: _places(lines[line]) for line in touched if "\0" in lines[line]}
        return tuple(
            replace(block, pieces=tuple((line, _moved(span, places.get(line))) for line, span in block.pieces))
            for block in found
        )

    def _through_nul(self, text: str, ways: tuple[_Way, ...]) -> tuple[Credential, ...]:
        """Text of two bytes a character, read as one byte a character, has a NUL beside each."""
        if "\0" not in text:
            return self._merged(text, ways)
        places = _places(text)
        return tuple(_moved(found, places) for found in self._merged(text.replace("\0", ""), ways))

    def _merged(self, text: str, ways: tuple[_Way, ...]) -> tuple[Credential, ...]:
        """What overlaps is one credential, of the kind that the surest way gives it."""
        found = list(self._known.find(text))
        if worth_a_look(text):
            found.extend(one for way in ways for one in way(text))
        if len(found) < 2:
            return tuple(found)
        order = sorted(range(len(found)), key=lambda index: (found[index].start, index))
        merged: list[tuple[int, Credential]] = []
        for index in order:
            one = found[index]
            if merged and one.start < merged[-1][1].end:
                rank, other = merged[-1]
                kind = one.kind if index < rank else other.kind
                sure = one.certain or other.certain
                merged[-1] = min(rank, index), Credential(other.start, max(one.end, other.end), kind, sure)
            else:
                merged.append((index, one))
        return tuple(one for _, one in merged)


def placeholders(texts: Iterable[str]) -> frozenset[str]:
    """What looks like a placeholder already, so that no value gets its name."""
    return frozenset(match[0] for text in texts if "REDACTED_" in text for match in PLACEHOLDER.finditer(text))


class Numbers:
    """Names values by their kinds and the order in which they are first seen.

    Args:
        taken: names that no value gets.
    """

    __slots__ = ("_counts", "_names", "_taken")

    def __init__(self, taken: frozenset[str]) -> None:
        self._taken = taken
        self._counts: dict[str, int] = {}
        self._names: dict[tuple[str, str], str] = {}

    def replaced(self, text: str, found: Sequence[Credential]) -> str:
        """The text with a placeholder for each credential; they are in order and do not overlap."""
        parts, at = [], 0
        for one in found:
            parts += [text[at : one.start], self._name(one.kind, text[one.start : one.end])]
            # A digit right behind it would make another number of it.
            parts += ["_"] if text[one.end : one.end + 1].isdigit() else []
            at = one.end
        return "".join([*parts, text[at:]])

    def _name(self, kind: str, value: str) -> str:
        prefix = "REDACTED_" + re.sub(r"[^A-Z0-9]+", "_", kind.upper()).strip("_")
        name = self._names.get((prefix, value))
        while name is None:
            self._counts[prefix] = self._counts.get(prefix, 0) + 1
            candidate = f"{prefix}_{self._counts[prefix]}"
            name = None if candidate in self._taken else candidate
        self._names[prefix, value] = name
        return name


def _pairs(lines: Sequence[str]) -> Iterator[Block]:
    """The one value of each such line; what else it holds is found without the line before it."""
    for number, (before, line) in enumerate(pairwise(lines), start=1):
        if "alue" in line:
            yield from (Block(((number, found),)) for found in islice(paired(before, line), 1))


def worth_a_look(text: str) -> bool:
    """False for most lines that hold no credential, found out cheaply; never for one that holds one by itself."""
    return _LONG_RUN.search(text) is not None or _MARK.search(text.lower()) is not None


def _places(text: str) -> list[int]:
    """Where each character of the text without its NULs stands in the text itself."""
    return [index for index, char in enumerate(text) if char != "\0"]


def _moved(found: Credential, places: Sequence[int] | None) -> Credential:
    """A span of a text without its NULs, in the text itself; None where there is no NUL."""
    if places is None:
        return found
    return replace(found, start=places[found.start], end=places[found.end - 1] + 1)
