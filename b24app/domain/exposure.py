"""Exposure: what we stand to lose if this shipment goes (credit_management K1, K2)."""

from __future__ import annotations

from dataclasses import dataclass
from dataclasses import field
from datetime import date
from decimal import Decimal
from enum import Enum
from typing import TYPE_CHECKING

from b24app.domain.money import Money
from b24app.domain.money import amount_in

if TYPE_CHECKING:
    from collections.abc import Iterable

    from b24app.domain.receivable import Position

ZERO = Decimal(0)


class NetScope(Enum):
    """Within what an advance extinguishes a debt: one contract, the whole client, or nowhere (K1)."""

    CONTRACT = "contract"
    CUSTOMER = "customer"
    OFF = "off"


class Component(Enum):
    """A part of exposure that may be left out (K1, N12, A1); advances are `NetScope`'s business."""

    RECEIVABLES = "receivables"
    SHIPPED = "shipped"
    RESERVED = "reserved"


EVERY_COMPONENT = frozenset(Component)


@dataclass(frozen=True, slots=True)
class Candidate:
    """The document under check: the tax-included value still to ship, and its contract.

    `contract` None: not known which; then no advance is netted against it (never looser than any contract).
    A zero or negative amount is a return or an empty deal and is never held (E45).
    """

    contract: str | None
    amount: Money


@dataclass(frozen=True, slots=True)
class Reserve:
    """Room already promised to another deal (K1 RES); `ship_on` is the planned day, None when not known."""

    deal_id: int
    contract: str | None
    amount: Money
    ship_on: date | None = None


@dataclass(frozen=True, slots=True)
class Exposure:
    """Exposure by component. `before` is without the candidate, `after` with it; both after netting.

    `credit` is all unallocated money, netted or not; `before`/`after` say what it was worth. `insured` is the
    cover that lowered both by its full value (D20).
    """

    receivables: Money
    shipped_not_invoiced: Money
    reserved: Money
    credit: Money
    candidate: Money
    before: Money
    after: Money
    insured: Money | None = None


@dataclass(slots=True)
class ContractSums:
    """What stands under one contract, in plain decimals of one currency."""

    receivables: Decimal = ZERO
    shipped: Decimal = ZERO
    promised: Decimal = ZERO
    credit: Decimal = ZERO

    def net(self, net_scope: NetScope) -> Decimal:
        """Return the debt less what may be netted against it; negative when the advance is larger."""
        gross = self.receivables + self.shipped + self.promised
        return gross if net_scope is NetScope.OFF else gross - self.credit


@dataclass(slots=True)
class Settlements:
    """Sums by contract. `loose` are promises under a contract nobody knows: no advance reaches them.

    `reserved` is all that is promised to other deals.
    """

    by_contract: dict[str | None, ContractSums] = field(default_factory=dict)
    loose: list[Decimal] = field(default_factory=list)
    reserved: Decimal = ZERO

    def under(self, contract: str | None) -> ContractSums:
        """Return the sums of a contract, empty ones when it is new."""
        return self.by_contract.setdefault(contract, ContractSums())

    def promise(self, contract: str | None, amount: Decimal) -> None:
        """Add a reserve or the candidate to its scope."""
        if contract is None:
            self.loose.append(amount)
        else:
            self.under(contract).promised += amount

    def exposed(self, net_scope: NetScope) -> Decimal:
        """Add up the scopes; none of them is worth less than nothing (K1)."""
        nets = [sums.net(net_scope) for sums in self.by_contract.values()] + self.loose
        if net_scope is NetScope.CUSTOMER:
            return max(ZERO, sum(nets, ZERO))
        return sum((net for net in nets if net > 0), ZERO)


def without_deal(reserves: Iterable[Reserve], deal_id: int) -> tuple[Reserve, ...]:
    """Leave out what is promised to the deal under check: it is counted once, as the candidate (K2)."""
    return tuple(reserve for reserve in reserves if reserve.deal_id != deal_id)


@dataclass(frozen=True, slots=True)
class Counting:
    """How exposure is counted: netting scope, components, and the cover that lowers it (K1, D20)."""

    currency: str
    net_scope: NetScope = NetScope.CONTRACT
    components: frozenset[Component] = EVERY_COMPONENT
    insured: Money | None = None


def sum_settlements(positions: Iterable[Position], reserves: Iterable[Reserve], how: Counting) -> Settlements:
    """Gather the components of exposure by contract; raises `CurrencyMismatchError` for foreign money."""
    result = Settlements()
    currency = how.currency
    owed, shipped, promised = (part in how.components for part in Component)
    for position in positions:
        sums = result.under(position.contract)
        if owed:
            for instalment in position.instalments:
                sums.receivables += amount_in(instalment.open_amount, currency)
        if shipped:
            sums.shipped += amount_in(position.shipped_not_invoiced, currency)
        sums.credit += amount_in(position.credit, currency)
    for reserve in reserves if promised else ():
        amount = amount_in(reserve.amount, currency)
        result.promise(reserve.contract, amount)
        result.reserved += amount
    return result


def measure_exposure(
    positions: Iterable[Position], reserves: Iterable[Reserve], candidate: Candidate, how: Counting
) -> Exposure:
    """Measure exposure before and after the candidate, which is netted inside its own scope (K1, K2).

    `reserves` are those of other deals. Raises `CurrencyMismatchError` when an amount other than zero is in
    another currency.
    """
    currency = how.currency

    def as_money(amount: Decimal) -> Money:
        return Money(amount, currency) if amount else Money.zero(currency)

    settlements = sum_settlements(positions, reserves, how)
    addition = amount_in(candidate.amount, currency)
    covered = amount_in(how.insured, currency) if how.insured is not None else ZERO
    before = settlements.exposed(how.net_scope)
    settlements.promise(candidate.contract, addition)
    sums = settlements.by_contract.values()
    return Exposure(
        receivables=as_money(sum((each.receivables for each in sums), ZERO)),
        shipped_not_invoiced=as_money(sum((each.shipped for each in sums), ZERO)),
        reserved=as_money(settlements.reserved),
        credit=as_money(sum((each.credit for each in sums), ZERO)),
        candidate=candidate.amount if addition else Money.zero(currency),
        before=as_money(max(ZERO, before - covered)),
        after=as_money(max(ZERO, settlements.exposed(how.net_scope) - covered)),
        insured=how.insured,
    )
