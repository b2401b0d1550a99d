"""Findings for programs that see only the files after the change: where each stands, and what is to be written there.

Alone knows where a deleted line is told of, and which suggestions a program may carry out.
"""

import re
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import chain

from reviewbot.credentials import PLACEHOLDER
from reviewbot.diff import FileDiff, Hunk, Side
from reviewbot.finding import Anchor, Finding

_SURROGATE = re.compile("[\ud800-\udfff]")


@dataclass(frozen=True, slots=True)
class Edit:
    r"""Whole lines that take the place of those a finding stands on.

    Attributes:
        lines: without their ends; none: the old ones are deleted.
        ending: what ends each line of the file here, `\n` or `\r\n`.
        last: True where the file ends behind the old lines without a newline.
    """

    lines: tuple[str, ...]
    ending: str
    last: bool

    @property
    def text(self) -> str:
        """The lines, without an end after the last one."""
        return self.ending.join(self.lines)


class Landing:
    """The hunks of a change, asked for its findings."""

    def __init__(self, files: Iterable[FileDiff]) -> None:
        # A series of patches holds a path more than once, each time with other hunks.
        self._hunks: defaultdict[str, list[Hunk]] = defaultdict(list)
        for file in files:
            self._hunks[file.path] += file.hunks

    def lines(self, anchor: Anchor) -> tuple[int, int]:
        """First and last line on the new side; for old lines the one that came in their place, or else the nearest.

        In a file that is gone, and for lines that the change does not hold, it is the first line.
        """
        if anchor.side is Side.NEW:
            return anchor.start, anchor.end
        for hunk in self._hunks.get(anchor.path, ()):
            at = next((at for at, line in enumerate(hunk.lines) if anchor.holds(line.old)), None)
            if at is not None:
                nearest = (line.new for line in chain(hunk.lines[at:], reversed(hunk.lines[:at])) if line.new)
                number = next(nearest, max(hunk.new_start, 1))
                return number, number
        return 1, 1

    def edit(self, finding: Finding) -> Edit | None:
        """What a program may write in place of the lines; None where it would write anything else than is meant.

        That is so on the old side, where the change does not hold the lines as the finding has them, where they or the
        new ones are not text or hide a credential, and where their ends differ.
        """
        anchor, text = finding.anchor, finding.draft.suggestion
        hunk = None if text is None else self._hunk(finding)
        if text is None or hunk is None:
            return None
        hidden = any(PLACEHOLDER.search(part) for part in (anchor.path, *finding.excerpt, text))
        lines = tuple(text.split("\n")) if text else ()
        ended = [line for line in hunk.lines if line.new and line.newline]
        # The last line of a file may have no end of its own.
        endings = {line.text.endswith("\r") for line in [one for one in ended if anchor.holds(one.new)] or ended}
        same = lines == tuple(line.removesuffix("\r") for line in finding.excerpt)
        if hidden or same or len(endings) > 1 or _SURROGATE.search(text):
            return None
        return Edit(lines, "\r\n" if True in endings else "\n", last=anchor.end not in {line.new for line in ended})

    def _hunk(self, finding: Finding) -> Hunk | None:
        """The one that has the lines of a finding on the new side; None where the change has others there."""
        anchor = finding.anchor
        for hunk in self._hunks.get(anchor.path, ()) if anchor.side is Side.NEW else ():
            held = tuple(line.text for line in hunk.lines if anchor.holds(line.new))
            if held and held == finding.excerpt:
                return hunk
        return None
