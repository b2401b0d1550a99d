"""Text for GitHub-flavoured Markdown: how untrusted words become harmless there. Alone knows what acts on a page.

Signs of Markdown get a backslash. What a host looks for in the finished page (names, numbers of issues, formulas) would
come back from behind one: a joiner breaks it. Addresses become code, where they can be read and copied.
"""

import re
from collections.abc import Collection, Iterable, Iterator, Mapping
from itertools import count
from string import ascii_letters, digits

from reviewbot.terminal import visible

JOINER = "\u2060"
"""Shows nothing, and keeps what stands beside it from meaning more than itself; no text brings one along."""

# Only what colours code: other names draw pictures, set formulas or offer a change to be committed.
_LANGUAGES = re.compile(
    r"bash|c|cpp|cs|csharp|css|diff|dockerfile|go|graphql|hcl|html|ini|java|javascript|js|json|jsx|kotlin|lua|make|perl"
    r"|php|powershell|proto|py|python|r|ruby|rust|scala|sh|shell|sql|swift|toml|ts|tsx|typescript|xml|yaml|yml"
)
_UNRESERVED = frozenset(f"{ascii_letters}{digits}-._~/".encode())
_DEEPEST = 6  # lists in lists

_BREAK = re.compile(r"\r\n|[\r\n]")
_MARGIN = re.compile(r"\A(?: {4}| {0,3}\t)")
_FENCE = re.compile(r"(?P<indent>[ \t]*)(?P<mark>`{3,}|~{3,})(?P<language>[^`]*)")
_ITEM = re.compile(r"(?P<indent> *)(?P<mark>[-*+]|[0-9]{1,9}[.)]) +(?P<text>\S.*)")
_START = re.compile(r"(?=[-+=>]|:-)|[0-9]{1,9}(?=[.)](?:\s|$))")
_STARS = re.compile(r"(?<!\*)\*{1,3}(?!\*)")
_LETTER = re.compile(r"[A-Za-z0-9]")
_MARKER = re.compile(r"<!--(?=\s*reviewbot:)")
_TOKEN = re.compile(
    r"(?P<ticks>`+)|(?P<stars>\*+)"
    r"|(?P<address>(?<![a-z0-9])(?:(?:https?|ftp)://|www\.)[!-;=?-_a-{}~]+)"
    r"|(?P<acts>@(?=\S)|(?<![a-z0-9])gh-(?=[0-9*])|:(?=//)|<(?=!--))"
    r"|(?P<number>\#(?=[0-9*]))|(?P<formula>\$)"
    r"|(?P<sign>[\\\[|~#]|<(?![\s=])|&(?=\#?\w+;)|(?<![a-z0-9])_|_(?![a-z0-9]))",
    re.IGNORECASE | re.ASCII,
)


def harmless(text: str) -> str:
    """Untrusted prose, in which code stays code, lists stay lists, and all else is no more than words.

    Nobody is mentioned, nothing is linked or shown as a picture, no HTML begins, no marker of ours can be imitated, no
    word is hidden, and nothing reaches beyond the next empty line.

    Args:
        text: any; lines end in LF, CRLF or CR.
    """
    lines = _BREAK.split(text.replace("\ufe0f", ""))
    return "\n".join(_blocks([visible(line, keep="\t").rstrip() for line in lines])).strip("\n")


def phrase(text: str) -> str:
    """The same on one line, without emphasis: for a title, for an item of a list, for a cell of a table."""
    line = " ".join(visible(text.replace("\ufe0f", ""), keep="\t\r\n").split())
    return _started(_inline(line, cell=True))


def code(text: str, *, cell: bool = False) -> str:
    """One line as code.

    Args:
        text: any; what cannot be seen is spelled out.
        cell: whether it stands in a table, where a bar needs a backslash even in code.
    """
    line = _split_runs(shown_line(text), 8) or " "
    runs = _runs(line)
    mark = "`" * next(length for length in count(1) if length not in runs)
    # White space at both ends is taken away once, and a mark must not touch another.
    pad = " " if line.strip() and (line[0] in "` " or line[-1] in "` ") else ""
    made = f"{mark}{pad}{line}{pad}{mark}"
    return made.replace("|", "\\|") if cell else made


