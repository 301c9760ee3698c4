"""Every name of УТ 11.5 / КА 2 / ERP 2 this product uses: requests as values, rows as values or issues.

How the names are known (marks of onec_odata 0). [M], in a recorded `$metadata`: `Catalog_Контрагенты` and all
its fields, the form of `Balance`. [C], read in the configuration's source and in no recording:
`Catalog_ДоговорыКонтрагентов`, `Catalog_КлючиАналитикиУчетаПоПартнерам`, `Catalog_ОбъектыРасчетов`,
`Catalog_Валюты`, both registers, both payment documents, the constant. [I], our inference: the parameters of
request A on exactly that register, which contract types are not a customer's, that an alphabetic currency
code stands in `Description`, that `ПриходныйКассовыйОрдер` has the header fields of its bank sister.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING
from typing import Any

from b24app.domain.limits import Granted
from b24app.domain.limits import NotSet
from b24app.domain.money import Money
from b24app.domain.receivable import Contract
from b24app.domain.receivable import Counterparty
from b24app.domain.receivable import Payment
from sync_1c import odata
from sync_1c.rows import Balance
from sync_1c.rows import ClientContract
from sync_1c.rows import Debt
from sync_1c.rows import Key
from sync_1c.rows import Receipt
from sync_1c.rows import SettlementObject

if TYPE_CHECKING:
    from collections.abc import Mapping
    from collections.abc import Sequence
    from datetime import date
    from datetime import datetime

    from sync_1c.odata import Quoting

COUNTERPARTIES = "Catalog_Контрагенты"
CONTRACTS = "Catalog_ДоговорыКонтрагентов"
KEYS = "Catalog_КлючиАналитикиУчетаПоПартнерам"
OBJECTS = "Catalog_ОбъектыРасчетов"
CURRENCIES = "Catalog_Валюты"
BY_DUE_DATE = "AccumulationRegister_РасчетыСКлиентамиПоСрокам"
SETTLEMENTS = "AccumulationRegister_РасчетыСКлиентами"
ARCHITECTURE = "Constant_НоваяАрхитектураВзаиморасчетов"
BANK_RECEIPTS = "Document_ПоступлениеБезналичныхДенежныхСредств"
CASH_RECEIPTS = "Document_ПриходныйКассовыйОрдер"
UNF_MARK = "AccumulationRegister_РасчетыСПокупателями"
BP_MARK = "AccountingRegister_Хозрасчетный"
NEEDED = (
    COUNTERPARTIES,
    CONTRACTS,
    KEYS,
    CURRENCIES,
    SETTLEMENTS,
    ARCHITECTURE,
    BANK_RECEIPTS,
    CASH_RECEIPTS,
)

WITH_INN = "ИНН ne ''"

_ACTIVE = "Действует"
_RECEIPT = "ПоступлениеОплатыОтКлиента"
_SUPPLY_SIDE = frozenset(
    {
        "СПоставщиком",
        "СКомитентом",
        "Импорт",
        "ВвозИзЕАЭС",
        "СПоклажедателем",
        "СПереработчиком",
        "СХранителем",
    }
)
_KEY = "АналитикаУчетаПоПартнерам"
_ISO_NUMERIC = {
    "643": "RUB", "810": "RUB", "840": "USD", "978": "EUR", "156": "CNY", "398": "KZT", "933": "BYN",
    "949": "TRY", "784": "AED", "356": "INR", "826": "GBP", "756": "CHF", "392": "JPY", "860": "UZS",
    "417": "KGS", "051": "AMD", "944": "AZN", "972": "TJS", "498": "MDL", "981": "GEL", "410": "KRW",
    "344": "HKD", "985": "PLN", "934": "TMT", "496": "MNT", "704": "VND", "764": "THB",
}  # fmt: skip
ZERO = Decimal(0)


@dataclass(frozen=True, slots=True)
class Query:
    """One GET: a resource and its options, named without the dollar sign."""

    resource: str
    options: Mapping[str, str]

    @property
    def size(self) -> int:
        """Bytes an `or` chain shares the budget with: virtual-table arguments and the query part."""
        arguments = self.resource.partition("(")[2]
        return odata.encoded_size(arguments) + len(odata.query_string(self.options).encode())


# --- requests


def counterparties(filter_: str = "") -> Query:
    """Ask for legal persons; deleted ones come too and are dropped by the reader."""
    select = "Ref_Key,DeletionMark,Description,НаименованиеПолное,ИНН,КПП"
    return Query(COUNTERPARTIES, {"select": select, "filter": filter_, "orderby": "ИНН,Ref_Key"})


def keys(filter_: str = "") -> Query:
    """Request K."""
    select = "Ref_Key,Организация_Key,Контрагент,Контрагент_Type,Договор,Договор_Type"
    return Query(KEYS, {"select": select, "filter": filter_, "orderby": "Ref_Key"})


def contracts(filter_: str = "") -> Query:
    """Request L, with the number people use, the own company, and the type that tells customers apart."""
    select = (
        "Ref_Key,DeletionMark,Номер,Description,Контрагент_Key,Организация_Key,Статус,ТипДоговора,"
        "ВалютаВзаиморасчетов_Key,ОграничиватьСуммуЗадолженности,ДопустимаяСуммаЗадолженности,"
        "УстановленСрокОплаты,СрокОплаты"
    )
    return Query(CONTRACTS, {"select": select, "filter": filter_, "orderby": "Ref_Key"})


def currencies() -> Query:
    """Ask for the currencies' codes."""
    return Query(CURRENCIES, {"select": "Ref_Key,Code,Description", "orderby": "Ref_Key"})


