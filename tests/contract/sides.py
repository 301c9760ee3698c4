"""The two sides of the Portal contract: the services' fake, and the gateway before a strict portal."""

from __future__ import annotations

from abc import ABC
from abc import abstractmethod
from dataclasses import dataclass
from dataclasses import replace
from datetime import UTC
from datetime import date
from datetime import datetime
from datetime import timedelta
from decimal import Decimal
from typing import TYPE_CHECKING

from b24app.bitrix.admin import BitrixAdmin
from b24app.bitrix.oauth import Application
from b24app.bitrix.portals import BitrixPortals
from b24app.bitrix.portals import Collaborators
from b24app.bitrix.rest import RestOptions
from b24app.domain.rates import Rate
from b24app.domain.rates import Rates
from b24app.ports.errors import AuthLost
from b24app.ports.errors import TransportFailure
from b24app.ports.portal import Requisite
from b24app.ports.records import Mode
from b24app.ports.records import People
from b24app.ports.records import PortalRecord
from b24app.ports.tokens import TokenPair
from b24app.sandbox.portal import Fault
from b24app.sandbox.portal import SandboxPortal
from b24app.sandbox.portal.crm_details import add_requisite
from b24app.sandbox.portal.fields import ZONE
from b24app.sandbox.seed import with_check_digits
from b24app.sandbox.world import SeedClient
from b24app.sandbox.world import SeedDeal
from b24app.sandbox.world import SeedDepartment
from b24app.sandbox.world import SeedUser
from b24app.sandbox.world import World
from install.apply import install
from install.manifest import build_manifest
from tests.fakes_bitrix import MemoryBucket
from tests.fakes_bitrix import MemoryVault
from tests.unit.services.rig import Rig

if TYPE_CHECKING:
    from b24app.ports.portal import Portal
    from tests.fakes import FakePortal

ADMIN, MANAGER, STRANGER = 1, 2, 999
MANY = 60
ROBOT = "cc_check_wait"
CLIENTS = ("first", "second", "bare", *(f"c{number}" for number in range(MANY)))


def tax_number(key: str) -> str:
    """Two clients have one, the others have no requisites at all."""
    return with_check_digits(f"77012345{CLIENTS.index(key)}0") if key in CLIENTS[:2] else ""


def world() -> World:
    """A small company with more cards and more deals than a page holds."""
    clients = tuple(
        SeedClient(
            key=key,
            name=f"ООО «{key}»",
            full_name=f"ООО «{key}»",
            inn=tax_number(key),
            kpp="770101001" if tax_number(key) else "",
            kind="test",
            manager=MANAGER,
        )
        for key in CLIENTS
    )
    deals = [
        SeedDeal("one", "Первая", "first", Decimal(1000), MANAGER, "NEW"),
        SeedDeal("two", "Вторая", "second", Decimal("2000.50"), MANAGER, "NEW"),
        SeedDeal("orphan", "Без компании", None, Decimal(5), MANAGER, "NEW"),
        SeedDeal("bare", "Без ИНН", "bare", Decimal(7), MANAGER, "NEW"),
    ]
    deals += [SeedDeal(f"n{n}", f"Партия {n}", "first", Decimal(n + 1), MANAGER, "NEW") for n in range(MANY)]
    return World(
        today=datetime(2026, 11, 24, tzinfo=UTC).date(),
        departments=(SeedDepartment(1, "Продажи", None),),
        users=(
            SeedUser(ADMIN, "Артём", "Логинов", 1, "Администратор", admin=True),
            SeedUser(MANAGER, "Иван", "Петров", 1, "Менеджер"),
        ),
        clients=clients,
        deals=tuple(deals),
        cfo=ADMIN,
        deputy=ADMIN,
        sales_head=ADMIN,
        administrator=ADMIN,
    )


class Side(ABC):
    """A portal under test, what people do and see on it, and what may befall the next request."""

    portal: Portal
    deals: dict[str, int]
    companies: dict[str, int]

    @abstractmethod
    def stage(self, key: str) -> str: ...

    @abstractmethod
    def reason(self, key: str) -> str | None:
        """Return the reason shown on a deal; None when nothing was written."""

    @abstractmethod
    def comments(self, key: str) -> list[str]: ...

    @abstractmethod
    def open_tasks(self) -> list[str]: ...

    @abstractmethod
    def notices(self) -> list[str]:
        """Return the notifications a person still sees."""

    @abstractmethod
    def accounting_id(self, key: str) -> str | None: ...

    @abstractmethod
    def delete(self, key: str) -> None: ...

    @abstractmethod
    def drag(self, key: str, stage: str) -> None:
        """Move a deal by hand, a minute later."""

    @abstractmethod
    def link(self, key: str, requisite: int) -> None:
        """Choose a requisite in a deal."""

    @abstractmethod
    def add_requisite(self, key: str, inn: str) -> None: ...

    @abstractmethod
    def remove_task(self, number: int) -> None: ...

    @abstractmethod
    def waiting_token(self, key: str) -> str:
        """Let a waiting robot of ours run for a deal."""

    @abstractmethod
    def robot_answer(self) -> tuple[str, bool]:
        """Return the decision and whether to proceed, as the administrator's next robots read them."""

    @abstractmethod
    def set_rate(self, currency: str, price: Decimal, units: int) -> date:
        """Give a currency another price an hour later, and return the portal's day of that."""

    @abstractmethod
    def lose_answer(self) -> None:
        """Let the next request be carried out without an answer."""

    @abstractmethod
    def drop_request(self) -> None:
        """Let the next request vanish on its way."""

    @abstractmethod
    def lose_tokens(self) -> None: ...


