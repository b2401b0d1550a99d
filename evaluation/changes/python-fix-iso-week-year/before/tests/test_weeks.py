from datetime import date

import pytest

from stats.weeks import by_week, first_day, week_key


def test_key_has_two_digits():
    assert week_key(date(2026, 2, 11)) == "2026-W07"


def test_first_day_is_a_monday():
    assert first_day("2026-W07") == date(2026, 2, 9)


def test_first_day_refuses_other_text():
    with pytest.raises(ValueError):
        first_day("2026-7")


def test_groups_are_in_order():
    groups = by_week([date(2026, 2, 16), date(2026, 2, 11), date(2026, 2, 9)])
    assert list(groups) == ["2026-W07", "2026-W08"]
    assert groups["2026-W07"] == [date(2026, 2, 9), date(2026, 2, 11)]
