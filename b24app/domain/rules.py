"""Blocking and exclusion rules: their types, their conditions, the reasons they give (D2, D3, D12, K11).

To add a rule type: a member of `ReasonCode`, two or three small functions and a line in `RULE_TYPES`. The
policy file, the evaluation and the records take it from there; its words are in `b24app/messages`.
"""

from __future__ import annotations

from collections.abc import Callable
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import Enum
from typing import TYPE_CHECKING
from typing import Final

from b24app.domain.money import Money
from b24app.domain.rates import Rates

if TYPE_CHECKING:
    from b24app.domain.overdue import Overdue

_WHOLE: Final = Decimal(100)
ONE_DAY_LATE: Final = 1


class ReasonCode(Enum):
    """Why a deal is held (K11)."""

    LIMIT = "LIMIT"
    GROUP_LIMIT = "GROUP_LIMIT"
    LIMIT_USED_PCT = "LIMIT_USED_PCT"
    LIMIT_EXPIRED = "LIMIT_EXPIRED"
    OVERDUE_DAYS = "OVERDUE_DAYS"
    OVERDUE_AMOUNT = "OVERDUE_AMOUNT"
    ORDER_AMOUNT = "ORDER_AMOUNT"
    ACCOUNT_STATUS = "ACCOUNT_STATUS"
    TERMS = "TERMS"
    TERMS_RANK = "TERMS_RANK"
    TERMS_UNRANKED = "TERMS_UNRANKED"
    DISCOUNT_RANK = "DISCOUNT_RANK"
    FORCED = "FORCED"
    TECHNICAL = "TECHNICAL"


PAYABLE: Final = frozenset(
    {
        ReasonCode.LIMIT,
        ReasonCode.GROUP_LIMIT,
        ReasonCode.LIMIT_USED_PCT,
        ReasonCode.OVERDUE_DAYS,
        ReasonCode.OVERDUE_AMOUNT,
    }
)
"""What a payment of the client may lift; ACCOUNT_STATUS too where it names a debt."""

SOFT: Final = frozenset({ReasonCode.OVERDUE_DAYS, ReasonCode.OVERDUE_AMOUNT})
"""What only warns while a strategic partner's overdue is small (F20)."""


class TechnicalCause(Enum):
    """What was missing for a decision."""

    LEDGER_SILENT = "ledger_silent"
    LEDGER_MISCONFIGURED = "ledger_misconfigured"
    DATA_STALE = "data_stale"
    NO_COMPANY = "no_company"
    NO_TAX_NUMBER = "no_tax_number"
    SEVERAL_TAX_NUMBERS = "several_tax_numbers"
    CLIENT_UNKNOWN = "client_unknown"
    OTHER_CURRENCY = "other_currency"
    POOL_UNKNOWN = "pool_unknown"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class Reason:
    """One reason with its numbers (K11); `rule` is the id of the rule that gave it, None for our own tests.

    LIMIT, GROUP_LIMIT: `value` exposure after, `threshold` the limit, `excess` their difference (all money);
    `detail` the credit group, `percent_allowed` by which an order may exceed it. LIMIT_USED_PCT: `value`,
    `threshold` the limit, `percent` used of it (None: of a zero limit), `percent_allowed`. LIMIT_EXPIRED:
    `days` since the last day (None: it has none), `days_allowed`. OVERDUE_DAYS: `excess` the sum late by
    more, `days` the oldest, `days_allowed`. OVERDUE_AMOUNT: `value` the overdue sum, `threshold`, `percent`
    used, `percent_allowed`. ORDER_AMOUNT: `value` the order, `threshold`. ACCOUNT_STATUS: `detail` the status
    or category, `value` the debt that has to be paid where only that lifts it. TERMS: `detail` the order's
    term, `days`, `days_allowed`; a rule forbids the term itself and gives no days. TERMS_RANK,
    DISCOUNT_RANK: `detail` the order's code, `expected` the client's, `rank` (None: not ranked),
    `rank_allowed`. TERMS_UNRANKED: `detail`, `expected`. FORCED: `detail` the code of the reason a person
    gave. `name`, `expected_name`: what the policy called these codes. TECHNICAL: `cause` and `detail` (a
    subject such as a currency or a tax number; never a secret).
    """

    code: ReasonCode
    value: Money | None = None
    threshold: Money | None = None
    excess: Money | None = None
    days: int | None = None
    days_allowed: int | None = None
    cause: TechnicalCause | None = None
    detail: str | None = None
    percent: Decimal | None = None
    percent_allowed: Decimal | None = None
    rank: int | None = None
    rank_allowed: int | None = None
    expected: str | None = None
    rule: str | None = None
    name: str | None = None
    expected_name: str | None = None


