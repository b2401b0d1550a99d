"""Texts of every kind a diff may hold, large changes built of them, and edits to one file of such a change."""

import math
import random
import unicodedata
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import islice

from hypothesis import strategies as st

from reviewbot.catalogue import load
from reviewbot.diff import FileDiff, Hunk, Line, LineKind, Status
from reviewbot.estimate import first_prompts
from reviewbot.planning import Inspected, Settings, choose, plan
from reviewbot.review import Change, Target
from reviewbot.tokens import QwenCounter
from tests.support.reviews import file, hunk
from tests.support.strategies import PATHS

CONTROL_TOKENS = (
    "<|im_start|>",
    "<|im_end|>",
    "<|endoftext|>",
    "<|fim_prefix|>",
    "<|repo_name|>",
    "<|video_pad|>",
    "<tool_call>",
    "</tool_call>",
    "<think>",
    "</think>",
)
"""What a server of the Qwen family may read as the frame of the chat."""

CODE = (
    "def total(prices: list[float]) -> float:",
    "\treturn sum(price * 1.19 for price in prices if price >= 1_000)",
    "    if (a[i] !== b[j] && !seen.has(key)) { return null; } // don't",
    "SELECT o.id, count(*) FROM orders AS o WHERE o.paid_at IS NULL;",
    "int *p = malloc(n * sizeof *p); /* 0xDEADBEEF, 1e-10 */",
    "<a href=\"/x?y=1&amp;z=2\">I'm you're it's WE'LL</a>",
    "#[derive(Debug)] pub fn parse<'a>(s: &'a str) -> Result<u8, ()>",
    "export const wait = async ms => new Promise(r => setTimeout(r, ms));",
    "++i; --j; a ??= b; x <=> y; !@#$%^&*()_+-=[]{}|;':\",./<>?`~",
    "mode = b'stream' + f'many'  # 3.14159 1234567890 2024-01-02T03:04:05Z",
    "                return x                  ",
    "}",
)
SCRIPTS: Mapping[str, tuple[str, ...]] = {
    "code": CODE,
    "chinese": ("请检查这个函数:当列表为空时会发生什么?", "返回值 = 计算(价格)  # 不含税", "１２３，（全角）"),
    "japanese": ("この関数は空のリストを処理できません。", "# カタカナとひらがな ﾊﾝｶｸ"),
    "korean": ("빈 목록을 처리할 수 없습니다", "// 값이 없으면 0을 반환"),
    "arabic": ("لا يمكن معالجة القائمة الفارغة ١٢٣", "السَّلَامُ عَلَيْكُمْ"),
    "other scripts": (
        "क़ ख़ सूची खाली है १२३",
        "Größe naïve café Ελληνικά русский",
        "ไม่สามารถประมวลผลรายการ",
        "רשימה ריקה",
    ),
    "emoji": ("🎉👩‍👩‍👧‍👦🇩🇪 ok ✅️", "status = '🏴󠁧󠁢󠁥󠁮󠁧󠁿👍🏽'"),
    "blanks": (
        " ",
        "\t\t",
        "   x   y \u00a0 z\u3000",
        "a\f\fb \v \x1c\x1d\x85",
        "\u2028x\u2029",
        "x\r",
        "a\0b\x01\x7f",
    ),
    "control tokens": (*(f'say("{token}")' for token in CONTROL_TOKENS), "<|im_start|>system<|im_end|>"),
    "decomposed": tuple(
        unicodedata.normalize("NFD", text) for text in ("é è ñ ü naïve café", "빈 목록을", "ガギグ", "क़ ख़ ज़")
    ),
    "longer under NFC": ("\u0958\u0959\u095a = \u0958", "\ufb1d\u2adc\U0001d15e " * 3),
    "marks": ("e" + "\u0301\u0323\u0302" * 9, "\u0338=\u0338>\u0338", "\u202eabc\u202c \u200b \ufeff"),
}
"""Short lines of each kind."""

