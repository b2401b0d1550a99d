import pytest

from gateway.status import pages, respond
from gateway.throttle import Throttle, Usage


class Clock:
    def __init__(self):
        self.now = 100.0

    def __call__(self):
        return self.now


@pytest.fixture
def clock():
    return Clock()


def test_over_the_limit(clock):
    throttle = Throttle(2, window=10, clock=clock)
    assert throttle.check("a").allowed
    assert throttle.check("a").allowed
    decision = throttle.check("a")
    assert not decision.allowed
    assert decision.retry_after == 10


def test_sweep_forgets_idle_clients(clock):
    throttle = Throttle(2, window=10, clock=clock)
    throttle.check("a")
    clock.now += 10
    assert throttle.sweep() == 1


def test_busiest_counts_the_window_only(clock):
    throttle = Throttle(4, window=10, clock=clock)
    throttle.check("a")
    throttle.check("old")
    clock.now += 6
    throttle.check("a")
    throttle.check("b")
    assert throttle.busiest() == [Usage("a", 2, 0.5), Usage("b", 1, 0.25), Usage("old", 1, 0.25)]
    clock.now += 5
    assert throttle.busiest(1) == [Usage("a", 1, 0.25)]


def test_status_page(clock):
    throttle = Throttle(4, window=10, clock=clock)
    throttle.check("a")
    code, text = respond("/status/throttle", pages(throttle))
    assert code == 200
    assert '"percent": 25' in text
