"""УТ 11.5, and КА 2 and ERP 2.5 that share its settlement registers (onec_odata 3.1).

How the names are known (marks of onec_odata 0). [M], in a recorded `$metadata`: `Catalog_Контрагенты` and all
its fields, the form of `Balance`. [C], read in the configuration's source and in no recording:
`Catalog_ДоговорыКонтрагентов`, `Catalog_КлючиАналитикиУчетаПоПартнерам`, `Catalog_ОбъектыРасчетов`,
`Catalog_Валюты`, both registers and the records of one, both payment documents, the constant,
`InformationRegister_ОтносительныеКурсыВалют` with its dimensions and resources, the operations by which debt
is written off. [I], our inference: the parameters of request A on exactly that register, which contract types
are not a customer's, that `ПриходныйКассовыйОрдер` has the header fields of its bank sister, that a rate is
`КурсЧислитель / КурсЗнаменатель` of `БазоваяВалюта`, that a write-off is an expense of `Сумма`; that КА 2 is
like УТ 11.5 and ERP 2.5 (its source was not opened).
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING
from typing import Any

from b24app.domain.limits import Granted
from b24app.domain.limits import NotSet
from b24app.domain.money import Money
from b24app.domain.receivable import Contract
from sync_1c import odata
from sync_1c.by_key import ByKey
from sync_1c.money import BASE_CURRENCY
from sync_1c.money import currency_code
from sync_1c.money import rate_of
from sync_1c.profiles import shared
from sync_1c.query import Query
from sync_1c.rows import ZERO
from sync_1c.rows import Balance
from sync_1c.rows import ClientContract
from sync_1c.rows import Dated
from sync_1c.rows import Debt
from sync_1c.rows import Key
from sync_1c.rows import Receipt
from sync_1c.rows import Terms
from sync_1c.rows import WrittenOff

if TYPE_CHECKING:
    from collections.abc import Callable
    from collections.abc import Mapping
    from collections.abc import Sequence
    from datetime import date
    from datetime import datetime

    from b24app.domain.rates import Rate
    from sync_1c.odata import Quoting

NAMES = ("ut11", "ka2", "erp2")
TITLE = "Управление торговлей 11, Комплексная автоматизация 2, ERP 2"
RANK = 10

KEYS = "Catalog_КлючиАналитикиУчетаПоПартнерам"
OBJECTS = "Catalog_ОбъектыРасчетов"
PARTNERS = "Catalog_Партнеры"
BY_DUE_DATE = "AccumulationRegister_РасчетыСКлиентамиПоСрокам"
SETTLEMENTS = "AccumulationRegister_РасчетыСКлиентами"
ARCHITECTURE = "Constant_НоваяАрхитектураВзаиморасчетов"
BANK_RECEIPTS = "Document_ПоступлениеБезналичныхДенежныхСредств"
CASH_RECEIPTS = "Document_ПриходныйКассовыйОрдер"
RELATIVE_RATES = "InformationRegister_ОтносительныеКурсыВалют"
RECORDS = f"{SETTLEMENTS}_RecordType"
MARKS = (SETTLEMENTS, KEYS, ARCHITECTURE, PARTNERS)
NEEDED = (
    shared.COUNTERPARTIES,
    shared.CONTRACTS,
    KEYS,
    shared.CURRENCIES,
    SETTLEMENTS,
    ARCHITECTURE,
    BANK_RECEIPTS,
    CASH_RECEIPTS,
)
BESIDES: Mapping[bool | None, tuple[str, ...]] = {True: (BY_DUE_DATE,), False: (OBJECTS,)}
USEFUL = (RELATIVE_RATES,)
KEEPS_LIMITS = True
FLOW = ByKey
WITH_INN = shared.WITH_INN

counterparties = shared.counterparties
has_inn = shared.has_inn
parse_counterparty = shared.parse_counterparty
currencies = shared.currencies
parse_currency = shared.parse_currency
with_ref = shared.with_ref
named_party = shared.named_party
entered_at = shared.entered_at
name_of = shared.name_of
contract_of = receipt_from = shared.with_counterparty

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
_WRITE_OFFS = (
    "СписаниеДебиторскойЗадолженности",
    "СписаниеДебиторскойЗадолженностиНаРасходы",
    "СписаниеБезнадежнойЗадолженностиЗаСчетРезервовПоСомнительнымДолгам",
)


# --- requests


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
    return Query(shared.CONTRACTS, {"select": select, "filter": filter_, "orderby": "Ref_Key"})


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


def receipts(since: date) -> tuple[Callable[[str], Query], ...]:
    """Name the documents that bring a client's money since a day."""
    return partial(bank_receipts, since), partial(cash_receipts, since)


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


