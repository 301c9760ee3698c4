"""Who a client is to credit control: category, standing, temporary limit, cover, disputes (F8, F20, D5..D20).

Facts come from the company card and from accounting; the policy may say more of a single client. What is said
of him alone wins over his category, and his category over the policy's defaults.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import Enum
from typing import TYPE_CHECKING

from b24app.domain.limits import NOT_SET
from b24app.domain.limits import CreditLimit
from b24app.domain.money import Money

if TYPE_CHECKING:
    from b24app.domain.card import CardTerms

_WHOLE = Decimal(100)


@dataclass(frozen=True, slots=True)
class Category:
    """Defaults of a kind of client (F8); a member that is None leaves the policy's own default.

    `terms_days`: the longest deferral, days. `overdue_grace_days`, `overdue_tolerance`: as in the policy.
    `order_limit`: the largest single order (A23). `full_block`: nothing is shipped while any debt is left.
    """

    code: str
    name: str = ""
    name_en: str = ""
    limit: CreditLimit = NOT_SET
    terms: str | None = None
    terms_days: int | None = None
    overdue_grace_days: int | None = None
    overdue_tolerance: Decimal | None = None
    order_limit: Money | None = None
    full_block: bool = False


class StatusEffect(Enum):
    """What an account status stops (D6). Payments and returns are always accepted.

    SHIP: no new shipment, what was shipped may be invoiced. ALL: no new deal beyond enquiry either, and no
    approval helps.
    """

    NONE = "none"
    SHIP = "ship"
    ALL = "all"


@dataclass(frozen=True, slots=True)
class AccountStatus:
    """A credit standing and its effect (D6)."""

    code: str
    effect: StatusEffect
    name: str = ""
    name_en: str = ""


@dataclass(frozen=True, slots=True)
class TemporaryLimit:
    """A limit that replaces the base one from `starts` to `ends`, both days included (D20)."""

    amount: Money
    starts: date
    ends: date

    def is_valid(self, on: date) -> bool:
        """Tell whether it replaces the base limit on a day."""
        return self.starts <= on <= self.ends


class CoverKind(Enum):
    """Who covers a part of the debt (D9): a guarantor, or an insurer."""

    GUARANTEE = "guarantee"
    INSURANCE = "insurance"


@dataclass(frozen=True, slots=True)
class Cover:
    """A guarantee or an insurance policy (D9, D10, D20); `percent` of `amount` counts, 0..100.

    `type` names the guarantor or broker; `coverage` classifies an insurance only. `in_exposure`: it lowers
    the exposure by its full value instead of raising the limit. Both ends of its period are included. Raises
    `ValueError` for a percent outside 0..100 and for a coverage type on a guarantee.
    """

    kind: CoverKind
    amount: Money
    percent: Decimal
    starts: date
    ends: date
    type: str | None = None
    coverage: str | None = None
    number: str | None = None
    in_exposure: bool = False

    def __post_init__(self) -> None:
        """Refuse a percent that would take from the limit, and a coverage type on a guarantee (D10, D20)."""
        if not 0 <= self.percent <= _WHOLE:
            raise ValueError(f"cover must count by 0 to 100 percent: {self.percent}")
        if self.kind is CoverKind.GUARANTEE and self.coverage is not None:
            raise ValueError(f"a guarantee has no type of coverage: {self.coverage}")

    def is_valid(self, on: date) -> bool:
        """Tell whether it covers on a day."""
        return self.starts <= on <= self.ends

    @property
    def worth(self) -> Money:
        """What it adds to the limit: the given percent of its value."""
        return Money(self.amount.amount * self.percent / _WHOLE, self.amount.currency)


@dataclass(frozen=True, slots=True)
class Dispute:
    """A part of a document the client disputes: not overdue for any rule, exposure all the same (N22)."""

    document: str
    amount: Money
    until: date | None = None

    def is_open(self, on: date) -> bool:
        """Tell whether it still counts on a day."""
        return self.until is None or on <= self.until


@dataclass(frozen=True, slots=True)
class CreditGroup:
    """Clients who share one limit: one pool for all of them, not the same figure for each (D18, D19).

    `members` are tax numbers. `until`: the last day of the limit, which is the members' as well.
    """

    code: str
    name: str
    limit: Money
    until: date
    members: frozenset[str]


@dataclass(frozen=True, slots=True)
class ClientEntry:
    """What the policy says of one client; a member that is None says nothing.

    `excluded`: outside credit control (D17). `ignore_until`: outside it to that day, included (A35).
    `forced_hold`: code of the reason a person stopped all his shipments for (D26).
    """

    inn: str
    name: str = ""
    category: str | None = None
    status: str | None = None
    status_reason: str | None = None
    group: str | None = None
    risk: str | None = None
    strategic: bool | None = None
    terms: str | None = None
    terms_days: int | None = None
    limit_until: date | None = None
    overdue_grace_days: int | None = None
    overdue_tolerance: Decimal | None = None
    order_limit: Money | None = None
    excluded: bool = False
    ignore_until: date | None = None
    forced_hold: str | None = None
    temporary: tuple[TemporaryLimit, ...] = ()
    covers: tuple[Cover, ...] = ()
    disputes: tuple[Dispute, ...] = ()


NO_ENTRY = ClientEntry("")
NO_CATEGORY = Category("")


@dataclass(frozen=True, slots=True)
class DealEntry:
    """What the policy says of one deal: outside credit control (D17), or stopped by a person (D26)."""

    deal_id: int
    excluded: bool = False
    forced_hold: str | None = None
    until: date | None = None


@dataclass(frozen=True, slots=True)
class ClientFacts:
    """What the accepted card and accounting say of a client, as recorded with a check.

    `category`, `status`, `risk` are codes; `group` is a credit management group (D5); `terms_days` a
    deferral in days; `limit_until` the last day of the base limit; `score` the sum of his risk scores, which
    finds a risk group where none is given (D8).
    """

    category: str | None = None
    status: str | None = None
    group: str | None = None
    risk: str | None = None
    strategic: bool = False
    terms_days: int | None = None
    limit_until: date | None = None
    score: Decimal | None = None


NO_FACTS = ClientFacts()


def facts_of_card(terms: CardTerms) -> ClientFacts:
    """Take from a card's terms what a decision needs besides the limit."""
    return ClientFacts(
        category=terms.category,
        status=terms.status,
        group=terms.group,
        risk=terms.risk,
        strategic=terms.strategic,
        terms_days=terms.terms_days,
        limit_until=terms.limit_until,
    )
