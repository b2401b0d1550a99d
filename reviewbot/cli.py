"""The command line: flags → Invocation and Policy; Review → stdout and exit code; errors → message and hint."""

import io
import os
import sys
import traceback
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

import click

from reviewbot import __version__, defaults, options
from reviewbot.errors import ConfigError, ExitCode, ReviewbotError
from reviewbot.tell import say, tell, warn

if TYPE_CHECKING:
    from reviewbot.conduct import Given
    from reviewbot.ports import State
    from reviewbot.pulls import Pull
    from reviewbot.wiring import World


class _Commands(click.Group):
    """Turns what goes wrong in a command into a message, a hint and an exit code."""

    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except ReviewbotError as error:
            if ctx.obj and ctx.obj.get("traceback"):
                say(*traceback.format_exc().rstrip().split("\n"))
            tell(error)
            ctx.exit(error.exit_code)
        except KeyboardInterrupt:
            click.echo("reviewbot: interrupted", err=True)
            ctx.exit(ExitCode.INTERRUPTED)


@click.group(cls=_Commands, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(__version__, prog_name="reviewbot", message="%(prog)s %(version)s")
def commands() -> None:
    """Review a git change with a language model.

    Every changed line is reviewed or named as not reviewed; every finding stands on the right line; an incomplete
    review never looks like a pass.
    """


@commands.command(params=[*options.TARGET, *options.SETTINGS])
@click.option("-q", "--quiet", is_flag=True, help="Findings only, one line each.")
@click.option("-v", "--verbose", count=True, help="What became of every claim; -vv says more, and shows tracebacks.")
@click.pass_context
def review(context: click.Context, /, *, quiet: bool, verbose: int, **target: Any) -> None:
    """Review REVISION, or what is staged.

    REVISION is A...B (what B changed since it left A; A... means HEAD), A..B, or a commit.
    """
    from reviewbot import conduct

    context.find_root().obj = {"traceback": verbose > 1}
    with _given(context, target) as given:
        context.exit(conduct.review(given, verbosity=-1 if quiet else verbose))


@commands.command(params=[*options.TARGET, *options.ASKED, options.OUTPUT])
@click.option("--show-prompts", is_flag=True, help="Show exactly what would leave the machine.")
@click.pass_context
def plan(context: click.Context, /, *, output: str, show_prompts: bool, **target: Any) -> None:
    """Say what a review would ask and what it would cost.

    Nobody is asked about the change. REVISION and the options are those of `reviewbot review`.
    """
    import reviewbot.overviews.plan as overview
    from reviewbot import conduct, outlook, report

    with _given(context, target) as given:
        seen = outlook.look_ahead(given.invocation, given.policy, given.world, prompts=show_prompts, pull=given.pull)
    if conduct.told_of_nothing(seen.plan.change, given.invocation) and output == "text":
        return
    conduct.warn_of_an_idle_include(seen.plan.change, seen.plan.skipped)
    conduct.warn_of_hints_astray(seen.plan.told)
    report.show(overview, seen, output, exact=show_prompts)


@commands.command(params=[*options.TARGET, *options.FOUND])
@click.option(
    "-o",
    "--output",
    metavar="FILE",
    help=f"Where to; - is standard output.  [default: {defaults.BASELINE} at the top of the repository]",
)
@click.pass_context
def baseline(context: click.Context, /, *, output: str | None, **target: Any) -> None:
    """Write down the findings of today, for --baseline to leave out.

    REVISION and the options are those of `reviewbot review`. What stands there already is replaced.
    """
    from reviewbot import conduct

    with _given(context, target) as given:
        context.exit(conduct.baseline(given, output=output))


@commands.command(params=[options.OUTPUT])
def models(output: str) -> None:
    """List the models that are known, with their limits and prices."""
    import reviewbot.overviews.models as overview
    from reviewbot import catalogue, report

    report.show(overview, catalogue.load(), output)


@commands.command(
    params=[
        *(option for option in options.SETTINGS if option is not options.FORMATS),
        options.FORMATS_VARIABLE,
        options.OUTPUT,
    ]
)
@click.pass_context
def config(context: click.Context, /, *, output: str, **_: Any) -> None:
    """Show what every setting is and where it comes from.

    A flag beats a variable, which beats the repository's file, which beats the default.
    """
    import reviewbot.overviews.config as overview
    from reviewbot import judging, report
    from reviewbot.effective import effective
    from reviewbot.settle import build, settle

    world = _world()
    settings = settle(context, file=judging.policy_file(world, judging.start(world)))
    report.show(overview, effective(settings, *build(settings, {}), world), output)


@commands.command()
@click.argument("ids", nargs=-1, metavar="[ID]...")
@click.option(
    "--report",
    metavar="FILE",
    type=click.Path(path_type=Path),
    help="Take the suggestions of this JSON report.  [default: the last review]",
)
@click.option("--diff", is_flag=True, help="Show what would be written as a patch, and write nothing.")
@click.pass_context
def apply(context: click.Context, /, *, ids: tuple[str, ...], report: Path | None, diff: bool) -> None:
    """Write suggestions of the last review into the work tree.

    Those of the findings that are named by their IDs, or all. Lines that changed since the review are left alone.
    """
    from reviewbot import applying
    from reviewbot.calls.cache import folder

    done = applying.apply(ids, cwd=_world().cwd, answers=folder(os.environ), report=report, write=not diff)
    click.echo(done.diff if diff else done.text, nl=False)
    if diff:
        say(*done.text.split("\n")[:-1])
    say(f"reviewbot: {done.summary}")
    context.exit(done.code)


@commands.group()
def cache() -> None:
    """Where answers are kept, so that the same is not asked twice."""


@cache.command()
def path() -> None:
    """Print the folder: the one to restore in CI."""
    click.echo(_answers())


@cache.command()
def clear() -> None:
    """Remove every answer, and what the last reviews told."""
    from reviewbot import kept
    from reviewbot.calls.cache import Store

    answers = _answers()
    kept.reports(answers).clear()
    click.echo(f"{Store(answers).clear():,} answers removed", err=True)


def _answers() -> Path:
    from reviewbot.calls.cache import folder

    place = folder(os.environ)
    if place is None:
        raise ConfigError(
            "this user has no home, so no answers are kept", hint="set HOME or XDG_CACHE_HOME", slug="no-home"
        )
    return place


@commands.command()
@click.pass_context
def demo(context: click.Context) -> None:
    """Review a sample change on this machine.

    A small embedded model reviews it: no key, no server, nothing leaves the machine.
    """
    from reviewbot import app, conduct
    from reviewbot.config import Invocation, Policy
    from reviewbot.wiring import World

    # A hook that runs the demo must not have its own repository reviewed.
    for name in [name for name in os.environ if name.startswith("GIT_")]:
        del os.environ[name]
    with app.sample() as folder:
        click.echo("A sample repository with a staged change, reviewed by a 0.5B model on this machine.", err=True)
        given = conduct.Given(Invocation(model="demo"), Policy(), World(folder, os.environ, None))
        context.exit(conduct.review(given, verbosity=0))


def main() -> NoReturn:
    """Run the command line and end the process.

    Exits with 4 and a traceback on a bug: click itself would exit with 1, which means findings.
    """
    # The SDK reads these wherever it can; a key or an address for another purpose must not reach our requests.
    for name in [name for name in os.environ if name.startswith("OPENAI_")]:
        del os.environ[name]
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")
    try:
        commands.main(prog_name="reviewbot")
    except SystemExit as ended:
        if ended.code == ExitCode.INTERRUPTED:
            _stop()
        raise
    except Exception:
        say(*traceback.format_exc().rstrip().split("\n"))
        say("reviewbot: this is a bug; please report it with the text above")
        sys.exit(ExitCode.BUG)
    sys.exit(ExitCode.OK)


def _stop() -> None:
    """End at once: an embedded engine that is still at work would crash while it is taken down."""
    for stream in (sys.stdout, sys.stderr):
        with suppress(OSError, AttributeError):
            stream.flush()
    os._exit(ExitCode.INTERRUPTED)


@contextmanager
def _given(context: click.Context, target: Mapping[str, Any]) -> "Iterator[Given]":
    from reviewbot import judging, wiring
    from reviewbot.settle import build, settle

    world = _world()
    if target["pull"] is None:
        world = wiring.hearing(world) if target["push"] else world
        where = {name: target[name] for name in ("revision", "worktree", "patch", "push")}
        yield _judged(context, target, world, judging.start(world, **where))
        return
    from reviewbot import pulls

    # Where the pull request lives is for nobody's file to say; which file holds, the pull request says.
    invocation, _ = build(settle(context, file=None), target)
    with pulls.opened(invocation, world) as pull:
        yield _judged(context, target, world, pull.start(world), pull)


def _judged(
    context: click.Context,
    target: Mapping[str, Any],
    world: "World",
    state: "State | None",
    pull: "Pull | None" = None,
) -> "Given":
    """What a review is made from, judged as a state of the repository says."""
    from reviewbot import judging
    from reviewbot.conduct import Given
    from reviewbot.policyfile import RULES_FILE, RULES_MOST
    from reviewbot.settle import build, settle

    invocation, policy = build(settle(context, file=judging.policy_file(world, state)), target)
    rules = judging.house_rules(world, state)
    if len(rules) > RULES_MOST:
        warn(f"{RULES_FILE} is long: the model is shown its first {RULES_MOST:,} characters")
    policy = replace(policy, rules=rules)
    return Given(invocation, policy, world, pull, judging.baseline(invocation, world, state))


def _world() -> "World":
    from reviewbot.wiring import World

    try:
        folder = str(Path.cwd())
    except FileNotFoundError:
        folder = "."  # it is gone; git says so
    return World(folder, os.environ, getattr(sys.stdin, "buffer", None))
