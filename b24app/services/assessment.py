"""From figures to a finding: choose the contract, the limit and the reserves, and ask the domain."""

from __future__ import annotations

from typing import TYPE_CHECKING

from b24app.domain.assess import assess
from b24app.domain.case import AssessmentCase
from b24app.domain.contracts import contracts_limit
from b24app.domain.decision import assess_technical
from b24app.domain.errors import CurrencyMismatchError
from b24app.domain.exposure import Candidate
from b24app.domain.exposure import Reserve
from b24app.domain.limits import LimitSource
from b24app.domain.limits import ResolvedLimit
from b24app.domain.limits import resolve_limit
from b24app.domain.rules import TechnicalCause
from b24app.services.cards import accepted_terms
from b24app.services.cards import review_card_of
from b24app.services.matter import Finding

if TYPE_CHECKING:
    from datetime import datetime

    from b24app.domain.card import CardReview
    from b24app.domain.decision import Decision
    from b24app.domain.limits import CreditLimit
    from b24app.domain.receivable import AccountFigures
    from b24app.ports.records import KnownCard
    from b24app.ports.records import ReserveRecord
    from b24app.services.matter import Matter
    from b24app.services.settings import CreditSettings
    from b24app.services.triage import Plan


def contract_of(matter: Matter, figures: AccountFigures) -> str | None:
    """Return the deal's contract: the one named in its field, else the only active one in its currency.

    None when it is not certain: then no advance is netted against the deal, which is never looser.
    """
    named = (matter.deal.contract or "").strip()
    if named:
        matches = [row.ref for row in figures.contracts if named in {row.ref, row.number}]
        return matches[0] if len(matches) == 1 else None
    currency = matter.deal.amount.currency
    active = [row.ref for row in figures.contracts if row.active and row.currency == currency]
    return active[0] if len(active) == 1 else None


def card_review(matter: Matter, known: KnownCard | None, authoritative: CreditLimit) -> CardReview | None:
    """Compare the company card with what our database accepted; None when there is no card."""
    company = matter.deal.company
    if company is None:
        return None
    accepted = accepted_terms(company, known, authoritative)
    return review_card_of(company, known, accepted)


def assess_matter(
    matter: Matter,
    plan: Plan,
    figures: AccountFigures,
    *,
    reserves: list[ReserveRecord],
    known: KnownCard | None,
    now: datetime,
) -> tuple[Finding, CardReview | None]:
    """Decide one deal over the live figures of its account."""
    policy = matter.settings.policy
    try:
        own_limit = contracts_limit(figures.contracts)
    except CurrencyMismatchError as error:
        detail = f"{error.left}, {error.right}"
        refused = assess_technical(TechnicalCause.OTHER_CURRENCY, detail, policy, as_of=figures.as_of)
        return Finding(plan, figures.inn, refused, None, figures), None
    review = card_review(matter, known, own_limit)
    case = AssessmentCase(
        figures=figures,
        limit=limit_for(matter.settings, own_limit, review),
        candidate=Candidate(contract_of(matter, figures), matter.deal.amount),
        reserves=tuple(
            Reserve(row.deal_id, row.contract, row.amount)
            for row in reserves
            if row.deal_id != matter.deal.id
        ),
        on=matter.settings.today(now),
        now=now,
    )
    finding = Finding(plan, figures.inn, assess(case, policy), case, figures, own_limit)
    return finding, review


def limit_for(settings: CreditSettings, own: CreditLimit, review: CardReview | None) -> ResolvedLimit:
    """Resolve the limit (K4) and let a typed-over card make it stricter, never looser."""
    resolved = resolve_limit([(LimitSource.CUSTOMER, own)], settings.policy.default_limit)
    return resolved if review is None else review.limit_for_decision(resolved, currency=settings.currency)


def technical(
    matter: Matter, plan: Plan, inn: str | None, cause: TechnicalCause, detail: str | None
) -> Finding:
    """Return the finding of a check that lacked its data."""
    decision: Decision = assess_technical(cause, detail, matter.settings.policy)
    return Finding(plan, inn, decision, None, None)
