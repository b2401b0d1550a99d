"""The command line: flags → Invocation and Policy; Review → stdout and exit code; errors → message and hint."""

import io
import os
import sys
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

import click

from reviewbot import __version__, registry
from reviewbot.errors import ConfigError, ExitCode, ProviderError, ReviewbotError

if TYPE_CHECKING:
    from reviewbot.app import Idle, Run, World
    from reviewbot.config import Invocation, Policy, Sink
    from reviewbot.review import Event, Review

_SEVERITIES = ("error", "warning", "info")
_ERRORS_PAGE = "docs/errors.md"


class _Commands(click.Group):
    """Turns what goes wrong in a command into a message, a hint and an exit code."""

    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except ReviewbotError as error:
            if ctx.obj and ctx.obj.get("traceback"):
                sys.excepthook(*sys.exc_info())
            _tell(error)
            ctx.exit(error.exit_code)
        except KeyboardInterrupt:
            click.echo("reviewbot: interrupted", err=True)
            ctx.exit(ExitCode.INTERRUPTED)


def _option(*names: str, **attributes: Any) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """An option that REVIEWBOT_<OPTION> sets too."""
    long = next(name for name in names if name.startswith("--"))
    variable = "REVIEWBOT_" + long.removeprefix("--").replace("-", "_").upper()
    return click.option(*names, envvar=variable, **attributes)


