"""The clock's jobs live in the time of the services: where that was moved ahead, so are they."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from dataclasses import field
from dataclasses import replace
from datetime import datetime
from datetime import timedelta
from pathlib import Path

import pytest

from b24app.clock import SystemClock
from b24app.config import load_config
from b24app.ports.records import SyncRun
from b24app.scheduler import Scheduler
from b24app.storage.engine import migrate
from b24app.wiring import build
from sync_1c.refresh import JOB
from tests.edge.test_cli import config_file
from tests.unit.services.rig import MEMBER
from tests.unit.services.rig import Rig

AHEAD = timedelta(days=30)


class MovedClock:
    """A clock somebody moved a month ahead."""

    def now(self) -> datetime:
        return SystemClock().now() + AHEAD


@dataclass
class Asked:
    """Takes the place of the snapshot and of the lanes, and notes what was asked of them."""

    ran: list[str] = field(default_factory=list)
    woken: list[str] = field(default_factory=list)

    def run(self, member_id: str) -> None:
        self.ran.append(member_id)

    def wake(self, members: Iterable[str]) -> None:
        self.woken += members


@pytest.mark.parametrize(
    ("ago", "runs"),
    [
        pytest.param(timedelta(minutes=61), [MEMBER], id="an hour old"),
        pytest.param(timedelta(minutes=59), [], id="fresh"),
    ],
)
def test_a_snapshot_is_due_by_the_moved_clock(tmp_path: Path, ago: timedelta, runs: list[str]) -> None:
    clock, asked = MovedClock(), Asked()
    services = build(load_config(config_file(tmp_path)), clock)
    migrate(services.database)
    started = clock.now() - ago
    last = SyncRun(MEMBER, JOB, started, started, rows=1, changed=0, issues=(), error=None)
    with services.book.write() as unit:
        unit.snapshots.add_run(last)
    standing_in = replace(services, sync=asked, dispatch=asked)  # type: ignore[arg-type]
    Scheduler(standing_in)._snapshot(Rig().record())
    services.database.close()
    assert asked.ran == asked.woken == runs
