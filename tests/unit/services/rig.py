"""A credit desk on fakes: an in-memory database, a fake portal, a fake ledger, a clock set by hand."""

from __future__ import annotations

from dataclasses import dataclass
from dataclasses import field
from dataclasses import replace
from datetime import UTC
from datetime import datetime
from datetime import timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

from b24app.domain.calendar import WorkCalendar
from b24app.domain.card import CardTerms
from b24app.domain.limits import NOT_SET
from b24app.domain.limits import CreditLimit
from b24app.domain.limits import Granted
from b24app.domain.money import Money
from b24app.domain.policy import Policy
from b24app.domain.rates import Rates
from b24app.domain.receivable import AccountFigures
from b24app.domain.receivable import Contract
from b24app.ports.portal import CompanyFacts
from b24app.ports.portal import DealFacts
from b24app.ports.portal import Requisite
from b24app.ports.records import CheckRecord
from b24app.ports.records import DealRecord
from b24app.ports.records import HoldRecord
from b24app.ports.records import Message
from b24app.ports.records import MessageKind
from b24app.ports.records import Mode
from b24app.ports.records import People
from b24app.ports.records import PortalRecord
from b24app.ports.records import ReserveRecord
from b24app.ports.records import Stages
from b24app.services.delivery import Delivery
from b24app.services.desk import CreditDesk
from b24app.services.echo import Echoes
from b24app.services.guard import Watch
from b24app.services.office import Office
from b24app.services.settings import CreditSettings
from b24app.services.sweep import Sweep
from b24app.services.wording import Wording
from b24app.storage.book import SqlBook
from b24app.storage.book import memory_book
from tests.builders import INN
from tests.builders import account
from tests.builders import position
from tests.builders import rub
from tests.fakes import FakePortal
from tests.fakes import FakePortals
from tests.fakes_ledger import FakeLedger

MEMBER = "m1"
CHECK, ALLOWED, APPROVAL, EARLY, BEYOND = "PREPARE", "ALLOWED", "APPROVAL", "NEW", "WON"
CFO, SALES_HEAD, ADMIN, MANAGER = 7, 5, 1, 11
START = datetime(2026, 11, 24, 7, 20, tzinfo=UTC)
COMPANY = 100
ZONE = ZoneInfo("Europe/Moscow")


class HandClock:
    """A clock that moves when told."""

    def __init__(self) -> None:
        self.moment = START

    def now(self) -> datetime:
        return self.moment

    def advance(self, **parts: int) -> None:
        self.moment += timedelta(**parts)


class OneLedgerForAll:
    """Opens the same ledger whoever asks."""

    def __init__(self, ledger: FakeLedger) -> None:
        self.ledger = ledger

    def open(self, member_id: str) -> FakeLedger:
        assert member_id
        return self.ledger


class HandRates:
    """Exchange rates set by hand; counts how often it was asked."""

    def __init__(self) -> None:
        self.known = Rates("RUB")
        self.asked = 0

    def of(self, member_id: str) -> Rates:
        assert member_id == MEMBER
        self.asked += 1
        return self.known


def contract(limit: str | int | None, *, ref: str = "A", active: bool = True) -> Contract:
    """Make a rouble contract with a limit, or with its limit switch off."""
    granted: CreditLimit = NOT_SET if limit is None else Granted(rub(limit))
    return Contract(ref=ref, number=f"Договор {ref}", currency="RUB", active=active, limit=granted)


def client(*positions: object, limit: str | int | None = 1_000_000, inn: str = INN) -> AccountFigures:
    """Make a client with one active contract."""
    return account(*positions, inn=inn, contracts=(contract(limit),))  # type: ignore[arg-type]


