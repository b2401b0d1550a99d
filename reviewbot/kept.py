"""The last report of each repository. Alone knows where it lies, and what is read in its stead.

It lies beside the answers that are kept, as private and as long as they are; only findings without credentials are in
it, and no text of the files but what they quote.
"""

import hashlib
import os
from collections.abc import Mapping
from pathlib import Path

from reviewbot import policyfile, reread
from reviewbot.calls.cache import Store
from reviewbot.errors import ConfigError
from reviewbot.mending import Proof
from reviewbot.reread import NoReportError, Reread

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
    # One that cannot be written must not leave the one before it in its place.
    forget(top=top, answers=answers)
    store.write(_key(top), reread.write(report, proofs))
    store.tidy()


def told(report: Path | None, *, top: Path, answers: Path | None) -> Reread:
    """A report that is named, or the last one of a repository.

    Args:
        report: its file, None: the last one.
        top: of the repository, links followed.
        answers: the folder of the answers, None: no report is kept.

    Raises:
        ConfigError: there is none, or what is there cannot be used.
    """
    name = str(report) if report else "the last report"
    try:
        if report:
            data = policyfile.content(report, top, most=reread.MOST_BYTES + 1)
        else:
            data = last(top=top, answers=answers) if answers else None
        if data is not None:
            return reread.read(data)
    except (OSError, NoReportError) as error:
        why = (error.strerror or "") if isinstance(error, OSError) else str(error)
        hint = "write one with `reviewbot review -f json=FILE`"
        raise ConfigError(f"cannot use {name}: {why}", hint=hint, slug="bad-report") from error
    missing = f"there is no report {report}" if report else f"no report of {top} is kept"
    hint = "make a review first, or name a report: --report FILE"
    raise ConfigError(missing, hint=hint, slug="no-report")


def last(*, top: Path, answers: Path) -> bytes | None:
    """The last report of a repository, None where none is kept; arguments as of `keep`."""
    said = reports(answers).read(_key(top))
    return None if said is None else said.encode()


def forget(*, top: Path, answers: Path) -> None:
    """Remove the last report of a repository: it is no longer of its last review; arguments as of `keep`."""
    reports(answers).remove(_key(top))


def _key(top: Path) -> str:
    return hashlib.sha256(os.fsencode(top)).hexdigest()
