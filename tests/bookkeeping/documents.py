"""Random clients with contracts, sales and receipts, the same for the same seed."""

from __future__ import annotations

import random
from dataclasses import dataclass
from datetime import date
from datetime import timedelta
from decimal import Decimal

CURRENCIES = ("RUB",) * 8 + ("USD", "EUR")
TERMS = (None, 0, 7, 14, 30, 45)
OLDEST_DAY = 170
"""How far back documents go; payments are looked for half a year back."""


@dataclass(frozen=True, slots=True)
class Agreement:
    """A customer contract; `term` in days, None: not set. `company`: `main` or `sister`."""

    number: str
    currency: str
    term: int | None
    company: str


@dataclass(frozen=True, slots=True)
class Sale:
    """A shipment, to be paid by instalments (due day, sum), the earliest first; a draft is not posted."""

    number: str
    agreement: str
    day: date
    instalments: tuple[tuple[date, Decimal], ...]
    draft: bool = False


@dataclass(frozen=True, slots=True)
class Receipt:
    """Money of a day; `sale` None: it names no document. Not `confirmed`: the bank has not moved it."""

    number: str
    agreement: str
    day: date
    amount: Decimal
    sale: str | None
    confirmed: bool


@dataclass(frozen=True, slots=True)
class Client:
    """One counterparty; branches of a legal person share its ИНН."""

    key: str
    inn: str
    kpp: str
    agreements: tuple[Agreement, ...]
    sales: tuple[Sale, ...]
    receipts: tuple[Receipt, ...]


def clients(count: int, *, seed: int, today: date) -> list[Client]:
    """Make so many clients; every ninth is a branch of the one before it, every fifth pays in cash."""
    chance = random.Random(seed)  # noqa: S311 - documents, not secrets
    made: list[Client] = []
    for number in range(count):
        branch = number % 9 == 8
        person = number % 5 == 4 and not branch
        inn = made[-1].inn if branch else f"{number:012d}"[-12:] if person else f"77{number:08d}"
        inn = f"5{inn[1:]}" if person else inn
        kpp = "" if len(inn) == len("500000000004") else f"7701{'02' if branch else '01'}001"
        made.append(_client(chance, f"k{number}", (inn, kpp), today))
    return made


def _client(chance: random.Random, key: str, numbers: tuple[str, str], today: date) -> Client:
    agreements = tuple(
        Agreement(
            f"Д-{key}-{n}",
            chance.choice(CURRENCIES),
            chance.choice(TERMS),
            chance.choice(("main", "main", "main", "sister")),
        )
        for n in range(chance.choice((1, 1, 1, 2, 3)))
    )
    days = chance.sample(range(1, OLDEST_DAY), 24)
    sales: list[Sale] = []
    receipts: list[Receipt] = []
    for agreement in agreements:
        own = [days.pop() for _ in range(7)]
        sold = [
            _sale(chance, f"С-{agreement.number}-{n}", agreement, today - timedelta(days=own.pop()))
            for n in range(chance.randint(0, 4))
        ]
        sales += sold
        receipts += _receipts(chance, agreement, sold, [today - timedelta(days=back) for back in own[:3]])
    receipts.sort(key=lambda receipt: (receipt.day, receipt.number))
    return Client(key, *numbers, agreements, tuple(sales), tuple(receipts))


def _sale(chance: random.Random, number: str, agreement: Agreement, day: date) -> Sale:
    first = day + timedelta(days=agreement.term or chance.choice((0, 3, 10)))
    parts = [(first, _money(chance))]
    if chance.random() < 1 / 4:
        parts.append((first + timedelta(days=chance.randint(1, 40)), _money(chance)))
    return Sale(number, agreement.number, day, tuple(parts), draft=chance.random() < 1 / 10)


def _receipts(
    chance: random.Random, agreement: Agreement, sales: list[Sale], days: list[date]
) -> list[Receipt]:
    """Make receipts; those of one contract all name their sales, or none does.

    Named ones never pay more than the first instalment of their sale.
    """
    left = {sale.number: sale.instalments[0][1] for sale in sales if not sale.draft}
    by_name = chance.random() < 1 / 2
    made: list[Receipt] = []
    for n, day in enumerate(days[: chance.randint(0, 3)]):
        number, confirmed = f"П-{agreement.number}-{n}", chance.random() > 1 / 8
        if not by_name or not left:
            made.append(Receipt(number, agreement.number, day, _money(chance), None, confirmed))
            continue
        sale = chance.choice(sorted(left))
        amount = left.pop(sale) if chance.random() < 1 / 3 else min(_money(chance), left[sale])
        if sale in left:
            left[sale] -= amount
            left = {name: rest for name, rest in left.items() if rest}
        made.append(Receipt(number, agreement.number, day, amount, sale, confirmed))
    return made


def _money(chance: random.Random) -> Decimal:
    return Decimal(chance.randint(1_00, 900_000_99)) / 100
