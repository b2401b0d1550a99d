"""Who is asked and who checks what was found, for as long as a run lasts. Alone knows what two models share."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import TYPE_CHECKING

from reviewbot import wiring
from reviewbot.catalogue import Catalogue
from reviewbot.config import Invocation, Policy
from reviewbot.deadline import Deadline
from reviewbot.errors import ConfigError
from reviewbot.ports import Provider, Route
from reviewbot.routing import second, with_key
from reviewbot.wiring import World

if TYPE_CHECKING:
    from reviewbot.calls.budget import Purse
    from reviewbot.nobody import Nobody


def keyed(way: Route, known: Catalogue, world: World, *, needed: bool) -> "Route | Nobody":
    """The way with its key, or what stands for it where there is none and none is needed.

    Raises:
        ConfigError: there is no key that can be used.
    """
    try:
        return with_key(way, known, world.environment)
    except ConfigError as error:
        if needed or error.slug != "no-key":
            raise
        from reviewbot.nobody import Nobody

        return Nobody(way, error)


def check(
    invocation: Invocation, policy: Policy, known: Catalogue, world: World, *, deadline: Deadline
) -> "Route | Nobody | None":
    """The way to who checks what was found, None: nobody does.

    Args:
        invocation: names that one.
        policy: as for the review.
        known: the models.
        world: holds the keys.
        deadline: of the run.

    Raises:
        ConfigError: that one cannot be asked.
    """
    way = second(invocation, policy, known)
    if way is None:
        return None
    # With a flag of its own: what one of them is given up for is none of the other's.
    own = replace(way, deadline=deadline.earlier(0, most=0))
    return keyed(own, known, world, needed=not invocation.fail_open)


@contextmanager
def both(
    way: "Route | Nobody | None", checks: "Route | Nobody | None", invocation: Invocation, world: World
) -> "Iterator[tuple[Provider | None, Provider | None]]":
    """Who answers and who checks what was found, for as long as needed; they spend the same money."""
    money = wiring.purse(invocation)
    with (
        connected(way, invocation, world, money=money) as provider,
        connected(checks, invocation, world, money=money) as verifier,
    ):
        yield provider, verifier


@contextmanager
def connected(
    way: "Route | Nobody | None", invocation: Invocation, world: World, *, money: "Purse | None" = None
) -> Iterator[Provider | None]:
    """Who answers, for as long as needed; nobody where there is no way."""
    if not isinstance(way, Route):
        yield way
        return
    provider = wiring.provider(way, invocation, world, money=money)
    try:
        yield provider
    finally:
        provider.close()
