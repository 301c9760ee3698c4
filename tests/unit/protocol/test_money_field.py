"""The `amount|CURRENCY` field."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from b24app.domain.errors import BadMoneyError
from b24app.domain.money import Money
from b24app.protocol.money_field import parse_money
from b24app.protocol.money_field import render_money


@pytest.mark.parametrize(
    ("text", "amount"),
    [
        pytest.param("100000|RUB", "100000.00", id="whole"),
        pytest.param("100000.5|RUB", "100000.50", id="one decimal"),
        pytest.param(" 12.345 | RUB ", "12.35", id="spaces and a third decimal"),
        pytest.param("0|RUB", "0.00", id="zero is an amount"),
        pytest.param("-5|RUB", "-5.00", id="negative is an amount"),
        pytest.param("90071992547409.93|RUB", "90071992547409.93", id="more than a float can hold"),
    ],
)
def test_a_filled_field_is_exact(text: str, amount: str) -> None:
    assert parse_money(text) == Money(Decimal(amount), "RUB")


@pytest.mark.parametrize("value", ["", None, False, [], "|RUB", " |RUB", "|"])
def test_an_empty_field_is_no_money(value: object) -> None:
    assert parse_money(value) is None


@pytest.mark.parametrize("value", ["abc|RUB", "5", "5|", "5|руб", "NaN|RUB", "Infinity|RUB", 5, {"a": 1}])
def test_garbage_is_refused_and_not_guessed(value: object) -> None:
    with pytest.raises(BadMoneyError):
        parse_money(value)


@given(st.decimals(allow_nan=False, allow_infinity=False, places=2, min_value=-(10**15), max_value=10**15))
def test_what_was_written_is_read_back(amount: Decimal) -> None:
    money = Money(amount, "RUB")
    assert parse_money(render_money(money)) == money