def architecture() -> Query:
    """Ask which settlement register is live (onec_odata 3.1)."""
    return Query(ARCHITECTURE, {})


def settlement_objects(filter_: str = "") -> Query:
    """Ask for the day and number of settlement objects."""
    return Query(OBJECTS, {"select": "Ref_Key,Номер,Дата", "filter": filter_, "orderby": "Ref_Key"})


def debts(condition: str, quoting: Quoting) -> Query:
    """Request A at current totals, as УТ itself reads them for the limit."""
    table = odata.virtual_table(
        BY_DUE_DATE,
        dimensions=(_KEY, "Валюта", "ДатаПлановогоПогашения"),
        condition=condition,
        quoting=quoting,
    )
    select = f"{_KEY}_Key,Валюта_Key,ДатаПлановогоПогашения,ДолгBalance,ПредоплатаBalance"
    return Query(table, {"select": select})


def balances(
    condition: str, quoting: Quoting, *, by_object: bool = False, period: datetime | None = None
) -> Query:
    """Request B; `by_object` and `period` (a moment of the base) are for the old settlement architecture."""
    table = odata.virtual_table(
        SETTLEMENTS,
        dimensions=(_KEY, "ОбъектРасчетов", "Валюта") if by_object else (_KEY, "Валюта"),
        condition=condition,
        quoting=quoting,
        period=period,
    )
    names = [f"{_KEY}_Key", "Валюта_Key", *(["ОбъектРасчетов_Key"] if by_object else [])]
    names += ["СуммаBalance", "КОплатеBalance", "ОплачиваетсяBalance", "ОтгружаетсяBalance"]
    return Query(table, {"select": ",".join(names)})


def bank_receipts(since: date, filter_: str = "") -> Query:
    """Ask for posted receipts the bank has confirmed, newest first."""
    condition = f"Posted eq true and ПроведеноБанком eq true and {_receipts_since(since)}"
    names = "Ref_Key,Date,ДатаПроведенияБанком,Контрагент_Key,СуммаДокумента,Валюта_Key"
    return _receipts(BANK_RECEIPTS, names, condition, filter_)


def cash_receipts(since: date, filter_: str = "") -> Query:
    """Ask for posted cash receipts, newest first."""
    names = "Ref_Key,Date,Контрагент_Key,СуммаДокумента,Валюта_Key"
    return _receipts(CASH_RECEIPTS, names, f"Posted eq true and {_receipts_since(since)}", filter_)


def _receipts(resource: str, names: str, condition: str, filter_: str) -> Query:
    chosen = f"{condition} and ({filter_})" if filter_ else condition
    return Query(resource, {"select": names, "filter": chosen, "orderby": "Date desc,Ref_Key"})


