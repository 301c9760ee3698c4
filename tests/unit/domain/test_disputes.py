"""What a client disputes of a document: exposure all the same, overdue for no rule (N22)."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from b24app.domain.assess import assess
from b24app.domain.client import Dispute
from b24app.domain.exposure import NetScope
from tests.builders import TODAY
from tests.builders import account
from tests.builders import case
from tests.builders import entry
from tests.builders import late
from tests.builders import policy
from tests.builders import position
from tests.builders import rub


@pytest.mark.parametrize(
    ("disputes", "expected"),
    [
        pytest.param((Dispute("УТ-1", rub(70)),), [], id="E48-all-of-it"),
        pytest.param((Dispute("УТ-1", rub(69)),), [(rub(1), 9)], id="N22-all-but-a-rouble"),
        pytest.param((Dispute("УТ-2", rub(70)),), [(rub(70), 9)], id="N22-another-document"),
        pytest.param((Dispute("УТ-1", rub(70), TODAY),), [], id="N22-to-its-last-day"),
        pytest.param(
            (Dispute("УТ-1", rub(70), TODAY - timedelta(days=1)),), [(rub(70), 9)], id="N22-no-longer"
        ),
        pytest.param((Dispute("УТ-1", rub(30)), Dispute("УТ-1", rub(40))), [], id="N22-two-of-a-document"),
    ],
)
def test_what_is_disputed_is_exposure_and_not_overdue(
    disputes: tuple[Dispute, ...], expected: list[Any]
) -> None:
    asked = case(account(position(late(70, days=9))))
    decision = assess(asked, policy(clients=(entry(disputes=disputes),)))
    assert [(each.excess, each.days) for each in decision.reasons] == expected
    assert decision.exposure is not None
    assert decision.exposure.receivables == rub(70)


def test_a_dispute_over_several_instalments_takes_the_oldest_first() -> None:
    parts = [late(30, days=9), late(30, days=5), late(30, days=2)]
    decision = assess(
        case(account(position(*parts))), policy(clients=(entry(disputes=(Dispute("УТ-1", rub(40)),)),))
    )
    assert decision.overdue is not None
    assert [(item.days, item.amount) for item in decision.overdue.items] == [(5, rub(20)), (2, rub(30))]


@pytest.mark.parametrize("flip", [False, True], ids=["as-given", "turned"])
@pytest.mark.parametrize("scope", NetScope)
def test_a_dispute_over_a_document_of_two_contracts_does_not_depend_on_their_order(
    scope: NetScope, *, flip: bool
) -> None:
    parts = (position(late(30, days=9)), position(late(30, days=5), contract="B"))
    figures = account(*(parts[::-1] if flip else parts))
    terms = policy(net_scope=scope, clients=(entry(disputes=(Dispute("УТ-1", rub(40)),)),))
    decision = assess(case(figures), terms)
    assert decision.overdue is not None
    assert [(item.days, item.amount) for item in decision.overdue.items] == [(5, rub(20))]


def test_a_payment_meets_a_disputed_debt_before_a_younger_one() -> None:
    """Accounting extinguishes the oldest debt first, so less than both would not surely release."""
    figures = account(position(late(70, days=9, document="УТ-1"), late(50, days=5, document="УТ-2")))
    decision = assess(case(figures), policy(clients=(entry(disputes=(Dispute("УТ-1", rub(70)),)),)))
    assert [payment.amount for payment in decision.to_release] == [rub(120)]
