"""Working days: until when a permission or a task lasts."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC
from datetime import date
from datetime import datetime
from datetime import time
from datetime import timedelta
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from zoneinfo import ZoneInfo

_ISO_DAYS = frozenset(range(1, 8))
_ONE_DAY = timedelta(days=1)
_LAST_SECOND = time(23, 59, 59)


@dataclass(frozen=True, slots=True)
class WorkCalendar:
    """Which days people work: `workdays` by ISO number (1 is Monday), less holidays, plus moved working days.

    Raises `ValueError` when no day of the week, or something that is not one, is a workday.
    """

    workdays: frozenset[int] = frozenset({1, 2, 3, 4, 5})
    holidays: frozenset[date] = frozenset()
    extra_workdays: frozenset[date] = frozenset()

    def __post_init__(self) -> None:
        """Refuse a week that would never bring a working day."""
        if not self.workdays or not self.workdays <= _ISO_DAYS:
            raise ValueError(f"workdays must be numbers from 1 to 7: {sorted(self.workdays)}")

    def is_working(self, day: date) -> bool:
        """Tell whether people work that day; a moved working day wins over a holiday."""
        if day in self.extra_workdays:
            return True
        return day.isoweekday() in self.workdays and day not in self.holidays

    def add_working_days(self, start: datetime, days: int, zone: ZoneInfo) -> datetime:
        """Return the last second, in UTC, of the local working day that is `days` working days after `start`.

        Zero means the same day, or the next working one when `start` falls on a day off. Raises `ValueError`
        for a negative number or a naive `start`.
        """
        if days < 0 or start.tzinfo is None:
            raise ValueError(f"cannot count {days} working days from {start.isoformat()}")
        day = start.astimezone(zone).date()
        left = days
        while left or not self.is_working(day):
            day += _ONE_DAY
            if left and self.is_working(day):
                left -= 1
        return datetime.combine(day, _LAST_SECOND, tzinfo=zone).astimezone(UTC)
