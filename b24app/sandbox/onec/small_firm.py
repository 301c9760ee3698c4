"""An offline base of «Управление нашей фирмой», seeded from a world."""

from __future__ import annotations

from collections.abc import Iterable
from collections.abc import Mapping
from datetime import date
from datetime import datetime
from datetime import timedelta
from decimal import Decimal

from b24app.sandbox.onec import objects_unf as unf
from b24app.sandbox.onec.books import guid
from b24app.sandbox.onec.books import own_company
from b24app.sandbox.onec.by_document import DocumentBase
from b24app.sandbox.onec.by_document import total
from b24app.sandbox.onec.core import Document
from b24app.sandbox.onec.engine_unf import DEBT
from b24app.sandbox.onec.engine_unf import SMALL_FIRM
from b24app.sandbox.onec.posting import Movement
from b24app.sandbox.onec.posting import date_of
from b24app.sandbox.onec.schema import NAMESPACE
from b24app.sandbox.onec.schema import Value
from b24app.sandbox.world import SeedClient
from b24app.sandbox.world import SeedContract

_NOTHING = Decimal(0)


class SandboxSmallFirm(DocumentBase):
    """A base of «Управление нашей фирмой»; sales fall due by the term of their contract."""

    family = SMALL_FIRM
    sale_kind, bank_kind, cash_kind = unf.SALE, unf.BANK, unf.CASH

    def _counterparty(self, client: SeedClient) -> dict[str, Value]:
        kept = ("Покупатель", "ВестиРасчетыПоДоговорам", "ВестиРасчетыПоДокументам", "ВестиРасчетыПоЗаказам")
        return super()._counterparty(client) | dict.fromkeys(kept, True)

    def _contract(self, client: SeedClient, one: SeedContract) -> dict[str, Value]:
        return {
            "Description": f"Договор поставки {one.number}",
            "НомерДоговора": one.number,
            "Owner": guid("counterparty", client.key),
            "Owner_Type": NAMESPACE + unf.COUNTERPARTIES,
            "Организация_Key": own_company(one.company),
            "ВидДоговора": "СПокупателем",
            "ВалютаРасчетов_Key": guid("currency", one.currency),
            "СрокОплатыПокупателя": one.term_days or 0,
            "Недействителен": not one.active,
        }

    def _sale(
        self, client_key: str, contract: str, number: str, days: tuple[datetime, date], amount: Decimal
    ) -> Document:
        ref, one = self._sale_ref(client_key, contract, number), self._contracts[client_key][contract]
        values: dict[str, Value] = {
            "Number": number,
            "Date": days[0],
            "Posted": True,
            "Организация_Key": own_company(one.company),
            "ВидОперации": "ПродажаПокупателю",
            "Контрагент_Key": guid("counterparty", client_key),
            "Договор_Key": guid("contract", client_key, contract),
            "ВалютаДокумента_Key": guid("currency", one.currency),
            "СуммаДокумента": amount,
        }
        self.write(unf.SALE, ref, values)
        return Document(unf.SALE, ref, number)

    def _lines(
        self, client_key: str, contract: str, amount: Decimal, document: str | None
    ) -> list[dict[str, Value]]:
        ref = guid("contract", client_key, contract)
        if document is not None:
            return [_paid(ref, amount, document)]
        lines: list[dict[str, Value]] = []
        for owed, left in self._debts(ref):
            part = min(left, amount)
            if part > 0:
                lines.append(_paid(ref, part, owed))
                amount -= part
        return [*lines, *([_paid(ref, amount, None)] if amount > 0 else [])]

    def _debts(self, contract: str) -> list[tuple[str, Decimal]]:
        sums: dict[str, Decimal] = {}
        for x in self._store.movements(unf.REGISTER):
            if self._under(x) == contract and x.dimensions["ТипРасчетов"] == DEBT:
                key = str(x.dimensions["Документ"])
                sums[key] = sums.get(key, _NOTHING) + _signed(x)
        known = [(key, left) for key, left in sums.items() if left > 0]
        return sorted(known, key=lambda pair: date_of(self._store.need(unf.SALE, pair[0]), "Date"))

    def _receipt(self, header: dict[str, Value], lines: list[dict[str, Value]], *, cash: bool) -> Document:
        kind = unf.CASH if cash else unf.BANK
        contract = str(lines[0]["Договор_Key"])
        currency = header.pop("currency")
        ref = guid("receipt", contract, str(header["Number"]))
        values: dict[str, Value] = {
            **header,
            "ВидОперации": "ОтПокупателя",
            "Контрагент_Key": self._store.need(unf.CONTRACTS, contract)["Owner"],
            "СуммаДокумента": total(lines, "СуммаПлатежа"),
            "ВалютаДенежныхСредств_Key": currency,
            "РасшифровкаПлатежа": tuple(lines),
        }
        self.write(kind, ref, values)
        return Document(kind, ref, str(header["Number"]))

    def _under(self, movement: Movement) -> str:
        return str(movement.dimensions["Договор_Key"])

    def _by_document(
        self, moved: Iterable[Movement], refs: Mapping[str, SeedContract]
    ) -> list[tuple[Decimal, date | None]]:
        sums: dict[tuple[str, str, str], Decimal] = {}
        for x in moved:
            key = (str(x.dimensions["ТипРасчетов"]), self._under(x), str(x.dimensions["Документ"]))
            sums[key] = sums.get(key, _NOTHING) + _signed(x)
        return [
            (amount, self._due(document, refs[contract]) if side == DEBT else None)
            for (side, contract, document), amount in sums.items()
            if amount
        ]

    def _due(self, ref: str, contract: SeedContract) -> date | None:
        found = self._store.get(unf.SALE, ref)
        if found is None or not contract.term_days:
            return None
        return date_of(found, "Date").date() + timedelta(days=contract.term_days)


def _paid(contract: str, amount: Decimal, document: str | None) -> dict[str, Value]:
    line: dict[str, Value] = {
        "Договор_Key": contract,
        "СуммаРасчетов": amount,
        "СуммаПлатежа": amount,
        "ПризнакАванса": document is None,
    }
    if document is not None:
        line |= {"Документ": document, "Документ_Type": NAMESPACE + unf.SALE}
    return line


def _signed(movement: Movement) -> Decimal:
    part = movement.resources["СуммаВал"]
    return part if movement.receipt else -part
