"""What the automatic credit limits propose for a client (D11)."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING
from typing import Any

import pytest

from b24app.domain.adjustment import Comparison
from b24app.domain.adjustment import LimitAsker
from b24app.domain.adjustment import LimitLine
from b24app.domain.adjustment import LimitRow
from b24app.domain.adjustment import NoProposal
from b24app.domain.adjustment import propose_limit
from b24app.domain.errors import MissingRateError
from tests.builders import rates
from tests.builders import rub
from tests.builders import usd

if TYPE_CHECKING:
    from b24app.domain.money import Money

YEARS, ADP, COUNTRY = "years_in_business", "average_days_to_pay", "country"


def _line(group: str, sign: str, value: int | str, limit: int | Money) -> LimitLine:
    known = Decimal(value) if isinstance(value, int) else value
    return LimitLine(group, Comparison(sign), known, rub(limit) if isinstance(limit, int) else limit)


def _row(
    *lines: LimitLine, risk: str = "low", currency: str = "RUB", cap: int | Money = 50_000_000
) -> LimitRow:
    return LimitRow(risk, currency, rub(cap) if isinstance(cap, int) else cap, lines)


def _client(**changes: Any) -> LimitAsker:
    """E28's client: low risk, revenue of 30 million, 12 years in business, 25 days to pay."""
    values: dict[str, Any] = {
        "risk": "low",
        "currency": "RUB",
        "revenue": rub(30_000_000),
        "values": {YEARS: Decimal(12), ADP: Decimal(25)},
    }
    return LimitAsker(**(values | changes))


FIVE, TEN = _line(YEARS, "≥", 5, 100_000), _line(YEARS, "≥", 10, 200_000)
PAYS = _line(ADP, "≤", 30, 150_000)
AGES = _row(FIVE, TEN)
E28 = _row(FIVE, TEN, PAYS)
RATES = rates(USD=100)


@pytest.mark.parametrize(
    ("years", "expected"),
    [
        pytest.param(4, None, id="P8-4-years-no-line"),
        pytest.param(5, 100_000, id="P8-5-years"),
        pytest.param(9, 100_000, id="P8-9-years"),
        pytest.param(10, 200_000, id="P8-10-years"),
        pytest.param(40, 200_000, id="P8-40-years"),
    ],
)
@pytest.mark.parametrize("row", [AGES, _row(TEN, FIVE)], ids=["as-written", "turned"])
def test_years_in_business_give_a_limit(row: LimitRow, years: int, expected: int | None) -> None:
    found = propose_limit(_client(values={YEARS: Decimal(years)}), [row], RATES)
    assert (found.limit, found.why) == (
        (None, NoProposal.NO_LINE) if expected is None else (rub(expected), None)
    )


def test_the_smallest_over_the_scoring_groups_wins() -> None:
    """E28: min(200 000, 150 000); both lines are told."""
    found = propose_limit(_client(), [E28], RATES)
    assert (found.limit, set(found.lines), found.skipped) == (rub(150_000), {TEN, PAYS}, False)


@pytest.mark.parametrize(
    ("client", "why", "skipped"),
    [
        pytest.param({"revenue": rub(60_000_000)}, NoProposal.REVENUE_ABOVE_CAP, False, id="E29-60-million"),
        pytest.param({"revenue": None}, NoProposal.NO_REVENUE, True, id="E29-no-figure-skipped-and-reported"),
        pytest.param({"risk": "high"}, NoProposal.NO_ROW, False, id="D11-no-row-of-his-risk-group"),
        pytest.param({"risk": None}, NoProposal.NO_RISK_GROUP, False, id="D11-no-risk-group"),
        pytest.param({"values": {}}, NoProposal.NO_LINE, False, id="D11-nothing-known-of-him"),
    ],
)
def test_where_nothing_is_proposed_it_says_why(
    client: dict[str, Any], why: NoProposal, *, skipped: bool
) -> None:
    found = propose_limit(_client(**client), [E28], RATES)
    assert (found.limit, found.lines, found.why, found.skipped) == (None, (), why, skipped)


SMALL, WIDE = _row(_line(YEARS, "≥", 1, 7), cap=40_000_000), _row(_line(YEARS, "≥", 1, 9), cap=90_000_000)


@pytest.mark.parametrize(
    ("client", "rows", "expected"),
    [
        pytest.param({}, [E28], rub(150_000), id="E28-min-of-200000-and-150000"),
        pytest.param({}, [WIDE, SMALL], rub(7), id="D11-the-smallest-cap-that-holds-the-revenue"),
        pytest.param({"revenue": rub(40_000_000)}, [SMALL], rub(7), id="D11-revenue-at-the-cap"),
        pytest.param({"revenue": rub(60_000_000)}, [WIDE, SMALL], rub(9), id="D11-the-next-cap"),
        pytest.param({"revenue": usd(300_000)}, [SMALL], rub(7), id="D11-revenue-in-dollars"),
        pytest.param(
            {"currency": "USD"},
            [_row(_line(YEARS, "≥", 1, usd(50)), currency="USD", cap=usd(900_000)), SMALL],
            usd(50),
            id="D11-rows-in-his-currency-first",
        ),
        pytest.param(
            {"currency": "USD"}, [_row(FIVE)], usd(1_000), id="D11-else-the-companys-currency-converted"
        ),
        pytest.param({"eligible": rub(120_000)}, [E28], rub(120_000), id="D11-no-more-than-is-eligible"),
        pytest.param({"eligible": usd(1_000)}, [E28], rub(100_000), id="D11-eligible-in-dollars"),
        pytest.param({"eligible": rub(999_999)}, [E28], rub(150_000), id="D11-eligible-for-more"),
        pytest.param(
            {"values": {COUNTRY: "KZ"}},
            [_row(_line(COUNTRY, "=", "KZ", 5), _line(COUNTRY, "=", "BY", 6))],
            rub(5),
            id="D11-an-exact-code",
        ),
        pytest.param(
            {"values": {YEARS: Decimal(12)}},
            [_row(TEN, _line(YEARS, "=", 12, 300_000))],
            rub(300_000),
            id="D11-an-exact-value-is-the-most-demanding",
        ),
        pytest.param(
            {"values": {ADP: Decimal(5)}},
            [_row(PAYS, _line(ADP, "≤", 10, 400_000))],
            rub(400_000),
            id="D11-the-smallest-of-at-most",
        ),
        pytest.param(
            {"values": {COUNTRY: "KZ"}},
            [_row(_line(COUNTRY, "≥", "AA", 5))],
            None,
            id="D11-codes-have-no-order",
        ),
    ],
)
def test_which_row_and_line_count(
    client: dict[str, Any], rows: list[LimitRow], expected: Money | None
) -> None:
    for given in (rows, rows[::-1]):
        assert propose_limit(_client(**client), given, RATES).limit == expected


def test_a_missing_rate_is_told() -> None:
    with pytest.raises(MissingRateError):
        propose_limit(_client(revenue=usd(1)), [E28], rates())
