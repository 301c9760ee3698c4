"""Movements of settlement registers that posted documents make (onec_odata 3.1)."""

from __future__ import annotations

from collections.abc import Callable
from collections.abc import Iterable
from collections.abc import Iterator
from collections.abc import Mapping
from dataclasses import dataclass
from dataclasses import field
from datetime import datetime
from datetime import time
from decimal import Decimal

from b24app.sandbox.onec.objects import ORDER
from b24app.sandbox.onec.schema import NAMESPACE
from b24app.sandbox.onec.schema import Row
from b24app.sandbox.onec.schema import Value

END_OF_DAY = time(23, 59, 59)


@dataclass(frozen=True, slots=True)
class Movement:
    """A register row: `receipt` adds the resources, else they are taken off; `paid_on` is ДатаПлатежа."""

    recorder: tuple[str, str]
    period: datetime
    dimensions: Mapping[str, Value]
    resources: Mapping[str, Decimal]
    receipt: bool = field(kw_only=True)
    operation: str = field(default="", kw_only=True)
    paid_on: datetime | None = field(default=None, kw_only=True)


@dataclass(frozen=True, slots=True)
class Event:
    """A change of one settlement object that ПоСрокам follows: a debt with its due day, or money."""

    settled: str
    period: datetime
    document: tuple[str, str]
    amount: Decimal
    currency: str
    due: datetime | None


def date_of(row: Row, name: str) -> datetime:
    """A date field of a row."""
    value = row[name]
    if not isinstance(value, datetime):
        raise TypeError(f"{name} is not a date: {value!r}")
    return value


def amount_of(row: Row, name: str) -> Decimal:
    """A money field of a row."""
    value = row[name]
    if not isinstance(value, Decimal):
        raise TypeError(f"{name} is not a sum: {value!r}")
    return value


def rows_of(row: Row, name: str) -> tuple[Row, ...]:
    """A tabular section of a row."""
    value = row[name]
    if not isinstance(value, tuple):
        raise TypeError(f"{name} is not a section: {value!r}")
    return value


def start_of_day(moment: datetime) -> datetime:
    """Midnight at which the day of a moment begins."""
    return datetime.combine(moment.date(), time())


def paid_at(document: Row) -> datetime:
    """The moment money of a receipt moves: the end of the bank's day when the document has another day."""
    written = date_of(document, "Date")
    bank = date_of(document, "ДатаПроведенияБанком") if "ДатаПроведенияБанком" in document else written
    return written if bank.date() == written.date() else datetime.combine(bank.date(), END_OF_DAY)


def confirmed(document: Row) -> bool:
    """Tell whether the bank has the money; cash is always there."""
    return bool(document.get("ПроведеноБанком", True))


def settlement_movements(kind: str, document: Row, key_of: Callable[[str], str]) -> list[Movement]:
    """Rows of РасчетыСКлиентами a document makes; `key_of` leads from settlement object to analytics key.

    КОплате of an instalment is dated at the start of its planned day, all the rest at the document's moment.
    """
    if kind == ORDER:
        return list(_order(document, key_of))
    if "РасшифровкаПлатежа" in document:
        return list(_receipt(kind, document, key_of))
    return list(_sale(kind, document, key_of))


def events(kind: str, document: Row) -> list[Event]:
    """What a posted document means for ПоСрокам; unconfirmed receipts and orders mean nothing."""
    if kind == ORDER or not confirmed(document):
        return []
    source = (kind, str(document["Ref_Key"]))
    if "РасшифровкаПлатежа" in document:
        moved, currency = paid_at(document), str(document["Валюта_Key"])
        lines = rows_of(document, "РасшифровкаПлатежа")
        return [Event(_settled(x), moved, source, amount_of(x, "Сумма"), currency, None) for x in lines]
    moved, currency = date_of(document, "Date"), str(document["ВалютаВзаиморасчетов_Key"])
    stages = rows_of(document, "ЭтапыГрафикаОплаты")
    return [
        Event(_settled(x), moved, source, amount_of(x, "СуммаПлатежа"), currency, date_of(x, "ДатаПлатежа"))
        for x in stages
    ]


def _sale(kind: str, document: Row, key_of: Callable[[str], str]) -> Iterator[Movement]:
    source, moved = (kind, str(document["Ref_Key"])), date_of(document, "Date")
    currency, operation = str(document["ВалютаВзаиморасчетов_Key"]), str(document["ХозяйственнаяОперация"])
    stages = rows_of(document, "ЭтапыГрафикаОплаты")
    where = _dimensions(_settled(stages[0]), currency, key_of)
    owed = {"Сумма": amount_of(document, "СуммаДокумента")}
    yield Movement(source, moved, where, owed, receipt=True, operation=operation)
    for stage in stages:
        due, part = date_of(stage, "ДатаПлатежа"), {"КОплате": amount_of(stage, "СуммаПлатежа")}
        yield Movement(source, start_of_day(due), where, part, receipt=True, operation=operation, paid_on=due)


