"""From figures to a finding: choose contract, terms and reserves, and ask the domain."""

from __future__ import annotations

from dataclasses import dataclass
from dataclasses import replace
from typing import TYPE_CHECKING

from b24app.domain.assess import assess
from b24app.domain.case import AssessmentCase
from b24app.domain.case import PoolMember
from b24app.domain.case import Release
from b24app.domain.case import TypedCard
from b24app.domain.client import NO_FACTS
from b24app.domain.client import facts_of_card
from b24app.domain.contracts import choose_contract
from b24app.domain.contracts import contracts_limit
from b24app.domain.contracts import facts_under
from b24app.domain.decision import Decision
from b24app.domain.decision import SkipKind
from b24app.domain.decision import assess_technical
from b24app.domain.errors import CurrencyMismatchError
from b24app.domain.exposure import Candidate
from b24app.domain.exposure import Reserve
from b24app.domain.limits import NOT_SET
from b24app.domain.pool import measure_member
from b24app.domain.rules import TechnicalCause
from b24app.services.cards import accepted_terms
from b24app.services.cards import known_card
from b24app.services.cards import review_card_of
from b24app.services.matter import Finding
from b24app.services.matter import account_of
from b24app.services.shipped import not_yet_shipped
from b24app.services.shipped import still_to_ship
from b24app.services.triage import ALLOWS
from b24app.services.triage import print_of

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from b24app.domain.card import CardReview
    from b24app.domain.client import ClientFacts
    from b24app.domain.limits import CreditLimit
    from b24app.domain.money import Money
    from b24app.domain.rates import Rates
    from b24app.domain.receivable import AccountFigures
    from b24app.domain.receivable import Contract
    from b24app.ports.book import UnitOfWork
    from b24app.ports.records import KnownCard
    from b24app.ports.records import ReserveRecord
    from b24app.services.matter import Matter
    from b24app.services.office import RatesOf
    from b24app.services.triage import Plan


