"""Money of another currency stops a decision; it is never added up or skipped."""

from __future__ import annotations

from typing import Any

import pytest

from b24app.domain.assess import assess
from b24app.domain.decision import Outcome
from b24app.domain.errors import CurrencyMismatchError
from b24app.domain.exposure import Candidate
from b24app.domain.exposure import Counting
from b24app.domain.exposure import NetScope
from b24app.domain.exposure import measure_exposure
from b24app.domain.rules import TechnicalCause
from tests.builders import account
from tests.builders import case
from tests.builders import late
from tests.builders import policy
from tests.builders import position
from tests.builders import reserve
from tests.builders import rub
from tests.builders import usd

DOLLARS = position(currency="USD", credit=5, contract="B")


@pytest.mark.parametrize(
    ("words", "detail"),
    [
        pytest.param({"wants": usd(5)}, "USD ≠ RUB", id="deal"),
        pytest.param({"figures": account(position(), DOLLARS)}, "USD ≠ RUB", id="advance"),
        pytest.param({"figures": account(position(late(usd(3), days=1)))}, "USD ≠ RUB", id="instalment"),
        pytest.param({"reserves": [reserve(usd(3))]}, "USD ≠ RUB", id="reserve"),
        pytest.param({"granted": usd(100)}, "RUB ≠ USD", id="limit"),
        pytest.param(
            {"granted": None, "wants": usd(5), "reserves": [reserve(2)]}, "RUB ≠ USD", id="unlimited"
        ),
    ],
)
def test_foreign_money_makes_the_decision_technical(words: dict[str, Any], detail: str) -> None:
    decision = assess(case(**words), policy())
    (reason,) = decision.reasons
    assert (decision.outcome, reason.cause) == (Outcome.TECHNICAL, TechnicalCause.OTHER_CURRENCY)
    assert reason.detail == detail


def test_an_empty_contract_in_another_currency_does_not_matter() -> None:
    figures = account(position(), position(currency="USD", contract="B"))
    assert assess(case(figures), policy()).outcome is Outcome.ALLOW


def test_an_unlimited_client_may_live_in_dollars() -> None:
    figures = account(DOLLARS)
    assert assess(case(figures, granted=None, wants=usd(9), contract="B"), policy()).outcome is Outcome.ALLOW


def test_a_return_passes_even_where_currencies_mix() -> None:
    decision = assess(case(account(DOLLARS), wants=-1), policy())
    assert (decision.outcome, decision.exposure) == (Outcome.ALLOW, None)


def test_measuring_across_currencies_is_refused() -> None:
    with pytest.raises(CurrencyMismatchError, match="RUB with USD"):
        measure_exposure(
            account(DOLLARS).positions, [], Candidate("A", rub(1)), Counting("RUB", NetScope.CUSTOMER)
        )