def _receipt(kind: str, document: Row, key_of: Callable[[str], str]) -> Iterator[Movement]:
    source, operation = (kind, str(document["Ref_Key"])), str(document["ХозяйственнаяОперация"])
    moved = paid_at(document) if confirmed(document) else date_of(document, "Date")
    for line in rows_of(document, "РасшифровкаПлатежа"):
        amount, where = (
            amount_of(line, "Сумма"),
            _dimensions(_settled(line), str(document["Валюта_Key"]), key_of),
        )
        if confirmed(document):
            taken = {"Сумма": amount, "КОплате": amount}
            yield Movement(source, moved, where, taken, receipt=False, operation=operation)
        else:
            yield Movement(source, moved, where, {"Оплачивается": amount}, receipt=True, operation=operation)


def _order(document: Row, key_of: Callable[[str], str]) -> Iterator[Movement]:
    resource = "Отгружается" if document["Статус"] == "КОтгрузке" else "КОтгрузке"
    yield Movement(
        (ORDER, str(document["Ref_Key"])),
        date_of(document, "Date"),
        _dimensions(str(document["ОбъектРасчетов_Key"]), str(document["Валюта_Key"]), key_of),
        {resource: amount_of(document, "СуммаДокумента")},
        receipt=True,
        operation=str(document["ХозяйственнаяОперация"]),
    )


def _settled(line: Row) -> str:
    return str(line["ОбъектРасчетов_Key"])


def _dimensions(settled: str, currency: str, key_of: Callable[[str], str]) -> dict[str, Value]:
    return {
        "АналитикаУчетаПоПартнерам_Key": key_of(settled),
        "ОбъектРасчетов_Key": settled,
        "Валюта_Key": currency,
    }


@dataclass(slots=True)
class _Open:
    """What is left of a debt or of an advance."""

    event: Event
    left: Decimal


@dataclass(slots=True)
class TermsOfObject:
    """Offset debts and money of one settlement object in order of time, the earliest due day first."""

    key: str
    rate: Decimal
    debts: list[_Open] = field(default_factory=list)
    advances: list[_Open] = field(default_factory=list)
    made: list[Movement] = field(default_factory=list)

    def run(self, happened: Iterable[Event]) -> list[Movement]:
        """Rows of ПоСрокам these events make; Долг and Предоплата both grow by receipt."""
        for event in sorted(happened, key=lambda x: (x.period, x.document, x.due or x.period)):
            if event.due is None:
                self._money(event)
            else:
                self._debt(event)
        return self.made

    def _debt(self, event: Event) -> None:
        self._write(event, event, "Долг", event.amount, receipt=True)
        self.debts.append(_Open(event, event.amount))
        self._offset(event)

    def _money(self, event: Event) -> None:
        self.advances.append(_Open(event, event.amount))
        left = self._offset(event, quiet=self.advances[-1])
        if left:
            self._write(event, event, "Предоплата", left, receipt=True)

    def _offset(self, by: Event, quiet: _Open | None = None) -> Decimal:
        """Offset what is open; `quiet` is money that came just now and was never written as an advance."""
        for advance in self.advances:
            for debt in sorted(self.debts, key=lambda x: x.event.due or x.event.period):
                part = min(advance.left, debt.left)
                if not part:
                    continue
                advance.left -= part
                debt.left -= part
                self._write(by, debt.event, "Долг", part, receipt=False)
                if advance is not quiet:
                    self._write(by, advance.event, "Предоплата", part, receipt=False)
        left = quiet.left if quiet else Decimal(0)
        self.debts = [x for x in self.debts if x.left]
        self.advances = [x for x in self.advances if x.left]
        return left

    def _write(self, by: Event, about: Event, resource: str, amount: Decimal, *, receipt: bool) -> None:
        kind, ref = about.document
        dimensions: dict[str, Value] = {
            "АналитикаУчетаПоПартнерам_Key": self.key,
            "ОбъектРасчетов_Key": about.settled,
            "Валюта_Key": about.currency,
            "РасчетныйДокумент": ref,
            "РасчетныйДокумент_Type": NAMESPACE + kind,
            "ДатаПлановогоПогашения": about.due or start_of_day(about.period),
            "ДатаВозникновения": start_of_day(about.period),
        }
        own = (amount * self.rate).quantize(Decimal("0.01"))
        resources = {resource: amount, f"{resource}Регл": own, f"{resource}Упр": own}
        self.made.append(Movement(by.document, by.period, dimensions, resources, receipt=receipt))
