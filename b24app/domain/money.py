"""Money: an exact amount with its currency, two decimal places, half-up (credit_management K9)."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import ROUND_HALF_UP
from decimal import Decimal
from decimal import InvalidOperation
from functools import lru_cache
from typing import TYPE_CHECKING
from typing import Final

from b24app.domain.errors import BadMoneyError
from b24app.domain.errors import CurrencyMismatchError

if TYPE_CHECKING:
    from collections.abc import Iterable

CENT = Decimal("0.01")
NO_CURRENCY: Final = "XXX"
"""The code of ISO 4217 for no currency."""
ONE_KOPECK = CENT
_CODE_LENGTH = 3
_DIGITS = 20


@dataclass(frozen=True, slots=True, init=False)
class Money:
    """An amount in whole minor units of one currency.

    `amount` is rounded half-up to two places on construction (K9: compare after rounding); `currency` is a
    three-letter code. Raises `BadMoneyError` for anything but a finite `Decimal` and a code.
    """

    amount: Decimal
    currency: str

    def __init__(self, amount: Decimal, currency: str) -> None:
        """Refuse floats, NaN and malformed codes; bring the amount to two places."""
        if not (type(amount) is Decimal and amount.same_quantum(CENT) and amount.adjusted() < _DIGITS):
            amount = _rounded(amount)
        if not _is_code(currency):
            raise BadMoneyError(f"not a currency code: {currency!r}")
        _set_amount(self, amount)
        _set_currency(self, currency)

    @staticmethod
    def zero(currency: str) -> Money:
        """Nothing, in a currency."""
        return _zero(currency)

    def __add__(self, other: Money) -> Money:
        return Money(self.amount + self._same(other), self.currency)

    def __sub__(self, other: Money) -> Money:
        return Money(self.amount - self._same(other), self.currency)

    def __neg__(self) -> Money:
        return Money(-self.amount, self.currency)

    def __lt__(self, other: Money) -> bool:
        return self.amount < self._same(other)

    def __le__(self, other: Money) -> bool:
        return self.amount <= self._same(other)

    def __gt__(self, other: Money) -> bool:
        return self.amount > self._same(other)

    def __ge__(self, other: Money) -> bool:
        return self.amount >= self._same(other)

    def __bool__(self) -> bool:
        """Tell whether there is any money at all (negative counts)."""
        return self.amount != 0

    @property
    def is_positive(self) -> bool:
        """More than nothing."""
        return self.amount > 0

    def at_least_zero(self) -> Money:
        """This amount, or nothing when it is negative."""
        return self if self.amount > 0 else Money.zero(self.currency)

    def _same(self, other: Money) -> Decimal:
        if other.currency != self.currency:
            raise CurrencyMismatchError(self.currency, other.currency)
        return other.amount


# Every decision makes many: the slots are set as a frozen class sets them, by the shorter way.
_set_amount: Final = vars(Money)["amount"].__set__
_set_currency: Final = vars(Money)["currency"].__set__


def _rounded(amount: object) -> Decimal:
    if not isinstance(amount, Decimal) or not amount.is_finite():
        raise BadMoneyError(f"not an exact amount: {amount!r}")
    try:
        return amount.quantize(CENT, rounding=ROUND_HALF_UP)
    except InvalidOperation as error:
        raise BadMoneyError(f"amount out of range: {amount!r}") from error


@lru_cache(maxsize=256)
def _zero(currency: str) -> Money:
    return Money(Decimal(0), currency)


@lru_cache(maxsize=256)
def _is_code(text: str) -> bool:
    return len(text) == _CODE_LENGTH and text.isascii() and text.isalpha() and text.isupper()


def amount_in(money: Money, currency: str) -> Decimal:
    """Return the bare amount for sums of one currency; nothing is nothing in every currency.

    Raises `CurrencyMismatchError` for any other amount of another currency.
    """
    if money.currency != currency and money.amount:
        raise CurrencyMismatchError(currency, money.currency)
    return money.amount


def total(amounts: Iterable[Money], currency: str) -> Money:
    """Sum amounts of one currency; an empty series is nothing of that currency."""
    result = Decimal(0)
    for money in amounts:
        if money.currency != currency:
            raise CurrencyMismatchError(currency, money.currency)
        result += money.amount
    return Money(result, currency)
