"""Shipments posted in accounting past us: found, recorded and told once."""

from __future__ import annotations

from dataclasses import dataclass
from dataclasses import field
from datetime import timedelta

import pytest

from b24app.ports.errors import Forbidden
from b24app.ports.errors import LedgerMisconfigured
from b24app.ports.errors import TransportFailure
from b24app.ports.ledger import SyncIssue
from b24app.ports.records import AttemptKind
from b24app.ports.records import AttemptRecord
from b24app.ports.records import Mode
from b24app.ports.records import ShipmentRecord
from b24app.ports.records import ShipmentState
from b24app.services.pagetokens import PagePass
from b24app.services.past import PastWatch
from b24app.services.tab import CreditTab
from b24app.services.views import DealTabView
from b24app.services.views import Tone
from tests.builders import INN
from tests.builders import not_due
from tests.builders import position
from tests.builders import rub
from tests.fakes_shipments import FakeShipments
from tests.unit.services.rig import ADMIN
from tests.unit.services.rig import APPROVAL
from tests.unit.services.rig import CFO
from tests.unit.services.rig import MANAGER
from tests.unit.services.rig import MEMBER
from tests.unit.services.rig import SALES_HEAD
from tests.unit.services.rig import START
from tests.unit.services.rig import Rig
from tests.unit.services.rig import client

STRANGER = "7799999999"


@dataclass
class Scene:
    """A portal, its accounting, and the watch on shipments; the first reading is behind."""

    rig: Rig = field(default_factory=Rig)
    papers: FakeShipments = field(default_factory=FakeShipments)
    seen: bool = True

    def __post_init__(self) -> None:
        if self.seen:
            self.look()

    def hold(self, *, amount: int = 100_000) -> None:
        """Have deal 1 held over its limit."""
        self.rig.ledger.put(client(position(not_due(950_000))))
        self.rig.deal(amount=amount)
        self.rig.check()
        assert self.rig.stage() == APPROVAL
        self.rig.portal.notified.clear()

    def allow(self, *, amount: int = 100_000) -> None:
        """Have deal 1 allowed."""
        self.rig.deal(amount=amount)
        self.rig.check()
        assert self.rig.reserve() is not None
        self.rig.portal.notified.clear()

    def post(self, amount: int = 100_000, inn: str = INN) -> str:
        return self.papers.post(rub(amount), at=self.rig.clock.now(), inn=inn)

    def look(self, *, wide: bool = False) -> int:
        """Look at accounting with a watch made anew, as after a restart."""
        found = PastWatch(self.rig.office, lambda _: self.papers).run(MEMBER, wide=wide)
        self.rig.deliver()
        return found

    def tab(self) -> DealTabView:
        office = self.rig.office
        tab = CreditTab(book=office.book, settings_of=office.settings_of, clock=office.clock)
        return tab.view(MEMBER, 1, PagePass(MEMBER, MANAGER, 1, "ru"))

    def attempts(self) -> list[AttemptRecord]:
        with self.rig.book.read() as unit:
            found = unit.attempts.recent(MEMBER, 1, since=START)
        return [row for row in found if row.kind is AttemptKind.ONEC]

    def record(self, ref: str) -> ShipmentRecord | None:
        with self.rig.book.read() as unit:
            return unit.shipments.many(MEMBER, [ref]).get(ref)

    def state(self, ref: str) -> ShipmentState | None:
        found = self.record(ref)
        return found.state if found is not None else None