@click.group(cls=_Commands, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(__version__, prog_name="reviewbot", message="%(prog)s %(version)s")
def commands() -> None:
    """Review a git change with a language model.

    Every changed line is reviewed or named as not reviewed; every finding stands on the right line; an incomplete
    review never looks like a pass.
    """


@commands.command()
@click.argument("revision", required=False)
@click.option("--worktree", is_flag=True, help="Review all uncommitted changes, untracked files too.")
@click.option("--patch", metavar="FILE", help="Review a patch file; - is standard input.")
@_option(
    "-m",
    "--model",
    metavar="NAME",
    default="qwen-coder-plus",
    show_default=True,
    help="A known model, a name the endpoint knows, a .gguf file, demo, or replay:FILE.",
)
@_option("--provider", type=click.Choice(registry.names("providers")), help="Who answers; the model implies it.")
@_option("--base-url", metavar="URL", help="A compatible endpoint, such as http://127.0.0.1:8000/v1.")
@_option(
    "--input-limit", type=click.IntRange(min=1), metavar="TOKENS", help="Input limit of a model that is not known."
)
@_option("--record", metavar="FILE", help="Write the answers for replay:FILE.")
@_option(
    "-f",
    "--format",
    "formats",
    multiple=True,
    metavar="NAME[=FILE]",
    help=f"How to report: {', '.join(registry.names('formats'))}. Repeatable.  [default: text]",
)
@_option(
    "--fail-on",
    type=click.Choice([*_SEVERITIES, "never"]),
    default="never",
    show_default=True,
    help="Exit with 1 when a finding is this severe or worse.",
)
@_option("--fail-open", is_flag=True, help="Exit with 0 when the review is incomplete or nobody can be asked.")
@_option(
    "--min-severity",
    type=click.Choice(_SEVERITIES),
    default="info",
    show_default=True,
    help="Do not show milder findings; they still count for --fail-on.",
)
@_option(
    "--min-confidence",
    type=click.FloatRange(0, 1),
    default=0.0,
    show_default=True,
    help="Leave out findings the model is less sure of.",
)
@_option("--max-comments", type=click.IntRange(min=0), metavar="N", help="Show the worst N findings.")
@_option("--include", multiple=True, metavar="GLOB", help="Review only these paths. Repeatable.")
@_option("--exclude", multiple=True, metavar="GLOB", help="Do not review these paths. Repeatable.")
@_option("--chunk-tokens", type=click.IntRange(min=500), metavar="TOKENS", help="Target size of one prompt's diff.")
@_option("--jobs", type=click.IntRange(min=1), default=4, show_default=True, help="Prompts under way at once.")
@_option("--language", type=click.Choice(["en", "zh"]), default="en", show_default=True, help="Of the comments.")
@click.option("-q", "--quiet", is_flag=True, help="Findings only, one line each.")
@click.option("-v", "--verbose", count=True, help="What became of every claim; -vv says more, and shows tracebacks.")
@click.pass_context
def review(context: click.Context, /, **flags: Any) -> None:
    """Review REVISION, or what is staged.

    REVISION is A...B (what B changed since it left A; A... means HEAD), A..B, or a commit.
    """
    context.find_root().obj = {"traceback": flags["verbose"] > 1}
    verbosity = -1 if flags.pop("quiet") else flags["verbose"]
    invocation, policy = _settings(**flags)
    context.exit(_review(invocation, policy, _world(), verbosity))


@commands.command()
@click.pass_context
def demo(context: click.Context) -> None:
    """Review a sample change on this machine.

    A small embedded model reviews it: no key, no server, nothing leaves the machine.
    """
    from reviewbot import app
    from reviewbot.config import Invocation, Policy

    # A hook that runs the demo must not have its own repository reviewed.
    for name in [name for name in os.environ if name.startswith("GIT_")]:
        del os.environ[name]
    with app.sample() as folder:
        click.echo("A sample repository with a staged change, reviewed by a 0.5B model on this machine.", err=True)
        world = app.World(folder, os.environ, None)
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
        sys.excepthook(*sys.exc_info())
        click.echo("reviewbot: this is a bug; please report it with the text above", err=True)
        sys.exit(ExitCode.BUG)
    sys.exit(ExitCode.OK)


def _settings(**flags: Any) -> "tuple[Invocation, Policy]":
    from reviewbot.config import Invocation, Policy
    from reviewbot.finding import Severity

    invocation = Invocation(
        revision=flags["revision"],
        worktree=flags["worktree"],
        patch=flags["patch"],
        model=flags["model"],
        provider=flags["provider"],
        base_url=flags["base_url"],
        input_limit=flags["input_limit"],
        record=Path(flags["record"]) if flags["record"] else None,
        jobs=flags["jobs"],
        sinks=tuple(map(_sink, flags["formats"] or ("text",))),
        fail_open=flags["fail_open"],
    )
    policy = Policy(
        include=flags["include"],
        exclude=flags["exclude"],
        chunk_tokens=flags["chunk_tokens"],
        language=flags["language"],
        min_confidence=flags["min_confidence"],
        min_severity=Severity(flags["min_severity"]),
        max_comments=flags["max_comments"],
        fail_on=None if flags["fail_on"] == "never" else Severity(flags["fail_on"]),
    )
    return invocation, policy


def _sink(text: str) -> "Sink":
    from reviewbot.config import Sink

    name, _, path = text.partition("=")
    if name not in registry.names("formats"):
        raise ConfigError(
            f"unknown format: {name}",
            hint=f"one of {', '.join(registry.names('formats'))}; a file goes behind it: -f json=report.json",
            slug="bad-option",
        )
    return Sink(name, Path(path) if path not in {"", "-"} else None)


def _world() -> "World":
    from reviewbot.app import World

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
    outside = sum(part.reason == "not_included" for part in made.skipped)
    if outside and outside == len(made.change.files):
        click.echo("reviewbot: warning: no changed file matches --include", err=True)
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
    if not made.change.files:
        staged = not (invocation.worktree or invocation.patch or invocation.revision)
        hint = "nothing is staged here; try --worktree or main..." if staged else "there is no change to review"
        click.echo(f"reviewbot: {hint}", err=True)
        # Programs still get their report; people have been told.
        sinks = tuple(sink for sink in sinks if sink.path or sink.format != "text")
    if sinks:
        from reviewbot.report import deliver

        deliver(made, sinks, verbosity=verbosity)


def _watch(run: "Run | Idle", *, quiet: bool) -> "tuple[list[Event], bool]":
    """Drive a run to its end, or to Ctrl-C, and keep what happened."""
    seen: list[Event] = []
    events = run.events()
    if run.provider and not quiet and sys.stderr and sys.stderr.isatty():
        from reviewbot.progress import shown

        events = shown(events)
    try:
        seen.extend(events)
    except KeyboardInterrupt:
        return seen, True
    return seen, False


def _troubles(seen: "Iterable[Event]") -> "list[ReviewbotError]":
    """What went wrong, each thing once."""
    from reviewbot.review import SkippedPart

    found = [event.error for event in seen if isinstance(event, SkippedPart) and event.error]
    return list({error.message: error for error in found}.values())


def _code(made: "Review") -> ExitCode:
    from reviewbot.review import Verdict

    codes = {Verdict.PASS: ExitCode.OK, Verdict.FAIL: ExitCode.FINDINGS, Verdict.INCOMPLETE: ExitCode.INCOMPLETE}
    return codes[made.verdict]


def _warn(what: str, troubles: "Iterable[ReviewbotError]") -> None:
    """The one line that says why an exit code of 0 is not a review."""
    why = "; ".join(trouble.message for trouble in troubles)
    click.echo(f"reviewbot: warning: {what}" + (f": {why}" if why else ""), err=True)


def _tell(error: ReviewbotError) -> None:
    click.echo(f"reviewbot: {error.message}\n  {error.hint}  [{_ERRORS_PAGE}#{error.slug}]", err=True)
