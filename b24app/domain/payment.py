"""The smallest payment that releases: planned, tried by deciding again, tightened to the kopeck."""

from __future__ import annotations

from dataclasses import dataclass
from dataclasses import replace
from decimal import ROUND_CEILING
from decimal import Decimal
from typing import TYPE_CHECKING
from typing import Final

from b24app.domain.decision import SettlingPayment
from b24app.domain.exposure import EVERY_COMPONENT
from b24app.domain.exposure import NetScope
from b24app.domain.exposure import Settlements
from b24app.domain.exposure import sum_settlements
from b24app.domain.ground import contract_of_scope
from b24app.domain.judgement import judge
from b24app.domain.limits import Granted
from b24app.domain.money import CENT
from b24app.domain.money import ONE_KOPECK
from b24app.domain.money import Money
from b24app.domain.rules import PAYABLE
from b24app.domain.rules import ReasonCode
from b24app.domain.settlement import PaymentPlan
from b24app.domain.settlement import clear_excess
from b24app.domain.settlement import clear_overdue
from b24app.domain.settlement import post

if TYPE_CHECKING:
    from collections.abc import Iterable
    from collections.abc import Mapping
    from collections.abc import Sequence

    from b24app.domain.decision import Decision
    from b24app.domain.ground import Ground
    from b24app.domain.rules import Reason

ZERO: Final = Decimal(0)
_WHOLE: Final = Decimal(100)
_NEVER_PAID: Final = frozenset({ReasonCode.FORCED, ReasonCode.TECHNICAL})

Paid = dict[str | None, Decimal]


@dataclass(frozen=True, slots=True)
class Held:
    """A decision that holds and the ground it was made on."""

    ground: Ground
    decision: Decision


def smallest_payments(held: Sequence[Held]) -> tuple[SettlingPayment, ...]:
    """Return the payments by contract after which none of the decisions holds, none a kopeck too large.

    The amounts are in the currency of the first. Empty when no payment helps: what holds is of another kind,
    or there is nothing left to pay off.
    """
    paid = _enough(held)
    if paid is None:
        return ()
    currency = held[0].ground.currency
    for contract in tuple(paid):
        _tighten(held, paid, contract)
    return tuple(
        SettlingPayment(contract_of_scope(scope), Money(amount, currency))
        for scope, amount in paid.items()
        if amount
    )


def _enough(held: Sequence[Held]) -> Paid | None:
    """Find payments that suffice; None: nothing the client could pay does.

    Where the plan from the reasons does not do (a disputed debt is extinguished before a younger one, an
    exclusion lets the whole order pass), everything there is to pay off is the start.
    """
    reasons = [reason for each in held for reason in each.decision.reasons]
    if any(reason.code in _NEVER_PAID for reason in reasons):
        return None
    if all(_is_payable(reason) for reason in reasons):
        plans = [_plan(each) for each in held]
        largest = _largest(held, [plan.by_contract for plan in plans if plan is not None])
        if all(plan is not None for plan in plans) and not _hold(held, largest):
            return largest
    elif not held[0].ground.policy.rules.may_release:
        return None
    everything = _largest(held, [_everything(each.ground) for each in held])
    return None if _hold(held, everything) else everything


def _is_payable(reason: Reason) -> bool:
    return reason.code in PAYABLE or (reason.code is ReasonCode.ACCOUNT_STATUS and reason.value is not None)


def _largest(held: Sequence[Held], plans: Iterable[Mapping[str | None, Decimal]]) -> Paid:
    """Take the larger payment under each contract, in the currency of the first ground."""
    currency = held[0].ground.currency
    result: Paid = {}
    for each, plan in zip(held, plans, strict=False):
        for contract, amount in plan.items():
            part = each.ground.convert(Money(amount, each.ground.currency), currency).amount
            rounding = ZERO if each.ground.currency == currency else ONE_KOPECK
            result[contract] = max(result.get(contract, ZERO), part + rounding)
    return result


def _hold(held: Sequence[Held], paid: Mapping[str | None, Decimal]) -> bool:
    """Tell whether any of the decisions would still hold after these payments."""
    currency = held[0].ground.currency
    for ground in (each.ground for each in held):
        amounts = {
            contract: ground.convert(Money(amount, currency), ground.currency).amount
            for contract, amount in paid.items()
        }
        positions = post(ground.positions, amounts, currency=ground.currency)
        if judge(replace(ground, positions=positions)).holds:
            return True
    return False


def _plan(held: Held) -> PaymentPlan | None:
    """Plan what each reason asks for: overdue first, then what exposure is too large by; None: none does."""
    ground, reasons = held.ground, held.decision.reasons
    plan = clear_overdue(ground.positions, ground.lateness, grace_days=_tolerated_days(reasons))
    if any(reason.code is ReasonCode.ACCOUNT_STATUS for reason in reasons):
        _pay_all(plan, ground)
    excess = max((_excess(ground, reason) for reason in reasons), default=ZERO)
    if excess > plan.total:
        settlements = _with_candidate(
            ground, sum_settlements(ground.positions, ground.reserves, ground.counting)
        )
        if not clear_excess(
            plan,
            settlements,
            excess=excess,
            contract=ground.candidate.contract,
            net_scope=ground.policy.net_scope,
        ):
            return None
    return plan


def _with_candidate(ground: Ground, settlements: Settlements) -> Settlements:
    settlements.promise(ground.candidate.contract, ground.candidate.amount.amount)
    return settlements


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


def _everything(ground: Ground) -> Paid:
    """Pay off every debt and all that is promised under each contract; the deal's own is lowered last."""
    every = replace(ground.counting, components=EVERY_COMPONENT)
    settlements = _with_candidate(ground, sum_settlements(ground.positions, ground.reserves, every))
    under, own = settlements.by_contract, ground.candidate.contract
    if not under and ground.policy.net_scope is NetScope.CUSTOMER:
        settlements.under(None)
    promised = sum((each.shipped + each.promised for each in under.values()), sum(settlements.loose, ZERO))
    order = sorted(under, key=lambda ref: (ref == own, ref is None, ref or ""))
    return {ref: under[ref].receivables + promised for ref in order}


def _tighten(held: Sequence[Held], paid: Paid, contract: str | None) -> None:
    """Lower one payment to the least that still releases beside the others."""
    enough = paid[contract]
    if _hold(held, paid | {contract: enough - ONE_KOPECK}):
        return
    too_little = -ONE_KOPECK
    enough -= ONE_KOPECK
    while enough - too_little > ONE_KOPECK:
        middle = ((enough + too_little) / 2).quantize(CENT, rounding=ROUND_CEILING)
        if middle >= enough:
            break
        if _hold(held, paid | {contract: middle}):
            too_little = middle
        else:
            enough = middle
    paid[contract] = enough
