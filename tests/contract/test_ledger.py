"""One suite for the Ledger port, run over the fake and over the 1C adapter against the offline base."""

from __future__ import annotations

from collections.abc import Callable
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC
from datetime import date
from datetime import datetime
from datetime import timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from b24app.domain.contracts import contracts_limit
from b24app.domain.limits import CreditLimit
from b24app.domain.limits import Granted
from b24app.domain.limits import NotSet
from b24app.domain.money import Money
from b24app.domain.overdue import Lateness
from b24app.domain.overdue import measure_overdue
from b24app.domain.receivable import AccountFigures
from b24app.domain.receivable import Contract
from b24app.domain.receivable import Counterparty
from b24app.domain.receivable import Instalment
from b24app.domain.receivable import Payment
from b24app.domain.receivable import Position
from b24app.ports.errors import TransportFailure
from b24app.ports.ledger import Ledger
from b24app.ports.ledger import SyncIssue
from b24app.sandbox.clock import SandboxClock
from b24app.sandbox.onec import families
from b24app.sandbox.onec.base import SandboxOneC
from b24app.sandbox.onec.families import SeededBase
from b24app.sandbox.onec.faults import Fault
from b24app.sandbox.onec.http import Publication
from b24app.sandbox.onec.registers import Quoting as PublishedQuoting
from b24app.sandbox.server import Served
from b24app.sandbox.world import SeedClient
from b24app.sandbox.world import SeedContract
from b24app.sandbox.world import SeedPayment
from b24app.sandbox.world import SeedSale
from b24app.sandbox.world import World
from sync_1c.ledger import LedgerSettings
from sync_1c.ledger import OneCLedger
from sync_1c.transport import ODataTransport
from sync_1c.transport import Timeouts
from sync_1c.transport import Utf8Basic
from tests.fakes_ledger import FakeLedger

TODAY = date(2026, 11, 24)
START = datetime(2026, 11, 24, 9, 0, tzinfo=UTC)
ZONE = "Europe/Moscow"
LOGIN, PASSWORD = "Обмен", "пароль №1"
LATE, CLEAN, UNKNOWN = "7701234567", "7702345678", "7709999999"


def ago(days: int) -> date:
    """Return the day so many days before the test's today."""
    return TODAY - timedelta(days=days)


def rub(amount: str) -> Money:
    """Write roubles."""
    return Money(Decimal(amount), "RUB")


def client(key: str, inn: str, kpp: str = "770101001", **more: Any) -> SeedClient:
    """Seed a client with one contract limited to 500 000 and due in 30 days, unless told otherwise."""
    told = {"contracts": (SeedContract("Д-" + key, Decimal(500_000), 30),)} | more
    name = f"ООО «{key}»"
    return SeedClient(key=key, name=name, full_name=name, inn=inn, kpp=kpp, kind="ООО", manager=1, **told)


def sale(number: str, contract: str, amount: str, *, sold: int, due: int) -> SeedSale:
    """Seed a sale of so many days ago, due so many days ago (negative: ahead), in one sum."""
    money = Decimal(amount)
    return SeedSale(number, contract, ago(sold), money, ((ago(due), money),))


LATE_CLIENT = client(
    "late",
    LATE,
    sales=(
        sale("УТ-1", "Д-late", "100000.50", sold=40, due=7),
        sale("УТ-2", "Д-late", "50000", sold=5, due=-25),
    ),
    payments=(
        SeedPayment("П-1", "Д-late", ago(20), Decimal("10000.25"), "УТ-1"),
        SeedPayment("П-2", "Д-late", ago(2), Decimal(5000), "УТ-1", confirmed=False),
    ),
    shipping={"Д-late": Decimal(7000)},
)
CLEAN_CLIENT = client("clean", CLEAN, contracts=(SeedContract("Д-clean", None, None),))


def world(*clients: SeedClient) -> World:
    """Seed a world of clients alone."""
    return World(TODAY, (), (), clients, (), 1, 2, 3, 4)