@dataclass(frozen=True, slots=True)
class Accounts:
    """What one round learnt outside: figures by ИНН, exchange rates, or what was in the way."""

    figures: Mapping[str, AccountFigures]
    rates: Rates | None = None
    trouble: TechnicalCause | None = None


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What our database knows around one deal, read inside the transaction that decides.

    `reserves`: less what is shipped. `amount`: what of the deal is still to ship, None: all of it.
    """

    reserves: tuple[ReserveRecord, ...]
    known: KnownCard | None
    now: datetime
    pool: tuple[PoolMember, ...] | None = ()
    rates: Rates | None = None
    release: Release | None = None
    amount: Money | None = None


def look_around(
    unit: UnitOfWork, matter: Matter, figures: AccountFigures, accounts: Accounts, *, now: datetime
) -> Surroundings:
    """Read the reserves of the account, what is accepted of its card, and the rest of its credit group."""
    member_id, company = matter.portal.member_id, matter.deal.company
    stored = unit.cards.get(member_id, company.id) if company else None
    return Surroundings(
        reserves=tuple(
            not_yet_shipped(
                unit, unit.reserves.of_account(member_id, figures.inn, now=now), as_of=figures.as_of
            )
        ),
        amount=still_to_ship(unit, member_id, matter.deal.id, matter.deal.amount, as_of=figures.as_of),
        known=known_card(member_id, matter.portal.mode, company, stored) if company else None,
        now=now,
        pool=_pool(unit, matter, figures, accounts, now=now),
        rates=accounts.rates,
        release=_release(unit, matter),
    )


def contract_of(matter: Matter, figures: AccountFigures) -> str | None:
    """Return the deal's contract: the one named in its field, else the only active one in its currency.

    None when it is not certain: then no advance is netted against the deal, which is never looser.
    """
    deal = matter.deal
    found = choose_contract(_code(deal.contract), deal.amount.currency, figures.contracts)
    return found.ref if found is not None else None


def card_review(matter: Matter, known: KnownCard | None, authoritative: CreditLimit) -> CardReview | None:
    """Compare the company card with what our database accepted; None when there is no card."""
    company = matter.deal.company
    if company is None:
        return None
    accepted = accepted_terms(company, known, authoritative)
    return review_card_of(company, known, accepted)


def assess_matter(
    matter: Matter, plan: Plan, figures: AccountFigures, around: Surroundings
) -> tuple[Finding, CardReview | None]:
    """Decide one deal over the live figures of its account."""
    policy = matter.settings.policy
    try:
        own_limit = contracts_limit(figures.contracts)
    except CurrencyMismatchError as error:
        detail = f"{error.left}, {error.right}"
        refused = assess_technical(TechnicalCause.OTHER_CURRENCY, detail, policy, as_of=figures.as_of)
        return Finding(plan, figures.inn, refused, None, figures), None
    review = card_review(matter, around.known, own_limit)
    deal, contract = matter.deal, _contract(contract_of(matter, figures), figures)
    amount = around.amount if around.amount is not None else deal.amount
    case = AssessmentCase(
        figures=figures,
        own_limit=own_limit,
        candidate=Candidate(contract.ref if contract else None, amount),
        reserves=tuple(_reserve(row) for row in around.reserves if row.deal_id != deal.id),
        on=matter.settings.today(around.now),
        now=around.now,
        deal_id=deal.id,
        client=_accepted_facts(matter, around.known, contract),
        typed=_typed(review),
        terms=_code(deal.terms),
        discount=_code(deal.discount),
        organisation=contract.organisation if contract else None,
        pool=around.pool,
        rates=around.rates,
        release=around.release,
    )
    return Finding(plan, figures.inn, assess(case, policy), case, figures, own_limit), review


def technical(
    matter: Matter, plan: Plan, inn: str | None, cause: TechnicalCause, detail: str | None
) -> Finding:
    """Return the finding of a check that lacked its data."""
    decision: Decision = assess_technical(cause, detail, matter.settings.policy)
    return Finding(plan, inn, decision, None, None)


def with_rates(accounts: Accounts, matter: Matter, rates: RatesOf) -> Accounts:
    """Add exchange rates where another currency than the credit currency stands; else nobody is asked."""
    inn = account_of(matter).inn
    policy = matter.settings.policy
    met = policy.currencies | {matter.deal.amount.currency}
    for each in policy.sharing([inn] if inn else []):
        figures = accounts.figures.get(each)
        met |= figures.currencies if figures is not None else frozenset()
    return (
        accounts if met == {policy.currency} else replace(accounts, rates=rates.of(matter.portal.member_id))
    )


# -- the parts


def _contract(ref: str | None, figures: AccountFigures) -> Contract | None:
    return next((row for row in figures.contracts if row.ref == ref), None)


def _reserve(row: ReserveRecord) -> Reserve:
    return Reserve(row.deal_id, row.contract, row.amount)


def _typed(review: CardReview | None) -> TypedCard | None:
    if review is None or not review.tampered:
        return None
    return TypedCard(review.found.limit, facts_of_card(review.found))


def _code(value: str | None) -> str | None:
    return (value or "").strip() or None


def _accepted_facts(matter: Matter, known: KnownCard | None, contract: Contract | None) -> ClientFacts:
    """Return what is accepted of the client; the deferral of the deal's own contract is the nearest word."""
    company = matter.deal.company
    facts = facts_of_card(accepted_terms(company, known, NOT_SET)) if company is not None else NO_FACTS
    return facts_under(facts, contract)


def _release(unit: UnitOfWork, matter: Matter) -> Release | None:
    """Return the deal's last permission while it is what was permitted (D15, D16).

    A check that was passed over in the days of grace does not begin them anew.
    """
    record, deal = matter.standing.record, matter.deal
    if not matter.settings.policy.stage_grace_days or record is None or record.permitted is None:
        return None
    if record.outcome not in ALLOWS or print_of(deal, record.permitted) != record.fingerprint:
        return None
    check = unit.checks.get(record.check_id)
    if check is None:
        return None
    skipped = check.decision.skipped
    if skipped is not None and skipped.kind is SkipKind.GRACE_UNTIL and check.case is not None:
        return check.case.release
    return Release(matter.settings.today(check.decided_at), record.permitted)


def _pool(
    unit: UnitOfWork, matter: Matter, figures: AccountFigures, accounts: Accounts, *, now: datetime
) -> tuple[PoolMember, ...] | None:
    """Measure the other members of the client's credit group; None when one of them was not read (D19)."""
    pool = matter.settings.policy.pool_of(figures.inn)
    if pool is None:
        return ()
    found = []
    for inn in sorted(pool.members - {figures.inn}):
        other = accounts.figures.get(inn)
        if other is None:
            return None
        promised = unit.reserves.of_account(matter.portal.member_id, inn, now=now)
        reserves = map(_reserve, not_yet_shipped(unit, promised, as_of=other.as_of))
        on, rates = matter.settings.today(now), accounts.rates
        try:
            member = measure_member(other, reserves, matter.settings.policy, on=on, now=now, rates=rates)
        except CurrencyMismatchError:
            return None
        found.append(member)
    return tuple(found)
