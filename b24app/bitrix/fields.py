"""The one file that knows the codes of our user fields, and how their values are read and written.

Enumerations travel as option ids, which differ from portal to portal: `Options` maps XML_IDs to them
(bitrix24 6.8). A value that cannot be read becomes the one that loosens nothing, and is logged.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from collections.abc import Mapping
from datetime import UTC
from datetime import date
from datetime import datetime
from decimal import Decimal
from decimal import InvalidOperation
from typing import Any
from typing import TypeVar

from b24app.domain.card import CardTerms
from b24app.domain.errors import BadMoneyError
from b24app.domain.limits import CreditLimit
from b24app.domain.limits import Granted
from b24app.domain.limits import NotSet
from b24app.domain.limits import Unlimited
from b24app.domain.money import Money
from b24app.ports.fields import CompanyField
from b24app.ports.fields import DealField
from b24app.ports.fields import LimitMode
from b24app.ports.fields import options_key
from b24app.ports.portal import DealFields
from b24app.ports.portal import MirrorFields
from b24app.protocol.money_field import parse_money
from b24app.protocol.money_field import render_money

Options = Mapping[str, Mapping[str, int]]
Item = Mapping[str, Any]

PREFIX = "UF_CRM_CC_"
NO_CURRENCY = "XXX"

T = TypeVar("T")

_log = logging.getLogger(__name__)


def code(subject: CompanyField | DealField) -> str:
    """Return the portal's name of a field, such as `UF_CRM_CC_LIMIT`."""
    return f"{PREFIX}{subject.value}"


TERMS_FIELDS = tuple(
    code(subject)
    for subject in (
        CompanyField.LIMIT_MODE,
        CompanyField.LIMIT,
        CompanyField.LIMIT_UNTIL,
        CompanyField.TERMS_DAYS,
        CompanyField.CATEGORY,
        CompanyField.STATUS,
        CompanyField.GROUP,
        CompanyField.STRATEGIC,
    )
)
"""The company's codes that `parse_terms` reads."""

DEAL_INPUTS = tuple(code(subject) for subject in (DealField.TERMS, DealField.DISCOUNT, DealField.CONTRACT))
"""The deal's codes that a check reads."""


def parse_terms(item: Item, options: Options) -> CardTerms:
    """Read the credit terms of a company card. A limit that cannot be read is not set, and logged."""
    return CardTerms(
        limit=_limit(item, options),
        limit_until=_read(item, CompanyField.LIMIT_UNTIL, read_date),
        terms_days=_read(item, CompanyField.TERMS_DAYS, _days),
        category=_xml_id(item, CompanyField.CATEGORY, options),
        status=_xml_id(item, CompanyField.STATUS, options),
        group=read_text(item.get(code(CompanyField.GROUP))),
        strategic=item.get(code(CompanyField.STRATEGIC)) in (True, "Y", "1"),
    )


def render_terms(terms: CardTerms, options: Options) -> dict[str, Any]:
    """Write credit terms; what is None is emptied on the card."""
    mode, amount = _mode_of(terms.limit)
    values: dict[str, Any] = {
        code(CompanyField.LIMIT): _money(amount),
        code(CompanyField.LIMIT_UNTIL): _day(terms.limit_until),
        code(CompanyField.TERMS_DAYS): "" if terms.terms_days is None else terms.terms_days,
        code(CompanyField.GROUP): terms.group or "",
        code(CompanyField.STRATEGIC): "Y" if terms.strategic else "N",
    }
    _put_option(values, CompanyField.LIMIT_MODE, mode.value, options)
    _put_option(values, CompanyField.CATEGORY, terms.category, options)
    _put_option(values, CompanyField.STATUS, terms.status, options)
    return values


def render_figures(figures: MirrorFields) -> dict[str, Any]:
    """Write the figures from accounting onto the company card."""
    return {
        code(CompanyField.BALANCE): _money(figures.balance),
        code(CompanyField.OVERDUE): _money(figures.overdue),
        code(CompanyField.AVAILABLE): _money(figures.available),
        code(CompanyField.OVERDUE_DAYS): "" if figures.overdue_days is None else figures.overdue_days,
        code(CompanyField.LAST_PAYMENT): _day(figures.last_payment),
        code(CompanyField.ONEC_ID): figures.onec_id or "",
        code(CompanyField.AS_OF): figures.as_of.isoformat(timespec="seconds"),
    }


