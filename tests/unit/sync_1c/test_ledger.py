"""The adapter against the offline base: what the common suite does not ask."""

from __future__ import annotations

import time
from collections.abc import Callable
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from b24app.domain.limits import Granted
from b24app.domain.money import Money
from b24app.ports.errors import AuthLost
from b24app.ports.errors import BadAnswer
from b24app.ports.errors import Forbidden
from b24app.ports.errors import GatewayError
from b24app.ports.errors import LedgerMisconfigured
from b24app.ports.errors import Rejected
from b24app.ports.errors import TransportFailure
from b24app.sandbox.onec.base import SandboxOneC
from b24app.sandbox.onec.faults import Fault
from b24app.sandbox.onec.http import Publication
from b24app.sandbox.onec.registers import Quoting as PublishedQuoting
from b24app.sandbox.server import Served
from b24app.sandbox.world import SeedClient
from b24app.sandbox.world import SeedContract
from b24app.sandbox.world import SeedPayment
from sync_1c.ledger import OneCLedger
from sync_1c.pace import Pace
from sync_1c.profiles import shared
from sync_1c.profiles import ut11
from sync_1c.transport import Utf8Basic
from tests.contract.test_ledger import CLEAN
from tests.contract.test_ledger import CLEAN_CLIENT
from tests.contract.test_ledger import LATE
from tests.contract.test_ledger import LATE_CLIENT
from tests.contract.test_ledger import START
from tests.contract.test_ledger import ago
from tests.contract.test_ledger import client
from tests.contract.test_ledger import debt_of
from tests.contract.test_ledger import open_base
from tests.contract.test_ledger import open_ledger
from tests.contract.test_ledger import overdue_of
from tests.contract.test_ledger import rub
from tests.contract.test_ledger import sale
from tests.contract.test_ledger import transport


@contextmanager
def base_of(
    *clients: SeedClient, publication: Publication | None = None, **more: Any
) -> Iterator[tuple[OneCLedger, SandboxOneC]]:
    """Serve an offline base of these clients."""
    base = open_base(publication or Publication(), *clients)
    with Served(base.app) as served:
        yield open_ledger(served, base, **more), base


def test_the_adapter_agrees_with_the_reports_of_the_base_about_every_client() -> None:
    clients = [
        client(
            f"k{n}",
            f"77000000{n:02d}",
            sales=(
                sale(f"A{n}", f"Д-k{n}", str(1000 * n + 1), sold=60, due=n),
                sale(f"B{n}", f"Д-k{n}", "500.55", sold=3, due=-n),
            ),
            payments=(
                SeedPayment(f"P{n}", f"Д-k{n}", ago(1), Decimal(300 * n), f"A{n}", confirmed=n % 2 == 0),
            ),
        )
        for n in range(1, 30)
    ]
    with base_of(*clients) as (ledger, base):
        answer = ledger.fetch([each.inn for each in clients], now=START)
        for each in clients:
            account, told = answer.accounts[each.inn], base.balance(each.key)
            credit = sum((position.credit for position in account.positions), start=rub("0"))
            assert (debt_of(account) - credit).amount == told.debt, each.key
            assert overdue_of(account).amount == told.overdue, each.key
    assert answer.issues == ()


def test_requests_stay_inside_the_limits_of_the_web_server_and_are_few() -> None:
    clients = [client(f"k{n}", f"77000000{n:02d}") for n in range(50)]
    with base_of(*clients, few_limit=100) as (ledger, base):
        assert len(ledger.fetch([each.inn for each in clients], now=START).accounts) == 50
        assert max(len(request.query) for request in base.log.requests) <= 2048
        few = len(base.log.requests)
    with base_of(*clients, few_limit=0) as (ledger, base):
        assert len(ledger.fetch([each.inn for each in clients], now=START).accounts) == 50
        assert len(base.log.requests) < few


def test_counterparties_of_one_inn_are_one_account_and_decoys_are_left_alone() -> None:
    branch = client("branch", LATE, "770245001", sales=(sale("Б-1", "Д-branch", "111", sold=9, due=1),))
    with base_of(LATE_CLIENT, branch) as (ledger, base):
        base.add_decoys("late")
        account = ledger.fetch([LATE], now=START).accounts[LATE]
    assert {party.kpp for party in account.counterparties} == {"770101001", "770245001"}
    assert debt_of(account) == rub("140111.25")
    assert len(account.contracts) == 2


