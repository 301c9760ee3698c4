"""The Portal port about exchange rates, over the fake and over the gateway on a real wire."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

import pytest

from b24app.domain.errors import MissingRateError
from b24app.domain.money import Money
from b24app.ports.errors import GatewayError
from tests.builders import rub
from tests.builders import usd

if TYPE_CHECKING:
    from tests.contract.sides import Side


def test_rates_are_prices_of_one_unit_in_the_base_currency(side: Side) -> None:
    rates = side.portal.fetch_rates()
    assert rates.base == "RUB"
    assert {rate.currency: rate.value for rate in rates.known} == {
        "USD": Decimal("92.50"),
        "EUR": Decimal("100.40"),
        "CNY": Decimal("12.83"),
    }
    assert rates.convert(usd(10), "RUB") == rub(925)
    assert rates.convert(Money(Decimal(100), "CNY"), "RUB") == rub(1283)


def test_a_currency_the_portal_does_not_have_converts_nothing(side: Side) -> None:
    with pytest.raises(MissingRateError):
        side.portal.fetch_rates().convert(Money(Decimal(1), "GBP"), "RUB")


def test_a_rate_that_was_changed_is_told_anew_with_its_day(side: Side) -> None:
    before = {rate.currency: rate for rate in side.portal.fetch_rates().known}
    day = side.set_rate("CNY", Decimal("131.50"), 10)
    after = {rate.currency: rate for rate in side.portal.fetch_rates().known}
    assert (after["CNY"].value, after["CNY"].on) == (Decimal("13.15"), day)
    assert (after["USD"], after["EUR"]) == (before["USD"], before["EUR"])


def test_lost_tokens_are_an_error_never_an_empty_list(side: Side) -> None:
    side.lose_tokens()
    with pytest.raises(GatewayError) as caught:
        side.portal.fetch_rates()
    assert not caught.value.retryable
