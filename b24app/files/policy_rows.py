"""The form of the policy file: one model a section, and what each makes of its values.

A key is named as in the domain but for periods (`valid_from`, `valid_to`) and what a person would look
for under another name. `"off"` switches a parameter off where the domain says None.
"""

from __future__ import annotations

from datetime import date
from datetime import timedelta
from decimal import Decimal
from typing import Annotated
from typing import Any
from typing import Literal

from pydantic import BaseModel
from pydantic import ConfigDict
from pydantic import Field

from b24app.domain.client import AccountStatus
from b24app.domain.client import Category
from b24app.domain.client import ClientEntry
from b24app.domain.client import Cover
from b24app.domain.client import CoverKind
from b24app.domain.client import CreditGroup
from b24app.domain.client import DealEntry
from b24app.domain.client import Dispute
from b24app.domain.client import StatusEffect
from b24app.domain.client import TemporaryLimit
from b24app.domain.exposure import EVERY_COMPONENT
from b24app.domain.exposure import Component
from b24app.domain.exposure import NetScope
from b24app.domain.limits import NOT_SET
from b24app.domain.policy import AccountScope
from b24app.domain.policy import Discount
from b24app.domain.policy import Label
from b24app.domain.policy import PaymentTerm
from b24app.domain.policy import ReasonEntry
from b24app.domain.policy import ReasonKind
from b24app.domain.policy import Softness
from b24app.domain.rules import Act
from b24app.domain.rules import Level
from b24app.domain.rules import Rule
from b24app.domain.scoring import RiskGroup
from b24app.files.policy_types import Amount
from b24app.files.policy_types import Code
from b24app.files.policy_types import DayCount
from b24app.files.policy_types import GroupCode
from b24app.files.policy_types import GroupName
from b24app.files.policy_types import Inn
from b24app.files.policy_types import Limit
from b24app.files.policy_types import Name
from b24app.files.policy_types import Number
from b24app.files.policy_types import Off
from b24app.files.policy_types import Percent
from b24app.files.policy_types import Rank
from b24app.files.policy_types import Score
from b24app.files.policy_types import Share


class Form(BaseModel):
    """A table of the file: nothing is converted silently, and no key but the named ones is taken."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True, hide_input_in_errors=True)


def keys_of(form: type[Form]) -> list[str]:
    """Name the keys of a table as the file spells them."""
    return [field.alias or name for name, field in form.model_fields.items()]


# -- the tables there is one of


class Limits(Form):
    """How exposure and limit are measured. The currency of `default_limit` is the credit currency."""

    default_limit: Amount
    boundary: Literal["strict", "inclusive"] = "strict"
    net_scope: Annotated[NetScope, Field(strict=False)] = NetScope.CONTRACT
    account_scope: Annotated[AccountScope, Field(strict=False)] = AccountScope.GROUP
    components: list[Annotated[Component, Field(strict=False)]] = sorted(
        EVERY_COMPONENT, key=list(Component).index
    )
    order_limit: Annotated[Amount | None, Off] = None
    order_tolerance: Percent = Field(Decimal(0), alias="order_tolerance_percent")
    warn_percent: Annotated[Percent | None, Off] = Decimal(80)
    horizon_days: Annotated[DayCount | None, Off] = None
    ignore_blank_expiry: bool = True
    max_rate_age: DayCount = Field(7, alias="max_rate_age_days")


class Overdue(Form):
    """Our own overdue test."""

    grace_days: Annotated[DayCount | None, Off] = 0
    tolerance: Amount | None = None


class Checks(Form):
    """Which tests are made, and when."""

    limit_used: bool = True
    terms_rank: bool = True
    discount_rank: bool = True
    stage_grace_days: DayCount = 0
    max_data_age_minutes: Annotated[int, Field(gt=0, le=525_600)] = 15

    @property
    def max_data_age(self) -> timedelta:
        """How old figures may be."""
        return timedelta(minutes=self.max_data_age_minutes)


class Terms(Form):
    """What holds for a client nothing else is said of."""

    default_term: Annotated[Code | None, Off] = None
    default_discount: Annotated[Code | None, Off] = None
    default_risk: Annotated[Code | None, Off] = None


class Strategic(Form):
    """How much overdue of a strategic partner still ships (F20)."""

    days: DayCount
    amount: Amount

    def build(self) -> Softness:
        """Make the domain's value."""
        return Softness(self.days, self.amount)


# -- rows


class TermRow(Form):
    """A payment term (D2)."""

    code: Code
    name: Name = ""
    days: DayCount | None = None
    rank: Rank | None = None

    def build(self) -> PaymentTerm:
        """Make the domain's value."""
        return PaymentTerm(**dict(self))


class DiscountRow(Form):
    """A settlement discount (D3)."""

    code: Code
    name: Name = ""
    rank: Rank | None = None

    def build(self) -> Discount:
        """Make the domain's value."""
        return Discount(**dict(self))


class CategoryRow(Form):
    """A category of clients (F8)."""

    code: Code
    name: Name = ""
    name_en: Name = ""
    limit: Limit = NOT_SET
    terms: Code | None = None
    terms_days: DayCount | None = None
    overdue_grace_days: DayCount | None = None
    overdue_tolerance: Amount | None = None
    order_limit: Amount | None = None
    full_block: bool = False

    def build(self) -> Category:
        """Make the domain's value."""
        return Category(**_bare_tolerance(self))


