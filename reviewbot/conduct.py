"""A review from its settings to its exit code. Alone knows what is told, delivered and posted, and in which order."""

import sys
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

import click

from reviewbot import defaults, policyfile
from reviewbot.config import BASELINE, Sink
from reviewbot.errors import ConfigError, ExitCode, HostError, ProviderError, ReviewbotError
from reviewbot.tell import say, tell, warn

if TYPE_CHECKING:
    from collections.abc import Iterable

    from reviewbot.app import Idle, Run
    from reviewbot.brief import Outcome
    from reviewbot.config import Invocation, Policy
    from reviewbot.events import Event, SkippedPart, Verified
    from reviewbot.hints import Told
    from reviewbot.memory import Known
    from reviewbot.pulls import Pull
    from reviewbot.review import Change, Review, Skipped
    from reviewbot.wiring import World


_PASSING = {"no-key", "several-branches"}
"""Errors that `--fail-open` lets pass, beside those of whoever is asked."""


@dataclass(frozen=True, slots=True)
class Given:
    """What a review is made from.

    Attributes:
        invocation: where things come from and go to.
        policy: what counts.
        world: where it runs.
        pull: the pull request that is reviewed, None: something else is.
        baseline: findings that are silenced.
    """

    invocation: "Invocation"
    policy: "Policy"
    world: "World"
    pull: "Pull | None" = None
    baseline: "tuple[Known, ...]" = ()


@dataclass(frozen=True, slots=True)
class _Made:
    """A review as it came about.

    Attributes:
        review: what was found.
        seen: all that happened.
        interrupted: somebody ended it.
    """

    review: "Review"
    seen: "list[Event]"
    interrupted: bool


def review(given: Given, *, verbosity: int) -> ExitCode:
    """Make a review, write it down, post it.

    Args:
        given: all of its settings.
        verbosity: -1 quiet, 0 normal; more says more.

    Returns:
        what the process returns.

    Raises:
        ReviewbotError: there is no review, or a report of it could not be written.
    """
    invocation = given.invocation
    done = _made(given, quiet=verbosity < 0)
    if done is None:
        return ExitCode.OK
    made = done.review
    unwritten = _deliver(made, invocation, verbosity)
    troubles = _troubles(done)
    code = _code(made)
    if done.interrupted:
        code = ExitCode.INTERRUPTED
    elif invocation.post and given.pull:
        unposted = _post(made, given.pull, given, quiet=verbosity < 0)
        troubles += unposted
        code = ExitCode.INCOMPLETE if unposted and code is ExitCode.OK else code
    if unwritten:
        for trouble in troubles:
            tell(trouble)
        raise unwritten
    return _ended(code, troubles, given)


def _keep(made: "Review", run: "Run | Idle", world: "World", *, whole: bool) -> None:
    """Let `reviewbot apply` find the suggestions of this review, and those of no other one."""
    from reviewbot import app, kept, mending
    from reviewbot.calls.cache import folder
    from reviewbot.ports import View

    answers, top = folder(world.environment), policyfile.top(Path(world.cwd))
    if answers and whole:
        proofs = mending.proofs(made.findings, run.content)
        kept.keep(app.render(made, "json", View()), proofs, top=top, answers=answers)
    elif answers:
        kept.forget(top=top, answers=answers)


def baseline(given: Given, *, output: str | None) -> ExitCode:
    """Make a review, and write down what stands.

    Args:
        given: all of its settings.
        output: the file, `-` for standard output, None: the usual one at the top of the repository.

    Returns:
        what the process returns.

    Raises:
        ReviewbotError: there is no review, or it could not be written down.
        KeyboardInterrupt: somebody ended it; nothing was written.
    """
    path = _place(output, given.world.cwd)
    # It is a report like others: whether it can be written is known before money is spent.
    invocation = replace(given.invocation, sinks=(Sink(BASELINE, path),))
    done = _made(replace(given, invocation=invocation), quiet=False)
    if done is None:
        return ExitCode.OK
    if done.interrupted:
        raise KeyboardInterrupt
    made = done.review
    told_of_nothing(made.change, invocation)
    from reviewbot import baselines, report
    from reviewbot.finding import Category
    from reviewbot.tally import shortfall
    from reviewbot.terminal import count

    report.write(baselines.write(made.counted), path)
    missing = "" if made.complete else f", but the review is incomplete: {shortfall(made)} not reviewed"
    secrets = sum(one.draft.category is Category.SECRET for one in made.counted)
    if secrets:
        warn(f"{count(secrets, 'credential')} left out: allow what is none by its hash (allow-secrets)")
    say(f"reviewbot: {count(len(made.counted) - secrets, 'finding')} written to {path or 'standard output'}{missing}")
    return _ended(ExitCode.OK if made.complete else ExitCode.INCOMPLETE, _troubles(done), given)


def _place(output: str | None, folder: str) -> Path | None:
    if output is None:
        return policyfile.top(Path(folder)) / defaults.BASELINE
    return None if output == "-" else Path(output)


