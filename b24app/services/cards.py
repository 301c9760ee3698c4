"""Company cards: what our database accepts, and what happens to a value typed without right."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from typing import TYPE_CHECKING

from b24app.domain.card import CardTerms
from b24app.domain.card import review_card
from b24app.domain.limits import NOT_SET
from b24app.ports.portal import Notify
from b24app.ports.portal import WriteCompany
from b24app.ports.records import AttemptKind
from b24app.ports.records import AttemptRecord
from b24app.ports.records import EffectState
from b24app.ports.records import KnownCard
from b24app.ports.records import Mode
from b24app.ports.records import NewEffect

if TYPE_CHECKING:
    from datetime import datetime

    from b24app.domain.card import CardReview
    from b24app.domain.limits import CreditLimit
    from b24app.ports.book import UnitOfWork
    from b24app.ports.portal import CompanyFacts
    from b24app.ports.records import PortalRecord
    from b24app.services.wording import Wording

ENDED = frozenset({EffectState.DONE, EffectState.FAILED, EffectState.CANCELLED})


def known_card(
    member_id: str, mode: Mode, company: CompanyFacts, stored: KnownCard | None
) -> KnownCard | None:
    """Return what our database stands for of a card, as the mode has it; None: all it shows but its limit.

    Nobody is kept from typing while we only observe: what stands in the card is accepted, so that enforcing
    starts from there. Once enforcing, nothing of a card seen for the first time is.
    """
    if mode is Mode.ENFORCE:
        return stored or KnownCard(member_id, company.id, None, company.title, CardTerms(), None)
    if stored is None:
        return None
    shown, written = company.terms, stored.mirrored or CardTerms()
    return replace(
        stored,
        accepted=replace(shown, limit=stored.accepted.limit),
        mirrored=replace(shown, limit=written.limit),
    )


def accepted_terms(company: CompanyFacts, known: KnownCard | None, authoritative: CreditLimit) -> CardTerms:
    """Return the terms our database stands for: the last accepted ones with accounting's present limit.

    Of a card that is not known (see `known_card`) everything is taken as it stands, but not its limit.
    """
    return replace(known.accepted if known else company.terms, limit=authoritative)


def review_card_of(company: CompanyFacts, known: KnownCard | None, accepted: CardTerms) -> CardReview:
    """Compare a card with what is accepted now; what was accepted until now counts as untouched as well."""
    if known is None:
        return review_card(company.terms, accepted=accepted, mirrored=replace(company.terms, limit=NOT_SET))
    mirrored = company.terms if company.terms == known.accepted else known.mirrored
    return review_card(company.terms, accepted=accepted, mirrored=mirrored)


def review_known(company: CompanyFacts, known: KnownCard) -> CardReview:
    """Compare a card with the version our database accepted last."""
    return review_card_of(company, known, known.accepted)


def remember_card(
    unit: UnitOfWork,
    member_id: str,
    company: CompanyFacts,
    known: KnownCard | None,
    *,
    inn: str | None,
    terms: CardTerms,
) -> KnownCard:
    """Accept terms for a card (a new version only when they differ)."""
    card = KnownCard(
        member_id=member_id,
        company_id=company.id,
        inn=inn or (known.inn if known else None),
        title=company.title,
        accepted=terms,
        mirrored=known.mirrored if known else None,
        version=known.version if known else 0,
    )
    if card != unit.cards.get(member_id, company.id):
        unit.cards.save(card)
    return card


def put_card_back(
    unit: UnitOfWork,
    portal: PortalRecord,
    company: CompanyFacts,
    review: CardReview,
    *,
    wording: Wording,
    now: datetime,
) -> bool:
    """Write the accepted terms back over typed ones and report the attempt; nothing in observe mode.

    The same typed values are reported once: while their put-back is under way nothing new is stored.
    """
    if not review.tampered or review.put_back is None:
        return False
    key = _free_key(unit, portal.member_id, f"card:{company.id}:{digest(review.found)}")
    if key is None:
        return False
    attempt = AttemptRecord(
        member_id=portal.member_id,
        key=key,
        kind=AttemptKind.CARD,
        deal_id=None,
        company_id=company.id,
        user_id=None,
        before="; ".join(f"{change.field}={change.accepted}" for change in review.tampered),
        after="; ".join(f"{change.field}={change.found}" for change in review.tampered),
        noticed_at=now,
    )
    unit.attempts.add(attempt)
    if portal.mode is not Mode.ENFORCE:
        return False
    text = wording.card_attempt(portal, company, review.tampered)
    told = dict.fromkeys((portal.people.cfo, *portal.people.sales_heads))
    unit.effects.add(
        [
            NewEffect(portal.member_id, key, WriteCompany(company.id, review.put_back, None)),
            *(
                NewEffect(portal.member_id, f"{key}:to:{user}", Notify(user, f"cc:{key}:{user}", text))
                for user in told
            ),
        ]
    )
    return True


def digest(terms: CardTerms) -> str:
    """Return a short stable name for a card's values."""
    return hashlib.blake2s(repr(terms).encode(), digest_size=8).hexdigest()


def _free_key(unit: UnitOfWork, member_id: str, stem: str) -> str | None:
    """Return the first key of a series whose predecessors have ended; None while one is under way."""
    number = 1
    while (effect := unit.effects.by_key(member_id, f"{stem}:{number}")) is not None:
        if effect.state not in ENDED:
            return None
        number += 1
    return f"{stem}:{number}"
