"""Fields of deals and companies: names in both spellings, how values are read, stored and shown."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC
from datetime import date
from datetime import datetime
from datetime import time
from datetime import timedelta
from datetime import timezone
from decimal import Decimal
from decimal import InvalidOperation
from enum import Enum
from typing import Any

from b24app.sandbox.portal.errors import RestError
from b24app.sandbox.portal.store import COMPANY
from b24app.sandbox.portal.store import DEAL
from b24app.sandbox.portal.store import Store
from b24app.sandbox.portal.store import UserField
from b24app.sandbox.portal.store import iso

ZONE = timezone(timedelta(hours=3))
UF_ENTITY = {DEAL: "CRM_DEAL", COMPANY: "CRM_COMPANY"}

_MONEY = re.compile(r"-?\d+(\.\d+)?\|[A-Z]{3}")
_SMART = re.compile(r"UF_CRM_(\d+)_(.+)")


class Kind(Enum):
    """How a value is stored."""

    INTEGER = "integer"
    STRING = "string"
    DOUBLE = "double"
    BOOLEAN = "boolean"
    DATE = "date"
    DATETIME = "datetime"
    MONEY = "money"
    ENUMERATION = "enumeration"
    USER = "user"


@dataclass(frozen=True, slots=True)
class Field:
    """One field. `name` is its camelCase name, for a custom field the portal's `UF_CRM_...`."""

    name: str
    kind: Kind
    multiple: bool = False
    read_only: bool = False
    options: frozenset[int] = frozenset()

    @property
    def custom(self) -> bool:
        """Whether it was added by somebody."""
        return self.name.startswith("UF_")


def _standard(table: str) -> dict[str, Field]:
    fields = {}
    for line in filter(None, table.splitlines()):
        kind, *names = line.split()
        for raw in names:
            name = raw.rstrip("*!")
            fields[name] = Field(name, Kind(kind), multiple="*" in raw, read_only="!" in raw)
    return fields


_COMMON = """
integer id! webformId lastActivityBy!
datetime createdTime! updatedTime! lastActivityTime!
user assignedById createdBy! updatedBy!
string title sourceId sourceDescription originatorId originId comments
string utmSource utmMedium utmCampaign utmContent utmTerm searchContent!
boolean opened
user observers*
integer contactIds*
"""
_DEAL = """
integer companyId contactId categoryId mycompanyId leadId quoteId
string stageId stageSemanticId! typeId currencyId additionalInfo locationId
double opportunity taxValue
integer probability
date begindate closedate
boolean isManualOpportunity closed! isNew! isRecurring! isReturnCustomer! isRepeatedApproach!
datetime movedTime!
user movedBy!
string dateCreateShort! dateModifyShort! productId! begindateShort! closedateShort!
string eventDate eventDateShort! eventId eventDescription orderStage!
string isWork! isWon! isLose! receivedAmount! lostAmount! hasProducts!
"""
_COMPANY = """
string typeId industry currencyId employees bankingDetails
double revenue
boolean isMyCompany hasPhone! hasEmail! hasImol!
"""
STANDARD: dict[int, dict[str, Field]] = {
    DEAL: _standard(_COMMON + _DEAL),
    COMPANY: _standard(_COMMON + _COMPANY),
}
_UF_KINDS = {
    "integer": Kind.INTEGER,
    "double": Kind.DOUBLE,
    "boolean": Kind.BOOLEAN,
    "date": Kind.DATE,
    "datetime": Kind.DATETIME,
    "money": Kind.MONEY,
    "enumeration": Kind.ENUMERATION,
    "employee": Kind.USER,
}
_ZERO = {"companyId", "contactId", "mycompanyId", "webformId", "opportunity", "taxValue"}


def custom_name(name: str) -> str:
    """A portal's `UF_CRM_...` name in `crm.item.*` spelling (bitrix24 6.3)."""
    smart = _SMART.fullmatch(name)
    head, rest = (f"ufCrm{smart[1]}", smart[2]) if smart else ("ufCrm", name.removeprefix("UF_CRM_"))
    if any(char.isdigit() for char in rest):
        return f"{head}_{rest}"
    return head + "".join(part.capitalize() for part in rest.split("_"))


