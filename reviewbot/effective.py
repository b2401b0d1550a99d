"""What settings lead to: who would be asked, and with which key."""

from dataclasses import dataclass

from reviewbot import catalogue
from reviewbot.config import Invocation, Policy, Setting
from reviewbot.ports import Route
from reviewbot.routing import key_variable, key_variables, route, second
from reviewbot.wiring import World


@dataclass(frozen=True, slots=True)
class Key:
    """A variable that may hold a key.

    Attributes:
        variable: its name.
        set: True where it holds something.
        sent: True where it goes to an endpoint in use.
    """

    variable: str
    set: bool
    sent: bool


@dataclass(frozen=True, slots=True)
class Effective:
    """What holds, and what it leads to.

    Attributes:
        settings: every one of them.
        way: who would be asked; it holds no key.
        keys: the variables that may hold one.
        check: who would be asked whether what was found is wrong, None: nobody.
    """

    settings: tuple[Setting, ...]
    way: Route
    keys: tuple[Key, ...]
    check: Route | None = None


def effective(settings: tuple[Setting, ...], invocation: Invocation, policy: Policy, world: World) -> Effective:
    """What settings lead to.

    Args:
        settings: every one of them.
        invocation: built from them.
        policy: the same.
        world: holds the variables with the keys.

    Raises:
        ConfigError: they cannot be meant.
    """
    known = catalogue.load()
    way = route(invocation, policy, known)
    check = second(invocation, policy, known)
    sent = {key_variable(one, known, world.environment) for one in (way, check) if one}
    held = {name: world.environment.get(name, "").strip() for name in key_variables(known)}
    keys = tuple(Key(name, bool(value), name in sent) for name, value in held.items())
    return Effective(settings, way, keys, check)
