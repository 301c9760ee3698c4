"""What the pages of 1C show: clients with their figures, contracts and documents."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING
from typing import Any

from flask import abort

from b24app.sandbox.onec.books import guid

if TYPE_CHECKING:
    from b24app.sandbox.onec.families import SeededBase
    from b24app.sandbox.world import SeedClient
    from b24app.sandbox.world import World

RUBLE = "RUB"
CURRENCY_FIELDS = ("Валюта_Key", "ВалютаДокумента_Key", "ВалютаДенежныхСредств_Key")


@dataclass(frozen=True, slots=True)
class Figures:
    """A client's figures in one currency; what he owes and what he paid in advance are told apart."""

    currency: str
    debt: Decimal
    overdue: Decimal
    advance: Decimal
    pending: Decimal


@dataclass(frozen=True, slots=True)
class ContractRow:
    """A contract as 1C shows it; `limit` None: the switch is off."""

    number: str
    currency: str
    active: bool
    limit: Decimal | None
    term: str


@dataclass(frozen=True, slots=True)
class DocumentRow:
    """A document of a client; `days` are those its money is due or was moved by the bank."""

    kind: str
    ref: str
    number: str
    name: str
    written: Any
    amount: Any
    currency: str
    posted: bool
    days: str


class LedgerView:
    """Reads one base for its pages."""

    def __init__(self, onec: SeededBase, world: World) -> None:
        self._onec = onec
        self._clients = {client.key: client for client in world.clients if client.in_accounting}
        contracts = [contract for client in self._clients.values() for contract in client.contracts]
        self._codes = {guid("currency", code): code for code in {RUBLE, *(one.currency for one in contracts)}}

    def clients(self, wanted: str = "") -> list[SeedClient]:
        """List the clients whose name or tax number contains a text."""
        text = wanted.casefold()
        return [one for one in self._clients.values() if text in f"{one.name} {one.inn}".casefold()]

    def known(self, key: str) -> SeedClient:
        """Return a client; an unknown key is a 404."""
        return self._clients.get(key) or abort(404)

    def figures(self, key: str) -> list[Figures]:
        """Return a client's figures, one for each currency of his contracts."""
        currencies = dict.fromkeys(one.currency for one in self._clients[key].contracts) or {RUBLE: None}
        return [self._figures(key, currency) for currency in currencies]

    def _figures(self, key: str, currency: str) -> Figures:
        found = self._onec.balance(key, currency)
        return Figures(currency, found.debt + found.advance, found.overdue, found.advance, found.pending)

    def numbers(self, key: str) -> list[str]:
        """Return the numbers of a client's contracts; an unknown key is a 404."""
        return [contract.number for contract in self.known(key).contracts]

    def contracts(self, key: str) -> list[ContractRow]:
        """Return a client's contracts as they stand now."""
        return [
            ContractRow(
                number=card.number,
                currency=card.currency,
                active=card.active,
                limit=card.limit,
                term=f"{card.term_days} дн." if card.term_days is not None else "не задан",
            )
            for card in self._onec.contract_cards(key)
        ]

    @property
    def has_limits(self) -> bool:
        """Tell whether this configuration keeps limits."""
        return self._onec.has_limits

    @property
    def kinds(self) -> dict[str, str]:
        """The sets of documents shown, and what people call one."""
        return self._onec.kinds()

    def documents(self, key: str) -> list[DocumentRow]:
        """Return a client's documents, newest first; an unknown key is a 404."""
        self.known(key)
        rows = [
            DocumentRow(
                kind=kind,
                ref=str(row["Ref_Key"]),
                number=str(row["Number"]),
                name=name,
                written=row["Date"],
                amount=row["СуммаДокумента"],
                currency=self._codes[_currency_of(row)],
                posted=bool(row["Posted"]),
                days=_due(row) or _banked(row),
            )
            for kind, name in self.kinds.items()
            for row in self._onec.documents_of(key, kind)
        ]
        return sorted(rows, key=lambda row: row.written, reverse=True)


def _currency_of(row: Any) -> str:
    """Return the key of a document's currency, by whatever name its configuration calls it."""
    return next(str(row[name]) for name in CURRENCY_FIELDS if name in row)


def _due(row: Any) -> str:
    days = [stage["ДатаПлатежа"] for stage in row.get("ЭтапыГрафикаОплаты", ())]
    return f"оплатить до {', '.join(day.strftime('%d.%m.%Y') for day in days)}" if days else ""


def _banked(row: Any) -> str:
    """Say when the bank moved the money: it is that day, not the document's, the debt grew smaller by."""
    if "ПроведеноБанком" not in row:
        return ""
    if not row["ПроведеноБанком"]:
        return "банк ещё не провёл"
    return f"банк провёл {row['ДатаПроведенияБанком'].strftime('%d.%m.%Y')}"
