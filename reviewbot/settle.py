"""What flags, variables and the file of a repository add up to, and where each came from."""

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import click
from click.core import ParameterSource

from reviewbot import registry
from reviewbot.config import Invocation, Policy, Setting, Sink
from reviewbot.errors import ConfigError
from reviewbot.finding import Severity
from reviewbot.guide import Strictness
from reviewbot.options import MODEL, POLICY, PREFIX, SETTINGS, name
from reviewbot.policyfile import PolicyFile

_LONGEST = 80
"""Characters of a file that a message repeats."""

_BITS = 63
"""Of a whole number in TOML; Python reads longer ones, and stumbles over them later."""

DEFAULT = "default"
"""The origin of what nobody said."""


def settle(context: click.Context, *, file: PolicyFile | None) -> tuple[Setting, ...]:
    """What holds of every option: the flag, else the variable, else the file, else the default.

    Args:
        context: of the command; an option it does not offer holds as the file or the default has it.
        file: of the repository, None where it has none.

    Raises:
        ConfigError: the file says something it may not, or not so.
    """
    said = _checked(file) if file else {}
    return tuple(_settled(option, context, file.name if file else "", said) for option in SETTINGS)


def _settled(option: click.Option, context: click.Context, file: str, said: Mapping[str, object]) -> Setting:
    own, key = name(option), option.name or ""
    offered = key in {param.name for param in context.command.params}
    source = context.get_parameter_source(key) if offered else ParameterSource.DEFAULT
    if source is ParameterSource.COMMANDLINE:
        return Setting(own, context.params[key], f"--{own}")
    if source is ParameterSource.ENVIRONMENT:
        return Setting(own, context.params[key], str(option.envvar))
    if own in said:
        return Setting(own, said[own], file, by_file=True)
    return Setting(own, option.get_default(context), DEFAULT)


def _checked(file: PolicyFile) -> dict[str, object]:
    """The values of a file as a flag would have given them."""
    allowed = {name(option): option for option in POLICY}
    for key in file.values:
        if key not in allowed:
            raise _not_allowed(file.name, key, sorted(allowed))
    return {key: _converted(allowed[key], value, file.name) for key, value in file.values.items()}


def _not_allowed(file: str, key: str, allowed: list[str]) -> ConfigError:
    import difflib

    option = key.replace("_", "-")
    if option in {name(each) for each in SETTINGS} - {*allowed}:
        hint = f"only a flag or {PREFIX}{option.replace('-', '_').upper()} sets it: a repository must not choose it"
    else:
        near = difflib.get_close_matches(option, allowed, n=1)
        hint = f"did you mean {near[0]}?" if near else f"it may hold {', '.join(allowed)}"
    return ConfigError(f"{file} cannot set {_short(key)}", hint=hint, slug="bad-settings")


def _converted(option: click.Option, value: object, file: str) -> object:
    items = value if option.multiple and isinstance(value, list) else [value]
    odd = [item for item in items if not _fits(option, item)]
    if odd or option.multiple != isinstance(value, list):
        given = f"a list with {_said(odd[0])} in it" if option.multiple and items is value else _said(value)
        raise _bad_value(file, option, f"it has to be {_form(option)}, not {given}")
    try:
        made = tuple(option.type.convert(item, option, None) for item in items)
    except click.BadParameter as error:
        raise _bad_value(file, option, error.message.removesuffix(".")) from error
    if option is MODEL:
        _catalogued(str(value), file)
    return made if option.multiple else made[0]


def _fits(option: click.Option, item: object) -> bool:
    """Whether a value has the type that TOML has for an option."""
    if isinstance(item, bool):
        return False
    if isinstance(option.type, click.Choice):
        return item in option.type.choices
    if isinstance(option.type, click.FloatRange) and isinstance(item, float):
        return True
    if isinstance(option.type, click.IntRange | click.FloatRange):
        return isinstance(item, int) and item.bit_length() <= _BITS
    return isinstance(item, str)


