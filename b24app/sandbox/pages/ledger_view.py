"""What the pages of 1C show: clients with their figures, contracts and documents."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING
from typing import Any

from flask import abort

from b24app.sandbox.onec.objects import BANK
from b24app.sandbox.onec.objects import CASH
from b24app.sandbox.onec.objects import SALE

if TYPE_CHECKING:
    from b24app.sandbox.onec.base import ClientBalance
    from b24app.sandbox.onec.base import SandboxOneC
    from b24app.sandbox.world import SeedClient
    from b24app.sandbox.world import World

KINDS = {SALE: "Реализация", BANK: "Поступление на счёт", CASH: "Приходный кассовый ордер"}


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
    """A document of a client."""

    kind: str
    ref: str
    number: str
    name: str
    written: Any
    amount: Any
    posted: bool
    due: str


class LedgerView:
    """Reads one base for its pages."""

    def __init__(self, onec: SandboxOneC, world: World) -> None:
        self._onec = onec
        self._clients = {client.key: client for client in world.clients if client.in_accounting}

    def clients(self, wanted: str = "") -> list[SeedClient]:
        """List the clients whose name or tax number contains a text."""
        text = wanted.casefold()
        return [one for one in self._clients.values() if text in f"{one.name} {one.inn}".casefold()]

    def known(self, key: str) -> SeedClient:
        """Return a client; an unknown key is a 404."""
        return self._clients.get(key) or abort(404)

    def balance(self, key: str) -> ClientBalance:
        """Return a client's figures in roubles."""
        return self._onec.balance(key)

    def contracts(self, key: str) -> list[ContractRow]:
        """Return a client's contracts as they stand now."""
        return [
            ContractRow(
                number=str(row["Номер"]),
                currency=self._currency(key, str(row["Номер"])),
                active=row["Статус"] == "Действует",
                limit=Decimal(str(row["ДопустимаяСуммаЗадолженности"]))
                if row["ОграничиватьСуммуЗадолженности"]
                else None,
                term=f"{row['СрокОплаты']} дн." if row["УстановленСрокОплаты"] else "не задан",
            )
            for row in self._onec.contracts_of(key)
        ]

    def _currency(self, key: str, number: str) -> str:
        return next(one.currency for one in self._clients[key].contracts if one.number == number)

    def documents(self, key: str) -> list[DocumentRow]:
        """Return a client's documents, newest first."""
        rows = [
            DocumentRow(
                kind=kind,
                ref=str(row["Ref_Key"]),
                number=str(row["Number"]),
                name=name,
                written=row["Date"],
                amount=row["СуммаДокумента"],
                posted=bool(row["Posted"]),
                due=_due(row),
            )
            for kind, name in KINDS.items()
            for row in self._onec.documents_of(key, kind)
        ]
        return sorted(rows, key=lambda row: row.written, reverse=True)


def _due(row: Any) -> str:
    days = [stage["ДатаПлатежа"] for stage in row.get("ЭтапыГрафикаОплаты", ())]
    return ", ".join(day.strftime("%d.%m.%Y") for day in days)
