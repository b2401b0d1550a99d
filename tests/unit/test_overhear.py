import pytest

from reviewbot.errors import ProviderError, ProviderErrorKind
from reviewbot.overhear import overheard
from reviewbot.ports import Answering, Heard
from reviewbot.review import Completion, Finish
from tests.support.calls import ASK, ONE, Inner, always, failed, said


class Outer:
    """A provider of one call only."""

    def __init__(self, inner: Inner, *, replacing: str | None = None) -> None:
        self.inner = inner
        self.replacing = replacing
        self.heard: list[Heard] = []

    def complete(self) -> Answering:
        def hear(heard: Heard) -> Heard | None:
            self.heard.append(heard)
            return self.replacing

        return (yield from overheard(self.inner.complete(ASK), hear))


def test_who_listens_hears_every_piece_and_passes_it_on() -> None:
    outer = Outer(always("a", ONE, "ab", said()))
    coming = outer.complete()
    assert list(coming) == outer.heard == ["a", ONE, "ab"]


def test_what_it_says_goes_on_in_place_of_a_piece() -> None:
    assert list(Outer(always("a", "ab", said()), replacing="z").complete()) == ["z", "z"]


def test_the_whole_answer_comes_through() -> None:
    coming = Outer(always("a", Completion("ab", Finish.LENGTH))).complete()
    assert next(coming) == "a"
    with pytest.raises(StopIteration) as caught:
        next(coming)
    assert caught.value.value == Completion("ab", Finish.LENGTH)


def test_a_failure_comes_through_after_what_was_heard_before() -> None:
    coming = Outer(always("a", failed(ProviderErrorKind.BROKEN))).complete()
    assert next(coming) == "a"
    with pytest.raises(ProviderError, match="broken"):
        next(coming)


def test_who_stops_listening_stops_the_answer() -> None:
    inner = always("a", "ab", said())
    inside = inner.complete(ASK)
    coming = overheard(inside, lambda _: None)
    next(coming)
    assert inner.cancelled == 0
    coming.close()
    assert inner.cancelled == 1
    assert list(inside) == []


def test_an_answer_is_stopped_when_the_listener_fails() -> None:
    inner = always("a", said())

    def hear(heard: Heard) -> None:
        raise failed(ProviderErrorKind.OVER_BUDGET)

    with pytest.raises(ProviderError, match="over_budget"):
        next(overheard(inner.complete(ASK), hear))
    assert inner.cancelled == 1
