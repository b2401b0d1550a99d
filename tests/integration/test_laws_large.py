"""The laws of a plan where they take longer to show: hundreds of edits, and texts of millions of characters."""

import random
from itertools import product

import pytest

from reviewbot.catalogue import load
from reviewbot.defaults import CHUNK_TOKENS
from reviewbot.diff import FileDiff, Line
from reviewbot.estimate import estimates
from reviewbot.planning import Inspected, Plan, Settings, choose, plan
from reviewbot.review import Change, SkipReason, Target
from reviewbot.tokens import counter
from tests.support.reviews import file, hunk
from tests.support.texts import EDITS, changed_prompts, fifty_files, prompts_of

SIZES = (1_000, CHUNK_TOKENS, 6_000)


@pytest.mark.parametrize("most", [15_000, 3_000], ids=["large files", "small files"])
def test_an_edit_to_one_of_fifty_files_changes_four_prompts_of_others_at_most_and_two_on_average(most: int) -> None:
    of = random.Random(1)
    changed: list[int] = []
    for size, _ in product(SIZES, range(3)):
        files = fifty_files(of, most=most)
        before = prompts_of(files, size=size)
        for kind, _ in product(EDITS, range(5)):
            place = of.randrange(50)
            edited = EDITS[kind](files[place], of)
            after = prompts_of([*files[:place], edited, *files[place + 1 :]], size=size)
            changed.append(changed_prompts(before, after, edited={edited.path}))
    assert len(changed) == 180
    assert 2 <= max(changed) <= 4
    assert 0 < sum(changed) / len(changed) <= 2


def planned(diff: FileDiff) -> Plan:
    change, wish = Change(Target(None, None, "a change"), (diff,)), Settings()
    chosen = choose(change, settings=wish)
    model = load().get("qwen-coder-plus")
    return plan(Inspected(change), chosen, settings=wish, model=model, counter=counter(model.vocabulary))


@pytest.mark.parametrize("character", ["x", " ", "\ud800"], ids=ascii)
def test_a_line_of_three_million_equal_characters_is_named_and_its_neighbours_are_asked_about(character: str) -> None:
    made = planned(file("a.txt", hunk("+before", "+" + character * 3_000_000, "+after")))
    assert [(s.start, s.end, s.reason, s.failed) for s in made.skipped] == [(2, 2, SkipReason.TOO_LONG, True)]
    assert [line.new for line in _lines(made)] == [1, 3]


def test_two_hundred_thousand_empty_lines_are_all_asked_about() -> None:
    made = planned(file("a.txt", hunk(*["+"] * 200_000)))
    assert [line.new for line in _lines(made)] == list(range(1, 200_001))
    assert made.skipped == ()
    assert all(chunk.tokens <= made.room for chunk in made.chunks)
    assert all(estimate.tokens <= made.model.input_limit for estimate in estimates(made))


def _lines(made: Plan) -> list[Line]:
    return [line for chunk in made.chunks for part in chunk.files for piece in part.hunks for line in piece.lines]
