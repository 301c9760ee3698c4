"""What a deal's present state asks for, row by row: where it stands, what was decided, who woke us."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from b24app.domain.decision import Outcome
from b24app.domain.hold import HoldState
from b24app.domain.money import Money
from b24app.domain.rules import ReasonCode
from b24app.ports.portal import DealFacts
from b24app.ports.records import DealRecord
from b24app.ports.records import HoldRecord
from b24app.ports.records import MessageKind
from b24app.ports.records import Mode
from b24app.ports.records import PortalRecord
from b24app.ports.records import ReserveRecord
from b24app.services.triage import Plan
from b24app.services.triage import Standing
from b24app.services.triage import is_acting
from b24app.services.triage import is_permitted
from b24app.services.triage import print_of
from b24app.services.triage import triage
from b24app.services.triage import version_of
from tests.builders import INN
from tests.builders import rub
from tests.builders import usd
from tests.unit.services.rig import ALLOWED
from tests.unit.services.rig import APPROVAL
from tests.unit.services.rig import BEYOND
from tests.unit.services.rig import CHECK
from tests.unit.services.rig import COMPANY
from tests.unit.services.rig import EARLY
from tests.unit.services.rig import MANAGER
from tests.unit.services.rig import MEMBER
from tests.unit.services.rig import START
from tests.unit.services.rig import Rig

ALLOW, HOLD, TECHNICAL = Outcome.ALLOW, Outcome.HOLD, Outcome.TECHNICAL
EVENT, SWEEP = MessageKind.DEAL, MessageKind.SWEEP
BUTTON, ROBOT, RECHECK = MessageKind.BUTTON, MessageKind.ROBOT, MessageKind.RECHECK
LOST = "LOSE"

DEAL = DealFacts(
    id=1,
    title="Поставка 1",
    stage_id=CHECK,
    category_id=0,
    amount=rub(100_000),
    company_id=COMPANY,
    company=None,
    requisite_id=None,
    contract=None,
    terms=None,
    discount=None,
    manager_id=MANAGER,
    manager_name="Иван Петров",
    moved_at=START,
    moved_by=MANAGER,
    closed=False,
)


def portal(**changes: Any) -> PortalRecord:
    return replace(Rig().record(), **changes)


def situation(
    stage: str = CHECK,
    decided: Outcome | None = None,
    *,
    held: bool = False,
    room: int | None = None,
    woken: MessageKind = EVENT,
    robots: int = 0,
    permitted: Money | None = None,
    edited: dict[str, Any] | None = None,
    **deal: Any,
) -> Standing:
    """Describe a deal: it was `decided` as it stands, then `edited`; `room` is reserved for so many hours."""
    before = replace(DEAL, stage_id=stage, **deal)
    allowed = decided in {Outcome.ALLOW, Outcome.ALLOW_NOTIFY}
    record = None
    if decided is not None:
        record = DealRecord(
            member_id=MEMBER,
            deal_id=1,
            company_id=COMPANY,
            inn=INN,
            version=version_of(before),
            fingerprint=print_of(before),
            standing=stage,
            outcome=decided,
            check_id=1,
            permitted=permitted or (before.amount if allowed else None),
            technical_since=None,
            manager_id=MANAGER,
            updated_at=START,
        )
    reserve = None
    if room is not None:
        until = START + timedelta(hours=room)
        reserve = ReserveRecord(MEMBER, INN, 1, None, before.amount, 1, until)
    hold = None
    if held:
        hold = HoldRecord(
            MEMBER, 1, INN, 1, (ReasonCode.LIMIT,), before.amount, MANAGER, START, HoldState.HELD, id=1
        )
    return Standing(replace(before, **(edited or {})), record, hold, reserve, woken, robots)


def row(sentence: str, plan: Plan, *place: Any, **facts: Any) -> Any:
    return pytest.param(situation(*place, **facts), plan, id=sentence)


CHEAPER, DEARER = {"amount": rub(90_000)}, {"amount": rub(100_001)}
IN_CHECK = [
    row("never seen", Plan.ASSESS, CHECK),
    row("seen by the sweep first", Plan.ASSESS, CHECK, woken=SWEEP),
    row("decided, nothing new", Plan.IGNORE, CHECK, ALLOW),
    row("decided, amount edited", Plan.ASSESS, CHECK, ALLOW, edited=DEARER),
    row("decided, client edited", Plan.ASSESS, CHECK, ALLOW, edited={"company_id": 5}),
    row("decided, terms edited", Plan.ASSESS, CHECK, HOLD, edited={"terms": "30"}),
    row("decided, entered anew", Plan.ASSESS, CHECK, HOLD, edited={"moved_at": START + timedelta(hours=1)}),
    row("decided, button pressed", Plan.ASSESS, CHECK, HOLD, woken=BUTTON),
    row("decided, a robot comes late", Plan.ANSWER, CHECK, ALLOW, woken=ROBOT, robots=1),
    row("waits for data, only an echo", Plan.IGNORE, CHECK, TECHNICAL),
    row("waits for data, a robot waits too", Plan.ANSWER, CHECK, TECHNICAL, robots=1),
    row("waits for data, time to try again", Plan.ASSESS, CHECK, TECHNICAL, woken=RECHECK),
    row("waits for data, the sweep tries", Plan.ASSESS, CHECK, TECHNICAL, woken=SWEEP),
]
IN_ALLOWED = [
    row("permitted and unchanged", Plan.IGNORE, ALLOWED, ALLOW, room=1),
    row("permitted with a warning", Plan.IGNORE, ALLOWED, Outcome.ALLOW_NOTIFY, room=1),
    row("permitted, a robot waits", Plan.ANSWER, ALLOWED, ALLOW, room=1, robots=1),
    row("permitted, button pressed", Plan.ASSESS, ALLOWED, ALLOW, room=1, woken=BUTTON),
    row("permitted, amount fell", Plan.SHRINK, ALLOWED, ALLOW, room=1, edited=CHEAPER),
    row("permitted, a kopeck more", Plan.ASSESS, ALLOWED, ALLOW, room=1, edited=DEARER),
    row("permitted, other currency", Plan.ASSESS, ALLOWED, ALLOW, room=1, edited={"amount": usd(1)}),
    row("permitted to another client", Plan.ASSESS, ALLOWED, ALLOW, room=1, edited={"company_id": 5}),
    row("permission expired", Plan.ASSESS, ALLOWED, ALLOW, room=0),
    row("permission without room", Plan.ASSESS, ALLOWED, ALLOW),
    row("a return needs no room", Plan.IGNORE, ALLOWED, ALLOW, amount=rub(-5)),
    row("jumped over the check", Plan.ASSESS, ALLOWED),
    row("was held, the hold is over", Plan.ASSESS, ALLOWED, HOLD),
    row("held and dragged", Plan.PUT_BACK, ALLOWED, HOLD, held=True),
    row("held and dragged, button pressed", Plan.PUT_BACK, ALLOWED, HOLD, held=True, woken=BUTTON),
]
IN_APPROVAL = [
    row("put here by hand", Plan.IGNORE, APPROVAL),
    row("put here by hand, button pressed", Plan.ASSESS, APPROVAL, woken=BUTTON),
    row("put here by hand, robot asks", Plan.ASSESS, APPROVAL, woken=ROBOT),
    row("put here by hand, figures moved", Plan.IGNORE, APPROVAL, woken=RECHECK),
    row("held and unchanged", Plan.IGNORE, APPROVAL, HOLD, held=True),
    row("held, the sweep passes", Plan.IGNORE, APPROVAL, HOLD, held=True, woken=SWEEP),
    row("held, amount edited", Plan.ASSESS, APPROVAL, HOLD, held=True, edited=CHEAPER),
    row("held, record lost", Plan.ASSESS, APPROVAL, held=True),
    row("held, figures moved", Plan.ASSESS, APPROVAL, HOLD, held=True, woken=RECHECK),
    row("held, button pressed", Plan.ASSESS, APPROVAL, HOLD, held=True, woken=BUTTON),
    row("held, robot asks", Plan.ASSESS, APPROVAL, HOLD, held=True, woken=ROBOT),
]
BEHIND = [
    row("shipped with permission", Plan.IGNORE, BEYOND, ALLOW, room=1),
    row("shipped, button pressed", Plan.ADVISE, BEYOND, ALLOW, room=1, woken=BUTTON),
    row("shipped, robot asks", Plan.ADVISE, BEYOND, woken=ROBOT),
    row("held and dragged far", Plan.PUT_BACK, BEYOND, HOLD, held=True),
]
ELSEWHERE = [
    row("nothing of ours", Plan.IGNORE, EARLY),
    row("early warning asked for", Plan.ADVISE, EARLY, woken=BUTTON),
    row("robot placed early", Plan.ADVISE, EARLY, woken=ROBOT),
    row("held and moved back", Plan.CANCEL, EARLY, HOLD, held=True),
    row("permitted and moved back", Plan.CANCEL, EARLY, ALLOW, room=1),
    row("waited for data and moved back", Plan.CANCEL, EARLY, TECHNICAL),
    row("decided once, long ago", Plan.IGNORE, EARLY, HOLD),
    row("lost while held", Plan.CANCEL, LOST, HOLD, held=True, closed=True),
    row("lost, button pressed", Plan.CANCEL, LOST, HOLD, held=True, closed=True, woken=BUTTON),
    row("lost, nothing of ours, button pressed", Plan.IGNORE, LOST, closed=True, woken=BUTTON),
    row("other funnel, same stage name", Plan.IGNORE, CHECK, category_id=3),
    row("other funnel, was held", Plan.CANCEL, ALLOWED, HOLD, held=True, category_id=3),
    row("other funnel, button pressed", Plan.ADVISE, CHECK, woken=BUTTON, category_id=3),
]
WATCHED = [
    row("checked all the same", Plan.ASSESS, CHECK),
    row("allowed stage", Plan.IGNORE, ALLOWED),
    row("allowed stage, button", Plan.ADVISE, ALLOWED, woken=BUTTON),
    row("shipped", Plan.IGNORE, BEYOND),
    row("a hold of earlier days is not put back", Plan.IGNORE, ALLOWED, HOLD, held=True),
    row("a hold of earlier days ends elsewhere", Plan.CANCEL, APPROVAL, HOLD, held=True),
    row("reserve let go", Plan.CANCEL, EARLY, ALLOW, room=1),
    row("approval stage, robot", Plan.ADVISE, APPROVAL, woken=ROBOT),
]


@pytest.mark.parametrize(("standing", "plan"), [*IN_CHECK, *IN_ALLOWED, *IN_APPROVAL, *BEHIND, *ELSEWHERE])
def test_in_enforce(standing: Standing, plan: Plan) -> None:
    assert triage(portal(), standing, now=START) is plan


@pytest.mark.parametrize(("standing", "plan"), WATCHED)
def test_in_observe(standing: Standing, plan: Plan) -> None:
    watching = portal(mode=Mode.OBSERVE, enforce_since=None)
    assert triage(watching, standing, now=START) is plan


@pytest.mark.parametrize(("standing", "plan"), WATCHED)
def test_a_deal_that_entered_before_the_switch_is_only_watched(standing: Standing, plan: Plan) -> None:
    switched = portal(enforce_since=START + timedelta(seconds=1))
    assert triage(switched, standing, now=START) is plan


def test_before_the_stages_are_made_nothing_is_done() -> None:
    assert triage(portal(stages=None), situation(woken=BUTTON), now=START) is Plan.IGNORE


@pytest.mark.parametrize(
    ("since", "acts"),
    [
        pytest.param(None, True, id="from the beginning"),
        pytest.param(START.replace(microsecond=999_999), True, id="in the very second"),
        pytest.param(START + timedelta(seconds=1), False, id="a second too early"),
        pytest.param(START - timedelta(days=1), True, id="long since"),
    ],
)
def test_the_switch_to_enforce_counts_whole_seconds(since: Any, acts: bool) -> None:
    assert is_acting(portal(enforce_since=since), DEAL) is acts


def test_a_permission_without_a_sum_permits_nothing() -> None:
    standing = situation(ALLOWED, ALLOW, room=1)
    assert standing.record is not None
    assert is_permitted(standing, START)
    assert not is_permitted(replace(standing, record=replace(standing.record, permitted=None)), START)
