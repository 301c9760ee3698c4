"""The 1C names of the permission register of our own extension (docs/1c-extension): rows both ways.

All of them are ours, so none is in any recording. [D]: an independent information register is addressed by
its dimensions, `POST` makes a row and `PATCH` changes one (onec_odata 1.4, 1.7).
"""

from __future__ import annotations

from datetime import UTC
from typing import TYPE_CHECKING
from typing import Any

from b24app.domain.money import Money
from b24app.ports.permits import Permit
from b24app.ports.permits import PermitKind
from sync_1c import odata
from sync_1c.query import Query

if TYPE_CHECKING:
    from collections.abc import Mapping

PERMITS = "InformationRegister_КК_Разрешения"
_KINDS = {PermitKind.MODE: "Режим", PermitKind.CLIENT: "Контроль", PermitKind.DEAL: "Разрешение"}
_BY_NAME = {name: kind for kind, name in _KINDS.items()}
_FIELDS = "Ключ,Вид,ИНН,Договор,Сумма,Валюта,ДействуетДоUTC,Включено,Основание"
_EMPTY = "0001-01-01T00:00:00"
_NOTE = 100


def permits(condition: str) -> Query:
    """Ask for rows."""
    return Query(PERMITS, {"select": _FIELDS, "filter": condition, "orderby": "Ключ"})


def with_key(key: str) -> str:
    """Match a row by its key."""
    return f"Ключ eq {odata.text_literal(key)}"


def one(key: str) -> str:
    """Address one row."""
    return f"{PERMITS}(Ключ={odata.text_literal(key)})"


def render_permit(permit: Permit) -> dict[str, Any]:
    """Write a permission as a row; moments in UTC, as the extension compares them.

    A sum of up to 15 digits, all the register holds, keeps its digits as a JSON number (Edm.Double).
    """
    until = permit.until.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S") if permit.until else _EMPTY
    return {
        "Ключ": permit.key,
        "Вид": _KINDS[permit.kind],
        "ИНН": permit.inn,
        "Договор": permit.contract or "",
        "Сумма": float(permit.amount.amount) if permit.amount else 0,
        "Валюта": permit.amount.currency if permit.amount else "",
        "ДействуетДоUTC": until,
        "Включено": permit.active,
        "Основание": permit.note[:_NOTE],
    }


def parse_permit(row: Mapping[str, Any]) -> Permit:
    """Read a row; raises `BadValueError` on one that is not as promised."""
    kind = _BY_NAME.get(odata.text(row, "Вид"))
    if kind is None:
        raise odata.BadValueError("Вид: unknown")
    until, currency = odata.moment(row, "ДействуетДоUTC"), odata.text(row, "Валюта").strip()
    return Permit(
        key=odata.text(row, "Ключ").strip(),
        kind=kind,
        active=odata.flag(row, "Включено"),
        inn=odata.text(row, "ИНН").strip(),
        contract=odata.text(row, "Договор").strip() or None,
        amount=Money(odata.amount(row, "Сумма"), currency) if currency else None,
        until=until.replace(tzinfo=UTC) if until is not None else None,
        note=odata.text(row, "Основание"),
    )
