"""What applies to one client: his own, else his category's, else the policy's (F8, K4, D18, D20)."""

from __future__ import annotations

from dataclasses import dataclass
from dataclasses import replace
from typing import TYPE_CHECKING
from typing import TypeVar

from b24app.domain.client import NO_ENTRY
from b24app.domain.limits import NOT_SET
from b24app.domain.limits import Granted
from b24app.domain.limits import LimitSource
from b24app.domain.limits import ResolvedLimit
from b24app.domain.limits import Unlimited
from b24app.domain.limits import resolve_limit
from b24app.domain.money import Money

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import date
    from decimal import Decimal

    from b24app.domain.client import AccountStatus
    from b24app.domain.client import Category
    from b24app.domain.client import ClientEntry
    from b24app.domain.client import ClientFacts
    from b24app.domain.client import CreditGroup
    from b24app.domain.client import TemporaryLimit
    from b24app.domain.limits import CreditLimit
    from b24app.domain.policy import Policy

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Profile:
    """A client as the policy sees him on one day.

    `terms`: code of his own payment term, what an order's is compared with (D2). `terms_days`: the longest
    deferral allowed, days. `grace_days` None: no overdue test of our own. `limit_until`: the last day of his
    limit; a credit group's replaces his own (D19).
    """

    inn: str
    entry: ClientEntry
    category: Category
    status: AccountStatus | None
    pool: CreditGroup | None
    group: str | None
    risk: str | None
    strategic: bool
    terms: str | None
    terms_days: int | None
    limit_until: date | None
    grace_days: int | None
    tolerance: Decimal
    order_limit: Money | None


def profile_of(inn: str, facts: ClientFacts, policy: Policy) -> Profile:
    """Merge what is known of a client; the most specific word wins."""
    entry = policy.entry(inn)
    if entry is not NO_ENTRY:
        facts = _overlaid(facts, entry)
    category = policy.category(facts.category)
    pool = policy.pool_of(inn)
    return Profile(
        inn=inn,
        entry=entry,
        category=category,
        status=policy.status(facts.status),
        pool=pool,
        group=facts.group,
        risk=facts.risk or policy.risk_of(facts.score),
        strategic=facts.strategic,
        terms=_terms(facts, entry, category, policy),
        terms_days=_first(facts.terms_days, _days_of(entry.terms, policy), category.terms_days),
        limit_until=pool.until if pool is not None else facts.limit_until,
        grace_days=_first(entry.overdue_grace_days, category.overdue_grace_days, policy.overdue_grace_days),
        tolerance=_tolerance(entry, category, policy),
        order_limit=_first(entry.order_limit, category.order_limit, policy.order_limit),
    )


def _tolerance(entry: ClientEntry, category: Category, policy: Policy) -> Decimal:
    own = _first(entry.overdue_tolerance, category.overdue_tolerance)
    return policy.overdue_tolerance if own is None else own


def _days_of(terms: str | None, policy: Policy) -> int | None:
    """Return the deferral of a term of the client's own: it stands over his category's longest (F8 AC1)."""
    term = policy.term(terms)
    return term.days if term is not None else None


def _first(*levels: T | None) -> T | None:
    """Return what the most specific level says."""
    for each in levels:
        if each is not None:
            return each
    return None


def _overlaid(facts: ClientFacts, entry: ClientEntry) -> ClientFacts:
    """Lay what the policy says of one client over what card and accounting say."""
    return replace(
        facts,
        category=entry.category or facts.category,
        status=entry.status or facts.status,
        group=entry.group or facts.group,
        risk=entry.risk or facts.risk,
        strategic=facts.strategic if entry.strategic is None else entry.strategic,
        terms_days=facts.terms_days if entry.terms_days is None else entry.terms_days,
        limit_until=entry.limit_until or facts.limit_until,
    )


def _terms(facts: ClientFacts, entry: ClientEntry, category: Category, policy: Policy) -> str | None:
    """Name the client's own payment term: said of him, of his days, of his category, of everybody."""
    if entry.terms is not None:
        return entry.terms
    by_days = policy.term_of_days(facts.terms_days)
    if by_days is not None:
        return by_days.code
    return category.terms or policy.default_terms


def limit_of(
    own: CreditLimit,
    profile: Profile,
    policy: Policy,
    *,
    on: date,
    convert: Callable[[Money, str], Money],
) -> ResolvedLimit:
    """Find the total limit of a day (K4, D18, D20).

    The base comes from the client, his credit group, his category or the company. A temporary limit valid
    today replaces it, guarantees and insurance are added in its currency. The smaller of that and the limit
    of his credit group counts, which no cover of a single member raises. Raises `MissingRateError`.
    """
    entry, pool = profile.entry, profile.pool
    levels = [
        (LimitSource.CUSTOMER, own),
        (LimitSource.GROUP, Granted(pool.limit) if pool is not None else NOT_SET),
        (LimitSource.CATEGORY, profile.category.limit),
    ]
    base = resolve_limit(levels, policy.default_limit)
    if profile.limit_until is not None:
        base = replace(base, expires=profile.limit_until)
    if entry.temporary and (temporary := _temporary(entry, on)) is not None:
        amount = temporary.amount
        if isinstance(base.limit, Granted):
            amount = convert(amount, base.limit.amount.currency)
        base = replace(
            base, limit=Granted(amount), source=LimitSource.CUSTOMER, temporary_until=temporary.ends
        )
    if base.source is LimitSource.GROUP:
        return base
    if entry.covers:
        base = _covered(base, entry, on, convert)
    return base if pool is None else _smaller(base, pool, convert)


def _smaller(own: ResolvedLimit, pool: CreditGroup, convert: Callable[[Money, str], Money]) -> ResolvedLimit:
    """Take the smaller of the client's own and the group's limit; an unlimited member stays so (D18)."""
    if isinstance(own.limit, Unlimited):
        return own
    shared = convert(pool.limit, own.limit.amount.currency)
    if own.limit.amount <= shared:
        return own
    return ResolvedLimit(Granted(shared), LimitSource.GROUP, expires=own.expires)


def _temporary(entry: ClientEntry, on: date) -> TemporaryLimit | None:
    """Return the temporary limit of a day; of overlapping ones the last given wins (D22)."""
    return next((each for each in reversed(entry.temporary) if each.is_valid(on)), None)


def _covered(
    base: ResolvedLimit, entry: ClientEntry, on: date, convert: Callable[[Money, str], Money]
) -> ResolvedLimit:
    if not isinstance(base.limit, Granted):
        return base
    currency = base.limit.amount.currency
    added = Money.zero(currency)
    for cover in entry.covers:
        if cover.is_valid(on) and not cover.in_exposure:
            added += convert(cover.worth, currency)
    if not added:
        return base
    return replace(base, limit=Granted(base.limit.amount + added), cover=added)


def insured(
    profile: Profile, *, on: date, currency: str, convert: Callable[[Money, str], Money]
) -> Money | None:
    """Sum the cover that lowers exposure by its full value (D20 *Included in exposure*); None without any."""
    found = None
    for cover in profile.entry.covers:
        if cover.is_valid(on) and cover.in_exposure:
            amount = convert(cover.amount, currency)
            found = amount if found is None else found + amount
    return found