def _receipts_since(since: date) -> str:
    return f"ХозяйственнаяОперация eq '{_RECEIPT}' and Date ge datetime'{since.isoformat()}T00:00:00'"


# --- parts of `or` chains


def has_inn(inn: str) -> str:
    """Match counterparties by ИНН."""
    return f"ИНН eq {odata.text_literal(inn)}"


def key_of_counterparty(ref: str) -> str:
    """Match keys by their composite counterparty: a bare guid silently matches nothing (onec_odata 1.5)."""
    return f"Контрагент eq cast({odata.guid_literal(ref)},'{COUNTERPARTIES}')"


def with_counterparty(ref: str) -> str:
    """Match contracts and receipts by counterparty."""
    return f"Контрагент_Key eq {odata.guid_literal(ref)}"


def with_key(ref: str) -> str:
    """Match register rows by analytics key."""
    return f"{_KEY}_Key eq {odata.guid_literal(ref)}"


def with_ref(ref: str) -> str:
    """Match a catalog item by its reference."""
    return f"Ref_Key eq {odata.guid_literal(ref)}"


# --- rows into values (all raise `BadValueError` on a row that is not as promised)


def parse_counterparty(row: Mapping[str, Any]) -> Counterparty | None:
    """Read a legal person; deleted ones and those without an ИНН are None."""
    inn = odata.text(row, "ИНН").strip()
    if odata.flag(row, "DeletionMark") or not inn:
        return None
    name = odata.text(row, "НаименованиеПолное") or odata.text(row, "Description")
    return Counterparty(ref=_ref(row, "Ref_Key"), name=name, inn=inn, kpp=odata.text(row, "КПП").strip())


def parse_key(row: Mapping[str, Any]) -> Key:
    """Read an analytics key; an intercompany one has no counterparty (onec_odata 6, trap 9)."""
    party = odata.composite(row, "Контрагент")
    contract = odata.composite(row, "Договор")
    return Key(
        ref=_ref(row, "Ref_Key"),
        organisation=odata.guid(row, "Организация_Key") or "",
        counterparty=party[1] if party is not None and party[0] == COUNTERPARTIES else None,
        contract=contract[1] if contract is not None and contract[0] == CONTRACTS else None,
    )


def parse_contract(row: Mapping[str, Any], currencies_: Mapping[str, str]) -> ClientContract | None:
    """Read a customer's contract; deleted ones, suppliers' and those without a counterparty are None.

    The limit counts only while the contract is in force and the switch is on (onec_odata 3.1): a switched
    off limit is not set, not unlimited.
    """
    counterparty = odata.guid(row, "Контрагент_Key")
    if odata.flag(row, "DeletionMark") or counterparty is None or row.get("ТипДоговора") in _SUPPLY_SIDE:
        return None
    currency = currency_code(odata.guid(row, "ВалютаВзаиморасчетов_Key"), currencies_)
    active = odata.text(row, "Статус") == _ACTIVE
    limited = active and odata.flag(row, "ОграничиватьСуммуЗадолженности")
    allowed = odata.amount(row, "ДопустимаяСуммаЗадолженности")
    term = odata.integer(row, "СрокОплаты")
    return ClientContract(
        counterparty,
        Contract(
            ref=_ref(row, "Ref_Key"),
            number=odata.text(row, "Номер").strip() or odata.text(row, "Description").strip(),
            currency=currency,
            active=active,
            limit=Granted(Money(allowed, currency)) if limited else NotSet(),
            deferral_days=term if odata.flag(row, "УстановленСрокОплаты") else None,
            organisation=odata.guid(row, "Организация_Key"),
        ),
    )


def parse_currency(row: Mapping[str, Any]) -> tuple[str, str] | None:
    """Read a currency as (reference, three-letter code); None when neither code nor name tells it."""
    number, name = odata.text(row, "Code").strip(), odata.text(row, "Description").strip().upper()
    code = _ISO_NUMERIC.get(number) or ("RUB" if name == "RUR" else name)
    known = len(code) == len("RUB") and code.isascii() and code.isalpha()
    return (_ref(row, "Ref_Key"), code) if known else None


