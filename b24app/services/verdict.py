"""Write a finding down: check, deal, reserve, hold and the effects that follow, all in one transaction."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from b24app.domain.decision import Outcome
from b24app.domain.errors import CreditControlError
from b24app.domain.hold import HoldState
from b24app.domain.hold import waits_for_person
from b24app.ports.records import CheckRecord
from b24app.ports.records import DealRecord
from b24app.ports.records import HoldRecord
from b24app.ports.records import MessageKind
from b24app.ports.records import ReserveRecord
from b24app.ports.records import Weight
from b24app.services.owed import Owed
from b24app.services.owed import end_task
from b24app.services.triage import ALLOWS
from b24app.services.triage import Plan
from b24app.services.triage import has_ties
from b24app.services.triage import is_elsewhere
from b24app.services.triage import past_the_block
from b24app.services.triage import print_of
from b24app.services.triage import version_of

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from b24app.domain.rules import ReasonCode
    from b24app.ports.book import UnitOfWork
    from b24app.ports.records import PortalRecord
    from b24app.ports.records import Stages
    from b24app.services.matter import Finding
    from b24app.services.matter import Matter
    from b24app.services.wording import Wording


class OvertakenError(CreditControlError):
    """A row changed between reading and writing; the whole decision is made again."""


class Verdict:
    """Turns one finding into rows. Nothing here calls the outside; everything commits with the caller."""

    def __init__(
        self, unit: UnitOfWork, matter: Matter, finding: Finding, *, wording: Wording, now: datetime
    ) -> None:
        self._unit = unit
        self._matter = matter
        self._finding = finding
        self._wording = wording
        self._now = now
        self._portal: PortalRecord = matter.portal
        self._decision = finding.decision
        self._record = matter.standing.record
        self._hold = matter.standing.hold
        self._check_id = self._record.check_id if self._record else 0
        if self._portal.stages is None:
            raise CreditControlError(f"portal {self._portal.member_id} has no stages yet")
        self._stages: Stages = self._portal.stages

    def write(self) -> None:
        """Write the finding down (K10: an unchanged answer about an unchanged deal changes nothing)."""
        decision = self._decision
        news = self._finding.plan is Plan.ADVISE or self._is_news()
        self._check_id = self._save_check() if news else self._check_id
        owed = Owed(self._unit, self._matter, self._finding, check_id=self._check_id, wording=self._wording)
        if self._finding.plan is Plan.ADVISE:
            if is_elsewhere(self._stages, self._matter.deal) and has_ties(self._matter.standing):
                let_go(self._unit, self._matter, now=self._now)
            owed.answers(after=owed.fields(None))
        elif not news:
            self._answer_again(owed)
        elif not self._matter.acting:
            self._observe(owed)
        elif decision.outcome in ALLOWS:
            self._allow(owed)
        elif decision.outcome is Outcome.TECHNICAL and self._hold is not None:
            self._keep_holding(owed)
        elif decision.outcome is Outcome.TECHNICAL and not self._waited_enough():
            self._wait(owed)
        else:
            self._hold_goods(owed)
        self._unit.inbox.finish(self._matter.message_ids)

    # -- what is new

    def _is_news(self) -> bool:
        record = self._record
        if record is None or self._matter.standing.trigger is MessageKind.BUTTON:
            return True
        if record.outcome is not self._decision.outcome or not self._is_same_version(record):
            return True
        if self._decision.outcome is Outcome.TECHNICAL and self._hold is None and self._waited_enough():
            return True
        if self._decision.outcome in ALLOWS and not self._has_live_reserve():
            return self._matter.deal.amount.is_positive
        before = self._unit.checks.get(record.check_id)
        return before is None or before.decision.reasons != self._decision.reasons

    def _is_same_version(self, record: DealRecord) -> bool:
        """Tell whether the deal is as it was decided; where our own move left it counts as the same entry."""
        deal = self._matter.deal
        if deal.stage_id == record.standing != self._stages.check:
            return record.fingerprint == print_of(deal)
        return record.version == version_of(deal)

    def _has_live_reserve(self) -> bool:
        reserve = self._matter.standing.reserve
        return reserve is not None and reserve.expires_at > self._now

    def _save_check(self) -> int:
        matter, finding = self._matter, self._finding
        company = matter.deal.company
        return self._unit.checks.add(
            CheckRecord(
                member_id=self._portal.member_id,
                deal_id=matter.deal.id,
                company_id=matter.deal.company_id,
                company_title=company.title if company else "",
                inn=finding.inn,
                trigger=matter.standing.trigger,
                mode=self._portal.mode,
                weight=self._weight(),
                version=version_of(matter.deal),
                case=finding.case,
                decision=finding.decision,
                decided_at=self._now,
            )
        )

    def _weight(self) -> Weight:
        if self._finding.plan is Plan.ADVISE:
            return Weight.ADVICE
        return Weight.BINDING if self._matter.acting else Weight.OBSERVED

    # -- the endings

    def _answer_again(self, owed: Owed) -> None:
        """Answer robots that call late; one that waits through a silence of 1C goes on waiting."""
        waits = self._decision.outcome is Outcome.TECHNICAL and self._hold is None
        if not (waits and self._matter.acting):
            owed.answers()

    def _observe(self, owed: Owed) -> None:
        allowed = self._decision.outcome in ALLOWS
        until = self._reserve() if allowed else None
        if not allowed:
            self._release_reserve()
        owed.cancel_older([])
        owed.answers(after=owed.fields(until))
        self._save_deal(self._matter.deal.stage_id, permitted=allowed)

    def _allow(self, owed: Owed) -> None:
        until = self._reserve()
        owed.cancel_older([])
        standing = owed.move(self._stages.allowed, until)
        end_hold(self._unit, self._matter, HoldState.RELEASED, now=self._now)
        owed.allow_comment(until)
        if self._decision.outcome is Outcome.ALLOW_NOTIFY:
            owed.soft_notice()
        self._save_deal(standing, permitted=True)

    def _wait(self, owed: Owed) -> None:
        """Keep the deal in the check stage until its data can be had (technical hold)."""
        self._release_reserve()
        deal = self._matter.deal
        told = f"technical:{deal.id}:{self._technical_since().isoformat()}:{deal.manager_id}"
        owed.cancel_older([told])
        standing = deal.stage_id
        if past_the_block(self._stages, deal.stage_id):
            standing = owed.move(self._stages.check, None)
        else:
            owed.fields(None)
        owed.technical_note(told)
        self._save_deal(standing, permitted=False)

    def _hold_goods(self, owed: Owed) -> None:
        self._release_reserve()
        before = self._hold
        hold = self._open_or_change_hold()
        owed.cancel_older(owed.keys_of(before))
        standing = owed.move(self._stages.approval, None)
        if before is None:
            owed.task(hold, self._matter.settings.task_deadline(self._now))
        if set(hold.reasons) - set(before.reasons if before else ()):
            owed.notices(hold)
        self._save_deal(standing, permitted=False)

    def _keep_holding(self, owed: Owed) -> None:
        """Leave a hold as it is while its data cannot be read; only its place is restored."""
        owed.cancel_older(owed.keys_of(self._hold))
        self._save_deal(owed.place(self._stages.approval), permitted=False)

    # -- parts

    def _open_or_change_hold(self) -> HoldRecord:
        codes = tuple(dict.fromkeys(reason.code for reason in self._decision.reasons))
        if self._hold is not None:
            value = self._matter.deal.amount
            changed = replace(
                self._hold, check_id=self._check_id, reasons=codes, value=value, state=_open_state(codes)
            )
            if not self._unit.holds.change(changed):
                raise OvertakenError(f"hold {changed.id} was changed by somebody else")
            return changed
        return self._unit.holds.add(
            HoldRecord(
                member_id=self._portal.member_id,
                deal_id=self._matter.deal.id,
                inn=self._finding.inn,
                check_id=self._check_id,
                reasons=codes,
                value=self._matter.deal.amount,
                manager_id=self._matter.deal.manager_id,
                opened_at=self._now,
                state=_open_state(codes),
            )
        )

    def _reserve(self) -> datetime:
        """Take room for the deal (K1 RES) and return the moment the permission ends."""
        until = self._matter.settings.permission_ends(self._now)
        amount = self._matter.deal.amount
        inn = self._finding.inn
        if inn is None or not amount.is_positive:
            self._release_reserve()
            return until
        contract = self._finding.case.candidate.contract if self._finding.case else None
        self._unit.reserves.put(
            ReserveRecord(
                member_id=self._portal.member_id,
                inn=inn,
                deal_id=self._matter.deal.id,
                contract=contract,
                amount=amount,
                check_id=self._check_id,
                expires_at=until,
            )
        )
        return until

    def _release_reserve(self) -> None:
        self._unit.reserves.drop(self._portal.member_id, self._matter.deal.id)

    def _technical_since(self) -> datetime:
        record = self._record
        return record.technical_since if record and record.technical_since else self._now

    def _waited_enough(self) -> bool:
        return self._now - self._technical_since() >= self._matter.settings.technical_wait

    def _save_deal(self, standing: str, *, permitted: bool) -> None:
        deal = self._matter.deal
        waiting = self._decision.outcome is Outcome.TECHNICAL
        self._unit.deals.save(
            DealRecord(
                member_id=self._portal.member_id,
                deal_id=deal.id,
                company_id=deal.company_id,
                inn=self._finding.inn,
                version=version_of(deal),
                fingerprint=print_of(deal),
                standing=standing,
                outcome=self._decision.outcome,
                check_id=self._check_id,
                permitted=deal.amount if permitted else None,
                technical_since=self._technical_since() if waiting else None,
                manager_id=deal.manager_id,
                updated_at=self._now,
            )
        )


def _open_state(codes: Iterable[ReasonCode]) -> HoldState:
    """Name the state of an open hold: READY when only what a person stopped is left (D26)."""
    return HoldState.READY if waits_for_person(codes) else HoldState.HELD


def let_go(unit: UnitOfWork, matter: Matter, *, now: datetime) -> None:
    """End what hangs on a deal that left: undelivered writes, hold with its task, reserve, our record."""
    unit.effects.cancel_pending(matter.portal.member_id, matter.deal.id)
    end_hold(unit, matter, HoldState.CANCELLED, now=now)
    unit.reserves.drop(matter.portal.member_id, matter.deal.id)
    unit.deals.forget(matter.portal.member_id, matter.deal.id)


def end_hold(unit: UnitOfWork, matter: Matter, state: HoldState, *, now: datetime) -> None:
    """Close the deal's open hold and the task that came with it (F12 AC3)."""
    hold = matter.standing.hold
    if hold is None or not unit.holds.change(replace(hold, state=state, closed_at=now)):
        return
    end_task(unit, hold)
