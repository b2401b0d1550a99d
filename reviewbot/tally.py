"""What a review adds up to, in a few plain words. Alone knows how a result reads that is no simple pass."""

from collections import Counter
from collections.abc import Iterator

from reviewbot.finding import DropReason, Severity, State
from reviewbot.missing import missing
from reviewbot.review import Review
from reviewbot.terminal import STYLES, Span, count, one_line
from reviewbot.withheld import told

_ASIDE = {
    DropReason.IGNORED: "ignored",
    DropReason.IGNORED_BY_CHANGE: "ignored",
    DropReason.DISMISSED: "dismissed",
    DropReason.BASELINE: "in the baseline",
    DropReason.KNOWN: "said by another tool",
    DropReason.DISPROVED: "disproved",
}


def outcome(review: Review) -> str:
    """What was found."""
    return ", ".join(span.text for span in outcomes(review))


def outcomes(review: Review) -> list[Span]:
    """The same in parts, at least one, with the style of each."""
    hidden = len(review.counted) - len(review.findings)
    aside = Counter(_ASIDE[drop.reason] for drop in review.dropped if drop.reason in _ASIDE)
    if review.findings or aside:
        parts = [*_shown(review), *([Span(f"{hidden:,} not shown")] if hidden else [])]
        return [*parts, *(Span(f"{number:,} {word}", "yellow") for word, number in aside.items())]
    if hidden:
        return [Span(f"{count(hidden, 'finding')}, none shown")]
    if any(_reviewed(review)):
        return [Span("no findings", "green") if review.complete else Span("no findings in the reviewed part")]
    if not review.complete:
        return [Span("nothing was reviewed")]
    files = len(review.change.files)
    return [Span(f"nothing to review in {count(files, 'changed file')}" if files else "nothing to review: no changes")]


def _shown(review: Review) -> Iterator[Span]:
    levels = Counter(finding.draft.severity for finding in review.findings)
    yield from (Span(count(levels[level], level), STYLES[level]) for level in Severity if levels[level])
    standing, total = sum(one.state is State.STANDING for one in review.findings), len(review.findings)
    if standing:
        yield Span(
            f"{standing:,} of them standing" if standing < total else "all standing" if total > 1 else "standing"
        )


def reach(review: Review) -> str:
    """How much was reviewed, and how much of that before; "" where nothing was and nothing should have been."""
    reviewed = _reviewed(review)
    if not (any(reviewed) or review.counted or not review.complete):
        return ""
    files, seen = len(reviewed), sum(map(bool, reviewed))
    said = f"{seen:,} of {count(files, 'file')} reviewed" if seen < files else f"{count(files, 'file')} reviewed"
    before = missing(review.change, [skip for skip in review.skipped if skip.before]).total()
    if not before:
        return said
    lines = sum(reviewed)
    share = "all" if before == lines else f"{before:,} of {count(lines, 'changed line')}"
    return f"{said}, {share} in earlier reviews"


def shortfall(review: Review) -> str:
    """What should have been reviewed and was not; "" where nothing is missing."""
    failed = {skip.path for skip in review.skipped if skip.failed}
    lines = _unseen(review, failed_only=True)
    files = sum(not lines[path] for path in failed)
    said = (count(lines.total(), "changed line") if lines.total() else "", count(files, "file") if files else "")
    return " and ".join(filter(None, said))


def notes(review: Review) -> Iterator[str]:
    """What no list shows, a line for each kind: what is less sure than it was to be, what is not told now, and why."""
    if review.unheard:
        looks = count(review.unheard, "look")
        yield f"{looks} at a part brought no whole answer: of {review.samples:,} votes fewer were heard there"
    if review.unverified:
        yield f"{count(review.unverified, 'claim')} unverified: {one_line(review.verifier)} said nothing usable of that"
    gone, held = len(review.gone), len(review.held)
    if gone:
        yield f"{count(gone, 'finding')} {'is' if gone == 1 else 'are'} gone since the last review"
    if held:
        files = "its file was" if held == 1 else "their files were"
        yield f"{count(held, 'finding')} of earlier reviews may still stand: {files} not reviewed"
    if review.withheld:
        yield told(review.withheld)


def _reviewed(review: Review) -> list[int]:
    """How many changed lines of each file were looked at, now or before."""
    unseen = _unseen(review, failed_only=False)
    return [max(0, file.changed - unseen[file.path]) for file in review.change.files]


def _unseen(review: Review, *, failed_only: bool) -> Counter[str]:
    """How many changed lines of each path were not looked at, neither now nor before."""
    before = [skip for skip in review.skipped if skip.before]
    others = [skip for skip in review.skipped if not skip.before and (skip.failed or not failed_only)]
    # A part that failed is told by its first and last line, between which some may have been reviewed before.
    return missing(review.change, (*others, *before)) - missing(review.change, before)
