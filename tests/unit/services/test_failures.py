"""What fails beside the desk, and who must not notice."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import replace

import pytest
from structlog.testing import capture_logs

from b24app.domain.decision import Outcome
from b24app.ports.errors import RateLimited
from b24app.ports.errors import TransportFailure
from b24app.ports.portal import MoveDeal
from b24app.ports.records import MessageKind
from tests.builders import not_due
from tests.builders import position
from tests.builders import rub
from tests.unit.services.rig import ADMIN
from tests.unit.services.rig import ALLOWED
from tests.unit.services.rig import APPROVAL
from tests.unit.services.rig import CHECK
from tests.unit.services.rig import MEMBER
from tests.unit.services.rig import Rig
from tests.unit.services.rig import client


class TestFailures:
    """One bad deal, a hung 1C or a failing portal stops nobody else."""

    def test_an_unreachable_portal_loses_no_message(self) -> None:
        rig = Rig()
        rig.deal()
        rig.portal.failing.append(TransportFailure("down"))
        rig.wake()
        rig.decide()
        assert rig.state() is None
        rig.clock.advance(seconds=5)
        rig.run()
        assert rig.stage() == ALLOWED

    @pytest.mark.parametrize("held", [False, True], ids=["decide", "guard"])
    def test_a_round_that_breaks_off_puts_back_what_it_had_taken(self, held: bool) -> None:
        rig = Rig()
        if held:
            rig.ledger.put(client(position(not_due(950_000))))
        rig.deal()
        if held:
            rig.check()
            rig.drag(1, ALLOWED)
        rig.wake(kind=MessageKind.ROBOT, token="t|1", waiting=True)
        rig.portal.failing.append(RuntimeError("nobody foresaw this"))  # type: ignore[arg-type]
        with pytest.raises(RuntimeError), capture_logs():
            rig.run()
        with capture_logs():
            rig.run()
        rig.clock.advance(seconds=11)
        rig.run()
        assert rig.stage() == (APPROVAL if held else CHECK)
        assert [answer.event_token for answer in rig.portal.answers] == ["t|1"]

    def test_a_message_that_breaks_every_round_stops_the_lane_five_times_at_most(self) -> None:
        rig = Rig()
        rig.deal()
        rig.wake()
        breaks = 0
        rig.portal.failing += [RuntimeError("again") for _ in range(9)]  # type: ignore[misc]
        for _ in range(9):
            rig.clock.advance(minutes=5)
            with capture_logs(), suppress(RuntimeError):
                breaks += 1
                rig.run()
                breaks -= 1
        assert breaks == 5
        rig.portal.failing.clear()
        rig.sweep.run(MEMBER)
        rig.run()
        assert rig.stage() == ALLOWED

    def test_a_deal_that_throws_fails_alone_and_is_recorded_in_the_end(
        self, caplog: pytest.LogCaptureFixture
    ) -> None:
        rig = Rig()
        broken = replace(client(position()), inn="7702000000", contracts=None)  # type: ignore[arg-type]
        rig.ledger.put(broken)
        rig.company(200, inn="7702000000")
        rig.deal(1, company_id=200)
        rig.deal(2)
        rig.wake(1, 2)
        rig.run()
        assert rig.stage(2) == ALLOWED
        assert rig.state(1) is None
        for _ in range(5):
            rig.clock.advance(minutes=5)
            rig.run()
        state = rig.state(1)
        assert state is not None
        assert state.outcome is Outcome.TECHNICAL
        caplog.clear()

    def test_a_decision_not_yet_delivered_is_overtaken_by_a_newer_one(self) -> None:
        rig = Rig()
        rig.deal(amount=100_000)
        rig.wake()
        rig.decide()
        rig.edit(amount=rub(5_000_000))
        rig.wake()
        rig.decide()
        rig.deliver()
        assert rig.stage() == APPROVAL

    def test_a_move_decided_for_another_amount_does_not_happen(self) -> None:
        rig = Rig()
        rig.deal(amount=100_000)
        rig.wake()
        rig.decide()
        rig.edit(amount=rub(5_000_000))
        rig.run()
        assert rig.stage() == APPROVAL

    def test_a_lost_answer_makes_no_second_task(self) -> None:
        rig = Rig()
        rig.ledger.put(client(position(not_due(950_000))))
        rig.deal(amount=100_000)
        rig.portal.lost = 1
        rig.check()
        rig.clock.advance(seconds=71)
        rig.run()
        assert len(rig.portal.tasks) == 1
        assert len(rig.portal.comments) == 1
        assert len(rig.portal.notifications) == 2
        with rig.book.read() as unit:
            assert unit.effects.open_count(MEMBER) == 0

    def test_a_move_the_portal_refuses_is_told_to_the_administrator(self) -> None:
        rig = Rig()
        rig.deal()
        rig.portal.refused.add(MoveDeal)
        rig.check()
        assert rig.stage() == CHECK
        assert len(rig.told(ADMIN)) == 1
        assert "refused by the test" in rig.told(ADMIN)[0]

    def test_an_uncertain_write_is_not_looked_for_before_it_could_have_ended(self) -> None:
        rig = Rig()
        rig.deal()
        rig.portal.lost = 1
        rig.check()
        rig.clock.advance(seconds=60)
        rig.run()
        assert "look" not in rig.portal.requests

    def test_a_request_refused_for_speed_is_repeated(self) -> None:
        rig = Rig()
        rig.deal()
        rig.wake()
        rig.decide()
        rig.portal.failing.append(RateLimited("batch"))
        rig.deliver()
        rig.clock.advance(seconds=5)
        rig.run()
        assert rig.stage() == ALLOWED
