"""What every prompt of a review says beside the diff."""

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import Literal

from reviewbot import defaults

Language = Literal["en", "zh"]

Match = Callable[[str], bool]
"""Whether a path is meant."""


class Strictness(StrEnum):
    """How sure a claim has to be, from certain harm to whatever can go wrong."""

    RELAXED = "relaxed"
    NORMAL = "normal"
    STRICT = "strict"


@dataclass(frozen=True, slots=True)
class Rule:
    """What a team wants to have looked at, or left alone.

    Attributes:
        text: in its words.
        applies: to which paths, None: to all.
    """

    text: str
    applies: Match | None = None


@dataclass(frozen=True, slots=True)
class Guide:
    """What every prompt of a review says beside the diff.

    Attributes:
        language: of the comments.
        strictness: how sure a claim has to be.
        rules: of the team.
        intent: what the author says of the change, empty: nothing.
        context: pieces of other code take at most so many times the tokens of the diff; 0: there are none.
    """

    language: Language = "en"
    strictness: Strictness = Strictness.NORMAL
    rules: tuple[Rule, ...] = ()
    intent: str = ""
    context: float = defaults.CONTEXT
