"""The installer over real HTTP: a strict portal, its authorization server, our gateway and our database."""

from __future__ import annotations

from collections.abc import Callable
from collections.abc import Iterator
from dataclasses import dataclass
from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from b24app.bitrix.admin import BitrixAdmin
from b24app.bitrix.admins import BitrixAdmins
from b24app.bitrix.identity import BitrixIdentity
from b24app.bitrix.oauth import Application
from b24app.bitrix.oauth import AuthorizationServer
from b24app.bitrix.portals import BitrixPortals
from b24app.bitrix.portals import Collaborators
from b24app.clock import SystemClock
from b24app.ports.admin import AddRobot
from b24app.ports.admin import BindEvent
from b24app.ports.admin import PortalStage
from b24app.ports.admin import PortalState
from b24app.ports.admin import StageKind
from b24app.ports.admin import StepResult
from b24app.ports.errors import GatewayError
from b24app.ports.fields import options_key
from b24app.ports.records import People
from b24app.ports.records import PortalRecord
from b24app.protocol.calls import UntrustedCaller
from b24app.protocol.pages import PageOpening
from b24app.protocol.pages import parse_page
from b24app.sandbox.portal import SandboxPortal
from b24app.sandbox.portal.browser import page_post
from b24app.sandbox.portal.crm_setup import add_category
from b24app.sandbox.seed import build_world
from b24app.storage.book import SqlBook
from b24app.storage.engine import memory_database
from b24app.storage.secrets import SecretBox
from b24app.storage.tokens import SqlRateBucket
from b24app.storage.tokens import SqlTokenVault
from install.manifest import build_manifest
from install.plan import plan
from install.service import ROBOTS_KEY
from install.service import InstallService
from install.settings import InstallSettings
from tests.unit.install.portal import run_installer

BASE = "https://credit.example.com"
READS = {
    "user.admin",
    "profile",
    "app.info",
    "crm.status.list",
    "bizproc.robot.list",
    "event.get",
    "placement.get",
}


@dataclass(frozen=True)
class House:
    """Our side, joined as the wiring joins it, beside the portal it serves."""

    portal: SandboxPortal
    service: InstallService
    admins: BitrixAdmins
    book: SqlBook
    configured: Callable[..., InstallService]

    def page(self, user_id: int) -> PageOpening:
        post = page_post(self.portal.core, f"{BASE}/install", user_id, "DEFAULT", None)
        return parse_page(dict(post.query), dict(post.body))

    def record(self) -> PortalRecord | None:
        with self.book.read() as unit:
            return unit.portals.get(self.portal.member_id)

    def admin(self) -> BitrixAdmin:
        return self.admins.open(self.portal.member_id)

    def writes(self) -> list[str]:
        sent = [name for entry in self.portal.requests for name in (entry.commands or (entry.method,))]
        return [name for name in sent if name not in READS and not name.endswith("userfield.list")]


@pytest.fixture
def house() -> Iterator[House]:
    world = build_world(date(2026, 11, 24))
    with SandboxPortal(world, rate=1000.0, burst=1000.0) as portal:
        portal.core.app.installed = True
        yield join(portal, world.administrator)


def join(portal: SandboxPortal, administrator: int) -> House:
    database, clock = memory_database(), SystemClock()
    book, vault = SqlBook(database), SqlTokenVault(database, SecretBox("k" * 40))
    application = Application(portal.client_id, portal.client_secret, portal.core.auth_url)

    def record(member_id: str) -> PortalRecord | None:
        with book.read() as unit:
            return unit.portals.get(member_id)

    def renamed(member_id: str, endpoint: str) -> None:
        raise AssertionError(f"{member_id} moved to {endpoint}")

    bucket = SqlRateBucket(database, rate=1000.0, burst=1000)
    portals = BitrixPortals(application, Collaborators(vault, bucket, clock, record, renamed))
    admins = BitrixAdmins(portals.client)
    settings = InstallSettings(
        client_id=portal.client_id,
        portal=portal.url,
        base_url=BASE,
        server_endpoint=portal.core.server_endpoint,
        people=People(cfo=1, substitutes=(), sales_heads=(), administrator=administrator),
    )
    identity = BitrixIdentity(AuthorizationServer(application))

    def configured(**changes: Any) -> InstallService:
        changed = replace(settings, **changes)
        return InstallService(changed, identity=identity, admins=admins, book=book, vault=vault, clock=clock)

    return House(portal, configured(), admins, book, configured)


def test_a_portal_is_installed_and_a_second_run_writes_nothing(house: House) -> None:
    user = house.portal.world.administrator
    view = run_installer(house.service, house.page(user))
    assert view.complete, view
    record = house.record()
    assert record is not None
    assert record.stages is not None
    assert record.installed
    stages = [row["STATUS_ID"] for row in house.portal.core.store.stages(0)]
    assert [code for code in stages if code.startswith("CC_")] == ["CC_PREPARE", "CC_ALLOWED", "CC_APPROVAL"]
    assert record.options["DEAL.DECISION"].keys() == {"allow", "allow_notify", "hold", "technical"}
    house.portal.reset_counts()
    again = run_installer(house.service, house.page(user))
    assert again.complete
    assert house.writes() == []
    assert house.record() == record


