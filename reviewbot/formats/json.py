"""The report for programs: the fields of version 1 and their order; docs/report.schema.json says the same."""

import json
import re

from reviewbot import __version__
from reviewbot.finding import Dropped, Finding
from reviewbot.ports import View
from reviewbot.review import Review, Skipped, Usage

VERSION = 1

_SURROGATE = re.compile("[\ud800-\udfff]")


def render(review: Review, view: View) -> str:
    """One JSON object and a newline, the same for every view.

    Bytes that are not text are shown as U+FFFD; nothing else is changed or left out.
    """
    del view
    target = review.change.target
    report = {
        "version": VERSION,
        "tool_version": __version__,
        "target": {"base": target.base, "head": target.head, "description": target.description},
        "model": review.model,
        "verdict": review.verdict,
        "complete": review.complete,
        "findings": [_finding(finding) for finding in review.findings],
        "dropped": [_dropped(drop) for drop in review.dropped],
        "skipped": [_skipped(skip) for skip in review.skipped],
        "usage": _usage(review.usage, review.seconds),
    }
    return _SURROGATE.sub("\ufffd", json.dumps(report, ensure_ascii=False, indent=2)) + "\n"


def _finding(finding: Finding) -> dict[str, object]:
    anchor, draft = finding.anchor, finding.draft
    return {
        "id": finding.id,
        "fingerprint": finding.fingerprint,
        "state": finding.state,
        "path": anchor.path,
        "old_path": anchor.old_path,
        "side": anchor.side,
        "start_line": anchor.start,
        "end_line": anchor.end,
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
    }


def _skipped(skip: Skipped) -> dict[str, object]:
    return {
        "path": skip.path,
        "side": skip.side,
        "start_line": skip.start,
        "end_line": skip.end,
        "reason": skip.reason,
        "detail": skip.detail,
        "failed": skip.failed,
    }


def _usage(usage: Usage, seconds: float) -> dict[str, object]:
    priced = usage.cost is not None and usage.currency is not None
    return {
        "requests": usage.requests,
        "cached": usage.cached,
        "input_tokens": usage.input_tokens,
        "output_tokens": usage.output_tokens,
        "seconds": round(seconds, 3),
        "cost": {"amount": f"{usage.cost:f}", "currency": usage.currency} if priced else None,
    }
