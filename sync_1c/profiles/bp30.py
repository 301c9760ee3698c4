"""Бухгалтерия предприятия 3.0: settlements are balances of accounts (onec_odata 3.2); no credit limits.

How the names are known (marks of onec_odata 0). [M], recorded: `Catalog_Контрагенты`, `Catalog_Валюты` and
`Catalog_ДоговорыКонтрагентов` with the fields asked for (but `ДоговорЗакрыт`, which older releases lack),
`AccountingRegister_Хозрасчетный` with its dimensions and resources. [P], run on a live base: the fields of
`Balance`, `Account/Code` in `$filter`. [K]: `AccountCondition`. [C], read in the configuration's source: the
chart of accounts, both registers of dates, both constants, both payment documents, the ext-dimensions of the
accounts, account 007. [I], our inference: that a row of a currency account counts in its currency, that debts
on advance accounts and on documents nobody dates have no due day, that a composite ext-dimension is asked for
with `cast` in `$filter`.
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

NAMES = ("bp30",)
TITLE = "Бухгалтерия предприятия 3.0"
RANK = 30

REGISTER = "AccountingRegister_Хозрасчетный"
ACCOUNTS = "ChartOfAccounts_Хозрасчетный"
DUE_DAYS = "InformationRegister_СрокиОплатыДокументов"
PRIMARY = "InformationRegister_ДанныеПервичныхДокументов"
DEFAULT_TERM = "Constant_СрокОплатыПокупателей"
PLANNING = "Constant_ИспользоватьПланированиеПлатежейОтПокупателей"
BANK_RECEIPTS = "Document_ПоступлениеНаРасчетныйСчет"
CASH_RECEIPTS = "Document_ПриходныйКассовыйОрдер"
MARKS = (REGISTER,)
NEEDED = (
    shared.COUNTERPARTIES,
    shared.CONTRACTS,
    shared.CURRENCIES,
    REGISTER,
    ACCOUNTS,
    DUE_DAYS,
    PRIMARY,
    DEFAULT_TERM,
    PLANNING,
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
counterparties = partial(shared.counterparties, folders=True)

DEBTS = ("62.01", "62.21", "62.31", "76.06", "76.26", "76.36")
"""Accounts of what buyers owe; a balance on the other side is their money."""
ADVANCES = ("62.02", "62.22", "62.32")
IN_CURRENCY = frozenset({"62.21", "62.22", "62.31", "62.32", "76.26", "76.36"})
LOST = "007"
"""Off the balance: debt written off as a loss."""
_CUSTOMERS_NOT = frozenset({"СПоставщиком", "СКомитентом", "СКомитентомНаЗакупку"})
_RECEIPT = "ОплатаПокупателя"


# --- requests


def contracts(filter_: str = "") -> Query:
    """Ask for contracts with their terms; folders come too."""
    select = (
        "Ref_Key,DeletionMark,IsFolder,Description,Номер,Owner_Key,Организация_Key,ВидДоговора,"
        "ВалютаВзаиморасчетов_Key,УстановленСрокОплаты,СрокОплаты,ДатаОплаты,ДоговорЗакрыт"
    )
    options = {"select": select, "filter": filter_, "orderby": "Ref_Key"}
    return Query(shared.CONTRACTS, options, optional=("ДоговорЗакрыт",))


def settled(condition: str, quoting: Quoting, *, snapshot: bool = False) -> Query:
    """Request A: the balances of buyers' accounts, chosen before they are added up; clients are after."""
    table = odata.virtual_table(REGISTER, accounts=_accounts(snapshot=snapshot), quoting=quoting)
    return Query(table, {"select": _settled_fields(), "filter": condition})


def settled_plainly(condition: str, *, snapshot: bool = False) -> Query:
    """Request A for a base that refuses `AccountCondition`: slower, the accounts are chosen afterwards."""
    accounts = _accounts(snapshot=snapshot)
    chosen = f"({accounts}) and ({condition})" if condition else accounts
    return Query(f"{REGISTER}/Balance", {"select": _settled_fields(), "filter": chosen})


