"""A policy as plain tables under the names of the file: what file, difference and lists are made of.

Values stay what they are (money, dates, choices); whoever shows them writes them his way. `OFF` stands where
the domain says None of a parameter; a member of a row that says nothing is left out.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import MISSING
from dataclasses import Field
from dataclasses import dataclass
from dataclasses import fields
from dataclasses import is_dataclass
from datetime import date
from decimal import Decimal
from enum import Enum
from typing import Any
from typing import Final

from b24app.domain.exposure import Component
from b24app.domain.limits import Granted
from b24app.domain.limits import Unlimited
from b24app.domain.money import Money
from b24app.domain.policy import Policy
from b24app.files.amounts import UNLIMITED
from b24app.files.policy_types import OFF

Row = Mapping[str, "Value"]
Value = Money | Decimal | Enum | date | bool | int | str | list[Any] | Mapping[str, Any]
_RENAMED: Final = {
    "starts": "valid_from",
    "ends": "valid_to",
    "temporary": "temporary_limits",
    "start": "score_from",
    "end": "score_to",
}
_ALWAYS: Final = frozenset({"act", "level"})
_TOLERANCES: Final = frozenset({"overdue_tolerance"})


@dataclass(frozen=True, slots=True)
class PolicyData:
    """The tables there is one of, and the lists of rows, by section."""

    tables: Mapping[str, Row]
    lists: Mapping[str, list[Row]]


def data_of(policy: Policy) -> PolicyData:
    """Take a policy apart, in the order of the file."""
    return PolicyData(_tables(policy), {name: _rows(policy, found) for name, found in _lists(policy).items()})


def _tables(policy: Policy) -> dict[str, Row]:
    currency = policy.currency
    tables: dict[str, Row] = {
        "limits": {
            "default_limit": policy.default_limit,
            "boundary": "inclusive" if policy.limit_inclusive else "strict",
            "net_scope": policy.net_scope,
            "account_scope": policy.account_scope,
            "components": [each for each in Component if each in policy.components],
            "order_limit": _or_off(policy.order_limit),
            "order_tolerance_percent": policy.order_tolerance,
            "warn_percent": _or_off(policy.warn_percent),
            "horizon_days": _or_off(policy.horizon_days),
            "ignore_blank_expiry": policy.ignore_blank_expiry,
            "max_rate_age_days": policy.max_rate_age,
        },
        "overdue": {
            "grace_days": _or_off(policy.overdue_grace_days),
            "tolerance": Money(policy.overdue_tolerance, currency),
        },
        "checks": {
            "limit_used": policy.check_limit_used,
            "terms_rank": policy.check_terms_rank,
            "discount_rank": policy.check_discount_rank,
            "stage_grace_days": policy.stage_grace_days,
            "max_data_age_minutes": int(policy.max_data_age.total_seconds() // 60),
        },
        "terms": {
            "default_term": _or_off(policy.default_terms),
            "default_discount": _or_off(policy.default_discount),
            "default_risk": _or_off(policy.default_risk),
        },
    }
    if policy.strategic is not None:
        tables["strategic"] = {"days": policy.strategic.days, "amount": policy.strategic.amount}
    return tables


def _lists(policy: Policy) -> dict[str, tuple[Any, ...]]:
    return {
        "payment_terms": policy.payment_terms,
        "discounts": policy.discounts,
        "categories": policy.categories,
        "statuses": policy.statuses,
        "reasons": policy.reasons,
        "groups": policy.groups,
        "risks": policy.risks,
        "guarantee_types": policy.guarantee_types,
        "coverage_types": policy.coverage_types,
        "credit_groups": policy.credit_groups,
        "clients": policy.clients,
        "deals": policy.deals,
        "rules": policy.rules.rules,
    }


def _rows(policy: Policy, found: tuple[Any, ...]) -> list[Row]:
    return [_row(each, policy.currency) for each in found]


def _row(item: Any, currency: str) -> Row:
    """Name what a row says; what it leaves at the domain's default is not said."""
    row: dict[str, Value] = {}
    for member in fields(item):
        value = getattr(item, member.name)
        if value is None or (member.name not in _ALWAYS and value == _default(member)):
            continue
        if member.name in _TOLERANCES:
            value = Money(value, currency)
        row[_RENAMED.get(member.name, member.name)] = _plain(value, currency)
    return row


def _plain(value: Any, currency: str) -> Value:
    match value:
        case Granted():
            return value.amount
        case Unlimited():
            return UNLIMITED
        case frozenset():
            return sorted(value)
        case tuple():
            return [_plain(each, currency) for each in value]
        case _ if is_dataclass(value) and not isinstance(value, Money):
            return _row(value, currency)
    plain: Value = value
    return plain


def _default(member: Field[Any]) -> object:
    return member.default if member.default is not MISSING else _NOTHING


_NOTHING: Final = object()


def _or_off(value: Value | None) -> Value:
    return OFF if value is None else value