class FakeSide(Side):
    """The fake the services are tested with."""

    def __init__(self, fake: FakePortal, deals: dict[str, int], companies: dict[str, int]) -> None:
        self.portal = self.fake = fake
        self.deals, self.companies = deals, companies

    def stage(self, key: str) -> str:
        return self.fake.deals[self.deals[key]].stage_id

    def reason(self, key: str) -> str | None:
        fields = self.fake.deal_fields.get(self.deals[key])
        return fields.reason if fields else None

    def comments(self, key: str) -> list[str]:
        return [one.text for one in self.fake.comments if one.deal_id == self.deals[key]]

    def open_tasks(self) -> list[str]:
        return [task.title for task in self.fake.tasks.values() if not task.closed]

    def notices(self) -> list[str]:
        return [one.text for one in self.fake.notifications.values()]

    def accounting_id(self, key: str) -> str | None:
        figures = self.fake.mirrors.get(self.companies[key])
        return figures.onec_id if figures else None

    def delete(self, key: str) -> None:
        del self.fake.deals[self.deals[key]]

    def drag(self, key: str, stage: str) -> None:
        deal = self.fake.deals[self.deals[key]]
        later = deal.moved_at + timedelta(minutes=1)
        self.fake.move_by_hand(deal.id, stage, user_id=MANAGER, at=later)

    def link(self, key: str, requisite: int) -> None:
        number = self.deals[key]
        self.fake.deals[number] = replace(self.fake.deals[number], requisite_id=requisite)

    def add_requisite(self, key: str, inn: str) -> None:
        card = self.fake.companies[self.companies[key]]
        last = max(row.id for row in card.requisites)
        rows = (*card.requisites, Requisite(last + 1, inn, ""))
        self.fake.companies[card.id] = replace(card, requisites=rows)

    def remove_task(self, number: int) -> None:
        del self.fake.tasks[number]

    def waiting_token(self, key: str) -> str:
        return f"workflow-of-{key}|A1|x.y"

    def robot_answer(self) -> tuple[str, bool]:
        return self.fake.answers[0].decision, self.fake.answers[0].proceed

    def set_rate(self, currency: str, price: Decimal, units: int) -> date:
        self.fake.now += timedelta(hours=1)
        rate = Rate(currency, price / units, self.fake.now.astimezone(ZONE).date())
        others = tuple(each for each in self.fake.rates.known if each.currency != currency)
        self.fake.rates = Rates(self.fake.rates.base, (*others, rate))
        return rate.on

    def lose_answer(self) -> None:
        self.fake.lost = 1

    def drop_request(self) -> None:
        self.fake.failing.append(TransportFailure("the connection was lost"))

    def lose_tokens(self) -> None:
        self.fake.failing.append(AuthLost("revoked"))


@dataclass(frozen=True)
class Store:
    """What the gateway was given to keep its tokens, its turns and its naps in."""

    vault: MemoryVault
    bucket: MemoryBucket
    naps: list[float]