@dataclass(frozen=True, slots=True)
class Kept:
    """What of the late client this configuration keeps: its overdue sum, goods under way, limit."""

    overdue: Money
    shipping: Money
    limit: CreditLimit


@dataclass(frozen=True, slots=True)
class Opened:
    """A ledger with its two clients, how to silence it, and what it can know."""

    ledger: Ledger
    silence: Callable[[], None]
    kept: Kept


def transport(served: Served, base: SeededBase, **more: Any) -> ODataTransport:
    """Reach an offline base."""
    auth = more.pop("auth", None) or Utf8Basic(LOGIN, PASSWORD)
    return ODataTransport(
        served.url + base.path, auth, Timeouts(connect=2, read=5), **{"pauses": (0.01,)} | more
    )


def open_family(family: str, *clients: SeedClient, publication: Publication | None = None) -> SeededBase:
    """Make an offline base of a configuration with these clients."""
    return families.open_base(
        family,
        world(*clients),
        clock=SandboxClock(START),
        account=(LOGIN, PASSWORD),
        timezone=ZONE,
        publication=publication,
    )


def open_base(publication: Publication, *clients: SeedClient) -> SandboxOneC:
    """Make an offline base of these clients."""
    return SandboxOneC(
        world(*clients),
        clock=SandboxClock(START),
        login=LOGIN,
        password=PASSWORD,
        timezone=ZONE,
        publication=publication,
    )


def open_ledger(served: Served, base: SeededBase, **more: Any) -> OneCLedger:
    """Open the adapter over an offline base."""
    settings = LedgerSettings(ZoneInfo(ZONE), **more)
    return OneCLedger(transport(served, base), settings, SandboxClock(START))


def fake() -> FakeLedger:
    """Put the same two clients into the fake, as a УТ of the new architecture would tell them."""
    zero = rub("0")
    late = AccountFigures(
        inn=LATE,
        counterparties=(Counterparty("c1", "ООО «late»", LATE, "770101001"),),
        positions=(
            Position(
                "k1",
                "RUB",
                (Instalment("Д-late", ago(7), rub("90000.25")), Instalment("Д-late", ago(-25), rub("50000"))),
                credit=zero,
                pending=rub("5000"),
                shipped_not_invoiced=rub("7000"),
            ),
        ),
        contracts=(
            Contract("k1", "Д-late", "RUB", active=True, limit=Granted(rub("500000")), deferral_days=30),
        ),
        payments=(Payment(ago(20), rub("10000.25")),),
        as_of=START,
    )
    clean = AccountFigures(
        CLEAN,
        (Counterparty("c2", "ООО «clean»", CLEAN, "770101001"),),
        (),
        (Contract("k2", "Д-clean", "RUB", active=True),),
        (),
        START,
    )
    return FakeLedger(late, clean)


KEPT = {
    "ut11": Kept(rub("85000.25"), rub("7000"), Granted(rub("500000"))),
    "bp30": Kept(rub("90000.25"), rub("0"), NotSet()),
    "unf": Kept(rub("90000.25"), rub("0"), NotSet()),
}
"""A payment the bank has not confirmed softens overdue in УТ; in БП and УНФ it is not posted yet."""
CASES = [
    "fake",
    "new, few",
    "new, many",
    "new, doubled",
    "old, few",
    "old, many",
    "bp30, few",
    "bp30, many",
    "bp30, doubled",
    "bp30, neither",
    "unf, few",
    "unf, many",
    "unf, doubled",
    "unf, neither",
]
_QUOTING = {"doubled": PublishedQuoting.DOUBLED, "neither": PublishedQuoting.NEITHER}