def _accounts(*, snapshot: bool) -> str:
    codes = (*DEBTS, *ADVANCES, *((LOST,) if snapshot else ()))
    return " or ".join(f"Account/Code eq '{code}'" for code in codes)


def _settled_fields() -> str:
    dimensions = ",".join(f"ExtDimension{n},ExtDimension{n}_Type" for n in (1, 2, 3))
    sums = "СуммаBalanceDr,СуммаBalanceCr,ВалютнаяСуммаBalanceDr,ВалютнаяСуммаBalanceCr"
    return f"Account_Key,Организация_Key,Валюта_Key,{dimensions},{sums}"


def accounts() -> Query:
    """Request X: the codes of accounts."""
    return Query(ACCOUNTS, {"select": "Ref_Key,Code", "orderby": "Ref_Key"})


def planned(filter_: str = "") -> Query:
    """Request D: due days set by document; the register comes in one answer, its key gives no order."""
    return Query(DUE_DAYS, {"select": "Документ,Документ_Type,СрокОплаты", "filter": filter_})


def dated_in(kind: str) -> str:
    """Name where the day of a document stands: one register for all kinds."""
    del kind
    return PRIMARY


def documents(dated_in_: str, filter_: str = "") -> Query:
    """Request D: the days and numbers of documents."""
    select = "Документ,Документ_Type,ДатаРегистратора,НомерРегистратора"
    return Query(dated_in_, {"select": select, "filter": filter_})


def receipts(since: date) -> tuple[Callable[[str], Query], ...]:
    """Name the documents that bring a client's money since a day, newest first."""
    return tuple(partial(_receipts, resource, since) for resource in (BANK_RECEIPTS, CASH_RECEIPTS))


def _receipts(resource: str, since: date, filter_: str = "") -> Query:
    names = "Ref_Key,Date,Контрагент,Контрагент_Type,СуммаДокумента,ВалютаДокумента_Key"
    return shared.receipts(resource, names, _RECEIPT, since, filter_)


# --- parts of `or` chains


def contract_of(ref: str) -> str:
    """Match contracts by their owner."""
    return f"Owner_Key eq {odata.guid_literal(ref)}"


def settled_with(ref: str) -> str:
    """Match balances by the first ext-dimension."""
    return shared.with_composite("ExtDimension1", ref, shared.COUNTERPARTIES)


def receipt_from(ref: str) -> str:
    """Match payments by their composite counterparty."""
    return shared.with_composite("Контрагент", ref, shared.COUNTERPARTIES)


def document_with(kind: str, ref: str) -> str:
    """Match rows of both registers of dates by their document."""
    return shared.with_composite("Документ", ref, kind)


# --- rows into values (all raise `BadValueError` on a row that is not as promised)


def parse_contract(row: Mapping[str, Any], currencies_: Mapping[str, str]) -> ClientContract | None:
    """Read a customer's contract; folders, deleted ones and suppliers' are None. There is no limit."""
    if odata.flag(row, "DeletionMark") or row.get("IsFolder") is True:
        return None
    counterparty = odata.guid(row, "Owner_Key")
    if counterparty is None or row.get("ВидДоговора") in _CUSTOMERS_NOT:
        return None
    days = odata.integer(row, "СрокОплаты") if odata.flag(row, "УстановленСрокОплаты") else None
    day = odata.moment(row, "ДатаОплаты")
    currency = odata.guid(row, "ВалютаВзаиморасчетов_Key")
    return ClientContract(
        counterparty,
        Contract(
            ref=odata.reference(row, "Ref_Key"),
            number=shared.contract_number(row, "Номер"),
            currency=currency_code(currency, currencies_),
            active=row.get("ДоговорЗакрыт") is not True,
            deferral_days=days,
            organisation=odata.guid(row, "Организация_Key"),
        ),
        Terms(day=day.date() if day is not None else None, days=days),
    )


def parse_account(row: Mapping[str, Any]) -> tuple[str, str]:
    """Read an account as (reference, code)."""
    return odata.reference(row, "Ref_Key"), odata.text(row, "Code").strip()