class WireSide(Side):
    """The gateway, over HTTP on loopback, to a portal on which the app has been installed."""

    def __init__(self, sandbox: SandboxPortal, portal: Portal, store: Store) -> None:
        self.sandbox, self.portal, self.store = sandbox, portal, store
        self.deals, self.companies = dict(sandbox.deal_ids), dict(sandbox.company_ids)

    def stage(self, key: str) -> str:
        return str(self.sandbox.deal(self.deals[key])["stageId"])

    def reason(self, key: str) -> str | None:
        return self.sandbox.deal(self.deals[key]).get("UF_CRM_CC_REASON") or None

    def comments(self, key: str) -> list[str]:
        return [str(row["COMMENT"]) for row in self.sandbox.comments(self.deals[key])]

    def open_tasks(self) -> list[str]:
        return [str(task["TITLE"]) for task in self.sandbox.tasks() if task["STATUS"] != 5]

    def notices(self) -> list[str]:
        return [str(row["message"]) for row in self.sandbox.notifications()]

    def accounting_id(self, key: str) -> str | None:
        return self.sandbox.company(self.companies[key]).get("UF_CRM_CC_ONEC_ID") or None

    def delete(self, key: str) -> None:
        self.sandbox.delete_deal(self.deals[key], ADMIN)

    def drag(self, key: str, stage: str) -> None:
        self.sandbox.clock.advance(timedelta(minutes=1))
        self.sandbox.move_deal(self.deals[key], stage, MANAGER)

    def link(self, key: str, requisite: int) -> None:
        self.sandbox.link_requisite(self.deals[key], requisite)

    def add_requisite(self, key: str, inn: str) -> None:
        with self.sandbox.hit(ADMIN) as hit:
            values = {"ENTITY_ID": self.companies[key], "RQ_INN": inn}
            add_requisite(self.sandbox.core.store, hit, values, self.sandbox.now())

    def remove_task(self, number: int) -> None:
        with self.sandbox.core.store.lock:
            del self.sandbox.core.store.tasks[number]

    def waiting_token(self, key: str) -> str:
        self.sandbox.place_robot("EXECUTING", ROBOT)
        self.sandbox.move_deal(self.deals[key], "EXECUTING", MANAGER)
        assert self.sandbox.settle()
        return self.sandbox.robot_calls[-1].event_token

    def robot_answer(self) -> tuple[str, bool]:
        assert self.sandbox.settle()
        (workflow,) = self.sandbox.core.automation.workflows.values()
        found = workflow.results[ROBOT]
        return found["decision"], found["proceed"] == "Y"

    def set_rate(self, currency: str, price: Decimal, units: int) -> date:
        self.sandbox.clock.advance(timedelta(hours=1))
        self.sandbox.set_rate(currency, price, units)
        return self.sandbox.now().astimezone(ZONE).date()

    def lose_answer(self) -> None:
        self.sandbox.faults.plan(Fault.DROP_AFTER)

    def drop_request(self) -> None:
        self.sandbox.faults.plan(Fault.DROP_BEFORE)

    def lose_tokens(self) -> None:
        self.sandbox.revoke_tokens()


def wire_side(sandbox: SandboxPortal) -> WireSide:
    """Install on the sandbox portal and open the gateway; naps move the portal's clock."""
    access, refresh = sandbox.tokens_for(ADMIN)
    clock = sandbox.clock
    record = PortalRecord(
        member_id=sandbox.member_id,
        client_endpoint=f"{sandbox.url}/rest/",
        server_endpoint=sandbox.core.server_endpoint,
        service_user_id=ADMIN,
        installed=True,
        mode=Mode.ENFORCE,
        enforce_since=None,
        stages=None,
        people=People(ADMIN, (), (), ADMIN),
    )
    known = {sandbox.member_id: record}
    pair = TokenPair(ADMIN, access, refresh, clock.now() + timedelta(hours=1))
    store = Store(MemoryVault({sandbox.member_id: pair}), MemoryBucket(), [])

    def sleep(seconds: float) -> None:
        store.naps.append(seconds)
        clock.advance(timedelta(seconds=seconds))

    parts = Collaborators(store.vault, store.bucket, clock, known.get, lambda _member, _address: None)
    application = Application(
        sandbox.client_id, sandbox.client_secret, sandbox.oauth_url.removesuffix("/oauth/token/")
    )
    portals = BitrixPortals(application, parts, options=RestOptions(read_timeout=3, sleep=sleep))
    wanted = build_manifest(
        base_url="http://127.0.0.1:9", language="ru", category=0, chosen={}, remembered=None, registered={}
    )
    made = install(BitrixAdmin(portals.client(sandbox.member_id)), wanted)
    known[sandbox.member_id] = replace(record, options={key: dict(ids) for key, ids in made.options.items()})
    sandbox.finish_install()
    sandbox.core.switches.drop.update({"ONCRMDEALUPDATE", "ONCRMCOMPANYUPDATE", "ONCRMDEALDELETE"})
    sandbox.reset_counts()
    return WireSide(sandbox, portals.open(sandbox.member_id), store)


def fake_side() -> FakeSide:
    """Fill the fake with the same company."""
    rig, seed = Rig(), world()
    rig.portal.companies.clear()
    companies = {key: number for number, key in enumerate(CLIENTS, start=1)}
    for key, number in companies.items():
        card = rig.company(number, inn=tax_number(key))
        rig.portal.companies[number] = replace(card, title=f"ООО «{key}»")
    deals = {deal.key: number for number, deal in enumerate(seed.deals, start=1)}
    for deal in seed.deals:
        rig.deal(
            deals[deal.key],
            amount=str(deal.amount),
            stage=deal.stage,
            company_id=companies[deal.client] if deal.client else None,
            title=deal.title,
            manager_id=MANAGER,
        )
    prices = {"USD": "92.50", "EUR": "100.40", "CNY": "12.83"}
    today = rig.portal.now.astimezone(ZONE).date()
    rates = (Rate(currency, Decimal(price), today) for currency, price in prices.items())
    rig.portal.rates = Rates("RUB", tuple(rates))
    return FakeSide(rig.portal, deals, companies)