def fenced(text: str, *, language: str = "") -> str:
    """Lines as a block of code, exactly as they are.

    Args:
        text: lines in which everything can be seen, see `shown_lines`.
        language: a plain word.
    """
    # A host counts no further than 255.
    text = _split_runs(text, 200)
    mark = "`" * max(3, max(_runs(text), default=0) + 1)
    return f"{mark}{language}\n{text}\n{mark}" if text else f"{mark}{language}\n{mark}"


def shown_line(text: str) -> str:
    """One line of untrusted code for a block of code: all of it can be seen, none of it is a marker of ours."""
    return _MARKER.sub(f"<!--{JOINER}", visible(text.removesuffix("\r"), keep="\t"))


def shown_lines(text: str) -> str:
    """The same for several."""
    return "\n".join(map(shown_line, text.split("\n")))


def address(path: str) -> str:
    """A path as a part of a web address, byte by byte as git has it."""
    data = path.encode("utf-8", "surrogateescape")
    return "".join(chr(byte) if byte in _UNRESERVED else f"%{byte:02X}" for byte in data)


def row(cells: Iterable[str]) -> str:
    """A line of a table, of cells that are harmless already."""
    return f"| {' | '.join(cells)} |"


def head(titles: Iterable[str]) -> str:
    """The first two lines of a table."""
    titles = tuple(titles)
    return f"{row(titles)}\n{row('---' for _ in titles)}"


def _blocks(lines: list[str]) -> Iterator[str]:
    """Blocks of code and lines of prose. Only the latter nest; the former stand alone, where their ends are certain."""
    items: list[tuple[int, int]] = []
    at, empty = 0, True
    while at < len(lines):
        line = lines[at]
        opening = _FENCE.fullmatch(line)
        if opening:
            made, at = _block(opening, lines, at + 1)
            items.clear()
        elif empty and not items and _MARGIN.match(line):
            made, at = _indented(lines, at)
        else:
            made, at = _prose(line.expandtabs(4), items, empty=empty), at + 1
        yield made
        empty = not line


def _block(opening: re.Match[str], lines: list[str], at: int) -> tuple[str, int]:
    """The block of code that the line before this place opens, closed; and the place after it."""
    mark, margin = opening["mark"], re.compile(f"[ \\t]{{0,{len(opening['indent'])}}}")
    name = opening["language"].strip().lower()
    end = at
    while end < len(lines) and not _closes(lines[end].strip(), mark):
        end += 1
    inside = "\n".join(shown_line(margin.sub("", line, count=1)) for line in lines[at:end])
    return fenced(inside, language=name if _LANGUAGES.fullmatch(name) else ""), end + 1


def _closes(line: str, mark: str) -> bool:
    return line.startswith(mark) and not line.strip(mark[0])


def _indented(lines: list[str], at: int) -> tuple[str, int]:
    """The same for a block that is one by its white space."""
    end = at
    while end < len(lines) and (_MARGIN.match(lines[end]) or not lines[end]):
        end += 1
    while not lines[end - 1]:
        end -= 1
    return fenced("\n".join(shown_line(_MARGIN.sub("", line)) for line in lines[at:end])), end


def _prose(line: str, items: list[tuple[int, int]], *, empty: bool) -> str:
    """One line.

    Args:
        line: without tabs, and without white space at its end.
        items: of the lists it may stand in, the outermost first: the column of each, and the column of its text.
        empty: whether the line before has nothing on it.
    """
    item, text = _ITEM.fullmatch(line), line.lstrip()
    column = len(line) - len(text)
    # A number begins a list for sure only behind an empty line.
    apart = "\n" if item and not items and not empty else ""
    if item or (empty and text):
        while items and items[-1][0] >= column:
            items.pop()
    margin = " " * (items[-1][1] if items and text else 0)
    if not item:
        return margin + _started(_inline(text))
    if len(items) < _DEEPEST:
        items.append((column, len(margin) + len(item["mark"]) + 1))
    return f"{apart}{margin}{item['mark']} {_started(_inline(item['text']))}"