def _made(given: Given, *, quiet: bool) -> _Made | None:
    """Make a review; None where there is none and that may pass."""
    from reviewbot import app

    invocation = given.invocation
    try:
        with app.open_run(invocation, given.policy, given.world, pull=given.pull, baseline=given.baseline) as run:
            warn_of_hints_astray(run.told)
            # Runners of hooks show what stands on their terminals when it is over: nobody watches.
            seen, interrupted = _watch(run, quiet=quiet or "PRE_COMMIT" in given.world.environment)
            made = run.review(seen)
            if made.change.files:
                _keep(made, run, given.world, whole=invocation.cache and not interrupted)
    except ReviewbotError as error:
        if invocation.fail_open and (isinstance(error, ProviderError) or error.slug in _PASSING):
            warn("not reviewed", [error])
            return None
        raise
    warn_of_an_idle_include(made.change, made.skipped)
    return _Made(made, seen, interrupted)


def _ended(code: ExitCode, troubles: "Iterable[ReviewbotError]", given: Given) -> ExitCode:
    if given.invocation.fail_open and code is ExitCode.INCOMPLETE:
        warn("the review is incomplete", troubles)
        return ExitCode.OK
    for trouble in troubles:
        tell(trouble)
    return code


def _deliver(made: "Review", invocation: "Invocation", verbosity: int) -> ConfigError | None:
    """Write the reports; what keeps one of them from being written."""
    sinks = invocation.sinks
    if told_of_nothing(made.change, invocation):
        # Programs still get their report; people have been told.
        sinks = tuple(sink for sink in sinks if sink.path or sink.format != "text")
    if not sinks:
        return None
    from reviewbot.report import deliver

    try:
        deliver(made, sinks, verbosity=verbosity)
    except ConfigError as error:
        return error
    return None


def _post(made: "Review", pull: "Pull", given: Given, *, quiet: bool) -> "list[ReviewbotError]":
    """Post a review, or tell it where a job's log is read; what went wrong."""
    try:
        outcome = pull.post(made)
    except HostError as error:
        return [error]
    if outcome.superseded:
        warn(f"not posted: {pull.brief.head[:7]} is no more the newest commit of the pull request")
    elif outcome.read_only is not None:
        from reviewbot.report import annotate

        told = annotate(made, given.invocation.sinks, given.world.environment)
        instead = f"; the review stands in {' and '.join(told)} instead" if told else ""
        warn(f"{'not all is' if outcome.posted else 'not'} posted: {outcome.read_only}{instead}")
    elif not (quiet or outcome.trouble):
        say(f"reviewbot: {_posted(outcome)}: {pull.brief.web}/pull/{pull.brief.number}")
    return [outcome.trouble] if outcome.trouble else []


def _posted(outcome: "Outcome") -> str:
    from reviewbot.terminal import count

    new = f"{count(outcome.posted, 'new comment')} and the summary posted" if outcome.posted else "summary posted"
    refused = f" ({count(len(outcome.refused), 'finding')} in the summary alone)" if outcome.refused else ""
    return new + refused


def told_of_nothing(change: "Change", invocation: "Invocation") -> bool:
    """Say so where there is no change, and what to try."""
    if change.files:
        return False
    named = (invocation.worktree, invocation.patch, invocation.revision, invocation.push, invocation.pull is not None)
    staged = not any(named)
    hint = "nothing is staged here; try --worktree or main..." if staged else "there is no change to review"
    # Plain words of our own: a hook with nothing staged needs no more than this.
    click.echo(f"reviewbot: {hint}", err=True)
    return True


def warn_of_an_idle_include(change: "Change", skips: "Iterable[Skipped]") -> None:
    """Say so where the user's globs choose nothing."""
    outside = sum(part.reason == "not_included" for part in skips)
    if outside and outside == len(change.files):
        warn("no changed file matches --include")


def warn_of_hints_astray(told: "Iterable[Told]") -> None:
    """Say so where a tool speaks of other files than those of the repository, or names them in a way of its own."""
    for file in told:
        if file.astray:
            warn(f"no result in {file.name} names a line of a file in this repository: let its tool run here")


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


def _troubles(done: _Made) -> "list[ReviewbotError]":
    """What kept lines from being reviewed, each thing once. What cost only votes or a check is told here."""
    from reviewbot.events import SkippedPart, Verified

    troubles, doubts = _once(done.seen, SkippedPart), _once(done.seen, Verified)
    if doubts:
        warn("not all that was found is checked", doubts)
    if troubles and done.review.complete:
        warn("fewer votes were heard", troubles)
        return []
    return troubles


def _once(seen: "Iterable[Event]", kind: "type[SkippedPart | Verified]") -> "list[ReviewbotError]":
    """The errors of one kind of event, each once."""
    found = [event.error for event in seen if isinstance(event, kind) and event.error]
    return list({error.message: error for error in found}.values())


def _code(made: "Review") -> ExitCode:
    from reviewbot.review import Verdict

    codes = {Verdict.PASS: ExitCode.OK, Verdict.FAIL: ExitCode.FINDINGS, Verdict.INCOMPLETE: ExitCode.INCOMPLETE}
    return codes[made.verdict]
