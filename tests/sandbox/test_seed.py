"""What must hold of the made-up company, whatever the day."""

from __future__ import annotations

from collections import Counter
from datetime import UTC
from datetime import date
from datetime import datetime
from decimal import Decimal

import pytest

from b24app.sandbox.clock import SandboxClock
from b24app.sandbox.onec.base import SandboxOneC
from b24app.sandbox.seed import MANAGERS
from b24app.sandbox.seed import STAGES
from b24app.sandbox.seed import STORY
from b24app.sandbox.seed import build_world
from b24app.sandbox.seed import with_check_digits
from b24app.sandbox.world import World

DAYS = (date(2026, 11, 24), date(2024, 2, 29), date(2027, 1, 1))


@pytest.fixture(params=DAYS, ids=str)
def world(request: pytest.FixtureRequest) -> World:
    day: date = request.param
    return build_world(day)


def base(world: World) -> SandboxOneC:
    clock = SandboxClock(datetime(world.today.year, world.today.month, world.today.day, 9, tzinfo=UTC))
    return SandboxOneC(world, clock=clock, login="l", password="p", timezone="Europe/Moscow")


@pytest.mark.parametrize(
    ("digits", "inn"),
    [("770708389", "7707083893"), ("773605000", "7736050003"), ("5001007322", "500100732259")],
)
def test_check_digits_agree_with_real_tax_numbers(digits: str, inn: str) -> None:
    assert with_check_digits(digits) == inn


def test_the_same_day_gives_the_same_company(world: World) -> None:
    assert build_world(world.today) == world


def test_the_company_is_big_enough(world: World) -> None:
    assert len(world.clients) >= 40
    assert len(world.deals) >= 60
    assert {deal.stage for deal in world.deals} == set(STAGES)
    assert {deal.manager for deal in world.deals} <= set(MANAGERS)
    assert len({user.department for user in world.users if user.id in MANAGERS}) == 2
    assert {world.cfo, world.deputy, world.sales_head, world.administrator} <= {
        user.id for user in world.users
    }
    assert len({deal.key for deal in world.deals}) == len(world.deals)
    assert len({client.key for client in world.clients}) == len(world.clients)


def test_tax_numbers_are_right_and_shared_only_by_a_branch(world: World) -> None:
    numbers = [client.inn for client in world.clients if client.inn]
    for inn in numbers:
        assert with_check_digits(inn[:9] if len(inn) == 10 else inn[:10]) == inn
    assert [inn for inn, count in Counter(numbers).items() if count > 1] == [
        client.inn for client in world.clients if client.key == "branch"
    ]
    pairs = [(client.inn, client.kpp) for client in world.clients if client.inn]
    assert len(set(pairs)) == len(pairs)


def test_papers_add_up_and_belong_to_their_contracts(world: World) -> None:
    for client in world.clients:
        contracts = {contract.number for contract in client.contracts}
        sales = {sale.number: sale for sale in client.sales}
        assert set(client.shipping) <= contracts
        for sale in client.sales:
            assert sale.contract in contracts
            assert sum(amount for _, amount in sale.instalments) == sale.amount
            assert sale.sold_on <= world.today
        for payment in client.payments:
            assert payment.contract in contracts
            assert payment.paid_on <= world.today
            assert payment.sale is None or payment.contract == sales[payment.sale].contract


def test_every_sort_of_client_is_there(world: World) -> None:
    by_key = {client.key: client for client in world.clients}
    assert by_key["big"].contracts[0].limit == 5_000_000
    assert not by_key["no-inn"].inn
    assert not by_key["unknown-1"].in_accounting
    assert by_key["twins"].cards == 2
    assert by_key["dollars"].contracts[0].currency == "USD"
    assert not by_key["closed"].contracts[0].active
    assert len(by_key["long"].name) == 300
    assert "<script>" in by_key["script"].name
    assert len(by_key["person-1"].inn) == 12
    assert [contract.company for contract in by_key["contracts"].contracts] == ["main", "sister", "main"]


@pytest.mark.parametrize(
    ("key", "over", "late"),
    [
        ("allow", False, False),
        ("limit", True, False),
        ("overdue", False, True),
        ("both", True, True),
        ("silent", False, False),
        ("drag", True, False),
        ("card", True, False),
        ("pay", False, True),
    ],
)
def test_each_story_deal_has_one_outcome(world: World, key: str, *, over: bool, late: bool) -> None:
    (client,) = [one for one in world.clients if one.key == key]
    (deal,) = [one for one in world.deals if one.key == key]
    figures = base(world).balance(key)
    limit = client.contracts[0].limit
    assert limit is not None
    assert (figures.debt + deal.amount > limit) is over
    assert (figures.overdue > 0) is late
    assert (deal.client, deal.stage in ("NEW", "EXECUTING")) == (key, True)


def test_the_story_is_complete(world: World) -> None:
    assert set(STORY) <= {deal.key for deal in world.deals}


def test_paying_releases_the_one_who_pays(world: World) -> None:
    onec = base(world)
    onec.post_payment("pay", onec.balance("pay").overdue)
    assert onec.balance("pay").overdue == 0


def test_strange_cases_show_in_the_registers(world: World) -> None:
    onec = base(world)
    assert onec.balance("in-transit").pending == 130_000
    assert onec.balance("in-transit").overdue == 0
    assert onec.balance("prepaid-1").advance == 400_000
    assert onec.balance("shipping").shipping == 250_000
    assert onec.balance("closed").debt == 60_000
    assert onec.balance("dollars", "USD").debt == 18_500
    assert onec.balance("instalments-1").overdue == Decimal(200_000)
    assert onec.balance("problem").overdue == 245_000