def rates(on: date) -> Query:
    """Ask for the newest relative rates on or before a day (see `shared.rates`)."""
    table = f"{RELATIVE_RATES}/SliceLast(Period=datetime'{on.isoformat()}T23:59:59')"
    return Query(table, {"select": "Period,Валюта_Key,БазоваяВалюта_Key,КурсЧислитель,КурсЗнаменатель"})


def written_off() -> Query:
    """Ask for the settlement records by which debt was given up."""
    operations = " or ".join(f"ХозяйственнаяОперация eq '{name}'" for name in _WRITE_OFFS)
    select = f"Recorder,LineNumber,RecordType,Сумма,{_KEY}_Key,Валюта_Key"
    options = {"select": select, "filter": f"Active eq true and ({operations})"}
    return Query(RECORDS, options | {"orderby": "Period,Recorder,LineNumber"})


# --- parts of `or` chains


def key_of_counterparty(ref: str) -> str:
    """Match keys by their composite counterparty: a bare guid silently matches nothing (onec_odata 1.5)."""
    return shared.with_composite("Контрагент", ref, shared.COUNTERPARTIES)


def with_key(ref: str) -> str:
    """Match register rows by analytics key."""
    return f"{_KEY}_Key eq {odata.guid_literal(ref)}"


# --- rows into values (all raise `BadValueError` on a row that is not as promised)


def parse_key(row: Mapping[str, Any]) -> Key:
    """Read an analytics key; an intercompany one has no counterparty (onec_odata 6, trap 9)."""
    party = odata.composite(row, "Контрагент")
    contract = odata.composite(row, "Договор")
    return Key(
        ref=odata.reference(row, "Ref_Key"),
        organisation=odata.guid(row, "Организация_Key") or "",
        counterparty=party[1] if party is not None and party[0] == shared.COUNTERPARTIES else None,
        contract=contract[1] if contract is not None and contract[0] == shared.CONTRACTS else None,
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
    days = odata.integer(row, "СрокОплаты")
    term = days if odata.flag(row, "УстановленСрокОплаты") else None
    return ClientContract(
        counterparty,
        Contract(
            ref=odata.reference(row, "Ref_Key"),
            number=shared.contract_number(row, "Номер"),
            currency=currency,
            active=active,
            limit=Granted(Money(allowed, currency)) if limited else NotSet(),
            deferral_days=term,
            organisation=odata.guid(row, "Организация_Key"),
        ),
        Terms(days=term),
    )


def parse_debt(row: Mapping[str, Any]) -> Debt:
    """Read a row of request A."""
    due = odata.moment(row, "ДатаПлановогоПогашения")
    return Debt(
        key=odata.reference(row, f"{_KEY}_Key"),
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
        key=odata.reference(row, f"{_KEY}_Key"),
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


def parse_settlement_object(row: Mapping[str, Any]) -> Dated:
    """Read a settlement object."""
    dated = odata.moment(row, "Дата")
    return Dated(
        odata.reference(row, "Ref_Key"),
        odata.text(row, "Номер").strip(),
        dated.date() if dated is not None else None,
    )


def parse_architecture(rows: Sequence[Mapping[str, Any]]) -> bool:
    """Read the constant: True for the new architecture (settlements kept online by due date)."""
    if len(rows) != 1:
        raise odata.BadValueError(f"{ARCHITECTURE}: {len(rows)} values")
    return odata.flag(rows[0], "Value")


def parse_rate(row: Mapping[str, Any], currencies_: Mapping[str, str]) -> Rate | None:
    """Read a rate in the base currency; rates in other currencies are None."""
    if currencies_.get(odata.guid(row, "БазоваяВалюта_Key") or "") != BASE_CURRENCY:
        return None
    code = currencies_.get(odata.guid(row, "Валюта_Key") or "")
    price, units = odata.amount(row, "КурсЧислитель"), odata.amount(row, "КурсЗнаменатель")
    return rate_of(code, price, units, odata.moment(row, "Period"))


def parse_written_off(row: Mapping[str, Any]) -> WrittenOff:
    """Read a record of a write-off, held by an analytics key."""
    sign = -1 if odata.text(row, "RecordType") == "Receipt" else 1
    amount = sign * odata.amount(row, "Сумма")
    return WrittenOff(odata.reference(row, f"{_KEY}_Key"), amount, odata.guid(row, "Валюта_Key") or "")


def key_in(row: Mapping[str, Any]) -> str | None:
    """Find the analytics key of a row that could not be read, if at least that can."""
    return shared.reference_in(row, f"{_KEY}_Key")


def counterparty_in(row: Mapping[str, Any]) -> str | None:
    """Find the counterparty of a row that could not be read, if at least that can."""
    return shared.reference_in(row, "Контрагент_Key")
