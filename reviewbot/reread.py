"""A report that a program wrote, back into findings. Alone knows what of one is believed.

Findings come back as far as their suggestions are concerned, under the fingerprints they were told by.
"""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass

from reviewbot.diff import Side
from reviewbot.finding import Anchor, Category, Draft, Finding, Severity
from reviewbot.mending import Proof

VERSION = 1
MOST_BYTES = 50_000_000
"""Of a report that is read."""

PROOFS = "proofs"
"""The field of a kept report in which it says what proves the places of its suggestions."""

_LARGEST = 2**31 - 1
_FINGERPRINT = re.compile("[0-9a-f]{64}")
_COMMIT = re.compile("[0-9a-f]{40,64}")


class NoReportError(Exception):
    """A text is no report; the message says why in a few words."""


@dataclass(frozen=True, slots=True)
class Reread:
    """A report.

    Attributes:
        head: full name of the commit that was reviewed, None: another state was.
        findings: all that are shown.
        proofs: what proves the places of suggestions, by fingerprint.
    """

    head: str | None
    findings: tuple[Finding, ...]
    proofs: Mapping[str, Proof]


def write(report: str, proofs: Mapping[str, Proof]) -> str:
    """A report in JSON that also says what proves the places of its suggestions.

    Args:
        report: as the format `json` writes it.
        proofs: by fingerprint.
    """
    said = {key: {"digest": proof.digest, "copies": proof.copies} for key, proof in proofs.items()}
    return json.dumps({**json.loads(report), PROOFS: said})


def read(data: bytes) -> Reread:
    """A report in JSON.

    Args:
        data: all of the file.

    Raises:
        NoReportError: it is none, or none that this version reads.
    """
    if len(data) > MOST_BYTES:
        raise NoReportError(f"it is larger than {MOST_BYTES // 1_000_000} MB")
    try:
        document = json.loads(data.decode("utf-8-sig"))
    except (ValueError, RecursionError) as error:
        raise NoReportError("it is no JSON") from error
    match document:
        case {"version": int(version)} if version > VERSION:
            raise NoReportError("a newer reviewbot wrote it")
        case {"version": 1, "target": {"head": str() | None as head}, "findings": [*entries]}:
            commit = head if head and _COMMIT.fullmatch(head) else None
            findings = tuple(_finding(entry, number) for number, entry in enumerate(entries, 1))
            return Reread(commit, findings, _proofs(document.get(PROOFS)))
    raise NoReportError("it has another form")


def _finding(entry: object, number: int) -> Finding:
    """A finding as a report has it."""
    match entry:
        case {
            "fingerprint": str(fingerprint),
            "path": str(path),
            "side": "new" | "old" as side,
            "start_line": int(start),
            "end_line": int(end),
            "severity": "error" | "warning" | "info" as severity,
            "title": str(title),
            "suggestion": str() | None as suggestion,
            "confidence": int() | float() as confidence,
            "excerpt": str(excerpt),
        } if _FINGERPRINT.fullmatch(fingerprint) and 1 <= start <= end <= _LARGEST:
            anchor = Anchor(path, Side(side), start, end)
            level, about = Severity(severity), Category.OTHER
            draft = Draft(path, start, anchor.side, excerpt, level, about, title, "", suggestion, float(confidence))
            return Finding(anchor, tuple(excerpt.split("\n")), draft, told_as=fingerprint)
    raise NoReportError(f"finding {number} has another form")


def _proofs(said: object) -> dict[str, Proof]:
    """What is said of the reviewed texts, as far as it can be read."""
    made = {}
    for key, value in said.items() if isinstance(said, dict) else ():
        match value:
            case {"digest": str(digest), "copies": int(copies)}:
                made[str(key)] = Proof(digest, copies)
    return made
