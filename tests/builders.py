"""Shorthand for values, built once: `rub("1500.00")`, `account(position(late("100", days=7)))`."""

from __future__ import annotations

from datetime import UTC
from datetime import date
from datetime import datetime
from datetime import timedelta
from decimal import Decimal
from typing import TYPE_CHECKING
from typing import Any

from b24app.domain.assess import assess
from b24app.domain.case import AssessmentCase
from b24app.domain.client import ClientEntry
from b24app.domain.client import CreditGroup
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
from b24app.domain.rates import Rate
from b24app.domain.rates import Rates
from b24app.domain.receivable import AccountFigures
from b24app.domain.receivable import Counterparty
from b24app.domain.receivable import Instalment
from b24app.domain.receivable import Position
from b24app.domain.rulebook import RuleBook
from b24app.domain.rules import Act
from b24app.domain.rules import Level
from b24app.domain.rules import Rule

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
    organisation: str | None = None,
) -> Position:
    """Make the settlements under one contract."""
    return Position(
        contract,
        currency,
        instalments,
        credit=Money(Decimal(credit), currency),
        pending=Money(Decimal(pending), currency),
        shipped_not_invoiced=Money(Decimal(shipped), currency),
        organisation=organisation,
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


def codes(asked: AssessmentCase, terms: Policy) -> list[str]:
    """Decide and return the codes of the reasons."""
    decision = assess(asked, terms)
    assert decision.holds == bool(decision.reasons)
    return [reason.code.value for reason in decision.reasons]


def block(kind: str, *, client: str | None = None, group: str | None = None, **changes: Any) -> Rule:
    """Make a blocking rule for a client, a credit management group, or all."""
    return _rule(Act.BLOCK, kind, client, group, changes)


def exclude(kind: str, *, client: str | None = None, group: str | None = None, **changes: Any) -> Rule:
    """Make an exclusion for a client, a credit management group, or all."""
    return _rule(Act.EXCLUDE, kind, client, group, changes)


def _rule(act: Act, kind: str, client: str | None, group: str | None, changes: dict[str, Any]) -> Rule:
    level = Level.CLIENT if client else Level.GROUP if group else Level.ALL
    values: dict[str, Any] = {"id": "r-1", "type": kind, "act": act, "level": level, "key": client or group}
    return Rule(**(values | changes))


def ruled(*rules: Rule, **changes: Any) -> Policy:
    """Make a policy of these rules and no overdue test of our own."""
    return policy(**({"rules": RuleBook(rules), "overdue_grace_days": None} | changes))


def entry(**changes: Any) -> ClientEntry:
    """Make what the policy says of the client of the other builders."""
    return ClientEntry(**({"inn": INN} | changes))


def pool(amount: str | int | Money, *others: str, until: date = date(2026, 12, 31)) -> CreditGroup:
    """Make a credit group of that client and others."""
    money = amount if isinstance(amount, Money) else rub(amount)
    return CreditGroup("holding", "Холдинг «Ромашка»", money, until, frozenset({INN, *others}))


def rates(*, on: date = TODAY, **prices: str | int) -> Rates:
    """Make exchange rates to the rouble: `rates(USD=100)`."""
    return Rates("RUB", tuple(Rate(code, Decimal(price), on) for code, price in prices.items()))
