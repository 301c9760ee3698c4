"""The form of a case file: one model an object. `docs/case.schema.json` is made of these."""

from __future__ import annotations

import re
from datetime import date
from datetime import datetime
from decimal import Decimal
from typing import Annotated
from typing import Any
from typing import Final
from zoneinfo import ZoneInfo
from zoneinfo import ZoneInfoNotFoundError

from pydantic import AfterValidator
from pydantic import BaseModel
from pydantic import BeforeValidator
from pydantic import ConfigDict
from pydantic import Field
from pydantic import PlainValidator
from pydantic import WithJsonSchema
from pydantic_core import PydanticCustomError

from b24app.files.policy_types import Code
from b24app.files.policy_types import DayCount
from b24app.files.policy_types import GroupCode
from b24app.files.policy_types import Inn
from b24app.files.policy_types import Name
from b24app.files.policy_types import Number
from b24app.files.sums import LimitField
from b24app.files.sums import SumField

DEFAULT_ZONE: Final = "Europe/Moscow"
_DAY: Final = re.compile(r"\d{4}-\d\d-\d\d")
_MOMENT: Final = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d(?::\d\d(?:\.\d{1,6})?)?(?:Z|[+-]\d\d:\d\d)?")
_CURRENCY: Final = re.compile(r"[A-Z]{3}")


def as_day(value: object) -> date | None:
    """Read a date written as 2026-12-31; None for anything else."""
    if not isinstance(value, str) or not _DAY.fullmatch(value):
        return None
    try:
        return date.fromisoformat(value)
    except ValueError:
        return None


def _day(value: object) -> date:
    found = as_day(value)
    if found is None:
        raise PydanticCustomError("date", "not a date")
    return found


def _moment(value: object) -> datetime:
    if isinstance(value, str) and _MOMENT.fullmatch(value):
        try:
            return datetime.fromisoformat(value)
        except ValueError:
            pass
    raise PydanticCustomError("moment", "not a moment")


def _zone(value: object) -> ZoneInfo:
    try:
        return ZoneInfo(value if isinstance(value, str) else "")
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise PydanticCustomError("zone", "not a time zone") from error


def _moscow() -> ZoneInfo:
    return ZoneInfo(DEFAULT_ZONE)


def _currency(text: str) -> str:
    if not _CURRENCY.fullmatch(text):
        raise PydanticCustomError("currency", "not a currency")
    return text


def _number(value: object) -> Decimal:
    """Take a number, or one written as a text: a rate and a score are exact as well."""
    if isinstance(value, str) and re.fullmatch(r"-?\d{1,12}(\.\d{1,12})?", value):
        return Decimal(value)
    if isinstance(value, bool) or not isinstance(value, int | Decimal) or not abs(Decimal(value)) < 10**12:
        raise PydanticCustomError("exact", "not a number")
    return Decimal(value)


DayText = Annotated[str, WithJsonSchema({"type": "string", "format": "date"})]
MomentText = Annotated[str, Field(pattern=f"^{_MOMENT.pattern}$")]
NumberText = Annotated[str, Field(pattern=r"^-?\d{1,12}(\.\d{1,12})?$")]
Day = Annotated[date, PlainValidator(_day, json_schema_input_type=DayText)]
Moment = Annotated[datetime, PlainValidator(_moment, json_schema_input_type=MomentText)]
Zone = Annotated[ZoneInfo, PlainValidator(_zone, json_schema_input_type=str)]
Currency = Annotated[str, Field(json_schema_extra={"pattern": "^[A-Z]{3}$"}), AfterValidator(_currency)]
JsonNumber = Annotated[Decimal, WithJsonSchema({"type": "number"})]
Exact = Annotated[Decimal, BeforeValidator(_number, json_schema_input_type=JsonNumber | NumberText)]
TaxNumber = Annotated[Inn, WithJsonSchema({"type": "string", "pattern": r"^(\d{10}|\d{12})$"})]
Title = Annotated[Name, Field(min_length=1)]


class Form(BaseModel):
    """An object of the file: nothing is converted silently, and no key but the named ones is taken."""

    model_config = ConfigDict(
        frozen=True,
        extra="forbid",
        strict=True,
        hide_input_in_errors=True,
        arbitrary_types_allowed=True,
        use_attribute_docstrings=True,
    )


class DocumentForm(Form):
    """An unpaid part of a posted sale; a document paid in instalments stands here once for each."""

    document: Title
    """Its number, for people."""
    due: Day | None
    """The day it is due; null: no day is known, so it is never overdue."""
    amount: SumField
    """What is still unpaid of it."""


