r"""How a patch writes the names of files: C-quoting, prefixes, and two names in one line. Both ways.

A prefix is taken off a pair of names only where the two begin with different letters and a slash: `a/x` and `b/x` are
`x`, in a git patch also `i/x` and `w/x` (diff.mnemonicPrefix), but `a/x` and `a/x` stay (diff.noprefix). All other
pairs, as of `diff -ru old new`, stay as they are.
"""

import re

from reviewbot.errors import SourceError

NULL = "/dev/null"
PLAIN_PREFIXES = frozenset("ab")
GIT_PREFIXES = frozenset("abciow12")

_HINT = "Give the whole, unedited output of git diff, git show, git format-patch, hg diff --git or diff -u."
_QUOTED = re.compile(r'"((?:[^"\\]|\\(?:[abtnvfr"\\]|[0-3][0-7]{2}))*)"')
_ESCAPE = re.compile(rb"\\([0-7]{3}|.)")
_LETTERS = {"a": 7, "b": 8, "t": 9, "n": 10, "v": 11, "f": 12, "r": 13, '"': 34, "\\": 92}
_BYTES = {letter.encode(): bytes([code]) for letter, code in _LETTERS.items()}
_WRITTEN = [chr(code) if 32 <= code < 127 else f"\\{code:03o}" for code in range(256)]
for _letter, _code in _LETTERS.items():
    _WRITTEN[_code] = f"\\{_letter}"


def bad_patch(line: int, what: str, *, hint: str = _HINT) -> SourceError:
    """The error for a patch that cannot be read.

    Args:
        line: where, from 1.
        what: what is wrong there.
        hint: what to do about it.
    """
    return SourceError(f"patch line {line}: {what}", hint=hint, slug="bad-patch")


def split_names(text: str, *, between: str = " ") -> tuple[str, str] | None:
    """Take two names apart that stand in one line, or None where that is not certain.

    It is certain where both halves name the same file, where a quote divides them, or where only one split is possible.

    Args:
        text: as `a/x b/x` after `diff --git`; one or both may be quoted.
        between: what stands between them.
    """
    quoted = _QUOTED.match(text)
    if quoted:
        return unquote(quoted[0]), unquote(text[quoted.end() :].removeprefix(between))
    if text.endswith('"'):
        first, _, second = text.partition(f'{between}"')
        return first, unquote(f'"{second}')
    half = (len(text) - len(between)) // 2
    first, second = text[:half], text[half + len(between) :]
    if text == first + between + second and _same_file(first, second):
        return first, second
    cuts = [match.start() for match in re.finditer(re.escape(between), text)]
    if len(cuts) > 1 and _prefixed(text):
        cuts = [cut for cut in cuts if _prefixed(text[cut + len(between) :])]
    return (text[: cuts[0]], text[cuts[0] + len(between) :]) if len(cuts) == 1 else None


def unquote(name: str) -> str:
    """A name without git's C-quoting; one that is not quoted comes back as it is."""
    quoted = _QUOTED.fullmatch(name)
    if not quoted:
        return name
    raw = quoted[1].encode("utf-8", "surrogateescape")
    plain = _ESCAPE.sub(lambda escape: _BYTES.get(escape[1]) or bytes([int(escape[1], 8)]), raw)
    return plain.decode("utf-8", "surrogateescape")


def quote(name: str) -> str:
    """A name as git writes it: in C-quotes where it holds controls, quotes, backslashes or bytes beyond ASCII."""
    written = "".join(_WRITTEN[code] for code in name.encode("utf-8", "surrogateescape"))
    return name if written == name else f'"{written}"'


def side_name(written: str | None, line: int, *, whole: str | None = None) -> str | None:
    """The name in a `---` or `+++` line, or None where there is no line or no file.

    Args:
        written: what follows the sign, with a tab and a date where the tool writes them.
        line: where, for the error.
        whole: the same name from another line, where it is known; it tells a tab in the name from the one after it.

    Raises:
        SourceError: it begins with a quote and is not C-quoted.
    """
    if written is None:
        return None
    if written.removesuffix("\t") == whole:
        return whole
    quoted = _QUOTED.match(written)
    if quoted:
        return unquote(quoted[0])
    if written.startswith('"'):
        raise bad_patch(line, "a name is not quoted as git quotes names")
    name = written.partition("\t")[0]
    return None if name == NULL else name


def usable_name(name: str, line: int) -> str:
    """The name itself.

    Raises:
        SourceError: no file can have it.
    """
    if not name or "\0" in name:
        raise bad_patch(line, "no file can have such a name")
    return name


def without_prefixes(old: str, new: str, *, letters: frozenset[str]) -> tuple[str, str]:
    """A pair of names without `a/` and `b/`, or as it is where it has no such prefixes.

    Args:
        old: as written.
        new: as written.
        letters: those a prefix can be made of.
    """
    prefixes = {old[:1], new[:1]}
    if len(prefixes) == 2 and prefixes <= letters and _prefixed(old) and _prefixed(new):
        return old[2:], new[2:]
    return old, new


def _prefixed(name: str) -> bool:
    return name[:1] in GIT_PREFIXES and name[1:2] == "/"


def _same_file(first: str, second: str) -> bool:
    """True where the names are equal, or equal beyond one folder each, whatever the two prefixes are."""
    beyond = first.partition("/")[2]
    return first == second or (beyond != "" and beyond == second.partition("/")[2])
