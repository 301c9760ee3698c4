"""What becomes of an effect whose request failed, was lost or was refused."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from itertools import pairwise

import pytest
from structlog.testing import capture_logs

from b24app.ports.errors import RateLimited
from b24app.ports.errors import TransportFailure
from b24app.ports.portal import Action
from b24app.ports.portal import CloseTask
from b24app.ports.portal import MoveDeal
from b24app.ports.portal import Outcome
from b24app.ports.portal import Result
from b24app.ports.portal import WriteCompany
from b24app.ports.portal import WriteDealFields
from b24app.ports.records import KnownCard
from b24app.ports.records import NewEffect
from b24app.services.delivery import CONSIDERED
from b24app.services.delivery import LOOKED_AT_ONCE
from b24app.services.delivery import Delivery
from b24app.services.echo import Echoes
from tests.unit.services.post import DONE
from tests.unit.services.post import FAILED
from tests.unit.services.post import SENDING
from tests.unit.services.post import TERMS
from tests.unit.services.post import Office
from tests.unit.services.post import answer
from tests.unit.services.post import comment
from tests.unit.services.post import fields
from tests.unit.services.post import move
from tests.unit.services.post import note
from tests.unit.services.post import task
from tests.unit.services.rig import ADMIN
from tests.unit.services.rig import APPROVAL
from tests.unit.services.rig import COMPANY
from tests.unit.services.rig import MEMBER
from tests.unit.services.rig import START


class TestUncertain:
    """Look before repeating, and not before the first could have ended."""

    @pytest.mark.parametrize("action", [move(1), task(1), comment(1)], ids=["move", "task", "comment"])
    def test_what_was_carried_out_is_found_and_not_repeated(self, action: Action) -> None:
        office = Office()
        office.deal(1)
        [key] = office.owe(action)
        office.post.lost = 1
        office.send()
        assert office.row(key).state is SENDING
        office.clock.advance(seconds=69)
        assert office.send() == 0
        office.clock.advance(seconds=2)
        assert office.send() == 1
        assert office.row(key).state is DONE
        assert office.row(key).ref == "1"
        assert len(office.post.batches) == 1

    @pytest.mark.parametrize(
        "action",
        [move(1), task(1), comment(1), fields(1), note(1), answer(1), WriteCompany(COMPANY, TERMS, None)],
        ids=["move", "task", "comment", "fields", "note", "answer", "company"],
    )
    def test_what_was_not_carried_out_is_repeated_once(self, action: Action) -> None:
        office = Office()
        office.deal(1)
        [key] = office.owe(action)
        office.post.failing.append(TransportFailure("cut"))
        office.send()
        assert office.row(key).state is SENDING
        office.clock.advance(seconds=71)
        while office.send():
            pass
        assert office.row(key).state is DONE
        assert len(office.post.batches) == 2
        assert office.send() == 0

    def test_a_closed_task_is_not_closed_again(self) -> None:
        office = Office()
        office.deal(1)
        office.owe(task(1))
        office.send()
        [key] = office.owe(CloseTask(1, "СО-000001", None))
        office.post.lost = 1
        office.send()
        office.clock.advance(seconds=71)
        while office.send():
            pass
        assert office.row(key).state is DONE
        assert len(office.post.batches) == 2

    def test_a_crash_between_marking_and_sending_loses_nothing(self) -> None:
        office = Office()
        office.deal(1)
        [key] = office.owe(task(1))
        effect = office.row(key)
        with office.book.write() as unit:
            unit.effects.sending([effect.id], now=START)
        again = Delivery(replace(office.office, echoes=Echoes()))
        assert again.work(MEMBER) == 0
        office.clock.advance(seconds=71)
        while again.work(MEMBER):
            pass
        assert len(office.post.tasks) == 1

    def test_a_portal_that_cannot_be_looked_at_is_looked_at_later(self) -> None:
        office = Office()
        office.deal(1)
        office.owe(task(1))
        office.post.lost = 1
        office.send()
        office.clock.advance(seconds=71)
        office.post.failing.append(TransportFailure("down"))
        with capture_logs() as logs:
            assert office.send() == 0
        assert [row["event"] for row in logs] == ["delivery.look_failed"]
        assert office.send() == 1
        assert len(office.post.tasks) == 1

    def test_many_adrift_are_looked_for_in_portions(self) -> None:
        office = Office()
        for deal_id in range(1, 41):
            office.deal(deal_id)
        office.owe(*[comment(deal_id) for deal_id in range(1, 41)])
        office.post.lost = 1
        office.send()
        office.clock.advance(seconds=71)
        assert office.send() == LOOKED_AT_ONCE
        assert office.send() == 40 - LOOKED_AT_ONCE
        assert len(office.post.comments) == 40

    def test_a_merged_message_looked_for_in_two_rounds_is_repeated_whole(self) -> None:
        office = Office()
        before = [comment(deal_id) for deal_id in range(1, LOOKED_AT_ONCE)]
        office.owe(*before, note(1), note(2), comment(40), note(3))
        office.post.failing.append(TransportFailure("cut"))
        office.send()
        office.clock.advance(seconds=71)
        while office.send():
            pass
        [shown] = office.post.notifications.values()
        assert [f"text-{number}" in shown.text for number in (1, 2, 3)] == [True, True, True]

    def test_a_merged_message_cut_by_the_end_of_the_list_is_repeated_whole(self) -> None:
        office = Office()
        office.owe(note(1), note(2), note(3))
        office.post.failing.append(TransportFailure("cut"))
        office.send()
        office.clock.advance(seconds=71)
        office.owe(*[note(number, user=8) for number in range(10, 8 + CONSIDERED)], urgent=True)
        while office.send():
            pass
        [shown] = [one for one in office.post.notifications.values() if one.user_id == 7]
        assert [f"text-{number}" in shown.text for number in (1, 2, 3)] == [True, True, True]


class TestOutcomes:
    """What follows from an answer in our own rows."""

    @pytest.mark.parametrize("result", [Result.REFUSED, Result.GONE])
    def test_what_is_refused_for_good_is_logged_and_not_repeated(self, result: Result) -> None:
        office = Office()
        office.post.says[WriteDealFields] = Outcome(result, note="no such field")
        [key] = office.owe(fields(1))
        with capture_logs() as logs:
            office.send()
        told = [(row["event"], row["deal"], row["action"], row["why"]) for row in logs]
        assert told == [("delivery.refused", 1, "WriteDealFields", "no such field")]
        assert office.row(key).state is FAILED
        office.clock.advance(days=1)
        assert office.send() == 0

    def test_one_refused_command_does_not_spoil_its_neighbours(self) -> None:
        office = Office()
        office.deal(2)
        first, second = office.owe(fields(1), fields(2))
        office.send()
        assert (office.row(first).state, office.row(second).state) == (FAILED, DONE)

    def test_a_move_whose_guard_failed_wakes_the_deal(self) -> None:
        office = Office()
        office.deal(1, stage=APPROVAL)
        [key] = office.owe(move(1))
        office.send()
        assert office.row(key).state is FAILED
        assert office.stage() == APPROVAL
        with office.book.write() as unit:
            rows = unit.inbox.take(MEMBER, now=office.clock.now(), limit=9)
        assert [(row.message.kind.value, row.message.subject_id) for row in rows] == [("recheck", 1)]

    def test_a_refused_move_is_told_to_the_administrator_once(self) -> None:
        office = Office()
        office.deal(1)
        office.post.says[MoveDeal] = Outcome(Result.REFUSED)
        office.owe(move(1))
        while office.send():
            pass
        assert [message.user_id for message in office.post.notified] == [ADMIN]

    def test_a_refused_move_of_an_unknown_deal_tells_nobody(self) -> None:
        office = Office()
        office.post.says[MoveDeal] = Outcome(Result.REFUSED, note="no")
        with office.book.write() as unit:
            unit.effects.add([NewEffect(MEMBER, "odd", move(1))])
        while office.send():
            pass
        assert office.post.notified == []

    def test_a_pause_the_portal_asks_for_is_kept(self) -> None:
        office = Office()
        office.deal(1)
        until = START + timedelta(minutes=10)
        office.post.says[WriteDealFields] = Outcome(Result.RETRY, after=until)
        office.owe(fields(1))
        office.send()
        office.clock.advance(minutes=9)
        assert office.send() == 0
        office.clock.advance(minutes=1)
        assert office.send() == 1

    def test_pauses_grow_while_the_portal_goes_on_refusing(self) -> None:
        office = Office()
        office.deal(1)
        [key] = office.owe(fields(1))
        office.post.failing += [RateLimited("batch")] * 4
        sent = []
        for second in range(20):
            if office.send():
                sent.append(second)
            office.clock.advance(seconds=1)
        gaps = [after - before for before, after in pairwise(sent)]
        assert gaps == sorted(gaps)
        assert len(sent) == 5
        assert office.row(key).state is DONE

    def test_a_written_card_is_remembered_as_mirrored(self) -> None:
        office = Office()
        card = KnownCard(MEMBER, COMPANY, "7701", "ООО", TERMS, None)
        with office.book.write() as unit:
            unit.cards.save(card)
        office.owe(WriteCompany(COMPANY, TERMS, None), WriteCompany(COMPANY, None, None))
        office.send()
        with office.book.read() as unit:
            known = unit.cards.get(MEMBER, COMPANY)
        assert known is not None
        assert known.mirrored == TERMS

    def test_a_written_card_nobody_knows_stays_unknown(self) -> None:
        office = Office()
        office.owe(WriteCompany(COMPANY, TERMS, None))
        office.send()
        with office.book.read() as unit:
            assert unit.cards.get(MEMBER, COMPANY) is None
