"""Bitrix24's money fields: one string `amount|CURRENCY` (bitrix24 6.4)."""

from __future__ import annotations

from decimal import Decimal
from decimal import InvalidOperation

from b24app.domain.errors import BadMoneyError
from b24app.domain.money import Money


def parse_money(text: object) -> Money | None:
    """Read a money field; None for an empty one (`None`, `""`, `"|RUB"`, `False`).

    Raises `BadMoneyError` for anything that is neither empty nor an amount with a currency.
    """
    if text is None or text is False or text in ("", []):
        return None
    if not isinstance(text, str):
        raise BadMoneyError(f"not a money field: {text!r}")
    amount, _, currency = (part.strip() for part in text.partition("|"))
    if not amount:
        return None
    try:
        number = Decimal(amount)
    except InvalidOperation as error:
        raise BadMoneyError(f"not a money field: {text!r}") from error
    return Money(number, currency)


def render_money(money: Money) -> str:
    """Write a money field, always with two decimals and a point."""
    return f"{money.amount:f}|{money.currency}"
