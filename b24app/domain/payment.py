"""The smallest payment that releases: planned, tried by deciding again, tightened to the kopeck."""

from __future__ import annotations

from dataclasses import replace
from decimal import ROUND_CEILING
from decimal import Decimal
from typing import TYPE_CHECKING
from typing import Final

from b24app.domain.decision import SettlingPayment
from b24app.domain.exposure import EVERY_COMPONENT
from b24app.domain.exposure import sum_settlements
from b24app.domain.judgement import judge
from b24app.domain.limits import Granted
from b24app.domain.money import CENT
from b24app.domain.money import ONE_KOPECK
from b24app.domain.money import Money
from b24app.domain.rules import ReasonCode
from b24app.domain.settlement import PaymentPlan
from b24app.domain.settlement import clear_excess
from b24app.domain.settlement import clear_overdue
from b24app.domain.settlement import post

if TYPE_CHECKING:
    from collections.abc import Iterable
    from collections.abc import Mapping

    from b24app.domain.decision import Decision
    from b24app.domain.ground import Ground
    from b24app.domain.rules import Reason

ZERO: Final = Decimal(0)
_WHOLE: Final = Decimal(100)
_PAYABLE: Final = frozenset(
    {
        ReasonCode.LIMIT,
        ReasonCode.GROUP_LIMIT,
        ReasonCode.LIMIT_USED_PCT,
        ReasonCode.OVERDUE_DAYS,
        ReasonCode.OVERDUE_AMOUNT,
    }
)


def smallest_payments(ground: Ground, decision: Decision) -> tuple[SettlingPayment, ...]:
    """Return the payments by contract after which nothing holds, none of them a kopeck too large.

    Empty when no payment helps: a reason of another kind stands, or there is nothing left to pay off.
    """
    if not decision.holds or not all(_is_payable(reason) for reason in decision.reasons):
        return ()
    plan = _plan(ground, decision)
    if plan is None or not plan.total or _holds(ground, plan.by_contract):
        return ()
    paid = dict(plan.by_contract)
    for contract in plan.by_contract:
        _tighten(ground, paid, contract)
    return tuple(
        SettlingPayment(contract, Money(amount, ground.currency))
        for contract, amount in paid.items()
        if amount
    )


def _is_payable(reason: Reason) -> bool:
    return reason.code in _PAYABLE or (reason.code is ReasonCode.ACCOUNT_STATUS and reason.value is not None)


def _holds(ground: Ground, paid: Mapping[str | None, Decimal]) -> bool:
    positions = post(ground.positions, paid, currency=ground.currency)
    return judge(replace(ground, positions=positions)).holds


def _plan(ground: Ground, decision: Decision) -> PaymentPlan | None:
    """Plan payments that surely suffice: overdue first, then what exposure is too large by; None: none do."""
    plan = clear_overdue(ground.positions, ground.lateness, grace_days=_tolerated_days(decision.reasons))
    if any(reason.code is ReasonCode.ACCOUNT_STATUS for reason in decision.reasons):
        _pay_all(plan, ground)
    excess = max((_excess(ground, reason) for reason in decision.reasons), default=ZERO)
    if excess > plan.total:
        settlements = sum_settlements(ground.positions, ground.reserves, ground.counting)
        contract = ground.candidate.contract
        settlements.promise(contract, ground.candidate.amount.amount)
        if not clear_excess(
            plan, settlements, excess=excess, contract=contract, net_scope=ground.policy.net_scope
        ):
            return None
    return plan


def _tolerated_days(reasons: Iterable[Reason]) -> int | None:
    """Return the days of lateness that may stay; None when nothing overdue is in the way."""
    days = [
        reason.days_allowed or 0 if reason.code is ReasonCode.OVERDUE_DAYS else 0
        for reason in reasons
        if reason.code in {ReasonCode.OVERDUE_DAYS, ReasonCode.OVERDUE_AMOUNT}
    ]
    return min(days, default=None)


def _excess(ground: Ground, reason: Reason) -> Decimal:
    """Tell by how much exposure must fall for a reason to go, in the currency of the ground."""
    if reason.code in {ReasonCode.LIMIT, ReasonCode.GROUP_LIMIT} and reason.excess is not None:
        excess = ground.convert(reason.excess, ground.currency).amount
        rounding = ONE_KOPECK if reason.excess.currency != ground.currency else ZERO
        return excess + rounding + (ONE_KOPECK if ground.policy.limit_inclusive else ZERO)
    limit = ground.limit.limit
    if reason.code is not ReasonCode.LIMIT_USED_PCT or reason.value is None or not isinstance(limit, Granted):
        return ZERO
    allowed = limit.amount.amount * (reason.percent_allowed or ZERO) / _WHOLE
    return (reason.value.amount - allowed).quantize(CENT, rounding=ROUND_CEILING)


def _pay_all(plan: PaymentPlan, ground: Ground) -> None:
    """Raise the plan to everything the client owes, contract by contract (F8 AC4)."""
    settlements = sum_settlements(ground.positions, (), replace(ground.counting, components=EVERY_COMPONENT))
    for contract, sums in settlements.by_contract.items():
        missing = sums.net(ground.policy.net_scope) - plan.by_contract.get(contract, ZERO)
        if missing > 0:
            plan.add(contract, missing)


def _tighten(ground: Ground, paid: dict[str | None, Decimal], contract: str | None) -> None:
    """Lower one payment to the least that still releases beside the others."""
    enough = paid[contract]
    if _holds(ground, paid | {contract: enough - ONE_KOPECK}):
        return
    too_little = -ONE_KOPECK
    enough -= ONE_KOPECK
    while enough - too_little > ONE_KOPECK:
        middle = ((enough + too_little) / 2).quantize(CENT, rounding=ROUND_CEILING)
        if middle >= enough:
            break
        if _holds(ground, paid | {contract: middle}):
            too_little = middle
        else:
            enough = middle
    paid[contract] = enough
