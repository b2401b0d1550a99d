"""Lines that leave something open. Alone knows how brackets, quotes and statements end where no grammar is trusted."""

import re
from collections.abc import Sequence

_C = re.compile(
    r"""//[^\n]*|/\*.*?\*/|R"([^(\s"]*)\(.*?\)\1"|"(?:\\.|[^"\\\n])*"|(?<=[0-9A-Fa-f])'(?=[0-9A-Fa-f])"""
    r"""|'(?:\\.|[^'\\\n])+'|(?P<mark>/\*.*|\*/|[][(){}"'])""",
    re.DOTALL,
)
_YAML = re.compile(
    r"""(?:^|(?<=\s))\#[^\n]*|(?<![^\s\[{(,:|-])(?:"(?:\\.|[^"\\])*"|'(?:''|[^'])*')"""
    r"""|(?P<mark>[][(){}]|(?<![^\s\[{(,:|-])["'])""",
    re.DOTALL | re.MULTILINE,
)
"""Comments and whole texts, which are passed over, and what is left: a quote is one where a text may begin."""

_PAIRS = {"()", "[]", "{}"}
_ENDED = re.compile(r".*[;{}:,>\\]|\s*#.*|\s*\w*[A-Z]{2}\w*(?:\s*\(.*\))?")
"""A line after which a new statement may begin; macros, which are written in capitals, may need no semicolon."""


def torn(name: str, old: Sequence[str], new: Sequence[str]) -> bool:
    """Whether new lines leave other brackets or quotes open than the old ones, or lose the end of a statement.

    Args:
        name: of the language: `yaml`, or another that looks like C.
        old: the lines that are replaced.
        new: what is written instead.
    """
    marks = _YAML if name == "yaml" else _C
    if _open(marks, old) != _open(marks, new):
        return True
    return name != "yaml" and _last(old).endswith(";") and not _ENDED.fullmatch(_last(new))


def _open(marks: re.Pattern[str], lines: Sequence[str]) -> list[str]:
    """What has no other half, in order."""
    left: list[str] = []
    for found in marks.finditer("\n".join(lines)):
        if mark := found["mark"]:
            if left and left[-1] + mark in _PAIRS:
                left.pop()
            else:
                left.append(mark[:2])
    return left


def _last(lines: Sequence[str]) -> str:
    """The last line of code; where there is none, one that ends nothing and needs no end."""
    code = _C.sub(lambda found: "" if found[0][:2] in {"//", "/*"} else found[0], "\n".join(lines))
    bare = code.split("\n")
    return next((line.rstrip() for line in reversed(bare) if line.strip()), "#")
