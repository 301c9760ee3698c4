"""Currencies of a base: from references to three-letter codes, from prices to rates."""

from __future__ import annotations

from typing import TYPE_CHECKING

from b24app.domain.rates import Rate
from sync_1c.odata import BadValueError

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime
    from decimal import Decimal

BASE_CURRENCY = "RUB"


def currency_code(ref: str | None, currencies: Mapping[str, str]) -> str:
    """Find a currency's three-letter code; raises `BadValueError` for an unknown reference."""
    code = currencies.get(ref or "")
    if code is None:
        raise BadValueError(f"currency {ref or '(empty)'} is unknown")
    return code


def rate_of(code: str | None, price: Decimal, units: Decimal, moment: datetime | None) -> Rate | None:
    """Make a rate of a price for so many units.

    None for the base currency and one without a code, and for a price without a worth or a day.
    """
    if code is None or code == BASE_CURRENCY or moment is None or price <= 0:
        return None
    return Rate(code, price / units if units > 0 else price, moment.date())