def parse_debt(row: Mapping[str, Any]) -> Debt:
    """Read a row of request A."""
    due = odata.moment(row, "ДатаПлановогоПогашения")
    return Debt(
        key=_ref(row, f"{_KEY}_Key"),
        currency=odata.guid(row, "Валюта_Key") or "",
        due=due.date() if due is not None else None,
        owed=odata.amount(row, "ДолгBalance") or ZERO,
        prepaid=odata.amount(row, "ПредоплатаBalance") or ZERO,
    )


def parse_balance(row: Mapping[str, Any]) -> Balance:
    """Read a row of request B."""
    return _balance(row, None)


def parse_object_balance(row: Mapping[str, Any]) -> Balance:
    """Read a row of request B asked for by settlement object."""
    return _balance(row, odata.guid(row, "ОбъектРасчетов_Key"))


def _balance(row: Mapping[str, Any], item: str | None) -> Balance:
    return Balance(
        key=_ref(row, f"{_KEY}_Key"),
        currency=odata.guid(row, "Валюта_Key") or "",
        item=item,
        amount=odata.amount(row, "СуммаBalance") or ZERO,
        to_pay=odata.amount(row, "КОплатеBalance") or ZERO,
        pending=odata.amount(row, "ОплачиваетсяBalance") or ZERO,
        shipping=odata.amount(row, "ОтгружаетсяBalance") or ZERO,
    )


def parse_receipt(row: Mapping[str, Any]) -> Receipt | None:
    """Read a payment; the day is the bank's when it is told. None without a counterparty."""
    counterparty = odata.guid(row, "Контрагент_Key")
    if counterparty is None:
        return None
    confirmed = odata.moment(row, "ДатаПроведенияБанком") if "ДатаПроведенияБанком" in row else None
    entered = odata.moment(row, "Date")
    day = confirmed or entered
    if day is None:
        raise odata.BadValueError("Date: empty")
    return Receipt(
        counterparty, day.date(), odata.amount(row, "СуммаДокумента"), odata.guid(row, "Валюта_Key") or ""
    )


def parse_settlement_object(row: Mapping[str, Any]) -> SettlementObject:
    """Read a settlement object."""
    dated = odata.moment(row, "Дата")
    return SettlementObject(
        _ref(row, "Ref_Key"), odata.text(row, "Номер").strip(), dated.date() if dated is not None else None
    )


def parse_architecture(rows: Sequence[Mapping[str, Any]]) -> bool:
    """Read the constant: True for the new architecture (settlements kept online by due date)."""
    if len(rows) != 1:
        raise odata.BadValueError(f"{ARCHITECTURE}: {len(rows)} values")
    return odata.flag(rows[0], "Value")


def currency_code(ref: str | None, currencies_: Mapping[str, str]) -> str:
    """Find a currency's three-letter code."""
    code = currencies_.get(ref or "")
    if code is None:
        raise odata.BadValueError(f"currency {ref or '(empty)'} is unknown")
    return code


def payment(receipt: Receipt, currencies_: Mapping[str, str]) -> Payment:
    """Bring a receipt into the domain."""
    return Payment(receipt.paid_on, Money(receipt.amount, currency_code(receipt.currency, currencies_)))


def key_in(row: Mapping[str, Any]) -> str | None:
    """Find the analytics key of a row that could not be read, if at least that can."""
    return _reference_in(row, f"{_KEY}_Key")


def counterparty_in(row: Mapping[str, Any]) -> str | None:
    """Find the counterparty of a row that could not be read, if at least that can."""
    return _reference_in(row, "Контрагент_Key")


def name_of(row: Mapping[str, Any]) -> str:
    """Name a row in an issue by its reference."""
    return _reference_in(row, "Ref_Key") or "(no reference)"


def _reference_in(row: Mapping[str, Any], name: str) -> str | None:
    try:
        return odata.guid(row, name)
    except odata.BadValueError:
        return None


def _ref(row: Mapping[str, Any], name: str) -> str:
    ref = odata.guid(row, name)
    if ref is None:
        raise odata.BadValueError(f"{name}: empty")
    return ref
