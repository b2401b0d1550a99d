"""The options of the command line: their names, ranges and words."""

import math
import re
from decimal import Decimal, InvalidOperation
from typing import Any

import click

from reviewbot import defaults, registry
from reviewbot.guide import Strictness

_SEVERITIES = ("error", "warning", "info")
PREFIX = "REVIEWBOT_"

LONGEST = 30 * 24 * 3600
"""Seconds of the longest run that may be asked for, far below what clocks can wait for."""


_OWN = "(of this job)"
"""What stands for the number of a pull request where none is given."""


def _money(text: str) -> Decimal:
    """An amount, exact."""
    try:
        amount = Decimal(text)
    except InvalidOperation:
        amount = Decimal("nan")
    if not amount.is_finite() or amount < 0:
        raise click.BadParameter(f"{text} is no amount of money, such as 0.50")
    return amount


def _hash(text: str) -> str:
    """What `stages.redact` writes for a value."""
    if not re.fullmatch("s1:[0-9a-f]{32}", text):
        raise click.BadParameter(f"{text} is no hash of a credential, such as s1: and 32 digits")
    return text


def _pull(text: str) -> int:
    """The number of a pull request, from 1; 0 where none is given."""
    if text == _OWN:
        return 0
    if not re.fullmatch("[1-9][0-9]{0,9}", text, re.ASCII):
        raise click.BadParameter(f"{text} is no number of a pull request")
    return int(text)


class Number(click.FloatRange):
    """A number in a range. Nothing is below or above NaN, so that a range alone lets it in; infinity is no number."""

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> float:
        """The number; its errors are those of `click`."""
        number = float(super().convert(value, param, ctx))
        if not math.isfinite(number):
            self.fail(f"{value} is no number", param, ctx)
        return number


class _Variable(click.Option):
    """Has no flag: the command uses it for something else."""

    def add_to_parser(self, parser: Any, ctx: click.Context) -> None:
        """Nothing is added."""


def _option(*names: str, **attributes: Any) -> click.Option:
    """An option that REVIEWBOT_<OPTION> sets too."""
    # Stated, since what click says of a default that nobody stated differs between its versions.
    attributes.setdefault("default", () if attributes.get("multiple") else False if attributes.get("is_flag") else None)
    long = next(name for name in names if name.startswith("--"))
    return click.Option(names, envvar=PREFIX + long.removeprefix("--").replace("-", "_").upper(), **attributes)


class _Instruction(click.types.StringParamType):
    """A text that says something; in a variable each line is one."""

    name = "text"
    envvar_list_splitter = "\n"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> str:
        """The text, stripped."""
        text = str(value).strip()
        if not text or len(text) > defaults.LONGEST_INSTRUCTION:
            self.fail(f"an instruction has 1 to {defaults.LONGEST_INSTRUCTION:,} characters", param, ctx)
        return text


TARGET: tuple[click.Parameter, ...] = (
    click.Argument(["revision"], required=False),
    click.Option(["--worktree"], is_flag=True, help="Review all uncommitted changes, untracked files too."),
    click.Option(["--patch"], metavar="FILE", help="Review a patch file; - is standard input."),
    click.Option(["--push"], is_flag=True, help="Review what is about to be pushed, inside a pre-push hook."),
    click.Option(
        ["--pr", "pull"],
        type=_pull,
        is_flag=False,
        flag_value=_OWN,
        metavar="[NUMBER]",
        help="Review a pull request; without a number the one this job runs for.",
    ),
)
"""What is reviewed."""

MODEL = _option(
    "-m",
    "--model",
    metavar="NAME",
    default=defaults.MODEL,
    show_default=True,
    help="A known model, a name the endpoint knows, a .gguf file, demo, or replay:FILE.",
)

ENDPOINT = (
    _option("--provider", type=click.Choice(registry.names("providers")), help="Who answers; the model implies it."),
    _option("--base-url", metavar="URL", help="A compatible endpoint, such as http://127.0.0.1:8000/v1."),
    _option("--verify", metavar="NAME", help="A second model that may disprove what was found; named as --model is."),
    _option(
        "--input-limit", type=click.IntRange(min=1), metavar="TOKENS", help="Input limit of a model that is not known."
    ),
    _option("--rpm", type=click.IntRange(min=1), metavar="N", help="Requests in a minute.  [default: as known]"),
    _option("--tpm", type=click.IntRange(min=1), metavar="N", help="Tokens in a minute.  [default: as known]"),
)
"""Who is asked, and how much that one takes."""

HOST = (
    _option("--api-url", metavar="URL", help="Of the API with --pr.  [default: GITHUB_API_URL, or GitHub's own]"),
    _option("--full", is_flag=True, help="With --pr: ask again about what was reviewed before."),
)
"""Where pull requests live, and how much of one is asked about."""

BASELINE = _option("--baseline", metavar="FILE", help="Leave out the findings that reviewbot baseline wrote there.")
HINTS = _option(
    "--hints",
    type=click.Path(),
    multiple=True,
    metavar="FILE",
    help="SARIF of another tool: what it says is told to the model and not said again. Repeatable.",
)
"""What others say of the change."""

