"""How money, tax numbers and values are written in files and read from them."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic_core import PydanticCustomError

from b24app.domain.limits import Granted
from b24app.domain.limits import Unlimited
from b24app.domain.money import Money
from b24app.files.amounts import parse_limit
from b24app.files.amounts import parse_money
from b24app.files.amounts import write_money
from b24app.files.tax_number import has_right_check_digits
from b24app.files.tax_number import is_tax_number
from b24app.sandbox.seed import with_check_digits
from tests.builders import rub
from tests.builders import usd


@pytest.mark.parametrize(
    ("text", "money"),
    [
        ("5000000.00 RUB", rub(5_000_000)),
        ("5 000 000.00 RUB", rub(5_000_000)),
        ("5\u00a0000\u202f000 RUB", rub(5_000_000)),
        ("5_000.5 USD", usd("5000.50")),
        (" 0.01 RUB ", rub("0.01")),
        ("0 RUB", rub(0)),
    ],
)
def test_money_is_read_as_people_write_it(text: str, money: Money) -> None:
    assert parse_money(text) == money


@pytest.mark.parametrize(
    ("value", "key"),
    [
        ("5000", "money"),
        ("RUB 5000", "money"),
        ("5000 rub", "money"),
        ("5000 ₽", "money"),
        ("50 00 RUB", "money"),
        ("5.000.000 RUB", "money"),
        ("5.001 RUB", "money"),
        ("1e3 RUB", "money"),
        ("", "money"),
        (5000, "money"),
        (Decimal(5), "money"),
        (None, "money"),
        ("1,5 RUB", "money_comma"),
        ("5,000,000.00 RUB", "money_comma"),
        ("-5 RUB", "money_negative"),
        ("\u22125 RUB", "money_negative"),
        ("10 000 000 000 000 RUB", "money_large"),
    ],
    ids=repr,
)
def test_what_may_be_misread_is_refused(value: object, key: str) -> None:
    with pytest.raises(PydanticCustomError) as refused:
        parse_money(value)
    assert refused.value.type == key


@given(st.decimals(0, 10**13 - 1, places=2, allow_nan=False), st.sampled_from(["RUB", "USD", "CNY"]))
def test_what_is_written_is_read(amount: Decimal, currency: str) -> None:
    assert parse_money(write_money(Money(amount, currency))) == Money(amount, currency)


def test_a_limit_may_be_none_at_all() -> None:
    assert parse_limit("unlimited") == Unlimited()
    assert parse_limit("0 RUB") == Granted(rub(0))


@pytest.mark.parametrize("inn", ["7707083893", "500100732259"])
def test_a_right_tax_number(inn: str) -> None:
    assert is_tax_number(inn)
    assert has_right_check_digits(inn)


@pytest.mark.parametrize("inn", ["7707083894", "500100732258", "500100732269"])
def test_a_tax_number_with_a_typing_error(inn: str) -> None:
    assert is_tax_number(inn)
    assert not has_right_check_digits(inn)


@pytest.mark.parametrize("text", ["", "770708389", "77070838931", "770708389x", "７７０７０８３８９３"])
def test_what_is_no_tax_number(text: str) -> None:
    assert not is_tax_number(text)


@given(st.from_regex(r"[0-9]{9,10}", fullmatch=True))
def test_made_up_tax_numbers_are_right(digits: str) -> None:
    assert has_right_check_digits(with_check_digits(digits))
