"""Blocking and exclusion rules as a credit controller writes them: every type of D12."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import TYPE_CHECKING
from typing import Any

import pytest

from b24app.domain.assess import assess
from b24app.domain.client import AccountStatus
from b24app.domain.client import ClientFacts
from b24app.domain.client import StatusEffect
from b24app.domain.decision import Outcome
from b24app.domain.rulebook import RuleBook
from b24app.domain.rules import Rule
from b24app.domain.rules import TechnicalCause
from tests.builders import TODAY
from tests.builders import account
from tests.builders import block
from tests.builders import case
from tests.builders import codes
from tests.builders import exclude
from tests.builders import late
from tests.builders import not_due
from tests.builders import position
from tests.builders import rates
from tests.builders import rub
from tests.builders import ruled
from tests.builders import usd

if TYPE_CHECKING:
    from b24app.domain.receivable import AccountFigures

DAYS, AMOUNT, ORDER, USED = "OVERDUE_DAYS", "OVERDUE_AMOUNT", "ORDER_AMOUNT", "LIMIT_USED_PCT"
NONE: list[str] = []


def _late(days: int, amount: int = 100) -> AccountFigures:
    return account(position(late(amount, days=days)))


def _owing(overdue: int, rest: str | int) -> AccountFigures:
    return account(position(late(overdue, days=5), not_due(rest)))


def _percent(figure: str) -> Decimal:
    return Decimal(figure)


FIFTY: dict[str, Any] = {"amount": rub(10_000), "percent": _percent("50")}


@pytest.mark.parametrize(
    ("rule", "words", "expected"),
    [
        pytest.param(block("overdue_days", days=10), {"figures": _late(10)}, NONE, id="D12-days-at-N"),
        pytest.param(block("overdue_days", days=10), {"figures": _late(11)}, [DAYS], id="D12-days-over-N"),
        pytest.param(block("overdue_amount", amount=rub(100)), {"figures": _late(9)}, NONE, id="D12-sum-at"),
        pytest.param(
            block("overdue_amount", amount=rub("99.99")), {"figures": _late(9)}, [AMOUNT], id="D12-sum-over"
        ),
        pytest.param(
            block("overdue_amount", **FIFTY),
            {"figures": _owing(15_000, 24_000), "granted": 100_000, "wants": 1_000},
            NONE,
            id="E20-40-percent-used",
        ),
        pytest.param(
            block("overdue_amount", **FIFTY),
            {"figures": _owing(15_000, 34_000), "granted": 100_000, "wants": 1_000},
            NONE,
            id="E20-50-percent-used",
        ),
        pytest.param(
            block("overdue_amount", **FIFTY),
            {"figures": _owing(15_000, 34_100), "granted": 100_000, "wants": 1_000},
            [AMOUNT],
            id="E20-50.1-percent-used",
        ),
        pytest.param(
            block("overdue_amount", **FIFTY),
            {"figures": _owing(10_000, 70_000), "granted": 100_000, "wants": 1_000},
            NONE,
            id="E20-both-must-be-exceeded",
        ),
        pytest.param(
            block("overdue_amount", **FIFTY),
            {"figures": _owing(15_000, 34_100), "granted": None, "wants": 1_000},
            NONE,
            id="D12-an-unlimited-client-uses-no-limit",
        ),
        pytest.param(block("order_amount", amount=rub(500)), {"wants": 500}, NONE, id="D12-order-at"),
        pytest.param(
            block("order_amount", amount=rub(500)), {"wants": "500.01"}, [ORDER], id="D12-order-over"
        ),
        pytest.param(
            block("limit_used", percent=_percent("90")),
            {"figures": account(position(not_due(850_000))), "wants": 50_000},
            NONE,
            id="E19-90-percent-passes",
        ),
        pytest.param(
            block("limit_used", percent=_percent("90")),
            {"figures": account(position(not_due(850_000))), "wants": 50_001},
            [USED],
            id="E19-a-rouble-more-holds",
        ),
        pytest.param(
            block("limit_used", percent=_percent("33.333")),
            {"granted": 3, "wants": 1},
            [USED],
            id="K9-percent-compares-unrounded",
        ),
        pytest.param(
            block("limit_used", percent=_percent("90")),
            {"granted": 0, "wants": 80_000, "figures": account(position(credit=80_000))},
            NONE,
            id="D12-a-paid-order-uses-nothing-of-a-zero-limit",
        ),
        pytest.param(
            block("account_status", value="watch"),
            {"client": ClientFacts(status="watch")},
            ["ACCOUNT_STATUS"],
            id="D12-status",
        ),
        pytest.param(
            block("account_status", value="watch"),
            {"client": ClientFacts(status="good")},
            NONE,
            id="D12-other",
        ),
        pytest.param(block("terms_of_payment", value="n60"), {"terms": "n60"}, ["TERMS"], id="D12-terms"),
        pytest.param(block("terms_of_payment", value="n60"), {"terms": "n30"}, NONE, id="D12-other-terms"),
        pytest.param(block("terms_of_payment", value="n60"), {}, NONE, id="D12-no-terms"),
    ],
)
def test_a_blocking_rule_fires_when_its_threshold_is_exceeded(
    rule: Rule, words: dict[str, Any], expected: list[str]
) -> None:
    statuses = tuple(AccountStatus(code, StatusEffect.NONE) for code in ("watch", "good"))
    assert codes(case(**words), ruled(rule, statuses=statuses, check_terms_rank=False)) == expected


def test_limit_used_is_tested_only_where_the_policy_says_so() -> None:
    rule = block("limit_used", percent=_percent("10"))
    assert codes(case(wants=900_000), ruled(rule)) == [USED]
    assert codes(case(wants=900_000), ruled(rule, check_limit_used=False)) == NONE


@pytest.mark.parametrize(
    ("days", "expires", "ignore_blank", "expected"),
    [
        pytest.param(5, 5, True, NONE, id="E26-expired-5-days-ago-N-5"),
        pytest.param(4, 5, True, ["LIMIT_EXPIRED"], id="E26-expired-5-days-ago-N-4"),
        pytest.param(0, None, True, NONE, id="E26-blank-ignored"),
        pytest.param(0, None, False, ["LIMIT_EXPIRED"], id="E26-blank-blocks"),
        pytest.param(0, 0, True, NONE, id="D21-the-last-day-itself"),
        pytest.param(0, -3, True, NONE, id="D21-still-running"),
    ],
)
def test_an_expired_limit_blocks_by_its_rule(
    days: int, expires: int | None, ignore_blank: bool, expected: list[str]
) -> None:
    until = None if expires is None else TODAY - timedelta(days=expires)
    terms = ruled(block("limit_expired", days=days), ignore_blank_expiry=ignore_blank)
    asked = case(client=ClientFacts(limit_until=until))
    assert codes(asked, terms) == expected
    if expected:
        (reason,) = assess(asked, terms).reasons
        assert (reason.days, reason.days_allowed, reason.rule) == (expires, days, "r-1")


def test_a_limit_without_a_last_day_is_never_excluded_as_fresh() -> None:
    terms = ruled(
        exclude("limit_expired", days=9, release=True),
        block("limit_expired", days=0),
        ignore_blank_expiry=False,
    )
    assert codes(case(), terms) == ["LIMIT_EXPIRED"]


def test_a_reason_names_its_rule_and_numbers() -> None:
    terms = ruled(block("overdue_amount", id="sum", **FIFTY))
    asked = case(_owing(15_000, 34_100), granted=100_000, wants=1_000)
    (reason,) = assess(asked, terms).reasons
    assert (reason.value, reason.threshold, reason.rule) == (rub(15_000), rub(10_000), "sum")
    assert (reason.percent, reason.percent_allowed) == (_percent("50.1"), _percent("50"))


@pytest.mark.parametrize(
    ("wants", "expected"),
    [
        pytest.param(500_000, NONE, id="D14-at-5000-dollars"),
        pytest.param("500000.01", [ORDER], id="D14-a-kopeck-more"),
    ],
)
def test_a_threshold_is_converted_at_the_rate_of_the_day(wants: str | int, expected: list[str]) -> None:
    terms = ruled(block("order_amount", amount=usd(5_000)))
    asked = case(wants=wants, rates=rates(USD=100))
    assert codes(asked, terms) == expected
    assert [rate.currency for rate in assess(asked, terms).rates] == ["USD"]


@pytest.mark.parametrize("known", [None, rates(USD=100, on=TODAY - timedelta(days=8))], ids=["none", "old"])
def test_a_threshold_without_a_rate_fails_closed(known: Any) -> None:
    """D14, K7: what cannot be compared is not passed over."""
    decision = assess(case(rates=known), ruled(block("order_amount", amount=usd(5_000))))
    assert (decision.outcome, decision.reasons[0].cause) == (Outcome.TECHNICAL, TechnicalCause.OTHER_CURRENCY)


def test_a_rule_of_no_known_type_is_refused() -> None:
    with pytest.raises(ValueError, match="telepathy"):
        RuleBook((block("telepathy", days=3),))
