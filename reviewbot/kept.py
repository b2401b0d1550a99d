"""The last report of each repository. Alone knows where it lies.

It lies beside the answers that are kept, as private and as long as they are; only findings without credentials are in
it, and no text of the files but what they quote.
"""

import hashlib
import os
from collections.abc import Mapping
from pathlib import Path

from reviewbot import reread
from reviewbot.calls.cache import Store
from reviewbot.mending import Proof

MOST_BYTES = 20_000_000
"""What the reports of all repositories may take together; the oldest go first."""


def reports(answers: Path) -> Store:
    """Where reports are kept.

    Args:
        answers: the folder of the answers.
    """
    return Store(answers.parent / "reports", MOST_BYTES)


def keep(report: str, proofs: Mapping[str, Proof], *, top: Path, answers: Path) -> None:
    """Keep the last report of a repository; where that fails, there is none to go by.

    Args:
        report: as the format `json` writes it.
        proofs: what proves the places of its suggestions, by fingerprint.
        top: of the repository, links followed.
        answers: the folder of the answers.
    """
    store = reports(answers)
    store.write(_key(top), reread.write(report, proofs))
    store.tidy()


def last(*, top: Path, answers: Path) -> bytes | None:
    """The last report of a repository, None where none is kept; arguments as of `keep`."""
    said = reports(answers).read(_key(top))
    return None if said is None else said.encode()


def _key(top: Path) -> str:
    return hashlib.sha256(os.fsencode(top)).hexdigest()