@pytest.fixture(params=CASES)
def opened(request: pytest.FixtureRequest) -> Iterator[Opened]:
    case: str = request.param
    if case == "fake":
        ledger = fake()
        yield Opened(ledger, ledger.fail, KEPT["ut11"])
        return
    configuration, _, how = case.partition(", ")
    about = Publication(
        new_architecture=configuration != "old", quoting=_QUOTING.get(how, PublishedQuoting.BOTH)
    )
    family = configuration if configuration in ("bp30", "unf") else "ut11"
    base = open_family(family, LATE_CLIENT, CLEAN_CLIENT, publication=about)
    with Served(base.app) as served:
        few_limit = 0 if how == "many" else 50

        def silence() -> None:
            base.switches.fault = Fault.OFF

        yield Opened(open_ledger(served, base, few_limit=few_limit), silence, KEPT[family])


def overdue_of(account: AccountFigures) -> Money:
    """Measure what is overdue today."""
    return measure_overdue(account.positions, Lateness(TODAY, "RUB")).amount


def debt_of(account: AccountFigures) -> Money:
    """Add up what is owed."""
    owed = [part.open_amount for position in account.positions for part in position.instalments]
    return sum(owed, start=rub("0"))


def test_a_known_client_is_told_with_debt_overdue_shipping_limit_and_payments(opened: Opened) -> None:
    answer = opened.ledger.fetch([LATE], now=START)
    account = answer.accounts[LATE]
    assert debt_of(account) == rub("140000.25")
    assert overdue_of(account) == opened.kept.overdue
    assert sum((p.shipped_not_invoiced for p in account.positions), start=rub("0")) == opened.kept.shipping
    assert contracts_limit(account.contracts) == opened.kept.limit
    assert [c.deferral_days for c in account.contracts] == [30]
    assert account.last_payment == Payment(ago(20), rub("10000.25"))
    assert account.counterparties[0].kpp == "770101001"
    assert answer.issues == ()


def test_positions_name_the_contract_they_stand_under(opened: Opened) -> None:
    account = opened.ledger.fetch([LATE], now=START).accounts[LATE]
    assert {position.contract for position in account.positions} == {c.ref for c in account.contracts}


def test_a_client_unknown_to_accounting_is_absent_and_does_not_hide_the_others(opened: Opened) -> None:
    answer = opened.ledger.fetch([UNKNOWN, CLEAN, LATE], now=START)
    assert set(answer.accounts) == {CLEAN, LATE}


def test_a_client_without_debt_and_limit_is_known_with_nothing(opened: Opened) -> None:
    account = opened.ledger.fetch([CLEAN], now=START).accounts[CLEAN]
    assert account.positions == ()
    assert account.payments == ()
    assert contracts_limit(account.contracts) == NotSet()


def test_as_of_is_aware_and_the_same_for_all(opened: Opened) -> None:
    answer = opened.ledger.fetch([CLEAN, LATE], now=START)
    assert answer.as_of.tzinfo is not None
    assert {account.as_of for account in answer.accounts.values()} == {answer.as_of}


def test_the_stream_tells_the_same_figures_as_the_fetch(opened: Opened) -> None:
    told = {a.inn: a for a in opened.ledger.stream(now=START) if not isinstance(a, SyncIssue)}
    assert set(told) == {CLEAN, LATE}
    fetched = opened.ledger.fetch([LATE], now=START).accounts[LATE]
    assert told[LATE].positions == fetched.positions
    assert told[LATE].contracts == fetched.contracts
    assert told[LATE].last_payment == fetched.last_payment


def test_asking_for_nobody_is_answered_with_nobody(opened: Opened) -> None:
    assert opened.ledger.fetch([], now=START).accounts == {}


def test_a_probe_of_a_working_ledger_says_nothing(opened: Opened) -> None:
    opened.ledger.probe()


def test_silence_is_an_error_never_an_empty_answer(opened: Opened) -> None:
    opened.silence()
    with pytest.raises(TransportFailure):
        opened.ledger.fetch([LATE], now=START)
    with pytest.raises(TransportFailure):
        list(opened.ledger.stream(now=START))
    with pytest.raises(TransportFailure):
        opened.ledger.probe()
