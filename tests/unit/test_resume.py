import json
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reviewbot.calls.resume import LONGEST, Resume
from reviewbot.errors import ProviderErrorKind
from reviewbot.reply import CIRCLES, OPENING, read
from reviewbot.review import Completion, Finish, Prompt, Usage
from tests.support.calls import ASK, MODEL, Inner, Step, always, failed, failure, heard, in_turn, said

WIDE = replace(MODEL, context=1_000_000, max_input=900_000, max_output=20_000)
TRAPS = ['"}]}', "\\", "\n\t", "编码错误", "😀", '{"comments": [', "], [", "\u2028", "'", "```json"]


def comment(at: int) -> dict[str, object]:
    trap = TRAPS[at % len(TRAPS)]
    return {"quote": f"x = {at} {trap}", "path": "a.py", "line": at + 1, "body": f"Wrong: {trap} {at}."}


def answer(count: int, *, ascii_only: bool = True) -> str:
    return json.dumps({"comments": [comment(at) for at in range(count)]}, ensure_ascii=ascii_only)


def used(tokens: int) -> Usage:
    return Usage(1, 0, 50, tokens)


def cutting(whole: str, size: int) -> Inner:
    """Goes on with what it is given, so many characters at a time, a third of them at once."""

    def script(prompt: Prompt, at: int) -> list[Step]:
        assert whole.startswith(prompt.prefix)
        rest = whole[len(prompt.prefix) :]
        now = rest[:size]
        pieces = [now[:stop] for stop in range(1, len(now), size // 3 + 1)]
        # The longest answer that is allowed was given: asking for a longer one is no use.
        tokens = used(WIDE.max_output)
        return [*pieces, tokens, Completion(now, Finish.STOP if now == rest else Finish.LENGTH)]

    return Inner(script, WIDE)


def test_a_short_answer_is_asked_for_once_and_begun() -> None:
    inner = cutting(answer(2), 10_000)
    _, completion = heard(Resume(inner))
    assert completion == said(answer(2))
    assert inner.asked == [replace(ASK, prefix=OPENING)]


@pytest.mark.parametrize("size", [300, 1000, 4096, 30_000])
@pytest.mark.parametrize("ascii_only", [True, False])
def test_an_answer_of_three_hundred_comments_comes_out_as_if_it_had_not_been_cut(
    *, size: int, ascii_only: bool
) -> None:
    whole = answer(300 if size > 300 else 60, ascii_only=ascii_only)
    inner = cutting(whole, size)
    pieces, completion = heard(Resume(inner))
    assert completion == said(whole)
    assert all(whole.startswith(piece) for piece in pieces if isinstance(piece, str))
    prefixes = [prompt.prefix for prompt in inner.asked]
    assert prefixes == sorted({*prefixes}, key=len)
    assert len([piece for piece in pieces if isinstance(piece, Usage)]) == len(inner.asked)


@given(size=st.integers(200, 900), count=st.integers(1, 12), ascii_only=st.booleans())
@settings(max_examples=60, deadline=None)
def test_wherever_an_answer_is_cut_no_comment_is_lost_or_comes_twice(
    *, size: int, count: int, ascii_only: bool
) -> None:
    whole = answer(count, ascii_only=ascii_only)
    _, completion = heard(Resume(cutting(whole, size)))
    # The last brace may be missing.
    assert whole.startswith(completion.text)
    assert read(completion.text) == read(whole)
    assert completion.finish is Finish.STOP


@pytest.mark.parametrize("kept", [1, 2, 3])
@pytest.mark.parametrize("left", [",", ", ", ', {"quote": "x = 2 \\', ', {"quote": "\\u7f', ""])
def test_what_follows_the_last_whole_comment_is_asked_for_again(kept: int, left: str) -> None:
    begun = answer(kept).removesuffix("]}")
    inner = in_turn([Completion((begun + left).removeprefix(OPENING), Finish.LENGTH)], [said("}]}")])
    _, completion = heard(Resume(inner))
    assert inner.asked[1].prefix == begun.removesuffix("}")
    assert completion == said(begun + "]}")


@pytest.mark.parametrize("count", [1, 3])
@pytest.mark.parametrize("more", ["]", "]}", "]}\n\nThese are all", "]}```"])
def test_an_answer_that_is_cut_after_its_last_comment_has_ended(count: int, more: str) -> None:
    text = answer(count).removesuffix("]}") + more
    inner = always(used(5), Completion(text.removeprefix(OPENING), Finish.LENGTH))
    assert heard(Resume(inner))[1] == said(text)
    assert len(inner.asked) == 1


def test_an_answer_that_stops_growing_ends_as_it_is() -> None:
    begun = answer(1).removesuffix("]}")
    rest = begun.removeprefix(OPENING)
    stuck: list[Step] = [used(2000), Completion('}, {"quo', Finish.LENGTH)]
    inner = in_turn([Completion(rest, Finish.LENGTH)], stuck, stuck)
    _, completion = heard(Resume(inner))
    assert completion == Completion(begun + ', {"quo', Finish.LENGTH)
    assert len(inner.asked) == 2


def test_an_answer_that_never_says_anything_whole_is_asked_for_once() -> None:
    inner = always(used(2000), Completion("bla " * 100, Finish.LENGTH))
    _, completion = heard(Resume(inner))
    assert completion == Completion(OPENING + "bla " * 100, Finish.LENGTH)
    assert len(inner.asked) == 1


def test_a_model_that_says_the_same_for_ever_is_not_gone_on_with() -> None:
    same = json.dumps(comment(1))
    inner = Inner(
        lambda prompt, at: [used(20_000), Completion(f"{'}, ' if at else ''}{same}, {same}", Finish.LENGTH)], WIDE
    )
    _, completion = heard(Resume(inner))
    assert completion.finish is Finish.LENGTH
    assert len(inner.asked) == 2
    reply = read(completion.text)
    assert reply is not None
    assert len({*reply.drafts}) == 1


def test_a_model_that_never_ends_is_gone_on_with_for_so_long_and_no_longer() -> None:
    def script(prompt: Prompt, at: int) -> list[Step]:
        return [used(2000), Completion(("" if at == 0 else "}, ") + json.dumps(comment(at)) + ", {", Finish.LENGTH)]

    inner = Inner(script)
    _, completion = heard(Resume(inner))
    assert completion.finish is Finish.ENDLESS
    assert 0.9 * LONGEST * MODEL.max_output <= len(completion.text) < (LONGEST + 1) * MODEL.max_output
    reply = read(completion.text)
    assert reply is not None
    assert len(reply.drafts) == len(inner.asked)


@pytest.mark.parametrize("before", [0, 1])
@pytest.mark.parametrize(("times", "asked"), [(3, 2), (CIRCLES - 1, 2), (CIRCLES, 1), (CIRCLES + 3, 1)])
def test_a_model_that_says_the_same_of_line_after_line_is_not_gone_on_with(times: int, asked: int, before: int) -> None:
    first = [
        *[comment(0)][:before],
        *({**comment(number), "title": "Same", "body": "It fails."} for number in range(times)),
    ]
    rows = ", ".join(map(json.dumps, first))

    def script(prompt: Prompt, at: int) -> list[Step]:
        more = Completion("}, " + json.dumps(comment(99)) + "]}", Finish.STOP)
        return [used(2000), more if at else Completion(rows + ", {", Finish.LENGTH)]

    inner = Inner(script)
    _, completion = heard(Resume(inner))
    assert len(inner.asked) == asked
    assert (completion.finish is Finish.ENDLESS) == (asked == 1)
    reply = read(completion.text)
    assert reply is not None
    assert len(reply.drafts) >= times


def test_an_answer_is_gone_on_with_while_the_window_has_room_for_it() -> None:
    narrow = replace(MODEL, max_output=5_000)

    def script(prompt: Prompt, at: int) -> list[Step]:
        return [Completion(("" if at == 0 else "}, ") + json.dumps(comment(at)) + ", {", Finish.LENGTH)]

    inner = Inner(script, narrow)
    _, completion = heard(Resume(inner))
    assert completion.finish is Finish.LENGTH
    assert narrow.input_limit - 300 < len(inner.asked[-1].prefix) < narrow.input_limit


def test_a_comment_longer_than_the_piece_that_was_asked_for_is_asked_for_in_one() -> None:
    begun = answer(1).removesuffix("]}")
    rest = begun.removeprefix(OPENING)
    inner = in_turn(
        [used(1000), Completion(rest, Finish.LENGTH)],
        [used(1000), Completion('}, {"quote": "' + "x" * 500, Finish.LENGTH)],
        [used(1700), said("}]}")],
    )
    _, completion = heard(Resume(inner))
    assert completion == said(answer(1))
    given = begun.removesuffix("}")
    assert [(prompt.prefix, prompt.limit) for prompt in inner.asked[1:]] == [(given, None), (given, MODEL.max_output)]


def test_a_comment_longer_than_any_answer_is_not_asked_for_again_and_again() -> None:
    inner = always(used(1999), Completion('{"quote": "', Finish.LENGTH))
    heard(Resume(inner))
    assert [prompt.limit for prompt in inner.asked] == [None, MODEL.max_output]


def test_a_prompt_that_limits_its_answer_keeps_its_limit() -> None:
    inner = in_turn(
        [used(5), Completion(answer(1).removeprefix(OPENING).removesuffix("]}"), Finish.LENGTH)],
        [used(5), Completion("}, {", Finish.LENGTH)],
    )
    heard(Resume(inner), replace(ASK, limit=5))
    assert [prompt.limit for prompt in inner.asked] == [5, 5]


@pytest.mark.parametrize("anew", [answer(3), "```json\n" + answer(3) + "\n```", " " + answer(3)])
@pytest.mark.parametrize("before", [0, 1])
def test_an_answer_that_begins_anew_is_taken_as_it_is(anew: str, before: int) -> None:
    begun = Completion(answer(1).removeprefix(OPENING).removesuffix("]}"), Finish.LENGTH)
    first: list[list[Step]] = [[begun]] * before
    last: list[Step] = [anew[:40], said(anew)]
    inner = in_turn(*first, last)
    pieces, completion = heard(Resume(inner))
    assert completion == said(anew)
    assert pieces[-1] == anew[:40]


@pytest.mark.parametrize("anew", ['\n{ "comments": []}', "```json\n", answer(1)])
def test_an_answer_that_begins_anew_and_ends_before_it_got_as_far_is_not_all(anew: str) -> None:
    begun = answer(2).removesuffix("]}")
    inner = in_turn([Completion(begun.removeprefix(OPENING), Finish.LENGTH)], [said(anew)])
    assert heard(Resume(inner))[1] == Completion(begun, Finish.LENGTH)


@pytest.mark.parametrize("rest", ["]}", "}]}"])
def test_what_another_prompt_teaches_meanwhile_changes_nothing_about_this_one(rest: str) -> None:
    begun = answer(2).removesuffix("]}") if rest == "]}" else answer(2).removesuffix("}]}")
    inner = always(said())

    def script(prompt: Prompt, at: int) -> list[Step]:
        if at == 0:
            return [Completion(answer(2).removeprefix(OPENING).removesuffix("]}"), Finish.LENGTH)]
        inner.model = replace(MODEL, partial=False)
        return [said(rest)]

    inner.script = script
    reply = read(heard(Resume(inner))[1].text)
    assert reply is not None
    assert len(reply.drafts) == 2
    assert begun in answer(2)


def test_no_comment_is_an_answer_also_where_another_prompt_teaches_that_none_can_be_begun() -> None:
    inner = always(said())

    def script(prompt: Prompt, at: int) -> list[Step]:
        inner.model = replace(MODEL, partial=False)
        return [said("]}")]

    inner.script = script
    assert heard(Resume(inner))[1] == said(OPENING + "]}")


def test_an_answer_that_begins_anew_and_does_not_get_as_far_loses_nothing() -> None:
    begun = answer(3).removesuffix("]}")
    inner = in_turn(
        [Completion(begun.removeprefix(OPENING), Finish.LENGTH)],
        [used(2000), Completion(answer(1).removesuffix("]}"), Finish.LENGTH)],
    )
    _, completion = heard(Resume(inner))
    assert completion == Completion(begun, Finish.LENGTH)


def test_an_answer_that_begins_anew_and_gets_further_is_gone_on_with() -> None:
    begun = answer(3).removesuffix("]}")
    inner = in_turn(
        [Completion(answer(1).removeprefix(OPENING).removesuffix("]}"), Finish.LENGTH)],
        [Completion(begun, Finish.LENGTH)],
        [said("}]}")],
    )
    assert heard(Resume(inner))[1] == said(answer(3))


@pytest.mark.parametrize("finish", Finish)
def test_an_endpoint_that_cannot_go_on_is_asked_once_and_as_it_is(finish: Finish) -> None:
    whole = Completion(answer(2).removesuffix("]}"), finish)
    inner = always("{", whole, model=replace(MODEL, partial=False))
    assert heard(Resume(inner)) == (["{"], whole)
    assert inner.asked == [ASK]


def test_an_endpoint_that_keeps_to_a_form_is_given_no_beginning_but_gone_on_with() -> None:
    begun = answer(2).removesuffix("]}")
    inner = in_turn(
        [Completion(begun, Finish.LENGTH)], [said("}]}")], model=replace(MODEL, response_format="json_schema")
    )
    assert heard(Resume(inner))[1] == said(answer(2))
    assert [prompt.prefix for prompt in inner.asked] == ["", begun.removesuffix("}")]


@pytest.mark.parametrize("text", [answer(1), "Sure: " + answer(1), json.dumps([comment(0)])])
def test_an_endpoint_that_turns_out_unable_to_go_on_gave_its_own_beginning(text: str) -> None:
    inner = always(said())

    def script(prompt: Prompt, at: int) -> list[Step]:
        inner.model = replace(MODEL, partial=False)
        return [text[:5], Completion(text, Finish.LENGTH)]

    inner.script = script
    _, completion = heard(Resume(inner))
    assert (read(completion.text), completion.finish) == (read(text), Finish.LENGTH)
    assert len(inner.asked) == 1


def test_what_is_heard_is_all_of_the_answer_so_far() -> None:
    first = answer(1).removeprefix(OPENING).removesuffix("]}")
    inner = in_turn(
        [first[:5], first, used(9), Completion(first, Finish.LENGTH)], ["}]", "", "}]", used(9), said("}]}")]
    )
    pieces, _ = heard(Resume(inner))
    begun = OPENING + first
    assert pieces == [OPENING + first[:5], begun, used(9), begun + "]", begun.removesuffix("}"), begun + "]", used(9)]


def test_who_fails_in_the_middle_tells_what_had_come_before() -> None:
    first = answer(2).removeprefix(OPENING).removesuffix("]}")
    broken = failed(ProviderErrorKind.BROKEN, said='}, {"quote": "y')
    _, error = failure(Resume(in_turn([Completion(first, Finish.LENGTH)], ['}, {"quo', broken])))
    assert error.said == OPENING + first + ', {"quote": "y'


@pytest.mark.parametrize("kind", [ProviderErrorKind.RATE, ProviderErrorKind.OVER_BUDGET, ProviderErrorKind.TIMED_OUT])
def test_what_had_come_is_not_lost_with_a_failure_that_tells_nothing_of_it(kind: ProviderErrorKind) -> None:
    first = answer(2).removeprefix(OPENING).removesuffix("]}")
    begun = OPENING + first
    _, error = failure(Resume(in_turn([Completion(first, Finish.LENGTH)], [failed(kind)])))
    assert (error.kind, error.said) == (kind, begun)
    _, error = failure(Resume(in_turn(["{", first, "", failed(kind)])))
    assert (error.kind, error.said) == (kind, begun)


def test_a_failure_before_anything_was_said_tells_nothing() -> None:
    _, error = failure(Resume(always(failed(ProviderErrorKind.RATE))))
    assert error.said == ""


def test_an_answer_that_breaks_off_behind_its_end_is_kept_to_its_end() -> None:
    begun = answer(1).removesuffix("]}")
    rest = answer(3).removeprefix(begun.removesuffix("}"))
    inner = in_turn(
        [Completion(begun.removeprefix(OPENING), Finish.LENGTH)], [failed(ProviderErrorKind.BROKEN, said=rest)]
    )
    assert failure(Resume(inner))[1].said == answer(3)
