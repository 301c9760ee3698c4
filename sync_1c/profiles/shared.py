"""What the typical configurations have in common: parties, currencies, rates of the standard subsystems.

How the names are known (marks of onec_odata 0). [M], recorded: `Catalog_Контрагенты` and its fields,
`Catalog_Валюты`. [K], in third-party code over a live base: `InformationRegister_КурсыВалют/SliceLast` with
`Period, Валюта_Key, Курс, Кратность`. [I]: that an alphabetic currency code stands in `Description`.
"""

from __future__ import annotations

from datetime import date
from datetime import datetime
from datetime import timedelta
from typing import TYPE_CHECKING
from typing import Any

from b24app.domain.receivable import Counterparty
from sync_1c import odata
from sync_1c.money import BASE_CURRENCY
from sync_1c.money import rate_of
from sync_1c.query import Query
from sync_1c.rows import Receipt

if TYPE_CHECKING:
    from collections.abc import Mapping

    from b24app.domain.rates import Rate

COUNTERPARTIES = "Catalog_Контрагенты"
CONTRACTS = "Catalog_ДоговорыКонтрагентов"
CURRENCIES = "Catalog_Валюты"
RATES = "InformationRegister_КурсыВалют"
WITH_INN = "ИНН ne ''"

_ISO_NUMERIC = {
    "643": "RUB", "810": "RUB", "840": "USD", "978": "EUR", "156": "CNY", "398": "KZT", "933": "BYN",
    "949": "TRY", "784": "AED", "356": "INR", "826": "GBP", "756": "CHF", "392": "JPY", "860": "UZS",
    "417": "KGS", "051": "AMD", "944": "AZN", "972": "TJS", "498": "MDL", "981": "GEL", "410": "KRW",
    "344": "HKD", "985": "PLN", "934": "TMT", "496": "MNT", "704": "VND", "764": "THB",
}  # fmt: skip
_PARTY = "Ref_Key,DeletionMark,Description,НаименованиеПолное,ИНН,КПП"
_FOLDER = "IsFolder"


# --- requests


def counterparties(filter_: str = "", *, folders: bool = False) -> Query:
    """Ask for legal persons; deleted ones and, where the catalog has them, folders come too."""
    select = f"{_PARTY},{_FOLDER}" if folders else _PARTY
    return Query(COUNTERPARTIES, {"select": select, "filter": filter_, "orderby": "ИНН,Ref_Key"})


def currencies() -> Query:
    """Ask for the currencies' codes."""
    return Query(CURRENCIES, {"select": "Ref_Key,Code,Description", "orderby": "Ref_Key"})


def rates(on: date) -> Query:
    """Ask for the newest rate of every currency on or before a day.

    Rates stand at the start of their day, so the last second finds them however the moment is taken.
    """
    table = f"{RATES}/SliceLast(Period=datetime'{on.isoformat()}T23:59:59')"
    return Query(table, {"select": "Period,Валюта_Key,Курс,Кратность"})


def receipts(resource: str, names: str, operation: str, since: date, filter_: str) -> Query:
    """Ask for posted receipts of one kind of operation since a day, newest first."""
    kind = f"Posted eq true and ВидОперации eq '{operation}'"
    condition = f"{kind} and Date ge datetime'{since.isoformat()}T00:00:00'"
    chosen = f"{condition} and ({filter_})" if filter_ else condition
    return Query(resource, {"select": names, "filter": chosen, "orderby": "Date desc,Ref_Key"})


# --- parts of `or` chains


def has_inn(inn: str) -> str:
    """Match counterparties by ИНН."""
    return f"ИНН eq {odata.text_literal(inn)}"


def with_counterparty(ref: str) -> str:
    """Match by a counterparty that is a reference of one type."""
    return f"Контрагент_Key eq {odata.guid_literal(ref)}"


def with_composite(name: str, ref: str, kind: str) -> str:
    """Match by a reference of several types: a bare guid silently matches nothing (onec_odata 1.5)."""
    return f"{name} eq cast({odata.guid_literal(ref)},'{kind}')"


def with_ref(ref: str) -> str:
    """Match an object by its reference."""
    return f"Ref_Key eq {odata.guid_literal(ref)}"


# --- rows into values (all raise `BadValueError` on a row that is not as promised)


def parse_counterparty(row: Mapping[str, Any]) -> Counterparty | None:
    """Read a legal person; folders, deleted ones and those without an ИНН are None."""
    if odata.flag(row, "DeletionMark") or (row.get(_FOLDER) is True):
        return None
    inn = odata.text(row, "ИНН").strip()
    if not inn:
        return None
    name = odata.text(row, "НаименованиеПолное") or odata.text(row, "Description")
    return Counterparty(
        ref=odata.reference(row, "Ref_Key"), name=name, inn=inn, kpp=odata.text(row, "КПП").strip()
    )


def named_party(row: Mapping[str, Any]) -> tuple[str, str, str]:
    """Read reference, name and ИНН of a counterparty, deleted or not."""
    name = odata.text(row, "НаименованиеПолное") or odata.text(row, "Description")
    return odata.reference(row, "Ref_Key"), name.strip(), odata.text(row, "ИНН").strip()


def entered_at(row: Mapping[str, Any]) -> datetime | None:
    """Read the moment a document bears, by the base's own clock."""
    return odata.moment(row, "Date")


def parse_currency(row: Mapping[str, Any]) -> tuple[str, str] | None:
    """Read a currency as (reference, three-letter code); None when neither code nor name tells it."""
    number, name = odata.text(row, "Code").strip(), odata.text(row, "Description").strip().upper()
    code = _ISO_NUMERIC.get(number) or ("RUB" if name == "RUR" else name)
    known = len(code) == len(BASE_CURRENCY) and code.isascii() and code.isalpha()
    return (odata.reference(row, "Ref_Key"), code) if known else None


def parse_rate(row: Mapping[str, Any], currencies_: Mapping[str, str]) -> Rate | None:
    """Read a rate: `Курс` of the base currency for `Кратность` units; None for a currency without a code."""
    code = currencies_.get(odata.guid(row, "Валюта_Key") or "")
    price, units = odata.amount(row, "Курс"), odata.amount(row, "Кратность")
    return rate_of(code, price, units, odata.moment(row, "Period"))


def receipt_of(row: Mapping[str, Any], counterparty: str | None, currency: str) -> Receipt | None:
    """Read a payment of a document's own day; None without a counterparty."""
    if counterparty is None:
        return None
    day = odata.moment(row, "Date")
    if day is None:
        raise odata.BadValueError("Date: empty")
    amount = odata.amount(row, "СуммаДокумента")
    return Receipt(counterparty, day.date(), amount, odata.guid(row, currency) or "")


def after(day: date, days: int) -> date:
    """Count calendar days; a term that leads out of the calendar never comes due."""
    try:
        return day + timedelta(days=days)
    except OverflowError:
        return date.max


def contract_number(row: Mapping[str, Any], name: str) -> str:
    """Return the number people know a contract by, else its name."""
    return odata.text(row, name).strip() or odata.text(row, "Description").strip()


def reference_in(row: Mapping[str, Any], name: str) -> str | None:
    """Find a reference in a row that could not be read, if at least that can."""
    try:
        return odata.guid(row, name)
    except odata.BadValueError:
        return None


def name_of(row: Mapping[str, Any]) -> str:
    """Name a row in an issue by its reference."""
    return reference_in(row, "Ref_Key") or "(no reference)"
