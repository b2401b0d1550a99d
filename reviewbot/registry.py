"""Module name = option value: lists the modules of a folder and imports one when it is needed."""

from importlib import import_module
from pathlib import Path
from types import ModuleType


def names(folder: str) -> tuple[str, ...]:
    """The option values a folder offers, sorted.

    Args:
        folder: a package of reviewbot, such as `formats`; a module whose name begins with `_` is private to it.
    """
    stems = [path.stem for path in (Path(__file__).parent / folder).glob("*.py")]
    return tuple(sorted(stem.replace("_", "-") for stem in stems if not stem.startswith("_")))


def load(folder: str, name: str) -> ModuleType:
    """Import the module behind an option value that `names` listed."""
    return import_module(f"reviewbot.{folder}.{name.replace('-', '_')}")
