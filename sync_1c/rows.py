"""What is read from 1C before it becomes the domain's figures; no name of 1C's stands here."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import date

    from b24app.domain.receivable import Contract

ZERO = Decimal(0)


@dataclass(frozen=True, slots=True)
class Piece:
    """A sum settled with a client: what every configuration's registers come to.

    `currency` is a three-letter code. `amount` is owed to us, negative: the client's money. `due`: the day it
    is to be paid, None when 1C tells none. `document` is what people call it by.
    """

    organisation: str
    contract: str | None
    currency: str
    amount: Decimal
    due: date | None = None
    document: str | None = None
    pending: Decimal = ZERO
    shipping: Decimal = ZERO


@dataclass(frozen=True, slots=True)
class Key:
    """An analytics key: stands in the registers for a client, an organisation and a contract."""

    ref: str
    organisation: str
    counterparty: str | None
    contract: str | None


@dataclass(frozen=True, slots=True)
class Debt:
    """What is owed and prepaid under a key by one due day."""

    key: str
    currency: str
    due: date | None
    owed: Decimal
    prepaid: Decimal


@dataclass(frozen=True, slots=True)
class Balance:
    """The exact balance under a key; `item` is the settlement object when asked for."""

    key: str
    currency: str
    item: str | None
    amount: Decimal
    to_pay: Decimal
    pending: Decimal
    shipping: Decimal


@dataclass(frozen=True, slots=True)
class Settled:
    """A balance by counterparty, contract and settlement document.

    `amount` is in `currency` (a reference); with `currency` None it is in the contract's currency, where that
    is known, else `base_amount`, in the base currency, counts. `document` is its type and reference.
    `payable`: a debt that falls due; what stands elsewhere is money, or a debt without a day.
    """

    counterparty: str
    organisation: str
    contract: str | None
    currency: str | None
    amount: Decimal
    base_amount: Decimal
    document: tuple[str, str] | None
    payable: bool


@dataclass(frozen=True, slots=True)
class Terms:
    """When a debt under a contract is to be paid: by a day, after so many days, or as 1C's default says."""

    day: date | None = None
    days: int | None = None


@dataclass(frozen=True, slots=True)
class ClientContract:
    """A contract, the counterparty it is with, and its terms of payment."""

    counterparty: str
    contract: Contract
    terms: Terms = Terms()


@dataclass(frozen=True, slots=True)
class Receipt:
    """A client's payment, in the document's currency (a reference until the currencies are known)."""

    counterparty: str
    paid_on: date
    amount: Decimal
    currency: str


@dataclass(frozen=True, slots=True)
class WrittenOff:
    """Debt given up as hopeless; `holder` is a counterparty or an analytics key, `currency` a reference.

    An empty `currency` is the base currency.
    """

    holder: str
    amount: Decimal
    currency: str


@dataclass(frozen=True, slots=True)
class Dated:
    """A document, order or contract that is being settled: its number and day."""

    ref: str
    number: str
    dated: date | None
