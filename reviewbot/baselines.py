"""The findings that a team lives with, as text and back. Alone knows the form of a baseline.

Each finding is an entry of a few lines, sorted by its place, and nothing in it tells when or by whom it was written:
equal reviews give equal files, and a new finding is some new lines. The prose of a finding is left out: nothing is
recognised by it, and that about a credential holds a hash of it.
"""

import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import TypeVar

from reviewbot import jsonform, terminal
from reviewbot.diff import Side
from reviewbot.finding import Anchor, Category, Draft, Finding, Severity
from reviewbot.memory import Fate, Known

VERSION = 1
MOST_BYTES = 10_000_000
"""Of a baseline that is read: tens of thousands of findings."""

_LARGEST = 2**31 - 1
_SURROGATE = re.compile("[\ud800-\udfff]")
_FINGERPRINT = re.compile("[0-9a-f]{64}")

Word = TypeVar("Word", bound=StrEnum)


class NoBaselineError(Exception):
    """A text is no baseline; the message says why in a few words."""


def write(findings: Iterable[Finding]) -> str:
    """Findings as the text of a baseline: JSON that terminals and logs may show, and that encodes as UTF-8.

    Args:
        findings: what stands. Those about credentials are left out: only the hash of a value says that it is none.
    """
    told = (one for one in findings if one.draft.category is not Category.SECRET)
    in_order = sorted(told, key=lambda one: (one.anchor.path, one.anchor.start, one.anchor.end, one.fingerprint))
    # Reviews leave out what says so in its first lines, whatever it is called.
    document = {
        "@generated": "by reviewbot baseline",
        "version": VERSION,
        "findings": [_entry(finding) for finding in in_order],
    }
    text = json.dumps(document, ensure_ascii=False, indent=2) + "\n"
    # Bytes of a path or a line that are no text have to come back as they were.
    return terminal.harmless_json(_SURROGATE.sub(lambda found: f"\\u{ord(found[0]):04x}", text))


def read(data: bytes) -> tuple[Known, ...]:
    """The findings of a baseline, as they stand there.

    Args:
        data: all of the file.

    Raises:
        NoBaselineError: it is none, or none that this version reads.
    """
    if len(data) > MOST_BYTES:
        raise NoBaselineError(f"it is larger than {MOST_BYTES // 1_000_000} MB")
    try:
        document = json.loads(data.decode("utf-8-sig"))
    except (ValueError, RecursionError) as error:
        raise NoBaselineError("it is no JSON") from error
    version, entries = (document.get(key) for key in ("version", "findings")) if isinstance(document, dict) else (0, 0)
    if type(version) is int and version > VERSION:
        raise NoBaselineError("a newer reviewbot wrote it")
    if type(version) is not int or version != VERSION or not isinstance(entries, list):
        raise NoBaselineError("it has another form")
    known = (_Entry(one if isinstance(one, dict) else {}, number).known() for number, one in enumerate(entries, 1))
    # None is written, and a hand that writes one allows nothing by it.
    return tuple(one for one in known if one.finding.draft.category is not Category.SECRET)


def _entry(finding: Finding) -> dict[str, object]:
    draft = finding.draft
    return {
        **jsonform.place(finding.anchor),
        "severity": draft.severity,
        "category": draft.category,
        "title": draft.title,
        "excerpt": finding.excerpt,
        "fingerprint": finding.fingerprint,
    }


@dataclass(frozen=True, slots=True)
class _Entry:
    """A finding as a file has it: what is missing or wrong in it is named."""

    fields: Mapping[str, object]
    number: int

    def known(self) -> Known:
        """What it says."""
        side, start, excerpt = self._word("side", Side), self._line("start_line"), self._lines("excerpt")
        path, old_path = self._text("path"), self._text("old_path") if self.fields.get("old_path") is not None else None
        anchor = Anchor(path, side, start, self._line("end_line", least=start), old_path)
        draft = Draft(
            path=path,
            line=start,
            side=side,
            quote="\n".join(excerpt),
            severity=self._word("severity", Severity),
            category=self._word("category", Category),
            title=self._text("title"),
            body="",
            suggestion=None,
            confidence=1.0,
        )
        fingerprint = self._text("fingerprint")
        if not _FINGERPRINT.fullmatch(fingerprint):
            raise self._wrong("fingerprint")
        return Known(Finding(anchor, excerpt, draft, told_as=fingerprint), Fate.BASELINE)

    def _text(self, name: str) -> str:
        value = self.fields.get(name)
        if isinstance(value, str):
            return value
        raise self._wrong(name)

    def _word(self, name: str, words: type[Word]) -> Word:
        try:
            return words(self._text(name))
        except ValueError as error:
            raise self._wrong(name) from error

    def _line(self, name: str, *, least: int = 1) -> int:
        value = self.fields.get(name)
        if type(value) is int and least <= value <= _LARGEST:
            return value
        raise self._wrong(name)

    def _lines(self, name: str) -> tuple[str, ...]:
        value = self.fields.get(name)
        if isinstance(value, list) and value and all(isinstance(line, str) for line in value):
            return tuple(value)
        raise self._wrong(name)

    def _wrong(self, name: str) -> NoBaselineError:
        return NoBaselineError(f"{name} of finding {self.number} is missing or wrong")
