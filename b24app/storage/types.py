"""Column types that give back exactly what was stored: moments, choices, coded values, money."""

from __future__ import annotations

from datetime import UTC
from datetime import datetime
from decimal import Decimal
from enum import Enum
from typing import TYPE_CHECKING
from typing import Any
from typing import TypeVar

from sqlalchemy import JSON
from sqlalchemy import BigInteger
from sqlalchemy import Column
from sqlalchemy import DateTime
from sqlalchemy import Dialect
from sqlalchemy import String
from sqlalchemy import TypeDecorator

from b24app.domain.money import Money
from b24app.storage.codec import decode
from b24app.storage.codec import encode
from b24app.storage.errors import BrokenRowError

if TYPE_CHECKING:
    from sqlalchemy import RowMapping

Choice = TypeVar("Choice", bound=Enum)
_HUNDRED = Decimal(100)
_LARGEST = 2**63 - 1


class UtcMoment(TypeDecorator[datetime]):
    """An aware moment, kept in UTC; a naive one is refused."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Bring a moment to UTC; SQLite keeps it without a zone."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise BrokenRowError("a moment without a time zone cannot be stored")
        moment = value.astimezone(UTC)
        return moment.replace(tzinfo=None) if dialect.name == "sqlite" else moment

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Give the zone back."""
        del dialect
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


class Chosen(TypeDecorator[Choice]):
    """A member of an Enum, kept by its value."""

    impl = String(32)
    cache_ok = True

    def __init__(self, choices: type[Choice]) -> None:
        super().__init__()
        self.choices = choices

    def process_bind_param(self, value: Choice | None, dialect: Dialect) -> str | None:
        """Write the value of the member."""
        del dialect
        return None if value is None else str(self.choices(value).value)

    def process_result_value(self, value: str | None, dialect: Dialect) -> Choice | None:
        """Find the member again."""
        del dialect
        return None if value is None else self.choices(value)


class Coded(TypeDecorator[Any]):
    """Any frozen value that `codec` knows, as JSON; `kind` is its type hint."""

    impl = JSON(none_as_null=True)
    cache_ok = True

    def __init__(self, kind: Any) -> None:
        super().__init__()
        self.kind = kind

    def process_bind_param(self, value: object, dialect: Dialect) -> Any:
        """Encode by the column's hint."""
        del dialect
        return None if value is None else encode(self.kind, value)

    def process_result_value(self, value: Any, dialect: Dialect) -> Any:
        """Decode by the column's hint."""
        del dialect
        return None if value is None else decode(self.kind, value)


def money_columns(name: str, *, nullable: bool = False) -> tuple[Column[int], Column[str]]:
    """Make the two columns of an exact amount: whole minor units and currency code (credit_management K9)."""
    return (
        Column(f"{name}_minor", BigInteger, nullable=nullable),
        Column(f"{name}_currency", String(3), nullable=nullable),
    )


def money_values(name: str, money: Money | None) -> dict[str, int | str | None]:
    """Return the values of an amount's two columns; raises `BrokenRowError` beyond 64 bits."""
    if money is None:
        return {f"{name}_minor": None, f"{name}_currency": None}
    minor = int(money.amount * _HUNDRED)
    if abs(minor) > _LARGEST:
        raise BrokenRowError(f"amount out of range for the database: {money.amount}")
    return {f"{name}_minor": minor, f"{name}_currency": money.currency}


def money_from(row: RowMapping, name: str) -> Money:
    """Read an amount back from its two columns."""
    return Money(Decimal(row[f"{name}_minor"]) / _HUNDRED, row[f"{name}_currency"])


def money_or_none(row: RowMapping, name: str) -> Money | None:
    """Read an amount that may be missing."""
    return None if row[f"{name}_minor"] is None else money_from(row, name)