def parse_settled(row: Mapping[str, Any], accounts_: Mapping[str, str]) -> Settled | None:
    """Read a row of request A; balances with others than counterparties are None.

    Owed is debit less credit, whatever side the account's kind is; only debts on the debit accounts fall due.
    """
    code = _code(row, accounts_)
    party = odata.composite(row, "ExtDimension1")
    if party is None or party[0] != shared.COUNTERPARTIES:
        return None
    base = odata.amount(row, "СуммаBalanceDr") - odata.amount(row, "СуммаBalanceCr")
    foreign = odata.amount(row, "ВалютнаяСуммаBalanceDr") - odata.amount(row, "ВалютнаяСуммаBalanceCr")
    contract, document = odata.composite(row, "ExtDimension2"), odata.composite(row, "ExtDimension3")
    in_currency = code in IN_CURRENCY
    return Settled(
        counterparty=party[1],
        organisation=odata.guid(row, "Организация_Key") or "",
        contract=contract[1] if contract is not None and contract[0] == shared.CONTRACTS else None,
        currency=odata.guid(row, "Валюта_Key") or "" if in_currency else None,
        amount=foreign if in_currency else base,
        base_amount=base,
        document=document,
        payable=code in DEBTS,
    )


def is_written_off(row: Mapping[str, Any], accounts_: Mapping[str, str]) -> bool:
    """Tell whether a row of request A is debt written off."""
    return _code(row, accounts_) == LOST


def parse_written_off(row: Mapping[str, Any]) -> WrittenOff:
    """Read a balance of the off-balance account, in the base currency."""
    party = odata.composite(row, "ExtDimension1")
    return WrittenOff(party[1] if party is not None else "", odata.amount(row, "СуммаBalanceDr"), "")


def _code(row: Mapping[str, Any], accounts_: Mapping[str, str]) -> str:
    ref = odata.reference(row, "Account_Key")
    if ref not in accounts_:
        raise odata.BadValueError(f"account {ref} is unknown")
    return accounts_[ref]


def parse_planned(row: Mapping[str, Any]) -> tuple[str, date | None]:
    """Read a due day as (document, day)."""
    day = odata.moment(row, "СрокОплаты")
    return odata.reference(row, "Документ"), day.date() if day is not None else None


def parse_document(row: Mapping[str, Any]) -> Dated:
    """Read the day and number of a document."""
    day = odata.moment(row, "ДатаРегистратора")
    number = odata.text(row, "НомерРегистратора").strip()
    return Dated(odata.reference(row, "Документ"), number, day.date() if day is not None else None)


def parse_receipt(row: Mapping[str, Any]) -> Receipt | None:
    """Read a payment; of others than counterparties it is None."""
    party = odata.composite(row, "Контрагент")
    known = party is not None and party[0] == shared.COUNTERPARTIES
    return shared.receipt_of(row, party[1] if party is not None and known else None, "ВалютаДокумента_Key")


def rules(read: Callable[[Query], Sequence[Row]]) -> DueRules:
    """Read the two constants that due days depend on."""
    planning = _constant(PLANNING, read)
    default = _constant(DEFAULT_TERM, read)
    return DueRules(planned=odata.flag(planning, "Value"), default_days=odata.integer(default, "Value"))


def _constant(name: str, read: Callable[[Query], Sequence[Row]]) -> Row:
    found = read(Query(name, {}))
    if len(found) != 1:
        raise odata.BadValueError(f"{name}: {len(found)} values")
    return found[0]


def due(dated: date, terms: Terms, rules_: DueRules) -> date | None:
    """Tell the due day of a document: the contract's term after its day, else the default term."""
    days = terms.days if terms.days is not None else rules_.default_days or 0
    return shared.after(dated, days)


def settled_party_in(row: Mapping[str, Any]) -> str | None:
    """Find the counterparty of a balance that could not be read, if at least that can."""
    return shared.reference_in(row, "ExtDimension1")


def counterparty_in(row: Mapping[str, Any]) -> str | None:
    """Find the counterparty of a contract that could not be read, if at least that can."""
    return shared.reference_in(row, "Owner_Key")
