"""What is shipped on a permission stands in the balance and is not counted a second time (K1, K2, N2)."""

from __future__ import annotations

from datetime import timedelta

from b24app.domain.decision import Outcome
from b24app.ports.records import MessageKind
from b24app.services.past import PastWatch
from tests.builders import INN
from tests.builders import not_due
from tests.builders import position
from tests.builders import rub
from tests.fakes_shipments import FakeShipments
from tests.unit.services.rig import ALLOWED
from tests.unit.services.rig import APPROVAL
from tests.unit.services.rig import MEMBER
from tests.unit.services.rig import Rig
from tests.unit.services.rig import client


class Trade:
    """A client with room for one deal of 900 000, which is allowed; its goods are shipped when told."""

    def __init__(self) -> None:
        self.rig = Rig()
        self.papers = FakeShipments()
        self.look()
        self.rig.deal(amount=900_000)
        self.rig.check()
        assert self.rig.stage() == ALLOWED

    def look(self) -> None:
        PastWatch(self.rig.office, lambda _: self.papers).run(MEMBER)

    def ship(self, amount: int = 900_000) -> str:
        """Post a document in accounting: the debt grows by it."""
        ref = self.papers.post(rub(amount), at=self.rig.clock.now(), inn=INN)
        self.rig.ledger.put(client(position(not_due(amount))))
        return ref

    def recheck(self, deal_id: int = 1) -> None:
        self.rig.clock.advance(seconds=30)
        self.rig.check(deal_id, kind=MessageKind.RECHECK)


def test_a_shipped_deal_is_not_held_over_its_own_goods() -> None:
    trade = Trade()
    trade.ship()
    trade.look()
    trade.recheck()
    assert trade.rig.stage() == ALLOWED
    assert trade.rig.checks()[0].decision.outcome is Outcome.ALLOW


def test_until_it_was_seen_posted_it_may_be_counted_twice_and_never_not_at_all() -> None:
    trade = Trade()
    trade.ship()
    trade.recheck()
    assert trade.rig.stage() == APPROVAL


def test_another_deal_finds_the_room_that_is_left() -> None:
    trade = Trade()
    trade.ship()
    trade.look()
    trade.rig.clock.advance(seconds=30)
    trade.rig.deal(2, amount=100_000)
    trade.rig.check(2)
    assert trade.rig.stage(2) == ALLOWED
    trade.rig.clock.advance(seconds=30)
    trade.rig.deal(3, amount=1)
    trade.rig.check(3)
    assert trade.rig.stage(3) == APPROVAL


def test_a_part_that_is_shipped_leaves_the_rest_reserved() -> None:
    trade = Trade()
    trade.ship(400_000)
    trade.look()
    trade.rig.clock.advance(seconds=30)
    trade.rig.deal(2, amount=100_000)
    trade.rig.check(2)
    assert trade.rig.stage(2) == ALLOWED
    (kept,) = (row for row in trade.rig.checks(2)[0].case.reserves)  # type: ignore[union-attr]
    assert kept.amount == rub(500_000)


def test_a_balance_read_before_the_document_was_seen_does_not_hold_it() -> None:
    trade = Trade()
    trade.ship()
    trade.look()
    with trade.rig.book.write() as unit:
        (row,) = unit.shipments.of_deal(MEMBER, 1)
    assert row.noticed_at == trade.rig.clock.now()
    trade.rig.deal(2, amount=100_000, moved_at=trade.rig.clock.now() + timedelta(0))
    trade.rig.check(2)
    assert trade.rig.stage(2) == APPROVAL


def test_an_unposted_document_gives_the_room_back_to_the_permission() -> None:
    trade = Trade()
    ref = trade.ship()
    trade.look()
    trade.papers.write(ref, posted=False)
    trade.rig.ledger.put(client(position()))
    trade.look()
    trade.rig.clock.advance(seconds=30)
    trade.rig.deal(2, amount=200_000)
    trade.rig.check(2)
    assert trade.rig.stage(2) == APPROVAL
