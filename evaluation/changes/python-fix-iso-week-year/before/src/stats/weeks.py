"""Week keys such as 2026-W07, used for grouping and as file names."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable
from datetime import date

KEY = re.compile(r"(\d{4})-W(\d{2})")


def week_key(day: date) -> str:
    """The key of the week a day belongs to."""
    week = day.isocalendar().week
    return f"{day.year}-W{week:02}"


def first_day(key: str) -> date:
    """The Monday of a week."""
    match = KEY.fullmatch(key)
    if match is None:
        raise ValueError(f"not a week: {key!r}")
    return date.fromisocalendar(int(match[1]), int(match[2]), 1)


def by_week(days: Iterable[date]) -> dict[str, list[date]]:
    """Days grouped by week, weeks and days in ascending order."""
    groups: defaultdict[str, list[date]] = defaultdict(list)
    for day in sorted(days):
        groups[week_key(day)].append(day)
    return dict(groups)