class TestPastABlock:
    def test_it_is_recorded_and_the_head_of_sales_and_the_cfo_hear_of_it(self) -> None:
        scene = Scene()
        scene.hold()
        ref = scene.post()
        assert scene.look() == 1
        assert [(row.key, row.deal_id, row.company_id) for row in scene.attempts()] == [
            (f"onec:{ref}", 1, 100)
        ]
        (told,) = scene.rig.told(SALES_HEAD)
        assert scene.rig.told(CFO) == [told]
        for part in ("УТ-1", "100\xa0000,00", "Кузнецова Ольга", "Превышен кредитный лимит", "№1"):
            assert part in told
        assert not scene.rig.told(MANAGER)
        assert any("УТ-1" in comment.text for comment in scene.rig.portal.comments)

    def test_it_is_reported_once_whatever_happens_later(self) -> None:
        scene = Scene()
        scene.hold()
        ref = scene.post()
        scene.look()
        assert scene.look() == scene.look(wide=True) == 0
        scene.papers.write(ref, amount=rub(300_000))
        scene.look()
        scene.papers.write(ref, posted=False)
        scene.look()
        scene.papers.write(ref, posted=True)
        scene.look()
        assert len(scene.rig.told(CFO)) == len(scene.attempts()) == 1

    @pytest.mark.parametrize("how", ["unposted", "deleted", "marked"])
    def test_taken_back_it_closes_the_attempt(self, how: str) -> None:
        scene = Scene()
        scene.hold()
        ref = scene.post()
        scene.look()
        scene.rig.clock.advance(minutes=1)
        if how == "deleted":
            del scene.papers.papers[ref]
        else:
            scene.papers.write(ref, posted=False, deleted=how == "marked")
        scene.look()
        assert [row.closed_at for row in scene.attempts()] == [scene.rig.clock.now()]
        assert scene.state(ref) is ShipmentState.CLOSED

    def test_posted_again_the_attempt_stands_again(self) -> None:
        scene = Scene()
        scene.hold()
        ref = scene.post()
        for posted in (True, False, True):
            scene.papers.write(ref, posted=posted)
            scene.look()
        assert [row.closed_at for row in scene.attempts()] == [None]
        assert scene.state(ref) is ShipmentState.PAST

    def test_one_dated_back_is_found_at_once_when_its_client_is_held(self) -> None:
        scene = Scene()
        scene.hold()
        scene.papers.post(rub(100_000), at=scene.rig.clock.now() - timedelta(days=5), inn=INN)
        assert scene.look() == 1

    def test_one_dated_back_of_another_client_is_found_by_the_wide_look(self) -> None:
        scene = Scene()
        scene.allow(amount=50_000)
        scene.papers.post(rub(100_000), at=scene.rig.clock.now() - timedelta(days=5), inn=INN)
        assert scene.look() == 0
        assert scene.look(wide=True) == 1

    def test_an_old_one_deleted_is_found_by_the_wide_look(self) -> None:
        scene = Scene()
        scene.hold()
        ref = scene.papers.post(rub(100_000), at=scene.rig.clock.now() - timedelta(days=5), inn=INN)
        assert scene.look(wide=True) == 1
        del scene.papers.papers[ref]
        scene.look()
        assert scene.state(ref) is ShipmentState.PAST
        scene.look(wide=True)
        assert scene.state(ref) is ShipmentState.CLOSED

    def test_the_put_backs_of_a_deal_are_not_counted_with_it(self) -> None:
        scene = Scene()
        scene.hold()
        for _ in range(4):
            scene.post()
        scene.look()
        scene.rig.drag(1, "ALLOWED")
        scene.rig.check()
        assert scene.rig.stage() == APPROVAL

    def test_several_at_once_make_one_message(self) -> None:
        scene = Scene()
        scene.hold()
        scene.post(100_000)
        scene.post(70_000)
        assert scene.look() == 2
        (told,) = scene.rig.told(CFO)
        assert "УТ-1" in told
        assert "УТ-2" in told


class TestNobodyAsked:
    def test_a_client_with_a_card_and_no_permission_is_reported(self) -> None:
        scene = Scene()
        scene.allow(amount=50_000)
        ref = scene.post(100_000)
        assert scene.look() == 1
        assert "никто не запрашивал" in scene.rig.told(CFO)[0]
        found = scene.record(ref)
        assert found is not None
        assert found.deal_id is None

    def test_a_stranger_to_the_portal_is_no_affair_of_ours(self) -> None:
        scene = Scene()
        ref = scene.post(inn=STRANGER)
        assert scene.look() == 0
        assert scene.state(ref) is ShipmentState.BASELINE


class TestPermitted:
    def test_a_document_on_a_permission_is_not_reported(self) -> None:
        scene = Scene()
        scene.allow()
        ref = scene.post()
        assert scene.look() == 0
        assert scene.state(ref) is ShipmentState.PERMITTED
        assert not scene.rig.told(CFO)

    def test_a_permission_covers_its_sum_once(self) -> None:
        scene = Scene()
        scene.allow()
        assert scene.post(60_000)
        assert scene.post(40_000)
        assert scene.look() == 0
        scene.rig.clock.advance(seconds=20)
        over = scene.post(2_000)
        assert scene.look() == 1
        assert scene.state(over) is ShipmentState.PAST

    def test_one_taken_back_frees_the_permission(self) -> None:
        scene = Scene()
        scene.allow()
        ref = scene.post()
        scene.look()
        scene.papers.write(ref, posted=False)
        scene.look()
        assert scene.record(ref) is None
        scene.post()
        assert scene.look() == 0

    def test_one_that_grew_past_its_permission_is_reported(self) -> None:
        scene = Scene()
        scene.allow()
        ref = scene.post()
        scene.look()
        scene.papers.write(ref, amount=rub(100_000), number="УТ-1а")
        assert scene.look() == 0
        scene.papers.write(ref, amount=rub(150_000))
        assert scene.look() == 1
        assert scene.state(ref) is ShipmentState.PAST


