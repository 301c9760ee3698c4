"""The only file that reads the system clock."""

from __future__ import annotations

from datetime import UTC
from datetime import datetime


class SystemClock:
    """The machine's clock (the real `ports.clock.Clock`)."""

    def now(self) -> datetime:
        """Return the present moment, aware, UTC."""
        return datetime.now(UTC)  # noqa: TID251 - the one place that may