class Level(Enum):
    """Whom a rule is for, from the most specific level to the least (D12: Table, Group, All)."""

    CLIENT = "client"
    GROUP = "group"
    ALL = "all"


class Act(Enum):
    """What a rule does when its condition is true."""

    BLOCK = "block"
    EXCLUDE = "exclude"


class ValueType(Enum):
    """What a rule's condition is measured in; an exclusion stops a block of the same one only (D13)."""

    DAYS = "days"
    AMOUNT = "amount"
    PERCENT = "percent"
    CODE = "code"


@dataclass(frozen=True, slots=True)
class Rule:
    """One row of the policy (D12, D13).

    `type` is a key of `RULE_TYPES`; `key` the tax number (CLIENT) or credit management group (GROUP) it is
    for; `risk` narrows it to a risk group. `days`, `amount`, `percent` (0..100 and more), `value` are the
    threshold. `release`: an exclusion that lets the whole order pass. `starts`, `ends`: its validity, both
    days included.
    """

    id: str
    type: str
    act: Act = Act.BLOCK
    level: Level = Level.ALL
    key: str | None = None
    risk: str | None = None
    days: int | None = None
    amount: Money | None = None
    percent: Decimal | None = None
    value: str | None = None
    release: bool = False
    starts: date | None = None
    ends: date | None = None
    note: str = ""

    @property
    def value_type(self) -> ValueType:
        """What its condition is measured in; an amount with a percent beside it is measured in money."""
        if self.amount is not None:
            return ValueType.AMOUNT
        if self.days is not None:
            return ValueType.DAYS
        return ValueType.CODE if self.value is not None else ValueType.PERCENT

    def is_valid(self, on: date) -> bool:
        """Tell whether it is in force on a day."""
        return (self.starts is None or self.starts <= on) and (self.ends is None or on <= self.ends)


@dataclass(frozen=True, slots=True)
class Measures:
    """Everything a rule may look at, in the currency of the limit.

    `limit` None: unlimited. `after`: exposure with this order. `expired_days`: days since the last day of the
    limit, negative while it runs, None without one. `blank_expires`: a limit without a last day counts as
    expired (D21). `used_counts`: *limit used* rules are tested at all (D12).
    """

    on: date
    inn: str
    group: str | None
    risk: str | None
    status: str | None
    order: Money
    terms: str | None
    overdue: Overdue
    limit: Money | None
    after: Money
    expired_days: int | None
    blank_expires: bool = False
    used_counts: bool = True
    rates: Rates | None = None

    def money(self, threshold: Money) -> Money:
        """Bring a threshold to the currency of the limit (D14); raises `MissingRateError`."""
        if threshold.currency == self.after.currency:
            return threshold
        return (self.rates or Rates(self.after.currency)).convert(threshold, self.after.currency)

    def uses_more_than(self, percent: Decimal) -> bool:
        """Compare the use of the limit unrounded (K9); any use is more than all of a zero limit."""
        if self.limit is None:
            return False
        return self.after.amount * _WHOLE > self.limit.amount * percent

    def uses_less_than(self, percent: Decimal) -> bool:
        """The opposite; an unlimited client uses less of his limit than anybody."""
        if self.limit is None:
            return True
        return self.after.amount * _WHOLE < self.limit.amount * percent

    @property
    def used_percent(self) -> Decimal | None:
        """Use of the limit in percent, for show; None where there is no limit or it is zero."""
        if self.limit is None or not self.limit.amount:
            return None
        return self.after.amount * _WHOLE / self.limit.amount


Condition = Callable[[Rule, Measures], bool]


@dataclass(frozen=True, slots=True)
class RuleType:
    """A type of rule: what its conditions are and what reason it gives.

    `blocking` and `excluding`: the sets of threshold fields a rule of either act may carry; `scoped`: it may
    be for a client or a group (D12).
    """

    blocks: Condition
    excludes: Condition
    tell: Callable[[Rule, Measures], Reason]
    blocking: tuple[frozenset[str], ...]
    excluding: tuple[frozenset[str], ...]
    scoped: bool = True


def _late_blocks(rule: Rule, found: Measures) -> bool:
    return rule.days is not None and found.overdue.max_days > rule.days


def _late_excludes(rule: Rule, found: Measures) -> bool:
    if rule.amount is not None:
        return found.overdue.amount < found.money(rule.amount)
    return rule.days is not None and found.overdue.max_days < rule.days


def tell_late(rule: Rule, found: Measures) -> Reason:
    """Name the sum that is late by more than a rule allows; also the words of our own overdue test."""
    allowed = rule.days or 0
    late = (item.amount.amount for item in found.overdue.items if item.days > allowed)
    return Reason(
        ReasonCode.OVERDUE_DAYS,
        excess=Money(sum(late, Decimal(0)), found.overdue.amount.currency),
        days=found.overdue.max_days,
        days_allowed=allowed,
    )


