"""Print what a run over 100,000 clients of 1C takes, one in a hundred changed: CRM requests and memory.

1C is another process that answers over HTTP; the portal is one that only counts. Each run is a process of its
own, so that its peak is its own. The first thousand clients are imported; what an import leaves behind of the
others is copied from them in the database. SYNC_CLIENTS sets another number of clients, in thousands.
"""

from __future__ import annotations

import math
import multiprocessing
import os
import resource
import tempfile
import time
from contextlib import contextmanager
from datetime import UTC
from datetime import datetime
from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import text

from b24app.domain.calendar import WorkCalendar
from b24app.domain.card import CardTerms
from b24app.domain.limits import Granted
from b24app.domain.money import Money
from b24app.domain.policy import Policy
from b24app.domain.rates import Rates
from b24app.ports.portal import CompanyFacts
from b24app.ports.portal import Cost
from b24app.ports.portal import Outcome
from b24app.ports.portal import Requisite
from b24app.ports.portal import Result
from b24app.ports.records import Mode
from b24app.ports.records import People
from b24app.ports.records import PortalRecord
from b24app.services.delivery import Delivery
from b24app.services.jobs import JobRunner
from b24app.services.office import Office
from b24app.services.settings import CreditSettings
from b24app.services.wording import Wording
from b24app.storage.book import SqlBook
from b24app.storage.engine import migrate
from b24app.storage.engine import open_database
from b24app.storage.tables import cards
from b24app.storage.tables import snapshots
from b24app.storage.turns import FileTurns
from benchmarks.onec_crowd import ALIKE_EVERY
from benchmarks.onec_crowd import TODAY
from benchmarks.onec_crowd import inn
from benchmarks.onec_crowd import serve
from sync_1c.ledger import LedgerSettings
from sync_1c.ledger import OneCLedger
from sync_1c.refresh import SnapshotSync
from sync_1c.transport import ODataTransport
from sync_1c.transport import Utf8Basic

if TYPE_CHECKING:
    from collections.abc import Iterator
    from collections.abc import Sequence
    from multiprocessing.connection import Connection

CLIENTS = 1000 * int(os.environ.get("SYNC_CLIENTS", "100"))
_COPY = """INSERT INTO snapshots SELECT {snapshot} FROM snapshots
WHERE CAST(substr(inn, 3) AS INTEGER) < 1000;
INSERT INTO cards SELECT {card} FROM cards WHERE company_id <= 1000"""
MEMBER = "portal"
ZONE = ZoneInfo("Europe/Moscow")
TERMS = CardTerms(limit=Granted(Money(Decimal(100_000), "RUB")), terms_days=14)
SETTINGS = CreditSettings(
    policy=Policy(default_limit=Money(Decimal(0), "RUB")),
    zone=ZONE,
    calendar=WorkCalendar(frozenset({1, 2, 3, 4, 5}), frozenset(), frozenset()),
)
_spawn = multiprocessing.get_context("spawn")


class StoppedClock:
    """Stands, so that a day has not passed between the two runs."""

    def __init__(self, minutes: int) -> None:
        self._now = datetime(TODAY.year, TODAY.month, TODAY.day, 9, tzinfo=UTC) + timedelta(minutes=minutes)

    def now(self) -> datetime:
        """Return the moment."""
        return self._now


class CountingPortal:
    """Has a card for every client, and counts the requests that write."""

    def __init__(self, clients: int) -> None:
        self._clients = clients
        self.requests = 0
        self.written = 0

    def open(self, member_id: str) -> Any:
        """Be the only portal."""
        del member_id
        return self

    def stream_companies(self) -> Iterator[CompanyFacts]:
        """Return the cards as they stand after the first import."""
        for number in range(self._clients):
            requisite = Requisite(number, inn(number), "770101001")
            yield CompanyFacts(number + 1, f"ООО «Клиент {number}»", (requisite,), TERMS)

    def cost(self, action: object) -> Cost:
        """One command each."""
        del action
        return Cost(1, 0.05)

    def perform(self, actions: Sequence[object], *, priority: object = None) -> list[Outcome]:
        """Count one batch."""
        del priority
        self.requests += 1
        self.written += len(actions)
        return [Outcome(Result.DONE) for _ in actions]


def main() -> None:
    """Import everything, then run again with one client in a hundred changed."""
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "bench.sqlite3"
        first = _measured(file, shifted=False, first=True)
        _copy(file)
        print(f"first import: {first['rows']} clients, {first['changed']} new, {_cost(first)}")
        again = _measured(file, shifted=True, first=False)
        budget = 1.25 * math.ceil(again["changed"] / 50)
        print(f"{again['rows']} clients, {again['changed']} changed, {_cost(again)}")
        print(f"  requests that write to the CRM: {again['requests']} (budget {budget:.1f})")
        print(
            f"  peak memory: {again['peak']:.0f} MB (budget 300), of it {again['before']:.0f} before the run"
        )
        idle = _measured(file, shifted=True, first=False)
        print(f"nothing changed: {idle['changed']} changed, {idle['requests']} requests, {_cost(idle)}")