def render_deal(fields: DealFields, options: Options) -> dict[str, Any]:
    """Write a decision into the deal's own fields."""
    moment = fields.valid_until
    values: dict[str, Any] = {
        code(DealField.REASON): fields.reason or "",
        code(DealField.EXCESS): _money(fields.excess),
        code(DealField.TO_PAY): _money(fields.to_pay),
        code(DealField.VALID_UNTIL): "" if moment is None else moment.isoformat(timespec="seconds"),
    }
    _put_option(values, DealField.DECISION, fields.decision, options)
    return values


def read_text(value: object) -> str | None:
    """Read a string field; empty is None."""
    if value is None or value is False or isinstance(value, (list, dict)):
        return None
    return str(value).strip() or None


def read_date(value: object) -> date:
    """Read a date; `crm.item` shifts midnight, so only ten characters count (bitrix24 12)."""
    return date.fromisoformat(str(value)[:10])


def read_moment(value: object) -> datetime:
    """Read an ISO moment; one without an offset is taken as UTC. Raises `ValueError`."""
    moment = datetime.fromisoformat(str(value))
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def read_amount(item: Item) -> Money:
    """Read a deal's amount; without a currency it is in `NO_CURRENCY`, which no account has."""
    currency = str(item.get("currencyId") or NO_CURRENCY)
    try:
        return Money(Decimal(str(item.get("opportunity") or 0)), currency)
    except (InvalidOperation, BadMoneyError):
        _log.warning("deal %s has an amount that cannot be read", item.get("id"))
        return Money.zero(NO_CURRENCY)


def _limit(item: Item, options: Options) -> CreditLimit:
    mode = _xml_id(item, CompanyField.LIMIT_MODE, options)
    if mode == LimitMode.UNLIMITED.value:
        return Unlimited()
    if mode != LimitMode.GRANTED.value:
        return NotSet()
    amount = _read(item, CompanyField.LIMIT, parse_money)
    if amount is None or amount.amount < 0:
        _log.warning("company %s: a granted limit without a readable amount is not set", item.get("id"))
        return NotSet()
    return Granted(amount)


def _mode_of(limit: CreditLimit) -> tuple[LimitMode, Money | None]:
    match limit:
        case Granted(amount):
            return LimitMode.GRANTED, amount
        case Unlimited():
            return LimitMode.UNLIMITED, None
        case NotSet():
            return LimitMode.NOT_SET, None


def _read(item: Item, subject: CompanyField, reader: Callable[[object], T]) -> T | None:
    value = item.get(code(subject))
    if value is None or value is False or value in ("", []):
        return None
    try:
        return reader(value)
    except (ValueError, BadMoneyError):
        _log.warning("company %s: field %s cannot be read", item.get("id"), subject.value)
        return None


def _days(value: object) -> int:
    days = int(str(value))
    if days < 0:
        raise ValueError(f"negative days: {days}")
    return days


def _xml_id(item: Item, subject: CompanyField, options: Options) -> str | None:
    value = item.get(code(subject))
    if value in (None, "", False, [], 0, "0"):
        return None
    for xml_id, option in options.get(options_key(subject), {}).items():
        if str(option) == str(value):
            return xml_id
    _log.warning("company %s: %s holds an unknown option %s", item.get("id"), subject.value, value)
    return None


def _put_option(
    values: dict[str, Any], subject: CompanyField | DealField, xml_id: str | None, options: Options
) -> None:
    if xml_id is None:
        values[code(subject)] = ""
        return
    option = options.get(options_key(subject), {}).get(xml_id)
    if option is None:
        _log.warning("option %s of %s is not on this portal; left as it is", xml_id, options_key(subject))
        return
    values[code(subject)] = option


def _money(money: Money | None) -> str:
    return "" if money is None else render_money(money)


def _day(day: date | None) -> str:
    return "" if day is None else day.isoformat()
