"""The clock: the only file that knows APScheduler. Jobs are declared here and call one service each."""

from __future__ import annotations

from typing import TYPE_CHECKING

import structlog
from apscheduler.schedulers.background import BackgroundScheduler

if TYPE_CHECKING:
    from collections.abc import Callable

    from b24app.wiring import Services

log = structlog.get_logger(__name__)


class Scheduler:
    """Runs the sweep, the retries of technical holds and the snapshot for every installed portal."""

    def __init__(self, services: Services) -> None:
        self._services = services
        self._clock = BackgroundScheduler(
            timezone=str(services.settings.zone),
            job_defaults={"coalesce": True, "max_instances": 1, "misfire_grace_time": 60},
        )
        config = services.config
        self._every("sweep", config.sync.sweep_seconds, self._sweep)
        self._every("technical", config.credit.technical_retry_seconds, self._retry)
        self._every("snapshot", config.sync.snapshot_minutes * 60, self._snapshot)

    def start(self) -> None:
        """Start the clock; the sweep and the snapshot run once at once."""
        self._clock.start()
        for name in ("sweep", "snapshot"):
            self._clock.add_job(self._safely, args=[name, getattr(self, f"_{name}")])

    def stop(self) -> None:
        """Stop after the jobs under way."""
        self._clock.shutdown(wait=True)

    def _every(self, name: str, seconds: int, job: Callable[[], None]) -> None:
        self._clock.add_job(self._safely, "interval", seconds=seconds, args=[name, job], id=name)

    def _safely(self, name: str, job: Callable[[], None]) -> None:
        try:
            job()
        except Exception:
            log.exception("job.failed", job=name)

    def _sweep(self) -> None:
        for portal in self._services.portals():
            self._services.sweep.run(portal.member_id)
            self._services.dispatch.wake([portal.member_id])

    def _retry(self) -> None:
        for portal in self._services.portals():
            if self._services.sweep.retry_technical(portal.member_id):
                self._services.dispatch.wake([portal.member_id])

    def _snapshot(self) -> None:
        for portal in self._services.portals():
            self._services.sync.run(portal.member_id)
            self._services.dispatch.wake([portal.member_id])