def test_a_contract_in_foreign_money_is_its_own_position_and_limit() -> None:
    contract = SeedContract("Д-usd", Decimal(1000), 10, currency="USD")
    foreign = client(
        "usd", LATE, contracts=(contract,), sales=(sale("U", "Д-usd", "700.10", sold=20, due=10),)
    )
    with base_of(foreign) as (ledger, _):
        account = ledger.fetch([LATE], now=START).accounts[LATE]
    assert [position.currency for position in account.positions] == ["USD"]
    assert account.contracts[0].limit == Granted(Money(Decimal(1000), "USD"))


def test_a_sale_under_a_new_contract_is_seen_at_once() -> None:
    with base_of(LATE_CLIENT, CLEAN_CLIENT, few_limit=0) as (ledger, base):
        ledger.fetch([LATE], now=START)
        base.add_client(client("new", "7703333333", sales=(sale("Н", "Д-new", "42", sold=2, due=-5),)))
        answer = ledger.fetch(["7703333333"], now=START)
    assert debt_of(answer.accounts["7703333333"]) == rub("42")
    assert answer.issues == ()


@pytest.mark.parametrize("new", [True, False], ids=["new architecture", "old architecture"])
def test_a_payment_the_bank_confirms_today_counts_today(*, new: bool) -> None:
    with base_of(LATE_CLIENT, publication=Publication(new_architecture=new)) as (ledger, base):
        before = debt_of(ledger.fetch([LATE], now=START).accounts[LATE])
        paid = base.post_payment("late", Decimal(1000), confirmed=False)
        assert debt_of(ledger.fetch([LATE], now=START).accounts[LATE]) == before
        base.confirm(paid)
        assert debt_of(ledger.fetch([LATE], now=START).accounts[LATE]) == before - rub("1000")


def test_midnight_is_that_of_the_base() -> None:
    due_today = client("today", LATE, sales=(sale("С", "Д-today", "10", sold=30, due=0),))
    with base_of(due_today, publication=Publication(new_architecture=False)) as (ledger, base):
        assert overdue_of(ledger.fetch([LATE], now=START).accounts[LATE]) == rub("0")
        late_evening = START.replace(hour=21, minute=30)
        part = ledger.fetch([LATE], now=late_evening).accounts[LATE].positions[0].instalments[0]
        assert part.due == ago(0) == (late_evening + timedelta(hours=3)).date() - timedelta(days=1)
        assert base.log.requests


@pytest.mark.parametrize(
    ("spoil", "kind"),
    [
        (lambda base: setattr(base.switches, "fault", Fault.GARBAGE), BadAnswer),
        (lambda base: setattr(base.switches, "fault", Fault.UNAUTHORIZED), AuthLost),
        (lambda base: setattr(base.switches, "fault", Fault.UNAVAILABLE), TransportFailure),
        (lambda base: setattr(base.switches, "fault", Fault.INTERNAL), Rejected),
        (lambda base: base.switches.removed.add(ut11.BY_DUE_DATE), LedgerMisconfigured),
        (lambda base: base.switches.removed.add(ut11.KEYS), LedgerMisconfigured),
        (lambda base: base.switches.forbidden.add(ut11.SETTLEMENTS), Forbidden),
        (lambda base: base.hide("late"), Forbidden),
    ],
    ids=[
        "login page",
        "password",
        "503",
        "500 -1",
        "hidden register",
        "hidden keys",
        "no rights",
        "row rights",
    ],
)
def test_every_trouble_of_the_base_has_its_name(
    spoil: Callable[[SandboxOneC], None], kind: type[GatewayError]
) -> None:
    with base_of(LATE_CLIENT) as (ledger, base):
        spoil(base)
        with pytest.raises(kind):
            ledger.fetch([LATE], now=START)


def test_a_hung_base_ends_at_the_deadline() -> None:
    with base_of(LATE_CLIENT, deadline=0.3) as (ledger, base):
        base.switches.hang = 20
        began = time.monotonic()
        with pytest.raises(TransportFailure):
            ledger.fetch([LATE], now=START)
        assert time.monotonic() - began < 15
        base.switches.restore()