def _started(line: str) -> str:
    """A line of which the beginning makes no list, no heading, no quotation and no table."""
    return _START.sub(r"\g<0>\\", line, count=1) if _START.match(line) else line


def _inline(line: str, *, cell: bool = False) -> str:
    """A line in which code and, outside of a cell, emphasis still mean something."""
    spans, emphasis = _spans(line, cell=cell), frozenset[int]() if cell else _emphasis(line)
    made, at = "", 0
    pieces: list[str] = []
    while token := _TOKEN.search(line, at):
        pieces.append(line[at : token.start()])
        quoted, end = _quoted(token, spans)
        if quoted and (pieces[-1] or made)[-1:] == "`":
            pieces.append(JOINER)
        made, at = quoted or _word(token, emphasis), end
        pieces.append(made)
    return "".join([*pieces, line[at:]])


def _quoted(token: re.Match[str], spans: Mapping[int, tuple[int, int]]) -> tuple[str, int]:
    """What becomes code, "" for nothing, and where it ends in the line."""
    start, end = token.span()
    if token["address"]:
        # What follows an address in prose does not belong to it.
        shown = token[0].rstrip(".,;:!?*_~)]}'\"")
        return code(shown), start + len(shown)
    if start in spans:
        stop, behind = spans[start]
        inside = token.string[end:stop]
        padded = inside.startswith(" ") and inside.endswith(" ") and inside.strip()
        return code(inside[1:-1] if padded else inside), behind
    return "", end


def _word(token: re.Match[str], emphasis: Collection[int]) -> str:
    """A sign that has no meaning any more, but for emphasis."""
    text = token[0]
    if token["acts"]:
        return text + JOINER
    if token["number"]:
        return f"\\{text}{JOINER}"
    if token["formula"]:
        return f"{JOINER}{text}{JOINER}"
    return text if token.start() in emphasis else "".join(f"\\{char}" for char in text)


def _spans(line: str, *, cell: bool) -> dict[int, tuple[int, int]]:
    """For each mark that opens code: where the mark that closes it begins and ends."""
    runs = [match.span() for match in re.finditer("`+", line)]
    later: dict[int, tuple[int, int]] = {}
    closing = {}
    for start, end in reversed(runs):
        closing[start] = later.get(end - start)
        later[end - start] = (start, end)
    found, free = {}, 0
    for start, end in runs:
        close = closing[start]
        if close and start >= free:
            free = close[1]
            # A bar ends a cell even within code, unless behind a backslash, which shows everywhere else.
            if not (cell and "|" in line[end : close[0]]):
                found[start] = close
    return found


def _emphasis(line: str) -> Collection[int]:
    """Where the stars are that begin or end an emphasis, as far as that is beyond doubt."""
    kept: set[int] = set()
    opened: dict[int, int] = {}
    for match in _STARS.finditer(line):
        start, end = match.span()
        before, after = line[max(0, start - 1) : start], line[end : end + 1]
        if before.strip() and not _LETTER.match(after) and end - start in opened:
            kept |= {opened.pop(end - start), start}
        elif after.strip() and not _LETTER.match(before):
            opened[end - start] = start
    return kept


def _split_runs(text: str, most: int) -> str:
    """Text in which no more marks stand together than whoever reads them counts."""
    return re.sub(f"(`{{{most}}}|~{{{most}}})(?=[`~])", rf"\1{JOINER}", text)


def _runs(text: str) -> set[int]:
    return {len(run) for run in re.findall("`+", text)}
