"""The report as Markdown: for a file, and for the summary of a run of GitHub Actions."""

from reviewbot.digest import digest
from reviewbot.ports import View
from reviewbot.review import Review

MOST = 1_000_000
"""Bytes: a run's summary with more is not shown at all."""


def render(review: Review, view: View) -> str:
    """The review with the prose of every finding, the same for every view, in at most `MOST` bytes."""
    del view
    return digest(review, inline=review.findings).text(most=MOST - 1, size=_bytes) + "\n"


def _bytes(text: str) -> int:
    return len(text.encode())
