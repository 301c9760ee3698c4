"""Observe mode, and the switch to enforcing."""

from __future__ import annotations

import pytest

from b24app.domain.card import CardTerms
from b24app.domain.limits import Granted
from b24app.domain.limits import Unlimited
from b24app.ports.records import MessageKind
from b24app.ports.records import Mode
from b24app.services.jobs import JobRunner
from b24app.storage.turns import FileTurns
from sync_1c.refresh import SnapshotSync
from tests.builders import late
from tests.builders import position
from tests.builders import rub
from tests.fakes import FakePortals
from tests.unit.services.rig import ALLOWED
from tests.unit.services.rig import APPROVAL
from tests.unit.services.rig import CHECK
from tests.unit.services.rig import COMPANY
from tests.unit.services.rig import MEMBER
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

    @pytest.mark.parametrize("seen_by", ["a check", "an event", "the snapshot"])
    @pytest.mark.parametrize("known", [True, False], ids=["known before", "seen first"])
    def test_enforcing_starts_from_what_stands_in_the_cards(self, seen_by: str, known: bool) -> None:
        rig = Rig(mode=Mode.OBSERVE, enforce_since=None)
        snapshot = SnapshotSync(
            rig.book,
            FakePortals({MEMBER: rig.portal}),
            lambda _member: rig.ledger,
            JobRunner(rig.book, rig.clock, FileTurns()),
            rig.settings_of,
            rig.rates.of,
        )
        if known or seen_by == "an event":
            snapshot.run(MEMBER)
            rig.run()
        typed = CardTerms(limit=Granted(rub(1_000_000)), category="large", strategic=True)
        rig.company(terms=typed)
        if seen_by == "a check":
            rig.deal()
            rig.check()
        elif seen_by == "an event":
            rig.check(COMPANY, kind=MessageKind.COMPANY)
        else:
            snapshot.run(MEMBER)
            rig.run()
        enforce(rig)
        rig.deal(2)
        rig.check(2)
        rig.check(COMPANY, kind=MessageKind.COMPANY)
        snapshot.run(MEMBER)
        rig.run()
        assert rig.portal.companies[COMPANY].terms == typed
        assert not rig.portal.notified
        rig.company(terms=CardTerms(limit=Granted(rub(1_000_000))))
        rig.check(COMPANY, kind=MessageKind.COMPANY)
        assert rig.portal.companies[COMPANY].terms == typed

    def test_what_enforcing_still_owed_is_called_off_and_the_deal_is_watched(self) -> None:
        rig = Rig()
        rig.ledger.put(client(position(late(950_000, days=7))))
        rig.deal(amount=100_000)
        rig.wake()
        rig.decide()
        rig.mode, rig.enforce_since = Mode.OBSERVE, None
        with rig.book.write() as unit:
            unit.portals.save(rig.record())
        rig.run()
        assert rig.portal.performed == []
        rig.sweep.run(MEMBER)
        rig.run()
        assert [type(action).__name__ for action, _ in rig.portal.performed] == ["WriteDealFields"]
        assert (rig.stage(), rig.portal.deal_fields[1].decision) == (CHECK, "hold")

    def test_switching_to_enforce_leaves_old_deals_alone(self) -> None:
        rig = Rig(mode=Mode.OBSERVE, enforce_since=None)
        rig.ledger.put(client(position(late(950_000, days=7))))
        rig.deal(1)
        rig.check(1)
        enforce(rig)
        rig.check(1, kind=MessageKind.SWEEP)
        rig.drag(1, ALLOWED)
        rig.edit(1, moved_at=START)
        rig.check(1)
        assert rig.stage(1) == ALLOWED
        rig.deal(2)
        rig.check(2)
        assert rig.stage(2) == APPROVAL


def enforce(rig: Rig) -> None:
    """Switch to enforcing an hour later."""
    rig.clock.advance(hours=1)
    rig.mode, rig.enforce_since = Mode.ENFORCE, rig.clock.now()
    with rig.book.write() as unit:
        unit.portals.save(rig.record())
