"""One suite over the Portal port: the fake the services are tested with, and the gateway over a real wire."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from dataclasses import replace
from datetime import UTC
from datetime import datetime
from datetime import timedelta
from decimal import Decimal
from typing import TYPE_CHECKING

import pytest

from b24app.bitrix.admin import BitrixAdmin
from b24app.bitrix.oauth import Application
from b24app.bitrix.portals import BitrixPortals
from b24app.bitrix.portals import Collaborators
from b24app.bitrix.rest import RestOptions
from b24app.domain.card import CardTerms
from b24app.domain.limits import Granted
from b24app.domain.limits import Unlimited
from b24app.ports.portal import AddComment
from b24app.ports.portal import AddTask
from b24app.ports.portal import CloseTask
from b24app.ports.portal import DealFields
from b24app.ports.portal import Guard
from b24app.ports.portal import MirrorFields
from b24app.ports.portal import MoveDeal
from b24app.ports.portal import Notify
from b24app.ports.portal import Result
from b24app.ports.portal import WriteCompany
from b24app.ports.portal import WriteDealFields
from b24app.ports.records import Mode
from b24app.ports.records import People
from b24app.ports.records import PortalRecord
from b24app.ports.tokens import TokenPair
from b24app.sandbox.portal import Fault
from b24app.sandbox.portal import SandboxPortal
from b24app.sandbox.seed import with_check_digits
from b24app.sandbox.world import SeedClient
from b24app.sandbox.world import SeedDeal
from b24app.sandbox.world import SeedDepartment
from b24app.sandbox.world import SeedUser
from b24app.sandbox.world import World
from install.apply import install
from install.manifest import build_manifest
from tests.builders import rub
from tests.fakes import FakePortal
from tests.fakes_bitrix import MemoryBucket
from tests.fakes_bitrix import MemoryVault
from tests.unit.services.rig import Rig

if TYPE_CHECKING:
    from b24app.ports.portal import Action
    from b24app.ports.portal import Portal

ADMIN, MANAGER = 1, 2
MANY = 60
CLIENTS = ("first", "second", "bare")
SOON = datetime(2026, 11, 25, 20, 59, 59, tzinfo=UTC)
FIELDS = DealFields("hold", "Превышен лимит", rub(100), rub(150), None)


def tax_number(number: int) -> str:
    return with_check_digits(f"77012345{number}0") if number < 2 else ""


def world() -> World:
    """A small portal: two clients with a tax number, one without, and a crowd of deals."""
    clients = tuple(
        SeedClient(
            key=key,
            name=f"ООО «{key}»",
            full_name=f"ООО «{key}»",
            inn=tax_number(number),
            kpp="770101001" if number < 2 else "",
            kind="test",
            manager=MANAGER,
        )
        for number, key in enumerate(CLIENTS)
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


@dataclass
class Side:
    """A portal under test and what a person would see on it."""

    portal: Portal
    deals: dict[str, int]
    companies: dict[str, int]
    sandbox: SandboxPortal | None = None
    fake: FakePortal | None = None

    def stage(self, key: str) -> str:
        number = self.deals[key]
        if self.sandbox is not None:
            return str(self.sandbox.deal(number)["stageId"])
        assert self.fake is not None
        return self.fake.deals[number].stage_id

    def delete(self, key: str) -> None:
        if self.sandbox is not None:
            self.sandbox.delete_deal(self.deals[key], ADMIN)
        else:
            assert self.fake is not None
            del self.fake.deals[self.deals[key]]


def real_side(sandbox: SandboxPortal) -> Side:
    """Install on the sandbox portal as the installer does, and open the gateway."""
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
    parts = Collaborators(
        vault=MemoryVault({sandbox.member_id: pair}),
        bucket=MemoryBucket(),
        clock=clock,
        record=known.get,
        renamed=lambda _member, _address: None,
    )
    application = Application(
        sandbox.client_id, sandbox.client_secret, sandbox.oauth_url.removesuffix("/oauth/token/")
    )
    portals = BitrixPortals(application, parts, options=RestOptions(read_timeout=3))
    wanted = build_manifest(
        base_url="http://127.0.0.1:9", language="ru", category=0, chosen={}, remembered=None, registered={}
    )
    made = install(BitrixAdmin(portals.client(sandbox.member_id)), wanted)
    known[sandbox.member_id] = replace(record, options={key: dict(ids) for key, ids in made.options.items()})
    sandbox.finish_install()
    sandbox.core.switches.drop.update({"ONCRMDEALUPDATE", "ONCRMCOMPANYUPDATE", "ONCRMDEALDELETE"})
    return Side(portals.open(sandbox.member_id), dict(sandbox.deal_ids), dict(sandbox.company_ids), sandbox)


def fake_side() -> Side:
    """Fill the fake with the same portal."""
    rig, seed = Rig(), world()
    rig.portal.companies.clear()
    companies = {key: number for number, key in enumerate(CLIENTS, start=1)}
    for key, number in companies.items():
        inn = next(client.inn for client in seed.clients if client.key == key)
        card = rig.company(number, inn=inn)
        rig.portal.companies[number] = replace(card, title=f"ООО «{key}»")
    deals = {deal.key: number for number, deal in enumerate(seed.deals, start=1)}
    for deal in seed.deals:
        rig.deal(
            deals[deal.key],
            amount=str(deal.amount),
            stage="NEW",
            company_id=companies[deal.client] if deal.client else None,
            title=deal.title,
            manager_id=MANAGER,
        )
    return Side(rig.portal, deals, companies, fake=rig.portal)


@pytest.fixture(params=["fake", "gateway"])
def side(request: pytest.FixtureRequest) -> Iterator[Side]:
    """Run each test over both."""
    if request.param == "fake":
        yield fake_side()
        return
    with SandboxPortal(world(), rate=1000, burst=5000) as sandbox:
        yield real_side(sandbox)


@pytest.fixture
def gateway() -> Iterator[Side]:
    """The gateway alone, for troubles only a wire has."""
    with SandboxPortal(world(), rate=1000, burst=5000) as sandbox:
        yield real_side(sandbox)


class TestReading:
    """Deals come with everything a check needs, matched by ids."""

    def test_a_deal_brings_its_company_its_tax_number_and_its_manager(self, side: Side) -> None:
        (deal,) = side.portal.fetch_deals([side.deals["two"]])
        assert (deal.id, deal.title, deal.stage_id) == (side.deals["two"], "Вторая", "NEW")
        assert deal.amount.amount == Decimal("2000.50")
        assert deal.company is not None
        assert deal.company.title == "ООО «second»"
        assert [row.inn for row in deal.company.requisites] == [tax_number(1)]
        assert deal.manager_id == MANAGER
        assert deal.manager_name == "Иван Петров"

    def test_missing_deals_and_deals_without_a_company_mix_nothing_up(self, side: Side) -> None:
        side.delete("two")
        keys = ("two", "one", "orphan", "bare")
        found = {deal.id: deal for deal in side.portal.fetch_deals([side.deals[key] for key in keys])}
        assert set(found) == {side.deals[key] for key in ("one", "orphan", "bare")}
        assert found[side.deals["orphan"]].company is None
        one, bare = found[side.deals["one"]].company, found[side.deals["bare"]].company
        assert one is not None
        assert one.id == side.companies["first"]
        assert bare is not None
        assert not [row for row in bare.requisites if row.inn]

    def test_more_than_a_page_of_deals_keeps_its_order(self, side: Side) -> None:
        ids = [side.deals[f"n{number}"] for number in range(MANY)][::-1]
        found = side.portal.fetch_deals(ids)
        assert [deal.id for deal in found] == ids
        assert all(deal.company and deal.company.id == side.companies["first"] for deal in found)

    def test_companies_are_read_by_id_by_requisite_and_all(self, side: Side) -> None:
        cards = side.portal.fetch_companies(sorted(side.companies.values()))
        assert [card.id for card in cards] == sorted(side.companies.values())
        requisite = next(card.requisites[0].id for card in cards if card.id == side.companies["second"])
        assert side.portal.companies_of_requisites([requisite]) == [side.companies["second"]]
        assert [card.id for card in side.portal.stream_companies()] == sorted(side.companies.values())

    def test_standing_deals_are_listed_by_stage_and_by_the_moment_they_came(self, side: Side) -> None:
        everywhere = list(side.portal.standing_deals(["NEW"], moved_since=None))
        assert [row.id for row in everywhere] == sorted(side.deals.values())
        later = max(row.moved_at for row in everywhere) + timedelta(days=1)
        assert not list(side.portal.standing_deals(["NEW"], moved_since=later))
        assert not list(side.portal.standing_deals([], moved_since=None))


class TestActing:
    """Actions do what they say once, and say how they ended."""

    def test_a_move_happens_with_its_fields(self, side: Side) -> None:
        deal = side.deals["one"]
        move = MoveDeal(deal, Guard("NEW", side.companies["first"], rub(1000)), "EXECUTING", FIELDS)
        (outcome,) = side.portal.perform([move])
        assert outcome.result is Result.DONE
        assert side.stage("one") == "EXECUTING"

    @pytest.mark.parametrize("broken", ["stage", "company", "amount"])
    def test_a_move_decided_for_something_else_does_not_happen(self, side: Side, broken: str) -> None:
        guard = {
            "stage": Guard("WON"),
            "company": Guard("NEW", side.companies["second"]),
            "amount": Guard("NEW", None, rub(999)),
        }[broken]
        moves = [
            MoveDeal(side.deals["one"], guard, "EXECUTING", None),
            MoveDeal(side.deals["two"], Guard("NEW"), "EXECUTING", None),
        ]
        outcomes = side.portal.perform(moves)
        assert [outcome.result for outcome in outcomes] == [Result.GUARD_FAILED, Result.DONE]
        assert (side.stage("one"), side.stage("two")) == ("NEW", "EXECUTING")

    def test_fields_of_a_deal_that_is_gone_are_gone(self, side: Side) -> None:
        side.delete("two")
        writes = [WriteDealFields(side.deals[key], FIELDS) for key in ("one", "two")]
        assert [outcome.result for outcome in side.portal.perform(writes)] == [Result.DONE, Result.GONE]

    def test_credit_terms_written_to_a_card_are_read_back(self, side: Side) -> None:
        company = side.companies["first"]
        for terms in (
            CardTerms(limit=Granted(rub("300000.00")), terms_days=14, strategic=True),
            CardTerms(limit=Unlimited()),
        ):
            figures = MirrorFields(rub(1), rub(2), None, 3, SOON.date(), "ref", SOON)
            (outcome,) = side.portal.perform([WriteCompany(company, terms, figures)])
            assert outcome.result is Result.DONE
            (card,) = side.portal.fetch_companies([company])
            assert card.terms == terms

    def test_a_task_is_made_found_by_its_mark_and_closed(self, side: Side) -> None:
        task = AddTask(side.deals["one"], "СО-000001", "Долг (СО-000001)", "Текст", MANAGER, SOON)
        (made,) = side.portal.perform([task])
        assert made.result is Result.DONE
        (seen,) = side.portal.look([task])
        assert seen is not None
        assert seen.ref == made.ref
        for number in (None, int(made.ref or 0)):
            close = CloseTask(side.deals["one"], "СО-000001", number)
            assert side.portal.perform([close])[0].result is Result.DONE

    def test_closing_a_task_nobody_made_is_nothing(self, side: Side) -> None:
        close = CloseTask(side.deals["one"], "СО-000009", None)
        assert side.portal.perform([close])[0].result is Result.DONE

    def test_what_was_not_done_is_not_found(self, side: Side) -> None:
        deal = side.deals["one"]
        actions: list[Action] = [
            AddTask(deal, "СО-000002", "Долг (СО-000002)", "", MANAGER, SOON),
            AddComment(deal, "КК-0000002", "Текст КК-0000002"),
            MoveDeal(deal, Guard("NEW"), "EXECUTING", None),
            Notify(MANAGER, "cc:1", "Текст"),
        ]
        assert side.portal.look(actions) == [None] * len(actions)
        assert {outcome.result for outcome in side.portal.perform(actions)} == {Result.DONE}
        found = side.portal.look(actions)
        assert [outcome is not None for outcome in found] == [True, True, True, False]


class TestTroubles:
    """What only a wire can do to us."""

    def test_a_task_whose_answer_was_lost_is_uncertain_and_found_later(self, gateway: Side) -> None:
        assert gateway.sandbox is not None
        gateway.sandbox.faults.plan(Fault.DROP_AFTER)
        task = AddTask(gateway.deals["one"], "СО-000003", "Долг (СО-000003)", "", MANAGER, SOON)
        (outcome,) = gateway.portal.perform([task])
        assert outcome.result is Result.UNCERTAIN
        (seen,) = gateway.portal.look([task])
        assert seen is not None
        assert len(gateway.sandbox.tasks()) == 1

    @pytest.mark.parametrize("fault", [Fault.DROP_BEFORE, Fault.ERROR_500, Fault.HTML])
    def test_a_failed_write_is_never_taken_for_done(self, gateway: Side, fault: Fault) -> None:
        assert gateway.sandbox is not None
        gateway.sandbox.faults.plan(fault, times=9)
        (outcome,) = gateway.portal.perform([WriteDealFields(gateway.deals["one"], FIELDS)])
        assert outcome.result in {Result.UNCERTAIN, Result.RETRY}

    def test_expired_tokens_are_renewed_on_the_way(self, gateway: Side) -> None:
        assert gateway.sandbox is not None
        gateway.sandbox.expire_tokens()
        assert len(gateway.portal.fetch_deals([gateway.deals["one"]])) == 1

    def test_revoked_tokens_do_not_lose_a_write(self, gateway: Side) -> None:
        assert gateway.sandbox is not None
        gateway.sandbox.revoke_tokens()
        (outcome,) = gateway.portal.perform([WriteDealFields(gateway.deals["one"], FIELDS)])
        assert outcome.result is Result.RETRY

    def test_a_robot_answer_leaves_as_one_command(self, gateway: Side) -> None:
        assert gateway.sandbox is not None
        gateway.sandbox.reset_counts()
        deals = [gateway.deals[key] for key in ("one", "two")]
        gateway.portal.perform([WriteDealFields(deal, FIELDS) for deal in deals])
        assert [entry.commands for entry in gateway.sandbox.requests] == [("crm.item.update",) * 2]
