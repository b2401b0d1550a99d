"""The command line: flags → Invocation and Policy; Review → stdout and exit code; errors → message and hint."""

import io
import os
import sys
import traceback
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

import click

from reviewbot import __version__, options
from reviewbot.errors import ConfigError, ExitCode, ProviderError, ReviewbotError

if TYPE_CHECKING:
    from reviewbot.app import Idle, Run
    from reviewbot.config import Invocation, Policy
    from reviewbot.events import Event
    from reviewbot.review import Change, Review, Skipped
    from reviewbot.wiring import World


class _Commands(click.Group):
    """Turns what goes wrong in a command into a message, a hint and an exit code."""

    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except ReviewbotError as error:
            if ctx.obj and ctx.obj.get("traceback"):
                _say(*traceback.format_exc().rstrip().split("\n"))
            _tell(error)
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
    context.find_root().obj = {"traceback": verbose > 1}
    invocation, policy, world = _given(context, target)
    context.exit(_review(invocation, policy, world, -1 if quiet else verbose))


@commands.command(params=[*options.TARGET, options.MODEL, *options.ENDPOINT, *options.CONTENT, options.OUTPUT])
@click.option("--show-prompts", is_flag=True, help="Show exactly what would leave the machine.")
@click.pass_context
def plan(context: click.Context, /, *, output: str, show_prompts: bool, **target: Any) -> None:
    """Say what a review would ask and what it would cost.

    Nobody is asked about the change. REVISION and the options are those of `reviewbot review`.
    """
    import reviewbot.overviews.plan as overview
    from reviewbot import app, report

    invocation, policy, world = _given(context, target)
    outlook = app.look_ahead(invocation, policy, world, prompts=show_prompts)
    if _told_of_nothing(outlook.plan.change, invocation) and output == "text":
        return
    _warn_of_an_idle_include(outlook.plan.change, outlook.plan.skipped)
    report.show(overview, outlook, output, exact=show_prompts)


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
    from reviewbot import app, report, wiring
    from reviewbot.settle import build, settle

    world = _world()
    settings = settle(context, file=wiring.policy_file(world))
    report.show(overview, app.effective(settings, *build(settings, {}), world), output)


@commands.group()
def cache() -> None:
    """Where answers are kept, so that the same is not asked twice."""


@cache.command()
def path() -> None:
    """Print the folder: the one to restore in CI."""
    click.echo(_answers())


@cache.command()
def clear() -> None:
    """Remove every answer."""
    from reviewbot.calls.cache import Store

    click.echo(f"{Store(_answers()).clear():,} answers removed", err=True)


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
    from reviewbot import app
    from reviewbot.config import Invocation, Policy
    from reviewbot.wiring import World

    # A hook that runs the demo must not have its own repository reviewed.
    for name in [name for name in os.environ if name.startswith("GIT_")]:
        del os.environ[name]
    with app.sample() as folder:
        click.echo("A sample repository with a staged change, reviewed by a 0.5B model on this machine.", err=True)
        world = World(folder, os.environ, None)
        context.exit(_review(Invocation(model="demo"), Policy(), world, 0))


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
    except Exception:
        _say(*traceback.format_exc().rstrip().split("\n"))
        _say("reviewbot: this is a bug; please report it with the text above")
        sys.exit(ExitCode.BUG)
    sys.exit(ExitCode.OK)


def _given(context: click.Context, target: Mapping[str, Any]) -> "tuple[Invocation, Policy, World]":
    from reviewbot import wiring
    from reviewbot.settle import build, settle

    world = _world()
    file = wiring.policy_file(world, revision=target["revision"], worktree=target["worktree"], patch=target["patch"])
    return *build(settle(context, file=file), target), world


def _world() -> "World":
    from reviewbot.wiring import World

    try:
        folder = str(Path.cwd())
    except FileNotFoundError:
        folder = "."  # it is gone; git says so
    return World(folder, os.environ, getattr(sys.stdin, "buffer", None))


