"""The decision: one pure `assess`, all reasons, four outcomes (credit_management K3, K6, K7, K11)."""

from __future__ import annotations

from dataclasses import dataclass
from dataclasses import field
from datetime import date
from datetime import datetime
from datetime import timedelta
from decimal import Decimal
from enum import Enum
from typing import TYPE_CHECKING

from b24app.domain.errors import CurrencyMismatchError
from b24app.domain.exposure import Candidate
from b24app.domain.exposure import Exposure
from b24app.domain.exposure import NetScope
from b24app.domain.exposure import Reserve
from b24app.domain.exposure import measure_exposure
from b24app.domain.exposure import sum_settlements
from b24app.domain.limits import Granted
from b24app.domain.limits import ResolvedLimit
from b24app.domain.money import ONE_KOPECK
from b24app.domain.money import Money
from b24app.domain.overdue import Overdue
from b24app.domain.overdue import measure_overdue
from b24app.domain.receivable import AccountFigures
from b24app.domain.settlement import clear_excess
from b24app.domain.settlement import clear_overdue

if TYPE_CHECKING:
    from collections.abc import Iterator


class Outcome(Enum):
    """What a check answers (K7). TECHNICAL: data missing or too old; fails closed."""

    ALLOW = "allow"
    ALLOW_NOTIFY = "allow_notify"
    HOLD = "hold"
    TECHNICAL = "technical"


class ReasonCode(Enum):
    """Why a deal is held (K11); only those the program can give."""

    LIMIT = "LIMIT"
    OVERDUE_DAYS = "OVERDUE_DAYS"
    TECHNICAL = "TECHNICAL"


class TechnicalCause(Enum):
    """What was missing for a decision."""

    LEDGER_SILENT = "ledger_silent"
    LEDGER_MISCONFIGURED = "ledger_misconfigured"
    DATA_STALE = "data_stale"
    NO_COMPANY = "no_company"
    NO_TAX_NUMBER = "no_tax_number"
    SEVERAL_TAX_NUMBERS = "several_tax_numbers"
    CLIENT_UNKNOWN = "client_unknown"
    OTHER_CURRENCY = "other_currency"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class Reason:
    """One reason with its numbers (K11).

    LIMIT: `value` exposure after, `threshold` the limit, `excess` their difference (all money).
    OVERDUE_DAYS: `excess` the overdue sum, `days` the oldest, `days_allowed` the tolerance in days.
    TECHNICAL: `cause` and `detail` (a subject such as a currency or a tax number; never a secret).
    """

    code: ReasonCode
    value: Money | None = None
    threshold: Money | None = None
    excess: Money | None = None
    days: int | None = None
    days_allowed: int | None = None
    cause: TechnicalCause | None = None
    detail: str | None = None


@dataclass(frozen=True, slots=True)
class Policy:
    """The parameters of a decision; every value of K1..K12 that is configurable so far.

    `default_limit`: the company level of K4. `limit_inclusive`: block at equality as well (K3; default no).
    `version` is recorded with every check.
    """

    default_limit: Money
    net_scope: NetScope = NetScope.CONTRACT
    limit_inclusive: bool = False
    overdue_tolerance: Decimal = Decimal(0)
    overdue_grace_days: int = 0
    max_data_age: timedelta = timedelta(minutes=15)
    version: str = "1"


@dataclass(frozen=True, slots=True)
class AssessmentCase:
    """Everything a decision is made of, besides the policy: enough to make it again.

    `reserves` are those of other deals: the document under check is excluded first (K2). `on` is today in the
    portal's credit time zone (K12).
    """

    figures: AccountFigures
    limit: ResolvedLimit
    candidate: Candidate
    reserves: tuple[Reserve, ...]
    on: date
    now: datetime


@dataclass(frozen=True, slots=True)
class SettlingPayment:
    """Part of the smallest payment that would release: so much, under this contract."""

    contract: str | None
    amount: Money


@dataclass(frozen=True, slots=True)
class Decision:
    """A verdict with all its reasons and the arithmetic behind it.

    `to_release`: the smallest payments, by contract, after which no reason of money is left; empty when
    nothing is held or no payment helps.
    """

    outcome: Outcome
    reasons: tuple[Reason, ...]
    policy_version: str
    as_of: datetime | None
    exposure: Exposure | None = None
    overdue: Overdue | None = None
    limit: ResolvedLimit | None = None
    to_release: tuple[SettlingPayment, ...] = field(default=())

    @property
    def holds(self) -> bool:
        """Whether the goods must wait."""
        return self.outcome in {Outcome.HOLD, Outcome.TECHNICAL}


