"""Which texts are credentials. Alone knows how the ways of finding one are put together.

A credential is `certain` where its shape leaves no doubt, and then somebody is told. What only may be one is taken out
of the change without a word: redact generously, accuse sparingly.
"""

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from itertools import pairwise

from reviewbot._credential_blocks import Block, blocks
from reviewbot._credential_environment import Known, secret_values
from reviewbot._credential_names import HINTS, named, paired
from reviewbot._credential_places import placed
from reviewbot._credential_shapes import shaped
from reviewbot._credential_values import PLACEHOLDER, Credential, looks_random

__all__ = ["PLACEHOLDER", "Block", "Credential", "Detector", "secret_values"]

_Way = Callable[[str], Iterator[Credential]]

_LONG_RUN = re.compile(r"[A-Za-z0-9_+/=.~-]{20}")
_MARK = re.compile("|".join((*HINTS, "://", "bearer", "basic", "-u", "-p", "identified", "--user")))
_CUT = 60
"""Characters from which on a heading may be cut: git shows 80 bytes of the line."""
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
        last = _LAST_WORD.search(text[-100:]) if len(text) >= _CUT else None
        if last and looks_random(last[0], least=12) and not (found and found[-1].end > len(text) - len(last[0])):
            return (*found, Credential(len(text) - len(last[0]), len(text), "key", certain=False))
        return found

    def find_blocks(self, lines: Sequence[str]) -> tuple[Block, ...]:
        """What only several consecutive lines of one version of a file tell, in the order of their first lines.

        These are private keys, also where only a part of one can be seen, and values that the line before them names.
        """
        plain = [line.replace("\0", "") for line in lines]
        found = [*blocks(plain), *_pairs(plain)]
        return tuple(
            replace(block, pieces=tuple((line, _moved(span, lines[line])) for line, span in block.pieces))
            for block in sorted(found, key=lambda block: block.pieces[0][0])
        )

    def _through_nul(self, text: str, ways: tuple[_Way, ...]) -> tuple[Credential, ...]:
        """Text of two bytes a character, read as one byte a character, has a NUL beside each."""
        if "\0" not in text:
            return self._merged(text, ways)
        return tuple(_moved(found, text) for found in self._merged(text.replace("\0", ""), ways))

    def _merged(self, text: str, ways: tuple[_Way, ...]) -> tuple[Credential, ...]:
        """What overlaps is one credential, of the kind that the surest way gives it."""
        found = [Credential(*span, "environment secret", certain=True) for span in self._known.spans(text)]
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


def _pairs(lines: Sequence[str]) -> Iterator[Block]:
    for number, (before, line) in enumerate(pairwise(lines), start=1):
        if "alue" in line:
            yield from (Block(((number, found),)) for found in paired(before, line))


def worth_a_look(text: str) -> bool:
    """False for most lines that hold no credential, found out cheaply; never for one that holds one by itself."""
    return _LONG_RUN.search(text) is not None or _MARK.search(text.lower()) is not None


def _moved(found: Credential, text: str) -> Credential:
    """A span of the text without its NULs, in the text itself."""
    if "\0" not in text:
        return found
    places = [index for index, char in enumerate(text) if char != "\0"]
    return replace(found, start=places[found.start], end=places[found.end - 1] + 1)
