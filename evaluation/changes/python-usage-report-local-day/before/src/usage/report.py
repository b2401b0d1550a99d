"""Daily usage figures, as shown on the account page and in the CSV export."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta, timezone

from usage.accounts import Account
from usage.events import EventStore


@dataclass(frozen=True)
class DayTotal:
    day: date
    calls: int
    bytes_out: int


def day_total(store: EventStore, account: Account, day: date) -> DayTotal:
    """Sum up the events of one account on one day."""
    start = datetime.combine(day, time.min, tzinfo=timezone.utc)
    end = datetime.combine(day + timedelta(days=1), time.min, tzinfo=timezone.utc)
    calls = 0
    bytes_out = 0
    for event in store.between(account.id, start, end):
        calls += event.calls
        bytes_out += event.bytes_out
    return DayTotal(day, calls, bytes_out)


def month_totals(store: EventStore, account: Account, first: date) -> list[DayTotal]:
    """One total per day of the month that `first` is the first day of."""
    if first.day != 1:
        raise ValueError(f"not the first of a month: {first}")
    totals = []
    day = first
    while day.month == first.month:
        totals.append(day_total(store, account, day))
        day += timedelta(days=1)
    return totals
