"""Currencies of the portal and their exchange rates (api-reference/crm/currency/ of the vendor's pages).

As in the vendor's currency module, every change of a currency dates it, the base currency is worth exactly 1
of itself, and neither a price nor a number of units may be zero or less.
"""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal

from b24app.sandbox.portal import filters
from b24app.sandbox.portal.core import Answer
from b24app.sandbox.portal.core import Call
from b24app.sandbox.portal.core import method
from b24app.sandbox.portal.errors import RestError
from b24app.sandbox.portal.fields import ZONE
from b24app.sandbox.portal.fields import Field
from b24app.sandbox.portal.fields import Kind
from b24app.sandbox.portal.store import Record
from b24app.sandbox.portal.store import Store
from b24app.sandbox.portal.store import iso

BASE = "RUB"
_SEEDED = (
    ("RUB", "1.0000", 1, "Российский рубль", "# &#8381;", "&nbsp;"),
    ("USD", "92.5000", 1, "Доллар США", "$#", None),
    ("EUR", "100.4000", 1, "Евро", "# &euro;", "&nbsp;"),
    ("CNY", "128.3000", 10, "Юань", "&#165;#", None),
)
_PLACES = Decimal("0.0001")
_FIELDS = {
    "CURRENCY": Field("CURRENCY", Kind.STRING),
    "AMOUNT_CNT": Field("AMOUNT_CNT", Kind.INTEGER),
    "AMOUNT": Field("AMOUNT", Kind.DOUBLE),
    "SORT": Field("SORT", Kind.INTEGER),
    "BASE": Field("BASE", Kind.STRING),
    "FULL_NAME": Field("FULL_NAME", Kind.STRING),
    "LID": Field("LID", Kind.STRING),
    "FORMAT_STRING": Field("FORMAT_STRING", Kind.STRING),
    "DEC_POINT": Field("DEC_POINT", Kind.STRING),
    "THOUSANDS_SEP": Field("THOUSANDS_SEP", Kind.STRING),
    "DECIMALS": Field("DECIMALS", Kind.INTEGER),
    "DATE_UPDATE": Field("DATE_UPDATE", Kind.DATETIME),
}


def seed_currencies(store: Store, now: datetime) -> None:
    """Give the portal the rouble as its base and three currencies priced in it, as of this moment."""
    for place, (code, price, units, name, form, separator) in enumerate(_SEEDED, start=1):
        store.currencies[code] = {
            "id": place,
            "CURRENCY": code,
            "AMOUNT_CNT": units,
            "AMOUNT": Decimal(price),
            "SORT": place * 100,
            "BASE": "Y" if code == BASE else "N",
            "FULL_NAME": name,
            "LID": "ru",
            "FORMAT_STRING": form,
            "DEC_POINT": ".",
            "THOUSANDS_SEP": separator,
            "DECIMALS": 2,
            "DATE_UPDATE": now,
        }


def set_rate(store: Store, code: str, price: Decimal, units: int, now: datetime) -> None:
    """Let a person give a currency another price in the base currency.

    Raises:
        ValueError: what the portal's form refuses: no such currency, the base one, nothing or less.
    """
    row, kept = store.currencies.get(code), price.quantize(_PLACES)
    if row is None or row["BASE"] == "Y" or kept <= 0 or units <= 0:
        raise ValueError(f"the portal takes no rate of {price} for {units} {code}")
    row |= {"AMOUNT": kept, "AMOUNT_CNT": units, "DATE_UPDATE": now}


@method("crm.currency.list", "crm")
def list_currencies(call: Call) -> Answer:
    """All currencies at once, as strings; only `order` is heeded and `total` is always 0."""
    if not call.store.users[call.user_id].admin:
        raise RestError("", "Access denied.")
    order = {str(name).upper(): value for name, value in call.mapping("order").items()}
    rows = filters.sorted_by(list(call.store.currencies.values()), order or {"SORT": "ASC"}, _FIELDS)
    return Answer([_shown(row) for row in rows], 0)


def _shown(row: Record) -> Record:
    texts = {name: None if row[name] is None else str(row[name]) for name in _FIELDS}
    return texts | {"DATE_UPDATE": iso(row["DATE_UPDATE"], ZONE)}
