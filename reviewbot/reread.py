"""A report that a program wrote, back into findings. Alone knows what of one is believed.

Findings come back as far as their suggestions are concerned, under the fingerprints they were told by.
"""

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass

from reviewbot.diff import Side
from reviewbot.errors import ConfigError
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
        findings: all that are shown, each fingerprint once.
        proofs: what proves the places of suggestions, by fingerprint.
    """

    head: str | None
    findings: tuple[Finding, ...]
    proofs: Mapping[str, Proof]

    def chosen(self, ids: Sequence[str]) -> list[Finding]:
        """The findings that are named, each once, in the order of the report.

        Args:
            ids: each the beginning of a fingerprint; none: all findings that suggest something.

        Raises:
            ConfigError: one names no finding, or several.
        """
        known = [one.fingerprint for one in self.findings]
        named = {_named(said, known) for said in ids}
        return [one for one in self.findings if (one.fingerprint in named if ids else one.draft.suggestion is not None)]


def _named(said: str, known: Sequence[str]) -> str:
    found = [key for key in known if said and key.startswith(said.lower())]
    if not found:
        hint = "the report shows the IDs of its findings, such as 3f2a1bc"
        raise ConfigError(f"the report has no finding {said}", hint=hint, slug="unknown-finding")
    if len(found) > 1:
        hint = "write more digits: " + ", ".join(key[: len(said) + 7] for key in found[:3])
        raise ConfigError(f"{said} may be any of {len(found)} findings", hint=hint, slug="unknown-finding")
    return found[0]


def write(report: str, proofs: Mapping[str, Proof]) -> str:
    """A report in JSON that also says what proves the places of its suggestions.

    Args:
        report: as the format `json` writes it.
        proofs: by fingerprint.
    """
    return json.dumps({**json.loads(report), PROOFS: {key: asdict(proof) for key, proof in proofs.items()}})


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
            findings: dict[str, Finding] = {}
            for number, entry in enumerate(entries, 1):
                finding = _finding(entry, number)
                findings.setdefault(finding.fingerprint, finding)
            return Reread(commit, tuple(findings.values()), _proofs(document.get(PROOFS)))
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
            case {"digest": str(digest), "copies": int(copies), "beside": [str(before), str(after)]}:
                made[str(key)] = Proof(digest, copies, (before, after))
    return made
