"""Claims about a change and what became of them: draft (hearsay), finding (proven to lie in the change), dropped."""

import hashlib
import unicodedata
from dataclasses import dataclass
from enum import StrEnum

from reviewbot.diff import Side


class Severity(StrEnum):
    """How bad a finding is; one to one on SARIF (error, warning, note) and workflow commands."""

    ERROR = "error"
    WARNING = "warning"
    INFO = "info"

    @property
    def rank(self) -> int:
        """0 for the worst; larger is milder."""
        return list(Severity).index(self)

    def at_least(self, other: "Severity") -> bool:
        """True where this is as bad as `other` or worse."""
        return self.rank <= other.rank


class Category(StrEnum):
    """What a finding is about."""

    CORRECTNESS = "correctness"
    SECURITY = "security"
    CONCURRENCY = "concurrency"
    RESOURCES = "resources"
    ERRORS = "errors"
    API = "api"
    DATA = "data"
    PERFORMANCE = "performance"
    TESTS = "tests"
    DOCS = "docs"
    OTHER = "other"
    SECRET = "secret"


class State(StrEnum):
    """Whether a finding is new or stood in an earlier review already."""

    NEW = "new"
    STANDING = "standing"


@dataclass(frozen=True, slots=True)
class Draft:
    r"""What a model claims. Its location is hearsay until the anchor stage has proven it.

    Attributes:
        path: the file it names.
        line: the number it gives, from 1; None where it gives none.
        side: the side it means.
        quote: the lines it says are there, `\n`-separated.
        severity: as claimed.
        category: as claimed; an unknown one is `other`.
        title: one line.
        body: prose.
        suggestion: text that replaces exactly the quoted lines; "" deletes them, None is no suggestion.
        confidence: 0 to 1.
    """

    path: str
    line: int | None
    side: Side
    quote: str
    severity: Severity
    category: Category
    title: str
    body: str
    suggestion: str | None
    confidence: float


@dataclass(frozen=True, slots=True)
class Anchor:
    """A proven place: lines of one hunk, numbered on one side.

    Attributes:
        path: the file's name in the change.
        side: the side `start` and `end` count on.
        start: first line, from 1.
        end: last line, equal to `start` for a single one.
        old_path: the name before a rename, else None.
    """

    path: str
    side: Side
    start: int
    end: int
    old_path: str | None = None

    def holds(self, number: int | None) -> bool:
        """True for the number of an anchored line; None, the number of a line that is not on the side, is none."""
        return number is not None and self.start <= number <= self.end

    def overlaps(self, other: "Anchor") -> bool:
        """True where both share a line of the same file and side."""
        same = self.path == other.path and self.side is other.side
        return same and self.start <= other.end and other.start <= self.end


@dataclass(frozen=True, slots=True)
class Finding:
    """A claim that stands at a proven place.

    Attributes:
        anchor: where.
        excerpt: the anchored lines as they stand in the change.
        draft: the claim's prose and judgement; where it claimed to be no longer counts.
        state: new, or standing from an earlier review.
        ordinal: 0, or its place among findings whose key is otherwise the same.
        told_as: the fingerprint under which an earlier review told it, None: none did.
    """

    anchor: Anchor
    excerpt: tuple[str, ...]
    draft: Draft
    state: State = State.NEW
    ordinal: int = 0
    told_as: str | None = None

    @property
    def fingerprint(self) -> str:
        """64 hex digits that survive moved lines and other wording: path, category, squeezed excerpt, ordinal.

        A finding that was told before keeps what it was told as, whatever has become of its path and its lines.
        """
        if self.told_as:
            return self.told_as
        lines = "\n".join(squeeze(line) for line in self.excerpt)
        key = "\0".join((self.anchor.path, self.draft.category, lines, str(self.ordinal)))
        return hashlib.sha256(key.encode("utf-8", "surrogateescape")).hexdigest()

    @property
    def id(self) -> str:
        """The first seven digits of the fingerprint, for people."""
        return self.fingerprint[:7]


class DropReason(StrEnum):
    """Why a claim became no finding, or a finding is not shown."""

    MALFORMED = "malformed"
    UNKNOWN_PATH = "unknown_path"
    QUOTE_NOT_FOUND = "quote_not_found"
    QUOTE_AMBIGUOUS = "quote_ambiguous"
    LOW_CONFIDENCE = "low_confidence"
    DUPLICATE = "duplicate"
    BELOW_SEVERITY = "below_severity"
    OVER_MAX_COMMENTS = "over_max_comments"
    IGNORED = "ignored"
    IGNORED_BY_CHANGE = "ignored_by_change"
    DISMISSED = "dismissed"
    BASELINE = "baseline"
    KNOWN = "known"
    MERGED = "merged"
    DISPROVED = "disproved"


@dataclass(frozen=True, slots=True)
class Dropped:
    """A claim that is not shown as a comment, with the stage and the reason. Nothing of it is thrown away.

    Attributes:
        stage: `parse`, `anchor`, `merge`, `verify`, `standing` or `filter`.
        reason: why.
        draft: the claim, as far as it could be read.
        finding: the proven finding where a later stage dropped it, else None.
        note: who did, and in which words, or the tool that says it already, and how, or which line disproves it; empty
            where nobody did.
    """

    stage: str
    reason: DropReason
    draft: Draft
    finding: Finding | None = None
    note: str = ""

    @property
    def unanchored(self) -> bool:
        """True for a claim that has prose but no proven place."""
        return self.stage == "anchor" or (self.stage == "parse" and bool(self.draft.body or self.draft.title))

    @property
    def counts(self) -> bool:
        """True where only the display leaves it out: it still counts for the verdict."""
        return self.reason in {DropReason.BELOW_SEVERITY, DropReason.OVER_MAX_COMMENTS}


def squeeze(text: str) -> str:
    """One line as it is compared: NFC, white space and controls as one space, invisible characters gone.

    What a prompt shows in another way (control characters, bytes that are not text, zero-width marks) compares equal
    to what stands in the file.
    """
    if text.isascii() and text.isprintable():
        return " ".join(text.split())
    kept = []
    for char in unicodedata.normalize("NFC", text):
        category = unicodedata.category(char)
        if category == "Cf":
            continue
        if category == "Cs":
            kept.append("\ufffd")
        elif category == "Cc" or category.startswith("Z"):
            kept.append(" ")
        else:
            kept.append(char)
    return " ".join("".join(kept).split())