POST = _option("--post", type=click.Choice(registry.names("hosts")), help="Post the review to the pull request.")

RUN = (
    _option("--record", metavar="FILE", help="Write the answers for replay:FILE."),
    _option(
        "--jobs",
        type=click.IntRange(min=1),
        default=defaults.JOBS,
        show_default=True,
        help="Prompts under way at once.",
    ),
    _option(
        "--timeout",
        type=Number(min=0, min_open=True, max=LONGEST),
        metavar="SECONDS",
        help="For the whole review.",
    ),
    _option("--max-cost", type=_money, metavar="AMOUNT", help="Stop before a request that could cost more in all."),
    _option("--no-cache", is_flag=True, help="Ask again what was answered before, and keep nothing."),
    _option("--fail-open", is_flag=True, help="Exit with 0 when the review is incomplete or nobody can be asked."),
)
"""How the review is made."""

_FORMATS: dict[str, Any] = {"multiple": True, "default": ("text",)}
FORMATS = _option(
    "-f",
    "--format",
    "formats",
    show_default=True,
    metavar="NAME[=FILE]",
    help=f"How to report: {', '.join(registry.names('formats'))}. Repeatable.",
    **_FORMATS,
)
FORMATS_VARIABLE = _Variable(["--formats"], envvar=FORMATS.envvar, hidden=True, **_FORMATS)
"""The same for a command whose own output `--format` is about."""

CONTENT = (
    _option("--include", multiple=True, metavar="GLOB", help="Review only these paths. Repeatable."),
    _option("--exclude", multiple=True, metavar="GLOB", help="Do not review these paths, nor show them. Repeatable."),
    _option(
        "--chunk-tokens",
        type=click.IntRange(min=500),
        metavar="TOKENS",
        default=defaults.CHUNK_TOKENS,
        show_default=True,
        help="Target size of one prompt's diff.",
    ),
    _option(
        "--samples",
        type=click.IntRange(min=1, max=defaults.MOST_SAMPLES),
        metavar="N",
        default=defaults.SAMPLES,
        show_default=True,
        help="Ask about everything N times, and let what is found be put to the vote.",
    ),
    _option(
        "--allow-secrets",
        type=_hash,
        multiple=True,
        metavar="HASH",
        help="What looks like a credential and is none, by the hash that its finding names. Repeatable.",
    ),
    _option(
        "--strictness",
        type=click.Choice([level.value for level in Strictness]),
        default=Strictness.NORMAL.value,
        show_default=True,
        help="How sure a finding has to be.",
    ),
    _option(
        "--instructions",
        type=_Instruction(),
        multiple=True,
        metavar="[GLOB:] TEXT",
        help="What to look at, or to leave alone, in all files or in some. Repeatable.",
    ),
    _option(
        "--intent",
        type=click.Choice(["on", "off"]),
        default=defaults.INTENT,
        show_default=True,
        help="Show the model what the author says of the change, as a claim.",
    ),
    _option(
        "--context",
        type=Number(0, defaults.MOST_CONTEXT),
        default=defaults.CONTEXT,
        show_default=True,
        metavar="SHARE",
        help="Show other code that the change touches, at most so many times the diff's own tokens.",
    ),
    _option("--language", type=click.Choice(["en", "zh"]), default="en", show_default=True, help="Of the comments."),
)
"""What is asked about, and in which words."""

CONFIDENCE = _option(
    "--min-confidence",
    type=Number(0, 1),
    default=0.0,
    show_default=True,
    help="Leave out findings the model is less sure of.",
)

JUDGEMENT = (
    _option(
        "--fail-on",
        type=click.Choice([*_SEVERITIES, "never"]),
        default="never",
        show_default=True,
        help="Exit with 1 when a finding is this severe or worse.",
    ),
    _option(
        "--min-severity",
        type=click.Choice(_SEVERITIES),
        default="info",
        show_default=True,
        help="Do not show milder findings; they still count for --fail-on.",
    ),
    CONFIDENCE,
    _option("--max-comments", type=click.IntRange(min=0), metavar="N", help="Show the worst N findings."),
)
"""What counts and what is shown."""

OUTPUT = click.Option(
    ["-f", "--format", "output"],
    type=click.Choice(["text", "json"]),
    default="text",
    show_default=True,
    help="For people or for programs.",
)
"""The format of what is no review."""

POLICY = (MODEL, *CONTENT, *JUDGEMENT)
"""What a file in the repository may say too."""

SETTINGS = (MODEL, *ENDPOINT, *CONTENT, *JUDGEMENT, BASELINE, HINTS, *HOST, POST, *RUN, FORMATS)
"""All that flags and variables say beside the target."""

ASKED = (MODEL, *ENDPOINT, *CONTENT, HINTS, *HOST)
"""Those of them that decide what is asked."""

FOUND = (*ASKED, CONFIDENCE, *RUN)
"""Those of them that decide what is found."""


def name(option: click.Option) -> str:
    """The long name without dashes before it."""
    return option.opts[-1].removeprefix("--")
