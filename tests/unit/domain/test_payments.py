"""What to pay where rules, standings, disputes and typed cards meet: named when it helps, and only then."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING
from typing import Any

import pytest

from b24app.domain.assess import assess
from b24app.domain.case import TypedCard
from b24app.domain.client import AccountStatus
from b24app.domain.client import Category
from b24app.domain.client import ClientFacts
from b24app.domain.client import DealEntry
from b24app.domain.client import StatusEffect
from b24app.domain.exposure import NetScope
from b24app.domain.limits import Granted
from tests.builders import account
from tests.builders import block
from tests.builders import case
from tests.builders import exclude
from tests.builders import late
from tests.builders import limit
from tests.builders import not_due
from tests.builders import policy
from tests.builders import pool
from tests.builders import position
from tests.builders import rates
from tests.builders import reserve
from tests.builders import rub
from tests.builders import ruled
from tests.builders import usd

if TYPE_CHECKING:
    from b24app.domain.case import AssessmentCase
    from b24app.domain.policy import Policy

SMALL = exclude("overdue_days", days=5, release=True)
LARGE = block("order_amount", amount=rub(5))
LATE = account(position(late(70, days=9), late(30, days=2)))
STOP = (AccountStatus("stop", StatusEffect.SHIP),)
OWING = (Category("owing", full_block=True),)
STRICT = TypedCard(limit(50))


@pytest.mark.parametrize(
    ("asked", "terms", "expected"),
    [
        pytest.param(
            case(LATE, wants=6), ruled(SMALL, LARGE), [("A", "70.00")], id="the-tick-lets-a-paid-client-pass"
        ),
        pytest.param(case(LATE, wants=6), ruled(LARGE), [], id="no-payment-makes-an-order-smaller"),
        pytest.param(
            case(account(position(late(70, days=9), contract="B")), wants=6),
            ruled(SMALL, LARGE),
            [("B", "70.00")],
            id="under-the-contract-that-is-late",
        ),
        pytest.param(
            case(wants=6, granted=0, contract=None),
            ruled(exclude("limit_used", percent=Decimal(50), release=True), LARGE),
            [],
            id="nothing-can-be-paid-for-an-unknown-contract",
        ),
        pytest.param(
            case(account(), wants=60, granted=100, contract=None),
            ruled(
                exclude("limit_used", percent=Decimal(50), release=True), LARGE, net_scope=NetScope.CUSTOMER
            ),
            [(None, "10.01")],
            id="an-advance-brings-use-below-the-tick",
        ),
        pytest.param(
            case(LATE, granted=0, wants=6, deal_id=7),
            ruled(SMALL, deals=(DealEntry(7, forced_hold="court"),)),
            [],
            id="D26-no-payment-lifts-a-persons-stop",
        ),
        pytest.param(
            case(account(position(not_due(95))), granted=100, wants=1),
            ruled(block("limit_used", percent=Decimal(90))),
            [("A", "6.00")],
            id="use-of-the-limit-brought-down-to-the-percent",
        ),
        pytest.param(
            case(account(position(late(70, days=9)))),
            ruled(block("overdue_amount", amount=rub(20))),
            [("A", "50.00")],
            id="overdue-brought-down-to-the-sum",
        ),
        pytest.param(
            case(
                account(position(not_due(40)), position(shipped=9, contract="B")), client=ClientFacts("owing")
            ),
            policy(categories=OWING),
            [("A", "40.00"), ("B", "9.00")],
            id="F8-AC4-all-of-the-debt",
        ),
        pytest.param(
            case(account(position(not_due(70))), granted=500, wants=40, reserves=[reserve(10)], pool=()),
            policy(credit_groups=(pool(100),)),
            [("A", "20.00")],
            id="D19-room-in-the-pool",
        ),
        pytest.param(
            case(account(position(not_due(500))), granted=5_000, wants=600, rates=rates(USD=100)),
            policy(credit_groups=(pool(usd(10)),)),
            [("A", "99.51")],
            id="D19-a-pool-in-dollars-rounds-half-up",
        ),
        pytest.param(
            case(account(position(not_due(40))), granted=60, wants=40, typed=STRICT),
            policy(),
            [("A", "30.00")],
            id="by-the-lower-limit-a-person-typed",
        ),
        pytest.param(
            case(account(position(not_due(40))), granted=60, wants=40, typed=TypedCard(limit(70))),
            policy(),
            [("A", "20.00")],
            id="by-the-accepted-limit-that-is-lower",
        ),
        pytest.param(
            case(
                account(position(not_due(4_000))),
                granted=6_000,
                wants=4_000,
                typed=TypedCard(limit(usd(50))),
                rates=rates(USD=100),
            ),
            policy(),
            [("A", "2999.50")],
            id="by-a-typed-limit-in-dollars",
        ),
        pytest.param(
            case(LATE, granted=60, wants=40, typed=TypedCard(limit(None), ClientFacts(status="stop"))),
            policy(statuses=STOP),
            [],
            id="a-typed-stop-is-not-paid-off",
        ),
    ],
)
def test_the_smallest_payment(
    asked: AssessmentCase, terms: Policy, expected: list[tuple[str | None, str]]
) -> None:
    decision = assess(asked, terms)
    assert decision.holds
    assert [(each.contract, str(each.amount.amount)) for each in decision.to_release] == expected


@pytest.mark.parametrize(
    ("own", "typed", "expected"),
    [
        pytest.param(
            60,
            TypedCard(limit(None), ClientFacts(status="stop")),
            ["LIMIT", "ACCOUNT_STATUS"],
            id="unlimited",
        ),
        pytest.param(
            60, TypedCard(limit(90), ClientFacts(status="stop")), ["LIMIT", "ACCOUNT_STATUS"], id="more"
        ),
        pytest.param(None, TypedCard(limit(50)), ["LIMIT"], id="only-what-is-typed-holds"),
    ],
)
def test_a_typed_card_adds_reasons_and_hides_none(own: Any, typed: TypedCard, expected: list[str]) -> None:
    """Typing a status and a larger limit together must not hide that the accepted limit is exceeded."""
    decision = assess(case(account(), granted=own, wants=100, typed=typed), policy(statuses=STOP))
    assert [each.code.value for each in decision.reasons] == expected
    if own is not None:
        assert decision.reasons[0].threshold == Granted(rub(own)).amount
