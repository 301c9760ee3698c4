"""What the pages of 1C show: clients with their figures, contracts and documents."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING
from typing import Any

from flask import abort

if TYPE_CHECKING:
    from b24app.sandbox.onec.core import ClientBalance
    from b24app.sandbox.onec.families import SeededBase
    from b24app.sandbox.world import SeedClient
    from b24app.sandbox.world import World


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

    def __init__(self, onec: SeededBase, world: World) -> None:
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
            for kind, name in self.kinds.items()
            for row in self._onec.documents_of(key, kind)
        ]
        return sorted(rows, key=lambda row: row.written, reverse=True)


def _due(row: Any) -> str:
    days = [stage["ДатаПлатежа"] for stage in row.get("ЭтапыГрафикаОплаты", ())]
    return ", ".join(day.strftime("%d.%m.%Y") for day in days)