def fields_of(store: Store, entity_type: int) -> dict[str, Field]:
    """All fields of a type by name; custom ones answer to both spellings, `id` to `ID` too.

    fast-bitrix24 adds `order: {ID: ASC}` to every list it reads, and portals take it.
    """
    known = dict(STANDARD[entity_type])
    known["ID"] = known["id"]
    for user_field in store.user_fields[UF_ENTITY[entity_type]].values():
        made = _custom(user_field)
        known[made.name] = known[custom_name(made.name)] = made
    return known


def _custom(source: UserField) -> Field:
    options = frozenset(int(option["ID"]) for option in source.options)
    return Field(source.name, _UF_KINDS.get(source.kind, Kind.STRING), source.multiple, options=options)


def empty(field: Field) -> Any:
    """The stored value of a field nobody filled in."""
    if field.multiple:
        return []
    if field.kind is Kind.BOOLEAN:
        return False
    return 0 if field.name in _ZERO else None


def parse(field: Field, raw: Any) -> Any:
    """Read a value a client wrote (bitrix24 6.4).

    Raises:
        RestError: `100` for a scalar in a multiple field, `CRM_FIELD_ERROR_VALUE_NOT_VALID` for nonsense.
    """
    if field.multiple:
        if raw in (None, ""):
            return []
        if not isinstance(raw, list):
            raise RestError("100", f"Field {field.name} is multiple, an array is expected")
        return [_parse_one(field, item) for item in raw if item not in (None, "")]
    if isinstance(raw, list | dict):
        raise _not_valid(field)
    return _parse_one(field, raw)


def _parse_one(field: Field, raw: Any) -> Any:
    if field.kind is Kind.BOOLEAN:
        return raw is True or raw in ("true", "y", "Y")
    if raw is None or raw == "":
        return empty(field) if not field.multiple else None
    try:
        return _PARSERS[field.kind](field, raw)
    except (ValueError, InvalidOperation, TypeError) as error:
        raise _not_valid(field) from error


def _not_valid(field: Field) -> RestError:
    return RestError("CRM_FIELD_ERROR_VALUE_NOT_VALID", f'The value of the field "{field.name}" is not valid')


def _integer(_field: Field, raw: Any) -> int:
    if isinstance(raw, bool):
        raise ValueError("a boolean is no number")  # noqa: TRY004 - one kind of refusal for the caller
    return int(raw)


def _double(_field: Field, raw: Any) -> Decimal:
    value = Decimal(str(raw))
    if not value.is_finite():
        raise ValueError("not a number")
    return value


def _money(_field: Field, raw: Any) -> str:
    if not _MONEY.fullmatch(str(raw)):
        raise ValueError("money is `amount|CUR`")
    return str(raw)


def _option(field: Field, raw: Any) -> int:
    chosen = int(raw)
    if chosen not in field.options:
        raise ValueError("no such option")
    return chosen


def _date(_field: Field, raw: Any) -> date:
    return date.fromisoformat(str(raw)[:10])


def _datetime(_field: Field, raw: Any) -> datetime:
    moment = datetime.fromisoformat(str(raw))
    return (moment if moment.tzinfo else moment.replace(tzinfo=ZONE)).astimezone(UTC)


def _string(_field: Field, raw: Any) -> str:
    if isinstance(raw, bool):
        return "1" if raw else ""
    return str(raw)


_PARSERS: dict[Kind, Any] = {
    Kind.INTEGER: _integer,
    Kind.USER: _integer,
    Kind.DOUBLE: _double,
    Kind.MONEY: _money,
    Kind.ENUMERATION: _option,
    Kind.DATE: _date,
    Kind.DATETIME: _datetime,
    Kind.STRING: _string,
}


def show(field: Field, value: Any) -> Any:
    """A stored value as `crm.item.*` answers it: dates become a shifted midnight, booleans Y/N."""
    if isinstance(value, list):
        return [show(field, item) for item in value]
    if field.kind is Kind.BOOLEAN:
        return "Y" if value else "N"
    if isinstance(value, datetime):
        return iso(value, ZONE)
    if isinstance(value, date):
        return iso(datetime.combine(value, time(), UTC), ZONE)
    if isinstance(value, Decimal):
        return number(value)
    return value


def number(value: Decimal) -> int | float:
    """A JSON number: the wire has no other; short decimals survive the trip."""
    return int(value) if value == value.to_integral_value() else float(value)