def assess(case: AssessmentCase, policy: Policy) -> Decision:
    """Decide whether the goods may go, with every reason and every number (K3, K5, K6, K7).

    Fails closed: figures older than `policy.max_data_age`, or money in a currency other than the limit's,
    give TECHNICAL. Nothing to ship is never held (E45). Calling it again with the same case changes nothing.
    """
    if not case.candidate.amount.is_positive:
        return _free_passage(case, policy)
    as_of = case.figures.as_of
    if case.now - as_of > policy.max_data_age:
        return assess_technical(TechnicalCause.DATA_STALE, None, policy, as_of=as_of)
    try:
        exposure, overdue = _measure(case, policy)
    except CurrencyMismatchError:
        return assess_technical(TechnicalCause.OTHER_CURRENCY, _foreign_money(case), policy, as_of=as_of)
    found = (_limit_reason(case, policy, exposure), _overdue_reason(policy, overdue))
    reasons = tuple(reason for reason in found if reason is not None)
    return Decision(
        outcome=Outcome.HOLD if reasons else Outcome.ALLOW,
        reasons=reasons,
        policy_version=policy.version,
        as_of=as_of,
        exposure=exposure,
        overdue=overdue,
        limit=case.limit,
        to_release=_to_release(case, policy, exposure) if reasons else (),
    )


def assess_technical(
    cause: TechnicalCause, detail: str | None, policy: Policy, as_of: datetime | None = None
) -> Decision:
    """Answer TECHNICAL: no decision could be made, so the goods wait (K7).

    `detail` is a subject such as a currency or a tax number, never a secret; `as_of` tells how old the
    figures were, if there were any.
    """
    reason = Reason(ReasonCode.TECHNICAL, cause=cause, detail=detail)
    return Decision(Outcome.TECHNICAL, (reason,), policy.version, as_of)


def _currency(case: AssessmentCase) -> str:
    """Name the one currency of the case: the limit's, or the candidate's when there is no limit."""
    limit = case.limit.limit
    return limit.amount.currency if isinstance(limit, Granted) else case.candidate.amount.currency


def _measure(case: AssessmentCase, policy: Policy) -> tuple[Exposure, Overdue]:
    currency = _currency(case)
    exposure = measure_exposure(
        case.figures, case.reserves, case.candidate, currency=currency, net_scope=policy.net_scope
    )
    overdue = measure_overdue(
        case.figures.positions,
        on=case.on,
        net_scope=policy.net_scope,
        tolerance=policy.overdue_tolerance,
        currency=currency,
    )
    return exposure, overdue


def _free_passage(case: AssessmentCase, policy: Policy) -> Decision:
    """Allow a return or an empty deal whatever the account owes, with figures where they add up (E45)."""
    try:
        exposure, overdue = _measure(case, policy)
    except CurrencyMismatchError:
        return Decision(Outcome.ALLOW, (), policy.version, case.figures.as_of, limit=case.limit)
    return Decision(Outcome.ALLOW, (), policy.version, case.figures.as_of, exposure, overdue, case.limit)


def _limit_reason(case: AssessmentCase, policy: Policy, exposure: Exposure) -> Reason | None:
    limit = case.limit.limit
    if not isinstance(limit, Granted):
        return None
    excess = exposure.after - limit.amount
    if excess.amount < 0 or not (excess or policy.limit_inclusive):
        return None
    return Reason(ReasonCode.LIMIT, value=exposure.after, threshold=limit.amount, excess=excess)


def _overdue_reason(policy: Policy, overdue: Overdue) -> Reason | None:
    """Hold on what is late by more than the grace days; younger overdue is only shown."""
    if overdue.max_days <= policy.overdue_grace_days:
        return None
    blocking = (item.amount.amount for item in overdue.items if item.days > policy.overdue_grace_days)
    return Reason(
        ReasonCode.OVERDUE_DAYS,
        excess=Money(sum(blocking, Decimal(0)), overdue.amount.currency),
        days=overdue.max_days,
        days_allowed=policy.overdue_grace_days,
    )


def _to_release(case: AssessmentCase, policy: Policy, exposure: Exposure) -> tuple[SettlingPayment, ...]:
    """Plan the smallest payments: what overdue asks for by contract, then what the limit still lacks."""
    currency = exposure.after.currency
    plan = clear_overdue(
        case.figures.positions,
        on=case.on,
        net_scope=policy.net_scope,
        tolerance=policy.overdue_tolerance,
        grace_days=policy.overdue_grace_days,
        currency=currency,
    )
    limit = case.limit.limit
    if isinstance(limit, Granted):
        excess = (exposure.after - limit.amount).amount + (ONE_KOPECK if policy.limit_inclusive else 0)
        contract = case.candidate.contract
        settlements = sum_settlements(case.figures.positions, case.reserves, currency=currency)
        settlements.promise(contract, case.candidate.amount.amount)
        if not clear_excess(plan, settlements, excess=excess, contract=contract, net_scope=policy.net_scope):
            return ()
    return tuple(
        SettlingPayment(contract, Money(amount, currency)) for contract, amount in plan.by_contract.items()
    )


def _foreign_money(case: AssessmentCase) -> str:
    """Name the currencies that stand in the way and the one they should be, the same in every language."""
    own = _currency(case)
    return f"{', '.join(sorted({each.currency for each in _all_money(case) if each} - {own}))} ≠ {own}"


def _all_money(case: AssessmentCase) -> Iterator[Money]:
    yield case.candidate.amount
    for reserve in case.reserves:
        yield reserve.amount
    for position in case.figures.positions:
        yield from (position.credit, position.pending, position.shipped_not_invoiced)
        for instalment in position.instalments:
            yield instalment.open_amount
