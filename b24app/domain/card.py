"""The credit terms shown on a company card, and what to believe when a person typed over them."""

from __future__ import annotations

from dataclasses import dataclass
from dataclasses import fields
from datetime import date

from b24app.domain.limits import NOT_SET
from b24app.domain.limits import CreditLimit


@dataclass(frozen=True, slots=True)
class CardTerms:
    """Limit and terms as one company card carries them.

    `category`, `status`, `risk` are the enumerations' XML_IDs; `terms_days` is the payment deferral in days.
    """

    limit: CreditLimit = NOT_SET
    limit_until: date | None = None
    terms_days: int | None = None
    category: str | None = None
    status: str | None = None
    group: str | None = None
    strategic: bool = False
    risk: str | None = None


CardValue = CreditLimit | date | int | str | bool | None


@dataclass(frozen=True, slots=True)
class FieldChange:
    """One field a person typed over; `field` is the name of a member of `CardTerms`."""

    field: str
    accepted: CardValue
    found: CardValue


@dataclass(frozen=True, slots=True)
class CardReview:
    """What a company card turned out to be.

    `tampered` is empty when nobody typed over it. `put_back` are the accepted terms to write again; None when
    the card is untouched or nothing was ever accepted.
    """

    found: CardTerms
    tampered: tuple[FieldChange, ...] = ()
    put_back: CardTerms | None = None


def review_card(
    found: CardTerms,
    *,
    accepted: CardTerms | None,
    mirrored: CardTerms | None,
    known: CardTerms | None = None,
) -> CardReview:
    """Tell whether a person typed over the terms, which fields, and what to write back.

    A card is untouched when it shows what is accepted now, what was accepted before accounting moved the
    limit (`known`), or what we last wrote into it (`mirrored`; when nothing was ever written, an empty card).
    """
    written = mirrored if mirrored is not None else CardTerms()
    if found in (accepted, known, written):
        return CardReview(found)
    reference = accepted if accepted is not None else written
    changes = tuple(
        FieldChange(each.name, getattr(reference, each.name), getattr(found, each.name))
        for each in fields(CardTerms)
        if getattr(reference, each.name) != getattr(found, each.name)
    )
    return CardReview(found, changes, accepted)
