"""How the reviews of a run are made. Alone knows which of the product's options mean something here."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

import click

from evaluation.errors import EvaluationError
from reviewbot import options
from reviewbot.config import Invocation, Policy
from reviewbot.settle import DEFAULT, build, settle

_ELSEWHERE = {"api-url", "baseline", "fail-open", "format", "full", "hints", "no-cache", "post", "record"}
"""Options of a single review: reports, hosts, memory and other tools play no part here, nor do answers of a cache."""

_AND = ", "
"""Between the values of an option that may be repeated."""

PRODUCT = {options.name(option) for option in options.SETTINGS} - {options.name(option) for option in options.ENDPOINT}
"""The options that say how a review is made, whoever is asked."""

REVISION = "HEAD"
"""What is reviewed in the repository of every change."""


@dataclass(frozen=True, slots=True)
class Chosen:
    """How every review is made.

    Attributes:
        invocation: who is asked.
        policy: what counts.
        said: every setting that is not the default, for people.
    """

    invocation: Invocation
    policy: Policy
    said: Mapping[str, str]


def chosen(pairs: Iterable[str]) -> Chosen:
    """The settings that the product makes of options, as it makes them of flags.

    Args:
        pairs: NAME=VALUE of options of `reviewbot review`, without dashes before the name; of a flag the name alone.

    Raises:
        EvaluationError: there is no such option, or it means nothing here.
        ReviewbotError: the product refuses the value.
        click.UsageError: the same.
    """
    known = {options.name(option) for option in options.SETTINGS} - _ELSEWHERE
    words = [f"--{pair}" for pair in pairs]
    if odd := [word for word in words if word.partition("=")[0].removeprefix("--") not in known]:
        raise EvaluationError(f"{odd[0]} cannot be set here; what can: {', '.join(sorted(known))}")
    command = click.Command("settings", params=list(options.SETTINGS))
    settings = settle(command.make_context("settings", words), file=None)
    invocation, policy = build(settings, {"revision": REVISION})
    said = {each.name: _written(each.value) for each in settings if each.origin != DEFAULT and each.name in known}
    # The results name the model as its provider does.
    said.pop("model", None)
    alone = replace(invocation, post=None, baseline=None, hints=(), record=None, cache=False, fail_open=False)
    return Chosen(alone, policy, said)


ANEW = {"samples", "verify"}
"""What a replay says anew: the record may hold more than it uses."""


def recorded(settings: Mapping[str, str], pairs: Iterable[str]) -> list[str]:
    """The pairs that ask again what a run asked whose answers are replayed, but for what is said anew.

    Args:
        settings: of that run, as its results have them.
        pairs: what is said anew.
    """
    anew = {pair.partition("=")[0] for pair in pairs} | ANEW
    several = {options.name(option): option.multiple for option in options.SETTINGS}
    said = {name: text for name, text in settings.items() if name in PRODUCT - anew}
    return [f"{name}={one}" for name, text in said.items() for one in (text.split(_AND) if several[name] else [text])]


def _written(value: object) -> str:
    return _AND.join(map(str, value)) if isinstance(value, tuple) else str(value)
