"""Private keys of several lines. Alone knows how they are written, and what a piece of one looks like.

A hunk shows a part of a file, so a key may come without its first line, without its last one, or without both.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from reviewbot._credential_values import Credential, looks_random

_BEGIN = re.compile(r"-{4,5} ?BEGIN [A-Z0-9 ]{0,20}PRIVATE KEY(?: BLOCK)? ?-{4,5}")
_END = re.compile(r"-{4,5} ?END [A-Z0-9 ]{0,20}PRIVATE KEY(?: BLOCK)? ?-{4,5}")
_OTHER = re.compile(r"-{4,5} ?(?:BEGIN|END) (?![A-Z0-9 ]{0,20}PRIVATE KEY)[A-Z0-9 ]{1,40}-{4,5}")
_PUTTY = re.compile(r"\s{0,16}Private-Lines: [0-9]{1,4}\s{0,4}")
_PUTTY_END = re.compile(r"\s{0,16}Private-(?:MAC|Hash): ")
_PUTTY_OTHER = re.compile(r"\s{0,16}Public-Lines: [0-9]{1,4}\s{0,4}")
_BODY = re.compile(
    r"""[\s"'`+#*/>|\\-]{0,40}?(?:return\s|\(\s?)?["'`]?"""
    r"""(?P<body>(?:[A-Za-z0-9+/]{1,1000}={0,2}|=[A-Za-z0-9+/]{4}))"""
    r"""(?:\\{1,2}[rn]){0,4}["'`]?[\s+,;.)\\&_]{0,20}"""
)
_HEAD = re.compile(r"""[\s"'`+#*/>|]{0,40}(?:[A-Z][A-Za-z-]{2,30}: .{0,200})?(?:\\{1,2}[rn]){0,4}["'`+\s,\\]{0,20}""")
_HEX = re.compile(r"[0-9a-fA-F]+")
_FIRST = 16
"""Characters that the first line of a key has at least; what is shorter follows another line of it."""
_ALONE = 20
"""Characters of a line of which nothing but its look says that it is a part of a key."""
_FULL = 40
"""Characters of the lines that every kind of key is broken into, at least."""


Piece = tuple[int, Credential]
"""What one line holds of a key, with the index of the line."""


@dataclass(frozen=True, slots=True)
class Block:
    """A secret of which each line holds a piece.

    Attributes:
        pieces: in order, each in another line; all are certain, or none is, as where neither end of a key can be seen.
    """

    pieces: tuple[Piece, ...]


def blocks(lines: Sequence[str]) -> tuple[Block, ...]:
    """The private keys in consecutive lines of one version of a file."""
    bodies = [_body(index, line) for index, line in enumerate(lines)]
    if not any(piece and _length(piece) >= _FIRST for piece in bodies):
        return ()
    found: list[Block] = []
    taken: set[int] = set()
    for index, line in enumerate(lines):
        pieces: tuple[Piece, ...] = ()
        if _BEGIN.search(line) or _PUTTY.fullmatch(line):
            pieces = _downwards(lines, bodies, index + 1)
        elif _END.search(line) or _PUTTY_END.match(line):
            pieces = tuple(piece for piece in _upwards(bodies, index - 1) if piece[0] not in taken)
        if pieces:
            found.append(_sure(pieces))
            taken.update(line for line, _ in pieces)
    public = _public(lines, bodies)
    found.extend(_probable(lines, bodies, taken | public))
    return tuple(found)


def _body(index: int, line: str) -> Piece | None:
    if len(line) > 1_200 or not line:
        return None
    match = _BODY.fullmatch(line)
    return (index, Credential(*match.span("body"), "private key", certain=False)) if match else None


def _length(piece: Piece) -> int:
    return piece[1].end - piece[1].start


def _downwards(lines: Sequence[str], bodies: Sequence[Piece | None], index: int) -> tuple[Piece, ...]:
    """The lines of a key below its first one, past its headers, which are no other key's first line."""
    pieces: list[Piece] = []
    while index < len(lines):
        piece = bodies[index]
        if piece and (pieces or _length(piece) >= _FIRST):
            pieces.append(piece)
        elif pieces or not _HEAD.fullmatch(lines[index]) or _begins(lines[index]):
            break
        index += 1
    return tuple(pieces)


def _begins(line: str) -> bool:
    """True for a line below which a key is looked for: without an end there, many of them would all be gone over."""
    searched = (_BEGIN.search(line), _OTHER.search(line), _PUTTY.fullmatch(line), _PUTTY_OTHER.fullmatch(line))
    return any(searched)


def _upwards(bodies: Sequence[Piece | None], index: int) -> tuple[Piece, ...]:
    """The lines of a key above its last one: a short one or two, then full ones."""
    pieces: list[Piece] = []
    while index >= 0:
        piece = bodies[index]
        if piece is None or (_length(piece) < _FULL and len(pieces) > 1):
            break
        pieces.append(piece)
        index -= 1
    return tuple(reversed(pieces))


def _public(lines: Sequence[str], bodies: Sequence[Piece | None]) -> set[int]:
    """The lines of certificates and public keys whose first or last line can be seen."""
    found: set[int] = set()
    for index, line in enumerate(lines):
        if _OTHER.search(line) or _PUTTY_OTHER.fullmatch(line):
            pieces = _upwards(bodies, index - 1) if " END " in line or "-END " in line else ()
            found.update(number for number, _ in (*pieces, *_downwards(lines, bodies, index + 1)))
    return found


def _sure(pieces: tuple[Piece, ...]) -> Block:
    return Block(tuple((line, replace(span, certain=True)) for line, span in pieces))


def _probable(lines: Sequence[str], bodies: Sequence[Piece | None], known: set[int]) -> list[Block]:
    """Runs of lines that hold nothing but what a key's lines hold."""
    runs: list[list[Piece]] = []
    for piece in bodies:
        if piece is None or piece[0] in known:
            continue
        number, span = piece
        line, text = lines[number], lines[number][span.start : span.end]
        least = _FULL if line[max(0, span.start - 1) : span.start] in {'"', "'", "`"} else _ALONE
        if runs and runs[-1][-1][0] == number - 1 and len(text) >= 4 and _mixed(text):
            runs[-1].append(piece)
        elif len(text) >= least and looks_random(text) and not _HEX.fullmatch(text):
            runs.append([piece])
    return [Block(tuple(run)) for run in runs]


def _mixed(text: str) -> bool:
    """True for text with two of the four kinds of characters that base64 has."""
    kinds = (str.isupper, str.islower, str.isdigit, lambda char: char in "+/=")
    return sum(any(map(kind, text)) for kind in kinds) >= 2
