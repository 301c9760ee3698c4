"""The clock: the only file that knows APScheduler. Jobs are declared here and call one service each."""

from __future__ import annotations

from datetime import datetime
from datetime import timedelta
from typing import TYPE_CHECKING

import structlog
from apscheduler.schedulers.background import BackgroundScheduler

from b24app.clock import SystemClock
from b24app.ports.errors import GatewayError
from b24app.ports.jobs import JobUnderWayError
from b24app.ports.records import RunOutcome
from b24app.services.past import KEPT
from b24app.services.rates import renew_rates
from sync_1c.refresh import JOB

if TYPE_CHECKING:
    from collections.abc import Callable

    from b24app.ports.records import PortalRecord
    from b24app.ports.records import SyncRun
    from b24app.wiring import Services

log = structlog.get_logger(__name__)

PAYMENTS_TICK = 5
UPKEEP_SECONDS = 3600
PRUNE_SECONDS = 24 * 3600
AFTER_FAILURE = timedelta(minutes=5)


class Scheduler:
    """Runs the sweep, retries of technical holds, the snapshot, the watch on shipments, and the upkeep."""

    def __init__(self, services: Services) -> None:
        self._services = services
        self._looked_wide: dict[str, datetime] = {}
        self._clock = services.clock
        self._jobs = BackgroundScheduler(
            timezone=str(services.settings.zone),
            job_defaults={"coalesce": True, "max_instances": 1, "misfire_grace_time": 60},
        )
        config = services.config
        retry = config.credit.technical_retry_seconds
        self._every("sweep", config.sync.sweep_seconds, self._sweep)
        self._every("technical", retry, self._retry)
        self._every("snapshot", min(retry, config.sync.snapshot_minutes * 60), self._snapshot)
        self._every("shipments", config.sync.shipments_seconds, self._shipments)
        self._every("permits", config.sync.permits_seconds, self._permits)
        self._every("payments", PAYMENTS_TICK, self._payments)
        self._every("rates", config.sync.rates_minutes * 60, self._rates)
        self._every("upkeep", UPKEEP_SECONDS, self._keep_up)
        self._every("prune", PRUNE_SECONDS, self._prune)

    def start(self) -> None:
        """Start the clock; every job runs once at once."""
        self._jobs.start()

    def stop(self) -> None:
        """Stop after the jobs under way."""
        self._jobs.shutdown(wait=True)

    def _every(self, name: str, seconds: int, job: Callable[[PortalRecord], None]) -> None:
        # APScheduler waits by the machine's clock, whatever time the services live in.
        at_once = SystemClock().now()
        self._jobs.add_job(
            self._for_all, "interval", seconds=seconds, args=[name, job], id=name, next_run_time=at_once
        )

    def _for_all(self, name: str, job: Callable[[PortalRecord], None]) -> None:
        """Do a job for every portal; whatever fails on one is logged and stops neither the others nor us."""
        for portal in self._services.portals():
            try:
                job(portal)
            except JobUnderWayError as error:
                log.info("job.under_way", job=error.job, portal=portal.member_id)
            except Exception:
                log.exception("job.failed", job=name, portal=portal.member_id)

    def _sweep(self, portal: PortalRecord) -> None:
        self._services.sweep.run(portal.member_id)
        self._services.dispatch.wake([portal.member_id])

    def _retry(self, portal: PortalRecord) -> None:
        if self._services.sweep.retry_technical(portal.member_id):
            self._services.dispatch.wake([portal.member_id])

    def _snapshot(self, portal: PortalRecord) -> None:
        """Take the snapshot when it is due: never taken, old enough, or failed some minutes ago."""
        with self._services.book.read() as unit:
            last = unit.snapshots.last_run(portal.member_id, JOB)
        period = timedelta(minutes=self._services.config.sync.snapshot_minutes)
        if is_due(last, period, self._clock.now()):
            self._services.sync.run(portal.member_id)
            self._services.dispatch.wake([portal.member_id])

    def _shipments(self, portal: PortalRecord) -> None:
        """Look for shipments posted past us; now and then far back and for deleted ones."""
        now, last = self._clock.now(), self._looked_wide.get(portal.member_id)
        period = timedelta(minutes=self._services.config.sync.shipments_wide_minutes)
        wide = last is None or now - last >= period
        if wide:
            self._looked_wide[portal.member_id] = now
        if self._services.past.run(portal.member_id, wide=wide):
            self._services.dispatch.wake([portal.member_id])

    def _permits(self, portal: PortalRecord) -> None:
        """Carry permissions over to accounting, where its extension asks for them."""
        self._services.permits.run(portal.member_id)

    def _payments(self, portal: PortalRecord) -> None:
        """Look for payments; whoever was woken by one is decided at once."""
        if self._services.payments.tick(portal.member_id):
            self._services.dispatch.wake([portal.member_id])

    def _rates(self, portal: PortalRecord) -> None:
        """Read the portal's exchange rates before a check needs them."""
        renew_rates(self._services.jobs, self._services.rates, portal.member_id)

    def _keep_up(self, portal: PortalRecord) -> None:
        """See that robots, events and the tab are still registered: an update of the app removes them."""
        try:
            self._services.installer.reinstall(portal.member_id)
        except GatewayError as error:
            log.warning("upkeep.failed", portal=portal.member_id, why=type(error).__name__)

    def _prune(self, portal: PortalRecord) -> None:
        before = self._clock.now() - timedelta(days=self._services.config.sync.inbox_days)
        with self._services.book.write() as unit:
            unit.inbox.prune(before)
            unit.shipments.prune(portal.member_id, self._clock.now() - KEPT)
            unit.snapshots.prune_runs(before)


def is_due(last: SyncRun | None, period: timedelta, now: datetime) -> bool:
    """Tell whether a periodic job has to run again."""
    if last is None:
        return True
    wait = period if last.outcome is RunOutcome.DONE else min(period, AFTER_FAILURE)
    return now - last.started_at >= wait
