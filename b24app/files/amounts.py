"""How money is written in a file: `"5 000 000.00 RUB"`, which nobody can take for another sum or currency."""

from __future__ import annotations

import re
from decimal import Decimal
from typing import Final

from pydantic_core import PydanticCustomError

from b24app.domain.limits import CreditLimit
from b24app.domain.limits import Granted
from b24app.domain.limits import Unlimited
from b24app.domain.money import Money

UNLIMITED: Final = "unlimited"
WRITTEN: Final = r"^\d[\d _\u00a0\u202f]*(\.\d{1,2})?[ \u00a0\u202f][A-Z]{3}$"
"""The form of an amount for a schema: a little wider than what is taken."""
_WRITTEN: Final = re.compile(
    r"(?P<sign>[-\u2212]?)(?P<whole>\d{1,3}(?:[ _\u00a0\u202f]\d{3})+|\d+)(?:\.(?P<cents>\d{1,2}))?"
    r"[ \u00a0\u202f](?P<currency>[A-Z]{3})"
)
_NOT_DIGIT: Final = re.compile(r"\D")
_LONGEST: Final = 13


def parse_money(value: object) -> Money:
    """Read an amount that is not negative; raises `PydanticCustomError` named after its sentence."""
    found = _WRITTEN.fullmatch(value.strip()) if isinstance(value, str) else None
    if found is None:
        comma = isinstance(value, str) and "," in value
        raise PydanticCustomError("money_comma" if comma else "money", "not money")
    if found["sign"]:
        raise PydanticCustomError("money_negative", "negative money")
    whole = _NOT_DIGIT.sub("", found["whole"])
    if len(whole.lstrip("0")) > _LONGEST:
        raise PydanticCustomError("money_large", "too much money")
    return Money(Decimal(f"{whole}.{found['cents'] or '0'}"), found["currency"])


def parse_limit(value: object) -> CreditLimit:
    """Read a limit: an amount, or the word for none at all."""
    return Unlimited() if value == UNLIMITED else Granted(parse_money(value))


def write_money(money: Money) -> str:
    """Write an amount as `parse_money` reads it."""
    return f"{money.amount:,.2f} {money.currency}".replace(",", " ")
