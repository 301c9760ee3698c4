"""The portal's exchange rates, as its list of currencies tells them.

https://apidocs.bitrix24.com/api-reference/crm/currency/crm-currency-list.html and, for the fields,
https://apidocs.bitrix24.com/api-reference/crm/data-types.html#crm_currency: `AMOUNT` is the price of
`AMOUNT_CNT` units in the base currency with four decimal places, `DATE_UPDATE` the last change of anything in
the currency or null: a rate may be older than its day says, never younger. The whole list comes in one
answer, with a `total` that is always 0.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Iterable
from datetime import date
from decimal import Decimal

from b24app.bitrix.fields import read_moment
from b24app.bitrix.rest import RestClient
from b24app.bitrix.rows import Row
from b24app.bitrix.rows import rows_of
from b24app.domain.rates import Rate
from b24app.domain.rates import Rates
from b24app.ports.errors import BadAnswer

METHOD = "crm.currency.list"
_CODE = re.compile(r"[A-Z]{3}")
_AMOUNT = re.compile(r"[0-9]{1,14}(\.[0-9]{1,10})?")
_COUNT = re.compile(r"[0-9]{1,9}")

_log = logging.getLogger(__name__)


def fetch_rates(client: RestClient) -> Rates:
    """Ask for the list of currencies in one request and read it."""
    return parse_rates(rows_of(client.call(METHOD, {})))


def parse_rates(rows: Iterable[Row]) -> Rates:
    """Read rates by currency; one that cannot be read is left out and logged: no rate converts nothing.

    Raises `BadAnswer` unless exactly one currency says that it is the base.
    """
    listed = list(rows)
    bases = [str(row.get("CURRENCY") or "") for row in listed if row.get("BASE") == "Y"]
    if len(bases) != 1 or not _CODE.fullmatch(bases[0]):
        raise BadAnswer(f"{METHOD}: one base currency was expected, not {bases}")
    (base,) = bases
    known: dict[str, Rate] = {}
    for row in listed:
        currency = str(row.get("CURRENCY") or "")
        if currency == base:
            continue
        try:
            rate = _rate(currency, row)
        except ValueError as error:
            _log.warning("the portal's rate of %r is left out: %s", currency, error)
        else:
            known[currency] = rate
    return Rates(base, tuple(known.values()))


def _rate(currency: str, row: Row) -> Rate:
    if not _CODE.fullmatch(currency):
        raise ValueError("not a currency code")
    amount, count = _number(row, "AMOUNT", _AMOUNT), _number(row, "AMOUNT_CNT", _COUNT)
    if not amount or not count:
        raise ValueError(f"{amount} for {count} units is no price")
    return Rate(currency, amount / count, _day(row))


def _number(row: Row, name: str, form: re.Pattern[str]) -> Decimal:
    """Read a plain decimal, written as a string or as a JSON number; a sign or an exponent is refused."""
    text = str(row.get(name))
    if not form.fullmatch(text):
        raise ValueError(f"{name} {text!r} cannot be read")
    return Decimal(text)


def _day(row: Row) -> date:
    """Read the day of the last change in the portal's own zone, which the moment is written in."""
    return read_moment(row.get("DATE_UPDATE")).date()
