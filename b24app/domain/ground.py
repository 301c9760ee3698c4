"""The ground of a decision: the facts in one currency, in the scope the policy counts (K1, N8, N9, A19)."""

from __future__ import annotations

from dataclasses import dataclass
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from typing import TYPE_CHECKING
from typing import Final

from b24app.domain.errors import MissingRateError
from b24app.domain.exposure import Candidate
from b24app.domain.exposure import Counting
from b24app.domain.limits import Granted
from b24app.domain.money import Money
from b24app.domain.overdue import Lateness
from b24app.domain.policy import AccountScope
from b24app.domain.profile import insured
from b24app.domain.profile import limit_of
from b24app.domain.profile import profile_of
from b24app.domain.rates import Rates

if TYPE_CHECKING:
    from collections.abc import Callable
    from collections.abc import Iterable
    from collections.abc import Iterator
    from datetime import date

    from b24app.domain.case import AssessmentCase
    from b24app.domain.exposure import Reserve
    from b24app.domain.limits import ResolvedLimit
    from b24app.domain.policy import Policy
    from b24app.domain.profile import Profile
    from b24app.domain.receivable import Position


_SEVERAL: Final = 2
_NO_CONTRACT: Final = "no contract: "


@dataclass(frozen=True, slots=True)
class Ground:
    """A case as the policy sees it, every amount in `currency` (the limit's, or the order's without one).

    `met`: the other currencies its money or its thresholds stand in, for the record (N8). `pool_others`: what
    the other members of the credit group use, in the group's currency; None without a group, or where a
    member is not known.
    """

    case: AssessmentCase
    policy: Policy
    profile: Profile
    limit: ResolvedLimit
    currency: str
    positions: tuple[Position, ...]
    reserves: tuple[Reserve, ...]
    candidate: Candidate
    met: frozenset[str]
    counting: Counting
    lateness: Lateness
    pool_others: Money | None
    rates: Rates

    def convert(self, money: Money, currency: str) -> Money:
        """Bring an amount to another currency at the rates of the day; raises `MissingRateError`."""
        return self.rates.convert(money, currency)


def lay_ground(case: AssessmentCase, policy: Policy) -> Ground:
    """Resolve the client's profile and limit and bring the facts to one currency, once (N8).

    Raises `MissingRateError` when two currencies meet and no rate young enough is known.
    """
    rates = (case.rates or Rates(policy.currency)).not_older(case.on - timedelta(days=policy.max_rate_age))
    profile = profile_of(case.figures.inn, case.client, policy)
    limit = limit_of(case.own_limit, profile, policy, on=case.on, convert=rates.convert)
    currency = _currency(case, limit)
    positions = _apart(tuple(_in_scope(case.figures.positions, case, policy)))
    reserves = tuple(_counted(case.reserves, case, policy))
    foreign = _foreign(case, positions, reserves, currency)
    if foreign:
        _refuse_without_rates(foreign, currency, rates)
        positions = tuple(_converted(position, currency, rates.convert) for position in positions)
    return Ground(
        case=case,
        policy=policy,
        profile=profile,
        limit=limit,
        currency=currency,
        positions=positions,
        reserves=tuple(_reserve_in(each, currency, rates.convert) for each in reserves),
        candidate=_candidate_in(case.candidate, currency, rates.convert),
        met=foreign | _thresholds(case, profile, policy) if rates.known else foreign,
        counting=Counting(
            currency,
            policy.net_scope,
            policy.components,
            insured(profile, on=case.on, currency=currency, convert=rates.convert),
        ),
        lateness=Lateness(
            case.on,
            currency,
            policy.net_scope,
            _tolerance(profile, policy, currency, rates.convert),
            _disputed(profile, case.on, currency, rates.convert),
        ),
        pool_others=_pool_others(case, profile, rates.convert),
        rates=rates,
    )


def _currency(case: AssessmentCase, limit: ResolvedLimit) -> str:
    granted = limit.limit
    return granted.amount.currency if isinstance(granted, Granted) else case.candidate.amount.currency


# -- whose debt counts


def _in_scope(positions: Iterable[Position], case: AssessmentCase, policy: Policy) -> Iterable[Position]:
    """Leave out what the client owes to our other companies where the policy says so (F25 AC4, N9).

    A debt whose company is not known counts everywhere.
    """
    own = case.organisation
    if policy.account_scope is AccountScope.GROUP or own is None:
        return positions
    return (each for each in positions if each.organisation is None or each.organisation == own)


def _apart(positions: tuple[Position, ...]) -> tuple[Position, ...]:
    """Keep what stands under no contract apart by the own company it is owed to (K1, N9).

    An advance at one of our companies extinguishes no debt at another, so each such settlement gets a scope
    of its own; `contract_of_scope` tells it from a contract.
    """
    loose = {each.organisation for each in positions if each.contract is None}
    if len(loose) < _SEVERAL:
        return positions
    return tuple(
        each if each.contract is not None else replace(each, contract=f"{_NO_CONTRACT}{each.organisation}")
        for each in positions
    )


