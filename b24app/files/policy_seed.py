"""The policy a fresh installation starts with: the packaged default under what the configuration says."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from importlib.resources import files
from typing import TYPE_CHECKING

from b24app.domain.limits import NOT_SET
from b24app.domain.limits import Granted
from b24app.domain.money import Money
from b24app.domain.rulebook import RuleBook
from b24app.files.policy_file import load_policy

if TYPE_CHECKING:
    from b24app.config import Credit
    from b24app.domain.client import Category
    from b24app.domain.policy import Policy

UNSAVED_VERSION = "0"


def default_text() -> str:
    """Return the packaged policy of a wholesale company, with its comments."""
    return files("b24app.files").joinpath("default.toml").read_text(encoding="utf-8")


def seed(credit: Credit) -> Policy:
    """Lay the `[credit]` section over the default; its version says that nobody has stored it yet.

    The sums of the default are roubles: where the credit currency is another, its categories, its softness
    and its rules lose what is said in money, as no sum of roubles could be right there.
    """
    policy = load_policy(default_text(), version=UNSAVED_VERSION)
    if credit.currency != policy.currency:
        policy = _without_money(policy, credit.currency)
    return replace(
        policy,
        default_limit=Money(credit.default_limit, credit.currency),
        net_scope=credit.net_scope,
        limit_inclusive=credit.limit_boundary == "inclusive",
        overdue_tolerance=credit.overdue_tolerance,
        overdue_grace_days=credit.overdue_grace_days,
        max_data_age=timedelta(minutes=credit.max_data_age_minutes),
    )


def _without_money(policy: Policy, currency: str) -> Policy:
    return replace(
        policy,
        strategic=None,
        order_limit=None,
        categories=tuple(_category_without_money(each, currency) for each in policy.categories),
        rules=RuleBook(tuple(rule for rule in policy.rules.rules if rule.amount is None)),
    )


def _category_without_money(category: Category, currency: str) -> Category:
    """Leave the limit to the company; nothing at all is nothing in every currency."""
    prepaid = isinstance(category.limit, Granted) and not category.limit.amount
    limit = Granted(Money.zero(currency)) if prepaid else NOT_SET
    return replace(category, limit=limit, order_limit=None, overdue_tolerance=None)
