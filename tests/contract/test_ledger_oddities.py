"""What is odd about 1C, in bases of every configuration: logins, spaces, empty values, payments, cards."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from datetime import time
from decimal import Decimal

import pytest

from b24app.domain.money import Money
from b24app.domain.receivable import AccountFigures
from b24app.sandbox.onec import objects_bp
from b24app.sandbox.onec.books import guid
from b24app.sandbox.onec.families import SeededBase
from b24app.sandbox.onec.schema import EMPTY_GUID
from b24app.sandbox.onec.schema import Value
from b24app.sandbox.server import Served
from b24app.sandbox.world import SeedClient
from b24app.sandbox.world import SeedContract
from sync_1c import profiles
from sync_1c.ledger import OneCLedger
from tests.builders import rub
from tests.contract.test_ledger import LATE
from tests.contract.test_ledger import LATE_CLIENT
from tests.contract.test_ledger import LOGIN
from tests.contract.test_ledger import START
from tests.contract.test_ledger import TODAY
from tests.contract.test_ledger import ago
from tests.contract.test_ledger import client
from tests.contract.test_ledger import debt_of
from tests.contract.test_ledger import open_family
from tests.contract.test_ledger import open_ledger
from tests.contract.test_ledger import sale

FAMILIES = ("ut11", "bp30", "unf")


@contextmanager
def opened(family: str, *clients: SeedClient) -> Iterator[tuple[OneCLedger, SeededBase]]:
    """Serve a base of these clients and open the adapter by its profile's name."""
    base = open_family(family, *clients)
    with Served(base.app) as served:
        yield open_ledger(served, base, profile=family), base


def only(ledger: OneCLedger, inn: str = LATE) -> AccountFigures:
    """Read one client without issues."""
    answer = ledger.fetch([inn], now=START)
    assert answer.issues == ()
    return answer.accounts[inn]


@pytest.fixture(params=FAMILIES)
def family(request: pytest.FixtureRequest) -> str:
    name: str = request.param
    return name


def test_a_cyrillic_login_opens_every_base_and_no_space_travels_as_a_plus(family: str) -> None:
    assert not LOGIN.isascii()
    with opened(family, LATE_CLIENT) as (ledger, base):
        assert debt_of(only(ledger)) == rub("140000.25")
        queries = [request.query for request in base.log.requests]
    assert any("%20eq%20" in query for query in queries)
    assert not any("+" in query for query in queries)


@pytest.mark.parametrize("name", ["auto", *(name for one in profiles.known() for name in one.NAMES)])
def test_every_name_of_a_profile_opens_its_base(name: str) -> None:
    base = open_family("ut11" if name in ("auto", "ka2", "erp2") else name, LATE_CLIENT)
    with Served(base.app) as served:
        assert debt_of(only(open_ledger(served, base, profile=name))) == rub("140000.25")


def test_a_payment_of_the_last_second_of_today_counts_today(family: str) -> None:
    with opened(family, LATE_CLIENT) as (ledger, base):
        paid = base.post_payment("late", Decimal(1000))
        last_second = datetime.combine(TODAY, time(23, 59, 59))
        base.write(paid.kind, paid.ref, {"Date": last_second})
        account = only(ledger)
    assert debt_of(account) == rub("139000.25")
    assert account.last_payment is not None
    assert (account.last_payment.paid_on, account.last_payment.amount) == (TODAY, rub("1000"))


def test_a_contract_in_foreign_money_is_told_in_its_currency_with_the_rate_of_the_day(family: str) -> None:
    contract = SeedContract("Д-usd", None, 10, currency="USD")
    sold = sale("U", "Д-usd", "700.10", sold=20, due=10)
    with opened(family, client("usd", LATE, contracts=(contract,), sales=(sold,))) as (ledger, _):
        answer = ledger.fetch([LATE], now=START)
    (position,) = answer.accounts[LATE].positions
    assert [(part.due, part.open_amount) for part in position.instalments] == [
        (ago(10), Money(Decimal("700.10"), "USD"))
    ]
    assert answer.rates is not None
    assert {rate.currency: rate.on for rate in answer.rates.known}["USD"] == TODAY


@pytest.mark.parametrize("marked", [False, True], ids=["empty first card", "deleted first card"])
def test_a_client_whose_only_link_is_a_second_card_is_told_whole(family: str, *, marked: bool) -> None:
    first = client("aaa", LATE, contracts=())
    second = client("second", LATE, "770245001", sales=(sale("В", "Д-second", "77.70", sold=40, due=10),))
    with opened(family, first, second) as (ledger, base):
        card = guid("counterparty", "aaa")
        base.write(objects_bp.COUNTERPARTIES, card, {"DeletionMark": marked})
        account = only(ledger)
        (streamed,) = [one for one in ledger.stream(now=START) if isinstance(one, AccountFigures)]
    assert debt_of(account) == rub("77.70")
    assert streamed.positions == account.positions
    assert {party.kpp for party in account.counterparties} == {
        "770245001",
        *(() if marked else ("770101001",)),
    }


def test_a_contract_without_an_own_company_is_with_none(family: str) -> None:
    with opened(family, client("bare", LATE)) as (ledger, base):
        base.write(objects_bp.CONTRACTS, guid("contract", "bare", "Д-bare"), {"Организация_Key": EMPTY_GUID})
        (contract,) = only(ledger).contracts
    assert contract.organisation is None


@pytest.mark.parametrize(("term", "told"), [(30, 30), (0, {"unf": None}), (None, None)])
def test_a_term_that_travels_as_a_string_is_a_number_of_days(
    family: str, term: int | None, told: int | dict[str, None] | None
) -> None:
    bare = client("bare", LATE, contracts=(SeedContract("Д-bare", None, term),))
    with opened(family, bare) as (ledger, _):
        (contract,) = only(ledger).contracts
    expected = told.get(family, 0) if isinstance(told, dict) else told
    assert contract.deferral_days == expected


@pytest.mark.parametrize(
    ("values", "due"),
    [({"УстановленСрокОплаты": True, "СрокОплаты": 3}, ago(37)), ({"УстановленСрокОплаты": False}, ago(35))],
    ids=["the contract's term", "the usual term of five days"],
)
def test_an_empty_day_of_a_document_in_bp_leaves_it_to_the_contract(
    values: dict[str, Value], due: object
) -> None:
    owes = client("owes", LATE, sales=(sale("Б", "Д-owes", "10", sold=40, due=1),))
    with opened("bp30", owes) as (ledger, base):
        base.write(objects_bp.CONTRACTS, guid("contract", "owes", "Д-owes"), values)
        document = guid("sale", "owes", "Д-owes", "Б")
        base.write(objects_bp.DUE_DAYS, document, {"СрокОплаты": datetime(1, 1, 1)})  # noqa: DTZ001
        (part,) = only(ledger).positions[0].instalments
    assert part.due == due
