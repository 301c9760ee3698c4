"""УНФ 1.6 and 3.0: settlements stand by document in one register (onec_odata 3.3). It has no credit limits.

How the names are known (marks of onec_odata 0). Nothing real of УНФ is recorded. [C], read in the sources of
both releases: `Catalog_Контрагенты`, `Catalog_ДоговорыКонтрагентов` with its two kinds of owners,
`Catalog_Валюты`, the register with its dimensions and resources, both payment documents, the work order's
`ВидОперации` and `Финиш`. [K], in third-party code over a live base: `Balance` by dimensions, `Owner` with
`Owner_Type`, the overdue rule (it agreed with the standard report for 305 of 306 clients). [I], our
inference: that `СуммаВал` is in the contract's currency and without a contract `Сумма` counts as roubles,
that a debt under an advance has no due day.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING
from typing import Any

from b24app.domain.receivable import Contract
from sync_1c import odata
from sync_1c.by_document import ByDocument
from sync_1c.money import currency_code
from sync_1c.profile import DueRules
from sync_1c.profiles import shared
from sync_1c.query import Query
from sync_1c.rows import ClientContract
from sync_1c.rows import Dated
from sync_1c.rows import Receipt
from sync_1c.rows import Settled
from sync_1c.rows import Terms
from sync_1c.rows import WrittenOff

if TYPE_CHECKING:
    from collections.abc import Callable
    from collections.abc import Mapping
    from collections.abc import Sequence
    from datetime import date

    from sync_1c.odata import Quoting
    from sync_1c.profile import Row

NAMES = ("unf",)
TITLE = "Управление нашей фирмой"
RANK = 20

REGISTER = "AccumulationRegister_РасчетыСПокупателями"
SHIPMENT = "Document_РасходнаяНакладная"
ORDER = "Document_ЗаказПокупателя"
BANK_RECEIPTS = "Document_ПоступлениеНаСчет"
CASH_RECEIPTS = "Document_ПоступлениеВКассу"
MARKS = (REGISTER, SHIPMENT)
NEEDED = (
    shared.COUNTERPARTIES,
    shared.CONTRACTS,
    shared.CURRENCIES,
    REGISTER,
    SHIPMENT,
    ORDER,
    BANK_RECEIPTS,
    CASH_RECEIPTS,
)
BESIDES: Mapping[bool | None, tuple[str, ...]] = {}
USEFUL = (shared.RATES,)
KEEPS_LIMITS = False
FLOW = ByDocument
WITH_INN = shared.WITH_INN

has_inn = shared.has_inn
parse_counterparty = shared.parse_counterparty
currencies = shared.currencies
parse_currency = shared.parse_currency
rates = shared.rates
parse_rate = shared.parse_rate
name_of = shared.name_of
with_ref = shared.with_ref
named_party = shared.named_party
entered_at = shared.entered_at
receipt_from = settled_with = shared.with_counterparty
counterparties = partial(shared.counterparties, folders=True)

_DEBT = "Долг"
_CUSTOMERS_NOT = frozenset({"СПоставщиком", "СКомитентом"})
_RECEIPT = "ОтПокупателя"
_WORK_ORDER = "ЗаказНаряд"


# --- requests


def contracts(filter_: str = "") -> Query:
    """Request C: contracts with their terms."""
    select = (
        "Ref_Key,DeletionMark,Description,НомерДоговора,Owner,Owner_Type,Организация_Key,ВидДоговора,"
        "ВалютаРасчетов_Key,СрокОплатыПокупателя,Недействителен"
    )
    return Query(shared.CONTRACTS, {"select": select, "filter": filter_, "orderby": "Ref_Key"})


def settled(condition: str, quoting: Quoting, *, snapshot: bool = False) -> Query:
    """Request A: what is owed and prepaid by contract and document."""
    del snapshot
    dimensions = ("Организация", "ТипРасчетов", "Контрагент", "Договор", "Документ")
    table = odata.virtual_table(REGISTER, dimensions=dimensions, condition=condition, quoting=quoting)
    select = "Организация_Key,ТипРасчетов,Контрагент_Key,Договор_Key,Документ,Документ_Type"
    return Query(table, {"select": f"{select},СуммаBalance,СуммаВалBalance"})


def settled_plainly(condition: str, *, snapshot: bool = False) -> None:
    """Tell that there is no other way: the whole register needs no condition."""
    del condition, snapshot


def accounts() -> None:
    """Tell that settlements do not stand on accounts."""


def planned(filter_: str = "") -> Query:
    """Refuse: due days are not set by document here, and `rules` says so."""
    raise NotImplementedError(filter_)


def dated_in(kind: str) -> str:
    """Name where the day of a document stands: in the document."""
    return kind


def documents(dated_in_: str, filter_: str = "") -> Query:
    """Request D: the days and numbers of documents of one kind; of work orders also when they were done."""
    more = ",ВидОперации,Финиш" if dated_in_ == ORDER else ""
    options = {"select": f"Ref_Key,Date,Number{more}", "filter": filter_, "orderby": "Date,Ref_Key"}
    return Query(dated_in_, options)


def receipts(since: date) -> tuple[Callable[[str], Query], ...]:
    """Name the documents that bring a client's money since a day, newest first."""
    return tuple(partial(_receipts, resource, since) for resource in (BANK_RECEIPTS, CASH_RECEIPTS))


