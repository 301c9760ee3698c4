"""An offline base of «Бухгалтерия предприятия 3.0», seeded from a world."""

from __future__ import annotations

from collections.abc import Iterable
from collections.abc import Mapping
from datetime import date
from datetime import datetime
from datetime import time
from decimal import Decimal

from b24app.sandbox.onec import objects_bp as bp
from b24app.sandbox.onec.books import guid
from b24app.sandbox.onec.books import own_company
from b24app.sandbox.onec.by_document import DocumentBase
from b24app.sandbox.onec.by_document import total
from b24app.sandbox.onec.core import Document
from b24app.sandbox.onec.engine_bp import ACCOUNTING
from b24app.sandbox.onec.posting import Movement
from b24app.sandbox.onec.posting import date_of
from b24app.sandbox.onec.schema import NAMESPACE
from b24app.sandbox.onec.schema import Value
from b24app.sandbox.world import SeedClient
from b24app.sandbox.world import SeedContract

_NOTHING = Decimal(0)


class SandboxAccounting(DocumentBase):
    """A base of «Бухгалтерия предприятия 3.0»; the due days of the world's sales are set by document."""

    family = ACCOUNTING
    sale_kind, bank_kind, cash_kind = bp.SALE, bp.BANK, bp.CASH
    default_term = 5

    def _open(self, today: date) -> None:
        super()._open(today)
        for code in bp.ACCOUNT_KINDS:
            self.write(bp.CHART, bp.account(code), {"Code": code, "Description": f"Счёт {code}"})
        self.write(bp.DEFAULT_TERM, "0", {"Value": self.default_term})
        self.write(bp.PLANNING, "0", {"Value": True})

    def write_off(self, client_key: str, contract: str, sale: str, amount: Decimal) -> Document:
        """Give up the rouble debt of a sale as hopeless: a manual operation puts it off the balance."""
        number, document = self._number(), self._sale_ref(client_key, contract, sale)
        own = own_company(self._contracts[client_key][contract].company)
        about: dict[str, Value] = {
            "Контрагент_Key": guid("counterparty", client_key),
            "Договор_Key": guid("contract", client_key, contract),
            "Документ": document,
            "Документ_Type": NAMESPACE + bp.SALE,
            "Сумма": amount,
        }
        values: dict[str, Value] = {
            "Number": number,
            "Date": self.now(),
            "Posted": True,
            "Организация_Key": own,
            "Содержание": "Списана безнадёжная задолженность",
            "Проводки": (
                {**about, "Счет_Key": bp.account("62.01"), "Дебет": False},
                {**about, "Счет_Key": bp.account("007"), "Дебет": True},
            ),
        }
        ref = guid("manual", client_key, number)
        self.write(bp.MANUAL, ref, values)
        return Document(bp.MANUAL, ref, number)

    def _contract(self, client: SeedClient, one: SeedContract) -> dict[str, Value]:
        return {
            "Description": f"Договор поставки {one.number}",
            "Номер": one.number,
            "Owner_Key": guid("counterparty", client.key),
            "Организация_Key": own_company(one.company),
            "ВидДоговора": "СПокупателем",
            "ВалютаВзаиморасчетов_Key": guid("currency", one.currency),
            "УстановленСрокОплаты": one.term_days is not None,
            "СрокОплаты": one.term_days or 0,
            "ДоговорЗакрыт": not one.active,
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
            "ВидОперации": "Товары",
            "Контрагент_Key": guid("counterparty", client_key),
            "ДоговорКонтрагента_Key": guid("contract", client_key, contract),
            "СпособЗачетаАвансов": "Автоматически",
            "ВалютаДокумента_Key": guid("currency", one.currency),
            "СуммаДокумента": amount,
        }
        self.write(bp.SALE, ref, values)
        due = {
            "Документ": ref,
            "Документ_Type": NAMESPACE + bp.SALE,
            "Организация_Key": own_company(one.company),
        }
        self.write(bp.DUE_DAYS, ref, {**due, "СрокОплаты": datetime.combine(days[1], time())})
        return Document(bp.SALE, ref, number)

    def _lines(
        self, client_key: str, contract: str, amount: Decimal, document: str | None
    ) -> list[dict[str, Value]]:
        line: dict[str, Value] = {
            "ДоговорКонтрагента_Key": guid("contract", client_key, contract),
            "СпособПогашенияЗадолженности": "ПоДокументу" if document else "Автоматически",
            "СуммаПлатежа": amount,
            "СуммаВзаиморасчетов": amount,
        }
        if document:
            line |= {"Сделка": document, "Сделка_Type": NAMESPACE + bp.SALE}
        return [line]

    def _receipt(self, header: dict[str, Value], lines: list[dict[str, Value]], *, cash: bool) -> Document:
        kind = bp.CASH if cash else bp.BANK
        contract = str(lines[0]["ДоговорКонтрагента_Key"])
        currency = header.pop("currency")
        ref = guid("receipt", contract, str(header["Number"]))
        values: dict[str, Value] = {
            **header,
            "ВидОперации": "ОплатаПокупателя",
            "Контрагент": self._store.need(bp.CONTRACTS, contract)["Owner_Key"],
            "Контрагент_Type": NAMESPACE + bp.COUNTERPARTIES,
            "ДоговорКонтрагента_Key": contract,
            "СуммаДокумента": total(lines, "СуммаПлатежа"),
            "ВалютаДокумента_Key": currency,
            "РасшифровкаПлатежа": tuple(lines),
        }
        self.write(kind, ref, values)
        return Document(kind, ref, str(header["Number"]))

    def _under(self, movement: Movement) -> str:
        return str(movement.dimensions["ExtDimension2"])

    def _by_document(
        self, moved: Iterable[Movement], refs: Mapping[str, SeedContract]
    ) -> list[tuple[Decimal, date | None]]:
        sums: dict[tuple[str, str], Decimal] = {}
        for x in moved:
            foreign = refs[self._under(x)].currency != "RUB"
            part = x.resources["ВалютнаяСумма" if foreign else "Сумма"]
            key = (str(x.dimensions["Account_Key"]), str(x.dimensions["ExtDimension3"]))
            sums[key] = sums.get(key, _NOTHING) + (part if x.receipt else -part)
        return [(amount, self._due(ref)) for (_, ref), amount in sums.items() if amount]

    def _due(self, ref: str) -> date | None:
        planned = self._store.get(bp.DUE_DAYS, ref)
        return date_of(planned, "СрокОплаты").date() if planned is not None else None
