"""Exchange rates of a day: amounts come to one currency once, before anything is compared (N8, D14)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING

from b24app.domain.errors import MissingRateError
from b24app.domain.money import Money

if TYPE_CHECKING:
    from collections.abc import Iterable


@dataclass(frozen=True, slots=True)
class Rate:
    """The price of one unit of a currency in the base currency, and the day it was set for."""

    currency: str
    value: Decimal
    on: date


@dataclass(frozen=True, slots=True)
class Rates:
    """What one unit of each currency costs in the base currency.

    Raises `ValueError` for a rate that is not positive.
    """

    base: str
    known: tuple[Rate, ...] = ()

    def __post_init__(self) -> None:
        """Refuse a rate that would make money vanish."""
        for rate in self.known:
            if not rate.value.is_finite() or rate.value <= 0:
                raise ValueError(f"rate of {rate.currency} must be positive: {rate.value}")

    def rate(self, currency: str) -> Rate | None:
        """Return the rate of a currency, None when it is not known or is the base currency itself."""
        if currency == self.base:
            return None
        return next((rate for rate in self.known if rate.currency == currency), None)

    def convert(self, money: Money, currency: str) -> Money:
        """Bring an amount to another currency, rounded half-up to two places (K9).

        An amount already in that currency is returned as it is, whatever the rates say. Raises
        `MissingRateError` when a rate is not known.
        """
        if money.currency == currency:
            return money
        price = self._price(money.currency, money.currency, currency)
        return Money(money.amount * price / self._price(currency, money.currency, currency), currency)

    def can_convert(self, source: str, target: str) -> bool:
        """Tell whether the prices of both currencies are known."""
        if source == target:
            return True
        return all(each == self.base or self.rate(each) is not None for each in (source, target))

    def not_older(self, day: date) -> Rates:
        """Leave out rates set before a day: an old price is no price."""
        if all(rate.on >= day for rate in self.known):
            return self
        return Rates(self.base, tuple(rate for rate in self.known if rate.on >= day))

    def used_for(self, currencies: Iterable[str], currency: str) -> tuple[Rate, ...]:
        """Return the rates that bring these currencies to `currency`, for the record of a decision."""
        foreign = {each for each in currencies if each != currency}
        wanted = sorted(foreign | {currency}) if foreign else []
        return tuple(rate for each in wanted if (rate := self.rate(each)) is not None)

    def _price(self, wanted: str, source: str, target: str) -> Decimal:
        if wanted == self.base:
            return Decimal(1)
        rate = self.rate(wanted)
        if rate is None:
            raise MissingRateError(source, target)
        return rate.value
