"""The app's own fields of a company and a deal by logical name; their codes are the gateway's business."""

from __future__ import annotations

from enum import Enum


class CompanyField(Enum):
    """Fields on the company card."""

    LIMIT_MODE = "LIMIT_MODE"
    LIMIT = "LIMIT"
    LIMIT_UNTIL = "LIMIT_UNTIL"
    TERMS_DAYS = "TERMS_DAYS"
    CATEGORY = "CATEGORY"
    STATUS = "STATUS"
    RISK = "RISK"
    GROUP = "GROUP"
    STRATEGIC = "STRATEGIC"
    BALANCE = "BALANCE"
    OVERDUE = "OVERDUE"
    AVAILABLE = "AVAILABLE"
    OVERDUE_DAYS = "OVERDUE_DAYS"
    LAST_PAYMENT = "LAST_PAYMENT"
    AS_OF = "AS_OF"
    ONEC_ID = "ONEC_ID"
    REVENUE = "REVENUE"
    FOUNDED = "FOUNDED"
    CUSTOMER_SINCE = "CUSTOMER_SINCE"


class DealField(Enum):
    """Fields on the deal card."""

    DECISION = "DECISION"
    REASON = "REASON"
    EXCESS = "EXCESS"
    TO_PAY = "TO_PAY"
    TERMS = "TERMS"
    DISCOUNT = "DISCOUNT"
    CONTRACT = "CONTRACT"
    ONEC_DOC = "ONEC_DOC"
    VALID_UNTIL = "VALID_UNTIL"


class LimitMode(Enum):
    """Options of `CompanyField.LIMIT_MODE`: the three kinds of limit (credit_management K4)."""

    NOT_SET = "not_set"
    GRANTED = "granted"
    UNLIMITED = "unlimited"


class DecisionOption(Enum):
    """Options of `DealField.DECISION` (credit_management K7)."""

    ALLOW = "allow"
    ALLOW_NOTIFY = "allow_notify"
    HOLD = "hold"
    TECHNICAL = "technical"


class FieldKind(Enum):
    """How a field is stored on the portal; the values are Bitrix24's USER_TYPE_ID (bitrix24 6.8)."""

    ENUMERATION = "enumeration"
    MONEY = "money"
    DATE = "date"
    DATETIME = "datetime"
    INTEGER = "integer"
    STRING = "string"
    BOOLEAN = "boolean"


FIELD_KINDS: dict[CompanyField | DealField, FieldKind] = {
    CompanyField.LIMIT_MODE: FieldKind.ENUMERATION,
    CompanyField.LIMIT: FieldKind.MONEY,
    CompanyField.LIMIT_UNTIL: FieldKind.DATE,
    CompanyField.TERMS_DAYS: FieldKind.INTEGER,
    CompanyField.CATEGORY: FieldKind.ENUMERATION,
    CompanyField.STATUS: FieldKind.ENUMERATION,
    CompanyField.RISK: FieldKind.ENUMERATION,
    CompanyField.GROUP: FieldKind.STRING,
    CompanyField.STRATEGIC: FieldKind.BOOLEAN,
    CompanyField.BALANCE: FieldKind.MONEY,
    CompanyField.OVERDUE: FieldKind.MONEY,
    CompanyField.AVAILABLE: FieldKind.MONEY,
    CompanyField.OVERDUE_DAYS: FieldKind.INTEGER,
    CompanyField.LAST_PAYMENT: FieldKind.DATE,
    CompanyField.AS_OF: FieldKind.DATETIME,
    CompanyField.ONEC_ID: FieldKind.STRING,
    CompanyField.REVENUE: FieldKind.MONEY,
    CompanyField.FOUNDED: FieldKind.DATE,
    CompanyField.CUSTOMER_SINCE: FieldKind.DATE,
    DealField.DECISION: FieldKind.ENUMERATION,
    DealField.REASON: FieldKind.STRING,
    DealField.EXCESS: FieldKind.MONEY,
    DealField.TO_PAY: FieldKind.MONEY,
    DealField.TERMS: FieldKind.STRING,
    DealField.DISCOUNT: FieldKind.STRING,
    DealField.CONTRACT: FieldKind.STRING,
    DealField.ONEC_DOC: FieldKind.STRING,
    DealField.VALID_UNTIL: FieldKind.DATETIME,
}
"""Kind of every field; the table the installer and the gateway share."""


def options_key(subject: CompanyField | DealField) -> str:
    """Name an enumeration in `PortalRecord.options`, such as `COMPANY.CATEGORY` or `DEAL.DECISION`."""
    return f"{'COMPANY' if isinstance(subject, CompanyField) else 'DEAL'}.{subject.value}"