def test_reading_the_state_costs_one_request(house: House) -> None:
    run_installer(house.service, house.page(house.portal.world.administrator))
    house.portal.reset_counts()
    house.admin().read_state(0)
    assert [entry.method for entry in house.portal.requests] == ["batch"]


def test_the_portal_shows_what_was_asked_for(house: House) -> None:
    run_installer(house.service, house.page(house.portal.world.administrator))
    record = house.record()
    assert record is not None
    registered = record.options[ROBOTS_KEY]
    wanted = build_manifest(
        base_url=BASE,
        language="ru",
        category=0,
        chosen={},
        remembered=record.stages,
        registered=registered,
    )
    state = house.admin().read_state(0)
    assert plan(wanted, state).steps == ()
    for field in wanted.fields:
        present = state.fields[field.subject]
        assert present.kind == field.kind.value
        assert [option.xml_id for option in field.options] == list(present.options)
        assert dict(present.options) == record.options.get(options_key(field.subject), {})
    robots = house.portal.core.app.robots
    assert {code: robot.use_subscription for code, robot in robots.items()} == {
        robot.code: "Y" if robot.waits else "N" for robot in wanted.robots
    }


def test_our_stages_stand_before_success_in_another_funnel(house: House) -> None:
    user = house.portal.world.administrator
    store = house.portal.core.store
    run_installer(house.service, house.page(user))
    number = store.number("category")
    add_category(store, number, "Опт", 300)
    assert run_installer(house.configured(category=number), house.page(user)).complete
    record = house.record()
    assert record is not None
    assert record.stages is not None
    assert record.stages.check == f"C{number}:CC_PREPARE"
    success = next(int(row["SORT"]) for row in store.stages(number) if row["SEMANTICS"] == "S")
    ours = [int(row["SORT"]) for row in store.stages(number) if ":CC_" in row["STATUS_ID"]]
    assert ours == sorted(ours)
    assert max(ours) < success


def test_a_moved_program_is_rebound(house: House) -> None:
    user = house.portal.world.administrator
    run_installer(house.service, house.page(user))
    assert run_installer(house.configured(base_url="https://new.example.com"), house.page(user)).complete
    app = house.portal.core.app
    addresses = [row.handler for row in app.bindings] + [row["handler"] for row in app.placements]
    addresses += [robot.handler for robot in app.robots.values()]
    assert {address.split("/")[2] for address in addresses} == {"new.example.com"}


def test_every_kind_of_step_done_already_is_a_success(house: House) -> None:
    run_installer(house.service, house.page(house.portal.world.administrator))
    wanted = build_manifest(
        base_url=BASE, language="ru", category=0, chosen={}, remembered=None, registered={}
    )
    empty = PortalState(
        administrator=True,
        finished=False,
        stages=(PortalStage("NEW", "", 10, StageKind.PROCESS), PortalStage("WON", "", 50, StageKind.SUCCESS)),
    )
    admin = house.admin()
    before = admin.read_state(0)
    results = {type(step): admin.carry_out(step) for step in plan(wanted, empty).steps}
    assert results.pop(AddRobot) is StepResult.DONE
    assert set(results.values()) == {StepResult.ALREADY}
    assert len(results) == 4
    assert admin.read_state(0) == before


def test_a_robot_found_registered_is_brought_to_its_present_form(house: House) -> None:
    run_installer(house.service, house.page(house.portal.world.administrator))
    admin = house.admin()
    robot = build_manifest(
        base_url=BASE, language="ru", category=0, chosen={}, remembered=None, registered={}
    ).robots[0]
    assert admin.carry_out(AddRobot(replace(robot, handler=f"{BASE}/robots/elsewhere"))) is StepResult.DONE
    assert house.portal.core.app.robots[robot.code].handler == f"{BASE}/robots/elsewhere"


def test_a_refused_step_that_was_not_done_is_a_failure(house: House) -> None:
    run_installer(house.service, house.page(house.portal.world.administrator))
    admin = house.admin()
    binding = replace(admin.read_state(0).events[0], event="ONNOSUCHTHING")
    with pytest.raises(GatewayError):
        admin.carry_out(BindEvent(binding))


def test_somebody_who_is_no_administrator_installs_nothing(house: House) -> None:
    world = house.portal.world
    plain = next(user.id for user in world.users if not user.admin)
    view = run_installer(house.service, house.page(plain))
    assert not view.complete
    assert house.record() is None
    assert house.writes() == []


def test_a_made_up_token_installs_nothing(house: House) -> None:
    page = replace(house.page(house.portal.world.administrator), access_token="made-up")
    with pytest.raises(UntrustedCaller):
        run_installer(house.service, page)
    assert house.record() is None
    assert house.portal.requests == []


def test_missing_permission_is_named_and_the_rest_is_done(house: House) -> None:
    house.portal.core.app.scope = tuple(part for part in house.portal.core.app.scope if part != "placement")
    view = run_installer(house.service, house.page(house.portal.world.administrator))
    assert not view.complete
    assert any("встраивания" in each.text for each in view.by_hand)
    assert len(house.portal.core.app.robots) > 0
