"""What the services need to know of the configuration, as one frozen value."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from datetime import timedelta
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import date
    from zoneinfo import ZoneInfo

    from b24app.domain.calendar import WorkCalendar
    from b24app.domain.policy import Policy


@dataclass(frozen=True, slots=True)
class CreditSettings:
    """Parameters of credit control on one portal.

    `zone`: the one credit time zone (K12). `allow_ttl_days`: working days a permission lives (F4).
    `technical_wait`: how long a technical hold stays in the check stage. `settle`: how long an unanswered
    write to the portal may still finish.
    """

    policy: Policy
    zone: ZoneInfo
    calendar: WorkCalendar
    allow_ttl_days: int = 3
    technical_wait: timedelta = timedelta(minutes=60)
    settle: timedelta = timedelta(seconds=70)
    language: str = "ru"

    @property
    def currency(self) -> str:
        """Currency of the company's default limit."""
        return self.policy.default_limit.currency

    def today(self, now: datetime) -> date:
        """Return the calendar day of a moment in the credit time zone."""
        return now.astimezone(self.zone).date()

    def permission_ends(self, now: datetime) -> datetime:
        """Return the moment a permission given now expires."""
        return self.calendar.add_working_days(now, self.allow_ttl_days, self.zone)

    def task_deadline(self, now: datetime) -> datetime:
        """Return the moment a manager's task is due: the end of the next working day."""
        return self.calendar.add_working_days(now, 1, self.zone)
