"""What is settled without asking 1C: echoes, cancellations, put-backs. Runs in both lanes.

The deliver lane guards held deals with it, so that a hung 1C never delays a put-back.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

import structlog

from b24app.domain.hold import HoldState
from b24app.ports.errors import GatewayError
from b24app.ports.portal import AddComment
from b24app.ports.portal import Guard
from b24app.ports.portal import MoveDeal
from b24app.ports.portal import Notify
from b24app.ports.portal import Priority
from b24app.ports.records import AttemptKind
from b24app.ports.records import AttemptRecord
from b24app.ports.records import EffectState
from b24app.ports.records import Lane
from b24app.ports.records import MessageKind
from b24app.ports.records import NewEffect
from b24app.services.echo import without_echoes
from b24app.services.matter import Matter
from b24app.services.matter import bring
from b24app.services.owed import answer_key
from b24app.services.owed import end_task
from b24app.services.owed import robot_answer
from b24app.services.patience import Patience
from b24app.services.triage import Plan
from b24app.services.triage import print_of
from b24app.services.triage import triage
from b24app.services.unfinished import Unfinished
from b24app.services.verdict import let_go

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from b24app.ports.book import UnitOfWork
    from b24app.ports.portal import DealFacts
    from b24app.ports.records import PortalRecord
    from b24app.ports.records import StoredMessage
    from b24app.services.office import Office
    from b24app.services.wording import Wording

log = structlog.get_logger(__name__)

GUARDED_AT_ONCE = 200
PUT_BACKS = 3
PUT_BACK_WINDOW = timedelta(minutes=10)
FIRST_SLIP_WINDOW = timedelta(days=30)


def settle_without_ledger(
    unit: UnitOfWork, matter: Matter, plan: Plan, *, wording: Wording, now: datetime
) -> bool:
    """Carry out a plan that needs no figures and finish its messages; False when it needs them."""
    match plan:
        case Plan.ASSESS | Plan.ADVISE:
            return False
        case Plan.PUT_BACK:
            put_back(unit, matter, wording=wording, now=now)
        case Plan.CANCEL:
            cancel(unit, matter, now=now)
        case Plan.SHRINK:
            shrink(unit, matter, now=now)
        case Plan.ANSWER:
            answer(unit, matter, wording=wording)
        case Plan.IGNORE:
            answer(unit, matter, wording=wording)
    unit.inbox.finish(matter.message_ids)
    return True


def put_back(unit: UnitOfWork, matter: Matter, *, wording: Wording, now: datetime) -> None:
    """Return a held deal from behind the block, record the attempt and report it.

    The first slip of a person gets a friendly note to him; repeats go to the heads of sales. After 3
    put-backs in 10 minutes the deal is left where it is and the administrator is told: a portal robot may be
    pushing it. Once the 10 minutes are over, the sweep has it put back.
    """
    portal, deal = matter.portal, matter.deal
    key = _attempt_key(unit, matter)
    attempt = AttemptRecord(
        member_id=portal.member_id,
        key=key,
        kind=AttemptKind.DRAG,
        deal_id=deal.id,
        company_id=deal.company_id,
        user_id=deal.moved_by,
        before=portal.stages.approval if portal.stages else "",
        after=deal.stage_id,
        noticed_at=now,
    )
    answer(unit, matter, wording=wording)
    slips = unit.attempts.by_user(portal.member_id, deal.moved_by, since=now - FIRST_SLIP_WINDOW)
    is_new = unit.attempts.add(attempt)
    under_way = not is_new and unit.effects.by_key(portal.member_id, f"{key}:move") is not None
    if under_way or portal.stages is None:
        return
    lately = unit.attempts.recent(portal.member_id, deal.id, since=now - PUT_BACK_WINDOW)
    if sum(row.kind is AttemptKind.DRAG for row in lately) > PUT_BACKS:
        if is_new:
            text = wording.pushed_notice(matter, PUT_BACKS)
            _tell(unit, matter, f"{key}:pushed", [portal.people.administrator], text)
        return
    move = MoveDeal(deal.id, Guard(deal.stage_id), portal.stages.approval, None)
    mark = f"КК-В{deal.id}-{int(now.timestamp())}"
    unit.effects.add(
        [
            NewEffect(portal.member_id, f"{key}:move", move, deal_id=deal.id, urgent=True),
            NewEffect(
                portal.member_id,
                f"{key}:comment",
                AddComment(deal.id, mark, wording.put_back_comment(matter, mark)),
                deal_id=deal.id,
            ),
        ]
    )
    held = unit.checks.get(matter.standing.hold.check_id) if matter.standing.hold else None
    decision = held.decision if held else None
    if slips == 0:
        _tell(unit, matter, key, [deal.moved_by], wording.first_slip_note(matter, decision))
    else:
        text = wording.attempt_notice(matter, decision, slips + 1)
        _tell(unit, matter, key, list(portal.people.sales_heads), text)


def _attempt_key(unit: UnitOfWork, matter: Matter) -> str:
    """Name an attempt by its moment; the sweep tells apart another one in the second of the last."""
    deal = matter.deal
    key = f"drag:{deal.id}:{deal.moved_at.isoformat()}"
    swept = matter.standing.trigger is MessageKind.SWEEP
    while swept and (move := unit.effects.by_key(matter.portal.member_id, f"{key}:move")) is not None:
        if move.state is not EffectState.DONE:
            break
        key += "+"
    return key


def cancel(unit: UnitOfWork, matter: Matter, *, now: datetime) -> None:
    """Let go of a deal moved back, lost or taken elsewhere; nobody waits for its answers any more."""
    let_go(unit, matter, now=now)
    unit.inbox.answered([call.event_token for call in matter.robots if call.event_token])


def shrink(unit: UnitOfWork, matter: Matter, *, now: datetime) -> None:
    """Follow a deal whose amount fell: it stays allowed, its reserve shrinks (D16)."""
    record, reserve, amount = matter.standing.record, matter.standing.reserve, matter.deal.amount
    if record is None:
        return
    unit.deals.save(replace(record, permitted=amount, fingerprint=print_of(matter.deal), updated_at=now))
    if reserve is not None and amount.is_positive:
        unit.reserves.put(replace(reserve, amount=amount))
    else:
        unit.reserves.drop(matter.portal.member_id, matter.deal.id)


def answer(unit: UnitOfWork, matter: Matter, *, wording: Wording) -> None:
    """Owe late robots of an already decided deal that decision; one nobody decides is not waited for."""
    tokens = [call.event_token for call in matter.robots if call.event_token]
    record = matter.standing.record
    check = unit.checks.get(record.check_id) if record else None
    if record is None or check is None:
        unit.inbox.answered(tokens)
        return
    unit.effects.add(
        NewEffect(
            matter.portal.member_id,
            answer_key(token, check.id),
            robot_answer(token, check.decision, wording, acting=matter.acting),
            deal_id=matter.deal.id,
            check_id=check.id,
            urgent=True,
        )
        for token in tokens
    )


def forget_deal(
    unit: UnitOfWork, member_id: str, deal_id: int, rows: Iterable[StoredMessage], *, now: datetime
) -> None:
    """Close everything about a deal that does not exist any more."""
    unit.effects.cancel_pending(member_id, deal_id)
    hold = unit.holds.open_of_deal(member_id, deal_id)
    if hold is not None and unit.holds.change(replace(hold, state=HoldState.CANCELLED, closed_at=now)):
        end_task(unit, hold)
    unit.reserves.drop(member_id, deal_id)
    unit.deals.forget(member_id, deal_id)
    calls = unit.inbox.unanswered(member_id, deal_id)
    unit.inbox.answered([call.event_token for call in calls if call.event_token])
    unit.inbox.finish([row.id for row in rows])


def _tell(unit: UnitOfWork, matter: Matter, key: str, users: list[int], text: str) -> None:
    member_id, deal_id = matter.portal.member_id, matter.deal.id
    unit.effects.add(
        NewEffect(
            member_id,
            f"{key}:to:{user}",
            Notify(user, f"cc:attempt:{deal_id}:{user}", text),
            deal_id=None,
        )
        for user in dict.fromkeys(users)
        if user
    )


class Watch:
    """The guard's round of the deliver lane: look at held deals that moved, before any 1C is asked."""

    def __init__(self, office: Office) -> None:
        self._book = office.book
        self._portals = office.portals
        self._clock = office.clock
        self._settings_of = office.settings_of
        self._wording = office.wording
        self._echoes = office.echoes
        self._patience = Patience()
        self._unfinished = Unfinished()

    def work(self, member_id: str) -> int:
        """Look at held deals something happened to; return how many messages were taken.

        Whatever needs figures is handed over to the decide lane.
        """
        now = self._clock.now()
        with self._book.write() as unit:
            portal = unit.portals.get(member_id)
            self._unfinished.put_back(unit, member_id, now=now)
            taken = unit.inbox.take_guarded(member_id, now=now, limit=GUARDED_AT_ONCE)
            rows = without_echoes(unit, self._echoes, member_id, taken, now)
        self._unfinished.begin(member_id, rows)
        if portal is not None and rows:
            self._look(portal, rows)
        self._unfinished.end(member_id)
        return len(taken)

    def _look(self, portal: PortalRecord, rows: list[StoredMessage]) -> None:
        member_id = portal.member_id
        by_deal: dict[int, list[StoredMessage]] = defaultdict(list)
        for row in rows:
            by_deal[row.message.subject_id].append(row)
        try:
            deals = self._portals.open(member_id).fetch_deals(list(by_deal), priority=Priority.URGENT)
        except GatewayError as error:
            log.warning("guard.postponed", portal=member_id, why=type(error).__name__)
            until = self._clock.now() + self._patience.after_failure(member_id)
            with self._book.write() as unit:
                unit.inbox.postpone([row.id for row in rows], until=until, error=str(error), failed=False)
            return
        self._patience.after_success(member_id)
        self._settle_all(portal, deals, by_deal)

    def _settle_all(
        self, portal: PortalRecord, deals: list[DealFacts], by_deal: dict[int, list[StoredMessage]]
    ) -> None:
        now = self._clock.now()
        with self._book.write() as unit:
            for deal in deals:
                messages = by_deal.pop(deal.id)
                matter = bring(unit, portal, self._settings_of(portal.member_id), deal, messages)
                plan = triage(portal, matter.standing, now=now)
                if not settle_without_ledger(unit, matter, plan, wording=self._wording, now=now):
                    unit.inbox.hand_over(matter.message_ids, Lane.DECIDE)
            for deal_id, messages in by_deal.items():
                forget_deal(unit, portal.member_id, deal_id, messages, now=now)