class StatusRow(Form):
    """An account status (D6)."""

    code: Code
    effect: Annotated[StatusEffect, Field(strict=False)]
    name: Name = ""
    name_en: Name = ""

    def build(self) -> AccountStatus:
        """Make the domain's value."""
        return AccountStatus(**dict(self))


class LabelRow(Form):
    """A code with its names."""

    code: Code
    name: Name = ""
    name_en: Name = ""

    def build(self) -> Label:
        """Make the domain's value."""
        return Label(**dict(self))


class GroupRow(LabelRow):
    """A credit management group (D5)."""

    code: GroupCode
    name: GroupName = ""


class RiskRow(Form):
    """A risk group (D8) and the scores that make it, both ends included."""

    code: Code
    name: Name = ""
    name_en: Name = ""
    start: Score | None = Field(None, alias="score_from")
    end: Score | None = Field(None, alias="score_to")

    def build(self) -> RiskGroup:
        """Make the domain's value."""
        return RiskGroup(**dict(self))


class ReasonRow(Form):
    """A reason a person may choose (D4)."""

    code: Code
    kind: Annotated[ReasonKind, Field(strict=False)]
    name: Annotated[Name, Field(min_length=1)]
    name_en: Name = ""
    description: str = ""

    def build(self) -> ReasonEntry:
        """Make the domain's value."""
        return ReasonEntry(**dict(self))


class CreditGroupRow(Form):
    """Clients who share one limit, which always has a last day (D19)."""

    code: Code
    name: Name
    limit: Amount
    until: date
    members: list[Inn]

    def build(self) -> CreditGroup:
        """Make the domain's value."""
        return CreditGroup(self.code, self.name, self.limit, self.until, frozenset(self.members))


class TemporaryRow(Form):
    """A temporary limit (D20)."""

    amount: Amount
    starts: date = Field(alias="valid_from")
    ends: date = Field(alias="valid_to")

    def build(self) -> TemporaryLimit:
        """Make the domain's value."""
        return TemporaryLimit(**dict(self))


class CoverRow(Form):
    """A guarantee or an insurance policy (D9, D10, D20)."""

    kind: Annotated[CoverKind, Field(strict=False)]
    amount: Amount
    percent: Share = Decimal(100)
    starts: date = Field(alias="valid_from")
    ends: date = Field(alias="valid_to")
    type: Code | None = None
    coverage: Code | None = None
    number: Name | None = None
    in_exposure: bool = False

    def build(self) -> Cover:
        """Make the domain's value."""
        return Cover(**dict(self))


class DisputeRow(Form):
    """A disputed document (N22)."""

    document: Annotated[Name, Field(min_length=1)]
    amount: Amount
    until: date | None = None

    def build(self) -> Dispute:
        """Make the domain's value."""
        return Dispute(**dict(self))


class ClientRow(Form):
    """What is said of one client."""

    inn: Inn
    name: Name = ""
    category: Code | None = None
    status: Code | None = None
    status_reason: Code | None = None
    group: Code | None = None
    risk: Code | None = None
    strategic: bool | None = None
    terms: Code | None = None
    terms_days: DayCount | None = None
    limit_until: date | None = None
    overdue_grace_days: DayCount | None = None
    overdue_tolerance: Amount | None = None
    order_limit: Amount | None = None
    excluded: bool = False
    ignore_until: date | None = None
    forced_hold: Code | None = None
    temporary: list[TemporaryRow] = Field([], alias="temporary_limits")
    covers: list[CoverRow] = []
    disputes: list[DisputeRow] = []

    def build(self) -> ClientEntry:
        """Make the domain's value."""
        values = _bare_tolerance(self)
        for name in ("temporary", "covers", "disputes"):
            values[name] = tuple(row.build() for row in values[name])
        return ClientEntry(**values)


class DealRow(Form):
    """What is said of one deal (D17, D26)."""

    deal_id: Number
    excluded: bool = False
    forced_hold: Code | None = None
    until: date | None = None

    def build(self) -> DealEntry:
        """Make the domain's value."""
        return DealEntry(**dict(self))


class RuleRow(Form):
    """A rule (D12, D13)."""

    id: Code
    type: Code
    act: Annotated[Act, Field(strict=False)] = Act.BLOCK
    level: Annotated[Level, Field(strict=False)] = Level.ALL
    key: Code | None = None
    risk: Code | None = None
    days: DayCount | None = None
    amount: Amount | None = None
    percent: Percent | None = None
    value: Code | None = None
    release: bool = False
    starts: date | None = Field(None, alias="valid_from")
    ends: date | None = Field(None, alias="valid_to")
    note: str = ""

    def build(self) -> Rule:
        """Make the domain's value."""
        return Rule(**dict(self))


def _bare_tolerance(row: CategoryRow | ClientRow) -> dict[str, Any]:
    """Take the currency off a tolerance: the domain keeps it in the credit currency."""
    tolerance = row.overdue_tolerance
    return {**dict(row), "overdue_tolerance": None if tolerance is None else tolerance.amount}
