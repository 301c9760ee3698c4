"""The made-up wholesale company both sandboxes are seeded from, as plain values."""

from __future__ import annotations

from dataclasses import dataclass
from dataclasses import field
from datetime import date
from decimal import Decimal


@dataclass(frozen=True, slots=True)
class SeedUser:
    """A portal user. `head` marks the head of the department."""

    id: int
    name: str
    last_name: str
    department: int
    position: str
    admin: bool = False
    head: bool = False


@dataclass(frozen=True, slots=True)
class SeedDepartment:
    """A department of the portal."""

    id: int
    name: str
    parent: int | None


@dataclass(frozen=True, slots=True)
class SeedSale:
    """A posted shipment in 1C: its day, its sum, the instalments it is to be paid in (due day, sum)."""

    number: str
    contract: str
    sold_on: date
    amount: Decimal
    instalments: tuple[tuple[date, Decimal], ...]


@dataclass(frozen=True, slots=True)
class SeedPayment:
    """A receipt in 1C. `sale` names the sale it pays, None leaves it an advance under the contract.

    `confirmed` False: entered, the bank has not confirmed it (ПроведеноБанком is false).
    """

    number: str
    contract: str
    paid_on: date
    amount: Decimal
    sale: str | None
    confirmed: bool = True


@dataclass(frozen=True, slots=True)
class SeedContract:
    """A customer contract in 1C. `limit` None: the limit switch is off. `term_days` None: no term set.

    `company`: the own company that sells under it, `main` or its `sister`.
    """

    number: str
    limit: Decimal | None
    term_days: int | None
    currency: str = "RUB"
    active: bool = True
    company: str = "main"


@dataclass(frozen=True, slots=True)
class SeedClient:
    """One client on both sides; `inn` may be empty (no requisite), `in_accounting` False: unknown to 1C.

    `shipping` is the register figure «Отгружается» by contract number. `cards`: how many CRM companies carry
    this tax number (duplicates share one credit account).
    """

    key: str
    name: str
    full_name: str
    inn: str
    kpp: str
    kind: str
    manager: int
    contracts: tuple[SeedContract, ...] = ()
    sales: tuple[SeedSale, ...] = ()
    payments: tuple[SeedPayment, ...] = ()
    shipping: dict[str, Decimal] = field(default_factory=dict)
    in_accounting: bool = True
    cards: int = 1


@dataclass(frozen=True, slots=True)
class SeedDeal:
    """A deal of the portal. `client` None: a deal without a company. `stage` is a STATUS_ID of the funnel."""

    key: str
    title: str
    client: str | None
    amount: Decimal
    manager: int
    stage: str
    currency: str = "RUB"


@dataclass(frozen=True, slots=True)
class World:
    """Everything both sandboxes start with."""

    today: date
    departments: tuple[SeedDepartment, ...]
    users: tuple[SeedUser, ...]
    clients: tuple[SeedClient, ...]
    deals: tuple[SeedDeal, ...]
    cfo: int
    deputy: int
    sales_head: int
    administrator: int
