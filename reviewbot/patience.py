"""Work that somebody else may never end. Alone knows how it is waited for, and how it is left alone."""

import threading
from collections.abc import Callable, Generator
from contextlib import suppress
from queue import Empty, SimpleQueue
from typing import TypeVar

from reviewbot.deadline import Deadline

T = TypeVar("T")

GRACE = 0.2
"""Seconds after the run's end in which the transport may say so itself: it knows what it was about."""


class LateError(Exception):
    """The time is over."""


def in_time(work: Callable[[], Generator[T, None, None]], left: Callable[[], float | None]) -> Generator[T, None, None]:
    """What a generator gives, made in a thread of its own, one thing at a time as it is asked for.

    Time limits of a socket count from byte to byte: a server that sends one now and then is never late by them, and
    nothing can interrupt a thread that waits for it. Work that is late is left alone. It ends, and closes what it has
    open, with the next thing it makes, or with the process.

    Args:
        work: begins it.
        left: seconds it may still take, None: any.

    Raises:
        LateError: they have passed.
    """
    made: SimpleQueue[tuple[T] | BaseException | None] = SimpleQueue()
    turn = threading.Semaphore(0)
    unwanted = threading.Event()

    def run() -> None:
        things = work()
        while turn.acquire() and not unwanted.is_set():
            try:
                made.put((next(things),))
            except StopIteration:
                made.put(None)
            except BaseException as error:
                made.put(error)
        # Nobody is left to hear what goes wrong in the end.
        with suppress(Exception):
            things.close()

    threading.Thread(target=run, daemon=True).start()
    try:
        while True:
            turn.release()
            thing = _taken(made, left())
            if thing is None:
                return
            yield thing[0]
    finally:
        unwanted.set()
        turn.release()


def _taken(made: "SimpleQueue[tuple[T] | BaseException | None]", seconds: float | None) -> tuple[T] | None:
    try:
        thing = made.get(timeout=seconds)
    except Empty:
        raise LateError from None
    if isinstance(thing, BaseException):
        raise thing
    return thing


def within(seconds: float | None, run: Deadline) -> Callable[[], float | None]:
    """Tells how long what begins now may still take.

    Args:
        seconds: that it may take in all, None: any.
        run: ends it too.
    """
    own = Deadline(seconds)

    def left() -> float | None:
        whole = run.left()
        known = [own.left(), None if whole is None else whole + GRACE]
        return min((most for most in known if most is not None), default=None)

    return left
