"""The smallest payments that release a held deal, worked out without trying them."""

from __future__ import annotations

from dataclasses import dataclass
from dataclasses import field
from dataclasses import replace
from datetime import date
from decimal import ROUND_CEILING
from decimal import Decimal
from typing import TYPE_CHECKING

from b24app.domain.exposure import NetScope
from b24app.domain.money import CENT
from b24app.domain.money import Money
from b24app.domain.overdue import late_scopes
from b24app.domain.receivable import Position

if TYPE_CHECKING:
    from collections.abc import Mapping
    from collections.abc import Sequence

    from b24app.domain.exposure import Settlements
    from b24app.domain.overdue import Lateness
    from b24app.domain.overdue import LateScope

ZERO = Decimal(0)


@dataclass(slots=True)
class PaymentPlan:
    """Payments by contract, in the order they were found necessary."""

    by_contract: dict[str | None, Decimal] = field(default_factory=dict)

    def add(self, contract: str | None, amount: Decimal) -> None:
        """Raise the payment under a contract."""
        self.by_contract[contract] = self.by_contract.get(contract, ZERO) + amount

    @property
    def total(self) -> Decimal:
        """All payments together."""
        return sum(self.by_contract.values(), ZERO)


def clear_overdue(positions: Sequence[Position], how: Lateness, *, grace_days: int | None) -> PaymentPlan:
    """Plan the payments after which no instalment is late by more than `grace_days` (K5); None plans nothing.

    A payment extinguishes the oldest late instalment of its contract first. Where a tolerance is forgiven and
    one advance serves several contracts, each payment is the least beside the others, and another split could
    save less than the tolerance per contract.
    """
    plan = PaymentPlan()
    if grace_days is None:
        return plan
    scopes = late_scopes(positions, how)
    if how.net_scope is NetScope.CUSTOMER and not any(scope.money for scope in scopes):
        scopes = late_scopes(positions, how, net_scope=NetScope.CONTRACT)
    for scope in scopes:
        _clear_scope(plan, scope, how, grace_days=grace_days)
    return plan


def _clear_scope(plan: PaymentPlan, scope: LateScope, how: Lateness, *, grace_days: int) -> None:
    """Pay up to the last blocking instalment above the tolerance, oldest first."""
    blocking = [late for late in scope.instalments if (how.on - late.due).days > grace_days]
    needed = running = ZERO
    for late in blocking:
        running += late.amount
        if late.amount > how.tolerance:
            needed = running - how.tolerance
    missing = max(ZERO, (needed - scope.money).quantize(CENT, rounding=ROUND_CEILING))
    for late in blocking:
        if not missing:
            return
        part = min(missing, late.amount)
        plan.add(late.contract, part)
        missing -= part


def clear_excess(
    plan: PaymentPlan,
    settlements: Settlements,
    *,
    excess: Decimal,
    contract: str | None,
    net_scope: NetScope,
) -> bool:
    """Add to the plan what is still missing to bring exposure down by `excess`; False: no payment can.

    `settlements` include the candidate, `contract` is the candidate's. Its contract is paid first (it may be
    an advance), then the contracts with the largest debts.
    """
    missing = excess - plan.total
    payable = _payable(plan, settlements, contract=contract, net_scope=net_scope)
    for under in sorted(payable, key=lambda ref: (ref is None or ref != contract, -payable[ref], ref or "")):
        if missing <= 0:
            break
        part = min(missing, payable[under])
        if part > 0:
            plan.add(under, part)
            missing -= part
    return missing <= 0


def _payable(
    plan: PaymentPlan, settlements: Settlements, *, contract: str | None, net_scope: NetScope
) -> Mapping[str | None, Decimal]:
    """Tell how much more a payment under each contract would still extinguish."""
    contracts = settlements.by_contract
    if net_scope is NetScope.CUSTOMER:
        nets = sorted(contracts, key=lambda ref: (-contracts[ref].net(net_scope), ref or ""))
        chosen = contract if contract is not None or not nets else nets[0]
        return {chosen: settlements.exposed(net_scope) - plan.total}
    paid = plan.by_contract
    if net_scope is NetScope.OFF:
        return {ref: sums.receivables - paid.get(ref, ZERO) for ref, sums in contracts.items()}
    return {ref: sums.net(net_scope) - paid.get(ref, ZERO) for ref, sums in contracts.items()}


def post(
    positions: Sequence[Position], paid: Mapping[str | None, Decimal], *, currency: str
) -> tuple[Position, ...]:
    """Post payments as accounting does: the oldest debt under each contract first, the rest is an advance.

    All amounts are in `currency`.
    """
    left = {contract: amount for contract, amount in paid.items() if amount > 0}
    if not left:
        return tuple(positions)
    debts = sorted(
        (
            (debt.due or date.max, debt.document, debt.open_amount.amount, where, place)
            for where, position in enumerate(positions)
            if position.contract in left
            for place, debt in enumerate(position.instalments)
        )
    )
    open_debts = [list(position.instalments) for position in positions]
    for _, _, amount, where, place in debts:
        contract = positions[where].contract
        part = min(left[contract], amount)
        if part > 0:
            left[contract] -= part
            debt = open_debts[where][place]
            rest = Money(amount - part, debt.open_amount.currency)
            open_debts[where][place] = replace(debt, open_amount=rest)
    result = [
        replace(position, instalments=tuple(debts)) if position.contract in left else position
        for position, debts in zip(positions, open_debts, strict=True)
    ]
    return (*result, *(_advance(contract, rest, currency) for contract, rest in left.items() if rest > 0))


def _advance(contract: str | None, amount: Decimal, currency: str) -> Position:
    nothing = Money.zero(currency)
    return Position(
        contract, currency, credit=Money(amount, currency), pending=nothing, shipped_not_invoiced=nothing
    )