def _status_matches(rule: Rule, found: Measures) -> bool:
    return rule.value is not None and rule.value == found.status


def _tell_status(rule: Rule, found: Measures) -> Reason:
    del found
    return Reason(ReasonCode.ACCOUNT_STATUS, detail=rule.value)


def _terms_match(rule: Rule, found: Measures) -> bool:
    return rule.value is not None and rule.value == found.terms


def _tell_terms(rule: Rule, found: Measures) -> Reason:
    del found
    return Reason(ReasonCode.TERMS, detail=rule.value)


def _expiry_blocks(rule: Rule, found: Measures) -> bool:
    if found.expired_days is None:
        return found.blank_expires
    return rule.days is not None and found.expired_days > rule.days


def _expiry_excludes(rule: Rule, found: Measures) -> bool:
    return rule.days is not None and found.expired_days is not None and found.expired_days < rule.days


def _tell_expiry(rule: Rule, found: Measures) -> Reason:
    return Reason(ReasonCode.LIMIT_EXPIRED, days=found.expired_days, days_allowed=rule.days or 0)


def _owing_blocks(rule: Rule, found: Measures) -> bool:
    if rule.amount is None or found.overdue.amount <= found.money(rule.amount):
        return False
    return rule.percent is None or found.uses_more_than(rule.percent)


def _owing_excludes(rule: Rule, found: Measures) -> bool:
    if rule.amount is None or found.overdue.amount >= found.money(rule.amount):
        return False
    return rule.percent is None or found.uses_less_than(rule.percent)


def _tell_owing(rule: Rule, found: Measures) -> Reason:
    return Reason(
        ReasonCode.OVERDUE_AMOUNT,
        value=found.overdue.amount,
        threshold=None if rule.amount is None else found.money(rule.amount),
        percent=None if rule.percent is None else found.used_percent,
        percent_allowed=rule.percent,
    )


def _order_blocks(rule: Rule, found: Measures) -> bool:
    return rule.amount is not None and found.order > found.money(rule.amount)


def _order_excludes(rule: Rule, found: Measures) -> bool:
    return rule.amount is not None and found.order < found.money(rule.amount)


def _tell_order(rule: Rule, found: Measures) -> Reason:
    threshold = None if rule.amount is None else found.money(rule.amount)
    return Reason(ReasonCode.ORDER_AMOUNT, value=found.order, threshold=threshold)


def _used_blocks(rule: Rule, found: Measures) -> bool:
    return found.used_counts and rule.percent is not None and found.uses_more_than(rule.percent)


def _used_excludes(rule: Rule, found: Measures) -> bool:
    return found.used_counts and rule.percent is not None and found.uses_less_than(rule.percent)


def tell_used(percent: Decimal, found: Measures) -> Reason:
    """Name the use of the limit; also the words of the early warning (A8)."""
    return Reason(
        ReasonCode.LIMIT_USED_PCT,
        value=found.after,
        threshold=found.limit,
        percent=found.used_percent,
        percent_allowed=percent,
    )


def _tell_used(rule: Rule, found: Measures) -> Reason:
    return tell_used(rule.percent or Decimal(0), found)


def _fields(*names: str) -> frozenset[str]:
    return frozenset(names)


RULE_TYPES: Mapping[str, RuleType] = {
    "overdue_days": RuleType(
        _late_blocks, _late_excludes, tell_late, (_fields("days"),), (_fields("days"), _fields("amount"))
    ),
    "account_status": RuleType(
        _status_matches,
        _status_matches,
        _tell_status,
        (_fields("value"),),
        (_fields("value"),),
        scoped=False,
    ),
    "terms_of_payment": RuleType(
        _terms_match, _terms_match, _tell_terms, (_fields("value"),), (_fields("value"),), scoped=False
    ),
    "limit_expired": RuleType(
        _expiry_blocks, _expiry_excludes, _tell_expiry, (_fields("days"),), (_fields("days"),)
    ),
    "overdue_amount": RuleType(
        _owing_blocks,
        _owing_excludes,
        _tell_owing,
        (_fields("amount", "percent"), _fields("amount")),
        (_fields("amount", "percent"), _fields("amount")),
    ),
    "order_amount": RuleType(
        _order_blocks, _order_excludes, _tell_order, (_fields("amount"),), (_fields("amount"),)
    ),
    "limit_used": RuleType(
        _used_blocks, _used_excludes, _tell_used, (_fields("percent"),), (_fields("percent"),)
    ),
}
"""Every type of rule by its name in the policy file (D12)."""
