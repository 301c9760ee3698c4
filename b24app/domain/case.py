"""Everything a decision is made of, besides the policy: enough to make it again under another one."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from datetime import datetime

from b24app.domain.client import NO_FACTS
from b24app.domain.client import ClientFacts
from b24app.domain.exposure import Candidate
from b24app.domain.exposure import Reserve
from b24app.domain.limits import NOT_SET
from b24app.domain.limits import CreditLimit
from b24app.domain.money import Money
from b24app.domain.rates import Rates
from b24app.domain.receivable import AccountFigures


@dataclass(frozen=True, slots=True)
class TypedCard:
    """What a person typed into a company card without right: it may only make a decision stricter."""

    limit: CreditLimit = NOT_SET
    client: ClientFacts = NO_FACTS


@dataclass(frozen=True, slots=True)
class PoolMember:
    """Another client of the same credit group and his exposure, reserves included (D19)."""

    inn: str
    exposure: Money


@dataclass(frozen=True, slots=True)
class Release:
    """The last permission of this deal as it stands: the day, and up to what amount (D15, D16)."""

    on: date
    amount: Money


@dataclass(frozen=True, slots=True)
class AssessmentCase:
    """The facts of one check.

    `own_limit`: the client's own limit as accounting or the accepted card gives it, not yet resolved.
    `reserves` are those of other deals: the document under check is excluded first (K2). `on` is today in the
    portal's credit time zone (K12). `terms`, `discount`: codes of the order's payment term and settlement
    discount. `organisation`: the own company that sells (N9). `pool`: the other members of the credit group,
    None when not all of them could be read. `release`: set while the deal is what was released.
    """

    figures: AccountFigures
    own_limit: CreditLimit
    candidate: Candidate
    reserves: tuple[Reserve, ...]
    on: date
    now: datetime
    deal_id: int = 0
    client: ClientFacts = NO_FACTS
    typed: TypedCard | None = None
    terms: str | None = None
    discount: str | None = None
    organisation: str | None = None
    pool: tuple[PoolMember, ...] | None = ()
    rates: Rates | None = None
    release: Release | None = None
