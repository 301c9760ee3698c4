"""Automatic credit limits: what the rows of the policy propose for a client (credit_management D11).

A proposal is a line of a limit adjustment, never a change by itself.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from decimal import Decimal
from enum import Enum
from typing import TYPE_CHECKING

from b24app.domain.money import Money

if TYPE_CHECKING:
    from collections.abc import Iterable
    from collections.abc import Mapping

    from b24app.domain.rates import Rates


class Comparison(Enum):
    """How a client's value is compared with a line's."""

    AT_LEAST = "≥"
    AT_MOST = "≤"
    EQUAL = "="


@dataclass(frozen=True, slots=True)
class LimitLine:
    """A limit for the clients whose value of a scoring group compares so; a code can only be equal."""

    scoring_group: str
    comparison: Comparison
    value: Decimal | str
    limit: Money

    def is_met(self, value: Decimal | str | None) -> bool:
        """Tell whether a client's value satisfies the line; a value nobody knows never does."""
        if self.comparison is Comparison.EQUAL:
            return value is not None and value == self.value
        if not isinstance(value, Decimal) or not isinstance(self.value, Decimal):
            return False
        return value >= self.value if self.comparison is Comparison.AT_LEAST else value <= self.value


@dataclass(frozen=True, slots=True)
class LimitRow:
    """The automatic limits of a risk group in a currency, for clients of no more revenue than the cap."""

    risk: str
    currency: str
    revenue_cap: Money
    lines: tuple[LimitLine, ...]


@dataclass(frozen=True, slots=True)
class LimitAsker:
    """A client as automatic limits see him: `revenue` is the latest known, `values` by scoring group.

    `eligible` is the largest limit his last review found fit.
    """

    risk: str | None
    currency: str
    revenue: Money | None
    values: Mapping[str, Decimal | str]
    eligible: Money | None = None


class NoProposal(Enum):
    """Why no limit is proposed; the current one stays."""

    NO_RISK_GROUP = "no_risk_group"
    NO_ROW = "no_row"
    NO_REVENUE = "no_revenue"
    REVENUE_ABOVE_CAP = "revenue_above_cap"
    NO_LINE = "no_line"


@dataclass(frozen=True, slots=True)
class Proposal:
    """The limit proposed and the lines it comes from, or why there is none.

    `skipped`: the client could not be considered at all, which is reported.
    """

    limit: Money | None = None
    why: NoProposal | None = None
    lines: tuple[LimitLine, ...] = ()

    @property
    def skipped(self) -> bool:
        """Tell whether a figure was missing."""
        return self.why is NoProposal.NO_REVENUE


def propose_limit(client: LimitAsker, rows: Iterable[LimitRow], rates: Rates) -> Proposal:
    """Propose an automatic limit in the client's currency (D11).

    1. The rows of his risk group in his currency, else in the company's.
    2. Of those whose cap his revenue does not pass, the one of the smallest cap.
    3. Within a scoring group the most demanding line he meets; across them the smallest limit.
    4. No more than the eligible limit.

    Raises `MissingRateError` where currencies meet without a rate.
    """
    if client.risk is None:
        return Proposal(why=NoProposal.NO_RISK_GROUP)
    fitting = _rows_for(client, list(rows), rates.base)
    if not fitting:
        return Proposal(why=NoProposal.NO_ROW)
    revenue = client.revenue
    if revenue is None:
        return Proposal(why=NoProposal.NO_REVENUE)
    open_rows = [
        row for row in fitting if rates.convert(revenue, row.revenue_cap.currency) <= row.revenue_cap
    ]
    if not open_rows:
        return Proposal(why=NoProposal.REVENUE_ABOVE_CAP)
    row = min(open_rows, key=lambda each: rates.convert(each.revenue_cap, rates.base).amount)
    lines = tuple(_most_demanding(row.lines, client.values))
    if not lines:
        return Proposal(why=NoProposal.NO_LINE)
    limits = [rates.convert(line.limit, client.currency) for line in lines]
    if client.eligible is not None:
        limits.append(rates.convert(client.eligible, client.currency))
    return Proposal(min(limits), lines=lines)


def _rows_for(client: LimitAsker, rows: list[LimitRow], company_currency: str) -> list[LimitRow]:
    """Take the rows of the client's currency, else of the company's."""
    of_group = [row for row in rows if row.risk == client.risk]
    own = [row for row in of_group if row.currency == client.currency]
    return own or [row for row in of_group if row.currency == company_currency]


def _most_demanding(lines: Iterable[LimitLine], values: Mapping[str, Decimal | str]) -> Iterable[LimitLine]:
    """Name the line that counts for each scoring group, if any is met."""
    met: defaultdict[str, list[LimitLine]] = defaultdict(list)
    for line in lines:
        if line.is_met(values.get(line.scoring_group)):
            met[line.scoring_group].append(line)
    for group in sorted(met):
        yield min(met[group], key=_demand)


def _demand(line: LimitLine) -> tuple[int, Decimal, Decimal]:
    """Order lines of a scoring group: an exact value first, then the hardest threshold, then the limit."""
    if line.comparison is Comparison.EQUAL or not isinstance(line.value, Decimal):
        return 0, Decimal(0), line.limit.amount
    hard = -line.value if line.comparison is Comparison.AT_LEAST else line.value
    return 1, hard, line.limit.amount
