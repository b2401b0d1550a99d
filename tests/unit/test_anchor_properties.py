import re
import string
from collections.abc import Sequence
from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from reviewbot.diff import FileDiff, Hunk, Line, Side, Status
from reviewbot.finding import Anchor, Category, Draft, Dropped, DropReason, Finding, Severity
from reviewbot.stages.anchor import anchor, index
from reviewbot.stages.prompt import render_line, shown
from tests.support.strategies import TEXTS, hunks

CODE = st.text(string.ascii_letters + string.digits + " ()[]{}=+-|`\"'.,:<é\t", max_size=24)
SPACES = st.sampled_from([" ", "  ", "\t", " \t "])
NUMBERS = st.none() | st.integers(1, 60)
Run = tuple[Side, tuple[Line, ...]]


def made_draft(quote: str, line: int | None, side: Side) -> Draft:
    return Draft("src/app.py", line, side, quote, Severity.WARNING, Category.OTHER, "Title", "Body.", "suggested", 0.5)


def on_side(hunk: Hunk, side: Side) -> tuple[Line, ...]:
    return tuple(line for line in hunk.lines if line.number(side) is not None)


@st.composite
def telling_files(draw: st.DrawFn) -> FileDiff:
    """A file of which every line holds a word that no other has."""
    made = []
    for place, hunk in enumerate(draw(hunks(text=CODE))):
        lines = [replace(line, text=f"{line.text} name{place}x{at}()") for at, line in enumerate(hunk.lines)]
        made.append(replace(hunk, lines=tuple(lines)))
    return FileDiff("src/app.py", Status.MODIFIED, tuple(made))


@st.composite
def runs(draw: st.DrawFn, file: FileDiff) -> Run:
    """One to three consecutive lines of a hunk on one side."""
    sides = [(side, on_side(hunk, side)) for hunk in file.hunks for side in Side if on_side(hunk, side)]
    side, lines = draw(st.sampled_from(sides))
    start = draw(st.integers(0, len(lines) - 1))
    return side, lines[start : start + draw(st.integers(1, 3))]


@st.composite
def copies(draw: st.DrawFn, lines: Sequence[Line]) -> str:
    """The lines as a model may copy them out of a prompt."""
    style = draw(st.sampled_from(["number", "sign", "plain"]))
    copied = []
    for line in lines:
        text = re.sub(r"\s+", lambda _: draw(SPACES), shown(line.text))
        prefix = {"number": render_line(line).partition("|")[0] + "|", "sign": line.kind.value, "plain": ""}[style]
        copied.append(prefix + draw(st.sampled_from([text, text.strip()])))
    quote = "\n".join(copied)
    return draw(st.sampled_from([quote, f"`{quote}`", f"```python\n{quote}\n```", f"\n{quote}\n\n"]))


def expected_anchor(run: Run) -> Anchor:
    """Where these lines are shown: unchanged ones on the new side, unless the change parts them there."""
    side, lines = run
    news = [line.new for line in lines if not line.changed and line.new is not None]
    if len(news) == len(lines) == news[-1] - news[0] + 1:
        return Anchor("src/app.py", Side.NEW, news[0], news[-1])
    numbers = [number for line in lines if (number := line.number(side)) is not None]
    return Anchor("src/app.py", side, numbers[0], numbers[-1])


@given(st.data(), NUMBERS, st.sampled_from(Side))
def test_unique_lines_are_found_whatever_the_number_and_however_copied(
    data: st.DataObject, number: int | None, side: Side
) -> None:
    file = data.draw(telling_files())
    run = data.draw(runs(file))
    quote = data.draw(copies(run[1]))
    result = anchor(made_draft(quote, number, side), index([file]))
    assert isinstance(result, Finding)
    assert result.anchor == expected_anchor(run)
    assert result.excerpt == tuple(line.text for line in run[1])


@given(st.data(), st.none() | st.integers(1000, 2000), st.sampled_from(Side))
def test_a_quote_with_a_foreign_word_in_one_line_never_lands(
    data: st.DataObject, number: int | None, side: Side
) -> None:
    file = data.draw(telling_files())
    texts = [line.text for line in data.draw(runs(file))[1]]
    at = data.draw(st.integers(0, len(texts) - 1))
    cut = data.draw(st.integers(0, len(texts[at])))
    texts[at] = texts[at][:cut] + "ж" + texts[at][cut:]
    draft = made_draft("\n".join(texts), number, side)
    assert anchor(draft, index([file])) == Dropped("anchor", DropReason.QUOTE_NOT_FOUND, draft)


@given(telling_files(), st.text("жщюя \n", min_size=1), st.integers(1, 60), st.sampled_from(Side))
def test_a_quote_of_other_text_never_lands_though_its_number_is_valid(
    file: FileDiff, quote: str, number: int, side: Side
) -> None:
    draft = made_draft(quote, number, side)
    assert anchor(draft, index([file])) == Dropped("anchor", DropReason.QUOTE_NOT_FOUND, draft)


@given(st.data(), NUMBERS, st.sampled_from(Side))
def test_an_excerpt_is_what_the_change_has_at_the_anchor_within_one_hunk(
    data: st.DataObject, number: int | None, side: Side
) -> None:
    file = FileDiff("src/app.py", Status.MODIFIED, data.draw(hunks(text=TEXTS | CODE)))
    texts = [line.text for hunk in file.hunks for line in hunk.lines]
    start = data.draw(st.integers(0, len(texts) - 1))
    quote = "\n".join(texts[start : start + data.draw(st.integers(1, 4))])
    ends = data.draw(st.tuples(st.integers(0, len(quote)), st.integers(0, len(quote))))
    result = anchor(made_draft(quote[min(ends) : max(ends)], number, side), index([file]))
    if isinstance(result, Finding):
        place = result.anchor
        numbers = range(place.start, place.end + 1)
        excerpts = [
            tuple(line.text for line in hunk.lines if line.number(place.side) in numbers) for hunk in file.hunks
        ]
        assert len(result.excerpt) == len(numbers)
        assert [excerpt for excerpt in excerpts if excerpt] == [result.excerpt]
