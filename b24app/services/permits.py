"""Permissions carried over to accounting, for its extension to refuse a posting without one.

What is wanted there follows from rows that decisions committed: a reserve is a permission (K8), an open hold
puts its client under control, the portal's mode says whether anything is stopped at all. Each round compares
that with what was sent and sends the difference: so a decision's write is owed from its own commit on, the
newest one wins, and a restart forgets nothing. Every write is looked up first; one whose fate is unknown is
neither repeated nor overtaken before it could have ended.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from datetime import timedelta
from typing import TYPE_CHECKING

import structlog

from b24app.ports.errors import GatewayError
from b24app.ports.errors import Rejected
from b24app.ports.permits import Permit
from b24app.ports.permits import PermitKind
from b24app.ports.records import EffectState
from b24app.ports.records import Mode
from b24app.ports.records import PermitRecord
from b24app.services.patience import pause

if TYPE_CHECKING:
    from collections.abc import Callable
    from collections.abc import Mapping
    from collections.abc import Sequence

    from b24app.ports.book import UnitOfWork
    from b24app.ports.permits import Permits
    from b24app.ports.records import PortalRecord
    from b24app.ports.records import ReserveRecord
    from b24app.services.office import Office

log = structlog.get_logger(__name__)

BATCH = 50
# A write to 1C whose answer was lost has ended by then (DESIGN: "1C 5 min").
SETTLE = timedelta(minutes=5)
MODE_KEY = "mode"


class PermitKeeper:
    """Keeps the permission register of accounting as our decisions say.

    `permits_of` opens a portal's register by its member id.
    """

    def __init__(self, office: Office, permits_of: Callable[[str], Permits]) -> None:
        self._book = office.book
        self._clock = office.clock
        self._permits_of = permits_of

    def run(self, member_id: str) -> int:
        """Send up to 50 rows that differ; return how many were settled. Without the extension: nothing."""
        door = self._permits_of(member_id)
        try:
            return self._round(member_id, door) if door.is_published() else 0
        except GatewayError as error:
            log.warning("permits.failed", portal=member_id, why=type(error).__name__)
            return 0

    def _round(self, member_id: str, door: Permits) -> int:
        now = self._clock.now()
        with self._book.read() as unit:
            portal = unit.portals.get(member_id)
            if portal is None or not portal.installed:
                return 0
            sent = unit.permits.all(member_id)
            wanted = _wanted(unit, portal, sent, now)
        todo = _todo(wanted, sent, now)[:BATCH]
        if not todo:
            return 0
        there = door.read([permit.key for permit in todo])
        with self._book.write() as unit:
            unit.permits.save(_sending(member_id, permit, sent, now) for permit in todo)
        done = 0
        for number, permit in enumerate(todo):
            try:
                if there.get(permit.key) != permit:
                    door.write(permit, exists=permit.key in there)
            except GatewayError as error:
                self._not_sent(member_id, todo[number:], error)
                break
            self._settle(member_id, permit)
            done += 1
        return done

    def _settle(self, member_id: str, permit: Permit) -> None:
        """Write down that a row is there; one of a deal that was taken back need not be remembered."""
        with self._book.write() as unit:
            if permit.kind is PermitKind.DEAL and not permit.active:
                unit.permits.forget(member_id, permit.key)
                return
            record = unit.permits.all(member_id)[permit.key]
            unit.permits.save([replace(record, state=EffectState.DONE, attempts=0, not_before=None)])

    def _not_sent(self, member_id: str, left: Sequence[Permit], error: GatewayError) -> None:
        """Put back what certainly was not written; the first of it stays adrift when its fate is unknown."""
        log.warning("permits.failed", portal=member_id, key=left[0].key, why=type(error).__name__)
        sure = left[1:] if error.uncertain else left
        now = self._clock.now()
        with self._book.write() as unit:
            rows = unit.permits.all(member_id)
            again = []
            for permit in sure:
                row = rows[permit.key]
                refused = permit is left[0] and isinstance(error, Rejected)
                wait = now + (SETTLE if refused else pause(row.attempts))
                again.append(replace(row, state=EffectState.PENDING, not_before=wait))
            unit.permits.save(again)


def deal_key(portal: PortalRecord, deal_id: int) -> str:
    """Name a deal's permission: two portals may stand on one base."""
    return f"deal:{deal_id}@{portal.member_id[:12]}"


def _wanted(
    unit: UnitOfWork, portal: PortalRecord, sent: Mapping[str, PermitRecord], now: datetime
) -> dict[str, Permit]:
    """Say what ought to stand there now; a client once under control stays so."""
    reserves = unit.reserves.live(portal.member_id, now=now)
    inns = {row.inn for row in reserves}
    inns |= {hold.inn for hold in unit.holds.all_open(portal.member_id) if hold.inn}
    rows = [Permit(MODE_KEY, PermitKind.MODE, portal.mode is Mode.ENFORCE)]
    rows += [Permit(f"client:{inn}", PermitKind.CLIENT, active=True, inn=inn) for inn in sorted(inns)]
    rows += [_of_reserve(portal, row) for row in reserves]
    wanted = {row.key: row for row in rows}
    for key, record in sent.items():
        if key not in wanted and record.permit.kind is not PermitKind.MODE:
            lasts = record.permit.kind is PermitKind.CLIENT
            wanted[key] = record.permit if lasts else replace(record.permit, active=False)
    return wanted


def _of_reserve(portal: PortalRecord, row: ReserveRecord) -> Permit:
    return Permit(
        key=deal_key(portal, row.deal_id),
        kind=PermitKind.DEAL,
        active=True,
        inn=row.inn,
        contract=row.contract,
        amount=row.amount,
        until=row.expires_at.replace(microsecond=0),
        note=f"Сделка {row.deal_id}, проверка {row.check_id}",
    )


def _todo(wanted: Mapping[str, Permit], sent: Mapping[str, PermitRecord], now: datetime) -> list[Permit]:
    """Choose the rows to send: what is taken back goes first, then what is new."""
    found = []
    for key, permit in wanted.items():
        row = sent.get(key)
        if row is None:
            if permit.active or permit.kind is PermitKind.MODE:
                found.append(permit)
            continue
        adrift = row.state is EffectState.SENDING and now - row.sent_at < SETTLE
        early = row.not_before is not None and row.not_before > now
        same = row.state is EffectState.DONE and row.permit == permit
        if not (adrift or early or same):
            found.append(permit)
    return sorted(found, key=lambda permit: permit.active)


def _sending(member_id: str, permit: Permit, sent: Mapping[str, PermitRecord], now: datetime) -> PermitRecord:
    tries = sent[permit.key].attempts + 1 if permit.key in sent else 1
    return PermitRecord(member_id, permit, EffectState.SENDING, now, tries)
