"""Which parts of a change were looked at before. Alone knows what makes two hunks of two reviews the same content.

That is what they show, their signs included, what other tools say of them, and the name their file had before the
change: numbers move with every push, and a file may be renamed after it was reviewed. Of equal hunks each counts for
itself.
"""

import hashlib
import json
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from pathlib import PurePosixPath

from reviewbot.diff import FileDiff, Status
from reviewbot.hints import Hint, hints_for
from reviewbot.memory import Part
from reviewbot.missing import Gaps
from reviewbot.review import Skipped, SkipReason, changed_lines

_REASON, _DETAIL = SkipReason.REVIEWED_BEFORE, "an earlier review looked at it"
_DIGITS = 32
"""Of SHA-256: nobody finds other content for half of them."""


@dataclass(frozen=True, slots=True)
class Recalled:
    """What has to be looked at, and what has not.

    Attributes:
        files: with the hunks that are new; a file without any is left out.
        skipped: the changed lines that were reviewed before.
        parts: all hunks in which something changed, in the order of the change.
    """

    files: tuple[FileDiff, ...]
    skipped: tuple[Skipped, ...]
    parts: tuple[Part, ...]


def recall(files: Iterable[FileDiff], *, reviewed: Collection[str], key: str, hints: Iterable[Hint] = ()) -> Recalled:
    """Leave out what was reviewed before.

    Args:
        files: what is worth reviewing.
        reviewed: digests of parts that were.
        key: of all that answers depend on beside the content.
        hints: what other tools say of the change. Where they say something else, a part is another one: a finding that
            one of them said in its place was never told.
    """
    known = frozenset(reviewed)
    said: defaultdict[str, list[Hint]] = defaultdict(list)
    for hint in hints:
        said[hint.path].append(hint)
    seen: Counter[str] = Counter()
    asked: list[FileDiff] = []
    skipped: list[Skipped] = []
    parts: list[Part] = []
    for file in files:
        own = _parts(file, key, seen, said[file.path])
        parts += own
        fresh = [part.hunk for part in own if part.digest not in known]
        old = [part.hunk for part in own if part.digest in known]
        if fresh or not old:
            asked.append(file.with_hunks(fresh) if old else file)
        # Between two hunks that are left out may stand one that is not.
        for left_out in [[hunk] for hunk in old] if fresh else [old]:
            skipped += changed_lines(file.with_hunks(left_out), reason=_REASON, detail=_DETAIL, failed=False)
    return Recalled(tuple(asked), tuple(skipped), tuple(parts))


def covered(parts: Sequence[Part], skipped: Iterable[Skipped]) -> tuple[Part, ...]:
    """The parts that were looked at as a whole.

    Args:
        parts: of a change.
        skipped: what of it was not reviewed.
    """
    gaps = Gaps(skip for skip in skipped if skip.failed)

    def missed(part: Part) -> bool:
        return any(gaps.hold(part.path, line) for line in part.hunk.lines if line.changed)

    return tuple(part for part in parts if not missed(part))


def _parts(file: FileDiff, key: str, seen: Counter[str], hints: Sequence[Hint]) -> list[Part]:
    """The hunks in which something changed; `seen` counts equal ones, `hints` are of the file."""
    # A copy is a file of its own, though it has the name of another one before it.
    name = file.path if file.status is Status.COPIED else file.old_path or file.path
    # The same lines are read in another way as another kind of file.
    kind = PurePosixPath(file.path).suffix
    parts = []
    for hunk in file.hunks:
        if hunk.changed:
            # What cannot be written as UTF-8 is escaped there.
            lines = [(line.kind, line.text, line.newline) for line in hunk.lines]
            heard = hints_for([file.with_hunks([hunk])], hints, size=lambda _: 0)
            # Without their numbers, which move. Left out where there are none: what was kept before stays usable.
            told = sorted({(hint.tool, hint.text, hint.severity) for hint in heard})
            said = json.dumps([key, name, kind, lines, *([told] if told else [])])
            digest = hashlib.sha256(f"{seen[said]} {said}".encode()).hexdigest()[:_DIGITS]
            seen[said] += 1
            parts.append(Part(digest, file.path, hunk))
    return parts
