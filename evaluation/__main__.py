"""The command line: `python -m evaluation`."""

import os
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import click
from click.core import ParameterSource

from evaluation import aacr, bugsinpy, check, compare, context, record, report, results
from evaluation.conduct import conducted
from evaluation.errors import EvaluationError
from evaluation.foreign import Imported
from evaluation.run import Order
from evaluation.settings import chosen, recorded
from evaluation.suite import OWN, load
from reviewbot import defaults, options
from reviewbot.deadline import Deadline
from reviewbot.errors import ExitCode, ReviewbotError
from reviewbot.wiring import World

_FILE = click.Path(dir_okay=False, path_type=Path)
_FOLDER = click.Path(file_okay=False, path_type=Path)
_SUITE = click.option("--suite", type=_FOLDER, default=OWN, help="A folder of changes.  [default: the project's own]")
_PAIRS = click.option(
    "--set", "pairs", multiple=True, metavar="NAME=VALUE", help="An option of the review. Repeatable."
)

_MODELS = (options.MODEL, *options.ENDPOINT)
_IMPORTERS: Mapping[str, Callable[[Path, Path, Path], Iterator[Imported]]] = {
    "aacr": aacr.convert,
    "bugsinpy": bugsinpy.convert,
}


class _Commands(click.Group):
    """Turns what goes wrong in a command into a message."""

    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except EvaluationError as error:
            click.echo(f"evaluation: {error}", err=True)
            ctx.exit(ExitCode.USAGE)
        except ReviewbotError as error:
            click.echo(f"evaluation: {error.message}\n  {error.hint}", err=True)
            ctx.exit(error.exit_code)


@click.group(cls=_Commands, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
def commands() -> None:
    """Measure how well a model with reviewbot's prompts finds real defects."""


@commands.command(params=[*_MODELS])
@_SUITE
@click.option("--seeds", type=click.IntRange(min=1), default=1, show_default=True, help="Reviews of each change.")
@click.option("--temperature", type=click.FloatRange(0, 2), help="Of the sampling.  [default: the product's]")
@click.option("--only", metavar="GLOB", default="*", help="Changes whose names match.")
@click.option("--limit", type=click.IntRange(min=1), metavar="N", help="N changes, taken evenly from all.")
@_PAIRS
@click.option("--record", "kept", type=_FOLDER, help="Keep every answer in this new folder.")
@click.option("--replay", "replayed", type=_FOLDER, help="Answer from such a folder, and ask nobody.")
@click.option("--out", type=_FILE, help="Write the results, for `compare`.")
@click.pass_context
def run(context: click.Context, /, **given: Any) -> None:
    """Review every change of a suite and print what was found.

    Ctrl-C ends it: what was reviewed until then is kept.
    """
    with TemporaryDirectory(prefix="evaluation-") as folder:
        order = _order(context, given, Path(folder))
        made, interrupted = conducted(order, given["seeds"])
    # First of all: it took long, and a disk may be full.
    click.echo(report.table(made), nl=False)
    if order.record:
        record.finish(order.record, made)
    if given["out"]:
        results.write(made, given["out"])
    context.exit(ExitCode.INTERRUPTED if interrupted else ExitCode.OK)


def _order(context: click.Context, given: Mapping[str, Any], folder: Path) -> Order:
    """What is asked for."""
    keys = {options.name(option): str(option.name) for option in _MODELS}
    typed = {key for key in keys.values() if context.get_parameter_source(key) is ParameterSource.COMMANDLINE}
    asked = [f"{name}={given[key]}" for name, key in keys.items() if key in typed]
    replayed = record.opened(given["replayed"]) if given["replayed"] else None
    if replayed and (asked or given["kept"] or given["temperature"] is not None):
        raise EvaluationError(
            "--replay answers in place of a model: leave out what says how one is asked, and --record"
        )
    before = recorded(replayed.settings, given["pairs"]) if replayed else []
    settings = chosen([*asked, *before, *given["pairs"]])
    if given["out"] and not given["out"].absolute().parent.is_dir():
        raise EvaluationError(f"cannot write {given['out']}: there is no such folder")
    if given["kept"]:
        record.begin(given["kept"])
    return Order(
        changes=load(given["suite"], only=given["only"], limit=given["limit"]),
        chosen=settings,
        world=World(str(folder), os.environ, None),
        folder=folder,
        temperature=given["temperature"],
        record=given["kept"],
        replayed=replayed,
        deadline=Deadline(settings.invocation.timeout),
    )


@commands.command(name="compare")
@click.argument("first", metavar="A.json", type=_FILE)
@click.argument("second", metavar="B.json", type=_FILE)
def compare_(first: Path, second: Path) -> None:
    """Print what B does better or worse than A, change by change."""
    click.echo(compare.table(results.read(first), results.read(second)), nl=False)


@commands.command(name="check")
@_SUITE
@click.pass_context
def check_(context: click.Context, suite: Path) -> None:
    """Say what is wrong with a suite, by the rules of the project's own."""
    found = check.problems(suite)
    for problem in found:
        click.echo(problem)
    context.exit(ExitCode.FINDINGS if found else ExitCode.OK)


@commands.command(name="context")
@_SUITE
@_PAIRS
@click.option(
    "--share",
    "shares",
    type=options.Number(0, defaults.MOST_CONTEXT),
    multiple=True,
    default=context.SHARES,
    show_default=True,
    help="Tokens beside the diff, for each of its own. Repeatable.",
)
def context_(suite: Path, pairs: tuple[str, ...], shares: tuple[float, ...]) -> None:
    """Say how much of what one has to see beside a diff stands in the prompts. No model is asked."""
    with TemporaryDirectory(prefix="evaluation-") as folder:
        order = Order(load(suite), chosen(pairs), World(folder, os.environ, None), Path(folder))
        click.echo(context.measured(order, shares), nl=False)


@commands.command(name="import")
@click.argument("kind", type=click.Choice(sorted(_IMPORTERS)))
@click.argument("checkout", metavar="PATH", type=_FOLDER)
@click.argument("target", metavar="OUT", type=_FOLDER)
@click.option("--repositories", type=_FOLDER, help="Where the clones lie.  [default: PATH/repos]")
@click.pass_context
def import_(context: click.Context, kind: str, checkout: Path, target: Path, repositories: Path | None) -> None:
    """Write the changes of a foreign benchmark in the form of our own."""
    written = 0
    for entry in _IMPORTERS[kind](checkout, target, repositories or checkout / "repos"):
        written += not entry.trouble
        told = f"left out: {entry.trouble}" if entry.trouble else f"{entry.truths} truths"
        click.echo(f"{entry.name}: {told}")
    click.echo(f"{written} changes written to {target}", err=True)
    context.exit(ExitCode.OK if written else ExitCode.INCOMPLETE)


def main() -> None:
    """Run the command line and end the process."""
    # Another repository than those of the changes may be meant by them, as inside a hook.
    for name in [name for name in os.environ if name.startswith(("GIT_", "OPENAI_"))]:
        del os.environ[name]
    commands.main(prog_name="python -m evaluation")


if __name__ == "__main__":
    main()