def _copy(file: Path) -> None:
    """Give every other client the rows of the one a multiple of a thousand before him."""
    database = open_database(f"sqlite:///{file.as_posix()}")
    inn_of, ref_of = "'77' || printf('%08d', {0})", "'00000000-0000-0000-0002-' || printf('%012d', {0})"
    with database.write() as connection:
        for shift in range(ALIKE_EVERY, CLIENTS, ALIKE_EVERY):
            number = f"CAST(substr(inn, 3) AS INTEGER) + {shift}"
            changes = {
                "inn": inn_of.format(number),
                "onec_ref": ref_of.format(number),
                "company_id": f"company_id + {shift}",
                "title": f"'ООО «Клиент ' || ({number}) || '»'",
            }
            snapshot, card = (
                ", ".join(changes.get(column.name, column.name) for column in table.columns)
                for table in (snapshots, cards)
            )
            for statement in _COPY.format(snapshot=snapshot, card=card).split(";"):
                connection.execute(text(statement))
    database.close()


def _cost(found: dict[str, Any]) -> str:
    return f"{found['seconds']:.0f} s, peak {found['peak']:.0f} MB, issues {found['issues']}"


def _measured(file: Path, *, shifted: bool, first: bool) -> dict[str, Any]:
    clients = ALIKE_EVERY if first else CLIENTS
    with _onec(clients, shifted=shifted) as port:
        ours, theirs = _spawn.Pipe()
        process = _spawn.Process(target=_run, args=(theirs, file, port, clients))
        process.start()
        theirs.close()
        found: dict[str, Any] = ours.recv()
        process.join()
    return found


@contextmanager
def _onec(clients: int, *, shifted: bool) -> Iterator[int]:
    ours, theirs = _spawn.Pipe()
    process = _spawn.Process(target=serve, args=(theirs, clients), kwargs={"shifted": shifted}, daemon=True)
    process.start()
    try:
        yield ours.recv()
    finally:
        process.terminate()
        process.join()


def _run(pipe: Connection, file: Path, port: int, clients: int) -> None:
    database = open_database(f"sqlite:///{file.as_posix()}")
    migrate(database)
    book = SqlBook(database)
    with book.read() as unit:
        runs = len(unit.snapshots.runs(MEMBER, limit=10))
    clock, portal = StoppedClock(runs), CountingPortal(clients)
    with book.write() as unit:
        unit.portals.save(_record())
    transport = ODataTransport(f"http://127.0.0.1:{port}/odata/standard.odata", Utf8Basic("robot", "x"))
    ledger = OneCLedger(transport, LedgerSettings(timezone=ZONE, profile="ut11"), clock)

    def ledger_of(_member: str) -> OneCLedger:
        return ledger

    def settings_of(_member: str) -> CreditSettings:
        return SETTINGS

    def rates_of(_member: str) -> Rates:
        return Rates("RUB")

    sync = SnapshotSync(book, portal, ledger_of, JobRunner(book, clock, FileTurns()), settings_of, rates_of)
    before, began = _peak(), time.perf_counter()
    run = sync.run(MEMBER)
    seconds = time.perf_counter() - began
    _deliver(book, portal, clock, settings_of)
    found = {"rows": run.rows, "changed": run.changed, "issues": len(run.issues), "seconds": seconds}
    pipe.send({**found, "requests": portal.requests, "peak": _peak(), "before": before})
    if run.error is not None:
        print(f"  ended by: {run.error}")
    database.close()


def _deliver(book: SqlBook, portal: CountingPortal, clock: StoppedClock, settings_of: Any) -> None:
    office = Office(
        book=book,
        portals=portal,
        ledgers=portal,
        rates=_NoRates(),
        clock=clock,
        settings_of=settings_of,
        wording=Wording(language="ru", zone=ZONE),
    )
    delivery = Delivery(office)
    while delivery.work(MEMBER):
        pass


class _NoRates:
    def of(self, member_id: str) -> Rates:
        """Know none."""
        del member_id
        return Rates("RUB")


def _record() -> PortalRecord:
    people = People(1, (), (), 1)
    return PortalRecord(
        member_id=MEMBER,
        client_endpoint="https://x.bitrix24.ru/rest/",
        server_endpoint="",
        service_user_id=1,
        installed=True,
        mode=Mode.ENFORCE,
        enforce_since=None,
        stages=None,
        people=people,
    )


def _peak() -> float:
    """Return the most memory this process has ever held, in MB (Linux tells KB)."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


if __name__ == "__main__":
    main()
