"""A shipment document judged: does a permission cover it, whose hold did it go past, who is told."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

from b24app.domain.money import total
from b24app.domain.shipping import Permission
from b24app.domain.shipping import permission_for
from b24app.ports.portal import AddComment
from b24app.ports.portal import Notify
from b24app.ports.portal import WriteDealPaper
from b24app.ports.records import AttemptKind
from b24app.ports.records import AttemptRecord
from b24app.ports.records import Mode
from b24app.ports.records import NewEffect
from b24app.ports.records import ShipmentState
from b24app.services.wording import HeldFor

if TYPE_CHECKING:
    from datetime import datetime

    from b24app.ports.book import UnitOfWork
    from b24app.ports.records import HoldRecord
    from b24app.ports.records import PortalRecord
    from b24app.ports.records import ShipmentRecord
    from b24app.services.wording import Wording

# A permission that ended while the document was on its way to being seen still covers it.
GRACE = timedelta(minutes=10)


def attempt_key(ref: str) -> str:
    """Name the attempt of a document; there is one, however often it is posted."""
    return f"onec:{ref}"


def settle_new(
    unit: UnitOfWork, portal: PortalRecord, shipment: ShipmentRecord, *, first: bool
) -> ShipmentRecord:
    """Judge a document seen posted for the first time: baseline, permitted, or past us.

    `first`: this is a portal's first reading. Nothing is past us while only observing, nor for a client who
    has neither a card nor a hold nor a permission here.
    """
    inn = shipment.inn
    if first or portal.mode is not Mode.ENFORCE or inn is None or not shipment.amount.is_positive:
        return replace(shipment, state=ShipmentState.BASELINE)
    held = unit.holds.open_of_accounts(portal.member_id, [inn])
    permissions = _permissions(unit, shipment, inn, now=shipment.noticed_at - GRACE)
    if not (held or permissions or unit.cards.of_account(portal.member_id, inn)):
        return replace(shipment, state=ShipmentState.BASELINE)
    permission = permission_for(shipment.amount, shipment.contract, permissions)
    if permission is not None:
        return replace(shipment, state=ShipmentState.PERMITTED, deal_id=permission.deal_id)
    hold = _hold_of(shipment, held)
    deal_id = hold.deal_id if hold is not None else None
    return replace(shipment, state=ShipmentState.PAST, deal_id=deal_id)


def report_past(unit: UnitOfWork, portal: PortalRecord, shipment: ShipmentRecord, wording: Wording) -> None:
    """Record the attempt and owe its report to the heads of sales and the CFO, and the deal its comment."""
    member_id, key = portal.member_id, attempt_key(shipment.ref)
    cards = unit.cards.of_account(member_id, shipment.inn) if shipment.inn else []
    held = unit.holds.open_of_accounts(member_id, [shipment.inn] if shipment.inn else [])
    card = cards[0] if cards else None
    is_new = unit.attempts.add(
        AttemptRecord(
            member_id=member_id,
            key=key,
            kind=AttemptKind.ONEC,
            deal_id=shipment.deal_id,
            company_id=card.company_id if card is not None else None,
            user_id=None,
            before=portal.stages.approval if portal.stages and shipment.deal_id is not None else "",
            after=shipment.ref,
            noticed_at=shipment.noticed_at,
        )
    )
    if not is_new:
        unit.attempts.close(member_id, key, at=None)
        return
    hold = next((row for row in held if row.deal_id == shipment.deal_id), None)
    check = unit.checks.get(hold.check_id) if hold is not None else None
    about = HeldFor(held=bool(held), decision=check.decision if check is not None else None)
    text = wording.past_notice(portal, shipment, card, about)
    people = portal.people
    unit.effects.add(
        NewEffect(member_id, f"{key}:to:{user}", Notify(user, f"cc:onec:{shipment.ref}:{user}", text))
        for user in dict.fromkeys((*people.sales_heads, people.cfo))
        if user
    )
    if shipment.deal_id is not None:
        mark = f"КК-1С-{shipment.ref[:8]}"
        comment = AddComment(shipment.deal_id, mark, wording.past_comment(portal, shipment, mark))
        unit.effects.add([NewEffect(member_id, f"{key}:comment", comment)])


def show_papers(unit: UnitOfWork, portal: PortalRecord, deal_id: int, wording: Wording) -> None:
    """Owe a deal the names of its shipment documents as they stand now (F16), after what it was owed before.

    The effect is bound to no deal, so that no decision takes it back.
    """
    rows = [
        row
        for row in unit.shipments.of_deal(portal.member_id, deal_id)
        if row.state is not ShipmentState.BASELINE
    ]
    write = WriteDealPaper(deal_id, wording.deal_papers(portal, rows))
    number, before = 1, None
    while unit.effects.by_key(portal.member_id, f"papers:{deal_id}:{number}") is not None:
        number, before = number + 1, f"papers:{deal_id}:{number}"
    unit.effects.add([NewEffect(portal.member_id, f"papers:{deal_id}:{number}", write, after=before)])


def close_attempt(unit: UnitOfWork, shipment: ShipmentRecord, now: datetime) -> None:
    """Close the attempt of a document that was unposted or deleted."""
    unit.shipments.save(replace(shipment, state=ShipmentState.CLOSED, closed_at=now))
    unit.attempts.close(shipment.member_id, attempt_key(shipment.ref), at=now)


def _permissions(unit: UnitOfWork, shipment: ShipmentRecord, inn: str, *, now: datetime) -> list[Permission]:
    """Return what is left of the client's permissions: each deal's reserve less what was shipped on it."""
    found = []
    for reserve in unit.reserves.of_account(shipment.member_id, inn, now=now):
        shipped = [
            row.amount
            for row in unit.shipments.of_deal(shipment.member_id, reserve.deal_id)
            if row.state is ShipmentState.PERMITTED
            and row.ref != shipment.ref
            and row.amount.currency == reserve.amount.currency
        ]
        left = reserve.amount - total(shipped, reserve.amount.currency)
        found.append(Permission(reserve.deal_id, reserve.check_id, reserve.contract, left))
    return found


def _hold_of(shipment: ShipmentRecord, held: list[HoldRecord]) -> HoldRecord | None:
    """Find the hold a document went past: the one of its amount, or the only one of the client."""
    same = [hold for hold in held if hold.value == shipment.amount]
    found = same or held
    return found[0] if len(found) == 1 or same else None
