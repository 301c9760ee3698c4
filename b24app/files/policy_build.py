"""From the tables and rows of a good file to the policy."""

from __future__ import annotations

from decimal import Decimal
from typing import TypeVar

from b24app.domain.policy import Policy
from b24app.domain.rulebook import RuleBook
from b24app.files import policy_rows as rows
from b24app.files.policy_rows import Form
from b24app.files.policy_sheet import Sheet

F = TypeVar("F", bound=Form)


def build(sheet: Sheet, version: str) -> Policy:
    """Make the policy; every table but `strategic` is there, as the sheet had no errors."""
    limits, overdue = _table(sheet, "limits", rows.Limits), _table(sheet, "overdue", rows.Overdue)
    checks, terms = _table(sheet, "checks", rows.Checks), _table(sheet, "terms", rows.Terms)
    strategic = sheet.table("strategic", rows.Strategic)
    return Policy(
        version=version,
        default_limit=limits.default_limit,
        net_scope=limits.net_scope,
        account_scope=limits.account_scope,
        limit_inclusive=limits.boundary == "inclusive",
        components=frozenset(limits.components),
        order_limit=limits.order_limit,
        order_tolerance=limits.order_tolerance,
        warn_percent=limits.warn_percent,
        horizon_days=limits.horizon_days,
        ignore_blank_expiry=limits.ignore_blank_expiry,
        max_rate_age=limits.max_rate_age,
        overdue_grace_days=overdue.grace_days,
        overdue_tolerance=overdue.tolerance.amount if overdue.tolerance is not None else Decimal(0),
        max_data_age=checks.max_data_age,
        stage_grace_days=checks.stage_grace_days,
        check_limit_used=checks.limit_used,
        check_terms_rank=checks.terms_rank,
        check_discount_rank=checks.discount_rank,
        default_terms=terms.default_term,
        default_discount=terms.default_discount,
        default_risk=terms.default_risk,
        strategic=strategic.build() if strategic is not None else None,
        payment_terms=tuple(row.build() for _, row in sheet.rows("payment_terms", rows.TermRow)),
        discounts=tuple(row.build() for _, row in sheet.rows("discounts", rows.DiscountRow)),
        categories=tuple(row.build() for _, row in sheet.rows("categories", rows.CategoryRow)),
        statuses=tuple(row.build() for _, row in sheet.rows("statuses", rows.StatusRow)),
        reasons=tuple(row.build() for _, row in sheet.rows("reasons", rows.ReasonRow)),
        groups=tuple(row.build() for _, row in sheet.rows("groups", rows.GroupRow)),
        risks=tuple(row.build() for _, row in sheet.rows("risks", rows.RiskRow)),
        guarantee_types=tuple(row.build() for _, row in sheet.rows("guarantee_types", rows.LabelRow)),
        coverage_types=tuple(row.build() for _, row in sheet.rows("coverage_types", rows.LabelRow)),
        credit_groups=tuple(row.build() for _, row in sheet.rows("credit_groups", rows.CreditGroupRow)),
        clients=tuple(row.build() for _, row in sheet.rows("clients", rows.ClientRow)),
        deals=tuple(row.build() for _, row in sheet.rows("deals", rows.DealRow)),
        rules=RuleBook(tuple(row.build() for _, row in sheet.rows("rules", rows.RuleRow))),
    )


def _table(sheet: Sheet, section: str, form: type[F]) -> F:
    found = sheet.table(section, form)
    if found is None:
        raise AssertionError(section)
    return found
