"""Write whole 1C objects: catalogs of a client, documents with their sections."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from datetime import datetime
from datetime import time
from datetime import timedelta
from decimal import Decimal

from b24app.sandbox.onec.core import Document
from b24app.sandbox.onec.engine_ut import TradeEngine
from b24app.sandbox.onec.objects import BANK
from b24app.sandbox.onec.objects import CASH
from b24app.sandbox.onec.objects import COMPANIES
from b24app.sandbox.onec.objects import CONTRACTS
from b24app.sandbox.onec.objects import COUNTERPARTIES
from b24app.sandbox.onec.objects import CURRENCIES
from b24app.sandbox.onec.objects import INTERCOMPANY
from b24app.sandbox.onec.objects import KEYS
from b24app.sandbox.onec.objects import ORDER
from b24app.sandbox.onec.objects import PARTNERS
from b24app.sandbox.onec.objects import RATES
from b24app.sandbox.onec.objects import RELATIVE_RATES
from b24app.sandbox.onec.objects import SALE
from b24app.sandbox.onec.objects import SETTLED
from b24app.sandbox.onec.objects import USERS
from b24app.sandbox.onec.objects import WRITE_OFF
from b24app.sandbox.onec.posting import start_of_day
from b24app.sandbox.onec.schema import NAMESPACE
from b24app.sandbox.onec.schema import Row
from b24app.sandbox.onec.schema import Value
from b24app.sandbox.onec.store import Store

_ROOT = uuid.UUID("5b0b1b0e-7c55-4b7e-9d1f-6f4b0c2a9a11")
CURRENCY_FACTS = {
    "RUB": ("643", "Российский рубль", Decimal(1)),
    "USD": ("840", "Доллар США", Decimal("92.50")),
    "EUR": ("978", "Евро", Decimal("100.40")),
}
LOST = "СписаниеДебиторскойЗадолженности"
BY_INVOICE = "ПоНакладным"
BY_CONTRACT = "ПоДоговорамКонтрагентов"
_SALE_HOUR, _PAYMENT_HOUR = time(10), time(11)


def guid(*parts: str) -> str:
    """The key this base gives to a thing, the same in every run."""
    return str(uuid.uuid5(_ROOT, "\x1f".join(parts)))


def own_company(key: str) -> str:
    """The key of an own company, `main` or `sister`."""
    return guid("company", key)


CLERK = guid("user", "clerk")
"""Who writes the documents of this base."""
_MAIN, _SISTER = own_company("main"), own_company("sister")


def own_companies() -> list[tuple[str, dict[str, Value]]]:
    """The own companies of every base: keys, names and ИНН."""
    return [
        (_MAIN, {"Description": "ООО «СтройОптТорг»", "ИНН": "7714961235"}),
        (_SISTER, {"Description": "ООО «СтройОптТорг-Склад»", "ИНН": "7714961242"}),
    ]


@dataclass(frozen=True, slots=True)
class Side:
    """The client of a document: partner and counterparty keys."""

    partner: str
    counterparty: str


@dataclass(frozen=True, slots=True)
class Receipt:
    """A receipt to write: `lines` are settlement objects with sums, `bank_day` None means not confirmed."""

    contract: str
    written: datetime
    lines: Sequence[tuple[str, Decimal]]
    bank_day: date | None
    cash: bool = False


class Books:
    """The writing side of the base."""

    def __init__(self, store: Store, engine: TradeEngine) -> None:
        self._store = store
        self._engine = engine
        self._numbers = 0

    def open(self, today: date) -> None:
        """Write what every base has: currencies, own companies, and settlements between them."""
        for code, (digits, name, rate) in CURRENCY_FACTS.items():
            key = guid("currency", code)
            self._engine.rates[key] = rate
            self._store.write(
                CURRENCIES, key, {"Description": code, "Code": digits, "НаименованиеПолное": name}
            )
            for day, shift in rate_days(today):
                self._rate(key, day, rate + shift)
        for key, values in own_companies():
            self._store.write(
                COMPANIES,
                key,
                {**values, "НаименованиеПолное": values["Description"], "КПП": "771401001", "Префикс": "ТД"},
            )
        self._store.write(USERS, CLERK, {"Description": "Кузнецова Ольга (бухгалтер)"})
        self._store.write(
            PARTNERS, guid("partner", "buyers"), {"Description": "Покупатели", "Code": "00-00000001"}
        )
        self._intercompany(today)

    def _rate(self, key: str, day: datetime, price: Decimal) -> None:
        """Write a rate into both registers of rates, as УТ 11.5 keeps them."""
        one = Decimal(1)
        held: dict[str, Value] = {"Period": day, "Валюта_Key": key}
        self._store.write(RATES, f"{key} {day}", {**held, "Курс": price, "Кратность": 1})
        relative: dict[str, Value] = {"КурсЧислитель": price, "КурсЗнаменатель": one}
        base: dict[str, Value] = {"БазоваяВалюта_Key": guid("currency", "RUB")}
        self._store.write(RELATIVE_RATES, f"{key} {day}", {**held, **base, **relative})

    def partner(self, key: str, name: str) -> None:
        """Write a partner below «Покупатели»."""
        self._store.write(
            PARTNERS,
            key,
            {
                "Description": name[:100],
                "Code": self._number("00-"),
                "Parent_Key": guid("partner", "buyers"),
                "НаименованиеПолное": name,
                "Клиент": True,
                "ЮрФизЛицо": "Компания",
            },
        )

    def counterparty(self, side: Side, names: tuple[str, str], inn: str, kpp: str, **more: Value) -> None:
        """Write a legal person with its short and full name."""
        entrepreneur = len(inn) == 12
        self._store.write(
            COUNTERPARTIES,
            side.counterparty,
            {
                "Description": names[0][:100],
                "НаименованиеПолное": names[1],
                "ИНН": inn,
                "КПП": kpp,
                "Партнер_Key": side.partner,
                "ЮридическоеФизическоеЛицо": "ФизическоеЛицо" if entrepreneur else "ЮридическоеЛицо",
                "ЮрФизЛицо": "ИндивидуальныйПредприниматель" if entrepreneur else "ЮрЛицо",
                **more,
            },
        )

    def contract(self, key: str, side: Side, currency: str, values: Mapping[str, Value]) -> None:
        """Write a customer contract, its settlement object and its analytics key.

        `values` name the own company unless it is the main one. Raises `KeyError` for a stranger.
        """
        currency_key, settled = guid("currency", currency), guid("settled", key)
        own = str(values.get("Организация_Key", _MAIN))
        sides: dict[str, Value] = {
            "Партнер_Key": side.partner,
            "Организация_Key": self._store.need(COMPANIES, own)["Ref_Key"],
        }
        self._store.write(
            CONTRACTS,
            key,
            {
                **sides,
                "Контрагент_Key": side.counterparty,
                "ВалютаВзаиморасчетов_Key": currency_key,
                "ТипДоговора": "СПокупателем",
                "ХозяйственнаяОперация": "РеализацияКлиенту",
                "ОбъектРасчетов_Key": settled,
                "ПорядокРасчетов": BY_INVOICE,
                **values,
            },
        )
        between = _composite("Контрагент", COUNTERPARTIES, side.counterparty)
        between |= _composite("Договор", CONTRACTS, key)
        self._store.write(
            KEYS, guid("key", key), {**sides, **between, "Description": str(values.get("Номер", ""))}
        )
        self._settled(settled, CONTRACTS, key, key)

    def sale(
        self, contract: str, number: str, written: datetime, stages: Sequence[tuple[date, Decimal]]
    ) -> Document:
        """Write and post a shipment; each stage is the day and sum of an instalment."""
        held = self._store.need(CONTRACTS, contract)
        ref = guid("sale", contract, number)
        settled = self._object_of_sale(held, ref)
        values = self._header(held, number, written)
        total = sum((amount for _, amount in stages), Decimal(0))
        values |= {
            "ВалютаВзаиморасчетов_Key": held["ВалютаВзаиморасчетов_Key"],
            "СуммаДокумента": total,
            "СуммаВзаиморасчетов": total,
            "Договор_Key": contract,
            "Автор_Key": CLERK,
            "Статус": "Отгружено",
            "ВариантОформленияПродажи": "РеализацияТоваровУслуг",
            "НалогообложениеНДС": "ПродажаОблагаетсяНДС",
            "ХозяйственнаяОперация": "РеализацияКлиенту",
            "ПорядокРасчетов": held["ПорядокРасчетов"],
            "ЦенаВключаетНДС": True,
            "СкидкиРассчитаны": True,
            "Согласован": True,
            "КурсЧислитель": Decimal(1),
            "КурсЗнаменатель": Decimal(1),
            "Товары": (_goods(total),),
            "ЭтапыГрафикаОплаты": tuple(_stage(day, part, total, written, settled) for day, part in stages),
        }
        self._store.write(SALE, ref, values)
        return Document(SALE, ref, number)

    def receipt(self, number: str, given: Receipt, *, lost: bool = False) -> Document:
        """Write and post money received from a client; `lost`: debt given up instead."""
        held = self._store.need(CONTRACTS, given.contract)
        kind = WRITE_OFF if lost else CASH if given.cash else BANK
        ref = guid("receipt", given.contract, number)
        values = self._header(held, number, given.written)
        values |= _composite("Договор", CONTRACTS, given.contract)
        total = sum((amount for _, amount in given.lines), Decimal(0))
        values |= {
            "СуммаДокумента": total,
            "ХозяйственнаяОперация": LOST if lost else "ПоступлениеОплатыОтКлиента",
            "НазначениеПлатежа": f"Оплата по договору {held['Номер']}, в том числе НДС",
            "РасшифровкаПлатежа": tuple(
                {
                    "Партнер_Key": held["Партнер_Key"],
                    "ОбъектРасчетов_Key": settled,
                    "Сумма": amount,
                    "СуммаВзаиморасчетов": amount,
                }
                for settled, amount in given.lines
            ),
        }
        if not given.cash:
            values |= {"НомерВходящегоДокумента": number[-4:], "ПроведеноБанком": given.bank_day is not None}
            values["ДатаВходящегоДокумента"] = start_of_day(given.written)
            if given.bank_day is not None:
                values["ДатаПроведенияБанком"] = datetime.combine(given.bank_day, time())
        self._store.write(kind, ref, values)
        return Document(kind, ref, number)

    def order(self, contract: str, number: str, written: datetime, amount: Decimal) -> Document:
        """Write and post an order whose shipping has begun: the sum stands in «Отгружается»."""
        held = self._store.need(CONTRACTS, contract)
        ref = guid("order", contract, number)
        settled = guid("settled", ref)
        self._settled(settled, ORDER, ref, contract)
        values = self._header(held, number, written)
        values |= {
            "Договор_Key": contract,
            "ОбъектРасчетов_Key": settled,
            "СуммаДокумента": amount,
            "Статус": "КОтгрузке",
            "ХозяйственнаяОперация": "РеализацияКлиенту",
            "Согласован": True,
        }
        self._store.write(ORDER, ref, values)
        return Document(ORDER, ref, number)

    def next_number(self) -> str:
        """The number of the next document made by hand."""
        return self._number("ТД00-")

    def _number(self, prefix: str) -> str:
        self._numbers += 1
        return (
            f"{prefix}{self._numbers + 900_000:06d}" if prefix == "ТД00-" else f"{prefix}{self._numbers:08d}"
        )

    def _object_of_sale(self, held: Row, ref: str) -> str:
        if held["ПорядокРасчетов"] == BY_CONTRACT:
            return str(held["ОбъектРасчетов_Key"])
        settled = guid("settled", ref)
        self._settled(settled, SALE, ref, str(held["Ref_Key"]))
        return settled

    def _settled(self, settled: str, kind: str, ref: str, contract: str) -> None:
        held = self._store.need(CONTRACTS, contract)
        values = _composite("Объект", kind, ref) | _composite("Договор", CONTRACTS, contract)
        values |= _composite("Контрагент", COUNTERPARTIES, str(held["Контрагент_Key"]))
        values |= {"Партнер_Key": held["Партнер_Key"], "Организация_Key": held["Организация_Key"]}
        self._store.write(SETTLED, settled, {**values, "ТипРасчетов": "РасчетыСКлиентом"})

    def _header(self, held: Row, number: str, written: datetime) -> dict[str, Value]:
        return {
            "Number": number,
            "Date": written,
            "Posted": True,
            "Партнер_Key": held["Партнер_Key"],
            "Контрагент_Key": held["Контрагент_Key"],
            "Организация_Key": held["Организация_Key"],
            "Валюта_Key": held["ВалютаВзаиморасчетов_Key"],
        }

    def _intercompany(self, today: date) -> None:
        """Goods passed between own companies: a key whose Контрагент is an own company."""
        key, settled, ref = guid("key", "own"), guid("settled", "own"), guid("passed", "own")
        sides = _composite("Контрагент", COMPANIES, _SISTER) | {"Организация_Key": _MAIN}
        self._store.write(KEYS, key, {**sides, "Description": "Между организациями"})
        self._store.write(SETTLED, settled, sides | {"ТипРасчетов": "РасчетыСКлиентом"})
        written = datetime.combine(today - timedelta(days=40), _SALE_HOUR)
        amount, ruble = Decimal(7_777_000), guid("currency", "RUB")
        stage = _stage(written.date() + timedelta(days=10), amount, amount, written, settled)
        self._store.write(
            INTERCOMPANY,
            ref,
            {
                "Number": "ТД00-000001",
                "Date": written,
                "Posted": True,
                "Валюта_Key": ruble,
                "ВалютаВзаиморасчетов_Key": ruble,
                "СуммаДокумента": amount,
                "ХозяйственнаяОперация": "РеализацияТоваровВДругуюОрганизацию",
                "ЭтапыГрафикаОплаты": (stage,),
            },
        )


def rate_days(today: date) -> list[tuple[datetime, Decimal]]:
    """The days rates are set for, and how far each lies from today's; tomorrow's is known already."""
    return [
        (datetime.combine(today + timedelta(days=days), time()), Decimal(shift))
        for days, shift in ((-10, "-3.5"), (0, "0"), (1, "7.25"))
    ]


def sale_moment(day: date) -> datetime:
    """When the shipments of a day are written."""
    return datetime.combine(day, _SALE_HOUR)


def payment_moment(day: date) -> datetime:
    """When the receipts of a day are written."""
    return datetime.combine(day, _PAYMENT_HOUR)


def _composite(name: str, kind: str, key: str) -> dict[str, Value]:
    return {name: key, f"{name}_Type": NAMESPACE + kind}


def _goods(total: Decimal) -> Row:
    tax = (total * 20 / 120).quantize(Decimal("0.01"))
    one = Decimal(1)
    return {
        "Номенклатура_Key": guid("goods", "mixed"),
        "КоличествоУпаковок": one,
        "Количество": one,
        "Цена": total,
        "Сумма": total,
        "СуммаНДС": tax,
        "СуммаСНДС": total,
        "КодСтроки": 1,
    }


def _stage(day: date, amount: Decimal, total: Decimal, written: datetime, settled: str) -> Row:
    return {
        "ВариантОплаты": "КредитСдвиг",
        "ДатаПлатежа": datetime.combine(day, time()),
        "Сдвиг": (day - written.date()).days,
        "СуммаПлатежа": amount,
        "ПроцентПлатежа": (amount * 100 / total).quantize(Decimal("0.01")) if total else Decimal(0),
        "СуммаВзаиморасчетов": amount,
        "ОбъектРасчетов_Key": settled,
    }
