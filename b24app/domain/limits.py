"""Credit limits: three different things that a zero would confuse (credit_management K4, N11, D18, D20)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import Enum
from typing import TYPE_CHECKING

from b24app.domain.money import Money

if TYPE_CHECKING:
    from collections.abc import Sequence


@dataclass(frozen=True, slots=True)
class Granted:
    """A limit of so much; an amount of zero means prepayment only."""

    amount: Money


@dataclass(frozen=True, slots=True)
class Unlimited:
    """No limit test at all; set by its own flag, never by an empty field."""


@dataclass(frozen=True, slots=True)
class NotSet:
    """No limit of its own: the next level up decides."""


CreditLimit = Granted | Unlimited | NotSet
NOT_SET = NotSet()


class LimitSource(Enum):
    """The level a limit was found on, from the most to the least specific."""

    CUSTOMER = "customer"
    GROUP = "group"
    CATEGORY = "category"
    COMPANY = "company"


@dataclass(frozen=True, slots=True)
class ResolvedLimit:
    """The limit that applies and the level it came from; never `NotSet`.

    `temporary_until`: a temporary limit stands in for the base one to that day. `cover`: what guarantees and
    insurance added to the amount. `expires`: the last day of the base limit, if it has one.
    """

    limit: Granted | Unlimited
    source: LimitSource
    temporary_until: date | None = None
    cover: Money | None = None
    expires: date | None = None


def resolve_limit(levels: Sequence[tuple[LimitSource, CreditLimit]], fallback: Money) -> ResolvedLimit:
    """Walk from the most specific level to the least and take the first limit that is set (K4).

    When no level sets one, `fallback` (the company default, usually zero: prepayment only) applies.
    """
    for source, limit in levels:
        if not isinstance(limit, NotSet):
            return ResolvedLimit(limit, source)
    return ResolvedLimit(Granted(fallback), LimitSource.COMPANY)
