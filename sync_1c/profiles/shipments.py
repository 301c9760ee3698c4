"""The 1C names of shipment documents (УТ 11.5 / КА 2 / ERP 2): requests as values, rows as values.

How the names are known (marks of onec_odata 0). [M], in a recorded posted document of УТ 11.5:
`Document_РеализацияТоваровУслуг` with `Number, Date, Posted, DeletionMark, DataVersion, СуммаДокумента,
Валюта_Key, Контрагент_Key, Договор_Key, Автор_Key`. [I], our inference: `Catalog_Пользователи` with the
name in `Description`; where it is not published nobody is named.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING
from typing import Any

from sync_1c import odata
from sync_1c.profiles import shared
from sync_1c.query import Query

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date
    from datetime import datetime
    from decimal import Decimal

SHIPMENTS = "Document_РеализацияТоваровУслуг"
USERS = "Catalog_Пользователи"


@dataclass(frozen=True, slots=True)
class ShipmentRow:
    """A shipment document with references where the currencies and clients are not known yet."""

    ref: str
    version: str
    number: str
    moment: datetime
    posted: bool
    deleted: bool
    amount: Decimal
    currency: str | None
    counterparty: str | None
    contract: str | None
    author: str | None


def shipments(condition: str) -> Query:
    """Ask for shipment documents, unposted and marked ones too: an unposted one must not just vanish."""
    select = (
        "Ref_Key,DataVersion,Number,Date,Posted,DeletionMark,СуммаДокумента,Валюта_Key,Контрагент_Key,"
        "Договор_Key,Автор_Key"
    )
    return Query(SHIPMENTS, {"select": select, "filter": condition, "orderby": "Date,Ref_Key"})


def dated_since(on: date) -> str:
    """Match documents of a day of the base's calendar or later."""
    return f"Date ge datetime'{on.isoformat()}T00:00:00'"


def of_clients_since(chain: str, on: date) -> str:
    """Match documents of a day or later that fit a chain of `shared.with_counterparty`."""
    return f"{dated_since(on)} and ({chain})"


def users(condition: str) -> Query:
    """Ask for the names of users."""
    return Query(USERS, {"select": "Ref_Key,Description", "filter": condition, "orderby": "Ref_Key"})


def counterparties(condition: str) -> Query:
    """Ask for legal persons by reference."""
    return shared.counterparties(condition)


def parse_shipment(row: Mapping[str, Any]) -> ShipmentRow:
    """Read a document; raises `BadValueError` on a row that is not as promised."""
    ref, moment = odata.guid(row, "Ref_Key"), odata.moment(row, "Date")
    if ref is None or moment is None:
        raise odata.BadValueError("Ref_Key or Date: empty")
    return ShipmentRow(
        ref=ref,
        version=odata.text(row, "DataVersion"),
        number=odata.text(row, "Number").strip(),
        moment=moment,
        posted=odata.flag(row, "Posted"),
        deleted=odata.flag(row, "DeletionMark"),
        amount=odata.amount(row, "СуммаДокумента"),
        currency=odata.guid(row, "Валюта_Key"),
        counterparty=odata.guid(row, "Контрагент_Key"),
        contract=odata.guid(row, "Договор_Key"),
        author=odata.guid(row, "Автор_Key"),
    )


def parse_user(row: Mapping[str, Any]) -> tuple[str, str] | None:
    """Read a user as (reference, name)."""
    ref = odata.guid(row, "Ref_Key")
    return None if ref is None else (ref, odata.text(row, "Description").strip())