def contract_of_scope(scope: str | None) -> str | None:
    """Return the contract of a netting scope, None where it stands for one of our companies."""
    return None if scope is not None and scope.startswith(_NO_CONTRACT) else scope


def _counted(reserves: Iterable[Reserve], case: AssessmentCase, policy: Policy) -> Iterator[Reserve]:
    """Leave out the deal itself (K2), orders delivered after the horizon (A19), other companies' (N9)."""
    last = None if policy.horizon_days is None else case.on + timedelta(days=policy.horizon_days)
    own = case.organisation if policy.account_scope is AccountScope.ORGANISATION else None
    sellers = {row.ref: row.organisation for row in case.figures.contracts} if own is not None else {}
    for reserve in reserves:
        if case.deal_id and reserve.deal_id == case.deal_id:
            continue
        if last is not None and reserve.ship_on is not None and reserve.ship_on > last:
            continue
        seller = sellers.get(reserve.contract or "")
        if own is None or seller is None or seller == own:
            yield reserve


def _pool_others(
    case: AssessmentCase, profile: Profile, convert: Callable[[Money, str], Money]
) -> Money | None:
    """Sum what the other members of the credit group use; None where one of them was not read (D19)."""
    pool = profile.pool
    if pool is None or case.pool is None:
        return None
    known = {member.inn: member.exposure for member in case.pool}
    others = pool.members - {profile.inn}
    if not others <= known.keys():
        return None
    total = Money.zero(pool.limit.currency)
    for inn in others:
        total += convert(known[inn], pool.limit.currency)
    return total


# -- one currency


def _thresholds(case: AssessmentCase, profile: Profile, policy: Policy) -> frozenset[str]:
    """Name the currencies of what the money of the case is compared with."""
    entry, pool, own = profile.entry, profile.pool, case.own_limit
    soft = policy.strategic if profile.strategic else None
    amounts: list[Money | None] = [
        own.amount if isinstance(own, Granted) else None,
        pool.limit if pool is not None else None,
        soft.amount if soft is not None else None,
        profile.order_limit,
        *(each.amount for each in entry.temporary),
        *(each.amount for each in entry.covers),
        *(each.amount for each in entry.disputes),
        *(member.exposure for member in case.pool or ()),
    ]
    return policy.rules.currencies | {each.currency for each in amounts if each is not None}


def _foreign(
    case: AssessmentCase, positions: Iterable[Position], reserves: Iterable[Reserve], currency: str
) -> frozenset[str]:
    """Name the other currencies that money of the case is in; nothing is nothing in every currency."""
    every = _all_money(case.candidate, positions, reserves)
    return frozenset([each.currency for each in every if each.currency != currency and each.amount])


def _refuse_without_rates(foreign: frozenset[str], currency: str, rates: Rates) -> None:
    missing = sorted(each for each in foreign if not rates.can_convert(each, currency))
    if missing:
        raise MissingRateError(", ".join(missing), currency)


def _converted(position: Position, currency: str, convert: Callable[[Money, str], Money]) -> Position:
    return replace(
        position,
        currency=currency,
        instalments=tuple(
            replace(each, open_amount=_moved(each.open_amount, currency, convert))
            for each in position.instalments
        ),
        credit=_moved(position.credit, currency, convert),
        pending=_moved(position.pending, currency, convert),
        shipped_not_invoiced=_moved(position.shipped_not_invoiced, currency, convert),
    )


def _moved(money: Money, currency: str, convert: Callable[[Money, str], Money]) -> Money:
    """Convert; nothing is nothing in every currency."""
    if money.currency == currency:
        return money
    return convert(money, currency) if money else Money.zero(currency)


def _reserve_in(reserve: Reserve, currency: str, convert: Callable[[Money, str], Money]) -> Reserve:
    if reserve.amount.currency == currency:
        return reserve
    return replace(reserve, amount=_moved(reserve.amount, currency, convert))


def _candidate_in(candidate: Candidate, currency: str, convert: Callable[[Money, str], Money]) -> Candidate:
    if candidate.amount.currency == currency:
        return candidate
    return Candidate(candidate.contract, _moved(candidate.amount, currency, convert))


def _tolerance(
    profile: Profile, policy: Policy, currency: str, convert: Callable[[Money, str], Money]
) -> Decimal:
    if currency == policy.currency or not profile.tolerance:
        return profile.tolerance
    return convert(Money(profile.tolerance, policy.currency), currency).amount


def _disputed(
    profile: Profile, on: date, currency: str, convert: Callable[[Money, str], Money]
) -> dict[str, Decimal]:
    found: dict[str, Decimal] = {}
    for dispute in profile.entry.disputes:
        if dispute.is_open(on):
            amount = _moved(dispute.amount, currency, convert).amount
            found[dispute.document] = found.get(dispute.document, Decimal(0)) + amount
    return found


def _all_money(
    candidate: Candidate, positions: Iterable[Position], reserves: Iterable[Reserve]
) -> Iterator[Money]:
    yield candidate.amount
    for reserve in reserves:
        yield reserve.amount
    for position in positions:
        yield position.credit
        yield position.pending
        yield position.shipped_not_invoiced
        for instalment in position.instalments:
            yield instalment.open_amount