class ContractForm(Form):
    """A contract and what stands under it. Sums without a currency are in its currency."""

    number: Title
    ref: Title | None = None
    """Its key in accounting; the number by default."""
    currency: Currency | None = None
    """The credit currency by default."""
    active: bool = True
    limit: LimitField | None = None
    """Its limit; the client's limit is the sum of those of his active contracts."""
    deferral_days: DayCount | None = None
    """The payment deferral of its deals, in days."""
    organisation: Title | None = None
    """The own company it is with."""
    documents: list[DocumentForm] = []
    advances: SumField | None = None
    """Receipts and credit notes not allocated yet."""
    pending_receipts: SumField | None = None
    """Receipts entered and not confirmed by the bank: they soften overdue, not exposure."""
    shipped_not_invoiced: SumField | None = None
    """Shipped under orders, not posted as a sale yet."""

    @property
    def key(self) -> str:
        """What it is called by in accounting."""
        return self.ref or self.number


class PaymentForm(Form):
    """A payment received, shown with the decision."""

    on: Day
    amount: SumField


class StandingForm(Form):
    """What a company card says of a client's credit; a key left out says nothing."""

    limit: LimitField | None = None
    """A sum, "unlimited", or null: not set, his contracts or the policy decide. 0 is prepayment only."""
    limit_until: Day | None = None
    """The last day of the limit."""
    terms_days: DayCount | None = None
    """The longest deferral he may have, in days."""
    category: Code | None = None
    status: Code | None = None
    group: GroupCode | None = None
    """The credit management group that rules are tied to; who shares a limit is said in the policy."""
    risk: Code | None = None
    """The risk group."""


class ClientForm(StandingForm):
    """A client: one ИНН, one credit account."""

    inn: TaxNumber
    name: Name = ""
    score: Exact | None = None
    """The sum of his risk scores, which finds the risk group where none is given."""
    strategic: bool = False
    """A strategic partner: a small overdue only warns."""
    as_of: Moment | None = None
    """When his figures were read, if not when all were."""
    contracts: list[ContractForm] = []
    payments: list[PaymentForm] = []


class ReserveForm(Form):
    """Room promised to a deal before the first one of this file asks."""

    deal: Number
    client: TaxNumber
    contract: Title | None = None
    amount: SumField
    ship_on: Day | None = None
    """The planned day of delivery; beyond the policy's horizon it does not count."""


class TypedForm(StandingForm):
    """What somebody typed over the company card without right: it may only make a decision stricter."""

    strategic: bool | None = None


class ReleasedForm(Form):
    """The last permission of the deal, while it is still the deal that was permitted."""

    on: Day
    amount: SumField


class DealForm(Form):
    """A deal that wants to ship. The same id again is the same deal, changed and checked anew."""

    id: Number
    title: Name = ""
    client: TaxNumber
    amount: SumField
    contract: Title | None = None
    """Number or key of its contract; by default the only active one in its currency."""
    terms: Code | None = None
    """The code of its payment term."""
    discount: Code | None = None
    """The code of its settlement discount."""
    organisation: Title | None = None
    """The own company that sells, if not the one of the contract."""
    ship_on: Day | None = None
    typed: TypedForm | None = None
    released: ReleasedForm | None = None


class RateForm(Form):
    """What one unit of a currency costs in the base currency."""

    currency: Currency
    value: Annotated[Exact, Field(gt=0)]
    on: Day | None = None
    """The day it was set for; today by default."""


class CaseForm(Form):
    """A case: a policy, clients with their figures, and deals to be decided in their order."""

    editor_schema: Annotated[str, Field(alias="$schema")] = ""
    """For editors; not read."""
    title: Name = ""
    as_of: Moment
    """When the figures were read from accounting; without an offset, in `timezone`."""
    now: Moment | None = None
    """When the deals are checked; `as_of` by default. Figures older than the policy allows decide nothing."""
    today: Day | None = None
    """The day overdue is counted to; the day of `now` in `timezone` by default."""
    timezone: Annotated[Zone, Field(default_factory=_moscow, json_schema_extra={"default": DEFAULT_ZONE})]
    """The credit time zone: whose day it is."""
    base_currency: Currency | None = None
    """The currency of the rates; the credit currency by default."""
    policy: Any = None
    """The sections of a policy file, the path of such a TOML file, or left out: the packaged one."""
    rates: list[RateForm] = []
    clients: Annotated[list[ClientForm], Field(min_length=1)]
    reserves: list[ReserveForm] = []
    deals: Annotated[list[DealForm], Field(min_length=1)]
