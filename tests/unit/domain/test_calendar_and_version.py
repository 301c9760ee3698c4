"""Until when a permission lasts, and what makes two checks the same."""

from __future__ import annotations

from datetime import UTC
from datetime import date
from datetime import datetime
from zoneinfo import ZoneInfo

import pytest

from b24app.domain.calendar import WorkCalendar
from b24app.domain.version import fingerprint
from b24app.domain.version import version
from tests.builders import rub
from tests.builders import usd

MOSCOW = ZoneInfo("Europe/Moscow")
CALENDAR = WorkCalendar(
    workdays=frozenset({1, 2, 3, 4, 5}),
    holidays=frozenset({date(2026, 11, 4)}),
    extra_workdays=frozenset({date(2026, 11, 7)}),
)


@pytest.mark.parametrize(
    ("day", "working"),
    [
        pytest.param(date(2026, 11, 3), True, id="tuesday"),
        pytest.param(date(2026, 11, 4), False, id="holiday"),
        pytest.param(date(2026, 11, 7), True, id="moved-saturday"),
        pytest.param(date(2026, 11, 8), False, id="sunday"),
    ],
)
def test_working_days_follow_the_calendar(day: date, *, working: bool) -> None:
    assert CALENDAR.is_working(day) is working


@pytest.mark.parametrize(
    ("start", "days", "ends_on"),
    [
        pytest.param(datetime(2026, 11, 24, 7, 0, tzinfo=UTC), 3, date(2026, 11, 27), id="tuesday-to-friday"),
        pytest.param(datetime(2026, 11, 27, 7, 0, tzinfo=UTC), 1, date(2026, 11, 30), id="over-a-weekend"),
        pytest.param(
            datetime(2026, 11, 3, 7, 0, tzinfo=UTC), 3, date(2026, 11, 7), id="holiday-and-saturday"
        ),
        pytest.param(datetime(2026, 11, 8, 7, 0, tzinfo=UTC), 0, date(2026, 11, 9), id="none-from-a-sunday"),
        pytest.param(datetime(2026, 11, 9, 7, 0, tzinfo=UTC), 0, date(2026, 11, 9), id="none-from-a-monday"),
        pytest.param(
            datetime(2026, 11, 9, 22, 0, tzinfo=UTC), 1, date(2026, 11, 11), id="already-next-day-here"
        ),
    ],
)
def test_working_days_end_with_the_local_day(start: datetime, days: int, ends_on: date) -> None:
    ends = CALENDAR.add_working_days(start, days, MOSCOW)
    local = ends.astimezone(MOSCOW)
    assert (local.date(), local.strftime("%H:%M:%S")) == (ends_on, "23:59:59")
    assert ends.tzinfo is UTC


@pytest.mark.parametrize("workdays", [frozenset(), frozenset({0, 1}), frozenset({8})])
def test_a_week_without_proper_workdays_is_refused(workdays: frozenset[int]) -> None:
    with pytest.raises(ValueError, match="from 1 to 7"):
        WorkCalendar(workdays=workdays)


@pytest.mark.parametrize(
    ("start", "days"),
    [(datetime(2026, 11, 9, tzinfo=UTC), -1), (datetime(2026, 11, 9), 1)],  # noqa: DTZ001 - the refused case
)
def test_counting_back_or_from_a_naive_moment_is_refused(start: datetime, days: int) -> None:
    with pytest.raises(ValueError, match="cannot count"):
        CALENDAR.add_working_days(start, days, MOSCOW)


def test_each_property_changes_the_fingerprint() -> None:
    prints = {
        fingerprint(1, 2, "A", rub(5), "NET30", "D2"),
        fingerprint(9, 2, "A", rub(5), "NET30", "D2"),
        fingerprint(None, 2, "A", rub(5), "NET30", "D2"),
        fingerprint(1, 9, "A", rub(5), "NET30", "D2"),
        fingerprint(1, 2, None, rub(5), "NET30", "D2"),
        fingerprint(1, 2, "A", rub("5.01"), "NET30", "D2"),
        fingerprint(1, 2, "A", usd(5), "NET30", "D2"),
        fingerprint(1, 2, "A", rub(5), None, "D2"),
        fingerprint(1, 2, "A", rub(5), "NET30", None),
        fingerprint(1, 2, "A", rub(5), "D2", "NET30"),
    }
    assert len(prints) == 10


def test_a_fingerprint_is_short_stable_and_blind_to_how_empty_is_written() -> None:
    assert fingerprint(1, 2, "", rub(5), "", "") == fingerprint(1, 2, None, rub("5.00"), None, None)
    assert fingerprint(1, None, None, rub(5), None, None) == "a0d965ec2c2d1dc8"


def test_the_same_entry_read_in_another_zone_is_the_same_version() -> None:
    moment = datetime(2026, 11, 24, 7, 0, tzinfo=UTC)
    assert version("C1:CHECK", moment, "ab") == "C1:CHECK|2026-11-24T07:00:00+00:00|ab"
    assert version("C1:CHECK", moment.astimezone(MOSCOW), "ab") == version("C1:CHECK", moment, "ab")
