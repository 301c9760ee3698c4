"""The kinds of values a policy file may hold, each with what is asked of it."""

from __future__ import annotations

from decimal import Decimal
from typing import Annotated
from typing import Literal

from pydantic import AfterValidator
from pydantic import BeforeValidator
from pydantic import Field
from pydantic import PlainValidator
from pydantic_core import PydanticCustomError

from b24app.domain.limits import CreditLimit
from b24app.domain.money import Money
from b24app.files.amounts import WRITTEN
from b24app.files.amounts import parse_limit
from b24app.files.amounts import parse_money
from b24app.files.tax_number import is_tax_number

OFF = "off"


def _off(value: object) -> object:
    return None if value == OFF else value


def _exact(value: object) -> object:
    """Take a whole number for an exact one; the parser makes exact ones of all others."""
    return Decimal(value) if isinstance(value, int) and not isinstance(value, bool) else value


def _code(text: str) -> str:
    if text != text.strip() or not text.isprintable():
        raise PydanticCustomError("code", "not a code")
    return text


def _one_line(text: str) -> str:
    if text and not text.isprintable():
        raise PydanticCustomError("one_line", "not one line")
    return text


def _inn(text: str) -> str:
    if not is_tax_number(text):
        raise PydanticCustomError("inn", "not a tax number")
    return text


Off = BeforeValidator(_off)
MoneyText = Annotated[str, Field(pattern=WRITTEN)]
Amount = Annotated[Money, PlainValidator(parse_money, json_schema_input_type=MoneyText)]
Limit = Annotated[
    CreditLimit, PlainValidator(parse_limit, json_schema_input_type=MoneyText | Literal["unlimited"])
]
Code = Annotated[str, Field(min_length=1, max_length=50), AfterValidator(_code)]
GroupCode = Annotated[str, Field(min_length=1, max_length=10), AfterValidator(_code)]
Name = Annotated[str, Field(max_length=200), AfterValidator(_one_line)]
GroupName = Annotated[str, Field(max_length=60), AfterValidator(_one_line)]
Inn = Annotated[str, AfterValidator(_inn)]
DayCount = Annotated[int, Field(ge=0, le=3650)]
Rank = Annotated[int, Field(ge=0, le=1_000_000)]
Number = Annotated[int, Field(gt=0, le=2**53)]
Percent = Annotated[Decimal, BeforeValidator(_exact), Field(ge=0, le=1000, decimal_places=4)]
Score = Annotated[Decimal, BeforeValidator(_exact), Field(ge=-(10**6), le=10**6, decimal_places=2)]
Share = Annotated[Decimal, BeforeValidator(_exact), Field(ge=0, le=100, decimal_places=4)]
