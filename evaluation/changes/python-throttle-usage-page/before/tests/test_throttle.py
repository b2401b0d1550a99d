import pytest

from gateway.throttle import Throttle


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
