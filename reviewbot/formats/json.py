"""The report for programs: the fields of version 1 and their order; docs/report.schema.json says the same."""

from decimal import Decimal

from reviewbot import __version__, jsonform, terminal
from reviewbot.finding import Dropped, Finding
from reviewbot.ports import View
from reviewbot.review import Review, Usage
from reviewbot.withheld import Withheld

VERSION = 1


def render(review: Review, view: View) -> str:
    """One JSON object and a newline, the same for every view.

    Bytes that are not text are shown as U+FFFD; nothing else is changed or left out.
    """
    del view
    report = {
        "version": VERSION,
        "tool_version": __version__,
        "target": jsonform.target(review.change.target),
        "model": review.model,
        "verdict": review.verdict,
        "complete": review.complete,
        "findings": [_finding(finding) for finding in review.findings],
        "dropped": [_dropped(drop) for drop in review.dropped],
        "skipped": [jsonform.skipped(skip) for skip in review.skipped],
        "withheld": [_withheld(one) for one in review.withheld],
        **_votes(review),
        **_verification(review),
        "usage": _usage(review.usage, review.seconds),
    }
    return terminal.harmless_json(jsonform.document(report))


def _finding(finding: Finding) -> dict[str, object]:
    draft = finding.draft
    return {
        "id": finding.id,
        "fingerprint": finding.fingerprint,
        "state": finding.state,
        **jsonform.place(finding.anchor),
        "severity": draft.severity,
        "category": draft.category,
        "title": draft.title,
        "body": draft.body,
        "suggestion": draft.suggestion,
        "confidence": draft.confidence,
        "excerpt": "\n".join(finding.excerpt),
    }


def _dropped(drop: Dropped) -> dict[str, object]:
    """The claim, at its proven place where it has one."""
    draft, anchor = drop.draft, drop.finding.anchor if drop.finding else None
    return {
        "stage": drop.stage,
        "reason": drop.reason,
        "path": anchor.path if anchor else draft.path,
        "line": anchor.start if anchor else draft.line,
        "quote": draft.quote,
        "severity": draft.severity,
        "title": draft.title,
        "body": draft.body,
        "note": drop.note,
    }


def _withheld(one: Withheld) -> dict[str, object]:
    return {**jsonform.place(one.anchor), "title": one.title, "reason": one.flaw}


def _votes(review: Review) -> dict[str, object]:
    """Nothing where there was no vote: most reviews have a single pass."""
    return {"votes": {"samples": review.samples, "unheard": review.unheard}} if review.samples > 1 else {}


def _verification(review: Review) -> dict[str, object]:
    """Nothing where no second model was to look."""
    return {"verification": {"model": review.verifier, "unverified": review.unverified}} if review.verifier else {}


def _usage(usage: Usage, seconds: float) -> dict[str, object]:
    return {
        "requests": usage.requests,
        "cached": usage.cached,
        "input_tokens": usage.input_tokens,
        "output_tokens": usage.output_tokens,
        "seconds": round(seconds, 3),
        "cost": _cost(usage.cost, usage.currency),
    }


def _cost(cost: Decimal | None, currency: str | None) -> dict[str, object] | None:
    return None if cost is None or currency is None else {"amount": jsonform.amount(cost), "currency": currency}