def _receipts(resource: str, since: date, filter_: str = "") -> Query:
    names = "Ref_Key,Date,Контрагент_Key,СуммаДокумента,ВалютаДенежныхСредств_Key"
    return shared.receipts(resource, names, _RECEIPT, since, filter_)


# --- parts of `or` chains


def contract_of(ref: str) -> str:
    """Match contracts by their composite owner."""
    return shared.with_composite("Owner", ref, shared.COUNTERPARTIES)


def document_with(kind: str, ref: str) -> str:
    """Match a document by its reference."""
    del kind
    return shared.with_ref(ref)


# --- rows into values (all raise `BadValueError` on a row that is not as promised)


def parse_contract(row: Mapping[str, Any], currencies_: Mapping[str, str]) -> ClientContract | None:
    """Read a customer's contract; deleted ones, suppliers' and own companies' are None. There is no limit.

    A term of 0 means no term (onec_odata 6, trap 14).
    """
    owner = odata.composite(row, "Owner")
    if odata.flag(row, "DeletionMark") or owner is None or owner[0] != shared.COUNTERPARTIES:
        return None
    if row.get("ВидДоговора") in _CUSTOMERS_NOT:
        return None
    days = odata.integer(row, "СрокОплатыПокупателя")
    term = days if days > 0 else None
    return ClientContract(
        owner[1],
        Contract(
            ref=odata.reference(row, "Ref_Key"),
            number=shared.contract_number(row, "НомерДоговора"),
            currency=currency_code(odata.guid(row, "ВалютаРасчетов_Key"), currencies_),
            active=not odata.flag(row, "Недействителен"),
            deferral_days=term,
            organisation=odata.guid(row, "Организация_Key"),
        ),
        Terms(days=term),
    )


def parse_settled(row: Mapping[str, Any], accounts_: Mapping[str, str]) -> Settled | None:
    """Read a row of request A; advances are negative already (onec_odata 6, trap 6)."""
    del accounts_
    return Settled(
        counterparty=odata.reference(row, "Контрагент_Key"),
        organisation=odata.guid(row, "Организация_Key") or "",
        contract=odata.guid(row, "Договор_Key"),
        currency=None,
        amount=odata.amount(row, "СуммаВалBalance"),
        base_amount=odata.amount(row, "СуммаBalance"),
        document=odata.composite(row, "Документ"),
        payable=odata.text(row, "ТипРасчетов") == _DEBT,
    )


def is_written_off(row: Mapping[str, Any], accounts_: Mapping[str, str]) -> bool:
    """Tell that written-off debt does not show: УНФ corrects debts by documents of no special kind."""
    del row, accounts_
    return False


def parse_written_off(row: Mapping[str, Any]) -> WrittenOff:
    """Refuse: see `is_written_off`."""
    raise odata.BadValueError(f"written-off debt is not told: {sorted(row)}")


def parse_account(row: Mapping[str, Any]) -> tuple[str, str]:
    """Refuse: see `accounts`."""
    raise odata.BadValueError(f"there are no accounts: {sorted(row)}")


def parse_planned(row: Mapping[str, Any]) -> tuple[str, date | None]:
    """Refuse: see `planned`."""
    raise odata.BadValueError(f"due days are not set by document: {sorted(row)}")


def parse_document(row: Mapping[str, Any]) -> Dated:
    """Read the day and number of a document; a work order counts from the day it was done."""
    done = odata.moment(row, "Финиш") if row.get("ВидОперации") == _WORK_ORDER else None
    day = done or odata.moment(row, "Date")
    number = odata.text(row, "Number").strip()
    return Dated(odata.reference(row, "Ref_Key"), number, day.date() if day is not None else None)


def parse_receipt(row: Mapping[str, Any]) -> Receipt | None:
    """Read a payment; None without a counterparty."""
    return shared.receipt_of(row, odata.guid(row, "Контрагент_Key"), "ВалютаДенежныхСредств_Key")


def rules(read: Callable[[Query], Sequence[Row]]) -> DueRules:
    """Tell that due days come from contracts alone: the default term is only put into new contracts."""
    del read
    return DueRules()


def due(dated: date, terms: Terms, rules_: DueRules) -> date | None:
    """Tell the due day of a document: the contract's term after its day; without a term there is none."""
    del rules_
    return shared.after(dated, terms.days) if terms.days is not None else None


def settled_party_in(row: Mapping[str, Any]) -> str | None:
    """Find the counterparty of a balance that could not be read, if at least that can."""
    return shared.reference_in(row, "Контрагент_Key")


def counterparty_in(row: Mapping[str, Any]) -> str | None:
    """Find the counterparty of a contract that could not be read, if at least that can."""
    return shared.reference_in(row, "Owner")
