"""Shorthand for values, built once: `rub("1500.00")`, `account(position(late("100", days=7)))`."""

from __future__ import annotations

from datetime import UTC
from datetime import date
from datetime import datetime
from datetime import timedelta
from decimal import Decimal
from typing import TYPE_CHECKING
from typing import Any

from b24app.domain.case import AssessmentCase
from b24app.domain.exposure import Candidate
from b24app.domain.exposure import Reserve
from b24app.domain.limits import CreditLimit
from b24app.domain.limits import Granted
from b24app.domain.limits import LimitSource
from b24app.domain.limits import NotSet
from b24app.domain.limits import ResolvedLimit
from b24app.domain.limits import Unlimited
from b24app.domain.money import Money
from b24app.domain.policy import Policy
from b24app.domain.receivable import AccountFigures
from b24app.domain.receivable import Counterparty
from b24app.domain.receivable import Instalment
from b24app.domain.receivable import Position

if TYPE_CHECKING:
    from collections.abc import Iterable

TODAY = date(2026, 11, 24)
NOW = datetime(2026, 11, 24, 7, 20, tzinfo=UTC)
AS_OF = datetime(2026, 11, 24, 7, 15, tzinfo=UTC)
INN = "7701234567"
CONTRACT = "A"


def rub(amount: str | int) -> Money:
    """Write roubles as text or as whole roubles."""
    return Money(Decimal(amount), "RUB")


def usd(amount: str | int) -> Money:
    """Write dollars as text or as whole dollars."""
    return Money(Decimal(amount), "USD")


def instalment(amount: str | int | Money, due: date | None, document: str = "УТ-1") -> Instalment:
    """Make an unpaid instalment, in roubles unless money is given."""
    money = amount if isinstance(amount, Money) else rub(amount)
    return Instalment(document, due, money)


def late(amount: str | int | Money, *, days: int, document: str = "УТ-1") -> Instalment:
    """Make an instalment that is so many days past due today."""
    return instalment(amount, TODAY - timedelta(days=days), document)


def not_due(amount: str | int | Money, document: str = "УТ-1") -> Instalment:
    """Make an instalment due in a month."""
    return late(amount, days=-30, document=document)


def position(
    *instalments: Instalment,
    contract: str | None = CONTRACT,
    credit: str | int = 0,
    pending: str | int = 0,
    shipped: str | int = 0,
    currency: str = "RUB",
) -> Position:
    """Make the settlements under one contract."""
    return Position(
        contract,
        currency,
        instalments,
        credit=Money(Decimal(credit), currency),
        pending=Money(Decimal(pending), currency),
        shipped_not_invoiced=Money(Decimal(shipped), currency),
    )


def account(*positions: Position, **changes: Any) -> AccountFigures:
    """Make a client's figures as of a quarter past ten in Moscow."""
    values: dict[str, Any] = {
        "inn": INN,
        "counterparties": (Counterparty("c-1", "ООО «Ромашка»", INN, "770101001"),),
        "positions": positions,
        "contracts": (),
        "payments": (),
        "as_of": AS_OF,
    }
    return AccountFigures(**(values | changes))


def limit(amount: str | int | Money | CreditLimit | None) -> CreditLimit:
    """Make a limit in roubles; None is unlimited."""
    if amount is None:
        return Unlimited()
    if isinstance(amount, Granted | Unlimited | NotSet):
        return amount
    return Granted(amount if isinstance(amount, Money) else rub(amount))


def resolved(amount: str | int | Money | None) -> ResolvedLimit:
    """Make the client's own limit as a decision gives it; None is unlimited."""
    granted = limit(amount)
    assert not isinstance(granted, NotSet)
    return ResolvedLimit(granted, LimitSource.CUSTOMER)


def reserve(amount: str | int | Money, *, deal_id: int = 2, contract: str | None = CONTRACT) -> Reserve:
    """Make a promise to another deal."""
    return Reserve(deal_id, contract, amount if isinstance(amount, Money) else rub(amount))


def case(
    figures: AccountFigures | None = None,
    *,
    granted: str | int | Money | CreditLimit | None = 1_000_000,
    wants: str | int | Money = 1,
    contract: str | None = CONTRACT,
    reserves: Iterable[Reserve] = (),
    **changes: Any,
) -> AssessmentCase:
    """Make a case: a client's figures, his limit, what the deal wants to ship and under which contract."""
    values: dict[str, Any] = {
        "figures": figures if figures is not None else account(position()),
        "own_limit": limit(granted),
        "candidate": Candidate(contract, wants if isinstance(wants, Money) else rub(wants)),
        "reserves": tuple(reserves),
        "on": TODAY,
        "now": NOW,
    }
    return AssessmentCase(**(values | changes))


def policy(**changes: Any) -> Policy:
    """Make the strict default policy: prepayment only by default, nothing tolerated, no early warning."""
    return Policy(**({"default_limit": rub(0), "warn_percent": None} | changes))
