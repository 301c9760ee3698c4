"""The engine of «Управление нашей фирмой»: one register of debts and advances (onec_odata 3.3).

Debts stand under «Долг» by their document and are positive, advances under «Аванс» by the receipt and are
negative. A shipment offsets the advances its section «Предоплата» names; a work order that is done makes a
debt of its own. A client that keeps no settlements by contract or document has empty ones in the register.
"""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

from b24app.sandbox.onec.family import Family
from b24app.sandbox.onec.objects_unf import CONTRACTS
from b24app.sandbox.onec.objects_unf import COUNTERPARTIES
from b24app.sandbox.onec.objects_unf import DOCUMENTS
from b24app.sandbox.onec.objects_unf import ENTITIES
from b24app.sandbox.onec.objects_unf import ORDER
from b24app.sandbox.onec.objects_unf import RATES
from b24app.sandbox.onec.objects_unf import REGISTERS
from b24app.sandbox.onec.objects_unf import SALE
from b24app.sandbox.onec.posting import Movement
from b24app.sandbox.onec.posting import amount_of
from b24app.sandbox.onec.posting import date_of
from b24app.sandbox.onec.posting import rows_of
from b24app.sandbox.onec.schema import EMPTY_GUID
from b24app.sandbox.onec.schema import NAMESPACE
from b24app.sandbox.onec.schema import UNDEFINED
from b24app.sandbox.onec.schema import Row
from b24app.sandbox.onec.schema import Value

if TYPE_CHECKING:
    from collections.abc import Iterator

    from b24app.sandbox.onec.store import Store

DEBT, ADVANCE = "Долг", "Аванс"
WORK_ORDER = "ЗаказНаряд"


class SmallFirmEngine:
    """Movements by recorder."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._posted: dict[tuple[str, str], list[Movement]] = {}
        self.rates: dict[str, Decimal] = {}
        """What one unit of a currency (by its key) is worth in roubles."""

    def post(self, kind: str, key: str, row: Row, *, counts: bool) -> None:
        """Replace the movements of a document."""
        self._posted[kind, key] = list(self._moves(kind, row)) if counts else []

    def movements(self, register: str) -> list[Movement]:
        """All rows of the register."""
        del register
        return [one for made in self._posted.values() for one in made]

    def rows(self, name: str) -> list[Row] | None:
        """Nothing is computed here."""
        del name
        return None

    def holder(self, row: Row) -> str:
        """The counterparty of a row."""
        if "ИНН" in row:
            return str(row["Ref_Key"])
        return str(row.get("Контрагент_Key") or row.get("Owner") or "")

    def _moves(self, kind: str, row: Row) -> Iterator[Movement]:
        own = (NAMESPACE + kind, str(row["Ref_Key"]))
        if kind == SALE:
            contract = str(row["Договор_Key"])
            yield self._move(kind, row, DEBT, contract, own, amount_of(row, "СуммаДокумента"))
            for line in rows_of(row, "Предоплата"):
                paid = (str(line["Документ_Type"]), str(line["Документ"]))
                amount = amount_of(line, "СуммаРасчетов")
                yield self._move(kind, row, ADVANCE, contract, paid, amount)
                yield self._move(kind, row, DEBT, contract, own, -amount)
        elif kind == ORDER and row["ВидОперации"] == WORK_ORDER:
            yield self._move(kind, row, DEBT, str(row["Договор_Key"]), own, amount_of(row, "СуммаДокумента"))
        elif kind != ORDER:
            for line in rows_of(row, "РасшифровкаПлатежа"):
                about = own if line["ПризнакАванса"] else (str(line["Документ_Type"]), str(line["Документ"]))
                side = ADVANCE if line["ПризнакАванса"] else DEBT
                amount = -amount_of(line, "СуммаРасчетов")
                yield self._move(kind, row, side, str(line["Договор_Key"]), about, amount)

    def _move(
        self, kind: str, row: Row, side: str, contract: str, about: tuple[str, str], amount: Decimal
    ) -> Movement:
        holder = self._store.need(COUNTERPARTIES, str(row["Контрагент_Key"]))
        by_contract, by_document = holder["ВестиРасчетыПоДоговорам"], holder["ВестиРасчетыПоДокументам"]
        document = about if by_document and about[1] else (UNDEFINED, "")
        dimensions: dict[str, Value] = {
            "Организация_Key": row["Организация_Key"],
            "ТипРасчетов": side,
            "Контрагент_Key": row["Контрагент_Key"],
            "Договор_Key": contract if by_contract else EMPTY_GUID,
            "Документ": document[1],
            "Документ_Type": document[0],
            "Заказ": "",
            "Заказ_Type": UNDEFINED,
        }
        worth = abs(amount) * self._rate(contract)
        base = worth.quantize(Decimal("0.01"))
        sums = {"Сумма": base, "СуммаВал": abs(amount), "СуммаРег": base}
        source = (kind, str(row["Ref_Key"]))
        return Movement(source, date_of(row, "Date"), dimensions, sums, receipt=amount > 0)

    def _rate(self, contract: str) -> Decimal:
        held = self._store.get(CONTRACTS, contract)
        return self.rates.get(str(held["ВалютаРасчетов_Key"]), Decimal(1)) if held is not None else Decimal(1)


SMALL_FIRM = Family("unf", ENTITIES, REGISTERS, DOCUMENTS, SmallFirmEngine, slices=(RATES,))
