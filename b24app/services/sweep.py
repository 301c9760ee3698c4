"""The sweep: nothing depends on delivery by Bitrix24, so look at what stands and wake what was missed."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

import structlog

from b24app.domain.version import entry
from b24app.ports.errors import GatewayError
from b24app.ports.portal import Result
from b24app.ports.records import EffectState
from b24app.ports.records import Message
from b24app.ports.records import MessageKind
from b24app.services.owed import move_key
from b24app.services.triage import ALLOWS

if TYPE_CHECKING:
    from datetime import datetime

    from b24app.ports.book import Book
    from b24app.ports.book import UnitOfWork
    from b24app.ports.clock import Clock
    from b24app.ports.portal import Portals
    from b24app.ports.portal import StandingDeal
    from b24app.ports.records import DealRecord
    from b24app.ports.records import PortalRecord
    from b24app.ports.records import Stages

log = structlog.get_logger(__name__)

OVERLAP = timedelta(minutes=15)


class Sweep:
    """Finds deals standing without a decision, permissions without a deal, robots without an answer."""

    def __init__(self, *, book: Book, portals: Portals, clock: Clock) -> None:
        self._book = book
        self._portals = portals
        self._clock = clock

    def run(self, member_id: str) -> int:
        """Sweep one portal and return how many deals were woken; a silent portal is swept next time."""
        started = self._clock.now()
        with self._book.read() as unit:
            portal = unit.portals.get(member_id)
        if portal is None or not portal.installed or portal.stages is None:
            return 0
        try:
            standing = self._standing(portal, portal.stages, started)
        except GatewayError as error:
            log.warning("sweep.failed", portal=member_id, why=type(error).__name__)
            return 0
        with self._book.write() as unit:
            woken = self._missed(unit, portal, portal.stages, standing, started)
            unit.inbox.add(
                Message(member_id, MessageKind.SWEEP, deal_id, started) for deal_id in sorted(woken)
            )
            current = unit.portals.get(member_id)
            if current is not None:
                unit.portals.save(replace(current, last_sweep_at=started))
        if woken:
            log.info("sweep.woken", portal=member_id, deals=len(woken))
        return len(woken)

    def retry_technical(self, member_id: str) -> int:
        """Wake the deals that wait for data; return how many."""
        now = self._clock.now()
        with self._book.read() as unit:
            deals = [row.deal_id for row in unit.deals.technical(member_id)]
        if deals:
            with self._book.write() as unit:
                unit.inbox.add(Message(member_id, MessageKind.RECHECK, deal_id, now) for deal_id in deals)
        return len(deals)

    def _standing(self, portal: PortalRecord, stages: Stages, now: datetime) -> list[StandingDeal]:
        """List the deals on the check and approval stages, and those lately moved past the block."""
        door = self._portals.open(portal.member_id)
        since = portal.last_sweep_at - OVERLAP if portal.last_sweep_at else portal.enforce_since
        found = list(door.standing_deals([stages.check, stages.approval], moved_since=None))
        past = [stages.allowed, *stages.beyond]
        return found + list(door.standing_deals(past, moved_since=since or now - OVERLAP))

    @staticmethod
    def _missed(
        unit: UnitOfWork, portal: PortalRecord, stages: Stages, standing: list[StandingDeal], now: datetime
    ) -> set[int]:
        member_id = portal.member_id
        records = unit.deals.many(member_id, [deal.id for deal in standing])
        held = {hold.deal_id for hold in unit.holds.all_open(member_id)}
        at_home = {deal.id for deal in standing if deal.stage_id == stages.approval}
        woken = held - at_home
        for deal in standing:
            record = records.get(deal.id)
            if record is not None and _missed_its_move(unit, record, deal):
                unit.deals.save(replace(record, version=""))
                decided = False
            elif deal.stage_id == stages.check:
                decided = record is not None and record.version.startswith(
                    entry(deal.stage_id, deal.moved_at)
                )
            elif deal.stage_id == stages.approval:
                decided = True
            else:
                allowed = record is not None and record.outcome in ALLOWS
                decided = deal.stage_id != stages.allowed or allowed
            if not decided:
                woken.add(deal.id)
        woken |= {reserve.deal_id for reserve in unit.reserves.expired(member_id, now=now)}
        return woken | set(unit.inbox.unanswered_deals(member_id))


def _missed_its_move(unit: UnitOfWork, record: DealRecord, deal: StandingDeal) -> bool:
    """Tell whether our move found a deal changed that has come back since to how it was decided.

    Nothing else would look at it again: it stands as the last check saw it. It is decided anew.
    """
    if deal.stage_id == record.standing or not record.version.startswith(entry(deal.stage_id, deal.moved_at)):
        return False
    move = unit.effects.by_key(record.member_id, move_key(record.check_id))
    return move is not None and move.state is EffectState.FAILED and move.note == Result.GUARD_FAILED.value