def test_a_wrong_password_never_shows() -> None:
    base = open_base(Publication(), LATE_CLIENT)
    with Served(base.app) as served:
        ledger = open_ledger(served, base)
        ledger._transport = transport(served, base, auth=Utf8Basic("Обмен", "секрет"))
        with pytest.raises(AuthLost) as raised:
            ledger.probe()
    assert "секрет" not in str(raised.value)


def test_slow_references_are_read_once_and_live_figures_each_time() -> None:
    with base_of(LATE_CLIENT) as (ledger, base):
        ledger.fetch([LATE], now=START)
        first = [request.resource for request in base.log.requests]
        ledger.fetch([LATE], now=START)
        second = [request.resource for request in base.log.requests][len(first) :]
    assert first.count(shared.CURRENCIES) == first.count(ut11.ARCHITECTURE) == 1
    assert shared.CURRENCIES not in second
    assert ut11.ARCHITECTURE not in second
    assert ut11.KEYS in second
    assert "" in first


def test_a_named_profile_needs_no_recognition() -> None:
    with base_of(LATE_CLIENT, profile="erp2") as (ledger, base):
        ledger.probe()
        assert [request.resource for request in base.log.requests] == [ut11.ARCHITECTURE]
    with (
        base_of(LATE_CLIENT, profile="bp30") as (ledger, _),
        pytest.raises(LedgerMisconfigured, match="Constant_"),
    ):
        ledger.probe()


def test_at_most_a_dozen_payments_are_told_newest_first() -> None:
    paid = tuple(SeedPayment(f"П{n}", "Д-pays", ago(n), Decimal(n), None) for n in range(1, 20))
    old = SeedPayment("П-old", "Д-pays", ago(200), Decimal(5), None)
    with base_of(client("pays", LATE, payments=(*paid, old))) as (ledger, _):
        account = ledger.fetch([LATE], now=START).accounts[LATE]
    assert [payment.paid_on for payment in account.payments] == [ago(n) for n in range(1, 13)]


def test_the_base_that_takes_no_condition_is_read_whole() -> None:
    refusing = Publication(quoting=PublishedQuoting.NEITHER)
    with base_of(LATE_CLIENT, few_limit=50, publication=refusing) as (ledger, base):
        account = ledger.fetch([LATE], now=START).accounts[LATE]
        asked = len(base.log.requests)
        ledger.fetch([LATE], now=START)
    assert debt_of(account) == rub("140000.25")
    assert not any("Condition" in request.resource for request in base.log.requests[asked:])


def test_pace_chooses_by_what_was_measured_and_the_override_wins() -> None:
    pace = Pace()
    assert pace.is_few(30)
    assert not pace.is_few(31)
    pace.narrow_took(7.0, 7)
    pace.full_took(10.0)
    assert pace.is_few(5)
    assert not pace.is_few(6)
    assert Pace(few_limit=100).is_few(100)


def test_a_client_twice_in_the_question_is_answered_once() -> None:
    with base_of(LATE_CLIENT, CLEAN_CLIENT) as (ledger, base):
        answer = ledger.fetch([LATE, f" {LATE} ", "", CLEAN], now=START)
        assert set(answer.accounts) == {LATE, CLEAN}
        asked = [r for r in base.log.requests if r.resource == shared.COUNTERPARTIES]
    assert len(asked) == 1


def test_the_own_company_is_told_of_contracts_and_of_positions() -> None:
    with base_of(LATE_CLIENT) as (ledger, base):
        account = ledger.fetch([LATE], now=START).accounts[LATE]
        company = str(base.contracts_of("late")[0]["Организация_Key"])
    assert {each.organisation for each in account.contracts} == {company}
    assert {each.organisation for each in account.positions} == {company}


def test_exchange_rates_are_not_asked_for_while_all_money_is_roubles() -> None:
    with base_of(LATE_CLIENT) as (ledger, base):
        assert ledger.fetch([LATE], now=START).rates is None
        assert not any("Курсы" in request.resource for request in base.log.requests)
