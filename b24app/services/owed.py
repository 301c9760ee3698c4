"""What a decision owes the portal: fields and moves, tasks, messages, comments, answers, as effect rows."""

from __future__ import annotations

from typing import TYPE_CHECKING

from b24app.domain.money import total
from b24app.domain.rules import ReasonCode
from b24app.ports.portal import AddComment
from b24app.ports.portal import AddTask
from b24app.ports.portal import AnswerRobot
from b24app.ports.portal import CloseTask
from b24app.ports.portal import DealFields
from b24app.ports.portal import Guard
from b24app.ports.portal import MoveDeal
from b24app.ports.portal import Notify
from b24app.ports.portal import WriteDealFields
from b24app.ports.records import EffectState
from b24app.ports.records import NewEffect
from b24app.services.triage import ALLOWS

if TYPE_CHECKING:
    from datetime import datetime

    from b24app.domain.decision import Decision
    from b24app.domain.money import Money
    from b24app.ports.book import UnitOfWork
    from b24app.ports.portal import Action
    from b24app.ports.records import HoldRecord
    from b24app.services.matter import Finding
    from b24app.services.matter import Matter
    from b24app.services.wording import Wording


def task_mark(hold_id: int) -> str:
    """Return the fixed-width mark a hold's task carries in its title."""
    return f"СО-{hold_id:06d}"


def move_key(check_id: int) -> str:
    """Return the key of the move a check owes."""
    return f"move:{check_id}"


def comment_mark(check_id: int) -> str:
    """Return the fixed-width mark a check's timeline comment carries."""
    return f"КК-{check_id:07d}"


class Owed:
    """Stores the effects of one check of one deal. Keys make each of them one, however often it is owed."""

    def __init__(
        self, unit: UnitOfWork, matter: Matter, finding: Finding, *, check_id: int, wording: Wording
    ) -> None:
        self._unit = unit
        self._matter = matter
        self._finding = finding
        self._decision = finding.decision
        self._check_id = check_id
        self._wording = wording

    def fields(self, until: datetime | None) -> str:
        """Owe the deal its fields where it stands; return the effect's key."""
        key = f"fields:{self._check_id}"
        self._add(key, WriteDealFields(self._matter.deal.id, self._fields(until)))
        return key

    def move(self, target: str, until: datetime | None) -> str:
        """Owe the deal its fields and, unless it stands there or a waiting robot moves it, its stage.

        Returns the stage it will stand on.
        """
        deal = self._matter.deal
        if deal.stage_id == target or self._matter.robots:
            self.answers(after=self.fields(until))
            return deal.stage_id
        guard = Guard(deal.stage_id, deal.company_id, deal.amount)
        self._add(move_key(self._check_id), MoveDeal(deal.id, guard, target, self._fields(until)))
        return target

    def place(self, target: str) -> str:
        """Owe the deal its stage alone, its fields stay as they are; return the stage it will stand on."""
        deal = self._matter.deal
        if deal.stage_id != target:
            self._add(move_key(self._check_id), MoveDeal(deal.id, Guard(deal.stage_id), target, None))
        return target

    def answers(self, *, after: str | None = None) -> None:
        """Owe every waiting robot of the deal the decision (never in one request with a stage move)."""
        decision = self._decision
        tokens = [call.event_token for call in self._matter.robots if call.event_token]
        for token in tokens:
            answer = robot_answer(token, decision, self._wording, acting=self._matter.acting)
            self._add(answer_key(token, self._check_id), answer, after=after, urgent=True)

    def task(self, hold: HoldRecord, deadline: datetime) -> None:
        """Owe the manager his task."""
        mark, deal = task_mark(hold.id), self._matter.deal
        title, text = self._wording.hold_task(self._matter, self._finding, mark)
        self._add(f"task:{hold.id}", AddTask(deal.id, mark, title, text, deal.manager_id, deadline))

    def notices(self, hold: HoldRecord) -> None:
        """Owe the heads of sales and the CFO a message with every reason and number."""
        text = self._wording.hold_notice(self._matter, self._finding)
        for user in self._heads():
            self._add(_notice_key(hold, user), Notify(user, f"cc:hold:{hold.id}:{user}", text))
        comment = self._wording.hold_comment(self._finding, comment_mark(self._check_id))
        self._add(_comment_key(hold), self._comment(comment))

    def soft_notice(self) -> None:
        """Owe the CFO a message on a shipment that passed in spite of a small overdue (F20 AC2)."""
        user = self._matter.portal.people.cfo
        text = self._wording.soft_notice(self._matter, self._finding)
        tag = f"cc:soft:{self._matter.deal.id}:{user}"
        self._add(f"soft:{self._check_id}:{user}", Notify(user, tag, text))

    def allow_comment(self, until: datetime) -> None:
        """Owe the timeline of an allowed deal its entry."""
        mark = comment_mark(self._check_id)
        text = self._wording.allow_comment(self._matter, self._finding, mark, until)
        self._add(f"comment:{self._check_id}", self._comment(text))

    def technical_note(self, key: str) -> None:
        """Owe the manager a word on why his deal waits."""
        deal = self._matter.deal
        text = self._wording.technical_for_manager(self._matter, self._decision)
        self._add(key, Notify(deal.manager_id, f"cc:technical:{deal.id}:{deal.manager_id}", text))

    def cancel_older(self, keep: list[str]) -> None:
        """Cancel what older decisions have not delivered, but what is to be kept.

        A robot whose answer is cancelled so is still unanswered and is owed the newer decision.
        """
        portal, deal = self._matter.portal, self._matter.deal
        self._unit.effects.cancel_pending(portal.member_id, deal.id, keep=keep)

    def keys_of(self, hold: HoldRecord | None) -> list[str]:
        """Return the keys of what a hold has already caused and a later check must not take back."""
        if hold is None:
            return []
        return [f"task:{hold.id}", _comment_key(hold), *(_notice_key(hold, user) for user in self._heads())]

    def _heads(self) -> list[int]:
        people = self._matter.portal.people
        return list(dict.fromkeys((*people.sales_heads, people.cfo)))

    def _fields(self, until: datetime | None) -> DealFields:
        return DealFields(
            decision=self._decision.outcome.value,
            reason=self._wording.field_reason(self._decision),
            excess=limit_excess(self._decision),
            to_pay=sum_to_pay(self._decision),
            valid_until=until,
        )

    def _comment(self, text: str) -> AddComment:
        return AddComment(self._matter.deal.id, comment_mark(self._check_id), text)

    def _add(self, key: str, action: Action, *, after: str | None = None, urgent: bool = False) -> None:
        effect = NewEffect(
            member_id=self._matter.portal.member_id,
            key=key,
            action=action,
            deal_id=self._matter.deal.id,
            check_id=self._check_id,
            after=after,
            urgent=urgent,
        )
        self._unit.effects.add([effect])