@dataclass
class Rig:
    """Everything a test of the services holds in its hands."""

    mode: Mode = Mode.ENFORCE
    enforce_since: datetime | None = START - timedelta(days=1)
    policy: Policy = field(default_factory=lambda: Policy(default_limit=rub(0)))
    book: SqlBook = field(default_factory=memory_book)
    portal: FakePortal = field(default_factory=FakePortal)
    ledger: FakeLedger = field(default_factory=lambda: FakeLedger(client(position())))
    clock: HandClock = field(default_factory=HandClock)
    rates: HandRates = field(default_factory=HandRates)

    def __post_init__(self) -> None:
        self.settings = CreditSettings(
            policy=self.policy,
            zone=ZONE,
            calendar=WorkCalendar(frozenset({1, 2, 3, 4, 5}), frozenset(), frozenset()),
        )
        self.office = Office(
            book=self.book,
            portals=FakePortals({MEMBER: self.portal}),
            ledgers=OneLedgerForAll(self.ledger),
            rates=self.rates,
            clock=self.clock,
            settings_of=self.settings_of,
            wording=Wording(language="ru", zone=ZONE),
            echoes=Echoes(timedelta()),
        )
        self.desk = CreditDesk(self.office)
        self.watch = Watch(self.office)
        self.delivery = Delivery(self.office)
        self.sweep = Sweep(book=self.book, portals=FakePortals({MEMBER: self.portal}), clock=self.clock)
        self.portal.service_user_id = ADMIN
        with self.book.write() as unit:
            unit.portals.save(self.record())
        self.company()

    def settings_of(self, member_id: str) -> CreditSettings:
        assert member_id == MEMBER
        return self.settings

    def record(self) -> PortalRecord:
        return PortalRecord(
            member_id=MEMBER,
            client_endpoint="https://portal.example/rest/",
            server_endpoint="https://oauth.bitrix.info/rest/",
            service_user_id=ADMIN,
            installed=True,
            mode=self.mode,
            enforce_since=self.enforce_since,
            stages=Stages(0, CHECK, ALLOWED, APPROVAL, (BEYOND,)),
            people=People(CFO, (), (SALES_HEAD,), ADMIN),
        )

    # -- the portal's side

    def company(
        self, company_id: int = COMPANY, *, inn: str = INN, terms: CardTerms | None = None
    ) -> CompanyFacts:
        requisites = (Requisite(company_id * 10, inn, "770101001"),) if inn else ()
        card = CompanyFacts(company_id, f"ООО «Ромашка {company_id}»", requisites, terms or CardTerms())
        self.portal.companies[company_id] = card
        return card

    def deal(
        self,
        deal_id: int = 1,
        *,
        amount: str | int | Money = 100_000,
        stage: str = CHECK,
        company_id: int | None = COMPANY,
        **changes: object,
    ) -> DealFacts:
        facts = DealFacts(
            id=deal_id,
            title=f"Поставка {deal_id}",
            stage_id=stage,
            category_id=0,
            amount=amount if isinstance(amount, Money) else Money(Decimal(amount), "RUB"),
            company_id=company_id,
            company=None,
            requisite_id=None,
            contract=None,
            terms=None,
            discount=None,
            manager_id=MANAGER,
            manager_name="Иван Петров",
            moved_at=self.clock.now(),
            moved_by=MANAGER,
            closed=False,
        )
        self.portal.deals[deal_id] = replace(facts, **changes)  # type: ignore[arg-type]
        return self.portal.deals[deal_id]

    def edit(self, deal_id: int = 1, **changes: object) -> None:
        self.portal.deals[deal_id] = replace(self.portal.deals[deal_id], **changes)  # type: ignore[arg-type]

    def drag(self, deal_id: int, stage: str, *, user: int = MANAGER) -> None:
        """Move a deal by hand a second later."""
        self.clock.advance(seconds=1)
        self.portal.now = self.clock.now()
        self.portal.move_by_hand(deal_id, stage, user_id=user, at=self.clock.now())

    # -- waking and working

    def wake(
        self,
        *deal_ids: int,
        kind: MessageKind = MessageKind.DEAL,
        token: str | None = None,
        waiting: bool = False,
    ) -> None:
        with self.book.write() as unit:
            unit.inbox.add(
                Message(MEMBER, kind, number, self.clock.now(), event_token=token, waiting=waiting)
                for number in deal_ids or (1,)
            )

    def decide(self) -> None:
        """Work the decide lane until it is idle."""
        while self.desk.work(MEMBER):
            pass

    def deliver(self) -> None:
        """Work the deliver lane until it is idle."""
        self.portal.now = self.clock.now()
        while self.watch.work(MEMBER) + self.delivery.work(MEMBER):
            pass

    def run(self) -> None:
        """Work both lanes until nothing moves."""
        while True:
            self.portal.now = self.clock.now()
            moved = self.watch.work(MEMBER) + self.desk.work(MEMBER) + self.delivery.work(MEMBER)
            if not moved:
                return

    def check(self, deal_id: int = 1, **wake: object) -> None:
        """Wake a deal and let everything happen."""
        self.wake(deal_id, **wake)  # type: ignore[arg-type]
        self.run()

    # -- looking

    def stage(self, deal_id: int = 1) -> str:
        return self.portal.deals[deal_id].stage_id

    def state(self, deal_id: int = 1) -> DealRecord | None:
        with self.book.read() as unit:
            return unit.deals.get(MEMBER, deal_id)

    def checks(self, deal_id: int = 1) -> list[CheckRecord]:
        with self.book.read() as unit:
            return unit.checks.of_deal(MEMBER, deal_id, limit=100)

    def hold(self, deal_id: int = 1) -> HoldRecord | None:
        with self.book.read() as unit:
            return unit.holds.open_of_deal(MEMBER, deal_id)

    def reserve(self, deal_id: int = 1) -> ReserveRecord | None:
        with self.book.read() as unit:
            return unit.reserves.of_deal(MEMBER, deal_id)

    def told(self, user: int) -> list[str]:
        return [note.text for note in self.portal.notified if note.user_id == user]
