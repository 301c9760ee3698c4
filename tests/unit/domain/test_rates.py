"""One conversion, at the rate of the day, and never a guess."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from b24app.domain.errors import MissingRateError
from b24app.domain.money import Money
from b24app.domain.rates import Rate
from b24app.domain.rates import Rates
from tests.builders import rub
from tests.builders import usd

DAY = date(2026, 11, 24)
RATES = Rates("RUB", (Rate("USD", Decimal(100), DAY), Rate("EUR", Decimal("110.5"), DAY)))


@pytest.mark.parametrize(
    ("money", "currency", "expected"),
    [
        pytest.param(usd(5_000), "RUB", rub(500_000), id="E14-into-the-base"),
        pytest.param(rub("33.33"), "USD", usd("0.33"), id="out-of-the-base"),
        pytest.param(Money(Decimal(10), "EUR"), "USD", usd("11.05"), id="across-the-base"),
        pytest.param(
            Money(Decimal(7), "CNY"), "CNY", Money(Decimal(7), "CNY"), id="equal-currencies-need-no-rate"
        ),
    ],
)
def test_an_amount_is_converted_once(money: Money, currency: str, expected: Money) -> None:
    assert RATES.convert(money, currency) == expected


def test_a_missing_rate_is_an_error_that_names_both_currencies() -> None:
    with pytest.raises(MissingRateError) as caught:
        RATES.convert(Money(Decimal(7), "CNY"), "RUB")
    assert (caught.value.left, caught.value.right) == ("CNY", "RUB")


def test_only_the_rates_that_mattered_are_told() -> None:
    assert [rate.currency for rate in RATES.used_for(["USD", "RUB"], "RUB")] == ["USD"]
    assert RATES.used_for(["RUB"], "RUB") == ()


def test_a_rate_of_nothing_is_refused() -> None:
    with pytest.raises(ValueError, match="positive"):
        Rates("RUB", (Rate("USD", Decimal(0), DAY),))