def answer_key(token: str, check_id: int) -> str:
    """Name the answer of one check to one robot call."""
    return f"answer:{token}:{check_id}"


def robot_answer(token: str, decision: Decision, wording: Wording, *, acting: bool) -> AnswerRobot:
    """Put a decision into a robot's return values; who only watches lets every robot proceed."""
    return AnswerRobot(
        event_token=token,
        decision=decision.outcome.value,
        proceed=decision.outcome in ALLOWS or not acting,
        reason=wording.field_reason(decision),
        excess=limit_excess(decision),
        to_pay=sum_to_pay(decision),
    )


def limit_excess(decision: Decision) -> Money | None:
    """Return by how much the limit, the client's own or the shared one, is exceeded, if it is."""
    limits = {ReasonCode.LIMIT, ReasonCode.GROUP_LIMIT}
    return next((row.excess for row in decision.reasons if row.code in limits), None)


def sum_to_pay(decision: Decision) -> Money | None:
    """Return the whole payment that would release, if one would."""
    amounts = [row.amount for row in decision.to_release]
    return total(amounts, amounts[0].currency) if amounts else None


def end_task(unit: UnitOfWork, hold: HoldRecord) -> None:
    """Owe the completion of a hold's task (F12 AC3); nothing when the task was never made."""
    made = unit.effects.by_key(hold.member_id, f"task:{hold.id}")
    if made is None or made.state is EffectState.CANCELLED:
        return
    close = CloseTask(hold.deal_id, task_mark(hold.id), int(made.ref) if made.ref else None)
    effect = NewEffect(
        member_id=hold.member_id,
        key=f"task:{hold.id}:close",
        action=close,
        deal_id=hold.deal_id,
        after=f"task:{hold.id}",
    )
    unit.effects.add([effect])


def _codes(hold: HoldRecord) -> str:
    return "+".join(sorted(code.value for code in hold.reasons))


def _notice_key(hold: HoldRecord, user: int) -> str:
    return f"notify:{hold.id}:{_codes(hold)}:{user}"


def _comment_key(hold: HoldRecord) -> str:
    return f"comment:hold:{hold.id}:{_codes(hold)}"
