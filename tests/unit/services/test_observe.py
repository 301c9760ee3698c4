"""Observe mode, and the switch to enforcing."""

from __future__ import annotations

from b24app.domain.card import CardTerms
from b24app.domain.limits import Unlimited
from b24app.ports.records import MessageKind
from b24app.ports.records import Mode
from tests.builders import late
from tests.builders import position
from tests.unit.services.rig import ALLOWED
from tests.unit.services.rig import APPROVAL
from tests.unit.services.rig import CHECK
from tests.unit.services.rig import START
from tests.unit.services.rig import Rig
from tests.unit.services.rig import client


class TestObserve:
    """Observe mode decides, records and shows; it writes nothing but fields."""

    def test_a_deal_that_would_be_held_gets_fields_only(self) -> None:
        rig = Rig(mode=Mode.OBSERVE, enforce_since=None)
        rig.ledger.put(client(position(late(950_000, days=7))))
        rig.deal(amount=100_000)
        rig.check()
        assert rig.stage() == CHECK
        assert rig.portal.deal_fields[1].decision == "hold"
        assert [type(action).__name__ for action, _ in rig.portal.performed] == ["WriteDealFields"]
        assert rig.checks()[0].mode is Mode.OBSERVE

    def test_silence_and_typed_cards_write_nothing_else_either(self) -> None:
        rig = Rig(mode=Mode.OBSERVE, enforce_since=None)
        rig.ledger.fail()
        rig.company(terms=CardTerms(limit=Unlimited()))
        rig.deal()
        rig.check()
        rig.ledger.recover()
        rig.check(kind=MessageKind.RECHECK)
        assert {type(action).__name__ for action, _ in rig.portal.performed} == {"WriteDealFields"}

    def test_switching_to_enforce_leaves_old_deals_alone(self) -> None:
        rig = Rig(mode=Mode.OBSERVE, enforce_since=None)
        rig.ledger.put(client(position(late(950_000, days=7))))
        rig.deal(1)
        rig.check(1)
        rig.clock.advance(hours=1)
        rig.mode, rig.enforce_since = Mode.ENFORCE, rig.clock.now()
        with rig.book.write() as unit:
            unit.portals.save(rig.record())
        rig.check(1, kind=MessageKind.SWEEP)
        rig.drag(1, ALLOWED)
        rig.edit(1, moved_at=START)
        rig.check(1)
        assert rig.stage(1) == ALLOWED
        rig.deal(2)
        rig.check(2)
        assert rig.stage(2) == APPROVAL