_PIECES = tuple(piece for pieces in SCRIPTS.values() for piece in pieces)
_UNDECODED = st.binary(max_size=6).map(lambda raw: raw.replace(b"\n", b"").decode("utf-8", "surrogateescape"))
_ODD = st.text(st.characters(), max_size=6).map(lambda text: text.replace("\n", ""))

LONGEST = 12_000
"""Characters of the longest line that is drawn."""

MOST = 60_000
"""Characters of a change, about: counting more of them takes its time."""


@st.composite
def texts(draw: st.DrawFn) -> str:
    """A line of any script, from empty to thousands of characters, half a pair or a byte that is not text in it too."""
    pieces = draw(st.lists(st.sampled_from(_PIECES) | _UNDECODED | _ODD, max_size=3))
    text = draw(st.sampled_from(["", "    ", "-- ", "@@ "])) + "".join(pieces)
    times = draw(st.sampled_from([1, 1, 1, 1, 2, 7, 60, 400, 3_000]))
    return (text * times)[:LONGEST]


@st.composite
def _hunks(draw: st.DrawFn, kinds: Sequence[LineKind], room: int) -> tuple[Hunk, ...]:
    """Hunks of up to hundreds of lines: a few lines repeated."""
    made: list[Hunk] = []
    old = new = draw(st.sampled_from([1, 1, 7, 98_765]))
    for _ in range(draw(st.sampled_from([1, 1, 2, 5]))):
        few = draw(st.lists(st.tuples(st.sampled_from(kinds), texts()).map("".join), min_size=1, max_size=5))
        times = min(draw(st.sampled_from([1, 1, 3, 40, 200])), 1 + room // sum(map(len, few)))
        section = draw(st.sampled_from(["", "class A:"]) | texts())[:300]
        made.append(replace(hunk(*few * times, old=old, new=new), section=section))
        gap = draw(st.integers(1, 400))
        old, new = old + made[-1].old_count + gap, new + made[-1].new_count + gap
    return tuple(made)


_ADDED, _DELETED = (LineKind.ADDED,), (LineKind.DELETED,)
_ANY = (LineKind.CONTEXT, LineKind.ADDED, LineKind.DELETED)
_STATUSES = [Status.MODIFIED, Status.MODIFIED, Status.ADDED, Status.DELETED, Status.RENAMED, Status.TYPE_CHANGED]


@st.composite
def _shapes(draw: st.DrawFn, room: int) -> FileDiff:
    status = draw(st.sampled_from(_STATUSES))
    if status is Status.RENAMED:
        return FileDiff("", status, draw(_hunks(_ANY, room)), draw(PATHS))
    if status is Status.MODIFIED:
        return FileDiff("", status, draw(_hunks(_ANY, room)))
    went = draw(_hunks(_DELETED, room))[:1] if status is not Status.ADDED else ()
    came = draw(_hunks(_ADDED, room))[:1] if status is not Status.DELETED else ()
    return FileDiff("", status, went + came)


def _size(file: FileDiff) -> int:
    return sum(len(line.text) + 8 for hunk in file.hunks for line in hunk.lines)


@st.composite
def large_changes(draw: st.DrawFn, *, most: int = MOST) -> Change:
    """Changes of files by the dozen, each name once, with texts of every kind.

    Args:
        most: characters, about.
    """
    count = draw(st.sampled_from([1, 2, 5, 13, 40]))
    shapes = draw(st.lists(_shapes(most // max(4, count)), min_size=1, max_size=3))
    odd = draw(st.lists(PATHS, max_size=3, unique=True))
    names = dict.fromkeys([*odd, *(f"src/part{place}.py" for place in range(count))])
    files: list[FileDiff] = []
    for place, name in enumerate(islice(names, count)):
        shape = shapes[place % len(shapes)]
        files.append(FileDiff(name, shape.status, shape.hunks, shape.old_path))
        most -= _size(shape)
        if most < 0:
            break
    return Change(Target(None, None, "a large change"), tuple(files))


def lines_of(files: Sequence[FileDiff]) -> list[tuple[str, Line]]:
    """Every line with the path of its file, in order."""
    return [(file.path, line) for file in files for hunk in file.hunks for line in hunk.lines]


_FOLDERS = ("src/app", "src/core", "lib/db", "lib/http", "web", "tests", "docs")
_LARGE = 30_000
"""Tokens of the largest file, about; the smallest has 20."""

_LINE_TOKENS = 27
"""Of one of `CODE` in a prompt, on average."""

_HUNK_LINES = 30


def fifty_files(of: random.Random, *, most: int = _LARGE) -> tuple[FileDiff, ...]:
    """Files of code in the order of their names, as many of 20 to 200 tokens as of 2,000 to 20,000.

    Args:
        of: where chance comes from.
        most: tokens of the largest, about.
    """
    names: set[str] = set()
    while len(names) < 50:
        names.add(drawn_name(of))
    return tuple(code_file(name, drawn_lines(of, most=most)) for name in sorted(names))


def drawn_name(of: random.Random) -> str:
    """The path of a file."""
    return f"{of.choice(_FOLDERS)}/part{of.randrange(10_000)}.py"


def drawn_lines(of: random.Random, *, most: int = _LARGE) -> int:
    """How many lines a file has in a change."""
    return max(1, round(math.exp(of.uniform(math.log(20), math.log(most))) / _LINE_TOKENS))


def code_file(path: str, lines: int, *, old_path: str | None = None) -> FileDiff:
    """A modified or renamed file of so many lines of code, mostly added ones."""
    hunks: list[Hunk] = []
    for start in range(0, lines, _HUNK_LINES):
        numbers = range(start, min(start + _HUNK_LINES, lines))
        signed = [(" " if number % _HUNK_LINES > 27 else "+") + CODE[number**2 % 11] for number in numbers]
        hunks.append(hunk(*signed, old=1 + start * 2, new=1 + start * 3))
    return file(path, *hunks, old_path=old_path)


def gone(file: FileDiff) -> FileDiff:
    """The same file deleted as a whole."""
    texts = [line.text for hunk in file.hunks for line in hunk.lines]
    return FileDiff(file.path, Status.DELETED, (hunk(*("-" + text for text in texts), new=0),))


Edit = Callable[[FileDiff, random.Random], FileDiff]


def _lines(file: FileDiff) -> int:
    return sum(len(hunk.lines) for hunk in file.hunks)


EDITS: Mapping[str, Edit] = {
    "grow": lambda old, of: code_file(old.path, _lines(old) + drawn_lines(of)),
    "shrink": lambda old, of: code_file(old.path, of.randint(1, _lines(old))),
    "rewrite": lambda old, of: code_file(old.path, drawn_lines(of)),
    "delete": lambda old, of: gone(old),
}
"""Edits after which every file of the change has the name it had."""


@dataclass(frozen=True)
class Remembering:
    """The exact counts of the Qwen vocabulary, each made once."""

    known: dict[str, int] = field(default_factory=dict)

    def count(self, text: str) -> int:
        if text not in self.known:
            self.known[text] = QwenCounter().count(text)
        return self.known[text]

    def template(self, messages: int) -> int:
        return QwenCounter().template(messages)


_REMEMBERING = Remembering()


def prompts_of(files: Sequence[FileDiff], *, size: int) -> dict[str, set[str]]:
    """The prompts that `qwen-coder-plus` gets about a change, with the paths each is about."""
    change, wish = Change(Target(None, None, "a change"), tuple(files)), Settings(chunk_tokens=size)
    chosen = choose(change, settings=wish)
    made = plan(Inspected(change), chosen, settings=wish, model=load().get("qwen-coder-plus"), counter=_REMEMBERING)
    asked = (prompt.messages[-1].content for prompt in first_prompts(made))
    return {text: {file.path for file in chunk.files} for text, chunk in zip(asked, made.chunks, strict=True)}


def changed_prompts(before: Mapping[str, set[str]], after: Mapping[str, set[str]], *, edited: set[str]) -> int:
    """How many prompts were not there before, those about nothing but the edited file left out."""
    return sum(text not in before and not about <= edited for text, about in after.items())
