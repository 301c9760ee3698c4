"""What a client takes of the pool of his credit group (credit_management D19)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from b24app.domain.case import AssessmentCase
from b24app.domain.case import PoolMember
from b24app.domain.exposure import Candidate
from b24app.domain.ground import lay_ground
from b24app.domain.judgement import measure
from b24app.domain.limits import NOT_SET
from b24app.domain.money import Money

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import date
    from datetime import datetime

    from b24app.domain.exposure import Reserve
    from b24app.domain.policy import Policy
    from b24app.domain.rates import Rates
    from b24app.domain.receivable import AccountFigures


def measure_member(
    figures: AccountFigures,
    reserves: Iterable[Reserve],
    policy: Policy,
    *,
    on: date,
    now: datetime,
    rates: Rates | None = None,
) -> PoolMember:
    """Measure what a member uses of the pool, his reserves included.

    Raises `MissingRateError` where his currencies meet without a rate.
    """
    case = AssessmentCase(
        figures=figures,
        own_limit=NOT_SET,
        candidate=Candidate(None, Money.zero(policy.currency)),
        reserves=tuple(reserves),
        on=on,
        now=now,
        rates=rates,
    )
    exposure, _ = measure(lay_ground(case, policy))
    return PoolMember(figures.inn, exposure.before)
