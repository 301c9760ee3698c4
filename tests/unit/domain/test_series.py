"""Deals decided in their order: each permission takes room from those after it."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from datetime import timedelta
from typing import Any

import pytest

from b24app.domain.assess import assess
from b24app.domain.case import Release
from b24app.domain.case import TypedCard
from b24app.domain.client import NO_FACTS
from b24app.domain.client import ClientFacts
from b24app.domain.client import CreditGroup
from b24app.domain.decision import SkipKind
from b24app.domain.limits import NOT_SET
from b24app.domain.limits import CreditLimit
from b24app.domain.policy import AccountScope
from b24app.domain.policy import PaymentTerm
from b24app.domain.policy import Policy
from b24app.domain.pool import measure_member
from b24app.domain.receivable import AccountFigures
from b24app.domain.receivable import Contract
from b24app.domain.series import Account
from b24app.domain.series import Ask
from b24app.domain.series import World
from b24app.domain.series import decide_in_order
from tests.builders import CONTRACT
from tests.builders import INN
from tests.builders import NOW
from tests.builders import TODAY
from tests.builders import account
from tests.builders import limit
from tests.builders import not_due
from tests.builders import policy
from tests.builders import pool
from tests.builders import position
from tests.builders import rates
from tests.builders import reserve
from tests.builders import rub
from tests.builders import usd

OTHER = "7736050003"
PLAIN = Contract(CONTRACT, "Д-1", "RUB", active=True)


def client(
    *owed: str | int,
    granted: str | int | CreditLimit | None = 1_000_000,
    facts: ClientFacts = NO_FACTS,
    **changes: Any,
) -> Account:
    figures = account(position(*(not_due(each) for each in owed)), contracts=(PLAIN,))
    return Account(replace(figures, **changes), limit(granted), facts)


def world(*accounts: Account, terms: Policy | None = None, **changes: Any) -> World:
    known = {each.figures.inn: each for each in accounts}
    return replace(World(terms or policy(), known, TODAY, NOW), **changes)


def ask(deal_id: int, amount: str | int, **changes: Any) -> Ask:
    return replace(Ask(deal_id, INN, rub(amount)), **changes)


def decided(known: World, *asks: Ask) -> list[tuple[str, str | None]]:
    """Return outcome and the first excess of every deal."""
    found = []
    for answer in decide_in_order(known, asks):
        excess = next((each.excess for each in answer.decision.reasons if each.excess), None)
        found.append((answer.decision.outcome.value, str(excess.amount) if excess else None))
    return found


ROWS = [
    pytest.param(
        client(400_000),
        [ask(1, 400_000), ask(2, 400_000)],
        [("allow", None), ("hold", "200000.00")],
        id="E7-two-deals-one-room",
    ),
    pytest.param(
        client(600_000),
        [ask(1, 400_000), ask(1, 400_000), ask(1, 400_001), ask(1, 350_000)],
        [("allow", None), ("allow", None), ("hold", "1.00"), ("allow", None)],
        id="E8-E9-the-same-deal-again",
    ),
    pytest.param(
        client(650_000),
        [ask(1, 300_000), ask(2, 200_000)],
        [("allow", None), ("hold", "150000.00")],
        id="E36-the-older-hold-first",
    ),
    pytest.param(
        client(),
        [ask(1, 1_000_001), ask(2, 1_000_000)],
        [("hold", "1.00"), ("allow", None)],
        id="a-held-deal-takes-no-room",
    ),
    pytest.param(
        client(),
        [ask(1, 600_000), ask(1, 1_000_001), ask(2, 1_000_000)],
        [("allow", None), ("hold", "1.00"), ("allow", None)],
        id="a-deal-held-again-gives-its-room-back",
    ),
    pytest.param(
        client(),
        [ask(1, 0), ask(2, 1_000_000)],
        [("allow", None), ("allow", None)],
        id="nothing-takes-nothing",
    ),
]


@pytest.mark.parametrize(("known", "asks", "expected"), ROWS)
def test_each_permission_takes_room(
    known: Account, asks: list[Ask], expected: list[tuple[str, str | None]]
) -> None:
    assert decided(world(known), *asks) == expected


def test_reserves_standing_before_count_but_never_the_deal_s_own() -> None:
    known = world(client(), reserves={INN: (reserve(600_000, deal_id=1), reserve(400_000, deal_id=2))})
    assert decided(known, ask(1, 600_000), ask(3, 1)) == [("allow", None), ("hold", "1.00")]


def test_members_of_a_group_take_room_from_each_other() -> None:
    group = pool(1_000_000, OTHER)
    known = world(client(400_000), client(400_000, inn=OTHER), terms=policy(credit_groups=(group,)))
    asks = [ask(1, 150_000), ask(2, 100_000, inn=OTHER)]
    assert decided(known, *asks) == [("allow", None), ("hold", "50000.00")]
    assert decided(known, *reversed(asks)) == [("allow", None), ("hold", "50000.00")]


def test_a_group_with_an_unknown_member_decides_nothing() -> None:
    known = world(client(), terms=policy(credit_groups=(pool(1_000_000, OTHER),)))
    assert decided(known, ask(1, 1)) == [("technical", None)]


def test_a_member_whose_money_has_no_rate_is_not_known() -> None:
    foreign = client(inn=OTHER, positions=(position(not_due(usd(5))), position(not_due(5), contract="B")))
    known = world(client(), foreign, terms=policy(credit_groups=(pool(1_000_000, OTHER),)))
    assert decided(known, ask(1, 1)) == [("technical", None)]
    assert decided(replace(known, rates=rates(USD=100)), ask(1, 1)) == [("allow", None)]


def test_a_member_is_measured_with_what_is_promised_to_him() -> None:
    figures = client(400_000).figures
    found = measure_member(figures, [reserve(100_000)], policy(), on=TODAY, now=NOW)
    assert (found.inn, found.exposure) == (INN, rub(500_000))


def test_delivery_after_the_horizon_takes_no_room() -> None:
    known = world(client(), terms=policy(horizon_days=60))
    late = TODAY + timedelta(days=90)
    assert decided(known, ask(1, 1_000_000, ship_on=late), ask(2, 1_000_000)) == [("allow", None)] * 2
    assert decided(known, ask(1, 1_000_000, ship_on=TODAY), ask(2, 1_000_000))[1][0] == "hold"


@pytest.mark.parametrize(
    ("named", "currency", "expected"),
    [
        pytest.param(None, "RUB", "k-1", id="the only active one"),
        pytest.param(None, "USD", None, id="none in this currency"),
        pytest.param("k-2", "RUB", "k-2", id="by ref"),
        pytest.param("Д-2", "RUB", "k-2", id="by number"),
        pytest.param("Д-9", "RUB", None, id="nobody knows it"),
    ],
)
def test_the_contract_is_chosen_as_the_check_does(
    named: str | None, currency: str, expected: str | None
) -> None:
    contracts = (
        Contract("k-1", "Д-1", "RUB", active=True),
        Contract("k-2", "Д-2", "RUB", active=False),
    )
    money = rub(1) if currency == "RUB" else usd(1)
    known = world(client(contracts=contracts, positions=()), rates=rates(USD=1))
    [answer] = decide_in_order(known, [Ask(1, INN, money, named)])
    assert (answer.contract.ref if answer.contract else None) == expected
    assert answer.case is not None
    assert answer.case.candidate.contract == expected


def test_a_limit_not_set_is_that_of_the_contracts() -> None:
    contracts = (replace(PLAIN, limit=limit(100)), replace(PLAIN, ref="B", number="B", limit=limit(50)))
    assert decided(world(client(granted=NOT_SET, contracts=contracts)), ask(1, 151)) == [("hold", "1.00")]


def test_limits_of_contracts_in_two_currencies_decide_nothing() -> None:
    contracts = (replace(PLAIN, limit=limit(100)), replace(PLAIN, ref="B", number="B", limit=limit(usd(50))))
    known = world(client(granted=NOT_SET, contracts=contracts))
    [answer] = decide_in_order(known, [ask(1, 1)])
    assert (answer.decision.outcome.value, answer.case) == ("technical", None)


def test_the_deferral_of_the_contract_is_the_nearest_word() -> None:
    terms = policy(payment_terms=(PaymentTerm("net45", days=45, rank=1),))
    facts = ClientFacts(terms_days=30)
    for days, outcome in ((None, "hold"), (60, "allow"), (44, "hold")):
        known = client(facts=facts, contracts=(replace(PLAIN, deferral_days=days),))
        assert decided(world(known, terms=terms), ask(1, 1, terms="net45")) == [(outcome, None)]


def test_the_seller_is_the_deal_s_else_the_contract_s() -> None:
    contracts = (replace(PLAIN, organisation="A"),)
    owing = position(not_due(1_000_000), contract="B", organisation="B")
    known = world(
        client(contracts=contracts, positions=(owing,)), terms=policy(account_scope=AccountScope.ORGANISATION)
    )
    assert decided(known, ask(1, 1)) == [("allow", None)]
    assert decided(known, ask(1, 1, organisation="B")) == [("hold", "1.00")]


def test_what_was_typed_is_only_ever_stricter() -> None:
    known = world(client())
    assert decided(known, ask(1, 11, typed=TypedCard(limit(10)))) == [("hold", "1.00")]
    assert decided(known, ask(1, 1_000_001, typed=TypedCard(limit(None)))) == [("hold", "1.00")]


def test_days_of_grace_follow_a_release() -> None:
    known = world(client(1_000_000), terms=policy(stage_grace_days=2))
    [answer] = decide_in_order(known, [ask(1, 5, release=Release(TODAY, rub(5)))])
    assert answer.decision.skipped is not None
    assert answer.decision.skipped.kind is SkipKind.GRACE_UNTIL


def test_a_client_nobody_knows_is_an_error() -> None:
    with pytest.raises(KeyError):
        decide_in_order(world(client()), [ask(1, 1, inn=OTHER)])


def test_it_is_the_assess_of_a_check() -> None:
    [first, second] = decide_in_order(world(client(400_000)), [ask(1, 400_000), ask(2, 400_000)])
    for answer in (first, second):
        assert answer.case is not None
        assert answer.decision == assess(answer.case, policy())


def test_groups_are_looked_up_by_member() -> None:
    group = CreditGroup("g", "Г", rub(10), date(2026, 12, 31), frozenset({INN}))
    figures: AccountFigures = client().figures
    assert decided(
        world(Account(figures, NOT_SET, NO_FACTS), terms=policy(credit_groups=(group,))), ask(1, 11)
    ) == [("hold", "1.00")]
