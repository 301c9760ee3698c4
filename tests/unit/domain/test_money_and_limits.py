"""Exact amounts, and the three things a zero would confuse."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from b24app.domain.contracts import contracts_limit
from b24app.domain.errors import BadMoneyError
from b24app.domain.errors import CurrencyMismatchError
from b24app.domain.limits import NOT_SET
from b24app.domain.limits import CreditLimit
from b24app.domain.limits import Granted
from b24app.domain.limits import LimitSource
from b24app.domain.limits import ResolvedLimit
from b24app.domain.limits import Unlimited
from b24app.domain.limits import resolve_limit
from b24app.domain.money import Money
from b24app.domain.money import amount_in
from b24app.domain.money import total
from b24app.domain.receivable import Contract
from b24app.domain.receivable import Payment
from tests.builders import TODAY
from tests.builders import account
from tests.builders import rub
from tests.builders import usd


@pytest.mark.parametrize(
    ("given", "kept"), [("0.005", "0.01"), ("0.004", "0.00"), ("-0.005", "-0.01"), ("2.675", "2.68")]
)
def test_amounts_are_rounded_half_up(given: str, kept: str) -> None:
    assert rub(given).amount == Decimal(kept)


@pytest.mark.parametrize(
    ("amount", "currency"),
    [
        (0.1, "RUB"),
        (1, "RUB"),
        (Decimal("NaN"), "RUB"),
        (Decimal("Infinity"), "RUB"),
        (Decimal("1e30"), "RUB"),
        (Decimal(1), "rub"),
        (Decimal(1), "РУБ"),
        (Decimal(1), "RUBL"),
        (Decimal(1), "R1B"),
    ],
)
def test_what_is_not_exact_money_is_refused(amount: Any, currency: str) -> None:
    with pytest.raises(BadMoneyError):
        Money(amount, currency)


def test_money_of_one_currency_is_counted_and_compared() -> None:
    assert rub(5) + rub("0.50") - rub(2) == rub("3.50")
    assert -rub(5) == rub(-5)
    assert rub(1) < rub(2) <= rub(2)
    assert rub(2) > rub(1) >= rub(1)
    assert total([rub(1), rub(2)], "RUB") == rub(3)
    assert total([], "USD") == usd(0)


def test_nothing_is_falsy_and_a_debt_is_not() -> None:
    assert not Money.zero("RUB")
    assert rub(-1)
    assert not rub(-1).is_positive
    assert rub(-1).at_least_zero() == rub(0)
    assert rub(1).at_least_zero() == rub(1)


def test_two_currencies_never_meet() -> None:
    with pytest.raises(CurrencyMismatchError):
        rub(1) + usd(1)
    with pytest.raises(CurrencyMismatchError):
        total([usd(1)], "RUB")
    with pytest.raises(CurrencyMismatchError):
        amount_in(usd(1), "RUB")
    assert amount_in(usd(0), "RUB") == 0


def test_the_most_specific_limit_that_is_set_applies() -> None:
    own: CreditLimit = NOT_SET
    levels = [(LimitSource.CUSTOMER, own), (LimitSource.GROUP, Granted(rub(5)))]
    assert resolve_limit(levels, rub(1)) == ResolvedLimit(Granted(rub(5)), LimitSource.GROUP)
    assert resolve_limit([], rub(1)) == ResolvedLimit(Granted(rub(1)), LimitSource.COMPANY)


def _contract(limit: Any, *, active: bool = True) -> Contract:
    return Contract("ref", "Д-1", "RUB", active=active, limit=limit)


@pytest.mark.parametrize(
    ("contracts", "expected"),
    [
        pytest.param([], NOT_SET, id="no-contracts"),
        pytest.param([_contract(NOT_SET)], NOT_SET, id="switch-off-is-not-unlimited"),
        pytest.param([_contract(Granted(rub(5))), _contract(Granted(rub(7)))], Granted(rub(12)), id="sum"),
        pytest.param([_contract(Granted(rub(5))), _contract(NOT_SET)], Granted(rub(5)), id="one-switch-off"),
        pytest.param([_contract(Granted(rub(5)), active=False)], NOT_SET, id="closed-contract"),
        pytest.param([_contract(Granted(rub(5))), _contract(Unlimited())], Unlimited(), id="unlimited"),
    ],
)
def test_a_clients_limit_is_the_sum_over_his_active_contracts(
    contracts: list[Contract], expected: Any
) -> None:
    assert contracts_limit(contracts) == expected


def test_the_last_payment_is_the_first_listed() -> None:
    assert account().last_payment is None
    payments = (Payment(TODAY, rub(5)), Payment(TODAY, rub(6)))
    assert account(payments=payments).last_payment == payments[0]