class TestBaseline:
    def test_what_was_posted_before_the_first_look_is_nobodys_attempt(self) -> None:
        scene = Scene(seen=False)
        scene.hold()
        scene.post()
        assert scene.look() == 0
        scene.post()
        assert scene.look() == 1

    def test_observing_reports_nothing_and_later_neither(self) -> None:
        scene = Scene(Rig(mode=Mode.OBSERVE, enforce_since=None))
        scene.rig.ledger.put(client(position(not_due(950_000))))
        scene.rig.deal()
        scene.rig.check()
        ref = scene.post()
        assert scene.look() == 0
        scene.rig.mode = Mode.ENFORCE
        with scene.rig.book.write() as unit:
            unit.portals.save(scene.rig.record())
        scene.papers.write(ref, posted=False)
        scene.look()
        scene.papers.write(ref, posted=True)
        assert scene.look() == 0

    def test_a_draft_is_not_looked_at(self) -> None:
        scene = Scene()
        scene.hold()
        ref = scene.post()
        scene.papers.write(ref, posted=False)
        assert scene.look() == 0
        assert scene.record(ref) is None

    def test_old_ones_that_are_no_affair_of_ours_are_forgotten(self) -> None:
        scene = Scene()
        ref = scene.post(inn=STRANGER)
        scene.look()
        with scene.rig.book.write() as unit:
            assert unit.shipments.prune(MEMBER, scene.rig.clock.now() + timedelta(seconds=1)) == 1
        assert scene.record(ref) is None


class TestTrouble:
    def test_a_silent_accounting_is_looked_at_next_time(self) -> None:
        scene = Scene()
        scene.hold()
        scene.post()
        scene.papers.failure = TransportFailure("1C is silent")
        assert scene.look() == 0
        scene.papers.failure = None
        assert scene.look() == 1

    @pytest.mark.parametrize("failure", [LedgerMisconfigured("x", missing=("Документ",)), Forbidden("x")])
    def test_hidden_shipments_are_told_to_the_administrator_once(
        self, failure: LedgerMisconfigured | Forbidden
    ) -> None:
        scene = Scene()
        scene.papers.failure = failure
        scene.look()
        scene.look()
        assert len(scene.rig.told(ADMIN)) == 1

    def test_who_observed_hears_of_hidden_shipments_once_he_enforces(self) -> None:
        scene = Scene(Rig(mode=Mode.OBSERVE, enforce_since=None))
        scene.papers.failure = Forbidden("x")
        scene.look()
        assert not scene.rig.told(ADMIN)
        scene.rig.mode = Mode.ENFORCE
        with scene.rig.book.write() as unit:
            unit.portals.save(scene.rig.record())
        scene.look()
        assert len(scene.rig.told(ADMIN)) == 1

    def test_without_names_it_is_reported_all_the_same(self) -> None:
        scene = Scene()
        scene.hold()
        scene.post()
        scene.papers.nameless = TransportFailure("1C is silent")
        assert scene.look() == 1
        assert "Автор" not in scene.rig.told(CFO)[0]

    def test_a_document_that_cannot_be_read_is_not_taken_for_deleted(self) -> None:
        scene = Scene()
        scene.hold()
        ref = scene.post()
        scene.look()
        del scene.papers.papers[ref]
        scene.papers.issues.append(SyncIssue(ref, "no date"))
        scene.look()
        assert scene.state(ref) is ShipmentState.PAST

    def test_a_portal_that_is_gone_is_left_alone(self) -> None:
        scene = Scene()
        assert PastWatch(scene.rig.office, lambda _: scene.papers).run("nobody") == 0


class TestOnTheTab:
    def test_the_deals_documents_stand_there_with_their_permission(self) -> None:
        scene = Scene()
        scene.hold()
        ref = scene.post()
        scene.look()
        (line,) = scene.tab().shipments
        assert (line.state, line.tone, line.author) == ("без разрешения", Tone.BAD, "Кузнецова Ольга")
        assert line.document.startswith("№ УТ-1 от 24.11.2026")
        assert line.amount.startswith("100\xa0000,00")
        scene.papers.write(ref, posted=False)
        scene.look()
        assert "отменено" in scene.tab().shipments[0].state


class TestOnTheDeal:
    def test_a_permitted_document_is_named_in_the_deal_and_its_unposting_noticed(self) -> None:
        scene = Scene()
        scene.allow()
        ref = scene.post()
        scene.look()
        assert scene.rig.portal.papers[1] == "№ УТ-1 от 24.11.2026 10:20 на 100\xa0000,00\xa0₽: проведена"
        scene.rig.clock.advance(seconds=20)
        scene.papers.write(ref, posted=False)
        scene.look()
        assert scene.rig.portal.papers[1] == ""

    def test_one_past_the_block_is_named_too(self) -> None:
        scene = Scene()
        scene.hold()
        ref = scene.post()
        scene.look()
        assert scene.rig.portal.papers[1].endswith("проведена без разрешения")
        scene.rig.clock.advance(seconds=20)
        del scene.papers.papers[ref]
        scene.look()
        assert scene.rig.portal.papers[1].endswith("проведение отменено")

    def test_a_later_decision_does_not_take_it_back(self) -> None:
        scene = Scene()
        scene.allow()
        scene.post()
        PastWatch(scene.rig.office, lambda _: scene.papers).run(MEMBER)
        scene.rig.edit(amount=rub(200_000))
        scene.rig.check()
        assert "УТ-1" in scene.rig.portal.papers[1]
