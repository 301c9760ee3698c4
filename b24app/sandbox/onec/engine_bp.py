"""The engine of «Бухгалтерия предприятия 3.0»: entries on the accounts of settlements (onec_odata 3.2).

A shipment debits 62.01 and offsets advances of its contract, the oldest first; a receipt pays the document it
names, or with «Автоматически» the oldest debts of its contract, and the rest is an advance on 62.02. Foreign
money stands on 62.21 and 62.22. Documents of a contract are taken in the order of time, so a document written
back in time changes what the later ones offset, as re-posting a month does.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from dataclasses import field
from datetime import datetime
from decimal import Decimal
from typing import TYPE_CHECKING

from b24app.sandbox.onec.family import Family
from b24app.sandbox.onec.objects_bp import BANK
from b24app.sandbox.onec.objects_bp import CASH
from b24app.sandbox.onec.objects_bp import CONTRACTS
from b24app.sandbox.onec.objects_bp import COUNTERPARTIES
from b24app.sandbox.onec.objects_bp import CURRENCIES
from b24app.sandbox.onec.objects_bp import DOCUMENTS
from b24app.sandbox.onec.objects_bp import ENTITIES
from b24app.sandbox.onec.objects_bp import MANUAL
from b24app.sandbox.onec.objects_bp import PRIMARY
from b24app.sandbox.onec.objects_bp import RATES
from b24app.sandbox.onec.objects_bp import REGISTERS
from b24app.sandbox.onec.objects_bp import SALE
from b24app.sandbox.onec.objects_bp import account
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
    from b24app.sandbox.onec.store import Store

_AUTOMATICALLY = "Автоматически"
_RUBLE = "643"
Source = tuple[str, str]


@dataclass(slots=True)
class _Open:
    """What is left of a debt or of an advance, by the document that made it."""

    document: Source
    left: Decimal


@dataclass(slots=True)
class _Contract:
    """Settlements of one contract while its documents are taken in order."""

    holder: str
    contract: str
    organisation: str
    currency: str | None
    rate: Decimal
    debts: list[_Open] = field(default_factory=list)
    advances: list[_Open] = field(default_factory=list)
    made: list[Movement] = field(default_factory=list)

    def sold(self, source: Source, moment: datetime, amount: Decimal) -> None:
        """Debit the debt, then offset advances, the oldest first."""
        self._enter(source, moment, "62.01", source, amount, debit=True)
        debt = _Open(source, amount)
        self.debts.append(debt)
        for advance in self.advances:
            self._offset(source, moment, debt, advance)

    def paid(self, source: Source, moment: datetime, amount: Decimal, settles: Source | None) -> None:
        """Credit the debts a receipt pays; what is left over is an advance."""
        for debt in self.debts:
            if settles is not None and debt.document != settles:
                continue
            part = min(debt.left, amount)
            if part > 0:
                self._enter(source, moment, "62.01", debt.document, part, debit=False)
                debt.left -= part
                amount -= part
        if amount > 0:
            self._enter(source, moment, "62.02", source, amount, debit=False)
            self.advances.append(_Open(source, amount))

    def _offset(self, source: Source, moment: datetime, debt: _Open, advance: _Open) -> None:
        part = min(debt.left, advance.left)
        if part > 0:
            self._enter(source, moment, "62.02", advance.document, part, debit=True)
            self._enter(source, moment, "62.01", debt.document, part, debit=False)
            debt.left -= part
            advance.left -= part

    def _enter(
        self, source: Source, moment: datetime, code: str, about: Source, amount: Decimal, *, debit: bool
    ) -> None:
        foreign = self.currency is not None
        dimensions = dimensions_of(
            account(code.replace(".0", ".2") if foreign else code),
            self.organisation,
            self.currency or EMPTY_GUID,
            (self.holder, self.contract, about),
        )
        base = (amount * self.rate).quantize(Decimal("0.01"))
        sums = {"Сумма": base, "ВалютнаяСумма": amount if foreign else Decimal(0)}
        self.made.append(Movement(source, moment, dimensions, sums, receipt=debit))


def dimensions_of(
    account_key: str, organisation: str, currency: str, about: tuple[str, str, Source | None]
) -> dict[str, Value]:
    """The dimensions of an entry; `about` is the counterparty, the contract and the document."""
    holder, contract, document = about
    made: dict[str, Value] = {
        "Account_Key": account_key,
        "Организация_Key": organisation,
        "Валюта_Key": currency,
        "Подразделение_Key": EMPTY_GUID,
    }
    pairs = ((COUNTERPARTIES, holder), (CONTRACTS, contract), document or ("", ""))
    for number, (kind, key) in enumerate(pairs, start=1):
        made[f"ExtDimension{number}"] = key
        made[f"ExtDimension{number}_Type"] = NAMESPACE + kind if key else UNDEFINED
    return made


class AccountingEngine:
    """Entries by contract, made anew when a document of the contract changes; primary data beside them."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._documents: dict[str, dict[Source, Row]] = defaultdict(dict)
        self._entries: dict[str, list[Movement]] = {}
        self._manual: dict[Source, list[Movement]] = {}
        self._stale: set[str] = set()
        self.rates: dict[str, Decimal] = {}
        """What one unit of a currency (by its key) is worth in roubles."""

    def post(self, kind: str, key: str, row: Row, *, counts: bool) -> None:
        """Remember a document; its contract is reckoned when it is asked for."""
        source = (kind, key)
        if kind == MANUAL:
            self._manual[source] = list(_manual(source, row)) if counts else []
            return
        for contract, held in self._documents.items():
            if held.pop(source, None) is not None:
                self._stale.add(contract)
        if counts:
            contract = str(row["ДоговорКонтрагента_Key"])
            self._documents[contract][source] = row
            self._stale.add(contract)

    def movements(self, register: str) -> list[Movement]:
        """All entries."""
        del register
        for contract in self._stale:
            self._entries[contract] = self._reckon(contract)
        self._stale.clear()
        made = [*self._entries.values(), *self._manual.values()]
        return [entry for entries in made for entry in entries]

    def rows(self, name: str) -> list[Row] | None:
        """The register of primary data: the day and number of every posted document."""
        if name != PRIMARY:
            return None
        held = [pair for documents in self._documents.values() for pair in documents.items()]
        held += [((MANUAL, str(row["Ref_Key"])), row) for row in self._store.rows(MANUAL) if row["Posted"]]
        return [self._primary(source, row) for source, row in held]

    def holder(self, row: Row) -> str:
        """The counterparty of a row."""
        if "ИНН" in row:
            return str(row["Ref_Key"])
        return str(row.get("ExtDimension1") or row.get("Owner_Key") or row.get("Контрагент_Key") or "")

    def _primary(self, source: Source, row: Row) -> Row:
        values: dict[str, Value] = {
            "Организация_Key": row["Организация_Key"],
            "Документ": source[1],
            "Документ_Type": NAMESPACE + source[0],
            "Номер": row["Number"],
            "Дата": row["Date"],
            "ДатаРегистратора": row["Date"],
            "НомерРегистратора": row["Number"],
        }
        return self._store.family.by_name[PRIMARY].complete(values)

    def _reckon(self, contract: str) -> list[Movement]:
        held = self._store.need(CONTRACTS, contract)
        currency = str(held["ВалютаВзаиморасчетов_Key"])
        foreign = self._store.need(CURRENCIES, currency)["Code"] != _RUBLE
        settled = _Contract(
            str(held["Owner_Key"]),
            contract,
            str(held["Организация_Key"]),
            currency if foreign else None,
            self.rates.get(currency, Decimal(1)),
        )
        documents = sorted(
            self._documents[contract].items(), key=lambda pair: (date_of(pair[1], "Date"), pair[1]["Number"])
        )
        for source, row in documents:
            moment = date_of(row, "Date")
            if source[0] == SALE:
                settled.sold(source, moment, amount_of(row, "СуммаДокумента"))
                continue
            for line in rows_of(row, "РасшифровкаПлатежа"):
                by_document = line["СпособПогашенияЗадолженности"] != _AUTOMATICALLY and line["Сделка"]
                named = (str(line["Сделка_Type"]).removeprefix(NAMESPACE), str(line["Сделка"]))
                amount = amount_of(line, "СуммаВзаиморасчетов")
                settled.paid(source, moment, amount, named if by_document else None)
        return settled.made


def _manual(source: Source, row: Row) -> list[Movement]:
    """The entries of a manual operation, as they stand in it."""
    moment, organisation = date_of(row, "Date"), str(row["Организация_Key"])
    made: list[Movement] = []
    for line in rows_of(row, "Проводки"):
        named = str(line["Документ"])
        document = (str(line["Документ_Type"]).removeprefix(NAMESPACE), named) if named else None
        about = (str(line["Контрагент_Key"]), str(line["Договор_Key"]), document)
        where = dimensions_of(str(line["Счет_Key"]), organisation, str(line["Валюта_Key"]), about)
        sums = {"Сумма": amount_of(line, "Сумма"), "ВалютнаяСумма": amount_of(line, "ВалютнаяСумма")}
        made.append(Movement(source, moment, where, sums, receipt=bool(line["Дебет"])))
    return made


ACCOUNTING = Family("bp30", ENTITIES, REGISTERS, DOCUMENTS, AccountingEngine, slices=(RATES,))
RECEIPTS = (BANK, CASH)