def _review(invocation: "Invocation", policy: "Policy", world: "World", verbosity: int) -> ExitCode:
    from reviewbot import app

    try:
        with app.open_run(invocation, policy, world) as run:
            seen, interrupted = _watch(run, quiet=verbosity < 0)
            made = run.review(seen)
    except ReviewbotError as error:
        if invocation.fail_open and (isinstance(error, ProviderError) or error.slug == "no-key"):
            _warn("not reviewed", [error])
            return ExitCode.OK
        raise
    _warn_of_an_idle_include(made.change, made.skipped)
    _deliver(made, invocation, verbosity)
    troubles = _troubles(seen)
    code = ExitCode.INTERRUPTED if interrupted else _code(made)
    if invocation.fail_open and code is ExitCode.INCOMPLETE:
        _warn("the review is incomplete", troubles)
        return ExitCode.OK
    for trouble in troubles:
        _tell(trouble)
    return code


def _deliver(made: "Review", invocation: "Invocation", verbosity: int) -> None:
    sinks = invocation.sinks
    if _told_of_nothing(made.change, invocation):
        # Programs still get their report; people have been told.
        sinks = tuple(sink for sink in sinks if sink.path or sink.format != "text")
    if sinks:
        from reviewbot.report import deliver

        deliver(made, sinks, verbosity=verbosity)


def _told_of_nothing(change: "Change", invocation: "Invocation") -> bool:
    """Say so where there is no change, and what to try."""
    if change.files:
        return False
    staged = not (invocation.worktree or invocation.patch or invocation.revision)
    hint = "nothing is staged here; try --worktree or main..." if staged else "there is no change to review"
    click.echo(f"reviewbot: {hint}", err=True)
    return True


def _warn_of_an_idle_include(change: "Change", skips: "Iterable[Skipped]") -> None:
    outside = sum(part.reason == "not_included" for part in skips)
    if outside and outside == len(change.files):
        click.echo("reviewbot: warning: no changed file matches --include", err=True)


def _watch(run: "Run | Idle", *, quiet: bool) -> "tuple[list[Event], bool]":
    """Drive a run to its end, or to Ctrl-C, and keep what happened."""
    seen: list[Event] = []
    live = bool(run.provider and not quiet and sys.stderr and sys.stderr.isatty())
    events = run.events(live=live)
    if live:
        from reviewbot.progress import shown

        events = shown(events)
    try:
        seen.extend(events)
    except KeyboardInterrupt:
        return seen, True
    return seen, False


def _troubles(seen: "Iterable[Event]") -> "list[ReviewbotError]":
    """What went wrong, each thing once."""
    from reviewbot.events import SkippedPart

    found = [event.error for event in seen if isinstance(event, SkippedPart) and event.error]
    return list({error.message: error for error in found}.values())


def _code(made: "Review") -> ExitCode:
    from reviewbot.review import Verdict

    codes = {Verdict.PASS: ExitCode.OK, Verdict.FAIL: ExitCode.FINDINGS, Verdict.INCOMPLETE: ExitCode.INCOMPLETE}
    return codes[made.verdict]


def _warn(what: str, troubles: "Iterable[ReviewbotError]") -> None:
    """The one line that says why an exit code of 0 is not a review."""
    why = "; ".join(trouble.message for trouble in troubles)
    _say(f"reviewbot: warning: {what}" + (f": {why}" if why else ""))


def _tell(error: ReviewbotError) -> None:
    _say(f"reviewbot: {error.message}", f"  {error.hint}  [docs/errors.md#{error.slug}]")


def _say(*lines: str) -> None:
    """Lines on standard error; what they repeat of a server, a file or a change is harmless there."""
    from reviewbot.terminal import Span, paint, visible

    click.echo(paint([(Span(visible(line)),) for line in lines], colour=False), nl=False, err=True)
