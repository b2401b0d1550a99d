"""Quoted lines as models copy them out of a prompt: with its signs and numbers, fenced, without indentation.

Alone knows how a quote differs from the lines it means.
"""

import re
from collections.abc import Sequence

from reviewbot.finding import squeeze

SUBSTANCE = 4
"""Letters and digits, bare keywords not counted, below which a quote says little about where it stands."""

Reading = tuple[tuple[str, ...], ...]
"""A quote as it may be meant: for each of its lines the texts, squeezed, that it may stand for."""

_BARE = {"begin", "break", "continue", "default", "do", "done", "else", "end", "esac", "except", "false", "fi", "for"}
_BARE |= {"finally", "if", "none", "null", "pass", "return", "then", "true", "try"}

UNSHOWN = re.compile("[\U000e0001\U000e0020-\U000e007f]+")
"""Text in tags, which a prompt leaves out: only machines read it, and no person has seen what it tells a model."""

_NUMBERED = re.compile(r"\A\s*[+-]?\s*([0-9]{1,9})\s*\|")
_SIGN = re.compile(r"\A[+-] ?")
_FENCE = re.compile(r"\s*(?:```|~~~)[\w+.-]*\s*")


def number_in(quote: Sequence[str]) -> int | None:
    """The first number that was copied with a line, or None."""
    return next((int(match[1]) for match in map(_NUMBERED.match, quote) if match), None)


def is_fence(line: str) -> bool:
    """True for a line that begins or ends a fenced block."""
    return bool(_FENCE.fullmatch(line))


def trimmed(lines: Sequence[str]) -> list[str]:
    """The lines without blank ones at both ends."""
    filled = [place for place, line in enumerate(lines) if squeeze(line)]
    return list(lines[filled[0] : filled[-1] + 1]) if filled else []


def unfenced(lines: Sequence[str]) -> Sequence[str]:
    """The lines without the fence around them, where there is one."""
    fenced = len(lines) > 1 and is_fence(lines[0]) and is_fence(lines[-1])
    return lines[1:-1] if fenced else lines


def unnumbered(line: str) -> str:
    """A line without the sign and the number that a prompt shows before it."""
    return _NUMBERED.sub("", line, count=1)


def readings_of(quote: Sequence[str]) -> list[Reading]:
    """What a quote may mean, the most literal first."""
    readings: list[Reading] = []
    for lines in (quote, trimmed(unfenced(quote))):
        literal = [(squeeze(line), squeeze(unnumbered(line))) for line in lines]
        bare = [squeeze(unnumbered(line.strip().strip("`"))) for line in lines]
        loose = [(*texts, text, _SIGN.sub("", text)) for texts, text in zip(literal, bare, strict=True)]
        readings += [tuple(tuple(dict.fromkeys(texts)) for texts in reading) for reading in (literal, loose)]
    # Nothing but blank lines proves no place, however they were copied.
    return [reading for reading in dict.fromkeys(readings) if any("" not in texts for texts in reading)]


def weak(quote: Sequence[str]) -> bool:
    """True for a quote such as `}` or `else:` that says little about where it stands."""
    words = re.findall(r"[^\W_]+", " ".join(map(unnumbered, unfenced(quote))).lower())
    return sum(len(word) for word in words if word not in _BARE) < SUBSTANCE


def unprefixed(lines: Sequence[str], excerpt: Sequence[str]) -> list[str]:
    """Suggested lines without the signs and numbers that a prompt shows before lines."""
    filled = [line for line in lines if line.strip()]
    if filled and all(map(_NUMBERED.match, filled)) and not any(map(_NUMBERED.match, excerpt)):
        return [unnumbered(line) for line in lines]
    signed = filled and all(line.startswith("+") for line in filled)
    return [line.removeprefix("+") if signed and not excerpt[0].startswith("+") else line for line in lines]


def indentation(line: str) -> str:
    """The white space that a line begins with; none where nothing follows."""
    return line[: len(line) - len(line.lstrip())] if line.strip() else ""


def indented(lines: Sequence[str], quote: Sequence[str], excerpt: Sequence[str]) -> list[str]:
    """Suggested lines with the indentation that every line of the quote lost in copying, if it did."""
    lost = excerpt[0].rstrip().removesuffix(quote[0].rstrip())
    pairs = zip(excerpt, quote, strict=True)
    if any(real.rstrip() != (lost + said).rstrip() for real, said in pairs):
        return list(lines)
    return [lost + line if line.strip() and not line.startswith(lost) else line for line in lines]