def _form(option: click.Option) -> str:
    """The same in words."""
    if option.multiple:
        return 'a list of texts, such as ["docs/*"]'
    if isinstance(option.type, click.Choice):
        return f"one of {', '.join(option.type.choices)}"
    if isinstance(option.type, click.IntRange):
        return "a whole number"
    return "a number" if isinstance(option.type, click.FloatRange) else "a text in quotation marks"


def _said(value: object) -> str:
    """A value as its file has it, as far as a message has room."""
    if isinstance(value, list | dict):
        return "a list" if isinstance(value, list) else "a table"
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, int) and value.bit_length() > _BITS:
        return "a number that large"
    return _short(f'"{value}"' if isinstance(value, str) else str(value))


def _short(text: str) -> str:
    """Text of a file as a message can show it."""
    from reviewbot.terminal import visible

    text = visible(text)
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST]}…"


def _catalogued(name: str, file: str) -> None:
    """A file in a repository chooses among known models; a path or an endpoint's own name is the user's to give."""
    from reviewbot import catalogue

    if catalogue.load().find(name) is None:
        raise _bad_value(file, MODEL, f"{_said(name)} is none of the models that `reviewbot models` lists")


def _bad_value(file: str, option: click.Option, why: str) -> ConfigError:
    hint = f"see --{name(option)} in `reviewbot review --help`"
    return ConfigError(f"{file}: {name(option)}: {why}", hint=hint, slug="bad-settings")


def build(settings: Iterable[Setting], target: Mapping[str, Any]) -> tuple[Invocation, Policy]:
    """Where things come from and go to, and what counts.

    Args:
        settings: every one of them.
        target: the parameters of `options.TARGET`, by name; empty where nothing is reviewed.

    Raises:
        ConfigError: it cannot be meant.
    """
    settings = tuple(settings)
    values: dict[str, Any] = {setting.name: setting.value for setting in settings}
    # What a file says reaches the policy only.
    origin = next(setting for setting in settings if setting.name == "model")
    given = not origin.by_file and origin.origin != DEFAULT
    invocation = Invocation(
        revision=target.get("revision"),
        worktree=target.get("worktree", False),
        patch=target.get("patch"),
        push=target.get("push", False),
        pull=target.get("pull"),
        post=values["post"],
        api_url=values["api-url"],
        full=values["full"],
        baseline=Path(values["baseline"]) if values["baseline"] else None,
        hints=tuple(map(Path, values["hints"])),
        model=values["model"] if given else None,
        provider=values["provider"],
        base_url=values["base-url"],
        verify=values["verify"],
        input_limit=values["input-limit"],
        record=Path(values["record"]) if values["record"] else None,
        jobs=values["jobs"],
        timeout=values["timeout"],
        max_cost=values["max-cost"],
        rpm=values["rpm"],
        tpm=values["tpm"],
        cache=not values["no-cache"],
        sinks=tuple(map(_sink, values["format"])),
        fail_open=values["fail-open"],
    )
    policy = Policy(
        model=values["model"] if origin.by_file else None,
        include=values["include"],
        exclude=values["exclude"],
        chunk_tokens=values["chunk-tokens"],
        samples=values["samples"],
        language=values["language"],
        strictness=Strictness(values["strictness"]),
        instructions=values["instructions"],
        intent=values["intent"] == "on",
        context=values["context"],
        min_confidence=values["min-confidence"],
        min_severity=Severity(values["min-severity"]),
        max_comments=values["max-comments"],
        allow_secrets=values["allow-secrets"],
        fail_on=None if values["fail-on"] == "never" else Severity(values["fail-on"]),
    )
    return invocation, policy


def _sink(text: str) -> Sink:
    format_, _, path = text.partition("=")
    if format_ not in registry.names("formats"):
        raise ConfigError(
            f"unknown format: {format_}",
            hint=f"one of {', '.join(registry.names('formats'))}; a file goes behind it: -f json=report.json",
            slug="bad-option",
        )
    return Sink(format_, Path(path) if path not in {"", "-"} else None)
