"""How values are written for programs: the parts that several JSON documents share."""

import json
import re
from collections.abc import Mapping
from decimal import Decimal

from reviewbot.finding import Anchor
from reviewbot.review import Skipped, Target

_SURROGATE = re.compile("[\ud800-\udfff]")


def document(fields: Mapping[str, object]) -> str:
    """One JSON object and a newline. Bytes that are not text are shown as U+FFFD; nothing else is changed."""
    return _SURROGATE.sub("\ufffd", json.dumps(fields, ensure_ascii=False, indent=2)) + "\n"


def target(target: Target) -> dict[str, object]:
    """What is compared with what."""
    return {"base": target.base, "head": target.head, "description": target.description}


def place(anchor: Anchor) -> dict[str, object]:
    """Where a finding stands."""
    return {
        "path": anchor.path,
        "old_path": anchor.old_path,
        "side": anchor.side,
        "start_line": anchor.start,
        "end_line": anchor.end,
    }


def skipped(skip: Skipped) -> dict[str, object]:
    """A part that nobody looks at; lines are null where the whole file is meant."""
    return {
        "path": skip.path,
        "side": skip.side,
        "start_line": skip.start,
        "end_line": skip.end,
        "reason": skip.reason,
        "detail": skip.detail,
        "failed": skip.failed,
    }


def amount(money: Decimal) -> str:
    """Money as text, since numbers of JSON are rounded by who reads them."""
    return f"{money:f}"
