"""What a person typed into a company card may only make a decision stricter."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from b24app.domain.assess import assess
from b24app.domain.case import TypedCard
from b24app.domain.client import AccountStatus
from b24app.domain.client import ClientFacts
from b24app.domain.client import StatusEffect
from b24app.domain.limits import NOT_SET
from b24app.domain.policy import Softness
from b24app.domain.rules import ReasonCode
from tests.builders import account
from tests.builders import case
from tests.builders import late
from tests.builders import limit
from tests.builders import policy
from tests.builders import position
from tests.builders import rub
from tests.builders import usd

if TYPE_CHECKING:
    from b24app.domain.limits import CreditLimit
    from b24app.domain.money import Money


@pytest.mark.parametrize(
    ("typed", "own", "excess"),
    [
        pytest.param(limit(50), 100, rub(30), id="lower"),
        pytest.param(limit(900), 100, None, id="higher"),
        pytest.param(limit(None), 100, None, id="unlimited"),
        pytest.param(NOT_SET, 100, None, id="emptied"),
        pytest.param(limit(usd(1)), 100, None, id="other-currency"),
        pytest.param(limit(70), None, rub(10), id="an-amount-for-an-unlimited-client"),
        pytest.param(limit(usd(1)), None, None, id="dollars-for-an-unlimited-client"),
        pytest.param(NOT_SET, None, None, id="unlimited-emptied"),
        pytest.param(limit(50), 60, rub(30), id="lower-than-one-that-holds-already"),
        pytest.param(limit(70), 60, rub(20), id="higher-than-one-that-holds-already"),
    ],
)
def test_only_a_stricter_typed_limit_counts(
    typed: CreditLimit, own: int | None, excess: Money | None
) -> None:
    decision = assess(case(granted=own, wants=80, typed=TypedCard(typed)), policy())
    found = {reason.code: reason.excess for reason in decision.reasons}
    assert found == ({} if excess is None else {ReasonCode.LIMIT: excess})


STATUSES = (AccountStatus("stop", StatusEffect.SHIP), AccountStatus("free", StatusEffect.NONE))
LATE = account(position(late(5, days=3)))


@pytest.mark.parametrize(
    ("own", "typed", "holds"),
    [
        pytest.param("free", "stop", True, id="stopped-by-typing"),
        pytest.param("stop", "free", True, id="not-freed-by-typing"),
        pytest.param("free", "free", False, id="untouched"),
    ],
)
def test_only_a_stricter_typed_standing_counts(own: str, typed: str, *, holds: bool) -> None:
    card = TypedCard(client=ClientFacts(status=typed))
    asked = case(client=ClientFacts(status=own), typed=card)
    assert assess(asked, policy(statuses=STATUSES)).holds is holds


def test_nobody_makes_himself_a_strategic_partner() -> None:
    soft = policy(strategic=Softness(7, rub(50_000)))
    typed = TypedCard(client=ClientFacts(strategic=True))
    assert assess(case(LATE, typed=typed), soft).holds
    assert not assess(case(LATE, client=ClientFacts(strategic=True)), soft).holds
