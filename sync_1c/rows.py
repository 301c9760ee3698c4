"""What is read from 1C before it becomes the domain's figures; no name of 1C's stands here."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import date
    from decimal import Decimal

    from b24app.domain.receivable import Contract


@dataclass(frozen=True, slots=True)
class Key:
    """An analytics key: stands in the registers for a client, an organisation and a contract."""

    ref: str
    organisation: str
    counterparty: str | None
    contract: str | None


@dataclass(frozen=True, slots=True)
class Debt:
    """A row of request A: what is owed and prepaid by one due day."""

    key: str
    currency: str
    due: date | None
    owed: Decimal
    prepaid: Decimal


@dataclass(frozen=True, slots=True)
class Balance:
    """A row of request B; `item` is the settlement object when asked for."""

    key: str
    currency: str
    item: str | None
    amount: Decimal
    to_pay: Decimal
    pending: Decimal
    shipping: Decimal


@dataclass(frozen=True, slots=True)
class ClientContract:
    """A contract and the counterparty it is with."""

    counterparty: str
    contract: Contract


@dataclass(frozen=True, slots=True)
class Receipt:
    """A client's payment, in the document's currency (a reference until the currencies are known)."""

    counterparty: str
    paid_on: date
    amount: Decimal
    currency: str


@dataclass(frozen=True, slots=True)
class SettlementObject:
    """An order, invoice or contract that is being settled: its number and day."""

    ref: str
    number: str
    dated: date | None
