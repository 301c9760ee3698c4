"""What a deal's present state asks for: pure, decided before 1C is asked.

The table of README's journey "a deal moved": the stage it stands on, what we decided last, who woke us.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING

from b24app.domain.decision import Outcome
from b24app.domain.version import fingerprint
from b24app.domain.version import version
from b24app.ports.records import MessageKind
from b24app.ports.records import Mode

if TYPE_CHECKING:
    from datetime import datetime

    from b24app.domain.money import Money
    from b24app.ports.portal import DealFacts
    from b24app.ports.records import DealRecord
    from b24app.ports.records import HoldRecord
    from b24app.ports.records import PortalRecord
    from b24app.ports.records import ReserveRecord
    from b24app.ports.records import Stages

ASKED_FOR = frozenset({MessageKind.BUTTON, MessageKind.RECHECK, MessageKind.ROBOT})
ALLOWS = frozenset({Outcome.ALLOW, Outcome.ALLOW_NOTIFY})


class Plan(Enum):
    """What to do with a deal.

    ASSESS: decide at a checkpoint. ADVISE: decide for the record and the fields, promise nothing.
    PUT_BACK: a held deal stands past the block. CANCEL: it left the pipeline. SHRINK: its amount fell under
    what was permitted. ANSWER: only waiting robots are owed the decision already made. IGNORE: an echo, or
    nothing of ours.
    """

    IGNORE = "ignore"
    ASSESS = "assess"
    ADVISE = "advise"
    PUT_BACK = "put_back"
    CANCEL = "cancel"
    SHRINK = "shrink"
    ANSWER = "answer"


@dataclass(frozen=True, slots=True)
class Standing:
    """Everything triage looks at for one deal; `trigger` is the strongest of its messages."""

    deal: DealFacts
    record: DealRecord | None
    hold: HoldRecord | None
    reserve: ReserveRecord | None
    trigger: MessageKind
    waiting_robots: int


def print_of(deal: DealFacts, amount: Money | None = None) -> str:
    """Return the fingerprint of a deal's decided properties, optionally as if its amount were another."""
    return fingerprint(
        deal.company_id,
        deal.requisite_id,
        contract=deal.contract,
        amount=deal.amount if amount is None else amount,
        terms=deal.terms,
        discount=deal.discount,
    )


def version_of(deal: DealFacts) -> str:
    """Return the deal's version: its stage entry and its fingerprint."""
    return version(deal.stage_id, deal.moved_at, print_of(deal))


def is_acting(portal: PortalRecord, deal: DealFacts) -> bool:
    """Tell whether a deal may be moved and blocked: enforce mode, and it entered its stage since then.

    The portal tells whole seconds, so an entry in the very second of the switch counts as after it.
    """
    if portal.mode is not Mode.ENFORCE:
        return False
    since = portal.enforce_since
    return since is None or deal.moved_at >= since.replace(microsecond=0)


def triage(portal: PortalRecord, standing: Standing, *, now: datetime) -> Plan:
    """Choose what a deal's present state asks for."""
    stages = portal.stages
    if stages is None:
        return Plan.IGNORE
    if standing.deal.category_id != stages.category:
        return _elsewhere(standing)
    stage = standing.deal.stage_id
    if stage == stages.check:
        return _in_check(standing)
    if not is_acting(portal, standing.deal):
        return _beyond(standing) if past_the_block(stages, stage) else _elsewhere(standing)
    if standing.hold is not None and past_the_block(stages, stage):
        return Plan.PUT_BACK
    if stage == stages.allowed:
        return _in_allowed(standing, now)
    if stage == stages.approval:
        return _in_approval(standing)
    return _beyond(standing) if stage in stages.beyond else _elsewhere(standing)


def _in_check(standing: Standing) -> Plan:
    record = standing.record
    if record is None or record.version != version_of(standing.deal):
        return Plan.ASSESS
    if _waits_for_data(standing):
        return Plan.ASSESS
    if standing.trigger is MessageKind.BUTTON:
        return Plan.ASSESS
    return Plan.ANSWER if standing.waiting_robots else Plan.IGNORE


def is_permitted(standing: Standing, now: datetime) -> bool:
    """Tell whether a live permission covers the deal as it is: same client and terms, not a kopeck more."""
    record, reserve, deal = standing.record, standing.reserve, standing.deal
    if record is None or record.outcome not in ALLOWS or record.permitted is None:
        return False
    if deal.amount.currency != record.permitted.currency or deal.amount > record.permitted:
        return False
    if print_of(deal, record.permitted) != record.fingerprint:
        return False
    return not deal.amount.is_positive or (reserve is not None and reserve.expires_at > now)


def _in_allowed(standing: Standing, now: datetime) -> Plan:
    if not is_permitted(standing, now) or standing.trigger in {MessageKind.BUTTON, MessageKind.RECHECK}:
        return Plan.ASSESS
    if standing.record is not None and standing.deal.amount != standing.record.permitted:
        return Plan.SHRINK
    return Plan.ANSWER if standing.waiting_robots else Plan.IGNORE


def _waits_for_data(standing: Standing) -> bool:
    """Tell whether the last check lacked its data and something but an echo asks again."""
    technical = standing.record is not None and standing.record.outcome is Outcome.TECHNICAL
    return technical and standing.trigger is not MessageKind.DEAL


def _in_approval(standing: Standing) -> Plan:
    if standing.hold is None:
        asked = standing.trigger in {MessageKind.BUTTON, MessageKind.ROBOT} or _waits_for_data(standing)
        return Plan.ASSESS if asked else Plan.IGNORE
    changed = standing.record is None or standing.record.fingerprint != print_of(standing.deal)
    return Plan.ASSESS if changed or standing.trigger in ASKED_FOR else Plan.IGNORE


def _beyond(standing: Standing) -> Plan:
    if standing.trigger in {MessageKind.BUTTON, MessageKind.ROBOT}:
        return Plan.ADVISE
    return Plan.IGNORE


def _elsewhere(standing: Standing) -> Plan:
    robot = standing.trigger is MessageKind.ROBOT
    if robot or (standing.trigger is MessageKind.BUTTON and not standing.deal.closed):
        return Plan.ADVISE
    return Plan.CANCEL if has_ties(standing) else Plan.IGNORE


def has_ties(standing: Standing) -> bool:
    """Tell whether something of ours still hangs on a deal: a hold, a reserve, a wait for data."""
    technical = standing.record is not None and standing.record.outcome is Outcome.TECHNICAL
    return technical or standing.hold is not None or standing.reserve is not None


def is_elsewhere(stages: Stages, deal: DealFacts) -> bool:
    """Tell whether a deal stands neither on one of our stages nor behind the block."""
    ours = {stages.check, stages.allowed, stages.approval}
    away = deal.stage_id not in ours and not past_the_block(stages, deal.stage_id)
    return away or deal.category_id != stages.category


def past_the_block(stages: Stages, stage_id: str) -> bool:
    """Tell whether a stage lies behind the block."""
    return stage_id == stages.allowed or stage_id in stages.beyond
