"""Sums of a case file: `"5 000 000.00 RUB"`, or without a currency as text or as an exact number."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import Annotated
from typing import Final

from pydantic import Field
from pydantic import PlainValidator
from pydantic import WithJsonSchema
from pydantic_core import PydanticCustomError

from b24app.domain.limits import Unlimited
from b24app.domain.money import CENT
from b24app.domain.money import NO_CURRENCY
from b24app.domain.money import Money
from b24app.files.amounts import UNLIMITED
from b24app.files.amounts import parse_money

WRITTEN: Final = r"^\d[\d _\u00a0\u202f]*(\.\d{1,2})?([ \u00a0\u202f][A-Z]{3})?$"
_CODE: Final = 3
_TOO_LARGE: Final = Decimal(10) ** 13


@dataclass(frozen=True, slots=True)
class Sum:
    """A sum that may leave its currency to where it stands."""

    amount: Decimal
    currency: str | None = None

    def money(self, currency: str) -> Money:
        """Return the amount; `currency` is what the place it stands in says."""
        return Money(self.amount, self.currency or currency)


def parse_sum(value: object) -> Sum:
    """Read a sum that is not negative; raises `PydanticCustomError` named after its sentence."""
    if isinstance(value, str):
        text = value.strip()
        if text[-_CODE:].isalpha():
            money = parse_money(text)
            return Sum(money.amount, money.currency)
        return Sum(parse_money(f"{text} {NO_CURRENCY}").amount)
    if isinstance(value, bool) or not isinstance(value, int | Decimal):
        raise PydanticCustomError("money", "not money")
    return Sum(_exact(Decimal(value)))


def parse_sum_limit(value: object) -> Sum | Unlimited:
    """Read a limit: a sum, or the word for none at all."""
    return Unlimited() if value == UNLIMITED else parse_sum(value)


def _exact(amount: Decimal) -> Decimal:
    if amount < 0:
        raise PydanticCustomError("money_negative", "negative money")
    if amount >= _TOO_LARGE:
        raise PydanticCustomError("money_large", "too much money")
    if amount != amount.quantize(CENT):
        raise PydanticCustomError("money_places", "a part of a kopeck")
    return amount


SumText = Annotated[
    str, Field(pattern=WRITTEN, description='"5 000 000.00 RUB"; without a currency, that of the place')
]
SumNumber = Annotated[
    Decimal, WithJsonSchema({"type": "number", "minimum": 0, "exclusiveMaximum": int(_TOO_LARGE)})
]
LimitWord = Annotated[str, WithJsonSchema({"const": UNLIMITED})]
SumField = Annotated[Sum, PlainValidator(parse_sum, json_schema_input_type=SumText | SumNumber)]
LimitField = Annotated[
    Sum | Unlimited,
    PlainValidator(parse_sum_limit, json_schema_input_type=SumText | SumNumber | LimitWord),
]
