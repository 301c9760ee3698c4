"""The policy a fresh installation starts with: sound, complete, no stricter than limit and overdue alone."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from datetime import timedelta
from decimal import Decimal

import pytest

from b24app.config import Credit
from b24app.domain.assess import assess
from b24app.domain.client import StatusEffect
from b24app.domain.exposure import NetScope
from b24app.domain.limits import NOT_SET
from b24app.domain.limits import Granted
from b24app.domain.policy import Policy
from b24app.domain.policy import ReasonKind
from b24app.domain.policy import Softness
from b24app.files.policy_file import read_policy
from b24app.files.policy_file import write_policy
from b24app.files.policy_seed import default_text
from b24app.files.policy_seed import seed
from b24app.messages.install import OPTION_LABELS
from b24app.ports.fields import CompanyField
from tests.builders import account
from tests.builders import case
from tests.builders import late
from tests.builders import position
from tests.builders import rub
from tests.builders import usd


def default() -> Policy:
    found = read_policy(default_text(), currencies=frozenset(), on=date(2026, 11, 25))
    assert found.problems == ()
    assert found.policy is not None
    return found.policy


def test_it_has_no_error_and_no_warning() -> None:
    assert read_policy(write_policy(default())).policy == default()


def test_its_commented_examples_are_good_rules() -> None:
    lines = default_text().split("\n")
    shown = [line.removeprefix("# ") for line in lines if line.startswith(("# [[", "# id", "# type"))]
    keys = ("# act", "# level", "# amount", "# percent", "# days", "# release", "# key", "# code", "# name")
    text = "\n".join(
        line.removeprefix("# ") if line.startswith(("# [[", "# id =", "# type =", *keys)) else line
        for line in lines
    )
    assert len(shown) >= 10
    assert read_policy(text).problems == ()


def test_its_codes_are_those_of_the_card() -> None:
    policy = default()
    coded = {
        CompanyField.CATEGORY: [(row.code, row.name, row.name_en) for row in policy.categories],
        CompanyField.STATUS: [(row.code, row.name, row.name_en) for row in policy.statuses],
        CompanyField.RISK: [(row.code, row.name, row.name_en) for row in policy.risks],
    }
    for subject, rows in coded.items():
        assert rows == [(code, text["ru"], text["en"]) for code, text in OPTION_LABELS[subject].items()]


def test_f8_categories() -> None:
    large, new, problem = (default().category(code) for code in ("large", "new", "problem"))
    assert (large.limit, large.terms_days) == (Granted(rub(5_000_000)), 30)
    assert new.limit == Granted(rub(100_000))
    assert (problem.limit, problem.full_block) == (Granted(rub(0)), True)


def test_f20_softness_d4_reasons_d6_effects_d2_ranks() -> None:
    policy = default()
    assert policy.strategic == Softness(7, rub(50_000))
    assert {reason.kind for reason in policy.reasons} == set(ReasonKind)
    assert all(reason.name_en for reason in policy.reasons)
    assert {status.code: status.effect for status in policy.statuses} == {
        effect.value: effect for effect in StatusEffect
    }
    ranks = [term.rank for term in policy.payment_terms]
    assert None not in ranks
    assert ranks == sorted(ranks, key=lambda rank: rank or 0)


@pytest.mark.parametrize("granted", [None, 0, 1_000_000, usd(10_000)], ids=str)
@pytest.mark.parametrize("wants", ["1.00", "1000000.00", "1000000.01"])
@pytest.mark.parametrize("days", [-1, 0, 1, 90, 91, 400])
def test_a_fresh_installation_holds_what_limit_and_overdue_hold(
    granted: object, wants: str, days: int
) -> None:
    """Nothing else is held or let through: not by a rule of the default, not for want of a rate."""
    money = usd if not isinstance(granted, int | None) else rub
    facts = case(
        account(position(late(money("5.00"), days=days), currency=money(0).currency)),
        granted=granted,  # type: ignore[arg-type]  # the table's own kinds
        wants=money(wants),
    )
    assert assess(facts, seed(Credit())).outcome is assess(facts, Policy(rub(0))).outcome


def test_the_seed_lays_the_configuration_over_the_default() -> None:
    credit = Credit(
        default_limit=Decimal("250000.50"),
        net_scope=NetScope.CUSTOMER,
        limit_boundary="inclusive",
        overdue_tolerance=Decimal(10),
        overdue_grace_days=3,
        max_data_age_minutes=30,
    )
    assert seed(credit) == replace(
        default(),
        version="0",
        default_limit=rub("250000.50"),
        net_scope=NetScope.CUSTOMER,
        limit_inclusive=True,
        overdue_tolerance=Decimal(10),
        overdue_grace_days=3,
        max_data_age=timedelta(minutes=30),
    )


def test_in_another_currency_the_seed_says_nothing_in_roubles() -> None:
    policy = seed(Credit(currency="USD", default_limit=Decimal(5)))
    assert policy.default_limit == usd(5)
    assert policy.strategic is None
    assert [category.limit for category in policy.categories] == [NOT_SET, NOT_SET, NOT_SET, Granted(usd(0))]
    assert read_policy(write_policy(policy), currencies=frozenset()).problems == ()
